/* Base URLs: what is taken, what it becomes, and that no message gives away what a URL may hide. */
#include "client/url.h"

#include "../unit.h"

static void test_accepted(void **state) {
  static const struct {
    const char *url, *base, *origin;
  } cases[] = {
      {"https://api.aisa.one/apis/v1/dataforseo", "https://api.aisa.one/apis/v1/dataforseo", "https://api.aisa.one:443"},
      {"https://api.aisa.one/apis/v1/", "https://api.aisa.one/apis/v1", "https://api.aisa.one:443"},
      {"https://api.aisa.one", "https://api.aisa.one", "https://api.aisa.one:443"},
      {"https://api.aisa.one/", "https://api.aisa.one", "https://api.aisa.one:443"},
      {"https://api.aisa.one///", "https://api.aisa.one", "https://api.aisa.one:443"},
      {"https://api.aisa.one:8443/v3", "https://api.aisa.one:8443/v3", "https://api.aisa.one:8443"},
      {"https://a_b.example/%7Ex", "https://a_b.example/%7Ex", "https://a_b.example:443"},
      {"https://[2001:db8::1]/v3", "https://[2001:db8::1]/v3", "https://[2001:db8::1]:443"},
      {"http://localhost:8080/v3", "http://localhost:8080/v3", "http://localhost:8080"},
      {"http://localhost", "http://localhost", "http://localhost:80"},
      {"http://127.0.0.1:9", "http://127.0.0.1:9", "http://127.0.0.1:9"},
      {"http://127.255.3.4", "http://127.255.3.4", "http://127.255.3.4:80"},
      {"http://[::1]:81/x", "http://[::1]:81/x", "http://[::1]:81"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct error error;
    char *base = NULL;
    char *origin = NULL;
    if (url_check_base(cases[i].url, &base, &origin, &error) != 0) fail_msg("%s: %s", cases[i].url, error.message);
    assert_string_equal(base, cases[i].base);
    assert_string_equal(origin, cases[i].origin);
    free(base);
    free(origin);
  }
}

/* One host has one origin, however it is written: else credentials would be dropped without need. */
static void test_same_origin(void **state) {
  static const char *const spellings[] = {"https://API.Example.com", "HTTPS://api.example.com:443/",
                                          "https://api.EXAMPLE.com/v3"};
  (void)state;
  for (size_t i = 0; i < LENGTH(spellings); i++) {
    struct error error;
    char *origin = NULL;
    assert_int_equal(url_check_base(spellings[i], NULL, &origin, &error), 0);
    assert_string_equal(origin, "https://api.example.com:443");
    free(origin);
  }
}

static void test_refused(void **state) {
  static const struct {
    const char *url, *reason;
  } cases[] = {
      {"", "URL"},
      {"api.aisa.one/v3", "https://"},
      {"https:/host/v3", "https://"},
      {"localhost:80/x://y", ""},
      {"/v3", "URL"},
      {"https://", "URL"},
      {"https:///v3", "URL"},
      {"ftp://localhost/v3", "must begin with https://"},
      {"file:///etc/passwd", "URL"},
      {"gopher://127.0.0.1/", "must begin with https://"},
      {"weird://127.0.0.1/", "must begin with https://"},
      {"http://api.aisa.one/v3", "loopback"},
      {"http://localhost.example.com", "loopback"},
      {"http://127.0.0.1.example.com", "loopback"},
      {"http://128.0.0.1", "loopback"},
      {"http://0.0.0.0", "loopback"},
      {"http://10.0.0.1", "loopback"},
      {"http://[::2]", "loopback"},
      {"http://[::ffff:8.8.8.8]", "loopback"},
      {"http://sub.localhost", "loopback"},
      {"https://user:hidden@host/v3", "user"},
      {"https://user@host/v3", "user"},
      {"https://@host/v3", "user"},
      {"https://user:hid/den@host/v3", "user"},
      {"http://localhost:80@example.com/", "user"},
      {"https://host/v3?hidden=1", "query"},
      {"https://host/v3?", "query"},
      {"https://host/v3#hidden", "fragment"},
      {"https://host\\hidden", "backslash"},
      {"https://ho st/", "printable"},
      {" https://host/", "printable"},
      {"https://host/\r\nX-Injected: hidden", "printable"},
      {"https://host/\x7f", "printable"},
      {"https://h\xc3\xb6st/", "xn--"},
      {"https://h%6Fst%0d/", ""},
      {"https://host:99999/", "URL"},
      {"https://host:hidden/", "URL"},
      {"https://[fe80::1%25eth0]/", "zone"},
      {"https://[::1/", "URL"},
      {"https://ho$t/", ""},
      {"https://ho~st/", "host name"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct error error = {0};
    char *base = NULL;
    char *origin = NULL;
    if (url_check_base(cases[i].url, &base, &origin, &error) != -1) fail_msg("%s was taken", cases[i].url);
    assert_null(base);
    assert_null(origin);
    assert_int_equal(error.kind, ERROR_FAILED);
    if (strstr(error.message, cases[i].reason) == NULL) fail_msg("%s: %s", cases[i].url, error.message);
    if (strstr(error.message, "hidden") != NULL) fail_msg("%s: gives away: %s", cases[i].url, error.message);
  }
}

static void test_length(void **state) {
  char url[4000] = "https://host/";
  struct error error;
  (void)state;
  memset(url + strlen(url), 'x', sizeof url - strlen(url) - 1);
  assert_int_equal(url_check_base(url, NULL, NULL, &error), -1);
  assert_non_null(strstr(error.message, "at most 2000 characters"));
  url[2000] = '\0';
  assert_int_equal(url_check_base(url, NULL, NULL, &error), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accepted),
      cmocka_unit_test(test_same_origin),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_length),
  };
  return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
