/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/policy_input.h"

#include "base/limits.h"
#include "base/render.h"

void cli_print_findings(cli *c, const char *name, const policy *p) {
  if (!p->findings.count)
    return;
  buffer text = buffer_in(c->arena);
  render_source source = {name, p->text, p->was_wrapped, c->colour_err};
  render_human(&text, &source, &p->findings);
  cli_print_error(c, buffer_slice(&text));
}

policy *cli_compile_policy(cli *c, const char *name, slice text) {
  policy *p = policy_compile(c->arena, text);
  cli_print_findings(c, name, p);
  return p->program ? p : NULL;
}

policy *cli_read_policy(cli *c, const char *path) {
  slice text;
  if (!cli_read(c, path, LIMIT_POLICY_BYTES, &text))
    return NULL;
  return cli_compile_policy(c, path, text);
}
