/* SPDX-License-Identifier: Apache-2.0 */
/* The files of samples: what they were when they were read, and what they
 * hold. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json_span.h"
#include "base/limits.h"
#include "lsp/samples.h"
#include "suite/root.h"

/* --- stamps --------------------------------------------------------------- */

static int64_t nanoseconds(struct timespec t) {
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static file_stamp stamp_from(const char *path, const struct stat *info) {
  return (file_stamp){.path = path,
                      .is_there = true,
                      .modified_ns = nanoseconds(info->st_mtim),
                      .changed_ns = nanoseconds(info->st_ctim),
                      .size = info->st_size,
                      .device = info->st_dev,
                      .number = info->st_ino};
}

/* FNV-1a, 64 bits. */
static uint64_t mix(uint64_t hash, unsigned octet) {
  return (hash ^ octet) * UINT64_C(0x100000001b3);
}

static uint64_t mix_number(uint64_t hash, uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8)
    hash = mix(hash, number >> shift & 0xff);
  return hash;
}

static uint64_t mix_file(const char *name, const struct stat *info) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (; *name; name++)
    hash = mix(hash, (unsigned char)*name);
  hash = mix_number(hash, (uint64_t)nanoseconds(info->st_mtim));
  hash = mix_number(hash, (uint64_t)nanoseconds(info->st_ctim));
  hash = mix_number(hash, (uint64_t)info->st_size);
  hash = mix_number(hash, (uint64_t)info->st_dev);
  return mix_number(hash, (uint64_t)info->st_ino);
}

/* A certificate that is written over does not change the time of its folder.
 * The sum does not depend on the order of the files. */
static void look_inside(file_stamp *stamp) {
  size_t count = 0;
  struct stat info;
  DIR *folder = opendir(stamp->path);
  if (!folder)
    return;
  for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
    if (++count > LIMIT_LSP_FOLDER_FILES) {
      stamp->has_too_many = true;
      break;
    }
    if (fstatat(dirfd(folder), e->d_name, &info, 0) == 0 &&
        !S_ISDIR(info.st_mode))
      stamp->inside += mix_file(e->d_name, &info);
  }
  closedir(folder);
}

file_stamp stamp_of(const char *path) {
  struct stat info;
  if (stat(path, &info) != 0)
    return (file_stamp){.path = path};
  file_stamp stamp = stamp_from(path, &info);
  if (S_ISDIR(info.st_mode))
    look_inside(&stamp);
  return stamp;
}

void stamp_write(buffer *out, const file_stamp *s) {
  buffer_printf(out, "%d %lld %lld %lld %llu %llu %llu\n", s->is_there,
                (long long)s->modified_ns, (long long)s->changed_ns,
                (long long)s->size, (unsigned long long)s->device,
                (unsigned long long)s->number, (unsigned long long)s->inside);
}

bool stamp_equal(const file_stamp *a, const file_stamp *b) {
  return a->is_there == b->is_there && a->modified_ns == b->modified_ns &&
         a->changed_ns == b->changed_ns && a->size == b->size &&
         a->device == b->device && a->number == b->number &&
         a->has_too_many == b->has_too_many && a->inside == b->inside &&
         a->revision == b->revision;
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
    return file_read_regular(&book->memory, path, limit, text, why) ==
           FILE_OK;
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
