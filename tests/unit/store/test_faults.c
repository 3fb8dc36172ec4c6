/*
 * test_faults.c - a small working day, killed around each commit, with a disk that is full from
 * each write on, and without power at each write: when it is done again, everything is as if
 * nothing had happened.
 *
 * CRMAIL_SWEEP=1 takes every write, N every N-th.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "crmail/base/hash.h"
#include "crmail/base/str.h"
#include "crmail/store/message.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/outbox.h"
#include "tests/unit/store/fault_vfs.h"
#include "tests/unit/store/letters.h"

enum { OUTBOX_ID = 500, POINTS_MIN = 40, WRITES_PER_POINT = 19 };

static const struct letter DAY[] = {
	{.id = "1", .mid = "a@x.example", .subject = "Offer", .body = "thimble"},
	{.id = "2", .mid = "b@x.example", .subject = "Re: Offer", .refs = "<a@x.example>"},
	{.id = "3", .mid = "c@x.example", .subject = "AW: Offer"},
	{.id = "4", .mid = "d@x.example", .subject = "Lunch", .from = "Bob <bob@b.example>"},
	{.id = "5",
		.mid = "e@x.example",
		.subject = "Re: Lunch",
		.refs = "<ghost@x.example>",
		.from = "Bob <bob@b.example>"},
};

static const struct prepared *prepare(struct arena *a, const struct letter *l)
{
	const char *raw = arena_printf(a,
		"From: %s\nTo: me@own.example\nSubject: %s\nMessage-ID: <%s>\n%s%s%s\n%s\n",
		l->from ? l->from : "Laura <l@c.example>", l->subject, l->mid,
		l->refs ? "References: " : "", l->refs ? l->refs : "", l->refs ? "\n" : "",
		l->body ? l->body : "Hello.");
	return ingest_prepare(a, raw, strlen(raw), true);
}

/* Each step gives -1 at the first failure; done again, it goes on where it stopped. */
static int step_accounts(struct store *s, struct store_reader *r, struct arena *a, int64_t *account,
	int64_t *inbox, struct err *e)
{
	static const struct folder_in folders[] = {
		{"INBOX", "INBOX", FOLDER_INBOX}, {"Trash", "Trash", FOLDER_TRASH}};
	struct account_row new = {.name = "work", .kind = "imap", .email = "me@own.example"};
	struct account_row *row;
	struct folder_row *folder;
	if (account_find(r, a, "work", &row, e))
		return -1;
	*account = row ? row->id : 0;
	if (!row && account_add(s, &new, NULL, 0, account, e))
		return -1;
	if (folder_put_list(s, *account, folders, 2, e) ||
		folder_by_role(r, a, *account, FOLDER_INBOX, &folder, e))
		return -1;
	*inbox = folder->id;
	return 0;
}

static int step_mail(struct store *s, struct arena *a, int64_t account, int64_t inbox,
	struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(DAY); i++) {
		struct ingest_result result;
		struct ingest_msg m = {.server_id = DAY[i].id,
			.received = FIXTURE_NOW - 900 + (int)i,
			.p = prepare(a, &DAY[i])};
		struct ingest_page p = {.account = account,
			.folder = inbox,
			.msgs = &m,
			.n = 1,
			.cursor = DAY[i].id};
		if (ingest_page(s, a, &p, &result, e))
			return -1;
	}
	return 0;
}

/* Bodies whose mark was lost are given again, as a worker would fetch them. */
static int step_bodies(struct store *s, struct store_reader *r, struct arena *a, int64_t inbox,
	struct err *e)
{
	struct ingest_want *want;
	size_t n;
	if (ingest_missing_bodies(r, a, inbox, INT64_MAX, 10, &want, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct letter *l = &DAY[want[i].server_id[0] - '1'];
		struct ingest_body b = {want[i].message, prepare(a, l), false};
		if (ingest_bodies(s, &b, 1, e))
			return -1;
	}
	return 0;
}

/* Stars the newest of the inbox, and trashes it. */
static int step_user(struct store *s, struct store_reader *r, struct arena *a, int64_t inbox,
	struct err *e)
{
	struct list_spec list = {.kind = LIST_FOLDER, .folder = inbox};
	struct thread_row *rows;
	size_t n;
	if (thread_list_page(r, a, &list, NULL, false, 10, &rows, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct target t = {TARGET_THREADS, &rows[i].thread, 1, list};
		int64_t ticket = 0;
		if (strcmp(rows[i].subject, "AW: Offer") == 0)
			ticket = action_flags(s, &t, MSG_SEEN, 0, NULL);
		else if (strstr(rows[i].subject, "Lunch"))
			ticket = action_move_role(s, &t, FOLDER_TRASH, NULL);
		if (store_flush(s, e) || (ticket && store_ticket_error(s, ticket, e)))
			return -1;
	}
	return 0;
}

static int step_ops(struct store *s, struct store_reader *r, struct arena *a, int64_t account,
	struct err *e)
{
	struct op *ops;
	int64_t next;
	size_t n;
	if (op_due(r, a, account, 10, &ops, &n, &next, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (op_done(s, ops[i].id, NULL, e))
			return -1;
	return 0;
}

static int step_send(struct store *s, struct store_reader *r, struct arena *a, int64_t account,
	struct err *e)
{
	const char *to[] = {"l@c.example"};
	struct outbox_new o = {.id = OUTBOX_ID,
		.account = account,
		.message_id = "out@own.example",
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 1,
		.raw = "x",
		.raw_len = 1,
		.state = OUTBOX_QUEUED};
	struct outbox_row *rows;
	int64_t id;
	size_t n;
	if (outbox_list(r, a, &rows, &n, e) || (!n && outbox_put_wait(s, &o, &id, e)))
		return -1;
	enum outbox_state state = n ? rows[0].state : OUTBOX_QUEUED;
	if (state == OUTBOX_QUEUED &&
		outbox_set_state(s, OUTBOX_ID, OUTBOX_CONNECTING, NULL, 0, NULL, 0, e))
		return -1;
	if (state <= OUTBOX_CONNECTING &&
		outbox_set_state(s, OUTBOX_ID, OUTBOX_HANDED, NULL, 0, NULL, 0, e))
		return -1;
	return state <= OUTBOX_HANDED
		       ? outbox_set_state(s, OUTBOX_ID, OUTBOX_SENT, NULL, 0, NULL, 0, e)
		       : 0;
}

static int live(const struct store_options *o, struct err *e)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct store *s = NULL;
	struct store_reader *r = NULL;
	int64_t account, inbox;
	int rc = store_open(&s, o, e) || store_reader_open(s, &r, e) ||
		 step_accounts(s, r, &a, &account, &inbox, e) ||
		 step_mail(s, &a, account, inbox, e) || step_bodies(s, r, &a, inbox, e) ||
		 step_user(s, r, &a, inbox, e) || step_ops(s, r, &a, account, e) ||
		 step_send(s, r, &a, account, e);
	store_reader_close(r);
	store_close(s);
	return rc ? -1 : 0;
}

/* ---- what there is in the end ---------------------------------------------------------------- */

static const char *const QUERIES[][2] = {
	{"crmail.db", "SELECT id, account, thread, copy_of, hex(equal_key), mid, joined, flags,"
		      " remote_flags, facts, listed, files, body, indexed, subject, snippet"
		      " FROM message ORDER BY id"},
	{"crmail.db", "SELECT folder, message, server_id, is_remote, is_shown FROM placement"
		      " ORDER BY folder, message"},
	{"crmail.db", "SELECT * FROM thread_list ORDER BY thread, folder"},
	{"crmail.db", "SELECT id, newest, count, unread, facts, people FROM thread ORDER BY id"},
	{"crmail.db", "SELECT id, name, role, cursor, total, unread, threads, unread_threads"
		      " FROM folder ORDER BY id"},
	{"crmail.db", "SELECT kind, message, folder, to_folder, flags_add, flags_remove, state"
		      " FROM op ORDER BY id"},
	{"crmail.db", "SELECT message, role, pos, party FROM message_party ORDER BY 1, 2, 3"},
	{"crmail.db", "SELECT id, state, attempts, is_filed FROM outbox"},
	{"cache.db", "SELECT message, state, size FROM body ORDER BY message"},
	{"cache.db", "SELECT message, subject, sender FROM head ORDER BY message"},
	{"cache.db", "SELECT rowid FROM fts WHERE fts MATCH 'thimble OR hello' ORDER BY rowid"},
	{"cache.db", "SELECT rowid FROM tri WHERE tri MATCH 'offer' ORDER BY rowid"},
	{"cache.db", "SELECT rowid FROM fts_head WHERE fts_head MATCH 'lunch' ORDER BY rowid"},
};

static void add_rows(struct sha256 *h, const char *path, const char *sql)
{
	sqlite3 *d;
	sqlite3_stmt *q;
	assert_int_equal(sqlite3_open(path, &d), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(d, sql, -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(q); i++) {
			const char *t = (const char *)sqlite3_column_text(q, i);
			sha256_add(h, t ? t : "NULL", t ? strlen(t) : 4);
			sha256_add(h, "|", 1);
		}
		sha256_add(h, "\n", 1);
	}
	sqlite3_finalize(q);
	sqlite3_close(d);
}

static void digest(const struct fixture *f, char out[65])
{
	struct sha256 *h = sha256_new();
	for (size_t i = 0; i < ARRAY_SIZE(QUERIES); i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", f->dir, QUERIES[i][0]);
		add_rows(h, path, QUERIES[i][1]);
	}
	sha256_hex_free(h, out);
}

static void forget_all(struct fixture *f)
{
	static const char *const names[] = {"crmail.db", "crmail.db-wal", "crmail.db-shm",
		"cache.db", "cache.db-wal", "cache.db-shm"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
		unlink(path);
	}
}

static void undisturbed(struct fixture *f, char out[65])
{
	struct store_options o = fixture_options(f);
	forget_all(f);
	assert_ok(f, live(&o, &f->err));
	digest(f, out);
}

static int faults_up(void **state)
{
	int rc = fixture_up(state);
	fixture_close(*state);
	return rc;
}

/* The day in a process of its own: killed at a crash point, or when the power fails; false =
 * not. */
static bool is_killed_at(struct fixture *f, int64_t point, int64_t dark_at)
{
	struct store_options o = fixture_options(f);
	struct err e = ERR_INIT;
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		o.crash_at = point;
		if (dark_at) {
			o.vfs = FAULT_VFS_NAME;
			fault_vfs_lose_power_at(dark_at, dark_at % 2 ? (uint32_t)dark_at : 0);
		}
		_exit(live(&o, &e) ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

static void kill__changes_nothing__around_every_commit(void **state)
{
	struct fixture *f = *state;
	struct store_options o = fixture_options(f);
	char want[65], got[65];
	int64_t point = 1;
	undisturbed(f, want);
	for (;; point++) {
		forget_all(f);
		if (!is_killed_at(f, point, 0))
			break;
		assert_ok(f, live(&o, &f->err));
		digest(f, got);
		if (strcmp(want, got) != 0)
			fail_msg("differs after a kill at point %lld", (long long)point);
	}
	print_message("# %lld kill points\n", (long long)(point - 1));
	assert_true(point - 1 >= POINTS_MIN);
}

static int64_t step_of_sweep(void)
{
	const char *sweep = getenv("CRMAIL_SWEEP");
	int64_t by = WRITES_PER_POINT;
	return sweep && str_to_i64(sweep, 1, INT32_MAX, &by) ? by : WRITES_PER_POINT;
}

static void full_disk__changes_nothing__from_any_write_on(void **state)
{
	struct fixture *f = *state;
	struct store_options o = fixture_options(f);
	int64_t by = step_of_sweep(), failed = 0;
	char want[65], got[65];
	undisturbed(f, want);
	o.vfs = FAULT_VFS_NAME;
	for (int64_t n = 1;; n += by) {
		forget_all(f);
		fault_vfs_fail_at(n);
		struct err e = ERR_INIT;
		int rc = live(&o, &e);
		bool was_full = fault_vfs_writes() >= n;
		fault_vfs_fail_at(0);
		if (!was_full)
			break;
		failed += rc != 0;
		assert_ok(f, live(&o, &f->err));
		digest(f, got);
		if (strcmp(want, got) != 0)
			fail_msg("differs after write %lld failed", (long long)n);
	}
	assert_true(failed > 10);
}

static void lost_power__changes_nothing__at_any_write(void **state)
{
	struct fixture *f = *state;
	struct store_options o = fixture_options(f);
	int64_t by = step_of_sweep(), points = 0;
	char want[65], got[65];
	undisturbed(f, want);
	for (int64_t n = 1;; n += by, points++) {
		forget_all(f);
		if (!is_killed_at(f, 0, n))
			break;
		assert_ok(f, live(&o, &f->err));
		digest(f, got);
		if (strcmp(want, got) != 0)
			fail_msg("differs without power at write %lld", (long long)n);
	}
	print_message("# %lld moments without power\n", (long long)points);
	assert_true(points > 10);
}

int main(void)
{
	if (fault_vfs_register() != SQLITE_OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kill__changes_nothing__around_every_commit,
			faults_up, fixture_down),
		cmocka_unit_test_setup_teardown(full_disk__changes_nothing__from_any_write_on,
			faults_up, fixture_down),
		cmocka_unit_test_setup_teardown(lost_power__changes_nothing__at_any_write,
			faults_up, fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
