/* SPDX-License-Identifier: Apache-2.0 */
/* What all entries of the library share. */
#include "api/api.h"
#include "base/memory.h"
#include "base/text.h"

/* Names for messages; the headers' numbers are the indexes. */
#define NAME_OF(names, number)                                                 \
  ((size_t)(number) < sizeof(names) / sizeof *(names) ? (names)[number]        \
                                                      : "unknown")

const char *maapol_status_text(maapol_status status) {
  static const char *const texts[] = {
      [MAAPOL_OK] = "done",
      [MAAPOL_NO_MEMORY] = "out of memory",
      [MAAPOL_LIMIT] = "a limit is exceeded",
      [MAAPOL_INVALID_ARGUMENT] = "an argument of a call is wrong",
      [MAAPOL_INVALID_POLICY] = "the policy has errors",
      [MAAPOL_INVALID_CLAIMS] = "the claims cannot be read",
      [MAAPOL_INVALID_KEY] = "the key or certificate cannot be used",
      [MAAPOL_NO_PASSPHRASE] = "the key is encrypted: no passphrase",
      [MAAPOL_WRONG_PASSPHRASE] = "the passphrase is wrong",
      [MAAPOL_WRONG_SIGNATURE] = "the signature does not verify",
  };
  return NAME_OF(texts, status);
}

const char *maapol_version(void) { return MAAPOL_VERSION; }

const char *maapol_severity_name(maapol_severity s) {
  static const char *const names[] = {
      [MAAPOL_SEVERITY_INFO] = "info",
      [MAAPOL_SEVERITY_WARNING] = "warning",
      [MAAPOL_SEVERITY_ERROR] = "error",
  };
  return NAME_OF(names, s);
}

const char *maapol_decision_name(maapol_decision d) {
  static const char *const names[] = {
      [MAAPOL_DENY] = "deny",
      [MAAPOL_PERMIT] = "permit",
      [MAAPOL_ERROR] = "error",
  };
  return NAME_OF(names, d);
}

const char *maapol_verification_name(maapol_verification v) {
  static const char *const names[] = {
      [MAAPOL_NOT_VERIFIED] = "not verified",
      [MAAPOL_VERIFICATION_FAILED] = "failed",
      [MAAPOL_VERIFIED_SIGNATURE] = "signature",
      [MAAPOL_VERIFIED_FULL] = "full",
  };
  return NAME_OF(names, v);
}

void maapol_string_free(char *text) { memory_free(text); }

bool api_is_utf8(const char *text, size_t length) {
  return utf8_error((slice){text, length}) == length;
}

/* The one place that a failed allocation jumps to. What the task needs is
 * behind `context`, so that no local changes between. */
maapol_status api_guard(arena *a, api_task task, void *context) {
  jmp_buf failure;
  maapol_status status;
  if (ARENA_GUARD(a, failure))
    status = a->failure == ARENA_LIMIT ? MAAPOL_LIMIT : MAAPOL_NO_MEMORY;
  else
    status = task(a, context);
  a->guard = NULL;
  return status;
}

/* --- texts for the user --------------------------------------------------- */

typedef struct writing {
  api_writer writer;
  const void *object, *more;
  char *text;
} writing;

static maapol_status write_text(arena *a, void *context) {
  writing *w = context;
  buffer out = buffer_in(a);
  w->writer(&out, w->object, w->more);
  slice text = buffer_slice(&out);
  w->text = memory_alloc(text.length + 1);
  if (!w->text)
    return MAAPOL_NO_MEMORY;
  memcpy(w->text, text.data, text.length + 1);
  return MAAPOL_OK;
}

maapol_status api_write(api_writer writer, const void *object, const void *more,
                        char **text) {
  if (!text)
    return MAAPOL_INVALID_ARGUMENT;
  *text = NULL;
  if (!object)
    return MAAPOL_INVALID_ARGUMENT;
  arena a;
  arena_init(&a, LIMIT_ARENA_BYTES);
  writing w = {writer, object, more, NULL};
  maapol_status status = api_guard(&a, write_text, &w);
  arena_free(&a);
  *text = w.text;
  return status;
}
