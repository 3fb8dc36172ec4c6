/* test_people.c - address fields: tokens of a line, completion by keys, tidying. */
#include "config.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crmail/base/arena.h"
#include "screen.h"
#include "tests/unit/unit.h"
#include "ui/views/compose.h"

/* The tokens, each in brackets; the open one without the closing one. */
static void check_split(const char *text, const char *want)
{
	struct people_token t[8];
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
	size_t n = people_split(text, strlen(text), t, ARRAY_SIZE(t));

	for (size_t i = 0; i < n; i++) {
		buf_addch(&b, '[');
		buf_add(&b, text + t[i].start, t[i].len);
		if (t[i].state != TOKEN_OPEN)
			buf_addch(&b, ']');
	}
	assert_string_equal(b.p, want);
}

static void people_split__separates_where_no_quote_protects(void **state)
{
	(void)state;
	check_split("", "");
	check_split("a@x.test", "[a@x.test");
	check_split(" a@x.test , b", "[a@x.test][b");
	check_split("\"Palmer, Laura\" <l@x.test>; b@y.test,",
		"[\"Palmer, Laura\" <l@x.test>][b@y.test]");
	check_split("l@x.test (at home, mostly), b", "[l@x.test (at home, mostly)][b");
	check_split("\"a \\\" , b\" <c@x.test>,", "[\"a \\\" , b\" <c@x.test>]");
	check_split(",,;, a", "[a");
	check_split("<a@x.test,b@y.test>,c", "[<a@x.test,b@y.test>][c");
}

static void people_split__stops_at_its_limit(void **state)
{
	struct people_token t[2];
	(void)state;

	assert_int_equal(people_split("a,b,c,d", 7, t, 2), 2);
}

static void people_parse__takes_one_address_and_nothing_else(void **state)
{
	static const char *const bad[] = {"", "laura", "@x.test", "a@", "a b@x.test",
		"a@x.test, b@y.test", "a@.test", "<a@x.test"};
	struct arena a = ARENA_INIT;
	struct addr who;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (people_parse(&a, bad[i], strlen(bad[i]), &who) && strcmp(bad[i], "<a@x.test"))
			fail_msg("taken: %s", bad[i]);
	assert_true(people_parse(&a, "\"Palmer, L.\" <l@x.test>", 23, &who));
	assert_string_equal(who.name, "Palmer, L.");
	assert_string_equal(who.addr, "l@x.test");
	arena_release(&a);
}

static void people_add_addr__is_read_back(void **state)
{
	static const char *const names[] = {
		"Laura Palmer", "Palmer, Laura", "A \"B\" C\\", "J. R.", "日本"};
	struct arena a = ARENA_INIT;
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct addr in = {names[i], "l@x.test"};
		CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
		struct addr out;

		people_add_addr(&b, &in);
		assert_true(people_parse(&a, b.p, b.len, &out));
		assert_string_equal(out.name, names[i]);
	}
	arena_release(&a);
}

struct people_test {
	struct store store;
	struct screen s;
};

static struct people_test *start(void)
{
	struct people_test *t = calloc(1, sizeof(*t));

	fake_store_fill(&t->store);
	screen_open(&t->s, &t->store, 24, 100);
	screen_keys(&t->s, "c");
	return t;
}

static void finish(struct people_test *t)
{
	screen_close(&t->s);
	fake_store_release(&t->store);
	free(t);
}

static const char *field(const struct people_test *t, enum field f)
{
	return compose_data_of(ui_top(&t->s.ui))->fields[f].text.p;
}

static void paste(struct people_test *t, const char *text)
{
	const struct key k = {.code = UKEY_PASTE, .paste = text, .paste_len = strlen(text)};

	ui_key(&t->s.ui, &k);
	ui_turn(&t->s.ui);
}

static void people_field__completes_and_takes_back_whole_people(void **state)
{
	struct people_test *t = start();
	(void)state;

	screen_keys(&t->s, "'pal Enter");
	assert_string_equal(field(t, FIELD_TO), "Laura Palmer <laura@dafaneto.example>, ");
	screen_keys(&t->s, "'kr Down Up Tab");
	assert_string_equal(field(t, FIELD_TO),
		"Laura Palmer <laura@dafaneto.example>, Björn Krüger <bjoern@tolabe.example>, ");
	screen_keys(&t->s, "Backspace");
	assert_string_equal(field(t, FIELD_TO), "Laura Palmer <laura@dafaneto.example>, ");
	screen_keys(&t->s, "Ctrl-Z");
	assert_string_equal(field(t, FIELD_TO),
		"Laura Palmer <laura@dafaneto.example>, Björn Krüger <bjoern@tolabe.example>, ");
	/* Who is there already is not offered again. */
	screen_keys(&t->s, "'pal");
	assert_int_equal(compose_data_of(ui_top(&t->s.ui))->n_suggest, 0);
	finish(t);
}

static void people_field__esc_keeps_what_was_typed(void **state)
{
	struct people_test *t = start();
	(void)state;

	screen_keys(&t->s, "'pal Esc");
	assert_string_equal(field(t, FIELD_TO), "pal");
	screen_keys(&t->s, "Backspace");
	assert_string_equal(field(t, FIELD_TO), "pa");
	assert_true(compose_data_of(ui_top(&t->s.ui))->n_suggest > 0);
	finish(t);
}

static void people_field__pasted_lists_and_groups_become_one_list(void **state)
{
	struct people_test *t = start();
	(void)state;

	paste(t, "\"Doe, A\" <a@x.test>,\n b@y.test;c@z.test\nTeam: d@x.test, a@X.test;\n");
	screen_keys(&t->s, "Tab");
	assert_string_equal(field(t, FIELD_TO),
		"\"Doe, A\" <a@x.test>, b@y.test, c@z.test, d@x.test");
	/* One step back is the paste as it came. */
	screen_keys(&t->s, "Shift-Tab Ctrl-Z");
	assert_non_null(strstr(field(t, FIELD_TO), "Team:"));
	finish(t);
}

static void people_field__drops_who_stands_in_another_field(void **state)
{
	struct people_test *t = start();
	(void)state;

	screen_keys(&t->s, "'a@x.test Alt-C 'b@y.test,A@X.test Tab");
	assert_string_equal(field(t, FIELD_CC), "b@y.test");
	assert_string_equal(field(t, FIELD_TO), "a@x.test");
	assert_true(screen_shows(&t->s, "A@X.test is among the recipients already."));
	finish(t);
}

static void people_field__what_is_no_address_blocks_and_gets_the_cursor_back(void **state)
{
	struct people_test *t = start();
	(void)state;

	screen_keys(&t->s, "'a@x.test,nobody Tab Alt-S");
	assert_true(screen_shows(&t->s, "Not an address: nobody"));
	screen_keys(&t->s, "Enter Alt-S");
	assert_int_equal(t->store.n_outbox, 0);
	screen_keys(&t->s, "Esc");
	assert_int_equal(compose_data_of(ui_top(&t->s.ui))->focus, FIELD_TO);
	finish(t);
}

static void people_view__puts_the_chosen_one_into_the_field(void **state)
{
	struct people_test *t = start();
	(void)state;

	screen_keys(&t->s, "'a@x.test Ctrl-T 'nobody Enter");
	screen_keys(&t->s, "Backspace Backspace Backspace Backspace Backspace Backspace");
	screen_keys(&t->s, "'bjoern Enter");
	assert_string_equal(field(t, FIELD_TO), "a@x.test, Björn Krüger <bjoern@tolabe.example>, ");
	screen_keys(&t->s, "Ctrl-T 'bjoern Enter");
	assert_true(screen_shows(&t->s, "is among the recipients already."));
	finish(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_split__separates_where_no_quote_protects),
		cmocka_unit_test(people_split__stops_at_its_limit),
		cmocka_unit_test(people_parse__takes_one_address_and_nothing_else),
		cmocka_unit_test(people_add_addr__is_read_back),
		cmocka_unit_test(people_field__completes_and_takes_back_whole_people),
		cmocka_unit_test(people_field__esc_keeps_what_was_typed),
		cmocka_unit_test(people_field__pasted_lists_and_groups_become_one_list),
		cmocka_unit_test(people_field__drops_who_stands_in_another_field),
		cmocka_unit_test(people_field__what_is_no_address_blocks_and_gets_the_cursor_back),
		cmocka_unit_test(people_view__puts_the_chosen_one_into_the_field),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
