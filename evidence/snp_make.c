/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp_make.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/base64.h"
#include "evidence/cose_sign1.h"
#include "evidence/der.h"
#include "evidence/test_pki.h"
#include "sign/digest.h"

#define AMD_OID "1.3.6.1.4.1.3704.1."
#define CONTAINER_USAGE "1.3.6.1.4.1.311.76.59.1.2"
#define KATA_USAGE "1.3.6.1.4.1.311.76.59.1.5"

enum { DER_IA5_STRING = 0x16, UVM_KEY_BITS = 2048, TURIN_ID_BYTES = 8 };

/* A measurement that is plainly nobody's: the hash of a text that says so. */
static void set_hash(snp_recipe *recipe, snp_field field,
                     digest_algorithm algorithm, const char *text) {
  uint8_t hash[DIGEST_BYTES_MAX] = {0};
  (void)digest(algorithm, bytes_from_slice(slice_from(text)), hash);
  memcpy(recipe->report + snp_fields[field].offset, hash,
         snp_fields[field].size);
}

void snp_recipe_start(arena *a, snp_recipe *recipe) {
  static const char *const settings[] = {
      "version=3",           "guest-svn=2",
      "policy=0x3001f",      "signature-algorithm=1",
      "cpu-family=25",       "cpu-model=1",
      "cpu-stepping=1",      "platform-info=1",
      "bootloader-svn=4",    "snpfw-svn=24",
      "microcode-svn=219",   "current-major=1",
      "current-minor=55",    "committed-major=1",
      "committed-minor=55",  "family-id=01000000000000000000000000000000",
      "uvm-time=1700000000", "image-id=02000000000000000000000000000000",
      "uvm-svn=100"};
  evidence_error error;
  *recipe = (snp_recipe){0};
  collateral_recipe_start(&recipe->collateral);
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    (void)snp_recipe_set(a, recipe, slice_from(settings[i]), &error);
  set_hash(recipe, SNP_MEASUREMENT, DIGEST_SHA384, "maapol test VM");
  set_hash(recipe, SNP_ID_KEY_DIGEST, DIGEST_SHA384, "maapol test id key");
  set_hash(recipe, SNP_REPORT_ID, DIGEST_SHA256, "maapol test report");
  set_hash(recipe, SNP_CHIP_ID, DIGEST_SHA512, "maapol test chip");
  /* The ids of processors from Turin on have 8 bytes. */
  memset(recipe->report + snp_fields[SNP_CHIP_ID].offset + TURIN_ID_BYTES, 0,
         snp_fields[SNP_CHIP_ID].size - TURIN_ID_BYTES);
  memset(recipe->report + snp_fields[SNP_REPORT_ID_MA].offset, 0xff,
         snp_fields[SNP_REPORT_ID_MA].size);
}

/* --- the signing key's certificate ---------------------------------------- */

typedef struct chip {
  arena *arena;
  const snp_recipe *recipe;
} chip;

static bytes report_of(const snp_recipe *recipe) {
  return (bytes){recipe->report, SNP_REPORT_BYTES};
}

static bool signing_key_is_vlek(const snp_recipe *recipe) {
  return snp_signing_key(report_of(recipe)) == SNP_SIGNED_BY_VLEK;
}

/* A report whose reported TCB is what the certificate shall say. */
static bool add_components(X509 *certificate, const chip *c) {
  uint8_t copy[SNP_REPORT_BYTES];
  memcpy(copy, c->recipe->report, sizeof copy);
  if (c->recipe->has_certified_tcb)
    memcpy(copy + snp_fields[SNP_REPORTED_TCB].offset, c->recipe->certified_tcb,
           sizeof c->recipe->certified_tcb);
  for (int i = 0; i < SNP_COMPONENT_COUNT && !c->recipe->omits_tcb; i++) {
    bytes at = snp_component_bytes((bytes){copy, sizeof copy}, SNP_REPORTED_TCB,
                                   (snp_component)i);
    if (!at.data)
      continue;
    buffer der = buffer_in(c->arena);
    der_add_number(&der, DER_INTEGER, at.data[0]);
    if (!test_pki_add_extension(certificate, snp_components[i].oid,
                                bytes_from_slice(buffer_slice(&der))))
      return false;
  }
  return true;
}

static bool add_text(X509 *certificate, arena *a, const char *oid,
                     const char *text) {
  buffer der = buffer_in(a);
  der_add(&der, DER_IA5_STRING, bytes_from_slice(slice_from(text)));
  return test_pki_add_extension(certificate, oid,
                                bytes_from_slice(buffer_slice(&der)));
}

static bool describe_chip(X509 *certificate, const void *context) {
  const chip *c = context;
  bytes report = report_of(c->recipe);
  bool is_turin = snp_is_turin(report);
  bytes id = snp_bytes(report, SNP_CHIP_ID);
  if (is_turin)
    id.length = TURIN_ID_BYTES;
  if (!add_text(certificate, c->arena, AMD_OID "2",
                is_turin ? "Turin" : "Milan-B0") ||
      !add_components(certificate, c))
    return false;
  return signing_key_is_vlek(c->recipe)
             ? add_text(certificate, c->arena, AMD_OID "5", "maapol")
             : test_pki_add_extension(certificate, AMD_OID "4", id);
}

static void add_certificates(buffer *chain, X509 *leaf, X509 *ca, X509 *root) {
  certificate_write(chain, leaf);
  certificate_write(chain, ca);
  certificate_write(chain, root);
}

static bool issue_signer(arena *a, const test_pki *pki,
                         const snp_recipe *recipe, EVP_PKEY *key, buffer *chain,
                         evidence_error *error) {
  X509 *ca, *leaf;
  EVP_PKEY *ca_key;
  chip c = {a, recipe};
  if (!test_pki_authority(a, pki, "sev-ca", "maapol test SEV CA", &ca, &ca_key,
                          error))
    return false;
  test_certificate what = {ca,  ca_key,        "maapol test SEV VCEK",
                           key, describe_chip, &c};
  if (!test_pki_certify(a, &what, &leaf, error))
    return false;
  add_certificates(chain, leaf, ca, pki->root);
  return collateral_make_amd(
      a, pki, &recipe->collateral, ca,
      signing_key_is_vlek(recipe) ? "vlek_crl.der" : "vcek_crl.der", error);
}

/* --- the report ----------------------------------------------------------- */

static void turn(uint8_t *to, const uint8_t *number) {
  for (size_t i = 0; i < EC384_NUMBER_BYTES; i++)
    to[i] = number[EC384_NUMBER_BYTES - 1 - i];
}

static bool sign_report(snp_recipe *recipe, EVP_PKEY *key) {
  uint8_t signature[EC384_SIGNATURE_BYTES];
  if (!ec384_sign(key, (bytes){recipe->report, SNP_SIGNED_BYTES}, signature))
    return false;
  turn(recipe->report + snp_fields[SNP_SIGNATURE_R].offset, signature);
  turn(recipe->report + snp_fields[SNP_SIGNATURE_S].offset,
       signature + EC384_NUMBER_BYTES);
  return true;
}

/* --- the endorsement ------------------------------------------------------ */

static void free_key(void *key) { EVP_PKEY_free(key); }

static bool add_usage(X509 *certificate, const void *context) {
  X509_EXTENSION *extension =
      X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, context);
  bool good = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return good;
}

static slice endorsement_payload(arena *a, const snp_recipe *recipe) {
  bytes measurement = recipe->uvm_measurement;
  if (measurement.length == 0)
    measurement = snp_bytes(report_of(recipe), SNP_MEASUREMENT);
  buffer hex = buffer_in(a), text = buffer_in(a);
  buffer_hex(&hex, measurement);
  object_builder object = object_in(a);
  object_set(&object, SLICE("x-ms-sevsnpvm-guestsvn"),
             value_text(recipe->uvm_svn));
  object_set(&object, SLICE("x-ms-sevsnpvm-launchmeasurement"),
             value_text(buffer_slice(&hex)));
  value payload = object_value(&object);
  json_write(&text, &payload);
  return buffer_slice(&text);
}

static EVP_PKEY *make_rsa_key(arena *a) {
  EVP_PKEY *key = EVP_RSA_gen(UVM_KEY_BITS);
  if (!key)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_key, key);
  return key;
}

static const char *usage_of(arena *a, const snp_recipe *recipe) {
  if (recipe->uvm_usage.length)
    return arena_string(a, recipe->uvm_usage);
  return slice_is(recipe->feed, "ConfAKS-AMD-UVM") ? KATA_USAGE
                                                   : CONTAINER_USAGE;
}

static bool make_endorsement(arena *a, const test_pki *pki,
                             const snp_recipe *recipe, buffer *out,
                             evidence_error *error) {
  EVP_PKEY *key = make_rsa_key(a), *ca_key;
  const char *usage = usage_of(a, recipe);
  certificate_chain chain = {.count = 3};
  chain.items[2] = pki->root;
  if (!test_pki_authority(a, pki, "uvm-ca", "maapol test UVM CA",
                          &chain.items[1], &ca_key, error))
    return false;
  test_certificate what = {
      chain.items[1], ca_key, "maapol test UVM signer", key, add_usage, usage};
  if (!test_pki_certify(a, &what, &chain.items[0], error))
    return false;
  cose_sign1 message = {
      .algorithm = COSE_PS384,
      .content_type = SLICE("application/json"),
      .issuer = recipe->uvm_issuer.length ? recipe->uvm_issuer
                                          : cose_issuer_of(a, pki->root, usage),
      .feed = recipe->feed,
      .has_time = true,
      .time = recipe->uvm_time,
      .payload = bytes_from_slice(endorsement_payload(a, recipe))};
  return cose_sign1_write(out, &message, &chain, key) ||
         evidence_fail(a, error, EVIDENCE_CRYPTO, 0,
                       "the endorsement cannot be signed");
}

/* --- forms ---------------------------------------------------------------- */

static value encoded(arena *a, slice data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, bytes_from_slice(data));
  return value_text(buffer_slice(&text));
}

static slice json_text(arena *a, const object_builder *object) {
  value v = object_value(object);
  buffer text = buffer_in(a);
  json_write(&text, &v);
  return buffer_slice(&text);
}

static slice as_json(arena *a, const snp_recipe *recipe, slice chain,
                     slice endorsement) {
  object_builder object = object_in(a), endorsements = object_in(a);
  array_builder uvm = array_in(a);
  object_set(&object, SLICE("SnpReport"),
             encoded(a, slice_from_bytes(report_of(recipe))));
  object_set(&object, SLICE("VcekCertChain"), encoded(a, chain));
  if (endorsement.length) {
    array_add(&uvm, encoded(a, endorsement));
    object_set(&endorsements, SLICE("Uvm"), array_value(&uvm));
    object_set(&object, SLICE("Endorsements"),
               encoded(a, json_text(a, &endorsements)));
  }
  return json_text(a, &object);
}

/* Forms without certificates leave them in the directory, under a name that
 * roots_add_directory does not take for a root's. */
static bool keep_chain(arena *a, const char *directory, slice chain,
                       evidence_error *error) {
  if (!directory)
    return true;
  return test_pki_write(a, directory, "snp-chain.txt", chain, error);
}

/* --- all ------------------------------------------------------------------ */

/* The runtime data of an HCL report is JSON and in the report's own hash. */
static bool complete(arena *a, snp_recipe *recipe, evidence_error *error) {
  if (recipe->form != SNP_FORM_HCL)
    return true;
  if (!recipe->runtime_data.is_given &&
      !snp_recipe_set(a, recipe,
                      SLICE("runtime-data={\"keys\":[],\"vm-configuration\":"
                            "{\"secure-boot\":true,\"tpm-enabled\":true}}"),
                      error))
    return false;
  return recipe->runtime_data.is_json ||
         evidence_fail(a, error, EVIDENCE_VALUE, 0,
                       "field form: runtime-data of form hcl is an object in "
                       "JSON");
}

static bool sign_all(arena *a, snp_recipe *recipe, const char *directory,
                     slice *result, evidence_error *error) {
  test_pki pki;
  buffer chain = buffer_in(a), endorsement = buffer_in(a);
  EVP_PKEY *key = ec384_key_make(a);
  if (!test_pki_open(a, directory, &pki, error) ||
      !issue_signer(a, &pki, recipe, key, &chain, error))
    return false;
  if (!sign_report(recipe, key))
    return evidence_fail(a, error, EVIDENCE_CRYPTO, 0,
                         "the report cannot be signed");
  if (recipe->feed.length &&
      !make_endorsement(a, &pki, recipe, &endorsement, error))
    return false;
  if (recipe->form == SNP_FORM_JSON)
    *result =
        as_json(a, recipe, buffer_slice(&chain), buffer_slice(&endorsement));
  else if (recipe->form == SNP_FORM_HCL)
    *result = hcl_report_make(a, HCL_TYPE_SNP, report_of(recipe),
                              recipe->runtime_data.data);
  else
    *result = slice_from_bytes(report_of(recipe));
  return keep_chain(a, directory, buffer_slice(&chain), error);
}

bool snp_make(arena *a, const evidence_recipe *recipe, evidence_made *result,
              evidence_error *error) {
  snp_recipe *snp = ARENA_NEW(a, snp_recipe);
  slice raw = SLICE_EMPTY;
  snp_recipe_start(a, snp);
  snp->collateral.directory = recipe->collateral_directory;
  for (size_t i = 0; i < recipe->setting_count; i++)
    if (!snp_recipe_set(a, snp, recipe->settings[i], error))
      return false;
  if (!complete(a, snp, error) ||
      !sign_all(a, snp, recipe->pki_directory, &raw, error))
    return false;
  result->runtime_data = snp->runtime_data;
  result->init_data = snp->init_data;
  result->raw = bytes_from_slice(raw);
  return true;
}
