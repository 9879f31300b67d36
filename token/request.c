/* SPDX-License-Identifier: Apache-2.0 */
#include "token/request.h"

#include <jansson.h>

#include "base/base64.h"
#include "base/limits.h"
#include "evidence/fields.h"
#include "token/request_text.h"

/* Members of a request's body, of any type and API version. */
enum {
  MEMBER_QUOTE,
  MEMBER_REPORT,
  MEMBER_ATTESTATION_INFO,
  MEMBER_DATA,
  MEMBER_RUNTIME_DATA,
  MEMBER_INIT_TIME_DATA,
  MEMBER_ENCLAVE_HELD_DATA,
  MEMBER_DRAFT_POLICY,
  MEMBER_NONCE,
  MEMBER_COUNT
};

static const char *const member_names[] = {
    [MEMBER_QUOTE] = "quote",
    [MEMBER_REPORT] = "report",
    [MEMBER_ATTESTATION_INFO] = "attestationInfo",
    [MEMBER_DATA] = "data",
    [MEMBER_RUNTIME_DATA] = "runtimeData",
    [MEMBER_INIT_TIME_DATA] = "initTimeData",
    [MEMBER_ENCLAVE_HELD_DATA] = "enclaveHeldData",
    [MEMBER_DRAFT_POLICY] = "draftPolicyForAttestation",
    [MEMBER_NONCE] = "nonce",
};

/* Members of runtimeData and initTimeData. */
enum { PART_DATA, PART_TYPE, PART_COUNT };
static const char *const part_names[] = {"data", "dataType"};

static const int evidence_member[ATTESTATION_TYPE_COUNT] = {
    [ATTESTATION_SGX_ENCLAVE] = MEMBER_QUOTE,
    [ATTESTATION_OPEN_ENCLAVE] = MEMBER_REPORT,
    [ATTESTATION_SEV_SNP_VM] = MEMBER_REPORT,
    [ATTESTATION_TDX_VM] = MEMBER_QUOTE,
    [ATTESTATION_AZURE_GUEST] = MEMBER_ATTESTATION_INFO,
    [ATTESTATION_TPM] = MEMBER_DATA,
};

typedef struct reader {
  arena *arena;
  attest_request *request;
  notes *remarks;
  service_error *error;
} reader;

#define REFUSE(r, failure, ...) \
  (*(r)->error = service_error_make((r)->arena, (failure), __VA_ARGS__), false)

/* Registered before the tree is made: registering may run out of memory. */
static void release_json(void *holder) { json_decref(*(json_t **)holder); }

/* A copy of the body in which the nonce's number is 0: any uint64 may stand
 * there, and Jansson refuses what is beyond int64. */
static slice without_nonce(arena *a, slice body, slice nonce) {
  slice copy = arena_copy(a, body);
  if (!nonce.length)
    return copy;
  char *number = arena_string(a, body);
  memset(number + (nonce.data - body.data), ' ', nonce.length);
  number[nonce.data - body.data] = '0';
  return (slice){number, body.length};
}

static json_t *load(reader *r, slice body, slice nonce) {
  slice text = without_nonce(r->arena, body, nonce);
  json_t **root = ARENA_NEW(r->arena, json_t *);
  arena_defer(r->arena, release_json, root);
  json_error_t problem;
  *root = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES,
                     &problem);
  if (*root)
    return *root;
  if (json_error_code(&problem) == json_error_out_of_memory)
    arena_fail(r->arena, ARENA_NO_MEMORY);
  *r->error = service_error_make(
      r->arena, FAILURE_BAD_REQUEST,
      "the request is not valid JSON: %s (line %d, column %d)", problem.text,
      problem.line, problem.column);
  return NULL;
}

static size_t find_name(const char *name, const char *const *names,
                        size_t count) {
  size_t i = 0;
  while (i < count &&
         !slice_equal_ignore_case(slice_from(name), slice_from(names[i])))
    i++;
  return i;
}

/* Sorts the members of an object into found[], null as absent. */
static bool pick(reader *r, json_t *object, const char *const *names,
                 size_t count, json_t **found) {
  const char *name;
  json_t *content;
  json_object_foreach(object, name, content) {
    size_t i = find_name(name, names, count);
    if (i == count)
      note_add(r->remarks, "the request's member \"%s\" is unknown: ignored",
               name);
    else if (found[i])
      return REFUSE(r, FAILURE_PARAMETER,
                    "the request has the member \"%s\" twice", names[i]);
    else
      found[i] = content;
  }
  for (size_t i = 0; i < count; i++)
    if (json_is_null(found[i]))
      found[i] = NULL;
  return true;
}

static slice json_text(json_t *string) {
  return (slice){json_string_value(string), json_string_length(string)};
}

static bool decode(reader *r, json_t *content, const char *name,
                   bytes *result) {
  if (!json_is_string(content))
    return REFUSE(r, FAILURE_PARAMETER, "\"%s\" is not a string", name);
  if (!base64_decode(r->arena, json_text(content), BASE64_URL, result))
    return REFUSE(r, FAILURE_PARAMETER, "\"%s\" is not base64url", name);
  return true;
}

bool data_kind_from_name(slice name, data_kind *kind) {
  bool binary = slice_equal_ignore_case(name, SLICE("Binary"));
  bool json = slice_equal_ignore_case(name, SLICE("JSON"));
  if (binary || json)
    *kind = binary ? DATA_BINARY : DATA_JSON;
  return binary || json;
}

static bool is_empty_text(json_t *content) {
  return !content ||
         (json_is_string(content) && !json_string_length(content));
}

/* {"data": base64url, "dataType": "Binary" | "JSON"}. A client written in Go
 * sends {"data":"","dataType":""} for nothing, one in Python a null. */
static bool read_data(reader *r, json_t *content, const char *name,
                      bound_data *result) {
  if (!content)
    return true;
  if (!json_is_object(content))
    return REFUSE(r, FAILURE_PARAMETER, "\"%s\" is not an object", name);
  json_t *found[PART_COUNT] = {NULL};
  if (!pick(r, content, part_names, PART_COUNT, found))
    return false;
  json_t *type = found[PART_TYPE];
  if (!found[PART_DATA] ||
      (is_empty_text(found[PART_DATA]) && is_empty_text(type)))
    return true;
  if (!decode(r, found[PART_DATA], name, &result->bytes))
    return false;
  result->kind = DATA_BINARY; /* where none is named */
  if (!type)
    return true;
  if (!json_is_string(type) || !data_kind_from_name(json_text(type),
                                                    &result->kind))
    return REFUSE(r, FAILURE_PARAMETER,
                  "the dataType of \"%s\" is neither Binary nor JSON", name);
  return true;
}

/* Init-time data without content is absent, whatever its type says. */
static bool read_init_data(reader *r, json_t *content) {
  bound_data *data = &r->request->init_time;
  if (!read_data(r, content, "initTimeData", data))
    return false;
  if (!data->bytes.length)
    *data = (bound_data){0};
  return true;
}

static bool read_runtime_data(reader *r, json_t **found) {
  bound_data *data = &r->request->runtime;
  json_t *held = found[MEMBER_ENCLAVE_HELD_DATA];
  if (!held)
    return read_data(r, found[MEMBER_RUNTIME_DATA], "runtimeData", data);
  if (found[MEMBER_RUNTIME_DATA])
    return REFUSE(r, FAILURE_PARAMETER,
                  "the request has both runtimeData and EnclaveHeldData");
  r->request->form = API_PREVIEW;
  if (!decode(r, held, "EnclaveHeldData", &data->bytes))
    return false;
  if (data->bytes.length)
    data->kind = DATA_BINARY;
  return true;
}

/* The preview API has "Quote" for OpenEnclave too. */
static bool read_evidence(reader *r, json_t **found) {
  attestation_type type = r->request->type;
  int expected = evidence_member[type];
  bool preview = type == ATTESTATION_OPEN_ENCLAVE && !found[expected] &&
                 found[MEMBER_QUOTE];
  if (preview) {
    r->request->form = API_PREVIEW;
    expected = MEMBER_QUOTE;
  }
  for (int i = MEMBER_QUOTE; i <= MEMBER_DATA; i++)
    if (found[i] && i != expected)
      return REFUSE(r, FAILURE_PARAMETER,
                    "a request of type %s has \"%s\", not \"%s\"",
                    attestation_type_name(type), member_names[expected],
                    member_names[i]);
  if (!found[expected])
    return REFUSE(r, FAILURE_PARAMETER, "the request has no \"%s\"",
                  member_names[expected]);
  return decode(r, found[expected], member_names[expected],
                &r->request->evidence);
}

static bool read_draft(reader *r, json_t *draft) {
  if (draft && !json_is_string(draft))
    return REFUSE(r, FAILURE_PARAMETER,
                  "\"draftPolicyForAttestation\" is not a string");
  if (is_empty_text(draft))
    return true;
  r->request->draft_policy = arena_copy(r->arena, json_text(draft));
  r->request->has_draft = true;
  return true;
}

static bool read_nonce(reader *r, json_t *nonce, slice number) {
  if (!nonce)
    return true;
  if (json_is_number(nonce))
    r->request->nonce = arena_copy(r->arena, number);
  else if (json_is_string(nonce))
    r->request->nonce = arena_copy(r->arena, json_text(nonce));
  else
    return REFUSE(r, FAILURE_PARAMETER,
                  "\"nonce\" is neither a string nor a number");
  r->request->has_nonce = true;
  return true;
}

static bool read_members(reader *r, json_t *root, slice nonce) {
  json_t *found[MEMBER_COUNT] = {NULL};
  return pick(r, root, member_names, MEMBER_COUNT, found) &&
         read_evidence(r, found) && read_runtime_data(r, found) &&
         read_init_data(r, found[MEMBER_INIT_TIME_DATA]) &&
         read_draft(r, found[MEMBER_DRAFT_POLICY]) &&
         read_nonce(r, found[MEMBER_NONCE], nonce);
}

bool attest_request_read(arena *a, attestation_type type, slice body,
                         attest_request *result, notes *remarks,
                         service_error *error) {
  reader r = {a, result, remarks, error};
  *result = (attest_request){.type = type};
  if (type == ATTESTATION_TYPE_UNKNOWN || type >= ATTESTATION_TYPE_COUNT)
    return REFUSE(&r, FAILURE_BAD_REQUEST, "the attestation type is unknown");
  if (body.length > LIMIT_REQUEST_BYTES)
    return REFUSE(&r, FAILURE_BAD_REQUEST,
                  "the request has %zu bytes; at most %d are read",
                  body.length, (int)LIMIT_REQUEST_BYTES);
  request_text text = request_text_scan(body);
  if (text.too_deep)
    return REFUSE(&r, FAILURE_BAD_REQUEST,
                  "the request nests deeper than %d levels",
                  (int)LIMIT_JSON_DEPTH);
  json_t *root = load(&r, body, text.nonce);
  if (!root)
    return false;
  if (!json_is_object(root))
    return REFUSE(&r, FAILURE_BAD_REQUEST, "the request is not an object");
  return read_members(&r, root, text.nonce);
}
