/*
 * test_today.c - the day and the feed: goldens at three sizes, filled and empty, and what the keys
 * do.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/event.h"
#include "flow.h"

#define DAY_S 86400
#define MIDNIGHT 1795132800 /* of FAKE_NOW, UTC */

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

static const struct scene scenes[] = {
	{"today", "g y", NULL, NULL,
		{"crmail  Today, Friday 20 November", "2 wait for you · 3 tasks", "since 09:41",
			"5 days", "2 days overdue", "due today", "in 2 h 10", NULL}},
	{"today-task", "g y j j j", NULL, NULL, {"▸ Tasks", "x done", NULL}},
	{"today-empty", "g y", NULL, fill_nothing,
		{"nobody waits for an answer of yours", "nothing is due", "no more today",
			"g A, then C, connects one.", NULL}},
	{"notices", "g n", NULL, NULL,
		{"crmail  Notifications", "3 new", "Laura Palmer  Re: Deadline order",
			"base  (3) The CRM has this entry", "A new sign-in is needed.", NULL}},
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
	assert_true(screen_shows(&f->s, "That is for tasks."));
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
