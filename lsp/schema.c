/* SPDX-License-Identifier: Apache-2.0 */
/* A validator of the keywords of JSON Schema draft 7 that our schemas use.
 * Value and text are walked side by side, so that every finding has its place.
 * It recurses as deep as the document nests (LIMIT_JSON_DEPTH) times what the
 * schemas, which are ours, nest at one place. */
#include "lsp/schema.h"

#include <regex.h>

#include "base/limits.h"
#include "base/text.h"

const char *const schema_keywords[] = {
    "$id",        "$ref",      "$schema",       "additionalProperties",
    "anyOf",      "const",     "definitions",   "dependencies",
    "description", "else",     "enum",          "if",
    "items",      "maxItems",  "maxProperties", "maximum",
    "minItems",   "minLength", "minimum",       "not",
    "oneOf",      "pattern",   "properties",    "propertyNames",
    "required",   "then",      "title",         "type",
    NULL};

enum { PARTS_MAX = 32 };

struct schema_pattern {
  schema_pattern *next;
  const value *text;
  regex_t compiled;
};

/* What is being looked at. */
typedef struct subject {
  const value *value;
  json_place place;
} subject;

typedef struct checker {
  schema *schema;
  slice text;
  schema_findings *list; /* NULL: only the count is of interest */
  size_t wrong;
} checker;

static void check(checker *c, const value *rule, const subject *v);

static const value *keyword(const value *rule, const char *name) {
  return rule->kind == VALUE_OBJECT ? value_member(rule, slice_from(name))
                                    : NULL;
}

/* --- findings ------------------------------------------------------------- */

static span span_in(const checker *c, slice part) {
  size_t begin = part.data ? (size_t)(part.data - c->text.data) : 0;
  return (span){(uint32_t)begin, (uint32_t)(begin + part.length)};
}

/* Of an object or array its bracket alone: else the whole text would be
 * underlined. */
static slice pointed_at(const subject *v) {
  slice part = v->place.value;
  bool is_nested = part.length && (*part.data == '{' || *part.data == '[');
  if (is_nested && v->place.name.length)
    return v->place.name;
  return is_nested ? (slice){part.data, 1} : part;
}

__attribute__((format(printf, 3, 4))) static void
report_at(checker *c, slice part, const char *format, ...) {
  c->wrong++;
  if (!c->list || c->list->count >= LIMIT_LSP_FINDINGS)
    return;
  arena *a = c->schema->arena;
  buffer message = buffer_in(a);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&message, format, arguments);
  va_end(arguments);
  c->list->items = arena_grow(a, c->list->items, c->list->count,
                              &c->list->capacity, sizeof *c->list->items);
  c->list->items[c->list->count++] = (schema_finding){
      span_in(c, part), buffer_slice(&message).data};
}

#define REPORT(c, v, ...) report_at((c), pointed_at(v), __VA_ARGS__)

/* --- types ---------------------------------------------------------------- */

static const struct {
  const char *name, *words;
} kinds[] = {
    [VALUE_NULL] = {"null", "null"},
    [VALUE_BOOLEAN] = {"boolean", "true or false"},
    [VALUE_INTEGER] = {"integer", "a whole number"},
    [VALUE_NUMBER] = {"number", "a number"},
    [VALUE_STRING] = {"string", "a text"},
    [VALUE_ARRAY] = {"array", "a list"},
    [VALUE_OBJECT] = {"object", "an object"},
};

static void check_type(checker *c, const value *type, const subject *v) {
  int wanted = VALUE_NULL;
  while (!slice_is(value_string(type), kinds[wanted].name))
    wanted++;
  if (v->value->kind != wanted)
    REPORT(c, v, "%s is wanted here, not %s", kinds[wanted].words,
           kinds[v->value->kind].words);
}

/* --- values --------------------------------------------------------------- */

static const char *json_of(checker *c, const value *v) {
  buffer out = buffer_in(c->schema->arena);
  json_write(&out, v);
  return buffer_slice(&out).data;
}

static void check_enum(checker *c, const value *all, const subject *v) {
  buffer names = buffer_in(c->schema->arena);
  for (uint32_t i = 0; i < all->count; i++) {
    if (value_equal(c->schema->arena, &all->items[i], v->value))
      return;
    buffer_printf(&names, "%s%s", i ? ", " : "", json_of(c, &all->items[i]));
  }
  REPORT(c, v, "one of %s is wanted here", buffer_slice(&names).data);
}

static void check_const(checker *c, const value *wanted, const subject *v) {
  if (!value_equal(c->schema->arena, wanted, v->value))
    REPORT(c, v, "%s is wanted here", json_of(c, wanted));
}

static void free_pattern(void *pattern) { regfree(pattern); }

static const regex_t *compiled(schema *s, const value *text) {
  for (schema_pattern *p = s->patterns; p; p = p->next)
    if (p->text == text)
      return &p->compiled;
  schema_pattern *made = ARENA_NEW(s->arena, schema_pattern);
  const char *pattern = arena_string(s->arena, value_string(text));
  if (regcomp(&made->compiled, pattern, REG_EXTENDED | REG_NOSUB))
    return NULL;
  arena_defer(s->arena, free_pattern, &made->compiled);
  made->text = text;
  made->next = s->patterns;
  s->patterns = made;
  return &made->compiled;
}

/* What the schema says of the value in words helps more than its pattern. */
static void check_pattern(checker *c, const value *rule, const value *text,
                          const subject *v) {
  if (v->value->kind != VALUE_STRING)
    return;
  const regex_t *pattern = compiled(c->schema, text);
  const char *subject_text =
      arena_string(c->schema->arena, value_string(v->value));
  if (pattern && regexec(pattern, subject_text, 0, NULL, 0) == 0)
    return;
  const value *words = keyword(rule, "description");
  REPORT(c, v, "the text does not fit: %.*s",
         SLICE_ARGS(value_string(words ? words : text)));
}

/* --- sizes ---------------------------------------------------------------- */

static void check_count(checker *c, const value *rule, const char *name,
                        const subject *v, int kind, bool is_least,
                        const char *what) {
  const value *limit = keyword(rule, name);
  if (!limit || v->value->kind != kind)
    return;
  int64_t count = v->value->count;
  if (is_least ? count < limit->integer : count > limit->integer)
    REPORT(c, v, "at %s %lld %s may stand here", is_least ? "least" : "most",
           (long long)limit->integer, what);
}

static void check_bound(checker *c, const value *rule, const char *name,
                        const subject *v, int wrong, const char *words) {
  const value *limit = keyword(rule, name);
  bool is_number = v->value->kind == VALUE_INTEGER ||
                   v->value->kind == VALUE_NUMBER;
  if (limit && is_number && value_compare_numbers(v->value, limit) == wrong)
    REPORT(c, v, "%s %s is wanted here", words, json_of(c, limit));
}

static void check_sizes(checker *c, const value *rule, const subject *v) {
  check_count(c, rule, "minLength", v, VALUE_STRING, true, "characters");
  check_count(c, rule, "minItems", v, VALUE_ARRAY, true, "items");
  check_count(c, rule, "maxItems", v, VALUE_ARRAY, false, "items");
  check_count(c, rule, "maxProperties", v, VALUE_OBJECT, false, "members");
  check_bound(c, rule, "minimum", v, -1, "a number of at least");
  check_bound(c, rule, "maximum", v, 1, "a number of at most");
}

/* --- objects and arrays --------------------------------------------------- */

static void unknown_member(checker *c, const value *known, slice name,
                           slice place) {
  enum { NAMES_MAX = 64 };
  const char *names[NAMES_MAX + 1];
  size_t count = 0;
  for (uint32_t i = 0; known && i < known->count && i < NAMES_MAX; i++)
    names[count++] =
        arena_string(c->schema->arena, member_name(&known->members[i]));
  names[count] = NULL;
  const char *near = did_you_mean(name, names);
  if (near)
    report_at(c, place, "there is no member \"%.*s\" here; did you mean "
              "\"%s\"?", SLICE_ARGS(name), near);
  else
    report_at(c, place, "there is no member \"%.*s\" here", SLICE_ARGS(name));
}

static void check_name(checker *c, const value *rule, const member *m,
                       slice place) {
  value name = value_text(member_name(m));
  subject named = {&name, {.value = place}};
  check(c, rule, &named);
}

static void check_member(checker *c, const value *rule, const member *m,
                         const json_place *place) {
  const value *known = keyword(rule, "properties");
  const value *own = known ? value_member(known, member_name(m)) : NULL;
  const value *others = keyword(rule, "additionalProperties");
  const value *names = keyword(rule, "propertyNames");
  subject inner = {&m->value, *place};
  if (names)
    check_name(c, names, m, place->name);
  if (own)
    check(c, own, &inner);
  else if (others && others->kind == VALUE_BOOLEAN && !others->boolean)
    unknown_member(c, known, member_name(m), place->name);
  else if (others && others->kind == VALUE_OBJECT)
    check(c, others, &inner);
}

static void check_required(checker *c, const value *names, const subject *v,
                           const char *because, slice of) {
  for (uint32_t i = 0; i < names->count; i++) {
    slice name = value_string(&names->items[i]);
    if (value_member(v->value, name))
      continue;
    if (because)
      REPORT(c, v, "\"%.*s\" is missing: \"%.*s\" %s", SLICE_ARGS(name),
             SLICE_ARGS(of), because);
    else
      REPORT(c, v, "\"%.*s\" is missing", SLICE_ARGS(name));
  }
}

static void check_dependencies(checker *c, const value *all,
                               const subject *v) {
  for (uint32_t i = 0; i < all->count; i++)
    if (value_member(v->value, member_name(&all->members[i])))
      check_required(c, &all->members[i].value, v, "needs it",
                     member_name(&all->members[i]));
}

static void check_object(checker *c, const value *rule, const subject *v) {
  const value *required = keyword(rule, "required");
  const value *dependencies = keyword(rule, "dependencies");
  json_cursor cursor = json_enter(v->place.value);
  if (required)
    check_required(c, required, v, NULL, SLICE_EMPTY);
  if (dependencies)
    check_dependencies(c, dependencies, v);
  for (uint32_t i = 0; i < v->value->count; i++) {
    json_place place = {.name = SLICE_EMPTY};
    json_next(&cursor, &place);
    check_member(c, rule, &v->value->members[i], &place);
  }
}

static void check_items(checker *c, const value *rule, const subject *v) {
  const value *items = keyword(rule, "items");
  json_cursor cursor = json_enter(v->place.value);
  for (uint32_t i = 0; items && i < v->value->count; i++) {
    subject inner = {&v->value->items[i], {.name = SLICE_EMPTY}};
    json_next(&cursor, &inner.place);
    check(c, items, &inner);
  }
}

/* --- choices -------------------------------------------------------------- */

static size_t count_wrong(const checker *c, const value *rule,
                          const subject *v) {
  checker quiet = {.schema = c->schema, .text = c->text};
  check(&quiet, rule, v);
  return quiet.wrong;
}

/* The only names that alternatives ask for, if that is all they do. */
static bool list_required(checker *c, const value *all, buffer *names) {
  for (uint32_t i = 0; i < all->count; i++) {
    const value *required = keyword(&all->items[i], "required");
    if (!required || required->count != 1)
      return false;
    buffer_printf(names, "%s%s", i ? ", " : "",
                  json_of(c, &required->items[0]));
  }
  return true;
}

/* Whether the schema is about values of that kind, as far as it says. */
static bool takes_kind(const schema *s, const value *rule, int kind) {
  const value *parts[PARTS_MAX];
  size_t count = schema_parts(s, rule, parts, PARTS_MAX), typed = 0;
  for (size_t i = 0; i < count; i++) {
    const value *type = keyword(parts[i], "type");
    if (type && slice_is(value_string(type), kinds[kind].name))
      return true;
    typed += type != NULL;
  }
  return !typed;
}

/* Nothing fits: what is said of the alternative that comes nearest. */
static void explain_choice(checker *c, const value *all, const subject *v) {
  enum { WRONG_KIND = 1000 };
  buffer names = buffer_in(c->schema->arena);
  if (list_required(c, all, &names)) {
    REPORT(c, v, "one of %s is missing", buffer_slice(&names).data);
    return;
  }
  const value *best = NULL;
  size_t least = SIZE_MAX;
  for (uint32_t i = 0; i < all->count; i++) {
    size_t wrong = count_wrong(c, &all->items[i], v);
    if (!takes_kind(c->schema, &all->items[i], v->value->kind))
      wrong += WRONG_KIND;
    if (wrong < least) {
      least = wrong;
      best = &all->items[i];
    }
  }
  if (best)
    check(c, best, v);
}

static void check_choice(checker *c, const value *all, const subject *v,
                         bool only_one) {
  uint32_t fitting = 0;
  for (uint32_t i = 0; i < all->count; i++)
    fitting += count_wrong(c, &all->items[i], v) == 0;
  buffer names = buffer_in(c->schema->arena);
  if (!fitting)
    explain_choice(c, all, v);
  else if (only_one && fitting > 1 && list_required(c, all, &names))
    REPORT(c, v, "only one of %s can stand here", buffer_slice(&names).data);
  else if (only_one && fitting > 1)
    REPORT(c, v, "this can be understood in several ways");
}

/* "not": {"required": ["error"]}, {"type": "null"} */
static void check_not(checker *c, const value *rule, const subject *v) {
  const value *names = keyword(rule, "required");
  if (count_wrong(c, rule, v))
    return;
  if (names && names->count == 1)
    REPORT(c, v, "%s cannot stand here", json_of(c, &names->items[0]));
  else
    REPORT(c, v, "%s cannot stand here", kinds[v->value->kind].words);
}

static void check_condition(checker *c, const value *rule, const subject *v) {
  const value *asked = keyword(rule, "if");
  if (!asked)
    return;
  const value *next =
      keyword(rule, count_wrong(c, asked, v) ? "else" : "then");
  if (next)
    check(c, next, v);
}

/* --- the whole ------------------------------------------------------------ */

/* "#/definitions/NAME" */
static const value *referred(const schema *s, const value *reference) {
  static const char prefix[] = "#/definitions/";
  slice name = value_string(reference);
  const value *all = value_member(&s->root, SLICE("definitions"));
  name.data += sizeof prefix - 1;
  name.length -= sizeof prefix - 1;
  return value_member(all, name);
}

static void check_choices(checker *c, const value *rule, const subject *v) {
  const value *any = keyword(rule, "anyOf"), *one = keyword(rule, "oneOf");
  const value *no = keyword(rule, "not");
  if (any)
    check_choice(c, any, v, false);
  if (one)
    check_choice(c, one, v, true);
  if (no)
    check_not(c, no, v);
  check_condition(c, rule, v);
}

static void check(checker *c, const value *rule, const subject *v) {
  const value *reference = keyword(rule, "$ref");
  const value *type = keyword(rule, "type"), *all = keyword(rule, "enum");
  const value *only = keyword(rule, "const");
  const value *pattern = keyword(rule, "pattern");
  size_t before = c->wrong;
  if (reference) {
    check(c, referred(c->schema, reference), v);
    return; /* draft 7: nothing beside a reference counts */
  }
  if (type)
    check_type(c, type, v);
  if (c->wrong > before)
    return; /* nothing else would be worth saying */
  if (all)
    check_enum(c, all, v);
  if (only)
    check_const(c, only, v);
  if (pattern)
    check_pattern(c, rule, pattern, v);
  check_sizes(c, rule, v);
  if (v->value->kind == VALUE_OBJECT)
    check_object(c, rule, v);
  if (v->value->kind == VALUE_ARRAY)
    check_items(c, rule, v);
  check_choices(c, rule, v);
}

bool schema_open(schema *s, arena *a, const char *name) {
  const struct schema_text *t = schema_texts;
  json_error error;
  while (t->name && strcmp(t->name, name) != 0)
    t++;
  *s = (schema){.arena = a};
  return t->name && json_read(a, slice_from(t->text), 0, &s->root, &error);
}

void schema_check(schema *s, slice text, const value *document,
                  schema_findings *list) {
  checker c = {.schema = s, .text = text, .list = list};
  subject whole = {document, {.name = SLICE_EMPTY}};
  json_find_place(text, NULL, 0, &whole.place);
  check(&c, &s->root, &whole);
}

bool schema_fits(schema *s, const value *rule, const value *v) {
  checker c = {.schema = s};
  subject whole = {v, {.name = SLICE_EMPTY}};
  check(&c, rule, &whole);
  return c.wrong == 0;
}

/* --- what could stand there ----------------------------------------------- */

static size_t add_part(const value *rule, const value **found, size_t count,
                       size_t room) {
  for (size_t i = 0; i < count; i++)
    if (found[i] == rule)
      return count;
  if (count < room)
    found[count++] = rule;
  return count;
}

size_t schema_parts(const schema *s, const value *rule, const value **found,
                    size_t room) {
  static const char *const branches[] = {"anyOf", "oneOf", NULL};
  size_t count = add_part(rule, found, 0, room);
  for (size_t i = 0; i < count; i++) {
    const value *reference = keyword(found[i], "$ref");
    if (reference)
      count = add_part(referred(s, reference), found, count, room);
    for (const char *const *b = branches; *b; b++) {
      const value *all = keyword(found[i], *b);
      for (uint32_t k = 0; all && k < all->count; k++)
        count = add_part(&all->items[k], found, count, room);
    }
  }
  return count;
}

size_t schema_below(schema *s, const value *rule, slice name,
                    const value **found, size_t room) {
  const value *parts[PARTS_MAX];
  size_t count = 0, all = schema_parts(s, rule, parts, PARTS_MAX);
  for (size_t i = 0; i < all; i++) {
    const value *known = keyword(parts[i], "properties");
    const value *next = name.length && known ? value_member(known, name)
                                             : NULL;
    const value *others =
        keyword(parts[i], name.length ? "additionalProperties" : "items");
    if (!next && others && others->kind == VALUE_OBJECT)
      next = others;
    if (next)
      count = add_part(next, found, count, room);
  }
  return count;
}
