/* SPDX-License-Identifier: Apache-2.0 */
/* What client and server tell each other at the beginning. */
#include "lsp/workspace.h"

static value words(arena *a, const char *const *list) {
  array_builder b = array_in(a);
  for (; *list; list++)
    array_add(&b, value_text(slice_from(*list)));
  return array_value(&b);
}

/* Of those that the client offers, the first that is known. */
static position_encoding agree(const value *capabilities) {
  const value *offered = lsp_at(capabilities, "general", "positionEncodings");
  position_encoding encoding = POSITION_UTF16;
  for (uint32_t i = 0;
       offered && offered->kind == VALUE_ARRAY && i < offered->count; i++)
    if (offered->items[i].kind == VALUE_STRING &&
        position_encoding_from_name(value_string(&offered->items[i]),
                                    &encoding))
      break;
  return encoding;
}

static bool is_true(const value *v) {
  return v && v->kind == VALUE_BOOLEAN && v->boolean;
}

/* Where the client says that it knows a method of the server's. */
static const struct ability {
  const char *method; /* NULL: it is asked for by its place */
  const char *group, *name, *member;
  size_t offset;
} abilities[] = {
#define ROW(method, group, name, member, field) \
  {method, group, name, member, offsetof(lsp_abilities, field)}
    ROW("workspace/applyEdit", "workspace", "applyEdit", NULL, applies_edits),
    ROW("client/registerCapability", "workspace", "didChangeWatchedFiles",
        "dynamicRegistration", watches_files),
    ROW("window/workDoneProgress/create", "window", "workDoneProgress", NULL,
        shows_progress),
    ROW("workspace/codeLens/refresh", "workspace", "codeLens",
        "refreshSupport", refreshes_lenses),
    ROW("workspace/inlayHint/refresh", "workspace", "inlayHint",
        "refreshSupport", refreshes_hints),
    ROW("workspace/semanticTokens/refresh", "workspace", "semanticTokens",
        "refreshSupport", refreshes_tokens),
    ROW("workspace/diagnostic/refresh", "workspace", "diagnostics",
        "refreshSupport", refreshes_diagnostics),
    {NULL, NULL, NULL, NULL, 0},
#undef ROW
};

static bool *ability_of(lsp_abilities *all, const struct ability *row) {
  return (bool *)((char *)all + row->offset);
}

bool lsp_client_knows(const lsp_server *s, const char *method) {
  lsp_abilities all = s->client;
  for (const struct ability *row = abilities; row->group; row++)
    if (row->method && strcmp(row->method, method) == 0)
      return *ability_of(&all, row);
  return false;
}

static void read_abilities(lsp_server *s, const value *all) {
  for (const struct ability *row = abilities; row->group; row++) {
    const value *v = lsp_at(all, row->group, row->name);
    if (row->member)
      v = lsp_at(v, row->member, NULL);
    *ability_of(&s->client, row) = is_true(v);
  }
}

static void read_client(lsp_server *s, const value *params) {
  const value *all = lsp_at(params, "capabilities", NULL);
  const value *process = lsp_at(params, "processId", NULL);
  read_abilities(s, all);
  if (s->host->watch_process && process && process->kind == VALUE_INTEGER)
    s->host->watch_process(s->host->context, process->integer);
  const value *text = lsp_at(all, "textDocument", NULL);
  const value *shows =
      lsp_at(lsp_at(text, "publishDiagnostics", NULL), "relatedInformation",
             NULL);
  lsp_language_read(s, all);
  s->encoding = agree(all);
  s->pulls_diagnostics = lsp_at(text, "diagnostic", NULL) != NULL;
  const value *pull = lsp_at(text, "diagnostic", "relatedInformation");
  s->shows_related = is_true(shows) || is_true(pull);
  s->creates_literals =
      lsp_at(text, "codeAction", "codeActionLiteralSupport") != NULL;
}

static value sync_options(arena *a) {
  object_builder o = object_in(a);
  set_flag(&o, "openClose", true);
  set_number(&o, "change", 2); /* incremental */
  return object_value(&o);
}

static value completion_options(arena *a) {
  static const char *const triggers[] = {"[", "(", ",", "\"", "=",
                                         ".", ">", "{", NULL};
  object_builder o = object_in(a);
  set(&o, "triggerCharacters", words(a, triggers));
  set_flag(&o, "resolveProvider", true);
  return object_value(&o);
}

static value signature_options(arena *a) {
  static const char *const triggers[] = {"(", ",", NULL};
  object_builder o = object_in(a);
  set(&o, "triggerCharacters", words(a, triggers));
  return object_value(&o);
}

static value action_options(arena *a) {
  static const char *const kinds[] = {"quickfix", "refactor.extract",
                                      "refactor.rewrite",
                                      "source.fixAll.maapol", NULL};
  object_builder o = object_in(a);
  set(&o, "codeActionKinds", words(a, kinds));
  set_flag(&o, "resolveProvider", true);
  return object_value(&o);
}

static value diagnostic_options(arena *a) {
  object_builder o = object_in(a);
  set_text(&o, "identifier", "maapol");
  set_flag(&o, "interFileDependencies", false);
  set_flag(&o, "workspaceDiagnostics", true);
  return object_value(&o);
}

static value semantic_options(arena *a) {
  object_builder o = object_in(a), full = object_in(a);
  set_flag(&full, "delta", true);
  set(&o, "legend", lsp_semantic_legend(a));
  set(&o, "full", object_value(&full));
  set_flag(&o, "range", true);
  return object_value(&o);
}

static value on_type_options(arena *a) {
  static const char *const more[] = {";", "\n", NULL};
  object_builder o = object_in(a);
  set_text(&o, "firstTriggerCharacter", "}");
  set(&o, "moreTriggerCharacter", words(a, more));
  return object_value(&o);
}

static value link_options(arena *a) {
  object_builder o = object_in(a);
  set_flag(&o, "resolveProvider", false);
  return object_value(&o);
}

static value rename_options(arena *a) {
  object_builder o = object_in(a);
  set_flag(&o, "prepareProvider", true);
  return object_value(&o);
}

static value lens_options(arena *a) {
  object_builder o = object_in(a);
  set_flag(&o, "resolveProvider", false);
  return object_value(&o);
}

/* textDocumentContent: LSP 3.18, "Text Document Content Request". */
static value workspace_options(arena *a) {
  static const char *const schemes[] = {"maapol-decoded", NULL};
  object_builder o = object_in(a), content = object_in(a),
                 folders = object_in(a);
  set(&content, "schemes", words(a, schemes));
  set_flag(&folders, "supported", true);
  set_flag(&folders, "changeNotifications", true);
  set(&o, "textDocumentContent", object_value(&content));
  set(&o, "workspaceFolders", object_value(&folders));
  return object_value(&o);
}

static value capabilities(const lsp_server *s, arena *a) {
  static const char *const plain[] = {
      "hoverProvider",          "definitionProvider",
      "referencesProvider",     "documentHighlightProvider",
      "documentSymbolProvider", "workspaceSymbolProvider",
      "foldingRangeProvider",   "selectionRangeProvider",
      "documentFormattingProvider", "documentRangeFormattingProvider",
      "callHierarchyProvider",      "linkedEditingRangeProvider",
      "typeDefinitionProvider"};
  object_builder o = object_in(a);
  set_text(&o, "positionEncoding", position_encoding_name(s->encoding));
  set(&o, "textDocumentSync", sync_options(a));
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    set_flag(&o, plain[i], true);
  set(&o, "completionProvider", completion_options(a));
  set(&o, "signatureHelpProvider", signature_options(a));
  set(&o, "codeActionProvider", action_options(a));
  set(&o, "diagnosticProvider", diagnostic_options(a));
  set(&o, "semanticTokensProvider", semantic_options(a));
  set(&o, "renameProvider", rename_options(a));
  set(&o, "documentOnTypeFormattingProvider", on_type_options(a));
  set(&o, "documentLinkProvider", link_options(a));
  set(&o, "workspace", workspace_options(a));
  set(&o, "codeLensProvider", lens_options(a));
  set_flag(&o, "inlayHintProvider", true);
  set(&o, "executeCommandProvider", lsp_command_options(a));
  return object_value(&o);
}

value lsp_initialize(lsp_request *r) {
  object_builder o = object_in(r->arena), info = object_in(r->arena);
  read_client(r->server, r->params);
  lsp_read_wishes(r->server, lsp_at(r->params, "initializationOptions", NULL));
  r->server->is_initialized = true;
  lsp_workspace_begin(r);
  set_text(&info, "name", "maapol");
  set_text(&info, "version", r->server->host->version);
  set(&o, "capabilities", capabilities(r->server, r->arena));
  set(&o, "serverInfo", object_value(&info));
  return object_value(&o);
}
