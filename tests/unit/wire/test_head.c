/* The head of a response: what it tells while the items are on their way, and that nothing is lost by reading it first. */
#include "wire/head.h"

#include "../unit.h"
#include "wire/parser.h"

static struct error error;

/* Feeds the text in pieces, the head apart; fills *taken with the bytes that it has. */
static struct page_parser *feed(const char *text, size_t piece, size_t *taken) {
  struct page_parser *parser = page_parser_new(&endpoint_links, UINT64_MAX, NULL);
  size_t size = strlen(text);
  assert_non_null(parser);
  *taken = 0;
  for (bool at_items = false; !at_items && *taken < size;) {
    size_t more = size - *taken < piece ? size - *taken : piece;
    size_t part = page_parser_feed_head(parser, text + *taken, more);
    *taken += part;
    at_items = part < more;
  }
  return parser;
}

static void test_heads(void **state) {
  static const struct {
    const char *name, *text;
    const char *rest; /* where the items begin; NULL: nothing stops before the end */
    const char *token;
    int64_t total, promised;
    int status;
    bool has_head;
  } cases[] = {
      {"all that there is",
       "{\"status_code\":20000,\"tasks\":[{\"status_code\":20100,\"data\":{\"id\":\"T\"},\"result\":[{\"total_items_count\":7,"
       "\"search_after_token\":\"t\",\"items_count\":2,\"items\":[{\"a\":1},{\"b\":[2]}]}]}]}",
       "{\"a\"", "t", 7, 2, 20100, true},
      {"nothing", "{\"tasks\":[{\"result\":[{\"items\":[ {\"a\":1}],\"total_items_count\":7}]}]}", "{\"a\"", NULL, -1, -1, 0,
       true},
      {"no items", "{\"tasks\":[{\"result\":[{\"total_items_count\":7,\"items\":[]}]}]}", NULL, NULL, 0, 0, 0, false},
      {"items that are null", "{\"tasks\":[{\"result\":[{\"total_items_count\":7,\"items\":null}]}]}", NULL, NULL, 0, 0, 0,
       false},
      {"an error", "{\"status_code\":40400,\"tasks\":null}", NULL, NULL, 0, 0, 0, false},
      {"a mark", "\xEF\xBB\xBF{\"tasks\":[{\"result\":[{\"total_items_count\":7,\"items\":[{}]}]}]}", "{}", NULL, 7, -1, 0,
       true},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    for (size_t piece = 1; piece <= 1000; piece = piece * 3 + 1) {
      size_t taken;
      struct page *page = NULL;
      struct crawl_state crawl;
      struct page_parser *parser = feed(cases[i].text, piece, &taken);
      const struct page *head = page_parser_head(parser);
      if ((head != NULL) != cases[i].has_head) fail_msg("%s", cases[i].name);
      if (cases[i].rest != NULL) assert_ptr_equal(strstr(cases[i].text, cases[i].rest), cases[i].text + taken);
      if (head != NULL) {
        assert_int_equal(page_crawl_state(head, &crawl, &error), 0);
        assert_int_equal(crawl.total_items, cases[i].total);
        assert_int_equal(page_promised_items(head), cases[i].promised);
        assert_int_equal(page_status(head), cases[i].status);
        const char *token = page_token(head);
        assert_true((token == NULL) == (cases[i].token == NULL) && (token == NULL || strcmp(token, cases[i].token) == 0));
      }
      page_parser_feed(parser, cases[i].text + taken, strlen(cases[i].text) - taken);
      assert_int_equal(page_parser_finish(parser, &page, &error), 0);
      page_free(page);
      page_parser_free(parser);
    }
}

/* A head that is broken, or too long, is none: the whole response tells what is wrong with it. */
static void test_no_head(void **state) {
  static const char broken[] = "{\"a\":nope,\"tasks\":[{\"result\":[{\"items\":[{\"a\":1}]}]}]}";
  static char long_text[1 << 18] = "{\"a\":\"";
  size_t taken;
  (void)state;
  struct page_parser *parser = feed(broken, 1000, &taken);
  assert_null(page_parser_head(parser));
  page_parser_free(parser);
  size_t start = strlen(long_text);
  static const char end[] = "\",\"tasks\":[{\"result\":[{\"items\":[{\"a\":1}]}]}]}";
  memset(long_text + start, 'x', sizeof long_text - start - sizeof end);
  memcpy(long_text + sizeof long_text - sizeof end, end, sizeof end);
  parser = feed(long_text, 4096, &taken);
  assert_null(page_parser_head(parser));
  struct page *page = NULL;
  page_parser_feed(parser, long_text + taken, strlen(long_text) - taken);
  assert_int_equal(page_parser_finish(parser, &page, &error), 0);
  assert_int_equal(page_item_count(page), 1);
  page_free(page);
  page_parser_free(parser);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_heads),
      cmocka_unit_test(test_no_head),
  };
  return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
