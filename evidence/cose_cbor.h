/* SPDX-License-Identifier: Apache-2.0 */
/* The CBOR (RFC 8949) that COSE messages need: definite lengths, integers of
 * 63 bits. The reader is evidence/reader.h; its first failure sticks. */
#ifndef EVIDENCE_COSE_CBOR_H
#define EVIDENCE_COSE_CBOR_H

#include "evidence/reader.h"

typedef enum cbor_type {
  CBOR_UNSIGNED,
  CBOR_NEGATIVE,
  CBOR_BYTES,
  CBOR_TEXT,
  CBOR_ARRAY,
  CBOR_MAP,
  CBOR_TAG,
  CBOR_SIMPLE
} cbor_type;

/* The head of an item; of bytes and text the content too. */
typedef struct cbor_item {
  cbor_type type;
  uint64_t argument; /* number, length, count, tag */
  bytes content;     /* of CBOR_BYTES and CBOR_TEXT */
} cbor_item;

/* Reads a head, and behind it the content of bytes and text. what: for
 * messages. On failure the item is CBOR_SIMPLE. */
cbor_item cbor_next(byte_reader *r, const char *what);

/* The same; fails unless the item has that type. */
cbor_item cbor_take(byte_reader *r, cbor_type type, const char *what);

/* Passes over one item with all that is inside. */
void cbor_skip(byte_reader *r, const char *what);

/* An integer item: its value. False for another type. */
bool cbor_integer(const cbor_item *item, int64_t *number);

/* Appends a head, in the shortest form. */
void cbor_add(buffer *out, cbor_type type, uint64_t argument);
void cbor_add_integer(buffer *out, int64_t number);
void cbor_add_bytes(buffer *out, bytes content);
void cbor_add_text(buffer *out, slice text);

#endif
