/* SPDX-License-Identifier: Apache-2.0 */
/* The files of samples: what they were when they were read, and what they
 * hold. */
#include <sys/stat.h>

#include "base/file.h"
#include "base/json_span.h"
#include "lsp/samples.h"
#include "suite/root.h"

/* --- stamps --------------------------------------------------------------- */

file_stamp stamp_of(const char *path) {
  struct stat info;
  file_stamp stamp = {.path = path};
  if (stat(path, &info) != 0)
    return stamp;
  stamp.is_there = true;
  stamp.seconds = info.st_mtim.tv_sec;
  stamp.nanoseconds = info.st_mtim.tv_nsec;
  stamp.size = info.st_size;
  stamp.number = info.st_ino;
  return stamp;
}

bool stamp_equal(const file_stamp *a, const file_stamp *b) {
  return a->is_there == b->is_there && a->seconds == b->seconds &&
         a->nanoseconds == b->nanoseconds && a->size == b->size &&
         a->number == b->number && a->revision == b->revision;
}

static slice last_name(slice path) {
  const char *end = path.data + path.length, *begin = end;
  while (begin > path.data && begin[-1] != '/')
    begin--;
  return slice_between(begin, end);
}

/* The document that the editor has open of a resolved path. */
static const document *open_document(lsp_server *s, const char *path) {
  slice name = last_name(slice_from(path));
  for (size_t i = 0; i < s->documents.count; i++) {
    const document *d = s->documents.items[i];
    if (!d->path.length || !slice_equal(last_name(d->path), name))
      continue;
    const char *real = suite_real_path(&s->scratch, d->path.data);
    if (real && strcmp(real, path) == 0)
      return d;
  }
  return NULL;
}

file_stamp samples_stamp(lsp_server *s, const char *path) {
  file_stamp stamp = stamp_of(path);
  const document *d = open_document(s, path);
  stamp.revision = d ? d->revision : 0;
  return stamp;
}

void samples_note_file(lsp_server *s, sample_book *book, const char *path) {
  book->files = arena_grow(&book->memory, book->files, book->file_count,
                           &book->file_capacity, sizeof *book->files);
  book->files[book->file_count++] =
      samples_stamp(s, arena_string(&book->memory, slice_from(path)));
}

bool samples_read_file(lsp_server *s, sample_book *book, const char *path,
                       size_t limit, slice *text, const char **why) {
  samples_note_file(s, book, path);
  const document *d = open_document(s, path);
  if (!d)
    return file_read(&book->memory, path, limit, text, why) == FILE_OK;
  *text = arena_copy(&book->memory, d->now->text);
  return true;
}

/* --- what a file is ------------------------------------------------------- */

static bool has_any(slice text, const char *const *names) {
  for (; *names; names++)
    if (json_has_member(text, *names))
      return true;
  return false;
}

/* Claims have names with hyphens or of their own; bodies and evidence have
 * these. */
static sample_kind object_kind(slice text) {
  static const char *const request[] = {"quote", "report", "attestationInfo",
                                        "data", NULL};
  static const char *const evidence[] = {
      "QuoteHex", "SnpReport", "TpmInfo", "TcgLogs", "payload", "att_data",
      "AttestationProtocolVersion", NULL};
  if (has_any(text, request))
    return SAMPLE_OF_REQUEST;
  return has_any(text, evidence) ? SAMPLE_OF_EVIDENCE : SAMPLE_OF_CLAIMS;
}

sample_kind samples_kind(slice text, attestation_type type) {
  while (text.length && memchr(" \t\r\n", *text.data, 4))
    text.data++, text.length--;
  if (!text.length || *text.data == '[')
    return SAMPLE_OF_CLAIMS;
  if (*text.data == '{')
    return object_kind(text);
  if (slice_starts_with(text, "eyJ")) /* a token, but for a TPM's message */
    return type == ATTESTATION_TPM ? SAMPLE_OF_EVIDENCE : SAMPLE_OF_CLAIMS;
  return SAMPLE_OF_EVIDENCE;
}
