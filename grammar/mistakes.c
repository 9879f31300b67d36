/* SPDX-License-Identifier: Apache-2.0 */
/* What the grammar let pass so that nothing else is lost: each slip has its
 * own message and, where one is safe, a fix. */
#include "base/limits.h"
#include "base/text.h"
#include "grammar/parse.h"

typedef struct reporter {
  const ast_policy *policy;
  diagnostics *findings;
} reporter;

static slice text_of(const reporter *r, span where) {
  return ast_text(r->policy, where);
}

static span behind(span where) { return (span){where.end, where.end}; }

static bool is_one_of(slice name, const char *const *names) {
  for (; *names; names++)
    if (slice_is(name, *names))
      return true;
  return false;
}

static void safe_fix(reporter *r, diagnostic *d, const char *title,
                     span where, slice text) {
  fix_edit(r->findings, diagnostic_fix(r->findings, d, FIX_SAFE, title),
           where, text);
}

static void missing_semicolon(reporter *r, span place, const char *what) {
  diagnostic *d = diagnose(r->findings, CODE_P004, place,
                           "`;` is missing behind %s", what);
  safe_fix(r, d, "put `;` here", place, SLICE(";"));
}

/* Expressions. */

static bool matches_upper_name(slice s) {
  for (size_t i = 0; i < s.length; i++)
    if (!((s.data[i] >= 'A' && s.data[i] <= 'Z') || s.data[i] == '_' ||
          (i && s.data[i] >= '0' && s.data[i] <= '9')))
      return false;
  return s.length > 0;
}

static slice without(slice s, size_t front, size_t back) {
  return s.length < front + back
             ? SLICE_EMPTY
             : (slice){s.data + front, s.length - front - back};
}

/* Words of the documents that stand for a measurement: mrsigner1. */
static bool is_sample_word(slice s) {
  static const char *const numbered[] = {"mrsigner", "mrenclave", "hostdata",
                                         "product-id", "measurement", NULL};
  static const char *const plain[] = {"changeme", "todo", "placeholder", NULL};
  slice stem = s;
  while (stem.length && stem.data[stem.length - 1] >= '0' &&
         stem.data[stem.length - 1] <= '9')
    stem.length--;
  const char *const *words = stem.length < s.length ? numbered : plain;
  for (; *words; words++)
    if (slice_equal_ignore_case(stem, slice_from(*words)))
      return true;
  return false;
}

static bool is_placeholder(slice s, bool is_value) {
  if (s.length > 2 && s.data[0] == '<' && s.data[s.length - 1] == '>')
    return true;
  if (slice_starts_with(s, "${") && s.data[s.length - 1] == '}')
    return matches_upper_name(without(s, 2, 1));
  if (slice_starts_with(s, "{{") && s.length > 4 &&
      s.data[s.length - 1] == '}')
    return true;
  if (slice_starts_with(s, "$"))
    return matches_upper_name(without(s, 1, 0));
  return is_value && is_sample_word(s);
}

static void check_string(reporter *r, const ast_expr *e, bool is_value) {
  if (!is_placeholder(e->string, is_value))
    return;
  diagnostic *d = diagnose(r->findings, CODE_P015, e->where,
                           "\"%.*s\" looks like a placeholder that was not "
                           "replaced",
                           SLICE_ARGS(e->string));
  diagnostic_set_severity(r->findings, d, SEVERITY_WARNING);
}

static void check_expr(reporter *r, const ast_expr *e, bool is_value);

static void check_call(reporter *r, const ast_expr *e) {
  size_t count = 0;
  for (const ast_argument *a = e->call.arguments; a; a = a->next) {
    if (!span_is_empty(a->name))
      diagnose(r->findings, CODE_P001, a->name,
               "the arguments of a function have no names");
    check_expr(r, a->expr, false);
    count++;
  }
  if (count > LIMIT_ARGUMENTS)
    diagnose(r->findings, CODE_P018, e->call.function,
             "%zu arguments; %d are allowed", count, LIMIT_ARGUMENTS);
}

static void check_expr(reporter *r, const ast_expr *e, bool is_value) {
  if (e->kind == EXPR_STRING) {
    check_string(r, e, is_value);
  } else if (e->kind == EXPR_CALL) {
    check_call(r, e);
  } else if (e->kind == EXPR_NAME) {
    slice name = text_of(r, e->where);
    diagnostic *d = diagnose(r->findings, CODE_P001, e->where,
                             "the bare word `%.*s` is no value",
                             SLICE_ARGS(name));
    diagnostic_help(r->findings, d,
                    "a text stands in quotes: \"%.*s\"; what an identifier "
                    "selected is %.*s.value",
                    SLICE_ARGS(name), SLICE_ARGS(name));
  }
}

/* Conditions. */

static void check_test(reporter *r, const ast_test *t) {
  if (t->missing_comma)
    diagnose(r->findings, CODE_P001, t->property,
             "`,` is missing before `%.*s`",
             SLICE_ARGS(text_of(r, t->property)));
  if (t->relation == OPERATOR_ASSIGN) {
    diagnostic *d = diagnose(r->findings, CODE_P002, t->operator_where,
                             "`=` in a condition: equality is `==`");
    safe_fix(r, d, "write `==`", t->operator_where, SLICE("=="));
  }
  check_expr(r, t->expr, slice_is(text_of(r, t->property), "value"));
}

static void check_condition(reporter *r, const ast_condition *c) {
  if (c->missing_and) {
    diagnostic *d = diagnose(r->findings, CODE_P001,
                             (span){c->where.begin, c->where.begin + 1},
                             "`&&` is missing between two conditions");
    diagnostic_help(r->findings, d,
                    "conditions are joined by `&&`; `=>` begins the action");
  }
  size_t count = 0;
  for (const ast_test *t = c->tests; t; t = t->next, count++)
    check_test(r, t);
  if (count > LIMIT_TESTS)
    diagnose(r->findings, CODE_P018, c->where,
             "%zu tests in a condition; %d are allowed", count, LIMIT_TESTS);
}

/* Actions. */

static bool has_argument(const reporter *r, const ast_rule *rule,
                         const char *name) {
  for (const ast_argument *a = rule->arguments; a; a = a->next)
    if (slice_is(text_of(r, a->name), name))
      return true;
  return false;
}

/* issue("x", value=..): the first place is the type's, the second the
 * value's, and a lone word names a claim. */
static void check_positional(reporter *r, const ast_rule *rule,
                             const ast_argument *a, size_t place) {
  const char *name = a->expr->kind == EXPR_NAME ? "claim="
                     : place == 0 && !has_argument(r, rule, "type") ? "type="
                                                                    : "value=";
  diagnostic *d = diagnose(r->findings, CODE_P009, a->expr->where,
                           "this argument needs its name: `%s`", name);
  buffer b = buffer_in(r->findings->arena);
  buffer_text(&b, name);
  safe_fix(r, d, "name the argument",
           (span){a->expr->where.begin, a->expr->where.begin},
           buffer_slice(&b));
}

static void check_claim_arguments(reporter *r, const ast_rule *rule) {
  size_t place = 0;
  for (const ast_argument *a = rule->arguments; a; a = a->next, place++) {
    bool positional = span_is_empty(a->name);
    if (positional)
      check_positional(r, rule, a, place);
    else if (a->relation == OPERATOR_EQUAL)
      diagnose(r->findings, CODE_P001, a->equals,
               "an argument takes `=`; `==` compares");
    if (a->expr->kind == EXPR_NAME &&
        (positional || slice_is(text_of(r, a->name), "claim")))
      continue; /* an identifier, as it should be */
    check_expr(r, a->expr, slice_is(text_of(r, a->name), "value"));
  }
  if (place > LIMIT_ARGUMENTS)
    diagnose(r->findings, CODE_P018, rule->action,
             "%zu arguments; %d are allowed", place, LIMIT_ARGUMENTS);
}

static void unknown_action(reporter *r, span where, slice name) {
  const char *near = did_you_mean(name, action_names);
  diagnostic *d = diagnose(r->findings, CODE_P007, where,
                           "there is no action `%.*s`", SLICE_ARGS(name));
  if (!near) {
    diagnostic_help(r->findings, d,
                    "actions are permit(), deny(), add(..), issue(..) and "
                    "issueproperty(..)");
    return;
  }
  diagnostic_help(r->findings, d, "did you mean `%s`?", near);
  fix_edit(r->findings,
           diagnostic_fix(r->findings, d, FIX_UNSAFE, "write the known action"),
           where, slice_from(near));
}

static void check_action(reporter *r, const ast_rule *rule) {
  slice name = text_of(r, rule->action);
  if (!name.length) {
    diagnostic *d = diagnose(
        r->findings, CODE_P001,
        (span){rule->action.begin, rule->action.begin + 1},
        "an action is missing before `(`");
    diagnostic_help(r->findings, d,
                    "actions are permit(), deny(), add(..), issue(..) and "
                    "issueproperty(..)");
  } else if (!is_one_of(name, action_names)) {
    unknown_action(r, rule->action, name);
    return;
  } else if (rule->mistakes & RULE_MISSING_PARENTHESES) {
    diagnose(r->findings, CODE_P001, rule->action,
             "`%.*s` needs parentheses: %.*s()", SLICE_ARGS(name),
             SLICE_ARGS(name));
  }
  if (!slice_is(name, "permit") && !slice_is(name, "deny"))
    check_claim_arguments(r, rule);
}

/* Rules and sections. */

static void missing_arrow(reporter *r, const ast_rule *rule) {
  bool instead = !span_is_empty(rule->arrow);
  diagnostic *d =
      diagnose(r->findings, CODE_P005, instead ? rule->arrow : rule->action,
               instead ? "`&&` before an action: it begins with `=>`"
                       : "`=>` is missing before the action");
  safe_fix(r, d, "write `=>`", rule->arrow,
           instead ? SLICE("=>") : SLICE("=> "));
}

static void check_rule(reporter *r, const ast_rule *rule) {
  if (rule->mistakes & RULE_INVALID)
    return;
  size_t count = 0;
  for (const ast_condition *c = rule->conditions; c; c = c->next, count++)
    check_condition(r, c);
  if (count > LIMIT_CONDITIONS)
    diagnose(r->findings, CODE_P018, rule->where,
             "%zu conditions in a rule; %d are allowed", count,
             LIMIT_CONDITIONS);
  if (rule->mistakes & RULE_MISSING_ARROW)
    missing_arrow(r, rule);
  check_action(r, rule);
  if (rule->mistakes & RULE_MISSING_SEMICOLON)
    missing_semicolon(r, behind(rule->where), "this rule");
}

static void check_section_name(reporter *r, const ast_section *s) {
  slice name = text_of(r, s->name);
  for (const char *const *known = section_names; *known; known++)
    if (slice_equal_ignore_case(name, slice_from(*known)))
      return; /* another case is a matter of style: F401 */
  const char *near = did_you_mean(name, section_names);
  diagnostic *d = diagnose(r->findings, CODE_P006, s->name,
                           "there is no section `%.*s`", SLICE_ARGS(name));
  if (!near) {
    diagnostic_help(r->findings, d,
                    "sections are configurationrules, authorizationrules and "
                    "issuancerules");
    return;
  }
  diagnostic_help(r->findings, d, "did you mean `%s`?", near);
  safe_fix(r, d, "write the known section", s->name, slice_from(near));
}

static void check_section(reporter *r, const ast_section *s) {
  check_section_name(r, s);
  if (!span_is_empty(s->assignment)) {
    diagnostic *d =
        diagnose(r->findings, CODE_P008, s->assignment,
                 "`=` before `{`: sections are not assigned (since 2020)");
    safe_fix(r, d, "delete `=`", s->assignment, SLICE_EMPTY);
  }
  for (const ast_rule *rule = s->rules; rule; rule = rule->next)
    check_rule(r, rule);
  if (s->missing_brace && !r->policy->has_open_comment) {
    diagnostic *d = diagnose(r->findings, CODE_P001, behind(s->where),
                             "`};` is missing: this section is not closed");
    diagnostic_label_at(r->findings, d, s->name, "the section begins here");
  } else if (s->missing_semicolon && !s->missing_brace) {
    missing_semicolon(r, behind(s->where), "this section");
  }
}

static void check_versions(reporter *r) {
  const ast_version *first = r->policy->versions;
  for (const ast_version *v = first; v; v = v->next) {
    if (v != first) {
      diagnostic *d = diagnose(r->findings, CODE_P001, v->name,
                               "the version is given a second time");
      diagnostic_label_at(r->findings, d, first->name, "first here");
    } else if (r->policy->sections &&
               r->policy->sections->where.begin < v->where.begin) {
      diagnose(r->findings, CODE_P001, v->name,
               "the version stands before all sections");
    }
    if (v->missing_semicolon)
      missing_semicolon(r, behind(v->where), "the version");
  }
}

void report_mistakes(const ast_policy *policy, diagnostics *findings) {
  reporter r = {policy, findings};
  check_versions(&r);
  for (const ast_section *s = policy->sections; s; s = s->next)
    check_section(&r, s);
  const ast_rule *loose = policy->loose_rules;
  if (loose && !(loose->mistakes & RULE_INVALID)) {
    diagnostic *d = diagnose(findings, CODE_P001,
                             (span){loose->where.begin, loose->where.begin + 1},
                             "a rule stands outside of any section");
    diagnostic_help(findings, d,
                    "put it into authorizationrules { .. }; or "
                    "issuancerules { .. };");
  }
  for (; loose; loose = loose->next)
    check_rule(&r, loose);
  if (policy->versions && !policy->sections && !policy->loose_rules &&
      !policy->has_syntax_errors)
    diagnose(findings, CODE_P001, behind(policy->versions->where),
             "a policy needs at least one section");
}
