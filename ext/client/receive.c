/*
** How much may wait to be parsed is bounded for all calls together: beyond, a response is parsed while it arrives. So is one
** whose bytes find no memory.
*/
#include "client/receive.h"

#include "client/call_cache.h"
#include "client/response_check.h"

/* Whether the response is this call's, as far as it says: a connection that brought another's is out of step. */
static void check_echo(struct call *call) {
  const struct asked asked = {.task_id = call->task_id, .position = call->position};
  struct page_echo echo;
  page_parser_echo(call->parser, &echo);
  if (call->body != NULL && response_is_foreign(&asked, &echo, call->mismatch, sizeof call->mismatch))
    http_abort(call->transfer);
}

/* Looks at the echo when the head is there, and again at the end, which may say something else. */
static void parse(struct call *call, const char *bytes, size_t size) {
  bool complete = page_parser_is_complete(call->parser);
  page_parser_feed(call->parser, bytes, size);
  if (!complete && page_parser_is_complete(call->parser)) check_echo(call);
}

/* Reads the head, as far as it has come. */
static void parse_head(struct call *call) {
  size_t size;
  bool complete = page_parser_is_complete(call->parser);
  bool had_head = page_parser_head(call->parser) != NULL;
  const char *bytes = inbox_unparsed(&call->inbox, &size);
  size_t taken = page_parser_feed_head(call->parser, bytes, size);
  if (taken > 0) inbox_pass(&call->inbox, &call->client->memory, taken);
  bool has_head = page_parser_head(call->parser) != NULL;
  if (has_head != had_head || page_parser_is_complete(call->parser) != complete) check_echo(call);
}

static void stop_keeping(struct call *call) {
  call->keeps = false;
  page_parser_keep(call->parser, false);
}

/* Stops the call when responses take more memory than they may, and it isn't the one that the reader waits for. */
static void bound_memory(struct call *call) {
  const struct memory_budget *memory = &call->client->memory;
  if (memory_budget_is_full(memory)) stop_keeping(call);
  if (!memory_budget_is_full(memory) || call_is_expected(call)) return;
  call->put_off = true;
  http_abort(call->transfer);
}

bool receive_is_parsed(const struct call *call) {
  size_t size;
  inbox_unparsed(&call->inbox, &size);
  return size == 0;
}

size_t receive_parse(struct call *call, size_t most) {
  size_t size;
  const char *bytes = inbox_unparsed(&call->inbox, &size);
  if (size > most) size = most;
  if (size == 0 || call->put_off) return 0;
  parse(call, bytes, size);
  inbox_pass(&call->inbox, &call->client->memory, size);
  bound_memory(call);
  return size;
}

void receive_bytes(void *context, const char *bytes, size_t size) {
  struct call *call = context;
  struct memory_budget *memory = &call->client->memory;
  if (call->put_off) return;
  call->received += size;
  if (call->keeps && !call_may_keep(call, call->received)) stop_keeping(call);
  if (inbox_append(&call->inbox, memory, bytes, size)) {
    parse_head(call);
  } else {
    receive_parse(call, SIZE_MAX);
    parse(call, bytes, size);
  }
  if (memory_budget_has_backlog(memory)) receive_parse(call, SIZE_MAX);
  bound_memory(call);
}
