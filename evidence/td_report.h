/* SPDX-License-Identifier: Apache-2.0 */
/* TDREPORT_STRUCT (Intel, "TDX Module ABI Reference Specification"): what a TD
 * gets from its processor, and what a quoting enclave turns into a quote.
 *
 *   offset  size
 *        0   256  REPORTMACSTRUCT: hashes of the parts below, report data, MAC
 *      256   239  TEE_TCB_INFO: about the TDX module
 *      512   512  TDINFO_STRUCT: about the TD
 *
 * The MAC is under a key that never leaves the processor: nobody elsewhere can
 * tell a true report from an invented one.
 */
#ifndef EVIDENCE_TD_REPORT_H
#define EVIDENCE_TD_REPORT_H

#include "evidence/tdx_quote.h"

enum {
  TD_REPORT_BYTES = 1024,
  TD_TCB_INFO_OFFSET = 256,
  TD_TCB_INFO_BYTES = 239,
  TD_INFO_OFFSET = 512,
  TD_INFO_BYTES = 512
};

typedef enum td_mac_field {
  TD_TYPE,
  TD_RESERVED_4,
  TD_CPU_SVN,
  TD_TCB_INFO_HASH,
  TD_INFO_HASH,
  TD_REPORT_DATA,
  TD_RESERVED_192,
  TD_MAC,
  TD_MAC_FIELD_COUNT
} td_mac_field;

extern const field_row td_mac_fields[TD_MAC_FIELD_COUNT];

/* The first TD_REPORT_BYTES of data as a quote's body of TDX 1.0, in the arena:
 * the same fields stand there in the same order, but the report data. */
bytes td_report_body(arena *a, bytes report);

/* The reverse, for synthetic evidence: hashes right, MAC zero. */
void td_report_write(arena *a, bytes body, uint8_t report[TD_REPORT_BYTES]);

/* Whether the part at an offset is what the hash in the MAC's part says. */
bool td_report_hash_holds(bytes report, td_mac_field hash, size_t offset,
                          size_t size);

/* Sections mac, tcb-info and report. */
void td_report_show(shown *out, bytes report);

#endif
