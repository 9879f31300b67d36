/* SPDX-License-Identifier: Apache-2.0 */
/* C101 to C103, C108, C109: which claims a policy reads and issues, against
 * those that the service makes for the attestation type. */
#include "compiler/lint_claims.h"

/* --- names ---------------------------------------------------------------- */

static const claim_entry *foreign_entry(slice name) {
  return claim_catalogue_find(name, ATTESTATION_TYPE_UNKNOWN);
}

claim_name *claim_name_of(claim_linter *c, slice name) {
  uint32_t before = c->names.count;
  uint32_t symbol = symbols_intern(&c->names, name);
  if (c->names.count > before) {
    c->known = arena_grow(c->lint->arena, c->known, before, &c->capacity,
                          sizeof *c->known);
    c->known[before] = (claim_name){
        .entry = claim_catalogue_find(name, c->lint->type)};
    if (!c->known[before].entry)
      c->known[before].foreign = foreign_entry(name);
  }
  return &c->known[symbol - 1];
}

static bool policies_see(const claim_entry *e) {
  return e->seen != CLAIM_SEEN_IN_TOKEN;
}

bool claim_is_service_only(const condition_view *v, const claim_name *n) {
  return n->entry && policies_see(n->entry) && !v->is_contradictory &&
         (v->issuers & ISSUED_BY_SERVICE) &&
         (v->issuers == ISSUED_BY_SERVICE || !n->is_changed);
}

/* Only what a policy can read helps; of an old name, its new one. */
static const char *nearest(claim_linter *c, slice name) {
  attestation_type type = c->lint->type;
  const char *near = claim_catalogue_near(c->lint->arena, name, type);
  const claim_entry *e =
      near ? claim_catalogue_find(slice_from(near), type) : NULL;
  if (e && e->deprecated_for)
    return e->deprecated_for;
  return e && policies_see(e) ? near : NULL;
}

/* Looking at every name costs: once for each, and for what is shown only. */
static const char *near_name(claim_linter *c, slice name) {
  claim_name *n = claim_name_of(c, name);
  if (!n->is_near_known && !c->findings->dropped) {
    n->near = nearest(c, name);
    n->is_near_known = true;
  }
  return n->near;
}

static const char *type_name(const claim_linter *c) {
  return attestation_type_name(c->lint->type);
}

/* --- conditions ----------------------------------------------------------- */

static void unknown_claim(claim_linter *c, const ast_expr *e) {
  diagnostic *d = diagnose(c->findings, CODE_C101, e->where,
                           "%s has no claim \"%.*s\"", type_name(c),
                           SLICE_ARGS(e->string));
  const char *near = near_name(c, e->string);
  if (near)
    diagnostic_help(c->findings, d, "did you mean `%s`?", near);
  else
    diagnostic_help(c->findings, d,
                    "maapol claims --type %s lists them; a claim that the "
                    "client sends is asked for with issuer==\"CustomClaim\"",
                    type_name(c));
}

static void token_claim(claim_linter *c, const ast_expr *e,
                        const claim_entry *entry) {
  diagnostic *d = diagnose(
      c->findings, CODE_C101, e->where,
      "\"%s\" stands in tokens only: no policy sees it", entry->name);
  const claim_entry *newer =
      entry->deprecated_for ? claim_catalogue_find(
                                  slice_from(entry->deprecated_for),
                                  c->lint->type)
                            : NULL;
  if (newer && policies_see(newer))
    diagnostic_help(c->findings, d, "did you mean `%s`?", newer->name);
}

/* "SgxEnclave, OpenEnclave" */
static const char *types_of(claim_linter *c, slice name) {
  buffer b = buffer_in(c->lint->arena);
  for (int type = 1; type < ATTESTATION_TYPE_COUNT; type++)
    if (claim_catalogue_find(name, (attestation_type)type))
      buffer_printf(&b, "%s%s", b.length ? ", " : "",
                    attestation_type_name((attestation_type)type));
  buffer_char(&b, '\0');
  return buffer_slice(&b).data;
}

static void foreign_claim(claim_linter *c, const ast_expr *e) {
  bool is_dropped = c->findings->dropped > 0;
  diagnostic *d = diagnose(
      c->findings, CODE_C102, e->where, "\"%.*s\" is a claim of %s, not of %s",
      SLICE_ARGS(e->string), is_dropped ? "" : types_of(c, e->string),
      type_name(c));
  const char *near = near_name(c, e->string);
  if (near)
    diagnostic_help(c->findings, d, "did you mean `%s`?", near);
  else if (c->lint->type == ATTESTATION_AZURE_GUEST)
    diagnostic_help(c->findings, d,
                    "of a confidential VM it is a member of the JSON in "
                    "`x-ms-isolation-tee`");
}

/* The rule's claims go on under their old name. */
static bool name_is_passed_on(const claim_linter *c, const ast_condition *at) {
  const rule_view *r = c->rule;
  return !span_is_empty(at->name) && r->claim &&
         view_binding(c->ast, r->rule, r->claim->where, NULL) == at;
}

/* The old claim's namesake, if it says the same. */
static const claim_entry *newer_of(const claim_linter *c,
                                   const claim_entry *old) {
  const claim_entry *newer = claim_catalogue_find(
      slice_from(old->deprecated_for), c->lint->type);
  return newer && policies_see(newer) && newer->kind == old->kind &&
                 newer->format == old->format
             ? newer
             : NULL;
}

static void deprecated_claim(claim_linter *c, const condition_view *v,
                             const claim_entry *old) {
  const ast_expr *e = v->type->expr;
  const claim_entry *newer = newer_of(c, old);
  diagnostic *d = diagnose(c->findings, CODE_C103, e->where,
                           "\"%s\" is a deprecated name", old->name);
  diagnostic_help(c->findings, d, "the claim is called `%s` now",
                  old->deprecated_for);
  if (!newer)
    return;
  bool is_safe = !name_is_passed_on(c, v->condition) &&
                 !claim_name_of(c, slice_from(newer->name))->is_added;
  buffer b = buffer_in(c->lint->arena);
  buffer_printf(&b, "\"%s\"", newer->name);
  fix_edit(c->findings,
           diagnostic_fix(c->findings, d, is_safe ? FIX_SAFE : FIX_UNSAFE,
                          "write the new name"),
           e->where, buffer_slice(&b));
}

/* What the client sends: published policies ask for both issuers. */
static bool is_of_the_client(slice name) {
  return slice_is(name, "aas-ehd") || slice_is(name, "maa-ehd") ||
         slice_is(name, "x-ms-sgx-ehd");
}

static void check_issuer(claim_linter *c, const condition_view *v,
                         const claim_name *n) {
  bool may_be_rule = (v->issuers & ISSUED_BY_POLICY) &&
                     (n->is_added || n->is_copied || c->adds_anything ||
                      c->copies_anything);
  if ((v->issuers & ISSUED_BY_SERVICE) || !v->issuers || may_be_rule ||
      !n->entry || !policies_see(n->entry) ||
      is_of_the_client(v->type->expr->string))
    return;
  const ast_test *t = v->condition->tests;
  while (t && view_property(c->ast, t) != PROPERTY_ISSUER)
    t = t->next;
  if (!t)
    return; /* an issuer that no test names */
  diagnostic *d = diagnose(
      c->findings, CODE_C109, t->expr->where,
      "\"%s\" comes from AttestationService%s", n->entry->name,
      v->issuers & ISSUED_BY_POLICY ? ": no rule adds it" : "");
  diagnostic_help(c->findings, d, "write issuer==\"AttestationService\"");
}

static void check_name(claim_linter *c, const condition_view *v,
                       const claim_name *n) {
  const ast_expr *e = v->type->expr;
  bool may_be_rule = (v->issuers & ISSUED_BY_POLICY) &&
                     (n->is_added || c->adds_anything);
  if (!(v->issuers & ISSUED_BY_SERVICE) || may_be_rule || !e->string.length)
    return;
  if (n->entry && !policies_see(n->entry))
    token_claim(c, e, n->entry);
  else if (n->entry && n->entry->deprecated_for)
    deprecated_claim(c, v, n->entry);
  else if (n->foreign)
    foreign_claim(c, e);
  else if (!n->entry)
    unknown_claim(c, e);
}

static void check_condition(claim_linter *c, const ast_condition *at) {
  condition_view v = view_condition(at);
  claim_name none = {0}, *n = &none;
  if (v.type)
    n = claim_name_of(c, v.type->expr->string);
  if (v.type && !v.is_contradictory) {
    claim_name name = *n;
    check_name(c, &v, &name);
    check_issuer(c, &v, &name);
    if (claim_is_service_only(&v, &name))
      lint_claim_values(c, &v, &name);
    lint_claim_sets(c, &v, &name);
  } else {
    lint_claim_sets(c, &v, &none);
  }
}

/* --- actions -------------------------------------------------------------- */

static void remove_rule(claim_linter *c, diagnostic *d) {
  span lines = view_lines(c->ast->text, c->rule->rule->where);
  fix_edit(c->findings,
           diagnostic_fix(c->findings, d, FIX_UNSAFE,
                          "remove the rule: the service issues the claim"),
           lines, SLICE_EMPTY);
}

static void deprecated_issue(claim_linter *c, const ast_expr *e,
                             const claim_name *n) {
  diagnostic *d = diagnose(c->findings, CODE_C103, e->where,
                           "\"%s\" is a deprecated name", n->entry->name);
  diagnostic_help(c->findings, d,
                  "the service puts `%s` into every token: relying parties "
                  "read that",
                  n->entry->deprecated_for);
  if (!n->is_read)
    remove_rule(c, d);
}

static bool is_reserved(slice name, const claim_entry *e) {
  return slice_starts_with(name, "x-ms-") ||
         (e && !e->is_issued_by_policy && e->seen != CLAIM_SEEN_BY_POLICY);
}

static void check_issued(claim_linter *c, const ast_expr *where, slice name) {
  claim_name n = *claim_name_of(c, name);
  if (is_reserved(name, n.entry)) {
    diagnostic *d =
        diagnose(c->findings, CODE_C108, where->where,
                 n.entry ? "the token has the service's own \"%.*s\": this "
                           "one does not reach it"
                         : "\"%.*s\": names that begin with x-ms- are the "
                           "service's",
                 SLICE_ARGS(name));
    diagnostic_help(c->findings, d, "%s",
                    where == c->rule->claim ? "leave the rule out"
                                            : "give the claim another name");
  } else if (n.entry && n.entry->deprecated_for) {
    deprecated_issue(c, where, &n);
  }
}

/* The type that the action gives its claims, if a literal says it: in the
 * action, or in the condition that claim= takes them from. */
static const ast_expr *action_type(const claim_linter *c, const rule_view *r,
                                   const ast_condition **from) {
  *from = NULL;
  if (r->type)
    return r->type->kind == EXPR_STRING ? r->type : NULL;
  if (!r->claim)
    return NULL;
  *from = view_binding(c->ast, r->rule, r->claim->where, NULL);
  if (!*from || (*from)->negated)
    return NULL;
  condition_view v = view_condition(*from);
  return v.type && !v.is_contradictory ? v.type->expr : NULL;
}

static bool makes_claims(const rule_view *r) {
  return r->action == ACTION_ADD || r->action == ACTION_ISSUE;
}

static void check_claim(claim_linter *c, const rule_view *r) {
  const ast_condition *from;
  const ast_expr *type = makes_claims(r) ? action_type(c, r, &from) : NULL;
  if (!type)
    return;
  if (r->action == ACTION_ISSUE && r->section == SECTION_ISSUANCE) {
    condition_view v = from ? view_condition(from)
                            : (condition_view){.issuers = ISSUED_BY_POLICY};
    if (!from || (v.issuers & ISSUED_BY_SERVICE))
      check_issued(c, from ? r->claim : type, type->string);
  }
  bool is_several = r->value && claim_may_be_several(c, r->value, NULL);
  claim_name *n = claim_name_of(c, type->string);
  n->is_changed |= !from;
  n->is_several |= is_several;
}

/* --- the group ------------------------------------------------------------ */

/* claim=c makes no name that was not there. */
static void note_action(claim_linter *c, const rule_view *r) {
  const ast_condition *from;
  const ast_expr *type = makes_claims(r) ? action_type(c, r, &from) : NULL;
  if (type && from)
    claim_name_of(c, type->string)->is_copied = true;
  else if (type)
    claim_name_of(c, type->string)->is_added = true;
  else if (r->claim)
    c->copies_anything = true;
  else if (makes_claims(r))
    c->adds_anything = true;
}

static void note_rule(void *context, const rule_view *r) {
  claim_linter *c = context;
  for (const ast_condition *at = r->rule->conditions; at; at = at->next) {
    condition_view v = view_condition(at);
    if (v.type && (v.issuers & ISSUED_BY_POLICY))
      claim_name_of(c, v.type->expr->string)->is_read = true;
  }
  note_action(c, r);
}

static void check_rule(void *context, const rule_view *r) {
  claim_linter *c = context;
  c->rule = r;
  for (const ast_condition *at = r->rule->conditions; at; at = at->next)
    check_condition(c, at);
  check_claim(c, r);
}

/* The findings are sorted by place when lint begins. */
static void note_placeholders(claim_linter *c) {
  size_t capacity = 0;
  uint32_t *places = NULL;
  for (const diagnostic *d = c->findings->first; d; d = d->next)
    if (d->code == CODE_P015) {
      places = arena_grow(c->lint->arena, places, c->placeholder_count,
                          &capacity, sizeof *places);
      places[c->placeholder_count++] = d->where.begin;
    }
  c->placeholders = places;
}

void lint_claims(linter *l) {
  claim_linter c = {.lint = l, .ast = l->ast, .findings = l->findings};
  symbols_init(&c.names, l->arena);
  note_placeholders(&c);
  view_rules(l->ast, note_rule, &c);
  view_rules(l->ast, check_rule, &c);
}
