/*
 * message_read.c - one message, a conversation's messages, raw bytes, and asking for a body.
 */
#include "config.h"

#include "message_read.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/op.h"

#include "ingest_body.h"
#include "keep.h"
#include "thread_private.h"

static const char SQL_MESSAGE[] =
	"SELECT m.thread, m.account, a.name, m.mid, m.date, m.received, m.date_offset, m.flags,"
	" m.size, m.facts, m.subject, c.snippet, c.files, c.body, c.parked, a.crm, m.refs,"
	" p.folder, f.name, p.server_id"
	" FROM message m JOIN message c ON c.id = m.copy_of JOIN account a ON a.id = m.account"
	" LEFT JOIN placement p ON p.id = (SELECT min(id) FROM placement WHERE message = m.id"
	"  AND is_shown) LEFT JOIN folder f ON f.id = p.folder WHERE m.id = ?";
static const char SQL_PARTIES[] =
	"SELECT mp.role, p.name, p.addr, ifnull(c.id, 0), c.name"
	" FROM message_party mp JOIN party p ON p.id = mp.party"
	" LEFT JOIN contact c ON c.id = (SELECT ce.contact FROM contact_email ce"
	"  JOIN contact cc ON cc.id = ce.contact"
	"  WHERE ce.crm = ?2 AND ce.norm = p.norm AND cc.gone_at = 0 LIMIT 1)"
	" WHERE mp.message = ?1 AND mp.role <= 3 ORDER BY mp.role, mp.pos";
static const char SQL_BY_HASH[] = "SELECT copy_of FROM message WHERE mid_hash = ?1 AND thread = ?2"
				  " AND copy_of <> ?3 ORDER BY id LIMIT 1";
/* One row per message, the copies of one after another: those that lie in a folder first, the
 * inbox before others, unread before read. */
static const char SQL_THREAD[] =
	"SELECT m.copy_of, m.id, p.id IS NOT NULL, m.date FROM message m"
	" LEFT JOIN placement p ON p.id = (SELECT min(id) FROM placement WHERE message = m.id"
	"  AND is_shown) LEFT JOIN folder f ON f.id = p.folder WHERE m.thread = ?"
	" ORDER BY m.copy_of, p.id IS NULL, f.role IS NOT 1, m.flags & 1, m.id";
static const char SQL_FOLDERS[] =
	"SELECT DISTINCT p.folder FROM message o JOIN message m ON m.thread = o.thread"
	" AND m.copy_of = o.copy_of JOIN placement p ON p.message = m.id AND p.is_shown"
	" WHERE o.id = ?";
static const char SQL_BODY[] = "SELECT state, size, file, data FROM cache.body WHERE message ="
			       " (SELECT copy_of FROM message WHERE id = ?)";
static const char SQL_FIRST[] = "SELECT copy_of FROM message WHERE id = ?";
static const char SQL_OPENED[] = "INSERT OR REPLACE INTO opened VALUES (?, ?)";
static const char SQL_WANT[] = "INSERT OR REPLACE INTO body_request VALUES (?, ?)";
static const char SQL_UNPARK[] =
	"UPDATE message SET body = 0, parked = NULL WHERE id ="
	" (SELECT copy_of FROM message WHERE id = ?1) AND body IN (2, 3, 5)";

static void add_party(struct arena *a, sqlite3_stmt *q, struct message_row *m, size_t cap[])
{
	struct party p = {.name = db_text(a, q, 1),
		.addr = db_text(a, q, 2),
		.contact = sqlite3_column_int64(q, 3),
		.contact_name = db_text(a, q, 4)};
	int role = sqlite3_column_int(q, 0);
	struct party **v = role == PARTY_TO ? &m->to : role == PARTY_CC ? &m->cc : &m->bcc;
	size_t *n = role == PARTY_TO ? &m->n_to : role == PARTY_CC ? &m->n_cc : &m->n_bcc;
	if (p.name && !*p.name)
		p.name = NULL;
	if (role == PARTY_FROM) {
		if (!m->from.addr)
			m->from = p;
		return;
	}
	*v = arena_grow(a, *v, &cap[role], *n + 1, sizeof **v);
	(*v)[(*n)++] = p;
}

static int read_parties(struct db *d, struct arena *a, int64_t crm, struct message_row *m,
	struct err *e)
{
	size_t cap[4] = {0, 0, 0, 0};
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_PARTIES, "ii", m->id, crm))
		return -1;
	while ((rc = db_step(d, q, e)) == 1)
		add_party(a, q, m, cap);
	return rc;
}

static int read_parent(struct db *d, struct message_row *m, const int64_t *refs, size_t n,
	struct err *e)
{
	for (size_t i = 0; i < n && !m->parent; i++)
		if (db_value(d, &m->parent, e, SQL_BY_HASH, "iii", refs[i], m->thread, m->id))
			return -1;
	return 0;
}

static void fill_row(struct arena *a, sqlite3_stmt *q, struct message_row *m)
{
	unsigned facts = (unsigned)sqlite3_column_int(q, 9);
	m->thread = sqlite3_column_int64(q, 0);
	m->account = sqlite3_column_int64(q, 1);
	m->account_name = db_text(a, q, 2);
	m->message_id = db_text(a, q, 3);
	m->date = sqlite3_column_int64(q, 4);
	m->received = sqlite3_column_int64(q, 5);
	m->date_offset_min = sqlite3_column_int(q, 6);
	m->flags = (uint32_t)sqlite3_column_int64(q, 7);
	m->size = (uint64_t)sqlite3_column_int64(q, 8);
	m->is_own = facts & FACT_OWN;
	m->is_auto = facts & FACT_AUTO;
	m->subject = db_text(a, q, 10);
	m->snippet = db_text(a, q, 11);
	m->n_attachments = (uint32_t)sqlite3_column_int64(q, 12);
	int body = sqlite3_column_int(q, 13);
	m->body = body == BODY_EVICTED ? BODY_NONE : (enum body_state)body;
	m->parked = db_text(a, q, 14);
	m->folder = sqlite3_column_int64(q, 17);
	m->folder_name = db_text(a, q, 18);
	m->server_id = db_text(a, q, 19);
}

int message_read(struct store_reader *r, struct arena *a, int64_t id, struct message_row *out,
	bool *is_there, struct err *e)
{
	struct db *d = reader_db(r);
	int64_t refs[REFS_MAX];
	sqlite3_stmt *q;
	*out = (struct message_row){.id = id};
	*is_there = false;
	if (db_query(d, &q, e, SQL_MESSAGE, "i", id))
		return -1;
	int rc = db_step(d, q, e);
	if (rc != 1)
		return rc;
	fill_row(a, q, out);
	int64_t crm = sqlite3_column_int64(q, 15);
	const void *blob = sqlite3_column_blob(q, 16);
	size_t len = (size_t)sqlite3_column_bytes(q, 16);
	len = len > sizeof refs ? sizeof refs : len;
	if (len)
		memcpy(refs, blob, len);
	sqlite3_reset(q);
	*is_there = true;
	return read_parties(d, a, crm, out, e) || read_parent(d, out, refs, len / sizeof refs[0], e)
		       ? -1
		       : 0;
}

int message_get(struct store_reader *r, struct arena *a, int64_t id, struct message_row **out,
	struct err *e)
{
	struct message_row *row = arena_alloc(a, sizeof *row);
	bool is_there;
	if (message_read(r, a, id, row, &is_there, e))
		return -1;
	*out = is_there ? row : NULL;
	return 0;
}

int message_folders(struct store_reader *r, struct arena *a, int64_t id, int64_t **out, size_t *n,
	struct err *e)
{
	struct db *d = reader_db(r);
	int64_t *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_FOLDERS, "i", id))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = sqlite3_column_int64(q, 0);
	}
	*out = v;
	*n = count;
	return rc;
}

struct chosen { /* one of equal copies */
	int64_t first, id, date;
	bool is_placed;
};

static int choose_copies(struct db *d, struct arena *a, int64_t thread, struct chosen **out,
	size_t *n, struct err *e)
{
	struct chosen *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_THREAD, "i", thread))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		int64_t first = sqlite3_column_int64(q, 0);
		if (count && v[count - 1].first == first)
			continue;
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct chosen){first, sqlite3_column_int64(q, 1),
			sqlite3_column_int64(q, 3), sqlite3_column_int(q, 2) != 0};
	}
	*out = v;
	*n = count;
	return rc;
}

static int compare_chosen(const void *a, const void *b)
{
	const struct chosen *x = a, *y = b;
	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* What lies in no folder any more was deleted elsewhere; it is shown only when nothing else of the
 * conversation is left. */
static size_t drop_unplaced(struct chosen *v, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (v[i].is_placed)
			v[kept++] = v[i];
	return kept ? kept : n;
}

/* Parents are first copies; what is shown may be another one. */
static int64_t shown_copy(const struct chosen *v, size_t n, int64_t first)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].first == first)
			return v[i].id;
	return 0;
}

int thread_messages(struct store_reader *r, struct arena *a, int64_t thread,
	struct message_row **out, size_t *n, struct err *e)
{
	struct chosen *v;
	size_t count, filled = 0;
	if (thread_resolve(reader_db(r), &thread, e) ||
		choose_copies(reader_db(r), a, thread, &v, &count, e))
		return -1;
	count = drop_unplaced(v, count);
	if (count)
		qsort(v, count, sizeof *v, compare_chosen);
	struct message_row *rows = arena_array(a, count + 1, sizeof *rows);
	for (size_t i = 0; i < count; i++) {
		bool is_there;
		if (message_read(r, a, v[i].id, &rows[filled], &is_there, e))
			return -1;
		filled += is_there;
	}
	for (size_t i = 0; i < filled; i++)
		if (rows[i].parent)
			rows[i].parent = shown_copy(v, count, rows[i].parent);
	*out = rows;
	*n = filled;
	return 0;
}

static int read_cached(struct store_reader *r, struct arena *a, int64_t id, const char **p,
	size_t *n, enum body_state *state, struct err *e)
{
	sqlite3_stmt *q;
	if (db_query(reader_db(r), &q, e, SQL_BODY, "i", id))
		return -1;
	int rc = db_step(reader_db(r), q, e);
	if (rc != 1)
		return rc;
	enum body_state s = (enum body_state)sqlite3_column_int(q, 0);
	const char *file = db_text(a, q, 2);
	rc = file ? body_read_file(r->store, a, file, p, n, e)
		  : body_expand(a, sqlite3_column_blob(q, 3), (size_t)sqlite3_column_bytes(q, 3),
			    BODY_MAX, p, n, e);
	sqlite3_reset(q);
	if (rc == 0)
		*state = s;
	return rc;
}

static int read_kept(struct store_reader *r, struct arena *a, int64_t id, const char **p, size_t *n,
	enum body_state *state, struct err *e)
{
	int64_t first = id;
	const char *kept;
	enum body_state s;
	size_t len;
	if (db_value(reader_db(r), &first, e, SQL_FIRST, "i", id) ||
		keep_read(r, a, first, &kept, &len, &s, e))
		return -1;
	if (s == BODY_NONE)
		return 0;
	*p = kept;
	*n = len;
	*state = s;
	return 0;
}

/* What cannot be read counts as not there, and comes again when somebody asks for it. */
static int pass_over(int64_t id, struct err *e)
{
	if (e->code == ERR_CANCELLED)
		return -1;
	log_line(LOG_WARN, "store", "message %lld: body not readable: %s", (long long)id,
		err_code_name(e->code));
	err_clear(e);
	return 0;
}

/* From the cache, else from what was kept because no server has it any more. */
int message_raw(struct store_reader *r, struct arena *a, int64_t id, const char **p, size_t *n,
	enum body_state *state, struct err *e)
{
	*p = "";
	*n = 0;
	*state = BODY_NONE;
	if (read_cached(r, a, id, p, n, state, e) && pass_over(id, e))
		return -1;
	if (*state != BODY_NONE)
		return 0;
	return read_kept(r, a, id, p, n, state, e) ? pass_over(id, e) : 0;
}

/* A body that should be there and is not (a lost file, a lost power) is asked for again. */
static int write_want(struct write *w, void *arg, struct err *e)
{
	const int64_t *id = arg;
	return db_run(w->db, e, SQL_WANT, "ii", *id, w->now) ||
			       db_run(w->db, e, SQL_UNPARK, "i", *id)
		       ? -1
		       : 0;
}

int64_t message_want_body(struct store *s, int64_t id)
{
	int64_t *arg = xmalloc(sizeof *arg);
	*arg = id;
	return writer_post(&s->main, WRITE_USER, write_want, arg, free);
}

static int write_opened(struct write *w, void *arg, struct err *e)
{
	const int64_t *id = arg;
	IGNORE_RESULT(db_run(w->db, e, SQL_OPENED, "ii", *id, w->now),
		"a damaged cache is seen to, and nobody needs to hear of this row");
	return 0;
}

int64_t message_opened(struct store *s, int64_t id)
{
	int64_t *arg = xmalloc(sizeof *arg);
	*arg = id;
	return writer_post(&s->cache, WRITE_USER | WRITE_BARE, write_opened, arg, free);
}
