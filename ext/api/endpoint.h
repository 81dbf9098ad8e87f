/*
** What a table is: the path of its endpoint, its columns, what the API can filter by, its limits. Schema, planner, decoder,
** onpage_columns and the tests read these descriptors; a new column is one line of one of them.
*/
#ifndef ONPAGE_ENDPOINT_H
#define ONPAGE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

/* Where a column's value comes from. */
enum column_role {
  COLUMN_FIELD,    /* the field of that name of the item */
  COLUMN_INPUT,    /* an input, given by the user */
  COLUMN_RESPONSE, /* the response that the row came in (struct crawl_state) */
  COLUMN_ITEM      /* the item's JSON, as sent */
};

/* What a table is told beside the terms of a query: by `=` on a column of its own, as an argument of the function form, or by
** CREATE VIRTUAL TABLE. Queries, tables and plans have their inputs by this number. */
enum input {
  INPUT_TASK,    /* the crawl's task id; always required */
  INPUT_FILTERS, /* filters in the API's own grammar */
  INPUT_TAG,     /* a note that the API echoes */
  INPUT_COUNT
};

/* How a column's values behave in a comparison: the rows of the push-down matrix (pushdown.c). */
enum column_class {
  CLASS_BOOLEAN,    /* 1, 0 or NULL */
  CLASS_INTEGER,    /* an integer or NULL */
  CLASS_TEXT,       /* any text or NULL */
  CLASS_TEXT_ARRAY, /* compact JSON of an array of strings, or NULL */
  CLASS_COUNT
};

/* What is known of filtering by a field. */
enum filterable {
  FILTER_NEVER,      /* no field of the item */
  FILTER_DOCUMENTED, /* in the endpoint's table of filters */
  FILTER_REPORTED,   /* not in the table, but clients use it with success: may be rejected */
  FILTER_ASK         /* unknown: only after available_filters has named it */
};

struct column {
  const char *name; /* of the SQL column, the item's field and the filter's field alike */
  enum column_role role;
  enum input input; /* of a COLUMN_INPUT */
  enum column_class class;
  enum filterable filterable;
  unsigned distinct_values; /* one in so many rows has the value that `=` asks for; for estimates and preference only */
  const char *parameter;    /* key of the request that means `column = path`, or NULL */
  const char *with_column;  /* … but only where the query also has with_column = with_word; NULL: always */
  const char *with_word;
  const char *description;
};

/* The most that any endpoint has or takes: bounds of arrays and options. */
enum {
  ENDPOINT_COLUMNS_MAX = 31,   /* the bits of SQLite's idxNum, in which a plan says which columns may be read */
  ENDPOINT_CONDITIONS_MAX = 8, /* in a request */
  ENDPOINT_LIMIT_MAX = 1000    /* rows in a request: the bound of the option page_size */
};

struct endpoint {
  const char *table;   /* SQL name */
  const char *path;    /* behind the base URL */
  const char *filters; /* key of this endpoint in the response of available_filters */
  const struct column *columns;
  int column_count;
  int conditions_max;    /* conditions in a request */
  int limit_max;         /* rows in a request */
  long long offset_max;  /* largest offset that the API takes */
  long long offset_rows; /* rows past which the documents ask for the token */
  size_t regex_max;      /* characters in a regex */
  int source_column; /* has few values on a page of the response, and on others others: tells at a glance what can't be of that page */
  int partition_column;     /* a text column, filterable for sure, whose texts' ends are diverse: divides large results */
  size_t tag_max;           /* characters in a tag */
  const char *example_task; /* for messages */
};

extern const struct endpoint endpoint_links;

/* Index of the column, or -1. */
int endpoint_column(const struct endpoint *endpoint, const char *name);
/* Index of the input's column, or -1. */
int endpoint_input(const struct endpoint *endpoint, enum input input);
/* "TEXT", "BOOLEAN" or "INTEGER". */
const char *column_sql_type(const struct column *column);
/* Hidden columns take no part in SELECT *. */
bool column_is_hidden(const struct column *column);
bool column_is_input(const struct column *column);
/* Of numeric affinity: a boolean or an integer. */
bool column_is_numeric(const struct column *column);

#endif
