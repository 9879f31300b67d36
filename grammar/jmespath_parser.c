/* SPDX-License-Identifier: Apache-2.0 */
#include "grammar/jmespath_parser.h"

#include <stdarg.h>

#include "base/text.h"
#include "grammar/jmespath.tab.h"
#include "grammar/jmespath_limits.h"

const char *jmespath_error_name(jmespath_error_kind kind) {
  static const char *const names[] = {
      [JMESPATH_SYNTAX] = "syntax",
      [JMESPATH_INVALID_TYPE] = "invalid-type",
      [JMESPATH_INVALID_VALUE] = "invalid-value",
      [JMESPATH_INVALID_ARITY] = "invalid-arity",
      [JMESPATH_UNKNOWN_FUNCTION] = "unknown-function",
      [JMESPATH_LIMIT] = "limit",
  };
  return names[kind];
}

void jmespath_fail(jmespath_parser *p, jmespath_error_kind kind, span where,
                   const char *help, const char *format, ...) {
  if (p->has_failed)
    return;
  p->has_failed = true;
  buffer message = buffer_in(p->arena);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&message, format, arguments);
  va_end(arguments);
  *p->error = (jmespath_error){kind, where, buffer_slice(&message).data, help};
}

/* --- nodes ---------------------------------------------------------------- */

jmespath_node *jmespath_node_new(jmespath_parser *p, jmespath_kind kind,
                                 span where) {
  jmespath_node *node = ARENA_NEW(p->arena, jmespath_node);
  node->kind = (uint8_t)kind;
  node->where = where;
  return node;
}

jmespath_node *jmespath_node_of(jmespath_parser *p, jmespath_kind kind,
                                span where, jmespath_operands operands) {
  jmespath_node *node = jmespath_node_new(p, kind, where);
  node->operands = operands;
  if (operands.count > LIMIT_QUERY_OPERANDS)
    jmespath_fail(p, JMESPATH_LIMIT, where, NULL,
                  "more than %d expressions in one list, object or call",
                  LIMIT_QUERY_OPERANDS);
  return node;
}

jmespath_chain jmespath_chain_of(jmespath_node *node) {
  return (jmespath_chain){node, node};
}

jmespath_chain jmespath_chain_add(jmespath_chain chain, jmespath_node *step) {
  chain.last->next = step;
  chain.last = step;
  return chain;
}

jmespath_operands jmespath_operands_of(jmespath_node *first) {
  return (jmespath_operands){first, first, 1};
}

jmespath_operands jmespath_operands_add(jmespath_operands operands,
                                        jmespath_node *node) {
  operands.last->sibling = node;
  operands.last = node;
  operands.count++;
  return operands;
}

static jmespath_chain operator_of(jmespath_parser *p, jmespath_kind kind,
                                  span where, jmespath_chain left,
                                  jmespath_chain right) {
  jmespath_node *node = jmespath_node_new(p, kind, where);
  node->operands =
      jmespath_operands_add(jmespath_operands_of(left.first), right.first);
  return jmespath_chain_of(node);
}

/* Parentheses make a GROUP, so a node of that kind is an operator unbracketed:
 * a || b || c becomes one OR. */
jmespath_chain jmespath_join(jmespath_parser *p, jmespath_kind kind, span where,
                             jmespath_chain left, jmespath_chain right) {
  jmespath_node *node = left.first;
  if (node->kind != (uint8_t)kind)
    return operator_of(p, kind, where, left, right);
  node->operands = jmespath_operands_add(node->operands, right.first);
  node->where = where;
  return left;
}

jmespath_chain jmespath_compare(jmespath_parser *p,
                                jmespath_comparator comparator, span where,
                                jmespath_chain left, jmespath_chain right) {
  jmespath_chain result = operator_of(p, QUERY_COMPARE, where, left, right);
  result.first->comparator = (uint8_t)comparator;
  return result;
}

jmespath_node *jmespath_slice(jmespath_parser *p, span where,
                              jmespath_bound start, jmespath_bound end,
                              jmespath_bound step) {
  jmespath_node *node = jmespath_node_new(p, QUERY_SLICE, where);
  node->range = (jmespath_range){start.number, end.number, step.number,
                                 start.is_given, end.is_given};
  return node;
}

/* --- wording of syntax errors --------------------------------------------- */

static bool is_among(const char *text, const char *const *texts, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(texts[i], text) == 0)
      return true;
  return false;
}

/* "`]`, `,` or a name" */
static void add_list(buffer *out, const char *const *texts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i)
      buffer_text(out, i + 1 == count ? " or " : ", ");
    buffer_text(out, texts[i]);
  }
}

/* Every operator may follow an expression; the ends are what tells something
 * to the reader. */
static void add_ends(buffer *out, const char *const *expected, size_t count) {
  static const char *const ends[] = {"`]`", "`}`", "`)`", "`,`"};
  const char *texts[5];
  size_t found = 0;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (is_among(ends[i], expected, count))
      texts[found++] = ends[i];
  texts[found++] = "an operator";
  add_list(out, texts, found);
}

static void add_expected(buffer *out, const char *const *expected,
                         size_t count) {
  if (is_among("a literal", expected, count))
    buffer_text(out, "an expression");
  else if (is_among("`||`", expected, count))
    add_ends(out, expected, count);
  else
    add_list(out, expected, count);
}

static const char *help_for(jmespath_parser *p, span where, int met,
                            const char *const *expected, size_t count) {
  buffer help = buffer_in(p->arena);
  int length = (int)(where.end - where.begin);
  const char *text = p->text.data + where.begin;
  bool at_expression = is_among("a literal", expected, count);
  bool in_bracket = !at_expression && is_among("a number", expected, count);
  if (met == JMESPATH_TOKEN_NUMBER && at_expression)
    buffer_printf(&help, "a number is written `%.*s`", length, text);
  else if (met == JMESPATH_TOKEN_GREATER && at_expression && where.begin &&
           text[-1] == '<')
    buffer_text(&help, "\"not equal\" is written !=");
  else if (met == JMESPATH_TOKEN_NAME && in_bracket)
    buffer_printf(&help,
                  "a field is written .%.*s, a list of expressions .[..], a "
                  "filter [?..]",
                  length, text);
  else
    return NULL;
  return buffer_slice(&help).data;
}

void jmespath_report_syntax(jmespath_parser *p, span where, int met,
                            const char *met_text, const char *const *expected,
                            size_t expected_count) {
  buffer text = buffer_in(p->arena);
  if (expected_count)
    add_expected(&text, expected, expected_count);
  else
    buffer_text(&text, "something else");
  jmespath_fail(p, JMESPATH_SYNTAX, where,
                help_for(p, where, met, expected, expected_count),
                "%s where %s should stand", met_text, buffer_slice(&text).data);
}

/* --- compiling ------------------------------------------------------------ */

static bool has_text(jmespath_parser *p) {
  uint32_t length = (uint32_t)p->text.length;
  if (length > LIMIT_QUERY_BYTES) {
    jmespath_fail(p, JMESPATH_LIMIT, (span){0, 0}, NULL,
                  "the query has more than %d bytes", LIMIT_QUERY_BYTES);
    return false;
  }
  uint32_t bad = (uint32_t)utf8_error(p->text);
  if (bad < length)
    jmespath_fail(p, JMESPATH_SYNTAX, (span){bad, bad + 1}, NULL,
                  "this is not UTF-8");
  return bad == length;
}

const jmespath_query *jmespath_compile(arena *a, slice text,
                                       jmespath_error *error) {
  jmespath_parser p = {.arena = a, .error = error, .text = text};
  if (!has_text(&p))
    return NULL;
  p.text = arena_copy(a, text);
  p.begin = p.cursor = (const unsigned char *)p.text.data;
  p.end = p.begin + p.text.length;
  bool is_parsed = jmespath_yyparse(&p) == 0 && !p.has_failed;
  if (!is_parsed || !jmespath_check(&p))
    return NULL;
  jmespath_query *query = ARENA_NEW(a, jmespath_query);
  *query = (jmespath_query){p.text, p.root};
  return query;
}
