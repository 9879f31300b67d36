/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a synthetic TDX quote, before it is signed. */
#ifndef EVIDENCE_TDX_MAKE_H
#define EVIDENCE_TDX_MAKE_H

#include "evidence/sgx_make.h"
#include "evidence/tdx_quote.h"

enum { TDX_TRAILING_MAX = 4096 };

typedef struct tdx_recipe {
  uint8_t header[SGX_HEADER_BYTES];
  uint8_t body[TDX_BODY_BYTES_15];
  bool is_15;        /* the body is one of TDX 1.5 */
  bool is_hcl;       /* an HCL report with a TDREPORT instead of a quote */
  size_t trailing;   /* zero bytes behind the quote */
  sgx_recipe common; /* quoting enclave, platform and data: as of SGX */
} tdx_recipe;

/* A TD of release, with TDX 1.0, on a plausible platform. */
void tdx_recipe_start(arena *a, tdx_recipe *recipe);

/* Applies "FIELD=VALUE". */
bool tdx_recipe_set(arena *a, tdx_recipe *recipe, slice setting,
                    evidence_error *error);

/* Rows for the table of kinds. */
bool tdx_make(arena *a, const evidence_recipe *recipe, evidence_made *result,
              evidence_error *error);
const char *const *tdx_make_fields(arena *a);

#endif
