/* The server's scenes, by path, and a thread for each of its connections. */
#include "fixture_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/account.h"

#define BYTES(literal) literal, sizeof(literal) - 1

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

struct server server = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

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

/* Serves one request; false to close the connection. */
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

int server_start(void **state) {
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

void server_hang_up(void) {
  pthread_mutex_lock(&server.mutex);
  for (int i = 0; i < server.connections; i++) {
    if (server.sockets[i] >= 0) shutdown(server.sockets[i], SHUT_RDWR);
  }
  pthread_mutex_unlock(&server.mutex);
}

int server_stop(void **state) {
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

void server_hold(bool holding) {
  pthread_mutex_lock(&server.mutex);
  server.holding = holding;
  pthread_cond_broadcast(&server.changed);
  pthread_mutex_unlock(&server.mutex);
}

int server_count(const int *counter) {
  pthread_mutex_lock(&server.mutex);
  int count = *counter;
  pthread_mutex_unlock(&server.mutex);
  return count;
}

const char *server_request_line(const char *start) {
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

/* --- Transfers */

void prepare_process(void) {
  static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
  for (size_t i = 0; i < LENGTH(proxies); i++) unsetenv(proxies[i]);
  alarm(300); /* a hang is a failure */
}

static void keep_bytes(void *context, const char *bytes, size_t size) {
  struct fetch *fetch = context;
  for (size_t i = 0; i < size && fetch->size + i + 1 < sizeof fetch->bytes; i++) fetch->bytes[fetch->size + i] = bytes[i];
  fetch->size += size;
  fetch->pieces++;
}

struct http *new_pool(void) {
  struct http *http = http_new();
  assert_non_null(http);
  return http;
}

void prepare(struct fetch *fetch, const char *path) {
  *fetch = (struct fetch){.request = {.method = "GET",
                                      .header_names = account_header_names,
                                      .timeout_ms = 60000,
                                      .connect_timeout_ms = 60000,
                                      .response_max = 1000000,
                                      .on_bytes = keep_bytes}};
  snprintf(fetch->url, sizeof fetch->url, "http://127.0.0.1:%d%s", server.port, path);
  fetch->request.url = fetch->url;
  fetch->request.context = fetch;
}

void start(struct http *http, struct fetch *fetch) {
  struct error error;
  if (http_start(http, &fetch->request, &fetch->transfer, &error) != 0) fail_msg("%s", error.message);
}

void run(struct http *http, int wait_ms) {
  struct error error;
  if (http_run(http, wait_ms, &error) != 0) fail_msg("%s", error.message);
}

const struct http_result *finish(struct http *http, struct fetch *fetch) {
  while ((fetch->result = http_result_of(fetch->transfer)) == NULL) run(http, 1000);
  return fetch->result;
}

const struct http_result *perform(struct http *http, struct fetch *fetch) {
  start(http, fetch);
  return finish(http, fetch);
}

struct http_result fetch_path(struct http *http, const char *path) {
  struct fetch fetch;
  prepare(&fetch, path);
  struct http_result result = *perform(http, &fetch);
  http_end(fetch.transfer);
  return result;
}
