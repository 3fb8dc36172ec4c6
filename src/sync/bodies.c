/*
 * bodies.c - bodies from the provider to the store: those that somebody waits for, then the
 * backfill, newest first. Of the backfill one batch is written while the next one is fetched.
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

#include "backoff.h"
#include "worker.h"

#define MISSING_MS 60000 /* between two looks for bodies that nobody told were missing */
#define BODY_BATCH 100   /* as many as the store takes at once */
#define BODY_TRIES 5     /* broken connections in a row before a message is to blame */
#define STEP_MS 250      /* what a step should take: batches grow and shrink towards it */
#define BODY_BATCH_BYTES ((uint64_t)4 << 20)
#define BODY_MAX ((uint64_t)100 << 20) /* of a message that was opened */
#define BODY_PART ((uint64_t)64 << 10) /* of one beyond the account's limit until then */
#define BODY_TEXT ((uint64_t)1 << 20)  /* of one whose text is not at its end by then */

struct body_batch {
	struct session *s;
	struct arena mem; /* of the bodies that are not handed over yet */
	bool is_waited_for;
	const struct ingest_want *want;
	bool *has_come; /* per want */
	size_t n_want;
	struct ingest_body *bodies;
	size_t n, n_given;
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

int session_land(struct session *s, struct err *e)
{
	if (!s->flight.writing)
		return 0;
	int rc = ingest_finish(s->flight.writing, e);
	s->progress += !rc; /* none of them is asked for again */
	arena_release(&s->flight.a);
	s->flight = (struct session_flight){.a = ARENA_INIT};
	return rc;
}

static bool is_in_flight(const struct session *s, int64_t message)
{
	for (size_t i = 0; i < s->flight.n; i++)
		if (s->flight.ids[i] == message)
			return true;
	return false;
}

/* Lands the batch before, then this one takes off. It lands at once where somebody waits for it,
 * or where it matters whose fault a failure is. */
static int hand_over(struct body_batch *b, struct err *e)
{
	struct session *s = b->s;
	struct ingest_writing *writing = NULL;
	if (!b->n)
		return 0;
	if (session_land(s, e) || ingest_start_bodies(s->host->store, b->bodies, b->n, &writing, e))
		return -1;
	int64_t *ids = arena_array(&b->mem, b->n, sizeof *ids);
	for (size_t i = 0; i < b->n; i++)
		ids[i] = b->bodies[i].message;
	s->flight = (struct session_flight){writing, b->mem, ids, b->n};
	b->mem = ARENA_INIT;
	b->n_given += b->n;
	b->n = 0;
	b->bytes = 0;
	return b->is_waited_for || s->body_batch == 1 ? session_land(s, e) : 0;
}

/* What comes is handed over as soon as it makes a batch, whatever the server said of its size
 * before: the server waits while the batch before is not written, because nobody reads. */
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
	return b->bytes >= BODY_BATCH_BYTES ? hand_over(b, &b->err) : 0;
}

/* Bodies the server did not give although asked are parked, so that they cannot be asked for
 * again and again. */
static int park_missing(struct session *s, const struct body_batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n_want; i++) {
		if (b->has_come[i])
			continue;
		if (ingest_park(s->host->store, b->want[i].message,
			    _("The server did not return the message."), e))
			return -1;
		s->progress++;
	}
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
	struct err failed = ERR_INIT;
	if (hand_over(b, &failed)) { /* what came before something failed is not asked for again */
		*e = failed;
		return -1;
	}
	return rc;
}

/* Up to max_bytes of each, and more of those whose text goes on. */
static int fetch_batch(struct session *s, const struct session_folder *f,
	const struct ingest_want *want, size_t n, uint64_t max_bytes, bool is_waited_for,
	struct arena *a, struct err *e)
{
	struct body_batch b = {
		.s = s, .mem = ARENA_INIT, .want = want, .n_want = n, .max_bytes = max_bytes};
	b.is_waited_for = is_waited_for;
	b.bodies = arena_array(a, n, sizeof *b.bodies);
	b.more = arena_array(a, n, sizeof *b.more);
	b.has_come = arena_array(a, n, sizeof *b.has_come);
	int rc = fetch_into(&b, f, a, e);
	arena_release(&b.mem);
	s->done += (int64_t)b.n_given;
	if (rc)
		return -1;
	log_line(LOG_NOTE, "sync", "account %lld: folder %lld: %zu of %zu bodies",
		(long long)s->account, (long long)f->id, b.n_given, n);
	if (park_missing(s, &b, e))
		return -1;
	return b.n_more ? fetch_batch(s, f, b.more, b.n_more, BODY_TEXT, is_waited_for, a, e) : 0;
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

/* A batch that ended early for its bytes, or because no more was missing, says nothing about how
 * many may be asked for. */
static void adapt_batch(struct session *s, size_t n, int64_t took_ms)
{
	size_t next = took_ms > STEP_MS ? n / 2 : n * 2;
	if (n >= s->body_batch || n == BODY_BATCH)
		s->body_batch = next < 1 ? 1 : next < BODY_BATCH ? next : BODY_BATCH;
}

/* What breaks the connection may be one message's fault. So the next tries ask for one at a time,
 * and the one that fails again and again is parked: one malformed message costs one row [R45]. */
static int fetch_or_park(struct session *s, const struct session_folder *f,
	const struct ingest_want *want, size_t n, uint64_t max_bytes, bool is_waited_for,
	struct arena *a, struct err *e)
{
	int64_t start = clock_mono_ms();
	if (fetch_batch(s, f, want, n, max_bytes, is_waited_for, a, e) == 0) {
		if (!is_waited_for)
			adapt_batch(s, n, clock_mono_ms() - start);
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
	s->total = s->done + left - (int64_t)s->flight.n; /* those count as done, and as missing */
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
	s->missing_at = clock_mono_ms() + MISSING_MS;
	return 0;
}

static struct session_folder *folder_by_id(struct session *s, int64_t id)
{
	for (size_t i = 0; i < s->n_folders; i++)
		if (s->folders[i].id == id)
			return &s->folders[i];
	return NULL;
}

/* What is in flight is missing and needs no second fetch. */
static size_t leave_flying(const struct session *s, struct ingest_want *v, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (!is_in_flight(s, v[i].message))
			v[kept++] = v[i];
	return kept;
}

static int next_copies(struct session *s, struct arena *a, struct session_folder **f,
	struct ingest_want **want, size_t *n, struct err *e)
{
	size_t same = 0;
	*n = 0;
	if (!s->has_missing_copies)
		return 0;
	if (ingest_missing_copies(s->reader, a, s->account, BODY_BATCH + s->flight.n, want, n, e))
		return -1;
	s->has_missing_copies = *n > 0;
	*n = leave_flying(s, *want, *n);
	while (same < *n && (*want)[same].folder == (*want)[0].folder)
		same++;
	*f = *n ? folder_by_id(s, (*want)[0].folder) : NULL;
	s->has_missing_copies = s->has_missing_copies && (*f || !*n);
	*n = *f ? same : 0;
	return 0;
}

static int next_known(struct session *s, struct arena *a, struct session_folder **f,
	struct ingest_want **want, size_t *n, struct err *e)
{
	for (size_t i = 0; i < s->n_folders; i++) {
		*f = &s->folders[i];
		if (!(*f)->has_missing_bodies)
			continue;
		if (ingest_missing_bodies(s->reader, a, (*f)->id, (*f)->bodies_below,
			    BODY_BATCH + s->flight.n, want, n, e))
			return -1;
		(*f)->has_missing_bodies = *n > 0;
		(*f)->bodies_below = *n ? (*want)[0].message + 1 : INT64_MAX;
		s->has_missing_copies = true;
		*n = leave_flying(s, *want, *n);
		if (*n)
			return 0;
	}
	return next_copies(s, a, f, want, n, e);
}

/* The next bodies of one folder; *n = 0: there are none. Some may miss by what happened elsewhere:
 * another account went that had them, another crmail found the cache damaged. */
static int next_wants(struct session *s, struct arena *a, struct session_folder **f,
	struct ingest_want **want, size_t *n, struct err *e)
{
	if ((!s->is_missing_known && find_missing(s, e)) || next_known(s, a, f, want, n, e))
		return -1;
	if (*n || s->flight.n || clock_mono_ms() < s->missing_at)
		return 0;
	return find_missing(s, e) || next_known(s, a, f, want, n, e) ? -1 : 0;
}

int session_bodies_step(struct session *s, bool *did, struct err *e)
{
	*did = false;
	if (s->bodies_at > clock_mono_ms())
		return session_land(s, e);
	s->bodies_at = 0;
	if (!s->flight.n && session_land(s, e)) /* the last page: its bodies may have come along */
		return -1;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct session_folder *f = NULL;
	struct ingest_want *want = NULL;
	size_t n = 0, take = 0;
	uint64_t bytes = 0;
	if (next_wants(s, &a, &f, &want, &n, e))
		return -1;
	if (!n) {
		*did = s->flight.n > 0;
		if (!*did)
			s->done = s->total = 0; /* what did not come is parked: the line goes */
		return session_land(s, e);
	}
	bool is_large = want[0].size > s->body_limit; /* like goes with like */
	uint64_t most = is_large ? BODY_PART : BODY_MAX;
	while (take < n && take < s->body_batch && take < BODY_BATCH &&
		(want[take].size > s->body_limit) == is_large &&
		(take == 0 || bytes + want[take].size <= BODY_BATCH_BYTES))
		bytes += want[take++].size;
	*did = true;
	if (count_bodies(s, e))
		return -1;
	worker_set_progress(s->worker, s->done, s->total);
	worker_set_yielding(s->worker, true);
	int rc = fetch_or_park(s, f, want, take, most, false, &a, e);
	worker_set_yielding(s->worker, false);
	return rc;
}

int session_first_bodies_step(struct session *s, bool *did, struct err *e)
{
	*did = false;
	if (!s->first_batches)
		return 0;
	s->first_batches--;
	if (session_bodies_step(s, did, e))
		return -1;
	if (!*did)
		s->first_batches = 0;
	return 0;
}

/* What is in flight lands first: it may be all that is wanted, or only a part of it. */
static int read_wanted(struct session *s, struct arena *a, int64_t message, struct message_row **m,
	struct err *e)
{
	return (is_in_flight(s, message) && session_land(s, e)) ||
			       message_get(s->reader, a, message, m, e)
		       ? -1
		       : 0;
}

int session_fetch_body(struct session *s, int64_t message, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct message_row *m = NULL;
	if (read_wanted(s, &a, message, &m, e))
		return -1;
	if (!m || m->account != s->account || !m->server_id || m->body == BODY_WHOLE)
		return 0; /* gone, or somebody else's, or here */
	for (size_t i = 0; i < s->n_folders; i++) {
		if (s->folders[i].id != m->folder)
			continue;
		const struct ingest_want want = {message, m->server_id, m->size, m->folder};
		return fetch_batch(s, &s->folders[i], &want, 1, BODY_MAX, true, &a, e);
	}
	return 0;
}

/* Wishes are rows: one made while no host ran, or while the server was away, is served when it can
 * be. The newest is what the user looks at now. */
int session_wanted_step(struct session *s, bool *did, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct ingest_request *v = NULL;
	struct message_row *m = NULL;
	size_t n = 0;
	if (ingest_requested_bodies(s->reader, &a, s->account, &v, &n, e))
		return -1;
	*did = n > 0;
	if (!n)
		return 0;
	if (read_wanted(s, &a, v[0].message, &m, e))
		return -1;
	if (m && m->body == BODY_WHOLE) /* its coming answered the wish */
		return 0;
	const struct session_folder folder = {.id = v[0].folder, .server_name = v[0].folder_name};
	const struct ingest_want want = {v[0].message, v[0].server_id, 0, v[0].folder};
	return fetch_or_park(s, &folder, &want, 1, BODY_MAX, true, &a, e);
}
