/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of an open document, after each of which everything that the server
 * knows of it is what a fresh start would know. For the fuzz target and the
 * unit test. */
#ifndef TESTS_FUZZ_EDIT_REPLAY_H
#define TESTS_FUZZ_EDIT_REPLAY_H

#include "base/buffer.h"
#include "lsp/document.h"

/* Pieces of policies, right and wrong; what edits paste. */
static const char *const edit_pieces[] = {
    "a", "0", "9", " ", "\n", "\r", "\r\n", "\t", ";", "{", "}", "};", "[",
    "]", "(", ")", "\"", "\\", "/", "//", "/*", "*/", "=", "==", "=>", "&&",
    "!", ":", ".", ",", "<", ">=", "'", "`", "```", "#", "|", "&", "-", "->",
    "$", "{{", "}}", "{{name}}", "<name>", "\xe2\x80\x9c", "\xe2\x80\x9d",
    "\xc3\xa9", "\xff", "\xc2\xa0", "\x01", "or", "and", "true", "false",
    "version", "version=1.2;", "version=1.0;\n", "authorizationrules",
    "authorizationrules {", "issuancerules {", "issuancerules={",
    "configurationrules{", "permit", "permit()", "=> permit();\n",
    "=> permit()", "=> deny();", "[type==\"a\"]",
    "[type==\"a\", value==1] => permit();\n",
    "[type==\"a\", value==1] => deny();\n",
    "c:[type==\"b\"] => add(type=\"a\", value=c.value);\n",
    "=> add(type=\"a\", value=1);\n",
    "c:[type==\"a\", issuer==\"AttestationPolicy\"] => issue(claim=c);\n",
    "[type==\"x-ms-sgx-is-debuggable\", value==false] && ",
    "[type==\"$is-debuggable\", value==\"true\"] => permit();\n",
    "[type==\"x-ms-sgx-svn\", value>=3] => permit();",
    "![type==\"a\"] => add(type=\"a\", value=true);",
    "=> issueproperty(type=\"report_validity_in_minutes\", value=1440);",
    "c:[type==\"p\"] => issue(type=\"q\", value=JmesPath(c.value, \"a[0]\"));",
    "[type==\"a\\u00e9\\\"b\", value==\"\\q\"] => permit();",
    "// remark\n", "/* remark */", "// maapol: type=SgxEnclave\n",
    "// maapol: type=Nothing\n", "// maapol-ignore L\n",
    "// maapol-ignore-file C, F, L201 because\n", "// maapol-ignore X3, L2\n",
    "[type==\"a\", value==\"<placeholder>\"] => permit();",
    "[type==\"a\", value==99999999999999999999] => permit();",
    "[type==\"a\" value=1] [type==\"b\"] permit();", "nothing at all ",
    "eyJhbGciOiJub25lIn0.e30.", "package x", "\\\"", "\\n", "[type==\"",
    "JmesPath(JmesPath(JmesPath(JmesPath(", "\"a\n\"",
};
enum { EDIT_PIECES = sizeof edit_pieces / sizeof *edit_pieces };

static const char edit_start[] =
    "version=1.2;\n// maapol: type=SgxEnclave\nconfigurationrules\n{\n"
    "  => issueproperty(type=\"report_validity_in_minutes\", value=60);\n};\n"
    "authorizationrules\n{\n"
    "  [type==\"x-ms-sgx-is-debuggable\", value==true] => deny();\n"
    "  // maapol-ignore C101 known\n"
    "  c:[type==\"one\", issuer==\"AttestationService\"]\n"
    "    => add(type=\"two\", value=c.value);\n"
    "  [type==\"two\", value==2] && [type==\"x-ms-sgx-svn\", value>=2]\n"
    "    => permit(); // remark\n"
    "  [type==\"two\", value==2] && [type==\"x-ms-sgx-svn\", value>=3]\n"
    "    => permit();\n"
    "  ![type==\"three\"] => add(type=\"three\", value=\"a\\\"b\");\n};\n"
    "issuancerules\n{\n"
    "  /* a */ c:[type==\"two\"] => issue(claim=c);  \n"
    "  d:[type==\"x-ms-sgx-mrsigner\"] && [type==\"three\", value==d.value]\n"
    "    => issue(type=\"four\", value=JmesPath(d.value, \"a.b\"));\n"
    "};\n";

/* --- everything that is known, as text ------------------------------------ */

static void dump_span(buffer *b, const char *what, span s) {
  buffer_printf(b, " %s %u-%u", what, s.begin, s.end);
}

static void dump_arguments(buffer *b, const ast_argument *list);

static void dump_expr(buffer *b, const ast_expr *e) {
  buffer_printf(b, " expr %d", e->kind);
  dump_span(b, "at", e->where);
  if (e->kind == EXPR_STRING)
    buffer_printf(b, " %zu<%.*s>", e->string.length, SLICE_ARGS(e->string));
  else if (e->kind == EXPR_INTEGER)
    buffer_printf(b, " %lld", (long long)e->integer);
  else if (e->kind == EXPR_BOOLEAN)
    buffer_printf(b, " %d", e->boolean);
  else if (e->kind == EXPR_PROPERTY || e->kind == EXPR_NAME)
    dump_span(b, "of", e->property.identifier);
  if (e->kind == EXPR_PROPERTY)
    dump_span(b, "property", e->property.property);
  if (e->kind != EXPR_CALL)
    return;
  dump_span(b, "call", e->call.function);
  dump_arguments(b, e->call.arguments);
}

static void dump_arguments(buffer *b, const ast_argument *list) {
  for (const ast_argument *a = list; a; a = a->next) {
    dump_span(b, "\n   argument", a->name);
    dump_span(b, "equals", a->equals);
    buffer_printf(b, " %d", a->relation);
    dump_expr(b, a->expr);
  }
}

static void dump_rules(buffer *b, const ast_rule *list) {
  for (const ast_rule *r = list; r; r = r->next) {
    dump_span(b, "\n rule", r->where);
    dump_span(b, "arrow", r->arrow);
    dump_span(b, "action", r->action);
    buffer_printf(b, " mistakes %d", r->mistakes);
    for (const ast_condition *c = r->conditions; c; c = c->next) {
      dump_span(b, "\n  condition", c->where);
      dump_span(b, "name", c->name);
      buffer_printf(b, " not %d at %u and %d", c->negated, c->negation,
                    c->missing_and);
      buffer_printf(b, " type %d at %u issuers %u", c->is_contradictory,
                    c->type ? c->type->expr->where.begin : 0, c->issuers);
      for (const ast_test *t = c->tests; t; t = t->next) {
        dump_span(b, "\n   test", t->property);
        dump_span(b, "operator", t->operator_where);
        buffer_printf(b, " %d comma %d", t->relation, t->missing_comma);
        dump_expr(b, t->expr);
      }
    }
    dump_arguments(b, r->arguments);
  }
}

static void dump_tree(buffer *b, const ast_policy *p) {
  for (const ast_version *v = p->versions; v; v = v->next) {
    dump_span(b, "\nversion", v->where);
    dump_span(b, "name", v->name);
    dump_span(b, "number", v->number);
    buffer_printf(b, " %d %d", v->missing_semicolon, v->invalid);
  }
  for (const ast_section *s = p->sections; s; s = s->next) {
    dump_span(b, "\nsection", s->where);
    dump_span(b, "name", s->name);
    dump_span(b, "equals", s->assignment);
    buffer_printf(b, " %u %u %d %d", s->body, s->closing, s->missing_semicolon,
                  s->missing_brace);
    dump_rules(b, s->rules);
  }
  buffer_text(b, "\nloose");
  dump_rules(b, p->loose_rules);
  for (size_t i = 0; i < p->comment_count; i++) {
    dump_span(b, "\ncomment", p->comments[i].where);
    buffer_printf(b, " %d", p->comments[i].is_block);
  }
  buffer_printf(b, "\n%zu rules, first %u, errors %d, open %d, once %d\n",
                p->rule_count, p->first_token, p->has_syntax_errors,
                p->has_open_comment, p->spoke_once);
}

static void dump_findings(buffer *b, const diagnostics *list) {
  for (const diagnostic *d = list->first; d; d = d->next) {
    buffer_printf(b, "%s %d %s | %s", code_text(d->code), d->severity,
                  d->message, d->help ? d->help : "");
    dump_span(b, "at", d->where);
    for (const diagnostic_label *l = d->labels; l; l = l->next)
      dump_span(b, l->text, l->where);
    for (const fix *f = d->fixes; f; f = f->next) {
      buffer_printf(b, "\n fix %d %s", f->applicability, f->title);
      for (const text_edit *e = f->edits; e; e = e->next) {
        dump_span(b, "edit", e->where);
        buffer_printf(b, " <%.*s>", SLICE_ARGS(e->text));
      }
    }
    buffer_char(b, '\n');
  }
  buffer_printf(b, "%zu findings, %zu errors, %zu warnings, %zu dropped\n",
                list->count, list->errors, list->warnings, list->dropped);
}

static void dump_tokens(buffer *b, const word_tokens *t) {
  for (size_t i = 0; i < t->count; i++) {
    const word_token *w = &t->items[i];
    dump_span(b, "\ntoken", w->where);
    buffer_printf(b, " %d %d %d %d %d %u", w->kind, w->role, w->section,
                  w->action, w->depth, w->rule);
  }
}

static slice dump_document(arena *a, document *d) {
  buffer b = buffer_in(a);
  const policy *p = document_policy(d);
  buffer_printf(&b, "type %d, plain %d, program %d\n", document_type(d),
                document_is_plain(d), p->program != NULL);
  dump_findings(&b, &p->findings);
  dump_tree(&b, p->ast);
  for (size_t i = 0; i < d->now->lines.count; i++)
    buffer_printf(&b, " %u", d->now->lines.starts[i]);
  dump_tokens(&b, document_tokens(d));
  return buffer_slice(&b);
}

/* --- edits ---------------------------------------------------------------- */

/* What decides: bytes that a fuzzer gives, or a generator. */
typedef struct edit_source {
  uint32_t (*next)(struct edit_source *s); /* any number */
  uint64_t state;
  slice rest; /* of a fuzzer's bytes */
} edit_source;

static void close_all(void *all) { documents_free(all); }

/* They are closed with the arena. */
static documents *documents_in(arena *a) {
  documents *all = ARENA_NEW(a, documents);
  all->arena = a;
  arena_defer(a, close_all, all);
  return all;
}

typedef struct edit_replay {
  documents *all;
  document *document;
  slice before; /* to undo with */
  arena *arena;
  jmp_buf *guard;
} edit_replay;

static uint32_t below(edit_source *s, size_t bound) {
  return bound ? s->next(s) % (uint32_t)bound : 0;
}

/* A place; often one where something begins or ends. */
static uint32_t place_in(edit_source *s, slice text) {
  uint32_t at = below(s, text.length + 1);
  if (s->next(s) % 2)
    while (at < text.length && !strchr(";{}\"\n/ ]", text.data[at]))
      at++;
  return at;
}

static void change(edit_replay *r, span where, slice text) {
  r->before = arena_copy(r->arena, r->document->now->text);
  document_edit(r->all, r->document, where, text, r->guard);
}

/* As editors undo: only what differs. */
static void replace_all_but_ends(edit_replay *r, slice text) {
  slice now = r->document->now->text;
  size_t least = now.length < text.length ? now.length : text.length;
  size_t front = 0, back = 0;
  while (front < least && now.data[front] == text.data[front])
    front++;
  while (back < least - front && now.data[now.length - 1 - back] ==
                                     text.data[text.length - 1 - back])
    back++;
  change(r, (span){(uint32_t)front, (uint32_t)(now.length - back)},
         (slice){text.data + front, text.length - front - back});
}

static void replace_all(edit_replay *r, slice text) {
  change(r, (span){0, (uint32_t)r->document->now->text.length}, text);
}

/* What stands elsewhere in the text, at most some lines of it. */
static slice copied(edit_replay *r, edit_source *s) {
  slice now = r->document->now->text;
  uint32_t from = place_in(s, now), length = below(s, 160);
  if (from + length > now.length)
    length = (uint32_t)now.length - from;
  return arena_copy(r->arena, (slice){now.data + from, length});
}

static span somewhere(edit_source *s, slice text) {
  static const uint32_t lengths[] = {0, 0, 0, 0, 1, 1, 1, 3, 8, 60};
  uint32_t a = place_in(s, text), b = a + lengths[below(s, 10)];
  if (below(s, 30) == 0)
    b = place_in(s, text);
  b = b > text.length ? (uint32_t)text.length : b;
  return a < b ? (span){a, b} : (span){b, a};
}

/* Somebody types in another document, so that this one is forgotten. */
static void work_elsewhere(edit_replay *r) {
  document *other = documents_open(r->all, SLICE("elsewhere"),
                                   slice_from(edit_start), r->guard);
  document_policy(other);
  documents_trim(r->all, 0);
}

/* Types, deletes, pastes, undoes; begins anew when little is left to break, so
 * that most edits meet a policy that is nearly right. Now and then it is
 * forgotten before the edit or after it. */
static void edit_somehow(edit_replay *r, edit_source *s, size_t longest) {
  slice now = r->document->now->text;
  uint32_t elsewhere = below(s, 12);
  uint32_t how = below(s, 16);
  span where = somewhere(s, now);
  slice piece = slice_from(edit_pieces[below(s, EDIT_PIECES)]);
  size_t broken = r->document->now->parsed.count;
  if (elsewhere == 0)
    work_elsewhere(r);
  if (now.length > longest || (broken > 1 && how < 4))
    replace_all(r, slice_from(edit_start));
  else if (how < 7 && r->before.length)
    replace_all_but_ends(r, r->before);
  else if (how < 9)
    change(r, where, SLICE(""));
  else if (how < 11)
    change(r, where, copied(r, s));
  else
    change(r, where, piece);
  if (elsewhere == 1)
    work_elsewhere(r);
}

/* The document beside one that was opened with the same text; empty if they are
 * the same, else where the two differ. */
static slice edit_difference(arena *a, document *d, jmp_buf *guard) {
  documents *others = documents_in(a);
  document *fresh = documents_open(others, SLICE("b"),
                                   arena_copy(a, d->now->text), guard);
  fresh->settings = d->settings;
  slice one = dump_document(a, d), two = dump_document(a, fresh);
  if (slice_equal(one, two))
    return SLICE_EMPTY;
  size_t at = 0;
  while (at < one.length && at < two.length && one.data[at] == two.data[at])
    at++;
  size_t from = at < 100 ? 0 : at - 100;
  buffer b = buffer_in(a);
  buffer_printf(&b, "after edits: ..%.200s\nafresh: ..%.200s\nof: %.*s",
                one.data + from, two.data + from, SLICE_ARGS(d->now->text));
  return buffer_slice(&b);
}

#endif
