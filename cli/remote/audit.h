/* SPDX-License-Identifier: Apache-2.0 */
/* The audit file of changes: one JSON object a line, only ever appended to,
 * and beside it (FILE.d) every policy that was replaced. */
#ifndef CLI_REMOTE_AUDIT_H
#define CLI_REMOTE_AUDIT_H

#include "cli/remote/session.h"
#include "remote/deployed.h"

typedef struct audit {
  const char *path;   /* NULL: nothing is written */
  const char *action; /* "set", "reset", "rollback", "signer add" .. */
  int descriptor;
  const char *kept;   /* file of the old policy, relative to FILE's folder */
} audit;

/* Opens the file of --audit, before anything is changed: what cannot be
 * recorded is not done. CLI_OK, or an exit status after a message. */
int audit_open(session *s, const char *action, audit *a);

/* Keeps the policy that is about to be replaced. */
int audit_keep(session *s, audit *a, const deployed_policy *before);

/* Appends the line, durably. change: NULL if it is about no policy; detail:
 * what went wrong or a thumbprint; NULL: nothing to add. */
int audit_write(session *s, const audit *a, attestation_type type,
                const policy_change *change, bool is_done,
                const char *detail);

/* The newest change of a policy of that endpoint and type. */
typedef struct audit_entry {
  slice before_hash, after_hash; /* of the tokens */
  bool was_default;              /* no policy had been set before */
  const char *file;              /* path of the old policy */
} audit_entry;

/* CLI_OK, or an exit status after a message. */
int audit_find(session *s, attestation_type type, audit_entry *entry);

#endif
