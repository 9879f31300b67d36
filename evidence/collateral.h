/* SPDX-License-Identifier: Apache-2.0 */
/* What Intel publishes about platforms and quoting enclaves, and what follows
 * from it for a quote: is the platform's TCB up to date, is anything revoked?
 * Intel, "API for SGX and TDX provisioning certification service", versions 3
 * and 4. */
#ifndef EVIDENCE_COLLATERAL_H
#define EVIDENCE_COLLATERAL_H

#include "evidence/pck_extension.h"
#include "evidence/verify.h"

/* A level of TCB info or of a QE identity. */
typedef struct tcb_level {
  const char *status; /* "UpToDate" */
  const char *date;   /* "2024-03-13T00:00:00Z", or "" */
  const char *advisories; /* "INTEL-SA-00289, ..", or "" */
} tcb_level;

/* What is asked of the collateral. */
typedef struct collateral_query {
  const char *tcb_id; /* "SGX", or "TDX" */
  const char *qe_id;  /* "QE", or "TD_QE" */
  const pck_extension *pck;
  const certificate_chain *pck_path; /* verified: leaf, intermediate, root */
  bytes qe_report;                   /* SGX_REPORT_BYTES */
  /* Of TDX, 16 bytes; NULL for SGX. Where its second byte is not 0, the TDX
   * module's identity is for verify_module to check. */
  const uint8_t *tee_tcb_svn;
  /* Of TDX: judges the TDX module by the body of verified TCB info, and adds
   * steps. False: one failed. */
  bool (*verify_module)(verifier *v, const value *tcb_info, tcb_level *module);
} collateral_query;

/* Checks everything that is left for VERIFY_FULL once the signatures hold:
 * collateral's own signatures and dates, revocation, the QE identity, and the
 * platform's TCB status, which goes into v->tcb_status and must be one that
 * the options accept. False: a step failed or was skipped. */
bool collateral_verify(verifier *v, const collateral_query *query);

/* --- parts ---------------------------------------------------------------- */

/* TCB info or QE identity: {MEMBER: {..}, "signature": ".."}. */
typedef struct signed_document {
  const char *what;   /* "TCB info", for steps */
  const char *member; /* "tcbInfo" */
  slice text;         /* of the member: exactly what is signed */
  value body;         /* the same, read */
} signed_document;

/* Reads the file, checks the signature with the key of the certificate, and
 * that options->now lies between issueDate and nextUpdate. what and member are
 * the caller's. */
bool document_verify(verifier *v, slice file, X509 *signer,
                     signed_document *document);

/* Bytes from a member in hex, which must have `size` of them. NULL: it has
 * not, or is missing. */
const uint8_t *document_hex(arena *a, const value *object, const char *name,
                            size_t size);

/* A member that is a whole number from 0 to `most`; -1 if it is not. */
int64_t document_number(const value *object, const char *name, int64_t most);

/* Whether a text has the form 2025-06-19T10:56:11Z; such texts sort as the
 * times do. */
bool document_is_date(const char *text);

/* Status, date and advisories of a row of tcbLevels. False: there is no
 * status. */
bool document_level(arena *a, const value *row, tcb_level *level);

/* The first level of the platform, after FMSPC and PCEID. */
bool tcb_info_verify(verifier *v, const signed_document *document,
                     const collateral_query *query, tcb_level *level);

/* The quoting enclave's level, after its signer, product and attributes. */
bool qe_identity_verify(verifier *v, const signed_document *document,
                        const collateral_query *query, tcb_level *level);

/* A revocation list in DER, PEM or the hex of Intel's caching service (PCCS,
 * "Get Root CA CRL"); released with the arena. NULL if the bytes are none. */
X509_CRL *crl_read(arena *a, bytes data);

/* Appends the list as PEM: lines of 64, LF. */
void crl_write(buffer *out, X509_CRL *list);

/* Signature and dates of a list, and that none of `certificates` stands on it.
 */
bool crl_verify(verifier *v, bytes data, X509 *issuer,
                X509 *const *certificates, size_t count, const char *what);

/* Status of platform and quoting enclave (or TDX module) together, as Intel's
 * library joins them (sgx_ql_qv_result_t); static, or one of the two. */
const char *tcb_status_join(const char *platform, const char *enclave);

/* Completes x-ms-sgx-collateral of the token's claims with the hashes that the
 * service computes over collateral, as far as its files are there. Evidence
 * without that claim stays as it is. */
void collateral_add_hashes(arena *a, evidence *e, const collateral *given);

#endif
