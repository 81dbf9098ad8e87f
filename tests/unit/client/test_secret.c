/*
** Secrets in texts from a server: as they are, escaped, cut off at the end, in the form that HTTP Basic sends; and wiping.
*/
#include "client/secret.h"

#include "../unit.h"

static void test_mask(void **state) {
  static const struct {
    const char *text, *secret, *expected;
  } cases[] = {
      {"", "key-1", ""},
      {"key-1", "key-1", "*****"},
      {"no such key: key-1!", "key-1", "no such key: *****!"},
      {"key-1key-1 key-1", "key-1", "********** *****"},
      {"kkey-1", "key-1", "k*****"},
      {"key-2 ke", "key-1", "key-2 ke"},
      {"key-", "key-1", "****"},       /* cut off */
      {"the key", "key-1", "the key"}, /* three characters tell nothing */
      {"key- and so on", "key-1", "key- and so on"},
      {"a\\/b\\\"c\\\\d", "a/b\"c\\d", "**********"}, /* as JSON has it */
      {"a/b\"c\\d", "a/b\"c\\d", "*******"},
      {"<k\\u00e9y\\u00A01\\u002f\\u20AC>",
       "k\xC3\xA9y\xC2\xA0"
       "1/\xE2\x82\xAC",
       "<***************************>"},
      {"k\\u00e8y", "k\xC3\xA9y", "k\\u00e8y"},
      {"k\\u00", "k\xC3\xA9y", "k\\u00"},
      {"a\\/b\\\"", "a/b\"c\\d", "******"},
      {"abcd\\u00", "abcd\xC3\xA9y", "********"},                                   /* cut off in an escape */
      {"bad+key%2f%26%25%c3%A9!", "bad key/&%\xC3\xA9", "**********************!"}, /* as in a URL */
      {"bad%20key%2f", "bad key/&", "************"},
      {"key-%2", "key-/&", "******"},
      {"key-%2 more text", "key-/&", "key-%2 more text"},
      {"<a&amp;b&lt;c&gt;&quot;d&#39;&#x27;&apos;&#233;>", "a&b<c>\"d'''\xC3\xA9",
       "<**********************************************>"}, /* HTML */
      {"key-&am", "key-&1", "*******"},
      {"key-&", "key-&", "*****"},
      {"key-%", "key-%", "*****"},
      {"aaaa", "aa", "****"},
      {"anything", "", "anything"},
      {"anything", NULL, "anything"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char text[64];
    snprintf(text, sizeof text, "%s", cases[i].text);
    secret_mask(text, cases[i].secret);
    assert_string_equal(text, cases[i].expected);
  }
}

static void test_basic(void **state) {
  static const struct {
    const char *login, *password, *base64;
  } cases[] = {
      {"", "", "Og"},
      {"a", "b", "YTpi"},
      {"a", "bc", "YTpiYw"},
      {"a", "bcd", "YTpiY2Q"},
      {"Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ"}, /* of RFC 7617 */
      {"\xff\xff", "\xfb\xef\xbe", "//86++++"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    size_t size = strlen(cases[i].login) + strlen(cases[i].password) + 1;
    char *base64 = malloc((size + 2) / 3 * 4 + 1); /* no more than the padded form needs */
    assert_non_null(base64);
    secret_basic(cases[i].login, cases[i].password, base64, (size + 2) / 3 * 4 + 1);
    assert_string_equal(base64, cases[i].base64);
    free(base64);
  }
}

/* Texts of the largest size have room. */
static void test_basic_size(void **state) {
  enum { SIZE = 4096 };
  static char login[SIZE + 1], password[SIZE + 1];
  char base64[SECRET_BASIC_SIZE(SIZE)];
  (void)state;
  memset(login, 'x', SIZE);
  memset(password, 'x', SIZE);
  secret_basic(login, password, base64, sizeof base64);
  assert_int_equal(strlen(base64), (4 * (2 * SIZE + 1) + 2) / 3);
}

static void test_wipe(void **state) {
  static const char zeros[8];
  char text[8] = "secret";
  (void)state;
  secret_wipe(text);
  assert_memory_equal(text, zeros, sizeof zeros);
  secret_wipe(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mask),
      cmocka_unit_test(test_basic),
      cmocka_unit_test(test_basic_size),
      cmocka_unit_test(test_wipe),
  };
  return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
