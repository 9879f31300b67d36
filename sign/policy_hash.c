/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/policy_hash.h"

#include "base/base64.h"
#include "sign/digest.h"
#include "sign/jws_make.h"

static slice encoded(arena *a, bytes data) {
  buffer out = buffer_in(a);
  base64url_encode(&out, data);
  return buffer_slice(&out);
}

slice policy_token_hash(arena *a, slice token) {
  uint8_t hash[SHA256_BYTES];
  digest_sha256(a, bytes_from_slice(token), hash);
  return encoded(a, (bytes){hash, sizeof hash});
}

slice policy_hash(arena *a, slice policy_text) {
  return policy_token_hash(a, encoded(a, bytes_from_slice(policy_text)));
}

slice policy_payload(arena *a, slice policy_text) {
  buffer payload = buffer_in(a);
  buffer_text(&payload, "{\"AttestationPolicy\":\"");
  base64url_encode(&payload, bytes_from_slice(policy_text));
  buffer_text(&payload, "\"}");
  return buffer_slice(&payload);
}

slice policy_unsecured_token(arena *a, slice policy_text) {
  return jws_make_unsecured(a, SLICE("{\"alg\":\"none\"}"),
                            policy_payload(a, policy_text));
}
