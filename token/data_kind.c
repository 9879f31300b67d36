/* SPDX-License-Identifier: Apache-2.0 */
/* Apart from the reading of requests: the program without cryptography reads
 * suites, which have these words too. */
#include "token/request.h"

bool data_kind_from_name(slice name, data_kind *kind) {
  bool binary = slice_equal_ignore_case(name, SLICE("Binary"));
  bool json = slice_equal_ignore_case(name, SLICE("JSON"));
  if (binary || json)
    *kind = binary ? DATA_BINARY : DATA_JSON;
  return binary || json;
}
