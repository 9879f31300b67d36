/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 over TLS or bare, by libmicrohttpd: one thread per core, each with
 * its own epoll loop. A request is read as a whole, within limits, and handed
 * to one function; everything made for it lies in its arena.
 *
 *   http_options o = {.socket = listening, .handle = handle, .context = s};
 *   http_server *server = http_server_start(a, &o, &reason);
 *   ...
 *   http_server_stop(server, seconds);
 */
#ifndef SERVE_HTTP_H
#define SERVE_HTTP_H

#include "base/arena.h"

typedef struct http_field {
  slice name, value; /* a NUL stands behind each */
} http_field;

typedef struct http_fields {
  const http_field *items;
  size_t count;
} http_fields;

typedef struct http_request {
  arena *arena;
  slice method, path; /* the path with its %xx decoded, without query */
  http_fields query, headers;
  slice body;       /* a NUL stands behind it */
  int64_t begun_us; /* monotonic clock */
} http_request;

enum { HTTP_HEADERS_MAX = 8 };

typedef struct http_response {
  int status;
  const char *content_type; /* NULL without body */
  slice body;               /* in the request's arena, or static */
  http_field headers[HTTP_HEADERS_MAX];
  size_t header_count;
} http_response;

/* Fills in the response. Runs in any of the threads, guarded: where memory
 * runs out, the client gets a plain refusal. */
typedef void http_handler(void *context, const http_request *request,
                          http_response *response);

typedef struct http_options {
  int socket;          /* bound and listening; stays the caller's */
  unsigned threads;    /* 0: one per core */
  unsigned seconds;    /* for each phase of a connection; 0: the limit */
  const char *tls_key; /* PEM; NULL: without TLS */
  const char *tls_certificate; /* PEM, with its chain */
  http_handler *handle;
  void *context;
} http_options;

typedef struct http_server http_server;

/* NULL: *reason says why (static). The server lives until it is stopped. */
http_server *http_server_start(arena *a, const http_options *options,
                               const char **reason);

/* Takes no more connections, waits up to that long for requests that are
 * being answered, then closes all. */
void http_server_stop(http_server *server, unsigned seconds);

/* Of that name in any case; empty data if there is none. */
slice http_field_find(http_fields fields, const char *name);

/* One more header; both texts must outlive the response. */
void http_header(http_response *response, const char *name, slice text);

/* Monotonic. */
int64_t http_clock_us(void);

#endif
