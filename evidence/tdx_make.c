/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tdx_make.h"

#include "evidence/td_report.h"
#include "evidence/tdx_verify.h"
#include "sign/digest.h"

static uint8_t *header_at(tdx_recipe *recipe, tdx_header_field field) {
  return recipe->header + tdx_header_fields[field].offset;
}

/* A measurement that is plainly nobody's: the hash of a text that says so. */
static void set_measurement(arena *a, tdx_recipe *recipe, tdx_field field,
                            const char *text) {
  uint8_t hash[DIGEST_BYTES_MAX];
  const field_row *row = &tdx_fields[field];
  if (!digest(DIGEST_SHA384, bytes_from_slice(slice_from(text)), hash))
    arena_fail(a, ARENA_NO_MEMORY);
  memcpy(recipe->body + row->offset, hash, row->size);
}

/* Intel's, which a verifier asks for. */
static void set_quoting_enclave(tdx_recipe *recipe) {
  uint8_t *qe = recipe->common.qe_report;
  const field_row *product = &sgx_report_fields[SGX_PRODUCT_ID];
  memcpy(qe + sgx_report_fields[SGX_MRSIGNER].offset,
         tdx_quoting_enclave.mrsigner, sizeof tdx_quoting_enclave.mrsigner);
  little_endian_write(qe + product->offset, product->size,
                      tdx_quoting_enclave.product_id);
}

void tdx_recipe_start(arena *a, tdx_recipe *recipe) {
  static const char *const settings[] = {
      "version=4",
      "tee-tcb-svn=06010300000000000000000000000000",
      "td-attributes=0x10000000", /* SEPT_VE_DISABLE */
      "xfam=0x602e7",
      "qe-svn=6",
      "fmspc=b0c06f000000",
      "tcb-components=03030202040100050000000000000000",
  };
  evidence_error error;
  *recipe = (tdx_recipe){0};
  sgx_recipe_start(a, &recipe->common);
  set_quoting_enclave(recipe);
  little_endian_write(header_at(recipe, TDX_KEY_TYPE), 2,
                      SGX_KEY_TYPE_ECDSA_P256);
  little_endian_write(header_at(recipe, TDX_TEE), 4, TDX_TEE_TYPE);
  memcpy(header_at(recipe, TDX_VENDOR_ID), sgx_intel_vendor,
         sizeof sgx_intel_vendor);
  set_measurement(a, recipe, TDX_MRSEAM, "maapol test TDX module");
  set_measurement(a, recipe, TDX_MRTD, "maapol test TD");
  set_measurement(a, recipe, TDX_RTMR0, "maapol test firmware");
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    (void)tdx_recipe_set(a, recipe, slice_from(settings[i]), &error);
}

static void add(buffer *out, const uint8_t *data, size_t size) {
  buffer_add(out, (slice){(const char *)data, size});
}

static void add_number(buffer *out, size_t size, uint64_t number) {
  uint8_t data[8];
  little_endian_write(data, size, number);
  add(out, data, size);
}

static uint64_t version_of(const tdx_recipe *recipe) {
  return field_number((bytes){recipe->header, sizeof recipe->header},
                      &tdx_header_fields[TDX_VERSION]);
}

static void write_signed_part(buffer *out, const tdx_recipe *recipe) {
  size_t size = recipe->is_15 ? TDX_BODY_BYTES_15 : TDX_BODY_BYTES;
  add(out, recipe->header, sizeof recipe->header);
  if (version_of(recipe) == 5) {
    add_number(out, 2, recipe->is_15 ? TDX_BODY_15 : TDX_BODY_10);
    add_number(out, 4, size);
  }
  add(out, recipe->body, size);
}

static bool sign_quote(arena *a, tdx_recipe *recipe, slice *quote,
                       evidence_error *error) {
  sgx_signed made;
  buffer out = buffer_in(a);
  write_signed_part(&out, recipe);
  bytes signed_part = bytes_from_slice(buffer_slice(&out));
  bytes body = {recipe->body, TDX_BODY_BYTES_15};
  if (!sgx_recipe_sign(a, &recipe->common, signed_part, body, &made, error))
    return false;
  add_number(&out, 4, 2 * ECDSA_P256_BYTES + 6 + made.certification.length);
  add(&out, made.signature, sizeof made.signature);
  add(&out, made.attestation_key, sizeof made.attestation_key);
  add_number(&out, 2, TDX_CERTIFICATION_QE_REPORT);
  add_number(&out, 4, made.certification.length);
  buffer_add(&out, made.certification);
  for (size_t i = 0; i < recipe->trailing; i++)
    buffer_char(&out, 0);
  *quote = buffer_slice(&out);
  return true;
}

/* The runtime data of an HCL report is JSON and in the report's own hash. */
static bool make_hcl(arena *a, tdx_recipe *recipe, slice *made,
                     evidence_error *error) {
  uint8_t report[TD_REPORT_BYTES];
  evidence_data *runtime = &recipe->common.runtime_data;
  if (!runtime->is_given &&
      !tdx_recipe_set(a, recipe,
                      SLICE("runtime-data={\"keys\":[],\"vm-configuration\":"
                            "{\"secure-boot\":true,\"tpm-enabled\":true}}"),
                      error))
    return false;
  if (!runtime->is_json)
    return evidence_fail(a, error, EVIDENCE_VALUE, 0,
                         "field form: runtime-data of form hcl is an object in "
                         "JSON");
  if (recipe->is_15 || recipe->common.collateral.is_given)
    return evidence_fail(a, error, EVIDENCE_VALUE, 0,
                         "field form: hcl has neither a body of TDX 1.5 nor "
                         "collateral");
  td_report_write(a, (bytes){recipe->body, TDX_BODY_BYTES}, report);
  *made = hcl_report_make(a, HCL_TYPE_TDX, (bytes){report, sizeof report},
                          runtime->data);
  return true;
}

static bool make_quote(arena *a, tdx_recipe *recipe, slice *made,
                       evidence_error *error) {
  if (recipe->is_15 && version_of(recipe) == 4)
    return evidence_fail(a, error, EVIDENCE_VALUE, 0,
                         "field version: quotes of version 4 have no body of "
                         "TDX 1.5");
  return sign_quote(a, recipe, made, error);
}

bool tdx_make(arena *a, const evidence_recipe *recipe, evidence_made *result,
              evidence_error *error) {
  tdx_recipe *tdx = ARENA_NEW(a, tdx_recipe);
  slice made = SLICE_EMPTY;
  tdx_recipe_start(a, tdx);
  tdx->common.pki_directory = recipe->pki_directory;
  tdx->common.collateral.directory = recipe->collateral_directory;
  for (size_t i = 0; i < recipe->setting_count; i++)
    if (!tdx_recipe_set(a, tdx, recipe->settings[i], error))
      return false;
  if (!(tdx->is_hcl ? make_hcl : make_quote)(a, tdx, &made, error))
    return false;
  result->runtime_data = tdx->common.runtime_data;
  result->init_data = tdx->common.init_data;
  result->raw = bytes_from_slice(made);
  return true;
}
