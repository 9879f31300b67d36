/* SPDX-License-Identifier: Apache-2.0 */
/* Questions of security about a whole policy, each put as a world: "suppose
 * that the evidence says this; may the policy permit?" */
#ifndef COMPILER_LINT_WORLDS_H
#define COMPILER_LINT_WORLDS_H

#include "base/symbols.h"
#include "compiler/lint_view.h"

/* A set of worlds is a mask of these. */
typedef enum world {
  WORLD_DEBUG = 1,     /* the TEE can be debugged */
  WORLD_STRANGER = 2,  /* it runs other code, of another signer */
  WORLD_OLD = 4,       /* an old version, of the right signer */
  WORLD_UNSAFE_BOOT = 8, /* secure boot is off */
  WORLD_ALL = 15
} world;

/* What a claim of the service is in some worlds. A string without text is one
 * that no policy can know: it equals no literal. */
typedef struct world_claim {
  const char *name;
  unsigned types;  /* CLAIM_TYPE(t) */
  uint8_t worlds;
  uint8_t kind;    /* literal_kind */
  int64_t integer; /* 0 or 1 of a boolean */
  const char *text;
} world_claim;

extern const world_claim world_claims[]; /* ends with a NULL name */

/* The worlds that a policy for the type is asked about. */
uint8_t worlds_of(attestation_type type);

/* For each world the first rule that may permit in it although no deny surely
 * runs; NULL: none. Indexed by the number of the world's bit. */
enum { WORLD_COUNT = 4 };
typedef struct world_answers {
  const ast_rule *permits[WORLD_COUNT];
} world_answers;

/* Time grows with the length of the policy. What depends on computed values is
 * taken to protect: an answer names a rule only if it surely is one. Rules that
 * is_void marks (linter) are passed over; NULL: none is. */
world_answers worlds_ask(arena *a, const ast_policy *p, attestation_type type,
                         const bool *is_void);

#endif
