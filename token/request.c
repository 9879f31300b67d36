/* SPDX-License-Identifier: Apache-2.0 */
#include "token/request.h"

#include "base/base64.h"
#include "base/diagnostic.h"
#include "base/limits.h"
#include "base/value.h"
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

/* A copy of the body in which the nonce's number is 0: any number may stand
 * there, and the reader refuses what is beyond double. */
static slice without_nonce(arena *a, slice body, slice nonce) {
  slice copy = arena_copy(a, body);
  if (!nonce.length)
    return copy;
  char *number = arena_string(a, body);
  memset(number + (nonce.data - body.data), ' ', nonce.length);
  number[nonce.data - body.data] = '0';
  return (slice){number, body.length};
}

static bool load(reader *r, slice body, slice nonce, value *root) {
  slice text = without_nonce(r->arena, body, nonce);
  json_error problem;
  if (json_read(r->arena, text, 0, root, &problem))
    return true;
  line_index lines;
  line_index_make(&lines, r->arena, text);
  position at = line_index_position(&lines, (uint32_t)problem.offset);
  return REFUSE(r, FAILURE_BAD_REQUEST,
                "the request is not valid JSON: %s (line %u, column %u)",
                problem.message, at.line, at.column);
}

static bool is_string(const value *v) {
  return v && v->kind == VALUE_STRING;
}

static size_t find_name(slice name, const char *const *names, size_t count) {
  size_t i = 0;
  while (i < count && !slice_equal_ignore_case(name, slice_from(names[i])))
    i++;
  return i;
}

static bool has_nul(slice text) {
  return text.length && memchr(text.data, 0, text.length) != NULL;
}

/* Sorts the members of an object into found[], null as absent. */
static bool pick(reader *r, const value *object, const char *const *names,
                 size_t count, const value **found) {
  for (uint32_t m = 0; m < object->count; m++) {
    slice name = member_name(&object->members[m]);
    const value *content = &object->members[m].value;
    size_t i = find_name(name, names, count);
    if (has_nul(name) || (is_string(content) && has_nul(value_string(content))))
      return REFUSE(r, FAILURE_BAD_REQUEST,
                    "the request is not valid: \\u0000 stands in it");
    if (i == count)
      note_add(r->remarks,
               "the request's member \"%.*s\" is unknown: ignored",
               SLICE_ARGS(name));
    else if (found[i])
      return REFUSE(r, FAILURE_PARAMETER,
                    "the request has the member \"%s\" twice", names[i]);
    else
      found[i] = content;
  }
  for (size_t i = 0; i < count; i++)
    if (found[i] && found[i]->kind == VALUE_NULL)
      found[i] = NULL;
  return true;
}

static bool decode(reader *r, const value *content, const char *name,
                   bytes *result) {
  if (!is_string(content))
    return REFUSE(r, FAILURE_PARAMETER, "\"%s\" is not a string", name);
  if (!base64_decode(r->arena, value_string(content), BASE64_URL, result))
    return REFUSE(r, FAILURE_PARAMETER, "\"%s\" is not base64url", name);
  return true;
}

static bool is_empty_text(const value *content) {
  return !content || (is_string(content) && content->count == 0);
}

/* {"data": base64url, "dataType": "Binary" | "JSON"}. A client written in Go
 * sends {"data":"","dataType":""} for nothing, one in Python a null. */
static bool read_data(reader *r, const value *content, const char *name,
                      bound_data *result) {
  if (!content)
    return true;
  if (content->kind != VALUE_OBJECT)
    return REFUSE(r, FAILURE_PARAMETER, "\"%s\" is not an object", name);
  const value *found[PART_COUNT] = {NULL};
  if (!pick(r, content, part_names, PART_COUNT, found))
    return false;
  const value *type = found[PART_TYPE];
  if (!found[PART_DATA] ||
      (is_empty_text(found[PART_DATA]) && is_empty_text(type)))
    return true;
  if (!decode(r, found[PART_DATA], name, &result->bytes))
    return false;
  result->kind = DATA_BINARY; /* where none is named */
  if (!type)
    return true;
  if (!is_string(type) || !data_kind_from_name(value_string(type),
                                                    &result->kind))
    return REFUSE(r, FAILURE_PARAMETER,
                  "the dataType of \"%s\" is neither Binary nor JSON", name);
  return true;
}

/* Init-time data without content is absent, whatever its type says. */
static bool read_init_data(reader *r, const value *content) {
  bound_data *data = &r->request->init_time;
  if (!read_data(r, content, "initTimeData", data))
    return false;
  if (!data->bytes.length)
    *data = (bound_data){0};
  return true;
}

static bool read_runtime_data(reader *r, const value **found) {
  bound_data *data = &r->request->runtime;
  const value *held = found[MEMBER_ENCLAVE_HELD_DATA];
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
static bool read_evidence(reader *r, const value **found) {
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

static bool read_draft(reader *r, const value *draft) {
  if (draft && !is_string(draft))
    return REFUSE(r, FAILURE_PARAMETER,
                  "\"draftPolicyForAttestation\" is not a string");
  if (is_empty_text(draft))
    return true;
  r->request->draft_policy = arena_copy(r->arena, value_string(draft));
  r->request->has_draft = true;
  return true;
}

static bool read_nonce(reader *r, const value *nonce, slice number) {
  if (!nonce)
    return true;
  if (nonce->kind == VALUE_INTEGER || nonce->kind == VALUE_NUMBER)
    r->request->nonce = arena_copy(r->arena, number);
  else if (is_string(nonce))
    r->request->nonce = arena_copy(r->arena, value_string(nonce));
  else
    return REFUSE(r, FAILURE_PARAMETER,
                  "\"nonce\" is neither a string nor a number");
  r->request->has_nonce = true;
  return true;
}

static bool read_members(reader *r, const value *root, slice nonce) {
  const value *found[MEMBER_COUNT] = {NULL};
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
  value root;
  if (!load(&r, body, text.nonce, &root))
    return false;
  if (root.kind != VALUE_OBJECT)
    return REFUSE(&r, FAILURE_BAD_REQUEST, "the request is not an object");
  return read_members(&r, &root, text.nonce);
}
