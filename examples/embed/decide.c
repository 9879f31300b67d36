/* SPDX-License-Identifier: Apache-2.0 */
/* Permits or denies a claims file: decide POLICY CLAIMS
 * Exit status: 0 permitted, 1 not permitted, 2 it could not be decided. */
#include <maapol.h>
#include <stdio.h>

typedef struct text {
  char bytes[1 << 20];
  size_t length;
} text;

static bool read_file(const char *path, text *result) {
  FILE *file = fopen(path, "rb");
  if (file)
    result->length = fread(result->bytes, 1, sizeof result->bytes, file);
  bool is_whole = file && feof(file) && !ferror(file);
  if (file)
    fclose(file);
  return is_whole;
}

int main(int count, char **files) {
  static text given[2];
  maapol_policy *policy = NULL;
  maapol_claims *claims = NULL;
  maapol_result *result = NULL;
  char *findings = NULL;
  if (count != 3 || !read_file(files[1], &given[0]) ||
      !read_file(files[2], &given[1])) {
    fprintf(stderr, "decide: POLICY and CLAIMS are wanted, two files\n");
    return 2;
  }
  maapol_status status =
      maapol_policy_compile(given[0].bytes, given[0].length, &policy);
  if (maapol_policy_render(policy, MAAPOL_FORMAT_HUMAN, files[1], &findings) ==
      MAAPOL_OK)
    fputs(findings, stderr);
  if (status == MAAPOL_OK)
    status = maapol_claims_new(&claims);
  if (status == MAAPOL_OK)
    status = maapol_claims_add_json(claims, given[1].bytes, given[1].length);
  if (status == MAAPOL_OK)
    status = maapol_evaluate(policy, claims, 0, &result);
  maapol_decision decision = maapol_result_decision(result);
  if (status == MAAPOL_OK)
    printf("%s: %s\n", maapol_decision_name(decision),
           maapol_result_reason(result));
  else
    fprintf(stderr, "decide: %s\n", maapol_status_text(status));
  if (maapol_claims_error(claims, NULL))
    fprintf(stderr, "decide: %s\n", maapol_claims_error(claims, NULL));
  maapol_string_free(findings);
  maapol_result_free(result);
  maapol_claims_free(claims);
  maapol_policy_free(policy);
  return status != MAAPOL_OK ? 2 : decision == MAAPOL_PERMIT ? 0 : 1;
}
