/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/decode.h"

#include "base/base64.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "evidence/reader.h"

typedef enum text_encoding { TEXT_BASE64, TEXT_HEX } text_encoding;

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The text with its white space left out. */
static slice squeeze(arena *a, slice text) {
  char *squeezed = arena_alloc(a, text.length + 1);
  size_t length = 0;
  for (size_t i = 0; i < text.length; i++)
    if (!is_blank(text.data[i]))
      squeezed[length++] = text.data[i];
  squeezed[length] = 0;
  return (slice){squeezed, length};
}

static bool is_hex(slice text) {
  for (size_t i = 0; i < text.length; i++)
    if (hex_digit(text.data[i]) < 0)
      return false;
  return text.length > 0;
}

/* Raw evidence has a byte that no text has; lengths and zero bytes stand in
 * the first few. */
static bool is_text(slice content) {
  for (size_t i = 0; i < content.length; i++)
    if (!is_blank(content.data[i]) &&
        (content.data[i] < ' ' || content.data[i] > '~'))
      return false;
  return true;
}

static bool decode_text(arena *a, slice text, evidence_input *result,
                        evidence_error *error) {
  slice squeezed = squeeze(a, text);
  if (is_hex(squeezed)) {
    if (hex_decode(a, squeezed, &result->raw))
      return true;
    return evidence_fail(a, error, EVIDENCE_ENCODING, text.length,
                         "an odd number of hex digits");
  }
  if (base64_decode(a, squeezed, BASE64_EITHER, &result->raw))
    return true;
  return evidence_fail(a, error, EVIDENCE_ENCODING, 0,
                       "neither raw evidence nor base64, base64url, hex or "
                       "JSON");
}

/* Names are matched in any case, as the service does. */
static const value *any_member(const value *object, const char *name) {
  for (uint32_t i = 0; i < object->count; i++)
    if (slice_equal_ignore_case(member_name(&object->members[i]),
                                slice_from(name)))
      return &object->members[i].value;
  return NULL;
}

static bool decode_member(arena *a, const value *v, const char *name,
                          text_encoding encoding, bytes *result,
                          evidence_error *error) {
  if (v->kind != VALUE_STRING)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "member \"%s\" is not a string", name);
  bool good = encoding == TEXT_HEX
                  ? hex_decode(a, value_string(v), result)
                  : base64_decode(a, value_string(v), BASE64_EITHER, result);
  if (good)
    return true;
  return evidence_fail(a, error, EVIDENCE_ENCODING, 0,
                       "member \"%s\" is not %s", name,
                       encoding == TEXT_HEX ? "hex" : "base64url");
}

/* {"data": base64url, "dataType": "JSON" | "Binary"}; null and an empty data
 * without a type mean that there is none, as some clients send. */
static bool decode_data(arena *a, const value *object, const char *name,
                        evidence_data *result, evidence_error *error) {
  const value *v = any_member(object, name);
  if (!v || v->kind == VALUE_NULL)
    return true;
  const value *data = v->kind == VALUE_OBJECT ? any_member(v, "data") : NULL;
  if (!data)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "member \"%s\" is not an object with \"data\"", name);
  if (!decode_member(a, data, "data", TEXT_BASE64, &result->data, error))
    return false;
  const value *type = any_member(v, "dataType");
  slice text =
      type && type->kind == VALUE_STRING ? value_string(type) : SLICE_EMPTY;
  result->is_json = slice_equal_ignore_case(text, SLICE("JSON"));
  result->is_given = text.length > 0 || result->data.length > 0;
  if (text.length == 0 || result->is_json ||
      slice_equal_ignore_case(text, SLICE("Binary")))
    return true;
  return evidence_fail(a, error, EVIDENCE_JSON, 0,
                       "\"dataType\" of \"%s\" is neither JSON nor Binary",
                       name);
}

/* Where JSON files keep the evidence, and data in the older form. */
static const struct {
  const char *name;
  text_encoding encoding;
  bool is_evidence;
} shell_members[] = {
    {"quote", TEXT_BASE64, true},
    {"report", TEXT_BASE64, true},
    {"attestationInfo", TEXT_BASE64, true},
    {"data", TEXT_BASE64, true},
    {"QuoteHex", TEXT_HEX, true},
    {"EnclaveHeldData", TEXT_BASE64, false},
    {"EnclaveHeldDataHex", TEXT_HEX, false},
};

static bool decode_members(arena *a, const value *object,
                           evidence_input *result, evidence_error *error) {
  bool found = false;
  for (size_t i = 0; i < sizeof shell_members / sizeof *shell_members; i++) {
    const char *name = shell_members[i].name;
    const value *v = any_member(object, name);
    if (!v)
      continue;
    bool is_evidence = shell_members[i].is_evidence;
    bytes *to = is_evidence ? &result->raw : &result->runtime_data.data;
    if (!decode_member(a, v, name, shell_members[i].encoding, to, error))
      return false;
    if (is_evidence)
      found = true;
    else
      result->runtime_data.is_given = true;
  }
  if (!found)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "the JSON has no member \"quote\", \"report\", "
                         "\"attestationInfo\", \"data\" or \"QuoteHex\"");
  return true;
}

static bool decode_json(arena *a, slice text, evidence_input *result,
                        evidence_error *error) {
  value object;
  json_error problem;
  if (!json_read(a, text, 0, &object, &problem))
    return evidence_fail(a, error, EVIDENCE_JSON, problem.offset,
                         "invalid JSON: %s", problem.message);
  return decode_members(a, &object, result, error) &&
         decode_data(a, &object, "runtimeData", &result->runtime_data, error) &&
         decode_data(a, &object, "initTimeData", &result->init_data, error);
}

/* Some kinds are JSON or a JWS themselves, without a shell around it. */
static bool is_text_evidence(slice text) {
  attestation_type type = evidence_detect(bytes_from_slice(text));
  return type == ATTESTATION_TPM ||
         (text.data[0] == '{' && type != ATTESTATION_TYPE_UNKNOWN);
}

bool evidence_decode(arena *a, slice text, evidence_input *result,
                     evidence_error *error) {
  *result = (evidence_input){0};
  size_t begin = slice_starts_with(text, "\xef\xbb\xbf") ? 3 : 0;
  while (begin < text.length && is_blank(text.data[begin]))
    begin++;
  slice rest = {text.data + begin, text.length - begin};
  if (rest.length == 0)
    return evidence_fail(a, error, EVIDENCE_TRUNCATED, 0, "it is empty");
  bool good = true;
  if (is_text_evidence(rest))
    result->raw = bytes_from_slice(rest);
  else if (rest.data[0] == '{')
    good = decode_json(a, rest, result, error);
  else if (is_text(rest))
    good = decode_text(a, rest, result, error);
  else
    result->raw = bytes_from_slice(text);
  if (!good) {
    error->offset += begin;
    return false;
  }
  result->type = evidence_detect(result->raw);
  return true;
}

bool evidence_decode_file(arena *a, const char *path, evidence_input *result,
                          evidence_error *error) {
  slice text;
  const char *reason;
  switch (file_read(a, path, LIMIT_REQUEST_BYTES, &text, &reason)) {
  case FILE_OK:
    return evidence_decode(a, text, result, error);
  case FILE_TOO_LARGE:
    return evidence_fail(a, error, EVIDENCE_TOO_LARGE, 0, "%s", reason);
  case FILE_UNREADABLE:
    break;
  }
  return evidence_fail(a, error, EVIDENCE_UNREADABLE, 0, "%s", reason);
}
