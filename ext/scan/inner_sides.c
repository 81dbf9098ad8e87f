/*
** When the inner side of a join is read, and which rows are kept of it.
**
** Queries are of one inner side if they have the same plan and inputs, and the same values in all terms but those that vary. Which
** terms vary shows as queries come. To read the inner side is to read its scope: a query without its varying terms. In
**
**   FROM pages p JOIN onpage_links l ON l.page_from = p.path WHERE l.type = 'anchor'
**
** page_from varies, so the scope is all anchors. If nothing varies (nothing that differs between outer rows can be sent), the scope
** is the query itself, which is asked again and again.
**
** At first each query asks the API. When the sixth request is due and no earlier response has shown the size of the scope, its
** first page is requested, which shows it. When as many requests have been made as reading it takes, it is read. If the API gives
** no total, as many pages are read as requests were made; if that isn't all, they are dropped, and it is tried again after three
** times as many requests.
**
** If another value changes after that, as it does when an outer loop goes on to its next row, a new inner side begins beside the
** first one, its predecessor. In
**
**   FROM types t JOIN pages p JOIN onpage_links l ON l.type = t.type AND l.page_from = p.path
**
** these are the inner sides of 'anchor' and of 'image'. The new one has a wide scope as well, without all terms that ever varied
** (here all links), which is read instead once it and its predecessors together have made as many requests as that takes.
*/
#include "scan/inner_sides.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"

enum {
  INNER_SIDES_MAX = 16,   /* of one table: more than a statement has joins */
  REQUESTS_TO_ASK = 5,    /* made before the size of an inner side is worth a request */
  TIMES_TO_TRY = 3,       /* as many requests as the last time, before one of unknown size is tried again */
  IDLE_MS = 1000,         /* a join comes back sooner, unless the program pauses between rows */
  ROWS_BETWEEN_SIZES = 64 /* rows between two looks at the memory they take */
};

/* Which rows an inner side has: those of its queries without some terms. */
struct scope {
  uint64_t varying; /* bits of the terms that are left out */
  long long total;  /* its rows; -1: not known */
  long long tried;  /* requests that had been made when its first pages were last asked for; 0: never asked for */
};

struct inner_side {
  char *key;     /* plan, columns, inputs */
  char **values; /* text of each term; those that vary have the first one seen */
  size_t count;  /* of terms */
  unsigned generation;
  struct scope scope;     /* without the terms that vary in this inner side */
  struct scope wide;      /* … and in its predecessors */
  long long requests;     /* made by its queries */
  long long earlier;      /* made by those of its predecessors */
  long long rows_given;   /* by its queries */
  bool ended;             /* one of its queries was read to its end */
  bool given_up;          /* its rows can't be kept: each query asks the API */
  bool finished;          /* the crawl is, so rows may outlive a statement */
  struct row_index *rows; /* of its scope, once read */
  int key_term;           /* the term whose value finds rows; -1: all are looked at */
  int64_t read_ms;        /* when they were read */
  unsigned clearings;     /* of the cache by then */
  int readers;            /* cursors in it */
  uint64_t used;          /* number of its last query */
  int64_t used_ms;        /* when that was */
};

struct inner_sides {
  struct inner_side_pool *pool;
  struct inner_sides *next; /* in the pool */
  struct inner_side *list[INNER_SIDES_MAX];
  uint64_t queries;
  uint64_t expired;   /* queries before the last inner_sides_expire */
  unsigned clearings; /* of the cache before that */
};

struct inner_side_pool {
  struct client *client;
  const struct spill_methods *spill;
  struct inner_sides *first;
};

static void inner_side_free(struct inner_side *inner) {
  if (inner == NULL) return;
  for (size_t i = 0; inner->values != NULL && i < inner->count; i++) free(inner->values[i]);
  free(inner->values);
  free(inner->key);
  row_index_free(inner->rows);
  free(inner);
}

static void forget(struct inner_sides *inner_sides, int i) {
  inner_side_free(inner_sides->list[i]);
  inner_sides->list[i] = NULL;
}

/* ---- The pool ---- */

struct inner_side_pool *inner_side_pool_new(struct client *client, const struct spill_methods *spill) {
  struct inner_side_pool *pool = calloc(1, sizeof *pool);
  if (pool != NULL) *pool = (struct inner_side_pool){.client = client, .spill = spill};
  return pool;
}

void inner_side_pool_free(struct inner_side_pool *pool) {
  free(pool);
}

static size_t memory_max(const struct inner_side_pool *pool) {
  uint64_t bytes = (uint64_t)config_number(client_config(pool->client), OPTION_CACHE_MB) << 20;
  return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

/* Whether the rows kept for all tables are too many for memory, even after forgetting those that no present statement has used. */
static bool is_full(struct inner_side_pool *pool) {
  size_t size = 0;
  size_t max = memory_max(pool);
  for (struct inner_sides *inner_sides = pool->first; inner_sides != NULL; inner_sides = inner_sides->next)
    for (int i = 0; i < INNER_SIDES_MAX; i++)
      if (inner_sides->list[i] != NULL && inner_sides->list[i]->rows != NULL)
        size += row_index_size(inner_sides->list[i]->rows);
  for (struct inner_sides *inner_sides = pool->first; inner_sides != NULL; inner_sides = inner_sides->next)
    for (int i = 0; i < INNER_SIDES_MAX && size > max; i++) {
      const struct inner_side *inner = inner_sides->list[i];
      if (inner == NULL || inner->rows == NULL || inner->readers > 0 || inner->used > inner_sides->expired) continue;
      size -= row_index_size(inner->rows);
      forget(inner_sides, i);
    }
  return size > max;
}

struct inner_sides *inner_sides_new(struct inner_side_pool *pool) {
  struct inner_sides *inner_sides = calloc(1, sizeof *inner_sides);
  if (inner_sides == NULL) return NULL;
  inner_sides->pool = pool;
  inner_sides->next = pool->first;
  pool->first = inner_sides;
  return inner_sides;
}

void inner_sides_free(struct inner_sides *inner_sides) {
  if (inner_sides == NULL) return;
  struct inner_sides **place = &inner_sides->pool->first;
  while (*place != inner_sides) place = &(*place)->next;
  *place = inner_sides->next;
  for (int i = 0; i < INNER_SIDES_MAX; i++) inner_side_free(inner_sides->list[i]);
  free(inner_sides);
}

void inner_sides_expire(struct inner_sides *inner_sides) {
  struct client *client = inner_sides->pool->client;
  unsigned clearings = client_clearings(client);
  int64_t oldest_ms = clock_now_ms() - (int64_t)config_number(client_config(client), OPTION_CACHE_TTL_S) * 1000;
  bool keeps_any = memory_max(inner_sides->pool) > 0 && clearings == inner_sides->clearings;
  for (int i = 0; i < INNER_SIDES_MAX; i++) {
    const struct inner_side *inner = inner_sides->list[i];
    if (inner == NULL) continue;
    bool in_memory = inner->rows != NULL && !row_index_is_spilled(inner->rows);
    if (!keeps_any || !in_memory || !inner->finished || inner->read_ms <= oldest_ms) forget(inner_sides, i);
  }
  inner_sides->clearings = clearings;
  inner_sides->expired = inner_sides->queries;
}

/* ---- What queries have in common ---- */

/* A text that differs for terms that differ. */
static char *text_of_term(const struct term *term) {
  struct buffer text = {0};
  buffer_append_format(&text, "%d %d ", term->column, (int)term->op);
  for (size_t i = 0; i < term->value_count; i++) {
    const struct value *value = &term->values[i];
    buffer_append_format(&text, "%d %lld %a %zu ", (int)value->type, (long long)value->integer, value->real, value->size);
    buffer_append(&text, value->text, value->size);
  }
  return buffer_take(&text);
}

static char *key_of(const char *plan, const struct query *query) {
  struct buffer key = {0};
  buffer_append_format(&key, "%s %llx", plan, (unsigned long long)query->columns);
  for (int i = 0; i < INPUT_COUNT; i++) {
    const char *input = query->inputs[i];
    buffer_append_format(&key, " %d %zu ", input != NULL, input != NULL ? strlen(input) : 0);
    if (input != NULL) buffer_append_text(&key, input);
  }
  return buffer_take(&key);
}

static struct inner_side *inner_side_new(const char *plan, const struct query *query, unsigned generation) {
  struct inner_side *inner = calloc(1, sizeof *inner);
  if (inner == NULL) return NULL;
  inner->scope.total = -1;
  inner->wide.total = -1;
  inner->generation = generation;
  inner->key = key_of(plan, query);
  inner->values = calloc(query->term_count + 1, sizeof *inner->values);
  bool made = inner->key != NULL && inner->values != NULL;
  for (; made && inner->count < query->term_count; inner->count++) {
    inner->values[inner->count] = text_of_term(&query->terms[inner->count]);
    made = inner->values[inner->count] != NULL;
  }
  if (made) return inner;
  inner_side_free(inner);
  return NULL;
}

/* Whether two inner sides can be one, if further terms vary: *differing has them, without those that vary in the older one anyway.
** A term that only the API can evaluate can't be left out. */
static bool are_related(const struct inner_side *older, const struct inner_side *newer, const struct query *query,
                        uint64_t *differing) {
  if (older->generation != newer->generation || older->count != newer->count || strcmp(older->key, newer->key) != 0)
    return false;
  *differing = 0;
  for (size_t i = 0; i < newer->count; i++) {
    if ((older->scope.varying & 1ULL << i) != 0 || strcmp(older->values[i], newer->values[i]) == 0) continue;
    if (operator_is_api_only(query->terms[i].op)) return false;
    *differing |= 1ULL << i;
  }
  return true;
}

static void set_varying(struct scope *scope, uint64_t varying) {
  if (varying != scope->varying) *scope = (struct scope){.varying = varying, .total = -1};
}

/* Makes an inner side the successor of one that has been read. */
static void follow(const struct inner_side *older, uint64_t differing, struct inner_side *newer) {
  newer->scope.varying = older->scope.varying;
  newer->wide = older->wide;
  set_varying(&newer->wide, older->wide.varying | differing);
  newer->earlier = older->earlier + older->requests;
}

/* Puts an inner side in an empty place, or that of the least recently used one; false when all are being read. */
static bool find_place(struct inner_sides *inner_sides, struct inner_side *made) {
  int oldest = -1;
  for (int i = 0; i < INNER_SIDES_MAX; i++) {
    const struct inner_side *inner = inner_sides->list[i];
    if (inner != NULL && inner->readers > 0) continue;
    bool older =
        oldest < 0 || inner == NULL || (inner_sides->list[oldest] != NULL && inner->used < inner_sides->list[oldest]->used);
    if (older) oldest = i;
    if (inner == NULL) break;
  }
  if (oldest < 0) return false;
  forget(inner_sides, oldest);
  inner_sides->list[oldest] = made;
  return true;
}

/* Whether a query continues the first of two inner sides: preferably one that still asks the API, so that all requests for the same
** rows are counted together, and then the more recently used one. */
static bool is_nearer(const struct inner_side *one, const struct inner_side *other) {
  bool asking = one->rows == NULL, other_asking = other->rows == NULL;
  return asking != other_asking ? asking : one->used > other->used;
}

/* Whether rows that are kept are too old for a query. Within a statement they never are. While cursors of other statements are
** open, that a new statement has begun shows only in that the rows weren't used for a while. */
static bool are_stale(const struct inner_sides *inner_sides, const struct inner_side *inner) {
  int64_t now = clock_now_ms();
  int64_t ttl_ms = config_number(client_config(inner_sides->pool->client), OPTION_CACHE_TTL_S) * 1000;
  if (inner->clearings != client_clearings(inner_sides->pool->client)) return true;
  return now - inner->used_ms > IDLE_MS && (!inner->finished || now - inner->read_ms >= ttl_ms);
}

/* Finds the query's inner side, or begins one. NULL when memory ran out, or all are being read. */
static struct inner_side *find_inner_side(struct inner_sides *inner_sides, const char *plan, const struct query *query) {
  unsigned generation = config_generation(client_config(inner_sides->pool->client));
  struct inner_side *made = inner_side_new(plan, query, generation);
  struct inner_side *related = NULL;
  uint64_t differing = 0;
  if (made == NULL) return NULL;
  for (int i = 0; i < INNER_SIDES_MAX; i++) {
    struct inner_side *inner = inner_sides->list[i];
    uint64_t terms;
    bool stale = inner != NULL && inner->rows != NULL && are_stale(inner_sides, inner);
    if (inner != NULL && inner->readers == 0 && (stale || inner->generation != generation)) {
      forget(inner_sides, i);
      continue;
    }
    if (inner == NULL || stale || !are_related(inner, made, query, &terms)) continue;
    if (terms == 0) {
      inner_side_free(made);
      return inner;
    }
    /* An earlier statement's queries say nothing about this one. */
    if (inner->used <= inner_sides->expired || (related != NULL && is_nearer(related, inner))) continue;
    related = inner;
    differing = terms;
  }
  if (related != NULL && related->rows == NULL) {
    set_varying(&related->scope, related->scope.varying | differing);
    set_varying(&related->wide, related->wide.varying | related->scope.varying);
    inner_side_free(made);
    return related;
  }
  if (related != NULL) follow(related, differing, made);
  if (find_place(inner_sides, made)) return made;
  inner_side_free(made);
  return NULL;
}

/* ---- Reading the inner side ---- */

/* How many requests reading the scope takes; -1: not known. */
static long long pages_of(const struct inner_sides *inner_sides, const struct scope *scope) {
  long page_size = config_number(client_config(inner_sides->pool->client), OPTION_PAGE_SIZE);
  if (scope->total < 0) return -1;
  return scope->total > 0 ? (scope->total - 1) / page_size + 1 : 1;
}

/* Takes the columns to keep from the scan's present row. */
static int read_row(struct scan *scan, const struct row_index *rows, int64_t *rowid, struct value *values,
                    struct error *error) {
  for (int column = 0; column < ENDPOINT_COLUMNS_MAX; column++)
    if ((row_index_columns(rows) & 1ULL << column) != 0 && scan_value(scan, column, values++, error) != 0) return -1;
  return scan_rowid(scan, rowid, error);
}

/* Keeps the scan's rows from the present one on, to the end or until it has made more requests than `most`: in memory or, when they
** are too many, in a spill. If the spill fails, the query doesn't: the inner side goes on asking the API. */
static int keep_rows(struct inner_sides *inner_sides, struct inner_side *inner, struct scan *scan, bool row, long long most,
                     struct error *error) {
  struct row_index *rows = inner->rows;
  bool kept = true;
  while (row && kept && scan_requests(scan) <= most) {
    struct value values[ENDPOINT_COLUMNS_MAX];
    int64_t rowid;
    if (read_row(scan, rows, &rowid, values, error) != 0) return -1;
    kept = row_index_append(rows, rowid, values, error) == 0;
    bool full =
        kept && row_index_count(rows) % ROWS_BETWEEN_SIZES == 1 && !row_index_is_spilled(rows) && is_full(inner_sides->pool);
    if (full) kept = row_index_spill(rows, inner_sides->pool->spill, error) == 0;
    if (kept && scan_next(scan, &row, error) != 0) return -1;
  }
  if (kept) kept = row_index_finish(rows, error) == 0;
  inner->given_up = !kept;
  return kept || error->kind == ERROR_FAILED ? 0 : -1;
}

/* The total_items_count of the response with the scan's present row; -1: none. */
static int total_of(struct scan *scan, const struct endpoint *endpoint, long long *total, struct error *error) {
  int column = endpoint_column(endpoint, "total_items_count");
  struct value value = {.type = VALUE_NULL};
  if (column >= 0 && scan_value(scan, column, &value, error) != 0) return -1;
  *total = value.type == VALUE_INTEGER ? value.integer : -1;
  return 0;
}

/* Whether as many requests were made as reading the scope takes, or one less. */
static bool is_paid(const struct inner_sides *inner_sides, const struct scope *scope, long long requests) {
  return scope->total >= 0 && requests > 0 && requests + 1 >= pages_of(inner_sides, scope);
}

/* Keeps the scan's rows, all of a scope, which becomes the inner side's own; none if that takes more requests than `most`. */
static int read_scope(struct inner_sides *inner_sides, struct inner_side *inner, const struct scope *scope,
                      const struct query *query, struct scan *scan, bool row, long long most, struct error *error) {
  int key_term = probe_key(query, scope->varying);
  int key = key_term >= 0 ? query->terms[key_term].column : ROW_INDEX_WITHOUT_KEY;
  inner->rows = row_index_new(probe_columns(query, scope->varying), key);
  if (inner->rows == NULL) return error_no_memory(error);
  int result = keep_rows(inner_sides, inner, scan, row, most, error);
  if (result == 0 && !inner->given_up && scan_has_ended(scan)) {
    inner->scope = *scope;
    inner->key_term = key_term;
    inner->finished = scan_is_finished(scan);
    inner->read_ms = clock_now_ms();
    inner->clearings = client_clearings(inner_sides->pool->client);
    return 0;
  }
  row_index_free(inner->rows);
  inner->rows = NULL;
  return result;
}

/* Reads a scope, after `paid` requests. With `asking`, its first page, which may tell the size; the rest then only if the requests
** pay for it, or, without a size, as far as they do. */
static int try_scope(struct inner_sides *inner_sides, struct inner_side *inner, struct scope *scope, long long paid,
                     bool asking, const struct query *query, struct error *error) {
  struct query whole;
  struct scan *scan;
  bool row;
  if (query_copy_without(query, scope->varying, &whole, error) != 0) return -1;
  if (asking) whole.limit = config_number(client_config(inner_sides->pool->client), OPTION_PAGE_SIZE);
  if (scan_open(inner_sides->pool->client, &whole, &scan, error) != 0) return -1;
  int result = scan_next(scan, &row, error);
  if (result == 0 && asking) {
    scope->tried = paid;
    scope->total = 0;
    if (row) result = total_of(scan, query->endpoint, &scope->total, error);
  }
  bool trying = asking && scope->total < 0;
  if (result == 0 && (!asking || trying || is_paid(inner_sides, scope, paid + scan_requests(scan)))) {
    if (!trying) scan_read_all(scan);
    result = read_scope(inner_sides, inner, scope, query, scan, row, trying ? paid : LLONG_MAX, error);
  }
  inner->requests += scan_requests(scan);
  scan_close(scan);
  return result;
}

/* Looks for the size of a scope in what earlier responses said. */
static int look_up_total(const struct inner_sides *inner_sides, struct scope *scope, const struct query *query,
                         struct error *error) {
  struct query whole;
  if (scope->total >= 0) return 0;
  if (query_copy_without(query, scope->varying, &whole, error) != 0) return -1;
  scope->total = scan_known_total(inner_sides->pool->client, &whole);
  query_release(&whole);
  return 0;
}

/* Whether the queries are all the same, and one has given all its rows: the next one keeps them. */
static bool is_repeated(const struct inner_side *inner) {
  if (inner->scope.varying != 0) return false;
  return inner->ended || (inner->scope.total > 0 && inner->rows_given >= inner->scope.total);
}

/* Lets all terms vary, if together they leave no row out: what is kept then serves any other values, too. */
static int widen(const struct inner_sides *inner_sides, struct scope *scope, const struct query *query, struct error *error) {
  struct scope all = {.total = -1};
  for (size_t i = 0; i < query->term_count; i++)
    if (!operator_is_api_only(query->terms[i].op)) all.varying |= 1ULL << i;
  if (look_up_total(inner_sides, &all, query, error) != 0) return -1;
  if (all.total >= 0 && all.total == scope->total) *scope = all;
  return 0;
}

/* Whether the size of the scope isn't known, and finding it out costs little beside the requests that were made. */
static bool is_worth_asking(const struct scope *scope, long long requests) {
  return scope->total < 0 && requests >= REQUESTS_TO_ASK && requests >= TIMES_TO_TRY * scope->tried;
}

/* Reads the inner side, in one of its scopes, once that is paid for. */
static int read_if_paid(struct inner_sides *inner_sides, struct inner_side *inner, const struct query *query,
                        struct error *error) {
  struct scope *scope = &inner->scope;
  struct scope *wide = &inner->wide;
  /* The predecessors' requests count for the wide scope. */
  long long requests = inner->requests + (wide->varying == scope->varying ? inner->earlier : 0);
  if (inner->rows != NULL || inner->given_up) return 0;
  if (look_up_total(inner_sides, scope, query, error) != 0) return -1;
  bool paid = is_paid(inner_sides, scope, requests);
  if (wide->varying != scope->varying) {
    long long all = inner->earlier + inner->requests + (paid ? pages_of(inner_sides, scope) - 1 : 0);
    if (look_up_total(inner_sides, wide, query, error) != 0) return -1;
    bool asking = is_worth_asking(wide, all);
    bool looks = asking || is_paid(inner_sides, wide, all);
    if (looks && try_scope(inner_sides, inner, wide, all, asking, query, error) != 0) return -1;
    if (inner->rows != NULL || inner->given_up) return 0;
  }
  bool asking = is_worth_asking(scope, requests);
  if (!asking && !paid && !is_repeated(inner)) return 0;
  if (is_repeated(inner) && widen(inner_sides, scope, query, error) != 0) return -1;
  return try_scope(inner_sides, inner, scope, requests, asking, query, error);
}

/* ---- Queries ---- */

int inner_sides_enter(struct inner_sides *inner_sides, const char *plan, struct query *query, struct inner_side **inner,
                      struct probe **probe, struct error *error) {
  *probe = NULL;
  *inner = NULL;
  struct inner_side *found = find_inner_side(inner_sides, plan, query);
  if (found == NULL) return 0;
  bool first = found->used == 0 && found->earlier == 0; /* nothing has been paid yet */
  found->used = ++inner_sides->queries;
  found->used_ms = clock_now_ms();
  found->readers++;
  int result = first ? 0 : read_if_paid(inner_sides, found, query, error);
  if (result == 0 && found->rows != NULL)
    result = probe_open(found->rows, query, found->scope.varying, found->key_term, probe, error);
  if (result != 0) {
    inner_sides_leave(found, NULL);
    return -1;
  }
  *inner = found;
  return 0;
}

void inner_sides_leave(struct inner_side *inner, const struct scan *scan) {
  if (inner == NULL) return;
  inner->readers--;
  if (scan == NULL) return;
  inner->requests += scan_requests(scan);
  inner->rows_given += scan_rows(scan);
  if (scan_has_ended(scan)) inner->ended = true;
}
