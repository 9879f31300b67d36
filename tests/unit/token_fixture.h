/* SPDX-License-Identifier: Apache-2.0 */
/* Fresh keys, and tokens that they sign. */
#ifndef TESTS_UNIT_TOKEN_FIXTURE_H
#define TESTS_UNIT_TOKEN_FIXTURE_H

#include "sign/jws_make.h"
#include "tests/unit/unit.h"
#include "token/verify.h"

#define TOKEN_NOW 1700000000
#define TOKEN_ISSUER "https://tenant.test.attest.azure.net"
#define TOKEN_PAYLOAD                                                    \
  "{\"exp\":1700003600,\"iat\":1700000000,\"iss\":\"" TOKEN_ISSUER       \
  "\",\"nbf\":1700000000,\"x-ms-ver\":\"1.0\"}"

typedef struct token_fixture {
  arena arena;
  jmp_buf failure;
  private_key rsa, ec; /* 2048 bits, P-256 */
  slice keys_text;     /* a JWK set of both: kid "rsa" and "ec" */
  jwk_set keys;
  token_verify_options options;
  token_verification result;
} token_fixture;

void fixture_begin(token_fixture *f);
void fixture_end(token_fixture *f);

/* {"keys":[..]} of one key. */
slice jwk_text(arena *a, const private_key *key, const char *kid);
slice jwk_set_text(arena *a, const private_key *key, const char *kid);

/* A token of that header and payload, signed. */
slice signed_token(token_fixture *f, const private_key *key,
                   jws_algorithm algorithm, const char *header,
                   const char *payload);

/* base64url(header).base64url(payload).signature as given. */
slice token_of_parts(token_fixture *f, const char *header, const char *payload,
                     const char *signature);

/* The good token of the RSA key. */
slice good_token(token_fixture *f);

/* Verifies, and asserts the code; "none" where it must be verified. */
void expect_code(token_fixture *f, slice token, const char *code);

/* A certificate of the key, self-signed unless there is an issuer, as the
 * base64 of its DER. */
typedef struct certificate_recipe {
  const private_key *key, *issuer; /* issuer NULL: self-signed */
  const char *name, *issuer_name;
  bool is_authority;
  bool has_sgx_extension;
  bytes extension;   /* content of that extension */
  bool is_snp;       /* it is the one of SNP */
} certificate_recipe;
X509 *make_certificate(token_fixture *f, const certificate_recipe *recipe);
slice certificate_text(token_fixture *f, X509 *certificate);

#endif
