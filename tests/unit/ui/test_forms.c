/*
 * test_forms.c - the forms about people: what they are filled in with, what they refuse, and what
 * they write into the CRM's records; golden screens of each, empty, filled in and with an error.
 */
#include "config.h"

#include <string.h>

#include "crmail/base/event.h"
#include "flow.h"
#include "golden.h"
#include "ui/views/views.h"

/* The inbox has Laura (known) on top; the fourth row is new.person@acme.example. */
#define TO_STRANGER "j j j "

static const char signed_text[] =
	"Hello,\r\n\r\nI found you through the fair.\r\n\r\nBest regards\r\nNora Person\r\n"
	"Head of Purchasing, Acme Tools Ltd\r\nT +44 20 7946 0999\r\nnora@home.example\r\n";

static void sign(struct flow *f)
{
	struct store *s = &f->store;

	fake_mail_of(s, 5)->text = signed_text;
	fake_mail_of(s, 5)->from_name = "Nora Person";
}

static void open_flow(struct flow *f, const char *keys)
{
	flow_open(f, sign, 40, 120, keys);
}

static void assert_wrote(struct flow *f, const char *want)
{
	if (strcmp(f->store.written.p, want) != 0)
		fail_msg("written was:\n%snot:\n%s\n%s", f->store.written.p, want,
			screen_dump(&f->s));
}

/* ---- logging --------------------------------------------------------------------------------- */

#define CALL_NOW                                                                                   \
	"create activity 100: kind=call subject=Call with Laura Palmer body=(empty)"               \
	" at=2026-11-20T10:00:00Z status=completed contact=1 partner=1 deal=1\n"

static void log__takes_three_keys__for_a_call_just_now(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "L c Alt-S");
	flow_shows(&f, "Call logged. z undo");
	flow_shows(&f, "crmail  Inbox");
	assert_wrote(&f, CALL_NOW);
	screen_keys(&f.s, "z");
	assert_wrote(&f, CALL_NOW "undo 100\n");
	flow_close(&f);
}

static void log__writes_what_was_typed__of_a_meeting(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "Enter L m 'Budget Tab 'is Space 'set Enter 'done Tab Ctrl-A 'yesterday "
		      "Space '15:00 Tab '1h30 Enter Right Alt-S");
	assert_wrote(&f, "create activity 100: kind=meeting subject=Budget body=is set\ndone"
			 " at=2026-11-19T15:00:00Z status=completed duration_min=90 contact=(empty)"
			 " partner=1 deal=1\n");
	flow_shows(&f, "Meeting logged.");
	flow_close(&f);
}

static void log__plans__a_task_and_what_is_ahead(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "L t 'send Space 'prices Tab Tab 'fri Alt-S");
	screen_keys(&f.s, "L m Tab Tab Ctrl-A 'tomorrow Space '9am Alt-S");
	assert_wrote(&f,
		"create activity 100: kind=task subject=send prices body=(empty)"
		" at=2026-11-20T10:00:00Z status=planned due_date=2026-11-27 contact=1 partner=1"
		" deal=1\n"
		"create activity 101: kind=meeting subject=Meeting with Laura Palmer body=(empty)"
		" at=2026-11-21T09:00:00Z status=planned contact=1 partner=1 deal=1\n");
	flow_close(&f);
}

static void log__takes_noon__of_a_day_without_a_time(void **state)
{
	static const struct {
		const char *typed, *at;
	} days[] = {{"yesterday", "at=2026-11-19T12:00:00Z status=completed"},
		{"today", "at=2026-11-20T10:00:00Z status=completed"},
		{"2026-12-01", "at=2026-12-01T12:00:00Z status=planned"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
		CLEANUP(buf_release) struct buf keys = BUF_INIT(100);
		struct flow f;

		buf_addf(&keys, "L c Tab Tab '%s Alt-S", days[i].typed);
		open_flow(&f, keys.p);
		if (!strstr(f.store.written.p, days[i].at))
			fail_msg("%s: %s", days[i].typed, f.store.written.p);
		flow_close(&f);
	}
}

static void log__refuses__what_it_does_not_understand(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "L t Alt-S");
	flow_shows(&f, "What is to be done?");
	screen_keys(&f.s, "'x Tab Tab 'soon Alt-S");
	flow_shows(&f, "Not understood: try \"fri\" or 2026-12-01.");
	screen_keys(&f.s, "Esc Esc L c Tab Tab Tab '9999 Alt-S");
	flow_shows(&f, "Minutes, as 45 or 1h30.");
	assert_wrote(&f, "");
	flow_close(&f);
}

static void log__asks_once__before_words_are_thrown_away(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "L c Esc");
	flow_shows(&f, "crmail  Inbox");
	screen_keys(&f.s, "L c 'x Esc");
	flow_shows(&f, "Not saved yet: Alt-S saves, Esc once more throws it away.");
	screen_keys(&f.s, "'y Esc");
	flow_shows(&f, "Subject          xy");
	screen_keys(&f.s, "Esc");
	flow_shows(&f, "crmail  Inbox");
	assert_wrote(&f, "");
	flow_close(&f);
}

static void log__says_why__when_the_crm_takes_none(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "");
	f.store.abilities = 0;
	screen_keys(&f.s, "L");
	flow_shows(&f, "This CRM takes no calls, notes or tasks from crmail.");
	screen_keys(&f.s, "D");
	flow_shows(&f, "This CRM does not let crmail change deals.");
	screen_keys(&f.s, "E");
	flow_shows(&f, "This CRM does not let crmail change contacts.");
	screen_keys(&f.s, TO_STRANGER "N");
	flow_shows(&f, "This CRM takes no new contacts from crmail.");
	screen_keys(&f.s, "L");
	flow_shows(&f, "Nobody here is in the CRM: N makes a contact.");
	flow_close(&f);
}

/* ---- contacts -------------------------------------------------------------------------------- */

static void contact__is_filled_in__from_the_signature(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, TO_STRANGER);
	flow_shows(&f, "not in the CRM: N makes a contact");
	screen_keys(&f.s, "N");
	flow_shows(&f, "This partner is new: it is made with the contact.");
	screen_keys(&f.s, "Alt-S");
	flow_shows(&f, "Contact made. z undo");
	assert_wrote(&f,
		"create contact 100: first_name=Nora last_name=Person title=Head of Purchasing"
		" email=new.person@acme.example other_emails=nora@home.example"
		" phone=+44 20 7946 0999 partner=new:Acme Tools Ltd\n");
	flow_close(&f);
}

static void contact__is_made__of_nobody(void **state)
{
	static const struct form_stranger nobody = {.account = 0};
	struct flow f;

	(void)state;
	open_flow(&f, "");
	form_contact_new_open(&f.s.ui, &nobody);
	screen_keys(&f.s, "Alt-S");
	flow_shows(&f, "A name is needed.");
	screen_keys(&f.s, "'Palmer Alt-S");
	assert_wrote(&f, "create contact 100: last_name=Palmer\n");
	flow_close(&f);
}

static void sign_for_dafaneto(struct flow *f)
{
	sign(f);
	fake_mail_of(&f->store, 5)->from_addr = "nora@Dafaneto.example";
}

static void contact__gets_the_partner__of_its_domain(void **state)
{
	struct flow f;

	(void)state;
	flow_open(&f, sign_for_dafaneto, 40, 120,
		TO_STRANGER "Enter N Tab Tab Ctrl-A 'Buyer Alt-S");
	assert_wrote(&f, "create contact 100: first_name=Nora last_name=Person title=Buyer"
			 " email=nora@Dafaneto.example other_emails=nora@home.example"
			 " phone=+44 20 7946 0999 partner=1\n");
	flow_close(&f);
}

static void contact__shows__who_may_be_the_same(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, TO_STRANGER "N Ctrl-A 'Laura Tab Ctrl-A 'Palmer Tab");
	flow_shows(&f, "In the CRM already: Laura Palmer, Dafaneto <laura@dafaneto.example>.");
	screen_keys(&f.s, "Alt-S");
	flow_shows(&f, "A known name: Alt-S once more makes another contact.");
	assert_wrote(&f, "");
	screen_keys(&f.s, "Tab Tab Ctrl-A 'laura+x@dafaneto.example Alt-S");
	flow_shows(&f, "Laura Palmer has this address already: laura+x@dafaneto.example");
	assert_wrote(&f, "");
	screen_keys(&f.s, "Ctrl-A 'other@dafaneto.example Tab End ',nobody Alt-S");
	flow_shows(&f, "This is no address: nobody");
	screen_keys(&f.s, "Ctrl-A 'a@b.test,laura@dafaneto.example Alt-S");
	flow_shows(&f, "Laura Palmer has this address already: laura@dafaneto.example");
	assert_wrote(&f, "");
	screen_keys(&f.s, "Ctrl-U Alt-S");
	assert_int_equal(f.store.n_written, 1);
	flow_close(&f);
}

static void contact__takes_a_partner__from_the_list(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, TO_STRANGER "N Up Up Ctrl-T 'dafa Enter");
	flow_shows(&f, "Partner          Dafaneto");
	f.store.abilities &= ~(RECORD_CAN_CREATE << RECORD_PARTNER);
	screen_keys(&f.s, "'x Alt-S");
	flow_shows(&f, "No such partner, and the CRM takes no new ones (Ctrl-T).");
	flow_close(&f);
}

static void contact__is_changed__field_by_field(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "E Tab Tab Ctrl-A 'Buyer Tab Tab Tab Ctrl-A Backspace Alt-S");
	flow_shows(&f, "Contact changed. z undo");
	assert_wrote(&f,
		"edit contact 1: first_name=(empty) last_name=Laura Palmer title=Buyer"
		" email=laura@dafaneto.example other_emails=(empty) phone=(empty) partner=1\n");
	flow_close(&f);
}

static void contact__has_more_phones__in_the_local_crm(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "E");
	assert_false(screen_shows(&f.s, "Other phones"));
	f.store.abilities |= RECORD_IS_LOCAL;
	screen_keys(&f.s, "Esc E Tab Tab Tab Tab Tab Tab '+49 Space '1, Space '+49 Space '2 Alt-S");
	assert_wrote(&f, "edit contact 1: first_name=(empty) last_name=Laura Palmer"
			 " title=Head of Procurement email=laura@dafaneto.example"
			 " other_emails=(empty) phone=+49 30 901820 other_phones=+49 1, +49 2"
			 " partner=1\n");
	flow_close(&f);
}

/* ---- deals ----------------------------------------------------------------------------------- */

static void deal__is_moved__by_the_first_letter_of_its_stage(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "D 'w Tab Ctrl-A '12.500,50 Tab Ctrl-A '+2w Alt-S");
	flow_shows(&f, "Deal changed. z undo");
	assert_wrote(&f, "edit deal 1: stage=won amount=12500.50 close_date=2026-12-04\n");
	flow_close(&f);
}

static void deal__stage__is_typed_where_there_is_no_choice(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "Esc");
	f.store.has_no_stages = true;
	screen_keys(&f.s, "D");
	flow_shows(&f, "As your CRM calls it.");
	screen_keys(&f.s, "Ctrl-A 'Signed Alt-S");
	assert_wrote(&f, "edit deal 1: stage=Signed\n");
	flow_close(&f);
}

static void deal__writes_nothing__that_was_not_changed(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "D Tab Tab Tab Alt-S");
	flow_shows(&f, "crmail  Inbox");
	screen_keys(&f.s, "D Tab Ctrl-A 'twelve Alt-S");
	flow_shows(&f, "An amount in digits, as 12000 or 12,000.50.");
	assert_wrote(&f, "");
	flow_close(&f);
}

/* A change that was taken back arrives when the form is open already. */
static void form__follows__what_changes_meanwhile(void **state)
{
	static const char *const emails[] = {"new@dafaneto.example"};
	struct flow f;

	(void)state;
	open_flow(&f, "E");
	f.store.contacts[0].emails = emails;
	event_post(f.s.events, &(struct event){.type = EV_CONTACTS});
	screen_keys(&f.s, "Tab");
	flow_shows(&f, "new@dafaneto.example");
	screen_keys(&f.s, "'x");
	f.store.contacts[0].title = "Boss";
	event_post(f.s.events, &(struct event){.type = EV_CONTACTS});
	screen_keys(&f.s, "Tab");
	flow_shows(&f, "Head of Procurement");
	screen_keys(&f.s, "Esc Esc D");
	f.store.deals[0].stage = "lost";
	event_post(f.s.events, &(struct event){.type = EV_CONTACTS});
	screen_keys(&f.s, "Down");
	flow_shows(&f, "Stage            lost");
	flow_close(&f);
}

/* ---- conflicts ------------------------------------------------------------------------------- */

static struct record_value conflict_fields[] = {
	{"title", "Buyer", "Head of Procurement", "Procurement Lead", 0},
	{"phone", "+49 30 1", NULL, "+49 30 2", 0},
	{"partner", NULL, "1", "7", RECORD_PARTNER},
};
static struct record_write conflict = {.id = 5,
	.crm = 1,
	.row = 1,
	.kind = RECORD_CONTACT,
	.verb = RECORD_EDITED,
	.state = RECORD_CONFLICT,
	.title = "Laura Palmer",
	.fields = conflict_fields,
	.n_fields = ARRAY_SIZE(conflict_fields)};

static void disagree(struct store *s)
{
	s->conflict = &conflict;
}

static void conflict__is_decided__for_all_fields(void **state)
{
	static const struct {
		const char *keys, *wrote, *says;
	} ways[] = {
		{"g x Enter", "resolve 5 ours\n", "Decided: it is sent to the CRM."},
		{"g x t Alt-S", "resolve 5 theirs\n", "The CRM's version is kept."},
		{"g x t o Enter", "resolve 5 ours\n", "Decided: it is sent to the CRM."},
		{"E t Enter", "resolve 5 theirs\n", "The CRM's version is kept."},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct flow f;

		open_flow(&f, "");
		disagree(&f.store);
		screen_keys(&f.s, ways[i].keys);
		flow_shows(&f, ways[i].says);
		assert_wrote(&f, ways[i].wrote);
		flow_close(&f);
	}
}

static void conflict__is_decided__field_by_field(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "");
	disagree(&f.store);
	screen_keys(&f.s, "g x Right Down Space Space Tab Right Enter");
	assert_wrote(&f, "resolve 5 theirs\nedit contact 1: phone=(empty)\n");
	flow_close(&f);
}

static void conflict__can_wait__and_may_be_gone(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "g x");
	flow_shows(&f, "No record is in conflict with the CRM.");
	disagree(&f.store);
	screen_keys(&f.s, "g x t Esc");
	flow_shows(&f, "crmail  Inbox");
	screen_keys(&f.s, "g x");
	f.store.conflict = NULL; /* decided elsewhere */
	event_post(f.s.events, &(struct event){.type = EV_CRM, .account = 1});
	screen_keys(&f.s, "Down");
	flow_shows(&f, "Nothing is in conflict here.");
	screen_keys(&f.s, "Enter");
	flow_shows(&f, "crmail  Inbox");
	assert_wrote(&f, "");
	flow_close(&f);
}

/* ---- the card -------------------------------------------------------------------------------- */

static void card__shows__what_waits_for_the_crm(void **state)
{
	struct flow f;

	(void)state;
	open_flow(&f, "Enter L c 'budget Alt-S");
	event_post(f.s.events, &(struct event){.type = EV_CONTACTS});
	screen_keys(&f.s, "Down");
	flow_shows(&f, "10:00 ↑☎ budget");
	disagree(&f.store);
	event_post(f.s.events, &(struct event){.type = EV_CONTACTS});
	screen_keys(&f.s, "Up");
	flow_shows(&f, "Conflict: gx shows both versions");
	conflict.state = RECORD_WAITING;
	event_post(f.s.events, &(struct event){.type = EV_CONTACTS});
	screen_keys(&f.s, "Down");
	flow_shows(&f, "↑ waits for the CRM");
	conflict.state = RECORD_CONFLICT;
	flow_close(&f);
}

/* ---- goldens --------------------------------------------------------------------------------- */

static const struct {
	const char *name, *keys;
	const char *says[6]; /* at every size; ends with NULL */
} goldens[] = {
	{"form-log-kind", "L", {"What happened?", "c   call", "t   task", "Esc back", NULL}},
	{"form-log", "Enter L c",
		{"crmail  Log", "Laura Palmer · Dafaneto", "Call with Laura Palmer",
			"now  Fri 20 Nov 2026 10:00", "Q1 frame contract", NULL}},
	{"form-log-filled",
		"L m 'Budget Tab 'is Space 'set Enter 'by Space 'Denis Tab "
		"'yesterday Space '15:00 Tab '45 Tab",
		{"< Laura Palmer · Dafaneto >", "yesterday 15:00  Thu 19 Nov 2026 15:00",
			"│ is set", "Alt-S save", NULL}},
	{"form-log-error", "L t Alt-S", {"▸ Subject", "What is to be done?", NULL}},
	{"form-contact-new", TO_STRANGER "N",
		{"crmail  New contact", "Nora", "Head of Purchasing", "nora@home.example",
			"Acme Tools Ltd", NULL}},
	{"form-contact-empty", "Tab Alt-S", {"▸ Last name", "A name is needed.", "Save", NULL}},
	{"form-contact-same",
		TO_STRANGER "N 'Laura Tab Ctrl-A 'Palmer Shift-Tab Ctrl-A 'Laura Alt-S",
		{"A known name: Alt-S once more", "In the CRM already: Laura Palmer", NULL}},
	{"form-contact", "E", {"crmail  Contact", "Head of Procurement", "+49 30 901820", NULL}},
	{"form-deal", "D", {"crmail  Deal", "Q1 frame contract", "< negotiation >", NULL}},
	{"form-deal-error", "D Tab Ctrl-A 'twelve Alt-S",
		{"An amount in digits, as 12000 or 12,000.50.", NULL}},
	{"conflict", "g x Down Right",
		{"Changed here and in the CRM", "Laura Palmer", "✓ Head of Procurement",
			"✓ +49 30 2", "was: Buyer", NULL}},
};

static void sign_and_disagree(struct flow *f)
{
	sign(f);
	disagree(&f->store);
}

static void form__is_the_golden__at_every_size(void **state)
{
	static const struct form_stranger nobody = {.account = 0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++)
		for (size_t k = 0; k < ARRAY_SIZE(golden_sizes); k++) {
			struct flow f;

			flow_open(&f,
				strcmp(goldens[i].name, "conflict") == 0 ? sign_and_disagree : sign,
				golden_sizes[k].rows, golden_sizes[k].cols, NULL);
			if (strcmp(goldens[i].name, "form-contact-empty") == 0)
				form_contact_new_open(&f.s.ui, &nobody);
			screen_keys(&f.s, goldens[i].keys);
			golden_check(goldens[i].name, &f.s, goldens[i].says);
			flow_close(&f);
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(form__is_the_golden__at_every_size),
		cmocka_unit_test(log__takes_three_keys__for_a_call_just_now),
		cmocka_unit_test(log__writes_what_was_typed__of_a_meeting),
		cmocka_unit_test(log__plans__a_task_and_what_is_ahead),
		cmocka_unit_test(log__takes_noon__of_a_day_without_a_time),
		cmocka_unit_test(log__refuses__what_it_does_not_understand),
		cmocka_unit_test(log__asks_once__before_words_are_thrown_away),
		cmocka_unit_test(log__says_why__when_the_crm_takes_none),
		cmocka_unit_test(contact__is_filled_in__from_the_signature),
		cmocka_unit_test(contact__is_made__of_nobody),
		cmocka_unit_test(contact__gets_the_partner__of_its_domain),
		cmocka_unit_test(contact__shows__who_may_be_the_same),
		cmocka_unit_test(contact__takes_a_partner__from_the_list),
		cmocka_unit_test(contact__is_changed__field_by_field),
		cmocka_unit_test(contact__has_more_phones__in_the_local_crm),
		cmocka_unit_test(deal__is_moved__by_the_first_letter_of_its_stage),
		cmocka_unit_test(deal__stage__is_typed_where_there_is_no_choice),
		cmocka_unit_test(deal__writes_nothing__that_was_not_changed),
		cmocka_unit_test(form__follows__what_changes_meanwhile),
		cmocka_unit_test(conflict__is_decided__for_all_fields),
		cmocka_unit_test(conflict__is_decided__field_by_field),
		cmocka_unit_test(conflict__can_wait__and_may_be_gone),
		cmocka_unit_test(card__shows__what_waits_for_the_crm),
	};

	flow_set_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
