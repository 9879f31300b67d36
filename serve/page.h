/* SPDX-License-Identifier: Apache-2.0 */
/* The status page of an instance. */
#ifndef SERVE_PAGE_H
#define SERVE_PAGE_H

#include "serve/call.h"

/* What was tried with the form, and what came of it. */
typedef struct page_trial {
  attestation_type type;
  slice policy; /* text; empty: the one in force */
  slice sample; /* claims, or a request's body */
  bool is_done;
  const char *outcome; /* "permit", "deny", "error", "unusable"; static */
  slice text;          /* the reason, and what stands behind it */
  slice issued;        /* claims that the policy issued, JSON; or empty */
} page_trial;

/* The whole page. */
slice page_write(call *c, const page_trial *trial);

/* Claims of that type with the catalogue's examples, as JSON. */
slice page_sample(arena *a, attestation_type type);

extern const char page_script[], page_style[];

#endif
