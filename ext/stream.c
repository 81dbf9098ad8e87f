/*
** A queue of pages: those that were looked at come first, those on their way behind. A page is looked at in its turn as soon as it
** has arrived, since its head says whether another comes, and its token is what the next request may need.
*/
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include "request.h"

/* More than may ever be in flight and waiting: twice the largest max_in_flight. */
enum { ENTRIES_MAX = 64 };

/* Equal pages in a row that show that an API without a total has no end. */
enum { REPEATS_MAX = 16 };

struct entry {
  struct position position; /* its token belongs to the stream */
  struct call *call;        /* NULL once looked at */
  struct page *page;        /* looked at; NULL for a crawl without results */
  struct crawl_state state;
  int64_t duration_ms;
  bool failed;
  int status;
  struct error *error; /* failed; owned */
};

struct stream {
  struct stream_source source;
  unsigned generation; /* of the config that the first request was made under */
  struct entry entries[ENTRIES_MAX];
  size_t first;
  size_t count;
  size_t looked_at; /* the first so many of them */
  bool started;
  long long requests;
  bool complete;        /* no further request is needed */
  long long asked;      /* rows asked for so far, from the start */
  long long received;   /* rows of the pages looked at */
  long long total;      /* of the newest page looked at; -1: unknown */
  struct position last; /* of the newest page looked at */
  char *token;          /* of that page, or NULL */
  char *sent_token;     /* last.token */
  uint64_t last_items;  /* hash of that page's items */
  int repeats;          /* how often they had come before, one time after another, without a promise */
  int64_t duration_ms;  /* of the page taken last */
};

struct stream *stream_new(const struct stream_source *source) {
  struct stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL) return NULL;
  stream->source = *source;
  stream->generation = config_generation(client_config(source->client));
  stream->total = -1;
  return stream;
}

static struct entry *entry_at(const struct stream *stream, size_t i) {
  return (struct entry *)&stream->entries[(stream->first + i) % ENTRIES_MAX];
}

static void release_entry(struct entry *entry) {
  call_end(entry->call);
  page_free(entry->page);
  free(entry->error);
  *entry = (struct entry){0};
}

void stream_free(struct stream *stream) {
  if (stream == NULL) return;
  for (size_t i = 0; i < stream->count; i++) release_entry(entry_at(stream, i));
  free(stream->token);
  free(stream->sent_token);
  free(stream);
}

/* ---- Requests ---- */

/* The next position, if one can be told now. By offset while the total says that there are rows and the documents don't advise
** the token; else only behind a page that has been looked at. */
static bool next_position(const struct stream *stream, struct position *position) {
  const struct endpoint *endpoint = stream->source.query->endpoint;
  long long offset = stream->source.start + stream->asked;
  bool all_looked_at = stream->looked_at == stream->count;
  if (stream->complete || stream->count == ENTRIES_MAX) return false;
  *position = (struct position){.offset = offset, .limit = stream->source.limit};
  if (!stream->started) {
    position->limit = stream->source.first_limit;
    return true;
  }
  bool by_token = offset >= endpoint->offset_rows || (stream->total >= 0 && offset >= stream->total);
  if (!by_token && stream->total >= 0) return true;
  if (!all_looked_at) return false;
  if (by_token && stream->token != NULL) {
    *position = stream->last;
    position->token = stream->token;
  }
  return true;
}

bool stream_can_request(const struct stream *stream) {
  struct position position;
  return next_position(stream, &position);
}

int stream_request(struct stream *stream, struct error *error) {
  const struct stream_source *source = &stream->source;
  struct position position;
  if (stream->generation != config_generation(client_config(source->client)))
    return error_set(error, "base_url or the credentials were changed while a query was running");
  if (!next_position(stream, &position)) return error_set(error, "no request is due");
  if (position.offset > source->query->endpoint->offset_max)
    return error_set(error, "the API gives no more than %lld links without search_after_token, and sent none",
                     source->query->endpoint->offset_max);
  char *body;
  struct call *call;
  position.row = source->start + stream->asked;
  if (request_body(source->query, source->conditions, source->condition_count, &position, &body, error) != 0) return -1;
  const struct question question = {.endpoint = source->query->endpoint,
                                    .columns = query_columns(source->query),
                                    .task_id = source->query->task_id,
                                    .body = body,
                                    .position = position};
  int result = call_start(source->client, &question, &call, error);
  free(body);
  if (result != 0) return -1;
  if (position.token != NULL) { /* it was taken from the page before, and is needed no more */
    free(stream->sent_token);
    stream->sent_token = stream->token;
    stream->token = NULL;
  }
  *entry_at(stream, stream->count++) = (struct entry){.position = position, .call = call};
  stream->asked += position.limit;
  stream->started = true;
  return 0;
}

/* ---- Arrivals ---- */

static void fail_entry(struct stream *stream, struct entry *entry, const struct error *error) {
  entry->failed = true;
  entry->error = malloc(sizeof *entry->error);
  if (entry->error != NULL) *entry->error = *error;
  stream->complete = true;
}

/* No page comes behind: fewer rows than were promised are an error, never a shorter table. */
static int look_at_nothing(struct stream *stream, struct error *error) {
  long long reached = stream->source.start + stream->received;
  if (stream->total <= reached) {
    if (stream->total < 0) stream->total = 0;
    return 0;
  }
  return error_set(error, "the API promised %lld links but ended after %lld", stream->total, reached);
}

static uint64_t hash_items(const struct page *page) {
  uint64_t hash = 0;
  for (size_t i = 0; i < page_item_count(page); i++) hash = (hash ^ page_item_hash(page, i)) * 0x9E3779B97F4A7C15u;
  return hash;
}

/* Whether the API gives the same page for ever. That it comes twice may be honest (page_size 1 and equal links), and a token that
** doesn't change may be, too; but not time after time where no more rows were promised. */
static bool repeats_itself(struct stream *stream, const struct page *page) {
  long long reached = stream->source.start + stream->received;
  bool promised = stream->total > reached;
  bool promises_more = stream->total > reached + (long long)page_item_count(page);
  uint64_t items = promises_more ? 0 : hash_items(page);
  stream->repeats = items == stream->last_items && !promised ? stream->repeats + 1 : 0;
  stream->last_items = items;
  return stream->repeats == REPEATS_MAX;
}

/* Finds out from a page whether another comes behind it. */
static int look_at_page(struct stream *stream, struct entry *entry, struct error *error) {
  entry->state = (struct crawl_state){.total_items = -1};
  stream->complete = true;
  if (entry->page == NULL) return look_at_nothing(stream, error);
  if (page_crawl_state(entry->page, &entry->state, error) != 0) return -1;
  size_t count = page_item_count(entry->page);
  size_t asked = (size_t)entry->position.limit;
  if (count > asked) return error_set(error, "the API gave %zu links where %zu were asked for", count, asked);
  if (repeats_itself(stream, entry->page))
    return error_set(error, "the API gives the same page again and again, though it promised no more links");
  const char *token = page_token(entry->page);
  free(stream->token);
  stream->token = token != NULL ? strdup(token) : NULL;
  if (token != NULL && stream->token == NULL) return error_no_memory(error);
  stream->last = entry->position;
  if (entry->state.total_items >= 0) stream->total = entry->state.total_items;
  stream->received += (long long)count;
  long long reached = stream->source.start + stream->received;
  bool all = stream->total >= 0 && reached >= stream->total;
  /* A full page with a token may have another behind it even where the total says no: the total could be capped. */
  stream->complete = count < asked || (all && token == NULL);
  bool finished = entry->state.progress != NULL && strcmp(entry->state.progress, "finished") == 0;
  return count < asked && !all && finished ? look_at_nothing(stream, error) : 0;
}

void stream_look(struct stream *stream) {
  while (stream->looked_at < stream->count && call_is_done(entry_at(stream, stream->looked_at)->call)) {
    struct entry *entry = entry_at(stream, stream->looked_at++);
    struct error error;
    int result = call_wait(entry->call, &entry->page, &entry->status, &error);
    entry->duration_ms = call_duration_ms(entry->call);
    if (!call_is_cached(entry->call)) stream->requests++;
    call_end(entry->call);
    entry->call = NULL;
    if (result == 0) result = look_at_page(stream, entry, &error);
    if (result != 0) fail_entry(stream, entry, &error);
    if (!stream->complete) continue;
    /* What was asked for beyond the end is not wanted any more. */
    while (stream->count > stream->looked_at) release_entry(entry_at(stream, --stream->count));
  }
}

int stream_in_flight(const struct stream *stream) {
  return (int)(stream->count - stream->looked_at);
}

int stream_waiting(const struct stream *stream) {
  return (int)stream->looked_at;
}

long long stream_total(const struct stream *stream) {
  return stream->total;
}

long long stream_rows_asked(const struct stream *stream) {
  return stream->asked;
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

int stream_take(struct stream *stream, struct page **page, struct crawl_state *state, int *status, struct error *error) {
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
