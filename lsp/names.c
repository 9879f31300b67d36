/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/names.h"

#include "compiler/claim_catalogue.h"
#include "lsp/language.h"
#include "lsp/literal.h"

static bool is_identifier(const word_token *t) {
  return t->role == ROLE_BINDING || t->role == ROLE_USE;
}

static bool is_claim(const word_token *t) {
  return t->role == ROLE_CLAIM_READ || t->role == ROLE_CLAIM_WRITE;
}

static bool is_setting(const word_token *t) {
  return t->role == ROLE_PROPERTY_NAME;
}

static bool is_definition(const word_token *t) {
  return t->role == ROLE_BINDING || t->role == ROLE_CLAIM_WRITE;
}

static span name_of(const word_tokens *t, size_t i) {
  return t->items[i].kind == TOKEN_STRING ? token_inside(t, i)
                                          : t->items[i].where;
}

static slice name_text(const word_tokens *t, size_t i) {
  span s = name_of(t, i);
  return (slice){t->text.data + s.begin, s.end - s.begin};
}

static bool is_kin(const word_token *x, const word_token *y) {
  return is_identifier(x) ? is_identifier(y) && x->rule == y->rule
         : is_setting(x)  ? is_setting(y)
                          : is_claim(y);
}

/* What the name says, escapes or not. */
static slice meaning(arena *a, const word_tokens *t, size_t i) {
  slice written = name_text(t, i);
  if (t->items[i].kind != TOKEN_STRING || !written.length ||
      !memchr(written.data, '\\', written.length))
    return written;
  return literal_read(a, t->text, token_inside(t, i)).text;
}

/* A claim that the condition wants from the evidence or from the client is
 * none that a rule made, of whatever name. */
static bool is_from_outside(const word_tokens *t, size_t i) {
  if (t->items[i].role != ROLE_CLAIM_READ)
    return false;
  size_t begin = i, end = i;
  uint32_t rule = t->items[i].rule;
  while (begin && t->items[begin - 1].rule == rule &&
         !token_is(t, begin, "["))
    begin--;
  while (end < t->count && t->items[end].rule == rule &&
         !token_is(t, end, "]"))
    end++;
  for (size_t n = begin; n + 2 < end; n++)
    if (token_is(t, n, "issuer") && token_is(t, n + 1, "==") &&
        (token_is(t, n + 2, "\"AttestationService\"") ||
         token_is(t, n + 2, "\"CustomClaim\"")))
      return true;
  return false;
}

name_places names_at(arena *a, const word_tokens *t, uint32_t offset,
                     size_t *token) {
  name_places found = {NULL, 0, 0};
  size_t at = token_at(t, offset), capacity = 0;
  *token = at;
  if (at == t->count ||
      (!is_identifier(&t->items[at]) && !is_claim(&t->items[at]) &&
       !is_setting(&t->items[at])))
    return found;
  slice name = meaning(a, t, at);
  for (size_t i = 0; i < t->count; i++) {
    if (!is_kin(&t->items[at], &t->items[i]) ||
        !slice_equal(meaning(a, t, i), name))
      continue;
    found.items = arena_grow(a, found.items, found.count, &capacity,
                             sizeof *found.items);
    bool defines = is_definition(&t->items[i]);
    found.items[found.count++] =
        (name_place){name_of(t, i), defines, is_from_outside(t, i)};
    found.definitions += defines;
  }
  return found;
}

/* --- requests ------------------------------------------------------------- */

static name_places places(lsp_request *r) {
  size_t token;
  return names_at(r->arena, document_tokens(r->document), r->offset, &token);
}

value lsp_definition(lsp_request *r) {
  name_places all = places(r);
  array_builder list = array_in(r->arena);
  for (size_t i = 0; i < all.count; i++)
    if (all.items[i].is_definition)
      array_add(&list, lsp_location(r, r->document, all.items[i].where));
  return array_value(&list);
}

value lsp_references(lsp_request *r) {
  name_places all = places(r);
  array_builder list = array_in(r->arena);
  const value *with = lsp_at(r->params, "context", "includeDeclaration");
  bool with_all = !with || with->kind != VALUE_BOOLEAN || with->boolean;
  for (size_t i = 0; i < all.count; i++)
    if (with_all || !all.items[i].is_definition)
      array_add(&list, lsp_location(r, r->document, all.items[i].where));
  return array_value(&list);
}

/* LSP: 2 is a place that reads, 3 one that writes. */
value lsp_highlight(lsp_request *r) {
  name_places all = places(r);
  array_builder list = array_in(r->arena);
  for (size_t i = 0; i < all.count; i++) {
    object_builder o = object_in(r->arena);
    set(&o, "range", lsp_range(r, r->document, all.items[i].where));
    set_number(&o, "kind", all.items[i].is_definition ? 3 : 2);
    array_add(&list, object_value(&o));
  }
  return array_value(&list);
}

/* --- rename --------------------------------------------------------------- */

/* Why the name cannot be another; NULL: it can. Claims that no rule of the
 * policy makes come from outside: another name would be another claim. */
static const char *why_kept(lsp_request *r, const name_places *all,
                            size_t token) {
  const word_tokens *t = document_tokens(r->document);
  const char *why = lsp_why_read_only(r->document);
  if (why)
    return why;
  if (!all->count)
    return "only identifiers and claims that rules make can be renamed";
  if (is_setting(&t->items[token]))
    return "the service knows this property by this name";
  if (!all->definitions)
    return is_claim(&t->items[token])
               ? "no rule of this policy makes this claim: it cannot have "
                 "another name"
               : "nothing binds this identifier";
  if (!is_claim(&t->items[token]))
    return NULL;
  if (is_from_outside(t, token))
    return "this condition wants a claim that no rule makes";
  const claim_entry *e = claim_catalogue_find(
      meaning(r->arena, t, token), document_type(r->document));
  return e && e->seen != CLAIM_SEEN_IN_TOKEN && !e->is_issued_by_policy
             ? "evidence has a claim of this name, too: with another name the "
               "rules would no longer read both"
             : NULL;
}

static bool can_rename(lsp_request *r, const name_places *all, size_t token) {
  const char *why = why_kept(r, all, token);
  if (why)
    lsp_refuse(r, LSP_REQUEST_FAILED, why);
  return !why;
}

value lsp_prepare_rename(lsp_request *r) {
  size_t token;
  const word_tokens *t = document_tokens(r->document);
  name_places all = names_at(r->arena, t, r->offset, &token);
  if (!can_rename(r, &all, token))
    return value_null();
  object_builder o = object_in(r->arena);
  set(&o, "range", lsp_range(r, r->document, name_of(t, token)));
  set(&o, "placeholder", value_text(name_text(t, token)));
  return object_value(&o);
}

static bool is_word(slice name) {
  if (!name.length || (*name.data >= '0' && *name.data <= '9') ||
      slice_is(name, "true") || slice_is(name, "false"))
    return false;
  for (size_t i = 0; i < name.length; i++) {
    char c = name.data[i];
    if (!(c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
          (c >= 'a' && c <= 'z')))
      return false;
  }
  return true;
}

/* Without anything that a string would have to escape. */
static bool is_plain_text(slice name) {
  for (size_t i = 0; i < name.length; i++)
    if ((unsigned char)name.data[i] < 0x20 || name.data[i] == '"' ||
        name.data[i] == '\\')
      return false;
  return name.length > 0;
}

/* Whether the name stands for something else already: two things of one name
 * could not be told apart any more. */
static bool is_taken(lsp_request *r, const word_tokens *t, size_t token,
                     slice name) {
  const word_token *x = &t->items[token];
  if (slice_equal(meaning(r->arena, t, token), name))
    return false;
  for (size_t i = 0; i < t->count; i++)
    if (is_kin(x, &t->items[i]) &&
        slice_equal(meaning(r->arena, t, i), name))
      return true;
  const claim_entry *e =
      is_claim(x) ? claim_catalogue_find(name, document_type(r->document))
                  : NULL;
  return e && e->seen != CLAIM_SEEN_IN_TOKEN;
}

value lsp_rename(lsp_request *r) {
  size_t token;
  const word_tokens *t = document_tokens(r->document);
  name_places all = names_at(r->arena, t, r->offset, &token);
  slice name = lsp_text_member(r->params, "newName");
  array_builder edits = array_in(r->arena);
  if (!can_rename(r, &all, token))
    return value_null();
  bool is_good = is_identifier(&t->items[token]) ? is_word(name)
                                                 : is_plain_text(name);
  if (!is_good)
    return lsp_refuse(r, LSP_INVALID_PARAMS, "this cannot be a name");
  if (is_taken(r, t, token, name))
    return lsp_refuse(r, LSP_REQUEST_FAILED, "this name is in use already");
  for (size_t i = 0; i < all.count; i++)
    if (!all.items[i].is_from_outside)
      array_add(&edits, lsp_edit(r, all.items[i].where, name));
  return lsp_workspace_edit(r, array_value(&edits));
}

/* --- linked editing, type definition -------------------------------------- */

/* Identifiers alone: while one types, a claim's name may be that of another. */
value lsp_linked_editing(lsp_request *r) {
  size_t token;
  const word_tokens *t = document_tokens(r->document);
  name_places all = names_at(r->arena, t, r->offset, &token);
  if (!all.definitions || !is_identifier(&t->items[token]) ||
      lsp_why_read_only(r->document))
    return value_null();
  object_builder o = object_in(r->arena);
  array_builder ranges = array_in(r->arena);
  for (size_t i = 0; i < all.count; i++)
    array_add(&ranges, lsp_range(r, r->document, all.items[i].where));
  set(&o, "ranges", array_value(&ranges));
  set_text(&o, "wordPattern", "[A-Za-z_][A-Za-z0-9_]*");
  return object_value(&o);
}

/* The type of what an identifier selects, in its condition; count: none. */
static size_t selected_type(const word_tokens *t, const name_places *all) {
  for (size_t i = 0; i < all->count; i++) {
    if (!all->items[i].is_definition)
      continue;
    size_t n = token_at(t, all->items[i].where.begin);
    uint32_t rule = t->items[n].rule;
    for (; n < t->count && t->items[n].rule == rule && !token_is(t, n, "]");
         n++)
      if (t->items[n].role == ROLE_CLAIM_READ)
        return n;
  }
  return t->count;
}

/* Of an identifier: the rules that make the claims which it selects; of claims
 * of evidence the condition that names them. */
value lsp_type_definition(lsp_request *r) {
  size_t token;
  const word_tokens *t = document_tokens(r->document);
  name_places all = names_at(r->arena, t, r->offset, &token);
  array_builder list = array_in(r->arena);
  size_t type = all.count && is_identifier(&t->items[token])
                    ? selected_type(t, &all)
                    : t->count;
  if (type == t->count)
    return array_value(&list);
  name_places made = names_at(r->arena, t, t->items[type].where.begin, &token);
  for (size_t i = 0; i < made.count; i++)
    if (made.items[i].is_definition)
      array_add(&list, lsp_location(r, r->document, made.items[i].where));
  if (!list.count)
    array_add(&list, lsp_location(r, r->document, name_of(t, type)));
  return array_value(&list);
}
