/* doubt.c - see doubt.h. */
#include "config.h"

#include "doubt.h"

#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/i18n.h"
#include "crmail/base/log.h"
#include "crmail/provider/transport.h"
#include "crmail/store/outbox.h"

#include "backoff.h"
#include "sent_copy.h"
#include "session.h"

#define EARLY_S 60           /* after the handing over, a service may still be sending its draft */
#define ASK_EVERY_S 5        /* so long it is asked; */
#define ASK_LATER_LEAST_S 30 /* from then on now and then, while the user may decide, */
#define ASK_LATER_MOST_S 3600
#define ASK_MOST_S 86400 /* for a day */
#define PAUSE_MOST_S 60  /* before another mail is tried, after one was not sent */

/* The user, or another process, was faster: nothing is wrong. */
static int unless_decided(int rc, const struct err *failed, struct err *e)
{
	if (!rc || failed->code == ERR_CONFLICT)
		return 0;
	*e = *failed;
	return -1;
}

static int was_sent(struct session *s, const struct outbox_row *row, const char *message_id,
	struct err *e)
{
	struct err failed = ERR_INIT;
	session_pull_role(s, FOLDER_SENT);
	if (outbox_set_sent(s->host->store, row->id, NULL, 0, message_id, &failed))
		return unless_decided(-1, &failed, e);
	return outbox_filed(s->host->store, row->id, e);
}

/* The service still has the draft: it was not sent, and goes out with a later try. Until then
 * others go first, and not at once either: what is wrong may be wrong with the service. */
static int send_again(struct session *s, const struct outbox_row *row, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct outbox_recipient *r = arena_array(&a, row->n_recipients + 1, sizeof *r);
	struct err why = ERR_INIT, failed = ERR_INIT;
	int64_t now = clock_now(s->host->clock);
	int64_t wait = backoff_s(s->host->rng, row->attempts ? row->attempts - 1 : 0);
	size_t n = 0;
	for (size_t i = 0; i < row->n_recipients; i++)
		if (row->recipients[i].state == RCPT_PENDING)
			r[n++] = (struct outbox_recipient){
				.addr = row->recipients[i].addr, .state = RCPT_PENDING};
	err_set(&why, ERR_NET, _("The service did not send it. It is tried again by itself."));
	log_line(LOG_NOTE, "send", "mail %lld: its draft was not sent", (long long)row->id);
	session_note_unsent(s, &why);
	s->sends_at = now + (wait < PAUSE_MOST_S ? wait : PAUSE_MOST_S);
	int rc = outbox_set_state(s->host->store, row->id, OUTBOX_QUEUED, r, n, &why,
		now + wait + 1, &failed);
	return unless_decided(rc, &failed, e);
}

static bool is_of_our_way(const struct session *s, const struct outbox_row *row)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *way = session_sending_way(s, &a);
	return way && row->sent_by && strcmp(way, row->sent_by) == 0;
}

/* A draft is sent once or not at all, and its id is known: no doubt is left to the user [R26]. A
 * service that cannot be asked says nothing: -1, and nothing else of the account is held up. */
static int ask_service(struct session *s, const struct outbox_row *row,
	struct transport_settled *out, struct err *e)
{
	if (session_open_transport(s, e) == 0 &&
		transport_settle(s->transport, row->far_draft, row->message_id, out, e) == 0)
		return 0;
	log_line(LOG_WARN, "send", "mail %lld: not known what became of it: %s", (long long)row->id,
		err_code_name(e->code));
	session_close_transport(s);
	s->asks_held_until = clock_now(s->host->clock) + ASK_LATER_LEAST_S;
	return -1;
}

/* A count that grew says that one of them was sent, not which. */
static int distrust_count(struct session *s, const struct outbox_row *row,
	struct transport_settled *told, struct err *e)
{
	bool has_alike = false;
	if (!told->is_count || told->fate != TRANSPORT_WAS_SENT)
		return 0;
	if (outbox_has_alike(s->reader, row, &has_alike, e))
		return -1;
	if (has_alike)
		told->fate = TRANSPORT_FATE_UNKNOWN;
	return 0;
}

/* Each try may last as long as the service keeps silent, and reading waits meanwhile. */
static bool is_held(struct session *s, const struct outbox_row *row)
{
	session_refresh_way(s);
	if (s->asks_held_until <= clock_now(s->host->clock) || !row->far_draft ||
		!is_of_our_way(s, row))
		return false;
	session_note_ask(s, s->asks_held_until);
	return true;
}

/* The service may still be at it. What it says so early may be otherwise a moment later. */
static int ask_again_soon(struct session *s, const struct outbox_row *row, struct err *e)
{
	struct err why = ERR_INIT;
	int64_t at = clock_now(s->host->clock) + ASK_EVERY_S;
	err_set(&why, ERR_NET,
		_("The answer was lost. The service is being asked whether it was sent."));
	return outbox_ask_later(s->host->store, row->id, at, &why, e);
}

/* Only the user can tell now, unless the service can later: 0 = it is not asked again. */
static int64_t ask_next_at(const struct session *s, const struct outbox_row *row)
{
	int64_t now = clock_now(s->host->clock), age = now - row->changed_at;
	if (!row->far_draft || !is_of_our_way(s, row) || age > ASK_MOST_S)
		return 0;
	int64_t wait = age / 2 < ASK_LATER_LEAST_S ? ASK_LATER_LEAST_S : age / 2;
	return now + (wait < ASK_LATER_MOST_S ? wait : ASK_LATER_MOST_S);
}

static int leave_in_doubt(struct session *s, const struct outbox_row *row, const struct err *why,
	struct err *e)
{
	struct err failed = ERR_INIT;
	int64_t next = ask_next_at(s, row);
	if (row->state == OUTBOX_UNKNOWN)
		return outbox_ask_later(s->host->store, row->id, next, NULL, e);
	s->report.unknown++;
	int rc = outbox_set_state(s->host->store, row->id, OUTBOX_UNKNOWN, NULL, 0, why, next,
		&failed);
	return unless_decided(rc, &failed, e);
}

/* What the service has said, with `is_early` perhaps not its last word. */
static int settle_as_told(struct session *s, const struct outbox_row *row,
	const struct transport_settled *told, bool is_early, const struct err *why, struct err *e)
{
	bool is_there = false;
	struct err failed = ERR_INIT;
	if (told->fate == TRANSPORT_WAS_SENT)
		return was_sent(s, row, told->message_id, e);
	if (told->fate == TRANSPORT_STILL_DRAFT)
		return is_early ? ask_again_soon(s, row, e) : send_again(s, row, e);
	if (sent_copy_look(s, row, &is_there, &failed) && failed.scope == ERR_ACCOUNT) {
		*e = failed;
		return -1;
	}
	if (is_there)
		return was_sent(s, row, NULL, e);
	return is_early ? ask_again_soon(s, row, e) : leave_in_doubt(s, row, why, e);
}

int doubt_ask(struct session *s, const struct outbox_row *row, const struct err *why, struct err *e)
{
	struct transport_settled told = {.fate = TRANSPORT_FATE_UNKNOWN};
	struct err cannot = ERR_INIT, said = *why;
	if (!row->far_draft)
		return settle_as_told(s, row, &told, false, why, e);
	session_refresh_way(s);
	if (!is_of_our_way(s, row)) {
		err_set(&said, ERR_NOTFOUND,
			_("What it was sent by is not set up any more and cannot tell. Was it "
			  "sent?"));
		return settle_as_told(s, row, &told, false, &said, e);
	}
	if (ask_service(s, row, &told, &cannot) && cannot.code == ERR_CANCELLED) {
		*e = cannot;
		return -1;
	}
	if (distrust_count(s, row, &told, e))
		return -1;
	if (cannot.code != ERR_NONE)
		err_set(&said, cannot.code, _("Was it sent? The service cannot be asked: %s"),
			cannot.msg);
	/* Credentials that are refused are not tried again and again. */
	bool needs_user = cannot.code == ERR_AUTH || cannot.code == ERR_TLS;
	bool is_early = row->state == OUTBOX_HANDED && !needs_user &&
			clock_now(s->host->clock) < row->changed_at + EARLY_S;
	return settle_as_told(s, row, &told, is_early, &said, e);
}

/* What the store has seen of Sent since may answer the question. */
static int answer_from_sent(struct session *s, const struct outbox_row *row, bool *did,
	struct err *e)
{
	if (outbox_is_in_sent(s->reader, row, did, e))
		return -1;
	return *did ? was_sent(s, row, NULL, e) : 0;
}

int doubt_step(struct session *s, const struct outbox_row *row, bool *did, struct err *e)
{
	struct err why = ERR_INIT;
	if (row->state == OUTBOX_UNKNOWN) {
		if (answer_from_sent(s, row, did, e))
			return -1;
		if (*did)
			return 0;
	}
	if (row->state == OUTBOX_UNKNOWN && !row->not_before)
		return 0; /* the user's to decide */
	if (row->not_before > clock_now(s->host->clock)) {
		session_note_ask(s, row->not_before);
		return 0;
	}
	if (is_held(s, row))
		return 0;
	*did = true;
	err_set(&why, ERR_NET, "%s",
		row->error ? _("The answer was lost, and the service does not tell. Was it sent?")
			   : _("crmail ended before the server's answer. Was it sent?"));
	return doubt_ask(s, row, &why, e);
}
