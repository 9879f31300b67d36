/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/json_document.h"

#include "lsp/language.h"
#include "lsp/schema.h"

/* --- kinds ---------------------------------------------------------------- */

static bool ends_with(slice text, const char *ending) {
  size_t length = strlen(ending);
  return text.length >= length &&
         memcmp(text.data + text.length - length, ending, length) == 0;
}

/* A policy may stand in JSON as the service's answers have it. */
document_kind document_kind_of(const document *d) {
  if (lsp_is_decoded(d->uri)) /* what stands in a token, whatever its name */
    return DOCUMENT_POLICY;
  if (ends_with(d->uri, ".maatest.json"))
    return DOCUMENT_SUITE;
  if (ends_with(d->uri, "/.maapol.json"))
    return DOCUMENT_CONFIGURATION;
  if (ends_with(d->uri, ".json") &&
      !json_has_member(d->now->text, "AttestationPolicy"))
    return DOCUMENT_JSON;
  return DOCUMENT_POLICY;
}

const char *document_schema(const document *d) {
  switch (document_kind_of(d)) {
  case DOCUMENT_SUITE:
    return "maatest";
  case DOCUMENT_CONFIGURATION:
    return "maapol";
  default:
    return NULL;
  }
}

value document_handle(lsp_request *r, lsp_handler handle) {
  if (!r->document || document_kind_of(r->document) == DOCUMENT_POLICY ||
      handle == lsp_pull || handle == lsp_code_lenses ||
      handle == lsp_links)
    return handle(r);
  if (handle == lsp_hover)
    return json_hover(r);
  if (handle == lsp_complete)
    return json_complete(r);
  return value_null();
}

slice path_uri(arena *a, const char *path) {
  static const char plain[] = "-._~/";
  buffer out = buffer_in(a);
  buffer_text(&out, "file://");
  for (; *path; path++) {
    unsigned char c = (unsigned char)*path;
    bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z') || strchr(plain, c);
    if (is_plain)
      buffer_char(&out, *path);
    else
      buffer_printf(&out, "%%%02X", c);
  }
  return buffer_slice(&out);
}

bool document_suite(arena *a, const document *d, suite *result,
                    suite_error *error) {
  return suite_read(a, d->path.length ? d->path.data : "-", d->now->text,
                    result, error);
}

/* --- findings ------------------------------------------------------------- */

static void add_finding(const lsp_request *r, document *d,
                        array_builder *list, span where,
                        const char *message) {
  object_builder o = object_in(r->arena);
  set(&o, "range", lsp_range(r, d, where));
  set_number(&o, "severity", 1);
  set_text(&o, "source", "maapol");
  set_text(&o, "message", message);
  array_add(list, object_value(&o));
}

static void add_syntax_error(const lsp_request *r, document *d,
                             array_builder *list, const json_error *error) {
  buffer message = buffer_in(r->arena);
  buffer_text(&message, error->message);
  if (error->name.length)
    buffer_printf(&message, ": \"%.*s\"", SLICE_ARGS(error->name));
  uint32_t at = (uint32_t)error->offset;
  uint32_t end = at < d->now->text.length ? at + 1 : at;
  add_finding(r, d, list, (span){at, end}, buffer_slice(&message).data);
}

/* The reader names the line and the column, in characters. */
static span place_in_line(const document *d, uint32_t line, uint32_t column) {
  slice text = line_index_line(&d->now->lines, line ? line : 1);
  size_t at = 0;
  for (uint32_t i = 1; i < column && at < text.length; i++)
    for (at++; at < text.length && (text.data[at] & 0xC0) == 0x80; at++)
      ;
  uint32_t begin = (uint32_t)(text.data - d->now->text.data);
  return (span){begin + (uint32_t)at, begin + (uint32_t)text.length};
}

/* What no schema can say: names that stand twice, claims that are none. */
static void add_suite_error(const lsp_request *r, document *d,
                            array_builder *list) {
  suite read;
  suite_error error;
  if (!document_suite(r->arena, d, &read, &error))
    add_finding(r, d, list, place_in_line(d, error.line, error.column),
                error.message);
}

static void add_schema_findings(const lsp_request *r, document *d,
                                array_builder *list, const value *v) {
  schema s;
  schema_findings found = {.count = 0};
  if (!schema_open(&s, r->arena, document_schema(d)))
    return;
  schema_check(&s, d->now->text, v, &found);
  for (size_t i = 0; i < found.count; i++)
    add_finding(r, d, list, found.items[i].where, found.items[i].message);
}

value json_findings(const lsp_request *r, document *d) {
  array_builder list = array_in(r->arena);
  json_error error;
  value v;
  if (!document_schema(d))
    return array_value(&list);
  if (!json_read(r->arena, d->now->text, 0, &v, &error)) {
    add_syntax_error(r, d, &list, &error);
    return array_value(&list);
  }
  add_schema_findings(r, d, &list, &v);
  if (!list.count && document_kind_of(d) == DOCUMENT_SUITE)
    add_suite_error(r, d, &list);
  if (!list.count && document_kind_of(d) == DOCUMENT_SUITE)
    suite_failures(r, d, &list);
  return array_value(&list);
}
