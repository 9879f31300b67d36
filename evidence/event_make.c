/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/event_make.h"

#include "evidence/event_text.h"

static void put(buffer *out, size_t size, uint64_t number) {
  uint8_t raw[8];
  little_endian_write(raw, size, number);
  buffer_add(out, slice_from_bytes((bytes){raw, size}));
}

static void put_bytes(buffer *out, bytes data) {
  buffer_add(out, slice_from_bytes(data));
}

static void put_zeros(buffer *out, size_t count) {
  for (size_t i = 0; i < count; i++)
    buffer_char(out, '\0');
}

/* Jumps to the guard if OpenSSL cannot hash. */
static void put_hash(buffer *out, uint16_t algorithm, bytes data) {
  digest_algorithm hash;
  uint8_t result[DIGEST_BYTES_MAX];
  if (!tpm_hash_algorithm(algorithm, &hash) || !digest(hash, data, result))
    arena_fail(out->arena, ARENA_NO_MEMORY);
  put_bytes(out, (bytes){result, digest_length(hash)});
}

/* --- TCG logs ------------------------------------------------------------- */

event_writer event_write_begin(arena *a, const uint16_t *algorithms,
                               size_t count) {
  event_writer w = {.log = buffer_in(a), .bank_count = count};
  buffer data = buffer_in(a);
  buffer_add(&data, (slice){"Spec ID Event03", 16});
  put(&data, 4, 0);        /* platform class: client */
  put(&data, 4, 0x020002); /* version 2.0, errata 2 */
  put(&data, 4, count);
  data.data[23] = 2; /* size of a UINTN: 64 bits */
  for (size_t i = 0; i < count; i++) {
    digest_algorithm hash;
    tpm_hash_algorithm(algorithms[i], &hash);
    w.banks[i] = (tcg_bank){algorithms[i], (uint16_t)digest_length(hash)};
    put(&data, 2, w.banks[i].algorithm);
    put(&data, 2, w.banks[i].length);
  }
  put(&data, 1, 0); /* no vendor information */
  put(&w.log, 4, 0);
  put(&w.log, 4, EV_NO_ACTION);
  put_zeros(&w.log, 20);
  put(&w.log, 4, data.length);
  buffer_add(&w.log, buffer_slice(&data));
  return w;
}

void event_write_measured(event_writer *w, uint32_t pcr, uint32_t type,
                          bytes data, bytes measured) {
  put(&w->log, 4, pcr);
  put(&w->log, 4, type);
  put(&w->log, 4, w->bank_count);
  for (size_t i = 0; i < w->bank_count; i++) {
    put(&w->log, 2, w->banks[i].algorithm);
    put_hash(&w->log, w->banks[i].algorithm, measured);
  }
  put(&w->log, 4, data.length);
  put_bytes(&w->log, data);
}

void event_write(event_writer *w, uint32_t pcr, uint32_t type, bytes data) {
  event_write_measured(w, pcr, type, data, data);
}

bytes event_make_variable(arena *a, const uint8_t guid[16], const char *name,
                          bytes data) {
  buffer out = buffer_in(a);
  put_bytes(&out, (bytes){guid, GUID_BYTES});
  put(&out, 8, strlen(name));
  put(&out, 8, data.length);
  event_write_utf16(&out, slice_from(name));
  put_bytes(&out, data);
  return bytes_from_slice(buffer_slice(&out));
}

/* --- tagged values -------------------------------------------------------- */

void event_tag(buffer *out, uint32_t number, bytes data) {
  put(out, 4, number);
  put(out, 4, data.length);
  put_bytes(out, data);
}

void event_tag_number(buffer *out, uint32_t tag, size_t size,
                      uint64_t number) {
  put(out, 4, tag);
  put(out, 4, size);
  put(out, size, number);
}

void event_tag_text(buffer *out, uint32_t number, slice text) {
  buffer units = buffer_in(out->arena);
  event_write_utf16(&units, text);
  put(&units, 2, 0);
  event_tag(out, number, bytes_from_slice(buffer_slice(&units)));
}

/* --- IMA ------------------------------------------------------------------ */

static void put_field(buffer *out, bytes data) {
  put(out, 4, data.length);
  put_bytes(out, data);
}

void event_write_ima(buffer *list, slice name, bytes data) {
  enum { LIST_PCR = 10 };
  arena *a = list->arena;
  buffer hash = buffer_in(a), text = buffer_in(a), fields = buffer_in(a);
  slice template = data.length > 0 ? SLICE("ima-buf") : SLICE("ima-ng");
  buffer_add(&hash, (slice){"sha256:", 8});
  put_hash(&hash, TPM_ALG_SHA256,
           data.length > 0 ? data : bytes_from_slice(name));
  buffer_add(&text, name);
  buffer_char(&text, '\0');
  put_field(&fields, bytes_from_slice(buffer_slice(&hash)));
  put_field(&fields, bytes_from_slice(buffer_slice(&text)));
  if (data.length > 0)
    put_field(&fields, data);
  bytes template_data = bytes_from_slice(buffer_slice(&fields));
  put(list, 4, LIST_PCR);
  put_hash(list, TPM_ALG_SHA1, template_data);
  put_field(list, bytes_from_slice(template));
  put_field(list, template_data);
}
