/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/attestation_type.h"


/* The first row of a type holds its own name. The others are names in the
 * service's older API versions, the Azure command line and the portal. */
static const struct {
  const char *name;
  attestation_type type;
} names[] = {
    {"SgxEnclave", ATTESTATION_SGX_ENCLAVE},
    {"SGX-IntelSDK", ATTESTATION_SGX_ENCLAVE},
    {"OpenEnclave", ATTESTATION_OPEN_ENCLAVE},
    {"SGX-OpenEnclaveSDK", ATTESTATION_OPEN_ENCLAVE},
    {"SevSnpVm", ATTESTATION_SEV_SNP_VM},
    {"SEV-SNP", ATTESTATION_SEV_SNP_VM},
    {"TdxVm", ATTESTATION_TDX_VM},
    {"AzureGuest", ATTESTATION_AZURE_GUEST},
    {"AzureVM", ATTESTATION_AZURE_GUEST},
    {"Tpm", ATTESTATION_TPM},
    {"VSM", ATTESTATION_TPM},
    {"VSMEnclave", ATTESTATION_TPM},
    {"VbsEnclave", ATTESTATION_TPM},
    {"CyResComponent", ATTESTATION_TPM},
};

enum { NAME_COUNT = sizeof names / sizeof names[0] };

const char *attestation_type_name(attestation_type type) {
  for (size_t i = 0; i < NAME_COUNT; i++)
    if (names[i].type == type)
      return names[i].name;
  return "unknown";
}

attestation_type attestation_type_from_name(slice name) {
  for (size_t i = 0; i < NAME_COUNT; i++)
    if (slice_equal_ignore_case(name, slice_from(names[i].name)))
      return names[i].type;
  return ATTESTATION_TYPE_UNKNOWN;
}

const char *attestation_type_claim(attestation_type type) {
  static const char *const claims[ATTESTATION_TYPE_COUNT] = {
      [ATTESTATION_TYPE_UNKNOWN] = "unknown",
      [ATTESTATION_SGX_ENCLAVE] = "sgx",
      [ATTESTATION_OPEN_ENCLAVE] = "sgx",
      [ATTESTATION_SEV_SNP_VM] = "sevsnpvm",
      [ATTESTATION_TDX_VM] = "tdxvm",
      [ATTESTATION_AZURE_GUEST] = "azurevm",
      [ATTESTATION_TPM] = "tpm",
  };
  return claims[type < ATTESTATION_TYPE_COUNT ? type : 0];
}

const char *attestation_type_list(void) {
  return "SgxEnclave, OpenEnclave, SevSnpVm, TdxVm, AzureGuest, Tpm";
}
