/* SPDX-License-Identifier: Apache-2.0 */
/* Signature databases of secure boot (UEFI specification, section "Signature
 * Database": EFI_SIGNATURE_LIST).
 */
#ifndef EVIDENCE_EFI_SIGNATURES_H
#define EVIDENCE_EFI_SIGNATURES_H

#include "base/value.h"

typedef struct efi_signature_list {
  const uint8_t *type; /* EFI_CERT_*_GUID */
  size_t each;         /* bytes of an entry, above GUID_BYTES */
  bytes entries;       /* owner (GUID_BYTES) and signature each */
} efi_signature_list;

/* Takes the list at the start of *rest off it. False, with *rest as it was, if
 * none stands there. */
bool efi_next_signature_list(bytes *rest, efi_signature_list *result);

/* Adds "Signatures": [{"Type": "X509", "Owner": GUID, "Subject", "Sha256"} ..,
 * {"Type": "SHA256", "Owner", "Digest"}]. An unknown type is named by its
 * GUID. Nothing is added if the lists do not fill the bytes. */
void efi_add_signature_lists(object_builder *o, bytes raw);

/* The same for one signer, as EV_EFI_VARIABLE_AUTHORITY has it: an owner and a
 * certificate, or a certificate alone (as shim writes it). */
void efi_add_signer(object_builder *o, bytes raw);

#endif
