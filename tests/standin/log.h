/*
** Requests and what came of them. The server's mutex guards it.
*/
#ifndef STANDIN_LOG_H
#define STANDIN_LOG_H

#include <stddef.h>
#include <stdio.h>

#include "standin.h"

/* All zero is an empty log. */
struct standin_log {
  struct standin_request **requests; /* each allocated by itself: pointers to them outlive growth */
  size_t count;
  size_t capacity;
  size_t generation; /* counts the clearings, so that a request under way can tell that its entry is gone */
  FILE *file;        /* NULL: none */
};

/* Copies the request with its strings. */
struct standin_request *standin_log_add(struct standin_log *log, const struct standin_request *request);
/* Writes the line of a request to the file, if there is one. */
void standin_log_print(const struct standin_log *log, const struct standin_request *request);
void standin_log_empty(struct standin_log *log);
/* NULL: no file. -1 after a message on standard error. */
int standin_log_open(struct standin_log *log, const char *path);
void standin_log_release(struct standin_log *log);

#endif
