/* See faults.h. Only faults that the API's documents call temporary, broken transfers, and responses that are late or belong
** to other requests. */
#include "faults.h"

#include <stdio.h>

#include "../e2e/hurry.h"

enum { HURRY = 200, PERCENT = 30, REQUESTS = 200, KIND = 3 };

static const struct standin_fault faults[] = {
    {.kind = STANDIN_FAULT_HTTP, .http_status = 429},
    {.kind = STANDIN_FAULT_HTTP, .http_status = 429, .retry_after = "1"},
    {.kind = STANDIN_FAULT_HTTP, .http_status = 500},
    {.kind = STANDIN_FAULT_HTTP, .http_status = 502, .text = "<html><h1>Bad Gateway</h1></html>"},
    {.kind = STANDIN_FAULT_HTTP, .http_status = 503, .retry_after = "2"},
    {.kind = STANDIN_FAULT_HTTP, .http_status = 504, .text = ""},
    {.kind = STANDIN_FAULT_ENVELOPE, .code = 40202},
    {.kind = STANDIN_FAULT_ENVELOPE, .code = 40209},
    {.kind = STANDIN_FAULT_ENVELOPE, .code = 50000},
    {.kind = STANDIN_FAULT_TASK, .code = 50001},
    {.kind = STANDIN_FAULT_TASK, .code = 50301},
    {.kind = STANDIN_FAULT_TASK, .code = 50303},
    {.kind = STANDIN_FAULT_TASK, .code = 50304},
    {.kind = STANDIN_FAULT_TASK, .code = 50401},
    {.kind = STANDIN_FAULT_BODY, .text = ""},
    {.kind = STANDIN_FAULT_BODY, .text = "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"resu"},
    {.kind = STANDIN_FAULT_BODY, .text = "{\"status_code\":20000,\"tasks\":[}"},
    {.kind = STANDIN_FAULT_BODY, .text = "<html><h1>Sign in</h1></html>"},
    {.kind = STANDIN_FAULT_TRUNCATE},
    {.kind = STANDIN_FAULT_RESET},
    {.kind = STANDIN_FAULT_STALL, .delay_ms = 2},
    {.kind = STANDIN_FAULT_STALL, .delay_ms = 5},
    {.kind = STANDIN_FAULT_ECHO},
    {.kind = STANDIN_FAULT_FOREIGN},
    {.kind = STANDIN_FAULT_LATE},
};

/* Another request than any of the extension's: its limit is not among the page sizes. */
static void write_foreign(struct random *random, bool in_array, char body[100]) {
  const char *form = in_array ? "[{\"id\":\"%s\",\"limit\":997}]" : "{\"id\":\"%s\",\"limit\":997}";
  snprintf(body, 100, form, world_tasks[random_below(random, TASKS)]);
}

void faults_begin(void) {
  hurry(HURRY);
}

void faults_endure(struct world *world) {
  /* Left out: permanent failures, and a cursor moved on by a response that never arrives. */
  world->readings.available_fails = false;
  world->readings.offset_most = 0;
  world->readings.token_life = 0;
  world->readings.token_same = false;
  standin_set_readings(world->standin, &world->readings);
  harness_run(world->db, "SELECT onpage_config('max_retries', 100), onpage_config('timeout_ms', 3600000), "
                         "onpage_config('connect_timeout_ms', 3600000)");
}

void faults_plant(const struct world *world, uint64_t seed, uint64_t n) {
  struct random random = random_of(seed, KIND, n);
  standin_clear_faults(world->standin);
  for (size_t nth = 1; nth <= REQUESTS; nth++) {
    if (!random_chance(&random, PERCENT)) continue;
    char body[100];
    struct standin_fault fault = faults[random_below(&random, LENGTH(faults))];
    bool foreign = fault.kind == STANDIN_FAULT_FOREIGN || fault.kind == STANDIN_FAULT_LATE;
    if (foreign || fault.kind == STANDIN_FAULT_ECHO) {
      write_foreign(&random, foreign && world->readings.body == STANDIN_BODY_ARRAY, body);
      fault.text = body;
    }
    standin_plant(world->standin, nth, &fault);
  }
}
