/*
 * hide.c - mail taken off the timelines by the user, and shown there again. The timelines follow by
 * triggers (014-timeline.sql).
 */
#include "config.h"

#include <stdlib.h>

#include "crmail/base/mem.h"
#include "crmail/store/timeline.h"

#include "store_private.h"

static const char SQL_HIDE[] = "INSERT OR IGNORE INTO hidden_mail (message, grp)"
			       " SELECT id, ?2 FROM message WHERE thread = ?1";
static const char SQL_UNHIDE[] = "DELETE FROM hidden_mail WHERE message IN"
				 " (SELECT id FROM message WHERE thread = ?1)";
static const char SQL_UNDO[] = "DELETE FROM hidden_mail WHERE grp = ?1";

struct hide_args {
	const char *sql;
	int64_t id, grp; /* grp 0: the statement has one value */
};

static int write_hidden(struct write *w, void *arg, struct err *e)
{
	const struct hide_args *a = arg;
	write_event(w, EV_CONTACTS, 0, 0, 0, 1);
	return a->grp ? db_run(w->db, e, a->sql, "ii", a->id, a->grp)
		      : db_run(w->db, e, a->sql, "i", a->id);
}

static int64_t post(struct store *s, const char *sql, int64_t id, int64_t grp)
{
	struct hide_args *a = xmalloc(sizeof(*a));
	*a = (struct hide_args){sql, id, grp};
	return writer_post(&s->main, WRITE_USER, write_hidden, a, free);
}

int64_t timeline_hide(struct store *s, int64_t thread, int64_t *group)
{
	*group = store_new_id(s);
	return post(s, SQL_HIDE, thread, *group);
}

int64_t timeline_unhide(struct store *s, int64_t thread)
{
	return post(s, SQL_UNHIDE, thread, 0);
}

int64_t timeline_hide_undo(struct store *s, int64_t group)
{
	return post(s, SQL_UNDO, group, 0);
}
