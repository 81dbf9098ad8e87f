/*
** Looking ahead, and partitioning.
**
** With a LIMIT no more is requested than it needs. Otherwise one page is requested while the reader is on the first, since it may
** stop there, and up to max_in_flight as soon as it reads on.
**
** Past offset_advised_max, pages can only be fetched serially: each request needs the previous page's token. Where requests are
** slow, such a result is partitioned by one more condition (partition.h), with a stream for each partition. That the partitions
** are disjoint and complete is checked, not assumed: the totals of their first pages must add up to the whole's, otherwise the
** original stream goes on. A partition so large that the others would wait for it is partitioned again, by what its own first
** page shows, while the others are read: the first pages of all of them together could take too much memory. The rows of the
** whole's first page have been returned by then; they come again in the partitions and are left out there, by their hash.
*/
#include "scan/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "client/trace.h"
#include "scan/occurrences.h"
#include "scan/partition.h"
#include "scan/stream.h"

/* Where requests take less, more of them don't pay. The API takes 200 ms and more. */
enum { SLOW_REQUEST_MS = 100 };

/* How deep partitions may nest: beyond it further partitioning doesn't help. */
enum { NESTING_MAX = 5 };

/* Streams that are read side by side, one for each partition of a set. */
struct streams {
  struct partition_set set;
  struct stream **list; /* set.count of them; owned; each may be NULL while they are being made */
};

struct feed {
  struct feed_source source;
  struct streams streams;
  struct streams trial; /* of stream trial_of, in whose place they come if their totals add up; most of the time none */
  size_t trial_of;
  long long whole;            /* total of the result that was partitioned */
  size_t current;             /* the stream of the current page */
  int pages;                  /* taken so far */
  long long earlier_requests; /* of streams that were given up */
  struct page *page;          /* the current one; owned */
  size_t first_row;           /* the first of its rows that was not on a page before */
  struct crawl_state state;
  struct occurrences *given;   /* items returned before the result was partitioned; NULL if it isn't */
  struct occurrences *sources; /* … and their values in the source column */
  size_t to_leave_out;         /* items in `given` that have not come again yet */
};

/* ---- Streams ---- */

static void free_streams(struct streams *streams) {
  for (size_t i = 0; streams->list != NULL && i < streams->set.count; i++) stream_free(streams->list[i]);
  free(streams->list);
  streams->list = NULL;
  partition_set_release(&streams->set);
}

/* Frees streams, and counts their requests. */
static void give_up(struct feed *feed, struct streams *streams) {
  for (size_t i = 0; streams->list != NULL && i < streams->set.count; i++)
    if (streams->list[i] != NULL) feed->earlier_requests += stream_requests(streams->list[i]);
  free_streams(streams);
}

static int64_t option(const struct feed *feed, enum option which) {
  return config_number(client_config(feed->source.client), which);
}

/* Rows of a page that showed how to partition, and of the whole that it is from. */
struct sample {
  long long rows; /* 0: there was none */
  long long total;
};

/* Makes a stream for each partition. */
static int make_streams(const struct feed *feed, int first_limit, const struct sample *sample, struct streams *streams,
                        struct error *error) {
  const struct partition_set *set = &streams->set;
  streams->list = calloc(set->count, sizeof *streams->list);
  if (streams->list == NULL) return error_no_memory(error);
  for (size_t i = 0; i < set->count; i++) {
    const struct stream_source source = {
        .client = feed->source.client,
        .query = feed->source.query,
        .conditions = set->partitions[i]->conditions,
        .condition_count = set->partitions[i]->condition_count,
        .start = feed->source.start,
        .first_limit = first_limit,
        .limit = (int)option(feed, OPTION_PAGE_SIZE),
        .likely = sample->rows > 0 ? sample->total / sample->rows * (long long)set->partitions[i]->sample_rows : 0,
    };
    streams->list[i] = stream_new(&source);
    if (streams->list[i] == NULL) return error_no_memory(error);
  }
  return 0;
}

int feed_new(const struct feed_source *source, struct feed **feed, struct error *error) {
  const struct query *query = source->query;
  struct feed *made = calloc(1, sizeof *made);
  if (made == NULL) return error_no_memory(error);
  made->source = *source;
  struct partition_set *set = &made->streams.set;
  int result = query->resolved.long_list >= 0 ? partition_by_list(query, set, error) : partition_whole(query, set, error);
  if (result == 0) result = make_streams(made, source->first_limit, &(struct sample){0}, &made->streams, error);
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
  free_streams(&feed->trial);
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

/* The first stream, from `start` on, whose page isn't there yet; NULL if there is none. */
static const struct stream *first_awaited(const struct streams *streams, size_t start) {
  for (size_t i = 0; i < streams->set.count; i++) {
    const struct stream *stream = streams->list[(start + i) % streams->set.count];
    if (!stream_is_ready(stream) && stream_in_flight(stream) > 0) return stream;
  }
  return NULL;
}

/* Waits until something happens. Tells the reader that it waits, and the client for which page: the first that isn't there. */
static int wait_a_little(struct feed *feed, const struct streams *streams, struct error *error) {
  const struct stream *awaited = first_awaited(streams, feed->current);
  if (awaited == NULL) awaited = first_awaited(&feed->trial, 0);
  if (awaited != NULL) stream_expect(awaited);
  feed->source.on_wait(feed->source.context);
  return client_wait(feed->source.client, error);
}

/* ---- Asking ahead ---- */

static int sum(const struct streams *streams, int (*count)(const struct stream *stream)) {
  int total = 0;
  for (size_t i = 0; i < streams->set.count; i++) total += count(streams->list[i]);
  return total;
}

/* Of the streams that can go on, the one with most rows left; NULL when none can. One that has not begun comes first: its total
** isn't known. One that is going to be partitioned doesn't go on. */
static struct stream *neediest(const struct streams *streams) {
  struct stream *neediest = NULL;
  long long most = -1;
  for (size_t i = 0; i < streams->set.count; i++) {
    struct stream *stream = streams->list[i];
    if (streams->set.partitions[i]->too_large || !stream_can_request(stream)) continue;
    long long asked = stream_rows_asked(stream);
    if (asked == 0) return stream;
    long long likely = stream_likely_total(stream);
    long long left = likely > asked ? likely - asked : 0;
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
  for (size_t i = 0; i < streams->set.count; i++) wanted -= stream_rows_asked(streams->list[i]);
  return wanted > 0;
}

/* Requests whose page was not taken. */
static int stream_entries(const struct stream *stream) {
  return stream_pages_ready(stream) + stream_in_flight(stream);
}

/* Starts requests until `allowed` are in flight, or half as many more with the pages that are here: a reader who is slower
** than the network needs no more memory than that. */
static int ask_ahead(const struct feed *feed, const struct streams *streams, int allowed, struct error *error) {
  int others = streams == &feed->streams ? sum(&feed->trial, stream_on_wire) : 0;
  while (sum(streams, stream_on_wire) + others < allowed && sum(streams, stream_entries) < allowed + allowed / 2 &&
         wants_more(feed, streams)) {
    struct stream *stream = neediest(streams);
    if (stream == NULL) return 0;
    if (stream_request(stream, error) != 0) return -1;
  }
  return 0;
}

static void look_at_all(const struct streams *streams) {
  for (size_t i = 0; i < streams->set.count; i++) stream_collect(streams->list[i]);
}

/* Whether the result is large and is going to be read to its end, of a crawl that doesn't change, over a slow network, and some
** more requests don't matter. */
static bool is_worth_partitioning(const struct feed *feed) {
  const struct stream *stream = feed->streams.list[0];
  return feed->streams.set.count == 1 && feed->pages == 1 && option(feed, OPTION_MAX_REQUESTS) == 0 &&
         feed->source.start == 0 && feed->page != NULL && feed->source.query->limit < 0 &&
         stream_total(stream) > feed->source.query->endpoint->offset_advised_max &&
         stream_rows_asked(stream) == (long long)page_item_count(feed->page) && client_max_in_flight(feed->source.client) > 1 &&
         feed->state.finished && stream_duration_ms(stream) >= SLOW_REQUEST_MS;
}

/* ---- Partitioning ---- */

enum agreement { TOTALS_UNKNOWN, TOTALS_DIFFER, TOTALS_AGREE };

/* Whether the totals of all streams, which the heads of their first pages have, add up to the whole's. */
static enum agreement check_totals(const struct streams *streams, long long whole) {
  long long total = 0;
  for (size_t i = 0; i < streams->set.count; i++) {
    const struct stream *stream = streams->list[i];
    if (stream_has_failed(stream)) return TOTALS_DIFFER;
    if (stream_total(stream) < 0) return stream_is_ready(stream) ? TOTALS_DIFFER : TOTALS_UNKNOWN;
    total += stream_total(stream);
  }
  return total == whole ? TOTALS_AGREE : TOTALS_DIFFER;
}

/* Whether the other streams would be at their end before this one: requests past offset_advised_max follow one another, and begin
** late. */
static bool holds_up(const struct feed *feed, const struct stream *stream, long long whole) {
  long long share = whole / client_max_in_flight(feed->source.client);
  return stream_total(stream) - feed->source.query->endpoint->offset_advised_max > share - share / 4;
}

/* Requests the first pages of partitions, and while others leave room, pages that are most likely there; then those that are
** there, unless one partition is so large that it is going to be partitioned. */
static int ask_for_totals(const struct feed *feed, const struct streams *streams, long long whole, struct error *error) {
  int flights = client_max_in_flight(feed->source.client);
  int count = (int)streams->set.count;
  bool begun = true;
  bool large = false;
  for (int i = 0; i < count; i++) {
    begun = begun && stream_rows_asked(streams->list[i]) > 0;
    large = large || holds_up(feed, streams->list[i], whole);
  }
  if (begun && large) return 0;
  int result = ask_ahead(feed, streams, flights > count ? flights : count, error);
  for (int i = 0; i < count; i++) stream_stop_guessing(streams->list[i]);
  return result;
}

/* Waits for the total of every partition, which the head of its first page has. *agree is true if none failed and the totals
** add up to the whole's. */
static int compare_totals(struct feed *feed, const struct streams *streams, long long whole, bool *agree, struct error *error) {
  struct error ignored;
  enum agreement agreement;
  *agree = false;
  while ((agreement = check_totals(streams, whole)) == TOTALS_UNKNOWN) {
    if (ask_for_totals(feed, streams, whole, &ignored) != 0) return 0;
    if (sum(streams, stream_in_flight) == 0 && sum(streams, stream_pages_ready) == 0) return 0;
    look_at_all(streams);
    if (client_is_full(feed->source.client)) return 0; /* no memory for the first pages of all partitions at once */
    if (sum(streams, stream_in_flight) > 0 && wait_a_little(feed, streams, error) != 0) return -1;
    look_at_all(streams);
  }
  *agree = agreement == TOTALS_AGREE;
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

/* Remembers the items of the current page, which have been returned. */
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

/* Whether the row was returned before the result was partitioned. Hashing an item takes a good part of what parsing it took, so
** only those with a known source are hashed. */
static int was_given(struct feed *feed, size_t row, bool *given, struct error *error) {
  uint64_t source;
  *given = false;
  if (feed->to_leave_out == 0) return 0;
  if (source_hash(feed, row, &source, error) != 0) return -1;
  *given = occurrences_has(feed->sources, source) && occurrences_remove(feed->given, page_item_hash(feed->page, row));
  if (*given) feed->to_leave_out--;
  return 0;
}

/* Partitions a stream's partition by what its first page shows, and makes streams of that; none if that is impossible. */
static int make_smaller(const struct feed *feed, const struct partition *partition, const struct stream *stream,
                        struct page *page, struct streams *smaller, struct error *error) {
  int flights = client_max_in_flight(feed->source.client);
  /* As few as let all pages be requested by offset, even if one is twice as large as the others, since each has a last page
  ** that isn't full. Some more than requests in flight where partitions are too large for offsets: then the others don't
  ** wait for the largest. */
  long long needed = 2 * stream_total(stream) / feed->source.query->endpoint->offset_advised_max + 1;
  bool by_offset = stream_total(stream) / flights <= feed->source.query->endpoint->offset_advised_max;
  int wanted = !by_offset ? flights + flights / 4 + 1 : needed < flights ? (int)needed : flights;
  if (partition_by_character(feed->source.query, partition, page, wanted, &smaller->set, error) != 0) return -1;
  if (smaller->set.count == 0) return 0;
  const struct sample sample = {.rows = (long long)page_item_count(page), .total = stream_total(stream)};
  return make_streams(feed, (int)option(feed, OPTION_PAGE_SIZE), &sample, smaller, error);
}

/* Puts the streams of `smaller`, which is empty afterwards, in the place of stream i. When memory runs out they stay in it. */
static int replace_stream(struct feed *feed, struct streams *streams, size_t i, struct streams *smaller, struct error *error) {
  size_t count = streams->set.count;
  size_t more = smaller->set.count;
  struct stream **grown = realloc(streams->list, (count + more) * sizeof *grown);
  if (grown == NULL) return error_no_memory(error);
  streams->list = grown;
  struct stream *replaced = grown[i]; /* it points to conditions of the partition that is freed next */
  if (partition_set_replace(&streams->set, i, &smaller->set, error) != 0) return -1;
  feed->earlier_requests += stream_requests(replaced);
  stream_free(replaced);
  grown[i] = smaller->list[0];
  memcpy(grown + count, smaller->list + 1, (more - 1) * sizeof *grown);
  free(smaller->list);
  *smaller = (struct streams){0};
  return 0;
}

static void trace_partitioning(const struct feed *feed, const char *what, long long rows, bool partitioned) {
  trace(client_config(feed->source.client), "%s: a %s of %lld rows is %s", feed->source.query->endpoint->table, what, rows,
        partitioned ? "partitioned" : "read as a whole: no partitions add up to it");
}

/* Marks the partitions that hold up the others. */
static void mark_large(const struct feed *feed, const struct streams *streams) {
  for (size_t i = 0; i < streams->set.count; i++) {
    struct partition *partition = streams->set.partitions[i];
    partition->too_large = partition->expression_count < NESTING_MAX && holds_up(feed, streams->list[i], feed->whole);
  }
}

/* The stream with the largest partition that is too large; -1 if there is none. */
static int find_large(const struct feed *feed) {
  int large = -1;
  for (size_t i = 0; i < feed->streams.set.count; i++)
    if (feed->streams.set.partitions[i]->too_large &&
        (large < 0 || stream_total(feed->streams.list[i]) > stream_total(feed->streams.list[large])))
      large = (int)i;
  return large;
}

/* The stream is read as it is. */
static void end_trial(struct feed *feed) {
  feed->streams.set.partitions[feed->trial_of]->too_large = false;
  give_up(feed, &feed->trial);
}

/* Partitions the largest partition that is too large, as soon as its first page is here. */
static void begin_trial(struct feed *feed) {
  struct error ignored;
  for (int large; feed->trial.set.count == 0 && (large = find_large(feed)) >= 0;) {
    const struct stream *stream = feed->streams.list[large];
    struct page *page = stream_page(stream);
    if (!stream_is_ready(stream) && stream_in_flight(stream) > 0) return;
    feed->trial_of = (size_t)large;
    if (page == NULL || make_smaller(feed, feed->streams.set.partitions[large], stream, page, &feed->trial, &ignored) != 0 ||
        feed->trial.set.count == 0)
      end_trial(feed);
  }
}

/* Goes on with partitioning what is too large. An error only means that there are no smaller partitions. */
static void look_at_trial(struct feed *feed) {
  struct error ignored;
  struct streams *trial = &feed->trial;
  look_at_all(trial);
  if (trial->set.count > 0) {
    enum agreement agreement = check_totals(trial, stream_total(feed->streams.list[feed->trial_of]));
    /* No memory for the first pages of all partitions, and no rows to be read that would free some. */
    bool stuck = client_is_full(feed->source.client) && sum(&feed->streams, stream_in_flight) == 0 && feed->page == NULL;
    long long rows = stream_total(feed->streams.list[feed->trial_of]);
    if (agreement == TOTALS_AGREE) mark_large(feed, trial);
    bool replaced = agreement == TOTALS_AGREE && replace_stream(feed, &feed->streams, feed->trial_of, trial, &ignored) == 0;
    bool ended = !replaced && (agreement != TOTALS_UNKNOWN || stuck);
    if (ended) end_trial(feed);
    if (replaced || ended) trace_partitioning(feed, "partition", rows, replaced);
  }
  begin_trial(feed);
}

/* Partitions the result, if there are partitions whose totals add up. */
static int partition_result(struct feed *feed, struct error *error) {
  struct streams smaller = {0};
  const struct stream *whole = feed->streams.list[0];
  bool agree = false;
  int result = make_smaller(feed, feed->streams.set.partitions[0], whole, feed->page, &smaller, error);
  if (result == 0 && smaller.set.count > 0) result = compare_totals(feed, &smaller, stream_total(whole), &agree, error);
  if (result == 0 && agree) result = remember_page(feed, error);
  if (result == 0) trace_partitioning(feed, "result", stream_total(whole), agree);
  if (result == 0 && agree) {
    feed->whole = stream_total(whole);
    mark_large(feed, &smaller);
    give_up(feed, &feed->streams);
    feed->streams = smaller;
    feed->current = 0;
  } else {
    give_up(feed, &smaller);
  }
  return result;
}

/* ---- Pages ---- */

/* A stream whose page can be taken: the current one if possible, so that its pages stay together; NULL when there is none. */
static struct stream *ready_stream(struct feed *feed) {
  const struct streams *streams = &feed->streams;
  for (size_t i = 0; i < streams->set.count; i++) {
    size_t candidate = (feed->current + i) % streams->set.count;
    if (streams->set.partitions[candidate]->too_large || !stream_is_ready(streams->list[candidate])) continue;
    feed->current = candidate;
    return streams->list[candidate];
  }
  return NULL;
}

static int in_flight(const struct feed *feed) {
  return sum(&feed->streams, stream_in_flight) + sum(&feed->trial, stream_in_flight);
}

static int on_wire(const struct feed *feed) {
  return sum(&feed->streams, stream_on_wire) + sum(&feed->trial, stream_on_wire);
}

static void look(struct feed *feed) {
  look_at_all(&feed->streams);
  look_at_trial(feed);
}

/* Starts requests until `allowed` are in flight: of a trial the first pages, which have its totals, before those of streams. */
static int ask_more(struct feed *feed, int allowed, struct error *error) {
  struct error ignored;
  for (size_t i = 0; i < feed->trial.set.count && on_wire(feed) < allowed; i++) {
    struct stream *stream = feed->trial.list[i];
    if (stream_rows_asked(stream) > 0 || !stream_can_request(stream)) continue;
    if (stream_request(stream, &ignored) != 0) end_trial(feed);
  }
  return ask_ahead(feed, &feed->streams, allowed, error);
}

void feed_advance(struct feed *feed) {
  struct error ignored;
  if (client_run(feed->source.client, 0, &ignored) != 0) return;
  look(feed);
  if (is_worth_partitioning(feed)) return;
  (void)ask_more(feed, feed->pages <= 1 ? 1 : client_max_in_flight(feed->source.client), &ignored);
}

int feed_next(struct feed *feed, bool *more, int *status, struct error *error) {
  struct error ahead;
  *status = 0;
  *more = false;
  look(feed);
  if (is_worth_partitioning(feed) && partition_result(feed, error) != 0) return -1;
  page_free(feed->page); /* before the next one comes, since each may be large */
  feed->page = NULL;
  feed->state.progress = NULL; /* it belonged to the page */
  struct stream *stream;
  while ((stream = ready_stream(feed)) == NULL) {
    const struct streams *streams = &feed->streams;
    if (ask_more(feed, feed->pages == 0 ? 1 : client_max_in_flight(feed->source.client), &ahead) != 0 && in_flight(feed) == 0) {
      *error = ahead;
      return -1;
    }
    if (in_flight(feed) == 0) {
      struct stream *needed = neediest(streams);
      if (needed == NULL && find_large(feed) < 0) break;
      if (needed != NULL && stream_request(needed, error) != 0) return -1;
    }
    /* A response from the cache is there at once. */
    look(feed);
    if (ready_stream(feed) != NULL || in_flight(feed) == 0) continue;
    if (wait_a_little(feed, streams, error) != 0) return -1;
    look(feed);
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

int feed_keeps_row(struct feed *feed, size_t row, bool *keeps, struct error *error) {
  const struct partition *partition = feed->streams.set.partitions[feed->current];
  bool given;
  if (was_given(feed, row, &given, error) != 0) return -1;
  *keeps = !given;
  if (!given && partition->list != NULL) {
    struct value value;
    if (page_value(feed->page, row, partition->list->column, &value, error) != 0) return -1;
    *keeps = condition_has_member(partition->list, &value);
  }
  return 0;
}

long long feed_requests(const struct feed *feed) {
  long long requests = feed->earlier_requests;
  for (size_t i = 0; i < feed->streams.set.count; i++) requests += stream_requests(feed->streams.list[i]);
  for (size_t i = 0; i < feed->trial.set.count; i++) requests += stream_requests(feed->trial.list[i]);
  return requests;
}

bool feed_is_finished(const struct feed *feed) {
  return feed->state.finished;
}

long long feed_total(const struct feed *feed) {
  long long total = 0;
  for (size_t i = 0; i < feed->streams.set.count; i++) {
    if (stream_total(feed->streams.list[i]) < 0) return -1;
    total += stream_total(feed->streams.list[i]);
  }
  return total;
}
