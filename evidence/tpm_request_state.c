/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a machine: logs, PCRs, and the quote over them. */
#include "evidence/tpm_request.h"

/* --- logs ----------------------------------------------------------------- */

static bool same_banks(const tcg_log *left, const tcg_log *right) {
  if (left->bank_count != right->bank_count)
    return false;
  for (size_t i = 0; i < left->bank_count; i++)
    if (left->banks[i].algorithm != right->banks[i].algorithm)
      return false;
  return true;
}

/* Puts the events of the second log behind those of the first, without the
 * record that only names its banks. */
static void join_logs(arena *a, tcg_log *log, const tcg_log *more) {
  size_t skipped = more->crypto_agile ? 1 : 0;
  size_t count = log->event_count + more->event_count - skipped;
  tcg_event *events = ARENA_ARRAY(a, count, tcg_event);
  memcpy(events, log->events, log->event_count * sizeof *events);
  memcpy(events + log->event_count, more->events + skipped,
         (more->event_count - skipped) * sizeof *events);
  log->events = events;
  log->event_count = count;
}

static bool add_boot_log(arena *a, tpm_state *state, bytes raw,
                         evidence_error *error) {
  tcg_log log;
  if (!tcg_log_read(a, raw, &log, error))
    return false;
  if (!state->logs.boot) {
    state->tcg = log;
    state->logs.boot = &state->tcg;
    return true;
  }
  if (!same_banks(&state->tcg, &log))
    return evidence_fail(a, error, EVIDENCE_FORMAT, 0,
                         "its banks are not those of the log before it");
  join_logs(a, &state->tcg, &log);
  return true;
}

bool tpm_state_add_log(arena *a, tpm_state *state, bytes raw, bool is_ima,
                       evidence_error *error) {
  if (state->log_count == TPM_LOGS_MAX)
    return evidence_fail(a, error, EVIDENCE_TOO_LARGE, 0, "more than %d logs",
                         TPM_LOGS_MAX);
  state->log_count++;
  if (!is_ima)
    return add_boot_log(a, state, raw, error);
  if (state->logs.ima)
    return evidence_fail(a, error, EVIDENCE_FORMAT, 0,
                         "a second log of IMA, of which a machine has one");
  state->logs.ima = &state->ima;
  return ima_log_read(a, raw, &state->ima, error);
}

static bool read_log(arena *a, const value *object, tpm_state *state,
                     evidence_error *error) {
  slice type;
  bytes raw;
  if (!tpm_member_text(a, object, "type", &type, error) ||
      !tpm_member_bytes(a, object, "log", &raw, NULL, error))
    return false;
  bool is_ima = slice_is(type, "IMA");
  if (!is_ima && !slice_is(type, "TCG"))
    return evidence_fail(a, error, EVIDENCE_TYPE, 0,
                         "type \"%.*s\", but TCG or IMA is wanted",
                         SLICE_ARGS(type));
  return tpm_state_add_log(a, state, raw, is_ima, error);
}

static bool read_logs(arena *a, const value *object, tpm_state *state,
                      evidence_error *error) {
  const value *logs = tpm_member_of(a, object, "logs", VALUE_ARRAY, error);
  if (!logs)
    return false;
  for (uint32_t i = 0; i < logs->count; i++)
    if (!read_log(a, &logs->items[i], state, error)) {
      buffer where = buffer_in(a);
      buffer_printf(&where, "logs[%u]", (unsigned)i);
      return tpm_within(a, error, buffer_slice(&where).data);
    }
  return true;
}

/* --- PCRs ----------------------------------------------------------------- */

static bool read_pcr(arena *a, const value *object, tpm_bank *bank,
                     size_t length, evidence_error *error) {
  const value *index = tpm_member_of(a, object, "index", VALUE_INTEGER, error);
  bytes digest;
  if (!index || !tpm_member_bytes(a, object, "digest", &digest, NULL, error))
    return false;
  if (index->integer < 0 || index->integer >= TCG_PCR_COUNT)
    return evidence_fail(a, error, EVIDENCE_VALUE, 0,
                         "PCR %lld, but there are 0 to %d",
                         (long long)index->integer, TCG_PCR_COUNT - 1);
  uint32_t bit = (uint32_t)1 << index->integer;
  if (bank->mask & bit)
    return evidence_fail(a, error, EVIDENCE_VALUE, 0, "PCR %d stands twice",
                         (int)index->integer);
  if (digest.length != length)
    return evidence_fail(a, error, EVIDENCE_LENGTH, 0,
                         "PCR %d has %zu bytes, but %zu are wanted",
                         (int)index->integer, digest.length, length);
  bank->mask |= bit;
  bank->values[index->integer] = digest;
  return true;
}

static bool read_bank(arena *a, const value *object, tpm_state *state,
                      evidence_error *error) {
  const value *id = tpm_member_of(a, object, "algorithm", VALUE_INTEGER, error);
  const value *values =
      id ? tpm_member_of(a, object, "values", VALUE_ARRAY, error) : NULL;
  digest_algorithm hash;
  if (!values)
    return false;
  if (id->integer < 0 || id->integer > UINT16_MAX ||
      !tpm_hash_algorithm((uint16_t)id->integer, &hash))
    return evidence_fail(a, error, EVIDENCE_VALUE, 0,
                         "algorithm %lld: 4 (SHA-1), 11 (SHA-256), 12 or 13 "
                         "is wanted",
                         (long long)id->integer);
  if (state->bank_count == TPM_SELECTIONS_MAX)
    return evidence_fail(a, error, EVIDENCE_TOO_LARGE, 0, "more than %d banks",
                         TPM_SELECTIONS_MAX);
  tpm_bank *bank = &state->banks[state->bank_count++];
  *bank = (tpm_bank){.algorithm = (uint16_t)id->integer};
  for (uint32_t i = 0; i < values->count; i++)
    if (!read_pcr(a, &values->items[i], bank, digest_length(hash), error))
      return false;
  return true;
}

static bool read_banks(arena *a, const value *object, tpm_state *state,
                       evidence_error *error) {
  const value *banks = tpm_member_of(a, object, "pcrs", VALUE_ARRAY, error);
  if (!banks)
    return false;
  for (uint32_t i = 0; i < banks->count; i++)
    if (!read_bank(a, &banks->items[i], state, error))
      return tpm_within(a, error, "pcrs");
  return true;
}

/* --- the quote ------------------------------------------------------------ */

bool tpm_state_read_quote(arena *a, tpm_state *state, bytes quote,
                          bytes signature, evidence_error *error) {
  enum { RSA_BYTES_MIN = 256, RSA_BYTES_MAX = 512 };
  state->quote_raw = quote;
  if (!tpm_attest_read(a, quote, &state->quote, error))
    return tpm_within(a, error, "quote");
  if (state->quote.type != TPM_ATTEST_QUOTE)
    return evidence_fail(a, error, EVIDENCE_TYPE, 0,
                         "quote: a certified key, not a quote");
  if (tpm_signature_read(a, signature, &state->signature, error))
    return true;
  if (signature.length < RSA_BYTES_MIN || signature.length > RSA_BYTES_MAX ||
      signature.length % 64 != 0)
    return tpm_within(a, error, "signature");
  state->signature = (tpm_signature){
      .algorithm = TPM_ALG_RSASSA, .hash = TPM_ALG_SHA256, .rsa = signature};
  return true;
}

/* --- all ------------------------------------------------------------------ */

bool tpm_state_read(arena *a, const value *object, tpm_state *result,
                    evidence_error *error) {
  bytes quote, signature;
  bool has_certificate;
  if (!read_logs(a, object, result, error) ||
      !tpm_member_bytes(a, object, "aik_cert", &result->aik_certificate,
                        &has_certificate, error) ||
      !read_banks(a, object, result, error) ||
      !tpm_member_bytes(a, object, "quote", &quote, NULL, error) ||
      !tpm_member_bytes(a, object, "signature", &signature, NULL, error))
    return false;
  const value *aik = tpm_member_of(a, object, "aik_pub", VALUE_OBJECT, error);
  if (!aik)
    return false;
  result->aik = *aik;
  return tpm_state_read_quote(a, result, quote, signature, error);
}
