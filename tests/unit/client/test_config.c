/* Options: bounds, environment, and above all whose the credentials are. */
#include "client/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"

static const char aisa[] = "https://api.aisa.one/apis/v1/dataforseo";
static const char dataforseo[] = "https://api.dataforseo.com/v3";

static struct config *new_config(void) {
  struct config *config = config_new();
  assert_non_null(config);
  return config;
}

/* From an environment: NAME=value, up to NULL. */
static struct config *config_from(const char *const *variables) {
  struct error error;
  struct config *config = new_config();
  if (config_read_environment(config, variables, &error) != 0) fail_msg("%s", error.message);
  return config;
}

static void set(struct config *config, const char *name, const char *value) {
  struct error error;
  if (config_set(config, name, value, &error) != 0) fail_msg("%s", error.message);
}

static const char *get(const struct config *config, const char *name) {
  struct error error;
  const char *text = "?";
  if (config_get(config, name, &text, &error) != 0) fail_msg("%s", error.message);
  return text;
}

static void assert_refused(struct config *config, const char *name, const char *value, const char *reason) {
  struct error error = {0};
  if (config_set(config, name, value, &error) != -1) fail_msg("%s = %s was taken", name, value);
  if (strstr(error.message, reason) == NULL) fail_msg("%s", error.message);
}

/* What would be sent: NULL, "Bearer KEY" or "Basic LOGIN:PASSWORD". */
static const char *sent(const struct config *config) {
  static char text[200];
  struct error error;
  struct credentials credentials;
  if (config_credentials(config, &credentials, &error) != 0) return NULL;
  if (credentials.bearer != NULL) {
    assert_null(credentials.login);
    assert_null(credentials.password);
    snprintf(text, sizeof text, "Bearer %s", credentials.bearer);
  } else {
    snprintf(text, sizeof text, "Basic %s:%s", credentials.login, credentials.password);
  }
  return text;
}

/* --- Values */

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
  assert_string_equal(get(config, "base_url"), aisa);
  assert_string_equal(config_base_url(config), aisa);
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
  static const char *const names[] = {"api_key",       "login",          "password",    "base_url",           "page_size",
                                      "max_in_flight", "timeout_ms",     "rate_limit",  "connect_timeout_ms", "max_retries",
                                      "max_requests",  "cache_mb",       "cache_ttl_s", "pushdown",           "count_pushdown",
                                      "wait_s",        "progress",       "ca_file",     "max_response_mb",    "key_file",
                                      "locked",        "query_timeout_s"};
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
  assert_string_equal(get(config, "base_url"), aisa);
  set(config, "ca_file", "/etc/ssl/some.pem");
  assert_string_equal(config_text(config, OPTION_CA_FILE), "/etc/ssl/some.pem");
  set(config, "ca_file", "");
  assert_null(config_text(config, OPTION_CA_FILE));
  config_free(config);
}

static void test_is_dataforseo(void **state) {
  static const struct {
    const char *base_url;
    bool is;
  } cases[] = {
      {"https://api.dataforseo.com/v3", true},
      {"https://sandbox.dataforseo.com/v3", true},
      {"https://API.DataForSEO.com", true},
      {"https://api.dataforseo.com:8443", true},
      {"https://api.aisa.one/apis/v1/dataforseo", false},
      {"https://api.dataforseo.com.example.org", false},
      {"https://notdataforseo.com", false},
      {"https://example.org/api.dataforseo.com", false},
      {"http://127.0.0.1:1", false},
      {"http://[::1]:1", false},
  };
  struct config *config = new_config();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    set(config, "base_url", cases[i].base_url);
    assert_int_equal(config_is_dataforseo(config), cases[i].is);
  }
  config_free(config);
}

/* --- Whose the credentials are */

/* What an environment gives: base URL and what is sent there. */
static void test_environment(void **state) {
  static const struct {
    const char *variables[6];
    const char *base, *sent;
  } cases[] = {
      {{NULL}, aisa, NULL},
      {{"AISA_API_KEY=a"}, aisa, "Bearer a"},
      {{"ONPAGE_API_KEY=o", "AISA_API_KEY=a"}, aisa, "Bearer o"},
      {{"ONPAGE_API_KEY=", "AISA_API_KEY=a"}, aisa, "Bearer a"},
      {{"DATAFORSEO_LOGIN=l"}, aisa, NULL},
      {{"DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"}, dataforseo, "Basic l:p"},
      {{"ONPAGE_LOGIN=L", "DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"}, dataforseo, "Basic L:p"},
      {{"AISA_API_KEY=a", "DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"}, aisa, "Bearer a"},
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
      {"ONPAGE_MAX_REQUEST=5", "ONPAGE_MAX_REQUEST,", "is ONPAGE_MAX_REQUESTS meant?"},
      {"ONPAGE_MAXREQUESTS=5", "ONPAGE_MAXREQUESTS,", "is ONPAGE_MAX_REQUESTS meant?"},
      {"ONPAGE_APIKEY=hidden", "ONPAGE_APIKEY,", "is ONPAGE_API_KEY meant?"},
      {"ONPAGE_KEYFILE=hidden", "ONPAGE_KEYFILE,", "is ONPAGE_KEY_FILE meant?"},
      {"ONPAGE_TIMEOUT=1", "ONPAGE_TIMEOUT,", "is ONPAGE_TIMEOUT_MS meant?"},
      {"ONPAGE_LOCK=1", "ONPAGE_LOCK,", "is ONPAGE_LOCKED meant?"},
      {"ONPAGE_max_requests=1", "ONPAGE_max_requests,", "is ONPAGE_MAX_REQUESTS meant?"},
      {"ONPAGE_PAGE_SIZE_=1", "ONPAGE_PAGE_SIZE_,", "is ONPAGE_PAGE_SIZE meant?"},
      {"ONPAGE_DATAFORSEO_LOGIN=hidden", "ONPAGE_DATAFORSEO_LOGIN,", "is ONPAGE_LOGIN meant?"},
      {"ONPAGE_KEY=hidden", "ONPAGE_KEY,", "is ONPAGE_API_KEY meant?"},
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

/* What people paste with a key is not of the key. */
static void test_pasted_credentials(void **state) {
  static const struct {
    const char *value, *sent;
  } cases[] = {
      {"k", "Bearer k"},
      {" k", "Bearer k"},
      {"k  ", "Bearer k"},
      {"'k'", "Bearer k"},
      {"\"k\"", "Bearer k"},
      {"Bearer k", "Bearer k"},
      {"bearer  k ", "Bearer k"},
      {" 'Bearer k' ", "Bearer k"},
      {"Bearer \"k\"", "Bearer k"},
      {"Bearerk", "Bearer Bearerk"},
      {"'k", "Bearer 'k"},
      {"\"k'", "Bearer \"k'"},
      {"\u00A0k\u200B", "Bearer k"}, /* copied from a web page */
      {"\uFEFFk", "Bearer k"},       /* the beginning of a file */
      {"\uFEFF 'k\u00A0'", "Bearer k"},
      {"k\u00A0k", "Bearer k\u00A0k"},
      {"a b", "Bearer a b"},
  };
  static const char *const nothing[] = {" ", "''", "\" \"", "Bearer ", "'Bearer '"};
  struct config *config = new_config();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    set(config, "api_key", cases[i].value);
    assert_string_equal(sent(config), cases[i].sent);
  }
  for (size_t i = 0; i < LENGTH(nothing); i++) assert_refused(config, "api_key", nothing[i], "nothing but blanks and quotes");
  assert_string_equal(sent(config), "Bearer a b");
  set(config, "api_key", NULL);
  set(config, "login", " 'me@example.com' ");
  set(config, "password", "\"p\" ");
  assert_string_equal(sent(config), "Basic me@example.com:p");
  assert_string_equal(get(config, "login"), "me@example.com");
  const char *const variables[] = {"AISA_API_KEY=Bearer k", NULL};
  struct config *other = config_from(variables);
  assert_string_equal(sent(other), "Bearer k");
  config_free(other);
  config_free(config);
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

/* Each step of SQL after an environment, and what is sent after it. */
static void test_origins(void **state) {
  static const struct {
    const char *title;
    const char *variables[6];
    struct {
      const char *name, *value, *sent;
    } steps[6];
  } cases[] = {
      {"another origin drops the key, and the way back does not bring it again",
       {"AISA_API_KEY=a"},
       {{"base_url", "http://127.0.0.1:1", NULL},
        {"base_url", aisa, NULL},
        {"base_url", NULL, NULL},
        {"api_key", "b", "Bearer b"}}},
      {"another path of the origin keeps it",
       {"AISA_API_KEY=a"},
       {{"base_url", "https://API.aisa.one:443/apis/v2", "Bearer a"}, {"base_url", NULL, "Bearer a"}}},
      {"another port is another origin",
       {"AISA_API_KEY=a", "ONPAGE_BASE_URL=http://127.0.0.1:1"},
       {{"base_url", "http://127.0.0.1:1/x", "Bearer a"}, {"base_url", "http://127.0.0.1:2", NULL}}},
      {"another scheme is another origin",
       {"AISA_API_KEY=a", "ONPAGE_BASE_URL=http://127.0.0.1:1"},
       {{"base_url", "https://127.0.0.1:1", NULL}}},
      {"the default is another origin than the one set",
       {"AISA_API_KEY=a", "ONPAGE_BASE_URL=http://127.0.0.1:1"},
       {{"base_url", NULL, NULL}, {"base_url", "http://127.0.0.1:1", NULL}}},
      {"login and password are dropped as well",
       {"DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"},
       {{"base_url", "http://127.0.0.1:1", NULL},
        {"login", "l", NULL},
        {"password", "q", "Basic l:q"},
        {"base_url", NULL, NULL}}},
      {"without a base URL login and password are DataForSEO's, whatever the key implies",
       {"AISA_API_KEY=a", "DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"},
       {{"api_key", NULL, "Basic l:p"},
        {"api_key", "b", "Bearer b"},
        {"base_url", dataforseo, "Basic l:p"},
        {"base_url", aisa, NULL}}},
      {"neither host's credentials go to the other",
       {"AISA_API_KEY=a", "DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"},
       {{"base_url", aisa, "Bearer a"}, {"api_key", NULL, NULL}, {"base_url", dataforseo, NULL}}},
      {"the sandbox is another origin than DataForSEO's host",
       {"DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"},
       {{"base_url", "https://sandbox.dataforseo.com/v3", NULL}}},
      {"what is set after the base URL belongs to it",
       {NULL},
       {{"base_url", "http://127.0.0.1:1", NULL}, {"api_key", "a", "Bearer a"}, {"base_url", "http://127.0.0.2:1", NULL}}},
      {"a refused base URL drops nothing", {"AISA_API_KEY=a"}, {{"base_url", "http://example.com", "Bearer a"}}},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct config *config = config_from(cases[i].variables);
    for (size_t j = 0; j < LENGTH(cases[i].steps) && cases[i].steps[j].name != NULL; j++) {
      struct error error;
      int set = config_set(config, cases[i].steps[j].name, cases[i].steps[j].value, &error);
      (void)set; /* may be refused: what is sent tells */
      const char *expected = cases[i].steps[j].sent;
      const char *actual = sent(config);
      if ((expected == NULL) != (actual == NULL) || (expected != NULL && strcmp(expected, actual) != 0))
        fail_msg("%s: step %zu: %s is sent", cases[i].title, j + 1, actual != NULL ? actual : "nothing");
    }
    config_free(config);
  }
}

static void test_missing_credentials(void **state) {
  struct config *config = new_config();
  struct credentials credentials;
  struct error error;
  (void)state;
  assert_int_equal(config_credentials(config, &credentials, &error), -1);
  assert_non_null(strstr(error.message, "https://api.aisa.one:443"));
  assert_non_null(strstr(error.message, "AISA_API_KEY"));
  assert_non_null(strstr(error.message, "onpage_config('api_key'"));
  assert_null(strstr(error.message, "dropped"));
  set(config, "api_key", "hidden");
  set(config, "base_url", dataforseo);
  assert_int_equal(config_credentials(config, &credentials, &error), -1);
  assert_non_null(strstr(error.message, "DATAFORSEO_LOGIN and DATAFORSEO_PASSWORD"));
  assert_non_null(strstr(error.message, "onpage_config('password'"));
  assert_non_null(strstr(error.message, "dropped"));
  assert_null(strstr(error.message, "hidden"));
  config_free(config);
}

static void test_generation(void **state) {
  static const char *const identity[][2] = {
      {"api_key", "a"}, {"login", "l"}, {"password", "p"}, {"base_url", "http://localhost"}};
  struct config *config = new_config();
  unsigned generation = config_generation(config);
  (void)state;
  for (size_t i = 0; i < LENGTH(identity); i++) {
    set(config, identity[i][0], identity[i][1]);
    assert_int_not_equal(config_generation(config), generation);
    generation = config_generation(config);
  }
  set(config, "page_size", "10");
  assert_int_equal(config_generation(config), generation);
  /* What is what it was changes nothing, however it is written, and whether it was set or implied. */
  for (size_t i = 0; i < LENGTH(identity) - 1; i++) {
    set(config, identity[i][0], identity[i][1]);
    assert_int_not_equal(config_generation(config), generation); /* dropped by base_url above */
    generation = config_generation(config);
  }
  for (size_t i = 0; i < LENGTH(identity); i++) set(config, identity[i][0], identity[i][1]);
  set(config, "base_url", "http://localhost/");
  set(config, "page_size", "10");
  assert_int_equal(config_generation(config), generation);
  assert_string_equal(sent(config), "Bearer a");
  config_free(config);
  config = new_config();
  set(config, "api_key", "a");
  generation = config_generation(config);
  set(config, "base_url", aisa);
  set(config, "base_url", NULL);
  set(config, "login", NULL);
  assert_int_equal(config_generation(config), generation);
  set(config, "api_key", NULL);
  assert_int_not_equal(config_generation(config), generation);
  config_free(config);
}

/* --- Secrets in freed memory */

/* True if the heap holds the tail of the secret (allocators write over the first bytes of what is freed). */
static bool heap_holds(const char *secret) {
  const char *tail = secret + 16;
  size_t size = strlen(tail);
  char line[512];
  bool found = false;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    uintptr_t start;
    uintptr_t end;
    if (strstr(line, "[heap]") == NULL || sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &start, &end) != 2) continue;
    for (const char *at = (const char *)start; at + size <= (const char *)end; at++) found |= memcmp(at, tail, size) == 0;
  }
  if (maps != NULL) fclose(maps);
  return found;
}

static void test_wiped(void **state) {
  static const char secret[] = "0123456789abcdef-the-part-that-is-looked-for";
  struct config *config = new_config();
  (void)state;
  set(config, "api_key", secret);
  if (!heap_holds(secret)) { /* another allocator (sanitizer, valgrind): its heap can't be found this way */
    config_free(config);
    skip();
  }
  set(config, "api_key", "another one, long enough to need memory of its own");
  assert_false(heap_holds(secret));
  set(config, "password", secret);
  assert_true(heap_holds(secret));
  set(config, "base_url", "http://localhost");
  assert_false(heap_holds(secret));
  set(config, "password", secret);
  assert_true(heap_holds(secret));
  config_free(config);
  assert_false(heap_holds(secret));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_bytes),
      cmocka_unit_test(test_switches),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_secrets),
      cmocka_unit_test(test_base_url),
      cmocka_unit_test(test_is_dataforseo),
      cmocka_unit_test(test_environment),
      cmocka_unit_test(test_environment_values),
      cmocka_unit_test(test_environment_errors),
      cmocka_unit_test(test_unknown_variables),
      cmocka_unit_test(test_pasted_credentials),
      cmocka_unit_test(test_locked),
      cmocka_unit_test(test_ca_file),
      cmocka_unit_test(test_origins),
      cmocka_unit_test(test_missing_credentials),
      cmocka_unit_test(test_generation),
      cmocka_unit_test(test_wiped),
  };
  return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
