/* test_crm_sweep.c - records that a CRM does not have any more: marked, doubted, there again. */
#include "config.h"

#include <string.h>

#include "crmail/store/activity.h"
#include "crmail/store/crm_sweep.h"
#include "crmail/store/record.h"
#include "tests/unit/store/fixture.h"

#define DAY 86400

static void put(struct fixture *f, const char *id, const char *addr)
{
	const struct contact_in c = {.crm_id = id, .name = id, .emails = &addr, .n_emails = 1};
	struct put_page p = {.crm = 1, .object = "contact"};
	assert_ok(f, contact_put(f->store, &p, &c, 1, &f->err));
}

static void put_many(struct fixture *f, int n)
{
	for (int i = 0; i < n; i++)
		put(f, arena_printf(&f->arena, "C%02d", i),
			arena_printf(&f->arena, "c%02d@x.example", i));
}

/* Lists the ids C00... but those from `from` to `to`. */
static struct crm_sweep_result sweep(struct fixture *f, int n, int from, int to)
{
	struct crm_sweep_result r;
	assert_ok(f, crm_sweep_begin(f->store, 1, "contact", &f->err));
	for (int i = 0; i < n; i++) {
		const char *id = arena_printf(&f->arena, "C%02d", i);
		if (i < from || i > to)
			assert_ok(f, crm_sweep_add(f->store, 1, "contact", &id, 1, &f->err));
	}
	assert_ok(f, crm_sweep_end(f->store, 1, "contact", FIXTURE_NOW, &r, &f->err));
	return r;
}

static size_t listed(struct fixture *f)
{
	struct contact_row *v;
	size_t n;
	assert_ok(f, contact_list(f->reader, &f->arena, NULL, 0, 100, &v, &n, &f->err));
	return n;
}

static enum crm_sweep_state state(struct fixture *f, int64_t now)
{
	enum crm_sweep_state s;
	assert_ok(f, crm_sweep_state(f->reader, 1, "contact", now, DAY, &s, &f->err));
	return s;
}

static void crm_sweep__missing_row__stays_marked_and_is_not_listed(void **state_)
{
	struct fixture *f = *state_;
	struct contact_row *c;
	struct found_row found[2];
	put_many(f, 3);
	struct crm_sweep_result r = sweep(f, 3, 1, 1);
	assert_true(r.gone == 1 && !r.back && !r.is_doubted);
	assert_int_equal(listed(f), 2);
	assert_ok(f, contact_get(f->reader, &f->arena, 2, &c, &f->err));
	assert_int_equal(c->gone_at, FIXTURE_NOW);
	assert_int_equal(c->n_emails, 1);
	assert_int_equal(contacts_of_address(f->reader, 1, "c01@x.example", found, 2, &f->err), 0);
	assert_int_equal(contacts_of_address(f->reader, 1, "c02@x.example", found, 2, &f->err), 1);
	assert_int_equal(sweep(f, 3, 1, 1).gone, 0);
}

static void crm_sweep__seen_again__is_as_before(void **state_)
{
	struct fixture *f = *state_;
	put_many(f, 3);
	sweep(f, 3, 1, 1);
	struct crm_sweep_result r = sweep(f, 3, 9, 9);
	assert_true(!r.gone && r.back == 1);
	assert_int_equal(listed(f), 3);
	sweep(f, 3, 1, 1);
	put_many(f, 3); /* or pulled again, unchanged */
	assert_int_equal(listed(f), 3);
}

/* Ids 0..missing-1 of n are not in the listing. */
static void check_doubt(struct fixture *f, int64_t crm, int n, int missing, bool is_doubted)
{
	struct crm_sweep_result r;
	struct put_page p = {.crm = crm, .object = "contact"};
	assert_ok(f, crm_sweep_begin(f->store, crm, "contact", &f->err));
	for (int i = 0; i < n; i++) {
		const char *id = arena_printf(&f->arena, "C%d", i);
		const struct contact_in c = {.crm_id = id, .name = id};
		assert_ok(f, contact_put(f->store, &p, &c, 1, &f->err));
		if (i >= missing)
			assert_ok(f, crm_sweep_add(f->store, crm, "contact", &id, 1, &f->err));
	}
	assert_ok(f, crm_sweep_end(f->store, crm, "contact", FIXTURE_NOW, &r, &f->err));
	assert_int_equal(r.is_doubted, is_doubted);
	assert_int_equal(r.gone, missing);
}

static void crm_sweep__improbable_listing__is_doubted(void **state_)
{
	static const struct {
		int rows, missing;
		bool is_doubted;
	} cases[] = {{20, 15, false}, {20, 20, true}, {21, 10, false}, {21, 11, true}, {1, 1, true},
		{1, 0, false}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_doubt(*state_, (int64_t)i + 1, cases[i].rows, cases[i].missing,
			cases[i].is_doubted);
}

static void crm_sweep__doubted__is_due_at_once(void **state_)
{
	struct fixture *f = *state_;
	put_many(f, 25);
	assert_int_equal(state(f, FIXTURE_NOW), CRM_SWEEP_NEW);
	assert_ok(f, crm_sweep_note(f->store, 1, "contact", FIXTURE_NOW, &f->err));
	assert_int_equal(state(f, FIXTURE_NOW), CRM_SWEEP_NOT_DUE);
	assert_int_equal(state(f, FIXTURE_NOW + DAY), CRM_SWEEP_DUE);
	assert_true(sweep(f, 25, 0, 20).is_doubted);
	assert_int_equal(listed(f), 25);
	assert_int_equal(state(f, FIXTURE_NOW), CRM_SWEEP_DUE);
	struct crm_sweep_result r = sweep(f, 25, 0, 20);
	assert_true(!r.is_doubted && r.gone == 21);
	assert_int_equal(listed(f), 4);
	assert_int_equal(state(f, FIXTURE_NOW), CRM_SWEEP_NOT_DUE);
	assert_ok(f, crm_sweep_want(f->store, 1, &f->err));
	assert_int_equal(state(f, FIXTURE_NOW), CRM_SWEEP_DUE);
}

/* What a cut listing left does not count for the next. */
static void crm_sweep__begins_anew(void **state_)
{
	struct fixture *f = *state_;
	const char *id = "C01";
	put_many(f, 3);
	assert_ok(f, crm_sweep_begin(f->store, 1, "contact", &f->err));
	assert_ok(f, crm_sweep_add(f->store, 1, "contact", &id, 1, &f->err));
	assert_int_equal(sweep(f, 3, 1, 1).gone, 1);
}

static void crm_sweep__rows_of_this_machine__are_not_missed(void **state_)
{
	struct fixture *f = *state_;
	put(f, NULL, "own@x.example");
	put_many(f, 2);
	assert_int_equal(sweep(f, 2, 1, 1).gone, 1);
	assert_int_equal(listed(f), 2);
}

/* How many rows that changed. */
static int64_t put_entry(struct fixture *f, const char *id, enum entry_kind kind,
	const char *subject)
{
	const struct entry_in in = {
		.crm_id = id, .type = "x", .kind = kind, .subject = subject, .at = 9};
	struct put_page p = {.crm = 1, .object = "activity"};
	assert_ok(f, entry_put(f->store, &p, &in, 1, &f->err));
	return p.n_changed;
}

static int64_t entries_shown(struct fixture *f)
{
	return fixture_sql(f, "crmail.db", "SELECT count(*) FROM activity WHERE state <> 4");
}

static void crm_sweep__entries__what_is_gone_goes(void **state_)
{
	struct fixture *f = *state_;
	struct crm_sweep_result r;
	const char *seen[] = {"A1"};
	const char *back[] = {"A1", "A2"};
	enum log_state logged = LOG_LOCAL;
	const char *why = NULL;
	put_entry(f, "A1", ENTRY_CALL, "stays");
	put_entry(f, "A2", ENTRY_NOTE, "goes");
	put_entry(f, "A3", ENTRY_EMAIL, "a mail that is here");
	fixture_sql(f, "crmail.db", "UPDATE activity SET message = 7 WHERE crm_id = 'A3'");
	fixture_sql(f, "crmail.db", "INSERT INTO mail_crm (message, crm) VALUES (7, 1)");
	fixture_sql(f, "crmail.db",
		"INSERT INTO activity (crm, key, crm_id, kind, at, state)"
		" VALUES (1, 'A4', 'A4', 0, 9, 2)"); /* not shown by the CRM yet */
	assert_ok(f, crm_sweep_begin(f->store, 1, "activity", &f->err));
	assert_ok(f, crm_sweep_add(f->store, 1, "activity", seen, 1, &f->err));
	assert_ok(f, crm_sweep_end(f->store, 1, "activity", FIXTURE_NOW, &r, &f->err));
	assert_true(r.gone == 2 && !r.back && !r.is_doubted);
	assert_int_equal(entries_shown(f), 2);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity WHERE key = 'A3'"),
		LOG_NOT);
	assert_ok(f, log_state_of(f->reader, &f->arena, 7, &logged, &why, &f->err));
	assert_int_equal(logged, LOG_NOT);
	assert_non_null(strstr(why, "deleted in the CRM"));
	assert_ok(f, crm_sweep_begin(f->store, 1, "activity", &f->err));
	assert_ok(f, crm_sweep_add(f->store, 1, "activity", back, 2, &f->err));
	assert_ok(f, crm_sweep_end(f->store, 1, "activity", FIXTURE_NOW, &r, &f->err));
	assert_true(r.back == 1 && !r.gone && !r.is_doubted);
	assert_int_equal(entries_shown(f), 3);
	put_entry(f, "A3", ENTRY_EMAIL, "a mail that is here"); /* put back there */
	assert_ok(f, log_state_of(f->reader, &f->arena, 7, &logged, &why, &f->err));
	assert_int_equal(logged, LOG_LOGGED);
}

static void crm_sweep__entries_with_writes__wait(void **state_)
{
	struct fixture *f = *state_;
	struct crm_sweep_result r;
	const char *seen[] = {"A1"};
	const struct record_field v = {"subject", "ours"};
	int64_t row = 0;
	put_entry(f, "A1", ENTRY_CALL, "stays");
	put_entry(f, "A2", ENTRY_NOTE, "theirs");
	assert_ok(f, record_by_crm_id(f->reader, RECORD_ACTIVITY, "A2", &row, &f->err));
	const struct crm_row crm = {.name = "main", .profile = "x", .url = "http://x.test"};
	int64_t id;
	assert_ok(f, crm_add(f->store, &crm, NULL, 0, &id, &f->err));
	assert_int_equal(id, 1);
	assert_ok(f, record_edit_wait(f->store, RECORD_ACTIVITY, row, &v, 1, &f->err));
	assert_ok(f, crm_sweep_begin(f->store, 1, "activity", &f->err));
	assert_ok(f, crm_sweep_add(f->store, 1, "activity", seen, 1, &f->err));
	assert_ok(f, crm_sweep_end(f->store, 1, "activity", FIXTURE_NOW, &r, &f->err));
	assert_int_equal(r.gone, 0); /* the edit itself will find out, and the user is told */
}

static void entry__pulled_again__changes_nothing(void **state_)
{
	struct fixture *f = *state_;
	assert_int_equal(put_entry(f, "A1", ENTRY_CALL, "s"), 1);
	assert_int_equal(put_entry(f, "A1", ENTRY_CALL, "s"), 0);
	assert_int_equal(put_entry(f, "A1", ENTRY_CALL, "t"), 1);
	fixture_sql(f, "crmail.db", "UPDATE activity SET state = 3, doubt = 1, reason = 'x'");
	assert_int_equal(put_entry(f, "A1", ENTRY_CALL, "t"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state + doubt FROM activity"), 2);
}

/* purge.c leaves the CRM's entry of a mail without text: a page does not bring it back. */
static void entry__of_a_purged_mail__stays_without_text(void **state_)
{
	struct fixture *f = *state_;
	put_entry(f, "A1", ENTRY_EMAIL, "secret");
	put_entry(f, "A2", ENTRY_CALL, "call");
	fixture_sql(f, "crmail.db", "UPDATE activity SET subject = NULL, body = NULL");
	assert_int_equal(put_entry(f, "A1", ENTRY_EMAIL, "secret"), 0);
	assert_int_equal(put_entry(f, "A2", ENTRY_CALL, "call"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM activity WHERE subject IS NULL"),
		1);
}

static void crm_sweep__every_object__has_its_queries(void **state_)
{
	struct fixture *f = *state_;
	static const char *const objects[] = {"contact", "partner", "lead", "deal"};
	const char *domain = "x.example";
	struct partner_in partner = {
		.crm_id = "P1", .name = "X", .domains = &domain, .n_domains = 1};
	struct lead_in lead = {.crm_id = "L1", .name = "L", .addr = "l@x.example"};
	struct deal_in deal = {.crm_id = "D1", .name = "D"};
	struct put_page p = {.crm = 1};
	assert_ok(f, partner_put(f->store, &p, &partner, 1, &f->err));
	assert_ok(f, lead_put(f->store, &p, &lead, 1, &f->err));
	assert_ok(f, deal_put(f->store, &p, &deal, 1, &f->err));
	put(f, "C1", "c@x.example");
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		for (int round = 0; round < 3; round++) {
			struct crm_sweep_result r;
			const char *id[] = {"P1", "L1", "D1", "C1"};
			assert_ok(f, crm_sweep_begin(f->store, 1, objects[i], &f->err));
			if (round == 2)
				assert_ok(f,
					crm_sweep_add(f->store, 1, objects[i], id, 4, &f->err));
			assert_ok(f,
				crm_sweep_end(f->store, 1, objects[i], FIXTURE_NOW, &r, &f->err));
			assert_int_equal(r.is_doubted, round == 0);
			assert_int_equal(r.gone, round < 2);
			assert_int_equal(r.back, round == 2);
		}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(crm_sweep__missing_row__stays_marked_and_is_not_listed),
		TEST(crm_sweep__seen_again__is_as_before),
		TEST(crm_sweep__improbable_listing__is_doubted),
		TEST(crm_sweep__doubted__is_due_at_once),
		TEST(crm_sweep__begins_anew),
		TEST(crm_sweep__rows_of_this_machine__are_not_missed),
		TEST(crm_sweep__entries__what_is_gone_goes),
		TEST(crm_sweep__entries_with_writes__wait),
		TEST(entry__pulled_again__changes_nothing),
		TEST(entry__of_a_purged_mail__stays_without_text),
		TEST(crm_sweep__every_object__has_its_queries),
	};
	return cmocka_run_group_tests_name("store/crm_sweep", tests, NULL, NULL);
}
