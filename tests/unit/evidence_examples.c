/* SPDX-License-Identifier: Apache-2.0 */
/* examples/sgx must say what its evidence says. The tests run from the root
 * of the tree. */
#include "base/file.h"
#include "evidence/decode.h"
#include "tests/unit/evidence_fixture.h"

static slice example(arena *a, const char *name) {
  buffer path = buffer_in(a);
  slice text = SLICE_EMPTY;
  const char *reason = "";
  buffer_printf(&path, "examples/sgx/%s", name);
  cr_assert_eq(file_read(a, buffer_slice(&path).data, LIMIT_REQUEST_BYTES,
                         &text, &reason),
               FILE_OK, "%s: %s", name, reason);
  return text;
}

static evidence_input decoded(arena *a, const char *name) {
  evidence_input input = {0};
  evidence_error error = {0};
  cr_assert(evidence_decode(a, example(a, name), &input, &error), "%s: %s",
            name, error.message);
  return input;
}

static bool same_value(arena *a, const value *x, const value *y) {
  buffer one = buffer_in(a), two = buffer_in(a);
  json_write(&one, x);
  json_write(&two, y);
  return slice_equal(buffer_slice(&one), buffer_slice(&two));
}

Test(evidence_examples, give_the_claims_beside_them) {
  static const struct {
    const char *file;
    attestation_type type;
    bool has_runtime_data;
  } rows[] = {
      {"quote.bin", ATTESTATION_SGX_ENCLAVE, false},
      {"report.bin", ATTESTATION_OPEN_ENCLAVE, false},
      {"request.json", ATTESTATION_SGX_ENCLAVE, true},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  value claims;
  json_error problem;
  cr_assert(json_read(&a, example(&a, "claims.json"), 0, &claims, &problem));
  bytes runtime = bytes_from_slice(example(&a, "runtime.json"));
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    evidence_input input = decoded(&a, rows[i].file);
    cr_expect_eq(input.type, rows[i].type, "%s", rows[i].file);
    evidence e = parsed_evidence(&a, rows[i].type, input.raw);
    cr_expect(same_value(&a, &e.claims, &claims), "%s", rows[i].file);
    cr_expect_eq(evidence_check_runtime_data(&e, runtime), BINDING_HOLDS);
    cr_expect_eq(input.runtime_data.is_given, rows[i].has_runtime_data);
    cr_expect_eq(input.runtime_data.is_json, rows[i].has_runtime_data);
  }
  arena_free(&a);
}

Test(evidence_examples, debug_build_differs_in_that_alone) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_input release = decoded(&a, "request.json");
  evidence_input debug = decoded(&a, "request-debug.json");
  evidence r = parsed_evidence(&a, release.type, release.raw);
  evidence d = parsed_evidence(&a, debug.type, debug.raw);
  slice name = SLICE("x-ms-sgx-is-debuggable");
  cr_expect(value_member(&d.claims, name)->boolean);
  cr_assert_eq(d.claims.count, r.claims.count);
  for (uint32_t i = 0; i < r.claims.count; i++) {
    const member *m = &r.claims.members[i];
    const value *other = value_member(&d.claims, member_name(m));
    cr_expect_eq(same_value(&a, &m->value, other),
                 !slice_equal(member_name(m), name), "%.*s",
                 SLICE_ARGS(member_name(m)));
  }
  arena_free(&a);
}
