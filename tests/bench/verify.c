/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying an SGX quote beside its primitives in the same run: the ECDSA
 * verifications that it needs. For signatures these are four (quote, QE report,
 * PCK certificate, its issuer), fully five more (TCB signing certificate, two
 * revocation lists, two documents). Reading certificates, which takes longer
 * than verifying one, counts on the side of the figure. */
#include "tests/bench/verify.h"

#include <dirent.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "evidence/make.h"
#include "evidence/sgx_quote.h"
#include "evidence/test_pki.h"
#include "evidence/verify.h"
#include "sign/ec_key.h"
#include "tests/bench/bench.h"

typedef struct verify_bench {
  bytes raw, signed_part, signature;
  EVP_PKEY *key;
  verify_options options;
  collateral collateral;
  bool holds;
} verify_bench;

static void verify(void *context) {
  verify_bench *b = context;
  arena a;
  jmp_buf failure;
  evidence e;
  evidence_error error;
  arena_init(&a, LIMIT_ARENA_BYTES);
  b->holds = false;
  if (!ARENA_GUARD(&a, failure) &&
      evidence_parse(&a, ATTESTATION_SGX_ENCLAVE, b->raw, &e, &error)) {
    evidence_verify(&a, &e, &b->options);
    b->holds = evidence_is_verified(&e.verification);
  }
  arena_free(&a);
}

static void verify_ecdsa(void *context) {
  verify_bench *b = context;
  b->holds = ec_verify(b->key, b->signed_part, b->signature);
}

/* A quote under a fresh authority in a directory, with its collateral. */
static bool prepare(verify_bench *b, arena *a, const char *directory) {
  evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE,
                            .pki_directory = directory,
                            .collateral_directory = directory};
  evidence_made made;
  evidence_error error;
  evidence e;
  test_pki pki;
  const char *reason;
  static const char *names[] = {"root"};
  *b = (verify_bench){.holds = false};
  if (!evidence_make(a, &recipe, &made, &error) ||
      !evidence_parse(a, recipe.type, made.raw, &e, &error) ||
      !test_pki_open(a, directory, &pki, &error) ||
      !collateral_read(a, directory, &b->collateral, &reason))
    return false;
  const sgx_quote *quote = e.detail;
  b->raw = made.raw;
  b->signed_part = quote->signed_part;
  b->signature = quote->signature.signature;
  b->key = ec_key_from_point(a, quote->signature.attestation_key);
  X509 **root = ARENA_NEW(a, X509 *);
  *root = pki.root;
  b->options = (verify_options){
      .now = 1751328000,
      .roots = {.items = root, .names = names, .count = 1},
      .collateral = &b->collateral};
  return b->key != NULL;
}

static void row(verify_bench *b, const char *what, verify_level level,
                issuer_cache *issuers, int signatures, double bound) {
  b->options.level = level;
  b->options.issuers = issuers;
  double figure = 1e6 * bench_time(verify, b);
  bool good = b->holds;
  double reference = signatures * 1e6 * bench_time(verify_ecdsa, b);
  if (good && b->holds)
    bench_at_most(what, figure, reference, "us", bound * reference);
  else
    printf("%s: not verified\n", what);
}

static void measure(verify_bench *b, arena *a) {
  enum { OF_QUOTE = 4, OF_ALL = 9 };
  issuer_cache *issuers = issuer_cache_new(a);
  row(b, "SGX quote, fully", VERIFY_FULL, NULL, OF_ALL, 3);
  row(b, "SGX quote, fully, issuers known", VERIFY_FULL, issuers, OF_ALL, 1.8);
  row(b, "SGX quote, signatures", VERIFY_SIGNATURE, NULL, OF_QUOTE, 3);
  row(b, "SGX quote, signatures, issuers known", VERIFY_SIGNATURE, issuers,
      OF_QUOTE, 1.8);
}

static void remove_directory(const char *path) {
  DIR *directory = opendir(path);
  for (struct dirent *d; directory && (d = readdir(directory)) != NULL;)
    unlinkat(dirfd(directory), d->d_name, 0);
  if (directory)
    closedir(directory);
  rmdir(path);
}

void bench_verify(void) {
  arena a;
  jmp_buf failure;
  verify_bench b;
  char directory[] = "/tmp/maapol-bench-XXXXXX";
  arena_init(&a, LIMIT_ARENA_BYTES);
  if (!mkdtemp(directory) || ARENA_GUARD(&a, failure) ||
      !prepare(&b, &a, directory))
    puts("verifying quotes: not measured");
  else
    measure(&b, &a);
  remove_directory(directory);
  arena_free(&a);
}
