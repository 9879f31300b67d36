/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/signers.h"

#include <openssl/x509.h>

#include "base/limits.h"
#include "sign/digest.h"

static bytes der_of(arena *a, X509 *certificate) {
  int length = i2d_X509(certificate, NULL);
  if (length <= 0)
    arena_fail(a, ARENA_NO_MEMORY);
  unsigned char *data = arena_alloc(a, (size_t)length), *end = data;
  i2d_X509(certificate, &end);
  return (bytes){data, (size_t)length};
}

slice signer_thumbprint(arena *a, X509 *certificate) {
  uint8_t hash[DIGEST_BYTES_MAX];
  buffer text = buffer_in(a);
  if (!digest(DIGEST_SHA1, der_of(a, certificate), hash))
    arena_fail(a, ARENA_NO_MEMORY);
  for (size_t i = 0; i < digest_length(DIGEST_SHA1); i++)
    buffer_printf(&text, "%02X", hash[i]);
  return buffer_slice(&text);
}

/* --- the list ------------------------------------------------------------- */

static bool is_valid_now(const X509 *certificate) {
  return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
         X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

static bool read_entry(endpoint *e, const value *key,
                       policy_signer_entry *entry) {
  arena *a = e->remote->arena;
  const value *chain = value_member(key, SLICE("x5c"));
  bool usable = chain && chain->kind == VALUE_ARRAY && chain->count > 0 &&
                chain->items[0].kind == VALUE_STRING;
  X509 *found =
      usable ? jwk_certificate(a, value_string(&chain->items[0])) : NULL;
  if (!found)
    return remote_fail(e->remote, REMOTE_UNTRUSTED,
                       "a policy signer of the instance cannot be read");
  *entry = (policy_signer_entry){found, signer_thumbprint(a, found),
                                 is_valid_now(found)};
  return true;
}

bool signers_get(endpoint *e, policy_signer_list *list) {
  endpoint_answer answer;
  *list = (policy_signer_list){0};
  if (!endpoint_call(e, OPERATION_SIGNERS_GET, ATTESTATION_TYPE_UNKNOWN,
                     SLICE_EMPTY, &answer))
    return false;
  const value *set =
      value_member(&answer.claims, SLICE("x-ms-policy-certificates"));
  const value *keys = set ? value_member(set, SLICE("keys")) : NULL;
  if (!keys || keys->kind != VALUE_ARRAY || keys->count > LIMIT_SIGNERS)
    return remote_fail(e->remote, REMOTE_UNTRUSTED,
                       "the answer lists no policy signers");
  list->items =
      ARENA_ARRAY(e->remote->arena, keys->count, policy_signer_entry);
  for (uint32_t i = 0; i < keys->count; i++)
    if (!read_entry(e, &keys->items[i], &list->items[list->count++]))
      return false;
  return true;
}

const policy_signer_entry *signers_find(const policy_signer_list *list,
                                        slice thumbprint) {
  for (size_t i = 0; i < list->count; i++)
    if (slice_equal_ignore_case(list->items[i].thumbprint, thumbprint))
      return &list->items[i];
  return NULL;
}

bool signers_may_remove(endpoint *e, const policy_signer_list *list,
                        slice thumbprint) {
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].is_valid_now &&
        !slice_equal_ignore_case(list->items[i].thumbprint, thumbprint))
      return true;
  remote_fail(e->remote, REMOTE_REFUSED,
              "%.*s is the last usable policy signer: without it nobody could "
              "change this instance again", SLICE_ARGS(thumbprint));
  return remote_advise(e->remote, "add another first: maapol signer add, or "
                                  "signer rotate");
}

/* --- changing ------------------------------------------------------------- */

static slice claim(const value *claims, const char *name) {
  const value *v = value_member(claims, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

static bool check_answer(endpoint *e, const endpoint_answer *answer, bool adds,
                         slice thumbprint) {
  slice named = claim(&answer->claims, "x-ms-certificate-thumbprint");
  slice result = claim(&answer->claims, "x-ms-policycertificates-result");
  if (!answer->is_proven)
    return true; /* the preview; reading back proves it */
  if (!slice_is(result, adds ? "IsPresent" : "IsAbsent"))
    return remote_fail(e->remote, REMOTE_UNTRUSTED,
                       "the result differs: the service says %.*s",
                       SLICE_ARGS(result));
  if (!slice_equal_ignore_case(named, thumbprint))
    return remote_fail(e->remote, REMOTE_UNTRUSTED,
                       "the certificate differs: sent %.*s, the service says "
                       "%.*s", SLICE_ARGS(thumbprint), SLICE_ARGS(named));
  return true;
}

/* One attempt. False: r->failure; *may_repeat if the answer was lost, and the
 * list shows that nothing has changed. */
static bool attempt(endpoint *e, bool adds, slice thumbprint, slice token,
                    policy_signer_list *after, bool *may_repeat) {
  remote *r = e->remote;
  endpoint_answer answer;
  *may_repeat = false;
  bool answered = endpoint_call(
      e, adds ? OPERATION_SIGNERS_ADD : OPERATION_SIGNERS_REMOVE,
      ATTESTATION_TYPE_UNKNOWN, token, &answer);
  remote_failure first = r->failure;
  if (!answered && !first.is_ambiguous)
    return false;
  if (answered && !check_answer(e, &answer, adds, thumbprint))
    return false;
  if (!signers_get(e, after)) {
    remote_fail(r, r->failure.status, "%s; and reading back fails: %s",
                answered ? "the service says that the change is done"
                         : first.message,
                r->failure.message);
    return remote_advise(r, "it is not known who may sign: run the same "
                            "command again");
  }
  bool is_there = signers_find(after, thumbprint) != NULL;
  if (is_there == adds && (answered || first.status != REMOTE_UNTRUSTED))
    return true;
  if (!answered) {
    r->failure = first;
    *may_repeat = is_there != adds && first.status != REMOTE_UNTRUSTED;
    return false;
  }
  return remote_fail(r, REMOTE_UNTRUSTED,
                     "the service says that %.*s is %s, but its list says "
                     "otherwise", SLICE_ARGS(thumbprint),
                     adds ? "present" : "absent");
}

bool signers_change(endpoint *e, bool adds, X509 *certificate, slice token,
                    policy_signer_list *after) {
  enum { ATTEMPTS = 3 };
  slice thumbprint = signer_thumbprint(e->remote->arena, certificate);
  bool may_repeat = true;
  for (unsigned i = 1; i <= ATTEMPTS; i++) {
    if (attempt(e, adds, thumbprint, token, after, &may_repeat))
      return true;
    if (!may_repeat || i == ATTEMPTS)
      break;
    http_pause(e->http, i);
  }
  return may_repeat ? remote_advise(e->remote, "nothing has changed") : false;
}
