/* account_worker.h - what an account's thread does, for ever or for one pass. Worker thread. */
#ifndef CRMAIL_ACCOUNT_WORKER_H
#define CRMAIL_ACCOUNT_WORKER_H

#include "worker.h"

struct account_report;

void *account_worker_run(void *worker); /* thread function */
/* Until nothing is due. Fills everything of *out but its name. */
void account_worker_pass(struct worker *w, struct account_report *out);

#endif
