/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs of the sibling programs: CRYPTO_VERB, REMOTE_VERB and SERVE_VERB
 * (variable, name, summary). Every program knows the names of all verbs, has
 * its own and those without cryptography, and executes the sibling for the
 * others. A verb without summary (NULL) is not listed: it is for siblings. */
CRYPTO_VERB(verb_attest, "attest",
            "evidence to claims to decision to token, offline")
CRYPTO_VERB(verb_test, "test", "run the tests of policies: *.maatest.json")
CRYPTO_VERB(verb_evidence_show, "evidence show",
             "decode evidence or event logs, with names")
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
REMOTE_VERB(verb_policy_get, "policy get",
            "the policy in force on the service")
REMOTE_VERB(verb_policy_set, "policy set",
            "put a policy into force, with proof")
REMOTE_VERB(verb_policy_reset, "policy reset",
            "back to the service's default policy")
REMOTE_VERB(verb_policy_diff, "policy diff",
            "local policies against those in force")
REMOTE_VERB(verb_policy_rollback, "policy rollback",
            "restore the policy before the last change")
REMOTE_VERB(verb_signer_list, "signer list",
            "the policy signers of an isolated instance")
REMOTE_VERB(verb_signer_add, "signer add",
            "let another certificate sign policies")
REMOTE_VERB(verb_signer_remove, "signer remove",
            "no longer let a certificate sign policies")
REMOTE_VERB(verb_signer_rotate, "signer rotate",
            "replace a policy signer: add, prove, remove")
REMOTE_VERB(verb_metadata, "metadata", "the OpenID metadata of an instance")
REMOTE_VERB(verb_certs, "certs", "the signing keys of an instance")
REMOTE_VERB(verb_remote_attest, "remote-attest", NULL)
REMOTE_VERB(verb_fetch_keys, "fetch-keys", NULL)
