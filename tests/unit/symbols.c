/* SPDX-License-Identifier: Apache-2.0 */
#include "base/symbols.h"

#include "base/buffer.h"
#include "tests/unit/unit.h"

/* Texts whose second word takes back what the first made of the hash, if the
 * seed is known: they had one hash when there was none. */
static void colliding(char text[24], uint64_t first) {
  __extension__ typedef unsigned __int128 wide;
  const uint64_t k0 = 0xa0761d6478bd642fu, k1 = 0xe7037ed1a0b428dbu;
  wide product = (wide)((k0 ^ 24u) ^ first) * k1;
  uint64_t second = (uint64_t)product ^ (uint64_t)(product >> 64);
  memcpy(text, &first, 8);
  memcpy(text + 8, &second, 8);
  memset(text + 16, 'A', 8);
}

Test(symbols, have_hashes_that_nobody_can_foresee) {
  enum { COUNT = 1000 };
  TEST_ARENA(a, (size_t)4 << 20);
  uint64_t hashes[COUNT];
  unsigned same = 0;
  for (unsigned i = 0; i < COUNT; i++) {
    char text[24];
    colliding(text, i * UINT64_C(0x9E3779B97F4A7C15));
    hashes[i] = text_hash((slice){text, sizeof text}, &a);
    for (unsigned j = 0; j < i; j++)
      same += hashes[i] == hashes[j];
  }
  cr_expect_eq(same, 0u);
  arena_free(&a);
}

Test(symbols, number_texts_from_one) {
  TEST_ARENA(a, (size_t)4 << 20);
  symbols s;
  symbols_init(&s, &a);
  cr_expect_eq(symbols_find(&s, SLICE("x")), 0u);
  for (uint32_t i = 0; i < 1000; i++) {
    buffer text = buffer_in(&a);
    buffer_printf(&text, "claim-%u", i);
    cr_expect_eq(symbols_intern(&s, buffer_slice(&text)), i + 1);
  }
  cr_expect_eq(symbols_intern(&s, SLICE("claim-7")), 8u);
  cr_expect(slice_is(symbols_text(&s, 8), "claim-7"));
  arena_free(&a);
}
