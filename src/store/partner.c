/*
 * partner.c - companies and organisations: a page of them written, one of them read.
 */
#include "config.h"

#include "crm_private.h"
#include "record_private.h"

static const char SQL_FIND[] = "SELECT id, digest FROM partner WHERE crm = ? AND crm_id = ?";
static const char SQL_ADD[] = PULLED_ROW("partner");
static const struct row_sql SQL_ROW = {SQL_FIND, SQL_ADD, RECORD_PARTNER};
static const char SQL_CHANGE[] =
	"UPDATE partner SET name = ?2, updated_at = ?3, digest = ?4, gone_at = 0 WHERE id = ?1";
static const char SQL_SORT[] = "UPDATE partner SET sort_key = ?2 WHERE id = ?1 AND sort_key <> ?2";
static const char SQL_NO_DOMAINS[] = "DELETE FROM partner_domain WHERE partner = ?";
static const char SQL_ADD_DOMAIN[] = "INSERT OR IGNORE INTO partner_domain VALUES (?, ?, ?)";
static const char SQL_ADOPT[] =
	"UPDATE contact SET partner = ?1 WHERE crm = ?2 AND partner_crm_id = ?3 AND partner <> ?1";
static const char SQL_ADOPT_DEALS[] =
	"UPDATE deal SET partner = ?1 WHERE crm = ?2 AND partner_crm_id = ?3 AND partner <> ?1";
static const char SQL_AGAIN_PEOPLE[] =
	"INSERT OR IGNORE INTO match_queue SELECT l.message"
	" FROM contact c JOIN link l ON l.kind = 1 AND l.target = c.id"
	" WHERE c.partner = ? AND l.how <> 2 AND l.is_shown = 1";
static const char SQL_ADOPT_ENTRIES[] =
	"UPDATE activity SET partner = ?1"
	" WHERE crm = ?2 AND partner_crm_id = ?3 AND message = 0 AND partner <> ?1";
static const char SQL_GET[] = "SELECT id, crm, ifnull(crm_id, 'local:' || id), name,"
			      " gone_at FROM partner WHERE id = ?";
static const char SQL_LIST[] =
	"SELECT x.id, x.crm, ifnull(x.crm_id, 'local:' || x.id), x.name, x.gone_at"
	" FROM partner x WHERE x.gone_at = 0 AND (instr(lower(x.name), lower(?1)) > 0"
	" OR EXISTS (SELECT 1 FROM partner_domain m"
	" WHERE m.partner = x.id AND instr(m.domain, lower(?1)) > 0))"
	" ORDER BY x.name, x.id LIMIT ?2";
static const char SQL_DOMAINS[] =
	"SELECT domain FROM partner_domain WHERE partner = ? ORDER BY domain";
static const char SQL_BY_CRM_ID[] = "SELECT x.id FROM crm k CROSS JOIN partner x ON x.crm = k.id "
				    "AND x.crm_id = ? ORDER BY k.id LIMIT 1";
static const char SQL_BY_ROW[] = "SELECT id FROM partner WHERE id = ?";

static void digest(const struct partner_in *p, char out[65])
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	digest_add(&b, p->name);
	for (size_t i = 0; i < p->n_domains; i++)
		digest_add(&b, p->domains[i]);
	digest_end(&b, out);
}

static int put_domains(struct write *w, int64_t crm, int64_t id, const struct partner_in *p,
	struct err *e)
{
	if (db_run(w->db, e, SQL_NO_DOMAINS, "i", id))
		return -1;
	for (size_t i = 0; i < p->n_domains; i++) {
		CLEANUP(buf_release) struct buf domain = BUF_INIT(1000);
		party_domain(&domain, p->domains[i]);
		if (!domain.len)
			continue;
		if (db_run(w->db, e, SQL_ADD_DOMAIN, "iti", crm, domain.p, id) ||
			match_again_domain(w, crm, domain.p, e))
			return -1;
	}
	return 0;
}

static int put_one(struct write *w, struct put_page *page, const void *records, size_t i,
	struct err *e)
{
	const struct partner_in *p = (const struct partner_in *)records + i;
	char sum[65];
	struct row_found row;
	digest(p, sum);
	if (row_open(w, page->crm, p->crm_id, sum, &SQL_ROW, &row, e))
		return -1;
	if (row.is_same)
		return 0;
	page->n_changed++;
	if (!row.is_new && match_again_row(w, LINK_PARTNER, row.id, e))
		return -1;
	if (db_run(w->db, e, SQL_CHANGE, "itit", row.id, p->name ? p->name : "", p->updated_at,
		    sum) ||
		sort_row(w, SQL_SORT, row.id, p->name ? p->name : "", e) ||
		put_domains(w, page->crm, row.id, p, e))
		return -1;
	if (p->crm_id &&
		(db_run(w->db, e, SQL_ADOPT, "iit", row.id, page->crm, p->crm_id) ||
			db_run(w->db, e, SQL_ADOPT_DEALS, "iit", row.id, page->crm, p->crm_id) ||
			db_run(w->db, e, SQL_ADOPT_ENTRIES, "iit", row.id, page->crm, p->crm_id) ||
			db_run(w->db, e, SQL_AGAIN_PEOPLE, "i", row.id)))
		return -1;
	return record_pulled(w, RECORD_PARTNER, row.id, e);
}

int partner_put_domain(struct write *w, int64_t id, const char *domain, struct err *e)
{
	int64_t crm = 0;
	const struct partner_in in = {.domains = &domain, .n_domains = domain ? 1 : 0};
	return record_row_crm(w->db, RECORD_PARTNER, id, &crm, e) ||
			       match_again_link(w, LINK_PARTNER, id, e) ||
			       put_domains(w, crm, id, &in, e)
		       ? -1
		       : 0;
}

int partner_put(struct store *s, struct put_page *p, const struct partner_in *v, size_t n,
	struct err *e)
{
	return put_page(s, p, put_one, v, n, e);
}

static int read_domains(struct db *d, struct arena *a, struct partner_row *p, struct err *e)
{
	sqlite3_stmt *q;
	const char **v = NULL;
	size_t cap = 0;
	int rc;
	if (db_query(d, &q, e, SQL_DOMAINS, "i", p->id))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, p->n_domains + 1, sizeof(*v));
		v[p->n_domains++] = db_text(a, q, 0);
	}
	p->domains = v;
	return rc;
}

/* All rows of a query, then the domains of each: statements do not nest. */
static int read_partners(struct db *d, sqlite3_stmt *q, struct arena *a, struct partner_row **out,
	size_t *n, struct err *e)
{
	struct partner_row *v = NULL;
	size_t cap = 0;
	int rc;
	*n = 0;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, *n + 1, sizeof(*v));
		v[(*n)++] = (struct partner_row){.id = sqlite3_column_int64(q, 0),
			.crm = sqlite3_column_int64(q, 1),
			.crm_id = db_text(a, q, 2),
			.name = db_text(a, q, 3),
			.gone_at = sqlite3_column_int64(q, 4)};
	}
	*out = v;
	for (size_t i = 0; !rc && i < *n; i++)
		rc = read_domains(d, a, &v[i], e);
	return rc;
}

int partner_get(struct store_reader *r, struct arena *a, int64_t id, struct partner_row **out,
	struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	size_t n;
	return db_query(d, &q, e, SQL_GET, "i", id) ? -1 : read_partners(d, q, a, out, &n, e);
}

int partner_list(struct store_reader *r, struct arena *a, const char *filter, size_t limit,
	struct partner_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	return db_query(d, &q, e, SQL_LIST, "ti", filter, (int64_t)limit)
		       ? -1
		       : read_partners(d, q, a, out, n, e);
}

int partner_by_crm_id(struct store_reader *r, const char *id, int64_t *out, struct err *e)
{
	return row_by_id(reader_db(r), id, SQL_BY_CRM_ID, SQL_BY_ROW, out, e);
}
