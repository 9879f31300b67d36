/* SPDX-License-Identifier: Apache-2.0 */
/* What a case came to against what it expects. */
#include "eval/report.h"
#include "suite/run.h"

typedef struct comparison {
  arena *arena, *keep;
  const case_mismatch **end;
  bool wanted; /* somebody asks what differs */
  bool holds;
} comparison;

static void differ(comparison *c, const char *what, slice expected,
                   slice got) {
  c->holds = false;
  if (!c->wanted)
    return;
  case_mismatch *m = ARENA_NEW(c->keep, case_mismatch);
  m->what = what;
  m->expected = arena_string(c->keep, expected);
  m->got = arena_string(c->keep, got);
  while (*c->end)
    c->end = (const case_mismatch **)&(*c->end)->next;
  *c->end = m;
}

static slice text_of(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text);
}

/* As claims are: an object is its JSON text, an array of one is that one, so
 * that an expectation is written as the claim would be. */
static claim_list as_claims(arena *a, const value *object) {
  claim_list list = claims_in(a);
  claims_error error;
  claims_add_object(&list, object, &error); /* suite_read took it */
  return list;
}

static void compare_objects(comparison *c, const char *what,
                            const value *expected, const value *got) {
  claim_list list = as_claims(c->arena, expected);
  value wanted = claims_json(c->arena, &list);
  if (!value_equal(c->arena, &wanted, got))
    differ(c, what, text_of(c->arena, &wanted), text_of(c->arena, got));
}

static bool is_issued(const claim_list *issued, const claim *wanted) {
  for (size_t i = 0; i < issued->count; i++) {
    const claim *c = &issued->items[i];
    if (slice_equal(c->type, wanted->type) && c->kind == wanted->kind &&
        c->integer == wanted->integer && slice_equal(c->text, wanted->text))
      return true;
  }
  return false;
}

static value issued_of_type(arena *a, const claim_list *issued, slice type) {
  claim_list found = claims_in(a);
  for (size_t i = 0; i < issued->count; i++)
    if (slice_equal(issued->items[i].type, type))
      claims_add(&found, &issued->items[i]);
  return claims_json(a, &found);
}

static void compare_included(comparison *c, const value *includes,
                             const claim_list *issued) {
  claim_list wanted = as_claims(c->arena, includes);
  for (size_t i = 0; i < wanted.count; i++) {
    if (is_issued(issued, &wanted.items[i]))
      continue;
    claim_list one = claims_in(c->arena);
    claims_add(&one, &wanted.items[i]);
    value expected = claims_json(c->arena, &one);
    value got = issued_of_type(c->arena, issued, wanted.items[i].type);
    differ(c, "includes", text_of(c->arena, &expected),
           text_of(c->arena, &got));
  }
}

static void compare_absent(comparison *c, const value *absent,
                           const claim_list *issued) {
  for (uint32_t i = 0; i < absent->count; i++) {
    slice type = value_string(&absent->items[i]);
    value got = issued_of_type(c->arena, issued, type);
    if (!got.count)
      continue;
    buffer expected = buffer_in(c->arena);
    buffer_text(&expected, "no claim ");
    buffer_add(&expected, type);
    differ(c, "absent", buffer_slice(&expected), text_of(c->arena, &got));
  }
}

static void compare_claims(comparison *c, const suite_expectation *e,
                           const evaluation *result) {
  if (e->issued) {
    value got = claims_json(c->arena, &result->issued);
    compare_objects(c, "issued", e->issued, &got);
  }
  if (e->properties) {
    value got = report_properties(c->arena, &result->properties);
    compare_objects(c, "properties", e->properties, &got);
  }
  if (e->includes)
    compare_included(c, e->includes, &result->issued);
  if (e->absent)
    compare_absent(c, e->absent, &result->issued);
}

bool suite_case_holds(arena *a, const suite_case *expected,
                      const case_outcome *o, arena *keep,
                      const case_mismatch **list) {
  const suite_expectation *e = &expected->expect;
  comparison c = {a, keep, list, list != NULL, true};
  if (list)
    *list = NULL;
  if (e->decision != o->decision)
    differ(&c, "decision", slice_from(decision_name(e->decision)),
           slice_from(decision_name(o->decision)));
  if (e->error && (!o->code || strcmp(e->error, o->code) != 0))
    differ(&c, "error", slice_from(e->error),
           slice_from(o->code ? o->code : "none"));
  /* Where nothing may be issued, nothing is. */
  if (o->was_evaluated && o->decision == DECISION_PERMIT &&
      e->decision == DECISION_PERMIT)
    compare_claims(&c, e, &o->evaluation);
  return c.holds;
}
