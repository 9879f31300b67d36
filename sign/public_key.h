/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys of RSA and of the curves P-256, P-384 and P-521, and the check
 * of signatures by them. JWS, TPM quotes and certificates use them alike.
 *
 *   const char *reason;
 *   public_key *key = public_key_from_rsa(a, modulus, exponent, &reason);
 *   if (!key)
 *     return refuse(reason);
 *   if (!public_key_verify(key, JWS_RS256, message, signature)) ..
 *
 * A key and its contexts are released with the arena. One key must not verify
 * in two threads at a time.
 */
#ifndef SIGN_PUBLIC_KEY_H
#define SIGN_PUBLIC_KEY_H

#include <openssl/types.h>

#include "base/arena.h"
#include "sign/algorithm.h"

enum {
  RSA_BITS_SMALLEST = 512,  /* below this OpenSSL itself refuses to work */
  RSA_BITS_LARGEST = 16384, /* what a verification may cost */
  RSA_BITS_SECURE = 2048    /* RFC 7518 sections 3.3 and 3.5 */
};

typedef struct public_key public_key;

/* Each makes a key; NULL: *reason says in a static line why it is none. Jumps
 * to the guard when OpenSSL has no memory. */

/* Big-endian numbers, leading zeros allowed (RFC 7518 section 6.3.1, TPM
 * 2.0 part 2 section 11.2.4.5). The modulus must be odd, of RSA_BITS_SMALLEST
 * to RSA_BITS_LARGEST bits; the exponent odd, 3 to 64 bits. How long it must
 * be to be trusted is for the caller to say: public_key_bits. */
public_key *public_key_from_rsa(arena *a, bytes modulus, bytes exponent,
                                const char **reason);

/* A point of the curve "P-256", "P-384" or "P-521" (RFC 7518 section 6.2.1).
 * x and y have exactly the curve's length, and lie on it. */
public_key *public_key_from_point(arena *a, slice curve, bytes x, bytes y,
                                  const char **reason);

/* The key that the certificate certifies. Says nothing about its issuer. */
public_key *public_key_from_certificate(arena *a, X509 *certificate,
                                        const char **reason);

/* SubjectPublicKeyInfo in DER (RFC 5280 section 4.1), to its last byte. */
public_key *public_key_from_spki(arena *a, bytes der, const char **reason);

/* Another owner's key; takes a reference of its own. */
public_key *public_key_from_handle(arena *a, EVP_PKEY *handle,
                                   const char **reason);

/* JWS_KEY_RSA or JWS_KEY_EC. */
jws_key_type public_key_type(const public_key *key);

/* Of the RSA modulus, or of the curve's field: 2048, 256 .. */
unsigned public_key_bits(const public_key *key);

/* "P-256", "P-384" or "P-521"; NULL of an RSA key. */
const char *public_key_curve(const public_key *key);

/* "RSA 2048", "EC P-256", in the arena. */
const char *public_key_description(arena *a, const public_key *key);

/* The key itself, which stays the owner's. */
EVP_PKEY *public_key_handle(const public_key *key);

/* Whether both are the same key. */
bool public_key_equal(const public_key *left, const public_key *right);

/* SubjectPublicKeyInfo as PEM (RFC 7468 section 13), with its last newline. */
slice public_key_pem(arena *a, const public_key *key);

/* Whether signatures of that algorithm are this key's to make: RS and PS for
 * RSA, and the ES algorithm of the curve. Never for JWS_NONE. */
bool public_key_allows(const public_key *key, jws_algorithm algorithm);

/* Whether the signature is the key's over the message. RSASSA-PKCS1-v1_5 and
 * RSASSA-PSS with a salt as long as the digest (RFC 7518 sections 3.3, 3.5):
 * the signature is exactly as long as the modulus. ECDSA: r||s, each as long
 * as the curve's order and from 1 to below it (section 3.4). False also for an
 * algorithm that is not the key's. */
bool public_key_verify(public_key *key, jws_algorithm algorithm, bytes message,
                       bytes signature);

/* The same, but RSASSA-PSS with a salt of any length: TPMs take the longest
 * that fits (TPM 2.0 part 1 appendix B.7). */
bool public_key_verify_any_salt(public_key *key, jws_algorithm algorithm,
                                bytes message, bytes signature);

/* An ECDSA signature in DER (RFC 3279 section 2.2.3), where a standard or the
 * service's C++ SDK has it so, as r||s of twice number_bytes; false if it is
 * not exactly one such signature in its one encoding. */
bool ecdsa_signature_from_der(arena *a, bytes der, size_t number_bytes,
                              bytes *raw);

/* public_key_verify, and of EC also a signature in DER, as the service's C++
 * SDK and most tools make it. *raw: the signature as JWS has it. */
bool public_key_verify_either(arena *a, public_key *key,
                              jws_algorithm algorithm, bytes message,
                              bytes signature, bytes *raw);

/* --- inside sign/ --------------------------------------------------------- */

enum { ECDSA_DER_MAX = 160 }; /* two numbers of P-521 */

/* Both ways without an arena; size: of one number. The length, 0 if it is none
 * of a curve here. */
size_t ecdsa_der_from_raw(const uint8_t *raw, size_t size,
                          uint8_t der[ECDSA_DER_MAX]);
bool ecdsa_raw_from_der(bytes der, size_t size, uint8_t *raw);

#endif
