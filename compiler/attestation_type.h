/* SPDX-License-Identifier: Apache-2.0 */
/* The service's attestation types and what people call them. */
#ifndef COMPILER_ATTESTATION_TYPE_H
#define COMPILER_ATTESTATION_TYPE_H

#include "base/slice.h"

/* ATTESTATION_TYPE_UNKNOWN is zero, so that memory set to zero names none. */
typedef enum attestation_type {
  ATTESTATION_TYPE_UNKNOWN,
  ATTESTATION_SGX_ENCLAVE,
  ATTESTATION_OPEN_ENCLAVE,
  ATTESTATION_SEV_SNP_VM,
  ATTESTATION_TDX_VM,
  ATTESTATION_AZURE_GUEST,
  ATTESTATION_TPM,
  ATTESTATION_TYPE_COUNT
} attestation_type;

/* The type's own name as the service's paths write it ("SgxEnclave");
 * "unknown" for anything else. Static text. */
const char *attestation_type_name(attestation_type type);

/* The type of that name in any case, or of an older or another tool's name
 * for it (SGX-IntelSDK, VSMEnclave, AzureVM ..). ATTESTATION_TYPE_UNKNOWN if
 * there is none. */
attestation_type attestation_type_from_name(slice name);

/* What the service writes into claim x-ms-attestation-type: "sgx" for both
 * SgxEnclave and OpenEnclave. */
const char *attestation_type_claim(attestation_type type);

/* "SgxEnclave, OpenEnclave, ..": for messages about an unknown type. */
const char *attestation_type_list(void);

#endif
