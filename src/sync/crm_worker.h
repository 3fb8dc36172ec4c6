/* crm_worker.h - what a CRM's thread does, for ever or for one pass. Worker thread. */
#ifndef CRMAIL_CRM_WORKER_H
#define CRMAIL_CRM_WORKER_H

#include "worker.h"

struct arena;
struct crm_report;

void *crm_worker_run(void *worker); /* thread function */
void crm_worker_pass(struct worker *w, struct arena *a, struct crm_report *out);

#endif
