/* SPDX-License-Identifier: Apache-2.0 */
/* Policies of files on their way to the service. */
#ifndef CLI_REMOTE_POLICY_FILE_H
#define CLI_REMOTE_POLICY_FILE_H

#include "cli/remote/signing.h"
#include "compiler/policy.h"

typedef struct policy_file {
  const char *path;
  attestation_type type;
  slice given;      /* the file's content */
  slice text;       /* of the policy, with a NUL behind it */
  slice token;      /* empty: it was a text */
  program *program; /* NULL with --no-check */
} policy_file;

/* Reads a policy text or token and checks it; `otherwise` says what becomes of
 * a policy with errors, and NULL takes it as it is. A signed token must verify
 * by its own certificate. The type is what --type, a comment `maapol:
 * type=NAME` in the text or the file's name says; it may be unknown. CLI_OK, or
 * an exit status after a message. */
int policy_file_read(cli *c, const char *path, const char *otherwise,
                     policy_file *file);

/* The token to upload: the file's own, or one made of its text. */
int policy_file_token(cli *c, const policy_file *file, const signing *signer,
                      slice *token);

/* The policies below a directory, each with its type, at most one of a type:
 * by_type[type].path is NULL where there is none. */
int policy_directory_read(cli *c, const char *path, const char *otherwise,
                          policy_file by_type[ATTESTATION_TYPE_COUNT]);

#endif
