/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of issuers saves time and changes no verdict. */
#include "base/memory.h"
#include "evidence/certificate.h"
#include "evidence/pck_extension.h"
#include "evidence/sgx_quote.h"
#include "sign/ec_key.h"
#include "tests/unit/evidence_verify_fixture.h"

static const char *const no_settings[] = {NULL};

/* Verifies with and without memory; both must say the same, step by step. */
static evidence_verification same_verdict(verify_fixture *f, bytes raw) {
  issuer_cache *cache = f->options.issuers;
  f->options.issuers = NULL;
  evidence_verification cold = verified_evidence(f, raw).verification;
  f->options.issuers = cache;
  evidence_verification warm = verified_evidence(f, raw).verification;
  buffer left = buffer_in(f->arena), right = buffer_in(f->arena);
  verification_write_steps(&left, &cold);
  verification_write_steps(&right, &warm);
  verification_write_result(&left, &cold);
  verification_write_result(&right, &warm);
  cr_expect_str_eq(buffer_slice(&left).data, buffer_slice(&right).data);
  cr_expect_eq(cold.status, warm.status);
  return warm;
}

/* A quote whose issuers are remembered, with collateral. */
static void start_warm(verify_fixture *f, arena *a) {
  verify_fixture_start(f, a, ATTESTATION_SGX_ENCLAVE, no_settings);
  verify_fixture_add_collateral(f);
  f->options.issuers = issuer_cache_new(a);
  cr_assert_eq(verified_evidence(f, f->made.raw).verification.status,
               VERIFICATION_FULL);
  cr_assert_eq(issuer_cache_count(f->options.issuers), 2u);
}

Test(issuer_cache, says_the_same_of_good_evidence) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start_warm(&f, &a);
  for (int i = 0; i < 3; i++)
    cr_expect_eq(same_verdict(&f, f.made.raw).status, VERIFICATION_FULL);
  f.options.level = VERIFY_SIGNATURE;
  cr_expect_eq(same_verdict(&f, f.made.raw).status, VERIFICATION_SIGNATURE);
  cr_expect_eq(issuer_cache_count(f.options.issuers), 2u);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(issuer_cache, asks_for_time_and_roots_again) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start_warm(&f, &a);
  f.options.now = 1000000000;
  cr_expect_eq(same_verdict(&f, f.made.raw).status, VERIFICATION_FAILED);
  f.options.now = INT64_C(4000000000);
  cr_expect_eq(same_verdict(&f, f.made.raw).status, VERIFICATION_FAILED);
  f.options.now = FIXTURE_NOW;
  f.options.roots.count = 0;
  cr_expect_eq(same_verdict(&f, f.made.raw).status, VERIFICATION_FAILED);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(issuer_cache, asks_for_revocation_again) {
  static const char from[] = "20250601000000Z", to[] = "20250801000000Z";
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  start_warm(&f, &a);
  const X509 *revoked[] = {f.pki.ca, f.signer};
  for (size_t i = 0; i < COUNT_OF(revoked); i++) {
    f.collateral.root_ca_crl =
        fixture_crl(&f, f.pki.root, f.pki.root_key, from, to, revoked[i]);
    evidence_verification v = same_verdict(&f, f.made.raw);
    cr_expect_eq(v.status, VERIFICATION_FAILED);
    cr_expect_not_null(strstr(v.reason, "is revoked"));
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* Every seventh byte of what is signed or signs, from the header to the end of
 * the chain. */
Test(issuer_cache, lets_no_changed_byte_pass) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(b, EVIDENCE_ARENA);
  verify_fixture f;
  start_warm(&f, &a);
  uint8_t *changed = copied(&a, f.made.raw);
  f.arena = &b;
  for (size_t i = 48; i < f.made.raw.length; i += 7) {
    evidence e;
    evidence_error error;
    bytes raw = {changed, f.made.raw.length};
    changed[i] ^= 1;
    if (evidence_parse(&b, ATTESTATION_SGX_ENCLAVE, raw, &e, &error))
      same_verdict(&f, raw);
    changed[i] ^= 1;
    arena_reset(&b);
  }
  verify_fixture_end(&f);
  arena_free(&b);
  arena_free(&a);
}

/* --- chains --------------------------------------------------------------- */

static slice chain_text(arena *a, test_pki *pki) {
  static const pck_extension platform = {.pce_svn = 1};
  buffer text = buffer_in(a);
  evidence_error error;
  cr_assert(test_pki_issue(a, pki, &platform, &text, &error));
  return buffer_slice(&text);
}

static slice first_of(slice pem) {
  static const char end[] = "-----END CERTIFICATE-----";
  const char *at = strstr(pem.data, end);
  cr_assert_not_null(at);
  return slice_between(pem.data, at + strlen(end));
}

static bool presented(verify_fixture *f, slice pem, bool whole,
                      bool *was_known) {
  const char *reason;
  presented_chain chain;
  certificate_chain path;
  verifier v = {.arena = f->arena, .options = &f->options};
  v.end = &v.first;
  cr_assert(verify_read_chain(&v, bytes_from_slice(pem), whole, &chain,
                              &reason));
  *was_known = chain.is_known;
  return verify_presented(&v, &chain, "chain", &path);
}

static bool presented_holds(verify_fixture *f, slice pem, bool *was_known) {
  return presented(f, pem, false, was_known);
}

/* Where the leaf is remembered too, only this asks. */
Test(issuer_cache, asks_for_the_time_of_what_it_remembers_whole) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  bool was_known;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, no_settings);
  f.options.issuers = issuer_cache_new(&a);
  slice own = chain_text(&a, &f.pki);
  cr_assert(presented(&f, own, true, &was_known));
  cr_assert(presented(&f, own, true, &was_known));
  cr_expect(was_known);
  f.options.now = 1000000000;
  cr_expect_not(presented(&f, own, true, &was_known));
  cr_expect_not(was_known);
  f.options.now = INT64_C(4000000000);
  cr_expect_not(presented(&f, own, true, &was_known));
  verify_fixture_end(&f);
  arena_free(&a);
}

/* A leaf of somebody else before issuers that are known. */
Test(issuer_cache, verifies_the_leaf_each_time) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  test_pki other;
  evidence_error error;
  bool was_known;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, no_settings);
  cr_assert(test_pki_open(&a, NULL, &other, &error));
  f.options.issuers = issuer_cache_new(&a);
  slice own = chain_text(&a, &f.pki);
  slice foreign = chain_text(&a, &other);
  cr_assert(presented_holds(&f, own, &was_known));
  cr_expect_not(was_known);
  cr_assert(presented_holds(&f, own, &was_known));
  cr_expect(was_known);
  cr_expect(presented_holds(&f, chain_text(&a, &f.pki), &was_known),
            "another leaf of the same issuer");
  cr_expect(was_known);
  buffer mixed = buffer_in(&a);
  buffer_add(&mixed, first_of(foreign));
  buffer_text(&mixed, own.data + first_of(own).length);
  cr_expect_not(presented_holds(&f, buffer_slice(&mixed), &was_known));
  cr_expect(was_known);
  verify_fixture_end(&f);
  arena_free(&a);
}

Test(issuer_cache, remembers_the_last_few) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  bool was_known;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, no_settings);
  f.options.issuers = issuer_cache_new(&a);
  slice own = chain_text(&a, &f.pki);
  for (int i = 0; i < 40; i++) {
    buffer text = buffer_in(&a);
    buffer_add(&text, own);
    buffer_printf(&text, "a tail of its own: %d\n", i);
    cr_expect(presented_holds(&f, buffer_slice(&text), &was_known));
    cr_expect_not(was_known);
  }
  cr_expect_eq(issuer_cache_count(f.options.issuers), 16u);
  /* The oldest made room, and comes back. */
  cr_expect(presented_holds(&f, own, &was_known));
  cr_expect(presented_holds(&f, own, &was_known));
  cr_expect(was_known);
  verify_fixture_end(&f);
  arena_free(&a);
}

/* A text is read once; another one is another, in more places than there are
 * slots. */
Test(issuer_cache, reads_a_leaf_once) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, no_settings);
  issuer_cache *cache = issuer_cache_new(&a);
  slice chain = chain_text(&a, &f.pki);
  bytes leaf = bytes_from_slice(first_of(chain));
  certificate_chain first, again;
  cr_assert(issuer_cache_read_leaf(&a, cache, leaf, &first));
  cr_assert(issuer_cache_read_leaf(&a, cache, leaf, &again));
  cr_expect_eq(first.items[0], again.items[0]);
  cr_expect_eq(again.count, 1u);
  for (int i = 0; i < 40; i++) {
    bytes other = bytes_from_slice(first_of(chain_text(&a, &f.pki)));
    cr_assert(issuer_cache_read_leaf(&a, cache, other, &again));
    cr_expect_neq(first.items[0], again.items[0]);
    cr_assert(issuer_cache_read_leaf(&a, cache, leaf, &first));
  }
  leaf.length--; /* its last dash */
  cr_expect_not(issuer_cache_read_leaf(&a, cache, leaf, &again));
  cr_expect_not(
      issuer_cache_read_leaf(&a, cache, bytes_from_slice(chain), &again));
  verify_fixture_end(&f);
  arena_free(&a);
}

/* What is read once is still asked for its date, its signature and its issuer:
 * a leaf that holds, in each of the ways in which it may not. */
Test(issuer_cache, checks_a_leaf_it_knows) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, no_settings);
  issuer_cache *cache = issuer_cache_new(&a);
  bytes text = bytes_from_slice(first_of(chain_text(&a, &f.pki)));
  certificate_chain leaf, stranger;
  const char *reason;
  cr_assert(issuer_cache_read_leaf(&a, cache, text, &leaf));
  cr_assert(certificate_chain_read(&a, text, &stranger, &reason));
  X509 *own = leaf.items[0], *issuer = f.pki.ca, *other = f.pki.root;
  cr_expect_not(issuer_cache_leaf_holds(cache, own, issuer, FIXTURE_NOW),
                "before it was verified");
  issuer_cache_add_leaf(&a, cache, own, issuer);
  cr_expect(issuer_cache_leaf_holds(cache, own, issuer, FIXTURE_NOW));
  cr_expect_not(issuer_cache_leaf_holds(cache, own, other, FIXTURE_NOW));
  cr_expect_not(issuer_cache_leaf_holds(cache, own, NULL, FIXTURE_NOW));
  cr_expect_not(
      issuer_cache_leaf_holds(cache, stranger.items[0], issuer, FIXTURE_NOW));
  issuer_cache_add_leaf(&a, cache, own, other); /* who did not sign it */
  cr_expect_not(issuer_cache_leaf_holds(cache, own, other, FIXTURE_NOW));
  cr_expect_not(issuer_cache_leaf_holds(cache, own, issuer, FIXTURE_NOW));
  verify_fixture_end(&f);
  arena_free(&a);
}

/* To the second, as OpenSSL counts: the last one is too late. */
Test(issuer_cache, counts_a_leaf_s_seconds) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  int64_t from, until;
  bool was_known;
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, no_settings);
  f.options.issuers = issuer_cache_new(&a);
  slice own = chain_text(&a, &f.pki);
  bytes text = bytes_from_slice(first_of(own));
  certificate_chain leaf;
  for (int i = 0; i < 2; i++)
    cr_assert(presented_holds(&f, own, &was_known));
  cr_assert(issuer_cache_read_leaf(&a, f.options.issuers, text, &leaf));
  cr_assert(certificate_validity(leaf.items[0], &from, &until));
  const int64_t times[] = {from - 1, from, until - 1, until};
  for (size_t i = 0; i < COUNT_OF(times); i++) {
    f.options.now = times[i];
    bool warm = presented_holds(&f, own, &was_known);
    issuer_cache *cache = f.options.issuers;
    f.options.issuers = NULL;
    cr_expect_eq(presented_holds(&f, own, &was_known), warm, "%zu", i);
    f.options.issuers = cache;
    cr_expect_eq(warm, i == 1 || i == 2, "%zu", i);
  }
  verify_fixture_end(&f);
  arena_free(&a);
}

/* --- keys ----------------------------------------------------------------- */

static bytes fresh_point(arena *a, uint8_t point[EC_PUBLIC_BYTES]) {
  cr_assert(ec_key_point(ec_key_make(a), point));
  return (bytes){point, EC_PUBLIC_BYTES};
}

static void expect_key_of(EVP_PKEY *key, bytes point) {
  uint8_t found[EC_PUBLIC_BYTES];
  cr_assert_not_null(key);
  cr_assert(ec_key_point(key, found));
  cr_expect_eq(memcmp(found, point.data, sizeof found), 0);
}

/* The key of its own point, of as many points as there are and more; a request
 * ends before the cache does, and its key outlives the slot. */
Test(issuer_cache, makes_a_key_once) {
  enum { POINTS = 40, LAST = POINTS - 1 };
  TEST_ARENA(a, EVIDENCE_ARENA);
  TEST_ARENA(request, EVIDENCE_ARENA);
  static uint8_t points[POINTS][EC_PUBLIC_BYTES];
  issuer_cache *cache = issuer_cache_new(&a);
  bytes first = fresh_point(&a, points[0]);
  EVP_PKEY *kept = issuer_cache_key(&a, cache, first);
  cr_expect_eq(issuer_cache_key(&request, cache, first), kept);
  for (size_t i = 1; i < POINTS; i++) {
    bytes point = fresh_point(&a, points[i]);
    expect_key_of(issuer_cache_key(&request, cache, point), point);
    arena_reset(&request);
    expect_key_of(issuer_cache_key(&request, cache, point), point);
  }
  bytes last = {points[LAST], EC_PUBLIC_BYTES};
  cr_expect_eq(issuer_cache_key(&a, cache, last),
               issuer_cache_key(&request, cache, last));
  cr_expect_neq(issuer_cache_key(&request, cache, first), kept,
                "the oldest made room");
  expect_key_of(kept, first);
  cr_expect_eq(issuer_cache_count(cache), 0u, "keys are no chains");
  arena_free(&request);
  arena_free(&a);
}

Test(issuer_cache, makes_no_key_of_no_point) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  uint8_t point[EC_PUBLIC_BYTES];
  bytes good = fresh_point(&a, point);
  issuer_cache *cache = issuer_cache_new(&a);
  expect_key_of(issuer_cache_key(&a, NULL, good), good);
  expect_key_of(issuer_cache_key(&a, cache, good), good);
  for (size_t length = 0; length < good.length; length++)
    cr_expect_null(issuer_cache_key(&a, cache, (bytes){point, length}));
  point[EC_PUBLIC_BYTES - 1] ^= 1; /* y + 1 or y - 1, not p - y */
  for (int i = 0; i < 3; i++) {
    cr_expect_null(issuer_cache_key(&a, cache, good));
    cr_expect_null(issuer_cache_key(&a, NULL, good));
  }
  arena_free(&a);
}

/* --- memory --------------------------------------------------------------- */

/* Runs out behind so many more bytes. */
static void borrow(issuer_cache *cache, bytes point, bytes leaf, size_t left) {
  arena a;
  jmp_buf failure;
  certificate_chain chain;
  arena_init(&a, EVIDENCE_ARENA);
  (void)arena_alloc(&a, 1);
  (void)arena_alloc(&a, (size_t)(a.end - a.next) - left);
  memory_fail_after(0);
  if (!ARENA_GUARD(&a, failure)) {
    issuer_cache_key(&a, cache, point);
    issuer_cache_read_leaf(&a, cache, leaf, &chain);
  }
  memory_fail_after(-1);
  arena_free(&a);
}

/* A request that ends early gives back what it has borrowed, not what the cache
 * owns. */
Test(issuer_cache, outlives_requests_without_memory) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  verify_fixture f;
  uint8_t numbers[EC_PUBLIC_BYTES];
  verify_fixture_start(&f, &a, ATTESTATION_SGX_ENCLAVE, no_settings);
  issuer_cache *cache = issuer_cache_new(&a);
  bytes point = fresh_point(&a, numbers);
  bytes text = bytes_from_slice(first_of(chain_text(&a, &f.pki)));
  certificate_chain leaf;
  expect_key_of(issuer_cache_key(&a, cache, point), point);
  cr_assert(issuer_cache_read_leaf(&a, cache, text, &leaf));
  for (size_t left = 0; left < 256; left += 8)
    borrow(cache, point, text, left);
  expect_key_of(issuer_cache_key(&a, cache, point), point);
  cr_assert(issuer_cache_read_leaf(&a, cache, text, &leaf));
  issuer_cache_add_leaf(&a, cache, leaf.items[0], f.pki.ca);
  cr_expect(
      issuer_cache_leaf_holds(cache, leaf.items[0], f.pki.ca, FIXTURE_NOW));
  verify_fixture_end(&f);
  arena_free(&a);
}
