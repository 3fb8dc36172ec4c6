/*
 * test_keyring.c - the keyring's side of the auth helper without a keyring: no bus, one that is
 * gone, one that never answers. What a real one does is asked in tests/e2e/test_keyring.py.
 */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/net/secret.h"
#include "src/net/keyring.h"
#include "src/net/safe.h"
#include "tests/unit/unit.h"

#define NAME "keyring:a@b.example:0123"
#define LONG_MS 60000 /* that is not waited for */

static char dir[64], path[128], self[4096];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", "/tmp/crmail-test-keyring.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/bus", dir);
	return unsetenv("DBUS_SESSION_BUS_ADDRESS") || setenv("XDG_RUNTIME_DIR", dir, 1);
}

static int remove_dir(void **state)
{
	static const char *const beside[] = {"", ".lock", ".grants"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		char file[160];
		snprintf(file, sizeof file, "%s%s", path, beside[i]);
		unlink(file);
	}
	return rmdir(dir);
}

/* A socket that takes connections and says nothing. */
static int listen_mutely(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(a.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static enum vault_status run(enum keyring_op op, int deadline_ms, int watch_fd)
{
	const struct keyring_call c = {
		.op = op, .name = NAME, .deadline_ms = deadline_ms, .watch_fd = watch_fd};
	return keyring_run(&c, NULL);
}

static void keyring__is_not_asked_for__without_a_bus(void **state)
{
	(void)state;
	assert_false(keyring_has_bus());
	assert_int_equal(run(KEYRING_PROBE, LONG_MS, -1), VAULT_NO_KEYRING);
	assert_int_equal(setenv("DBUS_SESSION_BUS_ADDRESS", "", 1), 0);
	assert_false(keyring_has_bus());
}

static void keyring__is_none__on_a_bus_that_is_gone(void **state)
{
	(void)state;
	char address[256];
	snprintf(address, sizeof address, "unix:path=%s", path);
	assert_int_equal(setenv("DBUS_SESSION_BUS_ADDRESS", address, 1), 0);
	assert_true(keyring_has_bus());
	assert_int_equal(run(KEYRING_PROBE, LONG_MS, -1), VAULT_NO_KEYRING);
	assert_int_equal(run(KEYRING_GET, LONG_MS, -1), VAULT_NO_KEYRING);
}

static void keyring__is_given_up__when_it_does_not_answer(void **state)
{
	(void)state;
	int fd = listen_mutely();
	assert_true(keyring_has_bus()); /* beside the runtime directory */
	assert_int_equal(run(KEYRING_PROBE, 100, -1), VAULT_KEYRING_SLOW);
	assert_int_equal(run(KEYRING_UNLOCK, 100, -1), VAULT_KEYRING_SHUT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left behind */
	close(fd);
}

static void keyring__is_given_up__when_nobody_waits_any_more(void **state)
{
	(void)state;
	int ends[2], fd = listen_mutely();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	close(ends[1]);
	assert_int_not_equal(run(KEYRING_UNLOCK, LONG_MS, ends[0]), VAULT_OK);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	close(ends[0]);
	close(fd);
}

/* GLib says on the standard output what it does, where the environment asks for it. */
static void keyring__writes_nothing__between_the_helpers_answers(void **state)
{
	char said[16];
	(void)state;
	int ends[2], before = dup(1), fd = listen_mutely();
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(setenv("G_DBUS_DEBUG", "all", 1), 0);
	fflush(stdout);
	assert_int_equal(dup2(ends[1], 1), 1);
	enum vault_status st = run(KEYRING_PROBE, 1000, -1);
	assert_int_equal(dup2(before, 1), 1);
	unsetenv("G_DBUS_DEBUG");
	assert_int_equal(st, VAULT_KEYRING_SLOW);
	assert_int_equal(read(ends[0], said, sizeof said), -1);
	close(ends[0]);
	close(ends[1]);
	close(before);
	close(fd);
}

static void keyring__refuses__what_is_too_big(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret big = SECRET_INIT;
	struct keyring_call c = {
		.op = KEYRING_PUT, .name = NAME, .value = &big, .deadline_ms = LONG_MS};
	int fd = listen_mutely();
	big.len = KEYRING_VALUE_MAX + 1;
	big.p = calloc(1, big.len);
	assert_int_equal(keyring_run(&c, NULL), VAULT_TOO_BIG);
	close(fd);
}

static void safe__asks__where_the_name_says(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	const struct vault_key locked = {.is_set = false};
	assert_int_equal(safe_get(path, &locked, NAME, &v), VAULT_NO_KEYRING);
	assert_int_equal(safe_put(path, &locked, NAME, &v), VAULT_NO_KEYRING);
	assert_int_equal(safe_get(path, &locked, "0123", &v), VAULT_LOCKED);
	assert_int_equal(safe_put(path, &locked, "0123", NULL), VAULT_LOCKED);
	assert_int_equal(safe_drop(path, &locked, "0123"), VAULT_LOCKED);
}

static void check_error(int rc, struct err *e, enum err_code code, const char *words)
{
	assert_int_equal(rc, -1);
	assert_int_equal(e->code, code);
	assert_non_null(strstr(e->msg, words));
	err_clear(e);
}

static void secret_store__says__that_no_keyring_is_there(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	struct err e = ERR_INIT;
	bool needs_passphrase = false;
	struct secret_store *s = secret_store_new(self, path);
	secret_store_take_keyring(s, true);
	assert_int_equal(secret_store_keyring(s), SECRET_KEYRING_UNKNOWN);
	check_error(secret_store_get(s, NAME, &v, &e), &e, ERR_IO, "No keyring is running");
	assert_int_equal(secret_store_keyring(s), SECRET_KEYRING_NONE);
	check_error(secret_store_token(s, NAME, NULL, NULL, &v, &e), &e, ERR_IO, "No keyring");
	check_error(secret_store_unlock_keyring(s, NULL, &e), &e, ERR_IO, "No keyring");
	check_error(secret_store_check(s, NAME, &needs_passphrase, &e), &e, ERR_IO, "No keyring");
	assert_int_equal(secret_store_check(s, NULL, &needs_passphrase, &e), 0);
	assert_true(needs_passphrase); /* what is new goes into the file */
	assert_false(secret_store_saves_in_keyring(s));
	assert_int_equal(secret_store_state(s), SECRET_STORE_NONE);
	secret_store_free(s);
}

struct question {
	struct secret_store *s;
	atomic_bool is_answered;
};

static void *ask_keyring(void *ctx)
{
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	struct question *q = ctx;
	struct err e = ERR_INIT;
	int rc = secret_store_get(q->s, NAME, &v, &e);
	atomic_store(&q->is_answered, true);
	return rc ? NULL : q;
}

static bool has(struct secret_store *s, const char *name, const char *want)
{
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	struct err e = ERR_INIT;
	return secret_store_get(s, name, &v, &e) == 0 && !strcmp(v.p, want);
}

static void put(struct secret_store *s, const char *name, const char *text)
{
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	struct err e = ERR_INIT;
	secret_set(&v, text, strlen(text));
	assert_int_equal(secret_store_put(s, name, &v, &e), 0);
}

static struct secret_store *open_file(const char *where)
{
	CLEANUP(secret_release) struct secret pass = SECRET_INIT;
	struct err e = ERR_INIT;
	struct secret_store *s = secret_store_new(self, where);
	secret_set(&pass, "correct horse", 13);
	assert_int_equal(secret_store_unlock(s, &pass, &e), 0);
	return s;
}

/* One that stands still: what others have in the file comes while it is waited for. */
static void secret_store__answers_from_the_file__while_the_keyring_stands_still(void **state)
{
	char file[160], beside[170];
	pthread_t thread;
	(void)state;
	snprintf(file, sizeof file, "%s/secrets", dir);
	struct question q = {.s = open_file(file)};
	int fd = listen_mutely();
	put(q.s, "0123", "hunter2");
	assert_int_equal(pthread_create(&thread, NULL, ask_keyring, &q), 0);
	int asker = accept(fd, NULL, NULL);
	assert_true(asker >= 0);
	assert_true(has(q.s, "0123", "hunter2"));
	assert_false(atomic_load(&q.is_answered));
	close(asker);
	close(fd);
	pthread_join(thread, NULL);
	secret_store_free(q.s);
	unlink(file);
	snprintf(beside, sizeof beside, "%s.lock", file);
	unlink(beside);
}

struct adoption {
	struct secret_store *s;
	int rc;
	bool was_asked;
};

/* Both are there when the new name is to count. */
static int adopt(void *ctx, const char *to, struct err *e)
{
	struct adoption *a = ctx;
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	CLEANUP(secret_release) struct secret old = SECRET_INIT;
	a->was_asked = true;
	assert_int_equal(secret_store_get(a->s, to, &v, e), 0);
	assert_int_equal(secret_store_get(a->s, "from", &old, e), 0);
	assert_string_equal(v.p, old.p);
	return a->rc ? err_set(e, ERR_DB, "no row") : 0;
}

static void secret_store_move__forgets_the_old_one__when_the_new_one_counts(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	struct secret_store *s = open_file(path);
	struct adoption a = {.s = s};
	put(s, "from", "hunter2");
	put(s, "from.refresh", "{\"at\":7,\"refresh_token\":\"r1\"}");
	put(s, "from.access", "{\"at\":7,\"token\":\"a1\"}");
	assert_int_equal(secret_store_move(s, "from", "to", adopt, &a, &e), 0);
	assert_true(a.was_asked);
	assert_true(has(s, "to", "hunter2"));
	assert_true(has(s, "to.access", "{\"at\":7,\"token\":\"a1\"}"));
	/* it does not look as old as what was left behind */
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	assert_int_equal(secret_store_get(s, "to.refresh", &v, &e), 0);
	assert_non_null(strstr(v.p, "\"refresh_token\":\"r1\""));
	assert_null(strstr(v.p, "\"at\":7,"));
	assert_int_equal(secret_store_get(s, "from", &v, &e), -1);
	assert_int_equal(secret_store_get(s, "from.refresh", &v, &e), -1);
	secret_store_free(s);
}

static void secret_store_move__keeps_the_old_one__when_the_new_one_does_not_count(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	struct err e = ERR_INIT;
	struct secret_store *s = open_file(path);
	struct adoption a = {.s = s, .rc = -1};
	put(s, "from", "hunter2");
	assert_int_equal(secret_store_move(s, "from", "to", adopt, &a, &e), -1);
	assert_string_equal(e.msg, "no row");
	err_clear(&e);
	assert_true(has(s, "from", "hunter2"));
	assert_int_equal(secret_store_get(s, "to", &v, &e), -1);
	secret_store_free(s);
}

static void secret_store_move__makes_new__what_is_from_before_there_were_times(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	struct err e = ERR_INIT;
	struct secret_store *s = open_file(path);
	struct adoption a = {.s = s};
	put(s, "from", "hunter2");
	put(s, "from.refresh", "{\"refresh_token\":\"r1\"}");
	assert_int_equal(secret_store_move(s, "from", "to", adopt, &a, &e), 0);
	assert_int_equal(secret_store_get(s, "to.refresh", &v, &e), 0);
	assert_non_null(strstr(v.p, "\"at\":1"));
	secret_store_free(s);
}

static int never(void *ctx, const char *to, struct err *e)
{
	(void)to;
	(void)e;
	*(bool *)ctx = true;
	return 0;
}

static void secret_store_move__changes_nothing__when_it_cannot_copy(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	bool was_adopted = false;
	struct secret_store *s = open_file(path);
	put(s, "0123", "hunter2");
	unsetenv("XDG_RUNTIME_DIR"); /* the file is called "bus" here, too */
	assert_int_equal(secret_store_move(s, "0123", NAME, never, &was_adopted, &e), -1);
	assert_false(was_adopted);
	assert_true(has(s, "0123", "hunter2"));
	secret_store_free(s);
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
		IN_DIR(keyring__is_not_asked_for__without_a_bus),
		IN_DIR(keyring__is_none__on_a_bus_that_is_gone),
		IN_DIR(keyring__is_given_up__when_it_does_not_answer),
		IN_DIR(keyring__is_given_up__when_nobody_waits_any_more),
		IN_DIR(keyring__writes_nothing__between_the_helpers_answers),
		IN_DIR(keyring__refuses__what_is_too_big),
		IN_DIR(safe__asks__where_the_name_says),
		IN_DIR(secret_store__says__that_no_keyring_is_there),
		IN_DIR(secret_store__answers_from_the_file__while_the_keyring_stands_still),
		IN_DIR(secret_store_move__changes_nothing__when_it_cannot_copy),
		IN_DIR(secret_store_move__makes_new__what_is_from_before_there_were_times),
		IN_DIR(secret_store_move__forgets_the_old_one__when_the_new_one_counts),
		IN_DIR(secret_store_move__keeps_the_old_one__when_the_new_one_does_not_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
