/* SPDX-License-Identifier: Apache-2.0 */
/* Every verdict of group L holds: small policies are made at random, and what
 * is said of one is held against the evaluator over many claim sets. A rule
 * that is called idle is taken out, and nothing may change. */
#include "base/buffer.h"
#include "compiler/lint.h"
#include "eval/evaluate.h"
#include "tests/unit/unit.h"

enum { POLICIES = 3000, CLAIM_SETS = 60 };

typedef struct prover {
  arena *arena;
  uint64_t state;
  const policy *policy;
  slice text;
  unsigned verdicts[CODE_COUNT];
} prover;

static uint64_t draw(prover *v, uint64_t below) {
  v->state ^= v->state << 13;
  v->state ^= v->state >> 7;
  v->state ^= v->state << 17;
  return v->state % below;
}

#define PICK(v, table) (table)[draw((v), COUNT_OF(table))]

/* Policies. */

static const char *const types[] = {"a", "b", "c"};
static const char *const tests[] = {
    "value==true", "value==false", "value!=true", "value==1", "value==2",
    "value!=1", "value>=1", "value>=2", "value<2", "value<3", "value==\"x\"",
    "value!=\"x\"", "valueType==\"Integer\"", "valueType!=\"Boolean\"",
    "issuer==\"AttestationService\"", "issuer==\"AttestationPolicy\"",
    "issuer!=\"AttestationPolicy\"", "type!=\"a\""};

static void write_condition(prover *v, buffer *b, int number, int bound) {
  if (draw(v, 5) == 0)
    buffer_text(b, "!");
  else if (draw(v, 3) == 0 || number == 0)
    buffer_printf(b, "c%d:", number);
  buffer_text(b, "[");
  if (draw(v, 8) == 0)
    buffer_text(b, PICK(v, tests));
  else
    buffer_printf(b, "type==\"%s\"", PICK(v, types));
  for (uint64_t n = draw(v, 3); n; n--)
    buffer_printf(b, ", %s", PICK(v, tests));
  if (bound && draw(v, 6) == 0)
    buffer_printf(b, ", value==c0.value");
  buffer_text(b, "]");
}

static void write_action(prover *v, buffer *b, bool issuing, bool bound) {
  static const char *const values[] = {"true", "false", "1", "2", "\"x\""};
  static const char *const late[] = {"issue", "issue", "add",
                                     "issueproperty"};
  uint64_t kind = draw(v, 6);
  if (!issuing && kind < 4) {
    buffer_text(b, kind < 3 ? "permit()" : "deny()");
    return;
  }
  buffer_printf(b, "%s(", issuing ? PICK(v, late) : "add");
  if (bound && draw(v, 3) == 0)
    buffer_text(b, "claim=c0)");
  else if (bound && draw(v, 3) == 0)
    buffer_printf(b, "type=\"%s\", value=c0.value)", PICK(v, types));
  else
    buffer_printf(b, "type=\"%s\", value=%s)", PICK(v, types),
                  PICK(v, values));
}

/* The first condition binds c0 unless it is negated, which the text shows. */
static void write_rule(prover *v, buffer *b, bool issuing) {
  uint64_t count = draw(v, 10) == 0 ? 0 : draw(v, 3) + 1;
  bool bound = false;
  for (uint64_t i = 0; i < count; i++) {
    size_t before = b->length;
    buffer_text(b, i ? " && " : "  ");
    write_condition(v, b, (int)i, bound);
    if (i == 0)
      bound = b->data[before + 2] != '!';
  }
  buffer_text(b, " => ");
  write_action(v, b, issuing, bound);
  buffer_text(b, ";\n");
}

static slice write_policy(prover *v) {
  buffer b = buffer_in(v->arena);
  buffer_text(&b, "version=1.2;\nauthorizationrules {\n");
  for (uint64_t n = draw(v, 6); n; n--)
    write_rule(v, &b, false);
  buffer_text(&b, "};\nissuancerules {\n");
  for (uint64_t n = draw(v, 5); n; n--)
    write_rule(v, &b, true);
  buffer_text(&b, "};\n");
  return arena_copy(v->arena, buffer_slice(&b));
}

/* Claims. */

static claim_list draw_claims(prover *v, arena *a) {
  static const slice issuers[] = {
      {"AttestationService", 18}, {"AttestationService", 18},
      {"CustomClaim", 11}, {"AttestationPolicy", 17}};
  claim_list list = claims_in(a);
  for (uint64_t n = draw(v, 5); n; n--) {
    claim c = {.type = slice_from(draw(v, 8) ? PICK(v, types) : "z"),
               .issuer = PICK(v, issuers),
               .kind = (uint8_t)draw(v, 3)};
    c.integer = c.kind == CLAIM_STRING    ? 0
                : c.kind == CLAIM_BOOLEAN ? (int64_t)draw(v, 2)
                                          : (int64_t)draw(v, 4);
    if (c.kind == CLAIM_STRING)
      c.text = draw(v, 2) ? SLICE("x") : SLICE("y");
    claims_add(&list, &c);
  }
  return list;
}

/* Outcomes. */

static bool same_claim(const claim *a, const claim *b) {
  return slice_equal(a->type, b->type) && slice_equal(a->issuer, b->issuer) &&
         a->kind == b->kind && a->integer == b->integer &&
         slice_equal(a->text, b->text);
}

static bool same_properties(const evaluation *a, const evaluation *b) {
  for (size_t i = 0; i < a->properties.count; i++) {
    slice type = a->properties.items[i].type;
    const claim *x = evaluation_property(a, type);
    const claim *y = evaluation_property(b, type);
    if (!y || !same_claim(x, y))
      return false;
  }
  return true;
}

static bool same_outcome(const evaluation *a, const evaluation *b) {
  if (a->decision != b->decision || a->issued.count != b->issued.count)
    return false;
  for (size_t i = 0; i < a->issued.count; i++)
    if (!same_claim(&a->issued.items[i], &b->issued.items[i]))
      return false;
  return same_properties(a, b) && same_properties(b, a);
}

static bool has_fired(const evaluation *e, uint32_t rule) {
  for (const trace_entry *t = e->trace; t; t = t->next)
    if (t->rule == rule)
      return t->fired;
  return false;
}

static bool was_asked(const evaluation *e, uint32_t rule) {
  for (const trace_entry *t = e->trace; t; t = t->next)
    if (t->rule == rule)
      return true;
  return false;
}

/* Verdicts. */

static uint32_t rule_at(const policy *p, span where) {
  for (uint32_t i = 0; i < p->program->rule_count; i++)
    if (p->program->places[i].where.begin <= where.begin &&
        p->program->places[i].where.end >= where.end)
      return i;
  return PROGRAM_NONE;
}

/* The policy with a part of its text replaced. */
static const program *changed(prover *v, span where, slice replacement) {
  buffer b = buffer_in(v->arena);
  buffer_add(&b, (slice){v->text.data, where.begin});
  buffer_add(&b, replacement);
  buffer_add(&b, (slice){v->text.data + where.end,
                         v->text.length - where.end});
  const policy *p = policy_compile(v->arena,
                                   arena_copy(v->arena, buffer_slice(&b)));
  cr_assert(p->program, "%.*s", SLICE_ARGS(buffer_slice(&b)));
  return p->program;
}

/* What the text must be without the thing that the finding calls idle; NULL
 * for verdicts of another sort. */
static const program *without(prover *v, const diagnostic *d) {
  span rule = {0, 0};
  uint32_t index = rule_at(v->policy, d->where);
  if (index != PROGRAM_NONE)
    rule = v->policy->program->places[index].where;
  switch (d->code) {
  case CODE_L203:
  case CODE_L204:
  case CODE_L205:
  case CODE_L206:
  case CODE_L207:
    return changed(v, rule, SLICE_EMPTY);
  case CODE_L209:
    return changed(v, d->fixes->edits->where, SLICE_EMPTY);
  case CODE_L214:
    if (v->text.data[d->where.begin] == '[' ||
        v->text.data[d->where.begin] == '!')
      return changed(v, d->where, SLICE("![type==\"a\",type==\"b\"]"));
    return changed(v, d->where,
                   ast_text(v->policy->ast, d->labels->where));
  default:
    return NULL;
  }
}

static bool condition_is_negated(const prover *v, const diagnostic *d) {
  return v->text.data[d->where.begin] == '!';
}

/* What a reader too early would need: claims that no rule made, of the type
 * named in the message. */
static bool holds_early(const diagnostic *d, const claim_list *claims) {
  for (size_t i = 0; i < claims->count; i++)
    if (claims->items[i].type.data[0] == d->message[1])
      return true;
  return false;
}

static bool rule_denied(const evaluation *e, uint32_t rule) {
  return e->reason == REASON_DENY_RULE && e->rule == rule;
}

static bool verdict_holds(prover *v, const diagnostic *d,
                          const claim_list *claims, const evaluation *e) {
  uint32_t rule = rule_at(v->policy, d->where), other = PROGRAM_NONE;
  if (d->labels)
    other = rule_at(v->policy, d->labels->where);
  bool fired = rule != PROGRAM_NONE && has_fired(e, rule);
  switch (d->code) {
  case CODE_L201:
    return e->decision != DECISION_PERMIT;
  case CODE_L202:
    return e->decision == DECISION_PERMIT;
  case CODE_L203:
    return !fired;
  case CODE_L204:
    return !fired || (e->decision == DECISION_DENY && rule_denied(e, other)) ||
           e->decision == DECISION_DENY;
  case CODE_L208:
    return !fired || condition_is_negated(v, d) || holds_early(d, claims);
  case CODE_L215:
    return !was_asked(e, other) || !was_asked(e, rule) ||
           strstr(d->message, "runs too") == NULL || fired ==
           has_fired(e, other) ||
           /* one of the two implies the other; the message says which */
           (strtoul(strstr(d->message, "rule ") + 5, NULL, 10) ==
                v->policy->program->places[rule].number
                ? !fired
                : fired);
  default:
    return true;
  }
}

/* The deny rules of one condition, alone: only they could catch a claim. */
static const program *catchers(prover *v) {
  const program *p = v->policy->program;
  buffer b = buffer_in(v->arena);
  buffer_text(&b, "version=1.2;authorizationrules{");
  for (uint32_t i = 0; i < p->rule_count; i++)
    if (p->rules[i].action == ACTION_DENY && p->rules[i].condition_count == 1 &&
        !p->conditions[p->rules[i].first_condition].negated)
      buffer_add(&b, ast_text(p->ast, p->places[i].where));
  buffer_text(&b, "};");
  return policy_compile(v->arena, arena_copy(v->arena, buffer_slice(&b)))
      ->program;
}

/* L217: there is a claim of the type that no deny rule catches, although its
 * value is not the one that the rule asks for. */
static bool slips(prover *v, const diagnostic *d) {
  static const char type_mark[] = "lets pass a \"";
  const program *p = catchers(v);
  const char *type = strstr(d->message, type_mark) + sizeof type_mark - 1;
  const slice issuers[] = {ISSUER_SERVICE, ISSUER_POLICY, SLICE("other")};
  for (size_t i = 0; i < COUNT_OF(issuers); i++)
    for (int64_t n = 0; n < 12; n++) {
      claim c = {.type = {type, 1}, .issuer = issuers[i],
                 .kind = (uint8_t)(n % 3)};
      c.integer = c.kind == CLAIM_STRING ? 0 : n / 3 % (c.kind ? 4 : 2);
      c.text = c.kind == CLAIM_STRING ? SLICE("other") : SLICE_EMPTY;
      if (strstr(d->message, c.kind == CLAIM_BOOLEAN   ? "a boolean"
                             : c.kind == CLAIM_INTEGER ? "an integer"
                                                       : "a string") == NULL)
        continue;
      claim_list claims = claims_in(v->arena);
      evaluation e;
      claims_add(&claims, &c);
      evaluate(p, &claims, v->arena, 0, &e);
      if (e.reason != REASON_DENY_RULE)
        return true;
    }
  return false;
}

static void prove(prover *v, const diagnostic *d) {
  if (d->code == CODE_L217 && !slips(v, d))
    cr_assert_fail("%s\n%.*s", d->message, SLICE_ARGS(v->text));
  const program *p = without(v, d);
  v->verdicts[d->code]++;
  for (int i = 0; i < CLAIM_SETS; i++) {
    arena scratch;
    jmp_buf failure;
    arena_init(&scratch, (size_t)64 << 20);
    if (ARENA_GUARD(&scratch, failure))
      cr_assert_fail("out of memory");
    claim_list claims = draw_claims(v, &scratch);
    evaluation before, after;
    evaluate(v->policy->program, &claims, &scratch, EVALUATE_TRACE, &before);
    bool holds = verdict_holds(v, d, &claims, &before);
    if (p) {
      evaluate(p, &claims, &scratch, 0, &after);
      holds &= same_outcome(&before, &after);
    }
    if (!holds) {
      value shown = claims_json(&scratch, &claims);
      buffer b = buffer_in(&scratch);
      json_write(&b, &shown);
      cr_assert_fail("%s at %u: %s\n%.*sclaims %.*s", code_text(d->code),
                     (unsigned)d->where.begin, d->message,
                     SLICE_ARGS(v->text), SLICE_ARGS(buffer_slice(&b)));
    }
    arena_free(&scratch);
  }
}

static void prove_policy(prover *v) {
  v->text = write_policy(v);
  policy *p = policy_compile(v->arena, v->text);
  cr_assert(p->program, "%s\n%.*s", p->findings.first->message,
            SLICE_ARGS(v->text));
  policy_lint(v->arena, p, &(lint_options){.layout = false});
  v->policy = p;
  for (const diagnostic *d = p->findings.first; d; d = d->next)
    if (code_text(d->code)[0] == 'L')
      prove(v, d);
}

Test(lint_logic, says_nothing_that_the_evaluator_denies) {
  static const diagnostic_code expected[] = {
      CODE_L201, CODE_L202, CODE_L203, CODE_L204, CODE_L205, CODE_L206,
      CODE_L207, CODE_L208, CODE_L209, CODE_L214, CODE_L215, CODE_L217};
  static prover v = {.state = 0x9E3779B97F4A7C15u};
  for (int i = 0; i < POLICIES; i++) {
    TEST_ARENA(a, (size_t)256 << 20);
    v.arena = &a;
    prove_policy(&v);
    arena_free(&a);
  }
  for (size_t i = 0; i < COUNT_OF(expected); i++)
    cr_expect_gt(v.verdicts[expected[i]], 5u, "%s has hardly been met",
                 code_text(expected[i]));
}
