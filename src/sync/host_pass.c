/*
 * host_pass.c - everything once: in a process that does nothing else (`crmail sync --once`), and
 * as something asked of a host that runs.
 */
#include "config.h"

#include "host_private.h"

#include <stdlib.h>

#include "crmail/base/arena.h"
#include "crmail/base/err.h"
#include "crmail/base/json.h"
#include "crmail/store/care.h"
#include "crmail/sync/report.h"

#include "account_worker.h"
#include "crm_worker.h"

/* ---- the pass of `crmail sync --once` -------------------------------------------------------- */

/* Accounts side by side, so that one that stalls holds up none; then the CRMs, which log what they
 * brought. */
int host_pass(struct host *h, struct arena *a, struct host_report *out, struct err *e)
{
	struct worker **accounts = h->accounts.v, **crms = h->crms.v;
	int rc = 0;
	*out = (struct host_report){
		.accounts = arena_array(a, h->accounts.n + 1, sizeof *out->accounts),
		.n_accounts = h->accounts.n,
		.crms = arena_array(a, h->crms.n + 1, sizeof *out->crms),
		.n_crms = h->crms.n,
	};
	for (size_t i = 0; i < out->n_accounts && !rc; i++) {
		out->accounts[i].name = arena_strdup(a, accounts[i]->name);
		accounts[i]->report = &out->accounts[i];
		rc = worker_start(accounts[i], account_worker_pass, e);
	}
	for (size_t i = 0; i < out->n_accounts; i++)
		worker_join(accounts[i]);
	if (rc)
		return -1;
	for (size_t i = 0; i < out->n_crms; i++) {
		out->crms[i].name = arena_strdup(a, crms[i]->name);
		crm_worker_pass(crms[i], a, &out->crms[i]);
	}
	care_once(h->options.store);
	return 0;
}

/* ---- passes of a host that runs -------------------------------------------------------------- */

static void begin_list(struct worker_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		l->v[i]->owes_pass = true;
		worker_post(l->v[i], REQUEST_PASS);
	}
}

static bool is_waited_for(const struct worker_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i]->owes_pass)
			return true;
	return false;
}

static void take_reports(struct worker_list *l, cJSON *list)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i]->passed)
			cJSON_AddItemToArray(list, l->v[i]->passed);
		l->v[i]->passed = NULL;
	}
}

static void begin_pass(struct host *h)
{
	h->pass.running = h->pass.wanted;
	h->pass.is_logging = false;
	begin_list(&h->accounts);
}

static void end_pass(struct host *h)
{
	cJSON *doc = report_new();
	take_reports(&h->accounts, cJSON_GetObjectItemCaseSensitive(doc, "accounts"));
	take_reports(&h->crms, cJSON_GetObjectItemCaseSensitive(doc, "crms"));
	report_finish(doc);
	free(h->pass.text);
	h->pass.text = json_print(doc);
	cJSON_Delete(doc);
	h->pass.done = h->pass.running;
	h->pass.running = 0;
	if (h->options.on_news)
		h->options.on_news(h->options.news_ctx);
}

/* Nothing owed any more: the next part, or the next pass. Each round ends one part, and a part
 * without a worker ends at once. */
void host_pass_advance(struct host *h)
{
	while (h->pass.running) {
		struct worker_list *l = h->pass.is_logging ? &h->crms : &h->accounts;
		if (is_waited_for(l))
			return;
		if (!h->pass.is_logging) {
			h->pass.is_logging = true;
			begin_list(&h->crms);
			continue;
		}
		end_pass(h);
		if (h->pass.wanted > h->pass.done)
			begin_pass(h);
	}
}

static bool is_account(const struct host *h, const struct worker *w)
{
	for (size_t i = 0; i < h->accounts.n; i++)
		if (h->accounts.v[i] == w)
			return true;
	return false;
}

static cJSON *named_account(const struct worker *w, const struct account_report *r)
{
	struct account_report named = *r;
	named.name = w->name;
	return report_of_account(&named);
}

static cJSON *named_crm(const struct worker *w, const struct crm_report *r)
{
	struct crm_report named = *r;
	named.name = w->name;
	return report_of_crm(&named);
}

/* A report that nobody waits for is one of a worker that was taken from the lists meanwhile. */
void host_pass_passed(void *host, struct worker *w, const void *report)
{
	struct host *h = host;
	pthread_mutex_lock(&h->lock);
	if (w->owes_pass) {
		w->owes_pass = false;
		w->passed = is_account(h, w) ? named_account(w, report) : named_crm(w, report);
		host_pass_advance(h);
	}
	pthread_mutex_unlock(&h->lock);
}

int64_t host_want_pass(struct host *h)
{
	pthread_mutex_lock(&h->lock);
	if (h->pass.wanted <= h->pass.running || !h->pass.running)
		h->pass.wanted++;
	int64_t number = h->pass.wanted;
	if (!h->pass.running) {
		begin_pass(h);
		host_pass_advance(h);
	}
	pthread_mutex_unlock(&h->lock);
	return number;
}

char *host_take_report(struct host *h, int64_t *number)
{
	pthread_mutex_lock(&h->lock);
	char *text = h->pass.text;
	h->pass.text = NULL;
	*number = h->pass.done;
	pthread_mutex_unlock(&h->lock);
	return text;
}

void host_pass_release(struct host *h)
{
	free(h->pass.text);
}
