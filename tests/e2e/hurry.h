/*
** Time that passes faster, for the thread that asks for it: what the extension waits between two attempts then takes
** milliseconds, without any hook for tests in it. Servers in other threads keep the true time.
*/
#ifndef HURRY_H
#define HURRY_H

/* From now on CLOCK_MONOTONIC and poll run this many times as fast in this thread; 1: as usual. */
void hurry(unsigned times);
/* The thread's time in milliseconds. */
long hurry_clock_ms(void);

#endif
