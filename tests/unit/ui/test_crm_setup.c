/*
 * test_crm_setup.c - connecting a CRM: goldens at three sizes, what the forms order, and that
 * nothing is ordered to be logged before it was confirmed.
 */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/event.h"
#include "fake_crm.h"
#include "golden.h"
#include "screen.h"
#include "tests/unit/unit.h"
#include "ui/views/crm_setup.h"
#include "ui/views/views.h"

struct fixture {
	struct store store;
	struct fake_crm crm;
	struct screen s;
};

static void fill_crm(struct fake_crm *c)
{
	*c = (struct fake_crm){.n = 1, .totals = {.contacts = 1204, .partners = 233}};
	c->rows[0] = (struct crm_row){.id = 7,
		.name = "base",
		.profile = "base",
		.url = "https://crm.example",
		.log_mode = "known",
		.log_level = "snippet",
		.log_side = "off",
		.status = "connected",
		.last_pull_at = FAKE_NOW - 60};
	c->proofs[0] = (struct proof_row){.message = 3,
		.at = FAKE_NOW - 1140,
		.peer = "Laura Palmer",
		.subject = "Re: Deadline order and the new terms",
		.snippet =
			"thanks, the board meets Thursday. Could you send the revised price list",
		.contact = "Laura Palmer",
		.partner = "Dafaneto"};
	c->proofs[1] = (struct proof_row){.message = 2,
		.at = FAKE_NOW - 86400,
		.is_out = true,
		.peer = "bk@tolabe.example",
		.subject = "Angebot 2026-17",
		.contact = "Björn Krüger"};
	c->proofs[2] = (struct proof_row){
		.message = 1, .at = FAKE_NOW - 8 * 86400, .peer = "Sales", .partner = "Lebo JSC"};
	c->n_proofs = 3;
}

static void open_at(struct fixture *f, int rows, int cols)
{
	*f = (struct fixture){.store = {.n_accounts = 0}};
	fake_store_fill(&f->store);
	fill_crm(&f->crm);
	f->store.crm = &f->crm;
	f->store.accounts[0].crm = 0;
	screen_open(&f->s, &f->store, rows, cols);
	f->s.desk.has_profiles = true;
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

static void turn(struct fixture *f)
{
	screen_resize(&f->s, f->s.ui.grid.rows, f->s.ui.grid.cols);
}

/* ---- goldens ---------------------------------------------------------------------------------- */

struct scene {
	const char *name;
	void (*play)(struct fixture *f);
	const char *says[8];
};

static void play_choose(struct fixture *f)
{
	screen_keys(&f->s, "g A C");
}

#define FILL_IN "'https://crm.example Down 'anon-1234 Down 'rep@ourfirm.example Down Down 'geheim"

static void play_form(struct fixture *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	screen_keys(&f->s, "g A C Enter " FILL_IN);
}

static void play_testing(struct fixture *f)
{
	f->s.desk.is_slow = true;
	f->s.desk.answer.step = DESK_PULLING;
	screen_keys(&f->s, "g A C Enter " FILL_IN " Up Up Up Up Up Up Enter");
}

static void play_refused(struct fixture *f)
{
	play_testing(f);
	fake_desk_fail(&f->s.desk, DESK_PASSWORD,
		"The CRM did not accept the sign-in: Invalid login credentials. Check user, "
		"password "
		"and key.");
	fake_desk_finish(&f->s.desk);
	turn(f);
}

static void play_clear(struct fixture *f)
{
	screen_keys(&f->s, "g A C Enter 'http://crm.example Up Up Enter");
}

static void play_logging(struct fixture *f)
{
	crm_logging_open(&f->s.ui, 7);
	turn(f);
}

static void play_which_side(struct fixture *f)
{
	f->crm.entries = 120;
	f->crm.entries_here = 34;
	play_logging(f);
	screen_keys(&f->s, "Up Up Enter");
}

static void play_first_pull(struct fixture *f)
{
	f->crm.rows[0].last_pull_at = 0;
	f->crm.totals = (struct crm_totals){.contacts = 500, .to_match = 1000};
	f->crm.n_proofs = 0;
	play_logging(f);
}

static void play_away(struct fixture *f)
{
	f->crm.n_proofs = 0;
	f->crm.rows[0].last_pull_at = 0;
	f->crm.rows[0].status = "offline";
	f->crm.rows[0].error = "crm.example cannot be reached.";
	f->crm.totals = (struct crm_totals){.contacts = 0};
	play_logging(f);
}

static void play_crms(struct fixture *f)
{
	f->crm.n = 3;
	f->crm.rows[0].log_side = "activity";
	f->crm.parked = 2;
	f->crm.rows[1] = f->crm.rows[0];
	f->crm.rows[1].id = 8;
	f->crm.rows[1].name = "second";
	f->crm.rows[1].status = "sign-in";
	f->crm.rows[1].error = "second.example did not accept the password.";
	f->crm.rows[2] = (struct crm_row){.id = 9,
		.name = "local",
		.profile = "local",
		.log_mode = "replies",
		.log_level = "full",
		.log_side = "activity",
		.status = "offline"};
	f->store.accounts[0].crm = 7;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g A j j");
}

static void play_no_crm(struct fixture *f)
{
	f->crm.n = 0;
	screen_keys(&f->s, "g A");
}

static void play_disconnect(struct fixture *f)
{
	play_crms(f);
	screen_keys(&f->s, "#");
}

static const struct scene scenes[] = {
	{"crm-choose", play_choose,
		{"Which CRM?", "A database with an address", "Contacts on this machine, no server",
			"none for now", NULL}},
	{"crm-setup", play_form,
		{"crmail  Connect a CRM", "https://crm.example", "Publishable (anon) key",
			"Mail of work", "Passphrase again", "Test and connect", NULL}},
	{"crm-setup-testing", play_testing, {"Reading a page of its contacts… Esc stops.", NULL}},
	{"crm-setup-refused", play_refused,
		{"▸ Password", "Invalid login credentials. Check user", NULL}},
	{"crm-setup-clear", play_clear,
		{"▸ Without encryption", "http:// is not encrypted: take https://", NULL}},
	{"crm-logging", play_logging,
		{"crmail  What is logged · base", "1204 contacts, 233 partners",
			"nothing is logged yet", "Re: Deadline order", "Laura Palmer, Dafaneto",
			"email · Received email · completed · 2026-11-20T09:41:00Z", NULL}},
	{"crm-logging-side", play_which_side,
		{"Something made entries of your mail already: say who logs.", "< (choose) >",
			NULL}},
	{"crm-logging-first", play_first_pull,
		{"Reading contacts and partners… 500 contacts", "They appear here as soon as",
			NULL}},
	{"crm-logging-away", play_away, {"crm.example cannot be reached.", NULL}},
	{"crms", play_crms,
		{"base", "mail of work · logs mail with its people · 2 refused",
			"g w shows what, and why.", "s signs in again.", "kept here, no server",
			NULL}},
	{"crms-none", play_no_crm, {"No CRM is connected. C connects one.", NULL}},
	{"crms-disconnect", play_disconnect,
		{"Disconnect second:", "keep it (2 entries have not reached it)",
			"forget its contacts here", NULL}},
};

static void scene__is_the_golden(void **state)
{
	const struct scene *scene = *state;

	for (size_t i = 0; i < ARRAY_SIZE(golden_sizes); i++) {
		struct fixture f;

		open_at(&f, golden_sizes[i].rows, golden_sizes[i].cols);
		scene->play(&f);
		golden_check(scene->name, &f.s, scene->says);
		close_it(&f);
	}
}

/* ---- what is ordered -------------------------------------------------------------------------- */

static const char *word_of(const struct fake_desk *d, const char *key)
{
	for (size_t i = 0; i < d->n_words; i++)
		if (strcmp(d->words[i][0], key) == 0)
			return d->words[i][1];
	return NULL;
}

static void setup__gives__every_field(void **state)
{
	struct fixture *f = *state;

	f->s.desk.answer.crm = 7;
	screen_keys(&f->s, "g A C Enter " FILL_IN " Up Up Up Up Up Up Enter");
	assert_int_equal(f->s.desk.kind, DESK_CRM_PUT);
	assert_int_equal(f->s.desk.crm, 0);
	assert_string_equal(f->s.desk.v[DESK_NAME], "base");
	assert_string_equal(f->s.desk.v[DESK_PROFILE], "base");
	assert_string_equal(f->s.desk.v[DESK_URL], "https://crm.example");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "geheim");
	assert_string_equal(f->s.desk.v[DESK_CLEAR], "");
	assert_string_equal(f->s.desk.v[DESK_ACCOUNTS], "1");
	assert_string_equal(word_of(&f->s.desk, "anon_key"), "anon-1234");
	assert_string_equal(word_of(&f->s.desk, "email"), "rep@ourfirm.example");
	assert_string_equal(word_of(&f->s.desk, "organization_id"), "");
	assert_null(word_of(&f->s.desk, "password"));
	assert_true(screen_shows(&f->s, "crmail  What is logged · base"));
}

static void setup__goes__to_the_field_that_is_missing(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g A C Enter Up Up Enter");
	assert_true(screen_shows(&f->s, "begins with https://"));
	assert_true(screen_shows(&f->s, "▸ Address of the CRM"));
	screen_keys(&f->s, "'https://crm.example Up Up Enter");
	assert_true(screen_shows(&f->s, "▸ Publishable (anon) key"));
	assert_int_equal(f->s.desk.number, 0);
}

static void setup__refuses__http_unless_it_is_said(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g A C Enter 'http://crm.example Down Right Down 'anon Down 'a@b.test");
	assert_true(screen_shows(&f->s, "yes, insecure: everybody on the way can read it"));
	screen_keys(&f->s, "Down Down 'geheim Up Up Up Up Up Up Up Enter");
	assert_string_equal(f->s.desk.v[DESK_CLEAR], "yes");
	assert_string_equal(f->s.desk.v[DESK_URL], "http://crm.example");
}

static void setup__asks_nothing__about_loopback(void **state)
{
	struct fixture *f = *state;

	screen_keys(&f->s, "g A C Enter 'http://127.0.0.1:8000");
	assert_false(screen_shows(&f->s, "Without encryption"));
}

static void setup__stops__with_esc(void **state)
{
	struct fixture *f = *state;

	play_testing(f);
	screen_keys(&f->s, "'x Esc");
	assert_true(f->s.desk.is_withdrawn);
	assert_true(screen_shows(&f->s, "Stopped; nothing was saved."));
	screen_keys(&f->s, "Esc");
	assert_true(screen_shows(&f->s, "crmail  Accounts"));
}

static void setup__edits__what_is_connected(void **state)
{
	struct fixture *f = *state;

	f->store.accounts[0].crm = 7;
	f->crm.settings[0] = (struct setting){"anon_key", "anon-1"};
	f->crm.settings[1] = (struct setting){"email", "rep@ourfirm.example"};
	f->crm.settings[2] = (struct setting){"secret", "00ff"};
	f->crm.n_settings = 3;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g A j Enter");
	assert_true(screen_shows(&f->s, "crmail  Settings of the CRM"));
	assert_true(screen_shows(&f->s, "rep@ourfirm.example"));
	assert_false(screen_shows(&f->s, "Passphrase"));
	screen_keys(&f->s, "'/x Up Up Enter");
	assert_int_equal(f->s.desk.crm, 7);
	assert_string_equal(f->s.desk.v[DESK_URL], "https://crm.example/x");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "");
	assert_string_equal(f->s.desk.v[DESK_ACCOUNTS], "1");
}

static void logging__orders_nothing__until_it_is_confirmed(void **state)
{
	struct fixture *f = *state;

	play_logging(f);
	screen_keys(&f->s, "Down Down Down Up Right Left");
	assert_int_equal(f->s.desk.number, 0);
	screen_keys(&f->s, "Esc");
	assert_int_equal(f->s.desk.number, 0);
	assert_true(screen_shows(&f->s, "Connected; nothing is logged."));
}

static void logging__orders__what_was_chosen(void **state)
{
	struct fixture *f = *state;

	play_logging(f);
	screen_keys(&f->s, "Down Right Down Right Down Right Right");
	assert_true(screen_shows(&f->s, "30 mails so far"));
	assert_true(screen_shows(&f->s, "(none)"));
	screen_keys(&f->s, "Down Enter");
	assert_int_equal(f->s.desk.kind, DESK_CRM_LOG);
	assert_int_equal(f->s.desk.crm, 7);
	assert_string_equal(f->s.desk.v[DESK_LOG_SIDE], "activity");
	assert_string_equal(f->s.desk.v[DESK_LOG_MODE], "replies");
	assert_string_equal(f->s.desk.v[DESK_LOG_LEVEL], "headers");
	assert_string_equal(f->s.desk.v[DESK_LOG_SINCE], "1792540800");
	assert_true(screen_shows(&f->s, "Mail is logged like this from now on"));
}

static void logging__begins__today_by_default(void **state)
{
	struct fixture *f = *state;

	play_logging(f);
	screen_keys(&f->s, "Up Up Enter");
	assert_string_equal(f->s.desk.v[DESK_LOG_SINCE], "1795132800");
}

static void logging__takes__a_day_that_is_one(void **state)
{
	struct fixture *f = *state;

	play_logging(f);
	screen_keys(&f->s, "Down Down Down Left Down '2026-02-30 Down Enter");
	assert_true(screen_shows(&f->s, "This needs a day, as 2026-01-31."));
	assert_int_equal(f->s.desk.number, 0);
	screen_keys(&f->s, "Backspace Backspace '01 Down Enter");
	assert_string_equal(f->s.desk.v[DESK_LOG_SINCE], "1769904000");
}

static void logging__keeps__the_day_it_began_with(void **state)
{
	struct fixture *f = *state;

	f->crm.rows[0].log_side = "message";
	f->crm.rows[0].log_since = 1234;
	play_logging(f);
	assert_true(screen_shows(&f->s, "crmail hands the mail in"));
	screen_keys(&f->s, "Up Enter");
	assert_string_equal(f->s.desk.v[DESK_LOG_SIDE], "message");
	assert_string_equal(f->s.desk.v[DESK_LOG_SINCE], "1234");
}

static void crms__say__what_is_not_encrypted(void **state)
{
	struct fixture *f = *state;

	f->crm.rows[0].url = "http://localhost:8000";
	event_post(f->s.events, &(struct event){.type = EV_CRM, .account = 7, .count = 1});
	screen_keys(&f->s, "g A j");
	assert_false(screen_shows(&f->s, "insecure"));
	f->crm.rows[0].url = "http://crm.example";
	event_post(f->s.events, &(struct event){.type = EV_CRM, .account = 7, .count = 1});
	screen_keys(&f->s, "g A j");
	assert_true(screen_shows(&f->s, "insecure, not encrypted"));
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s, "base insecure"));
}

static void crms__order__pause_sign_in_and_removal(void **state)
{
	struct fixture *f = *state;

	play_crms(f);
	screen_keys(&f->s, "p");
	assert_int_equal(f->s.desk.kind, DESK_CRM_PAUSE);
	assert_int_equal(f->s.desk.crm, 8);
	screen_keys(&f->s, "s 'geheim Enter");
	assert_int_equal(f->s.desk.kind, DESK_CRM_SIGN_IN);
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "geheim");
	assert_true(screen_shows(&f->s, "Signed in."));
	screen_keys(&f->s, "# Enter");
	assert_int_equal(f->s.desk.kind, DESK_CRM_SIGN_IN);
	screen_keys(&f->s, "# Down Enter");
	assert_int_equal(f->s.desk.kind, DESK_CRM_REMOVE);
	assert_int_equal(f->s.desk.crm, 8);
	assert_true(screen_shows(&f->s, "so does everything in the CRM"));
}

#define FLOW(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define N_SCENES ARRAY_SIZE(scenes)

int main(void)
{
	const struct CMUnitTest flows[] = {
		FLOW(setup__gives__every_field),
		FLOW(setup__goes__to_the_field_that_is_missing),
		FLOW(setup__refuses__http_unless_it_is_said),
		FLOW(setup__asks_nothing__about_loopback),
		FLOW(setup__stops__with_esc),
		FLOW(setup__edits__what_is_connected),
		FLOW(logging__orders_nothing__until_it_is_confirmed),
		FLOW(logging__orders__what_was_chosen),
		FLOW(logging__begins__today_by_default),
		FLOW(logging__takes__a_day_that_is_one),
		FLOW(logging__keeps__the_day_it_began_with),
		FLOW(crms__say__what_is_not_encrypted),
		FLOW(crms__order__pause_sign_in_and_removal),
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
