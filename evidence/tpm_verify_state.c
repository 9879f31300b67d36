/* SPDX-License-Identifier: Apache-2.0 */
/* A quote, the PCRs it is over, and the logs that explain them. */
#include "evidence/tpm_verify.h"
#include "sign/digest.h"

#define ALL_PCRS UINT32_C(0xffffff)

const char *tpm_step_name(verifier *v, const tpm_state *state,
                          const char *what) {
  return verify_text(v, "%s: %s", state->name, what);
}

static bool step(verifier *v, bool passed, const tpm_state *state,
                 const char *what, const char *with, const char *why) {
  return verify_step(v, passed, tpm_step_name(v, state, what), with, why);
}

/* --- the quote ------------------------------------------------------------ */

static bool check_signature(verifier *v, const tpm_state *state,
                            public_key *aik) {
  const char *scheme;
  bool holds = tpm_signature_holds(v->arena, aik, &state->signature,
                                   state->quote_raw, &scheme);
  return step(v, holds, state, "quote signature", "AIK",
              holds ? verify_text(v, "%s by %s", scheme,
                                  public_key_description(v->arena, aik))
                    : scheme);
}

static bool check_extra_data(verifier *v, const tpm_state *state,
                             bytes wanted) {
  if (!wanted.data)
    return true;
  bool holds = bytes_equal(state->quote.extra_data, wanted);
  return step(v, holds, state, "challenge", NULL,
              holds ? "the quote is over the message's challenge"
                    : "the quote's extra data is not what the challenge and "
                      "the key demand");
}

/* --- PCRs ----------------------------------------------------------------- */

/* Selections and banks in the order of the quote; empty ones say nothing. */
static bool same_selection(const tpm_state *state) {
  size_t bank = 0;
  for (size_t i = 0; i < state->quote.selection_count; i++) {
    const tpm_pcr_selection *selection = &state->quote.selections[i];
    if (selection->mask == 0)
      continue;
    while (bank < state->bank_count && state->banks[bank].mask == 0)
      bank++;
    if (bank == state->bank_count ||
        state->banks[bank].algorithm != selection->algorithm ||
        state->banks[bank].mask != selection->mask)
      return false;
    bank++;
  }
  while (bank < state->bank_count && state->banks[bank].mask == 0)
    bank++;
  return bank == state->bank_count;
}

/* A bank twice would let one of its values stand beside the one that counts. */
static bool banks_differ(const tpm_state *state) {
  for (size_t i = 0; i < state->bank_count; i++)
    for (size_t j = i + 1; j < state->bank_count; j++)
      if (state->banks[i].algorithm == state->banks[j].algorithm)
        return false;
  return true;
}

static bool digest_holds(verifier *v, const tpm_state *state) {
  digest_algorithm hash;
  uint8_t result[DIGEST_BYTES_MAX];
  buffer all = buffer_in(v->arena);
  for (size_t i = 0; i < state->bank_count; i++)
    for (size_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
      if (state->banks[i].mask >> pcr & 1)
        buffer_add(&all, slice_from_bytes(state->banks[i].values[pcr]));
  return tpm_hash_algorithm(state->signature.hash, &hash) &&
         digest(hash, bytes_from_slice(buffer_slice(&all)), result) &&
         bytes_equal((bytes){result, digest_length(hash)},
                     state->quote.pcr_digest);
}

static bool check_digest(verifier *v, const tpm_state *state) {
  if (!same_selection(state) || !banks_differ(state))
    return step(v, false, state, "PCR digest", NULL,
                "the PCRs of the message are not those that the quote selects");
  bool holds = digest_holds(v, state);
  return step(v, holds, state, "PCR digest", NULL,
              holds ? "the quote is over the message's PCRs"
                    : "the quote is over other values of the PCRs");
}

/* One bank has to have all of them: banks have different strength, and a PCR
 * that is only in the weaker one is no better than none. */
static bool check_mask(verifier *v, const tpm_state *state) {
  uint32_t required =
      v->options->has_pcr_mask ? v->options->required_pcr_mask : ALL_PCRS;
  uint32_t best = 0;
  for (size_t i = 0; i < state->bank_count; i++) {
    uint32_t found = state->banks[i].mask & required;
    if (found == required)
      return step(v, true, state, "required PCRs", NULL,
                  verify_text(v, "mask 0x%06x, in bank %s", (unsigned)required,
                              tpm_algorithm_name(state->banks[i].algorithm)));
    if (found > best)
      best = found;
  }
  return step(v, false, state, "required PCRs", NULL,
              verify_text(v,
                          "required_pcr_mask is 0x%06x, but 0x%06x are not "
                          "quoted",
                          (unsigned)required, (unsigned)(required & ~best)));
}

/* --- logs ----------------------------------------------------------------- */

/* The PCR that the logs do not give; TCG_PCR_COUNT if there is none. */
static size_t differing_pcr(const tpm_bank *bank, const tcg_pcrs *pcrs) {
  size_t pcr = 0;
  while (pcr < TCG_PCR_COUNT &&
         (!(bank->mask >> pcr & 1) ||
          bytes_equal(bank->values[pcr],
                      (bytes){pcrs->values[pcr], pcrs->length})))
    pcr++;
  return pcr;
}

static bool check_bank(verifier *v, const tpm_state *state,
                       const tpm_bank *bank) {
  const char *name = tpm_algorithm_name(bank->algorithm);
  static const ima_extension extensions[] = {IMA_HASHED, IMA_PADDED};
  size_t pcr = TCG_PCR_COUNT;
  tcg_pcrs pcrs;
  for (size_t i = 0; i < 2; i++) {
    if (!event_logs_replay(&state->logs, bank->algorithm, extensions[i], &pcrs))
      return step(v, false, state, "event log", NULL,
                  verify_text(v, "the logs have no bank %s", name));
    pcr = differing_pcr(bank, &pcrs);
    if (pcr == TCG_PCR_COUNT)
      return step(
          v, true, state, "event log", NULL,
          verify_text(v, "its replay gives every quoted PCR of %s", name));
  }
  return step(
      v, false, state, "event log", NULL,
      verify_text(v, "its replay does not give PCR %zu of %s", pcr, name));
}

static bool check_logs(verifier *v, const tpm_state *state) {
  evidence_error error;
  for (size_t i = 0; i < state->bank_count; i++)
    if (state->banks[i].mask && !check_bank(v, state, &state->banks[i]))
      return false;
  bool holds = event_logs_check(v->arena, &state->logs, &error);
  return step(v, holds, state, "data of events", NULL,
              holds ? "what policies rely on was measured" : error.message);
}

bool tpm_verify_state(verifier *v, const tpm_state *state, public_key *aik,
                      bytes extra_data) {
  return check_signature(v, state, aik) &&
         check_extra_data(v, state, extra_data) && check_digest(v, state) &&
         check_mask(v, state) && check_logs(v, state);
}
