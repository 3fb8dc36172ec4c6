/* test_crm.c - records of a CRM as rows, the match queue, links, the log queue, timelines. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/store/activity.h"
#include "crmail/store/ingest.h"
#include "src/store/crm_private.h"
#include "tests/unit/store/fixture.h"

struct setup {
	int64_t crm, account, folder;
};

static struct setup set_up_crm(struct fixture *f)
{
	struct setup s = {.crm = 0};
	const struct crm_row crm = {.name = "main", .profile = "x", .url = "http://x.test"};
	const struct setting words[] = {{"b", "2"}, {"a", "1"}};
	assert_ok(f, crm_add(f->store, &crm, words, 2, &s.crm, &f->err));
	const struct account_row account = {
		.name = "work", .kind = "maildir", .email = "me@ourfirm.example", .crm = s.crm};
	assert_ok(f, account_add(f->store, &account, NULL, 0, &s.account, &f->err));
	const struct folder_in in = {"INBOX", "INBOX", FOLDER_INBOX};
	assert_ok(f, folder_put_list(f->store, s.account, &in, 1, &f->err));
	struct folder_row *folders;
	size_t n;
	assert_ok(f, folder_list(f->reader, &f->arena, s.account, &folders, &n, &f->err));
	s.folder = folders[0].id;
	return s;
}

static int64_t add_mail(struct fixture *f, const struct setup *s, const char *id, int64_t at,
	const char *irt)
{
	const char *text = arena_printf(&f->arena,
		"From: l@x.example\r\nTo: me@ourfirm.example\r\nSubject: S%s\r\n"
		"Message-ID: <%s@x.example>\r\n%s%s%sDate: Thu, 1 Jan 2026 00:00:%02d +0000\r\n"
		"\r\nbody %s\r\n",
		id, id, irt ? "In-Reply-To: <" : "", irt ? irt : "", irt ? "@x.example>\r\n" : "",
		(int)at, id);
	struct ingest_msg m = {.server_id = id,
		.received = 1767225600 + at,
		.size = strlen(text),
		.p = ingest_prepare(&f->arena, text, strlen(text), true)};
	struct ingest_page page = {.account = s->account, .folder = s->folder, .msgs = &m, .n = 1};
	struct ingest_result r;
	assert_ok(f, ingest_page(f->store, &f->arena, &page, &r, &f->err));
	return r.ids[0];
}

static size_t due(struct fixture *f, const struct setup *s, struct match_job **jobs)
{
	size_t n = 0;
	assert_ok(f, match_due(f->reader, &f->arena, s->crm, 100, jobs, &n, &f->err));
	return n;
}

static int64_t put_contact(struct fixture *f, const struct setup *s, const struct contact_in *c)
{
	struct put_page p = {.crm = s->crm, .object = "contact", .cursor = "c1"};
	assert_ok(f, contact_put(f->store, &p, c, 1, &f->err));
	return p.n_changed;
}

static const char *const laura_mails[] = {"Laura+x@X.example", "bad", "l@x.example"};
static const char *const laura_phones[] = {"+49 30 1"};
static const struct contact_in laura = {.crm_id = "C1",
	.first_name = "Laura",
	.last_name = "Palmer",
	.emails = laura_mails,
	.n_emails = 3,
	.phones = laura_phones,
	.n_phones = 1,
	.partner_crm_id = "P1"};
static const char *const x_domains[] = {"https://www.X.example/about", "nodot"};
static const struct partner_in x_firm = {
	.crm_id = "P1", .name = "X", .domains = x_domains, .n_domains = 2};

/* Matches a message with contact 1 and partner 1 and queues one entry. */
static void match_one(struct fixture *f, const struct setup *s, const struct match_job *j,
	const char *key, const char *reason)
{
	const struct link_in links[] = {
		{.kind = LINK_CONTACT, .target = 1, .is_target = key != NULL},
		{.kind = LINK_PARTNER, .target = 1}};
	const char *const parties[] = {"l@x.example"};
	const struct activity_in activity = {
		.key = key, .at = j->at, .subject = "S", .contact = 1, .partner = 1};
	const struct match_in m = {.message = j->message,
		.at = j->at,
		.is_shown = j->is_shown,
		.links = links,
		.n_links = 2,
		.parties = parties,
		.n_parties = 1,
		.contact = 1,
		.partner = 1,
		.reason = reason,
		.activities = &activity,
		.n_activities = key ? 1 : 0};
	assert_ok(f, match_put(f->store, s->crm, &m, 1, &f->err));
}

static void crm__rows__settings_and_cursor(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	const struct crm_row again = {.name = "main", .profile = "x"};
	int64_t id;
	assert_int_equal(crm_add(f->store, &again, NULL, 0, &id, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
	struct crm_row *row;
	assert_ok(f, crm_get(f->reader, &f->arena, s.crm, &row, &f->err));
	assert_string_equal(row->log_mode, "known");
	assert_string_equal(row->log_level, "snippet");
	assert_string_equal(crm_setting(f->reader, &f->arena, s.crm, "a"), "1");
	assert_null(crm_setting(f->reader, &f->arena, s.crm, "c"));
	assert_null(crm_cursor(f->reader, &f->arena, s.crm, "contact"));
	put_contact(f, &s, &laura);
	assert_string_equal(crm_cursor(f->reader, &f->arena, s.crm, "contact"), "c1");
	assert_ok(f, crm_set_identity(f->store, s.crm, "O1", "U1", &f->err));
	assert_ok(f, crm_set_status(f->store, s.crm, "connected", NULL, 5, &f->err));
	assert_ok(f, crm_get(f->reader, &f->arena, s.crm, &row, &f->err));
	assert_string_equal(row->organization_id, "O1");
	assert_int_equal(row->last_pull_at, 5);
}

static void contact__addresses_are_normalised__and_found(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct put_page p = {.crm = s.crm, .object = "partner"};
	assert_ok(f, partner_put(f->store, &p, &x_firm, 1, &f->err));
	assert_int_equal(put_contact(f, &s, &laura), 1);
	assert_int_equal(put_contact(f, &s, &laura), 0);
	struct contact_row *c;
	assert_ok(f, contact_by_address(f->reader, &f->arena, s.account, "LAURA@x.EXAMPLE", &c,
			     &f->err));
	assert_non_null(c);
	assert_string_equal(c->crm_id, "C1");
	assert_string_equal(c->name, "Laura Palmer");
	assert_int_equal(c->n_emails, 2);
	assert_string_equal(c->emails[0], "Laura+x@X.example");
	assert_string_equal(c->partner_name, "X");
	assert_string_equal(c->partner_crm_id, "P1");
	struct found_row hit[2];
	assert_int_equal(contacts_of_address(f->reader, s.crm, "l@x.example", hit, 2, &f->err), 1);
	assert_int_equal(hit[0].partner, 1);
	assert_int_equal(partners_of_domain(f->reader, s.crm, "x.example", hit, 2, &f->err), 1);
	assert_int_equal(contacts_of_address(f->reader, s.crm + 1, "l@x.example", hit, 2, &f->err),
		0);
}

static void partner__is_listed__by_part_of_name_or_domain(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct put_page p = {.crm = s.crm, .object = "partner"};
	struct partner_row *v;
	size_t n;
	assert_ok(f, partner_put(f->store, &p, &x_firm, 1, &f->err));
	assert_ok(f, partner_list(f->reader, &f->arena, "x", 5, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(v[0].crm_id, "P1");
	assert_string_equal(v[0].domains[0], "x.example");
	assert_ok(f, partner_list(f->reader, &f->arena, ".exam", 5, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_ok(f, partner_list(f->reader, &f->arena, "nobody", 5, &v, &n, &f->err));
	assert_int_equal(n, 0);
	assert_ok(f, partner_list(f->reader, &f->arena, "x", 0, &v, &n, &f->err));
	assert_int_equal(n, 0);
}

static void contact__before_its_partner__is_joined_later(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	put_contact(f, &s, &laura);
	struct put_page p = {.crm = s.crm, .object = "partner"};
	assert_ok(f, partner_put(f->store, &p, &x_firm, 1, &f->err));
	struct contact_row *c;
	assert_ok(f, contact_get(f->reader, &f->arena, 1, &c, &f->err));
	assert_int_equal(c->partner, 1);
}

static void match__queue__new_mail_and_bound_accounts(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	int64_t one = add_mail(f, &s, "1", 1, NULL);
	int64_t two = add_mail(f, &s, "2", 2, "1");
	assert_int_equal(due(f, &s, &jobs), 2);
	assert_true(jobs[0].message == one && jobs[1].message == two);
	assert_true(jobs[0].is_first && !jobs[1].is_first);
	assert_int_equal(jobs[0].thread, jobs[1].thread);
	match_one(f, &s, &jobs[0], NULL, "unknown");
	match_one(f, &s, &jobs[1], NULL, "unknown");
	assert_int_equal(due(f, &s, &jobs), 0);
	assert_ok(f, account_bind_crm(f->store, s.account, 0, &f->err));
	assert_ok(f, account_bind_crm(f->store, s.account, s.crm, &f->err));
	assert_int_equal(due(f, &s, &jobs), 2);
}

static void match__later_contact_partner_lead__find_old_mail(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	add_mail(f, &s, "1", 1, NULL);
	assert_int_equal(due(f, &s, &jobs), 1);
	match_one(f, &s, &jobs[0], NULL, "unknown");
	put_contact(f, &s, &laura);
	assert_int_equal(due(f, &s, &jobs), 1);
	match_one(f, &s, &jobs[0], NULL, "unknown");
	put_contact(f, &s, &laura);
	assert_int_equal(due(f, &s, &jobs), 0);
	static const char *const above[] = {"example.org", "x.example"};
	struct partner_in firm = {.crm_id = "P9", .name = "N", .domains = above, .n_domains = 1};
	struct put_page p = {.crm = s.crm, .object = "partner"};
	assert_ok(f, partner_put(f->store, &p, &firm, 1, &f->err));
	assert_int_equal(due(f, &s, &jobs), 0);
	firm.n_domains = 2;
	assert_ok(f, partner_put(f->store, &p, &firm, 1, &f->err));
	assert_int_equal(due(f, &s, &jobs), 1);
	match_one(f, &s, &jobs[0], NULL, "unknown");
	const struct lead_in lead = {.crm_id = "L1", .name = "L", .addr = "l@x.example"};
	assert_ok(f, lead_put(f->store, &p, &lead, 1, &f->err));
	assert_int_equal(due(f, &s, &jobs), 1);
}

static void match__thread__unknown_replies_are_looked_at_again(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	put_contact(f, &s, &laura);
	add_mail(f, &s, "1", 1, NULL);
	int64_t two = add_mail(f, &s, "2", 2, "1");
	assert_int_equal(due(f, &s, &jobs), 2);
	match_one(f, &s, &jobs[1], NULL, "unknown");
	match_one(f, &s, &jobs[0], "K1", NULL);
	struct match_job *again;
	assert_int_equal(due(f, &s, &again), 1);
	assert_int_equal(again[0].message, two);
	struct target_row *targets;
	size_t n;
	assert_ok(f, thread_targets(f->reader, &f->arena, s.crm, again[0].thread, two, &targets, &n,
			     &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(targets[0].id, 1);
}

/* Mail from before a copy was restored may have been logged already: it is looked for first. */
static void activity__is_in_doubt__older_than_a_restored_copy(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	put_contact(f, &s, &laura);
	fixture_sql(f, "crmail.db", "INSERT INTO meta VALUES ('doubt_before', 1767225602)");
	add_mail(f, &s, "1", 1, NULL);
	add_mail(f, &s, "2", 3, NULL);
	assert_int_equal(due(f, &s, &jobs), 2);
	match_one(f, &s, &jobs[0], "K1", NULL);
	match_one(f, &s, &jobs[1], "K2", NULL);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity"), 2);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT doubt FROM activity WHERE at < 1767225602"),
		1);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT doubt FROM activity WHERE at > 1767225602"),
		0);
}

static void activity__queue__steps_and_states(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	struct activity_row *x;
	put_contact(f, &s, &laura);
	int64_t one = add_mail(f, &s, "1", 1, NULL);
	due(f, &s, &jobs);
	match_one(f, &s, &jobs[0], "K1", NULL);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, 100, &x, &f->err));
	assert_string_equal(x->contact_id, "C1");
	assert_string_equal(x->target, "contact:C1");
	assert_false(x->is_doubtful);
	assert_ok(f, activity_begin(f->store, x->id, &f->err));
	assert_ok(f, activity_defer(f->store, x->id, 200, true, &f->err));
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, 199, &x, &f->err));
	assert_null(x);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, 200, &x, &f->err));
	assert_true(x->is_doubtful && x->attempts == 1);
	enum log_state st;
	const char *reason;
	assert_ok(f, log_state_of(f->reader, &f->arena, one, &st, &reason, &f->err));
	assert_int_equal(st, LOG_QUEUED);
	assert_ok(f, activity_park(f->store, x->id, false, "no", &f->err));
	assert_ok(f, log_state_of(f->reader, &f->arena, one, &st, &reason, &f->err));
	assert_true(st == LOG_PARKED && !strcmp(reason, "no"));
	int64_t queued, parked;
	assert_ok(f, crm_counts(f->reader, s.crm, &queued, &parked, &f->err));
	assert_true(queued == 0 && parked == 1);
	assert_ok(f, activity_done(f->store, x->id, "K1", &f->err));
	assert_ok(f, log_state_of(f->reader, &f->arena, one, &st, &reason, &f->err));
	assert_int_equal(st, LOG_LOGGED);
}

/* Between the look into the queue and the request. */
static void activity__taken_back_at_the_last_moment__does_not_leave(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	struct activity_row *x;
	put_contact(f, &s, &laura);
	add_mail(f, &s, "1", 1, NULL);
	due(f, &s, &jobs);
	match_one(f, &s, &jobs[0], "K1", NULL);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, 100, &x, &f->err));
	fixture_sql(f, "crmail.db", "INSERT INTO match_queue SELECT id FROM message");
	assert_int_equal(activity_begin(f->store, x->id, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NOTFOUND);
	fixture_sql(f, "crmail.db", "DELETE FROM match_queue");
	assert_ok(f, record_withdraw_wait(f->store, RECORD_ACTIVITY, x->id, &f->err));
	assert_int_equal(activity_begin(f->store, x->id, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NOTFOUND);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT doubt + attempts FROM activity"), 0);
}

static void activity__unwanted__is_withdrawn_and_revived(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	struct activity_row *x;
	put_contact(f, &s, &laura);
	add_mail(f, &s, "1", 1, NULL);
	due(f, &s, &jobs);
	match_one(f, &s, &jobs[0], "K1", NULL);
	match_one(f, &s, &jobs[0], "K2", NULL);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, 0, &x, &f->err));
	assert_string_equal(x->key, "K2");
	match_one(f, &s, &jobs[0], "K1", NULL);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, 0, &x, &f->err));
	assert_string_equal(x->key, "K1");
	match_one(f, &s, &jobs[0], NULL, "off");
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, 0, &x, &f->err));
	assert_null(x);
	enum log_state st;
	const char *reason;
	assert_ok(f, log_state_of(f->reader, &f->arena, jobs[0].message, &st, &reason, &f->err));
	assert_int_equal(st, LOG_NOT);
	assert_string_equal(reason, "Not logged: logging is off.");
}

static void activity__seen_in_the_crm__is_logged_without_writing(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	struct activity_row *x;
	put_contact(f, &s, &laura);
	add_mail(f, &s, "1", 1, NULL);
	add_mail(f, &s, "2", 2, NULL);
	due(f, &s, &jobs);
	const struct entry_in seen[] = {
		{.crm_id = "K1", .type = "email", .at = 9, .contact_crm_id = "C1", .by = "U2"},
		{.crm_id = "K2", .type = "email", .at = 9, .contact_crm_id = "C1", .by = "U2"}};
	struct put_page p = {.crm = s.crm, .object = "activity"};
	match_one(f, &s, &jobs[0], "K1", NULL);
	assert_ok(f, entry_put(f->store, &p, seen, 2, &f->err));
	match_one(f, &s, &jobs[1], "K2", NULL);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, 0, &x, &f->err));
	assert_null(x);
	struct timeline_entry *t;
	size_t n;
	assert_ok(f, timeline_page(f->reader, &f->arena, 1, 0, NULL, 10, &t, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(t[0].state, LOG_LOGGED);
	assert_string_equal(t[0].by, "U2");
	assert_string_equal(t[0].crm_id, "K2");
}

static void put_own(struct fixture *f, const struct setup *s, int64_t folder, const char *server_id,
	const char *id, uint32_t flags)
{
	const char *text = arena_printf(&f->arena,
		"From: me@ourfirm.example\r\nTo: l@x.example\r\nSubject: S\r\n"
		"Message-ID: <%s@ourfirm.example>\r\nDate: Thu, 1 Jan 2026 00:00:01 "
		"+0000\r\n\r\nbody\r\n",
		id);
	struct ingest_msg m = {.server_id = server_id,
		.flags = flags,
		.received = 1767225600,
		.size = strlen(text),
		.p = ingest_prepare(&f->arena, text, strlen(text), true)};
	struct ingest_page page = {.account = s->account, .folder = folder, .msgs = &m, .n = 1};
	struct ingest_result r;
	assert_ok(f, ingest_page(f->store, &f->arena, &page, &r, &f->err));
}

static void gone_from(struct fixture *f, const struct setup *s, int64_t folder, const char *id)
{
	struct ingest_page page = {
		.account = s->account, .folder = folder, .gone = &id, .n_gone = 1};
	struct ingest_result r;
	assert_ok(f, ingest_page(f->store, &f->arena, &page, &r, &f->err));
}

static void match__a_draft_is_nobodys_mail__before_and_after_it_is_gone(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	const struct folder_in in[] = {{"INBOX", "INBOX", FOLDER_INBOX},
		{"Drafts", "Drafts", FOLDER_DRAFTS}, {"Sent", "Sent", FOLDER_SENT},
		{"Trash", "Trash", FOLDER_TRASH}};
	struct folder_row *rows;
	size_t n;
	int64_t drafts = 0, sent = 0, trash = 0;
	assert_ok(f, folder_put_list(f->store, s.account, in, 4, &f->err));
	assert_ok(f, folder_list(f->reader, &f->arena, s.account, &rows, &n, &f->err));
	for (size_t i = 0; i < n; i++) {
		drafts = rows[i].role == FOLDER_DRAFTS ? rows[i].id : drafts;
		sent = rows[i].role == FOLDER_SENT ? rows[i].id : sent;
		trash = rows[i].role == FOLDER_TRASH ? rows[i].id : trash;
	}
	put_own(f, &s, drafts, "1", "marked", MSG_DRAFT);
	put_own(f, &s, drafts, "2", "unmarked", 0);
	assert_int_equal(due(f, &s, &jobs), 0);
	gone_from(f, &s, drafts, "1"); /* replaced by the next version, or thrown away */
	gone_from(f, &s, drafts, "2");
	assert_int_equal(due(f, &s, &jobs), 0);
	put_own(f, &s, trash, "1", "marked", MSG_DRAFT);
	assert_int_equal(due(f, &s, &jobs), 0);
	/* Said after all, by a client that moves its drafts there. */
	put_own(f, &s, sent, "1", "marked", MSG_DRAFT);
	put_own(f, &s, sent, "2", "unmarked", 0);
	assert_int_equal(due(f, &s, &jobs), 2);
	match_one(f, &s, &jobs[0], "K1", NULL);
	gone_from(f, &s, sent, "2"); /* deleted elsewhere later: it was said all the same */
	assert_ok(f, account_bind_crm(f->store, s.account, 0, &f->err));
	assert_ok(f, account_bind_crm(f->store, s.account, s.crm, &f->err));
	assert_int_equal(due(f, &s, &jobs), 2);
}

static void timeline__merges_newest_first__page_by_page(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	struct match_job *jobs;
	struct put_page p = {.crm = s.crm, .object = "activity"};
	put_contact(f, &s, &laura);
	assert_ok(f, partner_put(f->store, &p, &x_firm, 1, &f->err));
	for (int i = 1; i <= 5; i++)
		add_mail(f, &s, arena_printf(&f->arena, "%d", i), i, NULL);
	size_t n = due(f, &s, &jobs);
	for (size_t i = 0; i < n; i++)
		match_one(f, &s, &jobs[i], i == 0 ? "K1" : NULL, i == 0 ? NULL : "off");
	for (int i = 1; i <= 5; i++) {
		const struct entry_in call = {.crm_id = arena_printf(&f->arena, "A%d", i),
			.type = "call",
			.kind = ENTRY_CALL,
			.at = 1767225600 + i,
			.contact_crm_id = i % 2 ? "C1" : NULL,
			.partner_crm_id = "P1"};
		assert_ok(f, entry_put(f->store, &p, &call, 1, &f->err));
	}
	CLEANUP(buf_release) struct buf got = BUF_INIT(1000);
	struct timeline_entry *t = NULL;
	for (int pages = 0; pages < 10; pages++) {
		assert_ok(f, timeline_page(f->reader, &f->arena, 1, 0, n && t ? &t[n - 1] : NULL, 3,
				     &t, &n, &f->err));
		for (size_t i = 0; i < n; i++)
			buf_addf(&got, "%c%d ", t[i].id[0], (int)(t[i].at - 1767225600));
		if (!n)
			break;
	}
	assert_string_equal(got.p, "a5 m5 m4 a3 m3 m2 a1 m1 ");
	assert_ok(f, timeline_page(f->reader, &f->arena, 0, 1, NULL, 100, &t, &n, &f->err));
	assert_int_equal(n, 10);
}

static void party_key__puts_a_domain_and_all_below_in_one_range(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"a@mail.x.example", "example.x.mail.@a"}, {"x.example", "example.x."}, {"", ""}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(100);
		party_key(&b, rows[i].in);
		assert_string_equal(b.p, rows[i].out);
	}
}

static void party_domain__reads_urls_and_refuses_the_rest(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {{"https://www.X.example:8080/a?b", "x.example"}, {"x.example", "x.example"},
		{"www.x.example", "x.example"}, {"nodot", ""}, {"", ""}, {"a@x.example", ""}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(100);
		party_domain(&b, rows[i].in);
		assert_string_equal(b.p, rows[i].out);
	}
}

static void user__is_renamed_and_listed__by_name(void **state)
{
	struct fixture *f = *state;
	struct setup s = set_up_crm(f);
	const struct user_in v[] = {{"U2", "minh", NULL}, {"U1", "Denis B.", "d@x.example"}};
	const struct user_in later[] = {{"U2", "Minh", NULL}, {"U3", NULL, "z@x.example"}};
	struct put_page page = {.crm = s.crm, .object = "user"};
	struct user_row *rows;
	size_t n;
	assert_ok(f, crm_set_identity(f->store, s.crm, "ORG", "U2", &f->err));
	assert_ok(f, user_put(f->store, &page, v, 2, &f->err));
	assert_int_equal(page.n_changed, 2);
	assert_ok(f, user_put(f->store, &page, v, 2, &f->err));
	assert_int_equal(page.n_changed, 0);
	assert_ok(f, user_put(f->store, &page, later, 2, &f->err));
	assert_ok(f, user_list(f->reader, &f->arena, s.crm, 10, &rows, &n, &f->err));
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].name, "Denis B.");
	assert_string_equal(rows[1].name, "Minh");
	assert_true(rows[1].is_me);
	assert_string_equal(rows[2].name, "z@x.example");
	assert_ok(f, user_list(f->reader, &f->arena, s.crm + 1, 10, &rows, &n, &f->err));
	assert_int_equal(n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(crm__rows__settings_and_cursor),
		TEST(contact__addresses_are_normalised__and_found),
		TEST(partner__is_listed__by_part_of_name_or_domain),
		TEST(contact__before_its_partner__is_joined_later),
		TEST(match__queue__new_mail_and_bound_accounts),
		TEST(match__later_contact_partner_lead__find_old_mail),
		TEST(match__thread__unknown_replies_are_looked_at_again),
		TEST(activity__queue__steps_and_states),
		TEST(activity__is_in_doubt__older_than_a_restored_copy),
		TEST(activity__taken_back_at_the_last_moment__does_not_leave),
		TEST(activity__unwanted__is_withdrawn_and_revived),
		TEST(activity__seen_in_the_crm__is_logged_without_writing),
		TEST(match__a_draft_is_nobodys_mail__before_and_after_it_is_gone),
		TEST(timeline__merges_newest_first__page_by_page),
		TEST(user__is_renamed_and_listed__by_name),
		cmocka_unit_test(party_key__puts_a_domain_and_all_below_in_one_range),
		cmocka_unit_test(party_domain__reads_urls_and_refuses_the_rest),
	};
	return cmocka_run_group_tests_name("store/crm", tests, NULL, NULL);
}
