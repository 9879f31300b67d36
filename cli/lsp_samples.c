/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lsp_samples.h"

#include "cli/configuration.h"

void lsp_samples_read(const cli *c, arena *a, const char *path,
                      lsp_named_files *files) {
  cli asked = *c;
  configurations all;
  policy_settings found;
  asked.arena = a;
  if (!configurations_init(&all, &asked) ||
      !configuration_for(&all, path, &found) || !found.samples)
    return;
  *files = (lsp_named_files){.folder = found.directory,
                             .items = found.samples,
                             .count = found.sample_count};
}
