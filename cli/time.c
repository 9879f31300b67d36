/* SPDX-License-Identifier: Apache-2.0 */
/* Times on the command line: RFC 3339 section 5.6, or seconds. */
#include "base/instant.h"
#include "cli/cli.h"

bool cli_parse_time(const char *text, int64_t *seconds) {
  size_t count; /* until the year 9999 */
  if (cli_parse_count(text, (size_t)253402300799, &count)) {
    *seconds = (int64_t)count;
    return true;
  }
  return instant_parse(text, seconds);
}
