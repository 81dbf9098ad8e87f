/*
** Patterns and literals as expressions: the exact text for each piece of syntax on either side. tests/e2e/test_pattern_meaning.c
** tests, with SQLite and RE2, that both mean the same.
*/
#include "plan/pattern.h"

#include "../unit.h"
#include "base/buffer.h"

/* The rest of a text from its first zero on, which SQLite doesn't read. */
#define UNSEEN "(?:\\x00.*)?"

struct translated {
  const char *pattern;
  const char *expression; /* NULL: can't be expressed */
};

static void check(char *(*translate)(const char *, size_t), const struct translated *cases, size_t count) {
  for (size_t i = 0; i < count; i++) {
    /* Without a zero after it, so that sanitizers find reads past the end. */
    size_t size = strlen(cases[i].pattern);
    char *pattern = malloc(size > 0 ? size : 1);
    assert_non_null(pattern);
    memcpy(pattern, cases[i].pattern, size);
    char *expression = translate(pattern, size);
    free(pattern);
    if ((expression == NULL) != (cases[i].expression == NULL)) fail_msg("%s: %s", cases[i].pattern, expression);
    if (expression != NULL) assert_string_equal(expression, cases[i].expression);
    free(expression);
  }
}

static void test_literals(void **state) {
  static const struct translated cases[] = {
      {"", "^$"},
      {"a", "^a$"},
      {"https://a.b/c?d=1&e=%20#f", "^https://a\\.b/c\\?d=1&e=%20#f$"},
      {"\\.+*?()|[]{}^$", "^\\\\\\.\\+\\*\\?\\(\\)\\|\\[\\]\\{\\}\\^\\$$"},
      {"-_,:;!\"'<>=~`@ /", "^-_,:;!\"'<>=~`@ /$"}, /* no syntax outside brackets */
      {"\\d\\Qx\\E", "^\\\\d\\\\Qx\\\\E$"},
      {"(?i)a", "^\\(\\?i\\)a$"},
      {"a\nb\tc", "^a\nb\tc$"},
      {"\xC3\xA9\xF0\x9F\x98\x80", "^\xC3\xA9\xF0\x9F\x98\x80$"},
  };
  (void)state;
  check(pattern_literal, cases, LENGTH(cases));
}

static void test_quoting_appends(void **state) {
  struct buffer expression = {0};
  (void)state;
  pattern_append_quoted(&expression, "a.", 2);
  pattern_append_quoted(&expression, "", 0);
  pattern_append_quoted(&expression, "|b-", 2);
  char *text = buffer_take(&expression);
  assert_string_equal(text, "a\\.\\|b");
  free(text);
}

static void test_like(void **state) {
  static const struct translated cases[] = {
      {"", "(?is)^" UNSEEN "$"},
      {"a", "(?is)^a" UNSEEN "$"},
      {"%", "(?is)^.*$"},
      {"%%", "(?is)^.*.*$"},
      {"_", "(?is)^." UNSEEN "$"},
      {"a%b", "(?is)^a.*b" UNSEEN "$"},
      {"%a%", "(?is)^.*a.*$"},
      {"_%", "(?is)^..*$"},
      {"100\\%", "(?is)^100\\\\.*$"}, /* a backslash escapes nothing */
      {"\xEF\xBF\xBC%", "(?is)^\xEF\xBF\xBC.*$"},
      {"a.b*[c]", "(?is)^a\\.b\\*\\[c\\]" UNSEEN "$"},
      {"\xC3\x89_", "(?is)^\xC3\x89." UNSEEN "$"},
  };
  (void)state;
  check(pattern_like, cases, LENGTH(cases));
}

/* Wildcards are left to test_pattern_meaning.c: more than one expression is right. */
static void test_like_at_most(void **state) {
  static const struct translated cases[] = {
      {"", "(?s)^$"},
      {"a", "(?s)^[aA]$"},
      {"Z", "(?s)^[zZ]$"},
      {"k1@[`{", "(?s)^[kK]1@\\[`\\{$"}, /* neighbours of the letters in ASCII */
      {"\xC3\xA9", "(?s)^\xC3\xA9$"},    /* no case beyond ASCII, as SQLite */
      {".", "(?s)^\\.$"},
      {"a%_", "(?s)^[aA][^\\x00]*[^\\x00]$"}, /* LIKE stops at a zero */
  };
  (void)state;
  check(pattern_like_at_most, cases, LENGTH(cases));
}

static void test_glob(void **state) {
  static const struct translated cases[] = {
      {"", "(?s)^" UNSEEN "$"},
      {"a", "(?s)^a" UNSEEN "$"},
      {"A%_", "(?s)^A%_" UNSEEN "$"},
      {"*", "(?s)^.*$"},
      {"a*b?", "(?s)^a.*b." UNSEEN "$"},
      {"?*", "(?s)^..*$"},
      {"a.b+(c)", "(?s)^a\\.b\\+\\(c\\)" UNSEEN "$"},
      {"\\*", "(?s)^\\\\.*$"}, /* a backslash escapes nothing */
      {"a]", "(?s)^a\\]" UNSEEN "$"},
      {"{a}^$|", "(?s)^\\{a\\}\\^\\$\\|" UNSEEN "$"},
  };
  (void)state;
  check(pattern_glob, cases, LENGTH(cases));
}

static void test_glob_classes(void **state) {
  static const struct translated cases[] = {
      {"[a]", "(?s)^[\\x{61}]" UNSEEN "$"},
      {"[a-c]*", "(?s)^[\\x{61}-\\x{63}].*$"},
      {"x[a-c]y", "(?s)^x[\\x{61}-\\x{63}]y" UNSEEN "$"},
      {"[a-a]*", "(?s)^[\\x{61}].*$"},
      {"[ab]*", "(?s)^[\\x{61}\\x{62}].*$"},
      {"[a-ce-g]*", "(?s)^[\\x{61}-\\x{63}\\x{65}-\\x{67}].*$"},
      {"[^a]*", "(?s)^[^\\x{61}].*$"},
      {"[^^]*", "(?s)^[^\\x{5E}].*$"},
      {"[a^]*", "(?s)^[\\x{61}\\x{5E}].*$"},
      {"[]]*", "(?s)^[\\x{5D}].*$"},
      {"[]a]*", "(?s)^[\\x{5D}\\x{61}].*$"},
      {"[^]]*", "(?s)^[^\\x{5D}].*$"},
      {"[^]a-c]*", "(?s)^[^\\x{5D}\\x{61}-\\x{63}].*$"},
      {"[[]*", "(?s)^[\\x{5B}].*$"},
      {"[*?]*", "(?s)^[\\x{2A}\\x{3F}].*$"},
      {"[\\]*", "(?s)^[\\x{5C}].*$"},
      {"[-]*", "(?s)^[\\x{2D}].*$"},
      {"[-a]*", "(?s)^[\\x{2D}\\x{61}].*$"},
      {"[a-]*", "(?s)^[\\x{61}\\x{2D}].*$"},
      {"[]-a]*", "(?s)^[\\x{5D}\\x{2D}\\x{61}].*$"},           /* a leading ] can't start a range */
      {"[a-c-e]*", "(?s)^[\\x{61}-\\x{63}\\x{2D}\\x{65}].*$"}, /* nor can the end of one */
      {"[--a]*", "(?s)^[\\x{2D}-\\x{61}].*$"},
      {"[+--]*", "(?s)^[\\x{2B}-\\x{2D}].*$"},
      {"[\xC3\xA9-\xE2\x82\xAC]*", "(?s)^[\\x{E9}-\\x{20AC}].*$"},
      {"[\xF0\x9F\x98\x80]*", "(?s)^[\\x{1F600}].*$"},
      {"[a][b]*", "(?s)^[\\x{61}][\\x{62}].*$"},
      {"[a-\xF0\x9F\x98\x80]*", NULL}, /* a range with U+FFFD in it */
      {"[^a-\xF0\x9F\x98\x80]*", "(?s)^[^\\x{61}-\\x{1F600}].*$"},
      {"[\xEE\x80\x80-\xEF\xBF\xBC]*", "(?s)^[\\x{E000}-\\x{FFFC}].*$"},
      {"\xEF\xBF\xBC*", "(?s)^\xEF\xBF\xBC.*$"},
  };
  (void)state;
  check(pattern_glob, cases, LENGTH(cases));
}

static void test_globs_that_cannot_be_expressed(void **state) {
  static const struct translated cases[] = {
      {"[", NULL},    {"[^", NULL},  {"[]", NULL},    {"[^]", NULL},   {"[a", NULL},        {"a*[", NULL},
      {"[a-", NULL},  {"[a*", NULL}, {"[c-a]", NULL}, {"[a--]", NULL}, {"x[a][b", NULL},    {"[]a", NULL},
      {"[^a-", NULL}, {"[-", NULL},  {"[[", NULL},    {"[]-", NULL},   {"[\xC3\xA9", NULL}, {"[a-\xC3\xA9", NULL},
  };
  (void)state;
  check(pattern_glob, cases, LENGTH(cases));
}

/* The user's expression keeps its meaning within ours, and an invalid one stays invalid. */
static void test_search(void **state) {
#define SEARCH(expression)                                                                                                     \
  { expression, "^(?s:.*)(?:" expression ")(?s:.*)$" }
  static const struct translated cases[] = {
      SEARCH(""),
      SEARCH("a|b"),
      SEARCH("^(?i)(a)(?P<n>b)$"),
      SEARCH("\\)"),
      SEARCH("[)]"),
      SEARCH("[^])]"),
      SEARCH("[])](a)"),
      SEARCH("[\\])]"),
      SEARCH("[[:alpha:])]"),
      SEARCH("\\Q)\\E(a)"),
      SEARCH("(a"), /* our closing ) would end an open group, or be escaped by a backslash at the end */
      SEARCH("a\\"),
      SEARCH("[)"),
      {"\\Qa)", "^(?s:.*)(?:\\Qa)\\E)(?s:.*)$"},
      {"a)|(b", "a)|(b"},
      {")(", ")("},
      {"a)", "a)"},
      {"[[:])(", "[[:])("}, /* a class of [ and :, since the name has no end */
      {"[a])|([b]", "[a])|([b]"},
      {"\\Qa\\E)|(b", "\\Qa\\E)|(b"},
      {"\\\\)|(b", "\\\\)|(b"},
  };
#undef SEARCH
  (void)state;
  check(pattern_search, cases, LENGTH(cases));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_literals),
      cmocka_unit_test(test_quoting_appends),
      cmocka_unit_test(test_like),
      cmocka_unit_test(test_like_at_most),
      cmocka_unit_test(test_glob),
      cmocka_unit_test(test_glob_classes),
      cmocka_unit_test(test_globs_that_cannot_be_expressed),
      cmocka_unit_test(test_search),
  };
  return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
