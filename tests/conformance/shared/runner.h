/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs share that compare evidence with what others found of it.
 * Each is a main() of one line:
 *
 *   static void run(runner *t) { .. check(t, holds, "what did not hold"); .. }
 *   int main(void) { return run_conformance("evidence", "sgx", run); }
 */
#ifndef TESTS_CONFORMANCE_SHARED_RUNNER_H
#define TESTS_CONFORMANCE_SHARED_RUNNER_H

#include "evidence/verify.h"

typedef struct runner {
  arena *arena;
  const char *folder; /* of the samples */
  const char *sample; /* being looked at; failures name it */
  /* Not all need these. */
  attestation_type type;
  int64_t now;
  verify_options options;
  unsigned passed, failed;
} runner;

/* Counts, and prints what failed. */
void check(runner *t, bool good, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "FOLDER/NAME" in the arena. */
const char *join(arena *a, const char *folder, const char *name);

/* A file of the folder, or of the sample's folder in it; false if it cannot be
 * read. "../" leads out of it. */
bool read_file(runner *t, const char *name, slice *text);
bool read_sample(runner *t, const char *name, slice *text);

/* The same as JSON of others, where a name may stand twice. */
bool read_json(runner *t, const char *name, value *result);
bool read_sample_json(runner *t, const char *name, value *result);

/* The member of that name of a member (NULL: of the object itself); NULL if
 * there is none. */
const value *path_in(const value *object, const char *outer, const char *name);

/* Both are there and are written alike. */
bool same_value(arena *a, const value *x, const value *y);

/* Runs over the samples in that folder of $MAAPOL_DATA/evidence ("": all) and
 * prints the sum. The result is the program's: 1 if anything failed. */
int run_conformance(const char *name, const char *below,
                    void (*run)(runner *t));

#endif
