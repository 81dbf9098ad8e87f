/* Secrets are wiped before their memory is freed, and masked in texts that come from elsewhere. */
#ifndef ONPAGE_SECRET_H
#define ONPAGE_SECRET_H

#include <stddef.h>

/* Overwrites a text with zeros, even if it is freed next; also for NULL. */
void secret_wipe(char *text);
/* Overwrites a secret with asterisks wherever it occurs in the text, plain or escaped as in JSON, URLs or HTML. At the end of
** the text its first characters suffice, since the text may have been cut there. Does nothing if the secret is NULL or empty. */
void secret_mask(char *text, const char *secret);

/* Room for the base64 form of login:password, if each has at most `size` bytes. */
#define SECRET_BASIC_SIZE(size) ((2 * (size_t)(size) + 3) / 3 * 4 + 1)
/* login:password in base64, as HTTP Basic sends it, without the padding at its end. */
void secret_basic(const char *login, const char *password, char *base64, size_t base64_size);

#endif
