/* Options from the environment: what they set, which are refused, and the lock that keeps SQL from changing them. */
#include "fixture_config.h"

/* What an environment gives: base URL and what is sent there. */
static void test_environment(void **state) {
  static const struct {
    const char *variables[6];
    const char *base, *sent;
  } cases[] = {
      {{NULL}, AISA, NULL},
      {{"AISA_API_KEY=a"}, AISA, "Bearer a"},
      {{"ONPAGE_API_KEY=o", "AISA_API_KEY=a"}, AISA, "Bearer o"},
      {{"ONPAGE_API_KEY=", "AISA_API_KEY=a"}, AISA, "Bearer a"},
      {{"DATAFORSEO_LOGIN=l"}, AISA, NULL},
      {{"DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"}, DATAFORSEO, "Basic l:p"},
      {{"ONPAGE_LOGIN=L", "DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"}, DATAFORSEO, "Basic L:p"},
      {{"AISA_API_KEY=a", "DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"}, AISA, "Bearer a"},
      {{"AISA_API_KEY=a", "ONPAGE_BASE_URL=http://localhost:1/x/"}, "http://localhost:1/x", "Bearer a"},
      {{"DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p", "ONPAGE_BASE_URL=http://localhost:1"},
       "http://localhost:1",
       "Basic l:p"},
      {{"ONPAGE_BASE_URL=https://sandbox.dataforseo.com/v3", "AISA_API_KEY=a"}, "https://sandbox.dataforseo.com/v3", NULL},
      {{"ONPAGE_BASE_URL=https://sandbox.dataforseo.com/v3", "AISA_API_KEY=a", "DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"},
       "https://sandbox.dataforseo.com/v3",
       "Basic l:p"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct config *config = config_from(cases[i].variables);
    assert_string_equal(config_base_url(config), cases[i].base);
    const char *actual = sent(config);
    if (cases[i].sent == NULL) {
      assert_null(actual);
    } else {
      assert_non_null(actual);
      assert_string_equal(actual, cases[i].sent);
    }
    config_free(config);
  }
}

static void test_environment_values(void **state) {
  const char *const variables[] = {"ONPAGE_PAGE_SIZE=10", "ONPAGE_COUNT_PUSHDOWN=off", "ONPAGE_WAIT_S=", NULL};
  struct config *config = config_from(variables);
  (void)state;
  assert_int_equal(config_number(config, OPTION_PAGE_SIZE), 10);
  assert_int_equal(config_number(config, OPTION_COUNT_PUSHDOWN), 0);
  assert_int_equal(config_number(config, OPTION_WAIT_S), 0);
  config_free(config);
}

static void test_environment_errors(void **state) {
  static const struct {
    const char *variables[2];
    const char *start;
  } cases[] = {
      {{"ONPAGE_PAGE_SIZE=0"}, "ONPAGE_PAGE_SIZE must be a whole number from 1 to 1000"},
      {{"ONPAGE_PUSHDOWN=x"}, "ONPAGE_PUSHDOWN must be on or off"},
      {{"ONPAGE_BASE_URL=https://a:hidden@b"}, "ONPAGE_BASE_URL: "},
      {{"ONPAGE_API_KEY=hidden\n"}, "ONPAGE_API_KEY must be a text without control"},
      {{"AISA_API_KEY=hidden\n"}, "AISA_API_KEY must be a text without control"},
      {{"DATAFORSEO_PASSWORD=hidden\n"}, "DATAFORSEO_PASSWORD must be a text without control"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct config *config = new_config();
    struct error error = {0};
    assert_int_equal(config_read_environment(config, cases[i].variables, &error), -1);
    if (strncmp(error.message, cases[i].start, strlen(cases[i].start)) != 0) fail_msg("%s", error.message);
    assert_null(strstr(error.message, "hidden"));
    config_free(config);
  }
}

/* A variable that no option has is refused, for the option that was meant would stay what it is. */
static void test_unknown_variables(void **state) {
  static const struct {
    const char *variable, *name, *meant;
  } cases[] = {
      {"ONPAGE_MAX_REQUEST=5", "ONPAGE_MAX_REQUEST,", "did you mean ONPAGE_MAX_REQUESTS?"},
      {"ONPAGE_MAXREQUESTS=5", "ONPAGE_MAXREQUESTS,", "did you mean ONPAGE_MAX_REQUESTS?"},
      {"ONPAGE_APIKEY=hidden", "ONPAGE_APIKEY,", "did you mean ONPAGE_API_KEY?"},
      {"ONPAGE_KEYFILE=hidden", "ONPAGE_KEYFILE,", "did you mean ONPAGE_KEY_FILE?"},
      {"ONPAGE_TIMEOUT=1", "ONPAGE_TIMEOUT,", "did you mean ONPAGE_TIMEOUT_MS?"},
      {"ONPAGE_LOCK=1", "ONPAGE_LOCK,", "did you mean ONPAGE_LOCKED?"},
      {"ONPAGE_max_requests=1", "ONPAGE_max_requests,", "did you mean ONPAGE_MAX_REQUESTS?"},
      {"ONPAGE_PAGE_SIZE_=1", "ONPAGE_PAGE_SIZE_,", "did you mean ONPAGE_PAGE_SIZE?"},
      {"ONPAGE_DATAFORSEO_LOGIN=hidden", "ONPAGE_DATAFORSEO_LOGIN,", "did you mean ONPAGE_LOGIN?"},
      {"ONPAGE_KEY=hidden", "ONPAGE_KEY,", "did you mean ONPAGE_API_KEY?"},
      {"ONPAGE_STORAGE=/var/onpage", "ONPAGE_STORAGE,", "which is not an option: the options are"}, /* none is like it */
      {"ONPAGE_=hidden", "ONPAGE_,", "which is not an option: the options are api_key, login"},
      {"ONPAGE_\033[2J=hidden", "ONPAGE_?[2J,", "the options are"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const char *const variables[] = {"PATH=/bin", cases[i].variable, "ONPAGE_PAGE_SIZE=7", NULL};
    struct config *config = new_config();
    struct error error = {0};
    assert_int_equal(config_read_environment(config, variables, &error), -1);
    if (strstr(error.message, cases[i].name) == NULL || strstr(error.message, cases[i].meant) == NULL ||
        strstr(error.message, "max_in_flight") == NULL || strstr(error.message, "hidden") != NULL)
      fail_msg("%s", error.message);
    config_free(config);
  }
  const char *const others[] = {"ONPAGE_NOTHING=", "ONPAGE_BROKEN", "ONPAGES=5", "MY_ONPAGE_X=5", "onpage_max_request=5", NULL};
  config_free(config_from(others));
}

/* Locked by the environment, no option can be set, and each can be read that could be read before. */
static void test_locked(void **state) {
  static const struct {
    const char *variables[4];
    bool locked;
  } cases[] = {
      {{"ONPAGE_LOCKED=1", "ONPAGE_MAX_REQUESTS=5", "AISA_API_KEY=a"}, true},
      {{"AISA_API_KEY=a", "ONPAGE_MAX_REQUESTS=5", "ONPAGE_LOCKED=on"}, true},
      {{"ONPAGE_LOCKED=true", "ONPAGE_MAX_REQUESTS=5", "AISA_API_KEY=a"}, true},
      {{"ONPAGE_LOCKED=0", "ONPAGE_MAX_REQUESTS=5", "AISA_API_KEY=a"}, false},
      {{"ONPAGE_LOCKED=", "ONPAGE_MAX_REQUESTS=5", "AISA_API_KEY=a"}, false},
      {{"ONPAGE_MAX_REQUESTS=5", "AISA_API_KEY=a"}, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct config *config = config_from(cases[i].variables);
    assert_string_equal(get(config, "locked"), cases[i].locked ? "on" : "off");
    static const char *const values[] = {"on", "off", "1", "", NULL};
    for (size_t k = 0; k < LENGTH(values); k++)
      assert_refused(config, "locked", values[k], "locked is read from the environment only (ONPAGE_LOCKED)");
    assert_string_equal(get(config, "max_requests"), "5");
    if (!cases[i].locked) set(config, "max_requests", "6");
    for (int option = 0; cases[i].locked && option < OPTION_COUNT; option++) {
      if (option == OPTION_LOCKED) continue;
      for (size_t k = 0; k < LENGTH(values); k++)
        assert_refused(config, option_rules[option].name, values[k], "the environment locks the options (ONPAGE_LOCKED)");
    }
    assert_refused(config, "max_request", "1", "unknown option");
    assert_string_equal(get(config, "max_requests"), cases[i].locked ? "5" : "6");
    assert_string_equal(sent(config), "Bearer a");
    config_free(config);
  }
  struct config *config = new_config();
  struct error error;
  const char *const wrong[] = {"ONPAGE_LOCKED=yes", NULL};
  assert_int_equal(config_read_environment(config, wrong, &error), -1); /* rather than not locked */
  assert_non_null(strstr(error.message, "ONPAGE_LOCKED must be on or off"));
  config_free(config);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_environment),
      cmocka_unit_test(test_environment_values),
      cmocka_unit_test(test_environment_errors),
      cmocka_unit_test(test_unknown_variables),
      cmocka_unit_test(test_locked),
  };
  return cmocka_run_group_tests_name("config environment", tests, NULL, NULL);
}
