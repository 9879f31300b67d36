/* SPDX-License-Identifier: Apache-2.0 */
/* What a token must fulfil besides its form: issuer, times, certificates,
 * evidence of the service. Attacks are in tests/unit/token_attacks.c. */
#include "token/verify.h"

#include "base/base64.h"
#include "evidence/make.h"
#include "sign/digest.h"
#include "tests/unit/token_fixture.h"

static slice payload_token(token_fixture *f, const char *payload) {
  return signed_token(f, &f->rsa, JWS_RS256,
                      "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", payload);
}

Test(token_verify, takes_every_algorithm) {
  static const jws_algorithm every[] = {JWS_RS256, JWS_RS384, JWS_RS512,
                                        JWS_PS256, JWS_PS384, JWS_PS512,
                                        JWS_ES256, JWS_ES384, JWS_ES512};
  token_fixture f;
  fixture_begin(&f);
  for (size_t i = 0; i < COUNT_OF(every); i++) {
    const char *reason;
    jwk_set keys;
    private_key key = f.rsa;
    buffer header = buffer_in(&f.arena);
    if (jws_algorithm_of(every[i])->key_type == JWS_KEY_EC)
      cr_assert(private_key_make(&f.arena, every[i], 0, &key) ==
                PRIVATE_KEY_OK);
    cr_assert(jwk_set_read(&f.arena, jwk_text(&f.arena, &key, "k"), &keys,
                           &reason));
    f.options.keys = &keys;
    buffer_printf(&header, "{\"alg\":\"%s\"}", jws_algorithm_name(every[i]));
    expect_code(&f, signed_token(&f, &key, every[i],
                                 buffer_slice(&header).data, TOKEN_PAYLOAD),
                "none");
  }
  fixture_end(&f);
}

Test(token_verify, holds_the_issuer) {
  token_fixture f;
  fixture_begin(&f);
  f.options.issuer = SLICE(TOKEN_ISSUER);
  expect_code(&f, good_token(&f), "none");
  f.options.issuer = SLICE(TOKEN_ISSUER "/");
  expect_code(&f, good_token(&f), "wrong-issuer");
  expect_code(&f, payload_token(&f, "{}"), "wrong-issuer");
  expect_code(&f, payload_token(&f, "{\"iss\":7}"), "wrong-issuer");
  expect_code(&f, payload_token(&f, "text"), "wrong-issuer");
  fixture_end(&f);
}

Test(token_verify, holds_the_times) {
  static const struct {
    const char *payload;
    int64_t leeway;
    const char *code;
  } rows[] = {
      /* RFC 7519 section 4.1.4: on or after exp it must not be accepted. */
      {"{\"exp\":1700000001}", 0, "none"},
      {"{\"exp\":1700000000}", 0, "expired"},
      {"{\"exp\":1700000000}", 1, "none"},
      {"{\"exp\":1699999990}", 10, "expired"},
      {"{\"exp\":1699999990}", 11, "none"},
      {"{\"exp\":1700000000.5}", 0, "none"},
      {"{\"exp\":-9223372036854775808}", 86400, "expired"},
      {"{\"exp\":9223372036854775807}", 86400, "none"},
      {"{\"exp\":1e300}", 0, "none"},
      {"{\"exp\":\"1800000000\"}", 0, "bad-time"},
      {"{\"exp\":null}", 0, "bad-time"},
      {"{}", 0, "no-expiry"},
      {"{\"nbf\":1700000000,\"iat\":1700000000}", 0, "no-expiry"},
      {"{\"Exp\":1800000000}", 0, "no-expiry"},
      {"{\"x\":{\"exp\":1800000000}}", 0, "no-expiry"},
      {"a text", 0, "no-expiry"},
      {"[{\"exp\":1800000000}]", 0, "no-expiry"},
  };
  token_fixture f;
  fixture_begin(&f);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    f.options.leeway = rows[i].leeway;
    expect_code(&f, payload_token(&f, rows[i].payload), rows[i].code);
  }
  fixture_end(&f);
}

/* Where a token need not expire, the other times still hold. */
Test(token_verify, holds_the_times_of_what_never_expires) {
  static const struct {
    const char *payload;
    int64_t leeway;
    const char *code;
  } rows[] = {
      {"{\"exp\":1700000000}", 0, "expired"},
      {"{\"exp\":null}", 0, "bad-time"},
      {"{\"nbf\":1700000000}", 0, "none"},
      {"{\"nbf\":1700000001}", 0, "not-yet-valid"},
      {"{\"nbf\":1700000001}", 1, "none"},
      {"{\"nbf\":9223372036854775807}", 86400, "not-yet-valid"},
      {"{\"nbf\":[]}", 0, "bad-time"},
      {"{\"iat\":1700000000}", 0, "none"},
      {"{\"iat\":1700000001}", 0, "issued-in-future"},
      {"{\"iat\":1700000060}", 60, "none"},
      {"{}", 0, "none"},
  };
  token_fixture f;
  fixture_begin(&f);
  f.options.allow_no_expiry = true;
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    f.options.leeway = rows[i].leeway;
    expect_code(&f, payload_token(&f, rows[i].payload), rows[i].code);
  }
  fixture_end(&f);
}

Test(token_verify, gives_claims_only_of_objects) {
  token_fixture f;
  fixture_begin(&f);
  expect_code(&f, good_token(&f), "none");
  cr_expect(f.result.has_claims);
  cr_expect_not_null(value_member(&f.result.claims, SLICE("x-ms-ver")));
  f.options.allow_no_expiry = true;
  expect_code(&f, payload_token(&f, "a text (RFC 7520 section 4)"), "none");
  cr_expect_not(f.result.has_claims);
  cr_expect(f.result.claims.kind == VALUE_NULL);
  expect_code(&f, payload_token(&f, "{\"exp\":"), "bad-payload");
  fixture_end(&f);
}

/* A key is found by its kid; without one all keys are tried. */
Test(token_verify, finds_the_key) {
  token_fixture f;
  fixture_begin(&f);
  expect_code(&f, good_token(&f), "none");
  cr_expect(slice_is(f.result.kid, "rsa"));
  cr_expect_str_eq(f.result.key, "RSA 2048");
  slice unnamed = signed_token(&f, &f.ec, JWS_ES256, "{\"alg\":\"ES256\"}",
                               TOKEN_PAYLOAD);
  expect_code(&f, unnamed, "none");
  cr_expect(slice_is(f.result.kid, "ec"));
  slice renamed = signed_token(&f, &f.ec, JWS_ES256,
                               "{\"alg\":\"ES256\",\"kid\":\"old\"}",
                               TOKEN_PAYLOAD);
  expect_code(&f, renamed, "none");
  jwk_set none = {0};
  f.options.keys = &none;
  expect_code(&f, unnamed, "no-key");
  fixture_end(&f);
}

/* --- certificates --------------------------------------------------------- */

typedef struct chain_fixture {
  token_fixture f;
  private_key authority;
  X509 *root, *leaf;
  const char *names[1];
  trust_roots trust;
} chain_fixture;

static void chain_begin(chain_fixture *c) {
  fixture_begin(&c->f);
  cr_assert(private_key_make(&c->f.arena, JWS_ES384, 0, &c->authority) ==
            PRIVATE_KEY_OK);
  certificate_recipe root = {
      .key = &c->authority, .name = "root", .is_authority = true};
  certificate_recipe leaf = {.key = &c->f.rsa,
                             .issuer = &c->authority,
                             .name = "signer",
                             .issuer_name = "root"};
  c->root = make_certificate(&c->f, &root);
  c->leaf = make_certificate(&c->f, &leaf);
  c->names[0] = "root";
  c->trust =
      (trust_roots){.items = &c->root, .names = c->names, .count = 1};
  c->f.options.keys = NULL;
  c->f.options.trust = &c->trust;
}

static slice chain_token(chain_fixture *c, const private_key *key,
                         const char *alg, const char *x5c) {
  buffer header = buffer_in(&c->f.arena);
  buffer_printf(&header, "{\"alg\":\"%s\",\"x5c\":%s}", alg, x5c);
  return signed_token(&c->f, key, key->algorithm, buffer_slice(&header).data,
                      TOKEN_PAYLOAD);
}

static const char *in_array(token_fixture *f, X509 *certificate) {
  buffer text = buffer_in(&f->arena);
  buffer_text(&text, "[\"");
  buffer_add(&text, certificate_text(f, certificate));
  buffer_text(&text, "\"]");
  return buffer_slice(&text).data;
}

Test(token_verify, trusts_certificates_that_lead_to_a_root) {
  chain_fixture c;
  chain_begin(&c);
  const char *x5c = in_array(&c.f, c.leaf);
  expect_code(&c.f, chain_token(&c, &c.f.rsa, "RS256", x5c), "none");
  cr_expect_str_eq(c.f.result.root, "root");
  c.f.options.now += 2 * 86400; /* the certificate has ended, then */
  expect_code(&c.f, chain_token(&c, &c.f.rsa, "RS256", x5c),
              "untrusted-certificate");
  fixture_end(&c.f);
}

Test(token_verify, refuses_other_certificates) {
  chain_fixture c;
  chain_begin(&c);
  private_key own;
  cr_assert(private_key_make(&c.f.arena, JWS_RS256, 0, &own) ==
            PRIVATE_KEY_OK);
  /* The same names, another key. */
  certificate_recipe recipe = {.key = &own,
                               .issuer = &own,
                               .name = "signer",
                               .issuer_name = "root"};
  X509 *forged = make_certificate(&c.f, &recipe);
  expect_code(&c.f, chain_token(&c, &own, "RS256", in_array(&c.f, forged)),
              "untrusted-certificate");
  /* A leaf is no authority. */
  recipe.issuer = &c.f.rsa;
  recipe.issuer_name = "signer";
  recipe.name = "below";
  buffer both = buffer_in(&c.f.arena);
  buffer_text(&both, "[\"");
  buffer_add(&both, certificate_text(&c.f, make_certificate(&c.f, &recipe)));
  buffer_text(&both, "\",\"");
  buffer_add(&both, certificate_text(&c.f, c.leaf));
  buffer_text(&both, "\"]");
  expect_code(&c.f, chain_token(&c, &own, "RS256", buffer_slice(&both).data),
              "untrusted-certificate");
  /* A trusted certificate, and a signature of somebody else. */
  expect_code(&c.f, chain_token(&c, &own, "RS256", in_array(&c.f, c.leaf)),
              "wrong-signature");
  expect_code(&c.f, chain_token(&c, &own, "RS256", "[\"AAAA\"]"),
              "bad-certificate");
  expect_code(&c.f, chain_token(&c, &own, "RS256", "[]"), "bad-certificate");
  expect_code(&c.f, chain_token(&c, &own, "RS256", "[7]"), "bad-certificate");
  expect_code(&c.f, good_token(&c.f), "no-certificate");
  fixture_end(&c.f);
}

/* What the service takes of its SDKs; proven on recorded requests. */
Test(token_verify, takes_policy_tokens_as_the_service_does) {
  chain_fixture c;
  chain_begin(&c);
  const char *x5c = in_array(&c.f, c.leaf);
  buffer inside = buffer_in(&c.f.arena);
  buffer_printf(&inside, "{\"alg\":\"RSA256\",\"jwk\":{\"x5c\":%s}}", x5c);
  slice python = signed_token(&c.f, &c.f.rsa, JWS_RS256,
                              buffer_slice(&inside).data, "");
  slice net = chain_token(&c, &c.f.rsa, "RSA256", x5c);
  expect_code(&c.f, python, "unsupported-algorithm");
  expect_code(&c.f, net, "unsupported-algorithm");
  c.f.options.is_policy_owners = true;
  expect_code(&c.f, python, "none");
  expect_code(&c.f, net, "none");
  /* Java names RS256 whatever the key is. */
  private_key ec = c.f.ec;
  certificate_recipe recipe = {.key = &ec,
                               .issuer = &c.authority,
                               .name = "ec signer",
                               .issuer_name = "root"};
  X509 *leaf = make_certificate(&c.f, &recipe);
  slice java = chain_token(&c, &ec, "RS256", in_array(&c.f, leaf));
  expect_code(&c.f, java, "none");
  c.f.options.is_policy_owners = false;
  expect_code(&c.f, java, "algorithm-mismatch");
  fixture_end(&c.f);
}

/* In AAD mode any certificate does, but its key must have signed. */
Test(token_verify, takes_any_signer_only_of_policies) {
  chain_fixture c;
  chain_begin(&c);
  const char *x5c = in_array(&c.f, c.leaf);
  slice token = chain_token(&c, &c.f.rsa, "RS256", x5c);
  c.f.options.trust = NULL;
  c.f.options.any_signer = true;
  expect_code(&c.f, token, "no-key");
  c.f.options.is_policy_owners = true;
  expect_code(&c.f, token, "none");
  expect_code(&c.f, chain_token(&c, &c.authority, "RS256", x5c),
              "wrong-signature");
  fixture_end(&c.f);
}

/* --- evidence of the service ---------------------------------------------- */

typedef struct service_fixture {
  token_fixture f;
  jwk_set keys;
  verify_options evidence;
} service_fixture;

/* An SGX quote whose report data begins with that hash. */
static bytes quote_for(token_fixture *f, bytes runtime) {
  uint8_t hash[2 * SHA256_BYTES] = {0};
  buffer setting = buffer_in(&f->arena);
  digest_sha256(&f->arena, runtime, hash);
  buffer_text(&setting, "report-data=");
  buffer_hex(&setting, (bytes){hash, sizeof hash});
  slice settings[] = {buffer_slice(&setting)};
  evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE,
                            .settings = settings,
                            .setting_count = 1};
  evidence_made made;
  evidence_error error;
  cr_assert(evidence_make(&f->arena, &recipe, &made, &error));
  return made.raw;
}

/* A set with the key's certificate, which carries the quote. */
static void publish(service_fixture *s, const certificate_recipe *recipe) {
  const char *reason;
  arena *a = &s->f.arena;
  buffer text = buffer_in(a);
  X509 *certificate = make_certificate(&s->f, recipe);
  buffer_text(&text, "{\"keys\":[{\"kid\":\"rsa\",\"kty\":\"RSA\",\"x5c\":[\"");
  buffer_add(&text, certificate_text(&s->f, certificate));
  buffer_text(&text, "\"]}]}");
  cr_assert(jwk_set_read(a, buffer_slice(&text), &s->keys, &reason));
  s->f.options.keys = &s->keys;
}

/* Trusts the root at the end of a quote's own chain. */
static void trust_quote(service_fixture *s, bytes quote) {
  static const char *names[] = {"test root"};
  const char *begin = NULL, *at = (const char *)quote.data;
  static const char mark[] = "-----BEGIN CERTIFICATE";
  for (size_t i = 0; i + sizeof mark < quote.length; i++)
    if (memcmp(at + i, mark, sizeof mark - 1) == 0 && !begin)
      begin = at + i;
  certificate_chain *chain = ARENA_NEW(&s->f.arena, certificate_chain);
  const char *reason;
  size_t length = quote.length - (size_t)(begin - at);
  cr_assert(certificate_chain_read(
      &s->f.arena, (bytes){(const uint8_t *)begin, length}, chain, &reason));
  s->evidence = (verify_options){
      .level = VERIFY_SIGNATURE,
      .now = 1751328000, /* test certificates are of this year */
      .roots = {.items = &chain->items[chain->count - 1],
                .names = names,
                .count = 1}};
  s->f.options.service_evidence = &s->evidence;
}

/* The PEM of the key and the NUL behind it. */
static bytes key_text(service_fixture *s, const public_key *key) {
  slice pem = arena_copy(&s->f.arena, public_key_pem(&s->f.arena, key));
  return (bytes){(const uint8_t *)pem.data, pem.length + 1};
}

Test(token_verify, verifies_the_services_own_evidence) {
  service_fixture s;
  fixture_begin(&s.f);
  const public_key *key = s.f.keys.items[1].key;
  bytes quote = quote_for(&s.f, key_text(&s, key));
  certificate_recipe recipe = {.key = &s.f.rsa,
                               .name = TOKEN_ISSUER,
                               .has_sgx_extension = true,
                               .extension = quote};
  publish(&s, &recipe);
  trust_quote(&s, quote);
  expect_code(&s.f, good_token(&s.f), "none");
  cr_assert_not_null(s.f.result.service);
  cr_expect(evidence_is_verified(&s.f.result.service->verification));
  s.evidence.roots.count = 0;
  expect_code(&s.f, good_token(&s.f), "service-evidence-refused");
  fixture_end(&s.f);
}

Test(token_verify, refuses_evidence_of_another_key) {
  service_fixture s;
  fixture_begin(&s.f);
  bytes quote = quote_for(&s.f, key_text(&s, s.f.keys.items[0].key));
  certificate_recipe recipe = {.key = &s.f.rsa,
                               .name = TOKEN_ISSUER,
                               .has_sgx_extension = true,
                               .extension = quote};
  publish(&s, &recipe);
  trust_quote(&s, quote);
  expect_code(&s.f, good_token(&s.f), "service-key-not-bound");
  /* The right evidence in a certificate that somebody else made. */
  private_key other;
  cr_assert(private_key_make(&s.f.arena, JWS_RS256, 0, &other) ==
            PRIVATE_KEY_OK);
  recipe.extension = quote_for(&s.f, key_text(&s, s.f.keys.items[1].key));
  recipe.issuer = &other;
  recipe.issuer_name = TOKEN_ISSUER;
  publish(&s, &recipe);
  expect_code(&s.f, good_token(&s.f), "no-service-evidence");
  fixture_end(&s.f);
}

Test(token_verify, misses_the_services_evidence) {
  service_fixture s;
  static const uint8_t junk[] = {1, 2, 3}, text[] = "\x0c\x02{}";
  fixture_begin(&s.f);
  s.evidence = (verify_options){.level = VERIFY_SIGNATURE, .now = TOKEN_NOW};
  s.f.options.service_evidence = &s.evidence;
  expect_code(&s.f, good_token(&s.f), "no-service-evidence"); /* bare keys */
  certificate_recipe recipe = {.key = &s.f.rsa, .name = TOKEN_ISSUER};
  publish(&s, &recipe);
  expect_code(&s.f, good_token(&s.f), "no-service-evidence");
  recipe.has_sgx_extension = true;
  recipe.extension = (bytes){junk, sizeof junk};
  publish(&s, &recipe);
  expect_code(&s.f, good_token(&s.f), "service-evidence-refused");
  recipe.has_sgx_extension = false;
  recipe.is_snp = true;
  publish(&s, &recipe);
  expect_code(&s.f, good_token(&s.f), "no-service-evidence");
  recipe.extension = (bytes){text, sizeof text - 1};
  publish(&s, &recipe);
  expect_code(&s.f, good_token(&s.f), "service-evidence-refused");
  fixture_end(&s.f);
}

/* The kid of the service's own key, recorded with its certificate's key. */
Test(token_verify, computes_the_kid_of_the_service) {
  token_fixture f;
  fixture_begin(&f);
  uint8_t hash[SHA256_BYTES];
  slice pem = public_key_pem(&f.arena, f.keys.items[1].key);
  cr_expect(slice_starts_with(pem, "-----BEGIN PUBLIC KEY-----\n"));
  cr_expect(pem.data[pem.length - 1] == '\n');
  bytes parts[] = {bytes_from_slice(pem), {(const uint8_t *)"", 1}};
  digest_sha256_parts(&f.arena, parts, 2, hash);
  buffer expected = buffer_in(&f.arena);
  base64_encode(&expected, (bytes){hash, sizeof hash});
  cr_expect(slice_equal(service_key_id(&f.arena, f.keys.items[1].key),
                        buffer_slice(&expected)));
  fixture_end(&f);
}
