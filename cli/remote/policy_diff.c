/* SPDX-License-Identifier: Apache-2.0 */
/* maapol policy diff: what is in force against what should be. */
#include "base/diff.h"
#include "base/render.h"
#include "cli/remote/policy_file.h"
#include "cli/remote/policy_upload.h"
#include "cli/verbs.h"
#include "sign/policy_hash.h"

static const char *const formats[] = {"human", "json", NULL};
static const char not_compared[] = "a policy with errors is not compared";

static const cli_option options[] = {
    {"type", 't', "TYPE", "attestation type of the policy"},
    {"all", 0, NULL, "every attestation type, against --baseline"},
    {"baseline", 0, "DIR", "the policies that should be in force; a type "
                           "without one should have the service's default"},
    {"format", 'f', "human|json", "of the output (human)"},
    REMOTE_OPTIONS,
    {0}};

/* What became of one type. */
typedef enum comparison {
  COMPARED_SAME,
  COMPARED_SAME_MEANING, /* another text, an equal program */
  COMPARED_DIFFERENT,
  COMPARED_UNEXPECTED,  /* no policy should be set, and one is */
  COMPARED_MISSING,     /* one should be set, and none is */
  COMPARED_UNSUPPORTED, /* the instance has no such type */
  COMPARED_DEFAULT      /* no policy should be set, and none is */
} comparison;

static const char *const names[] = {
    [COMPARED_SAME] = "same",
    [COMPARED_SAME_MEANING] = "different text, same meaning",
    [COMPARED_DIFFERENT] = "different",
    [COMPARED_UNEXPECTED] = "not in the baseline",
    [COMPARED_MISSING] = "not set on the service",
    [COMPARED_UNSUPPORTED] = "not supported by the instance",
    [COMPARED_DEFAULT] = "default"};

static bool is_difference(comparison result, bool is_wanted) {
  return !(result == COMPARED_SAME || result == COMPARED_DEFAULT ||
           (result == COMPARED_UNSUPPORTED && !is_wanted));
}

typedef struct job {
  session session;
  bool as_json;
  array_builder reports;
  size_t differences;
} job;

/* --- comparing ------------------------------------------------------------ */

static comparison compare(cli *c, const policy_file *local,
                          const deployed_policy *there) {
  if (!local->path)
    return there->text.length && !there->is_default ? COMPARED_UNEXPECTED
                                                    : COMPARED_DEFAULT;
  if (!there->text.length)
    return COMPARED_MISSING;
  if (slice_equal(local->text, there->text))
    return COMPARED_SAME;
  policy *p = policy_compile(c->arena, there->text);
  bool equal = p->program && local->program &&
               program_equal(p->program, local->program);
  return equal ? COMPARED_SAME_MEANING : COMPARED_DIFFERENT;
}

static slice difference(cli *c, const policy_file *local,
                        const deployed_policy *there, bool colour) {
  buffer out = buffer_in(c->arena);
  diff_write(&out, local->path ? local->path : "policy", there->text,
             local->text, colour);
  return buffer_slice(&out);
}

/* --- reporting ------------------------------------------------------------ */

static void add_report(job *j, attestation_type type, comparison result,
                       const policy_file *local,
                       const deployed_policy *there) {
  cli *c = j->session.cli;
  object_builder o = object_in(c->arena);
  bool differs = is_difference(result, local->path);
  object_set(&o, SLICE("deployed"), policy_state(&j->session, there));
  object_set(&o, SLICE("diff"),
             differs ? value_text(difference(c, local, there, false))
                     : value_null());
  object_set(&o, SLICE("differs"), value_boolean(differs));
  object_set(&o, SLICE("file"), local->path
                                    ? value_text(slice_from(local->path))
                                    : value_null());
  object_set(&o, SLICE("policyHash"),
             local->path ? value_text(policy_hash(c->arena, local->text))
                         : value_null());
  object_set(&o, SLICE("result"), value_text(slice_from(names[result])));
  object_set(&o, SLICE("type"),
             value_text(slice_from(attestation_type_name(type))));
  array_add(&j->reports, object_value(&o));
}

/* Each line is escaped: a policy must not forge the report. */
static void print_lines(cli *c, slice text, bool is_escaped) {
  while (text.length) {
    const char *end = memchr(text.data, '\n', text.length);
    size_t length = end ? (size_t)(end - text.data) : text.length;
    if (is_escaped)
      buffer_add(&c->out, (slice){text.data, length});
    else
      render_escaped(&c->out, (slice){text.data, length});
    buffer_char(&c->out, '\n');
    length += end != NULL;
    text = (slice){text.data + length, text.length - length};
  }
}

static void print_human(job *j, attestation_type type, comparison result,
                        const policy_file *local,
                        const deployed_policy *there) {
  cli *c = j->session.cli;
  cli_print(c, "%s: %s%s\n", attestation_type_name(type), names[result],
            there->is_default ? " (in force: the service's default)" : "");
  if (!is_difference(result, local->path) || result == COMPARED_UNSUPPORTED)
    return;
  print_lines(c, difference(c, local, there, c->colour_out), c->colour_out);
}

/* A type that a region or version does not have is no failure of the run. */
static bool is_unsupported(const remote_failure *f) {
  return f->http_status == 404 || (f->status == REMOTE_REFUSED &&
                                   !slice_is(f->code, "Unauthorized"));
}

static int diff_one(job *j, attestation_type type, const policy_file *local,
                    bool is_one_of_all) {
  session *s = &j->session;
  deployed_policy there;
  comparison result = COMPARED_UNSUPPORTED;
  if (s->is_dry)
    return session_show(s, OPERATION_POLICY_GET, type, SLICE_EMPTY);
  if (deployed_get(&s->endpoint, type, &there))
    result = compare(s->cli, local, &there);
  else if (!is_one_of_all || !is_unsupported(&s->remote.failure))
    return session_failed(s);
  j->differences += is_difference(result, local->path);
  add_report(j, type, result, local, &there);
  if (!j->as_json)
    print_human(j, type, result, local, &there);
  return CLI_OK;
}

/* --- the verb ------------------------------------------------------------- */

static int finish(job *j) {
  if (j->as_json && !j->session.is_dry) {
    object_builder o = object_in(j->session.cli->arena);
    object_set(&o, SLICE("differences"),
               value_integer((int64_t)j->differences));
    object_set(&o, SLICE("endpoint"),
               value_text(session_issuer(&j->session)));
    object_set(&o, SLICE("types"), array_value(&j->reports));
    value report = object_value(&o);
    session_print_json(&j->session, &report);
  }
  return j->differences ? CLI_NO : CLI_OK;
}

static int diff_all(job *j) {
  cli *c = j->session.cli;
  policy_file by_type[ATTESTATION_TYPE_COUNT];
  const char *path = cli_value(c, "baseline");
  if (!path)
    return cli_usage(c, "--all wants --baseline DIR");
  if (c->argument_count)
    return cli_usage(c, "--all compares the baseline, not a file");
  int status = policy_directory_read(c, path, not_compared, by_type);
  for (int i = ATTESTATION_TYPE_UNKNOWN + 1;
       status == CLI_OK && i < ATTESTATION_TYPE_COUNT; i++)
    status = diff_one(j, (attestation_type)i, &by_type[i], true);
  return status == CLI_OK ? finish(j) : status;
}

static int diff_file(job *j) {
  cli *c = j->session.cli;
  policy_file local;
  if (cli_value(c, "baseline"))
    return cli_usage(c, "--baseline goes with --all");
  if (c->argument_count != 1)
    return cli_usage(c, "one policy is wanted, or --all --baseline DIR");
  int status = policy_file_read(c, c->arguments[0], not_compared, &local);
  if (status == CLI_OK && local.type == ATTESTATION_TYPE_UNKNOWN)
    return cli_usage(c, "--type is missing: %s", attestation_type_list());
  if (status == CLI_OK)
    status = diff_one(j, local.type, &local, false);
  return status == CLI_OK ? finish(j) : status;
}

static int run(cli *c) {
  job j = {.reports = array_in(c->arena)};
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  j.as_json = format == 1;
  int status = session_open(c, &j.session);
  if (status != CLI_OK)
    return status;
  return cli_flag(c, "all") ? diff_all(&j) : diff_file(&j);
}

const cli_verb verb_policy_diff = {
    "policy diff",
    "local policies against those in force",
    "FILE --endpoint URL [--type T] | --all --baseline DIR --endpoint URL",
    "maapol policy diff release.maapolicy --type SgxEnclave "
    "--endpoint https://contoso.eus.attest.azure.net",
    options,
    run,
};
