/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a query whatever its input, and what the evaluator wants
 * to know of its nodes. Recurses as deep as operators nest
 * (LIMIT_QUERY_LEVELS). */
#include "base/text.h"
#include "grammar/jmespath_functions.h"
#include "grammar/jmespath_limits.h"
#include "grammar/jmespath_parser.h"

const jmespath_function jmespath_functions[JMESPATH_FUNCTION_COUNT] = {
#define F(name, fewest, most, first, others)                                   \
  {#name, fewest, most, first, others},
    JMESPATH_FUNCTIONS(F)
#undef F
};

static const char *const function_names[] = {
#define F(name, fewest, most, first, others) #name,
    JMESPATH_FUNCTIONS(F)
#undef F
        NULL};

/* --- types ---------------------------------------------------------------- */

static bool all_items_are(unsigned kinds, const value *array) {
  for (uint32_t i = 0; i < array->count; i++)
    if (!(kinds & 1u << array->items[i].kind))
      return false;
  return true;
}

bool jmespath_type_admits(unsigned type, const value *v) {
  if (!(type & TYPE_KINDS & 1u << v->kind))
    return false;
  if (v->kind != VALUE_ARRAY || !(type & (TYPE_OF_NUMBERS | TYPE_OF_STRINGS)))
    return true;
  return ((type & TYPE_OF_NUMBERS) && all_items_are(TYPE_NUMBER, v)) ||
         ((type & TYPE_OF_STRINGS) && all_items_are(TYPE_STRING, v));
}

const char *jmespath_type_text(unsigned type) {
  switch (type) {
  case TYPE_NUMBER:
    return "a number";
  case TYPE_STRING:
    return "a string";
  case TYPE_ARRAY:
    return "an array";
  case TYPE_OBJECT:
    return "an object";
  case TYPE_NUMBERS:
    return "an array of numbers";
  case TYPE_STRINGS:
    return "an array of strings";
  case TYPE_SORTABLE:
    return "an array of numbers or an array of strings";
  case TYPE_STRING | TYPE_ARRAY:
    return "a string or an array";
  case TYPE_STRING | TYPE_ARRAY | TYPE_OBJECT:
    return "a string, an array or an object";
  case TYPE_EXPRESSION:
    return "an expression (&..)";
  default:
    return "a value";
  }
}

const char *jmespath_kind_text(const value *v) {
  switch ((value_kind)v->kind) {
  case VALUE_NULL:
    return "null";
  case VALUE_BOOLEAN:
    return "a boolean";
  case VALUE_INTEGER:
  case VALUE_NUMBER:
    return "a number";
  case VALUE_STRING:
    return "a string";
  case VALUE_ARRAY:
    return "an array";
  case VALUE_OBJECT:
    return "an object";
  }
  return "a value";
}

/* --- functions ------------------------------------------------------------ */

static bool fail_unknown(jmespath_parser *p, const jmespath_node *call) {
  const char *near = did_you_mean(call->name, function_names);
  buffer help = buffer_in(p->arena);
  if (near)
    buffer_printf(&help, "did you mean %s?", near);
  span where = {call->where.begin,
                call->where.begin + (uint32_t)call->name.length};
  jmespath_fail(p, JMESPATH_UNKNOWN_FUNCTION, where,
                near ? buffer_slice(&help).data : NULL,
                "there is no function %.*s", SLICE_ARGS(call->name));
  return false;
}

static bool find_function(jmespath_parser *p, jmespath_node *call) {
  for (unsigned i = 0; i < JMESPATH_FUNCTION_COUNT; i++)
    if (slice_is(call->name, jmespath_functions[i].name)) {
      call->function = (uint8_t)i;
      return true;
    }
  return fail_unknown(p, call);
}

static bool check_arity(jmespath_parser *p, const jmespath_node *call) {
  const jmespath_function *f = &jmespath_functions[call->function];
  uint32_t given = call->operands.count;
  if (given >= f->fewest && given <= f->most)
    return true;
  jmespath_fail(p, JMESPATH_INVALID_ARITY, call->where, NULL,
                "%s takes %s%d argument%s, not %u", f->name,
                f->most == f->fewest ? "" : "at least ", f->fewest,
                f->fewest == 1 ? "" : "s", (unsigned)given);
  return false;
}

/* `&` stands where an expression is wanted, and nowhere else; a literal is of
 * the type that is wanted. */
static bool check_arguments(jmespath_parser *p, const jmespath_node *call) {
  const jmespath_function *f = &jmespath_functions[call->function];
  const jmespath_node *argument = call->operands.first;
  for (uint32_t i = 0; argument; argument = argument->sibling, i++) {
    unsigned type = jmespath_argument_type(f, i);
    bool is_expression = argument->kind == QUERY_EXPRESSION;
    bool is_literal = argument->kind == QUERY_LITERAL && !argument->next;
    if (is_expression == (type == TYPE_EXPRESSION) &&
        (!is_literal || jmespath_type_admits(type, &argument->literal)))
      continue;
    const char *met = is_expression ? "an expression (&..)"
                      : is_literal  ? jmespath_kind_text(&argument->literal)
                                    : "a value";
    jmespath_fail(p, JMESPATH_INVALID_TYPE, jmespath_chain_span(argument), NULL,
                  "argument %u of %s is %s; it takes %s", i + 1, f->name, met,
                  jmespath_type_text(type));
    return false;
  }
  return true;
}

/* --- other nodes ---------------------------------------------------------- */

/* Of a name that stands twice the last value counts, in the first's place. */
static void place_entries(jmespath_node *hash) {
  uint32_t slots = 0;
  jmespath_node *entry = hash->operands.first;
  for (; entry; entry = entry->sibling) {
    const jmespath_node *same = hash->operands.first;
    while (same != entry && !slice_equal(same->name, entry->name))
      same = same->sibling;
    entry->slot = same == entry ? slots++ : same->slot;
  }
  hash->slots = slots;
}

static bool check_step(jmespath_parser *p, jmespath_node *node) {
  switch (node->kind) {
  case QUERY_FUNCTION:
    return find_function(p, node) && check_arity(p, node) &&
           check_arguments(p, node);
  case QUERY_HASH:
    place_entries(node);
    return true;
  case QUERY_SLICE:
    if (node->range.step != 0)
      return true;
    jmespath_fail(p, JMESPATH_INVALID_VALUE, node->where, NULL,
                  "the step of a slice is 0");
    return false;
  default:
    return true;
  }
}

static unsigned literal_depth(const value *v) {
  unsigned deepest = 0;
  if (v->kind != VALUE_ARRAY && v->kind != VALUE_OBJECT)
    return 0;
  for (uint32_t i = 0; i < v->count; i++) {
    unsigned depth = literal_depth(
        v->kind == VALUE_ARRAY ? &v->items[i] : &v->members[i].value);
    deepest = depth > deepest ? depth : deepest;
  }
  return deepest + 1;
}

/* Levels that a node adds to the nesting of what it works on; of_operands: of
 * them the most, or their sum where one works on what the other gives. */
static unsigned growth_of(const jmespath_node *node, unsigned of_operands) {
  switch (node->kind) {
  case QUERY_LIST:
  case QUERY_HASH:
    return of_operands + 1;
  case QUERY_FUNCTION:
    return of_operands + (node->function == JMESPATH_to_array);
  case QUERY_LITERAL:
    return literal_depth(&node->literal);
  case QUERY_COMPARE:
  case QUERY_NOT:
  case QUERY_FILTER:
    return 0; /* gives a boolean, or items as they were */
  default:
    return of_operands;
  }
}

static bool is_added(const jmespath_node *node) {
  if (node->kind == QUERY_PIPE)
    return true;
  return node->kind == QUERY_FUNCTION && node->function == JMESPATH_map;
}

static bool check_chain(jmespath_parser *p, jmespath_node *first,
                        unsigned *growth);

static bool check_operands(jmespath_parser *p, const jmespath_node *node,
                           unsigned *growth) {
  *growth = 0;
  jmespath_node *operand = node->operands.first;
  if (operand && p->level == LIMIT_QUERY_LEVELS) {
    jmespath_fail(p, JMESPATH_LIMIT, node->where, NULL,
                  "more than %d operators inside each other",
                  LIMIT_QUERY_LEVELS);
    return false;
  }
  p->level++;
  for (; operand; operand = operand->sibling) {
    unsigned more;
    if (!check_chain(p, operand, &more))
      return false;
    if (is_added(node))
      *growth += more;
    else if (more > *growth)
      *growth = more;
  }
  p->level--;
  return true;
}

static bool check_growth(jmespath_parser *p, const jmespath_node *node,
                         unsigned growth) {
  if (growth <= LIMIT_QUERY_GROWTH)
    return true;
  jmespath_fail(p, JMESPATH_LIMIT, node->where, NULL,
                "the result may nest more than %d levels deeper than the input",
                LIMIT_QUERY_GROWTH);
  return false;
}

/* Every projection that is still open stops at the next []. */
static void set_stops(jmespath_node *first) {
  jmespath_node *open = first;
  for (jmespath_node *node = first; node; node = node->next) {
    if (node->kind != QUERY_FLATTEN)
      continue;
    for (; open != node; open = open->next)
      open->stop = node;
  }
}

static bool check_chain(jmespath_parser *p, jmespath_node *first,
                        unsigned *growth) {
  *growth = 0;
  for (jmespath_node *node = first; node; node = node->next) {
    unsigned of_operands;
    if (!check_step(p, node) || !check_operands(p, node, &of_operands))
      return false;
    *growth += growth_of(node, of_operands);
    if (!check_growth(p, node, *growth))
      return false;
  }
  set_stops(first);
  return true;
}

bool jmespath_check(jmespath_parser *p) {
  unsigned growth;
  return check_chain(p, p->root, &growth);
}
