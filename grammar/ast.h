/* SPDX-License-Identifier: Apache-2.0 */
/* The syntax tree of a policy. The grammar takes more than the language: a
 * node keeps what was written wrong (a flag, an odd operator, a positional
 * argument), and grammar/mistakes.c says so. Names are spans of the text. */
#ifndef GRAMMAR_AST_H
#define GRAMMAR_AST_H

#include "base/diagnostic.h"

typedef enum ast_operator {
  OPERATOR_EQUAL,
  OPERATOR_NOT_EQUAL,
  OPERATOR_LESS,
  OPERATOR_LESS_EQUAL,
  OPERATOR_GREATER,
  OPERATOR_GREATER_EQUAL,
  OPERATOR_ASSIGN /* `=`: right in arguments, a mistake in conditions */
} ast_operator;

typedef enum ast_expr_kind {
  EXPR_INVALID, /* a finding says why; no other check looks at it */
  EXPR_STRING,
  EXPR_INTEGER,
  EXPR_BOOLEAN,
  EXPR_PROPERTY, /* c.value */
  EXPR_NAME,     /* a bare word: always a mistake */
  EXPR_CALL
} ast_expr_kind;

typedef struct ast_expr ast_expr;
typedef struct ast_argument ast_argument;

struct ast_expr {
  uint8_t kind; /* ast_expr_kind */
  span where;
  union {
    slice string; /* decoded; points into the text if it has no escapes */
    int64_t integer;
    bool boolean;
    struct {
      span identifier, property;
    } property;
    struct {
      span function;
      ast_argument *arguments;
    } call;
  };
};

/* An argument of an action (type=..) or, without a name, of a function. */
struct ast_argument {
  ast_argument *next;
  span name; /* empty: positional */
  span equals;
  uint8_t relation; /* OPERATOR_ASSIGN, or OPERATOR_EQUAL by mistake */
  ast_expr *expr;
};

typedef struct ast_test {
  struct ast_test *next;
  span property;
  span operator_where;
  uint8_t relation; /* ast_operator */
  bool missing_comma; /* before this test */
  ast_expr *expr;
} ast_test;

/* Whose claims a condition may select. */
enum { ISSUED_BY_SERVICE = 1, ISSUED_BY_POLICY = 2, ISSUED_BY_CLIENT = 4 };

typedef struct ast_condition {
  struct ast_condition *next;
  span where;
  span name; /* empty: no identifier is bound */
  uint32_t negation; /* offset of the `!` */
  bool negated;
  bool missing_and; /* before this condition */
  ast_test *tests;
  /* As far as literals tell it (grammar/selected.c): */
  const ast_test *type; /* the first `type == ".."`; NULL: of any type */
  bool is_contradictory; /* it wants two types at once */
  uint8_t issuers;
} ast_condition;

typedef enum ast_rule_mistake {
  RULE_MISSING_SEMICOLON = 1,
  RULE_MISSING_ARROW = 2,   /* `arrow` is the && in its place, or empty */
  RULE_TRAILING_AND = 4,    /* `[..] && => ..`: `arrow` is the && */
  RULE_MISSING_PARENTHESES = 8, /* `=> permit;` */
  RULE_INVALID = 16 /* could not be parsed; nothing but `where` is known */
} ast_rule_mistake;

typedef struct ast_rule {
  struct ast_rule *next;
  span where;
  ast_condition *conditions;
  span arrow;
  span action; /* the name; empty if it is missing */
  ast_argument *arguments;
  uint8_t mistakes; /* ast_rule_mistake */
} ast_rule;

typedef struct ast_section {
  struct ast_section *next;
  span where;
  span name;
  span assignment; /* the `=` of `name={`, by mistake; else empty */
  uint32_t body; /* behind its `{` */
  uint32_t closing; /* its `}`, if it has one */
  bool missing_semicolon;
  bool missing_brace;
  ast_rule *rules;
} ast_section;

typedef struct ast_version {
  struct ast_version *next;
  span where;
  span name;
  span number; /* 1.0 */
  bool missing_semicolon;
  bool invalid; /* could not be parsed */
} ast_version;

typedef struct ast_comment {
  span where;
  bool is_block;
} ast_comment;

typedef struct ast_policy {
  slice text;
  ast_version *versions;  /* one, if all is well, before all sections */
  ast_section *sections;
  ast_rule *loose_rules;  /* outside of any section, by mistake */
  ast_comment *comments;
  size_t comment_count, comment_room;
  size_t rule_count; /* of all sections, and loose ones */
  uint32_t first_token; /* its offset; the text's length if there is none */
  bool has_syntax_errors;
  bool has_open_comment; /* it hides the rest of the text */
  bool spoke_once; /* a finding stands for all of its kind in the text */
} ast_policy;

static inline slice ast_text(const ast_policy *p, span s) {
  return (slice){p->text.data + s.begin, s.end - s.begin};
}

static inline bool span_is_empty(span s) { return s.begin == s.end; }

#endif
