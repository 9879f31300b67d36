/* SPDX-License-Identifier: Apache-2.0 */
/* JMESPath: the ABNF of its specification, with postfix steps as one rule.
 * Actions build nodes, nothing else.
 *
 * The one conflict of the language is `[*]`: after `[` and `*`, a `]` could
 * also end a list of the single expression `*`. The specification means the
 * projection, hence WILDCARD below.
 */
%define api.pure full
%define api.prefix {jmespath_yy}
%define api.token.prefix {JMESPATH_TOKEN_}
%define api.location.type {span}
%define api.value.type {union jmespath_semantic}
%define parse.lac full
%define parse.error custom
%locations
%expect 0
%param {jmespath_parser *p}

%code requires {
#include "grammar/jmespath_parser.h"
}

%code {
#include "grammar/jmespath_limits.h"

/* The stack never grows, so that a failed allocation leaks nothing. A bracket
 * has at most 15 symbols pending before the next: in
 * `{.., a: ..|..||..&&..==c.{` one for each name, dot, colon, comma and
 * operator, and for what is between. */
#define YYINITDEPTH (LIMIT_QUERY_DEPTH * 16 + 40)
#define YYMAXDEPTH YYINITDEPTH

#define YYLLOC_DEFAULT(current, rhs, n)                        \
  do {                                                         \
    if (n) {                                                   \
      (current).begin = YYRHSLOC(rhs, 1).begin;                \
      (current).end = YYRHSLOC(rhs, n).end;                    \
    } else {                                                   \
      (current).begin = (current).end = YYRHSLOC(rhs, 0).end;  \
    }                                                          \
  } while (0)

static int jmespath_yylex(YYSTYPE *out, span *where, jmespath_parser *p) {
  return jmespath_next_token(p, out, where);
}

/* Only when the stack is full; syntax errors are reported below. */
static void jmespath_yyerror(const span *where, jmespath_parser *p,
                             const char *text) {
  (void)text;
  jmespath_fail(p, JMESPATH_LIMIT, *where, NULL, "the query nests too deep");
}

static jmespath_node *step_of_name(jmespath_parser *p, span where,
                                   slice name) {
  jmespath_node *node = jmespath_node_new(p, QUERY_FIELD, where);
  node->name = name;
  return node;
}

static jmespath_node *step_of_literal(jmespath_parser *p, span where,
                                      value literal) {
  jmespath_node *node = jmespath_node_new(p, QUERY_LITERAL, where);
  node->literal = literal;
  return node;
}

static jmespath_node *step_of_call(jmespath_parser *p, span where, slice name,
                                   jmespath_operands arguments) {
  jmespath_node *node = jmespath_node_of(p, QUERY_FUNCTION, where, arguments);
  node->name = name;
  return node;
}
}

%token <name> NAME "a name" QUOTED "a name in double quotes"
%token <literal> LITERAL "a literal" RAW "a string"
%token <number> NUMBER "a number"
%token INVALID "an invalid character"
%token PIPE "`|`" OR "`||`" AND "`&&`" NOT "`!`" REFERENCE "`&`"
%token EQUAL "`==`" NOT_EQUAL "`!=`" LESS "`<`" LESS_EQUAL "`<=`"
%token GREATER "`>`" GREATER_EQUAL "`>=`"
%token DOT "`.`" COMMA "`,`" COLON "`:`" STAR "`*`" CURRENT "`@`"
%token FILTER "`[?`" FLATTEN "`[]`"
%token OPEN_BRACKET "`[`" CLOSE_BRACKET "`]`" OPEN_BRACE "`{`"
%token CLOSE_BRACE "`}`" OPEN_PARENTHESIS "`(`" CLOSE_PARENTHESIS "`)`"
%token YYEOF 0 "the end of the query"

%left PIPE
%left OR
%left AND
%left EQUAL NOT_EQUAL LESS LESS_EQUAL GREATER GREATER_EQUAL
%precedence NOT
%precedence WILDCARD
%precedence CLOSE_BRACKET

%type <chain> expression chain
%type <node> primary member call bracket list hash entry argument
%type <operands> expressions entries arguments
%type <bound> bound

%%

query:
  expression  { p->root = $1.first; }
;

expression:
  chain
| expression PIPE expression
    { $$ = jmespath_join(p, QUERY_PIPE, @$, $1, $3); }
| expression OR expression
    { $$ = jmespath_join(p, QUERY_OR, @$, $1, $3); }
| expression AND expression
    { $$ = jmespath_join(p, QUERY_AND, @$, $1, $3); }
| expression EQUAL expression
    { $$ = jmespath_compare(p, COMPARE_EQUAL, @$, $1, $3); }
| expression NOT_EQUAL expression
    { $$ = jmespath_compare(p, COMPARE_NOT_EQUAL, @$, $1, $3); }
| expression LESS expression
    { $$ = jmespath_compare(p, COMPARE_LESS, @$, $1, $3); }
| expression LESS_EQUAL expression
    { $$ = jmespath_compare(p, COMPARE_LESS_EQUAL, @$, $1, $3); }
| expression GREATER expression
    { $$ = jmespath_compare(p, COMPARE_GREATER, @$, $1, $3); }
| expression GREATER_EQUAL expression
    { $$ = jmespath_compare(p, COMPARE_GREATER_EQUAL, @$, $1, $3); }
| NOT expression
    {
      $$ = jmespath_chain_of(jmespath_node_of(
          p, QUERY_NOT, @$, jmespath_operands_of($2.first)));
    }
;

chain:
  primary            { $$ = jmespath_chain_of($1); }
| bracket            { $$ = jmespath_chain_of($1); }
| chain DOT member   { $$ = jmespath_chain_add($1, $3); }
| chain bracket      { $$ = jmespath_chain_add($1, $2); }
;

primary:
  NAME      { $$ = step_of_name(p, @1, $1); }
| QUOTED    { $$ = step_of_name(p, @1, $1); }
| LITERAL   { $$ = step_of_literal(p, @1, $1); }
| RAW       { $$ = step_of_literal(p, @1, $1); }
| CURRENT   { $$ = jmespath_node_new(p, QUERY_CURRENT, @1); }
| STAR %prec WILDCARD
    { $$ = jmespath_node_new(p, QUERY_VALUES, @1); }
| OPEN_PARENTHESIS expression CLOSE_PARENTHESIS
    {
      $$ = jmespath_node_of(p, QUERY_GROUP, @$,
                            jmespath_operands_of($2.first));
    }
| call
| list
| hash
;

member:
  NAME      { $$ = step_of_name(p, @1, $1); }
| QUOTED    { $$ = step_of_name(p, @1, $1); }
| STAR      { $$ = jmespath_node_new(p, QUERY_VALUES, @1); }
| call
| list
| hash
;

bracket:
  OPEN_BRACKET NUMBER CLOSE_BRACKET
    { $$ = jmespath_node_new(p, QUERY_INDEX, @$); $$->number = $2; }
| OPEN_BRACKET STAR CLOSE_BRACKET
    { $$ = jmespath_node_new(p, QUERY_ITEMS, @$); }
| OPEN_BRACKET bound COLON bound CLOSE_BRACKET
    { $$ = jmespath_slice(p, @$, $2, $4, (jmespath_bound){1, false}); }
| OPEN_BRACKET bound COLON bound COLON bound CLOSE_BRACKET
    { $$ = jmespath_slice(p, @$, $2, $4, $6); }
| FLATTEN
    { $$ = jmespath_node_new(p, QUERY_FLATTEN, @$); }
| FILTER expression CLOSE_BRACKET
    {
      $$ = jmespath_node_of(p, QUERY_FILTER, @$,
                            jmespath_operands_of($2.first));
    }
;

bound:
  %empty  { $$ = (jmespath_bound){1, false}; }
| NUMBER  { $$ = (jmespath_bound){$1, true}; }
;

list:
  OPEN_BRACKET expressions CLOSE_BRACKET
    { $$ = jmespath_node_of(p, QUERY_LIST, @$, $2); }
;

expressions:
  expression  { $$ = jmespath_operands_of($1.first); }
| expressions COMMA expression
    { $$ = jmespath_operands_add($1, $3.first); }
;

hash:
  OPEN_BRACE entries CLOSE_BRACE
    { $$ = jmespath_node_of(p, QUERY_HASH, @$, $2); }
;

entries:
  entry  { $$ = jmespath_operands_of($1); }
| entries COMMA entry
    { $$ = jmespath_operands_add($1, $3); }
;

entry:
  NAME COLON expression
    {
      $$ = jmespath_node_of(p, QUERY_ENTRY, @$,
                            jmespath_operands_of($3.first));
      $$->name = $1;
    }
| QUOTED COLON expression
    {
      $$ = jmespath_node_of(p, QUERY_ENTRY, @$,
                            jmespath_operands_of($3.first));
      $$->name = $1;
    }
;

call:
  NAME OPEN_PARENTHESIS CLOSE_PARENTHESIS
    { $$ = step_of_call(p, @$, $1, (jmespath_operands){NULL, NULL, 0}); }
| NAME OPEN_PARENTHESIS arguments CLOSE_PARENTHESIS
    { $$ = step_of_call(p, @$, $1, $3); }
;

arguments:
  argument  { $$ = jmespath_operands_of($1); }
| arguments COMMA argument
    { $$ = jmespath_operands_add($1, $3); }
;

argument:
  expression  { $$ = $1.first; }
| REFERENCE expression
    {
      $$ = jmespath_node_of(p, QUERY_EXPRESSION, @$,
                            jmespath_operands_of($2.first));
    }
;

%%

/* The parser asks only when it has an error to report. */
static int yyreport_syntax_error(const yypcontext_t *context,
                                 jmespath_parser *p) {
  yysymbol_kind_t expected[YYNTOKENS];
  int count = yypcontext_expected_tokens(context, expected, YYNTOKENS);
  const char *names[YYNTOKENS];
  for (int i = 0; i < count; i++)
    names[i] = yysymbol_name(expected[i]);
  yysymbol_kind_t met = yypcontext_token(context);
  int code = met == YYSYMBOL_NUMBER    ? JMESPATH_TOKEN_NUMBER
             : met == YYSYMBOL_GREATER ? JMESPATH_TOKEN_GREATER
             : met == YYSYMBOL_NAME    ? JMESPATH_TOKEN_NAME
             : met == YYSYMBOL_INVALID ? JMESPATH_TOKEN_INVALID
                                       : JMESPATH_TOKEN_YYEOF;
  jmespath_report_syntax(p, *yypcontext_location(context), code,
                         met == YYSYMBOL_YYEMPTY ? "nothing"
                                                 : yysymbol_name(met),
                         names, count < 0 ? 0 : (size_t)count);
  return 0;
}
