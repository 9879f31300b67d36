/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/policies.h"

#include <openssl/x509.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/render.h"
#include "serve/trust.h"
#include "sign/digest.h"

static bool refuse_with(call *c, refusal r) {
  answer_refusal(c, &r);
  return false;
}

/* --- policies ------------------------------------------------------------- */

slice policy_token_in_force(call *c, attestation_type type) {
  const stored_policy *p =
      instance_policy(c->service, c->instance, c->arena, type);
  return p ? p->token : SLICE("eyJhbGciOiJub25lIn0.."); /* recorded for Tpm */
}

bool policy_is_changeable(call *c) {
  return c->instance->mode != MODE_SHARED ||
         refuse_with(c, refusal_enclave(c->arena, ENCLAVE_DISALLOWED,
                                        "The policies of a shared provider "
                                        "cannot be changed"));
}

static bool refuse_policy(call *c, const policy *p) {
  service_error error =
      service_error_of_policy(c->arena, &p->findings, p->text);
  refusal r = refusal_of_service_error(&error);
  array_builder findings = array_in(c->arena);
  render_source source = {.path = "policy",
                          .text = p->text,
                          .was_wrapped = p->was_wrapped};
  render_json(&findings, &source, &p->findings);
  r.diagnostics = array_value(&findings);
  return refuse_with(c, r);
}

static void release(void *object) { stored_policy_release(object); }

bool policy_read_upload(call *c, upload *u, stored_policy **made) {
  if (!upload_read(c, call_text_body(c), u))
    return false;
  if (u->is_empty || !value_member(&u->payload, SLICE("AttestationPolicy")))
    return refuse_with(
        c, refusal_enclave(c->arena, ENCLAVE_BAD_MESSAGE,
                           "Could not find \"AttestationPolicy\" claim in "
                           "policy token"));
  stored_policy *p = stored_policy_make(u->token);
  if (!p)
    return refuse_with(c, refusal_plain(c->arena, 503, "ServiceUnavailable",
                                        "There is no memory for this policy."));
  arena_defer(c->arena, release, p);
  *made = p;
  return p->policy->program || refuse_policy(c, p->policy);
}

/* Whether all who were signers when the change was trusted still are. */
static bool are_signers_kept(call *c) {
  bytes *list;
  unsigned removals;
  instance_signers(c->instance, c->arena, &list, &removals);
  return removals == c->signer_removals;
}

/* A removal meanwhile says nothing about this signer: the operation is done
 * again from its start, by the list as it is now. */
static bool refuse_storage(call *c, const char *reason) {
  c->is_to_repeat = c->tries < LIMIT_SERVE_TRIES && !are_signers_kept(c);
  if (c->is_to_repeat)
    return false;
  return refuse_with(c, refusal_plain(c->arena, 500, "InternalError",
                                      "The change cannot be stored: %s.",
                                      reason));
}

bool policy_put_in_force(call *c, attestation_type type,
                         stored_policy *made) {
  const char *reason;
  if (made)
    atomic_fetch_add(&made->references, 1); /* the instance's own */
  if (instance_set_policy(c->service, c->instance, type, made,
                          c->signer_removals, &reason))
    return true;
  stored_policy_release(made);
  return refuse_storage(c, reason);
}

/* Only an empty token resets: in isolated mode a policy that its owner signed
 * once must not serve anybody to remove another one. */
bool policy_reset(call *c, attestation_type type) {
  upload u;
  if (!policy_is_changeable(c) || !upload_read(c, call_text_body(c), &u))
    return false;
  if (!u.is_empty)
    return refuse_with(
        c, refusal_enclave(c->arena, ENCLAVE_BAD_MESSAGE,
                           "The payload of a token that resets a policy is "
                           "empty"));
  return policy_put_in_force(c, type, NULL);
}

/* --- certificates --------------------------------------------------------- */

static const char *key_type(bytes der) {
  const unsigned char *at = der.data;
  X509 *x = d2i_X509(NULL, &at, (long)der.length);
  EVP_PKEY *key = x ? X509_get0_pubkey(x) : NULL;
  bool is_ec = key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
  X509_free(x);
  return is_ec ? "EC" : "RSA";
}

static value certificate_jwk(arena *a, bytes der) {
  const char *type = key_type(der);
  buffer text = buffer_in(a);
  base64_encode(&text, der);
  array_builder chain = array_in(a);
  array_add(&chain, value_text(buffer_slice(&text)));
  object_builder key = object_in(a);
  bool is_rsa = strcmp(type, "RSA") == 0;
  object_set(&key, SLICE("alg"),
             value_text(is_rsa ? SLICE("RS256") : SLICE("ES256")));
  object_set(&key, SLICE("kty"), value_text(slice_from(type)));
  object_set(&key, SLICE("use"), value_text(SLICE("sig")));
  object_set(&key, SLICE("x5c"), array_value(&chain));
  return object_value(&key);
}

value certificate_list(call *c) {
  bytes *list;
  unsigned removals;
  size_t count = instance_signers(c->instance, c->arena, &list, &removals);
  array_builder keys = array_in(c->arena);
  for (size_t i = 0; i < count; i++)
    array_add(&keys, certificate_jwk(c->arena, list[i]));
  object_builder set = object_in(c->arena);
  object_set(&set, SLICE("keys"), array_value(&keys));
  return object_value(&set);
}

/* The bare token, as every client sends it, or {"policyCertificateToAdd":
 * token}, as the API's description of 2025 has it. */
static slice certificate_token(call *c, bool is_add) {
  slice text = call_text_body(c);
  value body;
  json_error error;
  if (!text.length || text.data[0] != '{' ||
      !json_read(c->arena, text, 0, &body, &error))
    return text;
  slice name = is_add ? SLICE("policyCertificateToAdd")
                      : SLICE("policyCertificateToRemove");
  for (uint32_t i = 0; i < body.count; i++)
    if (slice_equal_ignore_case(member_name(&body.members[i]), name) &&
        body.members[i].value.kind == VALUE_STRING)
      return value_string(&body.members[i].value);
  return text;
}

/* The claim's name of today, and of the preview and before it. */
static const value *find_claim(const value *payload) {
  static const char *const names[] = {
      "policyCertificate", "maa-policyCertificate", "aas-policyCertificate"};
  const value *found = NULL;
  for (size_t i = 0; i < 3 && !found && payload->kind == VALUE_OBJECT; i++)
    found = value_member(payload, slice_from(names[i]));
  return found;
}

static bool read_certificate(call *c, bool is_add, bytes *der) {
  upload u;
  if (!upload_read(c, certificate_token(c, is_add), &u))
    return false;
  const value *claim = find_claim(&u.payload);
  if (!claim)
    return refuse_with(
        c, refusal_enclave(c->arena, ENCLAVE_BAD_MESSAGE,
                           "Could not find \"maa-policyCertificate\" claim in "
                           "policy token"));
  return trust_certificate_of(c->arena, claim, der) ||
         refuse_with(c, refusal_enclave(c->arena, ENCLAVE_BAD_MESSAGE,
                                        "The policyCertificate has no "
                                        "certificate in \"x5c\""));
}

static bool change(call *c, bool is_add, bytes der) {
  const char *reason = "";
  switch ((is_add ? instance_add_signer : instance_remove_signer)(
      c->service, c->instance, der, c->signer_removals, &reason)) {
  case SIGNER_CHANGED:
    return true;
  case SIGNER_TOO_MANY:
    return refuse_with(
        c, refusal_enclave(c->arena, ENCLAVE_DISALLOWED,
                           "There are %d policy management certificates "
                           "already",
                           LIMIT_SERVE_SIGNERS));
  case SIGNER_LAST:
    return refuse_with(
        c, refusal_enclave(c->arena, ENCLAVE_DISALLOWED,
                           "The last policy management certificate cannot be "
                           "removed"));
  default:
    return refuse_storage(c, reason);
  }
}

static slice thumbprint(arena *a, bytes der) {
  uint8_t hash[DIGEST_BYTES_MAX];
  if (!digest(DIGEST_SHA1, der, hash))
    arena_fail(a, ARENA_NO_MEMORY);
  buffer text = buffer_in(a);
  for (size_t i = 0; i < 20; i++)
    buffer_printf(&text, "%02X", hash[i]);
  return buffer_slice(&text);
}

bool certificate_change_claims(call *c, bool is_add, object_builder *claims) {
  bytes der;
  if (c->instance->mode != MODE_ISOLATED)
    return refuse_with(c, refusal_no_certificates(is_add));
  if (!read_certificate(c, is_add, &der) || !change(c, is_add, der))
    return false;
  object_set(claims, SLICE("x-ms-certificate-thumbprint"),
             value_text(thumbprint(c->arena, der)));
  object_set(claims, SLICE("x-ms-policycertificates-result"),
             value_text(is_add ? SLICE("IsPresent") : SLICE("IsAbsent")));
  return true;
}
