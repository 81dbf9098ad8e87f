/* The headers of the gateway: picked out of a response's lines, and read. */
#include "client/account.h"

#include "../unit.h"

#include "client/http_header.h"

static struct http_result result_of(const char *const *lines, size_t count) {
  struct http_result result = {0};
  for (size_t i = 0; i < count; i++) http_keep_header(&result, account_header_names, lines[i], strlen(lines[i]));
  return result;
}

static void test_price(void **state) {
  static const struct {
    const char *line;
    double price;
  } cases[] = {
      {"x-aisa-price-usd:  0.0015 \r\n", 0.0015},
      {"X-AISA-Price-USD: 1.5e-05\r\n", 1.5e-05},
      {"X-AISA-Price-USD:\t12", 12},
      {"X-AISA-Price-USD: 1E2\r\n", 100},
      {"X-AISA-Price-USD: .5\r\n", .5},
      {"X-AISA-Price-USD: -1.5\r\n", -1},
      {"X-AISA-Price-USD: 1,5\r\n", -1},
      {"X-AISA-Price-USD: 1.2.3\r\n", -1},
      {"X-AISA-Price-USD: 1e999999999999\r\n", -1},
      {"X-AISA-Price-USD: 111111111111111111111111111111111111111111\r\n", -1},
      {"X-AISA-Price-USD: 1111111111111111111111111111111111111111111111111111111111111111111111111111111111\r\n", -1},
      {"X-AISA-Price-USD: .\r\n", -1},
      {"X-AISA-Price-USD:\r\n", -1},
      {"X-AISA-Price-USD 1\r\n", -1},
      {"X-AISA-Price-USD-Old: 1\r\n", -1},
      {"X-AISA-Price", -1},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct http_result result = result_of(&cases[i].line, 1);
    if (account_price(&result) != cases[i].price) fail_msg("%s: %g", cases[i].line, account_price(&result));
  }
}

static void test_rate_limit(void **state) {
  static const struct {
    const char *lines[2];
    long limit;
  } cases[] = {
      {{"X-RateLimit-Limit-Requests: 600\r\n", ""}, 600},
      {{"x-ratelimit-limit: 60\r\n", ""}, 60},
      {{"X-RateLimit-Limit: 60\r\n", "X-RateLimit-Limit-Requests: 600\r\n"}, 600},
      {{"X-RateLimit-Limit-Requests: 600\r\n", "X-RateLimit-Limit: 60\r\n"}, 600},
      {{"X-RateLimit-Limit-Requests: none\r\n", "X-RateLimit-Limit: 60\r\n"}, 60},
      {{"X-RateLimit-Limit: 600, 600;w=60\r\n", ""}, 600},
      {{"X-RateLimit-Limit: 12345678\r\n", ""}, 12345678},
      {{"X-RateLimit-Limit: 123456789\r\n", ""}, -1},
      {{"X-RateLimit-Limit: 0\r\n", ""}, -1},
      {{"X-RateLimit-Limit: -1\r\n", ""}, -1},
      {{"X-RateLimit-Remaining: 5\r\n", ""}, -1},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct http_result result = result_of(cases[i].lines, 2);
    if (account_rate_limit(&result) != cases[i].limit) fail_msg("case %zu: %ld", i, account_rate_limit(&result));
  }
}

/* The headers of a response of status 1xx are dropped; without a list of names there is nothing to keep. */
static void test_forgetting(void **state) {
  const char *const line = "X-AISA-Price-USD: 7\r\n";
  struct http_result result = result_of(&line, 1);
  (void)state;
  assert_true(account_price(&result) == 7);
  http_forget_headers(&result);
  assert_true(account_price(&result) == -1);
  http_keep_header(&result, NULL, line, strlen(line));
  assert_true(account_price(&result) == -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_price),
      cmocka_unit_test(test_rate_limit),
      cmocka_unit_test(test_forgetting),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
