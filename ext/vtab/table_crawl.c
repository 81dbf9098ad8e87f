/*
** onpage_crawl: the state of a crawl, one row for one request for a single link.
**
**   SELECT * FROM onpage_crawl('task')                      the hidden column `task` as argument
**   SELECT * FROM onpage_crawl WHERE task_id = 'task'       the same, by the column that SELECT * shows
**
** Tests: tests/e2e/test_eponymous_tables.c.
*/
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "api/endpoint.h"
#include "api/task_id.h"
#include "base/excerpt.h"
#include "base/hash.h"
#include "client/client.h"
#include "plan/query.h"
#include "vtab/eponymous_table.h"
#include "wire/page.h"
#include "wire/request.h"

/* Asks for the first link of onpage_links, and reads only the envelope of the response. The request log has it under this table's
** name. */
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
static const struct eponymous_column columns[CRAWL_COLUMNS] = {
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

struct crawl_cursor {
  struct client *client;
  char *task_id;
  struct page *page; /* the response; NULL before the request, and for a crawl without results */
  struct crawl_state state;
  bool given; /* the only row */
};

static void stop(void *started) {
  struct crawl_cursor *cursor = started;
  page_free(cursor->page);
  free(cursor->task_id);
  free(cursor);
}

static int start(struct session *session, const char *input, void **started, struct error *error) {
  if (task_id_check(endpoint.table, input, endpoint_links.example_task, error) != 0) return -1;
  struct crawl_cursor *cursor = calloc(1, sizeof *cursor);
  if (cursor == NULL) return error_no_memory(error);
  cursor->client = session->client;
  cursor->task_id = strdup(input);
  if (cursor->task_id == NULL) {
    stop(cursor);
    return error_no_memory(error);
  }
  *started = cursor;
  return 0;
}

/* The body of a request for one link, whichever. */
static int make_body(const struct crawl_cursor *cursor, char **body, struct error *error) {
  struct query query = {.endpoint = &endpoint, .inputs = {[INPUT_TASK] = strdup(cursor->task_id)}, .limit = 1};
  const struct position position = {.limit = endpoint.limit_max};
  if (query.inputs[INPUT_TASK] == NULL) return error_no_memory(error);
  int result = query_resolve(&query, client_capabilities(cursor->client), error);
  if (result == 0)
    result = request_body(&query, query.resolved.conditions, query.resolved.condition_count, &position, body, error);
  query_release(&query);
  return result;
}

static int ask(struct crawl_cursor *cursor, struct error *error) {
  char *body;
  struct call *call;
  int status;
  if (make_body(cursor, &body, error) != 0) return -1;
  const struct call_request request = {
      .endpoint = &endpoint,
      .task_id = cursor->task_id,
      .body = body,
      .position = {.limit = endpoint.limit_max, .rows_before = LLONG_MAX}}; /* no item is missed */
  int result = call_start(cursor->client, &request, &call, error);
  free(body);
  if (result != 0) return -1;
  result = call_wait(call, &cursor->page, &status, error);
  call_end(call);
  if (result != 0) return -1;
  if (cursor->page != NULL) return page_crawl_state(cursor->page, &cursor->state, error);
  /* The crawl is known, but has no results: no links, as in onpage_links, and the rest is unknown. */
  cursor->state = (struct crawl_state){.max_crawl_pages = -1, .pages_in_queue = -1, .pages_crawled = -1, .total_items = 0};
  return 0;
}

/* A number for the row of a task, not negative: SQLite tells the rows of an OR apart by it. */
static int64_t number_of(const char *task_id) {
  struct hash hash = hash_begin();
  hash_add(&hash, task_id, strlen(task_id));
  return (int64_t)(hash_end(&hash) & INT64_MAX);
}

static int next(void *started, bool *row, int64_t *rowid, struct error *error) {
  struct crawl_cursor *cursor = started;
  char task[100];
  *row = !cursor->given;
  if (cursor->given) return 0;
  cursor->given = true;
  *rowid = number_of(cursor->task_id);
  if (ask(cursor, error) == 0) return 0;
  excerpt_text(task, sizeof task, cursor->task_id, strlen(cursor->task_id));
  if (error->kind == ERROR_FAILED) error_prefix(error, "%s: task '%s'", endpoint.table, task);
  return -1;
}

static struct value cell(const void *started, int column) {
  const struct crawl_cursor *cursor = started;
  switch (column) {
    case CRAWL_TASK_ID:
    case CRAWL_TASK: return value_of_text(cursor->task_id);
    case CRAWL_PROGRESS: return value_of_text(cursor->state.progress);
    case CRAWL_MAX_PAGES: return eponymous_count(cursor->state.max_crawl_pages);
    case CRAWL_PAGES_IN_QUEUE: return eponymous_count(cursor->state.pages_in_queue);
    case CRAWL_PAGES_CRAWLED: return eponymous_count(cursor->state.pages_crawled);
    case CRAWL_TOTAL_ITEMS: return eponymous_count(cursor->state.total_items);
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
