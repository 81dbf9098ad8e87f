/*
** Filters: what request_check_filters lets through is in the body unchanged, and a body is JSON with at most eight conditions,
** whatever the terms beside it are.
**
** The input is the filters, a zero, a byte for the circumstances, and for each term a byte for the column, one for the
** operator, one for the type of the value, and the value's text up to a zero.
*/
#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "input.h"
#include "wire/request.h"

enum { TERMS_MAX = 12 };

/* A value of the type that the byte selects. */
static struct value take_value(struct fuzz_input *input) {
  unsigned type = input_byte(input);
  char *text = input_text(input);
  struct value value = {.type = VALUE_TEXT, .text = text, .size = strlen(text)};
  if (type % 4 == 0) return value;
  if (type % 4 == 1) value = (struct value){.type = VALUE_INTEGER, .integer = strtoll(text, NULL, 10)};
  if (type % 4 == 2) value = (struct value){.type = VALUE_REAL, .real = strtod(text, NULL)};
  if (type % 4 == 3) value = (struct value){.type = type < 128 ? VALUE_NULL : VALUE_BLOB};
  if (value.type == VALUE_REAL && isnan(value.real)) value.type = VALUE_NULL; /* as in SQLite */
  free(text);
  return value;
}

static void take_terms(struct fuzz_input *input, struct query *query) {
  query->terms = calloc(TERMS_MAX, sizeof *query->terms);
  must(query->terms != NULL, "out of memory");
  while (input->size > 0 && query->term_count < TERMS_MAX) {
    struct term *term = &query->terms[query->term_count];
    term->column = (int)(input_byte(input) % (unsigned)endpoint_links.column_count);
    unsigned op = input_byte(input);
    term->op = (enum sql_operator)(op % OPERATOR_COUNT);
    term->checked_here = op >= 128;
    size_t members = term->op == OPERATOR_IN ? input_byte(input) % 4 : 1;
    if (endpoint_links.columns[term->column].role != COLUMN_FIELD) continue;
    query->term_count++;
    term->values = calloc(members + 1, sizeof *term->values);
    must(term->values != NULL, "out of memory");
    while (term->value_count < members) term->values[term->value_count++] = take_value(input);
  }
}

/* ---- Bodies ---- */

static struct json_object *parse(const char *text) {
  struct json_tokener *tokener = json_tokener_new();
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
  struct json_object *parsed = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
  must(json_tokener_get_error(tokener) == json_tokener_success, "no JSON: %s", text);
  must(json_tokener_get_parse_end(tokener) == strlen(text), "more than JSON: %s", text);
  json_tokener_free(tokener);
  return parsed;
}

/* The conditions in filters; each has the form that the API wants. */
static size_t count_conditions(struct json_object *filters, const char *body) {
  must(json_object_is_type(filters, json_type_array), "%s", body);
  size_t length = json_object_array_length(filters);
  must(length > 0, "an empty list in %s", body);
  if (json_object_is_type(json_object_array_get_idx(filters, 0), json_type_string)) {
    must(length == 3, "a condition of %zu elements in %s", length, body);
    must(json_object_is_type(json_object_array_get_idx(filters, 1), json_type_string), "no operator in %s", body);
    return 1;
  }
  size_t count = 0;
  for (size_t i = 0; i < length; i++) {
    struct json_object *element = json_object_array_get_idx(filters, i);
    if (i % 2 == 0) {
      count += count_conditions(element, body);
      continue;
    }
    must(json_object_is_type(element, json_type_string), "%s", body);
    const char *word = json_object_get_string(element);
    must(strcmp(word, "and") == 0 || strcmp(word, "or") == 0, "%s", body);
  }
  must(length % 2 == 1, "a list ends with a word in %s", body);
  return count;
}

/* What the user wrote is joined by AND with the rest, or all there is. */
static void check_raw(const struct query *query, struct json_object *filters, const char *body) {
  struct json_object *raw = parse(query->inputs[INPUT_FILTERS]);
  struct json_object *place = query->resolved.condition_count > 0 ? json_object_array_get_idx(filters, 0) : filters;
  must(json_object_equal(raw, place), "%s is not in %s", query->inputs[INPUT_FILTERS], body);
  for (size_t i = 1; query->resolved.condition_count > 0 && i < json_object_array_length(filters); i += 2)
    must(strcmp(json_object_get_string(json_object_array_get_idx(filters, i)), "and") == 0, "%s", body);
  json_object_put(raw);
}

static void check_body(const struct query *query, const struct position *position) {
  char *body = NULL;
  char *again = NULL;
  struct error error;
  struct json_object *filters = NULL;
  must(request_body(query, query->resolved.conditions, query->resolved.condition_count, position, &body, &error) == 0, "%s",
       error.message);
  must(request_body(query, query->resolved.conditions, query->resolved.condition_count, position, &again, &error) == 0, "%s",
       error.message);
  must(strcmp(body, again) == 0, "%s becomes %s", body, again);
  struct json_object *parsed = parse(body);
  must(json_object_is_type(parsed, json_type_object), "%s", body);
  size_t count = json_object_object_get_ex(parsed, "filters", &filters) ? count_conditions(filters, body) : 0;
  must(count == query->resolved.condition_count + query->raw_conditions, "%zu conditions in %s", count, body);
  must(count <= 8, "%zu conditions in %s", count, body);
  if (query->raw_conditions > 0) check_raw(query, filters, body);
  json_object_put(parsed);
  free(again);
  free(body);
}

/* Every form of the query, from what is sent at first to what is left after all rejections. */
static void check_forms(struct query *query, const struct capabilities *capabilities) {
  static const struct position positions[] = {{.limit = 1000},
                                              {.offset = 2000, .limit = 1, .rows_before = 2000},
                                              {.limit = 100, .token = "a/b+c==", .rows_before = 1000}};
  struct error error;
  size_t form = 0;
  do {
    if (query_resolve(query, capabilities, &error) != 0) {
      must(error.kind == ERROR_FAILED, "%s", error.message);
      continue;
    }
    must(query->resolved.condition_count + query->raw_conditions <= 8, "%zu conditions", query->resolved.condition_count);
    if (!query->resolved.empty) check_body(query, &positions[form++ % (sizeof positions / sizeof *positions)]);
  } while (query_fall_back(query));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {(const char *)data, size};
  struct query query = {.endpoint = &endpoint_links, .limit = -1};
  struct error error;
  query.inputs[INPUT_TASK] = strdup("t");
  query.inputs[INPUT_FILTERS] = input_text(&input);
  must(query.inputs[INPUT_TASK] != NULL, "out of memory");
  if (request_check_filters(query.inputs[INPUT_FILTERS], &query.raw_conditions, &error) != 0) {
    must(error.kind == ERROR_FAILED && strncmp(error.message, "filters: ", 9) == 0, "%s", error.message);
  } else if (query.raw_conditions <= 8) {
    unsigned flags = input_byte(&input);
    const struct capabilities capabilities = {
        .length_rejected = (flags & 1) != 0, .text_in_rejected = (flags & 2) != 0, .available = (flags & 4) != 0 ? ~0ULL : 0};
    query.count = (flags & 8) != 0;
    take_terms(&input, &query);
    check_forms(&query, &capabilities);
  }
  query_release(&query);
  return 0;
}
