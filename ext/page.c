/*
** An answer, read by json-c piece by piece while the bytes arrive. The items are parsed one by one and packed at once (items.h); the
** tree of the rest, the frame, has a null in the place of each. So one item's tree is all that is alive, however large the answer.
** Nothing in the frame can be trusted to be of the type that the documents give it: it is read by json_read.h.
*/
#include "page.h"

#include <float.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "excerpt.h"
#include "item_path.h"
#include "items.h"
#include "json_read.h"

enum {
  DEPTH_MAX = 32,      /* nesting of an answer, */
  ITEM_DEPTH_MAX = 26, /* … and of an item, which is at 7 */
  START_MAX = 1024,    /* bytes kept of an answer's start, for messages */
  UNCOUNTED = 1 << 20, /* bytes of an answer that may hold anything; a page of 1,000 links has half of it */
  VALUES_MAX = 500000, /* in the bytes behind them */
  TOKEN_MAX = 1 << 16, /* bytes of search_after_token; it travels in every request of a chain */
  PIECE_MAX = 1 << 30  /* json-c counts in int */
};

static const int64_t total_max = 1000000000000; /* rows: no crawl has as many, and sums of a few don't overflow */

/* Earlier ones lose a surrogate pair (\ud83d\ude00) that the end of a piece cuts in two. */
#if JSON_C_VERSION_NUM < (15 << 8)
#error "json-c 0.15 or later is needed"
#endif

struct page_parser {
  const struct endpoint *endpoint;
  struct json_tokener *frame_tokener;
  struct json_tokener *item_tokener;
  struct item_path path;
  bool in_item;
  bool owes_null;           /* the frame has yet to be given the null for an item */
  struct json_object *root; /* PARSER_COMPLETE: the frame; owned */
  struct items *items;      /* owned */
  enum { PARSER_READING, PARSER_COMPLETE, PARSER_BROKEN, PARSER_OVERFULL, PARSER_NO_MEMORY } state;
  const char *fault; /* PARSER_BROKEN: why; static */
  size_t parsed;     /* bytes; PARSER_BROKEN: those before the fault */
  size_t received;   /* bytes */
  size_t values;     /* in those that are counted; what looks like one in a text included */
  char first;        /* first byte that is no white space; 0 before it came */
  char start[START_MAX];
  size_t start_size;
};

struct page {
  const struct endpoint *endpoint;
  struct json_object *root;   /* the frame; owned; the next three are parts of it */
  struct json_object *task;   /* tasks[0], or NULL */
  struct json_object *result; /* tasks[0].result[0], or NULL */
  struct json_object *frames; /* its items, or NULL: an array with a null for each item that is an object */
  size_t item_count;          /* elements of it */
  struct items *items;        /* owned: those before the first that is no object, and no more than a page may have */
};

void page_parser_free(struct page_parser *parser) {
  if (parser == NULL) return;
  json_object_put(parser->root);
  items_free(parser->items);
  if (parser->frame_tokener != NULL) json_tokener_free(parser->frame_tokener);
  if (parser->item_tokener != NULL) json_tokener_free(parser->item_tokener);
  free(parser);
}

/* JSON_TOKENER_STRICT: json-c's leniency (single quotes, comments, stray commas, words in capitals) would make rows of a garbled
** answer; refused, it can be asked for again. Bytes that are not UTF-8 pass: one page on the web with a broken anchor text must
** not make a crawl unreadable. */
struct page_parser *page_parser_new(const struct endpoint *endpoint, uint64_t columns) {
  struct page_parser *parser = calloc(1, sizeof *parser);
  if (parser == NULL) return NULL;
  parser->endpoint = endpoint;
  parser->items = items_new(endpoint, columns);
  parser->frame_tokener = json_tokener_new_ex(DEPTH_MAX);
  parser->item_tokener = json_tokener_new_ex(ITEM_DEPTH_MAX);
  if (parser->items == NULL || parser->frame_tokener == NULL || parser->item_tokener == NULL) {
    page_parser_free(parser);
    return NULL;
  }
  json_tokener_set_flags(parser->frame_tokener, JSON_TOKENER_STRICT);
  json_tokener_set_flags(parser->item_tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
  return parser;
}

bool page_parser_is_complete(const struct page_parser *parser) {
  return parser->state == PARSER_COMPLETE;
}

static const char *text_of(struct json_object *object, const char *key) {
  struct json_object *text = json_read_member(object, key, json_type_string);
  return text != NULL ? json_object_get_string(text) : NULL;
}

/* A count, be it written as a text; -1: it is none. */
static int64_t echoed_count(struct json_object *data, const char *key) {
  struct json_object *number = json_read_any(data, key);
  struct json_object *text = json_read_as(number, json_type_string);
  int64_t count = -1;
  if (text != NULL && json_parse_int64(json_object_get_string(text), &count) != 0) return -1;
  if (text == NULL && !json_read_integer(number, &count)) return -1;
  return count;
}

void page_parser_echo(const struct page_parser *parser, struct page_echo *echo) {
  struct json_object *task = json_read_first(json_read_any(parser->root, "tasks"));
  struct json_object *data = json_read_member(task, "data", json_type_object);
  *echo = (struct page_echo){.id = text_of(data, "id"),
                             .token = text_of(data, "search_after_token"),
                             .limit = echoed_count(data, "limit"),
                             .offset = echoed_count(data, "offset")};
}

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t leading_space(const char *bytes, size_t size) {
  size_t at = 0;
  while (at < size && is_space(bytes[at])) at++;
  return at;
}

static void parser_break(struct page_parser *parser, const char *fault, size_t offset) {
  parser->state = PARSER_BROKEN;
  parser->fault = fault;
  parser->parsed += offset;
}

/* Whether json-c could read on, or has come to the end of what it reads; the first `before` bytes were none of the answer's. */
static bool went_well(struct page_parser *parser, struct json_tokener *tokener, size_t before) {
  enum json_tokener_error outcome = json_tokener_get_error(tokener);
  if (outcome == json_tokener_success || outcome == json_tokener_continue) return true;
  parser_break(parser, json_tokener_error_desc(outcome), json_tokener_get_parse_end(tokener) - before);
  return false;
}

static void feed_frame(struct page_parser *parser, const char *bytes, size_t size, size_t before) {
  parser->root = json_tokener_parse_ex(parser->frame_tokener, bytes, (int)size);
  if (!went_well(parser, parser->frame_tokener, before)) return;
  if (json_tokener_get_error(parser->frame_tokener) != json_tokener_success) return;
  /* Success without a tree: memory ran out (or the text is `null`; parser->first tells). */
  parser->state = parser->root != NULL ? PARSER_COMPLETE : PARSER_NO_MEMORY;
}

/* Parses bytes of the frame, behind the null that stands for the last item. They are joined where they are few, as between two
** items: each call costs json-c a change of locale. */
static void parse_frame(struct page_parser *parser, const char *bytes, size_t size) {
  char joined[64] = "null";
  size_t null_size = parser->owes_null ? strlen(joined) : 0;
  if (size == 0) return;
  parser->owes_null = false;
  if (null_size > 0 && null_size + size <= sizeof joined) {
    memcpy(joined + null_size, bytes, size);
    feed_frame(parser, joined, null_size + size, null_size);
    return;
  }
  if (null_size > 0) feed_frame(parser, joined, null_size, null_size);
  if (parser->state == PARSER_READING) feed_frame(parser, bytes, size, 0);
}

/* Keeps an item, unless it stands behind something that is none, or is one too many: such a page is refused, whatever else it
** has. */
static void keep_item(struct page_parser *parser, struct json_object *object) {
  size_t index = item_path_index(&parser->path);
  if (object == NULL)
    parser->state = PARSER_NO_MEMORY;
  else if (index == items_count(parser->items) && index < (size_t)parser->endpoint->limit_max &&
           items_add(parser->items, object) != 0)
    parser->state = PARSER_NO_MEMORY;
}

/* Parses bytes of an item, up to its end at most; gives how many. */
static size_t parse_item(struct page_parser *parser, const char *bytes, size_t size) {
  struct json_object *object = json_tokener_parse_ex(parser->item_tokener, bytes, (int)size);
  if (!went_well(parser, parser->item_tokener, 0)) return size;
  bool complete = json_tokener_get_error(parser->item_tokener) == json_tokener_success;
  size_t taken = complete ? json_tokener_get_parse_end(parser->item_tokener) : size;
  size_t text = taken;
  while (complete && text > 0 && is_space(bytes[text - 1])) text--;
  items_add_text(parser->items, bytes, text);
  parser->parsed += taken;
  if (!complete) return taken;
  keep_item(parser, object);
  json_object_put(object);
  parser->in_item = false;
  /* Two items with nothing between them are two nulls, which json-c refuses. */
  if (parser->owes_null && parser->state == PARSER_READING) parse_frame(parser, "null", strlen("null"));
  parser->owes_null = true;
  return taken;
}

/* Parses bytes of the frame, up to the next item at most; gives how many. */
static size_t parse_to_item(struct page_parser *parser, const char *bytes, size_t size) {
  size_t taken = item_path_next(&parser->path, bytes, size, &parser->in_item);
  parse_frame(parser, bytes, taken);
  if (parser->state != PARSER_BROKEN) parser->parsed += taken;
  if (parser->path.begun) items_clear(parser->items); /* json-c takes the last one of equal keys */
  parser->path.begun = false;
  return taken;
}

static void parse_piece(struct page_parser *parser, const char *bytes, size_t size) {
  const char *zero = memchr(bytes, '\0', size);
  if (zero != NULL) { /* json-c would take it for the end of the text */
    parser_break(parser, "zero byte", (size_t)(zero - bytes));
    return;
  }
  while (size > 0 && parser->state == PARSER_READING) {
    size_t taken = parser->in_item ? parse_item(parser, bytes, size) : parse_to_item(parser, bytes, size);
    bytes += taken;
    size -= taken;
  }
  if (parser->state != PARSER_COMPLETE) return;
  size_t space = leading_space(bytes, size);
  parser->parsed += space;
  if (space < size) parser_break(parser, "something behind the end", 0);
}

static void parse(struct page_parser *parser, const char *bytes, size_t size) {
  while (size > 0 && (parser->state == PARSER_READING || parser->state == PARSER_COMPLETE)) {
    size_t piece = size < PIECE_MAX ? size : PIECE_MAX;
    parse_piece(parser, bytes, piece);
    bytes += piece;
    size -= piece;
  }
}

/* How many values begin in the bytes, and a few more: a comma in a text begins none. */
static size_t count_values(const char *bytes, size_t size) {
  size_t count = 0;
  for (size_t i = 0; i < size; i++) count += bytes[i] == ',' || bytes[i] == '[' || bytes[i] == '{';
  return count;
}

/* Values are what parsing takes memory for, up to 800 bytes each: 64 MB of {},{}, would become 17 GB. */
static void bound_values(struct page_parser *parser, const char *bytes, size_t size) {
  parser->received += size;
  if (parser->received > UNCOUNTED) parser->values += count_values(bytes, size);
  if (parser->values > VALUES_MAX) parser->state = PARSER_OVERFULL;
}

bool page_parser_is_overfull(const struct page_parser *parser) {
  return parser->state == PARSER_OVERFULL;
}

void page_parser_feed(struct page_parser *parser, const char *bytes, size_t size) {
  if (size == 0) return;
  bound_values(parser, bytes, size);
  size_t room = sizeof parser->start - parser->start_size;
  size_t kept = size < room ? size : room;
  memcpy(parser->start + parser->start_size, bytes, kept);
  parser->start_size += kept;
  if (parser->first == '\0') {
    size_t space = leading_space(bytes, size);
    if (space < size) parser->first = bytes[space];
  }
  parse(parser, bytes, size);
}

static struct page *page_new(struct page_parser *parser) {
  struct page *page = calloc(1, sizeof *page);
  if (page == NULL) return NULL;
  page->endpoint = parser->endpoint;
  page->root = parser->root;
  page->task = json_read_first(json_read_any(page->root, "tasks"));
  page->result = json_read_first(json_read_any(page->task, "result"));
  page->frames = json_read_member(page->result, "items", json_type_array);
  page->item_count = page->frames != NULL ? json_object_array_length(page->frames) : 0;
  page->items = parser->items;
  items_fit(page->items);
  parser->root = NULL;
  parser->items = NULL;
  return page;
}

int page_parser_finish(struct page_parser *parser, struct page **page, struct error *error) {
  if (parser->state == PARSER_OVERFULL) return error_set(error, "the answer has more values than any page of links");
  if (parser->state == PARSER_BROKEN && parser->first == '{')
    return error_set(error, "the answer is no valid JSON: %s at byte %zu", parser->fault, parser->parsed);
  if (parser->state == PARSER_READING && parser->first == '\0') return error_set(error, "the answer is empty");
  if (parser->first != '{') return error_set(error, "the answer is no JSON object");
  if (parser->state == PARSER_READING)
    return error_set(error, "the answer breaks off after %zu bytes, in the middle of its JSON", parser->parsed);
  if (parser->state == PARSER_NO_MEMORY) return error_no_memory(error);
  *page = page_new(parser);
  return *page != NULL ? 0 : error_no_memory(error);
}

void page_free(struct page *page) {
  if (page == NULL) return;
  json_object_put(page->root);
  items_free(page->items);
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
  int64_t count = 0;
  *total = -1;
  if (number == NULL) return 0;
  bool whole = json_read_integer(number, &count);
  if (!whole || count < 0)
    return error_set(error, "total_items_count of the answer is %s, not a count of rows",
                     whole ? "negative" : json_read_type_text(number));
  if (count <= total_max) *total = count;
  return 0;
}

static int no_item(const struct page *page, size_t item, struct error *error) {
  struct json_object *element = item < page->item_count ? json_object_array_get_idx(page->frames, item) : NULL;
  return error_set(error, "items[%zu] of the answer is %s, not an object", item, json_read_type_text(element));
}

int page_crawl_state(const struct page *page, struct crawl_state *state, struct error *error) {
  if (page->result == NULL) return error_set(error, "the answer has no result: tasks[0].result[0] is no object");
  struct json_object *items = json_read_any(page->result, "items");
  if (items != NULL && page->frames == NULL)
    return error_set(error, "items of the answer is %s, not an array", json_read_type_text(items));
  size_t kept = items_count(page->items);
  if (kept < page->item_count && kept < (size_t)page->endpoint->limit_max) return no_item(page, kept, error);
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
  return size > 0 && size <= TOKEN_MAX && strlen(text) == size ? text
                                                               : NULL; /* one with a zero in it could not be sent back whole */
}

bool page_has_items(const struct page *page) {
  return page->frames != NULL;
}

size_t page_item_count(const struct page *page) {
  return page->item_count;
}

int page_value(struct page *page, size_t item, int column, struct value *value, struct error *error) {
  if (item >= items_count(page->items)) return no_item(page, item, error);
  return items_value(page->items, item, column, value, error);
}

uint64_t page_item_hash(const struct page *page, size_t item) {
  return item < items_count(page->items) ? items_hash(page->items, item) : 0;
}

uint64_t page_available(const struct page *page) {
  const struct endpoint *endpoint = page->endpoint;
  static const char *const types[CLASS_COUNT] = {
      [CLASS_BOOLEAN] = "bool", [CLASS_INTEGER] = "num", [CLASS_TEXT] = "str", [CLASS_TEXT_ARRAY] = "array.str"};
  struct json_object *fields = json_read_any(page->result, endpoint->filters);
  uint64_t available = 0;
  for (int i = 0; i < endpoint->column_count; i++) {
    const struct column *column = &endpoint->columns[i];
    struct json_object *type = json_read_member(fields, column->name, json_type_string);
    if (column->role == COLUMN_FIELD && type != NULL && strcmp(json_object_get_string(type), types[column->class]) == 0)
      available |= 1ULL << i;
  }
  return available;
}
