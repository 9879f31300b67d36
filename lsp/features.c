/* SPDX-License-Identifier: Apache-2.0 */
/* Features that live longer than a request. */
#include "lsp/server.h"

const lsp_feature *const lsp_features[] = {
    NULL,
};
