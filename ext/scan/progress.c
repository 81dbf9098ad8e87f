/* Written to a terminal only: a line that overwrites itself is noise in a file or a pipe. */
#include "scan/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum {
  PATIENCE_MS = 2000, /* a scan that takes less shows nothing */
  BETWEEN_MS = 250    /* between two updates */
};

void progress_show(struct progress *progress, const char *table, long long rows, long long total, long long requests) {
  int64_t now = clock_now_ms();
  if (!progress->started) {
    progress->started = true;
    progress->started_ms = now;
  }
  int64_t elapsed = now - progress->started_ms;
  if (elapsed < PATIENCE_MS || now - progress->shown_ms < BETWEEN_MS || !isatty(STDERR_FILENO)) return;
  progress->shown_ms = now;
  double rate = (double)rows * 1000 / (double)elapsed;
  if (total > rows && rate > 0)
    fprintf(stderr, "\r%s: %lld of %lld rows, %lld requests, %.0f rows/s, %.0f s left\033[K", table, rows, total, requests,
            rate, (double)(total - rows) / rate);
  else
    fprintf(stderr, "\r%s: %lld rows, %lld requests, %.0f rows/s\033[K", table, rows, requests, rate);
  fflush(stderr);
}

void progress_end(struct progress *progress) {
  if (progress->shown_ms == 0) return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  progress->shown_ms = 0;
}
