/*
 * test_secret.c - the auth helper from its parent's side. The helper is this very program, started
 * with --auth-helper as crmail starts itself.
 */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/attrs.h"
#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/net/secret.h"
#include "tests/unit/unit.h"

static char dir[64], path[128], lock_path[160], self[4096];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", "/tmp/crmail-test-secret.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/secrets", dir);
	snprintf(lock_path, sizeof lock_path, "%s.lock", path);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	unlink(lock_path);
	return rmdir(dir);
}

static int ask(const char *command, struct secret *out, struct err *e)
{
	const struct secret_helper h = {.program = self, .cancel_fd = -1};
	const struct secret_source src = {.command = command};
	return secret_ask(&h, &src, out, e);
}

static void secret_ask__gives__the_first_line_of_a_command(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;
	assert_int_equal(ask("printf 'pass word\\nsecond\\n'", &s, &e), 0);
	assert_string_equal(s.p, "pass word");
}

static void secret_ask__says__how_a_command_failed(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	struct err e = ERR_INIT;
	assert_int_equal(ask("echo hidden; exit 3", &s, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_non_null(strstr(e.msg, "(exit status 3)"));
	assert_null(strstr(e.msg, "hidden"));
	assert_int_equal(ask("true", &s, &e), -1);
	assert_non_null(strstr(e.msg, "printed nothing"));
}

static int unlock(struct secret_store *s, const char *pass, struct err *e)
{
	CLEANUP(secret_release) struct secret p = SECRET_INIT;
	secret_set(&p, pass, strlen(pass));
	return secret_store_unlock(s, &p, e);
}

static int put(struct secret_store *s, const char *name, const char *value, struct err *e)
{
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	secret_set(&v, value, strlen(value));
	return secret_store_put(s, name, &v, e);
}

static void secret_store__gives_back__what_another_session_put(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	struct err e = ERR_INIT;
	struct secret_store *s = secret_store_new(self, path);
	assert_int_equal(secret_store_state(s), SECRET_STORE_NONE);
	assert_int_equal(unlock(s, "correct horse", &e), 0);
	assert_int_equal(secret_store_state(s), SECRET_STORE_OPEN);
	assert_int_equal(put(s, "a", "hunter2", &e), 0);
	secret_store_free(s);

	s = secret_store_new(self, path);
	assert_int_equal(secret_store_state(s), SECRET_STORE_LOCKED);
	assert_int_equal(secret_store_get(s, "a", &v, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(unlock(s, "wrong horse", &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_string_equal(e.msg, "That is not the passphrase of the saved passwords.");
	assert_int_equal(unlock(s, "correct horse", &e), 0);
	assert_int_equal(secret_store_get(s, "a", &v, &e), 0);
	assert_string_equal(v.p, "hunter2");
	assert_int_equal(secret_store_erase(s, "a", &e), 0);
	assert_int_equal(secret_store_get(s, "a", &v, &e), -1);
	assert_string_equal(e.msg, "No password is saved: sign in again.");
	secret_store_free(s);
}

static void secret_store__says__that_the_file_is_damaged(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_int_equal(fsx_write_file(path, "rubbish", 7, false, &e), 0);
	struct secret_store *s = secret_store_new(self, path);
	assert_int_equal(unlock(s, "correct horse", &e), -1);
	assert_int_equal(e.code, ERR_PARSE);
	assert_int_equal(secret_store_state(s), SECRET_STORE_LOCKED);
	secret_store_free(s);
}

/* Reads /proc/PID/NAME of the newest child of this process. */
static void read_proc_of_child(const char *name, struct buf *out)
{
	char file[64], pid[32] = "";
	struct err e = ERR_INIT;
	CLEANUP(buf_release) struct buf children = BUF_INIT(4096);
	snprintf(file, sizeof file, "/proc/self/task/%ld/children", (long)getpid());
	assert_int_equal(fsx_read_file(file, &children, &e), 0);
	assert_true(sscanf(children.p, "%31s", pid) == 1);
	snprintf(file, sizeof file, "/proc/%s/%s", pid, name);
	if (fsx_read_file(file, out, &e))
		out->failed = true;
}

static void secret_store__shows_nothing__in_argv_or_environment(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf seen = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	struct secret_store *s = secret_store_new(self, path);
	assert_int_equal(unlock(s, "correct horse", &e), 0);
	assert_int_equal(put(s, "a", "hunter2", &e), 0);
	read_proc_of_child("cmdline", &seen);
	assert_non_null(memmem(seen.p, seen.len, "--auth-helper", 13));
	read_proc_of_child("environ", &seen); /* may not even be read: fine */
	assert_null(memmem(seen.p, seen.len, "hunter2", 7));
	assert_null(memmem(seen.p, seen.len, "horse", 5));
	secret_store_free(s);
}

static void secret_store__asks_again__when_the_helper_died(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	CLEANUP(buf_release) struct buf stat = BUF_INIT(4096);
	struct err e = ERR_INIT;
	struct secret_store *s = secret_store_new(self, path);
	assert_int_equal(unlock(s, "correct horse", &e), 0);
	assert_int_equal(put(s, "a", "hunter2", &e), 0);
	read_proc_of_child("stat", &stat);
	long pid = 0;
	assert_true(sscanf(stat.p, "%ld", &pid) == 1);
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	assert_int_equal(secret_store_get(s, "a", &v, &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(secret_store_state(s), SECRET_STORE_LOCKED);
	assert_int_equal(unlock(s, "correct horse", &e), 0);
	assert_int_equal(secret_store_get(s, "a", &v, &e), 0);
	secret_store_free(s);
}

static void *unlock_aside(void *store)
{
	struct err e = ERR_INIT;
	return unlock(store, "correct horse", &e) ? NULL : store;
}

/* The screen asks for the state while somebody's passphrase is looked at. */
static void secret_store__tells_its_state__while_the_helper_is_busy(void **state)
{
	(void)state;
	static const char yes[2 * 9] = {[3] = 5, [9 + 3] = 5}; /* to the file and its passphrase */
	struct err e = ERR_INIT;
	char busy[128], said[128], script[256];
	pthread_t thread;
	void *opened = NULL;
	snprintf(busy, sizeof busy, "%s/busy", dir);
	snprintf(said, sizeof said, "%s/said", dir);
	snprintf(script, sizeof script, "#!/bin/sh\nexec cat '%s'\n", said);
	assert_int_equal(fsx_write_file(busy, script, strlen(script), false, &e), 0);
	assert_int_equal(chmod(busy, 0700) || mkfifo(said, 0600), 0);
	struct secret_store *s = secret_store_new(busy, path);
	assert_int_equal(pthread_create(&thread, NULL, unlock_aside, s), 0);
	int fd = open(said, O_WRONLY); /* when the helper runs */
	assert_true(fd >= 0);
	assert_int_equal(secret_store_state(s), SECRET_STORE_NONE);
	assert_int_equal(write(fd, yes, sizeof yes), sizeof yes);
	pthread_join(thread, &opened);
	assert_ptr_equal(opened, s);
	assert_int_equal(secret_store_state(s), SECRET_STORE_OPEN);
	close(fd);
	secret_store_free(s);
	unlink(busy);
	unlink(said);
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--auth-helper") == 0)
		return secret_helper_main();
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigaction(SIGPIPE, &ignore, NULL); /* as main() does */
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n <= 0)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_ask__gives__the_first_line_of_a_command),
		cmocka_unit_test(secret_ask__says__how_a_command_failed),
		IN_DIR(secret_store__gives_back__what_another_session_put),
		IN_DIR(secret_store__says__that_the_file_is_damaged),
		IN_DIR(secret_store__shows_nothing__in_argv_or_environment),
		IN_DIR(secret_store__asks_again__when_the_helper_died),
		IN_DIR(secret_store__tells_its_state__while_the_helper_is_busy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
