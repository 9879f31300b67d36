/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/tpm_request.h"

/* PCP_PLATFORM_ATTESTATION_BLOB, little-endian: magic, platform, size of this
 * header, then the sizes of PCRs, quote, signature and log, in this order
 * behind it. The newer form names the algorithm of the PCRs. */
enum { TPM_VERSION_20 = 2, BLOB_HEADER = 28, BLOB2_HEADER = 32 };

typedef struct blob {
  uint16_t algorithm;
  size_t pcrs, quote, signature, log;
} blob;

static bool is_magic(bytes magic, const char *name) {
  return magic.length == 4 && memcmp(magic.data, name, 4) == 0;
}

static void read_sizes(byte_reader *r, blob *b) {
  b->pcrs = (size_t)reader_number(r, 4, "the size of the PCRs");
  b->quote = (size_t)reader_number(r, 4, "the size of the quote");
  b->signature = (size_t)reader_number(r, 4, "the size of the signature");
  b->log = (size_t)reader_number(r, 4, "the size of the log");
}

static void read_header(byte_reader *r, blob *b) {
  bytes magic = reader_take(r, 4, "the magic number");
  bool is_new = is_magic(magic, "PAD2");
  if (!r->failed && !is_new && !is_magic(magic, "PADS"))
    reader_fail(r, EVIDENCE_FORMAT, 0,
                "it begins neither with \"PADS\" nor with \"PAD2\"");
  uint64_t platform = reader_number(r, 4, "the platform");
  if (platform != TPM_VERSION_20)
    reader_fail(r, EVIDENCE_VERSION, 4,
                "platform %u, but 2 (TPM 2.0) is wanted", (unsigned)platform);
  uint64_t size = reader_number(r, 4, "the header's size");
  if (size != (is_new ? BLOB2_HEADER : BLOB_HEADER))
    reader_fail(r, EVIDENCE_LENGTH, 8,
                "a header of %u bytes, but %d are wanted", (unsigned)size,
                is_new ? BLOB2_HEADER : BLOB_HEADER);
  read_sizes(r, b);
  b->algorithm = TPM_ALG_SHA1;
  if (is_new)
    b->algorithm = (uint16_t)reader_number(r, 4, "the algorithm of the PCRs");
}

/* All 24 PCRs stand there; the quote says which of them it is over. */
static void read_pcrs(byte_reader *r, const blob *b, tpm_state *state) {
  digest_algorithm hash;
  size_t at = r->position;
  if (r->failed)
    return;
  if (!tpm_hash_algorithm(b->algorithm, &hash)) {
    reader_fail(r, EVIDENCE_VALUE, BLOB_HEADER,
                "unknown algorithm %04x of PCRs", b->algorithm);
    return;
  }
  size_t length = digest_length(hash);
  if (b->pcrs != TCG_PCR_COUNT * length)
    reader_fail(r, EVIDENCE_LENGTH, at, "PCRs of %zu bytes, but %zu are wanted",
                b->pcrs, TCG_PCR_COUNT * length);
  tpm_bank *bank = &state->banks[0];
  *bank = (tpm_bank){.algorithm = b->algorithm};
  for (size_t i = 0; i < TCG_PCR_COUNT; i++)
    bank->values[i] = reader_take(r, length, "a PCR");
  state->bank_count = 1;
}

bool tpm_claim_blob_read(arena *a, bytes raw, tpm_state *result,
                         evidence_error *error) {
  byte_reader r = reader_over(a, raw, "platform claim", error);
  blob b = {0};
  read_header(&r, &b);
  read_pcrs(&r, &b, result);
  bytes quote = reader_take(&r, b.quote, "the quote");
  bytes signature = reader_take(&r, b.signature, "the signature");
  reader_take(&r, b.log, "the log");
  if (!r.failed && reader_left(&r) > 0)
    reader_fail(&r, EVIDENCE_LENGTH, r.position,
                "%zu bytes lie behind the platform claim", reader_left(&r));
  if (r.failed || !tpm_state_read_quote(a, result, quote, signature, error))
    return false;
  for (size_t i = 0; i < result->quote.selection_count; i++)
    if (result->quote.selections[i].algorithm == b.algorithm)
      result->banks[0].mask |= result->quote.selections[i].mask & 0xffffff;
  return true;
}
