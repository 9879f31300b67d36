/* SPDX-License-Identifier: Apache-2.0 */
/* The properties that a policy can set with issueproperty. Source: the
 * service's articles "claim sets" and "policy version 1.1 / 1.2". */
#ifndef COMPILER_PROPERTIES_H
#define COMPILER_PROPERTIES_H

#include "compiler/program.h"

typedef struct policy_property {
  const char *name;
  section_kind section;
  literal_kind kind;
  int64_t least, most; /* of an integer */
} policy_property;

enum { POLICY_PROPERTY_COUNT = 5 };
extern const policy_property policy_properties[POLICY_PROPERTY_COUNT];

/* The row of that name, or NULL. */
const policy_property *policy_property_find(slice name);

#endif
