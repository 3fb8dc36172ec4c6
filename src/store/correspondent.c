/*
 * correspondent.c - tables correspondent and correspondent_word: counting people as mail comes in,
 * and finding them by the beginning of a word. Everything is kept folded, so that finding needs no
 * function of ours inside SQL.
 */
#include "config.h"

#include "correspondent_private.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fold.h"
#include "crmail/base/str.h"
#include "crmail/mail/addr.h"

#include "account_private.h"
#include "crm_private.h"

enum {
	NAME_MAX_BYTES = 300, /* longer ones are no names */
	FOLD_MAX = 4096,
	WORD_MAX = 64,
	QUERY_WORDS_MAX = 8,
	PEOPLE_MAX = 50, /* of one message: more is a mailing, not a correspondence */
	BATCH = 500,     /* rows counted anew in one transaction */
};

static const char SQL_FIND[] = "SELECT id, addr, name, last_at FROM correspondent WHERE norm = ?";
static const char SQL_ADD[] = "INSERT INTO correspondent (norm, addr, name, fold, n_to, n_from,"
			      " last_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
static const char SQL_COUNT[] = "UPDATE correspondent SET n_to = n_to + ?2, n_from = n_from + ?3,"
				" last_at = max(last_at, ?4) WHERE id = ?1";
static const char SQL_RENAME[] = "UPDATE correspondent SET addr = ?2, name = ?3, fold = ?4"
				 " WHERE id = ?1";
static const char SQL_NO_WORDS[] = "DELETE FROM correspondent_word WHERE correspondent = ?";
static const char SQL_ADD_WORD[] = "INSERT OR IGNORE INTO correspondent_word VALUES (?, ?)";

/* Written to counts eight times; what is a month old counts half. */
#define CORRESPONDENT_COLUMNS "SELECT addr, name, fold, n_to + n_from, last_at FROM "
#define CORRESPONDENT_ORDER                                                                        \
	" ORDER BY (1 + 8 * min(n_to, 30) + min(n_from, 30))"                                      \
	" / (1.0 + max(?1 - last_at, 0) / 2592000.0) DESC, last_at DESC, name, norm"
static const char SQL_BY_WORD[] = CORRESPONDENT_COLUMNS
	"correspondent WHERE id IN (SELECT correspondent FROM correspondent_word"
	" WHERE word >= ?2 AND word < ?3)" CORRESPONDENT_ORDER;
static const char SQL_RECENT[] = CORRESPONDENT_COLUMNS
	"(SELECT * FROM correspondent ORDER BY last_at DESC LIMIT ?2)" CORRESPONDENT_ORDER;

static const char SQL_MARK[] = "SELECT value FROM meta WHERE key = ?";
static const char SQL_SET_MARK[] = "INSERT OR REPLACE INTO meta VALUES (?, ?)";
static const char SQL_DROP_MARK[] = "DELETE FROM meta WHERE key = ?";
static const char SQL_NOBODY[] = "DELETE FROM correspondent";
static const char SQL_NO_WORD[] = "DELETE FROM correspondent_word";
static const char SQL_MESSAGES[] = "SELECT id, facts FROM message WHERE id > ? AND copy_of = id"
				   " ORDER BY id LIMIT ?";
static const char SQL_PARTIES[] = "SELECT mp.role, p.addr, p.name FROM message_party mp"
				  " JOIN party p ON p.id = mp.party WHERE mp.message = ?"
				  " ORDER BY mp.role, mp.pos";
static const char SQL_CONTACTS[] = "SELECT c.id, c.name, m.addr FROM contact c"
				   " JOIN contact_email m ON m.contact = c.id WHERE c.id IN"
				   " (SELECT id FROM contact WHERE id > ? ORDER BY id LIMIT ?)"
				   " ORDER BY c.id";
static const char SQL_NAMED[] = "SELECT EXISTS (SELECT 1 FROM party p JOIN message_party mp"
				" ON mp.party = p.id WHERE p.norm = ?1 AND mp.message <> ?2)"
				" OR EXISTS (SELECT 1 FROM crm k CROSS JOIN contact_email m"
				" ON m.crm = k.id AND m.norm = ?1)";
static const char SQL_NO_WORDS_OF[] = "DELETE FROM correspondent_word WHERE correspondent ="
				      " (SELECT id FROM correspondent WHERE norm = ?)";
static const char SQL_NOT_HIM[] = "DELETE FROM correspondent WHERE norm = ?";
static const char SQL_NO_PARTY[] =
	"DELETE FROM party WHERE id IN (SELECT party FROM message_party WHERE message = ?1)"
	" AND NOT EXISTS (SELECT 1 FROM message_party o WHERE o.party = party.id"
	" AND o.message <> ?1)";
static const char MARK_MESSAGE[] = "correspondent_message";
static const char MARK_CONTACT[] = "correspondent_contact";

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_word_byte(char c)
{
	return (unsigned char)c >= 0x80 || ascii_isalnum(c);
}

/* The next run of letters and digits; false at the end. */
static bool next_word(struct span *rest, struct span *word)
{
	while (rest->len > 0 && !is_word_byte(*rest->p)) {
		rest->p++;
		rest->len--;
	}
	*word = (struct span){rest->p, 0};
	while (rest->len > 0 && is_word_byte(*rest->p)) {
		rest->p++;
		rest->len--;
		word->len++;
	}
	return word->len > 0;
}

static int put_words(struct write *w, int64_t id, const struct buf *fold, struct err *e)
{
	struct span rest = {fold->p, fold->len}, word;
	/* "com" at the end of an address finds nobody. */
	const char *last = strrchr(fold->p, '.');

	if (last && strchr(fold->p, '@') && !strchr(last, ' '))
		rest.len = (size_t)(last - fold->p);
	while (next_word(&rest, &word)) {
		char text[WORD_MAX + 1];

		if (word.len > WORD_MAX)
			continue;
		memcpy(text, word.p, word.len);
		text[word.len] = '\0';
		if (db_run(w->db, e, SQL_ADD_WORD, "ti", text, id))
			return -1;
	}
	return 0;
}

static void fold_person(struct buf *out, const char *name, const char *addr)
{
	fold_plain(out, name, strlen(name));
	buf_addch(out, ' ');
	fold_plain(out, addr, strlen(addr));
}

/* ---- counting -------------------------------------------------------------------------------- */

struct person {
	const char *name, *addr;
	int64_t n_to, n_from, at;
};

struct found {
	int64_t id, last_at;
	bool has_other_name; /* than the person's: what is newer counts */
};

static int find(struct write *w, const char *norm, const struct person *p, struct found *out,
	struct err *e)
{
	sqlite3_stmt *q;
	const char *addr, *name;
	int rc;

	*out = (struct found){.id = 0};
	if (db_query(w->db, &q, e, SQL_FIND, "t", norm))
		return -1;
	rc = db_step(w->db, q, e);
	if (rc != 1)
		return rc;
	out->id = sqlite3_column_int64(q, 0);
	addr = (const char *)sqlite3_column_text(q, 1);
	name = (const char *)sqlite3_column_text(q, 2);
	out->last_at = sqlite3_column_int64(q, 3);
	if (p->name[0] && (p->at >= out->last_at || !name[0]))
		out->has_other_name = strcmp(name, p->name) != 0 || strcmp(addr, p->addr) != 0;
	sqlite3_reset(q);
	return 0;
}

static int put_person(struct write *w, const struct person *p, struct err *e)
{
	CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
	CLEANUP(buf_release) struct buf fold = BUF_INIT(FOLD_MAX);
	struct found f;

	addr_normalise(&norm, p->addr, false);
	if (norm.failed || find(w, norm.p, p, &f, e))
		return norm.failed ? 0 : -1;
	if (f.id && db_run(w->db, e, SQL_COUNT, "iiii", f.id, p->n_to, p->n_from, p->at))
		return -1;
	if (f.id && !f.has_other_name)
		return 0;
	fold_person(&fold, p->name, p->addr);
	if (f.id)
		return db_run(w->db, e, SQL_RENAME, "ittt", f.id, p->addr, p->name, fold.p) ||
				       db_run(w->db, e, SQL_NO_WORDS, "i", f.id)
			       ? -1
			       : put_words(w, f.id, &fold, e);
	if (db_run(w->db, e, SQL_ADD, "ttttiii", norm.p, p->addr, p->name, fold.p, p->n_to,
		    p->n_from, p->at))
		return -1;
	return put_words(w, sqlite3_last_insert_rowid(w->db->h), &fold, e);
}

static bool is_address(const char *addr)
{
	CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);

	party_norm(&norm, addr);
	return norm.len > 0;
}

static int put_people(struct write *w, const struct prepared *p, bool is_own, int64_t at,
	struct err *e)
{
	if (!is_own && p->facts & (FACT_AUTO | FACT_LIST))
		return 0;
	for (size_t i = 0; i < p->n_parties && i < PEOPLE_MAX; i++) {
		const struct prepared_party *q = &p->parties[i];
		struct person who = {.name = strlen(q->name) < NAME_MAX_BYTES ? q->name : "",
			.addr = q->addr,
			.n_to = is_own,
			.n_from = !is_own,
			.at = at};

		if (q->role > PARTY_BCC || (is_own && q->role == PARTY_FROM) ||
			!is_address(q->addr))
			continue;
		if (put_person(w, &who, e))
			return -1;
	}
	return 0;
}

static int read_mark(struct db *d, const char *key, int64_t *out, struct err *e)
{
	*out = -1;
	return db_value(d, out, e, SQL_MARK, "t", key);
}

int correspondent_count(struct write *w, int64_t message, const struct prepared *p, bool is_own,
	struct err *e)
{
	int64_t mark;

	if (read_mark(w->db, MARK_MESSAGE, &mark, e))
		return -1;
	if (mark >= 0 && message > mark) /* its turn will come */
		return 0;
	return put_people(w, p, is_own, message >> 20, e);
}

int correspondent_know(struct write *w, const char *name, const char *addr, struct err *e)
{
	struct person p = {.name = name && strlen(name) < NAME_MAX_BYTES ? name : "", .addr = addr};

	return addr && is_address(addr) ? put_person(w, &p, e) : 0;
}

/* ---- counting anew --------------------------------------------------------------------------- */

struct batch_row {
	int64_t id;
	unsigned facts;
};

static int count_stored(struct write *w, const struct batch_row *m, struct err *e)
{
	struct prepared p = {.facts = m->facts & (FACT_AUTO | FACT_LIST)};
	sqlite3_stmt *q;
	size_t cap = 0;
	int rc;

	if (db_query(w->db, &q, e, SQL_PARTIES, "i", m->id))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		p.parties =
			arena_grow(&w->arena, p.parties, &cap, p.n_parties + 1, sizeof(*p.parties));
		p.parties[p.n_parties++] =
			(struct prepared_party){.role = (enum party_role)sqlite3_column_int(q, 0),
				.addr = db_text(&w->arena, q, 1),
				.name = db_text(&w->arena, q, 2)};
	}
	return rc ? rc : put_people(w, &p, m->facts & FACT_OWN, m->id >> 20, e);
}

static int set_mark(struct write *w, const char *key, int64_t last, bool is_done, struct err *e)
{
	return is_done ? db_run(w->db, e, SQL_DROP_MARK, "t", key)
		       : db_run(w->db, e, SQL_SET_MARK, "ti", key, last);
}

static int count_messages(struct write *w, int64_t mark, struct err *e)
{
	struct batch_row v[BATCH];
	size_t n = 0;
	sqlite3_stmt *q;
	int rc;

	if (db_query(w->db, &q, e, SQL_MESSAGES, "ii", mark, (int64_t)BATCH))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1)
		v[n++] = (struct batch_row){
			sqlite3_column_int64(q, 0), (unsigned)sqlite3_column_int(q, 1)};
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = count_stored(w, &v[i], e);
	return rc ? rc : set_mark(w, MARK_MESSAGE, n > 0 ? v[n - 1].id : mark, n < BATCH, e);
}

struct batch_contact {
	int64_t id;
	const char *name, *addr;
};

static int count_contacts(struct write *w, int64_t mark, struct err *e)
{
	struct batch_contact *v = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	int rc;

	if (db_query(w->db, &q, e, SQL_CONTACTS, "ii", mark, (int64_t)BATCH))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		v = arena_grow(&w->arena, v, &cap, n + 1, sizeof(*v));
		v[n++] = (struct batch_contact){sqlite3_column_int64(q, 0),
			db_text(&w->arena, q, 1), db_text(&w->arena, q, 2)};
	}
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = correspondent_know(w, v[i].name, v[i].addr, e);
	return rc ? rc : set_mark(w, MARK_CONTACT, n > 0 ? v[n - 1].id : mark, n == 0, e);
}

static int write_batch(struct write *w, void *arg, struct err *e)
{
	int64_t message, contact;

	(void)arg;
	if (read_mark(w->db, MARK_MESSAGE, &message, e) ||
		read_mark(w->db, MARK_CONTACT, &contact, e))
		return -1;
	if (message < 0 && contact < 0)
		return 0;
	if (message >= 0 ? count_messages(w, message, e) : count_contacts(w, contact, e))
		return -1;
	if (!writer_is_stopping(&w->store->main)) /* the rest at the next opening */
		writer_post(&w->store->main, 0, write_batch, NULL, NULL);
	return 0;
}

void correspondent_resume(struct store *s)
{
	struct err ignored = ERR_INIT;
	int64_t message = -1, contact = -1;

	/* Before the writer has work of its own its connection is ours. */
	if (read_mark(&s->main.db, MARK_MESSAGE, &message, &ignored) ||
		read_mark(&s->main.db, MARK_CONTACT, &contact, &ignored))
		return;
	if (message >= 0 || contact >= 0)
		writer_post(&s->main, 0, write_batch, NULL, NULL);
}

int correspondent_forget(struct write *w, struct err *e)
{
	if (db_run(w->db, e, SQL_NO_WORD, "") || db_run(w->db, e, SQL_NOBODY, "") ||
		set_mark(w, MARK_MESSAGE, 0, false, e) || set_mark(w, MARK_CONTACT, 0, false, e))
		return -1;
	writer_post(&w->store->main, 0, write_batch, NULL, NULL);
	return 0;
}

/* ---- purging --------------------------------------------------------------------------------- */

static int purge_one(struct write *w, int64_t message, const char *addr, struct err *e)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(1000);
	CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
	int64_t is_named = 0;

	party_norm(&key, addr);
	addr_normalise(&norm, addr, false);
	if (!key.len || norm.failed)
		return 0;
	if (db_value(w->db, &is_named, e, SQL_NAMED, "ti", key.p, message))
		return -1;
	if (is_named)
		return 0;
	return db_run(w->db, e, SQL_NO_WORDS_OF, "t", norm.p) ||
			       db_run(w->db, e, SQL_NOT_HIM, "t", norm.p)
		       ? -1
		       : 0;
}

int correspondent_purge(struct write *w, int64_t message, struct err *e)
{
	const char **v = NULL;
	size_t n = 0, cap = 0;
	sqlite3_stmt *q;
	int rc;

	if (db_query(w->db, &q, e, SQL_PARTIES, "i", message))
		return -1;
	while ((rc = db_step(w->db, q, e)) == 1) {
		v = arena_grow(&w->arena, v, &cap, n + 1, sizeof(*v));
		v[n++] = db_text(&w->arena, q, 1);
	}
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = purge_one(w, message, v[i], e);
	return rc ? rc : db_run(w->db, e, SQL_NO_PARTY, "i", message);
}

/* ---- finding --------------------------------------------------------------------------------- */

struct words {
	struct buf fold; /* the query, folded */
	struct span v[QUERY_WORDS_MAX];
	size_t n;
	char prefix[WORD_MAX + 1]; /* the longest run of letters: what the index is asked for */
	char end[WORD_MAX + 5];    /* behind everything that begins so */
};

static void read_words(struct words *w, const char *text)
{
	struct span rest, word;

	fold_plain(&w->fold, text, strlen(text));
	rest = (struct span){w->fold.p, w->fold.len};
	while (w->n < QUERY_WORDS_MAX && span_next(&rest, ' ', &word))
		if (word.len > 0)
			w->v[w->n++] = word;
	rest = (struct span){w->fold.p, w->fold.len};
	while (next_word(&rest, &word)) {
		if (word.len <= strlen(w->prefix) || word.len > WORD_MAX)
			continue;
		memcpy(w->prefix, word.p, word.len);
		w->prefix[word.len] = '\0';
	}
	memcpy(w->end, w->prefix, strlen(w->prefix));
	memcpy(w->end + strlen(w->prefix), "\xF4\x8F\xBF\xBF", 5);
}

/* Every word of the query begins one of the person's. */
static bool has_words(const char *fold, const struct words *w)
{
	for (size_t i = 0; i < w->n; i++) {
		char word[WORD_MAX + 1];
		const char *at = fold;

		if (w->v[i].len > WORD_MAX)
			return false;
		memcpy(word, w->v[i].p, w->v[i].len);
		word[w->v[i].len] = '\0';
		while ((at = strstr(at, word)) && at > fold && is_word_byte(at[-1]))
			at++;
		if (!at)
			return false;
	}
	return true;
}

struct candidate {
	struct correspondent_row row;
	bool has_mail;
};

static int read_candidates(struct db *d, sqlite3_stmt *q, struct arena *a, const struct words *w,
	const struct own_addresses *own, struct candidate *v, size_t limit, size_t *n,
	struct err *e)
{
	int rc = 0;

	*n = 0;
	while (*n < limit && (rc = db_step(d, q, e)) == 1) {
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);

		party_norm(&norm, (const char *)sqlite3_column_text(q, 0));
		if (!has_words((const char *)sqlite3_column_text(q, 2), w) ||
			account_own_has(own, norm.p))
			continue;
		v[(*n)++] = (struct candidate){.row = {.addr = db_text(a, q, 0),
						       .name = db_text(a, q, 1),
						       .last_at = sqlite3_column_int64(q, 4)},
			.has_mail = sqlite3_column_int64(q, 3) > 0};
	}
	sqlite3_reset(q);
	return rc < 0 ? -1 : 0;
}

static int add_contact(struct store_reader *r, struct arena *a, int64_t account,
	struct correspondent_row *row, struct err *e)
{
	struct contact_row *c = NULL;

	if (contact_by_address(r, a, account, row->addr, &c, e))
		return -1;
	if (!c)
		return 0;
	row->contact = c->id;
	row->partner_name = c->partner_name;
	if (c->name && c->name[0] && !strchr(c->name, '@'))
		row->name = c->name;
	return 0;
}

int correspondent_find(struct store_reader *r, struct arena *a, const struct correspondent_query *q,
	struct correspondent_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	struct words w = {.fold = BUF_INIT(FOLD_MAX)};
	size_t room = q->limit * 2, found = 0; /* contacts of other CRMs fall out */
	struct candidate *v = arena_array(a, room + 1, sizeof(*v));
	struct correspondent_row *rows = arena_array(a, q->limit + 1, sizeof(*rows));
	struct own_addresses own;
	sqlite3_stmt *s;
	int rc;

	*n = 0;
	read_words(&w, q->text);
	rc = account_own_read(d, a, 0, &own, e);
	if (rc == 0)
		rc = w.prefix[0] ? db_query(d, &s, e, SQL_BY_WORD, "itt", q->now, w.prefix, w.end)
				 : db_query(d, &s, e, SQL_RECENT, "ii", q->now, (int64_t)room * 2);
	if (rc == 0)
		rc = read_candidates(d, s, a, &w, &own, v, room, &found, e);
	for (size_t i = 0; rc == 0 && i < found && *n < q->limit; i++) {
		rc = add_contact(r, a, q->account, &v[i].row, e);
		if (v[i].has_mail || v[i].row.contact)
			rows[(*n)++] = v[i].row;
	}
	buf_release(&w.fold);
	if (rc == 0)
		*out = rows;
	return rc ? -1 : 0;
}
