/*
** HTTP inside somebody else's process, over libcurl's multi interface.
**
** Ownership: struct http owns pools, each a multi handle with its connections, and a list of transfers. A transfer owns an easy
** handle from http_start until it is done; then only the result is left. libcurl copies every string it is given, so no copy of
** a credential is made here.
**
** There is one pool as long as its connections can be trusted. When the network changes (sleep, another Wi-Fi, a NAT that lost
** its table) they are all dead without notice, and libcurl would go on using them. New transfers then get another pool; the old
** one is freed with the last of its transfers.
**
** Time: libcurl measures its time-outs by the clock, but while a reader pauses, nothing is received, and what has arrived would
** be thrown away when it resumes. So the time of a transfer is measured here, and only while http_run waits.
**
** Nothing is assumed of the process: its signals are left alone (SIGALRM by CURLOPT_NOSIGNAL, SIGPIPE by blocking it around
** libcurl), its threads may use libcurl too, it may fork, and its environment sets the proxies.
*/
#include "client/http.h"

#include <curl/curl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/excerpt.h"
#include "client/http_header.h"
#include "client/http_setup.h"
#include "client/sigpipe.h"

/* The newest function that is called here. With an older libcurl the extension is loaded all the same, and says what it needs. */
#pragma weak curl_multi_poll
enum { LIBCURL_MIN = 0x074200 /* 7.66 */ };

enum {
  HEADERS_MAX = 256 * 1024, /* bytes of all header lines of a response; older libcurls don't limit them */
  STALL_MAX_MS = 60000,     /* between two pieces of a response's body; the first may take longer */
  TURN_MS = 10              /* between two looks at a pool while another one is polled */
};

struct pool {
  CURLM *multi;
  struct pool *next;
  bool suspect;     /* no new transfer uses its connections */
  size_t transfers; /* not ended */
  size_t active;    /* … and not done */
};

struct http {
  struct pool *pools;              /* the newest first; all others are suspect */
  pid_t owner;                     /* the process that created them */
  struct curl_slist *headers;      /* of every request; a GET has all but the first */
  struct http_transfer *transfers; /* all that are not ended */
  unsigned long events;            /* a count of what callers wait for: bytes passed on, transfers done */
  int64_t waited_ms;               /* by http_run, in total: the clock of time-outs */
  bool moving;                     /* libcurl is running, and must not be called again */
};

struct http_transfer {
  struct http *http;
  struct http_transfer *previous, *next;
  struct pool *pool; /* NULL after a fork */
  CURL *easy;        /* NULL once done */
  void (*on_bytes)(void *context, const char *bytes, size_t size);
  void *context;
  const char *const *header_names;
  long timeout_ms, connect_timeout_ms;
  int64_t started_ms; /* waited_ms when it was started */
  int64_t heard_ms;   /* waited_ms when bytes of its response came last */
  size_t response_max;
  size_t response_size; /* bytes passed on */
  size_t headers_size;  /* bytes of header lines */
  bool headers_ended;   /* the empty line after them has arrived */
  bool stopped;         /* by this module or its caller; result.outcome and message say why */
  bool done;
  struct http_result result;
  char error_text[CURL_ERROR_SIZE]; /* libcurl writes details of a failure here; must outlive easy */
};

/* --- libcurl as a whole */

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_code = CURLE_FAILED_INIT;
static char global_version[256];

/* Runs once in a process. curl_global_init is not thread-safe before libcurl 7.84, hence pthread_once. It is never undone: the
** host process may use libcurl too, and curl_global_cleanup is not safe beside other threads. curl_version() writes into static
** memory, so its text is copied here. */
static void global_init(void) {
  global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
  snprintf(global_version, sizeof global_version, "%s", curl_version());
}

int http_check_library(struct error *error) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (info->version_num >= LIBCURL_MIN) return 0;
  return error_set(error, "libcurl 7.66 or later is needed, this is %s", info->version);
}

const char *http_version(void) {
  pthread_once(&global_once, global_init);
  return global_version;
}

/* --- Outcomes */

/* Failures that another attempt may not have. Name lookup is among them: a host that doesn't exist and a name server that
** doesn't reply look alike. CURLE_SSL_CONNECT_ERROR is a handshake that broke off, not a certificate that isn't trusted. */
static const CURLcode transient_codes[] = {
    CURLE_COULDNT_RESOLVE_PROXY,
    CURLE_COULDNT_RESOLVE_HOST,
    CURLE_COULDNT_CONNECT,
    CURLE_WEIRD_SERVER_REPLY,
    CURLE_HTTP2,
    CURLE_PARTIAL_FILE,
    CURLE_OPERATION_TIMEDOUT,
    CURLE_SSL_CONNECT_ERROR,
    CURLE_GOT_NOTHING,
    CURLE_SEND_ERROR,
    CURLE_RECV_ERROR,
    CURLE_WRITE_ERROR, /* bytes after the compressed ones; transfers that on_body stops have their outcome already */
    CURLE_BAD_CONTENT_ENCODING,
    CURLE_SSL_SHUTDOWN_FAILED,
    CURLE_AGAIN,
    CURLE_NO_CONNECTION_AVAILABLE,
    CURLE_HTTP2_STREAM,
};

static enum http_outcome outcome_of(CURLcode code) {
  for (size_t i = 0; i < sizeof transient_codes / sizeof *transient_codes; i++) {
    if (code == transient_codes[i]) return HTTP_TRANSIENT;
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) return HTTP_UNTRUSTED;
  return code == CURLE_OK ? HTTP_DONE : HTTP_PERMANENT;
}

/* Sets the message, as one line: libcurl's details may quote the server, and end in a line end. */
static void __attribute__((format(printf, 2, 3))) say(struct http_transfer *transfer, const char *format, ...) {
  char message[2 * CURL_ERROR_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  excerpt_text(transfer->result.message, sizeof transfer->result.message, message, strlen(message));
}

/* libcurl quotes the URL of a proxy that it can't use, including the password, and cut off where its buffer ends. */
static void hide_proxy(char text[CURL_ERROR_SIZE]) {
  const char *quote = strstr(text, "roxy") != NULL ? strchr(text, '\'') : NULL;
  if (quote == NULL) return;
  char hidden[CURL_ERROR_SIZE];
  const char *end = strrchr(quote, '\'');
  snprintf(hidden, sizeof hidden, "%.*s'***'%s", (int)(quote - text), text, end > quote ? end + 1 : "");
  memcpy(text, hidden, sizeof hidden);
}

/* Sets libcurl's message, or a better one where that is misleading. */
static void explain(struct http_transfer *transfer, CURLcode code) {
  const char *words = curl_easy_strerror(code);
  hide_proxy(transfer->error_text);
  if (code == CURLE_WRITE_ERROR) /* on_body has accepted all bytes */
    say(transfer, "the response is garbled: its content can't be decompressed");
  else if (code == CURLE_OUT_OF_MEMORY && !transfer->headers_ended)
    say(transfer, "%s, or one of the response's header lines is longer than libcurl takes", words);
  else if (strstr(transfer->error_text, words) != NULL)
    say(transfer, "%s", transfer->error_text);
  else
    say(transfer, "%s%s%s", words, transfer->error_text[0] != '\0' ? ": " : "", transfer->error_text);
}

static enum http_outcome judge(const struct http_transfer *transfer, CURLcode code) {
  long proxy_status = 0;
  curl_off_t connected_us = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
  enum http_outcome outcome = outcome_of(code);
  /* To libcurl a proxy that refuses the tunnel looks like a broken connection, but it will refuse again. */
  if (code != CURLE_OK && proxy_status >= 400 && proxy_status < 500) return HTTP_PERMANENT;
  return outcome == HTTP_TRANSIENT && connected_us == 0 ? HTTP_UNREACHED : outcome;
}

/* Whether connecting timed out mostly while nobody called http_run. Nothing was sent, so the transfer can be restarted. */
static bool was_paused(const struct http_transfer *transfer, CURLcode code) {
  return code == CURLE_OPERATION_TIMEDOUT && !transfer->stopped && judge(transfer, code) == HTTP_UNREACHED &&
         transfer->http->waited_ms - transfer->started_ms < transfer->connect_timeout_ms / 2;
}

/* Makes the result of a transfer from libcurl's code and details, and frees its easy handle. */
static void finish(struct http_transfer *transfer, CURLcode code) {
  struct http_result *result = &transfer->result;
  curl_off_t body_size = 0;
  curl_off_t retry_after = 0;
  long headers_size = 0;
  long connections = 0;
  curl_multi_remove_handle(transfer->pool->multi, transfer->easy);
  if (was_paused(transfer, code) && curl_multi_add_handle(transfer->pool->multi, transfer->easy) == CURLM_OK) return;
  curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &result->status);
  curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
  curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &body_size);
  curl_easy_getinfo(transfer->easy, CURLINFO_HEADER_SIZE, &headers_size);
  curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connections);
  result->bytes = (long long)body_size + headers_size;
  result->retry_after_s = retry_after <= 0 ? -1 : retry_after > LONG_MAX ? LONG_MAX : (long)retry_after;
  result->reused = connections == 0;
  if (!transfer->stopped) result->outcome = judge(transfer, code);
  if (result->outcome == HTTP_DONE && !transfer->headers_ended) { /* libcurl accepts headers that break off */
    result->outcome = HTTP_TRANSIENT;
    say(transfer, "the connection was closed in the middle of the response's headers");
  } else if (result->outcome != HTTP_DONE && !transfer->stopped) {
    explain(transfer, code);
  }
  curl_easy_cleanup(transfer->easy);
  transfer->easy = NULL;
  transfer->done = true;
  transfer->pool->active--;
  transfer->http->events++;
}

/* Stops a transfer with this outcome. */
static void stop(struct http_transfer *transfer, enum http_outcome outcome) {
  transfer->stopped = true;
  transfer->result.outcome = outcome;
}

static void leave_parent(struct http *http);

/* --- What libcurl calls */

static size_t on_body(char *bytes, size_t unit, size_t count, void *context) {
  struct http_transfer *transfer = context;
  size_t size = unit * count; /* unit is always 1 */
  if (size > transfer->response_max - transfer->response_size) {
    stop(transfer, HTTP_TOO_LARGE);
    say(transfer, "the response is larger than the %zu bytes allowed", transfer->response_max);
    return 0;
  }
  transfer->response_size += size;
  transfer->heard_ms = transfer->http->waited_ms;
  transfer->http->events++;
  if (size > 0) transfer->on_bytes(transfer->context, bytes, size);
  return transfer->stopped ? 0 : size; /* 0 stops the transfer and closes its connection */
}

void http_abort(struct http_transfer *transfer) {
  struct sigpipe_guard guard;
  leave_parent(transfer->http);
  if (transfer->done) return;
  stop(transfer, HTTP_DONE);
  if (transfer->http->moving) return; /* on_body says so to libcurl */
  sigpipe_block(&guard);
  finish(transfer, CURLE_WRITE_ERROR);
  sigpipe_restore(&guard);
}

static size_t on_header(char *line, size_t unit, size_t count, void *context) {
  struct http_transfer *transfer = context;
  size_t size = unit * count;
  if (size > HEADERS_MAX - transfer->headers_size) {
    stop(transfer, HTTP_PERMANENT);
    say(transfer, "the response's headers are larger than the %d bytes allowed", HEADERS_MAX);
    return 0;
  }
  transfer->headers_size += size;
  if (size > strlen("HTTP/") && memcmp(line, "HTTP/", strlen("HTTP/")) == 0) { /* 1xx responses come before the real one */
    transfer->headers_ended = false;
    http_forget_headers(&transfer->result);
  }
  if (line[0] == '\r' || line[0] == '\n') transfer->headers_ended = true;
  http_keep_header(&transfer->result, transfer->header_names, line, size);
  return size;
}

static CURLcode set_callbacks(struct http_transfer *transfer) {
  CURL *easy = transfer->easy;
  CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error_text);
  if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
  return code;
}

/* --- Pools */

static CURLM *new_multi(void) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL) return NULL;
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
  /* By default four times the transfers of the moment: when there are few, connections would be closed that are needed next. */
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)HTTP_IDLE_MAX);
  return multi;
}

/* All headers, that of a POST first; "Expect:" keeps libcurl from asking the server before it sends a body. */
static struct curl_slist *new_headers(void) {
  static const char *const lines[] = {"Content-Type: application/json", "Accept: application/json", "Expect:"};
  struct curl_slist *headers = NULL;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    struct curl_slist *longer = curl_slist_append(headers, lines[i]);
    if (longer == NULL) {
      curl_slist_free_all(headers);
      return NULL;
    }
    headers = longer;
  }
  return headers;
}

/* The pool of new transfers, made if need be; NULL when memory ran out. */
static struct pool *pool_in_use(struct http *http) {
  if (http->pools != NULL && !http->pools->suspect) return http->pools;
  struct pool *pool = calloc(1, sizeof *pool);
  if (pool != NULL) pool->multi = new_multi();
  if (pool == NULL || pool->multi == NULL) {
    free(pool);
    return NULL;
  }
  pool->next = http->pools;
  http->pools = pool;
  return pool;
}

/* Frees the suspect pools without transfers. */
static void sweep(struct http *http) {
  struct sigpipe_guard guard;
  for (struct pool **link = &http->pools; *link != NULL;) {
    struct pool *pool = *link;
    if (!pool->suspect || pool->transfers > 0) {
      link = &pool->next;
      continue;
    }
    *link = pool->next;
    sigpipe_block(&guard);
    curl_multi_cleanup(pool->multi);
    sigpipe_restore(&guard);
    free(pool);
  }
}

void http_distrust(struct http_transfer *transfer) {
  if (transfer->pool != NULL) transfer->pool->suspect = true;
}

/* In the child of a fork: abandons multi and easy handles, which share the parent's connections. Freeing them would close the
** parent's TLS connections, so their memory is leaked, once a fork; the pointers keep leak checkers quiet. */
enum { LEFT_BEHIND_MAX = 16 };
static struct pool *volatile left_behind[LEFT_BEHIND_MAX];
static atomic_uint left_behind_count;

static void leave_parent(struct http *http) {
  if (http->owner == getpid()) return;
  left_behind[atomic_fetch_add(&left_behind_count, 1) % LEFT_BEHIND_MAX] = http->pools;
  http->owner = getpid();
  http->pools = NULL;
  for (struct http_transfer *transfer = http->transfers; transfer != NULL; transfer = transfer->next) {
    transfer->pool = NULL;
    if (transfer->done) continue;
    transfer->easy = NULL;
    transfer->done = true;
    transfer->result.outcome = HTTP_TRANSIENT;
    say(transfer, "the process has forked, and the request belongs to its parent");
  }
}

struct http *http_new(void) {
  pthread_once(&global_once, global_init);
  if (global_code != CURLE_OK) return NULL;
  struct http *http = calloc(1, sizeof *http);
  if (http == NULL) return NULL;
  http->owner = getpid();
  http->headers = new_headers();
  if (http->headers == NULL || pool_in_use(http) == NULL) {
    http_free(http);
    return NULL;
  }
  return http;
}

void http_free(struct http *http) {
  if (http == NULL) return;
  struct http_transfer *next;
  leave_parent(http);
  for (struct http_transfer *transfer = http->transfers; transfer != NULL; transfer = next) {
    next = transfer->next;
    http_end(transfer);
  }
  for (struct pool *pool = http->pools; pool != NULL; pool = pool->next) pool->suspect = true;
  sweep(http);
  curl_slist_free_all(http->headers);
  free(http);
}

/* --- Transfers */

int http_start(struct http *http, const struct http_request *request, struct http_transfer **transfer, struct error *error) {
  CURLcode code = CURLE_OK;
  leave_parent(http);
  struct pool *pool = pool_in_use(http);
  struct http_transfer *new = calloc(1, sizeof *new);
  if (new != NULL) new->easy = curl_easy_init();
  if (pool == NULL || new == NULL || new->easy == NULL) goto no_memory;
  new->http = http;
  new->pool = pool;
  new->on_bytes = request->on_bytes;
  new->context = request->context;
  new->response_max = request->response_max;
  new->timeout_ms = request->timeout_ms;
  new->connect_timeout_ms = request->connect_timeout_ms;
  new->started_ms = http->waited_ms;
  new->header_names = request->header_names;
  new->result.retry_after_s = -1;
  code = http_set_up(new->easy, request, http->headers);
  if (code == CURLE_OK) code = set_callbacks(new);
  if (code == CURLE_OUT_OF_MEMORY) goto no_memory;
  if (code != CURLE_OK) {
    error_set(error, "libcurl can't set the request up: %s", curl_easy_strerror(code));
    goto failed;
  }
  CURLMcode multi_code = curl_multi_add_handle(pool->multi, new->easy);
  if (multi_code == CURLM_OUT_OF_MEMORY) goto no_memory;
  if (multi_code != CURLM_OK) {
    error_set(error, "libcurl can't start the request: %s", curl_multi_strerror(multi_code));
    goto failed;
  }
  new->next = http->transfers;
  if (new->next != NULL) new->next->previous = new;
  http->transfers = new;
  pool->transfers++;
  pool->active++;
  *transfer = new;
  return 0;

no_memory:
  error_no_memory(error);
failed:
  if (new != NULL) curl_easy_cleanup(new->easy);
  free(new);
  return -1;
}

/* Lets libcurl do what it can without waiting. */
static CURLMcode move_pool(const struct pool *pool) {
  int running;
  int left;
  CURLMsg *message;
  CURLMcode code = curl_multi_perform(pool->multi, &running);
  while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
    struct http_transfer *transfer = NULL;
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode result = message->data.result; /* finish() invalidates the message */
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
    finish(transfer, result);
  }
  return code;
}

static CURLMcode move(const struct http *http) {
  CURLMcode code = CURLM_OK;
  for (const struct pool *pool = http->pools; pool != NULL && code == CURLM_OK; pool = pool->next)
    if (pool->active > 0) code = move_pool(pool);
  return code;
}

/* The first pool with active transfers, from this one on; NULL if there is none. */
static struct pool *find_active(struct pool *pool) {
  while (pool != NULL && pool->active == 0) pool = pool->next;
  return pool;
}

/* When the transfer times out, by waited_ms. */
static int64_t deadline(const struct http_transfer *transfer) {
  int64_t end = transfer->started_ms + transfer->timeout_ms;
  int64_t stall = transfer->heard_ms + STALL_MAX_MS;
  return transfer->response_size > 0 && stall < end ? stall : end;
}

/* Waits for something to happen, at most until the next deadline, then moves the transfers on. */
static CURLMcode wait_and_move(struct http *http, int wait_ms) {
  struct pool *pool = find_active(http->pools);
  if (find_active(pool->next) != NULL && wait_ms > TURN_MS) wait_ms = TURN_MS;
  for (struct http_transfer *transfer = http->transfers; transfer != NULL; transfer = transfer->next) {
    int64_t left = deadline(transfer) - http->waited_ms;
    if (!transfer->done && left < wait_ms) wait_ms = left > 0 ? (int)left : 0;
  }
  int64_t begin = clock_now_ms();
  CURLMcode code = curl_multi_poll(pool->multi, NULL, 0, wait_ms, NULL);
  if (code == CURLM_OK) code = move(http);
  http->waited_ms += clock_now_ms() - begin;
  return code;
}

static void end_overdue(struct http *http) {
  for (struct http_transfer *transfer = http->transfers; transfer != NULL; transfer = transfer->next) {
    if (transfer->done || deadline(transfer) > http->waited_ms) continue;
    stop(transfer, judge(transfer, CURLE_OPERATION_TIMEDOUT));
    transfer->result.timed_out = true;
    say(transfer, "timed out after %lld ms with %zu bytes of the response received",
        (long long)(http->waited_ms - transfer->started_ms), transfer->response_size);
    finish(transfer, CURLE_OPERATION_TIMEDOUT);
  }
}

int http_run(struct http *http, int wait_ms, struct error *error) {
  struct sigpipe_guard guard;
  unsigned long events = http->events;
  leave_parent(http);
  if (find_active(http->pools) == NULL) {
    if (wait_ms > 0) poll(NULL, 0, wait_ms);
    return 0;
  }
  sigpipe_block(&guard);
  http->moving = true;
  CURLMcode code = move(http);
  if (code == CURLM_OK && wait_ms > 0 && http->events == events) {
    code = wait_and_move(http, wait_ms);
    end_overdue(http);
  }
  http->moving = false;
  sigpipe_restore(&guard);
  if (code == CURLM_OUT_OF_MEMORY) return error_no_memory(error);
  if (code != CURLM_OK) return error_set(error, "libcurl can't go on with the requests: %s", curl_multi_strerror(code));
  return 0;
}

const struct http_result *http_result_of(const struct http_transfer *transfer) {
  return transfer->done ? &transfer->result : NULL;
}

void http_end(struct http_transfer *transfer) {
  if (transfer == NULL) return;
  struct http *http = transfer->http;
  struct sigpipe_guard guard;
  leave_parent(http);
  if (!transfer->done) {
    sigpipe_block(&guard);
    curl_multi_remove_handle(transfer->pool->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    sigpipe_restore(&guard);
    transfer->pool->active--;
  }
  if (transfer->pool != NULL) transfer->pool->transfers--;
  if (transfer->previous != NULL) transfer->previous->next = transfer->next;
  if (transfer->next != NULL) transfer->next->previous = transfer->previous;
  if (http->transfers == transfer) http->transfers = transfer->next;
  free(transfer);
  sweep(http);
}
