/*
** What the server's threads share: one mutex guards it all. server.c asks, standin.c and tasks.c respond.
*/
#ifndef STANDIN_STATE_H
#define STANDIN_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "items.h"
#include "log.h"
#include "response.h"
#include "standin.h"
#include "text.h"

struct MHD_Daemon;

struct standin_task {
  struct standin_task *next;
  char *id;
  enum standin_crawl crawl;
  struct standin_items *tables[STANDIN_TABLE_COUNT]; /* none is NULL */
  struct standin_listing listing;                    /* its strings are owned */
};

struct standin {
  pthread_mutex_t mutex;
  pthread_cond_t stop; /* by CLOCK_MONOTONIC */
  bool stopping;
  struct MHD_Daemon *daemon;
  unsigned port;
  char url[64];
  struct standin_readings readings;
  struct standin_task *tasks;     /* list, owned */
  struct standin_planted *faults; /* list, owned, in the order they were planted */
  size_t requests[STANDIN_ENDPOINT_COUNT];
  struct standin_place *cursors; /* of the chains with one token; number i stands at i - 1; owned */
  size_t cursor_count;
  size_t late_connection;        /* whose responses are late by one; 0: none */
  struct standin_text late_body; /* of the request on it that has no response yet */
  size_t faults_met;
  size_t connections;
  size_t in_flight;
  int64_t line_free_ns; /* by CLOCK_MONOTONIC: when what all connections share has sent what it was given */
  struct standin_log log;
};

/* One request from its headers to its response. */
struct standin_exchange {
  struct standin *standin;
  struct standin_text body;
  struct timespec arrived;
  size_t connection;
  size_t number;    /* of the request among those that rows are asked of, from 1 */
  size_t in_flight; /* when it came in, itself included */
  size_t held_from; /* byte of the body: STANDIN_FAULT_HOLD */
  bool counted;     /* in standin.in_flight */
  struct standin_readings readings;
  size_t offset;              /* of the rows that it asks for, once that was read; 0: by token */
  unsigned latency_ms;        /* that it is given */
  int64_t connection_free_ns; /* as line_free_ns, of its connection */
  bool has_fault;
  struct standin_fault fault;    /* its strings are owned */
  struct standin_request *entry; /* in the log, unless that was cleared since */
  size_t generation;
};

/* A number for a new TCP connection. */
size_t standin_connect(struct standin *standin);
/* The headers are in. */
struct standin_exchange *standin_enter(struct standin *standin, size_t connection);
/* The body is in: logs the request, fixes the readings that hold for it and the fault. STANDIN_ENDPOINT_COUNT: it has no endpoint. */
void standin_arrive(struct standin *standin, struct standin_exchange *exchange, const struct standin_request *request,
                    enum standin_endpoint endpoint);
/* Waits until that many milliseconds after the request came in. False when the server is to stop. */
bool standin_wait(struct standin *standin, const struct standin_exchange *exchange, unsigned milliseconds);
/* Waits until another request for rows has come in after this one. False when none has within that many
** milliseconds. */
bool standin_wait_for_next(struct standin *standin, const struct standin_exchange *exchange, unsigned milliseconds);
/* Waits as long as that many bytes take by the readings' bandwidths. False when the server is to stop. */
bool standin_pass(struct standin *standin, struct standin_exchange *exchange, size_t bytes);
/* The response is about to be sent: completes the log. NULL: the connection is closed without one. */
void standin_settle(struct standin *standin, struct standin_exchange *exchange, const struct standin_response *response);
/* A new cursor on the server's side: its number. */
size_t standin_cursor_new(struct standin *standin);
struct standin_place standin_cursor_get(struct standin *standin, size_t number);
void standin_cursor_set(struct standin *standin, size_t number, struct standin_place place);
/* Frees it; it may have been broken off at any point. NULL is nothing. */
void standin_leave(struct standin *standin, struct standin_exchange *exchange);

/* tasks.c: the task's tables, held until standin_task_release. False: no such task. */
bool standin_task_hold(struct standin *standin, const char *task_id, struct standin_held *held);
void standin_task_release(struct standin *standin, struct standin_held *held);
void standin_tasks_free(struct standin *standin);
/* The response to id_list, and to tasks_ready (query NULL). */
void standin_response_tasks(struct standin_response *response, struct standin *standin, const struct standin_readings *readings,
                            const struct standin_query *query);

/* server.c: the code of a crawl's state, 20000 where it has pages to give. */
int standin_crawl_code(enum standin_crawl crawl);
/* server.c: starts and stops the HTTP server. -1 after a message on standard error. */
int standin_serve(struct standin *standin, unsigned port);
void standin_close(struct standin *standin);

#endif
