/*
** Rows out of pages.
**
** A scan first settles what to send (start), then holds one page at a time. Two short cuts: a scan that counts takes the number of
** rows from the head of one small answer, and turns into an ordinary one when a column is asked for that it can't tell; a
** scan with an OFFSET has the API skip, if the API gives exactly the query's rows, and skips by itself if not.
*/
#include "scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "occurrences.h"
#include "page.h"
#include "request.h"
#include "status.h"

struct scan {
  struct client *client;
  struct query query; /* owned */
  bool started;
  bool ended;
  /* Counting: */
  bool counting;
  long long counted; /* rows given so far, the present one included */
  long long total;
  /* The page at hand: */
  struct page *page;
  struct crawl_state state;
  size_t row; /* the present row in it */
  size_t row_count;
  /* Where the next page is: */
  struct position position; /* of the page at hand; its token is scan->token */
  char *token;
  long long start;    /* offset of the first request */
  long long received; /* rows of all pages so far */
  bool last_page;     /* nothing comes behind the page at hand */
  bool trusting;      /* the API skipped or counted rows for us: a row that doesn't fit shows that it was wrong */
  long long to_skip;  /* rows that satisfy the terms, to be left out still */
  long long given;    /* rows given to the reader, for messages */
  /* Row identity: */
  struct occurrences *occurrences; /* NULL until a rowid is asked for */
  bool rowid_known;
  int64_t rowid;
};

int scan_open(struct client *client, struct query *query, struct scan **scan, struct error *error) {
  struct scan *opened = calloc(1, sizeof *opened);
  if (opened == NULL) {
    query_release(query);
    return error_no_memory(error);
  }
  opened->client = client;
  opened->query = *query;
  *query = (struct query){0};
  *scan = opened;
  return 0;
}

void scan_close(struct scan *scan) {
  if (scan == NULL) return;
  page_free(scan->page);
  occurrences_free(scan->occurrences);
  free(scan->token);
  query_release(&scan->query);
  free(scan);
}

/* ---- Requests ---- */

/* Sends one request and waits for its page, NULL for a crawl without results. *rejected: its filters were not accepted. */
static int request_page(struct scan *scan, const struct position *position, struct page **page, bool *rejected,
                        struct error *error) {
  char *body;
  struct call *call;
  int status = 0;
  if (request_body(&scan->query, position, &body, error) != 0) return -1;
  int result = call_start(scan->client, scan->query.endpoint, scan->query.task_id, body, &call, error);
  free(body);
  if (result != 0) return -1;
  result = call_wait(call, page, &status, error);
  call_end(call);
  *rejected = result != 0 && status_of_code(status)->reaction == REACTION_FILTER;
  return result;
}

/* How many rows to ask for first: no more than the reader can use, where that is known. */
static int first_limit(const struct scan *scan) {
  const struct query *query = &scan->query;
  long long limit = config_number(client_config(scan->client), OPTION_PAGE_SIZE);
  long long wanted = query->limit;
  if (wanted >= 0 && !scan->trusting) wanted += query->offset;
  if (scan->counting || wanted == 0)
    limit = 1;
  else if (wanted > 0 && wanted < limit)
    limit = wanted;
  return (int)limit;
}

/* Settles, for the present form of the query, what the scan leaves to the API. */
static void settle(struct scan *scan) {
  const struct query *query = &scan->query;
  scan->counting = query->count && query->exact;
  scan->trusting = query->exact && query->offset > 0 && query->offset <= query->endpoint->offset_max;
  scan->start = scan->trusting ? query->offset : 0;
  scan->to_skip = scan->trusting || scan->counting ? 0 : query->offset;
  scan->position = (struct position){.offset = scan->start, .limit = first_limit(scan)};
}

/* Learns what has to be known before the first request: the shape of raw filters, and which columns can be filtered by. */
static int prepare(struct scan *scan, struct error *error) {
  struct query *query = &scan->query;
  bool wants;
  if (query->filters != NULL && request_check_filters(query->filters, &query->raw_conditions, error) != 0) return -1;
  if (query->raw_conditions > (size_t)query->endpoint->conditions_max)
    return error_set(error, "filters: %zu conditions, but the API takes %d in a request", query->raw_conditions,
                     query->endpoint->conditions_max);
  if (query_wants_available(query, client_dialect(scan->client), &wants, error) != 0) return -1;
  return wants ? client_ask_available(scan->client, query->endpoint, error) : 0;
}

/* Takes a page over as the one at hand, and finds out whether another comes behind it. */
static int take_page(struct scan *scan, struct page *page, struct error *error) {
  page_free(scan->page);
  scan->page = page;
  scan->row = 0;
  scan->row_count = 0;
  scan->state = (struct crawl_state){.total_items = -1};
  scan->last_page = true;
  if (page == NULL) return 0;
  if (page_crawl_state(page, &scan->state, error) != 0) return -1;
  size_t count = page_item_count(page);
  size_t asked = (size_t)scan->position.limit;
  if (count > asked) return error_set(error, "the API gave %zu links where %zu were asked for", count, asked);
  if (scan->counting) return 0;
  scan->row_count = count;
  scan->received += (long long)count;
  long long reached = scan->start + scan->received;
  bool all = scan->state.total_items >= 0 && reached >= scan->state.total_items;
  /* A full page with a token behind it may not be the last even where the total says so: the total could be capped. */
  scan->last_page = count < asked || (all && page_token(page) == NULL);
  bool finished = scan->state.progress != NULL && strcmp(scan->state.progress, "finished") == 0;
  if (count < asked && !all && finished && scan->state.total_items >= 0)
    return error_set(error, "the API promised %lld links but ended after %lld", (long long)scan->state.total_items, reached);
  return 0;
}

/* The first request, in weaker forms if the API doesn't accept the filters. */
static int start(struct scan *scan, struct error *error) {
  struct query *query = &scan->query;
  struct dialect *dialect = client_dialect(scan->client);
  struct page *page = NULL;
  bool rejected = false;
  scan->started = true;
  if (prepare(scan, error) != 0) return -1;
  for (;;) {
    if (query_resolve(query, dialect, error) != 0) return -1;
    if (query->empty) {
      scan->ended = true;
      return 0;
    }
    settle(scan);
    if (request_page(scan, &scan->position, &page, &rejected, error) == 0) break;
    if (rejected && query_demote(query)) continue;
    if (rejected && query->filters != NULL) error_prefix(error, "filters %.200s", query->filters);
    return -1;
  }
  query_teach(query, dialect);
  if (take_page(scan, page, error) != 0) return -1;
  scan->total = page != NULL ? scan->state.total_items : 0;
  if (!scan->counting || scan->total >= 0) {
    if (scan->counting) scan->total = scan->total > query->offset ? scan->total - query->offset : 0;
    return 0;
  }
  /* No total in the answer: count by reading. */
  query->count = false;
  return start(scan, error);
}

/* The next page: by offset as far as the documents advise, then by the token of the page at hand, with everything else as in
** the request that it came from. */
static int next_page(struct scan *scan, struct error *error) {
  const struct endpoint *endpoint = scan->query.endpoint;
  struct position next = {.offset = scan->start + scan->received,
                          .limit = (int)config_number(client_config(scan->client), OPTION_PAGE_SIZE)};
  const char *token = page_token(scan->page);
  if (next.offset >= endpoint->offset_rows && token != NULL) {
    char *copy = strdup(token);
    if (copy == NULL) return error_no_memory(error);
    free(scan->token);
    scan->token = copy;
    next = scan->position;
    next.token = copy;
  } else if (next.offset > endpoint->offset_max) {
    return error_set(error, "the API gives no more than %lld links without search_after_token, and sent none",
                     endpoint->offset_max);
  }
  struct page *page = NULL;
  bool rejected;
  scan->position = next;
  if (request_page(scan, &next, &page, &rejected, error) != 0) return -1;
  return take_page(scan, page, error);
}

/* ---- Rows ---- */

/* Whether the present row satisfies the terms that SQLite was told not to check. */
static int row_holds(struct scan *scan, bool *holds, struct error *error) {
  const struct query *query = &scan->query;
  *holds = true;
  for (size_t i = 0; i < query->term_count && *holds; i++) {
    const struct term *term = &query->terms[i];
    struct value value;
    if (!term->checked_here) continue;
    if (page_value(scan->page, scan->row, query->endpoint, term->column, &value, error) != 0) return -1;
    *holds = term_holds(query->endpoint, term, &value);
  }
  return 0;
}

/* Moves to the next row of the pages that satisfies the terms; *row is false at the end. */
static int advance(struct scan *scan, struct error *error) {
  for (;;) {
    while (scan->row >= scan->row_count) {
      if (scan->last_page) {
        scan->ended = true;
        return 0;
      }
      if (next_page(scan, error) != 0) return -1;
    }
    bool holds;
    if (row_holds(scan, &holds, error) != 0) return -1;
    if (holds && scan->to_skip == 0) return 0;
    if (!holds && scan->trusting)
      return error_set(error, "the API sent a link that doesn't fit the filters: set the option pushdown to off");
    if (holds) scan->to_skip--;
    scan->row++;
  }
}

/* Says in the error which table and crawl it is about, and how far the scan had come. */
static int fail(const struct scan *scan, struct error *error) {
  char rows[48] = "";
  if (error->kind != ERROR_FAILED) return -1;
  if (scan->given > 0) snprintf(rows, sizeof rows, " after %lld row%s", scan->given, scan->given == 1 ? "" : "s");
  error_prefix(error, "%s: task %.100s%s", scan->query.endpoint->table, scan->query.task_id, rows);
  return -1;
}

int scan_next(struct scan *scan, bool *row, struct error *error) {
  scan->rowid_known = false;
  if (!scan->started) {
    if (start(scan, error) != 0) return fail(scan, error);
  } else if (!scan->counting) {
    scan->row++;
  }
  if (scan->counting && !scan->ended)
    scan->ended = scan->counted++ >= scan->total;
  else if (!scan->ended && advance(scan, error) != 0)
    return fail(scan, error);
  *row = !scan->ended;
  if (*row) scan->given++;
  return 0;
}

/* Turns a scan that only counted into one that has the present row: all rows satisfy exact terms, so any will do, as long as
** they are as many as were counted. */
static int fetch_counted(struct scan *scan, struct error *error) {
  struct page *page = NULL;
  bool rejected;
  scan->counting = false;
  scan->trusting = true;
  scan->start = scan->query.offset + scan->counted - 1;
  scan->position =
      (struct position){.offset = scan->start, .limit = (int)config_number(client_config(scan->client), OPTION_PAGE_SIZE)};
  if (request_page(scan, &scan->position, &page, &rejected, error) != 0) return -1;
  if (take_page(scan, page, error) != 0 || advance(scan, error) != 0) return -1;
  if (scan->ended) return error_set(error, "the API counted %lld links but gave fewer", scan->total);
  return 0;
}

/* ---- Columns ---- */

static struct value text_value(const char *text) {
  if (text == NULL) return (struct value){.type = VALUE_NULL};
  return (struct value){.type = VALUE_TEXT, .text = text, .size = strlen(text)};
}

/* A column of the answer's head. */
static struct value answer_value(const struct scan *scan, const char *name) {
  const struct {
    const char *name;
    int64_t number;
  } numbers[] = {
      {"max_crawl_pages", scan->state.max_crawl_pages},
      {"pages_in_queue", scan->state.pages_in_queue},
      {"pages_crawled", scan->state.pages_crawled},
      {"total_items_count", scan->state.total_items},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (strcmp(numbers[i].name, name) == 0 && numbers[i].number >= 0)
      return (struct value){.type = VALUE_INTEGER, .integer = numbers[i].number};
  return strcmp(name, "crawl_progress") == 0 ? text_value(scan->state.progress) : (struct value){.type = VALUE_NULL};
}

int scan_value(struct scan *scan, int column, struct value *value, struct error *error) {
  const struct column *described = &scan->query.endpoint->columns[column];
  switch (described->role) {
    case COLUMN_TASK: *value = text_value(scan->query.task_id); return 0;
    case COLUMN_FILTERS: *value = text_value(scan->query.filters); return 0;
    case COLUMN_TAG: *value = text_value(scan->query.tag); return 0;
    case COLUMN_ANSWER: *value = answer_value(scan, described->name); return 0;
    case COLUMN_FIELD:
    case COLUMN_ITEM: break;
  }
  if (scan->counting) {
    if (query_fixed_value(&scan->query, column, value)) return 0;
    if (fetch_counted(scan, error) != 0) return fail(scan, error);
  }
  if (page_value(scan->page, scan->row, scan->query.endpoint, column, value, error) != 0) return fail(scan, error);
  return 0;
}

/* ---- Row identity ---- */

/* Hashes a text into a hash; NULL differs from "". */
static uint64_t mix_text(uint64_t hash, const char *text) {
  for (; text != NULL && *text != '\0'; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
  return (hash ^ (text != NULL ? 0x100u : 0x200u)) * 0x100000001B3u;
}

/* Spreads all bits of a number over all bits of the result. */
static uint64_t spread(uint64_t number) {
  number = (number ^ number >> 32) * 0xD6E8FEB86659FD93u;
  number = (number ^ number >> 32) * 0xD6E8FEB86659FD93u;
  return number ^ number >> 32;
}

int scan_rowid(struct scan *scan, int64_t *rowid, struct error *error) {
  const struct query *query = &scan->query;
  if (scan->counting && fetch_counted(scan, error) != 0) return fail(scan, error);
  if (!scan->rowid_known) {
    if (scan->occurrences == NULL) scan->occurrences = occurrences_new();
    uint64_t table = mix_text(mix_text(mix_text(0xCBF29CE484222325u, query->task_id), query->filters), query->tag);
    uint64_t item = spread(page_item_hash(scan->page, scan->row) ^ table);
    uint64_t occurrence;
    if (scan->occurrences == NULL || occurrences_count(scan->occurrences, item, &occurrence) != 0)
      return error_no_memory(error);
    scan->rowid = (int64_t)(spread(item + occurrence) & INT64_MAX);
    scan->rowid_known = true;
  }
  *rowid = scan->rowid;
  return 0;
}
