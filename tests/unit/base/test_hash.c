/* SipHash-1-3: the test vectors of its authors, as another implementation computes them; and input in pieces. */
#include "base/hash.h"

#include "../unit.h"

/* Key and message count up from 0. */
static void set_key(void) {
  unsigned char key[HASH_KEY_SIZE];
  for (int i = 0; i < HASH_KEY_SIZE; i++) key[i] = (unsigned char)i;
  hash_set_key(key);
}

static uint64_t hash_of(const unsigned char *bytes, size_t size, size_t piece) {
  struct hash hash = hash_begin();
  for (size_t at = 0; at < size; at += piece) hash_add(&hash, bytes + at, size - at < piece ? size - at : piece);
  return hash_end(&hash);
}

static void test_vectors(void **state) {
  static const struct {
    size_t size;
    uint64_t hash;
  } vectors[] = {{0, 0xabac0158050fc4dc}, {1, 0xc9f49bf37d57ca93},  {7, 0xd3927d989bb11140},
                 {8, 0x369095118d299a8e}, {15, 0xd320d86d2a519956}, {63, 0x9d199062b7bbb3a8}};
  unsigned char bytes[64];
  (void)state;
  set_key();
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)i;
  for (size_t i = 0; i < LENGTH(vectors); i++)
    for (size_t piece = 1; piece <= sizeof bytes; piece++)
      assert_true(hash_of(bytes, vectors[i].size, piece) == vectors[i].hash);
}

static void test_key(void **state) {
  unsigned char key[HASH_KEY_SIZE] = {0};
  (void)state;
  set_key();
  uint64_t before = hash_of(key, sizeof key, 5);
  hash_set_key(key);
  uint64_t after = hash_of(key, sizeof key, 5);
  assert_true(before != after);
}

static void test_number(void **state) {
  struct hash one = hash_begin(), other = hash_begin();
  (void)state;
  hash_add_number(&one, 0x0102030405060708);
  hash_add(&other, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
  assert_true(hash_end(&one) == hash_end(&other));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_vectors),
      cmocka_unit_test(test_key),
      cmocka_unit_test(test_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
