/*
** The client's own: what client.c, attempt.c and their helpers know of a call and of the client that it belongs to. For others client.h is
** all there is.
*/
#ifndef ONPAGE_CALL_H
#define ONPAGE_CALL_H

#include "base/buffer.h"
#include "client/cache.h"
#include "client/call_request.h"
#include "client/config.h"
#include "client/http.h"
#include "client/memory_budget.h"
#include "client/rate.h"
#include "client/request_log.h"
#include "client/totals.h"
#include "wire/parser.h"

enum { CODE_INVALID_FIELD = 40501 };

struct client {
  const struct config *config;
  struct request_log *log;
  void *host; /* for interrupted */
  bool (*interrupted)(void *host);
  struct http *http;
  struct cache *cache; /* responses of finished crawls, of the base URL and the account in force */
  unsigned clearings;  /* of the cache, by the user */
  struct call *calls;  /* all that are not ended */
  int running;         /* calls with a transfer */
  struct memory_budget memory;
  const struct call *expected; /* the call that the reader waits for; NULL: he doesn't */
  int readers;                 /* cursors that are open */
  int64_t waited_ms;           /* for their queries, in all */
  int window;                  /* how many may be; narrowed when the API says that it is too many, widened as responses come */
  struct rate rate;
  long plan_limit;     /* requests a minute that the account's plan allows, as responses say; 0: not known */
  unsigned generation; /* of the config that what follows was learnt under */
  bool array_body;     /* the base URL takes the body form that it doesn't publish */
  bool reached;        /* a response has come from it */
  struct capabilities capabilities;
  struct totals *totals;
};

enum call_state { CALL_WAITING, CALL_RUNNING, CALL_DONE };

struct call {
  struct client *client;
  struct call *next;
  const struct endpoint *endpoint;
  uint64_t columns; /* to be read from the page */
  struct position position;
  enum cache_use cache_use;
  enum call_state state;
  unsigned generation;
  const char *method;
  char *url;
  char *task_id; /* or NULL */
  char *token;   /* of the position, or NULL */
  char *body;    /* one JSON object, or NULL for GET */
  bool array_body;
  bool both_forms_tried;
  int attempt; /* requests sent */
  int retries; /* of them, because of a passing fault */
  int64_t created_ms;
  int64_t due_ms; /* CALL_WAITING: when to send */
  char *sent;     /* the body in the form that was sent */
  int64_t started_ms;
  int64_t duration_ms;   /* of the last attempt */
  int64_t started_at_ms; /* wall clock */
  struct http_transfer *transfer;
  struct page_parser *parser;
  struct buffer response; /* its bytes, if the response may be kept */
  bool put_off;           /* there was no memory for the response beside others: it is asked for again */
  bool foreign;           /* the response is to another question, */
  char mismatch[200];     /* … as this shows */
  struct call *leader;    /* CALL_WAITING: a call on its way that asks the same; its response may be kept by then */
  struct error error;     /* of the last attempt that failed; with `failed`, of the call */
  /* CALL_DONE: */
  struct page *page;
  bool failed;
  bool too_long; /* the API took too long for it */
  int status;
};

/* A copy, which the caller frees; NULL for NULL, and when memory ran out. */
char *call_copy_text(const char *text);
/* Gives up what was kept of the response; for_good: and keeps nothing more of it. */
void call_drop_response(struct call *call, bool for_good);
/* Ends the attempt under way, if there is one, and drops what belongs to it. */
void call_end_attempt(struct call *call);
/* The calls that have waited for this one go their own ways. */
void call_dismiss_followers(const struct call *leader);
/* The token of these calls is the leader's alone, as it turns out: to them it is as good as forgotten. */
void call_strand_followers(const struct call *leader);
/* Ends the call with a page, which it takes over, or NULL for none. */
void call_finish(struct call *call, struct page *page);
/* Ends it with call->error and the API's code, 0 without one. */
void call_fail(struct call *call, int status);
/* Whether the reader waits for the call. */
bool call_is_expected(const struct call *call);

#endif
