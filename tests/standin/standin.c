/*
** The stand-in's state: readings, faults and the log, with the public functions and those that the server's threads call.
** Tasks are in tasks.c.
*/
#include "standin.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define SECOND_NS ((int64_t)1000000000)
#define MILLISECOND_NS ((int64_t)1000000)

/* A fault and the requests it is for, those of its endpoints numbered from 1 since the start. */
struct standin_planted {
  struct standin_planted *next;
  size_t first;
  size_t last;
  struct standin_fault fault;
};

static void lock(struct standin *standin) {
  pthread_mutex_lock(&standin->mutex);
}

static void unlock(struct standin *standin) {
  pthread_mutex_unlock(&standin->mutex);
}

struct standin *standin_start(unsigned port) {
  struct standin *standin = standin_allocate(1, sizeof *standin);
  pthread_condattr_t attributes;
  pthread_mutex_init(&standin->mutex, NULL);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&standin->stop, &attributes);
  pthread_condattr_destroy(&attributes);
  if (!standin_serve(standin, port)) {
    snprintf(standin->url, sizeof standin->url, "http://127.0.0.1:%u/apis/v1/dataforseo", standin->port);
    return standin;
  }
  standin_stop(standin);
  return NULL;
}

void standin_stop(struct standin *standin) {
  if (!standin) return;
  lock(standin);
  standin->stopping = true;
  pthread_cond_broadcast(&standin->stop);
  unlock(standin);
  standin_close(standin);
  standin_tasks_free(standin);
  standin_clear_faults(standin);
  standin_log_release(&standin->log);
  standin_text_release(&standin->late_body);
  free(standin->cursors);
  pthread_cond_destroy(&standin->stop);
  pthread_mutex_destroy(&standin->mutex);
  free(standin);
}

unsigned standin_port(const struct standin *standin) {
  return standin->port;
}

const char *standin_url(const struct standin *standin) {
  return standin->url;
}

void standin_set_readings(struct standin *standin, const struct standin_readings *readings) {
  lock(standin);
  standin->readings = *readings;
  unlock(standin);
}

static char *copy_or_null(const char *string) {
  return string ? standin_copy(string, strlen(string)) : NULL;
}

static struct standin_fault copy_fault(const struct standin_fault *fault) {
  struct standin_fault copy = *fault;
  copy.text = copy_or_null(fault->text);
  copy.with = copy_or_null(fault->with);
  copy.retry_after = copy_or_null(fault->retry_after);
  return copy;
}

static void release_fault(struct standin_fault *fault) {
  free((char *)fault->text);
  free((char *)fault->with);
  free((char *)fault->retry_after);
  *fault = (struct standin_fault){0};
}

/* With the mutex held. endpoints: bits. */
static size_t count_requests(const struct standin *standin, unsigned endpoints) {
  size_t count = 0;
  for (unsigned i = 0; i < STANDIN_ENDPOINT_COUNT; i++) count += endpoints >> i & 1 ? standin->requests[i] : 0;
  return count;
}

void standin_plant(struct standin *standin, size_t nth, const struct standin_fault *fault) {
  struct standin_planted *planted = standin_allocate(1, sizeof *planted);
  size_t times = fault->times ? fault->times : 1;
  planted->fault = copy_fault(fault);
  if (!fault->endpoints) planted->fault.endpoints = ~(1U << STANDIN_ON_AVAILABLE_FILTERS);
  lock(standin);
  planted->first = count_requests(standin, planted->fault.endpoints) + (nth ? nth : 1);
  planted->last = times > SIZE_MAX - planted->first ? SIZE_MAX : planted->first + times - 1;
  struct standin_planted **end = &standin->faults;
  while (*end) end = &(*end)->next;
  *end = planted;
  unlock(standin);
}

void standin_clear_faults(struct standin *standin) {
  lock(standin);
  struct standin_planted *planted = standin->faults;
  standin->faults = NULL;
  unlock(standin);
  while (planted) {
    struct standin_planted *next = planted->next;
    release_fault(&planted->fault);
    free(planted);
    planted = next;
  }
}

size_t standin_faults_met(struct standin *standin) {
  lock(standin);
  size_t met = standin->faults_met;
  unlock(standin);
  return met;
}

size_t standin_log_count(struct standin *standin) {
  lock(standin);
  size_t count = standin->log.count;
  unlock(standin);
  return count;
}

const struct standin_request *standin_log_get(struct standin *standin, size_t i) {
  lock(standin);
  const struct standin_request *request = i < standin->log.count ? standin->log.requests[i] : NULL;
  unlock(standin);
  return request;
}

void standin_log_clear(struct standin *standin) {
  lock(standin);
  standin_log_empty(&standin->log);
  unlock(standin);
}

int standin_log_to_file(struct standin *standin, const char *path) {
  lock(standin);
  int result = standin_log_open(&standin->log, path);
  unlock(standin);
  return result;
}

size_t standin_connect(struct standin *standin) {
  lock(standin);
  size_t number = ++standin->connections;
  unlock(standin);
  return number;
}

struct standin_exchange *standin_enter(struct standin *standin, size_t connection) {
  struct standin_exchange *exchange = standin_allocate(1, sizeof *exchange);
  exchange->standin = standin;
  exchange->connection = connection;
  exchange->counted = true;
  clock_gettime(CLOCK_MONOTONIC, &exchange->arrived);
  lock(standin);
  exchange->in_flight = ++standin->in_flight;
  unlock(standin);
  return exchange;
}

static struct standin_text text_of(const char *string) {
  struct standin_text text = {0};
  if (string) standin_text_add_string(&text, string);
  return text;
}

/* With the mutex held. Replaces this request's body by another's, where the fault or the connection says so. */
static void exchange_bodies(struct standin *standin, struct standin_exchange *exchange) {
  bool foreign = exchange->has_fault && exchange->fault.kind == STANDIN_FAULT_FOREIGN;
  bool late = exchange->has_fault && exchange->fault.kind == STANDIN_FAULT_LATE;
  if (late) {
    standin_text_release(&standin->late_body);
    standin->late_body = text_of(exchange->fault.text);
    standin->late_connection = exchange->connection;
  }
  if (exchange->connection == standin->late_connection) {
    struct standin_text before = standin->late_body;
    standin->late_body = exchange->body;
    exchange->body = before;
  } else if (foreign) {
    standin_text_release(&exchange->body);
    exchange->body = text_of(exchange->fault.text);
  }
}

/* The endpoints of rows. */
static const unsigned rows_are_asked_of = ~(1U << STANDIN_ON_AVAILABLE_FILTERS);

void standin_arrive(struct standin *standin, struct standin_exchange *exchange, const struct standin_request *request,
                    enum standin_endpoint endpoint) {
  lock(standin);
  exchange->readings = standin->readings;
  exchange->entry = standin_log_add(&standin->log, request);
  exchange->generation = standin->log.generation;
  if (endpoint < STANDIN_ENDPOINT_COUNT) standin->requests[endpoint]++;
  if (endpoint < STANDIN_ENDPOINT_COUNT && rows_are_asked_of >> endpoint & 1)
    exchange->number = count_requests(standin, rows_are_asked_of);
  pthread_cond_broadcast(&standin->stop); /* a response may wait for this */
  for (const struct standin_planted *planted = standin->faults; endpoint < STANDIN_ENDPOINT_COUNT && planted;
       planted = planted->next) {
    size_t number = count_requests(standin, planted->fault.endpoints);
    if (!(planted->fault.endpoints >> endpoint & 1) || number < planted->first || number > planted->last) continue;
    standin->faults_met++;
    exchange->has_fault = true;
    exchange->fault = copy_fault(&planted->fault);
    break;
  }
  if (endpoint < STANDIN_ON_AVAILABLE_FILTERS) exchange_bodies(standin, exchange);
  unlock(standin);
}

size_t standin_cursor_new(struct standin *standin) {
  lock(standin);
  standin->cursors = standin_resize(standin->cursors, standin->cursor_count + 1, sizeof *standin->cursors);
  size_t number = ++standin->cursor_count;
  standin->cursors[number - 1] = (struct standin_place){0};
  unlock(standin);
  return number;
}

struct standin_place standin_cursor_get(struct standin *standin, size_t number) {
  lock(standin);
  struct standin_place place =
      number && number <= standin->cursor_count ? standin->cursors[number - 1] : (struct standin_place){0};
  unlock(standin);
  return place;
}

void standin_cursor_set(struct standin *standin, size_t number, struct standin_place place) {
  lock(standin);
  if (number && number <= standin->cursor_count) standin->cursors[number - 1] = place;
  unlock(standin);
}

static int64_t nanoseconds(struct timespec time) {
  return (int64_t)time.tv_sec * SECOND_NS + time.tv_nsec;
}

/* With the mutex held. False when the server is to stop. */
static bool wait_until(struct standin *standin, int64_t until_ns) {
  struct timespec until = {.tv_sec = (time_t)(until_ns / SECOND_NS), .tv_nsec = (long)(until_ns % SECOND_NS)};
  int expired = 0;
  while (!expired && !standin->stopping) expired = pthread_cond_timedwait(&standin->stop, &standin->mutex, &until);
  return !standin->stopping;
}

bool standin_wait(struct standin *standin, const struct standin_exchange *exchange, unsigned milliseconds) {
  lock(standin);
  bool goes_on = milliseconds ? wait_until(standin, nanoseconds(exchange->arrived) + (int64_t)milliseconds * MILLISECOND_NS)
                              : !standin->stopping;
  unlock(standin);
  return goes_on;
}

bool standin_wait_for_next(struct standin *standin, const struct standin_exchange *exchange, unsigned milliseconds) {
  lock(standin);
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  int64_t until_ns = nanoseconds(until) + (int64_t)milliseconds * MILLISECOND_NS;
  until = (struct timespec){.tv_sec = (time_t)(until_ns / SECOND_NS), .tv_nsec = (long)(until_ns % SECOND_NS)};
  int expired = 0;
  while (!expired && !standin->stopping && count_requests(standin, rows_are_asked_of) == exchange->number)
    expired = pthread_cond_timedwait(&standin->stop, &standin->mutex, &until);
  bool came = count_requests(standin, rows_are_asked_of) > exchange->number;
  unlock(standin);
  return came;
}

/* When the bytes have gone over a line that is free at *free_ns, which this moves on. A thread that wakes up late may catch up, or
** the line would be slower than its bandwidth. */
static int64_t take_line(int64_t *free_ns, int64_t now_ns, size_t bytes, size_t bandwidth) {
  const int64_t late_most_ns = 5 * MILLISECOND_NS;
  if (!bandwidth) return 0;
  if (*free_ns < now_ns - late_most_ns) *free_ns = now_ns;
  return *free_ns += (int64_t)((double)bytes / (double)bandwidth * (double)SECOND_NS);
}

bool standin_pass(struct standin *standin, struct standin_exchange *exchange, size_t bytes) {
  const struct standin_readings *readings = &exchange->readings;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  lock(standin);
  int64_t line_ns = take_line(&standin->line_free_ns, nanoseconds(now), bytes, readings->bandwidth);
  int64_t connection_ns = take_line(&exchange->connection_free_ns, nanoseconds(now), bytes, readings->connection_bandwidth);
  bool goes_on = wait_until(standin, line_ns > connection_ns ? line_ns : connection_ns);
  unlock(standin);
  return goes_on;
}

/* With the mutex held. A request stops being in flight before its response leaves, so that a client which sends one request
** after the other is never seen with two. */
static void discount(struct standin *standin, struct standin_exchange *exchange) {
  if (exchange->counted) standin->in_flight--;
  exchange->counted = false;
}

void standin_settle(struct standin *standin, struct standin_exchange *exchange, const struct standin_response *response) {
  lock(standin);
  discount(standin, exchange);
  if (exchange->entry && exchange->generation == standin->log.generation) {
    struct standin_request *entry = exchange->entry;
    entry->http_status = response ? response->http_status : 0;
    entry->code = response ? response->code : 0;
    entry->items = response ? response->items : 0;
    entry->latency_ms = exchange->latency_ms;
    entry->bytes = response ? response->body.length : 0;
    standin_log_print(&standin->log, entry);
  }
  unlock(standin);
}

void standin_leave(struct standin *standin, struct standin_exchange *exchange) {
  if (!exchange) return;
  lock(standin);
  discount(standin, exchange);
  unlock(standin);
  release_fault(&exchange->fault);
  standin_text_release(&exchange->body);
  free(exchange);
}
