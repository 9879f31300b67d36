/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/sgx_make.h"

#include "evidence/oe_report.h"
#include "evidence/sgx_verify.h"
#include "evidence/test_pki.h"
#include "sign/digest.h"
#include "sign/ec_key.h"

static void set_bytes(uint8_t *structure, const field_row *field,
                      const uint8_t *data) {
  memcpy(structure + field->offset, data, field->size);
}

static void set_number(uint8_t *structure, const field_row *field,
                       uint64_t number) {
  little_endian_write(structure + field->offset, field->size, number);
}

/* A measurement that is plainly nobody's: the hash of a text that says so. */
static void set_measurement(arena *a, uint8_t *report, sgx_report_field field,
                            const char *text) {
  uint8_t hash[SHA256_BYTES];
  digest_sha256(a, bytes_from_slice(slice_from(text)), hash);
  set_bytes(report, &sgx_report_fields[field], hash);
}

static void start_header(sgx_recipe *recipe) {
  uint8_t *header = recipe->header;
  set_number(header, &sgx_header_fields[SGX_VERSION], SGX_QUOTE_VERSION);
  set_number(header, &sgx_header_fields[SGX_KEY_TYPE], SGX_KEY_TYPE_ECDSA_P256);
  set_bytes(header, &sgx_header_fields[SGX_VENDOR_ID], sgx_intel_vendor);
}

static void start_reports(arena *a, sgx_recipe *recipe) {
  uint8_t *report = recipe->report, *qe = recipe->qe_report;
  set_number(report, &sgx_report_fields[SGX_ATTRIBUTES],
             SGX_FLAG_INIT | SGX_FLAG_MODE64);
  set_number(report, &sgx_report_fields[SGX_XFRM], 0x07);
  set_measurement(a, report, SGX_MRENCLAVE, "maapol test enclave");
  set_measurement(a, report, SGX_MRSIGNER, "maapol test signer");
  set_number(report, &sgx_report_fields[SGX_PRODUCT_ID], 1);
  set_number(report, &sgx_report_fields[SGX_SVN], 1);
  set_number(qe, &sgx_report_fields[SGX_ATTRIBUTES],
             SGX_FLAG_INIT | SGX_FLAG_MODE64 | 0x10);
  set_number(qe, &sgx_report_fields[SGX_XFRM], 0xe7);
  set_measurement(a, qe, SGX_MRENCLAVE, "maapol test quoting enclave");
  set_bytes(qe, &sgx_report_fields[SGX_MRSIGNER], sgx_quoting_enclave.mrsigner);
  set_number(qe, &sgx_report_fields[SGX_PRODUCT_ID],
             sgx_quoting_enclave.product_id);
}

void sgx_recipe_start(arena *a, sgx_recipe *recipe) {
  static const char *const settings[] = {
      "qe-svn=9", "pce-svn=14", "cpusvn=14140b07ff800e000000000000000000",
      "fmspc=00906ed50000"};
  evidence_error error;
  *recipe = (sgx_recipe){.auth_data_length = 32};
  collateral_recipe_start(&recipe->collateral);
  for (uint8_t i = 0; i < 32; i++) /* as Intel's QE fills it */
    recipe->auth_data[i] = i;
  start_header(recipe);
  start_reports(a, recipe);
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    (void)sgx_recipe_set(a, recipe, slice_from(settings[i]), &error);
}

/* A structure under construction. */
static void add(buffer *out, const uint8_t *data, size_t size) {
  buffer_add(out, (slice){(const char *)data, size});
}

static void add_number(buffer *out, size_t size, uint64_t number) {
  uint8_t data[8];
  little_endian_write(data, size, number);
  add(out, data, size);
}

/* The QE vouches for the attestation key: hash of key and authentication data
 * in its report, which the platform's key signs. */
static bool sign_qe_report(arena *a, sgx_recipe *recipe, const uint8_t *point,
                           EVP_PKEY *pck_key, uint8_t *signature) {
  bytes parts[] = {{point, EC_PUBLIC_BYTES},
                   {recipe->auth_data, recipe->auth_data_length}};
  uint8_t *report_data =
      recipe->qe_report + sgx_report_fields[SGX_REPORT_DATA].offset;
  memset(report_data, 0, sgx_report_fields[SGX_REPORT_DATA].size);
  digest_sha256_parts(a, parts, 2, report_data);
  return ec_sign(pck_key, (bytes){recipe->qe_report, SGX_REPORT_BYTES},
                 signature);
}

/* What sgx_qe_certification_read reads. */
static void write_certification(buffer *out, const sgx_recipe *recipe,
                                const uint8_t *signature, slice chain) {
  add(out, recipe->qe_report, sizeof recipe->qe_report);
  add(out, signature, EC_SIGNATURE_BYTES);
  add_number(out, 2, recipe->auth_data_length);
  add(out, recipe->auth_data, recipe->auth_data_length);
  add_number(out, 2, SGX_CERTIFICATION_PEM_CHAIN);
  add_number(out, 4, chain.length);
  buffer_add(out, chain);
}

bool sgx_recipe_sign(arena *a, sgx_recipe *recipe, bytes signed_part,
                     bytes tdx_body, sgx_signed *result,
                     evidence_error *error) {
  test_pki pki;
  buffer chain = buffer_in(a), certification = buffer_in(a);
  if (!test_pki_open(a, recipe->pki_directory, &pki, error) ||
      !test_pki_issue(a, &pki, &recipe->platform, &chain, error))
    return false;
  buffer_char(&chain, 0); /* real chains end with a NUL */
  EVP_PKEY *key = ec_key_make(a);
  uint8_t *signature = result->signature, *point = result->attestation_key;
  uint8_t qe_signature[EC_SIGNATURE_BYTES];
  if (!ec_key_point(key, point) || !ec_sign(key, signed_part, signature) ||
      !sign_qe_report(a, recipe, point, pki.pck_key, qe_signature))
    return evidence_fail(a, error, EVIDENCE_CRYPTO, 0,
                         "the quote cannot be signed");
  write_certification(&certification, recipe, qe_signature,
                      buffer_slice(&chain));
  result->certification = buffer_slice(&certification);
  collateral_subject subject = {
      .platform = &recipe->platform,
      .qe_report = {recipe->qe_report, sizeof recipe->qe_report},
      .tdx_body = tdx_body};
  return collateral_make_intel(a, &pki, &recipe->collateral, &subject, error);
}

static bool sign_quote(arena *a, sgx_recipe *recipe, slice *quote,
                       evidence_error *error) {
  static const bytes no_tdx = {NULL, 0};
  sgx_signed made;
  buffer out = buffer_in(a);
  add(&out, recipe->header, sizeof recipe->header);
  add(&out, recipe->report, sizeof recipe->report);
  bytes signed_part = bytes_from_slice(buffer_slice(&out));
  if (!sgx_recipe_sign(a, recipe, signed_part, no_tdx, &made, error))
    return false;
  add_number(&out, 4, sizeof made.signature + sizeof made.attestation_key +
                          made.certification.length);
  add(&out, made.signature, sizeof made.signature);
  add(&out, made.attestation_key, sizeof made.attestation_key);
  buffer_add(&out, made.certification);
  *quote = buffer_slice(&out);
  return true;
}

static bool make_quote(arena *a, const evidence_recipe *recipe,
                       sgx_recipe *sgx, evidence_made *result, slice *quote,
                       evidence_error *error) {
  sgx_recipe_start(a, sgx);
  sgx->pki_directory = recipe->pki_directory;
  sgx->collateral.directory = recipe->collateral_directory;
  for (size_t i = 0; i < recipe->setting_count; i++)
    if (!sgx_recipe_set(a, sgx, recipe->settings[i], error))
      return false;
  result->runtime_data = sgx->runtime_data;
  result->init_data = sgx->init_data;
  return sign_quote(a, sgx, quote, error);
}

bool sgx_quote_make(arena *a, const evidence_recipe *recipe,
                    evidence_made *result, evidence_error *error) {
  slice quote = SLICE_EMPTY;
  sgx_recipe *sgx = ARENA_NEW(a, sgx_recipe);
  if (!make_quote(a, recipe, sgx, result, &quote, error))
    return false;
  if (sgx->custom_claims.is_given)
    return evidence_fail(a, error, EVIDENCE_VALUE, 0,
                         "field custom-claims: only evidence of OpenEnclave "
                         "has them");
  result->raw = bytes_from_slice(quote);
  return true;
}

/* With custom claims only the newer header will do, here of version 3. */
static void add_claims_header(buffer *out, slice quote, bytes claims) {
  add_number(out, 4, 3);
  add(out, oe_sgx_ecdsa_id, sizeof oe_sgx_ecdsa_id);
  add_number(out, 8, quote.length + claims.length);
  buffer_add(out, quote);
  buffer_add(out, slice_from_bytes(claims));
}

static void add_report_header(buffer *out, slice quote) {
  add_number(out, 4, OE_REPORT_VERSION);
  add_number(out, 4, OE_REPORT_REMOTE);
  add_number(out, 8, quote.length);
  buffer_add(out, quote);
}

bool oe_report_make(arena *a, const evidence_recipe *recipe,
                    evidence_made *result, evidence_error *error) {
  slice quote = SLICE_EMPTY;
  sgx_recipe *sgx = ARENA_NEW(a, sgx_recipe);
  if (!make_quote(a, recipe, sgx, result, &quote, error))
    return false;
  buffer report = buffer_in(a);
  if (sgx->custom_claims.is_given)
    add_claims_header(&report, quote, sgx->custom_claims.data);
  else
    add_report_header(&report, quote);
  result->raw = bytes_from_slice(buffer_slice(&report));
  return true;
}
