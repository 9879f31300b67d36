/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote/session.h"

#include "base/render.h"
#include "cli/crypto/secrets.h"
#include "remote/answer.h"

enum {
  TIMEOUT_SECONDS_MAX = 3600,
  RETRIES_MAX = 100,
  DELAY_MS_MAX = 600000,
  SILENT_WAIT_MS = 2000,
  LEEWAY_SECONDS = 300 /* clocks of CI machines drift */
};

/* --- options -------------------------------------------------------------- */

static int read_count(cli *c, const char *option, size_t most, size_t *n) {
  const char *text = cli_value(c, option);
  if (!text || cli_parse_count(text, most, n))
    return CLI_OK;
  return cli_usage(c, "--%s wants a whole number of at most %zu, not `%s`",
                   option, most, text);
}

static int read_transport(cli *c, http_settings *settings) {
  size_t timeout = 60, retries = 4, delay = retry_default.delay_ms;
  int status = read_count(c, "timeout", TIMEOUT_SECONDS_MAX, &timeout);
  if (status == CLI_OK)
    status = read_count(c, "retries", RETRIES_MAX, &retries);
  if (status == CLI_OK)
    status = read_count(c, "retry-delay", DELAY_MS_MAX, &delay);
  if (status == CLI_OK && timeout == 0)
    status = cli_usage(c, "--timeout wants at least 1 second");
  *settings = http_default;
  settings->ca_file = cli_value(c, "ca");
  settings->timeout_ms = (unsigned)timeout * 1000;
  settings->retry = retry_default;
  settings->retry.attempts = (unsigned)retries + 1;
  settings->retry.delay_ms = (unsigned)delay;
  return status;
}

static int read_kind(cli *c, credential_settings *settings) {
  buffer all = buffer_in(c->arena);
  settings->kind = cli_value(c, "auth");
  settings->token_file = cli_value(c, "token-file");
  if (!settings->kind)
    return CLI_OK;
  bool is_known = false;
  for (const credential_kind *k = credential_kinds; k->name; k++) {
    is_known |= strcmp(k->name, settings->kind) == 0;
    buffer_printf(&all, "%s%s", all.length ? ", " : "", k->name);
  }
  if (!is_known)
    return cli_usage(c, "--auth is one of %.*s, not `%s`",
                     SLICE_ARGS(buffer_slice(&all)), settings->kind);
  if (settings->token_file && strcmp(settings->kind, "token-file") != 0)
    return cli_usage(c, "--token-file and --auth %s exclude each other",
                     settings->kind);
  return CLI_OK;
}

static int read_cloud(cli *c, credential_settings *settings) {
  const char *name = cli_value(c, "cloud");
  for (const cloud *k = clouds; name && k->name; k++)
    if (strcmp(k->name, name) == 0)
      settings->cloud = k;
  if (name && !settings->cloud)
    return cli_usage(c, "--cloud is one of public, usgov, china, not `%s`",
                     name);
  return CLI_OK;
}

static void log_line(void *context, const char *line) {
  cli_verbose(context, "%s", line);
}

/* Who waits for long is told what for. */
static void wait_for(void *context, unsigned milliseconds) {
  session *s = context;
  if (milliseconds >= SILENT_WAIT_MS)
    cli_error(s->cli, CLI_OK, "trying again in %u seconds",
              milliseconds / 1000);
  s->sleep(NULL, milliseconds);
}

int session_open_transport(cli *c, session *s) {
  http_settings settings;
  secrets_begin();
  *s = (session){.cli = c, .is_dry = cli_flag(c, "dry-run")};
  remote_init(&s->remote, c->arena);
  s->remote.log = c->verbose ? log_line : NULL;
  s->remote.log_context = c;
  s->sleep = s->remote.sleep;
  s->remote.sleep = wait_for;
  s->remote.sleep_context = s;
  int status = read_transport(c, &settings);
  if (status != CLI_OK)
    return status;
  return http_client_make(&s->remote, &settings, &s->http)
             ? CLI_OK
             : session_failed(s);
}

/* What is wrong with an option is wrong usage. */
static int wrong_option(session *s) {
  remote_failure *f = &s->remote.failure;
  if (f->status != REMOTE_INPUT)
    return session_failed(s);
  session_failed(s);
  return CLI_USAGE;
}

int session_open(cli *c, session *s) {
  credential_settings who = {.allows_plain_http = cli_flag(c, "http")};
  endpoint_settings where = {.url = cli_value(c, "endpoint"),
                             .api_version = cli_value(c, "api-version"),
                             .allows_any_host = cli_flag(c, "allow-endpoint"),
                             .allows_plain_http = cli_flag(c, "http"),
                             .leeway = LEEWAY_SECONDS};
  if (!where.url)
    return cli_usage(c, "--endpoint is missing: the URL of the instance");
  int status = session_open_transport(c, s);
  if (status == CLI_OK)
    status = read_kind(c, &who);
  if (status == CLI_OK)
    status = read_cloud(c, &who);
  if (status != CLI_OK)
    return status;
  if (!credentials_init(&s->credentials, &s->remote, s->http, &who) ||
      !endpoint_open(&s->endpoint, &s->remote, s->http, &s->credentials,
                     &where))
    return wrong_option(s);
  return CLI_OK;
}

int session_open_wordless(cli *c, session *s) {
  if (c->argument_count)
    return cli_usage(c, "`%s` is one word too many", c->arguments[0]);
  return session_open(c, s);
}

int session_type(session *s, attestation_type *type) {
  int status = CLI_OK;
  *type = cli_type(s->cli, &status);
  if (status == CLI_OK && *type == ATTESTATION_TYPE_UNKNOWN)
    status = cli_usage(s->cli, "--type is missing: %s",
                       attestation_type_list());
  return status;
}

/* --- results -------------------------------------------------------------- */

static void print_advice(cli *c, const char *advice) {
  slice rest = slice_from(advice);
  buffer out = buffer_in(c->arena);
  buffer_text(&out, "  help: ");
  while (rest.length) {
    const char *end = memchr(rest.data, '\n', rest.length);
    size_t length = end ? (size_t)(end - rest.data) : rest.length;
    render_escaped(&out, (slice){rest.data, length});
    buffer_text(&out, end ? "\n  " : "\n");
    length += end != NULL;
    rest = (slice){rest.data + length, rest.length - length};
  }
  cli_print_error(c, buffer_slice(&out));
}

static int exit_status(const remote_failure *f) {
  switch (f->status) {
  case REMOTE_OK:
    return CLI_OK;
  case REMOTE_REFUSED:
    return slice_is(f->code, "PolicyParsingError") ? CLI_INPUT : CLI_NO;
  case REMOTE_UNTRUSTED:
    return CLI_NO;
  case REMOTE_INPUT:
    return CLI_INPUT;
  case REMOTE_DENIED:
  case REMOTE_UNAVAILABLE:
    break;
  }
  return CLI_SYSTEM;
}

int session_advise(session *s) {
  if (s->remote.failure.advice)
    print_advice(s->cli, s->remote.failure.advice);
  return exit_status(&s->remote.failure);
}

int session_failed(session *s) {
  cli_error(s->cli, CLI_SYSTEM, "%s", s->remote.failure.message);
  return session_advise(s);
}

int session_failed_policy(session *s, const char *path) {
  const remote_failure *f = &s->remote.failure;
  unsigned line, column;
  if (!slice_is(f->code, "PolicyParsingError") ||
      !reply_place(f->text, &line, &column))
    return session_failed(s);
  cli_error(s->cli, CLI_INPUT, "%s:%u:%u: %s", path, line, column,
            f->message);
  return session_advise(s);
}

int session_show(session *s, endpoint_operation operation,
                 attestation_type type, slice body) {
  http_request q;
  if (!endpoint_request(&s->endpoint, operation, type, body, false, &q))
    return wrong_option(s);
  slice text = http_request_text(&s->remote, &q);
  for (slice rest = text; rest.length;) {
    const char *end = memchr(rest.data, '\n', rest.length);
    size_t length = end ? (size_t)(end - rest.data) : rest.length;
    render_escaped(&s->cli->out, (slice){rest.data, length});
    buffer_char(&s->cli->out, '\n');
    length += end != NULL;
    rest = (slice){rest.data + length, rest.length - length};
  }
  return CLI_OK;
}

void session_print_json(session *s, const value *v) {
  json_write_pretty(&s->cli->out, v);
  buffer_char(&s->cli->out, '\n');
}
