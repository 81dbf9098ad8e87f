/* Keys are written in a fixed order, so that equal requests have equal bodies: chains of tokens demand it, and the cache needs
** it. */
#include "wire/request.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/excerpt.h"
#include "wire/json_read.h"

/* Levels of brackets in filters; conditions of the API's grammar have far fewer. */
enum { FILTERS_DEPTH_MAX = 16 };

/* ---- Bodies ---- */

/* Takes over the member, also on failure. It may be NULL, which is what json-c returns when memory runs out: false. */
static bool add_member(struct json_object *object, const char *key, struct json_object *member) {
  if (member != NULL && json_object_object_add(object, key, member) == 0) return true;
  json_object_put(member);
  return false;
}

static bool add_element(struct json_object *array, struct json_object *element) {
  if (element != NULL && json_object_array_add(array, element) == 0) return true;
  json_object_put(element);
  return false;
}

static struct json_object *new_text(const struct value *value) {
  return json_object_new_string_len(value->text, (int)value->size);
}

static struct json_object *new_list(const struct condition *condition) {
  struct json_object *list = json_object_new_array();
  for (size_t i = 0; list != NULL && i < condition->list_size; i++) {
    const struct value *member = &condition->list[i];
    struct json_object *element =
        condition->operand == OPERAND_TEXTS ? new_text(member) : json_object_new_int64(member->integer);
    if (!add_element(list, element)) {
      json_object_put(list);
      list = NULL;
    }
  }
  return list;
}

static struct json_object *new_operand(const struct condition *condition) {
  switch (condition->operand) {
    case OPERAND_BOOLEAN: return json_object_new_boolean(condition->integer != 0);
    case OPERAND_INTEGER: return json_object_new_int64(condition->integer);
    case OPERAND_TEXT: return json_object_new_string(condition->text);
    case OPERAND_INTEGERS:
    case OPERAND_TEXTS: return new_list(condition);
  }
  return NULL;
}

/* ["column", "operator", operand] */
static struct json_object *new_condition(const struct query *query, const struct condition *condition) {
  struct json_object *array = json_object_new_array();
  if (array != NULL && add_element(array, json_object_new_string(query->endpoint->columns[condition->column].name)) &&
      add_element(array, json_object_new_string(api_operator_text(condition->op))) &&
      add_element(array, new_operand(condition)))
    return array;
  json_object_put(array);
  return NULL;
}

/* [condition, "and", condition, …], first the user's filters (raw), in brackets of their own. Takes over raw. */
static struct json_object *new_conjunction(const struct query *query, const struct condition *conditions, size_t count,
                                           struct json_object *raw) {
  struct json_object *filters = json_object_new_array();
  if (filters == NULL) {
    json_object_put(raw);
    return NULL;
  }
  bool made = raw == NULL || add_element(filters, raw);
  for (size_t i = 0; made && i < count; i++) {
    if (json_object_array_length(filters) > 0) made = add_element(filters, json_object_new_string("and"));
    made = made && add_element(filters, new_condition(query, &conditions[i]));
  }
  if (made) return filters;
  json_object_put(filters);
  return NULL;
}

/* The zero is parsed as well, so that json-c sees the end of the text. */
static struct json_parse parse_filters(const char *filters) {
  struct json_parse parse = {.no_memory = true};
  struct json_tokener *tokener = json_tokener_new();
  if (tokener == NULL) return parse;
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
  parse = json_read_parse(tokener, filters, strlen(filters) + 1);
  json_tokener_free(tokener);
  return parse;
}

/* A single condition, or the user's filters alone, without brackets around; more are joined by AND. */
static struct json_object *new_filters(const struct query *query, const struct condition *conditions, size_t count) {
  if (query->raw_conditions == 0 && count == 1) return new_condition(query, &conditions[0]);
  if (query->raw_conditions == 0) return new_conjunction(query, conditions, count, NULL);
  struct json_object *raw = parse_filters(query->inputs[INPUT_FILTERS]).object;
  return raw == NULL || count == 0 ? raw : new_conjunction(query, conditions, count, raw);
}

static bool fill_body(struct json_object *body, const struct query *query, const struct condition *conditions, size_t count,
                      const struct position *position) {
  bool made = add_member(body, "id", json_object_new_string(query->inputs[INPUT_TASK]));
  for (size_t i = 0; made && i < query->resolved.parameter_count; i++)
    made = add_member(body, query->resolved.parameters[i].key, new_text(query->resolved.parameters[i].value));
  made = made && add_member(body, "limit", json_object_new_int(position->limit));
  if (made && position->offset > 0) made = add_member(body, "offset", json_object_new_int64(position->offset));
  if (made && (query->raw_conditions > 0 || count > 0))
    made = add_member(body, "filters", new_filters(query, conditions, count));
  if (made && query->inputs[INPUT_TAG] != NULL)
    made = add_member(body, "tag", json_object_new_string(query->inputs[INPUT_TAG]));
  if (made && position->token != NULL) made = add_member(body, "search_after_token", json_object_new_string(position->token));
  return made;
}

int request_body(const struct query *query, const struct condition *conditions, size_t condition_count,
                 const struct position *position, char **body, struct error *error) {
  struct json_object *object = json_object_new_object();
  const char *text = NULL;
  size_t size;
  if (object != NULL && fill_body(object, query, conditions, condition_count, position)) text = json_read_text(object, &size);
  char *copy = text != NULL ? strdup(text) : NULL;
  json_object_put(object);
  if (copy == NULL) return error_no_memory(error);
  *body = copy;
  return 0;
}

/* ---- Filters written by hand ---- */

static bool is_word(const struct json_object *value, const char *word) {
  return json_object_is_type(value, json_type_string) && strcmp(json_object_get_string((struct json_object *)value), word) == 0;
}

/* Whether an array is a condition: then it starts with a string. In a list of conditions only "and" and "or" are strings, never
** the first element. */
static bool is_condition(const struct json_object *array) {
  return json_object_array_length(array) > 0 && json_object_is_type(json_object_array_get_idx(array, 0), json_type_string);
}

/* False for NaN and the infinities, which json-c reads and writes but JSON doesn't have. */
static bool is_json(const struct json_object *value) {
  size_t length = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
  for (size_t i = 0; i < length; i++)
    if (!is_json(json_object_array_get_idx(value, i))) return false;
  return !json_object_is_type(value, json_type_double) || isfinite(json_object_get_double(value));
}

static int check_condition(const struct json_object *condition, struct error *error) {
  char text[200];
  size_t size;
  const char *json = json_read_text((struct json_object *)condition, &size);
  if (json == NULL) return error_no_memory(error);
  excerpt_text(text, sizeof text, json, size);
  if (!is_json(condition)) return error_set(error, "filters: a number in %s is not JSON", text);
  if (json_object_array_length(condition) == 3 &&
      json_object_is_type(json_object_array_get_idx(condition, 1), json_type_string))
    return 0;
  return error_set(error, "filters: %s is not a condition: it takes the form [\"field\", \"operator\", value]", text);
}

/* Walks a list of conditions: [c, "and", c, "and", [c, "or", c]]. */
static int check_list(const struct json_object *list, int depth, size_t *conditions, struct error *error) {
  if (depth > FILTERS_DEPTH_MAX) return error_set(error, "filters: brackets lie deeper than %d", FILTERS_DEPTH_MAX);
  if (is_condition(list)) {
    ++*conditions;
    return check_condition(list, error);
  }
  size_t length = json_object_array_length(list);
  if (length == 0) return error_set(error, "filters: an empty list instead of a condition");
  for (size_t i = 0; i < length; i++) {
    const struct json_object *element = json_object_array_get_idx(list, i);
    if (i % 2 == 0) {
      if (!json_object_is_type(element, json_type_array))
        return error_set(
            error, "filters: element %zu of a list is not a condition: conditions are arrays, joined by \"and\" or \"or\"",
            i + 1);
      if (check_list(element, depth + 1, conditions, error) != 0) return -1;
    } else if (!is_word(element, "and") && !is_word(element, "or")) {
      return error_set(error, "filters: element %zu of a list must be \"and\" or \"or\"", i + 1);
    }
  }
  if (length % 2 == 0) return error_set(error, "filters: a list ends with \"and\" or \"or\"");
  return 0;
}

int request_check_filters(const char *filters, size_t *conditions, struct error *error) {
  struct json_parse parse = parse_filters(filters);
  struct json_object *parsed = parse.object;
  size_t end = parse.taken;
  if (parse.no_memory) return error_no_memory(error);
  int result;
  if (parse.outcome != json_tokener_success) {
    result = error_set(error, "filters: not valid JSON at character %zu: %s", end + 1, json_tokener_error_desc(parse.outcome));
  } else if (filters[end] != '\0') {
    result = error_set(error, "filters: unexpected text at character %zu, after the JSON", end + 1);
  } else if (!json_object_is_type(parsed, json_type_array)) {
    result = error_set(error, "filters: expected a JSON array, such as [\"is_broken\", \"=\", true]");
  } else {
    size_t count = 0;
    result = json_object_array_length(parsed) == 0 ? 0 : check_list(parsed, 1, &count, error);
    if (result == 0) *conditions = count;
  }
  json_object_put(parsed);
  return result;
}
