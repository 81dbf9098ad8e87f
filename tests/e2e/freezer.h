/*
** A forwarder on loopback whose connections can be frozen: they stay open, and not another byte passes, as when a NAT forgets
** them or a machine sleeps. New ones are forwarded as before.
*/
#ifndef FREEZER_H
#define FREEZER_H

#include <stddef.h>

struct freezer;
/* Forwards to a port of 127.0.0.1. */
struct freezer *freezer_start(unsigned port);
void freezer_stop(struct freezer *freezer);
unsigned freezer_port(const struct freezer *freezer);
/* Freezes the connections that there are. */
void freezer_freeze(struct freezer *freezer);
/* Connections made so far. */
size_t freezer_connections(struct freezer *freezer);

#endif
