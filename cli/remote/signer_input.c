/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote/signer_input.h"

#include "base/limits.h"
#include "base/render.h"
#include "token/policy_make.h"

int signer_certificates(cli *c, const char *path, certificate_chain *chain) {
  slice text;
  const char *reason;
  if (!cli_read(c, path, LIMIT_EVIDENCE_BYTES, &text))
    return CLI_INPUT;
  if (!certificate_chain_read(c->arena, bytes_from_slice(text), chain,
                              &reason))
    return cli_error(c, CLI_INPUT, "%s: %s", path, reason);
  if (!chain->count)
    return cli_error(c, CLI_INPUT, "%s: there is no certificate in it", path);
  return CLI_OK;
}

int signer_token(const signing *signer, const certificate_chain *chain,
                 slice *token) {
  slice payload;
  const char *reason;
  cli *c = signer->cli;
  if (!policy_certificate_payload(c->arena, chain, 1, &payload, &reason))
    return cli_error(c, CLI_INPUT, "the certificate: %s", reason);
  return signing_token(signer, payload, token);
}

/* --- changing ------------------------------------------------------------- */

int signer_change(session *s, const audit *log, bool adds, X509 *certificate,
                  slice token, policy_signer_list *list) {
  endpoint *e = &s->endpoint;
  slice thumbprint = signer_thumbprint(s->cli->arena, certificate);
  if (!signers_get(e, list))
    return session_failed(s);
  bool is_there = signers_find(list, thumbprint) != NULL;
  if (is_there == adds) {
    cli_error(s->cli, CLI_OK, "%.*s is %s already", SLICE_ARGS(thumbprint),
              adds ? "a signer" : "no signer");
    return CLI_OK;
  }
  bool good = (adds || signers_may_remove(e, list, thumbprint)) &&
              signers_change(e, adds, certificate, token, list);
  int status = good ? CLI_OK : session_failed(s);
  buffer detail = buffer_in(s->cli->arena);
  buffer_printf(&detail, "%.*s%s%s", SLICE_ARGS(thumbprint),
                good ? "" : ": ", good ? "" : s->remote.failure.message);
  int written = audit_write(s, log, ATTESTATION_TYPE_UNKNOWN, NULL, good,
                            buffer_slice(&detail).data);
  return written == CLI_OK ? status : written;
}

/* --- printing ------------------------------------------------------------- */

static value report_of(session *s, const policy_signer_list *list) {
  arena *a = s->cli->arena;
  array_builder all = array_in(a);
  for (size_t i = 0; i < list->count; i++) {
    const policy_signer_entry *entry = &list->items[i];
    object_builder o = object_in(a);
    object_set(&o, SLICE("issuer"),
               value_text(certificate_issuer(a, entry->certificate)));
    object_set(&o, SLICE("notAfter"),
               value_text(certificate_not_after(a, entry->certificate)));
    object_set(&o, SLICE("notBefore"),
               value_text(certificate_not_before(a, entry->certificate)));
    object_set(&o, SLICE("subject"),
               value_text(certificate_subject(a, entry->certificate)));
    object_set(&o, SLICE("thumbprint"), value_text(entry->thumbprint));
    object_set(&o, SLICE("valid"), value_boolean(entry->is_valid_now));
    array_add(&all, object_value(&o));
  }
  object_builder report = object_in(a);
  object_set(&report, SLICE("endpoint"), value_text(session_issuer(s)));
  object_set(&report, SLICE("signers"), array_value(&all));
  return object_value(&report);
}

void signers_print(session *s, const policy_signer_list *list, bool as_json) {
  cli *c = s->cli;
  if (as_json) {
    value report = report_of(s, list);
    session_print_json(s, &report);
    return;
  }
  if (!list->count)
    cli_print(c, "no policy signers: the instance is in AAD mode and takes "
                 "any policy, signed or not, or it is shared and takes none\n");
  for (size_t i = 0; i < list->count; i++) {
    const policy_signer_entry *entry = &list->items[i];
    cli_print(c, "%.*s  ", SLICE_ARGS(entry->thumbprint));
    render_escaped(&c->out,
                   certificate_subject(c->arena, entry->certificate));
    cli_print(c, "  until %.*s%s\n",
              SLICE_ARGS(certificate_not_after(c->arena,
                                               entry->certificate)),
              entry->is_valid_now ? "" : "  NOT VALID NOW");
  }
}
