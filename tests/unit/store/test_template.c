/*
 * test_template.c - files of templates and what is kept about them: reading a folder with anything
 * in it, installing, uses, versions, and the values of a contact.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/contact.h"
#include "crmail/store/template.h"
#include "fixture.h"

#define DAY 86400

static char *folder(const struct fixture *f)
{
	return store_path(f->store, "templates");
}

static void put(struct fixture *f, const char *path, const char *text)
{
	CLEANUP(free_str) char *dir = folder(f);
	assert_ok(f, template_file_write(dir, path, text, strlen(text), &f->err));
}

static struct template_list read_all(struct fixture *f)
{
	CLEANUP(free_str) char *dir = folder(f);
	struct template_list l;
	assert_ok(f, template_folder_read(dir, &f->arena, &l, &f->err));
	return l;
}

static void remove_folder(struct fixture *f, const char *const *paths)
{
	CLEANUP(free_str) char *dir = folder(f);
	for (; *paths; paths++) {
		CLEANUP(free_str) char *path = fsx_join(dir, *paths);
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void folder__is_read__whatever_lies_in_it(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free_str) char *dir = folder(f);
	CLEANUP(free_str) char *pipe = fsx_join(dir, "pipe.md");
	CLEANUP(free_str) char *hidden = fsx_join(dir, ".hidden.md");
	CLEANUP(free_str) char *other = fsx_join(dir, "notes.txt");
	CLEANUP(buf_release) struct buf big = BUF_INIT(BUF_UNLIMITED);
	assert_int_equal(read_all(f).n, 0);
	put(f, "zeta.md", "Z");
	put(f, "de/öl.md", "---\nname: Ähre\n---\nText");
	put(f, "de/bad.md", "---\nname: Bad\n---\n{{x");
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_ok(f, fsx_write_file(hidden, "x", 1, false, &f->err));
	assert_ok(f, fsx_write_file(other, "x", 1, false, &f->err));
	for (size_t i = 0; i <= MAIL_TEMPLATE_BYTES; i++)
		buf_addch(&big, 'x');
	assert_int_equal(template_file_write(dir, "big.md", big.p, big.len, &f->err), -1);
	assert_int_equal(f->err.code, ERR_TOOBIG);
	CLEANUP(free_str) char *large = fsx_join(dir, "big.md");
	assert_ok(f, fsx_write_file(large, big.p, big.len, false, &f->err));
	struct template_list l = read_all(f);
	assert_int_equal(l.n, 4);
	assert_string_equal(l.v[0].path, "zeta.md");
	assert_string_equal(l.v[1].name, "Ähre");
	assert_string_equal(l.v[1].folder, "de");
	assert_string_equal(l.v[2].path, "big.md");
	assert_null(l.v[2].t);
	assert_string_equal(l.v[2].why, "A template holds 64 KB at most.");
	assert_true(l.v[2].is_unread);
	assert_false(l.v[3].is_unread);
	assert_string_equal(l.v[3].name, "bad");
	assert_string_equal(l.v[3].why, "Line 4: A \"{{\" is not closed on its line.");
	remove_folder(f, (const char *const[]){"zeta.md", "de/öl.md", "de/bad.md", "de", "pipe.md",
				 ".hidden.md", "notes.txt", "big.md", NULL});
}

static void path__leads_nowhere_else(void **state)
{
	static const char *const bad[] = {"", ".md", "a", "a.txt", "/etc/a.md", "../a.md",
		"a/../b.md", "a/.b.md", ".a/b.md", "a/b/c.md", "a//b.md", "a\nb.md", "a\xFF.md"};
	struct fixture *f = *state;
	CLEANUP(free_str) char *dir = folder(f);
	struct template_file out;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(template_path_is_safe(bad[i]));
		assert_int_equal(template_file_write(dir, bad[i], "x", 1, &f->err), -1);
		assert_int_equal(f->err.code, ERR_USAGE);
		assert_int_equal(template_file_read(dir, bad[i], &f->arena, &out, &f->err), -1);
		assert_int_equal(f->err.code, ERR_NOTFOUND);
	}
	assert_true(template_path_is_safe("a b.md"));
	assert_true(template_path_is_safe("de/ö.md"));
}

/* Those that crmail brings: ten each, all of them templates, none with a word of another. */
static void install__brings_ten_in_each_language__and_overwrites_none(void **state)
{
	static const char *const langs[] = {"en", "de", "vi"};
	struct fixture *f = *state;
	CLEANUP(free_str) char *dir = folder(f);
	const char *src = getenv("CRMAIL_SRCDIR");
	CLEANUP(free_str) char *from = fsx_join(src ? src : ".", "share/crmail/templates");
	struct template_installed done;
	put(f, "de/offer-sent.md", "mine");
	for (size_t i = 0; i < ARRAY_SIZE(langs); i++) {
		assert_ok(f, template_install(dir, from, langs[i], &done, &f->err));
		assert_int_equal(done.n_new + done.n_there, 10);
		assert_int_equal(done.n_there, i == 1);
	}
	assert_int_equal(template_install(dir, from, "../crm", &done, &f->err), -1);
	assert_int_equal(template_install(dir, from, "", &done, &f->err), -1);
	assert_int_equal(template_install(dir, from, "tlh", &done, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NOTFOUND);
	struct template_list l = read_all(f);
	assert_int_equal(l.n, 30);
	for (size_t i = 0; i < l.n; i++) {
		CLEANUP(free_str) char *path = fsx_join(dir, l.v[i].path);
		if (!l.v[i].t)
			fail_msg("%s: %s", l.v[i].path, l.v[i].why);
		if (!strcmp(l.v[i].path, "de/offer-sent.md"))
			assert_string_equal(l.v[i].text, "mine");
		else if (!l.v[i].t->subject || !l.v[i].t->about || !l.v[i].t->lang ||
			 strcmp(l.v[i].t->lang, l.v[i].folder) != 0)
			fail_msg("%s lacks something", l.v[i].path);
		unlink(path);
	}
	remove_folder(f, (const char *const[]){"en", "de", "vi", NULL});
}

/* With nothing known but the sender, answers to the questions are all that a starter needs. */
static void starters__are_whole__with_their_questions_answered(void **state)
{
	struct fixture *f = *state;
	const char *src = getenv("CRMAIL_SRCDIR");
	CLEANUP(free_str) char *from = fsx_join(src ? src : ".", "share/crmail/templates");
	struct template_list l;
	assert_ok(f, template_folder_read(from, &f->arena, &l, &f->err));
	assert_int_equal(l.n, 30);
	for (size_t i = 0; i < l.n; i++) {
		const struct mail_template *t = l.v[i].t;
		struct mail_template_value v[MAIL_TEMPLATE_GAPS + 1] = {{"me.name", "Me", 0}};
		struct mail_template_values values = {v, 1, FIXTURE_NOW, 0, t->lang};
		CLEANUP(buf_release) struct buf out = BUF_INIT(MAIL_TEMPLATE_FILLED);
		struct mail_template_gaps gaps = {.n = 0};
		struct span gap;
		size_t line;
		for (size_t q = 0; q < t->n_questions; q++)
			v[values.n++] = (struct mail_template_value){
				t->questions[q].name, "answer", MAIL_TEMPLATE_TEXT};
		assert_ok(f, mail_template_fill(t->subject, &values, &out, &gaps, &f->err));
		buf_addch(&out, '\n');
		assert_ok(f, mail_template_fill(t->body, &values, &out, &gaps, &f->err));
		if (gaps.n || mail_template_find_gap(out.p, &gap, &line))
			fail_msg("%s asks for %s", l.v[i].path, gaps.v[0].name);
	}
}

static void uses__put_what_is_taken_first(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free_str) char *dir = folder(f);
	put(f, "a.md", "a");
	put(f, "b.md", "b");
	put(f, "c.md", "c");
	put(f, "d.md", "{{");
	for (int i = 0; i < 4; i++)
		template_used(f->store, "c.md");
	template_used(f->store, "d.md");
	assert_ok(f, store_flush(f->store, &f->err));
	fixture_set_clock(f, FIXTURE_NOW + 200 * DAY);
	template_used(f->store, "b.md");
	assert_ok(f, store_flush(f->store, &f->err));
	struct template_list l = read_all(f);
	assert_ok(f, template_uses_read(f->reader, &l, FIXTURE_NOW, &f->err));
	assert_string_equal(l.v[0].path, "c.md");
	assert_int_equal(l.v[0].uses, 4);
	l = read_all(f);
	assert_ok(f, template_uses_read(f->reader, &l, FIXTURE_NOW + 200 * DAY, &f->err));
	assert_string_equal(l.v[0].path, "b.md"); /* once today, not four times half a year ago */
	assert_string_equal(l.v[1].path, "c.md");
	assert_string_equal(l.v[2].path, "a.md");
	assert_string_equal(l.v[3].path, "d.md");
	remove_folder(f, (const char *const[]){"a.md", "b.md", "c.md", "d.md", NULL});
}

static struct template_version *versions_of(struct fixture *f, const char *path, size_t *n)
{
	struct template_version *v;
	assert_ok(f, template_versions(f->reader, &f->arena, path, &v, n, &f->err));
	return v;
}

static void versions__are_kept_once__and_restored(void **state)
{
	struct fixture *f = *state;
	CLEANUP(free_str) char *dir = folder(f);
	struct template_version *v, one;
	struct template_file file;
	size_t n;
	put(f, "a.md", "one\n");
	put(f, "empty.md", "");
	for (int i = 0; i < 2; i++) {
		struct template_list l = read_all(f);
		assert_ok(f, template_keep_all(f->store, f->reader, &l, &f->err));
	}
	versions_of(f, "empty.md", &n);
	assert_int_equal(n, 0);
	put(f, "a.md", "two\n");
	struct template_list l = read_all(f);
	fixture_set_clock(f, FIXTURE_NOW + 60);
	assert_ok(f, template_keep_all(f->store, f->reader, &l, &f->err));
	v = versions_of(f, "a.md", &n);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].at, FIXTURE_NOW + 60);
	assert_int_equal(v[0].len, 4);
	assert_ok(f, template_version_get(f->reader, &f->arena, "a.md", v[1].id, &one, &f->err));
	assert_string_equal(one.text, "one\n");

	put(f, "a.md", "three, not seen\n");
	assert_ok(f, template_restore(f->store, f->reader, dir, "a.md", v[1].id, &f->err));
	assert_ok(f, template_file_read(dir, "a.md", &f->arena, &file, &f->err));
	assert_string_equal(file.text, "one\n");
	/* What cannot be read cannot be kept, and so is not written over. */
	CLEANUP(free_str) char *path = fsx_join(dir, "a.md");
	assert_ok(f, fsx_write_file(path, "o\0ne", 4, false, &f->err));
	assert_int_equal(template_restore(f->store, f->reader, dir, "a.md", v[1].id, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
	put(f, "a.md", "one\n");
	v = versions_of(f, "a.md", &n);
	assert_int_equal(n, 4); /* what nobody had seen is kept, too */
	assert_ok(f, template_version_get(f->reader, &f->arena, "a.md", v[1].id, &one, &f->err));
	assert_string_equal(one.text, "three, not seen\n");

	/* A version is its own file's alone; a file that is gone comes back. */
	assert_int_equal(template_restore(f->store, f->reader, dir, "b.md", v[1].id, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NOTFOUND);
	remove_folder(f, (const char *const[]){"a.md", "empty.md", NULL});
	assert_ok(f, template_restore(f->store, f->reader, dir, "a.md", v[3].id, &f->err));
	assert_ok(f, template_file_read(dir, "a.md", &f->arena, &file, &f->err));
	assert_string_equal(file.text, "one\n");
	remove_folder(f, (const char *const[]){"a.md", NULL});
}

static void versions__are_bounded(void **state)
{
	struct fixture *f = *state;
	struct template_version *v, one;
	size_t n;
	assert_ok(f, template_keep(f->store, "b.md", "other", 5, &f->err));
	for (int i = 0; i < TEMPLATE_VERSIONS_MOST + 7; i++) {
		char text[32];
		snprintf(text, sizeof(text), "version %d\n", i);
		assert_ok(f, template_keep(f->store, "a.md", text, strlen(text), &f->err));
	}
	v = versions_of(f, "a.md", &n);
	assert_int_equal(n, TEMPLATE_VERSIONS_MOST);
	assert_ok(f,
		template_version_get(f->reader, &f->arena, "a.md", v[n - 1].id, &one, &f->err));
	assert_string_equal(one.text, "version 7\n");
	versions_of(f, "b.md", &n);
	assert_int_equal(n, 1);
}

/* ---- values -----------------------------------------------------------------------------------*/

static const char *value(const struct mail_template_values *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->v[i].name, name))
			return v->v[i].text;
	return NULL;
}

static int64_t add_people(struct fixture *f)
{
	const struct crm_row c = {.name = "crm", .profile = "local", .url = ""};
	const char *const emails[] = {"laura@dafaneto.example"}, *const domains[] = {
									 "dafaneto.example"};
	const struct partner_in partner = {
		.crm_id = "P1", .name = "Dafaneto", .domains = domains, .n_domains = 1};
	const struct contact_in contact = {.crm_id = "C1",
		.first_name = "Laura",
		.last_name = "Palmer",
		.title = "Head of Procurement",
		.emails = emails,
		.n_emails = 1,
		.partner_crm_id = "P1"};
	int64_t crm = 0, account = 0;
	const struct account_row a = {.name = "work", .kind = "imap", .email = "me@firm.example"};
	assert_ok(f, crm_add(f->store, &c, NULL, 0, &crm, &f->err));
	assert_ok(f, account_add(f->store, &a, NULL, 0, &account, &f->err));
	assert_ok(f, account_bind_crm(f->store, account, crm, &f->err));
	struct put_page p = {.crm = crm};
	assert_ok(f, partner_put(f->store, &p, &partner, 1, &f->err));
	assert_ok(f, contact_put(f->store, &p, &contact, 1, &f->err));
	return account;
}

static void put_deal(struct fixture *f, const char *id, const char *name)
{
	struct put_page p = {.crm = 1};
	const struct deal_in d = {.crm_id = id,
		.name = name,
		.amount = "12000",
		.currency = "EUR",
		.stage = "offer",
		.contact_crm_id = "C1",
		.close_at = 1795996800};
	assert_ok(f, deal_put(f->store, &p, &d, 1, &f->err));
}

static void values__are_those_of_the_contact__partner_and_deal(void **state)
{
	struct fixture *f = *state;
	const struct template_about who = {.account = add_people(f),
		.name = "somebody else",
		.addr = "Laura@Dafaneto.example",
		.me_name = "Minh Nguyen",
		.me_addr = "me@firm.example"};
	struct mail_template_values v;
	put_deal(f, "D1", "Frame contract");
	assert_ok(f, template_values_read(f->reader, &f->arena, &who, &v, &f->err));
	assert_string_equal(value(&v, "contact.first_name"), "Laura");
	assert_string_equal(value(&v, "contact.name"), "Laura Palmer");
	assert_string_equal(value(&v, "contact.title"), "Head of Procurement");
	assert_string_equal(value(&v, "contact.email"), "Laura@Dafaneto.example");
	assert_null(value(&v, "contact.phone"));
	assert_string_equal(value(&v, "partner.name"), "Dafaneto");
	assert_string_equal(value(&v, "partner.domain"), "dafaneto.example");
	assert_string_equal(value(&v, "deal.name"), "Frame contract");
	assert_string_equal(value(&v, "deal.value"), "12000 EUR");
	assert_string_equal(value(&v, "deal.close_date"), "2026-11-30");
	assert_string_equal(value(&v, "me.first_name"), "Minh");
	/* Of two open deals nobody can tell which is meant. */
	put_deal(f, "D2", "Another");
	assert_ok(f, template_values_read(f->reader, &f->arena, &who, &v, &f->err));
	assert_null(value(&v, "deal.name"));
}

static void values__stay_within_the_account(void **state)
{
	struct fixture *f = *state;
	const struct template_about who = {
		.account = add_people(f) + 1, .name = "L. P.", .addr = "laura@dafaneto.example"};
	struct mail_template_values v;
	assert_ok(f, template_values_read(f->reader, &f->arena, &who, &v, &f->err));
	assert_string_equal(value(&v, "contact.name"), "L. P.");
	assert_null(value(&v, "contact.first_name"));
	assert_null(value(&v, "partner.name"));
	assert_null(value(&v, "me.name"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(folder__is_read__whatever_lies_in_it, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(path__leads_nowhere_else, fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(
			install__brings_ten_in_each_language__and_overwrites_none, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(starters__are_whole__with_their_questions_answered,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(uses__put_what_is_taken_first, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(versions__are_kept_once__and_restored, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(versions__are_bounded, fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(values__are_those_of_the_contact__partner_and_deal,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(values__stay_within_the_account, fixture_up,
			fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
