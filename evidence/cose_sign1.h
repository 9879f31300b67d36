/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1 messages (RFC 9052 section 4.2) with a certificate chain (RFC
 * 9360), as Microsoft signs what it says of utility VMs (UVM endorsements):
 * issuer and feed stand in the protected header, as texts or as the CWT claims
 * of RFC 9597. */
#ifndef EVIDENCE_COSE_SIGN1_H
#define EVIDENCE_COSE_SIGN1_H

#include <openssl/types.h>

#include "base/limits.h"
#include "evidence/certificate.h"
#include "evidence/cose_cbor.h"

enum {
  COSE_SIGN1_TAG = 18,
  COSE_ES384 = -35,
  COSE_PS256 = -37,
  COSE_PS384 = -38,
  COSE_PS512 = -39
};

typedef struct cose_sign1 {
  bytes protected_header; /* the map's bytes, which are signed */
  bytes payload;
  bytes signature;
  int64_t algorithm;  /* COSE_PS384 ..; 0: not given */
  slice content_type; /* "application/json", or empty */
  slice issuer;       /* did:x509 .., or empty */
  slice feed;         /* "ContainerPlat-AMD-UVM", or empty */
  bool has_time;
  int64_t time; /* when it was signed, as the signer says */
  bytes certificates[LIMIT_CERTIFICATES]; /* x5chain: DER, leaf first */
  size_t certificate_count;
} cose_sign1;

/* Reads a message up to the end of r's data. Texts are checked to be printable
 * ASCII. False: r->error is filled in. */
bool cose_sign1_read(byte_reader *r, cose_sign1 *result);

/* The certificates. False: *reason (static) says why. */
bool cose_sign1_chain(arena *a, const cose_sign1 *message,
                      certificate_chain *chain, const char **reason);

/* Whether the key signed header and payload by the header's algorithm. */
bool cose_sign1_verify(arena *a, const cose_sign1 *message, EVP_PKEY *key);

/* Whether the issuer (did:x509, version 0, one policy eku) is the holder of
 * the chain: a certificate above the leaf has the named hash, the leaf the
 * named extended key usage. False: *reason says why. */
bool cose_issuer_holds(arena *a, slice issuer, const certificate_chain *chain,
                       const char **reason);

/* "did:x509:0:sha256:HASH::eku:OID" for the root. */
slice cose_issuer_of(arena *a, X509 *root, const char *eku);

/* Signs: algorithm, content type, issuer, feed, time and payload of *message
 * with the chain, whose leaf has the key. Appends the tagged message. False if
 * OpenSSL refuses. */
bool cose_sign1_write(buffer *out, const cose_sign1 *message,
                      const certificate_chain *chain, EVP_PKEY *key);

/* "PS384"; "unknown" for what is not listed above. */
const char *cose_algorithm_name(int64_t algorithm);

#endif
