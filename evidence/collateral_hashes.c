/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes in x-ms-sgx-collateral, as the service computes them: over C
 * strings, the NUL at their end included. Those of certificates and of the
 * root's revocation list are proven on recorded tokens; those of TCB info and
 * QE identity follow by analogy. */
#include "evidence/collateral.h"
#include "sign/digest.h"

static void set_hash(object_builder *o, const char *name, slice text) {
  static const uint8_t nul = 0;
  uint8_t hash[SHA256_BYTES];
  bytes parts[] = {bytes_from_slice(text), {&nul, 1}};
  buffer hex = buffer_in(o->arena);
  digest_sha256_parts(o->arena, parts, 2, hash);
  buffer_hex(&hex, (bytes){hash, sizeof hash});
  object_set(o, slice_from(name), value_text(buffer_slice(&hex)));
}

/* White space at the end is an editor's. */
static slice trimmed(slice text) {
  while (text.length && (text.data[text.length - 1] == '\n' ||
                         text.data[text.length - 1] == '\r' ||
                         text.data[text.length - 1] == ' '))
    text.length--;
  return text;
}

static void add_documents(object_builder *o, const collateral *given) {
  slice tcb = trimmed(given->tcb_info), qe = trimmed(given->qe_identity);
  if (tcb.length)
    set_hash(o, "tcbinfohash", tcb);
  if (qe.length)
    set_hash(o, "qeidhash", qe);
}

/* Both documents are signed by the same certificate. */
static void add_certificates(object_builder *o, const collateral *given) {
  certificate_chain chain;
  const char *reason;
  buffer text = buffer_in(o->arena);
  if (!certificate_chain_read(
          o->arena, bytes_from_slice(given->tcb_signing_chain), &chain,
          &reason))
    return;
  for (size_t i = 0; i < chain.count; i++)
    certificate_write(&text, chain.items[i]);
  set_hash(o, "qeidcertshash", buffer_slice(&text));
  set_hash(o, "tcbinfocertshash", buffer_slice(&text));
}

static void add_revocation(object_builder *o, const collateral *given) {
  X509_CRL *list = crl_read(o->arena, given->root_ca_crl);
  buffer text = buffer_in(o->arena);
  if (!list)
    return;
  crl_write(&text, list);
  set_hash(o, "qeidcrlhash", buffer_slice(&text));
  set_hash(o, "tcbinfocrlhash", buffer_slice(&text));
}

void collateral_add_hashes(arena *a, evidence *e, const collateral *given) {
  const value *old =
      value_member(&e->token_claims, SLICE("x-ms-sgx-collateral"));
  if (!old || !given)
    return;
  object_builder hashes = object_in(a), token = object_in(a);
  for (uint32_t i = 0; i < old->count; i++)
    object_set(&hashes, member_name(&old->members[i]), old->members[i].value);
  add_documents(&hashes, given);
  add_certificates(&hashes, given);
  add_revocation(&hashes, given);
  value whole = object_value(&hashes);
  for (uint32_t i = 0; i < e->token_claims.count; i++)
    object_set(&token, member_name(&e->token_claims.members[i]), whole);
  e->token_claims = object_value(&token);
}
