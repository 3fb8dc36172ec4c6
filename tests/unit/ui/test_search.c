/* test_search.c - searching as one types: the field, the results, what servers add. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/ask.h"
#include "crmail/base/event.h"
#include "crmail/base/mem.h"
#include "flow.h"

static void fill_many(struct flow *f)
{
	flow_fill_many(f, 400);
}

static int open_many(void **state)
{
	struct flow *f = xcalloc(1, sizeof(*f));

	flow_open(f, fill_many, 24, 80, "/ 'subject Enter");
	*state = f;
	return 0;
}

static void search__esc_returns_to_the_place_left(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "j j / 'laura");
	assert_true(screen_shows(&f->s, "Laura Palmer  Dafaneto  laura@dafaneto.example"));
	screen_keys(&f->s, "Esc");
	assert_true(screen_shows(&f->s, "crmail  Inbox"));
	assert_int_equal(f->s.ui.grid.cursor_row, 2 + 2 * 2);
}

static void search__is_kept_in_the_sidebar_and_taken_out(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "/ 'angebot Enter Ctrl-S Esc");
	assert_true(screen_shows(&f->s, "   angebot          1"));
	/* Its count follows what is read. */
	screen_keys(&f->s, "j I");
	flow_tell(f, (struct event){.type = EV_MESSAGES, .count = 1});
	assert_true(screen_shows(&f->s, "   angebot            │"));
	screen_keys(&f->s, "U");
	flow_tell(f, (struct event){.type = EV_MESSAGES, .count = 1});
	assert_true(screen_shows(&f->s, "   angebot          1"));
	screen_keys(&f->s, "/ 'angebot Enter Ctrl-S Esc");
	assert_false(screen_shows(&f->s, "   angebot"));
}

static void search__enter_before_the_answer_opens_its_first(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "/ 'a");
	screen_burst(&f->s, "'ngebot Enter Enter");
	assert_true(screen_shows(&f->s, "Guten Morgen Minh"));
	assert_false(screen_shows(&f->s, "crmail  Search"));
}

/* What follows that Enter is for the conversation, which is not there yet either. */
static void search__keys_before_the_answer__find_what_they_are_for(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "/ 'a");
	screen_burst(&f->s, "'ngebot Enter Enter r");
	assert_true(screen_shows(&f->s, "Re: Frage zum Angebot"));
	screen_keys(&f->s, "Esc Esc Esc / 'a");
	screen_burst(&f->s, "'ngebot Enter r");
	assert_true(screen_shows(&f->s, "Re: Frage zum Angebot"));
	screen_keys(&f->s, "Esc Esc / 'a");
	screen_burst(&f->s, "'ngebot Enter / 's");
	assert_true(screen_shows(&f->s, "/ angebots"));
}

/* Where there are hits they lead there, and where there are none the field keeps the keys. */
static void search__down_and_tab_before_the_answer__lead_to_its_hits(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "/");
	screen_burst(&f->s, "'angebot Down r");
	assert_true(screen_shows(&f->s, "Re: Frage zum Angebot"));
	screen_keys(&f->s, "Esc Esc /");
	screen_burst(&f->s, "'angebot Tab r");
	assert_true(screen_shows(&f->s, "Re: Frage zum Angebot"));
	screen_keys(&f->s, "Esc Esc / 'a");
	screen_burst(&f->s, "'zzz Down 'x");
	assert_true(screen_shows(&f->s, "/ azzzx"));
}

static void search__pages_typed_ahead__lead_as_far(void **state)
{
	struct flow *f = *state;

	for (int i = 0; i < 25; i++)
		screen_keys(&f->s, "PgDn");
	char *there = strdup(screen_dump(&f->s));
	screen_keys(&f->s, "Enter");
	char *opened = strdup(screen_dump(&f->s));
	screen_keys(&f->s, "q q / 'subject Enter");
	screen_burst(&f->s, PAGES_20 PAGES_5);
	assert_string_equal(screen_dump(&f->s), there);
	screen_keys(&f->s, "q / 'subject Enter");
	screen_burst(&f->s, PAGES_20 "g g " PAGES_20 PAGES_5 "PgDn PgUp Enter");
	assert_string_equal(screen_dump(&f->s), opened);
	screen_keys(&f->s, "q q / 'subject Enter");
	screen_burst(&f->s, PAGES_20 PAGES_20 PAGES_20 "Enter");
	assert_true(screen_shows(&f->s, "subject 0"));
	free(there);
	free(opened);
}

static void search__bad_page__is_read_again_with_the_next_key(void **state)
{
	struct flow *f = *state;

	f->store.n_bad_pages = 100;
	screen_burst(&f->s, PAGES_20);
	for (int i = 0; i < 5; i++)
		flow_turn(f);
	assert_int_equal(f->store.n_bad_pages, 99);
	flow_shows(f, "The disk is on fire.");
	f->store.n_bad_pages = 0;
	screen_burst(&f->s, PAGES_20 PAGES_20 PAGES_20);
	flow_shows(f, "subject 0 ");
}

static void search__people_and_partners_stand_on_top(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "/ 'dafaneto");
	assert_true(screen_shows(&f->s, "Dafaneto  partner"));
	assert_true(screen_shows(&f->s, "Laura Palmer  Dafaneto  laura@dafaneto.example"));
	assert_true(screen_row_of(&f->s, "Dafaneto  partner") <
		    screen_row_of(&f->s, "Re: Deadline order"));
	screen_keys(&f->s, "'zzz");
	assert_false(screen_shows(&f->s, "partner"));
}

/* A worker that is asked: what for, how often, and what it answers. */
struct worker {
	char text[64];
	int64_t asked, cancelled;
	struct err answer;
	bool has_answer;
};

static int64_t fake_ask(void *ctx, const struct ask *what)
{
	struct worker *w = ctx;

	assert_int_equal(what->kind, ASK_SEARCH);
	snprintf(w->text, sizeof(w->text), "%s", what->text);
	return ++w->asked;
}

static bool fake_answer(void *ctx, int64_t number, struct err *e)
{
	struct worker *w = ctx;

	if (!w->has_answer || number != w->asked)
		return false;
	*e = w->answer;
	w->has_answer = false;
	return true;
}

static void fake_cancel(void *ctx, int64_t number)
{
	((struct worker *)ctx)->cancelled = number;
}

static void answer_comes(struct flow *f, struct worker *w)
{
	w->has_answer = true;
	flow_tell(f, (struct event){.type = EV_REPLY, .arg = w->asked, .count = 1});
	ui_turn(&f->s.ui);
}

static void search__goes_on_at_the_servers(void **state)
{
	struct flow *f = *state;
	struct worker w = {.asked = 0};

	f->s.ui.o.hooks = (struct ui_hooks){
		.ctx = &w, .ask = fake_ask, .answer = fake_answer, .cancel = fake_cancel};
	screen_keys(&f->s, "/ 'angebot");
	assert_int_equal(w.asked, 0); /* not while one types */
	screen_set_now(&f->s, FAKE_NOW + 1);
	ui_turn(&f->s.ui);
	assert_int_equal(w.asked, 1);
	assert_string_equal(w.text, "angebot");
	assert_true(screen_shows(&f->s, "1 message · asking the servers"));
	f->store.found = 3;
	answer_comes(f, &w);
	assert_false(screen_shows(&f->s, "asking the servers"));
	assert_true(screen_shows(&f->s, "⇣"));
	assert_true(screen_row_of(&f->s, "Frage zum Angebot") < screen_row_of(&f->s, "⇣"));
	screen_set_now(&f->s, FAKE_NOW + 5);
	ui_turn(&f->s.ui);
	assert_int_equal(w.asked, 1); /* once for a query */
	screen_keys(&f->s, "'en");
	assert_false(screen_shows(&f->s, "⇣"));
	screen_set_now(&f->s, FAKE_NOW + 9);
	ui_turn(&f->s.ui);
	assert_int_equal(w.asked, 2);
	w.answer.code = ERR_NET;
	f->store.found = 0;
	answer_comes(f, &w);
	assert_true(screen_shows(&f->s, "not every server answered"));
	screen_keys(&f->s, "'x");
	screen_set_now(&f->s, FAKE_NOW + 12);
	ui_turn(&f->s.ui);
	screen_keys(&f->s, "Esc");
	assert_int_equal(w.cancelled, w.asked);
}

/* The same words asked again do not put what servers found aside. */
static void search__found_at_the_servers__stays_when_asked_again(void **state)
{
	struct flow *f = *state;
	struct worker w = {.has_answer = false};

	f->s.ui.o.hooks = (struct ui_hooks){
		.ctx = &w, .ask = fake_ask, .answer = fake_answer, .cancel = fake_cancel};
	screen_keys(&f->s, "/ 'wombat");
	screen_set_now(&f->s, FAKE_NOW + 1);
	ui_turn(&f->s.ui);
	f->store.found = 3;
	w.has_answer = true;
	event_post(f->s.events, &(struct event){.type = EV_REPLY, .arg = w.asked, .count = 1});
	ui_events(&f->s.ui);
	screen_keys(&f->s, "Enter");
	flow_shows(f, "⇣");
}

static void search__a_wrong_query_says_so(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "/ '\"open"); /* may still get its end */
	assert_false(screen_shows(&f->s, "The phrase has no end."));
	screen_keys(&f->s, "Enter");
	assert_true(screen_shows(&f->s, "The phrase has no end."));
	screen_keys(&f->s, "/ Backspace Backspace Backspace Backspace Backspace 'angebot");
	assert_true(screen_shows(&f->s, "Frage zum Angebot"));
}

/* Hits of the query before are not what keys after a wrong one are for. */
static void search__keys_after_a_wrong_query__do_nothing(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "/ 'a");
	assert_true(screen_shows(&f->s, "Frage zum Angebot"));
	screen_burst(&f->s, "Backspace '\"b Enter #");
	assert_true(screen_shows(&f->s, "The phrase has no end."));
	screen_keys(&f->s, "#");
	assert_false(screen_shows(&f->s, "Moved to the trash"));
}

static void search__hints_are_of_the_field_or_the_results(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "/ 'angebot");
	assert_true(screen_shows(&f->s, "Ctrl-S keep search"));
	assert_true(screen_shows(&f->s, "Esc back"));
	assert_false(screen_shows(&f->s, "r reply")); /* would be a letter */
	screen_keys(&f->s, "Enter");
	assert_true(screen_shows(&f->s, "r reply"));
}

#define SEARCH(name) cmocka_unit_test_setup_teardown(name, flow_up, flow_down)
#define MANY(name) cmocka_unit_test_setup_teardown(name, open_many, flow_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SEARCH(search__esc_returns_to_the_place_left),
		SEARCH(search__is_kept_in_the_sidebar_and_taken_out),
		SEARCH(search__enter_before_the_answer_opens_its_first),
		SEARCH(search__keys_before_the_answer__find_what_they_are_for),
		SEARCH(search__down_and_tab_before_the_answer__lead_to_its_hits),
		MANY(search__pages_typed_ahead__lead_as_far),
		MANY(search__bad_page__is_read_again_with_the_next_key),
		SEARCH(search__people_and_partners_stand_on_top),
		SEARCH(search__goes_on_at_the_servers),
		SEARCH(search__found_at_the_servers__stays_when_asked_again),
		SEARCH(search__a_wrong_query_says_so),
		SEARCH(search__keys_after_a_wrong_query__do_nothing),
		SEARCH(search__hints_are_of_the_field_or_the_results),
	};

	flow_set_locale();
	return cmocka_run_group_tests_name("ui/search", tests, NULL, NULL);
}
