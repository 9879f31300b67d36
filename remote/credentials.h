/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens of Microsoft Entra ID, got in the ways of the Azure SDKs and
 * with their environment variables.
 *
 *   credentials c;
 *   if (!credentials_init(&c, r, client, &settings) ||
 *       !credentials_token(&c, &token))
 *     report(r->failure);
 *
 * One file for each kind (credential_*.c), one row for each in the table of
 * credentials.c, tried in its order. A kind whose variables are not set is
 * passed over; one that is configured and fails ends the search, since going
 * on would act as somebody else than was meant.
 */
#ifndef REMOTE_CREDENTIALS_H
#define REMOTE_CREDENTIALS_H

#include "remote/http.h"

typedef struct cloud {
  const char *name;      /* "public" */
  const char *authority; /* where tokens are given out */
  const char *resource;  /* what they are for */
  const char *audience;  /* of tokens that are exchanged for them */
} cloud;

/* public, usgov, china; ends with a row without name. */
extern const cloud clouds[];

typedef struct access_token {
  slice text;         /* a registered secret */
  int64_t expires_at; /* seconds since the epoch; 0: not said */
  const char *source; /* name of the kind */
} access_token;

typedef struct credential_settings {
  const cloud *cloud;       /* NULL: public, or AZURE_AUTHORITY_HOST */
  const char *kind;         /* only this one; NULL: in order */
  const char *token_file;   /* of kind "token-file" */
  bool allows_plain_http;   /* of an authority on loopback */
  const char *arc_directory; /* of Arc's secret files; NULL: the agent's */
} credential_settings;

typedef struct credentials {
  remote *remote;
  http_client *http;
  credential_settings settings;
  const cloud *cloud;
  url authority;
  access_token kept; /* used again until shortly before it expires */
} credentials;

/* False: REMOTE_INPUT, for an authority that cannot be used. */
bool credentials_init(credentials *c, remote *r, http_client *http,
                      const credential_settings *settings);

/* A token for the service. False: REMOTE_DENIED or REMOTE_UNAVAILABLE; the
 * message says of each kind what it wants, if none is configured. */
bool credentials_token(credentials *c, access_token *token);

/* Who a token was given to, out of its own claims, unverified: a user's name,
 * or "app <client id>"; empty if it does not say. */
slice credentials_identity(remote *r, const access_token *token);

typedef enum credential_outcome {
  CREDENTIAL_ABSENT, /* nothing of it is configured here */
  CREDENTIAL_FAILED, /* remote.failure says why */
  CREDENTIAL_OK
} credential_outcome;

typedef struct credential_kind {
  const char *name; /* of --auth */
  const char *wants; /* the variables that configure it */
  credential_outcome (*get)(credentials *c, access_token *token);
} credential_kind;

/* In the order in which they are tried; ends with a row without name. */
extern const credential_kind credential_kinds[];

/* --- for the kinds -------------------------------------------------------- */

credential_outcome credential_token_file(credentials *c, access_token *t);
credential_outcome credential_client_secret(credentials *c, access_token *t);
credential_outcome credential_certificate(credentials *c, access_token *t);
credential_outcome credential_workload(credentials *c, access_token *t);
credential_outcome credential_github(credentials *c, access_token *t);
credential_outcome credential_pipelines(credentials *c, access_token *t);
credential_outcome credential_managed(credentials *c, access_token *t);
credential_outcome credential_az(credentials *c, access_token *t);

/* Whether this kind was asked for by name: then it may not be passed over. */
bool credential_is_pinned(const credentials *c, const char *kind);

/* The tenant and client that AZURE_TENANT_ID and AZURE_CLIENT_ID name, or the
 * variables given instead. False if one is not set. */
typedef struct application {
  slice tenant, client;
} application;
bool credential_application(const credentials *c, const char *tenant_variable,
                            const char *client_variable, application *result);

/* {authority}/{tenant}/oauth2/v2.0/token */
bool credential_token_url(credentials *c, slice tenant, url *result);

/* Posts grant_type=client_credentials with `proof` (a registered secret,
 * "client_secret=.." or "client_assertion=.."), and reads the answer. */
credential_outcome credential_exchange(credentials *c, const application *app,
                                       slice proof, access_token *token);

/* The same with a token of another issuer as the proof (RFC 7523). */
credential_outcome credential_exchange_assertion(credentials *c,
                                                 const application *app,
                                                 slice assertion,
                                                 access_token *token);

/* The access token of an answer: {"access_token":..,"expires_in":..} or
 * expires_on, as numbers or strings. where: for the message. */
credential_outcome credential_read_answer(credentials *c, const char *where,
                                          const http_response *response,
                                          access_token *token);

/* Reads a file that holds one token or secret. False: REMOTE_INPUT. */
bool credential_read_file(credentials *c, const char *path, slice *text);

#endif
