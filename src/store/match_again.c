/*
 * match_again.c - what a contact, partner or lead is known by, so that its mail is matched again
 * when that changes: also mail that was not linked to it, because others have the address too.
 */
#include "config.h"

#include "crm_private.h"

static const char SQL_OF_CONTACT[] = "SELECT crm, norm FROM contact_email WHERE contact = ?";
static const char SQL_OF_PARTNER[] = "SELECT crm, domain FROM partner_domain WHERE partner = ?";
static const char SQL_OF_LEAD[] = "SELECT crm, norm FROM lead WHERE id = ? AND norm IS NOT NULL";

struct word {
	int64_t crm;
	const char *text;
};

static int read_words(struct write *w, const char *sql, int64_t id, struct word **out, size_t *n,
	struct err *e)
{
	sqlite3_stmt *q;
	size_t cap = 0;
	int rc;
	*out = NULL;
	*n = 0;
	if (!sql)
		return 0;
	if (db_query(w->db, &q, e, sql, "i", id))
		return -1;
	while ((rc = db_step(w->db, q, e)) > 0) {
		*out = arena_grow(&w->arena, *out, &cap, *n + 1, sizeof(**out));
		(*out)[(*n)++] =
			(struct word){sqlite3_column_int64(q, 0), db_text(&w->arena, q, 1)};
	}
	return rc;
}

int match_again_row(struct write *w, enum link_kind kind, int64_t id, struct err *e)
{
	static const char *const by_kind[] = {[LINK_CONTACT] = SQL_OF_CONTACT,
		[LINK_PARTNER] = SQL_OF_PARTNER,
		[LINK_LEAD] = SQL_OF_LEAD,
		[LINK_DEAL] = NULL};
	struct word *v = NULL;
	size_t n = 0;
	if (match_again_link(w, kind, id, e) || read_words(w, by_kind[kind], id, &v, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (kind == LINK_PARTNER ? match_again_domain(w, v[i].crm, v[i].text, e)
					 : match_again_key(w, v[i].crm, v[i].text, e))
			return -1;
	return 0;
}
