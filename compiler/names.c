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

/* Names of actions and properties differ in their lengths, so one comparison
 * does: they are asked for at every word of a policy. */
static action_kind if_action(slice name, action_kind a) {
  return memcmp(name.data, action_names[a], name.length) ? ACTION_COUNT : a;
}

static property_kind if_property(slice name, property_kind p) {
  return memcmp(name.data, property_names[p], name.length) ? PROPERTY_COUNT
                                                           : p;
}

section_kind section_from_name(slice name) {
  int i = 0;
  while (section_names[i] &&
         !slice_equal_ignore_case(name, slice_from(section_names[i])))
    i++;
  return (section_kind)i;
}

action_kind action_from_name(slice name) {
  switch (name.length) {
  case sizeof "add" - 1:
    return if_action(name, ACTION_ADD);
  case sizeof "deny" - 1:
    return if_action(name, ACTION_DENY);
  case sizeof "issue" - 1:
    return if_action(name, ACTION_ISSUE);
  case sizeof "permit" - 1:
    return if_action(name, ACTION_PERMIT);
  case sizeof "issueproperty" - 1:
    return if_action(name, ACTION_ISSUEPROPERTY);
  default:
    return ACTION_COUNT;
  }
}

property_kind property_from_name(slice name) {
  switch (name.length) {
  case sizeof "type" - 1:
    return if_property(name, PROPERTY_TYPE);
  case sizeof "value" - 1:
    return if_property(name, PROPERTY_VALUE);
  case sizeof "issuer" - 1:
    return if_property(name, PROPERTY_ISSUER);
  case sizeof "valueType" - 1:
    return if_property(name, PROPERTY_VALUE_TYPE);
  default:
    return PROPERTY_COUNT;
  }
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
