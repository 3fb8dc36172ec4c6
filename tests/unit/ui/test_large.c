/* test_large.c - a conversation of thousands, and counting that gives way to whatever is wanted. */
#include "config.h"

#include <stdlib.h>

#include "crmail/base/event.h"
#include "crmail/base/mem.h"
#include "flow.h"

enum { MANY = 10000 };

/* One conversation: three people, of whom one writes her address in two ways. */
static void fill_long(struct flow *f)
{
	static const struct {
		const char *name, *addr;
	} people[] = {{"Ada", "ada@example.test"}, {"Ada", "ADA@Example.test"},
		{"Ben", "ben@example.test"}, {"Cleo", "cleo@example.test"}};

	flow_fill_many(f, MANY);
	for (size_t i = 0; i < MANY; i++) {
		f->store.mail[i].thread = 1;
		f->store.mail[i].from_name = people[i % ARRAY_SIZE(people)].name;
		f->store.mail[i].from_addr = people[i % ARRAY_SIZE(people)].addr;
	}
}

static int open_long(void **state)
{
	struct flow *f = xcalloc(1, sizeof(*f));

	flow_open(f, fill_long, 24, 80, NULL);
	*state = f;
	return 0;
}

static void tell(struct flow *f, int64_t thread)
{
	flow_tell(f, (struct event){.type = EV_MESSAGES, .arg = thread, .count = 1});
}

static void thread__names_everybody_once__of_ten_thousand(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter");
	assert_true(screen_shows(&f->s, "10000 messages · Ada, Ben, Cleo, you"));
	assert_false(screen_shows(&f->s, "more"));
}

static void thread__stays_where_it_is__when_one_of_ten_thousand_goes(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter p p Enter");
	assert_true(screen_shows(&f->s, "10000 messages"));
	f->store.mail[0].thread = 2;
	tell(f, 1);
	assert_true(screen_shows(&f->s, "9999 messages"));
	screen_keys(&f->s, "p Enter");
	assert_false(screen_shows(&f->s, "Opening"));
}

static void thread__is_not_read_again__for_mail_of_another(void **state)
{
	struct flow *f = *state;

	screen_keys(&f->s, "Enter");
	f->store.mail[0].thread = 2;
	tell(f, 77);
	assert_true(screen_shows(&f->s, "10000 messages"));
	tell(f, 0);
	assert_true(screen_shows(&f->s, "9999 messages"));
}

static void thread__shows_every_unread_message__when_one_gets_there(void **state)
{
	enum { UNREAD = 200 };
	struct flow *f = *state;

	for (size_t i = MANY - UNREAD; i < MANY; i++)
		f->store.mail[i].flags = 0;
	screen_keys(&f->s, "Enter");
	assert_true(screen_shows(&f->s, "10000 messages"));
	for (int i = 0; i < UNREAD; i += 3) {
		screen_keys(&f->s, "PgDn");
		assert_false(screen_shows(&f->s, "Opening"));
	}
	screen_keys(&f->s, "G");
	assert_false(screen_shows(&f->s, "Opening"));
}

static void search__is_counted_again__when_something_else_stopped_it(void **state)
{
	struct flow *f = *state;

	f->store.n_stops = 3;
	screen_keys(&f->s, "/ 'angebot");
	assert_int_equal(f->store.n_stops, 0);
	assert_true(screen_shows(&f->s, "1 message"));
	assert_true(screen_shows(&f->s, "Frage zum Angebot"));
}

#define LARGE(test, open) cmocka_unit_test_setup_teardown(test, open, flow_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LARGE(thread__names_everybody_once__of_ten_thousand, open_long),
		LARGE(thread__stays_where_it_is__when_one_of_ten_thousand_goes, open_long),
		LARGE(thread__is_not_read_again__for_mail_of_another, open_long),
		LARGE(thread__shows_every_unread_message__when_one_gets_there, open_long),
		LARGE(search__is_counted_again__when_something_else_stopped_it, flow_up),
	};

	flow_set_locale();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
