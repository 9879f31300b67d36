/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation report of AMD SEV-SNP, versions 1 to 5 (AMD publication
 * 56860, "SEV Secure Nested Paging Firmware ABI", table ATTESTATION_REPORT),
 * in each form in which it is sent:
 *
 *   - the service's JSON {"SnpReport", "VcekCertChain", "Endorsements"};
 *   - the bare 1,184 bytes;
 *   - an HCL report of an Azure confidential VM (evidence/hcl_report.h).
 *
 * All numbers are little-endian, those of the signature too.
 */
#ifndef EVIDENCE_SNP_REPORT_H
#define EVIDENCE_SNP_REPORT_H

#include "base/limits.h"
#include "evidence/fields.h"
#include "evidence/hcl_report.h"
#include "evidence/show.h"
#include "evidence/verify.h"
#include "sign/ec_key.h"

enum {
  SNP_REPORT_BYTES = 0x4a0,
  SNP_SIGNED_BYTES = 0x2a0,
  SNP_VERSION_MAX = 5,
  SNP_ALGORITHM_ECDSA_P384 = 1,
  SNP_NUMBER_BYTES = 72, /* of r and of s; the last 24 are zero */
  SNP_FAMILY_TURIN = 0x1a,
  SNP_SIGNED_BY_VCEK = 0,
  SNP_SIGNED_BY_VLEK = 1,
  SNP_ENDORSEMENTS_MAX = 8
};

typedef enum snp_field {
  SNP_VERSION,
  SNP_GUEST_SVN,
  SNP_ABI_MINOR,
  SNP_ABI_MAJOR,
  SNP_POLICY_FLAGS,
  SNP_FAMILY_ID,
  SNP_IMAGE_ID,
  SNP_VMPL,
  SNP_SIGNATURE_ALGORITHM,
  SNP_CURRENT_TCB,
  SNP_PLATFORM_INFO,
  SNP_KEY_FLAGS,
  SNP_RESERVED_4C,
  SNP_REPORT_DATA,
  SNP_MEASUREMENT,
  SNP_HOST_DATA,
  SNP_ID_KEY_DIGEST,
  SNP_AUTHOR_KEY_DIGEST,
  SNP_REPORT_ID,
  SNP_REPORT_ID_MA,
  SNP_REPORTED_TCB,
  SNP_CPU_FAMILY,
  SNP_CPU_MODEL,
  SNP_CPU_STEPPING,
  SNP_RESERVED_18B,
  SNP_CHIP_ID,
  SNP_COMMITTED_TCB,
  SNP_CURRENT_BUILD,
  SNP_CURRENT_MINOR,
  SNP_CURRENT_MAJOR,
  SNP_RESERVED_1EB,
  SNP_COMMITTED_BUILD,
  SNP_COMMITTED_MINOR,
  SNP_COMMITTED_MAJOR,
  SNP_RESERVED_1EF,
  SNP_LAUNCH_TCB,
  SNP_LAUNCH_MIT_VECTOR,
  SNP_CURRENT_MIT_VECTOR,
  SNP_RESERVED_208,
  SNP_SIGNATURE_R,
  SNP_SIGNATURE_S,
  SNP_RESERVED_330,
  SNP_FIELD_COUNT
} snp_field;

extern const field_row snp_fields[SNP_FIELD_COUNT];

/* Bits of POLICY, counted from bit 16, where SNP_POLICY_FLAGS begins. */
enum { SNP_POLICY_SMT = 0, SNP_POLICY_MIGRATION = 2, SNP_POLICY_DEBUG = 3 };

/* A TCB_VERSION: 8 bytes, one for each component, whose places depend on the
 * processor's family. */
typedef enum snp_component {
  SNP_BOOTLOADER,
  SNP_TEE,
  SNP_FIRMWARE,
  SNP_MICROCODE,
  SNP_FMC, /* from Turin on */
  SNP_COMPONENT_COUNT
} snp_component;

typedef struct snp_component_row {
  const char *name; /* "bootloader" */
  const char *oid;  /* of its extension in a VCEK or VLEK certificate */
  int place[2];     /* byte of the TCB: Milan and Genoa, Turin; -1: none */
} snp_component_row;

extern const snp_component_row snp_components[SNP_COMPONENT_COUNT];

/* What evidence of type SevSnpVm consists of. */
typedef struct snp_evidence {
  bytes report;       /* SNP_REPORT_BYTES */
  bytes certificates; /* PEM: VCEK or VLEK, ASK, ARK; or empty */
  bytes endorsements[SNP_ENDORSEMENTS_MAX]; /* COSE_Sign1 each */
  size_t endorsement_count;
  const hcl_report *hcl; /* NULL: another form */
} snp_evidence;

static inline bytes snp_bytes(bytes report, snp_field field) {
  return field_bytes(report, &snp_fields[field]);
}

static inline uint64_t snp_number(bytes report, snp_field field) {
  return field_number(report, &snp_fields[field]);
}

/* Whether TCB versions are laid out as from Turin on. Reports say which
 * processor made them from version 3 on; the version alone does not tell. */
bool snp_is_turin(bytes report);

/* A component's byte of the TCB that stands in a field; empty if such a
 * processor has no such component. */
bytes snp_component_bytes(bytes report, snp_field tcb, snp_component which);

/* Who signed: SNP_SIGNED_BY_VCEK, SNP_SIGNED_BY_VLEK or another number. */
unsigned snp_signing_key(bytes report);

/* Reads the 1,184 bytes that r stands before. False: r->error is filled in. */
bool snp_report_read(byte_reader *r, bytes *report);

/* What the claims of a report are: CLAIM(name, kind of its value). */
typedef struct snp_claim_row {
  const char *name;
  value_kind kind;
  enum { SNP_FROM_FIELD, SNP_FROM_POLICY_BIT, SNP_FROM_TCB } from;
  uint8_t which; /* snp_field, bit, snp_component */
} snp_claim_row;

/* Every x-ms-sevsnpvm-* claim; ends with a NULL name. */
extern const snp_claim_row snp_claim_rows[];

/* Fills in report data, init data and claims of e, whose detail is set. */
void snp_describe(arena *a, const snp_evidence *snp, evidence *e);

/* What goes into the table of kinds. */
bool snp_detect(bytes raw);
bool snp_parse(arena *a, bytes raw, evidence *result, evidence_error *error);
void snp_show(const evidence *e, shown *out);
void snp_verify(verifier *v);

/* Adds x-ms-compliance-status, which only verified UVM endorsements give. */
void snp_add_verified_claims(arena *a, evidence *e);

/* --- inside of the kind --------------------------------------------------- */

/* The signature of the report: r || s, big-endian. False: r or s is longer
 * than the numbers of P-384. */
bool snp_signature(bytes report, uint8_t signature[EC384_SIGNATURE_BYTES]);

/* What an extension of a VCEK or VLEK certificate says of a component. False:
 * there is none, or it is not a number of one byte. */
bool snp_certified_component(const X509 *leaf, snp_component which,
                             uint8_t *version);

/* Checks the path of a VCEK or VLEK (leaf, ASK or ASVK, ARK) against the
 * revocation lists of its ARK that the collateral has. False: a step failed, or
 * there is no such list. */
bool snp_verify_revocation(verifier *v, const certificate_chain *path);

/* Verifies one endorsement (COSE_Sign1) and that it is of this measurement. */
bool snp_verify_endorsement(verifier *v, bytes endorsement, bytes report);

#endif
