/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/value.h"
#include "tests/unit/unit.h"

#define LIMIT_BYTES ((size_t)64 << 20)

Test(json_number, reads_integers_exactly) {
  static const struct {
    const char *text;
    int64_t integer;
  } rows[] = {
      {"0", 0},
      {"-0", 0},
      {"-0.0", 0},
      {"0e5", 0},
      {"0.000e-999999999999", 0},
      {"1.0", 1},
      {"1e2", 100},
      {"1E+2", 100},
      {"1.50e1", 15},
      {"100e-2", 1},
      {"-12.0000", -12},
      {"0.0012e4", 12},
      {"999999999999999999", 999999999999999999},
      {"1000000000000000000", 1000000000000000000},
      {"9223372036854775807", INT64_MAX},
      {"9223372036854775807.000", INT64_MAX},
      {"922337203685477580.7e1", INT64_MAX},
      {"-9223372036854775808", INT64_MIN},
      {"-9223372036854775808e0", INT64_MIN},
      {"9223372036854775800", 9223372036854775800},
      {"9007199254740993", 9007199254740993},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value v;
    cr_expect_eq(json_read_number(slice_from(rows[i].text), &v),
                 JSON_NUMBER_OK);
    cr_expect_eq(v.kind, VALUE_INTEGER, "%s", rows[i].text);
    cr_expect_eq(v.integer, rows[i].integer, "%s", rows[i].text);
  }
}

Test(json_number, marks_integers_beyond_64_bits) {
  static const struct {
    const char *text;
    double number;
    bool is_rounded;
  } rows[] = {
      {"9223372036854775808", 0x1p63, true},
      {"-9223372036854775809", -0x1p63, true},
      {"18446744073709551616", 0x1p64, true},
      {"1e19", 1e19, true},
      {"123456789012345678901234567890", 123456789012345678901234567890.0,
       true},
      {"1.5", 1.5, false},
      {"9223372036854775807.5", 0x1p63, false},
      {"1e-5", 1e-5, false},
      {"1e-400", 0, false},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value v;
    cr_expect_eq(json_read_number(slice_from(rows[i].text), &v),
                 JSON_NUMBER_OK);
    cr_expect_eq(v.kind, VALUE_NUMBER, "%s", rows[i].text);
    cr_expect_eq(v.number, rows[i].number, "%s: %a", rows[i].text, v.number);
    cr_expect_eq(v.is_rounded, rows[i].is_rounded, "%s", rows[i].text);
  }
}

Test(json_number, refuses_what_is_no_number) {
  static const char *const rows[] = {
      "",   "-",   "+1",   "01",   "-01",  "00",    "1.",   ".5",   "-.5",
      "1e", "1e+", "1.e1", "1..2", "1e1.", "1e1e1", "0x10", "1_0",  "1 ",
      " 1", "--1", "1-",   "1a",   "nan",  "inf",   "1,5",  "1e 5", "e5",
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value v = value_integer(42);
    cr_expect_eq(json_read_number(slice_from(rows[i]), &v), JSON_NUMBER_SYNTAX,
                 "%s", rows[i]);
    cr_expect_eq(v.integer, 42, "%s", rows[i]);
  }
}

Test(json_number, refuses_numbers_beyond_double) {
  static const char *const rows[] = {
      "1e309",
      "-1e309",
      "1.7976931348623159e308",
      "1e400",
      "1e999999999999",
      "179769313486231580793e289",
      "123e99999999999999999999",
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    value v;
    cr_expect_eq(json_read_number(slice_from(rows[i]), &v), JSON_NUMBER_RANGE,
                 "%s", rows[i]);
  }
}

static double read_double(const char *text) {
  value v;
  cr_assert_eq(json_read_number(slice_from(text), &v), JSON_NUMBER_OK);
  return v.kind == VALUE_INTEGER ? (double)v.integer : v.number;
}

/* Ties, and what lies a digit beside them; known hard cases. */
Test(json_number, rounds_to_the_nearest_double) {
  static const struct {
    const char *text;
    double number;
  } rows[] = {
      {"9007199254740993e-1", 900719925474099.3},
      {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
      {"2.2250738585072012e-308", 0x1p-1022},
      {"2.2250738585072014e-308", 0x1p-1022},
      {"4.9406564584124654e-324", 0x1p-1074},
      {"2.4703282292062328e-324", 0x1p-1074},
      {"2.4703282292062327e-324", 0},
      {"1.7976931348623157e308", DBL_MAX},
      {"1.7976931348623158e308", DBL_MAX},
      {"7.2057594037927933e16", 72057594037927936},
      {"1.00000000000000011102230246251565404236316680908203125", 1},
      {"1.00000000000000011102230246251565404236316680908203124", 1},
      {"1.00000000000000011102230246251565404236316680908203126",
       0x1.0000000000001p0},
      {"1.00000000000000033306690738754696212708950042724609375",
       0x1.0000000000002p0},
      {"0.500000000000000166533453693773481063544750213623046875",
       0x1.0000000000002p-1},
      {"3.518437208883201171875e13", 0x1.0000000000002p+45},
      {"62.5364939768271845828", 62.5364939768271845828},
      {"8.10109172351e-10", 8.10109172351e-10},
      {"5e-324", 0x1p-1074},
  };
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    double read = read_double(rows[i].text);
    cr_expect_eq(read, rows[i].number, "%s gave %a", rows[i].text, read);
  }
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static double random_double(uint64_t *state) {
  double number;
  do {
    uint64_t image = next_random(state);
    memcpy(&number, &image, sizeof number);
  } while (!isfinite(number));
  return number;
}

/* The C library rounds correctly; this program runs in the C locale. */
Test(json_number, agrees_with_strtod) {
  uint64_t state = 88172645463325252u;
  for (int i = 0; i < 200000; i++) {
    char text[64];
    int digits = (int)(next_random(&state) % 25);
    double number = random_double(&state);
    if (i % 2) /* magnitudes that people use */
      number = ldexp(number, -ilogb(number) + (int)(next_random(&state) % 80));
    snprintf(text, sizeof text, "%.*e", digits, number);
    double expected = strtod(text, NULL);
    if (isfinite(expected))
      cr_assert_eq(read_double(text), expected, "%s", text);
  }
}

/* More digits than are kept: the cut ones still break a tie. */
Test(json_number, looks_at_every_digit) {
  char text[5000] = "1.00000000000000011102230246251565404236316680908203125";
  size_t length = strlen(text);
  memset(text + length, '0', sizeof text - length);
  text[4998] = 0;
  cr_expect_eq(read_double(text), 1);
  text[4997] = '1';
  cr_expect_eq(read_double(text), 0x1.0000000000001p0);
  memset(text, '0', 4000);
  memcpy(text, "0.", 2);
  strcpy(text + 4000, "25e3999");
  cr_expect_eq(read_double(text), 2.5);
  memset(text, '3', 400);
  strcpy(text + 400, "e-399");
  cr_expect_eq(read_double(text), 3.3333333333333335);
}

/* --- writing -------------------------------------------------------------- */

static const char *written(arena *a, double number) {
  buffer out = buffer_in(a);
  json_write_number(&out, number);
  return buffer_slice(&out).data;
}

/* RFC 8785 appendix B, and the limits of its layout. */
Test(json_number, writes_the_shortest_text) {
  static const struct {
    double number;
    const char *text;
  } rows[] = {
      {0, "0"},
      {-0.0, "0"},
      {0x1p-1074, "5e-324"},
      {-0x1p-1074, "-5e-324"},
      {DBL_MAX, "1.7976931348623157e+308"},
      {-DBL_MAX, "-1.7976931348623157e+308"},
      {9007199254740992, "9007199254740992"},
      {-9007199254740992, "-9007199254740992"},
      {295147905179352830000.0, "295147905179352830000"},
      {9.999999999999997e22, "9.999999999999997e+22"},
      {1e23, "1e+23"},
      {1.0000000000000001e23, "1.0000000000000001e+23"},
      {999999999999999700000.0, "999999999999999700000"},
      {999999999999999900000.0, "999999999999999900000"},
      {1e21, "1e+21"},
      {9.999999999999997e-7, "9.999999999999997e-7"},
      {0.000001, "0.000001"},
      {333333333.3333332, "333333333.3333332"},
      {333333333.33333325, "333333333.33333325"},
      {333333333.3333334, "333333333.3333334"},
      {-0.0000033333333333333333, "-0.0000033333333333333333"},
      {1424953923781206.2, "1424953923781206.2"},
      {0.1, "0.1"},
      {1.5, "1.5"},
      {123456.789, "123456.789"},
      {1e100, "1e+100"},
      {1.25e-10, "1.25e-10"},
      {0x1p-1022, "2.2250738585072014e-308"},
      {INFINITY, "null"},
      {NAN, "null"},
  };
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    cr_expect_str_eq(written(&a, rows[i].number), rows[i].text);
  arena_free(&a);
}

Test(json_number, reads_back_what_it_writes) {
  TEST_ARENA(a, LIMIT_BYTES);
  uint64_t state = 362436069u;
  for (int i = 0; i < 50000; i++) {
    double number = random_double(&state);
    cr_assert_eq(read_double(written(&a, number)), number, "%a", number);
  }
  arena_free(&a);
}

Test(json_number, writes_integers) {
  static const struct {
    int64_t integer;
    const char *text;
  } rows[] = {
      {0, "0"},
      {7, "7"},
      {-7, "-7"},
      {INT64_MAX, "9223372036854775807"},
      {INT64_MIN, "-9223372036854775808"},
  };
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++) {
    buffer out = buffer_in(&a);
    json_write_integer(&out, rows[i].integer);
    cr_expect_str_eq(buffer_slice(&out).data, rows[i].text);
  }
  arena_free(&a);
}

/* A locale with a decimal comma, if the machine has one. */
Test(json_number, does_not_depend_on_the_locale) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8",
                                      "nl_NL.UTF-8", "ps_AF", "ps_AF.UTF-8"};
  const char *set = NULL;
  for (size_t i = 0; i < COUNT_OF(names) && !set; i++)
    set = setlocale(LC_ALL, names[i]);
  if (!set)
    cr_skip_test("no locale with a decimal comma");
  TEST_ARENA(a, LIMIT_BYTES);
  cr_expect_eq(read_double("1.5"), 1.5);
  cr_expect_eq(read_double("123456789.123456789e3"), 123456789123.456789);
  cr_expect_str_eq(written(&a, 0.1), "0.1");
  cr_expect_str_eq(written(&a, 1.25e-10), "1.25e-10");
  arena_free(&a);
}
