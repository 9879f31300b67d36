/* SPDX-License-Identifier: Apache-2.0 */
/* Features that live longer than a request. */
#include "lsp/json_document.h"
#include "lsp/language.h"
#include "lsp/samples.h"
#include "lsp/workspace.h"

const lsp_feature *const lsp_features[] = {
    &lsp_samples_feature,
    &lsp_tests_feature,
    &lsp_decoded_feature,
    &lsp_workspace_feature,
    NULL,
};
