/* SPDX-License-Identifier: Apache-2.0 */
/* Managed identity: the machine is asked who it is. Three services give the
 * answer: App Service and Container Apps, Azure Arc, and the metadata service
 * of virtual machines (IMDS). */
#include "base/limits.h"
#include "remote/credentials.h"

/* Off Azure nobody answers there: one short try tells. */
enum { PROBE_MS = 1000, PROBE_ATTEMPTS = 1 };

static const char arc_agent_directory[] = "/var/opt/azcmagent/tokens";

/* --- requests ------------------------------------------------------------- */

typedef struct source {
  const char *name, *variable; /* of the URL, for messages */
  const char *base, *version;
  bool is_probe;
} source;

/* Only this machine and its link: what is sent there is not protected. */
static bool is_near(const url *u) {
  return u->is_https || u->is_loopback ||
         slice_starts_with(u->host, "169.254.");
}

static bool make_request(credentials *c, const source *s, http_request *q) {
  remote *r = c->remote;
  const char *client = remote_variable(r, "AZURE_CLIENT_ID");
  buffer b = buffer_in(r->arena);
  buffer_printf(&b, "%s%sapi-version=%s&resource=%.*s", s->base,
                strchr(s->base, '?') ? "&" : "?", s->version,
                SLICE_ARGS(url_encoded(r->arena,
                                       slice_from(c->cloud->resource))));
  if (client)
    buffer_printf(&b, "&client_id=%.*s",
                  SLICE_ARGS(url_encoded(r->arena, slice_from(client))));
  const char *reason;
  *q = (http_request){.method = "GET", .is_local = true,
                      .answer_max = (size_t)2 * LIMIT_CREDENTIAL_BYTES};
  if (s->is_probe) {
    q->timeout_ms = PROBE_MS;
    q->attempts = PROBE_ATTEMPTS;
  }
  if (!url_read(r->arena, buffer_slice(&b), &q->url, &reason))
    return remote_fail(r, REMOTE_INPUT, "%s: %s", s->variable, reason);
  if (!is_near(&q->url))
    return remote_fail(r, REMOTE_INPUT,
                       "%s: %.*s is neither https nor this machine's own",
                       s->variable, SLICE_ARGS(q->url.host));
  return true;
}

/* --- App Service ---------------------------------------------------------- */

static credential_outcome from_app_service(credentials *c, const char *base,
                                           const char *word,
                                           access_token *t) {
  remote *r = c->remote;
  source s = {"App Service", "IDENTITY_ENDPOINT", base, "2019-08-01", false};
  http_request q;
  http_response response;
  if (!make_request(c, &s, &q))
    return CREDENTIAL_FAILED;
  slice header = remote_secret_copy(r, slice_from(word));
  http_add_header(r, &q, "X-IDENTITY-HEADER", header);
  if (!http_send(c->http, &q, &response))
    return CREDENTIAL_FAILED;
  return credential_read_answer(c, "the managed identity of App Service",
                                &response, t);
}

/* --- Azure Arc ------------------------------------------------------------ */

/* The agent answers "Basic realm=FILE": who can read that file, which only
 * administrators and its group can, may have the token. The file must be one
 * of the agent's, or any program on that port could have any file sent. */
static bool read_challenge(credentials *c, slice header, slice *word) {
  remote *r = c->remote;
  const char *folder = c->settings.arc_directory ? c->settings.arc_directory
                                                 : arc_agent_directory;
  static const char begin[] = "Basic realm=";
  size_t length = strlen(folder);
  slice path = header;
  if (!slice_starts_with(header, begin))
    return remote_fail(r, REMOTE_DENIED,
                       "Azure Arc answers without its challenge");
  path.data += sizeof begin - 1;
  path.length -= sizeof begin - 1;
  bool is_inside = slice_starts_with(path, folder) && path.length > length &&
                   path.data[length] == '/' &&
                   !memchr(path.data + length + 1, '/',
                           path.length - length - 1);
  bool is_key = path.length > length + 5 &&
                memcmp(path.data + path.length - 4, ".key", 4) == 0;
  if (!is_inside || !is_key)
    return remote_fail(r, REMOTE_DENIED,
                       "Azure Arc's challenge names a file that is not the "
                       "agent's: %.*s", SLICE_ARGS(path));
  if (credential_read_file(c, arena_string(r->arena, path), word))
    return true;
  r->failure.status = REMOTE_DENIED;
  return remote_advise(r, "this user must be in the group himds");
}

static credential_outcome from_arc(credentials *c, const char *base,
                                   access_token *t) {
  remote *r = c->remote;
  source s = {"Azure Arc", "IDENTITY_ENDPOINT", base, "2020-06-01", false};
  http_request q;
  http_response response;
  if (!make_request(c, &s, &q))
    return CREDENTIAL_FAILED;
  http_add_header(r, &q, "Metadata", SLICE("true"));
  if (!http_send(c->http, &q, &response))
    return CREDENTIAL_FAILED;
  if (response.status == 401) {
    slice word = SLICE_EMPTY;
    if (!read_challenge(c, http_header_of(&response, "www-authenticate"),
                        &word))
      return CREDENTIAL_FAILED;
    buffer value = buffer_in(r->arena);
    buffer_printf(&value, "Basic %.*s", SLICE_ARGS(word));
    http_add_header(r, &q, "Authorization", buffer_slice(&value));
    remote_secret(r, q.headers[q.header_count - 1]);
    if (!http_send(c->http, &q, &response))
      return CREDENTIAL_FAILED;
  }
  return credential_read_answer(c, "the managed identity of Azure Arc",
                                &response, t);
}

/* --- virtual machines ----------------------------------------------------- */

static credential_outcome from_imds(credentials *c, access_token *t) {
  remote *r = c->remote;
  const char *host = remote_variable(r, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
  bool is_wanted = credential_is_pinned(c, "managed-identity") || host;
  buffer base = buffer_in(r->arena);
  buffer_printf(&base, "%s/metadata/identity/oauth2/token",
                host ? host : "http://169.254.169.254");
  source s = {"IMDS", "AZURE_POD_IDENTITY_AUTHORITY_HOST",
              buffer_slice(&base).data, "2018-02-01", !is_wanted};
  http_request q;
  http_response response;
  if (!make_request(c, &s, &q))
    return CREDENTIAL_FAILED;
  http_add_header(r, &q, "Metadata", SLICE("true"));
  bool answered = http_send(c->http, &q, &response);
  if (!is_wanted && (!answered || response.status != 200))
    return CREDENTIAL_ABSENT;
  if (!answered) {
    remote_advise(r, "managed identity works on machines of Azure alone");
    return CREDENTIAL_FAILED;
  }
  credential_outcome outcome = credential_read_answer(
      c, "the metadata service of this machine", &response, t);
  if (outcome == CREDENTIAL_FAILED && response.status == 400)
    remote_advise(r, "the machine has no managed identity, or not the one "
                     "that AZURE_CLIENT_ID names");
  return outcome;
}

credential_outcome credential_managed(credentials *c, access_token *t) {
  remote *r = c->remote;
  const char *base = remote_variable(r, "IDENTITY_ENDPOINT");
  const char *header = remote_variable(r, "IDENTITY_HEADER");
  if (base && remote_variable(r, "IDENTITY_SERVER_THUMBPRINT")) {
    remote_fail(r, REMOTE_DENIED,
                "the managed identity of Service Fabric is not supported");
    return CREDENTIAL_FAILED;
  }
  if (base && header)
    return from_app_service(c, base, header, t);
  if (base && remote_variable(r, "IMDS_ENDPOINT"))
    return from_arc(c, base, t);
  return from_imds(c, t);
}
