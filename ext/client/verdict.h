/*
** What an attempt came to: a response or the want of one, judged by the tables of status.h, and put into words without credentials.
*/
#ifndef ONPAGE_VERDICT_H
#define ONPAGE_VERDICT_H

#include <stdbool.h>

#include "api/status.h"
#include "base/error.h"
#include "client/config.h"
#include "client/http.h"
#include "wire/parser.h"

struct verdict {
  enum reaction reaction;
  int code;                         /* the API's, 0 without */
  long http_status;                 /* 0 without a response */
  bool suspect;                     /* what went wrong may be the connection: http_distrust */
  const char *hint;                 /* the way out, or NULL; static */
  char message[ERROR_MESSAGE_SIZE]; /* the best explanation to be found */
};

/* An attempt's outcome. */
struct attempt {
  const struct http_result *result;
  const struct page_parser *parser; /* was fed with the response */
  const struct page *page;          /* the response, or NULL: */
  const struct error *parse_error;  /* why there is none */
};

/* Judges an attempt. The config's credentials are masked. */
void verdict_judge(struct verdict *verdict, const struct attempt *attempt, const struct config *config);
/* The error of a call that ended in this verdict after so many attempts. Returns -1. */
int verdict_explain(const struct verdict *verdict, int attempts, struct error *error);

#endif
