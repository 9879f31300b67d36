/* SPDX-License-Identifier: Apache-2.0 */
#include "token/service_error.h"

/* Code and frame of each failure. `number` is what the enclave reports, 0 for
 * a refusal of the front end; `phrase` is the text that goes with it. */
typedef struct failure_form {
  const char *code;
  unsigned number;
  const char *phrase;
} failure_form;

static const failure_form forms[] = {
    [FAILURE_NONE] = {"", 0, ""},
    [FAILURE_POLICY_EVALUATION] = {"PolicyEvaluationError", 0xffee,
                                   "Policy Evaluation Error has occurred"},
    [FAILURE_POLICY_PARSING] = {"PolicyParsingError", 0xfff6,
                                "Invalid policy was specified"},
    [FAILURE_EVIDENCE] = {"InvalidParameter", 0xfffe,
                          "The specified quote was invalid due to an error in "
                          "the quote collateral."},
    [FAILURE_PARAMETER] = {"InvalidParameter", 0, ""},
    [FAILURE_BAD_REQUEST] = {"Bad request", 0, ""},
};

/* Recorded: an exception of the policy engine, with the frame of 2022. */
static void frame_exception(buffer *b, const failure_form *form,
                            const char *engine, const char *text) {
  buffer_printf(b,
                "Attestation Enclave operation failed with %u: Exception(0) "
                "83FF%04X %s    Msg:[%s%s] \n\r\n"
                "Unhandled Enclave Exception: \"%s\"\r\n",
                form->number, form->number, form->phrase, engine, text,
                form->phrase);
}

/* Recorded: a check that returned an error; the text follows the phrase
 * without a blank. */
static void frame_check(buffer *b, const failure_form *form,
                        const char *text) {
  buffer_printf(b,
                "Attestation Enclave operation failed with %u: "
                "RETURN_IF_ERROR('EBADQUOTECOLLATERAL') failed with 0x%x: "
                "'%s'%s\r\n",
                form->number, form->number, form->phrase, text);
}

static service_error make(arena *a, service_failure failure,
                          const char *text) {
  const failure_form *form = &forms[failure];
  buffer message = buffer_in(a);
  if (failure == FAILURE_POLICY_EVALUATION)
    frame_exception(&message, form, "Policy Engine Exception: ", text);
  else if (failure == FAILURE_POLICY_PARSING)
    frame_exception(&message, form, "Policy Parser Exception Thrown: ", text);
  else if (failure == FAILURE_EVIDENCE)
    frame_check(&message, form, text);
  else
    buffer_text(&message, text);
  return (service_error){failure, 400, form->code, text,
                         buffer_slice(&message).data};
}

service_error service_error_make(arena *a, service_failure failure,
                                 const char *format, ...) {
  buffer text = buffer_in(a);
  va_list arguments;
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  return make(a, failure, buffer_slice(&text).data);
}

/* The word, string or sign that a finding begins with. */
static slice offending_symbol(slice text, span where) {
  size_t begin = where.begin < text.length ? where.begin : text.length;
  size_t end = where.end < text.length ? where.end : text.length;
  if (end <= begin)
    return begin < text.length ? (slice){text.data + begin, 1}
                               : SLICE("<EOF>");
  slice symbol = {text.data + begin, end - begin};
  enum { SYMBOL_MAX = 80 }; /* a finding may span a whole rule */
  if (symbol.length > SYMBOL_MAX)
    symbol.length = SYMBOL_MAX;
  return symbol;
}

/* The service names its grammar's rules; public are only these two. */
static const char *failing_rule(slice text, uint32_t begin) {
  for (size_t i = 0; i < begin && i < text.length; i++)
    if (text.data[i] == '{')
      return "policy";
  return "policy > versionInfo";
}

static const diagnostic *first_error(const diagnostics *findings) {
  for (const diagnostic *d = findings->first; d; d = d->next)
    if (d->severity == SEVERITY_ERROR)
      return d;
  return NULL;
}

service_error service_error_of_policy(arena *a, const diagnostics *findings,
                                      slice text) {
  const diagnostic *d = first_error(findings);
  if (!d)
    return service_error_make(a, FAILURE_POLICY_PARSING, "unknown failure");
  line_index lines;
  line_index_make(&lines, a, text);
  position at = line_index_position(&lines, d->where.begin);
  slice symbol = offending_symbol(text, d->where);
  return service_error_make(
      a, FAILURE_POLICY_PARSING,
      "Offending symbol: '%.*s'\nLine: '%u', Column: '%u'\n"
      "Failure message: '%s'\nFailing rule: '%s'",
      SLICE_ARGS(symbol), (unsigned)at.line, (unsigned)at.column, d->message,
      failing_rule(text, d->where.begin));
}

static void set_text(object_builder *o, slice name, const char *text) {
  object_set(o, name, value_text(slice_from(text)));
}

static object_builder code_and_message(arena *a, const service_error *error) {
  object_builder o = object_in(a);
  set_text(&o, SLICE("code"), error->code);
  set_text(&o, SLICE("message"), error->message);
  return o;
}

value service_error_value(arena *a, const service_error *error) {
  object_builder o = code_and_message(a, error);
  return object_value(&o);
}

value service_error_body(arena *a, const service_error *error) {
  object_builder inside = code_and_message(a, error);
  if (forms[error->failure].number) {
    value same = service_error_value(a, error);
    object_set(&inside, SLICE("innererror"), same);
  }
  object_builder body = object_in(a);
  object_set(&body, SLICE("error"), object_value(&inside));
  return object_value(&body);
}
