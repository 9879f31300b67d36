/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/render.h"
#include "base/text.h"
#include "cli/claims_input.h"
#include "cli/policy_input.h"
#include "cli/verbs.h"
#include "eval/jmespath.h"
#include "eval/report.h"

static const cli_option options[] = {
    {"compact", 0, NULL, "print the result on one line, as a policy sees it"},
    {"policy", 'p', "FILE", "run the queries of a rule of this policy"},
    {"rule", 0, "N", "its number, from 1, over the whole policy"},
    {"claims", 'c', "FILE", "the claims that the policy sees"},
    {NULL, 0, NULL, NULL},
};

/* The kind comes first, so that scripts can tell errors apart. */
static int query_error(cli *c, slice text, const jmespath_error *error) {
  buffer b = buffer_in(c->arena);
  buffer_printf(&b, "%s: ", jmespath_error_name(error->kind));
  render_escaped(&b, slice_from(error->message));
  buffer_text(&b, "\n  ");
  render_escaped(&b, text);
  buffer_text(&b, "\n  ");
  buffer before = buffer_in(c->arena);
  render_escaped(&before, (slice){text.data, error->where.begin});
  size_t cells = 0, marks = error->where.end > error->where.begin
                                ? error->where.end - error->where.begin
                                : 1;
  for (size_t i = 0; i < before.length; i++)
    cells += (before.data[i] & 0xC0) != 0x80;
  for (size_t i = 0; i < cells; i++)
    buffer_char(&b, ' ');
  for (size_t i = 0; i < marks; i++)
    buffer_char(&b, '^');
  buffer_char(&b, '\n');
  if (error->help)
    buffer_printf(&b, "help: %s\n", error->help);
  cli_print_error(c, buffer_slice(&b));
  return CLI_NO;
}

static void print_value(cli *c, const value *v) {
  if (cli_flag(c, "compact"))
    json_write(&c->out, v);
  else
    json_write_pretty(&c->out, v);
  cli_print(c, "\n");
}

static bool read_document(cli *c, const char *path, value *document) {
  slice text;
  json_error error;
  if (!cli_read(c, path, LIMIT_JSON_BYTES, &text))
    return false;
  if (json_read(c->arena, text, 0, document, &error))
    return true;
  line_index lines;
  line_index_make(&lines, c->arena, text);
  position at = line_index_position(&lines, (uint32_t)error.offset);
  cli_error(c, CLI_INPUT, "%s:%u:%u: %s", path, at.line, at.column,
            error.message);
  return false;
}

static int run_query(cli *c) {
  slice text = slice_from(c->arguments[0]);
  const char *path = c->argument_count > 1 ? c->arguments[1] : "-";
  jmespath_error error;
  value document, result;
  if (c->argument_count > 2)
    return cli_usage(c, "unexpected argument `%s`", c->arguments[2]);
  if (utf8_error(text) != text.length)
    return cli_usage(c, "the query is not UTF-8");
  const jmespath_query *query = jmespath_compile(c->arena, text, &error);
  if (!query)
    return query_error(c, text, &error);
  if (!read_document(c, path, &document))
    return CLI_INPUT;
  if (!jmespath_search(query, c->arena, &document, &result, &error))
    return query_error(c, text, &error);
  print_value(c, &result);
  return CLI_OK;
}

/* The queries of a rule, with what they were given. */

static uint32_t find_rule(const program *p, size_t number) {
  for (uint32_t i = 0; i < p->rule_count; i++)
    if (p->places[i].number == number)
      return i;
  return PROGRAM_NONE;
}

static void print_document(cli *c, slice text) {
  enum { SHOWN_MAX = 400 };
  slice shown = {text.data,
                 text.length < SHOWN_MAX ? text.length : SHOWN_MAX};
  while (shown.length && (text.data[shown.length] & 0xC0) == 0x80)
    shown.length--;
  cli_print(c, "document: ");
  render_escaped(&c->out, shown);
  if (shown.length < text.length)
    cli_print(c, " .. (%zu bytes)", text.length);
  cli_print(c, "\n");
}

static void print_record(cli *c, const query_record *q) {
  value v;
  json_error error;
  cli_print(c, "query:    ");
  render_escaped(&c->out, q->query);
  cli_print(c, "\n");
  print_document(c, q->document);
  cli_print(c, "result:   ");
  if (q->error)
    render_escaped(&c->out, slice_from(q->error));
  else if (json_read(c->arena, q->result, 0, &v, &error))
    json_write_pretty(&c->out, &v);
  else
    render_escaped(&c->out, q->result);
  cli_print(c, "\n");
}

static const trace_entry *trace_of(const evaluation *e, uint32_t rule) {
  const trace_entry *t = e->trace;
  while (t && t->rule != rule)
    t = t->next;
  return t;
}

/* Why a rule called no query. */
static int no_query(cli *c, const report *r, const evaluation *e,
                    uint32_t rule) {
  const trace_entry *t = trace_of(e, rule);
  if (t && !t->fired)
    return cli_error(c, CLI_NO, "%s did not come to it: %s",
                     report_rule_name(r, rule), t->text);
  if (t)
    return cli_error(c, CLI_NO, "%s calls no JmesPath",
                     report_rule_name(r, rule));
  if (e->decision == DECISION_ERROR && e->rule == rule)
    return cli_error(c, CLI_NO, "%s failed: %s", report_rule_name(r, rule),
                     e->message);
  return cli_error(c, CLI_NO, "%s did not run: %s", report_rule_name(r, rule),
                   report_reason(r, e));
}

static int run_rule(cli *c) {
  const char *rule_text = cli_value(c, "rule");
  const char *claims_path = cli_value(c, "claims");
  size_t number;
  if (!rule_text || !claims_path)
    return cli_usage(c, "--policy goes with --rule and --claims");
  if (!cli_parse_count(rule_text, UINT32_MAX - 1u, &number) || !number)
    return cli_usage(c, "--rule takes a number from 1, not `%s`", rule_text);
  if (c->argument_count)
    return cli_usage(c, "unexpected argument `%s`", c->arguments[0]);
  policy *p = cli_read_policy(c, cli_value(c, "policy"));
  claim_list claims;
  if (!p || !cli_read_claims(c, claims_path, &claims))
    return CLI_INPUT;
  uint32_t rule = find_rule(p->program, number);
  if (rule == PROGRAM_NONE)
    return cli_usage(c, "the policy has %u rules", p->program->rule_count);
  evaluation e;
  cli_evaluate(c, p->program, &claims, EVALUATE_TRACE | EVALUATE_QUERIES, &e);
  report r = report_of(c->arena, p->program);
  bool failed = false, any = false;
  for (const query_record *q = e.queries; q; q = q->next)
    if (q->rule == rule) {
      cli_print(c, any ? "\n" : "");
      print_record(c, q);
      failed |= q->error != NULL;
      any = true;
    }
  if (!any)
    return no_query(c, &r, &e, rule);
  return failed ? CLI_NO : CLI_OK;
}

static int run(cli *c) {
  if (cli_value(c, "policy"))
    return run_rule(c);
  if (!c->argument_count)
    return cli_usage(c, "which query?");
  return run_query(c);
}

const cli_verb verb_query = {
    "query",
    "run a JMESPath query on JSON, or the queries of a policy's rule",
    "EXPR [FILE] | --policy FILE --rule N --claims FILE",
    "maapol query 'Events[?PcrIndex == `7`].EventTypeString' events.json",
    options,
    run,
};
