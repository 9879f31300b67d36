/* SPDX-License-Identifier: Apache-2.0 */
/* The status page and its form. A browser sends no bearer token, so the page
 * is off where tokens are demanded and where others than this machine connect
 * (--status-page), and is shown only under a name of this instance: a foreign
 * site whose name is made to lead here must not read it. */
#include "base/render.h"
#include "eval/report_text.h"
#include "serve/decisions.h"
#include "serve/form.h"
#include "serve/page.h"
#include "serve/router.h"
#include "token/attest.h"

/* Scripts and styles of this origin alone, nothing inline. */
static const char content_security[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

static bool is_own_host(const call *c, slice host) {
  const char *colon = host.length ? memchr(host.data, ':', host.length) : NULL;
  for (size_t i = 0; i < c->instance->issuer_count; i++)
    if (slice_equal_ignore_case(c->instance->issuers[i].host, host))
      return host.length > 0;
  if (slice_starts_with(host, "[::1]"))
    return true;
  slice name = colon ? slice_between(host.data, colon) : host;
  return slice_equal_ignore_case(name, SLICE("localhost")) ||
         slice_equal_ignore_case(name, SLICE("127.0.0.1"));
}

static bool is_shown(call *c) {
  if (!c->service->options.has_page) {
    refuse(c, 404, "NotFound",
           "The status page is off; --status-page on shows it.");
    return false;
  }
  if (is_own_host(c, http_field_find(c->request->headers, "Host")))
    return true;
  refuse(c, 403, "Forbidden",
         "The status page is shown under the names of this instance alone.");
  return false;
}

static void answer_file(call *c, const char *content_type, slice body) {
  answer_text(c, content_type, body);
  http_header(c->response, "Content-Security-Policy",
              slice_from(content_security));
  http_header(c->response, "X-Content-Type-Options", SLICE("nosniff"));
  http_header(c->response, "Referrer-Policy", SLICE("no-referrer"));
  http_header(c->response, "Cache-Control", SLICE("no-store"));
}

static void answer_page(call *c, const page_trial *trial) {
  answer_file(c, "text/html; charset=utf-8", page_write(c, trial));
}

void operation_page(call *c) {
  if (!is_shown(c))
    return;
  attestation_type type = attestation_type_from_name(call_argument(c, "type"));
  if (type == ATTESTATION_TYPE_UNKNOWN)
    type = ATTESTATION_SGX_ENCLAVE;
  page_trial trial = {.type = type, .sample = page_sample(c->arena, type)};
  answer_page(c, &trial);
}

void operation_page_script(call *c) {
  if (is_shown(c))
    answer_file(c, "text/javascript; charset=utf-8", slice_from(page_script));
}

void operation_page_style(call *c) {
  if (is_shown(c))
    answer_file(c, "text/css; charset=utf-8", slice_from(page_style));
}

/* --- trying a policy ------------------------------------------------------ */

static void set_issued(arena *a, const evaluation *e, page_trial *trial) {
  if (e->issued.count == 0)
    return;
  value v = claims_json(a, &e->issued);
  buffer out = buffer_in(a);
  json_write_pretty(&out, &v);
  trial->issued = buffer_slice(&out);
}

static void set_findings(arena *a, const policy *p, page_trial *trial) {
  buffer out = buffer_in(a);
  render_source source = {
      .path = "policy", .text = p->text, .was_wrapped = p->was_wrapped};
  render_human(&out, &source, &p->findings);
  trial->outcome = "unusable";
  trial->text = buffer_slice(&out);
}

static void set_problem(arena *a, const char *what, page_trial *trial) {
  buffer out = buffer_in(a);
  render_escaped(&out, slice_from(what));
  trial->outcome = "unusable";
  trial->text = buffer_slice(&out);
}

/* The policy to try; NULL after its findings were taken. */
static policy *trial_policy(call *c, page_trial *trial) {
  const stored_policy *stored =
      instance_policy(c->service, c->instance, c->arena, trial->type);
  policy *p = stored ? stored->policy : NULL;
  if (trial->policy.length)
    p = policy_compile(c->arena, trial->policy);
  if (!p)
    set_problem(c->arena, "there is no policy in force for this type", trial);
  else if (!p->program)
    set_findings(c->arena, p, trial);
  return p && p->program ? p : NULL;
}

static void decide_claims(call *c, const policy *p, page_trial *trial) {
  arena *a = c->arena;
  claim_list claims = claims_in(a);
  claims_error error;
  if (!claims_read(&claims, trial->sample, &error)) {
    set_problem(a, error.message, trial);
    return;
  }
  evaluation configuration, result;
  if (evaluate_configuration(p->program, a, EVALUATE_TRACE, &configuration)) {
    evaluate(p->program, &claims, a, EVALUATE_TRACE, &result);
    evaluation_join(&configuration, &result);
  } else {
    result = configuration;
  }
  report r = report_of(a, p->program);
  buffer out = buffer_in(a);
  render_escaped(&out, slice_from(report_reason(&r, &result)));
  buffer_char(&out, '\n');
  report_write_background(&out, &r, &result);
  trial->outcome = decision_name(result.decision);
  trial->text = buffer_slice(&out);
  set_issued(a, &result, trial);
}

/* As /attest would decide it, verification included; the token stays here. */
static void decide_request(call *c, policy *p, page_trial *trial) {
  arena *a = c->arena;
  attest_request request;
  service_error error;
  notes remarks = notes_in(a);
  if (!attest_request_read(a, trial->type, trial->sample, &request, &remarks,
                           &error)) {
    set_problem(a, error.text, trial);
    return;
  }
  request.has_draft = false;
  verify_options verify = c->service->options.verify;
  verify.now = c->now;
  verify.no_words = true;
  attest_options options = {.compiled = p,
                            .policy_signer = value_null(),
                            .issuer = c->issuer->url,
                            .now = c->now,
                            .flags = EVALUATE_TRACE,
                            .no_token = true,
                            .verify = &verify};
  attest_result result;
  attest(a, &request, &options, &result);
  bool permitted = result.outcome == ATTEST_PERMITTED;
  trial->outcome = permitted ? "permit" : "deny";
  if (result.outcome == ATTEST_UNUSABLE)
    trial->outcome = "unusable";
  trial->text = decision_text(a, &result);
  if (permitted)
    set_issued(a, &result.evaluation, trial);
}

/* Whether it has a member that holds evidence. */
static bool is_request(arena *a, slice sample) {
  static const char *const names[] = {"quote", "report", "attestationInfo",
                                      "data"};
  value v;
  json_error error;
  if (!json_read(a, sample, 0, &v, &error) || v.kind != VALUE_OBJECT)
    return false;
  for (uint32_t i = 0; i < v.count; i++)
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
      if (slice_equal_ignore_case(member_name(&v.members[i]),
                                  slice_from(names[n])))
        return true;
  return false;
}

/* A text area, whose lines browsers end with CR LF. */
static bool read_area(call *c, const char *name, slice *text) {
  buffer out = buffer_in(c->arena);
  slice sent;
  bool good = form_field(c->arena, c->request->body, name, &sent);
  for (size_t i = 0; i < sent.length; i++)
    if (sent.data[i] != '\r' || sent.data[i + 1] != '\n')
      buffer_char(&out, sent.data[i]);
  *text = buffer_slice(&out);
  return good;
}

static bool read_form(call *c, page_trial *trial) {
  slice type;
  if (form_field(c->arena, c->request->body, "type", &type) &&
      read_area(c, "policy", &trial->policy) &&
      read_area(c, "sample", &trial->sample)) {
    trial->type = attestation_type_from_name(type);
    if (trial->type != ATTESTATION_TYPE_UNKNOWN)
      return true;
  }
  refuse(c, 400, "Bad request",
         "A form with type, policy and sample is wanted.");
  return false;
}

/* A page of another site may send a form here; it would learn nothing, but
 * need not cost time either. */
static bool is_from_own_page(call *c) {
  slice origin = http_field_find(c->request->headers, "Origin");
  const char *slashes = origin.length ? strstr(origin.data, "://") : NULL;
  if (!origin.data ||
      (slashes && is_own_host(c, slice_from(slashes + 3))))
    return true;
  refuse(c, 403, "Forbidden", "The form is for the status page alone.");
  return false;
}

void operation_page_try(call *c) {
  page_trial trial = {.is_done = true};
  if (!is_shown(c) || !is_from_own_page(c) || !read_form(c, &trial))
    return;
  policy *p = trial_policy(c, &trial);
  if (p && is_request(c->arena, trial.sample))
    decide_request(c, p, &trial);
  else if (p)
    decide_claims(c, p, &trial);
  answer_page(c, &trial);
}
