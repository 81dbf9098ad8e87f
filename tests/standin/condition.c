/*
** Operators as a table: the types they take, whether they take a list, and which positive operator they negate. What a
** condition means for strings is brought to two tests, equality of bytes and RE2; RE2 also does the folding of case.
*/
#include "condition.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "json_read.h"
#include "re2_shim.h"
#include "standin.h"

enum test {
  TEST_EQUAL,
  TEST_LESS,
  TEST_LESS_OR_EQUAL,
  TEST_GREATER,
  TEST_GREATER_OR_EQUAL,
  TEST_LIKE,
  TEST_REGEX,
  TEST_HAS,
  TEST_CHAIN
};

static const struct operator {
  const char *name;
  enum test test;
  bool negated;
  bool list;
  unsigned types;
} operators[] = {
    {"=", TEST_EQUAL, false, false, STANDIN_STRING | STANDIN_NUMBER | STANDIN_TIME | STANDIN_BOOLEAN},
    {"<>", TEST_EQUAL, true, false, STANDIN_STRING | STANDIN_NUMBER | STANDIN_TIME | STANDIN_BOOLEAN},
    {"<", TEST_LESS, false, false, STANDIN_NUMBER | STANDIN_TIME},
    {"<=", TEST_LESS_OR_EQUAL, false, false, STANDIN_NUMBER | STANDIN_TIME},
    {">", TEST_GREATER, false, false, STANDIN_NUMBER | STANDIN_TIME},
    {">=", TEST_GREATER_OR_EQUAL, false, false, STANDIN_NUMBER | STANDIN_TIME},
    {"in", TEST_EQUAL, false, true, STANDIN_STRING | STANDIN_NUMBER | STANDIN_TIME},
    {"not_in", TEST_EQUAL, true, true, STANDIN_STRING | STANDIN_NUMBER | STANDIN_TIME},
    {"like", TEST_LIKE, false, false, STANDIN_STRING},
    {"not_like", TEST_LIKE, true, false, STANDIN_STRING},
    {"regex", TEST_REGEX, false, false, STANDIN_STRING},
    {"not_regex", TEST_REGEX, true, false, STANDIN_STRING},
    {"has", TEST_HAS, false, false, STANDIN_ARRAY},
};
static const struct operator among = {"", TEST_EQUAL, false, true, STANDIN_STRING};
static const struct operator in_chain = {"", TEST_CHAIN, false, true, STANDIN_ARRAY};

/* One value on the right of the operator. */
struct operand {
  char *bytes; /* of a string */
  size_t length;
  double number;
  bool truth;
  struct standin_re2 *expression; /* replaces the comparison of bytes; NULL: compare bytes */
};

struct standin_condition {
  size_t field;
  enum standin_type type;
  const struct operator *operator;
  struct operand *operands;
  size_t count;
  bool whole; /* an expression must match the whole string */
  bool keeps_null;
};

/* An RE2 expression for the characters themselves. */
static void quote(struct standin_text *pattern, char c) {
  bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  if (c == '\0')
    standin_text_add_string(pattern, "\\x00");
  else if (is_word || (unsigned char)c >= 0x80)
    standin_text_add(pattern, &c, 1);
  else
    standin_text_add(pattern, (char[]){'\\', c}, 2);
}

static struct standin_re2 *compile_like(const struct operand *operand, const struct standin_readings *readings) {
  struct standin_text pattern = {0};
  for (size_t i = 0; i < operand->length; i++) {
    char c = operand->bytes[i];
    if (c == '%')
      standin_text_add_string(&pattern, ".*");
    else if (c == '_' && readings->like_underscore)
      standin_text_add_string(&pattern, ".");
    else
      quote(&pattern, c);
  }
  struct standin_re2 *expression = standin_re2_new(pattern.data, pattern.length, readings->ignore_case, true);
  standin_text_release(&pattern);
  return expression;
}

static struct standin_re2 *compile_equal(const struct operand *operand) {
  struct standin_text pattern = {0};
  for (size_t i = 0; i < operand->length; i++) quote(&pattern, operand->bytes[i]);
  struct standin_re2 *expression = standin_re2_new(pattern.data, pattern.length, true, true);
  standin_text_release(&pattern);
  return expression;
}

/* Gives a string operand its expression where the operator needs one. False: the API would reject it. */
static bool compile(struct operand *operand, enum test test, const struct standin_readings *readings) {
  enum { REGEX_CHARACTERS = 1000 };
  if (test == TEST_EQUAL && readings->ignore_case)
    operand->expression = compile_equal(operand);
  else if (test == TEST_LIKE)
    operand->expression = compile_like(operand, readings);
  else if (test == TEST_REGEX && standin_count_characters(operand->bytes, operand->length) <= REGEX_CHARACTERS)
    operand->expression = standin_re2_new(operand->bytes, operand->length, false, false);
  else
    return test != TEST_REGEX;
  return operand->expression != NULL;
}

/* Native JSON of exactly the field's type; nothing is converted, and null doesn't count as a value. */
static bool read_operand(struct operand *operand, enum standin_type type, enum test test, struct json_object *value,
                         const struct standin_readings *readings) {
  enum json_type is = json_object_get_type(value);
  switch (type) {
    case STANDIN_STRING:
    case STANDIN_ARRAY:
      if (is != json_type_string) return false;
      operand->length = (size_t)json_object_get_string_len(value);
      operand->bytes = standin_copy(json_object_get_string(value), operand->length);
      return compile(operand, test, readings);
    case STANDIN_NUMBER: operand->number = json_object_get_double(value); return is == json_type_int || is == json_type_double;
    case STANDIN_TIME:
      return is == json_type_string &&
             standin_read_time(json_object_get_string(value), (size_t)json_object_get_string_len(value), &operand->number);
    case STANDIN_BOOLEAN: operand->truth = json_object_get_boolean(value); return is == json_type_boolean;
  }
  return false;
}

static bool read_operands(struct standin_condition *condition, struct json_object *value,
                          const struct standin_readings *readings) {
  bool list = condition->operator->list;
  if (list && !json_object_is_type(value, json_type_array)) return false;
  condition->count = list ? json_object_array_length(value) : 1;
  if (!condition->count || (list && readings->in_max && condition->count > readings->in_max)) return false;
  condition->operands = standin_allocate(condition->count, sizeof *condition->operands);
  for (size_t i = 0; i < condition->count; i++)
    if (!read_operand(&condition->operands[i], condition->type, condition->operator->test,
                      list ? json_object_array_get_idx(value, i) : value, readings))
      return false;
  return true;
}

static const struct operator *find_operator(const char *name, enum standin_type type, const struct standin_readings *readings) {
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
    const struct operator *candidate = &operators[i];
    if (strcmp(candidate->name, name)) continue;
    if (!(candidate->types & type)) return NULL;
    return candidate->list && type == STANDIN_STRING && readings->string_in_rejected ? NULL : candidate;
  }
  return NULL;
}

struct standin_condition *standin_condition_new(const struct standin_schema *schema, struct json_object *array,
                                                const struct standin_readings *readings) {
  if (json_object_array_length(array) != 3) return NULL;
  struct json_object *name = json_object_array_get_idx(array, 0), *operator = json_object_array_get_idx(array, 1);
  if (!json_object_is_type(name, json_type_string) || !json_object_is_type(operator, json_type_string)) return NULL;
  size_t field = standin_field_find(schema, json_object_get_string(name));
  if (field == STANDIN_NO_FIELD || !standin_field_filterable(&schema->fields[field], readings)) return NULL;
  const struct operator *found = find_operator(json_object_get_string(operator), schema->fields[field].type, readings);
  if (!found) return NULL;

  struct standin_condition *condition = standin_allocate(1, sizeof *condition);
  condition->field = field;
  condition->type = schema->fields[field].type;
  condition->operator = found;
  condition->whole = found->test != TEST_REGEX || readings->regex_whole;
  condition->keeps_null = found->negated && readings->not_keeps_null;
  if (read_operands(condition, json_object_array_get_idx(array, 2), readings)) return condition;
  standin_condition_free(condition);
  return NULL;
}

struct standin_condition *standin_condition_among(const struct standin_schema *schema, size_t field) {
  struct standin_condition *condition = standin_allocate(1, sizeof *condition);
  condition->field = field;
  condition->type = schema->fields[field].type;
  condition->operator = condition->type == STANDIN_STRING ? &among : &in_chain;
  return condition;
}

void standin_condition_allow(struct standin_condition *condition, const char *bytes, size_t length) {
  size_t i = condition->count++;
  condition->operands = standin_resize(condition->operands, condition->count, sizeof *condition->operands);
  condition->operands[i] = (struct operand){.bytes = standin_copy(bytes, length), .length = length};
}

void standin_condition_free(struct standin_condition *condition) {
  if (!condition) return;
  for (size_t i = 0; condition->operands && i < condition->count; i++) {
    standin_re2_free(condition->operands[i].expression);
    free(condition->operands[i].bytes);
  }
  free(condition->operands);
  free(condition);
}

size_t standin_condition_field(const struct standin_condition *condition) {
  return condition->field;
}

static bool same_bytes(const struct operand *operand, const char *bytes, size_t length) {
  return operand->length == length && !memcmp(operand->bytes, bytes, length);
}

static bool test_number(enum test test, double left, double right) {
  switch (test) {
    case TEST_EQUAL: return left == right;
    case TEST_LESS: return left < right;
    case TEST_LESS_OR_EQUAL: return left <= right;
    case TEST_GREATER: return left > right;
    case TEST_GREATER_OR_EQUAL: return left >= right;
    default: return false;
  }
}

/* The array's JSON is read here: distinct arrays are few, and each is looked at once per filter. */
static bool test_has(const struct operand *operand, const struct standin_value *value) {
  struct standin_json array = {.type = STANDIN_JSON_ARRAY, .bytes = value->bytes, .length = value->length};
  struct standin_json_walk walk = standin_json_enter(&array);
  struct standin_text element = {0};
  bool found = false;
  while (!found && standin_json_next(&walk)) {
    if (walk.value.type != STANDIN_JSON_STRING) continue;
    element.length = 0;
    standin_text_reserve(&element, 1);
    standin_json_decode(&walk.value, &element);
    found = same_bytes(operand, element.data, element.length);
  }
  standin_text_release(&element);
  return found;
}

/* Whether an expression matches the string. Half a surrogate pair is a character to the API, which has sent it as one, but not to
** RE2: a character of the private use area takes its place. */
static bool test_expression(const struct standin_condition *condition, const struct operand *operand,
                            const struct standin_value *value) {
  if (!memchr(value->bytes, 0xED, value->length))
    return standin_re2_matches(operand->expression, value->bytes, value->length, condition->whole);
  struct standin_text characters = {0};
  const char *at = value->bytes, *end = at + value->length;
  for (const char *half; (half = memchr(at, 0xED, (size_t)(end - at))) && end - half >= 3; at = half + 3) {
    const unsigned char *bytes = (const unsigned char *)half;
    standin_text_add(&characters, at, (size_t)(half - at));
    if (bytes[1] < 0xA0 || bytes[1] > 0xBF)
      standin_text_add(&characters, half, 3);
    else /* U+D800 becomes U+10F000 */
      standin_text_add(&characters, (char[]){'\xF4', '\x8F', (char)(bytes[1] - 0x20), half[2]}, 4);
  }
  standin_text_add(&characters, at, (size_t)(end - at));
  bool matches = standin_re2_matches(operand->expression, characters.data, characters.length, condition->whole);
  standin_text_release(&characters);
  return matches;
}

/* Whether a hop of the chain starts or ends at the URL. */
static bool test_chain(const struct operand *operand, const struct standin_value *value) {
  struct standin_json array = {.type = STANDIN_JSON_ARRAY, .bytes = value->bytes, .length = value->length};
  struct standin_text text = {0};
  bool found = false;
  for (struct standin_json_walk hops = standin_json_enter(&array); !found && standin_json_next(&hops);) {
    if (hops.value.type != STANDIN_JSON_OBJECT) continue;
    for (struct standin_json_walk walk = standin_json_enter(&hops.value); !found && standin_json_next(&walk);) {
      bool is_end = standin_json_is(&walk.key, "link_from") || standin_json_is(&walk.key, "link_to");
      if (!is_end || walk.value.type != STANDIN_JSON_STRING) continue;
      text.length = 0;
      standin_text_reserve(&text, 1);
      standin_json_decode(&walk.value, &text);
      found = same_bytes(operand, text.data, text.length);
    }
  }
  standin_text_release(&text);
  return found;
}

static bool test_operand(const struct standin_condition *condition, const struct operand *operand,
                         const struct standin_value *value) {
  switch (condition->type) {
    case STANDIN_STRING:
      if (operand->expression) return test_expression(condition, operand, value);
      return same_bytes(operand, value->bytes, value->length);
    case STANDIN_NUMBER:
    case STANDIN_TIME: return test_number(condition->operator->test, value->number, operand->number);
    case STANDIN_BOOLEAN: return value->truth == operand->truth;
    case STANDIN_ARRAY: return condition->operator->test == TEST_CHAIN ? test_chain(operand, value) : test_has(operand, value);
  }
  return false;
}

bool standin_condition_keeps(const struct standin_condition *condition, const struct standin_value *value) {
  if (!value) return condition->keeps_null;
  bool found = false;
  for (size_t i = 0; i < condition->count && !found; i++) found = test_operand(condition, &condition->operands[i], value);
  return found != condition->operator->negated;
}
