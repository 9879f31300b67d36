/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a virtual TPM of an Azure VM vouches for how the VM was booted, and
 * who vouches for the TPM. */
#include <openssl/x509.h>

#include "base/base64.h"
#include "evidence/event_claims.h"
#include "evidence/guest_info.h"
#include "evidence/kinds.h"
#include "evidence/snp_report.h"
#include "sign/public_key.h"

/* TPMA_OBJECT (TPM 2.0 part 2, table "TPMA_OBJECT"). */
enum {
  OBJECT_FIXED_TPM = 1u << 1,
  OBJECT_RESTRICTED = 1u << 16,
  OBJECT_DECRYPT = 1u << 17,
  OBJECT_SIGN = 1u << 18
};

/* What the names of TPM certificates of Azure's VMs end with. */
static const char trusted_vm[] = ".TrustedVM.Azure.Microsoft";

static const guest_evidence *guest_of(const verifier *v) {
  return v->evidence->detail;
}

/* --- the TPM's key -------------------------------------------------------- */

static public_key *rsa_key(verifier *v, bytes modulus, bytes exponent,
                           const char **reason) {
  public_key *key = public_key_from_rsa(v->arena, modulus, exponent, reason);
  if (key && public_key_bits(key) < RSA_BITS_SECURE) {
    *reason = "an RSA key of less than 2048 bits";
    return NULL;
  }
  return key;
}

static public_key *tpm_key(verifier *v, const tpm_public *public,
                           const char **reason) {
  uint8_t exponent[4];
  for (size_t i = 0; i < sizeof exponent; i++)
    exponent[i] = (uint8_t)(public->exponent >> (24 - 8 * i));
  return rsa_key(v, public->modulus, (bytes){exponent, sizeof exponent},
                 reason);
}

/* A restricted key signs nothing that looks like the TPM's word but is not. */
static public_key *take_aik(verifier *v) {
  static const char what[] = "TPM key";
  const tpm_public *aik = &guest_of(v)->aik;
  const uint32_t wanted = OBJECT_RESTRICTED | OBJECT_SIGN | OBJECT_FIXED_TPM;
  const char *reason = NULL;
  public_key *key = tpm_key(v, aik, &reason);
  if (key && (aik->attributes & wanted) != wanted)
    reason = "AikPub is no restricted signing key of one TPM";
  if (reason) {
    verify_step(v, false, what, "AikPub", reason);
    return NULL;
  }
  return key;
}

/* --- who vouches for it: the hardware ------------------------------------- */

static bool check_hardware(verifier *v) {
  const guest_evidence *guest = guest_of(v);
  const evidence_kind *kind = evidence_kind_of(guest->hardware->type);
  verification_step **end = v->end;
  const evidence *outer = v->evidence;
  v->evidence = guest->hardware;
  kind->verify(v);
  v->evidence = outer;
  if (v->end == end)
    return verify_step(v, false, kind->structure, NULL, "it was not verified");
  for (const verification_step *s = *end; s; s = s->next)
    if (s->result != STEP_PASSED)
      return false;
  return true;
}

/* The paravisor, which keeps the TPM, runs at VMPL 0. What runs above it could
 * ask for reports of its own, with a key of its own. */
static bool check_privilege(verifier *v) {
  const guest_evidence *guest = guest_of(v);
  if (guest->isolation != GUEST_SEV_SNP)
    return true;
  const snp_evidence *snp = guest->hardware->detail;
  bool holds = snp_number(snp->report, SNP_VMPL) == 0;
  return verify_step(v, holds, "paravisor", NULL,
                     holds ? "the report is of VMPL 0"
                           : "the report was asked for at another VMPL than 0");
}

static bool check_runtime(verifier *v) {
  bool holds = guest_runtime_is_bound(guest_of(v));
  return verify_step(v, holds, "runtime data of the VM", NULL,
                     holds ? "the hardware's report data is its hash"
                           : "the hardware's report data is not its hash");
}

static bool text_is(const value *object, const char *name, const char *text) {
  const value *v = value_member(object, slice_from(name));
  return v && v->kind == VALUE_STRING && slice_is(value_string(v), text);
}

/* The key of that id; NULL if there is none, or more than one. */
static const value *find_jwk(const value *runtime, const char *id) {
  const value *keys = value_member(runtime, SLICE("keys")), *found = NULL;
  for (uint32_t i = 0; keys && keys->kind == VALUE_ARRAY && i < keys->count;
       i++) {
    if (!text_is(&keys->items[i], "kid", id))
      continue;
    if (found)
      return NULL;
    found = &keys->items[i];
  }
  return found;
}

static bool take_number(verifier *v, const value *jwk, const char *name,
                        bytes *number) {
  const value *text = value_member(jwk, slice_from(name));
  return text && text->kind == VALUE_STRING &&
         base64_decode(v->arena, value_string(text), BASE64_URL, number);
}

static bool check_runtime_key(verifier *v, const public_key *aik) {
  static const char what[] = "TPM key in the runtime data";
  const value *jwk = find_jwk(&guest_of(v)->runtime_json, "HCLAkPub");
  bytes modulus, exponent;
  const char *reason = "there is no one RSA key HCLAkPub";
  public_key *key = NULL;
  if (jwk && text_is(jwk, "kty", "RSA") && take_number(v, jwk, "n", &modulus) &&
      take_number(v, jwk, "e", &exponent))
    key = rsa_key(v, modulus, exponent, &reason);
  if (key && !public_key_equal(key, aik)) {
    key = NULL;
    reason = "HCLAkPub is another key than AikPub";
  }
  return verify_step(v, key != NULL, what, "HCLAkPub",
                     key ? "it is AikPub" : reason);
}

/* --- who vouches for it: a certificate ------------------------------------ */

/* The certificate in DER or, with its issuers, in PEM. */
static bool read_chain(verifier *v, certificate_chain *chain,
                       const char **reason) {
  bytes raw = guest_of(v)->aik_certificate;
  const unsigned char *at = raw.data;
  *chain = (certificate_chain){0};
  if (raw.length > 0 && raw.data[0] == '-')
    return certificate_chain_read(v->arena, raw, chain, reason);
  X509 *certificate = d2i_X509(NULL, &at, (long)raw.length);
  if (!certificate) {
    *reason = "AikCert is no certificate";
    return false;
  }
  chain->items[chain->count++] = certificate_keep(v->arena, certificate);
  *reason = "bytes lie behind the certificate";
  return at == raw.data + raw.length;
}

/* Microsoft's authority issues certificates to others than TPMs too. */
static bool names_trusted_vm(const X509 *certificate) {
  const X509_NAME *name = X509_get_subject_name(certificate);
  int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
    return false;
  const ASN1_STRING *text =
      X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  size_t length = (size_t)ASN1_STRING_length(text);
  size_t suffix = sizeof trusted_vm - 1;
  const unsigned char *data = ASN1_STRING_get0_data(text);
  return length > suffix &&
         memcmp(data + length - suffix, trusted_vm, suffix) == 0;
}

static bool check_subject(verifier *v, X509 *certificate,
                          const public_key *aik) {
  static const char what[] = "TPM certificate";
  const char *name = certificate_subject(v->arena, certificate).data;
  const char *reason;
  public_key *key = public_key_from_certificate(v->arena, certificate, &reason);
  if (!key || !public_key_equal(key, aik))
    return verify_step(v, false, what, name,
                       "it certifies another key than AikPub");
  bool good = names_trusted_vm(certificate);
  return verify_step(v, good, what, name,
                     good ? "it certifies AikPub"
                          : "it is not of the TPM of a trusted launch VM");
}

/* No built-in root vouches for TPMs of Azure: --roots must. */
static bool check_certificate(verifier *v, const public_key *aik) {
  certificate_chain chain;
  const char *reason = NULL;
  if (guest_of(v)->aik_certificate.length == 0) {
    verify_skipped(v, "TPM certificate", "there is none (AikCert)");
    return false;
  }
  if (!read_chain(v, &chain, &reason))
    return verify_step(v, false, "TPM certificate", NULL, reason);
  v->vendor = "Azure";
  return check_subject(v, chain.items[0], aik) &&
         verify_chain(v, chain.items, chain.count, "TPM certificate chain",
                      NULL);
}

static bool check_origin(verifier *v, const public_key *aik) {
  if (guest_of(v)->isolation == GUEST_TRUSTED_LAUNCH)
    return check_certificate(v, aik);
  return check_hardware(v) && check_privilege(v) && check_runtime(v) &&
         check_runtime_key(v, aik);
}

/* --- signatures ----------------------------------------------------------- */

static const struct {
  uint16_t hash;
  jws_algorithm rsassa, rsapss;
} algorithms[] = {
    {TPM_ALG_SHA256, JWS_RS256, JWS_PS256},
    {TPM_ALG_SHA384, JWS_RS384, JWS_PS384},
    {TPM_ALG_SHA512, JWS_RS512, JWS_PS512},
};

/* JWS_UNKNOWN for anything that is not to be trusted, as SHA-1. */
static jws_algorithm algorithm_of(uint16_t scheme, uint16_t hash) {
  for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
    if (algorithms[i].hash == hash)
      return scheme == TPM_ALG_RSASSA   ? algorithms[i].rsassa
             : scheme == TPM_ALG_RSAPSS ? algorithms[i].rsapss
                                        : JWS_UNKNOWN;
  return JWS_UNKNOWN;
}

/* The number alone, by the key's own scheme, or a TPMT_SIGNATURE, which names
 * the same scheme. */
static const char *read_signature(verifier *v, bytes raw,
                                  jws_algorithm *algorithm, bytes *number) {
  const tpm_public *aik = &guest_of(v)->aik;
  tpm_signature structure;
  evidence_error error;
  uint16_t scheme = aik->scheme, hash = aik->scheme_hash;
  *number = raw;
  if (raw.length != aik->modulus.length) {
    if (!tpm_signature_read(v->arena, raw, &structure, &error))
      return "the signature has not the length of the key";
    if (scheme != TPM_ALG_NULL &&
        (structure.algorithm != scheme || structure.hash != hash))
      return "the signature's scheme is not that of AikPub";
    scheme = structure.algorithm;
    hash = structure.hash;
    *number = structure.rsa;
  } else if (scheme == TPM_ALG_NULL) {
    scheme = TPM_ALG_RSASSA;
    hash = TPM_ALG_SHA256;
  }
  *algorithm = algorithm_of(scheme, hash);
  return *algorithm != JWS_UNKNOWN
             ? NULL
             : "a scheme other than RSASSA and RSAPSS with SHA-2";
}

static bool check_signature(verifier *v, public_key *aik, const char *what,
                            bytes message, bytes raw, jws_algorithm *found) {
  bytes number;
  const char *reason = read_signature(v, raw, found, &number);
  if (reason)
    return verify_step(v, false, what, "AikPub", reason);
  const jws_algorithm_facts *facts = jws_algorithm_of(*found);
  bool holds = public_key_verify_any_salt(aik, *found, message, number);
  return verify_step(v, holds, what, "AikPub",
                     verify_text(v,
                                 holds ? "%s with SHA-%zu"
                                       : "it is not this key's (%s "
                                         "with SHA-%zu)",
                                 facts->is_pss ? "RSAPSS" : "RSASSA",
                                 8 * digest_length(facts->digest)));
}

/* --- PCRs ----------------------------------------------------------------- */

static uint32_t given_mask(const guest_evidence *guest) {
  uint32_t mask = 0;
  for (size_t i = 0; i < guest->pcr_count; i++)
    mask |= (uint32_t)1 << guest->pcrs[i].index;
  return mask;
}

static const char *selection_problem(const guest_evidence *guest) {
  const tpm_attest *quote = &guest->quote;
  digest_algorithm hash;
  if (quote->selection_count != 1)
    return "it is not of exactly one bank";
  if (!tpm_hash_algorithm(quote->selections[0].algorithm, &hash) ||
      hash == DIGEST_SHA1)
    return "its bank is none of SHA-2";
  if (quote->selections[0].mask == 0)
    return "it quotes no PCR";
  if (quote->selections[0].mask != guest->pcr_set)
    return "its PCRs are not those of PcrSet";
  if (quote->selections[0].mask != given_mask(guest))
    return "its PCRs are not those whose values are given (PCRs)";
  return NULL;
}

static bool check_selection(verifier *v) {
  const char *problem = selection_problem(guest_of(v));
  return verify_step(v, !problem, "quoted PCRs", NULL,
                     problem ? problem : "as PcrSet and PCRs list them");
}

static bytes value_of(const guest_evidence *guest, uint32_t pcr) {
  for (size_t i = 0; i < guest->pcr_count; i++)
    if (guest->pcrs[i].index == pcr)
      return guest->pcrs[i].digest;
  return (bytes){NULL, 0};
}

/* The quote holds the hash of all values, by the signature's algorithm. */
static bool check_digest(verifier *v, digest_algorithm hash) {
  const guest_evidence *guest = guest_of(v);
  buffer values = buffer_in(v->arena);
  uint8_t result[DIGEST_BYTES_MAX];
  for (uint32_t pcr = 0; pcr < TCG_PCR_COUNT; pcr++)
    buffer_add(&values, slice_from_bytes(value_of(guest, pcr)));
  bool holds = digest(hash, bytes_from_slice(buffer_slice(&values)), result) &&
               bytes_equal((bytes){result, digest_length(hash)},
                           guest->quote.pcr_digest);
  return verify_step(v, holds, "PCR values", NULL,
                     holds ? "the quote's digest is theirs"
                           : "the quote's digest is of other values");
}

static bool check_log(verifier *v) {
  static const char what[] = "event log";
  const guest_evidence *guest = guest_of(v);
  uint16_t bank = guest->quote.selections[0].algorithm;
  tcg_pcrs pcrs;
  if (!tcg_log_replay(&guest->log, bank, &pcrs))
    return verify_step(v, false, what, NULL,
                       "it has no digests of the quoted bank");
  for (size_t i = 0; i < guest->pcr_count; i++) {
    uint32_t pcr = guest->pcrs[i].index;
    if (!bytes_equal((bytes){pcrs.values[pcr], pcrs.length},
                     guest->pcrs[i].digest))
      return verify_step(v, false, what, NULL,
                         verify_text(v,
                                     "its measurements do not give the quoted "
                                     "value of PCR %u",
                                     (unsigned)pcr));
  }
  return verify_step(v, true, what, NULL,
                     verify_text(v, "%zu events give every quoted PCR",
                                 guest->log.event_count));
}

static bool check_events(verifier *v) {
  const event_logs logs = {&guest_of(v)->log, NULL};
  evidence_error error;
  bool holds = event_logs_check(v->arena, &logs, &error);
  return verify_step(v, holds, "data of events", NULL,
                     holds ? "what policies rely on was measured"
                           : error.message);
}

static bool check_quote(verifier *v, public_key *aik) {
  const guest_evidence *guest = guest_of(v);
  jws_algorithm algorithm = JWS_NONE;
  return check_signature(v, aik, "quote signature", guest->quote_bytes,
                         guest->quote_signature, &algorithm) &&
         check_selection(v) &&
         check_digest(v, jws_algorithm_of(algorithm)->digest) && check_log(v) &&
         check_events(v);
}

/* --- the key that the token is sealed to ---------------------------------- */

static bool check_key(verifier *v, public_key *aik) {
  static const char what[] = "encryption key";
  const guest_evidence *guest = guest_of(v);
  const uint32_t wanted = OBJECT_FIXED_TPM | OBJECT_DECRYPT;
  jws_algorithm algorithm = JWS_NONE;
  bytes name;
  if (!check_signature(v, aik, "encryption key signature", guest->certify_bytes,
                       guest->certify_signature, &algorithm))
    return false;
  if (!tpm_public_name(v->arena, &guest->key, &name) ||
      !bytes_equal(name, guest->certify.name))
    return verify_step(v, false, what, "EncKeyPub", "another key is certified");
  bool good = (guest->key.attributes & wanted) == wanted;
  return verify_step(v, good, what, "EncKeyPub",
                     good ? "certified by the TPM, which it cannot leave"
                          : "no decryption key that cannot leave the TPM");
}

/* --- all ------------------------------------------------------------------ */

void guest_verify(verifier *v) {
  public_key *aik = take_aik(v);
  if (!aik)
    return;
  check_origin(v, aik);
  v->vendor = NULL;
  if (check_quote(v, aik) && check_key(v, aik) &&
      v->options->level == VERIFY_FULL &&
      guest_of(v)->isolation == GUEST_TRUSTED_LAUNCH)
    verify_skipped(v, "revocation",
                   "revocation lists of TPM certificates are not read");
}
