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

/* --- changing ------------------------------------------------------------- */

typedef struct change_plan {
  endpoint_operation operation;
  attestation_type type;
  slice token;
  const char *result; /* that the signed answer must name */
} change_plan;

typedef enum attempt_result {
  ATTEMPT_DONE,   /* answered and proven */
  ATTEMPT_LOST,   /* not answered, but in force */
  ATTEMPT_AGAIN,  /* not answered, and nothing has changed */
  ATTEMPT_FAILED
} attempt_result;

static bool is_unchanged(const policy_change *c) {
  return slice_equal(c->before.token, c->after.token);
}

/* Whether what was read back is what was wanted, whoever brought it about. A
 * reset leaves no hash: only a default that is known, or no policy, proves
 * it. */
static bool is_reached(const change_plan *p, const policy_change *c) {
  return p->operation == OPERATION_POLICY_SET
             ? slice_equal(p->token, c->after.token)
             : c->after.is_default || !c->after.text.length;
}

/* A failure after which nobody knows: reading back tells. */
static attempt_result look_back(endpoint *e, const change_plan *p,
                                policy_change *c) {
  remote *r = e->remote;
  remote_failure first = r->failure;
  remote_log(r, "the answer is uncertain (%s): reading back", first.message);
  if (!deployed_get(e, p->type, &c->after)) {
    remote_fail(r, REMOTE_UNAVAILABLE,
                "%s; and reading back fails: %s", first.message,
                r->failure.message);
    remote_advise(r, "it is not known which policy is in force: run the same "
                     "command again");
    return ATTEMPT_FAILED;
  }
  r->failure = first;
  if (first.status == REMOTE_UNTRUSTED)
    remote_advise(r, is_reached(p, c)
                         ? "reading back shows the new policy in force, but "
                           "its answer is not proven"
                         : "reading back shows another policy in force");
  else if (is_reached(p, c))
    return ATTEMPT_LOST;
  else if (is_unchanged(c))
    return ATTEMPT_AGAIN;
  else
    remote_advise(r, "reading back shows another policy in force: somebody "
                     "else may have set it (maapol policy get)");
  return ATTEMPT_FAILED;
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

static bool check_set(endpoint *e, const policy_change *c) {
  differs(e, "the policy in force", c->sent_hash, c->after.token_hash);
  return remote_advise(e->remote,
                       is_unchanged(c)
                           ? "the old policy is still in force"
                           : "somebody else may have set a policy in "
                             "between (maapol policy get)");
}

/* What the signed answer to a reset says shows in a policy that is no longer
 * the old one; the service's default may be one that is not known here. */
static bool check_reset(endpoint *e, const policy_change *c) {
  return !is_unchanged(c) ||
         remote_fail(e->remote, REMOTE_UNTRUSTED,
                     "the service says that the policy is removed, but "
                     "reading back still gives it (%.*s)",
                     SLICE_ARGS(c->after.token_hash));
}

static bool check_in_force(endpoint *e, const change_plan *p,
                           const policy_change *c) {
  return is_reached(p, c) || (p->operation == OPERATION_POLICY_SET
                                  ? check_set(e, c)
                                  : check_reset(e, c));
}

static attempt_result attempt(endpoint *e, const change_plan *p,
                              policy_change *c) {
  endpoint_answer answer;
  if (!endpoint_call(e, p->operation, p->type, p->token, &answer))
    return e->remote->failure.is_ambiguous ? look_back(e, p, c)
                                           : ATTEMPT_FAILED;
  if (!check_answer(e, &answer, p->result, c) ||
      !read_after(e, p->type, c) || !check_in_force(e, p, c))
    return ATTEMPT_FAILED;
  return ATTEMPT_DONE;
}

static bool change(endpoint *e, const change_plan *p, policy_change *c) {
  remote *r = e->remote;
  c->was_sent = true;
  for (unsigned i = 1;; i++) {
    attempt_result result = attempt(e, p, c);
    c->was_lost = result == ATTEMPT_LOST;
    if (result != ATTEMPT_AGAIN)
      return result != ATTEMPT_FAILED;
    if (i == CHANGE_ATTEMPTS)
      return remote_advise(r, "the old policy is still in force");
    remote_log(r, "nothing has changed: sending again");
    http_pause(e->http, i);
  }
}

bool deployed_set(endpoint *e, attestation_type type, slice token,
                  policy_change *c) {
  change_plan plan = {OPERATION_POLICY_SET, type, token, "Updated"};
  c->sent_hash = policy_token_hash(e->remote->arena, token);
  c->after = c->before;
  return slice_equal(c->before.token, token) || change(e, &plan, c);
}

bool deployed_reset(endpoint *e, attestation_type type, slice token,
                    policy_change *c) {
  change_plan plan = {OPERATION_POLICY_RESET, type, token, "Removed"};
  return change(e, &plan, c);
}
