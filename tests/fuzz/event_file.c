/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an event log of either kind: refused with a place and a reason,
 * or told so that the JSON can be read, the text is harmless to a terminal, and
 * what policies see is no more than what people see. */
#include "evidence/event_file.h"
#include "tests/fuzz/evidence.h"

static void check_json(arena *a, const value *v, slice name) {
  buffer json = buffer_in(a);
  json_error error;
  value again;
  json_write(&json, v);
  HOLDS(json_read(a, buffer_slice(&json), 0, &again, &error));
  HOLDS(value_member(&again, name));
}

static void check_text(arena *a, const event_file *f) {
  buffer text = buffer_in(a);
  evidence_error error = {0};
  HOLDS(event_file_show_text(&text, f, &error));
  slice written = buffer_slice(&text);
  for (size_t i = 0; i < written.length; i++) {
    unsigned char c = (unsigned char)written.data[i];
    HOLDS(c == '\n' || (c >= ' ' && c != 0x7f));
  }
}

static void check_file(arena *a, slice input) {
  event_file f = {0};
  evidence_error error = {0};
  value events, told, pcrs;
  bytes raw = bytes_from_slice(input);
  event_file_detect(raw);
  if (!event_file_add(a, raw, &f, &error)) {
    check_refusal(&error, raw.length);
    return;
  }
  HOLDS(f.has_boot != f.has_ima);
  HOLDS(event_file_show(a, &f, &told, &error));
  check_json(a, &told, SLICE("Events"));
  check_text(a, &f);
  pcrs = event_file_pcrs(a, &f);
  check_json(a, &pcrs, SLICE("PCRs"));
  event_logs logs = event_file_logs(&f);
  bool sound = event_logs_check(a, &logs, &error);
  HOLDS(event_claims(a, &logs, &events, &error) == sound);
  if (!sound) {
    check_refusal(&error, raw.length);
    return;
  }
  check_json(a, &events, SLICE("Events"));
  HOLDS(value_member(&events, SLICE("Events"))->count ==
        value_member(&told, SLICE("Events"))->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_file);
}
