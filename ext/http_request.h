/* A request, as http.h takes it. */
#ifndef ONPAGE_HTTP_REQUEST_H
#define ONPAGE_HTTP_REQUEST_H

#include <stddef.h>

struct http_request {
  const char *method; /* "GET" or "POST" */
  const char *url;    /* http or https, without user info */
  const char *body;   /* POST: JSON; copied */
  size_t body_size;
  const char *bearer; /* token, or NULL */
  const char *login;  /* with password: HTTP Basic, or NULL */
  const char *password;
  const char *ca_file; /* PEM file, or NULL for libcurl's */
  long timeout_ms;     /* for the whole transfer, of the time that http_run waits */
  long connect_timeout_ms;
  size_t answer_max; /* most bytes of an answer, unpacked */
  /* Called with the answer's bytes as they arrive, unpacked, whatever the status. Must not call a function of http.h but
  ** http_refuse. */
  void (*on_bytes)(void *context, const char *bytes, size_t size);
  void *context;
};

#endif
