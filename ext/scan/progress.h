/* The line on standard error that shows how far a long scan has come. */
#ifndef ONPAGE_PROGRESS_H
#define ONPAGE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
  bool started;
  int64_t started_ms;
  int64_t shown_ms; /* when the line was written last; 0: never */
};

/* Writes the line anew if the scan takes more than 2 s and standard error is a terminal, a few times a second at most. total: -1
** if it is not known. A zeroed struct progress is ready; the clock starts with the first call. */
void progress_show(struct progress *progress, const char *table, long long rows, long long total, long long requests);
/* Takes the line away, if there is one. */
void progress_end(struct progress *progress);

#endif
