/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/cose_sign1.h"

#include <openssl/err.h>
#include <openssl/x509.h>

/* Labels of header parameters (IANA, "COSE Header Parameters"). */
enum {
  LABEL_ALGORITHM = 1,
  LABEL_CONTENT_TYPE = 3,
  LABEL_CWT_CLAIMS = 15,
  LABEL_X5CHAIN = 33,
  CWT_ISSUER = 1,
  CWT_SUBJECT = 2
};

static slice take_text(byte_reader *r, const char *what) {
  size_t at = r->position;
  slice text = slice_from_bytes(cbor_take(r, CBOR_TEXT, what).content);
  for (size_t i = 0; i < text.length; i++)
    if (text.data[i] < ' ' || text.data[i] > '~') {
      reader_fail(r, EVIDENCE_VALUE, at, "%s is not printable ASCII", what);
      return SLICE_EMPTY;
    }
  return text;
}

static int64_t take_integer(byte_reader *r, const char *what) {
  size_t at = r->position;
  int64_t number;
  cbor_item item = cbor_next(r, what);
  if (!cbor_integer(&item, &number) && !r->failed)
    reader_fail(r, EVIDENCE_FORMAT, at, "%s is not an integer", what);
  return number;
}

/* One certificate is a byte string, several are an array of them. */
static void take_certificates(byte_reader *r, cose_sign1 *m) {
  size_t at = r->position;
  cbor_item item = cbor_next(r, "x5chain");
  if (item.type == CBOR_BYTES) {
    m->certificates[0] = item.content;
    m->certificate_count = 1;
    return;
  }
  if (!r->failed && item.type != CBOR_ARRAY)
    reader_fail(r, EVIDENCE_FORMAT, at,
                "x5chain is neither a byte string nor an array");
  if (!r->failed && item.argument > LIMIT_CERTIFICATES)
    reader_fail(r, EVIDENCE_TOO_LARGE, at,
                "x5chain has more than %d "
                "certificates",
                (int)LIMIT_CERTIFICATES);
  m->certificate_count = 0;
  for (uint64_t i = 0; i < item.argument && !r->failed; i++)
    m->certificates[m->certificate_count++] =
        cbor_take(r, CBOR_BYTES, "a certificate of x5chain").content;
}

/* Seconds since the epoch behind tag 1 (RFC 8949 section 3.4.2). */
static void take_time(byte_reader *r, cose_sign1 *m) {
  size_t at = r->position;
  cbor_item tag = cbor_take(r, CBOR_TAG, "signingtime");
  if (!r->failed && tag.argument != 1)
    reader_fail(r, EVIDENCE_FORMAT, at,
                "signingtime has not tag 1 (seconds "
                "since the epoch)");
  m->time = take_integer(r, "signingtime");
  m->has_time = !r->failed;
}

static void take_cwt_claims(byte_reader *r, cose_sign1 *m) {
  cbor_item map = cbor_take(r, CBOR_MAP, "the CWT claims");
  for (uint64_t i = 0; i < map.argument && !r->failed; i++) {
    cbor_item label = cbor_next(r, "a CWT claim");
    if (label.type == CBOR_UNSIGNED && label.argument == CWT_ISSUER)
      m->issuer = take_text(r, "the issuer");
    else if (label.type == CBOR_UNSIGNED && label.argument == CWT_SUBJECT)
      m->feed = take_text(r, "the feed");
    else
      cbor_skip(r, "a CWT claim");
  }
}

static bool is_label(const cbor_item *item, const char *name) {
  return item->type == CBOR_TEXT &&
         slice_is(slice_from_bytes(item->content), name);
}

static void take_numbered(byte_reader *r, uint64_t label, cose_sign1 *m) {
  switch (label) {
  case LABEL_ALGORITHM:
    m->algorithm = take_integer(r, "the algorithm");
    break;
  case LABEL_CONTENT_TYPE:
    m->content_type = take_text(r, "the content type");
    break;
  case LABEL_X5CHAIN:
    take_certificates(r, m);
    break;
  case LABEL_CWT_CLAIMS:
    take_cwt_claims(r, m);
    break;
  default:
    cbor_skip(r, "a header parameter");
  }
}

static void take_parameter(byte_reader *r, cose_sign1 *m) {
  cbor_item label = cbor_next(r, "a header label");
  if (r->failed)
    return;
  if (label.type == CBOR_UNSIGNED)
    take_numbered(r, label.argument, m);
  else if (is_label(&label, "iss"))
    m->issuer = take_text(r, "the issuer");
  else if (is_label(&label, "feed"))
    m->feed = take_text(r, "the feed");
  else if (is_label(&label, "signingtime"))
    take_time(r, m);
  else
    cbor_skip(r, "a header parameter");
}

/* The protected header is a map inside a byte string. */
static void read_header(byte_reader *r, cose_sign1 *m) {
  cbor_item header = cbor_take(r, CBOR_BYTES, "the protected header");
  if (r->failed)
    return;
  m->protected_header = header.content;
  byte_reader inner = *r;
  inner.base = r->base + r->position - header.content.length;
  inner.data = header.content;
  inner.position = 0;
  inner.structure = "protected header";
  cbor_item map = cbor_take(&inner, CBOR_MAP, "the protected header");
  for (uint64_t i = 0; i < map.argument && !inner.failed; i++)
    take_parameter(&inner, m);
  if (!inner.failed && reader_left(&inner) > 0)
    reader_fail(&inner, EVIDENCE_LENGTH, inner.position,
                "%zu bytes lie behind the protected header's map",
                reader_left(&inner));
  r->failed = inner.failed;
}

static void check_count(byte_reader *r, size_t at, uint64_t count) {
  if (!r->failed && count != 4)
    reader_fail(r, EVIDENCE_FORMAT, at,
                "an array of %llu items, but COSE_Sign1 has 4",
                (unsigned long long)count);
}

bool cose_sign1_read(byte_reader *r, cose_sign1 *result) {
  *result = (cose_sign1){0};
  size_t at = r->position;
  cbor_item tag = cbor_take(r, CBOR_TAG, "the message");
  if (!r->failed && tag.argument != COSE_SIGN1_TAG)
    reader_fail(r, EVIDENCE_FORMAT, at,
                "CBOR tag %llu, but 18 (COSE_Sign1) is "
                "wanted",
                (unsigned long long)tag.argument);
  at = r->position;
  check_count(r, at, cbor_take(r, CBOR_ARRAY, "the message").argument);
  read_header(r, result);
  cbor_skip(r, "the unprotected header");
  result->payload = cbor_take(r, CBOR_BYTES, "the payload").content;
  result->signature = cbor_take(r, CBOR_BYTES, "the signature").content;
  if (!r->failed && reader_left(r) > 0)
    reader_fail(r, EVIDENCE_LENGTH, r->position,
                "%zu bytes lie behind the COSE_Sign1 message", reader_left(r));
  return !r->failed;
}

bool cose_sign1_chain(arena *a, const cose_sign1 *message,
                      certificate_chain *chain, const char **reason) {
  *chain = (certificate_chain){0};
  *reason = "there is no certificate in its header (x5chain)";
  for (size_t i = 0; i < message->certificate_count; i++) {
    bytes der = message->certificates[i];
    const unsigned char *at = der.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.length);
    ERR_clear_error();
    *reason = "a broken certificate in its header (x5chain)";
    if (!certificate)
      return false;
    chain->items[chain->count++] = certificate_keep(a, certificate);
    if (at != der.data + der.length)
      return false;
  }
  return chain->count > 0;
}
