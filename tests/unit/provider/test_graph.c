/* test_graph.c - what Microsoft Graph says, taken apart, and what is said to it: pages of a delta
 * query, header blocks, batches, and messages whose attachments follow by themselves. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/op.h"
#include "crmail/base/str.h"
#include "crmail/mail/message.h"
#include "src/provider/graph/batch.h"
#include "src/provider/graph/draft.h"
#include "src/provider/graph/head.h"
#include "src/provider/graph/page.h"
#include "tests/unit/unit.h"

static cJSON *parse(const char *text)
{
	cJSON *j = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(json_parse(text, strlen(text), &j, &e), 0);
	return j;
}

/* ---- pages ----------------------------------------------------------------------------------- */

#define LINK "\"@odata.deltaLink\":\"https://graph.example/d\""

static struct graph_page page_of(struct arena *a, const char *items)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(JSON_MAX_BYTES);
	struct graph_page p = {.n = 0};
	struct err e = ERR_INIT;
	buf_addf(&text, "{\"value\":[%s]," LINK "}", items);
	CLEANUP(json_free) cJSON *j = parse(text.p);
	assert_int_equal(graph_page_read(a, j, &p, &e), 0);
	return p;
}

static void graph_page__tells__a_whole_message(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	struct graph_page p = page_of(&a,
		"{\"id\":\"A\",\"receivedDateTime\":\"2026-11-20T10:00:00Z\",\"isRead\":true,"
		"\"isDraft\":false,\"flag\":{\"flagStatus\":\"flagged\"},\"conversationId\":\"C\","
		"\"internetMessageId\":\"<m@x.example>\",\"subject\":\"Hello\",\"changeKey\":\"K\","
		"\"singleValueExtendedProperties\":[{\"id\":\"Long 0xe08\",\"value\":\"1234\"},"
		"{\"id\":\"Integer 0x1081\",\"value\":\"103\"}]}");
	assert_int_equal(p.n, 1);
	assert_string_equal(p.delta, "https://graph.example/d");
	assert_null(p.next);
	assert_true(p.v[0].is_whole);
	assert_int_equal(p.v[0].received, 1795168800);
	assert_int_equal(p.v[0].size, 1234);
	assert_int_equal(p.v[0].flags, MSG_SEEN | MSG_FLAGGED | MSG_ANSWERED);
	assert_string_equal(p.v[0].thread_id, "C");
	assert_string_equal(p.v[0].version, "K");
	assert_non_null(strstr(p.v[0].headers, "Subject: Hello\r\n"));
}

static void graph_page__merges__what_came_in_parts(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	struct graph_page p =
		page_of(&a, "{\"id\":\"A\",\"isRead\":true},"
			    "{\"id\":\"B\",\"receivedDateTime\":\"2026-11-20T10:00:00Z\","
			    "\"internetMessageId\":\"<b@x.example>\",\"isRead\":true},"
			    "{\"id\":\"A\",\"flag\":{\"flagStatus\":\"flagged\"}},"
			    "{\"id\":\"B\",\"isRead\":false},"
			    "{\"id\":\"C\",\"@removed\":{\"reason\":\"changed\"}},"
			    "{\"id\":\"D\",\"isRead\":true},{\"id\":\"D\",\"@removed\":{\"reason\":"
			    "\"deleted\"}},"
			    "{\"id\":\"a\",\"isRead\":false}");
	assert_int_equal(p.n, 5);
	assert_string_equal(p.v[0].id, "A");
	assert_false(p.v[0].is_whole);
	assert_int_equal(p.v[0].known_flags, MSG_SEEN | MSG_FLAGGED);
	assert_int_equal(graph_item_flags(&p.v[0], MSG_ANSWERED),
		MSG_SEEN | MSG_FLAGGED | MSG_ANSWERED);
	assert_true(p.v[1].is_whole);
	assert_int_equal(p.v[1].flags & MSG_SEEN, 0);
	assert_true(p.v[2].is_removed);
	assert_true(p.v[3].is_removed);
	assert_string_equal(p.v[4].id, "a"); /* case counts */
}

static void graph_page__takes__what_came_back_after_it_went(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	struct graph_page p =
		page_of(&a, "{\"id\":\"A\",\"isRead\":true},{\"id\":\"A\",\"@removed\":{\"reason\":"
			    "\"changed\"}},"
			    "{\"id\":\"A\",\"receivedDateTime\":\"2026-11-20T10:00:00Z\","
			    "\"internetMessageId\":\"<a@x.example>\",\"isRead\":false}");
	assert_int_equal(p.n, 1);
	assert_false(p.v[0].is_removed);
	assert_true(p.v[0].is_whole);
	assert_int_equal(p.v[0].flags & MSG_SEEN, 0);
}

static void graph_page__passes_over__what_makes_no_sense(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	struct graph_page p = page_of(&a,
		"7,null,[],{},{\"id\":5},{\"id\":\"\"},\"x\",{\"id\":\"A#1\"},"
		"{\"id\":\"A\",\"receivedDateTime\":\"yesterday\",\"internetMessageId\":null,"
		"\"isRead\":\"true\",\"flag\":[],\"from\":7,\"toRecipients\":{\"a\":1},"
		"\"singleValueExtendedProperties\":[{\"id\":\"Long 0xe08\",\"value\":\"-5\"},3],"
		"\"internetMessageHeaders\":[{\"name\":\"X\"},{\"name\":7,\"value\":\"y\"},null]}");
	assert_int_equal(p.n, 1);
	assert_true(p.v[0].is_whole);
	assert_int_equal(p.v[0].received, 0);
	assert_int_equal(p.v[0].size, 0);
	assert_int_equal(p.v[0].flags, 0);
	assert_string_equal(p.v[0].headers, "\r\n");
}

static void graph_page__refuses__what_is_no_page(void **state)
{
	static const char *const texts[] = {"{}", "[]", "7", "{\"value\":{}," LINK "}",
		"{\"value\":[]}", "{\"value\":[],\"@odata.nextLink\":7}", "{\"value\":7," LINK "}"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(json_free) cJSON *j = parse(texts[i]);
		struct graph_page p;
		struct err e = ERR_INIT;
		assert_int_equal(graph_page_read(&a, j, &p, &e), -1);
		assert_int_equal(e.code, ERR_PROTO);
	}
}

static void graph_page__refuses__more_than_a_page(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT(JSON_MAX_BYTES);
	struct graph_page p;
	struct err e = ERR_INIT;
	(void)state;
	buf_addstr(&text, "{\"value\":[{}");
	for (size_t i = 0; i < GRAPH_PAGE_MOST; i++)
		buf_addstr(&text, ",{}");
	buf_addstr(&text, "]," LINK "}");
	CLEANUP(json_free) cJSON *j = parse(text.p);
	assert_int_equal(graph_page_read(&a, j, &p, &e), -1);
}

/* ---- header blocks --------------------------------------------------------------------------- */

static const char *head_of(struct arena *a, const char *json)
{
	CLEANUP(json_free) cJSON *j = parse(json);
	size_t n = 0;
	const char *head = head_write(a, j, &n);
	assert_int_equal(strlen(head), n);
	return head;
}

static void graph_head__is_as_sent__where_that_is_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	assert_string_equal(head_of(&a, "{\"subject\":\"other\",\"sentDateTime\":"
					"\"2026-11-20T10:00:00Z\",\"internetMessageHeaders\":["
					"{\"name\":\"Received\",\"value\":\"by a\"},"
					"{\"name\":\"subject\",\"value\":\"=?utf-8?q?x?=\"}]}"),
		"Received: by a\r\nsubject: =?utf-8?q?x?=\r\n"
		"Date: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\n");
}

static void graph_head__is_made__of_a_drafts_properties(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	(void)state;
	const char *head = head_of(&a,
		"{\"from\":{\"emailAddress\":{\"name\":\"A "
		"\\\"B\\\"\",\"address\":\"a@x.example\"}},"
		"\"sender\":{\"emailAddress\":{\"address\":\"A@x.example\"}},"
		"\"toRecipients\":[{\"emailAddress\":{\"address\":\"b@x.example\"}},{},"
		"{\"emailAddress\":{\"name\":\"c@x.example\",\"address\":\"c@x.example\"}}],"
		"\"internetMessageId\":\"<m@x.example>\"}");
	assert_string_equal(head,
		"From: \"A \\\"B\\\"\" <a@x.example>\r\nTo: <b@x.example>, <c@x.example>\r\n"
		"Message-ID: <m@x.example>\r\n\r\n");
}

static void graph_head__ends_no_line__inside_a_value(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct message m;
	(void)state;
	const char *head = head_of(&a,
		"{\"subject\":\"x\\r\\n\\r\\nbody\\r\\nBcc: evil@x.example\","
		"\"from\":{\"emailAddress\":{\"name\":\"n\\r\\nTo: z\",\"address\":"
		"\"a@x.example>\\r\\nCc: y@x.example\"}},\"internetMessageHeaders\":["
		"{\"name\":\"X-A\",\"value\":\"1\\r\\nX-B: 2\"},"
		"{\"name\":\"X C: d\\r\\nX-D\",\"value\":\"3\"},{\"name\":\"\",\"value\":\"4\"}]}");
	message_parse_headers(&a, head, strlen(head), &m);
	assert_int_equal(m.headers.n, 3);
	assert_int_equal(m.headers.body_offset, strlen(head));
	assert_null(header_find(&m.headers, "Bcc"));
	assert_null(header_find(&m.headers, "X-B"));
	assert_null(header_find(&m.headers, "X-D"));
}

static void graph_head__stays_bounded__whatever_comes(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT(JSON_MAX_BYTES);
	(void)state;
	buf_addstr(&text, "{\"subject\":\"end\",\"internetMessageHeaders\":[{\"name\":\"X\","
			  "\"value\":\"");
	for (size_t i = 0; i < ((size_t)3 << 20); i++)
		buf_addch(&text, 'x');
	buf_addstr(&text, "\"}");
	for (size_t i = 0; i < 20000; i++)
		buf_addstr(&text, ",{\"name\":\"Y\",\"value\":\"z\"}");
	buf_addstr(&text, "]}");
	const char *head = head_of(&a, text.p);
	assert_true(strlen(head) < 40000);
	assert_non_null(strstr(head, "Subject: end\r\n"));
}

/* ---- batches --------------------------------------------------------------------------------- */

static void graph_batch__asks__each_for_immutable_ids(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(65536);
	const struct graph_ask asks[] = {{"GET", "/me/messages/A/$value", NULL},
		{"PATCH", "/me/messages/B", "{\"isRead\":true}"}};
	(void)state;
	graph_batch_write(&out, asks, 2);
	assert_string_equal(out.p,
		"{\"requests\":[{\"id\":\"1\",\"method\":\"GET\",\"url\":\"/me/messages/A/$value\","
		"\"headers\":{\"Prefer\":\"IdType=\\\"ImmutableId\\\"\"}},"
		"{\"id\":\"2\",\"method\":\"PATCH\",\"url\":\"/me/messages/B\",\"headers\":"
		"{\"Prefer\":\"IdType=\\\"ImmutableId\\\"\",\"Content-Type\":\"application/json\"},"
		"\"body\":{\"isRead\":true}}]}");
}

static void graph_batch__knows_answers__by_their_ids(void **state)
{
	struct graph_reply r[4];
	struct err e = ERR_INIT;
	(void)state;
	CLEANUP(json_free)
	cJSON *j = parse(
		"{\"responses\":[{\"id\":\"3\",\"status\":429,\"headers\":{\"retry-after\":\"12\"}}"
		","
		"{\"id\":\"1\",\"status\":200,\"body\":\"QQ==\"},{\"id\":\"1\",\"status\":500},"
		"{\"id\":\"0\",\"status\":200},{\"id\":\"5\",\"status\":200},{\"id\":\"x\"},7,"
		"{\"id\":\"2\",\"status\":7},{\"id\":\"4\",\"status\":204,\"headers\":["
		"\"Retry-After\"]}]}");
	assert_int_equal(graph_batch_read(j, 4, r, &e), 0);
	assert_int_equal(r[0].status, 200);
	assert_string_equal(cJSON_GetStringValue(r[0].body), "QQ==");
	assert_int_equal(r[1].status, 0);
	assert_int_equal(r[2].status, 429);
	assert_int_equal(r[2].retry_after_ms, 12000);
	assert_int_equal(r[3].status, 204);
	assert_int_equal(r[3].retry_after_ms, -1);
}

static void graph_batch__refuses__what_is_no_answer(void **state)
{
	struct graph_reply r[1];
	struct err e = ERR_INIT;
	(void)state;
	CLEANUP(json_free) cJSON *j = parse("{\"error\":{\"code\":\"BadRequest\"}}");
	assert_int_equal(graph_batch_read(j, 1, r, &e), -1);
	assert_int_equal(e.code, ERR_PROTO);
	assert_int_equal(r[0].status, 0);
}

/* ---- attachments that follow ----------------------------------------------------------------- */

static void add_part(struct buf *out, const char *name, char fill, size_t n)
{
	buf_addf(out, "--B\r\nContent-Type: text/x-test; name=\"%s\"\r\n", name);
	buf_addf(out, "Content-Disposition: attachment; filename=\"%s\"\r\n\r\n", name);
	for (size_t i = 0; i < n; i++)
		buf_addch(out, fill);
	buf_addstr(out, "\r\n");
}

static void make_mail(struct buf *out)
{
	buf_addstr(out, "Subject: files\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
			"--B\r\nContent-Type: text/plain\r\n\r\nThe text.\r\n");
	add_part(out, "small", 's', 100);
	add_part(out, "large", 'l', 5000);
	add_part(out, "middle", 'm', 2000);
	buf_addstr(out, "--B--\r\n");
}

static void draft_split__leaves_as_it_is__what_fits(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf mail = BUF_INIT(100000);
	struct draft_split s;
	struct err e = ERR_INIT;
	(void)state;
	make_mail(&mail);
	assert_int_equal(draft_split(&a, mail.p, mail.len, mail.len, &s, &e), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.rest.len, mail.len);
}

static void draft_split__takes_the_largest_out__and_leaves_a_whole_message(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf mail = BUF_INIT(100000);
	struct draft_split s;
	struct message m;
	struct message_attachment *files = NULL;
	struct err e = ERR_INIT;
	(void)state;
	make_mail(&mail);
	assert_int_equal(draft_split(&a, mail.p, mail.len, 3000, &s, &e), 0);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.parts[0]->filename, "large");
	message_parse(&a, s.rest.p, s.rest.len, &m);
	assert_int_equal(message_attachments(&a, &m, &files), 2);
	assert_string_equal(files[0].filename, "small");
	assert_string_equal(files[1].filename, "middle");
	assert_int_equal(m.warnings, 0);
	assert_int_equal(draft_split(&a, mail.p, mail.len, 1000, &s, &e), 0);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.parts[0]->filename, "large"); /* in the order of the mail */
	assert_string_equal(s.parts[1]->filename, "middle");
}

static void draft_split__says__what_cannot_be_made_small(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf mail = BUF_INIT(100000);
	struct draft_split s;
	struct err e = ERR_INIT;
	(void)state;
	make_mail(&mail);
	assert_int_equal(draft_split(&a, mail.p, mail.len, 50, &s, &e), -1);
	assert_int_equal(e.code, ERR_TOOBIG);
	static const char plain[] = "Subject: x\r\n\r\nno parts at all";
	err_clear(&e);
	assert_int_equal(draft_split(&a, plain, strlen(plain), 10, &s, &e), -1);
	assert_int_equal(e.code, ERR_TOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(graph_page__tells__a_whole_message),
		cmocka_unit_test(graph_page__merges__what_came_in_parts),
		cmocka_unit_test(graph_page__takes__what_came_back_after_it_went),
		cmocka_unit_test(graph_page__passes_over__what_makes_no_sense),
		cmocka_unit_test(graph_page__refuses__what_is_no_page),
		cmocka_unit_test(graph_page__refuses__more_than_a_page),
		cmocka_unit_test(graph_head__is_as_sent__where_that_is_told),
		cmocka_unit_test(graph_head__is_made__of_a_drafts_properties),
		cmocka_unit_test(graph_head__ends_no_line__inside_a_value),
		cmocka_unit_test(graph_head__stays_bounded__whatever_comes),
		cmocka_unit_test(graph_batch__asks__each_for_immutable_ids),
		cmocka_unit_test(graph_batch__knows_answers__by_their_ids),
		cmocka_unit_test(graph_batch__refuses__what_is_no_answer),
		cmocka_unit_test(draft_split__leaves_as_it_is__what_fits),
		cmocka_unit_test(draft_split__takes_the_largest_out__and_leaves_a_whole_message),
		cmocka_unit_test(draft_split__says__what_cannot_be_made_small),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
