/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON; what is read must survive writing and reading again. */
#include "base/json_span.h"
#include "base/value.h"
#include "tests/fuzz/fuzz.h"

static slice written(arena *a, const value *v,
                     void (*write)(buffer *out, const value *v)) {
  buffer out = buffer_in(a);
  write(&out, v);
  return buffer_slice(&out);
}

/* The spans of what was read are its parts, in their order. */
static void check_spans(arena *a, slice text, const value *v) {
  json_place child;
  json_cursor cursor = json_enter(text);
  bool is_container = v->kind == VALUE_OBJECT || v->kind == VALUE_ARRAY;
  for (uint32_t i = 0; is_container && i < v->count; i++) {
    value part, name;
    json_error error;
    bool is_object = v->kind == VALUE_OBJECT;
    HOLDS(json_next(&cursor, &child));
    HOLDS(json_read(a, child.value, 0, &part, &error));
    HOLDS(value_equal(a, &part,
                      is_object ? &v->members[i].value : &v->items[i]));
    HOLDS(is_object == (child.name.length > 0));
    if (is_object)
      HOLDS(json_read(a, child.name, 0, &name, &error) &&
            slice_equal(value_string(&name), member_name(&v->members[i])));
  }
  HOLDS(!json_next(&cursor, &child));
}

/* Of any text, within it. */
static void check_span_bounds(slice text) {
  json_place child;
  size_t behind = 0;
  json_cursor cursor = json_enter(text);
  while (json_next(&cursor, &child)) {
    size_t begin = (size_t)(child.value.data - text.data);
    HOLDS(begin >= behind && begin + child.value.length <= text.length);
    behind = begin + child.value.length;
  }
}

static void check_json(arena *a, slice text) {
  value v, again;
  json_error error = {0};
  check_span_bounds(text);
  if (!json_read(a, text, 0, &v, &error)) {
    HOLDS(error.message && error.offset <= text.length);
    return;
  }
  check_spans(a, text, &v);
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
