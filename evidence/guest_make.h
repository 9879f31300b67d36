/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of synthetic evidence of an Azure VM, before it is signed. */
#ifndef EVIDENCE_GUEST_MAKE_H
#define EVIDENCE_GUEST_MAKE_H

#include "evidence/guest_info.h"
#include "evidence/make.h"

/* What synthetic evidence says wrongly, for tests of what must refuse it. */
typedef enum guest_lie {
  GUEST_HONEST,
  GUEST_LIE_KEY,     /* another key than the quote's is in the runtime data */
  GUEST_LIE_RUNTIME, /* the hardware's report is of other runtime data */
  GUEST_LIE_PCR,     /* another value than the quoted one is given */
  GUEST_LIE_LOG,     /* the log is of another boot */
  GUEST_LIE_SEALING, /* another encryption key than the certified one */
  GUEST_LIE_COUNT
} guest_lie;

enum { GUEST_HARDWARE_SETTINGS_MAX = 64 };

typedef struct guest_recipe {
  guest_isolation isolation;
  slice protocol, os_type, os_distro, os_build;
  int64_t os_major, os_minor;
  slice vm_id;
  object_builder payload;
  guest_boot boot;
  uint32_t pcr_set; /* 0: what the client of the system quotes */
  uint16_t scheme;  /* TPM_ALG_RSASSA or TPM_ALG_RSAPSS */
  guest_lie lie;
  slice hardware[GUEST_HARDWARE_SETTINGS_MAX]; /* of its report */
  size_t hardware_count;
} guest_recipe;

/* A release VM with secure boot; SNP unless set otherwise. */
void guest_recipe_start(arena *a, guest_recipe *recipe);

/* Applies "FIELD=VALUE". */
bool guest_recipe_set(arena *a, guest_recipe *recipe, slice setting,
                      evidence_error *error);

/* An event log of a boot as the recipe has it, with a SHA-1 and a SHA-256
 * bank. */
bytes guest_log_make(arena *a, const guest_recipe *recipe);

/* Rows for the table of kinds. */
bool guest_make(arena *a, const evidence_recipe *recipe, evidence_made *result,
                evidence_error *error);
const char *const *guest_make_fields(arena *a);

#endif
