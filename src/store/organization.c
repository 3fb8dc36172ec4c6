/*
 * organization.c - settings of a CRM's organisation as rows.
 */
#include "config.h"

#include "crmail/store/organization.h"

#include <string.h>

#include "store_private.h"

static const char SQL_GET[] = "SELECT value FROM organization_setting WHERE crm = ? AND key = ?";
static const char SQL_LIST[] =
	"SELECT key, value FROM organization_setting WHERE crm = ? ORDER BY key";
static const char SQL_COUNT[] = "SELECT count(*) FROM organization_setting WHERE crm = ?";
static const char SQL_DROP[] = "DELETE FROM organization_setting WHERE crm = ?";
static const char SQL_PUT[] = "INSERT OR REPLACE INTO organization_setting VALUES (?, ?, ?)";

struct put_args {
	int64_t crm;
	const struct setting *v;
	size_t n;
};

static int is_same(struct write *w, const struct put_args *a, bool *out, struct err *e)
{
	int64_t count = 0;
	if (db_value(w->db, &count, e, SQL_COUNT, "i", a->crm))
		return -1;
	*out = count == (int64_t)a->n;
	for (size_t i = 0; *out && i < a->n; i++) {
		const char *had = db_setting(w->db, &w->arena, SQL_GET, a->crm, a->v[i].key);
		*out = had && !strcmp(had, a->v[i].value);
	}
	return 0;
}

static int write_put(struct write *w, void *arg, struct err *e)
{
	const struct put_args *a = arg;
	bool same = false;
	if (is_same(w, a, &same, e))
		return -1;
	if (same)
		return 0;
	if (db_run(w->db, e, SQL_DROP, "i", a->crm))
		return -1;
	for (size_t i = 0; i < a->n; i++)
		if (db_run(w->db, e, SQL_PUT, "itt", a->crm, a->v[i].key, a->v[i].value))
			return -1;
	write_event(w, EV_CRM, a->crm, 0, 0, 1);
	return 0;
}

int organization_put(struct store *s, int64_t crm, const struct setting *v, size_t n, struct err *e)
{
	struct put_args a = {crm, v, n};
	return writer_call(&s->main, 0, write_put, &a, e);
}

const char *organization_setting(struct store_reader *r, struct arena *a, int64_t crm,
	const char *key)
{
	return db_setting(reader_db(r), a, SQL_GET, crm, key);
}

int organization_settings(struct store_reader *r, struct arena *a, int64_t crm,
	struct setting **out, size_t *n, struct err *e)
{
	return db_settings(reader_db(r), a, SQL_LIST, crm, out, n, e);
}
