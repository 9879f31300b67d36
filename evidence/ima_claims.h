/* SPDX-License-Identifier: Apache-2.0 */
/* An event of IMA as policies query it. */
#ifndef EVIDENCE_IMA_CLAIMS_H
#define EVIDENCE_IMA_CLAIMS_H

#include "base/value.h"
#include "evidence/ima_log.h"

/* ProcessedData: {"KernelVersion"} of the event kernel_version, {"Keyring",
 * "CertificateSubject"} of a key that was added to a keyring, {"BufferName",
 * "RawData"} of other buffers, {"FileName", "FileDigest", "Signature"} of
 * files, {"Violation": true} of a violation, whose data nothing measures, and
 * {"RawData"} of templates that are unknown. A buffer is told only if it
 * hashes to the digest beside it. */
value ima_event_data(arena *a, const ima_event *event);

#endif
