/* SPDX-License-Identifier: Apache-2.0 */
/* The two forms of an ECDSA signature: r||s, each number as long as the
 * curve's order (RFC 7518 section 3.4), and DER (RFC 3279 section 2.2.3),
 * which OpenSSL and most devices give. */
#ifndef SIGN_EC_SIGNATURE_H
#define SIGN_EC_SIGNATURE_H

#include "base/arena.h"
#include "sign/algorithm.h"

enum {
  EC_RAW_BYTES_MAX = 132, /* P-521: 2 * 66 */
  EC_DER_BYTES_MAX = 144
};

/* Bytes of r||s; 0 unless the algorithm is an EC one. */
size_t ec_signature_raw_length(jws_algorithm algorithm);

/* Writes r||s. False if der is not exactly one DER signature, or a number is
 * negative or too long. */
bool ec_signature_from_der(jws_algorithm algorithm, bytes der,
                           uint8_t raw[EC_RAW_BYTES_MAX]);

/* Writes DER and returns its length; 0 if raw has another length than the
 * algorithm wants. */
size_t ec_signature_to_der(jws_algorithm algorithm, bytes raw,
                           uint8_t der[EC_DER_BYTES_MAX]);

#endif
