/* SPDX-License-Identifier: Apache-2.0 */
/* A certification authority for synthetic evidence: the same three levels as
 * Intel's (root CA, PCK processor CA, PCK certificate), under names that
 * nobody can take for Intel's. In a directory it consists of
 *
 *   root-ca.pem  processor-ca.pem  pck.pem     certificates
 *   root-ca.key  processor-ca.key  pck.key     P-256 keys, mode 0600
 *
 * and is used again; pck.pem is issued anew each time, since it carries the
 * platform's values.
 */
#ifndef EVIDENCE_TEST_PKI_H
#define EVIDENCE_TEST_PKI_H

#include <openssl/types.h>

#include "evidence/evidence.h"
#include "evidence/pck_extension.h"

typedef struct test_pki {
  const char *directory; /* NULL: nothing is kept */
  EVP_PKEY *root_key, *ca_key, *pck_key;
  X509 *root, *ca;
  X509 *pck; /* NULL until it is issued */
} test_pki;

/* Opens the authority in a directory, which is made if need be, or makes one
 * in memory alone (directory NULL). False: *error says why. */
bool test_pki_open(arena *a, const char *directory, test_pki *result,
                   evidence_error *error);

/* Issues pki->pck, and appends the chain as a quote carries it: leaf, processor
 * CA, root in PEM. */
bool test_pki_issue(arena *a, test_pki *pki,
                    const pck_extension *platform, buffer *chain,
                    evidence_error *error);

/* --- for evidence of other makers ----------------------------------------- */

/* A certificate below an authority: of an intermediate or of a leaf. */
typedef struct test_certificate {
  X509 *issuer;
  EVP_PKEY *issuer_key;
  const char *name; /* common name */
  EVP_PKEY *key;    /* its own */
  /* Adds what else it shall say; may be NULL. False: OpenSSL refused. */
  bool (*extend)(X509 *certificate, const void *context);
  const void *context;
} test_certificate;

/* An intermediate authority below the root: STEM.pem and STEM.key in the
 * directory, used again. */
bool test_pki_authority(arena *a, const test_pki *pki, const char *stem,
                        const char *name, X509 **certificate, EVP_PKEY **key,
                        evidence_error *error);

/* Issues a leaf for digital signatures. */
bool test_pki_certify(arena *a, const test_certificate *what, X509 **result,
                      evidence_error *error);

/* Writes a file into a directory, which is made if need be; all of it or
 * nothing. */
bool test_pki_write(arena *a, const char *directory, const char *name,
                    slice content, evidence_error *error);

/* Adds a non-critical extension with that dotted OID and content. */
bool test_pki_add_extension(X509 *certificate, const char *oid, bytes content);

#endif
