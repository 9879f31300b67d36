/* SPDX-License-Identifier: Apache-2.0 */
/* Comments that maapol reads: the attestation type, codes to silence. */
#include "lsp/completion.h"

static bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool ends_with(slice s, const char *end) {
  size_t n = strlen(end);
  return s.length >= n && memcmp(s.data + s.length - n, end, n) == 0;
}

static bool holds(slice s, const char *part) {
  size_t n = strlen(part);
  for (size_t i = 0; i + n <= s.length; i++)
    if (memcmp(s.data + i, part, n) == 0)
      return true;
  return false;
}

static void offer_types(completion *c) {
  for (int t = ATTESTATION_TYPE_UNKNOWN + 1; t < ATTESTATION_TYPE_COUNT; t++)
    completion_offer(
        c, &(completion_item){
               .label = attestation_type_name((attestation_type)t),
               .kind = KIND_VALUE});
}

/* Codes that can be silenced, of findings that are there. */
static void offer_codes(completion *c) {
  bool seen[CODE_COUNT] = {false};
  const diagnostics *all = &document_policy(c->request->document)->findings;
  for (const diagnostic *f = all->first; f; f = f->next) {
    if (f->severity == SEVERITY_ERROR || seen[f->code])
      continue;
    seen[f->code] = true;
    completion_offer(c, &(completion_item){.label = code_text(f->code),
                                           .kind = KIND_VALUE,
                                           .detail = code_name(f->code)});
  }
}

static void offer_directives(completion *c) {
  static const struct {
    const char *label, *detail;
  } rows[] = {{"maapol: type=", "the attestation type"},
              {"maapol-ignore ", "silences codes of this line or the next"},
              {"maapol-ignore-file ", "silences codes of the whole text"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    completion_offer(c, &(completion_item){.label = rows[i].label,
                                           .kind = KIND_KEYWORD,
                                           .detail = rows[i].detail});
}

void completion_comment(completion *c, size_t i) {
  const word_token *token = &c->tokens->items[i];
  uint32_t offset = c->request->offset, begin = offset;
  const char *text = c->tokens->text.data;
  while (begin > token->where.begin + 2 && is_word_character(text[begin - 1]))
    begin--;
  uint32_t line = begin;
  while (line > token->where.begin && text[line - 1] != '\n')
    line--;
  slice before = {text + line, begin - line};
  c->replaced = (span){begin, offset};
  while (before.length && before.data[before.length - 1] == ' ')
    before.length--;
  if (ends_with(before, "maapol: type=") || ends_with(before, "maapol:type="))
    offer_types(c);
  else if (holds(before, "maapol-ignore"))
    offer_codes(c);
  else if (ends_with(before, "//") && offset - begin <= 6 &&
           memcmp("maapol", text + begin, offset - begin) == 0)
    offer_directives(c);
}
