/* SPDX-License-Identifier: Apache-2.0 */
/* What completion takes from samples: values of claims, names in logs. */
#include "base/symbols.h"
#include "lsp/samples.h"

enum { VALUES_MAX = 32, FIELDS_MAX = 200, TEXT_MAX = 4096 };

/* --- values --------------------------------------------------------------- */

static bool is_listed(const char *const *list, size_t count, slice text) {
  for (size_t i = 0; i < count; i++)
    if (slice_is(text, list[i]))
      return true;
  return false;
}

static slice value_as_text(arena *a, const claim *c) {
  buffer b = buffer_in(a);
  if (c->kind == CLAIM_STRING)
    return c->text;
  if (c->kind == CLAIM_INTEGER)
    buffer_printf(&b, "%lld", (long long)c->integer);
  else
    buffer_text(&b, c->integer ? "true" : "false");
  return buffer_slice(&b);
}

/* What a policy can have between quotes as it is. */
static bool is_plain(slice text) {
  for (size_t i = 0; i < text.length; i++)
    if ((unsigned char)text.data[i] < ' ' || text.data[i] == '"' ||
        text.data[i] == '\\')
      return false;
  return text.length && text.length <= TEXT_MAX;
}

const sample_value *samples_values(lsp_server *s, document *d, slice type) {
  const sample_book *b = samples_of(s, d);
  const char *seen[VALUES_MAX];
  sample_value *list =
      ARENA_ARRAY(&s->scratch, VALUES_MAX + 1, sample_value);
  size_t count = 0;
  for (size_t i = 0; b && i < b->count; i++)
    for (size_t k = 0; k < b->samples[i].claims.count; k++) {
      const claim *c = &b->samples[i].claims.items[k];
      if (count == VALUES_MAX || !slice_equal(c->type, type))
        continue;
      slice text = value_as_text(&s->scratch, c);
      if (!is_plain(text) || is_listed(seen, count, text))
        continue;
      seen[count] = arena_string(&s->scratch, text);
      list[count] = (sample_value){seen[count], b->samples[i].name,
                                   c->kind == CLAIM_STRING};
      count++;
    }
  list[count] = (sample_value){NULL, NULL, false};
  return list;
}

/* --- names ---------------------------------------------------------------- */

/* A field of JMESPath that needs no quotes. */
static bool is_field(slice name) {
  for (size_t i = 0; i < name.length; i++) {
    char c = name.data[i];
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '_';
    if (!is_letter && (!i || c < '0' || c > '9'))
      return false;
  }
  return name.length != 0;
}

/* As deep as JSON may nest: LIMIT_JSON_DEPTH. */
static void collect(symbols *names, const value *v) {
  for (uint32_t i = 0; i < v->count && names->count < FIELDS_MAX; i++) {
    if (v->kind == VALUE_OBJECT && is_field(member_name(&v->members[i])))
      symbols_intern(names, member_name(&v->members[i]));
    if (v->kind == VALUE_OBJECT)
      collect(names, &v->members[i].value);
    else if (v->kind == VALUE_ARRAY)
      collect(names, &v->items[i]);
    else
      return;
  }
}

static void collect_claim(symbols *names, const claim *c) {
  value v;
  json_error error;
  bool is_json = c->kind == CLAIM_STRING && c->text.length &&
                 memchr("{[", *c->text.data, 2);
  if (is_json && json_read(names->arena, c->text, JSON_LAST_NAME_WINS, &v,
                           &error))
    collect(names, &v);
}

const char *const *samples_read_fields(sample_book *b) {
  symbols names;
  symbols_init(&names, &b->memory);
  for (size_t i = 0; i < b->count; i++)
    for (size_t k = 0; k < b->samples[i].claims.count; k++)
      collect_claim(&names, &b->samples[i].claims.items[k]);
  const char **list =
      ARENA_ARRAY(&b->memory, names.count + 1u, const char *);
  for (uint32_t i = 0; i < names.count; i++)
    list[i] = arena_string(&b->memory, symbols_text(&names, i + 1));
  list[names.count] = NULL;
  return b->fields = list;
}
