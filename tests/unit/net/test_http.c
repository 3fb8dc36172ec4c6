/* test_http.c - HTTP exchanges against a server in a thread of the test. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crmail/base/clock.h"
#include "crmail/net/cancel.h"
#include "crmail/net/http.h"
#include "tests/unit/net/fake_pki.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

struct script {
	const char *answer; /* sent to every request */
	SSL_CTX *tls;       /* NULL: plain */
	struct net_cancel *trigger;
	int requests;
	char head[4096]; /* of the last request */
	char body[4096];
	size_t flood; /* bytes of body to send after the answer */
	int hang_up;  /* at this request, counted from 1, the connection ends instead; 0 = never */
};

/* Reads one request; false at the end of the connection. */
static bool read_request(struct fake_conn *c, struct script *s)
{
	char head[sizeof(s->head)]; /* the test may still be looking at the last one */
	size_t len = 0, used = 0;

	while (fake_read_line(c) && c->line[0]) {
		if (!strncmp(c->line, "Content-Length: ", 16))
			len = strtoul(c->line + 16, NULL, 10);
		used += (size_t)snprintf(head + used, sizeof(head) - used, "%s\n", c->line);
	}
	if (!used)
		return false;
	memcpy(s->head, head, used + 1);
	for (size_t i = 0; i < len && i < sizeof(s->body) - 1; i++) {
		if (c->ssl ? SSL_read(c->ssl, s->body + i, 1) != 1
			   : recv(c->fd, s->body + i, 1, 0) != 1)
			return false;
		s->body[i + 1] = '\0';
	}
	s->requests++;
	return true;
}

static void serve(struct fake_conn *c)
{
	struct script *s = c->ctx;
	char block[65536];

	if (s->tls && !fake_start_tls(c, s->tls))
		return;
	while (read_request(c, s)) {
		if (s->trigger) {
			net_cancel_trigger(s->trigger);
			fake_wait_end(c);
			return;
		}
		if (s->requests == s->hang_up || !fake_send(c, s->answer))
			return;
		memset(block, 'x', sizeof(block));
		for (size_t sent = 0; sent < s->flood; sent += sizeof(block)) {
			if (!fake_send_bytes(c, block, sizeof(block)))
				return;
		}
	}
}

struct fixture {
	struct script script;
	struct fake_server *srv;
	struct http *http;
	struct http_response r;
	struct err e;
	char url[200];
};

static void start(struct fixture *f, const struct http_conf *conf, const char *path)
{
	f->srv = fake_server_start(serve, &f->script);
	f->http = http_new(conf);
	f->r = HTTP_RESPONSE_INIT;
	f->e = ERR_INIT;
	snprintf(f->url, sizeof(f->url), "%s://%s:%d%s", f->script.tls ? "https" : "http",
		f->script.tls ? "localhost" : "127.0.0.1", fake_server_port(f->srv), path);
}

static void stop(struct fixture *f)
{
	http_response_release(&f->r);
	http_free(f->http);
	fake_server_stop(f->srv);
}

static const struct http_conf plain_conf = {.ca_file = NULL};

static int get(struct fixture *f)
{
	struct http_request rq = {.method = "GET", .url = f->url, .timeout_ms = 10000};
	return http_do(f->http, &rq, &f->r, &f->e);
}

static void http__gets_status_body_and_headers(void **state)
{
	(void)state;
	struct fixture f = {.script.answer = "HTTP/1.1 206 Partial\r\nContent-Range:  0-1/77 \r\n"
					     "Content-Length: 5\r\n\r\nhello"};
	start(&f, &plain_conf, "/a?b=c");
	assert_int_equal(get(&f), 0);
	assert_int_equal(f.r.status, 206);
	assert_string_equal(f.r.body.p, "hello");
	struct buf v = BUF_INIT(100);
	assert_true(http_header(&f.r, "content-range", &v));
	assert_string_equal(v.p, "0-1/77");
	assert_false(http_header(&f.r, "Content", &v));
	assert_int_equal(f.r.retry_after_ms, -1);
	assert_int_equal(strncmp(f.script.head, "GET /a?b=c HTTP/1.1\n", 20), 0);
	assert_non_null(strstr(f.script.head, "User-Agent: crmail/"));
	buf_release(&v);
	stop(&f);
}

static void http__sends_method_headers_and_body(void **state)
{
	(void)state;
	static const char *const headers[] = {"Content-Type: application/json", "X-Key: k", NULL};
	struct fixture f = {.script.answer = "HTTP/1.1 204 No Content\r\n\r\n"};
	start(&f, &plain_conf, "/x");
	struct http_request rq = {.method = "PATCH",
		.url = f.url,
		.headers = headers,
		.body = "{\"a\":1}",
		.body_len = 7,
		.timeout_ms = 10000};
	assert_int_equal(http_do(f.http, &rq, &f.r, &f.e), 0);
	assert_int_equal(f.r.status, 204);
	assert_int_equal(strncmp(f.script.head, "PATCH /x ", 9), 0);
	assert_non_null(strstr(f.script.head, "Content-Type: application/json\n"));
	assert_non_null(strstr(f.script.head, "X-Key: k\n"));
	assert_null(strstr(f.script.head, "Expect"));
	assert_string_equal(f.script.body, "{\"a\":1}");

	struct http_request empty = {.method = "POST", .url = f.url, .timeout_ms = 10000};
	assert_int_equal(http_do(f.http, &empty, &f.r, &f.e), 0);
	assert_non_null(strstr(f.script.head, "Content-Length: 0\n"));
	struct http_request gone = {.method = "DELETE", .url = f.url, .timeout_ms = 10000};
	assert_int_equal(http_do(f.http, &gone, &f.r, &f.e), 0);
	assert_int_equal(strncmp(f.script.head, "DELETE /x ", 10), 0);
	assert_int_equal(f.script.requests, 3);
	stop(&f);
}

static void http__refuses_a_header_with_a_line_end(void **state)
{
	(void)state;
	static const char *const headers[] = {"X-Key: k\r\nX-Evil: 1", NULL};
	struct fixture f = {.script.answer = "HTTP/1.1 204 No Content\r\n\r\n"};
	start(&f, &plain_conf, "/");
	struct http_request rq = {.method = "GET", .url = f.url, .headers = headers};
	assert_int_equal(http_do(f.http, &rq, &f.r, &f.e), -1);
	assert_int_equal(f.e.code, ERR_USAGE);
	assert_int_equal(f.script.requests, 0);
	stop(&f);
}

static void http__stops_at_the_ceiling_of_the_body(void **state)
{
	(void)state;
	struct fixture f = {.script.answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
		.script.flood = (size_t)9 << 20};
	start(&f, &plain_conf, "/");
	assert_int_equal(get(&f), -1);
	assert_int_equal(f.e.code, ERR_TOOBIG);
	assert_true(f.r.body.len <= HTTP_MAX_BODY);
	stop(&f);
}

static void http__stops_at_the_ceiling_of_the_headers(void **state)
{
	(void)state;
	struct buf long_answer = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&long_answer, "HTTP/1.1 200 OK\r\n");
	while (long_answer.len < 280000)
		buf_addf(&long_answer, "X-%zu: %0900d\r\n", long_answer.len, 1);
	buf_addstr(&long_answer, "Content-Length: 0\r\n\r\n");
	struct fixture f = {.script.answer = long_answer.p};
	start(&f, &plain_conf, "/");
	assert_int_equal(get(&f), -1);
	assert_true(f.e.code == ERR_TOOBIG ||
		    f.e.code == ERR_NET); /* newer libcurl has a limit too */
	stop(&f);
	buf_release(&long_answer);
}

static void http__ends_when_cancelled(void **state)
{
	(void)state;
	struct net_cancel *cancel = net_cancel_new();
	struct http_conf conf = {.cancel = cancel};
	struct fixture f = {.script.trigger = cancel};
	start(&f, &conf, "/");
	int64_t begin = clock_mono_ms();
	assert_int_equal(get(&f), -1);
	assert_int_equal(f.e.code, ERR_CANCELLED);
	assert_true(clock_mono_ms() - begin < 5000);
	assert_int_equal(get(&f), -1);
	assert_int_equal(f.e.code, ERR_CANCELLED);
	stop(&f);
	net_cancel_free(cancel);
}

static void serve_silence(struct fake_conn *c)
{
	fake_wait_end(c);
}

static void http__times_out(void **state)
{
	(void)state;
	struct fake_server *srv = fake_server_start(serve_silence, NULL);
	struct http *h = http_new(&plain_conf);
	struct http_response r = HTTP_RESPONSE_INIT;
	struct err e = ERR_INIT;
	char url[100];
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/?token=secret", fake_server_port(srv));
	struct http_request rq = {.method = "GET", .url = url, .timeout_ms = 100};
	assert_int_equal(http_do(h, &rq, &r, &e), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_non_null(strstr(e.msg, "127.0.0.1 did not answer in time"));
	assert_null(strstr(e.msg, "secret"));
	http_response_release(&r);
	http_free(h);
	fake_server_stop(srv);
}

static void http__reads_retry_after__seconds_and_date(void **state)
{
	(void)state;
	char path[] = "/tmp/crmail-test-clock.XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, "784111747\n", 10), 10); /* 30 s before the date below */
	close(fd);
	struct clock_src *clock = clock_new(path);
	struct http_conf conf = {.clock = clock};
	struct fixture f = {.script.answer = "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n"
					     "Content-Length: 0\r\n\r\n"};
	start(&f, &conf, "/");
	assert_int_equal(get(&f), 0);
	assert_int_equal(f.r.retry_after_ms, 7000);
	assert_int_equal(http_status_err(&f.r, "api.test", &f.e), -1);
	assert_int_equal(f.e.code, ERR_RATE);
	assert_int_equal(f.e.after_ms, 7000);
	f.script.answer = "HTTP/1.1 503 Busy\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			  "Content-Length: 0\r\n\r\n";
	assert_int_equal(get(&f), 0);
	assert_int_equal(f.r.retry_after_ms, 30000);
	f.script.answer = "HTTP/1.1 503 Busy\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(get(&f), 0);
	assert_int_equal(f.r.retry_after_ms, -1);
	/* nobody is left alone for longer than a day */
	f.script.answer = "HTTP/1.1 429 Slow\r\nRetry-After: 31536000\r\nContent-Length: 0\r\n\r\n";
	assert_int_equal(get(&f), 0);
	assert_int_equal(f.r.retry_after_ms, 86400000);
	f.script.answer = "HTTP/1.1 503 Busy\r\nRetry-After: Tue, 06 Nov 2035 08:49:37 GMT\r\n"
			  "Content-Length: 0\r\n\r\n";
	assert_int_equal(get(&f), 0);
	assert_int_equal(f.r.retry_after_ms, 86400000);
	stop(&f);
	clock_free(clock);
	unlink(path);
}

static void http__does_not_follow_redirects__unless_asked(void **state)
{
	(void)state;
	struct fixture f = {.script.answer = "HTTP/1.1 302 Found\r\nLocation: /next\r\n"
					     "Content-Length: 0\r\n\r\n"};
	start(&f, &plain_conf, "/first");
	assert_int_equal(get(&f), 0);
	assert_int_equal(f.r.status, 302);
	assert_int_equal(f.script.requests, 1);
	struct http_request rq = {
		.method = "GET", .url = f.url, .max_redirects = 2, .timeout_ms = 10000};
	assert_int_equal(http_do(f.http, &rq, &f.r, &f.e), 0);
	assert_int_equal(f.script.requests, 4);
	assert_int_equal(strncmp(f.script.head, "GET /next ", 10), 0);
	f.script.answer = "HTTP/1.1 302 Found\r\nLocation: http://other.test/\r\n"
			  "Content-Length: 0\r\n\r\n";
	assert_int_equal(http_do(f.http, &rq, &f.r, &f.e), 0);
	assert_int_equal(f.r.status, 302);
	assert_int_equal(f.script.requests, 5);
	stop(&f);
}

static void http__ignores_proxies_of_the_environment(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	struct fixture f = {.script.answer = "HTTP/1.1 204 No Content\r\n\r\n"};
	start(&f, &plain_conf, "/");
	assert_int_equal(get(&f), 0);
	assert_int_equal(f.r.status, 204);
	stop(&f);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

static void http__refuses_plain_http_beyond_loopback(void **state)
{
	(void)state;
	struct http *h = http_new(&plain_conf);
	struct http_response r = HTTP_RESPONSE_INIT;
	static const char *const urls[] = {"http://crm.test/x?key=secret", "http://127.0.0.1.test/",
		"http://10.0.0.1/", "http://localhost.test/", "http://[::2]/"};
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct err e = ERR_INIT;
		struct http_request rq = {.method = "GET", .url = urls[i]};
		assert_int_equal(http_do(h, &rq, &r, &e), -1);
		assert_int_equal(e.code, ERR_UNSUPPORTED);
		assert_null(strstr(e.msg, "secret"));
	}
	http_free(h);
}

static void http__refuses_what_is_not_a_web_address(void **state)
{
	(void)state;
	struct http *h = http_new(&plain_conf);
	struct http_response r = HTTP_RESPONSE_INIT;
	static const char *const urls[] = {"ftp://x.test/", "file:///etc/passwd", "nonsense", "",
		"http://user:pw@127.0.0.1/", "https://"};
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct err e = ERR_INIT;
		struct http_request rq = {.method = "GET", .url = urls[i]};
		assert_int_equal(http_do(h, &rq, &r, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
	}
	http_free(h);
}

static void check_tls(const char *san, long until_s, const char *ca_file, const struct fake_ca *ca,
	const char *sentence)
{
	struct fake_leaf *leaf = fake_leaf_new(ca, san, -7200, until_s);
	SSL_CTX *ctx = fake_leaf_ctx(leaf);
	struct http_conf conf = {.ca_file = ca_file};
	struct fixture f = {.script = {.answer = "HTTP/1.1 204 No Content\r\n\r\n", .tls = ctx}};
	start(&f, &conf, "/");
	int rc = get(&f);
	if (sentence) {
		assert_int_equal(rc, -1);
		assert_int_equal(f.e.code, ERR_TLS);
		if (!strstr(f.e.msg, sentence))
			fail_msg("\"%s\" does not say \"%s\"", f.e.msg, sentence);
		assert_int_equal(f.script.requests, 0);
	} else if (rc) {
		fail_msg("%s", f.e.msg);
	}
	stop(&f);
	SSL_CTX_free(ctx);
	fake_leaf_free(leaf);
}

static void http__verifies_certificates(void **state)
{
	(void)state;
	struct fake_ca *ca = fake_ca_new(), *other = fake_ca_new();
	check_tls("DNS:localhost", 3600, ca->file, ca, NULL);
	check_tls("DNS:evil.test", 3600, ca->file, ca, "another host name");
	check_tls("DNS:localhost", -3600, ca->file, ca, "has expired");
	check_tls("DNS:localhost", 3600, ca->file, other, "unknown issuer");
	check_tls("DNS:localhost", 3600, NULL, ca, "unknown issuer");
	fake_ca_free(ca);
	fake_ca_free(other);
}

static void http__maps_statuses(void **state)
{
	(void)state;
	static const struct {
		int status;
		enum err_code code;
	} rows[] = {{301, ERR_PROTO}, {400, ERR_PROTO}, {401, ERR_AUTH}, {403, ERR_AUTH},
		{404, ERR_NOTFOUND}, {408, ERR_NET}, {409, ERR_CONFLICT}, {410, ERR_NOTFOUND},
		{412, ERR_CONFLICT}, {413, ERR_TOOBIG}, {422, ERR_PROTO}, {429, ERR_RATE},
		{500, ERR_NET}, {503, ERR_NET}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_response r = HTTP_RESPONSE_INIT;
		struct err e = ERR_INIT;
		r.status = rows[i].status;
		assert_int_equal(http_status_err(&r, "api.test", &e), -1);
		assert_int_equal(e.code, rows[i].code);
	}
	struct http_response ok = HTTP_RESPONSE_INIT;
	struct err e = ERR_INIT;
	ok.status = 201;
	assert_int_equal(http_status_err(&ok, "api.test", &e), 0);
}

/* What happens to the second request over a connection that is kept, and ends instead of an
 * answer. */
static int lose_second(const char *method, const char *body, int *requests)
{
	struct fixture f = {
		.script = {.answer = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
			.hang_up = 2}};
	start(&f, &plain_conf, "/");
	struct http_request rq = {.method = method,
		.url = f.url,
		.body = body,
		.body_len = body ? strlen(body) : 0,
		.timeout_ms = 10000};
	assert_int_equal(http_do(f.http, &rq, &f.r, &f.e), 0);
	int rc = http_do(f.http, &rq, &f.r, &f.e);
	if (rc)
		assert_int_equal(f.e.code, ERR_NET);
	stop(&f);
	*requests = f.script.requests;
	return rc;
}

static void http__never_repeats_a_write(void **state)
{
	int requests = 0;
	(void)state;
	assert_int_equal(lose_second("POST", "{\"name\":\"Ann\"}", &requests), -1);
	assert_int_equal(requests, 2);
	assert_int_equal(lose_second("PATCH", "{\"name\":\"Ann\"}", &requests), -1);
	assert_int_equal(requests, 2);
	assert_int_equal(lose_second("GET", NULL, &requests), 0);
	assert_int_equal(requests, 3);
}

static void http__escapes_all_but_unreserved(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100);
	http_add_escaped(&b, "aZ09-._~ /?&=%+\xC3\xA9\"");
	assert_string_equal(b.p, "aZ09-._~%20%2F%3F%26%3D%25%2B%C3%A9%22");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http__gets_status_body_and_headers),
		cmocka_unit_test(http__sends_method_headers_and_body),
		cmocka_unit_test(http__refuses_a_header_with_a_line_end),
		cmocka_unit_test(http__stops_at_the_ceiling_of_the_body),
		cmocka_unit_test(http__stops_at_the_ceiling_of_the_headers),
		cmocka_unit_test(http__ends_when_cancelled),
		cmocka_unit_test(http__times_out),
		cmocka_unit_test(http__reads_retry_after__seconds_and_date),
		cmocka_unit_test(http__does_not_follow_redirects__unless_asked),
		cmocka_unit_test(http__ignores_proxies_of_the_environment),
		cmocka_unit_test(http__refuses_plain_http_beyond_loopback),
		cmocka_unit_test(http__refuses_what_is_not_a_web_address),
		cmocka_unit_test(http__verifies_certificates),
		cmocka_unit_test(http__maps_statuses),
		cmocka_unit_test(http__never_repeats_a_write),
		cmocka_unit_test(http__escapes_all_but_unreserved),
	};
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
