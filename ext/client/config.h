/*
** The options of one connection: from the environment at load, by onpage_config later.
**
** Credentials belong to one origin. With a base URL set, they belong to its origin; without one, an api_key belongs to AIsa's host,
** and login and password to DataForSEO's. A change of base_url that would give a credential another origin drops it, and
** setting the base URL back doesn't restore it. So every credential that is held may be sent to the base URL in force.
**
** A key file is read when it is named: its content replaces all credentials that were set before, and any that is set
** afterwards replaces its content. If the environment has both, its credentials replace the file's. SQL can't name a key file
** while the base URL's host was named by SQL alone: it could send the file anywhere.
**
** Tests: tests/unit/client/test_config_values.c.
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

/* Reads the environment, a NULL-terminated list of NAME=value: ONPAGE_ and the name in capitals, else the customary variable of
** the option (AISA_API_KEY …). Empty variables count as unset. Credentials belong to the base URL of the same environment. An
** error names the variable; one that begins with ONPAGE_ and isn't an option's is an error as well. */
CHECKED int config_read_environment(struct config *config, const char *const *variables, struct error *error);

/* Sets an option from text, as SQL does. NULL or an empty text sets the default (credentials, base_url and ca_file: none). A
** base_url of another origin drops the credentials. Fails for an unknown name, with the list of names, for a bad value, with
** what is allowed, and where the environment has locked the options; the option is unchanged then, and the message doesn't
** repeat a credential or a URL. */
CHECKED int config_set(struct config *config, const char *name, const char *value, struct error *error);
/* The option as text, NULL if it isn't set; base_url is the one in force. *text belongs to the config and is valid until its
** next change. Fails for secrets (api_key, password). */
CHECKED int config_get(const struct config *config, const char *name, const char **text, struct error *error);

/* Whether the option can be set, but not read. */
bool config_is_secret(const char *name);

/* A number; of a switch, 1 for on and 0 for off. */
int64_t config_number(const struct config *config, enum option option);
/* An option in MB, as bytes; SIZE_MAX if a size_t can't hold them. */
size_t config_bytes(const struct config *config, enum option option);
/* A text, or NULL if it isn't set. */
const char *config_text(const struct config *config, enum option option);
/* Fails if there is something at ca_file by now that isn't a regular file. */
CHECKED int config_check_ca_file(const struct config *config, struct error *error);
/* The base URL in force, without a slash at its end: as set, else as the credentials imply. */
const char *config_base_url(const struct config *config);

/* Credentials for the base URL in force. They belong to the config and are valid until its next change. */
struct credentials {
  const char *bearer; /* or NULL */
  const char *login;  /* with a password, or both NULL */
  const char *password;
};
/* Bearer if there is a key, except for DataForSEO's own hosts, which take login and password. If there are none, -1 with a
** message that says how to set them. */
CHECKED int config_credentials(const struct config *config, struct credentials *credentials, struct error *error);
/* Overwrites every secret that the config holds, in each form in which it is sent, wherever it occurs in a text from elsewhere. */
void config_mask(const struct config *config, char *text);
/* Whether the base URL is of DataForSEO's own hosts, whose documents show the array form of a body. */
bool config_is_dataforseo(const struct config *config);
/* A number that changes whenever base URL or credentials do, so that responses may differ; not if they are set to what they are. */
unsigned config_generation(const struct config *config);

#endif
