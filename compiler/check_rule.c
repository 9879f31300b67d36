/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions and actions. */
#include "compiler/check.h"
#include "compiler/properties.h"
#include "grammar/parse.h"

/* Conditions. */

static void unknown_property(checker *c, span where) {
  slice name = checker_text(c, where);
  diagnostic *d = diagnose(c->findings, CODE_S014, where,
                           "a claim has no property `%.*s`",
                           SLICE_ARGS(name));
  diagnostic_help(c->findings, d,
                  "properties are type, value, valueType and issuer");
  suggest(c, d, where, name, property_names, false);
}

static void check_order_test(checker *c, const ast_test *t,
                             property_kind property, static_type right) {
  if (t->relation < OPERATOR_LESS || t->relation > OPERATOR_GREATER_EQUAL)
    return;
  const char *relation = operator_text((ast_operator)t->relation);
  diagnostic *d = NULL;
  if (property != PROPERTY_VALUE)
    d = diagnose(c->findings, CODE_S015, t->operator_where,
                 "`%s` compares integers; %.*s is a string", relation,
                 SLICE_ARGS(property_name(property)));
  else if (right == STATIC_STRING || right == STATIC_BOOLEAN)
    d = diagnose(c->findings, CODE_S015, t->operator_where,
                 "`%s` compares integers, not %s", relation,
                 static_type_name(right));
  if (d && t->expr->kind == EXPR_STRING && property == PROPERTY_VALUE)
    diagnostic_help(c->findings, d, "a number stands without quotes");
}

static void check_issuer(checker *c, const ast_expr *e) {
  static const char *const issuers[] = {"AttestationService",
                                        "AttestationPolicy", "CustomClaim",
                                        NULL};
  for (const char *const *known = issuers; *known; known++)
    if (slice_is(e->string, *known))
      return;
  diagnostic *d = diagnose(c->findings, CODE_S021, e->where,
                           "no claim has the issuer \"%.*s\"",
                           SLICE_ARGS(e->string));
  diagnostic_help(c->findings, d,
                  "issuers are AttestationService, AttestationPolicy and "
                  "CustomClaim");
  suggest(c, d, e->where, e->string, issuers, false);
}

static void check_test(checker *c, const ast_test *t) {
  static_type right = check_expr(c, t->expr);
  property_kind property = property_from_name(checker_text(c, t->property));
  if (property == PROPERTY_COUNT) {
    unknown_property(c, t->property);
    return;
  }
  check_order_test(c, t, property, right);
  if (property == PROPERTY_VALUE)
    return;
  if (t->expr->kind == EXPR_INTEGER || t->expr->kind == EXPR_BOOLEAN)
    diagnose(c->findings, CODE_S016, t->expr->where,
             "%.*s is a string; this is %s",
             SLICE_ARGS(property_name(property)), static_type_name(right));
  if (property == PROPERTY_ISSUER && t->expr->kind == EXPR_STRING)
    check_issuer(c, t->expr);
}

static void check_name(checker *c, const ast_condition *condition) {
  if (span_is_empty(condition->name))
    return;
  slice name = checker_text(c, condition->name);
  const ast_condition *before = find_binding(c, name, condition);
  if (before) {
    diagnostic *d = diagnose(c->findings, CODE_S012, condition->name,
                             "`%.*s` is bound twice in this rule; the later "
                             "one counts",
                             SLICE_ARGS(name));
    diagnostic_label_at(c->findings, d, before->name, "first here");
  }
  if (condition->negated)
    diagnose(c->findings, CODE_S013, condition->name,
             "`%.*s` is bound by a negated condition: it is always empty",
             SLICE_ARGS(name));
}

static void check_condition(checker *c, const ast_condition *condition) {
  c->condition = condition;
  span negation = {condition->negation, condition->negation + 1};
  if (condition->negated && c->version < 12)
    diagnostic_help(c->findings,
                    diagnose(c->findings, CODE_S005, negation,
                             "`!` needs version 1.2"),
                    "write version=1.2;");
  if (c->section == SECTION_CONFIGURATION)
    diagnose(c->findings, CODE_S025, condition->where,
             "configurationrules run before the evidence is looked at: this "
             "condition %s",
             condition->negated ? "always holds" : "never holds");
  check_name(c, condition);
  for (const ast_test *t = condition->tests; t; t = t->next)
    check_test(c, t);
}

void check_conditions(checker *c) {
  for (const ast_condition *at = c->rule->conditions; at; at = at->next)
    check_condition(c, at);
  c->condition = NULL;
}

/* Actions: claim=c, or type=.. and value=.. */

typedef struct claim_arguments {
  const ast_argument *claim, *type, *value;
  bool unknown; /* something else stood there and was reported */
} claim_arguments;

static void unknown_argument(checker *c, const ast_argument *a, slice name) {
  static const char *const names[] = {"claim", "type", "value", NULL};
  diagnostic *d;
  if (slice_is(name, "issuer") || slice_is(name, "valueType")) {
    d = diagnose(c->findings, CODE_S014, a->name,
                 "%.*s of a new claim cannot be chosen", SLICE_ARGS(name));
    diagnostic_help(c->findings, d,
                    slice_is(name, "issuer")
                        ? "it is always AttestationPolicy"
                        : "it follows from the value");
    return;
  }
  d = diagnose(c->findings, CODE_S014, a->name,
               "there is no argument `%.*s`", SLICE_ARGS(name));
  diagnostic_help(c->findings, d, "arguments are claim=, or type= and value=");
  suggest(c, d, a->name, name, names, false);
}

static void repeated_argument(checker *c, const ast_argument *a,
                              const ast_argument *first) {
  diagnostic *d = diagnose(c->findings, CODE_S014, a->name,
                           "`%.*s` is given twice",
                           SLICE_ARGS(checker_text(c, a->name)));
  diagnostic_label_at(c->findings, d, first->name, "first here");
}

static claim_arguments sort_arguments(checker *c) {
  claim_arguments found = {NULL, NULL, NULL, false};
  for (const ast_argument *a = c->rule->arguments; a; a = a->next) {
    slice name = checker_text(c, a->name);
    const ast_argument **place = slice_is(name, "claim")   ? &found.claim
                                 : slice_is(name, "type")  ? &found.type
                                 : slice_is(name, "value") ? &found.value
                                                           : NULL;
    if (place && *place)
      repeated_argument(c, a, *place);
    else if (place)
      *place = a;
    else
      found.unknown = true;
    if (!place && name.length) /* a nameless one is P009 */
      unknown_argument(c, a, name);
  }
  return found;
}

typedef enum certainty { NEVER, PERHAPS, SURELY } certainty;

/* pcrs from the service is read-only: a rule may read it, never issue it. A
 * condition that asks for no issuer may also select somebody else's. */
static certainty selects_read_only(const checker *c, span identifier) {
  const ast_condition *from =
      find_binding(c, checker_text(c, identifier), NULL);
  bool is_pcrs = false, is_service = false, is_other = false;
  for (const ast_test *t = from ? from->tests : NULL; t; t = t->next) {
    slice name = checker_text(c, t->property);
    bool equal = t->relation == OPERATOR_EQUAL;
    if (t->expr->kind != EXPR_STRING ||
        (!equal && t->relation != OPERATOR_NOT_EQUAL))
      continue;
    if (slice_is(name, "type"))
      is_pcrs |= equal && slice_is(t->expr->string, "pcrs");
    else if (slice_is(name, "issuer") &&
             equal == slice_is(t->expr->string, "AttestationService"))
      is_service |= equal;
    else if (slice_is(name, "issuer"))
      is_other = true;
  }
  if (!is_pcrs || is_other || from->negated)
    return NEVER;
  return is_service ? SURELY : PERHAPS;
}

static void check_read_only(checker *c, const ast_expr *e, span identifier) {
  certainty read_only = selects_read_only(c, identifier);
  if (slice_is(checker_text(c, c->rule->action), "add") || !read_only)
    return;
  diagnostic *d = diagnose(c->findings, CODE_S020, e->where,
                           "pcrs is read-only: it cannot be issued");
  diagnostic_help(c->findings, d,
                  "issue what a rule finds in it, such as a boolean");
  if (read_only == PERHAPS)
    diagnostic_set_severity(c->findings, d, SEVERITY_WARNING);
}

static void check_claim_argument(checker *c, const claim_arguments *found) {
  const ast_expr *e = found->claim->expr;
  if (found->type || found->value)
    diagnose(c->findings, CODE_S014, found->claim->name,
             "`claim=` stands alone, without type= and value=");
  if (e->kind == EXPR_INVALID)
    return;
  if (e->kind != EXPR_NAME) {
    diagnostic *d = diagnose(c->findings, CODE_S010, e->where,
                             "`claim=` takes an identifier");
    diagnostic_help(c->findings, d, "c:[type==\"..\"] => %.*s(claim=c);",
                    SLICE_ARGS(checker_text(c, c->rule->action)));
    check_expr(c, e);
    return;
  }
  slice name = checker_text(c, e->where);
  if (!find_binding(c, name, NULL)) {
    diagnose(c->findings, CODE_S011, e->where,
             "no condition of this rule binds `%.*s`", SLICE_ARGS(name));
    return;
  }
  check_read_only(c, e, e->where);
}

static void check_type_argument(checker *c, const ast_expr *e) {
  static_type type = check_expr(c, e);
  if (type == STATIC_INTEGER || type == STATIC_BOOLEAN)
    diagnose(c->findings, CODE_S016, e->where,
             "the type of a claim is a string; this is %s",
             static_type_name(type));
  else if (e->kind == EXPR_STRING && !e->string.length)
    diagnose(c->findings, CODE_S017, e->where,
             "the type of a claim cannot be empty");
}

static void unknown_policy_property(checker *c, const ast_expr *type,
                                    const policy_property *known) {
  const char *names[POLICY_PROPERTY_COUNT + 1];
  diagnostic *d;
  if (known) {
    d = diagnose(c->findings, CODE_S022, type->where, "%s has no effect here",
                 known->name);
    diagnostic_help(c->findings, d, "it belongs into %s",
                    section_names[known->section]);
    return;
  }
  for (size_t i = 0; i < POLICY_PROPERTY_COUNT; i++)
    names[i] = policy_properties[i].name;
  names[POLICY_PROPERTY_COUNT] = NULL;
  d = diagnose(c->findings, CODE_S022, type->where,
               "the service knows no property \"%.*s\"",
               SLICE_ARGS(type->string));
  suggest(c, d, type->where, type->string, names, false);
}

static static_type type_of_kind(literal_kind kind) {
  return kind == LITERAL_BOOLEAN   ? STATIC_BOOLEAN
         : kind == LITERAL_INTEGER ? STATIC_INTEGER
                                   : STATIC_STRING;
}

static void check_policy_property(checker *c, const ast_expr *type,
                                  const ast_expr *given) {
  const policy_property *known = policy_property_find(type->string);
  if (!known || known->section != c->section)
    unknown_policy_property(c, type, known);
  if (!known)
    return;
  static_type got = static_type_of(c, given);
  static_type wanted = type_of_kind(known->kind);
  if (got != STATIC_UNKNOWN && got != wanted)
    diagnose(c->findings, CODE_S023, given->where, "%s takes %s, not %s",
             known->name, static_type_name(wanted), static_type_name(got));
  else if (given->kind == EXPR_INTEGER &&
           (given->integer < known->least || given->integer > known->most))
    diagnose(c->findings, CODE_S024, given->where,
             "%s lies between %lld and %lld", known->name,
             (long long)known->least, (long long)known->most);
}

static void check_type_and_value(checker *c, const claim_arguments *found) {
  if (found->type)
    check_type_argument(c, found->type->expr);
  if (found->value) {
    const ast_expr *e = found->value->expr;
    check_expr(c, e);
    if (e->kind == EXPR_PROPERTY &&
        slice_is(checker_text(c, e->property.property), "value"))
      check_read_only(c, e, e->property.identifier);
  }
  if (found->unknown)
    return; /* said already; what it was meant for is not known */
  if (!found->type || !found->value) {
    slice name = checker_text(c, c->rule->action);
    diagnostic *d =
        diagnose(c->findings, CODE_S017, c->rule->action,
                 "%.*s lacks %s", SLICE_ARGS(name),
                 found->type    ? "value="
                 : found->value ? "type="
                                : "its arguments");
    diagnostic_help(c->findings, d, "%.*s(type=\"..\", value=..) or "
                                    "%.*s(claim=c)",
                    SLICE_ARGS(name), SLICE_ARGS(name));
  } else if (slice_is(checker_text(c, c->rule->action), "issueproperty") &&
             found->type->expr->kind == EXPR_STRING &&
             c->section != SECTION_COUNT && !c->is_misplaced) {
    check_policy_property(c, found->type->expr, found->value->expr);
  }
}

void check_action(checker *c) {
  action_kind action = action_from_name(checker_text(c, c->rule->action));
  if (action == ACTION_COUNT || (c->rule->mistakes & RULE_MISSING_PARENTHESES))
    return; /* P007, no name at all, or no arguments to look at */
  if (action == ACTION_PERMIT || action == ACTION_DENY) {
    if (c->rule->arguments)
      diagnose(c->findings, CODE_S018, c->rule->action,
               "%s takes no argument", action_names[action]);
    return;
  }
  claim_arguments found = sort_arguments(c);
  if (found.claim)
    check_claim_argument(c, &found);
  else
    check_type_and_value(c, &found);
}
