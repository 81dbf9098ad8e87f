/* Forwards to the scan or the probe. */
#include "scan/reader.h"

#include "scan/probe.h"
#include "scan/scan.h"

int reader_open(struct reader *reader, struct client *client, struct inner_sides *inner_sides, const char *plan,
                struct query *query, struct error *error) {
  int result = inner_sides_enter(inner_sides, plan, query, &reader->inner, &reader->probe, error);
  if (result == 0 && reader->probe == NULL) result = scan_open(client, query, &reader->scan, error);
  query_release(query);
  if (result == 0) return reader_next(reader, error);
  reader_close(reader);
  return -1;
}

int reader_next(struct reader *reader, struct error *error) {
  bool row = false;
  int result = reader->probe != NULL ? probe_next(reader->probe, &row, error) : scan_next(reader->scan, &row, error);
  reader->on_row = result == 0 && row;
  return result;
}

int reader_value(struct reader *reader, int column, struct value *value, struct error *error) {
  if (reader->probe != NULL) return probe_value(reader->probe, column, value, error);
  return scan_value(reader->scan, column, value, error);
}

int reader_rowid(struct reader *reader, int64_t *rowid, struct error *error) {
  if (reader->probe == NULL) return scan_rowid(reader->scan, rowid, error);
  *rowid = probe_rowid(reader->probe);
  return 0;
}

void reader_close(struct reader *reader) {
  probe_close(reader->probe);
  inner_sides_leave(reader->inner, reader->scan);
  scan_close(reader->scan);
  *reader = (struct reader){0};
}
