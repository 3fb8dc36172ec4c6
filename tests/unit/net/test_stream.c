/* test_stream.c - plain streams: lines, ceilings, deadlines, cancel, ends of connections. */
#include "config.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/net/cancel.h"
#include "crmail/net/stream.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

static struct stream *open_plain(struct fake_server *srv, struct net_cancel *cancel, int io_ms)
{
	struct stream_conf c = {.host = "127.0.0.1",
		.port = fake_server_port(srv),
		.cancel = cancel,
		.connect_ms = 5000,
		.io_ms = io_ms};
	struct stream *s = NULL;
	struct err e = ERR_INIT;
	if (stream_open(&s, &c, &e))
		fail_msg("%s", e.msg);
	return s;
}

static void serve_text(struct fake_conn *c)
{
	fake_send(c, c->ctx);
	fake_wait_end(c);
}

static void serve_text_and_close(struct fake_conn *c)
{
	fake_send(c, c->ctx);
}

static void stream__reads_lines__crlf_and_lf(void **state)
{
	(void)state;
	struct fake_server *srv =
		fake_server_start(serve_text, (void *)"one\r\n\r\ntwo\nth\rree\r\n");
	struct stream *s = open_plain(srv, NULL, 5000);
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	static const char *const want[] = {"one", "", "two", "th\rree"};
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(stream_read_line(s, &line, &e), 0);
		assert_string_equal(line.p, want[i]);
	}
	assert_false(stream_has_buffered(s));
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
}

static void stream__says_closed__inside_a_line(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_text_and_close, (void *)"* OK half a li");
	struct stream *s = open_plain(srv, NULL, 5000);
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	assert_int_equal(stream_read_line(s, &line, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_non_null(strstr(e.msg, "127.0.0.1 closed the connection"));
	/* And again, instead of hanging or giving nothing. */
	size_t got = 0;
	char byte;
	assert_int_equal(stream_read_some(s, &byte, 1, &got, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
}

static void serve_ten_megabytes(struct fake_conn *c)
{
	char block[65536];
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 160; i++) {
		if (!fake_send_bytes(c, block, sizeof(block)))
			return;
	}
	fake_send(c, "\r\nnext\r\n");
	fake_wait_end(c);
}

static void stream__takes_a_line_up_to_its_ceiling(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_ten_megabytes, NULL);
	struct stream *s = open_plain(srv, NULL, 20000);
	struct buf line = BUF_INIT((size_t)10 << 20 | 1);
	struct err e = ERR_INIT;
	assert_int_equal(stream_read_line(s, &line, &e), 0);
	assert_int_equal(line.len, 10 << 20);
	assert_int_equal(stream_read_line(s, &line, &e), 0);
	assert_string_equal(line.p, "next");
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
}

static void stream__refuses_a_longer_line(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_ten_megabytes, NULL);
	struct stream *s = open_plain(srv, NULL, 20000);
	struct buf line = BUF_INIT(((size_t)10 << 20) - 1);
	struct err e = ERR_INIT;
	assert_int_equal(stream_read_line(s, &line, &e), -1);
	assert_int_equal(e.code, ERR_TOOBIG);
	assert_int_equal(e.scope, ERR_ACCOUNT);
	assert_true(line.len <= (size_t)10 << 20);
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
}

static void stream__reads_exactly__across_pieces(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_ten_megabytes, NULL);
	struct stream *s = open_plain(srv, NULL, 20000);
	static char big[100001];
	struct err e = ERR_INIT;
	for (int i = 0; i < 104; i++)
		assert_int_equal(stream_read_exact(s, big, 100000, &e), 0);
	assert_int_equal(stream_read_exact(s, big, (10 << 20) - 10400000 + 8, &e), 0);
	assert_memory_equal(big + (10 << 20) - 10400000, "\r\nnext\r\n", 8);
	stream_close(s);
	fake_server_stop(srv);
}

static void serve_nothing(struct fake_conn *c)
{
	fake_wait_end(c);
}

static void stream__times_out(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_nothing, NULL);
	struct stream *s = open_plain(srv, NULL, 50);
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	assert_int_equal(stream_read_line(s, &line, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_int_equal(e.retry, RETRY_LATER);
	assert_non_null(strstr(e.msg, "did not answer in time"));
	stream_close(s);
	fake_server_stop(srv);
}

/* One byte at a time, each well within the deadline, never a line. */
static void serve_drips(struct fake_conn *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	for (int i = 0; i < 1000 && fake_send(c, "x"); i++) {
		if (poll(&p, 1, 10) > 0)
			return;
	}
}

static void stream__times_out__on_a_dripping_server(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_drips, NULL);
	struct stream *s = open_plain(srv, NULL, 200);
	struct buf line = BUF_INIT(100000);
	struct err e = ERR_INIT;
	assert_int_equal(stream_read_line(s, &line, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_true(line.len < 1000);
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
}

static void serve_cancels(struct fake_conn *c)
{
	net_cancel_trigger(c->ctx);
	fake_wait_end(c);
}

static void stream__ends_within_a_poll__when_cancelled(void **state)
{
	(void)state;
	struct net_cancel *cancel = net_cancel_new();
	struct fake_server *srv = fake_server_start(serve_cancels, cancel);
	struct stream_conf c = {.host = "127.0.0.1",
		.port = fake_server_port(srv),
		.cancel = cancel,
		.io_ms = 600000};
	struct stream *s = NULL;
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	int64_t start = clock_mono_ms();
	/* The server may be faster than connect(): either way the answer is the same. */
	if (!stream_open(&s, &c, &e))
		assert_int_equal(stream_read_line(s, &line, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_true(clock_mono_ms() - start < 60000);
	stream_close(s);

	/* Until it is reset, nothing else begins either. */
	s = NULL;
	assert_int_equal(stream_open(&s, &c, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_null(s);
	net_cancel_reset(cancel);
	assert_false(net_cancel_is_set(cancel));
	fake_server_stop(srv);
	net_cancel_free(cancel);
}

static void stream__waits_for_data_wake_and_time(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_text, (void *)"a\r\nb\r\n");
	struct stream *s = open_plain(srv, NULL, 5000);
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	enum stream_event ev = STREAM_TIMEOUT;
	int wake = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(stream_wait(s, -1, 5000, &ev, &e), 0);
	assert_int_equal(ev, STREAM_READABLE);
	assert_int_equal(stream_read_line(s, &line, &e), 0);
	/* The second line came with the first: the descriptor would never say so. */
	while (!stream_has_buffered(s))
		assert_int_equal(stream_wait(s, -1, 5000, &ev, &e), 0);
	assert_int_equal(stream_wait(s, -1, 0, &ev, &e), 0);
	assert_int_equal(ev, STREAM_READABLE);
	assert_int_equal(stream_read_line(s, &line, &e), 0);
	assert_int_equal(stream_wait(s, wake, 5000, &ev, &e), 0);
	assert_int_equal(ev, STREAM_WOKEN);
	assert_int_equal(stream_wait(s, -1, 1, &ev, &e), 0);
	assert_int_equal(ev, STREAM_TIMEOUT);
	close(wake);
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
}

static void stream__waiting_sees_the_end(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_text_and_close, (void *)"");
	struct stream *s = open_plain(srv, NULL, 5000);
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	enum stream_event ev = STREAM_TIMEOUT;
	assert_int_equal(stream_wait(s, -1, 5000, &ev, &e), 0);
	assert_int_equal(ev, STREAM_READABLE);
	assert_int_equal(stream_read_line(s, &line, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	stream_close(s);
	fake_server_stop(srv);
}

static void serve_echo(struct fake_conn *c)
{
	while (fake_read_line(c) && fake_sendf(c, "%s\r\n", c->line))
		;
}

static void stream__writes_everything(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_echo, NULL);
	struct stream *s = open_plain(srv, NULL, 5000);
	struct buf line = BUF_INIT(4000), text = BUF_INIT(4000);
	struct err e = ERR_INIT;
	while (text.len < 3000)
		buf_addf(&text, "%zu ", text.len);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(stream_write(s, text.p, text.len, &e), 0);
		assert_int_equal(stream_write(s, "\r\n", 2, &e), 0);
		assert_int_equal(stream_read_line(s, &line, &e), 0);
		assert_string_equal(line.p, text.p);
	}
	buf_release(&line);
	buf_release(&text);
	stream_close(s);
	fake_server_stop(srv);
}

/* The listener is on 127.0.0.1 alone; "localhost" is looked up and may name ::1 first. */
static void stream__tries_every_address(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_text, (void *)"hello\r\n");
	struct stream_conf c = {.host = "localhost", .port = fake_server_port(srv), .io_ms = 5000};
	struct stream *s = NULL;
	struct buf line = BUF_INIT(100);
	struct err e = ERR_INIT;
	assert_int_equal(stream_open(&s, &c, &e), 0);
	assert_int_equal(stream_read_line(s, &line, &e), 0);
	assert_string_equal(line.p, "hello");
	assert_string_equal(stream_host(s), "localhost");
	buf_release(&line);
	stream_close(s);
	fake_server_stop(srv);
}

static void stream__says_refused_and_not_found(void **state)
{
	(void)state;
	/* A port that was ours a moment ago and that nobody listens on. */
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	struct stream_conf c = {.host = "127.0.0.1", .port = ntohs(at.sin_port)};
	struct stream *s = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(stream_open(&s, &c, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_non_null(strstr(e.msg, "Cannot connect to 127.0.0.1"));
	close(fd);

	c.host = "no such host";
	assert_int_equal(stream_open(&s, &c, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_non_null(strstr(e.msg, "Cannot find the host"));
	assert_null(s);
}

/* An address of this machine that others can reach; false: it has none. */
static bool own_address(char out[INET_ADDRSTRLEN])
{
	struct ifaddrs *all = NULL;
	bool found = false;
	if (getifaddrs(&all))
		return false;
	for (struct ifaddrs *i = all; i && !found; i = i->ifa_next) {
		const struct sockaddr_in *a = (const struct sockaddr_in *)i->ifa_addr;
		found = a && a->sin_family == AF_INET && !(i->ifa_flags & IFF_LOOPBACK) &&
			(i->ifa_flags & IFF_UP) &&
			inet_ntop(AF_INET, &a->sin_addr, out, INET_ADDRSTRLEN);
	}
	freeifaddrs(all);
	return found;
}

static void stream__is_private__on_this_machine_alone(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof a;
	char elsewhere[INET_ADDRSTRLEN] = "";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)state;
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 4) == 0 &&
		    getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	const char *const hosts[] = {
		"127.0.0.1", "localhost", own_address(elsewhere) ? elsewhere : NULL};
	for (size_t i = 0; i < ARRAY_SIZE(hosts) && hosts[i]; i++) {
		const struct stream_conf c = {
			.host = hosts[i], .port = ntohs(a.sin_port), .connect_ms = 5000};
		struct stream *s = NULL;
		struct err e = ERR_INIT;
		assert_int_equal(stream_open(&s, &c, &e), 0);
		assert_int_equal(stream_check_private(s, &e), hosts[i] == elsewhere ? -1 : 0);
		assert_int_equal(e.code, hosts[i] == elsewhere ? ERR_TLS : ERR_NONE);
		stream_close(s);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream__reads_lines__crlf_and_lf),
		cmocka_unit_test(stream__says_closed__inside_a_line),
		cmocka_unit_test(stream__takes_a_line_up_to_its_ceiling),
		cmocka_unit_test(stream__refuses_a_longer_line),
		cmocka_unit_test(stream__reads_exactly__across_pieces),
		cmocka_unit_test(stream__times_out),
		cmocka_unit_test(stream__times_out__on_a_dripping_server),
		cmocka_unit_test(stream__ends_within_a_poll__when_cancelled),
		cmocka_unit_test(stream__waits_for_data_wake_and_time),
		cmocka_unit_test(stream__waiting_sees_the_end),
		cmocka_unit_test(stream__writes_everything),
		cmocka_unit_test(stream__tries_every_address),
		cmocka_unit_test(stream__says_refused_and_not_found),
		cmocka_unit_test(stream__is_private__on_this_machine_alone),
	};
	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
