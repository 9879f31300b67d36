/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of each world: lint_worlds.h. */
#include "compiler/claim_catalogue.h"
#include "compiler/lint_worlds.h"

#define SGX                                                                    \
  (CLAIM_TYPE(ATTESTATION_SGX_ENCLAVE) | CLAIM_TYPE(ATTESTATION_OPEN_ENCLAVE))
#define SNP CLAIM_TYPE(ATTESTATION_SEV_SNP_VM)
#define TDX CLAIM_TYPE(ATTESTATION_TDX_VM)
#define GUEST CLAIM_TYPE(ATTESTATION_AZURE_GUEST)
#define TPM CLAIM_TYPE(ATTESTATION_TPM)

#define YES LITERAL_BOOLEAN, 1, NULL
#define NO LITERAL_BOOLEAN, 0, NULL
#define ZERO LITERAL_INTEGER, 0, NULL
#define UNHEARD_OF LITERAL_STRING, 0, NULL
#define TEXT(text) LITERAL_STRING, 0, text

const world_claim world_claims[] = {
    {"$is-debuggable", SGX, WORLD_DEBUG, YES},
    {"x-ms-sgx-is-debuggable", SGX, WORLD_DEBUG, YES},
    {"x-ms-sevsnpvm-is-debuggable", SNP, WORLD_DEBUG, YES},
    {"tdx_td_attributes_debug", TDX, WORLD_DEBUG, YES},
    {"tdx_td_attributes", TDX, WORLD_DEBUG, UNHEARD_OF},
    {"dbgstat", TDX, WORLD_DEBUG, TEXT("enabled")},

    /* An enclave that is pinned by its measurement has but one version. */
    {"$sgx-mrenclave", SGX, WORLD_STRANGER | WORLD_OLD, UNHEARD_OF},
    {"x-ms-sgx-mrenclave", SGX, WORLD_STRANGER | WORLD_OLD, UNHEARD_OF},
    {"$sgx-mrsigner", SGX, WORLD_STRANGER, UNHEARD_OF},
    {"x-ms-sgx-mrsigner", SGX, WORLD_STRANGER, UNHEARD_OF},
    {"x-ms-sevsnpvm-authorkeydigest", SNP, WORLD_STRANGER, UNHEARD_OF},
    {"x-ms-sevsnpvm-hostdata", SNP, WORLD_STRANGER, UNHEARD_OF},
    {"x-ms-sevsnpvm-idkeydigest", SNP, WORLD_STRANGER, UNHEARD_OF},
    {"x-ms-sevsnpvm-launchmeasurement", SNP, WORLD_STRANGER, UNHEARD_OF},
    {"x-ms-sevsnpvm-reportid", SNP, WORLD_STRANGER, UNHEARD_OF},
    {"tdx_mrconfigid", TDX, WORLD_STRANGER, UNHEARD_OF},
    {"tdx_mrowner", TDX, WORLD_STRANGER, UNHEARD_OF},
    {"tdx_mrownerconfig", TDX, WORLD_STRANGER, UNHEARD_OF},
    {"tdx_mrtd", TDX, WORLD_STRANGER, UNHEARD_OF},
    {"tdx_rtmr0", TDX, WORLD_STRANGER, UNHEARD_OF},
    {"tdx_rtmr1", TDX, WORLD_STRANGER, UNHEARD_OF},
    {"tdx_rtmr2", TDX, WORLD_STRANGER, UNHEARD_OF},
    {"tdx_rtmr3", TDX, WORLD_STRANGER, UNHEARD_OF},

    {"$svn", SGX, WORLD_OLD, ZERO},
    {"x-ms-sgx-svn", SGX, WORLD_OLD, ZERO},
    {"x-ms-sevsnpvm-bootloader-svn", SNP, WORLD_OLD, ZERO},
    {"x-ms-sevsnpvm-guestsvn", SNP, WORLD_OLD, ZERO},
    {"x-ms-sevsnpvm-microcode-svn", SNP, WORLD_OLD, ZERO},
    {"x-ms-sevsnpvm-snpfw-svn", SNP, WORLD_OLD, ZERO},
    {"x-ms-sevsnpvm-tee-svn", SNP, WORLD_OLD, ZERO},
    {"tdx_seamsvn", TDX, WORLD_OLD, ZERO},
    {"tdx_tee_tcb_svn", TDX, WORLD_OLD, UNHEARD_OF},
    {"attester_tcb_status", TDX, WORLD_OLD, TEXT("OutOfDate")},

    /* The service vouches for Azure's own images: not debuggable, known,
     * current. */
    {"x-ms-compliance-status", SNP,
     WORLD_DEBUG | WORLD_STRANGER | WORLD_OLD, UNHEARD_OF},

    {"secureboot", GUEST, WORLD_UNSAFE_BOOT, NO},
    {"secureBootEnabled", TPM, WORLD_UNSAFE_BOOT, NO},
    {"events", TPM, WORLD_UNSAFE_BOOT, UNHEARD_OF},
    {"bootEvents", TPM, WORLD_UNSAFE_BOOT, UNHEARD_OF},
    {"pcrs", TPM, WORLD_UNSAFE_BOOT, UNHEARD_OF},
    {0},
};

uint8_t worlds_of(attestation_type type) {
  unsigned worlds = 0;
  for (const world_claim *w = world_claims; w->name; w++)
    if (w->types & CLAIM_TYPE(type))
      worlds |= w->worlds;
  return (uint8_t)worlds;
}
