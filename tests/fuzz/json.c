/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON; what is read must survive writing and reading again. */
#include "base/value.h"
#include "tests/fuzz/fuzz.h"

static slice written(arena *a, const value *v,
                     void (*write)(buffer *out, const value *v)) {
  buffer out = buffer_in(a);
  write(&out, v);
  return buffer_slice(&out);
}

static void check_json(arena *a, slice text) {
  value v, again;
  json_error error = {0};
  if (!json_read(a, text, 0, &v, &error)) {
    HOLDS(error.message && error.offset <= text.length);
    return;
  }
  HOLDS(json_read(a, text, JSON_LAST_NAME_WINS, &again, &error));
  slice compact = written(a, &v, json_write);
  HOLDS(json_read(a, compact, 0, &again, &error));
  HOLDS(slice_equal(compact, written(a, &again, json_write)));
  slice pretty = written(a, &v, json_write_pretty);
  HOLDS(json_read(a, pretty, 0, &again, &error));
  HOLDS(slice_equal(compact, written(a, &again, json_write)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_json);
}
