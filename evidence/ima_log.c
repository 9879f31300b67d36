/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/ima_log.h"

#include "base/base64.h"
#include "base/limits.h"
#include "evidence/fields.h"
#include "evidence/ima_template.h"

enum {
  SHA1_BYTES = 20,
  TEMPLATE_NAME_MAX = 256, /* a list of fields may stand for a name */
  HEAD_BYTES = 4           /* the PCR, before the digest */
};

/* Hashes of lists; the first is that of every kernel, the others those of
 * lists by bank (Linux 6.10). */
static const uint16_t algorithms[] = {TPM_ALG_SHA1, TPM_ALG_SHA256,
                                      TPM_ALG_SHA384, TPM_ALG_SHA512};

static size_t length_of(uint16_t algorithm) {
  digest_algorithm hash;
  return tpm_hash_algorithm(algorithm, &hash) ? digest_length(hash) : 0;
}

static bool is_template_name(slice name) {
  for (size_t i = 0; i < name.length; i++)
    if (name.data[i] <= ' ' || name.data[i] > '~')
      return false;
  return ima_template_fields(name).length > 0 ||
         slice_starts_with(name, "ima");
}

/* --- the binary form ------------------------------------------------------ */

/* Whether a record whose template digest has that length begins the bytes. */
static bool begins_binary(bytes raw, size_t digest_bytes) {
  size_t name_at = HEAD_BYTES + digest_bytes + 4;
  if (raw.length < name_at ||
      little_endian((bytes){raw.data, 4}) >= TCG_PCR_COUNT)
    return false;
  uint64_t length = little_endian((bytes){raw.data + name_at - 4, 4});
  return length > 0 && length <= TEMPLATE_NAME_MAX &&
         length <= raw.length - name_at &&
         is_template_name(
             (slice){(const char *)raw.data + name_at, (size_t)length});
}

/* 0 if the bytes are no list in binary. */
static uint16_t binary_algorithm(bytes raw) {
  for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
    if (begins_binary(raw, length_of(algorithms[i])))
      return algorithms[i];
  return 0;
}

/* The first template has its own form: a bare digest and a name without its
 * zeros, which are measured all the same. */
static void read_first_template(byte_reader *r, ima_event *e) {
  bytes digest = reader_take(r, IMA_FILE_DIGEST_BYTES, "a file's digest");
  size_t at = r->position;
  size_t length = (size_t)reader_number(r, 4, "the length of a file's name");
  if (length >= IMA_NAME_BYTES)
    reader_fail(r, EVIDENCE_LENGTH, at, "a name of %zu bytes, but %d are most",
                length, IMA_NAME_BYTES - 1);
  bytes name = reader_take(r, length, "a file's name");
  if (r->failed)
    return;
  uint8_t *data =
      arena_zalloc(r->arena, IMA_FILE_DIGEST_BYTES + IMA_NAME_BYTES);
  memcpy(data, digest.data, digest.length);
  if (name.length > 0)
    memcpy(data + IMA_FILE_DIGEST_BYTES, name.data, name.length);
  e->template_data =
      (bytes){data, IMA_FILE_DIGEST_BYTES + IMA_NAME_BYTES};
}

static void read_binary_event(byte_reader *r, size_t digest_bytes,
                              ima_event *e) {
  e->pcr = (uint32_t)reader_number(r, 4, "the PCR of an event");
  e->template_digest = reader_take(r, digest_bytes, "a template digest");
  size_t at = r->position;
  size_t length =
      (size_t)reader_number(r, 4, "the length of a template's name");
  if (length == 0 || length > TEMPLATE_NAME_MAX)
    reader_fail(r, EVIDENCE_LENGTH, at, "a template's name of %zu bytes",
                length);
  e->template_name =
      slice_from_bytes(reader_take(r, length, "a template's name"));
  if (ima_is_first_template(e->template_name)) {
    read_first_template(r, e);
    return;
  }
  length = (size_t)reader_number(r, 4, "the length of template data");
  e->template_data = reader_take(r, length, "template data");
}

/* --- the ASCII form ------------------------------------------------------- */

/* Takes what stands before the next c; all of it if there is no c. */
static slice take_until(slice *text, char c) {
  const char *at =
      text->length > 0 ? memchr(text->data, c, text->length) : NULL;
  const char *end = text->data + text->length;
  slice result = slice_between(text->data, at ? at : end);
  *text = slice_between(at ? at + 1 : end, end);
  return result;
}

/* "10": at most two digits, maybe with a blank before. */
static bool read_pcr(slice *line, uint32_t *pcr) {
  if (line->length > 0 && line->data[0] == ' ')
    *line = (slice){line->data + 1, line->length - 1};
  slice text = take_until(line, ' ');
  *pcr = 0;
  for (size_t i = 0; i < text.length; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return false;
    *pcr = 10 * *pcr + (uint32_t)(text.data[i] - '0');
  }
  return text.length > 0 && text.length <= 2;
}

/* PCR, digest and template of a line. */
static bool read_line_head(arena *a, slice *line, ima_event *e) {
  return read_pcr(line, &e->pcr) && e->pcr < TCG_PCR_COUNT &&
         hex_decode(a, take_until(line, ' '), &e->template_digest) &&
         e->template_digest.length > 0 &&
         is_template_name(e->template_name = take_until(line, ' '));
}

/* 0 if the bytes are no list in ASCII. */
static uint16_t ascii_algorithm(bytes raw) {
  uint32_t pcr;
  slice text = slice_from_bytes(raw);
  slice line = take_until(&text, '\n');
  if (!read_pcr(&line, &pcr))
    return 0;
  slice hex = take_until(&line, ' ');
  if (!is_template_name(take_until(&line, ' ')))
    return 0;
  for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
    if (2 * length_of(algorithms[i]) == hex.length)
      return algorithms[i];
  return 0;
}

static void read_ascii_event(byte_reader *r, size_t digest_bytes,
                             ima_event *e) {
  size_t at = r->position;
  slice text = {(const char *)r->data.data + at, reader_left(r)};
  slice line = take_until(&text, '\n');
  r->position = r->data.length - text.length;
  if (!read_line_head(r->arena, &line, e) ||
      e->template_digest.length != digest_bytes)
    reader_fail(r, EVIDENCE_FORMAT, at,
                "a line that is not PCR, template digest and template");
  else if (!ima_encode_line(r->arena, line, e) &&
           !bytes_are_zero(e->template_digest))
    reader_fail(r, EVIDENCE_FORMAT, at,
                "a line whose fields are not those of template %.*s; the "
                "binary list has them all",
                SLICE_ARGS(e->template_name));
}

/* --- both ----------------------------------------------------------------- */

/* What a violation tells is measured by nothing, so it is not decoded. */
static void check_event(byte_reader *r, uint16_t algorithm, ima_event *e) {
  digest_algorithm hash;
  uint8_t result[DIGEST_BYTES_MAX];
  e->is_violation = bytes_are_zero(e->template_digest);
  if (e->pcr >= TCG_PCR_COUNT)
    reader_fail(r, EVIDENCE_FORMAT, e->offset, "an event of PCR %u",
                (unsigned)e->pcr);
  else if (e->is_violation)
    return;
  else if (!tpm_hash_algorithm(algorithm, &hash) ||
           !digest(hash, e->template_data, result))
    reader_fail(r, EVIDENCE_CRYPTO, e->offset, "OpenSSL cannot hash");
  else if (memcmp(result, e->template_digest.data,
                  e->template_digest.length) != 0)
    reader_fail(r, EVIDENCE_FORMAT, e->offset,
                "an event whose template data does not hash to its digest");
  else if (!ima_decode(r->arena, e))
    reader_fail(r, EVIDENCE_FORMAT, e->offset,
                "template data that has not the fields of %.*s",
                SLICE_ARGS(e->template_name));
}

static void read_events(byte_reader *r, ima_log *log) {
  ima_event *events = NULL;
  size_t capacity = 0, digest_bytes = length_of(log->algorithm);
  while (!r->failed && reader_left(r) > 0) {
    events = arena_grow(r->arena, events, log->event_count, &capacity,
                        sizeof *events);
    ima_event *e = &events[log->event_count++];
    *e = (ima_event){.offset = r->position};
    if (log->is_ascii)
      read_ascii_event(r, digest_bytes, e);
    else
      read_binary_event(r, digest_bytes, e);
    if (!r->failed)
      check_event(r, log->algorithm, e);
    if (log->event_count > LIMIT_EVENTS)
      reader_fail(r, EVIDENCE_TOO_LARGE, e->offset,
                  "more events than %d, the most there may be", LIMIT_EVENTS);
  }
  log->events = events;
}

bool ima_log_detect(bytes raw) {
  return binary_algorithm(raw) != 0 || ascii_algorithm(raw) != 0;
}

bool ima_log_read(arena *a, bytes raw, ima_log *log, evidence_error *error) {
  *log = (ima_log){0};
  if (raw.length > LIMIT_EVIDENCE_BYTES)
    return evidence_fail(a, error, EVIDENCE_TOO_LARGE, 0,
                         "a measurement list of %zu bytes, but %d are the most",
                         raw.length, LIMIT_EVIDENCE_BYTES);
  log->algorithm = binary_algorithm(raw);
  if (log->algorithm == 0) {
    log->is_ascii = true;
    log->algorithm = ascii_algorithm(raw);
  }
  if (log->algorithm == 0)
    return evidence_fail(a, error, EVIDENCE_FORMAT, 0,
                         "no measurement list of IMA begins like this");
  byte_reader r = reader_over(a, raw, "IMA measurement list", error);
  read_events(&r, log);
  return !r.failed;
}

/* What an event extends a bank with. */
static bool extension_of(const ima_log *log, const ima_event *e,
                         uint16_t algorithm, ima_extension extension,
                         uint8_t *result) {
  digest_algorithm hash;
  if (!tpm_hash_algorithm(algorithm, &hash))
    return false;
  size_t length = digest_length(hash);
  bool padded = extension == IMA_PADDED && log->algorithm == TPM_ALG_SHA1;
  size_t told = padded ? (size_t)SHA1_BYTES : length;
  memset(result, 0, length);
  if (e->is_violation)
    memset(result, 0xff, told);
  else if (padded || algorithm == log->algorithm)
    memcpy(result, e->template_digest.data, told);
  else
    return digest(hash, e->template_data, result);
  return true;
}

bool ima_log_extend(const ima_log *log, uint16_t algorithm,
                    ima_extension extension, tcg_pcrs *pcrs) {
  digest_algorithm hash;
  uint8_t told[DIGEST_BYTES_MAX];
  if (!tpm_hash_algorithm(algorithm, &hash) ||
      pcrs->length != digest_length(hash))
    return false;
  for (size_t i = 0; i < log->event_count; i++) {
    const ima_event *e = &log->events[i];
    pcrs->measured |= (uint32_t)1 << e->pcr;
    if (!extension_of(log, e, algorithm, extension, told) ||
        !tcg_extend(hash, pcrs->values[e->pcr], told))
      return false;
  }
  return true;
}
