/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/unwrap.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/value.h"

enum { PARTS_MAX = 3, BASE64_LEAST = 24 };

static bool is_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static slice trim(slice s) {
  while (s.length && strchr(" \t\r\n", *s.data) && *s.data)
    s.data++, s.length--;
  while (s.length && strchr(" \t\r\n", s.data[s.length - 1]) &&
         s.data[s.length - 1])
    s.length--;
  if (s.length > 2 && s.data[0] == '"' && s.data[s.length - 1] == '"')
    s.data++, s.length -= 2; /* as requests carry it */
  return s;
}

static slice without_breaks(arena *a, slice s) {
  buffer b = buffer_in(a);
  for (size_t i = 0; i < s.length; i++)
    if (s.data[i] != '\r' && s.data[i] != '\n')
      buffer_char(&b, s.data[i]);
  return buffer_slice(&b);
}

/* Parts between dots, at most PARTS_MAX; the last may be empty. */
static size_t split_parts(slice s, slice parts[PARTS_MAX]) {
  size_t n = 0, begin = 0;
  for (size_t i = 0; i <= s.length; i++)
    if (i == s.length || s.data[i] == '.') {
      if (n == PARTS_MAX)
        return n + 1;
      parts[n++] = (slice){s.data + begin, i - begin};
      begin = i + 1;
    }
  return n;
}

/* A token, or one spoiled on the way: parts of base64 between dots, the first
 * of them an object in JSON. */
static bool is_token(arena *a, slice s, slice parts[PARTS_MAX], size_t *count) {
  bytes header;
  size_t dots = 0;
  for (size_t i = 0; i < s.length; i++) {
    dots += s.data[i] == '.';
    if (!is_base64url(s.data[i]) &&
        (!s.data[i] || !strchr(".+/=\r\n", s.data[i])))
      return false;
  }
  if (!dots)
    return false;
  *count = split_parts(s, parts);
  if (!base64_decode(a, without_breaks(a, parts[0]), BASE64_EITHER, &header))
    return false;
  slice object = trim(slice_from_bytes(header));
  return object.length && *object.data == '{';
}

static unwrap_status fail(diagnostics *findings, diagnostic_code code,
                          const char *message, const char *help) {
  diagnostic *d = diagnose(findings, code, (span){0, 0}, "%s", message);
  diagnostic_help(findings, d, "%s", help);
  return UNWRAP_FAILED;
}

static const char envelope[] =
    "the payload of a policy token is {\"AttestationPolicy\":\"..\"}, its "
    "value the base64url of the policy text";

/* Reports every reason with the same advice, and P019. */
static unwrap_status wrapped_wrongly(diagnostics *findings,
                                     const char *message) {
  return fail(findings, CODE_P019, message, envelope);
}

static unwrap_status unwrap_token(arena *a, slice given, slice *policy,
                                  diagnostics *findings, bool is_answer);

/* base64 or base64url of something, on one or more lines. */
static bool is_encoded(slice s) {
  for (size_t i = 0; i < s.length; i++)
    if (!is_base64url(s.data[i]) && !strchr("+/=\r\n", s.data[i]))
      return false;
  return s.length >= BASE64_LEAST && memchr(s.data, 0, s.length) == NULL;
}

static bool find_text(slice s, const char *what) {
  size_t n = strlen(what);
  for (size_t i = 0; i + n <= s.length; i++)
    if (memcmp(s.data + i, what, n) == 0)
      return true;
  return false;
}

/* What AttestationPolicy was made of, if not of the text. */
static unwrap_status check_inside(arena *a, slice text,
                                  diagnostics *findings) {
  slice parts[PARTS_MAX];
  size_t count;
  bytes inner;
  if (is_token(a, trim(text), parts, &count))
    return wrapped_wrongly(findings,
                           "AttestationPolicy holds a token, not the text");
  if (is_encoded(trim(text)) &&
      base64_decode(a, without_breaks(a, trim(text)), BASE64_EITHER, &inner) &&
      find_text(slice_from_bytes(inner), "rules"))
    return wrapped_wrongly(findings, "AttestationPolicy is encoded twice");
  return UNWRAP_DONE;
}

static unwrap_status from_payload(arena *a, slice payload, slice *policy,
                                  diagnostics *findings, bool is_answer) {
  value object;
  json_error error;
  if (!json_read(a, payload, JSON_LAST_NAME_WINS, &object, &error))
    return wrapped_wrongly(findings,
                           "the payload of this token is not valid JSON");
  const value *nested = value_member(&object, SLICE("x-ms-policy"));
  if (nested && nested->kind == VALUE_STRING && !is_answer)
    return unwrap_token(a, arena_copy(a, value_string(nested)), policy,
                        findings, true); /* the service's own answer */
  const value *text = value_member(&object, SLICE("AttestationPolicy"));
  if (!text)
    return fail(findings, CODE_P017, "this token holds no policy",
                "a policy token has the member AttestationPolicy");
  bytes decoded;
  if (text->kind != VALUE_STRING)
    return wrapped_wrongly(findings, "AttestationPolicy is not a string");
  if (!base64_decode(a, value_string(text), BASE64_URL, &decoded))
    return wrapped_wrongly(
        findings,
        base64_decode(a, value_string(text), BASE64_STANDARD, &decoded)
            ? "AttestationPolicy is base64, not base64url (- and _)"
            : "AttestationPolicy is plain text, not base64url of it");
  *policy = arena_copy(a, slice_from_bytes(decoded));
  return check_inside(a, *policy, findings);
}

static unwrap_status unwrap_token(arena *a, slice given, slice *policy,
                                  diagnostics *findings, bool is_answer) {
  slice parts[PARTS_MAX];
  size_t count = split_parts(given, parts);
  bytes payload;
  if (count != PARTS_MAX)
    return wrapped_wrongly(findings, count < PARTS_MAX
                                         ? "this token has fewer than three "
                                           "parts (header.payload.signature)"
                                         : "this token has more than three "
                                           "parts (header.payload.signature)");
  if (memchr(given.data, '\n', given.length) ||
      memchr(given.data, '\r', given.length))
    return wrapped_wrongly(findings, "this token is broken into lines");
  if (!parts[1].length)
    return fail(findings, CODE_P017,
                "this token is empty: it resets a policy, or says that none "
                "is set",
                "give a policy text, or a token that carries one");
  if (!base64_decode(a, parts[1], BASE64_URL, &payload))
    return wrapped_wrongly(findings,
                           "the payload of this token is not base64url");
  return from_payload(a, slice_from_bytes(payload), policy, findings,
                      is_answer);
}

static unwrap_status from_base64(arena *a, slice s, slice *policy,
                                 diagnostics *findings) {
  bytes decoded;
  slice parts[PARTS_MAX];
  size_t count;
  if (!base64_decode(a, without_breaks(a, s), BASE64_EITHER, &decoded))
    return UNWRAP_NOTHING;
  slice text = arena_copy(a, slice_from_bytes(decoded));
  if (is_token(a, trim(text), parts, &count))
    return unwrap_token(a, trim(text), policy, findings, false);
  if (utf8_error(text) == text.length &&
      (find_text(text, "rules") || find_text(text, "=>"))) {
    *policy = text;
    return UNWRAP_DONE;
  }
  return fail(findings, CODE_P017, "this is base64, but not of a policy text",
              "give the policy text, its base64url, or a policy token");
}

/* {"token":".."}: the body of the service's answer. */
static bool is_answer_body(arena *a, slice s, slice *token) {
  value object;
  json_error error;
  if (!s.length || *s.data != '{' || !find_text(s, "\"token\"") ||
      !json_read(a, s, JSON_LAST_NAME_WINS, &object, &error))
    return false;
  const value *found = value_member(&object, SLICE("token"));
  if (!found || found->kind != VALUE_STRING)
    return false;
  *token = arena_copy(a, value_string(found));
  return true;
}

unwrap_status unwrap_policy(arena *a, slice given, slice *policy,
                            diagnostics *findings) {
  slice s = trim(given), parts[PARTS_MAX];
  size_t count;
  if (slice_starts_with(s, "Bearer ") &&
      is_token(a, trim((slice){s.data + 7, s.length - 7}), parts, &count))
    return wrapped_wrongly(findings,
                           "`Bearer` stands before the token: it belongs into "
                           "an HTTP header");
  slice token;
  if (is_token(a, s, parts, &count))
    return unwrap_token(a, s, policy, findings, false);
  if (is_encoded(s))
    return from_base64(a, s, policy, findings);
  if (is_answer_body(a, s, &token))
    return unwrap_token(a, token, policy, findings, false);
  return UNWRAP_NOTHING;
}
