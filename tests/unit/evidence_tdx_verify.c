/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509.h>

#include "evidence/tdx_verify.h"
#include "tests/unit/evidence_fixture.h"

enum { NOW = 1750000000 };

typedef struct tdx_sample {
  evidence evidence;
  trust_roots roots; /* the test root alone */
} tdx_sample;

static tdx_sample sample_of(arena *a, const char *const *settings) {
  tdx_sample sample = {0};
  certificate_chain chain;
  const char *reason;
  evidence_made made = made_evidence(a, ATTESTATION_TDX_VM, settings);
  sample.evidence = parsed_evidence(a, ATTESTATION_TDX_VM, made.raw);
  const tdx_quote *quote = sample.evidence.detail;
  cr_assert(certificate_chain_read(a, quote->signature.certification_data,
                                   &chain, &reason));
  cr_assert_eq(chain.count, 3u);
  sample.roots.items = ARENA_ARRAY(a, 1, X509 *);
  sample.roots.names = ARENA_ARRAY(a, 1, const char *);
  sample.roots.items[0] = chain.items[2];
  sample.roots.names[0] = "test root";
  sample.roots.count = 1;
  return sample;
}

static verification_status verified(arena *a, const tdx_sample *sample,
                                    evidence *e, verify_level level) {
  verify_options options = {
      .level = level, .now = NOW, .roots = sample->roots};
  evidence_verify(a, e, &options);
  return e->verification.status;
}

static const struct {
  const char *setting;
  verification_status status;
  const char *reason; /* a part of it, or NULL */
} rows[] = {
    {"version=4", VERIFICATION_SIGNATURE, NULL},
    {"version=5", VERIFICATION_SIGNATURE, NULL},
    {"body=1.5", VERIFICATION_SIGNATURE, NULL},
    {"trailing=70", VERIFICATION_SIGNATURE, NULL},
    {"auth-data=", VERIFICATION_SIGNATURE, NULL},
    /* A policy's matter, not one of signatures. */
    {"debug=true", VERIFICATION_SIGNATURE, NULL},
    {"qe-product-id=1", VERIFICATION_FAILED, "product id 1, but 2 is wanted"},
    {"qe-attributes=0x17", VERIFICATION_FAILED, "debug mode"},
    /* Intel's quoting enclave of SGX may not vouch for a TD. */
    {"qe-mrsigner="
     "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff",
     VERIFICATION_FAILED, "MRSIGNER"},
};

Test(tdx_verify, holds_what_must_hold) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    const char *settings[] = {rows[i].setting, NULL};
    tdx_sample sample = sample_of(&a, settings);
    evidence *e = &sample.evidence;
    verification_status status =
        verified(&a, &sample, e, VERIFY_SIGNATURE);
    cr_expect_eq(status, rows[i].status, "%s: %s", rows[i].setting,
                 e->verification.reason ? e->verification.reason : "");
    if (rows[i].reason)
      cr_expect_not_null(strstr(e->verification.reason, rows[i].reason), "%s",
                         e->verification.reason);
  }
  arena_free(&a);
}

Test(tdx_verify, wants_a_trusted_root_and_collateral) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  tdx_sample sample = sample_of(&a, NULL), other = sample_of(&a, NULL);
  evidence *e = &sample.evidence;
  cr_expect_eq(verified(&a, &sample, e, VERIFY_FULL), VERIFICATION_NOT_DONE);
  cr_expect_not_null(strstr(e->verification.reason, "collateral"));
  cr_expect_null(value_member(&e->claims, SLICE("attester_tcb_status")));
  cr_expect_not(evidence_is_verified(&e->verification));
  verified(&a, &other, e, VERIFY_SIGNATURE);
  cr_expect_not(evidence_is_verified(&e->verification));
  tdx_sample none = {.evidence = *e};
  verified(&a, &none, e, VERIFY_SIGNATURE);
  cr_expect_not(evidence_is_verified(&e->verification));
  none.roots = roots_builtin(&a);
  verified(&a, &none, e, VERIFY_SIGNATURE);
  cr_expect_not(evidence_is_verified(&e->verification));
  arena_free(&a);
}

/* The status of the platform becomes a claim only once all was checked. */
Test(tdx_verify, tells_the_tcb_status_only_when_it_was_evaluated) {
  static const struct {
    verification_status status;
    const char *tcb;
    bool told;
  } cases[] = {
      {VERIFICATION_NOT_DONE, "UpToDate", false},
      {VERIFICATION_FAILED, "OutOfDate", false},
      {VERIFICATION_SIGNATURE, NULL, false},
      {VERIFICATION_FULL, "SWHardeningNeeded", true},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  evidence_made made = made_evidence(&a, ATTESTATION_TDX_VM, NULL);
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    evidence e = parsed_evidence(&a, ATTESTATION_TDX_VM, made.raw);
    uint32_t before = e.claims.count;
    e.verification.status = cases[i].status;
    e.verification.tcb_status = cases[i].tcb;
    tdx_add_verified_claims(&a, &e);
    const value *claim = value_member(&e.claims, SLICE("attester_tcb_status"));
    cr_expect_eq(claim != NULL, cases[i].told, "row %zu", i);
    cr_expect_eq(e.claims.count, before + (cases[i].told ? 1 : 0));
    if (claim)
      cr_expect(slice_is(value_string(claim), cases[i].tcb));
  }
  arena_free(&a);
}

/* --- a changed byte ------------------------------------------------------- */

/* How many changed bytes of a region still verify. */
static unsigned survivors(arena *b, const tdx_sample *sample, bytes region,
                          size_t step) {
  bytes whole = sample->evidence.raw;
  uint8_t *raw = malloc(whole.length);
  memcpy(raw, whole.data, whole.length);
  size_t begin = (size_t)(region.data - whole.data);
  unsigned count = 0;
  for (size_t i = begin; i < begin + region.length; i += step) {
    evidence e;
    evidence_error error = {0};
    uint8_t mask = (uint8_t)(1u << i % 8);
    raw[i] ^= mask;
    if (evidence_parse(b, ATTESTATION_TDX_VM, (bytes){raw, whole.length}, &e,
                       &error)) {
      verified(b, sample, &e, VERIFY_SIGNATURE);
      count += evidence_is_verified(&e.verification);
    }
    raw[i] ^= mask;
    arena_reset(b);
  }
  free(raw);
  return count;
}

Test(tdx_verify, notices_every_changed_byte) {
  static const char *const forms[] = {"version=4", "body=1.5"};
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(forms); i++) {
    const char *settings[] = {forms[i], NULL};
    tdx_sample sample = sample_of(&a, settings);
    const tdx_quote *quote = sample.evidence.detail;
    const sgx_signature *s = &quote->signature;
    /* The leaf's text: behind its first line, before its last ones. */
    bytes leaf = {s->certification_data.data + 28, 600};
    cr_expect_eq(survivors(&b, &sample, quote->signed_part, 1), 0u);
    cr_expect_eq(survivors(&b, &sample, s->signature, 1), 0u);
    cr_expect_eq(survivors(&b, &sample, s->attestation_key, 1), 0u);
    cr_expect_eq(survivors(&b, &sample, s->qe_report, 1), 0u);
    cr_expect_eq(survivors(&b, &sample, s->qe_report_signature, 1), 0u);
    cr_expect_eq(survivors(&b, &sample, s->auth_data, 1), 0u);
    cr_expect_eq(survivors(&b, &sample, leaf, 7), 0u);
  }
  arena_free(&b);
  arena_free(&a);
}

/* --- the TDX module ------------------------------------------------------- */

#define ZEROS_48                                                               \
  "000000000000000000000000000000000000000000000000"                          \
  "000000000000000000000000000000000000000000000000"
#define SIGNER_48                                                              \
  "000000000000000000000000000000000000000000000000"                          \
  "0000000000000000000000000000000000000000000000ff"
#define IDENTITY(id, signer, attributes, mask, levels)                         \
  "{\"id\":\"" id "\",\"mrsigner\":\"" signer "\",\"attributes\":\""           \
  attributes "\",\"attributesMask\":\"" mask "\",\"tcbLevels\":" levels "}"
#define LEVEL(svn, status)                                                     \
  "{\"tcb\":{\"isvsvn\":" svn "},\"tcbDate\":\"2024-03-13T00:00:00Z\","        \
  "\"tcbStatus\":\"" status "\"}"
#define LEVELS                                                                 \
  "[" LEVEL("6", "UpToDate") "," LEVEL("4", "OutOfDate") "]"
#define NO_FLAGS "0000000000000000"
#define ALL_FLAGS "FFFFFFFFFFFFFFFF"
#define GOOD(id) IDENTITY(id, ZEROS_48, NO_FLAGS, ALL_FLAGS, LEVELS)
#define LIST(entries) "{\"tdxModuleIdentities\":[" entries "]}"
#define MODULE(signer, attributes)                                             \
  "{\"tdxModule\":{\"mrsigner\":\"" signer "\",\"attributes\":\"" attributes   \
  "\",\"attributesMask\":\"" ALL_FLAGS "\"}}"

#define SVN(two) "tee-tcb-svn=" two "0300000000000000000000000000"

static const struct {
  const char *setting, *other, *tcb_info;
  const char *status; /* NULL: a step fails */
  const char *why;    /* a part of the last step's */
} module_rows[] = {
    {SVN("0601"), NULL, LIST(GOOD("TDX_01")), "UpToDate", "with SVN 6"},
    {SVN("ff01"), NULL, LIST(GOOD("TDX_01")), "UpToDate", "with SVN 255"},
    {SVN("0501"), NULL, LIST(GOOD("TDX_01")), "OutOfDate", "with SVN 5"},
    {SVN("0301"), NULL, LIST(GOOD("TDX_01")), NULL, "as low as SVN 3"},
    /* Each generation has its own identity. */
    {SVN("0603"), NULL, LIST(GOOD("TDX_03") "," GOOD("TDX_01")), "UpToDate",
     ""},
    {SVN("0602"), NULL, LIST(GOOD("TDX_03") "," GOOD("TDX_01")), NULL,
     "no module of generation 2"},
    {SVN("061a"), NULL, LIST(GOOD("TDX_1a")), "UpToDate", ""},
    {SVN("0601"), NULL, "{}", NULL, "generation 1"},
    {SVN("0601"), NULL, "{\"tdxModuleIdentities\":{}}", NULL, "generation 1"},
    {SVN("0601"), NULL, LIST("1,null,{\"id\":1}"), NULL, "generation 1"},
    {SVN("0601"), NULL, MODULE(ZEROS_48, NO_FLAGS), NULL, "generation 1"},
    {SVN("0601"), "mrsignerseam=" SIGNER_48, LIST(GOOD("TDX_01")), NULL,
     "MRSIGNERSEAM"},
    {SVN("0601"), NULL,
     LIST(IDENTITY("TDX_01", SIGNER_48, NO_FLAGS, ALL_FLAGS, LEVELS)), NULL,
     "MRSIGNERSEAM"},
    {SVN("0601"), "seam-attributes=1", LIST(GOOD("TDX_01")), NULL,
     "SEAMATTRIBUTES"},
    {SVN("0601"), "seam-attributes=1",
     LIST(IDENTITY("TDX_01", ZEROS_48, NO_FLAGS, "FEFFFFFFFFFFFFFF", LEVELS)),
     "UpToDate", ""},
    {SVN("0601"), NULL,
     LIST(IDENTITY("TDX_01", "00", NO_FLAGS, ALL_FLAGS, LEVELS)), NULL,
     "does not say"},
    {SVN("0601"), NULL,
     LIST(IDENTITY("TDX_01", ZEROS_48, NO_FLAGS, "FF", LEVELS)), NULL,
     "does not say"},
    {SVN("0601"), NULL,
     LIST(IDENTITY("TDX_01", ZEROS_48, NO_FLAGS, ALL_FLAGS, "[]")), NULL,
     "no level"},
    {SVN("0601"), NULL,
     LIST(IDENTITY("TDX_01", ZEROS_48, NO_FLAGS, ALL_FLAGS,
                   "[1,{\"tcb\":1},{\"tcb\":{}}]")),
     NULL, "no level"},
    {SVN("0601"), NULL,
     LIST(IDENTITY("TDX_01", ZEROS_48, NO_FLAGS, ALL_FLAGS,
                   "[" LEVEL("1", "Revoked") "]")),
     "Revoked", ""},
    {SVN("0601"), NULL,
     LIST(IDENTITY("TDX_01", ZEROS_48, NO_FLAGS, ALL_FLAGS,
                   "[" LEVEL("1", "SWHardeningNeeded") "]")),
     NULL, "unknown status"},
    /* The first generation has no level of its own. */
    {SVN("0500"), NULL, MODULE(ZEROS_48, NO_FLAGS), "UpToDate", ""},
    {SVN("0500"), NULL, MODULE(SIGNER_48, NO_FLAGS), NULL, "MRSIGNERSEAM"},
    {SVN("0500"), NULL, MODULE(ZEROS_48, "0100000000000000"), NULL,
     "SEAMATTRIBUTES"},
    {SVN("0500"), NULL, LIST(GOOD("TDX_00")), NULL, "generation 0"},
    {SVN("0500"), NULL, "{\"tdxModule\":[]}", NULL, "generation 0"},
};

Test(tdx_verify, judges_the_module) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(module_rows); i++) {
    const char *settings[] = {module_rows[i].setting, module_rows[i].other,
                              NULL};
    evidence_made made = made_evidence(&a, ATTESTATION_TDX_VM, settings);
    evidence e = parsed_evidence(&a, ATTESTATION_TDX_VM, made.raw);
    value info;
    json_error error;
    tcb_level module = {0};
    cr_assert(json_read(&a, slice_from(module_rows[i].tcb_info), 0, &info,
                        &error),
              "row %zu: %s", i, error.message);
    verifier v = {.arena = &a, .evidence = &e};
    v.end = &v.first;
    bool good = tdx_verify_module(&v, &info, &module);
    cr_assert_not_null(v.first);
    const verification_step *last = v.first;
    while (last->next)
      last = last->next;
    cr_expect_eq(good, module_rows[i].status != NULL, "row %zu: %s", i,
                 last->why);
    cr_expect_eq(last->result == STEP_PASSED, good, "row %zu", i);
    cr_expect_not_null(strstr(last->why, module_rows[i].why), "row %zu: %s",
                       i, last->why);
    if (good)
      cr_expect_str_eq(module.status, module_rows[i].status, "row %zu", i);
  }
  arena_free(&a);
}
