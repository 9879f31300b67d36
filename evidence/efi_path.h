/* SPDX-License-Identifier: Apache-2.0 */
/* EFI device paths as text (UEFI specification, chapter "Protocols - Device
 * Path Protocol"): what an image was loaded from.
 */
#ifndef EVIDENCE_EFI_PATH_H
#define EVIDENCE_EFI_PATH_H

#include "base/buffer.h"

/* Writes the nodes of a device path, "PciRoot(0x0)/Pci(0x1,0x0)/..", with a
 * comma between paths. Kinds of nodes that have no text here are
 * "Path(TYPE,SUBTYPE,HEX)", as the specification has it for unknown ones.
 * False, and nothing is said of *result: the nodes do not fill the bytes, or
 * the last is no end. The result lives in the arena. */
bool efi_path_text(arena *a, bytes path, slice *result);

#endif
