/* SPDX-License-Identifier: Apache-2.0 */
/* How long a TPM challenge counts, and how often;
 * tests/command/serve_guest_test.py has the rest. */
#include "base/base64.h"
#include "serve/tpm_challenge.h"
#include "tests/unit/evidence_verify_fixture.h"

typedef struct fixture {
  service service;
  instance instance;
  stored_policy policy;
  http_response response;
  call call;
} fixture;

static void start(fixture *f, arena *a, int64_t now) {
  *f = (fixture){0};
  f->service.options.verify.level = VERIFY_SIGNATURE;
  f->service.challenges = challenges_open(a);
  memset(f->service.challenge_key, 7, sizeof f->service.challenge_key);
  f->instance.name = "one";
  pthread_mutex_init(&f->instance.lock, NULL);
  atomic_init(&f->policy.references, 100); /* lies in no arena: never freed */
  f->instance.policies[ATTESTATION_TPM] = &f->policy;
  f->call = (call){.arena = a,
                   .service = &f->service,
                   .instance = &f->instance,
                   .response = &f->response,
                   .now = now};
}

static value read_json(arena *a, bytes text) {
  value v;
  json_error error;
  cr_assert(json_read(a, slice_from_bytes(text), 0, &v, &error), "%s",
            error.message);
  return v;
}

static slice text_member(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  cr_assert(v && v->kind == VALUE_STRING, "%s", name);
  return value_string(v);
}

/* Asks for a challenge; the settings of a message that answers it. */
static void ask(fixture *f, const char *settings[3]) {
  arena *a = f->call.arena;
  static const char init[] = "{\"payload\":{\"type\":\"aikcert\"}}";
  attest_request request = {.type = ATTESTATION_TPM,
                            .evidence = bytes_from_slice(slice_from(init))};
  bytes raw, challenge;
  cr_assert(tpm_challenge_answer(&f->call, &request));
  value body = read_json(a, bytes_from_slice(f->response.body));
  cr_assert(base64_decode(a, text_member(&body, "data"), BASE64_URL, &raw));
  value message = read_json(a, raw);
  const value *payload = value_member(&message, SLICE("payload"));
  cr_assert(base64_decode(a, text_member(payload, "challenge"), BASE64_URL,
                          &challenge));
  buffer first = buffer_in(a), second = buffer_in(a);
  buffer_text(&first, "challenge=");
  buffer_hex(&first, challenge);
  buffer_printf(&second, "service-context=%.*s",
                SLICE_ARGS(text_member(payload, "service_context")));
  settings[0] = buffer_slice(&first).data;
  settings[1] = buffer_slice(&second).data;
  settings[2] = NULL;
}

Test(serve_tpm_challenge, counts_for_ten_minutes) {
  static const struct {
    int64_t age;
    bool holds;
  } rows[] = {{0, true},    {1, true},     {599, true}, {600, true},
              {601, false}, {86400, false}, {-1, false}, {-600, false}};
  TEST_ARENA(a, EVIDENCE_ARENA);
  fixture f;
  verify_fixture v;
  const char *settings[3];
  start(&f, &a, FIXTURE_NOW);
  ask(&f, settings);
  verify_fixture_start(&v, &a, ATTESTATION_TPM, settings);
  attest_request request = {.type = ATTESTATION_TPM, .evidence = v.made.raw};
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    f.service.challenges = challenges_open(&a); /* none was used */
    f.call.now = FIXTURE_NOW + rows[i].age;
    cr_expect_eq(tpm_challenge_holds(&f.call, &request), rows[i].holds,
                 "after %lld s", (long long)rows[i].age);
  }
  f.service.challenges = challenges_open(&a);
  f.call.now = FIXTURE_NOW;
  cr_expect(tpm_challenge_holds(&f.call, &request));
  cr_expect_not(tpm_challenge_holds(&f.call, &request), "used twice");
  f.call.now = FIXTURE_NOW + 600;
  cr_expect_not(tpm_challenge_holds(&f.call, &request), "used again later");
  f.service.challenges = challenges_open(&a);
  f.call.now = FIXTURE_NOW;
  f.instance.name = "other";
  cr_expect_not(tpm_challenge_holds(&f.call, &request));
  f.instance.name = "one";
  f.service.challenge_key[0] ^= 1; /* of another process */
  cr_expect_not(tpm_challenge_holds(&f.call, &request));
  f.service.options.verify.level = VERIFY_NONE;
  cr_expect(tpm_challenge_holds(&f.call, &request));
  verify_fixture_end(&v);
  pthread_mutex_destroy(&f.instance.lock);
  arena_free(&a);
}
