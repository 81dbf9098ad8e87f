/* One thread that polls all sockets. */
#include "freezer.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

enum { CONNECTIONS_MAX = 64, SLICE_MS = 5 };

struct freezer {
  int listener;
  unsigned port, behind;
  pthread_t thread;
  pthread_mutex_t mutex;
  bool stopping;
  size_t count, frozen;          /* connections; the oldest `frozen` of them are frozen */
  int sides[CONNECTIONS_MAX][2]; /* client, server; -1: closed */
};

static _Noreturn void give_up(const char *what) {
  fprintf(stderr, "freezer: %s\n", what);
  exit(1);
}

static void take_connection(struct freezer *freezer) {
  if (freezer->count == CONNECTIONS_MAX) give_up("too many connections");
  int *sides = freezer->sides[freezer->count++];
  sides[0] = accept(freezer->listener, NULL, NULL);
  sides[1] = loopback_connect(freezer->behind);
  if (sides[0] < 0 || sides[1] < 0) give_up("can't forward");
}

/* Carries what one side has to the other; what one side ends is ended. */
static void forward(int sides[2], int from) {
  char bytes[16384];
  ssize_t got = recv(sides[from], bytes, sizeof bytes, MSG_DONTWAIT);
  if (got < 0) return;
  if (got > 0 && send(sides[1 - from], bytes, (size_t)got, MSG_NOSIGNAL) == got) return;
  close(sides[0]);
  close(sides[1]);
  sides[0] = sides[1] = -1;
}

static void *serve(void *context) {
  struct freezer *freezer = context;
  bool stopping = false;
  while (!stopping) {
    struct pollfd listener = {.fd = freezer->listener, .events = POLLIN};
    poll(&listener, 1, SLICE_MS);
    pthread_mutex_lock(&freezer->mutex);
    stopping = freezer->stopping;
    if (listener.revents && !stopping) take_connection(freezer);
    for (size_t i = freezer->frozen; i < freezer->count; i++)
      for (int side = 0; side < 2; side++)
        if (freezer->sides[i][0] >= 0) forward(freezer->sides[i], side);
    pthread_mutex_unlock(&freezer->mutex);
  }
  return NULL;
}

struct freezer *freezer_start(unsigned port) {
  struct freezer *freezer = calloc(1, sizeof *freezer);
  if (!freezer) give_up("out of memory");
  freezer->behind = port;
  pthread_mutex_init(&freezer->mutex, NULL);
  freezer->listener = loopback_listen(32, &freezer->port);
  if (pthread_create(&freezer->thread, NULL, serve, freezer) != 0) give_up("does not start");
  return freezer;
}

void freezer_stop(struct freezer *freezer) {
  pthread_mutex_lock(&freezer->mutex);
  freezer->stopping = true;
  pthread_mutex_unlock(&freezer->mutex);
  pthread_join(freezer->thread, NULL);
  for (size_t i = 0; i < freezer->count; i++)
    for (int side = 0; side < 2; side++)
      if (freezer->sides[i][side] >= 0) close(freezer->sides[i][side]);
  close(freezer->listener);
  pthread_mutex_destroy(&freezer->mutex);
  free(freezer);
}

unsigned freezer_port(const struct freezer *freezer) {
  return freezer->port;
}

void freezer_freeze(struct freezer *freezer) {
  pthread_mutex_lock(&freezer->mutex);
  freezer->frozen = freezer->count;
  pthread_mutex_unlock(&freezer->mutex);
}

size_t freezer_connections(struct freezer *freezer) {
  pthread_mutex_lock(&freezer->mutex);
  size_t count = freezer->count;
  pthread_mutex_unlock(&freezer->mutex);
  return count;
}
