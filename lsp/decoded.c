/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "base/text.h"
#include "lsp/constant.h"
#include "lsp/language.h"

static const char scheme[] = "maapol-decoded:";

bool lsp_is_decoded(slice uri) { return slice_starts_with(uri, scheme); }

/* --- the text inside ------------------------------------------------------ */

static slice trimmed(slice s) {
  while (s.length && strchr(" \t\r\n\"", *s.data) && *s.data)
    s.data++, s.length--;
  while (s.length && strchr(" \t\r\n\"", s.data[s.length - 1]) &&
         s.data[s.length - 1])
    s.length--;
  return s;
}

/* A member of the text, if that is an object. */
static bool text_member(arena *a, slice text, const char *name, slice *found) {
  value v;
  json_error error;
  if (!text.length || *text.data != '{' ||
      !json_read(a, text, JSON_LAST_NAME_WINS, &v, &error))
    return false;
  slice text_found = lsp_text_member(&v, name);
  if (text_found.length)
    *found = text_found;
  return text_found.length > 0;
}

/* {"AttestationPolicy": ".."}: the payload of a token alone. The compiler
 * refuses it, since nothing signs it; it can be looked at all the same. */
static bool from_payload(arena *a, slice text, slice *inside) {
  slice coded;
  bytes decoded;
  if (!text_member(a, text, "AttestationPolicy", &coded) ||
      !base64_decode(a, coded, BASE64_URL, &decoded))
    return false;
  *inside = slice_from_bytes(decoded);
  return true;
}

static bool text_inside(arena *a, document *d, slice *inside) {
  const policy *p = document_policy(d);
  *inside = p->text;
  return p->was_wrapped || from_payload(a, trimmed(d->now->text), inside);
}

const char *lsp_why_read_only(document *d) {
  if (lsp_is_decoded(d->uri))
    return "this is the text inside of a token: it can be read, and not be "
           "changed";
  return document_is_plain(d)
             ? NULL
             : "the policy stands inside of a token: its bytes are what was "
               "signed";
}

/* --- the document --------------------------------------------------------- */

static slice without_percents(arena *a, slice uri) {
  buffer b = buffer_in(a);
  percent_decode(&b, uri, false);
  return buffer_slice(&b);
}

/* Editors write the colon of the inner URI as %3A, and more. */
static document *origin_of(lsp_server *s, slice uri) {
  size_t length = sizeof scheme - 1;
  slice inner = {uri.data + length, uri.length - length};
  document *d = documents_find(&s->documents, inner);
  if (d)
    return d;
  inner = without_percents(&s->scratch, inner);
  for (size_t i = 0; i < s->documents.count; i++) {
    document *other = s->documents.items[i];
    if (other->uri.length &&
        slice_equal(inner, without_percents(&s->scratch, other->uri)))
      return other;
  }
  return NULL;
}

/* One is kept; most requests ask about the same. */
static void forget(lsp_server *s) {
  documents_free(&s->decoded);
}

document *lsp_decoded_document(lsp_server *s, slice uri) {
  document *opened = documents_find(&s->documents, uri);
  if (opened)
    return opened; /* the client opened it, with this text */
  document *origin = origin_of(s, uri);
  slice inside;
  if (!origin || !text_inside(&s->scratch, origin, &inside))
    return NULL;
  document *d = documents_find(&s->decoded, uri);
  if (!d || !slice_equal(d->now->text, inside)) {
    forget(s);
    s->decoded.arena = s->arena;
    d = documents_open(&s->decoded, uri, inside, &s->failure);
  }
  if (d)
    d->settings = origin->settings;
  return d;
}

static void origin_closed(lsp_server *s, slice uri) {
  (void)uri;
  forget(s);
}

const lsp_feature lsp_decoded_feature = {
    .closed = origin_closed, .configured = forget, .failed = forget,
    .freed = forget};

/* --- requests ------------------------------------------------------------- */

static value decoded_uri(arena *a, slice uri) {
  buffer b = buffer_in(a);
  buffer_text(&b, scheme);
  buffer_add(&b, uri);
  return value_text(buffer_slice(&b));
}

value lsp_show_decoded(lsp_request *r, slice uri) {
  document *d = lsp_is_decoded(uri) ? origin_of(r->server, uri)
                                    : documents_find(&r->server->documents,
                                                     uri);
  slice inside;
  if (!d)
    return lsp_refuse(r, LSP_INVALID_PARAMS, "this document is not open");
  if (!text_inside(r->arena, d, &inside))
    return lsp_refuse(r, LSP_REQUEST_FAILED,
                      "no policy stands inside of this document");
  object_builder o = object_in(r->arena);
  set(&o, "uri", decoded_uri(r->arena, d->uri));
  set_text(&o, "languageId", "maapolicy");
  set(&o, "text", value_text(inside));
  return object_value(&o);
}

value lsp_decoded(lsp_request *r) {
  return lsp_show_decoded(
      r, lsp_text_member(lsp_at(r->params, "textDocument", NULL), "uri"));
}

/* Source: LSP 3.18, "Text Document Content Request". */
value lsp_text_content(lsp_request *r) {
  slice uri = lsp_text_member(r->params, "uri");
  if (!lsp_is_decoded(uri))
    return lsp_refuse(r, LSP_INVALID_PARAMS,
                      "only maapol-decoded: has content");
  value shown = lsp_show_decoded(r, uri);
  object_builder o = object_in(r->arena);
  if (r->error)
    return value_null();
  set(&o, "text", *value_member(&shown, SLICE("text")));
  return object_value(&o);
}

/* --- hover ---------------------------------------------------------------- */

static size_t decoded_length(slice base64) {
  return base64.length / 4 * 3 + (base64.length % 4 * 3) / 4;
}

static void describe_signer(buffer *out, const value *header,
                            slice signature) {
  slice algorithm = lsp_text_member(header, "alg");
  slice key = lsp_text_member(header, "kid");
  const value *chain = lsp_at(header, "x5c", NULL);
  buffer_text(out, "\n* algorithm: ");
  markdown_code(out, algorithm.length ? algorithm : SLICE("not said"));
  if (!signature.length)
    buffer_text(out, "\n* unsecured: nobody signed it");
  else
    buffer_printf(out, "\n* signature: %zu bytes",
                  decoded_length(signature));
  if (key.length) {
    buffer_text(out, "\n* key: ");
    markdown_code(out, key);
  }
  if (chain && chain->kind == VALUE_ARRAY) {
    buffer_printf(out, "\n* certificates of the signer: %u", chain->count);
    for (uint32_t i = 0; i < chain->count && i < 8; i++)
      if (chain->items[i].kind == VALUE_STRING)
        buffer_printf(out, "%s%zu bytes", i ? ", " : "; ",
                      decoded_length(value_string(&chain->items[i])));
  }
  buffer_text(out, "\n");
}

static bool read_part(arena *a, slice part, value *v) {
  bytes b;
  json_error error;
  return base64_decode(a, part, BASE64_URL, &b) &&
         json_read(a, slice_from_bytes(b), JSON_LAST_NAME_WINS, v, &error);
}

/* header.payload.signature; of an answer of the service also the token in it.
 */
static bool describe_token(buffer *out, slice token, const char *what) {
  const char *first =
      token.length ? memchr(token.data, '.', token.length) : NULL;
  value header, payload;
  if (!first)
    return false;
  slice head = slice_between(token.data, first);
  slice rest = {first + 1, token.length - head.length - 1};
  const char *second =
      rest.length ? memchr(rest.data, '.', rest.length) : NULL;
  if (!second || !read_part(out->arena, head, &header))
    return false;
  slice body = slice_between(rest.data, second);
  slice signature = {second + 1, rest.length - body.length - 1};
  buffer_printf(out, "%s, %zu bytes", what, token.length);
  describe_signer(out, &header, signature);
  if (read_part(out->arena, body, &payload)) {
    slice inner = lsp_text_member(&payload, "x-ms-policy");
    if (inner.length) {
      buffer_text(out, "\n");
      describe_token(out, inner, "in it: a policy token");
    }
  }
  return true;
}

void lsp_describe_carrier(buffer *out, document *d) {
  slice text = trimmed(d->now->text), token = text, inside;
  if (!text_inside(out->arena, d, &inside))
    return;
  text_member(out->arena, text, "token", &token);
  if (!describe_token(out, token, "a token that carries a policy"))
    buffer_text(out, "a policy in base64url, without a token around it: nobody "
                     "signed it\n");
  buffer_printf(out,
                "\nNothing of it was verified here. The policy inside has %zu "
                "bytes; it can be read as `",
                inside.length);
  buffer_text(out, scheme);
  buffer_text(out, "..`\n\nHashes (`policyHash` of the text, "
                   "`policyTokenHash` of the token): `maapol hash FILE`. "
                   "Signature: `maapol token verify FILE`.\n");
}
