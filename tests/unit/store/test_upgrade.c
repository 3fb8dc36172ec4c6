/* test_upgrade.c - data folders of every earlier schema are upgraded and lose nothing. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <sqlite3.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/store/account.h"
#include "crmail/store/care.h"
#include "crmail/store/correspondent.h"
#include "crmail/store/message.h"
#include "crmail/store/notice.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/outbox.h"
#include "crmail/store/reminder.h"
#include "crmail/store/search.h"
#include "src/store/migrate.h"
#include "tests/unit/store/fixture.h"

/* Replaces the folder's files by the dump. */
static void load_dump(struct fixture *f, const char *name)
{
	CLEANUP(buf_release) struct buf sql = BUF_INIT(1 << 20);
	char path[512], file[96], cache[96];
	sqlite3 *h;
	fixture_close(f);
	snprintf(file, sizeof file, "%s/crmail.db", f->dir);
	snprintf(cache, sizeof cache, "%s/cache.db", f->dir);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(unlink(cache), 0);
	snprintf(path, sizeof path, "%s/tests/unit/store/fixtures/%s", getenv("CRMAIL_SRCDIR"),
		name);
	assert_ok(f, fsx_read_file(path, &sql, &f->err));
	assert_int_equal(sqlite3_open(file, &h), SQLITE_OK);
	for (const char *p = sql.p; *p;) {
		sqlite3_stmt *one = NULL;
		if (sqlite3_prepare_v2(h, p, -1, &one, &p) != SQLITE_OK ||
			(one && sqlite3_step(one) == SQLITE_ERROR))
			fail_msg("%s: %s", name, sqlite3_errmsg(h));
		sqlite3_finalize(one);
	}
	sqlite3_close(h);
}

static void check_mail(struct fixture *f)
{
	struct list_spec inbox = {.kind = LIST_ROLE, .role = FOLDER_INBOX};
	struct thread_row *rows;
	struct message_row *messages;
	struct search_query *q;
	int64_t total;
	size_t n;
	assert_ok(f,
		thread_list_page(f->reader, &f->arena, &inbox, NULL, false, 9, &rows, &n, &f->err));
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].count, 3);
	assert_string_equal(rows[0].people, "Laura");
	assert_ok(f, thread_messages(f->reader, &f->arena, rows[0].thread, &messages, &n, &f->err));
	assert_int_equal(n, 3);
	assert_true(messages[1].is_own);
	assert_ok(f, search_parse(&f->arena, "giraffe", FIXTURE_NOW, 0, &q, &f->err));
	assert_ok(f, search_total(f->reader, q, &total, &f->err));
	assert_int_equal(total, 3);
}

static void check_queues(struct fixture *f)
{
	struct outbox_row *out;
	struct op *ops;
	int64_t next;
	size_t n;
	assert_ok(f, op_due(f->reader, &f->arena, 1, 9, &ops, &n, &next, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(ops[0].server_id, "u300");
	assert_ok(f, outbox_due(f->reader, &f->arena, 1, &out, &next, &f->err));
	assert_non_null(out);
	assert_string_equal(out->recipients[0].addr, "laura@client.example");
	assert_null(out->far_draft);
	assert_null(out->sent_by);
	assert_false(out->files_sent);
	assert_null(out->far_message_id);
}

static void check_upgrade(struct fixture *f, int from)
{
	struct store_check c;
	char dump[32], copy[32], path[96];
	snprintf(dump, sizeof dump, "crmail-v%d.sql", from);
	snprintf(copy, sizeof copy, "crmail.db.v%d", from);
	load_dump(f, dump);
	fixture_open(f);
	assert_int_equal(fixture_sql(f, "crmail.db", "PRAGMA user_version"),
		migrate_latest(SCHEMA_MAIN));
	check_mail(f);
	check_queues(f);
	assert_ok(f, store_doctor(f->store, &c, &f->err));
	assert_int_equal(c.wrong_counters, 0);
	snprintf(path, sizeof path, "%s/%s", f->dir, copy);
	assert_true(fsx_exists(path));
	assert_int_equal(fixture_sql(f, copy, "SELECT count(*) FROM message"), 3);
}

static void upgrade__loses_nothing__from_schema_1(void **state)
{
	check_upgrade(*state, 1);
}

static void upgrade__loses_nothing__from_schema_5(void **state)
{
	struct fixture *f = *state;
	check_upgrade(f, 5);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM contact_email"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM contact WHERE gone_at = 0"),
		1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT state FROM activity"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM saved_search"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM audit"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM tombstone"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM record_write"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT duration_min + deal FROM activity"),
		0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM crm_user"), 0);
	/* What lists and timelines are read from is made of what was there. */
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT sort_key = lower(name) FROM contact"),
		1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT sum(n) FROM timeline_thread"),
		fixture_sql(f, "crmail.db",
			"SELECT count(*) FROM link WHERE how <> 2 AND is_shown = 1"));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM timeline_entry"),
		fixture_sql(f, "crmail.db", "SELECT count(*) FROM timeline_entry_due"));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM decision"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM mail_crm WHERE message NOT IN"
				 " (SELECT message FROM match_queue)"),
		0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM people_change"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM hook_event"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM reminder"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM template_version"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM organization_setting"),
		0);
}

/* Of one mail there may be two notices now, but one that it came; and it can have a reminder. */
static void upgrade__loses_nothing__from_schema_22(void **state)
{
	static const char again[] = "INSERT OR IGNORE INTO notice (kind, at, account, message,"
				    " thread) SELECT %d, 1, account, message, thread FROM notice"
				    " WHERE kind = 1";
	struct fixture *f = *state;
	struct reminder *r;
	int64_t group, thread;
	check_upgrade(f, 22);
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT count(*) FROM lead WHERE name_key = 'zoe'"),
		1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM deal"), 1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM organization_setting"),
		1);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM notice"), 2);
	for (int kind = NOTICE_MAIL; kind <= NOTICE_BOUNCED; kind += NOTICE_REMINDER - NOTICE_MAIL)
		fixture_sql(f, "crmail.db", arena_printf(&f->arena, again, kind));
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM notice"), 3);
	thread = fixture_sql(f, "crmail.db", "SELECT thread FROM message LIMIT 1");
	reminder_set(f->store, thread, FIXTURE_NOW + 86400, &group);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, reminder_get(f->reader, &f->arena, thread, &r, &f->err));
	assert_non_null(r);
	assert_int_equal(r->due_at, FIXTURE_NOW + 86400);
}

static void upgrade__counts_correspondents__in_the_background(void **state)
{
	struct fixture *f = *state;
	struct correspondent_query q = {.text = "lau", .now = FIXTURE_NOW, .limit = 5};
	struct correspondent_row *v;
	size_t n;
	load_dump(f, "crmail-v1.sql");
	fixture_open(f);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_ok(f, correspondent_find(f->reader, &f->arena, &q, &v, &n, &f->err));
	assert_int_equal(n, 1);
	assert_string_equal(v[0].addr, "laura@client.example");
	assert_int_equal(fixture_sql(f, "crmail.db",
				 "SELECT n_from FROM correspondent"
				 " WHERE norm = 'laura@client.example'"),
		2);
}

/* What an older version left in no folder is looked at too. */
static void upgrade__queues_what_lies_nowhere__for_keeping(void **state)
{
	struct fixture *f = *state;
	load_dump(f, "crmail-v1.sql");
	fixture_sql(f, "crmail.db",
		"DELETE FROM placement WHERE message = (SELECT min(id) FROM message)");
	fixture_open(f);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM keep_queue"), 1);
	care_once(f->store);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM keep_queue"), 0);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message"), 3);
}

static void upgrade__waits__while_a_host_runs(void **state)
{
	struct fixture *f = *state;
	struct store_options o = fixture_options(f);
	char path[96];
	load_dump(f, "crmail-v1.sql");
	snprintf(path, sizeof path, "%s/host.lock", f->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(store_open(&f->store, &o, &f->err), -1);
	assert_int_equal(f->err.code, ERR_IO);
	assert_int_equal(fixture_sql(f, "crmail.db", "PRAGMA user_version"), 1);
	close(fd);
	fixture_open(f);
	check_mail(f);
}

static void upgrade__makes_no_copy__nothing_to_upgrade(void **state)
{
	struct fixture *f = *state;
	char copy[96];
	fixture_close(f);
	fixture_open(f);
	snprintf(copy, sizeof copy, "%s/crmail.db.v%d", f->dir, migrate_latest(SCHEMA_MAIN));
	assert_false(fsx_exists(copy));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(upgrade__loses_nothing__from_schema_1, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(upgrade__loses_nothing__from_schema_5, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(upgrade__loses_nothing__from_schema_22, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(upgrade__counts_correspondents__in_the_background,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(upgrade__queues_what_lies_nowhere__for_keeping,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(upgrade__waits__while_a_host_runs, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(upgrade__makes_no_copy__nothing_to_upgrade,
			fixture_up, fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
