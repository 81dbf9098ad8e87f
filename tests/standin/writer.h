/*
** A response's body while it is written. Every object is opened and closed by json_text.c, so that undocumented keys can turn up in
** each of them.
*/
#ifndef STANDIN_WRITER_H
#define STANDIN_WRITER_H

#include <stddef.h>

#include "json_text.h"
#include "text.h"

struct standin_query;
struct standin_readings;

struct standin_writer {
  struct standin_text *text;
  struct standin_notation notation;
};

void standin_raw(struct standin_writer *writer, const char *json);
/* The key of the next member, with a comma before it where one is needed. */
void standin_put_key(struct standin_writer *writer, const char *key);
void standin_put_integer(struct standin_writer *writer, const char *key, size_t number);
void standin_put_real(struct standin_writer *writer, const char *key, double number);
void standin_put_string(struct standin_writer *writer, const char *key, const char *string); /* NULL: null */
void standin_put_boolean(struct standin_writer *writer, const char *key, bool truth);
void standin_put_raw(struct standin_writer *writer, const char *key, const char *json);
void standin_open(struct standin_writer *writer);
void standin_close_object(struct standin_writer *writer);

/* Up to the value of "tasks". */
void standin_begin_envelope(struct standin_writer *writer, int code, const char *message, size_t tasks, size_t errors);
/* Up to the value of "result". query: to be echoed; NULL, or without data: none. id: the task's; NULL: one of no crawl. */
void standin_begin_task(struct standin_writer *writer, const char *function, const struct standin_query *query, const char *id,
                        int code, const char *message, size_t results);
void standin_end_task(struct standin_writer *writer);
/* Envelope and task of a success. */
void standin_begin_result(struct standin_writer *writer, const char *function, const struct standin_query *query,
                          const char *id, size_t results);

#endif
