/* SPDX-License-Identifier: Apache-2.0 */
/* The event log of a boot that never was, as firmware of an Azure VM and the
 * Windows boot loader write theirs. */
#include "evidence/guest_log.h"

#include "base/base64.h"
#include "evidence/fields.h"

/* Types of events (evidence/tcg_log.h). */
#define TYPE_SEPARATOR UINT32_C(0x00000004)
#define TYPE_TAG UINT32_C(0x00000006)
#define TYPE_CRTM_VERSION UINT32_C(0x00000008)
#define TYPE_COMPACT_HASH UINT32_C(0x0000000c)
#define TYPE_IPL UINT32_C(0x0000000d)
#define TYPE_VARIABLE UINT32_C(0x80000001)
#define TYPE_APPLICATION UINT32_C(0x80000003)

enum {
  SIPA_TRUSTBOUNDARY = 0x40010001,
  SIPA_ELAM_AGGREGATION = 0x40010002,
  SIPA_LOADEDMODULE_AGGREGATION = 0x40010003
};

static void add_number(buffer *out, size_t size, uint64_t number) {
  uint8_t data[8];
  little_endian_write(data, size, number);
  buffer_add(out, (slice){(const char *)data, size});
}

static void add_bytes(buffer *out, bytes data) {
  buffer_add(out, slice_from_bytes(data));
}

static bytes done(buffer *out) { return bytes_from_slice(buffer_slice(out)); }

static bytes text(const char *s) { return bytes_from_slice(slice_from(s)); }

static void add_digest(buffer *log, digest_algorithm algorithm, uint16_t id,
                       bytes data) {
  uint8_t hash[DIGEST_BYTES_MAX];
  if (!digest(algorithm, data, hash))
    arena_fail(log->arena, ARENA_NO_MEMORY);
  add_number(log, 2, id);
  add_bytes(log, (bytes){hash, digest_length(algorithm)});
}

/* An event of a crypto-agile log (TCG_PCR_EVENT2). */
static void add_event(buffer *log, uint32_t pcr, uint32_t type, bytes data) {
  add_number(log, 4, pcr);
  add_number(log, 4, type);
  add_number(log, 4, 2);
  add_digest(log, DIGEST_SHA1, TPM_ALG_SHA1, data);
  add_digest(log, DIGEST_SHA256, TPM_ALG_SHA256, data);
  add_number(log, 4, data.length);
  add_bytes(log, data);
}

/* The first record, in the old form, names the banks (TCG_EfiSpecIDEvent). */
static void add_banks(buffer *log) {
  buffer event = buffer_in(log->arena);
  buffer_add(&event, (slice){"Spec ID Event03", 16});
  add_number(&event, 4, 0);          /* platform class: client */
  add_number(&event, 4, 0x02000002); /* version 2.0, errata 0, 64 bits */
  add_number(&event, 4, 2);
  add_number(&event, 2, TPM_ALG_SHA1);
  add_number(&event, 2, digest_length(DIGEST_SHA1));
  add_number(&event, 2, TPM_ALG_SHA256);
  add_number(&event, 2, SHA256_BYTES);
  add_number(&event, 1, 0);
  add_number(log, 4, 0);
  add_number(log, 4, TCG_EV_NO_ACTION);
  for (size_t i = 0; i < digest_length(DIGEST_SHA1); i++)
    buffer_char(log, 0);
  add_number(log, 4, event.length);
  add_bytes(log, done(&event));
}

/* --- the firmware --------------------------------------------------------- */

static void add_variable(buffer *log, const uint8_t guid[16], const char *name,
                         bytes content) {
  buffer event = buffer_in(log->arena);
  size_t length = strlen(name);
  add_bytes(&event, (bytes){guid, 16});
  add_number(&event, 8, length);
  add_number(&event, 8, content.length);
  for (size_t i = 0; i < length; i++)
    add_number(&event, 2, (uint8_t)name[i]);
  add_bytes(&event, content);
  add_event(log, 7, TYPE_VARIABLE, done(&event));
}

/* An EFI_SIGNATURE_LIST of one entry. */
static bytes signature_list(arena *a, const uint8_t type[16], bytes entry) {
  static const uint8_t owner[16] = {0xbd, 0x9a, 0xfa, 0x77, 0x59, 0x03,
                                    0x32, 0x4d, 0xbd, 0x60, 0x28, 0xf4,
                                    0xe7, 0x8f, 0x78, 0x4b};
  buffer out = buffer_in(a);
  add_bytes(&out, (bytes){type, 16});
  add_number(&out, 4, 28 + sizeof owner + entry.length);
  add_number(&out, 4, 0);
  add_number(&out, 4, sizeof owner + entry.length);
  add_bytes(&out, (bytes){owner, sizeof owner});
  add_bytes(&out, entry);
  return done(&out);
}

/* One certificate in base64, or what stands for a key of somebody else. */
static bytes key_list(arena *a, const char *certificate, bool is_validated) {
  bytes der = text("a certificate of the owner of the VM");
  if (is_validated &&
      !base64_decode(a, slice_from(certificate), BASE64_STANDARD, &der))
    arena_fail(a, ARENA_NO_MEMORY); /* never: the text is ours */
  return signature_list(a, efi_list_of_certificates, der);
}

static void add_secure_boot(buffer *log, const guest_boot *boot) {
  arena *a = log->arena;
  const uint8_t on = boot->secure_boot ? 1 : 0;
  uint8_t revoked[SHA256_BYTES];
  bytes dbx = {revoked, 0};
  digest_sha256(a, text("maapol test of a revoked loader"), revoked);
  if (boot->dbx_validated)
    dbx =
        signature_list(a, efi_list_of_hashes, (bytes){revoked, sizeof revoked});
  add_variable(log, efi_global_guid, "SecureBoot", (bytes){&on, 1});
  add_variable(log, efi_global_guid, "PK",
               key_list(a, guest_certificate_pk, boot->default_keys_validated));
  add_variable(log, efi_global_guid, "KEK",
               key_list(a, guest_certificate_kek, true));
  add_variable(log, efi_security_guid, "db",
               key_list(a, guest_certificate_db, boot->db_validated));
  add_variable(log, efi_security_guid, "dbx", dbx);
}

static void add_firmware(buffer *log, const guest_boot *boot) {
  static const uint8_t zeros[4] = {0};
  add_event(log, 0, TYPE_CRTM_VERSION, text("maapol test firmware"));
  add_secure_boot(log, boot);
  for (uint32_t pcr = 0; pcr < 8; pcr++)
    add_event(log, pcr, TYPE_SEPARATOR, (bytes){zeros, sizeof zeros});
  add_event(log, 4, TYPE_APPLICATION, text("maapol test boot loader"));
}

/* --- the boot loader ------------------------------------------------------ */

static void add_tagged(buffer *out, uint32_t id, bytes data) {
  add_number(out, 4, id);
  add_number(out, 4, data.length);
  add_bytes(out, data);
}

static void add_flag(buffer *out, uint32_t id, bool on) {
  const uint8_t flag = on ? 1 : 0;
  add_tagged(out, id, (bytes){&flag, 1});
}

/* An event of a PCR that holds the tagged facts. */
static void add_boundary(buffer *log, uint32_t pcr, buffer *facts) {
  buffer event = buffer_in(log->arena);
  add_tagged(&event, SIPA_TRUSTBOUNDARY, done(facts));
  add_event(log, pcr, TYPE_TAG, done(&event));
}

static void add_state(buffer *log, const guest_boot *boot) {
  buffer facts = buffer_in(log->arena), hvci = buffer_in(log->arena);
  add_number(&hvci, 8, (uint64_t)boot->hvci_policy);
  add_flag(&facts, 0x00040001, boot->boot_debug);
  add_flag(&facts, 0x00050001, boot->kernel_debug);
  add_flag(&facts, 0x00050002, true); /* code integrity */
  add_flag(&facts, 0x00050003, boot->test_signing);
  add_flag(&facts, 0x0005000d, boot->hypervisor_debug);
  add_flag(&facts, 0x00050021, boot->flight_signing);
  add_tagged(&facts, 0x000a0007, done(&hvci));
  add_boundary(log, 12, &facts);
}

static void add_modules(buffer *log, const guest_boot *boot) {
  buffer facts = buffer_in(log->arena), module = buffer_in(log->arena);
  add_flag(&module, 0x0007000a, true); /* image validated */
  add_tagged(&facts, SIPA_LOADEDMODULE_AGGREGATION, done(&module));
  if (boot->elam) {
    buffer elam = buffer_in(log->arena);
    add_tagged(&elam, 0x00090001, bytes_from_slice(SLICE("t\0e\0s\0t\0")));
    add_tagged(&facts, SIPA_ELAM_AGGREGATION, done(&elam));
  }
  add_boundary(log, 13, &facts);
}

static void add_windows(buffer *log, const guest_boot *boot) {
  static const uint8_t unlocked[4] = {0x10}, ended[4] = {0xff, 0xff};
  add_event(log, 11, TYPE_COMPACT_HASH, (bytes){unlocked, sizeof unlocked});
  add_state(log, boot);
  add_modules(log, boot);
  add_event(log, 11, TYPE_COMPACT_HASH, (bytes){ended, sizeof ended});
  for (uint32_t pcr = 12; pcr <= 14; pcr++)
    add_event(log, pcr, TYPE_SEPARATOR, text("WBCL"));
}

bytes guest_log_make(arena *a, const guest_recipe *recipe) {
  buffer log = buffer_in(a);
  add_banks(&log);
  add_firmware(&log, &recipe->boot);
  if (slice_equal_ignore_case(recipe->os_type, SLICE("Windows")))
    add_windows(&log, &recipe->boot);
  else
    add_event(&log, 8, TYPE_IPL, text("grub_cmd: boot"));
  return done(&log);
}
