/* SPDX-License-Identifier: Apache-2.0 */
/* Hover and completion in JSON by its schema. The text is being written: the
 * place is found by what stands before it, whatever comes behind. */
#include "base/limits.h"
#include "lsp/json_document.h"
#include "lsp/schema.h"

enum { PARTS_MAX = 32, KIND_OF_MEMBER = 10, KIND_OF_VALUE = 12 };

/* An object or array that is open at the place. */
typedef struct json_level {
  uint32_t begin; /* of its bracket */
  bool is_object;
  bool has_colon; /* of the present member: its value is next */
  slice name;     /* of the present member, without quotes */
} json_level;

typedef struct json_spot {
  json_level levels[LIMIT_JSON_DEPTH];
  size_t depth;
  bool is_name;   /* a member's name stands or could stand here */
  bool in_string;
  span replaced;  /* the string or word that the place is in */
} json_spot;

/* --- where we are --------------------------------------------------------- */

/* Behind the string that begins at `at`; a line's end ends it, too. */
static uint32_t string_end(slice text, uint32_t at) {
  for (at++; at < text.length && text.data[at] != '"'; at++) {
    if (text.data[at] == '\n' || text.data[at] == '\r')
      return at;
    at += text.data[at] == '\\';
  }
  return at < text.length ? at + 1 : (uint32_t)text.length;
}

static slice inside_quotes(slice text, uint32_t begin, uint32_t end) {
  bool is_closed = end > begin + 1 && text.data[end - 1] == '"';
  return (slice){text.data + begin + 1, end - begin - 1 - is_closed};
}

static void take_mark(json_spot *s, char c, uint32_t at) {
  json_level *top = s->depth ? &s->levels[s->depth - 1] : NULL;
  if (c == '{' || c == '[') {
    if (s->depth < LIMIT_JSON_DEPTH)
      s->levels[s->depth++] = (json_level){.begin = at, .is_object = c == '{'};
  } else if (c == '}' || c == ']') {
    s->depth -= s->depth > 0;
  } else if (c == ':' && top) {
    top->has_colon = true;
  } else if (c == ',' && top) {
    top->has_colon = false;
    top->name = SLICE_EMPTY;
  }
}

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
}

static uint32_t word_end(slice text, uint32_t at) {
  while (at < text.length && is_word(text.data[at]))
    at++;
  return at;
}

static json_spot spot_of(slice text, uint32_t offset) {
  json_spot s = {.replaced = {offset, offset}};
  for (uint32_t at = 0; at < text.length && at < offset;) {
    char c = text.data[at];
    uint32_t end = c == '"' ? string_end(text, at)
                   : is_word(c) ? word_end(text, at)
                                : at + 1;
    json_level *top = s.depth ? &s.levels[s.depth - 1] : NULL;
    if (c == '"' && top && top->is_object && !top->has_colon)
      top->name = inside_quotes(text, at, end);
    bool is_closed = c == '"' && end > at + 1 && text.data[end - 1] == '"';
    if (end > at + 1 && (offset < end || (offset == end && !is_closed))) {
      s.replaced = (span){at, end};
      s.in_string = c == '"';
    }
    if (end == at + 1)
      take_mark(&s, c, at);
    at = end;
  }
  const json_level *top = s.depth ? &s.levels[s.depth - 1] : NULL;
  s.is_name = top && top->is_object && !top->has_colon;
  return s;
}

/* --- what holds there ----------------------------------------------------- */

static size_t step(schema *s, const value **rules, size_t count, slice name) {
  const value *next[PARTS_MAX];
  size_t found = 0;
  for (size_t i = 0; i < count; i++)
    found += schema_below(s, rules[i], name, next + found, PARTS_MAX - found);
  memcpy(rules, next, found * sizeof *next);
  return found;
}

/* The rules of the innermost object or array; `levels` of them. */
static size_t rules_at(schema *s, const json_spot *spot, size_t levels,
                       const value **rules) {
  size_t count = schema_parts(s, &s->root, rules, PARTS_MAX);
  for (size_t i = 0; i + 1 < levels && count; i++) {
    const json_level *l = &spot->levels[i];
    if (!l->is_object || l->name.length)
      count = step(s, rules, count, l->is_object ? l->name : SLICE_EMPTY);
  }
  return count;
}

static size_t value_rules(schema *s, const json_spot *spot,
                          const value **rules) {
  size_t count = rules_at(s, spot, spot->depth, rules);
  const json_level *top = &spot->levels[spot->depth - 1];
  const value *all[PARTS_MAX];
  size_t found = 0;
  if (spot->depth)
    count = step(s, rules, count, top->is_object ? top->name : SLICE_EMPTY);
  for (size_t i = 0; i < count; i++)
    found += schema_parts(s, rules[i], all + found, PARTS_MAX - found);
  memcpy(rules, all, found * sizeof *all);
  return found;
}

static slice description(const value *const *rules, size_t count) {
  for (size_t i = 0; i < count; i++) {
    slice words = lsp_text_member(rules[i], "description");
    if (words.length)
      return words;
  }
  return SLICE_EMPTY;
}

/* --- hover ---------------------------------------------------------------- */

static void list_values(buffer *out, const value *const *rules,
                        size_t count) {
  for (size_t i = 0; i < count; i++) {
    const value *all = lsp_at(rules[i], "enum", NULL);
    for (uint32_t k = 0; all && k < all->count; k++) {
      buffer_text(out, k ? ", " : "\n\nOne of ");
      buffer_char(out, '`');
      json_write(out, &all->items[k]);
      buffer_char(out, '`');
    }
  }
}

value json_hover(lsp_request *r) {
  const char *name = document_schema(r->document);
  slice text = r->document->now->text;
  json_spot spot = spot_of(text, r->offset + (r->offset < text.length));
  const value *rules[PARTS_MAX];
  schema s;
  if (!name || !spot.depth || spot.replaced.begin == spot.replaced.end ||
      !schema_open(&s, r->arena, name))
    return value_null();
  size_t count = value_rules(&s, &spot, rules);
  buffer out = buffer_in(r->arena);
  const json_level *top = &spot.levels[spot.depth - 1];
  if (top->is_object && count)
    buffer_printf(&out, "**%.*s**\n\n", SLICE_ARGS(top->name));
  buffer_add(&out, description(rules, count));
  list_values(&out, rules, count);
  if (!count || !out.length)
    return value_null();
  object_builder o = object_in(r->arena);
  set(&o, "contents", lsp_markdown(r->arena, buffer_slice(&out)));
  set(&o, "range", lsp_range(r, r->document, spot.replaced));
  return object_value(&o);
}

/* --- completion ----------------------------------------------------------- */

typedef struct offers {
  lsp_request *request;
  array_builder list;
  span replaced;
  slice rest; /* of the text, behind what is replaced */
} offers;

static void offer(offers *all, slice label, slice inserted, int kind,
                  slice words) {
  lsp_request *r = all->request;
  object_builder o = object_in(r->arena);
  set(&o, "label", value_text(label));
  set_number(&o, "kind", kind);
  if (words.length)
    set(&o, "documentation", value_text(words));
  set(&o, "filterText", value_text(inserted));
  set(&o, "textEdit", lsp_edit(r, all->replaced, inserted));
  array_add(&all->list, object_value(&o));
}

static bool has_colon(slice rest) {
  while (rest.length && memchr(" \t\r\n", *rest.data, 4))
    rest.data++, rest.length--;
  return rest.length && *rest.data == ':';
}

/* Whether the object around the place has that member elsewhere. */
static bool is_present(const json_spot *spot, slice text, slice name) {
  const json_level *top = &spot->levels[spot->depth - 1];
  json_place child;
  json_cursor cursor = json_enter(
      (slice){text.data + top->begin, text.length - top->begin});
  while (json_next(&cursor, &child)) {
    uint32_t begin = (uint32_t)(child.name.data - text.data);
    if (begin != spot->replaced.begin && child.name.length >= 2 &&
        slice_equal((slice){child.name.data + 1, child.name.length - 2},
                    name))
      return true;
  }
  return false;
}

static void offer_names(offers *all, const json_spot *spot,
                        const value *rule) {
  slice text = all->request->document->now->text;
  const value *known = lsp_at(rule, "properties", NULL);
  for (uint32_t i = 0; known && i < known->count; i++) {
    slice name = member_name(&known->members[i]);
    if (is_present(spot, text, name))
      continue;
    buffer inserted = buffer_in(all->request->arena);
    json_write_string(&inserted, name);
    if (!has_colon(all->rest))
      buffer_text(&inserted, ": ");
    offer(all, name, buffer_slice(&inserted), KIND_OF_MEMBER,
          lsp_text_member(&known->members[i].value, "description"));
  }
}

static void offer_json(offers *all, const value *v) {
  buffer text = buffer_in(all->request->arena);
  json_write(&text, v);
  slice label = v->kind == VALUE_STRING ? value_string(v)
                                        : buffer_slice(&text);
  offer(all, label, buffer_slice(&text), KIND_OF_VALUE, SLICE_EMPTY);
}

static void offer_values(offers *all, const value *rule) {
  const value *listed = lsp_at(rule, "enum", NULL);
  value yes = value_boolean(true), no = value_boolean(false);
  for (uint32_t i = 0; listed && i < listed->count; i++)
    offer_json(all, &listed->items[i]);
  if (slice_is(lsp_text_member(rule, "type"), "boolean")) {
    offer_json(all, &yes);
    offer_json(all, &no);
  }
}

value json_complete(lsp_request *r) {
  const char *name = document_schema(r->document);
  slice text = r->document->now->text;
  json_spot spot = spot_of(text, r->offset);
  offers all = {.request = r,
                .list = array_in(r->arena),
                .replaced = spot.replaced,
                .rest = {text.data + spot.replaced.end,
                         text.length - spot.replaced.end}};
  const value *rules[PARTS_MAX], *parts[PARTS_MAX];
  schema s;
  if (!name || !spot.depth || !schema_open(&s, r->arena, name))
    return array_value(&all.list);
  size_t count = spot.is_name ? rules_at(&s, &spot, spot.depth, rules)
                              : value_rules(&s, &spot, rules);
  for (size_t i = 0; i < count; i++) {
    size_t found = schema_parts(&s, rules[i], parts, PARTS_MAX);
    for (size_t k = 0; k < found && spot.is_name; k++)
      offer_names(&all, &spot, parts[k]);
    if (!spot.is_name)
      offer_values(&all, rules[i]);
  }
  return array_value(&all.list);
}
