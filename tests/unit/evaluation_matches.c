/* SPDX-License-Identifier: Apache-2.0 */
/* What conditions select, recorded for editors. */
#include "compiler/policy.h"
#include "eval/report.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

/* "rule.condition=count/candidates:first value", or "?" where it is not known;
 * one after the other. */
static const char *matches_of(arena *a, const char *rules,
                              const char *claims) {
  buffer text = buffer_in(a), out = buffer_in(a);
  buffer_printf(&text, "version=1.2;authorizationrules{%s};", rules);
  policy *p = policy_compile(a, buffer_slice(&text));
  cr_assert(p->program, "%s: %s", rules, p->findings.first->message);
  claim_list list = claims_in(a);
  claims_error error;
  cr_assert(claims_read(&list, slice_from(claims), &error), "%s", claims);
  evaluation e;
  evaluate_policy(p->program, &list, a, EVALUATE_TRACE | EVALUATE_MATCHES,
                  &e);
  for (const condition_match *m = e.matches; m; m = m->next) {
    buffer_printf(&out, "%s%u.%u", out.length ? " " : "", m->rule,
                  m->condition);
    if (!m->is_known) {
      buffer_char(&out, '?');
      continue;
    }
    buffer_printf(&out, "=%s%u/%u", m->is_negated ? "!" : "", m->count,
                  m->candidates);
    if (m->shown_count)
      buffer_printf(&out, ":%lld", (long long)m->shown[0].integer);
  }
  return buffer_slice(&out).data;
}

static void check_rows(arena *a) {
  static const struct {
    const char *rules, *claims, *expected;
  } rows[] = {
      {"[type==\"a\", value==2] => permit();", "{\"a\":[1,2,2,3]}",
       "0.0=1/3:2"}, /* claims are a set */
      {"[type==\"a\", value>1] => permit();", "{\"a\":[1,2,3]}",
       "0.0=2/3:2"},
      {"[type==\"a\", value>9] => permit();", "{\"a\":[1,2]}", "0.0=0/2:1"},
      {"[type==\"a\"] => permit();", "{\"b\":1}", "0.0=0/0"},
      {"![type==\"a\"] => permit();", "{\"a\":7}", "0.0=!1/1:7"},
      /* the conditions behind the one that fails, too */
      {"[type==\"a\"] && [type==\"b\"] => permit();", "{\"b\":5}",
       "0.0=0/0 0.1=1/1:5"},
      /* but not if they look at what was not selected */
      {"c:[type==\"a\"] && [type==\"b\", value==c.value] => permit();",
       "{\"b\":5}", "0.0=0/0 0.1?"},
      {"c:[type==\"a\"] && [type==\"b\", value==c.value] => permit();",
       "{\"a\":5,\"b\":[4,5]}", "0.0=1/1:5 0.1=1/2:5"},
      /* what a rule adds is there for the next one, not for itself */
      {"=> add(type=\"a\", value=1); [type==\"a\"] => permit();", "{}",
       "1.0=1/1:1"},
      {"[type==\"a\"] => add(type=\"a\", value=9); => permit();",
       "{\"a\":1}", "0.0=1/1:1"},
      /* rules behind a deny() were not reached */
      {"[type==\"a\"] => deny(); [type==\"a\"] => permit();", "{\"a\":1}",
       "0.0=1/1:1"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(matches_of(a, rows[i].rules, rows[i].claims),
                     rows[i].expected, "%s over %s: %s", rows[i].rules,
                     rows[i].claims,
                     matches_of(a, rows[i].rules, rows[i].claims));
}

Test(evaluation_matches, say_what_each_condition_selects) {
  TEST_ARENA(a, 16 * MEBIBYTE);
  check_rows(&a);
  arena_free(&a);
}

/* Asking again must not say twice what a function remarked. */
Test(evaluation_matches, repeat_no_notes) {
  TEST_ARENA(a, 16 * MEBIBYTE);
  static const char text[] =
      "version=1.2;authorizationrules{c:[type==\"a\"] && "
      "[type==\"b\", value==JmesPath(c.value, \"x\")] => permit();};";
  policy *p = policy_compile(&a, SLICE(text));
  cr_assert(p->program);
  claim_list list = claims_in(&a);
  claims_error error;
  claims_read(&list, SLICE("{\"a\":\"{\\\"x\\\":\\\"y\\\"}\",\"b\":\"y\"}"),
              &error);
  evaluation plain, matched;
  unsigned flags = EVALUATE_TRACE | EVALUATE_QUERIES;
  evaluate_policy(p->program, &list, &a, flags, &plain);
  evaluate_policy(p->program, &list, &a, flags | EVALUATE_MATCHES, &matched);
  size_t queries[2] = {0, 0}, notes[2] = {0, 0};
  for (const query_record *q = plain.queries; q; q = q->next)
    queries[0]++;
  for (const query_record *q = matched.queries; q; q = q->next)
    queries[1]++;
  for (const evaluation_note *n = plain.notes; n; n = n->next)
    notes[0]++;
  for (const evaluation_note *n = matched.notes; n; n = n->next)
    notes[1]++;
  cr_expect_eq(queries[0], 1u);
  cr_expect_eq(queries[1], 1u);
  cr_expect_eq(notes[0], notes[1]);
  cr_expect_eq(plain.decision, matched.decision);
  arena_free(&a);
}

/* What a claims file cannot say would be lost on the way to the editor. */
Test(evaluation_matches, claims_files_are_read_back) {
  TEST_ARENA(a, 16 * MEBIBYTE);
  claim_list list = claims_in(&a), again = claims_in(&a);
  claims_error error;
  static const char text[] =
      "[{\"type\":\"a\",\"value\":[1,true,\"x\"]},"
      "{\"type\":\"a\",\"value\":\"{\\\"k\\\":1}\",\"issuer\":\"CustomClaim\"},"
      "{\"type\":\"b\",\"value\":-5,\"readOnly\":true}]";
  cr_assert(claims_read(&list, SLICE(text), &error));
  value file = claims_file(&a, &list);
  buffer out = buffer_in(&a);
  json_write(&out, &file);
  cr_assert(claims_read(&again, buffer_slice(&out), &error), "%s",
            error.message);
  cr_assert_eq(again.count, list.count);
  for (size_t i = 0; i < list.count; i++) {
    const claim *x = &list.items[i], *y = &again.items[i];
    cr_expect(slice_equal(x->type, y->type) &&
              slice_equal(x->issuer, y->issuer) && x->kind == y->kind &&
              x->integer == y->integer && slice_equal(x->text, y->text) &&
              x->read_only == y->read_only);
  }
  arena_free(&a);
}
