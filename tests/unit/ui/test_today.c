/*
 * test_today.c - the day and the feed: goldens at three sizes, filled and empty, and what the keys
 * do.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/event.h"
#include "flow.h"
#include "ui/views/remind.h"

#define DAY_S 86400
#define MIDNIGHT 1795132800 /* of FAKE_NOW, UTC */
/* Late on the last day of Central European Summer Time and of the winter after it. */
#define AUTUMN 1792873800 /* 2026-10-24 22:30 */
#define SPRING 1806186600 /* 2027-03-27 23:30 */

static const struct today_thread waiting[] = {
	{.thread = 3,
		.message = 6,
		.account = 1,
		.at = FAKE_NOW - 1140,
		.contact = 1,
		.partner = 1},
	{.thread = 2, .message = 5, .account = 1, .at = FAKE_NOW - 2880, .contact = 2},
};
static const struct today_thread unanswered[] = {
	{.thread = 2, .message = 5, .account = 1, .at = FAKE_NOW - 5 * DAY_S, .contact = 2},
};

static void fill(struct flow *f)
{
	struct fake_crm *c = &f->crm;

	f->store.crm = c;
	*c = (struct fake_crm){.n = 1,
		.waiting_for_me = waiting,
		.n_waiting_for_me = 2,
		.unanswered = unanswered,
		.n_unanswered = 1,
		.n_day = 4,
		.n_notices = 4,
		.unseen = 3};
	c->rows[0] = (struct crm_row){.id = 1,
		.name = "base",
		.profile = "base",
		.url = "https://crm.example",
		.log_mode = "known",
		.log_level = "snippet",
		.log_side = "activity",
		.status = "connected"};
	c->day[0] = (struct today_entry){.id = 51,
		.crm = 1,
		.contact = 1,
		.due_at = MIDNIGHT - 2 * DAY_S,
		.subject = "send price list",
		.about = "Laura Palmer"};
	c->day[1] = (struct today_entry){
		.id = 52, .crm = 1, .due_at = MIDNIGHT, .subject = "prepare demo for Mibo"};
	c->day[2] = (struct today_entry){
		.id = 53, .crm = 1, .due_at = MIDNIGHT + 3 * DAY_S, .subject = "call the bank"};
	c->day[3] = (struct today_entry){.id = 54,
		.crm = 1,
		.at = FAKE_NOW + 7800,
		.subject = "intro call",
		.about = "Tolabe"};
	c->notices[0] = (struct notice_row){.id = 9,
		.at = FAKE_NOW - 60,
		.kind = NOTICE_MAIL,
		.count = 1,
		.message = 4,
		.thread = 1,
		.name = "work",
		.peer = "Laura Palmer",
		.text = "Re: Deadline order and the new terms"};
	c->notices[1] = (struct notice_row){.id = 8,
		.at = FAKE_NOW - 600,
		.kind = NOTICE_REFUSED,
		.count = 3,
		.crm = 1,
		.name = "base",
		.text = "The CRM has this entry but does not show it to you."};
	c->notices[2] = (struct notice_row){.id = 7,
		.at = FAKE_NOW - 7200,
		.kind = NOTICE_SIGN_IN,
		.count = 1,
		.account = 1,
		.name = "work"};
	c->notices[3] = (struct notice_row){.id = 6,
		.at = FAKE_NOW - DAY_S,
		.kind = NOTICE_DISK,
		.count = 1,
		.is_seen = true,
		.text = "The disk is nearly full: make room, or mail cannot be kept."};
}

static void fill_nothing(struct flow *f)
{
	f->crm = (struct fake_crm){.n = 0};
}

/* One that was due this morning, of somebody in no CRM, and one of Laura's that is put off. */
static void fill_reminder(struct flow *f)
{
	f->store.reminded = 5;
	f->store.remind_at = FAKE_NOW - 3600;
}

static void fill_put_off(struct flow *f)
{
	f->store.reminded = 2;
	f->store.remind_at = FAKE_NOW + 2 * DAY_S;
}

/* Of the conversation at the top of the inbox. */
static void fill_shown(struct flow *f)
{
	f->store.reminded = 3;
	f->store.remind_at = FAKE_NOW + 2 * DAY_S;
}

static void fill_told(struct flow *f)
{
	f->crm.notices[0] = (struct notice_row){.id = 9,
		.at = FAKE_NOW - 3600,
		.kind = NOTICE_REMINDER,
		.count = 1,
		.message = 5,
		.thread = 2,
		.peer = "Bob",
		.text = "Our offer"};
	f->crm.notices[1] = (struct notice_row){.id = 8,
		.at = FAKE_NOW - 7200,
		.kind = NOTICE_BOUNCED,
		.count = 1,
		.message = 5,
		.thread = 2,
		.peer = "Eve",
		.text = "Price list"};
}

static const struct scene scenes[] = {
	{"today", "g y", NULL, NULL,
		{"crmail  Today, Friday 20 November", "2 wait for you · 3 tasks", "since 09:41",
			"5 days", "2 days overdue", "due today", "in 2 h 10", NULL}},
	{"today-task", "g y j j j", NULL, NULL, {"▸ Tasks", "x done", NULL}},
	{"today-empty", "g y", NULL, fill_nothing,
		{"nobody waits for an answer of yours", "nothing is due", "no more today",
			"g A, then C, connects one.", NULL}},
	{"today-reminder", "g y j j", NULL, fill_reminder,
		{"reminder was today", "x done", "R remind", NULL}},
	{"today-put-off", "g y", NULL, fill_put_off, {"5 days · reminder in 2 days", NULL}},
	{"remind", "R", NULL, NULL,
		{"Remind me if nobody answers:", "in 3 days", "Mon 23 Nov 09:00", NULL}},
	{"remind-typed", "R 'fri", NULL, NULL, {"Fri 27 Nov 09:00", "in 7 days", NULL}},
	{"remind-change", "g y j j R", NULL, fill_reminder,
		{"no reminder any more", "Today 09:00", NULL}},
	{"remind-thread", "Enter", NULL, fill_shown, {"↺ reminder in 2 days", NULL}},
	{"remind-list", "g i", NULL, fill_shown, {"↺", NULL}},
	{"notices", "g n", NULL, NULL,
		{"crmail  Notifications", "3 new", "Laura Palmer  Re: Deadline order",
			"base  (3) The CRM has this entry", "A new sign-in is needed.", NULL}},
	{"notices-reminder", "g n", NULL, fill_told,
		{"no answer Bob  Our offer", "bounced   Eve  Price list", NULL}},
	{"notices-empty", "g n", NULL, fill_nothing, {"Nothing happened yet.", NULL}},
	{"notices-count", "g i", NULL, NULL, {"3 new", NULL}},
};

static const char *top_view(const struct flow *f)
{
	return ui_top(&f->s.ui)->ops->name;
}

static void today__opens__and_answers_a_conversation(struct flow *f)
{
	screen_keys(&f->s, "g y Enter");
	assert_string_equal(top_view(f), "thread");
	screen_keys(&f->s, "q r");
	assert_string_equal(top_view(f), "compose");
	assert_true(screen_shows(&f->s, "Re: "));
}

static void today__writes__to_the_contact(struct flow *f)
{
	screen_keys(&f->s, "g y j j j c");
	assert_string_equal(top_view(f), "compose");
	assert_true(screen_shows(&f->s, "laura@dafaneto.example"));
}

static void today__completes__a_task_and_takes_it_back(struct flow *f)
{
	screen_keys(&f->s, "g y j j j x");
	assert_string_equal(f->store.written.p, "edit activity 51: status=completed\n");
	assert_true(screen_shows(&f->s, "Task done."));
	screen_keys(&f->s, "z");
	assert_non_null(strstr(f->store.written.p, "undo "));
}

static void today__puts_off__from_today_on(struct flow *f)
{
	screen_keys(&f->s, "g y j j j d j j w");
	assert_string_equal(f->store.written.p, "edit activity 51: due_date=2026-11-21\n"
						"edit activity 53: due_date=2026-11-30\n");
	assert_true(screen_shows(&f->s, "Put off by a week."));
}

static void today__completes__tasks_only(struct flow *f)
{
	screen_keys(&f->s, "g y x");
	assert_int_equal(f->store.n_written, 0);
	assert_true(screen_shows(&f->s, "That is for tasks and reminders. R sets a reminder."));
}

/* ---- reminders ------------------------------------------------------------------------------- */

static void expect_written(struct flow *f, const char *lines)
{
	assert_string_equal(f->store.written.len ? f->store.written.p : "", lines);
	buf_truncate(&f->store.written, 0);
}

static void remind__is_set__in_three_days_and_taken_back(struct flow *f)
{
	screen_keys(&f->s, "g i R Enter");
	expect_written(f, "remind 3 2026-11-23T09:00:00Z\n");
	assert_string_equal(top_view(f), "list");
	flow_shows(f, "Reminder, if nobody answers: Mon 23 Nov 09:00.");
	assert_int_equal(f->s.ui.undo.group, f->store.next_group);
	screen_keys(&f->s, "z");
	flow_shows(f, "Undone.");
}

static void remind__understands__what_is_typed(struct flow *f)
{
	static const struct {
		const char *keys, *written;
	} table[] = {{"R '5 Enter", "remind 3 2026-11-25T09:00:00Z\n"},
		{"R '2 Space 'weeks Enter", "remind 3 2026-12-04T09:00:00Z\n"},
		{"R '4d Enter", "remind 3 2026-11-24T09:00:00Z\n"},
		{"R '16:30 Enter", "remind 3 2026-11-20T16:30:00Z\n"},
		{"R '2026-12-01 Enter", "remind 3 2026-12-01T09:00:00Z\n"},
		{"R 'month Enter Esc", ""}, {"R 'week Enter", "remind 3 2026-11-27T09:00:00Z\n"},
		{"R Esc", ""}, {"R Down Down Enter", "remind 3 2026-12-04T09:00:00Z\n"}};

	screen_keys(&f->s, "g i");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		screen_keys(&f->s, table[i].keys);
		expect_written(f, table[i].written);
		assert_string_equal(top_view(f), "list");
	}
}

static void remind__says__what_is_wrong(struct flow *f)
{
	screen_keys(&f->s, "g i R 'whenever Enter");
	assert_string_equal(top_view(f), "remind");
	flow_shows(f, "not understood; as 5, fri");
	screen_keys(&f->s, "Esc R 'yesterday Enter");
	assert_string_equal(top_view(f), "remind");
	flow_shows(f, "that has passed already");
	screen_keys(&f->s, "Esc R 'today Enter"); /* its morning is over */
	flow_shows(f, "that has passed already");
	expect_written(f, "");
}

static void remind__changes_and_ends__the_one_that_is_there(struct flow *f)
{
	f->store.reminded = 3;
	f->store.remind_at = FAKE_NOW + DAY_S;
	screen_keys(&f->s, "g i R Down Enter");
	expect_written(f, "remind 3 2026-11-27T09:00:00Z\n");
	screen_keys(&f->s, "Enter R Down Down Down Down Enter");
	expect_written(f, "end reminder 3\n");
	assert_string_equal(top_view(f), "thread");
	flow_shows(f, "Reminder ended.");
}

/* Europe/Berlin on the evening before it has one hour more, and one less: a morning stays one. */
static void remind__mornings__stay_when_clocks_change(struct flow *f)
{
	static const struct {
		int64_t now;
		const char *keys, *written, *says;
	} table[] = {
		/* Saturday 24 October 2026, 22:30, summer time. */
		{AUTUMN, "R '1 Enter", "remind 3 2026-10-25T08:00:00Z\n", "Sun 25 Oct 09:00"},
		{AUTUMN, "R 'tomorrow Space '4am Enter", "remind 3 2026-10-25T03:00:00Z\n",
			"Sun 25 Oct 04:00"},
		{AUTUMN, "R '1d", "", "in 1 day"},
		{AUTUMN, "Esc R '+3h", "", "Sun 25 Oct 01:30"},
		{AUTUMN, "Esc R '+5h", "", "Sun 25 Oct 02:30"},
		/* Saturday 27 March 2027, 23:30. */
		{SPRING, "Esc R '1 Enter", "remind 3 2027-03-28T07:00:00Z\n", "Sun 28 Mar 09:00"},
		{SPRING, "R Enter", "remind 3 2027-03-30T07:00:00Z\n", "30 Mar 09:00"},
		{SPRING, "R '+2h", "", "Sun 28 Mar 01:30"},
		{SPRING, "Esc R '+3h", "", "Sun 28 Mar 03:30"},
		{SPRING, "Esc R '2d", "", "in 2 days"},
	};

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	screen_keys(&f->s, "g i");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		screen_set_now(&f->s, table[i].now);
		screen_keys(&f->s, table[i].keys);
		expect_written(f, table[i].written);
		flow_shows(f, table[i].says);
	}
	flow_set_locale();
}

/* A day of 25 hours and one of 23 are a day each. */
static void remind__words__count_days_when_clocks_change(struct flow *f)
{
	static const struct {
		int64_t now, due_at;
		const char *words;
	} table[] = {
		{AUTUMN, AUTUMN + 11 * 3600 + 1800, "reminder tomorrow"},
		{AUTUMN, AUTUMN + 26 * 3600, "reminder tomorrow"},
		{AUTUMN, AUTUMN + 27 * 3600, "reminder in 2 days"},
		{AUTUMN + 26 * 3600, AUTUMN, "reminder was yesterday"},
		{SPRING, SPRING + 23 * 3600, "reminder tomorrow"},
		{SPRING, SPRING + 24 * 3600, "reminder in 2 days"},
		{SPRING + 23 * 3600, SPRING, "reminder was yesterday"},
	};

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct buf b = BUF_INIT(100);
		remind_add_words(&b, table[i].due_at, table[i].now);
		assert_string_equal(b.p, table[i].words);
		buf_release(&b);
	}
	flow_set_locale();
	assert_int_equal(f->store.n_written, 0);
}

/* The cursor goes on when a row is selected. */
static void remind__selected__is_meant(struct flow *f)
{
	screen_keys(&f->s, "g i x R Enter");
	expect_written(f, "remind 3 2026-11-23T09:00:00Z\n");
}

/* Of several selected ones, which? */
static void remind__is_refused__for_several_at_once(struct flow *f)
{
	screen_keys(&f->s, "g i x x R");
	assert_string_equal(top_view(f), "list");
	flow_shows(f, "A reminder is of one conversation");
	expect_written(f, "");
}

static void remind__is_set__from_a_search(struct flow *f)
{
	screen_keys(&f->s, "/ 'deadline Enter R Enter");
	expect_written(f, "remind 3 2026-11-23T09:00:00Z\n");
	event_post(f->s.events, &(struct event){.type = EV_MESSAGES, .arg = 3, .count = 1});
	flow_turn(f);
	flow_shows(f, "↺");
}

static void remind__any_size__is_drawn(struct flow *f)
{
	static const char *const places[] = {
		"g i R", "Esc R 'fri", "Esc R 'never", "Esc g y j j R", "Esc g y"};

	fill_reminder(f);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		screen_resize(&f->s, 24, 80);
		screen_keys(&f->s, places[i]);
		for (int rows = 1; rows < 26; rows += 3)
			for (int cols = 1; cols < 130; cols += 9)
				screen_resize(&f->s, rows, cols);
	}
}

static void today__puts_off_and_ends__a_reminder(struct flow *f)
{
	fill_reminder(f);
	flow_turn(f);
	screen_keys(&f->s, "g y j j d");
	expect_written(f, "remind 5 2026-11-21T09:00:00Z\n");
	fill_reminder(f);
	screen_keys(&f->s, "g y g g j j w");
	expect_written(f, "remind 5 2026-11-27T09:00:00Z\n");
	fill_reminder(f);
	screen_keys(&f->s, "g y g g j j x");
	expect_written(f, "end reminder 5\n");
	fill_put_off(f); /* from the day when it is due */
	screen_keys(&f->s, "g y g g j j d");
	expect_written(f, "remind 2 2026-11-23T09:00:00Z\n");
}

static void today__opens__what_somebody_is_reminded_of(struct flow *f)
{
	fill_reminder(f);
	flow_turn(f);
	screen_keys(&f->s, "g y j j Enter");
	assert_string_equal(top_view(f), "thread");
	flow_shows(f, "Can we talk about pricing?");
}

/* Without a pass of any account; and once, until the commit shows that it was told. */
static void reminder__is_told__when_its_moment_comes(struct flow *f)
{
	f->store.reminded = 3;
	f->store.remind_at = FAKE_NOW + 30;
	event_post(f->s.events, &(struct event){.type = EV_FOLDERS, .count = 1});
	ui_events(&f->s.ui);
	assert_int_equal(f->store.told, 0);
	assert_in_range(ui_timeout_ms(&f->s.ui), 1, 30000);
	screen_set_now(&f->s, FAKE_NOW + 30);
	flow_turn(f);
	assert_int_equal(f->store.told, 1);
	flow_turn(f);
	assert_int_equal(f->store.told, 1);
}

static void notices__lead__to_what_nobody_answered(struct flow *f)
{
	fill_told(f);
	screen_keys(&f->s, "g n Enter");
	assert_string_equal(top_view(f), "thread");
	assert_int_equal(f->store.seen, 9);
}

static void today__keeps__the_cursor_on_its_row(struct flow *f)
{
	screen_keys(&f->s, "g y j j j j");
	f->crm.n_waiting_for_me = 0;
	screen_resize(&f->s, 24, 80);
	screen_keys(&f->s, "x");
	assert_string_equal(f->store.written.p, "edit activity 52: status=completed\n");
}

static void notices__lead__to_the_thing(struct flow *f)
{
	screen_keys(&f->s, "g n Enter");
	assert_string_equal(top_view(f), "thread");
	assert_int_equal(f->store.seen, 9);
	screen_keys(&f->s, "q j Enter");
	assert_string_equal(top_view(f), "crm-items");
	screen_keys(&f->s, "g n j j Enter");
	assert_string_equal(top_view(f), "accounts");
	screen_keys(&f->s, "g n G Enter");
	assert_true(screen_shows(&f->s, "The disk is nearly full"));
}

static int rings;
static char rung[64];

static void note_ring(void *ctx, const char *text)
{
	(void)ctx;
	rings++;
	snprintf(rung, sizeof(rung), "%s", text ? text : "bell");
}

static void another(struct flow *f)
{
	f->crm.unseen++;
	event_post(f->s.events, &(struct event){.type = EV_FOLDERS, .count = 1});
	screen_resize(&f->s, 24, 80);
}

static void notices__ring__when_told_to(struct flow *f)
{
	rings = 0;
	f->s.ui.terminal.ring = note_ring;
	another(f); /* off, unless it is set */
	assert_int_equal(rings, 0);
	f->s.ui.o.ring = "bell";
	another(f);
	assert_int_equal(rings, 1);
	assert_string_equal(rung, "bell");
	f->s.ui.o.ring = "osc9";
	another(f);
	assert_string_equal(rung, "crmail: something new");
	f->crm.unseen = 0; /* seen */
	another(f);
	assert_int_equal(rings, 2);
}

static void notices__are__quiet_in_the_quiet_hours(struct flow *f)
{
	static const struct {
		const char *quiet;
		int rings;
	} table[] = {{"09:00-11:00", 0}, {"22:00-10:01", 0}, {"10:00-10:01", 0}, {"22:00-07:00", 1},
		{"10:01-09:59", 1}, {"", 1}, {"at night", 1}, {"9-11", 1}};

	f->s.ui.terminal.ring = note_ring;
	f->s.ui.o.ring = "bell";
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		rings = 0;
		f->s.ui.o.quiet = table[i].quiet;
		another(f);
		if (rings != table[i].rings)
			fail_msg("\"%s\" rings %d times", table[i].quiet, rings);
	}
}

static void notices__are__marked_as_seen(struct flow *f)
{
	screen_keys(&f->s, "g n j x");
	assert_int_equal(f->store.seen, 8);
	assert_string_equal(top_view(f), "notices");
	screen_keys(&f->s, "X");
	event_post(f->s.events, &(struct event){.type = EV_FOLDERS, .count = 1});
	screen_resize(&f->s, 24, 80);
	assert_int_equal(f->store.seen, -1);
	assert_false(screen_shows(&f->s, "3 new"));
}

static const struct scene_flow flows[] = {
	FLOW(today__opens__and_answers_a_conversation),
	FLOW(today__writes__to_the_contact),
	FLOW(today__completes__a_task_and_takes_it_back),
	FLOW(today__puts_off__from_today_on),
	FLOW(today__completes__tasks_only),
	FLOW(today__keeps__the_cursor_on_its_row),
	FLOW(remind__is_set__in_three_days_and_taken_back),
	FLOW(remind__understands__what_is_typed),
	FLOW(remind__says__what_is_wrong),
	FLOW(remind__changes_and_ends__the_one_that_is_there),
	FLOW(remind__mornings__stay_when_clocks_change),
	FLOW(remind__words__count_days_when_clocks_change),
	FLOW(remind__selected__is_meant),
	FLOW(remind__is_refused__for_several_at_once),
	FLOW(remind__is_set__from_a_search),
	FLOW(remind__any_size__is_drawn),
	FLOW(today__puts_off_and_ends__a_reminder),
	FLOW(today__opens__what_somebody_is_reminded_of),
	FLOW(reminder__is_told__when_its_moment_comes),
	FLOW(notices__lead__to_what_nobody_answered),
	FLOW(notices__lead__to_the_thing),
	FLOW(notices__ring__when_told_to),
	FLOW(notices__are__quiet_in_the_quiet_hours),
	FLOW(notices__are__marked_as_seen),
};

int main(void)
{
	const struct scene_set set = {.name = "ui/today",
		.fill = fill,
		.scenes = scenes,
		.n_scenes = ARRAY_SIZE(scenes),
		.flows = flows,
		.n_flows = ARRAY_SIZE(flows)};

	return scene_run(&set);
}
