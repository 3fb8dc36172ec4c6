/* test_items.c - what waits for the CRM: goldens at three sizes, and what the keys do. */
#include "config.h"

#include "flow.h"

static struct record_value deal_fields[] = {
	{"stage", "offer", "negotiation", "won", 0},
	{"amount", "12000", "12500", "12000", 0},
};
static struct record_value call_fields[] = {
	{"kind", NULL, "call", NULL, 0},
	{"subject", NULL, "Budget is set", NULL, 0},
	{"body", NULL, "Denis decides, on Thursday. He wants the list before.", NULL, 0},
};

static void fill(struct flow *f)
{
	struct fake_crm *c = &f->crm;

	f->store.crm = c;
	*c = (struct fake_crm){
		.n_waiting = 2, .n_writes = 2, .counts = {.parked = 1, .conflicts = 1}};
	c->waiting[0] = (struct crm_entry){.id = 11,
		.crm = 1,
		.message = 7,
		.thread = 3,
		.is_parked = true,
		.at = FAKE_NOW - 3600,
		.attempts = 1,
		.subject = "Re: Deadline order and the new terms",
		.body = "thanks, the board meets Thursday.",
		.about = "Laura Palmer",
		.reason = "The CRM has this entry but does not show it to you."};
	c->waiting[1] = (struct crm_entry){.id = 12,
		.crm = 1,
		.is_out = true,
		.at = FAKE_NOW - 86400,
		.not_before = FAKE_NOW + 300,
		.attempts = 3,
		.subject = "Angebot 2026-17",
		.about = "Björn Krüger"};
	c->writes[0] = (struct record_write){.id = 21,
		.kind = RECORD_DEAL,
		.verb = RECORD_EDITED,
		.state = RECORD_CONFLICT,
		.created_at = FAKE_NOW - 7200,
		.title = "Q1 frame contract",
		.fields = deal_fields,
		.n_fields = ARRAY_SIZE(deal_fields)};
	c->writes[1] = (struct record_write){.id = 22,
		.kind = RECORD_ACTIVITY,
		.verb = RECORD_CREATED,
		.state = RECORD_WAITING,
		.created_at = FAKE_NOW - 60,
		.title = "Budget is set",
		.fields = call_fields,
		.n_fields = ARRAY_SIZE(call_fields)};
}

static void fill_nothing(struct flow *f)
{
	f->crm.n_waiting = f->crm.n_writes = 0;
}

static const struct scene scenes[] = {
	{"items", "g w j", NULL, NULL,
		{"crmail  What waits for the CRM", "1 conflict · 1 refused · 2 wait",
			"say whose counts", "does not show it to you", "next try Today 10:05",
			"call, new", NULL}},
	{"items-status", "g i", NULL, NULL,
		{"The CRM refused 2 entries: g w shows which, and why.", NULL}},
	{"items-empty", "g w", NULL, fill_nothing, {"Nothing waits for a CRM.", NULL}},
	{"items-mail", "g w j Enter", NULL, NULL,
		{"Laura Palmer", "received mail", "thanks, the board meets Thursday.", NULL}},
	{"items-record", "g w j j Enter", NULL, NULL,
		{"call, new", "Budget is set", "Denis decides, on Thursday.", NULL}},
	{"items-discard", "g w j #", NULL, NULL,
		{"Give up?  Re: Deadline order", "There is no way back.", NULL}},
};

static void items__retry__what_is_under_the_cursor(struct flow *f)
{
	screen_keys(&f->s, "g w j r");
	assert_int_equal(f->store.retried, 11);
	assert_true(screen_shows(&f->s, "Tried again."));
	assert_true(f->s.kicks > 0);
	screen_keys(&f->s, "j r");
	assert_int_equal(f->store.retried, 22);
}

static void items__leave__a_conflict_to_the_user(struct flow *f)
{
	screen_keys(&f->s, "g w r");
	assert_int_equal(f->store.retried, 0);
	assert_true(screen_shows(&f->s, "Both sides changed it"));
}

static void items__ask__before_giving_up(struct flow *f)
{
	screen_keys(&f->s, "g w j # Esc");
	assert_int_equal(f->store.discarded, 0);
	screen_keys(&f->s, "# y");
	assert_int_equal(f->store.discarded, 11);
	screen_keys(&f->s, "j # y");
	assert_int_equal(f->store.discarded, 22);
}

static void items__open__the_mail(struct flow *f)
{
	screen_keys(&f->s, "g w j m");
	assert_string_equal(ui_top(&f->s.ui)->ops->name, "thread");
	screen_keys(&f->s, "q j j m");
	assert_true(screen_shows(&f->s, "The mail is not here any more."));
}

static void items__lead__to_the_forms(struct flow *f)
{
	screen_keys(&f->s, "g w Enter");
	assert_string_equal(ui_top(&f->s.ui)->ops->name, "conflict");
	screen_keys(&f->s, "Esc j e");
	assert_true(screen_shows(&f->s, "g A, then l."));
	screen_keys(&f->s, "j e");
	assert_true(screen_shows(&f->s, "write it anew where it belongs"));
}

/* The row under the cursor stays when another one goes. */
static void items__keep__the_cursor(struct flow *f)
{
	screen_keys(&f->s, "g w j j");
	f->crm.n_waiting = 0;
	screen_resize(&f->s, 24, 80);
	screen_keys(&f->s, "r");
	assert_int_equal(f->store.retried, 22);
}

static void items__say__when_it_is_done(struct flow *f)
{
	screen_keys(&f->s, "g w j j Enter");
	f->crm.n_writes = 0;
	screen_resize(&f->s, 24, 80);
	assert_true(screen_shows(&f->s, "It is done: nothing of it waits any more."));
	screen_keys(&f->s, "r");
	assert_int_equal(f->store.retried, 0);
}

static const struct scene_flow flows[] = {
	FLOW(items__retry__what_is_under_the_cursor),
	FLOW(items__leave__a_conflict_to_the_user),
	FLOW(items__ask__before_giving_up),
	FLOW(items__open__the_mail),
	FLOW(items__lead__to_the_forms),
	FLOW(items__keep__the_cursor),
	FLOW(items__say__when_it_is_done),
};

int main(void)
{
	const struct scene_set set = {.name = "ui/items",
		.fill = fill,
		.scenes = scenes,
		.n_scenes = ARRAY_SIZE(scenes),
		.flows = flows,
		.n_flows = ARRAY_SIZE(flows)};

	return scene_run(&set);
}
