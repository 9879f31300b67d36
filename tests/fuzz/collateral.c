/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as collateral: whatever it says, nothing that the root did not
 * sign makes verification full. The first byte chooses the file. */
#include <openssl/x509.h>

#include "evidence/collateral.h"
#include "evidence/make.h"
#include "evidence/sgx_quote.h"
#include "tests/fuzz/fuzz.h"

static bytes quote;

/* One quote for the whole run, never freed. */
static void make_quote(void) {
  static arena a;
  evidence_recipe recipe = {.type = ATTESTATION_SGX_ENCLAVE};
  evidence_made made;
  evidence_error error;
  arena_init(&a, LIMIT_ARENA_BYTES);
  HOLDS(evidence_make(&a, &recipe, &made, &error));
  quote = made.raw;
}

static collateral collateral_with(slice input) {
  collateral c = {0};
  char which = input.data[0];
  slice text = {input.data + 1, input.length - 1};
  c.tcb_info = c.qe_identity = c.tcb_signing_chain = SLICE("{}");
  c.pck_crl = c.root_ca_crl = bytes_from_slice(text);
  if (which % 3 == 0)
    c.tcb_info = c.qe_identity = text;
  else if (which % 3 == 1)
    c.tcb_signing_chain = text;
  return c;
}

/* The documents are read only once their signer is known: here the chain's
 * leaf itself. */
static void check_documents(verifier *v, const collateral *c, X509 *signer) {
  signed_document tcb = {.what = "TCB info", .member = "tcbInfo"};
  signed_document qe = {.what = "QE identity", .member = "enclaveIdentity"};
  HOLDS(!document_verify(v, c->tcb_info, signer, &tcb));
  HOLDS(!document_verify(v, c->qe_identity, signer, &qe));
  HOLDS(!crl_verify(v, c->pck_crl, signer, &signer, 1, "CRL"));
}

static void check_collateral(arena *a, slice input) {
  evidence e;
  evidence_error error;
  certificate_chain chain;
  const char *reason;
  static const char *names[] = {"root"};
  if (input.length == 0)
    return;
  HOLDS(evidence_parse(a, ATTESTATION_SGX_ENCLAVE, quote, &e, &error));
  const sgx_quote *q = e.detail;
  HOLDS(certificate_chain_read(a, q->signature.certification_data, &chain,
                               &reason));
  collateral c = collateral_with(input);
  verify_options options = {
      .level = VERIFY_FULL,
      .now = 1751328000,
      .collateral = &c,
      .roots = {.items = &chain.items[2], .names = names, .count = 1}};
  evidence_verify(a, &e, &options);
  HOLDS(!evidence_is_verified(&e.verification));
  collateral_add_hashes(a, &e, &c);
  verifier v = {.arena = a, .evidence = &e, .options = &options};
  v.end = &v.first;
  check_documents(&v, &c, chain.items[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!quote.data)
    make_quote();
  return fuzz_in_arena(data, size, check_collateral);
}
