/* test_sidebar.c - hundreds of folders beside the list: a tree, moved through by pages. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crmail/base/event.h"
#include "screen.h"
#include "tests/unit/unit.h"
#include "ui/views/list.h"

enum { PROJECTS = 300, ROWS = 30, COLS = 120 };

static struct store store;
static char names[PROJECTS][40];

static void add_folder(const char *name)
{
	size_t n = store.n_folders++;
	store.folders[n] = (struct folder_row){.id = 100 + (int64_t)n, .account = 1, .name = name};
}

static void open_many(struct screen *s)
{
	fake_store_fill(&store);
	for (int i = 0; i < PROJECTS; i++) {
		snprintf(names[i], sizeof(names[i]), "Customers/%02d/Project %04d", i / 50, i);
		add_folder(names[i]);
	}
	add_folder("Customers of old"); /* by its letters between the two */
	add_folder("Nowhere/Deep/Down/The/Rabbit/Hole");
	screen_open(s, &store, ROWS, COLS);
	screen_keys(s, "Tab");
}

static void close_many(struct screen *s)
{
	screen_close(s);
	fake_store_release(&store);
}

static const struct sidebar *sidebar_of(const struct screen *s)
{
	return &list_data_of(s->ui.stack[0])->sidebar;
}

static const char *focus(const struct screen *s)
{
	const struct sidebar *b = sidebar_of(s);
	const struct sidebar_entry *p = &b->v[b->sel];
	return p->name ? p->name : p->label;
}

static void folders__stand_in_a_tree__once_each(void **state)
{
	struct screen s;
	size_t n = 0, deep = 0;
	(void)state;
	open_many(&s);
	const struct sidebar *b = sidebar_of(&s);
	for (size_t i = 0; i < b->n; i++) {
		n += b->v[i].name != NULL;
		deep += b->v[i].is_heading && b->v[i].depth > 0;
		if (b->v[i].name && strcmp(b->v[i].name, "Customers") == 0)
			assert_string_equal(b->v[i + 1].label, "00");
	}
	assert_int_equal(n, PROJECTS + 4); /* Customers, Offers and the two more */
	assert_int_equal(deep, 6 + 5);     /* 00 to 05; Nowhere to Rabbit */
	close_many(&s);
}

static void keys__go_through_it__by_pages_and_to_the_ends(void **state)
{
	struct screen s;
	(void)state;
	open_many(&s);
	screen_keys(&s, "G");
	assert_string_equal(focus(&s), "Offers");
	assert_true(screen_shows(&s, "Offers"));
	screen_keys(&s, "PgUp");
	size_t at = sidebar_of(&s)->sel;
	assert_true(at < sidebar_of(&s)->n - 20);
	assert_true(sidebar_of(&s)->top <= at);
	screen_keys(&s, "PgDn g g");
	assert_int_equal(sidebar_of(&s)->sel, 0);
	assert_int_equal(sidebar_of(&s)->top, 0);
	screen_keys(&s, "Ctrl-D Ctrl-U");
	assert_int_equal(sidebar_of(&s)->sel, 0);
	close_many(&s);
}

static void place__is_named__with_its_whole_path(void **state)
{
	struct screen s;
	(void)state;
	open_many(&s);
	screen_keys(&s, "G k Enter");
	assert_true(screen_shows(&s, "crmail  Nowhere/Deep/Down/The/Rabbit/Hole"));
	close_many(&s);
}

/* A sync brings folders while somebody looks for one. */
static void focus__stays_on_its_folder__others_come_above(void **state)
{
	struct screen s;
	const struct event ev = {.type = EV_FOLDERS, .account = 1, .count = 1};
	(void)state;
	open_many(&s);
	screen_keys(&s, "G k");
	size_t before = sidebar_of(&s)->n;
	assert_string_equal(focus(&s), "Nowhere/Deep/Down/The/Rabbit/Hole");
	add_folder("Another");
	screen_set_now(&s, FAKE_NOW + 1);
	event_post(s.events, &ev);
	screen_keys(&s, "j k");
	assert_string_equal(focus(&s), "Nowhere/Deep/Down/The/Rabbit/Hole");
	assert_int_equal(sidebar_of(&s)->n, before + 1);
	close_many(&s);
}

/* Each page that a sync brings is an event: so many folders are read again twice a second. */
static void many__are_read_again__now_and_then(void **state)
{
	struct screen s;
	const struct event ev = {.type = EV_FOLDERS, .account = 1, .count = 1};
	(void)state;
	open_many(&s);
	size_t before = sidebar_of(&s)->n;
	add_folder("Another");
	event_post(s.events, &ev);
	screen_keys(&s, "j");
	assert_int_equal(sidebar_of(&s)->n, before);
	assert_true(ui_timeout_ms(&s.ui) >= 0); /* it wakes up by itself */
	screen_set_now(&s, FAKE_NOW + 1);
	ui_turn(&s.ui);
	assert_int_equal(sidebar_of(&s)->n, before + 1);
	close_many(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders__stand_in_a_tree__once_each),
		cmocka_unit_test(keys__go_through_it__by_pages_and_to_the_ends),
		cmocka_unit_test(place__is_named__with_its_whole_path),
		cmocka_unit_test(focus__stays_on_its_folder__others_come_above),
		cmocka_unit_test(many__are_read_again__now_and_then),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
