/* SPDX-License-Identifier: Apache-2.0 */
/* L216: comparisons in queries whose result does not depend on the document.
 * Each chain has the kinds of value that it can give; two sides that share
 * none are never equal. Queries nest at most as deep as their parser allows. */
#include "compiler/lint_logic.h"
#include "grammar/jmespath_functions.h"
#include "grammar/parse.h"

typedef struct query_place {
  const logic *logic;
  span literal; /* the query's string in the policy */
} query_place;

static unsigned chain_kinds(const jmespath_node *n, unsigned current);

static unsigned function_kinds(const jmespath_node *n) {
  switch ((jmespath_function_id)n->function) {
  case JMESPATH_length:
  case JMESPATH_abs:
  case JMESPATH_ceil:
  case JMESPATH_floor:
  case JMESPATH_sum:
    return TYPE_NUMBER;
  case JMESPATH_contains:
  case JMESPATH_ends_with:
  case JMESPATH_starts_with:
  case JMESPATH_equals_ignore_case:
    return TYPE_BOOLEAN;
  case JMESPATH_join:
  case JMESPATH_to_string:
  case JMESPATH_type:
    return TYPE_STRING;
  case JMESPATH_keys:
  case JMESPATH_values:
  case JMESPATH_map:
  case JMESPATH_sort:
  case JMESPATH_sort_by:
  case JMESPATH_to_array:
    return TYPE_ARRAY;
  case JMESPATH_merge:
    return TYPE_OBJECT;
  case JMESPATH_reverse:
    return TYPE_ARRAY | TYPE_STRING;
  case JMESPATH_avg:
  case JMESPATH_to_number:
    return TYPE_NUMBER | TYPE_NULL;
  default:
    break;
  }
  return TYPE_ANY;
}

static unsigned operand_kinds(const jmespath_node *n, unsigned current) {
  unsigned kinds = 0;
  for (const jmespath_node *o = n->operands.first; o; o = o->sibling)
    kinds |= chain_kinds(o, current);
  return kinds;
}

static unsigned pipe_kinds(const jmespath_node *n, unsigned current) {
  for (const jmespath_node *o = n->operands.first; o; o = o->sibling)
    current = chain_kinds(o, current);
  return current;
}

/* What one step gives of a value of these kinds. Projections are taken to
 * find what they project; over anything else they give null, and the finding
 * says so. */
static unsigned step_kinds(const jmespath_node *n, unsigned current) {
  switch ((jmespath_kind)n->kind) {
  case QUERY_CURRENT:
    return current;
  case QUERY_LITERAL:
    return TYPE_NUMBER & (1u << n->literal.kind)
               ? (unsigned)TYPE_NUMBER
               : 1u << n->literal.kind;
  case QUERY_FUNCTION:
    return function_kinds(n);
  case QUERY_GROUP:
    return chain_kinds(n->operands.first, current);
  case QUERY_LIST:
    return current == TYPE_NULL ? TYPE_NULL : TYPE_ARRAY;
  case QUERY_HASH:
    return current == TYPE_NULL ? TYPE_NULL : TYPE_OBJECT;
  case QUERY_ITEMS:
  case QUERY_VALUES:
  case QUERY_SLICE:
  case QUERY_FLATTEN:
  case QUERY_FILTER:
    return TYPE_ARRAY;
  case QUERY_NOT:
    return TYPE_BOOLEAN;
  case QUERY_AND:
  case QUERY_OR:
    return operand_kinds(n, current);
  case QUERY_PIPE:
    return pipe_kinds(n, current);
  case QUERY_COMPARE:
    return n->comparator <= COMPARE_NOT_EQUAL ? TYPE_BOOLEAN
                                              : TYPE_BOOLEAN | TYPE_NULL;
  default:
    return TYPE_ANY;
  }
}

static bool is_projection(const jmespath_node *n) {
  return n->kind >= QUERY_ITEMS && n->kind <= QUERY_FILTER;
}

static unsigned chain_kinds(const jmespath_node *n, unsigned current) {
  while (n) {
    current = step_kinds(n, current);
    n = is_projection(n) ? n->stop : n->next;
  }
  return current;
}

/* Findings. */

static span place(const query_place *q, span where) {
  slice text = q->logic->linter->ast->text;
  return (span){string_place(text, q->literal, where.begin),
                string_place(text, q->literal, where.end)};
}

/* Two kinds, as `reverse` may give, have no words of their own. */
static const char *kinds_words(unsigned kinds) {
  return kinds == TYPE_NULL      ? "null"
         : kinds == TYPE_BOOLEAN ? "a boolean"
         : kinds == TYPE_NUMBER  ? "a number"
         : kinds == TYPE_STRING  ? "a string"
         : kinds == TYPE_ARRAY   ? "an array"
         : kinds == TYPE_OBJECT  ? "an object"
                                 : "of another kind";
}

static diagnostic *say_at(const query_place *q, const jmespath_node *n,
                          const char *message, const char *one,
                          const char *other) {
  const jmespath_node *a = n->operands.first, *b = a->sibling;
  span where = {jmespath_chain_span(a).begin, jmespath_chain_span(b).end};
  return diagnose(q->logic->linter->findings, CODE_L216, place(q, where),
                  message, one, other);
}

static void say_unequal(const query_place *q, const jmespath_node *n,
                        unsigned left, unsigned right) {
  diagnostics *out = q->logic->linter->findings;
  diagnostic *d = say_at(q, n,
                         n->comparator == COMPARE_NOT_EQUAL
                             ? "always true: one side is %s, the other is %s"
                             : "always false: one side is %s, the other is %s",
                         kinds_words(left), kinds_words(right));
  if ((left | right) == (TYPE_ARRAY | TYPE_NULL))
    diagnostic_help(out, d, "a filter gives an array, empty if nothing fits, "
                            "and null only of what is no array: compare "
                            "length(@) > `0`");
  else if ((left | right) == (TYPE_NUMBER | TYPE_STRING))
    diagnostic_help(out, d, "numbers stand between backticks: `1`");
}

/* `== true` without backticks is a member of that name. */
static void lint_word(const query_place *q, const jmespath_node *n) {
  if (n->kind != QUERY_FIELD || n->next ||
      (!slice_is(n->name, "true") && !slice_is(n->name, "false") &&
       !slice_is(n->name, "null")))
    return;
  diagnostics *out = q->logic->linter->findings;
  diagnostic *d = diagnose(out, CODE_L216, place(q, n->where),
                           "this reads a member named %.*s",
                           SLICE_ARGS(n->name));
  diagnostic_help(out, d, "the value stands between backticks: `%.*s`",
                  SLICE_ARGS(n->name));
}

static void lint_compare(const query_place *q, const jmespath_node *n,
                         unsigned current) {
  const jmespath_node *a = n->operands.first, *b = a->sibling;
  unsigned left = chain_kinds(a, current), right = chain_kinds(b, current);
  lint_word(q, a);
  lint_word(q, b);
  if (n->comparator <= COMPARE_NOT_EQUAL) {
    if (!(left & right))
      say_unequal(q, n, left, right);
  } else if (!(left & TYPE_NUMBER) || !(right & TYPE_NUMBER)) {
    say_at(q, n, "always null: only numbers have an order; one side is %s%s",
           kinds_words(left & TYPE_NUMBER ? right : left), "");
  }
}

static void lint_chain(const query_place *q, const jmespath_node *n,
                       unsigned current);

static void lint_operands(const query_place *q, const jmespath_node *n,
                          unsigned current) {
  for (const jmespath_node *o = n->operands.first; o; o = o->sibling) {
    lint_chain(q, o, current);
    if (n->kind == QUERY_PIPE)
      current = chain_kinds(o, current);
  }
}

/* Within a projection the current value is an item, of any kind. */
static void lint_chain(const query_place *q, const jmespath_node *n,
                       unsigned current) {
  for (; n; n = n->next) {
    if (n->kind == QUERY_COMPARE)
      lint_compare(q, n, current);
    lint_operands(q, n,
                  n->kind == QUERY_FILTER || n->kind == QUERY_EXPRESSION
                      ? (unsigned)TYPE_ANY
                      : current);
    current = is_projection(n) ? (unsigned)TYPE_ANY : step_kinds(n, current);
  }
}

void lint_queries(logic *l) {
  const program *p = l->program;
  for (uint32_t i = 0; i < p->expr_count; i++) {
    const program_expr *e = &p->exprs[i];
    if (e->kind != PROGRAM_CALL || e->function != FUNCTION_JMESPATH ||
        e->slot == PROGRAM_NONE)
      continue;
    query_place q = {l, p->exprs[p->arguments[e->first_argument + 1]].where};
    lint_chain(&q, p->queries[e->slot]->root, TYPE_ANY);
  }
}
