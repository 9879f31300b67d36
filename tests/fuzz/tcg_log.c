/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an event log: refused with a place and a reason, or read so
 * that every event lies inside and every bank with a known hash replays. */
#include "evidence/tcg_log.h"
#include "tests/fuzz/evidence.h"

static void check_event(const tcg_log *log, const tcg_event *event, bytes raw) {
  bool first = event == log->events;
  HOLDS(event->offset < raw.length);
  HOLDS(event->type == TCG_EV_NO_ACTION || event->pcr < TCG_PCR_COUNT);
  HOLDS(lies_inside(event->data, raw));
  HOLDS(event->digests || (first && log->crypto_agile));
  for (size_t i = 0; event->digests && i < log->bank_count; i++)
    HOLDS(event->digests[i] &&
          lies_inside((bytes){event->digests[i], log->banks[i].length}, raw));
}

static void check_log(arena *a, slice input) {
  tcg_log log;
  evidence_error error = {0};
  bytes raw = bytes_from_slice(input);
  if (!tcg_log_read(a, raw, &log, &error)) {
    check_refusal(&error, raw.length);
    return;
  }
  HOLDS(log.event_count > 0 && log.bank_count > 0);
  HOLDS(log.bank_count <= TCG_BANKS_MAX);
  for (size_t i = 0; i < log.event_count; i++)
    check_event(&log, &log.events[i], raw);
  for (size_t i = 0; i < log.bank_count; i++) {
    tcg_pcrs pcrs;
    digest_algorithm hash;
    uint16_t algorithm = log.banks[i].algorithm;
    HOLDS(tcg_log_replay(&log, algorithm, &pcrs) ==
          tpm_hash_algorithm(algorithm, &hash));
    HOLDS(pcrs.length <= DIGEST_BYTES_MAX);
    HOLDS(pcrs.measured >> TCG_PCR_COUNT == 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_log);
}
