/* SPDX-License-Identifier: Apache-2.0 */
/* What the service derives from the evidence of an Azure VM; names and formats
 * as in the tokens published with the guest attestation client. */
#include "base/base64.h"
#include "evidence/guest_info.h"
#include "evidence/kinds.h"

#define PREFIX "x-ms-azurevm-"

static value text_value(const char *text) {
  return value_text(slice_from(text));
}

static void set(object_builder *claims, const char *name, value v) {
  object_set(claims, slice_from(name), v);
}

/* --- the boot ------------------------------------------------------------- */

static void add_boot(object_builder *claims, const guest_boot *boot) {
  bool debugs =
      boot->boot_debug || boot->kernel_debug || boot->hypervisor_debug;
  const struct {
    const char *name;
    bool is_set;
  } rows[] = {
      {"secureboot", boot->secure_boot},
      {PREFIX "bootdebug-enabled", boot->boot_debug},
      {PREFIX "dbvalidated", boot->db_validated},
      {PREFIX "dbxvalidated", boot->dbx_validated},
      {PREFIX "debuggersdisabled", !debugs},
      {PREFIX "default-securebootkeysvalidated", boot->default_keys_validated},
      {PREFIX "elam-enabled", boot->elam},
      {PREFIX "flightsigning-enabled", boot->flight_signing},
      {PREFIX "hypervisordebug-enabled", boot->hypervisor_debug},
      {PREFIX "kerneldebug-enabled", boot->kernel_debug},
      {PREFIX "signingdisabled", !boot->test_signing && !boot->flight_signing},
      {PREFIX "testsigning-enabled", boot->test_signing},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    set(claims, rows[i].name, value_boolean(rows[i].is_set));
  set(claims, PREFIX "hvci-policy", value_integer(boot->hvci_policy));
}

/* --- the client's word ---------------------------------------------------- */

static void add_system(arena *a, object_builder *claims,
                       const guest_evidence *guest) {
  const struct {
    const char *name;
    slice text;
  } texts[] = {{PREFIX "osbuild", guest->os_build},
               {PREFIX "osdistro", guest->os_distro},
               {PREFIX "ostype", guest->os_type}};
  array_builder pcrs = array_in(a);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (texts[i].text.data)
      set(claims, texts[i].name, value_text(texts[i].text));
  if (guest->os_major)
    set(claims, PREFIX "osversion-major", *guest->os_major);
  if (guest->os_minor)
    set(claims, PREFIX "osversion-minor", *guest->os_minor);
  for (uint32_t i = 0; i < TCG_PCR_COUNT; i++)
    if (guest->pcr_set >> i & 1)
      array_add(&pcrs, value_integer(i));
  set(claims, PREFIX "attestation-protocol-ver", value_text(guest->protocol));
  set(claims, PREFIX "attested-pcrs", array_value(&pcrs));
  set(claims, PREFIX "is-windows",
      value_boolean(slice_equal_ignore_case(guest->os_type, SLICE("Windows"))));
}

static value base64url_value(arena *a, bytes data) {
  buffer text = buffer_in(a);
  base64url_encode(&text, data);
  return value_text(buffer_slice(&text));
}

static value exponent_value(arena *a, uint32_t exponent) {
  uint8_t data[4];
  size_t begin = 0;
  for (size_t i = 0; i < 4; i++)
    data[i] = (uint8_t)(exponent >> (24 - 8 * i));
  while (begin < 3 && data[begin] == 0)
    begin++;
  return base64url_value(a, (bytes){data + begin, 4 - begin});
}

/* The key that the service seals the token to, as a JWK. */
static value sealing_key(arena *a, const tpm_public *key) {
  object_builder jwk = object_in(a);
  array_builder operations = array_in(a), keys = array_in(a);
  array_add(&operations, text_value("encrypt"));
  set(&jwk, "e", exponent_value(a, key->exponent));
  set(&jwk, "key_ops", array_value(&operations));
  set(&jwk, "kid", text_value("TpmEphemeralEncryptionKey"));
  set(&jwk, "kty", text_value("RSA"));
  set(&jwk, "n", base64url_value(a, key->modulus));
  array_add(&keys, object_value(&jwk));
  return array_value(&keys);
}

static value runtime_of(arena *a, const guest_evidence *guest) {
  object_builder runtime = object_in(a);
  if (guest->client_payload)
    set(&runtime, "client-payload", *guest->client_payload);
  set(&runtime, "keys", sealing_key(a, &guest->key));
  return object_value(&runtime);
}

/* --- isolation ------------------------------------------------------------ */

bool guest_runtime_is_bound(const guest_evidence *guest) {
  return guest->hardware &&
         evidence_check_runtime_data(guest->hardware, guest->runtime) ==
             BINDING_HOLDS;
}

static value isolation_of(arena *a, const guest_evidence *guest,
                          const value *hardware) {
  object_builder claims = object_in(a);
  for (uint32_t i = 0; i < hardware->count; i++)
    object_set(&claims, member_name(&hardware->members[i]),
               hardware->members[i].value);
  if (guest_runtime_is_bound(guest))
    set(&claims, "x-ms-runtime", guest->runtime_json);
  return object_value(&claims);
}

/* As the VM's configuration in the runtime data says, if that is bound. */
static void add_id(object_builder *claims, const guest_evidence *guest) {
  const value *configuration =
      value_member(&guest->runtime_json, SLICE("vm-configuration"));
  const value *id =
      configuration ? value_member(configuration, SLICE("vmUniqueId")) : NULL;
  if (id && id->kind == VALUE_STRING && guest_runtime_is_bound(guest))
    set(claims, PREFIX "vmid", *id);
}

/* --- all ------------------------------------------------------------------ */

void guest_describe(arena *a, const guest_evidence *guest, evidence *e) {
  object_builder claims = object_in(a);
  set(&claims, "x-ms-attestation-type",
      text_value(attestation_type_claim(e->type)));
  add_boot(&claims, &guest->boot);
  add_system(a, &claims, guest);
  if (guest->hardware) {
    add_id(&claims, guest);
    set(&claims, "x-ms-isolation-tee",
        isolation_of(a, guest, &guest->hardware->claims));
  }
  set(&claims, "x-ms-runtime", runtime_of(a, guest));
  e->claims = object_value(&claims);
}

void guest_add_verified_claims(arena *a, evidence *e) {
  const guest_evidence *guest = e->detail;
  if (!guest->hardware)
    return;
  const evidence_kind *kind = evidence_kind_of(guest->hardware->type);
  evidence hardware = *guest->hardware;
  hardware.verification = e->verification;
  if (kind->add_verified_claims)
    kind->add_verified_claims(a, &hardware);
  object_builder claims = object_in(a);
  for (uint32_t i = 0; i < e->claims.count; i++)
    object_set(&claims, member_name(&e->claims.members[i]),
               e->claims.members[i].value);
  set(&claims, "x-ms-isolation-tee", isolation_of(a, guest, &hardware.claims));
  e->claims = object_value(&claims);
}
