/*
** Sending a response over HTTP: headers, compression, and breaking off on purpose.
*/
#ifndef STANDIN_REPLY_H
#define STANDIN_REPLY_H

#include <microhttpd.h>
#include <stdbool.h>

#include "response.h"

struct standin_reply {
  bool gzip;               /* the body is compressed */
  bool truncate;           /* close the connection in the middle of the body */
  unsigned plan_limit;     /* name the requests a minute that the plan allows; 0: don't */
  bool plan_header_short;  /* by the short name of that header */
  bool priced;             /* name the charge, as the gateway does */
  const char *retry_after; /* NULL: no header */
  const char *location;    /* NULL: no header */
  const char *filler;      /* sent after the body without an end; NULL: none. Lives until the reply is sent */
  /* Waits before each piece of the body; false when the server is to stop. NULL: no wait. */
  bool (*pause)(void *context, size_t place, size_t size);
  void *context;
  size_t piece; /* bytes, with pause */
};

/* Whether the client's Accept-Encoding (NULL: none) takes gzip. */
bool standin_accepts_gzip(const char *accept_encoding);
void standin_reply_compress(struct standin_response *response);
/* Takes over the response's body. */
enum MHD_Result standin_reply_send(struct MHD_Connection *connection, struct standin_response *response,
                                   const struct standin_reply *reply);

#endif
