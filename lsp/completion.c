/* SPDX-License-Identifier: Apache-2.0 */
/* What could be written where the cursor stands. */
#include "compiler/properties.h"
#include "lsp/reference.h"
#include "lsp/server.h"

/* LSP: CompletionItemKind. */
enum {
  KIND_FUNCTION = 3,
  KIND_VARIABLE = 6,
  KIND_MODULE = 9,
  KIND_PROPERTY = 10,
  KIND_VALUE = 12,
  KIND_KEYWORD = 14,
  KIND_FIELD = 5
};

typedef struct completion {
  lsp_request *request;
  array_builder list;
  const word_tokens *tokens;
  span replaced; /* the word or text that is being written */
  size_t before; /* the last token before it; COUNT of tokens: none */
  attestation_type type;
} completion;

/* A group of words tells `completionItem/resolve` where the page is. */
static void offer(completion *c, const char *label, int kind,
                  const char *detail, const char *group) {
  lsp_request *r = c->request;
  object_builder o = object_in(r->arena), data = object_in(r->arena);
  set_text(&o, "label", label);
  set_number(&o, "kind", kind);
  if (detail)
    set_text(&o, "detail", detail);
  if (group) {
    set_text(&data, "group", group);
    set_number(&data, "type", c->type);
    set(&o, "data", object_value(&data));
  }
  set(&o, "textEdit", lsp_edit(r, c->replaced, slice_from(label)));
  array_add(&c->list, object_value(&o));
}

static void offer_words(completion *c, const word_help *table, int kind,
                        const char *group) {
  for (; table->name; table++)
    offer(c, table->name, kind, NULL, group);
}

static bool is_before(const completion *c, const char *text) {
  return token_is(c->tokens, c->before, text);
}

static bool is_word_before(const completion *c, size_t back,
                           const char *text) {
  return c->before < c->tokens->count && c->before >= back &&
         token_is(c->tokens, c->before - back, text);
}

/* The claims that the evidence has and policies see; those of the token's
 * other names would only mislead. */
static void offer_claims(completion *c) {
  const char *last = "";
  for (const claim_entry *e = claim_catalogue; e->name; e++) {
    if (!claim_entry_is_of(e, c->type) || e->seen == CLAIM_SEEN_IN_TOKEN ||
        e->deprecated_for || strcmp(last, e->name) == 0)
      continue;
    last = e->name;
    offer(c, e->name, KIND_FIELD, claim_type_name(e), "claim");
  }
}

/* What rules of the policy make. */
static bool is_first_write(const word_tokens *t, size_t i) {
  for (size_t n = 0; n < i; n++)
    if (t->items[n].role == ROLE_CLAIM_WRITE &&
        slice_equal(token_text(t, n), token_text(t, i)))
      return false;
  return true;
}

static void offer_own_claims(completion *c) {
  enum { OWN_MAX = 200 };
  const word_tokens *t = c->tokens;
  int count = 0;
  for (size_t i = 0; i < t->count && count < OWN_MAX; i++) {
    span s = token_inside(t, i);
    slice name = {t->text.data + s.begin, s.end - s.begin};
    if (t->items[i].role != ROLE_CLAIM_WRITE || s.end <= s.begin ||
        (s.begin <= c->replaced.begin && c->replaced.begin <= s.end))
      continue;
    count++;
    if (is_first_write(t, i) && !claim_catalogue_find(name, c->type))
      offer(c, arena_string(c->request->arena, name), KIND_FIELD,
            "made by a rule", NULL);
  }
}

static void offer_settings(completion *c, section_kind section) {
  for (int i = 0; i < POLICY_PROPERTY_COUNT; i++)
    if (policy_properties[i].section == section)
      offer(c, policy_properties[i].name, KIND_PROPERTY, NULL, "setting");
}

/* The text of `type=="t"` in the condition that the cursor stands in. */
static slice tested_type(const completion *c) {
  const word_tokens *t = c->tokens;
  for (size_t i = c->before; i < t->count && i > 0; i--) {
    if (token_is(t, i, "[") || token_is(t, i, "]"))
      break;
    if (t->items[i].role == ROLE_CLAIM_READ) {
      span s = token_inside(t, i);
      return (slice){t->text.data + s.begin, s.end - s.begin};
    }
  }
  return SLICE_EMPTY;
}

/* "a|b": the values that a claim has. */
static void offer_known_values(completion *c, bool in_string) {
  const claim_entry *e = claim_catalogue_find(tested_type(c), c->type);
  if (!e || !e->values)
    return;
  for (const char *v = e->values; *v;) {
    size_t length = strcspn(v, "|");
    buffer b = buffer_in(c->request->arena);
    buffer_printf(&b, in_string ? "%.*s" : "\"%.*s\"", (int)length, v);
    offer(c, buffer_slice(&b).data, KIND_VALUE, e->name, NULL);
    v += length + (v[length] == '|');
  }
}

static void offer_issuers(completion *c) {
  static const char *const names[] = {"AttestationService",
                                      "AttestationPolicy", "CustomClaim"};
  for (int i = 0; i < 3; i++)
    offer(c, names[i], KIND_VALUE, NULL, NULL);
}

static void in_string(completion *c, const word_token *token) {
  switch (token->role) {
  case ROLE_CLAIM_READ:
    offer_claims(c);
    offer_own_claims(c);
    break;
  case ROLE_CLAIM_WRITE:
    offer_own_claims(c);
    break;
  case ROLE_PROPERTY_NAME:
    offer_settings(c, (section_kind)token->section);
    break;
  default:
    if (is_word_before(c, 1, "issuer"))
      offer_issuers(c);
    else if (is_word_before(c, 1, "value"))
      offer_known_values(c, true);
    break;
  }
}

/* Identifiers that the rule binds. */
static void offer_identifiers(completion *c) {
  const word_tokens *t = c->tokens;
  if (c->before >= t->count)
    return;
  for (size_t i = c->before + 1; i-- > 0;) {
    if (t->items[i].rule != t->items[c->before].rule)
      break;
    if (t->items[i].role == ROLE_BINDING)
      offer(c, arena_string(c->request->arena, token_text(t, i)),
            KIND_VARIABLE, "identifier", NULL);
  }
}

static void offer_values(completion *c) {
  const claim_entry *e = claim_catalogue_find(tested_type(c), c->type);
  if (!e || e->kind == VALUE_BOOLEAN) {
    offer(c, "true", KIND_VALUE, NULL, NULL);
    offer(c, "false", KIND_VALUE, NULL, NULL);
  }
  offer_known_values(c, false);
  offer_identifiers(c);
  for (const function_help *f = function_helps; f->name; f++)
    offer(c, f->name, KIND_FUNCTION, f->result, "function");
}

static bool is_comparison_before(const completion *c) {
  static const char *const marks[] = {"==", "!=", "<", "<=",
                                      ">",  ">=", "=", NULL};
  for (const char *const *m = marks; *m; m++)
    if (is_before(c, *m))
      return true;
  return false;
}

static bool action_fits(action_kind action, section_kind section) {
  switch (action) {
  case ACTION_PERMIT:
  case ACTION_DENY:
    return section == SECTION_AUTHORIZATION;
  case ACTION_ADD:
    return section != SECTION_CONFIGURATION;
  case ACTION_ISSUE:
    return section == SECTION_ISSUANCE;
  default:
    return section != SECTION_AUTHORIZATION;
  }
}

static void offer_actions(completion *c, section_kind section) {
  for (int i = 0; i < ACTION_COUNT; i++)
    if (action_fits((action_kind)i, section))
      offer(c, action_help[i].name, KIND_KEYWORD, NULL, "action");
}

/* The action whose parentheses the cursor stands in directly, or a function
 * call, or neither. */
static bool in_function_call(const completion *c) {
  const word_tokens *t = c->tokens;
  unsigned closed = 0;
  for (size_t i = c->before + 1; i-- > 0;) {
    if (t->items[i].rule != t->items[c->before].rule)
      return false;
    if (token_is(t, i, ")"))
      closed++;
    else if (token_is(t, i, "(") && closed)
      closed--;
    else if (token_is(t, i, "("))
      return i && t->items[i - 1].role == ROLE_FUNCTION;
  }
  return false;
}

static void in_braces(completion *c, section_kind section) {
  const word_token *last = &c->tokens->items[c->before];
  if (is_before(c, "=>"))
    offer_actions(c, section);
  else if (is_before(c, "."))
    offer_words(c, property_help, KIND_PROPERTY, "property");
  else if (is_word_before(c, 1, "claim") && is_before(c, "="))
    offer_identifiers(c);
  else if (is_comparison_before(c))
    offer_values(c);
  else if (is_before(c, "(") || is_before(c, ",")) {
    if (in_function_call(c))
      offer_values(c);
    else if (last->action != ACTION_COUNT)
      offer_words(c, argument_help, KIND_PROPERTY, "argument");
    else
      offer_words(c, property_help, KIND_PROPERTY, "property");
  } else if (is_before(c, "[")) {
    offer_words(c, property_help, KIND_PROPERTY, "property");
  }
}

/* The section that is open where the token ends; COUNT: none. */
static section_kind open_section(const completion *c) {
  const word_tokens *t = c->tokens;
  if (c->before >= t->count)
    return SECTION_COUNT;
  for (size_t i = c->before + 1; i-- > 0;) {
    if (token_is(t, i, "}"))
      return SECTION_COUNT;
    if (token_is(t, i, "{"))
      return (section_kind)t->items[i].section;
  }
  return SECTION_COUNT;
}

static bool is_in_braces(const completion *c) {
  const word_tokens *t = c->tokens;
  for (size_t i = c->before + 1; c->before < t->count && i-- > 0;)
    if (token_is(t, i, "{") || token_is(t, i, "}"))
      return token_is(t, i, "{");
  return false;
}

static void collect(completion *c, size_t at) {
  const word_tokens *t = c->tokens;
  const word_token *token = at < t->count ? &t->items[at] : NULL;
  if (token && token->kind == TOKEN_STRING)
    in_string(c, token);
  else if (is_in_braces(c))
    in_braces(c, open_section(c));
  else
    offer_words(c, section_help, KIND_MODULE, "section");
}

/* The token that is being written, if the cursor is in it. */
static size_t written_token(completion *c, uint32_t offset) {
  const word_tokens *t = c->tokens;
  size_t at = token_at(t, offset);
  c->replaced = (span){offset, offset};
  c->before = tokens_before(t, offset);
  c->before = c->before ? c->before - 1 : t->count;
  if (at == t->count || t->items[at].kind == TOKEN_MARK ||
      t->items[at].where.begin >= offset)
    return t->count;
  const word_token *token = &t->items[at];
  span inside = token_inside(t, at);
  if (token->kind == TOKEN_STRING &&
      (offset < inside.begin || offset > inside.end))
    return t->count;
  c->replaced = token->kind == TOKEN_STRING ? inside : token->where;
  c->before = at ? at - 1 : t->count;
  return at;
}

static void pass_comments(completion *c) {
  const word_tokens *t = c->tokens;
  while (c->before < t->count &&
         t->items[c->before].kind == TOKEN_COMMENT)
    c->before = c->before ? c->before - 1 : t->count;
}

value lsp_complete(lsp_request *r) {
  object_builder o = object_in(r->arena);
  completion c = {.request = r,
                  .list = array_in(r->arena),
                  .tokens = document_tokens(r->document),
                  .type = document_type(r->document)};
  size_t at = written_token(&c, r->offset);
  bool in_comment = at < c.tokens->count &&
                    c.tokens->items[at].kind == TOKEN_COMMENT;
  pass_comments(&c);
  if (!in_comment)
    collect(&c, at);
  set_flag(&o, "isIncomplete", false);
  set(&o, "items", array_value(&c.list));
  return object_value(&o);
}

/* --- resolve -------------------------------------------------------------- */

static void add_page(buffer *out, slice group, slice label,
                     attestation_type type) {
  static const struct {
    const char *group;
    const word_help *table;
  } tables[] = {{"section", section_help},
                {"action", action_help},
                {"property", property_help},
                {"argument", argument_help},
                {"setting", settings_help}};
  const claim_entry *e = claim_catalogue_find(label, type);
  const function_help *f = function_help_find(label);
  if (slice_is(group, "claim") && e)
    claim_page(out, e);
  if (slice_is(group, "function") && f)
    buffer_printf(out, "%s\n\n```maapolicy\n%s\n```\n", f->text, f->example);
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    const word_help *h = slice_is(group, tables[i].group)
                             ? word_help_find(tables[i].table, label)
                             : NULL;
    if (h)
      buffer_text(out, h->text);
  }
}

value lsp_resolve(lsp_request *r) {
  if (!r->params || r->params->kind != VALUE_OBJECT)
    return lsp_refuse(r, LSP_INVALID_PARAMS, "an item is missing");
  object_builder o = object_in(r->arena);
  for (uint32_t i = 0; i < r->params->count; i++)
    object_set(&o, member_name(&r->params->members[i]),
               r->params->members[i].value);
  const value *data = lsp_at(r->params, "data", NULL);
  const value *type = lsp_at(data, "type", NULL);
  bool has_type = type && type->kind == VALUE_INTEGER && type->integer > 0 &&
                  type->integer < ATTESTATION_TYPE_COUNT;
  buffer page = buffer_in(r->arena);
  add_page(&page, lsp_text_member(data, "group"),
           lsp_text_member(r->params, "label"),
           has_type ? (attestation_type)type->integer
                    : ATTESTATION_TYPE_UNKNOWN);
  if (page.length)
    set(&o, "documentation", lsp_markdown(r->arena, buffer_slice(&page)));
  return object_value(&o);
}
