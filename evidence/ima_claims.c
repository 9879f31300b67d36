/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/ima_claims.h"

#include <openssl/x509.h>

#include "evidence/certificate.h"
#include "evidence/event_text.h"
#include "evidence/fields.h"

/* The names of the kernel (crypto/hash_info.c). */
static const struct {
  const char *name;
  digest_algorithm hash;
} hashes[] = {{"sha1", DIGEST_SHA1},
              {"sha256", DIGEST_SHA256},
              {"sha384", DIGEST_SHA384},
              {"sha512", DIGEST_SHA512}};

static bool buffer_is_measured(const ima_event *e) {
  uint8_t result[DIGEST_BYTES_MAX];
  for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
    if (slice_is(e->hash_name, hashes[i].name))
      return digest(hashes[i].hash, e->data, result) &&
             bytes_equal((bytes){result, digest_length(hashes[i].hash)},
                         e->file_digest);
  return false;
}

/* A key that was added to a keyring is a certificate from end to end. */
static bool add_key(object_builder *o, const ima_event *e) {
  const unsigned char *at = e->data.data;
  X509 *certificate = d2i_X509(NULL, &at, (long)e->data.length);
  if (!certificate)
    return false;
  certificate_keep(o->arena, certificate);
  if (at != e->data.data + e->data.length)
    return false;
  object_set(o, SLICE("Keyring"), value_text(e->file_name));
  object_set(o, SLICE("CertificateSubject"),
             value_text(certificate_subject(o->arena, certificate)));
  return true;
}

static bool add_kernel_version(object_builder *o, const ima_event *e) {
  slice text;
  if (!slice_is(e->file_name, "kernel_version") ||
      !event_utf8(o->arena, e->data, &text))
    return false;
  object_set(o, SLICE("KernelVersion"), value_text(text));
  return true;
}

static void add_buffer(object_builder *o, const ima_event *e) {
  if (!buffer_is_measured(e) || add_kernel_version(o, e) || add_key(o, e))
    return;
  object_set(o, SLICE("BufferName"), value_text(e->file_name));
  object_set(o, SLICE("RawData"), event_base64url(o->arena, e->data));
}

static void add_file(object_builder *o, const ima_event *e) {
  buffer text = buffer_in(o->arena);
  buffer_printf(&text, "%.*s:", SLICE_ARGS(e->hash_name));
  buffer_hex(&text, e->file_digest);
  object_set(o, SLICE("FileName"), value_text(e->file_name));
  object_set(o, SLICE("FileDigest"),
             event_string(o->arena, buffer_slice(&text)));
  if (e->signature.length > 0)
    object_set(o, SLICE("Signature"), event_base64url(o->arena, e->signature));
}

value ima_event_data(arena *a, const ima_event *event) {
  object_builder o = object_in(a);
  if (event->is_violation)
    object_set(&o, SLICE("Violation"), value_boolean(true));
  else if (event->data.length > 0)
    add_buffer(&o, event);
  else if (event->hash_name.length > 0)
    add_file(&o, event);
  else
    return event_raw(a, event->template_data);
  return object_value(&o);
}
