/* SPDX-License-Identifier: Apache-2.0 */
/* Options of the verbs that verify evidence. */
#ifndef CLI_CRYPTO_VERIFY_INPUT_H
#define CLI_CRYPTO_VERIFY_INPUT_H

#include "cli/cli.h"
#include "evidence/verify.h"

/* Rows for the verb's table of options. */
#define VERIFY_INPUT_OPTIONS                                                   \
  {"roots", 0, "DIR", "certificates to trust besides the built-in roots"},     \
      {"no-builtin-roots", 0, NULL,                                            \
       "trust the certificates of --roots alone"},                             \
      {"collateral", 0, "DIR",                                                 \
       "of Intel: tcbinfo.json, qe_identity.json, tcb_signing_chain.pem, "     \
       "pck_crl, root_ca_crl; of AMD: vcek_crl.der .."},                       \
      {"accept-tcb", 0, "STATUS,..",                                           \
       "TCB statuses that full verification "                                  \
       "accepts"},                                                             \
      {"certs", 0, "PEM", "certificates that the evidence comes without"}, {   \
    "now", 0, "TIME", "RFC 3339 or seconds since the epoch (the clock)"        \
  }

/* The time of --now, or the clock's. */
int cli_now(cli *c, int64_t *now);

/* Reads --roots, --collateral and --accept-tcb alone, where a verb has no
 * others; the level and the time are the caller's. CLI_OK, or an exit status
 * after a message. */
int verify_input_trust(cli *c, verify_options *options);

/* Reads those options; the result's level is the caller's. CLI_OK, or an exit
 * status after a message. */
int verify_input_read(cli *c, verify_options *options);

#endif
