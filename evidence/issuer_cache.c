/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/issuer_cache.h"

#include <openssl/x509.h>

#include "sign/ec_key.h"

/* Intel has two PCK authorities and one TCB signing certificate. */
enum { SLOTS = 16 };

/* What was made of a text or of a point, by the digest of the former or by the
 * latter itself. */
typedef struct slot {
  uint8_t name[EC_PUBLIC_BYTES];
  certificate_chain path;
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

static void add_path(slot_table *table, bytes name, X509 *const *path,
                     size_t count) {
  slot *s = take_slot(table, name);
  for (size_t i = 0; i < count; i++) {
    X509_up_ref(path[i]);
    s->path.items[s->path.count++] = path[i];
  }
}

/* The certificates of that name, which live as long as the arena. */
static bool find_path(arena *a, const slot_table *table, bytes name,
                      certificate_chain *path) {
  const slot *known = find(table, name);
  if (!known)
    return false;
  *path = known->path;
  for (size_t i = 0; i < path->count; i++) {
    certificate_keep(a, path->items[i]); /* it may jump: before it counts */
    X509_up_ref(path->items[i]);
  }
  return true;
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
                       const issuer_digest *key, certificate_chain *path) {
  return find_path(a, &cache->paths, name_of(key), path);
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
  if (find_path(a, &cache->leaves, name_of(&key), result))
    return true;
  if (!certificate_chain_read(a, pem, result, &reason) || result->count != 1)
    return false;
  add_path(&cache->leaves, name_of(&key), result->items, 1);
  return true;
}

static void free_key(void *key) { EVP_PKEY_free(key); }

EVP_PKEY *issuer_cache_key(arena *a, issuer_cache *cache, bytes point) {
  if (!cache || point.length != EC_PUBLIC_BYTES)
    return ec_key_from_point(a, point);
  const slot *known = find(&cache->keys, point);
  if (known) {
    arena_defer(a, free_key, known->key); /* it may jump: before it counts */
    EVP_PKEY_up_ref(known->key);
    return known->key;
  }
  EVP_PKEY *key = ec_key_from_point(a, point);
  if (key) {
    EVP_PKEY_up_ref(key);
    take_slot(&cache->keys, point)->key = key;
  }
  return key;
}
