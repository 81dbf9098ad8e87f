/* A growing run of bytes with a zero behind it. A failed growth is remembered, so that a row of appends needs one check. */
#ifndef ONPAGE_BUFFER_H
#define ONPAGE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
  char *data;  /* owned; NULL while nothing was appended */
  size_t size; /* without the zero */
  size_t capacity;
  bool failed; /* an append ran out of memory: the content is incomplete */
};

/* A zeroed struct buffer is empty and ready. Release makes it so again. */
void buffer_release(struct buffer *buffer);
void buffer_append(struct buffer *buffer, const char *bytes, size_t size);
/* Appends bytes that the caller is to fill in; NULL when memory ran out. */
char *buffer_extend(struct buffer *buffer, size_t size);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Gives back what was taken for further growth. */
void buffer_fit(struct buffer *buffer);
/* Hands the text over to the caller, to be freed with free(); the buffer is empty afterwards. "" when nothing was appended,
** NULL when memory ran out on the way. */
char *buffer_take(struct buffer *buffer);

#endif
