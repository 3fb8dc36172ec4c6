/*
 * host.c - the lock, the workers of all accounts and CRMs, and the one-pass run of the CLI.
 */
#include "config.h"

#include "crmail/sync/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/store/account.h"
#include "crmail/store/care.h"
#include "crmail/store/contact.h"
#include "crmail/provider/provider.h"
#include "crmail/store/store.h"

#include "account_worker.h"
#include "crm_worker.h"
#include "worker.h"

struct host {
	struct host_options options;
	int lock_fd;
	struct care *care; /* of the data folder; NULL in a pass */
	struct worker *accounts;
	size_t n_accounts;
	struct worker *crms;
	size_t n_crms;
};

/* Who hosts, for `crmail status`; losing this line harms nothing. */
static int note_host(const struct host *h)
{
	char line[64];
	int n = snprintf(line, sizeof line, "%lld %s\n", (long long)getpid(),
		h->options.kind ? h->options.kind : "once");
	if (ftruncate(h->lock_fd, 0) || pwrite(h->lock_fd, line, (size_t)n, 0) != n)
		log_line(LOG_WARN, "host", "the lock file could not be written");
	return 0;
}

bool host_running(const char *data_dir, int64_t *pid, const char **kind)
{
	CLEANUP(free_str) char *path = fsx_join(data_dir, "host.lock");
	char line[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool is_free = flock(fd, LOCK_SH | LOCK_NB) == 0;
	ssize_t n = is_free ? 0 : pread(fd, line, sizeof line - 1, 0);
	close(fd);
	char *blank = n > 0 ? strchr(line, ' ') : NULL;
	if (!blank)
		return false;
	*blank = '\0';
	*kind = str_starts(blank + 1, "daemon") ? "daemon" : "tui";
	return str_to_i64(line, 1, INT32_MAX, pid);
}

static int take_lock(struct host *h, struct err *e)
{
	CLEANUP(free_str) char *path = fsx_join(h->options.data_dir, "host.lock");
	h->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (h->lock_fd < 0)
		return err_sys(e, ERR_IO, errno, _("Cannot open %s"), path);
	if (flock(h->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return note_host(h);
	if (errno == EWOULDBLOCK)
		return err_set(e, ERR_CONFLICT, _("Another crmail is syncing this data folder."));
	return err_sys(e, ERR_IO, errno, _("Cannot lock %s"), path);
}

static int make_workers(struct host *h, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store_reader *r = NULL;
	struct account_row *accounts = NULL;
	struct crm_row *crms = NULL;
	size_t n_accounts = 0, n_crms = 0;
	if (store_reader_open(h->options.store, &r, e))
		return -1;
	int rc = account_list(r, &a, &accounts, &n_accounts, e) ||
		 crm_list(r, &a, &crms, &n_crms, e);
	store_reader_close(r);
	if (rc)
		return -1;
	h->accounts = xcalloc(n_accounts ? n_accounts : 1, sizeof *h->accounts);
	h->crms = xcalloc(n_crms ? n_crms : 1, sizeof *h->crms);
	for (size_t i = 0; i < n_accounts; i++) {
		if (!provider_by_kind(accounts[i].kind))
			continue; /* imported mail has no server */
		if (worker_init(&h->accounts[h->n_accounts], &h->options, accounts[i].id, e))
			return -1;
		h->n_accounts++;
	}
	for (size_t i = 0; i < n_crms; i++, h->n_crms++)
		if (worker_init(&h->crms[i], &h->options, crms[i].id, e))
			return -1;
	for (size_t i = 0; i < h->n_accounts; i++) {
		h->accounts[i].followers = h->crms;
		h->accounts[i].n_followers = h->n_crms;
	}
	return 0;
}

int host_open(struct host **out, const struct host_options *o, struct err *e)
{
	struct host *h = xcalloc(1, sizeof *h);
	h->options = *o;
	h->lock_fd = -1;
	if (take_lock(h, e) || make_workers(h, e)) {
		host_close(h);
		return -1;
	}
	*out = h;
	return 0;
}

int host_start(struct host *h, struct err *e)
{
	for (size_t i = 0; i < h->n_accounts; i++)
		if (worker_start(&h->accounts[i], account_worker_run, e))
			return -1;
	for (size_t i = 0; i < h->n_crms; i++)
		if (worker_start(&h->crms[i], crm_worker_run, e))
			return -1;
	return care_start(&h->care, h->options.store, e);
}

void host_close(struct host *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n_accounts; i++) /* ask all before waiting for any */
		worker_ask_stop(&h->accounts[i]);
	for (size_t i = 0; i < h->n_crms; i++)
		worker_ask_stop(&h->crms[i]);
	care_stop(h->care);
	for (size_t i = 0; i < h->n_accounts; i++)
		worker_release(&h->accounts[i]);
	for (size_t i = 0; i < h->n_crms; i++)
		worker_release(&h->crms[i]);
	if (h->lock_fd >= 0)
		close(h->lock_fd);
	free(h->accounts);
	free(h->crms);
	free(h);
}

static void post_all(struct host *h, int64_t account, unsigned requests)
{
	for (size_t i = 0; i < h->n_accounts; i++)
		if (!account || h->accounts[i].id == account)
			worker_post(&h->accounts[i], requests);
	for (size_t i = 0; i < h->n_crms; i++) /* whatever an account got may have to be logged */
		worker_post(&h->crms[i], requests);
}

void host_kick(struct host *h, int64_t account)
{
	post_all(h, account, REQUEST_KICK);
}

void host_sync_now(struct host *h, int64_t account)
{
	post_all(h, account, REQUEST_SYNC_NOW);
}

void host_want_body(struct host *h, int64_t message)
{
	for (size_t i = 0; i < h->n_accounts; i++) /* the owner fetches it, the others ignore it */
		worker_post_body(&h->accounts[i], message);
}

bool host_progress(struct host *h, char *out, size_t size)
{
	int64_t done = 0, total = 0;
	for (size_t i = 0; i < h->n_accounts; i++) {
		int64_t d, t;
		worker_get_progress(&h->accounts[i], &d, &t);
		done += d;
		total += t;
	}
	if (total == 0 || done >= total)
		return false;
	/* TRANSLATORS: progress of the first download of messages. */
	snprintf(out, size, _("Fetching mail: %lld of %lld"), (long long)done, (long long)total);
	return true;
}

/* ---- one pass -------------------------------------------------------------------------------- */

static int name_reports(struct host *h, struct arena *a, struct host_report *out, struct err *e)
{
	struct store_reader *r = NULL;
	struct account_row *accounts = NULL;
	struct crm_row *crms = NULL;
	size_t n_accounts = 0, n_crms = 0;
	if (store_reader_open(h->options.store, &r, e))
		return -1;
	int rc = account_list(r, a, &accounts, &n_accounts, e) || crm_list(r, a, &crms, &n_crms, e);
	store_reader_close(r);
	if (rc)
		return -1;
	out->accounts = arena_array(a, h->n_accounts + 1, sizeof *out->accounts);
	out->crms = arena_array(a, h->n_crms + 1, sizeof *out->crms);
	out->n_accounts = h->n_accounts;
	out->n_crms = h->n_crms;
	for (size_t i = 0; i < h->n_accounts; i++)
		for (size_t k = 0; k < n_accounts; k++)
			if (accounts[k].id == h->accounts[i].id)
				out->accounts[i].name = accounts[k].name;
	for (size_t i = 0; i < h->n_crms; i++)
		for (size_t k = 0; k < n_crms; k++)
			if (crms[k].id == h->crms[i].id)
				out->crms[i].name = crms[k].name;
	return 0;
}

/* Accounts side by side, so that one that stalls holds up none; then the CRMs, which log what they
 * brought. */
int host_pass(struct host *h, struct arena *a, struct host_report *out, struct err *e)
{
	*out = (struct host_report){0};
	if (name_reports(h, a, out, e))
		return -1;
	int rc = 0;
	for (size_t i = 0; i < h->n_accounts && !rc; i++) {
		h->accounts[i].report = &out->accounts[i];
		rc = worker_start(&h->accounts[i], account_worker_pass, e);
	}
	for (size_t i = 0; i < h->n_accounts; i++)
		worker_join(&h->accounts[i]);
	if (rc)
		return -1;
	for (size_t i = 0; i < h->n_crms; i++)
		crm_worker_pass(&h->crms[i], a, &out->crms[i]);
	care_once(h->options.store);
	return 0;
}
