/*
 * contact.c - people: a page of them written, and read one by one, by address, or as a list.
 */
#include "config.h"

#include "correspondent_private.h"
#include "crm_private.h"
#include "record_private.h"

static const char SQL_FIND[] = "SELECT id, digest FROM contact WHERE crm = ? AND crm_id = ?";
static const char SQL_ADD[] = PULLED_ROW("contact");
static const struct row_sql SQL_ROW = {SQL_FIND, SQL_ADD, RECORD_CONTACT};
static const char SQL_CHANGE[] =
	"UPDATE contact SET name = ?2, first_name = ?3, last_name = ?4,"
	" title = ?5, partner_crm_id = ?6, lead_crm_id = ?7, owner_id = ?8, updated_at = ?9,"
	" digest = ?10, gone_at = 0, partner = ifnull((SELECT p.id FROM partner p"
	" WHERE p.crm = contact.crm AND p.crm_id = ?6), 0) WHERE id = ?1";
static const char SQL_SORT[] = "UPDATE contact SET sort_key = ?2 WHERE id = ?1 AND sort_key <> ?2";
static const char SQL_NO_EMAILS[] = "DELETE FROM contact_email WHERE contact = ?";
static const char SQL_ADD_EMAIL[] = "INSERT INTO contact_email VALUES (?, ?, ?, ?, ?)";
static const char SQL_NO_PHONES[] = "DELETE FROM contact_phone WHERE contact = ?";
static const char SQL_ADD_PHONE[] = "INSERT INTO contact_phone VALUES (?, ?, ?)";
static const char SQL_ADOPT[] =
	"UPDATE activity SET contact = ?1"
	" WHERE crm = ?2 AND contact_crm_id = ?3 AND message = 0 AND contact <> ?1";
static const char SQL_ADOPT_DEALS[] =
	"UPDATE deal SET contact = ?1 WHERE crm = ?2 AND contact_crm_id = ?3 AND contact <> ?1";
#define CONTACT_COLUMNS                                                                            \
	"SELECT c.id, c.crm, ifnull(c.crm_id, 'local:' || c.id), c.name, c.first_name,"            \
	" c.last_name, c.title, c.partner, p.name, ifnull(p.crm_id, 'local:' || p.id),"            \
	" c.updated_at, c.last_touch_at, c.gone_at FROM contact c LEFT JOIN partner p ON p.id = "  \
	"c.partner"
static const char SQL_GET[] = CONTACT_COLUMNS " WHERE c.id = ?";
static const char SQL_LIST[] =
	CONTACT_COLUMNS " WHERE c.id > ? AND c.gone_at = 0 ORDER BY c.id LIMIT ?";
static const char SQL_LIST_LIKE[] = CONTACT_COLUMNS
	" WHERE c.id > ?1 AND c.gone_at = 0 AND (instr(lower(c.name), lower(?3)) > 0 OR EXISTS "
	"(SELECT 1"
	" FROM contact_email m WHERE m.contact = c.id AND instr(m.norm, lower(?3)) > 0))"
	" ORDER BY c.id LIMIT ?2";
static const char SQL_BY_ADDRESS[] =
	CONTACT_COLUMNS " JOIN contact_email m ON m.contact = c.id WHERE m.norm = ?2"
			" AND m.crm = (SELECT crm FROM account WHERE id = ?1) AND c.gone_at = 0"
			" ORDER BY c.id LIMIT 1";
static const char SQL_EMAILS[] = "SELECT addr FROM contact_email WHERE contact = ? ORDER BY pos";
static const char SQL_PHONES[] = "SELECT phone FROM contact_phone WHERE contact = ? ORDER BY pos";
static const char SQL_BY_CRM_ID[] = "SELECT x.id FROM crm k CROSS JOIN contact x ON x.crm = k.id "
				    "AND x.crm_id = ? ORDER BY k.id LIMIT 1";
static const char SQL_BY_ROW[] = "SELECT id FROM contact WHERE id = ?";
static const char SQL_OF_ADDRESS[] =
	"SELECT DISTINCT m.contact, c.partner FROM contact_email m"
	" JOIN contact c ON c.id = m.contact WHERE m.crm = ? AND m.norm = ?"
	" AND c.gone_at = 0 LIMIT ?";

static void digest(const struct contact_in *c, char out[65])
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	const char *const words[] = {c->name, c->first_name, c->last_name, c->title,
		c->partner_crm_id, c->lead_crm_id, c->owner_id};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		digest_add(&b, words[i]);
	for (size_t i = 0; i < c->n_emails; i++)
		digest_add(&b, c->emails[i]);
	buf_addch(&b, '\n');
	for (size_t i = 0; i < c->n_phones; i++)
		digest_add(&b, c->phones[i]);
	digest_end(&b, out);
}

static const char *name_of(struct arena *a, const struct contact_in *c)
{
	if (c->name)
		return c->name;
	if (c->first_name && c->last_name)
		return arena_printf(a, "%s %s", c->first_name, c->last_name);
	if (c->first_name || c->last_name)
		return c->first_name ? c->first_name : c->last_name;
	return c->n_emails ? c->emails[0] : "";
}

int contact_sort(struct write *w, int64_t id, const char *name, struct err *e)
{
	return sort_row(w, SQL_SORT, id, name, e);
}

/* Rows of mail that knew nobody by these addresses, or knew somebody else. */
int contact_put_addresses(struct write *w, int64_t crm, int64_t id, const struct contact_in *c,
	struct err *e)
{
	if (db_run(w->db, e, SQL_NO_EMAILS, "i", id) || db_run(w->db, e, SQL_NO_PHONES, "i", id))
		return -1;
	for (size_t i = 0; i < c->n_emails; i++) {
		CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
		party_norm(&norm, c->emails[i]);
		if (!norm.len)
			continue;
		if (db_run(w->db, e, SQL_ADD_EMAIL, "iiitt", id, (int64_t)i, crm, c->emails[i],
			    norm.p) ||
			match_again_key(w, crm, norm.p, e) ||
			correspondent_know(w, name_of(&w->arena, c), c->emails[i], e))
			return -1;
	}
	for (size_t i = 0; i < c->n_phones; i++)
		if (db_run(w->db, e, SQL_ADD_PHONE, "iit", id, (int64_t)i, c->phones[i]))
			return -1;
	return 0;
}

static int put_one(struct write *w, struct put_page *page, const void *records, size_t i,
	struct err *e)
{
	const struct contact_in *c = (const struct contact_in *)records + i;
	char sum[65];
	struct row_found row;
	digest(c, sum);
	if (row_open(w, page->crm, c->crm_id, sum, &SQL_ROW, &row, e))
		return -1;
	if (row.is_same)
		return 0;
	page->n_changed++;
	if (!row.is_new && match_again_row(w, LINK_CONTACT, row.id, e))
		return -1;
	if (db_run(w->db, e, SQL_CHANGE, "itttttttit", row.id, name_of(&w->arena, c), c->first_name,
		    c->last_name, c->title, c->partner_crm_id, c->lead_crm_id, c->owner_id,
		    c->updated_at, sum) ||
		contact_sort(w, row.id, name_of(&w->arena, c), e) ||
		contact_put_addresses(w, page->crm, row.id, c, e))
		return -1;
	if (c->crm_id &&
		(db_run(w->db, e, SQL_ADOPT, "iit", row.id, page->crm, c->crm_id) ||
			db_run(w->db, e, SQL_ADOPT_DEALS, "iit", row.id, page->crm, c->crm_id)))
		return -1;
	return record_pulled(w, RECORD_CONTACT, row.id, e);
}

int contact_put(struct store *s, struct put_page *p, const struct contact_in *v, size_t n,
	struct err *e)
{
	return put_page(s, p, put_one, v, n, e);
}

static int read_words(struct db *d, struct arena *a, const char *sql, int64_t id,
	const char *const **out, size_t *n, struct err *e)
{
	sqlite3_stmt *q;
	const char **v = NULL;
	size_t cap = 0;
	int rc;
	*n = 0;
	if (db_query(d, &q, e, sql, "i", id))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, *n + 1, sizeof(*v));
		v[(*n)++] = db_text(a, q, 0);
	}
	*out = v;
	return rc;
}

static void read_row(struct arena *a, sqlite3_stmt *q, struct contact_row *c)
{
	*c = (struct contact_row){
		.id = sqlite3_column_int64(q, 0),
		.crm = sqlite3_column_int64(q, 1),
		.crm_id = db_text(a, q, 2),
		.name = db_text(a, q, 3),
		.first_name = db_text(a, q, 4),
		.last_name = db_text(a, q, 5),
		.title = db_text(a, q, 6),
		.partner = sqlite3_column_int64(q, 7),
		.partner_name = db_text(a, q, 8),
		.partner_crm_id = db_text(a, q, 9),
		.updated_at = sqlite3_column_int64(q, 10),
		.last_touch_at = sqlite3_column_int64(q, 11),
		.gone_at = sqlite3_column_int64(q, 12),
	};
}

/* All rows of a query, then what belongs to each: statements do not nest. */
static int read_contacts(struct db *d, sqlite3_stmt *q, struct arena *a, struct contact_row **out,
	size_t *n, struct err *e)
{
	struct contact_row *v = NULL;
	size_t cap = 0;
	size_t count = 0;
	int rc;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		read_row(a, q, &v[count++]);
	}
	for (size_t i = 0; !rc && i < count; i++)
		if (read_words(d, a, SQL_EMAILS, v[i].id, &v[i].emails, &v[i].n_emails, e) ||
			read_words(d, a, SQL_PHONES, v[i].id, &v[i].phones, &v[i].n_phones, e))
			return -1;
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int contact_get(struct store_reader *r, struct arena *a, int64_t id, struct contact_row **out,
	struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct contact_row *v = NULL;
	size_t n = 0;
	if (db_query(d, &q, e, SQL_GET, "i", id) || read_contacts(d, q, a, &v, &n, e))
		return -1;
	*out = n ? v : NULL;
	return 0;
}

int contact_by_address(struct store_reader *r, struct arena *a, int64_t account, const char *addr,
	struct contact_row **out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct contact_row *v = NULL;
	size_t n = 0;
	CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
	party_norm(&norm, addr);
	if (db_query(d, &q, e, SQL_BY_ADDRESS, "it", account, norm.p) ||
		read_contacts(d, q, a, &v, &n, e))
		return -1;
	*out = n ? v : NULL;
	return 0;
}

int contact_list(struct store_reader *r, struct arena *a, const char *filter, int64_t after_id,
	size_t limit, struct contact_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	int rc = filter && *filter ? db_query(d, &q, e, SQL_LIST_LIKE, "iit", after_id,
					     (int64_t)limit, filter)
				   : db_query(d, &q, e, SQL_LIST, "ii", after_id, (int64_t)limit);
	return rc ? -1 : read_contacts(d, q, a, out, n, e);
}

int contact_by_crm_id(struct store_reader *r, const char *id, int64_t *out, struct err *e)
{
	return row_by_id(reader_db(r), id, SQL_BY_CRM_ID, SQL_BY_ROW, out, e);
}

int contacts_of_address(struct store_reader *r, int64_t crm, const char *norm,
	struct found_row *out, size_t max, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	int n = 0;
	int rc;
	if (db_query(d, &q, e, SQL_OF_ADDRESS, "iti", crm, norm, (int64_t)max))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		if ((size_t)n == max)
			continue;
		out[n++] =
			(struct found_row){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1)};
	}
	return rc < 0 ? -1 : n;
}
