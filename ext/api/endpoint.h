/*
** Descriptors of tables: the path of the endpoint, its columns, what the API can filter by, its limits. Schema, planner, decoder,
** onpage_columns and the tests read them: a new column is a row in one of them, and what CONTRIBUTING.md lists.
*/
#ifndef ONPAGE_ENDPOINT_H
#define ONPAGE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

/* Where a column's value comes from. */
enum column_role {
  COLUMN_FIELD,    /* the item's field of the same name */
  COLUMN_INPUT,    /* an input, given by the user */
  COLUMN_RESPONSE, /* the envelope of the response that has the row (struct crawl_state) */
  COLUMN_ITEM      /* the item's JSON, as sent */
};

/* What a query is given besides terms on fields: by `=` on a column of its own, as an argument of the function form, or by
** CREATE VIRTUAL TABLE. Inputs of queries, tables and plans are indexed by it. */
enum input {
  INPUT_TASK,    /* the crawl's task id; always required */
  INPUT_FILTERS, /* filters in the API's own grammar */
  INPUT_TAG,     /* a note that the API echoes */
  INPUT_COUNT
};

/* How a column's values compare: the rows of the push-down matrix (pushdown.c). */
enum column_class {
  CLASS_BOOLEAN,    /* 1, 0 or NULL */
  CLASS_INTEGER,    /* an integer or NULL */
  CLASS_TEXT,       /* any text or NULL */
  CLASS_TEXT_ARRAY, /* compact JSON of an array of strings, or NULL */
  CLASS_COUNT
};

/* Whether the API can filter by a field. */
enum filterable {
  FILTER_NEVER,      /* not a field of the item */
  FILTER_DOCUMENTED, /* listed in the endpoint's documentation */
  FILTER_REPORTED,   /* not listed, but other clients use it: may be rejected */
  FILTER_ASK         /* unknown: used only if available_filters names it */
};

struct column {
  const char *name; /* of the SQL column, the item's field and the filter's field */
  enum column_role role;
  enum input input; /* of a COLUMN_INPUT */
  enum column_class class;
  enum filterable filterable;
  unsigned
      distinct_values;     /* `=` keeps 1 / distinct_values of the rows: a rule of thumb from real crawls, for estimates only */
  const char *parameter;   /* key of the request that means `column = path`, or NULL */
  const char *with_column; /* … if the query also has with_column = with_word; NULL: always */
  const char *with_word;
  const char *description;
};

/* Upper bounds over all endpoints, for arrays and options. */
enum {
  ENDPOINT_PARTITION_COLUMNS_MAX = 2,
  ENDPOINT_COLUMNS_MAX = 31,   /* the bits of SQLite's idxNum, in which a plan says which columns may be read */
  ENDPOINT_CONDITIONS_MAX = 8, /* in a request */
  ENDPOINT_LIMIT_MAX = 1000    /* rows in a request: the bound of the option page_size */
};

struct endpoint {
  const char *table;                 /* SQL name */
  const char *path;                  /* appended to the base URL */
  const char *available_filters_key; /* of this endpoint in the response of available_filters */
  const struct column *columns;
  int column_count;
  int conditions_max;           /* conditions in a request */
  int limit_max;                /* rows in a request */
  long long offset_max;         /* largest offset that the API takes */
  long long offset_advised_max; /* past it the documentation asks for the token */
  size_t regex_max;             /* characters in a regex */
  int source_column;            /* has few different values on a page: a cheap test of whether an item may be from that page */
  /* Text columns with documented filters and varied endings, by which large results are partitioned: rows with the same target
  ** still differ in their source. */
  int partition_columns[ENDPOINT_PARTITION_COLUMNS_MAX];
  int partition_column_count;
  size_t tag_max;           /* characters in a tag */
  const char *example_task; /* for messages */
};

extern const struct endpoint endpoint_links;

/* Index of the column, or -1. */
int endpoint_column(const struct endpoint *endpoint, const char *name);
/* Index of the input's column, or -1. */
int endpoint_input_column(const struct endpoint *endpoint, enum input input);
/* "TEXT", "BOOLEAN" or "INTEGER". */
const char *column_sql_type(const struct column *column);
/* Hidden columns take no part in SELECT *. */
bool column_is_hidden(const struct column *column);
bool column_is_input(const struct column *column);
/* Of numeric affinity: a boolean or an integer. */
bool column_is_numeric(const struct column *column);

#endif
