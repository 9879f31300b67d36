/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence becomes claims in a process of the sibling program, once for each
 * file; what came of it is kept. */
#include <time.h>

#include "base/limits.h"
#include "lsp/samples.h"

typedef struct evidence_entry {
  arena memory;
  slice key; /* empty: the place is free */
  uint64_t number;
  sample_state state;
  slice claims;        /* a claims file, of SAMPLE_READY */
  const char *problem; /* of the others but SAMPLE_PENDING */
  bool may_pass; /* it was no fault of the evidence: another try is worth it */
} evidence_entry;

struct lsp_evidence {
  arena memory; /* of this */
  evidence_entry entries[LIMIT_LSP_EVIDENCE];
  uint64_t made, results;
};

enum { WORDS_MAX = 32 };

typedef struct word_list {
  const char *items[WORDS_MAX + 1];
  size_t count;
} word_list;

/* --- the question --------------------------------------------------------- */

static void add_word(word_list *list, const char *word) {
  list->items[list->count++] = word;
}

static void add_option(word_list *list, const char *option,
                       const char *word) {
  if (!word)
    return;
  add_word(list, option);
  add_word(list, word);
}

/* A nonce may begin as an option does. */
static const char *joined(arena *a, const char *option, const char *word) {
  buffer b = buffer_in(a);
  buffer_printf(&b, "%s=%s", option, word);
  return buffer_slice(&b).data;
}

static word_list words_of(arena *a, const evidence_order *o) {
  word_list list = {.count = 0};
  add_word(&list, "attest");
  add_option(&list, "--format", "incoming");
  if (o->type)
    add_option(&list, "--type", attestation_type_name(o->type));
  add_option(&list, "--policy", "-");
  add_option(&list, "--verify", o->verify);
  add_option(&list, "--roots", o->roots);
  add_option(&list, "--collateral", o->collateral);
  add_option(&list, "--now", o->now);
  add_option(&list, "--runtime-data", o->runtime_data);
  add_option(&list, "--runtime-type", o->runtime_type);
  add_option(&list, "--init-data", o->init_data);
  add_option(&list, "--init-type", o->init_type);
  if (o->nonce)
    add_word(&list, joined(a, "--nonce", o->nonce));
  add_option(&list, o->option, o->path);
  return list;
}

int64_t evidence_hour(const lsp_server *s) {
  enum { SECONDS = 3600 };
  const lsp_host *host = s->host;
  return (host->now ? host->now(host->context) : time(NULL)) / SECONDS;
}

/* Words, what their files are like, what the sibling reads, and when. False:
 * the files are too many to look at. */
static bool write_key(buffer *key, const lsp_server *s, const word_list *words,
                      const evidence_order *o) {
  const char *const paths[] = {o->path, o->roots, o->collateral,
                               o->runtime_data, o->init_data};
  for (size_t i = 0; i < words->count; i++)
    buffer_printf(key, "%s\n", words->items[i]);
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    if (!paths[i])
      continue;
    file_stamp stamp = stamp_of(paths[i]);
    if (stamp.has_too_many)
      return false;
    stamp_write(key, &stamp);
  }
  buffer_add(key, o->policy);
  if (!o->now)
    buffer_printf(key, "\n%lld", (long long)evidence_hour(s));
  return true;
}

/* --- the answer ----------------------------------------------------------- */

/* The first line, without the program's name. */
static const char *first_line(arena *a, slice text) {
  static const char name[] = "maapol attest: ";
  static const char nothing[] = "the program says nothing";
  if (!text.length)
    return nothing;
  const char *end = memchr(text.data, '\n', text.length);
  slice line = end ? slice_between(text.data, end) : text;
  if (slice_starts_with(line, name))
    line = (slice){line.data + sizeof name - 1, line.length - sizeof name + 1};
  return line.length ? arena_string(a, line) : nothing;
}

/* Only an exit status of 0 says that the evidence verified. */
static void take_result(evidence_entry *e, const lsp_job_result *r) {
  e->may_pass = r->status != LSP_JOB_ENDED || r->exit_status == 4;
  if (r->status != LSP_JOB_ENDED) {
    e->state = SAMPLE_UNUSABLE;
    e->problem = arena_string(&e->memory, slice_from(r->why));
  } else if (r->exit_status == 0) {
    e->claims = arena_copy(&e->memory, r->output);
    e->state = SAMPLE_READY;
  } else {
    e->problem = first_line(&e->memory, r->errors);
    e->state = r->exit_status == 1 ? SAMPLE_REFUSED : SAMPLE_UNUSABLE;
  }
}

static void close_entry(evidence_entry *e) {
  if (e->memory.limit)
    arena_free(&e->memory);
  *e = (evidence_entry){.number = 0};
}

static void job_ended(lsp_server *s, const lsp_job_result *r) {
  struct lsp_evidence *all = s->evidence;
  for (size_t i = 0; all && i < LIMIT_LSP_EVIDENCE; i++) {
    evidence_entry *e = &all->entries[i];
    if (e->key.length && (int64_t)e->number == r->keep->integer)
      take_result(e, r);
  }
  if (all)
    all->results++;
  lsp_ask(s, "workspace/codeLens/refresh", value_null(), NULL, value_null());
  lsp_ask(s, "workspace/inlayHint/refresh", value_null(), NULL, value_null());
}

/* --- what is kept --------------------------------------------------------- */

static struct lsp_evidence *make_all(lsp_server *s) {
  arena memory;
  arena_init(&memory, LIMIT_ARENA_BYTES);
  memory.guard = &s->failure;
  struct lsp_evidence *all = ARENA_NEW(&memory, struct lsp_evidence);
  all->memory = memory;
  return s->evidence = all;
}

static evidence_entry *find_entry(struct lsp_evidence *all, slice key) {
  for (size_t i = 0; i < LIMIT_LSP_EVIDENCE; i++)
    if (slice_equal(all->entries[i].key, key))
      return &all->entries[i];
  return NULL;
}

static evidence_entry *ask(lsp_server *s, slice key, const word_list *words,
                           slice input) {
  struct lsp_evidence *all = s->evidence;
  evidence_entry *e = &all->entries[all->made % LIMIT_LSP_EVIDENCE];
  close_entry(e);
  arena_init(&e->memory, LIMIT_ARENA_BYTES);
  e->memory.guard = &s->failure;
  e->number = ++all->made;
  e->state = SAMPLE_PENDING;
  e->key = arena_copy(&e->memory, key);
  lsp_job job = {.words = words->items,
                 .input = input,
                 .on_end = job_ended,
                 .keep = value_integer((int64_t)e->number)};
  lsp_start_job(s, &job);
  return e;
}

void evidence_sample(lsp_server *s, arena *a, const evidence_order *order,
                     sample *result) {
  if (s->wishes.is_untrusted) {
    result->problem = "evidence is not verified in a workspace without trust";
    return;
  }
  word_list words = words_of(&s->scratch, order);
  buffer key = buffer_in(&s->scratch);
  if (!write_key(&key, s, &words, order)) {
    result->problem = "the folder of roots or collateral has too many files";
    return;
  }
  struct lsp_evidence *all = s->evidence ? s->evidence : make_all(s);
  const evidence_entry *e = find_entry(all, buffer_slice(&key));
  if (!e)
    e = ask(s, buffer_slice(&key), &words, order->policy);
  result->state = e->state;
  if (e->problem)
    result->problem = arena_string(a, slice_from(e->problem));
  claims_error error;
  result->claims = claims_in(a);
  if (e->state == SAMPLE_READY &&
      !claims_read(&result->claims, arena_copy(a, e->claims), &error)) {
    result->state = SAMPLE_UNUSABLE;
    result->problem = error.message;
  }
}

void evidence_retry(lsp_server *s) {
  struct lsp_evidence *all = s->evidence;
  for (size_t i = 0; all && i < LIMIT_LSP_EVIDENCE; i++)
    if (all->entries[i].may_pass) {
      close_entry(&all->entries[i]);
      all->results++;
    }
}

uint64_t evidence_results(const lsp_server *s) {
  return s->evidence ? s->evidence->results : 0;
}

void evidence_free(lsp_server *s) {
  struct lsp_evidence *all = s->evidence;
  if (!all)
    return;
  for (size_t i = 0; i < LIMIT_LSP_EVIDENCE; i++)
    close_entry(&all->entries[i]);
  arena memory = all->memory;
  s->evidence = NULL;
  arena_free(&memory);
}
