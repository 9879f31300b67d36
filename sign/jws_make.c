/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/jws_make.h"

#include "base/base64.h"

slice jws_signing_input(arena *a, slice header, slice payload) {
  buffer input = buffer_in(a);
  base64url_encode(&input, bytes_from_slice(header));
  buffer_char(&input, '.');
  base64url_encode(&input, bytes_from_slice(payload));
  return buffer_slice(&input);
}

slice jws_attach(arena *a, slice signing_input, bytes signature) {
  buffer token = buffer_in(a);
  buffer_add(&token, signing_input);
  buffer_char(&token, '.');
  base64url_encode(&token, signature);
  return buffer_slice(&token);
}

bool jws_make(arena *a, const private_key *key, jws_algorithm algorithm,
              slice header, slice payload, slice *token) {
  slice input = jws_signing_input(a, header, payload);
  bytes signature;
  if (!private_key_sign(a, key, algorithm, bytes_from_slice(input),
                        &signature))
    return false;
  *token = jws_attach(a, input, signature);
  return true;
}

slice jws_make_unsecured(arena *a, slice header, slice payload) {
  return jws_attach(a, jws_signing_input(a, header, payload), (bytes){0});
}
