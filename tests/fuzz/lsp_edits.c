/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as edits of an open policy: after each the server knows what a
 * fresh start would know. */
#include "tests/fuzz/edit_replay.h"
#include "tests/fuzz/fuzz.h"

/* Two bytes a number; then the document is as it is. */
static uint32_t read_number(edit_source *s) {
  uint32_t number = 0;
  for (int i = 0; i < 2 && s->rest.length; i++) {
    number = number << 8 | (unsigned char)*s->rest.data;
    s->rest.data++, s->rest.length--;
  }
  return number;
}

static void edit(arena *a, slice input) {
  enum { LONGEST = 4000 };
  edit_source s = {.next = read_number, .rest = input};
  edit_replay r = {.all = documents_in(a), .arena = a, .guard = a->guard};
  r.document =
      documents_open(r.all, SLICE("a"), slice_from(edit_start), a->guard);
  document_policy(r.document);
  while (s.rest.length) {
    edit_somehow(&r, &s, LONGEST);
    HOLDS(!edit_difference(a, r.document, a->guard).length);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  return fuzz_in_arena(data, size < 200 ? size : 200, edit);
}
