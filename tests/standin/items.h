/*
** The items of one table of a crawl: each item's JSON as it was given, and beside it one column per field with the distinct values
** numbered, so that a filter looks at each distinct value once and at a row only for a number.
**
** A file may be repeated ("copies"). A copy costs no memory: its rows are those of the file, with "?copy=N" added to link_to
** and page_to when they are asked for.
*/
#ifndef STANDIN_ITEMS_H
#define STANDIN_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"
#include "json_text.h"
#include "text.h"

/* A value of a field that is neither null nor missing. Which member counts, the field's type says. */
struct standin_value {
  const char *bytes; /* a string's bytes (json_read.h); a number, boolean or array as JSON */
  size_t length;
  double number; /* a time as the number yyyymmddhhmmss */
  bool truth;
};

struct standin_column {
  struct standin_value *values; /* distinct, in the order they first occur */
  size_t count;
  uint32_t *numbers; /* by row of the file: number of the value from 1; 0: null, missing, or of another type */
};

/* Where an item stands in the text, and where its copies differ. */
struct standin_item {
  size_t start;
  uint32_t length;
  uint32_t link_to_end; /* offset of the closing quote; 0: no such string */
  uint32_t page_to_end;
};

struct standin_rows;

struct standin_items {
  struct standin_text text; /* NDJSON */
  struct standin_item *items;
  size_t file_rows;
  size_t copies;
  const struct standin_schema *schema;
  struct standin_column *columns;  /* one for each field of the schema */
  struct standin_matches *matches; /* owned by matches.c */
  size_t references;               /* guarded by the server's mutex */
};

/* Takes over text, which is left empty. Only links have more copies than one. NULL after a message on standard error that names the
** line. */
struct standin_items *standin_items_new(const struct standin_schema *schema, struct standin_text *text, size_t copies);
void standin_items_free(struct standin_items *items);

size_t standin_items_count(const struct standin_items *items); /* rows, copies included */

/* Whether rows of a copy have another value in the field than the file's rows. */
bool standin_field_varies(size_t field);
/* The value as a row of the copy has it (copy 0 is the file itself); scratch holds its bytes. */
struct standin_value standin_value_in_copy(const struct standin_value *value, size_t copy, struct standin_text *scratch);

/* The value that the row has in the field; NULL: null, missing, or of another type. Copies are not looked at. */
const struct standin_value *standin_items_value(const struct standin_items *items, size_t row, size_t field);

/* "yyyy-mm-dd hh:mm:ss" with or without " +00:00" as the number yyyymmddhhmmss; false for any other text. */
bool standin_read_time(const char *bytes, size_t length, double *number);

/* Appends the item's JSON. */
void standin_item_write(const struct standin_items *items, size_t row, struct standin_text *text,
                        const struct standin_notation *notation);

#endif
