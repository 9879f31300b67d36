/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/schema.h"

#include "tests/unit/unit.h"

enum { MEBIBYTE = 1 << 20 };

/* --- the schemas ---------------------------------------------------------- */

static bool is_keyword(slice name) {
  for (const char *const *k = schema_keywords; *k; k++)
    if (slice_is(name, *k))
      return true;
  return false;
}

static bool holds_schemas(slice keyword) {
  return slice_is(keyword, "properties") || slice_is(keyword, "definitions");
}

static bool is_schema(slice keyword) {
  static const char *const names[] = {"items", "additionalProperties", "not",
                                      "if",    "then",  "else",
                                      "propertyNames", NULL};
  for (const char *const *n = names; *n; n++)
    if (slice_is(keyword, *n))
      return true;
  return false;
}

static void check_rule(const value *rule);

static void check_keyword(const member *m) {
  slice name = member_name(m);
  cr_expect(is_keyword(name), "%.*s is not implemented", SLICE_ARGS(name));
  if (holds_schemas(name))
    for (uint32_t i = 0; i < m->value.count; i++)
      check_rule(&m->value.members[i].value);
  else if (is_schema(name))
    check_rule(&m->value);
  else if (slice_is(name, "anyOf") || slice_is(name, "oneOf"))
    for (uint32_t i = 0; i < m->value.count; i++)
      check_rule(&m->value.items[i]);
}

static void check_rule(const value *rule) {
  for (uint32_t i = 0; rule->kind == VALUE_OBJECT && i < rule->count; i++)
    check_keyword(&rule->members[i]);
}

Test(lsp_schema, knows_every_keyword_of_the_schemas) {
  TEST_ARENA(a, 16 * MEBIBYTE);
  size_t count = 0;
  for (const struct schema_text *t = schema_texts; t->name; t++, count++) {
    schema s;
    cr_assert(schema_open(&s, &a, t->name), "%s", t->name);
    check_rule(&s.root);
  }
  cr_expect_eq(count, 2u);
  arena_free(&a);
}

/* --- findings ------------------------------------------------------------- */

/* "TEXT AT THE PLACE: message", one a line. */
static const char *findings_of(arena *a, const char *name, const char *text) {
  schema s;
  schema_findings list = {.count = 0};
  value v;
  json_error error;
  buffer out = buffer_in(a);
  cr_assert(schema_open(&s, a, name));
  cr_assert(json_read(a, slice_from(text), 0, &v, &error), "%s: %s", text,
            error.message);
  schema_check(&s, slice_from(text), &v, &list);
  for (size_t i = 0; i < list.count; i++)
    buffer_printf(&out, "%s%.*s: %s", i ? "\n" : "",
                  (int)(list.items[i].where.end - list.items[i].where.begin),
                  text + list.items[i].where.begin, list.items[i].message);
  return buffer_slice(&out).data;
}

typedef struct finding_row {
  const char *text, *expected;
} finding_row;

static void check_findings(const char *name, const finding_row *rows,
                           size_t count) {
  TEST_ARENA(a, 64 * MEBIBYTE);
  for (size_t i = 0; i < count; i++) {
    const char *found = findings_of(&a, name, rows[i].text);
    cr_expect_str_eq(found, rows[i].expected, "%s: %s", rows[i].text, found);
  }
  arena_free(&a);
}

#define SUITE(test) "{\"policy\":\"p\",\"tests\":[" test "]}"
#define EXPECT ",\"expect\":{\"decision\":\"deny\"}"

Test(lsp_schema, finds_what_is_wrong_in_suites) {
  static const finding_row rows[] = {
      {SUITE("{\"name\":\"n\",\"claims\":{}" EXPECT "}"), ""},
      {"{}", "{: \"policy\" is missing\n{: \"tests\" is missing"},
      {"[]", "[: an object is wanted here, not a list"},
      {SUITE(""), "\"tests\": at least 1 items may stand here"},
      {SUITE("{\"name\":\"n\"" EXPECT "}"),
       "{: one of \"claims\", \"request\", \"quote\", \"report\", "
       "\"attestation-info\", \"tpm\" is missing"},
      {SUITE("{\"name\":\"n\",\"claims\":{},\"quote\":\"q\"" EXPECT "}"),
       "{: only one of \"claims\", \"request\", \"quote\", \"report\", "
       "\"attestation-info\", \"tpm\" can stand here"},
      {SUITE("{\"name\":\"n\",\"claims\":{},\"expct\":1" EXPECT "}"),
       "\"expct\": there is no member \"expct\" here; did you mean "
       "\"expect\"?"},
      {SUITE("{\"name\":1,\"claims\":{}" EXPECT "}"),
       "1: a text is wanted here, not a whole number"},
      {SUITE("{\"name\":\"n\",\"claims\":{},\"expect\":"
             "{\"decision\":\"no\"}}"),
       "\"no\": one of \"permit\", \"deny\", \"error\" is wanted here"},
      {SUITE("{\"name\":\"n\",\"claims\":{\"a\":null}" EXPECT "}"),
       "null: null cannot stand here"},
      {SUITE("{\"name\":\"n\",\"claims\":{},\"expect\":{}}"),
       "\"expect\": one of \"decision\", \"error\" is missing"},
      {SUITE("{\"name\":\"n\",\"claims\":{},\"expect\":"
             "{\"decision\":\"permit\",\"error\":\"E\"}}"),
       "\"expect\": \"error\" cannot stand here"},
      {SUITE("{\"name\":\"n\",\"claims\":{},\"expect\":"
             "{\"decision\":\"deny\",\"issued\":{\"a\":1}}}"),
       "\"issued\": at most 0 members may stand here"},
      {SUITE("{\"name\":\"n\",\"quote\":\"q\",\"runtime-type\":\"JSON\""
             EXPECT "}"),
       "{: \"runtime-data\" is missing: \"runtime-type\" needs it"},
      {SUITE("{\"name\":\"n\",\"claims\":{},\"now\":-1" EXPECT "}"),
       "-1: a number of at least 0 is wanted here"},
      {SUITE("{\"name\":\"n\",\"claims\":{},\"now\":\"noon\"" EXPECT "}"),
       "\"noon\": the text does not fit: "
       "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}"
       "([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"},
  };
  check_findings("maatest", rows, COUNT_OF(rows));
}

Test(lsp_schema, finds_what_is_wrong_in_configurations) {
  static const finding_row rows[] = {
      {"{\"type\":\"sgxenclave\",\"format\":{\"width\":80},"
       "\"lint\":{\"X\":\"off\"},\"samples\":[\"a\"],"
       "\"files\":{\"*\":{\"type\":\"Tpm\"}}}", ""},
      {"{\"format\":{\"width\":19}}",
       "19: a number of at least 20 is wanted here"},
      {"{\"format\":{\"width\":1001}}",
       "1001: a number of at most 1000 is wanted here"},
      {"{\"lint\":{\"X\":\"hush\"}}",
       "\"hush\": one of \"off\", \"info\", \"warning\", \"error\" is wanted "
       "here"},
      {"{\"lint\":{\"xyz\":\"off\"}}",
       "\"xyz\": the text does not fit: ^[A-Za-z][0-9]{0,3}$"},
      {"{\"files\":{\"\":{}}}",
       "\"\": at least 1 characters may stand here"},
      {"{\"typ\":\"Tpm\"}",
       "\"typ\": there is no member \"typ\" here; did you mean \"type\"?"},
      {"{\"type\":\"Sgx\"}",
       "\"Sgx\": one of \"SgxEnclave\", \"OpenEnclave\", \"SevSnpVm\", "
       "\"TdxVm\", \"AzureGuest\", \"Tpm\" is wanted here"},
  };
  check_findings("maapol", rows, COUNT_OF(rows));
}
