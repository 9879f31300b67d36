/* SPDX-License-Identifier: Apache-2.0 */
/* What UEFI firmware measures. */
#include "base/base64.h"
#include "evidence/efi_data.h"
#include "evidence/efi_path.h"
#include "evidence/event_make.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)
#define GLOBAL_HEX "61dfe48bca93d211aa0d00e098032b8c"
#define OWNER_HEX "000102030405060708090a0b0c0d0e0f"
#define SHA256_LIST_HEX "2616c4c14c509240aca941f936934328"

static bytes hex(arena *a, const char *text) {
  bytes raw;
  cr_assert(hex_decode(a, slice_from(text), &raw), "%s", text);
  return raw;
}

static bytes variable(arena *a, const char *name, const char *data) {
  return event_make_variable(a, hex(a, GLOBAL_HEX).data, name, hex(a, data));
}

typedef bool adder(object_builder *o, bytes raw);

/* expected NULL: it is refused, and nothing is added. */
static void expect(arena *a, adder *add, bytes raw, const char *expected) {
  object_builder o = object_in(a);
  buffer text = buffer_in(a);
  bool good = add(&o, raw);
  cr_assert_eq(good, expected != NULL);
  if (!expected) {
    cr_expect_eq(o.count, 0);
    return;
  }
  value v = object_value(&o);
  json_write(&text, &v);
  cr_expect_str_eq(buffer_slice(&text).data, expected);
}

#define NAMED(name, data)                                                      \
  "\"UnicodeName\":\"" name "\",\"VariableData\":\"" data                      \
  "\",\"VariableGuid\":\"8BE4DF61-93CA-11D2-AA0D-00E098032B8C\"}"

Test(efi_variable, is_told_with_its_guid_in_upper_case) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  expect(&a, efi_add_variable, variable(&a, "SecureBoot", "01"),
         "{" NAMED("SecureBoot", "AQ"));
  expect(&a, efi_add_variable, variable(&a, "PK", ""),
         "{\"Signatures\":[]," NAMED("PK", ""));
  expect(&a, efi_add_variable, variable(&a, "BootOrder", "03000100"),
         "{\"BootOrder\":[3,1]," NAMED("BootOrder", "AwABAA"));
  arena_free(&a);
}

Test(efi_variable, fills_its_bytes) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  bytes raw = variable(&a, "SecureBoot", "01");
  for (size_t length = 0; length < raw.length; length++)
    expect(&a, efi_add_variable, (bytes){raw.data, length}, NULL);
  uint8_t *copy = arena_alloc(&a, raw.length);
  memcpy(copy, raw.data, raw.length);
  memset(copy + 16, 0xff, 8); /* a name of 2^64 - 1 units */
  expect(&a, efi_add_variable, (bytes){copy, raw.length}, NULL);
  arena_free(&a);
}

/* List head (size 0x4c, no header, each 0x30), owner, hash. */
#define HASH_HEX                                                               \
  "1111111111111111111111111111111111111111111111111111111111111111"
#define LIST_HEX                                                               \
  SHA256_LIST_HEX "4c0000000000000030000000" OWNER_HEX HASH_HEX

Test(efi_signatures, are_listed) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  object_builder o = object_in(&a);
  buffer text = buffer_in(&a);
  cr_assert(efi_add_variable(&o, variable(&a, "dbx", LIST_HEX)));
  value v = object_value(&o);
  json_write(&text, value_member(&v, SLICE("Signatures")));
  cr_expect_str_eq(
      buffer_slice(&text).data,
      "[{\"Digest\":\"" HASH_HEX "\",\"Owner\":\"03020100-0504-0706-0809-"
      "0A0B0C0D0E0F\",\"Type\":\"SHA256\"}]");
  arena_free(&a);
}

/* Lists that do not fill the variable, or claim to be longer or empty. */
Test(efi_signatures, are_left_out_if_broken) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  const char *broken[] = {
      LIST_HEX "00",
      SHA256_LIST_HEX "4d0000000000000030000000" OWNER_HEX HASH_HEX,
      SHA256_LIST_HEX "4c0000000000000000000000" OWNER_HEX HASH_HEX,
      SHA256_LIST_HEX "4c000000ffffffff30000000" OWNER_HEX HASH_HEX,
      SHA256_LIST_HEX "000000000000000030000000" OWNER_HEX HASH_HEX};
  for (size_t i = 0; i < COUNT_OF(broken); i++) {
    object_builder o = object_in(&a);
    cr_assert(efi_add_variable(&o, variable(&a, "dbx", broken[i])));
    value v = object_value(&o);
    cr_expect(!value_member(&v, SLICE("Signatures")), "row %zu", i);
    cr_expect(value_member(&v, SLICE("VariableData")));
  }
  arena_free(&a);
}

/* --- device paths --------------------------------------------------------- */

#define END "7fff0400"

Test(efi_path, is_text_as_the_specification_writes_it) {
  static const struct {
    const char *raw, *text;
  } rows[] = {
      {END, ""},
      {"02010c00d041030a00000000" "01010600021f" END,
       "PciRoot(0x0)/Pci(0x1f,0x2)"},
      {"02010c00d041050a01000000" END, "Acpi(0x0a0541d0,0x1)"},
      {"030208000100" "0200" END, "Scsi(0x1,0x2)"},
      {"03120a000100ffff0000" END, "Sata(0x1,0xffff,0x0)"},
      {"04012a000100000000080000000000000000080000000000"
       "1346501ab519444ba83dd926d40daa1c0202" END,
       "HD(1,GPT,1A504613-19B5-4B44-A83D-D926D40DAA1C,0x800,0x80000)"},
      {"04040a005c0061000000" END, "\\a"},
      {"03050600" "0102" "7f010400" "0305060003047fff0400",
       "USB(0x1,0x2),USB(0x3,0x4)"},
      {"05060500aa" END, "Path(5,6,aa)"},
      {"01010500aa" END, "Path(1,1,aa)"}, /* too short for PCI */
  };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    slice text;
    cr_assert(efi_path_text(&a, hex(&a, rows[i].raw), &text), "row %zu", i);
    cr_expect(slice_is(text, rows[i].text), "row %zu: %.*s", i,
              SLICE_ARGS(text));
  }
  arena_free(&a);
}

Test(efi_path, ends_where_its_bytes_end) {
  static const char *const broken[] = {
      "",           "7fff",     "01010600021f",
      "7fff040000", "01010300", "0101ffff007fff0400"};
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(broken); i++) {
    slice text;
    cr_expect(!efi_path_text(&a, hex(&a, broken[i]), &text), "row %zu", i);
  }
  arena_free(&a);
}

Test(efi_image, is_told_with_its_path) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  const char *head = "0010000000000000" "0020000000000000" "0000000000000000";
  buffer text = buffer_in(&a);
  buffer_printf(&text, "%s0e00000000000000" "04040a005c0061000000" END, head);
  bytes raw = hex(&a, buffer_slice(&text).data);
  expect(&a, efi_add_image, raw,
         "{\"DevicePath\":\"\\\\a\",\"ImageLength\":8192,"
         "\"ImageLocation\":4096,\"LinkTimeAddress\":0}");
  expect(&a, efi_add_image, (bytes){raw.data, raw.length - 1}, NULL);
  expect(&a, efi_add_image, (bytes){raw.data, 31}, NULL);
  buffer longer = buffer_in(&a); /* as shim writes it */
  buffer_add(&longer, slice_from_bytes(raw));
  buffer_add(&longer, SLICE("\0\0\0"));
  expect(&a, efi_add_image, bytes_from_slice(buffer_slice(&longer)),
         "{\"DevicePath\":\"\\\\a\",\"ImageLength\":8192,"
         "\"ImageLocation\":4096,\"LinkTimeAddress\":0}");
  arena_free(&a);
}

Test(efi_gpt, lists_partitions) {
  enum { HEAD_BYTES = 100, ENTRY_BYTES = 128 };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  uint8_t *raw = arena_zalloc(&a, HEAD_BYTES + ENTRY_BYTES);
  memcpy(raw, "EFI PART", 8);
  memcpy(raw + 56, hex(&a, OWNER_HEX).data, 16);
  raw[92] = 1;
  memcpy(raw + HEAD_BYTES, hex(&a, GLOBAL_HEX).data, 16);
  memcpy(raw + HEAD_BYTES + 16, hex(&a, OWNER_HEX).data, 16);
  raw[HEAD_BYTES + 32] = 34;
  raw[HEAD_BYTES + 41] = 1;
  memcpy(raw + HEAD_BYTES + 56, "E\0S\0P", 6);
  expect(&a, efi_add_gpt, (bytes){raw, HEAD_BYTES + ENTRY_BYTES},
         "{\"DiskGuid\":\"03020100-0504-0706-0809-0A0B0C0D0E0F\","
         "\"Partitions\":[{\"First\":34,\"Guid\":\"03020100-0504-0706-0809-"
         "0A0B0C0D0E0F\",\"Last\":256,\"Name\":\"ESP\",\"TypeGuid\":"
         "\"8BE4DF61-93CA-11D2-AA0D-00E098032B8C\"}]}");
  raw[92] = 2;
  expect(&a, efi_add_gpt, (bytes){raw, HEAD_BYTES + ENTRY_BYTES}, NULL);
  arena_free(&a);
}
