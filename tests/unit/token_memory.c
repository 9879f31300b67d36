/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out at any point of an attestation: the guard is reached,
 * nothing leaks, nobody is admitted. */
#include "base/memory.h"
#include "tests/unit/evidence_fixture.h"
#include "token/attest.h"

typedef enum ending {
  ENDED_WITHOUT_MEMORY,
  ENDED_REFUSED,
  ENDED_PERMITTED
} ending;

/* A request with everything: runtime data, a draft policy, a nonce. */
static slice request_body(arena *a) {
  static const char *const settings[] = {"runtime-data={\"key\": \"value\"}",
                                         NULL};
  evidence_made made = made_evidence(a, ATTESTATION_SGX_ENCLAVE, settings);
  slice body = evidence_make_request(a, &made);
  const char *end = strrchr(body.data, '}');
  buffer text = buffer_in(a);
  buffer_add(&text, slice_between(body.data, end));
  buffer_text(&text,
              ",\"nonce\":18446744073709551615,\"draftPolicyForAttestation\":"
              "\"version= 1.0;authorizationrules{=>permit();};issuancerules{"
              "c:[type==\\\"$svn\\\"]=>issue(type=\\\"a\\\",value=c.value);};\""
              "}");
  return buffer_slice(&text);
}

static ending attest_body(arena *a, slice body) {
  attest_request request;
  attest_result result;
  notes remarks = notes_in(a);
  service_error error;
  attest_options options = {.issuer = SLICE("https://maapol.invalid"),
                            .flags = EVALUATE_TRACE};
  if (!attest_request_read(a, ATTESTATION_SGX_ENCLAVE, body, &request,
                           &remarks, &error))
    return ENDED_REFUSED;
  attest(a, &request, &options, &result);
  value whole = attest_report(a, &result);
  buffer text = buffer_in(a);
  json_write(&text, &whole);
  return result.outcome == ATTEST_PERMITTED ? ENDED_PERMITTED : ENDED_REFUSED;
}

static ending attest_with(slice body, size_t limit, long allocations) {
  arena a;
  jmp_buf failure;
  volatile ending end = ENDED_WITHOUT_MEMORY;
  arena_init(&a, limit);
  memory_fail_after(allocations);
  if (!ARENA_GUARD(&a, failure))
    end = attest_body(&a, body);
  memory_fail_after(-1);
  arena_free(&a);
  return end;
}

Test(token_memory, may_run_out_anywhere) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  slice body = request_body(&a);
  long allocations = 0;
  ending end;
  while ((end = attest_with(body, EVIDENCE_ARENA, allocations)) ==
         ENDED_WITHOUT_MEMORY)
    cr_assert(++allocations < 10000);
  cr_expect_eq(end, ENDED_PERMITTED);
  cr_expect_gt(allocations, 1);
  arena_free(&a);
}

Test(token_memory, may_reach_its_limit_anywhere) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  slice body = request_body(&a);
  size_t limit = 0;
  ending end;
  while ((end = attest_with(body, limit, -1)) == ENDED_WITHOUT_MEMORY)
    cr_assert((limit += 1000) < EVIDENCE_ARENA);
  cr_expect_eq(end, ENDED_PERMITTED);
  arena_free(&a);
}
