/*
** From terms to the request's body: at most eight conditions, the request's own keys for pages, exactness where it saves
** requests, the fallbacks when the API rejects filters, and what is learnt from them.
*/
#include "plan/query.h"

#include "../unit.h"
#include "wire/request.h"

enum { TERMS_MAX = 12, VALUES_MAX = 2 };

/* A term of a WHERE clause; column NULL ends a list of them. */
struct where_term {
  const char *column;
  enum sql_operator op;
  struct value values[VALUES_MAX];
};

static struct error error;

static int column_of(const char *name) {
  int column = endpoint_column(&endpoint_links, name);
  assert_true(column >= 0);
  return column;
}

static void add(struct query *query, const char *column, enum sql_operator op, const struct value *values, size_t count) {
  query->terms = realloc(query->terms, (query->term_count + 1) * sizeof *query->terms);
  assert_non_null(query->terms);
  struct term *term = &query->terms[query->term_count++];
  *term = (struct term){.column = column_of(column), .op = op, .value_count = count};
  term->values = calloc(count + 1, sizeof *term->values);
  assert_non_null(term->values);
  for (size_t i = 0; i < count; i++) {
    term->values[i] = values[i];
    if (values[i].type != VALUE_TEXT) continue;
    char *copy = malloc(values[i].size + 1);
    assert_non_null(copy);
    memcpy(copy, values[i].text, values[i].size);
    copy[values[i].size] = '\0';
    term->values[i].text = copy;
  }
}

static struct query make(const struct where_term *terms) {
  struct query query = {.endpoint = &endpoint_links, .inputs[INPUT_TASK] = strdup("t"), .limit = -1};
  for (; terms != NULL && terms->column != NULL; terms++)
    add(&query, terms->column, terms->op, terms->values, terms->op == OPERATOR_IN ? VALUES_MAX : 1);
  return query;
}

/* The body that the query sends is {"id":"t", followed by this. */
static void check_body(const struct query *query, const char *expected) {
  const struct position position = {.limit = 9};
  char *body;
  assert_int_equal(request_body(query, query->resolved.conditions, query->resolved.condition_count, &position, &body, &error),
                   0);
  assert_memory_equal(body, "{\"id\":\"t\",", 10);
  assert_string_equal(body + 10, expected);
  free(body);
}

/* ---- What is sent ---- */

enum { COUNT = 1, OFFSET = 2, ALL_AVAILABLE = 4, EXACT = 8 /* of the outcome */ };

struct sent_case {
  struct where_term terms[TERMS_MAX];
  int flags;
  const char *raw; /* filters by hand */
  size_t raw_conditions;
  const char *body;
};

#define RAW8 "[[\"a\",\"=\",1],\"and\",[\"a\",\"=\",2]]" /* passed off as eight */

/* clang-format off */
static const struct sent_case sent_cases[] = {
  {{{.column = NULL}}, EXACT, NULL, 0, "\"limit\":9}"},
  {{{"dofollow", OPERATOR_EQ, {INT(1)}}}, EXACT, NULL, 0, "\"limit\":9,\"filters\":[\"dofollow\",\"=\",true]}"},
  {{{"dofollow", OPERATOR_IS_NULL, {NONE}}}, 0, NULL, 0, "\"limit\":9}"},

  /* The request's own keys. */
  {{{"page_from", OPERATOR_EQ, {TEXT("/a")}}}, 0, NULL, 0, "\"page_from\":\"/a\",\"limit\":9}"},
  {{{"page_from", OPERATOR_EQ, {TEXT("a")}}}, 0, NULL, 0, "\"limit\":9,\"filters\":[\"page_from\",\"=\",\"a\"]}"},
  {{{"page_from", OPERATOR_EQ, {TEXT("/a\0b")}}}, 0, NULL, 0, "\"limit\":9}"},
  {{{"page_from", OPERATOR_LIKE, {TEXT("/a%")}}}, 0, NULL, 0, "\"limit\":9,\"filters\":[\"page_from\",\"regex\",\"(?is)^/a.*$\"]}"},
  {{{"page_from", OPERATOR_IN, {TEXT("/a"), TEXT("/b")}}}, 0, NULL, 0,
   "\"limit\":9,\"filters\":[\"page_from\",\"in\",[\"/a\",\"/b\"]]}"},
  {{{"page_from", OPERATOR_EQ, {TEXT("/a")}}, {"page_from", OPERATOR_EQ, {TEXT("/a")}}}, 0, NULL, 0,
   "\"page_from\":\"/a\",\"limit\":9,\"filters\":[\"page_from\",\"=\",\"/a\"]}"},
  {{{"page_to", OPERATOR_EQ, {TEXT("/a")}}}, 0, NULL, 0, "\"limit\":9,\"filters\":[\"page_to\",\"=\",\"/a\"]}"},
  {{{"page_to", OPERATOR_EQ, {TEXT("/a")}}, {"direction", OPERATOR_EQ, {TEXT("internal")}}}, 0, NULL, 0,
   "\"page_to\":\"/a\",\"limit\":9,\"filters\":[\"direction\",\"=\",\"internal\"]}"},
  {{{"page_to", OPERATOR_EQ, {TEXT("/a")}}, {"direction", OPERATOR_EQ, {TEXT("external")}}}, 0, NULL, 0,
   "\"limit\":9,\"filters\":[[\"page_to\",\"=\",\"/a\"],\"and\",[\"direction\",\"=\",\"external\"]]}"},
  {{{"page_to", OPERATOR_EQ, {TEXT("/a")}}, {"direction", OPERATOR_NE, {TEXT("internal")}}}, 0, NULL, 0,
   "\"limit\":9,\"filters\":[[\"page_to\",\"=\",\"/a\"],\"and\",[\"direction\",\"not_regex\",\"^internal$\"]]}"},
  {{{"page_to", OPERATOR_EQ, {TEXT("/a")}}, {"page_from", OPERATOR_EQ, {TEXT("/b")}},
    {"direction", OPERATOR_EQ, {TEXT("internal")}}}, 0, NULL, 0,
   "\"page_to\":\"/a\",\"page_from\":\"/b\",\"limit\":9,\"filters\":[\"direction\",\"=\",\"internal\"]}"},

  /* Exactness is worth an expression where it saves requests, but only if all terms are exact. */
  {{{"page_from", OPERATOR_EQ, {TEXT("/a")}}}, COUNT | EXACT, NULL, 0,
   "\"limit\":9,\"filters\":[\"page_from\",\"regex\",\"^/a$\"]}"},
  {{{"page_from", OPERATOR_EQ, {TEXT("/a")}}}, OFFSET | EXACT, NULL, 0,
   "\"limit\":9,\"filters\":[\"page_from\",\"regex\",\"^/a$\"]}"},
  {{{"page_from", OPERATOR_EQ, {TEXT("/a")}}, {"link_to", OPERATOR_GLOB, {TEXT("b*")}}}, COUNT, NULL, 0,
   "\"page_from\":\"/a\",\"limit\":9,\"filters\":[\"link_to\",\"regex\",\"(?s)^b.*$\"]}"},
  {{{"link_to", OPERATOR_EQ, {TEXT("a")}}, {"dofollow", OPERATOR_EQ, {INT(1)}}}, OFFSET | EXACT, NULL, 0,
   "\"limit\":9,\"filters\":[[\"link_to\",\"regex\",\"^a$\"],\"and\",[\"dofollow\",\"=\",true]]}"},
  {{{"link_to", OPERATOR_EQ, {TEXT("a")}}, {"dofollow", OPERATOR_IS_NULL, {NONE}}}, OFFSET, NULL, 0,
   "\"limit\":9,\"filters\":[\"link_to\",\"=\",\"a\"]}"},

  /* Columns that the API may not filter by. */
  {{{"is_broken", OPERATOR_EQ, {INT(1)}}}, EXACT, NULL, 0, "\"limit\":9,\"filters\":[\"is_broken\",\"=\",true]}"},
  {{{"text", OPERATOR_EQ, {TEXT("x")}}}, 0, NULL, 0, "\"limit\":9}"},
  {{{"text", OPERATOR_EQ, {TEXT("x")}}}, ALL_AVAILABLE, NULL, 0, "\"limit\":9,\"filters\":[\"text\",\"=\",\"x\"]}"},
  {{{"is_valid_hreflang", OPERATOR_EQ, {INT(1)}}}, 0, NULL, 0, "\"limit\":9}"},
  {{{"is_valid_hreflang", OPERATOR_EQ, {INT(1)}}}, ALL_AVAILABLE | EXACT, NULL, 0,
   "\"limit\":9,\"filters\":[\"is_valid_hreflang\",\"=\",true]}"},

  /* At most eight: first the terms that only the API evaluates, then those that keep the fewest rows. */
  {{{"domain_to", OPERATOR_NE, {TEXT("a")}}, {"dofollow", OPERATOR_EQ, {INT(1)}}, {"link_to", OPERATOR_EQ, {TEXT("a")}},
    {"page_to_status_code", OPERATOR_GT, {INT(399)}}, {"type", OPERATOR_NE, {TEXT("image")}},
    {"link_from", OPERATOR_EQ, {TEXT("b")}}, {"link_from", OPERATOR_REGEX, {TEXT("c")}},
    {"page_to_status_code", OPERATOR_LT, {INT(500)}}, {"domain_to", OPERATOR_EQ, {TEXT("d")}},
    {"is_broken", OPERATOR_EQ, {INT(1)}}}, 0, NULL, 0,
   "\"limit\":9,\"filters\":[[\"link_from\",\"regex\",\"^(?s:.*)(?:c)(?s:.*)$\"],\"and\",[\"link_to\",\"=\",\"a\"],\"and\","
   "[\"link_from\",\"=\",\"b\"],\"and\",[\"domain_to\",\"=\",\"d\"],\"and\",[\"is_broken\",\"=\",true],\"and\","
   "[\"page_to_status_code\",\">\",399],\"and\",[\"page_to_status_code\",\"<\",500],\"and\",[\"dofollow\",\"=\",true]]}"},
  {{{"dofollow", OPERATOR_EQ, {INT(1)}}, {"is_broken", OPERATOR_EQ, {INT(1)}}}, 0, RAW8, 7,
   "\"limit\":9,\"filters\":[" RAW8 ",\"and\",[\"is_broken\",\"=\",true]]}"},
  {{{"dofollow", OPERATOR_EQ, {INT(1)}}, {"is_broken", OPERATOR_EQ, {INT(1)}}}, EXACT, RAW8, 6,
   "\"limit\":9,\"filters\":[" RAW8 ",\"and\",[\"is_broken\",\"=\",true],\"and\",[\"dofollow\",\"=\",true]]}"},
  {{{"is_broken", OPERATOR_EQ, {INT(1)}}}, 0, RAW8, 8, "\"limit\":9,\"filters\":" RAW8 "}"},
  {{{"page_from", OPERATOR_EQ, {TEXT("/a")}}}, 0, RAW8, 8, "\"page_from\":\"/a\",\"limit\":9,\"filters\":" RAW8 "}"},
};
/* clang-format on */

static void test_what_is_sent(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(sent_cases); i++) {
    const struct sent_case *this = &sent_cases[i];
    const struct capabilities capabilities = {.available = this->flags & ALL_AVAILABLE ? ~0ULL : 0};
    struct query query = make(this->terms);
    query.count = (this->flags & COUNT) != 0;
    query.offset = this->flags & OFFSET ? 5 : 0;
    query.inputs[INPUT_FILTERS] = this->raw != NULL ? strdup(this->raw) : NULL;
    query.raw_conditions = this->raw_conditions;
    assert_int_equal(query_resolve(&query, &capabilities, &error), 0);
    check_body(&query, this->body);
    assert_false(query.resolved.empty);
    if (query.resolved.exact != ((this->flags & EXACT) != 0)) fail_msg("case %zu: exact is %d", i, query.resolved.exact);
    query_release(&query);
  }
}

/* ---- What can't be true ---- */

static void test_what_cannot_be_makes_no_request(void **state) {
  static const struct {
    struct where_term terms[3];
    bool count;
    bool empty;
  } cases[] = {
      {{{"is_broken", OPERATOR_EQ, {INT(2)}}}, false, true},
      {{{"link_to", OPERATOR_EQ, {NONE}}}, false, true},
      {{{"page_from", OPERATOR_EQ, {TEXT("/a")}}, {"page_from", OPERATOR_EQ, {TEXT("/b")}}}, false, true},
      {{{"page_from", OPERATOR_EQ, {TEXT("/a")}}, {"page_from", OPERATOR_IN, {TEXT("/b"), TEXT("/c")}}}, false, true},
      {{{"page_to_status_code", OPERATOR_IN, {NONE, NONE}}}, false, true},
      {{{"text", OPERATOR_LIKE, {NONE}}}, false, true},
      {{{"dofollow", OPERATOR_EQ, {INT(1)}}, {"dofollow", OPERATOR_EQ, {INT(0)}}}, false, true},
      {{{"dofollow", OPERATOR_EQ, {INT(1)}}, {"dofollow", OPERATOR_EQ, {INT(1)}}}, false, false},
      {{{"dofollow", OPERATOR_EQ, {INT(1)}}, {"dofollow", OPERATOR_NE, {INT(1)}}}, false, true},
      {{{"dofollow", OPERATOR_IS, {INT(0)}}, {"dofollow", OPERATOR_GT, {INT(0)}}}, false, true},
      {{{"dofollow", OPERATOR_EQ, {INT(1)}}, {"dofollow", OPERATOR_IS_NULL, {NONE}}}, false, true},
      {{{"dofollow", OPERATOR_EQ, {INT(1)}}, {"dofollow", OPERATOR_IS_NOT_NULL, {NONE}}}, false, false},
      {{{"page_to_status_code", OPERATOR_EQ, {INT(404)}}, {"page_to_status_code", OPERATOR_GT, {INT(404)}}}, false, true},
      {{{"page_to_status_code", OPERATOR_EQ, {INT(404)}}, {"page_to_status_code", OPERATOR_GE, {INT(404)}}}, false, false},
      {{{"page_to_status_code", OPERATOR_IN, {INT(1), INT(2)}}, {"page_to_status_code", OPERATOR_EQ, {INT(3)}}}, false, true},
      {{{"page_to_status_code", OPERATOR_IN, {INT(1), INT(2)}}, {"page_to_status_code", OPERATOR_EQ, {INT(2)}}}, false, false},
      {{{"direction", OPERATOR_EQ, {TEXT("internal")}}, {"direction", OPERATOR_EQ, {TEXT("external")}}}, false, true},
      {{{"direction", OPERATOR_EQ, {TEXT("internal")}}, {"direction", OPERATOR_NE, {TEXT("internal")}}}, false, true},
      {{{"direction", OPERATOR_EQ, {TEXT("internal")}}, {"direction", OPERATOR_NE, {TEXT("external")}}}, false, false},
      {{{"direction", OPERATOR_EQ, {TEXT("internal")}}, {"page_to_scheme", OPERATOR_EQ, {TEXT("https")}}}, false, false},
      /* What a number compared with a text column means isn't known here. */
      {{{"direction", OPERATOR_EQ, {TEXT("internal")}}, {"direction", OPERATOR_EQ, {INT(1)}}}, false, false},
      {{{"link_to", OPERATOR_EQ, {TEXT("a")}}, {"link_to", OPERATOR_EQ, {TEXT("b")}}}, true, true},
      {{{"link_to", OPERATOR_EQ, {TEXT("a")}}, {"link_to", OPERATOR_EQ, {TEXT("a")}}}, true, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct capabilities capabilities = {0};
    struct query query = make(cases[i].terms);
    query.count = cases[i].count;
    assert_int_equal(query_resolve(&query, &capabilities, &error), 0);
    if (query.resolved.empty != cases[i].empty) fail_msg("case %zu: empty is %d", i, query.resolved.empty);
    query_release(&query);
  }
}

static void test_terms_for_the_api_alone_are_sent_or_fail(void **state) {
  static const struct {
    struct where_term term;
    size_t raw_conditions;
    enum fallback fallback;
    const char *error; /* part of it; NULL: none */
  } cases[] = {
      {{"link_to", OPERATOR_REGEX, {TEXT("a")}}, 0, FALLBACK_NONE, NULL},
      {{"link_to", OPERATOR_REGEX, {TEXT("a")}}, 7, FALLBACK_NONE, NULL},
      {{"link_to", OPERATOR_REGEX, {TEXT("a")}}, 8, FALLBACK_NONE, "regex(link_to, …)"},
      {{"link_to", OPERATOR_REGEX, {TEXT("a")}}, 0, FALLBACK_ALL, NULL},
      {{"link_to", OPERATOR_NOT_REGEX, {TEXT("a")}}, 8, FALLBACK_NONE, "not_regex(link_to, …)"},
      {{"link_to", OPERATOR_REGEX, {INT(1)}}, 0, FALLBACK_NONE, "can't be sent"},
      {{"text", OPERATOR_REGEX, {TEXT("a")}}, 0, FALLBACK_NONE, "regex(text, …)"},
      {{"link_attribute", OPERATOR_REGEX, {TEXT("a")}}, 0, FALLBACK_NONE, "regex(link_attribute, …)"},
      {{"dofollow", OPERATOR_REGEX, {TEXT("a")}}, 0, FALLBACK_NONE, "regex(dofollow, …)"},
      {{"link_to", OPERATOR_HAS, {TEXT("a")}}, 8, FALLBACK_NONE, NULL}, /* SQLite can evaluate it, too */
      {{"link_to", OPERATOR_NOT_LIKE, {TEXT("a")}}, 8, FALLBACK_NONE, NULL},
      {{"link_to", OPERATOR_REGEX, {NONE}}, 8, FALLBACK_NONE, NULL}, /* no row: no request */
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct where_term terms[] = {cases[i].term, {.column = NULL}};
    const struct capabilities capabilities = {0};
    struct query query = make(terms);
    query.inputs[INPUT_FILTERS] = strdup(RAW8);
    query.raw_conditions = cases[i].raw_conditions;
    query.fallback = cases[i].fallback;
    int result = query_resolve(&query, &capabilities, &error);
    if (result != (cases[i].error != NULL ? -1 : 0)) fail_msg("case %zu gives %d", i, result);
    if (result != 0 && strstr(error.message, cases[i].error) == NULL) fail_msg("%s", error.message);
    query_release(&query);
  }
}

/* ---- available_filters ---- */

static void test_available_filters_are_asked_only_when_it_matters(void **state) {
  static const struct {
    struct where_term terms[10];
    bool asked;
    bool wants;
  } cases[] = {
      {{{"link_to", OPERATOR_EQ, {TEXT("a")}}}, false, false},
      {{{"text", OPERATOR_EQ, {TEXT("a")}}}, false, true},
      {{{"text", OPERATOR_EQ, {TEXT("a")}}}, true, false},
      {{{"text", OPERATOR_IS_NULL, {NONE}}}, false, false},
      {{{"text", OPERATOR_EQ, {TEXT("a")}}, {"is_broken", OPERATOR_EQ, {INT(2)}}}, false, false},
      {{{"text", OPERATOR_REGEX, {TEXT("a")}}}, false, true},
      {{{"is_broken", OPERATOR_EQ, {INT(1)}}}, false, false},
      /* Eight others are preferred. */
      {{{"link_to", OPERATOR_REGEX, {TEXT("1")}},
        {"link_to", OPERATOR_REGEX, {TEXT("2")}},
        {"link_to", OPERATOR_REGEX, {TEXT("3")}},
        {"link_to", OPERATOR_REGEX, {TEXT("4")}},
        {"link_to", OPERATOR_REGEX, {TEXT("5")}},
        {"link_to", OPERATOR_REGEX, {TEXT("6")}},
        {"link_to", OPERATOR_REGEX, {TEXT("7")}},
        {"link_to", OPERATOR_REGEX, {TEXT("8")}},
        {"text", OPERATOR_EQ, {TEXT("a")}}},
       false,
       false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct capabilities capabilities = {.available_asked = cases[i].asked};
    struct query query = make(cases[i].terms);
    bool wants = !cases[i].wants;
    assert_int_equal(query_wants_available(&query, &capabilities, &wants, &error), 0);
    if (wants != cases[i].wants) fail_msg("case %zu: %d", i, wants);
    query_release(&query);
  }
}

/* ---- Fallbacks ---- */

#define STATUS "[\"page_to_status_code\",\"=\",404]"

static void test_fallback_step_by_step(void **state) {
  static const struct where_term all[] = {{"link_to", OPERATOR_IN, {TEXT("a"), TEXT("b")}},
                                          {"is_broken", OPERATOR_EQ, {INT(1)}},
                                          {"page_to_status_code", OPERATOR_EQ, {INT(404)}},
                                          {"page_from", OPERATOR_EQ, {TEXT("/")}},
                                          {.column = NULL}};
  static const struct where_term page[] = {{"page_from", OPERATOR_EQ, {TEXT("/")}}, {.column = NULL}};
  static const struct where_term expression[] = {{"link_to", OPERATOR_REGEX, {TEXT("x")}}, {.column = NULL}};
  static const struct {
    const struct where_term *terms;
    const char *bodies[5]; /* the first one as it is, then after each step */
  } cases[] = {
      {all,
       {"\"page_from\":\"/\",\"limit\":9,\"filters\":[[\"is_broken\",\"=\",true],\"and\"," STATUS
        ",\"and\",[\"link_to\",\"in\",[\"a\",\"b\"]]]}",
        "\"page_from\":\"/\",\"limit\":9,\"filters\":[[\"is_broken\",\"=\",true],\"and\"," STATUS
        ",\"and\",[\"link_to\",\"regex\",\"^(?:a|b)$\"]]}",
        "\"page_from\":\"/\",\"limit\":9,\"filters\":[" STATUS ",\"and\",[\"link_to\",\"regex\",\"^(?:a|b)$\"]]}",
        "\"limit\":9}", NULL}},
      {page, {"\"page_from\":\"/\",\"limit\":9}", "\"limit\":9}", NULL}},
      {expression, {"\"limit\":9,\"filters\":[\"link_to\",\"regex\",\"^(?s:.*)(?:x)(?s:.*)$\"]}", NULL}},
      {NULL, {"\"limit\":9}", NULL}},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct capabilities capabilities = {0};
    struct query query = make(cases[i].terms);
    for (const char *const *body = cases[i].bodies;; body++) {
      assert_int_equal(query_resolve(&query, &capabilities, &error), 0);
      check_body(&query, *body);
      if (!query_fall_back(&query)) {
        assert_null(body[1]);
        break;
      }
      assert_non_null(body[1]);
    }
    query_release(&query);
  }
}

static void test_what_a_fallback_teaches(void **state) {
  static const struct where_term terms[] = {
      {"link_to", OPERATOR_IN, {TEXT("a"), TEXT("b")}}, {"is_broken", OPERATOR_EQ, {INT(1)}}, {.column = NULL}};
  static const struct {
    enum fallback fallback;
    bool lists, text_in, field;
    const char *body; /* of the next query that asks for the same */
  } cases[] = {
      {FALLBACK_NONE, false, false, false,
       "\"limit\":9,\"filters\":[[\"is_broken\",\"=\",true],\"and\",[\"link_to\",\"in\",[\"a\",\"b\"]]]}"},
      {FALLBACK_LENGTH, true, false, false,
       "\"limit\":9,\"filters\":[[\"is_broken\",\"=\",true],\"and\",[\"link_to\",\"in\",[\"a\",\"b\"]]]}"},
      {FALLBACK_TEXT_IN, false, true, false,
       "\"limit\":9,\"filters\":[[\"is_broken\",\"=\",true],\"and\",[\"link_to\",\"regex\",\"^(?:a|b)$\"]]}"},
      {FALLBACK_FIELDS, false, false, true, "\"limit\":9,\"filters\":[\"link_to\",\"in\",[\"a\",\"b\"]]}"},
      /* Anything may have been the reason: nothing is learnt. */
      {FALLBACK_ALL, false, false, false,
       "\"limit\":9,\"filters\":[[\"is_broken\",\"=\",true],\"and\",[\"link_to\",\"in\",[\"a\",\"b\"]]]}"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct capabilities capabilities = {0};
    struct query query = make(terms), next = make(terms);
    query.fallback = cases[i].fallback;
    capabilities_learn(&capabilities, query.endpoint, query.fallback, query.terms, query.term_count);
    assert_int_equal(capabilities.length_rejected, cases[i].lists);
    assert_int_equal(capabilities.text_in_rejected, cases[i].text_in);
    assert_int_equal(capabilities.rejected, cases[i].field ? 1ULL << column_of("is_broken") : 0);
    assert_int_equal(query_resolve(&next, &capabilities, &error), 0);
    check_body(&next, cases[i].body);
    query_release(&query);
    query_release(&next);
  }
}

/* ---- Long lists ---- */

/* Adds `IN` with `count` values: integers, or texts of two letters. */
static void add_list(struct query *query, const char *column, size_t count) {
  struct value *values = calloc(count, sizeof *values);
  char(*texts)[4] = calloc(count, sizeof *texts);
  assert_non_null(values);
  assert_non_null(texts);
  bool numbers = strcmp(column, "page_to_status_code") == 0;
  for (size_t i = 0; i < count; i++) {
    texts[i][0] = (char)('a' + i / 26 % 26);
    texts[i][1] = (char)('a' + i % 26);
    if (numbers)
      values[i] = (struct value){.type = VALUE_INTEGER, .integer = (int64_t)i};
    else
      values[i] = (struct value){.type = VALUE_TEXT, .text = texts[i], .size = 2};
  }
  add(query, column, OPERATOR_IN, values, count);
  free(values);
  free(texts);
}

static void test_long_lists(void **state) {
  static const struct {
    size_t numbers, texts; /* members of two lists; 0: no list */
    struct capabilities capabilities;
    size_t conditions;
    int long_list;
    bool exact;
  } cases[] = {
      {1000, 0, {0}, 1, -1, true},
      {1001, 0, {0}, 1, 0, false}, /* in pieces, each with a total of its own */
      {1001, 500, {0}, 2, 0, false},
      {1001, 1001, {0}, 1, 0, false}, /* one list in pieces, not two */
      {100, 0, {.length_rejected = true}, 1, -1, true},
      {101, 0, {.length_rejected = true}, 1, 0, false},
      {4999, 0, {.length_rejected = true}, 1, 0, false},
      {5001, 0, {.length_rejected = true}, 0, -1, false}, /* more pieces than reading everything takes */
      {0, 401, {.length_rejected = true}, 1, 0, false},
      {0, 101, {.length_rejected = true}, 1, -1, true}, /* an expression is exact */
      /* An expression isn't a list, and isn't cut in pieces. */
      {0, 120, {.length_rejected = true, .text_in_rejected = true}, 1, -1, true},
      {0, 600, {.text_in_rejected = true}, 0, -1, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct query query = make(NULL);
    query.count = true;
    if (cases[i].numbers > 0) add_list(&query, "page_to_status_code", cases[i].numbers);
    if (cases[i].texts > 0) add_list(&query, "link_to", cases[i].texts);
    assert_int_equal(query_resolve(&query, &cases[i].capabilities, &error), 0);
    if (query.resolved.condition_count != cases[i].conditions || query.resolved.long_list != cases[i].long_list ||
        query.resolved.exact != cases[i].exact)
      fail_msg("case %zu: %zu conditions, long list %d, exact %d", i, query.resolved.condition_count, query.resolved.long_list,
               query.resolved.exact);
    query_release(&query);
  }
}

/* ---- Lengths ---- */

/* Adds `op` with values of `size` bytes; all but the first consist of control characters, which take six bytes each in JSON. */
static void add_texts(struct query *query, const char *column, enum sql_operator op, size_t count, size_t size) {
  struct value *values = calloc(count, sizeof *values);
  char *text = malloc(size);
  assert_non_null(values);
  assert_non_null(text);
  memset(text, 1, size);
  for (size_t i = 0; i < count; i++) values[i] = (struct value){.type = VALUE_TEXT, .text = text, .size = size};
  add(query, column, op, values, count);
  free(values);
  free(text);
}

static void test_what_is_too_long_is_not_sent(void **state) {
  static const struct {
    enum sql_operator op;
    size_t count, size; /* of the values */
    enum fallback fallback;
    size_t conditions, first, pieces; /* values in the first piece; 0: not in pieces */
    bool shortens;
  } cases[] = {
      {OPERATOR_EQ, 1, 680, FALLBACK_NONE, 1, 0, 0, true},     {OPERATOR_EQ, 1, 690, FALLBACK_NONE, 0, 0, 0, false},
      {OPERATOR_EQ, 1, 80, FALLBACK_LENGTH, 1, 0, 0, false},   {OPERATOR_EQ, 1, 90, FALLBACK_LENGTH, 0, 0, 0, false},
      {OPERATOR_EQ, 1, 80, FALLBACK_NONE, 1, 0, 0, false},     {OPERATOR_IN, 80, 100, FALLBACK_NONE, 1, 0, 0, true},
      {OPERATOR_IN, 82, 100, FALLBACK_NONE, 1, 81, 2, true},   {OPERATOR_IN, 4050, 100, FALLBACK_NONE, 1, 81, 50, true},
      {OPERATOR_IN, 4051, 100, FALLBACK_NONE, 0, 0, 0, false}, {OPERATOR_IN, 2, 690, FALLBACK_NONE, 0, 0, 0, false},
      {OPERATOR_IN, 40, 80, FALLBACK_LENGTH, 1, 12, 4, false}, {OPERATOR_IN, 2, 10, FALLBACK_LENGTH, 1, 0, 0, false},
      {OPERATOR_IN, 2, 10, FALLBACK_IN, 1, 0, 0, false}, /* as an expression */
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct capabilities capabilities = {0};
    struct query query = make(NULL);
    add_texts(&query, "link_to", cases[i].op, cases[i].count, cases[i].size);
    query.fallback = cases[i].fallback;
    assert_int_equal(query_resolve(&query, &capabilities, &error), 0);
    size_t pieces = 0;
    for (size_t at = 0; query.resolved.long_list >= 0 && at < cases[i].count; at += query_list_piece(&query, at)) pieces++;
    if (query.resolved.condition_count != cases[i].conditions || pieces != cases[i].pieces ||
        (pieces > 0 && query_list_piece(&query, 0) != cases[i].first))
      fail_msg("case %zu: %zu conditions, %zu pieces", i, query.resolved.condition_count, pieces);
    if (query_shorten(&query) != cases[i].shortens) fail_msg("case %zu: shortens", i);
    query_release(&query);
  }
}

/* ---- What is known without reading ---- */

static void test_fixed_values(void **state) {
  static const struct {
    struct where_term term;
    bool count;
    struct value fixed;
  } cases[] = {
      {{"dofollow", OPERATOR_EQ, {INT(1)}}, false, INT(1)},
      {{"dofollow", OPERATOR_NE, {INT(1)}}, false, INT(0)},
      {{"dofollow", OPERATOR_GT, {INT(0)}}, false, INT(1)},
      {{"page_to_status_code", OPERATOR_IS, {INT(404)}}, false, INT(404)},
      {{"page_to_status_code", OPERATOR_EQ, {{.type = VALUE_REAL, .real = 404.0}}}, false, INT(404)},
      {{"page_to_status_code", OPERATOR_GE, {INT(404)}}, false, NONE},
      {{"page_to_status_code", OPERATOR_NE, {INT(404)}}, false, NONE},
      {{"page_to_status_code", OPERATOR_IN, {INT(404), INT(404)}}, false, NONE},
      {{"direction", OPERATOR_EQ, {TEXT("internal")}}, false, TEXT("internal")},
      {{"direction", OPERATOR_NE, {TEXT("internal")}}, false, NONE},
      {{"link_to", OPERATOR_EQ, {TEXT("a")}}, false, TEXT("a")},
      {{"link_to", OPERATOR_EQ, {TEXT("a.b")}}, true, TEXT("a.b")},
      {{"link_to", OPERATOR_IS, {TEXT("a.b")}}, true, TEXT("a.b")},
      {{"link_to", OPERATOR_REGEX, {TEXT("a")}}, true, NONE},
      {{"link_attribute", OPERATOR_HAS, {TEXT("a")}}, true, NONE},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct where_term terms[] = {cases[i].term, {.column = NULL}};
    const struct capabilities capabilities = {0};
    struct value value = NONE;
    struct query query = make(terms);
    query.count = cases[i].count;
    assert_int_equal(query_resolve(&query, &capabilities, &error), 0);
    bool fixed = query_fixed_value(&query, column_of(cases[i].term.column), &value);
    if (fixed != (cases[i].fixed.type != VALUE_NULL)) fail_msg("case %zu: %d", i, fixed);
    if (fixed && value.type == VALUE_TEXT) assert_true(value_is_text(&value, cases[i].fixed.text, cases[i].fixed.size));
    if (fixed && value.type == VALUE_INTEGER) assert_true(value.integer == cases[i].fixed.integer);
    assert_int_equal(value.type, cases[i].fixed.type);
    assert_false(query_fixed_value(&query, column_of("type"), &value));
    query_release(&query);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_sent),
      cmocka_unit_test(test_what_cannot_be_makes_no_request),
      cmocka_unit_test(test_terms_for_the_api_alone_are_sent_or_fail),
      cmocka_unit_test(test_available_filters_are_asked_only_when_it_matters),
      cmocka_unit_test(test_fallback_step_by_step),
      cmocka_unit_test(test_what_a_fallback_teaches),
      cmocka_unit_test(test_long_lists),
      cmocka_unit_test(test_what_is_too_long_is_not_sent),
      cmocka_unit_test(test_fixed_values),
  };
  return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
