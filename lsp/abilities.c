/* SPDX-License-Identifier: Apache-2.0 */
/* What the client takes, of the features of the language. */
#include "lsp/server.h"

static bool is_true(const value *v) {
  return v && v->kind == VALUE_BOOLEAN && v->boolean;
}

static bool names(const value *list, const char *name) {
  for (uint32_t i = 0; list && list->kind == VALUE_ARRAY && i < list->count;
       i++)
    if (list->items[i].kind == VALUE_STRING &&
        slice_is(value_string(&list->items[i]), name))
      return true;
  return false;
}

void lsp_language_read(lsp_server *s, const value *capabilities) {
  const value *text = lsp_at(capabilities, "textDocument", NULL);
  const value *edit = lsp_at(capabilities, "workspace", "workspaceEdit");
  const value *item = lsp_at(text, "completion", "completionItem");
  const value *action = lsp_at(text, "codeAction", NULL);
  s->language = (lsp_language){
      .takes_snippets = is_true(lsp_at(item, "snippetSupport", NULL)),
      .takes_commit_characters =
          is_true(lsp_at(item, "commitCharactersSupport", NULL)),
      .shows_disabled = is_true(lsp_at(action, "disabledSupport", NULL)),
      .resolves_edits =
          is_true(lsp_at(action, "dataSupport", NULL)) &&
          names(lsp_at(action, "resolveSupport", "properties"), "edit"),
      .creates_files =
          is_true(lsp_at(edit, "documentChanges", NULL)) &&
          names(lsp_at(edit, "resourceOperations", NULL), "create")};
}
