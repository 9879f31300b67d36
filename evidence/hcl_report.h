/* SPDX-License-Identifier: Apache-2.0 */
/* The report that the paravisor ("host compatibility layer") of an Azure
 * confidential VM keeps in NV index 0x01400001 of its vTPM: the hardware's
 * report, and the runtime data that it vouches for: keys of the vTPM and how
 * the VM is configured. Layout as in Azure's confidential-computing guest
 * attestation client.
 *
 *   offset  size
 *        0    32  header: "HCLA", version, size, request type, status
 *       32  1184  SNP report, or a TDREPORT of 1,024 bytes and zeros
 *     1216    20  of the runtime data: size, version, report type, hash, length
 *     1236     n  runtime data, JSON
 */
#ifndef EVIDENCE_HCL_REPORT_H
#define EVIDENCE_HCL_REPORT_H

#include "evidence/fields.h"
#include "evidence/reader.h"
#include "evidence/show.h"

typedef enum hcl_header_field {
  HCL_MAGIC,
  HCL_VERSION,
  HCL_SIZE, /* of header, report and runtime data */
  HCL_REQUEST_TYPE,
  HCL_STATUS,
  HCL_HEADER_FIELD_COUNT
} hcl_header_field;

typedef enum hcl_data_field {
  HCL_DATA_SIZE, /* of this header and the runtime data */
  HCL_DATA_VERSION,
  HCL_REPORT_TYPE,
  HCL_HASH_TYPE,
  HCL_RUNTIME_LENGTH,
  HCL_DATA_FIELD_COUNT
} hcl_data_field;

extern const field_row hcl_header_fields[HCL_HEADER_FIELD_COUNT];
extern const field_row hcl_data_fields[HCL_DATA_FIELD_COUNT];

enum {
  HCL_HEADER_BYTES = 32,
  HCL_HARDWARE_BYTES = 1184,
  HCL_DATA_HEADER_BYTES = 20,
  HCL_RUNTIME_OFFSET =
      HCL_HEADER_BYTES + HCL_HARDWARE_BYTES + HCL_DATA_HEADER_BYTES,
  HCL_TYPE_SNP = 2,
  HCL_TYPE_TRUSTED_LAUNCH = 3,
  HCL_TYPE_TDX = 4,
  HCL_HASH_SHA256 = 1,
  HCL_HASH_SHA384 = 2,
  HCL_HASH_SHA512 = 3
};

typedef struct hcl_report {
  bytes header;      /* HCL_HEADER_BYTES */
  bytes hardware;    /* HCL_HARDWARE_BYTES */
  bytes data_header; /* HCL_DATA_HEADER_BYTES */
  bytes runtime;     /* JSON, bound by the hardware's report data */
  bytes trailing;    /* the NV index is longer than what stands in it */
} hcl_report;

static inline uint64_t hcl_header_number(const hcl_report *h,
                                         hcl_header_field field) {
  return field_number(h->header, &hcl_header_fields[field]);
}

static inline uint64_t hcl_data_number(const hcl_report *h,
                                       hcl_data_field field) {
  return field_number(h->data_header, &hcl_data_fields[field]);
}

/* Whether the bytes begin as an HCL report. */
bool hcl_report_detect(bytes raw);

/* The type that an HCL report states; 0 if it ends before. */
uint64_t hcl_report_type(bytes raw);

/* Reads a report, whatever its type, up to the end of r's data. False:
 * r->error is filled in. */
bool hcl_report_read(byte_reader *r, hcl_report *result);

/* The same, of a report that must be of one type and have JSON in it. */
bool hcl_report_read_type(byte_reader *r, unsigned type, hcl_report *result);

/* Whether the report data begins with the hash of the runtime data, by the
 * algorithm that the report names, and is zero behind it. */
bool hcl_runtime_is_bound(const hcl_report *report, bytes report_data);

/* Adds x-ms-runtime to the claims of evidence whose report data binds it. */
void hcl_add_runtime(arena *a, const hcl_report *report, bytes report_data,
                     object_builder *claims);

/* Section hcl: headers and runtime data. */
void hcl_report_show(shown *out, const hcl_report *report, bytes report_data);

/* A report as a paravisor would write it, for synthetic evidence. hardware: up
 * to HCL_HARDWARE_BYTES; zeros follow. */
slice hcl_report_make(arena *a, unsigned type, bytes hardware, bytes runtime);

#endif
