/* SPDX-License-Identifier: Apache-2.0 */
/* What UEFI firmware measures, as JSON (UEFI specification; TCG, "PC Client
 * Platform Firmware Profile", chapter 10). Every function adds members to an
 * object; false: the bytes are not such a structure, and nothing was added.
 */
#ifndef EVIDENCE_EFI_DATA_H
#define EVIDENCE_EFI_DATA_H

#include "base/value.h"

/* UEFI_VARIABLE_DATA. */
typedef struct efi_variable_data {
  const uint8_t *guid; /* GUID_BYTES */
  slice name;
  bytes data;
} efi_variable_data;

/* Reads a variable to the last byte; its name lives in the arena. */
bool efi_read_variable(arena *a, bytes raw, efi_variable_data *result);

/* The same of EV_EFI_VARIABLE_AUTHORITY, where versions of shim measure up to 7
 * bytes of padding behind the data. */
bool efi_read_authority(arena *a, bytes raw, efi_variable_data *result);

/* {"VariableGuid", "UnicodeName", "VariableData"}, and of well-known variables
 * what they hold: "Signatures" of PK, KEK, db and dbx, "BootOrder", and
 * "Description", "DevicePath" of Boot0000 and the like. */
bool efi_add_variable(object_builder *o, bytes raw);

/* The variable's signer that an image was checked with (EFI_SIGNATURE_DATA):
 * {"VariableGuid", "UnicodeName", "VariableData", "Signatures"}. */
bool efi_add_authority(object_builder *o, bytes raw);

/* UEFI_IMAGE_LOAD_EVENT: {"ImageLocation", "ImageLength", "LinkTimeAddress",
 * "DevicePath"}. */
bool efi_add_image(object_builder *o, bytes raw);

/* UEFI_GPT_DATA: {"DiskGuid", "Partitions": [{"TypeGuid", "Guid", "First",
 * "Last", "Name"}]}. */
bool efi_add_gpt(object_builder *o, bytes raw);

/* UEFI_PLATFORM_FIRMWARE_BLOB: {"BlobBase", "BlobLength"}. */
bool efi_add_blob(object_builder *o, bytes raw);

#endif
