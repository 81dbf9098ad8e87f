/*
** For clang-tidy alone (`make lint`). Its analyzer sees one source at a time: unless told that these functions always return -1, it
** follows `return error_set(…)` as if it could succeed.
*/
#include "../ext/base/error.h"

#define error_set(...) (error_set(__VA_ARGS__), -1)
#define error_no_memory(...) (error_no_memory(__VA_ARGS__), -1)
#define error_interrupted(...) (error_interrupted(__VA_ARGS__), -1)
