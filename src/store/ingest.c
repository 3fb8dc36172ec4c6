/*
 * ingest.c - a page of a folder's listing becomes rows: new messages, placements, flags, what is
 * gone, and the cursor, in one transaction. Bodies follow in ingest_body.c.
 */
#include "config.h"

#include "ingest_private.h"

#include <string.h>

#include "crmail/base/i18n.h"
#include "crmail/base/op.h"
#include "crmail/mail/addr.h"

#include "correspondent_private.h"
#include "flags.h"
#include "found.h"
#include "ingest_body.h"
#include "ingest_labels.h"
#include "purge_private.h"
#include "moved.h"

enum {
	FUTURE_S = 86400,  /* clocks differ; what claims to be later came now */
	COUNTER_BITS = 20, /* of a message id; the account has the upper 8 of them */
	PER_SECOND = 4096,
};

static const char SQL_KNOWN[] = "SELECT message FROM placement WHERE folder = ? AND server_id = ?";
static const char SQL_EQUAL[] = "SELECT copy_of, thread FROM message WHERE equal_key = ? LIMIT 1";
static const char SQL_NO_BODY[] = "SELECT c.id FROM message m JOIN message c ON c.id = m.copy_of"
				  " WHERE m.id = ? AND c.body = 0";
static const char SQL_WAITS[] =
	"SELECT p.id, p.message FROM message m CROSS JOIN placement p ON p.message = m.id"
	" WHERE m.equal_key = ?1 AND p.folder = ?2 AND p.server_id IS NULL LIMIT 1";
static const char SQL_ADOPT[] = "UPDATE placement SET server_id = ?2, is_remote = 1, seen_pass = 0"
				" WHERE id = ?1";
static const char SQL_MAX_ID[] = "SELECT max(id) FROM message WHERE id BETWEEN ? AND ?";
static const char SQL_INSERT[] =
	"INSERT INTO message (id, account, thread, copy_of, equal_key, mid, mid_hash, refs,"
	" base_hash, joined, received, date, date_offset, size, flags, remote_flags, facts, files,"
	" body, indexed, subject, snippet) VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0), ?8,"
	" nullif(?9, 0), nullif(?10, -1), ?11, ?12, ?13, ?14, ?15, ?15, ?16, ?17, ?18, ?19, ?20,"
	" ?21)";
static const char SQL_PLACE[] = "INSERT INTO placement (folder, message, server_id, is_remote,"
				" is_shown) VALUES (?, ?, ?, 1, 1)";
static const char SQL_PARTY[] = "SELECT id FROM party WHERE addr = ? AND name = ?";
static const char SQL_PUT_PARTY[] = "INSERT INTO party (addr, name, norm, domain)"
				    " VALUES (?, ?, ?, ?)";
static const char SQL_PUT_MESSAGE_PARTY[] = "INSERT INTO message_party VALUES (?, ?, ?, ?)";
static const char SQL_THREAD_OF[] = "SELECT thread FROM message WHERE id = ?";
static const char SQL_CURSOR[] = "UPDATE folder SET cursor = ?2 WHERE id = ?1";
static const char SQL_FORGET_IDS[] =
	"UPDATE placement SET server_id = NULL, is_remote = 0, seen_pass = 1"
	" WHERE folder = ? AND server_id IS NOT NULL";
static const char SQL_UNSEEN[] = "DELETE FROM placement WHERE folder = ? AND seen_pass = 1"
				 " RETURNING (SELECT thread FROM message m WHERE m.id = message)";
static const char SQL_REMOTE_FLAGS[] = "SELECT remote_flags FROM message WHERE id = ?";

static const char SQL_IS_OPEN[] =
	"SELECT EXISTS (SELECT 1 FROM placement WHERE folder = ? AND seen_pass = 1)";

struct page_write {
	struct write *w;
	const struct ingest_page *page;
	struct ingest_result *result;
	struct own_addresses own, own_all;
	struct thread_set touched;
	int64_t *first; /* per msgs[i]: the first copy, if something of it goes to cache.db, or 0 */
	int64_t *fresh; /* new first copies: their subjects are looked at when all are there */
	size_t n_fresh;
};

int ingest_new_message_id(struct write *w, int64_t account, int64_t received, int64_t *id,
	struct err *e)
{
	for (; received > 0; received--) {
		int64_t low = received << COUNTER_BITS | (account & 0xff) * PER_SECOND;
		int64_t last = 0;
		if (db_value(w->db, &last, e, SQL_MAX_ID, "ii", low, low + PER_SECOND - 1))
			return -1;
		if (last < low + PER_SECOND - 1) {
			*id = last ? last + 1 : low;
			return 0;
		}
	}
	return err_set(e, ERR_TOOBIG, "%s", _("Too many messages of one moment."));
}

static int64_t settle_received(const struct write *w, const struct ingest_msg *m)
{
	int64_t t = m->received ? m->received : m->p->received;
	t = t ? t : m->file_time;
	if (t > w->now + FUTURE_S || t == 0)
		return w->now;
	return t < 1 ? 1 : t;
}

static int put_party(struct write *w, int64_t message, int64_t pos, const struct prepared_party *p,
	struct err *e)
{
	int64_t id = 0;
	if (db_value(w->db, &id, e, SQL_PARTY, "tt", p->addr, p->name))
		return -1;
	if (!id) {
		if (db_run(w->db, e, SQL_PUT_PARTY, "tttt", p->addr, p->name, p->norm, p->domain))
			return -1;
		id = sqlite3_last_insert_rowid(w->db->h);
	}
	return db_run(w->db, e, SQL_PUT_MESSAGE_PARTY, "iiii", message, (int64_t)p->role, pos, id);
}

static int put_parties(struct write *w, int64_t message, const struct prepared *p, struct err *e)
{
	int64_t pos = 0;
	for (size_t i = 0; i < p->n_parties; i++) {
		pos = i && p->parties[i].role == p->parties[i - 1].role ? pos + 1 : 0;
		if (put_party(w, message, pos, &p->parties[i], e))
			return -1;
	}
	return 0;
}

static bool is_own(const struct page_write *t, const struct prepared *p)
{
	const struct own_addresses *own = t->own.n ? &t->own : &t->own_all;
	return p->n_parties && p->parties[0].role == PARTY_FROM &&
	       account_own_has(own, p->parties[0].norm);
}

struct row_facts { /* what is settled before the row is written */
	int64_t id, received, first, thread;
};

static int put_row(struct page_write *t, const struct ingest_msg *m, const struct row_facts *r,
	struct err *e)
{
	const struct prepared *p = m->p;
	bool is_copy = r->first != r->id;
	unsigned facts =
		p->facts | (is_own(t, p) ? FACT_OWN : 0) | (t->page->found_by ? FACT_FOUND : 0);
	int64_t joined = p->is_joiner && !m->thread_id && !is_copy ? 0 : -1;
	return db_run(t->w->db, e, SQL_INSERT, "iiiibtibiiiiiiiiiiitt", r->id, t->page->account,
		       r->thread, r->first, p->equal_key, (size_t)32, p->mid, p->mid_hash,
		       p->n_refs ? p->refs : NULL, p->n_refs * sizeof *p->refs,
		       is_copy ? 0 : p->base_hash, joined, r->received,
		       p->date ? p->date : r->received, (int64_t)p->date_offset_min,
		       (int64_t)(m->size ? m->size : p->raw_len), (int64_t)m->flags, (int64_t)facts,
		       (int64_t)p->n_files, (int64_t)(is_copy ? BODY_OF_COPY : BODY_NONE),
		       (int64_t)is_copy, p->subject, p->snippet) ||
			       put_parties(t->w, r->id, p, e) ||
			       (!t->page->is_account_wide &&
				       db_run(t->w->db, e, SQL_PLACE, "iit", t->page->folder, r->id,
					       m->server_id))
		       ? -1
		       : 0;
}

static int find_equal(struct page_write *t, const struct prepared *p, int64_t *first,
	int64_t *thread, struct err *e)
{
	sqlite3_stmt *q;
	*first = *thread = 0;
	if (!p->equal_key)
		return 0;
	if (db_query(t->w->db, &q, e, SQL_EQUAL, "b", p->equal_key, (size_t)32))
		return -1;
	int rc = db_step(t->w->db, q, e);
	if (rc == 1) {
		*first = sqlite3_column_int64(q, 0);
		*thread = sqlite3_column_int64(q, 1);
		sqlite3_reset(q);
	}
	return rc < 0 ? -1 : 0;
}

/* What was purged stays away, wherever it is offered from. */
static int is_purged(struct page_write *t, const struct prepared *p, bool *out, struct err *e)
{
	*out = false;
	return p->equal_key ? purge_has(t->w, p->equal_key, out, e) : 0;
}

static int insert_new(struct page_write *t, size_t i, struct err *e)
{
	const struct ingest_msg *m = &t->page->msgs[i];
	const struct prepared *p = m->p;
	bool is_gone;
	if (is_purged(t, p, &is_gone, e) || is_gone)
		return is_gone ? 0 : -1;
	struct row_facts r = {.received = settle_received(t->w, m)};
	struct join_facts f = {.account = t->page->account,
		.mid_hash = p->mid_hash,
		.refs = p->refs,
		.n_refs = p->n_refs,
		.provider_thread = m->thread_id};
	if (find_equal(t, p, &r.first, &f.equal_thread, e) ||
		ingest_new_message_id(t->w, t->page->account, r.received, &r.id, e) ||
		thread_join_refs(t->w, &f, &r.thread, &t->touched, e))
		return -1;
	bool is_copy = r.first != 0;
	r.first = is_copy ? r.first : r.id;
	r.received = r.id >> COUNTER_BITS;
	if (put_row(t, m, &r, e) ||
		(!is_copy && correspondent_count(t->w, r.id, p, is_own(t, p), e)))
		return -1;
	if (!is_copy) {
		t->fresh[t->n_fresh++] = r.id;
		t->first[i] = r.id;
	}
	t->result->ids[i] = r.id;
	t->result->n_new++;
	return 0;
}

/* Another client moved it here out of a folder that was looked at before: it is still the same. */
static int take_back(struct page_write *t, const struct ingest_msg *m, int64_t *message,
	struct err *e)
{
	int64_t thread = 0;
	if (moved_find(t->w, t->page->account, m->p->equal_key, settle_received(t->w, m), message,
		    e))
		return -1;
	if (!*message)
		return 0;
	if (db_value(t->w->db, &thread, e, SQL_THREAD_OF, "i", *message) ||
		db_run(t->w->db, e, SQL_PLACE, "iit", t->page->folder, *message, m->server_id))
		return -1;
	thread_set_add(t->w, &t->touched, thread);
	t->result->n_new++;
	return 0;
}

/* A message that the user moved here, or whose server id was forgotten, comes again. */
static int adopt(struct page_write *t, const struct ingest_msg *m, int64_t *message, struct err *e)
{
	sqlite3_stmt *q;
	int64_t placement = 0;
	if (!m->p->equal_key)
		return 0;
	if (db_query(t->w->db, &q, e, SQL_WAITS, "bi", m->p->equal_key, (size_t)32,
		    t->page->folder))
		return -1;
	int rc = db_step(t->w->db, q, e);
	if (rc != 1)
		return rc;
	placement = sqlite3_column_int64(q, 0);
	*message = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return db_run(t->w->db, e, SQL_ADOPT, "it", placement, m->server_id);
}

/* Flags that the service does not keep are our own. */
static int set_flags(struct page_write *t, int64_t message, uint32_t flags, struct err *e)
{
	int64_t remote = 0;
	bool has_changed = false;
	if (t->page->told && db_value(t->w->db, &remote, e, SQL_REMOTE_FLAGS, "i", message))
		return -1;
	if (t->page->told)
		flags = (flags & t->page->told) | ((uint32_t)remote & ~t->page->told);
	if (flags_set_remote(t->w, message, flags, &t->touched, &has_changed, e))
		return -1;
	t->result->n_changed += has_changed;
	return 0;
}

static int find_or_insert(struct page_write *t, size_t i, struct err *e)
{
	const struct ingest_msg *m = &t->page->msgs[i];
	int64_t message = 0;
	if (db_value(t->w->db, &message, e, SQL_KNOWN, "it", t->page->folder, m->server_id) ||
		(!message && adopt(t, m, &message, e)) ||
		(!message && take_back(t, m, &message, e)))
		return -1;
	if (!message)
		return insert_new(t, i, e);
	t->result->ids[i] = message;
	return set_flags(t, message, m->flags, e);
}

/* ---- pages of the whole account -------------------------------------------------------------- */

static int place(struct page_write *t, int64_t message, const char *server_id,
	const char *const *folders, struct err *e)
{
	return labels_place(t->w, t->page->account, message, server_id, folders, &t->touched,
		&t->result->n_gone, e);
}

static int flags_anywhere(struct page_write *t, const char *server_id, uint32_t flags,
	int64_t *first, struct err *e)
{
	int64_t *v = NULL;
	size_t n = 0;
	if (labels_find(t->w, t->page->account, server_id, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (set_flags(t, v[i], flags, e))
			return -1;
	*first = n ? v[0] : 0;
	return 0;
}

static int find_or_insert_anywhere(struct page_write *t, size_t i, struct err *e)
{
	const struct ingest_msg *m = &t->page->msgs[i];
	int64_t message = 0;
	if (flags_anywhere(t, m->server_id, m->flags, &message, e))
		return -1;
	if (message)
		t->result->ids[i] = message;
	else if (insert_new(t, i, e))
		return -1;
	message = t->result->ids[i]; /* 0: it was purged */
	return message ? place(t, message, m->server_id, m->folders, e) : 0;
}

/* A body that comes along is taken wherever one is missing: a crash may have kept it from the cache
 * the first time, or the first copy came with its headers alone. */
static int put_message(struct page_write *t, size_t i, struct err *e)
{
	if (t->page->is_account_wide ? find_or_insert_anywhere(t, i, e) : find_or_insert(t, i, e))
		return -1;
	if (!t->result->ids[i] || t->first[i] || !t->page->msgs[i].p->is_whole)
		return 0;
	return db_value(t->w->db, &t->first[i], e, SQL_NO_BODY, "i", t->result->ids[i]);
}

static int put_flags(struct page_write *t, struct err *e)
{
	for (size_t i = 0; i < t->page->n_flags; i++) {
		const struct ingest_flag *f = &t->page->flags[i];
		int64_t message = 0;
		if (t->page->is_account_wide) {
			if (flags_anywhere(t, f->server_id, f->flags, &message, e) ||
				(message && f->folders &&
					place(t, message, f->server_id, f->folders, e)))
				return -1;
			continue;
		}
		if (db_value(t->w->db, &message, e, SQL_KNOWN, "it", t->page->folder,
			    f->server_id) ||
			(message && set_flags(t, message, f->flags, e)))
			return -1;
	}
	return 0;
}

static int drop_gone(struct page_write *t, struct err *e)
{
	for (size_t i = 0; i < t->page->n_gone; i++) {
		const char *id = t->page->gone[i];
		int64_t message = 0;
		if (t->page->is_account_wide) {
			if (place(t, 0, id, NULL, e))
				return -1;
			continue;
		}
		if (db_value(t->w->db, &message, e, SQL_KNOWN, "it", t->page->folder, id) ||
			(message &&
				placement_drop(t->w, t->page->folder, id, message, &t->touched, e)))
			return -1;
		t->result->n_gone += message != 0;
	}
	return 0;
}

static int forget_ids(struct page_write *t, struct err *e)
{
	if (!t->page->all_gone_first)
		return 0;
	return t->page->is_account_wide
		       ? labels_unsee(t->w, t->page->account, e) /* ids of an account last */
		       : db_run(t->w->db, e, SQL_FORGET_IDS, "i", t->page->folder);
}

static int join_subjects(struct page_write *t, struct err *e)
{
	for (size_t i = 0; i < t->n_fresh; i++)
		if (thread_join_subject(t->w, t->fresh[i], &t->own_all, &t->touched, e))
			return -1;
	return 0;
}

static int write_page(struct write *w, void *arg, struct err *e)
{
	struct page_write *t = arg;
	const struct ingest_page *p = t->page;
	t->w = w;
	if (account_own_read(w->db, &w->arena, p->account, &t->own, e) ||
		account_own_read(w->db, &w->arena, 0, &t->own_all, e))
		return -1;
	if (forget_ids(t, e))
		return -1;
	for (size_t i = 0; i < p->n; i++)
		if (put_message(t, i, e))
			return -1;
	if (join_subjects(t, e) || put_flags(t, e) || drop_gone(t, e))
		return -1;
	if (p->found_by && found_put(w, p->found_by, t->result->ids, p->n, e))
		return -1;
	if (p->cursor && db_run(w->db, e, SQL_CURSOR, "it", p->folder, p->cursor))
		return -1;
	return thread_refresh(w, &t->touched, e);
}

/* Heads and bodies go to cache.db under the id of the first copy. */
static int start_bodies(struct store *s, struct arena *a, const struct page_write *t,
	struct ingest_writing **rest, struct err *e)
{
	struct body_item *v = arena_array(a, t->page->n + 1, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < t->page->n; i++)
		if (t->first[i])
			v[n++] =
				(struct body_item){.message = t->first[i], .p = t->page->msgs[i].p};
	return n ? ingest_start_items(s, v, n, rest, e) : 0;
}

int ingest_start_page(struct store *s, struct arena *a, const struct ingest_page *p,
	struct ingest_result *out, struct ingest_writing **rest, struct err *e)
{
	struct ingest_result result = {.ids = arena_array(a, p->n + 1, sizeof *result.ids)};
	struct page_write t = {.page = p, .result = &result};
	*rest = NULL;
	t.first = arena_array(a, p->n + 1, sizeof *t.first);
	t.fresh = arena_array(a, p->n + 1, sizeof *t.fresh);
	if (writer_call(&s->main, 0, write_page, &t, e) || start_bodies(s, a, &t, rest, e))
		return -1;
	*out = result;
	return 0;
}

int ingest_page(struct store *s, struct arena *a, const struct ingest_page *p,
	struct ingest_result *out, struct err *e)
{
	struct ingest_writing *rest = NULL;
	if (ingest_start_page(s, a, p, out, &rest, e))
		return -1;
	return rest ? ingest_finish(rest, e) : 0;
}

struct resync {
	int64_t folder, n_gone;
};

static int write_resync_end(struct write *w, void *arg, struct err *e)
{
	struct resync *r = arg;
	struct thread_set touched = {NULL, 0, 0};
	sqlite3_stmt *q;
	int rc;
	r->n_gone = 0;
	if (db_query(w->db, &q, e, SQL_UNSEEN, "i", r->folder))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		thread_set_add(w, &touched, sqlite3_column_int64(q, 0));
		r->n_gone++;
	}
	return rc ? rc : thread_refresh(w, &touched, e);
}

int ingest_resync_end(struct store *s, int64_t folder, int64_t *n_gone, struct err *e)
{
	struct resync r = {folder, 0};
	if (writer_call(&s->main, 0, write_resync_end, &r, e))
		return -1;
	*n_gone = r.n_gone;
	return 0;
}

int ingest_resync_is_open(struct store_reader *r, int64_t folder, bool *out, struct err *e)
{
	int64_t found = 0;
	if (db_value(reader_db(r), &found, e, SQL_IS_OPEN, "i", folder))
		return -1;
	*out = found != 0;
	return 0;
}
