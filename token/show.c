/* SPDX-License-Identifier: Apache-2.0 */
#include "token/show.h"

#include "base/base64.h"
#include "base/render.h"
#include "base/text.h"
#include "compiler/claim_catalogue.h"
#include "evidence/certificate.h"
#include "sign/jwk.h"
#include "sign/policy_hash.h"
#include "token/verify.h"

enum {
  NESTING_MAX = 2, /* an answer and the policy token in it */
  SHOWN_BYTES = 96 /* of one value, to people */
};

/* --- reading -------------------------------------------------------------- */

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static slice trim(slice s) {
  while (s.length && is_space(*s.data))
    s = (slice){s.data + 1, s.length - 1};
  while (s.length && is_space(s.data[s.length - 1]))
    s.length--;
  if (s.length > 2 && *s.data == '"' && s.data[s.length - 1] == '"')
    s = (slice){s.data + 1, s.length - 2};
  return s;
}

slice token_unwrap(arena *a, slice given) {
  value body;
  json_error error;
  slice text = trim(given);
  if (!text.length || *text.data != '{' ||
      !json_read(a, text, 0, &body, &error) || body.count != 1)
    return text;
  const value *token = value_member(&body, SLICE("token"));
  return token && token->kind == VALUE_STRING ? value_string(token) : text;
}

/* The first of these claims that a token has says its kind. */
static const struct {
  const char *claim;
  token_kind kind;
} kinds[] = {
    {"AttestationPolicy", TOKEN_OWNERS_POLICY},
    {"policyCertificate", TOKEN_OWNERS_CERTIFICATE},
    {"maa-policyCertificate", TOKEN_OWNERS_CERTIFICATE},
    {"x-ms-attestation-type", TOKEN_ATTESTATION},
    {"x-ms-policy-result", TOKEN_POLICY_RESULT},
    {"x-ms-policy-certificates", TOKEN_CERTIFICATES},
    {"x-ms-policycertificates-result", TOKEN_CERTIFICATE_RESULT},
    {"x-ms-policy-hash", TOKEN_ATTESTATION},
    {"x-ms-policy", TOKEN_POLICY},
};

static token_kind kind_of(const token_view *v) {
  if (!v->token.payload.length)
    return TOKEN_RESET;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (value_member(&v->claims, slice_from(kinds[i].claim)))
      return kinds[i].kind;
  return TOKEN_OTHER;
}

const char *token_kind_name(token_kind kind) {
  static const char *const names[TOKEN_KIND_COUNT] = {
      [TOKEN_OTHER] = "token of an unknown kind",
      [TOKEN_ATTESTATION] = "attestation token",
      [TOKEN_POLICY] = "answer: the policy in force",
      [TOKEN_POLICY_RESULT] = "answer: result of setting a policy",
      [TOKEN_CERTIFICATES] = "answer: certificates of policy signers",
      [TOKEN_CERTIFICATE_RESULT] = "answer: result for a signer's certificate",
      [TOKEN_OWNERS_POLICY] = "policy token",
      [TOKEN_OWNERS_CERTIFICATE] = "token of a signer's certificate",
      [TOKEN_RESET] = "reset token, or no policy",
  };
  return kind < TOKEN_KIND_COUNT ? names[kind] : names[TOKEN_OTHER];
}

static void read_policy(arena *a, token_view *v) {
  const value *text = value_member(&v->claims, SLICE("AttestationPolicy"));
  bytes policy;
  if (!text || text->kind != VALUE_STRING ||
      !base64_decode(a, value_string(text), BASE64_URL, &policy))
    return;
  v->has_policy = true;
  v->policy = slice_from_bytes(policy);
}

static bool read_view(arena *a, slice text, unsigned depth, token_view *v,
                      token_refusal *why) {
  jws strict;
  token_refusal ignored;
  *v = (token_view){.text = text, .claims = value_null()};
  if (!jws_read(a, text, JWS_OF_POLICY_OWNER | JWS_TO_SHOW, &v->token, why))
    return false;
  jws_read(a, text, JWS_OF_POLICY_OWNER, &strict, &v->form);
  if (v->token.payload.length &&
      !jws_claims(a, &v->token, &v->claims, &ignored)) {
    v->claims = value_null();
    if (*v->token.payload.data == '{')
      v->form = ignored;
  }
  v->kind = kind_of(v);
  read_policy(a, v);
  const value *inner = value_member(&v->claims, SLICE("x-ms-policy"));
  token_view *policy_token = ARENA_NEW(a, token_view);
  if (depth < NESTING_MAX && inner && inner->kind == VALUE_STRING &&
      read_view(a, value_string(inner), depth + 1, policy_token, &ignored))
    v->policy_token = policy_token;
  return true;
}

bool token_view_read(arena *a, slice text, token_view *result,
                     token_refusal *why) {
  return read_view(a, text, 1, result, why);
}

/* --- what claims mean ----------------------------------------------------- */

static attestation_type type_of(const token_view *v) {
  static const struct {
    const char *claim;
    attestation_type type;
  } types[] = {
      {"sgx", ATTESTATION_SGX_ENCLAVE}, {"sevsnpvm", ATTESTATION_SEV_SNP_VM},
      {"tdxvm", ATTESTATION_TDX_VM},    {"azurevm", ATTESTATION_AZURE_GUEST},
      {"tpm", ATTESTATION_TPM},         {"vbs", ATTESTATION_TPM},
  };
  const value *type = value_member(&v->claims, SLICE("x-ms-attestation-type"));
  for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
    if (type->kind == VALUE_STRING &&
        slice_is(value_string(type), types[i].claim))
      return types[i].type;
  return ATTESTATION_TYPE_UNKNOWN;
}

/* In the service's answers, which no policy and no evidence knows. */
static const struct {
  const char *name, *meaning;
} other_claims[] = {
    {"AttestationPolicy", "base64url of the policy text"},
    {"policyCertificate", "the certificate, as a JWK"},
    {"x-ms-certificate-thumbprint", "SHA-1 of the certificate"},
    {"x-ms-policy-certificates", "certificates whose keys may sign policies"},
    {"x-ms-policy-result", "Updated or Removed"},
    {"x-ms-policy-token-hash", "SHA-256 of the policy token, as it was sent"},
    {"x-ms-policycertificates-result", "IsPresent or IsAbsent"},
};

/* In one line, or empty. */
static slice meaning_of(arena *a, const token_view *v, slice name) {
  buffer text = buffer_in(a);
  if (v->kind == TOKEN_POLICY && slice_is(name, "x-ms-policy"))
    return SLICE("the policy token in force");
  for (size_t i = 0; i < sizeof other_claims / sizeof *other_claims; i++)
    if (slice_is(name, other_claims[i].name))
      return slice_from(other_claims[i].meaning);
  const claim_entry *e = claim_catalogue_find(name, type_of(v));
  if (!e)
    e = claim_catalogue_find(name, ATTESTATION_TYPE_UNKNOWN);
  if (!e)
    return v->kind == TOKEN_ATTESTATION ? SLICE("issued by the policy")
                                        : SLICE_EMPTY;
  buffer_text(&text, e->meaning ? e->meaning : "");
  if (e->deprecated_for)
    buffer_printf(&text, "%sdeprecated: %s", text.length ? "; " : "",
                  e->deprecated_for);
  return buffer_slice(&text);
}

static bool is_time(slice name) {
  return slice_is(name, "exp") || slice_is(name, "nbf") ||
         slice_is(name, "iat");
}

/* --- certificates --------------------------------------------------------- */

/* Every x5c of the header and the claims: of the header itself, of its jwk, of
 * policyCertificate, of keys in x-ms-policy-certificates. */
static void add_chain(arena *a, const value *object, const char *where,
                      array_builder *list) {
  const value *chain = object ? value_member(object, SLICE("x5c")) : NULL;
  if (!chain || chain->kind != VALUE_ARRAY)
    return;
  for (size_t i = 0; i < chain->count && i < LIMIT_CERTIFICATES; i++) {
    const value *item = &chain->items[i];
    X509 *certificate = item->kind == VALUE_STRING
                            ? jwk_certificate(a, value_string(item))
                            : NULL;
    object_builder o = object_in(a);
    object_set(&o, SLICE("where"), value_text(slice_from(where)));
    if (certificate) {
      object_set(&o, SLICE("subject"),
                 value_text(certificate_subject(a, certificate)));
      object_set(&o, SLICE("notBefore"),
                 value_text(certificate_not_before(a, certificate)));
      object_set(&o, SLICE("notAfter"),
                 value_text(certificate_not_after(a, certificate)));
    }
    object_set(&o, SLICE("usable"), value_boolean(certificate != NULL));
    array_add(list, object_value(&o));
  }
}

static value certificates_of(arena *a, const token_view *v) {
  array_builder list = array_in(a);
  const value *header = &v->token.header, *claims = &v->claims;
  add_chain(a, header, "header", &list);
  add_chain(a, value_member(header, SLICE("jwk")), "header, jwk", &list);
  add_chain(a, value_member(claims, SLICE("policyCertificate")),
            "policyCertificate", &list);
  add_chain(a, value_member(claims, SLICE("x-ms-policy-signer")),
            "x-ms-policy-signer", &list);
  const value *set = value_member(claims, SLICE("x-ms-policy-certificates"));
  const value *keys = set ? value_member(set, SLICE("keys")) : NULL;
  for (size_t i = 0; keys && keys->kind == VALUE_ARRAY && i < keys->count &&
                     i < LIMIT_KEYS;
       i++)
    add_chain(a, &keys->items[i], "x-ms-policy-certificates", &list);
  return array_value(&list);
}

/* --- for programs --------------------------------------------------------- */

static void report_claims(arena *a, const token_view *v, object_builder *o) {
  object_builder times = object_in(a), meanings = object_in(a);
  for (size_t i = 0; v->claims.kind == VALUE_OBJECT && i < v->claims.count;
       i++) {
    const member *m = &v->claims.members[i];
    slice name = member_name(m), meaning = meaning_of(a, v, name);
    if (is_time(name) && m->value.kind == VALUE_INTEGER)
      object_set(&times, name, value_text(token_time(a, m->value.integer)));
    if (meaning.length)
      object_set(&meanings, name, value_text(meaning));
  }
  object_set(o, SLICE("times"), object_value(&times));
  object_set(o, SLICE("meanings"), object_value(&meanings));
}

static value policy_value(arena *a, const token_view *v) {
  if (!v->has_policy)
    return value_null();
  object_builder o = object_in(a);
  bool is_text = utf8_error(v->policy) == v->policy.length;
  object_set(&o, SLICE("text"),
             is_text ? value_text(v->policy) : value_null());
  object_set(&o, SLICE("policyHash"), value_text(policy_hash(a, v->policy)));
  object_set(&o, SLICE("policyTokenHash"),
             value_text(policy_token_hash(a, v->text)));
  return object_value(&o);
}

static value form_value(arena *a, const token_refusal *form) {
  if (form->code == REFUSAL_NONE)
    return value_null();
  object_builder o = object_in(a);
  object_set(&o, SLICE("code"),
             value_text(slice_from(token_refusal_name(form->code))));
  object_set(&o, SLICE("reason"), value_text(slice_from(form->reason)));
  return object_value(&o);
}

value token_view_report(arena *a, const token_view *v) {
  object_builder o = object_in(a);
  object_set(&o, SLICE("kind"),
             value_text(slice_from(token_kind_name(v->kind))));
  object_set(&o, SLICE("verified"), value_boolean(false));
  object_set(&o, SLICE("refused"), form_value(a, &v->form));
  object_set(&o, SLICE("header"), v->token.header);
  object_set(&o, SLICE("claims"), v->claims);
  report_claims(a, v, &o);
  object_set(&o, SLICE("certificates"), certificates_of(a, v));
  object_set(&o, SLICE("policy"), policy_value(a, v));
  object_set(&o, SLICE("policyToken"),
             v->policy_token ? token_view_report(a, v->policy_token)
                             : value_null());
  return object_value(&o);
}

/* --- for people ----------------------------------------------------------- */

/* The value in JSON, strings bare; what is long is cut. */
static void write_value(buffer *out, const value *v) {
  buffer text = buffer_in(out->arena);
  if (v->kind == VALUE_STRING)
    buffer_add(&text, value_string(v));
  else
    json_write(&text, v);
  slice all = buffer_slice(&text);
  slice shown = all;
  if (shown.length > SHOWN_BYTES)
    shown.length = SHOWN_BYTES;
  while (shown.length < all.length && shown.length &&
         ((unsigned char)shown.data[shown.length] & 0xC0) == 0x80)
    shown.length--; /* not inside a character */
  render_escaped(out, shown);
  if (shown.length < all.length)
    buffer_printf(out, ".. (%zu bytes)", all.length);
}

static void write_member(buffer *out, const member *m) {
  buffer_text(out, "  ");
  render_escaped(out, member_name(m));
  buffer_text(out, " = ");
  write_value(out, &m->value);
}

static void write_header(buffer *out, const token_view *v) {
  buffer_text(out, "header\n");
  for (size_t i = 0; i < v->token.header.count; i++) {
    write_member(out, &v->token.header.members[i]);
    buffer_char(out, '\n');
  }
}

static void write_claims(buffer *out, const token_view *v) {
  if (v->claims.kind != VALUE_OBJECT) {
    buffer_printf(out, "payload: %zu bytes, no JSON object\n",
                  v->token.payload.length);
    return;
  }
  buffer_text(out, "claims\n");
  for (size_t i = 0; i < v->claims.count; i++) {
    const member *m = &v->claims.members[i];
    slice name = member_name(m), meaning = meaning_of(out->arena, v, name);
    write_member(out, m);
    if (is_time(name) && m->value.kind == VALUE_INTEGER)
      buffer_printf(out, " (%.*s)",
                    SLICE_ARGS(token_time(out->arena, m->value.integer)));
    buffer_char(out, '\n');
    if (meaning.length)
      buffer_printf(out, "      %.*s\n", SLICE_ARGS(meaning));
  }
}

static void write_text(buffer *out, const value *object, const char *name) {
  const value *text = value_member(object, slice_from(name));
  render_escaped(out, text ? value_string(text) : SLICE("not a certificate"));
}

static void write_certificates(buffer *out, const token_view *v) {
  value list = certificates_of(out->arena, v);
  for (size_t i = 0; i < list.count; i++) {
    const value *item = &list.items[i];
    buffer_text(out, i ? "" : "certificates\n");
    buffer_text(out, "  ");
    write_text(out, item, "where");
    buffer_text(out, ": ");
    write_text(out, item, "subject");
    if (value_member(item, SLICE("subject"))) {
      buffer_text(out, ", valid ");
      write_text(out, item, "notBefore");
      buffer_text(out, " to ");
      write_text(out, item, "notAfter");
    }
    buffer_char(out, '\n');
  }
}

static void write_policy(buffer *out, const token_view *v) {
  if (!v->has_policy)
    return;
  arena *a = out->arena;
  buffer_printf(out, "policyHash = %.*s\n",
                SLICE_ARGS(policy_hash(a, v->policy)));
  buffer_printf(out, "policyTokenHash = %.*s\npolicy\n",
                SLICE_ARGS(policy_token_hash(a, v->text)));
  for (slice rest = v->policy; rest.length;) {
    const char *end = memchr(rest.data, '\n', rest.length);
    size_t length = end ? (size_t)(end - rest.data) : rest.length;
    buffer_text(out, "  ");
    render_escaped(out, (slice){rest.data, length});
    buffer_char(out, '\n');
    length += end != NULL;
    rest = (slice){rest.data + length, rest.length - length};
  }
}

void token_view_write(buffer *out, const token_view *v) {
  buffer_text(out, token_kind_name(v->kind));
  buffer_text(out, v->token.algorithm == JWS_NONE
                       ? ", unsecured: anybody can make it\n"
                       : ", not verified\n");
  if (v->form.code != REFUSAL_NONE) {
    buffer_printf(out, "verification refuses it: %s: ",
                  token_refusal_name(v->form.code));
    render_escaped(out, slice_from(v->form.reason));
    buffer_char(out, '\n');
  }
  write_header(out, v);
  if (v->token.payload.length)
    write_claims(out, v);
  write_certificates(out, v);
  write_policy(out, v);
  if (v->policy_token) {
    buffer_text(out, "\nin x-ms-policy: ");
    token_view_write(out, v->policy_token);
  }
}
