/* test_vault.c - the encrypted file of secrets: what comes back, what is noticed, who may write. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/fsx.h"
#include "crmail/net/secret.h"
#include "src/net/vault.h"
#include "tests/unit/unit.h"

#define CHEAP 4 /* log2 N: the cost is not what is tested */
#define PASS "correct horse"

static char dir[64], path[128], lock_path[160];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", "/tmp/crmail-test-vault.XXXXXX");
	umask(0); /* our modes do not lean on it */
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

static struct vault_key open_with(const char *pass)
{
	struct vault_key k = {.is_set = false};
	assert_int_equal(vault_unlock(path, pass, strlen(pass), CHEAP, &k), VAULT_OK);
	return k;
}

static void put(const struct vault_key *k, const char *name, const char *value)
{
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	secret_set(&s, value, strlen(value));
	assert_int_equal(vault_put(path, k, name, &s), VAULT_OK);
}

static void expect(const struct vault_key *k, const char *name, const char *value)
{
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	assert_int_equal(vault_get(path, k, name, &s), VAULT_OK);
	assert_string_equal(s.p, value);
	assert_int_equal(s.len, strlen(value));
}

static enum vault_status status_of(const struct vault_key *k, const char *name)
{
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	return vault_get(path, k, name, &s);
}

static void vault_put__comes_back__after_opening_again(void **state)
{
	(void)state;
	struct vault_key k = open_with(PASS);
	put(&k, "one", "first secret");
	put(&k, "two", "pässwörd with \" and \\");
	put(&k, "one", "replaced");
	struct vault_key again = open_with(PASS);
	expect(&again, "one", "replaced");
	expect(&again, "two", "pässwörd with \" and \\");
	assert_int_equal(vault_put(path, &again, "one", NULL), VAULT_OK);
	assert_int_equal(status_of(&k, "one"), VAULT_NOT_FOUND);
	expect(&k, "two", "pässwörd with \" and \\");
	assert_int_equal(status_of(&k, "tw"), VAULT_NOT_FOUND);
}

static void vault_put__keeps__bytes_of_any_value(void **state)
{
	(void)state;
	struct vault_key k = open_with(PASS);
	CLEANUP(secret_release) struct secret in = SECRET_INIT;
	CLEANUP(secret_release) struct secret out = SECRET_INIT;
	secret_set(&in, "a\0b\n", 4);
	assert_int_equal(vault_put(path, &k, "odd", &in), VAULT_OK);
	assert_int_equal(vault_get(path, &k, "odd", &out), VAULT_OK);
	assert_int_equal(out.len, 4);
	assert_memory_equal(out.p, "a\0b\n", 4);
}

static void vault__is_private__whatever_the_umask(void **state)
{
	(void)state;
	struct stat st;
	struct vault_key k = open_with(PASS);
	put(&k, "one", "x");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(lock_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void vault_unlock__says_wrong__of_another_passphrase(void **state)
{
	(void)state;
	struct vault_key k = open_with(PASS), other = {.is_set = false};
	put(&k, "one", "x");
	assert_int_equal(vault_unlock(path, "correct horsf", 13, CHEAP, &other),
		VAULT_WRONG_PASSPHRASE);
	assert_int_equal(vault_unlock(path, "", 0, CHEAP, &other), VAULT_WRONG_PASSPHRASE);
	assert_false(other.is_set);
	assert_int_equal(status_of(&other, "one"), VAULT_LOCKED);
}

static void read_whole(struct buf *b)
{
	struct err e = ERR_INIT;
	assert_int_equal(fsx_read_file(path, b, &e), 0);
}

static void write_whole(const char *p, size_t n)
{
	struct err e = ERR_INIT;
	assert_int_equal(fsx_write_file(path, p, n, false, &e), 0);
}

static void vault_unlock__finds__each_byte_that_was_changed(void **state)
{
	(void)state;
	struct vault_key k = open_with(PASS), again = {.is_set = false};
	CLEANUP(buf_release) struct buf whole = BUF_INIT(1 << 20);
	put(&k, "one", "the secret");
	read_whole(&whole);
	for (size_t i = 0; i < whole.len; i++) {
		whole.p[i] = (char)(whole.p[i] ^ 0x20);
		write_whole(whole.p, whole.len);
		whole.p[i] = (char)(whole.p[i] ^ 0x20);
		enum vault_status st = vault_unlock(path, PASS, strlen(PASS), CHEAP, &again);
		if (st != VAULT_DAMAGED)
			fail_msg("byte %zu changed: status %d", i, (int)st);
		assert_int_not_equal(status_of(&k, "one"), VAULT_OK);
	}
	for (size_t n = 0; n < whole.len; n++) {
		write_whole(whole.p, n);
		assert_int_equal(vault_unlock(path, PASS, strlen(PASS), CHEAP, &again),
			VAULT_DAMAGED);
	}
	write_whole(whole.p, whole.len);
	expect(&k, "one", "the secret");
}

static void vault__shows_nothing__of_names_and_values(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf whole = BUF_INIT(1 << 20);
	struct vault_key k = open_with(PASS);
	put(&k, "name-to-find", "value-to-find");
	read_whole(&whole);
	assert_null(memmem(whole.p, whole.len, "to-find", 7));
	assert_null(memmem(whole.p, whole.len, "horse", 5));
}

/* A file made anew with another passphrase is not overwritten by whoever had the old one open. */
static void vault_put__refuses__a_file_of_another_key(void **state)
{
	(void)state;
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	struct vault_key k = open_with(PASS);
	unlink(path);
	struct vault_key other = open_with("another");
	secret_set(&s, "x", 1);
	assert_int_equal(vault_put(path, &k, "one", &s), VAULT_LOCKED);
	put(&other, "one", "y");
	expect(&other, "one", "y");
}

static void vault_get__says_gone__of_a_removed_file(void **state)
{
	(void)state;
	struct vault_key k = open_with(PASS);
	unlink(path);
	assert_int_equal(status_of(&k, "one"), VAULT_NO_FILE);
}

static void fill(const struct vault_key *k, char who)
{
	for (int i = 0; i < 25; i++) {
		char name[16];
		snprintf(name, sizeof name, "%c%d", who, i);
		put(k, name, name);
	}
}

static void vault_put__loses_nothing__of_two_processes_at_once(void **state)
{
	(void)state;
	struct vault_key k = open_with(PASS);
	pid_t pid = fork();
	if (pid == 0) {
		struct vault_key own = open_with(PASS);
		fill(&own, 'c');
		_exit(0);
	}
	fill(&k, 'p');
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (int i = 0; i < 25; i++) {
		char name[16];
		snprintf(name, sizeof name, "c%d", i);
		expect(&k, name, name);
		snprintf(name, sizeof name, "p%d", i);
		expect(&k, name, name);
	}
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(vault_put__comes_back__after_opening_again),
		IN_DIR(vault_put__keeps__bytes_of_any_value),
		IN_DIR(vault__is_private__whatever_the_umask),
		IN_DIR(vault_unlock__says_wrong__of_another_passphrase),
		IN_DIR(vault_unlock__finds__each_byte_that_was_changed),
		IN_DIR(vault__shows_nothing__of_names_and_values),
		IN_DIR(vault_put__refuses__a_file_of_another_key),
		IN_DIR(vault_get__says_gone__of_a_removed_file),
		IN_DIR(vault_put__loses_nothing__of_two_processes_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
