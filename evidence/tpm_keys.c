/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tpm_keys.h"

#include "sign/jwk.h"

/* Shorter RSA keys are nobody's proof today (SP 800-131A). */
static public_key *strong(public_key *key, const char **reason) {
  if (!key || public_key_type(key) != JWS_KEY_RSA ||
      public_key_bits(key) >= RSA_BITS_SECURE)
    return key;
  *reason = "an RSA key of less than 2048 bits";
  return NULL;
}

public_key *tpm_key_from_jwk(arena *a, const value *object,
                             const char **reason) {
  jwk parsed;
  jwk_read(a, object, &parsed);
  *reason = parsed.reason;
  return strong(parsed.key, reason);
}

/* --- structures of the TPM ------------------------------------------------ */

static const struct {
  uint16_t id;
  const char *name;
  size_t bytes;
} curves[] = {{TPM_CURVE_P256, "P-256", 32},
              {TPM_CURVE_P384, "P-384", 48},
              {TPM_CURVE_P521, "P-521", 66}};

enum { CURVE_COUNT = sizeof curves / sizeof *curves };

/* TPMs leave out leading zeros; elsewhere numbers have the curve's length. A
 * number that is too long stays as it is, and is refused there. */
static bytes padded(arena *a, bytes number, size_t length) {
  if (number.length >= length)
    return number;
  uint8_t *result = arena_zalloc(a, length);
  memcpy(result + (length - number.length), number.data, number.length);
  return (bytes){result, length};
}

static public_key *from_rsa(arena *a, const tpm_public *public,
                            const char **reason) {
  uint8_t exponent[4];
  for (int i = 0; i < 4; i++)
    exponent[i] = (uint8_t)(public->exponent >> (24 - 8 * i));
  return public_key_from_rsa(a, public->modulus,
                             (bytes){exponent, sizeof exponent}, reason);
}

public_key *tpm_key_from_public(arena *a, const tpm_public *public,
                                const char **reason) {
  if (public->type == TPM_ALG_RSA)
    return strong(from_rsa(a, public, reason), reason);
  for (size_t i = 0; i < CURVE_COUNT; i++)
    if (curves[i].id == public->curve)
      return public_key_from_point(
          a, slice_from(curves[i].name), padded(a, public->x, curves[i].bytes),
          padded(a, public->y, curves[i].bytes), reason);
  *reason = "an unknown curve";
  return NULL;
}

/* --- signatures ----------------------------------------------------------- */

static jws_algorithm algorithm_of(const tpm_signature *signature) {
  static const struct {
    uint16_t algorithm, hash;
    jws_algorithm jws;
  } rows[] = {
      {TPM_ALG_RSASSA, TPM_ALG_SHA256, JWS_RS256},
      {TPM_ALG_RSASSA, TPM_ALG_SHA384, JWS_RS384},
      {TPM_ALG_RSASSA, TPM_ALG_SHA512, JWS_RS512},
      {TPM_ALG_RSAPSS, TPM_ALG_SHA256, JWS_PS256},
      {TPM_ALG_RSAPSS, TPM_ALG_SHA384, JWS_PS384},
      {TPM_ALG_RSAPSS, TPM_ALG_SHA512, JWS_PS512},
      {TPM_ALG_ECDSA, TPM_ALG_SHA256, JWS_ES256},
      {TPM_ALG_ECDSA, TPM_ALG_SHA384, JWS_ES384},
      {TPM_ALG_ECDSA, TPM_ALG_SHA512, JWS_ES512},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].algorithm == signature->algorithm &&
        rows[i].hash == signature->hash)
      return rows[i].jws;
  return JWS_UNKNOWN;
}

static bytes raw_signature(arena *a, const tpm_signature *signature,
                           size_t number_bytes) {
  if (signature->algorithm != TPM_ALG_ECDSA)
    return signature->rsa;
  bytes r = padded(a, signature->r, number_bytes);
  bytes s = padded(a, signature->s, number_bytes);
  uint8_t *both = arena_alloc(a, r.length + s.length);
  memcpy(both, r.data, r.length);
  memcpy(both + r.length, s.data, s.length);
  return (bytes){both, r.length + s.length};
}

bool tpm_signature_holds(arena *a, public_key *key,
                         const tpm_signature *signature, bytes message,
                         const char **scheme) {
  jws_algorithm algorithm = algorithm_of(signature);
  *scheme = signature->hash == TPM_ALG_SHA1 ? "a signature over SHA-1 proves "
                                              "nothing"
                                            : "an unknown signature scheme";
  if (algorithm == JWS_UNKNOWN)
    return false;
  size_t number_bytes = jws_algorithm_of(algorithm)->number_bytes;
  bytes raw = raw_signature(a, signature, number_bytes);
  *scheme = "the signature is not this key's";
  if (!public_key_verify_any_salt(key, algorithm, message, raw))
    return false;
  *scheme = jws_algorithm_name(algorithm);
  return true;
}
