/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of attestationInfo stand in it as base64: their fields have no
 * place of their own, but those of the hardware's report count from its start.
 */
#include <openssl/x509.h>

#include "evidence/certificate.h"
#include "evidence/efi_data.h"
#include "evidence/guest_info.h"
#include "evidence/kinds.h"

static const bytes nowhere = {NULL, 0};

static void show_text(shown *out, const char *name, slice text,
                      const char *meaning) {
  if (text.data)
    shown_add(out, name, nowhere, value_text(text), meaning);
}

static void show_number(shown *out, const char *name, uint64_t number,
                        const char *meaning) {
  shown_add(out, name, nowhere, value_integer((int64_t)(number & INT64_MAX)),
            meaning);
}

static void show_hex(shown *out, const char *name, bytes data,
                     const char *meaning) {
  buffer hex = buffer_in(out->arena);
  buffer_hex(&hex, data);
  shown_add(out, name, nowhere, value_text(buffer_slice(&hex)), meaning);
}

static const char *text_of(shown *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *text_of(shown *out, const char *format, ...) {
  va_list arguments;
  buffer text = buffer_in(out->arena);
  va_start(arguments, format);
  buffer_vprintf(&text, format, arguments);
  va_end(arguments);
  return buffer_slice(&text).data;
}

/* --- the client ----------------------------------------------------------- */

static void show_client(shown *out, const guest_evidence *guest) {
  shown_begin(out, "client");
  show_text(out, "protocol-version", guest->protocol, NULL);
  show_text(out, "os-type", guest->os_type, "as the client says");
  show_text(out, "os-distro", guest->os_distro, "as the client says");
  show_text(out, "os-build", guest->os_build, "as the client says");
  if (guest->os_major)
    shown_add(out, "os-version-major", nowhere, *guest->os_major, NULL);
  if (guest->os_minor)
    shown_add(out, "os-version-minor", nowhere, *guest->os_minor, NULL);
  if (guest->client_payload)
    shown_add(out, "client-payload", nowhere, *guest->client_payload,
              "values in base64, as the client sends them");
  show_text(out, "isolation",
            slice_from(guest_isolation_name(guest->isolation)), NULL);
}

/* --- structures of the TPM ------------------------------------------------ */

static const char *attribute_names(shown *out, uint32_t attributes) {
  static const field_bit bits[] = {
      {1, "fixedTPM"},     {2, "stClear"},
      {4, "fixedParent"},  {5, "sensitiveDataOrigin"},
      {6, "userWithAuth"}, {7, "adminWithPolicy"},
      {10, "noDA"},        {11, "encryptedDuplication"},
      {16, "restricted"},  {17, "decrypt"},
      {18, "sign"}};
  buffer text = buffer_in(out->arena);
  for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
    if (attributes >> bits[i].bit & 1)
      buffer_printf(&text, "%s%s", text.length ? " " : "", bits[i].name);
  return buffer_slice(&text).data;
}

static void show_key(shown *out, const char *section, const tpm_public *key) {
  bytes name;
  shown_begin(out, section);
  show_number(out, "key-bits", key->key_bits, "RSA");
  show_number(out, "exponent", key->exponent, NULL);
  show_hex(out, "modulus", key->modulus, NULL);
  show_number(out, "name-algorithm", key->name_algorithm,
              tpm_algorithm_name(key->name_algorithm));
  show_text(out, "attributes",
            slice_from(text_of(out, "0x%08x", (unsigned)key->attributes)),
            attribute_names(out, key->attributes));
  show_hex(out, "auth-policy", key->auth_policy, NULL);
  show_number(out, "scheme", key->scheme, tpm_algorithm_name(key->scheme));
  if (key->scheme_hash)
    show_number(out, "scheme-hash", key->scheme_hash,
                tpm_algorithm_name(key->scheme_hash));
  if (tpm_public_name(out->arena, key, &name))
    show_hex(out, "name", name, "algorithm and hash of the public area");
}

static void show_attest(shown *out, const tpm_attest *attest, bytes signature) {
  show_hex(out, "qualified-signer", attest->qualified_signer, NULL);
  show_hex(out, "extra-data", attest->extra_data,
           "what the caller wanted bound");
  show_number(out, "clock", attest->clock, "milliseconds");
  show_number(out, "reset-count", attest->reset_count, NULL);
  show_number(out, "restart-count", attest->restart_count, NULL);
  shown_add(out, "safe", nowhere, value_boolean(attest->safe), NULL);
  show_text(out, "firmware-version",
            slice_from(text_of(out, "0x%016llx",
                               (unsigned long long)attest->firmware_version)),
            NULL);
  show_hex(out, "signature", signature, NULL);
}

static value pcr_list(arena *a, uint32_t mask) {
  array_builder list = array_in(a);
  for (uint32_t i = 0; i < 32; i++)
    if (mask >> i & 1)
      array_add(&list, value_integer(i));
  return array_value(&list);
}

static void show_quote(shown *out, const guest_evidence *guest) {
  const tpm_attest *quote = &guest->quote;
  shown_begin(out, "quote");
  show_attest(out, quote, guest->quote_signature);
  for (size_t i = 0; i < quote->selection_count; i++)
    shown_add(out, i ? text_of(out, "pcrs-%zu", i + 1) : "pcrs", nowhere,
              pcr_list(out->arena, quote->selections[i].mask),
              tpm_algorithm_name(quote->selections[i].algorithm));
  show_hex(out, "pcr-digest", quote->pcr_digest, "of the quoted values");
}

static void show_certified(shown *out, const guest_evidence *guest) {
  shown_begin(out, "encryption-key-certification");
  show_attest(out, &guest->certify, guest->certify_signature);
  show_hex(out, "name", guest->certify.name, "of the certified key");
  show_hex(out, "qualified-name", guest->certify.qualified_name, NULL);
}

static void show_certificate(shown *out, bytes raw) {
  const unsigned char *at = raw.data;
  if (raw.length == 0)
    return;
  shown_begin(out, "tpm-certificate");
  certificate_chain chain = {0};
  const char *reason;
  X509 *certificate = NULL;
  if (raw.data[0] != '-' &&
      (certificate = d2i_X509(NULL, &at, (long)raw.length)))
    certificate_keep(out->arena, certificate);
  else if (certificate_chain_read(out->arena, raw, &chain, &reason))
    certificate = chain.items[0];
  if (!certificate) {
    show_text(out, "problem", SLICE("AikCert is no certificate"), NULL);
    return;
  }
  arena *a = out->arena;
  show_text(out, "subject", certificate_subject(a, certificate), NULL);
  show_text(out, "issuer", certificate_issuer(a, certificate), NULL);
  show_text(out, "serial", certificate_serial(a, certificate), NULL);
  show_text(out, "not-before", certificate_not_before(a, certificate), NULL);
  show_text(out, "not-after", certificate_not_after(a, certificate), NULL);
}

/* --- PCRs and log --------------------------------------------------------- */

static void show_pcrs(shown *out, const guest_evidence *guest) {
  uint16_t bank = guest->quote.selections[0].algorithm;
  tcg_pcrs replayed;
  bool has_bank = tcg_log_replay(&guest->log, bank, &replayed);
  shown_begin(out, "pcrs");
  shown_add(out, "pcr-set", nowhere, pcr_list(out->arena, guest->pcr_set),
            "as the client lists them");
  for (size_t i = 0; i < guest->pcr_count; i++) {
    const guest_pcr *pcr = &guest->pcrs[i];
    bool same = has_bank &&
                bytes_equal(pcr->digest, (bytes){replayed.values[pcr->index],
                                                 replayed.length});
    show_hex(out, text_of(out, "pcr-%u", (unsigned)pcr->index), pcr->digest,
             same ? "as the event log gives it"
                  : "NOT as the event log gives it");
  }
}

static void show_event(shown *out, const guest_evidence *guest, size_t number) {
  const tcg_event *event = &guest->log.events[number];
  const char *type = tcg_event_type_name(event->type);
  efi_variable_data v;
  buffer name = buffer_in(out->arena);
  if (efi_read_variable(out->arena, event->data, &v) && v.name.length <= 64)
    for (size_t i = 0; i < v.name.length; i++)
      buffer_char(&name, v.name.data[i] >= ' ' && v.name.data[i] <= '~'
                             ? v.name.data[i]
                             : '?');
  show_text(out, text_of(out, "event-%zu", number),
            slice_from(text_of(
                out, "PCR %u, %s, %zu bytes", (unsigned)event->pcr,
                type ? type : text_of(out, "0x%08x", (unsigned)event->type),
                event->data.length)),
            name.length ? buffer_slice(&name).data : NULL);
}

static void show_log(shown *out, const guest_evidence *guest) {
  array_builder banks = array_in(out->arena);
  shown_begin(out, "event-log");
  show_number(out, "bytes", guest->log_bytes.length, NULL);
  for (size_t i = 0; i < guest->log.bank_count; i++) {
    uint16_t id = guest->log.banks[i].algorithm;
    const char *name = tpm_algorithm_name(id);
    array_add(&banks,
              value_text(slice_from(name ? name : text_of(out, "0x%04x", id))));
  }
  shown_add(out, "banks", nowhere, array_value(&banks), NULL);
  for (size_t i = 0; i < guest->log.event_count; i++)
    show_event(out, guest, i);
}

/* --- all ------------------------------------------------------------------ */

static void show_isolation(shown *out, const guest_evidence *guest) {
  if (!guest->hardware)
    return;
  shown_begin(out, "runtime-data");
  shown_add(out, "runtime-data", nowhere, guest->runtime_json,
            guest_runtime_is_bound(guest)
                ? "the hardware's report data is its hash"
                : "NOT bound by the hardware's report data");
  out->raw = guest->hardware->raw;
  evidence_kind_of(guest->hardware->type)->show(guest->hardware, out);
}

void guest_show(const evidence *e, shown *out) {
  const guest_evidence *guest = e->detail;
  show_client(out, guest);
  show_certificate(out, guest->aik_certificate);
  show_key(out, "tpm-key", &guest->aik);
  show_quote(out, guest);
  show_pcrs(out, guest);
  show_key(out, "encryption-key", &guest->key);
  show_certified(out, guest);
  show_log(out, guest);
  show_isolation(out, guest);
}
