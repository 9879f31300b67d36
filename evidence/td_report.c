/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/td_report.h"

#include "sign/digest.h"

const field_row td_mac_fields[TD_MAC_FIELD_COUNT] = {
    [TD_TYPE] = {"report-type", "REPORTTYPE", 0, 4, FIELD_HEX, NULL},
    [TD_RESERVED_4] = {"reserved-4", "RESERVED", 4, 12, FIELD_RESERVED, NULL},
    [TD_CPU_SVN] = {"cpusvn", "CPUSVN", 16, 16, FIELD_HEX, NULL},
    [TD_TCB_INFO_HASH] = {"tee-tcb-info-hash", "TEE_TCB_INFO_HASH", 32, 48,
                          FIELD_HEX, NULL},
    [TD_INFO_HASH] = {"td-info-hash", "TEE_INFO_HASH", 80, 48, FIELD_HEX, NULL},
    [TD_REPORT_DATA] = {"report-data", "REPORTDATA", 128, 64, FIELD_HEX, NULL},
    [TD_RESERVED_192] = {"reserved-192", "RESERVED", 192, 32, FIELD_RESERVED,
                         NULL},
    [TD_MAC] = {"mac", "MAC", 224, 32, FIELD_HEX, NULL},
};

/* In TEE_TCB_INFO, behind 8 bytes that say which fields are valid: from
 * TEE_TCB_SVN to SEAMATTRIBUTES. In TDINFO_STRUCT: from TDATTRIBUTES to RTMR3.
 */
enum {
  VALID_BYTES = 8,
  MODULE_OFFSET = TD_TCB_INFO_OFFSET + VALID_BYTES,
  MODULE_BYTES = 120,
  TD_BYTES = 400,
  REPORT_DATA_AT = MODULE_BYTES + TD_BYTES
};

static bytes part(bytes report, size_t offset, size_t size) {
  return (bytes){report.data + offset, size};
}

bytes td_report_body(arena *a, bytes report) {
  uint8_t *body = arena_alloc(a, TDX_BODY_BYTES);
  memcpy(body, report.data + MODULE_OFFSET, MODULE_BYTES);
  memcpy(body + MODULE_BYTES, report.data + TD_INFO_OFFSET, TD_BYTES);
  memcpy(body + REPORT_DATA_AT,
         field_bytes(report, &td_mac_fields[TD_REPORT_DATA]).data,
         TDX_BODY_BYTES - REPORT_DATA_AT);
  return (bytes){body, TDX_BODY_BYTES};
}

static void set_hash(arena *a, uint8_t *report, td_mac_field field,
                     size_t offset, size_t size) {
  uint8_t hash[DIGEST_BYTES_MAX];
  if (!digest(DIGEST_SHA384, (bytes){report + offset, size}, hash))
    arena_fail(a, ARENA_NO_MEMORY);
  memcpy(report + td_mac_fields[field].offset, hash,
         td_mac_fields[field].size);
}

void td_report_write(arena *a, bytes body, uint8_t report[TD_REPORT_BYTES]) {
  static const uint8_t valid[VALID_BYTES] = {0xff, 0x01, 0x03};
  memset(report, 0, TD_REPORT_BYTES);
  report[0] = TDX_TEE_TYPE;
  memcpy(report + TD_TCB_INFO_OFFSET, valid, sizeof valid);
  memcpy(report + MODULE_OFFSET, body.data, MODULE_BYTES);
  memcpy(report + TD_INFO_OFFSET, body.data + MODULE_BYTES, TD_BYTES);
  memcpy(report + td_mac_fields[TD_REPORT_DATA].offset,
         body.data + REPORT_DATA_AT, TDX_BODY_BYTES - REPORT_DATA_AT);
  set_hash(a, report, TD_TCB_INFO_HASH, TD_TCB_INFO_OFFSET, TD_TCB_INFO_BYTES);
  set_hash(a, report, TD_INFO_HASH, TD_INFO_OFFSET, TD_INFO_BYTES);
}

bool td_report_hash_holds(bytes report, td_mac_field hash, size_t offset,
                          size_t size) {
  uint8_t real[DIGEST_BYTES_MAX];
  bytes said = field_bytes(report, &td_mac_fields[hash]);
  return digest(DIGEST_SHA384, part(report, offset, size), real) &&
         memcmp(real, said.data, said.length) == 0;
}

/* --- show ----------------------------------------------------------------- */

static const char *mac_meaning(const field_row *row, bytes report) {
  if (row == &td_mac_fields[TD_TYPE])
    return "TDX";
  if (row == &td_mac_fields[TD_TCB_INFO_HASH])
    return td_report_hash_holds(report, TD_TCB_INFO_HASH, TD_TCB_INFO_OFFSET,
                                TD_TCB_INFO_BYTES)
               ? "of tcb-info"
               : "NOT of tcb-info";
  if (row == &td_mac_fields[TD_INFO_HASH])
    return td_report_hash_holds(report, TD_INFO_HASH, TD_INFO_OFFSET,
                                TD_INFO_BYTES)
               ? "of report"
               : "NOT of report";
  if (row == &td_mac_fields[TD_REPORT_DATA])
    return "runtime data: its hash, then zeros";
  if (row == &td_mac_fields[TD_MAC])
    return "only the processor that made it can check it";
  return NULL;
}

/* The rows of a quote's body, each at its place here. */
void td_report_show(shown *out, bytes report) {
  enum { OF_MODULE = TDX_TD_ATTRIBUTES, OF_TD = TDX_REPORT_DATA - OF_MODULE };
  shown_begin(out, "mac");
  shown_table(out, report, td_mac_fields, TD_MAC_FIELD_COUNT, mac_meaning);
  shown_begin(out, "tcb-info");
  shown_table(out, part(report, MODULE_OFFSET, MODULE_BYTES), tdx_fields,
              OF_MODULE, tdx_body_meaning);
  shown_begin(out, "report");
  shown_table(out, part(report, TD_INFO_OFFSET - MODULE_BYTES, REPORT_DATA_AT),
              tdx_fields + OF_MODULE, OF_TD, tdx_body_meaning);
}
