/* SPDX-License-Identifier: Apache-2.0 */
/* The SGX quote, version 3, with ECDSA-256 (Intel, "SGX DCAP ECDSA Orientation
 * Guide", appendix A; sgx_quote_3.h).
 *
 *   offset  size
 *        0    48  header
 *       48   384  report of the enclave
 *      432     4  length S of what follows
 *      436     S  signature data: sgx_signature
 */
#ifndef EVIDENCE_SGX_QUOTE_H
#define EVIDENCE_SGX_QUOTE_H

#include "evidence/fields.h"
#include "evidence/reader.h"
#include "evidence/show.h"

enum {
  SGX_HEADER_BYTES = 48,
  SGX_REPORT_BYTES = 384,
  SGX_SIGNED_BYTES = SGX_HEADER_BYTES + SGX_REPORT_BYTES,
  SGX_SIGNATURE_OFFSET = SGX_SIGNED_BYTES + 4,
  SGX_QUOTE_VERSION = 3,
  SGX_KEY_TYPE_ECDSA_P256 = 2,
  SGX_CERTIFICATION_PEM_CHAIN = 5,
  ECDSA_P256_BYTES = 64, /* of a signature r||s and of a public key x||y */
  SGX_CPU_SVN_BYTES = 16
};

/* QE vendor of Intel: 939a7233-f79c-4ca9-940a-0db3957f0607. */
extern const uint8_t sgx_intel_vendor[16];

typedef enum sgx_header_field {
  SGX_VERSION,
  SGX_KEY_TYPE,
  SGX_TEE_TYPE,
  SGX_QE_SVN,
  SGX_PCE_SVN,
  SGX_VENDOR_ID,
  SGX_USER_DATA,
  SGX_HEADER_FIELD_COUNT
} sgx_header_field;

extern const field_row sgx_header_fields[SGX_HEADER_FIELD_COUNT];

/* sgx_report_body_t: of the enclave and of the quoting enclave (QE). */
typedef enum sgx_report_field {
  SGX_CPU_SVN,
  SGX_MISC_SELECT,
  SGX_RESERVED_20,
  SGX_ISV_EXTENDED_PRODUCT_ID,
  SGX_ATTRIBUTES,
  SGX_XFRM,
  SGX_MRENCLAVE,
  SGX_RESERVED_96,
  SGX_MRSIGNER,
  SGX_RESERVED_160,
  SGX_CONFIG_ID,
  SGX_PRODUCT_ID,
  SGX_SVN,
  SGX_CONFIG_SVN,
  SGX_RESERVED_262,
  SGX_ISV_FAMILY_ID,
  SGX_REPORT_DATA,
  SGX_REPORT_FIELD_COUNT
} sgx_report_field;

extern const field_row sgx_report_fields[SGX_REPORT_FIELD_COUNT];

/* Bits of ATTRIBUTES.flags (Intel SDM volume 3D, table 35-3). */
#define SGX_FLAG_INIT UINT64_C(0x01)
#define SGX_FLAG_DEBUG UINT64_C(0x02)
#define SGX_FLAG_MODE64 UINT64_C(0x04)
#define SGX_FLAG_KSS UINT64_C(0x80)

/* sgx_ql_ecdsa_sig_data_t: how a quote is signed. TDX quotes have the same
 * parts in another order. */
typedef struct sgx_signature {
  bytes all;
  bytes signature;       /* r||s over header and report, by attestation_key */
  bytes attestation_key; /* x||y */
  bytes qe_report;       /* SGX_REPORT_BYTES */
  bytes qe_report_signature; /* r||s, by the PCK certificate's key */
  bytes auth_data;           /* with the key, hashed into the QE's report */
  uint16_t certification_type;
  bytes certification_data; /* for type 5 PEM: leaf, intermediate, root, NUL */
} sgx_signature;

typedef struct sgx_quote {
  bytes all;    /* without trailing bytes */
  bytes header; /* SGX_HEADER_BYTES */
  bytes report; /* SGX_REPORT_BYTES */
  bytes signed_part;
  sgx_signature signature;
  bytes trailing; /* behind the quote; Intel's library ignores them too */
} sgx_quote;

static inline bytes sgx_report_bytes(bytes report, sgx_report_field field) {
  return field_bytes(report, &sgx_report_fields[field]);
}

static inline uint64_t sgx_report_number(bytes report, sgx_report_field field) {
  return field_number(report, &sgx_report_fields[field]);
}

/* Reads a quote from r, which stands behind it and what trails afterwards.
 * False: r->error is filled in. */
bool sgx_quote_read(byte_reader *r, sgx_quote *quote);

/* Reads what vouches for the attestation key, up to the end of r: the QE's
 * report, its signature, its authentication data, the certification data. */
void sgx_qe_certification_read(byte_reader *r, sgx_signature *s);

/* What goes into the table of kinds. */
bool sgx_quote_detect(bytes raw);
bool sgx_quote_parse(arena *a, bytes raw, evidence *result,
                     evidence_error *error);
void sgx_quote_show(const evidence *e, shown *out);

/* Sections of the signature, the certificates and the platform; then of what
 * trails, if anything does, with a line about it. */
void sgx_signature_show(shown *out, const sgx_signature *s);
void sgx_trailing_show(shown *out, bytes trailing, const char *meaning);

/* Fills in report data, init data, claims and the collateral with quotehash
 * from a quote inside e->raw. */
void sgx_quote_describe(arena *a, const sgx_quote *quote, evidence *e);

#endif
