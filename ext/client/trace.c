/* One write a line, so that lines of several connections don't mix. */
#include "client/trace.h"

#include <stdarg.h>
#include <stdio.h>

void trace(const struct config *config, const char *format, ...) {
  enum { LINE_MAX_SIZE = 1200 };
  char line[LINE_MAX_SIZE];
  va_list arguments;
  if (config_number(config, OPTION_TRACE) == 0) return;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  config_mask(config, line);
  fprintf(stderr, "onpage: %s\n", line);
}
