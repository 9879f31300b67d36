/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation report of a VBS enclave, as EnclaveGetAttestationReport
 * gives it (Windows SDK, ntenclv.h): a header, the statement that the secure
 * kernel signs, with a block for each module of the enclave, and the signature.
 * Numbers are little-endian.
 */
#ifndef EVIDENCE_VBS_REPORT_H
#define EVIDENCE_VBS_REPORT_H

#include "evidence/reader.h"
#include "evidence/show.h"

enum {
  VBS_HEADER_BYTES = 24,
  VBS_STATEMENT_BYTES = 224, /* VBS_ENCLAVE_REPORT, without modules */
  VBS_MODULE_BYTES = 108,    /* VBS_ENCLAVE_REPORT_MODULE, without its name */
  VBS_MODULES_MAX = 256,
  VBS_DATA_BYTES = 64
};

/* VBS_ENCLAVE_REPORT_PKG_HEADER. */
typedef enum vbs_header_field {
  VBS_PACKAGE_SIZE,
  VBS_VERSION,
  VBS_SIGNATURE_SCHEME,
  VBS_STATEMENT_SIZE,
  VBS_SIGNATURE_SIZE,
  VBS_RESERVED,
  VBS_HEADER_FIELD_COUNT
} vbs_header_field;

/* VBS_ENCLAVE_REPORT with its ENCLAVE_IDENTITY. */
typedef enum vbs_field {
  VBS_REPORT_SIZE,
  VBS_REPORT_VERSION,
  VBS_ENCLAVE_DATA,
  VBS_OWNER_ID,
  VBS_UNIQUE_ID,
  VBS_AUTHOR_ID,
  VBS_FAMILY_ID,
  VBS_IMAGE_ID,
  VBS_ENCLAVE_SVN,
  VBS_SECURE_KERNEL_SVN,
  VBS_PLATFORM_SVN,
  VBS_FLAGS,
  VBS_SIGNING_LEVEL,
  VBS_ENCLAVE_TYPE,
  VBS_FIELD_COUNT
} vbs_field;

extern const field_row vbs_header_fields[VBS_HEADER_FIELD_COUNT];
extern const field_row vbs_fields[VBS_FIELD_COUNT];

typedef struct vbs_report {
  bytes raw; /* empty: there is no report */
  bytes header, statement, modules, signature;
  size_t module_count;
} vbs_report;

static inline uint64_t vbs_number(const vbs_report *report, vbs_field field) {
  return field_number(report->statement, &vbs_fields[field]);
}

static inline bytes vbs_bytes(const vbs_report *report, vbs_field field) {
  return field_bytes(report->statement, &vbs_fields[field]);
}

/* Reads a report, to its last byte. False: *error says what is wrong where.
 * The result points into raw. */
bool vbs_report_read(arena *a, bytes raw, vbs_report *result,
                     evidence_error *error);

/* Adds the sections of the report. */
void vbs_report_show(const vbs_report *report, shown *out);

/* Adds the claims that come from the report: enclaveAuthorId .. */
void vbs_report_claims(const vbs_report *report, object_builder *claims);

#endif
