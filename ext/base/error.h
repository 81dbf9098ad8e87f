/*
** What went wrong, in one sentence for the user: no capital, no full stop, naming the table, the cause and the way out.
**
** Fallible functions return 0 or -1, and with -1 they have filled the struct error that is their last parameter. The message has
** a fixed size, so reporting a failure can't fail.
**
** Tests: tests/unit/base/test_buffer.c.
*/
#ifndef ONPAGE_ERROR_H
#define ONPAGE_ERROR_H

/* Marks a fallible function: compilers warn where its result is ignored, a cast to void included. */
#define CHECKED __attribute__((warn_unused_result))

enum error_kind {
  ERROR_FAILED,     /* anything that the message explains */
  ERROR_NO_MEMORY,  /* SQLite reports its own out-of-memory error */
  ERROR_INTERRUPTED /* the user interrupted the query */
};

enum { ERROR_MESSAGE_SIZE = 1024 };

struct error {
  enum error_kind kind;
  char message[ERROR_MESSAGE_SIZE]; /* valid UTF-8, cut at a character when too long */
};

/* Each fills *error and returns -1, so that `return error_set(...)` ends a failing function. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
int error_no_memory(struct error *error);
int error_interrupted(struct error *error);
/* Puts "text: " before the message, for a caller that knows more about the place. */
void error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
