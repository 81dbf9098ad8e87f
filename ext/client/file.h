/*
** Files that options name. Anything but a regular file (a FIFO, a device, a folder) is refused without being read, since
** reading could block. Messages start with the path, so that the caller can put the option's name before them.
**
** Tests: tests/unit/client/test_config_key_file.c.
*/
#ifndef ONPAGE_FILE_H
#define ONPAGE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Fails if there is something at the path that isn't a regular file. */
CHECKED int file_check(const char *path, struct error *error);
/* Whether there is anything at the path, as far as this user can see. */
bool file_is_there(const char *path);
/* Reads a file of at most size_max bytes, none of them zero, that belongs to this user or root and that nobody else can read or
** write. The caller wipes and frees *text. No message shows any of the file's content. */
CHECKED int file_read_private(const char *path, size_t size_max, char **text, struct error *error);

#endif
