/*
** A scan first settles what to send (start), then returns the rows of its feed's pages one by one. Rows that the reader will only
** count, or skip for its OFFSET, are blank if the API returns exactly the query's rows: their number comes from a response's
** total_items_count, and nothing else of them is fetched unless a column is read that no term fixes (read_blank).
**
**   exact        query.count  query.offset      counting  trusting  blank rows             other rows
**   no           any          any               no        no        none                   all; SQLite checks and skips them
**   yes          no           0                 no        no        none                   all
**   yes          no           up to offset_max  no        yes       the first offset rows  those after; the API skips the others
**   yes          yes or beyond offset_max       yes       no        all                    none
**
** exact (query.resolved): the response's rows are precisely those that satisfy the terms. A scan that is trusting checks all
** terms that it can, since the API has counted rows that were not seen; any other scan checks those that SQLite was told not to
** (term.checked_here).
*/
#include "scan/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/status.h"
#include "base/buffer.h"
#include "base/excerpt.h"
#include "base/hash.h"
#include "client/trace.h"
#include "scan/feed.h"
#include "scan/occurrences.h"
#include "scan/progress.h"
#include "wire/page.h"
#include "wire/request.h"

enum {
  LOOK_ROWS = 32,   /* rows between two looks at what has arrived, and two updates of the progress line */
  PIECES_TO_ASK = 5 /* a list that takes as many requests is worth one that asks how many rows there are without it */
};

struct scan {
  struct client *client;
  struct query query; /* owned */
  struct feed *feed;  /* NULL before the first row */
  bool started;
  bool ended;
  long long given;            /* rows returned */
  long long earlier_requests; /* of feeds before the current one */
  /* Blank rows, which come first: */
  bool counting;    /* all rows are blank: only the total of the current page is used */
  long long blanks; /* how many blank rows there are */
  long long blank;  /* the current one, from 1; 0: the row isn't blank */
  /* The current page: */
  size_t row; /* the current row in it */
  size_t row_count;
  bool trusting; /* the API counted or skipped the blank rows: a row that doesn't satisfy the terms shows that it was wrong */
  struct progress progress;
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
  progress_end(&scan->progress);
  feed_free(scan->feed);
  occurrences_free(scan->occurrences);
  query_release(&scan->query);
  free(scan);
}

/* Updates the progress line, if the option is set. */
static void show_progress(void *context) {
  struct scan *scan = context;
  if (config_number(client_config(scan->client), OPTION_PROGRESS) == 0) return;
  long long total = scan->feed != NULL ? feed_total(scan->feed) : -1;
  progress_show(&scan->progress, scan->query.endpoint->table, scan->given, total, scan_requests(scan));
}

static void drop_feed(struct scan *scan) {
  scan->earlier_requests = scan_requests(scan);
  feed_free(scan->feed);
  scan->feed = NULL;
}

/* Replaces the feed by a new one. */
static int open_feed(struct scan *scan, long long start, int first_limit, struct error *error) {
  const struct feed_source source = {.client = scan->client,
                                     .query = &scan->query,
                                     .start = start,
                                     .first_limit = first_limit,
                                     .context = scan,
                                     .on_wait = show_progress};
  struct feed *opened;
  if (feed_new(&source, &opened, error) != 0) return -1;
  drop_feed(scan);
  scan->feed = opened;
  return 0;
}

/* ---- Starting ---- */

/* Requests the number of the query's rows, and takes the query over; -1: the response doesn't say. */
static int ask_total(struct client *client, struct query *query, long long *total, struct error *error) {
  struct scan *scan;
  bool row;
  query->limit = 1;
  if (scan_open(client, query, &scan, error) != 0) return -1;
  int result = scan_next(scan, &row, error);
  if (result == 0) *total = row ? feed_state(scan->feed)->total_items : 0;
  scan_close(scan);
  return result;
}

/* Requests that the query's long list takes. */
static size_t pieces_of_list(const struct query *query) {
  size_t pieces = 0;
  for (size_t i = 0; i < query->resolved.conditions[query->resolved.long_list].list_size; i += query_list_piece(query, i))
    pieces++;
  return pieces;
}

/* Finds out how many requests the query takes without its long list, which isn't sent if they are fewer. Makes a request for that
** if the number isn't known and the list is long enough. */
static int weigh_list(struct scan *scan, struct error *error) {
  struct query *query = &scan->query;
  struct query rest;
  bool list = false;
  for (size_t i = 0; i < query->term_count; i++) list = list || query->terms[i].op == OPERATOR_IN;
  if (!list) return 0;
  if (query_resolve(query, client_capabilities(scan->client), error) != 0) return -1;
  if (query->resolved.empty || query->resolved.long_list < 0) return 0;
  const struct term *term = query->resolved.conditions[query->resolved.long_list].term;
  if (query_copy_without(query, 1ULL << (term - query->terms), &rest, error) != 0) return -1;
  long page_size = config_number(client_config(scan->client), OPTION_PAGE_SIZE);
  long long total = scan_known_total(scan->client, &rest);
  bool asks = total < 0 && pieces_of_list(query) >= PIECES_TO_ASK;
  int result = asks ? ask_total(scan->client, &rest, &total, error) : 0;
  query_release(&rest);
  if (result == 0 && total >= 0) query->pages_without_list = total > 0 ? (total - 1) / page_size + 1 : 1;
  return result;
}

/* Finds out what has to be known before the first request: the shape of raw filters, and which columns can be filtered by. */
static int prepare(struct scan *scan, struct error *error) {
  struct query *query = &scan->query;
  bool wants;
  if (query->inputs[INPUT_FILTERS] != NULL &&
      request_check_filters(query->inputs[INPUT_FILTERS], &query->raw_conditions, error) != 0)
    return -1;
  if (query->raw_conditions > (size_t)query->endpoint->conditions_max)
    return error_set(error, "filters: %zu conditions, but the API takes %d in a request", query->raw_conditions,
                     query->endpoint->conditions_max);
  if (query_wants_available(query, client_capabilities(scan->client), &wants, error) != 0) return -1;
  if (wants && client_ask_available(scan->client, query->endpoint, error) != 0) return -1;
  return weigh_list(scan, error);
}

/* Makes the feed for the current form of the query, and settles what the API counts or skips. Where it is known how many rows the
** reader can use, the first request asks for no more. */
static int make_feed(struct scan *scan, struct error *error) {
  const struct query *query = &scan->query;
  long long limit = config_number(client_config(scan->client), OPTION_PAGE_SIZE);
  scan->counting = query->resolved.exact && (query->count || query->offset > query->endpoint->offset_max);
  scan->trusting = query->resolved.exact && !scan->counting && query->offset > 0;
  long long wanted = scan->trusting ? query->limit : query_rows_wanted(query);
  if (wanted >= 0 && wanted < limit) limit = wanted;
  if (scan->counting || limit == 0) limit = 1;
  return open_feed(scan, scan->trusting ? query->offset : 0, (int)limit, error);
}

/* Goes to the feed's next page. */
static int next_page(struct scan *scan, int *status, struct error *error) {
  bool more;
  scan->row = 0;
  scan->row_count = 0;
  if (feed_next(scan->feed, &more, status, error) != 0) return -1;
  if (!more) scan->ended = true;
  if (!more || feed_page(scan->feed) == NULL) return 0;
  scan->row = feed_first_row(scan->feed);
  scan->row_count = page_item_count(feed_page(scan->feed));
  return 0;
}

/* Whether a total that may be a cap is the true number of rows: then there is no row at that offset. False if that can't be
** requested. */
static int check_total(struct scan *scan, long long total, bool *is_true, struct error *error) {
  struct capabilities *capabilities = client_capabilities(scan->client);
  int status;
  *is_true = false;
  if (total == capabilities->total_cap || total > scan->query.endpoint->offset_max) return 0;
  if (open_feed(scan, total, 1, error) != 0) return -1;
  do {
    if (next_page(scan, &status, error) != 0) return -1;
  } while (scan->row == scan->row_count && !scan->ended);
  *is_true = scan->ended;
  scan->ended = false;
  if (!*is_true) capabilities->total_cap = total;
  return 0;
}

/* Sets the number of blank rows, as in the table at the top. *known is false if the response has no total. */
static int take_blanks(struct scan *scan, bool *known, struct error *error) {
  long long total = feed_page(scan->feed) != NULL ? feed_state(scan->feed)->total_items : 0;
  bool begins = scan->trusting && (scan->row < scan->row_count || total > scan->query.offset);
  if (begins) total = scan->query.offset;
  if (!scan->counting && !scan->trusting) total = 0;
  scan->blanks = total;
  *known = total >= 0;
  return !begins && total_may_be_cap(total) ? check_total(scan, total, known, error) : 0;
}

/* The request's path, and its body without the place in the result; NULL when memory ran out. */
static char *totals_key(const struct query *query) {
  const struct position anywhere = {.limit = 1};
  const struct resolved *resolved = &query->resolved;
  struct buffer key = {0};
  char *body;
  struct error ignored;
  if (request_body(query, resolved->conditions, resolved->condition_count, &anywhere, &body, &ignored) != 0) return NULL;
  buffer_append_format(&key, "%s %s", query->endpoint->path, body);
  free(body);
  return buffer_take(&key);
}

/* Remembers the number of rows for the planner; not if a list is in pieces, since each has a total of its own. */
static void note_total(const struct scan *scan) {
  long long total = feed_page(scan->feed) != NULL ? feed_state(scan->feed)->total_items : 0;
  char *key = total >= 0 && scan->query.resolved.long_list < 0 ? totals_key(&scan->query) : NULL;
  if (key != NULL) totals_note(client_totals(scan->client), key, total);
  free(key);
}

long long scan_known_total(struct client *client, struct query *query) {
  struct error ignored;
  long long total = -1;
  if (query->inputs[INPUT_FILTERS] != NULL &&
      request_check_filters(query->inputs[INPUT_FILTERS], &query->raw_conditions, &ignored) != 0)
    return -1;
  if (query_resolve(query, client_capabilities(client), &ignored) != 0) return -1;
  if (query->resolved.empty) return 0;
  char *key = totals_key(query);
  if (key != NULL) total = totals_find(client_totals(client), key);
  free(key);
  bool is_cap = total > 0 && total == client_capabilities(client)->total_cap;
  return is_cap ? -1 : total;
}

/* Adds to a rejection's message what can't be left out of a request: one of these is what the API doesn't accept. */
static void name_culprits(const struct query *query, struct error *error) {
  char shown[200];
  for (size_t i = query->term_count; i > 0; i--) {
    const struct term *term = &query->terms[i - 1];
    if (!operator_is_api_only(term->op) || term->values[0].type != VALUE_TEXT) continue;
    excerpt_text(shown, sizeof shown, term->values[0].text, term->values[0].size);
    error_prefix(error, "%s(%s, '%s')", operator_text(term->op), query->endpoint->columns[term->column].name, shown);
  }
  if (query->inputs[INPUT_FILTERS] == NULL) return;
  excerpt_text(shown, sizeof shown, query->inputs[INPUT_FILTERS], strlen(query->inputs[INPUT_FILTERS]));
  error_prefix(error, "filters %s", shown);
}

/* Says what is sent of the query, and what isn't. */
static void trace_query(const struct scan *scan) {
  static const char *const fallbacks[] = {"",
                                          ", without long values",
                                          ", without lists of texts",
                                          ", without lists",
                                          ", without undocumented filters",
                                          ", without all that can be left out"};
  const struct query *query = &scan->query;
  const struct resolved *resolved = &query->resolved;
  const struct config *config = client_config(scan->client);
  const char *table = query->endpoint->table;
  for (size_t i = 0; i < query->term_count && !resolved->empty; i++) {
    const struct term *term = &query->terms[i];
    const char *how = "evaluated locally";
    for (size_t k = 0; k < resolved->condition_count; k++)
      if (resolved->conditions[k].term == term) how = resolved->conditions[k].exact ? "sent, exact" : "sent, a superset";
    for (size_t k = 0; k < resolved->parameter_count; k++)
      if (resolved->parameters[k].value == &term->values[0]) how = "sent as a key";
    trace(config, "%s: %s %s ? is %s", table, query->endpoint->columns[term->column].name, operator_text(term->op), how);
  }
  if (resolved->empty)
    trace(config, "%s: nothing is sent: no row can satisfy the conditions", table);
  else
    trace(config, "%s: conditions sent: %zu%s%s", table, resolved->condition_count, fallbacks[query->fallback],
          resolved->long_list >= 0 ? ", a list in pieces" : "");
}

/* Makes the first request, in weaker forms if the API doesn't accept the filters. */
static int start(struct scan *scan, struct error *error) {
  struct query *query = &scan->query;
  int status = 0;
  scan->started = true;
  if (prepare(scan, error) != 0) return -1;
  struct capabilities *capabilities = client_capabilities(scan->client);
  for (;;) {
    if (query_resolve(query, capabilities, error) != 0) return -1;
    trace_query(scan);
    if (query->resolved.empty) {
      scan->ended = true;
      return 0;
    }
    if (make_feed(scan, error) != 0) return -1;
    if (next_page(scan, &status, error) == 0) {
      bool known;
      note_total(scan);
      if (take_blanks(scan, &known, error) != 0) return -1;
      if (known) break;
      query->count = false; /* all rows have to be read */
      query->offset = 0;
      continue;
    }
    enum reaction reaction = status_of_code(status)->reaction;
    if (reaction != REACTION_FILTER && reaction != REACTION_BODY) return -1;
    drop_feed(scan); /* it points to the conditions that are about to change */
    if (reaction == REACTION_FILTER ? query_fall_back(query) : query_shorten(query)) continue;
    if (reaction == REACTION_FILTER) name_culprits(query, error);
    return -1;
  }
  capabilities_learn(capabilities, query->endpoint, query->fallback, query->terms, query->term_count);
  return 0;
}

/* ---- Rows ---- */

/* Whether the current row satisfies the terms that SQLite was told not to check, and in a trusting scan all that can be checked. */
static int row_holds(struct scan *scan, bool *holds, struct error *error) {
  const struct query *query = &scan->query;
  *holds = true;
  for (size_t i = 0; i < query->term_count && *holds; i++) {
    const struct term *term = &query->terms[i];
    const struct column *column = &query->endpoint->columns[term->column];
    struct value value;
    if (!term->checked_here && !(scan->trusting && pushdown_checkable(column, term->op, true))) continue;
    if (page_value(feed_page(scan->feed), scan->row, term->column, &value, error) != 0) return -1;
    *holds = term_holds(query->endpoint, term, &value);
    if (!*holds && term_is_undecided(query->endpoint, term, &value)) return term_refuse_undecided(query->endpoint, term, error);
  }
  return 0;
}

/* Moves on to the next row to return, which may be the current one. */
static int advance(struct scan *scan, struct error *error) {
  int status;
  for (;; scan->row++) {
    bool keeps = false;
    bool holds = false;
    while (scan->row >= scan->row_count && !scan->ended) {
      if (next_page(scan, &status, error) == 0) continue;
      /* A later piece of a list may be larger than the first, and too large: the next query sends shorter ones. */
      bool refused = scan->query.resolved.long_list >= 0 && status_of_code(status)->reaction == REACTION_FILTER;
      if (refused) client_capabilities(scan->client)->length_rejected = true;
      return -1;
    }
    if (scan->ended) return 0;
    if (feed_keeps_row(scan->feed, scan->row, &keeps, error) != 0) return -1;
    if (keeps && row_holds(scan, &holds, error) != 0) return -1;
    if (keeps && !holds && scan->trusting)
      return error_set(error, "the API sent a link that doesn't fit the filters: set the option pushdown to off");
    if (holds) return 0;
  }
}

/* Adds to the message the table, the task and the number of rows returned. */
static int fail(const struct scan *scan, struct error *error) {
  char rows[48] = "";
  char task[100];
  if (error->kind != ERROR_FAILED) return -1;
  if (scan->given > 0) snprintf(rows, sizeof rows, " after %lld row%s", scan->given, scan->given == 1 ? "" : "s");
  excerpt_text(task, sizeof task, scan->query.inputs[INPUT_TASK], strlen(scan->query.inputs[INPUT_TASK]));
  error_prefix(error, "%s: task '%s'%s", scan->query.endpoint->table, task, rows);
  return -1;
}

int scan_next(struct scan *scan, bool *row, struct error *error) {
  scan->rowid_known = false;
  if (!scan->started) {
    show_progress(scan); /* starts its clock */
    if (start(scan, error) != 0) return fail(scan, error);
  } else if (scan->blank == 0) {
    scan->row++;
  }
  bool blank = scan->given < scan->blanks;
  scan->blank = blank ? scan->given + 1 : 0;
  if (!blank && scan->counting) scan->ended = true;
  if (!blank && !scan->ended && advance(scan, error) != 0) return fail(scan, error);
  *row = blank || !scan->ended;
  if (!*row) return 0;
  if (scan->given++ % LOOK_ROWS == LOOK_ROWS - 1 && scan->blank == 0) {
    feed_advance(scan->feed);
    show_progress(scan);
  }
  return 0;
}

void scan_read_all(struct scan *scan) {
  scan->query.limit = -1;
}

/* Turns the scan, at a blank row, into one that reads from this row on. All rows satisfy the terms, so it doesn't matter which of
** them were blank, as long as there are as many rows as were counted. */
static int read_blank(struct scan *scan, struct error *error) {
  int limit = (int)config_number(client_config(scan->client), OPTION_PAGE_SIZE);
  long long counted = scan->blanks;
  long long before = scan->blank - 1;
  bool in_reach = before <= scan->query.endpoint->offset_max;
  int status;
  if (open_feed(scan, in_reach ? before : 0, limit, error) != 0) return -1;
  scan->counting = false;
  scan->trusting = true;
  scan->blank = 0;
  scan->blanks = 0;
  if (next_page(scan, &status, error) != 0 || advance(scan, error) != 0) return -1;
  for (long long i = 0; i < before && !in_reach && !scan->ended; i++) {
    scan->row++;
    if (advance(scan, error) != 0) return -1;
  }
  if (scan->ended) return error_set(error, "the API counted %lld links but gave fewer", counted);
  return 0;
}

/* ---- Columns ---- */

/* The value of a column that describes the crawl. */
static struct value response_value(const struct scan *scan, const char *name) {
  const struct {
    const char *name;
    int64_t number;
  } numbers[] = {
      {"max_crawl_pages", feed_state(scan->feed)->max_crawl_pages},
      {"pages_in_queue", feed_state(scan->feed)->pages_in_queue},
      {"pages_crawled", feed_state(scan->feed)->pages_crawled},
      {"total_items_count", feed_state(scan->feed)->total_items},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (strcmp(numbers[i].name, name) == 0 && numbers[i].number >= 0)
      return (struct value){.type = VALUE_INTEGER, .integer = numbers[i].number};
  return strcmp(name, "crawl_progress") == 0 ? value_of_text(feed_state(scan->feed)->progress)
                                             : (struct value){.type = VALUE_NULL};
}

int scan_value(struct scan *scan, int column, struct value *value, struct error *error) {
  const struct column *described = &scan->query.endpoint->columns[column];
  if (described->role == COLUMN_FIELD && scan->blank == 0)
    return page_value(feed_page(scan->feed), scan->row, column, value, error) == 0 ? 0 : fail(scan, error);
  switch (described->role) {
    case COLUMN_INPUT: *value = value_of_text(scan->query.inputs[described->input]); return 0;
    case COLUMN_RESPONSE: *value = response_value(scan, described->name); return 0;
    case COLUMN_FIELD:
    case COLUMN_ITEM: break;
  }
  if (scan->blank > 0) {
    if (query_fixed_value(&scan->query, column, value)) return 0;
    if (read_blank(scan, error) != 0) return fail(scan, error);
  }
  if (page_value(feed_page(scan->feed), scan->row, column, value, error) != 0) return fail(scan, error);
  return 0;
}

/* ---- Row identity ---- */

/* 53 bits fit in a double, and so in a number of JavaScript. */
static const uint64_t rowid_mask = ((uint64_t)1 << 53) - 1;

/* Adds a text such that NULL differs from "". */
static void add_text(struct hash *hash, const char *text) {
  size_t size = text != NULL ? strlen(text) : 0;
  hash_add_number(hash, text != NULL ? size : UINT64_MAX);
  if (size > 0) hash_add(hash, text, size);
}

/* The rowid of the first occurrence of the current row's item. */
static uint64_t item_number(const struct scan *scan) {
  struct hash hash = hash_begin();
  for (int i = 0; i < INPUT_COUNT; i++) add_text(&hash, scan->query.inputs[i]);
  hash_add_number(&hash, page_item_hash(feed_page(scan->feed), scan->row));
  return hash_end(&hash) & rowid_mask;
}

static uint64_t occurrence_number(uint64_t item, uint64_t occurrence) {
  struct hash hash = hash_begin();
  hash_add_number(&hash, item);
  hash_add_number(&hash, occurrence);
  return hash_end(&hash) & rowid_mask;
}

/* Occurrences are counted by the 53 bits, so that within a scan two items whose bits are equal have different rowids as well. In
** another scan these could be swapped: with two million distinct items, in one of 4,500 crawls. */
int scan_rowid(struct scan *scan, int64_t *rowid, struct error *error) {
  if (scan->blank > 0 && read_blank(scan, error) != 0) return fail(scan, error);
  if (!scan->rowid_known) {
    uint64_t occurrence;
    uint64_t item = item_number(scan);
    if (scan->occurrences == NULL) scan->occurrences = occurrences_new();
    if (scan->occurrences == NULL || occurrences_add(scan->occurrences, item, &occurrence) != 0) return error_no_memory(error);
    scan->rowid = (int64_t)(occurrence == 0 ? item : occurrence_number(item, occurrence));
    scan->rowid_known = true;
  }
  *rowid = scan->rowid;
  return 0;
}

/* ---- Statistics ---- */

long long scan_requests(const struct scan *scan) {
  return scan->earlier_requests + (scan->feed != NULL ? feed_requests(scan->feed) : 0);
}

long long scan_rows(const struct scan *scan) {
  return scan->counting ? 0 : scan->given;
}

bool scan_has_ended(const struct scan *scan) {
  return scan->ended && !scan->counting;
}

bool scan_is_finished(const struct scan *scan) {
  return scan->feed != NULL && feed_is_finished(scan->feed);
}
