/* Reading the envelope; everything is read by json_read.h, whatever its type. */
#include "wire/page.h"

#include <float.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/excerpt.h"
#include "wire/items.h"
#include "wire/json_read.h"

enum { TOKEN_MAX = 1 << 16 }; /* bytes of search_after_token; it travels in every request of a chain */

static const int64_t total_max = 1000000000000; /* rows: no crawl has more, and sums of a few don't overflow */

/* The facts of a success, and its items. Shared by whoever keeps it and the pages made from it. */
struct kept_page {
  size_t owners;
  const struct endpoint *endpoint;
  struct packed *packed; /* shared */
  int status;
  double cost;
  struct crawl_state state; /* its progress is static */
  char *token;              /* owned, or NULL */
  bool has_items;
};

struct page {
  const struct endpoint *endpoint;
  struct kept_page *kept;     /* of a page made from it: shared, and there is no envelope; else NULL */
  struct json_object *root;   /* the envelope; owned; the next three belong to it */
  struct json_object *task;   /* tasks[0], or NULL */
  struct json_object *result; /* tasks[0].result[0], or NULL */
  struct json_object *nulls;  /* its items, or NULL: an array with a null for each item that was an object */
  size_t item_count;          /* elements of it */
  struct items *items;        /* owned: up to the first that isn't an object, and at most as many as a page may have */
  size_t size;                /* of all this, approximate */
  size_t *held;               /* NULL, or the sum that includes size */
};

struct page *page_new(const struct endpoint *endpoint, struct json_object *root, struct items *items, size_t size,
                      size_t *held) {
  struct page *page = calloc(1, sizeof *page);
  if (page == NULL) return NULL;
  page->endpoint = endpoint;
  page->root = root;
  page->task = json_read_first(json_read_any(page->root, "tasks"));
  page->result = json_read_first(json_read_any(page->task, "result"));
  page->nulls = json_read_member(page->result, "items", json_type_array);
  page->item_count = page->nulls != NULL ? json_object_array_length(page->nulls) : 0;
  page->items = items;
  items_fit(page->items);
  page->size = size + items_size(items);
  page->held = held;
  if (held != NULL) *held += page->size;
  return page;
}

void page_free(struct page *page) {
  if (page == NULL) return;
  if (page->held != NULL) *page->held -= page->size;
  kept_page_free(page->kept);
  json_object_put(page->root);
  items_free(page->items);
  free(page);
}

/* ---- The echo ---- */

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

void page_echo_of(struct json_object *root, struct page_echo *echo) {
  struct json_object *task = json_read_first(json_read_any(root, "tasks"));
  struct json_object *data = json_read_member(task, "data", json_type_object);
  *echo = (struct page_echo){.id = text_of(data, "id"),
                             .token = text_of(data, "search_after_token"),
                             .limit = echoed_count(data, "limit"),
                             .offset = echoed_count(data, "offset")};
}

void page_echo(const struct page *page, struct page_echo *echo) {
  page_echo_of(page->root, echo);
}

/* ---- The envelope ---- */

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
  if (page->kept != NULL) return page->kept->status;
  int task = status_code(page->task);
  int envelope = status_code(page->root);
  return is_failure(task) || envelope == 0 ? task : envelope;
}

double page_cost(const struct page *page) {
  if (page->kept != NULL) return page->kept->cost;
  struct json_object *const places[] = {page->root, page->task};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    struct json_object *cost = json_read_any(places[i], "cost");
    if (json_read_as(cost, json_type_double) == NULL && json_read_as(cost, json_type_int) == NULL) continue;
    double dollars = json_object_get_double(cost);
    if (dollars >= 0 && dollars <= DBL_MAX) return dollars;
  }
  return -1;
}

size_t page_message(const struct page *page, char *message, size_t size) {
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
  size_t length = 0;
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates && length == 0; i++) {
    struct json_object *text = json_read_as(candidates[i], json_type_string);
    if (text != NULL)
      length = excerpt_text(message, size, json_object_get_string(text), (size_t)json_object_get_string_len(text));
  }
  return length;
}

/* A number for information only: treats anything but a count as missing. */
static int64_t count_of(struct json_object *object, const char *key) {
  int64_t count;
  return json_read_integer(json_read_any(object, key), &count) && count >= 0 ? count : -1;
}

/* The total decides where a scan ends, so a total that is there must be a count. */
static int total_of(const struct page *page, int64_t *total, struct error *error) {
  struct json_object *number = json_read_any(page->result, "total_items_count");
  int64_t count = 0;
  *total = -1;
  if (number == NULL) return 0;
  bool whole = json_read_integer(number, &count);
  if (!whole || count < 0)
    return error_set(error, "total_items_count of the response is %s, not a count of rows",
                     whole ? "negative" : json_read_type_text(number));
  if (count <= total_max) *total = count;
  return 0;
}

static int no_item(const struct page *page, size_t item, struct error *error) {
  struct json_object *element =
      page->nulls != NULL && item < page->item_count ? json_object_array_get_idx(page->nulls, item) : NULL;
  return error_set(error, "items[%zu] of the response is %s, not an object", item, json_read_type_text(element));
}

int page_crawl_state(const struct page *page, struct crawl_state *state, struct error *error) {
  if (page->kept != NULL) {
    *state = page->kept->state;
    return 0;
  }
  if (page->result == NULL) return error_set(error, "the response has no result: tasks[0].result[0] is not an object");
  struct json_object *items = json_read_any(page->result, "items");
  if (items != NULL && page->nulls == NULL)
    return error_set(error, "items of the response is %s, not an array", json_read_type_text(items));
  size_t kept = items_count(page->items);
  if (kept < page->item_count && kept < (size_t)page->endpoint->limit_max) return no_item(page, kept, error);
  int64_t total;
  if (total_of(page, &total, error) != 0) return -1;

  struct json_object *crawl = json_read_any(page->result, "crawl_status");
  struct json_object *progress = json_read_member(page->result, "crawl_progress", json_type_string);
  const char *text = progress != NULL ? json_object_get_string(progress) : NULL;
  *state = (struct crawl_state){.progress = text,
                                .finished = text != NULL && strcmp(text, "finished") == 0,
                                .max_crawl_pages = count_of(crawl, "max_crawl_pages"),
                                .pages_in_queue = count_of(crawl, "pages_in_queue"),
                                .pages_crawled = count_of(crawl, "pages_crawled"),
                                .total_items = total};
  return 0;
}

const char *page_token(const struct page *page) {
  if (page->kept != NULL) return page->kept->token;
  struct json_object *token = json_read_member(page->result, "search_after_token", json_type_string);
  if (token == NULL) return NULL;
  const char *text = json_object_get_string(token);
  size_t size = (size_t)json_object_get_string_len(token);
  bool is_whole = strlen(text) == size; /* one with a zero in it couldn't be sent back */
  return is_whole && size > 0 && size <= TOKEN_MAX ? text : NULL;
}

bool page_has_items(const struct page *page) {
  return page->kept != NULL ? page->kept->has_items : page->nulls != NULL;
}

size_t page_item_count(const struct page *page) {
  return page->item_count;
}

int page_value(struct page *page, size_t item, int column, struct value *value, struct error *error) {
  if (items_has_value(page->items, item, column, value)) return 0;
  if (item >= items_count(page->items)) return no_item(page, item, error);
  return items_value(page->items, item, column, value, error);
}

int64_t page_promised_items(const struct page *page) {
  return count_of(page->result, "items_count");
}

uint64_t page_item_hash(const struct page *page, size_t item) {
  return item < items_count(page->items) ? items_hash(page->items, item) : 0;
}

uint64_t page_available(const struct page *page) {
  const struct endpoint *endpoint = page->endpoint;
  static const char *const types[CLASS_COUNT] = {
      [CLASS_BOOLEAN] = "bool", [CLASS_INTEGER] = "num", [CLASS_TEXT] = "str", [CLASS_TEXT_ARRAY] = "array.str"};
  struct json_object *fields = json_read_any(page->result, endpoint->available_filters_key);
  uint64_t available = 0;
  for (int i = 0; i < endpoint->column_count; i++) {
    const struct column *column = &endpoint->columns[i];
    struct json_object *type = json_read_member(fields, column->name, json_type_string);
    if (column->role == COLUMN_FIELD && type != NULL && strcmp(json_object_get_string(type), types[column->class]) == 0)
      available |= 1ULL << i;
  }
  return available;
}

/* ---- Keeping ---- */

void kept_page_free(struct kept_page *kept) {
  if (kept == NULL || --kept->owners > 0) return;
  packed_release(kept->packed);
  free(kept->token);
  free(kept);
}

size_t kept_page_size(const struct kept_page *kept) {
  size_t token = kept->token != NULL ? strlen(kept->token) + 1 : 0;
  return sizeof *kept + token + packed_size(kept->packed);
}

struct kept_page *page_keep(const struct page *page) {
  struct crawl_state state;
  struct error ignored;
  const char *token = page_token(page);
  struct packed *packed = items_packed(page->items);
  if (packed == NULL || page_crawl_state(page, &state, &ignored) != 0 || !state.finished) return NULL;
  if (packed_count(packed) != page->item_count) return NULL;
  struct kept_page *kept = calloc(1, sizeof *kept);
  if (kept == NULL) return NULL;
  *kept = (struct kept_page){.owners = 1,
                             .endpoint = page->endpoint,
                             .packed = packed_share(packed),
                             .status = page_status(page),
                             .cost = page_cost(page),
                             .state = state,
                             .token = token != NULL ? strdup(token) : NULL,
                             .has_items = page_has_items(page)};
  kept->state.progress = "finished";
  if (token == NULL || kept->token != NULL) return kept;
  kept_page_free(kept);
  return NULL;
}

struct page *page_of_kept(struct kept_page *kept, uint64_t columns, size_t *held) {
  struct page *page = calloc(1, sizeof *page);
  struct items *items = items_of_packed(kept->packed, kept->endpoint, columns);
  if (page == NULL || items == NULL) {
    free(page);
    items_free(items);
    return NULL;
  }
  kept->owners++;
  *page = (struct page){.endpoint = kept->endpoint,
                        .kept = kept,
                        .item_count = packed_count(kept->packed),
                        .items = items,
                        .size = kept_page_size(kept),
                        .held = held};
  if (held != NULL) *held += page->size;
  return page;
}
