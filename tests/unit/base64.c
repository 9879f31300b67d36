/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include "tests/unit/unit.h"

#define LIMIT_BYTES ((size_t)16 << 20)

typedef struct encoding {
  const char *data;
  const char *standard, *url;
} encoding;

/* RFC 4648 section 10, and bytes whose digits differ in the alphabets. */
static const encoding encodings[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xef\xff", "++//", "--__"},
    {"\xff\xff", "//8=", "__8"},
};

Test(base64, encodes_the_vectors_of_the_rfc) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(encodings); i++) {
    bytes data = bytes_from_slice(slice_from(encodings[i].data));
    buffer standard = buffer_in(&a), url = buffer_in(&a);
    base64_encode(&standard, data);
    base64url_encode(&url, data);
    cr_expect(slice_is(buffer_slice(&standard), encodings[i].standard));
    cr_expect(slice_is(buffer_slice(&url), encodings[i].url));
  }
  arena_free(&a);
}

static bool decodes_to(arena *a, const char *text, base64_alphabet alphabet,
                       const char *expected) {
  bytes data;
  return base64_decode(a, slice_from(text), alphabet, &data) && data.data &&
         slice_is(slice_from_bytes(data), expected);
}

Test(base64, decodes_with_and_without_padding) {
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(encodings); i++) {
    const encoding *row = &encodings[i];
    cr_expect(decodes_to(&a, row->standard, BASE64_STANDARD, row->data));
    cr_expect(decodes_to(&a, row->standard, BASE64_EITHER, row->data));
    cr_expect(decodes_to(&a, row->url, BASE64_URL, row->data));
    cr_expect(decodes_to(&a, row->url, BASE64_EITHER, row->data));
  }
  cr_expect(decodes_to(&a, "Zg", BASE64_STANDARD, "f"));
  cr_expect(decodes_to(&a, "Zg==", BASE64_URL, "f"));
  arena_free(&a);
}

static bool is_refused(arena *a, const char *text, base64_alphabet alphabet) {
  bytes data = {(const uint8_t *)"x", 1};
  return !base64_decode(a, slice_from(text), alphabet, &data) && !data.data;
}

Test(base64, refuses_what_is_not_exactly_base64) {
  static const char *const rows[] = {
      "Z",     "Zm9vY",                          /* 4n+1 digits */
      "Zh",    "Zm9",    "Zm9vYh==",             /* trailing bits */
      "Zg=",   "Zg===",  "Zm8==",    "Zm9v====", /* wrong padding */
      "=",     "====",   "Z===",     "Zg==Zg==", /* padding inside */
      "Zm 9v", "Zm9v\n", "Zm.v",     "Zm\xc3\xa4", "Zm9v=",
  };
  TEST_ARENA(a, LIMIT_BYTES);
  for (size_t i = 0; i < COUNT_OF(rows); i++)
    for (int alphabet = BASE64_STANDARD; alphabet <= BASE64_EITHER; alphabet++)
      cr_expect(is_refused(&a, rows[i], (base64_alphabet)alphabet), "%s",
                rows[i]);
  cr_expect(is_refused(&a, "++//", BASE64_URL));
  cr_expect(is_refused(&a, "--__", BASE64_STANDARD));
  arena_free(&a);
}

/* Every byte value in every place of a group, and every length. */
Test(base64, gives_back_what_was_encoded) {
  TEST_ARENA(a, LIMIT_BYTES);
  uint8_t data[256 + 6];
  for (size_t length = 0; length < sizeof data; length++) {
    for (size_t i = 0; i < length; i++)
      data[i] = (uint8_t)(i * 7 + length);
    buffer text = buffer_in(&a);
    bytes back;
    base64url_encode(&text, (bytes){data, length});
    cr_assert(base64_decode(&a, buffer_slice(&text), BASE64_URL, &back));
    cr_assert_eq(back.length, length);
    cr_assert_eq(memcmp(back.data, data, length), 0);
  }
  arena_free(&a);
}

Test(base64, appends_behind_what_is_there) {
  TEST_ARENA(a, LIMIT_BYTES);
  buffer out = buffer_in(&a);
  buffer_text(&out, "x5c: ");
  base64_encode(&out, bytes_from_slice(SLICE("fo")));
  cr_expect(slice_is(buffer_slice(&out), "x5c: Zm8="));
  arena_free(&a);
}

Test(base64, decodes_hex) {
  TEST_ARENA(a, LIMIT_BYTES);
  bytes data;
  cr_expect(hex_decode(&a, SLICE("00fFA9"), &data));
  cr_expect(slice_equal(slice_from_bytes(data), SLICE("\0\xff\xa9")));
  cr_expect(hex_decode(&a, SLICE(""), &data) && data.data);
  static const char *const bad[] = {"0",  "0g", "g0", "0x", " 0",
                                    "@0", "`0", "1:", "1/"};
  for (size_t i = 0; i < COUNT_OF(bad); i++) {
    cr_expect_not(hex_decode(&a, slice_from(bad[i]), &data), "%s", bad[i]);
    cr_expect_null(data.data);
  }
  arena_free(&a);
}
