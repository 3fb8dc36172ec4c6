/* test_outbox_file.c - attachments stay beside their mail as long as it may be opened again. */
#include "config.h"

#include <string.h>

#include "crmail/store/account.h"
#include "crmail/store/outbox.h"
#include "crmail/store/outbox_file.h"
#include "tests/unit/store/fixture.h"

static int64_t draft(struct fixture *f, enum outbox_state state)
{
	static const char *const to[] = {"a@x.example"};
	struct account_row account = {.name = "work", .kind = "imap", .email = "me@own.example"};
	struct outbox_new o = {.message_id = "m@own.example",
		.subject = "s",
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 1,
		.raw = "x",
		.raw_len = 1,
		.state = state};
	int64_t id = 0;
	assert_ok(f, account_add(f->store, &account, NULL, 0, &o.account, &f->err));
	outbox_put(f->store, &o, &id);
	return id;
}

static size_t files(struct fixture *f, int64_t outbox, struct outbox_file **v)
{
	size_t n = 0;
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, outbox_files(f->reader, &f->arena, outbox, v, &n, &f->err));
	return n;
}

static void outbox_file__keeps_order_and_bytes(void **state)
{
	struct fixture *f = *state;
	int64_t id = draft(f, OUTBOX_DRAFT), first = 0, second = 0, empty = 0;
	struct outbox_file *v;
	outbox_file_add(f->store, id,
		&(struct outbox_file){.name = "b.bin", .type = "x/y", .data = "a\0b", .len = 3},
		&first);
	outbox_file_add(f->store, id,
		&(struct outbox_file){.name = "a.txt", .type = "text/plain", .data = "t", .len = 1},
		&second);
	outbox_file_add(f->store, id,
		&(struct outbox_file){.name = "e", .type = "text/plain", .data = NULL, .len = 0},
		&empty);
	assert_int_equal(files(f, id, &v), 3);
	assert_string_equal(v[0].name, "b.bin");
	assert_string_equal(v[0].type, "x/y");
	assert_int_equal(v[0].len, 3);
	assert_memory_equal(v[0].data, "a\0b", 3);
	assert_int_equal(v[2].len, 0);
	outbox_file_drop(f->store, first);
	assert_int_equal(files(f, id, &v), 2);
	assert_string_equal(v[0].name, "a.txt");
	assert_int_equal(files(f, id + 1, &v), 0);
}

static void outbox_file__goes__copy_in_sent_was_seen(void **state)
{
	struct fixture *f = *state;
	int64_t id = draft(f, OUTBOX_QUEUED), file = 0;
	struct outbox_recipient r = {.addr = "a@x.example", .state = RCPT_ACCEPTED};
	struct outbox_file *v;
	outbox_file_add(f->store, id,
		&(struct outbox_file){.name = "a", .type = "x/y", .data = "t", .len = 1}, &file);
	assert_int_equal(files(f, id, &v), 1);
	assert_ok(f, outbox_set_state(f->store, id, OUTBOX_CONNECTING, NULL, 0, NULL, 0, &f->err));
	assert_ok(f, outbox_set_state(f->store, id, OUTBOX_HANDED, NULL, 0, NULL, 0, &f->err));
	assert_ok(f, outbox_set_state(f->store, id, OUTBOX_SENT, &r, 1, NULL, 0, &f->err));
	assert_int_equal(files(f, id, &v), 1);
	assert_ok(f, outbox_filed(f->store, id, &f->err));
	assert_int_equal(files(f, id, &v), 0);
}

static void outbox_file__goes__with_the_account(void **state)
{
	struct fixture *f = *state;
	int64_t id = draft(f, OUTBOX_DRAFT), file = 0;
	struct outbox_file *v;
	outbox_file_add(f->store, id,
		&(struct outbox_file){.name = "a", .type = "x/y", .data = "t", .len = 1}, &file);
	assert_int_equal(files(f, id, &v), 1);
	/* What was not sent would keep the account. */
	fixture_sql(f, "crmail.db", "UPDATE outbox SET state = 6");
	assert_ok(f, account_remove(f->store, 1, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM outbox_file"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(outbox_file__keeps_order_and_bytes, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(outbox_file__goes__copy_in_sent_was_seen,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(outbox_file__goes__with_the_account, fixture_up,
			fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
