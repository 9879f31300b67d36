/* SPDX-License-Identifier: Apache-2.0 */
/* A query, a NUL, and the JSON that it searches. The same query gives the same
 * twice, and over its input written in another order. */
#include "eval/jmespath.h"
#include "tests/fuzz/fuzz.h"

static bool searched(arena *a, const jmespath_query *query, const value *input,
                     slice *text) {
  jmespath_error error = {0};
  if (jmespath_search_text(query, a, input, text, &error))
    return true;
  HOLDS(error.message && error.where.end <= query->text.length + 1);
  return false;
}

/* Names sorted, as json_write leaves them. */
static value rewritten(arena *a, const value *v) {
  buffer out = buffer_in(a);
  value result;
  json_error error;
  json_write(&out, v);
  HOLDS(json_read(a, buffer_slice(&out), 0, &result, &error));
  return result;
}

static void check_search(arena *a, slice text) {
  const char *end = memchr(text.data, 0, text.length);
  if (!end)
    return;
  jmespath_error error;
  json_error unread;
  value input;
  slice json = slice_between(end + 1, text.data + text.length);
  const jmespath_query *query =
      jmespath_compile(a, slice_between(text.data, end), &error);
  if (!query || !json_read(a, json, 0, &input, &unread))
    return;
  slice first, second;
  bool done = searched(a, query, &input, &first);
  HOLDS(searched(a, query, &input, &second) == done);
  HOLDS(!done || slice_equal(first, second));
  value sorted = rewritten(a, &input);
  bool again = searched(a, query, &sorted, &second);
  HOLDS(!done || !again || slice_equal(first, second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_search);
}
