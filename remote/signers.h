/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates whose keys may sign policies of an isolated instance. */
#ifndef REMOTE_SIGNERS_H
#define REMOTE_SIGNERS_H

#include "evidence/certificate.h"
#include "remote/endpoint.h"

typedef struct policy_signer_entry {
  X509 *certificate; /* the first of x5c */
  slice thumbprint;  /* SHA-1 of its DER, upper-case hex, as the service says */
  bool is_valid_now;
} policy_signer_entry;

typedef struct policy_signer_list {
  policy_signer_entry *items;
  size_t count;
} policy_signer_list;

/* Upper-case hex SHA-1 of the certificate. */
slice signer_thumbprint(arena *a, X509 *certificate);

/* An instance in AAD mode has none. False: r->failure. */
bool signers_get(endpoint *e, policy_signer_list *list);

const policy_signer_entry *signers_find(const policy_signer_list *list,
                                        slice thumbprint);

/* Adds or removes by a signed token, and reads back. False: r->failure. The
 * list afterwards is in *after. */
bool signers_change(endpoint *e, bool adds, X509 *certificate, slice token,
                    policy_signer_list *after);

/* Whether a usable signer remains without that certificate; else r->failure
 * (REMOTE_REFUSED): the instance could never be changed again. */
bool signers_may_remove(endpoint *e, const policy_signer_list *list,
                        slice thumbprint);

#endif
