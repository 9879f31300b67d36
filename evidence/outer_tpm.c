/* SPDX-License-Identifier: Apache-2.0 */
/* Commands to a TPM (TPM 2.0 Library, part 3), with an empty authorization. */
#include "evidence/outer_tpm.h"

#include "sign/digest.h"

enum {
  TAG_SESSIONS = 0x8002,
  COMMAND_CREATE_PRIMARY = 0x131,
  COMMAND_QUOTE = 0x158,
  COMMAND_PCR_EXTEND = 0x182,
  HANDLE_OWNER = 0x40000001,
  HANDLE_PASSWORD = 0x40000009,
  RESPONSE_BYTES_MAX = 4096,
  RC_RETRY = 0x922, /* TPM_RC_RETRY: it was busy with itself */
  TRIES_MAX = 20,
  NO_ANSWER = 1,
  RESPONSE_HEADER_BYTES = 10,
  /* fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted,
   * sign: it signs nothing that the TPM did not make. */
  AIK_ATTRIBUTES = 0x00050072
};

struct outer_tpm {
  arena *arena;
  tpm_channel channel;
  uint32_t aik_handle;
  bytes aik;
  uint8_t response[RESPONSE_BYTES_MAX];
};

static const bytes nothing = {NULL, 0};

/* --- commands ------------------------------------------------------------- */

/* One handle, the password session with no password, then parameters. */
static buffer command_begin(outer_tpm *t, uint32_t code, uint32_t handle) {
  buffer out = buffer_in(t->arena);
  tpm_put(&out, TAG_SESSIONS, 2);
  tpm_put(&out, 0, 4); /* the length, filled in at the end */
  tpm_put(&out, code, 4);
  tpm_put(&out, handle, 4);
  tpm_put(&out, 9, 4); /* bytes of the session */
  tpm_put(&out, HANDLE_PASSWORD, 4);
  tpm_put_sized(&out, nothing);
  tpm_put(&out, 0, 1);
  tpm_put_sized(&out, nothing);
  return out;
}

/* Sends the command until the TPM does not ask to try again; the code of its
 * response, or NO_ANSWER. */
static uint32_t ask(outer_tpm *t, bytes command, size_t *length) {
  uint32_t code = NO_ANSWER;
  for (int i = 0; i < TRIES_MAX; i++) {
    const uint8_t *r = t->response;
    *length = t->channel.ask(t->channel.context, command, t->response,
                             sizeof t->response);
    if (*length == 0)
      return NO_ANSWER;
    code = (uint32_t)r[6] << 24 | (uint32_t)r[7] << 16 | (uint32_t)r[8] << 8 |
           r[9];
    if (code != RC_RETRY)
      return code;
  }
  return code;
}

/* Runs the command; *answer reads what is behind the response's header. */
static bool run(outer_tpm *t, buffer *command, const char *name,
                byte_reader *answer, evidence_error *error) {
  slice all = buffer_slice(command);
  for (int i = 0; i < 4; i++)
    command->data[2 + i] = (char)(all.length >> (24 - 8 * i));
  size_t length = 0;
  uint32_t code = ask(t, bytes_from_slice(all), &length);
  if (length == 0)
    return evidence_fail(t->arena, error, EVIDENCE_FILE, 0,
                         "the TPM gives no answer to %s", name);
  if (code != 0)
    return evidence_fail(t->arena, error, EVIDENCE_FILE, 0,
                         "the TPM fails %s with 0x%x", name, (unsigned)code);
  *answer = reader_over(t->arena,
                        (bytes){t->response + RESPONSE_HEADER_BYTES,
                                length - RESPONSE_HEADER_BYTES},
                        name, error);
  return true;
}

static uint64_t take_number(byte_reader *r, size_t size) {
  bytes number = reader_take(r, size, "a number");
  uint64_t result = 0;
  for (size_t i = 0; i < number.length; i++)
    result = result << 8 | number.data[i];
  return result;
}

static bytes take_sized(byte_reader *r) {
  return reader_take(r, (size_t)take_number(r, 2), "a sized part");
}

/* The response is written over by the next one. */
static bytes kept(arena *a, bytes data) {
  return bytes_from_slice(arena_copy(a, slice_from_bytes(data)));
}

/* --- the attestation key -------------------------------------------------- */

static bytes aik_template(arena *a, jws_algorithm scheme) {
  buffer area = buffer_in(a);
  bool is_ec = scheme == JWS_ES256;
  tpm_put(&area, is_ec ? TPM_ALG_ECC : TPM_ALG_RSA, 2);
  tpm_put(&area, TPM_ALG_SHA256, 2);
  tpm_put(&area, AIK_ATTRIBUTES, 4);
  tpm_put_sized(&area, nothing);
  tpm_put(&area, TPM_ALG_NULL, 2);
  tpm_put(&area,
          is_ec                 ? TPM_ALG_ECDSA
          : scheme == JWS_PS256 ? TPM_ALG_RSAPSS
                                : TPM_ALG_RSASSA,
          2);
  tpm_put(&area, TPM_ALG_SHA256, 2);
  if (is_ec) {
    tpm_put(&area, TPM_CURVE_P256, 2);
    tpm_put(&area, TPM_ALG_NULL, 2);
    tpm_put_sized(&area, nothing);
  } else {
    tpm_put(&area, 2048, 2);
    tpm_put(&area, 0, 4);
  }
  tpm_put_sized(&area, nothing);
  return bytes_from_slice(buffer_slice(&area));
}

static bool make_aik(outer_tpm *t, jws_algorithm scheme,
                     evidence_error *error) {
  byte_reader answer;
  buffer command = command_begin(t, COMMAND_CREATE_PRIMARY, HANDLE_OWNER);
  tpm_put(&command, 4, 2); /* TPM2B_SENSITIVE_CREATE, of two empty parts */
  tpm_put_sized(&command, nothing);
  tpm_put_sized(&command, nothing);
  tpm_put_sized(&command, aik_template(t->arena, scheme));
  tpm_put_sized(&command, nothing); /* outside information */
  tpm_put(&command, 0, 4);          /* PCRs of the creation */
  if (!run(t, &command, "TPM2_CreatePrimary", &answer, error))
    return false;
  t->aik_handle = (uint32_t)take_number(&answer, 4);
  take_number(&answer, 4); /* the size of the parameters */
  t->aik = kept(t->arena, take_sized(&answer));
  return !answer.failed;
}

outer_tpm *outer_tpm_open(arena *a, const tpm_channel *channel,
                          const tpm_recipe *recipe, evidence_error *error) {
  outer_tpm *t = ARENA_NEW(a, outer_tpm);
  t->arena = a;
  t->channel = *channel;
  return make_aik(t, recipe->scheme, error) ? t : NULL;
}

bytes outer_tpm_aik(const outer_tpm *t) { return t->aik; }

/* --- measuring ------------------------------------------------------------ */

static bool measure_event(outer_tpm *t, const tcg_log *log,
                          const tcg_event *event, evidence_error *error) {
  byte_reader answer;
  buffer command = command_begin(t, COMMAND_PCR_EXTEND, event->pcr);
  tpm_put(&command, log->bank_count, 4);
  for (size_t i = 0; i < log->bank_count; i++) {
    tpm_put(&command, log->banks[i].algorithm, 2);
    buffer_add(&command, slice_from_bytes(
                             (bytes){event->digests[i], log->banks[i].length}));
  }
  return run(t, &command, "TPM2_PCR_Extend", &answer, error);
}

/* Newer kernels hash the template data for each bank; the rest is a matter of
 * replay (evidence/ima_log.h), so that a violation is measured as ff. */
static bool measure_file(outer_tpm *t, const tcg_log *log,
                         const ima_event *event, evidence_error *error) {
  byte_reader answer;
  uint8_t hash[DIGEST_BYTES_MAX];
  digest_algorithm algorithm;
  buffer command = command_begin(t, COMMAND_PCR_EXTEND, event->pcr);
  tpm_put(&command, log->bank_count, 4);
  for (size_t i = 0; i < log->bank_count; i++) {
    if (!tpm_hash_algorithm(log->banks[i].algorithm, &algorithm) ||
        !digest(algorithm, event->template_data, hash))
      return evidence_fail(t->arena, error, EVIDENCE_CRYPTO, 0,
                           "a hash cannot be computed");
    if (event->is_violation)
      memset(hash, 0xff, sizeof hash);
    tpm_put(&command, log->banks[i].algorithm, 2);
    buffer_add(&command, slice_from_bytes((bytes){hash, log->banks[i].length}));
  }
  return run(t, &command, "TPM2_PCR_Extend", &answer, error);
}

bool outer_tpm_measure(outer_tpm *t, bytes raw, bytes ima,
                       evidence_error *error) {
  tcg_log log;
  ima_log files = {0};
  if (!tcg_log_read(t->arena, raw, &log, error) ||
      (ima.length && !ima_log_read(t->arena, ima, &files, error)))
    return false;
  for (size_t i = 0; i < log.event_count; i++)
    if (log.events[i].type != EV_NO_ACTION &&
        !measure_event(t, &log, &log.events[i], error))
      return false;
  for (size_t i = 0; i < files.event_count; i++)
    if (!measure_file(t, &log, &files.events[i], error))
      return false;
  return true;
}

/* --- quotes --------------------------------------------------------------- */

bool outer_tpm_quote(outer_tpm *t, const tpm_recipe *recipe, bytes extra_data,
                     bytes *quote, bytes *signature, evidence_error *error) {
  uint16_t banks[2];
  size_t count = tpm_recipe_banks(recipe, banks);
  byte_reader answer;
  buffer command = command_begin(t, COMMAND_QUOTE, t->aik_handle);
  tpm_put_sized(&command, extra_data);
  tpm_put(&command, TPM_ALG_NULL, 2); /* the key's own scheme */
  tpm_put(&command, count, 4);
  for (size_t i = 0; i < count; i++) {
    tpm_put(&command, banks[i], 2);
    tpm_put(&command, 3, 1);
    for (size_t b = 0; b < 3; b++)
      buffer_char(&command, (char)(recipe->pcr_mask >> (8 * b)));
  }
  if (!run(t, &command, "TPM2_Quote", &answer, error))
    return false;
  size_t size = (size_t)take_number(&answer, 4);
  byte_reader parameters = reader_part(&answer, size, "the parameters");
  *quote = kept(t->arena, take_sized(&parameters));
  *signature = kept(t->arena, reader_take(&parameters, reader_left(&parameters),
                                          "the signature"));
  return !parameters.failed;
}
