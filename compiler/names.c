/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the language. The order of each table is that of its enum. */
#include "compiler/program.h"
#include "grammar/parse.h"

const char *const function_names[] = {"JmesPath",     "JsonToClaimValue",
                                      "IsSubsetOf",   "AppendString",
                                      "NegateBool",   "ContainsOnlyValue",
                                      NULL};

static int find(slice name, const char *const *names) {
  int i = 0;
  while (names[i] && !slice_is(name, names[i]))
    i++;
  return i;
}

section_kind section_from_name(slice name) {
  int i = 0;
  while (section_names[i] &&
         !slice_equal_ignore_case(name, slice_from(section_names[i])))
    i++;
  return (section_kind)i;
}

action_kind action_from_name(slice name) {
  return (action_kind)find(name, action_names);
}

property_kind property_from_name(slice name) {
  return (property_kind)find(name, property_names);
}

function_kind function_from_name(slice name) {
  return (function_kind)find(name, function_names);
}

slice property_name(property_kind property) {
  return slice_from(property_names[property]);
}

const char *operator_text(ast_operator relation) {
  static const char *const texts[] = {"==", "!=", "<", "<=", ">", ">=", "="};
  return texts[relation];
}
