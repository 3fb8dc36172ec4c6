/*
 * thread_list.c - what lists and counters show of a conversation, computed anew from its messages
 * whenever one of them changed. Reading the lists is in message_list.c.
 *
 * One pass over the messages of a conversation gives: the rows of thread_list, the counters of the
 * folders (by the difference to the rows before), message.listed of each first copy, and the row
 * of `thread`. Equal copies count once, per folder and in whole.
 */
#include "config.h"

#include "thread_private.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/op.h"
#include "crmail/mail/addr.h"

#include "reminder_private.h"

enum { PEOPLE_SHOWN = 6, PEOPLE_BYTES = 600 };

/* Ascending by first copy, then folder: groups and their folders stand together. */
static const char SQL_MESSAGES[] =
	"SELECT m.copy_of, m.id, m.account, m.flags, m.files, m.listed, p.folder, f.role, f.account"
	" FROM message m LEFT JOIN placement p ON p.message = m.id AND p.is_shown"
	" LEFT JOIN folder f ON f.id = p.folder WHERE m.thread = ? ORDER BY m.copy_of, m.id";
static const char SQL_SENDERS[] =
	"SELECT p.id, p.name, p.addr, p.norm, m.facts & 1 FROM message m"
	" JOIN message_party mp ON mp.message = m.id AND mp.role = 0 AND mp.pos = 0"
	" JOIN party p ON p.id = mp.party WHERE m.thread = ? AND m.copy_of = m.id ORDER BY m.id";
static const char SQL_RECIPIENTS[] =
	"SELECT p.id, p.name, p.addr, p.norm, 0 FROM message_party mp JOIN party p"
	" ON p.id = mp.party WHERE mp.message = ? AND mp.role = 1 ORDER BY mp.pos LIMIT 4";
static const char SQL_OLD_ROWS[] =
	"SELECT folder, sort_at, message, total, unread FROM thread_list WHERE thread = ?";
static const char SQL_PUT_ROW[] = "INSERT OR REPLACE INTO thread_list"
				  " (thread, folder, sort_at, message, total, unread)"
				  " VALUES (?, ?, ?, ?, ?, ?)";
static const char SQL_DROP_ROW[] = "DELETE FROM thread_list WHERE thread = ? AND folder = ?";
static const char SQL_COUNT_FOLDER[] =
	"UPDATE folder SET total = total + ?2, unread = unread + ?3, threads = threads + ?4,"
	" unread_threads = unread_threads + ?5 WHERE id = ?1 RETURNING account";
static const char SQL_COUNT_LIST[] =
	"INSERT INTO list_count VALUES (?1, ?2, ?3) ON CONFLICT (folder) DO UPDATE SET"
	" threads = threads + ?2, unread_threads = unread_threads + ?3";
static const char SQL_LISTED[] = "UPDATE message SET listed = ?2 WHERE id = ?1";
static const char SQL_THREAD[] = "UPDATE thread SET newest = ?2, count = ?3, unread = ?4,"
				 " facts = ?5, peer = nullif(?6, 0), people = ?7 WHERE id = ?1";

int64_t list_folder(int64_t account, enum list_over which)
{
	return -(account * 4 + which);
}

struct list_row { /* of thread_list */
	int64_t folder, account, sort_at, message, total, unread;
	int64_t last_group; /* while adding: equal copies in one folder count once */
	bool last_unread;
};

struct group { /* equal copies */
	int64_t first;
	int64_t listed_before;
	int64_t in_first; /* this row is the first copy itself */
	bool is_shown, is_main, is_unread, is_starred, has_files, is_draft, is_known;
};

struct digest {
	struct write *w;
	int64_t thread;
	struct list_row *rows;
	size_t n, cap;
	struct group g;
	int64_t newest, newest_main;
	int64_t count, unread, count_main, unread_main;
	unsigned facts;
};

static struct list_row *row_of(struct digest *d, int64_t folder)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->rows[i].folder == folder)
			return &d->rows[i];
	d->rows = arena_grow(&d->w->arena, d->rows, &d->cap, d->n + 1, sizeof *d->rows);
	d->rows[d->n] = (struct list_row){.folder = folder};
	return &d->rows[d->n++];
}

struct seen_row { /* one message in one folder */
	int64_t id, account, flags, files, role, folder;
};

static void add_to_row(struct digest *d, int64_t folder, const struct seen_row *s, bool is_unread)
{
	struct list_row *r = row_of(d, folder);
	if (r->last_group != d->g.first) {
		r->last_group = d->g.first;
		r->last_unread = false;
		r->total++;
	}
	if (is_unread && !r->last_unread) {
		r->last_unread = true;
		r->unread++;
	}
	r->account = s->account;
	if (s->id > r->message) {
		r->message = s->id;
		r->sort_at = s->id >> 20;
	}
}

static void add_placement(struct digest *d, const struct seen_row *s)
{
	bool is_unread = !(s->flags & MSG_SEEN);
	bool is_away = s->role == FOLDER_TRASH || s->role == FOLDER_JUNK;
	d->g.is_shown = true;
	d->g.is_unread |= is_unread;
	d->g.is_starred |= (s->flags & MSG_FLAGGED) != 0;
	d->g.is_draft |= s->role == FOLDER_DRAFTS;
	add_to_row(d, s->folder, s, is_unread);
	if (is_away)
		return;
	d->g.is_main = true;
	if (s->role != FOLDER_DRAFTS)
		add_to_row(d, list_folder(s->account, LIST_OVER_ALL), s, is_unread);
	if (s->flags & MSG_FLAGGED)
		add_to_row(d, list_folder(s->account, LIST_OVER_STARRED), s, is_unread);
}

static int end_group(struct digest *d, struct err *e)
{
	const struct group *g = &d->g;
	if (!g->first)
		return 0;
	if (g->is_shown) {
		d->count++;
		d->unread += g->is_unread;
		d->newest = g->first > d->newest ? g->first : d->newest;
		d->facts |= (g->is_starred ? THREAD_STARRED : 0) |
			    (g->has_files ? THREAD_FILES : 0) | (g->is_draft ? THREAD_DRAFT : 0);
	}
	if (g->is_main) {
		d->count_main++;
		d->unread_main += g->is_unread;
		d->newest_main = g->first > d->newest_main ? g->first : d->newest_main;
	}
	int64_t listed = !g->is_shown ? 0
				      : LISTED_YES | (g->is_unread ? LISTED_UNREAD : 0) |
						(g->is_starred ? LISTED_STARRED : 0);
	if (!g->is_known || listed == g->listed_before)
		return 0;
	return db_run(d->w->db, e, SQL_LISTED, "ii", g->first, listed);
}

static int read_messages(struct digest *d, struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(d->w->db, &q, e, SQL_MESSAGES, "i", d->thread))
		return -1;
	while ((rc = db_step(d->w->db, q, e)) == 1) {
		int64_t first = sqlite3_column_int64(q, 0);
		struct seen_row s = {
			.id = sqlite3_column_int64(q, 1),
			.account = sqlite3_column_int64(q, 2),
			.flags = sqlite3_column_int64(q, 3),
			.files = sqlite3_column_int64(q, 4),
			.folder = sqlite3_column_int64(q, 6),
			.role = sqlite3_column_int64(q, 7),
		};
		if (first != d->g.first) {
			if (end_group(d, e))
				return -1;
			d->g = (struct group){.first = first};
		}
		if (s.id == first) {
			d->g.is_known = true;
			d->g.listed_before = sqlite3_column_int64(q, 5);
		}
		d->g.has_files |= s.files > 0;
		if (s.folder)
			add_placement(d, &s);
	}
	return rc ? rc : end_group(d, e);
}

/* ---- people ---------------------------------------------------------------------------------- */

struct people_list {
	struct {
		const char *norm, *name;
	} v[PEOPLE_SHOWN];
	size_t n;
	int64_t peer;
	bool has_other;
};

/* Newest last, each once; when there is no room the oldest goes. */
static void add_person(struct write *w, struct people_list *l, sqlite3_stmt *q)
{
	bool is_own = sqlite3_column_int(q, 4);
	const char *norm = is_own ? "\001" : db_text(&w->arena, q, 3);
	const char *name = is_own ? "\001" : db_text(&w->arena, q, 1);
	if (!*name)
		name = db_text(&w->arena, q, 2);
	if (!is_own) {
		l->peer = sqlite3_column_int64(q, 0);
		l->has_other = true;
	}
	size_t at = 0;
	while (at < l->n && strcmp(l->v[at].norm, norm) != 0)
		at++;
	if (at == l->n && l->n < PEOPLE_SHOWN)
		l->n++;
	else if (at == l->n)
		at = 0;
	for (; at + 1 < l->n; at++)
		l->v[at] = l->v[at + 1];
	l->v[l->n - 1].norm = norm;
	l->v[l->n - 1].name = name;
}

static int read_people(struct digest *d, const char *sql, int64_t id, struct people_list *l,
	struct err *e)
{
	sqlite3_stmt *q;
	int rc;
	if (db_query(d->w->db, &q, e, sql, "i", id))
		return -1;
	while ((rc = db_step(d->w->db, q, e)) == 1)
		add_person(d->w, l, q);
	return rc;
}

/* "A, B, \001": what the list shows of the people; conversations of own mail alone show whom they
 * went to, after "\002". */
static int put_people(struct digest *d, struct buf *out, int64_t *peer, struct err *e)
{
	struct people_list l = {.n = 0};
	if (read_people(d, SQL_SENDERS, d->thread, &l, e))
		return -1;
	if (l.n && !l.has_other) {
		struct people_list to = {.n = 0};
		if (read_people(d, SQL_RECIPIENTS, d->newest, &to, e))
			return -1;
		d->facts |= THREAD_ALL_OWN;
		if (to.n) {
			l = to;
			buf_addch(out, '\002');
		}
	}
	for (size_t i = 0; i < l.n; i++) {
		buf_addstr(out, i ? ", " : "");
		buf_addstr(out, l.v[i].name);
	}
	*peer = l.peer;
	return 0;
}

static int put_thread(struct digest *d, struct err *e)
{
	CLEANUP(buf_release) struct buf people = BUF_INIT(PEOPLE_BYTES);
	int64_t peer = 0;
	bool use_main = d->count_main > 0;
	if (d->count && put_people(d, &people, &peer, e))
		return -1;
	return db_run(d->w->db, e, SQL_THREAD, "iiiiiit", d->thread,
		use_main ? d->newest_main : d->newest, use_main ? d->count_main : d->count,
		use_main ? d->unread_main : d->unread, (int64_t)d->facts, peer, people.p);
}

/* ---- rows and counters ----------------------------------------------------------------------- */

static int count_folder(struct digest *d, const struct list_row *old, const struct list_row *now,
	struct err *e)
{
	int64_t folder = old->folder ? old->folder : now->folder, account = now->account;
	bool has_changed = now->total != old->total || now->unread != old->unread;
	int64_t threads = (int64_t)(now->total > 0) - (old->total > 0);
	int64_t unread = (int64_t)(now->unread > 0) - (old->unread > 0);
	if (folder < 0)
		return threads || unread
			       ? db_run(d->w->db, e, SQL_COUNT_LIST, "iii", folder, threads, unread)
			       : 0;
	if (has_changed &&
		db_value(d->w->db, &account, e, SQL_COUNT_FOLDER, "iiiii", folder,
			now->total - old->total, now->unread - old->unread, threads, unread))
		return -1;
	write_event(d->w, EV_MESSAGES, account, folder, d->thread, 1);
	if (has_changed)
		write_event(d->w, EV_FOLDERS, account, 0, 0, 1);
	return 0;
}

static bool same_row(const struct list_row *a, const struct list_row *b)
{
	return a->sort_at == b->sort_at && a->message == b->message && a->total == b->total &&
	       a->unread == b->unread;
}

static int put_row(struct digest *d, const struct list_row *old, const struct list_row *now,
	struct err *e)
{
	if (!now->total) {
		if (db_run(d->w->db, e, SQL_DROP_ROW, "ii", d->thread, old->folder))
			return -1;
	} else if (!same_row(old, now)) {
		if (db_run(d->w->db, e, SQL_PUT_ROW, "iiiiii", d->thread, now->folder, now->sort_at,
			    now->message, now->total, now->unread))
			return -1;
	}
	return count_folder(d, old, now, e);
}

static int put_rows(struct digest *d, struct err *e)
{
	struct list_row *old = NULL;
	const struct list_row none = {.folder = 0};
	size_t n_old = 0, cap = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(d->w->db, &q, e, SQL_OLD_ROWS, "i", d->thread))
		return -1;
	while ((rc = db_step(d->w->db, q, e)) == 1) {
		old = arena_grow(&d->w->arena, old, &cap, n_old + 1, sizeof *old);
		old[n_old++] = (struct list_row){
			.folder = sqlite3_column_int64(q, 0),
			.sort_at = sqlite3_column_int64(q, 1),
			.message = sqlite3_column_int64(q, 2),
			.total = sqlite3_column_int64(q, 3),
			.unread = sqlite3_column_int64(q, 4),
		};
	}
	for (size_t i = 0; rc == 0 && i < n_old; i++) {
		struct list_row *now = row_of(d, old[i].folder);
		rc = put_row(d, &old[i], now, e);
		now->last_group = -1; /* written */
	}
	for (size_t i = 0; rc == 0 && i < d->n; i++)
		if (d->rows[i].last_group != -1)
			rc = put_row(d, &none, &d->rows[i], e);
	return rc;
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

int thread_refresh(struct write *w, const struct thread_set *t, struct err *e)
{
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, compare_ids);
	for (size_t i = 0; i < t->n; i++) {
		struct digest d = {.w = w, .thread = t->v[i]};
		if (i && t->v[i] == t->v[i - 1])
			continue;
		if (read_messages(&d, e) || put_thread(&d, e) || put_rows(&d, e) ||
			reminder_look(w, d.thread, e))
			return -1;
	}
	return 0;
}
