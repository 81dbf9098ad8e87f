/* The key file (file.h, by way of its option): what is taken from it, what takes its place, and where its content never goes. */
#include "fixture_config.h"

#include <sys/stat.h>
#include <unistd.h>

/* A home with a key file, made for each test. */
static struct {
  char home[64];
  char folder[128];
  char path[160];
  char home_variable[96];
  char path_variable[192];
} place;

static struct error error;

static int set_up(void **state) {
  (void)state;
  snprintf(place.home, sizeof place.home, "/tmp/onpage-test-XXXXXX");
  if (mkdtemp(place.home) == NULL) return -1;
  snprintf(place.folder, sizeof place.folder, "%s/.config", place.home);
  if (mkdir(place.folder, 0700) != 0) return -1;
  snprintf(place.folder, sizeof place.folder, "%s/.config/onpage", place.home);
  if (mkdir(place.folder, 0700) != 0) return -1;
  snprintf(place.path, sizeof place.path, "%s/key", place.folder);
  snprintf(place.home_variable, sizeof place.home_variable, "HOME=%s", place.home);
  snprintf(place.path_variable, sizeof place.path_variable, "ONPAGE_KEY_FILE=%s", place.path);
  return 0;
}

static int tear_down(void **state) {
  char config[128];
  (void)state;
  snprintf(config, sizeof config, "%s/.config", place.home);
  unlink(place.path);
  rmdir(place.path);
  rmdir(place.folder);
  rmdir(config);
  return rmdir(place.home);
}

static void write_key(const char *bytes, size_t size, mode_t mode) {
  FILE *file = fopen(place.path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  fclose(file);
  assert_int_equal(chmod(place.path, mode), 0);
}

static void write_text(const char *text) {
  write_key(text, strlen(text), 0600);
}

/* From an environment with a home and up to three variables more. NULL after an error. */
static struct config *load(const char *first, const char *second, const char *third) {
  const char *const variables[] = {place.home_variable, first, second, third, NULL};
  struct config *config = config_new();
  assert_non_null(config);
  if (config_read_environment(config, variables, &error) == 0) return config;
  config_free(config);
  return NULL;
}

/* What is sent, and where: "KEY to BASE", "LOGIN:PASSWORD to BASE"; or "nothing". */
static void check_sent(const struct config *config, const char *expected) {
  char text[300] = "nothing";
  struct credentials credentials;
  if (config_credentials(config, &credentials, &error) == 0)
    snprintf(text, sizeof text, "%s%s%s to %s", credentials.bearer != NULL ? credentials.bearer : credentials.login,
             credentials.bearer != NULL ? "" : ":", credentials.bearer != NULL ? "" : credentials.password,
             config_base_url(config));
  assert_string_equal(text, expected);
}

#define TO_AISA " to " AISA
#define TO_DATAFORSEO " to " DATAFORSEO

static void test_contents(void **state) {
  static const struct {
    const char *text, *sent;
  } cases[] = {
      {"k", "k" TO_AISA},
      {"k\n", "k" TO_AISA},
      {"k\r\n\n", "k" TO_AISA},
      {"  \"Bearer k\"  \n", "k" TO_AISA},
      {"me@example.com:p", "me@example.com:p" TO_DATAFORSEO},
      {"me@example.com:p:q\n", "me@example.com:p:q" TO_DATAFORSEO},
      {"me@example.com: p \n", "me@example.com:p" TO_DATAFORSEO},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    write_text(cases[i].text);
    struct config *config = load(NULL, NULL, NULL);
    assert_non_null(config);
    check_sent(config, cases[i].sent);
    assert_string_equal(get(config, "key_file"), place.path);
    config_free(config);
    config = load(place.path_variable, NULL, NULL);
    assert_non_null(config);
    check_sent(config, cases[i].sent);
    config_free(config);
    config = config_new();
    set(config, "key_file", place.path);
    check_sent(config, cases[i].sent);
    assert_string_equal(get(config, "key_file"), place.path);
    config_free(config);
  }
}

/* $XDG_CONFIG_HOME comes before ~/.config, a named file before the default one; a missing file is not an error. */
static void test_places(void **state) {
  char folder_variable[96];
  (void)state;
  struct config *config = load(NULL, NULL, NULL);
  assert_non_null(config);
  check_sent(config, "nothing");
  assert_null(get(config, "key_file"));
  assert_non_null(strstr(error.message, place.path)); /* where it would be */
  assert_null(strstr(error.message, "No such file"));
  config_free(config);
  write_text("k");
  config = load("XDG_CONFIG_HOME=/nonexistent", NULL, NULL);
  assert_non_null(config);
  check_sent(config, "nothing");
  config_free(config);
  config = load("XDG_CONFIG_HOME=relative", NULL, NULL); /* its specification says to ignore it */
  assert_non_null(config);
  check_sent(config, "k" TO_AISA);
  config_free(config);
  snprintf(folder_variable, sizeof folder_variable, "XDG_CONFIG_HOME=%s/.config", place.home);
  place.home_variable[0] = 'X';
  config = load(folder_variable, NULL, NULL);
  assert_non_null(config);
  check_sent(config, "k" TO_AISA);
  config_free(config);
  config = load(NULL, NULL, NULL); /* without HOME */
  assert_non_null(config);
  check_sent(config, "nothing");
  config_free(config);
}

/* Credentials set in another way, before or after, replace the file's as a whole. */
static void test_order(void **state) {
  (void)state;
  write_text("me:p");
  struct config *config = load("AISA_API_KEY=a", NULL, NULL);
  assert_non_null(config);
  check_sent(config, "a" TO_AISA);
  assert_null(get(config, "login"));
  assert_null(get(config, "key_file"));
  set(config, "key_file", place.path); /* set later: it wins */
  check_sent(config, "me:p" TO_DATAFORSEO);
  set(config, "api_key", "b");
  check_sent(config, "b" TO_AISA);
  assert_null(get(config, "login"));
  set(config, "key_file", NULL); /* the default one again, which is there */
  check_sent(config, "me:p" TO_DATAFORSEO);
  config_free(config);

  write_text("k");
  config = load("DATAFORSEO_LOGIN=l", "DATAFORSEO_PASSWORD=q", place.path_variable);
  assert_non_null(config);
  check_sent(config, "l:q" TO_DATAFORSEO);
  config_free(config);

  config = load(NULL, NULL, NULL);
  assert_non_null(config);
  unsigned generation = config_generation(config);
  set(config, "key_file", place.path);
  assert_int_equal(config_generation(config), generation);
  write_text("another");
  set(config, "key_file", place.path);
  assert_int_not_equal(config_generation(config), generation);
  check_sent(config, "another" TO_AISA);
  assert_int_equal(unlink(place.path), 0);
  check_sent(config, "another" TO_AISA); /* was read when it was set */
  set(config, "key_file", NULL);
  check_sent(config, "nothing");
  config_free(config);
}

/* Its credentials belong to the current base URL, as others do; SQL can't have them sent to a host that only SQL has named. */
static void test_origins(void **state) {
  (void)state;
  write_text("k");
  struct config *config = load("ONPAGE_BASE_URL=https://proxy.example/x", NULL, NULL);
  assert_non_null(config);
  check_sent(config, "k to https://proxy.example/x");
  set(config, "base_url", "https://other.example");
  check_sent(config, "nothing");
  assert_null(get(config, "key_file"));
  const char *const values[] = {NULL, place.path};
  for (size_t i = 0; i < LENGTH(values); i++) {
    assert_int_equal(config_set(config, "key_file", values[i], &error), -1);
    assert_non_null(strstr(error.message, "not to https://other.example:443"));
    check_sent(config, "nothing");
  }
  static const char *const allowed[][2] = {{"https://proxy.example/y", "k to https://proxy.example/y"},
                                           {"http://127.0.0.1:1", "k to http://127.0.0.1:1"},
                                           {NULL, "k" TO_AISA},
                                           {"https://api.aisa.one/other", "k to https://api.aisa.one/other"}};
  for (size_t i = 0; i < LENGTH(allowed); i++) {
    set(config, "base_url", allowed[i][0]);
    set(config, "key_file", place.path);
    check_sent(config, allowed[i][1]);
  }
  write_text("l:p");
  set(config, "base_url", "https://sandbox.dataforseo.com/v3");
  set(config, "key_file", place.path);
  check_sent(config, "l:p to https://sandbox.dataforseo.com/v3");
  config_free(config);
}

/* A file that can't be used is refused when it is named, by SQL or the environment; the default one is reported when
** credentials are missing. No message shows its content. */
static void check_refused(const char *reason) {
  struct config *config = config_new();
  set(config, "api_key", "before");
  assert_int_equal(config_set(config, "key_file", place.path, &error), -1);
  if (strstr(error.message, reason) == NULL || strncmp(error.message, "key_file: ", 10) != 0) fail_msg("%s", error.message);
  assert_null(strstr(error.message, "hidden"));
  check_sent(config, "before" TO_AISA);
  assert_null(get(config, "key_file"));
  config_free(config);

  assert_null(load(place.path_variable, NULL, NULL));
  if (strstr(error.message, reason) == NULL || strncmp(error.message, "ONPAGE_KEY_FILE: ", 17) != 0)
    fail_msg("%s", error.message);
  assert_null(strstr(error.message, "hidden"));

  config = load(NULL, NULL, NULL);
  assert_non_null(config);
  check_sent(config, "nothing");
  if (strstr(error.message, reason) == NULL || strstr(error.message, place.path) == NULL) fail_msg("%s", error.message);
  assert_null(strstr(error.message, "hidden"));
  config_free(config);
  config = load("AISA_API_KEY=a", NULL, NULL);
  assert_non_null(config);
  check_sent(config, "a" TO_AISA);
  config_free(config);
}

static void test_refused_contents(void **state) {
  static char large[9000];
  static const struct {
    const char *bytes;
    size_t size; /* 0: up to the zero */
    const char *reason;
  } cases[] = {
      {"", 0, "only blanks"},
      {" \n", 0, "only blanks"},
      {":hidden", 0, "only blanks"},
      {"me:\n", 0, "only blanks"},
      {"hidden\nhidden\n", 0, "control characters"},
      {"hid\tden", 0, "control characters"},
      {"hidden\0", 7, "zero byte"},
      {large, 4097, "at most 4096 bytes"},
      {large, sizeof large, "longer than a key"},
  };
  (void)state;
  memset(large, 'x', sizeof large);
  for (size_t i = 0; i < LENGTH(cases); i++) {
    write_key(cases[i].bytes, cases[i].size > 0 ? cases[i].size : strlen(cases[i].bytes), 0600);
    check_refused(cases[i].reason);
  }
}

static void test_refused_files(void **state) {
  static const mode_t modes[] = {0644, 0640, 0604, 0620, 0602, 0610, 0666};
  (void)state;
  for (size_t i = 0; i < LENGTH(modes); i++) {
    write_key("hidden", 6, modes[i]);
    check_refused("chmod 600");
  }
  write_key("hidden", 6, 0600);
  if (geteuid() == 0) { /* only root can give files away */
    assert_int_equal(chown(place.path, 12345, 12345), 0);
    check_refused("belongs to another user");
  }
  unlink(place.path);
  assert_int_equal(mkdir(place.path, 0700), 0);
  check_refused("not a regular file");
  rmdir(place.path);
  assert_int_equal(mkfifo(place.path, 0600), 0);
  check_refused("not a regular file"); /* and doesn't wait for a writer */
  unlink(place.path);
  assert_int_equal(symlink("/dev/zero", place.path), 0);
  check_refused("not a regular file");
  unlink(place.path);
  assert_int_equal(symlink("loop", place.path), 0); /* names nothing: as if there were no file */
  struct config *config = load(NULL, NULL, NULL);
  assert_non_null(config);
  config_free(config);
  assert_null(load(place.path_variable, NULL, NULL));
  assert_non_null(strstr(error.message, "No such file"));
}

/* What is read is wiped when it is no longer needed, and so is the buffer it was read into. */
static void test_wiped(void **state) {
  (void)state;
  write_text("me@example.com:0123456789abcdef-the-part-looked-for");
  struct config *config = config_new();
  set(config, "key_file", place.path);
  check_sent(config, "me@example.com:0123456789abcdef-the-part-looked-for" TO_DATAFORSEO);
  if (!heap_holds("-the-part-looked-for")) { /* another allocator: its heap can't be found this way */
    config_free(config);
    skip();
  }
  set(config, "api_key", "another one");
  assert_false(heap_holds("-the-part-looked-for"));
  config_free(config);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_contents, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_origins, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_refused_contents, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_refused_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_wiped, set_up, tear_down),
  };
  return cmocka_run_group_tests_name("config key file", tests, NULL, NULL);
}
