/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"
#include "compiler/claim_catalogue.h"

static const cli_option options[] = {
    {"type", 't', "T", "only claims of this attestation type"},
    {"format", 0, "human|json", "of the output (human)"},
    {NULL, 0, NULL, NULL},
};

static const char *kind_name(const claim_entry *e) {
  return e->kind == VALUE_BOOLEAN   ? "Boolean"
         : e->kind == VALUE_INTEGER ? "Integer"
                                    : "String";
}

static slice format_text(cli *c, const claim_entry *e) {
  buffer text = buffer_in(c->arena);
  claim_format_describe(&text, e);
  return buffer_slice(&text);
}

/* Whether the row is to be shown; name NULL: any. */
static bool is_asked_for(const claim_entry *e, const char *name,
                         attestation_type type) {
  return claim_entry_is_of(e, type) &&
         (!name || slice_is(slice_from(name), e->name));
}

/* --- for people ----------------------------------------------------------- */

static void print_line(cli *c, const claim_entry *e) {
  cli_print(c, "%-34s %-7s  ", e->name, kind_name(e));
  if (e->deprecated_for)
    cli_print(c, "deprecated: use %s\n", e->deprecated_for);
  else
    cli_print(c, "%s\n", e->meaning);
}

/* Rows of one name stand together and mean the same: one line for them. */
static void print_lines(cli *c, attestation_type type) {
  const char *last = "";
  for (const claim_entry *e = claim_catalogue; e->name; e++)
    if (claim_entry_is_of(e, type) && strcmp(e->name, last) != 0) {
      print_line(c, e);
      last = e->name;
    }
}

static slice type_names(cli *c, const claim_entry *e) {
  buffer text = buffer_in(c->arena);
  for (int t = ATTESTATION_TYPE_UNKNOWN + 1; t < ATTESTATION_TYPE_COUNT; t++)
    if (claim_entry_is_of(e, (attestation_type)t))
      buffer_printf(&text, "%s%s", text.length ? ", " : "",
                    attestation_type_name((attestation_type)t));
  return buffer_slice(&text);
}

static const char *seen_text(const claim_entry *e) {
  static const char *const texts[] = {
      [CLAIM_SEEN_BY_BOTH] = "policies, and repeated in the token",
      [CLAIM_SEEN_BY_POLICY] = "policies only",
      [CLAIM_SEEN_IN_TOKEN] = "the token's readers only",
  };
  return texts[e->seen];
}

static void print_row(cli *c, const char *title, slice text) {
  cli_print(c, "  %-12s %.*s\n", title, SLICE_ARGS(text));
}

static void add_example(buffer *text, const claim_entry *e) {
  if (e->kind == VALUE_STRING)
    json_write_string(text, slice_from(e->example));
  else
    buffer_text(text, e->example);
}

/* A condition that selects the claim; nobody compares whole JSON texts. For
 * what only tokens have: a value. */
static slice example_text(cli *c, const claim_entry *e) {
  buffer text = buffer_in(c->arena);
  bool is_condition = e->seen != CLAIM_SEEN_IN_TOKEN;
  bool is_json = e->format == CLAIM_JSON;
  if (is_condition)
    buffer_printf(&text, "[type == \"%s\"%s", e->name,
                  is_json ? "" : ", value == ");
  if (!is_json)
    add_example(&text, e);
  else if (!is_condition)
    buffer_text(&text, e->example);
  buffer_text(&text, is_condition ? "]" : "");
  return buffer_slice(&text);
}

static void print_page(cli *c, const claim_entry *e) {
  cli_print(c, "%s\n", e->name);
  print_row(c, "meaning", slice_from(e->meaning));
  print_row(c, "type", slice_from(kind_name(e)));
  print_row(c, "format", format_text(c, e));
  print_row(c, "evidence", type_names(c, e));
  print_row(c, "issuer", slice_from(claim_entry_issuer(e)));
  print_row(c, "seen by", slice_from(seen_text(e)));
  if (e->deprecated_for)
    print_row(c, "deprecated", slice_from(e->deprecated_for));
  if (e->is_multi_valued)
    print_row(c, "number", SLICE("there may be several"));
  if (e->is_read_only)
    print_row(c, "read-only", SLICE("a policy cannot issue it"));
  print_row(c, "example", example_text(c, e));
  print_row(c, "source", slice_from(e->source));
}

static void print_pages(cli *c, const char *name, attestation_type type) {
  bool is_first = true;
  for (const claim_entry *e = claim_catalogue; e->name; e++)
    if (is_asked_for(e, name, type)) {
      cli_print(c, "%s", is_first ? "" : "\n");
      print_page(c, e);
      is_first = false;
    }
}

/* --- for programs --------------------------------------------------------- */

static void set_text(object_builder *o, const char *name, const char *text) {
  object_set(o, slice_from(name),
             text ? value_text(slice_from(text)) : value_null());
}

static value types_value(cli *c, const claim_entry *e) {
  array_builder list = array_in(c->arena);
  for (int t = ATTESTATION_TYPE_UNKNOWN + 1; t < ATTESTATION_TYPE_COUNT; t++)
    if (claim_entry_is_of(e, (attestation_type)t))
      array_add(&list, value_text(slice_from(
                           attestation_type_name((attestation_type)t))));
  return array_value(&list);
}

/* As a policy gets it: JSON is its text. */
static value example_value(cli *c, const claim_entry *e) {
  value v = value_text(slice_from(e->example));
  json_error error;
  if (e->kind != VALUE_STRING)
    json_read(c->arena, slice_from(e->example), 0, &v, &error);
  return v;
}

static value entry_value(cli *c, const claim_entry *e) {
  object_builder o = object_in(c->arena);
  set_text(&o, "name", e->name);
  set_text(&o, "type", kind_name(e));
  object_set(&o, SLICE("format"), value_text(format_text(c, e)));
  object_set(&o, SLICE("attestationTypes"), types_value(c, e));
  set_text(&o, "issuer", claim_entry_issuer(e));
  set_text(&o, "deprecatedFor", e->deprecated_for);
  set_text(&o, "meaning", e->meaning);
  object_set(&o, SLICE("example"), example_value(c, e));
  set_text(&o, "source", e->source);
  object_set(&o, SLICE("seenByPolicy"),
             value_boolean(e->seen != CLAIM_SEEN_IN_TOKEN));
  object_set(&o, SLICE("seenInToken"),
             value_boolean(e->seen != CLAIM_SEEN_BY_POLICY));
  object_set(&o, SLICE("singleValued"), value_boolean(!e->is_multi_valued));
  object_set(&o, SLICE("readOnly"), value_boolean(e->is_read_only));
  return object_value(&o);
}

static void print_json(cli *c, const char *name, attestation_type type) {
  array_builder list = array_in(c->arena);
  for (const claim_entry *e = claim_catalogue; e->name; e++)
    if (is_asked_for(e, name, type))
      array_add(&list, entry_value(c, e));
  object_builder o = object_in(c->arena);
  object_set(&o, SLICE("claims"), array_value(&list));
  value report = object_value(&o);
  json_write_pretty(&c->out, &report);
  cli_print(c, "\n");
}

static int unknown_claim(cli *c, const char *name, attestation_type type) {
  const claim_entry *other =
      claim_catalogue_find(slice_from(name), ATTESTATION_TYPE_UNKNOWN);
  if (other)
    return cli_usage(c, "%s has no claim `%s`", attestation_type_name(type),
                     name);
  const char *near = claim_catalogue_near(c->arena, slice_from(name), type);
  if (near)
    return cli_usage(c, "there is no claim `%s`; did you mean %s?", name, near);
  return cli_usage(c, "there is no claim `%s`; maapol claims lists them", name);
}

static int run(cli *c) {
  static const char *const formats[] = {"human", "json", NULL};
  int status, format = cli_choice(c, "format", formats);
  attestation_type type = cli_type(c, &status);
  if (format < 0 || status != CLI_OK)
    return CLI_USAGE;
  if (c->argument_count > 1)
    return cli_usage(c, "one claim at a time");
  const char *name = c->argument_count ? c->arguments[0] : NULL;
  if (name && !claim_catalogue_find(slice_from(name), type))
    return unknown_claim(c, name, type);
  if (format == 1)
    print_json(c, name, type);
  else if (name)
    print_pages(c, name, type);
  else
    print_lines(c, type);
  return CLI_OK;
}

const cli_verb verb_claims = {
    "claims",
    "list the claims that policies and tokens have; explain one",
    "[--type T] [--format human|json] [CLAIM]",
    "maapol claims --type SevSnpVm\n"
    "  maapol claims x-ms-sgx-mrenclave",
    options,
    run,
};
