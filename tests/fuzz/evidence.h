/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for any bytes as evidence: refused with a place and a reason,
 * or read so that every part lies inside and both dumps can be made. */
#ifndef TESTS_FUZZ_EVIDENCE_H
#define TESTS_FUZZ_EVIDENCE_H

#include "evidence/decode.h"
#include "evidence/show.h"
#include "tests/fuzz/fuzz.h"

static inline void check_refusal(const evidence_error *error, size_t length) {
  HOLDS(error->code > EVIDENCE_NONE && error->code < EVIDENCE_CODE_COUNT);
  HOLDS(error->message && error->message[0]);
  HOLDS(error->offset <= length);
}

static inline bool lies_inside(bytes part, bytes whole) {
  return part.length == 0 ||
         (part.data >= whole.data &&
          part.data + part.length <= whole.data + whole.length);
}

static inline void check_dumps(arena *a, const evidence *e) {
  buffer text = buffer_in(a), json = buffer_in(a);
  evidence_show_text(&text, e);
  slice shown = buffer_slice(&text);
  for (size_t i = 0; i < shown.length; i++) /* a terminal obeys nothing here */
    HOLDS(shown.data[i] == '\n' ||
          (shown.data[i] >= ' ' && shown.data[i] <= '~'));
  value dump = evidence_show(a, e), again;
  json_error error;
  json_write(&json, &dump);
  HOLDS(json_read(a, buffer_slice(&json), 0, &again, &error));
}

static inline void check_evidence(arena *a, attestation_type type,
                                  slice input) {
  evidence_input decoded;
  evidence_error error = {0};
  if (!evidence_decode(a, input, &decoded, &error)) {
    check_refusal(&error, input.length);
    return;
  }
  evidence e;
  if (!evidence_parse(a, type, decoded.raw, &e, &error)) {
    check_refusal(&error, decoded.raw.length);
    return;
  }
  HOLDS(!evidence_is_verified(&e.verification));
  HOLDS(lies_inside(e.report_data, e.raw) && e.report_data.length == 64);
  HOLDS(lies_inside(e.init_data, e.raw));
  HOLDS(e.claims.count >= 7 && e.token_claims.count == 2);
  check_dumps(a, &e);
}

#endif
