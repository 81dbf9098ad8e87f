/*
** Certificates by the program openssl, the server over libmicrohttpd, the proxy on sockets of its own, one connection at a time.
*/
#define _GNU_SOURCE /* RTLD_NEXT; NOLINT: the macro's name is libc's */
#include "tls.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loopback.h"

#define PAGE                                                                                                                   \
  "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"crawl_progress\":\"finished\","                     \
  "\"total_items_count\":1,\"items\":[{\"link_to\":\"/\"}]}]}]}"

static _Noreturn void give_up(const char *what) {
  fprintf(stderr, "tls: %s\n", what);
  exit(1);
}

/* ---- Certificates ---- */

/* The shell's part of it: in the folder that is its first argument. */
static const char script[] =
    "cd \"$1\" && exec >log 2>&1 && key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes' && "
    "openssl req -x509 $key -days 2 -subj '/CN=An authority' -keyout authority.key -out authority.pem && "
    "issue() { openssl req $key -subj /CN=$1 -keyout $1.key -out $1.csr && echo subjectAltName=$2 >$1.ext && "
    "openssl x509 -req -in $1.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days $3 -extfile $1.ext "
    "-out $1.pem; } && issue right IP:127.0.0.1,DNS:localhost 2 && issue elsewhere DNS:elsewhere.example 2 && "
    "issue expired IP:127.0.0.1 -1 && "
    "openssl req -x509 $key -days 2 -subj /CN=selfsigned -addext subjectAltName=IP:127.0.0.1 -keyout selfsigned.key -out "
    "selfsigned.pem && mkdir system && cp authority.pem system/$(openssl x509 -hash -noout -in authority.pem).0";

static int run(const char *commands, const char *folder) {
  char command[2000];
  snprintf(command, sizeof command, "sh -c '%s' sh %s", "eval \"$SCRIPT\"", folder);
  setenv("SCRIPT", commands, 1);
  int status = system(command); /* NOLINT(cert-env33-c): nothing of it comes from outside */
  unsetenv("SCRIPT");
  return status;
}

char tls_folder[] = "/tmp/onpage-tls-XXXXXX";

int tls_set_up(void **state) {
  (void)state;
  if (mkdtemp(tls_folder) == NULL) give_up("no folder for certificates");
  if (run(script, tls_folder) == 0) return 0;
  run("cat \"$1\"/log >&2", tls_folder);
  tls_tear_down(NULL);
  return -1;
}

int tls_tear_down(void **state) {
  (void)state;
  return run("rm -r \"$1\"", tls_folder);
}

/* ---- The server ---- */

struct tls_server {
  struct MHD_Daemon *daemon;
  pthread_mutex_t mutex;
  size_t requests;
  char certificate[4096];
  char key[4096];
};

static void read_whole(const char *folder, const char *name, const char *end, char *text, size_t size) {
  char path[200];
  snprintf(path, sizeof path, "%s/%s.%s", folder, name, end);
  FILE *file = fopen(path, "r");
  if (file == NULL) give_up(path);
  text[fread(text, 1, size - 1, file)] = '\0';
  fclose(file);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *piece, size_t *piece_size, void **request_context) {
  (void)path, (void)method, (void)version, (void)piece;
  struct tls_server *server = context;
  if (*request_context == NULL) {
    *request_context = server; /* not NULL: the head was seen */
    pthread_mutex_lock(&server->mutex);
    server->requests++;
    pthread_mutex_unlock(&server->mutex);
    return MHD_YES;
  }
  if (*piece_size > 0) {
    *piece_size = 0;
    return MHD_YES;
  }
  struct MHD_Response *response = MHD_create_response_from_buffer(strlen(PAGE), (char[]){PAGE}, MHD_RESPMEM_MUST_COPY);
  enum MHD_Result result = MHD_queue_response(connection, 200, response);
  MHD_destroy_response(response);
  return result;
}

/* A handshake that a client breaks off is expected here: not logged. */
static void on_log(void *context, const char *format, va_list arguments) {
  (void)context, (void)format, (void)arguments;
}

struct tls_server *tls_start(const char *name) {
  struct tls_server *server = calloc(1, sizeof *server);
  if (server == NULL) give_up("out of memory");
  struct sockaddr_in address = loopback_address(0);
  pthread_mutex_init(&server->mutex, NULL);
  read_whole(tls_folder, name, "pem", server->certificate, sizeof server->certificate);
  read_whole(tls_folder, name, "key", server->key, sizeof server->key);
  server->daemon =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, server,
                       MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_HTTPS_MEM_CERT,
                       server->certificate, MHD_OPTION_HTTPS_MEM_KEY, server->key, MHD_OPTION_END);
  if (server->daemon == NULL) give_up("the TLS server does not start");
  return server;
}

void tls_stop(struct tls_server *server) {
  MHD_stop_daemon(server->daemon);
  pthread_mutex_destroy(&server->mutex);
  free(server);
}

unsigned tls_port(const struct tls_server *server) {
  return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

size_t tls_requests(struct tls_server *server) {
  pthread_mutex_lock(&server->mutex);
  size_t requests = server->requests;
  pthread_mutex_unlock(&server->mutex);
  return requests;
}

/* ---- HTTP/2 ---- */

static unsigned free_port(void) {
  unsigned port;
  close(loopback_listen(1, &port));
  return port;
}

static bool accepts(unsigned port) {
  int made = loopback_connect(port);
  if (made >= 0) close(made);
  return made >= 0;
}

pid_t http2_start(unsigned *port) {
  const char *folder = tls_folder;
  static const char files[] =
      "mkdir -p \"$1\"/www/apis/v1/dataforseo/on_page && printf %s \"$PAGE\" >\"$1\"/www/apis/v1/dataforseo/on_page/links";
  char number[8], key[200], certificate[200], root[200];
  if (run("command -v nghttpd >/dev/null", folder) != 0) {
    if (getenv("CI")) give_up("nghttpd is missing");
    printf("skipped: HTTP/2, which takes nghttpd\n");
    return 0;
  }
  setenv("PAGE", PAGE, 1);
  if (run(files, folder) != 0) give_up("no folder for nghttpd");
  *port = free_port();
  snprintf(number, sizeof number, "%u", *port);
  snprintf(key, sizeof key, "%s/right.key", folder);
  snprintf(certificate, sizeof certificate, "%s/right.pem", folder);
  snprintf(root, sizeof root, "%s/www", folder);
  pid_t server = fork();
  if (server == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a failing test doesn't stop it */
    execlp("nghttpd", "nghttpd", "-a", "127.0.0.1", "-d", root, number, key, certificate, (char *)NULL);
    _exit(1);
  }
  for (int tries = 0; !accepts(*port); tries++) {
    if (tries == 1000) give_up("nghttpd does not start");
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  return server;
}

void http2_stop(pid_t server) {
  kill(server, SIGTERM);
  waitpid(server, NULL, 0);
}

/* ---- libcurl: functions that stand in for its own ---- */

#define VISIBLE __attribute__((visibility("default")))

static const char *authorities;
static unsigned library_version;

void tls_set_authorities(const char *path) {
  authorities = path;
}

void tls_set_library_version(unsigned version) {
  library_version = version;
}

static void find_next(const char *name, void *function, size_t size) {
  void *address = dlsym(RTLD_NEXT, name);
  memcpy(function, &address, size); /* ISO C has no cast for it */
}

VISIBLE curl_version_info_data *curl_version_info(CURLversion age) {
  static _Thread_local curl_version_info_data info;
  curl_version_info_data *(*next)(CURLversion);
  find_next("curl_version_info", &next, sizeof next);
  info = *next(age);
  if (library_version != 0) info.version_num = library_version;
  return &info;
}

VISIBLE CURL *curl_easy_init(void) {
  CURL *(*next)(void);
  find_next("curl_easy_init", &next, sizeof next);
  CURL *easy = next();
  if (easy && authorities) curl_easy_setopt(easy, CURLOPT_CAPATH, authorities);
  return easy;
}

/* ---- The proxy ---- */

enum { HEAD_MAX = 4096 };

struct proxy {
  int listener;
  unsigned port;
  bool refuses;
  pthread_t thread;
  pthread_mutex_t mutex;
  int client; /* -1: none */
  bool stopping;
  char head[HEAD_MAX];
  char copy[HEAD_MAX];
};

static void send_text(int to, const char *text) {
  (void)!send(to, text, strlen(text), MSG_NOSIGNAL);
}

/* Carries bytes to and fro until one side hangs up. */
static void pump(int left, int right) {
  struct pollfd sides[] = {{.fd = left, .events = POLLIN}, {.fd = right, .events = POLLIN}};
  for (;;) {
    char bytes[16384];
    if (poll(sides, 2, -1) < 0) return;
    for (int i = 0; i < 2; i++) {
      if (!sides[i].revents) continue;
      ssize_t got = recv(sides[i].fd, bytes, sizeof bytes, 0);
      if (got <= 0 || send(sides[1 - i].fd, bytes, (size_t)got, MSG_NOSIGNAL) != got) return;
    }
  }
}

static void tunnel(int client, const char *head) {
  const char *colon = strchr(head, ':');
  int server = loopback_connect(colon != NULL ? (unsigned)strtoul(colon + 1, NULL, 10) : 0);
  if (server < 0) return;
  send_text(client, "HTTP/1.1 200 Connection established\r\n\r\n");
  pump(client, server);
  close(server);
}

static void serve_client(struct proxy *proxy, int client) {
  char head[HEAD_MAX] = "";
  char response[500];
  for (size_t size = 0; size + 1 < sizeof head && strstr(head, "\r\n\r\n") == NULL; size++)
    if (recv(client, head + size, 1, 0) != 1) return;
  pthread_mutex_lock(&proxy->mutex);
  memcpy(proxy->head, head, sizeof head);
  pthread_mutex_unlock(&proxy->mutex);
  snprintf(response, sizeof response, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n" PAGE, strlen(PAGE));
  if (proxy->refuses)
    send_text(client, "HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  else if (strncmp(head, "CONNECT ", strlen("CONNECT ")) == 0)
    tunnel(client, head);
  else
    send_text(client, response);
  shutdown(client, SHUT_WR);
  while (recv(client, head, sizeof head, 0) > 0) continue; /* or the rest of its request would reset the connection */
}

static void *serve(void *context) {
  struct proxy *proxy = context;
  int client;
  while ((client = accept(proxy->listener, NULL, NULL)) >= 0) {
    pthread_mutex_lock(&proxy->mutex);
    proxy->client = client;
    if (proxy->stopping) shutdown(client, SHUT_RDWR);
    pthread_mutex_unlock(&proxy->mutex);
    serve_client(proxy, client);
    pthread_mutex_lock(&proxy->mutex);
    proxy->client = -1;
    pthread_mutex_unlock(&proxy->mutex);
    close(client);
  }
  return NULL;
}

struct proxy *proxy_start(bool refuses) {
  struct proxy *proxy = calloc(1, sizeof *proxy);
  if (proxy == NULL) give_up("out of memory");
  proxy->refuses = refuses;
  proxy->client = -1;
  pthread_mutex_init(&proxy->mutex, NULL);
  proxy->listener = loopback_listen(8, &proxy->port);
  if (pthread_create(&proxy->thread, NULL, serve, proxy) != 0) give_up("the proxy does not start");
  return proxy;
}

void proxy_stop(struct proxy *proxy) {
  pthread_mutex_lock(&proxy->mutex);
  proxy->stopping = true;
  if (proxy->client >= 0) shutdown(proxy->client, SHUT_RDWR);
  pthread_mutex_unlock(&proxy->mutex);
  shutdown(proxy->listener, SHUT_RDWR); /* ends accept */
  pthread_join(proxy->thread, NULL);
  close(proxy->listener);
  pthread_mutex_destroy(&proxy->mutex);
  free(proxy);
}

unsigned proxy_port(const struct proxy *proxy) {
  return proxy->port;
}

const char *proxy_head(struct proxy *proxy) {
  pthread_mutex_lock(&proxy->mutex);
  memcpy(proxy->copy, proxy->head, sizeof proxy->copy);
  pthread_mutex_unlock(&proxy->mutex);
  return proxy->copy;
}
