/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/claim_catalogue.h"

#include "base/text.h"

bool claim_entry_is_of(const claim_entry *e, attestation_type type) {
  return type == ATTESTATION_TYPE_UNKNOWN || (e->types & CLAIM_TYPE(type)) != 0;
}

/* The first row that is not before the name. */
static const claim_entry *lower_bound(slice name) {
  size_t low = 0, high = claim_catalogue_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (slice_compare(slice_from(claim_catalogue[middle].name), name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return &claim_catalogue[low];
}

const claim_entry *claim_catalogue_find(slice name, attestation_type type) {
  const claim_entry *e = lower_bound(name);
  for (; e->name && slice_is(name, e->name); e++)
    if (claim_entry_is_of(e, type))
      return e;
  return NULL;
}

const char *claim_catalogue_near(arena *a, slice name, attestation_type type) {
  const char **names = ARENA_ARRAY(a, claim_catalogue_count + 1, const char *);
  size_t count = 0;
  for (const claim_entry *e = claim_catalogue; e->name; e++)
    if (claim_entry_is_of(e, type))
      names[count++] = e->name;
  names[count] = NULL;
  return did_you_mean(name, names);
}

const char *claim_entry_issuer(const claim_entry *e) {
  return e->is_issued_by_policy ? "AttestationPolicy" : "AttestationService";
}

/* --- formats -------------------------------------------------------------- */

static bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

static bool is_digit_of(claim_format format, char c) {
  switch (format) {
  case CLAIM_HEX:
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  case CLAIM_BASE64:
    return is_letter_or_digit(c) || c == '+' || c == '/';
  case CLAIM_BASE64URL:
    return is_letter_or_digit(c) || c == '-' || c == '_';
  case CLAIM_PLAIN:
  case CLAIM_JSON:
    break;
  }
  return true;
}

/* How many characters stand for the row's bytes, padding included. */
static size_t digit_count(const claim_entry *e) {
  size_t length = e->length;
  switch ((claim_format)e->format) {
  case CLAIM_HEX:
    return 2 * length;
  case CLAIM_BASE64:
    return (length + 2) / 3 * 4;
  case CLAIM_BASE64URL:
    return (length * 4 + 2) / 3;
  case CLAIM_PLAIN:
  case CLAIM_JSON:
    break;
  }
  return 0;
}

/* Multiples of the unit that the digits come in; base64url cannot end one
 * digit behind a group of four. */
static bool is_whole(claim_format format, size_t length) {
  if (format == CLAIM_HEX)
    return length % 2 == 0;
  if (format == CLAIM_BASE64)
    return length % 4 == 0;
  return format != CLAIM_BASE64URL || length % 4 != 1;
}

static bool is_encoded(const claim_entry *e, slice text) {
  claim_format format = (claim_format)e->format;
  size_t wanted = digit_count(e), end = text.length;
  if ((e->length && text.length != wanted) || !is_whole(format, text.length))
    return false;
  if (format == CLAIM_BASE64)
    while (end && text.length - end < 2 && text.data[end - 1] == '=')
      end--;
  for (size_t i = 0; i < end; i++)
    if (!is_digit_of(format, text.data[i]))
      return false;
  return true;
}

static bool is_among(const char *values, slice text) {
  for (;;) {
    const char *bar = strchr(values, '|');
    size_t length = bar ? (size_t)(bar - values) : strlen(values);
    if (slice_equal(text, (slice){values, length}))
      return true;
    if (!bar)
      return false;
    values = bar + 1;
  }
}

static bool is_integer(slice text) {
  value v;
  return json_read_number(text, &v) == JSON_NUMBER_OK &&
         v.kind == VALUE_INTEGER;
}

static bool is_object_or_array(slice text) {
  if (text.length < 2)
    return false;
  char first = text.data[0], last = text.data[text.length - 1];
  return (first == '{' && last == '}') || (first == '[' && last == ']');
}

bool claim_entry_fits(const claim_entry *e, slice text) {
  if (e->kind == VALUE_BOOLEAN)
    return slice_is(text, "true") || slice_is(text, "false");
  if (e->kind == VALUE_INTEGER)
    return is_integer(text);
  if (e->values)
    return is_among(e->values, text);
  if (e->format == CLAIM_JSON)
    return is_object_or_array(text);
  return e->format == CLAIM_PLAIN || is_encoded(e, text);
}

static void describe_encoding(buffer *out, const claim_entry *e) {
  static const char *const names[] = {
      [CLAIM_HEX] = "lower-case hex digits",
      [CLAIM_BASE64] = "characters of base64",
      [CLAIM_BASE64URL] = "characters of base64url, without padding",
  };
  if (e->length)
    buffer_printf(out, "%zu ", digit_count(e));
  buffer_text(out, names[e->format]);
}

static void describe_values(buffer *out, const char *values) {
  for (; *values; values++)
    if (*values == '|')
      buffer_text(out, ", ");
    else
      buffer_char(out, *values);
}

void claim_format_describe(buffer *out, const claim_entry *e) {
  if (e->kind == VALUE_BOOLEAN)
    buffer_text(out, "true or false");
  else if (e->kind == VALUE_INTEGER)
    buffer_text(out, "decimal");
  else if (e->values)
    describe_values(out, e->values);
  else if (e->format == CLAIM_JSON)
    buffer_text(out, "JSON; a policy gets its text");
  else if (e->format == CLAIM_PLAIN)
    buffer_text(out, "text");
  else
    describe_encoding(out, e);
}
