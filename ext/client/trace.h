/*
** Writes lines to standard error if the option trace is on: what was decided, and why nothing was sent. They have no values of
** terms, no tokens and no credentials.
**
** Tests: tests/e2e/test_trace.c.
*/
#ifndef ONPAGE_TRACE_H
#define ONPAGE_TRACE_H

#include "client/config.h"

/* Writes a line that begins with "onpage: " if the option is on. */
void trace(const struct config *config, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
