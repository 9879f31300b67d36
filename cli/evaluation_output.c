/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/evaluation_output.h"

#include "base/render.h"
#include "eval/report_text.h"

static void add_colour(cli *c, const char *code) {
  if (c->colour_out)
    cli_print(c, "\33[%sm", code);
}

void cli_print_decision(cli *c, const report *r, const evaluation *e) {
  cli_print(c, "decision: ");
  add_colour(c, e->decision == DECISION_PERMIT ? "1;32" : "1;31");
  cli_print(c, "%s", decision_name(e->decision));
  add_colour(c, "0");
  cli_print(c, "\nreason:   ");
  render_escaped(&c->out, slice_from(report_reason(r, e)));
  cli_print(c, "\n");
  report_write_background(&c->out, r, e);
}

void cli_print_claims(cli *c, const char *title, const claim_list *claims) {
  if (!claims->count)
    return;
  size_t width = 0;
  for (size_t i = 0; i < claims->count; i++)
    if (claims->items[i].type.length > width)
      width = claims->items[i].type.length;
  width = width > 40 ? 40 : width;
  cli_print(c, "%s:\n", title);
  for (size_t i = 0; i < claims->count; i++) {
    buffer name = buffer_in(c->arena), text = buffer_in(c->arena);
    value v = claim_json(&claims->items[i]);
    render_escaped(&name, claims->items[i].type);
    json_write(&text, &v);
    cli_print(c, "  %-*.*s = ", (int)width, SLICE_ARGS(buffer_slice(&name)));
    render_escaped(&c->out, buffer_slice(&text));
    cli_print(c, "\n");
  }
}

static void print_rule(cli *c, slice line) {
  enum { SHOWN_MAX = 100 };
  slice shown = {line.data,
                 line.length < SHOWN_MAX ? line.length : SHOWN_MAX};
  while (shown.length < line.length && shown.length &&
         (line.data[shown.length] & 0xC0) == 0x80)
    shown.length--;
  render_escaped(&c->out, shown);
  cli_print(c, shown.length < line.length ? " ..\n" : "\n");
}

void cli_print_trace(cli *c, const report *r, const evaluation *e) {
  cli_print(c, "trace:\n");
  for (const trace_entry *t = e->trace; t; t = t->next) {
    cli_print(c, "  %s %s: ", t->fired ? "+" : "-",
              report_rule_name(r, t->rule));
    print_rule(c, report_rule_line(r, t->rule));
    cli_print(c, "      ");
    if (!t->fired)
      cli_print(c, "condition %u: ", (unsigned)t->condition + 1);
    render_escaped(&c->out, slice_from(t->text));
    cli_print(c, "\n");
  }
}

void cli_print_notes(cli *c, const report *r, const evaluation *e) {
  for (const evaluation_note *n = e->notes; n; n = n->next)
    cli_error(c, CLI_OK, "warning: %s: %s", report_rule_name(r, n->rule),
              n->text);
}

int cli_decision_status(const evaluation *e) {
  return e->decision == DECISION_PERMIT ? CLI_OK : CLI_NO;
}

void cli_print_payload(cli *c, const value *payload) {
  const member *const *sorted = value_sorted(c->arena, payload);
  for (uint32_t i = 0; i < payload->count; i++) {
    const member *m = sorted ? sorted[i] : &payload->members[i];
    buffer text = buffer_in(c->arena);
    json_write(&text, &m->value);
    cli_print(c, "  ");
    render_escaped(&c->out, member_name(m));
    cli_print(c, " = ");
    render_escaped(&c->out, buffer_slice(&text));
    cli_print(c, "\n");
  }
}
