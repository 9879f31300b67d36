/* SPDX-License-Identifier: Apache-2.0 */
/* The X rules: what a policy lets through that it hardly should. X301 to X304
 * ask whether it may permit in a world (lint_worlds.h). */
#include "compiler/claim_catalogue.h"
#include "compiler/lint_worlds.h"

/* --- X301 to X304 --------------------------------------------------------- */

static const char *tee_name(attestation_type type) {
  return type == ATTESTATION_SEV_SNP_VM ? "guests"
         : type == ATTESTATION_TDX_VM   ? "trust domains"
                                        : "enclaves";
}

/* A condition to begin with, per type. */
static const struct {
  unsigned types;
  world world;
  const char *condition;
} remedies[] = {
#define SGX                                                                    \
  (CLAIM_TYPE(ATTESTATION_SGX_ENCLAVE) | CLAIM_TYPE(ATTESTATION_OPEN_ENCLAVE))
#define SNP CLAIM_TYPE(ATTESTATION_SEV_SNP_VM)
#define TDX CLAIM_TYPE(ATTESTATION_TDX_VM)
    {SGX, WORLD_DEBUG, "[type==\"x-ms-sgx-is-debuggable\", value==false]"},
    {SNP, WORLD_DEBUG, "[type==\"x-ms-sevsnpvm-is-debuggable\", value==false]"},
    {TDX, WORLD_DEBUG, "[type==\"tdx_td_attributes_debug\", value==false]"},
    {SGX, WORLD_STRANGER, "[type==\"x-ms-sgx-mrsigner\", value==\"..\"]"},
    {SNP, WORLD_STRANGER,
     "[type==\"x-ms-sevsnpvm-launchmeasurement\", value==\"..\"]"},
    {TDX, WORLD_STRANGER, "[type==\"tdx_mrtd\", value==\"..\"]"},
    {SGX, WORLD_OLD, "[type==\"x-ms-sgx-svn\", value>=1]"},
    {SNP, WORLD_OLD, "[type==\"x-ms-sevsnpvm-snpfw-svn\", value>=8]"},
    {TDX, WORLD_OLD, "[type==\"attester_tcb_status\", value==\"UpToDate\"]"},
    {CLAIM_TYPE(ATTESTATION_AZURE_GUEST), WORLD_UNSAFE_BOOT,
     "[type==\"secureboot\", value==true]"},
    {CLAIM_TYPE(ATTESTATION_TPM), WORLD_UNSAFE_BOOT,
     "[type==\"secureBootEnabled\", value==true]"},
};

static void help_with_remedy(linter *l, diagnostic *d, world w) {
  for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
    if (remedies[i].world == w && (remedies[i].types & CLAIM_TYPE(l->type)))
      diagnostic_help(l->findings, d, "add a condition such as %s",
                      remedies[i].condition);
}

static void report_world(linter *l, const ast_rule *permit, world w) {
  const char *tee = tee_name(l->type);
  diagnostic *d = NULL;
  switch (w) {
  case WORLD_DEBUG:
    d = diagnose(l->findings, CODE_X301, permit->action,
                 "this permits %s that can be debugged: their memory is no "
                 "secret",
                 tee);
    break;
  case WORLD_STRANGER:
    d = diagnose(l->findings, CODE_X302, permit->action,
                 "this permits all %s: no condition pins measurement, signer "
                 "or configuration",
                 tee);
    break;
  case WORLD_OLD:
    d = diagnose(l->findings, CODE_X303, permit->action,
                 "this permits old versions: no condition wants a least "
                 "security version");
    break;
  case WORLD_UNSAFE_BOOT:
    d = diagnose(l->findings, CODE_X304, permit->action,
                 "this permits a machine whose secure boot is off");
    break;
  case WORLD_ALL:
    return;
  }
  help_with_remedy(l, d, w);
}

static void check_worlds(linter *l) {
  if (l->never_permits)
    return; /* the worlds look at each rule by itself; L201 at all together */
  world_answers found = worlds_ask(l->arena, l->ast, l->type, l->is_void);
  for (unsigned i = 0; i < WORLD_COUNT; i++)
    if (found.permits[i])
      report_world(l, found.permits[i], (world)(1u << i));
}

/* --- X305 ----------------------------------------------------------------- */

/* Hashes of what is always there: never zero. */
static const char *const measurements[] = {
    "$sgx-mrenclave",     "$sgx-mrsigner",
    "x-ms-sgx-mrenclave", "x-ms-sgx-mrsigner",
    "enclaveAuthorId",    "x-ms-sevsnpvm-launchmeasurement",
    "tdx_mrseam",         "tdx_mrtd",
    NULL};

static bool is_measurement(const claim_entry *e) {
  for (const char *const *m = measurements; *m; m++)
    if (strcmp(*m, e->name) == 0)
      return true;
  return false;
}

static bool is_one_digit(slice s) {
  enum { SHORTEST = 8 }; /* a shorter one may be a number */
  if (s.length < SHORTEST)
    return false;
  for (size_t i = 1; i < s.length; i++)
    if (s.data[i] != s.data[0])
      return false;
  return true;
}

/* Other claims of that kind are zero where they were not set, which a policy
 * may well ask for. */
static bool is_filler(const claim_entry *e, slice s) {
  bool is_hex = e->format == CLAIM_HEX;
  bool is_base64 = e->format == CLAIM_BASE64 || e->format == CLAIM_BASE64URL;
  if (!e->length || (!is_hex && !is_base64) || !is_one_digit(s))
    return false;
  bool is_digit = s.data[0] == '0' || !is_hex ||
                  strchr("123456789abcdefABCDEF", s.data[0]);
  bool is_zero = s.data[0] == (is_hex ? '0' : 'A');
  return is_digit && (is_measurement(e) || (is_hex && !is_zero));
}

static void check_filler(linter *l, const ast_condition *c) {
  condition_view v = view_condition(c);
  if (!v.type || c->negated || !(v.issuers & ISSUED_BY_SERVICE))
    return;
  const claim_entry *e = NULL;
  for (const ast_test *t = c->tests; t; t = t->next) {
    if (t->expr->kind != EXPR_STRING || t->relation != OPERATOR_EQUAL ||
        view_property(l->ast, t) != PROPERTY_VALUE ||
        !is_one_digit(t->expr->string))
      continue;
    e = e ? e : claim_catalogue_find(v.type->expr->string, l->type);
    if (!e)
      return;
    if (is_filler(e, t->expr->string))
      diagnostic_help(
          l->findings,
          diagnose(l->findings, CODE_X305, t->expr->where,
                   "a placeholder stands for the value of \"%s\"", e->name),
          "write the value of the release that is to be permitted");
  }
}

/* Who denies what looks like a placeholder knows what he does. */
static void check_fillers(void *context, const rule_view *r) {
  linter *l = context;
  if (r->action == ACTION_DENY)
    return;
  for (const ast_condition *c = r->rule->conditions; c; c = c->next)
    check_filler(l, c);
}

/* --- X306 ----------------------------------------------------------------- */

/* What an action says of the property: its value, or NULL. */
static const ast_expr *aik_value(const ast_policy *p, const ast_rule *rule) {
  bool is_named = false;
  const ast_expr *given = NULL;
  for (const ast_argument *a = rule->arguments; a; a = a->next)
    if (slice_is(ast_text(p, a->name), "value"))
      given = a->expr;
    else
      is_named = a->expr->kind == EXPR_STRING &&
                 slice_is(a->expr->string, "require_valid_aik_cert");
  return is_named ? given : NULL;
}

/* The rule that lets any key pass. The last value counts; a rule with a
 * condition never runs here. */
static const ast_rule *any_aik_rule(const ast_policy *p) {
  const ast_rule *found = NULL;
  for (const ast_section *s = p->sections; s; s = s->next) {
    if (section_from_name(ast_text(p, s->name)) != SECTION_CONFIGURATION)
      continue;
    for (const ast_rule *rule = s->rules; rule; rule = rule->next) {
      const ast_expr *given = rule->conditions ? NULL : aik_value(p, rule);
      if (given)
        found = given->kind == EXPR_BOOLEAN && !given->boolean ? rule : NULL;
    }
  }
  return found;
}

static void note_aik(void *context, const rule_view *r) {
  const ast_policy **unread = context;
  for (const ast_condition *c = r->rule->conditions; c && *unread;
       c = c->next) {
    condition_view v = view_condition(c);
    if (v.type && slice_is(v.type->expr->string, "aikValidated") &&
        (v.issuers & ISSUED_BY_SERVICE))
      *unread = NULL;
  }
}

static void check_aik(linter *l) {
  const ast_rule *rule = any_aik_rule(l->ast);
  const ast_policy *unread = l->ast;
  if (!rule || l->type != ATTESTATION_TPM)
    return;
  view_rules(l->ast, note_aik, &unread);
  if (!unread)
    return;
  diagnostic *d = diagnose(
      l->findings, CODE_X306, rule->action,
      "any attestation identity key will do: no rule reads aikValidated");
  diagnostic_help(l->findings, d,
                  "leave this out, or add a condition such as "
                  "[type==\"aikValidated\", value==true]");
}

void lint_security(linter *l) {
  check_worlds(l);
  view_rules(l->ast, check_fillers, l);
  check_aik(l);
}
