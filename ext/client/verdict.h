/*
** Classifies an attempt (a response, or the lack of one) by the tables of status.h, and makes its error message, without
** credentials.
**
** Tests: tests/unit/client/test_client_reports.c.
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
  int code;                         /* the API's; 0 without one */
  long http_status;                 /* 0 without a response */
  bool suspect;                     /* the connection may be to blame: http_distrust is due */
  const char *hint;                 /* what the user can do, or NULL; static */
  char message[ERROR_MESSAGE_SIZE]; /* the best explanation there is */
};

/* What an attempt brought, to be judged. */
struct attempt_outcome {
  const struct http_result *result;
  const struct page_parser *parser; /* has parsed the response */
  const struct page *page;          /* the response, or NULL */
  const struct error *parse_error;  /* why page is NULL */
};

/* Classifies an attempt. The config's credentials are masked in the message. */
void verdict_judge(struct verdict *verdict, const struct attempt_outcome *attempt, const struct config *config);
/* Makes the error of a call that ended with this verdict; attempts: how many it made. Returns -1. */
int verdict_explain(const struct verdict *verdict, int attempts, struct error *error);

#endif
