/* SPDX-License-Identifier: Apache-2.0 */
/* What the service derives from an SNP report; names and formats as in its
 * recorded tokens. Security versions are those of REPORTED_TCB: the one that
 * the VCEK was made for. */
#include "evidence/snp_report.h"

#define PREFIX "x-ms-sevsnpvm-"

const snp_claim_row snp_claim_rows[] = {
    {PREFIX "authorkeydigest", VALUE_STRING, SNP_FROM_FIELD,
     SNP_AUTHOR_KEY_DIGEST},
    {PREFIX "bootloader-svn", VALUE_INTEGER, SNP_FROM_TCB, SNP_BOOTLOADER},
    {PREFIX "familyId", VALUE_STRING, SNP_FROM_FIELD, SNP_FAMILY_ID},
    {PREFIX "guestsvn", VALUE_INTEGER, SNP_FROM_FIELD, SNP_GUEST_SVN},
    {PREFIX "hostdata", VALUE_STRING, SNP_FROM_FIELD, SNP_HOST_DATA},
    {PREFIX "idkeydigest", VALUE_STRING, SNP_FROM_FIELD, SNP_ID_KEY_DIGEST},
    {PREFIX "imageId", VALUE_STRING, SNP_FROM_FIELD, SNP_IMAGE_ID},
    {PREFIX "is-debuggable", VALUE_BOOLEAN, SNP_FROM_POLICY_BIT,
     SNP_POLICY_DEBUG},
    {PREFIX "launchmeasurement", VALUE_STRING, SNP_FROM_FIELD, SNP_MEASUREMENT},
    {PREFIX "microcode-svn", VALUE_INTEGER, SNP_FROM_TCB, SNP_MICROCODE},
    {PREFIX "migration-allowed", VALUE_BOOLEAN, SNP_FROM_POLICY_BIT,
     SNP_POLICY_MIGRATION},
    {PREFIX "reportdata", VALUE_STRING, SNP_FROM_FIELD, SNP_REPORT_DATA},
    {PREFIX "reportid", VALUE_STRING, SNP_FROM_FIELD, SNP_REPORT_ID},
    {PREFIX "smt-allowed", VALUE_BOOLEAN, SNP_FROM_POLICY_BIT, SNP_POLICY_SMT},
    {PREFIX "snpfw-svn", VALUE_INTEGER, SNP_FROM_TCB, SNP_FIRMWARE},
    {PREFIX "tee-svn", VALUE_INTEGER, SNP_FROM_TCB, SNP_TEE},
    {PREFIX "vmpl", VALUE_INTEGER, SNP_FROM_FIELD, SNP_VMPL},
    {0},
};

static value number_of(const snp_claim_row *row, bytes report) {
  if (row->from == SNP_FROM_FIELD)
    return value_integer((int64_t)snp_number(report, row->which));
  return value_integer((int64_t)little_endian(
      snp_component_bytes(report, SNP_REPORTED_TCB, row->which)));
}

static value claim_value(arena *a, const snp_claim_row *row, bytes report) {
  uint64_t flags = snp_number(report, SNP_POLICY_FLAGS);
  if (row->kind == VALUE_BOOLEAN)
    return value_boolean((flags >> row->which & 1) != 0);
  if (row->kind == VALUE_INTEGER)
    return number_of(row, report);
  buffer hex = buffer_in(a);
  buffer_hex(&hex, snp_bytes(report, row->which));
  return value_text(buffer_slice(&hex));
}

void snp_describe(arena *a, const snp_evidence *snp, evidence *e) {
  object_builder claims = object_in(a);
  object_set(&claims, SLICE("x-ms-attestation-type"),
             value_text(slice_from(attestation_type_claim(e->type))));
  for (const snp_claim_row *row = snp_claim_rows; row->name; row++)
    object_set(&claims, slice_from(row->name),
               claim_value(a, row, snp->report));
  if (snp->hcl)
    hcl_add_runtime(a, snp->hcl, snp_bytes(snp->report, SNP_REPORT_DATA),
                    &claims);
  e->claims = object_value(&claims);
  e->report_data = snp_bytes(snp->report, SNP_REPORT_DATA);
  e->init_data = snp_bytes(snp->report, SNP_HOST_DATA);
}
