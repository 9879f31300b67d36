/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying an SGX quote beside its primitives in the same run: four ECDSA
 * verifications (quote, QE report, PCK certificate, its issuer) and reading
 * three certificates. */
#include "tests/bench/verify.h"

#include <openssl/x509.h>
#include <stdio.h>

#include "base/limits.h"
#include "evidence/make.h"
#include "evidence/sgx_quote.h"
#include "evidence/verify.h"
#include "sign/ec_key.h"
#include "tests/bench/bench.h"

typedef struct verify_bench {
  arena *arena;
  bytes raw, signed_part, signature, pem;
  EVP_PKEY *key;
  verify_options options;
  bool holds;
} verify_bench;

static void in_arena(verify_bench *b, void (*run)(arena *a, verify_bench *b)) {
  arena a;
  jmp_buf failure;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (!ARENA_GUARD(&a, failure))
    run(&a, b);
  arena_free(&a);
}

static void verify_in(arena *a, verify_bench *b) {
  evidence e;
  evidence_error error;
  b->holds = evidence_parse(a, ATTESTATION_SGX_ENCLAVE, b->raw, &e, &error);
  if (b->holds)
    evidence_verify(a, &e, &b->options);
  b->holds = b->holds && evidence_is_verified(&e.verification);
}

static void verify(void *context) { in_arena(context, verify_in); }

static void verify_ecdsa(void *context) {
  verify_bench *b = context;
  b->holds = ec_verify(b->key, b->signed_part, b->signature);
}

static void read_in(arena *a, verify_bench *b) {
  certificate_chain chain;
  const char *reason;
  b->holds = certificate_chain_read(a, b->pem, &chain, &reason);
}

static void read_certificates(void *context) { in_arena(context, read_in); }

/* The quote's own root is trusted: it is the last of its certificates. */
static bool prepare(verify_bench *b, arena *a) {
  static const char *names[] = {"root"};
  evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE};
  evidence_made made;
  evidence_error error;
  evidence e;
  const char *reason;
  certificate_chain *chain = ARENA_NEW(a, certificate_chain);
  if (!evidence_make(a, &recipe, &made, &error) ||
      !evidence_parse(a, recipe.type, made.raw, &e, &error))
    return false;
  const sgx_quote *quote = e.detail;
  *b = (verify_bench){.arena = a,
                      .raw = made.raw,
                      .signed_part = quote->signed_part,
                      .signature = quote->signature.signature,
                      .pem = quote->signature.certification_data};
  b->key = ec_key_from_point(a, quote->signature.attestation_key);
  if (!b->key || !certificate_chain_read(a, b->pem, chain, &reason))
    return false;
  b->options = (verify_options){
      .level = VERIFY_SIGNATURE,
      .now = 1751328000,
      .roots = {.items = &chain->items[2], .names = names, .count = 1}};
  return true;
}

void bench_verify(void) {
  enum { SIGNATURES = 4 };
  arena a;
  jmp_buf failure;
  verify_bench b;
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (ARENA_GUARD(&a, failure) || !prepare(&b, &a)) {
    puts("verifying quotes: not measured");
    arena_free(&a);
    return;
  }
  double whole = bench_time(verify, &b);
  bool good = b.holds;
  double reference = SIGNATURES * bench_time(verify_ecdsa, &b);
  reference += bench_time(read_certificates, &b);
  if (good && b.holds)
    bench_at_most("verify an SGX quote", 1e6 * whole, 1e6 * reference, "us",
                  1.5 * 1e6 * reference);
  else
    puts("verifying quotes: not verified");
  arena_free(&a);
}
