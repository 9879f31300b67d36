/* SPDX-License-Identifier: Apache-2.0 */
#include "token/verify.h"

#include <openssl/x509v3.h>

#include "base/limits.h"

typedef struct checker {
  verifier steps;
  const token_verify_options *options;
  token_verification *result;
  jwk signer; /* of x5c */
} checker;

/* Adds the step that fails, and ends the verification with it. */
static bool refuse(checker *c, token_refusal_code code, const char *what,
                   const char *with, const char *reason) {
  verify_step(&c->steps, false, what, with, reason);
  return refuse_because(&c->result->why, code, reason);
}

static bool passed(checker *c, const char *what, const char *with,
                   const char *why) {
  return verify_step(&c->steps, true, what, with, why);
}

/* --- form ----------------------------------------------------------------- */

static bool check_form(checker *c, slice text) {
  jws *token = &c->result->token;
  unsigned flags = c->options->is_policy_owners ? JWS_OF_POLICY_OWNER : 0;
  if (!jws_read(c->steps.arena, text, flags, token, &c->result->why))
    return verify_step(&c->steps, false, "form", NULL, c->result->why.reason);
  return passed(c, "form", NULL, "a compact JWS");
}

/* --- one key -------------------------------------------------------------- */

/* What came of a key, the further the better. */
typedef enum outcome {
  KEY_UNUSABLE,
  KEY_SHORT,
  KEY_OF_OTHER_ALGORITHM,
  KEY_DID_NOT_SIGN,
  KEY_SIGNED
} outcome;

static unsigned bits_min(const checker *c) {
  return c->options->rsa_bits_min ? c->options->rsa_bits_min : RSA_BITS_SECURE;
}

static bool is_short(const checker *c, const public_key *key) {
  return public_key_type(key) == JWS_KEY_RSA &&
         public_key_bits(key) < bits_min(c);
}

/* For policy owners' tokens the service looks at the key alone; what the
 * header names counts where it is possible for the key. */
static jws_algorithm algorithm_for(const checker *c, const public_key *key) {
  jws_algorithm named = c->result->token.algorithm;
  if (!c->options->is_policy_owners || public_key_allows(key, named))
    return named;
  for (jws_algorithm i = JWS_RS256; i < JWS_UNKNOWN; i++)
    if (public_key_allows(key, i))
      return i;
  return JWS_UNKNOWN;
}

static bool signed_by(checker *c, public_key *key, jws_algorithm algorithm) {
  const jws *token = &c->result->token;
  bytes raw;
  return c->options->is_policy_owners
             ? public_key_verify_either(c->steps.arena, key, algorithm,
                                        token->signing_input,
                                        token->signature, &raw)
             : public_key_verify(key, algorithm, token->signing_input,
                                 token->signature);
}

static outcome try_key(checker *c, const jwk *k) {
  if (!k->key)
    return KEY_UNUSABLE;
  if (is_short(c, k->key))
    return KEY_SHORT;
  jws_algorithm algorithm = algorithm_for(c, k->key);
  if (!public_key_allows(k->key, algorithm) ||
      (k->algorithm != JWS_UNKNOWN && k->algorithm != algorithm))
    return KEY_OF_OTHER_ALGORITHM;
  if (!signed_by(c, k->key, algorithm))
    return KEY_DID_NOT_SIGN;
  c->result->key = public_key_description(c->steps.arena, k->key);
  c->result->kid = k->kid;
  c->result->certificate = k->certificate;
  c->signer = *k;
  return KEY_SIGNED;
}

/* An ECDSA signature in DER, as a mistake of its maker. */
static bool looks_like_der(const checker *c, const jwk *k) {
  bytes raw;
  const char *curve = k->key ? public_key_curve(k->key) : NULL;
  if (!curve || c->options->is_policy_owners)
    return false;
  size_t size = jws_algorithm_of(algorithm_for(c, k->key))->number_bytes;
  return size > 0 && ecdsa_signature_from_der(c->steps.arena,
                                              c->result->token.signature, size,
                                              &raw);
}

/* One line about a key, for the steps. */
static const char *describe(checker *c, const jwk *k) {
  buffer text = buffer_in(c->steps.arena);
  buffer_text(&text, k->key ? public_key_description(c->steps.arena, k->key)
                            : "key");
  if (k->has_kid)
    buffer_printf(&text, " %.*s", SLICE_ARGS(k->kid));
  return buffer_slice(&text).data;
}

static bool refuse_key(checker *c, outcome o, const jwk *k) {
  static const char what[] = "signature";
  verifier *v = &c->steps;
  const char *name = describe(c, k);
  switch (o) {
  case KEY_UNUSABLE:
    return refuse(c, REFUSAL_UNUSABLE_KEY, what, name,
                  verify_text(v, "the key cannot be used: %s", k->reason));
  case KEY_SHORT:
    return refuse(c, REFUSAL_KEY_TOO_SHORT, what, name,
                  verify_text(v, "an RSA key of %u bits is shorter than %u",
                              public_key_bits(k->key), bits_min(c)));
  case KEY_OF_OTHER_ALGORITHM:
    return refuse(c, REFUSAL_ALGORITHM_MISMATCH, what, name,
                  verify_text(v, "%.*s is no algorithm of this key",
                              SLICE_ARGS(c->result->token.algorithm_name)));
  default:
    return refuse(c, REFUSAL_WRONG_SIGNATURE, what, name,
                  looks_like_der(c, k)
                      ? "the signature is in DER, JWS wants r||s (RFC 7518 "
                        "section 3.4)"
                      : "the signature is not this key's over this token");
  }
}

/* --- keys of a set -------------------------------------------------------- */

typedef struct best_key {
  outcome outcome;
  const jwk *key;
  size_t tried;
} best_key;

/* Tries the keys of the token's kid, or all of them. */
static best_key try_keys(checker *c, bool by_kid) {
  const jwk_set *keys = c->options->keys;
  const jws *token = &c->result->token;
  best_key best = {KEY_UNUSABLE, NULL, 0};
  for (size_t i = 0; i < keys->count; i++) {
    const jwk *k = &keys->items[i];
    if (by_kid && !(k->has_kid && slice_equal(k->kid, token->kid)))
      continue;
    outcome o = try_key(c, k);
    best.tried++;
    if (!best.key || o > best.outcome) {
      best.outcome = o;
      best.key = k;
    }
    if (o == KEY_SIGNED)
      break;
  }
  return best;
}

static const char *algorithm_of(checker *c) {
  return jws_algorithm_name(algorithm_for(c, c->signer.key));
}

static bool refuse_set(checker *c, const best_key *best, bool by_kid) {
  const jws *token = &c->result->token;
  if (!best->key)
    return refuse(c, REFUSAL_NO_KEY, "signature", NULL,
                  "the set of keys is empty");
  if (by_kid || !token->has_kid || best->outcome < KEY_OF_OTHER_ALGORITHM ||
      c->options->keys->count == 1)
    return refuse_key(c, best->outcome, best->key);
  return refuse(c, REFUSAL_UNKNOWN_KEY, "signature", NULL,
                verify_text(&c->steps,
                            "no key has the kid %.*s, and none of the %zu "
                            "keys made the signature",
                            SLICE_ARGS(token->kid), best->tried));
}

static bool check_by_keys(checker *c) {
  const jws *token = &c->result->token;
  bool by_kid = token->has_kid && jwk_set_has(c->options->keys, token->kid);
  best_key best = try_keys(c, by_kid);
  if (best.key && best.outcome == KEY_SIGNED)
    return c->options->no_steps ||
           passed(c, "signature", describe(c, best.key), algorithm_of(c));
  return refuse_set(c, &best, by_kid);
}

/* --- certificates of the header ------------------------------------------- */

static const value *chain_of(const checker *c) {
  const value *header = &c->result->token.header;
  const value *chain = value_member(header, SLICE("x5c"));
  const value *key = value_member(header, SLICE("jwk"));
  if (!chain && key && c->options->is_policy_owners)
    chain = value_member(key, SLICE("x5c"));
  return chain;
}

static bool read_chain(checker *c, const value *list,
                       certificate_chain *chain) {
  static const char what[] = "certificates of the header";
  if (list->kind != VALUE_ARRAY || list->count == 0 ||
      list->count > LIMIT_CERTIFICATES)
    return refuse(c, REFUSAL_BAD_CERTIFICATE, what, NULL,
                  "x5c is no array of certificates, or longer than a chain");
  for (size_t i = 0; i < list->count; i++) {
    const value *item = &list->items[i];
    X509 *certificate =
        item->kind == VALUE_STRING
            ? jwk_certificate(c->steps.arena, value_string(item))
            : NULL;
    if (!certificate)
      return refuse(c, REFUSAL_BAD_CERTIFICATE, what, NULL,
                    verify_text(&c->steps, "x5c[%zu] is no certificate in "
                                           "base64 of DER", i));
    chain->items[chain->count++] = certificate;
  }
  return true;
}

/* The last step that did not pass. */
static const char *last_reason(const checker *c) {
  const char *why = "the certificate is not trusted";
  for (const verification_step *s = c->steps.first; s; s = s->next)
    if (s->result != STEP_PASSED && s->why)
      why = s->why;
  return why;
}

static bool may_sign(X509 *leaf) {
  return (X509_get_key_usage(leaf) &
          (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

static bool check_trust(checker *c, const certificate_chain *chain) {
  if (c->options->is_policy_owners && c->options->any_signer)
    return true;
  verify_options options = {.now = c->options->now,
                            .roots = *c->options->trust};
  options.roots.builtin_count = 0;
  c->steps.options = &options;
  bool trusted = verify_chain(&c->steps, chain->items, chain->count,
                              "certificate", &c->result->root);
  c->steps.options = NULL;
  if (!trusted)
    return refuse_because(&c->result->why, REFUSAL_UNTRUSTED_CERTIFICATE,
                          last_reason(c));
  if (!may_sign(chain->items[0]))
    return refuse(c, REFUSAL_UNTRUSTED_CERTIFICATE, "certificate", NULL,
                  "its key usage does not allow signatures");
  return true;
}

/* The key's length comes before the chain, so that it has its own code. */
static bool check_by_chain(checker *c, const value *list) {
  certificate_chain chain = {.count = 0};
  if (!read_chain(c, list, &chain))
    return false;
  jwk leaf = {.certificate = chain.items[0], .algorithm = JWS_UNKNOWN};
  leaf.key = public_key_from_certificate(c->steps.arena, chain.items[0],
                                         &leaf.reason);
  if (!leaf.key || is_short(c, leaf.key))
    return refuse_key(c, leaf.key ? KEY_SHORT : KEY_UNUSABLE, &leaf);
  if (!check_trust(c, &chain))
    return false;
  outcome o = try_key(c, &leaf);
  return o == KEY_SIGNED
             ? passed(c, "signature", describe(c, &leaf), algorithm_of(c))
             : refuse_key(c, o, &leaf);
}

/* --- signature ------------------------------------------------------------ */

static bool check_unsecured(checker *c) {
  if (!c->options->allow_unsecured)
    return refuse(c, REFUSAL_UNSECURED, "signature", NULL,
                  "the token is unsecured (alg none): anybody can make it");
  return passed(c, "signature", NULL,
                "there is none, which was allowed: nothing is proven");
}

static bool check_signature(checker *c) {
  const token_verify_options *o = c->options;
  if (c->result->token.algorithm == JWS_NONE)
    return check_unsecured(c);
  bool by_chain = o->trust || (o->is_policy_owners && o->any_signer);
  const value *chain = by_chain ? chain_of(c) : NULL;
  if (chain)
    return check_by_chain(c, chain);
  if (o->keys)
    return check_by_keys(c);
  if (by_chain)
    return refuse(c, REFUSAL_NO_CERTIFICATE, "signature", NULL,
                  "the header has no certificate (x5c)");
  return refuse(c, REFUSAL_NO_KEY, "signature", NULL,
                "there is no key to verify it with");
}

/* --- claims --------------------------------------------------------------- */

static bool read_claims(checker *c) {
  token_verification *r = c->result;
  slice text = r->token.payload;
  bool is_object = text.length && *text.data == '{';
  r->claims = value_null();
  if (!is_object) {
    if (c->options->issuer.length)
      return refuse(c, REFUSAL_WRONG_ISSUER, "issuer", NULL,
                    "the payload is no JSON object and names no issuer");
    return passed(c, "claims", NULL,
                  text.length ? "the payload is no JSON object: it has none"
                              : "there is no payload: it has none");
  }
  if (!jws_claims(c->steps.arena, &r->token, &r->claims, &r->why))
    return verify_step(&c->steps, false, "claims", NULL, r->why.reason);
  r->has_claims = true;
  return true;
}

static bool check_issuer(checker *c) {
  slice wanted = c->options->issuer;
  const value *issuer = value_member(&c->result->claims, SLICE("iss"));
  if (!wanted.length || !c->result->has_claims)
    return true;
  if (!issuer || issuer->kind != VALUE_STRING)
    return refuse(c, REFUSAL_WRONG_ISSUER, "issuer", NULL,
                  "the token names no issuer");
  slice found = value_string(issuer);
  if (!slice_equal(found, wanted))
    return refuse(c, REFUSAL_WRONG_ISSUER, "issuer", NULL,
                  verify_text(&c->steps, "it is %.*s, not %.*s",
                              SLICE_ARGS(found), SLICE_ARGS(wanted)));
  return c->options->no_steps ||
         passed(c, "issuer", NULL,
                verify_text(&c->steps, "%.*s", SLICE_ARGS(found)));
}

/* RFC 7519 sections 4.1.4 to 4.1.6. */
typedef struct time_rule {
  const char *name;
  bool is_end; /* the time must not have come; else it must have */
  token_refusal_code code;
  const char *reason;
} time_rule;

static const time_rule time_rules[] = {
    {"exp", true, REFUSAL_EXPIRED, "it expired"},
    {"nbf", false, REFUSAL_NOT_YET_VALID, "it is not valid before"},
    {"iat", false, REFUSAL_ISSUED_IN_FUTURE, "it was issued in the future"},
};

/* A date of whole seconds; else the number. */
static const char *time_text(checker *c, const value *time) {
  if (time->kind == VALUE_INTEGER)
    return token_time(c->steps.arena, time->integer).data;
  buffer text = buffer_in(c->steps.arena);
  json_write(&text, time);
  return buffer_slice(&text).data;
}

static bool check_time(checker *c, const time_rule *rule) {
  const token_verify_options *o = c->options;
  const value *time =
      value_member(&c->result->claims, slice_from(rule->name));
  if (!time)
    return true;
  if (time->kind != VALUE_INTEGER && time->kind != VALUE_NUMBER)
    return refuse(c, REFUSAL_BAD_TIME, rule->name, NULL, "it is no number");
  value bound = value_integer(rule->is_end ? o->now - o->leeway
                                           : o->now + o->leeway);
  int order = value_compare_numbers(time, &bound);
  if (rule->is_end ? order <= 0 : order > 0)
    return refuse(c, rule->code, rule->name, NULL,
                  verify_text(&c->steps, "%s: %s", rule->reason,
                              time_text(c, time)));
  return c->options->no_steps ||
         passed(c, rule->name, NULL, time_text(c, time));
}

static bool check_times(checker *c) {
  const token_verify_options *o = c->options;
  bool may_last = o->allow_no_expiry || o->is_policy_owners;
  if (!may_last && !value_member(&c->result->claims, SLICE("exp")))
    return refuse(c, REFUSAL_NO_EXPIRY, "exp", NULL,
                  "there is none: the token would hold for ever");
  if (!c->result->has_claims)
    return true;
  for (size_t i = 0; i < sizeof time_rules / sizeof *time_rules; i++)
    if (!check_time(c, &time_rules[i]))
      return false;
  return true;
}

/* --- all ------------------------------------------------------------------ */

static bool check_service(checker *c) {
  token_verification *r = c->result;
  if (!c->options->service_evidence)
    return true;
  if (!r->certificate)
    return refuse(c, REFUSAL_NO_SERVICE_EVIDENCE, "service evidence", NULL,
                  "the signing key came without a certificate");
  return service_evidence_verify(&c->steps, r->certificate, c->signer.key,
                                 c->options->service_evidence, &r->service,
                                 &r->why);
}

bool token_verify(arena *a, slice text, const token_verify_options *options,
                  token_verification *result) {
  *result = (token_verification){.claims = value_null()};
  checker c = {.steps = {.arena = a}, .options = options, .result = result};
  c.steps.end = &c.steps.first;
  result->is_verified = check_form(&c, text) && check_signature(&c) &&
                        read_claims(&c) && check_issuer(&c) &&
                        check_times(&c) && check_service(&c);
  result->steps = c.steps.first;
  if (result->is_verified)
    result->why = (token_refusal){REFUSAL_NONE, NULL};
  return result->is_verified;
}
