/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out at any point while keys and tokens are read: the guard
 * is reached, nothing leaks, and no forged token is believed. */
#include <openssl/pem.h>

#include "base/base64.h"
#include "base/memory.h"
#include "sign/key_read.h"
#include "tests/unit/token_fixture.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)

typedef struct subject {
  slice token, keys, chain_token;
  X509 *root;
  slice private_key;
} subject;

typedef enum ending { NO_MEMORY, REFUSED, VERIFIED } ending;

static bool verify_by_keys(arena *a, const subject *s) {
  token_verify_options o = {.now = TOKEN_NOW};
  token_verification v;
  jwk_set keys;
  const char *reason;
  o.keys = &keys;
  return jwk_set_read(a, s->keys, &keys, &reason) &&
         token_verify(a, s->token, &o, &v);
}

static bool verify_by_chain(arena *a, const subject *s) {
  X509 *items[] = {s->root};
  const char *names[] = {"root"};
  trust_roots roots = {.items = items, .names = names, .count = 1};
  token_verify_options o = {.now = TOKEN_NOW, .trust = &roots};
  token_verification v;
  if (!token_verify(a, s->chain_token, &o, &v))
    return false;
  buffer text = buffer_in(a);
  value report = token_verification_report(a, &v);
  json_write(&text, &report);
  return true;
}

static bool read_private_key(arena *a, const subject *s) {
  const char *reason;
  private_key key;
  slice token;
  secret *file = secret_make(a, s->private_key.length);
  memcpy(file->data, s->private_key.data, s->private_key.length);
  file->length = s->private_key.length;
  return key_read(a, file, NULL, &key, &reason) == PRIVATE_KEY_OK &&
         jws_make(a, &key, JWS_RS256, SLICE("{}"), SLICE("{}"), &token);
}

typedef bool (*action)(arena *a, const subject *s);

static ending act(action f, const subject *s, size_t limit, long allocations) {
  arena a;
  jmp_buf failure;
  volatile ending end = NO_MEMORY;
  arena_init(&a, limit);
  memory_fail_after(allocations);
  if (!ARENA_GUARD(&a, failure))
    end = f(&a, s) ? VERIFIED : REFUSED;
  memory_fail_after(-1);
  arena_free(&a);
  return end;
}

static void exhaust(action f, const subject *s, ending wanted) {
  ending end;
  long allocations = 0;
  while ((end = act(f, s, ARENA_LIMIT_BYTES, allocations)) == NO_MEMORY)
    cr_assert(++allocations < 10000);
  cr_expect_eq(end, wanted);
  cr_expect_gt(allocations, 0);
  size_t limit = 0;
  while ((end = act(f, s, limit, -1)) == NO_MEMORY)
    cr_assert((limit += 512) < ARENA_LIMIT_BYTES);
  cr_expect_eq(end, wanted);
  cr_expect_gt(limit, 0);
}

static subject make_subject(token_fixture *f) {
  subject s = {.token = good_token(f), .keys = f->keys_text};
  certificate_recipe root = {.key = &f->ec, .name = "root",
                             .is_authority = true};
  certificate_recipe leaf = {.key = &f->rsa, .name = "leaf",
                             .issuer = &f->ec, .issuer_name = "root"};
  s.root = make_certificate(f, &root);
  buffer header = buffer_in(&f->arena);
  slice x5c = certificate_text(f, make_certificate(f, &leaf));
  buffer_printf(&header, "{\"alg\":\"RS256\",\"x5c\":[\"%s\"]}", x5c.data);
  s.chain_token = signed_token(f, &f->rsa, JWS_RS256,
                               buffer_slice(&header).data, TOKEN_PAYLOAD);
  BIO *bio = BIO_new(BIO_s_mem());
  char *data;
  cr_assert(PEM_write_bio_PKCS8PrivateKey(bio, f->rsa.pair, NULL, NULL, 0,
                                          NULL, NULL) == 1);
  long length = BIO_get_mem_data(bio, &data);
  s.private_key = arena_copy(&f->arena, (slice){data, (size_t)length});
  BIO_free(bio);
  return s;
}

Test(token_verify_memory, may_run_out_anywhere) {
  token_fixture f;
  fixture_begin(&f);
  subject s = make_subject(&f);
  exhaust(verify_by_keys, &s, VERIFIED);
  exhaust(verify_by_chain, &s, VERIFIED);
  exhaust(read_private_key, &s, VERIFIED);
  fixture_end(&f);
}

/* The payload of a token that nobody signed, under the signature of one. */
static slice forged(token_fixture *f, slice token) {
  const char *end = token.data + token.length;
  const char *dot = memchr(token.data, '.', token.length);
  const char *last = end;
  while (last[-1] != '.')
    last--;
  buffer text = buffer_in(&f->arena);
  buffer_add(&text, slice_between(token.data, dot + 1));
  base64url_encode(&text, bytes_from_slice(SLICE("{\"exp\":1900000000}")));
  buffer_char(&text, '.');
  buffer_add(&text, slice_between(last, end));
  return buffer_slice(&text);
}

Test(token_verify_memory, never_helps_a_forger) {
  token_fixture f;
  fixture_begin(&f);
  subject s = make_subject(&f);
  s.token = forged(&f, s.token);
  s.chain_token = forged(&f, s.chain_token);
  exhaust(verify_by_keys, &s, REFUSED);
  exhaust(verify_by_chain, &s, REFUSED);
  fixture_end(&f);
}
