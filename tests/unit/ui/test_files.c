/* test_files.c - attachments of a message being written: pasted paths, the picker, the list. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "screen.h"
#include "tests/unit/unit.h"
#include "ui/views/compose.h"

/* The paths, one after another with "|" behind each. */
static void check_parse(const char *text, const char *want)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);
	char *paths[4];
	size_t n = files_parse(text, strlen(text), paths, ARRAY_SIZE(paths));

	for (size_t i = 0; i < n; i++) {
		buf_addf(&b, "%s|", paths[i]);
		free(paths[i]);
	}
	assert_string_equal(b.p, want);
}

static void files_parse__takes_what_terminals_paste(void **state)
{
	(void)state;
	setenv("HOME", "/home/minh", 1);
	check_parse("/tmp/a.pdf", "/tmp/a.pdf|");
	check_parse("  /tmp/a.pdf\n", "/tmp/a.pdf|");
	check_parse("~/a.pdf", "/home/minh/a.pdf|");
	check_parse("'/tmp/my file.pdf' ", "/tmp/my file.pdf|");
	check_parse("\"/tmp/my file.pdf\"", "/tmp/my file.pdf|");
	check_parse("/tmp/my\\ file.pdf /tmp/b", "/tmp/my file.pdf|/tmp/b|");
	check_parse("/tmp/my file.pdf", "/tmp/my file.pdf|");
	check_parse("file:///tmp/my%20file.pdf\nfile://localhost/tmp/b",
		"/tmp/my file.pdf|/tmp/b|");
	check_parse("file:///tmp/100%", "/tmp/100%|");
}

static void files_parse__leaves_other_text_alone(void **state)
{
	static const char *const other[] = {"", "Hello", "/", "//x", "and/or", "~", "~minh/x",
		"file://server.example/share/x", "file:///a%00b", "/tmp/a and then some\nmore",
		"https://x.example/y", "f", "'"};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		check_parse(other[i], "");
}

struct files_test {
	char dir[512];
	struct store store;
	struct screen s;
};

static void put(const struct files_test *t, const char *name, const char *bytes, size_t n)
{
	char *path = fsx_join(t->dir, name);
	struct err e = ERR_INIT;

	assert_int_equal(fsx_write_file(path, bytes, n, false, &e), 0);
	free(path);
}

static int up(void **state)
{
	struct files_test *t = calloc(1, sizeof(*t));
	const char *build = getenv("CRMAIL_BUILDDIR");
	char *sub;
	struct err e = ERR_INIT;

	snprintf(t->dir, sizeof(t->dir), "%s/ui-files.%ld", build ? build : ".", (long)getpid());
	sub = fsx_join(t->dir, "Docs");
	if (fsx_mkdir_p(sub, &e))
		return -1;
	free(sub);
	setenv("HOME", t->dir, 1);
	put(t, "Docs/offer.pdf", "%PDF-1.4 first", 14);
	put(t,
		"Docs/Gr\xC3\xBC\xC3\x9F"
		"e.txt",
		"Hello", 5);
	put(t, ".secret", "x", 1);
	fake_store_fill(&t->store);
	screen_open(&t->s, &t->store, 24, 100);
	screen_keys(&t->s, "c 'a@x.test Tab 'Offer Tab");
	*state = t;
	return 0;
}

static void drop(const struct files_test *t, const char *name)
{
	char *path = fsx_join(t->dir, name);

	remove(path);
	free(path);
}

static int down(void **state)
{
	struct files_test *t = *state;

	screen_close(&t->s);
	fake_store_release(&t->store);
	drop(t, "Docs/offer.pdf");
	drop(t, "Docs/Gr\xC3\xBC\xC3\x9F"
		"e.txt");
	drop(t, ".secret");
	drop(t, "Docs/big.bin");
	drop(t, "Docs");
	remove(t->dir);
	free(t);
	return 0;
}

static struct compose_data *data(const struct files_test *t)
{
	return compose_data_of(ui_top(&t->s.ui));
}

static void paste(struct files_test *t, const char *name)
{
	char *path = fsx_join(t->dir, name);
	const struct key k = {.code = UKEY_PASTE, .paste = path, .paste_len = strlen(path)};

	ui_key(&t->s.ui, &k);
	ui_turn(&t->s.ui);
	free(path);
}

static void attach__takes_the_bytes_at_once(void **state)
{
	struct files_test *t = *state;

	screen_keys(&t->s, "Alt-A 'docs Enter 'off Enter");
	assert_int_equal(data(t)->n_files, 1);
	assert_string_equal(data(t)->files[0].type, "application/pdf");
	/* What happens to the file afterwards does not matter. */
	put(t, "Docs/offer.pdf", "%PDF-1.4 second, and longer", 27);
	screen_keys(&t->s, "Alt-S Enter");
	assert_int_equal(t->store.n_outbox, 1);
	assert_non_null(strstr(t->store.raw[0],
		"Content-Disposition: attachment; filename=\"offer.pdf\""));
	assert_non_null(strstr(t->store.raw[0], "JVBERi0xLjQgZmlyc3Q=")); /* %PDF-1.4 first */
}

static void attach__picker_walks_and_hides(void **state)
{
	struct files_test *t = *state;

	screen_keys(&t->s, "Alt-A");
	assert_true(screen_shows(&t->s, "Docs/"));
	assert_false(screen_shows(&t->s, ".secret"));
	screen_keys(&t->s, "'.sec");
	assert_true(screen_shows(&t->s, ".secret"));
	screen_keys(&t->s, "Backspace Backspace Backspace Backspace 'docs Enter");
	assert_true(screen_shows(&t->s, "offer.pdf"));
	screen_keys(&t->s, "Backspace");
	assert_true(screen_shows(&t->s, "Docs/"));
	screen_keys(&t->s, "'docs Enter 'grusse Enter");
	assert_int_equal(data(t)->n_files, 1);
	assert_string_equal(data(t)->files[0].name, "Gr\xC3\xBC\xC3\x9F"
						    "e.txt");
	/* The next time it begins where the last file was. */
	screen_keys(&t->s, "Alt-A");
	assert_true(screen_shows(&t->s, "offer.pdf"));
	screen_keys(&t->s, "~ Esc");
	assert_int_equal(data(t)->n_files, 1);
}

static void attach__pasted_path_is_offered(void **state)
{
	struct files_test *t = *state;

	paste(t, "Docs/offer.pdf");
	assert_true(screen_shows(&t->s, "Attach offer.pdf, 14 bytes?"));
	screen_keys(&t->s, "Enter 'Hi");
	assert_int_equal(data(t)->n_files, 1);
	assert_string_equal(data(t)->fields[FIELD_BODY].text.p, "Hi");
}

static void attach__pasted_path_stays_text_when_not_wanted(void **state)
{
	struct files_test *t = *state;

	paste(t, "Docs/offer.pdf");
	screen_keys(&t->s, "'!");
	assert_int_equal(data(t)->n_files, 0);
	assert_non_null(strstr(data(t)->fields[FIELD_BODY].text.p, "Docs/offer.pdf!"));
	paste(t, "Docs/nothing-there.pdf");
	assert_non_null(strstr(data(t)->fields[FIELD_BODY].text.p, "nothing-there.pdf"));
	paste(t, "Docs");
	assert_int_equal(data(t)->n_files, 0);
	assert_true(data(t)->offer == NULL);
}

static void attach__what_cannot_be_read_is_said(void **state)
{
	struct files_test *t = *state;
	char *path = fsx_join(t->dir, "Docs/gone.pdf"), *dir = fsx_join(t->dir, "Docs");

	compose_files_attach(ui_top(&t->s.ui), path);
	ui_turn(&t->s.ui);
	assert_true(screen_shows(&t->s, "Cannot attach gone.pdf"));
	compose_files_attach(ui_top(&t->s.ui), dir);
	ui_turn(&t->s.ui);
	assert_true(screen_shows(&t->s, "Docs is no file that can be attached."));
	assert_int_equal(data(t)->n_files, 0);
	free(path);
	free(dir);
}

static void attach__too_much_is_refused_and_much_is_warned_of(void **state)
{
	struct files_test *t = *state;
	char *path = fsx_join(t->dir, "Docs/big.bin");

	put(t, "Docs/big.bin", "", 0);
	assert_int_equal(truncate(path, (off_t)FILES_BYTES_WARN + 1), 0);
	compose_files_attach(ui_top(&t->s.ui), path);
	ui_turn(&t->s.ui);
	assert_true(screen_shows(&t->s, "many servers refuse that"));
	screen_keys(&t->s, "Alt-S");
	assert_true(screen_shows(&t->s, "larger than 25 MB"));
	screen_keys(&t->s, "Esc");
	assert_int_equal(truncate(path, (off_t)(FILES_BYTES_MAX - FILES_BYTES_WARN)), 0);
	compose_files_attach(ui_top(&t->s.ui), path);
	ui_turn(&t->s.ui);
	assert_true(screen_shows(&t->s, "big.bin does not fit"));
	assert_int_equal(data(t)->n_files, 1);
	free(path);
}

static void attach__draft_opens_again_with_its_files(void **state)
{
	struct files_test *t = *state;

	screen_keys(&t->s, "Alt-A 'docs Enter 'off Enter Alt-A 'gr Enter Esc");
	drop(t, "Docs/offer.pdf");
	screen_keys(&t->s, "g d Enter");
	assert_int_equal(data(t)->n_files, 2);
	assert_memory_equal(data(t)->files[0].data, "%PDF-1.4 first", 14);
	/* Taken out, brought back, taken out for good. */
	screen_keys(&t->s, "Tab Tab Tab");
	while (data(t)->focus != FIELD_FILES)
		screen_keys(&t->s, "Tab");
	screen_keys(&t->s, "Del");
	assert_int_equal(data(t)->n_files, 1);
	screen_keys(&t->s, "Ctrl-Z");
	assert_int_equal(data(t)->n_files, 2);
	assert_string_equal(data(t)->files[0].name, "offer.pdf");
	screen_keys(&t->s, "Del Esc g d Enter");
	assert_int_equal(data(t)->n_files, 1);
	assert_string_equal(data(t)->files[0].name, "Gr\xC3\xBC\xC3\x9F"
						    "e.txt");
}

static void attach__forwarded_files_go_along(void **state)
{
	struct files_test *t = *state;

	screen_keys(&t->s, "Esc j f");
	assert_int_equal(data(t)->n_files, 1);
	screen_keys(&t->s, "'b@x.test Esc");
	compose_open_draft(&t->s.ui, 2);
	ui_turn(&t->s.ui);
	assert_int_equal(data(t)->n_files, 1);
	assert_string_equal(data(t)->files[0].name, "terms-v3.pdf");
	assert_int_equal(data(t)->files[0].len, 49);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_parse__takes_what_terminals_paste),
		cmocka_unit_test(files_parse__leaves_other_text_alone),
		cmocka_unit_test_setup_teardown(attach__takes_the_bytes_at_once, up, down),
		cmocka_unit_test_setup_teardown(attach__picker_walks_and_hides, up, down),
		cmocka_unit_test_setup_teardown(attach__pasted_path_is_offered, up, down),
		cmocka_unit_test_setup_teardown(attach__pasted_path_stays_text_when_not_wanted, up,
			down),
		cmocka_unit_test_setup_teardown(attach__what_cannot_be_read_is_said, up, down),
		cmocka_unit_test_setup_teardown(attach__too_much_is_refused_and_much_is_warned_of,
			up, down),
		cmocka_unit_test_setup_teardown(attach__draft_opens_again_with_its_files, up, down),
		cmocka_unit_test_setup_teardown(attach__forwarded_files_go_along, up, down),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
