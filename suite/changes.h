/* SPDX-License-Identifier: Apache-2.0 */
/* What a case changes of the claims that its input gives. */
#ifndef SUITE_CHANGES_H
#define SUITE_CHANGES_H

#include "suite/suite.h"

/* The claims with the changes of the test, then those of its row: types of
 * `unset` are taken away; claims of `set` take the place of all claims of
 * their types. The list may share its items with the one given. */
claim_list suite_change_claims(arena *a, claim_list claims,
                               const suite_case *c);

#endif
