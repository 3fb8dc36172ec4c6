/* test_oauth_listener.c - waiting for the browser on this machine among visitors that nobody
 * asked. */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/net/cancel.h"
#include "crmail/net/oauth.h"
#include "tests/unit/unit.h"

#define LONG_MS 60000

struct fixture {
	struct oauth_listener *l;
	struct net_cancel *cancel;
	pthread_t thread;
	struct oauth_wait w;
	int rc;
	struct err e;
	int paste[2];
	char query[256];
};

static bool takes_right(void *ctx, const char *query, size_t len)
{
	struct fixture *f = ctx;
	if (!memmem(query, len, "state=right", 11))
		return false;
	snprintf(f->query, sizeof f->query, "%.*s", (int)len, query);
	return true;
}

static void *wait_in_thread(void *ctx)
{
	struct fixture *f = ctx;
	f->rc = oauth_listener_wait(f->l, &f->w, &f->e);
	return NULL;
}

static void begin_at(struct fixture *f, const char *redirect, int64_t wait_ms)
{
	*f = (struct fixture){.cancel = net_cancel_new(), .e = ERR_INIT};
	assert_int_equal(pipe(f->paste), 0);
	assert_int_equal(oauth_listener_open(&f->l, redirect, 0, &f->e), 0);
	f->w = (struct oauth_wait){.judge = takes_right,
		.ctx = f,
		.paste_fd = f->paste[0],
		.deadline = clock_mono_ms() + wait_ms,
		.cancel = f->cancel};
	assert_int_equal(pthread_create(&f->thread, NULL, wait_in_thread, f), 0);
}

static void begin(struct fixture *f, int64_t wait_ms)
{
	begin_at(f, "http://127.0.0.1/callback", wait_ms);
}

static void end(struct fixture *f)
{
	oauth_listener_close(f->l);
	net_cancel_free(f->cancel);
	close(f->paste[0]);
	close(f->paste[1]);
}

static int dial(const struct fixture *f)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)oauth_listener_port(f->l))};
	const struct timeval limit = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

/* All that comes until the end. */
static void read_answer(int fd, char *out, size_t size)
{
	size_t n = 0;
	ssize_t got;
	while (n < size - 1 && (got = recv(fd, out + n, size - 1 - n, 0)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	close(fd);
}

/* "PORT" in the text stands for the listener's. */
static int send_text(const struct fixture *f, const char *text)
{
	char out[4096];
	const char *at = strstr(text, "PORT");
	int fd = dial(f);
	int n = at ? snprintf(out, sizeof out, "%.*s%d%s", (int)(at - text), text,
			     oauth_listener_port(f->l), at + 4)
		   : snprintf(out, sizeof out, "%s", text);
	assert_int_equal(send(fd, out, (size_t)n, MSG_NOSIGNAL), n);
	return fd;
}

static void expect_status(const struct fixture *f, const char *text, const char *status)
{
	char got[8192];
	read_answer(send_text(f, text), got, sizeof got);
	if (strncmp(got, status, strlen(status)) != 0)
		print_error("asked: %s\ngot: %s\n", text, got);
	assert_memory_equal(got, status, strlen(status));
}

#define GOOD                                                                                       \
	"GET /callback?code=c&state=right HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nAccept: */*\r\n\r\n"

/* The right request still gets through, and its page tells how it ended. */
static void come_home(struct fixture *f, const char *why, const char *words)
{
	char got[8192];
	int fd = send_text(f, GOOD);
	pthread_join(f->thread, NULL);
	assert_int_equal(f->rc, 0);
	assert_string_equal(f->query, "?code=c&state=right");
	oauth_listener_finish(f->l, why);
	read_answer(fd, got, sizeof got);
	assert_non_null(strstr(got, words));
}

static void listener__tells_the_browser__success(void **state)
{
	struct fixture f;
	(void)state;
	begin(&f, LONG_MS);
	come_home(&f, NULL, "<h1>You are signed in</h1><p>Go back to the terminal");
	end(&f);
}

static void listener__tells_the_browser__failure_escaped(void **state)
{
	struct fixture f;
	(void)state;
	begin(&f, LONG_MS);
	come_home(&f, "<b>no</b> & \"never\"",
		"<h1>You are not signed in</h1><p>&lt;b&gt;no&lt;/b&gt; &amp; "
		"&quot;never&quot;</p><p>Go back to the terminal: you can try again");
	end(&f);
}

static void listener__answers_and_waits_on__stray_requests(void **state)
{
	static const struct {
		const char *text, *status;
	} all[] = {
		{"GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", "HTTP/1.1 404 "},
		{"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", "HTTP/1.1 404 "},
		{"GET /callback/x?state=right HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
			"HTTP/1.1 404 "},
		{"POST /callback?state=right HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
			"HTTP/1.1 405 "},
		{"GET /callback?code=c&state=wrong HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
			"HTTP/1.1 400 "},
		{"GET /callback HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n", "HTTP/1.1 400 "},
	};
	struct fixture f;
	(void)state;
	begin(&f, LONG_MS);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		expect_status(&f, all[i].text, all[i].status);
	come_home(&f, NULL, "You are signed in");
	end(&f);
}

static void listener__answers_and_waits_on__hostile_requests(void **state)
{
	static const char *const all[] = {
		"GET /callback?state=right HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"GET /callback?state=right HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
		"GET /callback?state=right HTTP/1.1\r\n\r\n",
		"GET /callback?state=right HTTP/1.1\r\nHost: evil.example\r\n"
		"Host: 127.0.0.1:PORT\r\n\r\n",
		"GET /callback?state=right\r\nHost: 127.0.0.1:PORT\r\n\r\n",
		"GET\r\n\r\n",
		"\r\n\r\n",
		"\x16\x03\x01\x02 TLS?\r\n\r\n",
	};
	struct fixture f;
	(void)state;
	begin(&f, LONG_MS);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		expect_status(&f, all[i], "HTTP/1.1 400 ");
	come_home(&f, NULL, "You are signed in");
	end(&f);
}

static void listener__has_little_room__endless_request(void **state)
{
	char block[4096], got[8192];
	struct fixture f;
	(void)state;
	begin(&f, LONG_MS);
	int fd = dial(&f);
	memset(block, 'a', sizeof block);
	for (int i = 0; i < 4; i++) /* the end of what is read: no byte is left to reset the line */
		assert_int_equal(send(fd, block, sizeof block, MSG_NOSIGNAL), sizeof block);
	assert_int_equal(send(fd, "a", 1, MSG_NOSIGNAL), 1);
	read_answer(fd, got, sizeof got);
	assert_memory_equal(got, "HTTP/1.1 400 ", 13);
	come_home(&f, NULL, "You are signed in");
	end(&f);
}

static void listener__keeps_a_place__crowd_that_says_nothing(void **state)
{
	struct fixture f;
	int idle[40];
	(void)state;
	begin(&f, LONG_MS);
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
		idle[i] = dial(&f);
	come_home(&f, NULL, "You are signed in");
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
		close(idle[i]);
	end(&f);
}

static void listener__reads__a_request_in_pieces(void **state)
{
	struct fixture f;
	char text[512], got[8192];
	(void)state;
	begin(&f, LONG_MS);
	int fd = dial(&f);
	int n = snprintf(text, sizeof text,
		"GET /callback?state=right HTTP/1.1\r\nHost: localhost:%d\r\n\r\n",
		oauth_listener_port(f.l));
	for (int i = 0; i < n; i++)
		assert_int_equal(send(fd, text + i, 1, MSG_NOSIGNAL), 1);
	pthread_join(f.thread, NULL);
	oauth_listener_finish(f.l, NULL);
	read_answer(fd, got, sizeof got);
	assert_non_null(strstr(got, "You are signed in"));
	end(&f);
}

static void listener__takes__a_pasted_line(void **state)
{
	static const char text[] = "nonsense\nhttp://127.0.0.1:1/callback?state=right&code=x\n";
	struct fixture f;
	(void)state;
	begin(&f, LONG_MS);
	assert_int_equal(write(f.paste[1], text, sizeof text - 1), sizeof text - 1);
	pthread_join(f.thread, NULL);
	assert_int_equal(f.rc, 0);
	assert_string_equal(f.query, "http://127.0.0.1:1/callback?state=right&code=x");
	oauth_listener_finish(f.l, NULL); /* nobody waits for a page */
	end(&f);
}

static void listener__ends__cancel(void **state)
{
	struct fixture f;
	(void)state;
	begin(&f, LONG_MS);
	net_cancel_trigger(f.cancel);
	pthread_join(f.thread, NULL);
	assert_int_equal(f.rc, -1);
	assert_int_equal(f.e.code, ERR_CANCELLED);
	end(&f);
}

static void listener__ends__deadline(void **state)
{
	struct fixture f;
	(void)state;
	begin(&f, 1);
	pthread_join(f.thread, NULL);
	assert_int_equal(f.rc, -1);
	assert_int_equal(f.e.code, ERR_NET);
	end(&f);
}

/* -1 = this machine has no such address, or nobody listens there. */
static int dial_v6(const struct fixture *f)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
		.sin6_port = htons((uint16_t)oauth_listener_port(f->l))};
	const struct timeval limit = {.tv_sec = 10};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool has_v6(void)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
	if (fd >= 0)
		close(fd);
	return yes;
}

static void listener__is_on_both_addresses__of_localhost(void **state)
{
	static const char text[] =
		"GET /callback?state=right HTTP/1.1\r\nHost: localhost:%d\r\n\r\n";
	struct fixture f;
	char rq[128], got[8192];
	(void)state;
	if (!has_v6())
		skip();
	begin_at(&f, "http://localhost/callback", LONG_MS);
	int fd = dial_v6(&f);
	assert_true(fd >= 0);
	int n = snprintf(rq, sizeof rq, text, oauth_listener_port(f.l));
	assert_int_equal(send(fd, rq, (size_t)n, MSG_NOSIGNAL), n);
	pthread_join(f.thread, NULL);
	assert_int_equal(f.rc, 0);
	oauth_listener_finish(f.l, NULL);
	read_answer(fd, got, sizeof got);
	assert_non_null(strstr(got, "You are signed in"));
	end(&f);
}

static void listener__is_on_one_address__where_one_is_named(void **state)
{
	struct fixture f;
	(void)state;
	begin(&f, LONG_MS);
	assert_int_equal(dial_v6(&f), -1);
	come_home(&f, NULL, "You are signed in");
	end(&f);
}

/* Who read state off the browser's command line has no use for it. */
static void listener__hangs_up__on_another_person(void **state)
{
	struct fixture f;
	char got[8192];
	int status = -1;
	(void)state;
	if (geteuid() != 0)
		skip(); /* nobody else can be had */
	begin(&f, LONG_MS);
	pid_t pid = fork();
	if (pid == 0) {
		if (setresuid(65534, 65534, 65534))
			_exit(2);
		read_answer(send_text(&f, GOOD), got, sizeof got);
		_exit(got[0] != '\0');
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	come_home(&f, NULL, "You are signed in");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listener__tells_the_browser__success),
		cmocka_unit_test(listener__tells_the_browser__failure_escaped),
		cmocka_unit_test(listener__answers_and_waits_on__stray_requests),
		cmocka_unit_test(listener__answers_and_waits_on__hostile_requests),
		cmocka_unit_test(listener__has_little_room__endless_request),
		cmocka_unit_test(listener__keeps_a_place__crowd_that_says_nothing),
		cmocka_unit_test(listener__reads__a_request_in_pieces),
		cmocka_unit_test(listener__is_on_both_addresses__of_localhost),
		cmocka_unit_test(listener__is_on_one_address__where_one_is_named),
		cmocka_unit_test(listener__hangs_up__on_another_person),
		cmocka_unit_test(listener__takes__a_pasted_line),
		cmocka_unit_test(listener__ends__cancel),
		cmocka_unit_test(listener__ends__deadline),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
