/*
** The stand-in API: an HTTP server on a free loopback port that responds as the On-Page API's links endpoint and its siblings are
** documented to, and as strictly. It shares no code with the extension and filters by an implementation of its own.
**
** It is a library, so that a test can change its readings, plant faults and look at its log without a second protocol;
** standin_main.c makes a program of it for the demo and the benchmark.
**
** Every function may be called while the server runs (one mutex guards the state). Functions that return int give 0, or -1
** after a message on standard error.
*/
#ifndef STANDIN_H
#define STANDIN_H

#include <stdbool.h>
#include <stddef.h>

struct standin;

/* The tables of a crawl: what its endpoints give rows of. */
enum standin_table {
  STANDIN_LINKS,
  STANDIN_PAGES, /* duplicate_tags groups them as well */
  STANDIN_RESOURCES,
  STANDIN_NON_INDEXABLE,
  STANDIN_REDIRECT_CHAINS,
  STANDIN_TABLE_COUNT
};

enum standin_endpoint {
  STANDIN_ON_LINKS,
  STANDIN_ON_PAGES,
  STANDIN_ON_RESOURCES,
  STANDIN_ON_NON_INDEXABLE,
  STANDIN_ON_REDIRECT_CHAINS,
  STANDIN_ON_DUPLICATE_TAGS,
  STANDIN_ON_ID_LIST,
  STANDIN_ON_TASKS_READY,
  STANDIN_ON_SUMMARY,
  STANDIN_ON_AVAILABLE_FILTERS,
  STANDIN_ENDPOINT_COUNT
};

/* What a task (a crawl) is like. */
enum standin_crawl {
  STANDIN_FINISHED,    /* crawl_progress "finished" */
  STANDIN_IN_PROGRESS, /* "in_progress", rows so far */
  STANDIN_QUEUED,      /* 40602 Task In Queue */
  STANDIN_HANDED,      /* 40601 Task Handed */
  STANDIN_EXPIRED,     /* 40403 Results Expired */
  STANDIN_NO_RESULTS   /* 40102 No Search Results */
};

/* Which of the two published bodies the host takes. */
enum standin_body { STANDIN_BODY_OBJECT, STANDIN_BODY_ARRAY, STANDIN_BODY_BOTH };

/* How a body in the wrong form is refused. */
enum standin_refusal { STANDIN_REFUSE_40503, STANDIN_REFUSE_HTTP_400, STANDIN_REFUSE_HTTP_422 };

/* What stands in search_after_token of the last page. */
enum standin_last_token { STANDIN_TOKEN_NULL, STANDIN_TOKEN_ABSENT, STANDIN_TOKEN_PRESENT };

/* What stands in crawl_progress. */
enum standin_progress { STANDIN_PROGRESS_TRUE, STANDIN_PROGRESS_NULL, STANDIN_PROGRESS_ABSENT, STANDIN_PROGRESS_OTHER };

/* What stands in total_items_count. */
enum standin_total { STANDIN_TOTAL_TRUE, STANDIN_TOTAL_NULL, STANDIN_TOTAL_ABSENT };

/* How an offset beyond offset_most is refused: at the task, or by the gateway. */
enum standin_offset_refusal { STANDIN_OFFSET_40501, STANDIN_OFFSET_50401, STANDIN_OFFSET_HTTP_504 };

/* Readings of what the API's documents leave unknown, and the state of the host. All zero is the default reading. */
struct standin_readings {
  bool ignore_case;        /* =, <>, in, not_in, like, not_like compare strings without case (Unicode simple folding) */
  bool not_keeps_null;     /* <>, not_in, not_like, not_regex keep items whose field is null */
  bool like_underscore;    /* _ in like matches one character */
  bool regex_whole;        /* regex must match the whole string, not a part */
  bool string_in_rejected; /* in, not_in on a string field: 40501 */
  bool is_broken_rejected; /* is_broken isn't a filter field: 40501 */
  bool more_fields;        /* text, image_alt, image_src, hreflang, is_valid_hreflang, is_link_relation_conflict filterable */
  bool available_fails;    /* available_filters responds with 50000 */
  bool no_current_offset;  /* current_offset is null */
  bool floats;             /* every number of a response is written as a float: 404.0 */
  bool escaped;            /* strings of a response escape / and every character beyond ASCII (\/, \uXXXX, surrogate pairs) */
  bool unknown_keys;       /* items and envelope carry undocumented keys, of every JSON type */
  int no_rows_code;        /* the task's code where no row matches, as 40102 or 40406; 0: 20000 and no items */
  int unknown_page_code;   /* … where the key url names a page outside the crawl; 0: no row matches it */
  unsigned not_offered;    /* endpoints that the gateway doesn't know, bits 1 << enum standin_endpoint: 404; /v3 has them all */
  bool not_offered_as_html;  /* … without an envelope */
  bool items_null_when_none; /* no items: null instead of [] */
  bool no_gzip;              /* responds without compression whatever the client accepts */
  size_t in_max;             /* longest in array; 0: any; longer: 40501 */
  size_t body_most;          /* largest body that the gateway passes on; 0: any; larger: HTTP 413 */
  size_t total_cap;          /* total_items_count never says more than this; 0: the truth */
  size_t page_cap;           /* most items in a page whatever limit says; 0: as many as limit says */
  bool pages_vary;           /* a page that isn't the last may be shorter than limit and page_cap say */
  size_t empty_every;        /* about one place in that many has a page without items, and a token that leads on; 0: none */
  bool token_same;           /* a chain has one token: it names a cursor on the server's side that each use moves on */
  size_t token_life;         /* requests after which a token is refused (40501); 0: never */
  size_t offset_most;        /* largest offset that is accepted; 0: any */
  enum standin_offset_refusal offset_refusal;
  enum standin_progress progress;
  enum standin_total total;
  unsigned plan_limit;    /* the gateway's X-RateLimit-Limit-Requests; 0: no such header */
  bool plan_header_short; /* … named X-RateLimit-Limit */
  enum standin_body body;
  enum standin_refusal refusal;
  enum standin_last_token last_token;
  unsigned latency_ms;         /* before each response; requests wait side by side */
  double latency_sigma;        /* latencies are lognormal: latency_ms is their median, this their logarithm's deviation */
  unsigned latency_seed;       /* of that chance */
  unsigned offset_ms;          /* latency that each 1,000 rows of offset add; a token adds none */
  size_t bandwidth;            /* bytes a second of all bodies together; 0: any number */
  size_t connection_bandwidth; /* bytes a second of each connection's bodies; 0: any number */
};

/* A fault planted at the n-th of the coming requests (1: the next one), not counting those to available_filters. Answered instead of the response. */
enum standin_fault_kind {
  STANDIN_FAULT_HTTP, /* status http_status with body text (NULL: a small JSON error) and header Retry-After (if not NULL) */
  STANDIN_FAULT_ENVELOPE, /* HTTP 200, status_code code at the top level, tasks null */
  STANDIN_FAULT_TASK,     /* HTTP 200, top level 20000, tasks[0].status_code code, result null */
  STANDIN_FAULT_BODY,     /* HTTP 200 with exactly the text as body */
  STANDIN_FAULT_TRUNCATE, /* the true response, its connection closed in the middle of the body */
  STANDIN_FAULT_RESET,    /* the connection closed without a response */
  STANDIN_FAULT_STALL,    /* the true response after delay_ms */
  STANDIN_FAULT_EDIT,     /* the true response, text replaced by `with` wherever it stands */
  STANDIN_FAULT_REDIRECT, /* status http_status with text as Location */
  STANDIN_FAULT_FLOOD,    /* HTTP 200, text and then `with` again and again, to size bytes; compressed as any other response */
  STANDIN_FAULT_ENDLESS,  /* the same without an end, until the client hangs up; not compressed */
  STANDIN_FAULT_DRIP,     /* the true response, a byte every delay_ms; not compressed */
  /* The true response, but its second half waits for another request for rows to come in; if none does within
  ** delay_ms, the connection is closed; not compressed */
  STANDIN_FAULT_HOLD,
  STANDIN_FAULT_ECHO,    /* the true response, but tasks[0].data echoes the request whose body is the text */
  STANDIN_FAULT_FOREIGN, /* the whole response to the request whose body is the text; of summary, to that of the task it names */
  STANDIN_FAULT_LATE /* the same, and from then on each request of this connection gets the response to the request before it */
};

struct standin_fault {
  enum standin_fault_kind kind;
  int http_status;
  int code;
  const char *text;        /* copied */
  const char *with;        /* copied */
  const char *retry_after; /* copied */
  size_t size;
  unsigned delay_ms;
  unsigned
      endpoints; /* those whose requests count, and get it: bits 1 << enum standin_endpoint; 0: all but available_filters */
  size_t times;  /* how many requests in a row get it; 0 counts as 1; SIZE_MAX: all from the n-th on */
};

/* One request as it came in, and its response. Strings live until standin_log_clear. */
struct standin_request {
  const char *method;
  const char *path;          /* "/apis/v1/dataforseo/on_page/links" */
  const char *body;          /* "" for GET */
  const char *authorization; /* header, "" when absent */
  const char *user_agent;
  int http_status;
  int code; /* status_code of the task, else of the envelope */
  size_t items;
  size_t connection;   /* number of the TCP connection, from 1 */
  size_t in_flight;    /* requests under way when this one came in, itself included */
  unsigned latency_ms; /* that it was given, unless a fault delayed it longer */
  size_t bytes;        /* of the body as it is sent */
};

/* Starts a server on 127.0.0.1 (port 0: a free one). Takes Bearer key "test-key" and Basic "test-login:test-password".
** NULL after a message when it can't. */
struct standin *standin_start(unsigned port);
void standin_stop(struct standin *standin); /* also for NULL */

unsigned standin_port(const struct standin *standin);
const char *standin_url(const struct standin *standin); /* base URL: http://127.0.0.1:PORT/apis/v1/dataforseo */

/* Adds a crawl with its links. items: NDJSON text, one item object a line, kept as sent (nulls, missing fields and duplicates included).
** Adding the same task again replaces it. */
int standin_add_task(struct standin *standin, const char *task_id, enum standin_crawl crawl, const char *items, size_t size);
/* The same from a file; a name ending in .xz is unpacked. copies: how many times the file's rows are repeated, in order;
** copies after the first get "?copy=N" appended to link_to and page_to, so that they are distinct. */
int standin_add_file(struct standin *standin, const char *task_id, enum standin_crawl crawl, const char *path, unsigned copies);
/* The rows of another table of a crawl that was added, in the same form. Those it had are replaced. */
int standin_add_rows(struct standin *standin, const char *task_id, enum standin_table table, const char *items, size_t size);
int standin_add_rows_file(struct standin *standin, const char *task_id, enum standin_table table, const char *path);
/* A crawl with all its tables, of files that tests/data/make-site made. prefix: "tests/data/sqlite-docs". */
int standin_add_site(struct standin *standin, const char *task_id, enum standin_crawl crawl, const char *prefix);
/* What id_list and tasks_ready tell of a crawl; they list those without one, too, as posted and done when they
** were added. Strings are copied. */
struct standin_listing {
  const char *target; /* NULL: the domain of the first link */
  const char *posted; /* "yyyy-mm-dd hh:mm:ss +00:00"; NULL: when it was added */
  const char *done;   /* NULL: null, as it always is before the crawl is finished */
  const char *tag;    /* NULL: null */
  double cost;
  bool collected; /* somebody has read it: tasks_ready leaves it out */
};
void standin_set_listing(struct standin *standin, const char *task_id, const struct standin_listing *listing);
void standin_set_crawl(struct standin *standin, const char *task_id, enum standin_crawl crawl);

void standin_set_readings(struct standin *standin, const struct standin_readings *readings); /* copied */
void standin_plant(struct standin *standin, size_t nth, const struct standin_fault *fault);
void standin_clear_faults(struct standin *standin);
size_t standin_faults_met(struct standin *standin); /* requests that got one, since the start */

size_t standin_log_count(struct standin *standin);
/* i from 0; NULL beyond the end. */
const struct standin_request *standin_log_get(struct standin *standin, size_t i);
void standin_log_clear(struct standin *standin);
/* Also writes a line of JSON to the file for each answered request, before its response is sent, and flushes it: method, path,
** body, http_status, code, items, connection, in_flight, latency_ms, bytes. The file is created or emptied; NULL ends it. */
int standin_log_to_file(struct standin *standin, const char *path);

#endif
