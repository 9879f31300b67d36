/* SPDX-License-Identifier: Apache-2.0 */
/* Members are rows of tables; each is read by a function of its own. */
#include "suite/suite.h"

#include "base/limits.h"
#include "base/text.h"
#include "suite/reader.h"

/* --- rows ----------------------------------------------------------------- */

static bool row_name(suite_reader *r, const value *v) {
  return suite_read_text(r, v, &r->row->name);
}

static bool row_set(suite_reader *r, const value *v) {
  return suite_read_claims(r, v, &r->row->set);
}

static bool row_unset(suite_reader *r, const value *v) {
  return suite_read_types(r, v, &r->row->unset);
}

static bool row_now(suite_reader *r, const value *v) {
  r->row->has_now = true;
  return suite_read_time(r, v, &r->row->now);
}

static bool row_expect(suite_reader *r, const value *v) {
  suite_expectation *e = ARENA_NEW(r->arena, suite_expectation);
  r->row->expect = e;
  return suite_read_expectation(r, v, e);
}

static const suite_member row_members[] = {
    {"name", row_name}, {"set", row_set},       {"unset", row_unset},
    {"now", row_now},   {"expect", row_expect}, {NULL, NULL},
};

static bool add_case(suite_reader *r, const suite_case *c) {
  suite *s = r->suite;
  if (s->case_count == LIMIT_SUITE_CASES)
    return suite_fail(r, "more than %d tests", LIMIT_SUITE_CASES);
  uint32_t known = r->names.count;
  symbols_intern(&r->names, slice_from(c->name));
  if (r->names.count == known)
    return suite_fail(r, "another test is named \"%s\" too", c->name);
  s->cases = arena_grow(r->arena, s->cases, s->case_count, &r->capacity,
                        sizeof *s->cases);
  s->cases[s->case_count++] = *c;
  return true;
}

static bool add_row(suite_reader *r, const suite_row *row, uint32_t number,
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
    return suite_fail(r, "neither the row nor its test has \"expect\"");
  return add_case(r, &c);
}

static bool add_rows(suite_reader *r, const value *rows) {
  if (!suite_wants(r, rows, VALUE_ARRAY, "an array of rows"))
    return false;
  if (!rows->count)
    return suite_fail(r, "there are no rows");
  for (uint32_t i = 0; i < rows->count; i++) {
    suite_row row = {0};
    r->row = &row;
    r->steps[r->depth++] = (json_step){.number = i};
    if (!suite_read_object(r, &rows->items[i], "a row", row_members) ||
        !add_row(r, &row, i + 1, suite_line_of(r, &rows->items[i])))
      return false;
    r->depth--;
  }
  return true;
}

/* --- a test --------------------------------------------------------------- */

static bool test_name(suite_reader *r, const value *v) {
  if (!suite_read_text(r, v, &r->test.name))
    return false;
  return *r->test.name || suite_fail(r, "the name is empty");
}

static bool test_text(suite_reader *r, const value *v) {
  const char *unused;
  return suite_read_text(r, v, &unused);
}

static bool take_input(suite_reader *r, suite_input input) {
  if (r->has_input)
    return suite_fail(r, "\"%s\" and \"%s\" exclude each other",
                      suite_input_name(r->test.input), suite_input_name(input));
  r->has_input = true;
  r->test.input = input;
  return true;
}

static bool test_claims(suite_reader *r, const value *v) {
  if (!take_input(r, SUITE_CLAIMS))
    return false;
  if (v->kind == VALUE_STRING)
    return suite_read_path(r, v, &r->test.file);
  return suite_read_claims(r, v, &r->test.claims);
}

#define FILE_INPUT(name, input)                                                \
  static bool test_##name(suite_reader *r, const value *v) {                   \
    return take_input(r, (input)) && suite_read_path(r, v, &r->test.file);     \
  }
FILE_INPUT(request, SUITE_REQUEST)
FILE_INPUT(quote, SUITE_QUOTE)
FILE_INPUT(report, SUITE_REPORT)
FILE_INPUT(attestation_info, SUITE_ATTESTATION_INFO)
FILE_INPUT(tpm, SUITE_TPM)
#undef FILE_INPUT

static bool test_runtime_data(suite_reader *r, const value *v) {
  return suite_read_path(r, v, &r->test.runtime_data);
}

static bool test_init_data(suite_reader *r, const value *v) {
  return suite_read_path(r, v, &r->test.init_data);
}

static bool read_data_kind(suite_reader *r, const value *v, data_kind *kind) {
  return suite_wants(r, v, VALUE_STRING, "\"Binary\" or \"JSON\"") &&
         (data_kind_from_name(value_string(v), kind) ||
          suite_fail(r, "\"Binary\" or \"JSON\" is wanted here"));
}

static bool test_runtime_type(suite_reader *r, const value *v) {
  return read_data_kind(r, v, &r->test.runtime_type);
}

static bool test_init_type(suite_reader *r, const value *v) {
  return read_data_kind(r, v, &r->test.init_type);
}

static bool test_nonce(suite_reader *r, const value *v) {
  return suite_read_text(r, v, &r->test.nonce);
}

static bool test_set(suite_reader *r, const value *v) {
  return suite_read_claims(r, v, &r->test.set[0]);
}

static bool test_unset(suite_reader *r, const value *v) {
  return suite_read_types(r, v, &r->test.unset[0]);
}

static bool test_now(suite_reader *r, const value *v) {
  r->test.has_now = true;
  return suite_read_time(r, v, &r->test.now);
}

static bool read_level(suite_reader *r, const value *v, verify_level *level) {
  static const char *const names[] = {"none", "signature", "full", NULL};
  const char *text = "";
  if (!suite_read_text(r, v, &text))
    return false;
  for (int i = 0; names[i]; i++)
    if (strcmp(text, names[i]) == 0) {
      *level = (verify_level)i;
      return true;
    }
  return suite_fail(r,
                    "\"verify\" is \"none\", \"signature\" or \"full\", not "
                    "\"%s\"",
                    text);
}

static bool test_verify(suite_reader *r, const value *v) {
  return read_level(r, v, &r->test.verify);
}

static bool test_expect(suite_reader *r, const value *v) {
  r->has_expect = true;
  return suite_read_expectation(r, v, &r->test.expect);
}

/* Read when the test's other members are: rows are made of them. */
static bool test_rows(suite_reader *r, const value *v) {
  r->rows = v;
  return true;
}

static const suite_member test_members[] = {
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
static bool check_test(suite_reader *r) {
  const suite_case *t = &r->test;
  bool has_data = t->runtime_data.path.length || t->init_data.path.length;
  if (!t->name)
    return suite_fail(r, "the test has no \"name\"");
  if (!r->has_input)
    return suite_fail(r,
                      "the test has no input: \"claims\", \"request\", "
                      "\"quote\", \"report\", \"attestation-info\" or \"tpm\"");
  if (t->input <= SUITE_REQUEST && (has_data || t->nonce))
    return suite_fail(r, "data and nonce do not go with \"%s\"",
                      suite_input_name(t->input));
  if ((t->runtime_type && !t->runtime_data.path.length) ||
      (t->init_type && !t->init_data.path.length))
    return suite_fail(r, "a type of data is given without the data");
  return r->rows || r->has_expect ||
         suite_fail(r, "the test has no \"expect\"");
}

static uint32_t step_of(const value *object, const value *inner) {
  uint32_t i = 0;
  while (&object->members[i].value != inner)
    i++;
  return i;
}

static bool read_test(suite_reader *r, const value *v) {
  r->test = (suite_case){.base = r->suite->base_count++,
                         .verify = r->verify,
                         .has_now = r->has_now,
                         .now = r->now,
                         .line = suite_line_of(r, v)};
  r->has_input = r->has_expect = false;
  r->rows = NULL;
  if (!suite_read_object(r, v, "a test", test_members) || !check_test(r))
    return false;
  if (!r->rows)
    return add_case(r, &r->test);
  r->steps[r->depth++] = (json_step){.number = step_of(v, r->rows)};
  bool added = add_rows(r, r->rows);
  r->depth -= added;
  return added;
}

/* --- the suite ------------------------------------------------------------ */

static bool suite_policy_member(suite_reader *r, const value *v) {
  return suite_read_path(r, v, &r->suite->policy);
}

static bool suite_type(suite_reader *r, const value *v) {
  if (!suite_wants(r, v, VALUE_STRING, "an attestation type"))
    return false;
  r->suite->type = attestation_type_from_name(value_string(v));
  return r->suite->type != ATTESTATION_TYPE_UNKNOWN ||
         suite_fail(r, "\"%.*s\" is no attestation type: %s",
                    SLICE_ARGS(value_string(v)), attestation_type_list());
}

static bool suite_roots(suite_reader *r, const value *v) {
  return suite_read_path(r, v, &r->suite->roots);
}

static bool suite_collateral(suite_reader *r, const value *v) {
  return suite_read_path(r, v, &r->suite->collateral);
}

static bool suite_verify(suite_reader *r, const value *v) {
  return read_level(r, v, &r->verify);
}

static bool suite_now(suite_reader *r, const value *v) {
  r->has_now = true;
  return suite_read_time(r, v, &r->now);
}

static bool suite_tests(suite_reader *r, const value *v) {
  r->rows = v; /* read at the end, when the defaults are known */
  return suite_wants(r, v, VALUE_ARRAY, "an array of tests");
}

static const suite_member suite_members[] = {
    {"$schema", test_text},          {"description", test_text},
    {"policy", suite_policy_member}, {"type", suite_type},
    {"roots", suite_roots},          {"collateral", suite_collateral},
    {"verify", suite_verify},        {"now", suite_now},
    {"tests", suite_tests},          {NULL, NULL},
};

static bool read_suite(suite_reader *r, const value *v) {
  if (!suite_read_object(r, v, "a suite", suite_members))
    return false;
  const value *tests = r->rows;
  if (!r->suite->policy.path.length)
    return suite_fail(r, "the suite has no \"policy\"");
  if (!tests || !tests->count)
    return suite_fail(r, "the suite has no \"tests\"");
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
  suite_reader r = {.arena = a,
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
    return suite_fail_json(&r, 0, "%zu bytes; a suite has %d at most",
                           text.length, LIMIT_SUITE_BYTES);
  if (json_read(a, text, 0, &v, &json))
    return read_suite(&r, &v);
  if (json.name.length)
    return suite_fail_json(&r, json.offset, "%s: \"%.*s\"", json.message,
                           SLICE_ARGS(json.name));
  return suite_fail_json(&r, json.offset, "%s", json.message);
}

const char *suite_input_name(suite_input input) {
  static const char *const names[] = {"claims", "request",          "quote",
                                      "report", "attestation-info", "tpm"};
  return names[input];
}
