/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

static void free_key(void *key) { EVP_PKEY_free(key); }

/* OpenSSL would ask at the terminal; a library must not. */
static int no_password(char *to, /* NOLINT(readability-non-const-parameter) */
                       int size, int writing, void *data) {
  (void)to, (void)size, (void)writing, (void)data;
  return -1;
}

static const char *open_failure(int error) {
  switch (error) {
  case ENOENT:
    return "no such file or directory";
  case EEXIST:
    return "the file exists already";
  case EACCES:
  case EPERM:
    return "permission denied";
  default:
    return "the file cannot be opened";
  }
}

EVP_PKEY *key_file_read(arena *a, const char *path, const char **reason) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    *reason = open_failure(errno);
    return NULL;
  }
  /* Unbuffered, hence no copy of the key in a stream's buffer. */
  BIO *file = BIO_new_fd(descriptor, BIO_NOCLOSE);
  EVP_PKEY *key =
      file ? PEM_read_bio_PrivateKey(file, NULL, no_password, NULL) : NULL;
  BIO_free(file);
  close(descriptor);
  ERR_clear_error();
  if (key)
    arena_defer(a, free_key, key);
  else
    *reason = "no unencrypted private key in PEM form";
  return key;
}

static bool write_all(int descriptor, const char *data, size_t length) {
  while (length > 0) {
    ssize_t written = write(descriptor, data, length);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    data += written;
    length -= (size_t)written;
  }
  return true;
}

bool key_file_write(const char *path, EVP_PKEY *key, const char **reason) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    *reason = open_failure(errno);
    return false;
  }
  BIO *memory = BIO_new(BIO_s_secmem());
  char *text = NULL;
  bool good = memory && PEM_write_bio_PKCS8PrivateKey(memory, key, NULL, NULL,
                                                      0, NULL, NULL) == 1;
  long length = good ? BIO_get_mem_data(memory, &text) : 0;
  good = good && write_all(descriptor, text, (size_t)length);
  BIO_free(memory);
  if (close(descriptor) != 0)
    good = false;
  if (!good) {
    unlink(path);
    *reason = "the key cannot be written";
  }
  ERR_clear_error();
  return good;
}
