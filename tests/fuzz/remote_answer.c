/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an answer of the service: its token, its error, the place where
 * its parser stopped. What is found lies in the answer. */
#include "remote/answer.c" /* NOLINT(bugprone-suspicious-include) */

#include "tests/fuzz/fuzz.h"

/* Strings without escapes point into the body, others into the arena: only
 * that every byte may be read is looked at, which a sanitizer sees. */
static size_t read_all(slice text) {
  size_t sum = 0;
  for (size_t i = 0; i < text.length; i++)
    sum += (unsigned char)text.data[i];
  return sum;
}

static void check_reason(slice message) {
  slice reason = reply_reason(message);
  unsigned line = 0, column;
  HOLDS(reason.length <= message.length);
  HOLDS(!reason.length || (reason.data >= message.data &&
                           reason.data + reason.length <=
                               message.data + message.length));
  HOLDS(!reply_place(message, &line, &column) || line > 0);
}

static void check(arena *a, slice body) {
  slice token;
  bool is_data;
  reply_error error;
  if (reply_token(a, body, &token, &is_data)) {
    HOLDS(token.length > 0);
    read_all(token);
    reply_is_empty_token(token);
  }
  if (reply_error_read(a, body, &error)) {
    read_all(error.code);
    check_reason(error.text);
  }
  check_reason(body);
  reply_is_empty_token(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check);
}
