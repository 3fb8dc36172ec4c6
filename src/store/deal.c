/*
 * deal.c - leads and deals: pages of them written, the deals of a contact or partner read.
 */
#include "config.h"

#include "correspondent_private.h"
#include "crm_private.h"
#include "record_private.h"

#include <string.h>

#include "crmail/base/str.h"

static const char SQL_FIND_LEAD[] = "SELECT id, digest FROM lead WHERE crm = ? AND crm_id = ?";
static const char SQL_ADD_LEAD[] = PULLED_ROW("lead");
static const char SQL_CHANGE_LEAD[] = "UPDATE lead SET name = ?2, addr = ?3, norm = ?4,"
				      " updated_at = ?5, digest = ?6, gone_at = 0 WHERE id = ?1";
static const char SQL_FIND_DEAL[] = "SELECT id, digest FROM deal WHERE crm = ? AND crm_id = ?";
static const char SQL_ADD_DEAL[] = PULLED_ROW("deal");
static const char SQL_CHANGE_DEAL[] =
	"UPDATE deal SET name = ?2, number = ?3, amount = ?4,"
	" currency = ?5, stage = ?6, next_step = ?7, close_at = ?8, is_open = ?9,"
	" partner_crm_id = ?10, contact_crm_id = ?11, owner_id = ?12, updated_at = ?13,"
	" digest = ?14, gone_at = 0,"
	" contact = ifnull((SELECT c.id FROM contact c WHERE c.crm = deal.crm"
	"  AND c.crm_id = ?11), 0),"
	" partner = ifnull((SELECT p.id FROM partner p WHERE p.crm = deal.crm"
	"  AND p.crm_id = ?10), 0) WHERE id = ?1";
static const struct row_sql SQL_LEAD = {SQL_FIND_LEAD, SQL_ADD_LEAD, RECORD_LEAD};
static const struct row_sql SQL_DEAL = {SQL_FIND_DEAL, SQL_ADD_DEAL, RECORD_DEAL};
static const char SQL_DEALS[] =
	"SELECT d.id, d.crm, ifnull(d.crm_id, 'local:' || d.id), d.name,"
	" d.number, d.amount, d.currency, d.stage, d.next_step, d.close_at, d.is_open"
	" FROM deal d WHERE d.contact = ?1 AND d.contact <> 0 AND d.gone_at = 0 UNION SELECT d.id, "
	"d.crm, "
	"ifnull(d.crm_id, 'local:' || d.id), d.name,"
	" d.number, d.amount, d.currency, d.stage, d.next_step, d.close_at, d.is_open"
	" FROM deal d WHERE d.partner = ?2 AND d.partner <> 0 AND d.gone_at = 0 ORDER BY 11 DESC, "
	"10, 1 LIMIT 200";
static const char SQL_STAGES[] =
	"SELECT stage FROM (SELECT stage FROM deal WHERE crm = ? AND gone_at = 0 LIMIT 5000)"
	" WHERE stage <> '' GROUP BY stage ORDER BY count(*) DESC, stage LIMIT 100";
static const char SQL_LEADS_OF[] = "SELECT id FROM lead WHERE crm = ? AND norm = ?"
				   " AND gone_at = 0 LIMIT ?";
static const char SQL_LEAD_OF_MAIL[] =
	"SELECT l.target FROM link l CROSS JOIN lead d ON d.id = l.target AND d.gone_at = 0"
	" WHERE l.message = ? AND l.kind = 3 AND l.how <> 2 ORDER BY l.target LIMIT 1";
static const char SQL_PARTNERS_OF[] =
	"SELECT d.partner FROM partner_domain d JOIN partner p ON p.id = d.partner"
	" WHERE d.crm = ? AND d.domain = ? AND p.gone_at = 0 LIMIT ?";

/* Stages whose names say that nothing more is to come. */
static const char *const closed_stages[] = {"won", "lost", "closed", "cancelled", "canceled"};

static int put_lead(struct write *w, struct put_page *page, const void *records, size_t i,
	struct err *e)
{
	const struct lead_in *l = (const struct lead_in *)records + i;
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf norm = BUF_INIT(1000);
	char sum[65];
	struct row_found row;
	digest_add(&b, l->name);
	digest_add(&b, l->addr);
	digest_end(&b, sum);
	if (row_open(w, page->crm, l->crm_id, sum, &SQL_LEAD, &row, e))
		return -1;
	if (row.is_same)
		return 0;
	page->n_changed++;
	if (l->addr)
		party_norm(&norm, l->addr);
	if (match_again_row(w, LINK_LEAD, row.id, e) ||
		(norm.len && match_again_key(w, page->crm, norm.p, e)) ||
		correspondent_know(w, l->name, l->addr, e))
		return -1;
	return db_run(w->db, e, SQL_CHANGE_LEAD, "itttit", row.id, l->name ? l->name : "", l->addr,
		norm.len ? norm.p : NULL, l->updated_at, sum);
}

bool deal_stage_is_open(const char *stage)
{
	for (size_t i = 0; stage && i < ARRAY_SIZE(closed_stages); i++)
		if (mem_casefind(stage, strlen(stage), closed_stages[i]))
			return false;
	return true;
}

static int put_deal(struct write *w, struct put_page *page, const void *records, size_t i,
	struct err *e)
{
	const struct deal_in *d = (const struct deal_in *)records + i;
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	const char *const words[] = {d->name, d->number, d->amount, d->currency, d->stage,
		d->next_step, d->partner_crm_id, d->contact_crm_id, d->owner_id};
	char sum[65];
	struct row_found row;
	for (size_t k = 0; k < ARRAY_SIZE(words); k++)
		digest_add(&b, words[k]);
	buf_addf(&b, "%lld", (long long)d->close_at);
	digest_end(&b, sum);
	if (row_open(w, page->crm, d->crm_id, sum, &SQL_DEAL, &row, e))
		return -1;
	if (row.is_same)
		return 0;
	page->n_changed++;
	if (db_run(w->db, e, SQL_CHANGE_DEAL, "ittttttiitttit", row.id, d->name ? d->name : "",
		    d->number, d->amount, d->currency, d->stage, d->next_step, d->close_at,
		    (int64_t)deal_stage_is_open(d->stage), d->partner_crm_id, d->contact_crm_id,
		    d->owner_id, d->updated_at, sum))
		return -1;
	return record_pulled(w, RECORD_DEAL, row.id, e);
}

int lead_put(struct store *s, struct put_page *p, const struct lead_in *v, size_t n, struct err *e)
{
	return put_page(s, p, put_lead, v, n, e);
}

int deal_put(struct store *s, struct put_page *p, const struct deal_in *v, size_t n, struct err *e)
{
	return put_page(s, p, put_deal, v, n, e);
}

int deals_of(struct store_reader *r, struct arena *a, int64_t contact, int64_t partner,
	struct deal_row **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct deal_row *v = NULL;
	size_t cap = 0;
	size_t count = 0;
	int rc;
	if (db_query(d, &q, e, SQL_DEALS, "ii", contact, partner))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = (struct deal_row){
			.id = sqlite3_column_int64(q, 0),
			.crm = sqlite3_column_int64(q, 1),
			.crm_id = db_text(a, q, 2),
			.name = db_text(a, q, 3),
			.number = db_text(a, q, 4),
			.amount = db_text(a, q, 5),
			.currency = db_text(a, q, 6),
			.stage = db_text(a, q, 7),
			.next_step = db_text(a, q, 8),
			.close_at = sqlite3_column_int64(q, 9),
			.contact = contact,
			.partner = partner,
			.is_open = sqlite3_column_int(q, 10),
		};
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

int deal_stages(struct store_reader *r, struct arena *a, int64_t crm, const char ***out, size_t *n,
	struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	const char **v = NULL;
	size_t cap = 0, count = 0;
	int rc;
	if (db_query(d, &q, e, SQL_STAGES, "i", crm))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, count + 1, sizeof(*v));
		v[count++] = db_text(a, q, 0);
	}
	if (rc < 0)
		return -1;
	*out = v;
	*n = count;
	return 0;
}

static int rows_of(struct store_reader *r, const char *sql, int64_t crm, const char *word,
	struct found_row *out, size_t max, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	int n = 0;
	int rc;
	if (db_query(d, &q, e, sql, "iti", crm, word, (int64_t)max))
		return -1;
	while ((rc = db_step(d, q, e)) > 0)
		if ((size_t)n < max)
			out[n++] = (struct found_row){.id = sqlite3_column_int64(q, 0)};
	return rc < 0 ? -1 : n;
}

int leads_of_address(struct store_reader *r, int64_t crm, const char *norm, struct found_row *out,
	size_t max, struct err *e)
{
	return rows_of(r, SQL_LEADS_OF, crm, norm, out, max, e);
}

int lead_of_message(struct store_reader *r, int64_t message, int64_t *out, struct err *e)
{
	*out = 0;
	return db_value(reader_db(r), out, e, SQL_LEAD_OF_MAIL, "i", message);
}

int partners_of_domain(struct store_reader *r, int64_t crm, const char *domain,
	struct found_row *out, size_t max, struct err *e)
{
	return rows_of(r, SQL_PARTNERS_OF, crm, domain, out, max, e);
}
