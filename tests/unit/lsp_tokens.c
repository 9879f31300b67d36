/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/tokens.h"

#include "tests/unit/unit.h"

/* The tokens of that role, each with a blank behind it. */
static slice of_role(arena *a, const char *text, token_role role) {
  word_tokens t = tokens_read(a, slice_from(text));
  buffer out = buffer_in(a);
  for (size_t i = 0; i < t.count; i++)
    if (t.items[i].role == role)
      buffer_printf(&out, "%.*s ", SLICE_ARGS(token_text(&t, i)));
  return buffer_slice(&out);
}

#define RULES "version=1.2; issuancerules { "

static const struct {
  const char *text;
  token_role role;
  const char *wanted;
} rows[] = {
    {"Version=1.2; AuthorizationRules{};", ROLE_SECTION,
     "AuthorizationRules "},
    {RULES "c:[type==\"a\", value==true] => issue(claim=c);", ROLE_BINDING,
     "c "},
    {RULES "c:[type==\"a\"] => issue(claim=c);", ROLE_USE, "c "},
    {RULES "[type==\"a\"] => issue(type=\"b\", value=c.value);",
     ROLE_CLAIM_READ, "\"a\" "},
    {RULES "[type==\"a\"] => issue(type=\"b\", value=c.value);",
     ROLE_CLAIM_WRITE, "\"b\" "},
    {RULES "=> issueproperty(type=\"p\", value=1);", ROLE_PROPERTY_NAME,
     "\"p\" "},
    {RULES "[type==\"a\", value==true] =>", ROLE_BOOLEAN, "true "},
    {RULES "=> issue(type=\"b\", value=JmesPath(c.value, \"a\"));",
     ROLE_FUNCTION, "JmesPath "},
    {RULES "[ /* x */ type /* y */ == // z\n \"a\"]", ROLE_CLAIM_READ,
     "\"a\" "},
    /* While it is written: */
    {RULES "[type==\"a", ROLE_CLAIM_READ, "\"a "},
    {RULES "[type==\"a\n[type==\"b\"] => permit();", ROLE_CLAIM_READ,
     "\"a \"b\" "},
    {RULES "[type=\"a\"]", ROLE_CLAIM_READ, "\"a\" "},
    {RULES "=> permit(", ROLE_ACTION, "permit "},
    {RULES "=> ;[type==\"a\"]", ROLE_CLAIM_READ, "\"a\" "},
    /* A string of several lines. */
    {RULES "=> add(type=\"b\", value=JmesPath(c.value, \"a\nb\"));"
           "[type==\"c\"]",
     ROLE_CLAIM_READ, "\"c\" "},
};

Test(lsp_tokens, roles) {
  TEST_ARENA(a, 1 << 22);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice found = of_role(&a, rows[i].text, rows[i].role);
    cr_expect(slice_is(found, rows[i].wanted), "row %zu: %.*s", i,
              SLICE_ARGS(found));
  }
  arena_free(&a);
}

/* At "ab.c": a word wins over the mark that it touches. */
Test(lsp_tokens, at) {
  TEST_ARENA(a, 1 << 20);
  word_tokens t = tokens_read(&a, SLICE("ab.c  (d)"));
  static const size_t wanted[] = {0, 0, 0, 2, 2, 6, 3, 4, 4, 6};
  for (uint32_t i = 0; i < COUNT_OF(wanted); i++) {
    size_t at = token_at(&t, i);
    cr_expect(at == (wanted[i] < t.count ? wanted[i] : t.count), "%u: %zu", i,
              at);
  }
  arena_free(&a);
}
