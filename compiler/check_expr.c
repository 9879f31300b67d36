/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions: names of functions and properties, arguments, identifiers. */
#include "compiler/check.h"

#include "base/limits.h"
#include "base/text.h"
#include "grammar/parse.h"

/* What each function takes; STATIC_UNKNOWN: anything. */
static const struct {
  const char *signature;
  uint8_t count;
  uint8_t arguments[2]; /* static_type */
  uint8_t result;
} functions[FUNCTION_COUNT] = {
    [FUNCTION_JMESPATH] = {"JmesPath(json, query)", 2,
                           {STATIC_STRING, STATIC_STRING}, STATIC_STRING},
    [FUNCTION_JSON_TO_CLAIM_VALUE] = {"JsonToClaimValue(json)", 1,
                                      {STATIC_STRING}, STATIC_UNKNOWN},
    [FUNCTION_IS_SUBSET_OF] = {"IsSubsetOf(subset, superset)", 2,
                               {STATIC_UNKNOWN, STATIC_UNKNOWN},
                               STATIC_BOOLEAN},
    [FUNCTION_APPEND_STRING] = {"AppendString(first, second)", 2,
                                {STATIC_STRING, STATIC_STRING}, STATIC_STRING},
    [FUNCTION_NEGATE_BOOL] = {"NegateBool(boolean)", 1, {STATIC_BOOLEAN},
                              STATIC_BOOLEAN},
    [FUNCTION_CONTAINS_ONLY_VALUE] = {"ContainsOnlyValue(set, value)", 2,
                                      {STATIC_UNKNOWN, STATIC_UNKNOWN},
                                      STATIC_BOOLEAN},
};

const char *static_type_name(static_type type) {
  static const char *const names[] = {"a value", "a boolean", "an integer",
                                      "a string"};
  return names[type];
}

const ast_condition *find_binding(const checker *c, slice name,
                                  const ast_condition *before) {
  const ast_condition *found = NULL;
  for (const ast_condition *at = c->rule->conditions; at && at != before;
       at = at->next)
    if (!span_is_empty(at->name) &&
        slice_equal(checker_text(c, at->name), name))
      found = at;
  return found;
}

/* Names bound in the rule, for "did you mean"; a short list does. */
static void suggest_identifier(checker *c, diagnostic *d, slice name) {
  const char *bound[17];
  size_t count = 0;
  for (const ast_condition *at = c->rule->conditions;
       at && at != c->condition && count < 16; at = at->next)
    if (!span_is_empty(at->name))
      bound[count++] =
          arena_string(c->findings->arena, checker_text(c, at->name));
  bound[count] = NULL;
  if (count == 1 && !did_you_mean(name, bound))
    diagnostic_help(c->findings, d, "this rule binds `%s`", bound[0]);
  else
    suggest(c, d, (span){0, 0}, name, bound, false);
}

static void check_identifier(checker *c, span where) {
  slice name = checker_text(c, where);
  if (find_binding(c, name, c->condition))
    return;
  diagnostic *d = diagnose(c->findings, CODE_S011, where,
                           "no condition before binds `%.*s`",
                           SLICE_ARGS(name));
  const ast_condition *later = find_binding(c, name, NULL);
  if (!later) {
    suggest_identifier(c, d, name);
    return;
  }
  diagnostic_label_at(c->findings, d, later->name, "bound only here");
  diagnostic_help(c->findings, d,
                  "an identifier is visible in later conditions and in the "
                  "action");
}

static static_type check_reference(checker *c, const ast_expr *e) {
  slice name = checker_text(c, e->property.property);
  property_kind property = property_from_name(name);
  check_identifier(c, e->property.identifier);
  if (property == PROPERTY_COUNT) {
    diagnostic *d =
        diagnose(c->findings, CODE_S014, e->property.property,
                 "a claim has no property `%.*s`", SLICE_ARGS(name));
    diagnostic_help(c->findings, d,
                    "properties are type, value, valueType and issuer");
    suggest(c, d, e->property.property, name, property_names, false);
  }
  return static_type_of(c, e);
}

/* The type of a value before it runs; reports nothing. */
static_type static_type_of(const checker *c, const ast_expr *e) {
  switch ((ast_expr_kind)e->kind) {
  case EXPR_STRING:
    return STATIC_STRING;
  case EXPR_INTEGER:
    return STATIC_INTEGER;
  case EXPR_BOOLEAN:
    return STATIC_BOOLEAN;
  case EXPR_PROPERTY: {
    property_kind p =
        property_from_name(checker_text(c, e->property.property));
    return p == PROPERTY_VALUE || p == PROPERTY_COUNT ? STATIC_UNKNOWN
                                                      : STATIC_STRING;
  }
  case EXPR_CALL: {
    function_kind f =
        function_from_name(checker_text(c, e->call.function));
    return f == FUNCTION_COUNT ? STATIC_UNKNOWN
                               : (static_type)functions[f].result;
  }
  case EXPR_INVALID:
  case EXPR_NAME:
    break;
  }
  return STATIC_UNKNOWN;
}

static void unknown_function(checker *c, const ast_expr *e) {
  slice name = checker_text(c, e->call.function);
  diagnostic *d = diagnose(c->findings, CODE_S008, e->call.function,
                           "there is no function `%.*s`", SLICE_ARGS(name));
  if (slice_is(name, "equals_ignore_case"))
    diagnostic_help(c->findings, d,
                    "it is a function of JMESPath: it stands inside the query");
  else
    diagnostic_help(c->findings, d,
                    "functions are JmesPath, JsonToClaimValue, IsSubsetOf, "
                    "AppendString, NegateBool and ContainsOnlyValue");
  suggest(c, d, e->call.function, name, function_names, true);
}

/* A literal query that cannot work; the place is inside of the string. */
static void check_query(checker *c, const ast_expr *call,
                        const ast_expr *query) {
  jmespath_error error;
  const jmespath_query *compiled =
      jmespath_compile(c->findings->arena, query->string, &error);
  if (compiled) {
    lint_query(c, call, query, compiled);
    return;
  }
  slice text = c->policy->text;
  span where = {string_place(text, query->where, error.where.begin),
                string_place(text, query->where, error.where.end)};
  diagnostic *d = diagnose(c->findings, CODE_S019, where, "%s",
                           error.message);
  if (error.help)
    diagnostic_help(c->findings, d, "%s", error.help);
}

static void check_argument_types(checker *c, const ast_expr *e,
                                 function_kind f) {
  size_t i = 0;
  for (const ast_argument *a = e->call.arguments; a; a = a->next, i++) {
    static_type wanted = (static_type)functions[f].arguments[i];
    static_type got = static_type_of(c, a->expr);
    if (wanted != STATIC_UNKNOWN && got != STATIC_UNKNOWN && wanted != got) {
      diagnostic *d = diagnose(c->findings, CODE_S010, a->expr->where,
                               "%s takes %s here, not %s", function_names[f],
                               static_type_name(wanted),
                               static_type_name(got));
      diagnostic_help(c->findings, d, "%s", functions[f].signature);
    } else if (f == FUNCTION_JMESPATH && i == 1 &&
               a->expr->kind == EXPR_STRING) {
      if (a->expr->string.length)
        check_query(c, e, a->expr);
      else
        diagnose(c->findings, CODE_S010, a->expr->where,
                 "the query of JmesPath is empty");
    }
  }
}

static static_type check_call(checker *c, const ast_expr *e) {
  function_kind f = function_from_name(checker_text(c, e->call.function));
  size_t count = 0;
  for (const ast_argument *a = e->call.arguments; a; a = a->next, count++)
    check_expr(c, a->expr);
  if (f == FUNCTION_COUNT) {
    unknown_function(c, e);
    return STATIC_UNKNOWN;
  }
  if (c->version < 12)
    diagnostic_help(c->findings,
                    diagnose(c->findings, CODE_S004, e->call.function,
                             "%s needs version 1.2, as every function",
                             function_names[f]),
                    "write version=1.2;");
  if (count > LIMIT_ARGUMENTS)
    return (static_type)functions[f].result; /* P018 has said so */
  if (count != functions[f].count) {
    diagnostic *d = diagnose(c->findings, CODE_S009, e->call.function,
                             "%s takes %u argument%s, not %zu",
                             function_names[f], functions[f].count,
                             functions[f].count == 1 ? "" : "s", count);
    diagnostic_help(c->findings, d, "%s", functions[f].signature);
  } else {
    check_argument_types(c, e, f);
  }
  return (static_type)functions[f].result;
}

static_type check_expr(checker *c, const ast_expr *e) {
  if (e->kind == EXPR_PROPERTY)
    return check_reference(c, e);
  if (e->kind == EXPR_CALL)
    return check_call(c, e);
  return static_type_of(c, e);
}
