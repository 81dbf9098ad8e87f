/*
** The line on standard error that shows how far a long scan is.
**
** Tests: tests/e2e/test_progress.c.
*/
#ifndef ONPAGE_PROGRESS_H
#define ONPAGE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
  bool started;
  int64_t started_ms;
  int64_t shown_ms; /* when the line was last written; 0: never */
};

/* Updates the line if the scan takes more than 2 s and standard error is a terminal, at most four times a second. total: -1 if
** unknown. A zeroed struct progress is ready; its clock starts with the first call. */
void progress_show(struct progress *progress, const char *table, long long rows, long long total, long long requests);
/* Removes the line, if there is one. */
void progress_end(struct progress *progress);

#endif
