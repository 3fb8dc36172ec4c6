/* test_imap_folders.c - the list of folders of servers that say the same again, or say too much. */
#include "config.h"

#include "imap_script.h"

#include <string.h>

#define LIST "LIST \"\" \"*\""

struct listed {
	struct imap_script sc;
	struct imap_step step;
	struct buf answer;
	struct arena a;
	struct folder_list list;
};

static void open_list(struct listed *l)
{
	*l = (struct listed){.answer = BUF_INIT(BUF_UNLIMITED), .a = ARENA_INIT};
}

static void add_many(struct listed *l, const char *name, int n)
{
	for (int i = 0; i < n; i++)
		buf_addf(&l->answer, "* LIST () \"/\" %s%d\r\n", name, i);
}

static void list(struct listed *l)
{
	struct err e = ERR_INIT;
	buf_addstr(&l->answer, "%T OK done\r\n");
	l->step = (struct imap_step){LIST, l->answer.p};
	imap_script_open(&l->sc, "", &l->step, 1);
	assert_int_equal(l->sc.s->base.ops->folders(&l->sc.s->base, &l->a, &l->list, &e), 0);
}

static void close_list(struct listed *l)
{
	imap_script_close(&l->sc);
	buf_release(&l->answer);
	arena_release(&l->a);
}

static void folders__count_once__repeated_ones(void **state)
{
	struct listed l;
	(void)state;
	open_list(&l);
	buf_addstr(&l.answer, "* LIST () \"/\" inbox\r\n");
	for (int i = 0; i < 3; i++)
		add_many(&l, "same", IMAP_MAX_FOLDERS / 2);
	buf_addstr(&l.answer, "* LIST () \"/\" INBOX\r\n* LIST (\\Sent) \"/\" Late\r\n");
	list(&l);
	assert_int_equal(l.list.n, IMAP_MAX_FOLDERS / 2 + 2);
	assert_string_equal(l.list.v[0].server_name, "inbox");
	assert_string_equal(l.list.v[1].name, "same0");
	assert_string_equal(l.list.v[l.list.n - 1].name, "Late");
	assert_int_equal(l.list.v[l.list.n - 1].role, FOLDER_SENT);
	assert_false(l.list.is_cut);
	close_list(&l);
}

static void folders__are_all_there__as_many_as_are_taken(void **state)
{
	struct listed l;
	(void)state;
	open_list(&l);
	add_many(&l, "box", IMAP_MAX_FOLDERS);
	add_many(&l, "box", IMAP_MAX_FOLDERS);
	add_many(&l, "box", IMAP_MAX_FOLDERS);
	list(&l);
	assert_int_equal(l.list.n, IMAP_MAX_FOLDERS);
	assert_false(l.list.is_cut);
	close_list(&l);
}

static void folders__are_cut_and_say_so__too_many(void **state)
{
	struct listed l;
	(void)state;
	for (int more = 1; more < IMAP_MAX_FOLDERS * 3; more *= 300) {
		open_list(&l);
		add_many(&l, "box", IMAP_MAX_FOLDERS + more);
		list(&l);
		assert_int_equal(l.list.n, IMAP_MAX_FOLDERS);
		assert_string_equal(l.list.v[0].name, "box0");
		assert_true(l.list.is_cut);
		close_list(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders__count_once__repeated_ones),
		cmocka_unit_test(folders__are_all_there__as_many_as_are_taken),
		cmocka_unit_test(folders__are_cut_and_say_so__too_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
