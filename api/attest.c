/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "base/memory.h"

/* What both forms of a request have in common. */
typedef struct attesting {
  maapol_attestation *attestation;
  const maapol_attest_options *options;
  attestation_type type;
  const maapol_request *parts; /* or */
  slice body;
} attesting;

/* --- arguments ------------------------------------------------------------ */

static bool is_text_or_null(const char *text) {
  return !text || api_is_utf8(text, strlen(text));
}

static bool options_are_valid(const maapol_attest_options *o) {
  return o && o->size == sizeof *o && !(o->flags & ~(unsigned)MAAPOL_TRACE) &&
         (unsigned)o->verify <= MAAPOL_VERIFY_NONE &&
         is_text_or_null(o->issuer) && is_text_or_null(o->roots) &&
         is_text_or_null(o->collateral);
}

static bool data_is_valid(const maapol_data *d) {
  if (d->kind == MAAPOL_DATA_ABSENT)
    return !d->length;
  return (d->kind == MAAPOL_DATA_BINARY || d->kind == MAAPOL_DATA_JSON) &&
         (d->bytes || !d->length);
}

static bool request_is_valid(const maapol_request *r) {
  return r && r->size == sizeof *r && r->evidence &&
         data_is_valid(&r->runtime_data) && data_is_valid(&r->init_time_data) &&
         is_text_or_null(r->nonce);
}

static attestation_type type_of(const maapol_request *r) {
  if (r->type)
    return attestation_type_from_name(slice_from(r->type));
  return evidence_detect((bytes){r->evidence, r->evidence_length});
}

/* --- the request ---------------------------------------------------------- */

static bytes copy(arena *a, const void *data, size_t length) {
  return bytes_from_slice(arena_copy(a, (slice){data, length}));
}

static bound_data copy_data(arena *a, const maapol_data *d) {
  static const data_kind kinds[] = {
      [MAAPOL_DATA_ABSENT] = DATA_ABSENT,
      [MAAPOL_DATA_BINARY] = DATA_BINARY,
      [MAAPOL_DATA_JSON] = DATA_JSON,
  };
  return (bound_data){kinds[d->kind], copy(a, d->bytes, d->length)};
}

static attest_request request_of(arena *a, const attesting *t) {
  const maapol_request *parts = t->parts;
  return (attest_request){
      .type = t->type,
      .evidence = copy(a, parts->evidence, parts->evidence_length),
      .runtime = copy_data(a, &parts->runtime_data),
      .init_time = copy_data(a, &parts->init_time_data),
      .nonce = arena_copy(a, slice_from(parts->nonce)),
      .has_nonce = parts->nonce != NULL,
  };
}

/* The text stays, since the attestation refers to the policy. */
static attest_options options_of(arena *a, const attesting *t) {
  const maapol_attest_options *o = t->options;
  const char *issuer = o->issuer ? o->issuer : "https://maapol.invalid";
  attest_options options = {
      .issuer = arena_copy(a, slice_from(issuer)),
      .now = o->now,
      .flags = o->flags & MAAPOL_TRACE ? EVALUATE_TRACE : 0,
  };
  if (o->policy)
    options.policy = o->policy->compiled->given;
  return options;
}

/* --- verification --------------------------------------------------------- */

static const verify_level levels[] = {
    [MAAPOL_VERIFY_SIGNATURE] = VERIFY_SIGNATURE,
    [MAAPOL_VERIFY_FULL] = VERIFY_FULL,
    [MAAPOL_VERIFY_NONE] = VERIFY_NONE,
};

/* False: *reason says which directory cannot be used. */
static bool read_trust(arena *a, const maapol_attest_options *o,
                       verify_options *verify, const char **reason) {
  *verify = (verify_options){.level = levels[o->verify], .now = o->now};
  if (verify->level != VERIFY_NONE)
    verify->roots = roots_builtin(a);
  if (o->roots && !roots_add_directory(a, &verify->roots, o->roots, reason))
    return false;
  if (!o->collateral)
    return true;
  collateral *files = ARENA_NEW(a, collateral);
  verify->collateral = files;
  return collateral_read(a, o->collateral, files, reason);
}

/* --- the answer ----------------------------------------------------------- */

static const maapol_refusal *refusal_of(arena *a, const service_error *error) {
  if (error->failure == FAILURE_NONE)
    return NULL;
  maapol_refusal *made = ARENA_NEW(a, maapol_refusal);
  made->http_status = error->http_status;
  made->code = error->code;
  made->text = error->text;
  made->message = error->message;
  return made;
}

static const maapol_note **add_notes(arena *a, const notes *list,
                                     const maapol_note **end) {
  for (size_t i = 0; i < list->count; i++) {
    maapol_note *made = ARENA_NEW(a, maapol_note);
    made->text = list->items[i];
    *end = made;
    end = &made->next;
  }
  return end;
}

static const maapol_result *evaluated(arena *a, const attest_result *result,
                                      const line_index *lines) {
  if (!result->was_evaluated)
    return NULL;
  maapol_result *made = ARENA_NEW(a, maapol_result);
  made->program = result->policy->program;
  made->lines = *lines;
  made->evaluation = result->evaluation;
  api_result_describe(made, a);
  return made;
}

static void describe(arena *a, maapol_attestation *made) {
  const attest_result *result = &made->result;
  made->refusal = refusal_of(a, &result->error);
  if (result->policy) {
    line_index lines;
    line_index_make(&lines, a, result->policy->text);
    made->findings = api_findings(a, &lines, &result->policy->findings);
    made->evaluated = evaluated(a, result, &lines);
  }
  if (result->outcome != ATTEST_PERMITTED)
    return;
  buffer claims = buffer_in(a);
  json_write(&claims, &result->payload);
  made->claims = buffer_slice(&claims).data;
  made->token = arena_string(a, result->token);
}

static void read_request(arena *a, const attesting *t, attest_request *request,
                         notes *remarks, service_error *error) {
  if (t->parts)
    *request = request_of(a, t);
  else
    attest_request_read(a, t->type, t->body, request, remarks, error);
}

static maapol_status answer(arena *a, void *context) {
  const attesting *t = context;
  maapol_attestation *made = t->attestation;
  attest_options options = options_of(a, t);
  attest_request request;
  verify_options verify;
  notes remarks = notes_in(a);
  service_error error = {0};
  const char *reason = NULL;
  read_request(a, t, &request, &remarks, &error);
  if (!read_trust(a, t->options, &verify, &reason))
    error = service_error_make(a, FAILURE_PARAMETER, "%s", reason);
  options.verify = &verify;
  if (error.failure == FAILURE_NONE)
    attest(a, &request, &options, &made->result);
  else
    attest_refuse(a, error, &made->result);
  describe(a, made);
  add_notes(a, &made->result.notes, add_notes(a, &remarks, &made->notes));
  return MAAPOL_OK;
}

static maapol_status run(attesting *t, maapol_attestation **attestation) {
  maapol_attestation *made = memory_alloc(sizeof *made);
  if (!made)
    return MAAPOL_NO_MEMORY;
  *made = (maapol_attestation){0};
  if (t->options->policy)
    made->policy = api_policy_retain(t->options->policy);
  arena_init(&made->arena, LIMIT_ARENA_BYTES);
  t->attestation = made;
  maapol_status status = api_guard(&made->arena, answer, t);
  if (status == MAAPOL_OK)
    *attestation = made;
  else
    maapol_attestation_free(made);
  return status;
}

/* --- entries -------------------------------------------------------------- */

maapol_status maapol_attest(const maapol_request *request,
                            const maapol_attest_options *options,
                            maapol_attestation **attestation) {
  if (!attestation)
    return MAAPOL_INVALID_ARGUMENT;
  *attestation = NULL;
  if (!options_are_valid(options) || !request_is_valid(request))
    return MAAPOL_INVALID_ARGUMENT;
  if (request->evidence_length > LIMIT_EVIDENCE_BYTES ||
      request->runtime_data.length > LIMIT_REQUEST_BYTES ||
      request->init_time_data.length > LIMIT_REQUEST_BYTES)
    return MAAPOL_LIMIT;
  attesting t = {
      .options = options, .type = type_of(request), .parts = request};
  if (t.type == ATTESTATION_TYPE_UNKNOWN)
    return MAAPOL_INVALID_ARGUMENT;
  return run(&t, attestation);
}

maapol_status maapol_attest_json(const char *type, const char *body,
                                 size_t length,
                                 const maapol_attest_options *options,
                                 maapol_attestation **attestation) {
  if (!attestation)
    return MAAPOL_INVALID_ARGUMENT;
  *attestation = NULL;
  if (!type || (!body && length) || !options_are_valid(options))
    return MAAPOL_INVALID_ARGUMENT;
  if (length > LIMIT_REQUEST_BYTES)
    return MAAPOL_LIMIT;
  attesting t = {.options = options,
                 .type = attestation_type_from_name(slice_from(type)),
                 .body = {body, length}};
  if (t.type == ATTESTATION_TYPE_UNKNOWN)
    return MAAPOL_INVALID_ARGUMENT;
  return run(&t, attestation);
}

void maapol_attestation_free(maapol_attestation *a) {
  if (!a)
    return;
  arena_free(&a->arena);
  maapol_policy_free(a->policy);
  memory_free(a);
}

/* --- asking --------------------------------------------------------------- */

maapol_outcome maapol_attestation_outcome(const maapol_attestation *a) {
  static const maapol_outcome outcomes[] = {
      [ATTEST_UNUSABLE] = MAAPOL_OUTCOME_UNUSABLE,
      [ATTEST_REFUSED] = MAAPOL_OUTCOME_REFUSED,
      [ATTEST_PERMITTED] = MAAPOL_OUTCOME_PERMITTED,
  };
  return a ? outcomes[a->result.outcome] : MAAPOL_OUTCOME_UNUSABLE;
}

const maapol_refusal *maapol_attestation_refusal(const maapol_attestation *a) {
  return a ? a->refusal : NULL;
}

const maapol_result *maapol_attestation_result(const maapol_attestation *a) {
  return a ? a->evaluated : NULL;
}

const maapol_finding *maapol_attestation_findings(const maapol_attestation *a) {
  return a ? a->findings : NULL;
}

maapol_verification
maapol_attestation_verification(const maapol_attestation *a) {
  static const maapol_verification statuses[] = {
      [VERIFICATION_NOT_DONE] = MAAPOL_NOT_VERIFIED,
      [VERIFICATION_FAILED] = MAAPOL_VERIFICATION_FAILED,
      [VERIFICATION_SIGNATURE] = MAAPOL_VERIFIED_SIGNATURE,
      [VERIFICATION_FULL] = MAAPOL_VERIFIED_FULL,
  };
  return a ? statuses[a->result.verification.status] : MAAPOL_NOT_VERIFIED;
}

const char *
maapol_attestation_verification_reason(const maapol_attestation *a) {
  return a && !evidence_is_verified(&a->result.verification)
             ? a->result.verification.reason
             : NULL;
}

const char *maapol_attestation_claims(const maapol_attestation *a) {
  return a ? a->claims : NULL;
}

const char *maapol_attestation_token(const maapol_attestation *a) {
  return a ? a->token : NULL;
}

const maapol_note *maapol_attestation_notes(const maapol_attestation *a) {
  return a ? a->notes : NULL;
}

static void write_report(buffer *out, const void *object, const void *more) {
  const maapol_attestation *a = object;
  (void)more;
  value v = attest_report(out->arena, &a->result);
  json_write(out, &v);
}

maapol_status maapol_attestation_report_json(const maapol_attestation *a,
                                             char **json) {
  return api_write(write_report, a, NULL, json);
}
