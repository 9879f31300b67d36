/* SPDX-License-Identifier: Apache-2.0 */
/* What policies and tokens get to know of TPM evidence: articles "Claim sets"
 * and "Policy version 1.2", and section "Policy key object" of the protocol. */
#include <openssl/x509.h>

#include "base/base64.h"
#include "evidence/tpm_keys.h"
#include "evidence/tpm_request.h"

/* The service puts a URL of its own before the names of custom claims, so that
 * nobody can send a claim that a policy takes for the service's. */
#define CUSTOM_PREFIX "https://maapol.invalid/custom-claims/"

/* PCRs that Windows measures its start into, and those of a dynamic launch, as
 * the article's rules ask for them. */
#define BOOT_PCRS (UINT32_C(1) << 12 | UINT32_C(1) << 19)
#define WINDOWS_PCRS (BOOT_PCRS | UINT32_C(1) << 13 | UINT32_C(1) << 20)

/* --- quoted events -------------------------------------------------------- */

static uint32_t quoted_mask(const tpm_state *state) {
  uint32_t mask = 0;
  for (size_t i = 0; i < state->bank_count; i++)
    mask |= state->banks[i].mask;
  return mask;
}

static bool is_quoted(uint32_t mask, uint32_t pcr) {
  return pcr < TCG_PCR_COUNT && (mask >> pcr & 1);
}

static tcg_log *quoted_events(arena *a, const tcg_log *log, uint32_t mask) {
  tcg_log *result = ARENA_NEW(a, tcg_log);
  tcg_event *events = ARENA_ARRAY(a, log->event_count, tcg_event);
  *result = *log;
  result->event_count = 0;
  for (size_t i = 0; i < log->event_count; i++)
    if (is_quoted(mask, log->events[i].pcr) ||
        log->events[i].type == TCG_EV_NO_ACTION)
      events[result->event_count++] = log->events[i];
  result->events = events;
  return result;
}

static ima_log *quoted_files(arena *a, const ima_log *log, uint32_t mask) {
  ima_log *result = ARENA_NEW(a, ima_log);
  ima_event *events = ARENA_ARRAY(a, log->event_count, ima_event);
  *result = *log;
  result->event_count = 0;
  for (size_t i = 0; i < log->event_count; i++)
    if (is_quoted(mask, log->events[i].pcr))
      events[result->event_count++] = log->events[i];
  result->events = events;
  return result;
}

event_logs tpm_quoted_logs(arena *a, const tpm_state *state) {
  uint32_t mask = quoted_mask(state);
  event_logs logs = {NULL, NULL};
  if (state->logs.boot)
    logs.boot = quoted_events(a, state->logs.boot, mask);
  if (state->logs.ima)
    logs.ima = quoted_files(a, state->logs.ima, mask);
  return logs;
}

/* --- secure boot ---------------------------------------------------------- */

/* UEFI_VARIABLE_DATA of the variable SecureBoot: the GUID of global variables
 * (8be4df61-93ca-11d2-aa0d-00e098032b8c), lengths of name and data, both. */
static const uint8_t secure_boot_head[] = {
    0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
    0x98, 0x03, 0x2b, 0x8c, 10,   0,    0,    0,    0,    0,    0,    0};
static const char secure_boot_name[] = "S\0e\0c\0u\0r\0e\0B\0o\0o\0t";

enum { NAME_AT = 32, NAME_BYTES = 20, VALUE_AT = NAME_AT + NAME_BYTES };

/* Whatever type the log gives the event: a type is not measured, and an event
 * that says "off" must not be hidden by another one. */
static bool is_secure_boot(const tcg_event *event) {
  return event->pcr == 7 && event->type != TCG_EV_NO_ACTION &&
         event->data.length >= VALUE_AT &&
         memcmp(event->data.data, secure_boot_head, sizeof secure_boot_head) ==
             0 &&
         memcmp(event->data.data + NAME_AT, secure_boot_name, NAME_BYTES) == 0;
}

static bool secure_boot_is_on(const event_logs *logs) {
  size_t count = 0;
  for (size_t i = 0; logs->boot && i < logs->boot->event_count; i++) {
    const tcg_event *event = &logs->boot->events[i];
    if (!is_secure_boot(event))
      continue;
    if (event->data.length != VALUE_AT + 1 || event->data.data[VALUE_AT] != 1)
      return false;
    count++;
  }
  return count > 0;
}

/* --- Windows -------------------------------------------------------------- */

/* Whether the log says so at least once, and never otherwise. */
static bool all_are(const value *values, bool wanted) {
  for (uint32_t i = 0; i < values->count; i++)
    if (values->items[i].kind != VALUE_BOOLEAN ||
        values->items[i].boolean != wanted)
      return false;
  return values->count > 0;
}

static void set_flag(object_builder *claims, const char *name, bool on) {
  object_set(claims, slice_from(name), value_boolean(on));
}

static bool vbs_is_enabled(arena *a, const value *events) {
  value required =
      event_values(a, events, BOOT_PCRS, SLICE("EVENT_VBS_VSM_REQUIRED"));
  value enforced = event_values(a, events, BOOT_PCRS,
                                SLICE("EVENT_VBS_MANDATORY_ENFORCEMENT"));
  return (required.count == 0 || all_are(&required, true)) &&
         (enforced.count == 0 || all_are(&enforced, true)) &&
         required.count + enforced.count > 0;
}

static void add_windows(arena *a, const value *events, object_builder *claims) {
  static const struct {
    const char *claim, *event;
    bool wanted;
  } rows[] = {
      {"bootDebuggingDisabled", "EVENT_BOOTDEBUGGING", false},
      {"iommuEnabled", "EVENT_VBS_IOMMU_REQUIRED", true},
      {"notSafeMode", "EVENT_SAFEMODE", false},
      {"notWinPE", "EVENT_WINPE", false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    value values =
        event_values(a, events, WINDOWS_PCRS, slice_from(rows[i].event));
    set_flag(claims, rows[i].claim, all_are(&values, rows[i].wanted));
  }
  set_flag(claims, "vbsEnabled", vbs_is_enabled(a, events));
}

/* --- PCRs ----------------------------------------------------------------- */

static value pcrs_claim(arena *a, const tpm_state *state) {
  event_bank banks[TPM_SELECTIONS_MAX];
  for (size_t i = 0; i < state->bank_count; i++) {
    const tpm_bank *bank = &state->banks[i];
    tcg_pcrs *pcrs = ARENA_NEW(a, tcg_pcrs);
    for (size_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
      if (bank->mask >> pcr & 1) {
        pcrs->length = bank->values[pcr].length;
        memcpy(pcrs->values[pcr], bank->values[pcr].data, pcrs->length);
      }
    pcrs->measured = bank->mask;
    banks[i] = (event_bank){bank->algorithm, bank->mask, pcrs};
  }
  return event_pcrs(a, banks, state->bank_count);
}

/* --- keys ----------------------------------------------------------------- */

static value base64url_value(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static value info_value(arena *a, const tpm_client_key *key) {
  object_builder info = object_in(a), inner = object_in(a);
  if (key->binding == TPM_KEY_QUOTED) {
    object_set(&inner, SLICE("hash_alg"), value_text(key->hash_name));
    object_set(&info, SLICE("tpm_quote"), object_value(&inner));
    return object_value(&info);
  }
  object_set(&inner, SLICE("name_alg"),
             value_integer(key->public.name_algorithm));
  object_set(&inner, SLICE("obj_attr"), value_integer(key->public.attributes));
  if (key->public.auth_policy.length)
    object_set(&inner, SLICE("auth_policy"),
               base64url_value(a, key->public.auth_policy));
  object_set(&info, SLICE("tpm_certify"), object_value(&inner));
  return object_value(&info);
}

static value key_value(arena *a, const tpm_client_key *key) {
  object_builder object = object_in(a);
  object_set(&object, SLICE("jwk"), key->jwk);
  if (key->binding != TPM_KEY_UNBOUND)
    object_set(&object, SLICE("info"), info_value(a, key));
  return object_value(&object);
}

static void add_keys(arena *a, const tpm_request *request,
                     object_builder *claims) {
  array_builder others = array_in(a);
  if (request->version == 1)
    return;
  object_set(claims, SLICE("x-ms-tpm-request-key"),
             key_value(a, &request->key));
  for (size_t i = 0; i < request->other_key_count; i++)
    array_add(&others, key_value(a, &request->other_keys[i]));
  if (request->other_key_count)
    object_set(claims, SLICE("x-ms-tpm-other-keys"), array_value(&others));
}

/* SHA-256 of the SubjectPublicKeyInfo; no claim of a key that is none. */
static void add_aik_hash(arena *a, const value *jwk, object_builder *claims) {
  const char *reason;
  uint8_t hash[SHA256_BYTES];
  public_key *key = tpm_key_from_jwk(a, jwk, &reason);
  int length = key ? i2d_PUBKEY(public_key_handle(key), NULL) : 0;
  if (length <= 0)
    return;
  unsigned char *der = arena_alloc(a, (size_t)length), *end = der;
  if (i2d_PUBKEY(public_key_handle(key), &end) != length)
    arena_fail(a, ARENA_NO_MEMORY);
  digest_sha256(a, (bytes){der, (size_t)length}, hash);
  buffer text = buffer_in(a);
  base64_encode(&text, (bytes){hash, sizeof hash});
  object_set(claims, SLICE("aikPubHash"), value_text(buffer_slice(&text)));
}

/* --- claims of the client ------------------------------------------------- */

static value typed_value(arena *a, slice type, slice text) {
  value v;
  if (slice_equal_ignore_case(type, SLICE("boolean")) &&
      (slice_is(text, "true") || slice_is(text, "false")))
    return value_boolean(slice_is(text, "true"));
  if (slice_equal_ignore_case(type, SLICE("integer")) &&
      json_read_number(text, &v) == JSON_NUMBER_OK && v.kind == VALUE_INTEGER)
    return v;
  return value_text(arena_copy(a, text));
}

static value custom_claims(arena *a, const value *claims) {
  object_builder result = object_in(a);
  for (uint32_t i = 0; i < claims->count; i++) {
    const value *claim = &claims->items[i];
    buffer name = buffer_in(a);
    buffer_text(&name, CUSTOM_PREFIX);
    buffer_add(&name, value_string(value_member(claim, SLICE("name"))));
    object_set(
        &result, buffer_slice(&name),
        typed_value(a, value_string(value_member(claim, SLICE("value_type"))),
                    value_string(value_member(claim, SLICE("value")))));
  }
  return object_value(&result);
}

/* --- all ------------------------------------------------------------------ */

/* Events that are not what was measured fail verification (a step of it); of
 * a log with too many there is no claim. */
static void add_events(arena *a, const tpm_state *state, const char *name,
                       object_builder *claims, value *events) {
  evidence_error ignored;
  event_logs logs = tpm_quoted_logs(a, state);
  if (event_list(a, &logs, events, &ignored))
    object_set(claims, slice_from(name), *events);
  else
    *events = value_null();
}

static value token_claims(arena *a, const tpm_request *request) {
  object_builder claims = object_in(a), confirmation = object_in(a);
  object_set(&confirmation, SLICE("jwk"), request->key.jwk);
  object_set(&claims, SLICE("cnf"), object_value(&confirmation));
  if (request->has_rp_data) {
    object_set(&claims, SLICE("nonce"), value_text(request->rp_data));
    object_set(&claims, SLICE("rp_data"), value_text(request->rp_data));
  }
  return object_value(&claims);
}

void tpm_describe(arena *a, const tpm_request *request, evidence *e) {
  object_builder claims = object_in(a);
  value events, before;
  event_logs logs = tpm_quoted_logs(a, &request->current);
  object_set(&claims, SLICE("x-ms-attestation-type"),
             value_text(request->is_vbs ? SLICE("vbs") : SLICE("tpm")));
  set_flag(&claims, "aikValidated", false);
  add_aik_hash(a, &request->current.aik, &claims);
  object_set(&claims, SLICE("tpmVersion"), value_integer(2));
  set_flag(&claims, "secureBootEnabled", secure_boot_is_on(&logs));
  add_events(a, &request->current, "events", &claims, &events);
  if (request->has_boot)
    add_events(a, &request->boot, "bootEvents", &claims, &before);
  add_windows(a, &events, &claims);
  object_set(&claims, SLICE("pcrs"), pcrs_claim(a, &request->current));
  set_flag(&claims, "vbsReportPresent", request->vbs.raw.length > 0);
  if (request->vbs.raw.length)
    vbs_report_claims(&request->vbs, &claims);
  add_keys(a, request, &claims);
  e->claims = object_value(&claims);
  e->token_claims = token_claims(a, request);
  e->custom_claims = custom_claims(a, &request->custom_claims);
}

/* The only chain of such evidence is the AIK's. */
void tpm_add_verified_claims(arena *a, evidence *e) {
  object_builder claims = object_in(a);
  for (uint32_t i = 0; i < e->claims.count; i++)
    object_set(&claims, member_name(&e->claims.members[i]),
               e->claims.members[i].value);
  set_flag(&claims, "aikValidated", e->verification.root != NULL);
  e->claims = object_value(&claims);
}
