/*
 * pull.c - from the provider to the store: pages of headers. Page and cursor are committed
 * together; a cursor the server no longer takes means one resync of that folder. Bodies are in
 * bodies.c.
 */
#include "config.h"

#include "session.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/store/account.h"
#include "crmail/store/ingest.h"
#include "crmail/store/opqueue.h"

#include "backoff.h"
#include "worker.h"

#define INBOX_POLL_MS 30000
#define FIRST_BATCHES 4 /* a page of headers, where their bodies come slowly */

static bool is_before(const struct session_folder *a, const struct session_folder *b)
{
	if (a->failures != b->failures) /* one that breaks the line each time starves nobody */
		return a->failures < b->failures;
	if ((a->role == FOLDER_INBOX) != (b->role == FOLDER_INBOX))
		return a->role == FOLDER_INBOX;
	return a->next_pull_at < b->next_pull_at;
}

static struct session_folder *due_folder(struct session *s, int64_t now_ms)
{
	struct session_folder *best = NULL;
	for (size_t i = 0; i < s->n_folders; i++) {
		struct session_folder *f = &s->folders[i];
		if (f->next_pull_at <= now_ms && (!best || is_before(f, best)))
			best = f;
	}
	return best;
}

void session_fill_page(struct session *s, struct arena *a, const struct prov_page *in,
	struct ingest_page *out)
{
	struct ingest_msg *msgs = arena_array(a, in->n ? in->n : 1, sizeof *msgs);
	for (size_t i = 0; i < in->n; i++) {
		const struct prov_msg *m = &in->msgs[i];
		bool is_file = s->ops->caps(s->provider) & PROV_BODY_CHEAP;
		msgs[i] = (struct ingest_msg){
			.server_id = m->id,
			.thread_id = m->thread_id,
			.flags = m->flags,
			.received = is_file ? 0 : m->received, /* a file's own time comes last */
			.file_time = is_file ? m->received : 0,
			.size = m->size,
			.folders = m->folders,
			.p = ingest_prepare(a, m->headers, m->headers_len, m->is_whole),
		};
	}
	struct ingest_flag *flags = arena_array(a, in->n_flags ? in->n_flags : 1, sizeof *flags);
	for (size_t i = 0; i < in->n_flags; i++)
		flags[i] = (struct ingest_flag){
			in->flags[i].id, in->flags[i].flags, in->flags[i].folders};
	out->account = s->account;
	out->msgs = msgs;
	out->n = in->n;
	out->flags = flags;
	out->n_flags = in->n_flags;
	out->gone = in->gone;
	out->n_gone = in->n_gone;
	out->cursor = in->cursor;
	out->told = in->told;
}

static int pull_from(struct session *s, struct session_folder *f, const char *cursor,
	struct arena *a, struct prov_page *page, bool *is_anew, struct err *e)
{
	*is_anew = false;
	if (s->ops->pull(s->provider, f->server_name, cursor, a, page, e) == 0)
		return 0;
	if (e->code != ERR_CONFLICT || !cursor)
		return -1;
	log_line(LOG_NOTE, "sync", "folder %lld: cursor lost, full resync", (long long)f->id);
	err_clear(e);
	*is_anew = true;
	return s->ops->pull(s->provider, f->server_name, NULL, a, page, e);
}

/* What stands in place of a message that the server cannot give is all there will be of it. */
static int park_unreadable(struct session *s, const struct prov_page *page,
	const struct ingest_result *res, struct err *e)
{
	for (size_t i = 0; i < page->n; i++)
		if (page->msgs[i].is_unreadable && res->ids && res->ids[i] &&
			ingest_park(s->host->store, res->ids[i],
				_("The server did not return the message."), e))
			return -1;
	return 0;
}

/* For the progress line: half a million headers take their time, too. */
static void tell_listed(struct session *s, struct session_folder *f, const struct prov_page *page)
{
	bool goes_on = page->more && page->total > 0;
	if (goes_on && !f->n_listed && f->role == FOLDER_INBOX)
		s->first_batches = FIRST_BATCHES;
	f->n_listed = goes_on ? f->n_listed + (int64_t)page->n : 0;
	worker_set_progress(s->worker, goes_on ? f->n_listed : s->done,
		goes_on ? f->n_listed + page->total : s->total);
}

/* The listing's rows are there on return. Heads and bodies that came along are written while the
 * next page is fetched; the arena is the flight's then. */
static int store_page(struct session *s, struct arena *a, const struct ingest_page *in,
	struct ingest_result *res, struct err *e)
{
	struct ingest_writing *rest = NULL;
	if (session_land(s, e) || ingest_start_page(s->host->store, a, in, res, &rest, e))
		return -1;
	if (rest) {
		s->flight = (struct session_flight){.writing = rest, .a = *a};
		*a = ARENA_INIT;
	}
	return 0;
}

/* A list that goes round for ever has pages, too: such as bring nothing, before the last, count as
 * none. */
static bool is_progress(const struct ingest_page *in, const struct prov_page *page,
	const struct ingest_result *res)
{
	return in->n || in->all_gone_first || res->n_changed || res->n_gone || !page->more;
}

/* One page of one folder. A lost cursor starts the folder anew: messages are known again by their
 * content, and what did not come again by the end of the listing is gone. */
static int pull_page(struct session *s, struct session_folder *f, bool *more, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct folder_row *row = NULL;
	struct prov_page page = {0};
	struct ingest_page in = {.folder = f->id, .is_account_wide = s->is_account_wide};
	struct ingest_result res = {0};
	int64_t vanished = 0;
	if (folder_get(s->reader, &a, f->id, &row, e))
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, _("The folder is gone."));
	if (pull_from(s, f, row->cursor, &a, &page, &in.all_gone_first, e))
		return -1;
	if (page.folders_changed) { /* a message lies where the store has no folder yet */
		s->folders_known = false;
		*more = true;
		return 0;
	}
	session_fill_page(s, &a, &page, &in);
	bool has_changes = in.n || in.n_flags || in.n_gone || in.all_gone_first ||
			   (in.cursor && (!row->cursor || strcmp(in.cursor, row->cursor) != 0));
	if (has_changes && store_page(s, &a, &in, &res, e))
		return -1;
	s->progress += has_changes && is_progress(&in, &page, &res);
	if (park_unreadable(s, &page, &res, e))
		return -1;
	f->is_listing = in.all_gone_first || f->is_listing || !row->cursor;
	if (f->is_listing && !page.more && !page.is_short) {
		/* an account's pages have said what is gone (provider.h) */
		if (!s->is_account_wide && ingest_resync_end(s->host->store, f->id, &vanished, e))
			return -1;
		f->is_listing = false;
	}
	s->report.n_new += res.n_new;
	s->report.n_changed += res.n_changed;
	s->report.n_gone += res.n_gone + vanished;
	if (res.n_new) {
		f->has_missing_bodies = true;
		f->bodies_below = INT64_MAX;
	}
	if (has_changes)
		log_line(LOG_NOTE, "sync",
			"account %lld: folder %lld: %lld new, %lld changed, %lld gone",
			(long long)s->account, (long long)f->id, (long long)res.n_new,
			(long long)res.n_changed, (long long)(res.n_gone + vanished));
	tell_listed(s, f, &page);
	if (res.n_gone + vanished > 0) {
		s->has_gone = true;
		session_pull_all(s);
	}
	*more = page.more;
	return 0;
}

/* Every folder was looked at since a message went: what did not come again is lost. */
static int settle_gone(struct session *s, struct err *e)
{
	bool is_certain = s->has_gone && s->folder_error.code == ERR_NONE;
	s->has_gone = false;
	return is_certain ? op_drop_lost(s->host->store, s->account, e) : 0;
}

/* The others shall not wait for this one: it is last in turn now, and after a few tries it is left
 * alone for a while. A refusal that is the folder's own is not worth a second try at once. */
static void note_trouble(struct session *s, struct session_folder *f, int64_t now_ms, struct err *e)
{
	f->failures++;
	if (e->scope != ERR_ACCOUNT || f->failures > 1)
		err_wrap(e, _("Folder %s"), f->name);
	if (e->scope != ERR_ACCOUNT && e->code != ERR_NET)
		f->next_pull_at = now_ms + s->interval_ms;
	else if (e->scope != ERR_ACCOUNT) /* a line that breaks over one answer may hold again */
		f->next_pull_at = now_ms + backoff_s(s->host->rng, f->failures - 1) * 1000;
	else if (f->failures >= FOLDER_TRIES)
		f->next_pull_at =
			now_ms + backoff_s(s->host->rng, f->failures - FOLDER_TRIES) * 1000;
	if (e->scope == ERR_ACCOUNT && f->failures < FOLDER_TRIES)
		return;
	s->troubled_folder = f->id;
	s->folder_error = *e;
	s->was_left_alone = true;
}

int session_pull_step(struct session *s, int64_t now_ms, bool *did, struct err *e)
{
	struct session_folder *f = due_folder(s, now_ms);
	*did = f != NULL;
	if (!f)
		return settle_gone(s, e);
	bool more = false;
	bool is_urgent = f->role == FOLDER_INBOX && !f->is_listing;
	worker_set_yielding(s->worker, !is_urgent);
	int rc = pull_page(s, f, &more, e);
	worker_set_yielding(s->worker, false);
	if (rc) {
		bool is_pace = e->code == ERR_RATE && e->scope == ERR_ACCOUNT;
		if (e->code != ERR_CANCELLED && !is_pace) /* which the account as a whole keeps */
			note_trouble(s, f, now_ms, e);
		return -1;
	}
	bool is_polled = f->role == FOLDER_INBOX && !(s->ops->caps(s->provider) & PROV_PUSH);
	f->failures = 0;
	if (s->troubled_folder == f->id) {
		s->troubled_folder = 0;
		err_clear(&s->folder_error);
	}
	f->is_midway = more;
	f->has_changed = more;
	if (more)
		return 0;
	f->next_pull_at = f->is_asked_midway ? now_ms
			  : is_polled        ? now_ms + INBOX_POLL_MS
					     : now_ms + s->interval_ms;
	f->is_asked_midway = false;
	return 0;
}
