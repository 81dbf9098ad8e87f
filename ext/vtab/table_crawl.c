/*
** onpage_crawl: the state of a crawl, one row for one cheap request.
**
**   SELECT * FROM onpage_crawl('task')                      the hidden column `task` as argument
**   SELECT * FROM onpage_crawl WHERE task_id = 'task'       the same, by the column that SELECT * shows
*/
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "api/endpoint.h"
#include "api/task_id.h"
#include "base/excerpt.h"
#include "client/client.h"
#include "plan/query.h"
#include "vtab/eponymous_table.h"
#include "wire/page.h"
#include "wire/request.h"

/* What is asked is the first link of onpage_links, and then only the head of the response is read. In the log the request stands
** under this table's name. */
static const struct endpoint endpoint = {.table = "onpage_crawl", .path = "/on_page/links", .limit_max = 1};

enum {
  CRAWL_TASK_ID,
  CRAWL_PROGRESS,
  CRAWL_MAX_PAGES,
  CRAWL_PAGES_IN_QUEUE,
  CRAWL_PAGES_CRAWLED,
  CRAWL_TOTAL_ITEMS,
  CRAWL_TASK,
  CRAWL_COLUMNS
};

/* clang-format off */
static const struct small_column columns[CRAWL_COLUMNS] = {
  [CRAWL_TASK_ID] = {.name = "task_id", .type = "TEXT", .input = true,
    .description = "input: the crawl's task id"},
  [CRAWL_PROGRESS] = {.name = "crawl_progress", .type = "TEXT",
    .description = "in_progress or finished"},
  [CRAWL_MAX_PAGES] = {.name = "max_crawl_pages", .type = "INTEGER",
    .description = "limit of pages of the crawl"},
  [CRAWL_PAGES_IN_QUEUE] = {.name = "pages_in_queue", .type = "INTEGER",
    .description = "pages still to be crawled"},
  [CRAWL_PAGES_CRAWLED] = {.name = "pages_crawled", .type = "INTEGER",
    .description = "pages crawled so far"},
  [CRAWL_TOTAL_ITEMS] = {.name = "total_items_count", .type = "INTEGER",
    .description = "links found so far: rows of onpage_links"},
  [CRAWL_TASK] = {.name = "task", .type = "TEXT", .input = true, .hidden = true,
    .description = "input: task_id as the argument of the function form"},
};
/* clang-format on */

struct rows {
  struct client *client;
  char *task_id;
  struct page *page; /* the response; NULL before the request, and for a crawl without results */
  struct crawl_state state;
  bool given; /* the one row */
};

static void stop(void *started) {
  struct rows *rows = started;
  page_free(rows->page);
  free(rows->task_id);
  free(rows);
}

static int start(struct session *session, const char *input, void **started, struct error *error) {
  if (task_id_check(endpoint.table, input, endpoint_links.example_task, error) != 0) return -1;
  struct rows *rows = calloc(1, sizeof *rows);
  if (rows == NULL) return error_no_memory(error);
  rows->client = session->client;
  rows->task_id = strdup(input);
  if (rows->task_id == NULL) {
    stop(rows);
    return error_no_memory(error);
  }
  *started = rows;
  return 0;
}

/* The body of a request for one link, whichever. */
static int make_body(const struct rows *rows, char **body, struct error *error) {
  struct query query = {.endpoint = &endpoint, .inputs = {[INPUT_TASK] = strdup(rows->task_id)}, .limit = 1};
  const struct position position = {.limit = endpoint.limit_max};
  if (query.inputs[INPUT_TASK] == NULL) return error_no_memory(error);
  int result = query_resolve(&query, client_capabilities(rows->client), error);
  if (result == 0)
    result = request_body(&query, query.resolved.conditions, query.resolved.condition_count, &position, body, error);
  query_release(&query);
  return result;
}

static int ask(struct rows *rows, struct error *error) {
  char *body;
  struct call *call;
  int status;
  if (make_body(rows, &body, error) != 0) return -1;
  const struct call_request request = {.endpoint = &endpoint,
                                       .task_id = rows->task_id,
                                       .body = body,
                                       .position = {.limit = endpoint.limit_max, .row = LLONG_MAX}}; /* no items are missed */
  int result = call_start(rows->client, &request, &call, error);
  free(body);
  if (result != 0) return -1;
  result = call_wait(call, &rows->page, &status, error);
  call_end(call);
  if (result != 0) return -1;
  if (rows->page != NULL) return page_crawl_state(rows->page, &rows->state, error);
  /* The crawl is known, but has nothing: no links, as onpage_links has it, and no word on the rest. */
  rows->state = (struct crawl_state){.max_crawl_pages = -1, .pages_in_queue = -1, .pages_crawled = -1, .total_items = 0};
  return 0;
}

/* A row is its task, and has a number of its own: SQLite tells the rows of an OR apart by it. 63 bits of FNV-1a. */
static int64_t hash_text(const char *text) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (; *text != '\0'; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
  return (int64_t)(hash & INT64_MAX);
}

static int next(void *started, bool *row, int64_t *rowid, struct error *error) {
  struct rows *rows = started;
  char task[100];
  *row = !rows->given;
  if (rows->given) return 0;
  rows->given = true;
  *rowid = hash_text(rows->task_id);
  if (ask(rows, error) == 0) return 0;
  excerpt_text(task, sizeof task, rows->task_id, strlen(rows->task_id));
  if (error->kind == ERROR_FAILED) error_prefix(error, "%s: task '%s'", endpoint.table, task);
  return -1;
}

static struct value cell(const void *started, int column) {
  const struct rows *rows = started;
  switch (column) {
    case CRAWL_TASK_ID:
    case CRAWL_TASK: return value_of_text(rows->task_id);
    case CRAWL_PROGRESS: return value_of_text(rows->state.progress);
    case CRAWL_MAX_PAGES: return small_count(rows->state.max_crawl_pages);
    case CRAWL_PAGES_IN_QUEUE: return small_count(rows->state.pages_in_queue);
    case CRAWL_PAGES_CRAWLED: return small_count(rows->state.pages_crawled);
    case CRAWL_TOTAL_ITEMS: return small_count(rows->state.total_items);
    default: return value_of_text(NULL);
  }
}

const struct eponymous_table table_crawl = {
    .name = "onpage_crawl",
    .columns = columns,
    .column_count = CRAWL_COLUMNS,
    .start = start,
    .next = next,
    .cell = cell,
    .stop = stop,
};
