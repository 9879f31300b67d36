/* SPDX-License-Identifier: Apache-2.0 */
/* Members are rows of tables; each is read by a function of its own. */
#include "suite/suite.h"

#include "base/diagnostic.h"
#include "base/instant.h"
#include "base/json_span.h"
#include "base/limits.h"
#include "base/symbols.h"
#include "base/text.h"

enum { STEPS_MAX = 8, MEMBERS_MAX = 32 };

/* The row of a table. */
typedef struct suite_row {
  const value *set, *unset;
  const char *name;
  const suite_expectation *expect;
  bool has_now;
  int64_t now;
} suite_row;

typedef struct reader {
  arena *arena;
  slice text;
  suite *suite;
  suite_error *error;
  json_step steps[STEPS_MAX]; /* where we are */
  size_t depth;
  suite_case test;    /* being read; rows are made of it */
  suite_row *row;     /* being read, or NULL */
  const value *rows;  /* of the test */
  bool has_expect;
  bool has_input;
  suite_expectation *expect; /* being read */
  bool has_decision;
  size_t capacity;
  symbols names;
  line_index lines;
  uint32_t line; /* that line_of found last */
  verify_level verify; /* of the suite: default of its tests */
  bool has_now;
  int64_t now;
} reader;

typedef bool read_member(reader *r, const value *v);

typedef struct member_row {
  const char *name;
  read_member *read;
} member_row;

/* --- errors --------------------------------------------------------------- */

static bool fail_at(reader *r, size_t offset, const char *format,
                    va_list arguments) {
  buffer message = buffer_in(r->arena);
  buffer_vprintf(&message, format, arguments);
  position at = line_index_position(&r->lines, (uint32_t)offset);
  *r->error =
      (suite_error){buffer_slice(&message).data, at.line, at.column};
  return false;
}

__attribute__((format(printf, 2, 3))) static bool fail(reader *r,
                                                       const char *format,
                                                       ...) {
  va_list arguments;
  va_start(arguments, format);
  json_place place;
  json_find_place(r->text, r->steps, r->depth, &place);
  slice found = place.name.length ? place.name : place.value;
  fail_at(r, (size_t)(found.data - r->text.data), format, arguments);
  va_end(arguments);
  return false;
}

__attribute__((format(printf, 3, 4))) static bool
fail_json(reader *r, size_t offset, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fail_at(r, offset, format, arguments);
  va_end(arguments);
  return false;
}

/* The line of an object's first member, or of a text: both lie in the suite's
 * own text but for escapes, where the line before is near enough. */
static uint32_t line_of(reader *r, const value *v) {
  const char *at = NULL;
  if (v->kind == VALUE_STRING)
    at = v->string;
  else if (v->kind == VALUE_OBJECT && v->count)
    at = v->members[0].name;
  uintptr_t offset = (uintptr_t)at - (uintptr_t)r->text.data;
  if (at && offset < r->text.length)
    r->line = line_index_position(&r->lines, (uint32_t)offset).line;
  return r->line;
}

/* --- kinds ---------------------------------------------------------------- */

static const char *kind_name(const value *v) {
  static const char *const names[] = {"null",   "a boolean", "an integer",
                                      "a number", "a string",  "an array",
                                      "an object"};
  return names[v->kind];
}

static bool wants(reader *r, const value *v, value_kind kind,
                  const char *wanted) {
  return v->kind == kind ||
         fail(r, "%s is wanted here, not %s", wanted, kind_name(v));
}

static bool read_text(reader *r, const value *v, const char **text) {
  if (!wants(r, v, VALUE_STRING, "a string"))
    return false;
  if (memchr(v->string, '\0', v->count))
    return fail(r, "there is a NUL in this text");
  *text = arena_string(r->arena, value_string(v));
  return true;
}

static bool read_path(reader *r, const value *v, suite_file *file) {
  const char *text = "";
  if (!read_text(r, v, &text))
    return false;
  if (!*text)
    return fail(r, "a path is wanted here, not an empty text");
  *file = (suite_file){slice_from(text), line_of(r, v)};
  return true;
}

static bool unknown_member(reader *r, const member *m, const char *of,
                           const member_row *rows) {
  const char *names[MEMBERS_MAX + 1];
  size_t count = 0;
  for (; count < MEMBERS_MAX && rows[count].name; count++)
    names[count] = rows[count].name;
  names[count] = NULL;
  const char *near = did_you_mean(member_name(m), names);
  if (near)
    return fail(r, "%s has no member \"%.*s\"; did you mean \"%s\"?", of,
                SLICE_ARGS(member_name(m)), near);
  return fail(r, "%s has no member \"%.*s\"", of, SLICE_ARGS(member_name(m)));
}

static const member_row *find_member(const member_row *rows, slice name) {
  for (; rows->name; rows++)
    if (slice_is(name, rows->name))
      return rows;
  return NULL;
}

static bool read_object(reader *r, const value *v, const char *of,
                        const member_row *rows) {
  if (!wants(r, v, VALUE_OBJECT, "an object"))
    return false;
  for (uint32_t i = 0; i < v->count; i++) {
    const member *m = &v->members[i];
    r->steps[r->depth++] = (json_step){.number = i};
    const member_row *row = find_member(rows, member_name(m));
    if (!row)
      return unknown_member(r, m, of, rows);
    if (!row->read(r, &m->value))
      return false;
    r->depth--;
  }
  return true;
}

/* --- claims --------------------------------------------------------------- */

static bool check_claims(reader *r, const value *v) {
  buffer text = buffer_in(r->arena);
  json_write(&text, v);
  claim_list claims = claims_in(r->arena);
  claims_error error;
  return claims_read(&claims, buffer_slice(&text), &error) ||
         fail(r, "%s", error.message);
}

static bool read_inline_claims(reader *r, const value *v,
                               const value **result) {
  if (v->kind != VALUE_OBJECT && v->kind != VALUE_ARRAY)
    return fail(r, "claims are an object or an array of claims, not %s",
                kind_name(v));
  *result = v;
  return check_claims(r, v);
}

static bool read_types(reader *r, const value *v, const value **result) {
  if (!wants(r, v, VALUE_ARRAY, "an array of claim types"))
    return false;
  for (uint32_t i = 0; i < v->count; i++) {
    r->steps[r->depth++] = (json_step){.number = i};
    if (!wants(r, &v->items[i], VALUE_STRING, "a claim type"))
      return false;
    r->depth--;
  }
  *result = v;
  return true;
}

static bool read_claim_object(reader *r, const value *v,
                              const value **result) {
  *result = v;
  return wants(r, v, VALUE_OBJECT, "an object of claims") &&
         check_claims(r, v);
}

/* --- expect --------------------------------------------------------------- */

static bool expect_decision(reader *r, const value *v) {
  static const char *const names[] = {"deny", "permit", "error", NULL};
  const char *text = "";
  if (!read_text(r, v, &text))
    return false;
  for (int i = 0; names[i]; i++)
    if (strcmp(text, names[i]) == 0) {
      r->expect->decision = (decision)i;
      r->has_decision = true;
      return true;
    }
  return fail(r, "a decision is \"permit\", \"deny\" or \"error\", not "
                 "\"%s\"", text);
}

static bool expect_error(reader *r, const value *v) {
  return read_text(r, v, &r->expect->error);
}

static bool expect_issued(reader *r, const value *v) {
  return read_claim_object(r, v, &r->expect->issued);
}

static bool expect_includes(reader *r, const value *v) {
  return read_claim_object(r, v, &r->expect->includes);
}

static bool expect_absent(reader *r, const value *v) {
  return read_types(r, v, &r->expect->absent);
}

static bool expect_properties(reader *r, const value *v) {
  return read_claim_object(r, v, &r->expect->properties);
}

static const member_row expect_members[] = {
    {"decision", expect_decision},     {"error", expect_error},
    {"issued", expect_issued},         {"includes", expect_includes},
    {"absent", expect_absent},         {"properties", expect_properties},
    {NULL, NULL},
};

static bool has_members(const value *v) { return v && v->count; }

/* An expectation that can never hold is a mistake, and one that says nothing
 * of the decision would pass over a wrong permit. */
static bool check_expectation(reader *r) {
  suite_expectation *e = r->expect;
  if (!r->has_decision && !e->error)
    return fail(r, "\"expect\" needs a \"decision\"");
  if (!r->has_decision)
    e->decision = DECISION_ERROR;
  if (e->error && e->decision == DECISION_PERMIT)
    return fail(r, "a permit has no \"error\"");
  if (e->decision != DECISION_PERMIT &&
      (has_members(e->issued) || has_members(e->includes) ||
       has_members(e->properties)))
    return fail(r, "nothing is issued without a permit");
  return true;
}

static bool read_expect(reader *r, const value *v,
                        suite_expectation *expect) {
  *expect = (suite_expectation){.decision = DECISION_DENY};
  r->expect = expect;
  r->has_decision = false;
  return read_object(r, v, "\"expect\"", expect_members) &&
         check_expectation(r);
}

/* --- rows ----------------------------------------------------------------- */

static bool read_now(reader *r, const value *v, int64_t *now) {
  if (v->kind == VALUE_INTEGER && v->integer >= 0) {
    *now = v->integer;
    return true;
  }
  if (v->kind == VALUE_STRING &&
      instant_parse(arena_string(r->arena, value_string(v)), now))
    return true;
  return fail(r, "a time is wanted here: \"2026-01-31T12:00:00Z\" or seconds "
                 "since the epoch");
}

static bool row_name(reader *r, const value *v) {
  return read_text(r, v, &r->row->name);
}

static bool row_set(reader *r, const value *v) {
  return read_inline_claims(r, v, &r->row->set);
}

static bool row_unset(reader *r, const value *v) {
  return read_types(r, v, &r->row->unset);
}

static bool row_now(reader *r, const value *v) {
  r->row->has_now = true;
  return read_now(r, v, &r->row->now);
}

static bool row_expect(reader *r, const value *v) {
  suite_expectation *e = ARENA_NEW(r->arena, suite_expectation);
  r->row->expect = e;
  return read_expect(r, v, e);
}

static const member_row row_members[] = {
    {"name", row_name}, {"set", row_set},       {"unset", row_unset},
    {"now", row_now},   {"expect", row_expect}, {NULL, NULL},
};

static bool add_case(reader *r, const suite_case *c) {
  suite *s = r->suite;
  if (s->case_count == LIMIT_SUITE_CASES)
    return fail(r, "more than %d tests", LIMIT_SUITE_CASES);
  uint32_t known = r->names.count;
  symbols_intern(&r->names, slice_from(c->name));
  if (r->names.count == known)
    return fail(r, "another test is named \"%s\" too", c->name);
  s->cases = arena_grow(r->arena, s->cases, s->case_count, &r->capacity,
                        sizeof *s->cases);
  s->cases[s->case_count++] = *c;
  return true;
}

static bool add_row(reader *r, const suite_row *row, uint32_t number,
                    uint32_t line) {
  suite_case c = r->test;
  buffer name = buffer_in(r->arena);
  buffer_printf(&name, "%s / ", c.name);
  if (row->name)
    buffer_text(&name, row->name);
  else
    buffer_printf(&name, "row %u", (unsigned)number);
  c.name = buffer_slice(&name).data;
  c.line = line;
  c.set[1] = row->set;
  c.unset[1] = row->unset;
  if (row->has_now) /* evidence is to be verified anew */
    c.base = r->suite->base_count++;
  c.has_now |= row->has_now;
  c.now = row->has_now ? row->now : c.now;
  if (row->expect)
    c.expect = *row->expect;
  else if (!r->has_expect)
    return fail(r, "neither the row nor its test has \"expect\"");
  return add_case(r, &c);
}

static bool add_rows(reader *r, const value *rows) {
  if (!wants(r, rows, VALUE_ARRAY, "an array of rows"))
    return false;
  if (!rows->count)
    return fail(r, "there are no rows");
  for (uint32_t i = 0; i < rows->count; i++) {
    suite_row row = {0};
    r->row = &row;
    r->steps[r->depth++] = (json_step){.number = i};
    if (!read_object(r, &rows->items[i], "a row", row_members) ||
        !add_row(r, &row, i + 1, line_of(r, &rows->items[i])))
      return false;
    r->depth--;
  }
  return true;
}

/* --- a test --------------------------------------------------------------- */

static bool test_name(reader *r, const value *v) {
  if (!read_text(r, v, &r->test.name))
    return false;
  return *r->test.name || fail(r, "the name is empty");
}

static bool test_text(reader *r, const value *v) {
  const char *unused;
  return read_text(r, v, &unused);
}

static bool take_input(reader *r, suite_input input) {
  if (r->has_input)
    return fail(r, "\"%s\" and \"%s\" exclude each other",
                suite_input_name(r->test.input), suite_input_name(input));
  r->has_input = true;
  r->test.input = input;
  return true;
}

static bool test_claims(reader *r, const value *v) {
  if (!take_input(r, SUITE_CLAIMS))
    return false;
  if (v->kind == VALUE_STRING)
    return read_path(r, v, &r->test.file);
  return read_inline_claims(r, v, &r->test.claims);
}

#define FILE_INPUT(name, input)                            \
  static bool test_##name(reader *r, const value *v) {     \
    return take_input(r, (input)) && read_path(r, v, &r->test.file); \
  }
FILE_INPUT(request, SUITE_REQUEST)
FILE_INPUT(quote, SUITE_QUOTE)
FILE_INPUT(report, SUITE_REPORT)
FILE_INPUT(attestation_info, SUITE_ATTESTATION_INFO)
FILE_INPUT(tpm, SUITE_TPM)
#undef FILE_INPUT

static bool test_runtime_data(reader *r, const value *v) {
  return read_path(r, v, &r->test.runtime_data);
}

static bool test_init_data(reader *r, const value *v) {
  return read_path(r, v, &r->test.init_data);
}

static bool read_data_kind(reader *r, const value *v, data_kind *kind) {
  return wants(r, v, VALUE_STRING, "\"Binary\" or \"JSON\"") &&
         (data_kind_from_name(value_string(v), kind) ||
          fail(r, "\"Binary\" or \"JSON\" is wanted here"));
}

static bool test_runtime_type(reader *r, const value *v) {
  return read_data_kind(r, v, &r->test.runtime_type);
}

static bool test_init_type(reader *r, const value *v) {
  return read_data_kind(r, v, &r->test.init_type);
}

static bool test_nonce(reader *r, const value *v) {
  return read_text(r, v, &r->test.nonce);
}

static bool test_set(reader *r, const value *v) {
  return read_inline_claims(r, v, &r->test.set[0]);
}

static bool test_unset(reader *r, const value *v) {
  return read_types(r, v, &r->test.unset[0]);
}

static bool test_now(reader *r, const value *v) {
  r->test.has_now = true;
  return read_now(r, v, &r->test.now);
}

static bool read_level(reader *r, const value *v, verify_level *level) {
  static const char *const names[] = {"none", "signature", "full", NULL};
  const char *text = "";
  if (!read_text(r, v, &text))
    return false;
  for (int i = 0; names[i]; i++)
    if (strcmp(text, names[i]) == 0) {
      *level = (verify_level)i;
      return true;
    }
  return fail(r, "\"verify\" is \"none\", \"signature\" or \"full\", not "
                 "\"%s\"", text);
}

static bool test_verify(reader *r, const value *v) {
  return read_level(r, v, &r->test.verify);
}

static bool test_expect(reader *r, const value *v) {
  r->has_expect = true;
  return read_expect(r, v, &r->test.expect);
}

/* Read when the test's other members are: rows are made of them. */
static bool test_rows(reader *r, const value *v) {
  r->rows = v;
  return true;
}

static const member_row test_members[] = {
    {"name", test_name},
    {"description", test_text},
    {"claims", test_claims},
    {"request", test_request},
    {"quote", test_quote},
    {"report", test_report},
    {"attestation-info", test_attestation_info},
    {"tpm", test_tpm},
    {"runtime-data", test_runtime_data},
    {"runtime-type", test_runtime_type},
    {"init-data", test_init_data},
    {"init-type", test_init_type},
    {"nonce", test_nonce},
    {"set", test_set},
    {"unset", test_unset},
    {"now", test_now},
    {"verify", test_verify},
    {"expect", test_expect},
    {"rows", test_rows},
    {NULL, NULL},
};

/* Members that only evidence alone can have beside it. */
static bool check_test(reader *r) {
  const suite_case *t = &r->test;
  bool has_data = t->runtime_data.path.length || t->init_data.path.length;
  if (!t->name)
    return fail(r, "the test has no \"name\"");
  if (!r->has_input)
    return fail(r, "the test has no input: \"claims\", \"request\", "
                   "\"quote\", \"report\", \"attestation-info\" or \"tpm\"");
  if (t->input <= SUITE_REQUEST && (has_data || t->nonce))
    return fail(r, "data and nonce do not go with \"%s\"",
                suite_input_name(t->input));
  if ((t->runtime_type && !t->runtime_data.path.length) ||
      (t->init_type && !t->init_data.path.length))
    return fail(r, "a type of data is given without the data");
  return r->rows || r->has_expect || fail(r, "the test has no \"expect\"");
}

static uint32_t step_of(const value *object, const value *inner) {
  uint32_t i = 0;
  while (&object->members[i].value != inner)
    i++;
  return i;
}

static bool read_test(reader *r, const value *v) {
  r->test = (suite_case){.base = r->suite->base_count++,
                         .verify = r->verify,
                         .has_now = r->has_now,
                         .now = r->now,
                         .line = line_of(r, v)};
  r->has_input = r->has_expect = false;
  r->rows = NULL;
  if (!read_object(r, v, "a test", test_members) || !check_test(r))
    return false;
  if (!r->rows)
    return add_case(r, &r->test);
  r->steps[r->depth++] = (json_step){.number = step_of(v, r->rows)};
  bool added = add_rows(r, r->rows);
  r->depth -= added;
  return added;
}

/* --- the suite ------------------------------------------------------------ */

static bool suite_policy_member(reader *r, const value *v) {
  return read_path(r, v, &r->suite->policy);
}

static bool suite_type(reader *r, const value *v) {
  if (!wants(r, v, VALUE_STRING, "an attestation type"))
    return false;
  r->suite->type = attestation_type_from_name(value_string(v));
  return r->suite->type != ATTESTATION_TYPE_UNKNOWN ||
         fail(r, "\"%.*s\" is no attestation type: %s",
              SLICE_ARGS(value_string(v)), attestation_type_list());
}

static bool suite_roots(reader *r, const value *v) {
  return read_path(r, v, &r->suite->roots);
}

static bool suite_collateral(reader *r, const value *v) {
  return read_path(r, v, &r->suite->collateral);
}

static bool suite_verify(reader *r, const value *v) {
  return read_level(r, v, &r->verify);
}

static bool suite_now(reader *r, const value *v) {
  r->has_now = true;
  return read_now(r, v, &r->now);
}

static bool suite_tests(reader *r, const value *v) {
  r->rows = v; /* read at the end, when the defaults are known */
  return wants(r, v, VALUE_ARRAY, "an array of tests");
}

static const member_row suite_members[] = {
    {"$schema", test_text},        {"description", test_text},
    {"policy", suite_policy_member}, {"type", suite_type},
    {"roots", suite_roots},        {"collateral", suite_collateral},
    {"verify", suite_verify},      {"now", suite_now},
    {"tests", suite_tests},        {NULL, NULL},
};

static bool read_suite(reader *r, const value *v) {
  if (!read_object(r, v, "a suite", suite_members))
    return false;
  const value *tests = r->rows;
  if (!r->suite->policy.path.length)
    return fail(r, "the suite has no \"policy\"");
  if (!tests || !tests->count)
    return fail(r, "the suite has no \"tests\"");
  r->steps[r->depth++] = (json_step){.number = step_of(v, tests)};
  for (uint32_t i = 0; i < tests->count; i++) {
    r->steps[r->depth++] = (json_step){.number = i};
    if (!read_test(r, &tests->items[i]))
      return false;
    r->depth--;
  }
  return true;
}

bool suite_read(arena *a, const char *path, slice text, suite *result,
                suite_error *error) {
  *result = (suite){.path = path, .text = text};
  *error = (suite_error){0};
  reader r = {.arena = a,
              .text = text,
              .suite = result,
              .error = error,
              .line = 1,
              .verify = VERIFY_SIGNATURE};
  line_index_make(&r.lines, a,
                  text.length > LIMIT_SUITE_BYTES ? SLICE_EMPTY : text);
  symbols_init(&r.names, a);
  value v;
  json_error json;
  if (text.length > LIMIT_SUITE_BYTES)
    return fail_json(&r, 0, "%zu bytes; a suite has %d at most", text.length,
                     LIMIT_SUITE_BYTES);
  if (json_read(a, text, 0, &v, &json))
    return read_suite(&r, &v);
  if (json.name.length)
    return fail_json(&r, json.offset, "%s: \"%.*s\"", json.message,
                     SLICE_ARGS(json.name));
  return fail_json(&r, json.offset, "%s", json.message);
}

const char *suite_input_name(suite_input input) {
  static const char *const names[] = {"claims", "request", "quote", "report",
                                      "attestation-info", "tpm"};
  return names[input];
}
