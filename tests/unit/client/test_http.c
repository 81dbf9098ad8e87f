/*
** HTTP against a server of the test's own: raw sockets on loopback, so that it can misbehave byte by byte. It counts
** connections and requests, keeps the last request's head, and can hold its responses until the test lets them go: no test depends on time.
*/
#define _GNU_SOURCE /* RTLD_NEXT; NOLINT: the macro's name is libc's */
#include "client/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit.h"
#include "base/clock.h"

#define BYTES(literal) literal, sizeof(literal) - 1

enum { CONNECTIONS_MAX = 64, HEAD_MAX = 4096, SECRET_URL_MAX = 200 };

/* --- The server */

enum ending {
  KEEP,   /* the connection stays open for the next request */
  CLOSE,  /* closed after the response */
  RESET,  /* broken off with a TCP reset, before the request's body is read */
  SILENT, /* kept open, without another byte */
  LONG,   /* the last byte 200,000 times */
  ENDLESS /* the last line again and again, until the client hangs up */
};

/* 10,000 times the letter a. */
#define GZIP                                                                                                                   \
  "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x0d\x00\x00\x00\xc2\xa0\xac\xef\x5f\xc2\x1c\x6e\x40\x01\x00\x00\x00"   \
  "\x00\x00\x00\x00\x00\xc0\xbf\x01\x97\xd4\x7e\x46\x10\x27\x00\x00"
#define HEAD(status, more) "HTTP/1.1 " status "\r\n" more "\r\n"
#define EMPTY "Content-Length: 0\r\n"

static const struct scene {
  const char *path;
  const char *bytes;
  size_t size;
  enum ending ending;
} scenes[] = {
    {"/plain", BYTES(HEAD("200 OK", "Content-Length: 5\r\n") "hello"), KEEP},
    {"/chunked", BYTES(HEAD("200 OK", "Transfer-Encoding: chunked\r\n") "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), KEEP},
    {"/until-close", BYTES(HEAD("200 OK", "") "hello"), CLOSE},
    {"/404", BYTES(HEAD("404 Not Found", "Content-Length: 5\r\n") "hello"), KEEP},
    {"/401", BYTES(HEAD("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n")), KEEP},
    {"/redirect", BYTES(HEAD("302 Found", "Location: /plain\r\n" EMPTY)), KEEP},
    {"/hints", BYTES("HTTP/1.1 103 Early Hints\r\nX-AISA-Price-USD: 7\r\nX-RateLimit-Limit: 600\r\n\r\n" HEAD("200 OK", EMPTY)),
     KEEP},
    {"/gzip", BYTES(HEAD("200 OK", "Content-Encoding: gzip\r\nContent-Length: 46\r\n") GZIP), KEEP},
    {"/bad-gzip", BYTES(HEAD("200 OK", "Content-Encoding: gzip\r\nContent-Length: 13\r\n") "\x1f\x8b\x08 no gzip\r\n"), KEEP},
    {"/gzip-and-more", BYTES(HEAD("200 OK", "Content-Encoding: gzip\r\nContent-Length: 50\r\n") GZIP "more"), KEEP},
    {"/long-line", BYTES("HTTP/1.1 200 OK\r\nX-Filler: x"), LONG},
    {"/long-status", BYTES("HTTP/1.1 200 x"), LONG},
    {"/retry-seconds", BYTES(HEAD("429 Too Many Requests", "Retry-After: 17\r\n" EMPTY)), KEEP},
    {"/retry-zero", BYTES(HEAD("429 Too Many Requests", "Retry-After: 0\r\n" EMPTY)), KEEP},
    {"/retry-past", BYTES(HEAD("429 Too Many Requests", "Retry-After: Mon, 01 Jan 2001 00:00:00 GMT\r\n" EMPTY)), KEEP},
    {"/retry-bad", BYTES(HEAD("429 Too Many Requests", "Retry-After: soon\r\n" EMPTY)), KEEP},
    {"/limit", BYTES(HEAD("200 OK", "x-ratelimit-limit-requests: 600 \r\n" EMPTY)), KEEP},
    {"/limit-short", BYTES(HEAD("200 OK", "X-RateLimit-Limit: 3000\r\n" EMPTY)), KEEP},
    {"/limit-both", BYTES(HEAD("200 OK", "X-RateLimit-Limit-Requests: 60\r\nX-RateLimit-Limit: 9000\r\n" EMPTY)), KEEP},
    {"/limit-both-turned", BYTES(HEAD("200 OK", "X-RateLimit-Limit: 9000\r\nX-RateLimit-Limit-Requests: 60\r\n" EMPTY)), KEEP},
    {"/limit-policy", BYTES(HEAD("200 OK", "X-RateLimit-Limit: 600, 600;w=60\r\n" EMPTY)), KEEP},
    {"/limit-other", BYTES(HEAD("200 OK", "X-RateLimit-Limit-Tokens: 90000\r\n" EMPTY)), KEEP},
    {"/limit-zero", BYTES(HEAD("200 OK", "X-RateLimit-Limit-Requests: 0\r\n" EMPTY)), KEEP},
    {"/limit-word", BYTES(HEAD("200 OK", "X-RateLimit-Limit-Requests: unlimited\r\n" EMPTY)), KEEP},
    {"/limit-huge", BYTES(HEAD("200 OK", "X-RateLimit-Limit-Requests: 99999999999999999999999\r\n" EMPTY)), KEEP},
    {"/price", BYTES(HEAD("200 OK", "x-aisa-price-usd:  0.0015 \r\n" EMPTY)), KEEP},
    {"/price-exponent", BYTES(HEAD("200 OK", "X-AISA-Price-USD: 1.5e-05\r\n" EMPTY)), KEEP},
    {"/price-integer", BYTES(HEAD("200 OK", "X-AISA-Price-USD: 12\r\n" EMPTY)), KEEP},
    {"/price-negative", BYTES(HEAD("200 OK", "X-AISA-Price-USD: -1.5\r\n" EMPTY)), KEEP},
    {"/price-empty", BYTES(HEAD("200 OK", "X-AISA-Price-USD:\r\n" EMPTY)), KEEP},
    {"/price-bad", BYTES(HEAD("200 OK", "X-AISA-Price-USD: 1.2.3\r\n" EMPTY)), KEEP},
    {"/price-huge", BYTES(HEAD("200 OK", "X-AISA-Price-USD: 1e999999999999\r\n" EMPTY)), KEEP},
    {"/price-long", BYTES(HEAD("200 OK", "X-AISA-Price-USD: 111111111111111111111111111111111111111111111111111\r\n" EMPTY)),
     KEEP},
    {"/short", BYTES(HEAD("200 OK", "Content-Length: 10\r\n") "hello"), CLOSE},
    {"/short-chunk", BYTES(HEAD("200 OK", "Transfer-Encoding: chunked\r\n") "9\r\nhello"), CLOSE},
    {"/short-reset", BYTES(HEAD("200 OK", "Content-Length: 10\r\n") "hello"), RESET},
    {"/half-head", BYTES("HTTP/1.1 200 OK\r\nContent-Le"), CLOSE},
    {"/empty", BYTES(""), CLOSE},
    {"/reset", BYTES(""), RESET},
    {"/garbage", BYTES("\xff\xfe hidden-token\r\n\r\n"), CLOSE},
    {"/silent", BYTES(""), SILENT},
    {"/drip", BYTES(HEAD("200 OK", "Content-Length: 10\r\n") "hello"), SILENT},
    {"/endless", BYTES(HEAD("200 OK", "") "hello hello hello hello hello hello hello hello hello hello\r\n"), ENDLESS},
    {"/endless-head", BYTES("HTTP/1.1 200 OK\r\nX-Filler: filler filler filler filler filler filler\r\n"), ENDLESS},
};

static struct {
  int listener;
  int port;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool stopping;
  bool holding; /* responses wait until this is false */
  int waiting;  /* requests whose responses wait */
  int connections;
  int frozen; /* so many of them, the oldest, get no response any more */
  int requests;
  char head[HEAD_MAX]; /* of the last request */
  size_t body_size;
  char retry_at[40]; /* for /retry-date */
  int sockets[CONNECTIONS_MAX];
  pthread_t threads[CONNECTIONS_MAX];
} server = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static bool send_all(int socket, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= (size_t)sent;
  }
  return true;
}

/* Reads a head byte by byte up to its empty line; false when the client is gone. */
static bool read_head(int socket, char *head) {
  size_t size = 0;
  while (size + 1 < HEAD_MAX && recv(socket, head + size, 1, 0) == 1) {
    head[++size] = '\0';
    if (size >= 4 && strcmp(head + size - 4, "\r\n\r\n") == 0) return true;
  }
  return false;
}

static bool read_body(int socket, const char *head) {
  char bytes[65536];
  const char *length = strstr(head, "\r\nContent-Length: ");
  size_t left = length != NULL ? strtoul(length + strlen("\r\nContent-Length: "), NULL, 10) : 0;
  pthread_mutex_lock(&server.mutex);
  server.body_size = left;
  pthread_mutex_unlock(&server.mutex);
  while (left > 0) {
    ssize_t got = recv(socket, bytes, left < sizeof bytes ? left : sizeof bytes, 0);
    if (got <= 0) return false;
    left -= (size_t)got;
  }
  return true;
}

static const struct scene *find_scene(const char *head) {
  static const struct scene missing = {"", BYTES(HEAD("403 Forbidden", EMPTY)), KEEP};
  const char *path = strchr(head, ' ') + 1;
  for (size_t i = 0; i < LENGTH(scenes); i++) {
    size_t size = strlen(scenes[i].path);
    if (strncmp(path, scenes[i].path, size) == 0 && path[size] == ' ') return &scenes[i];
  }
  return &missing;
}

/* Waits for the client to hang up. */
static void stay_silent(int socket) {
  char bytes[4096];
  while (recv(socket, bytes, sizeof bytes, 0) > 0) continue;
}

/* Responses one request; false when the connection is to be closed. */
static bool serve_request(int socket, int index) {
  char head[HEAD_MAX];
  char response[200];
  if (!read_head(socket, head)) return false;
  pthread_mutex_lock(&server.mutex);
  memcpy(server.head, head, sizeof head);
  server.requests++;
  server.waiting++;
  pthread_cond_broadcast(&server.changed);
  while (server.holding && !server.stopping) pthread_cond_wait(&server.changed, &server.mutex);
  server.waiting--;
  bool frozen = index < server.frozen;
  snprintf(response, sizeof response, HEAD("503 Busy", "Retry-After: %s\r\n" EMPTY), server.retry_at);
  pthread_mutex_unlock(&server.mutex);
  if (frozen) stay_silent(socket);
  if (strstr(head, " /retry-date ") != NULL) return send_all(socket, response, strlen(response));
  const struct scene *scene = find_scene(head);
  if (scene->ending != RESET && !read_body(socket, head)) return false;
  if (!send_all(socket, scene->bytes, scene->size)) return false;
  if (scene->ending == SILENT) stay_silent(socket);
  for (int i = 0; scene->ending == LONG && i < 200000; i++)
    if (!send_all(socket, scene->bytes + scene->size - 1, 1)) return false;
  if (scene->ending == ENDLESS) {
    const char *line = scene->bytes + scene->size - strlen("\r\n");
    while (line > scene->bytes && line[-1] != '\n') line--;
    while (send_all(socket, line, (size_t)(scene->bytes + scene->size - line))) continue;
  }
  if (scene->ending == RESET) setsockopt(socket, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
  return scene->ending == KEEP;
}

static void *serve_connection(void *context) {
  int *slot = context;
  int socket = *slot;
  while (serve_request(socket, (int)(slot - server.sockets))) continue;
  pthread_mutex_lock(&server.mutex); /* so that server_stop does not shut another's socket down */
  *slot = -1;
  close(socket);
  pthread_mutex_unlock(&server.mutex);
  return NULL;
}

static void *serve(void *context) {
  int socket;
  (void)context;
  while ((socket = accept(server.listener, NULL, NULL)) >= 0) {
    pthread_mutex_lock(&server.mutex);
    int index = server.connections++;
    if (index >= CONNECTIONS_MAX) abort();
    server.sockets[index] = socket;
    pthread_create(&server.threads[index], NULL, serve_connection, &server.sockets[index]);
    pthread_mutex_unlock(&server.mutex);
  }
  return NULL;
}

static int server_start(void **state) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  (void)state;
  server.listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server.listener, (struct sockaddr *)&address, size) != 0 || listen(server.listener, 64) != 0) return -1;
  getsockname(server.listener, (struct sockaddr *)&address, &size);
  server.port = ntohs(address.sin_port);
  server.stopping = server.holding = false;
  server.waiting = server.connections = server.requests = server.frozen = 0;
  return pthread_create(&server.thread, NULL, serve, NULL);
}

/* Hangs up on whoever is there. */
static void server_hang_up(void) {
  pthread_mutex_lock(&server.mutex);
  for (int i = 0; i < server.connections; i++) {
    if (server.sockets[i] >= 0) shutdown(server.sockets[i], SHUT_RDWR);
  }
  pthread_mutex_unlock(&server.mutex);
}

static int server_stop(void **state) {
  (void)state;
  shutdown(server.listener, SHUT_RDWR);
  pthread_join(server.thread, NULL);
  close(server.listener);
  pthread_mutex_lock(&server.mutex);
  server.stopping = true;
  pthread_cond_broadcast(&server.changed);
  pthread_mutex_unlock(&server.mutex);
  server_hang_up();
  for (int i = 0; i < server.connections; i++) pthread_join(server.threads[i], NULL);
  return 0;
}

static void server_hold(bool holding) {
  pthread_mutex_lock(&server.mutex);
  server.holding = holding;
  pthread_cond_broadcast(&server.changed);
  pthread_mutex_unlock(&server.mutex);
}

static int server_count(const int *counter) {
  pthread_mutex_lock(&server.mutex);
  int count = *counter;
  pthread_mutex_unlock(&server.mutex);
  return count;
}

/* The line of the last request's head that begins with the text, without its end; "" without. */
static const char *request_line(const char *start) {
  static char line[HEAD_MAX];
  const char *next;
  line[0] = '\0';
  pthread_mutex_lock(&server.mutex);
  for (const char *at = server.head; (next = strstr(at, "\r\n")) != NULL; at = next + 2) {
    if (strncasecmp(at, start, strlen(start)) == 0) snprintf(line, sizeof line, "%.*s", (int)(next - at), at);
  }
  pthread_mutex_unlock(&server.mutex);
  return line;
}

/* --- libcurl and the clock, as the tests want them */

/* A function of libcurl's, behind the one of this program. */
static void find_next(const char *name, void *function, size_t size) {
  void *address = dlsym(RTLD_NEXT, name);
  memcpy(function, &address, size); /* ISO C has no cast for it */
}

static unsigned library_version; /* that libcurl says it is, and is like; 0: its own */

#undef curl_easy_setopt
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  CURLcode (*next)(CURL *, CURLoption, ...);
  enum { PROTOCOLS_STR = 10318 }; /* from 7.85 on */
  va_list arguments;
  find_next("curl_easy_setopt", &next, sizeof next);
  if (library_version != 0 && library_version < 0x075500 && option == (CURLoption)PROTOCOLS_STR) return CURLE_UNKNOWN_OPTION;
  va_start(arguments, option);
  CURLcode code =
      (int)option > CURLOPTTYPE_OFF_T && (int)option < CURLOPTTYPE_BLOB
          ? next(easy, option, va_arg(arguments, curl_off_t))
          : next(easy, option, va_arg(arguments, void *)); /* a long or a pointer: both fill a register, or 32 bits */
  va_end(arguments);
  return code;
}

curl_version_info_data *curl_version_info(CURLversion age) {
  static curl_version_info_data info;
  curl_version_info_data *(*next)(CURLversion);
  find_next("curl_version_info", &next, sizeof next);
  info = *next(age);
  if (library_version != 0) info.version_num = library_version;
  return &info;
}

static int64_t speed = 1; /* of the extension's clock, not of libcurl's */

int64_t clock_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000) * speed;
}

static void pause_ms(long milliseconds) {
  nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}, NULL);
}

/* --- What the tests say */

/* A transfer with what came of it. */
struct fetch {
  struct http_request request;
  struct http_transfer *transfer;
  const struct http_result *result;
  char url[SECRET_URL_MAX];
  char bytes[64]; /* the response's first ones */
  size_t size;
  int pieces;
};

static void keep_bytes(void *context, const char *bytes, size_t size) {
  struct fetch *fetch = context;
  for (size_t i = 0; i < size && fetch->size + i + 1 < sizeof fetch->bytes; i++) fetch->bytes[fetch->size + i] = bytes[i];
  fetch->size += size;
  fetch->pieces++;
}

static struct http *pool(void) {
  struct http *http = http_new();
  assert_non_null(http);
  return http;
}

/* A GET of the server's path, to be changed before start(). */
static void prepare(struct fetch *fetch, const char *path) {
  *fetch = (struct fetch){
      .request = {
          .method = "GET", .timeout_ms = 60000, .connect_timeout_ms = 60000, .response_max = 1000000, .on_bytes = keep_bytes}};
  snprintf(fetch->url, sizeof fetch->url, "http://127.0.0.1:%d%s", server.port, path);
  fetch->request.url = fetch->url;
  fetch->request.context = fetch;
}

static void start(struct http *http, struct fetch *fetch) {
  struct error error;
  if (http_start(http, &fetch->request, &fetch->transfer, &error) != 0) fail_msg("%s", error.message);
}

static void run(struct http *http, int wait_ms) {
  struct error error;
  if (http_run(http, wait_ms, &error) != 0) fail_msg("%s", error.message);
}

static const struct http_result *finish(struct http *http, struct fetch *fetch) {
  while ((fetch->result = http_done(fetch->transfer)) == NULL) run(http, 1000);
  return fetch->result;
}

/* Start to end: the result, by value. */
static struct http_result fetch_path(struct http *http, const char *path) {
  struct fetch fetch;
  prepare(&fetch, path);
  start(http, &fetch);
  struct http_result result = *finish(http, &fetch);
  http_end(fetch.transfer);
  return result;
}

static void test_responses(void **state) {
  static const struct {
    const char *path, *bytes;
    long status;
  } cases[] = {{"/plain", "hello", 200}, {"/chunked", "hello", 200}, {"/until-close", "hello", 200},
               {"/404", "hello", 404},   {"/401", "", 401},          {"/redirect", "", 302}};
  struct http *http = pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    prepare(&fetch, cases[i].path);
    start(http, &fetch);
    assert_null(http_done(fetch.transfer));
    finish(http, &fetch);
    assert_int_equal(fetch.result->outcome, HTTP_DONE);
    assert_int_equal(fetch.result->status, cases[i].status);
    assert_string_equal(fetch.bytes, cases[i].bytes);
    assert_int_equal(fetch.size, strlen(cases[i].bytes));
    assert_string_equal(fetch.result->message, "");
    assert_int_equal(fetch.result->retry_after_s, -1);
    assert_true(fetch.result->price == -1);
    assert_true(fetch.result->bytes > (long long)fetch.size);
    assert_int_equal(server_count(&server.requests), i + 1); /* no redirect followed, no second try at a 401 */
    assert_ptr_equal(http_done(fetch.transfer), fetch.result);
    http_end(fetch.transfer);
  }
  http_free(http);
}

static void test_request(void **state) {
  enum { BODY_SIZE = 3000000 }; /* beyond what makes libcurl ask with Expect: */
  struct http *http = pool();
  struct fetch fetch;
  char *body = malloc(BODY_SIZE);
  (void)state;
  assert_non_null(body);
  memset(body, 'x', BODY_SIZE);
  prepare(&fetch, "/plain");
  fetch.request.method = "POST";
  fetch.request.body = body;
  fetch.request.body_size = BODY_SIZE;
  start(http, &fetch);
  free(body); /* copied */
  finish(http, &fetch);
  assert_int_equal(fetch.result->status, 200);
  assert_int_equal(server.body_size, BODY_SIZE);
  assert_string_equal(request_line("POST "), "POST /plain HTTP/1.1");
  assert_string_equal(request_line("Content-Type:"), "Content-Type: application/json");
  assert_string_equal(request_line("Accept:"), "Accept: application/json");
  assert_string_equal(request_line("User-Agent:"), "User-Agent: onpage/" ONPAGE_VERSION);
  assert_non_null(strstr(request_line("Accept-Encoding:"), "gzip"));
  assert_string_equal(request_line("Expect:"), "");
  assert_string_equal(request_line("Authorization:"), "");
  http_end(fetch.transfer);

  fetch_path(http, "/plain");
  assert_string_equal(request_line("GET "), "GET /plain HTTP/1.1");
  assert_string_equal(request_line("Content-Type:"), "");
  assert_string_equal(request_line("Accept:"), "Accept: application/json");
  http_free(http);
}

static void test_credentials(void **state) {
  static const struct {
    const char *bearer, *login, *password, *header;
  } cases[] = {
      {"hidden-token", NULL, NULL, "Authorization: Bearer hidden-token"},
      {NULL, "user@example.com", "pass:word", "Authorization: Basic dXNlckBleGFtcGxlLmNvbTpwYXNzOndvcmQ="},
      {NULL, NULL, NULL, ""},
      {"another", NULL, NULL, "Authorization: Bearer another"},
  };
  struct http *http = pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    prepare(&fetch, "/401");
    fetch.request.bearer = cases[i].bearer;
    fetch.request.login = cases[i].login;
    fetch.request.password = cases[i].password;
    start(http, &fetch);
    finish(http, &fetch);
    assert_string_equal(request_line("Authorization:"), cases[i].header);
    http_end(fetch.transfer);
  }
  assert_int_equal(server_count(&server.requests), LENGTH(cases));
  assert_int_equal(server_count(&server.connections), 1); /* one connection serves any credentials */
  http_free(http);
}

/* The server answers none of the requests before all have come. */
static void fetch_together(struct http *http, size_t count) {
  struct fetch fetches[16];
  assert_true(count <= LENGTH(fetches));
  server_hold(true);
  for (size_t i = 0; i < count; i++) {
    prepare(&fetches[i], "/plain");
    start(http, &fetches[i]);
  }
  while (server_count(&server.waiting) < (int)count) run(http, 10);
  for (size_t i = 0; i < count; i++) assert_null(http_done(fetches[i].transfer));
  server_hold(false);
  for (size_t i = 0; i < count; i++) {
    finish(http, &fetches[i]);
    assert_string_equal(fetches[i].bytes, "hello");
  }
  for (size_t i = 0; i < count; i++) http_end(fetches[i].transfer);
}

/* Connections are reused, and a lull does not close those that a burst has made. */
static void test_connections(void **state) {
  struct http *http = pool();
  (void)state;
  for (int i = 0; i < 5; i++) fetch_path(http, "/plain");
  assert_int_equal(server_count(&server.connections), 1);
  fetch_together(http, 10);
  assert_int_equal(server_count(&server.connections), 10);
  for (int i = 0; i < 5; i++) fetch_path(http, "/plain");
  fetch_together(http, 10);
  assert_int_equal(server_count(&server.connections), 10);
  http_free(http);
}

static void test_retry_after(void **state) {
  static const struct {
    const char *path;
    long least, most;
  } cases[] = {{"/retry-seconds", 17, 17}, {"/retry-date", 3000, 3600}, {"/retry-past", -1, -1},
               {"/retry-zero", -1, -1},    {"/retry-bad", -1, -1},      {"/plain", -1, -1}};
  struct http *http = pool();
  time_t then = time(NULL) + 3600;
  (void)state;
  strftime(server.retry_at, sizeof server.retry_at, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&then));
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct http_result result = fetch_path(http, cases[i].path);
    assert_int_equal(result.outcome, HTTP_DONE);
    if (result.retry_after_s < cases[i].least || result.retry_after_s > cases[i].most)
      fail_msg("%s: %ld", cases[i].path, result.retry_after_s);
  }
  http_free(http);
}

static void test_price(void **state) {
  static const struct {
    const char *path;
    double price;
  } cases[] = {{"/price", 0.0015},      {"/price-exponent", 1.5e-05}, {"/price-integer", 12},
               {"/price-negative", -1}, {"/price-empty", -1},         {"/price-bad", -1},
               {"/price-huge", -1},     {"/price-long", -1},          {"/hints", -1} /* only the real response's counts */};
  struct http *http = pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct http_result result = fetch_path(http, cases[i].path);
    assert_int_equal(result.status, 200);
    if (result.price != cases[i].price) fail_msg("%s: %g", cases[i].path, result.price);
  }
  http_free(http);
}

static void test_rate_limit(void **state) {
  static const struct {
    const char *path;
    long limit;
  } cases[] = {{"/limit", 600},        {"/limit-short", 3000}, {"/limit-both", 60}, {"/limit-both-turned", 60},
               {"/limit-policy", 600}, {"/limit-other", -1},   {"/limit-zero", -1}, {"/limit-word", -1},
               {"/limit-huge", -1},    {"/price", -1},         {"/hints", -1}};
  struct http *http = pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct http_result result = fetch_path(http, cases[i].path);
    assert_int_equal(result.status, 200);
    if (result.rate_limit != cases[i].limit) fail_msg("%s: %ld", cases[i].path, result.rate_limit);
  }
  http_free(http);
}

static void test_gzip(void **state) {
  struct http *http = pool();
  struct fetch fetch;
  (void)state;
  prepare(&fetch, "/gzip");
  start(http, &fetch);
  finish(http, &fetch);
  assert_int_equal(fetch.result->outcome, HTTP_DONE);
  assert_int_equal(fetch.size, 10000);
  assert_int_equal(strspn(fetch.bytes, "a"), sizeof fetch.bytes - 1);
  assert_true(fetch.result->bytes < 300); /* as it was packed */
  http_end(fetch.transfer);
  http_free(http);
}

/* Each way to fail, whether it is worth another try, and what the message says. None may hold the token that was sent. */
static void test_failures(void **state) {
  static const struct {
    const char *path;
    enum http_outcome outcome;
    const char *message;
  } cases[] = {
      {"/short", HTTP_PASSING, "Transferred a partial file: "},
      {"/short-chunk", HTTP_PASSING, "Transferred a partial file: "},
      {"/short-reset", HTTP_PASSING, "Failure when receiving data from the peer: "},
      {"/half-head", HTTP_PASSING, "in the middle of the response's headers"},
      {"/empty", HTTP_PASSING, "Server returned nothing"},
      {"/reset", HTTP_PASSING, ""},
      {"/bad-gzip", HTTP_PASSING, ""},
      {"/gzip-and-more", HTTP_PASSING, "garbled"},
      {"/long-line", HTTP_PERMANENT, "header lines"}, /* which libcurl takes for want of memory */
      {"/long-status", HTTP_PERMANENT, ""},
      {"/garbage", HTTP_PERMANENT, ""},
      {"/endless", HTTP_TOO_LARGE, "the response is larger than the 1000000 bytes allowed"},
      {"/endless-head", HTTP_PERMANENT, ""},
  };
  struct http *http = pool();
  static char body[4000000];
  (void)state;
  memset(body, 'x', sizeof body);
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    prepare(&fetch, cases[i].path);
    fetch.request.bearer = "hidden-token";
    if (strcmp(cases[i].path, "/reset") == 0) { /* in the middle of sending */
      fetch.request.method = "POST";
      fetch.request.body = body;
      fetch.request.body_size = sizeof body;
    }
    start(http, &fetch);
    finish(http, &fetch);
    if (fetch.result->outcome != cases[i].outcome)
      fail_msg("%s: %d %s", cases[i].path, fetch.result->outcome, fetch.result->message);
    assert_int_not_equal(strlen(fetch.result->message), 0);
    if (strstr(fetch.result->message, cases[i].message) == NULL) fail_msg("%s: %s", cases[i].path, fetch.result->message);
    assert_null(strstr(fetch.result->message, "hidden"));
    for (const char *at = fetch.result->message; *at != '\0'; at++) assert_true(*at >= ' ' && *at <= '~');
    http_end(fetch.transfer);
    assert_int_equal(fetch_path(http, "/plain").status, 200); /* the pool is none the worse for it */
  }
  http_free(http);
}

static void test_response_max(void **state) {
  static const struct {
    const char *path;
    size_t response_max;
    enum http_outcome outcome;
  } cases[] = {{"/plain", 5, HTTP_DONE},        {"/plain", 4, HTTP_TOO_LARGE}, {"/chunked", 5, HTTP_DONE},
               {"/chunked", 4, HTTP_TOO_LARGE}, {"/gzip", 10000, HTTP_DONE},   {"/gzip", 9999, HTTP_TOO_LARGE},
               {"/401", 0, HTTP_DONE},          {"/plain", 0, HTTP_TOO_LARGE}};
  struct http *http = pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    char message[100];
    prepare(&fetch, cases[i].path);
    fetch.request.response_max = cases[i].response_max;
    start(http, &fetch);
    finish(http, &fetch);
    assert_int_equal(fetch.result->outcome, cases[i].outcome);
    assert_true(fetch.size <= cases[i].response_max);
    snprintf(message, sizeof message, "the response is larger than the %zu bytes allowed", cases[i].response_max);
    assert_string_equal(fetch.result->message, cases[i].outcome == HTTP_DONE ? "" : message);
    http_end(fetch.transfer);
  }
  http_free(http);
}

static void test_timeouts(void **state) {
  static const char *const paths[] = {"/silent", "/drip"};
  struct http *http = pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(paths); i++) {
    struct fetch fetch;
    prepare(&fetch, paths[i]);
    fetch.request.timeout_ms = 50;
    start(http, &fetch);
    finish(http, &fetch);
    assert_int_equal(fetch.result->outcome, HTTP_PASSING);
    assert_non_null(strstr(fetch.result->message, "timed out after"));
    http_end(fetch.transfer);
  }
  http_free(http);
}

/* A response that stops coming in the middle is not waited for to the end. */
static void test_stall(void **state) {
  static const struct {
    const char *path;
    const char *message;
  } cases[] = {{"/drip", "timed out after 6"},
               {"/silent", "timed out after 15"}}; /* of as many ten thousands of milliseconds */
  struct http *http = pool();
  (void)state;
  speed = 1000;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    prepare(&fetch, cases[i].path);
    fetch.request.timeout_ms = 150000;
    start(http, &fetch);
    while (http_done(fetch.transfer) == NULL) run(http, 1);
    finish(http, &fetch);
    assert_int_equal(fetch.result->outcome, HTTP_PASSING);
    if (strstr(fetch.result->message, cases[i].message) == NULL) fail_msg("%s: %s", cases[i].path, fetch.result->message);
    http_end(fetch.transfer);
  }
  speed = 1;
  http_free(http);
}

enum { LIMIT_MS = 100, PAUSE_MS = 300 };

/* What arrives while nobody waits is there afterwards. */
static void test_pause(void **state) {
  struct http *http = pool();
  struct fetch fetch;
  (void)state;
  server_hold(true);
  prepare(&fetch, "/plain");
  fetch.request.timeout_ms = LIMIT_MS;
  start(http, &fetch);
  while (server_count(&server.waiting) == 0) run(http, 1);
  server_hold(false);
  pause_ms(PAUSE_MS);
  finish(http, &fetch);
  if (fetch.result->outcome != HTTP_DONE) fail_msg("%s", fetch.result->message);
  assert_string_equal(fetch.bytes, "hello");
  assert_int_equal(server_count(&server.requests), 1);
  http_end(fetch.transfer);
  http_free(http);
}

/* A listener of the test's own, which takes one connection at a time; a first one keeps all others waiting. */
static int listen_reluctantly(int *first, int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
  assert_int_equal(listen(listener, 0), 0);
  getsockname(listener, (struct sockaddr *)&address, &size);
  *first = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(*first, (struct sockaddr *)&address, size), 0);
  *port = ntohs(address.sin_port);
  return listener;
}

/* The time for connecting is that in which somebody waits, too. */
static void test_pause_while_connecting(void **state) {
  static const char response[] = HEAD("200 OK", EMPTY);
  struct http *http = pool();
  struct fetch fetch;
  char bytes[4096];
  int first, port;
  int listener = listen_reluctantly(&first, &port);
  (void)state;
  prepare(&fetch, "");
  snprintf(fetch.url, sizeof fetch.url, "http://127.0.0.1:%d/", port);
  fetch.request.connect_timeout_ms = LIMIT_MS;
  start(http, &fetch);
  run(http, 0);
  run(http, 0);
  pause_ms(PAUSE_MS);
  close(accept(listener, NULL, NULL));
  fcntl(listener, F_SETFL, O_NONBLOCK);
  int client = -1;
  while (http_done(fetch.transfer) == NULL) {
    run(http, 10);
    if (client < 0) client = accept(listener, NULL, NULL);
    if (client >= 0 && recv(client, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
      assert_true(send_all(client, response, strlen(response)));
  }
  if (http_done(fetch.transfer)->outcome != HTTP_DONE) fail_msg("%s", http_done(fetch.transfer)->message);
  http_end(fetch.transfer);
  close(client);
  close(first);
  close(listener);
  http_free(http);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Where somebody waits for it, it is over when it should be. */
static void test_connect_timeout(void **state) {
  struct http *http = pool();
  struct fetch fetch;
  int first, port;
  int listener = listen_reluctantly(&first, &port);
  double begin = seconds();
  (void)state;
  prepare(&fetch, "");
  snprintf(fetch.url, sizeof fetch.url, "http://127.0.0.1:%d/", port);
  fetch.request.connect_timeout_ms = LIMIT_MS;
  start(http, &fetch);
  finish(http, &fetch);
  assert_int_equal(fetch.result->outcome, HTTP_UNREACHED);
  assert_true(seconds() - begin < 10 * LIMIT_MS / 1e3);
  http_end(fetch.transfer);
  close(first);
  close(listener);
  http_free(http);
}

/* Connections that have died without a word: one time-out, and none of them is used again. */
static void test_frozen_pool(void **state) {
  struct http *http = pool();
  struct fetch fetch;
  (void)state;
  fetch_together(http, 5);
  pthread_mutex_lock(&server.mutex);
  server.frozen = 5;
  pthread_mutex_unlock(&server.mutex);
  prepare(&fetch, "/plain");
  fetch.request.timeout_ms = 50;
  start(http, &fetch);
  finish(http, &fetch);
  assert_int_equal(fetch.result->outcome, HTTP_PASSING);
  assert_true(fetch.result->reused);
  http_distrust(fetch.transfer);
  http_end(fetch.transfer);
  for (int i = 0; i < 5; i++) {
    struct http_result result = fetch_path(http, "/plain");
    assert_int_equal(result.status, 200);
    assert_int_equal(result.reused, i > 0);
  }
  assert_int_equal(server_count(&server.connections), 6);
  http_free(http);
}

/* What is under way on connections that are not trusted any more may still come, beside what is asked on others. */
static void test_pools_side_by_side(void **state) {
  struct http *http = pool();
  struct fetch fetches[3];
  (void)state;
  server_hold(true);
  for (size_t i = 0; i < LENGTH(fetches); i++) {
    prepare(&fetches[i], "/plain");
    start(http, &fetches[i]);
    while (server_count(&server.waiting) < (int)i + 1) run(http, 10);
    http_distrust(fetches[i].transfer);
  }
  server_hold(false);
  for (size_t i = LENGTH(fetches); i-- > 0;) {
    finish(http, &fetches[i]);
    assert_string_equal(fetches[i].bytes, "hello");
    http_distrust(fetches[i].transfer);
    if (i > 0) http_end(fetches[i].transfer); /* one is left to http_free */
  }
  http_free(http);
}

static void test_sockets(void **state) {
  struct http *http = pool();
  size_t found = 0;
  (void)state;
  fetch_path(http, "/plain");
  for (int fd = 0; fd < 1024; fd++) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    int value = 0;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 || ntohs(peer.sin_port) != server.port) continue;
    found++;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC); /* the host's children don't get it */
    size = sizeof value;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &size), 0);
    assert_int_equal(value, 1);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, &size), 0);
    assert_in_range(value, 1, 30);
#ifdef TCP_USER_TIMEOUT
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &size), 0);
    assert_in_range(value, 10000, 60000);
#endif
  }
  assert_int_equal(found, 1);
  http_free(http);
}

/* One binary for all releases: what came later than the oldest is used only where it is. */
static void test_older_library(void **state) {
  static const unsigned versions[] = {0x074200, 0x074a00, 0x075000, 0x075100, 0x075400};
  struct error error;
  (void)state;
  for (size_t i = 0; i < LENGTH(versions); i++) {
    library_version = versions[i];
    assert_int_equal(http_check_library(&error), 0);
    struct http *http = pool();
    assert_int_equal(fetch_path(http, "/plain").status, 200);
    http_free(http);
  }
  library_version = 0x074100;
  assert_int_equal(http_check_library(&error), -1);
  assert_non_null(strstr(error.message, "libcurl 7.66 or later is needed, this is "));
  library_version = 0;
  assert_int_equal(http_check_library(&error), 0);
}

static void test_unreachable(void **state) {
  static const struct {
    const char *url;
    enum http_outcome outcome;
  } cases[] = {
      {"ftp://127.0.0.1/", HTTP_PERMANENT},
      {"file:///etc/passwd", HTTP_PERMANENT},
      {"http://user:hidden-token@127.0.0.1/", HTTP_PERMANENT},
      {"http://", HTTP_PERMANENT},
      {"http://unknown.example.invalid/", HTTP_UNREACHED},
      {"https://127.0.0.1:%d/", HTTP_UNREACHED}, /* speaks no TLS: looks like a broken handshake */
  };
  struct http *http = pool();
  struct fetch fetch;
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    prepare(&fetch, "");
    snprintf(fetch.url, sizeof fetch.url, "%s", cases[i].url);
    char *port = strstr(fetch.url, "%d");
    if (port != NULL) snprintf(port, 10, "%d/", server.port);
    fetch.request.bearer = "hidden-token";
    start(http, &fetch);
    /* The server would wait for the end of a head that never comes. */
    while (http_done(fetch.transfer) == NULL) {
      run(http, 100);
      if (port != NULL) server_hang_up();
    }
    finish(http, &fetch);
    if (fetch.result->outcome != cases[i].outcome) fail_msg("%s: %s", fetch.url, fetch.result->message);
    assert_null(strstr(fetch.result->message, "hidden"));
    http_end(fetch.transfer);
  }
  server_stop(NULL);
  struct http_result result = fetch_path(http, "/plain"); /* nobody listens there any more */
  server_start(NULL);
  assert_int_equal(result.outcome, HTTP_UNREACHED);
  assert_int_equal(result.status, 0);
  const char *words = strstr(result.message, "onnect to server"); /* once is enough */
  assert_true(words != NULL && strstr(words + 1, "onnect to server") == NULL);
  http_free(http);
}

static void test_bad_ca_file(void **state) {
  struct http *http = pool();
  struct fetch fetch;
  (void)state;
  prepare(&fetch, "");
  fetch.url[0] = '\0';
  snprintf(fetch.url, sizeof fetch.url, "https://127.0.0.1:%d/", server.port);
  fetch.request.ca_file = "/nonexistent/ca.pem";
  start(http, &fetch);
  finish(http, &fetch);
  assert_int_equal(fetch.result->outcome, HTTP_UNTRUSTED);
  http_end(fetch.transfer);
  http_free(http);
}

/* A proxy is asked for a tunnel, never given the credentials; its refusal is final. */
static void test_proxy(void **state) {
  char proxy[60];
  struct http *http = pool();
  struct fetch fetch;
  (void)state;
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.port);
  setenv("https_proxy", proxy, 1);
  prepare(&fetch, "");
  fetch.request.url = "https://api.example.invalid/v3";
  fetch.request.bearer = "hidden-token";
  start(http, &fetch);
  finish(http, &fetch);
  unsetenv("https_proxy");
  assert_string_equal(request_line("CONNECT "), "CONNECT api.example.invalid:443 HTTP/1.1");
  assert_string_equal(request_line("Authorization:"), "");
  assert_string_equal(request_line("Proxy-Authorization:"), "");
  assert_int_equal(fetch.result->outcome, HTTP_PERMANENT);
  assert_non_null(strstr(fetch.result->message, "403"));
  assert_null(strstr(fetch.result->message, "hidden"));
  http_end(fetch.transfer);
  http_free(http);
}

/* Without TLS the credentials would be read there. */
static void test_no_proxy_without_tls(void **state) {
  static const char *const variables[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
  struct http *http = pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(variables); i++) {
    setenv(variables[i], "http://127.0.0.1:1", 1);
    assert_int_equal(fetch_path(http, "/plain").status, 200);
    unsetenv(variables[i]);
    assert_string_equal(request_line("GET "), "GET /plain HTTP/1.1");
  }
  http_free(http);
}

/* libcurl quotes what it can't use, even where its buffer ends in the middle of it. */
static void test_bad_proxy(void **state) {
  static const char *const proxies[] = {
      "http://user:hidden-word@127.0.0.1:port",
      "gopher://user:hidden-word@127.0.0.1",
      "http://user:hidden'word@127.0.0.1:0x",
      "user:hidden@word@127.0.0.1:99999",
      "http://user:"
      "hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-"
      "hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-"
      "hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden@"
      "127.0.0.1:port",
  };
  struct http *http = pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(proxies); i++) {
    struct fetch fetch;
    setenv("https_proxy", proxies[i], 1);
    prepare(&fetch, "");
    fetch.request.url = "https://api.example.invalid/v3";
    start(http, &fetch);
    finish(http, &fetch);
    unsetenv("https_proxy");
    assert_int_not_equal(fetch.result->outcome, HTTP_DONE);
    if (strstr(fetch.result->message, "roxy") == NULL) fail_msg("%s", fetch.result->message);
    assert_null(strstr(fetch.result->message, "hidden"));
    assert_null(strstr(fetch.result->message, "word"));
    http_end(fetch.transfer);
  }
  http_free(http);
}

static void test_cancel(void **state) {
  struct http *http = pool();
  struct fetch fetches[3];
  (void)state;
  server_hold(true);
  for (size_t i = 0; i < LENGTH(fetches); i++) {
    prepare(&fetches[i], "/plain");
    start(http, &fetches[i]);
  }
  while (server_count(&server.waiting) < (int)LENGTH(fetches)) run(http, 10);
  http_end(fetches[1].transfer);
  server_hold(false);
  finish(http, &fetches[0]);
  finish(http, &fetches[2]);
  assert_string_equal(fetches[0].bytes, "hello");
  assert_string_equal(fetches[2].bytes, "hello");
  assert_int_equal(fetches[1].pieces, 0);
  http_end(fetches[2].transfer);
  /* One done, one not begun, one under way, and one in the middle of its response are left to http_free. */
  struct fetch begun, middle;
  prepare(&begun, "/silent");
  start(http, &begun);
  prepare(&middle, "/drip");
  start(http, &middle);
  while (middle.pieces == 0) run(http, 1000);
  prepare(&fetches[1], "/plain");
  start(http, &fetches[1]);
  http_free(http);
  assert_int_equal(fetches[1].pieces, 0);
  http_end(NULL);
  http_free(NULL);
}

/* http_run ends as soon as there are bytes, not when the transfer is done or the time is up. */
static void test_bytes_end_the_wait(void **state) {
  struct http *http = pool();
  struct fetch fetch;
  (void)state;
  prepare(&fetch, "/drip");
  start(http, &fetch);
  while (fetch.pieces == 0) run(http, 1000000000);
  assert_null(http_done(fetch.transfer));
  assert_string_equal(fetch.bytes, "hello");
  http_end(fetch.transfer);
  http_free(http);
}

static void test_idle(void **state) {
  struct http *http = pool();
  (void)state;
  run(http, 0);
  double begin = seconds();
  run(http, 30);
  assert_true(seconds() - begin > 0.025); /* waits, so that a loop does not spin */
  http_free(http);
}

/* --- The process around it */

static void test_signals(void **state) {
  sigset_t before, after, pending;
  struct http *http = pool();
  (void)state;
  pthread_sigmask(SIG_SETMASK, NULL, &before);
  fetch_path(http, "/plain");
  fetch_path(http, "/reset");
  pthread_sigmask(SIG_SETMASK, NULL, &after);
  sigpending(&pending);
  assert_int_equal(sigismember(&before, SIGPIPE), 0);
  assert_int_equal(sigismember(&after, SIGPIPE), 0);
  assert_int_equal(sigismember(&pending, SIGPIPE), 0);
  http_free(http);
}

/* What the child of a fork does; 0 when all is well. */
static int child(struct http *http, struct fetch *held, struct fetch *done) {
  struct error error;
  struct fetch fetch;
  if (http_run(http, 0, &error) != 0) return 1;
  const struct http_result *result = http_done(held->transfer);
  if (result == NULL || result->outcome != HTTP_PASSING || strstr(result->message, "forked") == NULL) return 2;
  if (http_done(done->transfer) == NULL || http_done(done->transfer)->status != 200) return 3;
  prepare(&fetch, "/404");
  if (http_start(http, &fetch.request, &fetch.transfer, &error) != 0) return 4;
  while (http_done(fetch.transfer) == NULL) {
    if (http_run(http, 1000, &error) != 0) return 5;
  }
  if (http_done(fetch.transfer)->status != 404) return 6;
  http_end(held->transfer);
  http_end(fetch.transfer);
  http_free(http);
  return 0;
}

static void test_fork(void **state) {
  struct http *http = pool();
  struct fetch held, done;
  int status = -1;
  (void)state;
  prepare(&done, "/plain");
  start(http, &done);
  finish(http, &done);
  server_hold(true);
  prepare(&held, "/plain");
  start(http, &held);
  while (server_count(&server.waiting) == 0) run(http, 10);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) _exit(child(http, &held, &done));
  while (server_count(&server.waiting) < 2) run(http, 10); /* the child's own request has come, on its own connection */
  server_hold(false);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  finish(http, &held); /* the parent's transfer has survived its child */
  assert_int_equal(held.result->status, 200);
  assert_string_equal(held.bytes, "hello");
  assert_int_equal(server_count(&server.connections), 2);
  http_end(held.transfer);
  http_end(done.transfer);
  http_free(http);
}

/* In place of the system's getaddrinfo: a name server that does not answer for one name, and knows no other. */
static pthread_mutex_t lookup_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t lookup_changed = PTHREAD_COND_INITIALIZER;
static bool lookup_begun, lookup_may_end, lookup_ended;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
__attribute__((visibility("default"))) int getaddrinfo(const char *restrict name, const char *restrict service,
                                                       const struct addrinfo *restrict hints,
                                                       struct addrinfo **restrict result) {
  (void)service, (void)hints, (void)result;
  if (name == NULL || strcmp(name, "stuck.example.invalid") != 0) return EAI_NONAME;
  pthread_mutex_lock(&lookup_mutex);
  lookup_begun = true;
  while (!lookup_may_end) pthread_cond_wait(&lookup_changed, &lookup_mutex);
  lookup_ended = true;
  pthread_cond_broadcast(&lookup_changed);
  pthread_mutex_unlock(&lookup_mutex);
  return EAI_FAIL;
}

/* Ending a transfer does not wait for the name server. If it did, this test would hang. */
static void test_cancel_lookup(void **state) {
  const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
  (void)state;
  if (version->version_num < 0x075700 || (version->features & CURL_VERSION_ASYNCHDNS) == 0 || version->ares != NULL) skip();
  struct http *http = pool();
  struct fetch fetch;
  bool begun = false;
  prepare(&fetch, "");
  fetch.request.url = "http://stuck.example.invalid/";
  start(http, &fetch);
  while (!begun) {
    run(http, 10);
    pthread_mutex_lock(&lookup_mutex);
    begun = lookup_begun;
    pthread_mutex_unlock(&lookup_mutex);
  }
  http_end(fetch.transfer);
  pthread_mutex_lock(&lookup_mutex);
  lookup_may_end = true;
  pthread_cond_broadcast(&lookup_changed);
  while (!lookup_ended) pthread_cond_wait(&lookup_changed, &lookup_mutex);
  pthread_mutex_unlock(&lookup_mutex);
  http_free(http);
}

static void *fetch_in_thread(void *context) {
  struct fetch fetch;
  struct error error;
  struct http *http = http_new();
  (void)context;
  for (int i = 0; http != NULL && i < 20; i++) {
    prepare(&fetch, "/plain");
    if (http_start(http, &fetch.request, &fetch.transfer, &error) != 0) break;
    while (http_done(fetch.transfer) == NULL && http_run(http, 1000, &error) == 0) continue;
    bool well = http_done(fetch.transfer) != NULL && http_done(fetch.transfer)->status == 200;
    http_end(fetch.transfer);
    if (!well) break;
    if (i == 19) {
      http_free(http);
      return "well";
    }
  }
  http_free(http);
  return NULL;
}

static void test_threads(void **state) {
  pthread_t threads[8];
  (void)state;
  for (size_t i = 0; i < LENGTH(threads); i++) assert_int_equal(pthread_create(&threads[i], NULL, fetch_in_thread, NULL), 0);
  for (size_t i = 0; i < LENGTH(threads); i++) {
    void *result;
    pthread_join(threads[i], &result);
    assert_non_null(result);
  }
  assert_int_equal(server_count(&server.connections), LENGTH(threads));
}

static void test_version(void **state) {
  (void)state;
  assert_memory_equal(http_version(), "libcurl/", strlen("libcurl/"));
}

int main(void) {
  static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_responses, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_request, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_credentials, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_connections, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_retry_after, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_price, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_rate_limit, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_gzip, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_failures, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_response_max, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_timeouts, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_stall, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_pause, server_start, server_stop),
      cmocka_unit_test(test_pause_while_connecting),
      cmocka_unit_test(test_connect_timeout),
      cmocka_unit_test_setup_teardown(test_frozen_pool, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_pools_side_by_side, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_sockets, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_older_library, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_no_proxy_without_tls, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_unreachable, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_bad_ca_file, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_proxy, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_bad_proxy, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_cancel, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_bytes_end_the_wait, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_idle, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_signals, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_fork, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_cancel_lookup, server_start, server_stop),
      cmocka_unit_test_setup_teardown(test_threads, server_start, server_stop),
      cmocka_unit_test(test_version),
  };
  for (size_t i = 0; i < LENGTH(proxies); i++) unsetenv(proxies[i]);
  alarm(300); /* a hang is a failure */
  return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
