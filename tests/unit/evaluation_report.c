/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/report_text.h"

#include "compiler/policy.h"
#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

typedef struct decided {
  report report;
  evaluation evaluation;
} decided;

/* Configuration and the rest, traced. claims: a claims file. */
static decided decide(arena *a, const char *text, const char *claims) {
  policy *p = policy_compile(a, slice_from(text));
  cr_assert(p->program, "%s: %s", text, p->findings.first->message);
  claim_list list = claims_in(a);
  claims_error error;
  cr_assert(claims_read(&list, slice_from(claims), &error), "%s", claims);
  decided d = {.report = report_of(a, p->program)};
  evaluation configuration;
  evaluate_configuration(p->program, a, EVALUATE_TRACE, &configuration);
  evaluate(p->program, &list, a, EVALUATE_TRACE, &d.evaluation);
  evaluation_join(&configuration, &d.evaluation);
  return d;
}

static const char *report_json(arena *a, const char *text, const char *claims,
                               const char *name) {
  decided d = decide(a, text, claims);
  object_builder o = object_in(a);
  report_evaluation(&d.report, &d.evaluation, &o);
  value whole = object_value(&o);
  const value *part = value_member(&whole, slice_from(name));
  cr_assert(part, "%s", name);
  buffer out = buffer_in(a);
  json_write(&out, part);
  return buffer_slice(&out).data;
}

#define TWO_RULES                                            \
  "version= 1.0;\nauthorizationrules{\n"                     \
  "  [type==\"a\", value==1] => permit();\n"                 \
  "  [type==\"b\"] => deny();\n};\n"                         \
  "issuancerules{c:[type==\"a\"] => issue(type=\"t\", value=c.value);};"

static void check_members(arena *a) {
  static const struct {
    const char *policy, *claims, *name, *expected;
  } rows[] = {
      {TWO_RULES, "{\"a\":1}", "decision", "\"permit\""},
      {TWO_RULES, "{\"a\":1}", "reason",
       "\"rule 1 in authorizationrules (3:3) permitted\""},
      {TWO_RULES, "{\"a\":1}", "rule",
       "{\"column\":3,\"line\":3,\"number\":1,"
       "\"section\":\"authorizationrules\","
       "\"text\":\"[type==\\\"a\\\", value==1] => permit();\"}"},
      {TWO_RULES, "{\"a\":[1,2]}", "issued", "{\"t\":[1,2]}"},
      {TWO_RULES, "{\"a\":1}", "error", "null"},
      {TWO_RULES, "{\"a\":1,\"b\":2}", "decision", "\"deny\""},
      {TWO_RULES, "{\"a\":1,\"b\":2}", "reason",
       "\"rule 2 in authorizationrules (4:3) denied\""},
      {TWO_RULES, "{\"a\":1,\"b\":2}", "issued", "{}"},
      {TWO_RULES, "{\"a\":1,\"b\":2}", "error", "null"},
      {TWO_RULES, "{\"a\":2}", "reason",
       "\"no permit() ran in authorizationrules\""},
      {TWO_RULES, "{\"a\":2}", "rule", "null"},
      {TWO_RULES, "{\"a\":2}", "claims", "{\"a\":2}"},
      {"version=1.1;configurationrules{=>issueproperty(type=\"p\",value=1);"
       "=>issueproperty(type=\"p\",value=2);};"
       "authorizationrules{=>permit();};"
       "issuancerules{=>issueproperty(type=\"omit_x5c\",value=true);};",
       "{}", "properties", "{\"omit_x5c\":true,\"p\":2}"},
      {"version=1.1;configurationrules{=>issueproperty(type=\"p\",value=1);};"
       "authorizationrules{=>deny();};",
       "{}", "properties", "{}"},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(
        report_json(a, rows[i].policy, rows[i].claims, rows[i].name),
        rows[i].expected, "%s of %s: %s", rows[i].name, rows[i].claims,
        report_json(a, rows[i].policy, rows[i].claims, rows[i].name));
}

Test(evaluation_report, says_what_was_decided_and_where) {
  TEST_ARENA(a, 8 * MEBIBYTE);
  check_members(&a);
  arena_free(&a);
}

static void check_error(arena *a) {
  static const char text[] =
      "version=1.2;authorizationrules{c:[type==\"a\"]=>\n"
      " add(type=\"x\",value=NegateBool(c.value));};";
  cr_expect_str_eq(report_json(a, text, "{\"a\":1}", "decision"),
                   "\"error\"");
  const char *reason = report_json(a, text, "{\"a\":1}", "reason");
  cr_expect(strstr(reason, "rule 1 in authorizationrules (1:32) failed at 2:"),
            "%s", reason);
  cr_expect(strstr(report_json(a, text, "{\"a\":1}", "error"),
                   "\"code\":\"PolicyEvaluationError\""));
}

Test(evaluation_report, names_the_place_of_an_evaluation_error) {
  TEST_ARENA(a, MEBIBYTE);
  check_error(&a);
  arena_free(&a);
}

static void check_trace(arena *a) {
  static const char text[] =
      "version=1.1;configurationrules{=>issueproperty(type=\"p\",value=1);};"
      "authorizationrules{[type==\"a\"]&&[type==\"b\"]=>permit();"
      "=>permit();};";
  decided d = decide(a, text, "{\"a\":1}");
  value trace = report_trace(&d.report, &d.evaluation);
  static const struct {
    const char *section;
    bool fired;
    int64_t condition;
  } rows[] = {{"configurationrules", true, 0},
              {"authorizationrules", false, 2},
              {"authorizationrules", true, 0}};
  cr_assert_eq(trace.count, COUNT_OF(rows));
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const value *entry = &trace.items[i];
    const value *rule = value_member(entry, SLICE("rule"));
    const value *condition = value_member(entry, SLICE("condition"));
    cr_expect(slice_is(value_string(value_member(rule, SLICE("section"))),
                       rows[i].section));
    cr_expect_eq(value_member(entry, SLICE("fired"))->boolean, rows[i].fired);
    cr_expect_eq(condition->kind,
                 rows[i].fired ? VALUE_NULL : VALUE_INTEGER);
    cr_expect(rows[i].fired || condition->integer == rows[i].condition);
  }
}

Test(evaluation_report, traces_configurationrules_first) {
  TEST_ARENA(a, MEBIBYTE);
  check_trace(&a);
  arena_free(&a);
}

/* --- background ----------------------------------------------------------- */

static const char *background(arena *a, const char *text, const char *claims) {
  decided d = decide(a, text, claims);
  buffer out = buffer_in(a);
  report_write_background(&out, &d.report, &d.evaluation);
  return buffer_slice(&out).data;
}

static size_t lines_of(const char *text) {
  size_t count = 0;
  for (; *text; text++)
    count += *text == '\n';
  return count;
}

/* The rule that lacked only its last condition stands before those that
 * lacked their first; no more than three. */
static void check_nearest(arena *a) {
  static const char text[] =
      "version=1.0;authorizationrules{"
      "[type==\"n1\"]=>permit();[type==\"n2\"]=>permit();"
      "[type==\"a\"]&&[type==\"n3\"]=>permit();[type==\"n4\"]=>permit();"
      "[type==\"a\"]&&[type==\"x\"]=>deny();};";
  const char *out = background(a, text, "{\"a\":1}");
  const char *third = strstr(out, "\"n3\"]"), *first = strstr(out, "\"n1\"]");
  cr_expect(third && first && third < first, "%s", out);
  cr_expect(strstr(out, "\"n2\"]") && !strstr(out, "\"n4\"]"), "%s", out);
  cr_expect_not(strstr(out, "deny()"), "%s", out);
  cr_expect_eq(lines_of(out), 6, "%s", out);
}

Test(evaluation_report, shows_the_permit_rules_that_came_nearest) {
  TEST_ARENA(a, MEBIBYTE);
  check_nearest(&a);
  arena_free(&a);
}

/* A line comment in a rule must not hide what stands behind it. */
static void check_one_line(arena *a) {
  static const char text[] =
      "version=1.0;authorizationrules{\n[type==\"a  // b\"] // => deny();\n"
      "  /* or\n not */ && [type==\"c\\\"/*\"]\r\n\t=> deny();};";
  const char *out = background(a, text, "{\"a  // b\":1,\"c\\\"/*\":2}");
  cr_expect(strstr(out, "    [type==\"a  // b\"] && [type==\"c\\\"/*\"] => "
                        "deny();\n"),
            "%s", out);
}

Test(evaluation_report, shows_a_rule_in_one_line_without_comments) {
  TEST_ARENA(a, MEBIBYTE);
  check_one_line(&a);
  arena_free(&a);
}

Test(evaluation_report, lets_nobody_forge_a_line) {
  TEST_ARENA(a, MEBIBYTE);
  const char *out = background(
      &a,
      "version=1.0;authorizationrules{[type==\"a\\u001b\nb\"]=>permit();};",
      "{\"a\":\"x\\ndecision: permit\"}");
  cr_expect_eq(lines_of(out), 2, "%s", out);
  cr_expect_not(strchr(out, 27), "%s", out);
  arena_free(&a);
}
