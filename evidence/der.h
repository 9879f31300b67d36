/* SPDX-License-Identifier: Apache-2.0 */
/* The little DER (ITU-T X.690) that certificate extensions of processor makers
 * need: one-byte tags, definite lengths. */
#ifndef EVIDENCE_DER_H
#define EVIDENCE_DER_H

#include "base/buffer.h"

enum {
  DER_INTEGER = 0x02,
  DER_OCTET_STRING = 0x04,
  DER_OID = 0x06,
  DER_ENUMERATED = 0x0a,
  DER_SEQUENCE = 0x30
};

/* Takes the first element off *rest. False at the end of *rest and where no
 * element of a one-byte tag fits into it. */
bool der_next(bytes *rest, uint8_t *tag, bytes *content);

/* The same, for SEQUENCE { OID, value } alone: the form of those extensions'
 * entries. */
bool der_next_named(bytes *rest, bytes *oid, uint8_t *tag, bytes *content);

/* A non-negative INTEGER or ENUMERATED of at most 7 bytes. */
bool der_number(bytes content, uint64_t *number);

/* Appends an element. */
void der_add(buffer *out, uint8_t tag, bytes content);
void der_add_number(buffer *out, uint8_t tag, uint64_t number);

#endif
