/*
 * pull.c - from the provider to the store: pages of headers, then bodies. Page and cursor are
 * committed together; a cursor the server no longer takes means one resync of that folder.
 */
#include "config.h"

#include "session.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/mail/message.h"
#include "crmail/store/account.h"
#include "crmail/store/ingest.h"
#include "crmail/store/message.h"
#include "crmail/store/opqueue.h"

#include "backoff.h"
#include "worker.h"

#define INBOX_POLL_MS 30000
#define FOLDER_TRIES 3 /* broken connections in a row before a folder is to blame */
#define BODY_BATCH 50
#define BODY_TRIES 5 /* broken connections in a row before a message is to blame */
#define STEP_MS 250  /* what a step should take: batches grow and shrink towards it */
#define BODY_BATCH_BYTES ((uint64_t)4 << 20)
#define BODY_MAX ((uint64_t)100 << 20) /* of a message that was opened */
#define BODY_PART ((uint64_t)64 << 10) /* of one beyond the account's limit until then */
#define BODY_TEXT ((uint64_t)1 << 20)  /* of one whose text is not at its end by then */

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
			.p = ingest_prepare(a, m->headers, m->headers_len, m->is_whole),
		};
	}
	struct ingest_flag *flags = arena_array(a, in->n_flags ? in->n_flags : 1, sizeof *flags);
	for (size_t i = 0; i < in->n_flags; i++)
		flags[i] = (struct ingest_flag){in->flags[i].id, in->flags[i].flags};
	out->account = s->account;
	out->msgs = msgs;
	out->n = in->n;
	out->flags = flags;
	out->n_flags = in->n_flags;
	out->gone = in->gone;
	out->n_gone = in->n_gone;
	out->cursor = in->cursor;
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
	f->n_listed = goes_on ? f->n_listed + (int64_t)page->n : 0;
	worker_set_progress(s->worker, goes_on ? f->n_listed : s->done,
		goes_on ? f->n_listed + page->total : s->total);
}

/* One page of one folder. A lost cursor starts the folder anew: messages are known again by their
 * content, and what did not come again by the end of the listing is gone. */
static int pull_page(struct session *s, struct session_folder *f, bool *more, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct folder_row *row = NULL;
	struct prov_page page = {0};
	struct ingest_page in = {.folder = f->id};
	struct ingest_result res = {0};
	int64_t vanished = 0;
	if (folder_get(s->reader, &a, f->id, &row, e))
		return -1;
	if (!row)
		return err_set(e, ERR_NOTFOUND, _("The folder is gone."));
	if (pull_from(s, f, row->cursor, &a, &page, &in.all_gone_first, e))
		return -1;
	session_fill_page(s, &a, &page, &in);
	bool has_changes = in.n || in.n_flags || in.n_gone || in.all_gone_first ||
			   (in.cursor && (!row->cursor || strcmp(in.cursor, row->cursor) != 0));
	if (has_changes && ingest_page(s->host->store, &a, &in, &res, e))
		return -1;
	s->progress += has_changes;
	if (park_unreadable(s, &page, &res, e))
		return -1;
	f->is_listing = in.all_gone_first || f->is_listing || !row->cursor;
	if (f->is_listing && !page.more && !page.is_short) {
		if (ingest_resync_end(s->host->store, f->id, &vanished, e))
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
		if (e->code != ERR_CANCELLED)
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

/* ---- bodies ---------------------------------------------------------------------------------- */

struct body_batch {
	struct session *s;
	struct arena mem; /* of the bodies that are not stored yet */
	const struct ingest_want *want;
	bool *has_come; /* per want */
	size_t n_want;
	struct ingest_body *bodies;
	size_t n, n_stored;
	uint64_t bytes; /* of the bodies, as they came */
	struct err err; /* of the store */
	uint64_t max_bytes;
	struct ingest_want *more; /* to be read on: cut within their text (formats.md) */
	size_t n_more;
};

static bool is_cut_in_text(const char *data, size_t len)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct message m;
	message_parse(&a, data, len, &m);
	return message_ends_in_text(&m);
}

static int store_bodies(struct body_batch *b, struct err *e)
{
	int rc = b->n ? ingest_bodies(b->s->host->store, b->bodies, b->n, e) : 0;
	b->n_stored += rc ? 0 : b->n;
	b->n = 0;
	b->bytes = 0;
	arena_reset(&b->mem);
	return rc;
}

/* What comes is stored as soon as it makes a batch, whatever the server said of its size before:
 * the server waits meanwhile, because nobody reads. */
static int take_body(void *ctx, const char *id, const char *data, size_t len, bool is_whole)
{
	struct body_batch *b = ctx;
	size_t i = 0;
	while (i < b->n_want && (b->has_come[i] || strcmp(b->want[i].server_id, id) != 0))
		i++;
	if (i == b->n_want)
		return 0; /* not asked for: a server may volunteer */
	b->has_come[i] = true;
	if (!is_whole && b->max_bytes < BODY_TEXT && is_cut_in_text(data, len)) {
		b->more[b->n_more++] = b->want[i];
		return 0;
	}
	b->bodies[b->n++] = (struct ingest_body){
		.message = b->want[i].message,
		.p = ingest_prepare(&b->mem, data, len, true),
		.partly = !is_whole,
	};
	b->bytes += len;
	return b->bytes >= BODY_BATCH_BYTES ? store_bodies(b, &b->err) : 0;
}

/* Bodies the server did not give although asked are parked, so that they cannot be asked for
 * again and again. */
static int park_missing(struct session *s, const struct body_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n_want; i++)
		if (!b->has_come[i] && ingest_park(s->host->store, b->want[i].message,
					       _("The server did not return the message."), e))
			return -1;
	return 0;
}

static int fetch_into(struct body_batch *b, const struct session_folder *f, struct arena *a,
	struct err *e)
{
	struct session *s = b->s;
	struct folder_row *row = NULL;
	const char **ids = arena_array(a, b->n_want, sizeof *ids);
	for (size_t i = 0; i < b->n_want; i++)
		ids[i] = b->want[i].server_id;
	if (folder_get(s->reader, a, f->id, &row, e))
		return -1;
	int rc = s->ops->fetch(s->provider, f->server_name, row ? row->cursor : NULL, ids,
		b->n_want, b->max_bytes, take_body, b, e);
	if (b->err.code != ERR_NONE) {
		*e = b->err; /* why it was cut off */
		return -1;
	}
	return rc || store_bodies(b, e) ? -1 : 0;
}

/* Up to max_bytes of each. */
static int fetch_batch(struct session *s, const struct session_folder *f,
	const struct ingest_want *want, size_t n, uint64_t max_bytes, struct arena *a,
	struct err *e)
{
	struct body_batch b = {
		.s = s, .mem = ARENA_INIT, .want = want, .n_want = n, .max_bytes = max_bytes};
	b.bodies = arena_array(a, n, sizeof *b.bodies);
	b.more = arena_array(a, n, sizeof *b.more);
	b.has_come = arena_array(a, n, sizeof *b.has_come);
	int rc = fetch_into(&b, f, a, e);
	arena_release(&b.mem);
	s->done += (int64_t)b.n_stored;
	s->progress += b.n_stored > 0;
	if (rc)
		return -1;
	log_line(LOG_NOTE, "sync", "account %lld: folder %lld: %zu of %zu bodies",
		(long long)s->account, (long long)f->id, b.n_stored, n);
	s->progress++; /* given or parked: none of them is asked for again */
	if (park_missing(s, &b, e))
		return -1;
	return b.n_more ? fetch_batch(s, f, b.more, b.n_more, BODY_TEXT, a, e) : 0;
}

static void park(struct session *s, int64_t message, struct err *e)
{
	log_line(LOG_WARN, "sync", "message %lld parked: %s", (long long)message,
		err_code_name(e->code));
	struct err failed = ERR_INIT;
	if (ingest_park(s->host->store, message, e->msg, &failed)) {
		*e = failed;
		return;
	}
	s->progress++;
}

/* How often one message may fail when it is asked for alone: an answer that cannot be understood
 * will be the same again; a line that breaks may have had another reason; a full disk has. */
static uint32_t tries_of(const struct err *e)
{
	if (e->code == ERR_PROTO || e->code == ERR_TOOBIG || e->scope != ERR_ACCOUNT)
		return 2;
	return e->code == ERR_NET ? BODY_TRIES : UINT32_MAX;
}

/* Bodies that break the line again and again are left alone for a while: new mail is not kept
 * waiting for them. */
static void leave_bodies(struct session *s, const struct session_folder *f, const struct err *e)
{
	if (++s->body_failures < FOLDER_TRIES || e->scope != ERR_ACCOUNT)
		return;
	s->bodies_at =
		clock_mono_ms() + backoff_s(s->host->rng, s->body_failures - FOLDER_TRIES) * 1000;
	s->bodies_error = *e;
	err_wrap(&s->bodies_error, _("Folder %s"), f->name);
	s->was_left_alone = true;
}

/* What breaks the connection may be one message's fault. So the next tries ask for one at a time,
 * and the one that fails again and again is parked: one malformed message costs one row [R45]. */
static int fetch_or_park(struct session *s, const struct session_folder *f,
	const struct ingest_want *want, size_t n, uint64_t max_bytes, struct arena *a,
	struct err *e)
{
	int64_t start = clock_mono_ms();
	if (fetch_batch(s, f, want, n, max_bytes, a, e) == 0) {
		bool is_slow = clock_mono_ms() - start > STEP_MS;
		size_t next = is_slow ? n / 2 : n * 2;
		s->body_batch = next < 1 ? 1 : next < BODY_BATCH ? next : BODY_BATCH;
		s->body_failures = 0;
		err_clear(&s->bodies_error);
		return 0;
	}
	if (e->code == ERR_CANCELLED)
		return -1;
	leave_bodies(s, f, e);
	s->body_batch = 1;
	if (s->suspect != want[0].message)
		s->suspect_tries = 0;
	s->suspect = want[0].message;
	s->suspect_tries += n == 1;
	if (s->suspect_tries >= tries_of(e))
		park(s, want[0].message, e);
	return -1; /* the connection still has to be made anew */
}

/* For the progress line: what there is to fetch is counted when a backfill begins, and again when
 * so many have come. */
static int count_bodies(struct session *s, struct err *e)
{
	int64_t left = 0;
	if (s->done < s->total)
		return 0;
	if (ingest_missing_count(s->reader, s->account, &left, e))
		return -1;
	s->total = s->done + left;
	return 0;
}

/* Which folders have any is asked once, not folder by folder. */
static int find_missing(struct session *s, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	int64_t *v = NULL;
	size_t n = 0;
	if (ingest_missing_folders(s->reader, &a, s->account, &v, &n, e))
		return -1;
	for (size_t i = 0; i < s->n_folders; i++)
		for (size_t k = 0; k < n && !s->folders[i].has_missing_bodies; k++)
			s->folders[i].has_missing_bodies = v[k] == s->folders[i].id;
	s->is_missing_known = s->has_missing_copies = true;
	return 0;
}

static struct session_folder *folder_by_id(struct session *s, int64_t id)
{
	for (size_t i = 0; i < s->n_folders; i++)
		if (s->folders[i].id == id)
			return &s->folders[i];
	return NULL;
}

static int next_copies(struct session *s, struct arena *a, struct session_folder **f,
	struct ingest_want **want, size_t *n, struct err *e)
{
	size_t same = 0;
	*n = 0;
	if (!s->has_missing_copies)
		return 0;
	if (ingest_missing_copies(s->reader, a, s->account, BODY_BATCH, want, n, e))
		return -1;
	while (same < *n && (*want)[same].folder == (*want)[0].folder)
		same++;
	*f = *n ? folder_by_id(s, (*want)[0].folder) : NULL;
	*n = *f ? same : 0;
	s->has_missing_copies = *n > 0;
	return 0;
}

/* The next bodies of one folder; *n = 0: there are none. */
static int next_wants(struct session *s, struct arena *a, struct session_folder **f,
	struct ingest_want **want, size_t *n, struct err *e)
{
	if (!s->is_missing_known && find_missing(s, e))
		return -1;
	for (size_t i = 0; i < s->n_folders; i++) {
		*f = &s->folders[i];
		if (!(*f)->has_missing_bodies)
			continue;
		if (ingest_missing_bodies(s->reader, a, (*f)->id, (*f)->bodies_below, BODY_BATCH,
			    want, n, e))
			return -1;
		(*f)->has_missing_bodies = *n > 0;
		(*f)->bodies_below = *n ? (*want)[0].message + 1 : INT64_MAX;
		s->has_missing_copies = true;
		if (*n)
			return 0;
	}
	return next_copies(s, a, f, want, n, e);
}

int session_bodies_step(struct session *s, bool *did, struct err *e)
{
	*did = false;
	if (s->bodies_at > clock_mono_ms())
		return 0;
	s->bodies_at = 0;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct session_folder *f = NULL;
	struct ingest_want *want = NULL;
	size_t n = 0, take = 0;
	uint64_t bytes = 0;
	if (next_wants(s, &a, &f, &want, &n, e))
		return -1;
	if (!n) {
		s->done = s->total = 0; /* what did not come is parked: the line goes */
		return 0;
	}
	bool is_large = want[0].size > s->body_limit; /* like goes with like */
	uint64_t most = is_large ? BODY_PART : BODY_MAX;
	while (take < n && take < s->body_batch && (want[take].size > s->body_limit) == is_large &&
		(take == 0 || bytes + want[take].size <= BODY_BATCH_BYTES))
		bytes += want[take++].size;
	*did = true;
	if (count_bodies(s, e))
		return -1;
	worker_set_progress(s->worker, s->done, s->total);
	worker_set_yielding(s->worker, true);
	int rc = fetch_or_park(s, f, want, take, most, &a, e);
	worker_set_yielding(s->worker, false);
	return rc;
}

int session_fetch_body(struct session *s, int64_t message, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct message_row *m = NULL;
	if (message_get(s->reader, &a, message, &m, e))
		return -1;
	if (!m || m->account != s->account || !m->server_id)
		return 0; /* gone, or somebody else's */
	for (size_t i = 0; i < s->n_folders; i++) {
		if (s->folders[i].id != m->folder)
			continue;
		const struct ingest_want want = {message, m->server_id, m->size, m->folder};
		return fetch_batch(s, &s->folders[i], &want, 1, BODY_MAX, &a, e);
	}
	return 0;
}

/* Wishes are rows: one made while no host ran, or while the server was away, is served when it can
 * be. The newest is what the user looks at now. */
int session_wanted_step(struct session *s, bool *did, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct ingest_request *v = NULL;
	size_t n = 0;
	if (ingest_requested_bodies(s->reader, &a, s->account, &v, &n, e))
		return -1;
	*did = n > 0;
	if (!n)
		return 0;
	const struct session_folder folder = {.id = v[0].folder, .server_name = v[0].folder_name};
	const struct ingest_want want = {v[0].message, v[0].server_id, 0, v[0].folder};
	return fetch_or_park(s, &folder, &want, 1, BODY_MAX, &a, e);
}
