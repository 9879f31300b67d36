/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of claims is right in itself, and says of evidence what
 * evidence does. */
#include "compiler/claim_catalogue.h"
#include "base/file.h"
#include "evidence/kinds.h"
#include "evidence/snp_report.h"
#include "evidence/tdx_quote.h"
#include "tests/unit/evidence_fixture.h"
#include "tests/unit/evidence_snp_fixture.h"
#include "token/attest.h"

enum { NOW = 1750000000 };

#define EACH_ENTRY(e) for (const claim_entry *e = claim_catalogue; e->name; e++)

/* --- rows ----------------------------------------------------------------- */

Test(claim_catalogue, rows_are_sorted) {
  EACH_ENTRY(e) {
    if (e[1].name)
      cr_expect_leq(strcmp(e->name, e[1].name), 0, "%s", e[1].name);
  }
}

Test(claim_catalogue, no_type_has_two_rows_of_a_name) {
  EACH_ENTRY(e) {
    for (const claim_entry *f = e + 1; f->name; f++)
      if (strcmp(e->name, f->name) == 0)
        cr_expect_eq(e->types & f->types, 0, "%s", e->name);
  }
}

Test(claim_catalogue, rows_are_complete) {
  EACH_ENTRY(e) {
    cr_expect(e->kind == VALUE_BOOLEAN || e->kind == VALUE_INTEGER ||
                  e->kind == VALUE_STRING,
              "%s", e->name);
    cr_expect(e->meaning && *e->meaning && e->source && *e->source, "%s",
              e->name);
    cr_expect_neq(e->types, 0, "%s", e->name);
    cr_expect_eq(e->types & CLAIM_TYPE(ATTESTATION_TYPE_UNKNOWN), 0);
    cr_expect_lt(e->types, CLAIM_TYPE(ATTESTATION_TYPE_COUNT));
  }
}

Test(claim_catalogue, examples_are_written_as_the_row_says) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  EACH_ENTRY(e) {
    value v;
    json_error problem;
    slice example = slice_from(e->example);
    cr_expect(claim_entry_fits(e, example), "%s: %s", e->name, e->example);
    if (e->format == CLAIM_JSON)
      cr_expect(json_read(&a, example, 0, &v, &problem), "%s", e->name);
  }
  arena_free(&a);
}

/* What replaces a name is there for the same evidence and of the same form. */
Test(claim_catalogue, deprecated_names_have_a_successor) {
  EACH_ENTRY(e) {
    if (!e->deprecated_for)
      continue;
    for (int t = 1; t < ATTESTATION_TYPE_COUNT; t++) {
      attestation_type type = (attestation_type)t;
      const claim_entry *f =
          claim_catalogue_find(slice_from(e->deprecated_for), type);
      if (!claim_entry_is_of(e, type))
        continue;
      cr_assert(f, "%s", e->name);
      cr_expect(!f->deprecated_for, "%s", e->name);
      cr_expect(f->kind == e->kind && f->format == e->format &&
                    f->length == e->length,
                "%s", e->name);
    }
  }
}

/* --- look-up -------------------------------------------------------------- */

Test(claim_catalogue, finds_by_name_and_type) {
  slice svn = SLICE("x-ms-sgx-svn"), type = SLICE("x-ms-attestation-type");
  const claim_entry *e = claim_catalogue_find(svn, ATTESTATION_OPEN_ENCLAVE);
  cr_assert(e);
  cr_expect_eq(e->kind, VALUE_INTEGER);
  cr_expect_eq(e, claim_catalogue_find(svn, ATTESTATION_TYPE_UNKNOWN));
  cr_expect_null(claim_catalogue_find(svn, ATTESTATION_SEV_SNP_VM));
  cr_expect_null(
      claim_catalogue_find(SLICE("X-MS-SGX-SVN"), ATTESTATION_SGX_ENCLAVE));
  for (int t = 1; t < ATTESTATION_TYPE_COUNT; t++) {
    e = claim_catalogue_find(type, (attestation_type)t);
    cr_assert(e);
    cr_expect_str_eq(e->example, attestation_type_claim((attestation_type)t));
  }
}

Test(claim_catalogue, guesses_what_the_type_has) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  slice name = SLICE("x-ms-sevsnpvm-launchmesurement");
  cr_expect_str_eq(claim_catalogue_near(&a, name, ATTESTATION_SEV_SNP_VM),
                   "x-ms-sevsnpvm-launchmeasurement");
  cr_expect_null(claim_catalogue_near(&a, name, ATTESTATION_TPM));
  arena_free(&a);
}

Test(claim_catalogue, marks) {
  attestation_type tpm = ATTESTATION_TPM, guest = ATTESTATION_AZURE_GUEST;
  cr_expect(claim_catalogue_find(SLICE("pcrs"), tpm)->is_read_only);
  cr_expect(!claim_catalogue_find(SLICE("events"), tpm)->is_read_only);
  cr_expect(claim_catalogue_find(SLICE("x-ms-azurevm-attested-pcrs"), guest)
                ->is_multi_valued);
  cr_expect(!claim_catalogue_find(SLICE("secureboot"), guest)->is_multi_valued);
  const claim_entry *e =
      claim_catalogue_find(SLICE("svn"), ATTESTATION_SGX_ENCLAVE);
  cr_expect_str_eq(claim_entry_issuer(e), "AttestationPolicy");
  e = claim_catalogue_find(SLICE("$svn"), ATTESTATION_SGX_ENCLAVE);
  cr_expect_str_eq(claim_entry_issuer(e), "AttestationService");
}

/* --- formats -------------------------------------------------------------- */

Test(claim_catalogue, tells_what_fits) {
  static const struct {
    claim_entry entry;
    const char *text, *described;
    bool fits;
  } rows[] = {
      {{.kind = VALUE_BOOLEAN}, "true", "true or false", true},
      {{.kind = VALUE_BOOLEAN}, "True", "true or false", false},
      {{.kind = VALUE_INTEGER}, "-7", "decimal", true},
      {{.kind = VALUE_INTEGER}, "7.5", "decimal", false},
      {{.kind = VALUE_INTEGER}, "", "decimal", false},
#define FORM(f, n) {.kind = VALUE_STRING, .format = (f), .length = (n)}
      {FORM(CLAIM_HEX, 2), "00fe", "4 lower-case hex digits", true},
      {FORM(CLAIM_HEX, 2), "00FE", "4 lower-case hex digits", false},
      {FORM(CLAIM_HEX, 2), "00fe00", "4 lower-case hex digits", false},
      {FORM(CLAIM_HEX, 0), "00f", "lower-case hex digits", false},
      {FORM(CLAIM_BASE64, 2), "+/8=", "4 characters of base64", true},
      {FORM(CLAIM_BASE64, 2), "+/8", "4 characters of base64", false},
      {FORM(CLAIM_BASE64, 1), "+w==", "4 characters of base64", true},
      {FORM(CLAIM_BASE64, 0), "+===", "characters of base64", false},
      {FORM(CLAIM_BASE64URL, 2), "-_8",
       "3 characters of base64url, without padding", true},
      {FORM(CLAIM_BASE64URL, 2),
       "-_8=", "3 characters of base64url, without padding", false},
      {FORM(CLAIM_BASE64URL, 0), "-_888",
       "characters of base64url, without padding", false},
      {FORM(CLAIM_JSON, 0), "{}", "JSON; a policy gets its text", true},
      {FORM(CLAIM_JSON, 0), "[1]", "JSON; a policy gets its text", true},
      {FORM(CLAIM_JSON, 0), "{]", "JSON; a policy gets its text", false},
      {FORM(CLAIM_PLAIN, 0), "any text", "text", true},
#undef FORM
      {{.kind = VALUE_STRING, .values = "tpm|vbs"}, "vbs", "tpm, vbs", true},
      {{.kind = VALUE_STRING, .values = "tpm|vbs"},
       "tpm|vbs",
       "tpm, vbs",
       false},
      {{.kind = VALUE_STRING, .values = "tpm|vbs"}, "vb", "tpm, vbs", false},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer text = buffer_in(&a);
    claim_format_describe(&text, &rows[i].entry);
    cr_expect_str_eq(buffer_slice(&text).data, rows[i].described);
    cr_expect_eq(claim_entry_fits(&rows[i].entry, slice_from(rows[i].text)),
                 rows[i].fits, "%s: %s", rows[i].described, rows[i].text);
  }
  arena_free(&a);
}

/* --- evidence ------------------------------------------------------------- */

static bool is_of_one_type(const char *name, attestation_type type,
                           value_kind kind) {
  const claim_entry *e = claim_catalogue_find(slice_from(name), type);
  return e && e->kind == kind && e->types == CLAIM_TYPE(type);
}

Test(claim_catalogue, has_the_rows_of_evidence) {
  for (const snp_claim_row *row = snp_claim_rows; row->name; row++)
    cr_expect(is_of_one_type(row->name, ATTESTATION_SEV_SNP_VM, row->kind),
              "%s", row->name);
  for (const tdx_claim_row *row = tdx_claim_rows; row->name; row++)
    cr_expect(is_of_one_type(row->name, ATTESTATION_TDX_VM, row->kind), "%s",
              row->name);
}

/* A value as the policy gets it. */
static slice text_of(arena *a, const value *v) {
  buffer text = buffer_in(a);
  if (v->kind == VALUE_STRING)
    return value_string(v);
  json_write(&text, v);
  return buffer_slice(&text);
}

static void expect_form(arena *a, const claim_entry *e, const value *v) {
  slice text = text_of(a, v);
  bool is_object = v->kind == VALUE_OBJECT || v->kind == VALUE_ARRAY;
  cr_expect_eq(is_object ? VALUE_STRING : v->kind, e->kind, "%s", e->name);
  cr_expect(!is_object || e->format == CLAIM_JSON, "%s", e->name);
  cr_expect(claim_entry_fits(e, text), "%s: %.*s", e->name, SLICE_ARGS(text));
}

/* The object's members are claims of that type, of the right form, for those
 * whom the row names. */
static void expect_known(arena *a, attestation_type type, const value *object,
                         bool for_policy, bool for_token) {
  for (uint32_t i = 0; i < object->count; i++) {
    const member *m = &object->members[i];
    const claim_entry *e = claim_catalogue_find(member_name(m), type);
    cr_assert(e, "%.*s of %s is not in the catalogue",
              SLICE_ARGS(member_name(m)), attestation_type_name(type));
    /* A claim for each item, unless they are objects. */
    bool is_list = m->value.kind == VALUE_ARRAY &&
                   (m->value.count == 0 ||
                    m->value.items[0].kind != VALUE_OBJECT);
    cr_expect(!is_list || e->is_multi_valued, "%s", e->name);
    for (uint32_t k = 0; is_list && k < m->value.count; k++)
      expect_form(a, e, &m->value.items[k]);
    if (!is_list)
      expect_form(a, e, &m->value);
    cr_expect(!for_policy || e->seen != CLAIM_SEEN_IN_TOKEN, "%s", e->name);
    cr_expect(!for_token || e->seen != CLAIM_SEEN_BY_POLICY, "%s", e->name);
  }
}

static bool has(const value *object, const char *name) {
  return value_member(object, slice_from(name)) != NULL;
}

/* Of data that the client sends, or only of what is verified in full. */
static bool is_made_later(const claim_entry *e) {
  return strcmp(e->name, "x-ms-runtime") == 0 ||
         strcmp(e->name, "x-ms-inittime") == 0 ||
         strcmp(e->name, "x-ms-compliance-status") == 0 ||
         strcmp(e->name, "attester_tcb_status") == 0;
}

/* What evidence of a type gives: claims with those of runtime data. */
typedef struct produced {
  evidence evidence;
  value held, runtime;
} produced;

static produced produce(arena *a, attestation_type type) {
  static const char *const none[] = {NULL}, *const kss[] = {"kss=true", NULL};
  bool is_sgx =
      type == ATTESTATION_SGX_ENCLAVE || type == ATTESTATION_OPEN_ENCLAVE;
  static const char *const whole[] = {"enclave=true", "other-key=true",
                                      "boot-attestation=true", "rp-data=x",
                                      NULL};
  bytes data = bytes_from_slice(SLICE("{\"k\":1}"));
  evidence_error problem;
  evidence_made made = made_evidence(a, type,
                                     is_sgx                    ? kss
                                     : type == ATTESTATION_TPM ? whole
                                                               : none);
  produced p = {.evidence = parsed_evidence(a, type, made.raw)};
  cr_assert(
      evidence_runtime_claims(a, &p.evidence, data, false, &p.held, &problem));
  cr_assert(evidence_runtime_claims(a, &p.evidence, data, true, &p.runtime,
                                    &problem));
  return p;
}

/* Of every kind that there is, or ever will be. */
Test(claim_catalogue, has_every_claim_of_evidence) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (int t = 1; t < ATTESTATION_TYPE_COUNT; t++) {
    attestation_type type = (attestation_type)t;
    const evidence_kind *kind = evidence_kind_of(type);
    if (!kind || !kind->make)
      continue;
    produced p = produce(&a, type);
    bool in_token = type != ATTESTATION_TPM;
    expect_known(&a, type, &p.evidence.claims, true, in_token);
    expect_known(&a, type, &p.evidence.legacy_claims, true, false);
    expect_known(&a, type, &p.evidence.token_claims, false, true);
    expect_known(&a, type, &p.held, true, true);
    expect_known(&a, type, &p.runtime, true, true);
    cr_expect(has(&p.runtime, "x-ms-runtime"));
  }
  arena_free(&a);
}

/* The other way round: evidence gives each claim, under the name and to the
 * readers that the row says. */
static void expect_no_more(arena *a, attestation_type type) {
  produced p = produce(a, type);
  bool has_legacy = type != ATTESTATION_TPM;
  EACH_ENTRY(row) {
    if (!claim_entry_is_of(row, type) || row->seen == CLAIM_SEEN_IN_TOKEN ||
        is_made_later(row))
      continue;
    bool is_legacy = has_legacy && row->seen == CLAIM_SEEN_BY_POLICY;
    cr_expect_eq(has(&p.evidence.legacy_claims, row->name), is_legacy, "%s",
                 row->name);
    cr_expect_eq(has(&p.evidence.claims, row->name) || has(&p.held, row->name),
                 !is_legacy, "%s of %s", row->name,
                 attestation_type_name(type));
  }
}

Test(claim_catalogue, has_no_claim_that_evidence_lacks) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  expect_no_more(&a, ATTESTATION_SGX_ENCLAVE);
  expect_no_more(&a, ATTESTATION_AZURE_GUEST);
  expect_no_more(&a, ATTESTATION_OPEN_ENCLAVE);
  expect_no_more(&a, ATTESTATION_SEV_SNP_VM);
  expect_no_more(&a, ATTESTATION_TDX_VM);
  expect_no_more(&a, ATTESTATION_TPM);
  arena_free(&a);
}

Test(claim_catalogue, knows_what_verification_adds) {
  static const char *const none[] = {NULL},
                           *const feed[] = {"uvm-feed=ContainerPlat-AMD-UVM",
                                            NULL};
  TEST_ARENA(a, EVIDENCE_ARENA);
  snp_sample sample = snp_sample_of(&a, feed);
  snp_verified(&a, &sample, &sample.evidence, SNP_NOW);
  cr_assert(has(&sample.evidence.claims, "x-ms-compliance-status"));
  expect_known(&a, ATTESTATION_SEV_SNP_VM, &sample.evidence.claims, true, true);
  evidence_made made = made_evidence(&a, ATTESTATION_TDX_VM, none);
  evidence e = parsed_evidence(&a, ATTESTATION_TDX_VM, made.raw);
  e.verification.status = VERIFICATION_FULL;
  e.verification.tcb_status = "OutOfDate";
  tdx_add_verified_claims(&a, &e);
  cr_assert(has(&e.claims, "attester_tcb_status"));
  expect_known(&a, ATTESTATION_TDX_VM, &e.claims, true, true);
  arena_free(&a);
}

/* --- examples ------------------------------------------------------------- */

static slice example(arena *a, const char *path) {
  slice text = SLICE_EMPTY;
  const char *reason = "";
  cr_assert_eq(file_read(a, path, LIMIT_REQUEST_BYTES, &text, &reason), FILE_OK,
               "%s: %s", path, reason);
  return text;
}

/* A request under the service's default policy, to the whole token. */
static void expect_known_token(arena *a, attestation_type type,
                               const char *path) {
  attest_request request;
  attest_result *result = ARENA_NEW(a, attest_result);
  notes remarks = notes_in(a);
  service_error error;
  verify_options verify = {.level = VERIFY_NONE, .now = NOW};
  cr_assert(attest_request_read(a, type, example(a, path), &request, &remarks,
                                &error));
  request.has_nonce = true;
  request.nonce = SLICE("1234");
  attest_options options = {.issuer = SLICE("https://example.invalid"),
                            .now = NOW,
                            .verify = &verify};
  attest(a, &request, &options, result);
  cr_assert_eq(result->outcome, ATTEST_PERMITTED, "%s", path);
  cr_assert_gt(result->payload.count, 10);
  cr_expect(has(&result->payload, "nonce"));
  cr_expect(has(&result->payload, "x-ms-runtime"));
  expect_known(a, type, &result->payload, false, true);
}

Test(claim_catalogue, has_every_claim_of_the_examples_tokens) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  expect_known_token(&a, ATTESTATION_SGX_ENCLAVE, "examples/sgx/request.json");
  expect_known_token(&a, ATTESTATION_TDX_VM, "examples/tdx/request.json");
  arena_free(&a);
}
