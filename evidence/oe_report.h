/* SPDX-License-Identifier: Apache-2.0 */
/* The Open Enclave report: an SGX quote behind a header. Three forms exist
 * (openenclave: internal/report.h, internal/plugin.h, bits/evidence.h):
 *
 *   oe_report_header       u32 version = 1, u32 type, u64 size, quote
 *   oe_attestation_header  u32 version = 2, UUID, u64 size,
 *                          oe_report_header, quote, custom claims
 *   oe_attestation_header  u32 version = 3, UUID, u64 size,
 *                          quote, custom claims
 *
 * The service's recorded requests all have the first form.
 */
#ifndef EVIDENCE_OE_REPORT_H
#define EVIDENCE_OE_REPORT_H

#include "evidence/sgx_quote.h"

enum {
  OE_REPORT_HEADER_BYTES = 16,
  OE_REPORT_VERSION = 1,
  OE_REPORT_LOCAL = 1,
  OE_REPORT_REMOTE = 2,
  OE_ATTESTATION_HEADER_BYTES = 28
};

extern const uint8_t oe_sgx_ecdsa_id[16]; /* UUID of format SGX_ECDSA */

typedef struct oe_report {
  sgx_quote quote; /* first: a pointer to the report is one to its quote */
  uint32_t version;
  bytes report_header; /* OE_REPORT_HEADER_BYTES, or empty */
  bytes format_id;     /* UUID of the attestation header, or empty */
  const char *format;  /* its name, or NULL */
  bytes custom_claims; /* behind the quote; the report data hashes them */
} oe_report;

/* Whether the quote vouches for the custom claims: the first half of its report
 * data is their SHA-256 (openenclave: bits/sgx/evidence.h). */
bool oe_claims_are_bound(const oe_report *report);

bool oe_report_detect(bytes raw);
bool oe_report_parse(arena *a, bytes raw, evidence *result,
                     evidence_error *error);
void oe_report_show(const evidence *e, shown *out);

#endif
