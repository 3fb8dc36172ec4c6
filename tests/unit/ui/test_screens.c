/*
 * test_screens.c - golden screens at three sizes, each with what it must say in words (golden.h).
 * Those about accounts are in test_accounts.c and test_welcome.c.
 */
#include "config.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "crmail/base/fsx.h"
#include "golden.h"
#include "screen.h"
#include "tests/unit/unit.h"

struct golden {
	const char *name, *keys;
	const char *says[6]; /* at every size; ends with NULL */
};

static const struct golden goldens[] = {
	{"inbox", "",
		{"crmail  Inbox", "● Laura Palmer, you (3)", "Re: Deadline order", "09:41",
			"? help", NULL}},
	{"tree", "+ j",
		{"● Laura Palmer, you (3)", "you  Happy to.", "Frage zum Angebot 2026-17", NULL}},
	{"preview", "j p", {"Frage zum Angebot 2026-17", "• Lieferung", NULL}},
	{"thread", "Enter",
		{"Re: Deadline order and the new terms", "Laura Palmer → you, cc",
			"── 9 quoted lines ──", "[1] https://dafaneto.example/price", "▸ 12 Nov",
			NULL}},
	{"html", "j Enter",
		{"Frage zum Angebot 2026-17", "• Zahlung", "terms-v3.pdf  49 bytes",
			"tracker not loaded", "[1] https://tolabe.example/angebot", NULL}},
	{"search", "/ 'angebot", {"/ angebot", "Frage zum Angebot 2026-17", "1 message", NULL}},
	{"search-empty", "/", {"from: to: cc: subject:", NULL}},
	{"help", "?", {"This screen", "Answer the sender.", "Mark as unread.", NULL}},
	{"palette", ": 'archi", {": archi", "archive: Move to the archive.", NULL}},
	{"reply", "r 'Thanks.",
		{"Reply", "To       Laura Palmer <laura@dafaneto.example>",
			"Subject  Re: Deadline order and the new terms", " Thanks.", " > Hi Minh,",
			NULL}},
	{"forward", "j f", {"Forward", "terms-v3.pdf  49 bytes", "Fwd: Frage zum Angebot", NULL}},
	{"sheet", "r 'Thanks. Alt-S", {"Send to 1 person?", "Enter now · Esc back", NULL}},
	{"sheet-warning", "c 'a@b.test Tab Tab 'See Space 'the Space 'attached Space 'file. Alt-S",
		{"Send to 1 person?", "The subject is empty. The text speaks of an attachment",
			NULL}},
	{"sheet-files", "c 'a@b.test Alt-A 'docs Enter 'notes Enter Tab 'Notes Alt-S",
		{"1 attachment, 8 bytes", NULL}},
	{"sheet-problem", "c 'nobody Alt-S", {"Not an address: nobody", NULL}},
	{"compose-complete", "c 'la",
		{"To       la", "Laura Palmer  laura@dafaneto.example", "Dafaneto", NULL}},
	{"compose-people", "c 'la Enter 'bj Enter 'denis@dafaneto.example,nobody Tab",
		{"To       Laura Palmer <laura@dafaneto.example> ✓, ", NULL}},
	{"compose-files", "c Alt-A 'docs Enter 'prices Enter Alt-A 'notes Enter Tab Tab 'Hello Tab",
		{"prices 2026-11.pdf  2 KB", "notes.txt  8 bytes", NULL}},
	{"compose-choose-file", "c Alt-A 'docs Enter",
		{"~/Docs/", "notes.txt", "8 bytes", "prices 2026-11.pdf", NULL}},
	{"compose-pick", "c Ctrl-T 'kr", {"Write to: kr", "Björn Krüger", NULL}},
	{"held", "r 'Thanks. Alt-S Enter",
		{"Sending to 1 person. z undo 10s", "crmail  Inbox", NULL}},
	{"outbox", "r 'Thanks. Alt-S Enter g o", {"crmail  Outbox", "held", NULL}},
	{"drafts-empty", "g d", {"No drafts.", NULL}},
	{"attachments", "j Enter A",
		{"terms-v3.pdf", "application/pdf", "49 bytes", "Files are saved to ui-downloads",
			NULL}},
	{"attachment-pdf", "j Enter A Enter",
		{"crmail  terms-v3.pdf", "application/pdf  49 bytes",
			"O opens it in the program of the desktop, s saves it.", NULL}},
	{"archived", "e", {"Archived. z undo", "● Björn Krüger", NULL}},
	{"selected", "x x", {"· 2 selected", "✓ Laura Palmer", "✓ Björn Krüger", NULL}},
	{"unknown-key", "X", {"X does nothing here. ? shows the keys.", NULL}},
	{"trash-empty", "g s s g s", {"No mail here.", NULL}},
	{"pick-folder", "v 'off", {"Move to: off", "Offers", NULL}},
};

/* With three files in the mail of id 7. */
static const struct golden attachment_goldens[] = {
	{"attachment-text", "j Enter A Enter",
		{"crmail  notes.txt", "text/plain", "Grüße   an      alle", "line 12", NULL}},
	{"attachment-calendar", "j Enter A j Enter",
		{"Invitation", "What: Terms, third version",
			"Begins: Thu 26 Nov 2026 14:00 (Europe/Berlin)",
			"Ends: Thu 26 Nov 2026 13:30 (your time)",
			"Denis <denis@dafaneto.example> · accepted", NULL}},
	{"attachment-mail", "j Enter A j j Enter",
		{"From: Laura Palmer <laura@dafaneto.example>", "Date: Thu 19 Nov 10:00",
			"Subject: Grüße", "The order is placed.", "Attached: order.pdf", NULL}},
};

/* With a mail in every state of the outbox. */
static const struct golden outbox_goldens[] = {
	{"outbox-states", "g o j j",
		{"scheduled", "Price list", "smtp.example takes no mail at present.",
			"work · 2 attempts · next try Today 10:05", "not yet", NULL}},
	{"outbox-part", "g o G",
		{"sent in part", "550 5.1.1 No such user", "delivered", "bounced", NULL}},
	{"outbox-question", "g o j j j j j Enter",
		{"Was it sent?  Re: Deadline order", "yes, it was: file the copy in Sent",
			"no, it was not: send it once more", "Esc", NULL}},
	{"drafts", "g d",
		{"crmail  Drafts", "Draft of an offer", "at the server", "Your invoice", NULL}},
	{"quit-question", "q",
		{"3 mails have not been sent yet.", "send now, then leave", "stay", NULL}},
	{"quit-sending", "q s",
		{"Sending 3 mails, then leaving.", "smtp.example takes no mail at present.",
			"do not send: it becomes a draft again", NULL}},
};

static void fill_attachments(struct store *s)
{
	fake_mail_of(s, 7)->text = fake_attachments;
}

/* And a draft that another program wrote. */
static void fill_outbox(struct store *s)
{
	fake_store_fill_outbox(s);
	for (size_t i = 0; i < s->n_mail; i++)
		if (strstr(s->mail[i].subject, "invoice"))
			s->mail[i].role = FOLDER_DRAFTS;
}

static void check(const struct golden *g, void (*fill)(struct store *s))
{
	for (size_t i = 0; i < ARRAY_SIZE(golden_sizes); i++) {
		struct store store;
		struct screen s;

		fake_store_fill(&store);
		if (fill)
			fill(&store);
		screen_open(&s, &store, golden_sizes[i].rows, golden_sizes[i].cols);
		screen_keys(&s, g->keys);
		golden_check(g->name, &s, g->says);
		screen_close(&s);
		fake_store_release(&store);
	}
}

static void screen__is_the_golden_and_says_what_it_must(void **state)
{
	check(*state, NULL);
}

static void screen__is_the_golden_of_an_attachment(void **state)
{
	check(*state, fill_attachments);
}

static void screen__is_the_golden_of_an_outbox(void **state)
{
	check(*state, fill_outbox);
}

static const struct {
	const struct golden *v;
	size_t n;
	CMUnitTestFunction test;
} sets[] = {
	{goldens, ARRAY_SIZE(goldens), screen__is_the_golden_and_says_what_it_must},
	{attachment_goldens, ARRAY_SIZE(attachment_goldens),
		screen__is_the_golden_of_an_attachment},
	{outbox_goldens, ARRAY_SIZE(outbox_goldens), screen__is_the_golden_of_an_outbox},
};

#define N_TESTS (ARRAY_SIZE(goldens) + ARRAY_SIZE(attachment_goldens) + ARRAY_SIZE(outbox_goldens))

static const struct {
	const char *path;
	size_t n;
} home_files[] = {{"Docs/notes.txt", 8}, {"Docs/prices 2026-11.pdf", 2100}, {".hidden", 1}};

static char *home_path(const char *name)
{
	const char *dir = getenv("CRMAIL_BUILDDIR");
	char *home = fsx_join(dir ? dir : ".", "ui-home"), *path = fsx_join(home, name);

	free(home);
	return path;
}

/* A home folder with files of a certain age. */
static void make_home(void)
{
	const struct timespec at[2] = {{FAKE_NOW - 86400, 0}, {FAKE_NOW - 86400, 0}};
	char *home = home_path(""), *docs = home_path("Docs");
	struct err e = ERR_INIT;

	assert_int_equal(fsx_mkdir_p(docs, &e), 0);
	home[strlen(home) - 1] = '\0'; /* the slash */
	for (size_t i = 0; i < ARRAY_SIZE(home_files); i++) {
		char bytes[4096] = "", *path = home_path(home_files[i].path);

		assert_int_equal(fsx_write_file(path, bytes, home_files[i].n, false, &e), 0);
		assert_int_equal(utimensat(AT_FDCWD, path, at, 0), 0);
		free(path);
	}
	assert_int_equal(utimensat(AT_FDCWD, docs, at, 0), 0);
	setenv("HOME", home, 1);
	free(docs);
	free(home);
}

static void remove_home(void)
{
	static const char *const dirs[] = {"Docs", ""};

	for (size_t i = 0; i < ARRAY_SIZE(home_files) + ARRAY_SIZE(dirs); i++) {
		char *path =
			home_path(i < ARRAY_SIZE(home_files) ? home_files[i].path
							     : dirs[i - ARRAY_SIZE(home_files)]);

		remove(path);
		free(path);
	}
}

int main(void)
{
	struct CMUnitTest tests[N_TESTS];
	char names[N_TESTS][64];
	int failed;
	size_t n = 0;

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	make_home();
	for (size_t k = 0; k < ARRAY_SIZE(sets); k++)
		for (size_t i = 0; i < sets[k].n; i++, n++) {
			const struct golden *g = &sets[k].v[i];

			snprintf(names[n], sizeof(names[n]), "screen__is_the_golden__%s", g->name);
			tests[n] = (struct CMUnitTest){.name = names[n],
				.test_func = sets[k].test,
				.initial_state = (void *)(uintptr_t)g};
		}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	remove_home();
	return failed;
}
