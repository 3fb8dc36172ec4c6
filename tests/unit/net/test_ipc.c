/* test_ipc.c - lines between processes: framing, limits, who is let in, and what is left behind. */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crmail/base/fsx.h"
#include "crmail/base/mem.h"
#include "crmail/net/ipc.h"
#include "tests/unit/unit.h"

enum { WAIT_MS = 10000, CLIENTS = 40 };

struct place {
	char dir[64];
	char *path;
	int listen_fd;
	struct err err;
};

static int place_up(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);
	snprintf(p->dir, sizeof p->dir, "ipc-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	CLEANUP(free_str) char *run = fsx_join(p->dir, "run");
	p->path = fsx_join(run, "host.sock");
	p->listen_fd = -1;
	*state = p;
	return 0;
}

static int place_down(void **state)
{
	struct place *p = *state;
	CLEANUP(free_str) char *line = xasprintf("%s/run", p->dir);
	if (p->listen_fd >= 0)
		close(p->listen_fd);
	IGNORE_RESULT(unlink(p->path), "may never have been made");
	IGNORE_RESULT(rmdir(line), "may never have been made");
	assert_int_equal(rmdir(p->dir), 0);
	free(p->path);
	free(p);
	return 0;
}

static void listen_there(struct place *p)
{
	if (ipc_listen(p->path, &p->listen_fd, &p->err))
		fail_msg("%s", p->err.msg);
}

static struct ipc *connect_there(struct place *p)
{
	struct ipc *c = NULL;
	if (ipc_connect(p->path, &c, &p->err))
		fail_msg("%s", p->err.msg);
	return c;
}

static struct ipc *accept_there(struct place *p, size_t line_max)
{
	struct pollfd fd = {.fd = p->listen_fd, .events = POLLIN};
	assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
	struct ipc *c = ipc_accept(p->listen_fd, line_max);
	assert_non_null(c);
	return c;
}

/* The next line, however many pumps it takes; NULL when the connection ends before it. */
static char *next_line(struct ipc *c)
{
	for (int i = 0; i < 1000; i++) {
		char *line = ipc_line(c);
		if (line)
			return line;
		if (ipc_wait(c, WAIT_MS))
			return ipc_line(c);
	}
	fail_msg("no line and no end");
	return NULL;
}

static void assert_ended(struct ipc *c)
{
	char *line = next_line(c);
	if (line)
		fail_msg("a line instead of the end: %.40s", line);
}

/* Bytes that ipc_say() would not send. */
static void send_raw(struct ipc *c, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = send(ipc_fd(c), p, n, MSG_NOSIGNAL);
		if (k < 0)
			return; /* the other side has had enough */
		p += k;
		n -= (size_t)k;
	}
}

static void ipc__carries_lines_both_ways(void **state)
{
	struct place *p = *state;
	listen_there(p);
	struct ipc *client = connect_there(p);
	struct ipc *server = accept_there(p, 100);
	ipc_say(client, "kick %d", 7);
	ipc_say(client, "%s", "");
	ipc_say(client, "Größe");
	assert_int_equal(ipc_pump(client), 0);
	assert_true(ipc_is_drained(client));
	assert_string_equal(next_line(server), "kick 7");
	assert_string_equal(next_line(server), "");
	assert_string_equal(next_line(server), "Größe");
	assert_null(ipc_line(server));
	ipc_say(server, "report {}");
	assert_false(ipc_is_drained(server));
	assert_int_equal(ipc_pump(server), 0);
	assert_string_equal(next_line(client), "report {}");
	ipc_close(client);
	ipc_close(server);
}

static void ipc__joins_a_line_that_comes_in_pieces(void **state)
{
	struct place *p = *state;
	listen_there(p);
	struct ipc *client = connect_there(p);
	struct ipc *server = accept_there(p, 100);
	const char *pieces[] = {"ki", "ck 1", "2\nwant", "-body 3\n"};
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		char *line = ipc_line(server);
		if (i == 3)
			assert_string_equal(line, "kick 12");
		else
			assert_null(line);
		send_raw(client, pieces[i], strlen(pieces[i]));
		assert_int_equal(ipc_wait(server, WAIT_MS), 0);
	}
	assert_string_equal(ipc_line(server), "want-body 3");
	assert_null(ipc_line(server));
	ipc_close(client);
	ipc_close(server);
}

static void ipc__gives_what_was_said_before_the_end(void **state)
{
	struct place *p = *state;
	listen_there(p);
	struct ipc *client = connect_there(p);
	struct ipc *server = accept_there(p, 100);
	ipc_say(client, "one");
	ipc_say(client, "two");
	assert_int_equal(ipc_pump(client), 0);
	send_raw(client, "half", 4);
	ipc_close(client);
	ipc_say(server, "nobody reads this");
	assert_string_equal(next_line(server), "one");
	assert_string_equal(next_line(server), "two");
	assert_ended(server);
	ipc_close(server);
}

static void ipc__ends_at_a_line_too_long(void **state)
{
	struct place *p = *state;
	listen_there(p);
	struct ipc *client = connect_there(p);
	struct ipc *server = accept_there(p, 4096);
	size_t n = 1 << 20;
	char *long_line = xmalloc(n);
	memset(long_line, 'x', n);
	send_raw(client, "first\n", 6);
	send_raw(client, long_line, n);
	assert_string_equal(next_line(server), "first");
	assert_ended(server);
	free(long_line);
	ipc_close(client);
	ipc_close(server);
}

static void ipc__ends_at_control_characters(void **state)
{
	static const struct {
		const char *p;
		size_t n;
	} bad[] = {{"a\0b\n", 4}, {"\033]0;x\n", 6}, {"a\tb\n", 4}, {"\x7f\n", 2}, {"x\r\n", 3}};
	struct place *p = *state;
	listen_there(p);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ipc *client = connect_there(p);
		struct ipc *server = accept_there(p, 100);
		send_raw(client, "good\n", 5);
		send_raw(client, bad[i].p, bad[i].n);
		send_raw(client, "kick 0\n", 7);
		assert_string_equal(next_line(server), "good");
		assert_ended(server);
		ipc_close(client);
		ipc_close(server);
	}
}

static void ipc__never_says_a_control_character(void **state)
{
	struct place *p = *state;
	listen_there(p);
	struct ipc *client = connect_there(p);
	struct ipc *server = accept_there(p, 100);
	ipc_say(server, "reply 1 net %s", "two\nlines");
	assert_int_equal(ipc_pump(server), -1);
	ipc_close(server);
	assert_ended(client);
	ipc_close(client);
}

static void ipc__ends_with_a_peer_that_reads_nothing(void **state)
{
	struct place *p = *state;
	listen_there(p);
	struct ipc *client = connect_there(p);
	struct ipc *server = accept_there(p, 100);
	int rc = 0;
	size_t said = 0;
	char line[1001];
	memset(line, 'y', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	while (rc == 0 && said < (64 << 20)) {
		ipc_say(server, "%s", line);
		said += sizeof line;
		rc = ipc_pump(server);
	}
	assert_int_equal(rc, -1);
	ipc_close(client);
	ipc_close(server);
}

static void ipc__serves_many_callers(void **state)
{
	struct place *p = *state;
	struct ipc *client[CLIENTS], *server[CLIENTS];
	listen_there(p);
	for (int i = 0; i < CLIENTS; i++) {
		client[i] = connect_there(p);
		assert_non_null(client[i]);
		server[i] = accept_there(p, 100);
		ipc_say(client[i], "kick %d", i);
		assert_int_equal(ipc_pump(client[i]), 0);
	}
	for (int i = CLIENTS - 1; i >= 0; i--) {
		CLEANUP(free_str) char *want = xasprintf("kick %d", i);
		assert_string_equal(next_line(server[i]), want);
		ipc_close(client[i]);
		assert_ended(server[i]);
		ipc_close(server[i]);
	}
	assert_null(ipc_accept(p->listen_fd, 100));
}

static void ipc__finds_nobody(void **state)
{
	struct place *p = *state;
	assert_null(connect_there(p)); /* no folder */
	listen_there(p);
	close(p->listen_fd);
	p->listen_fd = -1;
	assert_true(fsx_exists(p->path)); /* as a killed process leaves it */
	assert_null(connect_there(p));
	listen_there(p);
	struct ipc *client = connect_there(p);
	assert_non_null(client);
	ipc_close(client);
}

static void ipc__is_for_its_user_alone(void **state)
{
	struct place *p = *state;
	CLEANUP(free_str) char *run = fsx_join(p->dir, "run");
	struct stat st;
	listen_there(p);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(run, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(chmod(run, 0750), 0);
	close(p->listen_fd);
	p->listen_fd = -1;
	assert_int_equal(ipc_listen(p->path, &p->listen_fd, &p->err), -1);
	assert_int_equal(p->err.code, ERR_CONFLICT);
	assert_int_equal(p->listen_fd, -1);
}

static void ipc__takes_a_path_of_any_length(void **state)
{
	struct place *p = *state;
	CLEANUP(free_str) char *run = fsx_join(p->dir, "run");
	CLEANUP(free_str) char *deep = xasprintf("%s/%0150d", run, 1);
	CLEANUP(free_str) char *path = fsx_join(deep, "host.sock");
	int fd = -1;
	struct ipc *client = NULL;
	if (ipc_listen(path, &fd, &p->err) || ipc_connect(path, &client, &p->err))
		fail_msg("%s", p->err.msg);
	assert_non_null(client);
	ipc_close(client);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(deep), 0);
}

int main(void)
{
#define IPC_TEST(name) cmocka_unit_test_setup_teardown(name, place_up, place_down)
	const struct CMUnitTest tests[] = {
		IPC_TEST(ipc__carries_lines_both_ways),
		IPC_TEST(ipc__joins_a_line_that_comes_in_pieces),
		IPC_TEST(ipc__gives_what_was_said_before_the_end),
		IPC_TEST(ipc__ends_at_a_line_too_long),
		IPC_TEST(ipc__ends_at_control_characters),
		IPC_TEST(ipc__never_says_a_control_character),
		IPC_TEST(ipc__ends_with_a_peer_that_reads_nothing),
		IPC_TEST(ipc__serves_many_callers),
		IPC_TEST(ipc__finds_nobody),
		IPC_TEST(ipc__is_for_its_user_alone),
		IPC_TEST(ipc__takes_a_path_of_any_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
