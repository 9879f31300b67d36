/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of a suite as samples of its policy. */
#include "base/limits.h"
#include "lsp/samples.h"
#include "suite/changes.h"

enum { SHOWN_CASES = 3 }; /* beside each other above the policy */

typedef struct suite_reading {
  gathering *g;
  suite suite;
  suite_root root;
  const char *why;
} suite_reading;

/* The resolved path; NULL: there is none, or *failed after noting why. */
static const char *file_of(suite_reading *r, slice path, bool *failed) {
  if (!path.length)
    return NULL;
  const char *real =
      suite_root_resolve(&r->g->book->memory, &r->root, path, &r->why);
  *failed |= !real;
  if (real)
    samples_note_file(r->g->server, r->g->book, real);
  return real;
}

static slice json_of(arena *a, const value *v) {
  buffer text = buffer_in(a);
  json_write(&text, v);
  return buffer_slice(&text);
}

static const char *data_word(data_kind kind) {
  return kind == DATA_JSON ? "JSON" : kind == DATA_BINARY ? "Binary" : NULL;
}

static void take_evidence(suite_reading *r, const suite_case *c,
                          sample *made) {
  static const char *const levels[] = {"none", "signature", "full"};
  gathering *g = r->g;
  arena *a = &g->book->memory;
  bool failed = false;
  evidence_order order = {
      .type = r->suite.type ? r->suite.type : document_type(g->document),
      .option = c->input == SUITE_REQUEST ? "--request" : "--quote",
      .path = file_of(r, c->file.path, &failed),
      .roots = file_of(r, r->suite.roots.path, &failed),
      .collateral = file_of(r, r->suite.collateral.path, &failed),
      .runtime_data = file_of(r, c->runtime_data.path, &failed),
      .init_data = file_of(r, c->init_data.path, &failed),
      .runtime_type = data_word(c->runtime_type),
      .init_type = data_word(c->init_type),
      .nonce = c->nonce,
      .verify = levels[c->verify],
      .policy = samples_gate(&g->server->scratch, g->document)};
  buffer now = buffer_in(a);
  buffer_printf(&now, "%lld", (long long)c->now);
  if (c->has_now)
    order.now = buffer_slice(&now).data;
  made->source = c->verify == VERIFY_NONE ? SOURCE_UNVERIFIED
                                          : SOURCE_EVIDENCE;
  if (failed)
    made->problem = r->why;
  else
    evidence_sample(g->server, a, &order, made);
}

static void take_claims(suite_reading *r, const suite_case *c, sample *made) {
  arena *a = &r->g->book->memory;
  slice text;
  const char *why;
  if (c->claims) {
    samples_take_claims(r->g, made, json_of(a, c->claims));
    return;
  }
  const char *path = suite_root_resolve(a, &r->root, c->file.path, &why);
  if (path && samples_read_file(r->g->server, r->g->book, path,
                                LIMIT_LSP_SAMPLE_BYTES, &text, &why))
    samples_take_claims(r->g, made, text);
  else
    made->problem = why;
}

static bool has_changes(const suite_case *c) {
  return c->unset[0] || c->unset[1] || c->set[0] || c->set[1];
}

/* What a test changes of the claims was verified by nobody. */
static void take_case(suite_reading *r, const suite_case *c) {
  sample *made = samples_add(r->g, c->name);
  if (!made)
    return;
  if (c->input == SUITE_CLAIMS)
    take_claims(r, c, made);
  else
    take_evidence(r, c, made);
  if (c->input != SUITE_CLAIMS && has_changes(c))
    made->source = SOURCE_CHANGED;
  if (made->state == SAMPLE_READY)
    made->claims =
        suite_change_claims(&r->g->book->memory, made->claims, c);
}

/* Whether the suite is one of the document. */
static bool is_of_policy(suite_reading *r) {
  arena *a = &r->g->book->memory;
  const char *own = suite_real_path(a, r->g->document->path.data);
  const char *path =
      suite_root_resolve(a, &r->root, r->suite.policy.path, &r->why);
  return own && path && strcmp(own, path) == 0;
}

void samples_take_suite(gathering *g, const char *path) {
  arena *a = &g->book->memory;
  suite_reading r = {.g = g};
  suite_error error;
  slice text;
  if (!samples_read_file(g->server, g->book, path, LIMIT_SUITE_BYTES, &text,
                         &r.why) ||
      !suite_read(a, path, text, &r.suite, &error) ||
      !suite_root_find(a, path, &r.root, &r.why) || !is_of_policy(&r))
    return; /* the suite's own findings say what is wrong with it */
  for (uint32_t i = 0; i < r.suite.case_count && i < SHOWN_CASES; i++)
    take_case(&r, &r.suite.cases[i]);
}
