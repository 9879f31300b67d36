/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of synthetic quotes by name. */
#include "base/base64.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "evidence/sgx_make.h"
#include "sign/digest.h"

typedef struct setting {
  arena *arena;
  sgx_recipe *recipe;
  slice name, text;
  evidence_error *error;
} setting;

static bool refuse(const setting *s, const char *wanted) {
  return evidence_fail(s->arena, s->error, EVIDENCE_VALUE, 0,
                       "field %.*s: %s, not \"%.*s\"", SLICE_ARGS(s->name),
                       wanted, SLICE_ARGS(s->text));
}

static bool take_hex(const setting *s, uint8_t *to, size_t size) {
  bytes data;
  if (hex_decode(s->arena, s->text, &data) && data.length == size) {
    memcpy(to, data.data, size);
    return true;
  }
  buffer wanted = buffer_in(s->arena);
  buffer_printf(&wanted, "%zu bytes as %zu hex digits are wanted", size,
                2 * size);
  return refuse(s, buffer_slice(&wanted).data);
}

static int digit_of(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = ascii_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Decimal, or hexadecimal behind 0x. */
static bool read_number(slice text, uint64_t limit, uint64_t *number) {
  unsigned base = 10;
  if (slice_starts_with(text, "0x") || slice_starts_with(text, "0X")) {
    base = 16;
    text = (slice){text.data + 2, text.length - 2};
  }
  *number = 0;
  for (size_t i = 0; i < text.length; i++) {
    unsigned digit = (unsigned)digit_of(text.data[i]);
    if (digit >= base || *number > (limit - digit) / base)
      return false;
    *number = *number * base + digit;
  }
  return text.length > 0;
}

static bool take_number(const setting *s, uint8_t *to, size_t size) {
  uint64_t limit = size == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
  uint64_t number;
  if (read_number(s->text, limit, &number)) {
    little_endian_write(to, size, number);
    return true;
  }
  buffer wanted = buffer_in(s->arena);
  buffer_printf(&wanted, "a number from 0 to %llu is wanted",
                (unsigned long long)limit);
  return refuse(s, buffer_slice(&wanted).data);
}

static bool take_boolean(const setting *s, bool *result) {
  *result = slice_is(s->text, "true");
  if (*result || slice_is(s->text, "false"))
    return true;
  return refuse(s, "true or false is wanted");
}

/* Text as it stands, or the content of a file behind @. */
static bool take_data(const setting *s, evidence_data *to) {
  slice content = s->text;
  if (slice_starts_with(content, "@")) {
    const char *path =
        arena_string(s->arena, (slice){content.data + 1, content.length - 1});
    const char *reason;
    if (file_read(s->arena, path, LIMIT_EVIDENCE_BYTES, &content, &reason) !=
        FILE_OK)
      return evidence_fail(s->arena, s->error, EVIDENCE_UNREADABLE, 0,
                           "field %.*s: %s: %s", SLICE_ARGS(s->name), path,
                           reason);
  }
  value parsed;
  json_error problem;
  to->is_given = true;
  to->data = bytes_from_slice(content);
  to->is_json =
      json_read(s->arena, content, JSON_TRAILING_NUL, &parsed, &problem) &&
      parsed.kind == VALUE_OBJECT;
  return true;
}

static bool set_structure(const setting *s, uint8_t *structure,
                          const field_row *field) {
  uint8_t *to = structure + field->offset;
  if (field->format == FIELD_HEX)
    return take_hex(s, to, field->size);
  return take_number(s, to, field->size);
}

static void set_flag(uint8_t *report, uint64_t flag, bool on) {
  const field_row *field = &sgx_report_fields[SGX_ATTRIBUTES];
  uint64_t flags = field_number((bytes){report, SGX_REPORT_BYTES}, field);
  little_endian_write(report + field->offset, field->size,
                      on ? flags | flag : flags & ~flag);
}

static bool set_debug(const setting *s) {
  bool on;
  if (!take_boolean(s, &on))
    return false;
  set_flag(s->recipe->report, SGX_FLAG_DEBUG, on);
  return true;
}

static bool set_kss(const setting *s) {
  bool on;
  if (!take_boolean(s, &on))
    return false;
  set_flag(s->recipe->report, SGX_FLAG_KSS, on);
  return true;
}

/* A field that only an enclave with KSS has makes it one. */
static bool set_kss_field(const setting *s, sgx_report_field field) {
  set_flag(s->recipe->report, SGX_FLAG_KSS, true);
  return set_structure(s, s->recipe->report, &sgx_report_fields[field]);
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
  if (!take_hex(s, svn, sizeof svn))
    return false;
  memcpy(s->recipe->report, svn, sizeof svn);
  memcpy(s->recipe->qe_report, svn, sizeof svn);
  memcpy(s->recipe->platform.cpu_svn, svn, sizeof svn);
  memcpy(s->recipe->platform.components, svn, sizeof svn);
  return true;
}

/* The header repeats what the QE's own report says. */
static bool set_qe_svn(const setting *s) {
  return set_structure(s, s->recipe->header, &sgx_header_fields[SGX_QE_SVN]) &&
         set_structure(s, s->recipe->qe_report, &sgx_report_fields[SGX_SVN]);
}

static bool set_pck_pce_svn(const setting *s) {
  uint8_t svn[2];
  if (!take_number(s, svn, sizeof svn))
    return false;
  s->recipe->platform.pce_svn =
      (uint16_t)little_endian((bytes){svn, sizeof svn});
  return true;
}

static bool set_pce_svn(const setting *s) {
  return set_structure(s, s->recipe->header, &sgx_header_fields[SGX_PCE_SVN]) &&
         set_pck_pce_svn(s);
}

static bool set_components(const setting *s) {
  return take_hex(s, s->recipe->platform.components, PCK_COMPONENTS);
}

static bool set_pck_cpu_svn(const setting *s) {
  return take_hex(s, s->recipe->platform.cpu_svn, SGX_CPU_SVN_BYTES);
}

static bool set_fmspc(const setting *s) {
  return take_hex(s, s->recipe->platform.fmspc,
                  sizeof s->recipe->platform.fmspc);
}

static bool set_pce_id(const setting *s) {
  return take_hex(s, s->recipe->platform.pce_id,
                  sizeof s->recipe->platform.pce_id);
}

static bool set_ppid(const setting *s) {
  return take_hex(s, s->recipe->platform.ppid, sizeof s->recipe->platform.ppid);
}

static bool set_sgx_type(const setting *s) {
  return take_number(s, &s->recipe->platform.sgx_type, 1);
}

static bool set_auth_data(const setting *s) {
  bytes data;
  if (!hex_decode(s->arena, s->text, &data) || data.length > SGX_AUTH_DATA_MAX)
    return refuse(s, "up to 1024 bytes in hex are wanted");
  memcpy(s->recipe->auth_data, data.data, data.length);
  s->recipe->auth_data_length = data.length;
  return true;
}

/* Binds the data: its hash, then zero bytes to the end of the field. */
static void bind_data(const setting *s, bytes data, const field_row *field) {
  uint8_t *to = s->recipe->report + field->offset;
  memset(to, 0, field->size);
  digest_sha256(s->arena, data, to);
}

static bool set_runtime_data(const setting *s) {
  bool is_json = s->recipe->runtime_data.is_json;
  if (!take_data(s, &s->recipe->runtime_data))
    return false;
  if (s->recipe->has_runtime_type)
    s->recipe->runtime_data.is_json = is_json;
  bind_data(s, s->recipe->runtime_data.data,
            &sgx_report_fields[SGX_REPORT_DATA]);
  return true;
}

static bool set_init_data(const setting *s) {
  if (!take_data(s, &s->recipe->init_data))
    return false;
  set_flag(s->recipe->report, SGX_FLAG_KSS, true);
  bind_data(s, s->recipe->init_data.data, &sgx_report_fields[SGX_CONFIG_ID]);
  return true;
}

static bool set_runtime_type(const setting *s) {
  s->recipe->has_runtime_type = true;
  s->recipe->runtime_data.is_json = slice_is(s->text, "JSON");
  if (s->recipe->runtime_data.is_json || slice_is(s->text, "Binary"))
    return true;
  return refuse(s, "JSON or Binary is wanted");
}

/* Fields that are more than one place in one structure. The other fields of
 * the header, the report and (behind "qe-") the QE's report have the names of
 * their tables. */
static const struct {
  const char *name;
  bool (*apply)(const setting *s);
} special_fields[] = {
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
    {"auth-data", set_auth_data},
    {"fmspc", set_fmspc},
    {"pce-id", set_pce_id},
    {"ppid", set_ppid},
    {"sgx-type", set_sgx_type},
    {"tcb-components", set_components},
    {"pck-cpusvn", set_pck_cpu_svn},
    {"pck-pce-svn", set_pck_pce_svn},
};

enum { SPECIAL_COUNT = sizeof special_fields / sizeof *special_fields };

#define QE_PREFIX "qe-"

static const field_row *row_named(const field_row *rows, size_t count,
                                  slice name) {
  for (size_t i = 0; i < count; i++)
    if (slice_is(name, rows[i].name))
      return &rows[i];
  return NULL;
}

static bool set_in_structures(const setting *s, bool *found) {
  const field_row *row;
  *found = true;
  row = row_named(sgx_report_fields, SGX_REPORT_FIELD_COUNT, s->name);
  if (row)
    return set_structure(s, s->recipe->report, row);
  row = row_named(sgx_header_fields, SGX_HEADER_FIELD_COUNT, s->name);
  if (row)
    return set_structure(s, s->recipe->header, row);
  if (slice_starts_with(s->name, QE_PREFIX)) {
    slice inner = {s->name.data + strlen(QE_PREFIX),
                   s->name.length - strlen(QE_PREFIX)};
    row = row_named(sgx_report_fields, SGX_REPORT_FIELD_COUNT, inner);
    /* The QE's report data is what the signature needs. */
    if (row && row != &sgx_report_fields[SGX_REPORT_DATA])
      return set_structure(s, s->recipe->qe_report, row);
  }
  *found = false;
  return false;
}

static bool unknown_field(const setting *s) {
  const char *const *names = sgx_make_fields(s->arena);
  const char *near = did_you_mean(s->name, names);
  buffer message = buffer_in(s->arena);
  buffer_printf(&message, "there is no field \"%.*s\"", SLICE_ARGS(s->name));
  if (near)
    buffer_printf(&message, "; did you mean %s?", near);
  buffer_text(&message, " Fields are");
  for (size_t i = 0; names[i]; i++)
    buffer_printf(&message, "%s %s", i ? "," : "", names[i]);
  return evidence_fail(s->arena, s->error, EVIDENCE_FIELD, 0, "%s",
                       buffer_slice(&message).data);
}

bool sgx_recipe_set(arena *a, sgx_recipe *recipe, slice text,
                    evidence_error *error) {
  const char *equals = text.length ? memchr(text.data, '=', text.length) : NULL;
  if (!equals)
    return evidence_fail(a, error, EVIDENCE_FIELD, 0,
                         "FIELD=VALUE is wanted, not \"%.*s\"",
                         SLICE_ARGS(text));
  setting s = {a, recipe, slice_between(text.data, equals),
               slice_between(equals + 1, text.data + text.length), error};
  for (size_t i = 0; i < SPECIAL_COUNT; i++)
    if (slice_is(s.name, special_fields[i].name))
      return special_fields[i].apply(&s);
  bool found;
  bool good = set_in_structures(&s, &found);
  return found ? good : unknown_field(&s);
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
