/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "base/memory.h"
#include "base/render.h"
#include "sign/policy_hash.h"
#include "token/policy_token.h"

maapol_policy *api_policy_retain(const maapol_policy *p) {
  /* The count is no part of what const promises. */
  maapol_policy *counted = (maapol_policy *)p;
  atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
  return counted;
}

void maapol_policy_free(maapol_policy *p) {
  if (!p ||
      atomic_fetch_sub_explicit(&p->references, 1, memory_order_acq_rel) != 1)
    return;
  arena_free(&p->arena);
  memory_free(p);
}

/* --- compiling ------------------------------------------------------------ */

typedef struct compilation {
  maapol_policy *policy;
  slice text;
} compilation;

static maapol_status compile(arena *a, void *context) {
  const compilation *c = context;
  maapol_policy *p = c->policy;
  p->compiled = policy_compile(a, arena_copy(a, c->text));
  line_index_make(&p->lines, a, p->compiled->text);
  p->findings = api_findings(a, &p->lines, &p->compiled->findings);
  return p->compiled->program ? MAAPOL_OK : MAAPOL_INVALID_POLICY;
}

maapol_status maapol_policy_compile(const char *text, size_t length,
                                    maapol_policy **result) {
  if (!result)
    return MAAPOL_INVALID_ARGUMENT;
  *result = NULL;
  if (!text && length)
    return MAAPOL_INVALID_ARGUMENT;
  if (length > LIMIT_POLICY_BYTES)
    return MAAPOL_LIMIT;
  maapol_policy *p = memory_alloc(sizeof *p);
  if (!p)
    return MAAPOL_NO_MEMORY;
  *p = (maapol_policy){.references = 1};
  arena_init(&p->arena, LIMIT_ARENA_BYTES);
  compilation c = {p, {text, length}};
  maapol_status status = api_guard(&p->arena, compile, &c);
  if (status == MAAPOL_OK || status == MAAPOL_INVALID_POLICY)
    *result = p;
  else
    maapol_policy_free(p);
  return status;
}

/* --- what was found ------------------------------------------------------- */

const char *maapol_policy_text(const maapol_policy *p, size_t *length) {
  slice text = p ? p->compiled->text : SLICE_EMPTY;
  if (length)
    *length = text.length;
  return text.data;
}

bool maapol_policy_is_wrapped(const maapol_policy *p) {
  return p && p->compiled->was_wrapped;
}

const maapol_finding *maapol_policy_findings(const maapol_policy *p) {
  return p ? p->findings : NULL;
}

size_t maapol_policy_error_count(const maapol_policy *p) {
  return p ? p->compiled->findings.errors : 0;
}

size_t maapol_policy_warning_count(const maapol_policy *p) {
  return p ? p->compiled->findings.warnings : 0;
}

typedef struct rendering {
  maapol_format format;
  const char *path;
} rendering;

static void render(buffer *out, const void *object, const void *more) {
  const maapol_policy *p = object;
  const rendering *r = more;
  render_source source = {r->path, p->compiled->text, p->compiled->was_wrapped,
                          r->format == MAAPOL_FORMAT_COLOUR};
  if (r->format == MAAPOL_FORMAT_PLAIN) {
    render_plain(out, &source, &p->compiled->findings);
  } else if (r->format == MAAPOL_FORMAT_JSON) {
    array_builder list = array_in(out->arena);
    render_json(&list, &source, &p->compiled->findings);
    value findings = array_value(&list);
    json_write(out, &findings);
  } else {
    render_human(out, &source, &p->compiled->findings);
  }
}

maapol_status maapol_policy_render(const maapol_policy *p, maapol_format format,
                                   const char *path, char **text) {
  rendering r = {format, path ? path : "policy"};
  if (text)
    *text = NULL;
  if ((unsigned)format > MAAPOL_FORMAT_JSON ||
      !api_is_utf8(r.path, strlen(r.path)))
    return MAAPOL_INVALID_ARGUMENT;
  return api_write(render, p, &r, text);
}

/* --- hashes --------------------------------------------------------------- */

typedef struct hashing {
  const policy *policy;
  bool of_token;
  char *hash;
} hashing;

static slice token_of(arena *a, const policy *p) {
  slice token = policy_token_find(a, p->given);
  return token.length ? token : policy_unsecured_token(a, p->text);
}

static maapol_status compute_hash(arena *a, void *context) {
  const hashing *h = context;
  slice hash = h->of_token ? policy_token_hash(a, token_of(a, h->policy))
                           : policy_hash(a, h->policy->text);
  if (hash.length >= MAAPOL_HASH_SIZE)
    return MAAPOL_LIMIT;
  memcpy(h->hash, hash.data, hash.length);
  h->hash[hash.length] = 0;
  return MAAPOL_OK;
}

static maapol_status hash_of(const maapol_policy *p, bool of_token,
                             char *hash) {
  if (hash)
    hash[0] = 0;
  if (!p || !hash)
    return MAAPOL_INVALID_ARGUMENT;
  if (!p->compiled->program)
    return MAAPOL_INVALID_POLICY;
  arena a;
  arena_init(&a, LIMIT_ARENA_BYTES);
  hashing h = {p->compiled, of_token, hash};
  maapol_status status = api_guard(&a, compute_hash, &h);
  arena_free(&a);
  return status;
}

maapol_status maapol_policy_hash(const maapol_policy *p,
                                 char hash[MAAPOL_HASH_SIZE]) {
  return hash_of(p, false, hash);
}

maapol_status maapol_policy_token_hash(const maapol_policy *p,
                                       char hash[MAAPOL_HASH_SIZE]) {
  return hash_of(p, true, hash);
}
