/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/verify_input.h"

#include <time.h>

#include "base/limits.h"
#include "base/text.h"

/* What Intel calls them. Revoked is not among them: it is never accepted. */
static const char *const tcb_statuses[] = {"UpToDate",
                                           "SWHardeningNeeded",
                                           "ConfigurationNeeded",
                                           "ConfigurationAndSWHardeningNeeded",
                                           "OutOfDate",
                                           "OutOfDateConfigurationNeeded",
                                           NULL};

int cli_now(cli *c, int64_t *now) {
  const char *text = cli_value(c, "now");
  *now = (int64_t)time(NULL);
  if (text && !cli_parse_time(text, now))
    return cli_usage(c,
                     "--now wants RFC 3339 (2026-01-31T12:00:00Z) or whole "
                     "seconds, not \"%s\"",
                     text);
  return CLI_OK;
}

static const char *known_status(slice name) {
  for (size_t i = 0; tcb_statuses[i]; i++)
    if (slice_is(name, tcb_statuses[i]))
      return tcb_statuses[i];
  return NULL;
}

static int refuse_status(cli *c, slice name) {
  const char *near = did_you_mean(name, tcb_statuses);
  if (near)
    return cli_usage(c,
                     "--accept-tcb: \"%.*s\" is no TCB status; did you "
                     "mean %s?",
                     SLICE_ARGS(name), near);
  return cli_usage(c,
                   "--accept-tcb: \"%.*s\" is no TCB status that can be "
                   "accepted",
                   SLICE_ARGS(name));
}

/* "UpToDate,OutOfDate" as a list that NULL ends. */
static int read_accepted(cli *c, verify_options *options) {
  const char *text = cli_value(c, "accept-tcb");
  if (!text)
    return CLI_OK;
  const char **list = ARENA_ARRAY(c->arena, strlen(text) + 2, const char *);
  size_t count = 0;
  for (const char *at = text;; at++) {
    size_t length = strcspn(at, ",");
    const char *status = known_status((slice){at, length});
    if (!status)
      return refuse_status(c, (slice){at, length});
    list[count++] = status;
    at += length;
    if (!*at)
      break;
  }
  list[count] = NULL;
  options->accepted_tcb = list;
  return CLI_OK;
}

static int read_directories(cli *c, verify_options *options) {
  const char *reason, *roots, *given = cli_value(c, "collateral");
  for (size_t i = 0; (roots = cli_value_at(c, "roots", i)) != NULL; i++)
    if (!roots_add_directory(c->arena, &options->roots, roots, &reason))
      return cli_error(c, CLI_INPUT, "--roots: %s", reason);
  if (!given)
    return CLI_OK;
  collateral *files = ARENA_NEW(c->arena, collateral);
  if (!collateral_read(c->arena, given, files, &reason))
    return cli_error(c, CLI_INPUT, "--collateral: %s", reason);
  options->collateral = files;
  return CLI_OK;
}

int verify_input_trust(cli *c, verify_options *options) {
  *options = (verify_options){.roots = roots_builtin(c->arena)};
  int status = read_accepted(c, options);
  return status == CLI_OK ? read_directories(c, options) : status;
}

int verify_input_read(cli *c, verify_options *options) {
  *options = (verify_options){0};
  if (!cli_flag(c, "no-builtin-roots"))
    options->roots = roots_builtin(c->arena);
  else if (!cli_value(c, "roots"))
    return cli_usage(c, "--no-builtin-roots needs --roots: nothing would be "
                        "trusted");
  int status = cli_now(c, &options->now);
  if (status == CLI_OK)
    status = read_accepted(c, options);
  if (status == CLI_OK)
    status = read_directories(c, options);
  const char *certificates = cli_value(c, "certs");
  slice text = SLICE_EMPTY;
  if (status == CLI_OK && certificates &&
      !cli_read(c, certificates, LIMIT_EVIDENCE_BYTES, &text))
    return CLI_INPUT;
  options->certificates = bytes_from_slice(text);
  return status;
}
