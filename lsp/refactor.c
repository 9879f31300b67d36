/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that no finding asks for: a constant becomes a placeholder, old names
 * of claims become their new ones. */
#include "compiler/claim_catalogue.h"
#include "lsp/constant.h"
#include "lsp/language.h"

static slice inside_text(const word_tokens *t, size_t i) {
  span s = token_inside(t, i);
  return (slice){t->text.data + s.begin, s.end - s.begin};
}

/* --- placeholders --------------------------------------------------------- */

/* A placeholder is `${NAME}`, as envsubst fills it in: docs/rules/P015.md. */
static bool holds(slice text, slice part) {
  for (size_t i = 0; i + part.length <= text.length; i++)
    if (memcmp(text.data + i, part.data, part.length) == 0)
      return true;
  return false;
}

static slice claim_name(const word_tokens *t, size_t i) {
  size_t claim = constant_claim(t, i);
  return claim < t->count ? inside_text(t, claim) : SLICE_EMPTY;
}

/* x-ms-sgx-svn gives X_MS_SGX_SVN; with a number if the text has it already. */
static slice placeholder_name(arena *a, const word_tokens *t, size_t i) {
  enum { TRIES_MAX = 100 };
  slice claim = claim_name(t, i);
  buffer base = buffer_in(a);
  for (size_t n = 0; n < claim.length; n++) {
    char c = claim.data[n];
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9');
    if (is_letter)
      buffer_char(&base, (char)(c >= 'a' && c <= 'z' ? c - 32 : c));
    else if (base.length && base.data[base.length - 1] != '_')
      buffer_char(&base, '_');
  }
  bool is_name = base.length && (*base.data < '0' || *base.data > '9');
  slice name = is_name ? buffer_slice(&base) : SLICE("VALUE");
  for (int n = 2;; n++) {
    buffer whole = buffer_in(a), next = buffer_in(a);
    buffer_printf(&whole, "${%.*s}", SLICE_ARGS(name));
    if (n > TRIES_MAX || !holds(t->text, buffer_slice(&whole)))
      return name;
    buffer_printf(&next, "%s_%d", is_name ? buffer_slice(&base).data : "VALUE",
                  n);
    name = buffer_slice(&next);
  }
}

static bool is_constant(const word_tokens *t, size_t i) {
  return i < t->count && slice_is(constant_property(t, i), "value") &&
         (t->items[i].role == ROLE_VALUE || t->items[i].role == ROLE_BOOLEAN) &&
         !memchr(token_text(t, i).data, '$', token_text(t, i).length);
}

/* What the constant was stands in a comment before the rule, unless that would
 * be within something else. */
static void add_note(const lsp_request *r, array_builder *edits,
                     const word_tokens *t, size_t first, slice name,
                     slice was) {
  const line_index *lines = &r->document->now->lines;
  while (first && t->items[first - 1].rule == t->items[first].rule)
    first--;
  uint32_t place = t->items[first].where.begin;
  uint32_t begin = lines->starts[line_index_position(lines, place).line - 1];
  size_t before = tokens_before(t, begin);
  buffer note = buffer_in(r->arena);
  if ((before && t->items[before - 1].where.end > begin) ||
      memchr(was.data, '\n', was.length) || memchr(was.data, '\r', was.length))
    return;
  buffer_printf(&note, "// placeholder %.*s: %.*s\n", SLICE_ARGS(name),
                SLICE_ARGS(was));
  array_add(edits, lsp_edit(r, (span){begin, begin}, buffer_slice(&note)));
}

/* Every place where the claim has that constant. */
static value placeholder_edits(const lsp_request *r, const word_tokens *t,
                               size_t at, slice name) {
  array_builder edits = array_in(r->arena);
  slice claim = claim_name(t, at), was = token_text(t, at);
  bool is_text = t->items[at].kind == TOKEN_STRING;
  bool is_noted = false;
  buffer text = buffer_in(r->arena);
  buffer_printf(&text, is_text ? "\"${%.*s}\"" : "${%.*s}",
                SLICE_ARGS(name));
  for (size_t i = 0; i < t->count; i++) {
    if (t->items[i].kind != t->items[at].kind ||
        !slice_equal(token_text(t, i), was) || !is_constant(t, i) ||
        !slice_equal(claim_name(t, i), claim))
      continue;
    if (!is_noted)
      add_note(r, &edits, t, i, name, was);
    is_noted = true;
    array_add(&edits, lsp_edit(r, t->items[i].where, buffer_slice(&text)));
  }
  return array_value(&edits);
}

static void add_placeholder(const lsp_request *r, array_builder *list,
                            const word_tokens *t, size_t at) {
  static const char kind[] = "refactor.extract";
  bool asks = lsp_at(r->params, "context", "only") != NULL;
  if (!lsp_wants_action(r, kind))
    return;
  if (!is_constant(t, at)) {
    if (asks)
      lsp_add_action(r, list, SLICE("extract into a placeholder"), kind, NULL,
                     "no value of a claim stands here");
    return;
  }
  slice name = placeholder_name(r->arena, t, at);
  value edits = placeholder_edits(r, t, at, name);
  buffer title = buffer_in(r->arena);
  buffer_printf(&title, "extract into the placeholder ${%.*s}, which envsubst "
                        "fills in", SLICE_ARGS(name));
  lsp_add_action(r, list, buffer_slice(&title), kind, &edits, NULL);
}

/* --- old names ------------------------------------------------------------ */

static bool is_made(const word_tokens *t, slice name) {
  for (size_t i = 0; i < t->count; i++)
    if (t->items[i].role == ROLE_CLAIM_WRITE &&
        slice_equal(inside_text(t, i), name))
      return true;
  return false;
}

/* The new name of a claim of the evidence that is read; NULL: it has none. Of
 * one that a rule makes, too, another name would be another claim. */
static const char *new_name(const lsp_request *r, const word_tokens *t,
                            size_t i) {
  if (i >= t->count || t->items[i].role != ROLE_CLAIM_READ)
    return NULL;
  slice name = inside_text(t, i);
  const claim_entry *e =
      claim_catalogue_find(name, document_type(r->document));
  return e && e->deprecated_for && e->seen != CLAIM_SEEN_IN_TOKEN &&
                 !is_made(t, name)
             ? e->deprecated_for
             : NULL;
}

static void add_new_names(const lsp_request *r, array_builder *list,
                          const word_tokens *t, size_t at) {
  static const char kind[] = "refactor.rewrite";
  const char *here = new_name(r, t, at);
  array_builder all = array_in(r->arena), one = array_in(r->arena);
  if (!here || !lsp_wants_action(r, kind))
    return;
  for (size_t i = 0; i < t->count; i++) {
    const char *name = new_name(r, t, i);
    if (name)
      array_add(&all, lsp_edit(r, token_inside(t, i), slice_from(name)));
  }
  buffer title = buffer_in(r->arena);
  array_add(&one, lsp_edit(r, token_inside(t, at), slice_from(here)));
  value edits = array_value(&one), all_edits = array_value(&all);
  buffer_printf(&title, "write the new name %s", here);
  lsp_add_action(r, list, buffer_slice(&title), kind, &edits, NULL);
  if (all.count > 1)
    lsp_add_action(r, list,
                   SLICE("write the new names of all claims that are read"),
                   kind, &all_edits, NULL);
}

void lsp_add_refactorings(lsp_request *r, array_builder *list, span range) {
  const word_tokens *t = document_tokens(r->document);
  size_t at = token_at(t, range.begin);
  add_placeholder(r, list, t, at);
  add_new_names(r, list, t, at);
}
