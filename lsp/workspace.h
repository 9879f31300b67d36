/* SPDX-License-Identifier: Apache-2.0 */
/* Policies and suites of tests in the folders that the client has open, whether
 * a document is open or not: found and looked at when nothing else is to do. */
#ifndef LSP_WORKSPACE_H
#define LSP_WORKSPACE_H

#include "base/symbols.h"
#include "base/walk.h"
#include "lsp/server.h"

enum { LSP_WAITING_MAX = 8 };

typedef struct workspace_file {
  slice uri;
  const char *path;
  slice findings, claims; /* JSON arrays in `known`; empty: none */
  uint64_t revision;      /* of the findings */
  bool is_current;        /* looked at since it changed */
  bool is_open;           /* as a document, which speaks for itself */
  bool is_gone;
  bool was_pushed; /* the client has findings of it */
} workspace_file;

typedef struct lsp_workspace {
  arena names; /* folders, paths, `files`, what is to be walked */
  struct {
    const char *path;
  } *folders;
  size_t folder_count, folder_capacity;
  walk walk;
  symbols paths; /* numbers are places in `files`, from 1 */
  workspace_file *files;
  size_t count, capacity, next; /* next: before it all are current */
  arena known; /* what was found out; made anew when half of it is old */
  size_t known_bytes, old_bytes;
  documents looked; /* the file that is looked at */
  arena looked_memory;
  uint64_t revision;
  /* Requests that are answered when all is known. */
  struct workspace_wait {
    uint64_t later;
    size_t told; /* files before that, in parts of the result */
  } waiting[LSP_WAITING_MAX];
  size_t waiting_count;
  bool has_news;   /* since the client was told */
  bool is_limited; /* and the user was told */
} lsp_workspace;

/* Takes the folders from the parameters of `initialize`. */
void lsp_workspace_begin(lsp_request *r);
/* Notification workspace/didChangeWorkspaceFolders. */
void lsp_workspace_folders(lsp_request *r);

/* Adds the claims of files that are not open whose name holds the query. */
void lsp_workspace_claims(const lsp_request *r, slice query,
                          array_builder *list);

/* Tells requests that wait how far it is, and in the end the rest. */
void lsp_workspace_tell_waiting(lsp_server *s);

/* Whether files are still to be looked at. */
bool lsp_workspace_is_busy(const lsp_server *s);

extern const lsp_feature lsp_workspace_feature;

#endif
