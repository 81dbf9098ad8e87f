/*
** See checks.h. Bodies are compared as parsed JSON, conditions as a set: neither has a promised order
** of keys or conditions.
*/
#include "checks.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

void check_case(const char *text) {
  harness_present_case = text;
}

static void fail_at(const char *file, int line) {
  if (harness_present_case) print_error("case: %s\n", harness_present_case);
  harness_present_case = NULL;
  _fail(file, line);
}

void harness_forget(struct harness *harness) {
  standin_log_clear(harness->standin);
}

bool harness_contains(const char *text, const char *part) {
  size_t size = strlen(part);
  for (;; text++) {
    if (sqlite3_strnicmp(text, part, (int)size) == 0) return true;
    if (!*text) return false;
  }
}

void check_rows_at(sqlite3 *db, const char *sql, const struct bound *bounds, size_t bound_count, const char *expected,
                   const char *file, int line) {
  struct rows *rows = harness_query(db, sql, bounds, bound_count);
  char *text = rows->error ? sqlite3_mprintf("error: %s", rows->error) : rows_text(rows);
  if (rows->error || strcmp(text, expected) != 0) {
    print_error("%s\n--- expected\n%s\n--- but got\n%s\n---\n", sql, expected, text);
    rows_free(rows);
    sqlite3_free(text);
    fail_at(file, line);
  }
  rows_free(rows);
  sqlite3_free(text);
}

void check_error_at(sqlite3 *db, const char *sql, const char *file, int line, ...) {
  struct rows *rows = harness_query(db, sql, NULL, 0);
  const char *lacking = rows->error ? NULL : "any error";
  va_list parts;
  va_start(parts, line);
  for (const char *part; !lacking && (part = va_arg(parts, const char *));)
    if (!harness_contains(rows->error, part)) lacking = part;
  va_end(parts);
  if (lacking) {
    print_error("%s\n--- the message lacks: %s\n%s\n---\n", sql, lacking, rows->error ? rows->error : "(no error)");
    rows_free(rows);
    fail_at(file, line);
  }
  rows_free(rows);
}

static void print_requests(struct harness *harness) {
  size_t count = standin_log_count(harness->standin);
  for (size_t i = 0; i < count && i < 20; i++) {
    const struct standin_request *request = standin_log_get(harness->standin, i);
    print_error("%s %s %s -> %d %d, %zu items\n", request->method, request->path, request->body, request->http_status,
                request->code, request->items);
  }
}

void check_requests_at(struct harness *harness, size_t count, const char *file, int line) {
  size_t made = harness_request_count(harness->standin, "/on_page/links");
  if (made == count) return;
  print_error("%zu requests expected, %zu made:\n", count, made);
  print_requests(harness);
  fail_at(file, line);
}

static struct json_object *parse(const char *text, const char *file, int line) {
  struct json_object *value = json_tokener_parse(text);
  if (!value && strcmp(text, "null") != 0) {
    print_error("no JSON: %s\n", text);
    fail_at(file, line);
  }
  return value;
}

/* The n-th body as an object, to be put by the caller. */
static struct json_object *body_of(struct harness *harness, size_t n, const char *file, int line) {
  const struct standin_request *request = harness_request(harness->standin, "/on_page/links", n);
  if (!request) {
    print_error("there is no request %zu:\n", n);
    print_requests(harness);
    fail_at(file, line);
    return NULL;
  }
  struct json_object *body = parse(request->body, file, line);
  if (json_object_is_type(body, json_type_array) && json_object_array_length(body) == 1) {
    struct json_object *inner = json_object_get(json_object_array_get_idx(body, 0));
    json_object_put(body);
    body = inner;
  }
  if (!json_object_is_type(body, json_type_object)) {
    print_error("neither an object nor an array of one: %s\n", request->body);
    json_object_put(body);
    fail_at(file, line);
  }
  return body;
}

/* Takes both values over. */
static void check_json(struct json_object *got, struct json_object *expected, const char *what, const char *file, int line) {
  bool equal = json_object_equal(got, expected);
  if (!equal) {
    print_error("%s\n--- expected\n%s\n", what, json_object_to_json_string(expected));
    print_error("--- but got\n%s\n---\n", json_object_to_json_string(got));
  }
  json_object_put(got);
  json_object_put(expected);
  if (!equal) fail_at(file, line);
}

void check_body_at(struct harness *harness, size_t n, const char *expected, const char *file, int line) {
  check_json(body_of(harness, n, file, line), parse(expected, file, line), "body", file, line);
}

void check_body_key_at(struct harness *harness, size_t n, const char *key, const char *expected, const char *file, int line) {
  struct json_object *body = body_of(harness, n, file, line), *value = NULL;
  bool present = json_object_object_get_ex(body, key, &value);
  if (!expected || !present) {
    if (present) print_error("%s is there: %s\n", key, json_object_to_json_string(body));
    if (expected) print_error("%s is not there: %s\n", key, json_object_to_json_string(body));
    json_object_put(body);
    if (present || expected) fail_at(file, line);
    return;
  }
  json_object_get(value);
  json_object_put(body);
  check_json(value, parse(expected, file, line), key, file, line);
}

char *harness_body_key(struct harness *harness, size_t n, const char *key) {
  struct json_object *body = body_of(harness, n, __FILE__, __LINE__), *value = NULL;
  bool present = json_object_object_get_ex(body, key, &value);
  char *text = sqlite3_mprintf("%s", present ? json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN) : "");
  json_object_put(body);
  return text;
}

static bool is_text(struct json_object *value, const char *text) {
  return json_object_is_type(value, json_type_string) && (!text || !strcmp(json_object_get_string(value), text));
}

/* ["field", "op", value] */
static bool is_condition(struct json_object *filters) {
  return json_object_array_length(filters) == 3 && is_text(json_object_array_get_idx(filters, 0), NULL) &&
         is_text(json_object_array_get_idx(filters, 1), NULL);
}

/* Appends the conditions that AND joins; a group with an OR in it counts as one. */
static void flatten(struct json_object *filters, struct json_object *flat) {
  bool all_and = json_object_is_type(filters, json_type_array);
  for (size_t i = 1; all_and && !is_condition(filters) && i < json_object_array_length(filters); i += 2)
    all_and = is_text(json_object_array_get_idx(filters, i), "and");
  if (!all_and || is_condition(filters)) {
    json_object_array_add(flat, json_object_get(filters));
    return;
  }
  for (size_t i = 0; i < json_object_array_length(filters); i += 2) flatten(json_object_array_get_idx(filters, i), flat);
}

static size_t count_conditions(struct json_object *filters) {
  if (!json_object_is_type(filters, json_type_array)) return 0;
  if (is_condition(filters)) return 1;
  size_t count = 0;
  for (size_t i = 0; i < json_object_array_length(filters); i++)
    count += count_conditions(json_object_array_get_idx(filters, i));
  return count;
}

size_t harness_condition_count(struct harness *harness, size_t n) {
  struct json_object *body = body_of(harness, n, __FILE__, __LINE__), *filters = NULL;
  json_object_object_get_ex(body, "filters", &filters);
  size_t count = count_conditions(filters);
  json_object_put(body);
  return count;
}

/* Equal, or equal but for a null in the expected condition's place of a value. */
static bool condition_matches(struct json_object *got, struct json_object *expected) {
  if (json_object_equal(got, expected)) return true;
  return is_condition(expected) && is_condition(got) && !json_object_array_get_idx(expected, 2) &&
         json_object_equal(json_object_array_get_idx(got, 0), json_object_array_get_idx(expected, 0)) &&
         json_object_equal(json_object_array_get_idx(got, 1), json_object_array_get_idx(expected, 1));
}

void check_conditions_at(struct harness *harness, size_t n, const char *expected, const char *file, int line) {
  struct json_object *body = body_of(harness, n, file, line), *filters = NULL;
  struct json_object *flat = json_object_new_array(), *wanted = parse(expected, file, line);
  if (json_object_object_get_ex(body, "filters", &filters)) flatten(filters, flat);
  json_object_put(body);
  bool equal = json_object_array_length(flat) == json_object_array_length(wanted);
  for (size_t i = 0; equal && i < json_object_array_length(wanted); i++) {
    bool found = false;
    for (size_t k = 0; !found && k < json_object_array_length(flat); k++)
      found = condition_matches(json_object_array_get_idx(flat, k), json_object_array_get_idx(wanted, i));
    equal = found;
  }
  if (!equal) print_error("conditions\n--- expected\n%s\n--- but got\n%s\n---\n", expected, json_object_to_json_string(flat));
  json_object_put(flat);
  json_object_put(wanted);
  if (!equal) fail_at(file, line);
}

void check_plan_at(sqlite3 *db, const char *sql, const char *text, bool present, const char *file, int line) {
  char *plan = harness_plan(db, sql, NULL, 0);
  bool found = harness_contains(plan, text);
  if (found != present) print_error("%s\n--- the plan %s: %s\n%s\n", sql, present ? "lacks" : "has", text, plan);
  sqlite3_free(plan);
  if (found != present) fail_at(file, line);
}
