/*
** Why the response to a request isn't a page: the API's code and words, and at which level of the response they are.
*/
#ifndef STANDIN_FAILURE_H
#define STANDIN_FAILURE_H

#include "text.h"

enum standin_level {
  STANDIN_AT_TASK,     /* tasks[0].status_code */
  STANDIN_AT_ENVELOPE, /* status_code at the top, no tasks */
  STANDIN_AT_GATEWAY   /* the gateway's own words and an HTTP status, no envelope */
};

struct standin_failure {
  enum standin_level level;
  int http_status; /* 0: 200 */
  int code;
  struct standin_text message; /* empty: the usual words for the code */
};

/* The words the API uses for a code; "Error." for one that is not in the documents. */
const char *standin_status_message(int code);
/* {40501, "Invalid Field: 'name'."} at the task. */
void standin_refuse_field(struct standin_failure *failure, const char *name);

#endif
