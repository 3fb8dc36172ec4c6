/*
 * test_accounts.c - the screens about accounts: goldens at three sizes, and what their keys order.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "crmail/base/event.h"
#include "crmail/base/fsx.h"
#include "crmail/store/store.h"
#include "flow.h"
#include "ui/views/views.h"

static void fill(struct flow *f)
{
	struct store *s = &f->store;

	s->folders[0].total = 1204;
	s->folders[0].unread = 12;
	s->accounts[1] = (struct account_row){.id = 2,
		.name = "gmail",
		.kind = "imap",
		.email = "minh@mail.example",
		.status = ACCOUNT_SIGN_IN,
		.error = "imap.mail.example did not accept the user name or password.",
		.last_sync_at = FAKE_NOW - 7200};
	s->accounts[2] = (struct account_row){.id = 3,
		.name = "trade fair",
		.kind = "maildir",
		.email = "fair@ourfirm.example",
		.status = ACCOUNT_PAUSED,
		.last_sync_at = FAKE_NOW - 86400};
	s->accounts[3] = (struct account_row){
		.id = 4, .name = "old mail", .kind = "import", .email = "minh@before.example"};
	s->n_accounts = 4;
	s->ops_waiting = 2;
}

static void closing(struct flow *f)
{
	char *log = store_path(&f->store, "crmail.log");

	unlink(log);
	free(log);
}

/* ---- goldens --------------------------------------------------------------------------------- */

static void play_accounts(struct flow *f)
{
	screen_keys(&f->s, "g A");
}

static void play_removal(struct flow *f)
{
	screen_keys(&f->s, "g A j #");
}

/* The account is gone, and its provider could not be told. */
static void play_left(struct flow *f)
{
	struct store *s = &f->store;

	s->has_grant = true;
	f->s.desk.is_slow = true;
	f->s.desk.answer = (struct desk_answer){
		.step = DESK_SAVING, .field = DESK_NO_FIELD, .left = DESK_LEFT_AT_PROVIDER};
	screen_keys(&f->s, "g A j # Down Down Enter");
	assert_int_equal(f->s.desk.kind, DESK_REMOVE);
	s->accounts[1] = s->accounts[2];
	s->accounts[2] = s->accounts[3];
	s->n_accounts = 3;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 2, .count = 1});
	fake_desk_finish(&f->s.desk);
	flow_turn(f);
}

static void play_sign_in(struct flow *f)
{
	screen_keys(&f->s, "g A j s 'geheim");
}

static void play_locked(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_LOCKED;
	f->store.has_secret = true;
	screen_keys(&f->s, "g A u 'wrong");
	fake_desk_fail(&f->s.desk, DESK_PASSPHRASE,
		"That is not the passphrase of the saved passwords.");
	screen_keys(&f->s, "Enter");
}

static void play_keyring(struct flow *f)
{
	f->s.desk.keyring = DESK_KEYRING_LOCKED;
	f->s.desk.is_slow = true;
	f->store.has_keyring = true;
	screen_keys(&f->s, "g A u");
}

static void play_keyring_shut(struct flow *f)
{
	play_keyring(f);
	fake_desk_fail(&f->s.desk, DESK_NO_FIELD,
		"The keyring stays locked: nobody answered its question, or there is no desktop to "
		"ask it on.");
	fake_desk_finish(&f->s.desk);
	flow_turn(f);
}

static void play_again(struct flow *f)
{
	f->store.has_grant = true;
	f->store.has_secret = true;
	f->s.desk.secrets = DESK_SECRETS_LOCKED;
	screen_keys(&f->s, "g A j s");
}

static void play_relay(struct flow *f)
{
	screen_keys(&f->s, "g A R 'https://relay.example Down 'minh-7 Down 'a-key");
}

static void play_relay_kept(struct flow *f)
{
	f->store.has_relay = true;
	screen_keys(&f->s, "g A R Up");
}

static void play_relay_asked(struct flow *f)
{
	f->s.desk.is_slow = true;
	f->s.desk.answer = (struct desk_answer){.step = DESK_BROWSING,
		.field = DESK_NO_FIELD,
		.is_opened = true,
		.url = "https://relay.example/"
		       "consent?state=3xFgDmCCpCbaMwdhMdxljeFz8KKuyQoqYM0XznN"};
	play_relay(f);
	screen_keys(&f->s, "Alt-S");
}

static void play_log(struct flow *f)
{
	static const char text[] =
		"2026-11-20T09:00:00Z note sync: account 1 connected in 120 ms\n"
		"2026-11-20T09:00:01Z debug imap: account 1: 12 messages in 80 ms\n"
		"2026-11-20T09:00:02Z warn sync: account 2: auth (sys 0), failure 1\n"
		"2026-11-20T09:00:03Z error sync: account 12: status not stored: db\n"
		"a line that nobody wrote \033[2J\n";
	char *path = store_path(&f->store, "crmail.log");
	struct err e = ERR_INIT;

	assert_int_equal(fsx_write_file(path, text, sizeof(text) - 1, false, &e), 0);
	free(path);
	screen_keys(&f->s, ": 'show-log Enter");
}

/* The line of the first download is below the list, never on it. */
static void play_first_sync(struct flow *f)
{
	f->store.n_accounts = 1;
	f->store.accounts[0].status = ACCOUNT_SYNCING;
	f->s.progress = "Fetching mail: 1,200 of 20,000 · 85 a second · 4 min left";
	event_post(f->s.events, &(struct event){.type = EV_PROGRESS, .count = 1});
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g i");
}

static const struct scene scenes[] = {
	{"accounts", NULL, play_accounts, NULL,
		{"crmail  Accounts", "▸ work", "1204 messages, 12 unread · 2 changes wait",
			"sign-in needed · 2 h ago", "s signs in again.", "p lets it go on.",
			"kept here, no server", NULL}},
	{"account-removal", NULL, play_removal, NULL,
		{"Remove gmail:", "keep the account (2 changes have not reached the server)",
			"remove it; its mail stays here to be read", NULL}},
	{"account-left", NULL, play_left, NULL,
		{"crmail  Accounts", "▸ trade fair",
			"Removed. Still signed in at the provider: end that there", NULL}},
	{"account-sign-in", NULL, play_sign_in, NULL,
		{"New password for gmail", "Password         ••••••", NULL}},
	{"passphrase", NULL, play_locked, NULL,
		{"Passphrase of the saved passwords", "Its password is locked. u opens it",
			"That is not the passphrase of the saved passwords.", NULL}},
	{"keyring", NULL, play_keyring, NULL,
		{"password in the keyring", "Keyring of the desktop",
			"The desktop asks for its password in a window of its own…", NULL}},
	{"keyring-shut", NULL, play_keyring_shut, NULL,
		{"The keyring stays locked", "Enter asks once more.", NULL}},
	{"sign-in-again", NULL, play_again, NULL,
		{"crmail  Sign in again: gmail", "Passphrase", "Sign in", NULL}},
	{"relay", NULL, play_relay, NULL,
		{"crmail  Relay of work", "https://relay.example", "▸ Key              •••••",
			"Send through it", NULL}},
	{"relay-kept", NULL, play_relay_kept, NULL, {"minh-7", "▸ Send without it again", NULL}},
	{"relay-asked", NULL, play_relay_asked, NULL,
		{"crmail  Letting the relay in",
			"https://relay.example/consent?state=", "▸ Ended at", NULL}},
	{"first-sync", NULL, play_first_sync, NULL,
		{"crmail  Inbox", "work syncing", "● Laura Palmer, you (3)",
			" Fetching mail: 1,200 of 20,000 · 85 a second · 4 min left", NULL}},
	{"log", NULL, play_log, NULL,
		{"crmail  Log · everything", "following", "account 1 connected in 120 ms",
			"a line that nobody wrote", NULL}},
};

/* ---- what keys do ---------------------------------------------------------------------------- */

static void accounts__order__pause_and_going_on(struct flow *f)
{
	screen_keys(&f->s, "g A p");
	assert_int_equal(f->s.desk.kind, DESK_PAUSE);
	assert_int_equal(f->s.desk.account, 1);
	assert_true(screen_shows(&f->s, "Paused: nothing is fetched or sent"));
	screen_keys(&f->s, "j j p");
	assert_int_equal(f->s.desk.kind, DESK_RESUME);
	assert_int_equal(f->s.desk.account, 3);
}

static void accounts__ask__before_removing(struct flow *f)
{
	screen_keys(&f->s, "g A j # Enter");
	assert_int_equal(f->s.desk.number, 0);
	screen_keys(&f->s, "# Down Enter");
	assert_int_equal(f->s.desk.kind, DESK_DETACH);
	assert_int_equal(f->s.desk.account, 2);
	screen_keys(&f->s, "# Down Down Enter");
	assert_int_equal(f->s.desk.kind, DESK_REMOVE);
	screen_keys(&f->s, "# Esc");
	assert_int_equal(f->s.desk.number, 2);
}

static void accounts__keep__what_was_not_sent(struct flow *f)
{
	f->store.outbox[0] = (struct outbox_row){.id = 1, .account = 1, .state = OUTBOX_QUEUED};
	f->store.outbox[1] = (struct outbox_row){.id = 2, .account = 1, .state = OUTBOX_DRAFT};
	f->store.n_outbox = 2;
	screen_keys(&f->s, "g A #");
	assert_true(screen_shows(&f->s, "2 mails and drafts were not sent"));
	assert_true(screen_shows(&f->s, "1 mail in the outbox"));
	screen_keys(&f->s, "Enter");
	assert_int_equal(f->s.desk.number, 0);
	f->store.n_outbox = 0;
}

static void insecure__is_said__in_the_status_and_the_list(struct flow *f)
{
	f->store.is_insecure = true;
	f->store.n_accounts = 1;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s, "work insecure 2 min ago"));
	screen_keys(&f->s, "g A");
	assert_true(screen_shows(&f->s, "insecure, not encrypted"));
}

static void relay__is_let_in__with_its_key(struct flow *f)
{
	play_relay_asked(f);
	assert_int_equal(f->s.desk.kind, DESK_RELAY_PUT);
	assert_int_equal(f->s.desk.account, 1);
	assert_string_equal(f->s.desk.v[DESK_URL], "https://relay.example");
	assert_string_equal(f->s.desk.v[DESK_USER], "minh-7");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "a-key");
	assert_false(screen_shows(&f->s, "Use a code on another device"));
	f->s.desk.answer = (struct desk_answer){.field = DESK_NO_FIELD, .account = 1};
	fake_desk_finish(&f->s.desk);
	flow_turn(f);
	assert_true(screen_shows(&f->s, "goes out through the relay from now on."));
	assert_true(screen_shows(&f->s, "crmail  Accounts"));
}

static void relay__asks_for_the_passphrase__only_for_a_key_that_is_kept(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_LOCKED;
	play_relay(f);
	screen_keys(&f->s, "Alt-S");
	assert_int_equal(f->s.desk.number, 0);
	assert_true(screen_shows(&f->s, "▸ Passphrase"));
	screen_keys(&f->s, "Esc Ctrl-U Down 'pass Alt-S");
	assert_int_equal(f->s.desk.number, 1);
	assert_string_equal(f->s.desk.v[DESK_COMMAND], "pass");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "");
}

static void relay__says__what_is_missing(struct flow *f)
{
	screen_keys(&f->s, "g A R Alt-S");
	assert_true(screen_shows(&f->s, "The relay needs its address."));
	screen_keys(&f->s, "'https://relay.example Alt-S");
	assert_true(screen_shows(&f->s, "▸ User"));
	screen_keys(&f->s, "'minh-7 Alt-S");
	assert_true(screen_shows(&f->s, "The relay wants its key."));
	screen_keys(&f->s, "'a-key Down 'pass Alt-S");
	assert_true(screen_shows(&f->s, "Give the key or its command, not both."));
	assert_int_equal(f->s.desk.number, 0);
}

static void relay__goes__with_one_button(struct flow *f)
{
	play_relay_kept(f);
	screen_keys(&f->s, "Enter");
	assert_int_equal(f->s.desk.kind, DESK_RELAY_OFF);
	assert_int_equal(f->s.desk.account, 1);
	assert_true(screen_shows(&f->s, "without the relay again."));
	assert_true(screen_shows(&f->s, "sends through https://relay.example"));
	f->store.has_relay = false;
}

static void relay__says__that_its_key_stays(struct flow *f)
{
	play_relay_kept(f);
	f->s.desk.answer.left = DESK_LEFT_KEY;
	screen_keys(&f->s, "Enter");
	assert_true(screen_shows(&f->s, "its saved key stays: it is locked."));
	f->store.has_relay = false;
}

static void relay__is_no_matter__without_a_server(struct flow *f)
{
	screen_keys(&f->s, "g A j j j R");
	assert_true(screen_shows(&f->s, "This account has no server."));
}

static void sign_in__gives__the_password_and_wipes_it(struct flow *f)
{
	screen_keys(&f->s, "g A s 'geheim Enter");
	assert_int_equal(f->s.desk.kind, DESK_SIGN_IN);
	assert_int_equal(f->s.desk.account, 1);
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "geheim");
	assert_true(screen_shows(&f->s, "Signed in."));
	fake_desk_fail(&f->s.desk, DESK_PASSWORD, "Reading: no.");
	screen_keys(&f->s, "s 'falsch Enter");
	assert_true(screen_shows(&f->s, "Reading: no."));
	assert_false(screen_shows(&f->s, "••"));
	screen_keys(&f->s, "Esc");
	assert_true(screen_shows(&f->s, "crmail  Accounts"));
}

static void sign_in__needs_no_screen__for_a_maildir(struct flow *f)
{
	screen_keys(&f->s, "g A j j s");
	assert_true(screen_shows(&f->s, "This account has no password."));
}

static void unlock__asks__where_a_password_is_saved(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	screen_keys(&f->s, "g A u");
	assert_true(screen_shows(&f->s, "No password is saved."));
	f->s.desk.secrets = DESK_SECRETS_LOCKED;
	screen_keys(&f->s, "u 'correct-horse Enter");
	assert_int_equal(f->s.desk.kind, DESK_UNLOCK);
	assert_string_equal(f->s.desk.v[DESK_PASSPHRASE], "correct-horse");
	assert_true(screen_shows(&f->s, "The saved passwords are open."));
}

static void unlock__lets_the_desktop_ask__where_a_keyring_is_locked(struct flow *f)
{
	play_keyring_shut(f);
	assert_int_equal(f->s.desk.kind, DESK_UNLOCK_KEYRING);
	assert_int_equal(f->s.desk.number, 1);
	f->s.desk.is_slow = false;
	f->s.desk.keyring = DESK_KEYRING_OPEN;
	f->s.desk.answer = (struct desk_answer){.field = DESK_NO_FIELD};
	screen_keys(&f->s, "Enter");
	assert_int_equal(f->s.desk.number, 2);
	assert_true(screen_shows(&f->s, "The keyring is open."));
	assert_true(screen_shows(&f->s, "crmail  Accounts"));
	assert_false(screen_shows(&f->s, "which is locked"));
}

static void unlock__stops__with_esc(struct flow *f)
{
	play_keyring(f);
	screen_keys(&f->s, "Esc");
	assert_true(f->s.desk.is_withdrawn);
	assert_true(screen_shows(&f->s, "in the keyring, which is locked. u unlocks it."));
}

static void keyring__is_unlocked__from_the_palette_and_the_problem(struct flow *f)
{
	f->s.desk.keyring = DESK_KEYRING_LOCKED;
	f->store.n_accounts = 1;
	f->store.accounts[0].status = ACCOUNT_ERROR;
	f->store.accounts[0].error = "The keyring is locked: unlock it.";
	f->store.has_keyring = true;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s,
		"The keyring is locked: unlock it. g k unlocks the keyring."));
	screen_keys(&f->s, ": 'unlock-keyring Enter");
	assert_int_equal(f->s.desk.kind, DESK_UNLOCK_KEYRING);
	assert_true(screen_shows(&f->s, "The keyring is open."));
}

/* The password lies elsewhere: unlocking would mend nothing. */
static void keyring__is_not_named__in_the_problem_of_another_account(struct flow *f)
{
	f->s.desk.keyring = DESK_KEYRING_LOCKED;
	f->store.n_accounts = 1;
	f->store.accounts[0].status = ACCOUNT_ERROR;
	f->store.accounts[0].error = "Nobody understands this.";
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s, "Nobody understands this. Ctrl-R tries again."));
}

static void sign_in__needs_no_passphrase__where_the_keyring_has_the_password(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_LOCKED;
	f->s.desk.keyring = DESK_KEYRING_OPEN;
	f->store.has_keyring = true;
	screen_keys(&f->s, "g A s");
	assert_false(screen_shows(&f->s, "Passphrase"));
	screen_keys(&f->s, "Esc");
	f->s.desk.keyring = DESK_KEYRING_NONE; /* it goes into the file now */
	screen_keys(&f->s, "s");
	assert_true(screen_shows(&f->s, "Passphrase"));
}

static void sign_in_again__asks__for_the_passphrase_where_it_is_locked(struct flow *f)
{
	play_again(f);
	assert_int_equal(f->s.desk.number, 0);
	screen_keys(&f->s, "'correct-horse Enter Enter");
	assert_int_equal(f->s.desk.kind, DESK_SIGN_IN);
	assert_int_equal(f->s.desk.account, 2);
	assert_string_equal(f->s.desk.v[DESK_PASSPHRASE], "correct-horse");
	assert_true(screen_shows(&f->s, "Signed in."));
	assert_true(screen_shows(&f->s, "crmail  Accounts"));
}

static void sign_in_again__begins_at_once__where_it_is_open(struct flow *f)
{
	f->store.has_grant = true;
	screen_keys(&f->s, "g A j s");
	assert_int_equal(f->s.desk.kind, DESK_SIGN_IN);
	assert_true(screen_shows(&f->s, "Signed in."));
}

static void waiting__says_when_it_ends__and_names_no_key(struct flow *f)
{
	static const char why[] = "mail.example asks to slow down. Goes on by itself at 18:35.";

	f->store.n_accounts = 1;
	f->store.accounts[0].status = ACCOUNT_WAITING;
	f->store.accounts[0].error = why;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g i");
	assert_true(screen_shows(&f->s, "work waits"));
	assert_true(screen_shows(&f->s, "work: mail.example asks to slow down."));
	assert_true(screen_shows(&f->s, "Goes on by itself at 18:35."));
	assert_false(screen_shows(&f->s, "tries again"));
	screen_keys(&f->s, "g A");
	assert_true(screen_shows(&f->s, "  mail.example asks to slow down. Goes on by itself"));
	assert_false(screen_shows(&f->s, "tries again"));
}

static void log__filters__by_level_and_account(struct flow *f)
{
	play_log(f);
	screen_keys(&f->s, "l");
	assert_false(screen_shows(&f->s, "12 messages in 80 ms"));
	assert_true(screen_shows(&f->s, "account 1 connected"));
	screen_keys(&f->s, "l");
	assert_false(screen_shows(&f->s, "account 1 connected"));
	assert_true(screen_shows(&f->s, "account 2: auth"));
	screen_keys(&f->s, "l l a");
	assert_true(screen_shows(&f->s, "account 1 connected"));
	assert_false(screen_shows(&f->s, "account 12"));
	screen_keys(&f->s, "a");
	assert_true(screen_shows(&f->s, "account 2: auth"));
	assert_false(screen_shows(&f->s, "account 1 connected"));
}

static void log__follows__what_is_written(struct flow *f)
{
	char *path = store_path(&f->store, "crmail.log");
	FILE *log;

	play_log(f);
	log = fopen(path, "a");
	assert_non_null(log);
	fputs("2026-11-20T09:00:09Z note host: a new line\n", log);
	fclose(log);
	assert_false(screen_shows(&f->s, "a new line"));
	screen_set_now(&f->s, FAKE_NOW + 2);
	ui_turn(&f->s.ui);
	assert_true(screen_shows(&f->s, "a new line"));
	free(path);
}

static const struct scene_flow flows[] = {
	FLOW(accounts__order__pause_and_going_on),
	FLOW(accounts__ask__before_removing),
	FLOW(accounts__keep__what_was_not_sent),
	FLOW(insecure__is_said__in_the_status_and_the_list),
	FLOW(relay__is_let_in__with_its_key),
	FLOW(relay__asks_for_the_passphrase__only_for_a_key_that_is_kept),
	FLOW(relay__says__what_is_missing),
	FLOW(relay__goes__with_one_button),
	FLOW(relay__says__that_its_key_stays),
	FLOW(relay__is_no_matter__without_a_server),
	FLOW(sign_in__gives__the_password_and_wipes_it),
	FLOW(sign_in__needs_no_screen__for_a_maildir),
	FLOW(unlock__lets_the_desktop_ask__where_a_keyring_is_locked),
	FLOW(unlock__stops__with_esc),
	FLOW(keyring__is_unlocked__from_the_palette_and_the_problem),
	FLOW(keyring__is_not_named__in_the_problem_of_another_account),
	FLOW(sign_in__needs_no_passphrase__where_the_keyring_has_the_password),
	FLOW(unlock__asks__where_a_password_is_saved),
	FLOW(sign_in_again__asks__for_the_passphrase_where_it_is_locked),
	FLOW(sign_in_again__begins_at_once__where_it_is_open),
	FLOW(waiting__says_when_it_ends__and_names_no_key),
	FLOW(log__filters__by_level_and_account),
	FLOW(log__follows__what_is_written),
};

int main(void)
{
	const struct scene_set set = {.name = "ui/accounts",
		.fill = fill,
		.closing = closing,
		.scenes = scenes,
		.n_scenes = ARRAY_SIZE(scenes),
		.flows = flows,
		.n_flows = ARRAY_SIZE(flows)};

	return scene_run(&set);
}
