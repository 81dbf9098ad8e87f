/*
** Files that options name.
*/
#include "client/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/excerpt.h"
#include "client/secret.h"

enum { SHOWN_MAX = 400 };

/* Makes the error; the path is shortened and made printable, for it may have any bytes. code: an errno, or 0. Returns -1. */
static int refuse(struct error *error, const char *path, const char *what, int code) {
  char shown[SHOWN_MAX];
  excerpt_text(shown, sizeof shown, path, strlen(path));
  return error_set(error, "%s %s%s%s", shown, what, code != 0 ? ": " : "", code != 0 ? strerror(code) : "");
}

int file_check(const char *path, struct error *error) {
  struct stat status;
  return stat(path, &status) != 0 || S_ISREG(status.st_mode) ? 0 : refuse(error, path, "is not a regular file", 0);
}

bool file_is_there(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static int check_private(int file, const char *path, struct error *error) {
  struct stat status;
  if (fstat(file, &status) != 0) return refuse(error, path, "can't be examined", errno);
  if (!S_ISREG(status.st_mode)) return refuse(error, path, "is not a regular file", 0);
  if (status.st_uid != geteuid() && status.st_uid != 0)
    return refuse(error, path, "belongs to another user: it has to be your own file", 0);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return refuse(error, path, "can be read or changed by other users: run chmod 600 on it", 0);
  return 0;
}

/* Reads up to size bytes. */
static int read_all(int file, char *bytes, size_t size, size_t *got, const char *path, struct error *error) {
  ssize_t count = 1;
  for (*got = 0; *got < size && count != 0; *got += (size_t)count) {
    do count = read(file, bytes + *got, size - *got);
    while (count < 0 && errno == EINTR);
    if (count < 0) return refuse(error, path, "can't be read", errno);
  }
  return 0;
}

static int read_private(int file, const char *path, size_t size_max, char *bytes, struct error *error) {
  size_t size;
  if (check_private(file, path, error) != 0) return -1;
  if (read_all(file, bytes, size_max + 1, &size, path, error) != 0) return -1;
  if (size > size_max) return refuse(error, path, "is longer than a key can be", 0);
  if (memchr(bytes, '\0', size) != NULL) return refuse(error, path, "has a zero byte in it", 0);
  bytes[size] = '\0';
  return 0;
}

int file_read_private(const char *path, size_t size_max, char **text, struct error *error) {
  /* O_NONBLOCK: opening a FIFO would wait for a writer. */
  int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0) return refuse(error, path, "can't be opened", errno);
  char *bytes = calloc(1, size_max + 2);
  int result = bytes != NULL ? read_private(file, path, size_max, bytes, error) : error_no_memory(error);
  close(file);
  if (result != 0 && bytes != NULL) secret_wipe(bytes);
  if (result != 0)
    free(bytes);
  else
    *text = bytes;
  return result;
}
