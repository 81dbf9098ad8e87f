/* Look-ups in the descriptors. */
#include "api/endpoint.h"

#include <string.h>

int endpoint_column(const struct endpoint *endpoint, const char *name) {
  for (int i = 0; i < endpoint->column_count; i++)
    if (strcmp(endpoint->columns[i].name, name) == 0) return i;
  return -1;
}

int endpoint_input_column(const struct endpoint *endpoint, enum input input) {
  for (int i = 0; i < endpoint->column_count; i++)
    if (column_is_input(&endpoint->columns[i]) && endpoint->columns[i].input == input) return i;
  return -1;
}

const char *column_sql_type(const struct column *column) {
  static const char *const types[CLASS_COUNT] = {
      [CLASS_BOOLEAN] = "BOOLEAN",
      [CLASS_INTEGER] = "INTEGER",
      [CLASS_TEXT] = "TEXT",
      [CLASS_TEXT_ARRAY] = "TEXT",
  };
  return types[column->class];
}

bool column_is_hidden(const struct column *column) {
  return column->role != COLUMN_FIELD;
}

bool column_is_input(const struct column *column) {
  return column->role == COLUMN_INPUT;
}

bool column_is_numeric(const struct column *column) {
  return column->class == CLASS_BOOLEAN || column->class == CLASS_INTEGER;
}
