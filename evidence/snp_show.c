/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509.h>

#include "evidence/certificate.h"
#include "evidence/cose_sign1.h"
#include "evidence/snp_report.h"

static const bytes nowhere = {NULL, 0};

static const struct {
  snp_field field;
  const char *meaning;
} meanings[] = {
    {SNP_GUEST_SVN, "security version of the guest"},
    {SNP_ABI_MINOR, "least ABI version that the guest accepts"},
    {SNP_ABI_MAJOR, "least ABI version that the guest accepts"},
    {SNP_FAMILY_ID, "from the guest's id block"},
    {SNP_IMAGE_ID, "from the guest's id block"},
    {SNP_VMPL, "privilege level that asked for the report; 0 is the highest"},
    {SNP_SIGNATURE_ALGORITHM, "ECDSA P-384 with SHA-384"},
    {SNP_CURRENT_TCB, "of the firmware that runs"},
    {SNP_REPORT_DATA, "runtime data: SHA-256, then zeros"},
    {SNP_MEASUREMENT, "of the guest's memory at launch"},
    {SNP_HOST_DATA, "init-time data: SHA-256"},
    {SNP_ID_KEY_DIGEST, "SHA-384 of the key that signed the id block"},
    {SNP_AUTHOR_KEY_DIGEST, "SHA-384 of the key that certified the id key"},
    {SNP_REPORT_ID, "of this guest, until it ends"},
    {SNP_REPORT_ID_MA, "of its migration agent"},
    {SNP_REPORTED_TCB, "the one that the signing key was made for"},
    {SNP_CHIP_ID, "of the processor"},
    {SNP_COMMITTED_TCB, "the least that the firmware goes back to"},
    {SNP_LAUNCH_TCB, "when the guest was launched"},
    {SNP_LAUNCH_MIT_VECTOR, "mitigations at launch"},
    {SNP_CURRENT_MIT_VECTOR, "mitigations now"},
    {SNP_SIGNATURE_R, "little-endian, over bytes 0 to 671"},
    {SNP_SIGNATURE_S, "little-endian"},
};

static const char *report_meaning(const field_row *row, bytes report) {
  if (row == &snp_fields[SNP_CPU_FAMILY])
    return snp_number(report, SNP_VERSION) < 3 ? "not before version 3" : NULL;
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
    if (row == &snp_fields[meanings[i].field])
      return meanings[i].meaning;
  return NULL;
}

/* Each component of each TCB at its own place. */
static void show_tcbs(shown *out, bytes report) {
  static const struct {
    const char *section;
    snp_field field;
  } tcbs[] = {{"reported-tcb", SNP_REPORTED_TCB},
              {"current-tcb", SNP_CURRENT_TCB},
              {"committed-tcb", SNP_COMMITTED_TCB},
              {"launch-tcb", SNP_LAUNCH_TCB}};
  for (size_t i = 0; i < sizeof tcbs / sizeof *tcbs; i++) {
    shown_begin(out, tcbs[i].section);
    for (int c = 0; c < SNP_COMPONENT_COUNT; c++) {
      bytes at = snp_component_bytes(report, tcbs[i].field, (snp_component)c);
      if (at.data)
        shown_add(out, snp_components[c].name, at, value_integer(at.data[0]),
                  "security version");
    }
  }
}

static const char *signing_key_name(unsigned key) {
  static const char *const names[] = {"VCEK", "VLEK"};
  return key < 2 ? names[key] : "neither VCEK nor VLEK";
}

static void show_report(shown *out, bytes report) {
  shown_begin(out, "report");
  shown_table(out, report, snp_fields, SNP_FIELD_COUNT, report_meaning);
  unsigned key = snp_signing_key(report);
  shown_add(out, "signing-key", nowhere, value_integer(key),
            signing_key_name(key));
  show_tcbs(out, report);
}

/* --- certificates --------------------------------------------------------- */

static void show_components(shown *out, const X509 *leaf) {
  for (int c = 0; c < SNP_COMPONENT_COUNT; c++) {
    uint8_t version;
    if (snp_certified_component(leaf, (snp_component)c, &version))
      shown_add(out, snp_components[c].name, nowhere, value_integer(version),
                "security version that the key was made for");
  }
}

static void show_chain(shown *out, bytes pem) {
  certificate_chain chain;
  const char *reason;
  if (pem.length == 0)
    return;
  if (!certificate_chain_read(out->arena, pem, &chain, &reason)) {
    shown_begin(out, "certificates");
    shown_add(out, "problem", nowhere, value_text(slice_from(reason)), NULL);
    return;
  }
  for (size_t i = 0; i < chain.count; i++) {
    shown_certificate(out, chain.items[i], i + 1);
    if (i == 0)
      show_components(out, chain.items[i]);
  }
}

/* --- endorsements --------------------------------------------------------- */

static void show_text(shown *out, const char *name, slice text,
                      const char *meaning) {
  if (text.length)
    shown_add(out, name, nowhere, value_text(text), meaning);
}

/* The payload is shown if it is JSON, else as hex. */
static void show_payload(shown *out, bytes payload) {
  value parsed;
  json_error problem;
  buffer hex = buffer_in(out->arena);
  if (json_read(out->arena, slice_from_bytes(payload), 0, &parsed, &problem)) {
    shown_add(out, "payload", nowhere, parsed, NULL);
    return;
  }
  buffer_hex(&hex, payload);
  shown_add(out, "payload", nowhere, value_text(buffer_slice(&hex)), NULL);
}

static void show_message(shown *out, const cose_sign1 *m) {
  shown_add(out, "algorithm", nowhere, value_integer(m->algorithm),
            cose_algorithm_name(m->algorithm));
  show_text(out, "content-type", m->content_type, NULL);
  show_text(out, "issuer", m->issuer, NULL);
  show_text(out, "feed", m->feed, NULL);
  if (m->has_time)
    shown_add(out, "signing-time", nowhere, value_integer(m->time),
              "seconds since the epoch");
  certificate_chain chain;
  const char *reason;
  if (cose_sign1_chain(out->arena, m, &chain, &reason))
    show_text(out, "signer", certificate_subject(out->arena, chain.items[0]),
              NULL);
  show_payload(out, m->payload);
}

static void show_endorsement(shown *out, bytes text, size_t number) {
  arena *a = out->arena;
  cose_sign1 message;
  evidence_error error;
  buffer name = buffer_in(a);
  buffer_printf(&name, "endorsement-%zu", number);
  shown_begin(out, buffer_slice(&name).data);
  byte_reader r = reader_over(a, text, "UVM endorsement", &error);
  if (cose_sign1_read(&r, &message))
    show_message(out, &message);
  else
    show_text(out, "problem", slice_from(error.message), NULL);
}

/* --- all ------------------------------------------------------------------ */

/* Offsets of the JSON form count in the decoded report. */
void snp_show(const evidence *e, shown *out) {
  const snp_evidence *snp = e->detail;
  if (!snp->hcl)
    out->raw = snp->report;
  else
    hcl_report_show(out, snp->hcl, snp_bytes(snp->report, SNP_REPORT_DATA));
  show_report(out, snp->report);
  show_chain(out, snp->certificates);
  for (size_t i = 0; i < snp->endorsement_count; i++)
    show_endorsement(out, snp->endorsements[i], i + 1);
}
