/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/constant.h"

#include <inttypes.h>
#include <time.h>

#include "base/base64.h"
#include "base/text.h"
#include "compiler/claim_catalogue.h"
#include "lsp/literal.h"

/* A hover is read at a glance. */
enum { SHOWN_MAX = 4000, CODED_MAX = 65536, WALK_MAX = 128 };

/* --- where it stands ------------------------------------------------------ */

static bool is_mark(const word_tokens *t, size_t i, const char *mark) {
  return t->items[i].kind == TOKEN_MARK && token_is(t, i, mark);
}

static bool is_border(const word_tokens *t, size_t i, uint32_t rule) {
  return t->items[i].rule != rule || is_mark(t, i, "[") ||
         is_mark(t, i, "]") || is_mark(t, i, "=>");
}

static bool is_type(const word_token *t) {
  return t->role == ROLE_CLAIM_READ || t->role == ROLE_CLAIM_WRITE ||
         t->role == ROLE_PROPERTY_NAME;
}

size_t constant_claim(const word_tokens *t, size_t i) {
  uint32_t rule = t->items[i].rule;
  size_t least = i > WALK_MAX ? i - WALK_MAX : 0;
  for (size_t n = i; n-- > least && !is_border(t, n, rule);)
    if (is_type(&t->items[n]))
      return n;
  for (size_t n = i + 1; n < t->count && n < i + WALK_MAX &&
                         !is_border(t, n, rule);
       n++)
    if (is_type(&t->items[n]))
      return n;
  return t->count;
}

slice constant_property(const word_tokens *t, size_t i) {
  if (i < 2 || t->items[i - 1].kind != TOKEN_MARK ||
      !strchr("=!<>", *token_text(t, i - 1).data) ||
      t->items[i - 2].kind != TOKEN_WORD)
    return SLICE_EMPTY;
  return token_text(t, i - 2);
}

/* --- Markdown ------------------------------------------------------------- */

void markdown_fence(buffer *out, const char *language, slice text) {
  size_t longest = 2, run = 0;
  bool is_cut = text.length > SHOWN_MAX;
  if (is_cut)
    text.length = SHOWN_MAX;
  while (is_cut && text.length && (text.data[text.length] & 0xC0) == 0x80)
    text.length--; /* whole characters */
  for (size_t i = 0; i < text.length; i++) {
    run = text.data[i] == '`' ? run + 1 : 0;
    longest = run > longest ? run : longest;
  }
  for (size_t i = 0; i <= longest; i++)
    buffer_char(out, '`');
  buffer_printf(out, "%s\n", language);
  buffer_add(out, text);
  buffer_text(out, is_cut ? "\n..\n" : "\n");
  for (size_t i = 0; i <= longest; i++)
    buffer_char(out, '`');
  buffer_char(out, '\n');
}

void markdown_code(buffer *out, slice text) {
  enum { LINE_MAX_BYTES = 200 };
  buffer_char(out, '`');
  for (size_t i = 0; i < text.length && i < LINE_MAX_BYTES; i++)
    if ((unsigned char)text.data[i] >= 0x20 && text.data[i] < 0x7F &&
        text.data[i] != '`')
      buffer_char(out, text.data[i]);
  buffer_char(out, '`');
}

/* --- texts ---------------------------------------------------------------- */

static bool is_printable(slice s) {
  for (size_t i = 0; i < s.length; i++)
    if ((unsigned char)s.data[i] < 0x20 && !strchr("\t\r\n", s.data[i]))
      return false;
  return s.length && memchr(s.data, 0x7F, s.length) == NULL &&
         utf8_error(s) == s.length;
}

static bool is_json(arena *a, slice text, value *v) {
  json_error error;
  return text.length && (*text.data == '{' || *text.data == '[') &&
         json_read(a, text, JSON_LAST_NAME_WINS, v, &error);
}

static void add_json(buffer *out, const value *v) {
  buffer pretty = buffer_in(out->arena);
  json_write_pretty(&pretty, v);
  slice text = buffer_slice(&pretty);
  while (text.length && text.data[text.length - 1] == '\n')
    text.length--;
  markdown_fence(out, "json", text);
}

/* Text, JSON, or nothing. */
static void add_content(buffer *out, slice content) {
  value v;
  if (is_json(out->arena, content, &v))
    add_json(out, &v);
  else if (is_printable(content))
    markdown_fence(out, "text", content);
}

static bool are_equal_bytes(bytes b) {
  for (size_t i = 1; i < b.length; i++)
    if (b.data[i] != b.data[0])
      return false;
  return b.length > 0;
}

static bool describe_hex(buffer *out, slice text) {
  enum { LEAST = 8 };
  bytes b;
  if (text.length < LEAST || text.length > CODED_MAX ||
      !hex_decode(out->arena, text, &b))
    return false;
  buffer_printf(out, "hex: %zu bytes", b.length);
  if (are_equal_bytes(b))
    buffer_printf(out, ", all of them 0x%02x", b.data[0]);
  if (b.length <= 64) {
    buffer_text(out, "; in base64url `");
    base64url_encode(out, b);
    buffer_text(out, "`");
  }
  buffer_text(out, "\n");
  if (is_printable(slice_from_bytes(b))) {
    buffer_text(out, "\nas text:\n\n");
    markdown_fence(out, "text", slice_from_bytes(b));
  }
  return true;
}

static bool part_json(arena *a, slice part, value *v) {
  bytes b;
  return part.length <= CODED_MAX && base64_decode(a, part, BASE64_URL, &b) &&
         is_json(a, slice_from_bytes(b), v);
}

bool constant_describe_token(buffer *out, slice text) {
  const char *first =
      text.length ? memchr(text.data, '.', text.length) : NULL;
  if (!first)
    return false;
  slice head = slice_between(text.data, first);
  slice rest = {first + 1, text.length - head.length - 1};
  const char *second =
      rest.length ? memchr(rest.data, '.', rest.length) : NULL;
  value v;
  if (!second || !part_json(out->arena, head, &v) || v.kind != VALUE_OBJECT)
    return false;
  slice body = slice_between(rest.data, second);
  buffer_text(out, "a token (JWT). Nothing of it was verified.\n\nheader:\n\n");
  add_json(out, &v);
  if (part_json(out->arena, body, &v)) {
    buffer_text(out, "\npayload:\n\n");
    add_json(out, &v);
  }
  return true;
}

/* Only what turns out to be a text, or what the claim says is base64. */
static void describe_base64(buffer *out, slice text, const claim_entry *e) {
  enum { LEAST = 8 };
  bytes b;
  bool is_said = e && (e->format == CLAIM_BASE64 ||
                       e->format == CLAIM_BASE64URL);
  if ((text.length < LEAST && !is_said) || text.length > CODED_MAX ||
      !base64_decode(out->arena, text, BASE64_EITHER, &b))
    return;
  value v;
  bool is_object = is_json(out->arena, slice_from_bytes(b), &v);
  bool is_text = is_said && is_printable(slice_from_bytes(b));
  if (!is_said && !is_object)
    return;
  buffer_printf(out, "base64: %zu bytes\n", b.length);
  if (b.length <= 64 && !is_text) {
    buffer_text(out, "\nin hex:\n\n```text\n");
    buffer_hex(out, b);
    buffer_text(out, "\n```\n");
  }
  if (is_text || is_object) {
    buffer_text(out, "\n");
    add_content(out, slice_from_bytes(b));
  }
}

static void describe_text(buffer *out, slice text, const claim_entry *e) {
  value v;
  if (constant_describe_token(out, text) || describe_hex(out, text))
    return;
  if (is_json(out->arena, text, &v)) {
    buffer_text(out, "JSON:\n\n");
    add_json(out, &v);
    return;
  }
  describe_base64(out, text, e);
}

/* --- numbers -------------------------------------------------------------- */

/* 2001 to 2100: what else would a policy have such a number for? */
static void describe_time(buffer *out, int64_t seconds) {
  enum { FIRST = 1000000000 };
  static const int64_t last = 4102444800;
  char text[32];
  struct tm t;
  time_t time = (time_t)seconds;
  if (seconds >= FIRST && seconds < last && gmtime_r(&time, &t) &&
      strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t))
    buffer_printf(out, "as seconds since 1970: %s\n", text);
}

static void describe_mask(buffer *out, int64_t mask) {
  const char *comma = "PCRs ";
  for (int i = 0; i < 24; i++)
    if (mask >> i & 1) {
      buffer_printf(out, "%s%d", comma, i);
      comma = ", ";
    }
  buffer_text(out, mask ? "\n" : "no PCR\n");
}

static void describe_minutes(buffer *out, int64_t minutes) {
  buffer_printf(out, "%" PRId64 " days, %" PRId64 " hours, %" PRId64
                " minutes\n", minutes / 1440, minutes / 60 % 24, minutes % 60);
}

/* Decimal or hexadecimal, within 64 bits. */
static bool read_integer(slice s, int64_t *number) {
  bool is_negative = s.length && *s.data == '-';
  bool is_hex = s.length > 2 && s.data[0] == '0' && (s.data[1] | 32) == 'x';
  size_t i = is_hex ? 2 : (size_t)is_negative;
  int64_t n = 0, base = is_hex ? 16 : 10;
  for (; i < s.length; i++) {
    char c = (char)(s.data[i] | 32);
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                       : 16;
    if (digit >= base || n > (INT64_MAX - digit) / base)
      return false;
    n = n * base + digit;
  }
  *number = is_negative ? -n : n;
  return s.length > (size_t)is_negative;
}

static void describe_number(buffer *out, slice text, slice name) {
  int64_t n;
  if (!read_integer(text, &n))
    return;
  bool is_hex = text.length > 1 && (text.data[1] | 32) == 'x';
  if (is_hex)
    buffer_printf(out, "decimal: %" PRId64 "\n\n", n);
  else if (n > 9)
    buffer_printf(out, "hexadecimal: 0x%" PRIx64 "\n\n", n);
  if (slice_is(name, "required_pcr_mask") && n >= 0)
    describe_mask(out, n);
  else if (slice_is(name, "report_validity_in_minutes") && n >= 0)
    describe_minutes(out, n);
  else
    describe_time(out, n);
}

/* --- the claim that it is a value of -------------------------------------- */

static void describe_claim(buffer *out, const claim_entry *e, bool fits) {
  buffer_printf(out, "value of **%s**: %s\n\n", e->name, e->meaning);
  if (e->values && e->kind != VALUE_BOOLEAN) {
    const char *comma = "one of ";
    for (const char *v = e->values; *v;) {
      size_t length = strcspn(v, "|");
      buffer_printf(out, "%s`%.*s`", comma, (int)length, v);
      comma = ", ";
      v += length + (v[length] == '|');
    }
    buffer_text(out, "\n\n");
  }
  if (!fits) {
    buffer_text(out, "the claim never has this value; it is written as ");
    claim_format_describe(out, e);
    buffer_text(out, "\n\n");
  }
}

static bool is_kind(const word_token *token, const claim_entry *e) {
  return (token->kind == TOKEN_STRING && e->kind == VALUE_STRING) ||
         (token->kind == TOKEN_NUMBER && e->kind == VALUE_INTEGER) ||
         (token->role == ROLE_BOOLEAN && e->kind == VALUE_BOOLEAN);
}

static void describe_issuer(buffer *out, slice name) {
  static const char *const issuers[][2] = {
      {"AttestationService", "a claim that the service makes of evidence"},
      {"AttestationPolicy", "a claim that a rule of the policy makes"},
      {"CustomClaim", "a claim that the client sends: it can say anything"}};
  for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++)
    if (slice_is(name, issuers[i][0]))
      buffer_printf(out, "**%s**\n\n%s\n", issuers[i][0], issuers[i][1]);
}

static const claim_entry *entry_of(const word_tokens *t, size_t claim,
                                   attestation_type type) {
  if (claim >= t->count || t->items[claim].role != ROLE_CLAIM_READ)
    return NULL;
  span s = token_inside(t, claim);
  slice name = {t->text.data + s.begin, s.end - s.begin};
  const claim_entry *e = claim_catalogue_find(name, type);
  return e ? e : claim_catalogue_find(name, ATTESTATION_TYPE_UNKNOWN);
}

void constant_describe(buffer *out, const word_tokens *t, size_t i,
                       attestation_type type) {
  const word_token *token = &t->items[i];
  slice property = constant_property(t, i), text = token_text(t, i), name;
  size_t claim = constant_claim(t, i);
  const claim_entry *e =
      slice_is(property, "value") ? entry_of(t, claim, type) : NULL;
  span s = claim < t->count ? token_inside(t, claim) : (span){0, 0};
  name = (slice){t->text.data + s.begin, s.end - s.begin};
  if (token->kind == TOKEN_STRING)
    text = literal_read(out->arena, t->text, token_inside(t, i)).text;
  if (slice_is(property, "issuer")) {
    describe_issuer(out, text);
    return;
  }
  bool is_equal = i && token_is(t, i - 1, "==");
  if (e)
    describe_claim(out, e, !is_equal || (is_kind(token, e) &&
                                         claim_entry_fits(e, text)));
  if (token->kind == TOKEN_STRING)
    describe_text(out, text, e);
  else if (token->kind == TOKEN_NUMBER)
    describe_number(out, text, name);
}
