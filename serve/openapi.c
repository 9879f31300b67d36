/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/openapi.h"

#include "serve/router.h"

static void set_text(object_builder *o, const char *name, const char *text) {
  object_set(o, slice_from(name), value_text(slice_from(text)));
}

/* {"type": "string"} */
static value string_schema(arena *a) {
  object_builder schema = object_in(a);
  set_text(&schema, "type", "string");
  return object_value(&schema);
}

static value parameter_value(arena *a, slice name, const char *place) {
  object_builder p = object_in(a);
  object_set(&p, SLICE("name"), value_text(name));
  set_text(&p, "in", place);
  object_set(&p, SLICE("required"), value_boolean(true));
  object_set(&p, SLICE("schema"), string_schema(a));
  return object_value(&p);
}

static value parameters(arena *a, const operation *o) {
  array_builder list = array_in(a);
  const char *begin = strchr(o->path, '{');
  if (begin)
    array_add(&list,
              parameter_value(a, slice_between(begin + 1, strchr(begin, '}')),
                              "path"));
  if (o->versions != API_ANY)
    array_add(&list, parameter_value(a, SLICE("api-version"), "query"));
  if (strncmp(o->name, "preview_policy", 14) == 0)
    array_add(&list, parameter_value(a, SLICE("tee"), "query"));
  return array_value(&list);
}

static void add_response(object_builder *all, const char *status,
                         const char *text) {
  object_builder r = object_in(all->arena);
  set_text(&r, "description", text);
  object_set(all, slice_from(status), object_value(&r));
}

static value responses(arena *a, const operation *o) {
  object_builder all = object_in(a);
  add_response(&all, "200", o->summary);
  if (o->versions != API_ANY)
    add_response(&all, "400", "refused: {\"error\":{\"code\",\"message\"}}");
  if (o->access >= ACCESS_READ) {
    add_response(&all, "401", "no bearer token that counts");
    add_response(&all, "403", "the caller lacks the role");
  }
  return object_value(&all);
}

static value operation_value(arena *a, const operation *o) {
  object_builder v = object_in(a);
  set_text(&v, "operationId", o->name);
  set_text(&v, "summary", o->summary);
  object_set(&v, SLICE("parameters"), parameters(a, o));
  object_set(&v, SLICE("responses"), responses(a, o));
  return object_value(&v);
}

static const char *method_key(const char *method) {
  if (strcmp(method, "GET") == 0)
    return "get";
  return strcmp(method, "PUT") == 0 ? "put" : "post";
}

/* All rows of the path of row `first`. */
static value path_value(arena *a, size_t first) {
  object_builder item = object_in(a);
  for (size_t i = first; i < OPERATION_COUNT; i++)
    if (strcmp(operations[i].path, operations[first].path) == 0)
      object_set(&item, slice_from(method_key(operations[i].method)),
                 operation_value(a, &operations[i]));
  return object_value(&item);
}

slice openapi_document(arena *a) {
  object_builder document = object_in(a), info = object_in(a),
                 paths = object_in(a);
  set_text(&document, "openapi", "3.0.3");
  set_text(&info, "title", "Microsoft Azure Attestation, emulated by maapol");
  set_text(&info, "version", "2025-06-01");
  object_set(&document, SLICE("info"), object_value(&info));
  for (size_t i = 0; i < OPERATION_COUNT; i++) {
    slice path = slice_from(operations[i].path);
    value so_far = object_value(&paths);
    if (!value_member(&so_far, path))
      object_set(&paths, path, path_value(a, i));
  }
  object_set(&document, SLICE("paths"), object_value(&paths));
  value v = object_value(&document);
  buffer text = buffer_in(a);
  json_write(&text, &v);
  return buffer_slice(&text);
}
