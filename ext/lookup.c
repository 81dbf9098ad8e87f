/*
** Series of queries, and what becomes of them.
**
** A query belongs to a series if it has the same plan, the same inputs and the same values but for one `=`; which one that is shows in the
** second query. A series first asks the API. After a few requests it asks how many rows the constant part has, which says how many
** requests it would take; when as many have been made, it reads the constant part, unless that is too large for memory: then it
** goes on asking.
*/
#include "lookup.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "clock.h"
#include "rows.h"
#include "scan.h"

enum {
  SERIES_MAX = 8,      /* of one table: more than a statement has joins */
  REQUESTS_TO_ASK = 8, /* before the size of the constant part is worth a request */
  INPUTS = 3,
  ROWS_BETWEEN_SIZES = 64 /* rows between two looks at the memory they take */
};

struct series {
  char *key;     /* plan, columns, inputs */
  char **values; /* text of each term's values; the varying one's is the last one seen */
  size_t count;  /* terms */
  int varying;   /* index of the term; -1: not known yet */
  unsigned generation;
  long long requests; /* made by its queries */
  long long pages;    /* requests that the constant part takes; -1: not asked yet */
  bool given_up;      /* it goes on asking */
  bool finished;      /* the crawl is: rows may be kept */
  struct rows *rows;  /* the constant part, once read */
  int64_t read_ms;    /* when that was */
  int readers;        /* cursors that are in the series */
  uint64_t used;      /* when, in the order of queries */
};

struct lookups {
  struct client *client;
  struct series *series[SERIES_MAX];
  uint64_t queries;
  uint64_t rested;    /* queries before the last rest */
  unsigned clearings; /* of the cache, before the last rest */
};

struct probe {
  const struct rows *rows; /* the series' */
  const struct endpoint *endpoint;
  char *inputs[INPUTS]; /* task_id, filters, tag; owned */
  struct term term;     /* the varying one, owned */
  long row;
};

/* ---- Series ---- */

static void series_free(struct series *series) {
  if (series == NULL) return;
  for (size_t i = 0; series->values != NULL && i < series->count; i++) free(series->values[i]);
  free(series->values);
  free(series->key);
  rows_free(series->rows);
  free(series);
}

struct lookups *lookups_new(struct client *client) {
  struct lookups *lookups = calloc(1, sizeof *lookups);
  if (lookups != NULL) lookups->client = client;
  return lookups;
}

void lookups_free(struct lookups *lookups) {
  if (lookups == NULL) return;
  for (int i = 0; i < SERIES_MAX; i++) series_free(lookups->series[i]);
  free(lookups);
}

static void forget(struct lookups *lookups, int i) {
  series_free(lookups->series[i]);
  lookups->series[i] = NULL;
}

void lookups_rest(struct lookups *lookups) {
  unsigned clearings = client_clearings(lookups->client);
  int64_t oldest_ms = clock_now_ms() - config_number(client_config(lookups->client), OPTION_CACHE_TTL_S) * 1000;
  for (int i = 0; i < SERIES_MAX; i++) {
    const struct series *series = lookups->series[i];
    if (series == NULL) continue;
    bool keeps = series->finished && series->read_ms > oldest_ms && clearings == lookups->clearings;
    if (!keeps) forget(lookups, i);
  }
  lookups->clearings = clearings;
  lookups->rested = lookups->queries;
}

/* ---- What queries have in common ---- */

/* A text that differs whenever the values do. */
static char *text_of_values(const struct term *term) {
  struct buffer text = {0};
  for (size_t i = 0; i < term->value_count; i++) {
    const struct value *value = &term->values[i];
    buffer_append_format(&text, "%d %lld %a %zu ", (int)value->type, (long long)value->integer, value->real, value->size);
    buffer_append(&text, value->text, value->size);
  }
  return buffer_take(&text);
}

static char *key_of(const char *plan, const struct query *query) {
  const char *const inputs[] = {query->task_id, query->filters, query->tag};
  struct buffer key = {0};
  buffer_append_format(&key, "%s %llx", plan, (unsigned long long)query->columns);
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
    buffer_append_format(&key, " %d %zu ", inputs[i] != NULL, inputs[i] != NULL ? strlen(inputs[i]) : 0);
    if (inputs[i] != NULL) buffer_append_text(&key, inputs[i]);
  }
  return buffer_take(&key);
}

static struct series *series_new(const char *plan, const struct query *query, unsigned generation) {
  struct series *series = calloc(1, sizeof *series);
  if (series == NULL) return NULL;
  series->varying = -1;
  series->pages = -1;
  series->generation = generation;
  series->key = key_of(plan, query);
  series->values = calloc(query->term_count + 1, sizeof *series->values);
  bool made = series->key != NULL && series->values != NULL;
  for (; made && series->count < query->term_count; series->count++) {
    series->values[series->count] = text_of_values(&query->terms[series->count]);
    made = series->values[series->count] != NULL;
  }
  if (made) return series;
  series_free(series);
  return NULL;
}

/* Whether `newer` is of the series of `older`; *varying is the index of the term that makes the difference, -1: none does. */
static bool continues(const struct series *older, const struct series *newer, const struct query *query, int *varying) {
  if (older->generation != newer->generation || older->count != newer->count || strcmp(older->key, newer->key) != 0)
    return false;
  *varying = -1;
  for (size_t i = 0; i < newer->count; i++) {
    if ((int)i == older->varying || strcmp(older->values[i], newer->values[i]) == 0) continue;
    if (*varying >= 0 || older->varying >= 0 || query->terms[i].op != OPERATOR_EQ) return false;
    *varying = (int)i;
  }
  return true;
}

/* Finds the query's series, or begins one in the place of the one that was not used for longest. NULL when memory ran out. */
static struct series *find_series(struct lookups *lookups, const char *plan, const struct query *query) {
  unsigned generation = config_generation(client_config(lookups->client));
  struct series *made = series_new(plan, query, generation);
  int oldest = -1;
  if (made == NULL) return NULL;
  for (int i = 0; i < SERIES_MAX; i++) {
    struct series *series = lookups->series[i];
    int varying;
    if (series != NULL && series->readers == 0 && series->generation != generation) {
      forget(lookups, i);
      series = NULL;
    }
    if (series != NULL && continues(series, made, query, &varying)) {
      if (varying >= 0) series->varying = varying;
      series_free(made);
      return series;
    }
    bool free_place = series == NULL || series->readers == 0;
    if (free_place &&
        (oldest < 0 || (lookups->series[oldest] != NULL && (series == NULL || series->used < lookups->series[oldest]->used))))
      oldest = i;
  }
  if (oldest < 0) { /* every series is being read: this query goes without */
    series_free(made);
    return NULL;
  }
  if (lookups->series[oldest] != NULL) forget(lookups, oldest);
  lookups->series[oldest] = made;
  return made;
}

/* ---- Reading the constant part ---- */

static size_t memory_max(const struct lookups *lookups) {
  return config_bytes(client_config(lookups->client), OPTION_CACHE_MB);
}

/* How many requests the constant part takes, told by the head of a small answer; given up if it doesn't say. */
static int ask_pages(struct lookups *lookups, struct series *series, const struct query *query, struct error *error) {
  struct query constant;
  struct scan *scan;
  struct value total = {.type = VALUE_NULL};
  bool row;
  if (query_copy_without(query, series->varying, &constant, error) != 0) return -1;
  constant.limit = 1;
  if (scan_open(lookups->client, &constant, &scan, error) != 0) return -1;
  int result = scan_next(scan, &row, error);
  if (result == 0 && row) result = scan_value(scan, endpoint_column(query->endpoint, "total_items_count"), &total, error);
  scan_close(scan);
  if (result != 0) return -1;
  int64_t page_size = config_number(client_config(lookups->client), OPTION_PAGE_SIZE);
  series->given_up = row && total.type != VALUE_INTEGER;
  series->pages = row && !series->given_up ? (total.integer + page_size - 1) / page_size : 1;
  return 0;
}

/* Appends the scan's present row. */
static int keep_row(struct scan *scan, struct rows *rows, struct error *error) {
  struct value values[ENDPOINT_COLUMNS_MAX];
  size_t count = 0;
  int64_t rowid;
  for (int column = 0; column < ENDPOINT_COLUMNS_MAX; column++) {
    if ((rows_columns(rows) & 1ULL << column) == 0) continue;
    if (scan_value(scan, column, &values[count++], error) != 0) return -1;
  }
  if (scan_rowid(scan, &rowid, error) != 0) return -1;
  return rows_append(rows, rowid, values) == 0 ? 0 : error_no_memory(error);
}

/* Whether all rows that are kept are too many for memory, even when those go that the present statement has not used. */
static bool is_too_large(struct lookups *lookups) {
  size_t size = 0;
  for (int i = 0; i < SERIES_MAX; i++)
    if (lookups->series[i] != NULL && lookups->series[i]->rows != NULL) size += rows_size(lookups->series[i]->rows);
  for (int i = 0; i < SERIES_MAX && size > memory_max(lookups); i++) {
    const struct series *series = lookups->series[i];
    if (series == NULL || series->rows == NULL || series->readers > 0 || series->used > lookups->rested) continue;
    size -= rows_size(series->rows);
    forget(lookups, i);
  }
  return size > memory_max(lookups);
}

/* Reads rows until the end, or until they are too many for memory: then the series gives up. */
static int keep_rows(struct lookups *lookups, struct series *series, struct scan *scan, struct error *error) {
  bool row;
  for (;;) {
    if (scan_next(scan, &row, error) != 0) return -1;
    if (!row) return 0;
    if (keep_row(scan, series->rows, error) != 0) return -1;
    if (rows_count(series->rows) % ROWS_BETWEEN_SIZES == 0 && is_too_large(lookups)) {
      series->given_up = true;
      return 0;
    }
  }
}

/* Bits of the inputs, which are the same in every row. */
static uint64_t inputs_of(const struct endpoint *endpoint) {
  uint64_t inputs = 0;
  for (int i = 0; i < endpoint->column_count; i++)
    if (column_is_input(&endpoint->columns[i])) inputs |= 1ULL << i;
  return inputs;
}

static int read_constant(struct lookups *lookups, struct series *series, const struct query *query, struct error *error) {
  struct query constant;
  struct scan *scan;
  if (query_copy_without(query, series->varying, &constant, error) != 0) return -1;
  if (scan_open(lookups->client, &constant, &scan, error) != 0) return -1;
  series->rows = rows_new(query->columns & ~inputs_of(query->endpoint), query->terms[series->varying].column);
  int result = series->rows != NULL ? keep_rows(lookups, series, scan, error) : error_no_memory(error);
  series->finished = scan_is_finished(scan);
  series->read_ms = clock_now_ms();
  scan_close(scan);
  if (result != 0 || series->given_up) {
    rows_free(series->rows);
    series->rows = NULL;
  }
  return result;
}

/* ---- Queries ---- */

static int open_probe(struct series *series, const struct query *query, struct probe **probe, struct error *error) {
  struct probe *opened = calloc(1, sizeof *opened);
  if (opened == NULL) return error_no_memory(error);
  opened->rows = series->rows;
  opened->endpoint = query->endpoint;
  opened->row = -1;
  const char *const inputs[INPUTS] = {query->task_id, query->filters, query->tag};
  int result = term_copy(&query->terms[series->varying], &opened->term, error);
  for (int i = 0; i < INPUTS && result == 0; i++) {
    opened->inputs[i] = inputs[i] != NULL ? strdup(inputs[i]) : NULL;
    if (inputs[i] != NULL && opened->inputs[i] == NULL) result = error_no_memory(error);
  }
  if (result != 0) {
    probe_close(opened);
    return -1;
  }
  *probe = opened;
  return 0;
}

/* Reads the constant part when that has become worth its while. */
static int advance(struct lookups *lookups, struct series *series, const struct query *query, struct error *error) {
  bool asks = series->varying >= 0 && !series->given_up && series->rows == NULL;
  if (asks && series->pages < 0 && series->requests >= REQUESTS_TO_ASK && ask_pages(lookups, series, query, error) != 0)
    return -1;
  if (asks && series->pages >= 0 && series->requests >= series->pages && !series->given_up)
    return read_constant(lookups, series, query, error);
  return 0;
}

int lookups_enter(struct lookups *lookups, const char *plan, const struct query *query, struct series **series,
                  struct probe **probe, struct error *error) {
  *probe = NULL;
  *series = NULL;
  if (query->offset > 0 || memory_max(lookups) == 0) return 0;
  struct series *found = find_series(lookups, plan, query);
  if (found == NULL) return 0;
  found->used = ++lookups->queries;
  found->readers++;
  int result = advance(lookups, found, query, error);
  if (result == 0 && found->rows != NULL && found->varying >= 0) result = open_probe(found, query, probe, error);
  if (result != 0) {
    lookups_leave(found, 0);
    return -1;
  }
  *series = found;
  return 0;
}

void lookups_leave(struct series *series, long long requests) {
  if (series == NULL) return;
  series->readers--;
  series->requests += requests;
}

/* ---- Probes ---- */

bool probe_next(struct probe *probe) {
  const struct value *wanted = &probe->term.values[0];
  if (wanted->type == VALUE_NULL || wanted->type == VALUE_BLOB) return false;
  bool text = wanted->type == VALUE_TEXT;
  bool decidable = pushdown_checkable(&probe->endpoint->columns[probe->term.column], OPERATOR_EQ, text);
  /* What can't be decided here is compared by SQLite: any row may be the one. */
  const struct value anything = {.type = VALUE_NULL};
  while ((probe->row = rows_find(probe->rows, decidable ? wanted : &anything, probe->row)) >= 0) {
    struct value value = rows_value(probe->rows, probe->row, probe->term.column);
    if (!decidable || term_holds(probe->endpoint, &probe->term, &value)) return true;
  }
  return false;
}

int probe_value(const struct probe *probe, int column, struct value *value, struct error *error) {
  const struct column *described = &probe->endpoint->columns[column];
  if (column_is_input(described)) {
    *value = value_of_text(probe->inputs[column - endpoint_role(probe->endpoint, COLUMN_TASK)]);
  } else if ((rows_columns(probe->rows) & 1ULL << column) != 0) {
    *value = rows_value(probe->rows, probe->row, column);
  } else {
    return error_set(error, "%s: SQLite reads %s, which it had not announced: set the option pushdown to off",
                     probe->endpoint->table, described->name);
  }
  return 0;
}

int64_t probe_rowid(const struct probe *probe) {
  return rows_rowid(probe->rows, probe->row);
}

void probe_close(struct probe *probe) {
  if (probe == NULL) return;
  for (int i = 0; i < INPUTS; i++) free(probe->inputs[i]);
  term_release(&probe->term);
  free(probe);
}
