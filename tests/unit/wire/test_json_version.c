/* The version of json-c that the tests run with is supported. */
#include "wire/json_version.h"

#include "../unit.h"

static void test_version(void **state) {
  (void)state;
  assert_memory_equal(json_version(), "0.", 2);
  assert_true(json_version_is_supported());
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_version)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
