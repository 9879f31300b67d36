/* SPDX-License-Identifier: Apache-2.0 */
/* Chains whose issuers were verified before (evidence/issuer_cache.h). Wherever
 * anything is in doubt, the whole chain is read and verified as if nothing were
 * known, so that memory can only save time. */
#include "evidence/chain.h"

/* What stands behind the first certificate; empty if nothing does. */
static bytes behind_first(bytes pem) {
  static const char end[] = "-----END CERTIFICATE-----";
  size_t length = sizeof end - 1;
  for (size_t i = 0; i + length <= pem.length; i++)
    if (pem.data[i] == '-' && memcmp(pem.data + i, end, length) == 0)
      return (bytes){pem.data + i + length, pem.length - i - length};
  return (bytes){NULL, 0};
}

/* Up to a root that counts here and now. */
static bool may_be_used(const verifier *v, const certificate_chain *path) {
  return verify_root_name(v, path->items[path->count - 1]) != NULL;
}

/* The leaf alone is read, before issuers that are known. */
static bool read_leaf(verifier *v, bytes pem, bytes rest,
                      const certificate_chain *issuers,
                      certificate_chain *result) {
  bytes first = {pem.data, (size_t)(rest.data - pem.data)};
  if (issuers->count >= LIMIT_CERTIFICATES ||
      !issuer_cache_read_leaf(v->arena, v->options->issuers, first, result))
    return false;
  for (size_t i = 0; i < issuers->count; i++)
    result->items[result->count++] = issuers->items[i];
  return true;
}

static void find_known(verifier *v, bytes rest, presented_chain *chain) {
  certificate_chain known;
  if (!issuer_cache_find(v->arena, v->options->issuers, &chain->key,
                         v->options->now, &known) ||
      !may_be_used(v, &known))
    return;
  chain->is_known = true;
  if (chain->whole)
    chain->certificates = known;
  else
    chain->is_known =
        read_leaf(v, chain->pem, rest, &known, &chain->certificates);
}

bool verify_read_chain(verifier *v, bytes pem, bool whole,
                       presented_chain *chain, const char **reason) {
  bytes rest = behind_first(pem);
  *chain = (presented_chain){.pem = pem,
                             .whole = whole,
                             .has_key = v->options->issuers &&
                                        rest.length > 0 &&
                                        pem.length <= LIMIT_EVIDENCE_BYTES};
  if (chain->has_key) {
    chain->key =
        issuer_digest_of(v->arena, v->vendor, whole, whole ? pem : rest);
    find_known(v, rest, chain);
  }
  return chain->is_known ||
         certificate_chain_read(v->arena, pem, &chain->certificates, reason);
}

/* Its signature and dates each time, all else once under the same issuer. */
static bool leaf_holds(verifier *v, X509 *leaf, X509 *issuer) {
  issuer_cache *cache = v->options->issuers;
  if (issuer_cache_leaf_holds(cache, leaf, issuer, v->options->now))
    return true;
  if (!verify_leaf_of(v, leaf, issuer))
    return false;
  issuer_cache_add_leaf(v->arena, cache, leaf, issuer);
  return true;
}

static bool verify_known(verifier *v, const presented_chain *chain,
                         const char *what, certificate_chain *path) {
  const certificate_chain *c = &chain->certificates;
  if (!chain->is_known ||
      (!chain->whole && !leaf_holds(v, c->items[0], c->items[1])))
    return false;
  *path = *c;
  return verify_path_holds(v, path, what);
}

/* What was read before is not what the text says in full. */
static bool read_again(verifier *v, const presented_chain *chain,
                       certificate_chain *result, const char **reason) {
  *result = chain->certificates;
  return !chain->is_known ||
         certificate_chain_read(v->arena, chain->pem, result, reason);
}

bool verify_presented(verifier *v, const presented_chain *chain,
                      const char *what, certificate_chain *path) {
  certificate_chain all;
  const char *reason;
  size_t from = chain->whole ? 0 : 1;
  if (verify_known(v, chain, what, path))
    return true;
  if (!read_again(v, chain, &all, &reason))
    return verify_step(v, false, what, NULL, reason);
  if (!verify_path(v, all.items, all.count, what, path, NULL))
    return false;
  if (chain->has_key && path->count >= 2)
    issuer_cache_add(v->options->issuers, &chain->key, path->items + from,
                     path->count - from);
  return true;
}
