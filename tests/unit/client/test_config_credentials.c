/* Whose the credentials are: they must never be sent to another origin than the one they were given for, and are wiped after
** use. */
#include "fixture_config.h"

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
  for (size_t i = 0; i < LENGTH(nothing); i++) assert_refused(config, "api_key", nothing[i], "only blanks and quotes");
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
        {"base_url", AISA, NULL},
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
        {"base_url", DATAFORSEO, "Basic l:p"},
        {"base_url", AISA, NULL}}},
      {"neither host's credentials go to the other",
       {"AISA_API_KEY=a", "DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=p"},
       {{"base_url", AISA, "Bearer a"}, {"api_key", NULL, NULL}, {"base_url", DATAFORSEO, NULL}}},
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
  set(config, "base_url", DATAFORSEO);
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
  set(config, "base_url", AISA);
  set(config, "base_url", NULL);
  set(config, "login", NULL);
  assert_int_equal(config_generation(config), generation);
  set(config, "api_key", NULL);
  assert_int_not_equal(config_generation(config), generation);
  config_free(config);
}

static void test_wiped(void **state) {
  static const char secret[] = "0123456789abcdef-the-part-that-is-looked-for";
  const char *tail = secret + 16;
  struct config *config = new_config();
  (void)state;
  set(config, "api_key", secret);
  if (!heap_holds(tail)) { /* another allocator (sanitizer, valgrind): its heap can't be found this way */
    config_free(config);
    skip();
  }
  set(config, "api_key", "another one, long enough to need memory of its own");
  assert_false(heap_holds(tail));
  set(config, "password", secret);
  assert_true(heap_holds(tail));
  set(config, "base_url", "http://localhost");
  assert_false(heap_holds(tail));
  set(config, "password", secret);
  assert_true(heap_holds(tail));
  config_free(config);
  assert_false(heap_holds(tail));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_is_dataforseo),       cmocka_unit_test(test_pasted_credentials), cmocka_unit_test(test_origins),
      cmocka_unit_test(test_missing_credentials), cmocka_unit_test(test_generation),         cmocka_unit_test(test_wiped),
  };
  return cmocka_run_group_tests_name("config credentials", tests, NULL, NULL);
}
