/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/reader.h"

#include "base/instant.h"
#include "base/text.h"

/* --- errors --------------------------------------------------------------- */

static bool fail_at(suite_reader *r, size_t offset, const char *format,
                    va_list arguments) {
  buffer message = buffer_in(r->arena);
  buffer_vprintf(&message, format, arguments);
  position at = line_index_position(&r->lines, (uint32_t)offset);
  *r->error = (suite_error){buffer_slice(&message).data, at.line, at.column};
  return false;
}

bool suite_fail(suite_reader *r, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  json_place place;
  json_find_place(r->text, r->steps, r->depth, &place);
  slice found = place.name.length ? place.name : place.value;
  fail_at(r, (size_t)(found.data - r->text.data), format, arguments);
  va_end(arguments);
  return false;
}

bool suite_fail_json(suite_reader *r, size_t offset, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fail_at(r, offset, format, arguments);
  va_end(arguments);
  return false;
}

uint32_t suite_line_of(suite_reader *r, const value *v) {
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
  static const char *const names[] = {"null",     "a boolean", "an integer",
                                      "a number", "a string",  "an array",
                                      "an object"};
  return names[v->kind];
}

bool suite_wants(suite_reader *r, const value *v, value_kind kind,
                 const char *wanted) {
  return v->kind == kind ||
         suite_fail(r, "%s is wanted here, not %s", wanted, kind_name(v));
}

bool suite_read_text(suite_reader *r, const value *v, const char **text) {
  if (!suite_wants(r, v, VALUE_STRING, "a string"))
    return false;
  if (memchr(v->string, '\0', v->count))
    return suite_fail(r, "there is a NUL in this text");
  *text = arena_string(r->arena, value_string(v));
  return true;
}

bool suite_read_path(suite_reader *r, const value *v, suite_file *file) {
  const char *text = "";
  if (!suite_read_text(r, v, &text))
    return false;
  if (!*text)
    return suite_fail(r, "a path is wanted here, not an empty text");
  *file = (suite_file){slice_from(text), suite_line_of(r, v)};
  return true;
}

static bool unknown_member(suite_reader *r, const member *m, const char *of,
                           const suite_member *rows) {
  const char *names[SUITE_MEMBERS_MAX + 1];
  size_t count = 0;
  for (; count < SUITE_MEMBERS_MAX && rows[count].name; count++)
    names[count] = rows[count].name;
  names[count] = NULL;
  const char *near = did_you_mean(member_name(m), names);
  if (near)
    return suite_fail(r, "%s has no member \"%.*s\"; did you mean \"%s\"?", of,
                      SLICE_ARGS(member_name(m)), near);
  return suite_fail(r, "%s has no member \"%.*s\"", of,
                    SLICE_ARGS(member_name(m)));
}

static const suite_member *find_member(const suite_member *rows, slice name) {
  for (; rows->name; rows++)
    if (slice_is(name, rows->name))
      return rows;
  return NULL;
}

bool suite_read_object(suite_reader *r, const value *v, const char *of,
                       const suite_member *rows) {
  if (!suite_wants(r, v, VALUE_OBJECT, "an object"))
    return false;
  for (uint32_t i = 0; i < v->count; i++) {
    const member *m = &v->members[i];
    r->steps[r->depth++] = (json_step){.number = i};
    const suite_member *row = find_member(rows, member_name(m));
    if (!row)
      return unknown_member(r, m, of, rows);
    if (!row->read(r, &m->value))
      return false;
    r->depth--;
  }
  return true;
}

/* --- claims --------------------------------------------------------------- */

static bool check_claims(suite_reader *r, const value *v) {
  buffer text = buffer_in(r->arena);
  json_write(&text, v);
  claim_list claims = claims_in(r->arena);
  claims_error error;
  return claims_read(&claims, buffer_slice(&text), &error) ||
         suite_fail(r, "%s", error.message);
}

bool suite_read_claims(suite_reader *r, const value *v, const value **result) {
  if (v->kind != VALUE_OBJECT && v->kind != VALUE_ARRAY)
    return suite_fail(r, "claims are an object or an array of claims, not %s",
                      kind_name(v));
  *result = v;
  return check_claims(r, v);
}

bool suite_read_types(suite_reader *r, const value *v, const value **result) {
  if (!suite_wants(r, v, VALUE_ARRAY, "an array of claim types"))
    return false;
  for (uint32_t i = 0; i < v->count; i++) {
    r->steps[r->depth++] = (json_step){.number = i};
    if (!suite_wants(r, &v->items[i], VALUE_STRING, "a claim type"))
      return false;
    r->depth--;
  }
  *result = v;
  return true;
}

static bool read_claim_object(suite_reader *r, const value *v,
                              const value **result) {
  *result = v;
  return suite_wants(r, v, VALUE_OBJECT, "an object of claims") &&
         check_claims(r, v);
}

/* --- times ------------------------------------------------------------------
 */

bool suite_read_time(suite_reader *r, const value *v, int64_t *seconds) {
  if (v->kind == VALUE_INTEGER && v->integer >= 0) {
    *seconds = v->integer;
    return true;
  }
  if (v->kind == VALUE_STRING &&
      instant_parse(arena_string(r->arena, value_string(v)), seconds))
    return true;
  return suite_fail(
      r, "a time is wanted here: \"2026-01-31T12:00:00Z\" or seconds "
         "since the epoch");
}

/* --- expect --------------------------------------------------------------- */

static bool expect_decision(suite_reader *r, const value *v) {
  static const char *const names[] = {"deny", "permit", "error", NULL};
  const char *text = "";
  if (!suite_read_text(r, v, &text))
    return false;
  for (int i = 0; names[i]; i++)
    if (strcmp(text, names[i]) == 0) {
      r->expect->decision = (decision)i;
      r->has_decision = true;
      return true;
    }
  return suite_fail(r,
                    "a decision is \"permit\", \"deny\" or \"error\", not "
                    "\"%s\"",
                    text);
}

static bool expect_error(suite_reader *r, const value *v) {
  return suite_read_text(r, v, &r->expect->error);
}

static bool expect_issued(suite_reader *r, const value *v) {
  return read_claim_object(r, v, &r->expect->issued);
}

static bool expect_includes(suite_reader *r, const value *v) {
  return read_claim_object(r, v, &r->expect->includes);
}

static bool expect_absent(suite_reader *r, const value *v) {
  return suite_read_types(r, v, &r->expect->absent);
}

static bool expect_properties(suite_reader *r, const value *v) {
  return read_claim_object(r, v, &r->expect->properties);
}

static const suite_member expect_members[] = {
    {"decision", expect_decision},
    {"error", expect_error},
    {"issued", expect_issued},
    {"includes", expect_includes},
    {"absent", expect_absent},
    {"properties", expect_properties},
    {NULL, NULL},
};

static bool has_members(const value *v) { return v && v->count; }

/* An expectation that can never hold is a mistake, and one that says nothing
 * of the decision would pass over a wrong permit. */
static bool check_expectation(suite_reader *r) {
  suite_expectation *e = r->expect;
  if (!r->has_decision && !e->error)
    return suite_fail(r, "\"expect\" needs a \"decision\"");
  if (!r->has_decision)
    e->decision = DECISION_ERROR;
  if (e->error && e->decision == DECISION_PERMIT)
    return suite_fail(r, "a permit has no \"error\"");
  if (e->decision != DECISION_PERMIT &&
      (has_members(e->issued) || has_members(e->includes) ||
       has_members(e->properties)))
    return suite_fail(r, "nothing is issued without a permit");
  return true;
}

bool suite_read_expectation(suite_reader *r, const value *v,
                            suite_expectation *expect) {
  *expect = (suite_expectation){.decision = DECISION_DENY};
  r->expect = expect;
  r->has_decision = false;
  return suite_read_object(r, v, "\"expect\"", expect_members) &&
         check_expectation(r);
}
