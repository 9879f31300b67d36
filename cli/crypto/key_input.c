/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/crypto/key_input.h"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <unistd.h>

#include "base/limits.h"

bool key_input_is_given(const cli *c) {
  return cli_value(c, "key") || cli_value(c, "pfx");
}

static void unload(void *provider) { OSSL_PROVIDER_unload(provider); }

/* A provider that is named takes the place of OpenSSL's own, hence the first.
 * They outlive the key: the signature is verified behind it. */
static int load_providers(cli *c) {
  if (!cli_value(c, "provider"))
    return CLI_OK;
  const char *name = "default";
  for (size_t i = 0; name; name = cli_value_at(c, "provider", i++)) {
    OSSL_PROVIDER *provider = OSSL_PROVIDER_load(NULL, name);
    ERR_clear_error();
    if (!provider)
      return cli_error(c, CLI_SYSTEM,
                       "OpenSSL cannot load the provider `%s`", name);
    arena_defer(c->arena, unload, provider);
  }
  return CLI_OK;
}

/* SCHEME:rest (RFC 3986 section 3.1), unless a file has that name. */
static bool is_uri(const char *text) {
  static const char in_scheme[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
  size_t scheme = strspn(text, in_scheme);
  return text[0] >= 'a' && text[0] <= 'z' && scheme > 1 &&
         text[scheme] == ':' && access(text, F_OK) != 0;
}

static int judge(cli *c, const char *name, private_key_status status,
                 const char *reason) {
  if (status == PRIVATE_KEY_OK)
    return CLI_OK;
  /* A URI may hold a PIN. */
  const char *query = is_uri(name) ? strchr(name, '?') : NULL;
  int shown = query ? (int)(query - name) : (int)strlen(name);
  return cli_error(c, CLI_INPUT, "%.*s: %s", shown, name, reason);
}

static int read_key(cli *c, arena *secrets, const passphrase_input *p,
                    private_key *key, key_certificates *certificates) {
  const char *path = cli_value(c, "key"), *store = cli_value(c, "pfx");
  const char *reason = NULL;
  private_key_status status;
  *certificates = (key_certificates){0};
  if (path && is_uri(path)) {
    status = key_read_uri(secrets, path, &p->source, key, &reason);
    return judge(c, path, status, reason);
  }
  const char *name = path ? path : store;
  cli_verbose(c, "reading the private key %s", name);
  const secret *file =
      secret_read_file(secrets, name, LIMIT_KEY_BYTES, &reason);
  if (!file)
    return cli_error(c, CLI_INPUT, "%s: %s", name, reason);
  status = path ? key_read(secrets, file, &p->source, key, &reason)
                : key_read_pkcs12(secrets, file, &p->source, key,
                                  certificates, &reason);
  return judge(c, name, status, reason);
}

int key_input_read(cli *c, arena *secrets, private_key *key,
                   key_certificates *certificates) {
  const char *path = cli_value(c, "key"), *store = cli_value(c, "pfx");
  if (path && store)
    return cli_usage(c, "--key and --pfx exclude each other");
  int status = load_providers(c);
  passphrase_input p;
  if (status == CLI_OK)
    status = passphrase_input_read(c, secrets, path ? path : store, &p);
  if (status == CLI_OK)
    status = read_key(c, secrets, &p, key, certificates);
  return status;
}
