/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the samples of a policy, and what the policy decides on them. */
#include "lsp/samples.h"

#include "base/limits.h"

struct lsp_samples {
  arena memory; /* of this */
  sample_book books[LIMIT_LSP_BOOKS];
  size_t next; /* the book that is given up next */
};

/* --- one sample ----------------------------------------------------------- */

sample *samples_add(gathering *g, const char *name) {
  sample_book *b = g->book;
  if (b->count == LIMIT_LSP_SAMPLES) {
    b->left_out++;
    return NULL;
  }
  b->samples = arena_grow(&b->memory, b->samples, b->count, &b->capacity,
                          sizeof *b->samples);
  sample *made = &b->samples[b->count++];
  *made = (sample){.name = arena_string(&b->memory, slice_from(name)),
                   .claims = claims_in(&b->memory)};
  return made;
}

void samples_take_claims(gathering *g, sample *made, slice text) {
  claims_error error;
  made->claims = claims_in(&g->book->memory);
  made->source = SOURCE_CLAIMS;
  if (claims_read(&made->claims, text, &error))
    made->state = SAMPLE_READY;
  else
    made->problem = error.message;
}

slice samples_gate(arena *a, document *d) {
  const ast_policy *tree = document_policy(d)->ast;
  buffer text = buffer_in(a);
  if (tree->versions)
    buffer_add(&text, ast_text(tree, tree->versions->where));
  for (const ast_section *s = tree->sections; s; s = s->next) {
    if (section_from_name(ast_text(tree, s->name)) != SECTION_CONFIGURATION)
      continue;
    buffer_add(&text, ast_text(tree, s->where));
    if (text.data[text.length - 1] != ';')
      buffer_char(&text, ';');
  }
  buffer_text(&text, "authorizationrules{=>permit();};");
  return buffer_slice(&text);
}

static void take_evidence(gathering *g, sample *made, const char *path,
                          sample_kind kind) {
  arena *a = &g->book->memory;
  evidence_order order = {
      .type = document_type(g->document),
      .option = kind == SAMPLE_OF_REQUEST ? "--request" : "--quote",
      .path = path,
      .policy = samples_gate(&g->server->scratch, g->document)};
  made->source = SOURCE_EVIDENCE;
  evidence_sample(g->server, a, &order, made);
}

static void take_file(gathering *g, const char *name, const char *path) {
  slice text;
  const char *why;
  sample *made = samples_add(g, name);
  if (!made)
    return;
  if (!samples_read_file(g->server, g->book, path, LIMIT_LSP_SAMPLE_BYTES,
                         &text, &why)) {
    made->problem = why;
    return;
  }
  sample_kind kind = samples_kind(text, document_type(g->document));
  if (kind == SAMPLE_OF_CLAIMS)
    samples_take_claims(g, made, text);
  else
    take_evidence(g, made, path, kind);
}

/* --- where they are named ------------------------------------------------- */

/* One that somebody named: not to find it is worth a word. */
static void take_named(gathering *g, const suite_root *root, slice name) {
  arena *a = &g->book->memory;
  const char *why;
  const char *path = suite_root_resolve(a, root, name, &why);
  if (path) {
    take_file(g, arena_string(a, name), path);
    return;
  }
  buffer wanted = buffer_in(a);
  buffer_printf(&wanted, "%s/%.*s", root->folder, SLICE_ARGS(name));
  samples_note_file(g->server, g->book, buffer_slice(&wanted).data);
  sample *made = samples_add(g, arena_string(a, name));
  if (made)
    made->problem = why;
}

static void take_comments(gathering *g) {
  const ast_policy *tree = document_policy(g->document)->ast;
  size_t next = 0;
  slice name;
  while ((name = policy_directive_sample(tree, &next)).length)
    take_named(g, &g->root, name);
}

static void take_configured(gathering *g) {
  const lsp_host *host = g->server->host;
  arena *a = &g->book->memory;
  lsp_named_files named = {0};
  if (!host->samples)
    return;
  host->samples(host->context, a, g->document->path.data, &named);
  suite_root root = g->root;
  for (size_t i = 0; i < named.count; i++) {
    root.folder = named.folder;
    take_named(g, &root, named.items[i]);
  }
}

/* The policy's name without what stands behind its last dot. */
static slice stem_of(slice path) {
  const char *begin = path.data + path.length, *dot = NULL;
  while (begin > path.data && begin[-1] != '/') {
    begin--;
    if (*begin == '.' && !dot)
      dot = begin;
  }
  const char *end = dot && dot > begin ? dot : path.data + path.length;
  return slice_between(begin, end);
}

/* NAME.ENDING beside the policy, resolved; NULL: there is none. */
static const char *beside(gathering *g, const char *ending, slice *name) {
  arena *a = &g->book->memory;
  buffer file = buffer_in(a), whole = buffer_in(a);
  slice stem = stem_of(g->document->path);
  buffer_printf(&file, "%.*s.%s", SLICE_ARGS(stem), ending);
  *name = buffer_slice(&file);
  buffer_printf(&whole, "%s/%.*s", g->root.folder, SLICE_ARGS(*name));
  samples_note_file(g->server, g->book, buffer_slice(&whole).data);
  const char *why;
  return suite_root_resolve(a, &g->root, *name, &why);
}

static void take_beside(gathering *g) {
  static const char *const endings[] = {"sample.json", "claims.json",
                                        "request.json", NULL};
  for (const char *const *e = endings; *e; e++) {
    slice name;
    const char *path = beside(g, *e, &name);
    if (path)
      take_file(g, name.data, path);
  }
}

static void take_suites(gathering *g) {
  sample_book *b = g->book;
  slice name;
  const char *path = beside(g, "maatest.json", &name);
  if (!path)
    return;
  b->suites = arena_grow(&b->memory, b->suites, b->suite_count,
                         &b->suite_capacity, sizeof *b->suites);
  b->suites[b->suite_count++] = path;
  if (!b->count)
    samples_take_suite(g, path);
}

/* --- books ---------------------------------------------------------------- */

/* What its samples depend on besides files: what the policy says, the time. */
static slice question_of(lsp_server *s, document *d) {
  arena *a = &s->scratch;
  const ast_policy *tree = document_policy(d)->ast;
  buffer text = buffer_in(a);
  size_t next = 0;
  slice name;
  buffer_printf(&text, "%d\n%lld\n", (int)document_type(d),
                (long long)evidence_hour(s));
  while ((name = policy_directive_sample(tree, &next)).length)
    buffer_printf(&text, "%.*s\n", SLICE_ARGS(name));
  buffer_add(&text, samples_gate(a, d));
  return buffer_slice(&text);
}

static bool is_current(lsp_server *s, const sample_book *b, slice asked) {
  if (!b->is_read || !slice_equal(b->asked, asked) ||
      b->verified != evidence_results(s))
    return false;
  for (size_t i = 0; i < b->file_count; i++) {
    file_stamp now = samples_stamp(s, b->files[i].path);
    if (!stamp_equal(&now, &b->files[i]))
      return false;
  }
  return true;
}

static void forget(sample_book *b) {
  arena_reset(&b->memory);
  arena_reset(&b->decided);
  *b = (sample_book){.memory = b->memory, .decided = b->decided};
}

/* Of the folder that the policy's file is in, whether or not it was saved. */
static bool find_root(arena *a, const document *d, suite_root *root) {
  const char *why;
  if (suite_root_find(a, d->path.data, root, &why))
    return true;
  slice folder = d->path;
  while (folder.length && folder.data[folder.length - 1] != '/')
    folder.length--;
  buffer name = buffer_in(a);
  buffer_printf(&name, "%.*s.", SLICE_ARGS(folder));
  if (!folder.length ||
      !suite_root_find(a, buffer_slice(&name).data, root, &why))
    return false;
  const char *real = suite_real_path(a, buffer_slice(&name).data);
  root->folder = real ? real : root->folder;
  return true;
}

static void gather(lsp_server *s, document *d, sample_book *b, slice asked) {
  gathering g = {.server = s, .document = d, .book = b};
  forget(b);
  b->asked = arena_copy(&b->memory, asked);
  b->verified = evidence_results(s);
  if (find_root(&b->memory, d, &g.root)) {
    take_comments(&g);
    take_configured(&g);
    take_beside(&g);
    take_suites(&g);
  }
  b->uri = arena_copy(&b->memory, d->uri);
  b->is_read = true;
}

static void close_book(sample_book *b) {
  if (b->memory.limit) {
    arena_free(&b->memory);
    arena_free(&b->decided);
  }
  *b = (sample_book){.is_read = false};
}

static struct lsp_samples *make_all(lsp_server *s) {
  arena memory;
  arena_init(&memory, LIMIT_ARENA_BYTES);
  memory.guard = &s->failure;
  struct lsp_samples *all = ARENA_NEW(&memory, struct lsp_samples);
  all->memory = memory;
  return s->samples = all;
}

static sample_book *open_book(lsp_server *s, slice uri) {
  struct lsp_samples *all = s->samples;
  if (!all)
    all = make_all(s);
  for (size_t i = 0; i < LIMIT_LSP_BOOKS; i++)
    if (all->books[i].uri.length && slice_equal(all->books[i].uri, uri))
      return &all->books[i];
  sample_book *b = &all->books[all->next++ % LIMIT_LSP_BOOKS];
  close_book(b);
  arena_init(&b->memory, LIMIT_ARENA_BYTES);
  arena_init(&b->decided, LIMIT_ARENA_BYTES);
  b->memory.guard = b->decided.guard = &s->failure;
  return b;
}

static sample_book *book_of(lsp_server *s, document *d) {
  if (!d->path.length)
    return NULL;
  slice asked = question_of(s, d);
  sample_book *b = open_book(s, d->uri);
  if (!is_current(s, b, asked))
    gather(s, d, b, asked);
  return b;
}

const sample_book *samples_of(lsp_server *s, document *d) {
  return book_of(s, d);
}

const char *const *samples_fields(lsp_server *s, document *d) {
  static const char *const none[] = {NULL};
  sample_book *b = book_of(s, d);
  if (!b)
    return none;
  return b->fields ? b->fields : samples_read_fields(b);
}

/* --- decisions ------------------------------------------------------------ */

static void decide(sample_book *b, const program *p) {
  arena *a = &b->decided;
  b->decisions = ARENA_ARRAY(a, b->count + 1, sample_decision);
  for (size_t i = 0; i < b->count; i++) {
    sample_decision *made = &b->decisions[i];
    *made = (sample_decision){.sample = &b->samples[i]};
    if (!p || made->sample->state != SAMPLE_READY)
      continue;
    evaluate_policy(p, &made->sample->claims, a,
                    EVALUATE_TRACE | EVALUATE_MATCHES, &made->evaluation);
    made->was_evaluated = true;
  }
}

const sample_book *samples_decided(lsp_server *s, document *d) {
  sample_book *b = book_of(s, d);
  const program *p = b ? document_policy(d)->program : NULL;
  if (!b || (b->revision == d->revision && b->analyses == d->analyses))
    return b;
  arena_reset(&b->decided);
  b->program = p;
  decide(b, b->program);
  b->revision = d->revision;
  b->analyses = d->analyses;
  return b;
}

const sample_decision *samples_shown(const sample_book *book) {
  for (size_t i = 0; book && i < book->count; i++)
    if (book->decisions[i].was_evaluated)
      return &book->decisions[i];
  return NULL;
}

const sample_decision *samples_find(const sample_book *book, slice name) {
  for (size_t i = 0; book && i < book->count; i++)
    if (!name.length || slice_is(name, book->samples[i].name))
      return &book->decisions[i];
  return NULL;
}

/* --- the feature ---------------------------------------------------------- */

static void close_all(lsp_server *s) {
  for (size_t i = 0; s->samples && i < LIMIT_LSP_BOOKS; i++)
    close_book(&s->samples->books[i]);
}

static void closed(lsp_server *s, slice uri) {
  for (size_t i = 0; s->samples && i < LIMIT_LSP_BOOKS; i++)
    if (s->samples->books[i].uri.length &&
        slice_equal(s->samples->books[i].uri, uri))
      close_book(&s->samples->books[i]);
}

static void refresh(lsp_server *s) {
  lsp_ask(s, "workspace/codeLens/refresh", value_null(), NULL, value_null());
  lsp_ask(s, "workspace/inlayHint/refresh", value_null(), NULL, value_null());
}

static void configured(lsp_server *s) {
  evidence_retry(s);
  close_all(s);
  refresh(s);
}

/* Stamps tell what has changed; the editor has to ask again. */
static void file_changed(lsp_server *s, slice uri, slice path,
                         lsp_file_change change) {
  (void)uri, (void)path, (void)change;
  refresh(s);
}

/* Decisions on a policy change with the text of a sample that is open. */
static void changed(lsp_server *s, document *d) {
  slice name = d->uri;
  static const char ending[] = ".json";
  size_t length = sizeof ending - 1;
  if (name.length > length &&
      memcmp(name.data + name.length - length, ending, length) == 0)
    refresh(s);
}

static void freed(lsp_server *s) {
  close_all(s);
  evidence_free(s);
  if (s->samples) {
    arena memory = s->samples->memory;
    s->samples = NULL;
    arena_free(&memory);
  }
}

const lsp_feature lsp_samples_feature = {.changed = changed,
                                         .closed = closed,
                                         .file_changed = file_changed,
                                         .configured = configured,
                                         .failed = close_all,
                                         .freed = freed};
