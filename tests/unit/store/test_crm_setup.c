/*
 * test_crm_setup.c - a CRM is connected, changed, paused, removed; what is logged is changed; the
 * proof; what waits is tried again or given up.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/store/activity.h"
#include "crmail/store/crm_item.h"
#include "crmail/store/crm_setup.h"
#include "tests/unit/store/letters.h"

struct scene {
	int64_t crm, account, folder, laura;
	int64_t mail[4]; /* two of Laura's, one older than a month, one of a stranger */
};

static void add_crm(struct fixture *f, struct scene *s)
{
	const struct crm_row crm = {
		.name = "main", .profile = "x", .url = "http://x.test", .log_side = "off"};
	static const char *const mails[] = {"laura@client.example"};
	const struct contact_in laura = {
		.crm_id = "C1", .name = "Laura Palmer", .emails = mails, .n_emails = 1};
	struct put_page page = {.object = "contact", .cursor = "c"};
	assert_ok(f, crm_add(f->store, &crm, NULL, 0, &s->crm, &f->err));
	page.crm = s->crm;
	assert_ok(f, contact_put(f->store, &page, &laura, 1, &f->err));
	assert_ok(f, contact_by_crm_id(f->reader, "C1", &s->laura, &f->err));
}

/* As the worker does it, for mail from Laura. */
static void match(struct fixture *f, const struct scene *s, int64_t message, const char *reason)
{
	const struct link_in link = {.kind = LINK_CONTACT, .target = s->laura, .is_target = true};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct activity_in entry = {.key = arena_printf(&a, "key-%lld", (long long)message),
		.at = FIXTURE_NOW,
		.subject = "Offer",
		.body = "Hello.",
		.contact = s->laura};
	const struct match_in m = {.message = message,
		.at = FIXTURE_NOW,
		.is_shown = true,
		.links = &link,
		.n_links = 1,
		.contact = s->laura,
		.reason = reason,
		.activities = &entry,
		.n_activities = !reason};
	assert_ok(f, match_put(f->store, s->crm, &m, 1, &f->err));
}

static void make(struct fixture *f, struct scene *s)
{
	*s = (struct scene){.crm = 0};
	s->account = letters_account(f, "work");
	s->folder = letters_folder(f, s->account, "INBOX", FOLDER_INBOX);
	const struct letter v[] = {
		{.id = "1",
			.at = FIXTURE_NOW - 3600,
			.extra = "Date: Sat, 21 Nov 2026 09:00:00 +0000\n"},
		{.id = "2",
			.at = FIXTURE_NOW - 7200,
			.extra = "Date: Sat, 21 Nov 2026 08:00:00 +0000\n"},
		{.id = "3",
			.at = FIXTURE_NOW - 40 * 86400,
			.extra = "Date: Mon, 12 Oct 2026 10:00:00 +0000\n"},
		{.id = "4",
			.at = FIXTURE_NOW - 60,
			.from = "Nobody <nobody@else.example>",
			.extra = "Date: Sat, 21 Nov 2026 09:59:00 +0000\n"},
	};
	letters_put(f, s->account, s->folder, v, ARRAY_SIZE(v), s->mail);
	add_crm(f, s);
	assert_ok(f, crm_bind_accounts(f->store, s->crm, &s->account, 1, &f->err));
	for (size_t i = 0; i < 3; i++)
		match(f, s, s->mail[i], "off");
	const struct match_in unknown = {
		.message = s->mail[3], .is_shown = true, .reason = "unknown"};
	assert_ok(f, match_put(f->store, s->crm, &unknown, 1, &f->err));
}

static int64_t to_match(struct fixture *f, const struct scene *s)
{
	struct crm_totals t;
	assert_ok(f, crm_totals(f->reader, s->crm, &t, &f->err));
	return t.to_match;
}

static void binding__queues__the_account_s_mail(void **state)
{
	struct fixture *f = *state;
	struct scene s = {.account = letters_account(f, "work")};
	s.folder = letters_folder(f, s.account, "INBOX", FOLDER_INBOX);
	const struct letter v[] = {{.id = "1"}, {.id = "2"}};
	letters_put(f, s.account, s.folder, v, 2, NULL);
	add_crm(f, &s);
	assert_int_equal(to_match(f, &s), 0);
	assert_ok(f, crm_bind_accounts(f->store, s.crm, &s.account, 1, &f->err));
	assert_int_equal(to_match(f, &s), 2);
	assert_int_equal(crm_bind_accounts(f->store, 99, &s.account, 1, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NOTFOUND);
}

static void unbinding__takes__links_and_what_waits(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	make(f, &s);
	match(f, &s, s.mail[0], NULL);
	assert_ok(f, crm_bind_accounts(f->store, s.crm, NULL, 0, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM link"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM mail_crm"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM account WHERE crm > 0"),
		0);
}

static void binding__to_another_crm__takes_what_waits_for_the_first(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct activity_row *x;
	int64_t other = 0;
	make(f, &s);
	match(f, &s, s.mail[0], NULL);
	const struct crm_row row = {.name = "other", .profile = "x", .url = "http://y.test"};
	assert_ok(f, crm_add(f->store, &row, NULL, 0, &other, &f->err));
	assert_ok(f, crm_bind_accounts(f->store, other, &s.account, 1, &f->err));
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, FIXTURE_NOW, &x, &f->err));
	assert_null(x);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM link"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM match_queue"), 4);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM account WHERE crm = 2"),
		1);
	assert_ok(f, crm_bind_accounts(f->store, s.crm, &s.account, 1, &f->err));
	match(f, &s, s.mail[0], NULL);
	assert_ok(f, account_bind_crm(f->store, s.account, other, &f->err));
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, FIXTURE_NOW, &x, &f->err));
	assert_null(x);
}

static void proof__shows__the_newest_mail_with_its_people(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct proof_row *v;
	size_t n;
	make(f, &s);
	assert_ok(f, crm_proof(f->reader, &f->arena, s.crm, 2, &v, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(v[0].message, s.mail[0]);
	assert_int_equal(v[1].message, s.mail[1]);
	assert_string_equal(v[0].peer, "Laura");
	assert_string_equal(v[0].contact, "Laura Palmer");
	assert_string_equal(v[0].subject, "Offer");
	assert_null(v[0].partner);
}

static void counting__knows__mode_and_day(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	int64_t n;
	make(f, &s);
	assert_ok(f, crm_count_since(f->reader, s.crm, "known", FIXTURE_NOW - 86400, &n, &f->err));
	assert_int_equal(n, 2);
	assert_ok(f, crm_count_since(f->reader, s.crm, "known", 0, &n, &f->err));
	assert_int_equal(n, 3);
	assert_ok(f, crm_count_since(f->reader, s.crm, "everything", 0, &n, &f->err));
	assert_int_equal(n, 4);
	assert_ok(f, crm_count_since(f->reader, s.crm, "replies", 0, &n, &f->err));
	assert_int_equal(n, 0);
}

static void logging__looks_again__when_the_worker_opens_it(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct crm_row *row;
	make(f, &s);
	match(f, &s, s.mail[1], NULL);
	const struct crm_row c = {.log_side = "activity", .log_level = "headers", .log_since = 7};
	assert_ok(f, crm_set_logging(f->store, s.crm, &c, &f->err));
	assert_ok(f, crm_get(f->reader, &f->arena, s.crm, &row, &f->err));
	assert_string_equal(row->log_side, "activity");
	assert_string_equal(row->log_mode, "known");
	assert_string_equal(row->log_level, "headers");
	assert_int_equal(row->log_since, 7);
	assert_int_equal(to_match(f, &s), 0);
	assert_ok(f, crm_look_again(f->store, s.crm, &f->err));
	assert_int_equal(to_match(f, &s), 4);
	/* What waited with the old level is made anew. */
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity"), 0);
	match(f, &s, s.mail[0], NULL);
	assert_ok(f, crm_look_again(f->store, s.crm, &f->err));
	assert_int_equal(to_match(f, &s), 3);
}

static void logging__leaves__what_may_have_reached_the_crm(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct activity_row *x;
	make(f, &s);
	match(f, &s, s.mail[0], NULL);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, FIXTURE_NOW, &x, &f->err));
	assert_ok(f, activity_begin(f->store, x->id, &f->err));
	assert_ok(f,
		crm_set_logging(f->store, s.crm, &(struct crm_row){.log_side = "off"}, &f->err));
	assert_ok(f, crm_look_again(f->store, s.crm, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity"), 1);
}

static void pause__lasts__whatever_the_worker_says(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct crm_row *row;
	make(f, &s);
	assert_ok(f, crm_pause(f->store, s.crm, true, &f->err));
	assert_ok(f, crm_set_status(f->store, s.crm, "offline", "It is away.", 0, &f->err));
	assert_ok(f, crm_get(f->reader, &f->arena, s.crm, &row, &f->err));
	assert_true(crm_is_paused(row));
	assert_ok(f, crm_pause(f->store, s.crm, false, &f->err));
	assert_ok(f, crm_get(f->reader, &f->arena, s.crm, &row, &f->err));
	assert_string_equal(row->status, "offline");
	/* The CRM itself asked for patience: that ends by itself. */
	assert_ok(f, crm_set_status(f->store, s.crm, "paused", "Wait an hour.", 0, &f->err));
	assert_ok(f, crm_get(f->reader, &f->arena, s.crm, &row, &f->err));
	assert_false(crm_is_paused(row));
	assert_ok(f, crm_set_status(f->store, s.crm, "connected", NULL, 0, &f->err));
	assert_ok(f, crm_get(f->reader, &f->arena, s.crm, &row, &f->err));
	assert_string_equal(row->status, "connected");
}

static void change__keeps__what_is_not_named(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct crm_row *row;
	const struct setting first[] = {{"email", "a@x.test"}, {"secret", "00"}};
	const struct setting then[] = {{"email", "b@x.test"}, {"secret", NULL}};
	make(f, &s);
	assert_ok(f, crm_change(f->store, s.crm, &(struct crm_row){.url = "http://y.test"}, first,
			     2, &f->err));
	assert_ok(f,
		crm_change(f->store, s.crm, &(struct crm_row){.name = "other"}, then, 2, &f->err));
	assert_ok(f, crm_get(f->reader, &f->arena, s.crm, &row, &f->err));
	assert_string_equal(row->name, "other");
	assert_string_equal(row->url, "http://y.test");
	assert_string_equal(crm_setting(f->reader, &f->arena, s.crm, "email"), "b@x.test");
	assert_null(crm_setting(f->reader, &f->arena, s.crm, "secret"));
	int64_t id;
	assert_ok(f, crm_add(f->store, &(struct crm_row){.name = "main", .profile = "x"}, NULL, 0,
			     &id, &f->err));
	assert_int_equal(crm_change(f->store, id, &(struct crm_row){.name = "other"}, NULL, 0,
				 &f->err),
		-1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
}

static void move_secret__gives_way__to_another_sign_in(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	const struct setting first[] = {{"secret", "0123"}};
	const struct crm_row as_it_is = {.name = NULL};
	make(f, &s);
	assert_ok(f, crm_change(f->store, s.crm, &as_it_is, first, 1, &f->err));
	assert_ok(f, crm_move_secret(f->store, s.crm, "0123", "keyring:a:0123", &f->err));
	assert_string_equal(crm_setting(f->reader, &f->arena, s.crm, "secret"), "keyring:a:0123");
	assert_int_equal(crm_move_secret(f->store, s.crm, "0123", "4567", &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
	assert_string_equal(crm_setting(f->reader, &f->arena, s.crm, "secret"), "keyring:a:0123");
}

static void removing__leaves__mail_alone(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	static const char *const empty[] = {"crm", "crm_setting", "crm_cursor", "contact",
		"contact_email", "partner", "lead", "deal", "activity", "link", "mail_crm",
		"mail_party", "match_queue"};
	make(f, &s);
	match(f, &s, s.mail[0], NULL);
	/* How far an address book was read into it; the next CRM may have its number. */
	int64_t account = fixture_sql(f, "crmail.db", "SELECT min(id) FROM account");
	const char *at = arena_printf(&f->arena, "%lld token", (long long)s.crm);
	assert_ok(f, account_set(f->store, account, "contacts_at", at, &f->err));
	assert_ok(f, crm_remove(f->store, s.crm, &f->err));
	assert_null(account_setting(f->reader, &f->arena, account, "contacts_at"));
	for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
		if (fixture_sql(f, "crmail.db",
			    arena_printf(&f->arena, "SELECT count(*) FROM %s", empty[i])) != 0)
			fail_msg("rows are left in %s", empty[i]);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message"), 4);
}

static void items__are__tried_again_or_given_up(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct activity_row *x;
	struct crm_entry *v;
	struct crm_item_counts c;
	size_t n;
	make(f, &s);
	match(f, &s, s.mail[0], NULL);
	match(f, &s, s.mail[1], NULL);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, FIXTURE_NOW, &x, &f->err));
	int64_t parked = x->id;
	assert_ok(f, activity_park(f->store, parked, false, "The CRM does not like it.", &f->err));
	assert_ok(f, crm_entries(f->reader, &f->arena, 10, &v, &n, &f->err));
	assert_int_equal(n, 2);
	assert_int_equal(v[0].id, parked);
	assert_true(v[0].is_parked);
	assert_string_equal(v[0].reason, "The CRM does not like it.");
	assert_string_equal(v[0].about, "Laura Palmer");
	assert_false(v[1].is_parked);
	assert_ok(f, crm_item_counts(f->reader, &c, &f->err));
	assert_int_equal(c.parked, 1);
	assert_int_equal(c.waiting, 1);
	crm_entry_retry(f->store, parked);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, crm_item_counts(f->reader, &c, &f->err));
	assert_int_equal(c.waiting, 2);
	crm_entry_discard(f->store, parked);
	assert_ok(f, store_flush(f->store, &f->err));
	/* A later match does not bring it back. */
	match(f, &s, s.mail[0], NULL);
	match(f, &s, s.mail[1], NULL);
	assert_ok(f, crm_item_counts(f->reader, &c, &f->err));
	assert_int_equal(c.waiting, 1);
	assert_int_equal(c.parked, 0);
}

static void items__parked_in_doubt__are_looked_for_or_given_up(void **state)
{
	struct fixture *f = *state;
	struct scene s;
	struct activity_row *x;
	struct crm_item_counts c;
	make(f, &s);
	match(f, &s, s.mail[0], NULL);
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, FIXTURE_NOW, &x, &f->err));
	int64_t id = x->id;
	assert_ok(f, activity_begin(f->store, id, &f->err));
	assert_ok(f, activity_park(f->store, id, true, "A fault.", &f->err));
	crm_entry_retry(f->store, id);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, activity_due(f->reader, &f->arena, s.crm, FIXTURE_NOW, &x, &f->err));
	assert_true(x->is_doubtful && x->attempts == 0);
	assert_ok(f, activity_begin(f->store, id, &f->err));
	assert_ok(f, activity_park(f->store, id, true, "A fault.", &f->err));
	crm_entry_discard(f->store, id);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, crm_item_counts(f->reader, &c, &f->err));
	assert_true(c.parked == 0 && c.waiting == 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(binding__queues__the_account_s_mail),
		TEST(unbinding__takes__links_and_what_waits),
		TEST(binding__to_another_crm__takes_what_waits_for_the_first),
		TEST(proof__shows__the_newest_mail_with_its_people),
		TEST(counting__knows__mode_and_day),
		TEST(logging__looks_again__when_the_worker_opens_it),
		TEST(logging__leaves__what_may_have_reached_the_crm),
		TEST(pause__lasts__whatever_the_worker_says),
		TEST(change__keeps__what_is_not_named),
		TEST(move_secret__gives_way__to_another_sign_in),
		TEST(removing__leaves__mail_alone),
		TEST(items__are__tried_again_or_given_up),
		TEST(items__parked_in_doubt__are_looked_for_or_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
