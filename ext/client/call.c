/* The ends of a call and of its attempts. */
#include "client/call.h"

#include <stdlib.h>
#include <string.h>

char *call_copy_text(const char *text) {
  return text != NULL ? strdup(text) : NULL;
}

void call_end_attempt(struct call *call) {
  if (call->transfer != NULL) call->client->unsettled--;
  if (call->state == CALL_RUNNING) call->client->running--;
  http_end(call->transfer);
  call->transfer = NULL;
  page_parser_free(call->parser);
  call->parser = NULL;
  inbox_release(&call->inbox, &call->client->memory);
  call->received = 0;
  call->keeps = false;
  call->put_off = false;
  call->mismatch[0] = '\0';
  free(call->sent);
  call->sent = NULL;
}

void call_release_followers(const struct call *leader) {
  for (struct call *call = leader->client->calls; call != NULL; call = call->next)
    if (call->leader == leader) call->leader = NULL;
}

void call_finish(struct call *call, struct page *page) {
  call_end_attempt(call);
  call_release_followers(call);
  call->page = page;
  call->state = CALL_DONE;
}

void call_fail(struct call *call, int status) {
  call_end_attempt(call);
  call_release_followers(call);
  call->failed = true;
  call->status = status;
  call->state = CALL_DONE;
}

void call_strand_followers(const struct call *leader) {
  for (struct call *call = leader->client->calls; call != NULL; call = call->next) {
    if (call->leader != leader) continue;
    call->leader = NULL;
    error_set(&call->error, "search_after_token belongs to another scan");
    call_fail(call, CODE_INVALID_FIELD);
  }
}

bool call_is_expected(const struct call *call) {
  return call->client->expected == call;
}
