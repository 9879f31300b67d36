/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the report of a VBS enclave: refused with a place and a reason,
 * or read so that every part lies inside and its claims can be made. */
#include "evidence/vbs_report.h"
#include "tests/fuzz/evidence.h"

static void check_report(arena *a, slice input) {
  bytes raw = bytes_from_slice(input);
  vbs_report report;
  evidence_error error = {0};
  if (!vbs_report_read(a, raw, &report, &error)) {
    check_refusal(&error, raw.length);
    return;
  }
  HOLDS(lies_inside(report.header, raw) && lies_inside(report.statement, raw));
  HOLDS(lies_inside(report.modules, raw) && lies_inside(report.signature, raw));
  object_builder claims = object_in(a);
  vbs_report_claims(&report, &claims);
  HOLDS(object_value(&claims).count == 7);
  shown out = {.arena = a, .raw = raw};
  vbs_report_show(&report, &out);
  HOLDS(out.count >= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_report);
}
