/*
** Text from elsewhere as part of a message: one line, one space between words, no control characters (which a terminal could obey),
** nothing invisible (which could reverse or hide the rest), valid UTF-8, cut between two characters.
**
** Each function writes at most size bytes, including the zero, to line, and returns how many without the zero. size is not 0.
*/
#ifndef ONPAGE_EXCERPT_H
#define ONPAGE_EXCERPT_H

#include <stddef.h>

size_t excerpt_text(char *line, size_t size, const char *text, size_t text_size);
/* The text between the tags of an HTML page, which may be cut off; comments, scripts and styles are left out. */
size_t excerpt_html(char *line, size_t size, const char *html, size_t html_size);

#endif
