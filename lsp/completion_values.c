/* SPDX-License-Identifier: Apache-2.0 */
/* Types, issuers and values that a condition tests or an action gives. */
#include "compiler/properties.h"
#include "lsp/completion.h"
#include "lsp/constant.h"
#include "lsp/reference.h"
#include "lsp/samples.h"

static void offer_text(completion *c, const char *text, completion_kind kind,
                       const char *detail, const char *group) {
  completion_offer_text(c, &(completion_item){.label = text,
                                              .kind = kind,
                                              .detail = detail,
                                              .group = group});
}

/* --- types ---------------------------------------------------------------- */

/* The claims that the evidence has and policies see; those of the token's
 * other names would only mislead. */
static void offer_claims(completion *c) {
  const char *last = "";
  for (const claim_entry *e = claim_catalogue; e->name; e++) {
    if (!claim_entry_is_of(e, c->type) || e->seen == CLAIM_SEEN_IN_TOKEN ||
        e->deprecated_for || strcmp(last, e->name) == 0)
      continue;
    last = e->name;
    offer_text(c, e->name, KIND_FIELD, claim_type_name(e), "claim");
  }
}

/* What rules of the policy make, but for the name that is being written. A
 * name with an escape is left out. */
static void offer_own_claims(completion *c) {
  enum { OWN_MAX = 200 };
  const word_tokens *t = c->tokens;
  slice seen[OWN_MAX];
  int count = 0;
  for (size_t i = 0; i < t->count && count < OWN_MAX; i++) {
    if (t->items[i].role != ROLE_CLAIM_WRITE)
      continue;
    span s = token_inside(t, i);
    slice name = {t->text.data + s.begin, s.end - s.begin};
    if (s.end <= s.begin || memchr(name.data, '\\', name.length) ||
        (s.begin <= c->replaced.begin && c->replaced.begin <= s.end))
      continue;
    int n = 0;
    while (n < count && !slice_equal(seen[n], name))
      n++;
    if (n < count || claim_catalogue_find(name, c->type))
      continue;
    seen[count++] = name;
    offer_text(c, arena_string(c->request->arena, name), KIND_FIELD,
               "made by a rule", NULL);
  }
}

static void offer_settings(completion *c, section_kind section) {
  for (int i = 0; i < POLICY_PROPERTY_COUNT; i++)
    if (policy_properties[i].section == section)
      offer_text(c, policy_properties[i].name, KIND_PROPERTY, NULL,
                 "setting");
}

static void offer_types(completion *c) {
  const word_token *last = &c->tokens->items[c->before];
  if (last->action == ACTION_ISSUEPROPERTY)
    offer_settings(c, (section_kind)last->section);
  else if (last->action == ACTION_COUNT)
    offer_claims(c);
  if (last->action != ACTION_ISSUEPROPERTY)
    offer_own_claims(c);
}

/* --- values --------------------------------------------------------------- */

/* "a|b": the values that a claim has. */
static void offer_known_values(completion *c, const claim_entry *e) {
  for (const char *v = e ? e->values : NULL; v && *v;) {
    size_t length = strcspn(v, "|");
    const char *text = arena_string(c->request->arena, (slice){v, length});
    offer_text(c, text, KIND_VALUE, e->name, NULL);
    v += length + (v[length] == '|');
  }
}

static void offer_strings(completion *c, const char *const *names) {
  for (; *names; names++)
    offer_text(c, *names, KIND_VALUE, NULL, NULL);
}

static void offer_booleans(completion *c) {
  completion_offer(c, &(completion_item){.label = "true", .kind = KIND_VALUE});
  completion_offer(c,
                   &(completion_item){.label = "false", .kind = KIND_VALUE});
}

/* Identifiers that the rule binds. */
static void offer_identifiers(completion *c, bool whole) {
  const word_tokens *t = c->tokens;
  for (size_t i = c->before + 1; c->before < t->count && i-- > 0;) {
    if (t->items[i].rule != t->items[c->before].rule)
      break;
    if (t->items[i].role != ROLE_BINDING)
      continue;
    completion_offer(
        c, &(completion_item){
               .label = arena_string(c->request->arena, token_text(t, i)),
               .kind = KIND_VARIABLE,
               .detail = "identifier",
               .commit = whole ? NULL : ".",
               .rank = 'f'});
  }
}

static void offer_functions(completion *c) {
  bool is_called = token_is(c->tokens, c->after, "(");
  for (const function_help *f = function_helps; f->name; f++) {
    buffer b = buffer_in(c->request->arena);
    bool is_query = strcmp(f->name, "JmesPath") == 0;
    buffer_printf(&b, "%s(${1:%s}", f->name, f->parameters[0]);
    if (f->parameters[1])
      buffer_printf(&b, is_query ? ", \"${2:%s}\"" : ", ${2:%s}",
                    f->parameters[1]);
    buffer_char(&b, ')');
    completion_offer(
        c, &(completion_item){.label = f->name,
                              .kind = KIND_FUNCTION,
                              .detail = f->result,
                              .group = "function",
                              .snippet = is_called ? NULL
                                                   : buffer_slice(&b).data,
                              .rank = 'n'});
  }
}

/* What the claim has in samples of the policy: measurements, above all. */
static void offer_sample_values(completion *c, slice name,
                                const claim_entry *e) {
  lsp_request *r = c->request;
  const sample_value *v = samples_values(r->server, r->document, name);
  for (; v->text; v++) {
    bool is_known = e && e->values && strstr(e->values, v->text);
    completion_item item = {.label = v->text,
                            .kind = KIND_VALUE,
                            .detail = v->sample,
                            .rank = 'c'};
    if (v->is_string && !is_known)
      completion_offer_text(c, &item);
    else if (!v->is_string && !c->in_string &&
             (!e || e->kind != VALUE_BOOLEAN))
      completion_offer(c, &item);
  }
}

/* The claim, or the property, whose value it is. */
static void offer_value(completion *c, bool in_call) {
  const word_tokens *t = c->tokens;
  size_t at = in_call ? t->count : constant_claim(t, c->before);
  span s = at < t->count ? token_inside(t, at) : (span){0, 0};
  slice name = {t->text.data + s.begin, s.end - s.begin};
  bool is_read = at < t->count && t->items[at].role == ROLE_CLAIM_READ;
  bool is_setting =
      at < t->count && t->items[at].role == ROLE_PROPERTY_NAME;
  const claim_entry *e = is_read ? claim_catalogue_find(name, c->type) : NULL;
  const policy_property *p = is_setting ? policy_property_find(name) : NULL;
  offer_known_values(c, e);
  if (is_read)
    offer_sample_values(c, name, e);
  if (c->in_string)
    return;
  if (e ? e->kind == VALUE_BOOLEAN : !p || p->kind == LITERAL_BOOLEAN)
    offer_booleans(c);
  offer_identifiers(c, false);
  offer_functions(c);
}

void completion_values(completion *c, bool in_call) {
  static const char *const issuers[] = {
      "AttestationService", "AttestationPolicy", "CustomClaim", NULL};
  static const char *const kinds[] = {"Boolean", "Integer", "String", NULL};
  const word_tokens *t = c->tokens;
  slice property = !in_call && c->before && c->before < t->count
                       ? token_text(t, c->before - 1)
                       : SLICE_EMPTY;
  if (slice_is(property, "type"))
    offer_types(c);
  else if (slice_is(property, "issuer"))
    offer_strings(c, issuers);
  else if (slice_is(property, "valueType"))
    offer_strings(c, kinds);
  else if (!slice_is(property, "claim"))
    offer_value(c, in_call);
  if (c->in_string)
    return;
  if (slice_is(property, "claim"))
    offer_identifiers(c, true);
  else if (!in_call && slice_is(property, "type"))
    offer_identifiers(c, false);
}
