/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/cli.h"

extern const cli_verb verb_check, verb_claims, verb_eval, verb_explain,
    verb_query, verb_version;

#ifndef MAAPOL_LIGHT
#define CRYPTO_VERB(variable, words, line) extern const cli_verb variable;
#include "cli/crypto_verbs.h"
#undef CRYPTO_VERB
#endif

#endif
