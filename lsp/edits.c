/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the whole text and of a part. */
#include "compiler/format.h"
#include "lsp/language.h"

value lsp_edit(const lsp_request *r, span where, slice text) {
  object_builder o = object_in(r->arena);
  set(&o, "range", lsp_range(r, r->document, where));
  set(&o, "newText", value_text(text));
  return object_value(&o);
}

value lsp_workspace_edit(const lsp_request *r, value edits) {
  object_builder o = object_in(r->arena), changes = object_in(r->arena);
  object_set(&changes, r->document->uri, edits);
  set(&o, "changes", object_value(&changes));
  return object_value(&o);
}

static bool is_inside_character(slice text, size_t at) {
  return at < text.length && (text.data[at] & 0xC0) == 0x80;
}

/* The part that differs, in whole characters. */
static span difference(slice before, slice after, slice *replacement) {
  size_t front = 0, back = 0;
  size_t least = before.length < after.length ? before.length : after.length;
  while (front < least && before.data[front] == after.data[front])
    front++;
  while (front && (is_inside_character(before, front) ||
                   is_inside_character(after, front)))
    front--;
  while (back < least - front && before.data[before.length - 1 - back] ==
                                     after.data[after.length - 1 - back])
    back++;
  while (back && is_inside_character(before, before.length - back))
    back--;
  *replacement = (slice){after.data + front, after.length - front - back};
  return (span){(uint32_t)front, (uint32_t)(before.length - back)};
}

/* False: it cannot be laid out; r->error says why. */
static bool lay_out(lsp_request *r, format_result *made) {
  document *d = r->document;
  policy *p = document_policy(d);
  arena *a = &d->now->memory;
  size_t width = d->settings.width ? d->settings.width : FORMAT_WIDTH;
  const char *why = lsp_why_read_only(d);
  if (why) {
    lsp_refuse(r, LSP_REQUEST_FAILED, why);
    return false;
  }
  if (!format_is_possible(p->ast, &p->findings) ||
      p->ast->first_token >= p->text.length) {
    lsp_refuse(r, LSP_REQUEST_FAILED,
               "a text with syntax errors is left as it is");
    return false;
  }
  *made = format_policy(a, p->ast, width);
  if (format_is_proven(a, p->ast, made->text))
    return true;
  lsp_refuse(r, LSP_INTERNAL_ERROR,
             "the new layout would not be the same policy: this is a mistake "
             "of maapol, please report it");
  return false;
}

value lsp_format(lsp_request *r) {
  array_builder edits = array_in(r->arena);
  format_result made;
  if (!lay_out(r, &made))
    return value_null();
  if (!slice_equal(made.text, r->document->now->text)) {
    slice text;
    span where = difference(r->document->now->text, made.text, &text);
    array_add(&edits, lsp_edit(r, where, text));
  }
  return array_value(&edits);
}

value lsp_format_range(lsp_request *r) {
  array_builder edits = array_in(r->arena);
  span range, where;
  slice text;
  if (!lsp_read_range(r, lsp_at(r->params, "range", NULL), &range))
    return lsp_refuse(r, LSP_INVALID_PARAMS, "a range is missing");
  format_result made;
  if (!lay_out(r, &made))
    return value_null();
  if (format_range(document_policy(r->document)->ast, &made, range, &where,
                   &text))
    array_add(&edits, lsp_edit(r, where, text));
  return array_value(&edits);
}
