/* SPDX-License-Identifier: Apache-2.0 */
/* A checked policy as flat arrays: what the evaluator runs. Read-only once it
 * is made, so that threads may share it. Names and string literals are
 * interned: a symbol is a number from 1, equal exactly if the texts are. */
#ifndef COMPILER_PROGRAM_H
#define COMPILER_PROGRAM_H

#include "base/symbols.h"
#include "grammar/ast.h"
#include "grammar/jmespath.h"

typedef enum section_kind {
  SECTION_CONFIGURATION,
  SECTION_AUTHORIZATION,
  SECTION_ISSUANCE,
  SECTION_COUNT
} section_kind;

typedef enum action_kind {
  ACTION_PERMIT,
  ACTION_DENY,
  ACTION_ADD,
  ACTION_ISSUE,
  ACTION_ISSUEPROPERTY,
  ACTION_COUNT
} action_kind;

typedef enum property_kind {
  PROPERTY_TYPE,
  PROPERTY_VALUE,
  PROPERTY_VALUE_TYPE,
  PROPERTY_ISSUER,
  PROPERTY_COUNT
} property_kind;

typedef enum function_kind {
  FUNCTION_JMESPATH,
  FUNCTION_JSON_TO_CLAIM_VALUE,
  FUNCTION_IS_SUBSET_OF,
  FUNCTION_APPEND_STRING,
  FUNCTION_NEGATE_BOOL,
  FUNCTION_CONTAINS_ONLY_VALUE,
  FUNCTION_COUNT
} function_kind;

/* Symbols that every program has. */
enum {
  SYMBOL_NONE, /* a text that the program does not name */
  SYMBOL_SERVICE,
  SYMBOL_POLICY,
  SYMBOL_CUSTOM,
  SYMBOL_BOOLEAN,
  SYMBOL_INTEGER,
  SYMBOL_STRING
};

typedef enum literal_kind { /* as claim_kind */
  LITERAL_BOOLEAN,
  LITERAL_INTEGER,
  LITERAL_STRING,
  LITERAL_NONE
} literal_kind;

#define PROGRAM_NONE UINT32_MAX

typedef enum program_expr_kind {
  PROGRAM_LITERAL,
  PROGRAM_PROPERTY, /* of the claims in a slot */
  PROGRAM_CALL
} program_expr_kind;

typedef struct program_expr {
  uint8_t kind;         /* program_expr_kind */
  uint8_t literal;      /* literal_kind */
  uint8_t property;     /* property_kind */
  uint8_t function;     /* function_kind */
  uint32_t slot;        /* of a property; of a JmesPath call: its query */
  uint32_t first_argument, argument_count; /* in program.arguments */
  int64_t integer;      /* of a literal; 0 or 1 for a boolean */
  uint32_t symbol;      /* of a string literal */
  span where;
} program_expr;

typedef struct program_test {
  uint8_t property; /* property_kind */
  uint8_t relation; /* ast_operator, never OPERATOR_ASSIGN */
  uint8_t literal;  /* literal_kind; LITERAL_NONE: look at expr */
  uint32_t expr;
  int64_t key; /* of a literal: integer, 0 or 1, or symbol */
} program_test;

typedef struct program_condition {
  bool negated;
  bool is_simple; /* program_simple says it all */
  uint32_t type;  /* symbol of `type == ".."`; SYMBOL_NONE: any type */
  uint32_t slot;  /* identifier bound, or PROGRAM_NONE */
  /* Literal tests come first; the one that `type` stands for is left out. */
  uint32_t first_test, literal_tests, test_count;
} program_condition;

/* What a claim is, beside its type, in one word: issuer, kind, and whether
 * there is a claim at all. */
#define CLAIM_TAG(issuer, kind) ((uint64_t)(issuer) << 32 | (uint64_t)(kind))
#define TAG_ISSUER_MASK ((uint64_t)UINT32_MAX << 32)
#define TAG_KIND_MASK ((uint64_t)0xFF)
#define TAG_ABSENT ((uint64_t)0x100)

/* Most conditions are one test of the type, perhaps `value == literal`,
 * perhaps `issuer == literal`, without identifier and not negated. A claim
 * satisfies one if ((claim.tag ^ tag) & mask) is 0 and, with has_key, its key
 * is equal. In an array of their own, beside that of conditions. */
typedef struct program_simple {
  uint64_t tag, mask;
  int64_t key;
  uint32_t type;
  bool has_key;
} program_simple;

typedef struct program_rule {
  uint32_t first_condition, condition_count;
  uint32_t type, value; /* expressions, or PROGRAM_NONE */
  uint32_t claim_slot;  /* of claim=c, or PROGRAM_NONE */
  uint32_t leading_simple; /* simple conditions before any other */
  uint8_t action;       /* action_kind */
  uint8_t section;      /* section_kind */
} program_rule;

/* What only messages and traces need, kept apart from what runs. */
typedef struct program_place {
  span where;            /* of the rule, with its `;` */
  const ast_rule *rule;  /* in the tree */
  uint32_t number;       /* from 1, in the order of the text */
} program_place;

typedef struct program {
  const ast_policy *ast;
  symbols symbols;
  const program_rule *rules; /* in the order in which they run */
  const program_place *places;
  const program_condition *conditions;
  const program_simple *simples; /* same indexes */
  const program_test *tests;
  const program_expr *exprs;
  const uint32_t *arguments; /* indexes of exprs */
  const jmespath_query **queries; /* literal ones, compiled */
  uint32_t rule_count, condition_count, test_count, expr_count, query_count;
  uint32_t section_begin[SECTION_COUNT + 1]; /* of rules */
  uint32_t slot_count; /* identifiers of the rule that has most */
  /* Only simple conditions, permit() and deny(): a gate and nothing else. */
  bool is_gate;
  unsigned version;    /* 10, 11 or 12 */
} program;

/* compiler/lower.c: the tree must be free of errors. */
program *program_lower(arena *a, const ast_policy *policy);

/* True if both do the same, whatever their layout, comments and names of
 * identifiers: same version, rules, order. */
bool program_equal(const program *a, const program *b);

/* Look-up of names; COUNT if there is none. */
section_kind section_from_name(slice name); /* in any case */
action_kind action_from_name(slice name);
property_kind property_from_name(slice name);
function_kind function_from_name(slice name);
extern const char *const function_names[]; /* ends with NULL */
slice property_name(property_kind property);
const char *operator_text(ast_operator relation);

#endif
