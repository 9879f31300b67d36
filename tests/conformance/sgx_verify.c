/* SPDX-License-Identifier: Apache-2.0 */
/* Real quotes and reports verify under Intel's root, no byte of them can
 * change, and real collateral gives the status and the hashes that others
 * found. Data: $MAAPOL_DATA/evidence/sgx and openenclave. */
#include <dirent.h>

#include "base/base64.h"
#include "base/limits.h"
#include "evidence/collateral.h"
#include "evidence/decode.h"
#include "evidence/oe_report.h"
#include "tests/conformance/shared/runner.h"

enum { QUOTES_NOW = 1720000000, COLLATERAL_NOW = 1751328000 };

static void check_in(runner *t, bool good, const char *where,
                     const char *what) {
  t->sample = where;
  check(t, good, "%s", what);
}

static bool read_in(runner *t, const char *folder, const char *name,
                    slice *text) {
  t->folder = folder;
  return read_file(t, name, text);
}

/* --- bytes ---------------------------------------------------------------- */

static bool verifies(runner *t, attestation_type type, bytes raw) {
  arena a;
  jmp_buf failure;
  evidence e;
  evidence_error error;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    arena_free(&a);
    return true; /* a failure of the test */
  }
  bool good = evidence_parse(&a, type, raw, &e, &error);
  if (good) {
    evidence_verify(&a, &e, &t->options);
    good = evidence_is_verified(&e.verification);
  }
  arena_free(&a);
  return good;
}

/* Signed are header, report and the signature data up to the certificates;
 * the header of a report is framing, of which every byte is checked. */
static void flip_bytes(runner *t, const char *folder, attestation_type type,
                       bytes raw) {
  uint8_t *copy = arena_alloc(t->arena, raw.length);
  size_t frame = type == ATTESTATION_OPEN_ENCLAVE ? OE_REPORT_HEADER_BYTES : 0;
  size_t end = frame + SGX_SIGNATURE_OFFSET + 64 + 64 + 384 + 64 + 2 + 32;
  memcpy(copy, raw.data, raw.length);
  size_t verified = 0;
  for (size_t i = 0; i < end; i++) {
    copy[i] ^= 0x20;
    verified += verifies(t, type, (bytes){copy, raw.length});
    copy[i] ^= 0x20;
  }
  check_in(t, verified == 0, folder, "verified with a changed byte");
}

static void run_quote(runner *t, const char *folder, attestation_type type) {
  evidence_input input;
  evidence_error error;
  slice text;
  if (!read_in(t, folder, "evidence.bin", &text))
    return;
  bool good = evidence_decode(t->arena, text, &input, &error);
  check_in(t, good, folder, "not read");
  if (!good)
    return;
  check_in(t, verifies(t, type, input.raw), folder, "does not verify");
  flip_bytes(t, folder, type, input.raw);
  t->options.now = 0;
  check_in(t, !verifies(t, type, input.raw), folder, "verifies in 1970");
  t->options.now = QUOTES_NOW;
}

static void walk(runner *t, const char *folder, attestation_type type,
                 int depth) {
  DIR *directory = opendir(folder);
  if (!directory)
    return;
  run_quote(t, folder, type);
  for (struct dirent *d = readdir(directory); d; d = readdir(directory))
    if (d->d_name[0] != '.' && depth > 0)
      walk(t, join(t->arena, folder, d->d_name), type, depth - 1);
  closedir(directory);
}

/* --- collateral ----------------------------------------------------------- */

static slice text_of(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

/* The file as Intel's service would have given it out. */
static slice document(runner *t, const value *all, const char *name,
                      const char *text, const char *signature) {
  buffer out = buffer_in(t->arena);
  slice inner = text_of(all, text), hex = text_of(all, signature);
  buffer_printf(&out, "{\"%s\":", name);
  buffer_add(&out, inner);
  buffer_text(&out, ",\"signature\":\"");
  buffer_add(&out, hex);
  buffer_text(&out, "\"}");
  return buffer_slice(&out);
}

static bool read_collateral(runner *t, const char *folder, collateral *c) {
  slice text;
  value all;
  json_error error;
  if (!read_in(t, folder, "collateral.json", &text) ||
      !json_read(t->arena, text, 0, &all, &error))
    return false;
  *c = (collateral){
      .tcb_info =
          document(t, &all, "tcbInfo", "tcb_info", "tcb_info_signature"),
      .qe_identity = document(t, &all, "enclaveIdentity", "qe_identity",
                              "qe_identity_signature"),
      .tcb_signing_chain = text_of(&all, "tcb_info_issuer_chain")};
  return hex_decode(t->arena, text_of(&all, "pck_crl"), &c->pck_crl) &&
         hex_decode(t->arena, text_of(&all, "root_ca_crl"), &c->root_ca_crl);
}

static void run_collateral(runner *t, const char *folder) {
  static const struct {
    int64_t now;
    const char *accepted; /* NULL: the usual ones */
    verification_status expected;
  } rows[] = {
      {COLLATERAL_NOW, NULL, VERIFICATION_FULL},
      {COLLATERAL_NOW, "ConfigurationAndSWHardeningNeeded", VERIFICATION_FULL},
      {COLLATERAL_NOW, "UpToDate", VERIFICATION_FAILED},
      {COLLATERAL_NOW + 60 * 86400, NULL, VERIFICATION_FAILED},
      {COLLATERAL_NOW - 60 * 86400, NULL, VERIFICATION_FAILED},
  };
  collateral given;
  evidence e;
  evidence_error error;
  slice raw;
  if (!read_collateral(t, folder, &given) ||
      !read_in(t, folder, "evidence.bin", &raw))
    return;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *accepted[] = {rows[i].accepted, NULL};
    verify_options options = t->options;
    options.level = VERIFY_FULL;
    options.now = rows[i].now;
    options.collateral = &given;
    options.accepted_tcb = rows[i].accepted ? accepted : NULL;
    bool good = evidence_parse(t->arena, ATTESTATION_SGX_ENCLAVE,
                               bytes_from_slice(raw), &e, &error);
    if (good)
      evidence_verify(t->arena, &e, &options);
    check_in(t, good && e.verification.status == rows[i].expected, folder,
          good && e.verification.reason ? e.verification.reason : "status");
    const char *status = good ? e.verification.tcb_status : NULL;
    check_in(t,
          i > 2 || (status && strcmp(status,
                                     "ConfigurationAndSWHardeningNeeded") == 0),
          folder, "TCB status");
  }
}

/* --- hashes --------------------------------------------------------------- */

static bool is_recorded(const value *expected, slice hash) {
  for (uint32_t i = 0; i < expected->count; i++) {
    const value *v = &expected->members[i].value;
    if (v->kind == VALUE_STRING && slice_equal(value_string(v), hash))
      return true;
  }
  return false;
}

static void run_hashes(runner *t, const char *folder) {
  static const struct {
    const char *file, *claim;
  } rows[] = {
      {"issuer_chain_2020_to_2021-06.pem", "qeidcertshash"},
      {"issuer_chain_2021-06_to_2022-11.pem", "tcbinfocertshash"},
      {"root_ca_crl_2021-04-26.der", "qeidcrlhash"},
      {"root_ca_crl_2021-04-26.pem", "tcbinfocrlhash"},
  };
  slice text;
  value expected;
  json_error error;
  if (!read_in(t, folder, "expected.json", &text) ||
      !json_read(t->arena, text, 0, &expected, &error))
    return;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    object_builder none = object_in(t->arena), claims = object_in(t->arena);
    object_set(&claims, SLICE("x-ms-sgx-collateral"), object_value(&none));
    evidence e = {.token_claims = object_value(&claims)};
    collateral given = {0};
    bool good = read_in(t, folder, rows[i].file, &text);
    if (i < 2)
      given.tcb_signing_chain = text;
    else
      given.root_ca_crl = bytes_from_slice(text);
    collateral_add_hashes(t->arena, &e, &given);
    const value *hashes =
        value_member(&e.token_claims, SLICE("x-ms-sgx-collateral"));
    check_in(t, good && is_recorded(&expected, text_of(hashes, rows[i].claim)),
          rows[i].file, rows[i].claim);
  }
}

static void run(runner *t) {
  arena *a = t->arena;
  const char *root = t->folder;
  t->options = (verify_options){.level = VERIFY_SIGNATURE,
                                .now = QUOTES_NOW,
                                .roots = roots_builtin(a)};
  walk(t, join(a, root, "sgx"), ATTESTATION_SGX_ENCLAVE, 2);
  walk(t, join(a, root, "openenclave"), ATTESTATION_OPEN_ENCLAVE, 2);
  run_collateral(t, join(a, root, "sgx/phala"));
  run_hashes(t, join(a, root, "sgx/collateral-hashes"));
}

int main(void) { return run_conformance("sgx_verify", "", run); }
