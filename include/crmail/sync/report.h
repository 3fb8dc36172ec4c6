/*
 * report.h - what a pass did, as formats.md "sync --once" prints it: also the form in which a
 * running host tells it to the process that asked. Any thread.
 */
#ifndef CRMAIL_REPORT_H
#define CRMAIL_REPORT_H

#include <cjson/cJSON.h>

#include "crmail/base/attrs.h"

struct account_report;
struct crm_report;
struct host_report;

/* The caller frees what these return with cJSON_Delete, or gives it to a document. */
cJSON *report_json(const struct host_report *r) NODISCARD; /* the whole, finished */

/* The same in parts: a document with empty lists "accounts" and "crms", an entry of each, and
 * "exit": 0 all well, 4 something parked or failed, 1 everything failed. */
cJSON *report_new(void) NODISCARD;
cJSON *report_of_account(const struct account_report *r) NODISCARD;
cJSON *report_of_crm(const struct crm_report *r) NODISCARD;
void report_finish(cJSON *doc);

#endif
