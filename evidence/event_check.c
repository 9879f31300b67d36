/* SPDX-License-Identifier: Apache-2.0 */
/* What a sender could hide or forge by other types and data than were
 * measured, and policies would believe. */
#include "evidence/efi_data.h"
#include "evidence/event_proof.h"
#include "evidence/event_text.h"
#include "evidence/fields.h"
#include "evidence/sipa_events.h"

enum { SECURE_BOOT_PCR = 7, SEPARATOR_BYTES = 4 };

#define PCR_BIT(n) ((uint32_t)1 << (n))

/* The PCRs whose tagged events of Windows policies read. 14, which shim uses
 * as well, and 17 and 18, which the processor extends, are not among them. */
#define WINDOWS_PCRS                                                           \
  (PCR_BIT(12) | PCR_BIT(13) | PCR_BIT(19) | PCR_BIT(20) | PCR_BIT(21) |      \
   PCR_BIT(22))

static const char global_guid[] = "8BE4DF61-93CA-11D2-AA0D-00E098032B8C";

typedef struct checker {
  arena *arena;
  const tcg_log *log;
  evidence_error *error;
  bool is_windows;
  uint32_t separated; /* bit n: PCR n has had its separator */
  const tcg_event *secure_boot; /* that told the variable, or NULL */
} checker;

static bool refuse(checker *c, const tcg_event *e, const char *why) {
  size_t number = (size_t)(e - c->log->events);
  return evidence_fail(c->arena, c->error, EVIDENCE_FORMAT, e->offset,
                       "event %zu of PCR %u %s", number, (unsigned)e->pcr,
                       why);
}

static bool is_measured(const tcg_event *e) {
  return e->type != EV_NO_ACTION && e->digests;
}

/* Whether the log has an event of Windows that was measured as such. */
static bool has_windows(checker *c) {
  for (size_t i = 0; i < c->log->event_count; i++) {
    const tcg_event *e = &c->log->events[i];
    if (is_measured(e) && (WINDOWS_PCRS >> e->pcr & 1) &&
        sipa_detect(e->data) &&
        event_prove(c->arena, c->log, e).kind == PROOF_WHOLE)
      return true;
  }
  return false;
}

/* Four equal bytes 00 or ff (the profile's EV_SEPARATOR), or that of Windows.
 */
static bool looks_like_separator(bytes data) {
  if (slice_is(slice_from_bytes(data), "WBCL"))
    return true;
  if (data.length != SEPARATOR_BYTES || (data.data[0] != 0 &&
                                         data.data[0] != 0xff))
    return false;
  return memcmp(data.data, data.data + 1, SEPARATOR_BYTES - 1) == 0;
}

/* Of several, rules could see any one. */
static bool check_told_once(checker *c, const tcg_event *e) {
  if (c->separated & PCR_BIT(SECURE_BOOT_PCR))
    return refuse(c, e, "tells SecureBoot behind the separator: it is not the "
                        "firmware that measured it");
  if (c->secure_boot)
    return refuse(c, e, "tells SecureBoot a second time");
  c->secure_boot = e;
  return true;
}

/* SecureBoot, PK, KEK and dbx are configuration, never the authority that an
 * image was checked with. */
static bool check_variable(checker *c, const tcg_event *e,
                           const efi_variable_data *v) {
  value guid = event_guid(c->arena, v->guid);
  bool global = slice_is(value_string(&guid), global_guid);
  bool configures =
      global ? slice_is(v->name, "SecureBoot") || slice_is(v->name, "PK") ||
                   slice_is(v->name, "KEK")
             : slice_is(v->name, "dbx");
  if (e->type != EV_EFI_VARIABLE_DRIVER_CONFIG &&
      (configures || e->type != EV_EFI_VARIABLE_AUTHORITY))
    return refuse(c, e, "is a variable of secure boot under another type");
  return !global || !slice_is(v->name, "SecureBoot") ||
         check_told_once(c, e);
}

static bool check_secure_boot(checker *c, const tcg_event *e,
                              const event_proof *proof) {
  efi_variable_data v;
  bytes measured = proof->kind == PROOF_PART ? proof->part : e->data;
  /* A variable's data alone could be another event, wrapped. */
  if (proof->kind == PROOF_NONE || proof->kind == PROOF_VARIABLE)
    return refuse(c, e, "has data that is not what was measured");
  if (looks_like_separator(measured)) {
    if (e->type != EV_SEPARATOR)
      return refuse(c, e, "is a separator under another type");
    c->separated |= PCR_BIT(SECURE_BOOT_PCR);
    return true;
  }
  if (e->type == EV_EFI_VARIABLE_DRIVER_CONFIG && proof->kind != PROOF_WHOLE)
    return refuse(c, e, "has data that is not what was measured");
  bool is_variable = efi_read_authority(c->arena, measured, &v);
  if (is_variable && !check_variable(c, e, &v))
    return false;
  if (e->type == EV_EFI_VARIABLE_DRIVER_CONFIG &&
      !efi_read_variable(c->arena, e->data, &v))
    return refuse(c, e, "is no EFI variable");
  return true;
}

static bool check_windows(checker *c, const tcg_event *e,
                          const event_proof *proof) {
  value decoded;
  if (proof->kind != PROOF_WHOLE)
    return refuse(c, e, "has data that is not what was measured");
  if (looks_like_separator(e->data))
    c->separated |= PCR_BIT(e->pcr);
  if (!sipa_detect(e->data))
    return true;
  if (c->separated & PCR_BIT(e->pcr))
    return refuse(c, e, "is an event of Windows behind the separator: it is "
                        "not the boot that measured it");
  if (e->type != EV_EVENT_TAG)
    return refuse(c, e, "is an event of Windows under another type");
  if (!sipa_decode(c->arena, e->data, &decoded))
    return refuse(c, e, "is an event of Windows that cannot be decoded");
  return true;
}

static bool check_event(checker *c, const tcg_event *e) {
  event_proof proof;
  if (!is_measured(e))
    return true;
  bool secure_boot = e->pcr == SECURE_BOOT_PCR;
  bool windows = c->is_windows && (WINDOWS_PCRS >> e->pcr & 1);
  if (!secure_boot && !windows && e->type != EV_EFI_VARIABLE_DRIVER_CONFIG)
    return true;
  proof = event_prove(c->arena, c->log, e);
  if (secure_boot)
    return check_secure_boot(c, e, &proof);
  if (windows)
    return check_windows(c, e, &proof);
  return proof.kind == PROOF_WHOLE ||
         refuse(c, e, "has data that is not what was measured");
}

bool event_check_boot(arena *a, const tcg_log *log, evidence_error *error) {
  checker c = {.arena = a, .log = log, .error = error};
  c.is_windows = has_windows(&c);
  for (size_t i = 0; i < log->event_count; i++)
    if (!check_event(&c, &log->events[i]))
      return false;
  if (c.secure_boot && !(c.separated & PCR_BIT(SECURE_BOOT_PCR)))
    return refuse(&c, c.secure_boot, "tells SecureBoot, but no separator ends "
                                     "what the firmware measured");
  return true;
}
