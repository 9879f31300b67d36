/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of synthetic TDX quotes by name. */
#include "evidence/settings.h"
#include "evidence/tdx_make.h"

static tdx_recipe *recipe_of(const setting *s) { return s->recipe; }

/* --- what quotes of SGX have too ------------------------------------------ */

static bool set_common(const setting *s) {
  buffer text = buffer_in(s->arena);
  buffer_printf(&text, "%.*s=%.*s", SLICE_ARGS(s->name), SLICE_ARGS(s->text));
  return sgx_recipe_set(s->arena, &recipe_of(s)->common, buffer_slice(&text),
                        s->error);
}

static bool set_bound_data(const setting *s, evidence_data *data,
                           tdx_field field) {
  const field_row *row = &tdx_fields[field];
  return setting_bound_data(s, data, recipe_of(s)->body + row->offset,
                            row->size);
}

static bool set_runtime_data(const setting *s) {
  return set_bound_data(s, &recipe_of(s)->common.runtime_data,
                        TDX_REPORT_DATA);
}

static bool set_init_data(const setting *s) {
  return set_bound_data(s, &recipe_of(s)->common.init_data, TDX_MRCONFIGID);
}

static bool set_module_status(const setting *s) {
  collateral_recipe *c = &recipe_of(s)->common.collateral;
  return collateral_set_status(s, c, &c->module_status);
}

/* --- attributes ----------------------------------------------------------- */

static bool set_bit(const setting *s, unsigned bit) {
  return setting_bit(
      s, recipe_of(s)->body + tdx_fields[TDX_TD_ATTRIBUTES].offset, bit);
}

static bool set_debug(const setting *s) { return set_bit(s, TDX_BIT_DEBUG); }

static bool set_septve_disable(const setting *s) {
  return set_bit(s, TDX_BIT_SEPT_VE_DISABLE);
}

static bool set_protection_keys(const setting *s) {
  return set_bit(s, TDX_BIT_PROTECTION_KEYS);
}

static bool set_key_locker(const setting *s) {
  return set_bit(s, TDX_BIT_KEY_LOCKER);
}

static bool set_perfmon(const setting *s) {
  return set_bit(s, TDX_BIT_PERFMON);
}

/* --- form ----------------------------------------------------------------- */

static bool set_version(const setting *s) {
  uint8_t *to = recipe_of(s)->header + tdx_header_fields[TDX_VERSION].offset;
  bool is_5 = slice_is(s->text, "5");
  if (!is_5 && !slice_is(s->text, "4"))
    return setting_refuse(s, "4 or 5 is wanted");
  little_endian_write(to, 2, is_5 ? 5 : 4);
  return true;
}

static void make_15(const setting *s) {
  recipe_of(s)->is_15 = true;
  little_endian_write(
      recipe_of(s)->header + tdx_header_fields[TDX_VERSION].offset, 2, 5);
}

static bool set_body(const setting *s) {
  if (slice_is(s->text, "1.5"))
    make_15(s);
  else if (slice_is(s->text, "1.0"))
    recipe_of(s)->is_15 = false;
  else
    return setting_refuse(s, "1.0 or 1.5 is wanted");
  return true;
}

static bool set_form(const setting *s) {
  recipe_of(s)->is_hcl = slice_is(s->text, "hcl");
  return recipe_of(s)->is_hcl || slice_is(s->text, "quote") ||
         setting_refuse(s, "quote or hcl is wanted");
}

static bool set_trailing(const setting *s) {
  uint8_t number[2];
  if (!setting_number(s, number, sizeof number))
    return false;
  recipe_of(s)->trailing = (size_t)little_endian((bytes){number, 2});
  return recipe_of(s)->trailing <= TDX_TRAILING_MAX ||
         setting_refuse(s, "up to 4096 bytes are wanted");
}

/* --- by name -------------------------------------------------------------- */

/* Fields that are not one place of header or body. The others have the names
 * of their tables; those of the quoting enclave begin with "qe-". */
static const setting_rule special_fields[] = {
    {"debug", set_debug},
    {"septve-disable", set_septve_disable},
    {"protection-keys", set_protection_keys},
    {"key-locker", set_key_locker},
    {"perfmon", set_perfmon},
    {"version", set_version},
    {"body", set_body},
    {"form", set_form},
    {"trailing", set_trailing},
    {"runtime-data", set_runtime_data},
    {"runtime-type", set_common},
    {"init-data", set_init_data},
    {"auth-data", set_common},
    {"fmspc", set_common},
    {"pce-id", set_common},
    {"ppid", set_common},
    {"sgx-type", set_common},
    {"tcb-components", set_common},
    {"pck-cpusvn", set_common},
    {"pck-pce-svn", set_common},
    {"tcb-status", set_common},
    {"module-status", set_module_status},
    {"tcb-evaluation-number", set_common},
    {"collateral-issued", set_common},
    {"collateral-until", set_common},
    {"revoked", set_common},
};

enum { SPECIAL_COUNT = sizeof special_fields / sizeof *special_fields };

static bool is_qe_name(const char *name) {
  return slice_starts_with(slice_from(name), "qe-");
}

static bool set_in_structures(const setting *s, bool *found) {
  *found = true;
  const field_row *row = setting_row(tdx_fields, TDX_FIELD_COUNT, s->name);
  if (row && row >= &tdx_fields[TDX_FIELD_COUNT_10])
    make_15(s);
  if (row)
    return setting_field(s, recipe_of(s)->body, row);
  row = setting_row(tdx_header_fields, TDX_HEADER_FIELD_COUNT, s->name);
  if (row)
    return setting_field(s, recipe_of(s)->header, row);
  for (const char *const *n = sgx_make_fields(s->arena); *n; n++)
    if (is_qe_name(*n) && slice_is(s->name, *n))
      return set_common(s);
  *found = false;
  return false;
}

bool tdx_recipe_set(arena *a, tdx_recipe *recipe, slice text,
                    evidence_error *error) {
  static const setting_table table = {special_fields, SPECIAL_COUNT,
                                      set_in_structures, tdx_make_fields};
  return setting_apply(a, &table, recipe, text, error);
}

const char *const *tdx_make_fields(arena *a) {
  const char *const *common = sgx_make_fields(a);
  size_t count = 0, common_count = 0;
  while (common[common_count])
    common_count++;
  const char **names = ARENA_ARRAY(a,
                                   TDX_FIELD_COUNT + SPECIAL_COUNT +
                                       TDX_HEADER_FIELD_COUNT + common_count +
                                       1,
                                   const char *);
  for (size_t i = 0; i < TDX_FIELD_COUNT; i++)
    names[count++] = tdx_fields[i].name;
  for (size_t i = 0; i < SPECIAL_COUNT; i++)
    names[count++] = special_fields[i].name;
  for (size_t i = TDX_KEY_TYPE; i < TDX_HEADER_FIELD_COUNT; i++)
    if (tdx_header_fields[i].format != FIELD_RESERVED)
      names[count++] = tdx_header_fields[i].name;
  for (size_t i = 0; i < common_count; i++)
    if (is_qe_name(common[i]))
      names[count++] = common[i];
  names[count] = NULL;
  return names;
}
