/* See loopback.h. */
#include "loopback.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct sockaddr_in loopback_address(unsigned port) {
  return (struct sockaddr_in){
      .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
}

int loopback_listen(int backlog, unsigned *port) {
  struct sockaddr_in address = loopback_address(0);
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, backlog) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
    perror("loopback");
    exit(1);
  }
  *port = ntohs(address.sin_port);
  return listener;
}

int loopback_connect(unsigned port) {
  struct sockaddr_in address = loopback_address(port);
  int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(made, (struct sockaddr *)&address, sizeof address) == 0) return made;
  close(made);
  return -1;
}
