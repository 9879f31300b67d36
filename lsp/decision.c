/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/decision.h"

#include "base/render.h"
#include "eval/report_text.h"

slice escaped_line(arena *a, slice text) {
  buffer out = buffer_in(a);
  render_escaped(&out, text);
  return buffer_slice(&out);
}

/* --- the title ------------------------------------------------------------ */

/* The permit rule that came nearest: its first condition that does not hold
 * stands last. */
static const trace_entry *nearest_miss(const program *p, const evaluation *e) {
  const trace_entry *best = NULL;
  for (const trace_entry *t = e->trace; t; t = t->next)
    if (!t->fired && p->rules[t->rule].action == ACTION_PERMIT &&
        (!best || t->condition > best->condition))
      best = t;
  return best;
}

static void write_why(buffer *out, const program *p, const evaluation *e) {
  const trace_entry *miss = NULL;
  switch (e->reason) {
  case REASON_NONE:
    return;
  case REASON_DENY_RULE:
    buffer_printf(out, ": rule %u", (unsigned)p->places[e->rule].number);
    return;
  case REASON_RULE_FAILED:
    buffer_printf(out, ": rule %u failed: %s",
                  (unsigned)p->places[e->rule].number, e->message);
    return;
  case REASON_NO_PERMIT:
    miss = nearest_miss(p, e);
    break;
  }
  if (miss)
    buffer_printf(out, ": rule %u, condition %u: %s",
                  (unsigned)p->places[miss->rule].number,
                  (unsigned)miss->condition + 1, miss->text);
  else
    buffer_text(out, ": there is no rule that permits");
}

const char *decision_of_what(const sample *s) {
  switch (s->source) {
  case SOURCE_CLAIMS:
    return "the claims of ";
  case SOURCE_UNVERIFIED:
    return "unverified evidence: ";
  case SOURCE_CHANGED:
    return "the changed claims of ";
  case SOURCE_EVIDENCE:
    break;
  }
  return "";
}

/* What can be said of a sample that the rules were not asked about. */
static void write_unasked(buffer *out, const sample_book *book,
                          const sample *s) {
  switch (s->state) {
  case SAMPLE_PENDING:
    buffer_printf(out, "no decision yet on %s: the evidence is being verified",
                  s->name);
    return;
  case SAMPLE_REFUSED:
    buffer_printf(out, "deny on %s: the evidence is refused: %s", s->name,
                  s->problem);
    return;
  case SAMPLE_READY:
    if (!book->program) {
      buffer_printf(out, "no decision on %s: the policy has errors", s->name);
      return;
    }
    break;
  case SAMPLE_UNUSABLE:
    break;
  }
  buffer_printf(out, "no decision on %s: %s", s->name,
                s->problem ? s->problem : "it cannot be used");
}

slice decision_title(arena *a, const sample_book *book, size_t index) {
  const sample_decision *d = &book->decisions[index];
  buffer out = buffer_in(a);
  if (!d->was_evaluated) {
    write_unasked(&out, book, d->sample);
  } else {
    buffer_printf(&out, "%s on %s%s", decision_name(d->evaluation.decision),
                  decision_of_what(d->sample), d->sample->name);
    write_why(&out, book->program, &d->evaluation);
  }
  return escaped_line(a, buffer_slice(&out));
}

/* --- the page ------------------------------------------------------------- */

static void write_claims(buffer *out, const char *title,
                         const claim_list *list) {
  if (list->count)
    buffer_printf(out, "%s:\n", title);
  for (size_t i = 0; i < list->count; i++) {
    buffer text = buffer_in(out->arena);
    value v = claim_json(&list->items[i]);
    json_write(&text, &v);
    buffer_text(out, "  ");
    render_escaped(out, list->items[i].type);
    buffer_text(out, " = ");
    render_escaped(out, buffer_slice(&text));
    buffer_char(out, '\n');
  }
}

static void write_trace(buffer *out, const report *r, const evaluation *e) {
  buffer_text(out, "trace:\n");
  for (const trace_entry *t = e->trace; t; t = t->next) {
    buffer_printf(out, "  %s %s: ", t->fired ? "+" : "-",
                  report_rule_name(r, t->rule));
    render_escaped(out, report_rule_line(r, t->rule));
    buffer_text(out, "\n      ");
    if (!t->fired)
      buffer_printf(out, "condition %u: ", (unsigned)t->condition + 1);
    render_escaped(out, slice_from(t->text));
    buffer_char(out, '\n');
  }
}

void decision_page(buffer *out, const sample_book *book, size_t index) {
  const sample_decision *d = &book->decisions[index];
  buffer_printf(out, "```text\n%.*s\n",
                SLICE_ARGS(decision_title(out->arena, book, index)));
  if (!d->was_evaluated) {
    buffer_text(out, "```\n");
    return;
  }
  report r = report_of(out->arena, book->program);
  buffer_text(out, "reason:   ");
  render_escaped(out, slice_from(report_reason(&r, &d->evaluation)));
  buffer_char(out, '\n');
  report_write_background(out, &r, &d->evaluation);
  write_claims(out, "issued", &d->evaluation.issued);
  write_claims(out, "properties", &d->evaluation.properties);
  write_trace(out, &r, &d->evaluation);
  buffer_text(out, "```\n");
}

/* --- for programs --------------------------------------------------------- */

value decision_value(arena *a, const sample_book *book, size_t index) {
  static const char *const sources[] = {"claims", "unverified evidence",
                                        "changed claims", "verified evidence"};
  static const char *const states[] = {"unusable", "pending", "refused",
                                       "ready"};
  const sample_decision *d = &book->decisions[index];
  object_builder o = object_in(a);
  buffer page = buffer_in(a);
  if (d->was_evaluated) {
    report r = report_of(a, book->program);
    report_evaluation(&r, &d->evaluation, &o);
  } else {
    set(&o, "decision", value_null());
  }
  decision_page(&page, book, index);
  set_text(&o, "sample", d->sample->name);
  set_text(&o, "state", states[d->sample->state]);
  set_text(&o, "source", sources[d->sample->source]);
  set(&o, "title", value_text(decision_title(a, book, index)));
  set(&o, "text", value_text(buffer_slice(&page)));
  return object_value(&o);
}
