/* test_correspondent.c - who is offered while an address is typed, and in what order. */
#include "config.h"

#include <string.h>

#include "crmail/store/contact.h"
#include "crmail/store/correspondent.h"
#include "tests/unit/store/letters.h"

enum { DAY = 86400 };

struct corr {
	int64_t account, inbox, sent;
};

static struct corr corr_up(struct fixture *f)
{
	struct corr c = {.account = letters_account(f, "work")};
	c.inbox = letters_folder(f, c.account, "INBOX", FOLDER_INBOX);
	c.sent = letters_folder(f, c.account, "Sent", FOLDER_SENT);
	return c;
}

/* The addresses found, one after another with blanks between. */
static const char *found(struct fixture *f, int64_t account, const char *text, size_t limit)
{
	struct correspondent_query q = {account, text, FIXTURE_NOW, limit};
	struct correspondent_row *v;
	const char *all = "";
	size_t n;
	assert_ok(f, correspondent_find(f->reader, &f->arena, &q, &v, &n, &f->err));
	assert_true(n <= limit);
	for (size_t i = 0; i < n; i++)
		all = arena_printf(&f->arena, "%s%s%s", all, i ? " " : "", v[i].addr);
	return all;
}

static void receive(struct fixture *f, const struct corr *c, const char *id, const char *from,
	int64_t at, const char *extra)
{
	const struct letter l = {.id = id, .mid = id, .from = from, .at = at, .extra = extra};
	letters_put(f, c->account, c->inbox, &l, 1, NULL);
}

static void send(struct fixture *f, const struct corr *c, const char *id, const char *to,
	int64_t at)
{
	const struct letter l = {
		.id = id, .mid = id, .from = "Me <me@own.example>", .to = to, .at = at};
	letters_put(f, c->account, c->sent, &l, 1, NULL);
}

static void correspondent_find__matches_folded_word_beginnings(void **state)
{
	struct fixture *f = *state;
	struct corr c = corr_up(f);
	receive(f, &c, "a", "=?utf-8?q?J=C3=BCrgen_Kr=C3=BCger?= <jk@tolabe.example>",
		FIXTURE_NOW - DAY, NULL);
	receive(f, &c, "b", "\"Palmer, Laura\" <laura.palmer@client.example>", FIXTURE_NOW - DAY,
		NULL);
	assert_string_equal(found(f, c.account, "KRÜG", 5), "jk@tolabe.example");
	assert_string_equal(found(f, c.account, "krug jurg", 5), "jk@tolabe.example");
	assert_string_equal(found(f, c.account, "tola", 5), "jk@tolabe.example");
	assert_string_equal(found(f, c.account, "laura.p", 5), "laura.palmer@client.example");
	assert_string_equal(found(f, c.account, "palmer@cl", 5), "laura.palmer@client.example");
	assert_string_equal(found(f, c.account, "pal lau", 5), "laura.palmer@client.example");
	/* Not from the middle of a word, not by what every address ends with. */
	assert_string_equal(found(f, c.account, "almer", 5), "");
	assert_string_equal(found(f, c.account, "example", 5), "");
	assert_string_equal(found(f, c.account, "laura krug", 5), "");
	assert_string_equal(found(f, c.account, "%", 5), "");
	assert_string_equal(found(f, c.account, "", 5),
		"jk@tolabe.example laura.palmer@client.example");
}

static void correspondent_find__written_to_before_heard_from__recent_before_old(void **state)
{
	struct fixture *f = *state;
	struct corr c = corr_up(f);
	receive(f, &c, "a", "Ann Heard <ann@x.example>", FIXTURE_NOW - 3600, NULL);
	receive(f, &c, "b", "Ann Heard <ann@x.example>", FIXTURE_NOW - 7200, NULL);
	send(f, &c, "c", "Ann Written <written@x.example>", FIXTURE_NOW - DAY);
	send(f, &c, "d", "Ann Old <old@x.example>", FIXTURE_NOW - 700 * DAY);
	send(f, &c, "e", "Ann Often <often@x.example>", FIXTURE_NOW - DAY);
	send(f, &c, "g", "Ann Often <often@x.example>", FIXTURE_NOW - 2 * DAY);
	assert_string_equal(found(f, c.account, "ann", 9),
		"often@x.example written@x.example ann@x.example old@x.example");
	assert_string_equal(found(f, c.account, "ann", 2), "often@x.example written@x.example");
	assert_string_equal(found(f, c.account, "", 1), "often@x.example");
}

static void correspondent_find__leaves_out_programs_lists_and_oneself(void **state)
{
	struct fixture *f = *state;
	struct corr c = corr_up(f);
	receive(f, &c, "a", "Shop <shop@x.example>", FIXTURE_NOW - DAY, "Precedence: bulk\n");
	receive(f, &c, "b", "Shout <shout@x.example>", FIXTURE_NOW - DAY,
		"List-Id: <all.x.example>\n");
	receive(f, &c, "c", "Sharon <sharon@x.example>", FIXTURE_NOW - DAY, NULL);
	assert_string_equal(found(f, c.account, "sh", 9), "sharon@x.example");
	assert_string_equal(found(f, c.account, "me", 9), "");
}

static void correspondent_find__copies_count_once_and_newest_name_wins(void **state)
{
	struct fixture *f = *state;
	struct corr c = corr_up(f);
	struct letter l = {.id = "1",
		.mid = "same",
		.from = "Old Name <p@x.example>",
		.at = FIXTURE_NOW - 9 * DAY};
	letters_put(f, c.account, c.inbox, &l, 1, NULL);
	l.id = "2";
	letters_put(f, c.account, c.sent, &l, 1, NULL);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT n_from FROM correspondent WHERE norm = 'p@x.example'"),
		1);
	receive(f, &c, "3", "New Name <P@X.example>", FIXTURE_NOW - DAY, NULL);
	receive(f, &c, "4", "Older Name <p@x.example>", FIXTURE_NOW - 20 * DAY, NULL);
	receive(f, &c, "5", "p@x.example", FIXTURE_NOW, NULL);
	assert_string_equal(found(f, c.account, "new", 9), "P@X.example");
	assert_string_equal(found(f, c.account, "old", 9), "");
}

static void correspondent_find__knows_the_contacts_of_the_account(void **state)
{
	struct fixture *f = *state;
	struct corr c = corr_up(f);
	static const char *const emails[] = {"laura@client.example", "lp@home.example"};
	struct crm_row crm = {.name = "crm", .profile = "p"};
	struct contact_in in = {
		.crm_id = "C1", .name = "Laura B. Palmer", .emails = emails, .n_emails = 2};
	struct put_page page = {.object = "contact"};
	struct correspondent_query q = {c.account, "lau", FIXTURE_NOW, 5};
	struct correspondent_row *v;
	size_t n;
	int64_t other = letters_account(f, "other");
	assert_ok(f, crm_add(f->store, &crm, NULL, 0, &page.crm, &f->err));
	assert_ok(f, account_bind_crm(f->store, c.account, page.crm, &f->err));
	receive(f, &c, "a", "Laura <laura@client.example>", FIXTURE_NOW - DAY, NULL);
	assert_ok(f, contact_put(f->store, &page, &in, 1, &f->err));
	assert_ok(f, correspondent_find(f->reader, &f->arena, &q, &v, &n, &f->err));
	assert_int_equal(n, 2);
	assert_string_equal(v[0].addr, "laura@client.example");
	assert_string_equal(v[0].name, "Laura B. Palmer");
	assert_true(v[0].contact != 0);
	assert_string_equal(v[1].addr, "lp@home.example");
	/* Another account's CRM does not know her: only who wrote is offered, by the own name. */
	q.account = other;
	assert_ok(f, correspondent_find(f->reader, &f->arena, &q, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(v[0].name, "Laura");
	assert_int_equal(v[0].contact, 0);
}

static void correspondent_find__forgets_whom_only_a_removed_account_knew(void **state)
{
	struct fixture *f = *state;
	struct corr c = corr_up(f);
	int64_t other = letters_account(f, "other");
	int64_t inbox = letters_folder(f, other, "INBOX", FOLDER_INBOX);
	const struct letter l = {.id = "o", .mid = "o", .from = "Laurence <laurence@x.example>"};
	receive(f, &c, "a", "Laura <laura@client.example>", FIXTURE_NOW - DAY, NULL);
	letters_put(f, other, inbox, &l, 1, NULL);
	assert_string_equal(found(f, c.account, "lau", 9), "laura@client.example "
							   "laurence@x.example");
	assert_ok(f, account_remove(f->store, other, &f->err));
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, store_flush(f->store, &f->err));
	assert_string_equal(found(f, c.account, "lau", 9), "laura@client.example");
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT n_to + n_from FROM correspondent WHERE name = 'Laura'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(correspondent_find__matches_folded_word_beginnings,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(
			correspondent_find__written_to_before_heard_from__recent_before_old,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(
			correspondent_find__leaves_out_programs_lists_and_oneself, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(
			correspondent_find__copies_count_once_and_newest_name_wins, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(
			correspondent_find__knows_the_contacts_of_the_account, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(
			correspondent_find__forgets_whom_only_a_removed_account_knew, fixture_up,
			fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
