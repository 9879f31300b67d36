/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/kinds.h"

#include "evidence/guest_make.h"
#include "evidence/oe_report.h"
#include "evidence/sgx_make.h"
#include "evidence/sgx_verify.h"
#include "evidence/snp_make.h"
#include "evidence/tdx_make.h"
#include "evidence/tdx_verify.h"
#include "evidence/tpm_make.h"

static const char *const sgx_held_data[] = {"x-ms-sgx-ehd", "maa-ehd",
                                            "aas-ehd", NULL};

/* A file is of the first kind that knows it: SNP reports of version 1 begin as
 * Open Enclave reports may. */
static const evidence_kind kinds[] = {
    {ATTESTATION_SEV_SNP_VM, "SEV-SNP report", snp_detect, snp_parse, snp_show,
     snp_make, snp_make_fields, NULL, snp_verify, snp_add_verified_claims},
    {ATTESTATION_SGX_ENCLAVE, "SGX quote", sgx_quote_detect, sgx_quote_parse,
     sgx_quote_show, sgx_quote_make, sgx_make_fields, sgx_held_data,
     sgx_quote_verify, NULL},
    {ATTESTATION_OPEN_ENCLAVE, "Open Enclave report", oe_report_detect,
     oe_report_parse, oe_report_show, oe_report_make, sgx_make_fields,
     sgx_held_data, oe_report_verify, NULL},
    {ATTESTATION_TDX_VM, "TDX quote", tdx_detect, tdx_parse, tdx_show, tdx_make,
     tdx_make_fields, NULL, tdx_verify, tdx_add_verified_claims},
    {ATTESTATION_AZURE_GUEST, "attestationInfo", guest_detect, guest_parse,
     guest_show, guest_make, guest_make_fields, NULL, guest_verify,
     guest_add_verified_claims},
    {ATTESTATION_TPM, "TPM request", tpm_request_detect, tpm_request_parse,
     tpm_request_show, tpm_make, tpm_make_fields, NULL, tpm_request_verify,
     tpm_add_verified_claims},
};

enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

const evidence_kind *evidence_kind_of(attestation_type type) {
  for (size_t i = 0; i < KIND_COUNT; i++)
    if (kinds[i].type == type)
      return &kinds[i];
  return NULL;
}

attestation_type evidence_detect(bytes raw) {
  for (size_t i = 0; i < KIND_COUNT; i++)
    if (kinds[i].detect(raw))
      return kinds[i].type;
  return ATTESTATION_TYPE_UNKNOWN;
}
