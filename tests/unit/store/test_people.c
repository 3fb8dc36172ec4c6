/* test_people.c - contacts imported from files: who is found again, what changes, what undo
 * does. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/store/activity.h"
#include "crmail/store/contact.h"
#include "crmail/store/people.h"
#include "tests/unit/store/fixture.h"

struct told {
	char text[4000];
	int stop_after; /* batches; 0 = never */
};

static bool is_freemail(const char *domain)
{
	return !strcmp(domain, "gmail.com");
}

static void on_skipped(void *ctx, int64_t line, const char *why)
{
	struct told *t = ctx;
	size_t n = strlen(t->text);
	snprintf(t->text + n, sizeof(t->text) - n, "%lld:%s\n", (long long)line, why);
}

static int on_progress(void *ctx, int64_t done, int64_t total)
{
	struct told *t = ctx;
	assert_true(done <= total);
	return t->stop_after && !--t->stop_after;
}

static int64_t local_crm(struct fixture *f)
{
	int64_t crm = 0;
	assert_ok(f, people_find_crm(f->reader, NULL, &crm, &f->err));
	if (!crm)
		assert_ok(f, people_make_crm(f->store, NULL, &crm, &f->err));
	return crm;
}

/* "new updated same repeated skipped partners", then what was skipped. */
static const char *run(struct fixture *f, const char *text, bool only_look)
{
	struct people_importer *im = NULL;
	struct told told = {.text = ""};
	char path[128];
	const struct people_import_options o = {.crm = local_crm(f),
		.only_look = only_look,
		.is_freemail = is_freemail,
		.skipped = on_skipped,
		.progress = on_progress,
		.ctx = &told};
	snprintf(path, sizeof(path), "%s/people.csv", f->dir);
	assert_ok(f, fsx_write_file(path, text, strlen(text), false, &f->err));
	assert_ok(f, people_importer_open(&im, f->store, &o, &f->err));
	assert_ok(f, people_importer_file(im, path, &f->err));
	const struct people_counts *n = people_importer_counts(im);
	const char *out = arena_printf(&f->arena, "%lld %lld %lld %lld %lld %lld\n%s",
		(long long)n->n[PEOPLE_NEW], (long long)n->n[PEOPLE_UPDATED],
		(long long)n->n[PEOPLE_SAME], (long long)n->n[PEOPLE_REPEATED],
		(long long)n->n[PEOPLE_SKIPPED], (long long)n->partners, told.text);
	people_importer_close(im);
	return out;
}

static struct contact_row *contact_of(struct fixture *f, const char *word)
{
	struct contact_row *v = NULL;
	size_t n = 0;
	assert_ok(f, contact_list(f->reader, &f->arena, word, 0, 9, &v, &n, &f->err));
	assert_int_equal(n, 1);
	return v;
}

static int64_t count(struct fixture *f, const char *table)
{
	return fixture_sql(f, "crmail.db",
		arena_printf(&f->arena, "SELECT count(*) FROM %s", table));
}

static const char PEOPLE[] = "Name,Email,Phone,Company,Notes\n"
			     "Laura Palmer,laura@alpha.test,+1,Alpha,met in May\n"
			     "Bob,bob@gmail.com,,Beta,\n"
			     "Cem,,+2,,\n"
			     "Ann,ann@alpha.test,,,\n";

static void people__imported_twice__change_nothing(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(run(f, PEOPLE, true), "4 0 0 0 0 2\n");
	assert_int_equal(count(f, "contact"), 0);
	assert_string_equal(run(f, PEOPLE, false), "4 0 0 0 0 2\n");
	assert_string_equal(run(f, PEOPLE, true), "0 0 4 0 0 0\n");
	assert_string_equal(run(f, PEOPLE, false), "0 0 4 0 0 0\n");
	const struct contact_row *laura = contact_of(f, "laura");
	assert_string_equal(laura->partner_name, "Alpha");
	assert_string_equal(laura->phones[0], "+1");
	/* a colleague's address leads to the company that the file does not name */
	assert_int_equal(contact_of(f, "ann")->partner, laura->partner);
	struct partner_row *beta = NULL;
	assert_ok(f,
		partner_get(f->reader, &f->arena, contact_of(f, "bob")->partner, &beta, &f->err));
	assert_int_equal(beta->n_domains, 0);
	assert_int_equal(count(f, "activity WHERE kind = 3 AND body = 'met in May'"), 1);
}

static void people__found_again__get_what_is_new(void **state)
{
	struct fixture *f = *state;
	run(f, PEOPLE, false);
	const char *more = "Name,Email,Title,Phone\n"
			   "L. Palmer,LAURA+x@alpha.test; l@home.test,CPO,+1\n"
			   ",l@home.test,ignored,+9\n"
			   "cem,,,+3\n";
	assert_string_equal(run(f, more, true), "0 2 0 1 0 0\n");
	assert_string_equal(run(f, more, false), "0 2 0 1 0 0\n");
	const struct contact_row *laura = contact_of(f, "laura");
	assert_string_equal(laura->name, "L. Palmer");
	assert_string_equal(laura->title, "CPO");
	assert_int_equal(laura->n_emails, 3);
	assert_string_equal(laura->emails[0], "laura@alpha.test");
	assert_int_equal(laura->n_phones, 2);
	assert_int_equal(contact_of(f, "cem")->n_phones, 2);
	assert_string_equal(run(f, more, false), "0 0 2 1 0 0\n");
}

static void people__skipped__are_named_with_their_line(void **state)
{
	struct fixture *f = *state;
	const char *text = "Name,Email\n"
			   "A,a@a.test\n"
			   "B,b@a.test\n"
			   "C,a@a.test; b@a.test\n"
			   "D,nowhere\n"
			   "\n"
			   ",\"\n\"\n";
	const char *told = "2 0 0 0 3 0\n"
			   "4:Its addresses or its name belong to several contacts.\n"
			   "5:Its address cannot be read.\n"
			   "7:It has no name, no address and no phone number.\n";
	assert_string_equal(run(f, text, true), told);
	assert_string_equal(run(f, text, false), told);
}

static void people__undone__are_as_before(void **state)
{
	struct fixture *f = *state;
	struct people_undone undone;
	run(f, "Name,Email\nLaura,laura@alpha.test\n", false);
	run(f, PEOPLE, false);
	assert_ok(f, people_undo(f->store, &undone, &f->err));
	assert_int_equal(undone.removed, 3);
	assert_int_equal(undone.restored, 1);
	assert_int_equal(undone.kept, 0);
	assert_int_equal(count(f, "contact"), 1);
	assert_int_equal(count(f, "contact_email"), 1);
	assert_int_equal(count(f, "contact_phone"), 0);
	assert_int_equal(count(f, "partner"), 0);
	assert_int_equal(count(f, "partner_domain"), 0);
	assert_int_equal(count(f, "activity"), 0);
	assert_int_equal(contact_of(f, "laura")->partner, 0);
	/* only the last one can be undone, once */
	assert_int_equal(people_undo(f->store, &undone, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NOTFOUND);
}

static void people__edited_since__are_kept_by_undo(void **state)
{
	struct fixture *f = *state;
	struct people_undone undone;
	run(f, PEOPLE, false);
	fixture_close(f);
	assert_int_equal(
		fixture_sql(f, "crmail.db",
			"UPDATE contact SET title = 'Boss' WHERE name = 'Bob' RETURNING 1"),
		1);
	fixture_open(f);
	assert_ok(f, people_undo(f->store, &undone, &f->err));
	assert_int_equal(undone.removed, 3);
	assert_int_equal(undone.kept, 1);
	assert_string_equal(contact_of(f, "bob")->partner_name, "Beta");
	assert_int_equal(count(f, "partner"), 1);
}

/* What somebody has decided by hand, or put into a deal, is nothing that an import may take
 * away. */
static void people__decided_about__are_kept_by_undo(void **state)
{
	struct fixture *f = *state;
	struct people_undone undone;
	run(f, PEOPLE, false);
	const int64_t bob = contact_of(f, "bob")->id;
	const int64_t cem = contact_of(f, "cem")->id;
	const int64_t ann = contact_of(f, "ann")->id;
	fixture_sql(f, "crmail.db",
		arena_printf(&f->arena,
			"INSERT INTO decision (crm, scope, what, kind, target, addr, at) VALUES"
			" (1, 3, 3, 1, %lld, 'desk@beta.test', 1),"
			" (1, 3, 2, 1, %lld, 'x@beta.test', 1)",
			(long long)bob, (long long)ann));
	fixture_sql(f, "crmail.db",
		arena_printf(&f->arena,
			"INSERT INTO deal (crm, name, contact) VALUES (1, 'Big', %lld)",
			(long long)cem));
	assert_ok(f, people_undo(f->store, &undone, &f->err));
	assert_int_equal(undone.kept, 2);
	assert_int_equal(undone.removed, 2);
	assert_string_equal(contact_of(f, "bob")->partner_name, "Beta");
	assert_int_equal(contact_of(f, "cem")->id, cem);
	assert_int_equal(count(f, "decision"), 1); /* none is left about somebody who went */
	assert_int_equal(count(f, "partner"), 1);
}

static void people__stopped__keep_what_was_done(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_release) struct buf text = BUF_INIT(BUF_UNLIMITED);
	struct people_importer *im = NULL;
	struct people_undone undone;
	struct told told = {.stop_after = 2};
	char path[128];
	const struct people_import_options o = {.crm = local_crm(f),
		.is_freemail = is_freemail,
		.progress = on_progress,
		.ctx = &told};
	buf_addstr(&text, "Email\n");
	for (int i = 0; i < 2000; i++)
		buf_addf(&text, "p%d@a.test\n", i);
	snprintf(path, sizeof(path), "%s/people.csv", f->dir);
	assert_ok(f, fsx_write_file(path, text.p, text.len, false, &f->err));
	assert_ok(f, people_importer_open(&im, f->store, &o, &f->err));
	assert_int_equal(people_importer_file(im, path, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CANCELLED);
	assert_int_equal(people_importer_counts(im)->n[PEOPLE_NEW], 1000);
	people_importer_close(im);
	assert_int_equal(count(f, "contact"), 1000);
	assert_ok(f, people_undo(f->store, &undone, &f->err));
	assert_int_equal(undone.removed, 1000);
	assert_int_equal(count(f, "contact"), 0);
}

static void people__of_a_server__are_not_imported(void **state)
{
	struct fixture *f = *state;
	const struct crm_row far = {.name = "far", .profile = "x", .url = "http://x.test"};
	int64_t id = 0;
	int64_t found = 0;
	assert_ok(f, crm_add(f->store, &far, NULL, 0, &id, &f->err));
	assert_ok(f, people_find_crm(f->reader, NULL, &found, &f->err));
	assert_int_equal(found, 0);
	assert_int_equal(people_find_crm(f->reader, "far", &found, &f->err), -1);
	assert_int_equal(f->err.code, ERR_USAGE);
	assert_int_equal(people_find_crm(f->reader, "no", &found, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NOTFOUND);
	int64_t local = local_crm(f);
	assert_ok(f, people_find_crm(f->reader, "local", &found, &f->err));
	assert_int_equal(found, local);
}

static void people__written__are_those_who_were_read(void **state)
{
	struct fixture *f = *state;
	struct person *v = NULL;
	int64_t last = 0;
	size_t n = 0;
	run(f, PEOPLE, false);
	assert_ok(f, people_page(f->reader, &f->arena, 0, 3, &last, &v, &n, &f->err));
	assert_int_equal(n, 3);
	assert_string_equal(v[0].company, "Alpha");
	assert_string_equal(v[0].domains.v[0], "alpha.test");
	assert_string_equal(v[0].note, "met in May");
	assert_ok(f, people_page(f->reader, &f->arena, 0, 3, &last, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_ok(f, people_page(f->reader, &f->arena, 0, 3, &last, &v, &n, &f->err));
	assert_int_equal(n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)
	const struct CMUnitTest tests[] = {
		TEST(people__imported_twice__change_nothing),
		TEST(people__found_again__get_what_is_new),
		TEST(people__skipped__are_named_with_their_line),
		TEST(people__undone__are_as_before),
		TEST(people__edited_since__are_kept_by_undo),
		TEST(people__decided_about__are_kept_by_undo),
		TEST(people__stopped__keep_what_was_done),
		TEST(people__of_a_server__are_not_imported),
		TEST(people__written__are_those_who_were_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
