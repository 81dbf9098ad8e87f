/*
** SipHash as its authors describe it (Aumasson and Bernstein, 2012), with one round for each word and three at the end: the
** variant for tables whose hashes the attacker doesn't see.
*/
#include "base/hash.h"

enum { ROUNDS = 1, LAST_ROUNDS = 3, WORD = 8 };

static uint64_t process_key[2];

/* Little-endian on every machine, so that pieces can be joined byte by byte. */
static uint64_t load(const unsigned char *bytes) {
  uint64_t word = 0;
  for (int i = 0; i < WORD; i++) word |= (uint64_t)bytes[i] << 8 * i;
  return word;
}

void hash_set_key(const unsigned char key[HASH_KEY_SIZE]) {
  process_key[0] = load(key);
  process_key[1] = load(key + WORD);
}

static uint64_t rotate(uint64_t word, int bits) {
  return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds) {
  for (; rounds > 0; rounds--) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
  }
}

static void take_word(struct hash *hash, uint64_t word) {
  hash->state[3] ^= word;
  mix(hash->state, ROUNDS);
  hash->state[0] ^= word;
}

struct hash hash_begin(void) {
  return (struct hash){.state = {process_key[0] ^ 0x736F6D6570736575u, process_key[1] ^ 0x646F72616E646F6Du,
                                 process_key[0] ^ 0x6C7967656E657261u, process_key[1] ^ 0x7465646279746573u}};
}

/* Takes a word: its first bytes complete the tail, the others are the new tail. */
static void take_shifted(struct hash *hash, uint64_t word) {
  int filled = 8 * (int)(hash->size % WORD);
  take_word(hash, hash->tail | word << filled);
  hash->tail = filled > 0 ? word >> (64 - filled) : 0;
  hash->size += WORD;
}

void hash_add(struct hash *hash, const void *bytes, size_t size) {
  const unsigned char *byte = bytes;
  for (; size >= WORD; byte += WORD, size -= WORD) take_shifted(hash, load(byte));
  if (size == 0) return;
  uint64_t rest = 0;
  for (size_t i = 0; i < size; i++) rest |= (uint64_t)byte[i] << 8 * i;
  size_t filled = hash->size % WORD;
  hash->size += size;
  hash->tail |= rest << 8 * filled;
  if (filled + size < WORD) return;
  take_word(hash, hash->tail);
  hash->tail = filled > 0 ? rest >> 8 * (WORD - filled) : 0;
}

void hash_add_number(struct hash *hash, uint64_t number) {
  take_shifted(hash, number);
}

uint64_t hash_end(struct hash *hash) {
  take_word(hash, hash->tail | (uint64_t)hash->size << 56);
  hash->state[2] ^= 0xFF;
  mix(hash->state, LAST_ROUNDS);
  return hash->state[0] ^ hash->state[1] ^ hash->state[2] ^ hash->state[3];
}
