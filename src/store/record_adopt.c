/*
 * record_adopt.c - a record that was made here gets the CRM's id: everybody who names its row
 * learns it, mail linked to it is looked at again (the ids of entries hold it), and a row that a
 * pull made of the same record meanwhile becomes one with it.
 */
#include "config.h"

#include "record_private.h"

#include "crm_private.h"

static const char SQL_CONTACT_TWIN[] =
	"SELECT id FROM contact WHERE crm = ? AND crm_id = ? AND id <> ?";
static const char SQL_PARTNER_TWIN[] =
	"SELECT id FROM partner WHERE crm = ? AND crm_id = ? AND id <> ?";
static const char SQL_DEAL_TWIN[] = "SELECT id FROM deal WHERE crm = ? AND crm_id = ? AND id <> ?";
static const char SQL_ACTIVITY_TWIN[] =
	"SELECT id FROM activity WHERE crm = ? AND key = ? AND id <> ?";
static const char SQL_MOVE_LINKS[] =
	"UPDATE OR IGNORE link SET target = ?3 WHERE kind = ?1 AND target = ?2";
static const char SQL_MOVE_DECISIONS[] =
	"UPDATE decision SET target = ?3 WHERE kind = ?1 AND target = ?2";
static const char SQL_MOVE_WRITES[] =
	"UPDATE record_write SET row = ?3 WHERE kind = ?1 AND row = ?2";
static const char SQL_MOVE_VALUES[] = "UPDATE record_value SET ours = CAST(?3 AS TEXT)"
				      " WHERE ref = ?1 AND ours = CAST(?2 AS TEXT)";
static const char *const move_contact[] = {"UPDATE activity SET contact = ?2 WHERE contact = ?1",
	"UPDATE deal SET contact = ?2 WHERE contact = ?1 AND contact <> 0",
	"UPDATE mail_crm SET contact = ?2 WHERE contact = ?1", NULL};
static const char *const move_partner[] = {"UPDATE activity SET partner = ?2 WHERE partner = ?1",
	"UPDATE deal SET partner = ?2 WHERE partner = ?1 AND partner <> 0",
	"UPDATE contact SET partner = ?2 WHERE partner = ?1 AND partner <> 0",
	"UPDATE mail_crm SET partner = ?2 WHERE partner = ?1", NULL};
static const char *const move_deal[] = {"UPDATE activity SET deal = ?2 WHERE deal = ?1", NULL};

static const char *const learn_contact[] = {"UPDATE contact SET crm_id = ?2 WHERE id = ?1",
	"UPDATE activity SET contact_crm_id = ?2 WHERE contact = ?1 AND contact <> 0"
	" AND message = 0",
	"UPDATE deal SET contact_crm_id = ?2 WHERE contact = ?1 AND contact <> 0", NULL};
static const char *const learn_partner[] = {"UPDATE partner SET crm_id = ?2 WHERE id = ?1",
	"UPDATE contact SET partner_crm_id = ?2 WHERE partner = ?1 AND partner <> 0",
	"UPDATE activity SET partner_crm_id = ?2 WHERE partner = ?1 AND partner <> 0"
	" AND message = 0",
	"UPDATE deal SET partner_crm_id = ?2 WHERE partner = ?1 AND partner <> 0", NULL};
static const char *const learn_deal[] = {"UPDATE deal SET crm_id = ?2 WHERE id = ?1",
	"UPDATE activity SET deal_crm_id = ?2 WHERE deal = ?1 AND deal <> 0 AND message = 0", NULL};
static const char *const learn_activity[] = {
	"UPDATE activity SET crm_id = ?2, key = ?2 WHERE id = ?1", NULL};

struct words {
	const char *twin;
	const char *const *move;  /* ?1 from, ?2 to */
	const char *const *learn; /* ?1 row, ?2 the CRM's id */
};
static const struct words words_of[RECORD_KIND_END] = {
	[RECORD_CONTACT] = {SQL_CONTACT_TWIN, move_contact, learn_contact},
	[RECORD_PARTNER] = {SQL_PARTNER_TWIN, move_partner, learn_partner},
	[RECORD_DEAL] = {SQL_DEAL_TWIN, move_deal, learn_deal},
	[RECORD_ACTIVITY] = {SQL_ACTIVITY_TWIN, NULL, learn_activity},
};

/* What hangs on the pulled row hangs on ours: its id is the one that screens hold. */
static int become_one(struct write *w, enum record_kind k, int64_t from, int64_t to, struct err *e)
{
	if (db_run(w->db, e, SQL_MOVE_LINKS, "iii", (int64_t)k, from, to) ||
		db_run(w->db, e, SQL_MOVE_DECISIONS, "iii", (int64_t)k, from, to) ||
		db_run(w->db, e, SQL_MOVE_WRITES, "iii", (int64_t)k, from, to) ||
		db_run(w->db, e, SQL_MOVE_VALUES, "iii", (int64_t)k, from, to))
		return -1;
	for (const char *const *sql = words_of[k].move; sql && *sql; sql++)
		if (db_run(w->db, e, *sql, "ii", from, to))
			return -1;
	return record_drop_row(w, k, from, e);
}

int record_adopt(struct write *w, enum record_kind k, int64_t crm, int64_t row, const char *crm_id,
	struct err *e)
{
	const struct words *x = &words_of[k];
	int64_t twin = 0;
	if (!x->twin || db_value(w->db, &twin, e, x->twin, "iti", crm, crm_id, row))
		return -1;
	if (twin && become_one(w, k, twin, row, e))
		return -1;
	for (const char *const *sql = x->learn; *sql; sql++)
		if (db_run(w->db, e, *sql, "it", row, crm_id))
			return -1;
	if (k != RECORD_CONTACT && k != RECORD_PARTNER)
		return 0;
	return match_again_row(w, (enum link_kind)k, row, e);
}
