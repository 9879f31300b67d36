/* SPDX-License-Identifier: Apache-2.0 */
/* Behind maapol.h: what its opaque types hold, and what its files share.
 *
 * Every entry that allocates runs a task under api_guard, on an arena of the
 * object that it makes. Objects share what they need of each other by counting
 * references, so that users free them in any order.
 */
#ifndef API_API_H
#define API_API_H

#include <stdatomic.h>

#include "base/limits.h"
#include "compiler/policy.h"
#include "eval/report.h"
#include "include/maapol.h"
#include "token/attest.h"

/* Policies whose bound claims are remembered: a service has one for each
 * attestation type. */
enum { BINDINGS_MAX = 4 };

struct maapol_policy {
  atomic_uint references; /* of the user, of results, of bindings */
  arena arena;
  policy *compiled;
  line_index lines;
  const maapol_finding *findings;
};

/* Claims as a policy sees them. */
typedef struct binding {
  maapol_policy *policy; /* referred to, so that no other gets its address;
                          * NULL: free */
  arena arena;
  const bound_claims *claims;
  size_t count; /* of claims at that time: they are only ever added */
} binding;

struct maapol_claims {
  atomic_uint references; /* of the user, of results */
  arena arena;
  claim_list list;
  claims_error error;
  maapol_status failure; /* not MAAPOL_OK: claims may be missing */
  binding bindings[BINDINGS_MAX];
  size_t next_binding; /* to be replaced */
  arena scratch;       /* of maapol_decide */
};

struct maapol_result {
  arena arena;           /* unused within an attestation */
  maapol_policy *policy; /* referred to; NULL within an attestation */
  maapol_claims *claims; /* likewise */
  const program *program;
  line_index lines;
  evaluation evaluation;
  const char *reason;
  const maapol_rule *rule;
  const maapol_evaluation_error *error;
  const maapol_claim *issued, *properties;
  const maapol_trace *trace;
  const maapol_note *notes;
};

struct maapol_attestation {
  arena arena;
  maapol_policy *policy; /* referred to, or NULL */
  attest_result result;
  const maapol_result *evaluated;
  const maapol_refusal *refusal;
  const maapol_finding *findings;
  const char *claims, *token;
  const maapol_note *notes;
};

typedef maapol_status (*api_task)(arena *a, void *context);

/* Runs the task; memory that runs out in the arena below it is a status. */
maapol_status api_guard(arena *a, api_task task, void *context);

/* Adds to the text what is to be handed over. */
typedef void (*api_writer)(buffer *out, const void *object, const void *more);

/* Runs the writer in an arena of its own; *text is what it wrote, the user's
 * to free. */
maapol_status api_write(api_writer writer, const void *object, const void *more,
                        char **text);

bool api_is_utf8(const char *text, size_t length);

static inline maapol_place api_place(const line_index *lines, uint32_t offset) {
  position p = line_index_position(lines, offset);
  return (maapol_place){offset, p.line, p.column};
}

static inline maapol_range api_range(const line_index *lines, span where) {
  return (maapol_range){api_place(lines, where.begin),
                        api_place(lines, where.end)};
}

/* policy.c */
maapol_policy *api_policy_retain(const maapol_policy *p);

/* findings.c: findings as users see them, in the arena. */
const maapol_finding *api_findings(arena *a, const line_index *lines,
                                   const diagnostics *list);

/* claims.c */
maapol_claims *api_claims_retain(maapol_claims *c);
void api_claims_release(maapol_claims *c);

/* binding.c: the claims as the policy sees them, valid until the next call;
 * *bound is set if MAAPOL_OK. */
maapol_status api_bind(maapol_claims *c, const maapol_policy *p,
                       const bound_claims **bound);
void api_unbind(maapol_claims *c);

/* result.c: fills in everything behind `evaluation`, in the arena. */
void api_result_describe(maapol_result *r, arena *a);

#endif
