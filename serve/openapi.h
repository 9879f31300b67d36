/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations as an OpenAPI 3.0 document. */
#ifndef SERVE_OPENAPI_H
#define SERVE_OPENAPI_H

#include "base/value.h"

slice openapi_document(arena *a);

#endif
