/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and bytes of event logs as JSON values. */
#ifndef EVIDENCE_EVENT_TEXT_H
#define EVIDENCE_EVENT_TEXT_H

#include "base/value.h"

/* UTF-16LE without the NULs at its end. False if it is none: an odd length, a
 * lone surrogate, or a NUL inside, behind which two readers would see
 * different texts. */
bool event_utf16(arena *a, bytes raw, slice *result);

/* The same for UTF-8. */
bool event_utf8(arena *a, bytes raw, slice *result);

/* Appends the units of UTF-16LE; false, with nothing appended, if the text is
 * not UTF-8. */
bool event_write_utf16(buffer *out, slice text);

/* A GUID of 16 bytes (UEFI, "EFI_GUID": three little-endian numbers, eight
 * bytes) in upper case, as Microsoft's samples write it. */
enum { GUID_BYTES = 16 };
value event_guid(arena *a, const uint8_t guid[GUID_BYTES]);

/* Base64url without padding. */
value event_base64url(arena *a, bytes data);

/* {"RawData": BASE64URL} */
value event_raw(arena *a, bytes data);

/* Lower-case hex. */
value event_hex(arena *a, bytes data);

/* A copy of a text as a value. */
value event_string(arena *a, slice text);

#endif
