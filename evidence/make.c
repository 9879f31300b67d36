/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/make.h"

#include "base/base64.h"
#include "evidence/kinds.h"
#include "evidence/reader.h"

bool evidence_make(arena *a, const evidence_recipe *recipe,
                   evidence_made *result, evidence_error *error) {
  const evidence_kind *kind = evidence_kind_of(recipe->type);
  *result = (evidence_made){.type = recipe->type};
  if (!kind || !kind->make)
    return evidence_fail(a, error, EVIDENCE_TYPE, 0,
                         "evidence of type %s cannot be made by this version",
                         attestation_type_name(recipe->type));
  return kind->make(a, recipe, result, error);
}

const char *const *evidence_make_fields(arena *a, attestation_type type) {
  const evidence_kind *kind = evidence_kind_of(type);
  return kind && kind->make_fields ? kind->make_fields(a) : NULL;
}

static value encoded(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static void set_data(object_builder *request, const char *name,
                     const evidence_data *data) {
  if (!data->is_given)
    return;
  object_builder object = object_in(request->arena);
  object_set(&object, SLICE("data"), encoded(request->arena, data->data));
  object_set(&object, SLICE("dataType"),
             value_text(data->is_json ? SLICE("JSON") : SLICE("Binary")));
  object_set(request, slice_from(name), object_value(&object));
}

/* Where a request body has the evidence. */
static const char *request_member(attestation_type type) {
  switch (type) {
  case ATTESTATION_SGX_ENCLAVE:
  case ATTESTATION_TDX_VM:
    return "quote";
  case ATTESTATION_AZURE_GUEST:
    return "attestationInfo";
  case ATTESTATION_TPM:
    return "data";
  default:
    return "report";
  }
}

slice evidence_make_request(arena *a, const evidence_made *made) {
  object_builder request = object_in(a);
  object_set(&request, slice_from(request_member(made->type)),
             encoded(a, made->raw));
  set_data(&request, "runtimeData", &made->runtime_data);
  set_data(&request, "initTimeData", &made->init_data);
  value object = object_value(&request);
  buffer text = buffer_in(a);
  json_write_pretty(&text, &object);
  if (text.length == 0 || text.data[text.length - 1] != '\n')
    buffer_char(&text, '\n');
  return buffer_slice(&text);
}
