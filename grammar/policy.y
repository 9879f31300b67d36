/* SPDX-License-Identifier: Apache-2.0 */
/* The policy language. Actions build nodes, nothing else: what is wrong in a
 * way that authors often are (`=` for `==`, a missing `;`) is grammar here and
 * a mark in the node, so that one slip costs neither the rule nor the tree.
 *
 * Recovery: an unknown error drops its rule, up to the `;` or `}`. The lexer
 * tells a word before `{` from other words (SECTION), so that a section that
 * was not closed ends where the next begins.
 */
%define api.pure full
%define api.prefix {policy_yy}
%define api.token.prefix {TOKEN_}
%define api.location.type {span}
%define api.value.type {union policy_semantic}
%define parse.lac full
%define parse.error custom
%locations
%expect 0
%param {parser *p}

%code requires {
#include "grammar/parser.h"
}

%code {
#define YYLLOC_DEFAULT(current, rhs, n)                        \
  do {                                                         \
    if (n) {                                                   \
      (current).begin = YYRHSLOC(rhs, 1).begin;                \
      (current).end = YYRHSLOC(rhs, n).end;                    \
    } else {                                                   \
      (current).begin = (current).end = YYRHSLOC(rhs, 0).end;  \
    }                                                          \
  } while (0)

#define APPEND(list, node)       \
  do {                           \
    (list).last->next = (node);  \
    (list).last = (node);        \
  } while (0)

#define SECTION_OF(place, title, equals, list)             \
  ((ast_section){.where = (place),                        \
                 .name = (title),                         \
                 .assignment = (equals),                  \
                 .rules = (list).first})

static const span nowhere;

static int policy_yylex(YYSTYPE *value, span *where, parser *p) {
  return parser_next_token(p, value, where);
}

static void policy_yyerror(const span *where, parser *p, const char *text) {
  parser_gave_up(p, *where, text);
}
}

%token <where> SECTION "section name" VERSION "version" IDENT "name"
%token <expr> STRING "string" INTEGER "number" TRUE "true" FALSE "false"
%token <expr> PLACEHOLDER "placeholder"
%token AND "`&&`" ARROW "`=>`"
%token EQUAL "`==`" NOT_EQUAL "`!=`" LESS_EQUAL "`<=`" GREATER_EQUAL "`>=`"
%token INVALID "invalid text"
%token '[' "`[`" ']' "`]`" '{' "`{`" '}' "`}`" '(' "`(`" ')' "`)`"
%token ',' "`,`" ';' "`;`" ':' "`:`" '.' "`.`" '=' "`=`" '!' "`!`"
%token '<' "`<`" '>' "`>`"
%token YYEOF 0 "the end of the text"

/* A section without its brace ends only where no rule can go on. */
%precedence UNCLOSED
%precedence error IDENT ARROW '[' '!'

%type <rules> rules
%type <rule> rule
%type <conditions> conditions
%type <condition> condition
%type <tests> tests
%type <test> test
%type <arguments> arguments argument_list
%type <argument> argument
%type <expr> expr
%type <action> action named_action
%type <relation> operator
%type <flag> semicolon
%type <where> assignment

%%

policy:
  items
;

items:
  %empty
| items item
;

item:
  VERSION '=' INTEGER '.' INTEGER semicolon
    { parser_add_version(p, @$, @1, (span){@3.begin, @5.end}, !$6); }
| VERSION error ';'
    { parser_add_bad_version(p, @$, @1); yyerrok; }
| SECTION assignment '{' rules '}' semicolon
    { parser_add_section(p, SECTION_OF(@$, @1, $2, $4), @3, @5, $6); }
| SECTION assignment '{' rules error '}' semicolon
    { parser_add_section(p, SECTION_OF(@$, @1, $2, $4), @3, @6, $7); yyerrok; }
| SECTION assignment '{' rules %prec UNCLOSED
    { parser_add_section(p, SECTION_OF(@$, @1, $2, $4), @3, nowhere, false); }
| rule
    { parser_add_loose_rule(p, $1); }
| error '}' semicolon
    { yyerrok; }
;

assignment:
  %empty  { $$ = nowhere; }
| '='     { $$ = @1; }
;

semicolon:
  %empty  { $$ = false; }
| ';'     { $$ = true; }
;

rules:
  %empty      { $$.first = $$.last = NULL; }
| rules rule
    {
      $$ = $1;
      if ($$.first)
        APPEND($$, $2);
      else
        $$.first = $$.last = $2;
    }
;

rule:
  ARROW action semicolon
    { $$ = parser_rule(p, @$, NULL, @1, &$2, $3 ? 0 : RULE_MISSING_SEMICOLON); }
| ARROW IDENT ';'
    { $$ = parser_rule(p, @$, NULL, @1, &(ast_action){@2, NULL},
                       RULE_MISSING_PARENTHESES); }
| conditions ARROW action semicolon
    { $$ = parser_rule(p, @$, $1.first, @2, &$3,
                       $4 ? 0 : RULE_MISSING_SEMICOLON); }
| conditions ARROW IDENT ';'
    { $$ = parser_rule(p, @$, $1.first, @2, &(ast_action){@3, NULL},
                       RULE_MISSING_PARENTHESES); }
| conditions AND ARROW action semicolon
    { $$ = parser_rule(p, @$, $1.first, @2, &$4,
                       RULE_TRAILING_AND | ($5 ? 0 : RULE_MISSING_SEMICOLON)); }
| conditions AND named_action semicolon
    { $$ = parser_rule(p, @$, $1.first, @2, &$3,
                       RULE_MISSING_ARROW |
                       ($4 ? 0 : RULE_MISSING_SEMICOLON)); }
| conditions named_action semicolon
    { $$ = parser_rule(p, @$, $1.first, (span){@2.begin, @2.begin}, &$2,
                       RULE_MISSING_ARROW |
                       ($3 ? 0 : RULE_MISSING_SEMICOLON)); }
| named_action semicolon
    { $$ = parser_rule(p, @$, NULL, (span){@1.begin, @1.begin}, &$1,
                       RULE_MISSING_ARROW |
                       ($2 ? 0 : RULE_MISSING_SEMICOLON)); }
| error ';'
    { $$ = parser_rule(p, @$, NULL, nowhere, &(ast_action){nowhere, NULL},
                       RULE_INVALID);
      yyerrok; }
;

conditions:
  condition   { $$.first = $$.last = $1; }
| conditions AND condition
    { $$ = $1; APPEND($$, $3); }
| conditions condition
    { $$ = $1; $2->missing_and = true; APPEND($$, $2); }
;

condition:
  '[' tests ']'
    { $$ = parser_condition(p, @$, nowhere, nowhere, $2.first); }
| '!' '[' tests ']'
    { $$ = parser_condition(p, @$, @1, nowhere, $3.first); }
| IDENT ':' '[' tests ']'
    { $$ = parser_condition(p, @$, nowhere, @1, $4.first); }
| '!' IDENT ':' '[' tests ']'
    { $$ = parser_condition(p, @$, @1, @2, $5.first); }
;

tests:
  test        { $$.first = $$.last = $1; }
| tests ',' test
    { $$ = $1; APPEND($$, $3); }
| tests test
    { $$ = $1; $2->missing_comma = true; APPEND($$, $2); }
;

test:
  IDENT operator expr
    { $$ = parser_test(p, @1, @2, $2, $3); }
;

operator:
  EQUAL          { $$ = OPERATOR_EQUAL; }
| NOT_EQUAL      { $$ = OPERATOR_NOT_EQUAL; }
| '<'            { $$ = OPERATOR_LESS; }
| LESS_EQUAL     { $$ = OPERATOR_LESS_EQUAL; }
| '>'            { $$ = OPERATOR_GREATER; }
| GREATER_EQUAL  { $$ = OPERATOR_GREATER_EQUAL; }
| '='            { $$ = OPERATOR_ASSIGN; }
;

expr:
  STRING
| INTEGER
| TRUE
| FALSE
| PLACEHOLDER
| IDENT
    { $$ = parser_expr(p, EXPR_NAME, @$); $$->property.identifier = @1; }
| IDENT '.' IDENT
    {
      $$ = parser_expr(p, EXPR_PROPERTY, @$);
      $$->property.identifier = @1;
      $$->property.property = @3;
    }
| IDENT '(' arguments ')'
    {
      $$ = parser_expr(p, EXPR_CALL, @$);
      $$->call.function = @1;
      $$->call.arguments = $3.first;
    }
;

named_action:
  IDENT '(' arguments ')'  { $$ = (ast_action){@1, $3.first}; }
;

action:
  named_action
| '(' arguments ')'
    { $$ = (ast_action){(span){@1.begin, @1.begin}, $2.first}; }
;

arguments:
  %empty         { $$.first = $$.last = NULL; }
| argument_list
;

argument_list:
  argument  { $$.first = $$.last = $1; }
| argument_list ',' argument
    { $$ = $1; APPEND($$, $3); }
;

argument:
  expr
    { $$ = parser_argument(p, nowhere, nowhere, OPERATOR_ASSIGN, $1); }
| IDENT '=' expr
    { $$ = parser_argument(p, @1, @2, OPERATOR_ASSIGN, $3); }
| IDENT EQUAL expr
    { $$ = parser_argument(p, @1, @2, OPERATOR_EQUAL, $3); }
;

%%

/* The parser asks only when it has an error to report. */
static int yyreport_syntax_error(const yypcontext_t *context,
                                        parser *p) {
  enum { EXPECTED_MAX = 12 };
  yysymbol_kind_t expected[EXPECTED_MAX];
  int count = yypcontext_expected_tokens(context, expected, EXPECTED_MAX);
  const char *names[EXPECTED_MAX];
  for (int i = 0; i < count; i++)
    names[i] = yysymbol_name(expected[i]);
  yysymbol_kind_t met = yypcontext_token(context);
  parser_report(p, *yypcontext_location(context),
                met == YYSYMBOL_YYEMPTY ? NULL : yysymbol_name(met), names,
                count < 0 ? 0 : (size_t)count);
  return 0;
}
