/* SPDX-License-Identifier: Apache-2.0 */
/* Signature databases of secure boot (UEFI specification, section "Signature
 * Database": EFI_SIGNATURE_LIST).
 */
#ifndef EVIDENCE_EFI_SIGNATURES_H
#define EVIDENCE_EFI_SIGNATURES_H

#include "base/value.h"

/* Adds "Signatures": [{"Type": "X509", "Owner": GUID, "Subject", "Sha256"} ..,
 * {"Type": "SHA256", "Owner", "Digest"}]. An unknown type is named by its
 * GUID. Nothing is added if the lists do not fill the bytes. */
void efi_add_signature_lists(object_builder *o, bytes raw);

/* The same for one signer, as EV_EFI_VARIABLE_AUTHORITY has it: an owner and a
 * certificate, or a certificate alone (as shim writes it). */
void efi_add_signer(object_builder *o, bytes raw);

#endif
