/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs in maapol-crypto: CRYPTO_VERB(variable, name, summary). The file of
 * the verb takes its name and summary from here too. */
CRYPTO_VERB(verb_attest, "attest",
            "evidence to claims to decision to token, offline")
CRYPTO_VERB(verb_evidence_show, "evidence show", "decode evidence, with names")
CRYPTO_VERB(verb_evidence_verify, "evidence verify",
            "verify evidence, step by step")
CRYPTO_VERB(verb_evidence_make, "evidence make",
            "make synthetic evidence under a test root")
CRYPTO_VERB(verb_hash, "hash", "policy hash and policy token hash")
