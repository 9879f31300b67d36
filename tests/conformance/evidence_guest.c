/* SPDX-License-Identifier: Apache-2.0 */
/* Real evidence of Azure VMs against values that were computed independently:
 * everything but the issuer of the TPM's certificate verifies; any changed
 * byte of what is signed fails; claims have the names and forms of published
 * tokens. */
#include <dirent.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/limits.h"
#include "evidence/efi_data.h"
#include "evidence/guest_log.h"
#include "evidence/kinds.h"
#include "tests/conformance/shared/runner.h"

enum { NOW = 1630000000 }; /* the certificates were valid in August 2021 */

static bool is_text(const value *v, slice text) {
  return v && v->kind == VALUE_STRING && slice_equal(value_string(v), text);
}

static bool is_true(const value *v) {
  return v && v->kind == VALUE_BOOLEAN && v->boolean;
}

static void verify(runner *t, evidence *e, bool with_roots) {
  verify_options options = {.level = VERIFY_SIGNATURE, .now = NOW};
  if (with_roots)
    options.roots = roots_builtin(t->arena);
  evidence_verify(t->arena, e, &options);
}

static const verification_step *step_of(const evidence *e, const char *what) {
  const verification_step *s = e->verification.steps;
  while (s && strcmp(s->what, what) != 0)
    s = s->next;
  return s;
}

static bool step_is(const evidence *e, const char *what, step_result result) {
  const verification_step *s = step_of(e, what);
  return s && s->result == result;
}

/* --- claims --------------------------------------------------------------- */

static const value *claim(const evidence *e, const char *name) {
  return value_member(&e->claims, slice_from(name));
}

static void check_fields(runner *t, const evidence *e, const value *fields) {
  static const char *const rows[][2] = {
      {"AttestationProtocolVersion", "x-ms-azurevm-attestation-protocol-ver"},
      {"OSBuild", "x-ms-azurevm-osbuild"},
      {"OSDistro", "x-ms-azurevm-osdistro"},
      {"OSType", "x-ms-azurevm-ostype"},
      {"OSVersionMajor", "x-ms-azurevm-osversion-major"},
      {"OSVersionMinor", "x-ms-azurevm-osversion-minor"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const value *wanted = value_member(fields, slice_from(rows[i][0]));
    const value *got = claim(e, rows[i][1]);
    check(t, wanted && got && value_equal(t->arena, wanted, got), "claim %s",
          rows[i][1]);
  }
}

/* The token has the payload as it was sent, in base64. */
static void check_payload(runner *t, const evidence *e, const value *payload) {
  const value *given = path_in(&e->claims, "x-ms-runtime", "client-payload");
  check(t, given && payload && given->count == payload->count,
        "client payload");
  for (uint32_t i = 0; given && i < given->count; i++) {
    const member *m = &given->members[i];
    bytes data;
    check(t,
          base64_decode(t->arena, value_string(&m->value), BASE64_STANDARD,
                        &data) &&
              is_text(value_member(payload, member_name(m)),
                      slice_from_bytes(data)),
          "client payload %.*s", SLICE_ARGS(member_name(m)));
  }
}

static void check_claims(runner *t, const evidence *e, const value *expected) {
  const value *wanted =
      path_in(expected, "log", "secureBootEnabled (docs rule)");
  const value *secure_boot = claim(e, "secureboot");
  const value *pcrs = claim(e, "x-ms-azurevm-attested-pcrs");
  const value *quoted = value_member(expected, SLICE("pcrs_sha256"));
  check_fields(t, e, value_member(expected, SLICE("request_fields")));
  check_payload(t, e, value_member(expected, SLICE("client_payload")));
  check(t, is_text(claim(e, "x-ms-attestation-type"), SLICE("azurevm")),
        "attestation type");
  check(t, wanted && secure_boot && wanted->boolean == secure_boot->boolean,
        "secureboot");
  check(t, pcrs && quoted && pcrs->count == quoted->count, "attested PCRs");
  for (uint32_t i = 0; pcrs && quoted && i < pcrs->count; i++) {
    char name[16];
    snprintf(name, sizeof name, "%lld", (long long)pcrs->items[i].integer);
    check(t, value_member(quoted, slice_from(name)) != NULL, "PCR %s", name);
  }
}

/* --- verification --------------------------------------------------------- */

static void check_steps(runner *t, const evidence *e, const value *expected) {
  static const struct {
    const char *expected, *step;
  } rows[] = {{"quote_signature_valid_with_aik", "quote signature"},
              {"aik_cert_key_equals_aik_pub", "TPM certificate"},
              {"enc_key_certified_by_aik", "encryption key"},
              {"event_log_replay_matches_quoted_pcrs", "event log"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    check(t,
          is_true(value_member(expected, slice_from(rows[i].expected))) ==
              step_is(e, rows[i].step, STEP_PASSED),
          "step %s", rows[i].step);
  check(t, step_is(e, "TPM certificate chain", STEP_SKIPPED),
        "the TPM certificate's issuer is known");
  check(t, e->verification.status == VERIFICATION_NOT_DONE,
        "verified without the TPM certificate's issuer: %s",
        verification_name(e->verification.status));
}

/* With each byte of a part changed, verification fails. */
static void flip(runner *t, evidence *e, const char *name, bytes part) {
  unsigned kept = 0;
  check(t, part.length > 0, "%s is missing", name);
  for (size_t i = 0; i < part.length; i++) {
    uint8_t *at = (uint8_t *)(uintptr_t)part.data + i;
    *at ^= 0x10;
    verify(t, e, false);
    kept += e->verification.status != VERIFICATION_FAILED ||
            !e->verification.reason;
    *at ^= 0x10;
  }
  check(t, kept == 0, "%u changed bytes of the %s go unnoticed", kept, name);
}

/* Digests of the quoted bank in events of quoted PCRs. */
static void flip_log(runner *t, evidence *e) {
  const guest_evidence *guest = e->detail;
  const tcg_log *log = &guest->log;
  size_t bank = 0;
  while (log->banks[bank].algorithm != guest->quote.selections[0].algorithm)
    bank++;
  for (size_t i = 0; i < log->event_count; i++) {
    const tcg_event *event = &log->events[i];
    if (event->type == TCG_EV_NO_ACTION || !(guest->pcr_set >> event->pcr & 1))
      continue;
    flip(t, e, "event log",
         (bytes){event->digests[bank], log->banks[bank].length});
  }
}

static void flip_all(runner *t, evidence *e) {
  const guest_evidence *guest = e->detail;
  flip(t, e, "quote", guest->quote_bytes);
  flip(t, e, "quote signature", guest->quote_signature);
  flip(t, e, "TPM key", guest->aik.modulus);
  flip(t, e, "encryption key", guest->key.area);
  flip(t, e, "certification", guest->certify_bytes);
  flip(t, e, "certification's signature", guest->certify_signature);
  for (size_t i = 0; i < guest->pcr_count; i++)
    flip(t, e, "PCR value", guest->pcrs[i].digest);
  flip_log(t, e);
  verify(t, e, false);
  check(t, e->verification.status == VERIFICATION_NOT_DONE,
        "bytes were not put back");
}

/* Whoever changes what a variable was does not get the claim. */
static void flip_variables(runner *t, const evidence *e) {
  const guest_evidence *guest = e->detail;
  const tcg_log *log = &guest->log;
  for (size_t i = 0; i < log->event_count; i++) {
    const tcg_event *event = &log->events[i];
    efi_variable_data v;
    if (event->pcr != 7 || !efi_read_variable(t->arena, event->data, &v) ||
        v.data.length == 0 || event->type != UINT32_C(0x80000001))
      continue;
    uint8_t *at = (uint8_t *)(uintptr_t)v.data.data;
    *at ^= 1;
    guest_boot boot = guest_boot_read(
        t->arena, log, guest->quote.selections[0].algorithm, guest->pcr_set,
        false);
    check(t,
          !boot.secure_boot && !boot.db_validated && !boot.dbx_validated &&
              !boot.default_keys_validated,
          "a changed variable is believed");
    *at ^= 1;
  }
}

/* --- samples -------------------------------------------------------------- */

static bool parse(runner *t, slice raw, evidence *e) {
  evidence_error error = {0};
  bool good = evidence_parse(t->arena, ATTESTATION_AZURE_GUEST,
                             bytes_from_slice(raw), e, &error);
  check(t, good, "%s", good ? "" : error.message);
  return good;
}

static void check_truncated(runner *t, slice text) {
  unsigned read = 0, silent = 0;
  for (size_t length = 1; length < text.length; length += 1 + length / 40) {
    evidence e;
    evidence_error error = {0};
    arena a;
    jmp_buf failure;
    arena_init(&a, LIMIT_ARENA_BYTES);
    if (ARENA_GUARD(&a, failure))
      break;
    bytes raw = {(const uint8_t *)text.data, length};
    size_t end = text.length; /* blanks at the end say nothing */
    while (end > 0 && text.data[end - 1] != '}')
      end--;
    if (length < end) {
      read += evidence_parse(&a, ATTESTATION_AZURE_GUEST, raw, &e, &error);
      silent += !error.message || !*error.message;
    }
    arena_free(&a);
  }
  check(t, read == 0 && silent == 0, "%u truncated texts are read", read);
}

static void run_sample(runner *t, const char *name) {
  slice text;
  value expected;
  evidence e;
  t->sample = name;
  buffer file = buffer_in(t->arena), result = buffer_in(t->arena);
  buffer_printf(&file, "%s/attestation_info.json", name);
  buffer_printf(&result, "%s/expected.json", name);
  if (!read_file(t, buffer_slice(&file).data, &text) ||
      !read_json(t, buffer_slice(&result).data, &expected) ||
      !parse(t, text, &e))
    return;
  check(t, evidence_detect(e.raw) == ATTESTATION_AZURE_GUEST, "detection");
  verify(t, &e, true);
  check_steps(t, &e, &expected);
  check_claims(t, &e, &expected);
  flip_all(t, &e);
  flip_variables(t, &e);
  check_truncated(t, text);
}

static void run_samples(runner *t) {
  DIR *directory = opendir(t->folder);
  for (struct dirent *d = directory ? readdir(directory) : NULL; d;
       d = readdir(directory))
    if (d->d_name[0] != '.')
      run_sample(t, arena_string(t->arena, slice_from(d->d_name)));
  if (directory)
    closedir(directory);
}

/* --- tokens --------------------------------------------------------------- */

/* Names that tokens of any evidence have, or that the service decides in a way
 * that is not public. */
static bool is_other(slice name) {
  static const char *const names[] = {"exp",
                                      "iat",
                                      "iss",
                                      "jti",
                                      "nbf",
                                      "x-ms-ver",
                                      "x-ms-policy-hash",
                                      "x-ms-compliance-status"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (slice_is(name, names[i]))
      return true;
  return false;
}

/* Members of the token: each one is made, of the same kind. */
static void check_names(runner *t, const value *token, const value *made) {
  for (uint32_t i = 0; i < token->count; i++) {
    slice name = member_name(&token->members[i]);
    const value *v = value_member(made, name);
    check(t, is_other(name) || (v && v->kind == token->members[i].value.kind),
          "no claim %.*s as in the token", SLICE_ARGS(name));
  }
}

static void run_token(runner *t, const char *file) {
  static const char *const windows[] = {"os-type=Windows", "nonce=1"};
  slice settings[] = {slice_from(windows[0]), slice_from(windows[1])};
  evidence_recipe recipe = {.type = ATTESTATION_AZURE_GUEST,
                            .settings = settings,
                            .setting_count = 2};
  evidence_made made;
  evidence_error error = {0};
  evidence e;
  value token;
  t->sample = file;
  if (!read_json(t, file, &token))
    return;
  bool good = evidence_make(t->arena, &recipe, &made, &error);
  check(t, good, "%s", good ? "" : error.message);
  if (!good || !parse(t, slice_from_bytes(made.raw), &e))
    return;
  const value *isolation = claim(&e, "x-ms-isolation-tee");
  const value *wanted = value_member(&token, SLICE("x-ms-isolation-tee"));
  check_names(t, &token, &e.claims);
  check(t, isolation && wanted, "x-ms-isolation-tee");
  if (isolation && wanted)
    check_names(t, wanted, isolation);
  for (uint32_t i = 0; i < e.claims.count; i++)
    check(t, value_member(&token, member_name(&e.claims.members[i])) != NULL,
          "the token has no claim %.*s",
          SLICE_ARGS(member_name(&e.claims.members[i])));
}

/* --- a confidential VM ---------------------------------------------------- */

/* The sample is of another client, which sends the hardware's report, its
 * certificate and a quote, but neither log nor encryption key: up to the log
 * everything must hold. */
static void set(object_builder *object, const char *name, value v) {
  object_set(object, slice_from(name), v);
}

static value encoded(runner *t, bytes data) {
  buffer text = buffer_in(t->arena);
  base64_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static bytes json_bytes(runner *t, const object_builder *object) {
  value v = object_value(object);
  buffer text = buffer_in(t->arena);
  json_write(&text, &v);
  return bytes_from_slice(buffer_slice(&text));
}

static bytes decoded(runner *t, const value *text, bool is_hex) {
  bytes result = {NULL, 0};
  bool good = text && text->kind == VALUE_STRING &&
              (is_hex ? hex_decode(t->arena, value_string(text), &result)
                      : base64_decode(t->arena, value_string(text),
                                      BASE64_EITHER, &result));
  check(t, good, "a value is missing");
  return result;
}

static value pcr_entries(runner *t, const value *told, value *set_of) {
  array_builder list = array_in(t->arena), numbers = array_in(t->arena);
  for (uint32_t i = 0; told && i < told->count; i++) {
    object_builder pcr = object_in(t->arena);
    set(&pcr, "Index", value_integer(i));
    set(&pcr, "Digest", encoded(t, decoded(t, &told->items[i], true)));
    array_add(&list, object_value(&pcr));
    array_add(&numbers, value_integer(i));
  }
  *set_of = array_value(&numbers);
  return array_value(&list);
}

static value tpm_info(runner *t, const value *quote, bytes modulus) {
  object_builder tpm = object_in(t->arena);
  value numbers;
  bytes key = tpm2b_public_write(t->arena, 0x00050472, TPM_ALG_RSASSA, modulus);
  set(&tpm, "aikpub", encoded(t, key));
  set(&tpm, "PcrQuote",
      encoded(t, decoded(t, value_member(quote, SLICE("message")), true)));
  set(&tpm, "PcrSignature",
      encoded(t, decoded(t, value_member(quote, SLICE("signature")), true)));
  set(&tpm, "PCRs",
      pcr_entries(t, value_member(quote, SLICE("pcrs")), &numbers));
  set(&tpm, "PCRSET", numbers);
  set(&tpm, "EncKeyPub", encoded(t, key));
  set(&tpm, "EncKeyCertifyInfo",
      encoded(t, tpm_certify_write(t->arena, key, key)));
  set(&tpm, "EncKeyCertifyInfoSignature", encoded(t, modulus));
  return object_value(&tpm);
}

static value isolation_info(runner *t, const value *sample, bytes report,
                            bytes runtime, slice ask) {
  object_builder proof = object_in(t->arena), inner = object_in(t->arena);
  object_builder isolation = object_in(t->arena);
  buffer chain = buffer_in(t->arena);
  bytes vcek = decoded(t, value_member(sample, SLICE("vcek")), false);
  const unsigned char *at = vcek.data;
  certificate_write(
      &chain,
      certificate_keep(t->arena, d2i_X509(NULL, &at, (long)vcek.length)));
  buffer_add(&chain, ask);
  set(&proof, "SnpReport", encoded(t, report));
  set(&proof, "VcekCertChain",
      encoded(t, bytes_from_slice(buffer_slice(&chain))));
  set(&inner, "Proof", encoded(t, json_bytes(t, &proof)));
  set(&inner, "RunTimeData", encoded(t, runtime));
  set(&isolation, "TYPE", value_text(SLICE("sevsnp")));
  set(&isolation, "evidence", object_value(&inner));
  return object_value(&isolation);
}

static bytes first_modulus(runner *t, bytes runtime) {
  value parsed;
  json_error error;
  if (!json_read(t->arena, slice_from_bytes(runtime), 0, &parsed, &error))
    return (bytes){NULL, 0};
  const value *keys = value_member(&parsed, SLICE("keys"));
  return decoded(
      t, keys && keys->count ? value_member(&keys->items[0], SLICE("n")) : NULL,
      false);
}

static void run_confidential(runner *t) {
  enum { HARDWARE_AT = 32, LENGTH_AT = 1232, RUNTIME_AT = 1236 };
  value sample;
  slice ask;
  evidence e;
  guest_recipe boot;
  object_builder info = object_in(t->arena);
  t->sample = "azure-vtpm";
  if (!read_json(t, "../sevsnp/azure-vtpm/evidence-v2.json", &sample) ||
      !read_file(t, "../roots/amd/milan_ask.pem", &ask))
    return;
  bytes hcl = decoded(t, value_member(&sample, SLICE("hcl_report")), false);
  if (hcl.length < RUNTIME_AT)
    return;
  uint64_t length = little_endian((bytes){hcl.data + LENGTH_AT, 4});
  bytes runtime = {hcl.data + RUNTIME_AT, (size_t)length};
  guest_recipe_start(t->arena, &boot);
  set(&info, "attestationprotocolversion", value_text(SLICE("2.0")));
  set(&info, "TcgLogs", encoded(t, guest_log_make(t->arena, &boot)));
  set(&info, "tpmInfo",
      tpm_info(t, value_member(&sample, SLICE("tpm_quote")),
               first_modulus(t, runtime)));
  set(&info, "ISOLATIONINFO",
      isolation_info(t, &sample, (bytes){hcl.data + HARDWARE_AT, 1184}, runtime,
                     ask));
  if (!parse(t, slice_from_bytes(json_bytes(t, &info)), &e))
    return;
  verify_options options = {.level = VERIFY_SIGNATURE,
                            .now = 1750000000,
                            .roots = roots_builtin(t->arena)};
  evidence_verify(t->arena, &e, &options);
  static const char *const passed[] = {"report signature",
                                       "paravisor",
                                       "runtime data of the VM",
                                       "quote signature",
                                       "TPM key in the runtime data",
                                       "quoted PCRs",
                                       "PCR values"};
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
    check(t, step_is(&e, passed[i], STEP_PASSED), "step %s", passed[i]);
  check(t, step_is(&e, "event log", STEP_FAILED), "step event log");
  check(t, e.verification.status == VERIFICATION_FAILED, "verified");
  check(t, claim(&e, "x-ms-azurevm-vmid") != NULL, "no id of the VM");
}

static void run(runner *t) {
  run_samples(t);
  run_token(t, "tokens/clientlib-2023-windows-cvm.claims.json");
  run_confidential(t);
}

int main(void) { return run_conformance("evidence_guest", "azureguest", run); }
