/*
** SipHash-1-3 under a key of the process. Whoever doesn't know the key can't make two texts collide: what is hashed here comes from the
** pages that were crawled. Hashes mean nothing to another process, and are not for storage.
*/
#ifndef ONPAGE_HASH_H
#define ONPAGE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_KEY_SIZE = 16 };

/* A hash on its way; the same bytes give the same hash however they are cut into pieces. */
struct hash {
  uint64_t state[4];
  uint64_t tail; /* the last bytes, fewer than a word */
  size_t size;
};

/* Sets the key: random bits, before anything is hashed and before a second thread may hash. */
void hash_set_key(const unsigned char key[HASH_KEY_SIZE]);

struct hash hash_begin(void);
void hash_add(struct hash *hash, const void *bytes, size_t size);
void hash_add_number(struct hash *hash, uint64_t number);
uint64_t hash_end(struct hash *hash);

#endif
