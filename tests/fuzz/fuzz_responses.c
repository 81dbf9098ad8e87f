/*
** Responses: in whatever pieces a response comes, its page has exactly what json-c reads from the same bytes: no row more or less,
** no value changed, and nothing accepted that isn't a JSON object.
**
** The input is a byte for the size of the pieces, and the response.
*/
#include <json-c/json.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "input.h"
#include "wire/parser.h"

enum { DEPTH_MAX = 32 }; /* as page.c */

/* The page of a response that arrives in pieces, and the message that would be shown of it; NULL with the error. */
static struct page *read_page(const char *bytes, size_t size, size_t piece, char *message, size_t message_size,
                              struct error *error) {
  struct page_parser *parser = page_parser_new(&endpoint_links, UINT64_MAX, NULL);
  struct page *page = NULL;
  must(parser != NULL, "out of memory");
  for (size_t at = 0; at < size; at += piece) {
    struct fuzz_input rest = {bytes + at, size - at < piece ? size - at : piece};
    size_t now;
    char *copy = input_rest(&rest, &now);
    page_parser_feed(parser, copy, now);
    free(copy);
  }
  int result = page_parser_finish(parser, &page, error);
  must((result == 0) == (page != NULL), "%d", result);
  page_parser_message(parser, page, message, message_size);
  page_parser_free(parser);
  return page;
}

static int read_cell(struct page *page, size_t item, int column, struct value *value, struct error *error) {
  return page_value(page, item, column, value, error);
}

/* ---- The reference ---- */

static struct json_object *parse(const char *bytes, size_t size) {
  struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
  must(tokener != NULL, "out of memory");
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
  struct json_object *parsed = json_tokener_parse_ex(tokener, bytes, (int)size);
  size_t end = json_tokener_get_parse_end(tokener);
  if (json_tokener_get_error(tokener) == json_tokener_continue) { /* a number ends where something else begins */
    parsed = json_tokener_parse_ex(tokener, "", 1);
    end = size;
  }
  bool complete = json_tokener_get_error(tokener) == json_tokener_success;
  json_tokener_free(tokener);
  while (complete && end < size && bytes[end] != '\0' && strchr(" \t\r\n", bytes[end]) != NULL) end++;
  if (complete && end == size) return parsed;
  json_object_put(parsed);
  return NULL;
}

static struct json_object *member(struct json_object *object, const char *key) {
  struct json_object *value = NULL;
  return json_object_is_type(object, json_type_object) && json_object_object_get_ex(object, key, &value) ? value : NULL;
}

/* The first element if it is an object. */
static struct json_object *first(struct json_object *array) {
  if (!json_object_is_type(array, json_type_array)) return NULL;
  struct json_object *element = json_object_array_get_idx(array, 0);
  return json_object_is_type(element, json_type_object) ? element : NULL;
}

static bool is_integer(struct json_object *object, int64_t *integer) {
  if (json_object_is_type(object, json_type_double)) {
    double number = json_object_get_double(object);
    if (!(number > -9.2e18 && number < 9.2e18) || number != (double)(int64_t)number) return false;
  } else if (!json_object_is_type(object, json_type_int)) {
    return false;
  }
  *integer = json_object_get_int64(object);
  if (json_object_is_type(object, json_type_int) && json_object_get_uint64(object) > INT64_MAX) return false;
  return *integer != INT64_MIN; /* where json-c cuts what is longer */
}

static int code_of(struct json_object *object) {
  int64_t code;
  return is_integer(member(object, "status_code"), &code) && code > 0 && code <= INT_MAX ? (int)code : 0;
}

/* Whether a response that is a success has the shape of a result. */
static bool is_result(struct json_object *result) {
  struct json_object *items = member(result, "items");
  struct json_object *total = member(result, "total_items_count");
  int64_t number;
  if (result == NULL || (items != NULL && !json_object_is_type(items, json_type_array))) return false;
  for (size_t i = 0; items != NULL && i < json_object_array_length(items); i++)
    if (!json_object_is_type(json_object_array_get_idx(items, i), json_type_object)) return false;
  return total == NULL || (is_integer(total, &number) && number >= 0);
}

/* ---- The page beside the reference ---- */

/* The number that a column of numbers has; false for NULL. */
static bool number_of(struct json_object *field, bool boolean, int64_t *number) {
  const char *text = json_object_is_type(field, json_type_string) ? json_object_get_string(field) : NULL;
  size_t size = text != NULL ? (size_t)json_object_get_string_len(field) : 0;
  bool known = text != NULL ? value_integer_of_text(text, size, number) : is_integer(field, number);
  if (!boolean) return known;
  if (json_object_is_type(field, json_type_boolean) ||
      (text != NULL && strlen(text) == size && strcasecmp(text, "true") == 0) ||
      (text != NULL && strlen(text) == size && strcasecmp(text, "false") == 0)) {
    *number = text != NULL ? text[0] == 't' || text[0] == 'T' : json_object_get_boolean(field);
    return true;
  }
  return known && (*number == 0 || *number == 1);
}

static void check_text(const struct value *value, bool is_string, const char *name, size_t item, struct json_object *expected) {
  must(value->type == VALUE_TEXT && value->text[value->size] == '\0', "%s of item %zu", name, item);
  if (is_string) {
    size_t size = (size_t)json_object_get_string_len(expected);
    must(value->size == size && memcmp(value->text, json_object_get_string(expected), size) == 0, "%s of item %zu is %s", name,
         item, value->text);
    return;
  }
  struct json_object *parsed = parse(value->text, value->size);
  must(parsed != NULL, "%s of item %zu isn't JSON: %s", name, item, value->text);
  must(strcmp(json_object_to_json_string(parsed), json_object_to_json_string(expected)) == 0, "%s of item %zu is %s", name,
       item, value->text);
  json_object_put(parsed);
}

static void check_cell(struct page *page, size_t item, int index, struct json_object *expected) {
  const struct column *column = &endpoint_links.columns[index];
  bool numeric = column->role == COLUMN_FIELD && (column->class == CLASS_BOOLEAN || column->class == CLASS_INTEGER);
  struct value value;
  struct error error;
  int64_t number = 0;
  must(read_cell(page, item, index, &value, &error) == 0, "%s of item %zu: %s", column->name, item, error.message);
  if (expected == NULL || (numeric && !number_of(expected, column->class == CLASS_BOOLEAN, &number))) {
    must(value.type == VALUE_NULL, "%s of item %zu is not NULL", column->name, item);
  } else if (numeric) {
    must(value.type == VALUE_INTEGER && value.integer == number, "%s of item %zu is %lld", column->name, item,
         (long long)value.integer);
  } else {
    bool is_string =
        column->role == COLUMN_FIELD && column->class != CLASS_TEXT_ARRAY && json_object_is_type(expected, json_type_string);
    check_text(&value, is_string, column->name, item, expected);
  }
}

/* Returns a mixture of the items' hashes. */
static uint64_t check_items(struct page *page, struct json_object *items) {
  struct value value;
  struct error error;
  uint64_t mixture = 0;
  size_t count = items != NULL ? json_object_array_length(items) : 0;
  must(page_item_count(page) == count, "%zu rows of %zu", page_item_count(page), count);
  for (size_t i = 0; i < count; i++) {
    struct json_object *item = json_object_array_get_idx(items, i);
    for (int column = 0; column < endpoint_links.column_count; column++) {
      const struct column *described = &endpoint_links.columns[column];
      if (described->role == COLUMN_FIELD) check_cell(page, i, column, member(item, described->name));
      if (described->role == COLUMN_ITEM) check_cell(page, i, column, item);
    }
    mixture = mixture * 31 + page_item_hash(page, i);
  }
  must(read_cell(page, count, 0, &value, &error) != 0, "a row after the last");
  return mixture;
}

static void check_status(const struct page *page, struct json_object *root) {
  int envelope = code_of(root);
  int task = code_of(first(member(root, "tasks")));
  bool task_failed = task != 0 && (task < 20000 || task > 20099);
  int expected = task_failed || envelope == 0 ? task : envelope;
  must(page_status(page) == expected, "%d, not %d", page_status(page), expected);
  must(page_cost(page) >= 0 || page_cost(page) == -1, "%g", page_cost(page));
}

static void check_token(const struct page *page, struct json_object *result) {
  struct json_object *token = member(result, "search_after_token");
  const char *expected = json_object_is_type(token, json_type_string) ? json_object_get_string(token) : NULL;
  if (expected != NULL && (*expected == '\0' || strlen(expected) != (size_t)json_object_get_string_len(token))) expected = NULL;
  must((page_token(page) == NULL) == (expected == NULL), "%s", expected);
  must(expected == NULL || strcmp(page_token(page), expected) == 0, "%s, not %s", page_token(page), expected);
}

/* Returns something that has to be the same however the response comes. */
static uint64_t check_page(struct page *page, struct json_object *root) {
  struct crawl_state state;
  struct error error;
  struct json_object *result = first(member(first(member(root, "tasks")), "result"));
  check_status(page, root);
  check_token(page, result);
  must(page_available(page) >> endpoint_links.column_count == 0, "a filter on no column");
  if (page_crawl_state(page, &state, &error) != 0) {
    must(!is_result(result), "%s", error.message);
    return 0;
  }
  must(is_result(result), "a response without a result is taken");
  int64_t total = -1;
  if (member(result, "total_items_count") != NULL) is_integer(member(result, "total_items_count"), &total);
  if (total > 1000000000000) total = -1; /* as page.c */
  must(state.total_items == total, "%lld rows in all, not %lld", (long long)state.total_items, (long long)total);
  must(state.max_crawl_pages >= -1 && state.pages_in_queue >= -1 && state.pages_crawled >= -1, "a count below zero");
  return check_items(page, member(result, "items"));
}

/* A message is one line of well-formed UTF-8. */
static void check_message(const char *message, size_t size) {
  size_t length = strlen(message);
  must(length < size, "%zu", length);
  for (size_t at = 0; at < length;) {
    size_t character = utf8_character(message + at, length - at);
    must(character > 0 && (unsigned char)message[at] >= ' ' && message[at] != 0x7F, "byte %02x in a message",
         (unsigned char)message[at]);
    at += character;
  }
}

/* An invalid response must not be accepted; in pieces it may be, since json-c checks the pieces of a number one by one: 4 and -2
** pass for 4. */
static uint64_t check_response(const char *bytes, size_t size, size_t piece, struct json_object *root) {
  char message[100];
  struct error error;
  struct page *page = read_page(bytes, size, piece, message, sizeof message, &error);
  check_message(page != NULL ? message : error.message, page != NULL ? sizeof message : sizeof error.message);
  bool is_response = json_object_is_type(root, json_type_object);
  must(page != NULL || !is_response, "%s", error.message);
  must(page == NULL || is_response || piece < size, "no JSON object, but taken");
  uint64_t mixture = is_response ? check_page(page, root) : 0;
  page_free(page);
  return mixture;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input input = {(const char *)data, size};
  size_t piece = 1 + input_byte(&input);
  struct json_object *root = parse(input.bytes, input.size);
  uint64_t whole = check_response(input.bytes, input.size, SIZE_MAX / 2, root);
  uint64_t pieces = check_response(input.bytes, input.size, piece, root);
  must(whole == pieces, "other hashes in pieces of %zu", piece);
  json_object_put(root);
  return 0;
}
