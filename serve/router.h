/* SPDX-License-Identifier: Apache-2.0 */
/* Which operation a request is for. */
#ifndef SERVE_ROUTER_H
#define SERVE_ROUTER_H

#include "serve/call.h"

/* API versions by generation. */
enum {
  API_ANY = 0, /* api-version is not looked at */
  API_2018 = 1,
  API_2020 = 2,
  API_2022 = 4,
  API_2025 = 8,
  API_2026 = 16,
  API_FROM_2022 = API_2022 | API_2025 | API_2026,
  API_STABLE = API_2020 | API_FROM_2022,
  API_ALL = API_2018 | API_STABLE
};

typedef enum operation_access {
  ACCESS_ANYONE,
  ACCESS_ATTEST, /* anyone too: no client of the service sends a token */
  ACCESS_READ,   /* Attestation Reader */
  ACCESS_WRITE   /* Attestation Contributor */
} operation_access;

struct operation {
  const char *name, *method, *path;
  unsigned versions;
  operation_access access;
  const char *summary;
  void (*run)(call *c);
};

enum operation_index {
#define OPERATION(name, method, path, versions, access, summary) \
  OPERATION_##name,
#include "serve/operations.h"
#undef OPERATION
  OPERATION_COUNT
};

extern const operation operations[OPERATION_COUNT];

#define OPERATION(name, method, path, versions, access, summary) \
  void operation_##name(call *c);
#include "serve/operations.h"
#undef OPERATION


typedef struct route {
  const operation *operation; /* NULL: none */
  slice parameter;            /* what stands for {type} or {tenant} */
  const char *allowed;        /* methods that the path has, if not this one */
} route;

/* path: without an instance's prefix. */
route route_find(slice method, slice path);

/* One slash where several stand, none at the end. */
slice route_clean_path(arena *a, slice path);

/* The bit of an API version; 0 if it is not known. */
unsigned api_version_bit(slice version);

#endif
