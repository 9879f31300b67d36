/* SPDX-License-Identifier: Apache-2.0 */
/* maapol policy get: the policy in force. */
#include "base/render.h"
#include "cli/crypto/output_file.h"
#include "cli/remote/policy_upload.h"
#include "cli/verbs.h"

static const char *const formats[] = {"text", "token", "json", NULL};
enum { FORMAT_TEXT, FORMAT_TOKEN, FORMAT_JSON };

static const cli_option options[] = {
    {"type", 't', "TYPE", "attestation type of the policy"},
    {"format", 'f', "text|token|json", "of the output (text)"},
    {"output", 'o', "FILE", "where to write it (standard output)"},
    REMOTE_OPTIONS,
    {0}};

static slice report_text(session *s, attestation_type type,
                         const deployed_policy *p) {
  value state = policy_state(s, p);
  object_builder o = object_in(s->cli->arena);
  for (uint32_t i = 0; i < state.count; i++)
    object_set(&o, member_name(&state.members[i]), state.members[i].value);
  object_set(&o, SLICE("endpoint"), value_text(session_issuer(s)));
  object_set(&o, SLICE("policy"),
             p->text.length ? value_text(p->text) : value_null());
  object_set(&o, SLICE("token"), value_text(p->token));
  object_set(&o, SLICE("type"),
             value_text(slice_from(attestation_type_name(type))));
  value report = object_value(&o);
  buffer out = buffer_in(s->cli->arena);
  json_write_pretty(&out, &report);
  buffer_char(&out, '\n');
  return buffer_slice(&out);
}

/* A policy on a terminal must not move its cursor; in a file or pipe its bytes
 * count, since its hash is over them. */
static slice shown_text(session *s, slice text) {
  if (!s->cli->colour_out || cli_value(s->cli, "output"))
    return text;
  buffer out = buffer_in(s->cli->arena);
  while (text.length) {
    const char *end = memchr(text.data, '\n', text.length);
    size_t length = end ? (size_t)(end - text.data) : text.length;
    render_escaped(&out, (slice){text.data, length});
    buffer_char(&out, '\n');
    length += end != NULL;
    text = (slice){text.data + length, text.length - length};
  }
  return buffer_slice(&out);
}

static int print_policy(session *s, attestation_type type,
                        const deployed_policy *p, int format) {
  cli *c = s->cli;
  const char *path = cli_value(c, "output");
  slice content;
  if (format == FORMAT_JSON) {
    content = report_text(s, type, p);
  } else if (!p->text.length) {
    return cli_error(c, CLI_NO, "no policy of type %s is set",
                     attestation_type_name(type));
  } else if (format == FORMAT_TOKEN) {
    content = p->token;
  } else {
    cli_verbose(c, "policy hash %.*s%s", SLICE_ARGS(p->hash),
                p->is_default ? ", the service's default" : "");
    content = shown_text(s, p->text);
  }
  int status = output_file_write(c, path ? path : "-", content);
  if (format == FORMAT_TOKEN && !path)
    buffer_char(&c->out, '\n');
  return status;
}

static int run(cli *c) {
  session s;
  attestation_type type;
  deployed_policy p;
  int format = cli_choice(c, "format", formats);
  if (format < 0)
    return CLI_USAGE;
  int status = session_open_wordless(c, &s);
  if (status == CLI_OK)
    status = session_type(&s, &type);
  if (status != CLI_OK)
    return status;
  if (s.is_dry)
    return session_show(&s, OPERATION_POLICY_GET, type, SLICE_EMPTY);
  if (!deployed_get(&s.endpoint, type, &p))
    return session_failed(&s);
  return print_policy(&s, type, &p, format);
}

const cli_verb verb_policy_get = {
    "policy get",
    "the policy in force on the service",
    "--endpoint URL --type T [--format text|token|json]",
    "maapol policy get --endpoint https://contoso.eus.attest.azure.net "
    "--type SgxEnclave",
    options,
    run,
};
