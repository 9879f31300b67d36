/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of docs/rules, for `maapol explain CODE`. The table is made by
 * tools/rule-pages.awk when the program is built. */
#ifndef CLI_RULE_PAGES_H
#define CLI_RULE_PAGES_H

#include <stddef.h>

struct rule_page {
  const char *code; /* "P002" */
  const char *text; /* Markdown */
};

/* Sorted by code; a row of NULLs ends it. */
extern const struct rule_page rule_pages[];
extern const size_t rule_page_count;

#endif
