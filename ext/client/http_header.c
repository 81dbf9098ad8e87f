/* Lines of the form Name: value. */
#include "client/http_header.h"

#include <string.h>
#include <strings.h>

/* The value of a header of that name, without the blanks around it; NULL for any other line. */
static const char *header_value(const char *line, size_t size, const char *name, size_t *value_size) {
  size_t name_size = strlen(name);
  if (size <= name_size || line[name_size] != ':' || strncasecmp(line, name, name_size) != 0) return NULL;
  const char *value = line + name_size + 1;
  const char *end = line + size;
  while (value < end && (*value == ' ' || *value == '\t')) value++;
  while (end > value && strchr(" \t\r\n", end[-1]) != NULL) end--;
  *value_size = (size_t)(end - value);
  return value;
}

void http_keep_header(struct http_result *result, const char *const *names, const char *line, size_t size) {
  for (size_t i = 0; names != NULL && names[i] != NULL && i < HTTP_HEADERS_MAX; i++) {
    size_t value_size;
    const char *value = header_value(line, size, names[i], &value_size);
    if (value == NULL) continue;
    if (value_size >= HTTP_HEADER_SIZE) value_size = HTTP_HEADER_SIZE - 1;
    memcpy(result->headers[i], value, value_size);
    result->headers[i][value_size] = '\0';
  }
}

void http_forget_headers(struct http_result *result) {
  for (size_t i = 0; i < HTTP_HEADERS_MAX; i++) result->headers[i][0] = '\0';
}
