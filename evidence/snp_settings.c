/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of synthetic SNP reports by name. */
#include "evidence/settings.h"
#include "evidence/snp_make.h"

static snp_recipe *recipe_of(const setting *s) { return s->recipe; }

static bytes report_of(const setting *s) {
  return (bytes){recipe_of(s)->report, SNP_REPORT_BYTES};
}

static uint8_t *place_of(const setting *s, snp_field field) {
  return recipe_of(s)->report + snp_fields[field].offset;
}

/* The whole POLICY, of which the table has parts. */
static bool set_policy(const setting *s) {
  return setting_number(s, place_of(s, SNP_ABI_MINOR), 8);
}

static bool set_policy_bit(const setting *s, unsigned bit) {
  return setting_bit(s, place_of(s, SNP_POLICY_FLAGS), bit);
}

static bool set_debug(const setting *s) {
  return set_policy_bit(s, SNP_POLICY_DEBUG);
}

static bool set_migration(const setting *s) {
  return set_policy_bit(s, SNP_POLICY_MIGRATION);
}

static bool set_smt(const setting *s) {
  return set_policy_bit(s, SNP_POLICY_SMT);
}

/* In every TCB, at the place that the processor's family has for it. */
static bool set_component(const setting *s, snp_component which) {
  static const snp_field tcbs[] = {SNP_REPORTED_TCB, SNP_CURRENT_TCB,
                                   SNP_COMMITTED_TCB, SNP_LAUNCH_TCB};
  int place = snp_components[which].place[snp_is_turin(report_of(s)) ? 1 : 0];
  uint8_t version;
  if (place < 0)
    return setting_refuse(s, "only a processor from cpu-family 26 on has it");
  if (!setting_number(s, &version, 1))
    return false;
  for (size_t i = 0; i < sizeof tcbs / sizeof *tcbs; i++)
    place_of(s, tcbs[i])[place] = version;
  return true;
}

static bool set_bootloader(const setting *s) {
  return set_component(s, SNP_BOOTLOADER);
}

static bool set_tee(const setting *s) { return set_component(s, SNP_TEE); }

static bool set_firmware(const setting *s) {
  return set_component(s, SNP_FIRMWARE);
}

static bool set_microcode(const setting *s) {
  return set_component(s, SNP_MICROCODE);
}

static bool set_fmc(const setting *s) { return set_component(s, SNP_FMC); }

static bool set_certified_tcb(const setting *s) {
  recipe_of(s)->omits_tcb = slice_is(s->text, "none");
  if (recipe_of(s)->omits_tcb)
    return true;
  recipe_of(s)->has_certified_tcb = true;
  return setting_hex(s, recipe_of(s)->certified_tcb, 8);
}

static bool set_signing_key(const setting *s) {
  uint8_t *flags = place_of(s, SNP_KEY_FLAGS);
  bool is_vlek = slice_is(s->text, "VLEK");
  if (!is_vlek && !slice_is(s->text, "VCEK"))
    return setting_refuse(s, "VCEK or VLEK is wanted");
  *flags = (uint8_t)((*flags & ~0x1cu) | (is_vlek ? 1u << 2 : 0u));
  return true;
}

static bool set_form(const setting *s) {
  static const char *const names[] = {
      [SNP_FORM_JSON] = "json", [SNP_FORM_RAW] = "raw", [SNP_FORM_HCL] = "hcl"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (slice_is(s->text, names[i])) {
      recipe_of(s)->form = (snp_form)i;
      return true;
    }
  return setting_refuse(s, "json, raw or hcl is wanted");
}

static bool set_runtime_data(const setting *s) {
  return setting_bound_data(s, &recipe_of(s)->runtime_data,
                            place_of(s, SNP_REPORT_DATA),
                            snp_fields[SNP_REPORT_DATA].size);
}

static bool set_runtime_type(const setting *s) {
  return setting_data_type(s, &recipe_of(s)->runtime_data);
}

static bool set_init_data(const setting *s) {
  return setting_bound_data(s, &recipe_of(s)->init_data,
                            place_of(s, SNP_HOST_DATA),
                            snp_fields[SNP_HOST_DATA].size);
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
  static const char *const revocable[] = {"sev-ca", NULL};
  return collateral_set_revoked(s, &recipe_of(s)->collateral, revocable);
}

static bool set_feed(const setting *s) {
  recipe_of(s)->feed = s->text;
  return true;
}

static bool set_uvm_svn(const setting *s) {
  recipe_of(s)->uvm_svn = s->text;
  return true;
}

static bool set_uvm_issuer(const setting *s) {
  recipe_of(s)->uvm_issuer = s->text;
  return true;
}

static bool set_uvm_usage(const setting *s) {
  recipe_of(s)->uvm_usage = s->text;
  return true;
}

static bool set_uvm_measurement(const setting *s) {
  uint8_t *to = arena_alloc(s->arena, snp_fields[SNP_MEASUREMENT].size);
  recipe_of(s)->uvm_measurement = (bytes){to, snp_fields[SNP_MEASUREMENT].size};
  return setting_hex(s, to, snp_fields[SNP_MEASUREMENT].size);
}

static bool set_uvm_time(const setting *s) {
  uint8_t number[7]; /* positive as an int64 */
  if (!setting_number(s, number, sizeof number))
    return false;
  recipe_of(s)->uvm_time =
      (int64_t)little_endian((bytes){number, sizeof number});
  return true;
}

/* Fields that are more than one place of the report, or none. The others have
 * the names of its table. */
static const setting_rule special_fields[] = {
    {"policy", set_policy},
    {"debug", set_debug},
    {"migration", set_migration},
    {"smt", set_smt},
    {"bootloader-svn", set_bootloader},
    {"tee-svn", set_tee},
    {"snpfw-svn", set_firmware},
    {"microcode-svn", set_microcode},
    {"fmc-svn", set_fmc},
    {"certified-tcb", set_certified_tcb},
    {"signing-key", set_signing_key},
    {"form", set_form},
    {"runtime-data", set_runtime_data},
    {"runtime-type", set_runtime_type},
    {"init-data", set_init_data},
    {"uvm-feed", set_feed},
    {"uvm-svn", set_uvm_svn},
    {"uvm-measurement", set_uvm_measurement},
    {"uvm-time", set_uvm_time},
    {"uvm-issuer", set_uvm_issuer},
    {"uvm-usage", set_uvm_usage},
    {"collateral-issued", set_collateral_issued},
    {"collateral-until", set_collateral_until},
    {"revoked", set_revoked},
};

enum { SPECIAL_COUNT = sizeof special_fields / sizeof *special_fields };

/* The signature is what the report needs. */
static bool is_settable(const field_row *row) {
  return row->format != FIELD_RESERVED && row != &snp_fields[SNP_SIGNATURE_R] &&
         row != &snp_fields[SNP_SIGNATURE_S];
}

static bool set_in_report(const setting *s, bool *found) {
  const field_row *row = setting_row(snp_fields, SNP_FIELD_COUNT, s->name);
  *found = row && is_settable(row);
  return *found && setting_field(s, recipe_of(s)->report, row);
}

bool snp_recipe_set(arena *a, snp_recipe *recipe, slice text,
                    evidence_error *error) {
  static const setting_table table = {special_fields, SPECIAL_COUNT,
                                      set_in_report, snp_make_fields};
  return setting_apply(a, &table, recipe, text, error);
}

const char *const *snp_make_fields(arena *a) {
  size_t count = 0;
  const char **names =
      ARENA_ARRAY(a, SPECIAL_COUNT + SNP_FIELD_COUNT + 1, const char *);
  for (size_t i = 0; i < SPECIAL_COUNT; i++)
    names[count++] = special_fields[i].name;
  for (size_t i = 0; i < SNP_FIELD_COUNT; i++)
    if (is_settable(&snp_fields[i]))
      names[count++] = snp_fields[i].name;
  names[count] = NULL;
  return names;
}
