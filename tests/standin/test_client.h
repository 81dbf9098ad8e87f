/*
** The HTTP client of the stand-in's own tests: plain libcurl, and json-c to look into responses.
*/
#ifndef STANDIN_TEST_CLIENT_H
#define STANDIN_TEST_CLIENT_H

#include <curl/curl.h>
#include <stdbool.h>

#include "standin.h"
#include "text.h"

struct json_object;

#define TASK "07131248-1535-0216-1000-17384017ad04"
#define SAMPLE "tests/data/sqlite-docs-links.ndjson.xz" /* tests run at the top of the tree */
#define PAGE "tasks.0.result.0."                        /* for look and its kin */

/* Five items; the second has everything that a notation can change. */
extern const char five_items[];

/* A request; a NULL member is what a well-behaved client sends. */
struct sent {
  const char *method;        /* NULL: POST */
  const char *path;          /* NULL: /apis/v1/dataforseo/on_page/links */
  const char *body;          /* NULL: none */
  const char *authorization; /* NULL: the Bearer key; "": no header */
  const char *content_type;  /* NULL: JSON */
  bool gzip;                 /* accept it, and don't unpack */
  bool fresh;                /* on a new connection */
};

struct received {
  CURLcode result;
  long http_status;
  struct standin_text headers; /* terminated */
  struct standin_text body;    /* terminated */
  struct json_object *json;    /* of the body; NULL: it isn't JSON */
};

/* The server and the connection of the running test. */
struct fixture {
  struct standin *standin;
  CURL *curl;
};

/* cmocka's set-up and tear-down: a server of its own for each test, without tasks. */
int fixture_open(void **state);
int fixture_close(void **state);

/* An easy handle for the request, ready to be performed; received must stay where it is. Free with client_free. */
struct client;
struct client *client_new(struct fixture *fixture, CURL *curl, const struct sent *sent, struct received *received);
void client_free(struct client *client);

/* Requests under way together, each with a connection of its own. All zero: none. */
enum { MOST_CALLS = 40 };
struct calls {
  CURLM *multi;
  size_t count;
  struct client *clients[MOST_CALLS];
  CURL *handles[MOST_CALLS];
  struct received received[MOST_CALLS];
};
void calls_begin(struct fixture *fixture, struct calls *calls, const char *body); /* body: kept by the caller */
/* Drives the transfers until that many requests are in the log, or (0) until all are done. */
void calls_drive(struct fixture *fixture, struct calls *calls, size_t logged);
void calls_end(struct calls *calls);

double seconds(void); /* by CLOCK_MONOTONIC */

void exchange(struct fixture *fixture, const struct sent *sent, struct received *received);
void received_release(struct received *received);

/* Posts the body to on_page/links and gives the response's JSON; the test fails without. */
struct json_object *post(struct fixture *fixture, const char *body);
/* The same, with the body as {"id":TASK,<members>}. */
struct json_object *ask(struct fixture *fixture, const char *members);

/* The same of another endpoint, by its name; id_list's body has no id. */
struct json_object *ask_at(struct fixture *fixture, const char *endpoint, const char *members);
/* GET of what is below on_page/. */
struct json_object *get(struct fixture *fixture, const char *name);

/* The value at a path of names and indexes such as "tasks.0.result.0.items"; NULL: nothing, or null. */
struct json_object *look(struct json_object *json, const char *path);
long long number_at(struct json_object *json, const char *path); /* the test fails when there is none */
const char *string_at(struct json_object *json, const char *path);
bool is_null_at(struct json_object *json, const char *path); /* there, and null */

/* Posts, and expects the code at the task or at the envelope. */
void expect_code_at(struct fixture *fixture, const char *endpoint, const char *members, int code);
void expect_task_code(struct fixture *fixture, const char *members, int code);
void expect_envelope_code(struct fixture *fixture, const char *body, int code);

void add_items(struct fixture *fixture, const char *ndjson);
void add_rows(struct fixture *fixture, enum standin_table table, const char *ndjson); /* after add_items */
/* The server takes the readings. */
void read_as(struct fixture *fixture, struct standin_readings readings);

#endif
