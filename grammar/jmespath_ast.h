/* SPDX-License-Identifier: Apache-2.0 */
/* The syntax tree of a JMESPath query.
 *
 * An expression is a chain of steps: each works on what the one before gives,
 * the first on the current node. `a.b[0]` is the chain FIELD, FIELD, INDEX.
 * An operator is one step with its operands, which are chains: `a || b || c`
 * is an OR of three. So the tree is only as deep as brackets nest, however
 * long a generated query is.
 *
 * A projection ([*], *, [?..], [], a slice) runs the steps behind it once per
 * item, up to `stop`: the next [] of the chain, or its end.
 */
#ifndef GRAMMAR_JMESPATH_AST_H
#define GRAMMAR_JMESPATH_AST_H

#include "base/diagnostic.h"
#include "base/value.h"

typedef enum jmespath_kind {
  QUERY_CURRENT,  /* @ */
  QUERY_FIELD,    /* name */
  QUERY_INDEX,    /* [number] */
  QUERY_LITERAL,  /* literal: between backticks, or a raw string */
  QUERY_FUNCTION, /* name(operands) */
  QUERY_GROUP,    /* (operand) */
  QUERY_LIST,     /* [operands] */
  QUERY_HASH,     /* {operands}, each an ENTRY */
  QUERY_ENTRY,    /* name: operand */
  QUERY_ITEMS,    /* [*], a projection */
  QUERY_VALUES,   /* *, a projection */
  QUERY_SLICE,    /* [range], a projection */
  QUERY_FLATTEN,  /* [], a projection */
  QUERY_FILTER,   /* [?operand], a projection */
  QUERY_NOT,      /* !operand */
  QUERY_COMPARE,  /* operand comparator operand */
  QUERY_AND,      /* operands, two or more */
  QUERY_OR,
  QUERY_PIPE,
  QUERY_EXPRESSION /* &operand, an argument only */
} jmespath_kind;

typedef enum jmespath_comparator {
  COMPARE_EQUAL,
  COMPARE_NOT_EQUAL,
  COMPARE_LESS,
  COMPARE_LESS_EQUAL,
  COMPARE_GREATER,
  COMPARE_GREATER_EQUAL
} jmespath_comparator;

/* [start:end:step]; what was left out is not given. */
typedef struct jmespath_range {
  int64_t start, end, step; /* step is 1 if it was left out */
  bool has_start, has_end;
} jmespath_range;

typedef struct jmespath_node jmespath_node;

typedef struct jmespath_operands {
  jmespath_node *first, *last; /* linked by `sibling` */
  uint32_t count;
} jmespath_operands;

struct jmespath_node {
  uint8_t kind;
  uint8_t comparator;
  uint8_t function;          /* jmespath_function_id */
  uint32_t slot;             /* of an entry: its member in the object made */
  span where;                /* of the step alone */
  jmespath_node *next;       /* step of the chain */
  jmespath_node *sibling;    /* operand of the same node */
  const jmespath_node *stop; /* of a projection; NULL: the chain's end */
  slice name;
  jmespath_operands operands;
  union {
    int64_t number;
    jmespath_range range;
    value literal;
    uint32_t slots; /* of a hash: members that it makes */
  };
};

/* Compiled once, not changed afterwards: threads may share it. */
typedef struct jmespath_query {
  slice text;
  const jmespath_node *root; /* a chain */
} jmespath_query;

/* The place of a whole chain. */
static inline span jmespath_chain_span(const jmespath_node *first) {
  span where = first->where;
  for (; first; first = first->next)
    where.end = first->where.end;
  return where;
}

#endif
