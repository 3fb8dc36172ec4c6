/* list_folders.c - see list_folders.h. */
#include "config.h"

#include "list_folders.h"

static const char SQL_ROLE[] = "SELECT id FROM folder WHERE role = ?1"
			       " AND (account = ?2 OR ?2 = 0) ORDER BY id";
static const char SQL_ACCOUNTS[] = "SELECT id FROM account WHERE id = ?1 OR ?1 = 0 ORDER BY id";

bool folder_set_has(const struct folder_set *s, int64_t folder)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] == folder)
			return true;
	return false;
}

static void add_folder(struct arena *a, struct folder_set *s, int64_t folder)
{
	s->v = arena_grow(a, s->v, &s->cap, s->n + 1, sizeof *s->v);
	s->v[s->n++] = folder;
}

int folder_set_read(struct db *d, struct arena *a, const struct list_spec *spec,
	struct folder_set *out, struct err *e)
{
	struct folder_set s = {NULL, 0, 0};
	enum list_over over = spec->kind == LIST_STARRED ? LIST_OVER_STARRED : LIST_OVER_ALL;
	bool by_role = spec->kind == LIST_ROLE || spec->kind == LIST_DRAFTS;
	int64_t role = spec->kind == LIST_DRAFTS ? FOLDER_DRAFTS : spec->role;
	sqlite3_stmt *q;
	int rc = 0;
	if (spec->kind == LIST_FOLDER) {
		add_folder(a, &s, spec->folder);
	} else {
		if (by_role ? db_query(d, &q, e, SQL_ROLE, "ii", role, spec->account)
			    : db_query(d, &q, e, SQL_ACCOUNTS, "i", spec->account))
			return -1;
		while ((rc = db_step(d, q, e)) == 1)
			add_folder(a, &s,
				by_role ? sqlite3_column_int64(q, 0)
					: list_folder(sqlite3_column_int64(q, 0), over));
	}
	if (rc == 0)
		*out = s;
	return rc;
}
