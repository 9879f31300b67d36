/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/http.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "serve/reaper.h"

/* One request on its way, in the arena that it is answered from. */
typedef struct exchange {
  struct exchange *next; /* in the list of idle ones */
  arena arena;
  buffer body;
  bool is_too_large, is_out_of_memory;
  int64_t begun_us;
} exchange;

struct http_server {
  struct MHD_Daemon *daemon;
  http_options options;
  pthread_mutex_t lock; /* of the idle list */
  exchange *idle;
  size_t idle_count;
  atomic_size_t active;
  reaper *reaper;
};

enum {
  IDLE_MAX = 64,              /* arenas kept for the next requests */
  IDLE_ARENA_BYTES = 1 << 20, /* one that grew beyond is given back */
  DROPPED_BYTES_MAX = 256 << 20, /* four times the largest policy */
  THREADS_MAX = 64
};

int64_t http_clock_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

slice http_field_find(http_fields fields, const char *name) {
  for (size_t i = 0; i < fields.count; i++)
    if (slice_equal_ignore_case(fields.items[i].name, slice_from(name)))
      return fields.items[i].value;
  return SLICE_EMPTY;
}

void http_header(http_response *response, const char *name, slice text) {
  if (response->header_count < HTTP_HEADERS_MAX)
    response->headers[response->header_count++] =
        (http_field){slice_from(name), text};
}

/* --- exchanges ------------------------------------------------------------ */

static exchange *exchange_take(http_server *server) {
  pthread_mutex_lock(&server->lock);
  exchange *x = server->idle;
  if (x) {
    server->idle = x->next;
    server->idle_count--;
  }
  pthread_mutex_unlock(&server->lock);
  if (!x) {
    x = memory_alloc(sizeof *x);
    if (!x)
      return NULL;
    arena_init(&x->arena, LIMIT_SERVE_ARENA_BYTES);
  }
  x->next = NULL;
  x->body = buffer_in(&x->arena);
  x->is_too_large = x->is_out_of_memory = false;
  x->begun_us = http_clock_us();
  atomic_fetch_add(&server->active, 1);
  return x;
}

static void exchange_free(exchange *x) {
  arena_free(&x->arena);
  memory_free(x);
}

static void exchange_release(http_server *server, exchange *x) {
  if (x->arena.used > IDLE_ARENA_BYTES)
    arena_free(&x->arena);
  else
    arena_reset(&x->arena);
  pthread_mutex_lock(&server->lock);
  bool is_kept = server->idle_count < IDLE_MAX;
  if (is_kept) {
    x->next = server->idle;
    server->idle = x;
    server->idle_count++;
  }
  pthread_mutex_unlock(&server->lock);
  if (!is_kept)
    exchange_free(x);
  atomic_fetch_sub(&server->active, 1);
}

static void append(exchange *x, slice part) {
  jmp_buf failure;
  if (ARENA_GUARD(&x->arena, failure)) {
    x->is_out_of_memory = true;
    return;
  }
  if (part.length > LIMIT_REQUEST_BYTES - x->body.length)
    x->is_too_large = true; /* the rest is read and dropped */
  else if (!x->is_too_large && !x->is_out_of_memory)
    buffer_add(&x->body, part);
}

/* --- answering ------------------------------------------------------------ */

static slice text_of(const char *text) { return slice_from(text ? text : ""); }

typedef struct collector {
  arena *arena;
  http_field *items;
  size_t count, capacity;
} collector;

static enum MHD_Result collect(void *context, enum MHD_ValueKind kind,
                               const char *name, const char *text) {
  collector *c = context;
  (void)kind;
  if (c->count == LIMIT_SERVE_FIELDS)
    return MHD_NO;
  c->items = arena_grow(c->arena, c->items, c->count, &c->capacity,
                        sizeof *c->items);
  c->items[c->count++] = (http_field){text_of(name), text_of(text)};
  return MHD_YES;
}

/* The texts are the connection's and live until the answer is sent. A jump out
 * of the callback leaves nothing of the library's behind. */
static http_fields fields_of(arena *a, struct MHD_Connection *connection,
                             enum MHD_ValueKind kind) {
  collector c = {.arena = a};
  MHD_get_connection_values(connection, kind, collect, &c);
  return (http_fields){c.items, c.count};
}

static void refuse_plainly(http_response *response, int status) {
  bool is_large = status == MHD_HTTP_CONTENT_TOO_LARGE;
  *response = (http_response){
      .status = status,
      .content_type = "application/json; charset=utf-8",
      .body = is_large ? SLICE("{\"error\":{\"code\":\"RequestTooLarge\","
                               "\"message\":\"The request is larger than is "
                               "allowed.\"}}")
                       : SLICE("{\"error\":{\"code\":\"ServiceUnavailable\","
                               "\"message\":\"There is no memory for this "
                               "request.\"}}")};
}

static void handle(http_server *server, exchange *x,
                   struct MHD_Connection *connection, const char *url,
                   const char *method, http_response *response) {
  jmp_buf failure;
  if (ARENA_GUARD(&x->arena, failure)) {
    refuse_plainly(response, x->arena.failure == ARENA_LIMIT
                                 ? MHD_HTTP_CONTENT_TOO_LARGE
                                 : MHD_HTTP_SERVICE_UNAVAILABLE);
    return;
  }
  http_request request = {
      .arena = &x->arena,
      .method = slice_from(method),
      .path = slice_from(url),
      .query = fields_of(&x->arena, connection, MHD_GET_ARGUMENT_KIND),
      .headers = fields_of(&x->arena, connection, MHD_HEADER_KIND),
      .body = buffer_slice(&x->body),
      .begun_us = x->begun_us,
  };
  server->options.handle(server->options.context, &request, response);
}

static enum MHD_Result send_response(struct MHD_Connection *connection,
                                     const http_response *response) {
  /* The library does not write to it. */
  struct MHD_Response *answer = MHD_create_response_from_buffer(
      response->body.length, (void *)response->body.data,
      MHD_RESPMEM_PERSISTENT);
  if (!answer)
    return MHD_NO;
  if (response->content_type)
    MHD_add_response_header(answer, "Content-Type", response->content_type);
  MHD_add_response_header(answer, "Server", "maapol-serve");
  for (size_t i = 0; i < response->header_count; i++)
    MHD_add_response_header(answer, response->headers[i].name.data,
                            response->headers[i].value.data);
  enum MHD_Result queued = MHD_queue_response(
      connection, (unsigned)response->status, answer);
  MHD_destroy_response(answer);
  return queued;
}

static const char *header_of(struct MHD_Connection *connection,
                             const char *name) {
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Bytes of the body that comes; 0 if it is not said. */
static unsigned long long announced(struct MHD_Connection *connection) {
  const char *text = header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
  return text ? strtoull(text, NULL, 10) : 0;
}

static void touch(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(
      connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  if (info && info->socket_context)
    reaper_touch(info->socket_context);
}

/* Who is still sending when the connection ends does not hear why. So a body
 * that is too large is read and dropped, unless its sender waits to be asked
 * for it, or it is of a size that nobody can have meant. */
static enum MHD_Result begin(http_server *server,
                             struct MHD_Connection *connection, void **state) {
  touch(connection);
  exchange *x = exchange_take(server);
  *state = x;
  if (!x)
    return MHD_NO;
  unsigned long long length = announced(connection);
  x->is_too_large = length > LIMIT_REQUEST_BYTES;
  bool is_waiting = header_of(connection, MHD_HTTP_HEADER_EXPECT) != NULL;
  if (!x->is_too_large || (!is_waiting && length <= DROPPED_BYTES_MAX))
    return MHD_YES;
  http_response response;
  refuse_plainly(&response, MHD_HTTP_CONTENT_TOO_LARGE);
  return send_response(connection, &response);
}

static enum MHD_Result on_request(void *context,
                                  struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *upload,
                                  size_t *upload_size, void **state) {
  http_server *server = context;
  exchange *x = *state;
  (void)version;
  if (!x)
    return begin(server, connection, state);
  if (*upload_size) {
    append(x, (slice){upload, *upload_size});
    *upload_size = 0;
    return MHD_YES;
  }
  http_response response = {.status = MHD_HTTP_OK};
  if (x->is_too_large)
    refuse_plainly(&response, MHD_HTTP_CONTENT_TOO_LARGE);
  else if (x->is_out_of_memory)
    refuse_plainly(&response, MHD_HTTP_SERVICE_UNAVAILABLE);
  else
    handle(server, x, connection, url, method, &response);
  return send_response(connection, &response);
}

static void on_completed(void *context, struct MHD_Connection *connection,
                         void **state,
                         enum MHD_RequestTerminationCode reason) {
  (void)reason;
  touch(connection);
  if (*state)
    exchange_release(context, *state);
  *state = NULL;
}

/* A connection that cannot be watched for want of memory has the library's own
 * limit alone. */
static void on_connection(void *context, struct MHD_Connection *connection,
                          void **state,
                          enum MHD_ConnectionNotificationCode what) {
  http_server *server = context;
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(
      connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (what == MHD_CONNECTION_NOTIFY_STARTED && info)
    *state = reaper_watch(server->reaper, info->connect_fd);
  if (what == MHD_CONNECTION_NOTIFY_CLOSED && *state) {
    reaper_forget(server->reaper, *state);
    *state = NULL;
  }
}

/* The library hands paths over as C strings, which end at a %00: what stands
 * behind it must not go unseen, so it becomes what no text has. */
static size_t unescape(void *context, struct MHD_Connection *connection,
                       char *text) {
  (void)context, (void)connection;
  size_t length = MHD_http_unescape(text);
  for (size_t i = 0; i < length; i++)
    if (text[i] == '\0')
      text[i] = '\xff';
  return length;
}

/* The library would write of every broken handshake. */
static void be_silent(void *context, const char *format, va_list arguments) {
  (void)context, (void)format, (void)arguments;
}

/* --- start and stop ------------------------------------------------------- */

static unsigned thread_count(const http_options *options) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned threads = options->threads;
  if (threads == 0)
    threads = cores > 0 ? (unsigned)cores : 1;
  return threads > THREADS_MAX ? THREADS_MAX : threads;
}

static unsigned seconds_of(const http_options *options) {
  return options->seconds ? options->seconds : LIMIT_SERVE_IDLE_SECONDS;
}

static struct MHD_Daemon *start_daemon(http_server *server, unsigned threads) {
  const http_options *o = &server->options;
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)o->tls_key},
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)o->tls_certificate},
      {MHD_OPTION_HTTPS_PRIORITIES, 0,
       (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
      {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem pool[] = {
      {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
      {MHD_OPTION_END, 0, NULL}};
  struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
  unsigned seconds = seconds_of(o);
  if (o->tls_key)
    flags |= MHD_USE_TLS;
  return MHD_start_daemon(
      flags | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, server,
      MHD_OPTION_EXTERNAL_LOGGER, be_silent, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
      unescape, NULL, MHD_OPTION_LISTEN_SOCKET, o->socket,
      MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_SERVE_CONNECTIONS,
      MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
      MHD_OPTION_CONNECTION_TIMEOUT, seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_SERVE_HEADER_BYTES,
      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY,
      threads > 1 ? pool : none, MHD_OPTION_ARRAY, o->tls_key ? tls : none,
      MHD_OPTION_END);
}

http_server *http_server_start(arena *a, const http_options *options,
                               const char **reason) {
  http_server *server = ARENA_NEW(a, http_server);
  server->options = *options;
  *reason = "there is no thread for the HTTP server";
  server->reaper = reaper_start(a, seconds_of(options));
  if (!server->reaper)
    return NULL;
  pthread_mutex_init(&server->lock, NULL);
  server->daemon = start_daemon(server, thread_count(options));
  if (server->daemon)
    return server;
  reaper_stop(server->reaper);
  pthread_mutex_destroy(&server->lock);
  *reason = options->tls_key
                ? "the HTTP server cannot start; are the TLS key and "
                  "certificate a pair in PEM?"
                : "the HTTP server cannot start";
  return NULL;
}

static void wait_for_answers(http_server *server, unsigned seconds) {
  const struct timespec pause = {.tv_nsec = 10000000};
  int64_t end = http_clock_us() + (int64_t)seconds * 1000000;
  while (atomic_load(&server->active) > 0 && http_clock_us() < end)
    nanosleep(&pause, NULL);
}

void http_server_stop(http_server *server, unsigned seconds) {
  MHD_quiesce_daemon(server->daemon);
  wait_for_answers(server, seconds);
  MHD_stop_daemon(server->daemon);
  reaper_stop(server->reaper);
  while (server->idle) {
    exchange *x = server->idle;
    server->idle = x->next;
    exchange_free(x);
  }
  pthread_mutex_destroy(&server->lock);
}
