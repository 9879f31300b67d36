/* SPDX-License-Identifier: Apache-2.0 */
/* Version, sections, rules. */
#include "compiler/check.h"

#include "base/text.h"
#include "grammar/parse.h"

void suggest(checker *c, diagnostic *d, span where, slice name,
             const char *const *candidates, bool with_fix) {
  const char *near = did_you_mean(name, candidates);
  if (!near)
    return;
  diagnostic_help(c->findings, d, "did you mean `%s`?", near);
  if (with_fix)
    fix_edit(c->findings,
             diagnostic_fix(c->findings, d, FIX_SAFE, "write the known name"),
             where, slice_from(near));
}

/* Version. */

static void check_keyword_case(checker *c, span where, const char *keyword) {
  if (!keyword || slice_is(checker_text(c, where), keyword))
    return;
  diagnostic *d = diagnose(c->findings, CODE_F401, where,
                           "keywords are written in lower case: `%s`",
                           keyword);
  fix_edit(c->findings,
           diagnostic_fix(c->findings, d, FIX_SAFE, "write it in lower case"),
           where, slice_from(keyword));
}

static void missing_version(checker *c) {
  uint32_t at = c->policy->first_token;
  bool is_empty = at >= c->policy->text.length;
  diagnostic *d = diagnose(
      c->findings, CODE_S001, is_empty ? (span){0, 0} : (span){at, at},
      is_empty ? "there is no policy: the text is empty"
               : "the version is missing");
  diagnostic_help(c->findings, d,
                  "a policy begins with version=1.0;, version=1.1; or "
                  "version=1.2;");
}

static void check_version(checker *c) {
  const ast_version *v = c->policy->versions;
  c->version = 12;
  if (!v) {
    missing_version(c);
    return;
  }
  check_keyword_case(c, v->name, "version");
  if (v->invalid)
    return;
  slice number = checker_text(c, v->number);
  if (slice_is(number, "1.0"))
    c->version = 10;
  else if (slice_is(number, "1.1"))
    c->version = 11;
  else if (!slice_is(number, "1.2"))
    diagnostic_help(c->findings,
                    diagnose(c->findings, CODE_S002, v->number,
                             "there is no version %.*s", SLICE_ARGS(number)),
                    "versions are 1.0, 1.1 and 1.2");
}

/* Rules. */

/* Which action may stand where, section by section. */
static const struct {
  bool allowed[SECTION_COUNT];
  const char *where;
} action_places[ACTION_COUNT] = {
    [ACTION_PERMIT] = {{false, true, false}, "authorizationrules"},
    [ACTION_DENY] = {{false, true, false}, "authorizationrules"},
    [ACTION_ADD] = {{false, true, true}, "authorizationrules or issuancerules"},
    [ACTION_ISSUE] = {{false, true, true}, "issuancerules"},
    [ACTION_ISSUEPROPERTY] = {{true, false, true},
                              "configurationrules or issuancerules"},
};

static void check_place_of_action(checker *c) {
  slice name = checker_text(c, c->rule->action);
  action_kind action = action_from_name(name);
  if (action == ACTION_COUNT || c->section == SECTION_COUNT)
    return;
  if (!action_places[action].allowed[c->section]) {
    diagnostic *d = diagnose(c->findings, CODE_S007, c->rule->action,
                             "%.*s cannot stand in %s", SLICE_ARGS(name),
                             section_names[c->section]);
    diagnostic_help(c->findings, d, "%.*s stands in %s", SLICE_ARGS(name),
                    action_places[action].where);
    c->is_misplaced = true;
  } else if (action == ACTION_ISSUE && c->section == SECTION_AUTHORIZATION) {
    diagnostic *d = diagnose(c->findings, CODE_S007, c->rule->action,
                             "issue in authorizationrules acts as add: "
                             "nothing is issued");
    diagnostic_set_severity(c->findings, d, SEVERITY_WARNING);
    diagnostic_help(c->findings, d, "write add, or move the rule into "
                                    "issuancerules");
  }
}

static void check_rule(checker *c, const ast_rule *rule) {
  if (rule->mistakes & RULE_INVALID)
    return;
  c->rule = rule;
  c->is_misplaced = false;
  check_conditions(c);
  check_place_of_action(c);
  check_action(c);
}

/* Sections. */

static void check_order(checker *c, const ast_section *s, section_kind kind,
                        const ast_section *seen[SECTION_COUNT]) {
  if (seen[kind]) {
    diagnostic *d = diagnose(c->findings, CODE_S006, s->name,
                             "%s stands a second time", section_names[kind]);
    diagnostic_label_at(c->findings, d, seen[kind]->name, "first here");
    diagnostic_help(c->findings, d, "put the rules into one section");
    return;
  }
  for (int later = (int)kind + 1; later < SECTION_COUNT; later++)
    if (seen[later]) {
      diagnostic *d = diagnose(c->findings, CODE_S006, s->name,
                               "%s stands behind %s", section_names[kind],
                               section_names[later]);
      diagnostic_label_at(c->findings, d, seen[later]->name,
                          "this one is later");
      diagnostic_help(c->findings, d,
                      "the order is configurationrules, authorizationrules, "
                      "issuancerules");
      return;
    }
}

static void check_section(checker *c, const ast_section *s,
                          const ast_section *seen[SECTION_COUNT]) {
  section_kind kind = section_from_name(checker_text(c, s->name));
  c->section = kind;
  if (kind != SECTION_COUNT) {
    check_keyword_case(c, s->name, section_names[kind]);
    check_order(c, s, kind, seen);
    if (!seen[kind])
      seen[kind] = s;
    if (kind == SECTION_CONFIGURATION && c->version < 11)
      diagnostic_help(c->findings,
                      diagnose(c->findings, CODE_S003, s->name,
                               "configurationrules needs version 1.1 or later"),
                      "write version=1.1;");
  }
  for (const ast_rule *rule = s->rules; rule; rule = rule->next)
    check_rule(c, rule);
}

void check_policy(const ast_policy *policy, diagnostics *findings) {
  checker c = {.policy = policy, .findings = findings};
  const ast_section *seen[SECTION_COUNT] = {NULL};
  check_version(&c);
  for (const ast_section *s = policy->sections; s; s = s->next)
    check_section(&c, s, seen);
  c.section = SECTION_COUNT;
  for (const ast_rule *rule = policy->loose_rules; rule; rule = rule->next)
    check_rule(&c, rule);
}
