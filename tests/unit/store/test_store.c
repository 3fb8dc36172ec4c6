/* test_store.c - opening, versions, the writers' lanes and commits, readers. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/base/mem.h"
#include "src/store/store_private.h"
#include "tests/unit/store/fixture.h"

static const char SQL_PUT[] = "INSERT INTO meta VALUES (?, 1)";
static const char SQL_COUNT[] = "SELECT count(*) FROM meta WHERE key LIKE 'test%'";

static int put_key(struct write *w, void *arg, struct err *e)
{
	return db_run(w->db, e, SQL_PUT, "t", (const char *)arg);
}

static int put_then_fail(struct write *w, void *arg, struct err *e)
{
	if (put_key(w, arg, e))
		return -1;
	return err_set(e, ERR_CONFLICT, "no");
}

static void store__keeps_its_rows__opened_again(void **state)
{
	struct fixture *f = *state;
	char key[] = "test1";
	assert_ok(f, writer_call(&f->store->main, 0, put_key, key, &f->err));
	fixture_close(f);
	fixture_open(f);
	assert_int_equal(fixture_sql(f, "crmail.db", SQL_COUNT), 1);
}

/* What another connection sees: it changes with each commit. */
static int64_t data_version(sqlite3 *h)
{
	sqlite3_stmt *q = NULL;
	assert_int_equal(sqlite3_prepare_v2(h, "PRAGMA data_version", -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	int64_t version = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return version;
}

static void store__writes_nothing__opened_again(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"crmail.db", "cache.db"};
	sqlite3 *h[ARRAY_SIZE(names)];
	int64_t before[ARRAY_SIZE(names)];
	fixture_close(f);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(free_str) char *path = fsx_join(f->dir, names[i]);
		assert_int_equal(sqlite3_open(path, &h[i]), SQLITE_OK);
		before[i] = data_version(h[i]);
	}
	fixture_open(f);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(data_version(h[i]), before[i]);
		sqlite3_close(h[i]);
	}
	assert_int_equal(fixture_sql(f, "crmail.db", "PRAGMA auto_vacuum"), 2);
	assert_int_equal(fixture_sql(f, "cache.db", "PRAGMA auto_vacuum"), 2);
}

static void store__rolls_back__failed_job(void **state)
{
	struct fixture *f = *state;
	char key[] = "test1";
	assert_int_equal(writer_call(&f->store->main, 0, put_then_fail, key, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
	assert_int_equal(fixture_sql(f, "crmail.db", SQL_COUNT), 0);
	assert_ok(f, writer_call(&f->store->main, WRITE_FULL, put_key, key, &f->err));
	assert_int_equal(fixture_sql(f, "crmail.db", SQL_COUNT), 1);
}

static void store__refuses__newer_folder(void **state)
{
	struct fixture *f = *state;
	fixture_close(f);
	fixture_sql(f, "crmail.db", "PRAGMA user_version=9999");
	struct store_options o = fixture_options(f);
	assert_int_equal(store_open(&f->store, &o, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
}

static void store__starts_the_cache_anew__damaged(void **state)
{
	struct fixture *f = *state;
	char path[96];
	fixture_close(f);
	snprintf(path, sizeof path, "%s/cache.db", f->dir);
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database at all. ", out);
	assert_int_equal(fclose(out), 0);
	fixture_open(f);
	assert_int_equal(fixture_sql(f, "cache.db", "SELECT count(*) FROM body"), 0);
}

static int drain_for_ticket(struct fixture *f, int64_t ticket)
{
	struct event ev[32];
	for (size_t n; (n = event_drain(f->events, ev, 32));)
		for (size_t i = 0; i < n; i++)
			if (ev[i].type == EV_COMMIT && ev[i].arg >= ticket)
				return 1;
	return 0;
}

static void ticket__is_posted__commit_and_failure(void **state)
{
	struct fixture *f = *state;
	struct err why = ERR_INIT;
	static char good_key[] = "test1";
	int64_t good = writer_post(&f->store->main, WRITE_USER, put_key, good_key, NULL);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_true(drain_for_ticket(f, good));
	assert_false(store_ticket_error(f->store, good, &why));
	static char key[] = "test2";
	int64_t bad = writer_post(&f->store->main, WRITE_USER, put_then_fail, key, NULL);
	assert_true(bad > good);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_true(drain_for_ticket(f, bad));
	assert_true(store_ticket_error(f->store, bad, &why));
	assert_int_equal(why.code, ERR_CONFLICT);
}

static int note_many_places(struct write *w, void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	write_event(w, EV_FOLDERS, 1, 0, 0, 1);
	for (int64_t i = 1; i <= 4 * WRITE_EVENTS; i++)
		write_event(w, EV_MESSAGES, 1, i, i, 1);
	return 0;
}

static void event__of_each_kind_is_posted__more_places_than_room(void **state)
{
	struct fixture *f = *state;
	struct event ev[64];
	uint32_t messages = 0, folders = 0;
	while (event_drain(f->events, ev, 64))
		continue;
	assert_ok(f, writer_call(&f->store->main, 0, note_many_places, NULL, &f->err));
	for (size_t n; (n = event_drain(f->events, ev, 64));)
		for (size_t i = 0; i < n; i++) {
			messages += ev[i].type == EV_MESSAGES ? ev[i].count : 0;
			folders += ev[i].type == EV_FOLDERS ? ev[i].count : 0;
		}
	assert_int_equal(messages, 4 * WRITE_EVENTS);
	assert_int_equal(folders, 1);
}

static int note_bodies(struct write *w, void *arg, struct err *e)
{
	(void)e;
	for (int64_t i = 1; i <= *(const int *)arg; i++)
		write_event(w, EV_BODY, 1, 0, i, 1);
	return 0;
}

/* Each names its message; more than there is room for name none. */
static void event__of_bodies__names_each(void **state)
{
	struct fixture *f = *state;
	struct event ev[64];
	int few = 3, many = 4 * WRITE_EVENTS;
	int64_t named = 0;
	while (event_drain(f->events, ev, 64))
		continue;
	assert_ok(f, writer_call(&f->store->main, 0, note_bodies, &few, &f->err));
	for (size_t n; (n = event_drain(f->events, ev, 64));)
		for (size_t i = 0; i < n; i++)
			named += ev[i].type == EV_BODY ? ev[i].arg : 0;
	assert_int_equal(named, 1 + 2 + 3);
	assert_ok(f, writer_call(&f->store->main, 0, note_bodies, &many, &f->err));
	bool is_any = false;
	for (size_t n; (n = event_drain(f->events, ev, 64));)
		for (size_t i = 0; i < n; i++)
			is_any |= ev[i].type == EV_BODY && ev[i].arg == 0;
	assert_true(is_any);
}

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool is_open, is_waiting;
	char order[8];
};

static int wait_at_gate(struct write *w, void *arg, struct err *e)
{
	struct gate *g = arg;
	(void)w;
	(void)e;
	pthread_mutex_lock(&g->lock);
	g->is_waiting = true;
	pthread_cond_broadcast(&g->cond);
	while (!g->is_open)
		pthread_cond_wait(&g->cond, &g->lock);
	pthread_mutex_unlock(&g->lock);
	return 0;
}

static void note_order(struct gate *g, char c)
{
	g->order[strlen(g->order)] = c;
}

static int note_work(struct write *w, void *arg, struct err *e)
{
	(void)w;
	(void)e;
	note_order(arg, 'w');
	return 0;
}

static int note_user(struct write *w, void *arg, struct err *e)
{
	(void)w;
	(void)e;
	note_order(arg, 'u');
	return 0;
}

static void writer__serves_the_user_first__work_queued_before(void **state)
{
	struct fixture *f = *state;
	struct gate g = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false, ""};
	struct writer *w = &f->store->main;
	writer_post(w, 0, wait_at_gate, &g, NULL);
	pthread_mutex_lock(&g.lock);
	while (!g.is_waiting)
		pthread_cond_wait(&g.cond, &g.lock);
	writer_post(w, 0, note_work, &g, NULL);
	writer_post(w, WRITE_USER, note_user, &g, NULL);
	g.is_open = true;
	pthread_cond_broadcast(&g.cond);
	pthread_mutex_unlock(&g.lock);
	assert_ok(f, store_flush(f->store, &f->err));
	assert_string_equal(g.order, "uw");
}

static void reader__sees_commits__and_cannot_write(void **state)
{
	struct fixture *f = *state;
	static const char SQL_WRITE[] = "DELETE FROM meta";
	char key[] = "test1";
	int64_t n = 0;
	assert_ok(f, writer_call(&f->store->main, 0, put_key, key, &f->err));
	assert_ok(f, db_value(reader_db(f->reader), &n, &f->err, SQL_COUNT, ""));
	assert_int_equal(n, 1);
	assert_int_equal(db_run(reader_db(f->reader), &f->err, SQL_WRITE, ""), -1);
	assert_int_equal(f->err.code, ERR_IO);
}

/* Closed in the middle of an answer, it neither keeps what it saw nor goes on with it. */
static void reader__opened_again__sees_what_came_since(void **state)
{
	struct fixture *f = *state;
	static const char SQL_ALL[] = "SELECT key FROM meta";
	char one[] = "test1", two[] = "test2";
	int64_t n = 0;
	sqlite3_stmt *q;
	assert_ok(f, writer_call(&f->store->main, 0, put_key, one, &f->err));
	assert_ok(f, db_query(reader_db(f->reader), &q, &f->err, SQL_ALL, ""));
	assert_int_equal(db_step(reader_db(f->reader), q, &f->err), 1);
	struct store_reader *first = f->reader;
	store_reader_interrupt(f->reader);
	store_reader_close(f->reader);
	assert_ok(f, writer_call(&f->store->main, 0, put_key, two, &f->err));
	assert_ok(f, store_reader_open(f->store, &f->reader, &f->err));
	assert_ptr_equal(f->reader, first);
	assert_ok(f, db_value(reader_db(f->reader), &n, &f->err, SQL_COUNT, ""));
	assert_int_equal(n, 2);
	struct store_reader *other = NULL;
	assert_ok(f, store_reader_open(f->store, &other, &f->err));
	assert_ptr_not_equal(other, f->reader);
	store_reader_close(other);
}

/* Runs in a child: opens the folder with crash point n and writes; never returns. */
static void write_until_killed(struct fixture *f, int64_t crash_at)
{
	struct store_options o = fixture_options(f);
	struct store *s;
	struct err e = ERR_INIT;
	char key[] = "test1";
	o.crash_at = crash_at;
	if (store_open(&s, &o, &e) || writer_call(&s->main, WRITE_FULL, put_key, key, &e))
		_exit(1);
	_exit(0);
}

static void commit__is_all_or_nothing__killed_around_it(void **state)
{
	struct fixture *f = *state;
	fixture_close(f);
	/* opening commits twice to look at the files: points 1 to 4, then the job's two */
	for (int64_t point = 5; point <= 6; point++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			write_until_killed(f, point);
		int status = 0;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_int_equal(fixture_sql(f, "crmail.db", SQL_COUNT), point - 5);
	}
	fixture_open(f);
}

/* What the two files hold, as bytes. */
static void digest_files(const struct fixture *f, char out[2][65])
{
	static const char *const names[] = {"crmail.db", "cache.db"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEANUP(free_str) char *path = fsx_join(f->dir, names[i]);
		CLEANUP(buf_release) struct buf b = BUF_INIT(BUF_UNLIMITED);
		struct err e = ERR_INIT;
		assert_int_equal(fsx_read_file(path, &b, &e), 0);
		sha256_hex(b.p, b.len, out[i]);
	}
}

static void store__opened_to_read__leaves_the_files_alone(void **state)
{
	struct fixture *f = *state;
	struct store_options o = fixture_options(f);
	char before[2][65], after[2][65], key[] = "test1";
	int64_t n = 0;
	o.only_reads = true;
	assert_ok(f, writer_call(&f->store->main, 0, put_key, key, &f->err));
	fixture_close(f);
	digest_files(f, before);
	assert_ok(f, store_open(&f->store, &o, &f->err));
	assert_false(f->store->main.is_running);
	assert_ok(f, store_reader_open(f->store, &f->reader, &f->err));
	assert_ok(f, db_value(reader_db(f->reader), &n, &f->err, SQL_COUNT, ""));
	assert_int_equal(n, 1);
	assert_ok(f, store_flush(f->store, &f->err));
	fixture_close(f);
	digest_files(f, after);
	assert_string_equal(before[0], after[0]);
	assert_string_equal(before[1], after[1]);
}

/* Also somebody who only reads finds the folder whole. */
static void store__opened_to_read__makes_up_for_what_is_missing(void **state)
{
	struct fixture *f = *state;
	struct store_options o = fixture_options(f);
	CLEANUP(free_str) char *path = fsx_join(f->dir, "cache.db");
	o.only_reads = true;
	fixture_close(f);
	assert_int_equal(unlink(path), 0);
	assert_ok(f, store_open(&f->store, &o, &f->err));
	assert_true(f->store->main.is_running);
	assert_ok(f, store_reader_open(f->store, &f->reader, &f->err));
	fixture_close(f);
	fixture_sql(f, "cache.db", "PRAGMA user_version=9999");
	assert_int_equal(store_open(&f->store, &o, &f->err), -1);
	assert_int_equal(f->err.code, ERR_CONFLICT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(store__keeps_its_rows__opened_again, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(store__writes_nothing__opened_again, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(store__rolls_back__failed_job, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(store__refuses__newer_folder, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(store__opened_to_read__leaves_the_files_alone,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(store__opened_to_read__makes_up_for_what_is_missing,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(store__starts_the_cache_anew__damaged, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(ticket__is_posted__commit_and_failure, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(writer__serves_the_user_first__work_queued_before,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(
			event__of_each_kind_is_posted__more_places_than_room, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(event__of_bodies__names_each, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(reader__opened_again__sees_what_came_since,
			fixture_up, fixture_down),
		cmocka_unit_test_setup_teardown(reader__sees_commits__and_cannot_write, fixture_up,
			fixture_down),
		cmocka_unit_test_setup_teardown(commit__is_all_or_nothing__killed_around_it,
			fixture_up, fixture_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
