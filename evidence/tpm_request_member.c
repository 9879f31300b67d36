/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "evidence/tpm_request.h"

bool tpm_within(arena *a, evidence_error *error, const char *where) {
  return evidence_fail(a, error, error->code, 0, "%s: %s", where,
                       error->message);
}

static const char *const kind_names[] = {
    [VALUE_NULL] = "null",       [VALUE_BOOLEAN] = "true or false",
    [VALUE_INTEGER] = "integer", [VALUE_NUMBER] = "number",
    [VALUE_STRING] = "string",   [VALUE_ARRAY] = "array",
    [VALUE_OBJECT] = "object"};

const value *tpm_member_of(arena *a, const value *object, const char *name,
                           value_kind kind, evidence_error *error) {
  const value *v = value_member(object, slice_from(name));
  if (v && v->kind == kind)
    return v;
  evidence_fail(a, error, EVIDENCE_JSON, 0,
                v ? "member \"%s\" is no %s" : "there is no \"%s\" (%s)", name,
                kind_names[kind]);
  return NULL;
}

static bool is_absent(const value *v) { return !v || v->kind == VALUE_NULL; }

bool tpm_member_bytes(arena *a, const value *object, const char *name,
                      bytes *result, bool *is_there, evidence_error *error) {
  *result = (bytes){NULL, 0};
  if (is_there) {
    const value *found = value_member(object, slice_from(name));
    *is_there =
        !is_absent(found) && (found->kind != VALUE_STRING || found->count > 0);
    if (!*is_there)
      return true;
  }
  const value *v = tpm_member_of(a, object, name, VALUE_STRING, error);
  if (!v)
    return false;
  if (base64_decode(a, value_string(v), BASE64_EITHER, result) &&
      result->length > 0)
    return true;
  return evidence_fail(a, error, EVIDENCE_ENCODING, 0,
                       v->count ? "member \"%s\" is not base64url"
                                : "member \"%s\" is empty",
                       name);
}

bool tpm_member_text(arena *a, const value *object, const char *name,
                     slice *result, evidence_error *error) {
  *result = SLICE_EMPTY;
  if (is_absent(value_member(object, slice_from(name))))
    return true;
  const value *v = tpm_member_of(a, object, name, VALUE_STRING, error);
  if (v)
    *result = value_string(v);
  return v != NULL;
}
