/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define LIMIT_BYTES ((size_t)64 << 20)

/* A folder of the test's own. */
typedef struct folder {
  char path[64];
  char file[96];
} folder;

static void make_folder(folder *f) {
  snprintf(f->path, sizeof f->path, "/tmp/maapol-file-XXXXXX");
  cr_assert_not_null(mkdtemp(f->path));
  snprintf(f->file, sizeof f->file, "%s/input", f->path);
}

static void remove_folder(folder *f) {
  chmod(f->file, 0600);
  unlink(f->file);
  rmdir(f->path);
}

static void write_file(const char *path, const char *data, size_t length) {
  FILE *file = fopen(path, "wb");
  cr_assert_not_null(file);
  cr_assert_eq(fwrite(data, 1, length, file), length);
  fclose(file);
}

/* The lowest descriptor that is free tells of one that stayed open. */
static int next_descriptor(void) {
  int descriptor = dup(0);
  close(descriptor);
  return descriptor;
}

Test(file, reads_a_file_and_ends_it_with_nul) {
  TEST_ARENA(a, LIMIT_BYTES);
  static char data[200000];
  static const size_t lengths[] = {0, 1, 3, 4095, 4096, 65534, 65536, 200000};
  folder f;
  make_folder(&f);
  int descriptor = next_descriptor();
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (char)(i % 251);
  for (size_t i = 0; i < COUNT_OF(lengths); i++) {
    slice text;
    const char *reason;
    write_file(f.file, data, lengths[i]);
    cr_assert_eq(file_read(&a, f.file, sizeof data, &text, &reason), FILE_OK);
    cr_expect(slice_equal(text, (slice){data, lengths[i]}));
    cr_expect_eq(text.data[text.length], 0);
    cr_expect_null(reason);
  }
  cr_expect_eq(next_descriptor(), descriptor);
  arena_free(&a);
  remove_folder(&f);
}

Test(file, holds_to_the_limit_exactly) {
  TEST_ARENA(a, LIMIT_BYTES);
  folder f;
  make_folder(&f);
  slice text;
  const char *reason;
  write_file(f.file, "12345", 5);
  cr_expect_eq(file_read(&a, f.file, 5, &text, &reason), FILE_OK);
  cr_expect_eq(file_read(&a, f.file, 4, &text, &reason), FILE_TOO_LARGE);
  cr_expect_not_null(strstr(reason, "4 bytes"));
  cr_expect_eq(text.length, 0u);
  arena_free(&a);
  remove_folder(&f);
}

/* Nobody writes to the pipe: a reader that waits never comes back. */
Test(file, a_regular_file_alone) {
  TEST_ARENA(a, LIMIT_BYTES);
  folder f;
  make_folder(&f);
  slice text;
  const char *reason;
  write_file(f.file, "x", 1);
  cr_expect_eq(file_read_regular(&a, f.file, 9, &text, &reason), FILE_OK);
  cr_expect(slice_is(text, "x"));
  unlink(f.file);
  cr_assert_eq(mkfifo(f.file, 0600), 0);
  int descriptor = next_descriptor();
  alarm(10);
  cr_expect_eq(file_read_regular(&a, f.file, 9, &text, &reason),
               FILE_UNREADABLE);
  alarm(0);
  cr_expect_not_null(strstr(reason, "no regular file"));
  cr_expect_eq(file_read_regular(&a, f.path, 9, &text, &reason),
               FILE_UNREADABLE);
  cr_expect_not_null(strstr(reason, "directory"));
  cr_expect_eq(file_read_regular(&a, "-", 9, &text, &reason),
               FILE_UNREADABLE);
  cr_expect_eq(next_descriptor(), descriptor);
  arena_free(&a);
  remove_folder(&f);
}

Test(file, says_why_a_file_cannot_be_read) {
  TEST_ARENA(a, LIMIT_BYTES);
  folder f;
  make_folder(&f);
  slice text;
  const char *reason;
  int descriptor = next_descriptor();
  cr_expect_eq(file_read(&a, f.file, 9, &text, &reason), FILE_UNREADABLE);
  cr_expect_not_null(strstr(reason, "no such file"));
  cr_expect_eq(file_read(&a, f.path, 9, &text, &reason), FILE_UNREADABLE);
  cr_expect_not_null(strstr(reason, "directory"));
  write_file(f.file, "x", 1);
  char below[128];
  snprintf(below, sizeof below, "%s/below", f.file);
  cr_expect_eq(file_read(&a, below, 9, &text, &reason), FILE_UNREADABLE);
  cr_expect_not_null(strstr(reason, "not a directory"));
  if (geteuid() != 0) { /* root may read everything */
    chmod(f.file, 0);
    cr_expect_eq(file_read(&a, f.file, 9, &text, &reason), FILE_UNREADABLE);
    cr_expect_not_null(strstr(reason, "permission"));
  }
  cr_expect_eq(next_descriptor(), descriptor);
  arena_free(&a);
  remove_folder(&f);
}

/* A pipe has no size and gives its data in pieces. */
static void feed(int descriptor, size_t pieces) {
  char piece[1000];
  memset(piece, 'p', sizeof piece);
  for (size_t i = 0; i < pieces; i++)
    if (write(descriptor, piece, sizeof piece) < 0)
      break;
}

static file_status read_pipe(arena *a, size_t pieces, size_t limit,
                             slice *text) {
  int ends[2];
  const char *reason;
  cr_assert_eq(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    feed(ends[1], pieces);
    _exit(0);
  }
  close(ends[1]);
  cr_assert_eq(dup2(ends[0], 0), 0);
  close(ends[0]);
  file_status status = file_read(a, "-", limit, text, &reason);
  cr_expect_eq(status == FILE_OK, reason == NULL);
  return status;
}

Test(file, reads_standard_input_to_its_end) {
  TEST_ARENA(a, LIMIT_BYTES);
  slice text;
  cr_assert_eq(read_pipe(&a, 300, 300000, &text), FILE_OK);
  cr_assert_eq(text.length, 300000u);
  for (size_t i = 0; i < text.length; i++)
    cr_assert_eq(text.data[i], 'p');
  cr_expect_eq(text.data[text.length], 0);
  cr_expect_eq(fcntl(0, F_GETFD), 0, "standard input stays open");
  cr_expect_eq(read_pipe(&a, 300, 299999, &text), FILE_TOO_LARGE);
  cr_expect_eq(read_pipe(&a, 0, 10, &text), FILE_OK);
  cr_expect_eq(text.length, 0u);
  arena_free(&a);
}

Test(file, stops_at_the_limit_of_an_endless_device) {
  TEST_ARENA(a, LIMIT_BYTES);
  slice text;
  const char *reason;
  cr_expect_eq(file_read(&a, "/dev/zero", 100000, &text, &reason),
               FILE_TOO_LARGE);
  arena_free(&a);
}

/* What is open when the arena gives out is closed with the arena. */
Test(file, closes_when_memory_runs_out) {
  int descriptor = next_descriptor();
  arena a;
  jmp_buf failure;
  arena_init(&a, 100000);
  volatile bool failed = true;
  if (!ARENA_GUARD(&a, failure)) {
    slice text;
    const char *reason;
    file_read(&a, "/dev/zero", 10000000, &text, &reason);
    failed = false;
  }
  cr_expect(failed);
  arena_free(&a);
  cr_expect_eq(next_descriptor(), descriptor);
}
