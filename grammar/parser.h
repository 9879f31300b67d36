/* SPDX-License-Identifier: Apache-2.0 */
/* What the generated parser needs: values of symbols, and the functions that
 * its actions call to build nodes. */
#ifndef GRAMMAR_PARSER_H
#define GRAMMAR_PARSER_H

#include "grammar/ast.h"
#include "grammar/lexer.h"

typedef struct ast_action {
  span name;
  ast_argument *arguments;
} ast_action;

#define LIST_OF(type)   \
  struct {              \
    type *first, *last; \
  }

union policy_semantic {
  span where;
  bool flag;
  uint8_t relation;
  ast_expr *expr;
  ast_test *test;
  ast_condition *condition;
  ast_rule *rule;
  ast_argument *argument;
  ast_action action;
  LIST_OF(ast_rule) rules;
  LIST_OF(ast_condition) conditions;
  LIST_OF(ast_test) tests;
  LIST_OF(ast_argument) arguments;
};

/* Only some rules of a section are read: grammar/reparse.c. */
struct parser_part;

typedef struct parser {
  arena *arena;
  lexer lexer;
  diagnostics *findings;
  ast_policy *policy;
  ast_version **version_end;
  ast_section **section_end;
  ast_rule **loose_end;
  size_t rule_count;
  int token, previous, before_previous; /* the last three tokens */
  span where, previous_where; /* of token and previous */
  struct parser_part *part;   /* NULL: the whole text is read */
} parser;

/* The next token of a part. */
int parser_part_token(parser *p, union policy_semantic *value, span *where);

/* Keeps the last tokens in mind, for messages. */
void parser_note_token(parser *p, int token, span where);

int parser_next_token(parser *p, union policy_semantic *value, span *where);

/* The error message; met and expected are the names of symbols. */
void parser_report(parser *p, span where, const char *met,
                   const char *const *expected, size_t count);
/* The parser's stack is full or memory is out. */
void parser_gave_up(parser *p, span where, const char *why);

ast_expr *parser_expr(parser *p, ast_expr_kind kind, span where);
ast_argument *parser_argument(parser *p, span name, span equals,
                              ast_operator relation, ast_expr *expr);
ast_test *parser_test(parser *p, span property, span operator_where,
                      uint8_t relation, ast_expr *expr);
ast_condition *parser_condition(parser *p, span where, span negation,
                                span name, ast_test *tests);
/* selected.c: which claims the literal tests of the condition select. */
void find_selected(const ast_policy *p, ast_condition *c);

ast_rule *parser_rule(parser *p, span where, ast_condition *conditions,
                      span arrow, const ast_action *action, int mistakes);
void parser_add_version(parser *p, span where, span name, span number,
                        bool missing_semicolon);
void parser_add_bad_version(parser *p, span where, span name);
/* s: where, name, assignment, rules; the marks are missing if they are empty.
 */
void parser_add_section(parser *p, ast_section s, span opening, span closing,
                        bool semicolon);
void parser_add_loose_rule(parser *p, ast_rule *rule);

#endif
