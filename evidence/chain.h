/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of evidence/chain.c that evidence/known_chain.c needs. */
#ifndef EVIDENCE_CHAIN_H
#define EVIDENCE_CHAIN_H

#include "evidence/verify.h"

/* The name under which a root is trusted here and now, or NULL. */
const char *verify_root_name(const verifier *v, const X509 *root);

/* Adds the steps of a path of which everything was checked, and its root. */
bool verify_path_holds(verifier *v, const certificate_chain *path,
                       const char *what);

/* Whether an issuer, taken for trusted, issued the leaf, and both are valid
 * now: everything that OpenSSL checks of a path. Adds no step. */
bool verify_leaf_of(verifier *v, X509 *leaf, X509 *issuer);

#endif
