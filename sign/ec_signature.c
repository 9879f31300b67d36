/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/ec_signature.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

size_t ec_signature_raw_length(jws_algorithm algorithm) {
  return 2 * jws_algorithm_of(algorithm)->number_bytes;
}

static bool write_number(const BIGNUM *number, uint8_t *to, size_t length) {
  return !BN_is_negative(number) &&
         BN_bn2binpad(number, to, (int)length) == (int)length;
}

bool ec_signature_from_der(jws_algorithm algorithm, bytes der,
                           uint8_t raw[EC_RAW_BYTES_MAX]) {
  size_t length = jws_algorithm_of(algorithm)->number_bytes;
  const uint8_t *at = der.data;
  if (!length || der.length == 0 || der.length > EC_DER_BYTES_MAX)
    return false;
  ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der.length);
  bool good = signature && at == der.data + der.length &&
              write_number(ECDSA_SIG_get0_r(signature), raw, length) &&
              write_number(ECDSA_SIG_get0_s(signature), raw + length, length);
  /* One number has many BER forms; only the DER one is the signature. */
  uint8_t again[EC_DER_BYTES_MAX], *end = again;
  good = good && i2d_ECDSA_SIG(signature, NULL) == (int)der.length &&
         i2d_ECDSA_SIG(signature, &end) == (int)der.length &&
         memcmp(again, der.data, der.length) == 0;
  ECDSA_SIG_free(signature);
  ERR_clear_error();
  return good;
}

size_t ec_signature_to_der(jws_algorithm algorithm, bytes raw,
                           uint8_t der[EC_DER_BYTES_MAX]) {
  size_t size = jws_algorithm_of(algorithm)->number_bytes;
  if (!size || raw.length != 2 * size)
    return 0;
  ECDSA_SIG *signature = ECDSA_SIG_new();
  BIGNUM *r = BN_bin2bn(raw.data, (int)size, NULL);
  BIGNUM *s = BN_bin2bn(raw.data + size, (int)size, NULL);
  int length = 0;
  if (signature && r && s && ECDSA_SIG_set0(signature, r, s) == 1) {
    r = s = NULL; /* the signature owns them now */
    length = i2d_ECDSA_SIG(signature, &der);
  }
  BN_free(r);
  BN_free(s);
  ECDSA_SIG_free(signature);
  return length > 0 ? (size_t)length : 0;
}
