/*
** For the tests of http.h: a server of raw sockets on loopback, which can misbehave byte by byte, and transfers from it. It counts
** connections and requests, keeps the head of the last request, and holds its responses back until the test releases them: no test
** depends on time.
*/
#ifndef FIXTURE_HTTP_H
#define FIXTURE_HTTP_H

#include "client/http.h"

#include <pthread.h>

#include "../unit.h"

enum { CONNECTIONS_MAX = 64, HEAD_MAX = 4096, URL_MAX = 200 };

/* The paths that it serves stand in fixture_http.c. What its threads write is read by server_count and server_request_line. */
struct server {
  int listener;
  int port;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool stopping;
  bool holding; /* responses wait until this is false */
  int waiting;  /* requests whose responses wait */
  int connections;
  int frozen; /* this many connections, the oldest, get no more responses */
  int requests;
  char head[HEAD_MAX]; /* of the last request */
  size_t body_size;
  char retry_at[40]; /* for /retry-date */
  int sockets[CONNECTIONS_MAX];
  pthread_t threads[CONNECTIONS_MAX];
};
extern struct server server;

/* A test with a fresh server. */
#define server_test(function) cmocka_unit_test_setup_teardown(function, server_start, server_stop)
int server_start(void **state);
int server_stop(void **state);
void server_hold(bool holding);
void server_hang_up(void); /* on every client */
int server_count(const int *counter);
/* The line of the last request's head that begins with the text, without its line end; "" if there is none. */
const char *server_request_line(const char *start);

/* A transfer and its outcome. */
struct fetch {
  struct http_request request;
  struct http_transfer *transfer;
  const struct http_result *result;
  char url[URL_MAX];
  char bytes[64]; /* the first ones of the response */
  size_t size;
  int pieces;
};

/* Removes the environment's proxies, and ends a program that hangs. */
void prepare_process(void);
struct http *new_pool(void);
/* A GET of the server's path, to be changed before start. */
void prepare(struct fetch *fetch, const char *path);
void start(struct http *http, struct fetch *fetch);
void run(struct http *http, int wait_ms);
const struct http_result *finish(struct http *http, struct fetch *fetch);
/* start and finish. */
const struct http_result *perform(struct http *http, struct fetch *fetch);
/* A transfer from start to end; the result by value. */
struct http_result fetch_path(struct http *http, const char *path);

#endif
