/*
** HTTP responses out of responses. gzip runs at its fastest level: the stand-in must not be what a benchmark measures.
*/
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

/* A body that is sent piece by piece: with its end missing, with pauses, or without an end. */
struct piecemeal {
  struct standin_text body;
  size_t end; /* the connection is closed there */
  const char *filler;
  bool (*pause)(void *context, size_t place, size_t size);
  void *context;
  size_t piece;
};

bool standin_accepts_gzip(const char *accept_encoding) {
  static const char blank[] = " \t";
  for (const char *at = accept_encoding; at && *at; at = strchr(at, ',')) {
    at += strspn(at, " \t,");
    size_t length = strcspn(at, " \t,;");
    bool named = (length == 4 && !strncasecmp(at, "gzip", 4)) || (length == 1 && *at == '*');
    const char *quality = at + length;
    quality += strspn(quality, blank);
    if (!named) continue;
    if (*quality != ';') return true;
    quality += 1 + strspn(quality + 1, blank);
    return strncasecmp(quality, "q=", 2) != 0 || strtod(quality + 2, NULL) > 0;
  }
  return false;
}

void standin_reply_compress(struct standin_response *response) {
  enum { GZIP = 16, WINDOW_BITS = 15, MEMORY_LEVEL = 8 };
  z_stream stream = {0};
  struct standin_text *body = &response->body, packed = {0};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS + GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) abort();
  standin_text_reserve(&packed, deflateBound(&stream, body->length));
  stream.next_in = (Bytef *)body->data;
  stream.avail_in = (uInt)body->length;
  stream.next_out = (Bytef *)packed.data;
  stream.avail_out = (uInt)packed.capacity;
  deflate(&stream, Z_FINISH); /* the bound leaves room for all of it */
  packed.length = stream.total_out;
  deflateEnd(&stream);
  standin_text_release(body);
  *body = packed;
}

static ssize_t read_filler(const struct piecemeal *piecemeal, size_t place, char *buffer, size_t size) {
  size_t length = strlen(piecemeal->filler);
  for (size_t i = 0; i < size; i++) buffer[i] = piecemeal->filler[(place + i) % length];
  return (ssize_t)size;
}

static ssize_t read_piece(void *context, uint64_t position, char *buffer, size_t size) {
  const struct piecemeal *piecemeal = context;
  size_t place = (size_t)position;
  if (piecemeal->filler && place >= piecemeal->body.length)
    return read_filler(piecemeal, place - piecemeal->body.length, buffer, size);
  if (place >= piecemeal->end) return MHD_CONTENT_READER_END_WITH_ERROR;
  size_t left = piecemeal->end - place, taken = left < size ? left : size;
  if (piecemeal->pause && taken > piecemeal->piece) taken = piecemeal->piece;
  if (piecemeal->pause && !piecemeal->pause(piecemeal->context, place, taken)) return MHD_CONTENT_READER_END_WITH_ERROR;
  memcpy(buffer, piecemeal->body.data + place, taken);
  return (ssize_t)taken;
}

static void free_piecemeal(void *context) {
  struct piecemeal *piecemeal = context;
  standin_text_release(&piecemeal->body);
  free(piecemeal);
}

static struct MHD_Response *respond_piecemeal(struct standin_text *body, const struct standin_reply *reply) {
  enum { BLOCK = 1 << 15 };
  struct piecemeal *piecemeal = standin_allocate(1, sizeof *piecemeal);
  piecemeal->body = *body;
  piecemeal->end = reply->truncate ? body->length / 2 : body->length;
  piecemeal->filler = reply->filler;
  piecemeal->pause = reply->pause;
  piecemeal->context = reply->context;
  piecemeal->piece = reply->piece;
  return MHD_create_response_from_callback(reply->filler ? MHD_SIZE_UNKNOWN : body->length, BLOCK, read_piece, piecemeal,
                                           free_piecemeal);
}

enum MHD_Result standin_reply_send(struct MHD_Connection *connection, struct standin_response *response,
                                   const struct standin_reply *reply) {
  struct MHD_Response *sent =
      reply->truncate || reply->filler || reply->pause
          ? respond_piecemeal(&response->body, reply)
          : MHD_create_response_from_buffer_with_free_callback(response->body.length, response->body.data, free);
  response->body = (struct standin_text){0};
  if (!sent) return MHD_NO;
  MHD_add_response_header(sent, "Content-Type", response->content_type ? response->content_type : "application/json");
  if (reply->gzip) MHD_add_response_header(sent, "Content-Encoding", "gzip");
  if (reply->priced) MHD_add_response_header(sent, "X-AISA-Price-USD", "0");
  if (reply->plan_limit) {
    char limit[16];
    snprintf(limit, sizeof limit, "%u", reply->plan_limit);
    MHD_add_response_header(sent, reply->plan_header_short ? "X-RateLimit-Limit" : "X-RateLimit-Limit-Requests", limit);
  }
  if (reply->retry_after) MHD_add_response_header(sent, "Retry-After", reply->retry_after);
  if (reply->location) MHD_add_response_header(sent, "Location", reply->location);
  enum MHD_Result result = MHD_queue_response(connection, (unsigned)response->http_status, sent);
  MHD_destroy_response(sent);
  return result;
}
