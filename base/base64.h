/* SPDX-License-Identifier: Apache-2.0 */
/* base64url (RFC 4648 section 5), base64 (section 4) and hex. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buffer.h"

typedef enum base64_alphabet {
  BASE64_STANDARD,
  BASE64_URL,
  BASE64_EITHER /* when decoding: both, for people's files */
} base64_alphabet;

/* Unpadded base64url, as the service writes it. */
void base64url_encode(buffer *out, bytes data);
/* Standard alphabet with padding (kid, x5c). */
void base64_encode(buffer *out, bytes data);

/* Decodes into the arena. Padding may be left out, but if it is there it must
 * be right; whitespace, another alphabet, a length of 4n+1 and trailing bits
 * that are not zero are refused: NULL data and false. Of an empty text the
 * data is not NULL. */
bool base64_decode(arena *a, slice text, base64_alphabet alphabet,
                   bytes *result);

/* Hex digits of either case, even in number; refuses as base64_decode. */
bool hex_decode(arena *a, slice text, bytes *result);

#endif
