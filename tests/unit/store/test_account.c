/* test_account.c - pausing and removing accounts: what stays, and what keeps them from going. */
#include "config.h"

#include <string.h>

#include "crmail/store/account.h"
#include "crmail/store/outbox.h"
#include "fixture.h"
#include "letters.h"

static struct account_row *find(struct fixture *f, const char *name)
{
	struct account_row *row = NULL;
	assert_ok(f, account_find(f->reader, &f->arena, name, &row, &f->err));
	return row;
}

static void set_status(struct fixture *f, int64_t id, enum account_status st, int64_t at)
{
	assert_ok(f, account_set_status(f->store, id, st, NULL, at, &f->err));
}

static void account_pause__lasts__whatever_a_worker_says(void **state)
{
	struct fixture *f = *state;
	int64_t id = letters_account(f, "work");
	assert_ok(f, account_pause(f->store, id, true, &f->err));
	set_status(f, id, ACCOUNT_CONNECTED, FIXTURE_NOW);
	assert_int_equal(find(f, "work")->status, ACCOUNT_PAUSED);
	assert_int_equal(find(f, "work")->last_sync_at, FIXTURE_NOW);
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(find(f, "work")->status, ACCOUNT_PAUSED);
	assert_ok(f, account_pause(f->store, id, false, &f->err));
	assert_int_equal(find(f, "work")->status, ACCOUNT_OFFLINE);
	set_status(f, id, ACCOUNT_CONNECTED, 0);
	assert_int_equal(find(f, "work")->status, ACCOUNT_CONNECTED);
}

static void put_mail(struct fixture *f, int64_t account, enum outbox_state st)
{
	static const char *const to[] = {"b@elsewhere.test"};
	const struct outbox_new o = {.account = account,
		.message_id = "m1@here.test",
		.subject = "hello",
		.from = "a@here.test",
		.recipients = to,
		.n_recipients = 1,
		.raw = "Subject: hello\r\n\r\nx\r\n",
		.raw_len = strlen("Subject: hello\r\n\r\nx\r\n"),
		.draft_json = "{}",
		.state = st,
		.not_before = FIXTURE_NOW + 60};
	int64_t id = 0;
	assert_ok(f, outbox_put_wait(f->store, &o, &id, &f->err));
}

static void check_refusal(struct fixture *f, enum outbox_state st)
{
	int64_t id = letters_account(f, "work");
	put_mail(f, id, st);
	assert_int_equal(account_remove(f->store, id, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
	assert_non_null(strstr(f->err.msg, "1 mail or draft of this account was not sent"));
	assert_int_equal(account_detach(f->store, id, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
	assert_non_null(find(f, "work"));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM outbox"), 1);
}

static void account_remove__refuses__while_a_mail_waits(void **state)
{
	check_refusal(*state, OUTBOX_QUEUED);
}

static void account_remove__refuses__while_a_draft_is_there(void **state)
{
	check_refusal(*state, OUTBOX_DRAFT);
}

static void account_detach__keeps__mail_and_own_addresses(void **state)
{
	struct fixture *f = *state;
	int64_t id = letters_account(f, "work"), message;
	int64_t inbox = letters_folder(f, id, "INBOX", FOLDER_INBOX);
	letters_put(f, id, inbox, &(struct letter){.id = "1", .subject = "kept"}, 1, &message);
	assert_ok(f, account_set(f->store, id, "imap", "imap.here.test:993", &f->err));
	assert_ok(f, account_set(f->store, id, "secret", "0123", &f->err));
	assert_ok(f, account_set(f->store, id, "own_addresses", "c@here.test", &f->err));
	assert_ok(f, account_detach(f->store, id, &f->err));
	assert_null(find(f, "work"));
	assert_string_equal(find(f, "work (kept)")->kind, "import");
	assert_null(account_setting(f->reader, &f->arena, id, "imap"));
	assert_null(account_setting(f->reader, &f->arena, id, "secret"));
	assert_non_null(account_setting(f->reader, &f->arena, id, "own_addresses"));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT total FROM folder"), 1);
}

static void account_move_secret__gives_way__to_another_sign_in(void **state)
{
	struct fixture *f = *state;
	int64_t id = letters_account(f, "work");
	assert_ok(f, account_set(f->store, id, "secret", "0123", &f->err));
	assert_ok(f, account_move_secret(f->store, id, "0123", "keyring:a:0123", &f->err));
	assert_string_equal(account_setting(f->reader, &f->arena, id, "secret"), "keyring:a:0123");
	assert_int_equal(account_move_secret(f->store, id, "0123", "4567", &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
	assert_string_equal(account_setting(f->reader, &f->arena, id, "secret"), "keyring:a:0123");
	assert_int_equal(account_move_secret(f->store, id + 1, "0123", "4567", &f->err), -1);
}

static void account_detach__frees__the_label_each_time(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3; i++)
		assert_ok(f, account_detach(f->store, letters_account(f, "work"), &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(DISTINCT name) FROM account WHERE kind = 'import'"),
		3);
}

#define WITH_STORE(f) cmocka_unit_test_setup_teardown(f, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(account_pause__lasts__whatever_a_worker_says),
		WITH_STORE(account_remove__refuses__while_a_mail_waits),
		WITH_STORE(account_remove__refuses__while_a_draft_is_there),
		WITH_STORE(account_detach__keeps__mail_and_own_addresses),
		WITH_STORE(account_move_secret__gives_way__to_another_sign_in),
		WITH_STORE(account_detach__frees__the_label_each_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
