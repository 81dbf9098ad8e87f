/*
** measure OUTPUT PROGRAM [ARGUMENT…]: runs a program and writes what it took, together with the programs that it ran, to the
** file OUTPUT as one JSON object. Ends as the program does.
**
** A program of its own, since the peak memory of a process begins with that of the one it was forked from: a script's
** interpreter would be measured instead of a small program.
*/
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  struct rusage usage;
  int status;
  if (count < 3) {
    fputs("usage: measure OUTPUT PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  double start = now();
  pid_t child = fork();
  if (child == 0) {
    execvp(arguments[2], arguments + 2);
    perror(arguments[2]);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &usage) != child) {
    perror("measure");
    return 1;
  }
  double wall = now() - start;
  FILE *output = fopen(arguments[1], "w");
  if (output == NULL) {
    perror(arguments[1]);
    return 1;
  }
  fprintf(output, "{\"wall\":%.6f,\"user\":%.6f,\"system\":%.6f,\"peak_kb\":%ld}\n", wall, seconds(usage.ru_utime),
          seconds(usage.ru_stime), usage.ru_maxrss);
  if (fclose(output) != 0) {
    perror(arguments[1]);
    return 1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
