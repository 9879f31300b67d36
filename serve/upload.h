/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that clients post: policy, reset and certificate tokens. */
#ifndef SERVE_UPLOAD_H
#define SERVE_UPLOAD_H

#include "serve/call.h"

typedef struct upload {
  slice token; /* exactly as sent, without the quotes of a JSON string */
  bool is_signed;
  bool is_empty; /* the payload is */
  value payload; /* an object; null if it is empty */
  value signer;  /* {"alg","kty","use","x5c"}, or null */
} upload;

/* Reads a token and checks its signature under the certificate that it names,
 * and in isolated mode that a management certificate stands behind that one.
 * False after a refusal. */
bool upload_read(call *c, slice text, upload *result);

#endif
