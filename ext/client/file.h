/*
** Files that options name. None is waited for: what isn't a regular file (a FIFO, a device, a folder) is refused without being
** read. The messages start with the path, for a prefix that names the option.
*/
#ifndef ONPAGE_FILE_H
#define ONPAGE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Fails for a path at which there is something else than a regular file. */
CHECKED int file_check(const char *path, struct error *error);
/* Whether there is anything at the path, as far as this user can see. */
bool file_is_there(const char *path);
/* Reads a file that nobody but its owner may read or write, this user or root, of at most size_max bytes and without a zero among
** them. *text is the caller's to wipe and free. No message shows anything of what is in the file. */
CHECKED int file_read_private(const char *path, size_t size_max, char **text, struct error *error);

#endif
