/* SPDX-License-Identifier: Apache-2.0 */
/* The page of an item that completion offered. */
#include "lsp/query_help.h"
#include "lsp/reference.h"
#include "lsp/server.h"

static void add_page(buffer *out, slice group, slice label,
                     attestation_type type) {
  static const struct {
    const char *group;
    const word_help *table;
  } tables[] = {{"section", section_help},
                {"action", action_help},
                {"property", property_help},
                {"argument", argument_help},
                {"setting", settings_help}};
  const claim_entry *e = claim_catalogue_find(label, type);
  const function_help *f = function_help_find(label);
  if (slice_is(group, "claim") && e)
    claim_page(out, e);
  if (slice_is(group, "function") && f)
    buffer_printf(out, "%s\n\n```maapolicy\n%s\n```\n", f->text, f->example);
  const query_function_help *q = query_function_find(label);
  const event_field *field = event_field_find(label, EVENT_PARENT_ANY);
  if (slice_is(group, "query") && q)
    query_function_page(out, q);
  if (slice_is(group, "event") && field)
    buffer_printf(out, "%s\n", field->meaning);
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    const word_help *h = slice_is(group, tables[i].group)
                             ? word_help_find(tables[i].table, label)
                             : NULL;
    if (h)
      buffer_text(out, h->text);
  }
}

value lsp_resolve(lsp_request *r) {
  if (!r->params || r->params->kind != VALUE_OBJECT)
    return lsp_refuse(r, LSP_INVALID_PARAMS, "an item is missing");
  object_builder o = object_in(r->arena);
  for (uint32_t i = 0; i < r->params->count; i++)
    object_set(&o, member_name(&r->params->members[i]),
               r->params->members[i].value);
  const value *data = lsp_at(r->params, "data", NULL);
  const value *type = lsp_at(data, "type", NULL);
  bool has_type = type && type->kind == VALUE_INTEGER && type->integer > 0 &&
                  type->integer < ATTESTATION_TYPE_COUNT;
  buffer page = buffer_in(r->arena);
  add_page(&page, lsp_text_member(data, "group"),
           lsp_text_member(r->params, "label"),
           has_type ? (attestation_type)type->integer
                    : ATTESTATION_TYPE_UNKNOWN);
  if (page.length)
    set(&o, "documentation", lsp_markdown(r->arena, buffer_slice(&page)));
  return object_value(&o);
}
