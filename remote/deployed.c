/* SPDX-License-Identifier: Apache-2.0 */
#include "remote/deployed.h"

#include "compiler/unwrap.h"
#include "remote/answer.h"
#include "sign/policy_hash.h"
#include "token/default_policies.h"
#include "token/policy_token.h"

enum { CHANGE_ATTEMPTS = 3 };

static slice claim(const value *claims, const char *name) {
  const value *v = value_member(claims, slice_from(name));
  return v && v->kind == VALUE_STRING ? value_string(v) : SLICE_EMPTY;
}

/* --- what is in force ----------------------------------------------------- */

static bool read_text(endpoint *e, attestation_type type,
                      deployed_policy *p) {
  remote *r = e->remote;
  diagnostics findings;
  diagnostics_init(&findings, r->arena);
  if (unwrap_policy(r->arena, p->token, &p->text, &findings) != UNWRAP_DONE)
    return remote_fail(r, REMOTE_UNTRUSTED,
                       "the policy of %s that the service holds cannot be "
                       "read: %s", attestation_type_name(type),
                       findings.first ? findings.first->message
                                      : "it is no token");
  p->hash = policy_hash(r->arena, p->text);
  policy_token_signer(r->arena, p->token, &p->signer);
  p->is_default = slice_equal(p->text, default_policy(type));
  return true;
}

bool deployed_get(endpoint *e, attestation_type type, deployed_policy *p) {
  remote *r = e->remote;
  endpoint_answer answer;
  *p = (deployed_policy){.signer = value_null()};
  if (!endpoint_call(e, OPERATION_POLICY_GET, type, SLICE_EMPTY, &answer))
    return false;
  p->token = claim(&answer.claims, "x-ms-policy");
  if (!p->token.length)
    return remote_fail(r, REMOTE_UNTRUSTED,
                       "the answer has no claim x-ms-policy");
  p->token_hash = policy_token_hash(r->arena, p->token);
  return reply_is_empty_token(p->token) || read_text(e, type, p);
}

/* --- comparing ------------------------------------------------------------ */

static bool differs(endpoint *e, const char *what, slice sent, slice found) {
  return remote_fail(e->remote, REMOTE_UNTRUSTED,
                     "%s differs: sent %.*s, the service has %.*s", what,
                     SLICE_ARGS(sent),
                     SLICE_ARGS(found.length ? found : SLICE("none")));
}

/* What the signed answer to a change says. */
static bool check_answer(endpoint *e, const endpoint_answer *answer,
                         const char *wanted, policy_change *c) {
  slice result = claim(&answer->claims, "x-ms-policy-result");
  slice hash = claim(&answer->claims, "x-ms-policy-token-hash");
  const value *signer =
      value_member(&answer->claims, SLICE("x-ms-policy-signer"));
  c->signer = signer ? *signer : value_null();
  if (!answer->is_proven)
    return true; /* the preview answers nothing; reading back proves it */
  c->is_answer_proven = true;
  if (!slice_is(result, wanted))
    return differs(e, "the result", slice_from(wanted), result);
  if (c->sent_hash.length && !slice_equal(hash, c->sent_hash))
    return differs(e, "the policy token hash", c->sent_hash, hash);
  return true;
}

static bool check_in_force(endpoint *e, slice token, const policy_change *c) {
  if (slice_equal(token, c->after.token))
    return true;
  differs(e, "the policy in force", c->sent_hash, c->after.token_hash);
  bool unchanged = slice_equal(c->before.token, c->after.token);
  return remote_advise(e->remote,
                       unchanged ? "the old policy is still in force"
                                 : "somebody else may have set a policy in "
                                   "between (maapol policy get)");
}

/* --- changing ------------------------------------------------------------- */

typedef enum attempt_result {
  ATTEMPT_DONE,   /* answered and proven */
  ATTEMPT_LOST,   /* not answered, but in force */
  ATTEMPT_AGAIN,  /* not answered, and nothing has changed */
  ATTEMPT_FAILED
} attempt_result;

/* A failure after which nobody knows: reading back tells. */
static attempt_result look_back(endpoint *e, attestation_type type,
                                slice token, policy_change *c) {
  remote *r = e->remote;
  remote_failure first = r->failure;
  remote_log(r, "the answer is uncertain (%s): reading back", first.message);
  if (!deployed_get(e, type, &c->after)) {
    remote_fail(r, REMOTE_UNAVAILABLE,
                "%s; and reading back fails: %s", first.message,
                r->failure.message);
    remote_advise(r, "it is not known which policy is in force: run the same "
                     "command again");
    return ATTEMPT_FAILED;
  }
  if (first.status == REMOTE_UNTRUSTED) {
    r->failure = first;
    remote_advise(r, slice_equal(c->after.token, token)
                         ? "reading back shows the new policy in force, but "
                           "its answer is not proven"
                         : "reading back shows another policy in force");
    return ATTEMPT_FAILED;
  }
  if (slice_equal(c->after.token, token))
    return ATTEMPT_LOST;
  r->failure = first;
  return slice_equal(c->after.token, c->before.token) ? ATTEMPT_AGAIN
                                                      : ATTEMPT_FAILED;
}

/* The change is answered and proven; only the last look is missing. */
static bool read_after(endpoint *e, attestation_type type,
                       policy_change *c) {
  remote *r = e->remote;
  if (deployed_get(e, type, &c->after))
    return true;
  remote_failure why = r->failure;
  remote_fail(r, why.status,
              "the service says that the change is done, but reading back "
              "fails: %s", why.message);
  return remote_advise(r, "it is not known which policy is in force: run the "
                          "same command again");
}

static attempt_result attempt_set(endpoint *e, attestation_type type,
                                  slice token, policy_change *c) {
  endpoint_answer answer;
  if (!endpoint_call(e, OPERATION_POLICY_SET, type, token, &answer))
    return e->remote->failure.is_ambiguous ? look_back(e, type, token, c)
                                           : ATTEMPT_FAILED;
  if (!check_answer(e, &answer, "Updated", c) ||
      !read_after(e, type, c) || !check_in_force(e, token, c))
    return ATTEMPT_FAILED;
  return ATTEMPT_DONE;
}

bool deployed_set(endpoint *e, attestation_type type, slice token,
                  policy_change *c) {
  remote *r = e->remote;
  c->sent_hash = policy_token_hash(r->arena, token);
  c->after = c->before;
  if (slice_equal(c->before.token, token))
    return true;
  c->was_sent = true;
  for (int attempt = 0; attempt < CHANGE_ATTEMPTS; attempt++) {
    attempt_result result = attempt_set(e, type, token, c);
    c->was_lost = result == ATTEMPT_LOST;
    if (result == ATTEMPT_DONE || result == ATTEMPT_LOST)
      return true;
    if (result == ATTEMPT_FAILED)
      return false;
    remote_log(r, "nothing has changed: sending again");
  }
  return remote_advise(r, "the old policy is still in force");
}

/* --- resetting ------------------------------------------------------------ */

/* A reset leaves no hash; that it worked shows in the result, and in a policy
 * that is no longer the old one. */
bool deployed_reset(endpoint *e, attestation_type type, slice token,
                    policy_change *c) {
  remote *r = e->remote;
  endpoint_answer answer;
  c->was_sent = true;
  bool answered =
      endpoint_call(e, OPERATION_POLICY_RESET, type, token, &answer);
  if (!answered && !r->failure.is_ambiguous)
    return false;
  remote_failure first = r->failure;
  if (answered && !check_answer(e, &answer, "Removed", c))
    return false;
  if (!read_after(e, type, c))
    return false;
  bool is_other = !slice_equal(c->before.token, c->after.token);
  if (!answered && (!is_other || first.status == REMOTE_UNTRUSTED)) {
    r->failure = first;
    return remote_advise(r, is_other ? "reading back shows another policy in "
                                       "force"
                                     : "the old policy is still in force");
  }
  c->was_lost = !answered;
  if (is_other || c->before.is_default || !c->before.text.length)
    return true;
  remote_fail(r, REMOTE_UNTRUSTED,
              "the service says that the policy is removed, but reading back "
              "still gives it (%.*s)", SLICE_ARGS(c->after.token_hash));
  return false;
}
