/* SPDX-License-Identifier: Apache-2.0 */
/* Where files stand in the repository, whatever directory a command is run
 * in. */
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include "cli/cli.h"

typedef struct project {
  cli *cli;
  const char *here; /* the present directory, absolute */
  const char *root; /* of the repository that it is in, else `here` */
  /* The directory that was asked for last: files come in their order. */
  const char *given, *resolved;
} project;

void project_init(project *p, cli *c);

/* The directory of a file, absolute and without links; that of "-" is the
 * present one. The text "" stands for "/". NULL if there is none. */
const char *project_directory(project *p, const char *path);

/* Absolute path of the file: its directory without links, and its name. */
const char *project_absolute(project *p, const char *path);

/* The path from the root, with '/'; absolute if the file is outside of it; as
 * it was given if its directory does not exist, and for "-". */
const char *project_path(project *p, const char *path);

/* Whether `directory` (absolute, without '/' at its end) is the root of a
 * repository: .git stands in it. */
bool project_is_root(cli *c, const char *directory);

/* The directory above, or NULL; of "/home" it is "". */
const char *project_parent(cli *c, const char *directory);

/* `path` from `directory` on, without '/' in front; NULL if it is not below. */
const char *project_below(const char *path, const char *directory);

#endif
