/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/refusal.h"

static const char *format_text(arena *a, const char *format,
                               va_list arguments) {
  buffer text = buffer_in(a);
  buffer_vprintf(&text, format, arguments);
  return buffer_slice(&text).data;
}

refusal refusal_plain(arena *a, int status, const char *code,
                      const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const char *message = format_text(a, format, arguments);
  va_end(arguments);
  return (refusal){.status = status, .code = code, .message = message};
}

static const char *phrase_of(enclave_number number) {
  switch (number) {
  case ENCLAVE_NOT_FOUND:
    return "The requested item is not found";
  case ENCLAVE_DISALLOWED:
    return "The operation is disallowed";
  default:
    return "Bad message";
  }
}

refusal refusal_enclave(arena *a, enclave_number number, const char *format,
                        ...) {
  va_list arguments;
  va_start(arguments, format);
  const char *text = format_text(a, format, arguments);
  va_end(arguments);
  const char *phrase = phrase_of(number);
  buffer message = buffer_in(a);
  buffer_printf(&message,
                "Attestation Enclave operation failed with %d: Exception(0) "
                "83FF%04X %s    Msg:[%s] \n\r\n"
                "Unhandled Enclave Exception: \"%s\"\r\n",
                (int)number, (unsigned)number, phrase, text, phrase);
  return (refusal){.status = 400,
                   .code = number == ENCLAVE_NOT_FOUND ? "InvalidParameter"
                                                       : "InvalidOperation",
                   .message = buffer_slice(&message).data,
                   .is_repeated = true};
}

#define NO_CERTIFICATES(call)                                               \
  "Attestation Enclave operation failed with 65530: RETURN_IF_TRUE('("      \
  "GetPolicyRootCertificates().empty())') failed with 0xfffa:The operation" \
  " is disallowed.\r\nRETURN_IF_ERROR('pEnclave->" call                     \
  "clientApiVersion, policyManagementCertBuffer, *suppliedClaims, "         \
  "policyCertificates)') failed with 0xfffa: 'The operation is "            \
  "disallowed'\r\n"

refusal refusal_no_certificates(bool is_add) {
  return (refusal){
      .status = 400,
      .code = "InvalidOperation",
      .message = is_add ? NO_CERTIFICATES("AddPolicyManagementCertificate( ")
                        : NO_CERTIFICATES("RemovePolicyManagementCertificate("),
      .is_repeated = true};
}

refusal refusal_unsigned(void) {
  return (refusal){
      .status = 400,
      .code = "InvalidOperation",
      .message =
          "Native operation failed with 74: ..\\Enclave\\enclave.cpp(2359)"
          "\\(null)!: (caller: ) Exception(0) 83FF004A Bad message    "
          "Msg:[Unsigned JWS specified but enclave is configured with "
          "signing certificates.] \n\r\n"
          "..\\Enclave\\api.cpp(663)\\(null)!: (caller: ) LogHr(0) 83FF004A "
          "Bad message    Msg:[Unhandled Enclave Exception: \"Bad message\"] "
          "\n\r\n"};
}

refusal refusal_of_service_error(const service_error *error) {
  return (refusal){.status = error->http_status,
                   .code = error->code,
                   .message = error->message,
                   .is_repeated =
                       strcmp(error->message, error->text) != 0};
}

static object_builder code_and_message(arena *a, const refusal *r) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("code"), value_text(slice_from(r->code)));
  object_set(&o, SLICE("message"), value_text(slice_from(r->message)));
  return o;
}

value refusal_body(arena *a, const refusal *r) {
  object_builder outer = code_and_message(a, r);
  bool has_findings = r->diagnostics.kind == VALUE_ARRAY;
  if (r->is_repeated || has_findings) {
    object_builder inner = code_and_message(a, r);
    if (has_findings)
      object_set(&inner, SLICE("diagnostics"), r->diagnostics);
    object_set(&outer, SLICE("innererror"), object_value(&inner));
  }
  object_builder body = object_in(a);
  object_set(&body, SLICE("error"), object_value(&outer));
  return object_value(&body);
}
