/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the emulator, without a socket: the first line is method, path
 * and query, the rest the body. No input may crash it, and none that is no
 * draft may get a token where evidence is verified. */
#include "base/limits.h"
#include "serve/service.h"
#include "tests/fuzz/fuzz.h"

static service *emulator(void) {
  static arena a;
  static service *s;
  static const char *const origins[] = {"https://localhost:1", NULL};
  static const instance_options instances[] = {{.name = ""},
                                               {.name = "all",
                                                .mode = MODE_SHARED}};
  static jmp_buf failure;
  const char *reason = NULL;
  if (s)
    return s;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure))
    abort();
  service_options o = {.origins = origins,
                       .instances = instances,
                       .instance_count = 2,
                       .oauth = OAUTH_OFF,
                       .fixed_now = 1668700000,
                       .log = -1};
  o.verify = (verify_options){.level = VERIFY_SIGNATURE,
                              .roots = roots_builtin(&a)};
  s = service_open(&a, &o, &reason);
  HOLDS(s);
  return s;
}

/* Up to the separator, which is taken away. */
static slice cut(slice *rest, char separator) {
  const char *end = rest->data + rest->length;
  const char *at =
      rest->length ? memchr(rest->data, separator, rest->length) : NULL;
  slice part = slice_between(rest->data, at ? at : end);
  *rest = at ? slice_between(at + 1, end) : slice_between(end, end);
  return part;
}

static http_fields query_of(arena *a, slice text) {
  http_field *items = ARENA_ARRAY(a, LIMIT_SERVE_FIELDS, http_field);
  size_t count = 0;
  while (text.length && count < LIMIT_SERVE_FIELDS) {
    slice pair = cut(&text, '&');
    slice name = cut(&pair, '=');
    items[count++] = (http_field){arena_copy(a, name), arena_copy(a, pair)};
  }
  return (http_fields){items, count};
}

static void ask(arena *a, slice text) {
  slice line = cut(&text, '\n');
  slice method = arena_copy(a, cut(&line, ' '));
  slice path = arena_copy(a, cut(&line, '?'));
  http_request request = {.arena = a,
                          .method = method,
                          .path = path,
                          .query = query_of(a, line),
                          .body = arena_copy(a, text)};
  http_response response = {.status = 200};
  service_handle(emulator(), &request, &response);
  HOLDS(response.status >= 200 && response.status < 500);
  HOLDS(response.status < 400 || strstr(response.body.data, "\"error\""));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, ask);
}
