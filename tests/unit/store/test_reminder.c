/*
 * test_reminder.c - reminders: set, changed and ended by the user, ended by an answer or a bounce
 * in the commit that brings it, told once when they are due, and still there after a restart.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/store/message.h"
#include "crmail/store/notice.h"
#include "crmail/store/purge.h"
#include "crmail/store/reminder.h"
#include "tests/unit/store/letters.h"

#define DAY_S 86400LL
#define DUE (FIXTURE_NOW + 3 * DAY_S)
#define OWN .from = "Me <me@own.example>", .to = "Bob <bob@client.example>"

struct scene {
	struct fixture *f;
	int64_t account, inbox, sent, offer, thread;
};

static int64_t put(struct scene *s, int64_t folder, struct letter l)
{
	int64_t id = 0;
	letters_put(s->f, s->account, folder, &l, 1, &id);
	return id;
}

/* An offer of ours, sent a day ago, that nobody answered. */
static struct scene make(void **state)
{
	struct fixture *f = *state;
	struct scene s = {.f = f, .account = letters_account(f, "work")};
	s.inbox = letters_folder(f, s.account, "INBOX", FOLDER_INBOX);
	s.sent = letters_folder(f, s.account, "Sent", FOLDER_SENT);
	s.offer = put(&s, s.sent,
		(struct letter){.id = "offer",
			.subject = "Offer for the fair",
			OWN,
			.at = FIXTURE_NOW - DAY_S});
	s.thread = letters_thread(f, s.offer);
	return s;
}

static int64_t set(struct scene *s, int64_t due_at)
{
	int64_t group = 0;
	reminder_set(s->f->store, s->thread, due_at, &group);
	assert_ok(s->f, store_flush(s->f->store, &s->f->err));
	return group;
}

static void undo(struct scene *s, int64_t group)
{
	action_undo(s->f->store, group);
	assert_ok(s->f, store_flush(s->f->store, &s->f->err));
}

static int64_t end(struct scene *s)
{
	int64_t group = 0;
	reminder_end(s->f->store, s->thread, &group);
	assert_ok(s->f, store_flush(s->f->store, &s->f->err));
	return group;
}

static void answer(struct scene *s, const char *id, int64_t at, const char *extra)
{
	put(s, s->inbox,
		(struct letter){.id = id,
			.irt = "<offer@mail.example>",
			.subject = "Re: Offer for the fair",
			.extra = extra,
			.at = at});
}

/* When the conversation's reminder is due; 0 = it has none. Lists say the same. */
static int64_t due_at(struct scene *s)
{
	struct reminder *r;
	struct thread_row *row;
	assert_ok(s->f, reminder_get(s->f->reader, &s->f->arena, s->thread, &r, &s->f->err));
	assert_ok(s->f, thread_get(s->f->reader, &s->f->arena, s->thread, &row, &s->f->err));
	assert_int_equal(row ? row->remind_at : 0, r ? r->due_at : 0);
	return r ? r->due_at : 0;
}

static int64_t why(struct scene *s)
{
	return fixture_sql(s->f, "crmail.db", "SELECT why FROM reminder ORDER BY ended_at DESC");
}

static size_t due_by(struct scene *s, int64_t now)
{
	struct reminder *v;
	size_t n;
	assert_ok(s->f, reminder_list_due(s->f->reader, &s->f->arena, now, 9, &v, &n, &s->f->err));
	if (n > 0)
		assert_int_equal(v[0].thread, s->thread);
	return n;
}

static void put_report(struct scene *s, const char *id, const char *about, const char *act)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BUF_UNLIMITED);
	buf_addf(&body,
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n"
		"Original-Envelope-Id: %s\n\nFinal-Recipient: rfc822; bob@client.example\n"
		"Action: %s\nDiagnostic-Code: smtp; the words\n--b--\n",
		about, act);
	put(s, s->inbox,
		(struct letter){.id = id,
			.from = "MAILER-DAEMON@mx.example",
			.extra = "Auto-Submitted: auto-replied\n"
				 "Content-Type: multipart/report; boundary=b\n",
			.body = body.p,
			.at = FIXTURE_NOW + 60});
}

/* ---- set and changed ------------------------------------------------------------------------- */

static void reminder__is_due__at_its_moment(void **state)
{
	struct scene s = make(state);
	int64_t next;
	set(&s, DUE);
	assert_int_equal(due_at(&s), DUE);
	assert_int_equal(due_by(&s, DUE - 1), 0);
	assert_int_equal(due_by(&s, DUE), 1);
	assert_ok(s.f, reminder_next(s.f->reader, &next, &s.f->err));
	assert_int_equal(next, DUE);
}

static void reminder__is_there__after_a_restart(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	fixture_close(s.f);
	fixture_open(s.f);
	assert_int_equal(due_at(&s), DUE);
	assert_int_equal(due_by(&s, DUE), 1);
}

static void reminder__takes_the_place__of_the_one_before(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	int64_t group = set(&s, DUE + DAY_S);
	assert_int_equal(due_at(&s), DUE + DAY_S);
	assert_int_equal(due_by(&s, DUE + 9 * DAY_S), 1);
	assert_int_equal(why(&s), REMINDER_REPLACED);
	undo(&s, group);
	assert_int_equal(due_at(&s), DUE);
	assert_int_equal(due_by(&s, DUE + 9 * DAY_S), 1);
}

static void reminder__ends__by_hand_and_is_taken_back(void **state)
{
	struct scene s = make(state);
	int64_t made = set(&s, DUE), group = end(&s);
	assert_int_equal(due_at(&s), 0);
	assert_int_equal(why(&s), REMINDER_DONE);
	undo(&s, group);
	assert_int_equal(due_at(&s), DUE);
	undo(&s, made);
	assert_int_equal(due_at(&s), 0);
	assert_int_equal(fixture_sql(s.f, "crmail.db", "SELECT count(*) FROM reminder"), 0);
}

static void reminder__is_refused__for_what_is_not_here(void **state)
{
	struct scene s = make(state);
	struct err e = ERR_INIT;
	int64_t group, ticket = reminder_set(s.f->store, 4711, DUE, &group);
	assert_ok(s.f, store_flush(s.f->store, &s.f->err));
	assert_true(store_ticket_error(s.f->store, ticket, &e));
	assert_int_equal(e.code, ERR_NOTFOUND);
}

/* ---- answered -------------------------------------------------------------------------------- */

static void answer__ends_it__in_the_same_commit(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	static const char mail[] = "From: Bob <bob@client.example>\nTo: me@own.example\n"
				   "Subject: Re: Offer for the fair\nMessage-ID: <a@x.example>\n"
				   "In-Reply-To: <offer@mail.example>\n\nYes.\n";
	struct ingest_msg m = {.server_id = "a", .received = FIXTURE_NOW};
	struct ingest_page p = {.account = s.account, .folder = s.inbox, .msgs = &m, .n = 1};
	struct ingest_result result;
	m.p = ingest_prepare(&s.f->arena, mail, strlen(mail), true);
	/* Where the reminder cannot end, the answer does not come either. */
	fixture_sql(s.f, "crmail.db",
		"CREATE TRIGGER refuse BEFORE UPDATE OF ended_at ON reminder BEGIN"
		" SELECT RAISE(ABORT, 'refused'); END");
	assert_int_equal(ingest_page(s.f->store, &s.f->arena, &p, &result, &s.f->err), -1);
	assert_int_equal(fixture_sql(s.f, "crmail.db", "SELECT count(*) FROM message"), 1);
	assert_int_equal(due_at(&s), DUE);
	fixture_sql(s.f, "crmail.db", "DROP TRIGGER refuse");
	assert_ok(s.f, ingest_page(s.f->store, &s.f->arena, &p, &result, &s.f->err));
	assert_int_equal(due_at(&s), 0);
	assert_int_equal(why(&s), REMINDER_ANSWERED);
	assert_int_equal(due_by(&s, DUE), 0);
}

static void answer__is_none__of_ours_or_of_a_machine(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	put(&s, s.sent,
		(struct letter){.id = "more",
			.irt = "<offer@mail.example>",
			.subject = "Re: Offer for the fair",
			OWN,
			.at = FIXTURE_NOW + 10});
	answer(&s, "away", FIXTURE_NOW + 20, "Auto-Submitted: auto-replied\n");
	answer(&s, "bulk", FIXTURE_NOW + 21, "Auto-Submitted: auto-replied\nPrecedence: bulk\n");
	answer(&s, "list", FIXTURE_NOW + 22,
		"Auto-Submitted: auto-replied\nList-Id: <sales.client.example>\n");
	assert_int_equal(due_at(&s), DUE);
	answer(&s, "a", FIXTURE_NOW + 30, NULL);
	assert_int_equal(due_at(&s), 0);
}

/* A customer who answers from a mailing list of theirs. */
static void answer__counts__through_a_list(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	answer(&s, "a", FIXTURE_NOW, "List-Id: <sales.client.example>\n");
	assert_int_equal(due_at(&s), 0);
}

/* What was written before is no answer, whenever it is fetched. */
static void answer__is_none__what_is_older(void **state)
{
	struct scene s = make(state);
	answer(&s, "before", FIXTURE_NOW - DAY_S + 60, NULL);
	set(&s, DUE);
	answer(&s, "long-ago", FIXTURE_NOW - 9 * DAY_S, NULL);
	assert_int_equal(due_at(&s), DUE);
	answer(&s, "a", FIXTURE_NOW - 60, NULL);
	assert_int_equal(due_at(&s), 0);
}

/* The copy in Sent came later than the answer, which is fetched last. */
static void answer__counts__though_it_was_quicker_than_our_copy(void **state)
{
	struct scene s = make(state);
	int64_t id = put(&s, s.sent,
		(struct letter){.id = "late",
			.subject = "Second",
			OWN,
			.extra = "Date: Sat, 21 Nov 2026 09:00:00 +0000\n",
			.at = FIXTURE_NOW});
	s.thread = letters_thread(s.f, id);
	set(&s, DUE);
	put(&s, s.inbox,
		(struct letter){.id = "quick",
			.irt = "<late@mail.example>",
			.subject = "Re: Second",
			.at = FIXTURE_NOW - 1800});
	assert_int_equal(due_at(&s), 0);
}

/* The answer comes without references, and joins by its subject; or another mail shows that two
 * conversations are one. */
static void answer__counts__when_conversations_become_one(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	int64_t id = put(&s, s.inbox,
		(struct letter){.id = "alone",
			.refs = "<unknown@mail.example>",
			.subject = "Another thing",
			.at = FIXTURE_NOW});
	assert_int_not_equal(letters_thread(s.f, id), s.thread);
	assert_int_equal(due_at(&s), DUE);
	put(&s, s.sent,
		(struct letter){.id = "bridge",
			.refs = "<offer@mail.example> <unknown@mail.example>",
			.subject = "Re: Another thing",
			OWN,
			.at = FIXTURE_NOW + 60});
	assert_int_equal(letters_thread(s.f, id), letters_thread(s.f, s.offer));
	assert_int_equal(due_at(&s), 0);
}

/* The longer conversation keeps its id, and takes the reminder over. */
static void reminder__goes_along__into_a_longer_conversation(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	for (int i = 0; i < 3; i++)
		put(&s, s.inbox,
			(struct letter){.id = arena_printf(&s.f->arena, "old%d", i),
				.refs = "<unknown@mail.example>",
				.subject = "Another thing",
				.at = FIXTURE_NOW - 9 * DAY_S + i});
	int64_t bridge = put(&s, s.sent,
		(struct letter){.id = "bridge",
			.refs = "<offer@mail.example> <unknown@mail.example>",
			.subject = "Re: Another thing",
			OWN,
			.at = FIXTURE_NOW + 60});
	assert_int_not_equal(letters_thread(s.f, bridge), s.thread);
	assert_int_equal(letters_thread(s.f, bridge), letters_thread(s.f, s.offer));
	assert_int_equal(due_at(&s), DUE); /* also by the id that it had */
	s.thread = letters_thread(s.f, bridge);
	assert_int_equal(due_by(&s, DUE), 1);
	answer(&s, "a", FIXTURE_NOW + 90, NULL);
	assert_int_equal(due_at(&s), 0);
}

/* Each had one: what is due first stays. */
static void reminder__is_one__where_conversations_become_one(void **state)
{
	struct scene s = make(state);
	struct scene other = s;
	set(&s, DUE);
	int64_t old = put(&s, s.inbox,
		(struct letter){
			.id = "old", .subject = "Another thing", .at = FIXTURE_NOW - 9 * DAY_S});
	other.thread = letters_thread(s.f, old);
	set(&other, DUE + 60);
	put(&s, s.sent,
		(struct letter){.id = "bridge",
			.refs = "<offer@mail.example> <old@mail.example>",
			.subject = "Re: Another thing",
			OWN,
			.at = FIXTURE_NOW + 60});
	s.thread = letters_thread(s.f, s.offer);
	assert_int_equal(s.thread, letters_thread(s.f, old));
	assert_int_equal(due_at(&s), DUE);
	assert_int_equal(due_by(&s, DUE + 90), 1);
	undo(&s, end(&s));
	assert_int_equal(due_at(&s), DUE);
}

static void undo__opens_nothing__that_was_answered_since(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	int64_t group = end(&s);
	answer(&s, "a", FIXTURE_NOW, NULL);
	undo(&s, group);
	assert_int_equal(due_at(&s), 0);
	assert_int_equal(why(&s), REMINDER_ANSWERED);
}

/* What was begun and not sent is not what somebody could answer, nor what bounces. */
static void reminder__hangs_on__what_was_sent(void **state)
{
	struct scene s = make(state);
	struct reminder *r;
	struct thread_row *row;
	int64_t drafts = letters_folder(s.f, s.account, "Drafts", FOLDER_DRAFTS);
	int64_t draft = put(&s, drafts,
		(struct letter){.id = "draft",
			.irt = "<offer@mail.example>",
			.subject = "Fwd: Offer for the fair",
			OWN,
			.at = FIXTURE_NOW - 60});
	set(&s, DUE);
	assert_ok(s.f, reminder_get(s.f->reader, &s.f->arena, s.thread, &r, &s.f->err));
	assert_int_equal(r->message, s.offer);
	assert_ok(s.f,
		thread_get_at(s.f->reader, &s.f->arena, s.thread, r->message, &row, &s.f->err));
	assert_string_equal(row->subject, "Offer for the fair");
	answer(&s, "a", FIXTURE_NOW - 3600, NULL);
	assert_int_equal(due_at(&s), 0);
	/* A draft alone cannot be answered. */
	draft = put(&s, drafts, (struct letter){.id = "alone", .subject = "Alone", OWN});
	struct err e = ERR_INIT;
	int64_t group, ticket = reminder_set(s.f->store, letters_thread(s.f, draft), DUE, &group);
	assert_ok(s.f, store_flush(s.f->store, &s.f->err));
	assert_true(store_ticket_error(s.f->store, ticket, &e));
}

/* ---- bounced --------------------------------------------------------------------------------- */

static void bounce__ends_it__and_is_told(void **state)
{
	struct scene s = make(state);
	struct notice_row *v;
	size_t n;
	set(&s, DUE);
	put_report(&s, "r1", "other@mail.example", "failed");
	put_report(&s, "r2", "offer@mail.example", "delayed");
	put_report(&s, "r3", "offer@mail.example", "delivered");
	assert_int_equal(due_at(&s), DUE);
	put_report(&s, "r4", "offer@mail.example", "failed");
	assert_int_equal(due_at(&s), 0);
	assert_int_equal(why(&s), REMINDER_BOUNCED);
	assert_ok(s.f, notice_page(s.f->reader, &s.f->arena, NULL, false, 9, &v, &n, &s.f->err));
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, NOTICE_BOUNCED);
	assert_string_equal(v[0].peer, "Bob");
	assert_false(v[0].is_seen);
}

/* The mail before the one that it hangs on. */
static void bounce__changes_nothing__of_an_earlier_mail(void **state)
{
	struct scene s = make(state);
	put(&s, s.sent,
		(struct letter){.id = "more",
			.irt = "<offer@mail.example>",
			.subject = "Re: Offer for the fair",
			OWN,
			.at = FIXTURE_NOW - 60});
	set(&s, DUE);
	put_report(&s, "r1", "offer@mail.example", "failed");
	assert_int_equal(due_at(&s), DUE);
	put_report(&s, "r2", "more@mail.example", "failed");
	assert_int_equal(due_at(&s), 0);
}

/* A lost cache is filled again: what was told stays told. */
static void bounce__read_again__leaves_a_newer_reminder(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	put_report(&s, "r", "offer@mail.example", "failed");
	assert_int_equal(due_at(&s), 0);
	set(&s, DUE + DAY_S);
	fixture_sql(s.f, "crmail.db", "UPDATE message SET body = 0");
	put_report(&s, "r", "offer@mail.example", "failed");
	assert_int_equal(fixture_sql(s.f, "crmail.db",
				 "SELECT count(*) FROM message WHERE body <> 0"),
		1);
	assert_int_equal(due_at(&s), DUE + DAY_S);
	assert_int_equal(fixture_sql(s.f, "crmail.db",
				 "SELECT count(*) FROM notice WHERE kind = 7"),
		1);
	/* Not the first time that this mail bounces, but another report. */
	put_report(&s, "r2", "offer@mail.example", "failed");
	assert_int_equal(due_at(&s), 0);
}

/* What was fetched of it first does not say yet which mail it is about. */
static void bounce__read_in_two_pieces__ends_it(void **state)
{
	static const char mail[] =
		"From: MAILER-DAEMON@mx.example\nSubject: Undelivered\nMessage-ID: <r@mx.example>\n"
		"Content-Type: multipart/report; boundary=b\n\n"
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
		"Final-Recipient: rfc822; bob@client.example\nAction: failed\n"
		"--b\nContent-Type: text/rfc822-headers\n\n"
		"Message-ID: <offer@mail.example>\n--b--\n";
	struct scene s = make(state);
	set(&s, DUE);
	struct ingest_msg m = {.server_id = "r", .received = FIXTURE_NOW};
	struct ingest_page p = {.account = s.account, .folder = s.inbox, .msgs = &m, .n = 1};
	struct ingest_result result;
	size_t head = (size_t)(strstr(mail, "\n\n") + 2 - mail);
	size_t cut = (size_t)(strstr(mail, "Message-ID: <offer") - mail);
	m.p = ingest_prepare(&s.f->arena, mail, head, false);
	assert_ok(s.f, ingest_page(s.f->store, &s.f->arena, &p, &result, &s.f->err));
	struct ingest_body b = {.message = result.ids[0], .partly = true};
	b.p = ingest_prepare(&s.f->arena, mail, cut, true);
	assert_ok(s.f, ingest_bodies(s.f->store, &b, 1, &s.f->err));
	assert_int_equal(due_at(&s), DUE);
	b.partly = false;
	b.p = ingest_prepare(&s.f->arena, mail, strlen(mail), true);
	assert_ok(s.f, ingest_bodies(s.f->store, &b, 1, &s.f->err));
	assert_int_equal(due_at(&s), 0);
	assert_int_equal(why(&s), REMINDER_BOUNCED);
}

/* It came to two accounts, and one of them goes: what is left of it was told. */
static void bounce__read_again__in_another_account(void **state)
{
	struct scene s = make(state);
	struct scene home = s;
	set(&s, DUE);
	put_report(&s, "r", "offer@mail.example", "failed");
	home.account = letters_account(s.f, "home");
	home.inbox = letters_folder(s.f, home.account, "INBOX", FOLDER_INBOX);
	home.sent = letters_folder(s.f, home.account, "Sent", FOLDER_SENT);
	put(&home, home.sent,
		(struct letter){.id = "offer",
			.subject = "Offer for the fair",
			OWN,
			.at = FIXTURE_NOW - DAY_S});
	put_report(&home, "r", "offer@mail.example", "failed");
	assert_ok(s.f, account_remove(s.f->store, s.account, &s.f->err));
	set(&home, DUE + DAY_S);
	put_report(&home, "r", "offer@mail.example", "failed");
	assert_int_equal(fixture_sql(s.f, "crmail.db",
				 "SELECT count(*) FROM message WHERE body <> 0"),
		1);
	assert_int_equal(due_at(&home), DUE + DAY_S);
}

/* ---- told ------------------------------------------------------------------------------------ */

static size_t unseen(struct scene *s)
{
	int64_t n;
	assert_ok(s->f, notice_unseen(s->f->reader, &n, &s->f->err));
	return (size_t)n;
}

static void tell(struct scene *s)
{
	reminder_tell(s->f->store);
	assert_ok(s->f, store_flush(s->f->store, &s->f->err));
}

static void due__is_told__once_whoever_asks(void **state)
{
	struct scene s = make(state);
	struct notice_row *v;
	int64_t next;
	size_t n;
	set(&s, DUE);
	fixture_set_clock(s.f, DUE - 1);
	tell(&s);
	assert_int_equal(unseen(&s), 0);
	fixture_set_clock(s.f, DUE);
	tell(&s);
	tell(&s);
	assert_ok(s.f, notice_collect(s.f->store, &s.f->err));
	fixture_close(s.f);
	fixture_open(s.f);
	tell(&s);
	assert_ok(s.f, notice_collect(s.f->store, &s.f->err));
	assert_int_equal(unseen(&s), 1);
	assert_ok(s.f, notice_page(s.f->reader, &s.f->arena, NULL, false, 9, &v, &n, &s.f->err));
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, NOTICE_REMINDER);
	assert_int_equal(v[0].thread, s.thread);
	assert_int_equal(v[0].message, s.offer);
	assert_string_equal(v[0].peer, "Bob");
	assert_string_equal(v[0].text, "Offer for the fair");
	assert_ok(s.f, reminder_next(s.f->reader, &next, &s.f->err));
	assert_int_equal(next, 0);
	assert_int_equal(due_by(&s, DUE), 1); /* it stays on the day */
}

/* A pass finds it, too: without a screen nobody else would. */
static void due__is_told__by_a_pass(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	fixture_set_clock(s.f, DUE);
	assert_ok(s.f, notice_collect(s.f->store, &s.f->err));
	assert_int_equal(unseen(&s), 1);
}

static void told__needs_nobody__when_it_was_answered(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	fixture_set_clock(s.f, DUE);
	tell(&s);
	assert_int_equal(unseen(&s), 1);
	answer(&s, "a", DUE + 60, NULL);
	assert_int_equal(unseen(&s), 0);
	assert_int_equal(due_by(&s, DUE + DAY_S), 0);
}

static void told__is_told_again__when_it_was_put_off(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	fixture_set_clock(s.f, DUE);
	tell(&s);
	set(&s, DUE + DAY_S);
	assert_int_equal(unseen(&s), 0);
	assert_int_equal(due_by(&s, DUE), 0);
	fixture_set_clock(s.f, DUE + DAY_S);
	tell(&s);
	assert_int_equal(unseen(&s), 1);
}

/* ---- what goes ------------------------------------------------------------------------------- */

static void reminder__goes__with_its_mail(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	assert_ok(s.f, account_remove(s.f->store, s.account, &s.f->err));
	assert_int_equal(fixture_sql(s.f, "crmail.db", "SELECT count(*) FROM reminder"), 0);
}

/* The same mail in two accounts: it hangs on the copy that is left, as does what was told of it. */
static void reminder__stays__while_another_account_has_the_mail(void **state)
{
	struct scene s = make(state);
	struct reminder *r;
	int64_t home = letters_account(s.f, "home"), copy = 0;
	int64_t inbox = letters_folder(s.f, home, "INBOX", FOLDER_INBOX);
	int64_t sent = letters_folder(s.f, home, "Sent", FOLDER_SENT);
	const struct letter offer = {
		.id = "offer", .subject = "Offer for the fair", OWN, .at = FIXTURE_NOW - DAY_S};
	letters_put(s.f, home, sent, &offer, 1, &copy);
	set(&s, DUE);
	fixture_set_clock(s.f, DUE);
	tell(&s);
	assert_ok(s.f, account_remove(s.f->store, s.account, &s.f->err));
	assert_int_equal(due_at(&s), DUE);
	assert_ok(s.f, reminder_get(s.f->reader, &s.f->arena, s.thread, &r, &s.f->err));
	assert_int_equal(r->message, copy);
	assert_int_equal(r->account, home);
	assert_int_equal(unseen(&s), 1);
	assert_int_equal(fixture_sql(s.f, "crmail.db", "SELECT message FROM notice"), copy);
	s.account = home;
	s.inbox = inbox;
	answer(&s, "a", DUE + 60, NULL);
	assert_int_equal(due_at(&s), 0);
	assert_int_equal(unseen(&s), 0);
	assert_ok(s.f, account_remove(s.f->store, home, &s.f->err));
	assert_int_equal(fixture_sql(s.f, "crmail.db", "SELECT count(*) FROM reminder"), 0);
}

static void ended__are_forgotten__after_a_month(void **state)
{
	struct scene s = make(state);
	set(&s, DUE);
	end(&s);
	fixture_set_clock(s.f, FIXTURE_NOW + 29 * DAY_S);
	set(&s, DUE + 40 * DAY_S);
	assert_int_equal(fixture_sql(s.f, "crmail.db", "SELECT count(*) FROM reminder"), 2);
	fixture_set_clock(s.f, FIXTURE_NOW + 31 * DAY_S);
	set(&s, DUE + 50 * DAY_S);
	assert_int_equal(fixture_sql(s.f, "crmail.db",
				 "SELECT count(*) FROM reminder WHERE why = 3"),
		0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reminder__is_due__at_its_moment),
		TEST(reminder__is_there__after_a_restart),
		TEST(reminder__takes_the_place__of_the_one_before),
		TEST(reminder__ends__by_hand_and_is_taken_back),
		TEST(reminder__is_refused__for_what_is_not_here),
		TEST(answer__ends_it__in_the_same_commit),
		TEST(answer__is_none__of_ours_or_of_a_machine),
		TEST(answer__counts__through_a_list),
		TEST(answer__is_none__what_is_older),
		TEST(answer__counts__though_it_was_quicker_than_our_copy),
		TEST(answer__counts__when_conversations_become_one),
		TEST(reminder__goes_along__into_a_longer_conversation),
		TEST(reminder__is_one__where_conversations_become_one),
		TEST(undo__opens_nothing__that_was_answered_since),
		TEST(reminder__hangs_on__what_was_sent),
		TEST(bounce__ends_it__and_is_told),
		TEST(bounce__changes_nothing__of_an_earlier_mail),
		TEST(bounce__read_again__leaves_a_newer_reminder),
		TEST(bounce__read_again__in_another_account),
		TEST(bounce__read_in_two_pieces__ends_it),
		TEST(due__is_told__once_whoever_asks),
		TEST(due__is_told__by_a_pass),
		TEST(told__needs_nobody__when_it_was_answered),
		TEST(told__is_told_again__when_it_was_put_off),
		TEST(reminder__goes__with_its_mail),
		TEST(reminder__stays__while_another_account_has_the_mail),
		TEST(ended__are_forgotten__after_a_month),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
