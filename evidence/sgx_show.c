/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/certificate.h"
#include "evidence/oe_report.h"
#include "evidence/pck_extension.h"
#include "evidence/sgx_quote.h"
#include "evidence/show.h"

static const char *header_meaning(const field_row *row, bytes header) {
  (void)header;
  if (row == &sgx_header_fields[SGX_KEY_TYPE])
    return "ECDSA-256 with P-256";
  if (row == &sgx_header_fields[SGX_VENDOR_ID])
    return "Intel";
  if (row == &sgx_header_fields[SGX_QE_SVN])
    return "security version of the quoting enclave";
  if (row == &sgx_header_fields[SGX_PCE_SVN])
    return "security version of the provisioning certification enclave";
  if (row == &sgx_header_fields[SGX_USER_DATA])
    return "first 16 bytes: id of the platform's quoting enclave";
  return NULL;
}

static const char *report_meaning(const field_row *row, bytes report) {
  if (row == &sgx_report_fields[SGX_CPU_SVN])
    return "security versions of the processor's components";
  if (row == &sgx_report_fields[SGX_MRENCLAVE])
    return "measurement of the enclave's code and data";
  if (row == &sgx_report_fields[SGX_MRSIGNER])
    return "hash of the enclave signer's public key";
  if (row == &sgx_report_fields[SGX_CONFIG_ID] &&
      !(sgx_report_number(report, SGX_ATTRIBUTES) & SGX_FLAG_KSS))
    return "no meaning without KSS";
  if (row == &sgx_report_fields[SGX_REPORT_DATA])
    return "runtime data: SHA-256, then zeros";
  return NULL;
}

static const char *certification_meaning(uint16_t type) {
  static const char *const meanings[] = {
      [1] = "PPID in plaintext",
      [2] = "PPID encrypted with RSA-2048",
      [3] = "PPID encrypted with RSA-3072",
      [4] = "PCK leaf certificate in plaintext",
      [5] = "PCK certificate chain in PEM",
      [6] = "QE report",
      [7] = "platform manifest",
  };
  return type < sizeof meanings / sizeof *meanings ? meanings[type] : NULL;
}

static value byte_count(arena *a, size_t length) {
  buffer text = buffer_in(a);
  buffer_printf(&text, "%zu bytes", length);
  return value_text(buffer_slice(&text));
}

static void show_signature(shown *out, const sgx_signature *s) {
  shown_begin(out, "signature");
  shown_hex(out, "quote-signature", s->signature,
            "r, s by the attestation key over header and report");
  shown_hex(out, "attestation-key", s->attestation_key, "x, y on P-256");
  shown_begin(out, "qe-report");
  shown_table(out, s->qe_report, sgx_report_fields, SGX_REPORT_DATA,
              report_meaning);
  shown_hex(out, "report-data", sgx_report_bytes(s->qe_report, SGX_REPORT_DATA),
            "SHA-256 of attestation-key and auth-data, then zeros");
  shown_begin(out, "certification");
  shown_hex(out, "qe-report-signature", s->qe_report_signature,
            "r, s by the PCK certificate's key over the QE report");
  shown_hex(out, "auth-data", s->auth_data, NULL);
  bytes type_at = {s->certification_data.data - 6, 2};
  shown_add(out, "type", type_at, value_integer(s->certification_type),
            certification_meaning(s->certification_type));
  shown_add(out, "data", s->certification_data,
            byte_count(out->arena, s->certification_data.length), NULL);
}

static const char *sgx_type_meaning(uint8_t type) {
  static const char *const meanings[] = {
      [PCK_SGX_STANDARD] = "standard",
      [PCK_SGX_SCALABLE] = "scalable",
      [PCK_SGX_SCALABLE_WITH_INTEGRITY] = "scalable with integrity",
  };
  return type < sizeof meanings / sizeof *meanings ? meanings[type] : NULL;
}

static void show_derived_hex(shown *out, const char *name, const uint8_t *data,
                             size_t length, const char *meaning) {
  buffer text = buffer_in(out->arena);
  buffer_hex(&text, (bytes){data, length});
  shown_add(out, name, (bytes){NULL, 0}, value_text(buffer_slice(&text)),
            meaning);
}

static void show_platform(shown *out, const pck_extension *e) {
  const bytes nowhere = {NULL, 0};
  array_builder components = array_in(out->arena);
  for (size_t i = 0; i < PCK_COMPONENTS; i++)
    array_add(&components, value_integer(e->components[i]));
  shown_begin(out, "platform");
  show_derived_hex(out, "fmspc", e->fmspc, sizeof e->fmspc,
                   "family, model, stepping, platform, custom SKU");
  show_derived_hex(out, "pce-id", e->pce_id, sizeof e->pce_id, NULL);
  show_derived_hex(out, "ppid", e->ppid, sizeof e->ppid,
                   "platform provisioning id");
  shown_add(out, "tcb-components", nowhere, array_value(&components),
            "security versions 1 to 16");
  shown_add(out, "pck-pce-svn", nowhere, value_integer(e->pce_svn), NULL);
  show_derived_hex(out, "pck-cpusvn", e->cpu_svn, sizeof e->cpu_svn, NULL);
  shown_add(out, "sgx-type", nowhere, value_integer(e->sgx_type),
            sgx_type_meaning(e->sgx_type));
}

static void show_chain(shown *out, const sgx_signature *s) {
  certificate_chain chain;
  const char *reason;
  pck_extension platform;
  if (s->certification_type != SGX_CERTIFICATION_PEM_CHAIN)
    return;
  if (!certificate_chain_read(out->arena, s->certification_data, &chain,
                              &reason)) {
    shown_add(out, "problem", (bytes){NULL, 0}, value_text(slice_from(reason)),
              NULL);
    return;
  }
  for (size_t i = 0; i < chain.count; i++)
    shown_certificate(out, chain.items[i], i + 1);
  bytes extension = certificate_extension(chain.items[0], PCK_EXTENSION_OID);
  if (pck_extension_read(extension, &platform))
    show_platform(out, &platform);
}

void sgx_signature_show(shown *out, const sgx_signature *s) {
  show_signature(out, s);
  show_chain(out, s);
}

void sgx_trailing_show(shown *out, bytes trailing, const char *meaning) {
  if (trailing.length == 0)
    return;
  shown_begin(out, "trailing");
  shown_add(out, "data", trailing, byte_count(out->arena, trailing.length),
            meaning);
}

static void show_quote(const sgx_quote *quote, shown *out) {
  shown_begin(out, "header");
  shown_table(out, quote->header, sgx_header_fields, SGX_HEADER_FIELD_COUNT,
              header_meaning);
  shown_begin(out, "report");
  shown_table(out, quote->report, sgx_report_fields, SGX_REPORT_FIELD_COUNT,
              report_meaning);
  sgx_signature_show(out, &quote->signature);
  sgx_trailing_show(out, quote->trailing,
                    "behind the quote; hashed into quotehash");
}

void sgx_quote_show(const evidence *e, shown *out) {
  show_quote(e->detail, out);
}

static const char *uuid_text(arena *a, bytes id) {
  buffer text = buffer_in(a);
  for (size_t i = 0; i < id.length; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      buffer_char(&text, '-');
    buffer_hex(&text, (bytes){id.data + i, 1});
  }
  return buffer_slice(&text).data;
}

void oe_report_show(const evidence *e, shown *out) {
  const oe_report *report = e->detail;
  shown_begin(out, "open-enclave");
  shown_add(out, "version", (bytes){e->raw.data, 4},
            value_integer(report->version),
            report->version == OE_REPORT_VERSION ? "oe_report_header"
                                                 : "oe_attestation_header");
  if (report->format_id.length)
    shown_add(out, "format", report->format_id,
              value_text(slice_from(uuid_text(out->arena, report->format_id))),
              report->format);
  if (report->report_header.length) {
    const uint8_t *header = report->report_header.data;
    shown_add(out, "report-type", (bytes){header + 4, 4},
              value_integer(OE_REPORT_REMOTE), "remote");
    shown_add(out, "report-size", (bytes){header + 8, 8},
              value_integer((int64_t)little_endian((bytes){header + 8, 8})),
              "bytes of the quote");
  }
  if (report->custom_claims.length)
    shown_add(out, "custom-claims", report->custom_claims,
              byte_count(out->arena, report->custom_claims.length),
              oe_claims_are_bound(report) ? "report-data begins with their hash"
                                          : "NOT bound by report-data");
  show_quote(&report->quote, out);
}
