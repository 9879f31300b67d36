/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/issuer_cache.h"

#include <openssl/x509.h>

#include "sign/ec_key.h"


/* Intel has two PCK authorities and one TCB signing certificate. */
enum { ENTRIES = 16 };

typedef struct issuer_entry {
  issuer_digest key;
  certificate_chain path;
} issuer_entry;

/* A certificate by the digest of its text, as it was read. */
typedef struct leaf_entry {
  issuer_digest key;
  X509 *certificate;
} leaf_entry;

typedef struct key_entry {
  uint8_t point[EC_PUBLIC_BYTES];
  EVP_PKEY *key;
} key_entry;

/* Of fixed size: an allocation here would jump to the guard of an arena that
 * is not the request's. */
struct issuer_cache {
  issuer_entry entries[ENTRIES];
  size_t count;
  size_t next; /* the oldest, once all are taken */
  leaf_entry leaves[ENTRIES];
  size_t next_leaf;
  key_entry keys[ENTRIES];
  size_t next_key;
};

static void forget(issuer_entry *entry) {
  for (size_t i = 0; i < entry->path.count; i++)
    X509_free(entry->path.items[i]);
  entry->path.count = 0;
}

static void release(void *object) {
  issuer_cache *cache = object;
  for (size_t i = 0; i < cache->count; i++)
    forget(&cache->entries[i]);
  cache->count = 0;
  for (size_t i = 0; i < ENTRIES; i++) {
    X509_free(cache->leaves[i].certificate);
    cache->leaves[i].certificate = NULL;
    EVP_PKEY_free(cache->keys[i].key);
    cache->keys[i].key = NULL;
  }
}

issuer_cache *issuer_cache_new(arena *a) {
  issuer_cache *cache = ARENA_NEW(a, issuer_cache);
  arena_defer(a, release, cache);
  return cache;
}

size_t issuer_cache_count(const issuer_cache *cache) { return cache->count; }

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

/* Digests of public data: nothing is gained by constant time. */
static const issuer_entry *find(const issuer_cache *cache,
                                const issuer_digest *key) {
  for (size_t i = 0; i < cache->count; i++)
    if (memcmp(cache->entries[i].key.digest, key->digest,
               sizeof key->digest) == 0)
      return &cache->entries[i];
  return NULL;
}

bool issuer_cache_find(arena *a, const issuer_cache *cache,
                       const issuer_digest *key, certificate_chain *path) {
  const issuer_entry *entry = find(cache, key);
  if (!entry)
    return false;
  *path = entry->path;
  for (size_t i = 0; i < path->count; i++) {
    certificate_keep(a, path->items[i]); /* it may jump: before it counts */
    X509_up_ref(path->items[i]);
  }
  return true;
}

void issuer_cache_add(issuer_cache *cache, const issuer_digest *key,
                      X509 *const *path, size_t count) {
  if (count == 0 || count > LIMIT_CERTIFICATES || find(cache, key))
    return;
  issuer_entry *entry = &cache->entries[cache->next];
  forget(entry);
  *entry = (issuer_entry){.key = *key, .path = {.count = count}};
  for (size_t i = 0; i < count; i++) {
    X509_up_ref(path[i]);
    entry->path.items[i] = path[i];
  }
  cache->next = (cache->next + 1) % ENTRIES;
  if (cache->count < ENTRIES)
    cache->count++;
}

static X509 *find_leaf(const issuer_cache *cache, const issuer_digest *key) {
  for (size_t i = 0; i < ENTRIES; i++)
    if (cache->leaves[i].certificate &&
        memcmp(cache->leaves[i].key.digest, key->digest,
               sizeof key->digest) == 0)
      return cache->leaves[i].certificate;
  return NULL;
}

bool issuer_cache_read_leaf(arena *a, issuer_cache *cache, bytes pem,
                            certificate_chain *result) {
  const char *reason;
  issuer_digest key = issuer_digest_of(a, NULL, true, pem);
  X509 *known = find_leaf(cache, &key);
  if (known) {
    *result = (certificate_chain){.items = {known}, .count = 1};
    certificate_keep(a, known); /* it may jump: before it counts */
    X509_up_ref(known);
    return true;
  }
  if (!certificate_chain_read(a, pem, result, &reason) || result->count != 1)
    return false;
  leaf_entry *entry = &cache->leaves[cache->next_leaf];
  X509_free(entry->certificate);
  X509_up_ref(result->items[0]);
  *entry = (leaf_entry){key, result->items[0]};
  cache->next_leaf = (cache->next_leaf + 1) % ENTRIES;
  return true;
}

static void free_key(void *key) { EVP_PKEY_free(key); }

EVP_PKEY *issuer_cache_key(arena *a, issuer_cache *cache, bytes point) {
  if (point.length != EC_PUBLIC_BYTES)
    return ec_key_from_point(a, point);
  for (size_t i = 0; i < ENTRIES; i++) {
    EVP_PKEY *known = cache->keys[i].key;
    if (!known ||
        memcmp(cache->keys[i].point, point.data, EC_PUBLIC_BYTES) != 0)
      continue;
    arena_defer(a, free_key, known); /* it may jump: before it counts */
    EVP_PKEY_up_ref(known);
    return known;
  }
  EVP_PKEY *key = ec_key_from_point(a, point);
  if (!key)
    return NULL;
  key_entry *entry = &cache->keys[cache->next_key];
  EVP_PKEY_free(entry->key);
  EVP_PKEY_up_ref(key);
  entry->key = key;
  memcpy(entry->point, point.data, EC_PUBLIC_BYTES);
  cache->next_key = (cache->next_key + 1) % ENTRIES;
  return key;
}
