/* test_label.c - labels as further folders: shown at once, copied once, taken off, undone. */
#include "config.h"

#include <string.h>

#include "crmail/store/message.h"
#include "crmail/store/opqueue.h"
#include "tests/unit/store/letters.h"

struct box {
	struct fixture *f;
	int64_t account, inbox, offers, message, thread;
};

static struct box make_box(void **state)
{
	struct box b = {.f = *state};
	b.account = letters_account(b.f, "work");
	b.inbox = letters_folder(b.f, b.account, "INBOX", FOLDER_INBOX);
	b.offers = letters_folder(b.f, b.account, "Offers", FOLDER_OTHER);
	letters_put(b.f, b.account, b.inbox,
		&(struct letter){.id = "1", .mid = "offer@client.example"}, 1, &b.message);
	b.thread = letters_thread(b.f, b.message);
	return b;
}

static int64_t label(const struct box *b, bool is_on)
{
	struct target t = {.kind = TARGET_THREADS,
		.ids = &b->thread,
		.n = 1,
		.list = {.kind = LIST_FOLDER, .folder = b->inbox}};
	int64_t group = 0;
	action_label(b->f->store, &t, b->offers, is_on, &group);
	assert_ok(b->f, store_flush(b->f->store, &b->f->err));
	letters_check_counters(b->f);
	return group;
}

static void undo(const struct box *b, int64_t group)
{
	action_undo(b->f->store, group);
	assert_ok(b->f, store_flush(b->f->store, &b->f->err));
	letters_check_counters(b->f);
}

static struct op *due(const struct box *b, size_t wanted)
{
	struct op *v;
	size_t n;
	int64_t next;
	assert_ok(b->f,
		op_due(b->f->reader, &b->f->arena, b->account, 10, &v, &n, &next, &b->f->err));
	assert_int_equal(n, wanted);
	return v;
}

static void done(const struct box *b, const struct op *o, const char *new_id)
{
	assert_ok(b->f, op_done(b->f->store, o->id, new_id, &b->f->err));
	letters_check_counters(b->f);
}

static int64_t in_list(const struct box *b, int64_t folder)
{
	struct list_spec spec = {.kind = LIST_FOLDER, .folder = folder};
	struct thread_row *rows;
	size_t n;
	assert_ok(b->f, thread_list_page(b->f->reader, &b->f->arena, &spec, NULL, false, 10, &rows,
				&n, &b->f->err));
	return (int64_t)n;
}

static size_t n_folders(const struct box *b)
{
	int64_t *v;
	size_t n;
	assert_ok(b->f,
		message_folders(b->f->reader, &b->f->arena, b->message, &v, &n, &b->f->err));
	return n;
}

static int64_t rows(const struct box *b, const char *table)
{
	char sql[64];
	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
	return fixture_sql(b->f, "crmail.db", sql);
}

static void list_offers_again(const struct box *b, const char *server_id)
{
	letters_put(b->f, b->account, b->offers,
		&(struct letter){.id = server_id, .mid = "offer@client.example"}, 1, NULL);
}

static void set__shows_in_both__copied_once(void **state)
{
	struct box b = make_box(state);
	label(&b, true);
	assert_int_equal(in_list(&b, b.inbox), 1);
	assert_int_equal(in_list(&b, b.offers), 1);
	assert_int_equal(n_folders(&b), 2);
	label(&b, true); /* already there */
	struct op *v = due(&b, 1);
	assert_int_equal(v[0].kind, OP_COPY);
	assert_string_equal(v[0].server_id, "1");
	assert_string_equal(v[0].to_folder, "Offers");
	done(&b, &v[0], "9");
	due(&b, 0);
	list_offers_again(&b, "9");
	assert_int_equal(rows(&b, "message"), 2);
	assert_int_equal(rows(&b, "placement"), 2);
	assert_int_equal(fixture_sql(b.f, "crmail.db", "SELECT count FROM thread"), 1);
}

static void set__is_known_again__server_told_no_id(void **state)
{
	struct box b = make_box(state);
	label(&b, true);
	done(&b, due(&b, 1), NULL);
	list_offers_again(&b, "9");
	assert_int_equal(rows(&b, "message"), 2);
	assert_int_equal(rows(&b, "placement"), 2);
	assert_int_equal(in_list(&b, b.offers), 1);
}

static void set__is_known_again__listed_before_it_was_reported(void **state)
{
	struct box b = make_box(state);
	label(&b, true);
	struct op *v = due(&b, 1);
	list_offers_again(&b, "9");
	done(&b, &v[0], "9");
	assert_int_equal(rows(&b, "message"), 2);
	assert_int_equal(rows(&b, "placement"), 2);
}

static void set__leaves_nothing__server_refused(void **state)
{
	struct box b = make_box(state);
	struct err why = ERR_INIT;
	label(&b, true);
	struct op *v = due(&b, 1);
	(void)err_set(&why, ERR_PROTO, "refused");
	assert_ok(b.f, op_failed(b.f->store, v[0].id, &why, 0, 1, &b.f->err));
	letters_check_counters(b.f);
	assert_int_equal(in_list(&b, b.offers), 0);
	assert_int_equal(in_list(&b, b.inbox), 1);
	assert_int_equal(rows(&b, "message"), 1);
	assert_int_equal(rows(&b, "message_party"), 2);
}

static void set__is_undone__before_and_after_the_server(void **state)
{
	struct box b = make_box(state);
	int64_t group = label(&b, true);
	undo(&b, group);
	assert_int_equal(in_list(&b, b.offers), 0);
	done(&b, due(&b, 1), "9"); /* it was on its way */
	fixture_set_clock(b.f, FIXTURE_NOW + 5);
	struct op *v = due(&b, 1);
	assert_int_equal(v[0].kind, OP_EXPUNGE);
	assert_string_equal(v[0].folder, "Offers");
	assert_string_equal(v[0].server_id, "9");
	done(&b, &v[0], NULL);
	assert_int_equal(rows(&b, "placement"), 1);
	assert_int_equal(in_list(&b, b.inbox), 1);
}

static void removed__waits_five_seconds__undo_is_free(void **state)
{
	struct box b = make_box(state);
	label(&b, true);
	done(&b, due(&b, 1), "9");
	int64_t group = label(&b, false);
	assert_int_equal(in_list(&b, b.offers), 0);
	due(&b, 0);
	undo(&b, group);
	assert_int_equal(in_list(&b, b.offers), 1);
	fixture_set_clock(b.f, FIXTURE_NOW + 5);
	due(&b, 0);
	assert_int_equal(rows(&b, "op"), 0);
}

static void removed__comes_back__undone_after_the_server(void **state)
{
	struct box b = make_box(state);
	label(&b, true);
	done(&b, due(&b, 1), "9");
	int64_t group = label(&b, false);
	fixture_set_clock(b.f, FIXTURE_NOW + 5);
	done(&b, due(&b, 1), NULL);
	undo(&b, group);
	assert_int_equal(in_list(&b, b.offers), 1);
	struct op *v = due(&b, 1);
	assert_int_equal(v[0].kind, OP_COPY);
	assert_string_equal(v[0].folder, "INBOX");
	done(&b, &v[0], "12");
	assert_int_equal(rows(&b, "placement"), 2);
}

static void removed__comes_back__undone_on_the_way(void **state)
{
	struct box b = make_box(state);
	label(&b, true);
	done(&b, due(&b, 1), "9");
	int64_t group = label(&b, false);
	fixture_set_clock(b.f, FIXTURE_NOW + 5);
	struct op *v = due(&b, 1);
	undo(&b, group);
	assert_int_equal(in_list(&b, b.offers), 1);
	done(&b, &v[0], NULL);
	v = due(&b, 1);
	assert_int_equal(v[0].kind, OP_COPY);
	done(&b, &v[0], "12");
	assert_int_equal(in_list(&b, b.offers), 1);
}

static void removed__never_from_the_only_folder(void **state)
{
	struct box b = make_box(state);
	struct target t = {.kind = TARGET_MESSAGES, .ids = &b.message, .n = 1};
	action_label(b.f->store, &t, b.inbox, false, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	assert_int_equal(in_list(&b, b.inbox), 1);
	assert_int_equal(rows(&b, "op"), 0);
}

static void flags__of_the_copy__do_not_flip_the_users_change(void **state)
{
	struct box b = make_box(state);
	struct target t = {.kind = TARGET_MESSAGES, .ids = &b.message, .n = 1};
	struct ingest_flag flag = {.server_id = "9"};
	struct ingest_page p = {
		.account = b.account, .folder = b.offers, .flags = &flag, .n_flags = 1};
	struct message_row *m;
	label(&b, true);
	done(&b, due(&b, 1), "9");
	action_flags(b.f->store, &t, MSG_SEEN, 0, NULL);
	assert_ok(b.f, store_flush(b.f->store, &b.f->err));
	due(&b, 2); /* one for each place */
	letters_page(b.f, &p);
	assert_ok(b.f, message_get(b.f->reader, &b.f->arena, b.message, &m, &b.f->err));
	assert_int_equal(m->flags, MSG_SEEN);
}

#define LABEL(t) cmocka_unit_test_setup_teardown(t, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LABEL(set__shows_in_both__copied_once),
		LABEL(set__is_known_again__server_told_no_id),
		LABEL(set__is_known_again__listed_before_it_was_reported),
		LABEL(set__leaves_nothing__server_refused),
		LABEL(set__is_undone__before_and_after_the_server),
		LABEL(removed__waits_five_seconds__undo_is_free),
		LABEL(removed__comes_back__undone_after_the_server),
		LABEL(removed__comes_back__undone_on_the_way),
		LABEL(removed__never_from_the_only_folder),
		LABEL(flags__of_the_copy__do_not_flip_the_users_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
