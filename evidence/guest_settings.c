/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of synthetic evidence of an Azure VM by name. */
#include "base/base64.h"
#include "evidence/guest_make.h"
#include "evidence/settings.h"

void guest_recipe_start(arena *a, guest_recipe *recipe) {
  *recipe =
      (guest_recipe){.isolation = GUEST_SEV_SNP,
                     .protocol = SLICE("2.0"),
                     .os_type = SLICE("Linux"),
                     .os_distro = SLICE("Ubuntu"),
                     .os_build = SLICE("NotApplication"),
                     .os_major = 22,
                     .os_minor = 4,
                     .vm_id = SLICE("00000000-0000-4000-8000-000000000001"),
                     .payload = object_in(a),
                     .scheme = TPM_ALG_RSASSA,
                     .boot = {.secure_boot = true,
                              .db_validated = true,
                              .default_keys_validated = true,
                              .dbx_validated = true}};
}

static guest_recipe *recipe_of(const setting *s) { return s->recipe; }

/* --- special values ------------------------------------------------------- */

/* The index of the text among names, or count. */
static size_t find_name(slice text, const char *const *names, size_t count) {
  size_t i = 0;
  while (i < count && !slice_is(text, names[i]))
    i++;
  return i;
}

static bool set_isolation(const setting *s) {
  static const char *const names[] = {[GUEST_TRUSTED_LAUNCH] = "TrustedLaunch",
                                      [GUEST_SEV_SNP] = "SevSnp",
                                      [GUEST_TDX] = "Tdx"};
  size_t i = find_name(s->text, names, 3);
  recipe_of(s)->isolation = (guest_isolation)i;
  return i < 3 || setting_refuse(s, "TrustedLaunch, SevSnp or Tdx is wanted");
}

/* With what the client says of such a system. */
static bool set_os_type(const setting *s) {
  guest_recipe *recipe = recipe_of(s);
  recipe->os_type = s->text;
  if (slice_is(s->text, "Windows")) {
    recipe->os_distro = SLICE("Microsoft");
    recipe->os_build = SLICE("NotApplicable");
    recipe->os_major = 10;
    recipe->os_minor = 0;
    return true;
  }
  return slice_is(s->text, "Linux") ||
         setting_refuse(s, "Linux or Windows is wanted");
}

static bool set_protocol(const setting *s) {
  recipe_of(s)->protocol = s->text;
  return slice_is(s->text, "1.0") || slice_is(s->text, "2.0") ||
         setting_refuse(s, "1.0 or 2.0 is wanted");
}

static bool set_scheme(const setting *s) {
  bool is_pss = slice_is(s->text, "RSAPSS");
  recipe_of(s)->scheme = is_pss ? TPM_ALG_RSAPSS : TPM_ALG_RSASSA;
  return is_pss || slice_is(s->text, "RSASSA") ||
         setting_refuse(s, "RSASSA or RSAPSS is wanted");
}

static bool set_lie(const setting *s) {
  static const char *const names[GUEST_LIE_COUNT] = {
      [GUEST_HONEST] = "none",
      [GUEST_LIE_KEY] = "key",
      [GUEST_LIE_RUNTIME] = "runtime-data",
      [GUEST_LIE_PCR] = "pcr",
      [GUEST_LIE_LOG] = "log",
      [GUEST_LIE_SEALING] = "encryption-key"};
  size_t i = find_name(s->text, names, GUEST_LIE_COUNT);
  recipe_of(s)->lie = (guest_lie)i;
  return i < GUEST_LIE_COUNT ||
         setting_refuse(
             s,
             "none, key, runtime-data, pcr, log or encryption-key is wanted");
}

static bool set_pcrs(const setting *s) {
  static const char wanted[] = "PCRs are wanted, as 0,1,7";
  uint32_t mask = 0, number = 0;
  bool has_digit = false;
  for (size_t i = 0; i <= s->text.length; i++) {
    char c = i < s->text.length ? s->text.data[i] : ',';
    if (c >= '0' && c <= '9' && number < TCG_PCR_COUNT) {
      number = 10 * number + (uint32_t)(c - '0');
      has_digit = true;
      continue;
    }
    if (c != ',' || !has_digit || number >= TCG_PCR_COUNT)
      return setting_refuse(s, wanted);
    mask |= (uint32_t)1 << number;
    number = 0;
    has_digit = false;
  }
  recipe_of(s)->pcr_set = mask;
  return true;
}

static bool set_integer(const setting *s, int64_t *to) {
  uint8_t number[4];
  if (!setting_number(s, number, sizeof number))
    return false;
  *to = (int64_t)little_endian((bytes){number, sizeof number});
  return true;
}

static bool set_major(const setting *s) {
  return set_integer(s, &recipe_of(s)->os_major);
}

static bool set_minor(const setting *s) {
  return set_integer(s, &recipe_of(s)->os_minor);
}

static bool set_hvci(const setting *s) {
  return set_integer(s, &recipe_of(s)->boot.hvci_policy);
}

static bool set_distro(const setting *s) {
  recipe_of(s)->os_distro = s->text;
  return true;
}

static bool set_build(const setting *s) {
  recipe_of(s)->os_build = s->text;
  return true;
}

static bool set_vm_id(const setting *s) {
  recipe_of(s)->vm_id = s->text;
  return true;
}

static bool set_payload(const setting *s, slice name) {
  buffer text = buffer_in(s->arena);
  base64_encode(&text, bytes_from_slice(s->text));
  object_set(&recipe_of(s)->payload, name, value_text(buffer_slice(&text)));
  return true;
}

static bool set_nonce(const setting *s) {
  return set_payload(s, SLICE("nonce"));
}

static const setting_rule special_fields[] = {
    {"isolation", set_isolation},
    {"protocol-version", set_protocol},
    {"os-type", set_os_type},
    {"os-distro", set_distro},
    {"os-build", set_build},
    {"os-version-major", set_major},
    {"os-version-minor", set_minor},
    {"vm-id", set_vm_id},
    {"nonce", set_nonce},
    {"pcrs", set_pcrs},
    {"hvci-policy", set_hvci},
    {"signature-scheme", set_scheme},
    {"lie", set_lie},
};

enum { SPECIAL_COUNT = sizeof special_fields / sizeof *special_fields };

/* --- flags of the boot ---------------------------------------------------- */

static const struct {
  const char *name;
  size_t offset; /* of a bool in guest_boot */
} flags[] = {
    {"secure-boot", offsetof(guest_boot, secure_boot)},
    {"db-validated", offsetof(guest_boot, db_validated)},
    {"dbx-validated", offsetof(guest_boot, dbx_validated)},
    {"default-keys", offsetof(guest_boot, default_keys_validated)},
    {"boot-debug", offsetof(guest_boot, boot_debug)},
    {"kernel-debug", offsetof(guest_boot, kernel_debug)},
    {"hypervisor-debug", offsetof(guest_boot, hypervisor_debug)},
    {"test-signing", offsetof(guest_boot, test_signing)},
    {"flight-signing", offsetof(guest_boot, flight_signing)},
    {"elam", offsetof(guest_boot, elam)},
};

enum { FLAG_COUNT = sizeof flags / sizeof *flags };

static bool set_flag(const setting *s, size_t which) {
  bool *at = (bool *)((char *)&recipe_of(s)->boot + flags[which].offset);
  return setting_boolean(s, at);
}

/* --- by name -------------------------------------------------------------- */

/* "hardware.FIELD" is FIELD of the SNP report or TD quote. */
static bool set_hardware(const setting *s, slice setting_text) {
  guest_recipe *recipe = recipe_of(s);
  if (recipe->hardware_count == GUEST_HARDWARE_SETTINGS_MAX)
    return setting_refuse(s, "no more fields of the hardware can be set");
  recipe->hardware[recipe->hardware_count++] = setting_text;
  return true;
}

static slice behind(slice text, const char *prefix) {
  size_t length = strlen(prefix);
  return (slice){text.data + length, text.length - length};
}

static bool set_other(const setting *s, bool *found) {
  *found = true;
  for (size_t i = 0; i < FLAG_COUNT; i++)
    if (slice_is(s->name, flags[i].name))
      return set_flag(s, i);
  if (slice_starts_with(s->name, "payload."))
    return set_payload(s, behind(s->name, "payload."));
  slice all = slice_between(s->name.data, s->text.data + s->text.length);
  if (slice_starts_with(s->name, "hardware."))
    return set_hardware(s, behind(all, "hardware."));
  *found = false;
  return false;
}

bool guest_recipe_set(arena *a, guest_recipe *recipe, slice text,
                      evidence_error *error) {
  static const setting_table table = {special_fields, SPECIAL_COUNT,
                                      set_other, guest_make_fields};
  return setting_apply(a, &table, recipe, text, error);
}

const char *const *guest_make_fields(arena *a) {
  static const char *const more[] = {"payload.NAME", "hardware.FIELD"};
  size_t count = 0;
  const char **names =
      ARENA_ARRAY(a, SPECIAL_COUNT + FLAG_COUNT + 3, const char *);
  for (size_t i = 0; i < SPECIAL_COUNT; i++)
    names[count++] = special_fields[i].name;
  for (size_t i = 0; i < FLAG_COUNT; i++)
    names[count++] = flags[i].name;
  for (size_t i = 0; i < 2; i++)
    names[count++] = more[i];
  names[count] = NULL;
  return names;
}
