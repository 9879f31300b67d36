/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/names.h"

#include "lsp/server.h"

static bool is_identifier(const word_token *t) {
  return t->role == ROLE_BINDING || t->role == ROLE_USE;
}

static bool is_claim(const word_token *t) {
  return t->role == ROLE_CLAIM_READ || t->role == ROLE_CLAIM_WRITE;
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

/* Names are compared as they are written: one with an escape in it is another
 * name. */
static bool is_same(const word_tokens *t, size_t a, size_t b) {
  const word_token *x = &t->items[a], *y = &t->items[b];
  if (!slice_equal(name_text(t, a), name_text(t, b)))
    return false;
  if (is_identifier(x))
    return is_identifier(y) && x->rule == y->rule;
  return is_claim(x) && is_claim(y);
}

name_places names_at(arena *a, const word_tokens *t, uint32_t offset,
                     size_t *token) {
  name_places found = {NULL, 0, 0};
  size_t at = token_at(t, offset), capacity = 0;
  *token = at;
  if (at == t->count ||
      (!is_identifier(&t->items[at]) && !is_claim(&t->items[at])))
    return found;
  for (size_t i = 0; i < t->count; i++) {
    if (!is_same(t, at, i))
      continue;
    found.items = arena_grow(a, found.items, found.count, &capacity,
                             sizeof *found.items);
    bool defines = is_definition(&t->items[i]);
    found.items[found.count++] = (name_place){name_of(t, i), defines};
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

/* Claims that no rule of the policy makes come from outside: another name
 * would be another claim. */
static bool can_rename(lsp_request *r, const name_places *all) {
  if (!document_is_plain(r->document)) {
    lsp_refuse(r, LSP_REQUEST_FAILED, "the policy stands inside of a token");
    return false;
  }
  if (all->count && all->definitions)
    return true;
  lsp_refuse(r, LSP_REQUEST_FAILED,
             all->count ? "no rule of this policy makes this claim: it cannot "
                          "have another name"
                        : "only identifiers and claims that rules make can "
                          "be renamed");
  return false;
}

value lsp_prepare_rename(lsp_request *r) {
  size_t token;
  const word_tokens *t = document_tokens(r->document);
  name_places all = names_at(r->arena, t, r->offset, &token);
  if (!can_rename(r, &all))
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
static bool is_taken(const word_tokens *t, size_t token, slice name) {
  const word_token *x = &t->items[token];
  if (slice_equal(name_text(t, token), name))
    return false;
  for (size_t i = 0; i < t->count; i++) {
    const word_token *y = &t->items[i];
    bool is_kin = is_identifier(x) ? is_identifier(y) && x->rule == y->rule
                                   : is_claim(y);
    if (is_kin && slice_equal(name_text(t, i), name))
      return true;
  }
  return false;
}

value lsp_rename(lsp_request *r) {
  size_t token;
  const word_tokens *t = document_tokens(r->document);
  name_places all = names_at(r->arena, t, r->offset, &token);
  slice name = lsp_text_member(r->params, "newName");
  array_builder edits = array_in(r->arena);
  if (!can_rename(r, &all))
    return value_null();
  bool is_good = is_identifier(&t->items[token]) ? is_word(name)
                                                 : is_plain_text(name);
  if (!is_good)
    return lsp_refuse(r, LSP_INVALID_PARAMS, "this cannot be a name");
  if (is_taken(t, token, name))
    return lsp_refuse(r, LSP_REQUEST_FAILED, "this name is in use already");
  for (size_t i = 0; i < all.count; i++)
    array_add(&edits, lsp_edit(r, all.items[i].where, name));
  return lsp_workspace_edit(r, array_value(&edits));
}
