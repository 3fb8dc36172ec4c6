/* test_fsx.c - files in a folder of the test: modes, ceilings, atomic writes, safe names. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/base/utf8.h"
#include "tests/unit/unit.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "%s", "/tmp/crmail-test-fsx.XXXXXX");
	umask(0); /* our modes do not lean on it */
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void fsx__writes_privately_and_reads_back(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(100);
	char *path = fsx_join(dir, "file");
	assert_int_equal(fsx_write_file(path, "a\0b", 3, true, &e), 0);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(fsx_size(path), 3);
	assert_int_equal(fsx_read_file(path, &b, &e), 0);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.p, "a\0b", 3);
	assert_int_equal(fsx_write_file(path, "new", 3, false, &e), 0);
	buf_reset(&b);
	assert_int_equal(fsx_read_file(path, &b, &e), 0);
	assert_string_equal(b.p, "new");
	unlink(path);
	buf_release(&b);
	free(path);
}

static void fsx__replaces_a_link__not_what_it_points_to(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(100);
	char *real = fsx_join(dir, "real"), *link = fsx_join(dir, "link");
	assert_int_equal(fsx_write_file(real, "precious", 8, false, &e), 0);
	assert_int_equal(symlink(real, link), 0);
	assert_int_equal(fsx_write_file(link, "x", 1, false, &e), 0);
	assert_int_equal(fsx_read_file(real, &b, &e), 0);
	assert_string_equal(b.p, "precious");
	unlink(real);
	unlink(link);
	buf_release(&b);
	free(real);
	free(link);
}

static void fsx__says_what_is_wrong(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(4);
	char *path = fsx_join(dir, "five"), *absent = fsx_join(dir, "absent/file");
	assert_int_equal(fsx_read_file(absent, &b, &e), -1);
	assert_int_equal(e.code, ERR_NOTFOUND);
	assert_int_equal(fsx_write_file(absent, "x", 1, false, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(fsx_write_file(path, "12345", 5, false, &e), 0);
	assert_int_equal(fsx_read_file(path, &b, &e), -1);
	assert_int_equal(e.code, ERR_TOOBIG);
	assert_int_equal(fsx_read_file(dir, &b, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(fsx_size(absent), -1);
	assert_false(fsx_exists(absent));
	unlink(path);
	buf_release(&b);
	free(path);
	free(absent);
}

static void fsx__makes_private_folders(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	char *a = fsx_join(dir, "a"), *c = fsx_join(dir, "a/b//c/");
	assert_int_equal(fsx_mkdir_p(c, &e), 0);
	assert_int_equal(fsx_mkdir_p(c, &e), 0);
	assert_true(fsx_is_dir(c));
	assert_int_equal(mode_of(a), 0700);
	assert_int_equal(mode_of(c), 0700);
	rmdir(c);
	char *b = fsx_join(dir, "a/b");
	rmdir(b);
	rmdir(a);
	assert_int_equal(fsx_write_file(a, "x", 1, false, &e), 0);
	assert_int_equal(fsx_mkdir_p(b, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(fsx_mkdir_p(a, &e), -1); /* a file is in the way */
	unlink(a);
	free(a);
	free(b);
	free(c);
}

static void fsx__joins_and_splits_paths(void **state)
{
	(void)state;
	static const char *const rows[][3] = {
		{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"", "b", "b"}, {"/", "b", "/b"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *s = fsx_join(rows[i][0], rows[i][1]);
		assert_string_equal(s, rows[i][2]);
		free(s);
	}
	assert_string_equal(fsx_basename("/a/b.txt"), "b.txt");
	assert_string_equal(fsx_basename("b.txt"), "b.txt");
	assert_string_equal(fsx_basename("a/"), "");
}

static void check_name(const char *foreign, const char *want)
{
	char *s = fsx_safe_name(foreign, "attachment");
	assert_string_equal(s, want);
	free(s);
}

static void safe_name__keeps_ordinary_names(void **state)
{
	(void)state;
	check_name("report (final).pdf", "report (final).pdf");
	check_name("Gr\u00fc\u00dfe \u4e2d\u6587.txt", "Gr\u00fc\u00dfe \u4e2d\u6587.txt");
}

static void safe_name__replaces_what_is_reserved(void **state)
{
	(void)state;
	check_name("../../etc/passwd", "_.._etc_passwd");
	check_name("C:\\x\\y.exe", "C__x_y.exe");
	check_name("a*b?c\"d<e>f|g:h", "a_b_c_d_e_f_g_h");
	check_name("-rf", "_rf");
	check_name(".bashrc", "bashrc");
	check_name(" . .. x", "x");
	check_name("x  \r\n", "x");
	check_name("a\nb\tc", "a b c");
	check_name("a\x1b[31m.txt", "a\ufffd[31m.txt");
	check_name("invoice\u202efdp.exe", "invoicefdp.exe");
	check_name("\xFF\xFE.bin", "\ufffd\ufffd.bin");
}

static void safe_name__falls_back(void **state)
{
	(void)state;
	check_name("", "attachment");
	check_name("...", "attachment");
	check_name(" \u200b\u202e ", "attachment");
}

static void safe_name__cuts_at_a_cluster_and_keeps_the_extension(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(5000);
	for (int i = 0; i < 300; i++)
		buf_addstr(&b, "e\u0301");
	buf_addstr(&b, ".docx");
	char *s = fsx_safe_name(b.p, "x");
	assert_int_equal(strlen(s), 200);
	assert_string_equal(s + 195, ".docx");
	assert_true(utf8_is_valid(s, 200));
	free(s);
	buf_reset(&b);
	for (int i = 0; i < 101; i++)
		buf_addstr(&b, "\u4e2d");
	s = fsx_safe_name(b.p, "x"); /* no extension; 66 characters of 3 bytes */
	assert_int_equal(strlen(s), 198);
	free(s);
	buf_reset(&b);
	buf_addstr(&b, "x.");
	for (int i = 0; i < 300; i++)
		buf_addch(&b, 'y'); /* too long for an extension */
	s = fsx_safe_name(b.p, "x");
	assert_int_equal(strlen(s), 200);
	free(s);
	buf_release(&b);
}

static void fsx__never_overwrites(void **state)
{
	(void)state;
	static const char *const want[] = {"a.txt", "a (2).txt", "a (3).txt"};
	char *paths[3];
	struct err e = ERR_INIT;
	for (int i = 0; i < 3; i++) {
		int fd = fsx_create_new(dir, "a.txt", &paths[i], &e);
		assert_true(fd >= 0);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
		assert_string_equal(fsx_basename(paths[i]), want[i]);
		assert_int_equal(mode_of(paths[i]), 0600);
	}
	for (int i = 0; i < 3; i++) {
		unlink(paths[i]);
		free(paths[i]);
	}
	/* A dangling link is in the way like a file. */
	char *link = fsx_join(dir, "b"), *path = NULL;
	assert_int_equal(symlink("/nonexistent/x", link), 0);
	int fd = fsx_create_new(dir, "b", &path, &e);
	assert_true(fd >= 0);
	close(fd);
	assert_string_equal(fsx_basename(path), "b (2)");
	unlink(path);
	unlink(link);
	free(path);
	free(link);
	assert_int_equal(fsx_create_new("/nonexistent", "b", &path, &e), -1);
	assert_int_equal(e.code, ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fsx__writes_privately_and_reads_back),
		cmocka_unit_test(fsx__replaces_a_link__not_what_it_points_to),
		cmocka_unit_test(fsx__says_what_is_wrong),
		cmocka_unit_test(fsx__makes_private_folders),
		cmocka_unit_test(fsx__joins_and_splits_paths),
		cmocka_unit_test(safe_name__keeps_ordinary_names),
		cmocka_unit_test(safe_name__replaces_what_is_reserved),
		cmocka_unit_test(safe_name__falls_back),
		cmocka_unit_test(safe_name__cuts_at_a_cluster_and_keeps_the_extension),
		cmocka_unit_test(fsx__never_overwrites),
	};
	return cmocka_run_group_tests_name("fsx", tests, make_dir, remove_dir);
}
