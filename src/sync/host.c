/*
 * host.c - the lock, and the workers of all accounts and CRMs, which come and go with their rows.
 * Passes are host_pass.c's.
 */
#include "config.h"

#include "host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "crmail/provider/provider.h"
#include "crmail/store/account.h"
#include "crmail/store/care.h"
#include "crmail/store/contact.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/store.h"

#include "account_worker.h"
#include "crm_worker.h"

#define LOCK_LINE_MAX ((size_t)8192) /* pid, kind, and a path */

/* ---- the lock, and what stands in its file --------------------------------------------------- */

int host_note(struct host *h, const char *socket, struct err *e)
{
	CLEANUP(free_str)
	char *line = xasprintf("%lld %s%s%s\n", (long long)getpid(),
		h->options.kind ? h->options.kind : "once", socket ? " " : "",
		socket ? socket : "");
	size_t n = strlen(line);
	if (n > LOCK_LINE_MAX || ftruncate(h->lock_fd, 0) ||
		pwrite(h->lock_fd, line, n, 0) != (ssize_t)n)
		return err_sys(e, ERR_IO, errno, "%s", _("The lock file could not be written"));
	return 0;
}

/* The line of a host that runs, else an empty one; a line half written ends in no LF. */
static void read_note(const char *data_dir, struct buf *out)
{
	CLEANUP(free_str) char *path = fsx_join(data_dir, "host.lock");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	bool is_free = flock(fd, LOCK_SH | LOCK_NB) == 0;
	char line[LOCK_LINE_MAX];
	ssize_t n = is_free ? 0 : pread(fd, line, sizeof line, 0);
	close(fd);
	if (n <= 0 || line[n - 1] != '\n')
		return;
	buf_add(out, line, (size_t)n - 1);
}

bool host_running(const char *data_dir, int64_t *pid, const char **kind)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LOCK_LINE_MAX);
	read_note(data_dir, &line);
	struct span rest = {line.p, line.len}, word;
	if (!span_next(&rest, ' ', &word) || !span_to_i64(word, 1, INT32_MAX, pid) ||
		!span_next(&rest, ' ', &word))
		return false;
	*kind = span_eq(word, "daemon") ? "daemon" : "tui";
	return true;
}

char *host_socket(const char *data_dir)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LOCK_LINE_MAX);
	read_note(data_dir, &line);
	struct span rest = {line.p, line.len}, word;
	for (int i = 0; i < 2; i++)
		if (!span_next(&rest, ' ', &word))
			return NULL;
	return rest.len ? xstrndup(rest.p, rest.len) : NULL;
}

static int take_lock(struct host *h, struct err *e)
{
	CLEANUP(free_str) char *path = fsx_join(h->options.data_dir, "host.lock");
	h->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (h->lock_fd < 0)
		return err_sys(e, ERR_IO, errno, _("Cannot open %s"), path);
	if (flock(h->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return host_note(h, NULL, e);
	if (errno == EWOULDBLOCK)
		return err_set(e, ERR_CONFLICT, _("Another crmail is syncing this data folder."));
	return err_sys(e, ERR_IO, errno, _("Cannot lock %s"), path);
}

/* ---- workers --------------------------------------------------------------------------------- */

static struct worker *list_find(const struct worker_list *l, int64_t id)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i]->id == id)
			return l->v[i];
	return NULL;
}

static void list_add(struct worker_list *l, struct worker *w)
{
	l->v = xreallocarray(l->v, l->n + 1, sizeof(struct worker *));
	l->v[l->n++] = w;
}

/* An account brought something that may have to be logged, or a CRM somebody to log with. */
static void kick_crms(void *host)
{
	struct host *h = host;
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->crms.n; i++)
		worker_post(h->crms.v[i], REQUEST_KICK);
	pthread_mutex_unlock(&h->lock);
}

/* Bodies went with a damaged cache.db. */
static void look_for_bodies(void *host)
{
	struct host *h = host;
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->accounts.n; i++)
		worker_post(h->accounts.v[i], REQUEST_LOST);
	pthread_mutex_unlock(&h->lock);
}

static void keep_answer(void *host, int64_t number, const struct err *e)
{
	struct host *h = host;
	pthread_mutex_lock(&h->lock);
	h->answers = xreallocarray(h->answers, h->n_answers + 1, sizeof *h->answers);
	h->answers[h->n_answers++] = (struct host_answer){number, *e};
	pthread_mutex_unlock(&h->lock);
	if (h->options.on_news)
		h->options.on_news(h->options.news_ctx);
}

bool host_take_answer(struct host *h, int64_t *number, struct err *e)
{
	pthread_mutex_lock(&h->lock);
	bool is_there = h->n_answers > 0;
	if (is_there) {
		*number = h->answers[0].number;
		*e = h->answers[0].err;
		h->n_answers--;
		memmove(h->answers, h->answers + 1, h->n_answers * sizeof *h->answers);
	}
	pthread_mutex_unlock(&h->lock);
	return is_there;
}

typedef void *worker_main(void *worker);

static int add_worker(struct host *h, struct worker_list *l, int64_t id, const char *name,
	worker_main *run, struct err *e)
{
	struct worker *w = xcalloc(1, sizeof *w);
	if (worker_init(w, &h->options, id, e)) {
		free(w);
		return -1;
	}
	w->hooks = &h->hooks;
	w->name = xstrdup(name);
	pthread_mutex_lock(&h->lock);
	list_add(l, w);
	pthread_mutex_unlock(&h->lock);
	return h->is_running ? worker_start(w, run, e) : 0;
}

static void free_worker(struct worker *w)
{
	worker_release(w);
	cJSON_Delete(w->passed);
	free(w->name);
	free(w);
}

struct wanted_row {
	int64_t id;
	const char *name;
};

/* Those of the list whose row is gone leave it, and stop. */
static void drop_gone(struct host *h, struct worker_list *l, const struct wanted_row *rows,
	size_t n)
{
	struct worker_list gone = {NULL, 0};
	size_t kept = 0;
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < l->n; i++) {
		size_t k = 0;
		while (k < n && rows[k].id != l->v[i]->id)
			k++;
		if (k < n)
			l->v[kept++] = l->v[i];
		else {
			l->v[i]->owes_pass = false;
			list_add(&gone, l->v[i]);
		}
	}
	l->n = kept;
	host_pass_advance(h);
	pthread_mutex_unlock(&h->lock);
	for (size_t i = 0; i < gone.n; i++)
		worker_ask_stop(gone.v[i]);
	for (size_t i = 0; i < gone.n; i++) {
		log_line(LOG_NOTE, "host", "worker %lld ends: its row is gone",
			(long long)gone.v[i]->id);
		free_worker(gone.v[i]);
	}
	free(gone.v);
}

static int match_list(struct host *h, struct worker_list *l, const struct wanted_row *rows,
	size_t n, worker_main *run, struct err *e)
{
	drop_gone(h, l, rows, n);
	for (size_t i = 0; i < n; i++)
		if (!list_find(l, rows[i].id) && add_worker(h, l, rows[i].id, rows[i].name, run, e))
			return -1;
	return 0;
}

static int match_rows(struct host *h, struct arena *a, const struct account_row *accounts,
	size_t n_accounts, const struct crm_row *crms, size_t n_crms, struct err *e)
{
	struct wanted_row *rows = arena_array(a, n_accounts + n_crms + 1, sizeof *rows);
	size_t n = 0;
	for (size_t i = 0; i < n_accounts; i++)
		if (provider_by_kind(accounts[i].kind) && /* imported mail has no server */
			accounts[i].status != ACCOUNT_PAUSED)
			rows[n++] = (struct wanted_row){accounts[i].id, accounts[i].name};
	if (match_list(h, &h->accounts, rows, n, account_worker_run, e))
		return -1;
	n = 0;
	for (size_t i = 0; i < n_crms; i++)
		if (!crm_is_paused(&crms[i]))
			rows[n++] = (struct wanted_row){crms[i].id, crms[i].name};
	return match_list(h, &h->crms, rows, n, crm_worker_run, e);
}

int host_reload(struct host *h, struct err *e)
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
	return rc ? -1 : match_rows(h, &a, accounts, n_accounts, crms, n_crms, e);
}

int host_open(struct host **out, const struct host_options *o, struct err *e)
{
	struct host *h = xcalloc(1, sizeof *h);
	h->options = *o;
	h->lock_fd = -1;
	h->hooks = (struct worker_hooks){.ctx = h,
		.brought = kick_crms,
		.passed = host_pass_passed,
		.answered = keep_answer};
	pthread_mutex_init(&h->lock, NULL);
	if (take_lock(h, e) || host_reload(h, e)) {
		host_close(h);
		return -1;
	}
	*out = h;
	return 0;
}

int host_start(struct host *h, struct err *e)
{
	h->is_running = true;
	for (size_t i = 0; i < h->accounts.n; i++)
		if (worker_start(h->accounts.v[i], account_worker_run, e))
			return -1;
	for (size_t i = 0; i < h->crms.n; i++)
		if (worker_start(h->crms.v[i], crm_worker_run, e))
			return -1;
	const struct care_hook hook = {h, look_for_bodies};
	return care_start(&h->care, h->options.store, hook, e);
}

/* A worker's hooks look at the lists until it is joined, so these stay as they are till then. */
void host_close(struct host *h)
{
	if (!h)
		return;
	struct worker_list *lists[] = {&h->accounts, &h->crms};
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; i < lists[k]->n; i++) /* ask all before waiting for any */
			worker_ask_stop(lists[k]->v[i]);
	care_stop(h->care);
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; i < lists[k]->n; i++)
			worker_stop(lists[k]->v[i]);
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
		for (size_t i = 0; i < lists[k]->n; i++)
			free_worker(lists[k]->v[i]);
		free(lists[k]->v);
	}
	if (h->lock_fd >= 0)
		close(h->lock_fd);
	host_pass_release(h);
	pthread_mutex_destroy(&h->lock);
	free(h->answers);
	free(h);
}

/* ---- what is asked of them ------------------------------------------------------------------- */

static void post_all(struct host *h, int64_t account, unsigned requests)
{
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->accounts.n; i++)
		if (!account || h->accounts.v[i]->id == account)
			worker_post(h->accounts.v[i], requests);
	for (size_t i = 0; i < h->crms.n; i++) /* what an account got may have to be logged */
		worker_post(h->crms.v[i], requests);
	pthread_mutex_unlock(&h->lock);
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
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->accounts.n; i++) /* the owner fetches it, the others ignore it */
		worker_post_body(h->accounts.v[i], message);
	pthread_mutex_unlock(&h->lock);
}

void host_ask(struct host *h, int64_t number, const struct ask *what)
{
	struct err e = ERR_INIT;
	struct worker_ask q = {.number = number, .kind = what->kind};
	pthread_mutex_lock(&h->lock);
	struct worker *w = list_find(&h->accounts, what->account);
	if (!w)
		err_set(&e, ERR_NOTFOUND, "%s", _("The account is gone."));
	else {
		q.text = what->text ? xstrdup(what->text) : NULL;
		if (!worker_post_ask(w, q))
			err_set(&e, ERR_TOOBIG, "%s",
				_("Too much is asked of the account at once."));
	}
	pthread_mutex_unlock(&h->lock);
	if (e.code != ERR_NONE)
		keep_answer(h, number, &e);
}

void host_counts(struct host *h, int64_t *done, int64_t *total)
{
	care_counts(h->options.store, done, total);
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < h->accounts.n; i++) {
		int64_t d, t;
		worker_get_progress(h->accounts.v[i], &d, &t);
		*done += d;
		*total += t;
	}
	pthread_mutex_unlock(&h->lock);
}
