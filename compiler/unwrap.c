/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/unwrap.h"

#include "base/base64.h"
#include "base/text.h"
#include "base/value.h"

enum { NESTING_MAX = 4, BASE64_LEAST = 24 };

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

/* Three parts of base64url; the third may be empty. */
static bool split_token(slice s, slice parts[3]) {
  size_t n = 0, begin = 0;
  for (size_t i = 0; i <= s.length; i++) {
    if (i < s.length && s.data[i] != '.') {
      if (!is_base64url(s.data[i]) && s.data[i] != '=')
        return false;
      continue;
    }
    if (n == 3)
      return false;
    parts[n++] = (slice){s.data + begin, i - begin};
    begin = i + 1;
  }
  return n == 3 && slice_starts_with(parts[0], "eyJ");
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

static unwrap_status unwrap_level(arena *a, slice given, slice *policy,
                                  diagnostics *findings, unsigned level);

static unwrap_status from_payload(arena *a, slice payload, slice *policy,
                                  diagnostics *findings, unsigned level) {
  value object;
  json_error error;
  if (!json_read(a, payload, JSON_LAST_NAME_WINS, &object, &error))
    return wrapped_wrongly(findings,
                           "the payload of this token is not valid JSON");
  const value *nested = value_member(&object, SLICE("x-ms-policy"));
  if (nested && nested->kind == VALUE_STRING) /* the service's own answer */
    return unwrap_level(a, arena_copy(a, value_string(nested)), policy,
                        findings, level + 1);
  const value *text = value_member(&object, SLICE("AttestationPolicy"));
  if (!text)
    return fail(findings, CODE_P017, "this token holds no policy",
                "a policy token has the member AttestationPolicy");
  bytes decoded;
  if (text->kind != VALUE_STRING)
    return wrapped_wrongly(findings, "AttestationPolicy is not a string");
  if (!base64_decode(a, value_string(text), BASE64_URL, &decoded))
    return wrapped_wrongly(
        findings, "AttestationPolicy is plain text, not base64url of it");
  *policy = arena_copy(a, slice_from_bytes(decoded));
  return UNWRAP_DONE;
}

static unwrap_status from_token(arena *a, const slice parts[3], slice *policy,
                                diagnostics *findings, unsigned level) {
  bytes payload;
  if (!parts[1].length)
    return fail(findings, CODE_P017,
                "this token is empty: it resets a policy, or says that none "
                "is set",
                "give a policy text, or a token that carries one");
  if (!base64_decode(a, parts[1], BASE64_URL, &payload))
    return wrapped_wrongly(findings,
                           "the payload of this token is not base64url");
  return from_payload(a, slice_from_bytes(payload), policy, findings, level);
}

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

static slice without_breaks(arena *a, slice s) {
  buffer b = buffer_in(a);
  for (size_t i = 0; i < s.length; i++)
    if (s.data[i] != '\r' && s.data[i] != '\n')
      buffer_char(&b, s.data[i]);
  return buffer_slice(&b);
}

static unwrap_status from_base64(arena *a, slice s, slice *policy,
                                 diagnostics *findings, unsigned level) {
  bytes decoded;
  if (!base64_decode(a, without_breaks(a, s), BASE64_EITHER, &decoded))
    return UNWRAP_NOTHING;
  slice text = arena_copy(a, slice_from_bytes(decoded));
  slice parts[3];
  if (split_token(trim(text), parts))
    return unwrap_level(a, text, policy, findings, level + 1);
  if (utf8_error(text) == text.length &&
      (find_text(text, "rules") || find_text(text, "=>"))) {
    *policy = text;
    return UNWRAP_DONE;
  }
  return fail(findings, CODE_P017, "this is base64, but not of a policy text",
              "give the policy text, its base64url, or a policy token");
}

static unwrap_status unwrap_level(arena *a, slice given, slice *policy,
                                  diagnostics *findings, unsigned level) {
  slice s = trim(given), parts[3];
  if (level >= NESTING_MAX)
    return wrapped_wrongly(findings, "tokens are nested in tokens");
  if (split_token(s, parts))
    return from_token(a, parts, policy, findings, level);
  if (is_encoded(s))
    return from_base64(a, s, policy, findings, level);
  return UNWRAP_NOTHING;
}

unwrap_status unwrap_policy(arena *a, slice given, slice *policy,
                            diagnostics *findings) {
  return unwrap_level(a, given, policy, findings, 0);
}
