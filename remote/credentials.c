/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/credentials.h"

#include <time.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/value.h"
#include "sign/secret.h"

/* A token that lives shorter is got anew: the last step of a long run must not
 * find it expired. */
enum { REMAINING_SECONDS_MIN = 300 };

const cloud clouds[] = {
    {"public", "https://login.microsoftonline.com", "https://attest.azure.net",
     "api://AzureADTokenExchange"},
    {"usgov", "https://login.microsoftonline.us", "https://attest.azure.us",
     "api://AzureADTokenExchangeUSGov"},
    {"china", "https://login.chinacloudapi.cn", "https://attest.azure.cn",
     "api://AzureADTokenExchangeChina"},
    {0}};

const credential_kind credential_kinds[] = {
    {"token-file", "--token-file FILE", credential_token_file},
    {"client-secret",
     "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET",
     credential_client_secret},
    {"client-certificate",
     "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_CERTIFICATE_PATH",
     credential_certificate},
    {"workload-identity",
     "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE",
     credential_workload},
    {"github",
     "AZURE_TENANT_ID, AZURE_CLIENT_ID and, of GitHub, "
     "ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN",
     credential_github},
    {"azure-pipelines",
     "SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN, and the tenant, client and "
     "service connection in AZURESUBSCRIPTION_*",
     credential_pipelines},
    {"managed-identity", "a machine of Azure or Azure Arc",
     credential_managed},
    {"az", "the Azure CLI, logged in", credential_az},
    {0}};

/* --- settings ------------------------------------------------------------- */

bool credentials_init(credentials *c, remote *r, http_client *http,
                      const credential_settings *settings) {
  *c = (credentials){.remote = r, .http = http, .settings = *settings};
  c->cloud = settings->cloud ? settings->cloud : &clouds[0];
  const char *host =
      settings->cloud ? NULL : remote_variable(r, "AZURE_AUTHORITY_HOST");
  slice text = slice_from(host ? host : c->cloud->authority);
  if (host && !strstr(host, "://")) { /* the SDKs take a bare name too */
    buffer b = buffer_in(r->arena);
    buffer_printf(&b, "https://%s", host);
    text = buffer_slice(&b);
  }
  const char *reason;
  if (!url_read(r->arena, text, &c->authority, &reason))
    return remote_fail(r, REMOTE_INPUT, "AZURE_AUTHORITY_HOST: %s", reason);
  if (!c->authority.is_https &&
      !(settings->allows_plain_http && c->authority.is_loopback))
    return remote_fail(r, REMOTE_INPUT,
                       "AZURE_AUTHORITY_HOST: secrets go over https alone");
  for (size_t i = 0; host && clouds[i].name; i++)
    if (slice_is(c->authority.origin, clouds[i].authority))
      c->cloud = &clouds[i];
  return true;
}

bool credential_is_pinned(const credentials *c, const char *kind) {
  return c->settings.kind && strcmp(c->settings.kind, kind) == 0;
}

/* --- choosing ------------------------------------------------------------- */

/* AZURE_TOKEN_CREDENTIALS of the SDKs: dev (tools of a person), prod (what is
 * deployed), or one credential by its name there. */
static bool is_selected(const char *selection, const char *kind) {
  static const struct {
    const char *sdk, *kind;
  } names[] = {{"EnvironmentCredential", "client-secret"},
               {"EnvironmentCredential", "client-certificate"},
               {"WorkloadIdentityCredential", "workload-identity"},
               {"ManagedIdentityCredential", "managed-identity"},
               {"AzureCliCredential", "az"}};
  if (!selection)
    return true;
  slice given = slice_from(selection);
  bool is_tool = strcmp(kind, "az") == 0;
  if (slice_equal_ignore_case(given, SLICE("dev")))
    return is_tool;
  if (slice_equal_ignore_case(given, SLICE("prod")))
    return !is_tool;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (slice_equal_ignore_case(given, slice_from(names[i].sdk)) &&
        strcmp(kind, names[i].kind) == 0)
      return true;
  return false;
}

static bool is_tried(const credentials *c, const credential_kind *kind) {
  if (c->settings.kind)
    return strcmp(c->settings.kind, kind->name) == 0;
  if (c->settings.token_file)
    return strcmp(kind->name, "token-file") == 0;
  return is_selected(remote_variable(c->remote, "AZURE_TOKEN_CREDENTIALS"),
                     kind->name);
}

static bool fail_all(credentials *c) {
  remote *r = c->remote;
  buffer advice = buffer_in(r->arena);
  buffer_text(&advice, "set one of these:");
  for (const credential_kind *k = credential_kinds; k->name; k++)
    if (is_tried(c, k))
      buffer_printf(&advice, "\n  %s: %s", k->name, k->wants);
  remote_fail(r, REMOTE_DENIED, "there is no credential for the service%s%s",
              c->settings.kind ? " of kind " : "",
              c->settings.kind ? c->settings.kind : "");
  return remote_advise(r, buffer_slice(&advice).data);
}

bool credentials_token(credentials *c, access_token *token) {
  remote *r = c->remote;
  int64_t now = (int64_t)time(NULL);
  if (c->kept.text.length &&
      (!c->kept.expires_at ||
       c->kept.expires_at > now + REMAINING_SECONDS_MIN)) {
    *token = c->kept;
    return true;
  }
  for (const credential_kind *k = credential_kinds; k->name; k++) {
    if (!is_tried(c, k))
      continue;
    *token = (access_token){.source = k->name};
    remote_log(r, "trying credential %s", k->name);
    credential_outcome outcome = k->get(c, token);
    if (outcome == CREDENTIAL_FAILED)
      return false;
    if (outcome == CREDENTIAL_ABSENT)
      continue;
    c->kept = *token;
    return true;
  }
  return fail_all(c);
}

/* --- applications --------------------------------------------------------- */

/* Ids go into a path: a GUID, or the domain of a tenant. */
static bool is_plain_id(slice id) {
  for (size_t i = 0; i < id.length; i++) {
    char x = id.data[i];
    bool good = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') ||
                (x >= '0' && x <= '9') || x == '-' || x == '.' || x == '_';
    if (!good)
      return false;
  }
  return id.length > 0;
}

bool credential_application(const credentials *c, const char *tenant_variable,
                            const char *client_variable,
                            application *result) {
  const char *tenant = remote_variable(c->remote, tenant_variable);
  const char *client = remote_variable(c->remote, client_variable);
  if (!tenant || !client)
    return false;
  *result = (application){slice_from(tenant), slice_from(client)};
  return true;
}

bool credential_token_url(credentials *c, slice tenant, url *result) {
  remote *r = c->remote;
  if (!is_plain_id(tenant))
    return remote_fail(r, REMOTE_INPUT, "the tenant id `%.*s` is none",
                       SLICE_ARGS(tenant));
  buffer path = buffer_in(r->arena);
  slice prefix = c->authority.path;
  while (prefix.length && prefix.data[prefix.length - 1] == '/')
    prefix.length--;
  buffer_printf(&path, "%.*s/%.*s/oauth2/v2.0/token", SLICE_ARGS(prefix),
                SLICE_ARGS(tenant));
  *result = c->authority;
  result->path = buffer_slice(&path);
  return true;
}

/* --- files ---------------------------------------------------------------- */

bool credential_read_file(credentials *c, const char *path, slice *text) {
  remote *r = c->remote;
  const char *reason;
  secret *kept = NULL;
  if (strcmp(path, "-") == 0)
    kept = secret_read(r->arena, 0, LIMIT_CREDENTIAL_BYTES, &reason);
  else
    kept = secret_read_file(r->arena, path, LIMIT_CREDENTIAL_BYTES, &reason);
  if (!kept)
    return remote_fail(r, REMOTE_INPUT, "%s: %s", path, reason);
  slice s = {kept->data, kept->length};
  while (s.length && strchr(" \t\r\n", s.data[s.length - 1]))
    s.length--;
  while (s.length && strchr(" \t\r\n", *s.data))
    s = (slice){s.data + 1, s.length - 1};
  for (size_t i = 0; i < s.length; i++)
    if (s.data[i] <= ' ' || s.data[i] == 0x7f)
      return remote_fail(r, REMOTE_INPUT, "%s: it holds more than one token",
                         path);
  if (!s.length)
    return remote_fail(r, REMOTE_INPUT, "%s: it is empty", path);
  remote_secret(r, s);
  *text = s;
  return true;
}

credential_outcome credential_token_file(credentials *c, access_token *t) {
  if (!c->settings.token_file)
    return CREDENTIAL_ABSENT;
  return credential_read_file(c, c->settings.token_file, &t->text)
             ? CREDENTIAL_OK
             : CREDENTIAL_FAILED;
}

/* --- who it is ------------------------------------------------------------ */

static slice claim(const value *claims, const char *name) {
  const value *v = value_member(claims, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

slice credentials_identity(remote *r, const access_token *token) {
  static const char *const people[] = {"upn", "unique_name",
                                       "preferred_username", "email"};
  static const char *const apps[] = {"appid", "azp", "oid", "sub"};
  const char *dot = memchr(token->text.data, '.', token->text.length);
  const char *end = token->text.data + token->text.length;
  const char *next =
      dot ? memchr(dot + 1, '.', (size_t)(end - dot - 1)) : NULL;
  bytes json;
  value claims;
  json_error error;
  if (!next ||
      !base64_decode(r->arena, slice_between(dot + 1, next), BASE64_URL,
                     &json) ||
      !json_read(r->arena, slice_from_bytes(json), JSON_LAST_NAME_WINS,
                 &claims, &error))
    return SLICE_EMPTY;
  for (size_t i = 0; i < 4; i++)
    if (claim(&claims, people[i]).length)
      return claim(&claims, people[i]);
  for (size_t i = 0; i < 4; i++)
    if (claim(&claims, apps[i]).length) {
      buffer b = buffer_in(r->arena);
      buffer_printf(&b, "app %.*s", SLICE_ARGS(claim(&claims, apps[i])));
      return buffer_slice(&b);
    }
  return SLICE_EMPTY;
}
