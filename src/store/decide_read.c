/*
 * decide_read.c - decisions as matching asks for them: what holds for a mail, who an address is,
 * what is never logged.
 */
#include "config.h"

#include "crmail/store/decide.h"

#include <string.h>

#include "crm_private.h"

/* The row that a decision points at, whether it is still there, and what belongs to it. */
#define COLUMNS                                                                                    \
	"SELECT d.id, d.what, d.scope, d.kind, d.target, d.addr, CASE d.kind"                      \
	" WHEN 1 THEN (SELECT partner FROM contact WHERE id = d.target)"                           \
	" WHEN 2 THEN (SELECT 0 FROM partner WHERE id = d.target)"                                 \
	" WHEN 3 THEN (SELECT 0 FROM lead WHERE id = d.target)"                                    \
	" WHEN 4 THEN (SELECT partner FROM deal WHERE id = d.target) ELSE 0 END,"                  \
	" CASE d.kind WHEN 4 THEN (SELECT contact FROM deal WHERE id = d.target) END"
static const char SQL_OF_MAIL[] =
	COLUMNS " FROM message o CROSS JOIN message m ON m.thread = o.thread CROSS JOIN decision d"
		" ON d.mail IN (m.equal_key, 'm' || m.id) WHERE o.id = ?1 AND d.crm IN (0, ?2)"
		" AND (d.scope = 2 OR m.id = o.id OR m.equal_key = o.equal_key)"
		" GROUP BY d.id ORDER BY d.id";
static const char SQL_OF_ADDRESS[] = COLUMNS
	" FROM decision d WHERE d.crm = ?1 AND d.addr = ?2 AND d.what = 3 AND d.mail IS NULL"
	" ORDER BY d.id DESC LIMIT 1";
static const char SQL_NEVER[] = "SELECT addr FROM decision d WHERE crm = ?1 AND what = 4"
				" AND addr IS NOT NULL AND mail IS NULL AND NOT EXISTS (SELECT 1"
				" FROM decision o WHERE o.crm = ?1 AND o.addr = d.addr"
				" AND o.what = 5 AND o.mail IS NULL AND o.id > d.id)";

static int read_rows(struct db *d, sqlite3_stmt *q, struct arena *a, struct decision_row **out,
	size_t *n, struct err *e)
{
	struct decision_row *v = NULL;
	size_t cap = 0;
	int rc;
	*n = 0;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, *n + 1, sizeof(*v));
		v[(*n)++] = (struct decision_row){
			.id = sqlite3_column_int64(q, 0),
			.what = (enum decide_what)sqlite3_column_int(q, 1),
			.scope = (enum decide_scope)sqlite3_column_int(q, 2),
			.kind = (enum link_kind)sqlite3_column_int(q, 3),
			.target = sqlite3_column_int64(q, 4),
			.addr = db_text(a, q, 5),
			.partner = sqlite3_column_int64(q, 6),
			.is_there = sqlite3_column_type(q, 6) != SQLITE_NULL,
			.contact = sqlite3_column_int64(q, 7),
		};
	}
	*out = v;
	return rc;
}

/* One question that may have been answered twice. */
static int question_of(enum decide_what what)
{
	switch (what) {
	case DECIDE_LINK:
	case DECIDE_UNLINK:
		return 1;
	case DECIDE_CHOOSE:
		return 2;
	case DECIDE_NEVER:
	case DECIDE_ALLOW:
		return 3;
	case DECIDE_PRIVATE:
	case DECIDE_PUBLIC:
		return 4;
	case DECIDE_LOG:
	case DECIDE_NOT:
		return 5;
	case DECIDE_LATER:
		return 6;
	}
	return 0;
}

static bool is_text_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_answered_again(const struct decision_row *x, const struct decision_row *later)
{
	if (question_of(x->what) != question_of(later->what))
		return false;
	if (question_of(x->what) == 1)
		return x->kind == later->kind && x->target == later->target;
	return is_text_same(x->addr, later->addr);
}

int decisions_of(struct store_reader *r, struct arena *a, int64_t crm, int64_t message,
	struct decision_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct decision_row *v = NULL;
	size_t all = 0;
	size_t kept = 0;
	if (db_query(d, &q, e, SQL_OF_MAIL, "ii", message, crm) || read_rows(d, q, a, &v, &all, e))
		return -1;
	for (size_t i = 0; i < all; i++) {
		size_t k = i + 1;
		while (k < all && !is_answered_again(&v[i], &v[k]))
			k++;
		if (k == all)
			v[kept++] = v[i];
	}
	*out = v;
	*n = kept;
	return 0;
}

int decision_of_address(struct store_reader *r, struct arena *a, int64_t crm, const char *addr,
	struct decision_row **out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct decision_row *v = NULL;
	size_t n = 0;
	if (db_query(d, &q, e, SQL_OF_ADDRESS, "it", crm, addr) || read_rows(d, q, a, &v, &n, e))
		return -1;
	*out = n && v->is_there ? v : NULL;
	return 0;
}

int decisions_never(struct store_reader *r, struct arena *a, int64_t crm, const char *const **out,
	size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	const char **v = NULL;
	size_t cap = 0;
	int rc;
	*n = 0;
	if (db_query(d, &q, e, SQL_NEVER, "i", crm))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, *n + 1, sizeof(*v));
		v[(*n)++] = db_text(a, q, 0);
	}
	*out = v;
	return rc;
}
