/*
 * test_robust.c - random sizes and keys end in the screen of a fresh start; hostile text in every
 * field stays text, and every row keeps its width.
 */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/rng.h"
#include "crmail/base/utf8.h"
#include "screen.h"
#include "tests/unit/unit.h"
#include "ui/views/list.h"

#define ROUNDS 100
#define SLOW_ROUNDS 500
#define KEYS_A_ROUND 8

static const char *const any_keys[] = {"j", "k", "Enter", "q", "PgDn", "PgUp", "G", "g g", "Tab",
	"n", "p", "J", "K", "\"", "H", "P", "?", "/ 'a", "Esc", "x", "V", "A", ":", "'ab", "Down",
	"Up", "g o", "Space", "1", "Left", "Right", "Home", "End", "c", "r", "Alt-C", "Alt-S",
	"Ctrl-A", "Ctrl-Z", "+", "+ j j", "O"};

/* Out of whatever is open, back to the inbox's first row. */
static void go_home(struct screen *s)
{
	for (int i = 0; i < 40 && s->ui.n_stack > 1; i++)
		screen_keys(s, "Esc");
	assert_int_equal(s->ui.n_stack, 1);
	s->ui.is_quitting = false;
	/* "* n" selects none; Tab may have left the sidebar with the focus. */
	screen_keys(s, "Esc g i * n g g");
	if (list_data_of(s->ui.stack[0])->preview.is_on)
		screen_keys(s, "p");
	s->ui.undo = (struct ui_undo){.group = 0};
	s->ui.message_kind = MESSAGE_NONE;
	s->ui.wants_paint = true;
	ui_turn(&s->ui);
}

static void assert_fresh(struct screen *s, struct store *store, int rows, int cols)
{
	struct screen fresh;

	screen_open(&fresh, store, rows, cols);
	go_home(&fresh);
	assert_string_equal(screen_dump(s), screen_dump(&fresh));
	screen_close(&fresh);
}

static void resize__random_sizes_end_in_the_screen_of_a_fresh_start(void **state)
{
	struct rng *rng = rng_new(20261120);
	struct store store;
	struct screen s;
	(void)state;

	fake_store_fill(&store);
	screen_open(&s, &store, 24, 80);
	for (int i = 0; i < (getenv("CRMAIL_SLOW") ? SLOW_ROUNDS : ROUNDS); i++) {
		int rows, cols;

		for (int k = 0; k < KEYS_A_ROUND; k++) {
			screen_resize(&s, 1 + (int)rng_below(rng, 50),
				1 + (int)rng_below(rng, 200));
			screen_keys(&s, any_keys[rng_below(rng, ARRAY_SIZE(any_keys))]);
			if (s.ui.n_stack == 1)
				s.ui.is_quitting = false;
		}
		go_home(&s);
		rows = 1 + (int)rng_below(rng, 50);
		cols = 1 + (int)rng_below(rng, 200);
		screen_resize(&s, rows, cols);
		assert_fresh(&s, &store, rows, cols);
	}
	screen_close(&s);
	fake_store_release(&store);
	rng_free(rng);
}

static void assert_harmless(const struct grid *g)
{
	for (int row = 0; row < g->rows; row++) {
		int width = 0;

		for (int col = 0; col < g->cols; col++) {
			const struct cell *c = &g->cells[row * g->cols + col];

			width += c->width;
			for (size_t k = 0; k < c->len;) {
				uint32_t cp;

				k += utf8_decode(c->text + k, c->len - k, &cp);
				assert_true(cp >= 0x20 && (cp < 0x7f || cp >= 0xa0));
				assert_false(cp >= 0x202a && cp <= 0x202e);
				assert_false(cp >= 0x2066 && cp <= 0x2069);
				assert_false(cp >= 0xe0000 && cp <= 0xe007f);
			}
		}
		assert_int_equal(width, g->cols);
	}
}

#define NASTY                                                                                      \
	"\033]0;title\007\033]52;c;eA==\007\033[2J\302\233"                                        \
	"31m\342\200\256RLO\342\201\246"                                                           \
	"\r\b\177\xff\xfe\360\237\221\251\342\200\215\360\237\221\247\xEF\xBB\xBF "                \
	"\360\237\x87\xA9\360"

static struct record_value nasty_fields[] = {
	{"title", "was" NASTY, "ours" NASTY, "theirs" NASTY, 0},
	{"other" NASTY, NULL, "x", "y", 0}};
static struct record_write nasty_conflict = {.id = 5,
	.kind = RECORD_CONTACT,
	.state = RECORD_CONFLICT,
	.title = "title" NASTY,
	.fields = nasty_fields,
	.n_fields = ARRAY_SIZE(nasty_fields)};

static void fill_nasty(struct store *store)
{
	fake_store_fill(store);
	for (size_t i = 0; i < store->n_mail; i++) {
		struct fake_mail *m = &store->mail[i];

		m->from_name = "Name" NASTY;
		m->subject = "Subject" NASTY;
		m->snippet = "Snippet" NASTY;
		m->cc = "\"" NASTY "\" <cc@example.test>";
		if (!m->type)
			m->text = "Text " NASTY "\r\nhttps://example.test/" NASTY "\r\n";
	}
	store->accounts[0].name = "account" NASTY;
	store->accounts[0].email = "mail" NASTY;
	store->accounts[0].error = "error" NASTY;
	store->accounts[0].status = ACCOUNT_ERROR;
	store->folders[1].name = "folder" NASTY;
	store->contacts[0].name = "contact" NASTY;
	store->contacts[0].title = "title" NASTY;
	store->deals[0].name = "deal" NASTY;
	store->entries[0].subject = "entry" NASTY;
	store->partners[0].name = "partner" NASTY;
	store->conflict = &nasty_conflict;
}

static void hostile__text_in_every_field_stays_text(void **state)
{
	static const char *const keys[] = {"", "L", "c", "Tab", "'x Enter 'y", "Tab", "Tab", "Tab",
		"Alt-S", "L", "t", "Alt-S", "Esc", "E", "Tab", "Up", "Up", "Ctrl-T", "Esc", "Esc",
		"Esc", "D", "Right", "Esc", "Esc", "j j N", "Alt-S", "Esc", "Esc", "g x", "Space",
		"t", "Esc", "g g", "+", "+", "Enter", "H", "P", "P", "P", "q", "j Enter", "A",
		"Enter", "q", "q", "q", "/ 'a", "Enter", "Esc", "r", "'x", "Alt-S", "Esc", "Esc",
		"v", "Esc", "g d", "g i", "Tab", "Tab", "e", "g A", "j", "#", "Esc", "s", "'x",
		"Esc", "a", "'x@y", "Down", "Esc", "g i"};
	static const int sizes[][2] = {{24, 80}, {40, 120}, {9, 31}, {1, 1}, {3, 200}};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct store store;
		struct screen s;

		fill_nasty(&store);
		screen_open(&s, &store, sizes[i][0], sizes[i][1]);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			screen_keys(&s, keys[k]);
			assert_harmless(&s.ui.grid);
		}
		screen_close(&s);
		fake_store_release(&store);
	}
}

static void ascii__every_screen_is_ascii_and_readable(void **state)
{
	static const char *const keys[] = {"", "L", "m", "Tab", "Esc", "E", "Esc", "D", "Esc", "+",
		"+", "Enter", "q", "j Enter", "A", "Enter", "q", "q", "q", "?", "q", "g d", "g i",
		"x", "r", "Esc", "/ 'a", "Esc", "Tab", "Tab", "g g", "L", "m", "Tab", "Esc", "E",
		"Esc", "D", "Esc", "g x", "Esc"};
	struct store store;
	struct screen s;
	(void)state;

	fake_store_fill(&store);
	screen_open(&s, &store, 40, 120);
	s.ui.grid.is_ascii = true;
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		s.ui.wants_paint = true;
		screen_keys(&s, keys[k]);
		ui_turn(&s.ui);
		for (const char *p = screen_dump(&s); *p; p++)
			assert_true((unsigned char)*p < 0x80);
		if (k == 0)
			assert_true(screen_shows(&s, "* Laura Palmer, you (3)"));
	}
	screen_close(&s);
	fake_store_release(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resize__random_sizes_end_in_the_screen_of_a_fresh_start),
		cmocka_unit_test(hostile__text_in_every_field_stays_text),
		cmocka_unit_test(ascii__every_screen_is_ascii_and_readable),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
