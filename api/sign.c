/* SPDX-License-Identifier: Apache-2.0 */
/* What maapol_sign.h declares. */
#include "api/api.h"
#include "base/memory.h"
#include "include/maapol_sign.h"
#include "sign/jws_make.h"
#include "sign/key_read.h"
#include "sign/policy_hash.h"
#include "token/policy_make.h"

struct maapol_signer {
  arena arena;
  private_key key; /* pair is NULL if it is elsewhere */
  policy_signer signer;
  bool whole_chain;
  const char *error; /* NULL if it can sign */
  const maapol_note *warnings;
};

/* --- making a signer ------------------------------------------------------ */

typedef struct making {
  maapol_signer *made;
  const maapol_signer_options *options;
} making;

static bool options_are_valid(const maapol_signer_options *o) {
  return o && o->size == sizeof *o && (o->key || !o->key_length) &&
         (o->passphrase || !o->passphrase_length) &&
         (o->certificates || !o->certificates_length) &&
         (o->key || !o->is_pkcs12);
}

static int give_passphrase(void *context, char *to, int room) {
  const maapol_signer_options *o = context;
  if (!o->passphrase || o->passphrase_length > (size_t)room)
    return -1;
  memcpy(to, o->passphrase, o->passphrase_length);
  return (int)o->passphrase_length;
}

static maapol_status status_of(private_key_status status) {
  switch (status) {
  case PRIVATE_KEY_OK:
    return MAAPOL_OK;
  case PRIVATE_KEY_NO_PASSPHRASE:
    return MAAPOL_NO_PASSPHRASE;
  case PRIVATE_KEY_WRONG_PASSPHRASE:
    return MAAPOL_WRONG_PASSPHRASE;
  default:
    return MAAPOL_INVALID_KEY;
  }
}

static maapol_status read_key(arena *a, making *m, key_certificates *own) {
  const maapol_signer_options *o = m->options;
  maapol_signer *made = m->made;
  *own = (key_certificates){0};
  if (!o->key)
    return MAAPOL_OK;
  /* Both are only read from, so that no copy of the user's is needed. */
  const secret file = {(char *)o->key, o->key_length,
                       o->key_length};
  const passphrase_source source = {give_passphrase, (void *)o};
  return status_of(
      o->is_pkcs12
          ? key_read_pkcs12(a, &file, &source, &made->key, own, &made->error)
          : key_read(a, &file, &source, &made->key, &made->error));
}

static bool gather(arena *a, making *m, const key_certificates *own,
                   certificate_chain *all) {
  bytes pem = {(const uint8_t *)m->options->certificates,
               m->options->certificates_length};
  certificate_chain others = {0};
  if (pem.length && !certificate_chain_read(a, pem, &others, &m->made->error))
    return false;
  *all = (certificate_chain){0};
  m->made->error = "more certificates than a chain has";
  if (own->count + others.count > LIMIT_CERTIFICATES)
    return false;
  for (size_t i = 0; i < own->count; i++)
    all->items[all->count++] = own->items[i];
  for (size_t i = 0; i < others.count; i++)
    all->items[all->count++] = others.items[i];
  return true;
}

static const maapol_note *notes_of(arena *a, const notes *list) {
  maapol_note *first = NULL;
  for (size_t i = list->count; i-- > 0;) {
    maapol_note *note = ARENA_NEW(a, maapol_note);
    note->next = first;
    note->text = list->items[i];
    first = note;
  }
  return first;
}

static maapol_status make_signer(arena *a, void *context) {
  making *m = context;
  const char *name = m->options->algorithm;
  key_certificates own;
  certificate_chain all;
  notes warnings = notes_in(a);
  jws_algorithm algorithm =
      name ? jws_algorithm_from_name(slice_from(name)) : JWS_UNKNOWN;
  m->made->whole_chain = m->options->whole_chain;
  if (name && (algorithm == JWS_UNKNOWN || algorithm == JWS_NONE))
    return MAAPOL_INVALID_ARGUMENT;
  maapol_status status = read_key(a, m, &own);
  if (status != MAAPOL_OK)
    return status;
  if (!gather(a, m, &own, &all))
    return MAAPOL_INVALID_KEY;
  policy_signer_question question = {&all, m->made->key.pair, algorithm,
                                     m->options->now};
  bool good = policy_signer_make(a, &question, &m->made->signer, &warnings,
                                 &m->made->error);
  m->made->warnings = notes_of(a, &warnings);
  if (good)
    m->made->error = NULL;
  return good ? MAAPOL_OK : MAAPOL_INVALID_KEY;
}

maapol_status maapol_signer_new(const maapol_signer_options *options,
                                maapol_signer **signer) {
  if (!signer)
    return MAAPOL_INVALID_ARGUMENT;
  *signer = NULL;
  if (!options_are_valid(options))
    return MAAPOL_INVALID_ARGUMENT;
  maapol_signer *made = memory_alloc(sizeof *made);
  if (!made)
    return MAAPOL_NO_MEMORY;
  *made = (maapol_signer){0};
  arena_init(&made->arena, LIMIT_ARENA_BYTES);
  making m = {made, options};
  maapol_status status = api_guard(&made->arena, make_signer, &m);
  if (status == MAAPOL_OK || status >= MAAPOL_INVALID_KEY)
    *signer = made;
  else
    maapol_signer_free(made);
  return status;
}

void maapol_signer_free(maapol_signer *signer) {
  if (!signer)
    return;
  arena_free(&signer->arena);
  memory_free(signer);
}

const char *maapol_signer_error(const maapol_signer *signer) {
  return signer ? signer->error : "there is no signer";
}

const maapol_note *maapol_signer_warnings(const maapol_signer *signer) {
  return signer ? signer->warnings : NULL;
}

/* --- tokens --------------------------------------------------------------- */

typedef struct signing {
  const maapol_signer *signer; /* NULL: unsecured, or complete */
  maapol_signed_content what;
  slice content;
  bool only_input;
  bytes signature;
  slice result;
  char *text; /* result, the user's */
} signing;

static maapol_status payload_of(arena *a, const signing *s, slice *payload) {
  certificate_chain chain;
  const char *reason;
  *payload = SLICE_EMPTY;
  if (s->what == MAAPOL_SIGN_RESET)
    return MAAPOL_OK;
  if (s->what == MAAPOL_SIGN_POLICY) {
    *payload = policy_payload(a, s->content);
    return MAAPOL_OK;
  }
  bool good = certificate_chain_read(a, bytes_from_slice(s->content), &chain,
                                     &reason) &&
              chain.count &&
              policy_certificate_payload(a, &chain, 1, payload, &reason);
  return good ? MAAPOL_OK : MAAPOL_INVALID_KEY;
}

static maapol_status hand_over(arena *a, signing *s) {
  (void)a;
  s->text = memory_alloc(s->result.length + 1);
  if (!s->text)
    return MAAPOL_NO_MEMORY;
  memcpy(s->text, s->result.data, s->result.length);
  s->text[s->result.length] = 0;
  return MAAPOL_OK;
}

static maapol_status make_unsecured(arena *a, void *context) {
  signing *s = context;
  slice payload;
  maapol_status status = payload_of(a, s, &payload);
  if (status != MAAPOL_OK)
    return status;
  s->result = jws_make_unsecured(a, POLICY_HEADER_UNSECURED, payload);
  return hand_over(a, s);
}

static maapol_status make_complete(arena *a, void *context) {
  signing *s = context;
  const char *reason;
  switch (policy_token_complete(a, s->content, s->signature, &s->result,
                                &reason)) {
  case POLICY_COMPLETE:
    return hand_over(a, s);
  case POLICY_WRONG_SIGNATURE:
    return MAAPOL_WRONG_SIGNATURE;
  default:
    return MAAPOL_INVALID_ARGUMENT;
  }
}

/* What was signed is verified too: a fault in a signature can give away an RSA
 * key (Boneh, DeMillo, Lipton 1997). */
static maapol_status make_signed(arena *a, void *context) {
  signing *s = context;
  const maapol_signer *by = s->signer;
  slice payload;
  maapol_status status = payload_of(a, s, &payload);
  if (status != MAAPOL_OK)
    return status;
  s->result = policy_signing_input(a, &by->signer, by->whole_chain, payload);
  if (s->only_input)
    return hand_over(a, s);
  s->content = s->result;
  if (!private_key_sign(a, &by->key, by->signer.algorithm,
                        bytes_from_slice(s->content), &s->signature))
    return MAAPOL_INVALID_KEY;
  return make_complete(a, s);
}

static maapol_status run(api_task task, signing *s, char **text) {
  if (!text)
    return MAAPOL_INVALID_ARGUMENT;
  *text = NULL;
  if ((!s->content.data && s->content.length) ||
      s->what > MAAPOL_SIGN_CERTIFICATE ||
      (s->what == MAAPOL_SIGN_RESET && s->content.length))
    return MAAPOL_INVALID_ARGUMENT;
  if (s->content.length > (size_t)4 * LIMIT_POLICY_BYTES)
    return MAAPOL_LIMIT;
  arena a;
  arena_init(&a, LIMIT_ARENA_BYTES);
  maapol_status status = api_guard(&a, task, s);
  arena_free(&a);
  *text = s->text;
  return status;
}

maapol_status maapol_unsecured_token(maapol_signed_content what,
                                     const char *content, size_t length,
                                     char **token) {
  signing s = {.what = what, .content = {content, length}};
  if (token)
    *token = NULL;
  if (what == MAAPOL_SIGN_CERTIFICATE)
    return MAAPOL_INVALID_ARGUMENT;
  return run(make_unsecured, &s, token);
}

static maapol_status sign(const maapol_signer *signer,
                          maapol_signed_content what, slice content,
                          bool only_input, char **text) {
  signing s = {.signer = signer,
               .what = what,
               .content = content,
               .only_input = only_input};
  if (text)
    *text = NULL;
  if (!signer)
    return MAAPOL_INVALID_ARGUMENT;
  if (signer->error || (!only_input && !signer->key.pair))
    return MAAPOL_INVALID_KEY;
  return run(make_signed, &s, text);
}

maapol_status maapol_sign(const maapol_signer *signer,
                          maapol_signed_content what, const char *content,
                          size_t length, char **token) {
  return sign(signer, what, (slice){content, length}, false, token);
}

maapol_status maapol_signing_input(const maapol_signer *signer,
                                   maapol_signed_content what,
                                   const char *content, size_t length,
                                   char **input) {
  return sign(signer, what, (slice){content, length}, true, input);
}

maapol_status maapol_signing_complete(const char *input, const void *signature,
                                      size_t length, char **token) {
  signing s = {.content = slice_from(input), .signature = {signature, length}};
  if (token)
    *token = NULL;
  if (!input || (!signature && length))
    return MAAPOL_INVALID_ARGUMENT;
  return run(make_complete, &s, token);
}
