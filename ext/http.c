/*
** HTTP inside somebody else's process, over libcurl's multi interface.
**
** Who owns what: struct http owns the multi handle, which owns the connections, and keeps a list of its transfers. A transfer
** owns one easy handle from http_start until it is done; then only the result is left. libcurl copies every string it is given,
** so no copy of a credential is made here.
**
** What is assumed of the process: nothing. Its signals are left alone (SIGALRM by CURLOPT_NOSIGNAL, SIGPIPE by blocking it
** around libcurl), its threads may use libcurl too, it may fork, and its environment decides about proxies.
*/
#include "http.h"

#include <curl/curl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#ifndef ONPAGE_VERSION
#define ONPAGE_VERSION "unknown"
#endif

enum {
  POOL_MAX = 32,            /* idle connections kept: as many as requests may be in flight */
  HEADERS_MAX = 256 * 1024, /* bytes of all header lines of an answer; older libcurls have no bound of their own */
  BUFFER_SIZE = 512 * 1024  /* what libcurl reads at once; the most that 7.88 takes */
};

struct http {
  CURLM *multi;                    /* NULL after a fork, until the next transfer */
  pid_t owner;                     /* the process that made multi */
  struct curl_slist *headers;      /* of every request; a GET begins at the second */
  struct http_transfer *transfers; /* all that were not ended */
  size_t active;                   /* those of them that are not done */
  unsigned long events;            /* counts what callers may wait for: bytes handed over, transfers done */
  bool no_memory;                  /* a transfer ran out of memory since http_run looked last */
};

struct http_transfer {
  struct http *http;
  struct http_transfer *previous, *next;
  CURL *easy; /* NULL once done */
  void (*on_bytes)(void *context, const char *bytes, size_t size);
  void *context;
  size_t answer_max;
  size_t answer_size;  /* bytes handed over */
  size_t headers_size; /* bytes of header lines */
  bool headers_ended;  /* the empty line after them has come */
  bool refused;        /* a callback stopped the transfer; result.outcome and message say why */
  bool done;
  struct http_result result;
  char error_text[CURL_ERROR_SIZE]; /* libcurl's details of a failure; must outlive easy */
};

/* --- libcurl as a whole */

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_code = CURLE_FAILED_INIT;
static char global_version[256];

/* Run once a process. curl_global_init is not thread-safe before libcurl 7.84, hence pthread_once. It is never undone: the host
** may use libcurl too, and curl_global_cleanup is not safe beside other threads; the library stays loaded for as long as the
** process lives. curl_version() writes into static memory, so its text is copied here. */
static void global_init(void) {
  global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
  snprintf(global_version, sizeof global_version, "%s", curl_version());
}

const char *http_version(void) {
  pthread_once(&global_once, global_init);
  return global_version;
}

/* Writing to a connection that the other side has closed raises SIGPIPE, which would kill the host. Where libcurl sends itself
** it asks for none, but older ones send through their TLS library, which does not. */
struct sigpipe_guard {
  sigset_t previous;
  bool was_pending;
};

static bool sigpipe_is_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static void sigpipe_block(struct sigpipe_guard *guard) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  guard->was_pending = sigpipe_is_pending();
  pthread_sigmask(SIG_BLOCK, &set, &guard->previous);
}

static void sigpipe_restore(const struct sigpipe_guard *guard) {
  if (!guard->was_pending && sigpipe_is_pending()) {
    sigset_t set;
    int signal;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigwait(&set, &signal);
  }
  pthread_sigmask(SIG_SETMASK, &guard->previous, NULL);
}

/* --- Outcomes */

/* Failures that may not come again. Those of name lookup are among them: a host that does not exist and a name server that does
** not answer look alike. CURLE_SSL_CONNECT_ERROR is a handshake that broke off, not a certificate that isn't trusted. */
static const CURLcode passing_codes[] = {
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
    CURLE_BAD_CONTENT_ENCODING,
    CURLE_SSL_SHUTDOWN_FAILED,
    CURLE_AGAIN,
    CURLE_NO_CONNECTION_AVAILABLE,
    CURLE_HTTP2_STREAM,
};

static enum http_outcome outcome_of(CURLcode code) {
  for (size_t i = 0; i < sizeof passing_codes / sizeof *passing_codes; i++) {
    if (code == passing_codes[i]) return HTTP_PASSING;
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) return HTTP_UNTRUSTED;
  return code == CURLE_OK ? HTTP_DONE : HTTP_PERMANENT;
}

static void __attribute__((format(printf, 2, 3))) say(struct http_transfer *transfer, const char *format, ...) {
  char *message = transfer->result.message;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof transfer->result.message, format, arguments);
  va_end(arguments);
  /* libcurl's details may quote the server, and end in a line end. */
  for (size_t i = 0; message[i] != '\0'; i++) {
    if (message[i] < ' ' || message[i] > '~') message[i] = message[i + 1] == '\0' ? '\0' : '?';
  }
}

/* libcurl quotes a proxy's URL that it can't use, with the password in it, and cut off where its buffer ends. */
static void hide_proxy(char text[CURL_ERROR_SIZE]) {
  const char *quote = strstr(text, "roxy") != NULL ? strchr(text, '\'') : NULL;
  if (quote == NULL) return;
  char hidden[CURL_ERROR_SIZE];
  const char *end = strrchr(quote, '\'');
  snprintf(hidden, sizeof hidden, "%.*s'***'%s", (int)(quote - text), text, end > quote ? end + 1 : "");
  memcpy(text, hidden, sizeof hidden);
}

/* Turns what libcurl says of a transfer into its result, and lets go of the easy handle. */
static void finish(struct http_transfer *transfer, CURLcode code) {
  struct http *http = transfer->http;
  struct http_result *result = &transfer->result;
  curl_off_t body_size = 0;
  curl_off_t retry_after = 0;
  long headers_size = 0;
  long proxy_status = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &result->status);
  curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
  curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &body_size);
  curl_easy_getinfo(transfer->easy, CURLINFO_HEADER_SIZE, &headers_size);
  if (!transfer->refused) result->outcome = outcome_of(code);
  /* A proxy that refuses the tunnel looks like a broken connection to libcurl, but it will refuse again. */
  if (code != CURLE_OK && proxy_status >= 400 && proxy_status < 500) result->outcome = HTTP_PERMANENT;
  result->bytes = (long long)body_size + headers_size;
  result->retry_after_s = retry_after <= 0 ? -1 : retry_after > LONG_MAX ? LONG_MAX : (long)retry_after;
  if (result->outcome == HTTP_DONE && !transfer->headers_ended) { /* libcurl is content with headers that break off */
    result->outcome = HTTP_PASSING;
    say(transfer, "the connection was closed in the middle of the answer's headers");
  } else if (result->outcome != HTTP_DONE && !transfer->refused) {
    hide_proxy(transfer->error_text);
    say(transfer, "%s%s%s", curl_easy_strerror(code), transfer->error_text[0] != '\0' ? ": " : "", transfer->error_text);
  }
  if (code == CURLE_OUT_OF_MEMORY) http->no_memory = true;
  curl_multi_remove_handle(http->multi, transfer->easy);
  curl_easy_cleanup(transfer->easy);
  transfer->easy = NULL;
  transfer->done = true;
  http->active--;
  http->events++;
}

/* --- What libcurl calls */

static size_t on_body(char *bytes, size_t unit, size_t count, void *context) {
  struct http_transfer *transfer = context;
  size_t size = unit * count; /* unit is 1, says libcurl */
  if (size > transfer->answer_max - transfer->answer_size) {
    transfer->refused = true;
    transfer->result.outcome = HTTP_TOO_LARGE;
    say(transfer, "the answer is larger than the %zu bytes allowed", transfer->answer_max);
    return 0;
  }
  transfer->answer_size += size;
  transfer->http->events++;
  if (size > 0) transfer->on_bytes(transfer->context, bytes, size);
  return transfer->refused ? 0 : size; /* a transfer that breaks off takes its connection with it */
}

void http_refuse(struct http_transfer *transfer) {
  transfer->refused = true;
  transfer->result.outcome = HTTP_DONE;
}

/* A decimal number that is not negative, or -1. Not strtod, which reads what the host's locale writes. */
static double parse_price(const char *text, size_t size) {
  double digits = 0;
  double scale = 1;
  int exponent = 0;
  bool any = false;
  bool negative = false;
  size_t i = 0;
  for (; i < size && text[i] >= '0' && text[i] <= '9'; i++, any = true) digits = digits * 10 + (text[i] - '0');
  if (i < size && text[i] == '.') {
    for (i++; i < size && text[i] >= '0' && text[i] <= '9'; i++, any = true) {
      digits = digits * 10 + (text[i] - '0');
      scale *= 10;
    }
  }
  if (!any || size > 40) return -1;
  if (i < size && (text[i] == 'e' || text[i] == 'E')) {
    i++;
    if (i < size && (text[i] == '-' || text[i] == '+')) negative = text[i++] == '-';
    for (; i < size && text[i] >= '0' && text[i] <= '9' && exponent < 1000; i++) exponent = exponent * 10 + (text[i] - '0');
  }
  if (i < size || exponent > 30) return -1;
  for (; exponent > 0; exponent--) *(negative ? &scale : &digits) *= 10;
  return digits / scale;
}

/* The value of a header of that name, without the blanks around it; NULL for any other line. */
static const char *header_value(const char *line, size_t size, const char *name, size_t *value_size) {
  size_t name_size = strlen(name);
  if (size <= name_size || line[name_size] != ':' || strncasecmp(line, name, name_size) != 0) return NULL;
  const char *value = line + name_size + 1;
  const char *end = line + size;
  while (value < end && (*value == ' ' || *value == '\t')) value++;
  while (end > value && strchr(" \t\r\n", end[-1]) != NULL) end--;
  *value_size = (size_t)(end - value);
  return value;
}

/* The number that a value begins with, as in "600" and "600, 600;w=60"; -1 without one that can be meant. */
static long parse_limit(const char *text, size_t size) {
  long number = 0;
  size_t digits = 0;
  for (; digits < size && digits < 9 && text[digits] >= '0' && text[digits] <= '9'; digits++)
    number = number * 10 + (text[digits] - '0');
  return digits == 0 || digits == 9 || number == 0 ? -1 : number;
}

static void read_header(struct http_result *result, const char *line, size_t size) {
  size_t value_size;
  const char *value = header_value(line, size, "X-AISA-Price-USD", &value_size);
  if (value != NULL) result->price = parse_price(value, value_size);
  value = header_value(line, size, "X-RateLimit-Limit-Requests", &value_size);
  /* One page of the documents has the short name; next to the long one it may be about something else. */
  if (value == NULL && result->rate_limit < 0) value = header_value(line, size, "X-RateLimit-Limit", &value_size);
  if (value != NULL) result->rate_limit = parse_limit(value, value_size);
}

static size_t on_header(char *line, size_t unit, size_t count, void *context) {
  struct http_transfer *transfer = context;
  size_t size = unit * count;
  if (size > HEADERS_MAX - transfer->headers_size) {
    transfer->refused = true;
    transfer->result.outcome = HTTP_PERMANENT;
    say(transfer, "the answer's headers are larger than the %d bytes allowed", HEADERS_MAX);
    return 0;
  }
  transfer->headers_size += size;
  if (size > strlen("HTTP/") && memcmp(line, "HTTP/", strlen("HTTP/")) == 0) { /* 1xx answers come before the real one */
    transfer->headers_ended = false;
    transfer->result.price = -1;
    transfer->result.rate_limit = -1;
  }
  if (line[0] == '\r' || line[0] == '\n') transfer->headers_ended = true;
  read_header(&transfer->result, line, size);
  return size;
}

/* --- Setting a transfer up */

/* Sets an option unless an earlier one failed. */
#define SET(option, value)                                                                                                     \
  do {                                                                                                                         \
    if (code == CURLE_OK) code = curl_easy_setopt(easy, option, value);                                                        \
  } while (0)

/* What must hold: a libcurl that refuses one of these is not used. */
static CURLcode set_safety(CURL *easy, const struct http_request *request) {
  CURLcode code = CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075500 /* 7.85 */
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_FOLLOWLOCATION, 0L); /* a redirect could take the credentials elsewhere */
  SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (request->ca_file != NULL) SET(CURLOPT_CAINFO, request->ca_file);
  SET(CURLOPT_TIMEOUT_MS, request->timeout_ms);
  SET(CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout_ms);
  return code;
}

/* Credentials go through libcurl's own options, not through a header: it never hands those to a proxy or another host. */
static CURLcode set_credentials(CURL *easy, const struct http_request *request) {
  CURLcode code = CURLE_OK;
  if (request->bearer != NULL) {
    SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
    SET(CURLOPT_XOAUTH2_BEARER, request->bearer);
  } else if (request->login != NULL) {
    SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    SET(CURLOPT_USERNAME, request->login);
    SET(CURLOPT_PASSWORD, request->password != NULL ? request->password : "");
  }
  return code;
}

static CURLcode set_request(CURL *easy, const struct http_request *request, struct http_transfer *transfer) {
  struct curl_slist *headers = transfer->http->headers;
  CURLcode code = CURLE_OK;
  SET(CURLOPT_URL, request->url);
  if (strcmp(request->method, "POST") == 0) {
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, request->body != NULL ? (curl_off_t)request->body_size : 0);
    SET(CURLOPT_COPYPOSTFIELDS, request->body != NULL ? request->body : "");
    SET(CURLOPT_HTTPHEADER, headers);
  } else {
    SET(CURLOPT_HTTPGET, 1L);
    SET(CURLOPT_HTTPHEADER, headers->next);
  }
  SET(CURLOPT_USERAGENT, "onpage/" ONPAGE_VERSION);
  SET(CURLOPT_ACCEPT_ENCODING, ""); /* all that this libcurl can unpack */
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, transfer);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, transfer);
  SET(CURLOPT_ERRORBUFFER, transfer->error_text);
  SET(CURLOPT_PRIVATE, transfer);
  return code;
}

/* What makes it better but may be missing from a libcurl. */
static void set_wishes(CURL *easy, const struct http_request *request) {
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)BUFFER_SIZE);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  /* While the first connection to a host is being made, later transfers wait to hear whether it speaks HTTP/2 instead of
  ** opening one each. With TLS that is known after the handshake (ALPN), so a host without HTTP/2 costs them no more than that;
  ** without TLS it would be known only after the first answer, far too late. */
  if (strncasecmp(request->url, "https:", strlen("https:")) == 0) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700 /* 7.87 */
  /* Ending a transfer must not wait for the thread that looks its name up: the resolver may take half a minute. */
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

/* --- The pool */

static CURLM *new_multi(void) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL) return NULL;
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
  /* The default is four times the transfers under way at the moment: a lull would close connections that are needed next. */
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)POOL_MAX);
  return multi;
}

/* Each header, the POST's own first; "Expect:" keeps libcurl from asking leave to send a body. */
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

/* In the child of a fork: leaves multi and easy handles to the parent, whose connections they share. Closing them would say
** goodbye on the parent's TLS connections, so their memory is given up, once a fork. Leak checkers see pointers to it. */
enum { LEFT_BEHIND_MAX = 16 };
static CURLM *volatile left_behind[LEFT_BEHIND_MAX];
static atomic_uint left_behind_count;

static void leave_parent(struct http *http) {
  if (http->owner == getpid()) return;
  left_behind[atomic_fetch_add(&left_behind_count, 1) % LEFT_BEHIND_MAX] = http->multi;
  http->owner = getpid();
  http->multi = NULL;
  http->active = 0;
  for (struct http_transfer *transfer = http->transfers; transfer != NULL; transfer = transfer->next) {
    if (transfer->done) continue;
    transfer->easy = NULL;
    transfer->done = true;
    transfer->result.outcome = HTTP_PASSING;
    say(transfer, "the process has forked, and the request belongs to its parent");
  }
}

struct http *http_new(void) {
  pthread_once(&global_once, global_init);
  if (global_code != CURLE_OK) return NULL;
  struct http *http = calloc(1, sizeof *http);
  if (http == NULL) return NULL;
  http->owner = getpid();
  http->multi = new_multi();
  http->headers = new_headers();
  if (http->multi == NULL || http->headers == NULL) {
    http_free(http);
    return NULL;
  }
  return http;
}

void http_free(struct http *http) {
  if (http == NULL) return;
  struct sigpipe_guard guard;
  struct http_transfer *next;
  leave_parent(http);
  for (struct http_transfer *transfer = http->transfers; transfer != NULL; transfer = next) {
    next = transfer->next;
    http_end(transfer);
  }
  sigpipe_block(&guard);
  if (http->multi != NULL) curl_multi_cleanup(http->multi);
  sigpipe_restore(&guard);
  curl_slist_free_all(http->headers);
  free(http);
}

/* --- Transfers */

int http_start(struct http *http, const struct http_request *request, struct http_transfer **transfer, struct error *error) {
  CURLcode code = CURLE_OK;
  leave_parent(http);
  if (http->multi == NULL) http->multi = new_multi();
  struct http_transfer *new = calloc(1, sizeof *new);
  if (new != NULL) new->easy = curl_easy_init();
  if (http->multi == NULL || new == NULL || new->easy == NULL) goto no_memory;
  new->http = http;
  new->on_bytes = request->on_bytes;
  new->context = request->context;
  new->answer_max = request->answer_max;
  new->result.price = -1;
  new->result.rate_limit = -1;
  new->result.retry_after_s = -1;
  code = set_safety(new->easy, request);
  if (code == CURLE_OK) code = set_credentials(new->easy, request);
  if (code == CURLE_OK) code = set_request(new->easy, request, new);
  if (code == CURLE_OUT_OF_MEMORY) goto no_memory;
  if (code != CURLE_OK) {
    error_set(error, "libcurl can't set the request up: %s", curl_easy_strerror(code));
    goto failed;
  }
  set_wishes(new->easy, request);
  CURLMcode multi_code = curl_multi_add_handle(http->multi, new->easy);
  if (multi_code == CURLM_OUT_OF_MEMORY) goto no_memory;
  if (multi_code != CURLM_OK) {
    error_set(error, "libcurl can't start the request: %s", curl_multi_strerror(multi_code));
    goto failed;
  }
  new->next = http->transfers;
  if (new->next != NULL) new->next->previous = new;
  http->transfers = new;
  http->active++;
  *transfer = new;
  return 0;

no_memory:
  error_no_memory(error);
failed:
  if (new != NULL) curl_easy_cleanup(new->easy);
  free(new);
  return -1;
}

/* Lets libcurl do what can be done without waiting. */
static CURLMcode move(struct http *http) {
  int running;
  int left;
  CURLMsg *message;
  CURLMcode code = curl_multi_perform(http->multi, &running);
  while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
    struct http_transfer *transfer = NULL;
    if (message->msg != CURLMSG_DONE) continue;
    CURLcode result = message->data.result; /* finish() takes the message's memory away */
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
    finish(transfer, result);
  }
  return code;
}

int http_run(struct http *http, int wait_ms, struct error *error) {
  struct sigpipe_guard guard;
  unsigned long events = http->events;
  leave_parent(http);
  if (http->active == 0) {
    if (wait_ms > 0) poll(NULL, 0, wait_ms);
    return 0;
  }
  sigpipe_block(&guard);
  CURLMcode code = move(http);
  if (code == CURLM_OK && wait_ms > 0 && http->events == events) {
    code = curl_multi_poll(http->multi, NULL, 0, wait_ms, NULL);
    if (code == CURLM_OK) code = move(http);
  }
  sigpipe_restore(&guard);
  if (http->no_memory || code == CURLM_OUT_OF_MEMORY) {
    http->no_memory = false;
    return error_no_memory(error);
  }
  if (code != CURLM_OK) return error_set(error, "libcurl can't go on with the requests: %s", curl_multi_strerror(code));
  return 0;
}

const struct http_result *http_done(const struct http_transfer *transfer) {
  return transfer->done ? &transfer->result : NULL;
}

void http_end(struct http_transfer *transfer) {
  if (transfer == NULL) return;
  struct http *http = transfer->http;
  struct sigpipe_guard guard;
  leave_parent(http);
  if (!transfer->done) {
    sigpipe_block(&guard);
    curl_multi_remove_handle(http->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    sigpipe_restore(&guard);
    http->active--;
  }
  if (transfer->previous != NULL) transfer->previous->next = transfer->next;
  if (transfer->next != NULL) transfer->next->previous = transfer->previous;
  if (http->transfers == transfer) http->transfers = transfer->next;
  free(transfer);
}
