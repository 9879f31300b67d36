/* SPDX-License-Identifier: Apache-2.0 */
/* Short ways through the public API, for tests. */
#ifndef TESTS_UNIT_API_FIXTURE_H
#define TESTS_UNIT_API_FIXTURE_H

#include "include/maapol.h"
#include "tests/unit/unit.h"

#define API_PERMIT "version= 1.0;authorizationrules{=> permit();};"

/* A policy without errors; the test fails if it has some. */
maapol_policy *api_policy(const char *text);

/* Claims of a claims file; the test fails if they are refused. */
maapol_claims *api_claims(const char *json);

/* The result; the test fails if there is none. */
maapol_result *api_result(const maapol_policy *policy, maapol_claims *claims,
                          unsigned flags);

/* What a function wrote equals `expected`; frees it. */
void api_expect_text(maapol_status status, char *text, const char *expected);

#endif
