/* SPDX-License-Identifier: Apache-2.0 */
#include "token/attest_sign.h"

#include "base/base64.h"
#include "sign/jws_make.h"
#include "sign/public_key.h"

slice attest_key_id(arena *a, const private_key *key) {
  const char *reason;
  public_key *public = public_key_from_handle(a, key->pair, &reason);
  if (!public)
    return SLICE_EMPTY;
  buffer text = buffer_in(a), id = buffer_in(a);
  uint8_t hash[SHA256_BYTES];
  buffer_add(&text, public_key_pem(a, public));
  buffer_char(&text, 0);
  digest_sha256(a, bytes_from_slice(buffer_slice(&text)), hash);
  base64_encode(&id, (bytes){hash, sizeof hash});
  return buffer_slice(&id);
}

static slice header_of(arena *a, const attest_result *result,
                       const private_key *key, jws_algorithm algorithm) {
  const value *issuer = value_member(&result->payload, SLICE("iss"));
  buffer keys = buffer_in(a), text = buffer_in(a);
  buffer_printf(&keys, "%.*s/certs", SLICE_ARGS(value_string(issuer)));
  object_builder header = object_in(a);
  object_set(&header, SLICE("alg"),
             value_text(slice_from(jws_algorithm_name(algorithm))));
  object_set(&header, SLICE("jku"), value_text(buffer_slice(&keys)));
  object_set(&header, SLICE("kid"), value_text(attest_key_id(a, key)));
  object_set(&header, SLICE("typ"), value_text(SLICE("JWT")));
  value whole = object_value(&header);
  json_write(&text, &whole);
  return buffer_slice(&text);
}

bool attest_sign(arena *a, const attest_result *result, const private_key *key,
                 jws_algorithm algorithm, slice *token, const char **reason) {
  *token = SLICE_EMPTY;
  *reason = "nothing was permitted";
  if (result->outcome != ATTEST_PERMITTED)
    return false;
  *reason = "the evidence was not verified: its token is never signed";
  if (!evidence_is_verified(&result->verification))
    return false;
  buffer payload = buffer_in(a);
  json_write(&payload, &result->payload);
  *reason = "the key does not sign with that algorithm";
  return jws_make(a, key, algorithm, header_of(a, result, key, algorithm),
                  buffer_slice(&payload), token);
}
