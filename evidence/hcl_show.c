/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/hcl_report.h"

static const char *hcl_header_meaning(const field_row *row, bytes header) {
  uint64_t number = field_number(header, &hcl_header_fields[HCL_REQUEST_TYPE]);
  if (row == &hcl_header_fields[HCL_SIZE])
    return "bytes, runtime data included";
  if (row != &hcl_header_fields[HCL_REQUEST_TYPE])
    return NULL;
  return number == 1 ? "key release" : number == 2 ? "AK certificate" : NULL;
}

static const char *hcl_data_meaning(const field_row *row, bytes header) {
  static const char *const types[] = {[HCL_TYPE_SNP] = "SNP",
                                      [HCL_TYPE_TRUSTED_LAUNCH] =
                                          "trusted launch",
                                      [HCL_TYPE_TDX] = "TDX"};
  static const char *const hashes[] = {[HCL_HASH_SHA256] = "SHA-256",
                                       [HCL_HASH_SHA384] = "SHA-384",
                                       [HCL_HASH_SHA512] = "SHA-512"};
  uint64_t number = little_endian(field_bytes(header, row));
  if (row == &hcl_data_fields[HCL_REPORT_TYPE] && number <= HCL_TYPE_TDX)
    return types[number];
  if (row == &hcl_data_fields[HCL_HASH_TYPE] && number <= HCL_HASH_SHA512)
    return hashes[number];
  return NULL;
}

void hcl_report_show(shown *out, const hcl_report *h, bytes report_data) {
  shown_begin(out, "hcl");
  shown_table(out, h->header, hcl_header_fields, HCL_HEADER_FIELD_COUNT,
              hcl_header_meaning);
  shown_table(out, h->data_header, hcl_data_fields, HCL_DATA_FIELD_COUNT,
              hcl_data_meaning);
  value runtime;
  json_error problem;
  if (json_read(out->arena, slice_from_bytes(h->runtime), JSON_TRAILING_NUL,
                &runtime, &problem))
    shown_add(out, "runtime-data", h->runtime, runtime,
              hcl_runtime_is_bound(h, report_data)
                  ? "report-data is its hash"
                  : "NOT bound by report-data");
}
