/* SPDX-License-Identifier: Apache-2.0 */
/* The roots that the program carries: made from evidence/roots/NAME.pem by
 * tools/embed-roots.awk when the program is built. */
#ifndef EVIDENCE_ROOTS_H
#define EVIDENCE_ROOTS_H

typedef struct builtin_root {
  const char *name; /* the first line of the file: "Intel SGX Root CA" */
  const char *pem;  /* the file */
} builtin_root;

extern const builtin_root builtin_roots[]; /* ends with a row without name */

#endif
