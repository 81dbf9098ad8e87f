/*
** Series of queries, and what becomes of them.
**
** A query belongs to a inner if it has the same plan and inputs, and its values are the same but for the terms that vary. Which those
** are shows as queries come. What is left of a query without them is the constant part of its inner; it may be the whole query, when
** nothing that differs from one outer row to the next can be sent. A inner first asks the API. When the sixth request is due and the
** size of the constant part isn't known from an earlier response, its first page is asked for, which tells. When as many requests
** have been made as reading the constant part takes, it is read. Where the API tells no size, as many pages are read as requests were
** made; if that isn't all, they are dropped, and it is tried again after three times as many.
**
** If another value changes after that, as it does when an outer loop goes on to its next row, a new inner begins beside the first one.
** It has a wide part as well, without all terms that ever varied, which is read instead when all its forerunners and itself have
** made as many requests as that takes.
*/
#include "scan/lookup.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"

enum {
  SERIES_MAX = 16,        /* of one table: more than a statement has joins */
  REQUESTS_TO_ASK = 5,    /* before the size of a part is worth a request */
  TIMES_TO_TRY = 3,       /* as many requests as the last time, before a part of unknown size is tried again */
  IDLE_MS = 1000,         /* a join comes back sooner, unless its reader pauses */
  ROWS_BETWEEN_SIZES = 64 /* rows between two looks at the memory they take */
};

/* What is left of a inner' queries without some terms. */
struct part {
  uint64_t varying; /* bits of the terms that are left out */
  long long total;  /* its rows; -1: not known */
  long long tried;  /* requests that had been made when its first pages were asked for last; 0: never */
};

struct inner_side {
  char *key;     /* plan, columns, inputs */
  char **values; /* text of each term; those that vary have the first one seen */
  size_t count;  /* terms */
  unsigned generation;
  struct part part;       /* what stays the same in this inner */
  struct part wide;       /* and in its forerunners, too */
  long long requests;     /* made by its queries */
  long long earlier;      /* made by its forerunners' */
  long long given;        /* rows that its queries gave */
  bool ended;             /* one of its queries was read to its end */
  bool given_up;          /* it goes on asking */
  bool finished;          /* the crawl is: rows may be kept */
  struct row_index *rows; /* the constant part, once read */
  int key_term;           /* by which they are found; -1: all are looked at */
  int64_t read_ms;        /* when that was, */
  unsigned clearings;     /* … of the cache by then */
  int readers;            /* cursors that are in the inner */
  uint64_t used;          /* when, in the order of queries, */
  int64_t used_ms;        /* … and by the clock */
};

struct lookups {
  struct lookup_room *room;
  struct lookups *next; /* in the room */
  struct inner_side *inner[SERIES_MAX];
  uint64_t queries;
  uint64_t rested;    /* queries before the last rest */
  unsigned clearings; /* of the cache, before the last rest */
};

struct lookup_room {
  struct client *client;
  const struct spill_methods *spill;
  struct lookups *first;
};

static void inner_side_free(struct inner_side *inner) {
  if (inner == NULL) return;
  for (size_t i = 0; inner->values != NULL && i < inner->count; i++) free(inner->values[i]);
  free(inner->values);
  free(inner->key);
  row_index_free(inner->rows);
  free(inner);
}

static void forget(struct lookups *lookups, int i) {
  inner_side_free(lookups->inner[i]);
  lookups->inner[i] = NULL;
}

/* ---- Room ---- */

struct lookup_room *lookup_room_new(struct client *client, const struct spill_methods *spill) {
  struct lookup_room *room = calloc(1, sizeof *room);
  if (room != NULL) *room = (struct lookup_room){.client = client, .spill = spill};
  return room;
}

void lookup_room_free(struct lookup_room *room) {
  free(room);
}

static size_t memory_max(const struct lookup_room *room) {
  uint64_t bytes = (uint64_t)config_number(client_config(room->client), OPTION_CACHE_MB) << 20;
  return bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

/* Whether all rows that are kept are too many for memory, even when those go that no present statement has used. */
static bool is_full(struct lookup_room *room) {
  size_t size = 0;
  size_t max = memory_max(room);
  for (struct lookups *lookups = room->first; lookups != NULL; lookups = lookups->next)
    for (int i = 0; i < SERIES_MAX; i++)
      if (lookups->inner[i] != NULL && lookups->inner[i]->rows != NULL) size += row_index_size(lookups->inner[i]->rows);
  for (struct lookups *lookups = room->first; lookups != NULL; lookups = lookups->next)
    for (int i = 0; i < SERIES_MAX && size > max; i++) {
      const struct inner_side *inner = lookups->inner[i];
      if (inner == NULL || inner->rows == NULL || inner->readers > 0 || inner->used > lookups->rested) continue;
      size -= row_index_size(inner->rows);
      forget(lookups, i);
    }
  return size > max;
}

struct lookups *lookups_new(struct lookup_room *room) {
  struct lookups *lookups = calloc(1, sizeof *lookups);
  if (lookups == NULL) return NULL;
  lookups->room = room;
  lookups->next = room->first;
  room->first = lookups;
  return lookups;
}

void lookups_free(struct lookups *lookups) {
  if (lookups == NULL) return;
  struct lookups **place = &lookups->room->first;
  while (*place != lookups) place = &(*place)->next;
  *place = lookups->next;
  for (int i = 0; i < SERIES_MAX; i++) inner_side_free(lookups->inner[i]);
  free(lookups);
}

void lookups_expire(struct lookups *lookups) {
  struct client *client = lookups->room->client;
  unsigned clearings = client_clearings(client);
  int64_t oldest_ms = clock_now_ms() - (int64_t)config_number(client_config(client), OPTION_CACHE_TTL_S) * 1000;
  bool keeps_any = memory_max(lookups->room) > 0 && clearings == lookups->clearings;
  for (int i = 0; i < SERIES_MAX; i++) {
    const struct inner_side *inner = lookups->inner[i];
    if (inner == NULL) continue;
    bool in_memory = inner->rows != NULL && !row_index_is_moved(inner->rows);
    if (!keeps_any || !in_memory || !inner->finished || inner->read_ms <= oldest_ms) forget(lookups, i);
  }
  lookups->clearings = clearings;
  lookups->rested = lookups->queries;
}

/* ---- What queries have in common ---- */

/* A text that differs whenever the terms do. */
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
  inner->part.total = -1;
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

/* Whether the queries of two inner can have a constant part in common; *differing has the terms that differ, but for those that vary
** in the older one anyway. A term that only the API can evaluate can't be left out. */
static bool are_related(const struct inner_side *older, const struct inner_side *newer, const struct query *query,
                        uint64_t *differing) {
  if (older->generation != newer->generation || older->count != newer->count || strcmp(older->key, newer->key) != 0)
    return false;
  *differing = 0;
  for (size_t i = 0; i < newer->count; i++) {
    if ((older->part.varying & 1ULL << i) != 0 || strcmp(older->values[i], newer->values[i]) == 0) continue;
    if (operator_is_api_only(query->terms[i].op)) return false;
    *differing |= 1ULL << i;
  }
  return true;
}

static void set_varying(struct part *part, uint64_t varying) {
  if (varying != part->varying) *part = (struct part){.varying = varying, .total = -1};
}

/* Begins a inner beside one that has been read. */
static void succeed(const struct inner_side *older, uint64_t differing, struct inner_side *newer) {
  newer->part.varying = older->part.varying;
  newer->wide = older->wide;
  set_varying(&newer->wide, older->wide.varying | differing);
  newer->earlier = older->earlier + older->requests;
}

/* Puts a inner in an empty place, or that of the one that was not used for longest; false when all are being read. */
static bool find_place(struct lookups *lookups, struct inner_side *made) {
  int oldest = -1;
  for (int i = 0; i < SERIES_MAX; i++) {
    const struct inner_side *inner = lookups->inner[i];
    if (inner != NULL && inner->readers > 0) continue;
    bool older = oldest < 0 || inner == NULL || (lookups->inner[oldest] != NULL && inner->used < lookups->inner[oldest]->used);
    if (older) oldest = i;
    if (inner == NULL) break;
  }
  if (oldest < 0) return false;
  forget(lookups, oldest);
  lookups->inner[oldest] = made;
  return true;
}

/* Which of two related inner a query continues: one that is still asking, so that what was paid for the same rows is counted together,
** and the newer one of two. */
static bool is_nearer(const struct inner_side *one, const struct inner_side *other) {
  bool asking = one->rows == NULL, other_asking = other->rows == NULL;
  return asking != other_asking ? asking : one->used > other->used;
}

/* Whether rows that are kept are too old for a query. Within a statement they never are; what tells that another one has begun, while
** cursors of others are open, is that they have lain idle. */
static bool are_stale(const struct lookups *lookups, const struct inner_side *inner) {
  int64_t now = clock_now_ms();
  int64_t ttl_ms = config_number(client_config(lookups->room->client), OPTION_CACHE_TTL_S) * 1000;
  if (inner->clearings != client_clearings(lookups->room->client)) return true;
  return now - inner->used_ms > IDLE_MS && (!inner->finished || now - inner->read_ms >= ttl_ms);
}

/* Finds the query's inner, or begins one. NULL when memory ran out, or every inner is being read. */
static struct inner_side *find_inner_side(struct lookups *lookups, const char *plan, const struct query *query) {
  unsigned generation = config_generation(client_config(lookups->room->client));
  struct inner_side *made = inner_side_new(plan, query, generation);
  struct inner_side *related = NULL;
  uint64_t differing = 0;
  if (made == NULL) return NULL;
  for (int i = 0; i < SERIES_MAX; i++) {
    struct inner_side *inner = lookups->inner[i];
    uint64_t terms;
    bool stale = inner != NULL && inner->rows != NULL && are_stale(lookups, inner);
    if (inner != NULL && inner->readers == 0 && (stale || inner->generation != generation)) {
      forget(lookups, i);
      continue;
    }
    if (inner == NULL || stale || !are_related(inner, made, query, &terms)) continue;
    if (terms == 0) {
      inner_side_free(made);
      return inner;
    }
    /* What an earlier statement asked for says nothing about this one. */
    if (inner->used <= lookups->rested || (related != NULL && is_nearer(related, inner))) continue;
    related = inner;
    differing = terms;
  }
  if (related != NULL && related->rows == NULL) {
    set_varying(&related->part, related->part.varying | differing);
    set_varying(&related->wide, related->wide.varying | related->part.varying);
    inner_side_free(made);
    return related;
  }
  if (related != NULL) succeed(related, differing, made);
  if (find_place(lookups, made)) return made;
  inner_side_free(made);
  return NULL;
}

/* ---- Reading a part ---- */

/* How many requests the part takes; -1: not known. */
static long long pages_of(const struct lookups *lookups, const struct part *part) {
  long page_size = config_number(client_config(lookups->room->client), OPTION_PAGE_SIZE);
  if (part->total < 0) return -1;
  return part->total > 0 ? (part->total - 1) / page_size + 1 : 1;
}

/* Reads the columns that are kept of the scan's present row. */
static int read_row(struct scan *scan, const struct row_index *rows, int64_t *rowid, struct value *values,
                    struct error *error) {
  for (int column = 0; column < ENDPOINT_COLUMNS_MAX; column++)
    if ((row_index_columns(rows) & 1ULL << column) != 0 && scan_value(scan, column, values++, error) != 0) return -1;
  return scan_rowid(scan, rowid, error);
}

/* Keeps rows from the present one to the end, or until the scan has made more requests than `most`, in memory or, when they are too many, in a spill. A spill that fails is not the query's
** fault: the inner goes on asking. */
static int keep_rows(struct lookups *lookups, struct inner_side *inner, struct scan *scan, bool row, long long most,
                     struct error *error) {
  struct row_index *rows = inner->rows;
  bool kept = true;
  while (row && kept && scan_requests(scan) <= most) {
    struct value values[ENDPOINT_COLUMNS_MAX];
    int64_t rowid;
    if (read_row(scan, rows, &rowid, values, error) != 0) return -1;
    kept = row_index_append(rows, rowid, values, error) == 0;
    bool full = kept && row_index_count(rows) % ROWS_BETWEEN_SIZES == 1 && !row_index_is_moved(rows) && is_full(lookups->room);
    if (full) kept = row_index_move(rows, lookups->room->spill, error) == 0;
    if (kept && scan_next(scan, &row, error) != 0) return -1;
  }
  if (kept) kept = row_index_finish(rows, error) == 0;
  inner->given_up = !kept;
  return kept || error->kind == ERROR_FAILED ? 0 : -1;
}

/* The total in the head of the response that the scan's present row came in; -1: none. */
static int total_of(struct scan *scan, const struct endpoint *endpoint, long long *total, struct error *error) {
  struct value value;
  if (scan_value(scan, endpoint_column(endpoint, "total_items_count"), &value, error) != 0) return -1;
  *total = value.type == VALUE_INTEGER ? value.integer : -1;
  return 0;
}

/* Whether so many requests were made, or one less, as reading the part takes. */
static bool is_paid(const struct lookups *lookups, const struct part *part, long long requests) {
  return part->total >= 0 && requests > 0 && requests + 1 >= pages_of(lookups, part);
}

/* Keeps the rows of a part, which becomes the inner', from the scan's first to the end; none if that takes more requests than
** `most`. */
static int read_partition(struct lookups *lookups, struct inner_side *inner, const struct part *part, const struct query *query,
                          struct scan *scan, bool row, long long most, struct error *error) {
  int key_term = probe_key(query, part->varying);
  int key = key_term >= 0 ? query->terms[key_term].column : ROW_INDEX_WITHOUT_KEY;
  inner->rows = row_index_new(probe_columns(query, part->varying), key);
  if (inner->rows == NULL) return error_no_memory(error);
  int result = keep_rows(lookups, inner, scan, row, most, error);
  if (result == 0 && !inner->given_up && scan_has_ended(scan)) {
    inner->part = *part;
    inner->key_term = key_term;
    inner->finished = scan_is_finished(scan);
    inner->read_ms = clock_now_ms();
    inner->clearings = client_clearings(lookups->room->client);
    return 0;
  }
  row_index_free(inner->rows);
  inner->rows = NULL;
  return result;
}

/* Reads a part that has been paid for by so many requests; or with `asking`, its first page, and the rest only if that says that it is
** worth its while, or as far as it has been paid for if that says nothing. */
static int look_into_part(struct lookups *lookups, struct inner_side *inner, struct part *part, long long paid, bool asking,
                          const struct query *query, struct error *error) {
  struct query constant;
  struct scan *scan;
  bool row;
  if (query_copy_without(query, part->varying, &constant, error) != 0) return -1;
  if (asking) constant.limit = config_number(client_config(lookups->room->client), OPTION_PAGE_SIZE);
  if (scan_open(lookups->room->client, &constant, &scan, error) != 0) return -1;
  int result = scan_next(scan, &row, error);
  if (result == 0 && asking) {
    part->tried = paid;
    part->total = 0;
    if (row) result = total_of(scan, query->endpoint, &part->total, error);
  }
  bool trying = asking && part->total < 0;
  if (result == 0 && (!asking || trying || is_paid(lookups, part, paid + scan_requests(scan)))) {
    if (!trying) scan_read_all(scan);
    result = read_partition(lookups, inner, part, query, scan, row, trying ? paid : LLONG_MAX, error);
  }
  inner->requests += scan_requests(scan);
  scan_close(scan);
  return result;
}

/* Looks for the size of a part in what earlier responses said. */
static int look_up_total(const struct lookups *lookups, struct part *part, const struct query *query, struct error *error) {
  struct query constant;
  if (part->total >= 0) return 0;
  if (query_copy_without(query, part->varying, &constant, error) != 0) return -1;
  part->total = scan_known_total(lookups->room->client, &constant);
  query_release(&constant);
  return 0;
}

/* Whether one query, always the same, has given all its rows once: the next time they are kept. */
static bool is_repeated(const struct inner_side *inner) {
  if (inner->part.varying != 0) return false;
  return inner->ended || (inner->part.total > 0 && inner->given >= inner->part.total);
}

/* Lets all values that only restrict what is there vary, if they keep all of it: its rows then serve any others. */
static int widen(const struct lookups *lookups, struct part *part, const struct query *query, struct error *error) {
  struct part all = {.total = -1};
  for (size_t i = 0; i < query->term_count; i++)
    if (!operator_is_api_only(query->terms[i].op)) all.varying |= 1ULL << i;
  if (look_up_total(lookups, &all, query, error) != 0) return -1;
  if (all.total >= 0 && all.total == part->total) *part = all;
  return 0;
}

/* Whether so many requests were made that finding out the size of the part, which isn't known, costs little beside them. */
static bool is_worth_asking(const struct part *part, long long requests) {
  return part->total < 0 && requests >= REQUESTS_TO_ASK && requests >= TIMES_TO_TRY * part->tried;
}

/* Reads what stays the same when that has become worth its while. */
static int advance(struct lookups *lookups, struct inner_side *inner, const struct query *query, struct error *error) {
  struct part *part = &inner->part;
  struct part *wide = &inner->wide;
  /* What an earlier inner paid, it paid for the wide part. */
  long long requests = inner->requests + (wide->varying == part->varying ? inner->earlier : 0);
  if (inner->rows != NULL || inner->given_up) return 0;
  if (look_up_total(lookups, part, query, error) != 0) return -1;
  bool paid = is_paid(lookups, part, requests);
  if (wide->varying != part->varying) {
    long long all = inner->earlier + inner->requests + (paid ? pages_of(lookups, part) - 1 : 0);
    if (look_up_total(lookups, wide, query, error) != 0) return -1;
    bool asking = is_worth_asking(wide, all);
    bool looks = asking || is_paid(lookups, wide, all);
    if (looks && look_into_part(lookups, inner, wide, all, asking, query, error) != 0) return -1;
    if (inner->rows != NULL || inner->given_up) return 0;
  }
  bool asking = is_worth_asking(part, requests);
  if (!asking && !paid && !is_repeated(inner)) return 0;
  if (is_repeated(inner) && widen(lookups, part, query, error) != 0) return -1;
  return look_into_part(lookups, inner, part, requests, asking, query, error);
}

/* ---- Queries ---- */

int lookups_enter(struct lookups *lookups, const char *plan, struct query *query, struct inner_side **inner,
                  struct probe **probe, struct error *error) {
  *probe = NULL;
  *inner = NULL;
  struct inner_side *found = find_inner_side(lookups, plan, query);
  if (found == NULL) return 0;
  bool first = found->used == 0 && found->earlier == 0; /* nothing has been paid yet */
  found->used = ++lookups->queries;
  found->used_ms = clock_now_ms();
  found->readers++;
  int result = first ? 0 : advance(lookups, found, query, error);
  if (result == 0 && found->rows != NULL)
    result = probe_open(found->rows, query, found->part.varying, found->key_term, probe, error);
  if (result != 0) {
    lookups_leave(found, NULL);
    return -1;
  }
  *inner = found;
  return 0;
}

void lookups_leave(struct inner_side *inner, const struct scan *scan) {
  if (inner == NULL) return;
  inner->readers--;
  if (scan == NULL) return;
  inner->requests += scan_requests(scan);
  inner->given += scan_rows(scan);
  if (scan_has_ended(scan)) inner->ended = true;
}
