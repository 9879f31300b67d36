/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/der.h"

#include "base/base64.h"
#include "evidence/pck_extension.h"
#include "tests/unit/evidence_fixture.h"

static bytes from_hex(arena *a, const char *text) {
  bytes result;
  cr_assert(hex_decode(a, slice_from(text), &result));
  return result;
}

Test(der, reads_what_fits) {
  static const struct {
    const char *der;
    bool is_good;
    uint8_t tag;
    size_t length, rest;
  } rows[] = {
      {"", false, 0, 0, 0},
      {"04", false, 0, 0, 0},
      {"0400", true, 4, 0, 0},
      {"0402aabb", true, 4, 2, 0},
      {"0402aabbcc", true, 4, 2, 1},
      {"0402aa", false, 0, 0, 0},
      {"048101aa", true, 4, 1, 0},
      {"048201", false, 0, 0, 0},
      {"04820001aa05", true, 4, 1, 1},
      {"0480", false, 0, 0, 0}, /* indefinite */
      {"0484ffffffff", false, 0, 0, 0},
      {"04850000000001aa", false, 0, 0, 0}, /* five bytes of length */
      {"1f0100", false, 0, 0, 0},           /* a long tag */
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    bytes rest = from_hex(&a, rows[i].der), content;
    size_t before = rest.length;
    uint8_t tag;
    bool good = der_next(&rest, &tag, &content);
    cr_assert_eq(good, rows[i].is_good, "row %zu", i);
    cr_expect_eq(rest.length, good ? rows[i].rest : before);
    if (good)
      cr_expect(tag == rows[i].tag && content.length == rows[i].length);
  }
  arena_free(&a);
}

Test(der, writes_shortest_numbers) {
  static const struct {
    uint64_t number;
    const char *expected;
  } rows[] = {
      {0, "020100"},       {127, "02017f"},
      {128, "02020080"},   {255, "020200ff"},
      {256, "02020100"},   {65535, "020300ffff"},
      {32767, "02027fff"}, {0x800000, "020400800000"},
  };
  TEST_ARENA(a, EVIDENCE_ARENA);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer out = buffer_in(&a), hex = buffer_in(&a);
    der_add_number(&out, DER_INTEGER, rows[i].number);
    bytes der = bytes_from_slice(buffer_slice(&out)), content;
    buffer_hex(&hex, der);
    cr_expect(slice_is(buffer_slice(&hex), rows[i].expected), "row %zu", i);
    uint8_t tag;
    uint64_t again = 99;
    cr_assert(der_next(&der, &tag, &content) && der_number(content, &again));
    cr_expect_eq(again, rows[i].number);
  }
  bytes negative = from_hex(&a, "80"), empty = {NULL, 0};
  uint64_t number;
  cr_expect_not(der_number(negative, &number));
  cr_expect_not(der_number(empty, &number));
  arena_free(&a);
}

/* Lengths around every change of their own size. */
Test(der, reads_what_it_wrote) {
  static const size_t lengths[] = {0, 1, 127, 128, 255, 256, 65535, 65536};
  TEST_ARENA(a, EVIDENCE_ARENA);
  uint8_t *data = arena_zalloc(&a, 65536);
  for (size_t i = 0; i < COUNT_OF(lengths); i++) {
    buffer out = buffer_in(&a);
    der_add(&out, DER_OCTET_STRING, (bytes){data, lengths[i]});
    bytes rest = bytes_from_slice(buffer_slice(&out)), content;
    uint8_t tag;
    cr_assert(der_next(&rest, &tag, &content), "length %zu", lengths[i]);
    cr_expect_eq(content.length, lengths[i]);
    cr_expect_eq(rest.length, 0u);
  }
  arena_free(&a);
}

static bytes written(arena *a, const pck_extension *extension) {
  buffer out = buffer_in(a);
  pck_extension_write(&out, extension);
  return bytes_from_slice(buffer_slice(&out));
}

static const pck_extension sample = {
    .ppid = {1, 2, 3},
    .components = {20, 20, 11, 7, 255, 128, 14},
    .pce_svn = 65535,
    .cpu_svn = {20, 20, 11, 7, 255, 128, 14},
    .pce_id = {0, 1},
    .fmspc = {0, 0x90, 0x6e, 0xd5},
    .sgx_type = PCK_SGX_SCALABLE,
};

Test(pck_extension, reads_what_it_wrote) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  pck_extension again;
  cr_assert(pck_extension_read(written(&a, &sample), &again));
  cr_expect_eq(memcmp(&again, &sample, sizeof sample), 0);
  arena_free(&a);
}

/* Cut or damaged anywhere: refused, or other values; never a step outside. */
Test(pck_extension, refuses_truncation_and_survives_damage) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes der = written(&a, &sample);
  uint8_t *data = copied(&a, der);
  pck_extension again;
  for (size_t length = 0; length < der.length; length++)
    cr_expect_not(pck_extension_read((bytes){data, length}, &again));
  unsigned changed = 0;
  for (size_t i = 0; i < 8 * der.length; i++) {
    data[i / 8] ^= (uint8_t)(1u << i % 8);
    if (pck_extension_read((bytes){data, der.length}, &again))
      changed += memcmp(&again, &sample, sizeof sample) != 0;
    data[i / 8] ^= (uint8_t)(1u << i % 8);
  }
  cr_expect(changed > 300, "%u", changed);
  arena_free(&a);
}

/* The sequence's elements without number `dropped`; false if it has fewer. */
static bool without(bytes elements, size_t dropped, buffer *out) {
  uint8_t tag;
  bytes content;
  for (size_t i = 0; elements.length > 0; i++) {
    const uint8_t *begin = elements.data;
    cr_assert(der_next(&elements, &tag, &content));
    if (i != dropped)
      buffer_add(
          out, slice_between((const char *)begin, (const char *)elements.data));
    else
      dropped = SIZE_MAX;
  }
  return dropped == SIZE_MAX;
}

Test(pck_extension, refuses_a_missing_field) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes der = written(&a, &sample), inner;
  uint8_t tag;
  pck_extension again;
  cr_assert(der_next(&der, &tag, &inner));
  size_t i = 0;
  for (;; i++) {
    buffer rest = buffer_in(&a), out = buffer_in(&a);
    if (!without(inner, i, &rest))
      break;
    der_add(&out, DER_SEQUENCE, bytes_from_slice(buffer_slice(&rest)));
    cr_expect_not(
        pck_extension_read(bytes_from_slice(buffer_slice(&out)), &again),
        "entry %zu", i);
  }
  cr_expect_eq(i, 5u);
  arena_free(&a);
}

/* The second entry is the TCB, itself a sequence of entries. */
Test(pck_extension, refuses_a_missing_component) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes der = written(&a, &sample), left, oid, content, tcb;
  uint8_t tag;
  pck_extension again;
  cr_assert(der_next(&der, &tag, &left));
  const char *begin = (const char *)left.data;
  cr_assert(der_next_named(&left, &oid, &tag, &content));
  slice first = slice_between(begin, (const char *)left.data);
  cr_assert(der_next_named(&left, &oid, &tag, &tcb));
  size_t i = 0;
  for (;; i++) {
    buffer fields = buffer_in(&a), entry = buffer_in(&a);
    buffer all = buffer_in(&a), out = buffer_in(&a);
    if (!without(tcb, i, &fields))
      break;
    der_add(&entry, DER_OID, oid);
    der_add(&entry, DER_SEQUENCE, bytes_from_slice(buffer_slice(&fields)));
    buffer_add(&all, first);
    der_add(&all, DER_SEQUENCE, bytes_from_slice(buffer_slice(&entry)));
    buffer_add(&all, slice_from_bytes(left));
    der_add(&out, DER_SEQUENCE, bytes_from_slice(buffer_slice(&all)));
    cr_expect_not(
        pck_extension_read(bytes_from_slice(buffer_slice(&out)), &again),
        "component %zu", i);
  }
  cr_expect_eq(i, 18u);
  arena_free(&a);
}

/* Platform certificates carry more entries than processor certificates. */
Test(pck_extension, passes_over_entries_that_it_does_not_know) {
  TEST_ARENA(a, EVIDENCE_ARENA);
  bytes der = written(&a, &sample), inner;
  uint8_t tag;
  cr_assert(der_next(&der, &tag, &inner));
  bytes more = from_hex(&a, "301e060a2a864886f84d010d01060410"
                            "000102030405060708090a0b0c0d0e0f");
  buffer all = buffer_in(&a), out = buffer_in(&a);
  buffer_add(&all, slice_from_bytes(inner));
  buffer_add(&all, slice_from_bytes(more));
  der_add(&out, DER_SEQUENCE, bytes_from_slice(buffer_slice(&all)));
  pck_extension again;
  cr_assert(pck_extension_read(bytes_from_slice(buffer_slice(&out)), &again));
  cr_expect_eq(memcmp(&again, &sample, sizeof sample), 0);
  arena_free(&a);
}
