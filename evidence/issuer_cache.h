/* SPDX-License-Identifier: Apache-2.0 */
/* Verified issuers by the digest of the text that they came in. Evidence of
 * many machines has the same few issuers, and reading and verifying them costs
 * more than all else:
 *
 *   options.issuers = issuer_cache_new(a);
 *   for (;;)
 *     evidence_verify(request_arena, &e, &options);
 *
 * It remembers that a chain ends at a root by its signatures and extensions,
 * which never changes. What changes is asked again each time: whether the root
 * is still among the options' roots, whether every certificate is valid at
 * options->now, and whether one is revoked. The leaf's signature and dates are
 * checked each time. It is only not read again if its text was read before, nor
 * its extensions and names looked at if they were under the same issuer:
 * OpenSSL takes twice as long to read a certificate as to check a signature.
 *
 * A cache belongs to one options object and one thread. It has a few entries
 * and takes no memory later.
 */
#ifndef EVIDENCE_ISSUER_CACHE_H
#define EVIDENCE_ISSUER_CACHE_H

#include "evidence/certificate.h"
#include "sign/digest.h"
#include "sign/ec_checks.h"

typedef struct issuer_cache issuer_cache;

/* An empty cache in an arena that lives as long as the options. */
issuer_cache *issuer_cache_new(arena *a);

/* How many chains it remembers. */
size_t issuer_cache_count(const issuer_cache *cache);

/* --- for verification ----------------------------------------------------- */

typedef struct issuer_digest {
  uint8_t digest[SHA256_BYTES];
} issuer_digest;

/* The key of issuers in PEM, of a vendor (NULL: any) whose roots count. whole:
 * the text begins with the leaf, which is then remembered too. */
issuer_digest issuer_digest_of(arena *a, const char *vendor, bool whole,
                               bytes pem);

/* The path that was remembered, root last; its certificates live as long as
 * the arena. False: there is none all of which is valid at `now`. */
bool issuer_cache_find(arena *a, const issuer_cache *cache,
                       const issuer_digest *key, int64_t now,
                       certificate_chain *path);

/* Reads a text of one certificate, the leaf, or takes what it was read to
 * before; nothing is said of its worth. False: it is not one certificate. */
bool issuer_cache_read_leaf(arena *a, issuer_cache *cache, bytes pem,
                            certificate_chain *result);

/* Whether a leaf that issuer_cache_read_leaf gave is one that the issuer may
 * certify, as issuer_cache_add_leaf was told, is valid at `now`, and bears the
 * issuer's signature. False also if it is not known. */
bool issuer_cache_leaf_holds(issuer_cache *cache, const X509 *leaf,
                             const X509 *issuer, int64_t now);

/* Remembers, of a leaf that was verified in full under that issuer, what its
 * signature is checked over. Of other algorithms than ECDSA P-256 with SHA-256
 * nothing is. */
void issuer_cache_add_leaf(arena *a, issuer_cache *cache, X509 *leaf,
                           X509 *issuer);

/* Prepared checks of signatures by keys of this cache; NULL of no cache. */
ec_checks *issuer_cache_checks(issuer_cache *cache);

/* The P-256 key of a point, x || y, of an attestation key, or what was made of
 * it before; as ec_key_from_point says. cache: NULL for none. */
EVP_PKEY *issuer_cache_key(arena *a, issuer_cache *cache, bytes point);

/* Remembers a path that was verified, in the oldest one's place if need be. */
void issuer_cache_add(issuer_cache *cache, const issuer_digest *key,
                      X509 *const *path, size_t count);

#endif
