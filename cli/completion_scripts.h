/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts of completion/, as generated text. */
#ifndef CLI_COMPLETION_SCRIPTS_H
#define CLI_COMPLETION_SCRIPTS_H

#include <stddef.h>

/* Ends with a row without shell. */
extern const struct completion_script {
  const char *shell, *text;
} completion_scripts[];

#endif
