/* SPDX-License-Identifier: Apache-2.0 */
/* Quick fixes: of one finding, of all, or a comment that silences it. */
#include "compiler/fix.h"
#include "compiler/suppress.h"
#include "lsp/server.h"

static bool touches(span a, span b) {
  return a.begin <= b.end && b.begin <= a.end;
}

/* Whether the client wants actions of that kind or below it. */
static bool is_wanted(const lsp_request *r, const char *kind) {
  const value *only = lsp_at(r->params, "context", "only");
  if (!only || only->kind != VALUE_ARRAY)
    return true;
  for (uint32_t i = 0; i < only->count; i++) {
    if (only->items[i].kind != VALUE_STRING)
      continue;
    slice wanted = value_string(&only->items[i]);
    size_t n = wanted.length;
    if (!n || (n <= strlen(kind) && memcmp(kind, wanted.data, n) == 0 &&
               (!kind[n] || kind[n] == '.')))
      return true;
  }
  return false;
}

static void add_action(const lsp_request *r, array_builder *list,
                       slice title, const char *kind, value edits,
                       const diagnostic *f, bool is_preferred) {
  object_builder o = object_in(r->arena);
  set(&o, "title", value_text(title));
  set_text(&o, "kind", kind);
  set(&o, "edit", lsp_workspace_edit(r, edits));
  if (is_preferred)
    set_flag(&o, "isPreferred", true);
  if (f) {
    array_builder solved = array_in(r->arena);
    array_add(&solved, lsp_finding(r, r->document, f));
    set(&o, "diagnostics", array_value(&solved));
  }
  array_add(list, object_value(&o));
}

static void add_fixes(const lsp_request *r, array_builder *list,
                      const diagnostic *f) {
  for (const fix *x = f->fixes; x; x = x->next) {
    array_builder edits = array_in(r->arena);
    buffer title = buffer_in(r->arena);
    bool is_safe = x->applicability == FIX_SAFE;
    for (const text_edit *e = x->edits; e; e = e->next)
      array_add(&edits, lsp_edit(r, e->where, e->text));
    buffer_printf(&title, "%s%s", x->title,
                  is_safe ? "" : " (may change the meaning)");
    add_action(r, list, buffer_slice(&title), "quickfix",
               array_value(&edits), f, is_safe && x == f->fixes);
  }
}

/* A line of its own before that of the finding, as far in. */
static void add_silence(const lsp_request *r, array_builder *list,
                        const diagnostic *f) {
  const line_index *lines = &r->document->now->lines;
  buffer title = buffer_in(r->arena), text = buffer_in(r->arena);
  array_builder edits = array_in(r->arena);
  position p = line_index_position(lines, f->where.begin);
  slice line = line_index_line(lines, p.line);
  uint32_t begin = lines->starts[p.line - 1];
  size_t indent = 0;
  while (indent < line.length &&
         (line.data[indent] == ' ' || line.data[indent] == '\t'))
    indent++;
  buffer_add(&text, (slice){line.data, indent});
  buffer_printf(&text, "// maapol-ignore %s\n", code_text(f->code));
  buffer_printf(&title, "silence %s here", code_text(f->code));
  array_add(&edits,
            lsp_edit(r, (span){begin, begin}, buffer_slice(&text)));
  add_action(r, list, buffer_slice(&title), "quickfix", array_value(&edits),
             f, false);
}

/* In the midst of a string or block comment a line would be part of it. */
static bool can_silence(const lsp_request *r, const diagnostic *f) {
  document *d = r->document;
  const word_tokens *t = document_tokens(d);
  position p = line_index_position(&d->now->lines, f->where.begin);
  uint32_t begin = d->now->lines.starts[p.line - 1];
  size_t next = tokens_before(t, begin);
  return f->severity != SEVERITY_ERROR &&
         (!next || t->items[next - 1].where.end <= begin);
}

/* Fix all: the same as `maapol check --fix`. */

static policy *inspect(void *context, arena *a, slice text, size_t *errors) {
  const document *d = context;
  policy *p = policy_compile(a, text);
  attestation_type type = policy_directive_type(p->ast);
  lint_options o = {.type = type ? type : d->settings.type};
  policy_lint(a, p, &o);
  levels_apply(&d->settings.levels, &p->findings);
  *errors = p->findings.errors;
  suppressor silence = {.type = o.type};
  policy_suppress(a, p, &silence);
  return p;
}

static void add_fix_all(const lsp_request *r, array_builder *list) {
  document *d = r->document;
  fixer f = {.inspect = inspect, .context = d, .with_unsafe = false};
  fix_result made = policy_fix(r->arena, d->now->text, &f);
  if (!made.applied)
    return;
  array_builder edits = array_in(r->arena);
  span whole = {0, (uint32_t)d->now->text.length};
  array_add(&edits, lsp_edit(r, whole, made.text));
  add_action(r, list, SLICE("apply all safe fixes"), "source.fixAll",
             array_value(&edits), NULL, false);
}

static bool has_safe_fix(const diagnostics *list) {
  for (const diagnostic *f = list->first; f; f = f->next)
    for (const fix *x = f->fixes; x; x = x->next)
      if (x->applicability == FIX_SAFE)
        return true;
  return false;
}

value lsp_code_actions(lsp_request *r) {
  array_builder list = array_in(r->arena);
  span range;
  if (!lsp_read_range(r, lsp_at(r->params, "range", NULL), &range))
    return lsp_refuse(r, LSP_INVALID_PARAMS, "a range is missing");
  const diagnostics *findings = &document_policy(r->document)->findings;
  if (!r->server->creates_literals || !document_is_plain(r->document))
    return array_value(&list);
  bool wants_quick = is_wanted(r, "quickfix");
  for (const diagnostic *f = findings->first; f && wants_quick; f = f->next)
    if (touches(f->where, range))
      add_fixes(r, &list, f);
  for (const diagnostic *f = findings->first; f && wants_quick; f = f->next)
    if (touches(f->where, range) && can_silence(r, f))
      add_silence(r, &list, f);
  if (is_wanted(r, "source.fixAll") && has_safe_fix(findings))
    add_fix_all(r, &list);
  return array_value(&list);
}
