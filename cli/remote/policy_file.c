/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote/policy_file.h"

#include "base/limits.h"
#include "cli/paths.h"
#include "cli/policy_input.h"
#include "compiler/lint.h"
#include "compiler/unwrap.h"
#include "grammar/parse.h"
#include "sign/policy_hash.h"
#include "token/policy_token.h"

/* --- the type ------------------------------------------------------------- */

static attestation_type type_in_text(cli *c, slice text) {
  diagnostics unread;
  diagnostics_init(&unread, c->arena);
  return policy_directive_type(parse_policy(c->arena, text, &unread));
}

/* SgxEnclave.maapolicy */
static attestation_type type_in_name(const char *path) {
  const char *name = strrchr(path, '/');
  name = name ? name + 1 : path;
  const char *dot = strchr(name, '.');
  return attestation_type_from_name(
      dot ? slice_between(name, dot) : slice_from(name));
}

/* --type goes before all, but not against what the policy says of itself. */
static int find_type(cli *c, policy_file *file) {
  int status = CLI_OK;
  attestation_type given = cli_type(c, &status);
  attestation_type own = type_in_text(c, file->text);
  if (status != CLI_OK)
    return status;
  bool is_option = cli_value_at(c, "type", 0) != NULL;
  if (is_option && own != ATTESTATION_TYPE_UNKNOWN && own != given)
    return cli_error(c, CLI_INPUT,
                     "%s: it says of itself that it is for %s, --type says %s",
                     file->path, attestation_type_name(own),
                     attestation_type_name(given));
  file->type = is_option ? given : own;
  if (file->type == ATTESTATION_TYPE_UNKNOWN)
    file->type = type_in_name(file->path);
  if (file->type == ATTESTATION_TYPE_UNKNOWN)
    file->type = given; /* of the environment */
  return CLI_OK;
}

/* --- reading -------------------------------------------------------------- */

static int read_unchecked(cli *c, policy_file *file) {
  diagnostics findings;
  diagnostics_init(&findings, c->arena);
  file->text = file->given;
  if (unwrap_policy(c->arena, file->given, &file->text, &findings) ==
      UNWRAP_FAILED)
    return cli_error(c, CLI_INPUT, "%s: %s", file->path,
                     findings.first->message);
  return CLI_OK;
}

static int read_checked(cli *c, const char *otherwise, policy_file *file) {
  policy *p = cli_compile_policy(c, file->path, file->given);
  if (!p)
    return cli_error(c, CLI_INPUT,
                     "%s: %s", file->path, otherwise);
  file->text = p->text;
  file->program = p->program;
  return CLI_OK;
}

int policy_file_read(cli *c, const char *path, const char *otherwise,
                     policy_file *file) {
  int status = CLI_OK;
  value signer;
  *file = (policy_file){.path = path};
  if (!cli_read(c, path, LIMIT_POLICY_BYTES, &file->given))
    return CLI_INPUT;
  status = otherwise ? read_checked(c, otherwise, file)
                     : read_unchecked(c, file);
  if (status != CLI_OK)
    return status;
  if (!file->text.length)
    return cli_error(c, CLI_INPUT, "%s: there is no policy in it", path);
  file->token = policy_token_find(c->arena, file->given);
  if (file->token.length && policy_token_signer(c->arena, file->token,
                                                &signer) ==
                                POLICY_SIGNED_WRONGLY)
    return cli_error(c, CLI_NO,
                     "%s: its signature does not verify by its certificate",
                     path);
  return find_type(c, file);
}

int policy_file_token(cli *c, const policy_file *file, const signing *signer,
                      slice *token) {
  if (file->token.length && signer->is_signed)
    return cli_usage(c, "%s is a token already: --key and --pfx sign texts",
                     file->path);
  *token = file->token;
  if (file->token.length)
    return CLI_OK;
  return signing_token(signer, policy_payload(c->arena, file->text), token);
}

/* --- directories ---------------------------------------------------------- */

static int place(cli *c, const policy_file *file,
                 policy_file by_type[ATTESTATION_TYPE_COUNT]) {
  if (file->type == ATTESTATION_TYPE_UNKNOWN)
    return cli_error(c, CLI_INPUT,
                     "%s: its attestation type is not known: write the "
                     "comment `// maapol: type=SgxEnclave` into it, or call "
                     "it SgxEnclave.maapolicy", file->path);
  if (by_type[file->type].path)
    return cli_error(c, CLI_INPUT, "%s and %s are both of type %s",
                     by_type[file->type].path, file->path,
                     attestation_type_name(file->type));
  by_type[file->type] = *file;
  return CLI_OK;
}

int policy_directory_read(cli *c, const char *path, const char *otherwise,
                          policy_file by_type[ATTESTATION_TYPE_COUNT]) {
  path_list list = {0};
  int status = CLI_OK;
  for (size_t i = 0; i < ATTESTATION_TYPE_COUNT; i++)
    by_type[i] = (policy_file){0};
  if (cli_value_at(c, "type", 0))
    return cli_usage(c, "--type does not go with a directory: its files say "
                        "their types");
  if (!find_policies(c, path, &list))
    return CLI_INPUT;
  for (size_t i = 0; status == CLI_OK && i < list.count; i++) {
    policy_file file;
    status = policy_file_read(c, list.items[i], otherwise, &file);
    if (status == CLI_OK)
      status = place(c, &file, by_type);
  }
  return status;
}
