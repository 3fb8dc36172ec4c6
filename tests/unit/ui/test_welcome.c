/*
 * test_welcome.c - the screens from an address to a connected account: goldens at three sizes, and
 * what their keys order.
 */
#include "config.h"

#include "crmail/base/event.h"
#include "crmail/store/store.h"
#include "flow.h"
#include "ui/views/views.h"

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

static const struct scene scenes[] = {
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
};

/* ---- what keys do ---------------------------------------------------------------------------- */

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

static const struct scene_flow flows[] = {
	FLOW(welcome__needs_no_passphrase__with_a_keyring),
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
	FLOW(welcome__keeps__what_was_typed_over_a_guess),
	FLOW(welcome__goes__to_the_field_that_is_wrong),
	FLOW(welcome__stops__a_test_with_esc),
	FLOW(welcome__beside_a_crm__goes_to_its_contacts),
	FLOW(welcome__hides__the_passphrase_from_a_command),
};

int main(void)
{
	const struct scene_set set = {.name = "ui/welcome",
		.scenes = scenes,
		.n_scenes = ARRAY_SIZE(scenes),
		.flows = flows,
		.n_flows = ARRAY_SIZE(flows)};

	return scene_run(&set);
}
