/* SPDX-License-Identifier: Apache-2.0 */
/* Comments that silence findings:
 *
 *   // maapol-ignore CODE[, CODE] reason      its line, or the next with code
 *   // maapol-ignore-file CODE[, CODE] reason the whole text
 *
 * A code may be a prefix of several. Errors are never silenced, whatever made
 * them errors: who may change a policy must not decide whether it passes. */
#ifndef COMPILER_SUPPRESS_H
#define COMPILER_SUPPRESS_H

#include "compiler/lint.h"

typedef struct suppressor {
  attestation_type type; /* that the rules were told; or the directive says */
  /* Whether findings of this code were looked for and not left out, so that a
   * comment about it can be called unused. */
  bool (*is_judged)(diagnostic_code code, void *context);
  void *context;
} suppressor;

/* Takes out what comments of the policy silence and returns how many; adds
 * F405 for comments that silence nothing and F406 for those that cannot; sorts
 * again. */
size_t policy_suppress(arena *a, policy *p, const suppressor *s);

#endif
