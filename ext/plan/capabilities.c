/*
** What a server was seen to accept.
*/
#include "plan/capabilities.h"

static uint64_t column_bit(int column) {
  return 1ULL << column;
}

long long capabilities_reach(const struct capabilities *capabilities, const struct endpoint *endpoint, long long row) {
  long long most = row < endpoint->offset_max ? row : endpoint->offset_max;
  if (capabilities->offset_refused == 0 || most < capabilities->offset_refused) return most;
  long long advised = endpoint->offset_advised_max < capabilities->offset_refused ? endpoint->offset_advised_max : 0;
  long long taken = capabilities->offset_taken < capabilities->offset_refused ? capabilities->offset_taken : 0;
  return taken > advised ? taken : advised;
}

uint64_t capabilities_rejected_columns(const struct capabilities *capabilities, const struct endpoint *endpoint) {
  uint64_t rejected = capabilities->rejected;
  for (int i = 0; i < endpoint->column_count && capabilities->available_asked; i++)
    if (endpoint->columns[i].filterable == FILTER_ASK) rejected |= column_bit(i) & ~capabilities->available;
  return rejected;
}

bool capabilities_take_column(const struct capabilities *capabilities, const struct endpoint *endpoint, enum fallback fallback,
                              int column) {
  if (capabilities->rejected & column_bit(column)) return false;
  switch (endpoint->columns[column].filterable) {
    case FILTER_DOCUMENTED: return true;
    case FILTER_REPORTED: return fallback < FALLBACK_FIELDS;
    case FILTER_ASK: return fallback < FALLBACK_FIELDS && (capabilities->available & column_bit(column)) != 0;
    case FILTER_NEVER: break;
  }
  return false;
}

void capabilities_learn(struct capabilities *capabilities, const struct endpoint *endpoint, enum fallback fallback,
                        const struct term *terms, size_t term_count) {
  if (fallback == FALLBACK_LENGTH) capabilities->length_rejected = true;
  if (fallback == FALLBACK_TEXT_IN) capabilities->text_in_rejected = true;
  if (fallback == FALLBACK_IN) capabilities->in_rejected = true;
  for (size_t i = 0; i < term_count && fallback == FALLBACK_FIELDS; i++)
    if (endpoint->columns[terms[i].column].filterable != FILTER_DOCUMENTED)
      capabilities->rejected |= column_bit(terms[i].column);
}
