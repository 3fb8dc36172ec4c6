/* test_log.c - one line is one line, the file is private and turns over. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/log.h"
#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "tests/unit/unit.h"

struct fixture {
	char dir[64];
	char *path, *time;
	struct clock_src *clock;
	struct err e;
};

static int set_up(void **state)
{
	static struct fixture f;
	snprintf(f.dir, sizeof(f.dir), "%s", "/tmp/crmail-test-log.XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	f.e = ERR_INIT;
	f.path = fsx_join(f.dir, "log");
	f.time = fsx_join(f.dir, "time");
	f.clock = clock_new(f.time);
	*state = &f;
	return fsx_write_file(f.time, "1700000000", 10, false, &f.e);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	log_close();
	clock_free(f->clock);
	unlink(f->path);
	unlink(f->time);
	for (int i = 1; i <= 4; i++) {
		char *old = xasprintf("%s.%d", f->path, i);
		unlink(old);
		free(old);
	}
	free(f->path);
	free(f->time);
	return rmdir(f->dir);
}

static void read_log(struct fixture *f, struct buf *out)
{
	buf_reset(out);
	assert_int_equal(fsx_read_file(f->path, out, &f->e), 0);
}

static void log__writes_time_level_area_text(void **state)
{
	struct fixture *f = *state;
	struct buf b = BUF_INIT(10000);
	assert_int_equal(log_open(f->path, LOG_NOTE, f->clock, &f->e), 0);
	log_line(LOG_NOTE, "imap", "folder %d: %d new", 3, 7);
	log_line(LOG_DEBUG, "imap", "not this");
	log_line(LOG_ERROR, "store", "broken");
	read_log(f, &b);
	assert_string_equal(b.p, "2023-11-14T22:13:20Z note imap: folder 3: 7 new\n"
				 "2023-11-14T22:13:20Z error store: broken\n");
	buf_release(&b);
}

static void log__keeps_a_line_one_harmless_line(void **state)
{
	struct fixture *f = *state;
	struct buf b = BUF_INIT(10000);
	assert_int_equal(log_open(f->path, LOG_DEBUG, f->clock, &f->e), 0);
	log_line(LOG_NOTE, "x", "a\nerror forged\r\n\x1b[2J\u202e");
	log_line(LOG_NOTE, "x", "%05000d", 1);
	read_log(f, &b);
	struct span rest = {b.p, b.len}, line;
	assert_true(span_next(&rest, '\n', &line));
	assert_true(span_eq(line, "2023-11-14T22:13:20Z note x: a error forged \ufffd[2J"));
	assert_true(span_next(&rest, '\n', &line));
	assert_in_range(line.len, 400, 600);
	assert_int_equal(rest.len, 0);
	buf_release(&b);
}

static void log__is_private__even_where_it_was_not(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	umask(0);
	assert_int_equal(fsx_write_file(f->path, "old\n", 4, false, &f->e), 0);
	assert_int_equal(chmod(f->path, 0644), 0);
	assert_int_equal(log_open(f->path, LOG_NOTE, f->clock, &f->e), 0);
	log_line(LOG_NOTE, "x", "new");
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(st.st_size > 20); /* added to, not begun anew */
}

static void log__turns_over_at_four_megabytes(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	assert_int_equal(log_open(f->path, LOG_NOTE, f->clock, &f->e), 0);
	for (int i = 0; i < 5 * 11000; i++)
		log_line(LOG_NOTE, "fill", "%0350d", i);
	for (int i = 0; i <= 4; i++) {
		char *path = i ? xasprintf("%s.%d", f->path, i) : xstrdup(f->path);
		if (i == 4) {
			assert_int_equal(fsx_size(path), -1);
		} else {
			assert_int_equal(stat(path, &st), 0);
			assert_true(st.st_size <= 4 << 20);
			assert_int_equal(st.st_mode & 07777, 0600);
			assert_true(i == 0 || st.st_size > (4 << 20) - 1000);
		}
		free(path);
	}
}

static void log__says_why__when_it_cannot_open(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(log_open("/nonexistent/log", LOG_NOTE, f->clock, &f->e), -1);
	assert_int_equal(f->e.code, ERR_IO);
	log_line(LOG_ERROR, "x", "goes nowhere");
	log_close();
	log_line(LOG_ERROR, "x", "goes nowhere");
}

static int count_entry(void *ctx, const struct log_entry *x)
{
	struct log_entry *last = ctx;
	assert_true(x->at >= last->at);
	last->at = x->at;
	last->level = x->level;
	assert_string_equal(x->area, "imap");
	assert_true(str_starts(x->text, "account 3: "));
	return str_starts(x->text, "account 3: stop") ? 1 : 0;
}

static void log__is_read_back__with_what_was_turned_over(void **state)
{
	struct fixture *f = *state;
	struct log_entry last = {.at = 0};
	char *old = xasprintf("%s.1", f->path);
	static const char older[] = "2023-11-14T22:13:10Z warn imap: account 3: older\n"
				    "half a line without anything\n";
	assert_int_equal(fsx_write_file(old, older, strlen(older), false, &f->e), 0);
	free(old);
	assert_int_equal(log_open(f->path, LOG_NOTE, f->clock, &f->e), 0);
	log_line(LOG_ERROR, "imap", "account 3: a: b");
	assert_int_equal(log_read(f->path, 0, count_entry, &last, &f->e), 0);
	assert_int_equal(last.at, 1700000000);
	assert_int_equal(last.level, LOG_ERROR);
	last.at = 0;
	assert_int_equal(log_read(f->path, 1700000001, count_entry, &last, &f->e), 0);
	assert_int_equal(last.at, 0);
	log_line(LOG_NOTE, "imap", "account 3: stop");
	log_line(LOG_NOTE, "other", "not reached");
	assert_int_equal(log_read(f->path, 0, count_entry, &last, &f->e), 0);
	assert_int_equal(log_read("/nonexistent/log", 0, count_entry, &last, &f->e), 0);
}

/* Another process has turned the file over: the next line is in the new one. */
static void log__follows_the_file__turned_over_by_another(void **state)
{
	struct fixture *f = *state;
	struct buf b = BUF_INIT(1000);
	char *old = xasprintf("%s.1", f->path);
	assert_int_equal(log_open(f->path, LOG_NOTE, f->clock, &f->e), 0);
	log_line(LOG_NOTE, "x", "first");
	assert_int_equal(rename(f->path, old), 0);
	free(old);
	log_line(LOG_NOTE, "x", "second");
	read_log(f, &b);
	assert_string_equal(b.p, "2023-11-14T22:13:20Z note x: second\n");
	buf_release(&b);
}

static void *write_many(void *arg)
{
	for (int i = 0; i < 500; i++)
		log_line(LOG_NOTE, arg, "%0100d", i);
	return NULL;
}

static void log__keeps_lines_whole__from_many_threads(void **state)
{
	struct fixture *f = *state;
	struct buf b = BUF_INIT(10 << 20);
	pthread_t t[4];
	assert_int_equal(log_open(f->path, LOG_NOTE, f->clock, &f->e), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, write_many, (void *)"area"), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	read_log(f, &b);
	struct span rest = {b.p, b.len}, line;
	size_t lines = 0;
	while (span_next(&rest, '\n', &line)) {
		assert_int_equal(line.len, strlen("2023-11-14T22:13:20Z note area: ") + 100);
		lines++;
	}
	assert_int_equal(lines, 2000);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(log__writes_time_level_area_text, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(log__keeps_a_line_one_harmless_line, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(log__is_private__even_where_it_was_not, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(log__turns_over_at_four_megabytes, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(log__says_why__when_it_cannot_open, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(log__is_read_back__with_what_was_turned_over,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(log__follows_the_file__turned_over_by_another,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(log__keeps_lines_whole__from_many_threads, set_up,
			tear_down),
	};
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
