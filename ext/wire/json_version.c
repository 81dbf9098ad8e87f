#include "wire/json_version.h"

#include <json-c/json.h>

enum { JSON_C_OLDEST = 15 << 8 };

const char *json_version(void) {
  return json_c_version();
}

bool json_version_is_supported(void) {
  return json_c_version_num() >= JSON_C_OLDEST;
}
