/* For the tests of parser.h and page.h: a response fed in pieces, and the page that comes of it. */
#ifndef FIXTURE_PAGE_H
#define FIXTURE_PAGE_H

#include "wire/parser.h"

#include "../unit.h"

/* A response with items of several types: members in different orders, escapes, floats for integers, unknown keys, nulls. */
#define SAMPLE                                                                                                                 \
  "\n{\"version\":\"0.1.20240801\",\"status_code\":20000,\"status_message\":\"Ok.\",\"time\":\"0.1 sec.\",\"cost\":0.5,"       \
  "\"tasks_count\":1,\"tasks_error\":0,\"tasks\":[{\"id\":\"07131248-1535-0216-1000-17384017ad04\",\"status_code\":20000.0,"   \
  "\"status_message\":\"Ok.\",\"cost\":0,\"result_count\":1,\"path\":[\"v3\",\"on_page\",\"links\"],"                          \
  "\"data\":{\"api\":\"on_page\",\"limit\":100},\"result\":[{\"crawl_progress\":\"finished\","                                 \
  "\"crawl_status\":{\"max_crawl_pages\":100,\"pages_in_queue\":0,\"pages_crawled\":76.0},"                                    \
  "\"search_after_token\":\"token\\/1\",\"current_offset\":0,\"total_items_count\":3.0,\"items_count\":3,\"items\":["          \
  "{\"type\":\"anchor\",\"domain_from\":\"a.example\",\"page_from\":\"\\/a\\u0062c\",\"dofollow\":true,\"is_broken\":false,"   \
  "\"page_to_status_code\":404.0,\"link_attribute\":[\"nofollow\",\"a \\/ \\\"b\\\"\"],\"text\":\"\\ud83d\\ude00 "             \
  "gr\xC3\xBC\\u00df\"},\n"                                                                                                    \
  "{\"text\":\"a\\u0000b\\ud83d\",\"image_alt\":\"\",\"type\":\"image\",\"surprise\":{\"a\":[1,2.50]},\"dofollow\":0,"         \
  "\"is_broken\":1.0,\"page_to_status_code\":null,\"link_attribute\":null},\r\n"                                               \
  "{ }]}]}]}\r\n\t "

/* Feeds the text in pieces of the given size. The caller frees the parser. */
struct page_parser *feed(const struct endpoint *endpoint, const char *text, size_t size, size_t piece);
/* The page, or NULL with the error. The caller frees it, as those below. */
struct page *try_parse(const struct endpoint *endpoint, const char *text, size_t size, size_t piece, struct error *error);
/* These must succeed. Without an endpoint, links are read. */
struct page *parse(const char *text);
struct page *parse_items(const struct endpoint *endpoint, const char *items);

#endif
