/* SPDX-License-Identifier: Apache-2.0 */
/* Findings, pushed after every change or given when asked for. */
#include <inttypes.h>

#include "base/limits.h"
#include "lsp/json_document.h"

value lsp_position(const lsp_request *r, const document *d, uint32_t offset) {
  object_builder o = object_in(r->arena);
  editor_place p =
      position_near(&d->now->lines, offset, r->server->encoding,
                    &r->server->memo);
  set_number(&o, "line", p.line);
  set_number(&o, "character", p.character);
  return object_value(&o);
}

value lsp_range(const lsp_request *r, const document *d, span where) {
  object_builder o = object_in(r->arena);
  set(&o, "start", lsp_position(r, d, where.begin));
  set(&o, "end", lsp_position(r, d, where.end));
  return object_value(&o);
}

value lsp_location(const lsp_request *r, const document *d, span where) {
  object_builder o = object_in(r->arena);
  set(&o, "uri", value_text(d->uri));
  set(&o, "range", lsp_range(r, d, where));
  return object_value(&o);
}

/* LSP: 1 error, 2 warning, 3 information. */
static int severity_number(severity s) {
  return s == SEVERITY_ERROR ? 1 : s == SEVERITY_WARNING ? 2 : 3;
}

/* Editors draw these faded out (1) or struck through (2). */
static int tag_of(diagnostic_code code) {
  switch (code) {
  case CODE_C103:
    return 2;
  case CODE_L203:
  case CODE_L204:
  case CODE_L205:
  case CODE_L206:
  case CODE_L207:
  case CODE_L209:
  case CODE_F402:
  case CODE_F405:
    return 1;
  default:
    return 0;
  }
}

/* Of a policy inside of a token, places are told in words. */
static span place_of(document *d, span where) {
  if (document_is_plain(d))
    return where;
  slice first = line_index_line(&d->now->lines, 1);
  return (span){0, (uint32_t)first.length};
}

static slice message_of(const lsp_request *r, document *d,
                        const diagnostic *f) {
  buffer b = buffer_in(r->arena);
  buffer_text(&b, f->message);
  if (!document_is_plain(d)) {
    line_index inside;
    line_index_make(&inside, r->arena, document_policy(d)->text);
    position p = line_index_position(&inside, f->where.begin);
    buffer_printf(&b, " (line %u, column %u of the text inside)", p.line,
                  p.column);
  }
  if (f->help)
    buffer_printf(&b, "\nhelp: %s", f->help);
  return buffer_slice(&b);
}

static value related(const lsp_request *r, const document *d,
                     const diagnostic *f) {
  array_builder list = array_in(r->arena);
  for (const diagnostic_label *l = f->labels; l; l = l->next) {
    object_builder o = object_in(r->arena);
    set(&o, "location", lsp_location(r, d, l->where));
    /* A copy: the document may be forgotten before this is sent. */
    set_text(&o, "message", arena_string(r->arena, slice_from(l->text)));
    array_add(&list, object_value(&o));
  }
  return array_value(&list);
}

static value link_of(const lsp_request *r, diagnostic_code code) {
  object_builder o = object_in(r->arena);
  buffer b = buffer_in(r->arena);
  buffer_printf(&b, "%s%s.md", r->server->host->rules_url, code_text(code));
  set(&o, "href", value_text(buffer_slice(&b)));
  return object_value(&o);
}

value lsp_finding(const lsp_request *r, document *d, const diagnostic *f) {
  object_builder o = object_in(r->arena);
  set(&o, "range", lsp_range(r, d, place_of(d, f->where)));
  set_number(&o, "severity", severity_number(f->severity));
  set_text(&o, "code", code_text(f->code));
  if (r->server->host->rules_url)
    set(&o, "codeDescription", link_of(r, f->code));
  set_text(&o, "source", "maapol");
  set(&o, "message", value_text(message_of(r, d, f)));
  if (f->labels && r->server->shows_related && document_is_plain(d))
    set(&o, "relatedInformation", related(r, d, f));
  int tag = tag_of(f->code);
  if (tag) {
    array_builder tags = array_in(r->arena);
    array_add(&tags, value_integer(tag));
    set(&o, "tags", array_value(&tags));
  }
  return object_value(&o);
}

static value findings_of(const lsp_request *r, document *d) {
  if (document_kind_of(d) != DOCUMENT_POLICY)
    return json_findings(r, d);
  array_builder list = array_in(r->arena);
  const diagnostics *findings = &document_policy(d)->findings;
  for (const diagnostic *f = findings->first; f; f = f->next)
    array_add(&list, lsp_finding(r, d, f));
  return array_value(&list);
}

static void publish(lsp_server *s, slice uri, const int64_t *version,
                    value list) {
  object_builder o = object_in(&s->scratch);
  set(&o, "uri", value_text(uri));
  if (version)
    set_number(&o, "version", *version);
  set(&o, "diagnostics", list);
  lsp_notify(s, "textDocument/publishDiagnostics", object_value(&o));
}

/* --- pushed --------------------------------------------------------------- */

/* A policy may have a thousand findings, and all are sent after each key: the
 * text of the message is written at once, as json_write would write it. */

static editor_place find_place(const lsp_request *r, const document *d,
                               uint32_t offset) {
  return position_near(&d->now->lines, offset, r->server->encoding,
                       &r->server->memo);
}

static void write_place(buffer *out, editor_place p) {
  buffer_add(out, SLICE("{\"character\":"));
  json_write_integer(out, p.character);
  buffer_add(out, SLICE(",\"line\":"));
  json_write_integer(out, p.line);
  buffer_char(out, '}');
}

/* The end is written first, but found from the begin. */
static void write_range(buffer *out, const lsp_request *r, const document *d,
                        span where) {
  editor_place begin = find_place(r, d, where.begin);
  editor_place end = find_place(r, d, where.end);
  buffer_add(out, SLICE("\"range\":{\"end\":"));
  write_place(out, end);
  buffer_add(out, SLICE(",\"start\":"));
  write_place(out, begin);
  buffer_char(out, '}');
}

static void write_related(buffer *out, const lsp_request *r, const document *d,
                          const diagnostic *f) {
  buffer_add(out, SLICE(",\"relatedInformation\":["));
  for (const diagnostic_label *l = f->labels; l; l = l->next) {
    buffer_add(out, SLICE("{\"location\":{"));
    write_range(out, r, d, l->where);
    buffer_add(out, SLICE(",\"uri\":"));
    json_write_string(out, d->uri);
    buffer_add(out, SLICE("},\"message\":"));
    json_write_string(out, slice_from(l->text));
    buffer_add(out, l->next ? SLICE("},") : SLICE("}"));
  }
  buffer_char(out, ']');
}

static void write_link(buffer *out, const lsp_request *r,
                       diagnostic_code code) {
  buffer link = buffer_in(r->arena);
  buffer_text(&link, r->server->host->rules_url);
  buffer_text(&link, code_text(code));
  buffer_text(&link, ".md");
  buffer_add(out, SLICE(",\"codeDescription\":{\"href\":"));
  json_write_string(out, buffer_slice(&link));
  buffer_char(out, '}');
}

static void write_finding(buffer *out, const lsp_request *r, document *d,
                          const diagnostic *f) {
  buffer_add(out, SLICE("{\"code\":"));
  json_write_string(out, slice_from(code_text(f->code)));
  if (r->server->host->rules_url)
    write_link(out, r, f->code);
  buffer_add(out, SLICE(",\"message\":"));
  json_write_string(out, message_of(r, d, f));
  buffer_char(out, ',');
  write_range(out, r, d, place_of(d, f->where));
  if (f->labels && r->server->shows_related && document_is_plain(d))
    write_related(out, r, d, f);
  buffer_add(out, SLICE(",\"severity\":"));
  json_write_integer(out, severity_number(f->severity));
  buffer_add(out, SLICE(",\"source\":\"maapol\""));
  if (tag_of(f->code)) {
    buffer_add(out, SLICE(",\"tags\":["));
    json_write_integer(out, tag_of(f->code));
    buffer_char(out, ']');
  }
  buffer_char(out, '}');
}

static void push_findings(lsp_server *s, document *d) {
  lsp_request r = {.server = s, .arena = &s->scratch};
  buffer out = buffer_in(&s->scratch);
  buffer_add(&out,
             SLICE("{\"jsonrpc\":\"2.0\",\"method\":"
                   "\"textDocument/publishDiagnostics\",\"params\":{"
                   "\"diagnostics\":["));
  for (const diagnostic *f = document_policy(d)->findings.first; f;
       f = f->next) {
    write_finding(&out, &r, d, f);
    if (f->next)
      buffer_char(&out, ',');
  }
  buffer_add(&out, SLICE("],\"uri\":"));
  json_write_string(&out, d->uri);
  buffer_add(&out, SLICE(",\"version\":"));
  json_write_integer(&out, d->version);
  buffer_add(&out, SLICE("}}"));
  s->host->send(s->host->context, buffer_slice(&out));
}

void lsp_publish(lsp_server *s, document *d) {
  lsp_request r = {.server = s, .arena = &s->scratch};
  if (s->pulls_diagnostics)
    return;
  if (document_kind_of(d) == DOCUMENT_POLICY)
    push_findings(s, d);
  else
    publish(s, d->uri, &d->version, findings_of(&r, d));
}

void lsp_publish_nothing(lsp_server *s, slice uri) {
  array_builder none = array_in(&s->scratch);
  if (!s->pulls_diagnostics)
    publish(s, uri, NULL, array_value(&none));
}

/* Pull: "unchanged" if the client has those of the same text. */
static value report(const lsp_request *r, document *d, slice known) {
  object_builder o = object_in(r->arena);
  buffer id = buffer_in(r->arena);
  buffer_printf(&id, "%" PRIu64, d->revision);
  bool is_same = slice_equal(known, buffer_slice(&id));
  set_text(&o, "kind", is_same ? "unchanged" : "full");
  set(&o, "resultId", value_text(buffer_slice(&id)));
  if (!is_same)
    set(&o, "items", findings_of(r, d));
  return object_value(&o);
}

value lsp_pull(lsp_request *r) {
  return report(r, r->document,
                lsp_text_member(r->params, "previousResultId"));
}

static slice known_result(const lsp_request *r, slice uri) {
  const value *list = lsp_at(r->params, "previousResultIds", NULL);
  for (uint32_t i = 0;
       list && list->kind == VALUE_ARRAY && i < list->count; i++)
    if (slice_equal(lsp_text_member(&list->items[i], "uri"), uri))
      return lsp_text_member(&list->items[i], "value");
  return SLICE_EMPTY;
}

/* Of the documents that are open. */
void lsp_open_reports(const lsp_request *r, array_builder *list) {
  documents *all = &r->server->documents;
  for (size_t i = 0; i < all->count; i++) {
    document *d = all->items[i];
    if (!d->uri.length)
      continue;
    documents_trim(all, LIMIT_LSP_KNOWN_BYTES);
    value one = report(r, d, known_result(r, d->uri));
    object_builder item = object_in(r->arena);
    for (uint32_t m = 0; m < one.count; m++)
      object_set(&item, member_name(&one.members[m]), one.members[m].value);
    set(&item, "uri", value_text(d->uri));
    set_number(&item, "version", d->version);
    array_add(list, object_value(&item));
  }
}
