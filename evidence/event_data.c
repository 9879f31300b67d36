/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/event_data.h"

#include "evidence/efi_data.h"
#include "evidence/event_text.h"
#include "evidence/sipa_events.h"

/* Adds members; false if the data has not the form. */
typedef bool decoder(object_builder *o, bytes data);

static bool is_printable(slice text) {
  for (size_t i = 0; i < text.length; i++)
    if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
      return false;
  return text.length > 0;
}

static bool add_text(object_builder *o, bytes data) {
  slice text;
  if (!event_utf8(o->arena, data, &text) || !is_printable(text))
    return false;
  object_set(o, SLICE("String"), value_text(text));
  return true;
}

/* In ASCII, UTF-16 would have a NUL in its second byte. */
static bool add_either_text(object_builder *o, bytes data) {
  slice text;
  if (add_text(o, data))
    return true;
  if (data.length < 2 || !event_utf16(o->arena, data, &text) ||
      !is_printable(text))
    return false;
  object_set(o, SLICE("String"), value_text(text));
  return true;
}

static bool add_tagged(object_builder *o, bytes data) {
  value decoded;
  if (!sipa_decode(o->arena, data, &decoded))
    return false;
  for (uint32_t i = 0; i < decoded.count; i++)
    object_set(o, member_name(&decoded.members[i]), decoded.members[i].value);
  return true;
}

/* EV_POST_CODE and the like: a place in memory, or a text. */
static bool add_blob(object_builder *o, bytes data) {
  return efi_add_blob(o, data) || add_text(o, data);
}

/* UEFI_PLATFORM_FIRMWARE_BLOB2: a description with its length before it. */
static bool add_described_blob(object_builder *o, bytes data) {
  slice text;
  if (data.length < 1 || (size_t)data.data[0] > data.length - 1)
    return false;
  size_t length = data.data[0];
  if (!event_utf8(o->arena, (bytes){data.data + 1, length}, &text) ||
      !efi_add_blob(o, (bytes){data.data + 1 + length,
                               data.length - 1 - length}))
    return false;
  object_set(o, SLICE("String"), value_text(text));
  return true;
}

/* What no digest is of: structures that begin with 16 bytes of text, or trust
 * points of Windows. */
static bool add_no_action(object_builder *o, bytes data) {
  enum { SIGNATURE_BYTES = 16 };
  slice text;
  if (sipa_detect(data))
    return add_tagged(o, data);
  if (data.length < SIGNATURE_BYTES ||
      !event_utf8(o->arena, (bytes){data.data, SIGNATURE_BYTES}, &text) ||
      !is_printable(text))
    return false;
  object_set(o, SLICE("Signature"), value_text(text));
  if (slice_is(text, "StartupLocality") && data.length > SIGNATURE_BYTES)
    object_set(o, SLICE("StartupLocality"),
               value_integer(data.data[SIGNATURE_BYTES]));
  else
    object_set(o, SLICE("RawData"), event_base64url(o->arena, data));
  return true;
}

static const struct {
  uint32_t type;
  decoder *decode;
} decoders[] = {
    {EV_EFI_VARIABLE_DRIVER_CONFIG, efi_add_variable},
    {EV_EFI_VARIABLE_BOOT, efi_add_variable},
    {EV_EFI_VARIABLE_BOOT2, efi_add_variable},
    {EV_EFI_VARIABLE_AUTHORITY, efi_add_authority},
    {EV_EVENT_TAG, add_tagged},
    {EV_IPL, add_either_text},
    {EV_S_CRTM_VERSION, add_either_text},
    {EV_S_CRTM_CONTENTS, add_either_text},
    {EV_EFI_ACTION, add_either_text},
    {EV_ACTION, add_either_text},
    {EV_COMPACT_HASH, add_text},
    {EV_NONHOST_INFO, add_text},
    {EV_PLATFORM_CONFIG_FLAGS, add_text},
    {EV_OMIT_BOOT_DEVICE_EVENTS, add_text},
    {EV_EFI_BOOT_SERVICES_APPLICATION, efi_add_image},
    {EV_EFI_BOOT_SERVICES_DRIVER, efi_add_image},
    {EV_EFI_RUNTIME_SERVICES_DRIVER, efi_add_image},
    {EV_EFI_GPT_EVENT, efi_add_gpt},
    {EV_POST_CODE, add_blob},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB, add_blob},
    {EV_EFI_PLATFORM_FIRMWARE_BLOB2, add_described_blob},
    {EV_NO_ACTION, add_no_action},
};

static decoder *decoder_of(uint32_t type) {
  for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++)
    if (decoders[i].type == type)
      return decoders[i].decode;
  return NULL;
}

value event_data(arena *a, uint32_t type, bytes data) {
  object_builder o = object_in(a);
  decoder *decode = decoder_of(type);
  if (data.length == 0)
    return object_value(&o);
  if (!decode || !decode(&o, data))
    return event_raw(a, data);
  return object_value(&o);
}

value event_proven_data(arena *a, const tcg_event *event,
                        const event_proof *proof) {
  object_builder nothing = object_in(a);
  switch (proof->kind) {
  case PROOF_WHOLE:
  case PROOF_VARIABLE:
    return event_data(a, event->type, event->data);
  case PROOF_PART:
    return event_data(a, event->type, proof->part);
  case PROOF_NONE:
    break;
  }
  return object_value(&nothing);
}
