/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP over libcurl: one exchange, with time-outs, limits and retries.
 *
 * TLS 1.2 or later, certificates always verified. Redirects are an answer like
 * any other and never followed, so that a token goes nowhere but where it was
 * sent. Plain http goes to loopback alone. Proxies are taken from the
 * environment (https_proxy, no_proxy ..), but never for loopback.
 */
#ifndef REMOTE_HTTP_H
#define REMOTE_HTTP_H

#include "remote/remote.h"
#include "remote/retry.h"
#include "remote/url.h"

typedef struct http_settings {
  const char *ca_file; /* trusted instead of the system's; NULL: those */
  unsigned connect_timeout_ms, timeout_ms; /* of one attempt */
  retry_settings retry;
} http_settings;

extern const http_settings http_default;

typedef struct http_client http_client;

/* Released with the arena. False: *reason (static) says what is wrong with
 * the settings. */
bool http_client_make(remote *r, const http_settings *settings,
                      http_client **result);

/* How often a request may be sent. */
typedef enum http_repeat {
  HTTP_REPEAT,       /* reading: whenever it helps */
  HTTP_REPEAT_UNSENT /* writing: only where the server cannot have done it:
                      * no connection was made, or it says 429 or 503 */
} http_repeat;

enum { HTTP_HEADERS_MAX = 8 };

typedef struct http_request {
  const char *method;
  url url;
  slice headers[HTTP_HEADERS_MAX]; /* "Name: value" */
  size_t header_count;
  slice body;   /* not copied; sent if has_body */
  bool has_body;
  slice bearer; /* a registered secret; empty: no Authorization */
  http_repeat repeat;
  bool is_local;        /* to a service of this machine (managed identity):
                         * plain http is right, a proxy is not */
  unsigned timeout_ms;  /* 0: the client's */
  unsigned attempts;    /* 0: the client's */
  size_t answer_max;    /* bytes of the body; 0: LIMIT_ANSWER_BYTES */
} http_request;

typedef struct http_header {
  slice name, value;
} http_header;

typedef struct http_response {
  long status;
  slice body; /* with a NUL behind it */
  http_header *headers;
  size_t header_count;
} http_response;

void http_add_header(remote *r, http_request *request, const char *name,
                     slice value);

/* Sends the request and waits for the answer; any HTTP status is a success,
 * unless it is one to try again after and attempts are left. False:
 * REMOTE_UNAVAILABLE, or REMOTE_INPUT for a URL that must not be used;
 * failure.is_ambiguous if the server may have done what it was asked. */
bool http_send(http_client *client, const http_request *request,
               http_response *response);

/* Waits as before a retry, after so many attempts: for what is sent again only
 * after a look at what came of it. */
void http_pause(http_client *client, unsigned attempts);

/* The header of that name in any case; empty if there is none. */
slice http_header_of(const http_response *response, const char *name);

/* The request as a person reads it: the token as "***". */
slice http_request_text(remote *r, const http_request *request);

#endif
