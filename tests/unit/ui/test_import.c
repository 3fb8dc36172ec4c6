/*
 * test_import.c - importing contacts on the screen: the file, what is in it, what was done, and the
 * way back; goldens at three sizes.
 */
#include "config.h"

#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crmail/base/event.h"
#include "crmail/base/fsx.h"
#include "golden.h"
#include "screen.h"
#include "tests/unit/unit.h"

#define DEADLINE_MS 60000

static const char people[] = "Vorname;Nachname;Firma;E-Mail-Adresse;Geburtstag\n"
			     "Laura;Palmer;Dafaneto;laura@dafaneto.example;1.2.1980\n"
			     "Jürgen;Weiß;Öl GmbH;juergen@oel.example;\n"
			     "Zoé;Faure;\"Les\x1b[31m Écoles\";zoe@ecoles.example;\n"
			     "Wer;Nochmal;;nirgends;\n"
			     "Minh;Nguyễn;;minh@before.example;\n";

struct fixture {
	char dir[64];
	struct store store;
	struct screen s;
};

static void open_at(struct fixture *f, int rows, int cols)
{
	char path[128];
	struct err e = ERR_INIT;
	*f = (struct fixture){.dir = "/tmp/crmail-import-XXXXXX"};
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(setenv("HOME", f->dir, 1), 0);
	snprintf(path, sizeof(path), "%s/people.csv", f->dir);
	assert_int_equal(fsx_write_file(path, people, sizeof(people) - 1, false, &e), 0);
	fake_store_fill(&f->store);
	screen_open(&f->s, &f->store, rows, cols);
}

static void close_it(struct fixture *f)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/people.csv", f->dir);
	screen_close(&f->s);
	fake_store_release(&f->store);
	unlink(path);
	rmdir(f->dir);
}

/* The work is done beside the screen: its events are waited for. */
static void wait_for(struct fixture *f, const char *text)
{
	while (!screen_shows(&f->s, text)) {
		struct pollfd fd = {.fd = event_set_fd(f->s.events), .events = POLLIN};
		if (poll(&fd, 1, DEADLINE_MS) <= 0)
			fail_msg("\"%s\" does not come:\n%s", text, screen_dump(&f->s));
		screen_resize(&f->s, f->s.ui.grid.rows, f->s.ui.grid.cols);
	}
}

static void choose_file(struct fixture *f)
{
	screen_keys(&f->s, ": 'import-contacts Enter");
	assert_true(screen_shows(&f->s, "people.csv"));
	screen_keys(&f->s, "'people Enter");
	wait_for(f, "Nothing is written yet.");
}

static void import__shows_what_is_in_the_file__before_it_writes(void **state)
{
	static const char *const says[] = {
		"4 new", "1 skipped", "Vorname  =  first_name", "Geburtstag  =  left out", NULL};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fixture f;
		open_at(&f, golden_sizes[i].rows, golden_sizes[i].cols);
		choose_file(&f);
		golden_check("import-preview", &f.s, says);
		assert_int_equal(f.store.n_imported, 0);
		screen_keys(&f.s, "Esc");
		assert_false(screen_shows(&f.s, "Import contacts"));
		close_it(&f);
	}
}

static void import__writes_on_enter__and_takes_it_back(void **state)
{
	static const char *const says[] = {"Imported: 4 new", "z takes it back", NULL};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fixture f;
		open_at(&f, golden_sizes[i].rows, golden_sizes[i].cols);
		f.store.n_accounts = 1;
		f.store.accounts[0].crm = 0;
		choose_file(&f);
		screen_keys(&f.s, "Enter");
		wait_for(&f, "Imported:");
		golden_check("import-done", &f.s, says);
		assert_int_equal(f.store.n_imported, 4);
		assert_true(f.s.kicks > 0);
		screen_keys(&f.s, "z");
		wait_for(&f, "4 removed");
		assert_int_equal(f.store.n_imported, 0);
		screen_keys(&f.s, "Enter");
		assert_false(screen_shows(&f.s, "Import contacts"));
		close_it(&f);
	}
}

static void import__of_a_file_that_is_gone__says_so(void **state)
{
	struct fixture f;
	char path[128];
	(void)state;
	open_at(&f, 24, 80);
	snprintf(path, sizeof(path), "%s/people.csv", f.dir);
	screen_keys(&f.s, ": 'import-contacts Enter 'people");
	unlink(path);
	screen_keys(&f.s, "Enter");
	wait_for(&f, "Esc goes back.");
	assert_true(screen_shows(&f.s, "No such file"));
	screen_keys(&f.s, "Enter Esc");
	assert_false(screen_shows(&f.s, "Import contacts"));
	close_it(&f);
}

static void import__that_no_account_uses__says_so(void **state)
{
	struct fixture f;
	(void)state;
	open_at(&f, 24, 80);
	choose_file(&f);
	screen_keys(&f.s, "Enter");
	wait_for(&f, "z takes it back. No account uses these contacts yet.");
	close_it(&f);
}

static void import__scrolls__and_survives_any_size(void **state)
{
	struct fixture f;
	(void)state;
	open_at(&f, 24, 80);
	choose_file(&f);
	for (int rows = 1; rows < 12; rows++) {
		screen_resize(&f.s, rows, 2 * rows);
		screen_keys(&f.s, "G j k PgUp PgDn g g");
	}
	screen_resize(&f.s, 10, 60);
	screen_keys(&f.s, "G");
	assert_true(screen_shows(&f.s, "line 5: Its address cannot be read."));
	close_it(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(import__shows_what_is_in_the_file__before_it_writes),
		cmocka_unit_test(import__writes_on_enter__and_takes_it_back),
		cmocka_unit_test(import__of_a_file_that_is_gone__says_so),
		cmocka_unit_test(import__that_no_account_uses__says_so),
		cmocka_unit_test(import__scrolls__and_survives_any_size),
	};
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
