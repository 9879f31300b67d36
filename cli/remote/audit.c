/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/crypto/output_file.h"
#include "remote/signers.h"
#include "token/verify.h"

static void set_text(object_builder *o, const char *name, slice text) {
  object_set(o, slice_from(name),
             text.length ? value_text(text) : value_null());
}

static const char *joined(cli *c, const char *format, const char *first,
                          slice second) {
  buffer b = buffer_in(c->arena);
  buffer_printf(&b, format, first, SLICE_ARGS(second));
  return buffer_slice(&b).data;
}

/* --- before the change ---------------------------------------------------- */

int audit_open(session *s, const char *action, audit *a) {
  *a = (audit){.path = cli_value(s->cli, "audit"), .action = action,
               .descriptor = -1};
  if (!a->path || s->is_dry)
    return CLI_OK;
  a->descriptor = open(a->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
                                    O_NOCTTY, 0666);
  if (a->descriptor < 0)
    return cli_error(s->cli, CLI_SYSTEM, "cannot write %s: %s; nothing is "
                     "changed", a->path, strerror(errno));
  return CLI_OK;
}

/* FILE.d/TOKENHASH.jws; the hash names the content, so an old one stays. */
int audit_keep(session *s, audit *a, const deployed_policy *before) {
  cli *c = s->cli;
  if (a->descriptor < 0)
    return CLI_OK;
  const char *folder = joined(c, "%s.d%.*s", a->path, SLICE_EMPTY);
  if (mkdir(folder, 0777) != 0 && errno != EEXIST)
    return cli_error(c, CLI_SYSTEM, "cannot make %s: %s; nothing is changed",
                     folder, strerror(errno));
  buffer path = buffer_in(c->arena);
  buffer_printf(&path, "%s/%.*s.jws", folder, SLICE_ARGS(before->token_hash));
  const char *whole = buffer_slice(&path).data;
  const char *slash = strrchr(a->path, '/');
  a->kept = whole + (slash ? slash + 1 - a->path : 0);
  return output_file_write(c, whole, before->token);
}

/* --- the line ------------------------------------------------------------- */

static value hashes_of(arena *a, const deployed_policy *p, const char *file) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("default"),
             value_boolean(p->is_default || !p->text.length));
  set_text(&o, "file", slice_from(file));
  set_text(&o, "policyHash", p->hash);
  set_text(&o, "policyTokenHash", p->token_hash);
  return object_value(&o);
}

static slice signer_of(arena *a, const value *signer) {
  const value *chain = value_member(signer, SLICE("x5c"));
  bool usable = chain && chain->kind == VALUE_ARRAY && chain->count &&
                chain->items[0].kind == VALUE_STRING;
  X509 *leaf =
      usable ? jwk_certificate(a, value_string(&chain->items[0])) : NULL;
  return leaf ? signer_thumbprint(a, leaf) : SLICE_EMPTY;
}

static value line_of(session *s, const audit *a, attestation_type type,
                     const policy_change *change, bool is_done,
                     const char *detail) {
  arena *m = s->cli->arena;
  const access_token *who = &s->credentials.kept;
  object_builder o = object_in(m);
  set_text(&o, "action", slice_from(a->action));
  set_text(&o, "auth", slice_from(who->source));
  set_text(&o, "detail", slice_from(detail));
  set_text(&o, "endpoint", session_issuer(s));
  set_text(&o, "result", is_done ? SLICE("done") : SLICE("failed"));
  set_text(&o, "time", token_time(m, (int64_t)time(NULL)));
  set_text(&o, "who", credentials_identity(&s->remote, who));
  if (type != ATTESTATION_TYPE_UNKNOWN)
    set_text(&o, "type", slice_from(attestation_type_name(type)));
  if (change) {
    object_set(&o, SLICE("after"), hashes_of(m, &change->after, NULL));
    object_set(&o, SLICE("before"),
               hashes_of(m, &change->before, a->kept));
    set_text(&o, "sentTokenHash", change->sent_hash);
    set_text(&o, "signer", signer_of(m, &change->after.signer));
  }
  return object_value(&o);
}

static bool append(int to, slice text) {
  while (text.length) {
    ssize_t n = write(to, text.data, text.length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    text = (slice){text.data + n, text.length - (size_t)n};
  }
  return fsync(to) == 0 || errno == EINVAL; /* a pipe has no disk */
}

int audit_write(session *s, const audit *a, attestation_type type,
                const policy_change *change, bool is_done,
                const char *detail) {
  cli *c = s->cli;
  if (a->descriptor < 0)
    return CLI_OK;
  buffer text = buffer_in(c->arena);
  value line = line_of(s, a, type, change, is_done, detail);
  json_write(&text, &line);
  buffer_char(&text, '\n');
  if (append(a->descriptor, buffer_slice(&text)))
    return CLI_OK;
  return cli_error(c, CLI_SYSTEM, "cannot write %s: %s; what was done is not "
                   "recorded", a->path, strerror(errno));
}

/* --- reading back --------------------------------------------------------- */

static slice text_of(const value *object, const char *name) {
  const value *v = object ? value_member(object, slice_from(name)) : NULL;
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

/* Whether the line is a change that was done to that policy. */
static bool read_line(session *s, slice line, attestation_type type,
                      audit_entry *entry) {
  value v;
  json_error error;
  if (!json_read(s->cli->arena, line, 0, &v, &error))
    return false;
  const value *before = value_member(&v, SLICE("before"));
  const value *after = value_member(&v, SLICE("after"));
  if (!before || !after || !slice_is(text_of(&v, "result"), "done") ||
      !slice_is(text_of(&v, "type"), attestation_type_name(type)) ||
      !slice_equal(text_of(&v, "endpoint"), session_issuer(s)))
    return false;
  const value *was_default = value_member(before, SLICE("default"));
  slice file = text_of(before, "file");
  *entry = (audit_entry){
      .before_hash = text_of(before, "policyTokenHash"),
      .after_hash = text_of(after, "policyTokenHash"),
      .was_default = was_default && was_default->kind == VALUE_BOOLEAN &&
                     was_default->boolean,
      .file = file.length ? arena_string(s->cli->arena, file) : NULL};
  return true;
}

static const char *beside(cli *c, const char *path, const char *name) {
  const char *slash = strrchr(path, '/');
  buffer b = buffer_in(c->arena);
  buffer_printf(&b, "%.*s%s", (int)(slash ? slash + 1 - path : 0), path, name);
  return buffer_slice(&b).data;
}

int audit_find(session *s, attestation_type type, audit_entry *entry) {
  cli *c = s->cli;
  const char *path = cli_value(c, "audit");
  slice text;
  bool found = false;
  if (!path)
    return cli_usage(c, "--audit is missing: the file that `policy set "
                        "--audit` wrote");
  if (!cli_read(c, path, LIMIT_JSON_BYTES, &text))
    return CLI_INPUT;
  while (text.length) {
    const char *end = memchr(text.data, '\n', text.length);
    size_t length = end ? (size_t)(end - text.data) : text.length;
    found |= read_line(s, (slice){text.data, length}, type, entry);
    length += end != NULL;
    text = (slice){text.data + length, text.length - length};
  }
  if (!found)
    return cli_error(c, CLI_INPUT, "%s: it has no change of %s at %.*s", path,
                     attestation_type_name(type),
                     SLICE_ARGS(session_issuer(s)));
  if (entry->file)
    entry->file = beside(c, path, entry->file);
  return CLI_OK;
}
