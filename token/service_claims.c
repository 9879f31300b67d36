/* SPDX-License-Identifier: Apache-2.0 */
#include "token/service_claims.h"

#include "base/base64.h"

#define REFUSE(a, error, failure, ...) \
  (*(error) = service_error_make((a), (failure), __VA_ARGS__), false)

bool service_check_bindings(arena *a, const evidence *e,
                            const attest_request *request,
                            service_error *error) {
  const bound_data *runtime = &request->runtime;
  const bound_data *init = &request->init_time;
  if (runtime->kind != DATA_ABSENT &&
      evidence_check_runtime_data(e, runtime->bytes) != BINDING_HOLDS)
    return REFUSE(a, error, FAILURE_EVIDENCE,
                  "SuppliedRuntimeDataDigest does not match RuntimeData "
                  "Digest in quote");
  if (init->kind == DATA_ABSENT)
    return true;
  binding_status status = evidence_check_init_data(e, init->bytes);
  if (status == BINDING_NOT_SUPPORTED)
    return REFUSE(a, error, FAILURE_EVIDENCE,
                  "SuppliedInitTimeDataDigest: this evidence has no place for "
                  "a digest of init-time data");
  if (status != BINDING_HOLDS)
    return REFUSE(a, error, FAILURE_EVIDENCE,
                  "SuppliedInitTimeDataDigest does not match InitTimeData "
                  "Digest in quote");
  return true;
}

static void add_members(object_builder *o, const value *object) {
  for (uint32_t i = 0; i < object->count; i++)
    object_set(o, member_name(&object->members[i]), object->members[i].value);
}

static bool add_runtime(arena *a, const evidence *e, const bound_data *data,
                        object_builder *o, service_error *error) {
  if (data->kind == DATA_ABSENT)
    return true;
  value claims;
  evidence_error problem;
  if (!evidence_runtime_claims(a, e, data->bytes, data->kind == DATA_JSON,
                               &claims, &problem))
    return REFUSE(a, error, FAILURE_PARAMETER, "%s (byte %zu)",
                  problem.message, problem.offset);
  add_members(o, &claims);
  return true;
}

/* JSON as the object it is, anything else as base64url: the documents name
 * the claim and say no more. */
static bool add_init_time(arena *a, const bound_data *data,
                          object_builder *o, service_error *error) {
  if (data->kind == DATA_ABSENT)
    return true;
  value claim;
  if (data->kind == DATA_JSON) {
    json_error problem;
    if (!json_read(a, slice_from_bytes(data->bytes), JSON_TRAILING_NUL,
                   &claim, &problem))
      return REFUSE(a, error, FAILURE_PARAMETER,
                    "the init-time data is not JSON: %s (byte %zu)",
                    problem.message, problem.offset);
  } else {
    buffer text = buffer_in(a);
    base64url_encode(&text, data->bytes);
    claim = value_text(buffer_slice(&text));
  }
  object_set(o, SLICE("x-ms-inittime"), claim);
  return true;
}

bool service_claims_build(arena *a, const evidence *e,
                          const attest_request *request, value *claims,
                          service_error *error) {
  object_builder o = object_in(a);
  add_members(&o, &e->claims);
  if (!add_runtime(a, e, &request->runtime, &o, error) ||
      !add_init_time(a, &request->init_time, &o, error))
    return false;
  *claims = object_value(&o);
  return true;
}
