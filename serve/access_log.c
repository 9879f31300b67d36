/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/access_log.h"

#include <time.h>
#include <unistd.h>

#include "serve/router.h"

static void set_text(object_builder *o, slice name, slice text) {
  object_set(o, name, value_text(text));
}

static slice time_text(arena *a) {
  char text[40];
  struct timespec now;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &parts);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  buffer out = buffer_in(a);
  buffer_printf(&out, "%s.%03ldZ", text, now.tv_nsec / 1000000);
  return buffer_slice(&out);
}

/* A path can hold any byte; JSON holds text only. */
static slice printable(arena *a, slice text) {
  buffer out = buffer_in(a);
  for (size_t i = 0; i < text.length && i < 1024; i++) {
    char c = text.data[i];
    buffer_char(&out, c >= ' ' && c < 0x7f ? c : '?');
  }
  return buffer_slice(&out);
}

void access_log_write(const call *c, slice request_id, int64_t microseconds) {
  int to = c->service->options.log;
  if (to < 0)
    return;
  object_builder o = object_in(c->arena);
  set_text(&o, SLICE("time"), time_text(c->arena));
  set_text(&o, SLICE("instance"), slice_from(c->instance->name));
  set_text(&o, SLICE("method"), printable(c->arena, c->request->method));
  set_text(&o, SLICE("path"), printable(c->arena, c->request->path));
  set_text(&o, SLICE("operation"),
           slice_from(c->operation ? c->operation->name : "none"));
  object_set(&o, SLICE("status"), value_integer(c->response->status));
  if (c->code)
    set_text(&o, SLICE("code"), slice_from(c->code));
  object_set(&o, SLICE("request-bytes"),
             value_integer((int64_t)c->request->body.length));
  object_set(&o, SLICE("response-bytes"),
             value_integer((int64_t)c->response->body.length));
  object_set(&o, SLICE("microseconds"), value_integer(microseconds));
  set_text(&o, SLICE("request-id"), request_id);
  value line = object_value(&o);
  buffer text = buffer_in(c->arena);
  json_write(&text, &line);
  buffer_char(&text, '\n');
  /* One call, so that lines of threads do not mix; a log that cannot be
   * written must not stop the service. */
  ssize_t written = write(to, text.data, text.length);
  (void)written;
}
