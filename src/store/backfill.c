/*
 * backfill.c - logging what is older than the day of connecting: how much it is, and starting it.
 */
#include "config.h"

#include "crmail/store/decide.h"

#include "crm_private.h"

/* Each mail once: of equal copies the one that timelines list is enough. */
#define OLDER                                                                                      \
	" FROM account a JOIN message m ON m.account = a.id JOIN mail_crm k ON k.message = m.id"   \
	" WHERE a.crm = ?1 AND k.reason = 'before-start' AND m.date >= ?2"
static const char SQL_COUNT[] = "SELECT count(DISTINCT m.copy_of)" OLDER;
static const char SQL_SINCE[] = "UPDATE crm SET log_since = min(log_since, ?2) WHERE id = ?1";
static const char SQL_AGAIN[] = "INSERT OR IGNORE INTO match_queue SELECT m.id" OLDER;

int backfill_count(struct store_reader *r, int64_t crm, int64_t since, int64_t *mails,
	struct err *e)
{
	*mails = 0;
	return db_value(reader_db(r), mails, e, SQL_COUNT, "ii", crm, since);
}

struct backfill_args {
	int64_t crm, since;
};

static int write_start(struct write *w, void *arg, struct err *e)
{
	const struct backfill_args *a = arg;
	write_event(w, EV_CRM, a->crm, 0, 1, 1);
	return db_run(w->db, e, SQL_SINCE, "ii", a->crm, a->since) ||
			       db_run(w->db, e, SQL_AGAIN, "ii", a->crm, a->since)
		       ? -1
		       : 0;
}

int backfill_start(struct store *s, int64_t crm, int64_t since, struct err *e)
{
	struct backfill_args a = {crm, since};
	return writer_call(&s->main, WRITE_FULL, write_start, &a, e);
}
