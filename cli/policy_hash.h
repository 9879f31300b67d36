/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_POLICY_HASH_H
#define CLI_POLICY_HASH_H

#include "base/arena.h"

/* The policy hash of a text (sign/policy_hash.h), or NULL in the program that
 * has no cryptography: a verb that needs it executes the sibling. */
extern slice (*const cli_policy_hash)(arena *a, slice policy_text);

#endif
