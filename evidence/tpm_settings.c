/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of synthetic TPM messages by name. */
#include "base/base64.h"
#include "evidence/settings.h"
#include "evidence/tpm_make.h"
#include "sign/digest.h"

static tpm_recipe *recipe_of(const setting *s) { return s->recipe; }

/* One of some names; the index goes into *which. */
static bool choose(const setting *s, const char *const *names, size_t count,
                   const char *wanted, size_t *which) {
  for (*which = 0; *which < count; (*which)++)
    if (slice_is(s->text, names[*which]))
      return true;
  return setting_refuse(s, wanted);
}

#define CHOOSE(s, names, wanted, which)                                        \
  choose((s), (names), sizeof(names) / sizeof *(names), (wanted), (which))

static bool set_version(const setting *s) {
  static const char *const names[] = {"1", "2"};
  size_t which;
  if (!CHOOSE(s, names, "1 or 2 is wanted", &which))
    return false;
  recipe_of(s)->version = (unsigned)which + 1;
  return true;
}

static bool set_form(const setting *s) {
  static const char *const names[] = {"wrapped", "request", "jws", "payload"};
  size_t which;
  if (!CHOOSE(s, names, "wrapped, request, jws or payload is wanted", &which))
    return false;
  recipe_of(s)->form = (tpm_form)which;
  return true;
}

static bool set_ima(const setting *s) {
  return setting_boolean(s, &recipe_of(s)->has_ima);
}

static bool set_enclave(const setting *s) {
  return setting_boolean(s, &recipe_of(s)->is_vbs);
}

static bool set_mask(const setting *s) {
  uint8_t number[3];
  if (!setting_number(s, number, sizeof number))
    return false;
  recipe_of(s)->pcr_mask =
      (uint32_t)little_endian((bytes){number, sizeof number});
  return true;
}

static bool set_bank(const setting *s) {
  static const char *const names[] = {"sha256", "sha1", "both"};
  size_t which;
  if (!CHOOSE(s, names, "sha256, sha1 or both is wanted", &which))
    return false;
  recipe_of(s)->has_sha256 = which != 1;
  recipe_of(s)->has_sha1 = which != 0;
  return true;
}

static bool set_bytes(const setting *s, bytes *to) {
  if (hex_decode(s->arena, s->text, to) && to->length > 0 &&
      to->length <= DIGEST_BYTES_MAX)
    return true;
  return setting_refuse(s, "1 to 64 bytes in hex are wanted");
}

static bool set_challenge(const setting *s) {
  return set_bytes(s, &recipe_of(s)->challenge);
}

static bool set_quoted_challenge(const setting *s) {
  return set_bytes(s, &recipe_of(s)->quoted_challenge);
}

static bool set_relying_party(const setting *s) {
  recipe_of(s)->relying_party = s->text;
  return true;
}

static bool set_service_context(const setting *s) {
  recipe_of(s)->service_context = s->text;
  return true;
}

static bool set_rp_data(const setting *s) {
  buffer text = buffer_in(s->arena);
  base64url_encode(&text, bytes_from_slice(s->text));
  recipe_of(s)->rp_data = buffer_slice(&text);
  return true;
}

static bool set_scheme(const setting *s) {
  static const char *const names[] = {"RSASSA", "RSAPSS", "ECDSA"};
  static const jws_algorithm schemes[] = {JWS_RS256, JWS_PS256, JWS_ES256};
  size_t which;
  if (!CHOOSE(s, names, "RSASSA, RSAPSS or ECDSA is wanted", &which))
    return false;
  recipe_of(s)->scheme = schemes[which];
  return true;
}

static bool set_certificate(const setting *s) {
  static const char *const names[] = {"valid", "none", "self-signed",
                                      "other-key", "other-usage"};
  size_t which;
  if (!CHOOSE(s, names,
              "valid, none, self-signed, other-key or other-usage is wanted",
              &which))
    return false;
  recipe_of(s)->certificate = (tpm_certificate)which;
  return true;
}

static bool set_binding(const setting *s) {
  static const char *const names[] = {"none", "quote", "certify"};
  size_t which;
  if (!CHOOSE(s, names, "quote, certify or none is wanted", &which))
    return false;
  recipe_of(s)->binding = (tpm_key_binding)which;
  return true;
}

static bool set_other_key(const setting *s) {
  return setting_boolean(s, &recipe_of(s)->has_other_key);
}

static bool set_boot(const setting *s) {
  return setting_boolean(s, &recipe_of(s)->has_boot);
}

static bool set_source(const setting *s) {
  static const char *const names[] = {"program", "swtpm"};
  size_t which;
  if (!CHOOSE(s, names, "program or swtpm is wanted", &which))
    return false;
  recipe_of(s)->from_swtpm = which == 1;
  return true;
}

/* NAME:TYPE:VALUE */
static bool set_custom_claim(const setting *s) {
  const char *end = s->text.data + s->text.length;
  const char *first = memchr(s->text.data, ':', s->text.length);
  const char *second =
      first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
  if (!second)
    return setting_refuse(s, "NAME:TYPE:VALUE is wanted");
  object_builder claim = object_in(s->arena);
  object_set(&claim, SLICE("name"),
             value_text(slice_between(s->text.data, first)));
  object_set(&claim, SLICE("value_type"),
             value_text(slice_between(first + 1, second)));
  object_set(&claim, SLICE("value"),
             value_text(slice_between(second + 1, end)));
  array_add(&recipe_of(s)->custom_claims, object_value(&claim));
  return true;
}

static const setting_rule special_fields[] = {
    {"version", set_version},       {"form", set_form},
    {"enclave", set_enclave},       {"ima", set_ima},
    {"pcr-mask", set_mask},         {"bank", set_bank},
    {"challenge", set_challenge},   {"quoted-challenge", set_quoted_challenge},
    {"rp-id", set_relying_party},   {"rp-data", set_rp_data},
    {"aik-scheme", set_scheme},     {"aik-certificate", set_certificate},
    {"key-binding", set_binding},   {"other-key", set_other_key},
    {"boot-attestation", set_boot}, {"custom-claim", set_custom_claim},
    {"source", set_source},         {"service-context", set_service_context},
};

enum { SPECIAL_COUNT = sizeof special_fields / sizeof *special_fields };

/* What the report is about; the rest follows from it. */
static bool is_settable(const field_row *row) {
  return row != &vbs_fields[VBS_REPORT_SIZE] &&
         row != &vbs_fields[VBS_ENCLAVE_DATA];
}

static void set_hash(tpm_recipe *recipe, vbs_field field, const char *text) {
  uint8_t hash[DIGEST_BYTES_MAX] = {0};
  (void)digest(DIGEST_SHA256, bytes_from_slice(slice_from(text)), hash);
  memcpy(recipe->statement + vbs_fields[field].offset, hash,
         vbs_fields[field].size);
}

void tpm_recipe_start(arena *a, tpm_recipe *recipe) {
  static const char *const settings[] = {
      "version=2",
      "pcr-mask=0xffffff",
      "bank=sha256",
      "aik-scheme=RSASSA",
      "key-binding=quote",
      "rp-id=https://relying-party.invalid",
      "service-context=bWFhcG9sIHRlc3QgY29udGV4dA",
      "challenge=6d6161706f6c2074657374206e6f6e63",
      "report-version=1",
      "enclave-type=16",
      "enclave-svn=1",
      "platform-svn=1",
      "secure-kernel-svn=1"};
  evidence_error error;
  *recipe =
      (tpm_recipe){.plan = event_plan_start(), .custom_claims = array_in(a)};
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
    (void)tpm_recipe_set(a, recipe, slice_from(settings[i]), &error);
  set_hash(recipe, VBS_OWNER_ID, "maapol test enclave owner");
  set_hash(recipe, VBS_UNIQUE_ID, "maapol test enclave");
  set_hash(recipe, VBS_AUTHOR_ID, "maapol test enclave author");
  set_hash(recipe, VBS_FAMILY_ID, "maapol test enclave family");
  set_hash(recipe, VBS_IMAGE_ID, "maapol test enclave image");
}

static bool set_other(const setting *s, bool *found) {
  tpm_recipe *recipe = recipe_of(s);
  bool good = event_plan_set(&recipe->plan, s, found);
  if (*found)
    return good;
  const field_row *row = setting_row(vbs_fields, VBS_FIELD_COUNT, s->name);
  *found = row && is_settable(row);
  return *found && setting_field(s, recipe->statement, row);
}

bool tpm_recipe_set(arena *a, tpm_recipe *recipe, slice text,
                    evidence_error *error) {
  static const setting_table table = {special_fields, SPECIAL_COUNT,
                                      set_other, tpm_make_fields};
  return setting_apply(a, &table, recipe, text, error);
}

static size_t plan_count(void) {
  size_t count = 0;
  while (event_plan_fields[count])
    count++;
  return count;
}

const char *const *tpm_make_fields(arena *a) {
  size_t count = 0;
  const char **names = ARENA_ARRAY(
      a, SPECIAL_COUNT + plan_count() + VBS_FIELD_COUNT + 1, const char *);
  for (size_t i = 0; i < SPECIAL_COUNT; i++)
    names[count++] = special_fields[i].name;
  for (size_t i = 0; event_plan_fields[i]; i++)
    names[count++] = event_plan_fields[i];
  for (size_t i = 0; i < VBS_FIELD_COUNT; i++)
    if (is_settable(&vbs_fields[i]))
      names[count++] = vbs_fields[i].name;
  names[count] = NULL;
  return names;
}
