/*
 * look.c - before many folders are pulled one after the other, the service is asked in one round
 * trip which of them have changed: three thousand folders that nobody touched cost as much as one.
 */
#include "config.h"

#include "session.h"

#include "crmail/base/log.h"
#include "crmail/store/account.h"
#include "crmail/store/ingest.h"

#include "worker.h"

#define LOOK_LEAST 3 /* due folders, below which each is pulled at once */
#define LOOK_TRIES 2 /* failures in a row, after which this service is not asked any more */

static bool is_for_look(const struct session_folder *f, int64_t now_ms)
{
	return f->next_pull_at <= now_ms && !f->is_midway && !f->has_changed && !f->failures;
}

/* The inbox is pulled first, and by itself: nobody waits for the others. */
static bool is_worth_it(const struct session *s, int64_t now_ms)
{
	size_t n = 0;
	if (!s->ops->look || !(s->ops->caps(s->provider) & PROV_LOOK) ||
		s->look_failures >= LOOK_TRIES)
		return false;
	for (size_t i = 0; i < s->n_folders; i++) {
		const struct session_folder *f = &s->folders[i];
		if (f->role == FOLDER_INBOX && f->next_pull_at <= now_ms && !f->failures)
			return false;
		n += is_for_look(f, now_ms);
	}
	return n >= LOOK_LEAST;
}

/* A listing that was broken off just before its end left something to do. */
static int settle(struct session *s, struct session_folder *f, bool is_same, int64_t now_ms,
	struct err *e)
{
	bool is_open = false;
	if (is_same && f->is_listing && ingest_resync_is_open(s->reader, f->id, &is_open, e))
		return -1;
	f->has_changed = !is_same || is_open;
	if (f->has_changed)
		return 0;
	f->is_listing = false;
	f->is_asked_midway = false;
	f->next_pull_at = now_ms + s->interval_ms;
	return 0;
}

static int look(struct session *s, int64_t now_ms, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct folder_row *rows = NULL;
	size_t n_rows = 0, n = 0, changed = 0;
	if (folder_list(s->reader, &a, s->account, &rows, &n_rows, e))
		return -1;
	struct prov_look *v = arena_array(&a, s->n_folders, sizeof *v);
	struct session_folder **at = arena_array(&a, s->n_folders, sizeof *at);
	for (size_t i = 0, row = 0; i < s->n_folders; i++) {
		struct session_folder *f = &s->folders[i];
		if (!is_for_look(f, now_ms))
			continue;
		while (row < n_rows && rows[row].id != f->id) /* both as folder_list() gives them */
			row++;
		at[n] = f;
		v[n++] = (struct prov_look){
			.folder = f->server_name, .cursor = row < n_rows ? rows[row].cursor : NULL};
	}
	if (s->ops->look(s->provider, v, n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (settle(s, at[i], v[i].is_same, now_ms, e))
			return -1;
		changed += at[i]->has_changed;
	}
	log_line(LOG_NOTE, "sync", "account %lld: %zu of %zu folders changed",
		(long long)s->account, changed, n);
	return 0;
}

int session_look_step(struct session *s, int64_t now_ms, bool *did, struct err *e)
{
	*did = is_worth_it(s, now_ms);
	if (!*did)
		return 0;
	worker_set_yielding(s->worker, true);
	int rc = look(s, now_ms, e);
	worker_set_yielding(s->worker, false);
	if (!rc)
		s->look_failures = 0;
	else if (e->code != ERR_CANCELLED)
		s->look_failures++;
	return rc;
}
