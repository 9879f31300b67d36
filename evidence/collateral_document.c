/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info and QE identity: JSON of which one member is signed as it stands,
 * byte by byte. */
#include <openssl/x509.h>
#include <time.h>

#include "base/base64.h"
#include "base/json_span.h"
#include "evidence/collateral.h"
#include "sign/ec_key.h"

/* --- members -------------------------------------------------------------- */

static const value *member_of(const value *object, const char *name,
                              value_kind kind) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == kind ? v : NULL;
}

const uint8_t *document_hex(arena *a, const value *object, const char *name,
                            size_t size) {
  const value *v = member_of(object, name, VALUE_STRING);
  bytes result;
  if (!v || !hex_decode(a, value_string(v), &result) || result.length != size)
    return NULL;
  return result.data;
}

int64_t document_number(const value *object, const char *name, int64_t most) {
  const value *v = member_of(object, name, VALUE_INTEGER);
  return v && v->integer >= 0 && v->integer <= most ? v->integer : -1;
}

static const char *text_of(arena *a, const value *object, const char *name) {
  const value *v = member_of(object, name, VALUE_STRING);
  return v ? arena_string(a, value_string(v)) : "";
}

bool document_level(arena *a, const value *row, tcb_level *level) {
  buffer list = buffer_in(a);
  const value *ids = member_of(row, "advisoryIDs", VALUE_ARRAY);
  for (uint32_t i = 0; ids && i < ids->count; i++)
    if (ids->items[i].kind == VALUE_STRING) {
      buffer_text(&list, list.length ? ", " : "");
      buffer_add(&list, value_string(&ids->items[i]));
    }
  *level = (tcb_level){text_of(a, row, "tcbStatus"), text_of(a, row, "tcbDate"),
                       buffer_slice(&list).data};
  return level->status[0] != 0;
}

/* --- dates ---------------------------------------------------------------- */

bool document_is_date(const char *text) {
  static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
  if (strlen(text) != sizeof form - 1)
    return false;
  for (size_t i = 0; form[i]; i++)
    if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
      return false;
  return true;
}

static bool write_date(int64_t seconds, char out[32]) {
  time_t time = (time_t)seconds;
  struct tm t;
  return gmtime_r(&time, &t) && strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &t);
}

static bool is_fresh(verifier *v, const signed_document *d) {
  char now[32];
  const char *from = text_of(v->arena, &d->body, "issueDate");
  const char *to = text_of(v->arena, &d->body, "nextUpdate");
  const char *what = verify_text(v, "%s dates", d->what);
  if (!document_is_date(from) || !document_is_date(to))
    return verify_step(v, false, what, NULL,
                       "issueDate and nextUpdate are wanted");
  bool holds = write_date(v->options->now, now) && document_is_date(now) &&
               strcmp(from, now) <= 0 && strcmp(now, to) <= 0;
  return verify_step(v, holds, what, NULL,
                     verify_text(v, "issued %s, next update %s", from, to));
}

/* --- the document --------------------------------------------------------- */

static bool broken(verifier *v, const signed_document *d, const char *why) {
  return verify_step(v, false, d->what, NULL, why);
}

bool document_verify(verifier *v, slice file, X509 *signer,
                     signed_document *d) {
  value whole;
  json_error error;
  if (!json_read(v->arena, file, 0, &whole, &error))
    return broken(v, d, verify_text(v, "not JSON at byte %zu: %s",
                                    error.offset, error.message));
  if (!member_of(&whole, d->member, VALUE_OBJECT))
    return broken(v, d, verify_text(v, "no object \"%s\"", d->member));
  d->text = json_span(file, d->member);
  if (!json_read(v->arena, d->text, 0, &d->body, &error) ||
      d->body.kind != VALUE_OBJECT)
    return broken(v, d, verify_text(v, "no object \"%s\"", d->member));
  const uint8_t *signature =
      document_hex(v->arena, &whole, "signature", EC_SIGNATURE_BYTES);
  EVP_PKEY *key = X509_get0_pubkey(signer);
  bool holds = signature && key &&
               ec_checks_verify(issuer_cache_checks(v->options->issuers), key,
                                bytes_from_slice(d->text),
                                (bytes){signature, EC_SIGNATURE_BYTES});
  return verify_step(v, holds, verify_text(v, "%s signature", d->what),
                     certificate_subject(v->arena, signer).data,
                     "ECDSA P-256 with SHA-256 over the text as it stands") &&
         is_fresh(v, d);
}
