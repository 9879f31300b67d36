/* SPDX-License-Identifier: Apache-2.0 */
#include "lsp/reference.h"

const word_help section_help[] = {
    {"configurationrules",
     "Set properties before the evidence is verified: "
     "`=> issueproperty(type=\"..\", value=..);`. From version 1.1 on."},
    {"authorizationrules",
     "Decide: the first `deny()` ends it, else one `permit()` is enough, else "
     "it is denied."},
    {"issuancerules",
     "After a permit: what the token says. `issue` makes a claim of the "
     "token, `add` one that later rules read."},
    {NULL, NULL},
};

const word_help action_help[] = {
    {"permit", "Permits, unless a `deny()` runs. In authorizationrules."},
    {"deny", "Denies and ends the evaluation. In authorizationrules."},
    {"add", "Adds a claim that later rules read; the token does not get it. "
            "In authorizationrules and issuancerules."},
    {"issue", "Adds a claim that later rules read, and puts it into the "
              "token. In issuancerules."},
    {"issueproperty", "Sets a property of the report or the configuration. "
                      "In configurationrules and issuancerules."},
    {NULL, NULL},
};

const word_help property_help[] = {
    {"type", "The name of a claim: a string."},
    {"value", "The value of a claim: boolean, 64-bit integer or string. "
              "Values of different types never satisfy a test, `!=` included."},
    {"valueType", "The type of a claim's value: `\"Boolean\"`, `\"Integer\"` "
                  "or `\"String\"`."},
    {"issuer", "Who made the claim: `\"AttestationService\"` (evidence), "
               "`\"AttestationPolicy\"` (a rule), `\"CustomClaim\"` (the "
               "client)."},
    {NULL, NULL},
};

const word_help argument_help[] = {
    {"claim", "An identifier: every claim that it names, as it is."},
    {"type", "The type of the new claim: one string."},
    {"value", "The value of the new claim; of several values each gives a "
              "claim."},
    {NULL, NULL},
};

const word_help settings_help[] = {
    {"required_pcr_mask",
     "Integer, 0 to 0xFFFFFF: the PCRs that the evidence must have."},
    {"require_valid_aik_cert",
     "Boolean: whether the attestation key needs a valid certificate."},
    {"x-ms-sgx-tcbidentifier",
     "String: the TCB baseline that SGX evidence is held against."},
    {"report_validity_in_minutes",
     "Integer, 1 to 525600: how long the token is valid (a day)."},
    {"omit_x5c", "Boolean: leaves the certificates out of the token's header."},
    {NULL, NULL},
};

const function_help function_helps[] = {
    {"JmesPath", {"json", "query"}, "JSON text",
     "Runs a JMESPath query on a string that holds JSON. A string in the "
     "result keeps its quotes; nothing found is `null`. Read-only if an "
     "argument is.",
     "JmesPath(c.value, \"Events[0].PcrIndex\")"},
    {"JsonToClaimValue", {"json", NULL}, "boolean, integer or string",
     "The value that a JSON text stands for; of an array, the set of its "
     "values. An object or a fraction is an evaluation error.",
     "JsonToClaimValue(JmesPath(c.value, \"length(@)\"))"},
    {"IsSubsetOf", {"a", "b"}, "boolean",
     "Whether every value of the first set is in the second. An empty set is "
     "a subset of any.",
     "IsSubsetOf(required.value, found.value)"},
    {"AppendString", {"a", "b"}, "string",
     "Both strings, one behind the other. Each must be one string.",
     "AppendString(c.value, \"-suffix\")"},
    {"NegateBool", {"b", NULL}, "boolean",
     "True for false, false for true.", "NegateBool(c.value)"},
    {"ContainsOnlyValue", {"set", "v"}, "boolean",
     "True if the set is not empty and holds nothing but that value.",
     "ContainsOnlyValue(c.value, true)"},
    {NULL, {NULL, NULL}, NULL, NULL, NULL},
};

const word_help *word_help_find(const word_help *table, slice name) {
  while (table->name && !slice_is(name, table->name))
    table++;
  return table->name ? table : NULL;
}

const function_help *function_help_find(slice name) {
  const function_help *f = function_helps;
  while (f->name && !slice_is(name, f->name))
    f++;
  return f->name ? f : NULL;
}

void function_signature(buffer *out, const function_help *f) {
  buffer_printf(out, "%s(%s%s%s): %s", f->name, f->parameters[0],
                f->parameters[1] ? ", " : "",
                f->parameters[1] ? f->parameters[1] : "", f->result);
}

const char *claim_type_name(const claim_entry *e) {
  return e->kind == VALUE_BOOLEAN   ? "Boolean"
         : e->kind == VALUE_INTEGER ? "Integer"
                                    : "String";
}

static void add_types(buffer *out, const claim_entry *e) {
  const char *comma = "";
  for (int t = ATTESTATION_TYPE_UNKNOWN + 1; t < ATTESTATION_TYPE_COUNT; t++)
    if (claim_entry_is_of(e, (attestation_type)t)) {
      buffer_printf(out, "%s%s", comma,
                    attestation_type_name((attestation_type)t));
      comma = ", ";
    }
}

void claim_page(buffer *out, const claim_entry *e) {
  const char *quote = e->kind == VALUE_STRING ? "\"" : "";
  buffer_printf(out, "**%s**: %s\n\n%s\n\n", e->name, claim_type_name(e),
                e->meaning);
  buffer_text(out, "* format: ");
  claim_format_describe(out, e);
  buffer_text(out, "\n* evidence: ");
  add_types(out, e);
  buffer_printf(out, "\n* issuer: %s\n", claim_entry_issuer(e));
  if (e->seen == CLAIM_SEEN_IN_TOKEN)
    buffer_text(out, "* in tokens only: policies do not see it\n");
  if (e->seen == CLAIM_SEEN_BY_POLICY)
    buffer_text(out, "* seen by policies only: tokens do not have it\n");
  if (e->is_read_only)
    buffer_text(out, "* read-only: a policy cannot issue it\n");
  if (e->deprecated_for)
    buffer_printf(out, "* deprecated: use `%s`\n", e->deprecated_for);
  if (e->example && strlen(e->example) < 200)
    buffer_printf(out, "\n```maapolicy\n[type==\"%s\", value==%s%s%s]\n```\n",
                  e->name, quote, e->example, quote);
}
