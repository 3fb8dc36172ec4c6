/* audit.c - table audit: see audit.h. */
#include "config.h"

#include "audit_private.h"

#include "crmail/base/arena.h"

static const char SQL_ADD[] = "INSERT INTO audit (at, kind, is_ok, account, crm, ref, n, reason)"
			      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
/* Only when the newest one says the same and is of the same day. */
static const char SQL_KNOWN_SIGN_IN[] =
	"SELECT 1 FROM audit WHERE id = (SELECT max(id) FROM audit WHERE kind = 2 AND account = ?1"
	" AND crm = ?2) AND is_ok = 1 AND at / 86400 = ?3 / 86400";
static const char SQL_LIST[] = "SELECT id, at, kind, is_ok, account, crm, ref, n, reason FROM audit"
			       " WHERE at >= ?1 AND (account = ?2 OR ?2 = 0) ORDER BY id";

const char *audit_kind_name(enum audit_kind k)
{
	static const char *const names[] = {
		"?", "send", "sign-in", "export", "purge", "account", "restore"};
	return (size_t)k < ARRAY_SIZE(names) ? names[k] : names[0];
}

int audit_add(struct write *w, const struct audit_row *x, struct err *e)
{
	return db_run(w->db, e, SQL_ADD, "iiiiiiit", w->now, (int64_t)x->kind, (int64_t)x->is_ok,
		x->account, x->crm, x->ref, x->n, x->reason);
}

static int write_row(struct write *w, void *arg, struct err *e)
{
	return audit_add(w, arg, e);
}

int audit_note(struct store *s, const struct audit_row *x, struct err *e)
{
	struct audit_row row = *x;
	return writer_call(&s->main, 0, write_row, &row, e);
}

static int read_known(struct write *w, void *arg, struct err *e)
{
	struct audit_row *x = arg;
	return db_value(w->db, &x->n, e, SQL_KNOWN_SIGN_IN, "iii", x->account, x->crm, w->now);
}

int audit_sign_in(struct store *s, int64_t account, int64_t crm, const struct err *why,
	struct err *e)
{
	bool is_ok = !why || why->code == ERR_NONE;
	struct audit_row row = {.kind = AUDIT_SIGN_IN,
		.is_ok = is_ok,
		.account = account,
		.crm = crm,
		.reason = is_ok ? NULL : err_code_name(why->code)};
	if (is_ok && writer_call(&s->main, WRITE_BARE, read_known, &row, e))
		return -1;
	if (row.n)
		return 0;
	return writer_call(&s->main, 0, write_row, &row, e);
}

int audit_list(struct store_reader *r, struct arena *a, int64_t since, int64_t account,
	struct audit_row **out, size_t *n, struct err *e)
{
	struct audit_row *v = NULL;
	size_t cap = 0, count = 0;
	sqlite3_stmt *q;
	int rc;
	if (db_query(reader_db(r), &q, e, SQL_LIST, "ii", since, account))
		return -1;
	while ((rc = db_step(reader_db(r), q, e)) == 1) {
		v = arena_grow(a, v, &cap, count + 1, sizeof *v);
		v[count++] = (struct audit_row){
			.id = sqlite3_column_int64(q, 0),
			.at = sqlite3_column_int64(q, 1),
			.kind = (enum audit_kind)sqlite3_column_int(q, 2),
			.is_ok = sqlite3_column_int(q, 3) != 0,
			.account = sqlite3_column_int64(q, 4),
			.crm = sqlite3_column_int64(q, 5),
			.ref = sqlite3_column_int64(q, 6),
			.n = sqlite3_column_int64(q, 7),
			.reason = db_text(a, q, 8),
		};
	}
	*out = v;
	*n = count;
	return rc;
}
