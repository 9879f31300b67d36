/* SPDX-License-Identifier: Apache-2.0 */
/* Real event logs, quotes and keys of TPMs against values that were computed
 * independently or that the TPM itself reported: logs replay to their PCRs,
 * quotes are signed by their key, and what they quote is what was replayed. */
#include <dirent.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/base64.h"
#include "evidence/decode.h"
#include "evidence/fields.h"
#include "evidence/tcg_log.h"
#include "evidence/tpm_verify.h"
#include "tests/conformance/shared/runner.h"

/* A file that is missing is empty. */
static bytes read_raw(runner *t, const char *name) {
  slice text;
  return read_file(t, name, &text) ? bytes_from_slice(text)
                                   : (bytes){NULL, 0};
}

static bytes base64_in(runner *t, const value *text) {
  bytes result = {NULL, 0};
  if (text)
    base64_decode(t->arena, value_string(text), BASE64_EITHER, &result);
  check(t, result.length > 0, "a value in base64 is missing");
  return result;
}

static bool same_hex(runner *t, bytes data, const value *expected) {
  buffer hex = buffer_in(t->arena);
  buffer_hex(&hex, data);
  return expected && slice_equal(buffer_slice(&hex), value_string(expected));
}

/* --- logs ----------------------------------------------------------------- */

static const struct {
  const char *name;
  uint16_t algorithm;
} banks[] = {{"sha1", TPM_ALG_SHA1},
             {"sha256", TPM_ALG_SHA256},
             {"sha384", TPM_ALG_SHA384}};

/* expected: what the replay of the banks gives, by the name of each. */
static void check_replay(runner *t, const tcg_log *log, const value *expected) {
  size_t found = 0;
  for (size_t b = 0; b < sizeof banks / sizeof *banks; b++) {
    tcg_pcrs pcrs;
    const value *wanted = value_member(expected, slice_from(banks[b].name));
    check(t, tcg_log_replay(log, banks[b].algorithm, &pcrs) == (wanted != NULL),
          "bank %s", banks[b].name);
    if (!wanted)
      continue;
    found++;
    uint32_t mask = 0;
    for (uint32_t i = 0; i < wanted->count; i++) {
      slice name = member_name(&wanted->members[i]);
      size_t pcr = strtoul(arena_string(t->arena, name), NULL, 10);
      mask |= (uint32_t)1 << pcr;
      check(t,
            pcr < TCG_PCR_COUNT &&
                same_hex(t, (bytes){pcrs.values[pcr], pcrs.length},
                         &wanted->members[i].value),
            "%s PCR %zu differs", banks[b].name, pcr);
    }
    check(t, pcrs.measured == mask, "other PCRs of %s are measured",
          banks[b].name);
  }
  check(t, found == log->bank_count, "%zu banks", log->bank_count);
}

static void check_types(runner *t, const tcg_log *log, const value *expected) {
  int64_t total = 0;
  for (uint32_t i = 0; i < expected->count; i++) {
    const char *name =
        arena_string(t->arena, member_name(&expected->members[i]));
    int64_t wanted = expected->members[i].value.integer, count = 0;
    for (size_t k = 0; k < log->event_count; k++) {
      const char *type = tcg_event_type_name(log->events[k].type);
      count += type && strcmp(type, name) == 0;
    }
    check(t, count == wanted, "%lld events of %s", (long long)count, name);
    total += count;
  }
  check(t, (size_t)total == log->event_count, "events of other types");
}

static bool run_log(runner *t, bytes raw, const value *expected, tcg_log *log) {
  evidence_error error = {0};
  bool good = tcg_log_read(t->arena, raw, log, &error);
  check(t, good, "%s", good ? "" : error.message);
  if (!good)
    return false;
  check_replay(t, log, value_member(expected, SLICE("replay")));
  check_types(t, log, value_member(expected, SLICE("event_types")));
  return true;
}

static void run_logs(runner *t, const char *folder) {
  t->folder = folder;
  DIR *directory = opendir(folder);
  for (struct dirent *d = directory ? readdir(directory) : NULL; d;
       d = readdir(directory)) {
    char *suffix = strstr(d->d_name, ".expected.json");
    value expected;
    tcg_log log;
    if (!suffix || !read_json(t, d->d_name, &expected))
      continue;
    slice stem = slice_between(d->d_name, suffix);
    t->sample = arena_string(t->arena, stem);
    buffer file = buffer_in(t->arena);
    buffer_printf(&file, "%s.bin", t->sample);
    run_log(t, read_raw(t, buffer_slice(&file).data), &expected, &log);
  }
  if (directory)
    closedir(directory);
}

/* --- quotes --------------------------------------------------------------- */

static void release_key(void *key) { EVP_PKEY_free(key); }

static EVP_PKEY *rsa_key(runner *t, const tpm_public *public) {
  BIGNUM *modulus =
      BN_bin2bn(public->modulus.data, (int)public->modulus.length, NULL);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus);
  OSSL_PARAM_BLD_push_uint32(builder, OSSL_PKEY_PARAM_RSA_E, public->exponent);
  OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY *key = NULL;
  if (EVP_PKEY_fromdata_init(context) == 1)
    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  EVP_PKEY_CTX_free(context);
  BN_free(modulus);
  arena_defer(t->arena, release_key, key);
  return key;
}

/* RSASSA-PKCS1-v1_5. */
static bool key_verify(EVP_PKEY *key, uint16_t hash, bytes data,
                       bytes signature) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  const EVP_MD *md = hash == TPM_ALG_SHA1 ? EVP_sha1() : EVP_sha256();
  bool good = EVP_DigestVerifyInit(context, NULL, md, NULL, key) == 1 &&
              EVP_DigestVerify(context, signature.data, signature.length,
                               data.data, data.length) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

static bool rsa_verify(runner *t, const tpm_public *public, uint16_t hash,
                       bytes data, bytes signature) {
  return key_verify(rsa_key(t, public), hash, data, signature);
}

/* pcrDigest: hash of the selected PCRs, which the replay has to give. */
static void check_quoted(runner *t, const tpm_attest *quote, const tcg_log *log,
                         digest_algorithm hash) {
  buffer quoted = buffer_in(t->arena);
  uint8_t result[DIGEST_BYTES_MAX];
  for (size_t i = 0; i < quote->selection_count; i++) {
    tcg_pcrs pcrs;
    check(t, tcg_log_replay(log, quote->selections[i].algorithm, &pcrs),
          "the log has not the quoted bank");
    for (size_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
      if (quote->selections[i].mask >> pcr & 1)
        buffer_add(&quoted,
                   slice_from_bytes((bytes){pcrs.values[pcr], pcrs.length}));
  }
  check(t, quote->selection_count > 0, "nothing is quoted");
  check(
      t,
      digest(hash, bytes_from_slice(buffer_slice(&quoted)), result) &&
          bytes_equal((bytes){result, digest_length(hash)}, quote->pcr_digest),
      "the replayed PCRs are not the quoted ones");
}

static bool read_attest(runner *t, bytes raw, uint16_t type,
                        tpm_attest *attest) {
  evidence_error error = {0};
  bool good = tpm_attest_read(t->arena, raw, attest, &error);
  check(t, good, "%s", good ? "" : error.message);
  check(t, good && attest->type == type, "type of the TPMS_ATTEST");
  return good;
}

static void check_numbers(runner *t, const tpm_attest *quote,
                          const value *expected) {
  const value *clock = path_in(expected, "quote", "clock");
  const value *resets = path_in(expected, "quote", "resetCount");
  const value *signer = path_in(expected, "quote", "signer");
  check(t, clock && (uint64_t)clock->integer == quote->clock, "clock");
  check(t, resets && resets->integer == quote->reset_count, "reset count");
  check(t, same_hex(t, quote->qualified_signer, signer), "signer");
  check(t,
        same_hex(t, quote->pcr_digest, path_in(expected, "quote", "pcrDigest")),
        "PCR digest");
  check(t, quote->safe && quote->firmware_version == 0x2020031200120000,
        "safe flag and firmware version");
}

/* The ephemeral key: certified by the AIK under its name. */
static void check_certified(runner *t, const tpm_public *aik) {
  evidence_error error = {0};
  tpm_public key;
  tpm_attest certify;
  bytes name;
  bytes raw = read_raw(t, "enc_key_certify.tpms_attest");
  bool good = tpm2b_public_read(t->arena, read_raw(t, "enc_key_pub.tpmt"), &key,
                                &error);
  check(t, good, "encryption key: %s", good ? "" : error.message);
  if (!good || !read_attest(t, raw, TPM_ATTEST_CERTIFY, &certify))
    return;
  check(t,
        tpm_public_name(t->arena, &key, &name) &&
            bytes_equal(name, certify.name),
        "the certified name is another key's");
  check(t,
        rsa_verify(t, aik, TPM_ALG_SHA256, raw,
                   read_raw(t, "enc_key_certify.sig")),
        "signature of the certified key");
}

/* The steps of verification on what a real TPM signed: the message around it
 * is ours, so the challenge is not asked for. */
static void check_steps(runner *t, bytes quote, bytes signature,
                        const tpm_public *aik, bytes log) {
  const bytes any_challenge = {NULL, 0};
  const char *reason = "";
  evidence_error error = {0};
  tcg_pcrs pcrs;
  tpm_state *state = ARENA_NEW(t->arena, tpm_state);
  verify_options options = {.level = VERIFY_SIGNATURE, .has_pcr_mask = true};
  verifier v = {.arena = t->arena, .options = &options};
  v.end = &v.first;
  state->name = "sample";
  public_key *key = tpm_key_from_public(t->arena, aik, &reason);
  bool good = tpm_state_add_log(t->arena, state, log, false, &error) &&
              tpm_state_read_quote(t->arena, state, quote, signature, &error);
  check(t, good && key, "%s%s", good ? "" : error.message, reason);
  if (!good || !key)
    return;
  for (size_t i = 0; i < state->quote.selection_count; i++) {
    tpm_bank *bank = &state->banks[state->bank_count++];
    bank->algorithm = state->quote.selections[i].algorithm;
    bank->mask = state->quote.selections[i].mask;
    options.required_pcr_mask = bank->mask;
    check(t, tcg_log_replay(&state->tcg, bank->algorithm, &pcrs), "replay");
    for (size_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
      bank->values[pcr] = bytes_from_slice(arena_copy(
          t->arena,
          slice_from_bytes((bytes){pcrs.values[pcr], pcrs.length})));
  }
  bool holds = tpm_verify_state(&v, state, key, any_challenge);
  const verification_step *last = v.first;
  while (last && last->next)
    last = last->next;
  check(t, holds, "%s: %s", last->what, last->why);
  uint8_t *changed =
      (uint8_t *)arena_string(t->arena, slice_from_bytes(state->quote_raw));
  for (size_t i = 0; i < state->quote_raw.length; i++) {
    state->quote_raw.data = changed;
    changed[i] ^= 1;
    check(t, !tpm_verify_state(&v, state, key, any_challenge),
          "byte %zu of the quote may be any", i);
    changed[i] ^= 1;
  }
}

/* Recorded requests for a challenge: no evidence, and told so. */
static void run_init(runner *t, const char *folder) {
  evidence_input input;
  evidence_error error = {0};
  evidence e;
  t->folder = t->sample = folder;
  bytes body = read_raw(t, "request.json");
  if (!body.length)
    return;
  check(t, evidence_decode(t->arena, slice_from_bytes(body), &input, &error),
        "the body of the request is not read");
  check(t, input.type == ATTESTATION_TPM, "its type is not known");
  check(t,
        !evidence_parse(t->arena, ATTESTATION_TPM, input.raw, &e, &error) &&
            strstr(error.message, "init message"),
        "an init message is not known as one");
}

/* A request of AzureGuest, taken apart into files. */
static void run_azure(runner *t, const char *folder) {
  value expected;
  tcg_log log;
  tpm_attest quote;
  tpm_public aik;
  evidence_error error = {0};
  t->folder = t->sample = folder;
  if (!read_json(t, "expected.json", &expected))
    return;
  bytes raw = read_raw(t, "pcr_quote.tpms_attest");
  bool good =
      tpm2b_public_read(t->arena, read_raw(t, "aik_pub.tpm2b"), &aik, &error);
  check(t, good, "AIK: %s", good ? "" : error.message);
  if (!good || !read_attest(t, raw, TPM_ATTEST_QUOTE, &quote))
    return;
  bytes signature = read_raw(t, "pcr_signature.rsassa");
  check(t, rsa_verify(t, &aik, aik.scheme_hash, raw, signature),
        "quote signature");
  check_numbers(t, &quote, &expected);
  check_certified(t, &aik);
  if (run_log(t, read_raw(t, "tcg_log.bin"),
              value_member(&expected, SLICE("log")), &log))
    check_quoted(t, &quote, &log, DIGEST_SHA256);
  check_steps(t, raw, signature, &aik, read_raw(t, "tcg_log.bin"));
}

/* Every PCR that the TPM itself told, also those without a measurement. */
static void check_told(runner *t, const tcg_log *log, const value *told) {
  tcg_pcrs pcrs;
  check(t, tcg_log_replay(log, TPM_ALG_SHA1, &pcrs), "replay");
  check(t, told && told->count == TCG_PCR_COUNT, "24 PCRs are wanted");
  for (uint32_t i = 0; told && i < told->count; i++) {
    const value *index = value_member(&told->items[i], SLICE("Index"));
    bytes digest_told =
        base64_in(t, value_member(&told->items[i], SLICE("Digest")));
    size_t pcr = index ? (size_t)index->integer : TCG_PCR_COUNT;
    check(t,
          pcr < TCG_PCR_COUNT &&
              bytes_equal(digest_told, (bytes){pcrs.values[pcr], pcrs.length}),
          "PCR %zu is not what the TPM told", pcr);
  }
}

/* A Windows machine with SHA-1 only; its signatures are TPMT_SIGNATUREs. */
static void run_windows(runner *t, const char *folder) {
  value original, expected;
  tcg_log log;
  tpm_attest quote;
  tpm_public key;
  tpm_signature signature;
  evidence_error error = {0};
  t->folder = t->sample = folder;
  if (!read_json(t, "original.json", &original) ||
      !read_json(t, "expected.json", &expected))
    return;
  bytes raw = base64_in(t, path_in(&original, "Quote", "Quote"));
  bool good =
      tpm_public_read(t->arena,
                      base64_in(t, path_in(&original, "AK", "Public")), &key,
                      &error) &&
      tpm_signature_read(t->arena,
                         base64_in(t, path_in(&original, "Quote", "Signature")),
                         &signature, &error);
  check(t, good, "%s", good ? "" : error.message);
  if (!good || !read_attest(t, raw, TPM_ATTEST_QUOTE, &quote))
    return;
  check(t, signature.algorithm == TPM_ALG_RSASSA, "signature algorithm");
  check(t, rsa_verify(t, &key, signature.hash, raw, signature.rsa),
        "quote signature");
  if (!run_log(t, read_raw(t, "tcg_log.bin"),
               value_member(&expected, SLICE("log")), &log))
    return;
  check_told(t, &log, path_in(&original, "Log", "PCRs"));
  check_quoted(t, &quote, &log, DIGEST_SHA1);
}

/* A confidential VM: its report binds the key that signs the quotes of its
 * vTPM (HCLAkPub); the PCRs stand beside the quote. */
static EVP_PKEY *hcl_key(runner *t, bytes report) {
  enum { LENGTH_AT = 1232, RUNTIME_AT = 1236 };
  value runtime;
  json_error error;
  if (report.length < RUNTIME_AT)
    return NULL;
  uint64_t length = little_endian((bytes){report.data + LENGTH_AT, 4});
  if (length > report.length - RUNTIME_AT)
    return NULL;
  bytes text = {report.data + RUNTIME_AT, (size_t)length};
  if (!json_read(t->arena, slice_from_bytes(text), 0, &runtime, &error))
    return NULL;
  const value *keys = value_member(&runtime, SLICE("keys"));
  if (!keys || keys->count == 0)
    return NULL;
  tpm_public key = {.exponent = 65537};
  key.modulus = base64_in(t, value_member(&keys->items[0], SLICE("n")));
  return rsa_key(t, &key);
}

static bytes hex_in(runner *t, const value *text) {
  bytes result = {NULL, 0};
  if (text)
    hex_decode(t->arena, value_string(text), &result);
  check(t, result.length > 0, "a value in hex is missing");
  return result;
}

static void run_vtpm(runner *t, const char *folder) {
  value sample;
  tpm_attest quote;
  t->folder = t->sample = folder;
  if (!read_json(t, "evidence-v2.json", &sample))
    return;
  bytes raw = hex_in(t, path_in(&sample, "tpm_quote", "message"));
  bytes signature = hex_in(t, path_in(&sample, "tpm_quote", "signature"));
  const value *told = path_in(&sample, "tpm_quote", "pcrs");
  EVP_PKEY *key =
      hcl_key(t, base64_in(t, value_member(&sample, SLICE("hcl_report"))));
  check(t, key && key_verify(key, TPM_ALG_SHA256, raw, signature),
        "quote signature by HCLAkPub");
  if (!read_attest(t, raw, TPM_ATTEST_QUOTE, &quote))
    return;
  buffer quoted = buffer_in(t->arena);
  uint8_t hash[DIGEST_BYTES_MAX];
  check(t, quote.selection_count == 1 && told, "one bank is quoted");
  for (uint32_t pcr = 0; told && pcr < told->count && pcr < TCG_PCR_COUNT;
       pcr++)
    if (quote.selections[0].mask >> pcr & 1)
      buffer_add(&quoted, slice_from_bytes(hex_in(t, &told->items[pcr])));
  check(t,
        digest(DIGEST_SHA256, bytes_from_slice(buffer_slice(&quoted)), hash) &&
            bytes_equal((bytes){hash, SHA256_BYTES}, quote.pcr_digest),
        "the told PCRs are not the quoted ones");
}

static void run(runner *t) {
  arena *a = t->arena;
  const char *root = t->folder;
  run_logs(t, join(a, root, "tpm/logs"));
  run_windows(t, join(a, root, "tpm/windows_gcp_shielded_vm"));
  run_azure(t, join(a, root, "azureguest/linux"));
  run_init(t, join(a, root, "tpm/maa-init-200-1"));
  run_init(t, join(a, root, "tpm/maa-init-400-2"));
  run_vtpm(t, join(a, root, "sevsnp/azure-vtpm"));
}

int main(void) { return run_conformance("evidence_tpm", "", run); }
