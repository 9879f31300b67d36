/* SPDX-License-Identifier: Apache-2.0 */
/* Code lenses: what a policy decides on its samples, above the policy; and
 * what became of each rule, above the rule. */
#include "base/limits.h"
#include "lsp/decision.h"
#include "lsp/json_document.h"

enum { TITLE_MAX = 160 };

/* Cut at a character. */
static slice title_of(slice text) {
  size_t length = TITLE_MAX;
  if (text.length <= length)
    return text;
  while (length && (text.data[length] & 0xC0) == 0x80)
    length--;
  return (slice){text.data, length};
}

value lsp_lens(const lsp_request *r, span where, slice title,
               const char *command, value argument) {
  object_builder o = object_in(r->arena), c = object_in(r->arena);
  array_builder arguments = array_in(r->arena);
  buffer shown = buffer_in(r->arena);
  slice cut = title_of(title);
  buffer_add(&shown, cut);
  if (cut.length < title.length)
    buffer_text(&shown, " ..");
  set(&c, "title", value_text(buffer_slice(&shown)));
  set_text(&c, "command", command);
  array_add(&arguments, argument);
  if (*command)
    set(&c, "arguments", array_value(&arguments));
  set(&o, "range", lsp_range(r, r->document, where));
  set(&o, "command", object_value(&c));
  return object_value(&o);
}

/* --- above the policy ----------------------------------------------------- */

/* The name of authorizationrules; without any, the first token. */
static span anchor(document *d) {
  const ast_policy *tree = document_policy(d)->ast;
  if (!document_is_plain(d))
    return (span){0, 0};
  for (const ast_section *s = tree->sections; s; s = s->next)
    if (section_from_name(ast_text(tree, s->name)) == SECTION_AUTHORIZATION)
      return s->name;
  return (span){tree->first_token, tree->first_token};
}

static value evaluate_argument(const lsp_request *r, const char *name) {
  object_builder o = object_in(r->arena);
  set(&o, "uri", value_text(r->document->uri));
  if (name)
    set_text(&o, "sample", name);
  set_flag(&o, "show", true);
  return object_value(&o);
}

static void add_decisions(lsp_request *r, array_builder *list,
                          const sample_book *book) {
  span where = anchor(r->document);
  for (size_t i = 0; i < book->count; i++)
    array_add(list, lsp_lens(r, where,
                             decision_title(r->arena, book, i),
                             "maapol.evaluate",
                             evaluate_argument(r, book->samples[i].name)));
  if (!book->left_out)
    return;
  buffer more = buffer_in(r->arena);
  buffer_printf(&more, "%zu more samples", book->left_out);
  array_add(list, lsp_lens(r, where, buffer_slice(&more), "", value_null()));
}

static void add_suites(lsp_request *r, array_builder *list,
                       const sample_book *book) {
  for (size_t i = 0; i < book->suite_count; i++) {
    object_builder o = object_in(r->arena);
    buffer title = buffer_in(r->arena);
    const char *slash = strrchr(book->suites[i], '/');
    buffer_printf(&title, "run tests of %s",
                  slash ? slash + 1 : book->suites[i]);
    set(&o, "uri", value_text(path_uri(r->arena, book->suites[i])));
    set_flag(&o, "show", true);
    array_add(list, lsp_lens(r, anchor(r->document), buffer_slice(&title),
                             "maapol.test", object_value(&o)));
  }
}

/* --- above rules ---------------------------------------------------------- */

/* t: of the rule; NULL: it was not reached, or failed. */
static void write_outcome(buffer *out, const evaluation *e, uint32_t rule,
                          const trace_entry *t) {
  if (!t && e->reason == REASON_RULE_FAILED && e->rule == rule)
    buffer_printf(out, "failed: %s", e->message);
  else if (!t)
    buffer_text(out, "was not reached");
  else if (t->fired)
    buffer_printf(out, "ran: %s", t->text);
  else
    buffer_printf(out, "did not run, condition %u: %s",
                  (unsigned)t->condition + 1, t->text);
}

static void add_rules(lsp_request *r, array_builder *list,
                      const sample_book *book) {
  const sample_decision *shown = samples_shown(book);
  const program *p = book->program;
  const trace_entry *next = shown ? shown->evaluation.trace : NULL;
  if (!shown || !p || !document_is_plain(r->document))
    return;
  for (uint32_t i = 0; i < p->rule_count && i < LIMIT_LSP_HINTS; i++) {
    buffer title = buffer_in(r->arena);
    buffer_printf(&title, "%s%s: ", decision_of_what(shown->sample),
                  shown->sample->name);
    bool is_here = next && next->rule == i; /* as rules run, so they stand */
    write_outcome(&title, &shown->evaluation, i, is_here ? next : NULL);
    next = is_here ? next->next : next;
    uint32_t begin = p->places[i].where.begin;
    array_add(list, lsp_lens(r, (span){begin, begin},
                             escaped_line(r->arena, buffer_slice(&title)),
                             "maapol.evaluate",
                             evaluate_argument(r, shown->sample->name)));
  }
}

value lsp_code_lenses(lsp_request *r) {
  array_builder list = array_in(r->arena);
  if (r->server->wishes.no_lenses)
    return array_value(&list);
  if (document_kind_of(r->document) == DOCUMENT_SUITE) {
    suite_lenses(r, &list);
    return array_value(&list);
  }
  const sample_book *book = document_kind_of(r->document) == DOCUMENT_POLICY
                                ? samples_decided(r->server, r->document)
                                : NULL;
  if (book) {
    add_decisions(r, &list, book);
    add_suites(r, &list, book);
    add_rules(r, &list, book);
  }
  return array_value(&list);
}
