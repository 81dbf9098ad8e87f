/*
** SipHash as its authors describe it (Aumasson and Bernstein, 2012), with two rounds a word and four at the end. The variant with one and
** three would do where no hash is ever shown, but rowids are shown, and hashing is done for those who ask only.
*/
#include "hash.h"

enum { ROUNDS = 2, LAST_ROUNDS = 4, WORD = 8 };

static uint64_t process_key[2];

/* Little-endian on every machine: so that pieces can be put together byte by byte. */
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

void hash_add(struct hash *hash, const void *bytes, size_t size) {
  const unsigned char *byte = bytes;
  const unsigned char *end = byte + size;
  while (byte < end) {
    size_t filled = hash->size % WORD;
    if (filled == 0 && end - byte >= WORD) {
      take_word(hash, load(byte));
      byte += WORD;
      hash->size += WORD;
      continue;
    }
    hash->tail |= (uint64_t)*byte++ << 8 * filled;
    hash->size++;
    if (filled + 1 < WORD) continue;
    take_word(hash, hash->tail);
    hash->tail = 0;
  }
}

void hash_add_number(struct hash *hash, uint64_t number) {
  unsigned char bytes[WORD];
  for (int i = 0; i < WORD; i++) bytes[i] = (unsigned char)(number >> 8 * i);
  hash_add(hash, bytes, sizeof bytes);
}

uint64_t hash_end(struct hash *hash) {
  take_word(hash, hash->tail | (uint64_t)hash->size << 56);
  hash->state[2] ^= 0xFF;
  mix(hash->state, LAST_ROUNDS);
  return hash->state[0] ^ hash->state[1] ^ hash->state[2] ^ hash->state[3];
}
