/*
** Look-ahead over streams.
**
** With a LIMIT no more is asked for than it needs. Otherwise one page is asked for while the reader is on the first, for it may stop
** there, and up to max_in_flight as soon as it reads on.
**
** A result beyond the reach of offsets can be had by one chain of requests only, each waiting for the token of the one before. If that
** is slow, the result is partitioned by one more condition (split.h) into several chains. Whether the partitions are disjoint and
** complete is not a matter of faith: their first pages must have totals that add up to the whole's, or the chain goes on. A partition that
** turns out to be so large that the others would wait for it is partitioned again, by what its own first page shows. The rows of the
** whole's first page have been given by then; they come again in the partitions and are left out there, by their hash.
*/
#include "scan/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "scan/occurrences.h"
#include "scan/partition.h"
#include "scan/stream.h"

/* A request that takes less is not worth more requests. The API takes 200 and more. */
enum { SLOW_REQUEST_MS = 100 };

/* Of a partition of a partition …: what is no smaller by then isn't going to be. */
enum { NESTING_MAX = 3 };

/* Streams that are read side by side. */
struct streams {
  struct partitions partitions;
  struct stream **streams; /* partitions.count; owned, each may be NULL while they are being made */
};

struct feed {
  struct feed_source source;
  struct streams streams;
  size_t current;             /* the stream that the page at hand came from */
  int pages;                  /* taken so far */
  long long earlier_requests; /* of streams that were given up */
  struct page *page;
  size_t first_row; /* of the page that was not given before */
  struct crawl_state state;
  struct occurrences *given;   /* items given before the partitioning; NULL without one */
  struct occurrences *sources; /* … and the values that they have in the source column */
  size_t to_leave_out;         /* of them */
};

/* ---- Streams ---- */

static void free_streams(struct streams *streams) {
  for (size_t i = 0; streams->streams != NULL && i < streams->partitions.count; i++) stream_free(streams->streams[i]);
  free(streams->streams);
  streams->streams = NULL;
  partitions_release(&streams->partitions);
}

/* Frees streams, but remembers what they took. */
static void give_up(struct feed *feed, struct streams *streams) {
  for (size_t i = 0; streams->streams != NULL && i < streams->partitions.count; i++)
    if (streams->streams[i] != NULL) feed->earlier_requests += stream_requests(streams->streams[i]);
  free_streams(streams);
}

static int64_t option(const struct feed *feed, enum option which) {
  return config_number(client_config(feed->source.client), which);
}

/* Makes a stream for each of the partitions. */
static int make_streams(const struct feed *feed, int first_limit, struct streams *streams, struct error *error) {
  const struct partitions *partitions = &streams->partitions;
  streams->streams = calloc(partitions->count, sizeof *streams->streams);
  if (streams->streams == NULL) return error_no_memory(error);
  for (size_t i = 0; i < partitions->count; i++) {
    const struct stream_source source = {
        .client = feed->source.client,
        .query = feed->source.query,
        .conditions = partitions->partitions[i]->conditions,
        .condition_count = partitions->partitions[i]->condition_count,
        .start = feed->source.start,
        .first_limit = first_limit,
        .limit = (int)option(feed, OPTION_PAGE_SIZE),
    };
    streams->streams[i] = stream_new(&source);
    if (streams->streams[i] == NULL) return error_no_memory(error);
  }
  return 0;
}

int feed_new(const struct feed_source *source, struct feed **feed, struct error *error) {
  const struct query *query = source->query;
  struct feed *made = calloc(1, sizeof *made);
  if (made == NULL) return error_no_memory(error);
  made->source = *source;
  struct partitions *partitions = &made->streams.partitions;
  int result =
      query->resolved.long_list >= 0 ? partition_list(query, partitions, error) : partition_whole(query, partitions, error);
  if (result == 0) result = make_streams(made, source->first_limit, &made->streams, error);
  if (result != 0) {
    feed_free(made);
    return -1;
  }
  *feed = made;
  return 0;
}

void feed_free(struct feed *feed) {
  if (feed == NULL) return;
  free_streams(&feed->streams);
  page_free(feed->page);
  occurrences_free(feed->given);
  occurrences_free(feed->sources);
  free(feed);
}

struct page *feed_page(const struct feed *feed) {
  return feed->page;
}

size_t feed_first_row(const struct feed *feed) {
  return feed->first_row;
}

const struct crawl_state *feed_state(const struct feed *feed) {
  return &feed->state;
}

/* Waits until something happens, and says so: to whoever reads, and which page it is for, the first that isn't there. */
static int wait_a_little(struct feed *feed, const struct streams *streams, struct error *error) {
  size_t count = streams->partitions.count;
  const struct stream *awaited = NULL;
  for (size_t i = 0; i < count && awaited == NULL; i++) {
    const struct stream *stream = streams->streams[(feed->current + i) % count];
    if (!stream_is_ready(stream) && stream_in_flight(stream) > 0) awaited = stream;
  }
  if (awaited != NULL) stream_expect(awaited);
  feed->source.waiting(feed->source.context);
  return client_wait(feed->source.client, error);
}

/* ---- Asking ahead ---- */

static int sum(const struct streams *streams, int (*count)(const struct stream *stream)) {
  int total = 0;
  for (size_t i = 0; i < streams->partitions.count; i++) total += count(streams->streams[i]);
  return total;
}

/* The stream that has most to do of those that can go on; NULL when none can. One that has not begun comes before all others:
** nothing is known of it. */
static struct stream *neediest(const struct streams *streams) {
  struct stream *neediest = NULL;
  long long most = -1;
  for (size_t i = 0; i < streams->partitions.count; i++) {
    struct stream *stream = streams->streams[i];
    if (!stream_can_request(stream)) continue;
    long long asked = stream_rows_asked(stream);
    if (asked == 0) return stream;
    long long left = stream_total(stream) > asked ? stream_total(stream) - asked : 0;
    if (left > most) {
      most = left;
      neediest = stream;
    }
  }
  return neediest;
}

/* Whether the reader can use more rows than have been asked for. */
static bool wants_more(const struct feed *feed, const struct streams *streams) {
  long long wanted = feed->source.start == 0 ? query_rows_wanted(feed->source.query) : feed->source.query->limit;
  if (wanted < 0) return true;
  for (size_t i = 0; i < streams->partitions.count; i++) wanted -= stream_rows_asked(streams->streams[i]);
  return wanted > 0;
}

/* Starts requests until so many are on their way, or wait to be taken. */
static int ask_ahead(const struct feed *feed, const struct streams *streams, int allowed, struct error *error) {
  while (sum(streams, stream_in_flight) < allowed && sum(streams, stream_waiting) < allowed && wants_more(feed, streams)) {
    struct stream *stream = neediest(streams);
    if (stream == NULL) return 0;
    if (stream_request(stream, error) != 0) return -1;
  }
  return 0;
}

static void look_at_all(const struct streams *streams) {
  for (size_t i = 0; i < streams->partitions.count; i++) stream_look(streams->streams[i]);
}

/* A large result that is all going to be read, of a crawl that stands still, over a slow network, where some requests more don't matter. */
static bool is_worth_partitioning(const struct feed *feed) {
  const struct stream *stream = feed->streams.streams[0];
  return feed->streams.partitions.count == 1 && feed->pages == 1 && option(feed, OPTION_MAX_REQUESTS) == 0 &&
         feed->source.start == 0 && feed->page != NULL && feed->source.query->limit < 0 &&
         stream_total(stream) > feed->source.query->endpoint->offset_rows &&
         stream_rows_asked(stream) == (long long)page_item_count(feed->page) && client_max_in_flight(feed->source.client) > 1 &&
         feed->state.finished && stream_duration_ms(stream) >= SLOW_REQUEST_MS;
}

void feed_look(struct feed *feed) {
  struct error ignored;
  if (client_run(feed->source.client, 0, &ignored) != 0) return;
  look_at_all(&feed->streams);
  if (is_worth_partitioning(feed)) return;
  (void)ask_ahead(feed, &feed->streams, feed->pages <= 1 ? 1 : client_max_in_flight(feed->source.client), &ignored);
}

/* ---- Partitioning ---- */

/* Waits for the first page of every partition. *agree: none failed, and their totals add up to the whole's. */
static int compare_totals(struct feed *feed, const struct streams *streams, long long whole, bool *agree, struct error *error) {
  struct error ignored;
  long long total = 0;
  size_t ready = 0;
  *agree = false;
  while (ready < streams->partitions.count) {
    if (ask_ahead(feed, streams, (int)streams->partitions.count, &ignored) != 0) return 0;
    if (sum(streams, stream_in_flight) == 0 && sum(streams, stream_waiting) == 0) return 0;
    look_at_all(streams);
    if (client_is_full(feed->source.client)) return 0; /* first pages of all partitions at once would be too much */
    if (sum(streams, stream_in_flight) > 0 && wait_a_little(feed, streams, error) != 0) return -1;
    look_at_all(streams);
    ready = 0;
    for (size_t i = 0; i < streams->partitions.count; i++) ready += stream_is_ready(streams->streams[i]);
  }
  for (size_t i = 0; i < streams->partitions.count; i++) {
    if (stream_total(streams->streams[i]) < 0 || stream_has_failed(streams->streams[i])) return 0;
    total += stream_total(streams->streams[i]);
  }
  *agree = total == whole;
  return 0;
}

/* The hash of the row's value in the source column. */
static int source_hash(const struct feed *feed, size_t row, uint64_t *hash, struct error *error) {
  struct value value;
  struct hash made = hash_begin();
  if (page_value(feed->page, row, feed->source.query->endpoint->source_column, &value, error) != 0) return -1;
  if (value.type == VALUE_TEXT) hash_add(&made, value.text, value.size);
  *hash = hash_end(&made);
  return 0;
}

/* Remembers the items of the page at hand, which have been given. */
static int remember_page(struct feed *feed, struct error *error) {
  feed->given = occurrences_new();
  feed->sources = occurrences_new();
  if (feed->given == NULL || feed->sources == NULL) return error_no_memory(error);
  feed->to_leave_out = page_item_count(feed->page);
  for (size_t i = 0; i < feed->to_leave_out; i++) {
    uint64_t source;
    if (source_hash(feed, i, &source, error) != 0) return -1;
    if (occurrences_add(feed->sources, source, NULL) != 0 ||
        occurrences_add(feed->given, page_item_hash(feed->page, i), NULL) != 0)
      return error_no_memory(error);
  }
  return 0;
}

/* Whether the row was given before the partitioning. To hash an item is as much work as to parse a good partition of it, so only those are hashed
** that may be among the given ones. */
static int was_given(struct feed *feed, size_t row, bool *given, struct error *error) {
  uint64_t source;
  *given = false;
  if (feed->to_leave_out == 0) return 0;
  if (source_hash(feed, row, &source, error) != 0) return -1;
  *given = occurrences_has(feed->sources, source) && occurrences_remove(feed->given, page_item_hash(feed->page, row));
  if (*given) feed->to_leave_out--;
  return 0;
}

/* Makes streams of partitions of a stream's partition, by what its first page shows. *agree: that was possible, and turned out right. */
static int make_partitioned(struct feed *feed, const struct partition *partition, const struct stream *stream,
                            struct page *page, struct streams *partitioned, bool *agree, struct error *error) {
  int flights = client_max_in_flight(feed->source.client);
  /* One partition for each request in flight, so that the first pages come all at once. Where partitions are too large for their pages to be
  ** asked for by offset, some more: then the chain of the largest holds nobody up. */
  bool by_offset = stream_total(stream) / flights <= feed->source.query->endpoint->offset_rows;
  int wanted = by_offset ? flights : flights + flights / 4 + 1;
  *agree = false;
  if (partition_by_character(feed->source.query, partition, page, wanted, &partitioned->partitions, error) != 0) return -1;
  if (partitioned->partitions.count == 0) return 0;
  if (make_streams(feed, (int)option(feed, OPTION_PAGE_SIZE), partitioned, error) != 0) return -1;
  return compare_totals(feed, partitioned, stream_total(stream), agree, error);
}

/* Puts streams in the place of stream i. They are `smaller`'s no more, unless memory ran out. */
static int replace_stream(struct feed *feed, struct streams *streams, size_t i, struct streams *smaller, struct error *error) {
  size_t count = streams->partitions.count;
  size_t more = smaller->partitions.count;
  struct stream **grown = realloc(streams->streams, (count + more) * sizeof *grown);
  if (grown == NULL) return error_no_memory(error);
  streams->streams = grown;
  struct stream *partitioned = grown[i]; /* it reads from its partition, which goes with it */
  if (partitions_replace(&streams->partitions, i, &smaller->partitions, error) != 0) return -1;
  feed->earlier_requests += stream_requests(partitioned);
  stream_free(partitioned);
  grown[i] = smaller->streams[0];
  memcpy(grown + count, smaller->streams + 1, (more - 1) * sizeof *grown);
  free(smaller->streams);
  *smaller = (struct streams){0};
  return 0;
}

/* Whether the others would have been read long before this stream's chain has come to its end. */
static bool holds_up(const struct feed *feed, const struct stream *stream, long long whole) {
  return stream_total(stream) - feed->source.query->endpoint->offset_rows > whole / client_max_in_flight(feed->source.client);
}

/*
** Partitions streams that hold the others up, in their turn: the rows of the first page of all may have been no fair sample. New
** streams come behind the others, and so are looked at themselves.
*/
static int partition_large(struct feed *feed, struct streams *streams, long long whole, struct error *error) {
  int result = 0;
  for (size_t i = 0; i < streams->partitions.count && result == 0;) {
    const struct stream *stream = streams->streams[i];
    struct streams partitioned = {0};
    bool agree = false;
    const struct partition *partition = streams->partitions.partitions[i];
    if (holds_up(feed, stream, whole) && stream_page(stream) != NULL && partition->made_count < NESTING_MAX)
      result = make_partitioned(feed, partition, stream, stream_page(stream), &partitioned, &agree, error);
    if (result == 0 && agree)
      result = replace_stream(feed, streams, i, &partitioned, error);
    else
      i++;
    give_up(feed, &partitioned);
  }
  return result;
}

/* Partitions the result, if that is possible and turns out right. */
static int divide(struct feed *feed, struct error *error) {
  struct streams partitioned = {0};
  const struct stream *whole = feed->streams.streams[0];
  bool agree;
  int result = make_partitioned(feed, feed->streams.partitions.partitions[0], whole, feed->page, &partitioned, &agree, error);
  if (result == 0 && agree) result = partition_large(feed, &partitioned, stream_total(whole), error);
  if (result == 0 && agree) result = remember_page(feed, error);
  if (result == 0 && agree) {
    give_up(feed, &feed->streams);
    feed->streams = partitioned;
    feed->current = 0;
  } else {
    give_up(feed, &partitioned);
  }
  return result;
}

/* ---- Pages ---- */

/* The stream whose page can be taken: the present one if it can, so that pages stay together; NULL when none. */
static struct stream *ready_stream(struct feed *feed) {
  const struct streams *streams = &feed->streams;
  for (size_t i = 0; i < streams->partitions.count; i++) {
    size_t candidate = (feed->current + i) % streams->partitions.count;
    if (!stream_is_ready(streams->streams[candidate])) continue;
    feed->current = candidate;
    return streams->streams[candidate];
  }
  return NULL;
}

int feed_next(struct feed *feed, bool *more, int *status, struct error *error) {
  struct error ahead;
  *status = 0;
  *more = false;
  look_at_all(&feed->streams);
  if (is_worth_partitioning(feed) && divide(feed, error) != 0) return -1;
  page_free(feed->page); /* before the next one comes: each may be large */
  feed->page = NULL;
  feed->state.progress = NULL; /* it was the page's */
  struct stream *stream;
  while ((stream = ready_stream(feed)) == NULL) {
    const struct streams *streams = &feed->streams;
    if (ask_ahead(feed, streams, feed->pages == 0 ? 1 : client_max_in_flight(feed->source.client), &ahead) != 0 &&
        sum(streams, stream_in_flight) == 0) {
      *error = ahead;
      return -1;
    }
    if (sum(streams, stream_in_flight) == 0) {
      struct stream *needed = neediest(streams);
      if (needed == NULL) break;
      if (stream_request(needed, error) != 0) return -1;
    }
    /* A response from the cache is there at once. */
    look_at_all(streams);
    if (sum(streams, stream_waiting) > 0) continue;
    if (wait_a_little(feed, streams, error) != 0) return -1;
    look_at_all(streams);
  }
  if (stream != NULL) {
    *more = true;
    feed->pages++;
    if (stream_take(stream, &feed->page, &feed->first_row, &feed->state, status, error) != 0) return -1;
    return 0;
  }
  if (feed->to_leave_out > 0)
    return error_set(error, "the crawl changed while it was read: %zu links of its first page did not come again",
                     feed->to_leave_out);
  return 0;
}

int feed_gives(struct feed *feed, size_t row, bool *gives, struct error *error) {
  const struct partition *partition = feed->streams.partitions.partitions[feed->current];
  bool given;
  if (was_given(feed, row, &given, error) != 0) return -1;
  *gives = !given;
  if (!given && partition->members != NULL) {
    struct value value;
    if (page_value(feed->page, row, partition->members->column, &value, error) != 0) return -1;
    *gives = condition_has_member(partition->members, &value);
  }
  return 0;
}

long long feed_requests(const struct feed *feed) {
  long long requests = feed->earlier_requests;
  for (size_t i = 0; i < feed->streams.partitions.count; i++) requests += stream_requests(feed->streams.streams[i]);
  return requests;
}

bool feed_is_finished(const struct feed *feed) {
  return feed->state.finished;
}

long long feed_total(const struct feed *feed) {
  long long total = 0;
  for (size_t i = 0; i < feed->streams.partitions.count; i++) {
    if (stream_total(feed->streams.streams[i]) < 0) return -1;
    total += stream_total(feed->streams.streams[i]);
  }
  return total;
}
