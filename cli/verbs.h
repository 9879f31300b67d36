/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/cli.h"

extern const cli_verb verb_check, verb_claims, verb_complete, verb_completion,
    verb_eval, verb_explain, verb_fmt, verb_lsp, verb_option_table,
    verb_query, verb_version;

#define CRYPTO_VERB(variable, words, line) extern const cli_verb variable;
#define REMOTE_VERB CRYPTO_VERB
#define SERVE_VERB CRYPTO_VERB
#include "cli/sibling_verbs.h"
#undef CRYPTO_VERB
#undef REMOTE_VERB
#undef SERVE_VERB

#endif
