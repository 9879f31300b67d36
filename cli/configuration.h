/* SPDX-License-Identifier: Apache-2.0 */
/* .maapol.json: which attestation type a policy is for, how severe findings are
 * taken, how wide lines may be, where the tests are. docs/configuration.md is
 * the manual. It holds no command, key, credential or root of trust, and
 * nothing that makes a verification weaker: its author may be the author of the
 * change that is judged.
 *
 *   configurations all;
 *   policy_settings s;
 *   if (!configurations_init(&all, c))    // --config, if the verb has it
 *     return CLI_INPUT;
 *   if (!configuration_for(&all, path, &s))
 *     return CLI_INPUT;                   // a message is printed
 */
#ifndef CLI_CONFIGURATION_H
#define CLI_CONFIGURATION_H

#include "base/symbols.h"
#include "cli/project.h"
#include "compiler/levels.h"

/* What holds for one policy. */
typedef struct policy_settings {
  attestation_type type; /* UNKNOWN: nothing is said */
  size_t width;          /* of lines; 0: nothing is said */
  lint_levels levels;
  const slice *samples; /* paths from `directory`, for editors; or NULL */
  size_t sample_count;
  const char *directory; /* of the configuration; NULL: there is none */
} policy_settings;

typedef struct configuration configuration;

typedef struct configurations {
  cli *cli;
  project project;
  const configuration *fixed; /* that --config names */
  bool is_fixed;
  /* Directories that were looked at, and what holds in them (or NULL). */
  symbols directories;
  const configuration **found;
  size_t found_capacity;
} configurations;

/* Reads what --config names ("none": no configuration at all). False after a
 * message. */
bool configurations_init(configurations *all, cli *c);

/* What the configuration nearest to the file says of it: it is searched from
 * the file's directory up to the root of the repository (where .git is), or,
 * outside of any, up to the present directory. False after a message: it is not
 * valid, and nothing must be done. */
bool configuration_for(configurations *all, const char *path,
                       policy_settings *settings);

/* The patterns of test suites ("tests") of the configuration that holds in the
 * present directory, and the directory that they count from. NULL: it has
 * none. *count of them. *failed after a message. */
const slice *configuration_tests(configurations *all, size_t *count,
                                 const char **directory, bool *failed);

/* The type of a policy file: --type, MAAPOL_TYPE, else what the directive in
 * its text says (`directive`), else the configuration. *status is CLI_OK, or
 * another after a message. path may be NULL or "-". */
attestation_type configured_type(cli *c, const char *path,
                                 attestation_type directive, int *status);

#endif
