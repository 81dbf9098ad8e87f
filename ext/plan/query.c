/*
** From terms to conditions: which terms are sent, under the capabilities of the server and the number of conditions that a request
** takes; and the fallback to weaker forms when the API rejects a filter.
*/
#include "plan/query.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Of a list, while the crawl's size is unknown: about as many requests as reading a whole crawl takes. */
enum { PIECES_MAX = 50 };

/* The largest body that a server accepts isn't documented. The smallest common bound is 100 KB (Express): one list and nine values,
** including those of the request's own keys, stay below it. The short extent, used after a longer body was rejected, has room for a
** hundred URLs. */
static const struct extent usual_extent = {.list_values = 1000, .list_bytes = 48 << 10, .value_bytes = 4 << 10};
static const struct extent short_extent = {.list_values = 100, .list_bytes = 6 << 10, .value_bytes = 512};

static void drop_conditions(struct query *query) {
  for (size_t i = 0; i < query->resolved.condition_count; i++) condition_release(&query->resolved.conditions[i]);
  query->resolved = (struct resolved){0};
}

void query_release(struct query *query) {
  drop_conditions(query);
  for (size_t i = 0; i < query->term_count; i++) term_release(&query->terms[i]);
  free(query->terms);
  for (int i = 0; i < INPUT_COUNT; i++) free(query->inputs[i]);
  *query = (struct query){0};
}

/* Rank among the terms, lowest first: those that only the API can evaluate, then those that keep the fewest rows. */
static double preference(const struct query *query, const struct term *term) {
  if (operator_is_api_only(term->op)) return -1;
  return pushdown_selectivity(&query->endpoint->columns[term->column], term->op);
}

/* Inserts the candidate in order of preference; equal ones keep the order of the query. */
static void insert_candidate(const struct query *query, struct condition *candidates, size_t count,
                             const struct condition *candidate) {
  size_t place = count;
  while (place > 0 && preference(query, candidates[place - 1].term) > preference(query, candidate->term)) place--;
  memmove(&candidates[place + 1], &candidates[place], (count - place) * sizeof *candidates);
  candidates[place] = *candidate;
}

static bool has_word(const struct query *query, const char *column, const char *word) {
  for (size_t i = 0; i < query->term_count; i++) {
    const struct term *term = &query->terms[i];
    if (strcmp(query->endpoint->columns[term->column].name, column) == 0 && term->op == OPERATOR_EQ &&
        value_is_text(&term->values[0], word, strlen(word)))
      return true;
  }
  return false;
}

/* Most bytes that a text can take as a JSON string. */
static size_t text_bytes(const char *text, size_t size) {
  size_t bytes = size + 2;
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c < 0x20)
      bytes += 5; /* \u001f; some have shorter forms */
    else if (c == '"' || c == '\\')
      bytes++;
  }
  return bytes;
}

/* Whether the condition may be sent, as far as is known of the server. */
static bool takes_condition(const struct query *query, const struct capabilities *capabilities,
                            const struct condition *condition) {
  bool takes_in = !capabilities->in_rejected && query->fallback < FALLBACK_IN;
  bool is_bounded = condition->operand == OPERAND_TEXT && !operator_is_api_only(condition->term->op);
  if (condition->op == API_IN && !takes_in) return false;
  if (is_bounded && text_bytes(condition->text, strlen(condition->text)) > query->resolved.extent->value_bytes) return false;
  return capabilities_take_column(capabilities, query->endpoint, query->fallback, condition->column);
}

/* Bytes of a member of a list, with its comma. */
static size_t member_bytes(const struct value *member) {
  enum { NUMBER_BYTES = 17 }; /* at most, within 2^53 */
  return member->type == VALUE_TEXT ? text_bytes(member->text, member->size) + 1 : NUMBER_BYTES + 1;
}

/* Sends `column = path` as the request's own key for it, if there is one that means the same: it costs no condition. */
static bool use_parameter(struct query *query, const struct term *term) {
  struct resolved *resolved = &query->resolved;
  const struct column *column = &query->endpoint->columns[term->column];
  const struct value *value = &term->values[0];
  if (column->parameter == NULL || term->op != OPERATOR_EQ || resolved->parameter_count == QUERY_PARAMETERS_MAX) return false;
  if (column->with_column != NULL && !has_word(query, column->with_column, column->with_word)) return false;
  if (!value_is_as_sent(value) || value->size == 0 || value->text[0] != '/') return false;
  if (text_bytes(value->text, value->size) > resolved->extent->value_bytes) return false;
  for (size_t i = 0; i < resolved->parameter_count; i++)
    if (strcmp(resolved->parameters[i].key, column->parameter) == 0) return false;
  resolved->parameters[resolved->parameter_count++] = (struct parameter){column->parameter, value};
  return true;
}

/* Translates one term: into a parameter, a candidate, or nothing. */
static int translate(struct query *query, const struct capabilities *capabilities, bool want_exact, const struct term *term,
                     struct condition *candidates, size_t *count, struct error *error) {
  struct resolved *resolved = &query->resolved;
  const struct translation translation = {
      .endpoint = query->endpoint,
      .want_exact = want_exact,
      .no_text_in = capabilities->text_in_rejected || capabilities->in_rejected || query->fallback >= FALLBACK_TEXT_IN,
  };
  struct condition candidate = {0};
  enum precision precision = PRECISION_LOCAL;
  if (pushdown_translate(&translation, term, &precision, &candidate, error) != 0) return -1;
  if (precision == PRECISION_IMPOSSIBLE) resolved->empty = true;
  if (precision != PRECISION_EXACT) resolved->exact = false;
  if (precision != PRECISION_EXACT && precision != PRECISION_SUPERSET) {
    resolved->partial = true;
    return 0;
  }
  bool stripped = query->fallback == FALLBACK_ALL && !operator_is_api_only(term->op);
  if (!stripped && !want_exact && use_parameter(query, term)) {
    resolved->exact = false;
    condition_release(&candidate);
  } else if (!stripped && takes_condition(query, capabilities, &candidate)) {
    insert_candidate(query, candidates, (*count)++, &candidate);
  } else {
    resolved->exact = false;
    resolved->partial = true;
    condition_release(&candidate);
  }
  return 0;
}

/* Fails unless all terms that only the API can evaluate are among the conditions. */
static int check_api_only(const struct query *query, struct error *error) {
  for (size_t i = 0; i < query->term_count; i++) {
    const struct term *term = &query->terms[i];
    bool sent = !operator_is_api_only(term->op);
    for (size_t j = 0; j < query->resolved.condition_count && !sent; j++) sent = query->resolved.conditions[j].term == term;
    if (!sent)
      return error_set(
          error,
          "%s(%s, …) is evaluated by the API, but can't be sent: the API must filter by the column, the expression "
          "may have at most %zu characters, and the request at most %d conditions",
          operator_text(term->op), query->endpoint->columns[term->column].name, query->endpoint->regex_max,
          query->endpoint->conditions_max);
  }
  return 0;
}

/* How many members of a list, counted from `first`, go into one request: at least one. */
static size_t piece_of_list(const struct extent *extent, const struct condition *condition, size_t first) {
  size_t bytes = 0;
  size_t size = 0;
  for (; first + size < condition->list_size && size < extent->list_values; size++) {
    bytes += member_bytes(&condition->list[first + size]);
    if (size > 0 && bytes > extent->list_bytes) break;
  }
  return size;
}

size_t query_list_piece(const struct query *query, size_t first) {
  return piece_of_list(query->resolved.extent, &query->resolved.conditions[query->resolved.long_list], first);
}

/* Whether a list, if the condition has one, can be sent; a list too long for one request is sent in pieces. Only one list of a
** query may be large. A second one stays local, and so does one with an overlong member, or with more pieces than the query would
** take requests without it. */
static bool fits_list(struct query *query, const struct condition *condition, bool *large) {
  const struct extent *extent = query->resolved.extent;
  size_t bytes = 0;
  size_t pieces = 0;
  for (size_t i = 0; i < condition->list_size; i++) {
    size_t member = member_bytes(&condition->list[i]);
    if (member > extent->value_bytes) return false;
    bytes += member;
  }
  if (condition->list_size <= extent->list_values && bytes <= extent->value_bytes) return true;
  for (size_t i = 0; i < condition->list_size; i += piece_of_list(extent, condition, i)) pieces++;
  long long pieces_max = query->pages_without_list > 0 ? query->pages_without_list : PIECES_MAX;
  if (*large || pieces > (size_t)pieces_max) return false;
  *large = true;
  if (pieces == 1) return true;
  query->resolved.long_list = (int)query->resolved.condition_count;
  query->resolved.exact = false;
  return true;
}

/* Translates all terms and sends as many as the request takes, in order of preference. */
static int choose(struct query *query, const struct capabilities *capabilities, bool want_exact, struct error *error) {
  struct resolved *resolved = &query->resolved;
  bool is_short = capabilities->length_rejected || query->fallback >= FALLBACK_LENGTH;
  bool large = false;
  drop_conditions(query);
  *resolved = (struct resolved){.exact = true, .long_list = -1, .extent = is_short ? &short_extent : &usual_extent};
  struct condition *candidates = calloc(query->term_count + 1, sizeof *candidates);
  if (candidates == NULL) return error_no_memory(error);
  size_t count = 0;
  int result = 0;
  for (size_t i = 0; i < query->term_count && result == 0; i++)
    result = translate(query, capabilities, want_exact, &query->terms[i], candidates, &count, error);
  size_t budget = (size_t)query->endpoint->conditions_max;
  budget = query->raw_conditions < budget ? budget - query->raw_conditions : 0;
  for (size_t i = 0; i < count; i++) {
    if (resolved->condition_count < budget && fits_list(query, &candidates[i], &large)) {
      resolved->conditions[resolved->condition_count++] = candidates[i];
    } else {
      resolved->exact = false;
      resolved->partial = true;
      condition_release(&candidates[i]);
    }
  }
  free(candidates);
  return result;
}

/* Whether two terms on a column exclude each other: one fixes the column's value, and another rejects that value. */
static bool contradicts_itself(const struct query *query) {
  for (size_t i = 0; i < query->term_count; i++) {
    const struct term *term = &query->terms[i];
    const struct column *column = &query->endpoint->columns[term->column];
    bool is_text = term->value_count > 0 && term->values[0].type == VALUE_TEXT;
    struct value fixed;
    if (query_fixed_value(query, term->column, &fixed) && !operator_is_api_only(term->op) &&
        pushdown_checkable(column, term->op, is_text) && !term_holds(query->endpoint, term, &fixed))
      return true;
  }
  return false;
}

int query_resolve(struct query *query, const struct capabilities *capabilities, struct error *error) {
  bool want_exact = query->count || query->offset > 0;
  if (choose(query, capabilities, want_exact, error) != 0) return -1;
  if (want_exact && !query->resolved.exact && !query->resolved.empty && choose(query, capabilities, false, error) != 0)
    return -1;
  if (!query->resolved.empty && contradicts_itself(query)) query->resolved.empty = true;
  return query->resolved.empty ? 0 : check_api_only(query, error);
}

int query_wants_available(struct query *query, const struct capabilities *capabilities, bool *wants, struct error *error) {
  *wants = false;
  if (capabilities->available_asked) return 0;
  struct capabilities hopeful = *capabilities;
  hopeful.available = ~0ULL;
  if (choose(query, &hopeful, false, error) != 0) return -1;
  for (size_t i = 0; i < query->resolved.condition_count && !query->resolved.empty; i++)
    if (query->endpoint->columns[query->resolved.conditions[i].column].filterable == FILTER_ASK) *wants = true;
  return 0;
}

/* Whether a condition exceeds the short extent. */
static bool is_long(const struct condition *condition) {
  size_t bytes = 0;
  bool small = true;
  for (size_t i = 0; i < condition->list_size; i++) {
    size_t member = member_bytes(&condition->list[i]);
    small = small && member <= short_extent.value_bytes;
    bytes += member;
  }
  if (condition->operand == OPERAND_TEXT) bytes = text_bytes(condition->text, strlen(condition->text));
  return !small || condition->list_size > short_extent.list_values || bytes > short_extent.value_bytes;
}

/* Whether the step would remove something from what is sent now. */
static bool step_matters(const struct query *query, enum fallback step) {
  for (size_t i = 0; i < query->resolved.condition_count; i++) {
    const struct condition *condition = &query->resolved.conditions[i];
    bool documented = query->endpoint->columns[condition->column].filterable == FILTER_DOCUMENTED;
    bool api_only = operator_is_api_only(condition->term->op);
    if (step == FALLBACK_LENGTH && is_long(condition) && !api_only) return true;
    if (step == FALLBACK_TEXT_IN && condition->operand == OPERAND_TEXTS) return true;
    if (step == FALLBACK_IN && condition->op == API_IN) return true;
    if (step == FALLBACK_FIELDS && !documented) return true;
    if (step == FALLBACK_ALL && !api_only) return true;
  }
  return step == FALLBACK_ALL && query->resolved.parameter_count > 0;
}

bool query_fall_back(struct query *query) {
  while (query->fallback < FALLBACK_ALL) {
    query->fallback++;
    if (step_matters(query, query->fallback)) return true;
  }
  return false;
}

bool query_shorten(struct query *query) {
  if (query->fallback >= FALLBACK_LENGTH || !step_matters(query, FALLBACK_LENGTH)) return false;
  query->fallback = FALLBACK_LENGTH;
  return true;
}

bool query_fixed_value(const struct query *query, int column, struct value *value) {
  bool text = !column_is_numeric(&query->endpoint->columns[column]);
  for (size_t i = 0; text && i < query->term_count; i++) {
    const struct term *term = &query->terms[i];
    bool equal = term->op == OPERATOR_EQ || term->op == OPERATOR_IS;
    if (term->column != column || !equal || term->values[0].type != VALUE_TEXT) continue;
    *value = term->values[0];
    return true;
  }
  for (size_t i = 0; !text && i < query->resolved.condition_count; i++) {
    const struct condition *condition = &query->resolved.conditions[i];
    if (condition->column != column || !condition->exact || condition->op != API_EQ) continue;
    *value = (struct value){.type = VALUE_INTEGER, .integer = condition->integer};
    return true;
  }
  return false;
}

uint64_t query_columns(const struct query *query) {
  const struct endpoint *endpoint = query->endpoint;
  uint64_t columns = query->columns | 1ULL << endpoint->source_column;
  for (int i = 0; i < endpoint->partition_column_count; i++) columns |= 1ULL << endpoint->partition_columns[i];
  for (size_t i = 0; i < query->term_count; i++) columns |= 1ULL << query->terms[i].column;
  return columns;
}

long long query_rows_wanted(const struct query *query) {
  if (query->resolved.partial || query->limit < 0 || query->limit > LLONG_MAX - query->offset) return -1;
  return query->limit + query->offset;
}

/* NULL stays NULL. False when out of memory. */
static bool copy_text(const char *text, char **copy) {
  *copy = text != NULL ? strdup(text) : NULL;
  return text == NULL || *copy != NULL;
}

int query_copy_without(const struct query *query, uint64_t without, struct query *copy, struct error *error) {
  struct query made = {.endpoint = query->endpoint, .limit = -1, .columns = query_columns(query)};
  made.terms = calloc(query->term_count + 1, sizeof *made.terms);
  bool copied = made.terms != NULL;
  for (int i = 0; copied && i < INPUT_COUNT; i++) copied = copy_text(query->inputs[i], &made.inputs[i]);
  if (!copied) {
    query_release(&made);
    return error_no_memory(error);
  }
  for (size_t i = 0; i < query->term_count; i++) {
    if ((without & 1ULL << i) != 0) continue;
    if (term_copy(&query->terms[i], &made.terms[made.term_count], error) != 0) {
      query_release(&made);
      return -1;
    }
    made.term_count++;
  }
  *copy = made;
  return 0;
}
