/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/tpm_challenge.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/base64.h"
#include "evidence/tpm_request.h"
#include "sign/digest.h"

/* The context is the service's to design: the time, and a MAC over it, the
 * challenge and the instance, of which a message must not serve another one. So
 * who asks for challenges alone leaves nothing behind; only those that come
 * back are remembered. */
enum {
  TIME_BYTES = 8,
  CONTEXT_BYTES = TIME_BYTES + SHA256_BYTES
};

static slice encode(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, data);
  return buffer_slice(&text);
}

static void write_time(int64_t now, uint8_t out[TIME_BYTES]) {
  for (int i = 0; i < TIME_BYTES; i++)
    out[i] = (uint8_t)((uint64_t)now >> (56 - 8 * i));
}

static int64_t read_time(const uint8_t in[TIME_BYTES]) {
  uint64_t time = 0;
  for (int i = 0; i < TIME_BYTES; i++)
    time = time << 8 | in[i];
  return (int64_t)time;
}

static void mac(call *c, const uint8_t challenge[CHALLENGE_BYTES],
                const uint8_t time[TIME_BYTES], uint8_t out[SHA256_BYTES]) {
  buffer text = buffer_in(c->arena);
  unsigned length = 0;
  buffer_add(&text, slice_from_bytes((bytes){challenge, CHALLENGE_BYTES}));
  buffer_add(&text, slice_from_bytes((bytes){time, TIME_BYTES}));
  buffer_text(&text, c->instance->name);
  bytes all = bytes_from_slice(buffer_slice(&text));
  const service *s = c->service;
  if (!HMAC(EVP_sha256(), s->challenge_key, sizeof s->challenge_key, all.data,
            all.length, out, &length))
    arena_fail(c->arena, ARENA_NO_MEMORY);
}

/* As recorded: 64 upper-case hex digits. */
static slice key_name(call *c) {
  uint8_t hash[SHA256_BYTES];
  const service *s = c->service;
  digest_sha256(c->arena, (bytes){s->challenge_key, sizeof s->challenge_key},
                hash);
  buffer text = buffer_in(c->arena);
  for (size_t i = 0; i < sizeof hash; i++)
    buffer_printf(&text, "%02X", hash[i]);
  return buffer_slice(&text);
}

static slice json_of(arena *a, const object_builder *o) {
  value v = object_value(o);
  buffer text = buffer_in(a);
  json_write(&text, &v);
  return buffer_slice(&text);
}

static slice make_context(call *c, const uint8_t challenge[CHALLENGE_BYTES]) {
  uint8_t context[CONTEXT_BYTES];
  write_time(c->now, context);
  mac(c, challenge, context, context + TIME_BYTES);
  object_builder o = object_in(c->arena);
  object_set(&o, SLICE("ProtectionKeyName"), value_text(key_name(c)));
  object_set(&o, SLICE("ProtectedContext"),
             value_text(encode(c->arena, (bytes){context, sizeof context})));
  return encode(c->arena, bytes_from_slice(json_of(c->arena, &o)));
}

static void answer_challenge(call *c) {
  uint8_t challenge[CHALLENGE_BYTES];
  if (RAND_bytes(challenge, sizeof challenge) != 1)
    arena_fail(c->arena, ARENA_NO_MEMORY);
  arena *a = c->arena;
  object_builder payload = object_in(a), message = object_in(a),
                 body = object_in(a);
  object_set(&payload, SLICE("challenge"),
             value_text(encode(a, (bytes){challenge, sizeof challenge})));
  object_set(&payload, SLICE("service_context"),
             value_text(make_context(c, challenge)));
  object_set(&message, SLICE("payload"), object_value(&payload));
  slice text = json_of(a, &message);
  object_set(&body, SLICE("data"),
             value_text(encode(a, bytes_from_slice(text))));
  value v = object_value(&body);
  answer_json(c, &v);
}

static bool asks_for_challenge(arena *a, bytes message) {
  value v;
  json_error error;
  if (!json_read(a, slice_from_bytes(message), JSON_TRAILING_NUL, &v, &error))
    return false;
  const value *payload =
      v.kind == VALUE_OBJECT ? value_member(&v, SLICE("payload")) : NULL;
  const value *type = payload && payload->kind == VALUE_OBJECT
                          ? value_member(payload, SLICE("type"))
                          : NULL;
  return type && type->kind == VALUE_STRING &&
         slice_is(value_string(type), "aikcert");
}

bool tpm_challenge_answer(call *c, const attest_request *request) {
  if (!asks_for_challenge(c->arena, request->evidence))
    return false;
  if (instance_policy(c->service, c->instance, c->arena, ATTESTATION_TPM))
    answer_challenge(c);
  else
    refuse(c, 400, "Bad request",
           "A VBS attestation policy has not been set on the attestation "
           "provider.");
  return true;
}

static bool read_context(arena *a, slice text, bytes *context) {
  bytes json;
  value v;
  json_error error;
  if (!base64_decode(a, text, BASE64_URL, &json) ||
      !json_read(a, slice_from_bytes(json), 0, &v, &error) ||
      v.kind != VALUE_OBJECT)
    return false;
  const value *inner = value_member(&v, SLICE("ProtectedContext"));
  return inner && inner->kind == VALUE_STRING &&
         base64_decode(a, value_string(inner), BASE64_URL, context) &&
         context->length == CONTEXT_BYTES;
}

static bool use_challenge(call *c, bytes challenge, slice service_context) {
  bytes context;
  uint8_t expected[SHA256_BYTES];
  if (challenge.length != CHALLENGE_BYTES ||
      !read_context(c->arena, service_context, &context))
    return false;
  mac(c, challenge.data, context.data, expected);
  int64_t given_at = read_time(context.data), age = c->now - given_at;
  return CRYPTO_memcmp(expected, context.data + TIME_BYTES, SHA256_BYTES) ==
             0 &&
         age >= 0 && age <= CHALLENGE_SECONDS &&
         challenges_use(c->service->challenges, challenge.data, given_at);
}

/* Who takes evidence without signatures takes it without challenge too. A
 * message that cannot be read is for the attestation to refuse. */
bool tpm_challenge_holds(call *c, const attest_request *request) {
  tpm_request message = {0};
  evidence_error error;
  if (c->service->options.verify.level == VERIFY_NONE ||
      !tpm_request_read(c->arena, request->evidence, &message, &error) ||
      use_challenge(c, message.challenge, message.service_context))
    return true;
  refuse(c, 400, "InvalidParameter",
         "The challenge was not given out by this service with this context "
         "within the last %d seconds, or it was used before.",
         CHALLENGE_SECONDS);
  return false;
}

void tpm_challenge_answer_report(call *c, slice token) {
  arena *a = c->arena;
  object_builder report = object_in(a), body = object_in(a);
  object_set(&report, SLICE("report"), value_text(token));
  object_set(&body, SLICE("data"),
             value_text(encode(a, bytes_from_slice(json_of(a, &report)))));
  value v = object_value(&body);
  answer_json(c, &v);
}
