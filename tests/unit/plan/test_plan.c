/*
** The planner: which of SQLite's offers it takes, shown by the plan's text and by what SQLite is told about each offer; decoding
** of the text, whole, cut off and damaged; and the order of costs, by which SQLite chooses.
*/
#include "plan/plan.h"

#include "../unit.h"

static struct error error;

static int column_of(const char *name) {
  int column = endpoint_column(&endpoint_links, name);
  assert_true(column >= 0);
  return column;
}

/* ---- Inputs ---- */

/* An offer; by default it is usable, and its collation is BINARY. */
enum { UNUSABLE = 1, NOCASE = 2, LIST = 4 };

struct given {
  const char *column; /* or LIMIT, OFFSET, OTHER; NULL ends a list */
  enum sql_operator op;
  int flags;
};

/* An input; by default pushdown is on and nothing is bound. */
enum { BOUND = 1, ORDERED = 2, NO_PUSHDOWN = 4, NO_COUNTS = 8, LEAKS = 16, BOUND_FILTERS = 32 };

enum { OFFERS_MAX = 20 };

struct asked {
  struct plan_input input;
  struct offer offers[OFFERS_MAX];
};

static struct offer make_offer(const struct given *given) {
  struct offer offer = {.kind = OFFER_OTHER, .usable = (given->flags & UNUSABLE) == 0};
  if (strcmp(given->column, "LIMIT") == 0) offer.kind = OFFER_LIMIT;
  if (strcmp(given->column, "OFFSET") == 0) offer.kind = OFFER_OFFSET;
  if (offer.kind != OFFER_OTHER || strcmp(given->column, "OTHER") == 0) return offer;
  offer.kind = OFFER_TERM;
  offer.column = column_of(given->column);
  offer.op = given->op;
  offer.binary = (given->flags & NOCASE) == 0;
  offer.in = (given->flags & LIST) != 0;
  return offer;
}

/* used: names of the columns that the statement reads, separated by blanks. */
static void ask(struct asked *asked, const struct given *given, int flags, const char *used) {
  *asked = (struct asked){.input = {.offers = asked->offers,
                                    .ordered = (flags & ORDERED) != 0,
                                    .bound = flags & BOUND ? 1ULL << column_of("task_id") : 0,
                                    .pushdown = (flags & NO_PUSHDOWN) == 0,
                                    .count_pushdown = (flags & NO_COUNTS) == 0,
                                    .leaks_on_terms = (flags & LEAKS) != 0,
                                    .page_size = 1000,
                                    .rows = 50000}};
  if (flags & BOUND_FILTERS) asked->input.bound |= 1ULL << column_of("filters");
  for (; given->column != NULL; given++) asked->offers[asked->input.offer_count++] = make_offer(given);
  for (int i = 0; i < endpoint_links.column_count; i++) {
    const char *name = endpoint_links.columns[i].name;
    for (const char *at = used; (at = strstr(at, name)) != NULL; at++) {
      char end = at[strlen(name)];
      if ((at == used || at[-1] == ' ') && (end == ' ' || end == '\0')) asked->input.columns_used |= 1ULL << i;
    }
  }
}

static char *encode(const struct plan *plan) {
  struct buffer text = {0};
  plan_encode(&endpoint_links, plan, &text);
  return buffer_take(&text);
}

/* What SQLite is told about each offer: its argument or -, o for omit, l for a list taken whole. */
static void describe(const struct plan_usage *usage, int count, char *text, size_t size) {
  text[0] = '\0';
  for (int i = 0; i < count; i++) {
    char number[12] = "-";
    if (usage[i].argument > 0) snprintf(number, sizeof number, "%d", usage[i].argument);
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s%s%s", i > 0 ? " " : "", number, usage[i].omit ? "o" : "",
             usage[i].at_once ? "l" : "");
  }
}

/* ---- What is taken ---- */

/* clang-format off */
#define TASK {"task_id", OPERATOR_EQ, 0}
#define LIMIT {"LIMIT", OPERATOR_EQ, 0}
#define OFFSET {"OFFSET", OPERATOR_EQ, 0}
#define OTHER {"OTHER", OPERATOR_EQ, 0}
/* clang-format on */

struct plan_case {
  struct given offers[OFFERS_MAX];
  int flags;
  const char *used;
  const char *plan;
  const char *usage;
};

/* clang-format off */
static const struct plan_case plan_cases[] = {
  /* Inputs. */
  {{TASK}, 0, "type", "task_id = ?", "1"},
  {{{"task_id", OPERATOR_IS, 0}}, 0, "type", "task_id = ?", "1"},
  {{{"task_id", OPERATOR_EQ, NOCASE}}, 0, "type", "task_id = ?", "1"},
  {{{.column = NULL}}, 0, "type", "no task_id", ""},
  {{{.column = NULL}}, BOUND, "type", "the bound task_id", ""},
  {{TASK}, BOUND, "type", "task_id = ?", "1"},
  {{{"task_id", OPERATOR_EQ, UNUSABLE}}, 0, "type", "no task_id", "-"},
  {{{"task_id", OPERATOR_EQ, UNUSABLE}}, BOUND, "type", "the bound task_id", "-"},
  {{{"task_id", OPERATOR_GT, 0}}, 0, "type", "no task_id", "-"},
  {{{"task_id", OPERATOR_LIKE, 0}}, 0, "type", "no task_id", "-"},
  {{TASK, TASK}, 0, "type", "task_id = ? AND task_id = ?", "1 2"},
  {{{"task_id", OPERATOR_EQ, UNUSABLE}, TASK}, 0, "type", "task_id = ?", "- 1"},
  {{{"task_id", OPERATOR_EQ, LIST}}, 0, "type", "task_id = ?", "1"},
  {{{"tag", OPERATOR_EQ, 0}, {"filters", OPERATOR_EQ, 0}, TASK}, 0, "type", "tag = ? AND filters = ? AND task_id = ?", "1 2 3"},
  {{TASK, {"filters", OPERATOR_EQ, UNUSABLE}}, 0, "type", "no task_id AND task_id = ?", "1 -"},
  {{TASK, {"filters", OPERATOR_EQ, UNUSABLE}}, BOUND_FILTERS, "type", "task_id = ?", "1 -"},
  {{{"filters", OPERATOR_EQ, 0}}, BOUND, "type", "the bound task_id AND filters = ?", "1"},

  /* Terms: values come with the inputs' first. */
  {{{"is_broken", OPERATOR_EQ, 0}, TASK}, 0, "type", "task_id = ? AND is_broken = ?", "2 1"},
  {{TASK, {"is_broken", OPERATOR_EQ, UNUSABLE}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"page_to_status_code", OPERATOR_EQ, LIST}}, 0, "type", "task_id = ? AND page_to_status_code IN ?", "1 2l"},
  {{TASK, {"link_to", OPERATOR_EQ, LIST}}, 0, "type", "task_id = ? AND link_to IN ?", "1 2l"},
  {{TASK, {"link_attribute", OPERATOR_EQ, LIST}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"is_broken", OPERATOR_IS_NULL, 0}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"is_broken", OPERATOR_IS_NOT, 0}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"link_to", OPERATOR_GT, 0}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"link_to", OPERATOR_EQ, NOCASE}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"link_to", OPERATOR_NE, NOCASE}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"link_to", OPERATOR_LIKE, NOCASE}}, 0, "type", "task_id = ? AND link_to LIKE ?", "1 2"},
  {{TASK, {"page_to_status_code", OPERATOR_EQ, NOCASE}}, 0, "type", "task_id = ? AND page_to_status_code = ?", "1 2"},
  {{TASK, {"total_items_count", OPERATOR_GT, 0}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"item", OPERATOR_LIKE, 0}}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, OTHER}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}, {"link_to", OPERATOR_REGEX, 0}}, NO_PUSHDOWN, "type", "task_id = ?", "1 - -"},
  {{TASK, {"link_to", OPERATOR_REGEX, 0}}, 0, "type", "task_id = ? AND only link_to regex ?", "1 2o"},
  {{TASK, {"link_to", OPERATOR_NOT_LIKE, 0}}, 0, "type", "task_id = ? AND link_to not_like ?", "1 2"},
  {{TASK, {"link_attribute", OPERATOR_HAS, 0}}, 0, "type", "task_id = ? AND link_attribute has ?", "1 2"},
  {{{"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0},
    {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0},
    {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0},
    {"type", OPERATOR_NE, 0}, {"type", OPERATOR_NE, 0}, TASK, LIMIT}, 0, "type",
   "task_id = ? AND type <> ? AND type <> ? AND type <> ? AND type <> ? AND type <> ? AND type <> ? AND type <> ? AND type <> ?"
   " AND type <> ? AND type <> ? AND type <> ? AND type <> ? AND type <> ?", "2 3 4 5 6 7 8 9 10 11 12 13 14 - 1 -"},

  /* LIMIT is a hint: SQLite isn't told to leave it out. */
  {{TASK, LIMIT}, 0, "type", "task_id = ? LIMIT ?", "1 2"},
  {{LIMIT, TASK, {"is_broken", OPERATOR_EQ, 0}}, 0, "type", "task_id = ? AND is_broken = ? LIMIT ?", "3 1 2"},
  {{TASK, {"link_to", OPERATOR_LIKE, 0}, LIMIT}, 0, "type", "task_id = ? AND link_to LIKE ? LIMIT ?", "1 2 3"},
  {{TASK, {"link_to", OPERATOR_GT, 0}, LIMIT}, 0, "type", "task_id = ?", "1 - -"},
  {{TASK, OTHER, LIMIT}, 0, "type", "task_id = ?", "1 - -"},
  {{TASK, LIMIT}, ORDERED, "type", "task_id = ?", "1 -"},
  {{TASK, {"LIMIT", OPERATOR_EQ, UNUSABLE}}, 0, "type", "task_id = ?", "1 -"},
  {{{"task_id", OPERATOR_EQ, LIST}, LIMIT}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}, LIMIT}, NO_PUSHDOWN, "type", "task_id = ?", "1 - -"},

  /* So is OFFSET. Where rows are skipped unread, the scan checks terms instead of SQLite. */
  {{TASK, LIMIT, OFFSET}, 0, "type", "task_id = ? LIMIT ? OFFSET ?", "1 2 3"},
  {{TASK, OFFSET, LIMIT}, 0, "type", "task_id = ? LIMIT ? OFFSET ?", "1 3 2"},
  {{TASK, OFFSET}, 0, "type", "task_id = ?", "1 -"},
  {{TASK, LIMIT, OFFSET}, ORDERED, "type", "task_id = ?", "1 - -"},
  {{{"task_id", OPERATOR_EQ, LIST}, LIMIT, OFFSET}, 0, "type", "task_id = ?", "1 - -"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}, LIMIT, OFFSET}, 0, "type",
   "task_id = ? AND only is_broken = ? LIMIT ? OFFSET ?", "1 2o 3 4"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}, {"link_to", OPERATOR_LIKE, 0}, LIMIT, OFFSET}, 0, "type",
   "task_id = ? AND is_broken = ? AND link_to LIKE ? LIMIT ? OFFSET ?", "1 2 3 4 5"},
  {{TASK, {"page_to_status_code", OPERATOR_NE, 0}, LIMIT, OFFSET}, 0, "type",
   "task_id = ? AND page_to_status_code <> ? LIMIT ? OFFSET ?", "1 2 3 4"},
  {{TASK, {"dofollow", OPERATOR_NE, 0}, LIMIT, OFFSET}, LEAKS, "type",
   "task_id = ? AND only dofollow <> ? LIMIT ? OFFSET ?", "1 2o 3 4"},
  {{TASK, {"link_to", OPERATOR_EQ, 0}, LIMIT, OFFSET}, 0, "type", "task_id = ? AND link_to = ? LIMIT ? OFFSET ?", "1 2 3 4"},
  {{TASK, {"link_to", OPERATOR_EQ, LIST}, LIMIT, OFFSET}, 0, "type",
   "task_id = ? AND only link_to IN ? LIMIT ? OFFSET ?", "1 2ol 3 4"},
  {{TASK, {"link_to", OPERATOR_GT, 0}, LIMIT, OFFSET}, 0, "type", "task_id = ?", "1 - - -"},
  {{TASK, {"link_to", OPERATOR_REGEX, 0}, LIMIT, OFFSET}, 0, "type",
   "task_id = ? AND only link_to regex ? LIMIT ? OFFSET ?", "1 2o 3 4"},
  {{TASK, {"page_to_status_code", OPERATOR_LE, 0}, LIMIT, OFFSET}, 0, "type",
   "task_id = ? AND only page_to_status_code <= ? LIMIT ? OFFSET ?", "1 2o 3 4"},

  /* The most terms that fit, with LIMIT and OFFSET after them. */
  {{TASK, {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0},
    {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0},
    {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0}, {"dofollow", OPERATOR_NE, 0},
    {"dofollow", OPERATOR_NE, 0}, LIMIT, OFFSET}, 0, "type",
   "task_id = ? AND only dofollow <> ? AND only dofollow <> ? AND only dofollow <> ? AND only dofollow <> ? AND only dofollow <> ?"
   " AND only dofollow <> ? AND only dofollow <> ? AND only dofollow <> ? AND only dofollow <> ? AND only dofollow <> ?"
   " AND only dofollow <> ? AND only dofollow <> ? AND only dofollow <> ? LIMIT ? OFFSET ?",
   "1 2o 3o 4o 5o 6o 7o 8o 9o 10o 11o 12o 13o 14o 15 16"},

  /* Counts: all that is read is settled by terms or is in the envelope. */
  {{TASK}, 0, "", "count of task_id = ?", "1"},
  {{{.column = NULL}}, BOUND, "", "count of the bound task_id", ""},
  {{TASK}, 0, "task_id tag total_items_count crawl_progress", "count of task_id = ?", "1"},
  {{TASK}, 0, "item", "task_id = ?", "1"},
  {{TASK}, 0, "hreflang", "task_id = ?", "1"},
  {{TASK}, NO_COUNTS, "", "task_id = ?", "1"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}}, 0, "is_broken", "count of task_id = ? AND only is_broken = ?", "1 2o"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}}, 0, "is_broken type", "task_id = ? AND is_broken = ?", "1 2"},
  {{TASK, {"page_to_status_code", OPERATOR_GT, 0}}, 0, "page_to_status_code",
   "count of task_id = ? AND only page_to_status_code > ?", "1 2o"},
  {{TASK, {"page_to_status_code", OPERATOR_EQ, LIST}}, 0, "page_to_status_code",
   "count of task_id = ? AND only page_to_status_code IN ?", "1 2ol"},
  {{TASK, {"page_to_status_code", OPERATOR_NE, 0}}, 0, "page_to_status_code", "task_id = ? AND page_to_status_code <> ?", "1 2"},
  {{TASK, {"link_to", OPERATOR_EQ, 0}}, 0, "link_to", "count of task_id = ? AND link_to = ?", "1 2"},
  {{TASK, {"link_to", OPERATOR_LIKE, 0}}, 0, "link_to", "task_id = ? AND link_to LIKE ?", "1 2"},
  {{TASK, {"type", OPERATOR_EQ, LIST}}, 0, "type", "count of task_id = ? AND only type IN ?", "1 2ol"},
  {{TASK, {"link_to", OPERATOR_REGEX, 0}}, 0, "", "count of task_id = ? AND only link_to regex ?", "1 2o"},
  {{TASK, {"link_to", OPERATOR_REGEX, 0}}, LEAKS, "", "task_id = ? AND only link_to regex ?", "1 2o"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}}, LEAKS, "is_broken", "count of task_id = ? AND only is_broken = ?", "1 2o"},
  {{TASK, {"is_broken", OPERATOR_IS_NULL, 0}}, 0, "is_broken", "task_id = ?", "1 -"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}}, NO_PUSHDOWN, "is_broken", "task_id = ?", "1 -"},
  {{TASK, {"is_broken", OPERATOR_EQ, 0}, LIMIT, OFFSET}, 0, "is_broken",
   "count of task_id = ? AND only is_broken = ? LIMIT ? OFFSET ?", "1 2o 3 4"},
};
/* clang-format on */

static void test_what_is_taken(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(plan_cases); i++) {
    const struct plan_case *this = &plan_cases[i];
    struct plan_usage usage[OFFERS_MAX] = {{0}};
    char told[OFFERS_MAX * 8];
    struct asked asked;
    struct plan plan;
    ask(&asked, this->offers, this->flags, this->used);
    plan_make(&endpoint_links, &asked.input, &plan, usage);
    char *text = encode(&plan);
    describe(usage, asked.input.offer_count, told, sizeof told);
    if (strcmp(text, this->plan) != 0) fail_msg("case %zu: %s", i, text);
    if (strcmp(told, this->usage) != 0) fail_msg("case %zu, %s: %s", i, text, told);
    free(text);
  }
}

/* ---- Its text ---- */

/* Decoding the text gives the same plan, except for the members that aren't in the text. */
static void check_round_trip(const struct plan *plan) {
  char *text = encode(plan);
  struct plan decoded;
  memset(&decoded, 0xAA, sizeof decoded);
  if (plan_decode(&endpoint_links, text, &decoded, &error) != 0) fail_msg("%s", error.message);
  assert_int_equal(decoded.input_missing, plan->input_missing);
  assert_int_equal(decoded.count, plan->count);
  assert_int_equal(decoded.limit, plan->limit);
  assert_int_equal(decoded.offset, plan->offset);
  assert_int_equal(decoded.term_count, plan->term_count);
  for (int i = 0; i < plan->term_count; i++) {
    assert_int_equal(decoded.terms[i].column, plan->terms[i].column);
    assert_int_equal(decoded.terms[i].op, plan->terms[i].op);
    assert_int_equal(decoded.terms[i].checked_here, plan->terms[i].checked_here);
  }
  free(text);
}

static void test_every_term_comes_back(void **state) {
  (void)state;
  for (int column = 0; column < endpoint_links.column_count; column++)
    for (int op = 0; op < OPERATOR_COUNT; op++)
      for (int flags = 0; flags < 8; flags++) {
        const struct plan plan = {.terms = {{.column = column, .op = (enum sql_operator)op, .checked_here = (flags & 1) != 0}},
                                  .term_count = 1,
                                  .limit = (flags & 2) != 0,
                                  .offset = (flags & 4) != 0};
        check_round_trip(&plan);
      }
}

static uint32_t random_state = 1;

static int random_below(int limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (int)((random_state >> 8) % (uint32_t)limit);
}

static struct plan random_plan(void) {
  struct plan plan = {.term_count = random_below(PLAN_TERMS_MAX + 1),
                      .input_missing = random_below(4) == 0,
                      .count = random_below(2) == 0,
                      .limit = random_below(2) == 0,
                      .offset = random_below(2) == 0};
  for (int i = 0; i < plan.term_count; i++)
    plan.terms[i] = (struct plan_term){.column = random_below(endpoint_links.column_count),
                                       .op = (enum sql_operator)random_below(OPERATOR_COUNT),
                                       .checked_here = random_below(2) == 0};
  return plan;
}

static void test_random_plans_come_back(void **state) {
  (void)state;
  for (int i = 0; i < 2000; i++) {
    const struct plan plan = random_plan();
    check_round_trip(&plan);
  }
}

/* Any text is an error, or decodes to a plan that encodes to the same text. (A plan whose task was cut off decodes as bound.) */
static void check_damaged(const char *text) {
  static const char bound[] = "the bound task_id AND ";
  struct plan plan;
  memset(&plan, 0xAA, sizeof plan);
  error.message[0] = '\0';
  if (plan_decode(&endpoint_links, text, &plan, &error) == 0) {
    char *again = encode(&plan);
    char *place = strstr(again, bound);
    if (place != NULL && strstr(text, bound) == NULL)
      memmove(place, place + sizeof bound - 1, strlen(place + sizeof bound - 1) + 1);
    assert_string_equal(again, text);
    free(again);
  } else {
    assert_memory_equal(error.message, "the plan \"", 10);
  }
}

static void test_damaged_plans_are_errors(void **state) {
  static const char *const texts[] = {
      "",
      " ",
      "no task",
      "no task_id ",
      "no task_id AND",
      "no task_id AND ",
      "no task_id LIMIT",
      "no task_id OFFSET ? LIMIT ?",
      "no task_id LIMIT ? LIMIT ?",
      "count of",
      "count of ",
      "count of count of no task_id",
      "task_id",
      "task_id =",
      "task_id = ",
      "task_id ?",
      "task_id = ?AND type = ?",
      "task_id = ? AND ",
      "task_id = ? and type = ?",
      "Task_id = ?",
      "task_id = ? ",
      "only",
      "only ",
      "only only type = ?",
      "type IS NOT",
      "type IS NOT NUL ?",
      "type == ?",
      "nothing = ?",
      "typ = ?",
      "types = ?",
      ("type = ? AND type = ? AND type = ? AND type = ? AND type = ? AND type = ? AND type = ? AND type = ? AND type = ? AND "
       "type = ? AND type = ? AND type = ? AND type = ? AND type = ? AND type = ?")};
  (void)state;
  for (size_t i = 0; i < LENGTH(texts); i++) {
    struct plan plan = {.term_count = 77};
    if (plan_decode(&endpoint_links, texts[i], &plan, &error) != -1) fail_msg("\"%s\" is a plan", texts[i]);
    assert_int_equal(plan.term_count, 77);
  }
  for (int i = 0; i < 300; i++) {
    const struct plan plan = random_plan();
    char *text = encode(&plan);
    size_t size = strlen(text);
    for (int mutation = 0; mutation < 20; mutation++) {
      size_t at = (size_t)random_below((int)size);
      char before = text[at];
      text[at] = (char)(1 + random_below(255));
      check_damaged(text);
      text[at] = before;
    }
    while (size > 0) {
      text[--size] = '\0';
      check_damaged(text);
    }
    free(text);
  }
}

/* ---- Costs ---- */

static double cost_of(const struct given *given, int flags, const char *used, double rows, int64_t *expected) {
  struct plan_usage usage[OFFERS_MAX] = {{0}};
  struct asked asked;
  struct plan plan;
  double cost;
  ask(&asked, given, flags, used);
  asked.input.rows = rows;
  plan_make(&endpoint_links, &asked.input, &plan, usage);
  plan_estimate(&endpoint_links, &asked.input, &plan, &cost, expected);
  assert_true(*expected >= 1);
  assert_true(cost > 0);
  return cost;
}

/* Each costs more than the next one. */
static void test_the_more_selective_the_cheaper(void **state) {
  static const struct {
    struct given offers[4];
    const char *used;
  } cases[] = {
      {{{.column = NULL}}, "type"},
      {{TASK}, "type"},
      {{TASK, {"type", OPERATOR_NE, 0}}, "type"},
      {{TASK, {"dofollow", OPERATOR_EQ, 0}}, "type"},
      {{TASK, {"page_to_status_code", OPERATOR_LT, 0}}, "type"},
      {{TASK, {"is_broken", OPERATOR_EQ, 0}}, "type"},
      {{TASK, {"is_broken", OPERATOR_EQ, 0}, {"dofollow", OPERATOR_EQ, 0}}, "type"},
      {{TASK, {"link_to", OPERATOR_EQ, 0}}, "type"},
  };
  double before = 0;
  int64_t rows_before = 0;
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    int64_t rows;
    double cost = cost_of(cases[i].offers, 0, cases[i].used, 50000, &rows);
    if (i > 0 && cost >= before) fail_msg("case %zu costs %g, the one before %g", i, cost, before);
    if (i > 1) assert_true(rows < rows_before);
    before = cost;
    rows_before = rows;
  }
}

static void test_costs_count_requests(void **state) {
  static const struct given task[] = {TASK, {.column = NULL}}, nothing[] = {{.column = NULL}};
  int64_t rows;
  (void)state;
  double page = cost_of(task, 0, "type", 1000, &rows);
  assert_int_equal(rows, 1000);
  double crawl = cost_of(task, 0, "type", 50000, &rows);
  assert_int_equal(rows, 50000);
  assert_true(crawl > 40 * page && crawl < 60 * page);
  /* One row costs one request, and so does a count of any size. */
  assert_true(cost_of(task, 0, "type", 1, &rows) > page / 2);
  assert_true(cost_of(task, 0, "", 1000, &rows) <= page);
  assert_true(cost_of(task, 0, "", 50000, &rows) < crawl / 5);
  /* Without a task: more than reading the largest crawl once for each row of another. */
  assert_true(cost_of(nothing, 0, "type", 1, &rows) > 1e6 * cost_of(task, 0, "type", 2e6, &rows));
  assert_true(cost_of(nothing, BOUND, "type", 50000, &rows) <= crawl);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_taken),
      cmocka_unit_test(test_every_term_comes_back),
      cmocka_unit_test(test_random_plans_come_back),
      cmocka_unit_test(test_damaged_plans_are_errors),
      cmocka_unit_test(test_the_more_selective_the_cheaper),
      cmocka_unit_test(test_costs_count_requests),
  };
  return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
