/*
** The codes of the API and their words.
*/
#include "failure.h"

static const struct status {
  int code;
  const char *message;
} statuses[] = {
    {20000, "Ok."},
    {20100, "Task Created."},
    {40100, "You are not authorized to access this resource."},
    {40102, "No Search Results."},
    {40104, "Please verify your account first."},
    {40200, "Payment Required."},
    {40202, "Rates Limit Exceeded."},
    {40203, "The Cost Limit Per Day Has Been Exceeded."},
    {40209, "Too Many Requests At Once."},
    {40210, "Insufficient Funds."},
    {40400, "Not Found."},
    {40401, "Task Not Found."},
    {40403, "Results Expired."},
    {40406, "The Page Was Not Submitted For Crawling."},
    {40501, "Invalid Field."},
    {40502, "POST Data Is Empty."},
    {40503, "POST Data Is Invalid."},
    {40506, "Unknown Fields in POST Data."},
    {40601, "Task Handed."},
    {40602, "Task In Queue."},
    {50000, "Internal Error."},
    {50001, "Internal Service Error."},
    {50301, "3rd Party API Service Unavailable."},
    {50303, "Internal Service Is Updating."},
    {50304, "Internal Service Is Overloaded."},
    {50401, "Internal Service Timeout."},
};

const char *standin_status_message(int code) {
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    if (statuses[i].code == code) return statuses[i].message;
  return "Error.";
}

void standin_refuse_field(struct standin_failure *failure, const char *name) {
  failure->level = STANDIN_AT_TASK;
  failure->code = 40501;
  standin_text_print(&failure->message, "Invalid Field: '%s'.", name);
}
