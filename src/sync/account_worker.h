/* account_worker.h - what an account's thread does, for ever or for one pass. Worker thread. */
#ifndef CRMAIL_ACCOUNT_WORKER_H
#define CRMAIL_ACCOUNT_WORKER_H

#include "worker.h"

#define PASS_TRIES 3    /* failures in a row before a pass gives up */
#define SEND_ATTEMPTS 3 /* failed ones that a pass waits for; a running host goes on */

void *account_worker_run(void *worker); /* thread function */
/* Thread function: until nothing is due. The worker's `report` is a struct account_report, of which
 * everything but the name is filled in. */
void *account_worker_pass(void *worker);
/* How a pass that ended in *e went. */
void account_worker_judge(struct account_report *r, const struct err *e);

#endif
