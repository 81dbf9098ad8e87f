/* Sockets of servers that tests run on 127.0.0.1. */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <netinet/in.h>

struct sockaddr_in loopback_address(unsigned port);
/* A socket that listens at a port of the system's choice. Ends the program on an error. The caller closes it. */
int loopback_listen(int backlog, unsigned *port);
/* A socket connected to the port, or -1. The caller closes it. */
int loopback_connect(unsigned port);

#endif
