/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of certificates to a trusted root, by OpenSSL. */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "evidence/certificate.h"
#include "evidence/chain.h"

/* 112 bits: RSA and DH of 2048 bits, curves of 224, SHA-224; no SHA-1. */
enum { SECURITY_LEVEL = 2 };

static void free_store(void *store) { X509_STORE_free(store); }
static void free_context(void *context) { X509_STORE_CTX_free(context); }
static void free_stack(void *stack) { sk_X509_free(stack); }

static void *kept(arena *a, void *object, void (*release)(void *)) {
  if (!object)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, release, object);
  return object;
}

static bool counts(const verifier *v, size_t index) {
  const trust_roots *roots = &v->options->roots;
  return index >= roots->builtin_count || !v->vendor ||
         slice_starts_with(slice_from(roots->names[index]), v->vendor);
}

/* Of a directory that holds a whole authority, only the root is trusted by
 * itself; the certificates under it help to build the path. Two issues of one
 * root, such as Intel's of 2018 up to 2033 and 2049, would seem to have issued
 * each other. */
static bool is_issued_by_another(const trust_roots *roots, size_t index) {
  if (X509_check_issued(roots->items[index], roots->items[index]) == X509_V_OK)
    return false;
  for (size_t i = roots->builtin_count; i < roots->count; i++)
    if (X509_cmp(roots->items[i], roots->items[index]) != 0 &&
        X509_check_issued(roots->items[i], roots->items[index]) == X509_V_OK)
      return true;
  return false;
}

/* Adds every root to the store or, if it is none, to the other certificates.
 */
static X509_STORE *trusted_store(verifier *v, STACK_OF(X509) *others) {
  const trust_roots *roots = &v->options->roots;
  X509_STORE *store = kept(v->arena, X509_STORE_new(), free_store);
  for (size_t i = 0; i < roots->count; i++) {
    bool good = true;
    if (i >= roots->builtin_count && is_issued_by_another(roots, i))
      good = sk_X509_push(others, roots->items[i]) > 0;
    else if (counts(v, i))
      good = X509_STORE_add_cert(store, roots->items[i]) == 1;
    if (!good)
      arena_fail(v->arena, ARENA_NO_MEMORY);
  }
  return store;
}

static X509_STORE_CTX *path_rules(verifier *v, X509_STORE *store, X509 *leaf,
                                  STACK_OF(X509) *others) {
  X509_STORE_CTX *context =
      kept(v->arena, X509_STORE_CTX_new(), free_context);
  if (X509_STORE_CTX_init(context, store, leaf, others) != 1)
    arena_fail(v->arena, ARENA_NO_MEMORY);
  X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(rules, (time_t)v->options->now);
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(rules, SECURITY_LEVEL);
  X509_VERIFY_PARAM_set_depth(rules, LIMIT_CERTIFICATES - 2);
  return context;
}

/* A certificate of --roots is trusted by itself, also if another one issued
 * it: hence the partial chain. */
static X509_STORE_CTX *path_builder(verifier *v, X509 *const *certificates,
                                    size_t count) {
  STACK_OF(X509) *others = kept(v->arena, sk_X509_new_null(), free_stack);
  for (size_t i = 1; i < count; i++)
    if (sk_X509_push(others, certificates[i]) < 1)
      arena_fail(v->arena, ARENA_NO_MEMORY);
  X509_STORE *store = trusted_store(v, others);
  return path_rules(v, store, certificates[0], others);
}

static const char *validity(verifier *v, const X509 *certificate) {
  return verify_text(
      v, "valid %.10s to %.10s",
      certificate_not_before(v->arena, certificate).data,
      certificate_not_after(v->arena, certificate).data);
}

static const char *subject(verifier *v, const X509 *certificate) {
  return certificate_subject(v->arena, certificate).data;
}

static bool issuer_is_missing(int error) {
  return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

static bool is_untrusted_root(int error) {
  return error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
         error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
}

static void explain_failure(verifier *v, const X509_STORE_CTX *context,
                            const char *what) {
  int error = X509_STORE_CTX_get_error(context);
  const X509 *at = X509_STORE_CTX_get_current_cert(context);
  if (at && issuer_is_missing(error)) {
    verify_skipped(v, what,
                   verify_text(v, "no certificate of the issuer is known: %s",
                               certificate_issuer(v->arena, at).data));
    return;
  }
  const char *why = X509_verify_cert_error_string(error);
  if (is_untrusted_root(error))
    why = "the chain ends at a root that is not trusted";
  else if (at)
    why = verify_text(v, "%s (%s)", why, validity(v, at));
  verify_step(v, false, what, at ? subject(v, at) : NULL, why);
}

/* OpenSSL would accept issuers of X.509 version 1 and such without basic
 * constraints. */
static bool issuers_are_authorities(verifier *v, STACK_OF(X509) *path,
                                    const char *what) {
  for (int i = 1; i < sk_X509_num(path); i++)
    if (X509_check_ca(sk_X509_value(path, i)) != 1)
      return verify_step(v, false, what, subject(v, sk_X509_value(path, i)),
                         "it may not issue certificates");
  return true;
}

const char *verify_root_name(const verifier *v, const X509 *root) {
  const trust_roots *roots = &v->options->roots;
  for (size_t i = 0; i < roots->count; i++)
    if (counts(v, i) && X509_cmp(roots->items[i], root) == 0)
      return roots->names[i];
  return NULL;
}

static const char *explain_link(verifier *v, const certificate_chain *path,
                                size_t i, const char *root_name) {
  bool is_root = i + 1 == path->count;
  const char *issuer =
      is_root ? verify_text(v, "trusted root: %s", root_name)
              : verify_text(v, "signed by %s", subject(v, path->items[i + 1]));
  return verify_text(v, "%s; %s", issuer, validity(v, path->items[i]));
}

static void explain_path(verifier *v, const certificate_chain *path,
                         const char *what, const char *root_name) {
  bool is_told = verify_needs_words(v, true);
  for (size_t i = 0; i < path->count; i++)
    verify_step(v, true, what, verify_subject(v, true, path->items[i]),
                is_told ? explain_link(v, path, i, root_name) : NULL);
}

bool verify_path_holds(verifier *v, const certificate_chain *path,
                       const char *what) {
  const char *name = verify_root_name(v, path->items[path->count - 1]);
  if (!name)
    return verify_step(v, false, what, NULL, "the chain is too long");
  explain_path(v, path, what, name);
  if (!v->root)
    v->root = name;
  return true;
}

bool verify_path(verifier *v, X509 *const *certificates, size_t count,
                 const char *what, certificate_chain *path,
                 const char **root_name) {
  if (count == 0)
    return verify_step(v, false, what, NULL, "there is no certificate");
  X509_STORE_CTX *context = path_builder(v, certificates, count);
  bool holds = X509_verify_cert(context) == 1;
  ERR_clear_error();
  if (!holds) {
    explain_failure(v, context, what);
    return false;
  }
  STACK_OF(X509) *found = X509_STORE_CTX_get0_chain(context);
  int length = sk_X509_num(found);
  if (!issuers_are_authorities(v, found, what))
    return false;
  if (length > LIMIT_CERTIFICATES)
    return verify_step(v, false, what, NULL, "the chain is too long");
  *path = (certificate_chain){.count = (size_t)length};
  for (int i = 0; i < length; i++)
    path->items[i] = sk_X509_value(found, i);
  if (root_name)
    *root_name = verify_root_name(v, path->items[path->count - 1]);
  return verify_path_holds(v, path, what);
}

bool verify_leaf_of(verifier *v, X509 *leaf, X509 *issuer) {
  X509_STORE *store = kept(v->arena, X509_STORE_new(), free_store);
  if (X509_STORE_add_cert(store, issuer) != 1)
    arena_fail(v->arena, ARENA_NO_MEMORY);
  X509_STORE_CTX *context = path_rules(v, store, leaf, NULL);
  bool holds = X509_verify_cert(context) == 1 &&
               sk_X509_num(X509_STORE_CTX_get0_chain(context)) == 2;
  ERR_clear_error();
  return holds;
}

bool verify_chain(verifier *v, X509 *const *certificates, size_t count,
                  const char *what, const char **root_name) {
  certificate_chain path;
  return verify_path(v, certificates, count, what, &path, root_name);
}
