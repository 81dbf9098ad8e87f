/* Comparisons at the edges of 64 bits and of a double's 53, and which bytes pass for plain text. */
#include "base/value.h"

#include <float.h>
#include <math.h>

#include "../unit.h"

static void test_compare_with_real(void **state) {
  static const struct {
    int64_t left;
    double right;
    int expected;
  } cases[] = {
      {0, 0.0, 0},
      {0, -0.0, 0},
      {404, 404.0, 0},
      {404, 404.5, -1},
      {404, 403.5, 1},
      {-404, -404.5, 1},
      {-404, -403.5, -1},
      {0, 5e-324, -1},
      {0, -5e-324, 1},
      {TWO_53, 9007199254740992.0, 0},
      {TWO_53 + 1, 9007199254740992.0, 1}, /* equal once converted to double */
      {TWO_53 - 1, 9007199254740992.0, -1},
      {-TWO_53 - 1, -9007199254740992.0, -1},
      {INT64_MAX, 9223372036854775808.0, -1}, /* likewise */
      {INT64_MAX, 9223372036854774784.0, 1},
      {INT64_MIN, -9223372036854775808.0, 0},
      {INT64_MIN + 1, -9223372036854775808.0, 1},
      {INT64_MIN, -9223372036854777856.0, 1},
      {INT64_MAX, DBL_MAX, -1},
      {INT64_MIN, -DBL_MAX, 1},
      {INT64_MAX, INFINITY, -1},
      {INT64_MIN, -INFINITY, 1},
      {INT64_MIN, NAN, 1},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct value right = {.type = VALUE_REAL, .real = cases[i].right};
    int result = value_compare_integer(cases[i].left, &right);
    if (result != cases[i].expected) fail_msg("%lld against %.17g: %d", (long long)cases[i].left, cases[i].right, result);
  }
}

static void test_compare_with_others(void **state) {
  static const struct {
    int64_t left;
    struct value right;
    int expected;
  } cases[] = {
      {1, {.type = VALUE_INTEGER, .integer = 1}, 0},
      {1, {.type = VALUE_INTEGER, .integer = 2}, -1},
      {2, {.type = VALUE_INTEGER, .integer = 1}, 1},
      {INT64_MIN, {.type = VALUE_INTEGER, .integer = INT64_MAX}, -1},
      {INT64_MAX, {.type = VALUE_INTEGER, .integer = INT64_MIN}, 1},
      {INT64_MAX, {.type = VALUE_TEXT, .text = "", .size = 0}, -1},
      {0, {.type = VALUE_TEXT, .text = "0", .size = 1}, -1},
      {INT64_MAX, {.type = VALUE_BLOB}, -1},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    assert_int_equal(value_compare_integer(cases[i].left, &cases[i].right), cases[i].expected);
}

static void test_is_text(void **state) {
  (void)state;
  struct value text = {.type = VALUE_TEXT, .text = "a\0b", .size = 3};
  assert_true(value_is_text(&text, "a\0b", 3));
  assert_false(value_is_text(&text, "a\0c", 3));
  assert_false(value_is_text(&text, "a", 1));
  assert_false(value_is_text(&text, "A\0b", 3));
  struct value empty = {.type = VALUE_TEXT};
  assert_true(value_is_text(&empty, "", 0));
  assert_true(value_is_text(&empty, NULL, 0));
  struct value blob = {.type = VALUE_BLOB, .text = "a", .size = 1};
  assert_false(value_is_text(&blob, "a", 1));
  struct value null = {.type = VALUE_NULL};
  assert_false(value_is_text(&null, "", 0));
}

/* By the definition of UTF-8: encode the number in the fewest bytes. */
static size_t encode(uint32_t character, char *bytes) {
  if (character < 0x80) {
    bytes[0] = (char)character;
    return 1;
  }
  size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  for (size_t at = length; at-- > 1; character >>= 6) bytes[at] = (char)(0x80 | (character & 0x3F));
  static const unsigned char marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
  bytes[0] = (char)(marks[length] | character);
  return length;
}

static void test_every_character(void **state) {
  (void)state;
  for (uint32_t character = 0; character < 0x200000; character++) {
    char bytes[4] = {0};
    size_t length = encode(character, bytes);
    bool valid = character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
    if (utf8_character(bytes, length) != (valid ? length : 0)) fail_msg("U+%04X", (unsigned)character);
    if (utf8_character(bytes, length - 1) != 0) fail_msg("U+%04X cut", (unsigned)character);
  }
}

static void test_every_short_sequence(void **state) {
  (void)state;
  /* Every two bytes that pass as one character are the encoding of one, and nothing passes as more than there is. */
  for (unsigned pair = 0; pair < 0x10000; pair++) {
    const char bytes[] = {(char)(pair >> 8), (char)pair};
    size_t length = utf8_character(bytes, sizeof bytes);
    char again[4];
    unsigned first = pair >> 8;
    if (length == 1) assert_true(first < 0x80);
    if (length == 2) {
      uint32_t character = (first & 0x1F) << 6 | (pair & 0x3F);
      assert_int_equal(encode(character, again), 2);
      assert_memory_equal(again, bytes, 2);
    }
    assert_true(length <= 2);
  }
}

static void test_plain_text(void **state) {
  static const struct {
    struct value value;
    bool plain;
  } cases[] = {
      {TEXT(""), true},
      {TEXT("/34to35.html"), true},
      {TEXT("\x01\x7F"), true},
      {TEXT("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80"), true},
      {TEXT("\xF4\x8F\xBF\xBF"), true},
      {TEXT("a\0b"), false},
      {TEXT("\0"), false},
      {TEXT("gr\xFC\xDF"), false},       /* Latin-1 */
      {TEXT("\x80"), false},             /* lone continuation */
      {TEXT("a\xC3"), false},            /* cut */
      {TEXT("\xE2\x82"), false},         /* cut */
      {TEXT("\xC0\x80"), false},         /* overlong zero */
      {TEXT("\xE0\x80\xAF"), false},     /* overlong slash */
      {TEXT("\xF0\x80\x80\xAF"), false}, /* the same */
      {TEXT("\xED\xA0\xBD"), false},     /* surrogate */
      {TEXT("\xF4\x90\x80\x80"), false}, /* U+110000 */
      {TEXT("\xF8\x88\x80\x80\x80"), false},
      {TEXT("\xFF"), false},
      {{.type = VALUE_NULL}, false},
      {{.type = VALUE_INTEGER, .integer = 1}, false},
      {{.type = VALUE_REAL, .real = 1}, false},
      {{.type = VALUE_BLOB, .text = "a", .size = 1}, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    if (value_is_plain_text(&cases[i].value) != cases[i].plain) fail_msg("case %zu", i);
}

/* … and what may be json-c's. */
static void test_as_sent(void **state) {
  static const struct {
    struct value value;
    bool as_sent;
  } cases[] = {
      {TEXT(""), true},
      {TEXT("a\xEF\xBF\xBC"), true},
      {TEXT("\xEF\xBF\xBE"), false}, /* a noncharacter, which LIKE takes for a replacement */
      {TEXT("\xEF\xBF\xBF"), false},
      {TEXT("\xEF\xB7\x90"), true}, /* another */
      {TEXT("\xEF\xBF\xBD"), false},
      {TEXT("a\xEF\xBF\xBD"), false},
      {TEXT("\xEF\xBF\xBDz"), false},
      {TEXT("a\0"), false},
      {TEXT("\xED\xA0\x80"), false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    if (value_is_as_sent(&cases[i].value) != cases[i].as_sent) fail_msg("case %zu", i);
}

static void test_integer_of_text(void **state) {
  static const struct {
    const char *text;
    bool is_integer;
    int64_t integer;
  } cases[] = {
      {"404", true, 404},
      {" \t404\n", true, 404},
      {"+404", true, 404},
      {"-404", true, -404},
      {"404.", true, 404},
      {"404.000", true, 404},
      {"4.04e2", true, 404},
      {"40400E-2", true, 404},
      {".5e1", true, 5},
      {"0", true, 0},
      {"-0.0", true, 0},
      {"00404", true, 404},
      {"0e99", true, 0},
      {"9223372036854775807", true, INT64_MAX},
      {"9223372036854775808", false, 0},
      {"1e18", true, 1000000000000000000},
      {"1e19", false, 0},
      {"1e99999999999999999999", false, 0},
      {"404.5", false, 0},
      {"404e-1", false, 0},
      {"", false, 0},
      {" ", false, 0},
      {".", false, 0},
      {"-", false, 0},
      {"e5", false, 0},
      {"4e", false, 0},
      {"4e+", false, 0},
      {"4.0.4", false, 0},
      {"404 Not Found", false, 0},
      {"4 04", false, 0},
      {"0x194", false, 0},
      {"--4", false, 0},
      {"NaN", false, 0},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    int64_t integer = 0;
    bool is_integer = value_integer_of_text(cases[i].text, strlen(cases[i].text), &integer);
    if (is_integer != cases[i].is_integer || integer != cases[i].integer) fail_msg("%s", cases[i].text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_compare_with_real), cmocka_unit_test(test_compare_with_others),  cmocka_unit_test(test_is_text),
      cmocka_unit_test(test_every_character),   cmocka_unit_test(test_every_short_sequence), cmocka_unit_test(test_plain_text),
      cmocka_unit_test(test_as_sent),           cmocka_unit_test(test_integer_of_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
