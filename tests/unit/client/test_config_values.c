/* The value of each option: its default, its bounds, what it is refused for; and that secrets can be set, but not read. */
#include "fixture_config.h"

#include <sys/stat.h>
#include <unistd.h>

static void test_defaults(void **state) {
  static const struct {
    enum option option;
    const char *name, *text;
    long number;
  } defaults[] = {
      {OPTION_PAGE_SIZE, "page_size", "1000", 1000},
      {OPTION_MAX_IN_FLIGHT, "max_in_flight", "auto", 0},
      {OPTION_TIMEOUT_MS, "timeout_ms", "150000", 150000},
      {OPTION_CONNECT_TIMEOUT_MS, "connect_timeout_ms", "10000", 10000},
      {OPTION_MAX_RESPONSE_MB, "max_response_mb", "64", 64},
      {OPTION_MAX_RETRIES, "max_retries", "5", 5},
      {OPTION_RATE_LIMIT, "rate_limit", "0", 0},
      {OPTION_MAX_REQUESTS, "max_requests", "0", 0},
      {OPTION_CACHE_MB, "cache_mb", "64", 64},
      {OPTION_CACHE_TTL_S, "cache_ttl_s", "3600", 3600},
      {OPTION_PUSHDOWN, "pushdown", "on", 1},
      {OPTION_COUNT_PUSHDOWN, "count_pushdown", "on", 1},
      {OPTION_WAIT_S, "wait_s", "0", 0},
      {OPTION_QUERY_TIMEOUT_S, "query_timeout_s", "0", 0},
      {OPTION_PROGRESS, "progress", "off", 0},
      {OPTION_TRACE, "trace", "off", 0},
      {OPTION_LOCKED, "locked", "off", 0},
  };
  struct config *config = new_config();
  (void)state;
  /* With login, base_url, ca_file and key_file below and the two secrets these are all options. */
  assert_int_equal(LENGTH(defaults) + 6, OPTION_COUNT);
  for (size_t i = 0; i < LENGTH(defaults); i++) {
    assert_string_equal(get(config, defaults[i].name), defaults[i].text);
    assert_int_equal(config_number(config, defaults[i].option), defaults[i].number);
  }
  assert_null(get(config, "login"));
  assert_null(get(config, "ca_file"));
  assert_null(get(config, "key_file"));
  assert_null(config_text(config, OPTION_CA_FILE));
  assert_string_equal(get(config, "base_url"), AISA);
  assert_string_equal(config_base_url(config), AISA);
  assert_false(config_is_dataforseo(config));
  assert_null(sent(config));
  config_free(config);
  config_free(NULL);
}

static void test_numbers(void **state) {
  static const struct {
    const char *name;
    long min, max;
  } bounds[] = {
      {"page_size", 1, 1000},    {"max_in_flight", 1, 30},           {"timeout_ms", 1, 3600000}, {"max_retries", 0, 100},
      {"rate_limit", 0, 100000}, {"max_requests", 0, 2147483647},    {"cache_mb", 0, 65536},     {"cache_ttl_s", 0, 2147483647},
      {"wait_s", 0, 86400},      {"connect_timeout_ms", 1, 3600000},
  };
  static const char *const bad[] = {"-1", "1.0", "1e2", "0x10", " 5", "5 ", "+5", "five", "5;", "99999999999999999999999"};
  struct config *config = new_config();
  (void)state;
  for (size_t i = 0; i < LENGTH(bounds); i++) {
    char text[40];
    char allowed[80];
    snprintf(allowed, sizeof allowed, "%s must be a whole number from %ld to %ld", bounds[i].name, bounds[i].min,
             bounds[i].max);
    const long inside[] = {bounds[i].min, bounds[i].max};
    for (size_t j = 0; j < LENGTH(inside); j++) {
      snprintf(text, sizeof text, "%ld", inside[j]);
      set(config, bounds[i].name, text);
      assert_string_equal(get(config, bounds[i].name), text);
    }
    snprintf(text, sizeof text, "%lld", (long long)bounds[i].max + 1);
    assert_refused(config, bounds[i].name, text, allowed);
    if (bounds[i].min == 1) assert_refused(config, bounds[i].name, "0", allowed);
    for (size_t j = 0; j < LENGTH(bad); j++) assert_refused(config, bounds[i].name, bad[j], allowed);
    snprintf(text, sizeof text, "%ld", bounds[i].max);
    assert_string_equal(get(config, bounds[i].name), text); /* a refused value changes nothing */
  }
  set(config, "page_size", "007");
  assert_string_equal(get(config, "page_size"), "7");
  set(config, "page_size", NULL);
  assert_int_equal(config_number(config, OPTION_PAGE_SIZE), 1000);
  set(config, "page_size", "7");
  set(config, "page_size", "");
  assert_int_equal(config_number(config, OPTION_PAGE_SIZE), 1000);
  config_free(config);
}

/* An option in MB has more bytes than a size_t of 32 bits can count. */
static void test_bytes(void **state) {
  static const struct {
    const char *mb;
    uint64_t bytes;
  } cases[] = {{"0", 0}, {"64", 67108864}, {"4095", 4293918720}, {"4096", 4294967296}, {"65536", 68719476736}};
  struct config *config = new_config();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    set(config, "cache_mb", cases[i].mb);
    assert_true(config_bytes(config, OPTION_CACHE_MB) == (cases[i].bytes < SIZE_MAX ? cases[i].bytes : SIZE_MAX));
  }
  config_free(config);
}

static void test_switches(void **state) {
  static const struct {
    const char *value, *text;
  } words[] = {{"off", "off"}, {"on", "on"}, {"0", "off"}, {"1", "on"}, {"false", "off"}, {"true", "on"}};
  struct config *config = new_config();
  (void)state;
  for (size_t i = 0; i < LENGTH(words); i++) {
    set(config, "pushdown", words[i].value);
    assert_string_equal(get(config, "pushdown"), words[i].text);
    assert_int_equal(config_number(config, OPTION_PUSHDOWN), strcmp(words[i].text, "on") == 0);
  }
  assert_refused(config, "pushdown", "maybe", "pushdown must be on or off, not \"maybe\"");
  assert_refused(config, "progress", "2", "progress must be on or off");
  set(config, "pushdown", "off");
  set(config, "pushdown", NULL);
  assert_string_equal(get(config, "pushdown"), "on");
  config_free(config);
}

static void test_names(void **state) {
  static const char *const names[] = {"api_key",       "login",           "password",    "base_url",           "page_size",
                                      "max_in_flight", "timeout_ms",      "rate_limit",  "connect_timeout_ms", "max_retries",
                                      "max_requests",  "cache_mb",        "cache_ttl_s", "pushdown",           "count_pushdown",
                                      "wait_s",        "progress",        "ca_file",     "max_response_mb",    "key_file",
                                      "locked",        "query_timeout_s", "trace"};
  static const char *const unknown[] = {"nonsense", "", "API_KEY", "page_size ", NULL};
  struct config *config = new_config();
  struct error error;
  const char *text = NULL;
  (void)state;
  assert_int_equal(LENGTH(names), OPTION_COUNT);
  for (size_t i = 0; i < LENGTH(unknown); i++) {
    assert_int_equal(config_set(config, unknown[i], "1", &error), -1);
    assert_int_equal(config_get(config, unknown[i], &text, &error), -1);
    assert_null(text);
    assert_non_null(strstr(error.message, "unknown option"));
    for (size_t j = 0; j < LENGTH(names); j++) assert_non_null(strstr(error.message, names[j]));
  }
  char long_name[5000];
  memset(long_name, 0xC3, sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  assert_refused(config, long_name, "1", "ca_file");
  assert_refused(config, "page_size", long_name, "from 1 to 1000");
  config_free(config);
}

static void test_secrets(void **state) {
  static const char *const secrets[] = {"api_key", "password"};
  struct config *config = new_config();
  struct error error;
  (void)state;
  for (size_t i = 0; i < LENGTH(secrets); i++) {
    const char *text = NULL;
    set(config, secrets[i], "hidden-secret");
    assert_int_equal(config_get(config, secrets[i], &text, &error), -1);
    assert_null(text);
    assert_non_null(strstr(error.message, "can be set, but not read"));
    assert_null(strstr(error.message, "hidden"));
    static const char *const bad[] = {"hidden\r\nX-Injected: 1", "hidden\n", "hid\tden", "hidden\x7f"};
    for (size_t j = 0; j < LENGTH(bad); j++) {
      assert_int_equal(config_set(config, secrets[i], bad[j], &error), -1);
      assert_non_null(strstr(error.message, secrets[i]));
      assert_non_null(strstr(error.message, "control characters"));
      assert_null(strstr(error.message, "hid"));
    }
    char long_secret[5000];
    memset(long_secret, 'x', sizeof long_secret - 1);
    long_secret[sizeof long_secret - 1] = '\0';
    assert_int_equal(config_set(config, secrets[i], long_secret, &error), -1);
    assert_null(strstr(error.message, "xxx"));
  }
  assert_string_equal(sent(config), "Bearer hidden-secret"); /* still the first ones */
  set(config, "login", "me@example.com");
  assert_string_equal(get(config, "login"), "me@example.com");
  config_free(config);
}

static void test_base_url(void **state) {
  struct config *config = new_config();
  struct error error;
  (void)state;
  set(config, "base_url", "http://127.0.0.1:8080/v3/");
  assert_string_equal(get(config, "base_url"), "http://127.0.0.1:8080/v3");
  assert_int_equal(config_set(config, "base_url", "https://me:hidden@example.com", &error), -1);
  assert_non_null(strstr(error.message, "base_url: "));
  assert_null(strstr(error.message, "hidden"));
  assert_refused(config, "base_url", "http://example.com", "loopback");
  assert_string_equal(get(config, "base_url"), "http://127.0.0.1:8080/v3");
  set(config, "base_url", NULL);
  assert_string_equal(get(config, "base_url"), AISA);
  set(config, "ca_file", "/etc/ssl/some.pem");
  assert_string_equal(config_text(config, OPTION_CA_FILE), "/etc/ssl/some.pem");
  set(config, "ca_file", "");
  assert_null(config_text(config, OPTION_CA_FILE));
  config_free(config);
}

/* Reading what isn't a regular file could hang, or never end. */
static void test_ca_file(void **state) {
  char folder[] = "/tmp/onpage-test-XXXXXX";
  char path[64];
  struct config *config = new_config();
  struct error error;
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/fifo", folder);
  assert_refused(config, "ca_file", folder, "is not a regular file");
  assert_refused(config, "ca_file", "/dev/zero", "ca_file: /dev/zero is not a regular file");
  set(config, "ca_file", path); /* not there yet */
  assert_int_equal(config_check_ca_file(config, &error), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_int_equal(config_check_ca_file(config, &error), -1);
  assert_non_null(strstr(error.message, "ca_file: "));
  assert_refused(config, "ca_file", path, "is not a regular file");
  set(config, "ca_file", NULL);
  assert_int_equal(config_check_ca_file(config, &error), 0);
  unlink(path);
  rmdir(folder);
  config_free(config);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults), cmocka_unit_test(test_numbers), cmocka_unit_test(test_bytes),
      cmocka_unit_test(test_switches), cmocka_unit_test(test_names),   cmocka_unit_test(test_secrets),
      cmocka_unit_test(test_base_url), cmocka_unit_test(test_ca_file),
  };
  return cmocka_run_group_tests_name("config values", tests, NULL, NULL);
}
