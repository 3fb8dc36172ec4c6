/* test_web.c - authorised exchanges with a service that says what the test wants it to. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crmail/base/buf.h"
#include "crmail/base/clock.h"
#include "crmail/base/fsx.h"
#include "crmail/base/log.h"
#include "src/provider/web.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

struct service {
	const char *answers[4]; /* one per request; the last one stands for all that follow */
	int requests;
	char heads[4][4096];
	char body[4096];
};

static bool read_request(struct fake_conn *c, struct service *s)
{
	int at = s->requests < 3 ? s->requests : 3;
	size_t used = 0, len = 0;
	s->heads[at][0] = '\0';
	while (fake_read_line(c) && c->line[0]) {
		if (!strncmp(c->line, "Content-Length: ", 16))
			len = strtoul(c->line + 16, NULL, 10);
		used += (size_t)snprintf(s->heads[at] + used, sizeof s->heads[at] - used, "%s\n",
			c->line);
	}
	for (size_t i = 0; used && i < len && i < sizeof s->body - 1; i++) {
		if (recv(c->fd, s->body + i, 1, 0) != 1)
			return false;
		s->body[i + 1] = '\0';
	}
	return used > 0;
}

static void serve(struct fake_conn *c)
{
	struct service *s = c->ctx;
	while (read_request(c, s)) {
		int at = s->requests < 3 ? s->requests : 3;
		s->requests++;
		while (at > 0 && !s->answers[at])
			at--;
		if (!fake_send(c, s->answers[at]))
			return;
	}
}

struct fixture {
	struct service service;
	struct fake_server *srv;
	struct web *web;
	struct http_response r;
	struct err e;
	int asked;         /* for a token */
	char refused[100]; /* the one that was refused, as it came along last */
	bool is_out;       /* no token is to be had */
	bool is_wiped;     /* where the token goes leaves none behind */
	char base[100];
};

static int give_token(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	struct fixture *f = ctx;
	snprintf(f->refused, sizeof f->refused, "%s", refused ? refused : "");
	f->is_wiped = out->is_secret;
	if (f->is_out && refused)
		return err_set(e, ERR_AUTH, "sign in again");
	buf_addf(out, "token-%d", ++f->asked);
	return 0;
}

static void start(struct fixture *f)
{
	f->srv = fake_server_start(serve, &f->service);
	f->r = HTTP_RESPONSE_INIT;
	f->e = ERR_INIT;
	snprintf(f->base, sizeof f->base, "http://127.0.0.1:%d", fake_server_port(f->srv));
	const struct web_conf c = {.protocol = "gmail",
		.base = f->base,
		.token = give_token,
		.token_ctx = f,
		.deadline_ms = 10000};
	assert_int_equal(web_open(&f->web, &c, &f->e), 0);
}

static void stop(struct fixture *f)
{
	web_close(f->web);
	http_response_release(&f->r);
	fake_server_stop(f->srv);
}

static int get(struct fixture *f, const char *path)
{
	const struct web_request rq = {.method = "GET", .path = path};
	f->e = ERR_INIT;
	return web_do(f->web, &rq, &f->r, &f->e);
}

#define EMPTY(status, headers) "HTTP/1.1 " status " X\r\n" headers "Content-Length: 0\r\n\r\n"
#define JSON(status, headers, n, text)                                                             \
	"HTTP/1.1 " status " X\r\n" headers "Content-Type: application/json\r\nContent-Length: " n \
	"\r\n\r\n" text

static void web__sends_the_token__and_asks_for_it_once(void **state)
{
	(void)state;
	struct fixture f = {.service.answers = {JSON("200", "", "2", "{}")}};
	start(&f);
	assert_int_equal(get(&f, "/v1/a?b=c"), 0);
	assert_int_equal(get(&f, "/v1/b"), 0);
	assert_int_equal(strncmp(f.service.heads[0], "GET /v1/a?b=c HTTP/1.1\n", 23), 0);
	assert_non_null(strstr(f.service.heads[1], "Authorization: Bearer token-1\n"));
	assert_int_equal(f.asked, 1);
	stop(&f);
}

static void web__goes_without_the_token__where_the_address_is_leave_enough(void **state)
{
	(void)state;
	struct fixture f = {.service.answers = {EMPTY("201", ""), EMPTY("416", "")}};
	char url[200];
	start(&f);
	snprintf(url, sizeof url, "%s/upload/1?leave=x", f.base);
	const struct web_request rq = {.method = "PUT", .path = url, .body = "abc", .body_len = 3};
	assert_int_equal(web_do_bare(f.web, &rq, &f.r, &f.e), 0);
	assert_null(strstr(f.service.heads[0], "Authorization"));
	assert_string_equal(f.service.body, "abc");
	assert_int_equal(f.asked, 0);
	assert_int_equal(web_do_bare(f.web, &rq, &f.r, &f.e), -1);
	assert_int_equal(f.e.sys, 416);
	stop(&f);
}

static void web__leaves_no_token_behind__in_memory(void **state)
{
	struct fixture f = {.service.answers = {EMPTY("204", "")}};
	(void)state;
	start(&f);
	assert_int_equal(get(&f, "/x"), 0);
	assert_true(f.is_wiped);
	stop(&f);
}

static void web__refreshes_once__after_a_401(void **state)
{
	(void)state;
	struct fixture f = {
		.service.answers = {EMPTY("401", ""), JSON("200", "", "7", "{\"a\":1}")}};
	CLEANUP(json_free) cJSON *j = NULL;
	CLEANUP(json_free) cJSON *body = cJSON_CreateObject();
	start(&f);
	cJSON_AddStringToObject(body, "x", "y");
	assert_int_equal(web_json(f.web, "POST", "/v1/a", body, &j, &f.e), 0);
	assert_int_equal(json_at(j, "/a")->valueint, 1);
	assert_int_equal(f.service.requests, 2);
	assert_string_equal(f.refused, "token-1");
	assert_non_null(strstr(f.service.heads[1], "Authorization: Bearer token-2\n"));
	assert_non_null(strstr(f.service.heads[1], "Content-Type: application/json\n"));
	assert_string_equal(f.service.body, "{\"x\":\"y\"}");
	stop(&f);
}

static void web__gives_up__when_the_fresh_token_is_refused_too(void **state)
{
	(void)state;
	struct fixture f = {.service.answers = {EMPTY("401", "")}};
	start(&f);
	assert_int_equal(get(&f, "/v1/a"), -1);
	assert_int_equal(f.e.code, ERR_AUTH);
	assert_int_equal(f.service.requests, 2);
	assert_int_equal(f.asked, 2);
	stop(&f);
}

static void web__tells_why__when_there_is_no_fresh_token(void **state)
{
	(void)state;
	struct fixture f = {.service.answers = {EMPTY("401", "")}, .is_out = true};
	start(&f);
	assert_int_equal(get(&f, "/v1/a"), -1);
	assert_string_equal(f.e.msg, "sign in again");
	assert_int_equal(f.service.requests, 1);
	stop(&f);
}

static void web__maps_the_pace__to_err_rate(void **state)
{
	(void)state;
	static const struct {
		const char *answer;
		enum err_code code;
		uint32_t after_ms;
	} cases[] = {
		{EMPTY("429", "Retry-After: 7\r\n"), ERR_RATE, 7000},
		{EMPTY("429", ""), ERR_RATE, 0},
		{EMPTY("503", "Retry-After: 3600\r\n"), ERR_RATE, 3600000},
		{EMPTY("503", ""), ERR_NET, 0},
		{EMPTY("504", "Retry-After: 60\r\n"), ERR_RATE, 60000},
		{EMPTY("504", ""), ERR_NET, 0},
		{EMPTY("500", ""), ERR_NET, 0},
		{JSON("403", "", "62",
			 "{\"error\":{\"errors\":[{\"reason\":\"userRateLimitExceeded\"}]}}     "),
			ERR_RATE, 0},
		{JSON("403", "", "44", "{\"error\":{\"status\":\"RESOURCE_EXHAUSTED\"}}    "),
			ERR_RATE, 0},
		{JSON("403", "", "37", "{\"message\":\"API rate limit exceeded\"} "), ERR_RATE, 0},
		{JSON("403", "", "45", "{\"error\":{\"errors\":[{\"reason\":\"forbidden\"}]}}"),
			ERR_AUTH, 0},
		{JSON("403", "", "9", "{\"error\":"), ERR_AUTH, 0},
		{JSON("403", "", "14", "{\"error\":[1,2]"), ERR_AUTH, 0},
		{EMPTY("404", ""), ERR_NOTFOUND, 0},
		{EMPTY("409", ""), ERR_CONFLICT, 0},
		{EMPTY("400", ""), ERR_PROTO, 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f = {.service.answers = {cases[i].answer}};
		start(&f);
		assert_int_equal(get(&f, "/v1/a"), -1);
		assert_int_equal(f.e.code, cases[i].code);
		assert_int_equal(f.e.after_ms, cases[i].after_ms);
		assert_int_equal(f.service.requests, 1);
		stop(&f);
	}
}

static void web__says_how_long__it_is_to_wait(void **state)
{
	(void)state;
	struct fixture f = {.service.answers = {EMPTY("429", "Retry-After: 3590\r\n")}};
	start(&f);
	assert_int_equal(get(&f, "/v1/a"), -1);
	assert_non_null(strstr(f.e.msg, " asks to slow down, for 60 minutes."));
	stop(&f);
}

static void web__a_refused_request__is_its_own_fault(void **state)
{
	(void)state;
	struct fixture f = {.service.answers = {EMPTY("400", "")}};
	start(&f);
	assert_int_equal(get(&f, "/v1/a"), -1);
	assert_int_equal(f.e.scope, ERR_ITEM);
	assert_int_equal(f.e.retry, RETRY_NEVER);
	assert_int_equal(f.e.sys, 400);
	stop(&f);
}

static void web__takes_the_token_nowhere_else(void **state)
{
	(void)state;
	static const char *const elsewhere[] = {"http://127.0.0.1:1/x", "https://evil.test/x", "x",
		"", "http://127.0.0.1@evil.test/"};
	struct fixture f = {.service.answers = {JSON("200", "", "2", "{}")}};
	char longer[200];
	start(&f);
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++) {
		assert_int_equal(get(&f, elsewhere[i]), -1);
		assert_int_equal(f.e.code, ERR_PROTO);
	}
	snprintf(longer, sizeof longer, "%s0/x", f.base); /* another port */
	assert_int_equal(get(&f, longer), -1);
	assert_int_equal(f.service.requests, 0);
	snprintf(longer, sizeof longer, "%s/next?token=1", f.base);
	assert_int_equal(get(&f, longer), 0);
	assert_int_equal(strncmp(f.service.heads[0], "GET /next?token=1 ", 18), 0);
	stop(&f);
}

static void web__refuses_what_is_no_json(void **state)
{
	(void)state;
	struct fixture f = {.service.answers = {JSON("200", "", "5", "<html")}};
	cJSON *j = NULL;
	start(&f);
	assert_int_equal(web_json(f.web, "GET", "/v1/a", NULL, &j, &f.e), -1);
	assert_int_equal(f.e.code, ERR_PROTO);
	assert_null(j);
	stop(&f);
}

static void web__keeps_within_the_bound(void **state)
{
	(void)state;
	struct fixture f = {.service.answers = {JSON("200", "", "20", "01234567890123456789")}};
	start(&f);
	const struct web_request rq = {.method = "GET", .path = "/v1/a", .max_body = 10};
	assert_int_equal(web_do(f.web, &rq, &f.r, &f.e), -1);
	assert_int_equal(f.e.code, ERR_TOOBIG);
	assert_true(f.r.body.len <= 10);
	stop(&f);
}

static void web__refuses_an_address_that_is_none(void **state)
{
	(void)state;
	static const char *const bases[] = {
		"", "gmail.test", "ftp://x.test", "https://", "https://user@x.test"};
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		struct web *w = NULL;
		struct err e = ERR_INIT;
		const struct web_conf c = {.protocol = "gmail", .base = bases[i]};
		assert_int_equal(web_open(&w, &c, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
	}
}

/* What is in the log of a request for it. */
static void trace(const char *address, struct buf *out)
{
	char path[] = "/tmp/crmail-test-web.XXXXXX";
	struct fixture f = {.service.answers = {JSON("200", "", "2", "{}")}};
	CLEANUP(buf_release) struct buf whole = BUF_INIT(1000);
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	struct clock_src *clock = clock_new(NULL);
	start(&f);
	if (address[0] != '/')
		buf_addstr(&whole, f.base);
	buf_addstr(&whole, address);
	assert_int_equal(log_open(path, LOG_DEBUG, clock, &f.e), 0);
	assert_int_equal(get(&f, whole.p), 0);
	log_close();
	assert_int_equal(fsx_read_file(path, out, &f.e), 0);
	unlink(path);
	stop(&f);
	clock_free(clock);
}

static void web__traces_neither_token_nor_id(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(65536);
	(void)state;
	trace("/gmail/v1/users/me/messages/18c2f0a9b7?q=secret%3Ax", &text);
	assert_non_null(strstr(text.p, "0 > GET /gmail/v1/users/me/messages/?\n"));
	assert_non_null(strstr(text.p, "0 < 200 2 bytes"));
	assert_null(strstr(text.p, "secret"));
	assert_null(strstr(text.p, "token"));
	assert_null(strstr(text.p, "18c2"));
}

static void web__traces_no_user__of_a_relay(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(65536);
	(void)state;
	trace("/v1/reports/users/laura?start_date=2026-11-22&next=http://x.test/back", &text);
	assert_non_null(strstr(text.p, "0 > GET /v1/reports/users/?\n"));
	assert_null(strstr(text.p, "laura"));
	assert_null(strstr(text.p, "back"));
}

static void web__traces_no_query__of_an_address_without_a_path(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(65536);
	(void)state;
	trace("?next=/laura", &text);
	assert_non_null(strstr(text.p, "0 > GET \n"));
	assert_null(strstr(text.p, "laura"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(web__sends_the_token__and_asks_for_it_once),
		cmocka_unit_test(web__goes_without_the_token__where_the_address_is_leave_enough),
		cmocka_unit_test(web__leaves_no_token_behind__in_memory),
		cmocka_unit_test(web__refreshes_once__after_a_401),
		cmocka_unit_test(web__gives_up__when_the_fresh_token_is_refused_too),
		cmocka_unit_test(web__tells_why__when_there_is_no_fresh_token),
		cmocka_unit_test(web__maps_the_pace__to_err_rate),
		cmocka_unit_test(web__says_how_long__it_is_to_wait),
		cmocka_unit_test(web__a_refused_request__is_its_own_fault),
		cmocka_unit_test(web__takes_the_token_nowhere_else),
		cmocka_unit_test(web__refuses_what_is_no_json),
		cmocka_unit_test(web__keeps_within_the_bound),
		cmocka_unit_test(web__refuses_an_address_that_is_none),
		cmocka_unit_test(web__traces_neither_token_nor_id),
		cmocka_unit_test(web__traces_no_user__of_a_relay),
		cmocka_unit_test(web__traces_no_query__of_an_address_without_a_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
