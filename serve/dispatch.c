/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its operation: instance, route, version, access. */
#include <openssl/rand.h>
#include <time.h>

#include "base/text.h"
#include "serve/access.h"
#include "serve/access_log.h"
#include "serve/router.h"

int64_t service_now(const service *s) {
  return s->options.fixed_now >= 0 ? s->options.fixed_now
                                   : (int64_t)time(NULL);
}

/* --- the instance --------------------------------------------------------- */

static bool is_below(slice path, slice prefix) {
  return path.length >= prefix.length &&
         slice_equal_ignore_case((slice){path.data, prefix.length}, prefix) &&
         (path.length == prefix.length || path.data[prefix.length] == '/');
}

/* Cuts the prefix off *path, of which a slash stays. An unknown one is left: no
 * operation has it. */
static instance *find_instance(service *s, slice *path) {
  for (size_t i = 0; i < s->instance_count; i++) {
    slice prefix = s->instances[i].prefix;
    if (prefix.length == 0 || !is_below(*path, prefix))
      continue;
    *path = (slice){path->data + prefix.length, path->length - prefix.length};
    if (path->length == 0)
      *path = SLICE("/");
    return &s->instances[i];
  }
  return &s->instances[0];
}

static const issuer_name *find_issuer(const instance *i, slice host) {
  for (size_t n = 0; n < i->issuer_count; n++)
    if (slice_equal_ignore_case(i->issuers[n].host, host))
      return &i->issuers[n];
  return &i->issuers[0];
}

/* --- checks before an operation ------------------------------------------- */

static bool is_version_served(call *c) {
  const operation *o = c->operation;
  if (o->versions == API_ANY)
    return true;
  if (!c->api_version.data) {
    refuse(c, 400, "ApiVersionUnspecified",
           "An API version is required, but was not specified.");
    return false;
  }
  if (api_version_bit(c->api_version) & o->versions)
    return true;
  refuse(c, 400, "UnsupportedApiVersion",
         "The HTTP resource that matches the request does not support the "
         "API version '%.*s'.",
         SLICE_ARGS(c->api_version));
  return false;
}

static void refuse_route(call *c, const route *r) {
  if (!r->allowed) {
    refuse(c, 404, "NotFound", "There is nothing at '%.*s'.",
           SLICE_ARGS(c->request->path));
    return;
  }
  refuse(c, 405, "MethodNotAllowed", "'%.*s' has the methods %s.",
         SLICE_ARGS(c->request->path), r->allowed);
  http_header(c->response, "Allow", slice_from(r->allowed));
}

/* Answers, tokens and the log hold parts of these. */
static bool is_text(slice text) { return utf8_error(text) == text.length; }

static bool has_text(const http_request *request) {
  bool good = is_text(request->path);
  for (size_t i = 0; good && i < request->query.count; i++)
    good = is_text(request->query.items[i].name) &&
           is_text(request->query.items[i].value);
  return good;
}

static bool is_only_of_root(const operation *o) {
  return strncmp(o->name, "entra_", 6) == 0;
}

static void repeat(call *c) {
  do {
    c->tries++;
    c->is_to_repeat = false;
    c->operation->run(c);
  } while (c->is_to_repeat);
}

static void run(call *c, slice path) {
  route r = route_find(c->request->method, path);
  if (r.operation && is_only_of_root(r.operation) &&
      c->instance->prefix.length)
    r = (route){0};
  c->operation = r.operation;
  c->type_name = r.parameter;
  if (!r.operation)
    refuse_route(c, &r);
  else if (is_version_served(c) && access_is_granted(c))
    repeat(c);
}

/* --- headers -------------------------------------------------------------- */

/* W3C trace context: 00-<32 hex>-<16 hex>-<2 hex>. */
static bool is_trace_parent(slice text) {
  static const char form[] =
      "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  if (text.length != sizeof form - 1)
    return false;
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (form[i] == 'x' ? !is_hex : c != form[i])
      return false;
  }
  return true;
}

/* Recorded: the caller's trace context, else one of the service. */
static slice request_id(arena *a, const http_request *request) {
  slice given = http_field_find(request->headers, "traceparent");
  if (is_trace_parent(given))
    return given;
  uint8_t random[24];
  if (RAND_bytes(random, sizeof random) != 1)
    arena_fail(a, ARENA_NO_MEMORY);
  buffer text = buffer_in(a);
  buffer_text(&text, "00-");
  buffer_hex(&text, (bytes){random, 16});
  buffer_char(&text, '-');
  buffer_hex(&text, (bytes){random + 16, 8});
  buffer_text(&text, "-00");
  return buffer_slice(&text);
}

void service_handle(void *context, const http_request *request,
                    http_response *response) {
  service *s = context;
  slice path = route_clean_path(request->arena, request->path);
  call c = {.arena = request->arena,
            .service = s,
            .instance = find_instance(s, &path),
            .request = request,
            .response = response,
            .now = service_now(s)};
  slice id = request_id(c.arena, request);
  c.issuer =
      find_issuer(c.instance, http_field_find(request->headers, "Host"));
  c.api_version = call_argument(&c, "api-version");
  http_header(response, "x-ms-request-id", id);
  http_header(response, "x-ms-maa-service-version", SLICE("maapol-serve"));
  if (has_text(request))
    run(&c, path);
  else
    refuse(&c, 400, "Bad request", "The URL is no text in UTF-8.");
  size_t index =
      c.operation ? (size_t)(c.operation - operations) : OPERATION_COUNT;
  int64_t spent = http_clock_us() - request->begun_us;
  metrics_count(&s->metrics, index, response->status, spent);
  access_log_write(&c, id, spent);
}
