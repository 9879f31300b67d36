/* SPDX-License-Identifier: Apache-2.0 */
/* Setting one policy, and saying what became of it. */
#ifndef CLI_REMOTE_POLICY_UPLOAD_H
#define CLI_REMOTE_POLICY_UPLOAD_H

#include "cli/remote/audit.h"

/* Sends the token if another policy is in force, proves it and reads it back,
 * records it, and prints or returns the report. path: for messages. CLI_OK, or
 * an exit status after a message. */
int policy_upload(session *s, audit *log, const char *path,
                  attestation_type type, slice token, value *report);

/* Resets the policy likewise; the token is a reset token. */
int policy_upload_reset(session *s, audit *log, attestation_type type,
                        slice token, value *report);

/* Prints a report as --format says. */
void policy_report_print(session *s, const value *report, bool as_json);

/* "none", or "CN=.. (thumbprint)" of a signer's certificate. */
slice policy_signer_text(session *s, const value *signer);

/* {"policyHash","policyTokenHash","default","signer"} */
value policy_state(session *s, const deployed_policy *p);

#endif
