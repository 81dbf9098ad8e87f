/* What every unit test needs: cmocka with the headers that it wants before it, and values written short. */
#ifndef UNIT_H
#define UNIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/value.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* From here on, doubles skip whole numbers. */
#define TWO_53 INT64_C(9007199254740992)

/* Initialisers of a struct value. The text of TEXT may hold zeros. */
/* clang-format off */
#define NONE {.type = VALUE_NULL}
#define INT(number) {.type = VALUE_INTEGER, .integer = (number)}
#define REAL(number) {.type = VALUE_REAL, .real = (number)}
#define TEXT(literal) {.type = VALUE_TEXT, .text = (literal), .size = sizeof(literal) - 1}
#define BLOB {.type = VALUE_BLOB}
/* clang-format on */

#endif
