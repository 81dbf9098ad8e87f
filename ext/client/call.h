/*
** The structs of a call and of its client, for client.c, attempt.c and the call_*.c files only; everyone else uses client.h.
**
** Tests: tests/unit/client/test_client_calls.c.
*/
#ifndef ONPAGE_CALL_H
#define ONPAGE_CALL_H

#include "client/cache.h"
#include "client/call_request.h"
#include "client/config.h"
#include "client/http.h"
#include "client/inbox.h"
#include "client/memory_budget.h"
#include "client/rate.h"
#include "client/request_log.h"
#include "client/totals.h"
#include "wire/parser.h"

enum { CODE_INVALID_FIELD = 40501 };

/* What was learnt of the base URL in force, under the credentials in force: forgotten when either changes. */
struct learnt {
  unsigned generation; /* config_generation, as long as this holds */
  bool array_body; /* a body is sent as [{…}], not as {…}: as the host's documents show it, or as was accepted instead */
  bool reached;    /* a response has come */
  long plan_limit; /* requests a minute that the account's plan allows; 0: not known */
  struct capabilities capabilities;
  struct totals *totals;
  struct cache *cache; /* responses of finished crawls */
};

struct client {
  const struct config *config;
  struct request_log *log;
  void *context; /* the argument of interrupted */
  bool (*interrupted)(void *context);
  struct http *http;
  struct rate rate;
  struct memory_budget memory;
  struct learnt learnt;
  unsigned clearings;          /* how often the user has cleared the cache */
  struct call *calls;          /* all that are not ended, the oldest first */
  const struct call *expected; /* the call that the reader waits for, or NULL */
  int unsettled;               /* calls with an attempt that is not settled */
  int running;                 /* … whose response is not here yet: requests in flight */
  int window;        /* how many may have one: halved when the API says that it is too many, one more with each response */
  int readers;       /* queries that are being read */
  int64_t waited_ms; /* by them, since the first of them began */
};

enum call_state {
  CALL_WAITING,  /* not sent: its time (due_ms) hasn't come, others leave no room for it, or it has a leader */
  CALL_RUNNING,  /* has a transfer */
  CALL_RECEIVED, /* its transfer is done; the response waits to be parsed */
  CALL_DONE      /* has a result: a page, none, or a failure */
};

struct call {
  struct client *client;
  struct call *next;
  const struct endpoint *endpoint;
  uint64_t columns; /* to be read from the page */
  struct position position;
  enum cache_use cache_use;
  enum call_state state;
  unsigned generation; /* config_generation when it was started */
  const char *method;
  char *url;
  char *task_id;         /* or NULL */
  char *token;           /* of the position, or NULL */
  char *body;            /* one JSON object, or NULL for GET */
  bool array_body;       /* as in struct learnt, for its next attempt */
  bool both_forms_tried; /* of the body */
  int attempts;          /* so far */
  int retries;           /* of these, because of a transient fault */
  bool response_lost;    /* of an attempt that the API may have carried out */
  int64_t created_ms;
  int64_t due_ms;      /* CALL_WAITING: earliest time of the next attempt */
  struct call *leader; /* CALL_WAITING: a call for the same that was started before; its response may be in the cache soon */
  /* The attempt under way: */
  char *sent; /* the body in the form that was sent */
  int64_t started_ms;
  int64_t started_at_ms; /* wall clock */
  struct http_transfer *transfer;
  struct page_parser *parser;
  struct inbox inbox; /* of the response */
  size_t received;    /* bytes of the response */
  bool keeps;         /* all of the response is kept for the cache */
  bool put_off;       /* stopped, since its response takes too much memory beside others: to be repeated */
  char mismatch[200]; /* how the response shows that it belongs to another request; "": it doesn't */
  /* The last attempt: */
  int64_t duration_ms;
  struct error error; /* of the last that failed; with `failed`, the call's */
  /* CALL_DONE: */
  struct page *page; /* NULL without results */
  bool failed;
  bool too_long; /* the API took too long for it */
  int status;    /* the API's code for the failure, or 0 */
};

/* A copy, which the caller frees; NULL for NULL, and when memory ran out. */
char *call_copy_text(const char *text);
/* Ends the attempt under way, if there is one, and frees what belongs to it. */
void call_end_attempt(struct call *call);
/* Calls that wait for this one's response wait no longer: they are sent themselves. */
void call_release_followers(const struct call *leader);
/* Fails the calls that wait for this one's response as if the API had rejected their token: it turned out to be good for the
** leader only. */
void call_strand_followers(const struct call *leader);
/* Ends the call with a page, which it takes over; NULL: without results. */
void call_finish(struct call *call, struct page *page);
/* Ends the call with call->error and the API's status code, or 0. */
void call_fail(struct call *call, int status);
/* Whether the reader waits for the call. */
bool call_is_expected(const struct call *call);

#endif
