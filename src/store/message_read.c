/*
 * message_read.c - one message, raw bytes, and asking for a body.
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
	"SELECT " MESSAGE_COLUMNS " FROM message m" MESSAGE_JOINS " WHERE m.id = ?";
#define PARTY_COLUMNS "p.name, p.addr, ifnull(c.id, 0), c.name"
#define PARTY_CONTACT                                                                              \
	" LEFT JOIN contact c ON c.id = (SELECT ce.contact FROM contact_email ce"                  \
	"  JOIN contact cc ON cc.id = ce.contact"                                                  \
	"  WHERE ce.crm = ?2 AND ce.norm = p.norm AND cc.gone_at = 0 LIMIT 1)"
static const char SQL_PARTIES[] =
	"SELECT " PARTY_COLUMNS ", mp.role FROM message_party mp"
	" JOIN party p ON p.id = mp.party" PARTY_CONTACT
	" WHERE mp.message = ?1 AND mp.role <= 3 ORDER BY mp.role, mp.pos";
static const char SQL_PARTY[] =
	"SELECT " PARTY_COLUMNS " FROM party p" PARTY_CONTACT " WHERE p.id = ?1";
static const char SQL_BY_HASH[] = "SELECT copy_of FROM message WHERE mid_hash = ?1 AND thread = ?2"
				  " AND copy_of <> ?3 ORDER BY id LIMIT 1";
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

static void fill_party(struct arena *a, sqlite3_stmt *q, struct party *p)
{
	*p = (struct party){.name = db_text(a, q, 0),
		.addr = db_text(a, q, 1),
		.contact = sqlite3_column_int64(q, 2),
		.contact_name = db_text(a, q, 3)};
	if (p->name && !*p->name)
		p->name = NULL;
}

void message_people_add(struct arena *a, struct message_people *p, enum party_role role,
	const struct party *who)
{
	struct message_row *m = p->row;
	struct party **v = role == PARTY_TO ? &m->to : role == PARTY_CC ? &m->cc : &m->bcc;
	size_t *n = role == PARTY_TO ? &m->n_to : role == PARTY_CC ? &m->n_cc : &m->n_bcc;
	if (role == PARTY_FROM) {
		if (!m->from.addr)
			m->from = *who;
		return;
	}
	*v = arena_grow(a, *v, &p->cap[role], *n + 1, sizeof **v);
	(*v)[(*n)++] = *who;
}

static int read_parties(struct db *d, struct arena *a, int64_t crm, struct message_row *m,
	struct err *e)
{
	struct message_people people = {.row = m};
	sqlite3_stmt *q;
	int rc;
	if (db_query(d, &q, e, SQL_PARTIES, "ii", m->id, crm))
		return -1;
	while ((rc = db_step(d, q, e)) == 1) {
		struct party p;
		fill_party(a, q, &p);
		message_people_add(a, &people, (enum party_role)sqlite3_column_int(q, 4), &p);
	}
	return rc;
}

int message_party_read(struct store_reader *r, struct arena *a, int64_t party, int64_t crm,
	struct party *out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*out = (struct party){.name = NULL};
	if (db_query(d, &q, e, SQL_PARTY, "ii", party, crm))
		return -1;
	int rc = db_step(d, q, e);
	if (rc != 1)
		return rc;
	fill_party(a, q, out);
	sqlite3_reset(q);
	return 0;
}

static int read_parent(struct db *d, struct message_row *m, const int64_t *refs, size_t n,
	struct err *e)
{
	for (size_t i = 0; i < n && !m->parent; i++)
		if (db_value(d, &m->parent, e, SQL_BY_HASH, "iii", refs[i], m->thread, m->id))
			return -1;
	return 0;
}

int64_t message_fill(struct arena *a, sqlite3_stmt *q, struct message_row *m)
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
	return sqlite3_column_int64(q, 15);
}

const int64_t *message_refs(struct arena *a, sqlite3_stmt *q, size_t *n)
{
	const void *blob = sqlite3_column_blob(q, 16);
	size_t count = (size_t)sqlite3_column_bytes(q, 16) / sizeof(int64_t);
	count = count > REFS_MAX ? REFS_MAX : count;
	int64_t *refs = arena_array(a, count + 1, sizeof *refs);
	if (count)
		memcpy(refs, blob, count * sizeof *refs);
	*n = count;
	return refs;
}

int message_read(struct store_reader *r, struct arena *a, int64_t id, struct message_row *out,
	bool *is_there, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*out = (struct message_row){.id = id};
	*is_there = false;
	if (db_query(d, &q, e, SQL_MESSAGE, "i", id))
		return -1;
	int rc = db_step(d, q, e);
	if (rc != 1)
		return rc;
	int64_t crm = message_fill(a, q, out);
	size_t n_refs;
	const int64_t *refs = message_refs(a, q, &n_refs);
	sqlite3_reset(q);
	*is_there = true;
	return read_parties(d, a, crm, out, e) || read_parent(d, out, refs, n_refs, e) ? -1 : 0;
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
