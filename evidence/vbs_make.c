/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "evidence/tpm_make.h"
#include "sign/digest.h"

static void put_little(buffer *out, uint64_t number, size_t size) {
  for (size_t i = 0; i < size; i++)
    buffer_char(out, (char)(number >> (8 * i)));
}

/* A number of the key, as its JWK tells it. */
static bytes jwk_number(arena *a, const value *jwk, const char *name) {
  bytes result = {NULL, 0};
  const value *v = value_member(jwk, slice_from(name));
  if (v)
    (void)base64_decode(a, value_string(v), BASE64_URL, &result);
  return result;
}

bytes vbs_make_idks(arena *a, const private_key *key) {
  value jwk = tpm_make_jwk(a, key->pair);
  bytes modulus = jwk_number(a, &jwk, "n"), exponent = jwk_number(a, &jwk, "e");
  buffer out = buffer_in(a);
  put_little(&out, 1, 4); /* the algorithm: RSA */
  put_little(&out, modulus.length * 8, 4);
  put_little(&out, exponent.length, 4);
  put_little(&out, modulus.length, 4);
  buffer_add(&out, slice_from_bytes(exponent));
  buffer_add(&out, slice_from_bytes(modulus));
  return bytes_from_slice(buffer_slice(&out));
}

/* The event with the key, as a log has it behind its first record. */
static bytes key_event(arena *a, uint32_t pcr, bytes idks) {
  enum { TRUST_BOUNDARY = 0x40010001, IDKS_INFO = 0x50023 };
  static const uint16_t banks[] = {TPM_ALG_SHA1, TPM_ALG_SHA256};
  buffer inner = buffer_in(a), data = buffer_in(a);
  event_tag(&inner, IDKS_INFO, idks);
  event_tag(&data, TRUST_BOUNDARY, bytes_from_slice(buffer_slice(&inner)));
  event_writer w = event_write_begin(a, banks, 2);
  size_t head = w.log.length;
  event_write(&w, pcr, EV_EVENT_TAG, bytes_from_slice(buffer_slice(&data)));
  bytes all = event_written(&w);
  return (bytes){all.data + head, all.length - head};
}

bool vbs_make_log(arena *a, bytes *raw, bytes idks, evidence_error *error) {
  tcg_log log;
  size_t i = 0;
  buffer out = buffer_in(a);
  if (!tcg_log_read(a, *raw, &log, error))
    return false;
  while (i < log.event_count && log.events[i].type != EV_EVENT_TAG)
    i++;
  if (i + 1 >= log.event_count)
    return evidence_fail(a, error, EVIDENCE_VALUE, 0,
                         "field enclave: an enclave wants windows=true");
  size_t at = log.events[i + 1].offset;
  buffer_add(&out, slice_from_bytes((bytes){raw->data, at}));
  buffer_add(&out, slice_from_bytes(key_event(a, log.events[i].pcr, idks)));
  buffer_add(&out, slice_from_bytes((bytes){raw->data + at, raw->length - at}));
  *raw = bytes_from_slice(buffer_slice(&out));
  return true;
}

/* One block: the primary module, of the enclave's own identity. */
static void put_module(buffer *out, const uint8_t *statement) {
  static const char name[] = "enclave.dll";
  static const vbs_field ids[] = {VBS_UNIQUE_ID, VBS_AUTHOR_ID, VBS_FAMILY_ID,
                                  VBS_IMAGE_ID, VBS_ENCLAVE_SVN};
  put_little(out, 1, 4);
  put_little(out, VBS_MODULE_BYTES + 2 * sizeof name, 4);
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    const field_row *row = &vbs_fields[ids[i]];
    buffer_add(out,
               slice_from_bytes((bytes){statement + row->offset, row->size}));
  }
  for (size_t i = 0; i < sizeof name; i++)
    put_little(out, (unsigned char)name[i], 2);
}

/* The part that is signed. */
static bytes make_statement(arena *a, const tpm_recipe *recipe,
                            slice report_signed) {
  buffer modules = buffer_in(a), out = buffer_in(a);
  uint8_t statement[VBS_STATEMENT_BYTES], hash[DIGEST_BYTES_MAX] = {0};
  memcpy(statement, recipe->statement, sizeof statement);
  put_module(&modules, statement);
  (void)digest(DIGEST_SHA512, bytes_from_slice(report_signed), hash);
  memcpy(statement + vbs_fields[VBS_ENCLAVE_DATA].offset, hash, VBS_DATA_BYTES);
  little_endian_write(statement, 4, sizeof statement + modules.length);
  buffer_add(&out, slice_from_bytes((bytes){statement, sizeof statement}));
  buffer_add(&out, buffer_slice(&modules));
  return bytes_from_slice(buffer_slice(&out));
}

bool vbs_make_report(arena *a, const tpm_recipe *recipe, slice report_signed,
                     const private_key *key, bytes *report,
                     evidence_error *error) {
  bytes signature, statement = make_statement(a, recipe, report_signed);
  if (!private_key_sign(a, key, JWS_PS256, statement, &signature))
    return evidence_fail(a, error, EVIDENCE_CRYPTO, 0,
                         "the VBS report cannot be signed");
  buffer out = buffer_in(a);
  put_little(&out, VBS_HEADER_BYTES + statement.length + signature.length, 4);
  put_little(&out, 1, 4); /* version */
  put_little(&out, 1, 4); /* scheme */
  put_little(&out, statement.length, 4);
  put_little(&out, signature.length, 4);
  put_little(&out, 0, 4);
  buffer_add(&out, slice_from_bytes(statement));
  buffer_add(&out, slice_from_bytes(signature));
  *report = bytes_from_slice(buffer_slice(&out));
  return true;
}
