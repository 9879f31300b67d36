/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/event_proof.h"

#include "evidence/efi_data.h"

static bool is_digest_of(const tcg_log *log, const tcg_event *event,
                         bytes part) {
  size_t known = 0;
  uint8_t result[DIGEST_BYTES_MAX];
  for (size_t i = 0; i < log->bank_count; i++) {
    digest_algorithm hash;
    if (!tpm_hash_algorithm(log->banks[i].algorithm, &hash))
      continue;
    if (!digest(hash, part, result) ||
        memcmp(result, event->digests[i], log->banks[i].length) != 0)
      return false;
    known++;
  }
  return known > 0;
}

static bool proves(const tcg_log *log, const tcg_event *event, bytes part,
                   event_proof_kind kind, event_proof *result) {
  if (!is_digest_of(log, event, part))
    return false;
  *result = (event_proof){kind, part};
  return true;
}

/* EDK II before 2023 hashes the data of boot variables alone. */
static bool prove_variable(arena *a, const tcg_log *log,
                           const tcg_event *event, event_proof *result) {
  efi_variable_data v;
  return efi_read_variable(a, event->data, &v) &&
         proves(log, event, v.data, PROOF_VARIABLE, result);
}

/* Some versions of shim write a byte more than they measure. */
static bool prove_authority(const tcg_log *log, const tcg_event *event,
                            event_proof *result) {
  bytes shorter = event->data;
  if (shorter.length > 0)
    shorter.length--;
  return proves(log, event, shorter, PROOF_PART, result);
}

/* GRUB: "grub_cmd: COMMAND", of which COMMAND is measured; older ones have no
 * colon, and measure the NUL behind it. */
static bool prove_command(const tcg_log *log, const tcg_event *event,
                          event_proof *result) {
  bytes data = event->data;
  const uint8_t *blank =
      data.length ? memchr(data.data, ' ', data.length) : NULL;
  if (!blank)
    return false;
  bytes part = {blank + 1, data.length - (size_t)(blank + 1 - data.data)};
  if (proves(log, event, part, PROOF_PART, result))
    return true;
  if (part.length == 0 || part.data[part.length - 1] != '\0')
    return false;
  part.length--;
  return proves(log, event, part, PROOF_PART, result);
}

event_proof event_prove(arena *a, const tcg_log *log, const tcg_event *event) {
  event_proof result = {PROOF_NONE, {NULL, 0}};
  if (event->type == EV_NO_ACTION || !event->digests ||
      proves(log, event, event->data, PROOF_WHOLE, &result))
    return result;
  if (event->type == EV_IPL)
    prove_command(log, event, &result);
  else if (event->type == EV_EFI_VARIABLE_AUTHORITY)
    prove_authority(log, event, &result);
  else if (event->type == EV_EFI_VARIABLE_BOOT ||
           event->type == EV_EFI_VARIABLE_BOOT2)
    prove_variable(a, log, event, &result);
  return result;
}
