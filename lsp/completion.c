/* SPDX-License-Identifier: Apache-2.0 */
/* What could be written where the cursor stands. */
#include "lsp/completion.h"

#include "lsp/query.h"
#include "lsp/reference.h"

/* A group of words tells `completionItem/resolve` where the page is. */
static value item_data(const completion *c, const char *group) {
  object_builder data = object_in(c->request->arena);
  set_text(&data, "group", group);
  set_number(&data, "type", c->type);
  return object_value(&data);
}

static value one_text(arena *a, const char *text) {
  array_builder list = array_in(a);
  array_add(&list, value_text(slice_from(text)));
  return array_value(&list);
}

void completion_offer(completion *c, const completion_item *item) {
  lsp_request *r = c->request;
  const lsp_language *client = &r->server->language;
  const char *text = item->insert ? item->insert : item->label;
  object_builder o = object_in(r->arena);
  buffer sort = buffer_in(r->arena);
  bool is_snippet = item->snippet && client->takes_snippets;
  set_text(&o, "label", item->label);
  set_number(&o, "kind", item->kind);
  if (item->detail)
    set_text(&o, "detail", item->detail);
  if (item->group)
    set(&o, "data", item_data(c, item->group));
  if (is_snippet)
    set_number(&o, "insertTextFormat", 2);
  if (item->commit && client->takes_commit_characters)
    set(&o, "commitCharacters", one_text(r->arena, item->commit));
  if (strcmp(text, item->label) != 0)
    set_text(&o, "filterText", text);
  buffer_printf(&sort, "%c%s", item->rank ? item->rank : 'm', item->label);
  set(&o, "sortText", value_text(buffer_slice(&sort)));
  set(&o, "textEdit", lsp_edit(r, c->replaced,
                               slice_from(is_snippet ? item->snippet : text)));
  array_add(&c->list, object_value(&o));
}

void completion_offer_text(completion *c, const completion_item *item) {
  completion_item quoted = *item;
  buffer b = buffer_in(c->request->arena);
  buffer_printf(&b, "\"%s\"", item->label);
  quoted.insert = buffer_slice(&b).data;
  completion_offer(c, c->in_string ? item : &quoted);
}

/* A snippet, for clients that take them; `insert` for the others. */
static void offer_form(completion *c, const char *label, const char *insert,
                       const char *snippet, const char *detail) {
  completion_offer(c, &(completion_item){.label = label,
                                         .kind = KIND_SNIPPET,
                                         .detail = detail,
                                         .insert = insert,
                                         .snippet = snippet,
                                         .rank = 'b'});
}

/* --- what stands before --------------------------------------------------- */

static bool is_before(const completion *c, const char *text) {
  return token_is(c->tokens, c->before, text);
}

static bool is_word_before(const completion *c, size_t back,
                           const char *text) {
  return c->before < c->tokens->count && c->before >= back &&
         token_is(c->tokens, c->before - back, text);
}

static bool is_after(const completion *c, const char *text) {
  return token_is(c->tokens, c->after, text);
}

static token_role role_before(const completion *c) {
  return c->before < c->tokens->count
             ? (token_role)c->tokens->items[c->before].role
             : ROLE_NONE;
}

static bool is_comparison_before(const completion *c) {
  static const char *const marks[] = {"==", "!=", "<", "<=",
                                      ">",  ">=", "=", NULL};
  for (const char *const *m = marks; *m; m++)
    if (is_before(c, *m))
      return true;
  return false;
}

static char mark_of(const word_tokens *t, size_t i) {
  return t->items[i].kind == TOKEN_MARK ? t->text.data[t->items[i].where.begin]
                                        : 0;
}

/* The section whose braces the cursor stands in; COUNT: none. */
static section_kind open_section(const completion *c) {
  const word_tokens *t = c->tokens;
  for (size_t i = c->before + 1; c->before < t->count && i-- > 0;) {
    char mark = mark_of(t, i);
    if (mark == '}')
      return SECTION_COUNT;
    if (mark == '{')
      return (section_kind)t->items[i].section;
  }
  return SECTION_COUNT;
}

static bool is_in_braces(const completion *c) {
  const word_tokens *t = c->tokens;
  for (size_t i = c->before + 1; c->before < t->count && i-- > 0;)
    if (mark_of(t, i) == '{' || mark_of(t, i) == '}')
      return mark_of(t, i) == '{';
  return false;
}

/* The open bracket or parenthesis of the rule that the cursor stands in; 0:
 * none. *at is its token. */
static char open_bracket(const completion *c, size_t *at) {
  const word_tokens *t = c->tokens;
  unsigned closed = 0;
  for (size_t i = c->before + 1; c->before < t->count && i-- > 0;) {
    char mark = mark_of(t, i);
    if (t->items[i].rule != t->items[c->before].rule)
      return 0;
    *at = i;
    if (mark == ')' || mark == ']')
      closed++;
    else if ((mark == '(' || mark == '[') && !closed)
      return mark;
    else if (mark == '(' || mark == '[')
      closed--;
  }
  return 0;
}

/* --- outside of sections -------------------------------------------------- */

static bool has_section(const completion *c, section_kind section) {
  const word_tokens *t = c->tokens;
  for (size_t i = 0; i < t->count; i++)
    if (t->items[i].role == ROLE_SECTION &&
        t->items[i].where.begin != c->replaced.begin &&
        section_from_name(token_text(t, i)) == section)
      return true;
  return false;
}

static void offer_sections(completion *c) {
  for (int i = 0; i < SECTION_COUNT; i++) {
    if (has_section(c, (section_kind)i))
      continue;
    buffer b = buffer_in(c->request->arena);
    buffer_printf(&b, "%s\n{\n  $0\n};", section_help[i].name);
    completion_offer(
        c, &(completion_item){.label = section_help[i].name,
                              .kind = KIND_MODULE,
                              .group = "section",
                              .snippet = is_after(c, "{")
                                             ? NULL
                                             : buffer_slice(&b).data,
                              .rank = (char)('b' + i)});
  }
}

static void outside(completion *c) {
  static const char *const versions[] = {"1.0", "1.1", "1.2"};
  const word_tokens *t = c->tokens;
  bool is_number = is_before(c, "=") && c->before &&
                   t->items[c->before - 1].role == ROLE_VERSION;
  bool is_first = c->before >= t->count;
  for (int i = 0; is_number && i < 3; i++)
    completion_offer(c, &(completion_item){.label = versions[i],
                                           .kind = KIND_VALUE,
                                           .rank = (char)('c' - i)});
  if (is_first)
    offer_form(c, "version", "version= 1.2;", "version= ${1:1.2};",
               "the version of the language");
  if (is_first || is_before(c, ";") || is_before(c, "}"))
    offer_sections(c);
}

/* --- rules ---------------------------------------------------------------- */

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
  const char *end = is_after(c, ";") ? "" : ";";
  for (int i = 0; i < ACTION_COUNT; i++) {
    if (!action_fits((action_kind)i, section))
      continue;
    buffer b = buffer_in(c->request->arena);
    bool is_verdict = i == ACTION_PERMIT || i == ACTION_DENY;
    buffer_printf(&b, "%s(%s)%s", action_help[i].name,
                  is_verdict ? "" : "type=\"$1\", value=$2", end);
    completion_offer(
        c, &(completion_item){.label = action_help[i].name,
                              .kind = KIND_KEYWORD,
                              .group = "action",
                              .snippet = is_after(c, "(")
                                             ? NULL
                                             : buffer_slice(&b).data});
  }
}

static void offer_condition(completion *c, const char *detail) {
  offer_form(c, "[type==..]", "[type==\"\"]", "[type==\"$1\"$2]", detail);
}

static void offer_mark(completion *c, const char *mark, const char *detail) {
  completion_offer(c, &(completion_item){.label = mark,
                                         .kind = KIND_OPERATOR,
                                         .detail = detail,
                                         .rank = 'c'});
}

static void rule_begin(completion *c, section_kind section) {
  if (section != SECTION_CONFIGURATION)
    offer_condition(c, "a condition");
  if (section != SECTION_CONFIGURATION)
    offer_form(c, "![type==..]", "![type==\"\"]", "![type==\"$1\"$2]",
               "no claim is so");
  offer_mark(c, "=>", "always");
}

/* --- conditions and arguments --------------------------------------------- */

static void offer_words(completion *c, const word_help *table, int first,
                        const char *group, const char *commit) {
  for (int i = first; table[i].name; i++)
    completion_offer(c, &(completion_item){.label = table[i].name,
                                           .kind = KIND_PROPERTY,
                                           .group = group,
                                           .commit = commit});
}

/* Only value has an order. */
static void offer_comparisons(completion *c, slice property) {
  offer_mark(c, "==", "equal");
  offer_mark(c, "!=", "not equal, and of the same type");
  if (!slice_is(property, "value"))
    return;
  offer_mark(c, "<", "less");
  offer_mark(c, "<=", "less or equal");
  offer_mark(c, ">", "greater");
  offer_mark(c, ">=", "greater or equal");
}

/* The arguments that the action has not got yet. */
static void offer_arguments(completion *c, size_t open) {
  const word_tokens *t = c->tokens;
  action_kind action = open ? action_from_name(token_text(t, open - 1))
                            : ACTION_COUNT;
  if (action == ACTION_PERMIT || action == ACTION_DENY)
    return;
  for (const word_help *h = argument_help; h->name; h++) {
    bool is_given = false;
    for (size_t i = open; i <= c->before; i++)
      is_given = is_given || (t->items[i].role == ROLE_ARGUMENT &&
                              token_is(t, i, h->name));
    bool is_claim = strcmp(h->name, "claim") == 0;
    if (is_given || (is_claim && (action == ACTION_ISSUEPROPERTY ||
                                  open != c->before)))
      continue;
    completion_offer(c, &(completion_item){.label = h->name,
                                           .kind = KIND_PROPERTY,
                                           .group = "argument",
                                           .commit = "="});
  }
}

static void in_brackets(completion *c, char open, size_t at) {
  const word_tokens *t = c->tokens;
  token_role role = role_before(c);
  bool in_call = open == '(' && at && t->items[at - 1].role == ROLE_FUNCTION;
  bool is_begin = is_before(c, "[") || is_before(c, "(") || is_before(c, ",");
  if (is_comparison_before(c) || (in_call && is_begin))
    completion_values(c, in_call);
  else if (open == '[' && is_begin)
    offer_words(c, property_help, 0, "property", "=");
  else if (open == '[' && role == ROLE_PROPERTY)
    offer_comparisons(c, token_text(t, c->before));
  else if (open == '(' && is_begin)
    offer_arguments(c, at);
  else if (open == '(' && role == ROLE_ARGUMENT)
    offer_mark(c, "=", NULL);
  else if (open == '[' && (role == ROLE_VALUE || role == ROLE_BOOLEAN ||
                           role == ROLE_CLAIM_READ))
    offer_mark(c, ",", "one more test");
}

static void in_braces(completion *c) {
  section_kind section = open_section(c);
  size_t at = 0;
  char open = open_bracket(c, &at);
  if (is_before(c, "."))
    offer_words(c, property_help, 0, "property", NULL);
  else if (open)
    in_brackets(c, open, at);
  else if (is_before(c, "=>"))
    offer_actions(c, section);
  else if (is_before(c, "{") || is_before(c, ";"))
    rule_begin(c, section);
  else if (is_before(c, "&&"))
    rule_begin(c, SECTION_COUNT);
  else if (is_before(c, "!") || is_before(c, ":"))
    offer_condition(c, "a condition");
  else if (is_before(c, "]")) {
    offer_mark(c, "&&", "and");
    offer_mark(c, "=>", "then");
  } else if (is_before(c, ")"))
    offer_mark(c, ";", "the rule's end");
}

static void in_string(completion *c, size_t at) {
  c->in_string = true;
  if (query_is(c->tokens, at))
    completion_query(c, at);
  else if (is_word_before(c, 1, "type") || is_comparison_before(c))
    completion_values(c, false);
}

/* --- the request ---------------------------------------------------------- */

static void collect(completion *c, size_t at) {
  const word_tokens *t = c->tokens;
  token_kind kind =
      at < t->count ? (token_kind)t->items[at].kind : TOKEN_MARK;
  if (kind == TOKEN_COMMENT)
    completion_comment(c, at);
  else if (kind == TOKEN_STRING)
    in_string(c, at);
  else if (is_in_braces(c))
    in_braces(c);
  else
    outside(c);
}

/* The token that is being written, if the cursor is in it. */
static size_t written_token(completion *c, uint32_t offset) {
  const word_tokens *t = c->tokens;
  size_t at = token_at(t, offset);
  c->replaced = (span){offset, offset};
  c->after = tokens_before(t, offset);
  c->before = c->after ? c->after - 1 : t->count;
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
  c->after = at + 1;
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
  pass_comments(&c);
  collect(&c, at);
  set_flag(&o, "isIncomplete", false);
  set(&o, "items", array_value(&c.list));
  return object_value(&o);
}
