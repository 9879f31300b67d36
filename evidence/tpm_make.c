/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tpm_make.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/base64.h"
#include "evidence/outer_tpm.h"
#include "evidence/test_pki.h"
#include "evidence/tpm_keys.h"
#include "sign/digest.h"
#include "sign/jws_make.h"

/* Extended key usages of the TCG: of an AIK and of an endorsement key. */
#define AIK_USAGE "2.23.133.8.3"
#define EK_USAGE "2.23.133.8.1"

/* A message on its way. */
typedef struct making {
  arena *arena;
  const tpm_recipe *recipe;
  const char *pki_directory;
  tpm_starter *start_tpm;
  tpm_device device;
  private_key request_key; /* that signs the message */
  private_key kernel_key;  /* of the secure kernel, if there is an enclave */
  bytes certificate;       /* of the AIK, DER */
  bytes challenge;         /* that the quote is over */
  evidence_error *error;
} making;

static value encoded(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static void set(object_builder *o, const char *name, value v) {
  object_set(o, slice_from(name), v);
}

static slice json_of(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text);
}

/* --- keys and certificate ------------------------------------------------- */

static bool make_key(making *m, jws_algorithm algorithm, private_key *key) {
  jws_algorithm kind = algorithm == JWS_ES256 ? JWS_ES256 : JWS_RS256;
  return private_key_make(m->arena, kind, 0, key) == PRIVATE_KEY_OK ||
         evidence_fail(m->arena, m->error, EVIDENCE_CRYPTO, 0,
                       "a key cannot be made");
}

static bool add_usage(X509 *certificate, const void *context) {
  X509_EXTENSION *extension =
      X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, context);
  bool good = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return good;
}

/* Under an authority that nobody has. */
static bool issue_elsewhere(making *m, test_certificate *what) {
  test_pki own;
  if (!test_pki_open(m->arena, NULL, &own, m->error))
    return false;
  what->issuer = own.root;
  what->issuer_key = own.root_key;
  return true;
}

static bool certify_aik(making *m) {
  test_pki pki;
  private_key other;
  X509 *leaf;
  if (!test_pki_open(m->arena, m->pki_directory, &pki, m->error))
    return false;
  if (m->recipe->certificate == TPM_CERTIFICATE_NONE)
    return true;
  test_certificate what = {pki.root,      pki.root_key, "maapol test TPM AIK",
                           m->device.aik, add_usage,    AIK_USAGE};
  if (m->recipe->certificate == TPM_CERTIFICATE_SELF_SIGNED &&
      !issue_elsewhere(m, &what))
    return false;
  if (m->recipe->certificate == TPM_CERTIFICATE_OTHER_KEY) {
    if (!make_key(m, JWS_RS256, &other))
      return false;
    what.key = other.pair;
  }
  if (m->recipe->certificate == TPM_CERTIFICATE_OTHER_USAGE)
    what.context = EK_USAGE;
  if (!test_pki_certify(m->arena, &what, &leaf, m->error))
    return false;
  int length = i2d_X509(leaf, NULL);
  uint8_t *der = arena_alloc(m->arena, length > 0 ? (size_t)length : 1);
  unsigned char *end = der;
  if (length <= 0 || i2d_X509(leaf, &end) != length)
    arena_fail(m->arena, ARENA_NO_MEMORY);
  m->certificate = (bytes){der, (size_t)length};
  return true;
}

/* --- the TPM -------------------------------------------------------------- */

static bool start_outer(making *m) {
  tpm_device *d = &m->device;
  tpm_public public;
  const char *reason = "";
  tpm_channel channel;
  if (!m->start_tpm)
    return evidence_fail(m->arena, m->error, EVIDENCE_VALUE, 0,
                         "field source: this caller has no swtpm to start");
  if (!m->start_tpm(m->arena, &channel, m->error))
    return false;
  d->outer = outer_tpm_open(m->arena, &channel, m->recipe, m->error);
  if (!d->outer || !outer_tpm_measure(d->outer, d->log, d->ima, m->error) ||
      !tpm_public_read(m->arena, outer_tpm_aik(d->outer), &public, m->error))
    return false;
  public_key *key = tpm_key_from_public(m->arena, &public, &reason);
  if (!key)
    return evidence_fail(m->arena, m->error, EVIDENCE_CRYPTO, 0,
                         "the TPM's key: %s", reason);
  d->aik = public_key_handle(key);
  return true;
}

static bool start_device(making *m) {
  tpm_device *d = &m->device;
  bytes idks = {NULL, 0};
  *d = (tpm_device){.arena = m->arena, .recipe = m->recipe};
  if (m->recipe->is_vbs) {
    if (!make_key(m, JWS_RS256, &m->kernel_key))
      return false;
    idks = vbs_make_idks(m->arena, &m->kernel_key);
  }
  d->log = event_make_boot(m->arena, &m->recipe->plan);
  if (m->recipe->has_ima)
    d->ima = event_make_ima(m->arena, &m->recipe->plan);
  if (idks.length && !vbs_make_log(m->arena, &d->log, idks, m->error))
    return false;
  if (m->recipe->from_swtpm)
    return start_outer(m);
  if (!make_key(m, m->recipe->scheme, &d->aik_key))
    return false;
  d->aik = d->aik_key.pair;
  return true;
}

/* --- states --------------------------------------------------------------- */

static value pcr_value(arena *a, size_t index, bytes digest_) {
  object_builder pcr = object_in(a);
  set(&pcr, "index", value_integer((int64_t)index));
  set(&pcr, "digest", encoded(a, digest_));
  return object_value(&pcr);
}

static bool make_bank(making *m, uint16_t bank, array_builder *banks) {
  tcg_pcrs pcrs;
  array_builder values = array_in(m->arena);
  object_builder object = object_in(m->arena);
  if (!tpm_device_pcrs(&m->device, bank, &pcrs, m->error))
    return false;
  for (size_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
    if (m->recipe->pcr_mask >> pcr & 1)
      array_add(&values, pcr_value(m->arena, pcr,
                                   (bytes){pcrs.values[pcr], pcrs.length}));
  set(&object, "algorithm", value_integer(bank));
  set(&object, "values", array_value(&values));
  array_add(banks, object_value(&object));
  return true;
}

static void set_aik(making *m, object_builder *o) {
  set(o, "aik_pub", tpm_make_jwk(m->arena, m->device.aik));
  if (m->certificate.length)
    set(o, "aik_cert", encoded(m->arena, m->certificate));
}

static value log_value(making *m, slice type, bytes data) {
  object_builder log = object_in(m->arena);
  set(&log, "type", value_text(type));
  set(&log, "log", encoded(m->arena, data));
  return object_value(&log);
}

static value logs_value(making *m) {
  array_builder logs = array_in(m->arena);
  array_add(&logs, log_value(m, SLICE("TCG"), m->device.log));
  if (m->device.ima.length)
    array_add(&logs, log_value(m, SLICE("IMA"), m->device.ima));
  return array_value(&logs);
}

static bool make_state(making *m, bytes extra_data, value *result) {
  bytes quote, signature;
  uint16_t banks[2];
  size_t count = tpm_recipe_banks(m->recipe, banks);
  array_builder pcrs = array_in(m->arena);
  object_builder state = object_in(m->arena);
  if (!tpm_device_quote(&m->device, extra_data, &quote, &signature, m->error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!make_bank(m, banks[i], &pcrs))
      return false;
  set_aik(m, &state);
  set(&state, "logs", logs_value(m));
  set(&state, "pcrs", array_value(&pcrs));
  set(&state, "quote", encoded(m->arena, quote));
  set(&state, "signature", encoded(m->arena, signature));
  *result = object_value(&state);
  return true;
}

static void put_little(buffer *out, uint64_t number) {
  for (size_t i = 0; i < 4; i++)
    buffer_char(out, (char)(number >> (8 * i)));
}

/* PCP_PLATFORM_ATTESTATION_BLOB2, of version 1; it has one bank. */
static bool make_claim(making *m, bytes extra_data, value *result) {
  bytes quote, signature;
  tcg_pcrs pcrs;
  uint16_t banks[2];
  buffer out = buffer_in(m->arena);
  if (tpm_recipe_banks(m->recipe, banks) != 1)
    return evidence_fail(m->arena, m->error, EVIDENCE_VALUE, 0,
                         "field bank: version 1 has one bank");
  if (!tpm_device_quote(&m->device, extra_data, &quote, &signature, m->error) ||
      !tpm_device_pcrs(&m->device, banks[0], &pcrs, m->error))
    return false;
  buffer_text(&out, "PAD2");
  put_little(&out, 2);
  put_little(&out, 32);
  put_little(&out, TCG_PCR_COUNT * pcrs.length);
  put_little(&out, quote.length);
  put_little(&out, signature.length);
  put_little(&out, 0);
  put_little(&out, banks[0]);
  for (size_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
    buffer_add(&out, slice_from_bytes((bytes){pcrs.values[pcr], pcrs.length}));
  buffer_add(&out, slice_from_bytes(quote));
  buffer_add(&out, slice_from_bytes(signature));
  *result = encoded(m->arena, bytes_from_slice(buffer_slice(&out)));
  return true;
}

/* --- keys of the client --------------------------------------------------- */

static bool certify(making *m, const private_key *key, object_builder *info) {
  bytes attest, signature;
  bytes area = tpm_make_public(m->arena, key->pair);
  object_builder inner = object_in(m->arena);
  if (!tpm_device_certify(&m->device, area, m->challenge, &attest, &signature,
                          m->error))
    return false;
  set(&inner, "public", encoded(m->arena, area));
  set(&inner, "certification", encoded(m->arena, attest));
  set(&inner, "signature", encoded(m->arena, signature));
  set(info, "tpm_certify", object_value(&inner));
  return true;
}

static bool make_client_key(making *m, const private_key *key,
                            tpm_key_binding binding, value *result) {
  object_builder object = object_in(m->arena), info = object_in(m->arena);
  object_builder inner = object_in(m->arena);
  set(&object, "jwk", tpm_make_jwk(m->arena, key->pair));
  if (binding == TPM_KEY_CERTIFIED && !certify(m, key, &info))
    return false;
  if (binding == TPM_KEY_QUOTED) {
    set(&inner, "hash_alg", value_text(SLICE("sha-256")));
    set(&info, "tpm_quote", object_value(&inner));
  }
  if (binding != TPM_KEY_UNBOUND)
    set(&object, "info", object_value(&info));
  *result = object_value(&object);
  return true;
}

/* SHA-256 of the key's text, a zero byte and the challenge, if the quote binds
 * the key; else the challenge. */
static bytes extra_data_of(making *m) {
  if (m->recipe->version == 1 || m->recipe->binding != TPM_KEY_QUOTED)
    return m->challenge;
  value jwk = tpm_make_jwk(m->arena, m->request_key.pair);
  static const uint8_t zero[1];
  bytes parts[] = {
      bytes_from_slice(json_of(m->arena, &jwk)), {zero, 1}, m->challenge};
  uint8_t *hash = arena_alloc(m->arena, SHA256_BYTES);
  digest_sha256_parts(m->arena, parts, 3, hash);
  return (bytes){hash, SHA256_BYTES};
}

/* --- the body ------------------------------------------------------------- */

static bool set_states_v1(making *m, object_builder *tpm) {
  value claim;
  const bytes nonce = {(const uint8_t *)"boot", 4};
  if (!make_claim(m, extra_data_of(m), &claim))
    return false;
  set(tpm, "srtm_boot_log", encoded(m->arena, m->device.log));
  set_aik(m, tpm);
  set(tpm, "current_claim", claim);
  if (!m->recipe->has_boot)
    return true;
  if (!make_claim(m, nonce, &claim))
    return false;
  set(tpm, "boot_claim", claim);
  return true;
}

static bool set_states_v2(making *m, object_builder *tpm) {
  value state;
  const bytes nonce = {(const uint8_t *)"boot", 4};
  if (m->recipe->has_boot) {
    if (!make_state(m, nonce, &state))
      return false;
    set(tpm, "boot_attestation", state);
  }
  if (!make_state(m, extra_data_of(m), &state))
    return false;
  set(tpm, "current_attestation", state);
  return true;
}

static bool set_keys(making *m, object_builder *body) {
  value key;
  private_key other;
  array_builder others = array_in(m->arena);
  if (m->recipe->version == 1) {
    set(body, "attest_key", tpm_make_jwk(m->arena, m->request_key.pair));
    return true;
  }
  if (!make_client_key(m, &m->request_key, m->recipe->binding, &key))
    return false;
  set(body, "request_key", key);
  if (!m->recipe->has_other_key)
    return true;
  tpm_key_binding binding =
      m->device.outer ? TPM_KEY_UNBOUND : TPM_KEY_CERTIFIED;
  if (!make_key(m, JWS_RS256, &other) ||
      !make_client_key(m, &other, binding, &key))
    return false;
  array_add(&others, key);
  set(body, "other_keys", array_value(&others));
  return true;
}

static bool make_body(making *m, value *result) {
  object_builder body = object_in(m->arena), tpm = object_in(m->arena);
  bool good =
      m->recipe->version == 1 ? set_states_v1(m, &tpm) : set_states_v2(m, &tpm);
  if (!good || !set_keys(m, &body))
    return false;
  set(&body, "rp_id", value_text(m->recipe->relying_party));
  if (m->recipe->rp_data.length)
    set(&body, "rp_data", value_text(m->recipe->rp_data));
  set(&body, "challenge", encoded(m->arena, m->recipe->challenge));
  set(&body, "tpm_att_data", object_value(&tpm));
  set(&body, "service_context", value_text(m->recipe->service_context));
  if (m->recipe->custom_claims.count)
    set(&body, "custom_claims", array_value(&m->recipe->custom_claims));
  *result = object_value(&body);
  return true;
}

/* With the enclave's report, whose data is a hash of the body's very text. */
static bool make_vbs_data(making *m, const value *body, value *result) {
  bytes raw;
  object_builder data = object_in(m->arena), report = object_in(m->arena);
  object_builder enclave = object_in(m->arena);
  if (!vbs_make_report(m->arena, m->recipe, json_of(m->arena, body),
                       &m->kernel_key, &raw, m->error))
    return false;
  set(&data, "report_signed", *body);
  set(&enclave, "report", encoded(m->arena, raw));
  set(&report, "enclave", object_value(&enclave));
  set(&data, "vsm_report",
      m->recipe->version == 1 ? encoded(m->arena, raw) : object_value(&report));
  *result = object_value(&data);
  return true;
}

static bool make_payload(making *m, slice *result) {
  value data;
  object_builder payload = object_in(m->arena);
  if (!make_body(m, &data) ||
      (m->recipe->is_vbs && !make_vbs_data(m, &data, &data)))
    return false;
  set(&payload, "att_type",
      value_text(m->recipe->is_vbs ? SLICE("vbs") : SLICE("basic")));
  set(&payload, "att_data", data);
  value all = object_value(&payload);
  *result = json_of(m->arena, &all);
  return true;
}

/* --- forms ---------------------------------------------------------------- */

static slice wrap(arena *a, tpm_form form, slice token) {
  object_builder request = object_in(a), outer = object_in(a);
  if (form == TPM_FORM_JWS)
    return token;
  set(&request, "request", value_text(token));
  value object = object_value(&request);
  if (form == TPM_FORM_WRAPPED) {
    set(&outer, "payload", object);
    object = object_value(&outer);
  }
  return json_of(a, &object);
}

static bool make_message(making *m, slice *result) {
  slice payload, token;
  slice header = m->recipe->version == 1
                     ? SLICE("{\"alg\":\"PS256\",\"typ\":\"attReq\"}")
                     : SLICE("{\"alg\":\"PS256\",\"typ\":\"attReqV2\"}");
  if (!make_payload(m, &payload))
    return false;
  *result = payload;
  if (m->recipe->form == TPM_FORM_PAYLOAD)
    return true;
  if (!jws_make(m->arena, &m->request_key, JWS_PS256, header, payload, &token))
    return evidence_fail(m->arena, m->error, EVIDENCE_CRYPTO, 0,
                         "the message cannot be signed");
  *result = wrap(m->arena, m->recipe->form, token);
  return true;
}

bool tpm_make(arena *a, const evidence_recipe *recipe, evidence_made *result,
              evidence_error *error) {
  tpm_recipe *tpm = ARENA_NEW(a, tpm_recipe);
  slice message;
  tpm_recipe_start(a, tpm);
  for (size_t i = 0; i < recipe->setting_count; i++)
    if (!tpm_recipe_set(a, tpm, recipe->settings[i], error))
      return false;
  making m = {.arena = a,
              .recipe = tpm,
              .pki_directory = recipe->pki_directory,
              .start_tpm = recipe->start_tpm,
              .challenge = tpm->quoted_challenge.length ? tpm->quoted_challenge
                                                        : tpm->challenge,
              .error = error};
  if (!start_device(&m) || !make_key(&m, JWS_RS256, &m.request_key) ||
      !certify_aik(&m) || !make_message(&m, &message))
    return false;
  result->raw = bytes_from_slice(message);
  return true;
}
