/*
** A queue of entries: processed pages first, then requests in flight. Pages are processed in order, each as soon as it has
** arrived, since its total says whether there is another, and the next request may need its token.
**
** Places are counted in rows of the result. Pages are requested ahead on the assumption that each has the expected number of
** rows; one with fewer shows that the requests after it are in the wrong places: they are given up, and the stream goes on from
** the row that it has reached, one request at a time until it knows how many rows the API puts in a page.
**
** The API may refuse an offset (it is too deep) or a token (it came from a cached page, and has expired). Then the stream goes
** back to a place that it can request, and leaves out the rows that it has returned before.
*/
#include "scan/stream.h"

#include <stdlib.h>
#include <string.h>

#include "api/status.h"
#include "wire/request.h"

enum {
  ENTRIES_MAX = 64,       /* more than may ever be in flight and waiting */
  REPEATS_MAX = 16,       /* equal pages in a row after which an API without a total is taken to have no end */
  EMPTY_MAX = 100,        /* pages without rows, in a row, that are accepted where rows are promised and a token leads on */
  EMPTY_END = 2,          /* … and where no rows are promised: that many are the end */
  REGULAR_MIN = 3,        /* pages with the expected number of rows, in a row, after which the stream looks ahead again */
  ROUND_PAGE = 10,        /* a page whose rows are a multiple of it may have been cut by the server */
  REFUSED_TOKENS_MAX = 3, /* in a row, after which no more are sent */
  DETOURS_MAX = 4         /* ways around a refusal, in a row, without a new row */
};

_Static_assert((int)ENTRIES_MAX >= 2 * (int)IN_FLIGHT_MAX, "the queue is too short for its look-ahead");

struct entry {
  struct position position;
  char *token;        /* of the position, or NULL; owned, until processed */
  long long expected; /* rows of the page */
  struct call *call;  /* NULL once processed */
  struct page *page;  /* once processed; NULL for a crawl without results */
  size_t first;       /* the first of its rows that was not returned before */
  struct crawl_state state;
  int64_t duration_ms;
  bool failed;
  int status;
  struct error *error; /* failed; owned */
};

struct stream {
  struct stream_source source;
  unsigned generation; /* of the config for the first request */
  struct entry entries[ENTRIES_MAX];
  size_t first;
  size_t count;
  size_t looked_at; /* the number of entries, at the front, that are processed */
  long long requests;
  int64_t duration_ms; /* of the page taken last */

  /* Where it is: */
  bool started;        /* a request was made, since it last went back */
  bool complete;       /* no further request is needed */
  long long asked;     /* the row up to which pages are requested */
  long long reached;   /* … up to which they are processed */
  long long delivered; /* … up to which they were ever processed: rows before it aren't returned again */

  /* The newest processed page: */
  long long total;      /* -1: unknown */
  struct position last; /* its token is sent_token */
  bool last_cached;
  char *token; /* of it, or NULL */
  char *sent_token;
  bool token_seen;     /* on any page */
  uint64_t last_items; /* hash of its items, unless more rows were promised */
  int repeats;         /* pages before it, in a row, with the same items, while no more rows were promised */
  int empty_pages;     /* without rows, in a row */

  /* What the API returns: */
  long long page_rows; /* expected in a page that is requested with limit */
  long long odd_rows;  /* in the last page with another number of rows; 0: none */
  bool uneven;         /* it isn't known how many rows the next page has: no looking ahead */
  int regular_pages;   /* with the expected number of rows, in a row */

  /* What the API refuses: */
  long long refused_offset; /* 0: none */
  bool refusal_is_certain;  /* not a transient fault */
  int refused_tokens;       /* its own, of pages that aren't cached, in a row */
  bool past_cache;          /* cached pages have tokens that have expired */
  int detours;              /* since the last new row */
};

static struct capabilities *capabilities_of(const struct stream *stream) {
  return client_capabilities(stream->source.client);
}

struct stream *stream_new(const struct stream_source *source) {
  struct stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL) return NULL;
  stream->source = *source;
  stream->generation = config_generation(client_config(source->client));
  stream->total = -1;
  stream->delivered = source->start;
  stream->asked = stream->reached = capabilities_reach(capabilities_of(stream), source->query->endpoint, source->start);
  long long page_rows = capabilities_of(stream)->page_rows;
  stream->page_rows = page_rows > 0 && page_rows < source->limit ? page_rows : source->limit;
  return stream;
}

static struct entry *entry_at(const struct stream *stream, size_t i) {
  return (struct entry *)&stream->entries[(stream->first + i) % ENTRIES_MAX];
}

static void release_entry(struct entry *entry) {
  call_end(entry->call);
  page_free(entry->page);
  free(entry->token);
  free(entry->error);
  *entry = (struct entry){0};
}

/* Gives up the requests that aren't processed. */
static void drop_in_flight(struct stream *stream) {
  while (stream->count > stream->looked_at) release_entry(entry_at(stream, --stream->count));
  stream->asked = stream->reached;
}

void stream_free(struct stream *stream) {
  if (stream == NULL) return;
  for (size_t i = 0; i < stream->count; i++) release_entry(entry_at(stream, i));
  free(stream->token);
  free(stream->sent_token);
  free(stream);
}

/* ---- Requests ---- */

/* Whether the API accepts the offset as far as is known, even if it is deeper than the documents advise. */
static bool takes_offset(const struct stream *stream, long long row) {
  if (stream->refused_offset > 0 && row >= stream->refused_offset) return false;
  return capabilities_reach(capabilities_of(stream), stream->source.query->endpoint, row) == row;
}

static bool has_token(const struct stream *stream) {
  return stream->token != NULL && stream->refused_tokens < REFUSED_TOKENS_MAX;
}

/* Where requests by offset end: where the documents advise the token. With a LIMIT they go on as far as the API accepts offsets,
** until it refuses one, since people read in windows of LIMIT and OFFSET, which have to be in the same order. */
static long long offsets_end(const struct stream *stream) {
  const struct query *query = stream->source.query;
  bool refuses = stream->refused_offset > 0 || capabilities_of(stream)->offset_refused > 0;
  return query->limit >= 0 && !refuses ? query->endpoint->offset_max : query->endpoint->offset_advised_max;
}

/* Whether the next page can be requested by offset before the page before it is processed. */
static bool looks_ahead(const struct stream *stream) {
  long long total = stream->total >= 0 ? stream->total : stream->source.likely / 4;
  return total > stream->asked && stream->asked < offsets_end(stream) && !stream->uneven && takes_offset(stream, stream->asked);
}

/* Whether the page before was requested with a smaller limit, which its token would keep, so that the offset is better. After a
** page without rows only its token leads on. */
static bool grows(const struct stream *stream) {
  return stream->empty_pages == 0 && stream->last.limit < stream->source.limit && takes_offset(stream, stream->asked);
}

/* The total in the head of a page that hasn't arrived; -1: not known, or more pages follow one that doesn't have the expected
** length, so that their places aren't known. */
static long long total_ahead(const struct entry *entry) {
  const struct page *head = call_head(entry->call);
  struct crawl_state state;
  struct error ignored;
  if (head == NULL || page_crawl_state(head, &state, &ignored) != 0) return -1;
  bool fits =
      page_promised_items(head) == entry->expected || state.total_items <= entry->position.rows_before + entry->expected;
  return fits ? state.total_items : -1;
}

/* The token in the head of the newest page, while its items are in flight or not parsed; NULL if it isn't certain that it
** leads on. Not a token that doesn't change: each use moves a cursor on the API's side, and the page may have to be
** requested again. Belongs to the call. */
static const char *token_ahead(const struct stream *stream) {
  const struct entry *entry = entry_at(stream, stream->count - 1);
  const char *sent = entry->position.token;
  if (stream->looked_at == stream->count || stream->uneven || entry->position.limit < stream->source.limit) return NULL;
  if (stream->refused_tokens >= REFUSED_TOKENS_MAX || capabilities_of(stream)->tokens_repeat) return NULL;
  if (stream->total < 0) return NULL; /* pages may come by offset, side by side */
  if (total_ahead(entry) <= stream->asked) return NULL;
  const char *token = page_token(call_head(entry->call));
  return token == NULL || (sent != NULL && strcmp(token, sent) == 0) ? NULL : token;
}

/* The next request's position; false if there is none, or it isn't known yet. */
static bool next_position(const struct stream *stream, struct position *position) {
  bool ahead = looks_ahead(stream);
  if (stream->complete || stream->count == ENTRIES_MAX) return false;
  if (stream->started && !ahead && stream->looked_at < stream->count) {
    const char *token = token_ahead(stream);
    if (token == NULL) return false;
    *position = entry_at(stream, stream->count - 1)->position;
    position->token = token;
    position->rows_before = stream->asked;
    return true;
  }
  *position = (struct position){.offset = stream->asked, .limit = stream->source.limit, .rows_before = stream->asked};
  if (!stream->started && stream->asked >= stream->source.start) position->limit = stream->source.first_limit;
  if (!stream->started || ahead || grows(stream) || !has_token(stream)) return true;
  *position = stream->last;
  position->token = stream->token;
  position->rows_before = stream->asked;
  return true;
}

bool stream_can_request(const struct stream *stream) {
  struct position position;
  return next_position(stream, &position);
}

/* Goes on from a row that can be requested by offset. */
static void go_back(struct stream *stream, long long row) {
  free(stream->token);
  stream->token = NULL;
  stream->reached = row;
  stream->started = false;
  stream->complete = false;
  stream->repeats = 0;
  stream->empty_pages = 0;
  drop_in_flight(stream);
}

/* The token of the newest page looked at was sent, and is needed no more. */
static void spend_token(struct stream *stream) {
  free(stream->token);
  stream->token = NULL;
}

static enum cache_use cache_use_of(const struct stream *stream, const struct position *position) {
  bool ahead = stream->looked_at < stream->count; /* token_ahead gives no token that was sent before */
  bool repeated =
      position->token != NULL && !ahead && stream->sent_token != NULL && strcmp(position->token, stream->sent_token) == 0;
  if (position->token != NULL && (repeated || capabilities_of(stream)->tokens_repeat)) return CACHE_BYPASS;
  return stream->past_cache && position->token == NULL ? CACHE_REFRESH : CACHE_SHARE;
}

static int start_call(struct stream *stream, const struct position *position, struct error *error) {
  const struct stream_source *source = &stream->source;
  char *body;
  struct call *call;
  char *token = position->token != NULL ? strdup(position->token) : NULL;
  if (position->token != NULL && token == NULL) return error_no_memory(error);
  if (request_body(source->query, source->conditions, source->condition_count, position, &body, error) != 0) {
    free(token);
    return -1;
  }
  const struct call_request request = {.endpoint = source->query->endpoint,
                                       .columns = query_columns(source->query),
                                       .task_id = source->query->inputs[INPUT_TASK],
                                       .body = body,
                                       .position = *position,
                                       .cache_use = cache_use_of(stream, position)};
  int result = call_start(source->client, &request, &call, error);
  free(body);
  if (result != 0) {
    free(token);
    return -1;
  }
  long long expected = position->limit < stream->page_rows ? position->limit : stream->page_rows;
  if (token != NULL) spend_token(stream);
  struct entry *entry = entry_at(stream, stream->count++);
  *entry = (struct entry){.position = *position, .token = token, .expected = expected, .call = call};
  entry->position.token = token;
  stream->asked += expected;
  stream->started = true;
  return 0;
}

int stream_request(struct stream *stream, struct error *error) {
  const struct stream_source *source = &stream->source;
  struct position position = {0};
  if (stream->generation != config_generation(client_config(source->client)))
    return error_set(error, "base_url or the credentials were changed while a query was running");
  if (!next_position(stream, &position)) return error_set(error, "onpage's own fault: a page was requested where none can be");
  if (position.token != NULL && stream->last_cached && capabilities_of(stream)->tokens_repeat) {
    stream->past_cache = true; /* the token of a cached page leads to where its first reader has come by now */
    go_back(stream, stream->last.offset);
    return stream_request(stream, error);
  }
  if (position.token == NULL && position.offset > source->query->endpoint->offset_max)
    return error_set(error, "the API gives no more than %lld links without search_after_token, and sent none",
                     source->query->endpoint->offset_max);
  return start_call(stream, &position, error);
}

/* ---- Refusals ---- */

/* The deepest place before a refused offset that is known to be good, or 0. */
static long long place_before(const struct stream *stream, long long offset) {
  struct capabilities capabilities = *capabilities_of(stream);
  if (capabilities.offset_refused == 0 || offset < capabilities.offset_refused) capabilities.offset_refused = offset;
  return capabilities_reach(&capabilities, stream->source.query->endpoint, offset);
}

/* An offset was refused: go on by the token of the page before, or from a place before, whose pages have a token. */
static bool get_round_offset(struct stream *stream, long long offset, bool certain) {
  stream->refused_offset = offset;
  stream->refusal_is_certain = certain;
  if (!has_token(stream)) go_back(stream, place_before(stream, offset));
  drop_in_flight(stream);
  return true;
}

/* A token was refused. If it came from a cached page that was requested by offset, that page is requested anew; otherwise go on
** by offset, if the API accepts it; otherwise start the chain of tokens again. */
static bool get_round_token(struct stream *stream) {
  bool renew = stream->last_cached && stream->last.token == NULL;
  bool by_offset = !renew && takes_offset(stream, stream->reached);
  stream->past_cache = stream->past_cache || !by_offset;
  if (!stream->last_cached) stream->refused_tokens++;
  go_back(stream, by_offset ? stream->reached : stream->last.offset);
  return true;
}

/* Finds a way around the failure of the first request that isn't processed. */
static bool get_round(struct stream *stream, const struct position *position, int status, bool too_long) {
  bool refused = status_of_code(status)->reaction == REACTION_FILTER;
  if (stream->detours++ == DETOURS_MAX) return false;
  if (position->token != NULL) return refused && get_round_token(stream);
  return (refused || too_long) && position->offset > 0 && get_round_offset(stream, position->offset, refused);
}

/* Remembers for other streams what a page shows of offsets. An offset that took too long once needn't do so again, unless the
** documents warn of it. */
static void teach_offsets(const struct stream *stream, const struct position *position) {
  struct capabilities *capabilities = capabilities_of(stream);
  long long refused = stream->refused_offset;
  bool lasting = stream->refusal_is_certain || refused > stream->source.query->endpoint->offset_advised_max;
  if (refused > 0 && lasting && (capabilities->offset_refused == 0 || refused < capabilities->offset_refused))
    capabilities->offset_refused = refused;
  if (position->token == NULL && position->offset > capabilities->offset_taken) capabilities->offset_taken = position->offset;
}

/* ---- Arrivals ---- */

static void fail_entry(struct stream *stream, struct entry *entry, const struct error *error) {
  entry->failed = true;
  entry->error = malloc(sizeof *entry->error);
  if (entry->error != NULL) *entry->error = *error;
  stream->complete = true;
}

static bool promises_more(const struct stream *stream) {
  return stream->total > stream->reached;
}

/* There is no further page: fewer rows than promised are an error, never a shorter table. */
static int look_at_end(struct stream *stream, struct error *error) {
  stream->complete = true;
  if (promises_more(stream))
    return error_set(error, "the API promised %lld links but ended after %lld", stream->total, stream->reached);
  if (stream->total < 0) stream->total = stream->reached;
  return 0;
}

static uint64_t hash_items(const struct page *page) {
  uint64_t hash = 0;
  for (size_t i = 0; i < page_item_count(page); i++) hash = (hash ^ page_item_hash(page, i)) * 0x9E3779B97F4A7C15u;
  return hash;
}

/* Whether the API sends the same page forever. Twice may be right (page_size 1 and equal links), and so may a token that doesn't
** change; but not many times where no more rows were promised. */
static bool repeats_itself(struct stream *stream, const struct page *page) {
  bool promised = promises_more(stream);
  uint64_t items = promised || page_item_count(page) == 0 ? 0 : hash_items(page);
  stream->repeats = items == stream->last_items && items != 0 ? stream->repeats + 1 : 0;
  stream->last_items = items;
  return stream->repeats == REPEATS_MAX;
}

/* Learns from a page that isn't the last how many rows the API puts in one. Two in a row with the same unexpected number show
** what to expect. */
static void learn_size(struct stream *stream, long long count, long long expected) {
  struct capabilities *capabilities = capabilities_of(stream);
  stream->regular_pages = count == expected ? stream->regular_pages + 1 : 0;
  if (stream->regular_pages >= REGULAR_MIN) stream->uneven = false;
  if (count == expected) return;
  bool known = count > 0 && count == stream->odd_rows && count < stream->source.limit;
  bool was_known = stream->page_rows < stream->source.limit;
  stream->odd_rows = known ? 0 : count;
  stream->page_rows = known ? count : stream->source.limit;
  stream->uneven = !known && count != stream->source.limit;
  if (known || was_known) capabilities->page_rows = known ? count : 0;
}

/* Whether all rows have come by the total, and the total isn't doubtful. */
static bool total_is_reached(const struct stream *stream) {
  bool beyond = stream->reached > stream->total && stream->reached > stream->source.start;
  return stream->total >= 0 && !promises_more(stream) && !beyond && !total_may_be_cap(stream->total);
}

/* Whether a page without rows is the last. */
static bool ends_empty(const struct stream *stream) {
  if (stream->token == NULL || total_is_reached(stream)) return true;
  return stream->empty_pages >= (promises_more(stream) ? EMPTY_MAX : EMPTY_END);
}

/* Whether a page with rows is the last. */
static bool ends_with(const struct stream *stream, long long count, bool is_full) {
  if (promises_more(stream)) return false;
  /* A full page with a token may be followed by another even where the total says no: the total could be capped. */
  if (total_is_reached(stream)) return stream->token == NULL || !is_full;
  if (stream->token != NULL) return false;
  /* Nothing leads on. The page may still not be the last if it is as long as requested, or has a round number of rows, as bounds
  ** of servers are. The end of a chain of tokens is proof if the total agrees, or nothing else can be requested. */
  bool told = stream->token_seen && (stream->total == stream->reached || !takes_offset(stream, stream->reached));
  return told || !(is_full || count % ROUND_PAGE == 0);
}

static int take_token(struct stream *stream, const struct page *page, struct error *error) {
  const char *token = page_token(page);
  free(stream->token);
  stream->token = token != NULL ? strdup(token) : NULL;
  if (token != NULL && stream->token == NULL) return error_no_memory(error);
  stream->token_seen = stream->token_seen || token != NULL;
  return 0;
}

/* Whether the request after the newest page is the one that would be made now: if its token came from the page's head, the
** page has to have the same. */
static bool goes_on(const struct stream *stream) {
  const char *sent = entry_at(stream, stream->looked_at)->token;
  return sent == NULL || (stream->token != NULL && strcmp(sent, stream->token) == 0);
}

/* Decides whether another page follows one of `count` rows. out_of_cache: the page was requested by the token of a cached page. */
static int look_for_next(struct stream *stream, const struct entry *entry, long long count, bool out_of_cache,
                         struct error *error) {
  bool by_token = entry->position.token != NULL;
  bool worthless = by_token && count == 0 && promises_more(stream) && (stream->token == NULL || out_of_cache);
  if (by_token && count > 0 && stream->token != NULL && strcmp(stream->token, entry->position.token) == 0)
    capabilities_of(stream)->tokens_repeat = true;
  if (worthless && stream->detours++ < DETOURS_MAX) {
    get_round_token(stream);
    return 0;
  }
  if (count == 0 && stream->token != NULL && !has_token(stream) && !total_is_reached(stream))
    return error_set(error, "the API leads on by a search_after_token that it refuses: run the query again");
  bool ends = count > 0 ? ends_with(stream, count, count == entry->expected || stream->uneven) : ends_empty(stream);
  stream->last = entry->position;
  if (ends) return look_at_end(stream, error);
  learn_size(stream, count, entry->expected);
  if (count != entry->expected || stream->looked_at == stream->count || !goes_on(stream)) drop_in_flight(stream);
  if (stream->looked_at < stream->count && entry_at(stream, stream->looked_at)->token != NULL) spend_token(stream);
  return 0;
}

static int look_at_page(struct stream *stream, struct entry *entry, bool cached, struct error *error) {
  entry->state = (struct crawl_state){.total_items = -1};
  if (entry->page == NULL) return look_at_end(stream, error);
  if (page_crawl_state(entry->page, &entry->state, error) != 0) return -1;
  long long count = (long long)page_item_count(entry->page);
  if (count > entry->position.limit)
    return error_set(error, "the API gave %lld links where %d were asked for", count, entry->position.limit);
  long long before = stream->reached;
  stream->reached += count;
  if (entry->state.total_items >= 0) stream->total = entry->state.total_items;
  if (stream->delivered > before)
    entry->first = (size_t)(stream->delivered < stream->reached ? stream->delivered - before : count);
  if (stream->reached > stream->delivered) stream->detours = 0;
  if (stream->reached > stream->delivered) stream->delivered = stream->reached;
  stream->empty_pages = count == 0 ? stream->empty_pages + 1 : 0;
  if (repeats_itself(stream, entry->page))
    return error_set(error, "the API gives the same page again and again, though it promised no more links");
  if (take_token(stream, entry->page, error) != 0) return -1;
  teach_offsets(stream, &entry->position);
  if (entry->position.token != NULL) stream->refused_tokens = 0;
  bool out_of_cache = stream->last_cached && !cached;
  if (look_for_next(stream, entry, count, out_of_cache, error) != 0) return -1;
  stream->last_cached = cached;
  return 0;
}

/* Replaces the message about filters where a place was refused: the filters had been accepted before. */
static void explain_place(struct entry *entry, struct error *error) {
  bool is_start = entry->position.token == NULL && entry->position.offset == 0;
  if (is_start || status_of_code(entry->status)->reaction != REACTION_FILTER) return;
  error_set(error,
            "the API doesn't take its own search_after_token any more, nor an offset in its place (%d): run the query again",
            entry->status);
  entry->status = 0;
}

void stream_collect(struct stream *stream) {
  while (stream->looked_at < stream->count && call_is_done(entry_at(stream, stream->looked_at)->call)) {
    struct entry *entry = entry_at(stream, stream->looked_at);
    struct error error;
    int result = call_wait(entry->call, &entry->page, &entry->status, &error);
    bool cached = call_is_cached(entry->call);
    bool too_long = call_took_too_long(entry->call);
    entry->duration_ms = call_duration_ms(entry->call);
    if (!cached) stream->requests++;
    call_end(entry->call);
    entry->call = NULL;
    const struct position position = entry->position;
    if (result != 0 && get_round(stream, &position, entry->status, too_long)) continue; /* the entry is gone */
    stream->looked_at++;
    if (entry->token != NULL) {
      free(stream->sent_token);
      stream->sent_token = entry->token;
      entry->token = NULL;
    }
    if (result == 0)
      result = look_at_page(stream, entry, cached, &error);
    else
      explain_place(entry, &error);
    if (result != 0) fail_entry(stream, entry, &error);
    if (stream->complete) drop_in_flight(stream); /* requests beyond the end aren't needed any more */
  }
  if (stream->looked_at < stream->count && stream->total < 0) stream->total = total_ahead(entry_at(stream, stream->looked_at));
}

int stream_in_flight(const struct stream *stream) {
  return (int)(stream->count - stream->looked_at);
}

void stream_expect(const struct stream *stream) {
  if (stream_in_flight(stream) > 0) call_expect(entry_at(stream, stream->looked_at)->call);
}

int stream_on_wire(const struct stream *stream) {
  int number = 0;
  for (size_t i = stream->looked_at; i < stream->count; i++) number += !call_is_received(entry_at(stream, i)->call);
  return number;
}

int stream_pages_ready(const struct stream *stream) {
  return (int)stream->looked_at;
}

long long stream_total(const struct stream *stream) {
  return stream->total;
}

long long stream_likely_total(const struct stream *stream) {
  return stream->total >= 0 ? stream->total : stream->source.likely;
}

void stream_stop_guessing(struct stream *stream) {
  stream->source.likely = 0;
}

long long stream_rows_asked(const struct stream *stream) {
  return stream->asked > stream->source.start ? stream->asked - stream->source.start : 0;
}

bool stream_is_ready(const struct stream *stream) {
  return stream->looked_at > 0;
}

bool stream_has_failed(const struct stream *stream) {
  return stream->looked_at > 0 && entry_at(stream, 0)->failed;
}

struct page *stream_page(const struct stream *stream) {
  return stream->looked_at > 0 && !entry_at(stream, 0)->failed ? entry_at(stream, 0)->page : NULL;
}

int64_t stream_duration_ms(const struct stream *stream) {
  return stream->duration_ms;
}

int stream_take(struct stream *stream, struct page **page, size_t *first, struct crawl_state *state, int *status,
                struct error *error) {
  struct entry *entry = entry_at(stream, 0);
  *status = 0;
  struct entry taken = *entry;
  *entry = (struct entry){0};
  stream->first = (stream->first + 1) % ENTRIES_MAX;
  stream->count--;
  stream->looked_at--;
  stream->duration_ms = taken.duration_ms;
  if (!taken.failed) {
    *page = taken.page;
    *first = taken.first;
    *state = taken.state;
    return 0;
  }
  *status = taken.status;
  if (taken.error != NULL)
    *error = *taken.error;
  else
    error_no_memory(error);
  release_entry(&taken);
  return -1;
}

long long stream_requests(const struct stream *stream) {
  return stream->requests;
}
