/* SPDX-License-Identifier: Apache-2.0 */
/* did:x509:0:sha256:HASH::eku:OID (did:x509 method specification, version 0):
 * HASH is the base64url SHA-256 of a certificate above the leaf, OID an
 * extended key usage of the leaf. */
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/base64.h"
#include "evidence/cose_sign1.h"

#define PREFIX "did:x509:0:sha256:"
#define POLICY "::eku:"

static const char *find(slice text, const char *part) {
  size_t length = strlen(part);
  for (size_t i = 0; i + length <= text.length; i++)
    if (memcmp(text.data + i, part, length) == 0)
      return text.data + i;
  return NULL;
}

/* False: another form. */
static bool split(slice issuer, slice *hash, slice *eku) {
  const char *policy = find(issuer, POLICY);
  if (!slice_starts_with(issuer, PREFIX) || !policy ||
      policy < issuer.data + strlen(PREFIX))
    return false;
  *hash = slice_between(issuer.data + strlen(PREFIX), policy);
  *eku = slice_between(policy + strlen(POLICY), issuer.data + issuer.length);
  return eku->length > 0 && !find(*eku, ":");
}

static slice hash_text(arena *a, X509 *certificate) {
  uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (X509_digest(certificate, EVP_sha256(), hash, &length) != 1)
    arena_fail(a, ARENA_NO_MEMORY);
  buffer text = buffer_in(a);
  base64url_encode(&text, (bytes){hash, length});
  return buffer_slice(&text);
}

static void free_usage(void *usage) { EXTENDED_KEY_USAGE_free(usage); }

static bool has_usage(arena *a, X509 *leaf, slice wanted) {
  EXTENDED_KEY_USAGE *usage =
      X509_get_ext_d2i(leaf, NID_ext_key_usage, NULL, NULL);
  if (!usage)
    return false;
  arena_defer(a, free_usage, usage);
  for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++) {
    char oid[128];
    int length =
        OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(usage, i), 1);
    if (length > 0 && (size_t)length < sizeof oid && slice_is(wanted, oid))
      return true;
  }
  return false;
}

bool cose_issuer_holds(arena *a, slice issuer, const certificate_chain *chain,
                       const char **reason) {
  slice hash, eku;
  *reason = "its issuer is not of the form did:x509:0:sha256:HASH::eku:OID";
  if (!split(issuer, &hash, &eku))
    return false;
  *reason = "no certificate of its chain has the hash that its issuer names";
  bool found = false;
  for (size_t i = 1; i < chain->count; i++)
    found = found || slice_equal(hash_text(a, chain->items[i]), hash);
  if (!found)
    return false;
  *reason = "its certificate lacks the key usage that its issuer names";
  return has_usage(a, chain->items[0], eku);
}

slice cose_issuer_of(arena *a, X509 *root, const char *eku) {
  buffer text = buffer_in(a);
  buffer_text(&text, PREFIX);
  buffer_add(&text, hash_text(a, root));
  buffer_printf(&text, POLICY "%s", eku);
  return buffer_slice(&text);
}
