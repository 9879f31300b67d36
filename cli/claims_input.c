/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/claims_input.h"

#include "base/diagnostic.h"
#include "base/limits.h"
#include "eval/report.h"

bool cli_read_claims(cli *c, const char *path, claim_list *claims) {
  slice text;
  claims_error error;
  *claims = claims_in(c->arena);
  if (!cli_read(c, path, LIMIT_JSON_BYTES, &text))
    return false;
  if (claims_read(claims, text, &error))
    return true;
  line_index lines;
  line_index_make(&lines, c->arena, text);
  position at = line_index_position(&lines, (uint32_t)error.offset);
  if (error.offset)
    cli_error(c, CLI_INPUT, "%s:%u:%u: %s", path, at.line, at.column,
              error.message);
  else
    cli_error(c, CLI_INPUT, "%s: %s", path, error.message);
  return false;
}

void cli_evaluate(cli *c, const program *p, const claim_list *claims,
                  unsigned flags, evaluation *result) {
  evaluate_policy(p, claims, c->arena, flags, result);
}
