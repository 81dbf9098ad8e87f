/*
** onpage_links: the links that a crawl found, POST {base}/on_page/links.
**
** One row a column, in the order of SELECT *.
**
** Tests: tests/unit/api/test_endpoint.c.
*/
#include "api/endpoint.h"

/* Columns that the descriptor points to. A column added before one of them shifts it: the compiler then warns that its line is
** initialized twice. */
enum { PAGE_FROM = 3, LINK_TO = 6 };

/* clang-format off */
static const struct column columns[] = {
  {.name = "type", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 4,
   .description = "anchor, image, link, alternate, canonical, meta or redirect"},
  {.name = "domain_from", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 1,
   .description = "domain of the page that has the link"},
  {.name = "domain_to", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 20,
   .description = "domain that the link leads to"},
  [PAGE_FROM] =
  {.name = "page_from", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 500, .parameter = "page_from",
   .description = "page that has the link, relative to its domain"},
  {.name = "page_to", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 800, .parameter = "page_to",
   .with_column = "direction", .with_word = "internal",
   .description = "page that the link leads to, relative to its domain"},
  {.name = "link_from", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 500,
   .description = "absolute URL of the page that has the link"},
  [LINK_TO] =
  {.name = "link_to", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 1000,
   .description = "absolute URL that the link leads to"},
  {.name = "link_attribute", .class = CLASS_TEXT_ARRAY, .filterable = FILTER_DOCUMENTED, .distinct_values = 10,
   .description = "the rel attribute's words as a JSON array"},
  {.name = "dofollow", .class = CLASS_BOOLEAN, .filterable = FILTER_DOCUMENTED, .distinct_values = 2,
   .description = "1 unless the link is marked nofollow"},
  {.name = "page_from_scheme", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 2,
   .description = "scheme of link_from: http or https"},
  {.name = "page_to_scheme", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 3,
   .description = "scheme of link_to: http or https"},
  {.name = "direction", .class = CLASS_TEXT, .filterable = FILTER_DOCUMENTED, .distinct_values = 3,
   .description = "internal or external"},
  {.name = "is_broken", .class = CLASS_BOOLEAN, .filterable = FILTER_REPORTED, .distinct_values = 10,
   .description = "1 if the target responded with an error; meaningful only if the crawler visited it"},
  {.name = "text", .class = CLASS_TEXT, .filterable = FILTER_ASK, .distinct_values = 1000,
   .description = "anchor text"},
  {.name = "is_link_relation_conflict", .class = CLASS_BOOLEAN, .filterable = FILTER_ASK, .distinct_values = 20,
   .description = "1 when links to this target disagree about nofollow"},
  {.name = "page_to_status_code", .class = CLASS_INTEGER, .filterable = FILTER_DOCUMENTED, .distinct_values = 10,
   .description = "HTTP status of the target; NULL when the crawler did not visit it"},
  {.name = "image_alt", .class = CLASS_TEXT, .filterable = FILTER_ASK, .distinct_values = 1000,
   .description = "alternative text of a linked image"},
  {.name = "image_src", .class = CLASS_TEXT, .filterable = FILTER_ASK, .distinct_values = 1000,
   .description = "address of a linked image"},
  {.name = "is_valid_hreflang", .class = CLASS_BOOLEAN, .filterable = FILTER_ASK, .distinct_values = 20,
   .description = "alternate links: 1 when hreflang is a valid language"},
  {.name = "hreflang", .class = CLASS_TEXT, .filterable = FILTER_ASK, .distinct_values = 100,
   .description = "alternate links: the language"},

  {.name = "task_id", .role = COLUMN_INPUT, .input = INPUT_TASK, .class = CLASS_TEXT,
   .description = "input: the crawl's task id; first argument of the function form"},
  {.name = "filters", .role = COLUMN_INPUT, .input = INPUT_FILTERS, .class = CLASS_TEXT,
   .description = "input: filters as JSON in the API's grammar, joined by AND with the WHERE clause"},
  {.name = "tag", .role = COLUMN_INPUT, .input = INPUT_TAG, .class = CLASS_TEXT,
   .description = "input: a note of at most 255 characters that the API echoes"},
  {.name = "crawl_progress", .role = COLUMN_RESPONSE, .class = CLASS_TEXT,
   .description = "in_progress or finished, as of the row's response"},
  {.name = "max_crawl_pages", .role = COLUMN_RESPONSE, .class = CLASS_INTEGER,
   .description = "the crawl's limit of pages, as of the row's response"},
  {.name = "pages_in_queue", .role = COLUMN_RESPONSE, .class = CLASS_INTEGER,
   .description = "pages still to be crawled, as of the row's response"},
  {.name = "pages_crawled", .role = COLUMN_RESPONSE, .class = CLASS_INTEGER,
   .description = "pages crawled so far, as of the row's response"},
  {.name = "total_items_count", .role = COLUMN_RESPONSE, .class = CLASS_INTEGER,
   .description = "links that match the request, as of the row's response"},
  {.name = "item", .role = COLUMN_ITEM, .class = CLASS_TEXT,
   .description = "the link's JSON as sent"},
};
/* clang-format on */

#define COLUMN_COUNT (sizeof columns / sizeof *columns)
#define CONDITIONS_MAX 8
#define LIMIT_MAX 1000
_Static_assert(COLUMN_COUNT <= ENDPOINT_COLUMNS_MAX, "idxNum has fewer bits than the table has columns");
_Static_assert(CONDITIONS_MAX <= ENDPOINT_CONDITIONS_MAX, "struct resolved has too few conditions");
_Static_assert(LIMIT_MAX <= ENDPOINT_LIMIT_MAX, "page_size can't be as large");

const struct endpoint endpoint_links = {
    .table = "onpage_links",
    .path = "/on_page/links",
    .available_filters_key = "links",
    .columns = columns,
    .column_count = COLUMN_COUNT,
    .conditions_max = CONDITIONS_MAX,
    .limit_max = LIMIT_MAX,
    .offset_max = 2000000,
    .offset_advised_max = 20000,
    .regex_max = 1000,
    .source_column = PAGE_FROM,
    .partition_columns = {LINK_TO, PAGE_FROM},
    .partition_column_count = 2,
    .tag_max = 255,
    .example_task = "07131248-1535-0216-1000-17384017ad04",
};
