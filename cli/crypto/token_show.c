/* SPDX-License-Identifier: Apache-2.0 */
/* maapol token show: what stands in a token, whoever made it. */
#include "cli/crypto/token_input.h"
#include "cli/verbs.h"
#include "token/show.h"

static const cli_option options[] = {
    {"format", 'f', "human|json", "of the output (human)"},
    {0}};

static int run(cli *c) {
  static const char *const formats[] = {"human", "json", NULL};
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  slice token;
  token_view view;
  token_refusal why;
  int status = token_input_read(c, &token);
  if (status != CLI_OK)
    return status;
  if (!token_view_read(c->arena, token, &view, &why))
    return cli_error(c, CLI_INPUT, "%s: %s", token_refusal_name(why.code),
                     why.reason);
  if (format == 0) {
    token_view_write(&c->out, &view);
    return CLI_OK;
  }
  value report = token_view_report(c->arena, &view);
  json_write_pretty(&c->out, &report);
  buffer_char(&c->out, '\n');
  return CLI_OK;
}

const cli_verb verb_token_show = {
    "token show",
    "lay a token open: header, claims, times, policy",
    "T",
    "maapol token show attestation.jwt",
    options,
    run,
};
