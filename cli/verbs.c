/* SPDX-License-Identifier: Apache-2.0 */
/* Every verb, in the order of the overview. Compiled once for each program:
 * MAAPOL_CRYPTO, MAAPOL_REMOTE or MAAPOL_SERVE says which; none: maapol. */
#include "cli/verbs.h"

#include "cli/loopback.h"
#include "cli/policy_hash.h"
#ifndef MAAPOL_LIGHT
#include "sign/policy_hash.h"
#endif
#ifdef MAAPOL_REMOTE
#include "cli/remote/loopback.h"
#endif

#define ELSEWHERE(variable, words, line, sibling)              \
  static int run_##variable(cli *c) {                          \
    return cli_exec_sibling(c, sibling);                       \
  }                                                            \
  const cli_verb variable = {                                  \
      .name = (words), .summary = (line), .run = run_##variable};
#define HERE(variable, words, line)

/* maapol-remote signs and reads evidence too: it has what maapol-crypto has. */
#if defined MAAPOL_CRYPTO || defined MAAPOL_REMOTE
#define CRYPTO_VERB HERE
#else
#define CRYPTO_VERB(variable, words, line)                     \
  ELSEWHERE(variable, words, line, "maapol-crypto")
#endif
#ifdef MAAPOL_REMOTE
#define REMOTE_VERB HERE
#else
#define REMOTE_VERB(variable, words, line)                     \
  ELSEWHERE(variable, words, line, "maapol-remote")
#endif
#ifdef MAAPOL_SERVE
#define SERVE_VERB HERE
#else
#define SERVE_VERB(variable, words, line)                      \
  ELSEWHERE(variable, words, line, "maapol-serve")
#endif
#include "cli/sibling_verbs.h"

const cli_verb *const cli_verbs[] = {
    &verb_check,         &verb_fmt,
    &verb_eval,
    &verb_attest,        &verb_test,
    &verb_evidence_show,
    &verb_evidence_verify,
    &verb_evidence_make, &verb_sign,
    &verb_hash,
    &verb_token_show,     &verb_token_verify,
    &verb_policy_get,    &verb_policy_set,
    &verb_policy_reset,  &verb_policy_diff,
    &verb_policy_rollback,
    &verb_signer_list,   &verb_signer_add,
    &verb_signer_remove, &verb_signer_rotate,
    &verb_metadata,      &verb_certs,
    &verb_remote_attest, &verb_fetch_keys,
    &verb_serve,
    &verb_query,
    &verb_lsp,
    &verb_claims,        &verb_explain,
    &verb_completion,    &verb_version,
    &verb_complete,      &verb_option_table,
    NULL,
};

#ifdef MAAPOL_LIGHT
slice (*const cli_policy_hash)(arena *, slice) = NULL;
#else
slice (*const cli_policy_hash)(arena *, slice) = policy_hash;
#endif

#ifdef MAAPOL_REMOTE
int (*const cli_connect_loopback)(cli *, const char *, int *) =
    connect_loopback;
#else
int (*const cli_connect_loopback)(cli *, const char *, int *) = NULL;
#endif
