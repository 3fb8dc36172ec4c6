/*
 * test_browse.c - which program an address goes to: of scripts that a test puts in its way, each of
 * which says its name and what it was given.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/browse.h"
#include "crmail/base/err.h"
#include "crmail/base/fsx.h"
#include "tests/unit/unit.h"

#define URL "https://id.example/auth?a=$(false)&b='\"`x`"

static char dir[64], path[128], heard[128];

static void add_program(const char *name)
{
	char file[128], text[256];
	struct err e = ERR_INIT;
	snprintf(file, sizeof file, "%s/%s", dir, name);
	int n = snprintf(text, sizeof text, "#!/bin/sh\nprintf '%%s %%s' %s \"$1\" >%s\n", name,
		heard);
	assert_int_equal(fsx_write_file(file, text, (size_t)n, false, &e), 0);
	assert_int_equal(chmod(file, 0700), 0);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", "/tmp/crmail-test-browse.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s:/nowhere", dir);
	snprintf(heard, sizeof heard, "%s/heard", dir);
	alarm(60); /* a script that is not started says nothing */
	return mkfifo(heard, 0600) || setenv("PATH", path, 1) || unsetenv("BROWSER");
}

static int tear_down(void **state)
{
	static const char *const names[] = {"heard", "xdg-open", "mine"};
	char file[128];
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(file, sizeof file, "%s/%s", dir, names[i]);
		unlink(file);
	}
	return rmdir(dir);
}

static void expect(const char *what, const char *who)
{
	char text[256] = "", want[256];
	size_t got = 0;
	assert_true(browse_open(what));
	int fd = open(heard, O_RDONLY);
	assert_true(fd >= 0);
	for (ssize_t n; (n = read(fd, text + got, sizeof text - 1 - got)) > 0;)
		got += (size_t)n;
	close(fd);
	snprintf(want, sizeof want, "%s %s", who, what);
	assert_string_equal(text, want);
}

static void browse_open__takes__the_persons_browser_first(void **state)
{
	(void)state;
	add_program("xdg-open");
	add_program("mine");
	assert_int_equal(setenv("BROWSER", "mine", 1), 0);
	expect(URL, "mine");
	expect("/tmp/offer.pdf", "xdg-open");
}

static void browse_open__takes__the_desktops_where_there_is_no_other(void **state)
{
	(void)state;
	add_program("xdg-open");
	expect(URL, "xdg-open");
	assert_int_equal(setenv("BROWSER", "", 1), 0);
	expect(URL, "xdg-open");
	assert_int_equal(setenv("BROWSER", "gone", 1), 0);
	expect(URL, "xdg-open");
}

static void browse_open__says__that_there_is_none(void **state)
{
	(void)state;
	assert_false(browse_open(URL));
	add_program("mine");
	assert_int_equal(setenv("BROWSER", "mine", 1), 0);
	assert_false(browse_open("/tmp/offer.pdf"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(browse_open__takes__the_persons_browser_first),
		TEST(browse_open__takes__the_desktops_where_there_is_no_other),
		TEST(browse_open__says__that_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
