/* SPDX-License-Identifier: Apache-2.0 */
/* Boots of synthetic machines. */
#include "base/text.h"
#include "evidence/event_make.h"
#include "evidence/event_text.h"

/* Tagged values of Windows that are made here (evidence/sipa_events.h). */
enum {
  TAG_TRANSFER_CONTROL = 0x00020003,
  TAG_BITLOCKER_UNLOCK = 0x00020005,
  TAG_BOOT_DEBUGGING = 0x00040001,
  TAG_KERNEL_DEBUG = 0x00050001,
  TAG_CODE_INTEGRITY = 0x00050002,
  TAG_TEST_SIGNING = 0x00050003,
  TAG_DATA_EXECUTION = 0x00050004,
  TAG_SAFE_MODE = 0x00050005,
  TAG_WINPE = 0x00050006,
  TAG_HYPERVISOR_DEBUG = 0x0005000d,
  TAG_DRIVER_LOAD_POLICY = 0x0005000e,
  TAG_FLIGHT_SIGNING = 0x00050021,
  TAG_FILE_PATH = 0x00070001,
  TAG_IMAGE_SIZE = 0x00070002,
  TAG_IMAGE_VALIDATED = 0x0007000a,
  TAG_VSM_REQUIRED = 0x000a0001,
  TAG_IOMMU_REQUIRED = 0x000a0003,
  TAG_MANDATORY = 0x000a0006,
  TAG_HVCI_POLICY = 0x000a0007,
  TAG_TRUST_BOUNDARY = 0x40010001,
  TAG_LOADED_MODULE = 0x40010003
};

/* EFI_GLOBAL_VARIABLE and EFI_IMAGE_SECURITY_DATABASE_GUID. */
static const uint8_t global_guid[] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93,
                                      0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
                                      0x98, 0x03, 0x2b, 0x8c};
static const uint8_t image_guid[] = {0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d,
                                     0x96, 0x45, 0xa3, 0xbc, 0xda, 0xd0,
                                     0x0e, 0x67, 0x65, 0x6f};
/* EFI_CERT_SHA256_GUID. */
static const uint8_t sha256_list_guid[] = {0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50,
                                           0x92, 0x40, 0xac, 0xa9, 0x41, 0xf9,
                                           0x36, 0x93, 0x43, 0x28};

/* --- settings ------------------------------------------------------------- */

/* FLAG(name, member), NUMBER(..), TEXT(..). */
#define PLAN_FIELDS(FLAG, NUMBER, TEXT)                                        \
  FLAG("secure-boot", secure_boot)                                             \
  FLAG("windows", windows)                                                     \
  FLAG("boot-debugging", boot_debugging)                                       \
  FLAG("kernel-debugging", kernel_debugging)                                   \
  FLAG("hypervisor-debugging", hypervisor_debugging)                           \
  FLAG("test-signing", test_signing)                                           \
  FLAG("flight-signing", flight_signing)                                       \
  FLAG("code-integrity", code_integrity)                                       \
  FLAG("safe-mode", safe_mode)                                                 \
  FLAG("winpe", winpe)                                                         \
  FLAG("vbs", vbs)                                                             \
  FLAG("vbs-mandatory", vbs_mandatory)                                         \
  FLAG("iommu", iommu)                                                         \
  NUMBER("hvci", hvci)                                                         \
  NUMBER("bitlocker", bitlocker)                                               \
  FLAG("elam", elam)                                                           \
  TEXT("module", module)                                                       \
  TEXT("command-line", command_line)                                           \
  TEXT("kernel-version", kernel_version)

#define NAME(name, member) name,
const char *const event_plan_fields[] = {
    PLAN_FIELDS(NAME, NAME, NAME) NULL};
#undef NAME

event_plan event_plan_start(void) {
  return (event_plan){.secure_boot = true,
                      .windows = true,
                      .code_integrity = true,
                      .vbs = true,
                      .vbs_mandatory = true,
                      .iommu = true,
                      .hvci = 1,
                      .bitlocker = 4,
                      .elam = true,
                      .command_line = SLICE("/vmlinuz root=/dev/vda1 ro"),
                      .kernel_version = SLICE("6.1.0-18-amd64")};
}

static bool set_text(const setting *s, slice *to) {
  if (utf8_error(s->text) != s->text.length ||
      (s->text.length > 0 && memchr(s->text.data, '\0', s->text.length)))
    return setting_refuse(s, "UTF-8 is wanted");
  *to = s->text;
  return true;
}

bool event_plan_set(event_plan *plan, const setting *s, bool *known) {
  *known = true;
#define FLAG(text, member)                                                     \
  if (slice_is(s->name, text))                                                 \
    return setting_boolean(s, &plan->member);
#define NUMBER(text, member)                                                   \
  if (slice_is(s->name, text))                                                 \
    return setting_number(s, &plan->member, 1);
#define TEXT(text, member)                                                     \
  if (slice_is(s->name, text))                                                 \
    return set_text(s, &plan->member);
  PLAN_FIELDS(FLAG, NUMBER, TEXT)
#undef FLAG
#undef NUMBER
#undef TEXT
  *known = false;
  return true;
}

bool event_plan_apply(arena *a, event_plan *plan, const slice *settings,
                      size_t count, evidence_error *error) {
  for (size_t i = 0; i < count; i++) {
    setting s;
    bool known;
    if (!setting_split(a, plan, settings[i], &s, error) ||
        !event_plan_set(plan, &s, &known) ||
        (!known && !setting_unknown(&s, event_plan_fields)))
      return false;
  }
  return true;
}

/* --- firmware ------------------------------------------------------------- */

static bytes text_bytes(const char *text) {
  return bytes_from_slice(slice_from(text));
}

/* An EFI_SIGNATURE_LIST with the hash of a text. */
static bytes signature_list(arena *a, const char *text) {
  enum { HEAD_BYTES = 28, EACH_BYTES = GUID_BYTES + SHA256_BYTES };
  uint8_t *list = arena_zalloc(a, HEAD_BYTES + EACH_BYTES);
  uint8_t hash[SHA256_BYTES];
  memcpy(list, sha256_list_guid, GUID_BYTES);
  little_endian_write(list + GUID_BYTES, 4, HEAD_BYTES + EACH_BYTES);
  little_endian_write(list + GUID_BYTES + 8, 4, EACH_BYTES);
  memcpy(list + HEAD_BYTES, image_guid, GUID_BYTES); /* the owner */
  digest_sha256(a, text_bytes(text), hash);
  memcpy(list + HEAD_BYTES + GUID_BYTES, hash, sizeof hash);
  return (bytes){list, HEAD_BYTES + EACH_BYTES};
}

static void write_variable(event_writer *w, uint32_t pcr, uint32_t type,
                           const uint8_t *guid, const char *name,
                           bytes data) {
  event_write(w, pcr, type,
              event_make_variable(w->log.arena, guid, name, data));
}

static void write_secure_boot(event_writer *w, const event_plan *plan) {
  arena *a = w->log.arena;
  const uint32_t type = EV_EFI_VARIABLE_DRIVER_CONFIG;
  const uint8_t on = plan->secure_boot;
  write_variable(w, 7, type, global_guid, "SecureBoot", (bytes){&on, 1});
  write_variable(w, 7, type, global_guid, "PK", signature_list(a, "PK"));
  write_variable(w, 7, type, global_guid, "KEK", signature_list(a, "KEK"));
  write_variable(w, 7, type, image_guid, "db", signature_list(a, "db"));
  write_variable(w, 7, type, image_guid, "dbx", signature_list(a, "dbx"));
}

/* UEFI_IMAGE_LOAD_EVENT of a file. */
static bytes image_load(arena *a, const char *path) {
  enum { HEAD_BYTES = 32 };
  buffer units = buffer_in(a), out = buffer_in(a);
  uint8_t head[HEAD_BYTES] = {0}, node[4] = {4, 4};
  static const uint8_t end[] = {0x7f, 0xff, 4, 0};
  event_write_utf16(&units, slice_from(path));
  buffer_add(&units, (slice){"\0", 2});
  little_endian_write(node + 2, 2, sizeof node + units.length);
  little_endian_write(head, 8, 0x10000000);  /* where it was loaded */
  little_endian_write(head + 8, 8, 1 << 20); /* its size */
  little_endian_write(head + 24, 8, sizeof node + units.length + sizeof end);
  buffer_add(&out, slice_from_bytes((bytes){head, sizeof head}));
  buffer_add(&out, slice_from_bytes((bytes){node, sizeof node}));
  buffer_add(&out, buffer_slice(&units));
  buffer_add(&out, slice_from_bytes((bytes){end, sizeof end}));
  return bytes_from_slice(buffer_slice(&out));
}

static void write_firmware(event_writer *w, const event_plan *plan) {
  static const uint8_t order[] = {1, 0}, zeros[4] = {0};
  arena *a = w->log.arena;
  static const uint8_t version[] = {'m', 0, 'a', 0, 'a', 0, 0, 0};
  event_write(w, 0, EV_S_CRTM_VERSION, (bytes){version, sizeof version});
  write_secure_boot(w, plan);
  write_variable(w, 1, EV_EFI_VARIABLE_BOOT, global_guid, "BootOrder",
                 (bytes){order, sizeof order});
  event_write(w, 4, EV_EFI_ACTION,
              text_bytes("Calling EFI Application from Boot Option"));
  for (uint32_t pcr = 0; pcr <= 7; pcr++)
    event_write(w, pcr, EV_SEPARATOR, (bytes){zeros, sizeof zeros});
  const char *loader = plan->windows ? "\\EFI\\Microsoft\\Boot\\bootmgfw.efi"
                                     : "\\EFI\\debian\\grubx64.efi";
  event_write_measured(w, 4, EV_EFI_BOOT_SERVICES_APPLICATION,
                       image_load(a, loader), text_bytes(loader));
}

/* --- Windows -------------------------------------------------------------- */

static void tag_flag(buffer *out, uint32_t number, bool on) {
  event_tag_number(out, number, 1, on);
}

static void tag_module(buffer *out, slice path) {
  buffer inner = buffer_in(out->arena);
  event_tag_text(&inner, TAG_FILE_PATH, path);
  event_tag_number(&inner, TAG_IMAGE_SIZE, 8, 65536);
  tag_flag(&inner, TAG_IMAGE_VALIDATED, true);
  event_tag(out, TAG_LOADED_MODULE, bytes_from_slice(buffer_slice(&inner)));
}

/* What the loader measures into PCR 12 and 13 alike. */
static void tag_debugging(buffer *out, const event_plan *plan) {
  tag_flag(out, TAG_BOOT_DEBUGGING, plan->boot_debugging);
  tag_flag(out, TAG_KERNEL_DEBUG, plan->kernel_debugging);
  tag_flag(out, TAG_HYPERVISOR_DEBUG, plan->hypervisor_debugging);
  tag_flag(out, TAG_CODE_INTEGRITY, plan->code_integrity);
  tag_flag(out, TAG_TEST_SIGNING, plan->test_signing);
  tag_flag(out, TAG_FLIGHT_SIGNING, plan->flight_signing);
  tag_flag(out, TAG_SAFE_MODE, plan->safe_mode);
  tag_flag(out, TAG_WINPE, plan->winpe);
}

static void tag_vbs(buffer *out, const event_plan *plan) {
  tag_flag(out, TAG_VSM_REQUIRED, plan->vbs);
  tag_flag(out, TAG_IOMMU_REQUIRED, plan->iommu);
  tag_flag(out, TAG_MANDATORY, plan->vbs_mandatory);
  event_tag_number(out, TAG_HVCI_POLICY, 8, plan->hvci);
}

static void write_boundary(event_writer *w, uint32_t pcr, buffer *inner) {
  buffer out = buffer_in(w->log.arena);
  event_tag(&out, TAG_TRUST_BOUNDARY, bytes_from_slice(buffer_slice(inner)));
  event_write(w, pcr, EV_EVENT_TAG, bytes_from_slice(buffer_slice(&out)));
}

static void write_windows(event_writer *w, const event_plan *plan) {
  arena *a = w->log.arena;
  buffer settings = buffer_in(a), drivers = buffer_in(a);
  event_tag_number(&settings, TAG_TRANSFER_CONTROL, 4, 1);
  event_tag_number(&settings, TAG_BITLOCKER_UNLOCK, 4, plan->bitlocker);
  event_tag_number(&settings, TAG_DATA_EXECUTION, 8, 1);
  tag_debugging(&settings, plan);
  tag_vbs(&settings, plan);
  write_boundary(w, 12, &settings);
  tag_debugging(&drivers, plan);
  event_tag_number(&drivers, TAG_DRIVER_LOAD_POLICY, 4, 1);
  tag_module(&drivers, SLICE("\\Windows\\system32\\winload.efi"));
  if (plan->elam)
    tag_module(&drivers, SLICE("\\Windows\\system32\\drivers\\wd\\WdBoot.sys"));
  if (plan->module.length > 0)
    tag_module(&drivers, plan->module);
  write_boundary(w, 13, &drivers);
  for (uint32_t pcr = 12; pcr <= 14; pcr++)
    event_write(w, pcr, EV_SEPARATOR, text_bytes("WBCL"));
}

/* --- Linux ---------------------------------------------------------------- */

static void write_linux(event_writer *w, const event_plan *plan) {
  buffer text = buffer_in(w->log.arena);
  buffer_printf(&text, "kernel_cmdline: %.*s", SLICE_ARGS(plan->command_line));
  buffer_char(&text, '\0');
  event_write_measured(w, 8, EV_IPL, bytes_from_slice(buffer_slice(&text)),
                       bytes_from_slice(plan->command_line));
  event_write(w, 5, EV_EFI_ACTION, text_bytes("Exit Boot Services Invocation"));
}

bytes event_make_boot(arena *a, const event_plan *plan) {
  static const uint16_t algorithms[] = {TPM_ALG_SHA1, TPM_ALG_SHA256};
  event_writer w = event_write_begin(a, algorithms, 2);
  write_firmware(&w, plan);
  if (plan->windows)
    write_windows(&w, plan);
  else
    write_linux(&w, plan);
  return event_written(&w);
}

bytes event_make_ima(arena *a, const event_plan *plan) {
  buffer list = buffer_in(a);
  event_write_ima(&list, SLICE("boot_aggregate"), (bytes){NULL, 0});
  event_write_ima(&list, SLICE("kernel_version"),
                  bytes_from_slice(plan->kernel_version));
  if (plan->keyring_certificate.length > 0)
    event_write_ima(&list, SLICE(".builtin_trusted_keys"),
                    plan->keyring_certificate);
  event_write_ima(&list, SLICE("/usr/lib/systemd/systemd"), (bytes){NULL, 0});
  return bytes_from_slice(buffer_slice(&list));
}
