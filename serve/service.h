/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated service: its instances, what they have in force, its keys. All
 * that a request needs stands ready in memory (policies compiled, certificates
 * encoded); SQLite is touched by writes alone.
 *
 *   service_options o = {.origins = {..}, ..};
 *   service *s = service_open(a, &o, &reason);
 *   http_options h = {.handle = service_handle, .context = s, ..};
 */
#ifndef SERVE_SERVICE_H
#define SERVE_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "compiler/policy.h"
#include "evidence/verify.h"
#include "serve/challenges.h"
#include "serve/http.h"
#include "serve/metrics.h"
#include "serve/state.h"
#include "sign/private_key.h"

typedef enum service_mode {
  MODE_AAD,      /* anybody with the role sets policies */
  MODE_ISOLATED, /* only holders of management certificates do */
  MODE_SHARED    /* nobody does */
} service_mode;

typedef enum oauth_level {
  OAUTH_OFF,   /* the Authorization header is not looked at */
  OAUTH_BASIC, /* any bearer token where the service demands one */
  OAUTH_STRICT /* one of our token endpoint: audience, time, role */
} oauth_level;

/* A policy in force, compiled once, read by any number of threads. */
typedef struct stored_policy {
  arena arena; /* holds itself and all below */
  atomic_uint references;
  slice token;    /* as uploaded; for a default, the unsecured one */
  policy *policy; /* compiled */
  value signer;   /* claim x-ms-policy-signer, or null */
  slice hash;     /* claim x-ms-policy-hash */
} stored_policy;

/* An instance under one of its names. Clients on this machine say localhost
 * or 127.0.0.1, and compare the issuer with what they said. */
typedef struct issuer_name {
  slice host;         /* as the Host header has it; empty: any other */
  slice url;          /* iss, without a slash at its end */
  slice token_header; /* JOSE header of signed tokens */
  slice certs;        /* body of /certs */
  slice metadata;     /* body of /.well-known/openid-configuration */
} issuer_name;

enum { ISSUER_NAMES_MAX = 5 };

typedef struct instance {
  const char *name; /* "" for the one at the root */
  slice prefix;     /* "/i/NAME", or empty */
  service_mode mode;
  issuer_name issuers[ISSUER_NAMES_MAX]; /* the first is the main one */
  size_t issuer_count;
  pthread_mutex_t lock; /* of what is below; never held while working */
  stored_policy *policies[ATTESTATION_TYPE_COUNT]; /* NULL: the default */
  bytes signers[LIMIT_SERVE_SIGNERS];              /* DER */
  size_t signer_count;
  unsigned removals; /* of signers since the start; under both locks */
  struct decision_ring *decisions; /* of the status page */
  arena kept; /* signers that were added; under write_lock */
} instance;

typedef struct instance_options {
  const char *name;
  service_mode mode;
  certificate_chain signers; /* first management certificates */
} instance_options;

typedef struct service_client service_client;

/* Keys of another identity provider, by the claim iss of its tokens. */
typedef struct federated_keys {
  slice issuer, keys; /* a JWK set, or PEM */
} federated_keys;

typedef struct service_options {
  const char *state_directory; /* NULL: in memory */
  const char *const *origins;  /* "https://localhost:8443", main one first;
                                * NULL ends them */
  bool has_issuer; /* the only origin is the user's word, whatever the Host */
  const instance_options *instances;
  size_t instance_count;
  oauth_level oauth;
  slice clients; /* JSON of the clients that the token endpoint knows */
  const federated_keys *federated; /* of whose tokens it verifies */
  size_t federated_count;
  verify_options verify;
  int64_t fixed_now; /* of --now; negative: the clock */
  bool has_page;     /* the status page is shown */
  int log;           /* descriptor of the access log; negative: none */
} service_options;

typedef struct service {
  service_options options;
  state *state;
  pthread_mutex_t write_lock; /* one change at a time, in the order of SQLite */
  private_key signing_key;    /* of all tokens */
  private_key entra_key;      /* of the tokens of our token endpoint */
  slice kid, entra_kid;
  uint8_t challenge_key[32]; /* of this process: TPM challenges are short */
  challenges *challenges;    /* that were used */
  instance *instances;
  size_t instance_count;
  stored_policy *defaults[ATTESTATION_TYPE_COUNT]; /* NULL: Tpm */
  const service_client *clients;                   /* NULL: all are welcome */
  size_t client_count;
  slice openapi;    /* body of /openapi.json */
  slice entra_keys; /* JWK set of the token endpoint */
  struct issuers *issuers; /* that verification remembers */
  metrics metrics;
} service;

/* NULL: *reason says why. Everything lives in the arena and is closed with it:
 * no request may be on its way then. */
service *service_open(arena *a, const service_options *options,
                      const char **reason);

/* An http_handler; context is the service. */
void service_handle(void *context, const http_request *request,
                    http_response *response);

int64_t service_now(const service *s);

/* --- policies in force ---------------------------------------------------- */

/* The policy that decides: the one set, else the default; NULL: there is none
 * (Tpm). Released with the arena. */
const stored_policy *instance_policy(service *s, instance *i, arena *a,
                                     attestation_type type);

/* Compiles a policy token that was found good, with an arena of its own and
 * one reference; NULL if memory ran out. */
stored_policy *stored_policy_make(slice token);
void stored_policy_release(stored_policy *p);

/* Stores a token (empty: back to the default) durably, then puts it in force.
 * `made` is its compiled form or NULL; the instance takes its reference.
 * `removals`: as instance_signers gave it when the token's signer was found
 * good. False: nothing changed; a signer was removed since then, or SQLite
 * failed. */
bool instance_set_policy(service *s, instance *i, attestation_type type,
                         stored_policy *made, unsigned removals,
                         const char **reason);

/* --- certificates --------------------------------------------------------- */

/* A copy of the list, in the arena. *removals tells, with a change, by which
 * list its signer was trusted: who is removed while his change is on its way
 * must not have it stored behind the answer to the removal. */
size_t instance_signers(instance *i, arena *a, bytes **list,
                        unsigned *removals);

typedef enum signer_change {
  SIGNER_CHANGED,  /* or it was so before */
  SIGNER_TOO_MANY,
  SIGNER_LAST,     /* the last one cannot be removed */
  SIGNER_NOT_STORED
} signer_change;

/* removals: as for instance_set_policy. */
signer_change instance_add_signer(service *s, instance *i, bytes certificate,
                                  unsigned removals, const char **reason);
signer_change instance_remove_signer(service *s, instance *i,
                                     bytes certificate, unsigned removals,
                                     const char **reason);

#endif
