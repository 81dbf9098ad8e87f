/*
** See pools.h. Texts are written once, as C strings; their JSON is made from them.
*/
#include "pools.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../e2e/dataset.h"

/* A text of known size, since there may be a zero in it. */
struct text {
  const char *bytes;
  int size;
};
#define T(literal)                                                                                                             \
  { literal, sizeof(literal) - 1 }

static const struct text types[] = {T("ANCHOR"),   T("anchor"),      T("anchor "), T("image"),    T("Image"),
                                    T("link"),     T("can\nonical"), T("meta"),    T("redirect"), T("alternate"),
                                    T("scr\nipt"), T("script"),      T("")};
/* Closed words in the documents: unknown ones may come up, known ones in capitals don't. */
static const struct text schemes[] = {T("http"),   T("https"),  T("ftps"),      T("FTPS"),    T("ftp\xc5\xbf"),
                                      T("ft\nps"), T("ft\0ps"), T("f-+|\n^$."), T("f[(?*\\"), T("")};
static const struct text directions[] = {
    T("internal"),   T("external"),   T("sideways"),  T("SIDEWAYS"), T("\xc5\xbfide\nways"),
    T("side\nways"), T("side\0ways"), T("s-+|\n^$."), T("s[(?*\\"),  T("")};
static const struct text domains[] = {T("a.example"), T("A.EXAMPLE"),   T("b.example"), T("xn--e1a.example"),
                                      T("a-example"), T("a.\nexample"), T("")};
static const struct text pages[] = {
    T("/"),
    T("/a"),
    T("/A"),
    T("/a/"),
    T("/a "),
    T("/\xc3\xa9"),
    T("/\xc3\x89"),
    T("/e\xcc\x81"),
    T("/s"),
    T("/\xc5\xbf"),
    T("/k"),
    T("/K"),
    T("/\xe2\x84\xaa"),
    T("/\xc3\x9f"),
    T("/ss"),
    T("/\xf0\x9f\x98\x80"),
    T("/100%"),
    T("/a_b"),
    T("/axb"),
    T("/[a]"),
    T("/a*b"),
    T("/a?b"),
    T("/it's"),
    T("/a\\b"),
    T("/a.b"),
    T("/a+b"),
    T("/a|\nb"),
    T("/(a)\n+"),
    T("^$"),
    T("404"),
    T("05"),
    T("5"),
    T("5.0"),
    T(""),
    T(" "),
    T("/a\nb"),
    T("/a\r\n"),
    T("/a\0b"),
    T("/a\0"),
    T("a"),
    T("/\xef\xbf\xbf"),
    T("/%61"),
    T("/a%"),
    T("/\xc4\xb1"),
    T("/\xc4\xb0"),
};
static const struct text links[] = {
    T("https://a.example/"),
    T("https://a.example/a"),
    T("https://A.example/a"),
    T("HTTPS://A.EXAMPLE/A"),
    T("https://a.example/a/"),
    T("https://a.example/\xc3\xa9"),
    T("https://a.example/\xc3\x89"),
    T("http://b.example/a_b?x=1&y=%20"),
    T("http://b.example/axb"),
    T("https://a.example/a\\b"),
    T("https://a.example/it's"),
    T("https://a.example/[a]"),
    T("https://a.example/a.b+c|(d){2}^$"),
    T("404"),
    T("5"),
    T("5.0"),
    T("05"),
    T(""),
    T("https://a.example/a\nb"),
    T("https://a.example\n/a+b"),
    T("https://a.example/a\0b"),
    T("mailto:a@a.example"),
    T("tel:05"),
};
static const struct text words[] = {
    T("Home"),
    T("home"),
    T("HOME"),
    T("HO\nME"),
    T("(a|b)\n+^$"),
    T("a|b"),
    T("a"),
    T("A"),
    T("a "),
    T("b"),
    T("\xc3\xa9"),
    T("\xc3\x89"),
    T("\xc5\xbf"),
    T("s"),
    T("S"),
    T("\xe2\x84\xaa"),
    T("k"),
    T("stra\xc3\x9f"
      "e"),
    T("STRASSE"),
    T("100%"),
    T("a_b"),
    T("a\\"),
    T("[a-z]"),
    T("*?"),
    T("it's \"it\""),
    T("404"),
    T("1"),
    T("0"),
    T("1.0"),
    T("1e0"),
    T(""),
    T(" "),
    T("one\ntwo"),
    T("a\0b"),
    T("\0"),
    T("\xf0\x9f\x98\x80"),
    T("null"),
    T("true"),
};
static const struct text languages[] = {T("de"), T("DE"), T("de-\nAT"), T("d\ne"), T("x-default"), T(""), T("5"), T("05")};

/* What an item may write, and what is read from it. */
static const struct written {
  const char *text, *json;
} halves[] =
    {
        {"/a\xef\xbf\xbd", "\"/a\\ud800\""},
        {"/a\xef\xbf\xbd", "\"/a\xef\xbf\xbd\""},
        {"/a\xef\xbf\xbd", "\"/a\\uDFFF\""},
        {"/a\xef\xbf\xbdz", "\"\\/a\\udbffz\""},
        {"\xef\xbf\xbd\xef\xbf\xbd", "\"\\udc00\\ud800\""},
        {"a\xef\xbf\xbd\xf0\x9f\x98\x80", "\"a\\ud83d\\ud83d\\ude00\""},
        {"/a\xef\xbf\xbf", "\"/a\\uffff\""},
},
  strange_texts[] =
      {
          {"/gr\xfc", "\"/gr\xfc\""},
          {"/a\xc0\x80", "\"/a\xc0\x80\""},
          {"5", "5"},
          {"5.0", "5.0"},
          {"18446744073709551616", "18446744073709551616"},
          {"-9223372036854775809", "-9223372036854775809"},
          {"true", "true"},
          {"{\"a\":[1,99999999999999999999]}", "{ \"a\": [1, 99999999999999999999] }"},
},
  arrays[] =
      {
          {"[]", "[]"},
          {"[\"nofollow\"]", "[\"nofollow\"]"},
          {"[\"nofollow\",\"ugc\"]", "[\"nofollow\",\"ugc\"]"},
          {"[\"ugc\",\"nofollow\"]", "[\"ugc\",\"nofollow\"]"},
          {"[\"\"]", "[\"\"]"},
          {"[\"NOFOLLOW\"]", "[\"NOFOLLOW\"]"},
          {"[\"a\\\"b\",\"\xc3\xa9\"]", "[\"a\\\"b\",\"\xc3\xa9\"]"},
          {"[\"a\\\\\"]", "[\"a\\\\\"]"},
          {"[\"\xc3\x89\"]", "[\"\xc3\x89\"]"},
          {"[\"nofollow\",\"ugc\"]", "[ \"nofollow\" ,\"\\u0075gc\" ]"},
          {"[\"a/b\"]", "[\"a\\/b\"]"},
},
  half_arrays[] =
      {
          {"[\"u\xef\xbf\xbd\"]", "[\"u\\ud800\"]"},
          {"[\"u\xef\xbf\xbd\"]", "[\"u\xef\xbf\xbd\"]"},
},
  strange_arrays[] =
      {
          {"[\"gr\xfc\"]", "[\"gr\xfc\"]"},
          {"[18446744073709551616]", "[ 18446744073709551616]"},
},
  statuses[] =
      {
          {"0", "0"},
          {"200", "200"},
          {"301", "301"},
          {"404", "404"},
          {"0", "0"},
          {"500", "500"},
          {"1", "1"},
          {"-1", "-1"},
          {"0", "0"},
          {"5", "5"},
          {"999", "999"},
          {"4294967297", "4294967297"},
          {"9007199254740994", "9007199254740994"},
          {"404", "\"404\""},
          {"404", "404.0"},
          {"500", "5e2"},
          {NULL, "\"moved\""},
          {NULL, "[404]"},
          {"-1", "\"-1\""},
},
  strange_statuses[] =
      {
          {NULL, "99999999999999999999"},
          {NULL, "\"99999999999999999999\""},
          {NULL, "1e400"},
},
  booleans[] = {
      {"0", "false"}, {"1", "true"}, {"1", "\"true\""}, {"0", "\"false\""},
      {"1", "1"},     {"0", "0.0"},  {NULL, "2"},       {NULL, "\"maybe\""},
};

#define INTEGER(value)                                                                                                         \
  { .type = SQLITE_INTEGER, .integer = (value) }
#define REAL(value)                                                                                                            \
  { .type = SQLITE_FLOAT, .real = (value) }
#define TEXT(literal)                                                                                                          \
  { .type = SQLITE_TEXT, .bytes = (literal), .size = sizeof(literal) - 1 }
#define BLOB(literal)                                                                                                          \
  { .type = SQLITE_BLOB, .bytes = (literal), .size = sizeof(literal) - 1 }

const struct bound pool_traps[] = {
    {.type = SQLITE_NULL},
    INTEGER(0),
    INTEGER(1),
    INTEGER(2),
    INTEGER(-1),
    INTEGER(5),
    INTEGER(404),
    INTEGER(9007199254740993),
    INTEGER(9223372036854775807),
    INTEGER(-9223372036854775807),
    REAL(404.0),
    REAL(1.0),
    REAL(0.0),
    REAL(-0.0),
    REAL(0.5),
    REAL(1.5),
    REAL(403.9999999),
    REAL(1e300),
    REAL(-1e300),
    REAL(9223372036854775808.0),
    TEXT("0"),
    TEXT("1"),
    TEXT("404"),
    TEXT(" 404 "),
    TEXT("404.0"),
    TEXT("4.04e2"),
    TEXT("0x194"),
    TEXT("404abc"),
    TEXT("05"),
    TEXT("5.0"),
    TEXT("-1"),
    TEXT("1e0"),
    TEXT("abc"),
    TEXT(""),
    TEXT(" "),
    TEXT("a"),
    TEXT("z"),
    TEXT("INTERNAL"),
    TEXT("true"),
    TEXT("%"),
    TEXT("_"),
    TEXT("*"),
    TEXT("\xff"),
    TEXT("/\xc3"),
    TEXT("a\0b"),
    TEXT("9223372036854775808"),
    TEXT("1e400"),
    BLOB(""),
    BLOB("a"),
    BLOB("404"),
    BLOB("1"),
    BLOB("internal"),
    BLOB("\0"),
};
const size_t pool_trap_count = LENGTH(pool_traps);

/* Two texts longer than the longest expression that the API takes, the same but for case. */
static const struct text *long_texts(void) {
  static char bytes[LONG_TEXTS][1201];
  static const struct text texts[LONG_TEXTS] = {{bytes[0], sizeof bytes[0] - 1}, {bytes[1], sizeof bytes[1] - 1}};
  for (int i = 0; i < LONG_TEXTS; i++) {
    memset(bytes[i], 'x', sizeof bytes[i] - 1);
    bytes[i][0] = '/';
  }
  bytes[1][1] = 'X';
  return texts;
}

static char *json_of_text(const struct text *text) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  sqlite3_str_appendchar(out, 1, '"');
  for (int i = 0; i < text->size; i++) {
    unsigned char byte = (unsigned char)text->bytes[i];
    if (byte < 0x20)
      sqlite3_str_appendf(out, "\\u%04x", byte);
    else if (byte == '"' || byte == '\\')
      sqlite3_str_appendf(out, "\\%c", byte);
    else
      sqlite3_str_appendchar(out, 1, (char)byte);
  }
  sqlite3_str_appendchar(out, 1, '"');
  return sqlite3_str_finish(out);
}

enum { POOL_MAX = 80 };
struct space {
  struct sample samples[POOL_MAX];
  size_t size;
  struct pool pool;
};

static void add(struct space *space, struct bound value, const char *json) {
  if (space->size == POOL_MAX) abort();
  space->samples[space->size++] = (struct sample){value, json};
}

/* What has been added since the last call is as strange as that. */
static void end_of(struct space *space, enum strangeness strangeness) {
  space->pool.count[strangeness] = space->size;
}

static void add_texts(struct space *space, const struct text *texts, size_t count) {
  for (size_t i = 0; i < count; i++)
    add(space, (struct bound){.type = SQLITE_TEXT, .bytes = texts[i].bytes, .size = texts[i].size}, json_of_text(&texts[i]));
}
/* Numbers where the text is one. */
static void add_written(struct space *space, const struct written *written, size_t count, int type) {
  for (size_t i = 0; i < count; i++) {
    struct bound value = {.type = written[i].text ? type : SQLITE_NULL, .bytes = written[i].text};
    if (value.type == SQLITE_TEXT) value.size = (int)strlen(value.bytes);
    if (value.type == SQLITE_INTEGER) value = (struct bound)INTEGER(atoll(written[i].text));
    add(space, value, written[i].json);
  }
}
#define ADD_WRITTEN(space, written, type) add_written(space, written, LENGTH(written), type)

#define ADD_TEXTS(space, texts) add_texts(space, texts, LENGTH(texts))

static void fill_plain(struct space *space, const char *name) {
  if (!strcmp(name, "type")) {
    ADD_TEXTS(space, types);
  } else if (!strcmp(name, "direction")) {
    ADD_TEXTS(space, directions);
  } else if (!strcmp(name, "hreflang")) {
    ADD_TEXTS(space, languages);
  } else if (!strncmp(name, "domain", 6)) {
    ADD_TEXTS(space, domains);
  } else if (strstr(name, "scheme")) {
    ADD_TEXTS(space, schemes);
  } else if (!strncmp(name, "page_", 5)) {
    ADD_TEXTS(space, pages);
  } else if (!strncmp(name, "link_", 5) || !strcmp(name, "image_src")) {
    ADD_TEXTS(space, links);
  } else {
    ADD_TEXTS(space, words);
  }
  add_texts(space, long_texts(), LONG_TEXTS);
}

static void fill(struct space *space, const char *name, const char *type) {
  add(space, (struct bound){.type = SQLITE_NULL}, "null");
  bool text = false;
  if (!strcmp(type, "BOOLEAN")) {
    ADD_WRITTEN(space, booleans, SQLITE_INTEGER);
  } else if (!strcmp(type, "INTEGER")) {
    ADD_WRITTEN(space, statuses, SQLITE_INTEGER);
  } else if (!strcmp(name, "link_attribute")) {
    ADD_WRITTEN(space, arrays, SQLITE_TEXT);
  } else {
    fill_plain(space, name);
    text = true;
  }
  end_of(space, STRANGE_NOT);
  if (text) ADD_WRITTEN(space, halves, SQLITE_TEXT);
  if (!strcmp(name, "link_attribute")) ADD_WRITTEN(space, half_arrays, SQLITE_TEXT);
  end_of(space, STRANGE_HALVES);
  if (text) ADD_WRITTEN(space, strange_texts, SQLITE_TEXT);
  if (!strcmp(name, "link_attribute")) ADD_WRITTEN(space, strange_arrays, SQLITE_TEXT);
  if (!strcmp(type, "INTEGER")) ADD_WRITTEN(space, strange_statuses, SQLITE_INTEGER);
  end_of(space, STRANGE_ANY);
  space->pool.samples = space->samples;
}

const struct pool *pool_of(int field) {
  static struct space spaces[FIELD_COUNT];
  if (!spaces[field].size) fill(&spaces[field], dataset_fields[field].name, dataset_fields[field].type);
  return &spaces[field].pool;
}

const struct sample *pool_numbered(int field, size_t n) {
  static const struct {
    const char *name, *format;
  } numbered[] = {
      {"page_from", "/from/%d"},
      {"page_to", "/p/%d"},
      {"link_from", "https://a.example/from/%d"},
      {"link_to", "https://a.example/p/%d"},
      {"text", "no. %d"},
      {"image_alt", "picture %d"},
  };
  static struct sample samples[LENGTH(numbered)][NUMBERED_MAX];
  for (size_t i = 0; i < LENGTH(numbered); i++) {
    if (strcmp(numbered[i].name, dataset_fields[field].name) != 0) continue;
    struct sample *sample = &samples[i][n];
    if (sample->json) return sample;
    char *text = sqlite3_mprintf(numbered[i].format, (int)n);
    sample->value = (struct bound){.type = SQLITE_TEXT, .bytes = text, .size = (int)strlen(text)};
    sample->json = sqlite3_mprintf("\"%s\"", text);
    return sample;
  }
  return NULL;
}

const struct sample *pool_heavy(void) {
  static char bytes[6001], json[6003];
  static struct sample sample;
  if (!sample.json) {
    memset(bytes, 'h', sizeof bytes - 1);
    snprintf(json, sizeof json, "\"%s\"", bytes);
    sample = (struct sample){{.type = SQLITE_TEXT, .bytes = bytes, .size = sizeof bytes - 1}, json};
  }
  return &sample;
}
