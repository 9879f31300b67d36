/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/tokens.h"

typedef struct reader {
  arena *arena;
  slice text;
  uint32_t at;
  word_token *items;
  size_t count, capacity;
  uint32_t rule;
  unsigned depth, braces;
  uint8_t section;
} reader;

bool token_is(const word_tokens *t, size_t i, const char *text) {
  return i < t->count && slice_is(token_text(t, i), text);
}

span token_inside(const word_tokens *t, size_t i) {
  span s = t->items[i].where;
  bool is_closed = s.end - s.begin > 1 && t->text.data[s.end - 1] == '"';
  return (span){s.begin + 1, s.end - is_closed};
}

/* Reading. */

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static char peek(const reader *r, size_t ahead) {
  return r->at + ahead < r->text.length ? r->text.data[r->at + ahead] : 0;
}

static void read_comment(reader *r) {
  bool is_block = peek(r, 1) == '*';
  r->at += 2;
  while (r->at < r->text.length) {
    if (is_block && peek(r, 0) == '*' && peek(r, 1) == '/') {
      r->at += 2;
      return;
    }
    if (!is_block && (peek(r, 0) == '\n' || peek(r, 0) == '\r'))
      return;
    r->at++;
  }
}

/* Bytes of a string of several lines; longer ones are taken line by line, so
 * that a text of nothing but quotes is read in linear time. */
enum { LINES_MAX = 4096 };

static bool ends_line(char c) { return c == '\n' || c == '\r'; }

/* Where a string that begins at r->at may end. */
typedef struct string_ends {
  uint32_t quote; /* behind the next quote that no backslash escapes; 0: none */
  uint32_t line;  /* the end of its line; 0: behind that quote */
} string_ends;

/* Looks for the quote in the line, and in LINES_MAX bytes. */
static string_ends find_ends(const reader *r) {
  string_ends ends = {0, 0};
  const char *text = r->text.data;
  uint32_t i = r->at + 1, most = r->at + LINES_MAX;
  while (i < r->text.length && (!ends.line || i < most)) {
    if (text[i] == '"') {
      ends.quote = i + 1;
      return ends;
    }
    bool escapes = text[i] == '\\';
    uint32_t at = i + escapes;
    if (!ends.line && at < r->text.length && ends_line(text[at]))
      ends.line = at;
    i = at + 1;
  }
  if (!ends.line)
    ends.line = (uint32_t)r->text.length;
  return ends;
}

static bool holds_arrow(slice s) {
  for (size_t i = 1; i < s.length; i++)
    if (s.data[i - 1] == '=' && s.data[i] == '>')
      return true;
  return false;
}

/* Strings may hold line breaks. But while one is typed, the next quote is where
 * another string begins: an `=` stands before it, or a rule lies between. */
static bool is_closed_by(const reader *r, uint32_t end) {
  slice s = {r->text.data + r->at + 1, end - r->at - 2};
  char next = end < r->text.length ? r->text.data[end] : ';';
  return next && strchr(",]); \t\r\n", next) && s.length &&
         s.data[s.length - 1] != '=' && !holds_arrow(s);
}

static void read_string(reader *r) {
  string_ends ends = find_ends(r);
  bool is_closed =
      ends.quote && (!ends.line || is_closed_by(r, ends.quote));
  r->at = is_closed ? ends.quote : ends.line;
}

static bool is_pair(char c, char next) {
  return next == '=' ? c == '=' || c == '!' || c == '<' || c == '>'
         : next == '>' ? c == '='
                       : next == '&' && c == '&';
}

static void pass_word(reader *r) {
  while (is_letter(peek(r, 0)) || is_digit(peek(r, 0)))
    r->at++;
}

static token_kind read_token(reader *r) {
  char c = peek(r, 0), next = peek(r, 1);
  if (c == '/' && (next == '/' || next == '*')) {
    read_comment(r);
    return TOKEN_COMMENT;
  }
  if (c == '"') {
    read_string(r);
    return TOKEN_STRING;
  }
  if (is_letter(c)) {
    pass_word(r);
    return TOKEN_WORD;
  }
  if (is_digit(c) || (c == '-' && is_digit(next))) {
    do {
      r->at++;
      pass_word(r);
    } while (peek(r, 0) == '.' && is_digit(peek(r, 1)));
    return TOKEN_NUMBER;
  }
  r->at += is_pair(c, next) ? 2 : 1;
  return TOKEN_MARK;
}

/* Where a token leaves the reader: depth, section, number of the rule. */
static void note_mark(reader *r, slice mark) {
  switch (*mark.data) {
  case '[':
  case '(':
    r->depth += r->depth < 255;
    break;
  case ']':
  case ')':
    r->depth -= r->depth > 0;
    break;
  case '{':
    r->braces++;
    r->depth = 0;
    r->rule++;
    break;
  case '}':
    r->braces -= r->braces > 0;
    r->depth = 0;
    r->rule++;
    if (!r->braces)
      r->section = SECTION_COUNT;
    break;
  case ';':
    r->depth = 0;
    r->rule++;
    break;
  default:
    break;
  }
}

static void add(reader *r, token_kind kind, span where) {
  r->items = arena_grow(r->arena, r->items, r->count, &r->capacity,
                        sizeof *r->items);
  word_token *t = &r->items[r->count++];
  *t = (word_token){.where = where,
                    .kind = (uint8_t)kind,
                    .section = r->section,
                    .action = ACTION_COUNT,
                    .depth = (uint8_t)r->depth,
                    .rule = r->rule};
  slice text = {r->text.data + where.begin, where.end - where.begin};
  if (kind == TOKEN_MARK)
    note_mark(r, text);
  if (kind == TOKEN_WORD && !r->braces) {
    section_kind section = section_from_name(text);
    if (section != SECTION_COUNT)
      r->section = t->section = (uint8_t)section;
  }
}

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void read_all(reader *r) {
  while (r->at < r->text.length) {
    if (is_space(peek(r, 0))) {
      r->at++;
      continue;
    }
    uint32_t begin = r->at;
    token_kind kind = read_token(r);
    add(r, kind, (span){begin, r->at});
  }
}

/* Roles: from the neighbours, comments left out. */

typedef struct neighbours {
  const word_tokens *t;
  size_t before, before2; /* COUNT of tokens: none */
  size_t next;
  bool in_action; /* behind => */
  uint8_t action;
} neighbours;

/* Of one or two characters. */
static bool is_mark(const word_tokens *t, size_t i, const char *mark) {
  if (i >= t->count || t->items[i].kind != TOKEN_MARK)
    return false;
  slice text = token_text(t, i);
  return text.data[0] == mark[0] &&
         (text.length == 1 ? !mark[1] : text.data[1] == mark[1]);
}

static bool is_comparison(const word_tokens *t, size_t i) {
  if (i >= t->count || t->items[i].kind != TOKEN_MARK)
    return false;
  slice text = token_text(t, i);
  char c = text.data[0];
  return text.length == 1 ? c == '=' || c == '<' || c == '>'
                          : text.data[1] == '=';
}

static token_role literal_role(const neighbours *n) {
  if (!is_comparison(n->t, n->before) || !token_is(n->t, n->before2, "type"))
    return ROLE_VALUE;
  if (!n->in_action)
    return ROLE_CLAIM_READ;
  return n->action == ACTION_ISSUEPROPERTY ? ROLE_PROPERTY_NAME
                                           : ROLE_CLAIM_WRITE;
}

static token_role outer_word(const neighbours *n, slice word) {
  if (slice_equal_ignore_case(word, SLICE("version")))
    return ROLE_VERSION;
  return section_from_name(word) != SECTION_COUNT ? ROLE_SECTION
         : is_mark(n->t, n->next, "{")            ? ROLE_SECTION
                                                  : ROLE_NONE;
}

static token_role word_role(const neighbours *n, size_t i, bool in_braces) {
  const word_tokens *t = n->t;
  slice word = token_text(t, i);
  if (!in_braces)
    return outer_word(n, word);
  if (is_mark(t, n->before, "=>"))
    return ROLE_ACTION;
  if (is_mark(t, n->before, "."))
    return ROLE_PROPERTY;
  if (is_mark(t, n->next, "."))
    return ROLE_USE;
  if (slice_is(word, "true") || slice_is(word, "false"))
    return ROLE_BOOLEAN;
  if (is_mark(t, n->next, "("))
    return ROLE_FUNCTION;
  if (n->in_action) {
    if (is_mark(t, n->before, "=") && token_is(t, n->before2, "claim"))
      return ROLE_USE;
    return is_comparison(t, n->before) ? ROLE_NONE : ROLE_ARGUMENT;
  }
  if (is_mark(t, n->next, ":"))
    return ROLE_BINDING;
  return t->items[i].depth && !is_comparison(t, n->before) ? ROLE_PROPERTY
                                                           : ROLE_NONE;
}

static size_t next_code(const word_tokens *t, size_t i) {
  do
    i++;
  while (i < t->count && t->items[i].kind == TOKEN_COMMENT);
  return i;
}

static void follow_mark(neighbours *n, slice mark, int *braces) {
  if (slice_is(mark, "=>"))
    n->in_action = true;
  if (*mark.data == ';' || *mark.data == '{' || *mark.data == '}') {
    n->in_action = false;
    n->action = ACTION_COUNT;
  }
  *braces += *mark.data == '{';
  *braces -= *mark.data == '}' && *braces;
}

static void find_roles(word_tokens *t, word_token *items) {
  neighbours n = {.t = t, .before = t->count, .before2 = t->count,
                  .action = ACTION_COUNT};
  int braces = 0;
  for (size_t i = 0; i < t->count; i++) {
    word_token *token = &items[i];
    token->action = n.action;
    if (token->kind == TOKEN_COMMENT)
      continue;
    n.next = next_code(t, i);
    if (token->kind == TOKEN_WORD)
      token->role = (uint8_t)word_role(&n, i, braces > 0);
    else if (token->kind == TOKEN_STRING)
      token->role = (uint8_t)literal_role(&n);
    else if (token->kind == TOKEN_NUMBER)
      token->role = braces ? ROLE_VALUE : ROLE_VERSION;
    else
      follow_mark(&n, token_text(t, i), &braces);
    if (token->role == ROLE_ACTION)
      n.action = (uint8_t)action_from_name(token_text(t, i));
    n.before2 = n.before;
    n.before = i;
  }
}

word_tokens tokens_read(arena *a, slice text) {
  enum { BYTES_A_TOKEN = 6 }; /* of usual policies, or a little less */
  reader r = {.arena = a, .text = text, .section = SECTION_COUNT};
  r.capacity = text.length / BYTES_A_TOKEN + 16;
  r.items = ARENA_ARRAY(a, r.capacity, word_token);
  read_all(&r);
  word_tokens t = {text, r.items, r.count};
  find_roles(&t, r.items);
  return t;
}

/* Looking up. */

size_t tokens_before(const word_tokens *t, uint32_t offset) {
  size_t low = 0, high = t->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (t->items[middle].where.begin < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

size_t token_at(const word_tokens *t, uint32_t offset) {
  size_t next = tokens_before(t, offset);
  if (next < t->count && t->items[next].where.begin == offset &&
      t->items[next].kind != TOKEN_MARK)
    return next;
  if (next && t->items[next - 1].where.end >= offset &&
      (t->items[next - 1].where.end > offset ||
       t->items[next - 1].kind != TOKEN_MARK))
    return next - 1;
  if (next < t->count && t->items[next].where.begin == offset)
    return next;
  return t->count;
}
