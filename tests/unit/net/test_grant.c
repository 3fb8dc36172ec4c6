/* test_grant.c - tokens from a provider that a test plays: what is kept, in which order, how often
 * a refresh token goes out, and what odd answers do. */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/hash.h"
#include "crmail/net/secret.h"
#include "src/net/grant.h"
#include "src/net/left.h"
#include "src/net/vault.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

#define CHEAP 4
#define NOW 1795000000
#define MOST 8

struct answer {
	int status;
	const char *body;
	const char *headers; /* NULL = none */
};

static struct {
	char dir[64], path[128], clock_file[128], url[64];
	struct vault_key key;
	struct clock_src *clock;
	struct fake_server *srv;
	pthread_mutex_t lock;         /* of what follows, which the server's thread uses, too */
	const struct answer *answers; /* the last one for ever */
	size_t n_answers;
	int requests;
	char forms[MOST][1024];
	bool blocks;    /* nothing can be saved any more once a request has come */
	bool looks;     /* whether the grant is locked meanwhile: */
	bool is_locked; /* it was, when the last request came */
} f;

static int requests(void)
{
	pthread_mutex_lock(&f.lock);
	int n = f.requests;
	pthread_mutex_unlock(&f.lock);
	return n;
}

static const char *form(int i)
{
	assert_in_range(i, 0, requests() - 1);
	return f.forms[i];
}

static bool read_form(struct fake_conn *c, char *out, size_t size)
{
	size_t len = 0, n = 0;
	while (fake_read_line(c) && c->line[0])
		if (!strncmp(c->line, "Content-Length: ", 16))
			len = strtoul(c->line + 16, NULL, 10);
	for (; n < len && n < size - 1; n++)
		if (recv(c->fd, out + n, 1, 0) != 1)
			return false;
	out[n] = '\0';
	return len > 0;
}

static void block_saving(bool is_on)
{
	char path[160];
	snprintf(path, sizeof path, "%s.lock", f.path);
	unlink(path);
	assert_int_equal(is_on ? mkdir(path, 0700) : rmdir(path), 0);
}

/* From another process: to this one its own lock is none. */
static bool is_locked_for_others(void)
{
	char path[160];
	int status = -1;
	snprintf(path, sizeof path, "%s.grants", f.path);
	pid_t pid = fork();
	if (pid == 0) {
		struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
		int fd = open(path, O_RDWR);
		_exit(fd < 0 || fcntl(fd, F_GETLK, &all) || all.l_type == F_UNLCK);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void answer(struct fake_conn *c)
{
	size_t at = (size_t)f.requests < f.n_answers ? (size_t)f.requests : f.n_answers - 1;
	const struct answer *a = &f.answers[at];
	if (f.requests == MOST || !read_form(c, f.forms[f.requests], sizeof f.forms[0]))
		return;
	f.requests++;
	if (f.blocks)
		block_saving(true);
	if (f.looks)
		f.is_locked = is_locked_for_others();
	fake_sendf(c,
		"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: "
		"%zu\r\n%s\r\n%s",
		a->status, strlen(a->body), a->headers ? a->headers : "", a->body);
}

static void serve(struct fake_conn *c)
{
	pthread_mutex_lock(&f.lock);
	answer(c);
	pthread_mutex_unlock(&f.lock);
}

static void set_clock(int64_t now)
{
	char text[32];
	struct err e = ERR_INIT;
	int n = snprintf(text, sizeof text, "%lld\n", (long long)now);
	assert_int_equal(fsx_write_file(f.clock_file, text, (size_t)n, false, &e), 0);
}

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof f);
	pthread_mutex_init(&f.lock, NULL);
	snprintf(f.dir, sizeof f.dir, "%s", "/tmp/crmail-test-grant.XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	snprintf(f.path, sizeof f.path, "%s/secrets", f.dir);
	snprintf(f.clock_file, sizeof f.clock_file, "%s/clock", f.dir);
	set_clock(NOW);
	f.clock = clock_new(f.clock_file);
	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	unsetenv("XDG_RUNTIME_DIR");
	f.srv = fake_server_start(serve, NULL);
	snprintf(f.url, sizeof f.url, "http://127.0.0.1:%d/token", fake_server_port(f.srv));
	return vault_unlock(f.path, "x", 1, CHEAP, &f.key) == VAULT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = {
		"secrets", "secrets.lock", "secrets.grants", "secrets.left", "clock"};
	char path[160];
	(void)state;
	fake_server_stop(f.srv);
	pthread_mutex_destroy(&f.lock);
	clock_free(f.clock);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof path, "%s/%s", f.dir, names[i]);
		unlink(path);
	}
	return rmdir(f.dir);
}

static struct grant_place place(void)
{
	return (struct grant_place){.path = f.path, .key = &f.key, .clock = f.clock};
}

static void answer_with(const struct answer *a, size_t n)
{
	pthread_mutex_lock(&f.lock);
	f.answers = a;
	f.n_answers = n;
	f.requests = 0;
	pthread_mutex_unlock(&f.lock);
}

static int get_as(const char *name, struct buf *out, struct err *e)
{
	CLEANUP(buf_release) struct buf rq = BUF_INIT(4096);
	struct grant_place g = place();
	buf_addf(&rq,
		"{\"token\":\"%s\",\"revoke\":\"%s\",\"device\":\"%s\",\"client_id\":\"c\","
		"\"client_secret\":\"s&s\",\"form\":{\"grant_type\":\"authorization_code\","
		"\"code\":\"4/x\"}}",
		f.url, f.url, f.url);
	return grant_get(&g, name, rq.p, out, e);
}

static int get(struct buf *out, struct err *e)
{
	return get_as("n", out, e);
}

#define FIRST                                                                                      \
	{                                                                                          \
		200,                                                                               \
			"{\"access_token\":\"A1\",\"refresh_token\":\"R1\",\"expires_in\":3600,"   \
			"\"token_type\":\"Bearer\"}",                                              \
			NULL                                                                       \
	}
#define SECOND                                                                                     \
	{                                                                                          \
		200,                                                                               \
			"{\"access_token\":\"A2\",\"refresh_token\":\"R2\",\"expires_in\":3600,"   \
			"\"token_type\":\"bearer\"}",                                              \
			NULL                                                                       \
	}
#define THIRD                                                                                      \
	{                                                                                          \
		200, "{\"access_token\":\"A3\",\"expires_in\":3600}", NULL                         \
	}

static void obtain(void)
{
	static const struct answer first[] = {FIRST};
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;
	answer_with(first, 1);
	assert_int_equal(get(&out, &e), 0);
}

/* "A1", or the error's sentence. */
static const char *token(const char *refused)
{
	static char text[600];
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	struct grant_place g = place();
	struct err e = ERR_INIT;
	int rc = grant_token(&g, "n", refused, &s, &e);
	snprintf(text, sizeof text, "%s", rc ? e.msg : s.p);
	return text;
}

static void grant__asks_as_the_standard_says__and_keeps_two_entries(void **state)
{
	CLEANUP(secret_release) struct secret access = SECRET_INIT;
	CLEANUP(secret_release) struct secret refresh = SECRET_INIT;
	(void)state;
	obtain();
	assert_string_equal(form(0),
		"grant_type=authorization_code&code=4%2Fx&client_id=c&client_secret=s%26s");
	assert_int_equal(vault_get(f.path, &f.key, "n.access", &access), VAULT_OK);
	assert_int_equal(vault_get(f.path, &f.key, "n.refresh", &refresh), VAULT_OK);
	assert_non_null(strstr(access.p, "A1"));
	assert_null(strstr(access.p, "R1"));
	assert_non_null(strstr(refresh.p, "R1"));
	assert_null(strstr(refresh.p, "A1"));
}

static void grant_token__is_not_renewed__while_it_holds(void **state)
{
	static const struct answer never[] = {{500, "", NULL}};
	(void)state;
	obtain();
	answer_with(never, 1);
	set_clock(NOW + 3600 - 61);
	assert_string_equal(token(NULL), "A1");
	assert_int_equal(requests(), 0);
}

static void grant_token__is_renewed__shortly_before_its_end(void **state)
{
	static const struct answer then[] = {SECOND, THIRD};
	(void)state;
	obtain();
	answer_with(then, 2);
	set_clock(NOW + 3600 - 60);
	assert_string_equal(token(NULL), "A2");
	assert_string_equal(form(0),
		"grant_type=refresh_token&refresh_token=R1&client_id=c&client_secret=s%26s");
	assert_string_equal(token(NULL), "A2");
	set_clock(NOW + 7200);
	assert_string_equal(token(NULL),
		"A3"); /* with what was rotated, and kept when it was not */
	set_clock(NOW + 2 * 7200);
	assert_string_equal(token(NULL), "A3");
	assert_int_equal(requests(), 3);
	assert_non_null(strstr(form(1), "refresh_token=R2&"));
	assert_non_null(strstr(form(2), "refresh_token=R2&"));
}

static void grant_token__is_renewed__once_for_a_refused_one(void **state)
{
	static const struct answer then[] = {SECOND, THIRD};
	(void)state;
	obtain();
	answer_with(then, 2);
	assert_string_equal(token("A1"), "A2");
	assert_string_equal(token("A1"), "A2"); /* another connection was refused with the same */
	assert_int_equal(requests(), 1);
}

static void grant_token__goes_out_once__many_processes_at_once(void **state)
{
	static const struct answer then[] = {SECOND, {400, "{\"error\":\"invalid_grant\"}", NULL}};
	enum { PROCESSES = 6 };
	pid_t pid[PROCESSES];
	(void)state;
	obtain();
	answer_with(then, 2);
	set_clock(NOW + 4000);
	for (int i = 0; i < PROCESSES; i++) {
		pid[i] = fork();
		assert_true(pid[i] >= 0);
		if (pid[i] == 0)
			_exit(strcmp(token(NULL), "A2") != 0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(requests(), 1);
}

static void grant_token__holds_on__while_the_provider_is_away(void **state)
{
	static const struct answer away[] = {{503, "", "Retry-After: 7\r\n"}};
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	struct grant_place g = place();
	struct err e = ERR_INIT;
	(void)state;
	obtain();
	answer_with(away, 1);
	set_clock(NOW + 3590);
	assert_string_equal(token(NULL), "A1");
	set_clock(NOW + 3600);
	assert_int_equal(grant_token(&g, "n", NULL, &s, &e), -1);
	assert_int_equal(e.code, ERR_RATE);
	assert_int_equal(e.after_ms, 7000);
}

static void grant_token__wants_the_person__refused_refresh(void **state)
{
	static const struct answer no[] = {{400,
		"{\"error\":\"invalid_grant\",\"error_description\":\"secret words\"}", NULL}};
	(void)state;
	obtain();
	answer_with(no, 1);
	set_clock(NOW + 3590); /* a token that still holds is no comfort when it is over */
	assert_string_equal(token(NULL),
		"127.0.0.1 does not accept this sign-in any more: sign in again.");
	assert_string_equal(token("A1"),
		"127.0.0.1 does not accept this sign-in any more: sign in again.");
}

static void grant_token__wants_the_person__nothing_saved(void **state)
{
	(void)state;
	assert_string_equal(token(NULL), "No sign-in is saved: sign in again.");
}

static void grant__survives__odd_answers(void **state)
{
	static const struct {
		struct answer a;
		enum err_code code;
	} all[] = {
		{{200, "", NULL}, ERR_PROTO},
		{{200, "<html>hello</html>", NULL}, ERR_PROTO},
		{{200, "[]", NULL}, ERR_PROTO},
		{{200, "{}", NULL}, ERR_PROTO},
		{{200, "{\"access_token\":7}", NULL}, ERR_PROTO},
		{{200, "{\"access_token\":\"\"}", NULL}, ERR_PROTO},
		{{200, "{\"access_token\":\"a b\"}", NULL}, ERR_PROTO},
		{{200, "{\"access_token\":\"a\\u0001b\"}", NULL}, ERR_PROTO},
		{{200, "{\"access_token\":\"a\",\"refresh_token\":\"\\n\"}", NULL}, ERR_PROTO},
		{{200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}", NULL}, ERR_UNSUPPORTED},
		{{201, "{\"access_token\":\"a\"}", NULL}, ERR_PROTO},
		{{302, "", "Location: http://elsewhere.example/\r\n"}, ERR_PROTO},
		{{400, "{\"error\":\"invalid_grant\"}", NULL}, ERR_AUTH},
		{{400, "{\"error\":\"interaction_required\"}", NULL}, ERR_AUTH},
		{{400, "{\"error\":\"login_required\"}", NULL}, ERR_AUTH},
		{{403, "{\"error\":\"consent_required\"}", NULL}, ERR_AUTH},
		{{401, "{\"error\":\"invalid_client\"}", NULL}, ERR_PROTO},
		{{400, "{\"error\":\"unauthorized_client\"}", NULL}, ERR_PROTO},
		{{400, "{\"error\":\"invalid_scope\"}", NULL}, ERR_PROTO},
		{{400, "{\"error\":\"temporarily_unavailable\"}", NULL}, ERR_NET},
		{{400, "{\"error\":\"\\u001b[2J\"}", NULL}, ERR_PROTO},
		{{401, "", NULL}, ERR_PROTO},
		{{403, "<html>A portal</html>", NULL}, ERR_PROTO},
		{{404, "", NULL}, ERR_PROTO},
		{{408, "", NULL}, ERR_NET},
		{{429, "{\"error\":\"slow_down\"}", NULL}, ERR_RATE},
		{{500, "{\"error\":\"invalid_grant\"}", NULL}, ERR_NET},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
		struct err e = ERR_INIT;
		answer_with(&all[i].a, 1);
		assert_int_equal(get(&out, &e), -1);
		if (e.code != all[i].code)
			print_error("%d %s: %s\n", all[i].a.status, all[i].a.body, e.msg);
		assert_int_equal(e.code, all[i].code);
		assert_string_equal(token(NULL), "No sign-in is saved: sign in again.");
	}
}

static void grant__lives_with__odd_lives(void **state)
{
	static const char *const bodies[] = {"{\"refresh_token\":\"R1\",\"access_token\":\"A1\"}",
		"{\"refresh_token\":\"R1\",\"access_token\":\"A1\",\"expires_in\":-5}",
		"{\"refresh_token\":\"R1\",\"access_token\":\"A1\",\"expires_in\":1e300}",
		"{\"refresh_token\":\"R1\",\"access_token\":\"A1\",\"expires_in\":\"soon\"}"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
		const struct answer a = {200, bodies[i], NULL};
		struct err e = ERR_INIT;
		answer_with(&a, 1);
		assert_int_equal(get(&out, &e), 0);
		assert_string_equal(token(NULL), "A1");
	}
}

static void grant__is_not_had__without_a_refresh_token(void **state)
{
	static const struct answer short_lived[] = {THIRD};
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;
	(void)state;
	answer_with(short_lived, 1);
	assert_int_equal(get(&out, &e), -1);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(e.msg, "offline_access"));
	assert_string_equal(token(NULL), "No sign-in is saved: sign in again.");
	obtain();
	answer_with(short_lived, 1);
	assert_int_equal(get(&out, &e), 0); /* consent to more: the lasting part is there */
	assert_string_equal(token(NULL), "A3");
}

static void grant__holds_its_lock__while_the_provider_is_asked(void **state)
{
	(void)state;
	f.looks = true;
	obtain();
	assert_true(f.is_locked);
	f.is_locked = false;
	static const struct answer then[] = {SECOND, {200, "", NULL}};
	struct grant_place g = place();
	struct err e = ERR_INIT;
	answer_with(then, 2);
	assert_string_equal(token("A1"), "A2");
	assert_true(f.is_locked);
	f.is_locked = false;
	assert_int_equal(grant_revoke(&g, "n", &e), 0);
	assert_true(f.is_locked);
}

static bool nobody(void)
{
	return false;
}

static void grant__spends_nothing__nobody_waits_any_more(void **state)
{
	static const struct answer never[] = {{500, "", NULL}};
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	struct grant_place g = place();
	struct err e = ERR_INIT;
	(void)state;
	obtain();
	answer_with(never, 1);
	g.is_wanted = nobody;
	set_clock(NOW + 4000);
	assert_int_equal(grant_token(&g, "n", NULL, &s, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(requests(), 0);
}

static void grant_token__spends_nothing__that_could_not_be_saved(void **state)
{
	static const struct answer then[] = {SECOND};
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	struct grant_place g = place();
	struct err e = ERR_INIT;
	(void)state;
	obtain();
	answer_with(then, 1);
	set_clock(NOW + 3590);
	block_saving(true);
	assert_int_equal(grant_token(&g, "n", NULL, &s, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(requests(), 0);
	block_saving(false);
	assert_string_equal(token(NULL), "A2");
}

static void grant_token__tells_the_truth__disk_fails_in_between(void **state)
{
	static const struct answer then[] = {SECOND};
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	struct grant_place g = place();
	struct err e = ERR_INIT;
	(void)state;
	obtain();
	answer_with(then, 1);
	set_clock(NOW + 3590); /* the old one would hold yet */
	f.blocks = true;
	assert_int_equal(grant_token(&g, "n", NULL, &s, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_null(s.p);
	f.blocks = false;
	block_saving(false);
}

static void grant_token__costs_one_refresh__server_that_refuses_all(void **state)
{
	static const struct answer then[] = {SECOND, FIRST, SECOND, THIRD};
	(void)state;
	obtain();
	answer_with(then, 4);
	assert_string_equal(token("A1"), "A2");
	for (int i = 0; i < 3; i++) {
		assert_string_equal(token(NULL), "A2");
		assert_non_null(strstr(token("A2"), "just renewed"));
	}
	assert_int_equal(requests(), 1);
	set_clock(NOW + 600); /* it was taken for a while, maybe */
	assert_string_equal(token("A2"), "A1");
	assert_non_null(strstr(token("A1"), "just renewed"));
	assert_int_equal(requests(), 2);
	set_clock(NOW + 600 + 3600); /* its life is over: no refusal that counts */
	assert_string_equal(token("A1"), "A2");
	assert_string_equal(token("A2"), "A3");
	assert_int_equal(requests(), 4);
}

static void grant__passes_on__what_a_device_flow_waits_with(void **state)
{
	static const struct answer a[] = {{400, "{\"error\":\"authorization_pending\"}", NULL}};
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;
	(void)state;
	answer_with(a, 1);
	assert_int_equal(get(&out, &e), 0);
	assert_string_equal(out.p, "{\"said\":\"authorization_pending\"}");
}

static void grant_revoke__tells_and_forgets__whatever_is_answered(void **state)
{
	static const struct answer all[] = {{200, "", NULL}, {500, "", NULL}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct grant_place g = place();
		struct err e = ERR_INIT;
		obtain();
		answer_with(&all[i], 1);
		assert_int_equal(grant_revoke(&g, "n", &e), all[i].status == 200 ? 0 : -1);
		assert_string_equal(form(0), "token=R1&token_type_hint=refresh_token&client_id=c"
					     "&client_secret=s%26s");
		assert_string_equal(token(NULL), "No sign-in is saved: sign in again.");
	}
}

/* An ID token for client "c". */
static void answer_for(struct answer *a, char *body, size_t size, const char *who)
{
	CLEANUP(buf_release) struct buf claims = BUF_INIT(1024);
	CLEANUP(buf_release) struct buf b64 = BUF_INIT(2048);
	buf_addf(&claims, "{\"aud\":\"c\",\"email\":\"%s\"}", who);
	base64_add(&b64, claims.p, claims.len);
	while (b64.len && b64.p[b64.len - 1] == '=')
		buf_truncate(&b64, b64.len - 1);
	snprintf(body, size,
		"{\"access_token\":\"A\",\"refresh_token\":\"R-%s\",\"id_token\":\"h.%s.s\"}", who,
		b64.p);
	*a = (struct answer){200, body, NULL};
}

static void obtain_for(const char *name, const char *who)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	char body[2048];
	struct answer a;
	struct err e = ERR_INIT;
	answer_for(&a, body, sizeof body, who);
	answer_with(&a, 1);
	assert_int_equal(get_as(name, &out, &e), 0);
}

/* How often the provider was told. */
static int told(const char *name)
{
	static const struct answer yes[] = {{200, "", NULL}};
	struct grant_place g = place();
	struct err e = ERR_INIT;
	answer_with(yes, 1);
	assert_int_equal(grant_revoke(&g, name, &e), 0);
	return requests();
}

static void grant_revoke__is_not_told__while_another_of_that_person_stays(void **state)
{
	(void)state;
	obtain_for("one", "anna@gmail.com");
	obtain_for("two", "an.na+x@googlemail.com");
	obtain_for("three", "ben@gmail.com");
	assert_int_equal(told("one"), 0);
	assert_int_equal(told("three"), 1);
	assert_int_equal(told("two"), 1);
}

static void grant_revoke__is_careful__nobody_knows_whose_it_is(void **state)
{
	(void)state;
	obtain_for("one", "anna@gmail.com");
	obtain(); /* without an ID token */
	assert_int_equal(told("n"), 0);
	assert_int_equal(told("one"), 1);
}

static bool is_there(const char *entry)
{
	CLEANUP(secret_release) struct secret s = SECRET_INIT;
	return vault_get(f.path, &f.key, entry, &s) == VAULT_OK;
}

static void grant_sweep__ends__what_nobody_names(void **state)
{
	static const struct answer yes[] = {{200, "", NULL}};
	const struct secret password = {(char *)"p", 1};
	struct grant_place g = place();
	struct err e = ERR_INIT;
	(void)state;
	obtain_for("lost", "anna@m.test");
	obtain_for("kept", "ben@m.test");
	assert_int_equal(vault_put(f.path, &f.key, "password", &password), VAULT_OK);
	set_clock(NOW + 3599);
	obtain_for("new", "carl@m.test");
	answer_with(yes, 1);
	assert_int_equal(grant_sweep(&g, "other\nkept\n", &e), 0);
	assert_int_equal(requests(), 0); /* somebody may be at it yet */
	set_clock(NOW + 3600);
	assert_int_equal(grant_sweep(&g, "other\nkept\n", &e), 0);
	assert_int_equal(requests(), 1);
	assert_non_null(strstr(form(0), "token=R-anna%40m.test&"));
	assert_false(is_there("lost.refresh") || is_there("lost.access"));
	assert_true(is_there("kept.refresh") && is_there("new.refresh") && is_there("password"));
}

/* A move to the keyring, or back, that was ended half-way: the provider must not hear of it. */
static void grant_sweep__tells_nobody__of_a_copy_of_what_is_kept(void **state)
{
	static const struct answer yes[] = {{200, "", NULL}};
	struct grant_place g = place();
	struct err e = ERR_INIT;
	(void)state;
	obtain_for("0123", "anna@m.test");
	set_clock(NOW + 3600);
	answer_with(yes, 1);
	assert_int_equal(grant_sweep(&g, "keyring:anna@m.test:0123\n", &e), 0);
	assert_int_equal(requests(), 0);
	assert_false(is_there("0123.refresh") || is_there("0123.access"));
}

static void note(enum left_kind kind, const char *name)
{
	const struct left l = {kind, NOW, name};
	struct err e = ERR_INIT;
	assert_int_equal(left_note(f.path, &l, &e), 0);
}

static void sweep(const char *kept)
{
	struct grant_place g = place();
	struct err e = ERR_INIT;
	assert_int_equal(grant_sweep(&g, kept, &e), 0);
}

static void grant_sweep__ends__what_is_noted(void **state)
{
	const struct secret password = {(char *)"p", 1};
	(void)state;
	for (const char *name = "a\0b\0c\0"; *name; name += 2)
		assert_int_equal(vault_put(f.path, &f.key, name, &password), VAULT_OK);
	note(LEFT_SAVED, "a");
	note(LEFT_ENDED, "b");
	note(LEFT_ENDED, "c");
	sweep("c\n");
	assert_true(is_there("a") && !is_there("b") && is_there("c"));
	assert_true(left_has(f.path, "a") && !left_has(f.path, "b") && left_has(f.path, "c"));
	set_clock(NOW + 3600);
	sweep("c\n");
	assert_true(!is_there("a") && is_there("c"));
	assert_false(left_has(f.path, NULL));
}

/* Of the keyring, which is not there: it is looked for again. */
static void grant_sweep__keeps_the_note__of_what_it_cannot_reach(void **state)
{
	struct grant_place g = place();
	struct err e = ERR_INIT;
	(void)state;
	note(LEFT_ENDED, "keyring:anna@m.test:0123");
	assert_int_equal(grant_sweep(&g, "", &e), -1);
	assert_true(left_has(f.path, "keyring:anna@m.test:0123"));
	note(LEFT_ENDED, "4567");
	f.key.is_set = false;
	err_clear(&e);
	assert_int_equal(grant_sweep(&g, "keyring:anna@m.test:0123\n", &e), 0);
	assert_true(left_has(f.path, "4567"));
}

static void left_note__survives__a_line_that_was_cut(void **state)
{
	struct err e = ERR_INIT;
	char path[160];
	(void)state;
	note(LEFT_SAVED, "one");
	snprintf(path, sizeof path, "%s.left", f.path);
	FILE *out = fopen(path, "a");
	assert_non_null(out);
	assert_true(fputs("e 17\nx 1 y\n\ne -5 z\ne 1", out) >= 0);
	assert_int_equal(fclose(out), 0);
	assert_true(left_has(f.path, "one"));
	note(LEFT_ENDED, "two");
	assert_true(left_has(f.path, "one") && left_has(f.path, "two"));
	assert_int_equal(left_strike(f.path, "one", &e), 0);
	assert_int_equal(left_strike(f.path, "two", &e), 0);
	assert_false(left_has(f.path, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(grant__asks_as_the_standard_says__and_keeps_two_entries),
		TEST(grant_token__is_not_renewed__while_it_holds),
		TEST(grant_token__is_renewed__shortly_before_its_end),
		TEST(grant_token__is_renewed__once_for_a_refused_one),
		TEST(grant_token__goes_out_once__many_processes_at_once),
		TEST(grant_token__holds_on__while_the_provider_is_away),
		TEST(grant_token__wants_the_person__refused_refresh),
		TEST(grant_token__wants_the_person__nothing_saved),
		TEST(grant__survives__odd_answers),
		TEST(grant__lives_with__odd_lives),
		TEST(grant__is_not_had__without_a_refresh_token),
		TEST(grant__holds_its_lock__while_the_provider_is_asked),
		TEST(grant__spends_nothing__nobody_waits_any_more),
		TEST(grant_token__spends_nothing__that_could_not_be_saved),
		TEST(grant_token__tells_the_truth__disk_fails_in_between),
		TEST(grant_token__costs_one_refresh__server_that_refuses_all),
		TEST(grant__passes_on__what_a_device_flow_waits_with),
		TEST(grant_revoke__tells_and_forgets__whatever_is_answered),
		TEST(grant_revoke__is_not_told__while_another_of_that_person_stays),
		TEST(grant_revoke__is_careful__nobody_knows_whose_it_is),
		TEST(grant_sweep__ends__what_nobody_names),
		TEST(grant_sweep__tells_nobody__of_a_copy_of_what_is_kept),
		TEST(grant_sweep__ends__what_is_noted),
		TEST(grant_sweep__keeps_the_note__of_what_it_cannot_reach),
		TEST(left_note__survives__a_line_that_was_cut),
	};
	curl_global_init(CURL_GLOBAL_DEFAULT);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
