/*
** A request and its result.
**
** Tests: tests/unit/client/test_http_responses.c.
*/
#ifndef ONPAGE_HTTP_EXCHANGE_H
#define ONPAGE_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_HEADERS_MAX = 3, HTTP_HEADER_SIZE = 64 };

struct http_request {
  const char *method; /* "GET" or "POST" */
  const char *url;    /* http or https, without user info */
  const char *body;   /* POST: JSON; copied */
  size_t body_size;
  const char *bearer; /* token, or NULL */
  const char *login;  /* with password: HTTP Basic, or NULL */
  const char *password;
  const char *ca_file; /* PEM file, or NULL for libcurl's default */
  long timeout_ms;     /* for the whole transfer; only the time that http_run waits counts */
  long connect_timeout_ms;
  size_t response_max;             /* bytes of a response, decompressed */
  const char *const *header_names; /* at most HTTP_HEADERS_MAX headers to be kept, then NULL; borrowed; or NULL */
  /* Called with the response's bytes as they arrive, decompressed, whatever the status. May call no function of http.h except
  ** http_abort. */
  void (*on_bytes)(void *context, const char *bytes, size_t size);
  void *context;
};

enum http_outcome {
  HTTP_DONE,      /* a response came, of any status; redirects are not followed */
  HTTP_TRANSIENT, /* none, but another attempt may have one: reset, timeout, a truncated response … */
  HTTP_UNREACHED, /* no connection could be made, and nothing was sent: an unknown host, a refused connection … */
  HTTP_UNTRUSTED, /* the server's certificate is not trusted, and nothing was sent */
  HTTP_TOO_LARGE, /* the response had more bytes than response_max */
  HTTP_PERMANENT  /* no response, and another attempt won't have one: a proxy that refuses, a bad URL … */
};

struct http_result {
  enum http_outcome outcome;
  long status;        /* 0 if no status line came */
  long retry_after_s; /* from Retry-After, seconds or date, at least 1; -1 without one, or if it is past */
  long long bytes;    /* received: the body, still compressed, and the headers */
  bool timed_out;     /* after timeout_ms */
  bool reused;        /* the connection had been made for an earlier transfer */
  char headers[HTTP_HEADERS_MAX][HTTP_HEADER_SIZE]; /* values of the request's header_names, cut; empty without */
  char message[256];                                /* unless HTTP_DONE: libcurl's explanation, one line; else empty */
};

#endif
