/*
** How long the server takes over a request before its response is on its way.
*/
#ifndef STANDIN_LATENCY_H
#define STANDIN_LATENCY_H

#include <stddef.h>

#include "standin.h"

/* In milliseconds. number: of the request among those to on_page/links, from 1, which the chance depends on; 0: any other request,
** which takes the median. offset: of the rows that it asks for. */
unsigned standin_latency(const struct standin_readings *readings, size_t number, size_t offset);

#endif
