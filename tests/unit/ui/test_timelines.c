/*
 * test_timelines.c - lists of contacts, partners and deals, and timelines, over a real store:
 * golden screens at three sizes, and what keys do there. Rows are made by SQL.
 */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

#include "crmail/base/event.h"
#include "crmail/base/mem.h"
#include "crmail/store/activity.h"
#include "golden.h"
#include "screen.h"
#include "tests/unit/store/fixture.h"
#include "ui/views/dossier.h"
#include "ui/views/views.h"

#define DAY 86400
#define AT(days, h, m) ((int64_t)FAKE_NOW - 36000 - (days)*DAY + (h)*3600 + (m)*60)

struct setup {
	struct fixture *store;
	struct screen s;
	bool is_open;
};

static void run_sql(const struct fixture *f, const char *sql)
{
	char path[128];
	char *problem = NULL;
	sqlite3 *h;

	snprintf(path, sizeof(path), "%s/crmail.db", f->dir);
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	sqlite3_busy_timeout(h, 5000);
	sqlite3_exec(h, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (sqlite3_exec(h, sql, NULL, NULL, &problem) != SQLITE_OK)
		fail_msg("%s: %.80s", problem, sql);
	sqlite3_close(h);
}

/* A hook of the screens that have the fake store. */
int fake_explain(struct store_reader *r, struct arena *a, int64_t message, struct why **out,
	struct err *e)
{
	(void)r;
	(void)a;
	(void)message;
	(void)e;
	*out = NULL;
	return 0;
}

#define RUN(f, ...) run_sql(f, arena_printf(&(f)->arena, __VA_ARGS__))

static const char base[] =
	"INSERT INTO crm (id, name, profile, url, user_id, status)"
	" VALUES (1, 'main', 'supabase', 'http://x', 'U1', 'connected');"
	"INSERT INTO crm_user VALUES (1, 'U1', 'Minh Nguyễn', NULL), (1, 'U2', 'Denis B.', NULL);"
	"INSERT INTO account (id, name, kind, email, status, last_sync_at) VALUES"
	" (1, 'work', 'maildir', 'minh@ourfirm.example', 0, 1795168740),"
	" (2, 'gmail', 'maildir', 'minh@mail.example', 0, 1795168740);"
	"UPDATE account SET crm = 1";

static void put_leads(struct fixture *f)
{
	const struct lead_in leads[] = {
		{.crm_id = "L1", .name = "Ada Wong", .addr = "ada@umbra.example"},
		{.crm_id = "L2", .addr = "fair@guest.example"},
		{.crm_id = "L3", .name = "Zoltán Nagy"}};
	const struct entry_in calls[] = {{.crm_id = "LC1",
		.type = "call",
		.kind = ENTRY_CALL,
		.subject = "met at the stand",
		.by = "U2",
		.lead_crm_id = "L1",
		.duration_min = 5,
		.at = AT(3, 10, 0)}};
	struct put_page page = {.crm = 1, .object = "x"};

	assert_ok(f, lead_put(f->store, &page, leads, ARRAY_SIZE(leads), &f->err));
	assert_ok(f, entry_put(f->store, &page, calls, ARRAY_SIZE(calls), &f->err));
}

static void put_records(struct fixture *f)
{
	static const char *const dafaneto[] = {"dafaneto.example", "dafaneto.test"};
	static const char *const lebo[] = {"lebo.example"};
	static const char *const laura[] = {"laura@dafaneto.example", "l.palmer@home.example"};
	static const char *const bjorn[] = {"bjorn@tolabe.example"};
	static const char *const yulia[] = {"yulia@lebo.example"};
	static const char *const phone[] = {"+49 30 1234"};
	const struct partner_in partners[] = {
		{.crm_id = "P1", .name = "Dafaneto", .domains = dafaneto, .n_domains = 2},
		{.crm_id = "P2", .name = "Tolabe"},
		{.crm_id = "P3", .name = "Lebo JSC", .domains = lebo, .n_domains = 1}};
	const struct contact_in contacts[] = {{.crm_id = "C1",
						      .first_name = "Laura",
						      .last_name = "Palmer",
						      .title = "Head of Procurement",
						      .emails = laura,
						      .n_emails = 2,
						      .phones = phone,
						      .n_phones = 1,
						      .partner_crm_id = "P1"},
		{.crm_id = "C2",
			.name = "Björn Krüger",
			.emails = bjorn,
			.n_emails = 1,
			.partner_crm_id = "P2"},
		{.crm_id = "C3",
			.name = "Юлия Смирнов",
			.title = "директор",
			.emails = yulia,
			.n_emails = 1,
			.partner_crm_id = "P3"},
		{.crm_id = "C4", .name = "山田太郎", .title = "部長"},
		{.crm_id = "C5", .name = "מרים כהן", .partner_crm_id = "P1"},
		{.crm_id = "C6",
			.name = "Denis Barakat-Montgomery von und zu Hohenfels",
			.title = "Chief Officer of Purchasing and Contracts Worldwide",
			.partner_crm_id = "P1"}};
	const struct deal_in deals[] = {{.crm_id = "D1",
						.name = "Q1 frame contract",
						.amount = "12000",
						.currency = "EUR",
						.stage = "negotiation",
						.next_step = "call on Thursday",
						.close_at = AT(-10, 0, 0),
						.partner_crm_id = "P1",
						.contact_crm_id = "C1"},
		{.crm_id = "D2",
			.name = "Spare parts",
			.amount = "990.50",
			.currency = "USD",
			.stage = "offer",
			.close_at = AT(5, 0, 0),
			.partner_crm_id = "P2"},
		{.crm_id = "D3",
			.name = "Pilot 2025",
			.amount = "4000",
			.currency = "EUR",
			.stage = "Won",
			.close_at = AT(300, 0, 0),
			.partner_crm_id = "P1"},
		{.crm_id = "D4", .number = "D-2026-4"}};
	struct put_page page = {.crm = 1, .object = "x"};

	assert_ok(f, partner_put(f->store, &page, partners, ARRAY_SIZE(partners), &f->err));
	assert_ok(f, contact_put(f->store, &page, contacts, ARRAY_SIZE(contacts), &f->err));
	assert_ok(f, deal_put(f->store, &page, deals, ARRAY_SIZE(deals), &f->err));
}

static void put_mail(struct fixture *f, int id, int thread, bool is_out, int64_t at,
	const char *people, const char *subject, const char *snippet)
{
	RUN(f,
		"INSERT INTO message (id, account, thread, copy_of, received, date, facts, flags,"
		" subject, snippet) VALUES (%d, 1, %d, %d, %lld, %lld, %d, 1, '%s', '%s');"
		"INSERT OR REPLACE INTO thread (id, newest, count, people) VALUES (%d, %d,"
		" (SELECT count(*) FROM message WHERE thread = %d), '%s');"
		"INSERT OR REPLACE INTO thread_list VALUES (%d, -5, %lld, %d, 1, 0);"
		"INSERT INTO link (message, kind, target, at) VALUES (%d, 1, 1, %lld),"
		" (%d, 2, 1, %lld);"
		"INSERT INTO mail_crm (message, crm, contact, partner) VALUES (%d, 1, 1, 1);"
		"UPDATE contact SET last_touch_at = max(last_touch_at, %lld) WHERE id = 1;"
		"UPDATE partner SET last_touch_at = max(last_touch_at, %lld) WHERE id = 1",
		id, thread, id, (long long)at, (long long)at, is_out, subject, snippet, thread, id,
		thread, people, thread, (long long)at, id, id, (long long)at, id, (long long)at, id,
		(long long)at, (long long)at);
}

static void put_history(struct fixture *f)
{
	const struct entry_in v[] = {{.crm_id = "A1",
					     .kind = ENTRY_CALL,
					     .at = AT(2, 16, 20),
					     .by = "U1",
					     .subject = "12 min",
					     .body = "budget is set, decides Denis",
					     .contact_crm_id = "C1"},
		{.crm_id = "A2",
			.kind = ENTRY_NOTE,
			.at = AT(49, 0, 0),
			.by = "U2",
			.subject = "met at the fair",
			.body = "likes short mails\n\nShe asked for references in the food trade, "
				"and wants to see the plant in spring before anything is signed.",
			.contact_crm_id = "C1"},
		{.crm_id = "A3",
			.kind = ENTRY_MEETING,
			.at = AT(53, 14, 0),
			.by = "U2",
			.subject = "45 min",
			.body = "with Denis B., Björn K.",
			.contact_crm_id = "C1",
			.partner_crm_id = "P1"},
		{.crm_id = "A4",
			.kind = ENTRY_EMAIL,
			.at = AT(400, 9, 0),
			.by = "U2",
			.subject = "First contact",
			.has_direction = true,
			.is_out = true,
			.contact_crm_id = "C1"},
		{.crm_id = "A5",
			.kind = ENTRY_TASK,
			.at = AT(1, 8, 0),
			.by = "U1",
			.subject = "send the price list",
			.contact_crm_id = "C6"}};
	struct put_page page = {.crm = 1, .object = "activity"};

	put_mail(f, 1, 10, false, AT(8, 10, 15), "Laura Palmer", "Deadline order",
		"We have looked at your offer and like most of it.");
	put_mail(f, 2, 20, true, AT(6, 11, 2), "\002Laura Palmer", "Offer v2",
		"Happy to. I have attached the offer.");
	put_mail(f, 3, 10, true, AT(5, 11, 2), "Laura Palmer, \001", "Re: Deadline order",
		"Happy to.");
	put_mail(f, 4, 10, false, AT(0, 9, 41), "Laura Palmer, \001",
		"Re: Deadline order and the new terms",
		"thanks, the board meets Thursday. Could you send the revised price list?");
	RUN(f, "INSERT INTO link (message, kind, target, at) VALUES (2, 4, 1, %lld)",
		(long long)AT(6, 11, 2));
	assert_ok(f, entry_put(f->store, &page, v, ARRAY_SIZE(v), &f->err));
	run_sql(f, "UPDATE activity SET deal = 1, subject = NULL, duration_min = 12"
		   " WHERE crm_id = 'A1'");
	RUN(f, "UPDATE activity SET status = 'planned', due_at = %lld WHERE crm_id = 'A5'",
		(long long)AT(2, 0, 0));
}

static int set_up(void **state)
{
	struct setup *u = calloc(1, sizeof(*u));
	void *f = NULL;

	if (fixture_up(&f))
		return -1;
	u->store = f;
	fixture_set_clock(u->store, FAKE_NOW);
	run_sql(u->store, base);
	*state = u;
	return 0;
}

static int set_up_full(void **state)
{
	struct setup *u;

	if (set_up(state))
		return -1;
	u = *state;
	put_records(u->store);
	put_leads(u->store);
	put_history(u->store);
	return 0;
}

static void open_at(struct setup *u, struct golden_size size)
{
	screen_open(&u->s, u->store->store, size.rows, size.cols);
	u->is_open = true;
}

static void shut(struct setup *u)
{
	if (u->is_open)
		screen_close(&u->s);
	u->is_open = false;
}

static int tear_down(void **state)
{
	struct setup *u = *state;
	void *f = u->store;

	shut(u);
	fixture_down(&f);
	free(u);
	return 0;
}

/* Keys, and what they begin: searches that go on between two turns. */
static void keys(struct setup *u, const char *names)
{
	screen_keys(&u->s, names);
	for (int i = 0; i < 200 && ui_timeout_ms(&u->s.ui) == 0; i++)
		ui_turn(&u->s.ui);
}

/* What the user's writes changed is told. */
static void settle(struct setup *u)
{
	assert_ok(u->store, store_flush(u->store->store, &u->store->err));
	event_post(u->s.events, &(struct event){.type = EV_CONTACTS, .count = 1});
	ui_events(&u->s.ui);
	ui_turn(&u->s.ui);
}

static void says(struct setup *u, const char *text)
{
	if (!screen_shows(&u->s, text))
		fail_msg("not on the screen: %s\n%s", text, screen_dump(&u->s));
}

static void says_not(struct setup *u, const char *text)
{
	if (screen_shows(&u->s, text))
		fail_msg("on the screen: %s\n%s", text, screen_dump(&u->s));
}

/* ---- goldens --------------------------------------------------------------------------------- */

struct golden {
	const char *name, *keys;
	const char *says[8]; /* at every size; ends with NULL */
};

static const struct golden goldens[] = {
	{"contacts", "g c",
		{"crmail  Contacts", "6 · by name", "Laura Palmer", "Dafaneto", "Björn Krüger",
			"山田太郎", NULL}},
	{"contacts-by-touch", "g c s", {"by last touch", "09:41", NULL}},
	{"contacts-search", "g c / 'tola", {"/ tola", "Björn Krüger", NULL}},
	{"contacts-nobody", "g c / 'zzz",
		{"Nothing here has these words.", "Esc shows all again.", NULL}},
	{"partners", "g p",
		{"crmail  Partners", "3 · by name", "Tolabe", "dafaneto.example", "3 people",
			NULL}},
	{"deals", "g e",
		{"crmail  Deals", "by close date", "Q1 frame contract", "negotiation", "12,000 EUR",
			"call on", NULL}},
	{"leads", "g E",
		{"crmail  Leads", "3 · by name", "Ada Wong", "ada@umbra.example",
			"fair@guest.example", NULL}},
	{"timeline-lead", "g E Enter",
		{"Ada Wong  Lead", "ada@umbra.example", "Call, 5 min: met at the stand", NULL}},
	/* The contact's panel: beside the conversation, or in its place where there is no room. */
	{"thread-panel", "g c / 'laura Enter Enter Enter Tab",
		{"Laura Palmer", "+49 30 1234", "Q1 frame contract", NULL}},
	{"timeline-contact", "g c / 'laura Enter Enter",
		{"Laura Palmer  Head of Procurement · Dafaneto", "all", "+49 30 1234",
			"Q1 frame contract", "Re: Deadline order and the new", "(3)", NULL}},
	{"timeline-partner", "g p Enter",
		{"Dafaneto", "dafaneto.example", "Task: send the", "Laura Palmer, y", NULL}},
	{"timeline-deal", "g e j Enter",
		{"Q1 frame contract  Laura Palmer · Dafaneto",
			"12,000 EUR · negotiation · closes 30 Nov", "Next call on Thursday",
			"Offer v2", "Call, 12 min", NULL}},
	{"timeline-me", "g m", {"crmail  What I did", "Call, 12 min", "Re: Deadline order", NULL}},
	{"timeline-filter", "g c / 'laura Enter Enter f",
		{"crmail  What to show", "Show", "Since", "With", "Account", "anybody", "Show that",
			NULL}},
	{"timeline-filtered", "g c / 'laura Enter Enter f Right Right Tab '30d Enter",
		{"calls · since 21 Oct", "Call, 12 min", NULL}},
	{"timeline-filtered-empty", "g c / 'laura Enter Enter f Tab Tab Tab 'nobody Enter",
		{"with nobody", "Nothing of that kind.", "f changes what is shown.", NULL}},
	{"timeline-note", "g c / 'laura Enter Enter G k k Enter",
		{"Note: met at the fair", "Laura Palmer", "Denis B.", "likes short mails", NULL}},
	{"timeline-hidden", "g c / 'laura Enter Enter h", {"z shows it again", NULL}},
	{"timeline-empty", "g c / 'yamada Esc / '山田 Enter Enter",
		{"山田太郎  部長", "Nothing has happened yet.", NULL}},
};

static void screen__is_the_golden(void **state)
{
	struct setup *u = *state;

	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++)
		for (size_t k = 0; k < ARRAY_SIZE(golden_sizes); k++) {
			open_at(u, golden_sizes[k]);
			keys(u, goldens[i].keys);
			settle(u);
			golden_check(goldens[i].name, &u->s, goldens[i].says);
			shut(u);
			run_sql(u->store, "DELETE FROM hidden_mail");
		}
}

static const struct golden empty_goldens[] = {
	{"contacts-empty", "g c", {"No contacts yet.", "Ctrl-R asks it now", NULL}},
	{"partners-empty", "g p", {"No partners yet.", NULL}},
	{"deals-empty", "g e", {"No deals yet.", NULL}},
	{"leads-empty", "g E", {"No leads yet.", "Ctrl-R asks it now", NULL}},
	{"timeline-me-empty", "g m", {"Nothing has happened yet.", NULL}},
};

static void screen__is_the_golden__nobody_there(void **state)
{
	struct setup *u = *state;

	for (size_t i = 0; i < ARRAY_SIZE(empty_goldens); i++)
		for (size_t k = 0; k < ARRAY_SIZE(golden_sizes); k++) {
			open_at(u, golden_sizes[k]);
			keys(u, empty_goldens[i].keys);
			golden_check(empty_goldens[i].name, &u->s, empty_goldens[i].says);
			shut(u);
		}
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void contacts__cursor__stays_on_its_row_when_others_arrive(void **state)
{
	struct setup *u = *state;
	int row, col;

	open_at(u, golden_sizes[0]);
	keys(u, "g c j j");
	const struct view *v = ui_top(&u->s.ui);
	v->ops->cursor(v, &row, &col);
	assert_int_equal(row, 4);
	run_sql(u->store, "INSERT INTO contact (crm, crm_id, name) VALUES (1, 'N1', 'Aaron'),"
			  " (1, 'N2', 'Abel')");
	settle(u);
	v->ops->cursor(v, &row, &col);
	assert_int_equal(row, 6);
	says(u, "8 · by name");
	keys(u, "Enter");
	says(u, "Laura Palmer  Head of Procurement");
}

/* Faster than anything is drawn. */
static void contacts__keys_typed_ahead__find_their_rows(void **state)
{
	struct setup *u = *state;

	RUN(u->store,
		"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 9000)"
		" INSERT INTO contact (crm, crm_id, name) SELECT 1, 'X' || i, 'A person ' || i "
		"FROM s");
	open_at(u, golden_sizes[0]);
	screen_burst(&u->s, "g c / 'palmer Enter Enter");
	says(u, "Laura Palmer  Head of Procurement");
	screen_burst(&u->s, "f Right Right Enter Enter");
	says(u, "Call, 12 min");
	says(u, "budget is set, decides Denis");
	screen_burst(&u->s, "g e s G Enter");
	says(u, "Pilot 2025");
}

static void contacts__nobody_there__others_are_gone_to(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	keys(u, "g c Enter");
	says(u, "There is nothing in this list.");
	keys(u, "g e");
	says(u, "No deals yet.");
	keys(u, "E");
	says(u, "There is nothing in this list.");
	keys(u, "g A");
	says(u, "crmail  Accounts");
	shut(u);
}

static void deals__narrow__have_whole_amounts(void **state)
{
	struct setup *u = *state;

	open_at(u, (struct golden_size){12, 40});
	keys(u, "g e");
	says(u, " 12,000 EUR  30 Nov");
	ui_resize(&u->s.ui, 12, 30);
	settle(u);
	says(u, " 12,000 EUR");
	says_not(u, "Nov");
	shut(u);
}

static void picker__words_of_none__is_said(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	keys(u, "g l 'zzz");
	says(u, "nothing of that name");
	shut(u);
}

static void timeline__mail__opens_in_place_and_comes_back(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[1]);
	keys(u, "g c / 'laura Enter Enter Enter");
	says(u, "Re: Deadline order and the new terms");
	says(u, "r reply");
	keys(u, "J"); /* the call between the two conversations is passed over */
	says(u, "Offer v2");
	keys(u, "q");
	says(u, "Laura Palmer  Head of Procurement · Dafaneto");
	keys(u, "q q");
	says(u, "crmail  Contacts");
}

static void timeline__partner_and_contact__by_their_keys(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	keys(u, "g c / 'laura Enter T");
	says(u, " Dafaneto ");
	says(u, "Task: send the");
	keys(u, "t");
	says(u, "Laura Palmer  Head of Procurement");
	keys(u, "q q Esc G T");
	says(u, "No partner is known here.");
}

static void timeline__of_this_machine__has_no_page_to_open(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[1]);
	keys(u, "g c / 'laura Enter Enter");
	says(u, "O open in CRM");
	RUN(u->store, "UPDATE crm SET abilities = %u", RECORD_IS_LOCAL);
	keys(u, "q Enter");
	says(u, "f filter");
	says_not(u, "O open in CRM");
}

static void timeline__of_a_lead__is_written_to_and_logged(void **state)
{
	struct setup *u = *state;

	RUN(u->store, "UPDATE crm SET abilities = %u", RECORD_CAN_CREATE << RECORD_ACTIVITY);
	open_at(u, golden_sizes[1]);
	keys(u, "g E Enter L c Alt-S");
	says(u, "Call logged.");
	settle(u);
	says(u, "Call: Call with Ada Wong");
	keys(u, "c");
	says(u, "Ada Wong");
	says(u, "ada@umbra.example");
	keys(u, "Esc g E G c");
	says(u, "The CRM knows no address of this lead.");
}

/* From a mail whose sender is no contact: to the lead, and a task about it. */
static void timeline__of_a_lead__is_gone_to_from_its_mail(void **state)
{
	struct setup *u = *state;

	put_mail(u->store, 9, 90, false, AT(0, 9, 50), "Ada Wong", "From the fair", "Hello.");
	run_sql(u->store, "DELETE FROM link WHERE message = 9;"
			  "UPDATE mail_crm SET contact = 0, partner = 0 WHERE message = 9;"
			  "INSERT INTO link (message, kind, target, at) SELECT 9, 3, id, 1795168200"
			  " FROM lead WHERE crm_id = 'L1'");
	RUN(u->store, "UPDATE crm SET abilities = %u", RECORD_CAN_CREATE << RECORD_ACTIVITY);
	open_at(u, golden_sizes[0]);
	keys(u, "g a g g");
	says(u, "Ada Wong · Lead");
	keys(u, "Enter");
	says(u, "Ada Wong · Lead");
	screen_resize(&u->s, 40, 120);
	says(u, "│ ada@umbra.example");
	screen_resize(&u->s, 24, 80);
	keys(u, "q t");
	says(u, "Ada Wong  Lead");
	keys(u, "q L t");
	says(u, "Due");
	says(u, "Ada Wong");
	keys(u, "'call Alt-S");
	settle(u);
	assert_int_equal(fixture_sql(u->store, "crmail.db",
				 "SELECT count(*) FROM activity x JOIN lead l ON l.id = x.lead"
				 " WHERE l.crm_id = 'L1' AND x.kind = 4"),
		1);
}

static void timeline__of_nobody__says_who_can_become_a_contact(void **state)
{
	struct setup *u = *state;

	put_mail(u->store, 9, 90, false, AT(0, 9, 50), "Eve", "Hi", "Hello.");
	run_sql(u->store, "DELETE FROM link WHERE message = 9;"
			  "UPDATE mail_crm SET contact = 0, partner = 0, is_unknown = 1"
			  " WHERE message = 9");
	open_at(u, golden_sizes[0]);
	keys(u, "g a g g t");
	says(u, "No contact is known here: N makes one.");
}

/* No server will send anything. */
static void lists__of_this_machine__say_how_they_fill(void **state)
{
	struct setup *u = *state;

	run_sql(u->store, "UPDATE crm SET url = NULL, profile = 'local'");
	open_at(u, golden_sizes[0]);
	keys(u, "g c");
	says(u, "N makes one, :import-contacts takes them from CSV or vCards.");
	keys(u, "g p");
	says(u, "They come with the companies of contacts: g c, or :import-contacts.");
	keys(u, "g e");
	says(u, "They come from a CRM with a server: g A, then C, connects one.");
	keys(u, "g E");
	says(u, "No leads yet.");
	says(u, "They come from a CRM with a server: g A, then C, connects one.");
	says_not(u, "Ctrl-R");
}

static void timeline__write__fills_the_recipient(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	keys(u, "g c / 'laura Enter c");
	says(u, "Laura Palmer <laura@dafaneto.example>");
	keys(u, "Esc");
	keys(u, "Esc G c");
	says(u, "The CRM knows no address of this contact.");
}

static int fake_web(void *ctx, int kind, int64_t row, struct buf *out, struct err *e)
{
	(void)ctx;
	(void)e;
	if (kind == 1)
		buf_addf(out, "https://crm.test/contacts/%lld", (long long)row);
	return 0;
}

static void timeline__going_round__piles_up_no_screens(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	keys(u, "g c / 'laura Enter Enter");
	for (int i = 0; i < 20; i++)
		keys(u, "T g g j j t");
	says(u, "Laura Palmer  Head of Procurement");
	assert_in_range(u->s.ui.n_stack, 2, 5);
}

/* The panel beside a conversation has the keyboard after Tab. */
static void thread__panel__is_walked_and_opened(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[1]);
	keys(u, "g c / 'laura Enter Enter Enter Tab j Enter");
	says(u, "budget is set, decides Denis");
	keys(u, "q j j Enter");
	says(u, "Offer v2");
	keys(u, "q Esc");
	says(u, "r reply");
	screen_resize(&u->s, 24, 80);
	keys(u, "Tab");
	says(u, "+49 30 1234");
	keys(u, "G Enter");
	says(u, "First contact");
	keys(u, "q Esc");
	says(u, "r reply");
}

static void timeline__open_in_crm__gives_the_page_to_the_browser(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	u->s.ui.o.hooks.web = fake_web;
	keys(u, "g c / 'laura Enter Enter O");
	says(u, "Opened in the browser.");
	assert_string_equal(u->s.opened, "https://crm.test/contacts/1");
	u->s.ui.terminal.open = NULL;
	keys(u, "O");
	says(u, "the address of the page is copied.");
	assert_string_equal(u->s.ui.clip, "https://crm.test/contacts/1");
	keys(u, "T O");
	says(u, "This record has no page in the CRM.");
}

static void timeline__forms__are_about_whom_is_shown(void **state)
{
	struct setup *u = *state;

	run_sql(u->store, "UPDATE crm SET abilities = 1073741824 - 1");
	open_at(u, golden_sizes[1]);
	keys(u, "g c / 'laura Enter Enter L");
	says(u, "Laura Palmer");
	says_not(u, "Deadline order");
	keys(u, "Esc E");
	says(u, "Head of Procurement");
	says_not(u, "Deadline order");
	keys(u, "Esc");
	says(u, "Deadline order");
	keys(u, "g e j Enter D");
	says(u, "negotiation");
	says(u, "12000");
}

static void timeline__hide__can_be_undone_and_looked_for(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	keys(u, "g c / 'laura Enter Enter");
	says(u, "Re: Deadline order");
	keys(u, "h");
	settle(u);
	says_not(u, "Re: Deadline order");
	keys(u, "z");
	settle(u);
	says(u, "Re: Deadline order");
	keys(u, "g g h");
	settle(u);
	keys(u, "f Left Enter");
	says(u, "hidden mail");
	says(u, "Re: Deadline order");
	says_not(u, "Offer v2");
	keys(u, "h");
	settle(u);
	says(u, "Nothing of that kind.");
	keys(u, "f Up Enter");
	says(u, "Re: Deadline order");
	keys(u, "G h");
	says(u, "Only mail can be hidden");
}

static void timeline__filter__is_kept_and_refuses_what_is_no_day(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	keys(u, "g c / 'laura Enter Enter f Tab 'yesterday Enter");
	says(u, "This is no day");
	keys(u, "Ctrl-U Ctrl-A Del");
	keys(u, "Esc");
	keys(u, "f Tab Tab Tab Tab Tab Right Enter");
	says(u, "by Denis B.");
	says(u, "Note: met at the fair");
	says_not(u, "Call, 12 min");
	keys(u, "f Esc");
	says(u, "by Denis B.");
	keys(u, "f Right Enter");
	says(u, "emails · by Denis B.");
	says(u, "First contact");
	says_not(u, "Note: met");
}

static void timeline__record_that_goes__is_said(void **state)
{
	struct setup *u = *state;

	open_at(u, golden_sizes[0]);
	keys(u, "g e j Enter");
	says(u, "Q1 frame contract");
	run_sql(u->store, "DELETE FROM deal WHERE crm_id = 'D1'; DELETE FROM link WHERE kind = 4;"
			  "UPDATE activity SET deal = 0");
	settle(u);
	says(u, "This record is no longer in the CRM.");
}

/* n conversations of contact 1, a minute apart. */
static void put_many(struct fixture *f, int n)
{
	RUN(f,
		"WITH RECURSIVE s(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM s WHERE i < %d + "
		"99)"
		" INSERT INTO message (id, account, thread, copy_of, received, date, subject, "
		"snippet)"
		" SELECT i, 1, i, i, 60 * i, 60 * i, 'S' || i, 'text' FROM s;"
		"WITH RECURSIVE s(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM s WHERE i < %d + "
		"99)"
		" INSERT INTO thread (id, newest, count, people) SELECT i, i, 1, 'Laura' FROM s;"
		"WITH RECURSIVE s(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM s WHERE i < %d + "
		"99)"
		" INSERT INTO link (message, kind, target, at) SELECT i, 1, 1, 60 * i FROM s",
		n, n, n);
}

static void timeline__long_one__is_walked_by_every_key(void **state)
{
	struct setup *u = *state;
	int n = getenv("CRMAIL_SLOW") ? 50000 : 5000;
	char text[32];

	put_many(u->store, n);
	open_at(u, golden_sizes[0]);
	keys(u, "g c / 'laura Enter Enter G");
	says(u, "S100 ");
	says_not(u, "S200 ");
	keys(u, "k k PgUp PgUp");
	says(u, "S130 ");
	keys(u, "g g");
	says(u, "Re: Deadline order");
	/* Pages typed ahead lead as far as pages one by one. */
	for (int i = 0; i < 80; i++)
		keys(u, "PgDn");
	CLEANUP(free_str) char *there = xstrdup(screen_dump(&u->s));
	keys(u, "Esc Enter");
	screen_burst(&u->s, PAGES_20 PAGES_20 PAGES_20 PAGES_20);
	assert_string_equal(screen_dump(&u->s), there);
	keys(u, "g g");
	/* Down to the last one, a page at a time, passing every row once. */
	for (int i = 0; i < n / 10 && !screen_shows(&u->s, "S100 "); i++)
		keys(u, "PgDn");
	says(u, "S100 ");
	for (int i = 0; i < n / 10 && !screen_shows(&u->s, "Offer v2"); i++)
		keys(u, "PgUp");
	says(u, "Offer v2");
	keys(u, "f Tab '1970-01-03 Tab '1970-01-03 Enter");
	snprintf(text, sizeof(text), "S%d ", 3 * 1440 - 1);
	says(u, text);
	/* Someone who is in none of them. */
	keys(u, "f Tab Tab Tab 'zzz Enter");
	says(u, "Nothing of that kind.");
}

/* Words that one of very many has. */
static void contacts__rare_word__is_found_among_very_many(void **state)
{
	struct setup *u = *state;
	int n = getenv("CRMAIL_SLOW") ? 100000 : 10000;

	RUN(u->store,
		"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d)"
		" INSERT INTO contact (crm, crm_id, name) SELECT 1, 'X' || i, 'Person ' || i FROM "
		"s",
		n);
	open_at(u, golden_sizes[0]);
	keys(u, "g c / 'palmer");
	says(u, "Laura Palmer");
	keys(u, "Esc G");
	says(u, "山田太郎");
	keys(u, "g g");
	says(u, "Björn Krüger");
	keys(u, "PgDn PgDn PgDn PgUp PgUp PgUp");
	says(u, "Björn Krüger");
}

static void timeline__any_size__is_drawn(void **state)
{
	struct setup *u = *state;
	static const char *const places[] = {"g c", "g p", "g e", "g m", "g c Enter", "g c Enter f",
		"g c / 'laura Enter Enter G k k Enter"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		open_at(u, golden_sizes[0]);
		keys(u, places[i]);
		for (int rows = 1; rows < 30; rows += 3)
			for (int cols = 1; cols < 130; cols += 9)
				screen_resize(&u->s, rows, cols);
		shut(u);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_full, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(screen__is_the_golden),
		cmocka_unit_test_setup_teardown(screen__is_the_golden__nobody_there, set_up,
			tear_down),
		TEST(contacts__cursor__stays_on_its_row_when_others_arrive),
		TEST(contacts__keys_typed_ahead__find_their_rows),
		cmocka_unit_test_setup_teardown(contacts__nobody_there__others_are_gone_to, set_up,
			tear_down),
		TEST(deals__narrow__have_whole_amounts),
		TEST(picker__words_of_none__is_said),
		TEST(timeline__mail__opens_in_place_and_comes_back),
		TEST(timeline__partner_and_contact__by_their_keys),
		TEST(timeline__of_this_machine__has_no_page_to_open),
		TEST(timeline__of_a_lead__is_written_to_and_logged),
		TEST(timeline__of_a_lead__is_gone_to_from_its_mail),
		TEST(timeline__of_nobody__says_who_can_become_a_contact),
		cmocka_unit_test_setup_teardown(lists__of_this_machine__say_how_they_fill, set_up,
			tear_down),
		TEST(timeline__write__fills_the_recipient),
		TEST(timeline__going_round__piles_up_no_screens),
		TEST(thread__panel__is_walked_and_opened),
		TEST(timeline__open_in_crm__gives_the_page_to_the_browser),
		TEST(timeline__forms__are_about_whom_is_shown),
		TEST(timeline__hide__can_be_undone_and_looked_for),
		TEST(timeline__filter__is_kept_and_refuses_what_is_no_day),
		TEST(timeline__record_that_goes__is_said),
		TEST(timeline__long_one__is_walked_by_every_key),
		TEST(contacts__rare_word__is_found_among_very_many),
		TEST(timeline__any_size__is_drawn),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests_name("ui/timelines", tests, NULL, NULL);
}
