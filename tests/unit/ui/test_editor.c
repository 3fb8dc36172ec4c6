/* test_editor.c - writing: typing, undo, selection, motions, wrapping; and keys by name. */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "ui/action.h"
#include "ui/editor.h"

static void press(struct editor *e, const char *names)
{
	struct span rest = span_of(names), name;

	while (span_next(&rest, ' ', &name)) {
		struct key k;

		assert_true(key_parse(name.p, name.len, &k));
		editor_key(e, &k);
	}
}

static void type(struct editor *e, const char *text)
{
	for (; *text; text++) {
		struct key k = {.code = (unsigned char)*text};

		if (*text == '\n')
			k.code = UKEY_ENTER;
		editor_key(e, &k);
	}
}

static void editor_undo__takes_back_a_word_at_a_time(void **state)
{
	struct editor e;
	(void)state;

	editor_init(&e, false);
	type(&e, "one two");
	assert_true(editor_undo(&e));
	assert_string_equal(e.text.p, "one");
	assert_true(editor_undo(&e));
	assert_string_equal(e.text.p, "");
	assert_false(editor_undo(&e));
	assert_true(editor_redo(&e));
	assert_true(editor_redo(&e));
	assert_string_equal(e.text.p, "one two");
	assert_false(editor_redo(&e));
	editor_release(&e);
}

static void editor_undo__new_typing_ends_redo(void **state)
{
	struct editor e;
	(void)state;

	editor_init(&e, false);
	type(&e, "a b");
	editor_undo(&e);
	type(&e, "c");
	assert_false(editor_redo(&e));
	assert_string_equal(e.text.p, "ac");
	editor_release(&e);
}

static void editor_key__selection_is_replaced(void **state)
{
	struct editor e;
	(void)state;

	editor_init(&e, false);
	type(&e, "hello world");
	press(&e, "Ctrl-Shift-Left");
	assert_int_equal(editor_selection(&e).len, 5);
	type(&e, "there");
	assert_string_equal(e.text.p, "hello there");
	press(&e, "Home Shift-Right Shift-Right Del");
	assert_string_equal(e.text.p, "llo there");
	editor_release(&e);
}

static void editor_key__moves_and_deletes_by_clusters(void **state)
{
	struct editor e;
	(void)state;

	editor_init(&e, true);
	editor_insert(&e, "ne\xCC\x81\xE6\x97\xA5", 7);
	press(&e, "Backspace");
	assert_string_equal(e.text.p, "ne\xCC\x81");
	press(&e, "Backspace");
	assert_string_equal(e.text.p, "n");
	editor_release(&e);
}

static void editor_insert__paste_is_made_harmless(void **state)
{
	struct editor e;
	(void)state;

	editor_init(&e, true);
	editor_insert(&e, "a\nb\033[31mc\td\302\233", 13);
	for (size_t i = 0; i < e.text.len; i++)
		assert_true((unsigned char)e.text.p[i] >= 0x20);
	assert_null(strchr(e.text.p, '\n'));
	editor_release(&e);
}

static void editor_wrap__breaks_at_blanks_and_keeps_every_byte(void **state)
{
	struct editor e;
	size_t at = 0;
	(void)state;

	editor_init(&e, false);
	editor_set(&e, "the quick brown fox jumps over the lazy dog\n\nsupercalifragilistic x");
	editor_wrap(&e, 12, 5);
	for (size_t i = 0; i < e.n_lines; i++) {
		assert_true(e.lines[i].len <= 11);
		assert_true(e.lines[i].start == at || e.lines[i].start == at + 1);
		at = e.lines[i].start + e.lines[i].len;
	}
	assert_int_equal(at, e.text.len);
	assert_memory_equal(e.text.p + e.lines[1].start, "brown ", 6);
	editor_release(&e);
}

static void editor_undo__deletions_in_a_row_are_one(void **state)
{
	struct editor e;
	(void)state;

	editor_init(&e, false);
	editor_set(&e, "one two three");
	press(&e, "End Backspace Backspace Backspace Ctrl-Backspace");
	assert_string_equal(e.text.p, "one two ");
	press(&e, "Home Del Del Del");
	assert_string_equal(e.text.p, " two ");
	assert_true(editor_undo(&e));
	assert_string_equal(e.text.p, "one two ");
	assert_true(editor_undo(&e));
	assert_string_equal(e.text.p, "one two three");
	assert_false(editor_undo(&e));
	assert_true(editor_redo(&e));
	assert_true(editor_redo(&e));
	assert_string_equal(e.text.p, " two ");
	editor_release(&e);
}

static void editor_undo__a_paste_is_one_step(void **state)
{
	static const char text[] = "two lines\nof text";
	struct key k = {.code = UKEY_PASTE, .paste = text, .paste_len = sizeof(text) - 1};
	struct editor e;
	(void)state;

	editor_init(&e, false);
	type(&e, "ab");
	editor_key(&e, &k);
	type(&e, "cd");
	assert_string_equal(e.text.p, "abtwo lines\nof textcd");
	editor_undo(&e);
	assert_string_equal(e.text.p, "abtwo lines\nof text");
	editor_undo(&e);
	assert_string_equal(e.text.p, "ab");
	editor_release(&e);
}

static void editor_insert__too_much_changes_nothing(void **state)
{
	char *big = malloc(EDITOR_MAX + 1);
	struct editor e;
	(void)state;

	memset(big, 'x', EDITOR_MAX + 1);
	editor_init(&e, false);
	type(&e, "a");
	editor_insert(&e, big, EDITOR_MAX + 1);
	assert_true(e.is_full);
	assert_string_equal(e.text.p, "a");
	editor_insert(&e, big, EDITOR_MAX);
	assert_true(e.is_full);
	assert_string_equal(e.text.p, "a");
	editor_insert(&e, big, EDITOR_MAX - 1);
	assert_false(e.is_full);
	assert_int_equal(e.text.len, EDITOR_MAX);
	assert_true(editor_undo(&e));
	assert_string_equal(e.text.p, "a");
	editor_release(&e);
	free(big);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* The lines are those of a text wrapped from the start. */
static void check_lines(const struct editor *e)
{
	struct editor fresh;

	editor_init(&fresh, false);
	editor_set(&fresh, e->text.p);
	editor_wrap(&fresh, e->width, 10);
	assert_int_equal(fresh.n_lines, e->n_lines);
	for (size_t i = 0; i < e->n_lines; i++) {
		assert_int_equal(fresh.lines[i].start, e->lines[i].start);
		assert_int_equal(fresh.lines[i].len, e->lines[i].len);
		assert_int_equal(fresh.lines[i].is_quote, e->lines[i].is_quote);
	}
	editor_release(&fresh);
}

/* Only the lines around a change are wrapped again, and nobody can tell. */
static void editor_rewrap__after_any_change_is_a_whole_wrap(void **state)
{
	static const char *const pieces[] = {"word ", "a", " ", "\n", "\n\n", "> ", ">",
		"longerword ", "e\xCC\x81", "\xE6\x97\xA5\xE6\x9C\xAC",
		"two words and a bit more than a line of text ",
		"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9",
		"unbreakablewordthatislongerthanaline"};
	uint32_t seed = 4;
	struct editor e;
	(void)state;

	editor_init(&e, false);
	editor_wrap(&e, 16, 10);
	for (int i = 0; i < 3000; i++) {
		const char *piece = pieces[next_random(&seed) % ARRAY_SIZE(pieces)];

		switch (next_random(&seed) % 8) {
		case 0:
			press(&e, "Ctrl-Left Backspace");
			break;
		case 1:
			press(&e, "Ctrl-Shift-Right Del");
			break;
		case 2:
			press(&e, next_random(&seed) % 2 ? "Ctrl-Home" : "Up Up Home");
			break;
		case 3:
			editor_undo(&e);
			break;
		case 4:
			editor_redo(&e);
			break;
		case 5:
			press(&e, "Shift-Up Shift-Left Backspace Down");
			break;
		default:
			editor_insert(&e, piece, strlen(piece));
		}
		editor_wrap(&e, 16, 10);
		check_lines(&e);
	}
	editor_release(&e);
}

/* Characters of several code points are never taken apart, whichever way the cursor comes. */
static void editor_key__stops_only_between_clusters(void **state)
{
	static const char text[] = "a\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9"
				   "e\xCC\x81\xE6\x97\xA5 x";
	static const size_t stops[] = {0, 1, 12, 15, 18, 19, 20};
	struct editor e;
	(void)state;

	editor_init(&e, false);
	editor_set(&e, text);
	editor_wrap(&e, 40, 5);
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++) {
		assert_int_equal(e.cur, stops[i]);
		press(&e, "Right");
	}
	for (size_t i = ARRAY_SIZE(stops); i-- > 0;) {
		assert_int_equal(e.cur, stops[i]);
		press(&e, "Left");
	}
	editor_release(&e);
}

static void editor_key__up_and_down_keep_the_column(void **state)
{
	struct editor e;
	(void)state;

	editor_init(&e, false);
	editor_set(&e, "long first line\nx\nlong third line");
	editor_wrap(&e, 40, 10);
	press(&e, "Right Right Right Right Right Down Down");
	assert_int_equal(e.cur, strlen("long first line\nx\nlong "));
	press(&e, "Up Up");
	assert_int_equal(e.cur, 5);
	editor_release(&e);
}

static void key_parse__names_both_ways(void **state)
{
	static const char *const names[] = {"j", "Ctrl-D", "Alt-S", "Shift-Tab", "PgDn", "Space",
		"Esc", "#", "Ctrl-Shift-Left", "\""};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(64);
		struct key k;

		assert_true(key_parse(names[i], strlen(names[i]), &k));
		key_add_name(&b, &k);
		if (strcmp(names[i], "Ctrl-Shift-Left") != 0)
			assert_string_equal(b.p, names[i]);
	}
}

/* On no kind of screen has a key two meanings, in either keymap. */
static void keymap_init__no_key_means_two_things(void **state)
{
	static const char *const styles[] = {"gmail", "mutt"};
	(void)state;

	for (size_t s = 0; s < ARRAY_SIZE(styles); s++) {
		struct keymap m;

		keymap_init(&m, styles[s]);
		for (size_t i = 0; i < m.n; i++)
			for (size_t k = i + 1; k < m.n; k++) {
				const struct binding *a = &m.v[i], *b = &m.v[k];
				bool is_same = a->where & b->where &&
					       key_equal(&a->first, &b->first) &&
					       (a->second.code == UKEY_NONE ||
						       b->second.code == UKEY_NONE ||
						       key_equal(&a->second, &b->second));

				if (is_same)
					fail_msg("%s: %s and %s share a key", styles[s],
						action_table[a->action].name,
						action_table[b->action].name);
			}
		keymap_release(&m);
	}
}

static void action_table__every_action_can_be_found_and_read(void **state)
{
	(void)state;

	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		assert_true(action_table[a].name[0]);
		assert_true(action_table[a].label[0]);
		assert_true(action_table[a].help[0]);
		assert_true(action_table[a].where);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(editor_undo__takes_back_a_word_at_a_time),
		cmocka_unit_test(editor_undo__new_typing_ends_redo),
		cmocka_unit_test(editor_undo__deletions_in_a_row_are_one),
		cmocka_unit_test(editor_undo__a_paste_is_one_step),
		cmocka_unit_test(editor_insert__too_much_changes_nothing),
		cmocka_unit_test(editor_rewrap__after_any_change_is_a_whole_wrap),
		cmocka_unit_test(editor_key__stops_only_between_clusters),
		cmocka_unit_test(editor_key__selection_is_replaced),
		cmocka_unit_test(editor_key__moves_and_deletes_by_clusters),
		cmocka_unit_test(editor_insert__paste_is_made_harmless),
		cmocka_unit_test(editor_wrap__breaks_at_blanks_and_keeps_every_byte),
		cmocka_unit_test(editor_key__up_and_down_keep_the_column),
		cmocka_unit_test(key_parse__names_both_ways),
		cmocka_unit_test(keymap_init__no_key_means_two_things),
		cmocka_unit_test(action_table__every_action_can_be_found_and_read),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
