/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/query_help.h"

const query_function_help query_functions[] = {
    {"abs", "number", "number", "The number without its sign.", "abs(`-5`)",
     "5"},
    {"avg", "numbers", "number", "The mean; of no numbers null.",
     "avg(`[1, 2]`)", "1.5"},
    {"ceil", "number", "number", "The next whole number above.",
     "ceil(`1.2`)", "2"},
    {"contains", "subject, search", "boolean",
     "Whether a string holds a string, or an array an item.",
     "contains('SecureBoot', 'Boot')", "true"},
    {"ends_with", "subject, suffix", "boolean",
     "Whether a string ends with another.", "ends_with('a.efi', '.efi')",
     "true"},
    {"equals_ignore_case", "a, b", "boolean",
     "True if both are strings and equal but for the case of A to Z; false for "
     "anything else. The attestation service adds it to JMESPath.",
     "equals_ignore_case('dbx', 'DBX')", "true"},
    {"floor", "number", "number", "The next whole number below.",
     "floor(`1.8`)", "1"},
    {"join", "glue, strings", "string",
     "The strings of an array in one, with the glue between.",
     "join('-', `[\"a\", \"b\"]`)", "\"a-b\""},
    {"keys", "object", "array of strings", "The names of an object, sorted.",
     "keys(`{\"b\": 1, \"a\": 2}`)", "[\"a\",\"b\"]"},
    {"length", "subject", "number",
     "Characters of a string, items of an array, members of an object. Of null "
     "it is an error.",
     "length(`[7, 12]`)", "2"},
    {"map", "&expression, array", "array",
     "What the expression gives for each item, null included.",
     "map(&a, `[{\"a\": 1}, {}]`)", "[1,null]"},
    {"max", "array", "number or string",
     "The greatest number or string; of none null.", "max(`[3, 1]`)", "3"},
    {"max_by", "array, &expression", "any",
     "The item for which the expression gives the most.",
     "max_by(`[{\"a\": 1}, {\"a\": 2}]`, &a)", "{\"a\":2}"},
    {"merge", "object, ..", "object",
     "One object of all; of a name that stands twice, the last.",
     "merge(`{\"a\": 1}`, `{\"b\": 2}`)", "{\"a\":1,\"b\":2}"},
    {"min", "array", "number or string",
     "The least number or string; of none null.", "min(`[3, 1]`)", "1"},
    {"min_by", "array, &expression", "any",
     "The item for which the expression gives the least.",
     "min_by(`[{\"a\": 1}, {\"a\": 2}]`, &a)", "{\"a\":1}"},
    {"not_null", "any, ..", "any",
     "The first argument that is not null; else null.",
     "not_null(`null`, 'x')", "\"x\""},
    {"reverse", "subject", "string or array",
     "A string or an array from its end.", "reverse(`[1, 2]`)", "[2,1]"},
    {"sort", "array", "array", "Numbers or strings in ascending order.",
     "sort(`[2, 1]`)", "[1,2]"},
    {"sort_by", "array, &expression", "array",
     "The items in ascending order of what the expression gives.",
     "sort_by(`[{\"a\": 2}, {\"a\": 1}]`, &a)", "[{\"a\":1},{\"a\":2}]"},
    {"starts_with", "subject, prefix", "boolean",
     "Whether a string begins with another.", "starts_with('EV_IPL', 'EV_')",
     "true"},
    {"sum", "numbers", "number", "The sum; of no numbers 0.",
     "sum(`[1, 2]`)", "3"},
    {"to_array", "any", "array", "An array as it is; else one of that item.",
     "to_array('x')", "[\"x\"]"},
    {"to_number", "any", "number",
     "A number as it is; of a string the number that it writes; else null.",
     "to_number('12')", "12"},
    {"to_string", "any", "string",
     "A string as it is; of anything else its JSON text.",
     "to_string(`[1]`)", "\"[1]\""},
    {"type", "any", "string",
     "`\"null\"`, `\"boolean\"`, `\"number\"`, `\"string\"`, `\"array\"` or "
     "`\"object\"`.",
     "type(`12`)", "\"number\""},
    {"values", "object", "array", "The values, in the order of the names.",
     "values(`{\"b\": 1, \"a\": 2}`)", "[2,1]"},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

static const struct {
  const char *mark, *text;
} marks[] = {
    {"||", "or: the left side if it is true, else the right. False are "
           "`false`, null, `\"\"`, `[]` and `{}`; 0 is true."},
    {"&&", "and: the left side if it is false, else the right."},
    {"!", "not: true of `false`, null, `\"\"`, `[]` and `{}`; false of "
          "anything else, 0 too."},
    {"|", "pipe: the right side works on what the left gives, as a whole; it "
          "ends a projection."},
    {"==", "equal, in type and value: 13 is not `'13'`."},
    {"!=", "not equal; values of different types are not equal."},
    {"<", "less: of numbers; anything else gives null."},
    {"<=", "less or equal: of numbers; anything else gives null."},
    {">", "greater: of numbers; anything else gives null."},
    {">=", "greater or equal: of numbers; anything else gives null."},
    {"[]", "flatten: one array of all items, those of inner arrays among them; "
           "what follows works on each."},
    {"[?", "filter: the items for which the condition is true; what follows "
           "works on each. It is an array, if only an empty one."},
    {"*", "all items of an array, or all values of an object; what follows "
          "works on each."},
    {"@", "the value at hand: the document, or in a filter the item."},
    {"&", "an expression as an argument, for `sort_by`, `max_by`, `map` .."},
    {".", "the member of that name; null if there is none."},
};

const query_function_help *query_function_find(slice name) {
  for (const query_function_help *f = query_functions; f->name; f++)
    if (slice_is(name, f->name))
      return f;
  return NULL;
}

void query_function_signature(buffer *out, const query_function_help *f) {
  buffer_printf(out, "%s(%s): %s", f->name, f->parameters, f->result);
}

void query_function_page(buffer *out, const query_function_help *f) {
  buffer_printf(out, "%s\n\n```jmespath\n%s\n```\n\ngives\n\n```json\n%s\n```"
                "\n", f->text, f->example, f->gives);
}

const char *event_field_type(const event_field *f) {
  static const char *const names[] = {"null",   "boolean", "integer", "number",
                                      "string", "array",   "object"};
  return names[f->kind];
}

static void describe_function(buffer *out, slice name) {
  const query_function_help *f = query_function_find(name);
  if (!f)
    return;
  buffer_text(out, "```jmespath\n");
  query_function_signature(out, f);
  buffer_text(out, "\n```\n\n");
  query_function_page(out, f);
}

static void describe_field(buffer *out, slice name, event_parent parent) {
  const event_field *f = event_field_find(name, parent);
  if (f)
    buffer_printf(out, "**%s**: %s\n\n%s\n", f->name, event_field_type(f),
                  f->meaning);
}

static void describe_mark(buffer *out, slice mark) {
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (slice_is(mark, marks[i].mark))
      buffer_printf(out, "`%s`\n\n%s\n", marks[i].mark, marks[i].text);
}

/* `null`, `true`, `false` bare are names, a trap of many published policies. */
static bool is_bare_literal(slice name) {
  return slice_is(name, "null") || slice_is(name, "true") ||
         slice_is(name, "false");
}

static void describe_literal(buffer *out, slice text, bool is_open) {
  value v;
  json_error error;
  if (is_open || text.length < 2)
    return;
  slice inside = {text.data + 1, text.length - 2};
  if (inside.length && memchr(inside.data, '\\', inside.length))
    buffer_text(out, "a literal: the JSON value between the backticks\n");
  else if (json_read(out->arena, inside, 0, &v, &error))
    buffer_printf(out, "a literal: %s, as JSON writes it\n",
                  jmespath_kind_text(&v));
  else
    buffer_text(out, "between backticks stands JSON: this is none\n");
}

void query_describe(buffer *out, const query_words *q, size_t token,
                    event_parent parent) {
  slice text = query_token_text(q, token);
  switch ((query_token_kind)q->items[token].kind) {
  case QUERY_TOKEN_FUNCTION:
    describe_function(out, text);
    break;
  case QUERY_TOKEN_FIELD:
    if (is_bare_literal(text))
      buffer_printf(out, "the *field* of that name: the literal stands between "
                    "backticks\n");
    else
      describe_field(out, query_name(q, token), parent);
    break;
  case QUERY_TOKEN_KEY:
    buffer_text(out, "a member of the object that is made\n");
    break;
  case QUERY_TOKEN_RAW:
    buffer_text(out, "a string: each character stands for itself, blanks too; "
                     "only `\\'` is a single quote\n");
    break;
  case QUERY_TOKEN_LITERAL:
    describe_literal(out, text, q->items[token].is_open);
    break;
  case QUERY_TOKEN_NUMBER:
    buffer_text(out, "a position, from 0; negative ones count from the end. "
                     "A number to compare with stands between backticks.\n");
    break;
  case QUERY_TOKEN_MARK:
    describe_mark(out, text);
    break;
  }
}
