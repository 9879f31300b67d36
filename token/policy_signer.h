/* SPDX-License-Identifier: Apache-2.0 */
/* Who signs policy tokens: a certificate, the chain above it, an algorithm.
 * Where its private key lies does not matter here.
 *
 *   if (!policy_signer_make(a, &question, &signer, &warnings, &reason))
 *     return refuse(reason);
 */
#ifndef TOKEN_POLICY_SIGNER_H
#define TOKEN_POLICY_SIGNER_H

#include "evidence/certificate.h"
#include "sign/public_key.h"
#include "token/notes.h"

typedef struct policy_signer {
  jws_algorithm algorithm;
  certificate_chain chain; /* leaf first, each issued by the next */
  public_key *key;         /* of the leaf */
} policy_signer;

typedef struct policy_signer_question {
  const certificate_chain *given; /* in any order, the leaf first unless.. */
  EVP_PKEY *key;                  /* ..its key is known; NULL: it is not */
  jws_algorithm algorithm;        /* JWS_UNKNOWN: what suits the key */
  int64_t now;                    /* seconds since the epoch */
} policy_signer_question;

/* Finds the key's certificate, puts the chain in order, and checks what the
 * service would refuse: a certificate of another key or out of its time, RSA
 * below 2048 bits, an algorithm that is not the key's. Certificates that are
 * no part of the chain are dropped with a warning. Warns of algorithms that
 * are not documented and of a root without CA:TRUE. False: *reason says why,
 * in the arena. */
bool policy_signer_make(arena *a, const policy_signer_question *question,
                        policy_signer *signer, notes *warnings,
                        const char **reason);

#endif
