/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a COSE_Sign1 message: every part lies inside, texts are
 * printable, and no signature of another key holds. */
#include <openssl/x509.h>

#include "evidence/cose_sign1.h"
#include "tests/fuzz/evidence.h"

static void check_text(slice text, bytes whole) {
  HOLDS(lies_inside(bytes_from_slice(text), whole));
  for (size_t i = 0; i < text.length; i++)
    HOLDS(text.data[i] >= ' ' && text.data[i] <= '~');
}

static void check_message(arena *a, slice input) {
  cose_sign1 m;
  evidence_error error = {0};
  bytes whole = bytes_from_slice(input);
  byte_reader r = reader_over(a, whole, "message", &error);
  if (!cose_sign1_read(&r, &m)) {
    check_refusal(&error, input.length);
    return;
  }
  check_text(m.issuer, whole);
  check_text(m.feed, whole);
  check_text(m.content_type, whole);
  HOLDS(lies_inside(m.payload, whole) && lies_inside(m.signature, whole));
  HOLDS(lies_inside(m.protected_header, whole));
  HOLDS(m.certificate_count <= LIMIT_CERTIFICATES);
  certificate_chain chain;
  const char *reason = NULL;
  if (!cose_sign1_chain(a, &m, &chain, &reason)) {
    HOLDS(reason && reason[0]);
    return;
  }
  (void)cose_sign1_verify(a, &m, X509_get0_pubkey(chain.items[0]));
  (void)cose_issuer_holds(a, m.issuer, &chain, &reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size, check_message);
}
