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

/* The welcome of a program that has no account. */
static const struct fake_crm no_crm;

/* Without an account, and beside that CRM (NULL = one that stands well). */
static void welcome_beside(struct flow *f, const struct fake_crm *crm)
{
	f->store.n_accounts = 0;
	f->store.crm = crm;
	event_post(f->s.events, &(struct event){.type = EV_ACCOUNT, .account = 1, .count = 1});
	screen_keys(&f->s, "g i");
	welcome_start(&f->s.ui);
	flow_turn(f);
}

static void welcome(struct flow *f)
{
	welcome_beside(f, &no_crm);
}

#define FILL_IN                                                                                    \
	"'laura@ourfirm.example Down 'Laura Down Down Down Down Down Down 'geheim Down Down "      \
	"'long-enough Down 'long-enough"

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

static void play_welcome(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	welcome(f);
	screen_keys(&f->s, FILL_IN);
}

static void play_testing(struct flow *f)
{
	play_welcome(f);
	f->s.desk.is_slow = true;
	f->s.desk.answer.step = DESK_SENDING;
	screen_keys(&f->s, "Down Down Down Enter");
}

static void play_refused(struct flow *f)
{
	play_testing(f);
	fake_desk_fail(&f->s.desk, DESK_PASSWORD,
		"Reading: imap.ourfirm.example did not accept the user name or password. Check "
		"user and password.");
	fake_desk_finish(&f->s.desk);
	flow_turn(f);
}

static const struct offer google = {
	.source = OFFER_BY_TABLE, .title = "Google", .oauth = "google", .kind = "gmail"};
static const struct offer google_imap = {
	.source = OFFER_BY_TABLE, .title = "Google", .oauth = "google"};
static const struct offer microsoft = {
	.source = OFFER_BY_MX, .title = "Microsoft", .oauth = "microsoft", .kind = "graph"};
static const struct offer google_password = {.source = OFFER_BY_TABLE,
	.title = "Google",
	.imap = "imap.gmail.com:993",
	.smtp = "smtp.gmail.com:465",
	.user = "laura@gmail.com",
	.wants_app_password = true};
static const struct offer found_servers = {.source = OFFER_BY_SRV,
	.imap = "mail.ourfirm.example:1993",
	.smtp = "out.ourfirm.example:1465",
	.tls = "implicit",
	.user = "laura"};

static void finds(struct flow *f, const struct offer *a, const struct offer *b)
{
	f->s.desk.offers = (struct offers){.end = OFFERS_FOUND, .n = b ? 2 : 1, .v = {*a}};
	if (b)
		f->s.desk.offers.v[1] = *b;
}

static void play_welcome_google(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	welcome(f);
	finds(f, &google, &google_password);
	screen_keys(&f->s, "'laura@gmail.com Down Up");
}

static void play_welcome_microsoft(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	welcome(f);
	finds(f, &microsoft, NULL);
	screen_keys(&f->s, "'laura@ourfirm.example Enter 'Laura Enter");
}

static void play_welcome_all(struct flow *f)
{
	play_welcome_google(f);
	screen_keys(&f->s, "Down Down Down Enter");
}

static void play_looking(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	welcome(f);
	f->s.desk.finds_slowly = true;
	screen_keys(&f->s, "'laura@ourfirm.example Enter 'Lau");
}

static void play_found_servers(struct flow *f)
{
	play_looking(f);
	finds(f, &found_servers, NULL);
	fake_desk_find(&f->s.desk);
	flow_turn(f);
}

static void play_no_client(struct flow *f)
{
	struct offer o = google;

	play_looking(f);
	o.lacks_client = true;
	finds(f, &o, &google_password);
	fake_desk_find(&f->s.desk);
	flow_turn(f);
}

static void play_client(struct flow *f)
{
	play_no_client(f);
	screen_keys(&f->s, "Alt-S");
}

static void play_tenant(struct flow *f)
{
	struct offer o = microsoft;

	play_looking(f);
	o.lacks_client = true;
	finds(f, &o, NULL);
	fake_desk_find(&f->s.desk);
	flow_turn(f);
	screen_keys(&f->s, "Down '11111111-2222 Down 'ourfirm.example");
}

static void ends(struct flow *f, enum offers_end end)
{
	play_looking(f);
	f->s.desk.offers.end = end;
	fake_desk_find(&f->s.desk);
	flow_turn(f);
}

static void play_nothing(struct flow *f)
{
	ends(f, OFFERS_NONE);
}

/* The end of the time is there, and somebody has not answered. */
static void play_slow(struct flow *f)
{
	ends(f, OFFERS_SLOW);
}

static void play_offline(struct flow *f)
{
	ends(f, OFFERS_OFFLINE);
}

/* As far as the person's part. */
static void play_browser(struct flow *f)
{
	play_welcome_google(f);
	f->s.desk.is_slow = true;
	f->s.desk.answer = (struct desk_answer){.step = DESK_BROWSING,
		.field = DESK_NO_FIELD,
		.is_opened = true,
		.url = "https://id.example/auth?response_type=code&client_id=123456789.apps.example"
		       "&redirect_uri=http%3A%2F%2F127.0.0.1%3A43399&scope=openid%20email%20https%"
		       "3A"
		       "%2F%2Fmail.example%2F&state=3xFgDmCCpCbaMwdhMdxljeFz8KKuyQoqYM0XznNlfU8"};
	screen_keys(&f->s, "Alt-S 'long-enough Down 'long-enough Down Enter");
}

static void play_device(struct flow *f)
{
	play_browser(f);
	f->s.desk.answer = (struct desk_answer){.step = DESK_BROWSING,
		.field = DESK_NO_FIELD,
		.url = "https://id.example/device",
		.code = "LQJX-WJGS"};
	screen_keys(&f->s, "Down Down Enter");
}

static void play_denied(struct flow *f)
{
	play_browser(f);
	fake_desk_fail(&f->s.desk, DESK_NO_FIELD, "Access was not granted at Google.");
	f->s.desk.secrets = DESK_SECRETS_OPEN;
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
	{"welcome", NULL, play_welcome, NULL,
		{"crmail  Welcome", "imap.ourfirm.example:993", "smtp.ourfirm.example:465",
			"Password         ••••••", "Account's name   ourfirm", NULL}},
	{"welcome-testing", NULL, play_testing, NULL,
		{"Reading works. Testing sending… Esc stops.", NULL}},
	{"welcome-refused", NULL, play_refused, NULL,
		{"did not accept the user name or password", NULL}},
	{"welcome-google", NULL, play_welcome_google, NULL,
		{"Sign in at Google, in the browser", "Use IMAP and SMTP instead",
			"This mailbox is at Google: Alt-S signs in there", NULL}},
	{"welcome-microsoft", NULL, play_welcome_microsoft, NULL,
		{"Sign in at Microsoft, in the browser", "Use IMAP and SMTP instead",
			"This mailbox is at Microsoft: Alt-S signs in there", NULL}},
	{"welcome-all", NULL, play_welcome_all, NULL,
		{"< at Google, in the browser >", "Passphrase again", "Client id", "Client secret",
			"Account's name   gmail", NULL}},
	{"welcome-client", NULL, play_client, NULL,
		{"▸ Client id", "console.cloud.google.com", "lets no program in", NULL}},
	{"welcome-tenant", NULL, play_tenant, NULL,
		{"Client id        11111111-2222", "▸ Tenant           ourfirm.example",
			"Sign in at Microsoft, in the browser", NULL}},
	{"welcome-nothing", NULL, play_nothing, NULL,
		{"No mail servers were found for ourfirm.example: type them here.",
			"Reading (IMAP)   imap.ourfirm.example:993", NULL}},
	{"welcome-slow", NULL, play_slow, NULL,
		{"ourfirm.example did not answer in time: type its mail servers here.",
			"Reading (IMAP)   imap.ourfirm.example:993", NULL}},
	{"welcome-looking", NULL, play_looking, NULL,
		{"Looking for the mail servers of ourfirm.example", "Use IMAP and SMTP instead",
			NULL}},
	{"welcome-found", NULL, play_found_servers, NULL,
		{"mail.ourfirm.example:1993", "TLS from the start", "Found: reading at", NULL}},
	{"welcome-no-client", NULL, play_no_client, NULL,
		{"Sign in at Google, in the browser", "Client id", "Client secret", NULL}},
	{"welcome-offline", NULL, play_offline, NULL,
		{"is this computer online?", "Reading (IMAP)", NULL}},
	{"sign-in-browser", NULL, play_browser, NULL,
		{"crmail  Sign in at Google", "Sign in with the browser, then come back.",
			"https://id.example/auth?response_type=code", "Waiting for you to sign in…",
			"Ended at", "Use a code on another device", NULL}},
	{"sign-in-device", NULL, play_device, NULL,
		{"On any device, open this address:", "https://id.example/device",
			"and type this code there:", "LQJX-WJGS", "Use the browser here", NULL}},
	{"sign-in-denied", NULL, play_denied, NULL,
		{"Access was not granted at Google.", "Sign in", "Use a code on another device",
			NULL}},
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

static void welcome__needs_no_passphrase__with_a_keyring(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	welcome(f);
	screen_keys(&f->s, "'a@one.example Down");
	assert_true(screen_shows(&f->s, "Passphrase again"));
	f->s.desk.keyring = DESK_KEYRING_OPEN; /* found only now */
	event_post(f->s.events, &(struct event){.type = EV_PROGRESS});
	flow_turn(f);
	assert_false(screen_shows(&f->s, "Passphrase"));
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

static void welcome__gives__every_field(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	f->s.desk.has_profiles = true;
	f->s.desk.answer.account = 1;
	welcome_beside(f, NULL);
	screen_keys(&f->s, FILL_IN " Down Down Down Enter");
	assert_int_equal(f->s.desk.kind, DESK_ADD);
	assert_string_equal(f->s.desk.v[DESK_EMAIL], "laura@ourfirm.example");
	assert_string_equal(f->s.desk.v[DESK_REAL_NAME], "Laura");
	assert_string_equal(f->s.desk.v[DESK_IMAP], "imap.ourfirm.example:993");
	assert_string_equal(f->s.desk.v[DESK_SMTP], "smtp.ourfirm.example:465");
	assert_string_equal(f->s.desk.v[DESK_USER], "laura@ourfirm.example");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "geheim");
	assert_string_equal(f->s.desk.v[DESK_PASSPHRASE], "long-enough");
	assert_string_equal(f->s.desk.v[DESK_TLS], "");
	assert_string_equal(f->s.desk.v[DESK_HISTORY], "30");
	assert_string_equal(f->s.desk.v[DESK_NAME], "ourfirm");
	assert_true(screen_shows(&f->s, "Which CRM?"));
	assert_true(screen_shows(&f->s, "the one connected already: crm"));
	screen_keys(&f->s, "Esc");
	assert_true(screen_shows(&f->s, "crmail  Inbox"));
}

static void welcome__signs_in__where_the_address_leads(struct flow *f)
{
	f->s.desk.has_profiles = true;
	play_browser(f);
	assert_int_equal(f->s.desk.kind, DESK_ADD);
	assert_string_equal(f->s.desk.v[DESK_OAUTH], "google");
	assert_string_equal(f->s.desk.v[DESK_KIND], "gmail");
	assert_string_equal(f->s.desk.v[DESK_CLIENT], "");
	assert_string_equal(f->s.desk.v[DESK_NAME], "gmail");
	assert_string_equal(f->s.desk.v[DESK_HISTORY], "30");
	assert_string_equal(f->s.desk.v[DESK_EMAIL], "laura@gmail.com");
	assert_string_equal(f->s.desk.v[DESK_PASSPHRASE], "long-enough");
	assert_string_equal(f->s.desk.v[DESK_IMAP], "");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "");
	f->s.desk.answer = (struct desk_answer){.field = DESK_NO_FIELD, .account = 1};
	fake_desk_finish(&f->s.desk);
	screen_resize(&f->s, 24, 80);
	assert_true(screen_shows(&f->s, "Which CRM?"));
}

static void welcome__asks_for_a_password__elsewhere(struct flow *f)
{
	play_welcome_google(f);
	assert_false(screen_shows(&f->s, "Reading (IMAP)"));
	screen_keys(&f->s, "Backspace");
	assert_false(screen_shows(&f->s, "This mailbox is at Google"));
	assert_false(screen_shows(&f->s, "Sign in at Google"));
	f->s.desk.offers = (struct offers){.end = OFFERS_NONE};
	screen_keys(&f->s, "Down");
	assert_true(screen_shows(&f->s, "Reading (IMAP)"));
	assert_true(screen_shows(&f->s, "with a password"));
}

static void welcome__looks__once_for_each_address(struct flow *f)
{
	play_looking(f);
	assert_string_equal(f->s.desk.sought, "laura@ourfirm.example");
	int64_t first = f->s.desk.find;
	screen_keys(&f->s, "Up Down Up");
	assert_int_equal(f->s.desk.find, first);
	screen_keys(&f->s, "Backspace");
	assert_true(f->s.desk.is_find_withdrawn);
	assert_false(screen_shows(&f->s, "Looking for"));
	screen_keys(&f->s, "Down");
	assert_string_equal(f->s.desk.sought, "laura@ourfirm.exampl");
}

static void welcome__fills_in__only_what_nobody_typed(struct flow *f)
{
	play_looking(f);
	screen_keys(&f->s, "Down Enter Down Ctrl-U 'mx.ourfirm.example:993");
	finds(f, &google, &found_servers);
	fake_desk_find(&f->s.desk);
	flow_turn(f);
	assert_true(screen_shows(&f->s, "▸ Reading (IMAP)"));
	assert_true(screen_shows(&f->s, "mx.ourfirm.example:993"));
	assert_true(screen_shows(&f->s, "out.ourfirm.example:1465"));
	assert_true(screen_shows(&f->s, "with a password"));
	assert_true(screen_shows(&f->s, "as the port says"));
	assert_true(screen_shows(&f->s, "Your name        Lau"));
}

static void welcome__waits__for_what_it_looks_for(struct flow *f)
{
	welcome(f);
	f->s.desk.finds_slowly = true;
	screen_keys(&f->s, "'laura@gmail.com Alt-S Alt-S");
	assert_true(screen_shows(&f->s, "Looking for the mail servers of gmail.com"));
	assert_int_equal(f->s.desk.number, 0);
	finds(f, &google, NULL);
	fake_desk_find(&f->s.desk);
	flow_turn(f);
	screen_keys(&f->s, "Alt-S");
	assert_string_equal(f->s.desk.v[DESK_OAUTH], "google");
}

static void welcome__does_not_wait__for_servers_that_were_typed(struct flow *f)
{
	welcome(f);
	f->s.desk.finds_slowly = true;
	screen_keys(&f->s,
		"'laura@ourfirm.example Down Down Enter Down Backspace '3 Down Backspace '5 Down "
		"Down Down 'geheim Alt-S");
	assert_true(f->s.desk.is_find_withdrawn);
	assert_int_equal(f->s.desk.kind, DESK_ADD);
}

/* Typed in one go with what was found: nobody has read where the password would go. */
static void welcome__sends_nothing__to_servers_not_on_the_screen(struct flow *f)
{
	play_looking(f);
	screen_keys(&f->s, "Down Enter");
	for (int i = 0; i < 5; i++)
		screen_keys(&f->s, "Down");
	screen_keys(&f->s, "'geheim");
	assert_true(screen_shows(&f->s, "▸ Password"));
	finds(f, &found_servers, NULL);
	fake_desk_find(&f->s.desk);
	ui_events(&f->s.ui);
	screen_burst(&f->s, "Alt-S Alt-S Enter Alt-S");
	assert_int_equal(f->s.desk.number, 0);
	flow_turn(f);
	assert_true(screen_shows(&f->s, "look where it leads, then go on."));
	assert_true(screen_shows(&f->s, "out.ourfirm.example:1465"));
	f->s.desk.secrets = DESK_SECRETS_OPEN;
	screen_keys(&f->s, "Alt-S");
	assert_int_equal(f->s.desk.number, 1);
	assert_int_equal(f->s.desk.kind, DESK_ADD);
	assert_string_equal(f->s.desk.v[DESK_IMAP], "mail.ourfirm.example:1993");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "geheim");
}

/* A server that is scrolled away is not on the screen either. */
static void welcome__sends_nothing__to_servers_beyond_the_edge(struct flow *f)
{
	screen_resize(&f->s, 9, 80);
	play_looking(f);
	screen_keys(&f->s, "Down Enter");
	screen_keys(&f->s, "Down Down Down Down Down 'geheim Down Down Down Down");
	assert_false(screen_shows(&f->s, "Reading (IMAP)"));
	finds(f, &found_servers, NULL);
	fake_desk_find(&f->s.desk);
	flow_turn(f);
	screen_keys(&f->s, "Alt-S");
	assert_int_equal(f->s.desk.number, 0);
	assert_true(screen_shows(&f->s, "mail.ourfirm.example:1993"));
	screen_resize(&f->s, 24, 80);
}

static void welcome__opens_no_browser__for_a_provider_not_on_the_screen(struct flow *f)
{
	play_looking(f);
	finds(f, &google, &google_password);
	fake_desk_find(&f->s.desk);
	ui_events(&f->s.ui);
	screen_burst(&f->s, "Alt-S");
	assert_int_equal(f->s.desk.number, 0);
	assert_false(screen_shows(&f->s, "crmail  Sign in"));
	flow_turn(f);
	screen_keys(&f->s, "Alt-S");
	assert_true(screen_shows(&f->s, "crmail  Sign in at Google"));
}

static void welcome__gives__the_client_that_was_missing(struct flow *f)
{
	play_tenant(f);
	f->s.desk.secrets = DESK_SECRETS_OPEN;
	screen_keys(&f->s, "Down Enter");
	assert_string_equal(f->s.desk.v[DESK_OAUTH], "microsoft");
	assert_string_equal(f->s.desk.v[DESK_KIND], "graph");
	assert_string_equal(f->s.desk.v[DESK_CLIENT], "11111111-2222");
	assert_string_equal(f->s.desk.v[DESK_CLIENT_SECRET], "");
	assert_string_equal(f->s.desk.v[DESK_TENANT], "ourfirm.example");
}

static void welcome__needs__a_client_where_it_is_missing(struct flow *f)
{
	play_client(f);
	assert_int_equal(f->s.desk.number, 0);
	f->s.desk.secrets = DESK_SECRETS_OPEN;
	screen_keys(&f->s, "'~/client_secret.json Alt-S");
	assert_string_equal(f->s.desk.v[DESK_CLIENT], "~/client_secret.json");
	assert_string_equal(f->s.desk.v[DESK_TENANT], "");
}

static void welcome__keeps_imap__as_the_second_choice(struct flow *f)
{
	play_welcome_all(f);
	assert_true(screen_shows(&f->s, "▸ Sign in"));
	f->s.desk.secrets = DESK_SECRETS_OPEN;
	screen_keys(&f->s, "Right Right Alt-S");
	assert_string_equal(f->s.desk.v[DESK_OAUTH], "google");
	assert_string_equal(f->s.desk.v[DESK_KIND], "");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "");
}

/* An app password goes where the client id is missing. */
static void welcome__leads__round_a_missing_client(struct flow *f)
{
	play_no_client(f);
	screen_keys(&f->s, "Down Down Down Down Enter");
	assert_true(screen_shows(&f->s, "< with a password >"));
	assert_true(screen_shows(&f->s, "Reading (IMAP)   imap.gmail.com:993"));
	f->s.desk.secrets = DESK_SECRETS_OPEN;
	screen_keys(&f->s, "Down Down Down Down Down 'app-password Alt-S");
	assert_string_equal(f->s.desk.v[DESK_OAUTH], "");
	assert_string_equal(f->s.desk.v[DESK_IMAP], "imap.gmail.com:993");
	assert_string_equal(f->s.desk.v[DESK_PASSWORD], "app-password");
}

/* Discovery that knows of no such service leads to the mail servers by itself. */
static void welcome__signs_in_for_imap__where_that_is_all_there_is(struct flow *f)
{
	play_looking(f);
	finds(f, &google_imap, NULL);
	fake_desk_find(&f->s.desk);
	flow_turn(f);
	f->s.desk.secrets = DESK_SECRETS_OPEN;
	screen_keys(&f->s, "Alt-S");
	assert_string_equal(f->s.desk.v[DESK_OAUTH], "google");
	assert_string_equal(f->s.desk.v[DESK_KIND], "");
}

static void welcome__names__a_second_account_apart(struct flow *f)
{
	finds(f, &google, NULL);
	screen_keys(&f->s, "g A a 'laura@work.example Down Alt-S");
	assert_string_equal(f->s.desk.v[DESK_NAME], "work 2");
}

static void welcome__says__what_was_not_found(struct flow *f)
{
	static const struct {
		enum offers_end end;
		const char *words;
	} all[] = {{OFFERS_NONE, "No mail servers were found for one.example"},
		{OFFERS_NO_DOMAIN, "There is no domain one.example"},
		{OFFERS_SLOW, "one.example did not answer in time"},
		{OFFERS_OFFLINE, "is this computer online?"}};

	welcome(f);
	screen_keys(&f->s, "'a@one.exampl");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		f->s.desk.offers = (struct offers){.end = all[i].end};
		screen_keys(&f->s, "'e Down Up");
		assert_true(screen_shows(&f->s, all[i].words));
		assert_true(screen_shows(&f->s, "imap.one.example:993"));
		screen_keys(&f->s, "Backspace");
	}
}

static void sign_in__hands_on__a_pasted_address(struct flow *f)
{
	play_browser(f);
	screen_keys(&f->s, "'nonsense Enter");
	assert_string_equal(f->s.desk.pasted, "");
	assert_true(screen_shows(&f->s, "This needs the whole address"));
	screen_keys(&f->s, "Ctrl-U 'http://127.0.0.1:1/?code=x&state=y Enter");
	assert_string_equal(f->s.desk.pasted, "http://127.0.0.1:1/?code=x&state=y");
}

static void sign_in__changes_over__to_a_code_and_back(struct flow *f)
{
	play_device(f);
	assert_int_equal(f->s.desk.number, 2);
	assert_string_equal(f->s.desk.v[DESK_DEVICE], "yes");
	screen_keys(&f->s, "Down Enter");
	assert_int_equal(f->s.desk.number, 3);
	assert_string_equal(f->s.desk.v[DESK_DEVICE], "");
}

static void sign_in__stops__with_esc(struct flow *f)
{
	play_browser(f);
	screen_keys(&f->s, "Esc");
	assert_true(f->s.desk.is_withdrawn);
	assert_true(screen_shows(&f->s, "Stopped; nothing was saved."));
	screen_keys(&f->s, "Esc");
	assert_true(screen_shows(&f->s, "crmail  Welcome"));
}

static void sign_in__tries_again__after_a_refusal(struct flow *f)
{
	play_denied(f);
	screen_keys(&f->s, "Enter");
	assert_int_equal(f->s.desk.number, 2);
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

static void welcome__keeps__what_was_typed_over_a_guess(struct flow *f)
{
	welcome(f);
	screen_keys(&f->s,
		"'a@one.example Down Down Down Ctrl-W Ctrl-W Ctrl-W Ctrl-W 'mx.one.example:993");
	f->s.desk.finds_slowly = true;
	screen_keys(&f->s, "Up Up Up Backspace 'X");
	assert_true(screen_shows(&f->s, "mx.one.example:993"));
	assert_true(screen_shows(&f->s, "smtp.one.examplX:465"));
}

static void welcome__goes__to_the_field_that_is_wrong(struct flow *f)
{
	welcome(f);
	screen_keys(&f->s, "Alt-S");
	assert_true(screen_shows(&f->s, "This needs an address"));
	assert_true(screen_shows(&f->s, "▸ Work email"));
	screen_keys(&f->s, "'laura@ourfirm.example Down Alt-S");
	assert_true(screen_shows(&f->s, "The servers want a password."));
	assert_true(screen_shows(&f->s, "▸ Password"));
	assert_int_equal(f->s.desk.number, 0);
}

static void welcome__stops__a_test_with_esc(struct flow *f)
{
	play_testing(f);
	screen_keys(&f->s, "'x Esc");
	assert_true(f->s.desk.is_withdrawn);
	assert_true(screen_shows(&f->s, "Stopped; nothing was saved."));
	assert_true(screen_shows(&f->s, "crmail  Welcome"));
	screen_keys(&f->s, "Esc");
	assert_true(f->s.ui.is_quitting);
}

static void welcome__beside_a_crm__goes_to_its_contacts(struct flow *f)
{
	welcome_beside(f, NULL);
	assert_true(screen_shows(&f->s, "Esc goes to your contacts without it."));
	screen_keys(&f->s, "Esc");
	assert_false(f->s.ui.is_quitting);
	assert_true(screen_shows(&f->s, "crmail  Contacts"));
	screen_keys(&f->s, "Esc");
	assert_false(screen_shows(&f->s, "crmail  Welcome"));
}

static void welcome__hides__the_passphrase_from_a_command(struct flow *f)
{
	f->s.desk.secrets = DESK_SECRETS_NONE;
	welcome(f);
	screen_keys(&f->s, "'a@one.example Down");
	assert_true(screen_shows(&f->s, "Passphrase again"));
	screen_keys(&f->s, "Down Down Down Down Down Down Down 'pass");
	assert_false(screen_shows(&f->s, "Passphrase"));
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
	FLOW(relay__is_no_matter__without_a_server),
	FLOW(sign_in__gives__the_password_and_wipes_it),
	FLOW(sign_in__needs_no_screen__for_a_maildir),
	FLOW(unlock__lets_the_desktop_ask__where_a_keyring_is_locked),
	FLOW(unlock__stops__with_esc),
	FLOW(keyring__is_unlocked__from_the_palette_and_the_problem),
	FLOW(keyring__is_not_named__in_the_problem_of_another_account),
	FLOW(welcome__needs_no_passphrase__with_a_keyring),
	FLOW(sign_in__needs_no_passphrase__where_the_keyring_has_the_password),
	FLOW(unlock__asks__where_a_password_is_saved),
	FLOW(welcome__gives__every_field),
	FLOW(welcome__signs_in__where_the_address_leads),
	FLOW(welcome__asks_for_a_password__elsewhere),
	FLOW(welcome__looks__once_for_each_address),
	FLOW(welcome__fills_in__only_what_nobody_typed),
	FLOW(welcome__waits__for_what_it_looks_for),
	FLOW(welcome__does_not_wait__for_servers_that_were_typed),
	FLOW(welcome__sends_nothing__to_servers_not_on_the_screen),
	FLOW(welcome__sends_nothing__to_servers_beyond_the_edge),
	FLOW(welcome__opens_no_browser__for_a_provider_not_on_the_screen),
	FLOW(welcome__gives__the_client_that_was_missing),
	FLOW(welcome__needs__a_client_where_it_is_missing),
	FLOW(welcome__keeps_imap__as_the_second_choice),
	FLOW(welcome__leads__round_a_missing_client),
	FLOW(welcome__signs_in_for_imap__where_that_is_all_there_is),
	FLOW(welcome__names__a_second_account_apart),
	FLOW(welcome__says__what_was_not_found),
	FLOW(sign_in__hands_on__a_pasted_address),
	FLOW(sign_in__changes_over__to_a_code_and_back),
	FLOW(sign_in__stops__with_esc),
	FLOW(sign_in__tries_again__after_a_refusal),
	FLOW(sign_in_again__asks__for_the_passphrase_where_it_is_locked),
	FLOW(sign_in_again__begins_at_once__where_it_is_open),
	FLOW(welcome__keeps__what_was_typed_over_a_guess),
	FLOW(welcome__goes__to_the_field_that_is_wrong),
	FLOW(welcome__stops__a_test_with_esc),
	FLOW(welcome__beside_a_crm__goes_to_its_contacts),
	FLOW(welcome__hides__the_passphrase_from_a_command),
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
