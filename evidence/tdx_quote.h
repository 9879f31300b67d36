/* SPDX-License-Identifier: Apache-2.0 */
/* The TDX quote, versions 4 and 5, with ECDSA-256 (Intel, "TDX DCAP Quoting
 * Library API", appendix A; sgx_quote_4.h, sgx_quote_5.h).
 *
 *   version 4                     version 5
 *   offset  size                  offset  size
 *        0    48  header               0    48  header
 *                                     48     2  type of the body
 *                                     50     4  its size B
 *       48   584  body of TDX 1.0     54     B  body of TDX 1.0 or 1.5
 *      632     4  length S          54+B     4  length S
 *      636     S  signature         58+B     S  signature
 *
 * Everything before the length is signed. What trails behind the signature is
 * nobody's: machines hand out buffers larger than the quote.
 */
#ifndef EVIDENCE_TDX_QUOTE_H
#define EVIDENCE_TDX_QUOTE_H

#include "evidence/hcl_report.h"
#include "evidence/sgx_quote.h"

enum {
  TDX_BODY_OFFSET = 48,    /* in version 4 */
  TDX_BODY_OFFSET_5 = 54,  /* in version 5 */
  TDX_BODY_BYTES = 584,    /* of TDX 1.0 */
  TDX_BODY_BYTES_15 = 648, /* of TDX 1.5 */
  TDX_TEE_TYPE = 0x81,
  TDX_CERTIFICATION_QE_REPORT = 6
};

/* Bodies that a quote of version 5 announces. */
typedef enum tdx_body_type {
  TDX_BODY_SGX = 1,
  TDX_BODY_10 = 2,
  TDX_BODY_15 = 3
} tdx_body_type;

typedef enum tdx_header_field {
  TDX_VERSION,
  TDX_KEY_TYPE,
  TDX_TEE,
  TDX_RESERVED_8,
  TDX_VENDOR_ID,
  TDX_USER_DATA,
  TDX_HEADER_FIELD_COUNT
} tdx_header_field;

extern const field_row tdx_header_fields[TDX_HEADER_FIELD_COUNT];

/* sgx_report2_body_t, sgx_report2_body_v1_5_t. */
typedef enum tdx_field {
  TDX_TEE_TCB_SVN,
  TDX_MRSEAM,
  TDX_MRSIGNERSEAM,
  TDX_SEAM_ATTRIBUTES,
  TDX_TD_ATTRIBUTES,
  TDX_XFAM,
  TDX_MRTD,
  TDX_MRCONFIGID,
  TDX_MROWNER,
  TDX_MROWNERCONFIG,
  TDX_RTMR0,
  TDX_RTMR1,
  TDX_RTMR2,
  TDX_RTMR3,
  TDX_REPORT_DATA,
  TDX_FIELD_COUNT_10, /* those of TDX 1.0 */
  TDX_TEE_TCB_SVN_2 = TDX_FIELD_COUNT_10,
  TDX_MRSERVICETD,
  TDX_FIELD_COUNT
} tdx_field;

extern const field_row tdx_fields[TDX_FIELD_COUNT];

/* Bits of TDATTRIBUTES (Intel, "TDX Module Base Architecture Specification",
 * ATTRIBUTES). */
enum {
  TDX_BIT_DEBUG = 0,
  TDX_BIT_SEPT_VE_DISABLE = 28,
  TDX_BIT_PROTECTION_KEYS = 30,
  TDX_BIT_KEY_LOCKER = 31,
  TDX_BIT_PERFMON = 63
};

typedef struct tdx_quote {
  bytes all;    /* without trailing bytes */
  bytes header; /* SGX_HEADER_BYTES */
  bytes descriptor; /* type and size of the body; empty in version 4 */
  bytes body;       /* TDX_BODY_BYTES or TDX_BODY_BYTES_15 */
  bytes signed_part;
  sgx_signature signature; /* the same parts as of SGX */
  bytes trailing;
  /* Of an HCL report, which holds no quote: all above but body is empty. */
  const hcl_report *hcl; /* or NULL */
  bytes td_report;       /* TD_REPORT_BYTES */
} tdx_quote;

static inline bytes tdx_bytes(bytes body, tdx_field field) {
  return field_bytes(body, &tdx_fields[field]);
}

static inline uint64_t tdx_number(bytes body, tdx_field field) {
  return field_number(body, &tdx_fields[field]);
}

/* How many rows of tdx_fields a body has. */
static inline size_t tdx_field_count(bytes body) {
  return body.length < TDX_BODY_BYTES_15 ? TDX_FIELD_COUNT_10
                                         : TDX_FIELD_COUNT;
}

/* A claim of TDX evidence and where its value comes from. */
typedef struct tdx_claim_row {
  const char *name;
  value_kind kind;
  enum {
    TDX_FROM_FIELD,
    TDX_FROM_TD_BIT,
    TDX_FROM_SEAM_SVN,
    TDX_FROM_DEBUG_STATE,
    TDX_FROM_TEXT,
    TDX_FROM_TCB_STATUS /* only once it was evaluated */
  } from;
  uint8_t which;    /* tdx_field, bit */
  const char *text; /* of TDX_FROM_TEXT */
} tdx_claim_row;

/* Every claim of the kind but x-ms-attestation-type; ends with a NULL name. */
extern const tdx_claim_row tdx_claim_rows[];

/* Fills in report data, init data and claims of e from a quote in e->raw. */
void tdx_describe(arena *a, const tdx_quote *quote, evidence *e);

/* What goes into the table of kinds. */
bool tdx_detect(bytes raw);
bool tdx_parse(arena *a, bytes raw, evidence *result, evidence_error *error);
void tdx_show(const evidence *e, shown *out);

/* What a row of tdx_fields is about, for dumps. */
const char *tdx_body_meaning(const field_row *row, bytes body);

void tdx_add_verified_claims(arena *a, evidence *e);

#endif
