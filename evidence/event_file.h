/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs as files: what firmware, Windows and Linux keep on a machine, for
 * people who look at one or write policies for it.
 *
 *   event_file f = {0};
 *   if (!event_file_add(a, raw, &f, error)) return false;
 *   value dump = event_file_show(a, &f);
 */
#ifndef EVIDENCE_EVENT_FILE_H
#define EVIDENCE_EVENT_FILE_H

#include "evidence/event_claims.h"

/* The logs of one machine; each points into its file's bytes. */
typedef struct event_file {
  tcg_log boot;
  ima_log ima;
  bool has_boot, has_ima;
  size_t bytes; /* of all files */
} event_file;

/* Whether a file begins as a TCG event log or a measurement list of IMA. */
bool event_file_detect(bytes raw);

/* Reads a log into *f, which has none of its kind yet. False: *error says why
 * it cannot be read, or that there are two of a kind. */
bool event_file_add(arena *a, bytes raw, event_file *f, evidence_error *error);

/* Points to *f, which must outlive it. */
event_logs event_file_logs(const event_file *f);

/* What the PCRs hold that the logs measure, of every bank with a known hash:
 * as the claim `pcrs`. */
value event_file_pcrs(arena *a, const event_file *f);

/* {"Events": [..], "PCRs": [..], "bytes", "check": {"holds", "reason"}}. An
 * event whose digest is not of its data has "UnprovenData" beside an empty
 * "ProcessedData"; check is event_logs_check's answer. False: too many events.
 */
bool event_file_show(arena *a, const event_file *f, value *result,
                     evidence_error *error);

/* The same as text. */
bool event_file_show_text(buffer *out, const event_file *f,
                          evidence_error *error);

#endif
