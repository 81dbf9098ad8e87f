/*
** For the tests of client.h: an http.h with a script, in place of the extension's. It responds from a script, keeps what it was
** sent, and lets every retry be made at once, so that nothing waits.
*/
#ifndef FIXTURE_CLIENT_H
#define FIXTURE_CLIENT_H

#include "client/client.h"

#include "../unit.h"
#include "client/http.h"

#define RESULT "\"result\":[{\"crawl_progress\":\"finished\",\"total_items_count\":1,\"items\":[{\"type\":\"a\"}]}]"
#define TASK_RESPONSE(code, rest) "{\"status_code\":20000,\"cost\":0.5,\"tasks\":[{\"status_code\":" code "," rest "}]}"
#define GOOD TASK_RESPONSE("20000", RESULT)
#define REFUSED TASK_RESPONSE("40503", "\"status_message\":\"POST Data Is Invalid.\"")
#define BUSY TASK_RESPONSE("50000", "\"result\":null") /* a transient fault */
#define SECRET "s3cret-key"
#define BODY "{\"id\":\"t\"}"

struct response {
  enum http_outcome outcome;
  long status; /* 0: 200 for HTTP_DONE */
  const char *body;
  const char *message;
  long retry_after_s; /* 0: at once */
  long rate_limit;    /* 0: no such header */
  bool reused;
  bool timed_out;
};

enum { REQUESTS_MAX = 16 };

/* What http.h does, and what was done with it. */
struct fake {
  const struct response *script;
  size_t script_size; /* the last response is repeated */
  size_t sent;        /* requests so far */
  char *bodies[REQUESTS_MAX];
  char urls[REQUESTS_MAX][128];
  char methods[REQUESTS_MAX][8];
  char keys[REQUESTS_MAX][64]; /* bearer, or login:password */
  size_t response_max;         /* of the last request */
  size_t live;                 /* transfers that were not ended */
  size_t aborted;              /* calls of http_abort */
  size_t distrusted;           /* calls of http_distrust */
  size_t runs;
  size_t run_limit; /* more runs than this are an endless loop */
  bool silent;      /* no response comes */
  struct http_transfer *transfers;
  void (*before_response)(void);
};
extern struct fake fake;

/* The client under test. */
struct fixture {
  struct config *config;
  struct request_log *log;
  struct client *client;
  size_t patience; /* the call of `interrupted` that returns true; 0: none */
};
extern struct fixture fixture;
extern struct error failure; /* of the last call */

/* A client with a key and without a cache, and the script that responds GOOD. */
void set_up(void);
void tear_down(void);
/* Sets an option; must succeed. */
void set(const char *name, const char *value);
void play(const struct response *script, size_t size);
/* Changes to another API with a key of its own, once: can be before_response. */
void change_base(void);
int start_call(const char *task_id, const char *body, struct call **call);
/* Makes one call and waits for it. Returns 0 with a page, 1 without one, -1 for an error; *status (may be NULL) as from
** call_wait. */
int ask(int *status);

#endif
