/*
** Base URLs, read with libcurl's own parser, so that what is checked here is what libcurl will connect to later.
**
** The base URL decides who gets the credentials, so anything that two parsers may read differently (user info, spaces,
** backslashes, escapes in the host) is refused instead of repaired.
*/
#include "client/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* New in libcurl 7.62. With an older one the extension is loaded all the same, and says what it needs (http_check_library). */
#pragma weak curl_url
#pragma weak curl_url_cleanup
#pragma weak curl_url_get
#pragma weak curl_url_set

enum { URL_MAX = 2000, HOST_MAX = 255 };

/* Characters that are refused, with the message. */
static const struct {
  char character;
  const char *message;
} refused_characters[] = {
    {'@', "must not hold a user or password: set the options api_key, or login and password, instead"},
    {'?', "must not hold a query: leave out what follows the question mark"},
    {'#', "must not hold a fragment: leave out what follows the number sign"},
    {'\\', "must not hold a backslash: write slashes"},
};

/* The parts of a URL; each NULL or allocated by libcurl. */
struct parts {
  char *scheme;
  char *host; /* an IPv6 address in brackets */
  char *port; /* the scheme's default filled in */
  char *zone; /* of an IPv6 address */
  char *whole;
};

static void parts_release(struct parts *parts) {
  curl_free(parts->scheme);
  curl_free(parts->host);
  curl_free(parts->port);
  curl_free(parts->zone);
  curl_free(parts->whole);
}

static int check_characters(const char *url, struct error *error) {
  for (const char *at = url; *at != '\0'; at++) {
    if (at - url >= URL_MAX) return error_set(error, "must be a URL of at most %d characters", URL_MAX);
    if (*at <= 0x20 || *at >= 0x7F)
      return error_set(error, "must be a URL of printable ASCII characters without spaces: write others as %%XX in the path, "
                              "and an international host name in its xn-- form");
  }
  for (size_t i = 0; i < sizeof refused_characters / sizeof *refused_characters; i++) {
    if (strchr(url, refused_characters[i].character) != NULL) return error_set(error, "%s", refused_characters[i].message);
  }
  /* libcurl also accepts https:/host and https:///host, where other parsers read a path. */
  const char *host = strstr(url, "://");
  if (host == NULL || host[strlen("://")] == '/') return error_set(error, "must be a URL like https://host/path");
  return 0;
}

/* Fills *parts, which the caller releases in any case. Accepts schemes that libcurl doesn't know, since the check of the scheme
** has the better message. */
static int split(const char *url, struct parts *parts, struct error *error) {
  CURLU *handle = curl_url();
  if (handle == NULL) return error_no_memory(error);
  CURLUcode code = curl_url_set(handle, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
  if (code == CURLUE_OK) code = curl_url_get(handle, CURLUPART_SCHEME, &parts->scheme, 0);
  if (code == CURLUE_OK) code = curl_url_get(handle, CURLUPART_HOST, &parts->host, 0);
  if (code == CURLUE_OK) {
    code = curl_url_get(handle, CURLUPART_PORT, &parts->port, CURLU_DEFAULT_PORT);
    if (code == CURLUE_NO_PORT) code = CURLUE_OK; /* a scheme without a default */
  }
  if (code == CURLUE_OK) {
    code = curl_url_get(handle, CURLUPART_ZONEID, &parts->zone, 0);
    if (code != CURLUE_OUT_OF_MEMORY) code = CURLUE_OK;
  }
  if (code == CURLUE_OK) code = curl_url_get(handle, CURLUPART_URL, &parts->whole, 0);
  curl_url_cleanup(handle);
  if (code == CURLUE_OUT_OF_MEMORY) return error_no_memory(error);
  if (code != CURLUE_OK) return error_set(error, "must be a URL like https://host/path");
  return 0;
}

static void lower_ascii(char *text) {
  for (; *text != '\0'; text++) {
    if (*text >= 'A' && *text <= 'Z') *text = (char)(*text - 'A' + 'a');
  }
}

/* Whether the host is a name or an IPv4 address without unusual characters, or an address in brackets, which libcurl has
** checked. */
static bool host_is_plain(const char *host) {
  static const char name[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
  size_t size = strlen(host);
  if (size == 0 || size > HOST_MAX) return false;
  return host[0] == '[' || strspn(host, name) == size;
}

/* Whether requests to the host never leave the machine. Only complete addresses count: resolvers read a short or octal form
** ("127.1") differently, and a name like 127.0.0.1.example.com may belong to anybody. */
static bool host_is_loopback(const char *host) {
  struct in_addr four;
  struct in6_addr six;
  char address[INET6_ADDRSTRLEN];
  if (strcmp(host, "localhost") == 0) return true;
  if (inet_pton(AF_INET, host, &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  size_t size = strlen(host);
  if (host[0] != '[' || size < 2 || size - 2 >= sizeof address) return false;
  memcpy(address, host + 1, size - 2);
  address[size - 2] = '\0';
  return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* Changes scheme and host to lower case; fails if credentials must not be sent there. */
static int check_parts(struct parts *parts, struct error *error) {
  lower_ascii(parts->scheme);
  lower_ascii(parts->host);
  bool secure = strcmp(parts->scheme, "https") == 0;
  if (!secure && strcmp(parts->scheme, "http") != 0)
    return error_set(error, "must begin with https:// (or http:// for a loopback host)");
  if (!host_is_plain(parts->host))
    return error_set(error,
                     "must hold a host name or address: letters, digits, dots and hyphens, or an IPv6 address in brackets");
  if (parts->zone != NULL) return error_set(error, "must not hold a zone: write the IPv6 address alone");
  if (!secure && !host_is_loopback(parts->host))
    return error_set(error, "must begin with https://, for http is for loopback hosts only and \"%s\" is not one", parts->host);
  return 0;
}

static char *make_origin(const struct parts *parts) {
  size_t size = strlen(parts->scheme) + strlen("://") + strlen(parts->host) + strlen(":") + strlen(parts->port) + 1;
  char *origin = malloc(size);
  if (origin != NULL) snprintf(origin, size, "%s://%s:%s", parts->scheme, parts->host, parts->port);
  return origin;
}

static char *make_base(const struct parts *parts) {
  size_t size = strlen(parts->whole);
  while (size > 0 && parts->whole[size - 1] == '/') size--;
  return strndup(parts->whole, size);
}

int url_check_base(const char *url, char **base, char **origin, struct error *error) {
  struct parts parts = {0};
  char *new_base = NULL;
  char *new_origin = NULL;
  int status = -1;
  if (check_characters(url, error) != 0) return -1;
  if (split(url, &parts, error) != 0 || check_parts(&parts, error) != 0) goto out;
  new_base = make_base(&parts);
  new_origin = make_origin(&parts);
  if (new_base == NULL || new_origin == NULL) {
    error_no_memory(error);
    goto out;
  }
  status = 0;
  if (base != NULL) {
    *base = new_base;
    new_base = NULL;
  }
  if (origin != NULL) {
    *origin = new_origin;
    new_origin = NULL;
  }
out:
  free(new_base);
  free(new_origin);
  parts_release(&parts);
  return status;
}
