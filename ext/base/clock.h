/*
** A clock that only moves forward, to measure how long something takes; and the time of day.
**
** Tests: tests/e2e/test_time.c.
*/
#ifndef ONPAGE_CLOCK_H
#define ONPAGE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment in the past. */
int64_t clock_now_ms(void);
/* Milliseconds since 1970, by a clock that can be set. */
int64_t clock_wall_ms(void);

#endif
