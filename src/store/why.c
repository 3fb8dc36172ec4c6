/*
 * why.c - what stands in the rows about the logging of one mail. The words for it are in
 * why_text.c.
 */
#include "config.h"

#include "crmail/store/why.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/i18n.h"
#include "crmail/base/str.h"

#include "crm_private.h"
#include "hash64.h"

static const char SQL_ENTRIES[] =
	"SELECT x.id, x.contact, x.partner, x.lead, x.state, x.reason,"
	" (SELECT name FROM deal WHERE id = x.deal) FROM activity x WHERE x.message = ?1"
	" AND x.message <> 0 AND (x.state <> 4 OR x.reason = 'deleted') ORDER BY x.state <> 3, "
	"x.id LIMIT 200";
static const char SQL_WAITS[] = "SELECT 1 FROM match_queue WHERE message = ?";
static const char SQL_CONTACT[] = "SELECT name FROM contact WHERE id = ?1 AND ?2 = ''";
static const char SQL_PARTNER[] = "SELECT name FROM partner WHERE id = ?1 AND ?2 = ''";
static const char SQL_LEAD[] = "SELECT name FROM lead WHERE id = ?1 AND ?2 = ''";
static const char SQL_DEAL[] = "SELECT name FROM deal WHERE id = ?1 AND ?2 = ''";

static const char SQL_BY_MID[] =
	"SELECT m.id FROM message m JOIN account a ON a.id = m.account WHERE m.mid_hash = ?1"
	" AND m.mid = ?2 ORDER BY ifnull(a.crm, 0) = 0, m.copy_of <> m.id, m.id LIMIT 1";
static const char SQL_BY_ID[] = "SELECT id FROM message WHERE id = ?";
#define BY_CRM_ID(table)                                                                           \
	"SELECT x.id FROM crm k CROSS JOIN " table " x ON x.crm = k.id AND x.crm_id = ?"           \
	" ORDER BY k.id LIMIT 1"
static const char SQL_LEAD_OF[] = BY_CRM_ID("lead");
static const char SQL_DEAL_OF[] = BY_CRM_ID("deal");
static const char SQL_LEAD_ROW[] = "SELECT id FROM lead WHERE id = ?";
static const char SQL_DEAL_ROW[] = "SELECT id FROM deal WHERE id = ?";

int message_by_name(struct store_reader *r, const char *name, int64_t *out, struct err *e)
{
	struct db *d = reader_db(r);
	size_t n = strlen(name);
	int64_t id = 0;
	*out = 0;
	if (str_to_i64(name, 1, INT64_MAX, &id))
		return db_value(d, out, e, SQL_BY_ID, "i", id);
	CLEANUP(buf_release) struct buf mid = BUF_INIT(BUF_UNLIMITED);
	bool has_brackets = n > 2 && name[0] == '<' && name[n - 1] == '>';
	buf_add(&mid, name + has_brackets, n - (has_brackets ? 2 : 0));
	return db_value(d, out, e, SQL_BY_MID, "it", hash64(mid.p, mid.len), mid.p);
}

int row_by_target(struct store_reader *r, enum link_kind kind, const char *id, int64_t *out,
	struct err *e)
{
	struct db *d = reader_db(r);
	switch (kind) {
	case LINK_CONTACT:
		return contact_by_crm_id(r, id, out, e);
	case LINK_PARTNER:
		return partner_by_crm_id(r, id, out, e);
	case LINK_LEAD:
		return row_by_id(d, id, SQL_LEAD_OF, SQL_LEAD_ROW, out, e);
	case LINK_DEAL:
		return row_by_id(d, id, SQL_DEAL_OF, SQL_DEAL_ROW, out, e);
	}
	*out = 0;
	return 0;
}

const char *row_name(struct store_reader *r, struct arena *a, enum link_kind kind, int64_t id)
{
	switch (kind) {
	case LINK_CONTACT:
		return db_setting(reader_db(r), a, SQL_CONTACT, id, "");
	case LINK_PARTNER:
		return db_setting(reader_db(r), a, SQL_PARTNER, id, "");
	case LINK_LEAD:
		return db_setting(reader_db(r), a, SQL_LEAD, id, "");
	case LINK_DEAL:
		return db_setting(reader_db(r), a, SQL_DEAL, id, "");
	}
	return NULL;
}

int match_is_waiting(struct store_reader *r, int64_t message, bool *out, struct err *e)
{
	int64_t there = 0;
	if (db_value(reader_db(r), &there, e, SQL_WAITS, "i", message))
		return -1;
	*out = there != 0;
	return 0;
}

static void set_target(struct why_entry *x, int64_t contact, int64_t partner, int64_t lead)
{
	if (contact) {
		x->kind = LINK_CONTACT;
		x->target = contact;
	} else if (partner) {
		x->kind = LINK_PARTNER;
		x->target = partner;
	} else if (lead) {
		x->kind = LINK_LEAD;
		x->target = lead;
	}
}

int why_entries(struct store_reader *r, struct arena *a, int64_t message, struct why_entry **out,
	size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	struct why_entry *v = NULL;
	size_t cap = 0;
	int rc;
	*n = 0;
	if (db_query(d, &q, e, SQL_ENTRIES, "i", message))
		return -1;
	while ((rc = db_step(d, q, e)) > 0) {
		v = arena_grow(a, v, &cap, *n + 1, sizeof(*v));
		v[*n] = (struct why_entry){
			.id = sqlite3_column_int64(q, 0),
			.state = (enum log_state)sqlite3_column_int(q, 4),
			.deal = db_text(a, q, 6),
		};
		v[*n].reason = v[*n].state == LOG_NOT ? _("deleted in the CRM") : db_text(a, q, 5);
		set_target(&v[(*n)++], sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2),
			sqlite3_column_int64(q, 3));
	}
	for (size_t i = 0; !rc && i < *n; i++) {
		if (!v[i].target)
			continue;
		v[i].who = row_name(r, a, v[i].kind, v[i].target);
		v[i].target_id = target_id(r, a, v[i].kind, v[i].target);
	}
	*out = v;
	return rc;
}
