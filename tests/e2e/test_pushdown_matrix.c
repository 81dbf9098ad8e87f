/*
** The push-down matrix, cell by cell: the conditions that a WHERE sends to the API, and its rows, which are those of an ordinary
** table with the same items.
*/
#include "checks.h"
#include "dataset.h"
#include "reference.h"

static void booleans(void **state) {
  static const struct reference_cell cells[] = {
      {"dofollow = 1", "[[\"dofollow\",\"=\",true]]"},
      {"dofollow = 0", "[[\"dofollow\",\"=\",false]]"},
      {"is_broken = 1", "[[\"is_broken\",\"=\",true]]"},
      {"is_broken = 0", "[[\"is_broken\",\"=\",false]]"},
      {"1 = is_broken", "[[\"is_broken\",\"=\",true]]"},
      {"is_broken = TRUE", "[[\"is_broken\",\"=\",true]]"},
      {"is_broken = '1'", "[[\"is_broken\",\"=\",true]]"},
      {"is_broken = '1.0'", "[[\"is_broken\",\"=\",true]]"},
      {"is_broken = 1.0", "[[\"is_broken\",\"=\",true]]"},
      {"is_broken = 0 AND dofollow = 1", "[[\"is_broken\",\"=\",false],[\"dofollow\",\"=\",true]]"},
      {"dofollow <> 1", "[[\"dofollow\",\"=\",false]]"},
      {"dofollow <> 0", "[[\"dofollow\",\"=\",true]]"},
      {"dofollow > 0", "[[\"dofollow\",\"=\",true]]"},
      {"dofollow >= 1", "[[\"dofollow\",\"=\",true]]"},
      {"dofollow >= 0.5", "[[\"dofollow\",\"=\",true]]"},
      {"dofollow < 1", "[[\"dofollow\",\"=\",false]]"},
      {"dofollow <= 0", "[[\"dofollow\",\"=\",false]]"},
      {"dofollow >= 0", "[]"},
      {"dofollow <> 7", "[]"},
      {"dofollow < 'x'", "[]"},
      {"dofollow IS NULL", "[]"},
      {"dofollow NOT NULL", "[]"},
      {"dofollow IS NOT 1", "[]"},
      {"dofollow IS 1", NULL},
      {"dofollow IN (1)", "[[\"dofollow\",\"=\",true]]"},
      {"dofollow IN (0, 1)", NULL},
      {"dofollow BETWEEN 1 AND 5", "[[\"dofollow\",\"=\",true]]"},
  };
  check_cells((struct harness *)*state, cells, LENGTH(cells));
}

static void integers(void **state) {
  static const struct reference_cell cells[] = {
      {"page_to_status_code = 404", "[[\"page_to_status_code\",\"=\",404]]"},
      {"page_to_status_code = '404'", "[[\"page_to_status_code\",\"=\",404]]"},
      {"page_to_status_code = ' 404.0 '", "[[\"page_to_status_code\",\"=\",404]]"},
      {"page_to_status_code = 404.0", "[[\"page_to_status_code\",\"=\",404]]"},
      {"page_to_status_code = -1", "[[\"page_to_status_code\",\"=\",-1]]"},
      {"page_to_status_code <> 200", "[[\"page_to_status_code\",\"<>\",200]]"},
      {"page_to_status_code > 404", "[[\"page_to_status_code\",\">\",404]]"},
      {"page_to_status_code >= 404", "[[\"page_to_status_code\",\">=\",404]]"},
      {"page_to_status_code < 404", "[[\"page_to_status_code\",\"<\",404]]"},
      {"page_to_status_code <= 404", "[[\"page_to_status_code\",\"<=\",404]]"},
      {"404 < page_to_status_code", "[[\"page_to_status_code\",\">\",404]]"},
      {"page_to_status_code BETWEEN 300 AND 399",
       "[[\"page_to_status_code\",\">=\",300],[\"page_to_status_code\",\"<=\",399]]"},
      {"page_to_status_code >= 300 AND page_to_status_code <> 404",
       "[[\"page_to_status_code\",\">=\",300],[\"page_to_status_code\",\"<>\",404]]"},
      {"page_to_status_code > 300.5", NULL},
      {"page_to_status_code < 300.5", NULL},
      {"page_to_status_code > -1e300", NULL},
      {"page_to_status_code < 9223372036854775807", NULL},
      {"page_to_status_code < 1e300", NULL},
      {"page_to_status_code < 'x'", "[]"},
      {"page_to_status_code <> 'x'", "[]"},
      {"page_to_status_code <> 1.5", "[]"},
      {"page_to_status_code IS NULL", "[]"},
      {"page_to_status_code IS NOT NULL", "[]"},
      {"page_to_status_code IS NOT 404", "[]"},
      {"page_to_status_code IS 404", NULL},
      {"page_to_status_code NOT IN (200, 404)", "[]"},
      {"page_to_status_code LIKE '4%'", "[]"},
      {"page_to_status_code GLOB '4*'", "[]"},
      {"+page_to_status_code = 404", "[]"},
      {"page_to_status_code + 0 = 404", "[]"},
  };
  check_cells((struct harness *)*state, cells, LENGTH(cells));
}

static void words(void **state) {
  static const struct reference_cell cells[] = {
      {"direction = 'internal'", "[[\"direction\",\"=\",\"internal\"]]"},
      {"direction = 'external'", "[[\"direction\",\"=\",\"external\"]]"},
      {"direction = 'sideways'", NULL},
      {"direction = 'Internal'", NULL},
      {"direction = ''", NULL},
      {"direction <> 'internal'", "[[\"direction\",\"not_regex\",null]]"},
      {"direction > 'external'", "[]"},
      {"direction LIKE 'INT%'", "[[\"direction\",\"regex\",null]]"},
      {"direction GLOB 'int*'", "[[\"direction\",\"regex\",null]]"},
      {"direction IS NULL", "[]"},
      {"direction NOT IN ('internal')", "[]"},
      {"direction NOT LIKE 'int%'", "[]"},
      {"type = 'anchor'", "[[\"type\",\"=\",\"anchor\"]]"},
      {"type = 'ANCHOR'", NULL},
      {"type = 'script'", NULL},
      {"type <> 'anchor'", "[[\"type\",\"not_regex\",null]]"},
      {"page_to_scheme = 'https' AND page_from_scheme = 'https'",
       "[[\"page_to_scheme\",\"=\",\"https\"],[\"page_from_scheme\",\"=\",\"https\"]]"},
  };
  check_cells((struct harness *)*state, cells, LENGTH(cells));
}

static void texts(void **state) {
  static const struct reference_cell cells[] = {
      {"link_to = 'https://a.example/a'", "[[\"link_to\",\"=\",\"https://a.example/a\"]]"},
      {"link_to = 'https://a.example/' || char(233)", "[[\"link_to\",\"=\",\"https://a.example/\xc3\xa9\"]]"},
      {"link_to = 'https://a.example/it''s'", "[[\"link_to\",\"=\",\"https://a.example/it's\"]]"},
      {"link_to = 'https://a.example/a\\b'", "[[\"link_to\",\"=\",\"https://a.example/a\\\\b\"]]"},
      {"domain_to = 'shop.example'", "[[\"domain_to\",\"=\",\"shop.example\"]]"},
      {"domain_from = 'shop.example' AND link_from = 'https://shop.example/'",
       "[[\"domain_from\",\"=\",\"shop.example\"],[\"link_from\",\"=\",\"https://shop.example/\"]]"},
      {"page_to = '/about'", "[[\"page_to\",\"=\",\"/about\"]]"},
      {"link_to = 404", NULL},
      {"link_to = 5", NULL},
      {"link_to = 5.0", NULL},
      {"link_to = ''", NULL},
      {"link_to = 'https://a.example/' || char(0) || 'b'", NULL},
      {"link_to <> 'https://a.example/a'", "[[\"link_to\",\"not_regex\",null]]"},
      {"link_to <> 'https://a.example/a.b+c|(d){2}^$'", "[[\"link_to\",\"not_regex\",null]]"},
      {"link_to <> x'61'", "[]"},
      {"link_to > 'https://a.example/a'", "[]"},
      {"link_to BETWEEN 'a' AND 'z'", "[]"},
      {"link_to LIKE 'https://A.example/%'", "[[\"link_to\",\"regex\",null]]"},
      {"link_to LIKE '%k'", "[[\"link_to\",\"regex\",null]]"},
      {"link_to LIKE 'https://a.example/_'", "[[\"link_to\",\"regex\",null]]"},
      {"link_to LIKE '%[a]%'", "[[\"link_to\",\"regex\",null]]"},
      {"link_to LIKE '%b'", "[[\"link_to\",\"regex\",null]]"},
      {"link_to GLOB 'https://a.example/[a-k]*'", "[[\"link_to\",\"regex\",null]]"},
      {"link_to GLOB '*?c=d'", "[[\"link_to\",\"regex\",null]]"},
      {"link_to GLOB 'https://a.example/[^a-z]'", NULL},
      {"link_to GLOB 'https://a.example/[[]a]'", NULL},
      {"link_to GLOB '*[]a]'", NULL},
      {"link_to GLOB '*[*'", NULL},
      {"link_to LIKE 5", NULL},
      {"link_to IS 'https://a.example/a'", NULL},
      {"link_to IS NOT 'https://a.example/a'", "[]"},
      {"link_to IS NULL", "[]"},
      {"link_to NOT LIKE 'https%'", "[]"},
      {"link_to LIKE 'https!%' ESCAPE '!'", "[]"},
      {"link_to NOT IN ('5', '05')", "[]"},
      {"upper(link_to) = 'HTTPS://A.EXAMPLE/A'", "[]"},
      {"link_to = 'HTTPS://A.EXAMPLE/A' COLLATE NOCASE", "[]"},
      {"link_to COLLATE NOCASE = 'HTTPS://A.EXAMPLE/A'", "[]"},
      {"page_to COLLATE RTRIM = '/a'", "[]"},
      {"'https://a.example/axb' LIKE link_to", "[]"},
      {"link_attribute = '[\"nofollow\",\"ugc\"]'", "[[\"link_attribute\",\"has\",\"nofollow\"]]"},
      {"link_attribute LIKE '%nofollow%'", "[]"},
      {"link_attribute IS NULL", "[]"},
  };
  check_cells((struct harness *)*state, cells, LENGTH(cells));
}

static void what_sqlite_does_not_offer_stays_here(void **state) {
  static const struct reference_cell cells[] = {
      {"is_broken", "[]"},
      {"NOT is_broken", "[]"},
      {"is_broken IS TRUE", "[]"},
      {"is_broken IS NOT FALSE", "[]"},
      {"(is_broken = 1 OR dofollow = 0)", NULL},
      {"(page_from, page_to) > ('/', '/a')", NULL},
      {"(page_from, page_to) = ('/', '/about')", NULL},
      {"coalesce(is_broken, 1) = 1", "[]"},
      {"CASE WHEN dofollow THEN is_broken END", "[]"},
      {"EXISTS (SELECT 1 FROM reference r WHERE r.page_to = page_from)", NULL},
  };
  check_cells((struct harness *)*state, cells, LENGTH(cells));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      reference_test(booleans),
      reference_test(integers),
      reference_test(words),
      reference_test(texts),
      reference_test(what_sqlite_does_not_offer_stays_here),
  };
  return cmocka_run_group_tests_name("matrix", tests, NULL, NULL);
}
