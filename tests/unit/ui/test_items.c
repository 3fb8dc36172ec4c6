/* test_items.c - what waits for the CRM: goldens at three sizes, and what the keys do. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_crm.h"
#include "golden.h"
#include "screen.h"
#include "tests/unit/unit.h"

struct fixture {
	struct store store;
	struct fake_crm crm;
	struct screen s;
};

static struct record_value deal_fields[] = {
	{"stage", "offer", "negotiation", "won", 0},
	{"amount", "12000", "12500", "12000", 0},
};
static struct record_value call_fields[] = {
	{"kind", NULL, "call", NULL, 0},
	{"subject", NULL, "Budget is set", NULL, 0},
	{"body", NULL, "Denis decides, on Thursday. He wants the list before.", NULL, 0},
};

static void fill_items(struct fake_crm *c)
{
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

static void open_at(struct fixture *f, int rows, int cols)
{
	*f = (struct fixture){.store = {.n_accounts = 0}};
	fake_store_fill(&f->store);
	fill_items(&f->crm);
	f->store.crm = &f->crm;
	screen_open(&f->s, &f->store, rows, cols);
}

static void close_it(struct fixture *f)
{
	screen_close(&f->s);
	fake_store_release(&f->store);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	open_at(f, 24, 80);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	close_it(*state);
	free(*state);
	return 0;
}

struct scene {
	const char *name, *keys;
	bool is_empty;
	const char *says[8];
};

static const struct scene scenes[] = {
	{"items", "g w j", false,
		{"crmail  What waits for the CRM", "1 conflict · 1 refused · 2 wait",
			"say whose counts", "does not show it to you", "next try Today 10:05",
			"call, new", NULL}},
	{"items-status", "g i", false,
		{"The CRM refused 2 entries: g w shows which, and why.", NULL}},
	{"items-empty", "g w", true, {"Nothing waits for a CRM.", NULL}},
	{"items-mail", "g w j Enter", false,
		{"Laura Palmer", "received mail", "thanks, the board meets Thursday.", NULL}},
	{"items-record", "g w j j Enter", false,
		{"call, new", "Budget is set", "Denis decides, on Thursday.", NULL}},
	{"items-discard", "g w j #", false,
		{"Give up?  Re: Deadline order", "There is no way back.", NULL}},
};

static void scene__is_the_golden(void **state)
{
	const struct scene *scene = *state;

	for (size_t i = 0; i < ARRAY_SIZE(golden_sizes); i++) {
		struct fixture f;

		open_at(&f, golden_sizes[i].rows, golden_sizes[i].cols);
		if (scene->is_empty)
			f.crm.n_waiting = f.crm.n_writes = 0;
		screen_keys(&f.s, scene->keys);
		golden_check(scene->name, &f.s, scene->says);
		close_it(&f);
	}
}

static void items__retry__what_is_under_the_cursor(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g w j r");
	assert_int_equal(f->store.retried, 11);
	assert_true(screen_shows(&f->s, "Tried again."));
	assert_true(f->s.kicks > 0);
	screen_keys(&f->s, "j r");
	assert_int_equal(f->store.retried, 22);
}

static void items__leave__a_conflict_to_the_user(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g w r");
	assert_int_equal(f->store.retried, 0);
	assert_true(screen_shows(&f->s, "Both sides changed it"));
}

static void items__ask__before_giving_up(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g w j # Esc");
	assert_int_equal(f->store.discarded, 0);
	screen_keys(&f->s, "# y");
	assert_int_equal(f->store.discarded, 11);
	screen_keys(&f->s, "j # y");
	assert_int_equal(f->store.discarded, 22);
}

static void items__open__the_mail(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g w j m");
	assert_string_equal(ui_top(&f->s.ui)->ops->name, "thread");
	screen_keys(&f->s, "q j j m");
	assert_true(screen_shows(&f->s, "The mail is not here any more."));
}

static void items__lead__to_the_forms(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g w Enter");
	assert_string_equal(ui_top(&f->s.ui)->ops->name, "conflict");
	screen_keys(&f->s, "Esc j e");
	assert_true(screen_shows(&f->s, "g A, then l."));
	screen_keys(&f->s, "j e");
	assert_true(screen_shows(&f->s, "write it anew where it belongs"));
}

/* The row under the cursor stays when another one goes. */
static void items__keep__the_cursor(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g w j j");
	f->crm.n_waiting = 0;
	screen_resize(&f->s, 24, 80);
	screen_keys(&f->s, "r");
	assert_int_equal(f->store.retried, 22);
}

static void items__say__when_it_is_done(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g w j j Enter");
	f->crm.n_writes = 0;
	screen_resize(&f->s, 24, 80);
	assert_true(screen_shows(&f->s, "It is done: nothing of it waits any more."));
	screen_keys(&f->s, "r");
	assert_int_equal(f->store.retried, 0);
}

#define FLOW(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define N_SCENES ARRAY_SIZE(scenes)

int main(void)
{
	const struct CMUnitTest flows[] = {
		FLOW(items__retry__what_is_under_the_cursor),
		FLOW(items__leave__a_conflict_to_the_user),
		FLOW(items__ask__before_giving_up),
		FLOW(items__open__the_mail),
		FLOW(items__lead__to_the_forms),
		FLOW(items__keep__the_cursor),
		FLOW(items__say__when_it_is_done),
	};
	struct CMUnitTest tests[N_SCENES + ARRAY_SIZE(flows)];
	char names[N_SCENES][64];

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	for (size_t i = 0; i < N_SCENES; i++) {
		snprintf(names[i], sizeof(names[i]), "scene__is_the_golden__%s", scenes[i].name);
		tests[i] = (struct CMUnitTest){.name = names[i],
			.test_func = scene__is_the_golden,
			.initial_state = (void *)(uintptr_t)&scenes[i]};
	}
	memcpy(tests + N_SCENES, flows, sizeof(flows));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
