/* SPDX-License-Identifier: Apache-2.0 */
/* Tagged values of Windows. */
#include "base/limits.h"
#include "evidence/event_make.h"
#include "evidence/sipa_events.h"
#include "tests/unit/unit.h"

#define ARENA_LIMIT_BYTES ((size_t)64 << 20)

enum {
  BOOT_COUNTER = 0x00020002,
  BITLOCKER = 0x00020005,
  CODE_INTEGRITY = 0x00050002,
  SI_POLICY = 0x0005000f,
  FILE_PATH = 0x00070001,
  VALIDATED = 0x0007000a,
  HVCI = 0x000a0007,
  BOUNDARY = 0x40010001,
  MODULE = 0x40010003
};

static bytes written(buffer *b) { return bytes_from_slice(buffer_slice(b)); }

static void expect(arena *a, buffer *data, const char *expected) {
  value decoded;
  buffer text = buffer_in(a);
  cr_assert(sipa_decode(a, written(data), &decoded), "%s", expected);
  json_write(&text, &decoded);
  cr_expect_str_eq(buffer_slice(&text).data, expected);
}

static void put_group(buffer *out, uint32_t number, buffer *inner) {
  event_tag(out, number, written(inner));
}

Test(sipa, tells_scalars_in_their_formats) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer data = buffer_in(&a);
  event_tag_number(&data, BOOT_COUNTER, 8, 258);
  event_tag_number(&data, BITLOCKER, 4, 2);
  event_tag_number(&data, CODE_INTEGRITY, 1, 1);
  event_tag_number(&data, HVCI, 8, 1);
  event_tag_text(&data, FILE_PATH, SLICE("\\a\xc3\xa9\xf0\x9f\x98\x80.sys"));
  event_tag(&data, SI_POLICY, bytes_from_slice(SLICE("\xff\xfe")));
  expect(&a, &data,
         "{\"EVENT_BITLOCKER_UNLOCK\":{\"Value\":2},"
         "\"EVENT_BOOTCOUNTER\":258,\"EVENT_CODEINTEGRITY\":true,"
         "\"EVENT_FILEPATH\":\"\\\\a\xc3\xa9\xf0\x9f\x98\x80.sys\","
         "\"EVENT_SI_POLICY\":[{\"RawData\":\"__4\"}],"
         "\"EVENT_VBS_HVCI_POLICY\":{\"String\":"
         "\"HypervisorEnforcedCodeIntegrityEnable\",\"Value\":1}}");
  arena_free(&a);
}

/* Neither true nor false, and no text: a policy must not take it for one. */
Test(sipa, tells_other_forms_raw) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer two = buffer_in(&a), none = buffer_in(&a), large = buffer_in(&a);
  buffer nul = buffer_in(&a), odd = buffer_in(&a), lone = buffer_in(&a);
  event_tag_number(&two, CODE_INTEGRITY, 1, 2);
  event_tag_number(&none, CODE_INTEGRITY, 0, 0);
  event_tag_number(&large, BOOT_COUNTER, 8, UINT64_MAX);
  event_tag(&nul, FILE_PATH, bytes_from_slice(SLICE("a\0\0\0b\0")));
  event_tag(&odd, FILE_PATH, bytes_from_slice(SLICE("a\0b")));
  event_tag(&lone, FILE_PATH, bytes_from_slice(SLICE("\0\xd8")));
  expect(&a, &two, "{\"EVENT_CODEINTEGRITY\":{\"RawData\":\"Ag\"}}");
  expect(&a, &none, "{\"EVENT_CODEINTEGRITY\":{\"RawData\":\"\"}}");
  expect(&a, &large, "{\"EVENT_BOOTCOUNTER\":{\"RawData\":\"__________8\"}}");
  expect(&a, &nul, "{\"EVENT_FILEPATH\":{\"RawData\":\"YQAAAGIA\"}}");
  expect(&a, &odd, "{\"EVENT_FILEPATH\":{\"RawData\":\"YQBi\"}}");
  expect(&a, &lone, "{\"EVENT_FILEPATH\":{\"RawData\":\"ANg\"}}");
  arena_free(&a);
}

/* One value cannot hide another. */
Test(sipa, tells_different_values_of_one_name_as_an_array) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer same = buffer_in(&a), other = buffer_in(&a);
  event_tag_number(&same, CODE_INTEGRITY, 1, 1);
  event_tag_number(&same, CODE_INTEGRITY, 1, 1);
  expect(&a, &same, "{\"EVENT_CODEINTEGRITY\":true}");
  event_tag_number(&other, CODE_INTEGRITY, 1, 1);
  event_tag_number(&other, CODE_INTEGRITY, 1, 0);
  expect(&a, &other, "{\"EVENT_CODEINTEGRITY\":[true,false]}");
  arena_free(&a);
}

Test(sipa, nests_groups) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer module = buffer_in(&a), boundary = buffer_in(&a), data = buffer_in(&a);
  event_tag_text(&module, FILE_PATH, SLICE("\\x"));
  event_tag_number(&module, VALIDATED, 1, 1);
  put_group(&boundary, MODULE, &module);
  event_tag_number(&boundary, CODE_INTEGRITY, 1, 1);
  put_group(&data, BOUNDARY, &boundary);
  expect(&a, &data,
         "{\"EVENT_TRUSTBOUNDARY\":{\"EVENT_CODEINTEGRITY\":true,"
         "\"EVENT_LOADEDMODULE_AGGREGATION\":[{\"EVENT_FILEPATH\":\"\\\\x\","
         "\"EVENT_IMAGEVALIDATED\":true}]}}");
  arena_free(&a);
}

/* Queries look into EVENT_TRUSTBOUNDARY as an object. */
Test(sipa, joins_the_boundaries_of_one_event) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer good = buffer_in(&a), bad = buffer_in(&a), data = buffer_in(&a);
  event_tag_number(&good, CODE_INTEGRITY, 1, 1);
  event_tag_number(&bad, CODE_INTEGRITY, 1, 0);
  event_tag_number(&bad, BOOT_COUNTER, 1, 7);
  put_group(&data, BOUNDARY, &good);
  put_group(&data, BOUNDARY, &bad);
  expect(&a, &data,
         "{\"EVENT_TRUSTBOUNDARY\":{\"EVENT_BOOTCOUNTER\":7,"
         "\"EVENT_CODEINTEGRITY\":[true,false]}}");
  arena_free(&a);
}

Test(sipa, tells_unknown_numbers) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer data = buffer_in(&a);
  event_tag_number(&data, 0x0005ffff, 1, 3);
  event_tag_number(&data, 0x0005fffe, 1, 4);
  expect(&a, &data,
         "{\"EVENT_UNKNOWN\":[{\"Id\":393215,\"RawData\":\"Aw\"},"
         "{\"Id\":393214,\"RawData\":\"BA\"}]}");
  cr_expect(!sipa_detect(written(&data)));
  event_tag_number(&data, CODE_INTEGRITY, 1, 1);
  cr_expect(sipa_detect(written(&data)));
  arena_free(&a);
}

Test(sipa, refuses_every_truncation) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  buffer inner = buffer_in(&a), data = buffer_in(&a);
  value decoded;
  event_tag_number(&inner, CODE_INTEGRITY, 1, 1);
  put_group(&data, BOUNDARY, &inner);
  bytes raw = written(&data);
  for (size_t length = 1; length < raw.length; length++) {
    cr_expect(!sipa_decode(&a, (bytes){raw.data, length}, &decoded), "%zu",
              length);
    cr_expect(!sipa_detect((bytes){raw.data, length}), "%zu", length);
  }
  arena_free(&a);
}

static bool decodes_depth(arena *a, unsigned depth) {
  buffer data = buffer_in(a);
  value decoded;
  event_tag_number(&data, CODE_INTEGRITY, 1, 1);
  for (unsigned i = 0; i < depth; i++) {
    buffer outer = buffer_in(a);
    put_group(&outer, i % 2 ? BOUNDARY : MODULE, &data);
    data = outer;
  }
  return sipa_decode(a, written(&data), &decoded);
}

Test(sipa, bounds_the_nesting) {
  TEST_ARENA(a, ARENA_LIMIT_BYTES);
  cr_expect(decodes_depth(&a, LIMIT_EVENT_DEPTH));
  cr_expect(!decodes_depth(&a, LIMIT_EVENT_DEPTH + 1));
  arena_free(&a);
}

/* The table is searched by halves. */
Test(sipa, has_its_rows_in_order) {
  static const uint32_t numbers[] = {
#define EVENT(number, name, format) number,
      SIPA_EVENTS(EVENT)
#undef EVENT
  };
  for (size_t i = 0; i < COUNT_OF(numbers); i++) {
    cr_expect(i == 0 || numbers[i - 1] < numbers[i], "row %zu", i);
    const sipa_event *row = sipa_event_of(numbers[i]);
    cr_assert(row && row->number == numbers[i]);
    cr_expect(sipa_event_named(slice_from(row->name)) == row);
  }
  cr_expect(!sipa_event_of(0) && !sipa_event_of(0xffffffff));
}
