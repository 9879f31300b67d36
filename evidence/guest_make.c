/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/guest_make.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "base/base64.h"
#include "evidence/guest_log.h"
#include "evidence/test_pki.h"
#include "sign/key_file.h"
#include "sign/private_key.h"

enum {
  RSA_KEY_BITS = 2048,
  AIK_ATTRIBUTES = 0x00050472,
  SEALING_ATTRIBUTES = 0x00020432
};

/* What is made on the way to the JSON. */
typedef struct maker {
  arena *arena;
  const evidence_recipe *recipe;
  const guest_recipe *guest;
  evidence_error *error;
  uint32_t pcr_set;
  test_pki pki;
  private_key aik, sealing;
  bytes aik_public, sealing_public, aik_modulus;
  bytes log;
  tcg_pcrs pcrs;
} maker;

/* --- keys ----------------------------------------------------------------- */

static bool take_key(maker *m, EVP_PKEY *pair, private_key *key) {
  const char *reason = NULL;
  if (!pair)
    arena_fail(m->arena, ARENA_NO_MEMORY);
  return private_key_take(m->arena, pair, key, &reason) == PRIVATE_KEY_OK ||
         evidence_fail(m->arena, m->error, EVIDENCE_CRYPTO, 0,
                       "a key of the TPM: %s", reason);
}

/* A fresh key; in the directory, if there is one, it is used again. */
static bool open_key(maker *m, const char *name, private_key *key) {
  const char *directory = m->recipe->pki_directory, *reason;
  if (!directory)
    return take_key(m, EVP_RSA_gen(RSA_KEY_BITS), key);
  buffer path = buffer_in(m->arena);
  buffer_printf(&path, "%s/%s", directory, name);
  const char *file = buffer_slice(&path).data;
  if (access(file, F_OK) != 0) {
    if (!take_key(m, EVP_RSA_gen(RSA_KEY_BITS), key))
      return false;
    return key_file_write(file, key->pair, &reason) ||
           evidence_fail(m->arena, m->error, EVIDENCE_FILE, 0, "%s: %s", file,
                         reason);
  }
  EVP_PKEY *pair = key_file_read(m->arena, file, &reason);
  if (!pair)
    return evidence_fail(m->arena, m->error, EVIDENCE_FILE, 0, "%s: %s", file,
                         reason);
  if (EVP_PKEY_up_ref(pair) != 1)
    arena_fail(m->arena, ARENA_NO_MEMORY);
  return take_key(m, pair, key);
}

static void free_number(void *number) { BN_free(number); }

static bytes modulus_of(maker *m, const private_key *key) {
  BIGNUM *number = NULL;
  uint8_t *modulus = arena_alloc(m->arena, RSA_KEY_BITS / 8);
  if (EVP_PKEY_get_bn_param(key->pair, "n", &number) != 1)
    arena_fail(m->arena, ARENA_NO_MEMORY);
  arena_defer(m->arena, free_number, number);
  if (BN_bn2binpad(number, modulus, RSA_KEY_BITS / 8) != RSA_KEY_BITS / 8)
    arena_fail(m->arena, ARENA_NO_MEMORY);
  return (bytes){modulus, RSA_KEY_BITS / 8};
}

/* Another number that passes for a modulus. */
static bytes other_modulus(maker *m, bytes modulus) {
  uint8_t *copy = arena_alloc(m->arena, modulus.length);
  memcpy(copy, modulus.data, modulus.length);
  copy[modulus.length / 2] ^= 1;
  return (bytes){copy, modulus.length};
}

static bool make_keys(maker *m) {
  if (!open_key(m, "guest-tpm.key", &m->aik) ||
      !open_key(m, "guest-encryption.key", &m->sealing))
    return false;
  if (m->aik.bits != RSA_KEY_BITS || m->sealing.bits != RSA_KEY_BITS)
    return evidence_fail(m->arena, m->error, EVIDENCE_FILE, 0,
                         "%s: guest-tpm.key and guest-encryption.key must be "
                         "RSA keys of 2048 bits",
                         m->recipe->pki_directory);
  m->aik_modulus = modulus_of(m, &m->aik);
  m->aik_public = tpm2b_public_write(m->arena, AIK_ATTRIBUTES, m->guest->scheme,
                                     m->aik_modulus);
  m->sealing_public = tpm2b_public_write(
      m->arena, SEALING_ATTRIBUTES, TPM_ALG_RSAES, modulus_of(m, &m->sealing));
  return true;
}

/* --- JSON ----------------------------------------------------------------- */

static void set(object_builder *object, const char *name, value v) {
  object_set(object, slice_from(name), v);
}

static value text_value(const char *text) {
  return value_text(slice_from(text));
}

static value encoded(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static value encoded_url(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static void set_bytes(object_builder *object, const char *name, bytes data) {
  set(object, name, encoded(object->arena, data));
}

static slice json_text(arena *a, const object_builder *object) {
  value v = object_value(object);
  buffer text = buffer_in(a);
  json_write(&text, &v);
  return buffer_slice(&text);
}

/* --- isolation ------------------------------------------------------------ */

static value runtime_key(maker *m) {
  object_builder jwk = object_in(m->arena);
  array_builder operations = array_in(m->arena);
  bytes modulus = m->guest->lie == GUEST_LIE_KEY
                      ? other_modulus(m, m->aik_modulus)
                      : m->aik_modulus;
  array_add(&operations, text_value("sign"));
  set(&jwk, "kid", text_value("HCLAkPub"));
  set(&jwk, "key_ops", array_value(&operations));
  set(&jwk, "kty", text_value("RSA"));
  set(&jwk, "e", text_value("AQAB"));
  set(&jwk, "n", encoded_url(m->arena, modulus));
  return object_value(&jwk);
}

/* As the paravisor writes it; user data tells two of them apart. */
static slice runtime_data(maker *m, const char *user_data) {
  object_builder runtime = object_in(m->arena);
  object_builder configuration = object_in(m->arena);
  array_builder keys = array_in(m->arena);
  array_add(&keys, runtime_key(m));
  set(&configuration, "console-enabled", value_boolean(true));
  set(&configuration, "secure-boot", value_boolean(m->guest->boot.secure_boot));
  set(&configuration, "tpm-enabled", value_boolean(true));
  set(&configuration, "vmUniqueId", value_text(m->guest->vm_id));
  set(&runtime, "keys", array_value(&keys));
  set(&runtime, "vm-configuration", object_value(&configuration));
  set(&runtime, "user-data", text_value(user_data));
  return json_text(m->arena, &runtime);
}

/* The hardware's report over the runtime data. */
static bool make_proof(maker *m, slice runtime, bytes *proof) {
  const guest_recipe *guest = m->guest;
  slice *settings = ARENA_ARRAY(m->arena, guest->hardware_count + 1, slice);
  buffer text = buffer_in(m->arena);
  buffer_printf(&text, "runtime-data=%.*s", SLICE_ARGS(runtime));
  settings[0] = buffer_slice(&text);
  for (size_t i = 0; i < guest->hardware_count; i++)
    settings[i + 1] = guest->hardware[i];
  evidence_recipe hardware = *m->recipe;
  hardware.type = guest->isolation == GUEST_TDX ? ATTESTATION_TDX_VM
                                                : ATTESTATION_SEV_SNP_VM;
  hardware.settings = settings;
  hardware.setting_count = guest->hardware_count + 1;
  evidence_made made;
  if (!evidence_make(m->arena, &hardware, &made, m->error))
    return false;
  *proof = made.raw;
  return true;
}

static bool set_isolation(maker *m, object_builder *info) {
  const guest_recipe *guest = m->guest;
  object_builder isolation = object_in(m->arena),
                 proof_of = object_in(m->arena);
  set(&isolation, "Type", text_value(guest_isolation_name(guest->isolation)));
  if (guest->isolation != GUEST_TRUSTED_LAUNCH) {
    slice runtime = runtime_data(m, "00");
    bytes proof;
    if (!make_proof(m, runtime, &proof))
      return false;
    if (guest->lie == GUEST_LIE_RUNTIME)
      runtime = runtime_data(m, "01");
    set_bytes(&proof_of, "Proof", proof);
    set_bytes(&proof_of, "RunTimeData", bytes_from_slice(runtime));
    set(&isolation, "Evidence", object_value(&proof_of));
  }
  if (!slice_is(guest->protocol, "1.0"))
    set(info, "IsolationInfo", object_value(&isolation));
  return true;
}

/* --- the TPM -------------------------------------------------------------- */

static bool sign(maker *m, bytes message, bytes *signature) {
  jws_algorithm algorithm =
      m->guest->scheme == TPM_ALG_RSAPSS ? JWS_PS256 : JWS_RS256;
  return private_key_sign(m->arena, &m->aik, algorithm, message, signature) ||
         evidence_fail(m->arena, m->error, EVIDENCE_CRYPTO, 0,
                       "the TPM's statements cannot be signed");
}

static bool set_signed(maker *m, object_builder *tpm, const char *name,
                       const char *signature_name, bytes message) {
  bytes signature;
  if (!sign(m, message, &signature))
    return false;
  set_bytes(tpm, name, message);
  set_bytes(tpm, signature_name, signature);
  return true;
}

/* The certificate of the TPM's key, as Azure issues it: alone, in DER. */
static bool set_certificate(maker *m, object_builder *tpm) {
  X509 *ca, *leaf;
  EVP_PKEY *ca_key;
  bool is_trusted_launch = m->guest->isolation == GUEST_TRUSTED_LAUNCH;
  if (!test_pki_authority(m->arena, &m->pki, "tpm-ca", "maapol test TPM CA",
                          &ca, &ca_key, m->error))
    return false;
  test_certificate what = {ca,
                           ca_key,
                           is_trusted_launch
                               ? "test.TrustedVM.Azure.Microsoft"
                               : "test.ConfidentialVM.Azure.Microsoft",
                           m->aik.pair,
                           NULL,
                           NULL};
  if (!test_pki_certify(m->arena, &what, &leaf, m->error))
    return false;
  int length = i2d_X509(leaf, NULL);
  unsigned char *der =
      length > 0 ? arena_alloc(m->arena, (size_t)length) : NULL;
  unsigned char *end = der;
  if (!der || i2d_X509(leaf, &end) != length)
    arena_fail(m->arena, ARENA_NO_MEMORY);
  set_bytes(tpm, "AikCert", (bytes){der, (size_t)length});
  return true;
}

static void set_pcrs(maker *m, object_builder *tpm) {
  array_builder numbers = array_in(m->arena), list = array_in(m->arena);
  for (uint32_t i = 0; i < TCG_PCR_COUNT; i++) {
    if (!(m->pcr_set >> i & 1))
      continue;
    object_builder pcr = object_in(m->arena);
    uint8_t digest_given[SHA256_BYTES];
    memcpy(digest_given, m->pcrs.values[i], sizeof digest_given);
    if (m->guest->lie == GUEST_LIE_PCR)
      digest_given[0] ^= 1;
    set(&pcr, "Index", value_integer(i));
    set_bytes(&pcr, "Digest", (bytes){digest_given, sizeof digest_given});
    array_add(&list, object_value(&pcr));
    array_add(&numbers, value_integer(i));
  }
  set(tpm, "PcrSet", array_value(&numbers));
  set(tpm, "PCRs", array_value(&list));
}

static bytes name_of(maker *m, bytes public) {
  tpm_public key;
  bytes name;
  if (!tpm2b_public_read(m->arena, public, &key, m->error) ||
      !tpm_public_name(m->arena, &key, &name))
    arena_fail(m->arena, ARENA_NO_MEMORY); /* never: we wrote it */
  return name;
}

static bool set_tpm(maker *m, object_builder *info) {
  object_builder tpm = object_in(m->arena);
  bytes signer = name_of(m, m->aik_public), sealing = m->sealing_public;
  bytes quote = tpm_quote_write(m->arena, signer, m->pcr_set, &m->pcrs);
  bytes certify = tpm_certify_write(m->arena, signer, name_of(m, sealing));
  if (m->guest->lie == GUEST_LIE_SEALING)
    sealing = tpm2b_public_write(m->arena, SEALING_ATTRIBUTES, TPM_ALG_RSAES,
                                 other_modulus(m, modulus_of(m, &m->sealing)));
  set_bytes(&tpm, "AikPub", m->aik_public);
  set_bytes(&tpm, "EncKeyPub", sealing);
  set_pcrs(m, &tpm);
  if (!set_certificate(m, &tpm) ||
      !set_signed(m, &tpm, "PcrQuote", "PcrSignature", quote) ||
      !set_signed(m, &tpm, "EncKeyCertifyInfo", "EncKeyCertifyInfoSignature",
                  certify))
    return false;
  set(info, "TpmInfo", object_value(&tpm));
  return true;
}

/* --- all ------------------------------------------------------------------ */

static bool is_windows(const guest_recipe *guest) {
  return slice_is(guest->os_type, "Windows");
}

/* What only the Windows boot loader measures. */
static bool needs_windows(const guest_boot *boot) {
  return boot->boot_debug || boot->kernel_debug || boot->hypervisor_debug ||
         boot->test_signing || boot->flight_signing || boot->elam ||
         boot->hvci_policy != 0;
}

static bool check_recipe(maker *m) {
  const guest_recipe *guest = m->guest;
  bool is_trusted_launch = guest->isolation == GUEST_TRUSTED_LAUNCH;
  if (!is_windows(guest) && needs_windows(&guest->boot))
    return evidence_fail(m->arena, m->error, EVIDENCE_VALUE, 0,
                         "debugging, signing, elam and hvci-policy are "
                         "measured with os-type=Windows only");
  if (is_trusted_launch && guest->hardware_count > 0)
    return evidence_fail(m->arena, m->error, EVIDENCE_VALUE, 0,
                         "a trusted launch VM has no hardware report");
  if (is_trusted_launch &&
      (guest->lie == GUEST_LIE_KEY || guest->lie == GUEST_LIE_RUNTIME))
    return evidence_fail(m->arena, m->error, EVIDENCE_VALUE, 0,
                         "a trusted launch VM has no runtime data");
  if (!is_trusted_launch && slice_is(guest->protocol, "1.0"))
    return evidence_fail(m->arena, m->error, EVIDENCE_VALUE, 0,
                         "protocol-version 1.0 goes with "
                         "isolation=TrustedLaunch only");
  return true;
}

/* The PCRs are those of the log, unless that is to be found out. */
static bool make_log(maker *m) {
  tcg_log log;
  guest_recipe other = *m->guest;
  m->pcr_set = m->guest->pcr_set;
  if (!m->pcr_set)
    m->pcr_set = is_windows(m->guest) ? 0x38ff : 0xff;
  m->log = guest_log_make(m->arena, m->guest);
  if (!tcg_log_read(m->arena, m->log, &log, m->error) ||
      !tcg_log_replay(&log, TPM_ALG_SHA256, &m->pcrs))
    return false;
  other.boot.secure_boot = !other.boot.secure_boot;
  if (m->guest->lie == GUEST_LIE_LOG)
    m->log = guest_log_make(m->arena, &other);
  return true;
}

static void set_system(maker *m, object_builder *info) {
  const guest_recipe *guest = m->guest;
  set(info, "AttestationProtocolVersion", value_text(guest->protocol));
  set(info, "ClientPayload", object_value(&guest->payload));
  set_bytes(info, "OSType", bytes_from_slice(guest->os_type));
  set_bytes(info, "OSDistro", bytes_from_slice(guest->os_distro));
  set_bytes(info, "OSBuild", bytes_from_slice(guest->os_build));
  set(info, "OSVersionMajor", value_integer(guest->os_major));
  set(info, "OSVersionMinor", value_integer(guest->os_minor));
  set_bytes(info, "TcgLogs", m->log);
}

bool guest_make(arena *a, const evidence_recipe *recipe, evidence_made *result,
                evidence_error *error) {
  guest_recipe *guest = ARENA_NEW(a, guest_recipe);
  maker *m = ARENA_NEW(a, maker);
  object_builder info = object_in(a);
  guest_recipe_start(a, guest);
  for (size_t i = 0; i < recipe->setting_count; i++)
    if (!guest_recipe_set(a, guest, recipe->settings[i], error))
      return false;
  m->arena = a;
  m->recipe = recipe;
  m->guest = guest;
  m->error = error;
  if (!check_recipe(m) || !make_log(m) ||
      !test_pki_open(a, recipe->pki_directory, &m->pki, error) || !make_keys(m))
    return false;
  set_system(m, &info);
  if (!set_tpm(m, &info) || !set_isolation(m, &info))
    return false;
  result->raw = bytes_from_slice(json_text(a, &info));
  return true;
}
