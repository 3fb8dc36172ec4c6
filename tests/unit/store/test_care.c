/*
 * test_care.c - the data folder after a kill, with damaged pages, and from a copy: what is noticed,
 * what is mended, and what the user is told.
 */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/store/account.h"
#include "crmail/store/care.h"
#include "crmail/store/message.h"
#include "crmail/store/opqueue.h"
#include "crmail/store/outbox.h"
#include "crmail/store/search.h"
#include "src/store/store_private.h"
#include "tests/unit/store/letters.h"

enum { DAY_S = 86400, LETTERS = 40 };

struct mailbox {
	struct fixture *f;
	int64_t account, inbox, ids[LETTERS];
};

static struct mailbox make_mailbox(void **state)
{
	struct mailbox b = {.f = *state};
	b.account = letters_account(b.f, "work");
	b.inbox = letters_folder(b.f, b.account, "INBOX", FOLDER_INBOX);
	for (int i = 0; i < LETTERS; i++) {
		char id[16], mid[32], subject[32];
		snprintf(id, sizeof id, "%d", i + 1);
		snprintf(mid, sizeof mid, "m%d@x.example", i);
		snprintf(subject, sizeof subject, "Zebra %d", i);
		const struct letter l = {
			.id = id, .mid = mid, .subject = subject, .body = "thimble"};
		letters_put(b.f, b.account, b.inbox, &l, 1, &b.ids[i]);
	}
	return b;
}

static char *path_in(const struct fixture *f, const char *name)
{
	return fsx_join(f->dir, name);
}

/* Bytes of a file that SQLite must find wrong; page 1 stays, so that it still opens. */
static void damage_pages(const struct fixture *f, const char *name, long from)
{
	CLEANUP(free_str) char *path = path_in(f, name);
	CLEANUP(free_str) char *wal = xasprintf("%s-wal", path);
	int64_t size = fsx_size(path);
	assert_true(size > from);
	unlink(wal);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (long at = from; at + 512 < size; at += 1024) {
		char noise[512];
		memset(noise, 0xa5, sizeof noise);
		assert_int_equal(pwrite(fd, noise, sizeof noise, at), (ssize_t)sizeof noise);
	}
	close(fd);
}

static const char *notice(struct fixture *f)
{
	const char *text = care_notice(f->reader, &f->arena);
	return text ? text : "";
}

static const struct care_row *row_of(struct fixture *f, const char *what)
{
	struct care_row *v;
	size_t n;
	assert_ok(f, care_list(f->reader, &f->arena, &v, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].what, what))
			return &v[i];
	return NULL;
}

/* Each page of mail that came added one to each of the three. */
static int64_t count_pieces(struct fixture *f)
{
	static const char SQL_PIECES[] =
		"SELECT (SELECT count(DISTINCT segid) FROM cache.fts_idx) +"
		" (SELECT count(DISTINCT segid) FROM cache.fts_head_idx) +"
		" (SELECT count(DISTINCT segid) FROM cache.tri_idx)";
	int64_t n = 0;
	assert_ok(f, db_value(reader_db(f->reader), &n, &f->err, SQL_PIECES, ""));
	return n;
}

static void care__joins_the_pieces_of_the_index(void **state)
{
	struct mailbox b = make_mailbox(state);
	int64_t before = count_pieces(b.f);
	assert_true(before > 6);
	care_once(b.f->store);
	assert_true(count_pieces(b.f) < before);
	assert_true(count_pieces(b.f) <= 6);
	assert_int_equal(letters_count_hits(b.f, "thimble"), LETTERS);
	assert_int_equal(letters_count_hits(b.f, "zeb"), LETTERS);
	before = count_pieces(b.f);
	care_once(b.f->store);
	assert_int_equal(count_pieces(b.f), before);
}

/* A process that opens the folder and is killed. */
static void open_and_die(struct fixture *f)
{
	int pipe_fd[2], status;
	char byte;
	fixture_close(f);
	assert_int_equal(pipe(pipe_fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct store_options o = fixture_options(f);
		int rc = store_open(&f->store, &o, &f->err);
		IGNORE_RESULT(write(pipe_fd[1], rc ? "n" : "y", 1) != 1, "the parent sees it");
		for (;;)
			pause();
	}
	assert_int_equal(read(pipe_fd[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	fixture_open(f);
}

/* ---- after a kill ---------------------------------------------------------------------------- */

static void check__is_not_made__clean_end(void **state)
{
	struct mailbox b = make_mailbox(state);
	fixture_close(b.f);
	fixture_open(b.f);
	care_once(b.f->store);
	assert_null(row_of(b.f, "check"));
	assert_string_equal(notice(b.f), "");
}

static void check__says_nothing__nothing_was_wrong(void **state)
{
	struct mailbox b = make_mailbox(state);
	open_and_die(b.f);
	care_once(b.f->store);
	assert_non_null(row_of(b.f, "check"));
	assert_int_equal(row_of(b.f, "check")->state, CARE_FINE);
	assert_string_equal(notice(b.f), "");
	fixture_sql(b.f, "crmail.db", "DELETE FROM care");
	care_once(b.f->store); /* once is enough */
	assert_null(row_of(b.f, "check"));
}

static void check__mends_and_says_so__counters_and_bodies(void **state)
{
	struct mailbox b = make_mailbox(state);
	fixture_sql(b.f, "crmail.db", "UPDATE folder SET unread = 99");
	fixture_sql(b.f, "cache.db", "DELETE FROM body WHERE message % 2 = 0");
	open_and_die(b.f);
	care_once(b.f->store);
	assert_int_equal(row_of(b.f, "check")->state, CARE_MENDED);
	assert_true(strstr(notice(b.f), "did not end properly") != NULL);
	letters_check_counters(b.f);
	assert_int_equal(fixture_sql(b.f, "crmail.db",
				 "SELECT count(*) FROM message WHERE body = 0"),
		LETTERS / 2);
	fixture_set_clock(b.f, FIXTURE_NOW + 3600);
	assert_string_equal(notice(b.f), ""); /* it was said */
}

static void check__is_still_due__looked_at_by_a_process_without_care(void **state)
{
	struct mailbox b = make_mailbox(state);
	open_and_die(b.f);
	fixture_close(b.f);
	fixture_open(b.f);
	care_once(b.f->store);
	assert_non_null(row_of(b.f, "check"));
}

static void check__is_due__one_of_two_was_killed(void **state)
{
	struct fixture *f = *state;
	struct mailbox b = make_mailbox(state);
	open_and_die(f); /* and the survivor closes properly */
	struct store_options o = fixture_options(f);
	struct store *second = NULL;
	assert_ok(f, store_open(&second, &o, &f->err));
	store_close(second);
	care_once(f->store);
	assert_non_null(row_of(b.f, "check"));
}

/* ---- the daily copy -------------------------------------------------------------------------- */

static void copy__is_whole__once_a_day_and_three_kept(void **state)
{
	struct mailbox b = make_mailbox(state);
	static const char *const names[] = {"backup/crmail-2026-11-21.db",
		"backup/crmail-2026-11-22.db", "backup/crmail-2026-11-23.db",
		"backup/crmail-2026-11-24.db"};
	for (int day = 0; day < 4; day++) {
		fixture_set_clock(b.f, FIXTURE_NOW + day * DAY_S);
		care_once(b.f->store);
		assert_int_equal(fixture_sql(b.f, names[day], "SELECT count(*) FROM message"),
			LETTERS);
	}
	CLEANUP(free_str) char *oldest = path_in(b.f, names[0]);
	CLEANUP(free_str) char *newest = path_in(b.f, names[3]);
	struct stat before, after;
	assert_false(fsx_exists(oldest));
	assert_int_equal(stat(newest, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0600);
	care_once(b.f->store);
	assert_int_equal(stat(newest, &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_int_equal(row_of(b.f, "copy")->state, CARE_FINE);
}

static void copy__is_not_made__of_a_damaged_database(void **state)
{
	struct mailbox b = make_mailbox(state);
	care_once(b.f->store);
	fixture_close(b.f);
	damage_pages(b.f, "crmail.db", 40960);
	fixture_set_clock(b.f, FIXTURE_NOW + DAY_S);
	struct store_options o = fixture_options(b.f);
	if (store_open(&b.f->store, &o, &b.f->err) == 0) {
		assert_ok(b.f, store_reader_open(b.f->store, &b.f->reader, &b.f->err));
		care_once(b.f->store);
		assert_true(strstr(notice(b.f), "2026-11-21") != NULL);
		assert_true(strstr(notice(b.f), "doctor --restore") != NULL);
	} else {
		assert_true(strstr(b.f->err.msg, "2026-11-21") != NULL);
	}
	CLEANUP(free_str) char *bad = path_in(b.f, "backup/crmail-2026-11-22.db");
	CLEANUP(free_str) char *unfinished = path_in(b.f, "backup/unfinished");
	assert_false(fsx_exists(bad));
	assert_false(fsx_exists(unfinished));
	err_clear(&b.f->err);
}

/* ---- from a copy ----------------------------------------------------------------------------- */

static void put_outbox(struct fixture *f, int64_t account, int64_t id, enum outbox_state state)
{
	static const char *const to[] = {"x@x.example"};
	char mid[32];
	snprintf(mid, sizeof mid, "out%lld@own.example", (long long)id);
	const struct outbox_new o = {.account = account,
		.id = id,
		.message_id = mid,
		.from = "me@own.example",
		.recipients = to,
		.n_recipients = 1,
		.raw = "x",
		.raw_len = 1,
		.state = state == OUTBOX_DRAFT ? OUTBOX_DRAFT : OUTBOX_QUEUED};
	assert_ok(f, outbox_put_wait(f->store, &o, &id, &f->err));
	if (state == OUTBOX_HANDED || state == OUTBOX_SENT || state == OUTBOX_UNKNOWN) {
		assert_ok(f, outbox_set_state(f->store, id, OUTBOX_CONNECTING, NULL, 0, NULL, 0,
				     &f->err));
		assert_ok(f,
			outbox_set_state(f->store, id, OUTBOX_HANDED, NULL, 0, NULL, 0, &f->err));
	}
	if (state == OUTBOX_SENT || state == OUTBOX_UNKNOWN)
		assert_ok(f, outbox_set_state(f->store, id, state, NULL, 0, NULL,
				     state == OUTBOX_UNKNOWN ? FIXTURE_NOW + 30 : 0, &f->err));
}

static void fill_queues(struct mailbox *b)
{
	struct fixture *f = b->f;
	const struct target one = {TARGET_MESSAGES, &b->ids[0], 1, {.kind = LIST_FOLDER}};
	const struct target two = {
		TARGET_MESSAGES, &b->ids[1], 1, {.kind = LIST_FOLDER, .folder = b->inbox}};
	letters_folder(f, b->account, "Trash", FOLDER_TRASH);
	action_flags(f->store, &one, MSG_SEEN, 0, NULL);
	action_move_role(f->store, &two, FOLDER_TRASH, NULL);
	put_outbox(f, b->account, 1, OUTBOX_DRAFT);
	put_outbox(f, b->account, 2, OUTBOX_QUEUED);
	put_outbox(f, b->account, 3, OUTBOX_HANDED);
	put_outbox(f, b->account, 4, OUTBOX_SENT);
	put_outbox(f, b->account, 5, OUTBOX_UNKNOWN);
	fixture_sql(f, "crmail.db", "UPDATE folder SET cursor = 'c7'");
	fixture_sql(f, "crmail.db",
		"INSERT INTO activity (crm, key, kind, at, state) VALUES (1, 'k', 0, 1, 1)");
	assert_ok(f, store_flush(f->store, &f->err));
}

static void restore(struct fixture *f)
{
	struct store_options o = fixture_options(f);
	char *day = NULL;
	fixture_close(f);
	assert_ok(f, care_restore(&o, NULL, &day, &f->err));
	assert_string_equal(day, "2026-11-21");
	free(day);
	fixture_open(f);
}

static void restore__believes_nothing__that_a_copy_cannot_know(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct fixture *f = b.f;
	fill_queues(&b);
	care_once(f->store);
	fixture_sql(f, "crmail.db", "DELETE FROM message");
	restore(f);
	static const struct {
		const char *sql;
		int64_t is;
	} claims[] = {
		{"SELECT count(*) FROM message", LETTERS},
		{"SELECT count(*) FROM op", 0},
		{"SELECT count(*) FROM outbox WHERE state = 8 AND not_before <> 0", 0},
		{"SELECT count(*) FROM folder WHERE cursor IS NOT NULL", 0},
		{"SELECT count(*) FROM placement WHERE server_id IS NOT NULL", 0},
		{"SELECT count(*) FROM placement WHERE seen_pass = 1", LETTERS},
		{"SELECT state FROM outbox WHERE id = 1", OUTBOX_DRAFT},
		{"SELECT state FROM outbox WHERE id = 2", OUTBOX_UNKNOWN},
		{"SELECT state FROM outbox WHERE id = 3", OUTBOX_UNKNOWN},
		{"SELECT state FROM outbox WHERE id = 4", OUTBOX_SENT},
		{"SELECT doubt FROM activity", 1},
		{"SELECT value FROM meta WHERE key = 'doubt_before'", FIXTURE_NOW},
		{"SELECT count(*) FROM message WHERE body IN (1, 2)", 0},
		{"SELECT count(*) FROM message WHERE flags & 1", 0},
		{"SELECT count(*) FROM meta WHERE key = 'restored'", 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++)
		if (fixture_sql(f, "crmail.db", claims[i].sql) != claims[i].is)
			fail_msg("%s is not %lld", claims[i].sql, (long long)claims[i].is);
	letters_check_counters(f);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT total FROM folder WHERE role = 1"),
		LETTERS);
	struct outbox_row *due;
	int64_t next;
	assert_ok(f, outbox_due(f->reader, &f->arena, b.account, &due, &next, &f->err));
	assert_null(due); /* nothing goes out by itself */
}

static void restore__gives_the_same_mailbox__listed_again(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct fixture *f = b.f;
	int64_t id;
	care_once(f->store);
	restore(f);
	const struct letter again = {
		.id = "u9", .mid = "m3@x.example", .subject = "Zebra 3", .body = "thimble"};
	letters_put(f, b.account, b.inbox, &again, 1, &id);
	assert_int_equal(id, b.ids[3]); /* known again by its content */
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message"), LETTERS);
	assert_int_equal(letters_count_hits(f, "thimble"), 1);
	int64_t n_gone = 0;
	assert_ok(f, ingest_resync_end(f->store, b.inbox, &n_gone, &f->err));
	assert_int_equal(n_gone, LETTERS - 1);
}

static void restore__keeps_the_damaged_file__and_says_which_copy(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct fixture *f = b.f;
	struct store_options o = fixture_options(f);
	care_once(f->store);
	fixture_close(f);
	damage_pages(f, "crmail.db", 0);
	assert_int_equal(store_open(&f->store, &o, &f->err), -1);
	assert_int_equal(f->err.code, ERR_DB);
	assert_true(strstr(f->err.msg, "2026-11-21") != NULL);
	err_clear(&f->err);
	restore(f);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message"), LETTERS);
	CLEANUP(free_str) char *aside = xasprintf("%s/damaged/crmail-%d.db", f->dir, FIXTURE_NOW);
	assert_true(fsx_exists(aside));
}

static void restore__refuses__while_somebody_has_it_open(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct store_options o = fixture_options(b.f);
	char *day = NULL;
	care_once(b.f->store);
	assert_int_equal(care_restore(&o, NULL, &day, &b.f->err), -1);
	assert_int_equal(b.f->err.code, ERR_CONFLICT);
	err_clear(&b.f->err);
}

static void restore__refuses__names_that_are_no_day(void **state)
{
	struct fixture *f = *state;
	struct store_options o = fixture_options(f);
	static const char *const days[] = {"../../etc", "2026-11-99x", "", "2026-01-01"};
	char *day = NULL;
	fixture_close(f);
	for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
		assert_int_equal(care_restore(&o, days[i], &day, &f->err), -1);
		assert_int_equal(f->err.code, ERR_NOTFOUND);
		err_clear(&f->err);
	}
	fixture_open(f);
}

static void open__is_refused__crmail_db_is_gone_and_copies_are_there(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct fixture *f = b.f;
	struct store_options o = fixture_options(f);
	CLEANUP(free_str) char *path = path_in(f, "crmail.db");
	care_once(f->store);
	fixture_close(f);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_open(&f->store, &o, &f->err), -1);
	assert_true(strstr(f->err.msg, "doctor --restore") != NULL);
	assert_false(fsx_exists(path));
	err_clear(&f->err);
	restore(f);
	assert_int_equal(fixture_sql(f, "crmail.db", "SELECT count(*) FROM message"), LETTERS);
}

/* ---- cache.db -------------------------------------------------------------------------------- */

static void write_garbage(const struct fixture *f, const char *name)
{
	CLEANUP(free_str) char *path = path_in(f, name);
	CLEANUP(free_str) char *wal = xasprintf("%s-wal", path);
	struct err e = ERR_INIT;
	char noise[9000];
	memset(noise, 'q', sizeof noise);
	unlink(wal);
	assert_int_equal(fsx_write_file(path, noise, sizeof noise, false, &e), 0);
}

static void cache__starts_anew__garbage(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct list_spec inbox = {.kind = LIST_ROLE, .role = FOLDER_INBOX};
	struct thread_row *rows;
	size_t n;
	fixture_close(b.f);
	write_garbage(b.f, "cache.db");
	fixture_open(b.f);
	assert_ok(b.f, thread_list_page(b.f->reader, &b.f->arena, &inbox, NULL, false, 99, &rows,
			       &n, &b.f->err));
	assert_int_equal(n, LETTERS); /* the inbox is usable at once */
	care_once(b.f->store);
	assert_int_equal(letters_count_hits(b.f, "zebra"), LETTERS);
	assert_int_equal(fixture_sql(b.f, "crmail.db",
				 "SELECT count(*) FROM message WHERE body = 0"),
		LETTERS);
}

static void cache__is_renewed_while_in_use__damaged_pages(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct fixture *f = b.f;
	fixture_close(f);
	damage_pages(f, "cache.db", 4096);
	fixture_open(f);
	for (int i = 0; i < LETTERS; i++) { /* somebody reads, and comes upon it */
		const char *p;
		enum body_state st;
		size_t n;
		IGNORE_RESULT(message_raw(f->reader, &f->arena, b.ids[i], &p, &n, &st, &f->err),
			"some rows are readable");
		err_clear(&f->err);
	}
	assert_true(atomic_load(&f->store->damage) != 0);
	care_once(f->store);
	assert_int_equal(row_of(f, "cache")->state, CARE_MENDED);
	assert_true(strstr(notice(f), "cache") != NULL);
	assert_int_equal(atomic_load(&f->store->damage), 0);
	const char *p;
	enum body_state st;
	size_t n;
	assert_ok(f, message_raw(f->reader, &f->arena, b.ids[0], &p, &n, &st, &f->err));
	assert_int_equal(st, BODY_NONE);
	/* the same bodies can come again, and everything is searched again */
	const struct letter again = {
		.id = "1", .mid = "m0@x.example", .subject = "Zebra 0", .body = "thimble"};
	int64_t id;
	letters_put(f, b.account, b.inbox, &again, 1, &id);
	assert_int_equal(letters_count_hits(f, "thimble"), 1);
	assert_int_equal(letters_count_hits(f, "zebra"), LETTERS);
	fixture_sql(f, "crmail.db", "DELETE FROM care");
	care_once(f->store); /* no loop */
	assert_null(row_of(f, "cache"));
}

static void cache__is_given_up__damaged_again_and_again(void **state)
{
	struct mailbox b = make_mailbox(state);
	for (int i = 0; i < 5; i++) {
		atomic_fetch_or(&b.f->store->damage, DAMAGE_CACHE);
		care_once(b.f->store);
	}
	assert_int_equal(row_of(b.f, "cache")->state, CARE_NEEDS_USER);
	assert_true(strstr(notice(b.f), "disk") != NULL);
}

static void check__finds_and_renews__damaged_cache_after_a_kill(void **state)
{
	struct mailbox b = make_mailbox(state);
	fixture_close(b.f);
	damage_pages(b.f, "cache.db", 4096);
	fixture_open(b.f);
	open_and_die(b.f);
	care_once(b.f->store);
	assert_non_null(row_of(b.f, "cache"));
	assert_int_equal(row_of(b.f, "cache")->state, CARE_MENDED);
	assert_int_equal(letters_count_hits(b.f, "zebra"), LETTERS);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static const struct care_hook nobody = {.lost = NULL};

static void tell_lost(void *ctx)
{
	struct mailbox *b = ctx;
	event_post(b->f->events, &(struct event){.type = EV_REPLY, .arg = 4711, .count = 1});
}

static void thread__tells_who_fetches__cache_made_anew(void **state)
{
	struct mailbox b = make_mailbox(state);
	const struct care_hook hook = {&b, tell_lost};
	struct event events[8];
	struct care *c;
	fixture_close(b.f);
	damage_pages(b.f, "cache.db", 4096);
	fixture_open(b.f);
	open_and_die(b.f);
	struct pollfd p = {.fd = event_set_fd(b.f->events), .events = POLLIN};
	assert_ok(b.f, care_start(&c, b.f->store, hook, &b.f->err));
	stopper_want(&b.f->store->care_stopper);
	for (bool was_told = false; !was_told;) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		for (size_t n = event_drain(b.f->events, events, 8); n > 0; n--)
			was_told = was_told || events[n - 1].arg == 4711;
	}
	care_stop(c);
}

static void thread__stops_at_once__idle_or_busy(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct care *c;
	assert_ok(b.f, care_start(&c, b.f->store, nobody, &b.f->err));
	stopper_want(&b.f->store->care_stopper);
	care_stop(c);
	care_stop(NULL);
}

/* A process that hosts, stops hosting and hosts again. */
static void thread__works_again__started_a_second_time(void **state)
{
	struct mailbox b = make_mailbox(state);
	struct event events[8];
	struct pollfd p = {.fd = event_set_fd(b.f->events), .events = POLLIN};
	struct care *c;
	assert_ok(b.f, care_start(&c, b.f->store, nobody, &b.f->err));
	care_stop(c);
	assert_ok(b.f, care_start(&c, b.f->store, nobody, &b.f->err));
	stopper_want(&b.f->store->care_stopper);
	while (!row_of(b.f, "copy")) { /* its note is told of by an event, among others */
		assert_int_equal(poll(&p, 1, 60000), 1);
		while (event_drain(b.f->events, events, 8))
			continue;
	}
	care_stop(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_up, fixture_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(care__joins_the_pieces_of_the_index),
		TEST(check__is_not_made__clean_end),
		TEST(check__says_nothing__nothing_was_wrong),
		TEST(check__mends_and_says_so__counters_and_bodies),
		TEST(check__is_still_due__looked_at_by_a_process_without_care),
		TEST(check__is_due__one_of_two_was_killed),
		TEST(copy__is_whole__once_a_day_and_three_kept),
		TEST(copy__is_not_made__of_a_damaged_database),
		TEST(restore__believes_nothing__that_a_copy_cannot_know),
		TEST(restore__gives_the_same_mailbox__listed_again),
		TEST(restore__keeps_the_damaged_file__and_says_which_copy),
		TEST(restore__refuses__while_somebody_has_it_open),
		TEST(restore__refuses__names_that_are_no_day),
		TEST(open__is_refused__crmail_db_is_gone_and_copies_are_there),
		TEST(cache__starts_anew__garbage),
		TEST(cache__is_renewed_while_in_use__damaged_pages),
		TEST(cache__is_given_up__damaged_again_and_again),
		TEST(check__finds_and_renews__damaged_cache_after_a_kill),
		TEST(thread__tells_who_fetches__cache_made_anew),
		TEST(thread__stops_at_once__idle_or_busy),
		TEST(thread__works_again__started_a_second_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
