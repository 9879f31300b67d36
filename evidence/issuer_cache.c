/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/issuer_cache.h"

#include <openssl/x509.h>

#include "evidence/der.h"
#include "sign/ec_key.h"

/* Intel has two PCK authorities and one TCB signing certificate. */
enum { SLOTS = 16 };

/* What was made of a text or of a point, by the digest of the former or by the
 * latter itself. */
typedef struct slot {
  uint8_t name[EC_PUBLIC_BYTES];
  certificate_chain path;
  int64_t from, until; /* while all of the path is valid */
  X509 *issuer;        /* of a leaf: under which it was verified, or NULL */
  uint8_t signed_hash[SHA256_BYTES]; /* what that issuer's signature is over */
  EVP_PKEY *key;
} slot;

/* Of fixed size: an allocation here would jump to the guard of an arena that
 * is not the request's. */
typedef struct slot_table {
  slot slots[SLOTS];
  size_t count;
  size_t next; /* the oldest, once all are taken */
} slot_table;

/* Each has its own room: leaves of a thousand machines push out no issuer. */
struct issuer_cache {
  slot_table paths, leaves, keys;
  ec_checks *checks;
};

/* --- slots ---------------------------------------------------------------- */

/* Names of one table are of one length. They are public: nothing is gained by
 * constant time. */
static const slot *find(const slot_table *table, bytes name) {
  for (size_t i = 0; i < table->count; i++)
    if (memcmp(table->slots[i].name, name.data, name.length) == 0)
      return &table->slots[i];
  return NULL;
}

static void forget(slot *s) {
  for (size_t i = 0; i < s->path.count; i++)
    X509_free(s->path.items[i]);
  X509_free(s->issuer);
  EVP_PKEY_free(s->key);
  *s = (slot){0};
}

/* An empty slot of that name, in the oldest one's place if need be. */
static slot *take_slot(slot_table *table, bytes name) {
  slot *s = &table->slots[table->next];
  forget(s);
  memcpy(s->name, name.data, name.length);
  table->next = (table->next + 1) % SLOTS;
  if (table->count < SLOTS)
    table->count++;
  return s;
}

/* While all of a path is valid; never, where a time is none. */
static void set_validity(slot *s) {
  s->from = INT64_MIN;
  s->until = INT64_MAX;
  for (size_t i = 0; i < s->path.count; i++) {
    int64_t from, until;
    if (!certificate_validity(s->path.items[i], &from, &until))
      from = INT64_MAX, until = INT64_MIN;
    if (from > s->from)
      s->from = from;
    if (until < s->until)
      s->until = until;
  }
}

static bool is_valid(const slot *s, int64_t now) {
  return s->from <= now && now < s->until;
}

static void add_path(slot_table *table, bytes name, X509 *const *path,
                     size_t count) {
  slot *s = take_slot(table, name);
  for (size_t i = 0; i < count; i++) {
    X509_up_ref(path[i]);
    s->path.items[s->path.count++] = path[i];
  }
  set_validity(s);
}

/* A reference of the arena's to each certificate. Counted before it is kept:
 * where there is no memory to keep it, it is given back at once. */
static void lend_path(arena *a, const slot *s, certificate_chain *path) {
  *path = s->path;
  for (size_t i = 0; i < path->count; i++) {
    X509_up_ref(path->items[i]);
    certificate_keep(a, path->items[i]);
  }
}

static bytes name_of(const issuer_digest *digest) {
  return (bytes){digest->digest, sizeof digest->digest};
}

/* --- the cache ------------------------------------------------------------ */

static void forget_all(slot_table *table) {
  for (size_t i = 0; i < table->count; i++)
    forget(&table->slots[i]);
  table->count = 0;
}

static void release(void *object) {
  issuer_cache *cache = object;
  forget_all(&cache->paths);
  forget_all(&cache->leaves);
  forget_all(&cache->keys);
}

issuer_cache *issuer_cache_new(arena *a) {
  issuer_cache *cache = ARENA_NEW(a, issuer_cache);
  cache->checks = ec_checks_new(a);
  arena_defer(a, release, cache);
  return cache;
}

size_t issuer_cache_count(const issuer_cache *cache) {
  return cache->paths.count;
}

issuer_digest issuer_digest_of(arena *a, const char *vendor, bool whole,
                               bytes pem) {
  issuer_digest key = {{0}};
  static const uint8_t kinds[] = {0, 1};
  bytes parts[] = {bytes_from_slice(slice_from(vendor ? vendor : "")),
                   {&kinds[whole ? 1 : 0], 1},
                   pem};
  digest_sha256_parts(a, parts, 3, key.digest);
  return key;
}

bool issuer_cache_find(arena *a, const issuer_cache *cache,
                       const issuer_digest *key, int64_t now,
                       certificate_chain *path) {
  const slot *known = find(&cache->paths, name_of(key));
  if (!known || !is_valid(known, now))
    return false;
  lend_path(a, known, path);
  return true;
}

void issuer_cache_add(issuer_cache *cache, const issuer_digest *key,
                      X509 *const *path, size_t count) {
  if (count > 0 && count <= LIMIT_CERTIFICATES &&
      !find(&cache->paths, name_of(key)))
    add_path(&cache->paths, name_of(key), path, count);
}

bool issuer_cache_read_leaf(arena *a, issuer_cache *cache, bytes pem,
                            certificate_chain *result) {
  const char *reason;
  issuer_digest key = issuer_digest_of(a, NULL, true, pem);
  const slot *known = find(&cache->leaves, name_of(&key));
  if (known) {
    lend_path(a, known, result);
    return true;
  }
  if (!certificate_chain_read(a, pem, result, &reason) || result->count != 1)
    return false;
  add_path(&cache->leaves, name_of(&key), result->items, 1);
  return true;
}

/* --- leaves --------------------------------------------------------------- */

static slot *find_leaf(issuer_cache *cache, const X509 *leaf) {
  slot_table *table = &cache->leaves;
  for (size_t i = 0; i < table->count; i++)
    if (table->slots[i].path.count && table->slots[i].path.items[0] == leaf)
      return &table->slots[i];
  return NULL;
}

bool issuer_cache_leaf_holds(issuer_cache *cache, const X509 *leaf,
                             const X509 *issuer, int64_t now) {
  const ASN1_BIT_STRING *signature;
  const slot *known = find_leaf(cache, leaf);
  if (!known || !issuer || known->issuer != issuer || !is_valid(known, now))
    return false;
  X509_get0_signature(&signature, NULL, leaf);
  return ec_checks_verify_hash(cache->checks, X509_get0_pubkey(issuer),
                               known->signed_hash,
                               (bytes){ASN1_STRING_get0_data(signature),
                                       (size_t)ASN1_STRING_length(signature)});
}

/* Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature };
 * the signature is over the first, as it was read. */
static bool hash_signed_part(arena *a, X509 *certificate,
                             uint8_t hash[SHA256_BYTES]) {
  int length = i2d_X509(certificate, NULL);
  if (length <= 0)
    return false;
  uint8_t tag, *der = arena_alloc(a, (size_t)length), *end = der;
  bytes whole = {der, (size_t)length}, inside, content;
  if (i2d_X509(certificate, &end) != length ||
      !der_next(&whole, &tag, &inside))
    return false;
  bytes rest = inside;
  if (!der_next(&rest, &tag, &content))
    return false;
  digest_sha256(a, (bytes){inside.data, (size_t)(rest.data - inside.data)},
                hash);
  return true;
}

void issuer_cache_add_leaf(arena *a, issuer_cache *cache, X509 *leaf,
                           X509 *issuer) {
  uint8_t hash[SHA256_BYTES];
  slot *known = find_leaf(cache, leaf);
  if (!known || X509_get_signature_nid(leaf) != NID_ecdsa_with_SHA256 ||
      !hash_signed_part(a, leaf, hash))
    return;
  X509_free(known->issuer);
  X509_up_ref(issuer);
  known->issuer = issuer;
  memcpy(known->signed_hash, hash, sizeof hash);
}

/* --- keys ----------------------------------------------------------------- */

ec_checks *issuer_cache_checks(issuer_cache *cache) {
  return cache ? cache->checks : NULL;
}

static void free_key(void *key) { EVP_PKEY_free(key); }

EVP_PKEY *issuer_cache_key(arena *a, issuer_cache *cache, bytes point) {
  if (!cache || point.length != EC_PUBLIC_BYTES)
    return ec_key_from_point(a, point);
  const slot *known = find(&cache->keys, point);
  if (known) {
    EVP_PKEY_up_ref(known->key); /* as in lend_path */
    arena_defer(a, free_key, known->key);
    return known->key;
  }
  EVP_PKEY *key = ec_key_from_point(a, point);
  if (key) {
    EVP_PKEY_up_ref(key);
    take_slot(&cache->keys, point)->key = key;
  }
  return key;
}
