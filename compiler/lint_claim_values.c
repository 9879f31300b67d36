/* SPDX-License-Identifier: Apache-2.0 */
/* C104 to C107: values that a claim of the service never has. */
#include <stdlib.h>

#include "compiler/lint_claims.h"

static const char *kind_words(unsigned kind) {
  return kind == VALUE_BOOLEAN   ? "a boolean"
         : kind == VALUE_INTEGER ? "an integer"
                                 : "a string";
}

static const char *kind_name(unsigned kind) {
  return kind == VALUE_BOOLEAN   ? "Boolean"
         : kind == VALUE_INTEGER ? "Integer"
                                 : "String";
}

/* VALUE_NULL: not known before it runs. */
static unsigned kind_of(claim_linter *c, const condition_view *v,
                        const ast_expr *e) {
  checker check = {.policy = c->ast, .rule = c->rule->rule};
  switch (static_type_of(&check, e)) {
  case STATIC_BOOLEAN:
    return VALUE_BOOLEAN;
  case STATIC_INTEGER:
    return VALUE_INTEGER;
  case STATIC_STRING:
    return VALUE_STRING;
  case STATIC_UNKNOWN:
    break;
  }
  const ast_condition *from =
      e->kind == EXPR_PROPERTY
          ? view_binding(c->ast, c->rule->rule, e->property.identifier,
                         v->condition)
          : NULL;
  if (!from || from->negated)
    return VALUE_NULL;
  condition_view source = view_condition(from);
  if (!source.type)
    return VALUE_NULL;
  claim_name *n = claim_name_of(c, source.type->expr->string);
  return claim_is_service_only(&source, n) ? n->entry->kind : VALUE_NULL;
}

/* --- C104 ----------------------------------------------------------------- */

/* "1" for 1, 1 for "1": what was probably meant. */
static void help_with_kind(claim_linter *c, diagnostic *d, const ast_expr *e,
                           unsigned kind) {
  if (e->kind == EXPR_STRING && e->string.length && kind != VALUE_STRING) {
    claim_entry wanted = {.kind = (uint8_t)kind};
    if (claim_entry_fits(&wanted, e->string))
      diagnostic_help(c->findings, d, "write %.*s, without quotes",
                      SLICE_ARGS(e->string));
  } else if (kind == VALUE_BOOLEAN && e->kind == EXPR_INTEGER) {
    diagnostic_help(c->findings, d, "write true or false");
  } else if (kind == VALUE_STRING && e->kind != EXPR_STRING &&
             (e->kind == EXPR_INTEGER || e->kind == EXPR_BOOLEAN)) {
    diagnostic_help(c->findings, d, "a string stands between quotes");
  }
}

static bool check_kind(claim_linter *c, const condition_view *v,
                       const claim_entry *e, const ast_test *t) {
  unsigned got = kind_of(c, v, t->expr);
  bool is_order = t->relation >= OPERATOR_LESS &&
                  t->relation <= OPERATOR_GREATER_EQUAL;
  if (is_order && e->kind != VALUE_INTEGER &&
      (got == VALUE_NULL || got == VALUE_INTEGER)) {
    diagnose(c->findings, CODE_C104, t->operator_where,
             "`%s` compares integers; \"%s\" is %s: this never holds",
             operator_text((ast_operator)t->relation), e->name,
             kind_words(e->kind));
    return false;
  }
  if (is_order || got == VALUE_NULL || got == e->kind)
    return true; /* S015 speaks of an order of other literals */
  diagnostic *d = diagnose(
      c->findings, CODE_C104, t->expr->where,
      "\"%s\" is %s, this is %s: the test never holds", e->name,
      kind_words(e->kind), kind_words(got));
  help_with_kind(c, d, t->expr, e->kind);
  return false;
}

static void check_value_type(claim_linter *c, const claim_entry *e,
                             const ast_test *t) {
  if (t->expr->kind != EXPR_STRING || t->relation != OPERATOR_EQUAL ||
      slice_is(t->expr->string, kind_name(e->kind)))
    return;
  diagnostic *d = diagnose(
      c->findings, CODE_C104, t->expr->where,
      "the valueType of \"%s\" is %s: the test never holds", e->name,
      kind_name(e->kind));
  diagnostic_help(c->findings, d, "write \"%s\"", kind_name(e->kind));
}

/* --- C105 to C107 --------------------------------------------------------- */

static const char *outcome(const ast_test *t) {
  return t->relation == OPERATOR_EQUAL ? "never holds" : "always holds";
}

static bool is_hex(slice s) {
  for (size_t i = 0; i < s.length; i++) {
    char c = s.data[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
          (c >= 'A' && c <= 'F')))
      return false;
  }
  return true;
}

static slice lower_case(arena *a, slice s) {
  char *text = arena_string(a, s);
  for (size_t i = 0; i < s.length; i++)
    if (text[i] >= 'A' && text[i] <= 'Z')
      text[i] = (char)(text[i] + 32);
  return (slice){text, s.length};
}

/* How else people write bytes. */
static const char *other_spelling(const claim_entry *e, slice s) {
  if (e->format != CLAIM_HEX)
    return s.length && s.data[s.length - 1] == '='
               ? "leave out the padding `=`"
               : NULL;
  if (slice_starts_with(s, "0x") || slice_starts_with(s, "0X"))
    return "leave out the `0x`";
  for (size_t i = 0; i < s.length; i++)
    if (s.data[i] == ':' || s.data[i] == '-' || s.data[i] == ' ')
      return "nothing stands between the digits";
  size_t base64 = ((size_t)e->length + 2) / 3 * 4;
  if (s.length == base64 && !is_hex(s))
    return "this looks like base64: write the bytes in hex";
  return NULL;
}

static void wrong_encoding(claim_linter *c, const claim_entry *e,
                           const ast_test *t) {
  slice s = t->expr->string;
  buffer wanted = buffer_in(c->lint->arena);
  const char *spelling = other_spelling(e, s);
  claim_format_describe(&wanted, e);
  slice words = buffer_slice(&wanted);
  bool is_long = e->format == CLAIM_HEX && is_hex(s);
  diagnostic *d =
      is_long ? diagnose(c->findings, CODE_C105, t->expr->where,
                         "\"%s\" has %.*s; here are %zu: the test %s", e->name,
                         SLICE_ARGS(words), s.length, outcome(t))
              : diagnose(c->findings, CODE_C105, t->expr->where,
                         "\"%s\" has %.*s: the test %s", e->name,
                         SLICE_ARGS(words), outcome(t));
  if (spelling)
    diagnostic_help(c->findings, d, "%s", spelling);
}

static void wrong_case(claim_linter *c, const claim_entry *e,
                       const ast_test *t, slice lower) {
  diagnostic *d = diagnose(
      c->findings, CODE_C106, t->expr->where,
      "the hex digits of \"%s\" are lower case: the test %s", e->name,
      outcome(t));
  buffer b = buffer_in(c->lint->arena);
  buffer_printf(&b, "\"%.*s\"", SLICE_ARGS(lower));
  fix_edit(c->findings,
           diagnostic_fix(c->findings, d, FIX_UNSAFE, "write lower case"),
           t->expr->where, buffer_slice(&b));
}

static void check_encoding(claim_linter *c, const claim_entry *e,
                           const ast_test *t) {
  slice s = t->expr->string;
  if (claim_entry_fits(e, s))
    return;
  if (e->format == CLAIM_HEX && is_hex(s)) {
    slice lower = lower_case(c->lint->arena, s);
    if (claim_entry_fits(e, lower)) {
      wrong_case(c, e, t, lower);
      return;
    }
  }
  wrong_encoding(c, e, t);
}

static void unknown_value(claim_linter *c, const claim_entry *e,
                          const ast_test *t) {
  slice lower = lower_case(c->lint->arena, t->expr->string);
  buffer known = buffer_in(c->lint->arena);
  diagnostic *d =
      diagnose(c->findings, CODE_C107, t->expr->where,
               "\"%s\" is never \"%.*s\": the test %s", e->name,
               SLICE_ARGS(t->expr->string), outcome(t));
  claim_format_describe(&known, e);
  if (claim_entry_fits(e, lower))
    diagnostic_help(c->findings, d, "write \"%.*s\"", SLICE_ARGS(lower));
  else
    diagnostic_help(c->findings, d, "known are %.*s",
                    SLICE_ARGS(buffer_slice(&known)));
}

static int compare_places(const void *key, const void *item) {
  uint32_t a = *(const uint32_t *)key, b = *(const uint32_t *)item;
  return (a > b) - (a < b);
}

static bool is_placeholder(const claim_linter *c, const ast_expr *e) {
  return c->placeholder_count &&
         bsearch(&e->where.begin, c->placeholders, c->placeholder_count,
                 sizeof *c->placeholders, compare_places);
}

static void check_text(claim_linter *c, const claim_entry *e,
                       const ast_test *t) {
  if (t->expr->kind != EXPR_STRING || is_placeholder(c, t->expr) ||
      (t->relation != OPERATOR_EQUAL && t->relation != OPERATOR_NOT_EQUAL))
    return;
  if (e->values && !claim_entry_fits(e, t->expr->string))
    unknown_value(c, e, t);
  else if (!e->values && e->format != CLAIM_PLAIN && e->format != CLAIM_JSON)
    check_encoding(c, e, t);
}

void lint_claim_values(claim_linter *c, const condition_view *v,
                       const claim_name *n) {
  const claim_entry *e = n->entry;
  for (const ast_test *t = v->condition->tests; t; t = t->next) {
    property_kind property = view_property(c->ast, t);
    if (property == PROPERTY_VALUE_TYPE)
      check_value_type(c, e, t);
    else if (property == PROPERTY_VALUE && check_kind(c, v, e, t))
      check_text(c, e, t);
  }
}
