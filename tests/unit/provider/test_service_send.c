/*
 * test_service_send.c - sending through Gmail and Graph where things go otherwise than a stub of
 * the whole service lets them: what an answer to the sending means, which draft is sent, and what
 * is asked of it. The service is a list of answers.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "crmail/base/buf.h"
#include "crmail/base/str.h"
#include "crmail/provider/transport.h"
#include "tests/unit/net/fake_server.h"
#include "tests/unit/unit.h"

#define MOST 12
/* Whole answers but for their length. */
#define TEXT(status, text) "HTTP/1.1 " status " X\r\n\r\n" text
#define EMPTY(status, headers) "HTTP/1.1 " status " X\r\n" headers "\r\n"
#define PLAIN                                                                                      \
	"From: a@ours.test\r\nTo: b@client.test\r\nMessage-ID: <m@ours.test>\r\nSubject: x\r\n"    \
	"\r\nhello\r\n"

struct step {
	const char *asked; /* how the request line begins */
	const char *answer;
};

struct service {
	struct step steps[MOST];
	int n;
	char asked[MOST][300]; /* request lines */
	char type[300];        /* of the last body, */
	struct buf body;       /* the last that was not empty */
};

static bool read_head(struct fake_conn *c, struct service *s, size_t *len)
{
	*len = 0;
	if (!fake_read_line(c) || s->n >= MOST)
		return false;
	snprintf(s->asked[s->n], sizeof s->asked[0], "%.299s", c->line);
	while (fake_read_line(c) && c->line[0]) {
		if (!strncmp(c->line, "Content-Length: ", 16))
			*len = strtoul(c->line + 16, NULL, 10);
		if (!strncmp(c->line, "Content-Type: ", 14))
			snprintf(s->type, sizeof s->type, "%.299s", c->line + 14);
	}
	return true;
}

static bool read_body(struct fake_conn *c, struct service *s, size_t len)
{
	char block[65536];
	if (len)
		buf_reset(&s->body);
	while (len) {
		ssize_t n = recv(c->fd, block, len < sizeof block ? len : sizeof block, 0);
		if (n <= 0)
			return false;
		buf_add(&s->body, block, (size_t)n);
		len -= (size_t)n;
	}
	return true;
}

static void serve(struct fake_conn *c)
{
	struct service *s = c->ctx;
	size_t len;
	while (read_head(c, s, &len) && read_body(c, s, len)) {
		const struct step *x = &s->steps[s->n];
		bool is_it = x->asked && str_starts(s->asked[s->n++], x->asked);
		const char *answer = is_it ? x->answer : EMPTY("418", "");
		const char *text = strstr(answer, "\r\n\r\n") + 4;
		if (!fake_sendf(c, "%.*sContent-Length: %zu\r\n\r\n%s", (int)(text - answer - 2),
			    answer, strlen(text), text))
			return;
	}
}

struct fixture {
	struct service service;
	struct fake_server *srv;
	struct transport *t;
	struct transport_recipient rcpt;
	struct transport_mail mail;
	struct transport_outcome out;
	char draft[200];
	int handed;
	struct err e;
};

/* A token that was refused cannot be renewed: the keyring is locked. */
static int give_token(void *ctx, const char *refused, struct buf *out, struct err *e)
{
	(void)ctx;
	if (refused)
		return err_set(e, ERR_IO, "the keyring is locked");
	buf_addstr(out, "token");
	return 0;
}

static int note_draft(void *ctx, const char *id, struct err *e)
{
	struct fixture *f = ctx;
	(void)e;
	snprintf(f->draft, sizeof f->draft, "%s", id);
	return 0;
}

static int note_handed(void *ctx, struct err *e)
{
	struct fixture *f = ctx;
	(void)e;
	f->handed++;
	return 0;
}

static void start(struct fixture *f, const char *kind)
{
	char base[64];
	f->service.body = BUF_INIT(BUF_UNLIMITED);
	f->srv = fake_server_start(serve, &f->service);
	f->e = ERR_INIT;
	snprintf(base, sizeof base, "http://127.0.0.1:%d", fake_server_port(f->srv));
	const struct transport_conf c = {
		.kind = kind, .api = base, .token = give_token, .deadline_ms = 10000};
	assert_int_equal(transport_open(&f->t, &c, &f->e), 0);
	f->rcpt = (struct transport_recipient){.addr = "b@client.test"};
	f->mail = (struct transport_mail){.from = "a@ours.test",
		.envelope_id = "m@ours.test",
		.rcpts = &f->rcpt,
		.n_rcpts = 1,
		.data = PLAIN,
		.len = sizeof PLAIN - 1,
		.handed = note_handed,
		.drafted = note_draft,
		.handed_ctx = f};
}

static int send_by(struct fixture *f, const char *kind)
{
	start(f, kind);
	return transport_send(f->t, &f->mail, &f->out, &f->e);
}

static void stop(struct fixture *f)
{
	transport_close(f->t);
	fake_server_stop(f->srv);
	buf_release(&f->service.body);
}

#define GMAIL_DRAFT                                                                                \
	{                                                                                          \
		"POST /gmail/v1/users/me/drafts ",                                                 \
			TEXT("200", "{\"id\":\"r1\",\"message\":{\"id\":\"m1\"}}")                 \
	}
#define GMAIL_SEND "POST /gmail/v1/users/me/drafts/send "
#define GRAPH_DRAFT                                                                                \
	{                                                                                          \
		"POST /me/messages ",                                                              \
			TEXT("201", "{\"id\":\"d1\",\"internetMessageId\":\"<m@ours.test>\"}")     \
	}
#define GRAPH_SEND "POST /me/messages/d1/send "

/* A 401 has done nothing, whatever keeps us from another token: the mail waits for the keyring. */
static void send__waits__when_no_other_token_is_to_be_had(void **state)
{
	(void)state;
	struct fixture gmail = {.service.steps = {GMAIL_DRAFT, {GMAIL_SEND, EMPTY("401", "")}}};
	struct fixture graph = {.service.steps = {GRAPH_DRAFT, {GRAPH_SEND, EMPTY("401", "")}}};
	assert_int_equal(send_by(&gmail, "gmail"), -1);
	assert_int_equal(gmail.e.code, ERR_IO);
	assert_int_equal(gmail.handed, 1);
	stop(&gmail);
	assert_int_equal(send_by(&graph, "graph"), -1);
	assert_int_equal(graph.e.code, ERR_IO);
	assert_int_equal(graph.handed, 1);
	stop(&graph);
}

/* It may have the mail, also where it says when to ask again. */
static void send__is_a_doubt__when_the_service_breaks(void **state)
{
	static const char *const answers[] = {
		EMPTY("503", "Retry-After: 3\r\n"), EMPTY("503", ""), EMPTY("500", "")};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct fixture gmail = {.service.steps = {GMAIL_DRAFT, {GMAIL_SEND, answers[i]}}};
		struct fixture graph = {.service.steps = {GRAPH_DRAFT, {GRAPH_SEND, answers[i]}}};
		assert_int_equal(send_by(&gmail, "gmail"), 0);
		assert_int_equal(gmail.out.verdict, TRANSPORT_UNKNOWN);
		stop(&gmail);
		assert_int_equal(send_by(&graph, "graph"), 0);
		assert_int_equal(graph.out.verdict, TRANSPORT_UNKNOWN);
		stop(&graph);
	}
}

/* Of a large mail, too; and nothing in the mail ends its part. */
static void gmail__keeps_the_conversation__of_a_large_mail(void **state)
{
	(void)state;
	struct fixture f = {
		.service.steps = {{"POST /upload/gmail/v1/users/me/drafts?uploadType=multipart ",
			EMPTY("500", "")}}};
	CLEANUP(buf_release) struct buf mail = BUF_INIT(BUF_UNLIMITED);
	CLEANUP(buf_release) struct buf want = BUF_INIT(BUF_UNLIMITED);
	buf_addstr(&mail, PLAIN "--crmail-part-0\r\n");
	while (mail.len < (size_t)4 << 20)
		buf_addstr(&mail, "0123456789012345678901234567890123456789\r\n");
	start(&f, "gmail");
	f.mail.data = mail.p;
	f.mail.len = mail.len;
	f.mail.thread_id = "t17";
	assert_int_equal(transport_send(f.t, &f.mail, &f.out, &f.e), -1);
	transport_close(f.t);
	fake_server_stop(f.srv);
	assert_string_equal(f.service.type, "multipart/related; boundary=crmail-part-1");
	buf_addstr(&want, "--crmail-part-1\r\nContent-Type: application/json\r\n\r\n"
			  "{\"message\":{\"threadId\":\"t17\"}}\r\n--crmail-part-1\r\n"
			  "Content-Type: message/rfc822\r\n\r\n");
	buf_add(&want, mail.p, mail.len);
	buf_addstr(&want, "\r\n--crmail-part-1--\r\n");
	assert_int_equal(f.service.body.len, want.len);
	assert_memory_equal(f.service.body.p, want.p, want.len);
	buf_release(&f.service.body);
}

/* One that has the mail as it is can go out once only; a second one would be a second mail. */
static void graph__sends_the_draft_it_has__when_the_mail_is_the_same(void **state)
{
	static const char the_draft[] =
		TEXT("200", "{\"id\":\"d1\",\"isDraft\":true,\"parentFolderId\":\"f\","
			    "\"internetMessageId\":\"<m@ours.test>\"}");
	static const char folder[] = TEXT("200", "{\"id\":\"f\"}");
	(void)state;
	struct fixture f = {
		.service.steps = {{"GET /me/messages/d1?", the_draft},
			{"GET /me/mailFolders/drafts?", folder}, {GRAPH_SEND, EMPTY("202", "")},
			{"GET /me/messages/d1?", the_draft}}};
	start(&f, "graph");
	f.mail.draft = "d1";
	assert_int_equal(transport_send(f.t, &f.mail, &f.out, &f.e), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	stop(&f);
	assert_int_equal(f.service.n, 4);
}

/* The draft of the mail as it was before goes first, and is looked at once more: what was sent
 * meanwhile is neither thrown away nor sent anew. */
static void graph__makes_no_second_mail__the_first_draft_went_out(void **state)
{
	static const char before[] =
		TEXT("200", "{\"id\":\"d0\",\"isDraft\":true,\"parentFolderId\":\"f\","
			    "\"internetMessageId\":\"<old@ours.test>\"}");
	static const char sent[] =
		TEXT("200", "{\"id\":\"d0\",\"isDraft\":false,\"parentFolderId\":\"s\","
			    "\"internetMessageId\":\"<old@ours.test>\"}");
	static const char folder[] = TEXT("200", "{\"id\":\"f\"}");
	(void)state;
	struct fixture f = {.service.steps = {{"GET /me/messages/d0?", before},
				    {"GET /me/mailFolders/drafts?", folder}, GRAPH_DRAFT,
				    {"GET /me/messages/d0?", sent},
				    {"POST /me/messages/d1/permanentDelete ", EMPTY("204", "")}}};
	start(&f, "graph");
	f.mail.draft = "d0";
	assert_int_equal(transport_send(f.t, &f.mail, &f.out, &f.e), 0);
	assert_int_equal(f.out.verdict, TRANSPORT_SENT);
	assert_string_equal(f.out.message_id, "old@ours.test");
	stop(&f);
	assert_int_equal(f.service.n, 5);
	assert_string_equal(f.draft, "");
}

static void graph__settles__with_the_name_it_gave_the_mail(void **state)
{
	static const char sent[] =
		TEXT("200", "{\"id\":\"d1\",\"isDraft\":false,\"parentFolderId\":\"s\","
			    "\"internetMessageId\":\"<their@ms.test>\"}");
	(void)state;
	struct fixture f = {.service.steps = {{"GET /me/messages/d1?", sent}}};
	struct transport_settled told;
	start(&f, "graph");
	assert_int_equal(transport_settle(f.t, "d1", "m@ours.test", &told, &f.e), 0);
	assert_int_equal(told.fate, TRANSPORT_WAS_SENT);
	assert_string_equal(told.message_id, "their@ms.test");
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(send__waits__when_no_other_token_is_to_be_had),
		cmocka_unit_test(send__is_a_doubt__when_the_service_breaks),
		cmocka_unit_test(gmail__keeps_the_conversation__of_a_large_mail),
		cmocka_unit_test(graph__sends_the_draft_it_has__when_the_mail_is_the_same),
		cmocka_unit_test(graph__makes_no_second_mail__the_first_draft_went_out),
		cmocka_unit_test(graph__settles__with_the_name_it_gave_the_mail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
