/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/form.h"

#include "base/text.h"

static slice next_pair(slice *rest) {
  const char *end = memchr(rest->data, '&', rest->length);
  slice pair = end ? slice_between(rest->data, end) : *rest;
  size_t used = pair.length + (end ? 1 : 0);
  *rest = (slice){rest->data + used, rest->length - used};
  return pair;
}

bool form_field(arena *a, slice form, const char *name, slice *result) {
  buffer out = buffer_in(a);
  bool good = true;
  size_t length = strlen(name);
  while (form.length) {
    slice pair = next_pair(&form);
    if (pair.length <= length || memcmp(pair.data, name, length) != 0 ||
        pair.data[length] != '=')
      continue;
    slice text = {pair.data + length + 1, pair.length - length - 1};
    good = percent_decode(&out, text, true);
    break;
  }
  *result = buffer_slice(&out);
  return good;
}
