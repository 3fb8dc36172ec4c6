/*
 * test_branch.c - jobs of the auth helper's branches from their parent's side: what ends them and
 * what does not. The helper is this very program, started with --auth-helper as crmail starts
 * itself.
 */
#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "crmail/base/mem.h"
#include "crmail/net/secret.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

#define ANSWER                                                                                     \
	"{\"access_token\":\"A2\",\"refresh_token\":\"R2\",\"expires_in\":3600,"                   \
	"\"token_type\":\"Bearer\"}"

static char dir[64], path[128], self[4096];

struct provider {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_asked, may_answer;
};

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%s", "/tmp/crmail-test-branch.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/secrets", dir);
	return 0;
}

static int remove_dir(void **state)
{
	static const char *const ends[] = {"", ".lock", ".grants"};
	char name[160];
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		unlink(name);
	}
	return rmdir(dir);
}

static struct secret_store *open_store(void)
{
	const struct secret pass = {(char *)"correct horse", strlen("correct horse")};
	struct secret_store *s = secret_store_new(self, path);
	struct err e = ERR_INIT;
	if (secret_store_unlock(s, &pass, &e))
		fail_msg("%s", e.msg);
	return s;
}

static int put(struct secret_store *s, const char *name, const char *value, struct err *e)
{
	const struct secret v = {(char *)value, strlen(value)};
	return secret_store_put(s, name, &v, e);
}

/* Answers when it may. */
static void serve(struct fake_conn *c)
{
	struct provider *p = c->ctx;
	while (fake_read_line(c) && c->line[0])
		continue;
	pthread_mutex_lock(&p->lock);
	p->is_asked = true;
	pthread_cond_signal(&p->changed);
	while (!p->may_answer)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
	fake_sendf(c,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
		"%zu\r\n\r\n%s",
		strlen(ANSWER), ANSWER);
	fake_wait_end(c);
}

/* This process has one child: the helper. */
static pid_t helper_pid(void)
{
	char file[64], text[64] = "";
	snprintf(file, sizeof file, "/proc/self/task/%d/children", (int)getpid());
	FILE *f = fopen(file, "re");
	if (f && !fgets(text, sizeof text, f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return (pid_t)strtol(text, NULL, 10);
}

struct job {
	struct secret_store *store;
	struct secret token;
	struct err e;
	int rc;
};

static void *ask_token(void *ctx)
{
	struct job *j = ctx;
	j->rc = secret_store_token(j->store, "n", NULL, NULL, &j->token, &j->e);
	return NULL;
}

static void branch__goes_to_its_end__helpers_group_killed(void **state)
{
	struct provider p = {.is_asked = false};
	pthread_t thread;
	char entry[256];
	struct err e = ERR_INIT;
	(void)state;
	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.changed, NULL);
	struct fake_server *srv = fake_server_start(serve, &p);
	struct job j = {.store = open_store(), .e = ERR_INIT};
	pid_t helper = helper_pid();
	assert_true(helper > 0);
	snprintf(entry, sizeof entry,
		"{\"token\":\"http://127.0.0.1:%d/\",\"client_id\":\"c\",\"refresh_token\":\"R1\"}",
		fake_server_port(srv));
	assert_int_equal(put(j.store, "n.refresh", entry, &e), 0);
	assert_int_equal(pthread_create(&thread, NULL, ask_token, &j), 0);
	pthread_mutex_lock(&p.lock);
	while (!p.is_asked)
		pthread_cond_wait(&p.changed, &p.lock);
	assert_int_equal(kill(-helper, SIGKILL), 0); /* in mid-refresh: R1 is spent */
	p.may_answer = true;
	pthread_cond_signal(&p.changed);
	pthread_mutex_unlock(&p.lock);
	pthread_join(thread, NULL);
	assert_int_equal(j.rc, 0);
	assert_string_equal(j.token.p, "A2");
	secret_store_free(j.store);
	struct secret_store *again = open_store();
	CLEANUP(secret_release) struct secret kept = SECRET_INIT;
	assert_int_equal(secret_store_get(again, "n.refresh", &kept, &e), 0);
	assert_non_null(strstr(kept.p, "\"R2\""));
	secret_store_free(again);
	secret_release(&j.token);
	fake_server_stop(srv);
	pthread_cond_destroy(&p.changed);
	pthread_mutex_destroy(&p.lock);
}

static void branch__is_a_plain_error__what_this_side_lacks(void **state)
{
	CLEANUP(secret_release) struct secret v = SECRET_INIT;
	CLEANUP(free_str) char *huge = xcalloc(1, (200u << 10) + 1);
	struct secret_store *s = open_store();
	struct rlimit before, none;
	struct err e = ERR_INIT;
	(void)state;
	assert_int_equal(put(s, "a", "hunter2", &e), 0);
	memset(huge, 'x', 200u << 10);
	assert_int_equal(put(s, "b", huge, &e), -1);
	assert_int_equal(e.code, ERR_TOOBIG);
	assert_int_equal(secret_store_grant(s, "n", huge, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_TOOBIG);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int rc = secret_store_token(s, "n", NULL, NULL, &v, &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(rc, -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(secret_store_state(s), SECRET_STORE_OPEN);
	assert_int_equal(secret_store_get(s, "a", &v, &e), 0);
	assert_string_equal(v.p, "hunter2");
	secret_store_free(s);
}

int main(int argc, char **argv)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(branch__goes_to_its_end__helpers_group_killed,
			make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(branch__is_a_plain_error__what_this_side_lacks,
			make_dir, remove_dir),
	};
	if (argc > 1 && strcmp(argv[1], "--auth-helper") == 0)
		return secret_helper_main();
	sigaction(SIGPIPE, &ignore, NULL); /* as main() does */
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	return n > 0 ? cmocka_run_group_tests_name("branch", tests, NULL, NULL) : 1;
}
