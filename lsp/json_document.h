/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that are no policies: suites of tests, the configuration, other
 * JSON, which may be a sample. They are told by their names. */
#ifndef LSP_JSON_DOCUMENT_H
#define LSP_JSON_DOCUMENT_H

#include "lsp/server.h"
#include "suite/suite.h"

typedef enum document_kind {
  DOCUMENT_POLICY,
  DOCUMENT_SUITE,         /* *.maatest.json */
  DOCUMENT_CONFIGURATION, /* .maapol.json */
  DOCUMENT_JSON           /* another *.json that holds no policy */
} document_kind;

document_kind document_kind_of(const document *d);

/* "maatest", "maapol", or NULL: nothing is known of it. */
const char *document_schema(const document *d);

/* Answers as the handler would, if the document is of a kind that it is for;
 * else with its counterpart for JSON, or null. */
value document_handle(lsp_request *r, lsp_handler handle);

/* What is wrong with a text of JSON: diagnostics of the protocol. */
value json_findings(const lsp_request *r, document *d);

/* What its schema says of the place, and what could stand there. */
value json_hover(lsp_request *r);
value json_complete(lsp_request *r);

/* The suite of a document, if its text is one. path and text are those of the
 * document. */
bool document_suite(arena *a, const document *d, suite *result,
                    suite_error *error);

/* A file: URI of a path (RFC 8089), percent-encoded. */
slice path_uri(arena *a, const char *path);

/* {range, command: {title, command, arguments}}. lenses.c */
value lsp_lens(const lsp_request *r, span where, slice title,
               const char *command, value argument);

/* --- test_results.c ------------------------------------------------------- */

/* Lenses that run tests, with what the last run said. */
void suite_lenses(lsp_request *r, array_builder *list);

/* Failures of the last run, as diagnostics. */
void suite_failures(const lsp_request *r, document *d, array_builder *list);

/* Runs the tests of the suite at that path, which is told to the request
 * later; a case of that name alone, or with an empty name all. */
void suite_run_tests(lsp_request *r, slice uri, slice path, slice name,
                     bool show);

extern const lsp_feature lsp_tests_feature;

#endif
