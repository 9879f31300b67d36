/* SPDX-License-Identifier: Apache-2.0 */
/* X301 and X303 against the evaluator: random policies, decided with the very
 * evidence that the question supposes. */
#include "compiler/lint_worlds.h"

#include "base/buffer.h"
#include "compiler/claim_catalogue.h"
#include "eval/claims.h"
#include "eval/evaluate.h"
#include "tests/unit/unit.h"

enum { POLICIES = 20000, RULES_MAX = 6 };

typedef struct dice {
  uint32_t state;
} dice;

static unsigned roll(dice *d, unsigned sides) {
  d->state = d->state * 1664525u + 1013904223u;
  return (d->state >> 16) % sides;
}

#define PICK(d, table) table[roll(d, COUNT_OF(table))]

/* Every claim here is known in the world that is asked about, or is made by a
 * rule and asked for as such: nothing is left open. */
static const char *const settled[] = {
    "[type==\"x-ms-sgx-is-debuggable\", value==true]",
    "[type==\"x-ms-sgx-is-debuggable\", value==false]",
    "[type==\"$is-debuggable\", value!=true]",
    "[type==\"$is-debuggable\", value!=false, valueType==\"Boolean\"]",
    "[type==\"x-ms-sgx-is-debuggable\", value==1]",
    "[type==\"x-ms-sgx-is-debuggable\"]",
    "[type==\"$is-debuggable\", issuer==\"AttestationPolicy\"]",
    "[type==\"x-ms-sgx-is-debuggable\", issuer!=\"CustomClaim\", value!=0]",
    "[type==\"a\", issuer==\"AttestationPolicy\", value==true]",
    "[type==\"a\", issuer==\"AttestationPolicy\", value==false]",
    "[type==\"a\", issuer==\"AttestationPolicy\"]",
    "[type==\"b\", value==2, issuer==\"AttestationPolicy\"]",
    "[type==\"b\", value==\"2\", issuer==\"AttestationPolicy\"]",
    "[type==\"b\", type==\"a\"]",
};
static const char *const settled_svn[] = {
    "[type==\"x-ms-sgx-svn\", value>=0]",
    "[type==\"x-ms-sgx-svn\", value>0]",
    "[type==\"$svn\", value<=3, value>=1]",
    "[type==\"$svn\", value<3, value>-1]",
    "[type==\"x-ms-sgx-svn\", value!=0]",
    "[type==\"x-ms-sgx-svn\", value!=7]",
    "[type==\"x-ms-sgx-mrenclave\", value==\"0123\"]",
    "[type==\"$sgx-mrenclave\", value!=\"0123\"]",
    "[type==\"x-ms-sgx-mrenclave\", value!=5]",
    "[type==\"a\", issuer==\"AttestationPolicy\", value==true]",
    "[type==\"a\", issuer==\"AttestationPolicy\", value==false]",
    "[type==\"b\", value==2, issuer==\"AttestationPolicy\"]",
};
/* The answer depends on what else the evidence says. */
static const char *const undecided[] = {
    "[type==\"x-ms-sgx-product-id\", value==1]",
    "[type==\"x-ms-sgx-product-id\", value!=1]",
    "[value==true]",
    "[value==1]",
    "[type==\"a\", value!=true]",
    "[type!=\"x-ms-sgx-is-debuggable\", value==true]",
    "[type==\"b\"]",
    "[issuer==\"AttestationPolicy\"]",
};
static const char *const actions[] = {
    "permit()", "permit()", "deny()", "add(type=\"a\", value=true)",
    "add(type=\"a\", value=false)", "add(type=\"b\", value=2)",
    "add(value=\"2\", type=\"b\")"};

typedef struct subject {
  uint8_t world;
  unsigned index; /* in world_answers */
  const char *const *conditions;
  size_t count;
  bool is_open; /* other conditions as well */
  const char *claims[2];
} subject;

static slice random_policy(arena *a, dice *d, const subject *s) {
  buffer b = buffer_in(a);
  buffer_text(&b, "version=1.2;\nauthorizationrules\n{\n");
  for (unsigned n = 1 + roll(d, RULES_MAX); n; n--) {
    unsigned conditions = roll(d, 3);
    for (unsigned i = 0; i < conditions; i++) {
      const char *text = s->is_open && roll(d, 3) == 0
                             ? PICK(d, undecided)
                             : s->conditions[roll(d, (unsigned)s->count)];
      buffer_printf(&b, "%s%s%s", i ? " && " : "",
                    roll(d, 4) == 0 ? "!" : "", text);
    }
    buffer_printf(&b, " => %s;\n", PICK(d, actions));
  }
  buffer_text(&b, "};\n");
  buffer_char(&b, '\0');
  slice text = buffer_slice(&b);
  return (slice){text.data, text.length - 1};
}

static bool permits(arena *a, const program *p, const char *json) {
  claim_list claims = claims_in(a);
  claims_error error;
  evaluation result;
  cr_assert(claims_read(&claims, slice_from(json), &error), "%s", json);
  evaluate(p, &claims, a, 0, &result);
  return result.decision == DECISION_PERMIT;
}

static void compare(const subject *s, uint32_t seed) {
  TEST_ARENA(a, (size_t)64 << 20);
  dice d = {seed};
  slice text = random_policy(&a, &d, s);
  const policy *p = policy_compile(&a, text);
  cr_assert(p->program, "%s", text.data);
  world_answers found = worlds_ask(&a, p->ast, ATTESTATION_SGX_ENCLAVE, NULL);
  bool is_named = found.permits[s->index] != NULL, may_permit = false;
  for (size_t i = 0; i < COUNT_OF(s->claims); i++)
    may_permit |= permits(&a, p->program, s->claims[i]);
  if (may_permit)
    cr_assert(is_named, "not found: seed %u\n%s", (unsigned)seed, text.data);
  if (is_named && !s->is_open)
    cr_assert(may_permit, "not so: seed %u\n%s", (unsigned)seed, text.data);
  arena_free(&a);
}

static void compare_all(const subject *s) {
  for (uint32_t i = 1; i <= POLICIES; i++)
    compare(s, i * 2654435761u);
}

#define DEBUGGABLE \
  "\"x-ms-sgx-is-debuggable\": true, \"$is-debuggable\": true"
#define OLD                                                   \
  "\"x-ms-sgx-svn\": 0, \"$svn\": 0, \"$sgx-mrenclave\": \"f\"," \
  "\"x-ms-sgx-mrenclave\": \"f\""

Test(lint_worlds, what_is_settled_is_answered_exactly) {
  compare_all(&(subject){WORLD_DEBUG, 0, settled, COUNT_OF(settled), false,
                         {"{" DEBUGGABLE "}", "{" DEBUGGABLE "}"}});
  compare_all(&(subject){WORLD_OLD, 2, settled_svn, COUNT_OF(settled_svn),
                         false, {"{" OLD "}", "{" OLD "}"}});
}

Test(lint_worlds, what_is_open_is_not_missed) {
  compare_all(
      &(subject){WORLD_DEBUG, 0, settled, COUNT_OF(settled), true,
                 {"{" DEBUGGABLE ", \"x-ms-sgx-product-id\": 1}",
                  "{" DEBUGGABLE ", \"x-ms-sgx-product-id\": 0}"}});
  compare_all(&(subject){WORLD_OLD, 2, settled_svn, COUNT_OF(settled_svn),
                         true,
                         {"{" OLD ", \"x-ms-sgx-product-id\": 1}",
                          "{" OLD ", \"x-ms-sgx-product-id\": 0}"}});
}

Test(lint_worlds, asked_by_type) {
  cr_expect_eq(worlds_of(ATTESTATION_SGX_ENCLAVE),
               WORLD_DEBUG | WORLD_STRANGER | WORLD_OLD);
  cr_expect_eq(worlds_of(ATTESTATION_SEV_SNP_VM),
               WORLD_DEBUG | WORLD_STRANGER | WORLD_OLD);
  cr_expect_eq(worlds_of(ATTESTATION_TDX_VM),
               WORLD_DEBUG | WORLD_STRANGER | WORLD_OLD);
  cr_expect_eq(worlds_of(ATTESTATION_AZURE_GUEST), WORLD_UNSAFE_BOOT);
  cr_expect_eq(worlds_of(ATTESTATION_TPM), WORLD_UNSAFE_BOOT);
}

/* Every name is the catalogue's, for each of its types, with its kind, and a
 * policy sees it. */
Test(lint_worlds, claims_are_those_of_the_catalogue) {
  static const unsigned kinds[] = {[LITERAL_BOOLEAN] = VALUE_BOOLEAN,
                                   [LITERAL_INTEGER] = VALUE_INTEGER,
                                   [LITERAL_STRING] = VALUE_STRING};
  for (const world_claim *w = world_claims; w->name; w++)
    for (int type = 1; type < ATTESTATION_TYPE_COUNT; type++) {
      if (!(w->types & CLAIM_TYPE(type)))
        continue;
      const claim_entry *e =
          claim_catalogue_find(slice_from(w->name), (attestation_type)type);
      cr_assert(e, "%s", w->name);
      cr_expect_eq(e->kind, kinds[w->kind], "%s", w->name);
      cr_expect_neq(e->seen, CLAIM_SEEN_IN_TOKEN, "%s", w->name);
      cr_expect(!w->text || claim_entry_fits(e, slice_from(w->text)), "%s",
                w->name);
    }
}
