/*
** The options of one connection: from the environment at load, by onpage_config later.
**
** Credentials belong to one origin. While a base URL is set, that is its origin; while none is, an api_key belongs to AIsa's
** host, and login and password to DataForSEO's. A change of base_url that gives a credential another origin drops it for
** good: setting the base URL back does not bring it back. So whatever credential is held may be sent to the base URL in force.
**
** A key file gives all credentials there are: it is read when it is named, its content takes the place of what was set before, and any
** credential that is set afterwards takes its place. In an environment that gives credentials, they come after the file. One that SQL
** names is refused while the base URL is of a host that only SQL has named: a file's content could be sent anywhere.
*/
#ifndef ONPAGE_CONFIG_H
#define ONPAGE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "client/option.h"

struct config;

/* Options at their defaults; NULL when memory ran out. */
struct config *config_new(void);
void config_free(struct config *config); /* wipes secrets; also for NULL */

/* Reads the environment, a NULL-terminated list of NAME=value: ONPAGE_ and the name in capitals, else the customary variable of the
** option (AISA_API_KEY …). Empty variables count as unset. What is read belongs together: credentials belong to the base URL of the
** same environment. An error names the variable; one that begins with ONPAGE_ and belongs to no option is an error as well. */
CHECKED int config_read_environment(struct config *config, const char *const *variables, struct error *error);

/* Sets an option from text, as SQL does. An unknown name is an error that lists the names, a bad value one that says what is allowed, and
** so is any where the environment has locked the options. No message repeats a credential or a URL, and after an error the option is
** what it was. A NULL or empty value sets the default (credentials, base_url and ca_file: none). A base_url of another origin drops the
** credentials. */
CHECKED int config_set(struct config *config, const char *name, const char *value, struct error *error);
/* The option as text: *text belongs to the config until its next change; NULL where nothing is set; base_url is the one in
** force. Secrets (api_key, password) can't be read: that is an error. */
CHECKED int config_get(const struct config *config, const char *name, const char **text, struct error *error);

/* True for the options that can be set, but not read. */
bool config_is_secret(const char *name);

/* Numbers, and 1 or 0 for on and off. */
int64_t config_number(const struct config *config, enum option option);
/* An option in MB, in bytes; where a size_t has too few bits for that, the most that it holds. */
size_t config_bytes(const struct config *config, enum option option);
/* OPTION_CA_FILE: or NULL. */
const char *config_text(const struct config *config, enum option option);
/* Fails when ca_file has become something that reading could hang on. */
CHECKED int config_check_ca_file(const struct config *config, struct error *error);
/* The base URL in force, without a slash at its end: as set, else as the credentials imply. */
const char *config_base_url(const struct config *config);

/* What is sent to the base URL in force. */
struct credentials {
  const char *bearer; /* or NULL; these belong to the config until its next change */
  const char *login;  /* with password, or both NULL */
  const char *password;
};
/* Bearer where there is a key, except to DataForSEO's own hosts, which take login and password. -1 with a message that says
** how to set them when there is none. */
CHECKED int config_credentials(const struct config *config, struct credentials *credentials, struct error *error);
/* Overwrites every secret that the config holds, in each form in which it is sent, wherever it stands in a text from elsewhere. */
void config_mask(const struct config *config, char *text);
/* True for DataForSEO's own hosts: they publish the array form of a body. */
bool config_is_dataforseo(const struct config *config);
/* Changes with every change (not when a value is set to what it is) that could make a response another one (base URL, credentials). */
unsigned config_generation(const struct config *config);

#endif
