/* test_suggest.c - what a mail may be about, everything it can be linked to, and why in words. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/store/contact.h"
#include "crmail/store/why.h"
#include "tests/unit/store/fixture.h"
#include "tests/unit/store/letters.h"

static void put_records(struct fixture *f)
{
	static const char *const domains[] = {"alpha.example"};
	static const char *const emails[] = {"laura@alpha.example"};
	const struct crm_row crm = {.name = "main", .profile = "x", .url = "http://x.test"};
	const struct partner_in partners[] = {
		{.crm_id = "P1", .name = "Alpha Werke", .domains = domains, .n_domains = 1},
		{.crm_id = "P2", .name = "Öko AG"},
		{.crm_id = "P3", .name = "AB"}}; /* too short to be told from a word */
	const struct contact_in contact = {.crm_id = "C1",
		.name = "Laura",
		.emails = emails,
		.n_emails = 1,
		.partner_crm_id = "P1"};
	const struct lead_in leads[] = {{.crm_id = "L1", .name = "Ada", .addr = "ada@far.example"},
		{.crm_id = "L2", .addr = "x@far.example"}};
	const struct deal_in deals[] = {{.crm_id = "D1",
						.name = "Frame contract",
						.number = "D-17",
						.partner_crm_id = "P1"},
		{.crm_id = "D2", .name = "Spare parts", .number = "D-18"},
		{.crm_id = "D3", .name = "Old pilot", .number = "D-1", .stage = "Won"}};
	struct put_page p = {.object = "x"};
	assert_ok(f, crm_add(f->store, &crm, NULL, 0, &p.crm, &f->err));
	assert_int_equal(p.crm, 1);
	assert_ok(f, partner_put(f->store, &p, partners, ARRAY_SIZE(partners), &f->err));
	assert_ok(f, contact_put(f->store, &p, &contact, 1, &f->err));
	assert_ok(f, lead_put(f->store, &p, leads, 2, &f->err));
	assert_ok(f, deal_put(f->store, &p, deals, ARRAY_SIZE(deals), &f->err));
}

static int64_t put_mail(struct fixture *f, const char *subject, const char *body)
{
	int64_t account = letters_account(f, subject);
	int64_t folder = letters_folder(f, account, "INBOX", FOLDER_INBOX);
	int64_t id = 0;
	const struct letter l = {.id = "1", .mid = "", .subject = subject, .body = body};
	letters_put(f, account, folder, &l, 1, &id);
	return id;
}

/* "deal Frame contract: its number stands in the mail; ..." */
static const char *suggested(struct fixture *f, int64_t message, size_t limit)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	struct suggestion *v = NULL;
	size_t n = 0;
	assert_ok(f, suggestions_of(f->reader, &f->arena, 1, message, limit, &v, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s %s: %s", i ? "; " : "", link_kind_name(v[i].kind), v[i].name,
			suggest_text(v[i].why));
	return b.len ? arena_strndup(&f->arena, b.p, b.len) : "";
}

static void suggest__names__stand_in_subject_or_own_text(void **state)
{
	struct fixture *f = *state;
	put_records(f);
	int64_t id = put_mail(f, "About d-17", "We of \303\226KO ag need SPARE parts soon.\n");
	assert_string_equal(suggested(f, id, 9),
		"deal Frame contract: its number stands in the mail;"
		" deal Spare parts: its name stands in the mail;"
		" partner Öko AG: its name stands in the mail");
	assert_string_equal(suggested(f, id, 1),
		"deal Frame contract: its number stands in the mail");
}

static void suggest__parts_of_words_and_short_names__are_none(void **state)
{
	struct fixture *f = *state;
	put_records(f);
	assert_string_equal(suggested(f, put_mail(f, "D-170 and xD-17", "AB: spare partsman\n"), 9),
		"");
}

static void suggest__what_others_wrote__counts_for_nothing(void **state)
{
	struct fixture *f = *state;
	put_records(f);
	int64_t id = put_mail(f, "Re: hello", "Yes.\n\nOn Monday Bob wrote:\n> about D-17?\n");
	assert_string_equal(suggested(f, id, 9), "");
	id = put_mail(f, "closed", "about D-1 and the old pilot\n"); /* won long ago */
	assert_string_equal(suggested(f, id, 9), "");
}

static void link_to(struct fixture *f, int64_t message, int kind, int64_t target)
{
	fixture_sql(f, "crmail.db",
		arena_printf(&f->arena,
			"INSERT INTO link (message, kind, target, at, how) VALUES (%lld, %d, %lld,"
			" 5, 0)",
			(long long)message, kind, (long long)target));
}

static void suggest__the_one_open_deal__of_its_people(void **state)
{
	struct fixture *f = *state;
	put_records(f);
	int64_t id = put_mail(f, "hello", "there\n");
	assert_string_equal(suggested(f, id, 9), "");
	link_to(f, id, 1, 1);
	link_to(f, id, 2, 1);
	assert_string_equal(suggested(f, id, 9), "deal Frame contract: the one open deal");
	fixture_sql(f, "crmail.db", "UPDATE deal SET partner = 1 WHERE crm_id = 'D2'");
	assert_string_equal(suggested(f, id, 9), "");
}

static void suggest__linked_already__is_left_out(void **state)
{
	struct fixture *f = *state;
	put_records(f);
	int64_t id = put_mail(f, "D-17 and D-18", "x\n");
	link_to(f, id, 4, 1);
	assert_string_equal(suggested(f, id, 9), "deal Spare parts: its number stands in the mail");
	fixture_sql(f, "crmail.db", "UPDATE deal SET gone_at = 1 WHERE crm_id = 'D2'");
	assert_string_equal(suggested(f, id, 9), "");
}

static void link_choices__everything_open__with_what_tells_it_apart(void **state)
{
	static const char *const want[] = {"contact Laura (laura@alpha.example)\n",
		"deal Frame contract (Alpha Werke)\n", "deal Spare parts ()\n",
		"partner Öko AG ()\n", "lead Ada (ada@far.example)\n",
		"lead x@far.example (x@far.example)\n"};
	struct fixture *f = *state;
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	struct link_choice *v = NULL;
	size_t n = 0;
	put_records(f);
	assert_ok(f, link_choices(f->reader, &f->arena, 1, 9, &v, &n, &f->err));
	assert_int_equal(n, 8);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s %s (%s)\n", link_kind_name(v[i].kind), v[i].name,
			v[i].detail ? v[i].detail : "");
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		if (!strstr(b.p, want[i]))
			fail_msg("\"%s\" is not in:\n%s", want[i], b.p);
	assert_ok(f, link_choices(f->reader, &f->arena, 1, 1, &v, &n, &f->err));
	assert_int_equal(n, 4); /* of each kind */
	assert_ok(f, link_choices(f->reader, &f->arena, 2, 9, &v, &n, &f->err));
	assert_int_equal(n, 0);
}

static const char *sum(struct fixture *f, const struct why *w)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
	why_add_sum(w, &b);
	return arena_strndup(&f->arena, b.p, b.len);
}

static void why__sum__says_what_holds(void **state)
{
	struct fixture *f = *state;
	const struct why_entry logged = {.state = LOG_LOGGED}, queued = {.state = LOG_QUEUED},
			       gone = {.state = LOG_NOT},
			       parked = {.state = LOG_PARKED, .reason = "No."};
	assert_string_equal(sum(f, &(struct why){.is_waiting = true}), "It is being looked at.");
	assert_string_equal(sum(f, &(struct why){.is_waiting = true, .is_paused = true}),
		"The CRM is paused: it will be looked at when you resume it.");
	assert_string_equal(sum(f, &(struct why){.is_paused = true, .word = "private"}),
		"Not logged: the conversation is private.");
	assert_string_equal(sum(f, &(struct why){.entries = &parked, .n_entries = 1}),
		"Not logged: the CRM refused it: No.");
	assert_string_equal(sum(f,
				    &(struct why){
					    .entries = &logged, .n_entries = 1, .word = "off"}),
		"It stands in the CRM, but would not be logged now.");
	assert_string_equal(sum(f, &(struct why){.entries = &logged, .n_entries = 1}),
		"It is logged.");
	assert_string_equal(sum(f, &(struct why){.entries = &queued, .n_entries = 1}),
		"It waits to be logged.");
	assert_string_equal(sum(f, &(struct why){.entries = &gone, .n_entries = 1}),
		"Not logged any more: its entry was deleted in the CRM.");
	assert_string_equal(sum(f, &(struct why){.crm = 1}), "It stands in the timeline.");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(suggest__names__stand_in_subject_or_own_text),
		TEST(suggest__parts_of_words_and_short_names__are_none),
		TEST(suggest__what_others_wrote__counts_for_nothing),
		TEST(suggest__the_one_open_deal__of_its_people),
		TEST(suggest__linked_already__is_left_out),
		TEST(link_choices__everything_open__with_what_tells_it_apart),
		TEST(why__sum__says_what_holds),
	};
	return cmocka_run_group_tests_name("store/suggest", tests, NULL, NULL);
}
