/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/suppress.h"

#include "compiler/levels.h"

/* One code that a comment names. */
typedef struct entry {
  span code;
  uint32_t comment; /* its number among the policy's */
  uint32_t from, to; /* lines, from 1; 0: the whole text */
  bool is_valid, is_used, met_error;
} entry;

typedef struct work {
  arena *arena;
  policy *policy;
  const suppressor *options;
  line_index lines;
  entry *entries; /* in the order of the text */
  size_t count, capacity;
  size_t silenced;
} work;

/* Reading the comments. */

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static void pass(slice text, span *rest, bool (*is_one)(char)) {
  while (rest->begin < rest->end && is_one(text.data[rest->begin]))
    rest->begin++;
}

static span take_word(slice text, span *rest) {
  span word = *rest;
  pass(text, rest, is_word);
  word.end = rest->begin;
  return word;
}

static slice text_of(const work *w, span s) {
  return ast_text(w->policy->ast, s);
}

typedef enum mark { MARK_NONE, MARK_LINE, MARK_FILE, MARK_UNKNOWN } mark;

/* "maapol-ignore.." at the start of a line comment; *rest is what follows. */
static mark mark_of(const work *w, const ast_comment *c, span *rest) {
  slice text = w->policy->ast->text;
  *rest = c->where;
  if (c->is_block || c->where.end - c->where.begin < 15)
    return MARK_NONE;
  rest->begin += 2;
  pass(text, rest, is_blank);
  slice word = text_of(w, take_word(text, rest));
  if (!slice_starts_with(word, "maapol-ignore"))
    return MARK_NONE;
  return slice_is(word, "maapol-ignore")        ? MARK_LINE
         : slice_is(word, "maapol-ignore-file") ? MARK_FILE
                                                : MARK_UNKNOWN;
}

static bool names_a_code(slice name) {
  for (int i = 0; i < CODE_COUNT; i++)
    if (code_begins((diagnostic_code)i, name))
      return true;
  return false;
}

static bool has_marks(const work *w) {
  const ast_policy *tree = w->policy->ast;
  span rest;
  for (size_t i = 0; i < tree->comment_count; i++)
    if (mark_of(w, &tree->comments[i], &rest) != MARK_NONE)
      return true;
  return false;
}

static void complain(work *w, span where, const char *message, slice name) {
  diagnostic *d = diagnose(&w->policy->findings, CODE_F406, where, message,
                           SLICE_ARGS(name));
  diagnostic_help(&w->policy->findings, d,
                  "// maapol-ignore CODE[, CODE] or // maapol-ignore-file "
                  "CODE[, CODE], and behind that a reason");
}

static void add_code(work *w, span code, entry e) {
  slice name = text_of(w, code);
  diagnostic_code exact =
      code_from_text(arena_string(w->arena, name));
  e.code = code;
  e.is_valid = true;
  if (!names_a_code(name)) {
    e.is_valid = false;
    complain(w, code, "there is no code `%.*s`", name);
  } else if (exact != CODE_COUNT && code_severity(exact) == SEVERITY_ERROR) {
    e.is_valid = false;
    complain(w, code, "%.*s is an error: no comment silences it", name);
  }
  w->entries = arena_grow(w->arena, w->entries, w->count, &w->capacity,
                          sizeof *w->entries);
  w->entries[w->count++] = e;
}

static void add_codes(work *w, span rest, entry e) {
  slice text = w->policy->ast->text;
  for (;;) {
    pass(text, &rest, is_blank);
    span code = take_word(text, &rest);
    if (span_is_empty(code)) {
      complain(w, w->policy->ast->comments[e.comment].where,
               "a code is missing here%.*s", SLICE_EMPTY);
      return;
    }
    add_code(w, code, e);
    pass(text, &rest, is_blank);
    if (rest.begin == rest.end || text.data[rest.begin] != ',')
      return;
    rest.begin++;
  }
}

static bool stands_alone(slice text, uint32_t at) {
  while (at && is_blank(text.data[at - 1]))
    at--;
  return !at || text.data[at - 1] == '\n' || text.data[at - 1] == '\r';
}

static uint32_t line_at(const work *w, uint32_t offset) {
  return line_index_position(&w->lines, offset).line;
}

/* Offset of the first token behind each comment. */
static uint32_t *tokens_behind(const work *w) {
  const ast_policy *tree = w->policy->ast;
  uint32_t *behind =
      ARENA_ARRAY(w->arena, tree->comment_count + 1, uint32_t);
  for (size_t i = tree->comment_count; i; i--) {
    uint32_t at = tree->comments[i - 1].where.end;
    while (at < tree->text.length && is_space(tree->text.data[at]))
      at++;
    bool is_next = i < tree->comment_count &&
                   tree->comments[i].where.begin == at;
    behind[i - 1] = is_next ? behind[i] : at;
  }
  return behind;
}

static void read_comment(work *w, uint32_t number, const uint32_t *behind) {
  const ast_policy *tree = w->policy->ast;
  const ast_comment *c = &tree->comments[number];
  span rest;
  entry e = {.comment = number};
  mark m = mark_of(w, c, &rest);
  if (m == MARK_NONE)
    return;
  if (m == MARK_UNKNOWN) {
    complain(w, c->where, "this comment silences nothing%.*s", SLICE_EMPTY);
    return;
  }
  if (m == MARK_LINE) {
    e.from = e.to = line_at(w, c->where.begin);
    if (stands_alone(tree->text, c->where.begin))
      e.to = line_at(w, behind[number]);
  }
  add_codes(w, rest, e);
}

/* Silencing. */

static bool silences(const work *w, entry *e, const diagnostic *d) {
  if (!e->is_valid || !code_begins(d->code, text_of(w, e->code)))
    return false;
  if (d->severity == SEVERITY_ERROR) {
    e->met_error = true;
    return false;
  }
  return e->is_used = true;
}

/* Entries of lines stand before those of the whole text, and their lines
 * ascend. */
static size_t first_reaching(const work *w, size_t count, uint32_t line) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (w->entries[middle].to < line)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool is_loud(const diagnostic *d, void *context) {
  work *w = context;
  size_t lines = w->count;
  bool silenced = d->code == CODE_F406;
  if (silenced)
    return true;
  while (lines && !w->entries[lines - 1].to)
    lines--;
  uint32_t line = line_at(w, d->where.begin);
  for (size_t i = first_reaching(w, lines, line);
       i < lines && w->entries[i].from <= line; i++)
    silenced |= silences(w, &w->entries[i], d);
  for (size_t i = lines; i < w->count; i++)
    silenced |= silences(w, &w->entries[i], d);
  w->silenced += silenced;
  return !silenced;
}

/* Those of the whole text go behind the others; both keep their order. */
static void part(work *w) {
  entry *sorted = ARENA_ARRAY(w->arena, w->count + 1, entry);
  size_t n = 0;
  for (size_t i = 0; i < w->count; i++)
    if (w->entries[i].to)
      sorted[n++] = w->entries[i];
  for (size_t i = 0; i < w->count; i++)
    if (!w->entries[i].to)
      sorted[n++] = w->entries[i];
  w->entries = sorted;
}

/* Those that silence nothing. */

/* Rules about claims need the type, most need a policy without errors: where
 * they did not run nothing is known of their comments. */
static bool did_run(const work *w, diagnostic_code code) {
  char group = *code_text(code);
  if ((group == 'C' || group == 'X') && !w->options->type &&
      !policy_directive_type(w->policy->ast))
    return false;
  if (!w->policy->program && group != 'P' && group != 'S')
    return false;
  return !w->options->is_judged ||
         w->options->is_judged(code, w->options->context);
}

static bool is_unused(const work *w, const entry *e) {
  if (!e->is_valid || e->is_used)
    return false;
  for (int i = 0; i < CODE_COUNT; i++)
    if (code_begins((diagnostic_code)i, text_of(w, e->code)) &&
        code_severity((diagnostic_code)i) != SEVERITY_ERROR &&
        !did_run(w, (diagnostic_code)i))
      return false;
  return true;
}

/* The comment with the blanks before it, or its whole line. */
static span whole_comment(const work *w, span where) {
  slice text = w->policy->ast->text;
  bool alone = stands_alone(text, where.begin);
  while (where.begin && is_blank(text.data[where.begin - 1]))
    where.begin--;
  if (!alone)
    return where;
  if (where.end < text.length && text.data[where.end] == '\r')
    where.end++;
  if (where.end < text.length && text.data[where.end] == '\n')
    where.end++;
  return where;
}

/* The code with the comma before or behind it. */
static span one_code(const work *w, size_t at) {
  const entry *e = &w->entries[at];
  if (at + 1 < w->count && e[1].comment == e->comment)
    return (span){e->code.begin, e[1].code.begin};
  return (span){e[-1].code.end, e->code.end};
}

static void report_unused(work *w, size_t at, bool is_only) {
  diagnostics *list = &w->policy->findings;
  const entry *e = &w->entries[at];
  slice name = text_of(w, e->code);
  if (e->met_error) {
    complain(w, e->code, "%.*s is an error here: no comment silences it",
             name);
    return;
  }
  diagnostic *d = diagnose(list, CODE_F405, e->code,
                           "there is no finding %.*s to silence %s",
                           SLICE_ARGS(name), e->to ? "here" : "in this text");
  span comment = w->policy->ast->comments[e->comment].where;
  fix_edit(list,
           diagnostic_fix(list, d, FIX_SAFE,
                          is_only ? "remove the comment" : "remove the code"),
           is_only ? whole_comment(w, comment) : one_code(w, at),
           SLICE_EMPTY);
}

static void report_all_unused(work *w) {
  for (size_t i = 0; i < w->count;) {
    size_t end = i;
    while (end < w->count && w->entries[end].comment == w->entries[i].comment)
      end++;
    for (size_t n = i; n < end; n++)
      if (is_unused(w, &w->entries[n]))
        report_unused(w, n, end - i == 1);
    i = end;
  }
}

size_t policy_suppress(arena *a, policy *p, const suppressor *s) {
  work w = {.arena = a, .policy = p, .options = s};
  if (!has_marks(&w))
    return 0; /* nearly always */
  line_index_make(&w.lines, a, p->ast->text);
  const uint32_t *behind = tokens_behind(&w);
  for (uint32_t i = 0; i < p->ast->comment_count; i++)
    read_comment(&w, i, behind);
  part(&w);
  diagnostics_keep(&p->findings, is_loud, &w);
  report_all_unused(&w);
  diagnostics_sort(&p->findings);
  return w.silenced;
}
