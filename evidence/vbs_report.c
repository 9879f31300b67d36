/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/vbs_report.h"

#include "base/base64.h"

/* Of VBS_ENCLAVE_REPORT_VARDATA_HEADER: type and size of a block. */
enum {
  BLOCK_HEADER_BYTES = 8,
  BLOCK_MODULE = 1,
  SCHEME_RSA_PSS = 1, /* SHA-256, RSA-PSS with SHA-256 */
  TYPE_VBS = 0x10     /* ENCLAVE_TYPE_VBS */
};

const field_row vbs_header_fields[VBS_HEADER_FIELD_COUNT] = {
    [VBS_PACKAGE_SIZE] = {"package-size", "PackageSize", 0, 4, FIELD_NUMBER,
                          NULL},
    [VBS_VERSION] = {"version", "Version", 4, 4, FIELD_NUMBER, NULL},
    [VBS_SIGNATURE_SCHEME] = {"signature-scheme", "SignatureScheme", 8, 4,
                              FIELD_NUMBER, NULL},
    [VBS_STATEMENT_SIZE] = {"statement-size", "SignedStatementSize", 12, 4,
                            FIELD_NUMBER, NULL},
    [VBS_SIGNATURE_SIZE] = {"signature-size", "SignatureSize", 16, 4,
                            FIELD_NUMBER, NULL},
    [VBS_RESERVED] = {"reserved", "Reserved", 20, 4, FIELD_RESERVED, NULL},
};

/* ENCLAVE_FLAG_* of ntenclv.h. */
static const field_bit flag_names[] = {{0, "FULL_DEBUG_ENABLED"},
                                       {1, "DYNAMIC_DEBUG_ENABLED"},
                                       {2, "DYNAMIC_DEBUG_ACTIVE"},
                                       {0, NULL}};

const field_row vbs_fields[VBS_FIELD_COUNT] = {
    [VBS_REPORT_SIZE] = {"report-size", "ReportSize", 0, 4, FIELD_NUMBER, NULL},
    [VBS_REPORT_VERSION] = {"report-version", "ReportVersion", 4, 4,
                            FIELD_NUMBER, NULL},
    [VBS_ENCLAVE_DATA] = {"enclave-data", "EnclaveData", 8, 64, FIELD_HEX,
                          NULL},
    [VBS_OWNER_ID] = {"owner-id", "OwnerId", 72, 32, FIELD_HEX, NULL},
    [VBS_UNIQUE_ID] = {"unique-id", "UniqueId", 104, 32, FIELD_HEX, NULL},
    [VBS_AUTHOR_ID] = {"author-id", "AuthorId", 136, 32, FIELD_HEX, NULL},
    [VBS_FAMILY_ID] = {"family-id", "FamilyId", 168, 16, FIELD_HEX, NULL},
    [VBS_IMAGE_ID] = {"image-id", "ImageId", 184, 16, FIELD_HEX, NULL},
    [VBS_ENCLAVE_SVN] = {"enclave-svn", "EnclaveSvn", 200, 4, FIELD_NUMBER,
                         NULL},
    [VBS_SECURE_KERNEL_SVN] = {"secure-kernel-svn", "SecureKernelSvn", 204, 4,
                               FIELD_NUMBER, NULL},
    [VBS_PLATFORM_SVN] = {"platform-svn", "PlatformSvn", 208, 4, FIELD_NUMBER,
                          NULL},
    [VBS_FLAGS] = {"enclave-flags", "Flags", 212, 4, FIELD_FLAGS, flag_names},
    [VBS_SIGNING_LEVEL] = {"signing-level", "SigningLevel", 216, 4,
                           FIELD_NUMBER, NULL},
    [VBS_ENCLAVE_TYPE] = {"enclave-type", "EnclaveType", 220, 4, FIELD_NUMBER,
                          NULL},
};

/* --- reading -------------------------------------------------------------- */

static uint64_t header_number(const vbs_report *report,
                              vbs_header_field field) {
  return field_number(report->header, &vbs_header_fields[field]);
}

static void expect(byte_reader *r, size_t base, const field_row *row,
                   uint64_t found, uint64_t wanted, evidence_code code) {
  if (found != wanted)
    reader_fail(r, code, base + row->offset, "%s is %llu, but %llu is wanted",
                row->title, (unsigned long long)found,
                (unsigned long long)wanted);
}

static void check_header(byte_reader *r, const vbs_report *report) {
  const field_row *rows = vbs_header_fields;
  uint64_t statement = header_number(report, VBS_STATEMENT_SIZE);
  uint64_t signature = header_number(report, VBS_SIGNATURE_SIZE);
  expect(r, 0, &rows[VBS_VERSION], header_number(report, VBS_VERSION), 1,
         EVIDENCE_VERSION);
  expect(r, 0, &rows[VBS_SIGNATURE_SCHEME],
         header_number(report, VBS_SIGNATURE_SCHEME), SCHEME_RSA_PSS,
         EVIDENCE_KEY_TYPE);
  expect(r, 0, &rows[VBS_PACKAGE_SIZE], header_number(report, VBS_PACKAGE_SIZE),
         VBS_HEADER_BYTES + statement + signature, EVIDENCE_LENGTH);
}

static void check_statement(byte_reader *r, const vbs_report *report) {
  const field_row *rows = vbs_fields;
  expect(r, VBS_HEADER_BYTES, &rows[VBS_REPORT_SIZE],
         vbs_number(report, VBS_REPORT_SIZE),
         header_number(report, VBS_STATEMENT_SIZE), EVIDENCE_LENGTH);
  expect(r, VBS_HEADER_BYTES, &rows[VBS_REPORT_VERSION],
         vbs_number(report, VBS_REPORT_VERSION), 1, EVIDENCE_VERSION);
  expect(r, VBS_HEADER_BYTES, &rows[VBS_ENCLAVE_TYPE],
         vbs_number(report, VBS_ENCLAVE_TYPE), TYPE_VBS, EVIDENCE_FORMAT);
}

/* The next block of variable data, header included; empty on failure. */
static bytes next_block(byte_reader *r) {
  size_t at = r->position;
  bytes head = reader_take(r, BLOCK_HEADER_BYTES, "the header of a block");
  if (r->failed)
    return head;
  uint64_t type = little_endian((bytes){head.data, 4});
  uint64_t size = little_endian((bytes){head.data + 4, 4});
  size_t least = type == BLOCK_MODULE ? VBS_MODULE_BYTES : BLOCK_HEADER_BYTES;
  if (size < least)
    reader_fail(r, EVIDENCE_LENGTH, at,
                "a block of %llu bytes of type %llu, but %zu are the least",
                (unsigned long long)size, (unsigned long long)type, least);
  if (r->failed)
    return (bytes){NULL, 0};
  reader_take(r, (size_t)size - BLOCK_HEADER_BYTES, "a block");
  return (bytes){head.data, r->failed ? 0 : (size_t)size};
}

static void read_blocks(byte_reader *r, vbs_report *report) {
  byte_reader inner =
      reader_part(r, report->modules.length, "the signed statement");
  while (!inner.failed && reader_left(&inner) > 0) {
    if (report->module_count == VBS_MODULES_MAX)
      reader_fail(&inner, EVIDENCE_TOO_LARGE, inner.position,
                  "more than %d blocks of modules", VBS_MODULES_MAX);
    next_block(&inner);
    report->module_count++;
  }
  r->failed = r->failed || inner.failed;
}

bool vbs_report_read(arena *a, bytes raw, vbs_report *result,
                     evidence_error *error) {
  byte_reader r = reader_over(a, raw, "VBS report", error);
  *result = (vbs_report){.raw = raw};
  result->header = reader_take(&r, VBS_HEADER_BYTES, "the header");
  if (r.failed)
    return false;
  check_header(&r, result);
  uint64_t size = header_number(result, VBS_STATEMENT_SIZE);
  if (size < VBS_STATEMENT_BYTES)
    reader_fail(&r, EVIDENCE_LENGTH, 12,
                "a signed statement of %llu bytes, but %d are the least",
                (unsigned long long)size, VBS_STATEMENT_BYTES);
  bytes statement = reader_take(&r, VBS_STATEMENT_BYTES, "the statement");
  if (r.failed)
    return false;
  result->statement = (bytes){statement.data, (size_t)size};
  result->modules = (bytes){statement.data + VBS_STATEMENT_BYTES,
                            (size_t)size - VBS_STATEMENT_BYTES};
  check_statement(&r, result);
  read_blocks(&r, result);
  result->signature = reader_take(
      &r, (size_t)header_number(result, VBS_SIGNATURE_SIZE), "the signature");
  if (!r.failed && reader_left(&r) > 0)
    reader_fail(&r, EVIDENCE_LENGTH, r.position,
                "%zu bytes lie behind the VBS report", reader_left(&r));
  return !r.failed;
}

/* --- showing -------------------------------------------------------------- */

static const char *statement_meaning(const field_row *row, bytes statement) {
  (void)statement;
  static const struct {
    vbs_field field;
    const char *meaning;
  } rows[] = {
      {VBS_ENCLAVE_DATA, "SHA-512 of the part of the message it vouches for"},
      {VBS_OWNER_ID, "of the enclave's owner"},
      {VBS_UNIQUE_ID, "measurement of the primary module"},
      {VBS_AUTHOR_ID, "of who signed the primary module"},
      {VBS_SECURE_KERNEL_SVN, "security version of the secure kernel"},
      {VBS_PLATFORM_SVN, "security version of the platform"},
      {VBS_ENCLAVE_TYPE, "16 is VBS"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (row == &vbs_fields[rows[i].field])
      return rows[i].meaning;
  return NULL;
}

/* UTF-16 in ASCII, with what is beyond as "?": a name for people. */
static slice module_name(arena *a, bytes utf16) {
  buffer text = buffer_in(a);
  for (size_t i = 0; utf16.data && i + 1 < utf16.length; i += 2) {
    unsigned unit = utf16.data[i] | (unsigned)utf16.data[i + 1] << 8;
    if (unit == 0)
      break;
    buffer_char(&text, unit >= ' ' && unit <= '~' ? (char)unit : '?');
  }
  return buffer_slice(&text);
}

static void show_module(shown *out, bytes block, size_t number) {
  enum { UNIQUE = 8, AUTHOR = 40, FAMILY = 72, IMAGE = 88, SVN = 104 };
  const uint8_t *at = block.data;
  bytes svn = {at + SVN, 4};
  bytes name = {at + VBS_MODULE_BYTES, block.length - VBS_MODULE_BYTES};
  buffer section = buffer_in(out->arena);
  buffer_printf(&section, "vbs-module-%zu", number);
  shown_begin(out, buffer_slice(&section).data);
  shown_add(out, "name", name, value_text(module_name(out->arena, name)), NULL);
  shown_hex(out, "unique-id", (bytes){at + UNIQUE, 32}, NULL);
  shown_hex(out, "author-id", (bytes){at + AUTHOR, 32}, NULL);
  shown_hex(out, "family-id", (bytes){at + FAMILY, 16}, NULL);
  shown_hex(out, "image-id", (bytes){at + IMAGE, 16}, NULL);
  shown_add(out, "svn", svn, value_integer((int64_t)little_endian(svn)), NULL);
}

void vbs_report_show(const vbs_report *report, shown *out) {
  evidence_error none;
  byte_reader r = reader_over(out->arena, report->modules, "VBS report", &none);
  bytes outer = out->raw;
  out->raw = report->raw; /* offsets count inside of the report */
  shown_begin(out, "vbs-header");
  shown_table(out, report->header, vbs_header_fields, VBS_HEADER_FIELD_COUNT,
              NULL);
  shown_begin(out, "vbs-report");
  shown_table(out, report->statement, vbs_fields, VBS_FIELD_COUNT,
              statement_meaning);
  shown_hex(out, "signature", report->signature, "RSA-PSS with SHA-256");
  for (size_t number = 1; reader_left(&r) > 0; number++) {
    bytes block = next_block(&r);
    if (little_endian((bytes){block.data, 4}) == BLOCK_MODULE)
      show_module(out, block, number);
  }
  out->raw = outer;
}

/* --- claims --------------------------------------------------------------- */

static const struct {
  const char *name;
  vbs_field field;
} claim_rows[] = {
    {"enclaveAuthorId", VBS_AUTHOR_ID},
    {"enclaveImageId", VBS_IMAGE_ID},
    {"enclaveOwnerId", VBS_OWNER_ID},
    {"enclaveFamilyId", VBS_FAMILY_ID},
    {"enclaveSvn", VBS_ENCLAVE_SVN},
    {"enclavePlatformSvn", VBS_PLATFORM_SVN},
    {"enclaveFlags", VBS_FLAGS},
};

void vbs_report_claims(const vbs_report *report, object_builder *claims) {
  for (size_t i = 0; i < sizeof claim_rows / sizeof *claim_rows; i++) {
    vbs_field field = claim_rows[i].field;
    value v = value_integer((int64_t)vbs_number(report, field));
    if (vbs_fields[field].format == FIELD_HEX) {
      buffer text = buffer_in(claims->arena);
      base64url_encode(&text, vbs_bytes(report, field));
      v = value_text(buffer_slice(&text));
    }
    object_set(claims, slice_from(claim_rows[i].name), v);
  }
}
