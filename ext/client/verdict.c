/*
** Classifying an attempt: with HTTP 2xx by the API's code; with another HTTP status by the code if the table lists it as a
** failure, else by the HTTP status; without a response by libcurl's outcome. A response that can't be parsed is a transient
** fault: it may have been garbled on its way.
*/
#include "client/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/excerpt.h"

enum { RETRY_AFTER_MAX_S = 600 }; /* a longer one is an error, which says how long */

/* What follows from libcurl's outcome. */
static const struct {
  enum reaction reaction;
  const char *hint;
} outcomes[] = {
    [HTTP_DONE] = {REACTION_SUCCESS, NULL},
    [HTTP_TRANSIENT] = {REACTION_RETRY, NULL},
    [HTTP_UNREACHED] = {REACTION_RETRY, NULL},
    [HTTP_UNTRUSTED] = {REACTION_STOP, "if the host in base_url is the right one, set the option ca_file to a PEM file of the "
                                       "authority that its certificate is from"},
    [HTTP_TOO_LARGE] = {REACTION_STOP, "set the option page_size lower, or max_response_mb higher"},
    [HTTP_PERMANENT] = {REACTION_STOP, NULL},
};

static void set_message(struct verdict *verdict, const char *text) {
  snprintf(verdict->message, sizeof verdict->message, "%s", text);
}

/* Puts the text before the message. */
static void prefix_message(struct verdict *verdict, const char *text) {
  enum { WORDS_MAX = 800 };
  char words[WORDS_MAX];
  excerpt_text(words, sizeof words, verdict->message, strlen(verdict->message)); /* cut at a character */
  snprintf(verdict->message, sizeof verdict->message, "%s%s%s", text, words[0] != '\0' ? ": " : "", words);
}

/* The row of the API's code or, if the HTTP status is an error and the code doesn't explain it, that of the HTTP status. */
static const struct status *find_status(int code, long http_status, bool good_http) {
  const struct status *status = status_of_code(code);
  bool explains = status->code != 0 && status->reaction != REACTION_SUCCESS;
  return good_http || explains ? status : status_of_http(http_status);
}

static void judge_response(struct verdict *verdict, const struct attempt_outcome *attempt) {
  const struct page *page = attempt->page;
  verdict->http_status = attempt->result->status;
  verdict->code = page != NULL ? page_status(page) : 0;
  bool good_http = verdict->http_status >= 200 && verdict->http_status < 300;
  const struct status *status = find_status(verdict->code, verdict->http_status, good_http);
  verdict->reaction = status->reaction;
  verdict->hint = status->hint;
  page_parser_message(attempt->parser, page, verdict->message, sizeof verdict->message);
  bool wordless = verdict->message[0] == '\0' || (verdict->code != 0 && verdict->message[0] == '{'); /* the response itself */
  if (page_parser_is_overfull(attempt->parser)) {
    verdict->reaction = outcomes[HTTP_TOO_LARGE].reaction;
    verdict->hint = "set the option page_size lower";
    set_message(verdict, attempt->parse_error->message);
  } else if (good_http && page == NULL) {
    verdict->reaction = REACTION_RETRY;
    verdict->hint = NULL;
    set_message(verdict, attempt->parse_error->message);
  } else if (good_http && verdict->code == 0) {
    verdict->reaction = REACTION_RETRY;
    prefix_message(verdict, "a response without status_code");
  } else if (wordless && status->meaning != NULL) {
    set_message(verdict, status->meaning);
  }
}

/* Whether the connection may be to blame for a transient fault: not if the API gives a code, nor if a gateway reports a fault of
** the server it forwards to (5xx). The HTTP statuses that are left (408, 421, 425) are about the connection. */
static bool is_suspect(const struct verdict *verdict) {
  return verdict->reaction == REACTION_RETRY && verdict->code == 0 && verdict->http_status < 500;
}

static bool may_be_repeated(enum reaction reaction) {
  return reaction == REACTION_WAIT || reaction == REACTION_FEWER || reaction == REACTION_RETRY;
}

void verdict_judge(struct verdict *verdict, const struct attempt_outcome *attempt, const struct config *config) {
  const struct http_result *result = attempt->result;
  *verdict = (struct verdict){0};
  if (result->outcome == HTTP_DONE) {
    judge_response(verdict, attempt);
  } else {
    verdict->reaction = outcomes[result->outcome].reaction;
    verdict->hint = outcomes[result->outcome].hint;
    set_message(verdict, result->message);
  }
  verdict->suspect = is_suspect(verdict);
  config_mask(config, verdict->message);
  if (!may_be_repeated(verdict->reaction) || result->retry_after_s <= RETRY_AFTER_MAX_S) return;
  size_t size = strlen(verdict->message);
  verdict->reaction = REACTION_STOP;
  snprintf(verdict->message + size, sizeof verdict->message - size, " (to be tried again in %ld s)", result->retry_after_s);
}

int verdict_explain(const struct verdict *verdict, int attempts, struct error *error) {
  const char *joint = verdict->hint != NULL ? "; " : "";
  const char *hint = verdict->hint != NULL ? verdict->hint : "";
  char source[48] = "no response from the API";
  char tries[32] = "";
  int size = (int)strlen(verdict->message);
  if (size > 1 && verdict->message[size - 1] == '.' && verdict->message[size - 2] != '.') size--; /* something follows */
  if (verdict->code != 0)
    snprintf(source, sizeof source, "the API answered %d", verdict->code);
  else if (verdict->http_status != 0)
    snprintf(source, sizeof source, "the API answered HTTP %ld", verdict->http_status);
  if (attempts > 1) snprintf(tries, sizeof tries, " (%d attempts)", attempts);
  return error_set(error, "%s: %.*s%s%s%s", source, size, verdict->message, tries, joint, hint);
}
