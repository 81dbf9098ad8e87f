/* What is done with secrets beside sending them: they are wiped before their memory is freed, and masked in texts from elsewhere. */
#ifndef ONPAGE_SECRET_H
#define ONPAGE_SECRET_H

#include <stddef.h>

/* Fills the bytes of a text with zeros, although nobody reads them again; also for NULL. */
void secret_wipe(char *text);
/* Overwrites a secret with asterisks wherever it stands in the text, as it is or escaped as in JSON, and at the text's end even the
** secret's start, for the text may have been cut there. A secret that is NULL or empty stands nowhere. */
void secret_mask(char *text, const char *secret);

/* Room for the base64 form of login:password, each of at most `size` bytes. */
#define SECRET_BASIC_SIZE(size) ((2 * (size_t)(size) + 3) / 3 * 4 + 1)
/* What HTTP Basic makes of login and password, without the padding at its end. */
void secret_basic(const char *login, const char *password, char *base64, size_t base64_size);

#endif
