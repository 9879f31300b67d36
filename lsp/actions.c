/* SPDX-License-Identifier: Apache-2.0 */
/* Quick fixes: of one finding, of all of its code, of all; or a comment that
 * silences it. Changes that no finding asks for are in refactor.c. */
#include "compiler/fix.h"
#include "compiler/suppress.h"
#include "lsp/language.h"

static bool touches(span a, span b) {
  return a.begin <= b.end && b.begin <= a.end;
}

static const char fix_all_kind[] = "source.fixAll.maapol";

/* Whether the client wants actions of that kind or below it. */
bool lsp_wants_action(const lsp_request *r, const char *kind) {
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

static object_builder action_of(const lsp_request *r, slice title,
                                const char *kind) {
  object_builder o = object_in(r->arena);
  set(&o, "title", value_text(title));
  set_text(&o, "kind", kind);
  return o;
}

void lsp_add_action(const lsp_request *r, array_builder *list, slice title,
                    const char *kind, const value *edits,
                    const char *disabled) {
  object_builder o = action_of(r, title, kind);
  if (!edits && !r->server->language.shows_disabled)
    return;
  if (edits) {
    set(&o, "edit", lsp_workspace_edit(r, *edits));
  } else {
    object_builder why = object_in(r->arena);
    set_text(&why, "reason", disabled);
    set(&o, "disabled", object_value(&why));
  }
  array_add(list, object_value(&o));
}

/* edit: of the workspace. */
static void add_answer(const lsp_request *r, array_builder *list, slice title,
                       value edit, const diagnostic *f, bool is_preferred) {
  object_builder o = action_of(r, title, "quickfix");
  array_builder solved = array_in(r->arena);
  set(&o, "edit", edit);
  if (is_preferred)
    set_flag(&o, "isPreferred", true);
  array_add(&solved, lsp_finding(r, r->document, f));
  set(&o, "diagnostics", array_value(&solved));
  array_add(list, object_value(&o));
}

static void add_action(const lsp_request *r, array_builder *list,
                       slice title, value edits, const diagnostic *f,
                       bool is_preferred) {
  add_answer(r, list, title, lsp_workspace_edit(r, edits), f, is_preferred);
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
    add_action(r, list, buffer_slice(&title), array_value(&edits), f,
               is_safe && x == f->fixes);
  }
}

/* Of a code that several findings have: its safe fixes, as long as they do not
 * touch each other. */
static void add_fix_code(const lsp_request *r, array_builder *list,
                         const diagnostic *of) {
  const diagnostics *all = &document_policy(r->document)->findings;
  array_builder edits = array_in(r->arena);
  buffer title = buffer_in(r->arena);
  uint32_t end = 0;
  int count = 0;
  for (const diagnostic *f = all->first; f; f = f->next) {
    const fix *x = f->fixes;
    bool fits = f->code == of->code && x && x->applicability == FIX_SAFE &&
                x->edits && (x->edits->where.begin >= end || !count);
    for (const text_edit *e = x ? x->edits : NULL; fits && e; e = e->next) {
      array_add(&edits, lsp_edit(r, e->where, e->text));
      end = e->where.end;
    }
    count += fits;
  }
  if (count < 2)
    return;
  buffer_printf(&title, "fix all %d of %s in this text", count,
                code_text(of->code));
  add_action(r, list, buffer_slice(&title), array_value(&edits),
             of, false);
}

static const char *line_end(const lsp_request *r) {
  slice text = r->document->now->text;
  const char *end = memchr(text.data, '\n', text.length);
  return end && end > text.data && end[-1] == '\r' ? "\r\n" : "\n";
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
  buffer_printf(&text, "// maapol-ignore %s%s", code_text(f->code),
                line_end(r));
  buffer_printf(&title, "silence %s here", code_text(f->code));
  array_add(&edits,
            lsp_edit(r, (span){begin, begin}, buffer_slice(&text)));
  add_action(r, list, buffer_slice(&title), array_value(&edits),
             f, false);
}

static void add_silence_all(const lsp_request *r, array_builder *list,
                            const diagnostic *f) {
  buffer title = buffer_in(r->arena), text = buffer_in(r->arena);
  array_builder edits = array_in(r->arena);
  buffer_printf(&text, "// maapol-ignore-file %s%s", code_text(f->code),
                line_end(r));
  buffer_printf(&title, "silence %s in this text", code_text(f->code));
  array_add(&edits, lsp_edit(r, (span){0, 0}, buffer_slice(&text)));
  add_action(r, list, buffer_slice(&title), array_value(&edits),
             f, false);
}

/* What is an error by nature cannot be made less. */
static void add_switch_off(lsp_request *r, array_builder *list,
                           const diagnostic *f) {
  value edit;
  buffer title = buffer_in(r->arena);
  if (code_severity(f->code) == SEVERITY_ERROR ||
      !lsp_switch_off(r, f->code, &edit))
    return;
  buffer_printf(&title, "switch %s off in the configuration",
                code_text(f->code));
  add_answer(r, list, buffer_slice(&title), edit, f, false);
}

/* In the midst of a string or block comment a line would be part of it. */
static bool can_silence(const lsp_request *r, const diagnostic *f) {
  document *d = r->document;
  const word_tokens *t = document_tokens(d);
  position p = line_index_position(&d->now->lines, f->where.begin);
  uint32_t begin = d->now->lines.starts[p.line - 1];
  size_t next = tokens_before(t, begin);
  return !next || t->items[next - 1].where.end <= begin;
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

/* False: nothing can be applied. */
static bool fix_all_edits(const lsp_request *r, value *edits) {
  document *d = r->document;
  fixer f = {.inspect = inspect, .context = d, .with_unsafe = false};
  fix_result made = policy_fix(r->arena, d->now->text, &f);
  array_builder list = array_in(r->arena);
  span whole = {0, (uint32_t)d->now->text.length};
  array_add(&list, lsp_edit(r, whole, made.text));
  *edits = array_value(&list);
  return made.applied > 0;
}

static const char fix_all_title[] = "apply all safe fixes";

/* The edit takes the longest: clients that can ask for it later do. */
static void add_fix_all(const lsp_request *r, array_builder *list) {
  object_builder o = action_of(r, SLICE(fix_all_title), fix_all_kind);
  value edits;
  if (r->server->language.resolves_edits) {
    object_builder data = object_in(r->arena);
    set(&data, "uri", value_text(r->document->uri));
    set_number(&data, "revision", (int64_t)r->document->revision);
    set(&o, "data", object_value(&data));
    array_add(list, object_value(&o));
  } else if (fix_all_edits(r, &edits)) {
    lsp_add_action(r, list, SLICE(fix_all_title), fix_all_kind, &edits, NULL);
  }
}

value lsp_resolve_action(lsp_request *r) {
  const value *data = lsp_at(r->params, "data", NULL);
  const value *revision = lsp_at(data, "revision", NULL);
  object_builder o = object_in(r->arena);
  value edits;
  if (!r->params || r->params->kind != VALUE_OBJECT)
    return lsp_refuse(r, LSP_INVALID_PARAMS, "an action is missing");
  for (uint32_t i = 0; i < r->params->count; i++)
    object_set(&o, member_name(&r->params->members[i]),
               r->params->members[i].value);
  if (!data)
    return object_value(&o);
  r->document = documents_find(&r->server->documents,
                               lsp_text_member(data, "uri"));
  if (!r->document || !revision || revision->kind != VALUE_INTEGER ||
      revision->integer != (int64_t)r->document->revision)
    return lsp_refuse(r, LSP_CONTENT_MODIFIED,
                      "the text was changed meanwhile");
  if (fix_all_edits(r, &edits))
    set(&o, "edit", lsp_workspace_edit(r, edits));
  return object_value(&o);
}

static bool has_safe_fix(const diagnostics *list) {
  for (const diagnostic *f = list->first; f; f = f->next)
    for (const fix *x = f->fixes; x; x = x->next)
      if (x->applicability == FIX_SAFE)
        return true;
  return false;
}

/* Whether an action of that code is in the list of codes already. */
static bool is_first(const diagnostics *all, const diagnostic *f, span range) {
  for (const diagnostic *x = all->first; x && x != f; x = x->next)
    if (x->code == f->code && touches(x->where, range))
      return false;
  return true;
}

static void add_quick_fixes(lsp_request *r, array_builder *list,
                            span range) {
  const diagnostics *all = &document_policy(r->document)->findings;
  for (const diagnostic *f = all->first; f; f = f->next)
    if (touches(f->where, range))
      add_fixes(r, list, f);
  for (const diagnostic *f = all->first; f; f = f->next)
    if (touches(f->where, range) && is_first(all, f, range))
      add_fix_code(r, list, f);
  for (const diagnostic *f = all->first; f; f = f->next) {
    bool is_error = f->severity == SEVERITY_ERROR;
    if (!touches(f->where, range))
      continue;
    if (!is_error && can_silence(r, f))
      add_silence(r, list, f);
    if (!is_error && is_first(all, f, range))
      add_silence_all(r, list, f);
    if (is_error && is_first(all, f, range)) {
      buffer title = buffer_in(r->arena);
      buffer_printf(&title, "silence %s", code_text(f->code));
      lsp_add_action(r, list, buffer_slice(&title), "quickfix", NULL,
                     "an error is never silenced");
    }
    if (is_first(all, f, range))
      add_switch_off(r, list, f);
  }
}

/* What cannot be done is said when it was asked for by its kind. */
static bool asks_for(const lsp_request *r, const char *kind) {
  return lsp_at(r->params, "context", "only") && lsp_wants_action(r, kind);
}

value lsp_code_actions(lsp_request *r) {
  array_builder list = array_in(r->arena);
  span range;
  if (!lsp_read_range(r, lsp_at(r->params, "range", NULL), &range))
    return lsp_refuse(r, LSP_INVALID_PARAMS, "a range is missing");
  const diagnostics *findings = &document_policy(r->document)->findings;
  const char *why = lsp_why_read_only(r->document);
  if (!r->server->creates_literals)
    return array_value(&list);
  if (!why && lsp_wants_action(r, "quickfix"))
    add_quick_fixes(r, &list, range);
  if (!why)
    lsp_add_refactorings(r, &list, range);
  if (!why && !has_safe_fix(findings))
    why = "no finding has a safe fix";
  if (!why && lsp_wants_action(r, fix_all_kind))
    add_fix_all(r, &list);
  else if (why && asks_for(r, fix_all_kind))
    lsp_add_action(r, &list, SLICE(fix_all_title), fix_all_kind, NULL, why);
  return array_value(&list);
}
