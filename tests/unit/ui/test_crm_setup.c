/*
 * test_crm_setup.c - connecting a CRM: goldens at three sizes, what the forms order, and that
 * nothing is ordered to be logged before it was confirmed.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/event.h"
#include "flow.h"
#include "ui/views/crm_setup.h"
#include "ui/views/views.h"

static void fill(struct flow *f)
{
	struct fake_crm *c = &f->crm;

	f->store.crm = c;
	f->store.accounts[0].crm = 0;
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

static void opened(struct flow *f)
{
	f->s.desk.has_profiles = true;
}

/* ---- goldens --------------------------------------------------------------------------------- */

static void play_choose(struct flow *f)
{
	screen_keys(&f->s, "g A C");
}

#define FILL_IN "'https://crm.example Down 'anon-1234 Down 'rep@ourfirm.example Down Down 'geheim"

static void play_form(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	screen_keys(&f->s, "g A C Enter " FILL_IN);
}

static void play_testing(struct flow *f)
{
	f->s.desk.is_slow = true;
	f->s.desk.answer.step = DESK_PULLING;
	screen_keys(&f->s, "g A C Enter " FILL_IN " Up Up Up Up Up Up Enter");
}

static void play_refused(struct flow *f)
{
	play_testing(f);
	fake_desk_fail(&f->s.desk, DESK_PASSWORD,
		"The CRM did not accept the sign-in: Invalid login credentials. Check user, "
		"password "
		"and key.");
	fake_desk_finish(&f->s.desk);
	flow_turn(f);
}

static void play_clear(struct flow *f)
{
	screen_keys(&f->s, "g A C Enter 'http://crm.example Up Up Enter");
}

static void play_logging(struct flow *f)
{
	crm_logging_open(&f->s.ui, 7);
	flow_turn(f);
}

static void play_which_side(struct flow *f)
{
	f->crm.entries = 120;
	f->crm.entries_here = 34;
	play_logging(f);
	screen_keys(&f->s, "Up Up Enter");
}

static void play_first_pull(struct flow *f)
{
	f->crm.rows[0].last_pull_at = 0;
	f->crm.totals = (struct crm_totals){.contacts = 500, .to_match = 1000};
	f->crm.n_proofs = 0;
	play_logging(f);
}

static void play_away(struct flow *f)
{
	f->crm.n_proofs = 0;
	f->crm.rows[0].last_pull_at = 0;
	f->crm.rows[0].status = "offline";
	f->crm.rows[0].error = "crm.example cannot be reached.";
	f->crm.totals = (struct crm_totals){.contacts = 0};
	play_logging(f);
}

static void play_crms(struct flow *f)
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

static void play_no_crm(struct flow *f)
{
	f->crm.n = 0;
	screen_keys(&f->s, "g A");
}

static void play_disconnect(struct flow *f)
{
	play_crms(f);
	screen_keys(&f->s, "#");
}

static const struct scene scenes[] = {
	{"crm-choose", NULL, play_choose, NULL,
		{"Which CRM?", "A database with an address", "Contacts on this machine, no server",
			"none for now", NULL}},
	{"crm-setup", NULL, play_form, NULL,
		{"crmail  Connect a CRM", "https://crm.example", "Publishable (anon) key",
			"Mail of work", "Passphrase again", "Test and connect", NULL}},
	{"crm-setup-testing", NULL, play_testing, NULL,
		{"Reading a page of its contacts… Esc stops.", NULL}},
	{"crm-setup-refused", NULL, play_refused, NULL,
		{"▸ Password", "Invalid login credentials. Check user", NULL}},
	{"crm-setup-clear", NULL, play_clear, NULL,
		{"▸ Without encryption", "http:// is not encrypted: take https://", NULL}},
	{"crm-logging", NULL, play_logging, NULL,
		{"crmail  What is logged · base", "1204 contacts, 233 partners",
			"nothing is logged yet", "Re: Deadline order", "Laura Palmer, Dafaneto",
			"email · Received email · completed · 2026-11-20T09:41:00Z", NULL}},
	{"crm-logging-side", NULL, play_which_side, NULL,
		{"Something made entries of your mail already: say who logs.", "< (choose) >",
			NULL}},
	{"crm-logging-first", NULL, play_first_pull, NULL,
		{"Reading contacts and partners… 500 contacts", "They appear here as soon as",
			NULL}},
	{"crm-logging-away", NULL, play_away, NULL, {"crm.example cannot be reached.", NULL}},
	{"crms", NULL, play_crms, NULL,
		{"base", "mail of work · logs mail with its people · 2 refused",
			"g w shows what, and why.", "s signs in again.", "kept here, no server",
			NULL}},
	{"crms-none", NULL, play_no_crm, NULL, {"No CRM is connected. C connects one.", NULL}},
	{"crms-disconnect", NULL, play_disconnect, NULL,
		{"Disconnect second:", "keep it (2 entries have not reached it)",
			"forget its contacts here", NULL}},
};

/* ---- what is ordered ------------------------------------------------------------------------- */

static const char *word_of(const struct fake_desk *d, const char *key)
{
	for (size_t i = 0; i < d->n_words; i++)
		if (strcmp(d->words[i][0], key) == 0)
			return d->words[i][1];
	return NULL;
}

static void setup__gives__every_field(struct flow *f)
{
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

static void setup__goes__to_the_field_that_is_missing(struct flow *f)
{
	screen_keys(&f->s, "g A C Enter Up Up Enter");
	assert_true(screen_shows(&f->s, "begins with https://"));
	assert_true(screen_shows(&f->s, "▸ Address of the CRM"));
	screen_keys(&f->s, "'https://crm.example Up Up Enter");
	assert_true(screen_shows(&f->s, "▸ Publishable (anon) key"));
	assert_int_equal(f->s.desk.number, 0);
}

static void setup__refuses__http_unless_it_is_said(struct flow *f)
{
	screen_keys(&f->s, "g A C Enter 'http://crm.example Down Right Down 'anon Down 'a@b.test");
	assert_true(screen_shows(&f->s, "yes, insecure: everybody on the way can read it"));
	screen_keys(&f->s, "Down Down 'geheim Up Up Up Up Up Up Up Enter");
	assert_string_equal(f->s.desk.v[DESK_CLEAR], "yes");
	assert_string_equal(f->s.desk.v[DESK_URL], "http://crm.example");
}

static void setup__asks_nothing__about_loopback(struct flow *f)
{
	screen_keys(&f->s, "g A C Enter 'http://127.0.0.1:8000");
	assert_false(screen_shows(&f->s, "Without encryption"));
}

static void setup__stops__with_esc(struct flow *f)
{
	play_testing(f);
	screen_keys(&f->s, "'x Esc");
	assert_true(f->s.desk.is_withdrawn);
	assert_true(screen_shows(&f->s, "Stopped; nothing was saved."));
	screen_keys(&f->s, "Esc");
	assert_true(screen_shows(&f->s, "crmail  Accounts"));
}

static void setup__edits__what_is_connected(struct flow *f)
{
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

static void logging__orders_nothing__until_it_is_confirmed(struct flow *f)
{
	play_logging(f);
	screen_keys(&f->s, "Down Down Down Up Right Left");
	assert_int_equal(f->s.desk.number, 0);
	screen_keys(&f->s, "Esc");
	assert_int_equal(f->s.desk.number, 0);
	assert_true(screen_shows(&f->s, "Connected; nothing is logged."));
}

static void logging__orders__what_was_chosen(struct flow *f)
{
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

static void logging__begins__today_by_default(struct flow *f)
{
	play_logging(f);
	screen_keys(&f->s, "Up Up Enter");
	assert_string_equal(f->s.desk.v[DESK_LOG_SINCE], "1795132800");
}

static void logging__takes__a_day_that_is_one(struct flow *f)
{
	play_logging(f);
	screen_keys(&f->s, "Down Down Down Left Down '2026-02-30 Down Enter");
	assert_true(screen_shows(&f->s, "This needs a day, as 2026-01-31."));
	assert_int_equal(f->s.desk.number, 0);
	screen_keys(&f->s, "Backspace Backspace '01 Down Enter");
	assert_string_equal(f->s.desk.v[DESK_LOG_SINCE], "1769904000");
}

static void logging__keeps__the_day_it_began_with(struct flow *f)
{
	f->crm.rows[0].log_side = "message";
	f->crm.rows[0].log_since = 1234;
	play_logging(f);
	assert_true(screen_shows(&f->s, "crmail hands the mail in"));
	screen_keys(&f->s, "Up Enter");
	assert_string_equal(f->s.desk.v[DESK_LOG_SIDE], "message");
	assert_string_equal(f->s.desk.v[DESK_LOG_SINCE], "1234");
}

static void crms__say__what_is_not_encrypted(struct flow *f)
{
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

static void crms__order__pause_sign_in_and_removal(struct flow *f)
{
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

static const struct scene_flow flows[] = {
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

int main(void)
{
	const struct scene_set set = {.name = "ui/crm_setup",
		.fill = fill,
		.opened = opened,
		.scenes = scenes,
		.n_scenes = ARRAY_SIZE(scenes),
		.flows = flows,
		.n_flows = ARRAY_SIZE(flows)};

	return scene_run(&set);
}
