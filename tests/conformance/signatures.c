/* SPDX-License-Identifier: Apache-2.0 */
/* The signatures of RFC 7515 appendix A and RFC 7520 section 4, made again by
 * the same private keys: byte for byte where the algorithm leaves no choice
 * (RSASSA-PKCS1-v1_5), else verified, as is the standard's own. From
 * $MAAPOL_DATA/suites. */
#include <dirent.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/value.h"
#include "sign/jws_make.h"
#include "sign/public_key.h"

typedef struct runner {
  arena *arena;
  const char *suites, *name;
  unsigned passed, failed, exact;
} runner;

static bool check(runner *t, bool holds, const char *what) {
  t->passed += holds;
  t->failed += !holds;
  if (!holds)
    printf("FAILED %s: %s\n", t->name, what);
  return holds;
}

/* --- private keys in JWK (RFC 7518 section 6) ----------------------------- */

static const struct {
  const char *kty, *member, *parameter;
} numbers[] = {
    {"RSA", "n", OSSL_PKEY_PARAM_RSA_N},
    {"RSA", "e", OSSL_PKEY_PARAM_RSA_E},
    {"RSA", "d", OSSL_PKEY_PARAM_RSA_D},
    {"RSA", "p", OSSL_PKEY_PARAM_RSA_FACTOR1},
    {"RSA", "q", OSSL_PKEY_PARAM_RSA_FACTOR2},
    {"RSA", "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {"RSA", "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
    {"RSA", "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    {"EC", "d", OSSL_PKEY_PARAM_PRIV_KEY},
};

static slice text_of(const value *object, const char *name) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

static bytes number_of(arena *a, const value *jwk, const char *name) {
  bytes number = {NULL, 0};
  base64_decode(a, text_of(jwk, name), BASE64_URL, &number);
  return number;
}

static void free_number(void *number) { BN_free(number); }

static void push_numbers(arena *a, OSSL_PARAM_BLD *to, const value *jwk) {
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    bytes data = number_of(a, jwk, numbers[i].member);
    if (!data.length || !slice_is(text_of(jwk, "kty"), numbers[i].kty))
      continue;
    BIGNUM *number = BN_bin2bn(data.data, (int)data.length, NULL);
    arena_defer(a, free_number, number);
    OSSL_PARAM_BLD_push_BN(to, numbers[i].parameter, number);
  }
}

static void push_point(arena *a, OSSL_PARAM_BLD *to, const value *jwk) {
  bytes x = number_of(a, jwk, "x"), y = number_of(a, jwk, "y");
  buffer point = buffer_in(a);
  buffer_char(&point, 4); /* SEC 1 section 2.3.3 */
  buffer_add(&point, slice_from_bytes(x));
  buffer_add(&point, slice_from_bytes(y));
  slice all = buffer_slice(&point);
  OSSL_PARAM_BLD_push_utf8_string(to, OSSL_PKEY_PARAM_GROUP_NAME,
                                  arena_string(a, text_of(jwk, "crv")), 0);
  OSSL_PARAM_BLD_push_octet_string(to, OSSL_PKEY_PARAM_PUB_KEY, all.data,
                                   all.length);
}

static bool read_key(arena *a, const value *jwk, private_key *key) {
  const char *reason;
  bool is_ec = slice_is(text_of(jwk, "kty"), "EC");
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  push_numbers(a, builder, jwk);
  if (is_ec)
    push_point(a, builder, jwk);
  OSSL_PARAM *all = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX *context =
      EVP_PKEY_CTX_new_from_name(NULL, is_ec ? "EC" : "RSA", NULL);
  EVP_PKEY *pair = NULL;
  bool made = EVP_PKEY_fromdata_init(context) == 1 &&
              EVP_PKEY_fromdata(context, &pair, EVP_PKEY_KEYPAIR, all) == 1;
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(all);
  OSSL_PARAM_BLD_free(builder);
  return made && private_key_take(a, pair, key, &reason) == PRIVATE_KEY_OK;
}

/* --- one signature -------------------------------------------------------- */

static void check_made(runner *t, const private_key *key,
                       jws_algorithm algorithm, slice input, bytes known) {
  const char *reason;
  bytes made, message = bytes_from_slice(input);
  public_key *verifier = public_key_from_handle(t->arena, key->pair, &reason);
  if (!check(t, verifier != NULL, "no public key") ||
      !check(t, private_key_sign(t->arena, key, algorithm, message, &made),
             "it is not signed"))
    return;
  check(t, public_key_verify(verifier, algorithm, message, known),
        "the standard's signature does not verify");
  check(t, public_key_verify(verifier, algorithm, message, made),
        "our signature does not verify");
  if (jws_algorithm_of(algorithm)->is_pss || key->type == JWS_KEY_EC)
    return;
  t->exact++;
  check(t, slice_equal(slice_from_bytes(made), slice_from_bytes(known)),
        "our signature is another one");
}

/* The algorithm stands in either header; keys of HMAC are passed over. */
static void run_signature(runner *t, const value *jwk, slice algorithm_name,
                          slice input, slice signature) {
  private_key key;
  bytes known;
  jws_algorithm algorithm = jws_algorithm_from_name(algorithm_name);
  if (slice_is(text_of(jwk, "kty"), "oct"))
    return;
  if (check(t, algorithm != JWS_UNKNOWN && read_key(t->arena, jwk, &key),
            "the key is not read") &&
      check(t, base64_decode(t->arena, signature, BASE64_URL, &known),
            "the standard's signature is no base64url"))
    check_made(t, &key, algorithm, input, known);
}

/* --- files ---------------------------------------------------------------- */

static bool read_text(runner *t, const char *folder, const char *file,
                      slice *text) {
  const char *reason;
  buffer path = buffer_in(t->arena);
  buffer_printf(&path, "%s/%s/%s", t->suites, folder, file);
  t->name = arena_string(t->arena, slice_from(file));
  return check(t,
               file_read(t->arena, buffer_slice(&path).data, LIMIT_JSON_BYTES,
                         text, &reason) == FILE_OK,
               "it cannot be read");
}

static bool read_object(runner *t, const char *folder, const char *file,
                        value *object) {
  slice text;
  json_error error;
  return read_text(t, folder, file, &text) &&
         check(t, json_read(t->arena, text, 0, object, &error), "no JSON");
}

/* RFC 7515 appendix A: a key and a token of the header {"alg":..}. */
static void run_appendix(runner *t, const char *jwk_file, const char *token,
                         const char *algorithm) {
  value jwk;
  slice text;
  if (!read_object(t, "rfc7515-vectors", jwk_file, &jwk) ||
      !read_text(t, "rfc7515-vectors", token, &text))
    return;
  while (text.length && strchr("\r\n", text.data[text.length - 1]))
    text.length--;
  size_t dot = text.length;
  while (dot > 0 && text.data[dot - 1] != '.')
    dot--;
  if (check(t, dot > 0, "no token"))
    run_signature(t, &jwk, slice_from(algorithm),
                  (slice){text.data, dot - 1},
                  (slice){text.data + dot, text.length - dot});
}

/* One object, or the item of an array of them. */
static const value *item_of(const value *list, uint32_t i) {
  return list && list->kind == VALUE_ARRAY ? &list->items[i] : list;
}

static void run_cookbook(runner *t, const char *file) {
  value all;
  if (!read_object(t, "jose-cookbook/jws", file, &all))
    return;
  const value *input = value_member(&all, SLICE("input"));
  const value *signing = value_member(&all, SLICE("signing"));
  const value *keys = value_member(input, SLICE("key"));
  const value *algorithms = value_member(input, SLICE("alg"));
  uint32_t count = signing->kind == VALUE_ARRAY ? signing->count : 1;
  for (uint32_t i = 0; i < count; i++)
    run_signature(t, item_of(keys, i), value_string(item_of(algorithms, i)),
                  text_of(item_of(signing, i), "sig-input"),
                  text_of(item_of(signing, i), "sig"));
}

static void run_folder(runner *t) {
  buffer path = buffer_in(t->arena);
  buffer_printf(&path, "%s/jose-cookbook/jws", t->suites);
  DIR *directory = opendir(buffer_slice(&path).data);
  if (!directory) {
    printf("skipped: there is no %s (MAAPOL_DATA)\n", t->suites);
    return;
  }
  for (struct dirent *entry; (entry = readdir(directory));)
    if (strstr(entry->d_name, ".json"))
      run_cookbook(t, entry->d_name);
  closedir(directory);
  run_appendix(t, "rfc7515_A.2.jwk", "rfc7515_A.2.jwsc", "RS256");
  run_appendix(t, "rfc7515_A.3.jwk", "rfc7515_A.3.jwsc", "ES256");
  run_appendix(t, "rfc7515_A.4.jwk", "rfc7515_A.4.jwsc", "ES512");
  check(t, t->exact >= 3, "fewer than three signatures byte for byte");
}

int main(void) {
  const char *data = getenv("MAAPOL_DATA");
  arena a;
  jmp_buf failure;
  runner t = {.arena = &a, .name = "all"};
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure)) {
    printf("out of memory\n0 passed, 1 failed\n");
    arena_free(&a);
    return 1;
  }
  buffer suites = buffer_in(&a);
  buffer_printf(&suites, "%s/suites", data ? data : "../shared/data");
  t.suites = buffer_slice(&suites).data;
  run_folder(&t);
  printf("%u signatures byte for byte\n%u passed, %u failed\n", t.exact,
         t.passed, t.failed);
  arena_free(&a);
  return t.failed != 0;
}
