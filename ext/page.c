/*
** An answer: json-c builds the tree piece by piece while the bytes arrive; a page reads rows and state out of the tree, by
** json_read.h, since nothing in it can be trusted to be of the type that the documents give it.
*/
#include "page.h"

#include <float.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "excerpt.h"
#include "json_read.h"

enum {
  DEPTH_MAX = 32,     /* nesting of an answer; items are at 7 */
  COLUMNS_MAX = 64,   /* of an endpoint */
  START_MAX = 1024,   /* bytes kept of an answer's start, for messages */
  PIECE_MAX = 1 << 30 /* json-c counts in int */
};

/* json-c before 0.15 loses a surrogate pair (\ud83d\ude00) that the end of a piece cuts in two. There the answer is collected
** and parsed in one piece. What counts is the library, not the header: it may have been replaced since. */
enum { JSON_C_0_15 = 15 << 8 };

struct page_parser {
  struct json_tokener *tokener;
  struct json_object *root; /* PARSER_COMPLETE; owned */
  enum { PARSER_READING, PARSER_COMPLETE, PARSER_BROKEN, PARSER_NO_MEMORY } state;
  const char *fault;   /* PARSER_BROKEN: why; static */
  size_t parsed;       /* bytes; PARSER_BROKEN: those before the fault */
  char first;          /* first byte that is no white space; 0 before it came */
  struct buffer whole; /* see JSON_C_0_15 */
  char start[START_MAX];
  size_t start_size;
};

struct page {
  struct json_object *root;   /* owned; all the others are parts of it */
  struct json_object *task;   /* tasks[0], or NULL */
  struct json_object *result; /* tasks[0].result[0], or NULL */
  struct json_object *items;  /* its items, or NULL */
  size_t item_count;

  /* The item that was taken apart last, by the endpoint's columns. To walk its members once is cheaper than to ask json-c's
  ** hash table for every column, since members come in the same order item after item: follower[c] is the column whose
  ** member came behind column c's the last time, so that nearly always one comparison tells which column a member is of. */
  const struct endpoint *endpoint;
  size_t item;
  struct json_object *fields[COLUMNS_MAX];
  unsigned char follower[COLUMNS_MAX + 1]; /* the last one: the column of the first member */
};

/* JSON_TOKENER_STRICT: json-c's leniency (single quotes, comments, stray commas, words in capitals) would make rows of a garbled
** answer; refused, it can be asked for again. Bytes that are not UTF-8 pass: one page on the web with a broken anchor text must
** not make a crawl unreadable. */
struct page_parser *page_parser_new(void) {
  struct page_parser *parser = calloc(1, sizeof *parser);
  if (parser == NULL) return NULL;
  parser->tokener = json_tokener_new_ex(DEPTH_MAX);
  if (parser->tokener == NULL) {
    free(parser);
    return NULL;
  }
  json_tokener_set_flags(parser->tokener, JSON_TOKENER_STRICT);
  return parser;
}

void page_parser_free(struct page_parser *parser) {
  if (parser == NULL) return;
  json_object_put(parser->root);
  json_tokener_free(parser->tokener);
  buffer_release(&parser->whole);
  free(parser);
}

static size_t leading_space(const char *bytes, size_t size) {
  size_t at = 0;
  while (at < size && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\n')) at++;
  return at;
}

static void parser_break(struct page_parser *parser, const char *fault, size_t offset) {
  parser->state = PARSER_BROKEN;
  parser->fault = fault;
  parser->parsed += offset;
}

static void parse_piece(struct page_parser *parser, const char *bytes, size_t size) {
  const char *zero = memchr(bytes, '\0', size);
  if (zero != NULL) { /* json-c would take it for the end of the text */
    parser_break(parser, "zero byte", (size_t)(zero - bytes));
  } else if (parser->state == PARSER_COMPLETE) {
    size_t space = leading_space(bytes, size);
    if (space < size)
      parser_break(parser, "something behind the end", space);
    else
      parser->parsed += size;
  } else {
    parser->root = json_tokener_parse_ex(parser->tokener, bytes, (int)size);
    enum json_tokener_error outcome = json_tokener_get_error(parser->tokener);
    if (outcome != json_tokener_success && outcome != json_tokener_continue) {
      parser_break(parser, json_tokener_error_desc(outcome), json_tokener_get_parse_end(parser->tokener));
      return;
    }
    parser->parsed += size;
    /* Success without a tree: memory ran out (or the text is `null`; parser->first tells). */
    if (outcome == json_tokener_success) parser->state = parser->root != NULL ? PARSER_COMPLETE : PARSER_NO_MEMORY;
  }
}

static void parse(struct page_parser *parser, const char *bytes, size_t size) {
  while (size > 0 && (parser->state == PARSER_READING || parser->state == PARSER_COMPLETE)) {
    size_t piece = size < PIECE_MAX ? size : PIECE_MAX;
    parse_piece(parser, bytes, piece);
    bytes += piece;
    size -= piece;
  }
}

void page_parser_feed(struct page_parser *parser, const char *bytes, size_t size) {
  if (size == 0) return;
  size_t room = sizeof parser->start - parser->start_size;
  size_t kept = size < room ? size : room;
  memcpy(parser->start + parser->start_size, bytes, kept);
  parser->start_size += kept;
  if (parser->first == '\0') {
    size_t space = leading_space(bytes, size);
    if (space < size) parser->first = bytes[space];
  }
  if (json_c_version_num() < JSON_C_0_15)
    buffer_append(&parser->whole, bytes, size);
  else
    parse(parser, bytes, size);
}

static struct page *page_new(struct json_object *root) {
  struct page *page = calloc(1, sizeof *page);
  if (page == NULL) return NULL;
  page->root = root;
  page->task = json_read_first(json_read_any(root, "tasks"));
  page->result = json_read_first(json_read_any(page->task, "result"));
  page->items = json_read_member(page->result, "items", json_type_array);
  page->item_count = page->items != NULL ? json_object_array_length(page->items) : 0;
  return page;
}

int page_parser_finish(struct page_parser *parser, struct page **page, struct error *error) {
  if (parser->whole.failed) return error_no_memory(error);
  parse(parser, parser->whole.data, parser->whole.size);
  if (parser->state == PARSER_BROKEN && parser->first == '{')
    return error_set(error, "the answer is no valid JSON: %s at byte %zu", parser->fault, parser->parsed);
  if (parser->state == PARSER_READING && parser->first == '\0') return error_set(error, "the answer is empty");
  if (parser->first != '{') return error_set(error, "the answer is no JSON object");
  if (parser->state == PARSER_READING)
    return error_set(error, "the answer breaks off after %zu bytes, in the middle of its JSON", parser->parsed);
  if (parser->state == PARSER_NO_MEMORY) return error_no_memory(error);
  struct page *made = page_new(parser->root);
  if (made == NULL) return error_no_memory(error);
  parser->root = NULL;
  *page = made;
  return 0;
}

void page_free(struct page *page) {
  if (page == NULL) return;
  json_object_put(page->root);
  free(page);
}

/* The status_code of the envelope or of a task; 0 when there is none. */
static int status_code(struct json_object *object) {
  int64_t code;
  if (!json_read_integer(json_read_any(object, "status_code"), &code)) return 0;
  return code > 0 && code <= INT_MAX ? (int)code : 0;
}

static bool is_failure(int code) {
  return code != 0 && (code < 20000 || code > 20099);
}

int page_status(const struct page *page) {
  int task = status_code(page->task);
  int envelope = status_code(page->root);
  return is_failure(task) || envelope == 0 ? task : envelope;
}

double page_cost(const struct page *page) {
  struct json_object *const places[] = {page->root, page->task};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    struct json_object *cost = json_read_any(places[i], "cost");
    if (json_read_as(cost, json_type_double) == NULL && json_read_as(cost, json_type_int) == NULL) continue;
    double dollars = json_object_get_double(cost);
    if (dollars >= 0 && dollars <= DBL_MAX) return dollars;
  }
  return -1;
}

void page_parser_message(const struct page_parser *parser, const struct page *page, char *message, size_t size) {
  if (size == 0) return;
  message[0] = '\0';
  if (page != NULL) {
    bool task_first = is_failure(status_code(page->task));
    struct json_object *gateway = json_read_any(page->root, "error");
    struct json_object *const candidates[] = {
        json_read_any(task_first ? page->task : page->root, "status_message"),
        json_read_any(task_first ? page->root : page->task, "status_message"),
        json_read_any(gateway, "message"),
        gateway,
        json_read_any(page->root, "message"),
        json_read_any(page->root, "detail"),
    };
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
      struct json_object *text = json_read_as(candidates[i], json_type_string);
      if (text == NULL) continue;
      size_t length = (size_t)json_object_get_string_len(text);
      if (excerpt_text(message, size, json_object_get_string(text), length) > 0) return;
    }
  }

  size_t end = parser->start_size;
  if (end == sizeof parser->start) { /* the last character may be cut in two: leave it out */
    while (end > 0 && ((unsigned char)parser->start[end - 1] & 0xC0) == 0x80) end--;
    if (end > 0 && (unsigned char)parser->start[end - 1] >= 0xC0) end--;
  }
  if (parser->first == '<')
    excerpt_html(message, size, parser->start, end);
  else
    excerpt_text(message, size, parser->start, end);
}

/* A number that merely informs: what is no count is as good as missing. */
static int64_t count_of(struct json_object *object, const char *key) {
  int64_t count;
  return json_read_integer(json_read_any(object, key), &count) && count >= 0 ? count : -1;
}

/* The total decides where a scan ends: what is there but no count must not pass for missing. */
static int total_of(const struct page *page, int64_t *total, struct error *error) {
  struct json_object *number = json_read_any(page->result, "total_items_count");
  *total = -1;
  if (number == NULL) return 0;
  bool whole = json_read_integer(number, total);
  if (whole && *total >= 0) return 0;
  return error_set(error, "total_items_count of the answer is %s, not a count of rows",
                   whole ? "negative" : json_read_type_text(number));
}

int page_crawl_state(const struct page *page, struct crawl_state *state, struct error *error) {
  if (page->result == NULL) return error_set(error, "the answer has no result: tasks[0].result[0] is no object");
  struct json_object *items = json_read_any(page->result, "items");
  if (items != NULL && page->items == NULL)
    return error_set(error, "items of the answer is %s, not an array", json_read_type_text(items));
  for (size_t i = 0; i < page->item_count; i++) {
    struct json_object *item = json_object_array_get_idx(page->items, i);
    if (json_read_as(item, json_type_object) == NULL)
      return error_set(error, "items[%zu] of the answer is %s, not an object", i, json_read_type_text(item));
  }
  int64_t total;
  if (total_of(page, &total, error) != 0) return -1;

  struct json_object *crawl = json_read_any(page->result, "crawl_status");
  struct json_object *progress = json_read_member(page->result, "crawl_progress", json_type_string);
  *state = (struct crawl_state){.progress = progress != NULL ? json_object_get_string(progress) : NULL,
                                .max_crawl_pages = count_of(crawl, "max_crawl_pages"),
                                .pages_in_queue = count_of(crawl, "pages_in_queue"),
                                .pages_crawled = count_of(crawl, "pages_crawled"),
                                .total_items = total};
  return 0;
}

const char *page_token(const struct page *page) {
  struct json_object *token = json_read_member(page->result, "search_after_token", json_type_string);
  if (token == NULL) return NULL;
  const char *text = json_object_get_string(token);
  size_t size = (size_t)json_object_get_string_len(token);
  return size > 0 && strlen(text) == size ? text : NULL; /* one with a zero in it could not be sent back whole */
}

size_t page_item_count(const struct page *page) {
  return page->item_count;
}

static int column_count(const struct endpoint *endpoint) {
  return endpoint->column_count < COLUMNS_MAX ? endpoint->column_count : COLUMNS_MAX;
}

/* The column that the member is of, to be looked for at `expected` first; -1 for an unknown key. */
static int column_of(const struct endpoint *endpoint, const char *key, int expected) {
  if (strcmp(endpoint->columns[expected].name, key) == 0) return expected;
  for (int i = 0; i < column_count(endpoint); i++)
    if (strcmp(endpoint->columns[i].name, key) == 0) return i;
  return -1;
}

static void take_apart(struct page *page, struct json_object *item, size_t index, const struct endpoint *endpoint) {
  if (page->endpoint != endpoint) memset(page->follower, 0, sizeof page->follower);
  page->endpoint = endpoint;
  page->item = index;
  memset(page->fields, 0, (size_t)column_count(endpoint) * sizeof *page->fields);
  unsigned char *follower = &page->follower[COLUMNS_MAX];
  struct json_object_iter member;
  json_object_object_foreachC(item, member) {
    int column = column_of(endpoint, member.key, *follower);
    if (column < 0) continue;
    page->fields[column] = member.val;
    *follower = (unsigned char)column;
    follower = &page->follower[column];
  }
}

/* Any JSON as compact text, which json-c keeps in the object. */
static int json_text(struct json_object *object, struct value *value, struct error *error) {
  size_t size = 0;
  const char *text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &size);
  if (text == NULL) return error_no_memory(error);
  *value = (struct value){.type = VALUE_TEXT, .text = text, .size = size};
  return 0;
}

/* The field as the column's class has it; the field is not null. *fits is false when the class can't hold it. */
static int field_value(struct json_object *field, enum column_class class, struct value *value, bool *fits,
                       struct error *error) {
  enum json_type type = json_object_get_type(field);
  int64_t number = 0;
  switch (class) {
    case CLASS_BOOLEAN:
      if (type == json_type_boolean)
        number = json_object_get_boolean(field) ? 1 : 0;
      else
        *fits = json_read_integer(field, &number) && (number == 0 || number == 1);
      *value = (struct value){.type = VALUE_INTEGER, .integer = number};
      return 0;
    case CLASS_INTEGER:
      *fits = json_read_integer(field, &number);
      *value = (struct value){.type = VALUE_INTEGER, .integer = number};
      return 0;
    case CLASS_WORD:
    case CLASS_TEXT:
      if (type != json_type_string) break;
      *value = (struct value){
          .type = VALUE_TEXT, .text = json_object_get_string(field), .size = (size_t)json_object_get_string_len(field)};
      return 0;
    case CLASS_TEXT_ARRAY:
    case CLASS_COUNT: break;
  }
  return json_text(field, value, error);
}

int page_value(struct page *page, size_t item, const struct endpoint *endpoint, int column, struct value *value,
               struct error *error) {
  if (page->endpoint != endpoint || page->item != item) {
    struct json_object *object = item < page->item_count ? json_object_array_get_idx(page->items, item) : NULL;
    if (json_read_as(object, json_type_object) == NULL)
      return error_set(error, "items[%zu] of the answer is %s, not an object", item, json_read_type_text(object));
    take_apart(page, object, item, endpoint);
  }
  const struct column *wanted = &endpoint->columns[column];
  if (wanted->role == COLUMN_ITEM) return json_text(json_object_array_get_idx(page->items, item), value, error);
  if (page->fields[column] == NULL) {
    *value = (struct value){.type = VALUE_NULL};
    return 0;
  }
  struct value made = {.type = VALUE_NULL};
  bool fits = true;
  if (field_value(page->fields[column], wanted->class, &made, &fits, error) != 0) return -1;
  if (!fits)
    return error_set(error, "%s in items[%zu] of the answer is %s, not %s; the column item shows what was sent", wanted->name,
                     item, json_read_type_text(page->fields[column]),
                     wanted->class == CLASS_BOOLEAN ? "a boolean" : "an integer");
  *value = made;
  return 0;
}

uint64_t page_item_hash(const struct page *page, size_t item) {
  return json_read_hash(item < page->item_count ? json_object_array_get_idx(page->items, item) : NULL);
}

unsigned long long page_available(const struct page *page, const struct endpoint *endpoint) {
  static const char *const types[CLASS_COUNT] = {[CLASS_BOOLEAN] = "bool",
                                                 [CLASS_INTEGER] = "num",
                                                 [CLASS_WORD] = "str",
                                                 [CLASS_TEXT] = "str",
                                                 [CLASS_TEXT_ARRAY] = "array.str"};
  struct json_object *fields = json_read_any(page->result, endpoint->filters);
  unsigned long long available = 0;
  for (int i = 0; i < column_count(endpoint); i++) {
    const struct column *column = &endpoint->columns[i];
    struct json_object *type = json_read_member(fields, column->name, json_type_string);
    if (column->role == COLUMN_FIELD && type != NULL && strcmp(json_object_get_string(type), types[column->class]) == 0)
      available |= 1ULL << i;
  }
  return available;
}
