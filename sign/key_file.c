/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include "base/limits.h"
#include "sign/key_read.h"

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
  private_key key;
  secret *file = secret_read_file(a, path, LIMIT_KEY_BYTES, reason);
  if (!file)
    return NULL;
  bool good = key_read(a, file, NULL, &key, reason) == PRIVATE_KEY_OK;
  secret_wipe(file);
  return good ? key.pair : NULL;
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
