/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs about policy signers share. */
#ifndef CLI_REMOTE_SIGNER_INPUT_H
#define CLI_REMOTE_SIGNER_INPUT_H

#include "cli/remote/audit.h"
#include "cli/remote/signing.h"
#include "remote/signers.h"

/* The certificates of a PEM file; at least one. CLI_OK, or an exit status
 * after a message. */
int signer_certificates(cli *c, const char *path, certificate_chain *chain);

/* The token that adds or removes the first of the chain. */
int signer_token(const signing *signer, const certificate_chain *chain,
                 slice *token);

/* Adds or removes it with proof and record; the last usable signer is never
 * removed. *list: those afterwards. */
int signer_change(session *s, const audit *log, bool adds, X509 *certificate,
                  slice token, policy_signer_list *list);

void signers_print(session *s, const policy_signer_list *list, bool as_json);

#endif
