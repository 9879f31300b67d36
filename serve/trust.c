/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/trust.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/base64.h"
#include "evidence/certificate.h"

static X509 *read_certificate(arena *a, bytes der) {
  const unsigned char *at = der.data;
  X509 *x = der.length ? d2i_X509(NULL, &at, (long)der.length) : NULL;
  ERR_clear_error();
  if (!x)
    return NULL;
  certificate_keep(a, x);
  return at == der.data + der.length ? x : NULL;
}

static bool decode(arena *a, const value *text, bytes *der) {
  return text->kind == VALUE_STRING &&
         base64_decode(a, value_string(text), BASE64_STANDARD, der) &&
         der->length <= LIMIT_EVIDENCE_BYTES;
}

bool trust_certificate_of(arena *a, const value *jwk, bytes *der) {
  const value *x5c =
      jwk->kind == VALUE_OBJECT ? value_member(jwk, SLICE("x5c")) : NULL;
  return x5c && x5c->kind == VALUE_ARRAY && x5c->count > 0 &&
         decode(a, &x5c->items[0], der) && read_certificate(a, *der);
}

typedef struct certificates {
  X509 *items[LIMIT_SERVE_SIGNERS + LIMIT_CERTIFICATES];
  size_t count;
} certificates;

static bool may_issue(X509 *certificate) {
  return X509_check_ca(certificate) == 1;
}

static bool has_issued(X509 *issuer, X509 *subject) {
  bool good = may_issue(issuer) &&
              X509_check_issued(issuer, subject) == X509_V_OK &&
              X509_verify(subject, X509_get0_pubkey(issuer)) == 1;
  ERR_clear_error();
  return good;
}

static X509 *find_issuer(const certificates *from, X509 *subject) {
  for (size_t i = 0; i < from->count; i++)
    if (X509_cmp(from->items[i], subject) != 0 &&
        has_issued(from->items[i], subject))
      return from->items[i];
  return NULL;
}

/* A management certificate itself; a self-signed one as its own issuer. */
static bool is_trusted(const certificates *trusted, X509 *certificate) {
  for (size_t i = 0; i < trusted->count; i++)
    if (X509_cmp(trusted->items[i], certificate) == 0)
      return may_issue(certificate);
  return false;
}

static void read_signers(call *c, certificates *trusted) {
  bytes *list;
  size_t count = instance_signers(c->instance, c->arena, &list,
                                  &c->signer_removals);
  for (size_t i = 0; i < count; i++) {
    X509 *x = read_certificate(c->arena, list[i]);
    if (x)
      trusted->items[trusted->count++] = x;
  }
}

/* Up to the first that cannot be read: the first of all must be the one whose
 * key signed. */
static void read_chain(call *c, const value *x5c, certificates *chain) {
  for (uint32_t i = 0; i < x5c->count && i < LIMIT_CERTIFICATES; i++) {
    bytes der;
    X509 *x = decode(c->arena, &x5c->items[i], &der)
                  ? read_certificate(c->arena, der)
                  : NULL;
    if (!x)
      return;
    chain->items[chain->count++] = x;
  }
}

const char *trust_find_missing_issuer(call *c, const value *x5c) {
  certificates trusted = {.count = 0}, chain = {.count = 0};
  read_signers(c, &trusted);
  read_chain(c, x5c, &chain);
  if (chain.count == 0)
    return "of a certificate that cannot be read";
  X509 *at = chain.items[0];
  for (size_t step = 0; step <= LIMIT_CERTIFICATES; step++) {
    if (is_trusted(&trusted, at) || find_issuer(&trusted, at))
      return NULL;
    X509 *next = find_issuer(&chain, at);
    if (!next)
      break;
    at = next;
  }
  return certificate_issuer(c->arena, at).data;
}
