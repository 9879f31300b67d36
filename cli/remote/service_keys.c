/* SPDX-License-Identifier: Apache-2.0 */
/* maapol metadata, certs: what an instance publishes; and fetch-keys, which
 * `token verify` runs. None of it needs a credential. */
#include "base/limits.h"
#include "base/render.h"
#include "cli/remote/session.h"
#include "cli/verbs.h"
#include "evidence/certificate.h"

/* --- metadata ------------------------------------------------------------- */

static const cli_option metadata_options[] = {REMOTE_OPTIONS, {0}};

/* JSON of the service, written anew: names sorted, nothing that a terminal
 * obeys. */
static int print_json(session *s, const char *what, slice body) {
  value v;
  json_error error;
  if (!json_read(s->cli->arena, body, 0, &v, &error) ||
      v.kind != VALUE_OBJECT) {
    remote_fail(&s->remote, REMOTE_UNAVAILABLE, "%s is no JSON object", what);
    return session_failed(s);
  }
  session_print_json(s, &v);
  return CLI_OK;
}

static int run_metadata(cli *c) {
  session s;
  endpoint_answer answer;
  int status = session_open_wordless(c, &s);
  if (status != CLI_OK)
    return status;
  if (s.is_dry)
    return session_show(&s, OPERATION_METADATA, ATTESTATION_TYPE_UNKNOWN,
                        SLICE_EMPTY);
  if (!endpoint_call(&s.endpoint, OPERATION_METADATA,
                     ATTESTATION_TYPE_UNKNOWN, SLICE_EMPTY, &answer))
    return session_failed(&s);
  return print_json(&s, "the metadata", answer.body);
}

const cli_verb verb_metadata = {
    "metadata",
    "the OpenID metadata of an instance",
    "--endpoint URL",
    "maapol metadata --endpoint https://sharedeus.eus.attest.azure.net",
    metadata_options,
    run_metadata,
};

/* --- certs ---------------------------------------------------------------- */

static const char *const formats[] = {"human", "json", NULL};

static const cli_option certs_options[] = {
    {"format", 'f', "human|json", "json: the JWK set as it came (human)"},
    REMOTE_OPTIONS,
    {0}};

static void print_key(cli *c, const jwk *key) {
  cli_print(c, "kid ");
  render_escaped(&c->out, key->has_kid ? key->kid : SLICE("none"));
  cli_print(c, "\n  %s\n", key->key
                               ? public_key_description(c->arena, key->key)
                               : key->reason);
  if (!key->certificate)
    return;
  cli_print(c, "  ");
  render_escaped(&c->out, certificate_subject(c->arena, key->certificate));
  cli_print(c, "\n  %.*s to %.*s\n",
            SLICE_ARGS(certificate_not_before(c->arena, key->certificate)),
            SLICE_ARGS(certificate_not_after(c->arena, key->certificate)));
}

static int run_certs(cli *c) {
  session s;
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  int status = session_open_wordless(c, &s);
  if (status != CLI_OK)
    return status;
  if (s.is_dry)
    return session_show(&s, OPERATION_CERTS, ATTESTATION_TYPE_UNKNOWN,
                        SLICE_EMPTY);
  if (!endpoint_keys(&s.endpoint, true))
    return session_failed(&s);
  if (format == 1)
    return print_json(&s, "the answer of /certs", s.endpoint.keys_text);
  for (size_t i = 0; i < s.endpoint.keys.count; i++)
    print_key(c, &s.endpoint.keys.items[i]);
  return CLI_OK;
}

const cli_verb verb_certs = {
    "certs",
    "the signing keys of an instance",
    "--endpoint URL [--format human|json]",
    "maapol certs --endpoint https://sharedeus.eus.attest.azure.net "
    "--format json",
    certs_options,
    run_certs,
};

/* --- fetch-keys ----------------------------------------------------------- */

static const cli_option fetch_options[] = {
    {"discover", 0, NULL, "the URL is an instance's: ask its metadata"},
    TRANSPORT_OPTIONS,
    {0}};

static bool fetch(session *s, slice address, slice *body) {
  remote *r = &s->remote;
  http_request q = {.method = "GET", .answer_max = LIMIT_KEY_SET_BYTES};
  http_response response;
  const char *reason;
  if (!url_read(r->arena, address, &q.url, &reason))
    return remote_fail(r, REMOTE_INPUT, "%.*s: %s", SLICE_ARGS(address),
                       reason);
  /* What is fetched is trusted: nobody in between may choose it. */
  if (!q.url.is_https && !(q.url.is_loopback && cli_flag(s->cli, "http")))
    return remote_fail(r, REMOTE_INPUT, "%.*s: keys come over https alone",
                       SLICE_ARGS(address));
  http_add_header(r, &q, "Accept",
                  SLICE("application/jwk+json, application/json"));
  if (!http_send(s->http, &q, &response))
    return false;
  if (response.status != 200)
    return remote_fail(r, REMOTE_UNAVAILABLE, "%.*s answers %ld",
                       SLICE_ARGS(address), response.status);
  *body = response.body;
  return true;
}

/* jwks_uri of {instance}/.well-known/openid-configuration. */
static bool discover(session *s, slice instance, slice *address) {
  remote *r = &s->remote;
  slice body = SLICE_EMPTY;
  value v;
  json_error error;
  buffer b = buffer_in(r->arena);
  while (instance.length && instance.data[instance.length - 1] == '/')
    instance.length--;
  buffer_printf(&b, "%.*s/.well-known/openid-configuration",
                SLICE_ARGS(instance));
  if (!fetch(s, buffer_slice(&b), &body))
    return false;
  const value *found =
      json_read(r->arena, body, JSON_LAST_NAME_WINS, &v, &error)
          ? value_member(&v, SLICE("jwks_uri"))
          : NULL;
  if (!found || found->kind != VALUE_STRING)
    return remote_fail(r, REMOTE_UNAVAILABLE,
                       "%.*s: the metadata names no jwks_uri",
                       SLICE_ARGS(instance));
  url from, to;
  const char *reason;
  *address = value_string(found);
  if (!url_read(r->arena, instance, &from, &reason) ||
      !url_read(r->arena, *address, &to, &reason))
    return remote_fail(r, REMOTE_UNAVAILABLE, "jwks_uri: %s", reason);
  return slice_equal(from.origin, to.origin) ||
         remote_fail(r, REMOTE_UNAVAILABLE,
                     "the metadata of %.*s leads to the keys of %.*s",
                     SLICE_ARGS(from.origin), SLICE_ARGS(to.origin));
}

static int run_fetch(cli *c) {
  session s;
  slice address, body = SLICE_EMPTY;
  jwk_set keys;
  const char *reason;
  if (c->argument_count != 1)
    return cli_usage(c, "one URL is wanted");
  int status = session_open_transport(c, &s);
  if (status != CLI_OK)
    return status;
  address = slice_from(c->arguments[0]);
  if ((cli_flag(c, "discover") && !discover(&s, address, &address)) ||
      !fetch(&s, address, &body)) {
    session_failed(&s);
    return CLI_SYSTEM;
  }
  if (!jwk_set_read(c->arena, body, &keys, &reason))
    return cli_error(c, CLI_SYSTEM, "%s: %s", c->arguments[0], reason);
  buffer_add(&c->out, body);
  return CLI_OK;
}

const cli_verb verb_fetch_keys = {
    "fetch-keys",
    "fetch a JWK set",
    "[--discover] URL",
    "maapol fetch-keys https://sharedeus.eus.attest.azure.net/certs",
    fetch_options,
    run_fetch,
};
