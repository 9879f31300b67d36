/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/report.h"
#include "token/attest.h"

static void set_text(object_builder *o, slice name, const char *text) {
  object_set(o, name, text ? value_text(slice_from(text)) : value_null());
}

/* The report of a refusal before any rule ran. */
static void add_nothing_evaluated(arena *a, const attest_result *result,
                                  object_builder *o) {
  object_builder none = object_in(a);
  array_builder nothing = array_in(a);
  set_text(o, SLICE("decision"), decision_name(DECISION_ERROR));
  set_text(o, SLICE("reason"), result->error.text);
  object_set(o, SLICE("rule"), value_null());
  object_set(o, SLICE("issued"), object_value(&none));
  object_set(o, SLICE("properties"), object_value(&none));
  object_set(o, SLICE("claims"), object_value(&none));
  object_set(o, SLICE("trace"), array_value(&nothing));
  object_set(o, SLICE("notes"), array_value(&nothing));
}

/* The evaluation's own notes, which stand in the report already, then those
 * of the attestation. */
static value all_notes(arena *a, const attest_result *result,
                       const object_builder *o) {
  array_builder all = array_in(a);
  value so_far = object_value(o);
  const value *lists[] = {value_member(&so_far, SLICE("notes")), NULL};
  value own = notes_value(&result->notes);
  lists[1] = &own;
  for (size_t l = 0; l < 2; l++)
    for (uint32_t i = 0; i < lists[l]->count; i++)
      array_add(&all, lists[l]->items[i]);
  return array_value(&all);
}

value attest_report(arena *a, const attest_result *result) {
  object_builder o = object_in(a);
  if (result->was_evaluated) {
    report r = report_of(a, result->policy->program);
    report_evaluation(&r, &result->evaluation, &o);
  } else {
    add_nothing_evaluated(a, result, &o);
  }
  bool refused = result->error.failure != FAILURE_NONE;
  object_set(&o, SLICE("error"),
             refused ? service_error_value(a, &result->error) : value_null());
  object_set(&o, SLICE("verification"),
             verification_report(a, &result->verification));
  object_set(&o, SLICE("notes"), all_notes(a, result, &o));
  return object_value(&o);
}
