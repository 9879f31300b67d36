/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tpm_request.h"

#include "base/base64.h"
#include "base/json_span.h"

/* --- envelope ------------------------------------------------------------- */

static slice trim(bytes raw) {
  slice text = slice_from_bytes(raw);
  if (slice_starts_with(text, "\xef\xbb\xbf"))
    text = (slice){text.data + 3, text.length - 3};
  while (text.length && strchr(" \t\r\n", text.data[0]) && text.data[0])
    text = (slice){text.data + 1, text.length - 1};
  while (text.length && strchr(" \t\r\n", text.data[text.length - 1]) &&
         text.data[text.length - 1])
    text.length--;
  return text;
}

/* {" in base64url begins with eyJ, or ew before white space. */
static bool looks_like_jws(slice text) {
  size_t dots = 0;
  if (!slice_starts_with(text, "ey") && !slice_starts_with(text, "ew"))
    return false;
  for (size_t i = 0; i < text.length; i++) {
    char c = text.data[i];
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (c == '.')
      dots++;
    else if (!is_letter)
      return false;
  }
  return dots == 2;
}

bool tpm_request_detect(bytes raw) {
  slice text = trim(raw);
  if (text.length == 0 || text.data[0] != '{')
    return looks_like_jws(text);
  slice inner = json_span(text, "payload");
  if (inner.length)
    text = inner;
  return json_has_member(text, "request") ||
         json_has_member(text, "att_data") ||
         (json_has_member(text, "type") && inner.length);
}

static bool read_object(arena *a, slice text, value *result,
                        evidence_error *error) {
  json_error problem;
  if (!json_read(a, text, 0, result, &problem))
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "invalid JSON: %s (byte %zu)", problem.message,
                         problem.offset);
  return result->kind == VALUE_OBJECT ||
         evidence_fail(a, error, EVIDENCE_JSON, 0, "it is no object");
}

/* --- the JWS -------------------------------------------------------------- */

static bool take_part(arena *a, slice *rest, bytes *part,
                      evidence_error *error) {
  const char *dot = memchr(rest->data, '.', rest->length);
  slice text = dot ? slice_between(rest->data, dot) : *rest;
  *rest = dot ? slice_between(dot + 1, rest->data + rest->length) : SLICE("");
  return base64_decode(a, text, BASE64_URL, part) ||
         evidence_fail(a, error, EVIDENCE_ENCODING, 0,
                       "a part of the JWS is not base64url");
}

static bool read_header(arena *a, bytes header, tpm_request *request,
                        evidence_error *error) {
  value object;
  slice type;
  if (!read_object(a, slice_from_bytes(header), &object, error) ||
      !tpm_member_text(a, &object, "alg", &request->algorithm, error) ||
      !tpm_member_text(a, &object, "typ", &type, error))
    return tpm_within(a, error, "header of the JWS");
  if (value_member(&object, SLICE("crit")))
    return evidence_fail(a, error, EVIDENCE_FORMAT, 0,
                         "header of the JWS: critical extensions (crit) are "
                         "not known");
  if (slice_is(type, "attReq"))
    request->version = 1;
  else if (slice_is(type, "attReqV2"))
    request->version = 2;
  else
    return evidence_fail(a, error, EVIDENCE_VERSION, 0,
                         "header of the JWS: typ is \"%.*s\", but attReq or "
                         "attReqV2 is wanted",
                         SLICE_ARGS(type));
  return true;
}

static bool read_jws(arena *a, slice token, tpm_request *request,
                     evidence_error *error) {
  size_t dots = 0, last = 0;
  for (size_t i = 0; i < token.length; i++)
    if (token.data[i] == '.') {
      dots++;
      last = i;
    }
  if (dots != 2)
    return evidence_fail(a, error, EVIDENCE_FORMAT, 0,
                         "a JWS has three parts, with a dot between each two");
  bytes header, payload;
  slice rest = token;
  request->is_signed = true;
  request->signing_input = (bytes){(const uint8_t *)token.data, last};
  if (!take_part(a, &rest, &header, error) ||
      !take_part(a, &rest, &payload, error) ||
      !take_part(a, &rest, &request->signature, error))
    return false;
  request->payload = slice_from_bytes(payload);
  return read_header(a, header, request, error);
}

/* {"type": "aikcert"} asks for a challenge and brings nothing. */
static bool refuse_init(arena *a, const value *object, evidence_error *error) {
  const value *type = value_member(object, SLICE("type"));
  return evidence_fail(
      a, error, EVIDENCE_FORMAT, 0,
      type ? "an init message: it asks for a challenge and has no evidence"
           : "there is neither \"request\" nor \"att_data\"");
}

static bool open_envelope(arena *a, slice text, tpm_request *request,
                          evidence_error *error) {
  value object;
  if (!read_object(a, text, &object, error))
    return false;
  const value *payload = value_member(&object, SLICE("payload"));
  if (payload && payload->kind == VALUE_OBJECT) {
    object = *payload;
    text = json_span(text, "payload");
  }
  slice token;
  if (value_member(&object, SLICE("request")))
    return tpm_member_text(a, &object, "request", &token, error) &&
           read_jws(a, token, request, error);
  request->payload = text;
  return value_member(&object, SLICE("att_data")) ||
         refuse_init(a, &object, error);
}

/* --- the payload ---------------------------------------------------------- */

static bool add_named_log(arena *a, const value *object, const char *name,
                          tpm_state *state, bool *was_there,
                          evidence_error *error) {
  bytes raw;
  bool is_there;
  if (!tpm_member_bytes(a, object, name, &raw, &is_there, error))
    return false;
  *was_there = *was_there || is_there;
  return !is_there || tpm_state_add_log(a, state, raw, false, error) ||
         tpm_within(a, error, name);
}

/* The logs of a resume are those of now, if the machine hibernated. */
static bool read_logs_v1(arena *a, const value *object, tpm_state *state,
                         bool may_resume, evidence_error *error) {
  bool found = false;
  if (may_resume &&
      (!add_named_log(a, object, "srtm_resume_log", state, &found, error) ||
       !add_named_log(a, object, "drtm_resume_log", state, &found, error)))
    return false;
  return found ||
         (add_named_log(a, object, "srtm_boot_log", state, &found, error) &&
          add_named_log(a, object, "drtm_boot_log", state, &found, error));
}

static bool read_claim_v1(arena *a, const value *object, const char *name,
                          tpm_state *state, bool *is_there,
                          evidence_error *error) {
  bytes blob;
  bool has_certificate;
  state->name = name;
  if (!tpm_member_bytes(a, object, name, &blob, is_there, error))
    return false;
  if (is_there && !*is_there)
    return true;
  const value *aik = tpm_member_of(a, object, "aik_pub", VALUE_OBJECT, error);
  if (!aik || !tpm_member_bytes(a, object, "aik_cert", &state->aik_certificate,
                                &has_certificate, error))
    return false;
  state->aik = *aik;
  return (tpm_claim_blob_read(a, blob, state, error) &&
          read_logs_v1(a, object, state, !is_there, error)) ||
         tpm_within(a, error, name);
}

static bool read_states_v1(arena *a, const value *object, tpm_request *request,
                           evidence_error *error) {
  return read_claim_v1(a, object, "current_claim", &request->current, NULL,
                       error) &&
         read_claim_v1(a, object, "boot_claim", &request->boot,
                       &request->has_boot, error);
}

static bool read_states_v2(arena *a, const value *object, tpm_request *request,
                           evidence_error *error) {
  const value *boot = value_member(object, SLICE("boot_attestation"));
  request->current.name = "current_attestation";
  request->boot.name = "boot_attestation";
  const value *current =
      tpm_member_of(a, object, request->current.name, VALUE_OBJECT, error);
  if (!current)
    return false;
  if (!tpm_state_read(a, current, &request->current, error))
    return tpm_within(a, error, request->current.name);
  request->has_boot = boot && boot->kind != VALUE_NULL;
  return !request->has_boot || tpm_state_read(a, boot, &request->boot, error) ||
         tpm_within(a, error, request->boot.name);
}

/* Version 1 has the bare JWK of a key that only the enclave vouches for. */
static bool read_attest_key(arena *a, const value *body, slice text,
                            tpm_request *request, evidence_error *error) {
  const value *jwk = tpm_member_of(a, body, "attest_key", VALUE_OBJECT, error);
  if (!jwk)
    return false;
  request->key = (tpm_client_key){.binding = TPM_KEY_UNBOUND,
                                  .jwk = *jwk,
                                  .jwk_text = json_span(text, "attest_key")};
  return true;
}

/* The text of item `index` of an array that json_read has read. */
static slice item_text(slice array, uint32_t index) {
  size_t depth = 0, begin = 1;
  bool in_string = false;
  for (size_t i = 1; i < array.length; i++) {
    char c = array.data[i];
    if (in_string) {
      if (c == '\\')
        i++;
      else
        in_string = c != '"';
      continue;
    }
    in_string = c == '"';
    bool ends = depth == 0 && (c == ',' || c == ']');
    if (ends && index-- == 0)
      return slice_between(array.data + begin, array.data + i);
    if (ends)
      begin = i + 1;
    if (c == '{' || c == '[')
      depth++;
    else if ((c == '}' || c == ']') && depth > 0)
      depth--;
  }
  return SLICE_EMPTY;
}

static bool read_other_keys(arena *a, const value *body, slice text,
                            tpm_request *request, evidence_error *error) {
  const value *keys = value_member(body, SLICE("other_keys"));
  if (!keys || keys->kind == VALUE_NULL)
    return true;
  if (keys->kind != VALUE_ARRAY || keys->count > TPM_OTHER_KEYS_MAX)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "\"other_keys\" is an array of at most %d keys",
                         TPM_OTHER_KEYS_MAX);
  slice array = json_span(text, "other_keys");
  for (uint32_t i = 0; i < keys->count; i++) {
    tpm_client_key *key = &request->other_keys[request->other_key_count++];
    if (!tpm_client_key_read(a, &keys->items[i], item_text(array, i), key,
                             error))
      return tpm_within(a, error, "other_keys");
    if (key->binding == TPM_KEY_QUOTED)
      return evidence_fail(a, error, EVIDENCE_JSON, 0,
                           "other_keys: only request_key can be bound by the "
                           "quote (tpm_quote)");
  }
  return true;
}

static bool read_keys_v2(arena *a, const value *body, slice text,
                         tpm_request *request, evidence_error *error) {
  const value *key = tpm_member_of(a, body, "request_key", VALUE_OBJECT, error);
  if (!key)
    return false;
  if (!tpm_client_key_read(a, key, json_span(text, "request_key"),
                           &request->key, error))
    return tpm_within(a, error, "request_key");
  return read_other_keys(a, body, text, request, error);
}

static bool check_custom_claim(arena *a, const value *claim,
                               evidence_error *error) {
  return tpm_member_of(a, claim, "name", VALUE_STRING, error) &&
         tpm_member_of(a, claim, "value", VALUE_STRING, error) &&
         tpm_member_of(a, claim, "value_type", VALUE_STRING, error);
}

static bool read_custom_claims(arena *a, const value *body,
                               tpm_request *request, evidence_error *error) {
  array_builder none = array_in(a);
  request->custom_claims = array_value(&none);
  const value *claims = value_member(body, SLICE("custom_claims"));
  if (!claims || claims->kind == VALUE_NULL)
    return true;
  if (claims->kind != VALUE_ARRAY || claims->count > TPM_CUSTOM_CLAIMS_MAX)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "\"custom_claims\" is an array of at most %d claims",
                         TPM_CUSTOM_CLAIMS_MAX);
  for (uint32_t i = 0; i < claims->count; i++)
    if (!check_custom_claim(a, &claims->items[i], error))
      return tpm_within(a, error, "custom_claims");
  request->custom_claims = *claims;
  return true;
}

static bool read_common(arena *a, const value *body, tpm_request *request,
                        evidence_error *error) {
  bytes ignored;
  return tpm_member_text(a, body, "rp_id", &request->relying_party, error) &&
         tpm_member_bytes(a, body, "rp_data", &ignored, &request->has_rp_data,
                          error) &&
         tpm_member_text(a, body, "rp_data", &request->rp_data, error) &&
         tpm_member_bytes(a, body, "challenge", &request->challenge, NULL,
                          error) &&
         tpm_member_text(a, body, "service_context", &request->service_context,
                         error) &&
         read_custom_claims(a, body, request, error);
}

static bool read_body(arena *a, const value *body, slice text,
                      tpm_request *request, evidence_error *error) {
  const value *tpm =
      tpm_member_of(a, body, "tpm_att_data", VALUE_OBJECT, error);
  if (!tpm || !read_common(a, body, request, error))
    return false;
  if (!request->is_signed)
    request->version = value_member(tpm, SLICE("current_attestation")) ? 2 : 1;
  bool good = request->version == 1 ? read_states_v1(a, tpm, request, error)
                                    : read_states_v2(a, tpm, request, error);
  if (!good)
    return tpm_within(a, error, "tpm_att_data");
  return request->version == 1 ? read_attest_key(a, body, text, request, error)
                               : read_keys_v2(a, body, text, request, error);
}

/* {"enclave": {"report"}}, or the report itself in version 1. */
static bool read_vbs(arena *a, const value *data, tpm_request *request,
                     evidence_error *error) {
  bytes raw;
  const value *report = value_member(data, SLICE("vsm_report"));
  const value *inside = report ? value_member(report, SLICE("enclave")) : NULL;
  bool good = inside
                  ? tpm_member_bytes(a, inside, "report", &raw, NULL, error)
                  : tpm_member_bytes(a, data, "vsm_report", &raw, NULL, error);
  return good && (vbs_report_read(a, raw, &request->vbs, error) ||
                  tpm_within(a, error, "vsm_report"));
}

static bool read_payload(arena *a, tpm_request *request,
                         evidence_error *error) {
  value object;
  slice type, text = json_span(request->payload, "att_data");
  if (!read_object(a, request->payload, &object, error) ||
      !tpm_member_text(a, &object, "att_type", &type, error))
    return false;
  const value *data =
      tpm_member_of(a, &object, "att_data", VALUE_OBJECT, error);
  if (!data)
    return false;
  request->is_vbs = slice_is(type, "vbs") || slice_is(type, "vsm");
  if (!request->is_vbs && !slice_is(type, "basic"))
    return evidence_fail(a, error, EVIDENCE_TYPE, 0,
                         "att_type is \"%.*s\", but basic or vbs is wanted",
                         SLICE_ARGS(type));
  if (!request->is_vbs)
    return read_body(a, data, text, request, error);
  const value *body =
      tpm_member_of(a, data, "report_signed", VALUE_OBJECT, error);
  request->report_signed = json_span(text, "report_signed");
  if (body && request->report_signed.length == 0)
    return evidence_fail(a, error, EVIDENCE_JSON, 0,
                         "the names of the members are written with escapes");
  return body && read_vbs(a, data, request, error) &&
         read_body(a, body, request->report_signed, request, error);
}

bool tpm_request_read(arena *a, bytes raw, tpm_request *result,
                      evidence_error *error) {
  slice text = trim(raw);
  bool is_object = text.length && text.data[0] == '{';
  if (is_object ? !open_envelope(a, text, result, error)
                : !read_jws(a, text, result, error))
    return false;
  if (!read_payload(a, result, error))
    return tpm_within(a, error, "request");
  return true;
}

bool tpm_request_parse(arena *a, bytes raw, evidence *result,
                       evidence_error *error) {
  tpm_request *request = ARENA_NEW(a, tpm_request);
  if (!tpm_request_read(a, raw, request, error))
    return false;
  result->detail = request;
  tpm_describe(a, request, result);
  return true;
}
