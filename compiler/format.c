/* SPDX-License-Identifier: Apache-2.0 */
/* Items of a text, line by line: version, sections, rules, comments. */
#include "compiler/format.h"

#include "compiler/format_print.h"

typedef struct formatter {
  format_printer print;
  format_scanner scanner;
  format_token next; /* not yet used */
  arena *arena;
  format_token *tokens; /* of one statement */
  size_t token_count, token_capacity;
  format_item *items;
  size_t item_count, item_capacity;
  bool in_section;
  bool at_block_start; /* of the text or of a section: no blank line here */
} formatter;

static format_token take(formatter *f) {
  format_token t = f->next;
  f->next = format_scan(&f->scanner);
  return t;
}

static void begin_item(formatter *f, const format_token *first,
                       size_t indent) {
  bool blank = first->newlines == 2 && !f->at_block_start &&
               first->kind != FORMAT_RIGHT_BRACE;
  if (f->print.out.length)
    format_newline(&f->print, indent, blank);
  f->print.at_start = true;
  f->print.pending = false;
  f->print.continuation = indent;
  f->at_block_start = false;
  f->items = arena_grow(f->arena, f->items, f->item_count, &f->item_capacity,
                        sizeof *f->items);
  f->items[f->item_count++] = (format_item){
      .before = {first->begin, first->end},
      .after = {(uint32_t)f->print.out.length, 0}};
}

static void end_item(formatter *f, uint32_t end) {
  format_item *item = &f->items[f->item_count - 1];
  item->before.end = end;
  item->after.end = (uint32_t)f->print.out.length;
}

static void collect(formatter *f) {
  f->token_count = 0;
  for (;;) {
    format_token t = take(f);
    if (t.kind == FORMAT_END)
      return;
    f->tokens = arena_grow(f->arena, f->tokens, f->token_count,
                           &f->token_capacity, sizeof *f->tokens);
    f->tokens[f->token_count++] = t;
    if (t.kind == FORMAT_SEMICOLON || t.kind == FORMAT_LEFT_BRACE)
      return;
  }
}

/* The version, a rule, the head of a section up to its brace, or its end. */
static void statement(formatter *f) {
  collect(f);
  size_t count = f->token_count;
  const format_token *last = &f->tokens[count - 1];
  bool is_head = last->kind == FORMAT_LEFT_BRACE;
  if (f->tokens[0].kind == FORMAT_RIGHT_BRACE)
    f->in_section = false;
  size_t indent = f->in_section ? FORMAT_INDENT : 0;
  begin_item(f, &f->tokens[0], indent);
  format_statement(&f->print, f->tokens, count - is_head, indent);
  if (is_head) {
    format_break(&f->print, 0);
    format_put(&f->print, last);
    f->in_section = f->at_block_start = true;
  }
  end_item(f, last->end);
}

static slice text_of(const formatter *f, const format_token *t) {
  return (slice){f->print.text.data + t->begin, t->end - t->begin};
}

static slice trimmed(slice s) {
  while (s.length && (*s.data == ' ' || *s.data == '\t'))
    s.data++, s.length--;
  while (s.length && (s.data[s.length - 1] == ' ' ||
                      s.data[s.length - 1] == '\t'))
    s.length--;
  return s;
}

/* "// maapol-fmt WORD", with any blanks. */
static bool is_directive(const formatter *f, const format_token *t,
                         const char *word) {
  slice s = text_of(f, t);
  if (t->kind != FORMAT_LINE_COMMENT)
    return false;
  s = trimmed((slice){s.data + 2, s.length - 2});
  if (!slice_starts_with(s, "maapol-fmt"))
    return false;
  return slice_is(trimmed((slice){s.data + 10, s.length - 10}), word);
}

/* What stands behind "off": up to "on" at the same level, or to the end of
 * the section or text; copied as it is. */
static void leave_as_is(formatter *f, uint32_t from) {
  uint32_t end = from;
  size_t depth = 0;
  for (bool more = true; more && f->next.kind != FORMAT_END;) {
    if (f->next.kind == FORMAT_RIGHT_BRACE && depth == 0)
      break;
    format_token t = take(f);
    depth += t.kind == FORMAT_LEFT_BRACE;
    depth -= t.kind == FORMAT_RIGHT_BRACE;
    end = t.end;
    more = depth || !is_directive(f, &t, "on");
  }
  buffer_add(&f->print.out,
             (slice){f->print.text.data + from, end - from});
  end_item(f, end);
}

/* A comment that is the last in its line. */
static void comment(formatter *f) {
  format_token t = take(f);
  bool is_trailing = !t.newlines && f->print.out.length;
  if (!is_trailing)
    begin_item(f, &t, f->in_section ? FORMAT_INDENT : 0);
  f->print.at_start = !is_trailing;
  f->print.pending = false;
  format_put(&f->print, &t);
  end_item(f, t.end);
  if (is_directive(f, &t, "off"))
    leave_as_is(f, t.end);
}

format_result format_policy(arena *a, const ast_policy *policy, size_t width) {
  slice text = policy->text;
  formatter f = {.arena = a,
                 .print = {.text = text, .width = width,
                           .out = buffer_in(a)},
                 .scanner = {text.data, text.data, text.data + text.length},
                 .at_block_start = true};
  buffer_reserve(&f.print.out, text.length + text.length / 8 + 64);
  f.next = format_scan(&f.scanner);
  while (f.next.kind != FORMAT_END)
    if (f.next.ends_line)
      comment(&f);
    else
      statement(&f);
  if (f.print.out.length)
    buffer_char(&f.print.out, '\n');
  return (format_result){buffer_slice(&f.print.out), f.items, f.item_count};
}

bool format_is_possible(const ast_policy *policy,
                        const diagnostics *findings) {
  if (policy->has_syntax_errors || policy->has_open_comment ||
      findings->dropped)
    return false;
  for (const diagnostic *d = findings->first; d; d = d->next)
    if (d->severity == SEVERITY_ERROR && *code_text(d->code) == 'P')
      return false;
  return true;
}

static uint32_t line_start(slice text, uint32_t at) {
  while (at && (text.data[at - 1] == ' ' || text.data[at - 1] == '\t'))
    at--;
  return at;
}

bool format_range(const ast_policy *policy, const format_result *whole,
                  span range, span *replaced, slice *text) {
  size_t first = 0;
  while (first < whole->count &&
         whole->items[first].before.end < range.begin)
    first++;
  size_t end = first;
  while (end < whole->count && whole->items[end].before.begin <= range.end)
    end++;
  if (first == end)
    return false;
  const format_item *from = &whole->items[first], *to = &whole->items[end - 1];
  replaced->begin = line_start(policy->text, from->before.begin);
  replaced->end = to->before.end;
  uint32_t begin = line_start(whole->text, from->after.begin);
  *text = (slice){whole->text.data + begin, to->after.end - begin};
  return !slice_equal(*text, ast_text(policy, *replaced));
}
