/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of synthetic quotes by name. */
#include "base/base64.h"
#include "evidence/settings.h"
#include "evidence/sgx_make.h"

static sgx_recipe *recipe_of(const setting *s) { return s->recipe; }

static void set_flag(uint8_t *report, uint64_t flag, bool on) {
  const field_row *field = &sgx_report_fields[SGX_ATTRIBUTES];
  uint64_t flags = field_number((bytes){report, SGX_REPORT_BYTES}, field);
  little_endian_write(report + field->offset, field->size,
                      on ? flags | flag : flags & ~flag);
}

static bool set_debug(const setting *s) {
  bool on;
  if (!setting_boolean(s, &on))
    return false;
  set_flag(recipe_of(s)->report, SGX_FLAG_DEBUG, on);
  return true;
}

static bool set_kss(const setting *s) {
  bool on;
  if (!setting_boolean(s, &on))
    return false;
  set_flag(recipe_of(s)->report, SGX_FLAG_KSS, on);
  return true;
}

/* A field that only an enclave with KSS has makes it one. */
static bool set_kss_field(const setting *s, sgx_report_field field) {
  set_flag(recipe_of(s)->report, SGX_FLAG_KSS, true);
  return setting_field(s, recipe_of(s)->report, &sgx_report_fields[field]);
}

static bool set_config_id(const setting *s) {
  return set_kss_field(s, SGX_CONFIG_ID);
}

static bool set_config_svn(const setting *s) {
  return set_kss_field(s, SGX_CONFIG_SVN);
}

static bool set_family_id(const setting *s) {
  return set_kss_field(s, SGX_ISV_FAMILY_ID);
}

static bool set_extended_product_id(const setting *s) {
  return set_kss_field(s, SGX_ISV_EXTENDED_PRODUCT_ID);
}

/* The platform's: in both reports, and what its certificate says. */
static bool set_cpu_svn(const setting *s) {
  uint8_t svn[SGX_CPU_SVN_BYTES];
  if (!setting_hex(s, svn, sizeof svn))
    return false;
  memcpy(recipe_of(s)->report, svn, sizeof svn);
  memcpy(recipe_of(s)->qe_report, svn, sizeof svn);
  memcpy(recipe_of(s)->platform.cpu_svn, svn, sizeof svn);
  memcpy(recipe_of(s)->platform.components, svn, sizeof svn);
  return true;
}

/* The header repeats what the QE's own report says. */
static bool set_qe_svn(const setting *s) {
  return setting_field(s, recipe_of(s)->header,
                       &sgx_header_fields[SGX_QE_SVN]) &&
         setting_field(s, recipe_of(s)->qe_report, &sgx_report_fields[SGX_SVN]);
}

static bool set_pck_pce_svn(const setting *s) {
  uint8_t svn[2];
  if (!setting_number(s, svn, sizeof svn))
    return false;
  recipe_of(s)->platform.pce_svn =
      (uint16_t)little_endian((bytes){svn, sizeof svn});
  return true;
}

static bool set_pce_svn(const setting *s) {
  return setting_field(s, recipe_of(s)->header,
                       &sgx_header_fields[SGX_PCE_SVN]) &&
         set_pck_pce_svn(s);
}

static bool set_components(const setting *s) {
  return setting_hex(s, recipe_of(s)->platform.components, PCK_COMPONENTS);
}

static bool set_pck_cpu_svn(const setting *s) {
  return setting_hex(s, recipe_of(s)->platform.cpu_svn, SGX_CPU_SVN_BYTES);
}

static bool set_fmspc(const setting *s) {
  return setting_hex(s, recipe_of(s)->platform.fmspc,
                     sizeof recipe_of(s)->platform.fmspc);
}

static bool set_pce_id(const setting *s) {
  return setting_hex(s, recipe_of(s)->platform.pce_id,
                     sizeof recipe_of(s)->platform.pce_id);
}

static bool set_ppid(const setting *s) {
  return setting_hex(s, recipe_of(s)->platform.ppid,
                     sizeof recipe_of(s)->platform.ppid);
}

static bool set_sgx_type(const setting *s) {
  return setting_number(s, &recipe_of(s)->platform.sgx_type, 1);
}

static bool set_auth_data(const setting *s) {
  bytes data;
  if (!hex_decode(s->arena, s->text, &data) || data.length > SGX_AUTH_DATA_MAX)
    return setting_refuse(s, "up to 1024 bytes in hex are wanted");
  memcpy(recipe_of(s)->auth_data, data.data, data.length);
  recipe_of(s)->auth_data_length = data.length;
  return true;
}

static uint8_t *place_of(const setting *s, sgx_report_field field) {
  return recipe_of(s)->report + sgx_report_fields[field].offset;
}

static bool set_runtime_data(const setting *s) {
  return setting_bound_data(s, &recipe_of(s)->runtime_data,
                            place_of(s, SGX_REPORT_DATA),
                            sgx_report_fields[SGX_REPORT_DATA].size);
}

static bool set_init_data(const setting *s) {
  set_flag(recipe_of(s)->report, SGX_FLAG_KSS, true);
  return setting_bound_data(s, &recipe_of(s)->init_data,
                            place_of(s, SGX_CONFIG_ID),
                            sgx_report_fields[SGX_CONFIG_ID].size);
}

static bool set_custom_claims(const setting *s) {
  return setting_bound_data(s, &recipe_of(s)->custom_claims,
                            place_of(s, SGX_REPORT_DATA),
                            sgx_report_fields[SGX_REPORT_DATA].size);
}

static bool set_runtime_type(const setting *s) {
  return setting_data_type(s, &recipe_of(s)->runtime_data);
}

/* --- collateral ----------------------------------------------------------- */

static bool set_tcb_status(const setting *s) {
  collateral_recipe *c = &recipe_of(s)->collateral;
  return collateral_set_status(s, c, &c->tcb_status);
}

static bool set_qe_status(const setting *s) {
  collateral_recipe *c = &recipe_of(s)->collateral;
  return collateral_set_status(s, c, &c->qe_status);
}

static bool set_evaluation_number(const setting *s) {
  return collateral_set_number(s, &recipe_of(s)->collateral);
}

static bool set_collateral_issued(const setting *s) {
  collateral_recipe *c = &recipe_of(s)->collateral;
  return collateral_set_date(s, c, &c->issued);
}

static bool set_collateral_until(const setting *s) {
  collateral_recipe *c = &recipe_of(s)->collateral;
  return collateral_set_date(s, c, &c->until);
}

static bool set_revoked(const setting *s) {
  return collateral_set_revoked(s, &recipe_of(s)->collateral,
                                collateral_revocable_intel);
}

/* --- by name -------------------------------------------------------------- */

/* Fields that are more than one place in one structure. The other fields of
 * the header, the report and (behind "qe-") the QE's report have the names of
 * their tables. */
static const setting_rule special_fields[] = {
    {"debug", set_debug},
    {"kss", set_kss},
    {"config-id", set_config_id},
    {"config-svn", set_config_svn},
    {"isv-family-id", set_family_id},
    {"isv-extended-product-id", set_extended_product_id},
    {"cpusvn", set_cpu_svn},
    {"qe-svn", set_qe_svn},
    {"pce-svn", set_pce_svn},
    {"runtime-data", set_runtime_data},
    {"runtime-type", set_runtime_type},
    {"init-data", set_init_data},
    {"custom-claims", set_custom_claims},
    {"auth-data", set_auth_data},
    {"fmspc", set_fmspc},
    {"pce-id", set_pce_id},
    {"ppid", set_ppid},
    {"sgx-type", set_sgx_type},
    {"tcb-components", set_components},
    {"pck-cpusvn", set_pck_cpu_svn},
    {"pck-pce-svn", set_pck_pce_svn},
    {"tcb-status", set_tcb_status},
    {"qe-status", set_qe_status},
    {"tcb-evaluation-number", set_evaluation_number},
    {"collateral-issued", set_collateral_issued},
    {"collateral-until", set_collateral_until},
    {"revoked", set_revoked},
};

enum { SPECIAL_COUNT = sizeof special_fields / sizeof *special_fields };

#define QE_PREFIX "qe-"

static bool set_in_structures(const setting *s, bool *found) {
  const field_row *row;
  *found = true;
  row = setting_row(sgx_report_fields, SGX_REPORT_FIELD_COUNT, s->name);
  if (row)
    return setting_field(s, recipe_of(s)->report, row);
  row = setting_row(sgx_header_fields, SGX_HEADER_FIELD_COUNT, s->name);
  if (row)
    return setting_field(s, recipe_of(s)->header, row);
  if (slice_starts_with(s->name, QE_PREFIX)) {
    slice inner = {s->name.data + strlen(QE_PREFIX),
                   s->name.length - strlen(QE_PREFIX)};
    row = setting_row(sgx_report_fields, SGX_REPORT_FIELD_COUNT, inner);
    /* The QE's report data is what the signature needs. */
    if (row && row != &sgx_report_fields[SGX_REPORT_DATA])
      return setting_field(s, recipe_of(s)->qe_report, row);
  }
  *found = false;
  return false;
}

bool sgx_recipe_set(arena *a, sgx_recipe *recipe, slice text,
                    evidence_error *error) {
  static const setting_table table = {special_fields, SPECIAL_COUNT,
                                      set_in_structures, sgx_make_fields};
  return setting_apply(a, &table, recipe, text, error);
}

static void add_name(const char **names, size_t *count, const char *name) {
  for (size_t i = 0; i < *count; i++)
    if (strcmp(names[i], name) == 0)
      return;
  names[(*count)++] = name;
}

static const char *qe_name(arena *a, const char *name) {
  buffer text = buffer_in(a);
  buffer_printf(&text, QE_PREFIX "%s", name);
  return buffer_slice(&text).data;
}

const char *const *sgx_make_fields(arena *a) {
  size_t count = 0;
  const char **names = ARENA_ARRAY(a,
                                   SPECIAL_COUNT + SGX_HEADER_FIELD_COUNT +
                                       2 * SGX_REPORT_FIELD_COUNT + 1,
                                   const char *);
  for (size_t i = 0; i < SGX_REPORT_FIELD_COUNT; i++)
    if (sgx_report_fields[i].format != FIELD_RESERVED)
      add_name(names, &count, sgx_report_fields[i].name);
  for (size_t i = 0; i < SPECIAL_COUNT; i++)
    add_name(names, &count, special_fields[i].name);
  for (size_t i = 0; i < SGX_HEADER_FIELD_COUNT; i++)
    add_name(names, &count, sgx_header_fields[i].name);
  for (size_t i = 0; i < SGX_REPORT_DATA; i++)
    if (sgx_report_fields[i].format != FIELD_RESERVED)
      add_name(names, &count, qe_name(a, sgx_report_fields[i].name));
  names[count] = NULL;
  return names;
}
