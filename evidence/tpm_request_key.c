/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the client: section "Key object" of the protocol's article. */
#include "base/json_span.h"
#include "evidence/tpm_request.h"

static bool read_quoted(arena *a, const value *object, tpm_client_key *key,
                        evidence_error *error) {
  static const struct {
    const char *name;
    digest_algorithm hash;
  } rows[] = {{"sha-256", DIGEST_SHA256},
              {"sha-384", DIGEST_SHA384},
              {"sha-512", DIGEST_SHA512}};
  if (!tpm_member_text(a, object, "hash_alg", &key->hash_name, error))
    return false;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (slice_equal_ignore_case(key->hash_name, slice_from(rows[i].name))) {
      key->hash = rows[i].hash;
      key->binding = TPM_KEY_QUOTED;
      return true;
    }
  return evidence_fail(a, error, EVIDENCE_JSON, 0,
                       "hash_alg is \"%.*s\", but sha-256, sha-384 or sha-512 "
                       "is wanted",
                       SLICE_ARGS(key->hash_name));
}

static bool read_certified(arena *a, const value *object, tpm_client_key *key,
                           evidence_error *error) {
  bytes public, signature;
  if (!tpm_member_bytes(a, object, "public", &public, NULL, error) ||
      !tpm_member_bytes(a, object, "certification", &key->certification_raw,
                        NULL, error) ||
      !tpm_member_bytes(a, object, "signature", &signature, NULL, error))
    return false;
  if (!tpm_public_read(a, public, &key->public, error))
    return tpm_within(a, error, "public");
  if (!tpm_attest_read(a, key->certification_raw, &key->certification, error))
    return tpm_within(a, error, "certification");
  if (key->certification.type != TPM_ATTEST_CERTIFY)
    return evidence_fail(a, error, EVIDENCE_TYPE, 0,
                         "certification: a quote, not a certified key");
  if (!tpm_signature_read(a, signature, &key->signature, error))
    return tpm_within(a, error, "signature");
  key->binding = TPM_KEY_CERTIFIED;
  return true;
}

static bool read_info(arena *a, const value *info, tpm_client_key *key,
                      evidence_error *error) {
  const value *quoted = value_member(info, SLICE("tpm_quote"));
  const value *certified = value_member(info, SLICE("tpm_certify"));
  if (quoted && certified)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "info has both tpm_quote and tpm_certify");
  if (quoted)
    return read_quoted(a, quoted, key, error) ||
           tpm_within(a, error, "tpm_quote");
  if (certified)
    return read_certified(a, certified, key, error) ||
           tpm_within(a, error, "tpm_certify");
  return true;
}

bool tpm_client_key_read(arena *a, const value *object, slice text,
                         tpm_client_key *result, evidence_error *error) {
  *result = (tpm_client_key){.binding = TPM_KEY_UNBOUND};
  const value *jwk = tpm_member_of(a, object, "jwk", VALUE_OBJECT, error);
  if (!jwk)
    return false;
  result->jwk = *jwk;
  result->jwk_text = json_span(text, "jwk");
  if (result->jwk_text.length == 0)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "the name \"jwk\" is written with escapes");
  const value *info = value_member(object, SLICE("info"));
  if (!info || info->kind == VALUE_NULL)
    return true;
  if (info->kind != VALUE_OBJECT)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "member \"info\" is no object");
  return read_info(a, info, result, error);
}
