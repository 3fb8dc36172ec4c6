/*
 * people_export.c - contacts with their companies as people to be written into a file.
 */
#include "config.h"

#include "people_private.h"

static const char SQL_PAGE[] =
	"SELECT id FROM contact WHERE id > ?1 AND (crm = ?2 OR ?2 = 0) ORDER BY id LIMIT ?3";
static const char SQL_PARTNER[] = "SELECT name FROM partner WHERE id = ?";
static const char SQL_DOMAINS[] =
	"SELECT domain FROM partner_domain WHERE partner = ? ORDER BY domain";
/* 3: a note */
static const char SQL_NOTE[] =
	"SELECT body FROM activity WHERE contact = ? AND message = 0 AND contact <> 0 AND kind = 3"
	" AND state <> 4 ORDER BY at, id LIMIT 1";

static int read_domains(struct db *d, struct arena *a, int64_t partner, struct people_list *out,
	struct err *e)
{
	const char **v = arena_array(a, PEOPLE_MAX_VALUES, sizeof(*v));
	sqlite3_stmt *q;
	size_t n = 0;
	int rc;
	if (db_query(d, &q, e, SQL_DOMAINS, "i", partner))
		return -1;
	while ((rc = db_step(d, q, e)) > 0)
		if (n < PEOPLE_MAX_VALUES)
			v[n++] = db_text(a, q, 0);
	*out = (struct people_list){v, n};
	return rc;
}

static int read_person(struct db *d, struct arena *a, int64_t id, struct person *p, struct err *e)
{
	struct people_state s;
	if (people_state_read(d, a, id, &s, e))
		return -1;
	*p = (struct person){
		.name = s.name,
		.first_name = s.first_name,
		.last_name = s.last_name,
		.title = s.title,
		.owner = s.owner,
		.emails = s.emails,
		.phones = s.phones,
	};
	if (db_text_of(d, a, SQL_NOTE, id, &p->note, e))
		return -1;
	if (!s.partner)
		return 0;
	return db_text_of(d, a, SQL_PARTNER, s.partner, &p->company, e) ||
			       read_domains(d, a, s.partner, &p->domains, e)
		       ? -1
		       : 0;
}

int people_page(struct store_reader *r, struct arena *a, int64_t crm, size_t limit, int64_t *last,
	struct person **out, size_t *n, struct err *e)
{
	struct db *d = reader_db(r);
	int64_t *ids = arena_array(a, limit, sizeof(*ids));
	struct person *v = arena_array(a, limit, sizeof(*v));
	sqlite3_stmt *q;
	size_t count = 0;
	int rc;
	if (db_query(d, &q, e, SQL_PAGE, "iii", *last, crm, (int64_t)limit))
		return -1;
	while ((rc = db_step(d, q, e)) > 0)
		ids[count++] = sqlite3_column_int64(q, 0);
	for (size_t i = 0; !rc && i < count; i++)
		rc = read_person(d, a, ids[i], &v[i], e);
	if (rc)
		return -1;
	*last = count ? ids[count - 1] : *last;
	*out = v;
	*n = count;
	return 0;
}
