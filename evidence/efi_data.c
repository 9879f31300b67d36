/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/efi_data.h"

#include "evidence/efi_path.h"
#include "evidence/efi_signatures.h"
#include "evidence/event_text.h"
#include "evidence/fields.h"

static uint64_t number_at(bytes raw, size_t offset, size_t size) {
  return little_endian((bytes){raw.data + offset, size});
}

/* Addresses and sizes have 64 bits; beyond JSON's exact integers they are
 * text. */
static void set_number(object_builder *o, const char *name, uint64_t number) {
  value v = value_integer((int64_t)number);
  if (number > INT64_MAX) {
    buffer text = buffer_in(o->arena);
    buffer_printf(&text, "0x%016llx", (unsigned long long)number);
    v = value_text(buffer_slice(&text));
  }
  object_set(o, slice_from(name), v);
}

/* --- variables ------------------------------------------------------------ */

enum { VARIABLE_HEAD_BYTES = 32, NAME_LENGTH_AT = 16, DATA_LENGTH_AT = 24 };

/* Up to `behind` bytes may stand behind the data. */
static bool read_variable(arena *a, bytes raw, size_t behind,
                          efi_variable_data *result) {
  if (raw.length < VARIABLE_HEAD_BYTES)
    return false;
  uint64_t units = number_at(raw, NAME_LENGTH_AT, 8);
  uint64_t length = number_at(raw, DATA_LENGTH_AT, 8);
  size_t left = raw.length - VARIABLE_HEAD_BYTES;
  if (units > left / 2 || length > left - 2 * units ||
      left - 2 * units - length > behind)
    return false;
  bytes name = {raw.data + VARIABLE_HEAD_BYTES, 2 * (size_t)units};
  result->guid = raw.data;
  result->data = (bytes){name.data + name.length, (size_t)length};
  return event_utf16(a, name, &result->name);
}

bool efi_read_variable(arena *a, bytes raw, efi_variable_data *result) {
  return read_variable(a, raw, 0, result);
}

bool efi_read_authority(arena *a, bytes raw, efi_variable_data *result) {
  enum { BEHIND_MAX = 7 };
  return read_variable(a, raw, BEHIND_MAX, result);
}

static void set_variable(object_builder *o, const efi_variable_data *v) {
  object_set(o, SLICE("VariableGuid"), event_guid(o->arena, v->guid));
  object_set(o, SLICE("UnicodeName"), value_text(v->name));
  object_set(o, SLICE("VariableData"), event_base64url(o->arena, v->data));
}

static bool is_boot_option(slice name) {
  if (name.length != 8 || memcmp(name.data, "Boot", 4) != 0)
    return false;
  for (size_t i = 4; i < 8; i++) {
    char c = name.data[i];
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')))
      return false;
  }
  return true;
}

/* Length in bytes of the text up to its NUL, without it; false if there is no
 * NUL. */
static bool text_length(bytes raw, size_t *length) {
  for (size_t i = 0; i + 1 < raw.length; i += 2)
    if (raw.data[i] == 0 && raw.data[i + 1] == 0) {
      *length = i;
      return true;
    }
  return false;
}

/* EFI_LOAD_OPTION: attributes, length of the path, description, path. */
static void add_boot_option(object_builder *o, bytes raw) {
  enum { HEAD_BYTES = 6 };
  slice description, path;
  size_t length;
  if (raw.length < HEAD_BYTES)
    return;
  size_t path_length = (size_t)number_at(raw, 4, 2);
  bytes rest = {raw.data + HEAD_BYTES, raw.length - HEAD_BYTES};
  if (!text_length(rest, &length) ||
      path_length > rest.length - length - 2 ||
      !event_utf16(o->arena, (bytes){rest.data, length}, &description))
    return;
  object_set(o, SLICE("Description"), value_text(description));
  if (efi_path_text(o->arena, (bytes){rest.data + length + 2, path_length},
                    &path))
    object_set(o, SLICE("DevicePath"), value_text(path));
}

static void add_boot_order(object_builder *o, bytes raw) {
  array_builder order = array_in(o->arena);
  for (size_t i = 0; i + 1 < raw.length; i += 2)
    array_add(&order, value_integer((int64_t)number_at(raw, i, 2)));
  object_set(o, SLICE("BootOrder"), array_value(&order));
}

bool efi_add_variable(object_builder *o, bytes raw) {
  efi_variable_data v;
  if (!efi_read_variable(o->arena, raw, &v))
    return false;
  set_variable(o, &v);
  if (slice_is(v.name, "BootOrder"))
    add_boot_order(o, v.data);
  else if (is_boot_option(v.name))
    add_boot_option(o, v.data);
  else if (slice_is(v.name, "PK") || slice_is(v.name, "KEK") ||
           slice_is(v.name, "db") || slice_is(v.name, "dbx"))
    efi_add_signature_lists(o, v.data);
  return true;
}

bool efi_add_authority(object_builder *o, bytes raw) {
  efi_variable_data v;
  if (!efi_read_authority(o->arena, raw, &v))
    return false;
  set_variable(o, &v);
  efi_add_signer(o, v.data);
  return true;
}

/* --- images and disks ----------------------------------------------------- */

bool efi_add_image(object_builder *o, bytes raw) {
  enum { HEAD_BYTES = 32, LENGTH_AT = 8, LINK_AT = 16, PATH_AT = 24 };
  slice path;
  /* shim writes a few bytes behind the path. */
  if (raw.length < HEAD_BYTES ||
      number_at(raw, PATH_AT, 8) > raw.length - HEAD_BYTES)
    return false;
  set_number(o, "ImageLocation", number_at(raw, 0, 8));
  set_number(o, "ImageLength", number_at(raw, LENGTH_AT, 8));
  set_number(o, "LinkTimeAddress", number_at(raw, LINK_AT, 8));
  if (efi_path_text(
          o->arena,
          (bytes){raw.data + HEAD_BYTES, (size_t)number_at(raw, PATH_AT, 8)},
          &path))
    object_set(o, SLICE("DevicePath"), value_text(path));
  return true;
}

/* EFI_PARTITION_ENTRY. */
static value partition_value(arena *a, bytes raw) {
  enum { GUID_AT = 16, FIRST_AT = 32, LAST_AT = 40, NAME_AT = 56 };
  object_builder o = object_in(a);
  slice name;
  bytes field = {raw.data + NAME_AT, 72};
  size_t length;
  object_set(&o, SLICE("TypeGuid"), event_guid(a, raw.data));
  object_set(&o, SLICE("Guid"), event_guid(a, raw.data + GUID_AT));
  set_number(&o, "First", number_at(raw, FIRST_AT, 8));
  set_number(&o, "Last", number_at(raw, LAST_AT, 8));
  if (text_length(field, &length))
    field.length = length;
  if (event_utf16(a, field, &name))
    object_set(&o, SLICE("Name"), value_text(name));
  return object_value(&o);
}

bool efi_add_gpt(object_builder *o, bytes raw) {
  enum {
    HEADER_BYTES = 92,
    DISK_AT = 56,
    HEAD_BYTES = HEADER_BYTES + 8, /* and the number of partitions */
    ENTRY_BYTES = 128
  };
  if (raw.length < HEAD_BYTES || memcmp(raw.data, "EFI PART", 8) != 0)
    return false;
  uint64_t count = number_at(raw, HEADER_BYTES, 8);
  size_t left = raw.length - HEAD_BYTES;
  if (left % ENTRY_BYTES != 0 || count != left / ENTRY_BYTES)
    return false;
  array_builder partitions = array_in(o->arena);
  for (size_t i = 0; i < count; i++)
    array_add(&partitions,
              partition_value(o->arena, (bytes){raw.data + HEAD_BYTES +
                                                    i * ENTRY_BYTES,
                                                ENTRY_BYTES}));
  object_set(o, SLICE("DiskGuid"), event_guid(o->arena, raw.data + DISK_AT));
  object_set(o, SLICE("Partitions"), array_value(&partitions));
  return true;
}

bool efi_add_blob(object_builder *o, bytes raw) {
  if (raw.length != 16)
    return false;
  set_number(o, "BlobBase", number_at(raw, 0, 8));
  set_number(o, "BlobLength", number_at(raw, 8, 8));
  return true;
}
