/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tcg_log.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "evidence/fields.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)16 << 20)

enum { SEPARATOR = 4, SM3 = 0x0012 };

/* --- making logs ---------------------------------------------------------- */

static void put(buffer *log, size_t size, uint64_t number) {
  uint8_t raw[8];
  little_endian_write(raw, size, number);
  buffer_add(log, slice_from_bytes((bytes){raw, size}));
}

static void put_times(buffer *log, size_t count, uint8_t byte) {
  for (size_t i = 0; i < count; i++)
    buffer_char(log, (char)byte);
}

static void put_data(buffer *log, slice data) {
  put(log, 4, data.length);
  buffer_add(log, data);
}

/* A record whose digest repeats one byte. */
static void put_sha1_event(buffer *log, uint32_t pcr, uint32_t type,
                           uint8_t byte, slice data) {
  put(log, 4, pcr);
  put(log, 4, type);
  put_times(log, 20, byte);
  put_data(log, data);
}

static void put_digest(buffer *log, tcg_bank bank, uint8_t byte) {
  put(log, 2, bank.algorithm);
  put_times(log, bank.length, byte);
}

static const tcg_bank sha1_bank = {TPM_ALG_SHA1, 20};
static const tcg_bank sha256_bank = {TPM_ALG_SHA256, 32};

static void put_agile_event(buffer *log, uint32_t pcr, uint32_t type,
                            uint8_t byte, slice data) {
  put(log, 4, pcr);
  put(log, 4, type);
  put(log, 4, 2);
  put_digest(log, sha1_bank, byte);
  put_digest(log, sha256_bank, byte);
  put_data(log, data);
}

/* The first record; its data begins at 32, the banks at 60. */
static void put_spec_id(buffer *log, const tcg_bank *banks, size_t count) {
  buffer data = buffer_in(log->arena);
  buffer_add(&data, (slice){"Spec ID Event03", 16});
  put(&data, 8, 0); /* platform class and versions */
  put(&data, 4, count);
  for (size_t i = 0; i < count; i++) {
    put(&data, 2, banks[i].algorithm);
    put(&data, 2, banks[i].length);
  }
  put(&data, 1, 3);
  buffer_text(&data, "own");
  put_sha1_event(log, 0, TCG_EV_NO_ACTION, 0, buffer_slice(&data));
}

static buffer agile_log(arena *a) {
  tcg_bank banks[] = {sha1_bank, sha256_bank};
  buffer log = buffer_in(a);
  put_spec_id(&log, banks, COUNT_OF(banks));
  return log;
}

static bytes raw_of(buffer *log) { return bytes_from_slice(buffer_slice(log)); }

static tcg_log read_log(arena *a, buffer *raw) {
  tcg_log log;
  evidence_error error = {0};
  bool good = tcg_log_read(a, raw_of(raw), &log, &error);
  cr_assert(good, "%s", good ? "" : error.message);
  return log;
}

static void expect_pcr(arena *a, const tcg_log *log, uint16_t bank, size_t pcr,
                       const char *expected) {
  tcg_pcrs pcrs;
  cr_assert(tcg_log_replay(log, bank, &pcrs));
  buffer hex = buffer_in(a);
  buffer_hex(&hex, (bytes){pcrs.values[pcr], pcrs.length});
  slice text = buffer_slice(&hex);
  cr_expect(slice_is(text, expected), "bank %x PCR %zu: %.*s", bank, pcr,
            SLICE_ARGS(text));
}

/* --- replay: expected values were computed with Python's hashlib ---------- */

#define SHA1_33 "52950f7a02d8391563bf720a271808e4fd3d3ec0"
#define SHA1_11_22 "46b4464c04c4622cca40e7fa48bb2c729ebc301d"
#define SHA256_33                                                              \
  "aa3fbb7913e12ae041ff4ac2b75384d7e97ab7a9cc3e405c2bbfc96c65590160"
#define SHA256_44                                                              \
  "105c2393ee071304893e2992acbf55e5de591ae162bae0ac5f3a2d2de0f5f4c3"
#define SHA256_11_22                                                           \
  "78830000e1197790a7e1884139a65721210d642ad112e6c9899a05cb214027a5"
#define ZEROS_20 "0000000000000000000000000000000000000000"
#define ONES_20 "ffffffffffffffffffffffffffffffffffffffff"
#define ZEROS_32 ZEROS_20 "000000000000000000000000"
#define ONES_32 ONES_20 "ffffffffffffffffffffffff"

Test(tcg_log, replays_the_old_form) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer raw = buffer_in(&a);
  put_sha1_event(&raw, 0, 8, 0x11, SLICE("version"));
  put_sha1_event(&raw, 7, SEPARATOR, 0x33, SLICE("\0\0\0\0"));
  put_sha1_event(&raw, 0, SEPARATOR, 0x22, SLICE_EMPTY);
  tcg_log log = read_log(&a, &raw);
  cr_expect(!log.crypto_agile && log.event_count == 3 && log.bank_count == 1);
  cr_expect(slice_is(slice_from_bytes(log.events[0].data), "version"));
  cr_expect(log.events[1].pcr == 7 && log.events[1].type == SEPARATOR);
  cr_expect(log.events[1].offset == 39);
  expect_pcr(&a, &log, TPM_ALG_SHA1, 0, SHA1_11_22);
  expect_pcr(&a, &log, TPM_ALG_SHA1, 7, SHA1_33);
  expect_pcr(&a, &log, TPM_ALG_SHA1, 16, ZEROS_20);
  expect_pcr(&a, &log, TPM_ALG_SHA1, 17, ONES_20);
  expect_pcr(&a, &log, TPM_ALG_SHA1, 22, ONES_20);
  expect_pcr(&a, &log, TPM_ALG_SHA1, 23, ZEROS_20);
  tcg_pcrs pcrs;
  cr_assert(tcg_log_replay(&log, TPM_ALG_SHA1, &pcrs));
  cr_expect(pcrs.measured == (1 << 0 | 1 << 7));
  cr_expect(!tcg_log_replay(&log, TPM_ALG_SHA256, &pcrs));
  arena_free(&a);
}

Test(tcg_log, replays_every_bank_whatever_the_order_of_digests) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer raw = agile_log(&a);
  put_agile_event(&raw, 0, 8, 0x11, SLICE("version"));
  put(&raw, 4, 0);
  put(&raw, 4, SEPARATOR);
  put(&raw, 4, 2);
  put_digest(&raw, sha256_bank, 0x22);
  put_digest(&raw, sha1_bank, 0x22);
  put_data(&raw, SLICE("x"));
  tcg_log log = read_log(&a, &raw);
  cr_expect(log.crypto_agile && log.event_count == 3 && log.bank_count == 2);
  expect_pcr(&a, &log, TPM_ALG_SHA1, 0, SHA1_11_22);
  expect_pcr(&a, &log, TPM_ALG_SHA256, 0, SHA256_11_22);
  arena_free(&a);
}

Test(tcg_log, does_not_measure_what_is_only_told) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer raw = agile_log(&a);
  put_agile_event(&raw, 7, TCG_EV_NO_ACTION, 0x11, SLICE("told"));
  put_agile_event(&raw, UINT32_MAX, TCG_EV_NO_ACTION, 0, SLICE("platform"));
  put_agile_event(&raw, 7, SEPARATOR, 0x33, SLICE_EMPTY);
  tcg_log log = read_log(&a, &raw);
  expect_pcr(&a, &log, TPM_ALG_SHA256, 7, SHA256_33);
  expect_pcr(&a, &log, TPM_ALG_SHA256, 0, ZEROS_32);
  arena_free(&a);
}

Test(tcg_log, starts_pcr_0_with_the_locality) {
  static const struct {
    slice data;
    uint8_t locality;
    const char *expected;
  } rows[] = {
      {{"StartupLocality\0\0", 17},
       0,
       "8878b15a7d6a3a4f464e8f9f42591dbc0cf4bedea0ec309003d2b2ee53655ef8"},
      {{"StartupLocality\0\3", 17},
       3,
       "b8e8cc97156c2b3142cb8e876236fd4729748153743b480af0949565f227d2eb"},
      {{"StartupLocality\0\4", 17},
       4,
       "7ff4e207f5619b362c2baa1709160a7bf1b5e52e1e2665cac4ef6edfac3deef8"},
      {{"StartupLocalitY\0\4", 17},
       0,
       "8878b15a7d6a3a4f464e8f9f42591dbc0cf4bedea0ec309003d2b2ee53655ef8"},
  };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer raw = agile_log(&a);
    put_agile_event(&raw, 0, TCG_EV_NO_ACTION, 0, rows[i].data);
    put_agile_event(&raw, 0, 8, 0x11, SLICE_EMPTY);
    tcg_log log = read_log(&a, &raw);
    cr_expect(log.startup_locality == rows[i].locality, "row %zu", i);
    expect_pcr(&a, &log, TPM_ALG_SHA256, 0, rows[i].expected);
  }
  arena_free(&a);
}

Test(tcg_log, resets_the_pcrs_of_a_dynamic_launch) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (uint32_t pcr = 16; pcr <= 23; pcr++) {
    bool dynamic = pcr >= 17 && pcr <= 22;
    buffer raw = agile_log(&a);
    put_agile_event(&raw, pcr, SEPARATOR, 0x44, SLICE_EMPTY);
    tcg_log log = read_log(&a, &raw);
    expect_pcr(&a, &log, TPM_ALG_SHA256, pcr, SHA256_44);
    expect_pcr(&a, &log, TPM_ALG_SHA256, pcr == 22 ? 17 : 22,
               pcr == 22 || dynamic ? ZEROS_32 : ONES_32);
  }
  arena_free(&a);
}

Test(tcg_log, passes_over_a_bank_of_an_unknown_hash) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  tcg_bank banks[] = {{SM3, 32}, sha1_bank};
  buffer raw = buffer_in(&a);
  put_spec_id(&raw, banks, COUNT_OF(banks));
  put(&raw, 4, 7);
  put(&raw, 4, SEPARATOR);
  put(&raw, 4, 2);
  put_digest(&raw, banks[0], 0x99);
  put_digest(&raw, banks[1], 0x33);
  put_data(&raw, SLICE_EMPTY);
  tcg_log log = read_log(&a, &raw);
  tcg_pcrs pcrs;
  expect_pcr(&a, &log, TPM_ALG_SHA1, 7, SHA1_33);
  cr_expect(!tcg_log_replay(&log, SM3, &pcrs));
  arena_free(&a);
}

/* --- what is refused ------------------------------------------------------ */

/* One byte of an otherwise good log is replaced. The event behind the first
 * record begins at 72: count at 80, digests at 84 and 106, length at 140. */
Test(tcg_log, says_where_a_log_is_wrong) {
  static const struct {
    size_t at;
    uint8_t byte;
    evidence_code code;
    size_t offset;
  } rows[] = {
      {56, 0, EVIDENCE_FORMAT, 56},      /* no banks */
      {56, 9, EVIDENCE_FORMAT, 56},      /* too many */
      {60, 0x0b, EVIDENCE_LENGTH, 62},   /* SHA-256 with 20 bytes */
      {62, 21, EVIDENCE_LENGTH, 62},     /* SHA-1 with 21 */
      {64, 0x04, EVIDENCE_FORMAT, 64},   /* SHA-1 twice */
      {68, 4, EVIDENCE_TRUNCATED, 69},   /* vendor's information too long */
      {68, 2, EVIDENCE_LENGTH, 71},      /* too short */
      {72, 24, EVIDENCE_FORMAT, 72},     /* no such PCR */
      {80, 1, EVIDENCE_FORMAT, 80},      /* a digest too few */
      {80, 3, EVIDENCE_FORMAT, 80},      /* too many */
      {84, 0x0c, EVIDENCE_FORMAT, 84},   /* no such bank */
      {106, 0x04, EVIDENCE_FORMAT, 106}, /* the same bank twice */
      {140, 2, EVIDENCE_TRUNCATED, 144}, /* data longer than the log */
      {143, 0xff, EVIDENCE_TRUNCATED, 144},
  };
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer raw = agile_log(&a);
    put_agile_event(&raw, 0, 8, 0x11, SLICE("v"));
    read_log(&a, &raw);
    raw.data[rows[i].at] = (char)rows[i].byte;
    tcg_log log;
    evidence_error error = {0};
    cr_assert(!tcg_log_read(&a, raw_of(&raw), &log, &error), "row %zu", i);
    cr_expect(error.code == rows[i].code && error.offset == rows[i].offset,
              "row %zu: %s at %zu: %s", i, evidence_code_name(error.code),
              error.offset, error.message);
  }
  arena_free(&a);
}

static void expect_refused(arena *a, buffer *raw, evidence_code code) {
  tcg_log log;
  evidence_error error = {0};
  cr_assert(!tcg_log_read(a, raw_of(raw), &log, &error));
  cr_expect(error.code == code, "%s", error.message);
}

Test(tcg_log, refuses_a_locality_that_cannot_count) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer late = agile_log(&a), longer = agile_log(&a), first = agile_log(&a);
  put_agile_event(&late, 0, 8, 0x11, SLICE_EMPTY);
  put_agile_event(&late, 0, TCG_EV_NO_ACTION, 0,
                  (slice){"StartupLocality\0\3", 17});
  expect_refused(&a, &late, EVIDENCE_FORMAT);
  put_agile_event(&longer, 0, TCG_EV_NO_ACTION, 0,
                  (slice){"StartupLocality\0\3\0", 18});
  expect_refused(&a, &longer, EVIDENCE_LENGTH);
  put_agile_event(&first, 1, 8, 0x11, SLICE_EMPTY);
  put_agile_event(&first, 0, TCG_EV_NO_ACTION, 0,
                  (slice){"StartupLocality\0\3", 17});
  cr_expect(read_log(&a, &first).startup_locality == 3);
  arena_free(&a);
}

/* Where a record ends a log may end too. */
Test(tcg_log, refuses_every_log_that_ends_inside_a_record) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer raw = agile_log(&a);
  put_agile_event(&raw, 0, 8, 0x11, SLICE("version"));
  bytes whole = raw_of(&raw);
  cr_assert(whole.length == 151);
  for (size_t length = 0; length < whole.length; length++) {
    tcg_log log;
    evidence_error error = {0};
    bool good = tcg_log_read(&a, (bytes){whole.data, length}, &log, &error);
    cr_expect(good == (length == 72), "%zu", length);
    cr_expect(good || (error.code == EVIDENCE_TRUNCATED &&
                       error.offset <= length && error.message));
  }
  arena_free(&a);
}

Test(tcg_log, refuses_a_log_beyond_the_limit) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  tcg_log log;
  evidence_error error = {0};
  bytes raw = {arena_zalloc(&a, LIMIT_EVIDENCE_BYTES + 1),
               LIMIT_EVIDENCE_BYTES + 1};
  cr_assert(!tcg_log_read(&a, raw, &log, &error));
  cr_expect(error.code == EVIDENCE_TOO_LARGE);
  arena_free(&a);
}

Test(tcg_log, names_types_of_events) {
  cr_expect_str_eq(tcg_event_type_name(4), "EV_SEPARATOR");
  cr_expect_str_eq(tcg_event_type_name(0x800000e0),
                   "EV_EFI_VARIABLE_AUTHORITY");
  cr_expect(tcg_event_type_name(0x12345678) == NULL);
}
