/* SPDX-License-Identifier: Apache-2.0 */
#include "grammar/recognise.h"



static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static slice skip_blanks(slice s) {
  while (s.length && is_blank(*s.data))
    s.data++, s.length--;
  return s;
}

/* Passes over comments too: a Rego or JSON file may begin with `//`. */
static slice skip_comments(slice s) {
  for (;;) {
    s = skip_blanks(s);
    if (s.length < 2 || s.data[0] != '/' || s.data[1] != '/')
      return s;
    while (s.length && *s.data != '\n' && *s.data != '\r')
      s.data++, s.length--;
  }
}

static bool contains(slice s, const char *what) {
  size_t n = strlen(what);
  for (size_t i = 0; i + n <= s.length; i++)
    if (memcmp(s.data + i, what, n) == 0)
      return true;
  return false;
}

/* P013: UTF-16 and UTF-32, with or without a mark. */
static bool other_encoding(slice s, diagnostics *findings) {
  const unsigned char *p = (const unsigned char *)s.data;
  if (s.length < 2)
    return false;
  bool marked = (p[0] == 0xFF && p[1] == 0xFE) ||
                (p[0] == 0xFE && p[1] == 0xFF);
  bool little = s.length >= 4 && p[0] > ' ' && !p[1] && p[2] && !p[3];
  bool big = s.length >= 4 && !p[0] && p[1] && !p[2] && p[3];
  if (!marked && !little && !big)
    return false;
  diagnostic *d = diagnose(findings, CODE_P013, (span){0, 0},
                           "the text is UTF-16, not UTF-8");
  diagnostic_help(findings, d,
                  "save it as UTF-8; in PowerShell: -Encoding utf8NoBOM");
  return true;
}

/* Things with a beginning of their own. */
static const struct {
  const char *begin, *what, *advice;
} kinds[] = {
    {"-----BEGIN", "a PEM file", "give the policy text"},
    {"<?xml", "XML", "give the policy text"},
    {"<!DOCTYPE", "an HTML page",
     "a download may have failed; give the policy text"},
    {"<html", "an HTML page",
     "a download may have failed; give the policy text"},
    {"\x7f" "ELF", "a program", "give the policy text"},
    {"PK\x03\x04", "a ZIP archive", "give the policy text in it"},
    {"\x1f\x8b", "a gzip archive", "give the policy text in it"},
    {"%PDF", "a PDF document", "copy the policy text out of it"},
    {"\x89PNG", "a picture", "give the policy text"},
};

static void say(diagnostics *findings, const char *what, const char *advice) {
  diagnostic *d = diagnose(findings, CODE_P017, (span){0, 0},
                           "this is %s, not a policy", what);
  diagnostic_help(findings, d, "%s", advice);
}

static bool is_json(slice s) {
  if (*s.data != '{' && *s.data != '[')
    return false;
  slice rest = skip_blanks((slice){s.data + 1, s.length - 1});
  if (!rest.length)
    return false;
  return *s.data == '{' ? *rest.data == '"' || *rest.data == '}'
                        : *rest.data == '{' || *rest.data == '"';
}

static bool is_rego(slice s) {
  return (slice_starts_with(s, "package ") || slice_starts_with(s, "import ") ||
          slice_starts_with(s, "default allow")) &&
         !contains(s, "authorizationrules");
}

static bool something_else(slice s, diagnostics *findings) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (slice_starts_with(s, kinds[i].begin)) {
      say(findings, kinds[i].what, kinds[i].advice);
      return true;
    }
  if (is_json(s) && contains(s, "\"$version\""))
    say(findings, "JSON in the form of the 2018 preview",
        "write the rules anew: version=1.0; authorizationrules { .. };");
  else if (is_json(s) && contains(s, "\"AttestationPolicy\""))
    say(findings, "the payload of a policy token without its envelope",
        "give the policy text, or the whole token");
  else if (is_json(s))
    say(findings, "JSON",
        "policies of the service have their own language: "
        "version=1.0; authorizationrules { .. };");
  else if (is_rego(s))
    say(findings, "Rego",
        "policies of the service have their own language: "
        "version=1.0; authorizationrules { .. };");
  else
    return false;
  return true;
}

/* Escaped as a whole: a backslash before, or at, the first quote. */
static bool is_escaped(slice s) {
  if (s.length > 2 && *s.data == '"' && !contains(s, "\n") &&
      contains(s, "rules"))
    return true;
  for (size_t i = 0; i < s.length; i++) {
    if (s.data[i] == '/' && i + 1 < s.length && s.data[i + 1] == '/')
      while (i < s.length && s.data[i] != '\n' && s.data[i] != '\r') {
        if (s.data[i] == '\\' && !contains(s, "\n"))
          return true; /* one long line: the comment cannot hold it all */
        i++;
      }
    else if (s.data[i] == '"')
      return false;
    else if (s.data[i] == '\\')
      return i + 1 < s.length && strchr("\"nrt", s.data[i + 1]) != NULL;
  }
  return false;
}

static slice unescape(arena *a, slice s) {
  buffer b = buffer_in(a);
  slice inner = s;
  if (*inner.data == '"') {
    inner.data++, inner.length--;
    while (inner.length && is_blank(inner.data[inner.length - 1]))
      inner.length--;
    if (inner.length && inner.data[inner.length - 1] == '"')
      inner.length--;
  }
  for (size_t i = 0; i < inner.length; i++) {
    char c = inner.data[i];
    char next = i + 1 < inner.length ? inner.data[i + 1] : 0;
    if (c != '\\' || !next || !strchr("\"\\/nrt", next)) {
      buffer_char(&b, c);
      continue;
    }
    buffer_char(&b, next == 'n'   ? '\n'
                    : next == 'r' ? '\r'
                    : next == 't' ? '\t'
                                  : next);
    i++;
  }
  return buffer_slice(&b);
}

static void report_escaped(slice whole, slice s, diagnostics *findings) {
  uint32_t begin = (uint32_t)(s.data - whole.data);
  diagnostic *d = diagnose(findings, CODE_P016, (span){0, 0},
                           "the whole text is escaped (\\\" or \\n in place of "
                           "quotes and line breaks)");
  diagnostic_help(findings, d,
                  "this looks like a policy copied out of JSON; give the text "
                  "itself");
  fix *f = diagnostic_fix(findings, d, FIX_UNSAFE, "undo the escapes");
  fix_edit(findings, f, (span){begin, (uint32_t)whole.length},
           unescape(findings->arena, s));
}

bool recognise_policy_text(slice text, diagnostics *findings) {
  if (other_encoding(text, findings))
    return false;
  slice rest = text;
  if (slice_starts_with(rest, "\xEF\xBB\xBF"))
    rest.data += 3, rest.length -= 3;
  rest = skip_comments(rest);
  if (!rest.length)
    return true;
  if (is_escaped(rest)) {
    report_escaped(text, rest, findings);
    return false;
  }
  return !something_else(rest, findings);
}
