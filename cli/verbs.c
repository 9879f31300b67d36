/* SPDX-License-Identifier: Apache-2.0 */
/* Every verb. Those that need cryptography are in maapol-crypto, so that the
 * others start without loading it. */
#include "cli/verbs.h"

#ifdef MAAPOL_LIGHT
#define CRYPTO_VERB(variable, words, line)                     \
  static const cli_verb variable = {.name = (words), .summary = (line)};
#include "cli/crypto_verbs.h"
#undef CRYPTO_VERB
#endif

const cli_verb *const cli_verbs[] = {
    &verb_check,         &verb_eval,
    &verb_attest,        &verb_evidence_show,
    &verb_evidence_verify,
    &verb_evidence_make, &verb_hash,
    &verb_query,
    &verb_claims,        &verb_explain,
    &verb_version,
    NULL,
};
