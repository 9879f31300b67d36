/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/efi_signatures.h"

#include <openssl/x509.h>

#include "evidence/certificate.h"
#include "evidence/event_text.h"
#include "evidence/fields.h"
#include "sign/digest.h"

enum { LIST_HEAD_BYTES = GUID_BYTES + 12 };

/* EFI_CERT_*_GUID. */
static const struct {
  const char *guid, *name;
} types[] = {
    {"A5C059A1-94E4-4AA7-87B5-AB155C2BF072", "X509"},
    {"C1C41626-504C-4092-ACA9-41F936934328", "SHA256"},
    {"826CA512-CF10-4AC9-B187-BE01496631BD", "SHA1"},
    {"FF3E5307-9FD0-48C9-85F1-8AD56C701E01", "SHA384"},
    {"093E0FAE-A6C4-4F50-9F1B-D41E2B89C19A", "SHA512"},
    {"3C5766E8-269C-4E34-AA14-ED776E85B3B6", "RSA2048"},
    {"3BD2A492-96C0-4079-B420-FCF98EF103ED", "X509_SHA256"},
};

static value type_name(arena *a, const uint8_t *guid) {
  value text = event_guid(a, guid);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (slice_is(value_string(&text), types[i].guid))
      return value_text(slice_from(types[i].name));
  return text;
}

/* Subject and thumbprint, if it is a certificate from end to end. */
static bool add_certificate(object_builder *o, bytes der) {
  const unsigned char *at = der.data;
  uint8_t hash[DIGEST_BYTES_MAX];
  X509 *certificate = d2i_X509(NULL, &at, (long)der.length);
  if (!certificate)
    return false;
  certificate_keep(o->arena, certificate);
  if (at != der.data + der.length || !digest(DIGEST_SHA256, der, hash))
    return false;
  object_set(o, SLICE("Subject"),
             value_text(certificate_subject(o->arena, certificate)));
  object_set(o, SLICE("Sha256"),
             event_hex(o->arena, (bytes){hash, SHA256_BYTES}));
  return true;
}

/* EFI_SIGNATURE_DATA: owner, then the data. */
static value signature_value(arena *a, value type, bytes raw) {
  object_builder o = object_in(a);
  bytes data = {raw.data + GUID_BYTES, raw.length - GUID_BYTES};
  object_set(&o, SLICE("Type"), type);
  object_set(&o, SLICE("Owner"), event_guid(a, raw.data));
  if (!slice_is(value_string(&type), "X509") || !add_certificate(&o, data))
    object_set(&o, SLICE("Digest"), event_hex(a, data));
  return object_value(&o);
}

/* Type, size of all, size of a header, size of each signature. */
bool efi_next_signature_list(bytes *rest, efi_signature_list *result) {
  if (rest->length < LIST_HEAD_BYTES)
    return false;
  uint64_t size = little_endian((bytes){rest->data + GUID_BYTES, 4});
  uint64_t header = little_endian((bytes){rest->data + GUID_BYTES + 4, 4});
  uint64_t each = little_endian((bytes){rest->data + GUID_BYTES + 8, 4});
  if (size > rest->length || size < LIST_HEAD_BYTES ||
      header > size - LIST_HEAD_BYTES || each <= GUID_BYTES ||
      (size - LIST_HEAD_BYTES - header) % each != 0)
    return false;
  size_t head = LIST_HEAD_BYTES + (size_t)header;
  result->type = rest->data;
  result->each = (size_t)each;
  result->entries = (bytes){rest->data + head, (size_t)size - head};
  rest->data += size;
  rest->length -= (size_t)size;
  return true;
}

static void add_list(array_builder *signatures,
                     const efi_signature_list *list) {
  value type = type_name(signatures->arena, list->type);
  for (size_t at = 0; at < list->entries.length; at += list->each)
    array_add(signatures,
              signature_value(signatures->arena, type,
                              (bytes){list->entries.data + at, list->each}));
}

void efi_add_signature_lists(object_builder *o, bytes raw) {
  array_builder signatures = array_in(o->arena);
  efi_signature_list list;
  while (efi_next_signature_list(&raw, &list))
    add_list(&signatures, &list);
  if (raw.length == 0)
    object_set(o, SLICE("Signatures"), array_value(&signatures));
}

static bool signer_without_owner(arena *a, bytes raw, value *result) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("Type"), value_text(SLICE("X509")));
  if (!add_certificate(&o, raw))
    return false;
  *result = object_value(&o);
  return true;
}

static bool signer_with_owner(arena *a, bytes raw, value *result) {
  object_builder o = object_in(a);
  if (raw.length <= GUID_BYTES)
    return false;
  object_set(&o, SLICE("Type"), value_text(SLICE("X509")));
  object_set(&o, SLICE("Owner"), event_guid(a, raw.data));
  if (!add_certificate(&o, (bytes){raw.data + GUID_BYTES,
                                   raw.length - GUID_BYTES}))
    return false;
  *result = object_value(&o);
  return true;
}

void efi_add_signer(object_builder *o, bytes raw) {
  array_builder signatures = array_in(o->arena);
  value signer;
  if (!signer_without_owner(o->arena, raw, &signer) &&
      !signer_with_owner(o->arena, raw, &signer))
    return;
  array_add(&signatures, signer);
  object_set(o, SLICE("Signatures"), array_value(&signatures));
}
