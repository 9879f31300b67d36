/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of one rule. What fits stands in one line; else its conditions
 * have a line each, the action another, and of these the ones that do not fit
 * are broken at their brackets and commas in the same way. */
#include "base/limits.h"
#include "compiler/format_print.h"

void format_newline(format_printer *p, size_t indent, bool blank) {
  buffer_text(&p->out, blank ? "\n\n" : "\n");
  buffer_reserve(&p->out, indent);
  for (size_t i = 0; i < indent; i++)
    buffer_char(&p->out, ' ');
  p->column = indent;
  p->pending = false;
  p->at_start = true;
}

/* Blanks that stand between two tokens of one line. */
static size_t blanks_between(uint8_t last, uint8_t next) {
  if (next == FORMAT_LINE_COMMENT || next == FORMAT_BLOCK_COMMENT)
    return 1;
  if (next == FORMAT_SEMICOLON || next == FORMAT_COMMA)
    return 0;
  return last == FORMAT_BLOCK_COMMENT || last == FORMAT_COMMA ||
         last == FORMAT_AND || last == FORMAT_ARROW || next == FORMAT_AND ||
         next == FORMAT_ARROW;
}

static void put_bytes(format_printer *p, const format_token *t) {
  buffer_add(&p->out,
             (slice){p->text.data + t->begin, t->end - t->begin});
  p->column += t->width;
  p->at_start = false;
  p->last = t->kind;
}

/* A comment that ends its line stays at that end, or on a line of its own;
 * any other stands before a token and goes where that goes. */
static void put_last_comment(format_printer *p, const format_token *t) {
  size_t indent = p->pending ? p->indent : p->continuation;
  if (!p->at_start && t->newlines)
    format_newline(p, indent, false);
  else if (!p->at_start)
    buffer_char(&p->out, ' ');
  put_bytes(p, t);
  format_break(p, indent);
}

void format_put(format_printer *p, const format_token *t) {
  if (t->ends_line) {
    put_last_comment(p, t);
    return;
  }
  if (p->pending && !p->at_start) {
    format_newline(p, p->indent, false);
  } else if (!p->at_start && blanks_between(p->last, t->kind)) {
    buffer_char(&p->out, ' ');
    p->column++;
  }
  p->pending = false;
  put_bytes(p, t);
}

/* An open bracket, or the rule itself at the bottom. */
typedef struct group {
  bool broken;
  size_t indent; /* of the lines in it */
} group;

typedef struct layout {
  format_printer *p;
  const format_token *tokens;
  size_t count;
  group groups[LIMIT_CALL_DEPTH + 4];
  size_t depth;
} layout;

/* Finds partners of brackets. */
static void match(format_token *tokens, size_t count) {
  uint32_t open[LIMIT_CALL_DEPTH + 4];
  size_t depth = 0;
  for (uint32_t i = 0; i < count; i++)
    if (tokens[i].kind == FORMAT_OPEN && depth < LIMIT_CALL_DEPTH + 4)
      open[depth++] = i;
    else if (tokens[i].kind == FORMAT_CLOSE && depth)
      tokens[open[--depth]].partner = i;
}

/* Whether tokens from..to-1 stand in `room` columns, behind `last`. */
static bool fits(const format_token *tokens, size_t from, size_t to,
                 uint8_t last, size_t room) {
  size_t width = 0;
  for (size_t i = from; i < to; i++) {
    if (tokens[i].ends_line)
      return false;
    width += blanks_between(last, tokens[i].kind) + tokens[i].width;
    if (width > room)
      return false;
    last = tokens[i].kind;
  }
  return true;
}

static void put_open(layout *l, size_t i) {
  const group *around = &l->groups[l->depth];
  const format_token *t = &l->tokens[i];
  format_put(l->p, t);
  size_t indent = around->indent + FORMAT_INDENT;
  size_t past = t->partner + 1; /* and what must stay in the same line */
  if (past < l->count && (l->tokens[past].kind == FORMAT_COMMA ||
                          l->tokens[past].kind == FORMAT_SEMICOLON ||
                          l->tokens[past].kind == FORMAT_AND))
    past++;
  size_t room =
      l->p->column < l->p->width ? l->p->width - l->p->column : 0;
  bool broken = around->broken && t->partner > i + 1 &&
                !fits(l->tokens, i + 1, past, FORMAT_OPEN, room);
  l->groups[++l->depth] = (group){broken, indent};
  if (broken)
    format_break(l->p, indent);
}

static void put_close(layout *l, const format_token *t) {
  const group *inner = &l->groups[l->depth--];
  if (inner->broken)
    format_break(l->p, inner->indent - FORMAT_INDENT);
  format_put(l->p, t);
}

static bool is_first(const layout *l, size_t i) {
  while (i && format_is_comment(&l->tokens[i - 1]))
    i--;
  return i == 0;
}

/* The arrow, and what follows, goes deeper than the conditions. */
static void put_arrow(layout *l, size_t i) {
  group *rule = &l->groups[0];
  if (rule->broken && !is_first(l, i)) {
    rule->indent += FORMAT_INDENT;
    format_break(l->p, rule->indent);
  }
  format_put(l->p, &l->tokens[i]);
}

static void put(layout *l, size_t i) {
  const format_token *t = &l->tokens[i];
  const group *inner = &l->groups[l->depth];
  l->p->continuation = inner->indent + FORMAT_INDENT;
  if (t->kind == FORMAT_OPEN) {
    put_open(l, i);
  } else if (t->kind == FORMAT_CLOSE && l->depth) {
    put_close(l, t);
  } else if (t->kind == FORMAT_ARROW) {
    put_arrow(l, i);
  } else {
    format_put(l->p, t);
    if (inner->broken &&
        (t->kind == FORMAT_COMMA || t->kind == FORMAT_AND))
      format_break(l->p, inner->indent);
  }
}

void format_statement(format_printer *p, format_token *tokens, size_t count,
                      size_t indent) {
  layout l = {.p = p, .tokens = tokens, .count = count};
  match(tokens, count);
  size_t room = indent < p->width ? p->width - indent : 0;
  l.groups[0] = (group){!fits(tokens, 0, count, FORMAT_OPEN, room), indent};
  for (size_t i = 0; i < count; i++)
    put(&l, i);
}
