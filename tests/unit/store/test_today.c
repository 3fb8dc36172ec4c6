/* test_today.c - who waits for an answer, tasks and meetings; and what is noted as news. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/store/activity.h"
#include "crmail/store/crm_setup.h"
#include "crmail/store/message.h"
#include "crmail/store/notice.h"
#include "crmail/store/today.h"
#include "tests/unit/store/letters.h"

#define DAY_S 86400LL
#define TODAY 1795219200 /* midnight UTC of FIXTURE_NOW */

struct scene {
	int64_t account, inbox, sent, archive, crm, laura;
};

static void make(struct fixture *f, struct scene *s)
{
	const struct crm_row crm = {.name = "main", .profile = "x", .url = "http://x.test"};
	static const char *const mails[] = {"laura@client.example"};
	const struct contact_in laura = {
		.crm_id = "C1", .name = "Laura Palmer", .emails = mails, .n_emails = 1};
	struct put_page page = {.object = "contact", .cursor = "c"};
	*s = (struct scene){.account = letters_account(f, "work")};
	s->inbox = letters_folder(f, s->account, "INBOX", FOLDER_INBOX);
	s->sent = letters_folder(f, s->account, "Sent", FOLDER_SENT);
	s->archive = letters_folder(f, s->account, "Archive", FOLDER_ARCHIVE);
	assert_ok(f, crm_add(f->store, &crm, NULL, 0, &s->crm, &f->err));
	assert_ok(f, crm_set_identity(f->store, s->crm, "org", "me", &f->err));
	page.crm = s->crm;
	assert_ok(f, contact_put(f->store, &page, &laura, 1, &f->err));
	assert_ok(f, contact_by_crm_id(f->reader, "C1", &s->laura, &f->err));
	assert_ok(f, crm_bind_accounts(f->store, s->crm, &s->account, 1, &f->err));
}

/* A mail of that moment, matched with Laura unless it is a stranger's. */
static int64_t put(struct fixture *f, const struct scene *s, int64_t folder, struct letter l)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	int64_t id = 0;
	char date[128], stamp[32];
	bool is_stranger = l.from && strstr(l.from, "nobody");
	clock_rfc3339(l.at, stamp, sizeof(stamp));
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int month = (stamp[5] - '0') * 10 + stamp[6] - '0';
	snprintf(date, sizeof(date), "Date: %s, %.2s %s %.4s %.8s +0000\n",
		days[(l.at / DAY_S + 4) % 7], stamp + 8, months[month - 1], stamp, stamp + 11);
	const char *extra = arena_printf(&f->arena, "%s%s", date, l.extra ? l.extra : "");
	l.extra = extra;
	letters_put(f, s->account, folder, &l, 1, &id);
	const struct match_in m = {.message = id,
		.at = l.at,
		.is_shown = true,
		.contact = is_stranger ? 0 : s->laura,
		.is_unknown = is_stranger,
		.reason = is_stranger ? "unknown" : "off"};
	assert_ok(f, match_put(f->store, s->crm, &m, 1, &f->err));
	return id;
}

static struct today_threads threads(struct fixture *f)
{
	struct today_threads t;
	assert_ok(f, today_threads(f->reader, &f->arena, FIXTURE_NOW, 4 * DAY_S, 20, &t, &f->err));
	return t;
}

#define OWN .from = "Me <me@own.example>", .to = "laura@client.example"

static void waiting__are__known_people_without_an_answer(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	make(f, &s);
	int64_t one = put(f, &s, s.inbox,
		(struct letter){.id = "1", .subject = "one", .at = FIXTURE_NOW - 7200});
	put(f, &s, s.inbox,
		(struct letter){.id = "2",
			.subject = "two",
			.at = FIXTURE_NOW - 7100,
			.from = "nobody@else.example"});
	put(f, &s, s.archive,
		(struct letter){.id = "3", .subject = "three", .at = FIXTURE_NOW - 7000});
	put(f, &s, s.inbox,
		(struct letter){.id = "4",
			.subject = "four",
			.at = FIXTURE_NOW - 6900,
			.extra = "Auto-Submitted: auto-replied\n"});
	put(f, &s, s.inbox,
		(struct letter){.id = "5", .subject = "five", .at = FIXTURE_NOW - 90 * DAY_S});
	struct today_threads t = threads(f);
	assert_int_equal(t.n_waiting, 1);
	assert_int_equal(t.waiting[0].message, one);
	assert_int_equal(t.waiting[0].contact, s.laura);
	assert_int_equal(t.waiting[0].at, FIXTURE_NOW - 7200);
	put(f, &s, s.sent,
		(struct letter){.id = "6",
			.subject = "Re: one",
			.irt = "<1@mail.example>",
			OWN,
			.at = FIXTURE_NOW - 60});
	assert_int_equal(threads(f).n_waiting, 0);
}

static void unanswered__is__own_mail_of_some_days_ago(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	make(f, &s);
	int64_t old = put(f, &s, s.sent,
		(struct letter){.id = "1", .subject = "old", OWN, .at = FIXTURE_NOW - 5 * DAY_S});
	put(f, &s, s.sent,
		(struct letter){.id = "2", .subject = "new", OWN, .at = FIXTURE_NOW - 3 * DAY_S});
	struct today_threads t = threads(f);
	assert_int_equal(t.n_unanswered, 1);
	assert_int_equal(t.unanswered[0].message, old);
	put(f, &s, s.inbox,
		(struct letter){.id = "3",
			.subject = "Re: old",
			.irt = "<1@mail.example>",
			.at = FIXTURE_NOW - DAY_S});
	t = threads(f);
	assert_int_equal(t.n_unanswered, 0);
	assert_int_equal(t.n_waiting, 1);
}

static void waiting__stays__while_the_answer_is_a_draft(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	make(f, &s);
	int64_t drafts = letters_folder(f, s.account, "Drafts", FOLDER_DRAFTS);
	int64_t one = put(f, &s, s.inbox,
		(struct letter){.id = "1", .subject = "one", .at = FIXTURE_NOW - 7200});
	letters_put(f, s.account, drafts,
		&(struct letter){.id = "2",
			.subject = "Re: one",
			.irt = "<1@mail.example>",
			OWN,
			.at = FIXTURE_NOW - 3600},
		1, NULL);
	struct today_threads t = threads(f);
	struct thread_row *row;
	assert_int_equal(t.n_waiting, 1);
	assert_int_equal(t.waiting[0].message, one);
	assert_int_equal(t.n_unanswered, 0);
	/* Nor does it change who the conversation is with. */
	assert_ok(f, thread_get(f->reader, &f->arena, letters_thread(f, one), &row, &f->err));
	assert_int_equal(row->contact, s.laura);
	assert_string_equal(row->subject, "one");
	assert_true(row->is_draft);
}

static void waiting__is__bounded(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct today_threads t;
	make(f, &s);
	for (int i = 0; i < 5; i++) {
		char id[16];
		snprintf(id, sizeof(id), "%d", i);
		put(f, &s, s.inbox,
			(struct letter){.id = arena_strdup(&f->arena, id),
				.subject = arena_printf(&f->arena, "subject %d", i),
				.at = FIXTURE_NOW - 7200 + i});
	}
	assert_ok(f, today_threads(f->reader, &f->arena, FIXTURE_NOW, 4 * DAY_S, 3, &t, &f->err));
	assert_int_equal(t.n_waiting, 3);
	assert_int_equal(t.waiting[0].at, FIXTURE_NOW - 7200 + 4); /* newest first */
}

static void put_entry(struct fixture *f, const struct scene *s, const char *id, enum entry_kind k,
	int64_t at, int64_t due_at, const char *status, const char *by)
{
	struct put_page page = {.crm = s->crm, .object = "activity", .cursor = id};
	const struct entry_in x = {.crm_id = id,
		.type = "t",
		.subject = id,
		.by = by,
		.contact_crm_id = "C1",
		.kind = k,
		.at = at,
		.due_at = due_at,
		.status = status};
	assert_ok(f, entry_put(f->store, &page, &x, 1, &f->err));
}

static void tasks__are__open_ones_of_the_user(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct today_entry *v;
	size_t n;
	make(f, &s);
	put_entry(f, &s, "later", ENTRY_TASK, FIXTURE_NOW, TODAY + 9 * DAY_S, "planned", "me");
	put_entry(f, &s, "today", ENTRY_TASK, FIXTURE_NOW, TODAY, "planned", "me");
	put_entry(f, &s, "overdue", ENTRY_TASK, FIXTURE_NOW, TODAY - DAY_S, NULL, NULL);
	put_entry(f, &s, "done", ENTRY_TASK, FIXTURE_NOW, TODAY, "completed", "me");
	put_entry(f, &s, "his", ENTRY_TASK, FIXTURE_NOW, TODAY, "planned", "colleague");
	put_entry(f, &s, "note", ENTRY_NOTE, FIXTURE_NOW, TODAY, "planned", "me");
	assert_ok(f, today_tasks(f->reader, &f->arena, TODAY + 8 * DAY_S, 20, &v, &n, &f->err));
	assert_int_equal(n, 2);
	assert_string_equal(v[0].subject, "overdue");
	assert_string_equal(v[1].subject, "today");
	assert_string_equal(v[1].about, "Laura Palmer");
	assert_int_equal(v[1].due_at, TODAY);
}

static void meetings__are__those_of_the_day(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct today_entry *v;
	size_t n;
	make(f, &s);
	put_entry(f, &s, "at two", ENTRY_MEETING, FIXTURE_NOW + 4 * 3600, 0, "planned", "me");
	put_entry(f, &s, "at noon", ENTRY_MEETING, FIXTURE_NOW + 2 * 3600, 0, "planned", NULL);
	put_entry(f, &s, "tomorrow", ENTRY_MEETING, TODAY + DAY_S + 1, 0, "planned", "me");
	put_entry(f, &s, "yesterday", ENTRY_MEETING, TODAY - 1, 0, "planned", "me");
	assert_ok(f,
		today_meetings(f->reader, &f->arena, TODAY, TODAY + DAY_S, 20, &v, &n, &f->err));
	assert_int_equal(n, 2);
	assert_string_equal(v[0].subject, "at noon");
	assert_string_equal(v[1].subject, "at two");
}

/* ---- news ------------------------------------------------------------------------------------ */

static int64_t unseen(struct fixture *f)
{
	int64_t n;
	assert_ok(f, notice_unseen(f->reader, &n, &f->err));
	return n;
}

static void three_mails(struct fixture *f, const struct scene *s)
{
	put(f, s, s->inbox, (struct letter){.id = "1", .subject = "one", .at = FIXTURE_NOW - 60});
	put(f, s, s->inbox,
		(struct letter){.id = "2",
			.subject = "two",
			.at = FIXTURE_NOW - 50,
			.from = "Nobody <nobody@else.example>"});
	/* The first download brings what is old. */
	put(f, s, s->inbox,
		(struct letter){.id = "3", .subject = "three", .at = FIXTURE_NOW - 7200});
}

static void news__is__of_known_people_by_default(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct notice_row *v;
	size_t n;
	make(f, &s);
	fixture_set_clock(f, FIXTURE_NOW);
	three_mails(f, &s);
	fixture_sql(f, "crmail.db", "UPDATE account SET added_at = 0");
	assert_ok(f, notice_collect(f->store, &f->err));
	assert_ok(f, notice_collect(f->store, &f->err));
	assert_int_equal(unseen(f), 1);
	assert_ok(f, notice_page(f->reader, &f->arena, NULL, false, 10, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, NOTICE_MAIL);
	assert_string_equal(v[0].peer, "Laura Palmer");
	assert_string_equal(v[0].text, "one");
	assert_string_equal(v[0].name, "work");
	notice_see(f->store, v[0].id);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_int_equal(unseen(f), 0);
	assert_ok(f, notice_collect(f->store, &f->err));
	assert_int_equal(unseen(f), 0);
}

static void news__goes__when_the_mail_was_read(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	make(f, &s);
	three_mails(f, &s);
	fixture_sql(f, "crmail.db", "UPDATE account SET added_at = 0");
	assert_ok(f, notice_collect(f->store, &f->err));
	assert_int_equal(unseen(f), 1);
	fixture_sql(f, "crmail.db", "UPDATE message SET flags = flags | 1");
	assert_ok(f, notice_collect(f->store, &f->err));
	assert_int_equal(unseen(f), 0);
}

static void news__is_none__of_before_the_account(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	make(f, &s); /* added now: these were there before */
	three_mails(f, &s);
	assert_ok(f, notice_collect(f->store, &f->err));
	assert_int_equal(unseen(f), 0);
}

static void alert__comes__once_for_a_sign_in(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct notice_row *v;
	size_t n;
	make(f, &s);
	for (int i = 0; i < 3; i++)
		assert_ok(f, account_set_status(f->store, s.account, ACCOUNT_SIGN_IN, "No.", 0,
				     &f->err));
	assert_ok(f, crm_set_status(f->store, s.crm, "sign-in", "No.", 0, &f->err));
	assert_ok(f, notice_page(f->reader, &f->arena, NULL, false, 10, &v, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(v[0].crm, s.crm);
	assert_int_equal(v[1].kind, NOTICE_SIGN_IN);
	assert_string_equal(v[1].name, "work");
	assert_string_equal(v[1].text, "No.");
	notice_see_all(f->store);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_int_equal(unseen(f), 0);
	assert_ok(f, account_set_status(f->store, s.account, ACCOUNT_CONNECTED, NULL, 1, &f->err));
	assert_ok(f, account_set_status(f->store, s.account, ACCOUNT_SIGN_IN, "No.", 0, &f->err));
	assert_int_equal(unseen(f), 1);
}

static void alert__comes__when_passes_keep_failing(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct notice_row *v;
	size_t n;
	make(f, &s);
	for (int i = 0; i < 5; i++)
		assert_ok(f, account_set_status(f->store, s.account, ACCOUNT_OFFLINE, "Away.", 0,
				     &f->err));
	assert_ok(f, notice_page(f->reader, &f->arena, NULL, false, 10, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, NOTICE_FAILING);
	assert_string_equal(v[0].text, "3 of 3 passes of this hour failed.");
}

static void expect_page(struct fixture *f, const int64_t *from, bool back, size_t n, int64_t first)
{
	struct notice_row *v;
	size_t got;
	assert_ok(f, notice_page(f->reader, &f->arena, from, back, 20, &v, &got, &f->err));
	assert_int_equal(got, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i].id, first - (int64_t)i);
}

static void feed__is_read__in_pages(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	const int64_t oldest = 1, thirty = 30, newest = 50;
	make(f, &s);
	fixture_sql(f, "crmail.db",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50)"
		" INSERT INTO notice (kind, at, text) SELECT 5, i, 'x' FROM n");
	expect_page(f, NULL, false, 20, 50);
	expect_page(f, &thirty, false, 20, 29);
	expect_page(f, &oldest, false, 0, 0);
	expect_page(f, NULL, true, 20, 20);
	expect_page(f, &thirty, true, 20, 50);
	expect_page(f, &newest, true, 0, 0);
}

static void feed__keeps__a_bounded_number(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	make(f, &s);
	fixture_sql(f, "crmail.db",
		"INSERT INTO notice (kind, at, is_seen) WITH RECURSIVE n(i) AS"
		" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT 3, i, 0 FROM n");
	assert_int_equal(unseen(f), NOTICE_UNSEEN_MOST);
	assert_ok(f, notice_collect(f->store, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM notice"), NOTICE_KEPT);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(waiting__are__known_people_without_an_answer),
		TEST(unanswered__is__own_mail_of_some_days_ago),
		TEST(waiting__stays__while_the_answer_is_a_draft),
		TEST(waiting__is__bounded),
		TEST(tasks__are__open_ones_of_the_user),
		TEST(meetings__are__those_of_the_day),
		TEST(news__is__of_known_people_by_default),
		TEST(news__goes__when_the_mail_was_read),
		TEST(news__is_none__of_before_the_account),
		TEST(alert__comes__once_for_a_sign_in),
		TEST(alert__comes__when_passes_keep_failing),
		TEST(feed__is_read__in_pages),
		TEST(feed__keeps__a_bounded_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
