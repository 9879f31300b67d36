/* SPDX-License-Identifier: Apache-2.0 */
/* What the service derives from an SGX quote. Names and formats as in its
 * article "Claim sets" and in recorded tokens. */
#include "evidence/sgx_quote.h"
#include "sign/digest.h"

/* How a field of the report becomes a claim. */
static const struct {
  const char *claim;
  const char *legacy; /* older name that policies may still use */
  sgx_report_field field;
  bool needs_kss;
} claim_rows[] = {
    {"x-ms-sgx-mrenclave", "$sgx-mrenclave", SGX_MRENCLAVE, false},
    {"x-ms-sgx-mrsigner", "$sgx-mrsigner", SGX_MRSIGNER, false},
    {"x-ms-sgx-product-id", "$product-id", SGX_PRODUCT_ID, false},
    {"x-ms-sgx-svn", "$svn", SGX_SVN, false},
    {"x-ms-sgx-report-data", NULL, SGX_REPORT_DATA, false},
    {"x-ms-sgx-config-id", NULL, SGX_CONFIG_ID, true},
    {"x-ms-sgx-config-svn", NULL, SGX_CONFIG_SVN, true},
    {"x-ms-sgx-isv-extended-product-id", NULL, SGX_ISV_EXTENDED_PRODUCT_ID,
     true},
    {"x-ms-sgx-isv-family-id", NULL, SGX_ISV_FAMILY_ID, true},
};

static value hex_value(arena *a, bytes data) {
  buffer out = buffer_in(a);
  buffer_hex(&out, data);
  return value_text(buffer_slice(&out));
}

static value field_value(arena *a, bytes report, sgx_report_field field) {
  if (sgx_report_fields[field].format == FIELD_NUMBER)
    return value_integer((int64_t)sgx_report_number(report, field));
  return hex_value(a, sgx_report_bytes(report, field));
}

static void set_claim(object_builder *claims, object_builder *legacy,
                      const char *name, const char *legacy_name, value v) {
  object_set(claims, slice_from(name), v);
  if (legacy_name)
    object_set(legacy, slice_from(legacy_name), v);
}

static void derive_claims(arena *a, bytes report, evidence *e) {
  object_builder claims = object_in(a), legacy = object_in(a);
  uint64_t flags = sgx_report_number(report, SGX_ATTRIBUTES);
  set_claim(&claims, &legacy, "x-ms-attestation-type", "$tee",
            value_text(slice_from(attestation_type_claim(e->type))));
  set_claim(&claims, &legacy, "x-ms-sgx-is-debuggable", "$is-debuggable",
            value_boolean((flags & SGX_FLAG_DEBUG) != 0));
  for (size_t i = 0; i < sizeof claim_rows / sizeof claim_rows[0]; i++)
    if (!claim_rows[i].needs_kss || (flags & SGX_FLAG_KSS))
      set_claim(&claims, &legacy, claim_rows[i].claim, claim_rows[i].legacy,
                field_value(a, report, claim_rows[i].field));
  e->claims = object_value(&claims);
  e->legacy_claims = object_value(&legacy);
}

/* quotehash is over the evidence as sent: with the header of an Open Enclave
 * report, and with trailing bytes. The other members of the service's object
 * hash collateral that the evidence does not hold. */
static void derive_collateral(arena *a, evidence *e) {
  uint8_t hash[SHA256_BYTES];
  digest_sha256(a, e->raw, hash);
  object_builder collateral = object_in(a), token = object_in(a);
  object_set(&collateral, SLICE("quotehash"),
             hex_value(a, (bytes){hash, sizeof hash}));
  value object = object_value(&collateral);
  object_set(&token, SLICE("x-ms-sgx-collateral"), object);
  object_set(&token, SLICE("maa-attestationcollateral"), object);
  e->token_claims = object_value(&token);
}

void sgx_quote_describe(arena *a, const sgx_quote *quote, evidence *e) {
  bytes report = quote->report;
  e->report_data = sgx_report_bytes(report, SGX_REPORT_DATA);
  if (sgx_report_number(report, SGX_ATTRIBUTES) & SGX_FLAG_KSS)
    e->init_data =
        (bytes){sgx_report_bytes(report, SGX_CONFIG_ID).data, SHA256_BYTES};
  derive_claims(a, report, e);
  derive_collateral(a, e);
}
