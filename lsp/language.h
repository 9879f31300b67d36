/* SPDX-License-Identifier: Apache-2.0 */
/* The features of the language that server.c calls, and what they share. */
#ifndef LSP_LANGUAGE_H
#define LSP_LANGUAGE_H

#include "lsp/server.h"

/* calls.c: which rule makes the claim that another consumes. */
value lsp_call_prepare(lsp_request *r);
value lsp_calls_incoming(lsp_request *r);
value lsp_calls_outgoing(lsp_request *r);

/* names.c */
value lsp_linked_editing(lsp_request *r);
value lsp_type_definition(lsp_request *r);

/* actions.c */
value lsp_resolve_action(lsp_request *r);
/* refactor.c: to the list of actions at `range`. */
void lsp_add_refactorings(lsp_request *r, array_builder *list, span range);
bool lsp_wants_action(const lsp_request *r, const char *kind);
/* edits: NULL, then `disabled` says why. */
void lsp_add_action(const lsp_request *r, array_builder *list, slice title,
                    const char *kind, const value *edits,
                    const char *disabled);

/* configure.c: a workspace edit that switches the code off in .maapol.json.
 * False: there is no repository, or the file is not as it should be. */
bool lsp_switch_off(lsp_request *r, diagnostic_code code, value *edit);

/* decoded.c: policies inside of tokens, as texts of their own.
 *
 * The text inside of the document `file:///p.jws` is the document
 * `maapol-decoded:file:///p.jws`. A client need not open it. It can be read,
 * and never be changed: its bytes are what was signed. */
bool lsp_is_decoded(slice uri);
/* Of an open document; NULL: there is none, or no policy is inside of it. */
document *lsp_decoded_document(lsp_server *s, slice uri);
/* Why a document cannot be changed; NULL: it can. */
const char *lsp_why_read_only(document *d);
/* {uri, languageId, text} of the policy inside of the open document of that
 * URI; the request is refused if there is none. For the command
 * maapol.showDecoded, too. */
value lsp_show_decoded(lsp_request *r, slice uri);
value lsp_decoded(lsp_request *r);      /* maapol/decoded */
value lsp_text_content(lsp_request *r); /* workspace/textDocumentContent */
/* What a document that carries a policy is: Markdown; nothing of others. */
void lsp_describe_carrier(buffer *out, document *d);
extern const lsp_feature lsp_decoded_feature;

/* hover.c, maapol/type: {type, from}, the attestation type of the policy and
 * what says so: "text", "configuration", or null with no type. */
value lsp_attestation_type(lsp_request *r);

/* outline.c: up to 80 bytes in one line. */
slice lsp_in_one_line(arena *a, slice text);

#endif
