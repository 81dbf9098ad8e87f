/*
** A lognormal distribution: response times of servers have a long tail, and no lower end but zero. A request's time depends only on
** the seed and its number, so that a run can be repeated.
*/
#include "latency.h"

#include <math.h>
#include <stdint.h>

/* SplitMix64. */
static uint64_t mix(uint64_t bits) {
  bits += 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
  return bits ^ (bits >> 31);
}

/* In (0, 1]. */
static double uniform(uint64_t bits) {
  enum { FRACTION_BITS = 53 };
  return ldexp((double)(mix(bits) >> (64 - FRACTION_BITS)) + 1, -FRACTION_BITS);
}

/* Of the standard normal distribution, by Box and Muller. */
static double normal(uint64_t seed, uint64_t number) {
  const double full_turn = 6.283185307179586;
  uint64_t place = mix(seed) + 2 * number;
  return sqrt(-2 * log(uniform(place))) * cos(full_turn * uniform(place + 1));
}

unsigned standin_latency(const struct standin_readings *readings, size_t number, size_t offset) {
  const double most = 86400000;
  double latency = readings->latency_ms;
  if (number && readings->latency_sigma > 0) latency *= exp(readings->latency_sigma * normal(readings->latency_seed, number));
  latency += (double)offset / 1000 * readings->offset_ms;
  return (unsigned)(latency < most ? latency + 0.5 : most);
}
