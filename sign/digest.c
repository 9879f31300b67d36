/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/digest.h"

#include <openssl/evp.h>

static const EVP_MD *algorithm_of(digest_algorithm algorithm) {
  switch (algorithm) {
  case DIGEST_SHA1:
    return EVP_sha1();
  case DIGEST_SHA384:
    return EVP_sha384();
  case DIGEST_SHA512:
    return EVP_sha512();
  case DIGEST_SHA256:
    break;
  }
  return EVP_sha256();
}

size_t digest_length(digest_algorithm algorithm) {
  return (size_t)EVP_MD_get_size(algorithm_of(algorithm));
}

static bool digest_parts(const EVP_MD *algorithm, const bytes *parts,
                         size_t count, uint8_t *result) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good = context && EVP_DigestInit_ex(context, algorithm, NULL) == 1;
  for (size_t i = 0; good && i < count; i++)
    good = EVP_DigestUpdate(context, parts[i].data, parts[i].length) == 1;
  good = good && EVP_DigestFinal_ex(context, result, NULL) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

bool digest(digest_algorithm algorithm, bytes data,
            uint8_t result[DIGEST_BYTES_MAX]) {
  return digest_parts(algorithm_of(algorithm), &data, 1, result);
}

void digest_sha256_parts(arena *a, const bytes *parts, size_t count,
                         uint8_t result[SHA256_BYTES]) {
  if (!digest_parts(EVP_sha256(), parts, count, result))
    arena_fail(a, ARENA_NO_MEMORY);
}

void digest_sha256(arena *a, bytes data, uint8_t result[SHA256_BYTES]) {
  digest_sha256_parts(a, &data, 1, result);
}
