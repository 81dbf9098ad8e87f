/*
** Receiving a response, and parsing it. Its bytes are taken as they come, and its head is read at once; the items are parsed
** later, a slice at a time, while the requests that follow are in flight.
**
** Tests: tests/e2e/test_look_ahead.c.
*/
#ifndef ONPAGE_RECEIVE_H
#define ONPAGE_RECEIVE_H

#include <stddef.h>

#include "client/call.h"

/* on_bytes of http.h; context: the call. */
void receive_bytes(void *context, const char *bytes, size_t size);
/* Parses at most so many bytes of what has been received; gives how many. */
size_t receive_parse(struct call *call, size_t most);
/* Whether all that was received has been parsed. */
bool receive_is_parsed(const struct call *call);

#endif
