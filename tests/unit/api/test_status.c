/* Every code of the API's error table, every HTTP status, and the fallback for those not listed. */
#include "api/status.h"

#include <limits.h>

#include "../unit.h"

struct expectation {
  long code;
  enum reaction reaction;
  const char *hint; /* a part of it; NULL: there is none */
};

static const struct expectation codes[] = {
    {20000, REACTION_SUCCESS, NULL},        {20001, REACTION_SUCCESS, NULL},
    {20099, REACTION_SUCCESS, NULL},        {20100, REACTION_STOP, NULL}, /* "task created" is not a result */
    {19999, REACTION_STOP, NULL},           {40100, REACTION_STOP, "AISA_API_KEY"},
    {40102, REACTION_NO_RESULTS, NULL},     {40104, REACTION_STOP, "verify"},
    {40200, REACTION_STOP, "top up"},       {40202, REACTION_WAIT, "rate_limit"},
    {40203, REACTION_STOP, "limit"},        {40209, REACTION_FEWER, "max_in_flight"},
    {40210, REACTION_STOP, "top up"},       {40401, REACTION_STOP, "task_id"},
    {40403, REACTION_STOP, "30 days"},      {40501, REACTION_FILTER, "filters"},
    {40502, REACTION_FILTER, "filters"},    {40503, REACTION_BODY, "task_id"},
    {40506, REACTION_FILTER, "filters"},    {40601, REACTION_QUEUED, "wait_s"},
    {40602, REACTION_QUEUED, "wait_s"},     {50000, REACTION_RETRY, "max_retries"},
    {50001, REACTION_RETRY, "max_retries"}, {50301, REACTION_RETRY, "max_retries"},
    {50303, REACTION_RETRY, "max_retries"}, {50304, REACTION_RETRY, "max_retries"},
    {50401, REACTION_RETRY, "max_retries"}, {59999, REACTION_RETRY, "max_retries"}, /* unlisted from here on */
    {60000, REACTION_STOP, NULL},           {49999, REACTION_STOP, NULL},
    {0, REACTION_STOP, "base_url"},         {1, REACTION_STOP, NULL},
    {-40100, REACTION_STOP, NULL},          {INT_MAX, REACTION_STOP, NULL},
    {INT_MIN, REACTION_STOP, NULL},
};

static const struct expectation http_statuses[] = {
    {200, REACTION_SUCCESS, NULL},
    {204, REACTION_SUCCESS, NULL},
    {301, REACTION_STOP, "base_url"},
    {307, REACTION_STOP, "base_url"},
    {400, REACTION_BODY, "task_id"},
    {401, REACTION_STOP, "AISA_API_KEY"},
    {402, REACTION_STOP, "top up"},
    {403, REACTION_STOP, "AISA_API_KEY"},
    {404, REACTION_STOP, "base_url"},
    {405, REACTION_STOP, NULL},
    {408, REACTION_RETRY, "max_retries"},
    {418, REACTION_STOP, NULL},
    {421, REACTION_RETRY, "max_retries"},
    {422, REACTION_BODY, "task_id"},
    {413, REACTION_FILTER, "shorter"},
    {414, REACTION_FILTER, "shorter"},
    {431, REACTION_FILTER, "shorter"},
    {425, REACTION_RETRY, "max_retries"},
    {429, REACTION_WAIT, "rate_limit"},
    {500, REACTION_RETRY, "max_retries"},
    {501, REACTION_RETRY, "max_retries"},
    {502, REACTION_RETRY, "max_retries"},
    {503, REACTION_RETRY, "max_retries"},
    {504, REACTION_RETRY, "max_retries"},
    {599, REACTION_RETRY, "max_retries"},
    {600, REACTION_STOP, NULL},
    {0, REACTION_STOP, NULL},
    {-1, REACTION_STOP, NULL},
    {100, REACTION_STOP, NULL},
};

static void check(const struct status *status, const struct expectation *expected) {
  assert_non_null(status);
  assert_non_null(status->meaning);
  assert_true(strlen(status->meaning) > 0);
  assert_true(status->meaning[strlen(status->meaning) - 1] != '.');
  if (status->reaction != expected->reaction) fail_msg("%ld: reaction %d", expected->code, (int)status->reaction);
  bool hint =
      expected->hint != NULL ? status->hint != NULL && strstr(status->hint, expected->hint) != NULL : status->hint == NULL;
  if (!hint) fail_msg("%ld: hint %s", expected->code, status->hint != NULL ? status->hint : "missing");
  /* A row is of the code that was asked for, or of a class. */
  assert_true(status->code == expected->code || status->code == 0);
}

static void test_codes(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(codes); i++) check(status_of_code((int)codes[i].code), &codes[i]);
}

static void test_http_statuses(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(http_statuses); i++) check(status_of_http(http_statuses[i].code), &http_statuses[i]);
}

/* Only the listed failures of the remote side may lead to another request, and every number has a row. */
static void test_every_number(void **state) {
  (void)state;
  for (int code = -1000; code < 100000; code++) {
    const struct status *status = status_of_code(code);
    assert_non_null(status);
    if (code >= 50000 && code <= 59999) assert_int_equal(status->reaction, REACTION_RETRY);
    if ((status->reaction == REACTION_SUCCESS) != (code >= 20000 && code <= 20099)) fail_msg("%d", code);
    if (status->code != 0) assert_int_equal(status->code, code);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_codes),
      cmocka_unit_test(test_http_statuses),
      cmocka_unit_test(test_every_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
