/* The version of json-c at run time. */
#ifndef ONPAGE_JSON_VERSION_H
#define ONPAGE_JSON_VERSION_H

#include <stdbool.h>

/* "0.16", in static memory. */
const char *json_version(void);
/* False for 0.14, which has the file name of 0.15, but loses a surrogate pair (\ud83d\ude00) that is cut by the end of a piece. */
bool json_version_is_supported(void);

#endif
