/* SPDX-License-Identifier: Apache-2.0 */
/* JmesPath(json, query). The rules of a policy ask many questions about one
 * event log, so documents are parsed once an evaluation; a query that is not
 * a literal is compiled once an evaluation. */
#include "eval/call.h"
#include "eval/jmespath.h"

/* More documents or queries than this are made anew each time. */
enum { CACHE_MAX = 16 };

typedef struct cached_document {
  slice text; /* compared by place: the texts of claims do not move */
  value parsed;
} cached_document;

typedef struct cached_query {
  slice text;
  const jmespath_query *query;
} cached_query;

typedef struct jmespath_cache {
  cached_document documents[CACHE_MAX];
  cached_query queries[CACHE_MAX];
  size_t document_count, query_count;
} jmespath_cache;

static jmespath_cache *cache_of(engine *e) {
  if (!e->jmespath)
    e->jmespath = ARENA_NEW(e->arena, jmespath_cache);
  return e->jmespath;
}

static bool read_document(const call *c, slice text, value *parsed) {
  jmespath_cache *cache = cache_of(c->engine);
  for (size_t i = 0; i < cache->document_count; i++)
    if (cache->documents[i].text.data == text.data &&
        cache->documents[i].text.length == text.length) {
      *parsed = cache->documents[i].parsed;
      return true;
    }
  json_error error;
  if (!json_read(c->engine->arena, text, 0, parsed, &error))
    return engine_fail(c->engine, argument_place(c, 0),
                       "JmesPath: argument 1 is not JSON: %s (at byte %zu)",
                       error.message, error.offset);
  if (cache->document_count < CACHE_MAX)
    cache->documents[cache->document_count++] =
        (cached_document){text, *parsed};
  return true;
}

static const char *error_text(const call *c, const jmespath_error *error) {
  buffer b = buffer_in(c->engine->arena);
  buffer_printf(&b, "%s: %s (at byte %u of the query)",
                jmespath_error_name(error->kind), error->message,
                error->where.begin);
  return buffer_slice(&b).data;
}

static const jmespath_query *compile(const call *c, slice text) {
  jmespath_cache *cache = cache_of(c->engine);
  for (size_t i = 0; i < cache->query_count; i++)
    if (slice_equal(cache->queries[i].text, text))
      return cache->queries[i].query;
  jmespath_error error;
  const jmespath_query *query =
      jmespath_compile(c->engine->arena, text, &error);
  if (!query) {
    engine_fail(c->engine, argument_place(c, 1), "JmesPath: %s",
                error_text(c, &error));
    return NULL;
  }
  if (cache->query_count < CACHE_MAX)
    cache->queries[cache->query_count++] = (cached_query){text, query};
  return query;
}

static const jmespath_query *query_of(const call *c, const set_value *text) {
  if (c->expr->slot != PROGRAM_NONE)
    return c->engine->program->queries[c->expr->slot];
  if (text->text.length)
    return compile(c, text->text);
  engine_fail(c->engine, argument_place(c, 1),
              "JmesPath: the query is empty");
  return NULL;
}

static void record(const call *c, slice document, slice query, slice result,
                   const char *error) {
  if (!(c->engine->flags & EVALUATE_QUERIES))
    return;
  query_record *r = ARENA_NEW(c->engine->arena, query_record);
  *r = (query_record){NULL,  c->engine->rule, document,
                      query, result,          error};
  *c->engine->query_end = r;
  c->engine->query_end = &r->next;
}

bool function_jmespath(const call *c) {
  const set_value *json =
      single_argument(c, 0, CLAIM_STRING, "one string");
  const set_value *text =
      json ? single_argument(c, 1, CLAIM_STRING, "one string") : NULL;
  const jmespath_query *query = text ? query_of(c, text) : NULL;
  value document;
  slice result;
  jmespath_error error;
  if (!query || !read_document(c, json->text, &document))
    return false;
  if (!jmespath_search_text(query, c->engine->arena, &document, &result,
                            &error)) {
    const char *why = error_text(c, &error);
    record(c, json->text, text->text, SLICE_EMPTY, why);
    return engine_fail(c->engine, argument_place(c, 1), "JmesPath: %s", why);
  }
  record(c, json->text, text->text, result, NULL);
  return give(c, (set_value){.kind = CLAIM_STRING,
                             .text = result,
                             .read_only = json->read_only || text->read_only});
}
