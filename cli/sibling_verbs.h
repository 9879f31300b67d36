/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs of the sibling programs: CRYPTO_VERB, REMOTE_VERB and SERVE_VERB
 * (variable, name, summary). Every program knows the names of all verbs, has
 * its own and those without cryptography, and executes the sibling for the
 * others. A verb without summary (NULL) is not listed: it is for siblings. */
CRYPTO_VERB(verb_attest, "attest",
            "evidence to claims to decision to token, offline")
CRYPTO_VERB(verb_evidence_show, "evidence show", "decode evidence, with names")
CRYPTO_VERB(verb_evidence_verify, "evidence verify",
            "verify evidence, step by step")
CRYPTO_VERB(verb_evidence_make, "evidence make",
            "make synthetic evidence under a test root")
CRYPTO_VERB(verb_sign, "sign",
            "policy, reset and certificate tokens, signed or not")
CRYPTO_VERB(verb_token_show, "token show",
            "lay a token open: header, claims, times, policy")
CRYPTO_VERB(verb_token_verify, "token verify",
            "verify a token's signature, issuer, times")
CRYPTO_VERB(verb_hash, "hash", "policy hash and policy token hash")
SERVE_VERB(verb_serve, "serve", "an emulator of the service, for tests")
