/* outbox_report.c - see outbox_report.h. */
#include "config.h"

#include "outbox_report.h"

#include "crmail/mail/report.h"
#include "crmail/store/outbox.h"

static const char SQL_MAIL[] =
	"SELECT id FROM outbox WHERE (message_id = ?1 OR far_message_id = ?1) AND account = ?2"
	" AND state = 6 LIMIT 1";
/* Only from what the server took, and a bounce is the last word: a forwarder may say both. */
static const char SQL_SAID[] =
	"UPDATE outbox_recipient SET state = ?3, reply = ifnull(?4, reply)"
	" WHERE outbox = ?1 AND addr = ?2 COLLATE NOCASE AND state IN (1, 3)";

static enum recipient_state state_of(enum report_action a)
{
	switch (a) {
	case REPORT_FAILED:
		return RCPT_BOUNCED;
	case REPORT_DELIVERED:
		return RCPT_DELIVERED;
	case REPORT_DELAYED: /* the words tell */
	case REPORT_RELAYED:
	case REPORT_EXPANDED:
		return RCPT_ACCEPTED;
	}
	return RCPT_ACCEPTED;
}

static int find_mail(struct write *w, int64_t account, const char *message_id, int64_t *id,
	struct err *e)
{
	return message_id && !*id ? db_value(w->db, id, e, SQL_MAIL, "ti", message_id, account) : 0;
}

int outbox_take_report(struct write *w, int64_t account, const struct report *r, struct err *e)
{
	int64_t id = 0;
	if (!r)
		return 0;
	if (find_mail(w, account, r->envelope_id, &id, e) ||
		find_mail(w, account, r->message_id, &id, e))
		return -1;
	if (!id)
		return 0;
	for (size_t i = 0; i < r->n; i++)
		if (db_run(w->db, e, SQL_SAID, "itit", id, r->v[i].addr,
			    (int64_t)state_of(r->v[i].action), r->v[i].why))
			return -1;
	write_event(w, EV_OUTBOX, account, 0, id, 1);
	return 0;
}
