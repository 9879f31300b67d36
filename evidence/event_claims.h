/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs as the JSON that policies of version 1.2 query: the values of the
 * claims `events`, `bootEvents` and `pcrs`.
 *
 *   event_logs logs = {.boot = &boot, .ima = &ima};
 *   value events, pcrs;
 *   if (!event_claims(a, &logs, &events, error)) return false;
 *   event_bank bank = {TPM_ALG_SHA256, quoted_mask, &replayed};
 *   pcrs = event_pcrs(a, &bank, 1);
 *
 * events: {"Events": [{"EventSeq", "PcrIndex", "EventType",
 * "EventTypeString", "Digests", "ProcessedData": {..}}]}. docs/evidence-tpm.md
 * has every member, and says which of them Microsoft has documented.
 */
#ifndef EVIDENCE_EVENT_CLAIMS_H
#define EVIDENCE_EVENT_CLAIMS_H

#include "base/value.h"
#include "evidence/ima_log.h"
#include "evidence/tcg_log.h"

/* The logs of one machine; NULL for one that there is not. Events of IMA
 * follow those of the boot log and go on with their numbers. */
typedef struct event_logs {
  const tcg_log *boot;
  const ima_log *ima;
} event_logs;

/* What a machine's PCRs hold after both logs. *pcrs is as tcg_log_replay sets
 * it; without a boot log, PCRs begin as there. False as there. */
bool event_logs_replay(const event_logs *logs, uint16_t algorithm,
                       ima_extension extension, tcg_pcrs *pcrs);

/* Whether the data of events is what was measured, where policies rely on it.
 * A quote proves digests only: whoever sends a log can change an event's type,
 * or data that its digest is not of. So
 * - data of PCR 7, and of the PCRs that Windows measures into (12 to 14, 17 to
 *   22) if the log has Windows' events, must hash to its digests;
 * - an event of another PCR whose type says that its digest is of its data
 *   (variables, tagged events, separators) must too, but for the kinds that
 *   firmware and Linux are known to measure otherwise, which stay undecoded.
 * False: *error tells the first event that does not. For a step of
 * verification; event_claims asks itself. */
bool event_logs_check(arena *a, const event_logs *logs, evidence_error *error);

/* The value of the claim `events` (or bootEvents, of the boot's logs). False:
 * event_logs_check refuses the logs, or they have more than LIMIT_EVENTS. The
 * result does not point into the logs' bytes. */
bool event_claims(arena *a, const event_logs *logs, value *events,
                  evidence_error *error);

/* The same without event_logs_check, for evidence that is not verified. Data
 * that is not what was measured is not told here either. */
bool event_list(arena *a, const event_logs *logs, value *events,
                evidence_error *error);

/* The same for people who look at a log: what an event says without proof is
 * its "UnprovenData". Never for policies. */
bool event_list_told(arena *a, const event_logs *logs, value *events,
                     evidence_error *error);

/* PCRs of one bank; bit n of mask: PCR n is told. */
typedef struct event_bank {
  uint16_t algorithm;
  uint32_t mask;
  const tcg_pcrs *pcrs;
} event_bank;

/* The value of the claim `pcrs`: {"PCRs": [{"Index": 0, "Digests": {"SHA1":
 * HEX, "SHA256": HEX}}]}, by ascending index. */
value event_pcrs(arena *a, const event_bank *banks, size_t count);

/* All values of a Windows event ("EVENT_TESTSIGNING") in a list made above, in
 * the order of the log, whether they stand in a trust boundary or not: an
 * array. mask: of the PCRs that count. */
value event_values(arena *a, const value *events, uint32_t mask, slice name);

/* The data of all EV_EFI_VARIABLE_DRIVER_CONFIG of a PCR with that name and
 * GUID ("8BE4DF61-93CA-11D2-AA0D-00E098032B8C", upper case), in base64url: an
 * array. SecureBoot is on if it is ["AQ"]. */
value event_variables(arena *a, const value *events, uint32_t pcr, slice guid,
                      slice name);

#endif
