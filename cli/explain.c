/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostic.h"
#include "base/text.h"
#include "cli/rule_pages.h"
#include "cli/verbs.h"

static int list_codes(cli *c) {
  for (int i = 0; i < CODE_COUNT; i++)
    cli_print(c, "%s  %-8s %s\n", code_text((diagnostic_code)i),
              severity_name(code_severity((diagnostic_code)i)),
              code_name((diagnostic_code)i));
  return CLI_OK;
}

static int unknown_code(cli *c, const char *given) {
  const char *names[CODE_COUNT + 1];
  for (int i = 0; i < CODE_COUNT; i++)
    names[i] = code_text((diagnostic_code)i);
  names[CODE_COUNT] = NULL;
  const char *near = did_you_mean(slice_from(given), names);
  if (near)
    return cli_usage(c, "there is no code `%s`; did you mean %s?", given,
                     near);
  return cli_usage(c, "there is no code `%s`; maapol explain lists them",
                   given);
}

static int run(cli *c) {
  if (c->argument_count == 0)
    return list_codes(c);
  if (c->argument_count > 1)
    return cli_usage(c, "one code at a time");
  diagnostic_code code = code_from_text(c->arguments[0]);
  if (code == CODE_COUNT)
    return unknown_code(c, c->arguments[0]);
  for (size_t i = 0; i < rule_page_count; i++)
    if (strcmp(rule_pages[i].code, code_text(code)) == 0) {
      cli_print(c, "%s", rule_pages[i].text);
      return CLI_OK;
    }
  return cli_error(c, CLI_SYSTEM, "the page of %s is missing",
                   code_text(code));
}

const cli_verb verb_explain = {
    "explain",
    "print the page of a finding's code; without one, list the codes",
    "[CODE]",
    "maapol explain P002",
    NULL,
    run,
};
