/*
** A growing run of bytes, followed by a zero. A failed append is remembered, so that a series of appends needs one check.
**
** No buffer grows without bound: an append that would take it beyond its max fails, appends nothing, and the buffer has failed as
** if memory had run out. BUFFER_MAX is more than any text in SQLite or any response can have, so reaching it is a bug; an
** owner that expects more, or wants less, sets max.
*/
#ifndef ONPAGE_BUFFER_H
#define ONPAGE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

enum { BUFFER_MAX = 1 << 30 }; /* bytes */

struct buffer {
  char *data;  /* owned; NULL while nothing was appended */
  size_t size; /* without the zero */
  size_t capacity;
  size_t max;  /* of size, below SIZE_MAX; 0: BUFFER_MAX */
  bool failed; /* an append ran out of memory, or would have gone beyond max: the content is incomplete */
};

/* A zeroed struct buffer is empty and ready. Release frees the content and makes the buffer so again, with its max. */
void buffer_release(struct buffer *buffer);
void buffer_append(struct buffer *buffer, const char *bytes, size_t size);
/* Appends bytes for the caller to fill in; NULL when that failed. */
char *buffer_extend(struct buffer *buffer, size_t size);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Frees what was allocated for further growth. */
void buffer_fit(struct buffer *buffer);
/* Hands the text over to the caller, who frees it with free(); the buffer is empty afterwards. "" when nothing was appended, NULL
** when an append failed. */
char *buffer_take(struct buffer *buffer);

#endif
