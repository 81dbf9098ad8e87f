/*
** SipHash-1-3 under a key of the process. The hashed text comes from crawled pages; their authors don't know the key, so they
** can't construct collisions. Hashes mean nothing to another process, and aren't stored.
*/
#ifndef ONPAGE_HASH_H
#define ONPAGE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_KEY_SIZE = 16 };

/* A hash in the making; the same bytes give the same hash, whatever pieces they are added in. */
struct hash {
  uint64_t state[4];
  uint64_t tail; /* the last bytes, fewer than a word */
  size_t size;
};

/* Sets the key, random bits; before anything is hashed, and before a second thread may hash. */
void hash_set_key(const unsigned char key[HASH_KEY_SIZE]);

struct hash hash_begin(void);
void hash_add(struct hash *hash, const void *bytes, size_t size);
void hash_add_number(struct hash *hash, uint64_t number);
uint64_t hash_end(struct hash *hash);

#endif
