/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

#include "base/base64.h"
#include "base/limits.h"
#include "evidence/fields.h"
#include "evidence/kinds.h"
#include "evidence/reader.h"
#include "sign/digest.h"

const char *evidence_code_name(evidence_code code) {
  static const char *const names[EVIDENCE_CODE_COUNT] = {
#define CODE(id, name) [EVIDENCE_##id] = name,
      EVIDENCE_CODES(CODE)
#undef CODE
  };
  return names[code < EVIDENCE_CODE_COUNT ? code : EVIDENCE_NONE];
}

bool evidence_parse(arena *a, attestation_type type, bytes raw,
                    evidence *result, evidence_error *error) {
  *result = (evidence){.type = type, .raw = raw};
  result->verification = (evidence_verification){
      .status = VERIFICATION_NOT_DONE,
      .reason = "its signatures were not checked"};
  object_builder none = object_in(a);
  result->claims = result->legacy_claims = object_value(&none);
  result->token_claims = result->custom_claims = object_value(&none);
  const evidence_kind *kind = evidence_kind_of(type);
  if (!kind)
    return evidence_fail(a, error, EVIDENCE_TYPE, 0,
                         "evidence of type %s cannot be read by this version",
                         attestation_type_name(type));
  if (raw.length == 0)
    return evidence_fail(a, error, EVIDENCE_TRUNCATED, 0, "the %s is empty",
                         kind->structure);
  if (raw.length > LIMIT_EVIDENCE_BYTES)
    return evidence_fail(a, error, EVIDENCE_TOO_LARGE, 0,
                         "%zu bytes of evidence, but %d is the limit",
                         raw.length, (int)LIMIT_EVIDENCE_BYTES);
  return kind->parse(a, raw, result, error);
}

/* Hashes are of public data: nothing is gained by constant time. */
static bool hash_is(bytes data, const uint8_t *expected) {
  uint8_t hash[DIGEST_BYTES_MAX];
  return digest(DIGEST_SHA256, data, hash) &&
         memcmp(hash, expected, SHA256_BYTES) == 0;
}

binding_status evidence_check_runtime_data(const evidence *e, bytes data) {
  if (e->report_data.length < SHA256_BYTES)
    return BINDING_NOT_SUPPORTED;
  bytes rest = {e->report_data.data + SHA256_BYTES,
                e->report_data.length - SHA256_BYTES};
  bool holds = hash_is(data, e->report_data.data) && bytes_are_zero(rest);
  return holds ? BINDING_HOLDS : BINDING_MISMATCH;
}

binding_status evidence_check_init_data(const evidence *e, bytes data) {
  if (e->init_data.length < SHA256_BYTES)
    return BINDING_NOT_SUPPORTED;
  bool holds = hash_is(data, e->init_data.data);
  return holds ? BINDING_HOLDS : BINDING_MISMATCH;
}

static bool runtime_json(arena *a, bytes data, object_builder *claims,
                         evidence_error *error) {
  value parsed;
  json_error problem;
  if (!json_read(a, slice_from_bytes(data), JSON_TRAILING_NUL, &parsed,
                 &problem))
    return evidence_fail(a, error, EVIDENCE_JSON, problem.offset,
                         "the runtime data is not JSON: %s", problem.message);
  object_set(claims, SLICE("x-ms-runtime"), parsed);
  return true;
}

bool evidence_runtime_claims(arena *a, const evidence *e, bytes data,
                             bool is_json, value *claims,
                             evidence_error *error) {
  object_builder built = object_in(a);
  if (is_json && !runtime_json(a, data, &built, error))
    return false;
  const evidence_kind *kind = evidence_kind_of(e->type);
  if (!is_json && kind && kind->held_data_claims) {
    buffer text = buffer_in(a);
    base64url_encode(&text, data);
    value held = value_text(buffer_slice(&text));
    for (const char *const *n = kind->held_data_claims; *n; n++)
      object_set(&built, slice_from(*n), held);
  }
  *claims = object_value(&built);
  return true;
}
