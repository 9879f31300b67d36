/* SPDX-License-Identifier: Apache-2.0 */
/* What a PCK certificate says of its platform: extension 1.2.840.113741.1.13.1
 * (Intel, "SGX PCK Certificate and Certificate Revocation List Profile
 * Specification", section 1.3.5). */
#ifndef EVIDENCE_PCK_EXTENSION_H
#define EVIDENCE_PCK_EXTENSION_H

#include "base/buffer.h"

#define PCK_EXTENSION_OID "1.2.840.113741.1.13.1"

enum { PCK_COMPONENTS = 16 };

typedef enum pck_sgx_type {
  PCK_SGX_STANDARD,
  PCK_SGX_SCALABLE,
  PCK_SGX_SCALABLE_WITH_INTEGRITY
} pck_sgx_type;

typedef struct pck_extension {
  uint8_t ppid[16];
  uint8_t components[PCK_COMPONENTS]; /* SVN of each TCB component */
  uint16_t pce_svn;
  uint8_t cpu_svn[16];
  uint8_t pce_id[2];
  uint8_t fmspc[6];
  uint8_t sgx_type; /* pck_sgx_type; other values may come */
} pck_extension;

/* Reads the extension's DER. False if it is not DER, or a field is missing or
 * has a wrong size; entries that are not listed above are passed over. */
bool pck_extension_read(bytes der, pck_extension *result);

/* Appends the extension's DER. */
void pck_extension_write(buffer *out, const pck_extension *extension);

#endif
