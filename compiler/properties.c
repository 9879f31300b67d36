/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/properties.h"

const policy_property policy_properties[POLICY_PROPERTY_COUNT] = {
    {"required_pcr_mask", SECTION_CONFIGURATION, LITERAL_INTEGER, 0, 0xFFFFFF},
    {"require_valid_aik_cert", SECTION_CONFIGURATION, LITERAL_BOOLEAN, 0, 0},
    {"x-ms-sgx-tcbidentifier", SECTION_CONFIGURATION, LITERAL_STRING, 0, 0},
    {"report_validity_in_minutes", SECTION_ISSUANCE, LITERAL_INTEGER, 1,
     525600},
    {"omit_x5c", SECTION_ISSUANCE, LITERAL_BOOLEAN, 0, 0},
};

const policy_property *policy_property_find(slice name) {
  for (int i = 0; i < POLICY_PROPERTY_COUNT; i++)
    if (slice_is(name, policy_properties[i].name))
      return &policy_properties[i];
  return NULL;
}
