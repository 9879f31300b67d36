/* SPDX-License-Identifier: Apache-2.0 */
/* Around the generated parser: nodes, and the words of its errors. */
#include "grammar/parser.h"

#include <stdio.h>

#include "base/limits.h"
#include "grammar/parse.h"
#include "grammar/policy.tab.h"

const char *const section_names[] = {"configurationrules",
                                     "authorizationrules", "issuancerules",
                                     NULL};
const char *const action_names[] = {"permit", "deny",          "add",
                                    "issue",  "issueproperty", NULL};
const char *const property_names[] = {"type", "value", "valueType", "issuer",
                                      NULL};

/* Nodes. */

ast_expr *parser_expr(parser *p, ast_expr_kind kind, span where) {
  ast_expr *e = ARENA_NEW(p->arena, ast_expr);
  e->kind = (uint8_t)kind;
  e->where = where;
  return e;
}

ast_argument *parser_argument(parser *p, span name, span equals,
                              ast_operator relation, ast_expr *expr) {
  ast_argument *argument = ARENA_NEW(p->arena, ast_argument);
  *argument = (ast_argument){NULL, name, equals, (uint8_t)relation, expr};
  return argument;
}

ast_test *parser_test(parser *p, span property, span operator_where,
                      uint8_t relation, ast_expr *expr) {
  ast_test *test = ARENA_NEW(p->arena, ast_test);
  test->property = property;
  test->operator_where = operator_where;
  test->relation = relation;
  test->expr = expr;
  return test;
}

ast_condition *parser_condition(parser *p, span where, span negation,
                                span name, ast_test *tests) {
  ast_condition *condition = ARENA_NEW(p->arena, ast_condition);
  condition->where = where;
  condition->name = name;
  condition->negated = !span_is_empty(negation);
  condition->negation = negation.begin;
  condition->tests = tests;
  find_selected(p->policy, condition);
  return condition;
}

ast_rule *parser_rule(parser *p, span where, ast_condition *conditions,
                      span arrow, const ast_action *action, int mistakes) {
  ast_rule *rule = ARENA_NEW(p->arena, ast_rule);
  rule->where = where;
  rule->conditions = conditions;
  rule->arrow = arrow;
  rule->action = action->name;
  rule->arguments = action->arguments;
  rule->mistakes = (uint8_t)mistakes;
  p->rule_count++;
  return rule;
}

void parser_add_version(parser *p, span where, span name, span number,
                        bool missing_semicolon) {
  ast_version *v = ARENA_NEW(p->arena, ast_version);
  v->where = where;
  v->name = name;
  v->number = number;
  v->missing_semicolon = missing_semicolon;
  *p->version_end = v;
  p->version_end = &v->next;
}

void parser_add_bad_version(parser *p, span where, span name) {
  ast_version *v = ARENA_NEW(p->arena, ast_version);
  v->where = where;
  v->name = name;
  v->invalid = true;
  *p->version_end = v;
  p->version_end = &v->next;
}

void parser_add_section(parser *p, ast_section given, span opening,
                        span closing, bool semicolon) {
  ast_section *s = ARENA_NEW(p->arena, ast_section);
  *s = given;
  s->body = opening.end;
  s->closing = closing.begin;
  s->missing_brace = span_is_empty(closing);
  s->missing_semicolon = !s->missing_brace && !semicolon;
  *p->section_end = s;
  p->section_end = &s->next;
}

void parser_add_loose_rule(parser *p, ast_rule *rule) {
  *p->loose_end = rule;
  p->loose_end = &rule->next;
}

/* Errors. */

/* Too many rules, or nothing but mistakes: the rest is not read. */
static bool has_enough(const parser *p) {
  return p->rule_count > LIMIT_RULES ||
         p->findings->dropped > (size_t)LIMIT_DIAGNOSTICS * 10;
}

void parser_note_token(parser *p, int token, span where) {
  p->before_previous = p->previous;
  p->previous = p->token;
  p->previous_where = p->where;
  p->token = token;
  p->where = where;
}

int parser_next_token(parser *p, union policy_semantic *value, span *where) {
  if (p->part)
    return parser_part_token(p, value, where);
  if (has_enough(p))
    p->lexer.cursor = p->lexer.end;
  parser_note_token(p, lexer_next(&p->lexer, value, where), *where);
  if (p->policy->first_token > where->begin)
    p->policy->first_token = where->begin;
  return p->token;
}

static bool is_comparison(int token) {
  return token == TOKEN_EQUAL || token == TOKEN_NOT_EQUAL || token == '<' ||
         token == '>' || token == TOKEN_LESS_EQUAL ||
         token == TOKEN_GREATER_EQUAL || token == '=';
}

/* What could stand here, by the token before: better words than a list of
 * tokens, since most places take a name. NULL: no better words. */
static const char *expected_words(const parser *p) {
  bool in_call = p->lexer.depth > 0;
  bool in_condition = p->lexer.in_brackets || p->token == ']';
  switch (p->previous) {
  case 0:
    return "`version=1.0;`";
  case '[':
    return "a property: type, value, valueType or issuer";
  case ',':
    return in_call        ? "an argument"
           : in_condition ? "a property: type, value, valueType or issuer"
                          : NULL;
  case '.':
    return p->before_previous == TOKEN_IDENT
               ? "a property: type, value, valueType or issuer"
               : "a digit: the version is 1.0, 1.1 or 1.2";
  case TOKEN_IDENT:
    return in_condition &&
                   (p->before_previous == '[' || p->before_previous == ',')
               ? "a comparison: ==, !=, <, <=, > or >="
               : NULL;
  case TOKEN_ARROW:
    return "an action: permit(), deny(), add(..), issue(..) or "
           "issueproperty(..)";
  case TOKEN_AND:
    return "a condition such as [type==\"..\", value==..]";
  case ']':
    return "`&&` and a condition, or `=>` and an action";
  case TOKEN_VERSION:
    return "`=` and a number: version=1.0;";
  case '{':
  case ';':
    return p->lexer.depth == 0 && p->token != TOKEN_YYEOF
               ? "a rule such as [type==\"..\"] => permit();, a section, or `}`"
               : NULL;
  default:
    return is_comparison(p->previous)
               ? "a value: a string in double quotes, a number, true, false, "
                 "c.value or a function"
               : NULL;
  }
}

static void add_expected(buffer *b, const char *const *expected,
                         size_t count) {
  for (size_t i = 0; i < count; i++)
    buffer_printf(b, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ",
                  expected[i]);
}

static const char *hint(const parser *p) {
  if (p->token == TOKEN_ARROW && p->lexer.in_brackets)
    return "greater or equal is `>=`; `=>` stands before an action";
  if (p->token == TOKEN_YYEOF && p->lexer.in_brackets)
    return "a `]` is missing";
  if (p->token == TOKEN_YYEOF && p->lexer.depth)
    return "a `)` is missing";
  if (p->previous == 0)
    return "a policy begins with version=1.0;, version=1.1; or version=1.2;";
  return NULL;
}

/* Words between or behind sections: notes, or what a web page had around the
 * policy. Said once, and passed over up to the next section. */
static bool is_prose(const parser *p) {
  return !p->lexer.braces && p->policy->sections &&
         p->previous == TOKEN_IDENT && p->token != TOKEN_YYEOF &&
         (p->before_previous == ';' || p->before_previous == '}');
}

/* `=> issue type=..`: the name of an action without its parenthesis. */
static bool lacks_parenthesis(const parser *p) {
  return p->previous == TOKEN_IDENT && p->before_previous == TOKEN_ARROW;
}

static void report_parenthesis(parser *p) {
  slice name = ast_text(p->policy, p->previous_where);
  diagnose(p->findings, CODE_P001, p->previous_where,
           "`(` is missing behind `%.*s`", SLICE_ARGS(name));
}

static void report_prose(parser *p) {
  diagnostic *d = diagnose(p->findings, CODE_P001, p->previous_where,
                           "`%.*s` stands outside of any section",
                           SLICE_ARGS(ast_text(p->policy, p->previous_where)));
  diagnostic_help(p->findings, d,
                  "a remark begins with `//`; whatever is no part of the "
                  "policy has to go");
  lexer_skip_prose(&p->lexer);
}

void parser_report(parser *p, span where, const char *met,
                   const char *const *expected, size_t count) {
  p->policy->has_syntax_errors = true;
  if (p->token == TOKEN_INVALID) /* the lexer has said what is wrong */
    return;
  if (is_prose(p)) {
    report_prose(p);
    return;
  }
  if (lacks_parenthesis(p)) {
    report_parenthesis(p);
    return;
  }
  slice text = ast_text(p->policy, where);
  bool show_text = text.length && text.length <= 40 && met && met[0] != '`';
  buffer b = buffer_in(p->arena);
  buffer_printf(&b, "unexpected %s", met ? met : "text");
  if (show_text)
    buffer_printf(&b, " `%.*s`", SLICE_ARGS(text));
  const char *words = expected_words(p);
  if (words)
    buffer_printf(&b, "; expected %s", words);
  else if (count) {
    buffer_text(&b, "; expected ");
    add_expected(&b, expected, count);
  }
  diagnostic *d = diagnose(p->findings, CODE_P001, where, "%.*s",
                           SLICE_ARGS(buffer_slice(&b)));
  if (hint(p))
    diagnostic_help(p->findings, d, "%s", hint(p));
}

void parser_gave_up(parser *p, span where, const char *why) {
  p->policy->has_syntax_errors = true;
  diagnose(p->findings, CODE_P018, where,
           "nested too deeply to be understood (%s)", why);
}

/* Entry. */

static bool skip_mark(lexer *l, diagnostics *findings) {
  if (l->end - l->begin < 3 || memcmp(l->begin, "\xEF\xBB\xBF", 3) != 0)
    return false;
  span where = {0, 3};
  diagnostic *d = diagnose(findings, CODE_P020, where,
                           "the text begins with a byte-order mark");
  diagnostic_help(findings, d, "save it as UTF-8 without a mark");
  fix_edit(findings,
           diagnostic_fix(findings, d, FIX_SAFE, "delete the mark"), where,
           SLICE_EMPTY);
  l->cursor += 3;
  return true;
}

ast_policy *parse_tree(arena *a, slice text, diagnostics *findings) {
  parser p = {.arena = a, .findings = findings};
  p.policy = ARENA_NEW(a, ast_policy);
  p.policy->text = text;
  p.policy->first_token = (uint32_t)text.length;
  p.version_end = &p.policy->versions;
  p.section_end = &p.policy->sections;
  p.loose_end = &p.policy->loose_rules;
  lexer_init(&p.lexer, a, text, findings);
  skip_mark(&p.lexer, findings);
  policy_yyparse(&p);
  p.policy->has_open_comment = p.lexer.open_comment;
  p.policy->comments = p.lexer.comments;
  p.policy->comment_count = p.lexer.comment_count;
  p.policy->rule_count = p.rule_count;
  p.policy->spoke_once = lexer_spoke_once(&p.lexer);
  if (p.rule_count > LIMIT_RULES)
    diagnose(findings, CODE_P018, (span){0, 0},
             "%zu rules; %d are allowed", p.rule_count, LIMIT_RULES);
  return p.policy;
}

ast_policy *parse_policy(arena *a, slice text, diagnostics *findings) {
  size_t errors = findings->errors;
  ast_policy *tree = parse_tree(a, text, findings);
  report_mistakes(tree, findings);
  tree->has_syntax_errors |= findings->errors > errors;
  return tree;
}
