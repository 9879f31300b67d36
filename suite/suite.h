/* SPDX-License-Identifier: Apache-2.0 */
/* A test suite: a policy, inputs, and what must come of them. The format is
 * docs/testing.md and docs/schemas/maatest.schema.json.
 *
 *   suite s;
 *   suite_error error;
 *   if (!suite_read(a, "policies/sgx.maatest.json", text, &s, &error))
 *     report(error.line, error.column, error.message);
 *   for (uint32_t i = 0; i < s.case_count; i++) run(&s.cases[i]);
 *
 * Reading opens no other file; suite/root.h does, and only below the root of
 * the repository.
 */
#ifndef SUITE_SUITE_H
#define SUITE_SUITE_H

#include "base/value.h"
#include "compiler/attestation_type.h"
#include "eval/evaluate.h"
#include "evidence/verify.h"
#include "token/request.h"

typedef enum suite_input {
  SUITE_CLAIMS,
  SUITE_REQUEST,
  SUITE_QUOTE,
  SUITE_REPORT,
  SUITE_ATTESTATION_INFO,
  SUITE_TPM,
  SUITE_INPUT_COUNT
} suite_input;

/* What must come of a case. NULL: nothing is said about it. */
typedef struct suite_expectation {
  decision decision;
  const char *error;       /* code of a refusal, or NULL */
  const value *issued;     /* an object: exactly these claims */
  const value *includes;   /* an object: these claims and perhaps more */
  const value *absent;     /* an array of types that are not issued */
  const value *properties; /* an object: exactly these, the last values */
} suite_expectation;

/* A named file of a suite. */
typedef struct suite_file {
  slice path;    /* relative to the suite's folder; empty: there is none */
  uint32_t line; /* of the suite that names it */
} suite_file;

/* One run: a test without rows, or a row. */
typedef struct suite_case {
  const char *name; /* "release", or of a row "release / old version" */
  uint32_t line;
  uint32_t base; /* number of its input: rows share that of their test */
  suite_input input;
  const value *claims; /* inline, or NULL: file */
  suite_file file;
  suite_file runtime_data, init_data;
  data_kind runtime_type, init_type;
  const char *nonce; /* or NULL */
  /* What is changed of the claims: of the test, then of the row. For each,
   * `unset` (an array of types) comes first, then `set` (as a claims file). */
  const value *unset[2], *set[2];
  bool has_now;
  int64_t now; /* seconds since the epoch */
  verify_level verify;
  suite_expectation expect;
} suite_case;

typedef struct suite {
  const char *path; /* as it was given */
  slice text;
  suite_file policy, roots, collateral;
  attestation_type type; /* UNKNOWN: as the policy or the evidence says */
  suite_case *cases;
  uint32_t case_count;
  uint32_t base_count;
} suite;

typedef struct suite_error {
  const char *message;   /* in the arena; one line, no full stop */
  uint32_t line, column; /* from 1 */
} suite_error;

/* Reads a suite. Strict: a member that is not known, a kind that is not the
 * member's, an expectation that cannot hold are errors. path and text are
 * kept, not copied. False: *error says what is wrong, and where. */
bool suite_read(arena *a, const char *path, slice text, suite *result,
                suite_error *error);

/* "claims", "request" ..; static. */
const char *suite_input_name(suite_input input);

#endif
