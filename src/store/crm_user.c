/*
 * crm_user.c - the people who work with a CRM: a page of them written, all of them listed.
 */
#include "config.h"

#include "crm_private.h"

static const char SQL_PUT[] =
	"INSERT INTO crm_user (crm, crm_id, name, email) VALUES (?1, ?2, ?3, ?4)"
	" ON CONFLICT (crm, crm_id) DO UPDATE SET name = ?3, email = ?4"
	" WHERE name <> ?3 OR email IS NOT ?4";
static const char SQL_LIST[] =
	"SELECT u.crm_id, u.name, u.email, u.crm_id IS k.user_id FROM crm_user u"
	" JOIN crm k ON k.id = u.crm WHERE ?1 = 0 OR u.crm = ?1"
	" ORDER BY u.name COLLATE NOCASE, u.crm_id LIMIT ?2";

static int put_one(struct write *w, struct put_page *page, const void *records, size_t i,
	struct err *e)
{
	const struct user_in *u = (const struct user_in *)records + i;
	const char *name = u->name ? u->name : u->email ? u->email : u->crm_id;
	if (db_run(w->db, e, SQL_PUT, "ittt", page->crm, u->crm_id, name, u->email))
		return -1;
	page->n_changed += db_changes(w->db);
	return 0;
}

int user_put(struct store *s, struct put_page *p, const struct user_in *v, size_t n, struct err *e)
{
	return put_page(s, p, put_one, v, n, e);
}

int user_list(struct store_reader *r, struct arena *a, int64_t crm, size_t limit,
	struct user_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct user_row *v = NULL;
	size_t cap = 0;
	size_t count = 0;
	int rc;
	if (db_query(d, &q, e, SQL_LIST, "ii", crm, (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = (struct user_row){db_text(a, q, 0), db_text(a, q, 1), db_text(a, q, 2),
			sqlite3_column_int(q, 3) != 0};
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}
