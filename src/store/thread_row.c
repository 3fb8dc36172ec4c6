/* thread_row.c - what a list row shows beside its key: people, subject, badge, deal. */
#include "config.h"

#include "thread_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/attrs.h"

#include "thread_private.h"

static const char SQL_ROW[] =
	"SELECT t.count, t.unread, t.facts, t.people, m.account, m.date, m.date_offset, m.subject,"
	" c.snippet, k.contact, ct.name, k.partner, pt.name, k.is_unknown, k.crm, ct.crm_id,"
	" pt.crm_id, (SELECT min(due_at) FROM reminder WHERE thread = ?1 AND ended_at = 0)"
	" FROM thread t JOIN message m ON m.id = ?2 JOIN message c ON c.id = m.copy_of"
	" LEFT JOIN mail_crm k ON k.message = m.id"
	" LEFT JOIN contact ct ON ct.id = k.contact LEFT JOIN partner pt ON pt.id = k.partner"
	" WHERE t.id = ?1";
static const char SQL_DEALS[] =
	"SELECT amount, currency FROM deal WHERE crm = ?1 AND is_open AND contact_crm_id = ?2"
	" UNION ALL SELECT amount, currency FROM deal WHERE crm = ?1 AND is_open"
	" AND partner_crm_id = ?3 AND contact_crm_id IS NOT ?2 LIMIT 2";
/* Of what lies in the open, as long as there is any. */
static const char SQL_NEWEST[] =
	"SELECT ifnull((SELECT m.id FROM message m WHERE m.thread = ?1 AND m.copy_of = m.id"
	" AND m.listed & 1 AND (" LIES_IN_THE_OPEN(
		"m.id") " OR EXISTS (SELECT 1 FROM message o"
			"  WHERE o.copy_of = m.id AND o.copy_of <> o.id AND " LIES_IN_THE_OPEN(
				"o.id") "))"
					" ORDER BY m.id DESC LIMIT 1), newest) FROM thread WHERE "
					"id = ?1";

static const struct {
	const char *code, *sign;
} CURRENCIES[] = {{"EUR", "€"}, {"USD", "$"}, {"GBP", "£"}, {"JPY", "¥"}};

/* "12000.50", "EUR" -> "€12k": for a column of few cells; the whole amount is on the card. */
static const char *short_amount(struct arena *a, const char *amount, const char *currency)
{
	char *end;
	double v = amount ? strtod(amount, &end) : 0;
	const char *sign = currency ? currency : "";
	if (!amount || end == amount || v < 0 || v > 1e15)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(CURRENCIES); i++)
		if (!strcmp(sign, CURRENCIES[i].code))
			sign = CURRENCIES[i].sign;
	const char *blank = strlen(sign) == 3 && sign[0] < 0x7f && sign[0] > 0 ? " " : "";
	if (v >= 1e6)
		return arena_printf(a, "%s%s%.3gM", sign, blank, v / 1e6);
	if (v >= 1e3)
		return arena_printf(a, "%s%s%.3gk", sign, blank, v / 1e3);
	return arena_printf(a, "%s%s%.0f", sign, blank, v);
}

/* The single open deal of contact or partner. */
static int read_deal(struct db *d, struct arena *a, int64_t crm, const char *contact,
	const char *partner, const char **out, struct err *e)
{
	const char *amount = NULL, *currency = NULL;
	sqlite3_stmt *q;
	int rc, count = 0;
	if (!contact && !partner)
		return 0;
	if (db_query(d, &q, e, SQL_DEALS, "itt", crm, contact, partner))
		return -1;
	for (; (rc = db_step(d, q, e)) == 1; count++) {
		amount = db_text(a, q, 0);
		currency = db_text(a, q, 1);
	}
	if (rc == 0 && count == 1)
		*out = short_amount(a, amount, currency);
	return rc;
}

static void fill_row(struct arena *a, sqlite3_stmt *q, struct thread_row *r)
{
	unsigned facts = (unsigned)sqlite3_column_int(q, 2);
	r->count = (uint32_t)sqlite3_column_int64(q, 0);
	r->unread = (uint32_t)sqlite3_column_int64(q, 1);
	r->starred = facts & THREAD_STARRED;
	r->has_attachment = facts & THREAD_FILES;
	r->is_draft = facts & THREAD_DRAFT;
	r->people = db_text(a, q, 3);
	r->account = sqlite3_column_int64(q, 4);
	r->date = sqlite3_column_int64(q, 5);
	r->date_offset_min = sqlite3_column_int(q, 6);
	r->subject = db_text(a, q, 7);
	r->snippet = db_text(a, q, 8);
	r->contact = sqlite3_column_int64(q, 9);
	r->contact_name = db_text(a, q, 10);
	r->partner = sqlite3_column_int64(q, 11);
	r->partner_name = db_text(a, q, 12);
	r->peer_unknown = sqlite3_column_int(q, 13) != 0;
	r->remind_at = sqlite3_column_int64(q, 17);
}

int thread_row_read(struct store_reader *r, struct arena *a, int64_t thread, int64_t message,
	struct thread_row *out, struct err *e)
{
	struct db *d = reader_db(r);
	sqlite3_stmt *q;
	*out = (struct thread_row){.thread = thread, .message = message, .sort_at = message >> 20};
	if (db_query(d, &q, e, SQL_ROW, "ii", thread, message))
		return -1;
	int rc = db_step(d, q, e);
	if (rc != 1)
		return rc;
	fill_row(a, q, out);
	int64_t crm = sqlite3_column_int64(q, 14);
	const char *contact = db_text(a, q, 15);
	const char *partner = db_text(a, q, 16);
	sqlite3_reset(q);
	return read_deal(d, a, crm, contact, partner, &out->deal, e);
}

int thread_get_at(struct store_reader *r, struct arena *a, int64_t thread, int64_t message,
	struct thread_row **out, struct err *e)
{
	struct thread_row *row = arena_alloc(a, sizeof *row);
	if (thread_resolve(reader_db(r), &thread, e) ||
		thread_row_read(r, a, thread, message, row, e))
		return -1;
	*out = row->account ? row : NULL;
	return 0;
}

int thread_get(struct store_reader *r, struct arena *a, int64_t thread, struct thread_row **out,
	struct err *e)
{
	struct db *d = reader_db(r);
	int64_t newest = 0;
	if (thread_resolve(d, &thread, e) || db_value(d, &newest, e, SQL_NEWEST, "i", thread))
		return -1;
	struct thread_row *row = NULL;
	if (newest) {
		row = arena_alloc(a, sizeof *row);
		if (thread_row_read(r, a, thread, newest, row, e))
			return -1;
	}
	*out = row;
	return 0;
}
