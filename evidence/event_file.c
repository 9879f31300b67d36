/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/event_file.h"

#include "evidence/fields.h"

enum {
  HEAD_BYTES = 8,     /* PCR and type */
  FIRST_BYTES = 32,   /* up to the data of a record with a SHA-1 digest */
  FIRST_LENGTH_AT = 28
};

/* Behind a record of the old form stands another one, or nothing. Type 0 would
 * make a log of any zeros. */
static bool is_record(bytes raw, size_t at) {
  if (raw.length - at < FIRST_BYTES)
    return false;
  uint32_t pcr = (uint32_t)little_endian((bytes){raw.data + at, 4});
  uint32_t type = (uint32_t)little_endian((bytes){raw.data + at + 4, 4});
  uint64_t length = little_endian((bytes){raw.data + at + FIRST_LENGTH_AT, 4});
  return (pcr < TCG_PCR_COUNT || type == EV_NO_ACTION) &&
         type != 0 && tcg_event_type_name(type) &&
         length <= raw.length - at - FIRST_BYTES;
}

static bool is_boot_log(bytes raw) {
  static const char spec_id[] = "Spec ID Event03";
  if (!is_record(raw, 0))
    return false;
  bytes data = {raw.data + FIRST_BYTES, raw.length - FIRST_BYTES};
  if (data.length >= sizeof spec_id &&
      memcmp(data.data, spec_id, sizeof spec_id) == 0)
    return true;
  size_t next = FIRST_BYTES + (size_t)little_endian((bytes){
                                  raw.data + FIRST_LENGTH_AT, 4});
  return next == raw.length || is_record(raw, next);
}

bool event_file_detect(bytes raw) {
  return is_boot_log(raw) || ima_log_detect(raw);
}

bool event_file_add(arena *a, bytes raw, event_file *f,
                    evidence_error *error) {
  bool boot = is_boot_log(raw);
  f->bytes += raw.length;
  if (boot ? f->has_boot : f->has_ima)
    return evidence_fail(a, error, EVIDENCE_TYPE, 0,
                         "a second %s; they cannot be of one machine",
                         boot ? "boot log" : "measurement list");
  if (boot)
    return f->has_boot = tcg_log_read(a, raw, &f->boot, error);
  return f->has_ima = ima_log_read(a, raw, &f->ima, error);
}

event_logs event_file_logs(const event_file *f) {
  return (event_logs){f->has_boot ? &f->boot : NULL,
                      f->has_ima ? &f->ima : NULL};
}

value event_file_pcrs(arena *a, const event_file *f) {
  static const uint16_t algorithms[] = {TPM_ALG_SHA1, TPM_ALG_SHA256,
                                        TPM_ALG_SHA384, TPM_ALG_SHA512};
  enum { COUNT = sizeof algorithms / sizeof *algorithms };
  event_logs logs = event_file_logs(f);
  event_bank banks[COUNT];
  size_t count = 0;
  for (size_t i = 0; i < COUNT; i++) {
    tcg_pcrs *pcrs = ARENA_NEW(a, tcg_pcrs);
    /* A list alone has no banks; two of its replays are of interest. */
    bool wanted = logs.boot || i < 2;
    if (wanted &&
        event_logs_replay(&logs, algorithms[i], IMA_HASHED, pcrs))
      banks[count++] = (event_bank){algorithms[i], pcrs->measured, pcrs};
  }
  return event_pcrs(a, banks, count);
}

static value check_value(arena *a, const event_logs *logs) {
  object_builder o = object_in(a);
  evidence_error error = {0};
  bool holds = event_logs_check(a, logs, &error);
  object_set(&o, SLICE("holds"), value_boolean(holds));
  if (!holds)
    object_set(&o, SLICE("reason"), value_text(slice_from(error.message)));
  return object_value(&o);
}

bool event_file_show(arena *a, const event_file *f, value *result,
                     evidence_error *error) {
  value events, pcrs;
  event_logs logs = event_file_logs(f);
  object_builder o = object_in(a);
  if (!event_list_told(a, &logs, &events, error))
    return false;
  pcrs = event_file_pcrs(a, f);
  object_set(&o, SLICE("bytes"), value_integer((int64_t)f->bytes));
  object_set(&o, SLICE("check"), check_value(a, &logs));
  object_set(&o, SLICE("Events"), *value_member(&events, SLICE("Events")));
  object_set(&o, SLICE("PCRs"), *value_member(&pcrs, SLICE("PCRs")));
  *result = object_value(&o);
  return true;
}
