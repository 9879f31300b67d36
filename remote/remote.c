/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/remote.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <time.h>

/* Short ones ("x") stand in ordinary words; a secret of a service is longer,
 * and replacing them would make every message unreadable. */
enum { SECRET_BYTES_MIN = 4 };

static void sleep_for(void *context, unsigned milliseconds) {
  (void)context;
  struct timespec left = {(time_t)(milliseconds / 1000),
                          (long)(milliseconds % 1000) * 1000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR)
    continue;
}

static const char *from_environment(const char *name) { return getenv(name); }

void remote_init(remote *r, arena *a) {
  *r = (remote){.arena = a, .environment = from_environment,
                .sleep = sleep_for};
}

/* --- secrets -------------------------------------------------------------- */

typedef struct cleansed {
  char *data;
  size_t length;
} cleansed;

static void cleanse(void *object) {
  const cleansed *c = object;
  OPENSSL_cleanse(c->data, c->length);
}

void remote_secret(remote *r, slice secret) {
  if (!secret.length)
    return;
  cleansed *c = ARENA_NEW(r->arena, cleansed);
  *c = (cleansed){(char *)secret.data, secret.length};
  arena_defer(r->arena, cleanse, c);
  secret_list *list = &r->secrets;
  list->items = arena_grow(r->arena, list->items, list->count,
                           &list->capacity, sizeof *list->items);
  list->items[list->count++] = secret;
}

slice remote_secret_copy(remote *r, slice text) {
  slice copy = arena_copy(r->arena, text);
  remote_secret(r, copy);
  return copy;
}

/* The longest secret that stands at the start of text; 0 if none does. */
static size_t secret_at(const secret_list *list, slice text) {
  size_t found = 0;
  for (size_t i = 0; i < list->count; i++) {
    slice s = list->items[i];
    if (s.length >= SECRET_BYTES_MIN && s.length > found &&
        s.length <= text.length && memcmp(s.data, text.data, s.length) == 0)
      found = s.length;
  }
  return found;
}

slice remote_redacted(const remote *r, slice text) {
  buffer out = buffer_in(r->arena);
  while (text.length) {
    size_t hidden = secret_at(&r->secrets, text);
    if (hidden)
      buffer_text(&out, "***");
    else
      buffer_char(&out, *text.data);
    size_t step = hidden ? hidden : 1;
    text = (slice){text.data + step, text.length - step};
  }
  return buffer_slice(&out);
}

/* --- environment, failures, log ------------------------------------------- */

const char *remote_variable(const remote *r, const char *name) {
  const char *found = r->environment(name);
  return found && *found ? found : NULL;
}

static const char *formatted(const remote *r, const char *format,
                             va_list arguments) {
  buffer text = buffer_in(r->arena);
  buffer_vprintf(&text, format, arguments);
  return remote_redacted(r, buffer_slice(&text)).data;
}

bool remote_fail(remote *r, remote_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  r->failure = (remote_failure){
      .status = status, .message = formatted(r, format, arguments)};
  va_end(arguments);
  return false;
}

bool remote_advise(remote *r, const char *advice) {
  r->failure.advice = advice;
  return false;
}

void remote_log(remote *r, const char *format, ...) {
  if (!r->log)
    return;
  va_list arguments;
  va_start(arguments, format);
  r->log(r->log_context, formatted(r, format, arguments));
  va_end(arguments);
}
