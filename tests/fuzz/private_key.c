/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a key file and as PKCS #12, with a passphrase at hand. A key
 * that is taken signs, and its signature verifies. */
#include "sign/key_read.h"
#include "sign/public_key.h"
#include "tests/fuzz/fuzz.h"

static int know(void *context, char *to, int room) {
  (void)context, (void)room;
  memcpy(to, "words", 5);
  return 5;
}

static void check_key(arena *a, const private_key *key) {
  bytes message = bytes_from_slice(SLICE("message")), signature;
  const char *reason = NULL;
  public_key *public = public_key_from_handle(a, key->pair, &reason);
  /* A file may hold halves that do not belong together. */
  if (public && private_key_sign(a, key, key->algorithm, message, &signature))
    (void)public_key_verify(public, key->algorithm, message, signature);
}

static void check_status(arena *a, private_key_status status,
                         const private_key *key, const char *reason) {
  if (status == PRIVATE_KEY_OK)
    check_key(a, key);
  else
    HOLDS(reason != NULL);
}

static void check_file(arena *a, slice input) {
  passphrase_source source = {know, NULL};
  secret *file = secret_make(a, input.length);
  if (input.length)
    memcpy(file->data, input.data, input.length);
  file->length = input.length;
  private_key key;
  key_certificates chain;
  const char *reason = NULL;
  check_status(a, key_read(a, file, &source, &key, &reason), &key, reason);
  reason = NULL;
  check_status(
      a, key_read_pkcs12(a, file, &source, &key, &chain, &reason), &key,
      reason);
  HOLDS(chain.count <= KEY_CERTIFICATES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_file);
}
