/* Feeding a parser from memory of exactly the size of a piece. */
#include "fixture_page.h"

#include "base/buffer.h"

struct page_parser *feed(const struct endpoint *endpoint, const char *text, size_t size, size_t piece) {
  struct page_parser *parser = page_parser_new(endpoint, UINT64_MAX, NULL);
  assert_non_null(parser);
  for (size_t at = 0; at < size; at += piece) {
    size_t now = size - at < piece ? size - at : piece;
    char *copy = malloc(now); /* of exactly this size, for the sanitizer to see a step beyond */
    assert_non_null(copy);
    memcpy(copy, text + at, now);
    page_parser_feed(parser, copy, now);
    free(copy);
  }
  return parser;
}

struct page *try_parse(const struct endpoint *endpoint, const char *text, size_t size, size_t piece, struct error *error) {
  struct page_parser *parser = feed(endpoint, text, size, piece);
  struct page *page = NULL;
  int result = page_parser_finish(parser, &page, error);
  assert_true((result == 0) == (page != NULL));
  page_parser_free(parser);
  return page;
}

static struct page *parse_for(const struct endpoint *endpoint, const char *text) {
  struct error error;
  struct page *page = try_parse(endpoint, text, strlen(text), SIZE_MAX / 2, &error);
  if (page == NULL) fail_msg("%s: %s", text, error.message);
  return page;
}

struct page *parse(const char *text) {
  return parse_for(&endpoint_links, text);
}

struct page *parse_items(const struct endpoint *endpoint, const char *items) {
  struct buffer text = {0};
  buffer_append_format(&text, "{\"tasks\":[{\"result\":[{\"items\":[%s]}]}]}", items);
  struct page *page = parse_for(endpoint, text.data);
  buffer_release(&text);
  return page;
}
