/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of a policy: claims, or evidence that is turned into claims, over
 * which the editor shows what the policy decides. Where they are looked for:
 *
 *   // maapol: sample=claims.json      comments of the policy
 *   "samples": ["claims.json"]         the configuration
 *   NAME.sample.json, NAME.claims.json, NAME.request.json
 *   NAME.maatest.json                  its first tests, if there is no other
 *
 * Files must lie in the policy's repository, as those of suites (suite/root.h):
 * whoever sends a policy must not make the editor read others. Evidence is
 * verified by a program of its own; while it runs the sample is pending, and
 * nobody waits. */
#ifndef LSP_SAMPLES_H
#define LSP_SAMPLES_H

#include <sys/types.h>

#include "eval/report.h"
#include "lsp/server.h"
#include "suite/root.h"

typedef enum sample_state {
  SAMPLE_UNUSABLE, /* its files cannot be used */
  SAMPLE_PENDING,  /* evidence that is being verified */
  SAMPLE_REFUSED,  /* evidence that was refused before rules saw claims */
  SAMPLE_READY
} sample_state;

typedef enum sample_source {
  SOURCE_CLAIMS,    /* nobody vouches for them */
  SOURCE_UNVERIFIED, /* evidence whose suite says "verify": "none" */
  SOURCE_CHANGED,  /* claims of evidence that a test has changed */
  SOURCE_EVIDENCE   /* verified, once it is ready */
} sample_source;

typedef struct sample {
  const char *name; /* a path from the policy's folder, or a test's name */
  sample_state state;
  sample_source source;
  const char *problem; /* why it is unusable or refused, or NULL */
  claim_list claims;   /* if it is ready */
} sample;

/* What a policy decides on one of them. */
typedef struct sample_decision {
  const sample *sample;
  bool was_evaluated;
  evaluation evaluation; /* traced, with matches */
} sample_decision;

/* What a file was like when it was read. When its state changed is what nobody
 * can set back, as the time of its content can be. */
typedef struct file_stamp {
  const char *path;
  bool is_there;
  bool has_too_many; /* a folder with more than LIMIT_LSP_FOLDER_FILES */
  int64_t modified_ns, changed_ns;
  int64_t size;
  dev_t device;
  ino_t number;
  uint64_t inside;   /* of a folder: what its files are like */
  uint64_t revision; /* of its text in the editor; 0: it is not open */
} file_stamp;

/* All that is known of one policy's samples. */
typedef struct sample_book {
  slice uri; /* of the policy; empty: the place is free */
  arena memory;
  bool is_read;
  slice asked; /* what of the policy the samples depend on */
  uint64_t verified; /* evidence.c's count of results at that time */
  file_stamp *files; /* that were read or looked for */
  size_t file_count, file_capacity;
  sample *samples;
  size_t count, capacity;
  size_t left_out;
  const char **suites; /* beside the policy, resolved */
  size_t suite_count, suite_capacity;
  const char *const *fields; /* NULL: not asked for yet */
  arena decided; /* for the decisions */
  uint64_t revision, analyses; /* of the policy that they are of; 0: none */
  const program *program;
  sample_decision *decisions;
} sample_book;

/* The samples of an open policy, read anew if anything of theirs changed. NULL:
 * the document has no file, or is no policy. It holds for the message. */
const sample_book *samples_of(lsp_server *s, document *d);

/* The same with decisions, one for each sample; none were evaluated if the
 * policy has errors. */
const sample_book *samples_decided(lsp_server *s, document *d);

/* The first decision that can be shown at rules and conditions; NULL: none. */
const sample_decision *samples_shown(const sample_book *book);

/* The sample of that name; an empty name: the first. NULL: there is none. */
const sample_decision *samples_find(const sample_book *book, slice name);

/* A value that a claim has in a sample, for completion. */
typedef struct sample_value {
  const char *text;   /* of a string without quotes, and needing no escapes */
  const char *sample; /* its name */
  bool is_string;
} sample_value;

/* The values of claims of that type, each once; ends with a NULL text. They
 * hold for the message. */
const sample_value *samples_values(lsp_server *s, document *d, slice type);

/* Names of members in the JSON of claims; ends with NULL. */
const char *const *samples_fields(lsp_server *s, document *d);

/* --- between the files of samples ----------------------------------------- */

/* Notes what the file is like, whether it is there or not. */
void samples_note_file(lsp_server *s, sample_book *book, const char *path);

/* What it is like now; the path is kept, not copied. */
file_stamp samples_stamp(lsp_server *s, const char *path);
bool stamp_equal(const file_stamp *a, const file_stamp *b);

/* A file's text as the editor has it, else from the disk; notes its stamp. */
bool samples_read_file(lsp_server *s, sample_book *book, const char *path,
                       size_t limit, slice *text, const char **why);

typedef enum sample_kind {
  SAMPLE_OF_CLAIMS,
  SAMPLE_OF_REQUEST,
  SAMPLE_OF_EVIDENCE
} sample_kind;

/* What a file holds. */
sample_kind samples_kind(slice text, attestation_type type);

/* While samples of one policy are gathered. */
typedef struct gathering {
  lsp_server *server;
  document *document;
  sample_book *book;
  suite_root root; /* of the policy */
} gathering;

/* A new one, unusable as yet; NULL: there are LIMIT_LSP_SAMPLES already. */
sample *samples_add(gathering *g, const char *name);

/* Reads a claims file into it. */
void samples_take_claims(gathering *g, sample *made, slice text);

/* sample_suite.c: the first cases of the suite at the resolved path, if it is
 * one of this policy. */
void samples_take_suite(gathering *g, const char *path);

/* sample_values.c: sets the book's fields. */
const char *const *samples_read_fields(sample_book *b);

/* A policy that permits all, with the configurationrules of the document. */
slice samples_gate(arena *a, document *d);

extern const lsp_feature lsp_samples_feature;

/* --- evidence.c ----------------------------------------------------------- */

/* Evidence that the sibling is to verify. Paths are resolved. */
typedef struct evidence_order {
  attestation_type type;
  const char *option; /* "--request" or "--quote" */
  const char *path;
  const char *roots, *collateral, *runtime_data, *init_data; /* or NULL */
  const char *runtime_type, *init_type, *nonce, *verify;     /* or NULL */
  const char *now;                                           /* or NULL */
  slice policy; /* whose configurationrules hold, and which permits all */
} evidence_order;

/* Sets state, problem and claims of the sample: at once, if that was asked
 * before and no file has changed; else it is pending, and a job begins. */
void evidence_sample(lsp_server *s, arena *a, const evidence_order *order,
                     sample *result);

/* Forgets what went wrong through no fault of the evidence (no program, no
 * time), so that it is tried again when it is asked for. */
void evidence_retry(lsp_server *s);

/* What verified is verified anew in another hour: certificates run out, and
 * editors are open for days. */
int64_t evidence_hour(const lsp_server *s);

/* How many results there were: another number, another answer. */
uint64_t evidence_results(const lsp_server *s);
void evidence_free(lsp_server *s);

/* The stamp of a file on the disk, or of a folder and the files in it. */
file_stamp stamp_of(const char *path);
void stamp_write(buffer *out, const file_stamp *stamp);

#endif
