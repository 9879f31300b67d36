/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a JMESPath query, over one small input that has every kind of
 * value. */
#include "eval/jmespath.h"
#include "tests/fuzz/fuzz.h"

static const char given[] =
    "{\"a\":[{\"a\":1,\"b\":\"x\"},{\"a\":2.5,\"b\":\"y\"},null,[[1],[2,[3]]]],"
    "\"b\":{\"a\":[3,1,2],\"b\":[\"c\",\"a\",\"b\"],\"c\":{}},"
    "\"c\":\"text \xc3\xa4\",\"d\":true,\"e\":-9223372036854775808,\"\":[]}";

static void check_error(const jmespath_error *error, slice text) {
  HOLDS(error->kind <= JMESPATH_LIMIT);
  HOLDS(error->message && error->message[0]);
  HOLDS(error->where.begin <= error->where.end);
  HOLDS(error->where.end <= text.length + 1);
}

/* What a query gives can be written, read again and is then the same. */
static void check_result(arena *a, const value *result) {
  buffer out = buffer_in(a);
  if (!json_write_limited(&out, result, 1 << 20))
    return;
  value again;
  json_error error = {0};
  bool is_read = json_read(a, buffer_slice(&out), 0, &again, &error);
  HOLDS(is_read || strstr(error.message, "nest"));
  HOLDS(!is_read || value_equal(a, result, &again));
}

static void check_query(arena *a, slice text) {
  jmespath_error error = {0};
  const jmespath_query *query = jmespath_compile(a, text, &error);
  if (!query) {
    check_error(&error, text);
    return;
  }
  value input, result;
  json_error unread;
  HOLDS(json_read(a, slice_from(given), 0, &input, &unread));
  if (jmespath_search(query, a, &input, &result, &error))
    check_result(a, &result);
  else
    check_error(&error, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_query);
}
