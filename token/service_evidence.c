/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of the service itself: the certificate of its own signing key
 * carries a quote of the enclave, or a report of the VM, in which the key was
 * made. */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/base64.h"
#include "evidence/der.h"
#include "sign/digest.h"
#include "token/verify.h"

/* Extensions of the service's certificates. */
#define SGX_QUOTE_OID "1.3.6.1.4.1.311.105.1"
#define SGX_QUOTE_OID_BEFORE_2021 "1.2.840.113556.10.1.1"
#define SNP_EVIDENCE_OID "1.3.6.1.4.1.311.105.1000.1"
#define TEE_KIND_OID "1.3.6.1.4.1.311.105.1000.2"
#define TEE_KIND_SNP "acisevsnp"

enum { DER_UTF8_STRING = 0x0c };

static const char what[] = "service evidence";

/* The key in PEM and a NUL behind it. */
static bytes bound_data(arena *a, const public_key *key) {
  slice pem = arena_copy(a, public_key_pem(a, key));
  return (bytes){(const uint8_t *)pem.data, pem.length + 1};
}

slice service_key_id(arena *a, const public_key *key) {
  uint8_t hash[SHA256_BYTES];
  buffer text = buffer_in(a);
  digest_sha256(a, bound_data(a, key), hash);
  base64_encode(&text, (bytes){hash, sizeof hash});
  return buffer_slice(&text);
}

static bool fail(verifier *v, token_refusal *why, token_refusal_code code,
                 const char *reason) {
  verify_step(v, false, what, NULL, reason);
  return refuse_because(why, code, reason);
}

/* The owner of the key made the certificate: otherwise anybody could have put
 * the quote of the real service beside another name. */
static bool check_own_signature(verifier *v, X509 *certificate,
                                public_key *key, token_refusal *why) {
  bool holds = X509_verify(certificate, public_key_handle(key)) == 1;
  ERR_clear_error();
  const char *subject = certificate_subject(v->arena, certificate).data;
  if (!holds)
    return fail(v, why, REFUSAL_NO_SERVICE_EVIDENCE,
                "the certificate of the signing key is not signed by that key");
  return verify_step(v, true, what, subject, "signed by its own key");
}

/* The one UTF8String that an extension holds; empty if it is none. */
static bytes text_in(bytes extension) {
  uint8_t tag;
  bytes content, rest = extension;
  bool good = der_next(&rest, &tag, &content) && tag == DER_UTF8_STRING &&
              rest.length == 0;
  return good ? content : (bytes){NULL, 0};
}

/* A quote, recorded as an Open Enclave report: with a header before it. */
static attestation_type enclave_type(bytes raw) {
  return evidence_detect(raw) == ATTESTATION_OPEN_ENCLAVE
             ? ATTESTATION_OPEN_ENCLAVE
             : ATTESTATION_SGX_ENCLAVE;
}

/* False: there is none. */
static bool find_evidence(X509 *certificate, attestation_type *type,
                          bytes *raw) {
  *raw = certificate_extension(certificate, SGX_QUOTE_OID);
  if (raw->length == 0)
    *raw = certificate_extension(certificate, SGX_QUOTE_OID_BEFORE_2021);
  *type = enclave_type(*raw);
  if (raw->length > 0)
    return true;
  bytes kind = text_in(certificate_extension(certificate, TEE_KIND_OID));
  *raw = text_in(certificate_extension(certificate, SNP_EVIDENCE_OID));
  *type = ATTESTATION_SEV_SNP_VM;
  return raw->length > 0 && slice_is(slice_from_bytes(kind), TEE_KIND_SNP);
}

/* Whoever runs such an enclave or VM can have its key. It is said and not
 * refused: the service's own, of recorded years, are mostly so. */
static bool is_debuggable(const evidence *e) {
  const value *sgx = value_member(&e->claims, SLICE("x-ms-sgx-is-debuggable"));
  const value *snp =
      value_member(&e->claims, SLICE("x-ms-sevsnpvm-is-debuggable"));
  const value *found = e->type == ATTESTATION_SEV_SNP_VM ? snp : sgx;
  return !found || found->kind != VALUE_BOOLEAN || found->boolean;
}

static bool check_binding(verifier *v, const evidence *e,
                          const public_key *key, token_refusal *why) {
  if (evidence_check_runtime_data(e, bound_data(v->arena, key)) !=
      BINDING_HOLDS)
    return fail(v, why, REFUSAL_SERVICE_KEY,
                "its report data is not the hash of the signing key");
  return verify_step(v, true, what, attestation_type_name(e->type),
                     is_debuggable(e)
                         ? "its report data is the hash of the signing key; "
                           "attention: it may be debugged, so that who runs "
                           "it can have the key"
                         : "its report data is the hash of the signing key");
}

/* All steps of the evidence stand among those of the token. */
static bool check_evidence(verifier *v, evidence *e,
                           const verify_options *options, token_refusal *why) {
  evidence_verify(v->arena, e, options);
  for (const verification_step *s = e->verification.steps; s; s = s->next)
    if (s->result == STEP_SKIPPED)
      verify_skipped(v, s->what, s->why);
    else
      verify_step(v, s->result == STEP_PASSED, s->what, s->with, s->why);
  if (evidence_is_verified(&e->verification))
    return true;
  return fail(v, why, REFUSAL_SERVICE_EVIDENCE, e->verification.reason);
}

bool service_evidence_verify(verifier *v, X509 *certificate, public_key *key,
                             const verify_options *options,
                             const evidence **service, token_refusal *why) {
  attestation_type type;
  bytes raw;
  evidence_error error;
  evidence *e = ARENA_NEW(v->arena, evidence);
  if (!find_evidence(certificate, &type, &raw))
    return fail(v, why, REFUSAL_NO_SERVICE_EVIDENCE,
                "the certificate of the signing key carries no evidence");
  if (!check_own_signature(v, certificate, key, why))
    return false;
  if (!evidence_parse(v->arena, type, raw, e, &error))
    return fail(v, why, REFUSAL_SERVICE_EVIDENCE, error.message);
  *service = e;
  return check_binding(v, e, key, why) && check_evidence(v, e, options, why);
}
