/* libcurl's options, by purpose. Which of them it has is found out when running, since the library may be older or newer than
** the headers. */
#include "client/http_setup.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#ifndef ONPAGE_VERSION
#define ONPAGE_VERSION "unknown"
#endif

enum {
  BUFFER_SIZE = 512 * 1024, /* what libcurl reads at once; the most that 7.88 accepts */
  /* A silent connection is probed, and closed if there is no reply. The API may take two minutes before it responds, but its
  ** kernel replies at once. */
  KEEPALIVE_IDLE_S = 20,
  KEEPALIVE_INTERVAL_S = 10,
  UNACKNOWLEDGED_MAX_MS = 30000
};

/* Sets an option unless an earlier one failed. */
#define SET(option, value)                                                                                                     \
  do {                                                                                                                         \
    if (code == CURLE_OK) code = curl_easy_setopt(easy, option, value);                                                        \
  } while (0)

static bool is_secure(const struct http_request *request) {
  return strncasecmp(request->url, "https:", strlen("https:")) == 0;
}

/* 7.85 replaced an option, and newer headers deprecate the old one: hence their numbers. */
static CURLcode set_protocols(CURL *easy) {
  enum { PROTOCOLS = 181, PROTOCOLS_STR = 10318, HAS_PROTOCOLS_STR = 0x075500 };
  if (curl_version_info(CURLVERSION_NOW)->version_num >= HAS_PROTOCOLS_STR)
    return curl_easy_setopt(easy, (CURLoption)PROTOCOLS_STR, "http,https");
  return curl_easy_setopt(easy, (CURLoption)PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
}

/* Required: a libcurl that rejects one of these is not used. */
static CURLcode set_safety(CURL *easy, const struct http_request *request) {
  CURLcode code = set_protocols(easy);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_FOLLOWLOCATION, 0L); /* a redirect could take the credentials elsewhere */
  SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (request->ca_file != NULL) { /* instead of the system's authorities, not in addition to them */
    SET(CURLOPT_CAINFO, request->ca_file);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_SSL_OPTIONS, 0L);
  }
  /* Without TLS a proxy could read the credentials, and a host on this machine needs none. */
  if (!is_secure(request)) SET(CURLOPT_PROXY, "");
  SET(CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout_ms);
  return code;
}

/* Credentials are set by libcurl's own options, not by a header: it never sends those to a proxy or another host. */
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

static CURLcode set_request(CURL *easy, const struct http_request *request, struct curl_slist *headers) {
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
  SET(CURLOPT_ACCEPT_ENCODING, ""); /* all that this libcurl can decompress */
  return code;
}

/* Child processes must not inherit the connections; older libcurls leave that to their users. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)context, (void)purpose;
#ifdef SOCK_CLOEXEC
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
  curl_socket_t made = socket(address->family, address->socktype, address->protocol);
  if (made != CURL_SOCKET_BAD) fcntl(made, F_SETFD, FD_CLOEXEC);
  return made;
#endif
}

static int prepare_socket(void *context, curl_socket_t made, curlsocktype purpose) {
  (void)context, (void)purpose;
#ifdef TCP_USER_TIMEOUT
  unsigned unacknowledged_ms = UNACKNOWLEDGED_MAX_MS;
  (void)setsockopt(made, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
#endif
  return CURL_SOCKOPT_OK;
}

/* Improvements that a libcurl may lack. */
static void set_improvements(CURL *easy, const struct http_request *request) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, prepare_socket);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_IDLE_S);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_INTERVAL_S);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)BUFFER_SIZE);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  /* While the first connection to a host is being made, later transfers wait for whether it has HTTP/2 instead of opening one each.
  ** With TLS that is known after the handshake (ALPN), so the wait is short even if it hasn't; without TLS only after the first
  ** response, which is far too late. */
  if (is_secure(request)) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700 /* 7.87 */
  /* Ending a transfer must not wait for the thread that resolves its host name, which may take half a minute. */
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

CURLcode http_set_up(CURL *easy, const struct http_request *request, struct curl_slist *headers) {
  CURLcode code = set_safety(easy, request);
  if (code == CURLE_OK) code = set_credentials(easy, request);
  if (code == CURLE_OK) code = set_request(easy, request, headers);
  if (code == CURLE_OK) set_improvements(easy, request);
  return code;
}
