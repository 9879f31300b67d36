/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/http.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <time.h>

#include "base/limits.h"

const http_settings http_default = {.connect_timeout_ms = 10000,
                                    .timeout_ms = 60000};

struct http_client {
  remote *remote;
  http_settings settings;
  CURL *handle;
};

/* One attempt while it runs. libcurl's callbacks must not jump, so memory that
 * runs out is noted here and reported behind curl_easy_perform. */
typedef struct exchange {
  http_client *client;
  buffer body, headers; /* headers: lines as they came */
  size_t answer_max;
  bool is_too_large, has_no_memory;
  char error[CURL_ERROR_SIZE];
} exchange;

/* --- the client ----------------------------------------------------------- */

static void free_handle(void *handle) { curl_easy_cleanup(handle); }

bool http_client_make(remote *r, const http_settings *settings,
                      http_client **result) {
  *result = NULL;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return remote_fail(r, REMOTE_UNAVAILABLE, "libcurl cannot start");
  http_client *client = ARENA_NEW(r->arena, http_client);
  *client = (http_client){.remote = r, .settings = *settings};
  if (!client->settings.retry.attempts)
    client->settings.retry = retry_default;
  client->handle = curl_easy_init();
  if (!client->handle)
    arena_fail(r->arena, ARENA_NO_MEMORY);
  arena_defer(r->arena, free_handle, client->handle);
  *result = client;
  return true;
}

/* --- what comes in -------------------------------------------------------- */

/* Appends within a limit, without the arena's jump across libcurl. */
static bool keep(exchange *e, buffer *to, slice data, size_t limit) {
  jmp_buf failure, *outer = to->arena->guard;
  bool kept = false;
  if (to->length + data.length > limit) {
    e->is_too_large = true;
    return false;
  }
  if (ARENA_GUARD(to->arena, failure) == 0) {
    buffer_add(to, data);
    kept = true;
  } else {
    e->has_no_memory = true;
  }
  to->arena->guard = outer;
  return kept;
}

/* NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t take_body(char *data, size_t size, size_t count, void *object) {
  exchange *e = object;
  slice part = {data, size * count};
  return keep(e, &e->body, part, e->answer_max) ? part.length : 0;
}

/* Of "100 Continue" and a proxy's own answer only the last head counts. */
/* NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t take_header(char *data, size_t size, size_t count,
                          void *object) {
  exchange *e = object;
  slice line = {data, size * count};
  if (slice_starts_with(line, "HTTP/"))
    e->headers.length = 0;
  return keep(e, &e->headers, line, LIMIT_ANSWER_HEADER_BYTES) ? line.length
                                                               : 0;
}

static slice trimmed(slice s) {
  while (s.length && strchr(" \t\r\n", s.data[0]) && s.data[0])
    s = (slice){s.data + 1, s.length - 1};
  while (s.length && strchr(" \t\r\n", s.data[s.length - 1]) &&
         s.data[s.length - 1])
    s.length--;
  return s;
}

static void read_headers(arena *a, slice lines, http_response *response) {
  size_t capacity = 0;
  while (lines.length) {
    const char *end = memchr(lines.data, '\n', lines.length);
    size_t length = end ? (size_t)(end - lines.data) + 1 : lines.length;
    slice line = {lines.data, length};
    const char *colon = memchr(line.data, ':', line.length);
    lines = (slice){lines.data + length, lines.length - length};
    if (!colon)
      continue;
    response->headers =
        arena_grow(a, response->headers, response->header_count, &capacity,
                   sizeof *response->headers);
    response->headers[response->header_count++] = (http_header){
        slice_between(line.data, colon),
        trimmed(slice_between(colon + 1, line.data + line.length))};
  }
}

slice http_header_of(const http_response *response, const char *name) {
  for (size_t i = 0; i < response->header_count; i++)
    if (slice_equal_ignore_case(response->headers[i].name, slice_from(name)))
      return response->headers[i].value;
  return SLICE_EMPTY;
}

/* --- what goes out -------------------------------------------------------- */

void http_add_header(remote *r, http_request *request, const char *name,
                     slice value) {
  buffer line = buffer_in(r->arena);
  buffer_printf(&line, "%s: %.*s", name, SLICE_ARGS(value));
  if (request->header_count < HTTP_HEADERS_MAX)
    request->headers[request->header_count++] = buffer_slice(&line);
}

static slice url_text(arena *a, const url *u) {
  buffer b = buffer_in(a);
  buffer_printf(&b, "%.*s%.*s", SLICE_ARGS(u->origin), SLICE_ARGS(u->path));
  if (u->query.length)
    buffer_printf(&b, "?%.*s", SLICE_ARGS(u->query));
  return buffer_slice(&b);
}

static void append(struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer)
    *list = longer;
}

/* libcurl copies each line; the copy with the token is cleansed below. */
static struct curl_slist *header_list(remote *r, const http_request *q) {
  struct curl_slist *list = NULL;
  for (size_t i = 0; i < q->header_count; i++)
    append(&list, arena_string(r->arena, q->headers[i]));
  append(&list, "Expect:");
  if (q->bearer.length) {
    buffer line = buffer_in(r->arena);
    buffer_reserve(&line, q->bearer.length + 32);
    buffer_printf(&line, "Authorization: Bearer %.*s", SLICE_ARGS(q->bearer));
    slice text = buffer_slice(&line);
    append(&list, text.data);
    OPENSSL_cleanse(line.data, line.length);
  }
  return list;
}

static void free_headers(struct curl_slist *list) {
  for (struct curl_slist *item = list; item; item = item->next)
    OPENSSL_cleanse(item->data, strlen(item->data));
  curl_slist_free_all(list);
}

static void set_transport(const http_client *client, const http_request *q) {
  CURL *h = client->handle;
  const http_settings *s = &client->settings;
  unsigned timeout = q->timeout_ms ? q->timeout_ms : s->timeout_ms;
  unsigned connect = s->connect_timeout_ms < timeout ? s->connect_timeout_ms
                                                     : timeout;
  curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR,
                   q->url.is_https ? "https" : "http");
  curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)timeout);
  curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)connect);
  curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, NULL);
  if (q->is_local || q->url.is_loopback)
    curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
  /* One exchange on each connection. libcurl itself sends again what breaks on
   * one that it used before, and a change must not be sent twice unseen; and
   * bytes too many behind an answer would be taken for the next one. */
  curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
  if (s->ca_file) {
    curl_easy_setopt(h, CURLOPT_CAINFO, s->ca_file);
    curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
  }
}

static void set_request(exchange *e, const http_request *q,
                        const char *address) {
  CURL *h = e->client->handle;
  curl_easy_setopt(h, CURLOPT_URL, address);
  curl_easy_setopt(h, CURLOPT_USERAGENT, "maapol");
  curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, q->method);
  if (q->has_body) {
    curl_easy_setopt(h, CURLOPT_POST, 1L);
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)q->body.length);
    curl_easy_setopt(h, CURLOPT_POSTFIELDS,
                     q->body.length ? q->body.data : "");
  }
  curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(h, CURLOPT_WRITEDATA, e);
  curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(h, CURLOPT_HEADERDATA, e);
  curl_easy_setopt(h, CURLOPT_ERRORBUFFER, e->error);
}

/* --- one attempt ---------------------------------------------------------- */

static CURLcode perform(exchange *e, const http_request *q) {
  http_client *client = e->client;
  remote *r = client->remote;
  slice address = url_text(r->arena, &q->url);
  curl_easy_reset(client->handle);
  set_transport(client, q);
  set_request(e, q, address.data);
  struct curl_slist *headers = header_list(r, q);
  curl_easy_setopt(client->handle, CURLOPT_HTTPHEADER, headers);
  CURLcode code = curl_easy_perform(client->handle);
  curl_easy_setopt(client->handle, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(client->handle, CURLOPT_ERRORBUFFER, NULL);
  free_headers(headers);
  if (e->has_no_memory)
    arena_fail(r->arena, ARENA_NO_MEMORY);
  return code;
}

/* Whether the server cannot have seen the request. */
static bool was_unsent(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_HOST ||
         code == CURLE_COULDNT_RESOLVE_PROXY ||
         code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR ||
         code == CURLE_PEER_FAILED_VERIFICATION ||
         code == CURLE_SSL_CACERT_BADFILE;
}

/* Neither trust nor a body that is too large gets better by waiting. */
static bool is_final(const exchange *e, CURLcode code) {
  return e->is_too_large || code == CURLE_PEER_FAILED_VERIFICATION ||
         code == CURLE_SSL_CACERT_BADFILE || code == CURLE_URL_MALFORMAT;
}

static const char *advice_for(CURLcode code) {
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST:
    return "check the name in --endpoint, and the network";
  case CURLE_COULDNT_CONNECT:
  case CURLE_OPERATION_TIMEDOUT:
    return "check the network, https_proxy and no_proxy; --timeout and "
           "--retries wait longer";
  case CURLE_PEER_FAILED_VERIFICATION:
    return "the server's certificate is not trusted; --ca FILE names the "
           "authority of a private server";
  case CURLE_SSL_CACERT_BADFILE:
    return "--ca wants a file of certificates in PEM form";
  default:
    return NULL;
  }
}

static bool fail_transport(const exchange *e, const http_request *q,
                           CURLcode code) {
  remote *r = e->client->remote;
  const char *why = e->error[0] ? e->error : curl_easy_strerror(code);
  if (e->is_too_large)
    why = "the answer is longer than is allowed";
  remote_fail(r, REMOTE_UNAVAILABLE, "%s %.*s%.*s: %s", q->method,
              SLICE_ARGS(q->url.origin), SLICE_ARGS(q->url.path), why);
  r->failure.is_ambiguous = !was_unsent(code);
  return remote_advise(r, advice_for(code));
}

static void read_response(exchange *e, http_response *response) {
  *response = (http_response){.body = buffer_slice(&e->body)};
  curl_easy_getinfo(e->client->handle, CURLINFO_RESPONSE_CODE,
                    &response->status);
  read_headers(e->client->remote->arena, buffer_slice(&e->headers), response);
}

/* --- all attempts --------------------------------------------------------- */

static unsigned dice(void) {
  unsigned char byte = 0;
  return RAND_bytes(&byte, 1) == 1 ? byte : 0;
}

static bool may_repeat(const http_request *q, const exchange *e, CURLcode code,
                       long status) {
  if (code != CURLE_OK)
    return !is_final(e, code) &&
           (q->repeat == HTTP_REPEAT || was_unsent(code));
  if (q->repeat == HTTP_REPEAT)
    return retry_status(status);
  return status == 429 || status == 503;
}

static bool wait_for_next(http_client *client, const http_request *q,
                          unsigned attempt, const http_response *response) {
  remote *r = client->remote;
  retry_settings settings = client->settings.retry;
  unsigned wait = 0;
  if (q->attempts)
    settings.attempts = q->attempts;
  int64_t after = retry_after_ms(http_header_of(response, "retry-after"),
                                 (int64_t)time(NULL));
  if (!retry_next(&settings, attempt, after, dice(), &wait))
    return false;
  remote_log(r, "waiting %u.%03u s before attempt %u", wait / 1000,
             wait % 1000, attempt + 1);
  r->sleep(r->sleep_context, wait);
  return true;
}

void http_pause(http_client *client, unsigned attempts) {
  remote *r = client->remote;
  retry_settings settings = client->settings.retry;
  unsigned wait = 0;
  settings.attempts = attempts + 1; /* the caller counts them */
  if (retry_next(&settings, attempts, 0, dice(), &wait))
    r->sleep(r->sleep_context, wait);
}

/* A line feed in a token would begin a header of its own. */
static bool is_header_line(slice text) {
  for (size_t i = 0; i < text.length; i++)
    if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
      return false;
  return true;
}

static bool may_go(http_client *client, const http_request *q) {
  remote *r = client->remote;
  bool good = is_header_line(q->bearer);
  for (size_t i = 0; i < q->header_count; i++)
    good = good && is_header_line(q->headers[i]);
  if (!good)
    return remote_fail(r, REMOTE_INPUT,
                       "a token or secret has a control character");
  if (q->url.is_https || q->url.is_loopback)
    return true;
  return q->is_local ||
         remote_fail(r, REMOTE_INPUT,
                     "%.*s: plain http goes to this machine alone",
                     SLICE_ARGS(q->url.origin));
}

static void log_attempt(remote *r, const http_request *q, CURLcode code,
                        long status) {
  if (code == CURLE_OK)
    remote_log(r, "%s %.*s%.*s: %ld", q->method, SLICE_ARGS(q->url.origin),
               SLICE_ARGS(q->url.path), status);
  else
    remote_log(r, "%s %.*s%.*s: %s", q->method, SLICE_ARGS(q->url.origin),
               SLICE_ARGS(q->url.path), curl_easy_strerror(code));
}

bool http_send(http_client *client, const http_request *q,
               http_response *response) {
  remote *r = client->remote;
  *response = (http_response){0};
  if (!may_go(client, q))
    return false;
  for (unsigned attempt = 1;; attempt++) {
    exchange e = {.client = client,
                  .body = buffer_in(r->arena),
                  .headers = buffer_in(r->arena),
                  .answer_max = q->answer_max ? q->answer_max
                                              : LIMIT_ANSWER_BYTES};
    *response = (http_response){0};
    CURLcode code = perform(&e, q);
    if (code == CURLE_OK)
      read_response(&e, response);
    log_attempt(r, q, code, response->status);
    if (may_repeat(q, &e, code, response->status) &&
        wait_for_next(client, q, attempt, response))
      continue;
    return code == CURLE_OK || fail_transport(&e, q, code);
  }
}

slice http_request_text(remote *r, const http_request *q) {
  buffer b = buffer_in(r->arena);
  buffer_printf(&b, "%s %.*s\n", q->method,
                SLICE_ARGS(url_text(r->arena, &q->url)));
  if (q->bearer.length)
    buffer_text(&b, "Authorization: Bearer ***\n");
  for (size_t i = 0; i < q->header_count; i++)
    buffer_printf(&b, "%.*s\n", SLICE_ARGS(q->headers[i]));
  if (q->has_body)
    buffer_printf(&b, "\n%.*s\n", SLICE_ARGS(q->body));
  return remote_redacted(r, buffer_slice(&b));
}
