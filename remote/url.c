/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/url.h"

#include <curl/curl.h>

#include "base/buffer.h"

enum { URL_BYTES_MAX = 8192 };

/* --- parts ---------------------------------------------------------------- */

static void free_handle(void *handle) { curl_url_cleanup(handle); }

/* A part that is absent is empty. */
static slice part_of(arena *a, CURLU *handle, CURLUPart which) {
  char *text = NULL;
  if (curl_url_get(handle, which, &text, 0) != CURLUE_OK)
    return SLICE_EMPTY;
  arena_defer(a, curl_free, text);
  return slice_from(text);
}

static bool is_host_name(slice host) {
  for (size_t i = 0; i < host.length; i++) {
    char c = host.data[i];
    bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                c == '-' || c == '.';
    if (!good)
      return false;
  }
  return host.length && host.data[host.length - 1] != '.';
}

static bool is_address6(slice host) {
  if (host.length < 4 || host.data[0] != '[' ||
      host.data[host.length - 1] != ']')
    return false;
  for (size_t i = 1; i + 1 < host.length; i++)
    if (!strchr("0123456789abcdef:.", host.data[i]) || !host.data[i])
      return false;
  return true;
}

static slice lower(arena *a, slice text) {
  char *copy = arena_string(a, text);
  for (size_t i = 0; i < text.length; i++)
    if (copy[i] >= 'A' && copy[i] <= 'Z')
      copy[i] = (char)(copy[i] + 32);
  return (slice){copy, text.length};
}

static bool is_ipv4(slice host) {
  for (size_t i = 0; i < host.length; i++)
    if (host.data[i] != '.' && (host.data[i] < '0' || host.data[i] > '9'))
      return false;
  return host.length > 0;
}

static bool is_loopback(slice host) {
  return slice_is(host, "localhost") || slice_is(host, "::1") ||
         (slice_starts_with(host, "127.") && is_ipv4(host));
}

/* --- reading -------------------------------------------------------------- */

static bool refuse(const char **reason, const char *why) {
  *reason = why;
  return false;
}

static slice origin_of(arena *a, const url *u, slice host, slice port) {
  bool is_default = !port.length || slice_is(port, u->is_https ? "443" : "80");
  buffer b = buffer_in(a);
  buffer_printf(&b, "%s://%.*s", u->is_https ? "https" : "http",
                SLICE_ARGS(host));
  if (!is_default)
    buffer_printf(&b, ":%.*s", SLICE_ARGS(port));
  return buffer_slice(&b);
}

static bool read_parts(arena *a, CURLU *handle, url *u, const char **reason) {
  slice scheme = part_of(a, handle, CURLUPART_SCHEME);
  slice host = lower(a, part_of(a, handle, CURLUPART_HOST));
  u->is_https = slice_is(scheme, "https");
  if (!u->is_https && !slice_is(scheme, "http"))
    return refuse(reason, "only https (and, for loopback, http) is spoken");
  if (part_of(a, handle, CURLUPART_FRAGMENT).length)
    return refuse(reason, "it has a fragment (#)");
  if (!is_host_name(host) && !is_address6(host))
    return refuse(reason, "its host is no plain name or address");
  u->host = host.data[0] == '['
                ? (slice){host.data + 1, host.length - 2} : host;
  u->origin = origin_of(a, u, host, part_of(a, handle, CURLUPART_PORT));
  u->path = part_of(a, handle, CURLUPART_PATH);
  u->query = part_of(a, handle, CURLUPART_QUERY);
  u->is_loopback = is_loopback(u->host);
  return true;
}

bool url_read(arena *a, slice text, url *result, const char **reason) {
  *result = (url){0};
  if (!text.length || text.length > URL_BYTES_MAX)
    return refuse(reason, text.length ? "it is too long" : "it is empty");
  for (size_t i = 0; i < text.length; i++)
    if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 0x7f)
      return refuse(reason, "it has a blank or control character");
  CURLU *handle = curl_url();
  if (!handle)
    arena_fail(a, ARENA_NO_MEMORY);
  arena_defer(a, free_handle, handle);
  CURLUcode code = curl_url_set(handle, CURLUPART_URL, arena_string(a, text),
                                CURLU_DISALLOW_USER);
  if (code == CURLUE_USER_NOT_ALLOWED)
    return refuse(reason, "it has a user name");
  if (code == CURLUE_UNSUPPORTED_SCHEME || code == CURLUE_BAD_SCHEME)
    return refuse(reason, "it does not begin with https://");
  if (code != CURLUE_OK)
    return refuse(reason, "it is no URL");
  return read_parts(a, handle, result, reason);
}

static bool is_below(slice host, const char *domain) {
  size_t length = strlen(domain);
  return host.length > length &&
         memcmp(host.data + host.length - length, domain, length) == 0;
}

bool url_is_attestation_service(const url *u) {
  static const char *const domains[] = {".attest.azure.net",
                                        ".attest.azure.us",
                                        ".attest.azure.cn"};
  for (size_t i = 0; u->is_https && i < 3; i++)
    if (is_below(u->host, domains[i]))
      return true;
  return false;
}

slice url_encoded(arena *a, slice text) {
  buffer b = buffer_in(a);
  buffer_reserve(&b, text.length * 3 + 1); /* no copy of a secret stays */
  for (size_t i = 0; i < text.length; i++) {
    unsigned char c = (unsigned char)text.data[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 (c >= '0' && c <= '9') || (c && strchr("-._~", c));
    if (plain)
      buffer_char(&b, (char)c);
    else
      buffer_printf(&b, "%%%02X", c);
  }
  return buffer_slice(&b);
}
