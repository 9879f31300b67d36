/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve/serve_input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/crypto/verify_input.h"
#include "evidence/certificate.h"
#include "sign/jwk.h"

const cli_option serve_options_table[] = {
    {"listen", 0, "HOST:PORT", "where (127.0.0.1:0; port 0 picks a free one)"},
    {"issuer", 0, "URL", "of the instance (the URL that it listens at)"},
    {"state", 0, "DIR", "keys, policies and signers are kept there"},
    {"memory", 0, NULL, "nothing is kept (without --state too)"},
    {"mode", 0, "aad|isolated|shared", "of the instance at / (aad)"},
    {"signer-certificate", 0, "PEM",
     "first policy management certificates of an isolated instance"},
    {"instance", 0, "NAME=MODE[,PEM]",
     "one more, at /i/NAME; may be repeated"},
    {"oauth", 0, "off|basic|strict",
     "bearer tokens: none, any, or of our token endpoint (basic)"},
    {"clients", 0, "FILE", "JSON: who gets a token, and in which role"},
    {"federated-jwks", 0, "ISSUER=FILE",
     "keys of the provider that signs workload identities; may be repeated"},
    {"verify", 0, "none|signature|full",
     "how far to verify evidence (signature)"},
    {"roots", 0, "DIR", "certificates to trust besides the built-in roots"},
    {"collateral", 0, "DIR", "of the vendor's caching service"},
    {"accept-tcb", 0, "STATUS,..",
     "TCB statuses that full verification accepts"},
    {"tls-cert", 0, "PEM", "certificate chain to show instead of our own"},
    {"tls-key", 0, "PEM", "its private key"},
    {"http", 0, NULL, "without TLS"},
    {"now", 0, "TIME", "the time stands still there"},
    {"status-page", 0, "on|off",
     "at / (on at loopback, unless --oauth strict)"},
    {"access-log", 0, "FILE", "a line of JSON for each request (-: stderr)"},
    {"threads", 0, "N", "that answer (one per core)"},
    {"time-limit", 0, "SECONDS",
     "to send a request, and to take its answer (60)"},
    {0},
};

/* --- listening ------------------------------------------------------------ */

/* "127.0.0.1:8443", "[::1]:8443", "localhost:0". */
static int read_listen(cli *c, serve_input *input) {
  const char *given = cli_value(c, "listen");
  const char *text = given ? given : "127.0.0.1:0";
  const char *colon = strrchr(text, ':');
  size_t port;
  if (!colon || colon == text || !cli_parse_count(colon + 1, 65535, &port))
    return cli_usage(c, "--listen wants HOST:PORT, not \"%s\"", text);
  slice host = slice_between(text, colon);
  if (host.length > 2 && host.data[0] == '[' &&
      host.data[host.length - 1] == ']')
    host = (slice){host.data + 1, host.length - 2};
  input->host = arena_copy(c->arena, host);
  input->port = colon + 1;
  return CLI_OK;
}

static int read_issuer(cli *c, serve_input *input) {
  slice url = slice_from(cli_value(c, "issuer"));
  while (url.length && url.data[url.length - 1] == '/')
    url.length--;
  if (cli_value(c, "issuer") && !slice_starts_with(url, "https://") &&
      !slice_starts_with(url, "http://"))
    return cli_usage(c, "--issuer wants a URL, not \"%s\"",
                     cli_value(c, "issuer"));
  input->issuer = arena_copy(c->arena, url);
  return CLI_OK;
}

static int read_tls(cli *c, serve_input *input) {
  const char *certificate = cli_value(c, "tls-cert");
  const char *key = cli_value(c, "tls-key");
  input->is_plain = cli_flag(c, "http");
  if (!certificate != !key)
    return cli_usage(c, "--tls-cert and --tls-key go together");
  if (input->is_plain && key)
    return cli_usage(c, "--http and --tls-key exclude each other");
  if (key &&
      (!cli_read(c, key, LIMIT_EVIDENCE_BYTES, &input->tls_key) ||
       !cli_read(c, certificate, LIMIT_EVIDENCE_BYTES,
                 &input->tls_certificate)))
    return CLI_INPUT;
  return CLI_OK;
}

/* --- instances ------------------------------------------------------------ */

static const char *const mode_names[] = {"aad", "isolated", "shared", NULL};

static int read_signers(cli *c, const char *path, certificate_chain *chain) {
  slice text;
  const char *reason;
  if (!cli_read(c, path, LIMIT_EVIDENCE_BYTES, &text))
    return CLI_INPUT;
  if (certificate_chain_read(c->arena, bytes_from_slice(text), chain, &reason))
    return CLI_OK;
  return cli_error(c, CLI_INPUT, "%s: %s", path, reason);
}

static int read_root_instance(cli *c, instance_options *o) {
  int mode = cli_choice(c, "mode", mode_names);
  const char *signers = cli_value(c, "signer-certificate");
  if (mode < 0)
    return CLI_USAGE;
  *o = (instance_options){.name = "", .mode = (service_mode)mode};
  if (signers && o->mode != MODE_ISOLATED)
    return cli_usage(c, "--signer-certificate is for --mode isolated");
  return signers ? read_signers(c, signers, &o->signers) : CLI_OK;
}

static bool is_name(slice name) {
  for (size_t i = 0; i < name.length; i++) {
    char b = name.data[i];
    if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-'))
      return false;
  }
  return name.length > 0 && name.length <= LIMIT_IDENTIFIER_BYTES;
}

static bool read_mode(slice text, service_mode *mode) {
  for (int i = 0; mode_names[i]; i++)
    if (slice_is(text, mode_names[i])) {
      *mode = (service_mode)i;
      return true;
    }
  return false;
}

/* "NAME=MODE" or "NAME=isolated,PEM" */
static int read_instance(cli *c, const char *text, instance_options *o) {
  const char *equals = strchr(text, '=');
  const char *comma = equals ? strchr(equals, ',') : NULL;
  slice name = equals ? slice_between(text, equals) : SLICE_EMPTY;
  slice mode = SLICE_EMPTY;
  if (equals)
    mode = comma ? slice_between(equals + 1, comma) : slice_from(equals + 1);
  *o = (instance_options){.name = arena_string(c->arena, name)};
  if (!is_name(name) || !read_mode(mode, &o->mode))
    return cli_usage(c,
                     "--instance wants NAME=MODE[,PEM], the name of lower-case "
                     "letters, digits and -, not \"%s\"",
                     text);
  if (comma && o->mode != MODE_ISOLATED)
    return cli_usage(c, "--instance %s: certificates are for mode isolated",
                     text);
  return comma ? read_signers(c, comma + 1, &o->signers) : CLI_OK;
}

static int read_instances(cli *c, serve_input *input) {
  instance_options *all =
      ARENA_ARRAY(c->arena, LIMIT_SERVE_INSTANCES, instance_options);
  int status = read_root_instance(c, &all[0]);
  size_t count = 1;
  const char *text;
  while (status == CLI_OK &&
         (text = cli_value_at(c, "instance", count - 1)) != NULL) {
    if (count == LIMIT_SERVE_INSTANCES)
      return cli_usage(c, "at most %d instances are served",
                       LIMIT_SERVE_INSTANCES);
    status = read_instance(c, text, &all[count++]);
    for (size_t i = 1; status == CLI_OK && i + 1 < count; i++)
      if (strcmp(all[i].name, all[count - 1].name) == 0)
        return cli_usage(c, "there are two instances \"%s\"", all[i].name);
  }
  input->service.instances = all;
  input->service.instance_count = count;
  return status;
}

/* --- service -------------------------------------------------------------- */

static int read_verify(cli *c, verify_options *verify) {
  static const char *const levels[] = {"signature", "none", "full", NULL};
  static const verify_level values[] = {VERIFY_SIGNATURE, VERIFY_NONE,
                                        VERIFY_FULL};
  int level = cli_choice(c, "verify", levels);
  if (level < 0)
    return CLI_USAGE;
  int status = verify_input_trust(c, verify);
  verify->level = values[level];
  return status;
}

static int read_log(cli *c, int *log) {
  const char *path = cli_value(c, "access-log");
  *log = -1;
  if (!path)
    return CLI_OK;
  *log = strcmp(path, "-") == 0
             ? STDERR_FILENO
             : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  return *log >= 0 ? CLI_OK
                   : cli_error(c, CLI_SYSTEM, "--access-log: %s: %s", path,
                               strerror(errno));
}

/* "ISSUER=FILE"; the keys are read once here, so that what is wrong with them
 * is said now. */
static int read_keys(cli *c, const char *text, federated_keys *result) {
  const char *equals = strchr(text, '='), *reason;
  jwk_set keys;
  if (!equals || equals == text || !equals[1])
    return cli_usage(c, "--federated-jwks wants ISSUER=FILE, not \"%s\"", text);
  result->issuer = slice_between(text, equals);
  if (!cli_read(c, equals + 1, LIMIT_KEY_SET_BYTES, &result->keys))
    return CLI_INPUT;
  if (!jwk_set_read(c->arena, result->keys, &keys, &reason))
    return cli_error(c, CLI_INPUT, "%s: %s", equals + 1, reason);
  for (size_t i = 0; i < keys.count; i++)
    if (keys.items[i].key)
      return CLI_OK;
  return cli_error(c, CLI_INPUT, "%s: there is no key in it that can be used",
                   equals + 1);
}

static int read_federated(cli *c, service_options *s) {
  size_t count = 0;
  while (cli_value_at(c, "federated-jwks", count))
    count++;
  if (count && !s->clients.length)
    return cli_usage(c, "--federated-jwks needs --clients: without it every "
                        "client gets a token");
  federated_keys *all = ARENA_ARRAY(c->arena, count, federated_keys);
  for (size_t i = 0; i < count; i++) {
    int status = read_keys(c, cli_value_at(c, "federated-jwks", i), &all[i]);
    if (status != CLI_OK)
      return status;
    for (size_t k = 0; k < i; k++)
      if (slice_equal(all[k].issuer, all[i].issuer))
        return cli_usage(c, "--federated-jwks: %.*s is given twice",
                         SLICE_ARGS(all[i].issuer));
  }
  s->federated = all;
  s->federated_count = count;
  return CLI_OK;
}

static int read_service(cli *c, serve_input *input) {
  static const char *const levels[] = {"basic", "off", "strict", NULL};
  static const oauth_level values[] = {OAUTH_BASIC, OAUTH_OFF, OAUTH_STRICT};
  service_options *s = &input->service;
  int level = cli_choice(c, "oauth", levels);
  const char *now = cli_value(c, "now"), *clients = cli_value(c, "clients");
  const char *threads = cli_value(c, "threads");
  const char *seconds = cli_value(c, "time-limit");
  if (level < 0)
    return CLI_USAGE;
  s->oauth = values[level];
  s->state_directory = cli_value(c, "state");
  s->fixed_now = -1;
  if (s->state_directory && cli_flag(c, "memory"))
    return cli_usage(c, "--state and --memory exclude each other");
  if (now && !cli_parse_time(now, &s->fixed_now))
    return cli_usage(c,
                     "--now wants RFC 3339 (2026-01-31T12:00:00Z) or whole "
                     "seconds, not \"%s\"",
                     now);
  if (threads && (!cli_parse_count(threads, 64, &input->threads) ||
                  input->threads == 0))
    return cli_usage(c, "--threads wants 1 to 64, not \"%s\"", threads);
  if (seconds && (!cli_parse_count(seconds, LIMIT_SERVE_REQUEST_SECONDS,
                                   &input->seconds) ||
                  input->seconds == 0))
    return cli_usage(c, "--time-limit wants 1 to %d seconds, not \"%s\"",
                     LIMIT_SERVE_REQUEST_SECONDS, seconds);
  if (clients && !cli_read(c, clients, LIMIT_EVIDENCE_BYTES, &s->clients))
    return CLI_INPUT;
  return read_federated(c, s);
}

/* A browser brings no bearer token, so the page is not for who demands one. */
static int read_page(cli *c, serve_input *input) {
  static const char *const names[] = {"on", "off", NULL};
  int choice = cli_choice(c, "status-page", names);
  bool is_given = cli_value(c, "status-page") != NULL;
  bool is_local = slice_is(input->host, "localhost") ||
                  slice_is(input->host, "::1") ||
                  slice_starts_with(input->host, "127.");
  input->service.has_page =
      is_given ? choice == 0
               : is_local && input->service.oauth != OAUTH_STRICT;
  return choice < 0 ? CLI_USAGE : CLI_OK;
}

int serve_input_read(cli *c, serve_input *input) {
  *input = (serve_input){0};
  if (c->argument_count)
    return cli_usage(c, "\"%s\" is no option", c->arguments[0]);
  int status = read_listen(c, input);
  if (status == CLI_OK)
    status = read_issuer(c, input);
  if (status == CLI_OK)
    status = read_tls(c, input);
  if (status == CLI_OK)
    status = read_service(c, input);
  if (status == CLI_OK)
    status = read_page(c, input);
  if (status == CLI_OK)
    status = read_instances(c, input);
  if (status == CLI_OK)
    status = read_verify(c, &input->service.verify);
  return status == CLI_OK ? read_log(c, &input->service.log) : status;
}
