/* SPDX-License-Identifier: Apache-2.0 */
#include "token/request_text.h"

#include "base/limits.h"

static const char *find(const char *from, const char *end, char byte) {
  return from < end ? memchr(from, byte, (size_t)(end - from)) : NULL;
}

/* The string whose opening quote is at i: the index behind its closing quote,
 * or the end of the text. Evidence is one long string, hence by memchr; each
 * byte is looked at twice at most. */
static size_t skip_string(slice text, size_t i) {
  const char *end = text.data + text.length, *p = text.data + i + 1;
  const char *quote = find(p, end, '"');
  while (quote) {
    const char *escape = find(p, quote, '\\');
    if (!escape)
      return (size_t)(quote - text.data) + 1;
    p = escape + 2; /* behind what is escaped, maybe the quote */
    if (p > quote)
      quote = find(p, end, '"');
  }
  return text.length;
}

static bool is_at(slice text, size_t i, const char *any) {
  return i < text.length && text.data[i] && strchr(any, text.data[i]);
}

static size_t skip_blanks(slice text, size_t i) {
  while (is_at(text, i, " \t\r\n"))
    i++;
  return i;
}

static size_t skip_digits(slice text, size_t i) {
  while (i < text.length && text.data[i] >= '0' && text.data[i] <= '9')
    i++;
  return i;
}

/* A number as RFC 8259 section 6 has it, else empty: the JSON reader then
 * meets what stands there and says so. */
static slice number_at(slice text, size_t begin) {
  size_t digits = begin + is_at(text, begin, "-");
  size_t end = skip_digits(text, digits);
  if (end == digits || (text.data[digits] == '0' && end > digits + 1))
    return SLICE_EMPTY;
  if (is_at(text, end, ".")) {
    size_t fraction = end + 1;
    end = skip_digits(text, fraction);
    if (end == fraction)
      return SLICE_EMPTY;
  }
  if (is_at(text, end, "eE")) {
    size_t exponent = end + 1;
    exponent += is_at(text, exponent, "+-");
    end = skip_digits(text, exponent);
    if (end == exponent)
      return SLICE_EMPTY;
  }
  return (slice){text.data + begin, end - begin};
}

/* name: with its quotes; i: behind it. */
static slice number_of_member(slice text, slice name, size_t i) {
  i = skip_blanks(text, i);
  if (!slice_equal_ignore_case(name, SLICE("\"nonce\"")) ||
      !is_at(text, i, ":"))
    return SLICE_EMPTY;
  return number_at(text, skip_blanks(text, i + 1));
}

request_text request_text_scan(slice text) {
  request_text found = {0};
  size_t depth = 0;
  for (size_t i = 0; i < text.length;) {
    char c = text.data[i];
    if (c == '"') {
      size_t end = skip_string(text, i);
      slice name = {text.data + i, end - i};
      if (depth == 1 && !found.nonce.length)
        found.nonce = number_of_member(text, name, end);
      i = end;
      continue;
    }
    if ((c == '{' || c == '[') && ++depth > LIMIT_JSON_DEPTH)
      found.too_deep = true;
    if ((c == '}' || c == ']') && depth > 0)
      depth--;
    i++;
  }
  return found;
}
