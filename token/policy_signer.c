/* SPDX-License-Identifier: Apache-2.0 */
#include "token/policy_signer.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <time.h>

#include "sign/private_key.h"

static bool refuse(arena *a, const char **reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(arena *a, const char **reason, const char *format, ...) {
  buffer text = buffer_in(a);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  *reason = buffer_slice(&text).data;
  return false;
}

static const char *subject(arena *a, const X509 *one) {
  return arena_string(a, certificate_subject(a, one));
}

/* --- chain ---------------------------------------------------------------- */

static bool is_own(X509 *one, EVP_PKEY *key) {
  EVP_PKEY *certified = X509_get0_pubkey(one);
  return certified && EVP_PKEY_eq(certified, key) == 1;
}

static X509 *find_leaf(const policy_signer_question *question) {
  const certificate_chain *given = question->given;
  if (!question->key)
    return given->count ? given->items[0] : NULL;
  for (size_t i = 0; i < given->count; i++)
    if (is_own(given->items[i], question->key))
      return given->items[i];
  return NULL;
}

/* By name and by signature; two roots may have one name. */
static bool is_issued(X509 *one, X509 *issuer) {
  EVP_PKEY *key = X509_get0_pubkey(issuer);
  return key && X509_check_issued(issuer, one) == X509_V_OK &&
         X509_verify(one, key) == 1;
}

static bool is_in(const certificate_chain *chain, const X509 *one) {
  for (size_t i = 0; i < chain->count; i++)
    if (X509_cmp(chain->items[i], one) == 0)
      return true;
  return false;
}

static X509 *next_of(const certificate_chain *given,
                     const certificate_chain *chain) {
  X509 *last = chain->items[chain->count - 1];
  for (size_t i = 0; i < given->count; i++)
    if (!is_in(chain, given->items[i]) && is_issued(last, given->items[i]))
      return given->items[i];
  return NULL;
}

static void build_chain(arena *a, const certificate_chain *given, X509 *leaf,
                        certificate_chain *chain, notes *warnings) {
  *chain = (certificate_chain){.items = {leaf}, .count = 1};
  X509 *next;
  while (chain->count < LIMIT_CERTIFICATES &&
         (next = next_of(given, chain)) != NULL)
    chain->items[chain->count++] = next;
  for (size_t i = 0; i < given->count; i++)
    if (!is_in(chain, given->items[i]))
      note_add(warnings, "certificate %s is no part of the signer's chain",
               subject(a, given->items[i]));
}

/* --- what the service would refuse ---------------------------------------- */

static bool check_times(arena *a, const policy_signer *signer, int64_t now,
                        const char **reason) {
  time_t at = (time_t)now;
  for (size_t i = 0; i < signer->chain.count; i++) {
    X509 *one = signer->chain.items[i];
    if (X509_cmp_time(X509_get0_notBefore(one), &at) > 0)
      return refuse(a, reason, "certificate %s is not valid before %s",
                    subject(a, one),
                    arena_string(a, certificate_not_before(a, one)));
    if (X509_cmp_time(X509_get0_notAfter(one), &at) < 0)
      return refuse(a, reason, "certificate %s expired at %s",
                    subject(a, one),
                    arena_string(a, certificate_not_after(a, one)));
  }
  return true;
}

static jws_algorithm algorithm_of(const public_key *key) {
  jws_algorithm own = JWS_RS256;
  if (public_key_type(key) == JWS_KEY_EC)
    for (own = JWS_ES256; own < JWS_UNKNOWN; own++)
      if (public_key_allows(key, own))
        break;
  return own;
}

static bool check_key(arena *a, policy_signer *signer,
                      const policy_signer_question *question,
                      const char **reason) {
  const char *why;
  signer->key =
      public_key_from_certificate(a, signer->chain.items[0], &why);
  if (!signer->key)
    return refuse(a, reason, "the certificate's key: %s", why);
  unsigned bits = public_key_bits(signer->key);
  if (public_key_type(signer->key) == JWS_KEY_RSA &&
      (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX))
    return refuse(a, reason,
                  "the certificate's RSA key has %u bits; from %d to %d are "
                  "allowed",
                  bits, RSA_BITS_MIN, RSA_BITS_MAX);
  signer->algorithm = question->algorithm == JWS_UNKNOWN
                          ? algorithm_of(signer->key)
                          : question->algorithm;
  if (!public_key_allows(signer->key, signer->algorithm))
    return refuse(a, reason, "a key %s does not sign %s",
                  public_key_description(a, signer->key),
                  jws_algorithm_name(signer->algorithm));
  return true;
}

/* --- what it may refuse --------------------------------------------------- */

static void warn_of_root(arena *a, const policy_signer *signer,
                         notes *warnings) {
  for (size_t i = 0; i < signer->chain.count; i++) {
    X509 *one = signer->chain.items[i];
    bool is_root = X509_check_issued(one, one) == X509_V_OK;
    /* 1: basicConstraints with CA:TRUE; other values tolerate old forms. */
    if ((i > 0 || is_root) && X509_check_ca(one) != 1)
      note_add(warnings,
               "certificate %s signs others and has no basicConstraints "
               "CA:TRUE; the service refuses such a %s",
               subject(a, one), is_root ? "root" : "chain");
  }
}

static void warn(arena *a, const policy_signer *signer, notes *warnings) {
  if (signer->algorithm != JWS_RS256)
    note_add(warnings,
             "the service documents RS256 only; whether it takes %s is not "
             "known",
             jws_algorithm_name(signer->algorithm));
  uint32_t usage = X509_get_key_usage(signer->chain.items[0]);
  if (!(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
    note_add(warnings, "certificate %s is not for signatures (keyUsage)",
             subject(a, signer->chain.items[0]));
  warn_of_root(a, signer, warnings);
}

bool policy_signer_make(arena *a, const policy_signer_question *question,
                        policy_signer *signer, notes *warnings,
                        const char **reason) {
  *signer = (policy_signer){0};
  if (!question->given->count)
    return refuse(a, reason, "there is no certificate");
  X509 *leaf = find_leaf(question);
  if (!leaf)
    return refuse(a, reason, "no certificate is that of the private key");
  build_chain(a, question->given, leaf, &signer->chain, warnings);
  bool good = check_key(a, signer, question, reason) &&
              check_times(a, signer, question->now, reason);
  if (good)
    warn(a, signer, warnings);
  ERR_clear_error();
  return good;
}
