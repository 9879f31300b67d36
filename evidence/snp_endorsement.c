/* SPDX-License-Identifier: Apache-2.0 */
/* UVM endorsements: what Microsoft says, signed, of the utility VM that runs
 * confidential containers: this launch measurement is ours, with that security
 * version. A COSE_Sign1 whose payload is
 *   {"x-ms-sevsnpvm-guestsvn": "100",
 *    "x-ms-sevsnpvm-launchmeasurement": "<96 hex digits>"} */
#include <openssl/x509.h>

#include "evidence/cose_sign1.h"
#include "evidence/snp_report.h"

static const char what[] = "UVM endorsement";

/* Whose certificate may speak for a feed, which two teams of one company
 * share a root for, and the service's name for what the feed is of. */
typedef struct feed_row {
  const char *feed, *policy, *status;
} feed_row;

static const feed_row feeds[] = {
    {"ContainerPlat-AMD-UVM", "::eku:1.3.6.1.4.1.311.76.59.1.2",
     "azure-compliant-uvm"},
    {"ConfAKS-AMD-UVM", "::eku:1.3.6.1.4.1.311.76.59.1.5",
     "azure-signed-katacc-uvm"},
};

static const feed_row *row_of(slice feed) {
  for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
    if (slice_is(feed, feeds[i].feed))
      return &feeds[i];
  return NULL;
}

static bool read_endorsement(arena *a, bytes text, cose_sign1 *message,
                             evidence_error *error) {
  byte_reader r = reader_over(a, text, "UVM endorsement", error);
  return cose_sign1_read(&r, message);
}

/* Signing certificates live for a year, endorsements for as long as the VM's
 * image is used: the chain has to hold when it was signed, which the signed
 * header says. (The countersignature of a time stamp authority beside it is
 * not verified: its root is not among those known here.) */
static bool check_chain(verifier *v, const cose_sign1 *message,
                        const certificate_chain *chain) {
  const verify_options *given = v->options;
  verify_options at_signing = *given;
  if (message->has_time && message->time < given->now)
    at_signing.now = message->time;
  v->options = &at_signing;
  v->vendor = "Microsoft";
  bool holds = verify_chain(v, chain->items, chain->count,
                            "UVM endorsement's chain", NULL);
  v->options = given;
  return holds;
}

static bool check_signature(verifier *v, const cose_sign1 *message,
                            X509 *leaf) {
  bool holds = cose_sign1_verify(v->arena, message, X509_get0_pubkey(leaf));
  return verify_step(v, holds, what, certificate_subject(v->arena, leaf).data,
                     verify_text(v, "%s signature of COSE_Sign1 %s",
                                 cose_algorithm_name(message->algorithm),
                                 holds ? "holds" : "does not hold"));
}

static bool check_issuer(verifier *v, const cose_sign1 *message,
                         const certificate_chain *chain) {
  const char *reason;
  bool holds = cose_issuer_holds(v->arena, message->issuer, chain, &reason);
  return verify_step(
      v, holds, what, NULL,
      holds ? verify_text(v, "issuer %.*s", SLICE_ARGS(message->issuer))
            : reason);
}

static bool ends_with(slice text, const char *end) {
  size_t length = strlen(end);
  return text.length >= length &&
         memcmp(text.data + text.length - length, end, length) == 0;
}

static bool check_feed(verifier *v, const cose_sign1 *message) {
  const feed_row *row = row_of(message->feed);
  const char *feed = arena_string(v->arena, message->feed);
  if (!row)
    return verify_step(v, false, what, NULL,
                       verify_text(v, "feed \"%s\" is not known", feed));
  bool holds = ends_with(message->issuer, row->policy);
  return verify_step(
      v, holds, what, NULL,
      verify_text(v, "feed \"%s\" %s", feed,
                  holds ? "is this issuer's" : "is another issuer's"));
}

static bool check_measurement(verifier *v, const cose_sign1 *message,
                              bytes report) {
  value payload;
  json_error problem;
  buffer hex = buffer_in(v->arena);
  buffer_hex(&hex, snp_bytes(report, SNP_MEASUREMENT));
  if (!json_read(v->arena, slice_from_bytes(message->payload), 0, &payload,
                 &problem))
    return verify_step(v, false, what, NULL, "its payload is not JSON");
  const value *m =
      value_member(&payload, SLICE("x-ms-sevsnpvm-launchmeasurement"));
  bool holds = m && m->kind == VALUE_STRING &&
               slice_equal_ignore_case(value_string(m), buffer_slice(&hex));
  return verify_step(v, holds, what, NULL,
                     holds ? "it is of this launch measurement"
                           : "it is of another launch measurement");
}

bool snp_verify_endorsement(verifier *v, bytes endorsement, bytes report) {
  cose_sign1 message;
  certificate_chain chain;
  evidence_error error;
  const char *reason;
  if (!read_endorsement(v->arena, endorsement, &message, &error))
    return verify_step(v, false, what, NULL, error.message);
  if (!cose_sign1_chain(v->arena, &message, &chain, &reason))
    return verify_step(v, false, what, NULL, reason);
  return check_chain(v, &message, &chain) &&
         check_signature(v, &message, chain.items[0]) &&
         check_issuer(v, &message, &chain) && check_feed(v, &message) &&
         check_measurement(v, &message, report);
}

void snp_add_verified_claims(arena *a, evidence *e) {
  const snp_evidence *snp = e->detail;
  cose_sign1 message;
  evidence_error error;
  if (!evidence_is_verified(&e->verification) || !snp->endorsement_count ||
      !read_endorsement(a, snp->endorsements[0], &message, &error))
    return;
  const feed_row *row = row_of(message.feed);
  if (!row)
    return;
  object_builder claims = object_in(a);
  for (uint32_t i = 0; i < e->claims.count; i++)
    object_set(&claims, member_name(&e->claims.members[i]),
               e->claims.members[i].value);
  object_set(&claims, SLICE("x-ms-compliance-status"),
             value_text(slice_from(row->status)));
  e->claims = object_value(&claims);
}
