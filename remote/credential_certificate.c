/* SPDX-License-Identifier: Apache-2.0 */
/* Client certificate: an assertion that its key signs (RFC 7523). PS256 and
 * the SHA-256 of the certificate, as current clients do. */
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <time.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/value.h"
#include "evidence/certificate.h"
#include "remote/credentials.h"
#include "sign/digest.h"
#include "sign/jws_make.h"
#include "sign/key_read.h"

enum { ASSERTION_SECONDS = 600 };

typedef struct identity {
  private_key key;
  X509 *chain[KEY_CERTIFICATES_MAX]; /* the key's own first */
  size_t count;
} identity;

/* --- the file ------------------------------------------------------------- */

/* A context that outlives a jump: no copy is kept. */
static int ask_environment(void *context, char *to, int room) {
  const char *word = context;
  if (!word || strlen(word) > (size_t)room)
    return -1;
  memcpy(to, word, strlen(word));
  return (int)strlen(word);
}

static bool is_pem(const secret *file) {
  return strstr(file->data, "-----BEGIN ") != NULL;
}

/* The certificate of the key may stand anywhere in the file. */
static bool take_chain(remote *r, const char *path, slice text,
                       identity *who) {
  certificate_chain found;
  const char *reason;
  size_t own = 0;
  if (!certificate_chain_read(r->arena, bytes_from_slice(text), &found,
                              &reason))
    return remote_fail(r, REMOTE_INPUT, "%s: %s", path, reason);
  while (own < found.count &&
         X509_check_private_key(found.items[own], who->key.pair) != 1)
    own++;
  if (own == found.count)
    return remote_fail(r, REMOTE_INPUT,
                       "%s: no certificate in it is that of its key", path);
  who->chain[who->count++] = found.items[own];
  for (size_t i = 0; i < found.count && who->count < KEY_CERTIFICATES_MAX; i++)
    if (i != own)
      who->chain[who->count++] = found.items[i];
  return true;
}

static bool read_identity(remote *r, const char *path, identity *who) {
  const char *reason;
  const char *word = remote_variable(r, "AZURE_CLIENT_CERTIFICATE_PASSWORD");
  passphrase_source source = {ask_environment, (void *)word};
  secret *file = secret_read_file(r->arena, path, LIMIT_KEY_BYTES, &reason);
  if (!file)
    return remote_fail(r, REMOTE_INPUT, "%s: %s", path, reason);
  if (word)
    remote_secret_copy(r, slice_from(word));
  private_key_status status;
  key_certificates beside = {0};
  bool pem = is_pem(file);
  if (pem)
    status = key_read(r->arena, file, &source, &who->key, &reason);
  else
    status = key_read_pkcs12(r->arena, file, &source, &who->key, &beside,
                             &reason);
  if (status != PRIVATE_KEY_OK) {
    remote_fail(r, REMOTE_INPUT, "%s: %s", path, reason);
    return remote_advise(r, "AZURE_CLIENT_CERTIFICATE_PASSWORD opens it");
  }
  if (who->key.type != JWS_KEY_RSA)
    return remote_fail(r, REMOTE_INPUT, "%s: its key is not RSA", path);
  for (size_t i = 0; i < beside.count; i++)
    who->chain[who->count++] = beside.items[i];
  if (!pem)
    return who->count || remote_fail(r, REMOTE_INPUT,
                                     "%s: there is no certificate in it",
                                     path);
  return take_chain(r, path, (slice){file->data, file->length}, who);
}

/* --- the assertion -------------------------------------------------------- */

static bytes der_of(arena *a, X509 *certificate) {
  int length = i2d_X509(certificate, NULL);
  if (length <= 0)
    arena_fail(a, ARENA_NO_MEMORY);
  unsigned char *data = arena_alloc(a, (size_t)length), *end = data;
  i2d_X509(certificate, &end);
  return (bytes){data, (size_t)length};
}

static slice header_of(remote *r, const identity *who) {
  arena *a = r->arena;
  uint8_t hash[SHA256_BYTES];
  digest_sha256(a, der_of(a, who->chain[0]), hash);
  buffer thumbprint = buffer_in(a), out = buffer_in(a);
  base64url_encode(&thumbprint, (bytes){hash, sizeof hash});
  object_builder o = object_in(a);
  object_set(&o, SLICE("alg"), value_text(SLICE("PS256")));
  object_set(&o, SLICE("typ"), value_text(SLICE("JWT")));
  object_set(&o, SLICE("x5t#S256"), value_text(buffer_slice(&thumbprint)));
  const char *send =
      remote_variable(r, "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN");
  if (send && (strcmp(send, "1") == 0 ||
               slice_equal_ignore_case(slice_from(send), SLICE("true")))) {
    array_builder chain = array_in(a);
    for (size_t i = 0; i < who->count; i++) {
      buffer text = buffer_in(a);
      base64_encode(&text, der_of(a, who->chain[i]));
      array_add(&chain, value_text(buffer_slice(&text)));
    }
    object_set(&o, SLICE("x5c"), array_value(&chain));
  }
  value header = object_value(&o);
  json_write(&out, &header);
  return buffer_slice(&out);
}

/* A UUID of version 4 (RFC 9562 section 5.4). */
static slice random_id(arena *a) {
  uint8_t b[16];
  buffer out = buffer_in(a);
  if (RAND_bytes(b, sizeof b) != 1)
    arena_fail(a, ARENA_NO_MEMORY);
  b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
  b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
  for (size_t i = 0; i < sizeof b; i++)
    buffer_printf(&out, "%s%02x",
                  i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
  return buffer_slice(&out);
}

static slice payload_of(remote *r, const application *app, slice audience) {
  arena *a = r->arena;
  int64_t now = (int64_t)time(NULL);
  object_builder o = object_in(a);
  object_set(&o, SLICE("aud"), value_text(audience));
  object_set(&o, SLICE("exp"), value_integer(now + ASSERTION_SECONDS));
  object_set(&o, SLICE("iat"), value_integer(now));
  object_set(&o, SLICE("iss"), value_text(app->client));
  object_set(&o, SLICE("jti"), value_text(random_id(a)));
  object_set(&o, SLICE("nbf"), value_integer(now));
  object_set(&o, SLICE("sub"), value_text(app->client));
  value payload = object_value(&o);
  buffer out = buffer_in(a);
  json_write(&out, &payload);
  return buffer_slice(&out);
}

credential_outcome credential_certificate(credentials *c, access_token *t) {
  remote *r = c->remote;
  application app;
  const char *path = remote_variable(r, "AZURE_CLIENT_CERTIFICATE_PATH");
  if (!path || !credential_application(c, "AZURE_TENANT_ID",
                                       "AZURE_CLIENT_ID", &app))
    return CREDENTIAL_ABSENT;
  identity who = {0};
  url endpoint;
  if (!read_identity(r, path, &who) ||
      !credential_token_url(c, app.tenant, &endpoint))
    return CREDENTIAL_FAILED;
  buffer audience = buffer_in(r->arena);
  buffer_printf(&audience, "%.*s%.*s", SLICE_ARGS(endpoint.origin),
                SLICE_ARGS(endpoint.path));
  slice assertion;
  if (!jws_make(r->arena, &who.key, JWS_PS256, header_of(r, &who),
                payload_of(r, &app, buffer_slice(&audience)), &assertion)) {
    remote_fail(r, REMOTE_INPUT, "%s: its key cannot sign", path);
    return CREDENTIAL_FAILED;
  }
  remote_secret(r, assertion);
  return credential_exchange_assertion(c, &app, assertion, t);
}
