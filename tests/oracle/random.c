/* splitmix64: one addition and two multiplications a number, and any 64-bit state will do. */
#include "random.h"

static uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
  return value ^ (value >> 31);
}

struct random random_of(uint64_t seed, uint64_t kind, uint64_t n) {
  return (struct random){mix(mix(seed) ^ mix(kind + UINT64_C(0x9e3779b97f4a7c15)) ^ mix(~n))};
}

uint64_t random_next(struct random *random) {
  random->state += UINT64_C(0x9e3779b97f4a7c15);
  return mix(random->state);
}

size_t random_below(struct random *random, size_t n) {
  return (size_t)(random_next(random) % n);
}

bool random_chance(struct random *random, unsigned percent) {
  return random_below(random, 100) < percent;
}
