/* SPDX-License-Identifier: Apache-2.0 */
#include "suite/input.h"

#include "base/file.h"
#include "base/limits.h"
#include "compiler/lint.h"
#include "evidence/decode.h"
#include "suite/changes.h"

static bool refuse(arena *a, suite_base *base, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(arena *a, suite_base *base, const char *format, ...) {
  buffer text = buffer_in(a);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  base->failure = buffer_slice(&text).data;
  return false;
}

bool suite_file_read(arena *a, const run_suite *s, slice path, size_t limit,
                     slice *text, const char **reason) {
  const char *why;
  const char *real = suite_root_resolve(a, &s->root, path, &why);
  if (real && file_read(a, real, limit, text, &why) == FILE_OK)
    return true;
  buffer message = buffer_in(a);
  buffer_printf(&message, "%.*s: %s", SLICE_ARGS(path), why);
  *reason = buffer_slice(&message).data;
  return false;
}

static bool read_file(arena *a, const run_suite *s, suite_base *base,
                      slice path, size_t limit, slice *text) {
  return suite_file_read(a, s, path, limit, text, &base->failure);
}

/* --- claims --------------------------------------------------------------- */

static slice json_of(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text);
}

static void read_claims(arena *a, const run_suite *s, suite_base *base) {
  const suite_case *c = base->sample;
  slice text = SLICE_EMPTY;
  claims_error error;
  if (c->claims)
    text = json_of(a, c->claims);
  else if (!read_file(a, s, base, c->file.path, LIMIT_JSON_BYTES, &text))
    return;
  if (!claims_read(&base->claims, text, &error))
    refuse(a, base, "%.*s: %s", SLICE_ARGS(c->file.path), error.message);
}

claim_list suite_case_claims(arena *a, const suite_base *base,
                             const suite_case *c) {
  return suite_change_claims(a, base->claims, c);
}

/* --- evidence ------------------------------------------------------------- */

static bool read_data(arena *a, const run_suite *s, suite_base *base,
                      const suite_file *file, data_kind kind,
                      const evidence_data *found, bound_data *data) {
  slice text;
  if (!file->path.length) {
    if (found->is_given)
      *data = (bound_data){found->is_json ? DATA_JSON : DATA_BINARY,
                           found->data};
    return true;
  }
  if (!read_file(a, s, base, file->path, LIMIT_EVIDENCE_BYTES, &text))
    return false;
  *data = (bound_data){kind == DATA_ABSENT ? DATA_BINARY : kind,
                       bytes_from_slice(text)};
  return true;
}

static attestation_type type_of(const run_suite *s, const policy *p) {
  return s->suite.type != ATTESTATION_TYPE_UNKNOWN
             ? s->suite.type
             : policy_directive_type(p->ast);
}

static bool decode_evidence(arena *a, const run_suite *s, suite_base *base,
                            const policy *p, attest_request *request) {
  const suite_case *c = base->sample;
  slice text;
  evidence_input found;
  evidence_error problem;
  if (!read_file(a, s, base, c->file.path, LIMIT_EVIDENCE_BYTES, &text))
    return false;
  if (!evidence_decode(a, text, &found, &problem))
    return refuse(a, base, "%.*s: %s", SLICE_ARGS(c->file.path),
                  problem.message);
  attestation_type type = type_of(s, p);
  *request = (attest_request){
      .type = type != ATTESTATION_TYPE_UNKNOWN ? type : found.type,
      .evidence = found.raw,
      .has_nonce = c->nonce != NULL,
      .nonce = slice_from(c->nonce)};
  return read_data(a, s, base, &c->runtime_data, c->runtime_type,
                   &found.runtime_data, &request->runtime) &&
         read_data(a, s, base, &c->init_data, c->init_type, &found.init_data,
                   &request->init_time);
}

/* A request that the service would refuse is an answer, not a broken file. */
static bool decode_request(arena *a, const run_suite *s, suite_base *base,
                           const policy *p, attest_request *request) {
  slice body;
  if (!read_file(a, s, base, base->sample->file.path, LIMIT_REQUEST_BYTES,
                 &body))
    return false;
  if (type_of(s, p) == ATTESTATION_TYPE_UNKNOWN)
    return refuse(a, base, "a request needs the suite's \"type\": %s",
                  attestation_type_list());
  notes remarks = notes_in(a);
  service_error error;
  if (attest_request_read(a, type_of(s, p), body, request, &remarks, &error))
    return true;
  base->refusal_code = error.code;
  base->refusal = error.text;
  return false;
}

/* No evidence and no client makes claims of this issuer: they are rules'. */
static void take_claims(suite_base *base, const evaluation *e) {
  for (size_t i = 0; i < e->claims.count; i++)
    if (!slice_equal(e->claims.items[i].issuer, ISSUER_POLICY))
      claims_add(&base->claims, &e->claims.items[i]);
}

static void attest_base(arena *a, const run_suite *s, policy *p,
                        const attest_request *request, suite_base *base) {
  const suite_case *c = base->sample;
  verify_options verify = s->verify;
  verify.level = c->verify;
  verify.now = c->now;
  attest_options options = {.compiled = p,
                            .policy_signer = value_null(),
                            .issuer = SLICE("https://maapol.invalid"),
                            .now = c->now,
                            .verify = &verify};
  attest_result result;
  attest(a, request, &options, &result);
  /* Where configurationrules fail there are no claims, and the evaluation
   * will fail again. */
  if (result.was_evaluated) {
    take_claims(base, &result.evaluation);
    return;
  }
  base->refusal_code = result.error.code;
  base->refusal = result.error.text;
}

void suite_base_read(arena *a, const run_suite *s, policy *p,
                     suite_base *base) {
  base->claims = claims_in(a);
  base->failure = base->refusal = base->refusal_code = NULL;
  base->is_read = true;
  if (base->sample->input == SUITE_CLAIMS) {
    read_claims(a, s, base);
    return;
  }
  attest_request request;
  bool decoded = base->sample->input == SUITE_REQUEST
                     ? decode_request(a, s, base, p, &request)
                     : decode_evidence(a, s, base, p, &request);
  if (decoded)
    attest_base(a, s, p, &request, base);
}
