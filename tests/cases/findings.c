/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of findings: every code at its place, and the text as fixed. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "compiler/lint.h"
#include "tests/cases/case.h"

static bool number_is(slice text, uint32_t number) {
  char digits[16];
  snprintf(digits, sizeof digits, "%lu", (unsigned long)number);
  return slice_is(text, "?") || slice_is(text, digits);
}

static const char *severity_text(severity s) {
  static const char *const names[] = {"info", "warning", "error"};
  return names[s];
}

/* expected: CODE LINE:COLUMN [severity] [~ part of message or help] */
static bool finding_is(slice expected, const diagnostic *d, position at) {
  slice column, code = next_word(&expected);
  slice line = cut(next_word(&expected), ':', &column);
  if (!slice_is(code, code_text(d->code)) || !number_is(line, at.line) ||
      !number_is(column, at.column))
    return false;
  slice word = next_word(&expected);
  if (word.length && !slice_is(word, "~")) {
    if (!slice_is(word, severity_text(d->severity)))
      return false;
    word = next_word(&expected);
  }
  if (word.length == 0)
    return true;
  return contains(slice_from(d->message), trim(expected)) ||
         contains(slice_from(d->help), trim(expected));
}

/* Whether a case speaks of that code: the other rules have cases of their
 * own, and a case should not break when one of them is added. */
static bool is_selected(const context *c, const diagnostic *d) {
  slice codes = directive_or(c->header, "select", SLICE("P S F401"));
  while (codes.length) {
    slice prefix = next_word(&codes);
    slice code = slice_from(code_text(d->code));
    if (prefix.length <= code.length &&
        slice_equal(prefix, (slice){code.data, prefix.length}))
      return true;
  }
  return false;
}

static const diagnostic *next_selected(const context *c, const diagnostic *d) {
  while (d && !is_selected(c, d))
    d = d->next;
  return d;
}

static void compare_findings(context *c, const policy *p,
                             const line_index *lines) {
  const directive *e = find_directive(c->header, "expect");
  const diagnostic *d = next_selected(c, p->findings.first);
  if (!e)
    problem(c, "no expect line");
  if (e && slice_is(e->text, "none"))
    e = NULL;
  while (e && d) {
    position at = line_index_position(lines, d->where.begin);
    if (!finding_is(e->text, d, at))
      break;
    d = next_selected(c, d->next);
    e = next_directive(e);
  }
  if (!e && !d)
    return;
  problem(c, "expected %.*s", SLICE_ARGS(e ? e->text : SLICE("no more")));
  for (d = p->findings.first; d; d = d->next) {
    position at = line_index_position(lines, d->where.begin);
    problem(c, "  got %s %lu:%lu %s: %s%s%s", code_text(d->code),
            (unsigned long)at.line, (unsigned long)at.column,
            severity_text(d->severity), d->message, d->help ? " | " : "",
            d->help ? d->help : "");
  }
}

/* The catalogue's column "fix". */
static fix_applicability catalogue_fix(diagnostic_code code) {
  static const fix_applicability table[] = {
#define CODE(id, severity, fix, name) FIX_##fix,
      DIAGNOSTIC_CODES(CODE)
#undef CODE
  };
  return table[code];
}

static bool span_is_sound(const policy *p, span s) {
  return s.begin <= s.end && s.end <= p->text.length;
}

static void check_fixes(context *c, const policy *p, const diagnostic *d) {
  for (const fix *f = d->fixes; f; f = f->next) {
    uint32_t end = 0;
    fix_applicability most = catalogue_fix(d->code);
    if (f->applicability != most &&
        !(most == FIX_SAFE && f->applicability == FIX_UNSAFE))
      problem(c, "%s: a fix of another kind than the catalogue's",
              code_text(d->code));
    for (const text_edit *e = f->edits; e; e = e->next) {
      if (!span_is_sound(p, e->where) || e->where.begin < end)
        problem(c, "%s: edits overlap", code_text(d->code));
      end = e->where.end;
    }
  }
}

/* What must be true of any finding. */
static void check_findings(context *c, const policy *p) {
  for (const diagnostic *d = p->findings.first; d; d = d->next) {
    if (!span_is_sound(p, d->where) || !d->message || !*d->message)
      problem(c, "%s: no sound place or message", code_text(d->code));
    for (const diagnostic_label *l = d->labels; l; l = l->next)
      if (!span_is_sound(p, l->where))
        problem(c, "%s: a label outside the text", code_text(d->code));
    check_fixes(c, p, d);
  }
  if ((p->program == NULL) != (p->findings.errors > 0))
    problem(c, "a program stands beside %lu errors",
            (unsigned long)p->findings.errors);
}

static int compare_edits(const void *a, const void *b) {
  const text_edit *const *x = a, *const *y = b;
  uint32_t p = (*x)->where.begin, q = (*y)->where.begin;
  return (p > q) - (p < q);
}

/* The edits of the first fix of every finding, in the order of the text. */
static const text_edit **collect_edits(context *c, const policy *p,
                                       size_t *count) {
  size_t capacity = 0;
  const text_edit **edits = NULL;
  *count = 0;
  const diagnostic *d = next_selected(c, p->findings.first);
  for (; d; d = next_selected(c, d->next))
    for (const text_edit *e = d->fixes ? d->fixes->edits : NULL; e;
         e = e->next) {
      edits = arena_grow(c->arena, edits, *count, &capacity, sizeof *edits);
      edits[(*count)++] = e;
    }
  if (*count)
    qsort(edits, *count, sizeof *edits, compare_edits);
  return edits;
}

static slice apply_fixes(context *c, const policy *p) {
  size_t count, at = 0;
  const text_edit **edits = collect_edits(c, p, &count);
  buffer out = buffer_in(c->arena);
  for (size_t i = 0; i < count; i++) {
    span where = edits[i]->where;
    if (where.begin < at) /* two findings change the same place */
      continue;
    buffer_add(&out, (slice){p->text.data + at, where.begin - at});
    buffer_add(&out, edits[i]->text);
    at = where.end;
  }
  buffer_add(&out, (slice){p->text.data + at, p->text.length - at});
  return buffer_slice(&out);
}

static bool offers_fix(const context *c, const policy *p) {
  const diagnostic *d = next_selected(c, p->findings.first);
  for (; d; d = next_selected(c, d->next))
    if (d->fixes)
      return true;
  return false;
}

static policy *checked(context *c, slice text) {
  policy *p = policy_compile(c->arena, text);
  policy_lint(c->arena, p, &(lint_options){.layout = true});
  return p;
}

static void compare_fixed(context *c, const policy *p) {
  slice expected, got = apply_fixes(c, p);
  bool expects = read_sibling(c, ".fixed", &expected);
  if (expects != offers_fix(c, p))
    problem(c, expects ? "no fix is offered" : "a fix without .fixed file");
  if (!expects)
    return;
  if (!slice_equal(expected, got))
    problem(c, "fixed: got\n%.*s", SLICE_ARGS(got));
  if (offers_fix(c, checked(c, got)))
    problem(c, "fixed: the text offers a fix again");
}

void run_check_file(context *c) {
  policy *p = checked(c, c->text);
  line_index lines;
  diagnostics_sort(&p->findings);
  line_index_make(&lines, c->arena, p->text);
  compare_findings(c, p, &lines);
  check_findings(c, p);
  compare_fixed(c, p);
  finish_run(c, SLICE("findings"));
}
