/* SPDX-License-Identifier: Apache-2.0 */
/* Real quotes and reports against the claims in the service's recorded tokens
 * and against claims computed independently. A folder of $MAAPOL_DATA/evidence
 * may hold: evidence.bin (or its parent does), request.json, original.json,
 * expected.claims.json, token.claims.json, response.error.json,
 * expected.verification.json. */
#include <dirent.h>
#include <openssl/x509.h>

#include "evidence/certificate.h"
#include "evidence/decode.h"
#include "evidence/oe_report.h"
#include "sign/ec_key.h"
#include "tests/conformance/shared/runner.h"

/* Claims of the evidence, of its runtime data and of the token alone. */
static const value *find_claim(const value *sets, slice name) {
  for (size_t i = 0; i < 3; i++) {
    const value *v = value_member(&sets[i], name);
    if (v)
      return v;
  }
  return NULL;
}

static bool is_ours(slice name) {
  return slice_starts_with(name, "x-ms-sgx-") || slice_is(name, "maa-ehd") ||
         slice_is(name, "aas-ehd") || slice_is(name, "x-ms-runtime") ||
         slice_is(name, "x-ms-attestation-type");
}

/* The whole collateral needs Intel's files; quotehash does not. */
static void check_collateral(runner *t, const value *sets,
                             const value *expected) {
  const value *claims = find_claim(sets, SLICE("x-ms-sgx-collateral"));
  const value *hash =
      claims ? value_member(claims, SLICE("quotehash")) : NULL;
  check(t, same_value(t->arena, hash, expected), "quotehash");
}

static void check_claims(runner *t, const value *sets, const value *expected) {
  for (uint32_t i = 0; i < expected->count; i++) {
    slice name = member_name(&expected->members[i]);
    const value *wanted = &expected->members[i].value;
    if (slice_is(name, "x-ms-sgx-collateral"))
      check_collateral(t, sets, value_member(wanted, SLICE("quotehash")));
    else if (slice_is(name, "x-ms-sgx-collateral.quotehash"))
      check_collateral(t, sets, wanted);
    else if (is_ours(name))
      check(t, same_value(t->arena, find_claim(sets, name), wanted),
            "claim %.*s differs", SLICE_ARGS(name));
  }
  for (uint32_t i = 0; i < sets[0].count; i++) {
    slice name = member_name(&sets[0].members[i]);
    check(t, value_member(expected, name) != NULL,
          "claim %.*s is not in the token", SLICE_ARGS(name));
  }
}

static bool parse(runner *t, const evidence_input *input, evidence *e) {
  evidence_error error = {0};
  check(t, input->type == t->type, "detected as %s",
        attestation_type_name(input->type));
  bool good = evidence_parse(t->arena, t->type, input->raw, e, &error);
  check(t, good, "%s at %zu", good ? "" : error.message, error.offset);
  return good;
}

static void check_input(runner *t, const evidence_input *input,
                        const value *expected) {
  evidence e;
  evidence_error error;
  if (!parse(t, input, &e))
    return;
  value sets[3] = {e.claims, e.token_claims, {0}};
  const evidence_data *data = &input->runtime_data;
  if (data->is_given) {
    check(t, evidence_check_runtime_data(&e, data->data) == BINDING_HOLDS,
          "the runtime data is not bound");
    check(t,
          evidence_runtime_claims(t->arena, &e, data->data, data->is_json,
                                  &sets[2], &error),
          "runtime data");
  }
  check_claims(t, sets, expected);
}

/* A recorded request, and its token or the service's refusal. */
static void run_request(runner *t) {
  evidence_input input;
  evidence_error error;
  value expected;
  const char *path = join(t->arena, t->folder, "request.json");
  bool good = evidence_decode_file(t->arena, path, &input, &error);
  check(t, good, "request: %s", good ? "" : error.message);
  if (!good)
    return;
  if (read_json(t, "token.claims.json", &expected)) {
    check_input(t, &input, &expected);
  } else if (read_json(t, "response.error.json", &expected)) {
    evidence e;
    check(t,
          parse(t, &input, &e) &&
              evidence_check_runtime_data(&e, input.runtime_data.data) ==
                  BINDING_MISMATCH,
          "the mismatch that the service refused");
  }
}

/* A sample file and the bytes that it stands for. */
static void run_original(runner *t, evidence_input *input) {
  evidence_error error;
  slice held;
  evidence_input original;
  bool good = evidence_decode_file(
      t->arena, join(t->arena, t->folder, "original.json"), &original, &error);
  check(t, good, "original: %s", good ? "" : error.message);
  if (!good || !read_file(t, "ehd.bin", &held))
    return;
  check(
      t,
      slice_equal(slice_from_bytes(original.raw), slice_from_bytes(input->raw)),
      "original.json gives other bytes");
  check(t, slice_equal(slice_from_bytes(original.runtime_data.data), held),
        "original.json gives other held data");
  input->runtime_data = original.runtime_data;
}

/* --- what another implementation read and verified ----------------------- */

/* fields.SECTION.FIELD.value of a dump. */
static const value *dumped(const value *dump, const char *section,
                           const char *field) {
  const value *v = value_member(dump, SLICE("fields"));
  v = v ? value_member(v, slice_from(section)) : NULL;
  v = v ? value_member(v, slice_from(field)) : NULL;
  return v ? value_member(v, SLICE("value")) : NULL;
}

static const struct {
  const char *section, *field; /* of the dump */
  const char *outer, *name;    /* of expected.verification.json */
} known_fields[] = {
    {"header", "qe-svn", NULL, "qe_svn"},
    {"header", "pce-svn", NULL, "pce_svn"},
    {"report", "cpusvn", NULL, "cpusvn"},
    {"qe-report", "mrsigner", "qe", "mrsigner"},
    {"qe-report", "product-id", "qe", "isv_prod_id"},
    {"qe-report", "svn", "qe", "isv_svn"},
    {"platform", "fmspc", "pck", "fmspc"},
    {"platform", "pce-id", "pck", "pceid"},
    {"platform", "sgx-type", "pck", "sgxtype"},
};

/* A certificate there is [common name, first day, last day]. */
static void check_certificates(runner *t, const value *dump,
                               const value *certificates) {
  for (uint32_t i = 0; i < certificates->count; i++) {
    const value *row = certificates->items[i].items;
    buffer section = buffer_in(t->arena), name = buffer_in(t->arena);
    buffer_printf(&section, "certificate-%u", i + 1);
    buffer_printf(&name, "CN=%.*s", SLICE_ARGS(value_string(&row[0])));
    const char *at = buffer_slice(&section).data;
    const value *subject = dumped(dump, at, "subject");
    const value *begin = dumped(dump, at, "not-before");
    const value *end = dumped(dump, at, "not-after");
    check(t,
          subject && begin && end &&
              strstr(arena_string(t->arena, value_string(subject)),
                     buffer_slice(&name).data) &&
              strncmp(begin->string, row[1].string, 10) == 0 &&
              strncmp(end->string, row[2].string, 10) == 0,
          "%s differs", at);
  }
}

static void check_signatures(runner *t, const evidence *e) {
  const oe_report *report = e->detail;
  const sgx_quote *quote = e->type == ATTESTATION_OPEN_ENCLAVE
                               ? &report->quote
                               : (const sgx_quote *)e->detail;
  const sgx_signature *s = &quote->signature;
  certificate_chain chain;
  const char *reason;
  EVP_PKEY *key = ec_key_from_point(t->arena, s->attestation_key);
  check(t, key && ec_verify(key, quote->signed_part, s->signature),
        "quote signature");
  check(t,
        certificate_chain_read(t->arena, s->certification_data, &chain,
                               &reason) &&
            ec_verify(X509_get0_pubkey(chain.items[0]), s->qe_report,
                      s->qe_report_signature),
        "QE report signature");
}

static void check_facts(runner *t, const evidence_input *input,
                        const value *expected) {
  evidence e;
  if (!parse(t, input, &e))
    return;
  check_signatures(t, &e);
  value dump = evidence_show(t->arena, &e);
  for (size_t i = 0; i < sizeof known_fields / sizeof *known_fields; i++) {
    const value *wanted =
        path_in(expected, known_fields[i].outer, known_fields[i].name);
    if (wanted)
      check(t,
            same_value(
                t->arena, wanted,
                dumped(&dump, known_fields[i].section, known_fields[i].field)),
            "%s %s", known_fields[i].section, known_fields[i].field);
  }
  const value *certificates = value_member(expected, SLICE("certs"));
  if (certificates)
    check_certificates(t, &dump, certificates);
}

/* --- folders -------------------------------------------------------------- */

static void run_folder(runner *t) {
  slice text;
  value expected;
  evidence_input input;
  evidence_error error;
  if (read_file(t, "request.json", &text))
    run_request(t);
  if (!read_json(t, "expected.claims.json", &expected))
    return;
  const char *path = join(t->arena, t->folder, "evidence.bin");
  bool good = evidence_decode_file(t->arena, path, &input, &error);
  check(t, good, "evidence: %s", good ? "" : error.message);
  if (!good)
    return;
  if (read_file(t, "original.json", &text))
    run_original(t, &input);
  check_input(t, &input, &expected);
  if (read_json(t, "expected.verification.json", &expected))
    check_facts(t, &input, &expected);
}

/* Samples lie two folders deep; depth bounds what is looked at. */
static void walk(runner *t, const char *folder, int depth) {
  DIR *directory = opendir(folder);
  if (!directory)
    return;
  t->folder = t->sample = folder;
  run_folder(t);
  for (struct dirent *d = readdir(directory); d; d = readdir(directory))
    if (d->d_name[0] != '.' && depth > 0)
      walk(t, join(t->arena, folder, d->d_name), depth - 1);
  closedir(directory);
}

static void run(runner *t) {
  const char *root = t->folder;
  t->type = ATTESTATION_SGX_ENCLAVE;
  walk(t, join(t->arena, root, "sgx"), 2);
  t->type = ATTESTATION_OPEN_ENCLAVE;
  walk(t, join(t->arena, root, "openenclave"), 2);
}

int main(void) { return run_conformance("evidence", "", run); }
