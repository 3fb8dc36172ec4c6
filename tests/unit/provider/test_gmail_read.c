/* test_gmail_read.c - what the Gmail API says, and what a broken or hostile one may say instead. */
#include "config.h"

#include <string.h>

#include "src/provider/gmail/gmail.h"
#include "tests/unit/unit.h"

struct fixture {
	struct arena a;
	struct gmail_item m;
	struct err e;
};

static int read_text(struct fixture *f, const char *text)
{
	f->a = ARENA_INIT;
	f->e = ERR_INIT;
	return gmail_read_item(&f->a, text, strlen(text), &f->m, &f->e);
}

static void item__has_everything(void **state)
{
	(void)state;
	struct fixture f;
	assert_int_equal(
		read_text(&f,
			"{\"id\":\"m1\",\"threadId\":\"t1\",\"labelIds\":[\"INBOX\",\"Label_1\"],"
			"\"internalDate\":\"1793610000123\",\"sizeEstimate\":364,"
			"\"raw\" : \"U3ViamVjdDogw6QKCmI_Yj4-\",\"historyId\":\"9\"}"),
		0);
	assert_string_equal(f.m.id, "m1");
	assert_string_equal(f.m.thread_id, "t1");
	assert_int_equal(f.m.n_labels, 2);
	assert_string_equal(f.m.labels[1], "Label_1");
	assert_int_equal(f.m.received, 1793610000);
	assert_int_equal(f.m.size, 364);
	assert_int_equal(f.m.raw_len, strlen("Subject: \xC3\xA4\n\nb?b>>"));
	assert_memory_equal(f.m.raw, "Subject: \xC3\xA4\n\nb?b>>", f.m.raw_len);
	arena_release(&f.a);
}

static void item__takes_padding__plain_and_escaped(void **state)
{
	(void)state;
	static const char *const texts[] = {"{\"id\":\"m\",\"raw\":\"YQ==\"}",
		"{\"id\":\"m\",\"raw\":\"YQ\"}", "{\"id\":\"m\",\"raw\":\"YQ\\u003d\\u003d\"}"};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct fixture f;
		assert_int_equal(read_text(&f, texts[i]), 0);
		assert_int_equal(f.m.raw_len, 1);
		assert_int_equal(f.m.raw[0], 'a');
		arena_release(&f.a);
	}
}

static void item__takes_raw__with_nul(void **state)
{
	(void)state;
	struct fixture f;
	assert_int_equal(read_text(&f, "{\"id\":\"m\",\"raw\":\"YQBiAA\"}"), 0);
	assert_int_equal(f.m.raw_len, 4);
	assert_memory_equal(f.m.raw, "a\0b\0", 4);
	arena_release(&f.a);
}

/* "raw" inside of something else is not the message, and one that comes twice is cut out once. */
static void item__takes_raw__of_the_outermost_alone(void **state)
{
	(void)state;
	struct fixture f;
	assert_int_equal(
		read_text(&f,
			"{\"payload\":{\"raw\":\"YmFk\",\"x\":[{\"raw\":\"YmFk\"}]},"
			"\"snippet\":\"\\\"raw\\\":\\\"YmFk\\\"\",\"id\":\"m\",\"raw\":\"YQ\"}"),
		0);
	assert_int_equal(f.m.raw_len, 1);
	arena_release(&f.a);
}

static void item__reads_headers__without_their_tricks(void **state)
{
	(void)state;
	struct fixture f;
	assert_int_equal(
		read_text(&f,
			"{\"id\":\"m\",\"payload\":{\"headers\":["
			"{\"name\":\"Message-Id\",\"value\":\" <a@b> \"},"
			"{\"name\":\"X-Google-Original-Message-ID\",\"value\":\"<c@d>\"},"
			"{\"name\":\"Subject\",\"value\":\"one\\r\\nBcc: x@y\"},"
			"{\"name\":\"Bad\\r\\nName\",\"value\":\"x\"},{\"name\":7,\"value\":\"x\"},"
			"{\"value\":\"x\"},3,null]}}"),
		0);
	assert_string_equal(f.m.message_id, "a@b");
	assert_string_equal(f.m.original_id, "c@d");
	assert_string_equal(f.m.headers,
		"Message-Id:  <a@b> \r\nX-Google-Original-Message-ID: <c@d>\r\n"
		"Subject: one  Bcc: x@y\r\n");
	assert_null(f.m.raw);
	arena_release(&f.a);
}

static void item__is_none__whatever_comes(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "{", "[]", "null", "7", "\"raw\"",
		"{\"raw\":\"YQ\"}", "{\"id\":7}", "{\"id\":\"\"}", "{\"id\":\"a/b\"}",
		"{\"id\":\"a b\",\"raw\":\"YQ\"}", "{\"id\":\"m\",\"raw\":\"Y*\"}",
		"{\"id\":\"m\",\"raw\":\"Y\"}", "{\"id\":\"m\",\"raw\":\"YQ",
		"{\"id\":\"m\",\"raw\":\"YQ\\", "<html>no</html>", "{\"id\":\"m\"}}",
		"{\"id\":\"m\"} {\"id\":\"n\"}"};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct fixture f;
		assert_int_equal(read_text(&f, texts[i]), -1);
		assert_int_equal(f.e.code, ERR_PARSE);
		assert_int_equal(f.e.scope, ERR_ITEM);
		arena_release(&f.a);
	}
}

static void item__survives_wrong_types(void **state)
{
	(void)state;
	struct fixture f;
	assert_int_equal(
		read_text(&f,
			"{\"id\":\"m\",\"threadId\":{},\"labelIds\":\"INBOX\","
			"\"internalDate\":-5,\"sizeEstimate\":1e300,\"payload\":[],\"raw\":7}"),
		0);
	assert_null(f.m.thread_id);
	assert_int_equal(f.m.n_labels, 0);
	assert_int_equal(f.m.received, 0);
	assert_int_equal(f.m.size, 0);
	assert_null(f.m.raw);
	arena_release(&f.a);
	assert_int_equal(
		read_text(&f,
			"{\"id\":\"m\",\"threadId\":\"../x\",\"labelIds\":[7,null,\"A?b\",\"OK\"],"
			"\"internalDate\":\"99999999999999999999\"}"),
		0);
	assert_null(f.m.thread_id);
	assert_int_equal(f.m.n_labels, 1);
	arena_release(&f.a);
}

/* A message of 20 MB costs no tree: its text is cut out first. Truncated, it is none. */
static void item__takes_a_giant__and_none_that_is_cut(void **state)
{
	(void)state;
	struct buf text = BUF_INIT(BUF_UNLIMITED);
	struct fixture f = {.a = ARENA_INIT, .e = ERR_INIT};
	buf_addstr(&text, "{\"id\":\"m\",\"raw\":\"");
	for (size_t i = 0; i < (size_t)20 << 18; i++)
		buf_add(&text, "QUJD", 4);
	buf_addstr(&text, "\"}");
	assert_int_equal(gmail_read_item(&f.a, text.p, text.len, &f.m, &f.e), 0);
	assert_int_equal(f.m.raw_len, (size_t)15 << 20);
	assert_int_equal(gmail_read_item(&f.a, text.p, text.len - 2, &f.m, &f.e), -1);
	arena_release(&f.a);
	buf_release(&text);
}

static void base64__goes_both_ways(void **state)
{
	(void)state;
	static const char bytes[] = "\x00\xff\xfe\x3e\x3f\xfb\xef";
	for (size_t n = 0; n < sizeof bytes; n++) {
		CLEANUP(buf_release) struct buf there = BUF_INIT(100);
		CLEANUP(buf_release) struct buf back = BUF_INIT(100);
		gmail_base64(&there, bytes, n);
		assert_null(strpbrk(there.p, "+/"));
		assert_true(gmail_unbase64(&back, there.p, there.len));
		assert_int_equal(back.len, n);
		assert_memory_equal(back.p, bytes, n);
	}
}

/* ---- batches --------------------------------------------------------------------------------- */

#define PART(id, status, more, body)                                                               \
	"--b_1\r\nContent-Type: application/http\r\n" id "\r\nHTTP/1.1 " status " X\r\n" more      \
	"Content-Type: application/json\r\n\r\n" body "\r\n"

static size_t split(struct arena *a, const char *type, const char *text, size_t n_asked,
	struct gmail_part **v)
{
	size_t n;
	gmail_split_batch(a, type, text, strlen(text), n_asked, v, &n);
	return n;
}

static void batch__tells_parts_apart__by_content_id(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_part *v;
	const char *text = PART("Content-ID: <response-item2>\r\n", "200", "", "{\"c\":1}")
		PART("Content-ID: <response-item0>\r\n", "429", "Retry-After: 7\r\n", "{}")
			PART("Content-ID: <response-item1>\r\n", "404", "", "") "--b_1--";
	assert_int_equal(split(&a, "multipart/mixed; boundary=\"b_1\"", text, 3, &v), 3);
	assert_int_equal(v[0].index, 2);
	assert_int_equal(v[0].status, 200);
	assert_int_equal(v[0].len, 7);
	assert_memory_equal(v[0].body, "{\"c\":1}", 7);
	assert_int_equal(v[1].index, 0);
	assert_int_equal(v[1].status, 429);
	assert_int_equal(v[1].retry_after_ms, 7000);
	assert_int_equal(v[2].index, 1);
	assert_int_equal(v[2].len, 0);
	assert_int_equal(v[2].retry_after_ms, -1);
}

static void batch__goes_by_place__without_content_id(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_part *v;
	const char *text = PART("", "200", "", "{}") PART("", "200", "", "[]") "--b_1--\r\n";
	assert_int_equal(split(&a, "multipart/mixed; boundary=b_1; x=y", text, 2, &v), 2);
	assert_int_equal(v[1].index, 1);
	assert_memory_equal(v[1].body, "[]", 2);
}

/* What has no end was cut off: it is not believed, and asked for again. */
static void batch__leaves_out__what_is_cut_off(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_part *v;
	const char *text =
		PART("", "200", "", "{\"id\":\"a\"}") PART("", "200", "", "{\"id\":\"b\"}");
	assert_int_equal(split(&a, "multipart/mixed; boundary=b_1", text, 2, &v), 1);
	for (size_t n = 0; n <= strlen(text); n++) {
		size_t got;
		gmail_split_batch(&a, "multipart/mixed; boundary=b_1", text, n, 2, &v, &got);
		assert_true(got <= 1);
	}
}

static void batch__takes_no_more_than_was_asked(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct gmail_part *v;
	const char *text = PART("Content-ID: <response-item0>\r\n", "200", "", "1")
		PART("Content-ID: <response-item0>\r\n", "200", "", "2")
			PART("Content-ID: <response-item9>\r\n", "200", "", "3") "--b_1--";
	assert_int_equal(split(&a, "multipart/mixed; boundary=b_1", text, 2, &v), 1);
	assert_memory_equal(v[0].body, "1", 1);
}

static void batch__is_empty__whatever_comes(void **state)
{
	(void)state;
	static const char *const types[] = {"", "text/html", "multipart/mixed",
		"multipart/mixed; boundary=", "multipart/mixed; boundary=\"b_1",
		"multipart/mixed; boundary=b_1"};
	static const char *const texts[] = {"", "--b_1", "--b_1--", "--b_1\r\n--b_1--", "{}",
		"--b_1\r\n\r\n\r\n--b_1--", "--b_1\r\n\r\nHTTP/1.1 abc X\r\n\r\n--b_1--",
		"--b_1\r\n\r\nHTTP/1.1\r\n\r\n--b_1--", "--b_1\r\n\r\nNOPE 200\r\n\r\n--b_1--"};
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
			CLEANUP(arena_release) struct arena a = ARENA_INIT;
			struct gmail_part *v;
			assert_int_equal(split(&a, types[i], texts[k], 3, &v), 0);
		}
}

/* ---- history and labels ---------------------------------------------------------------------- */

static void history__names_each_once__gone_wins(void **state)
{
	(void)state;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(json_free) cJSON *j = NULL;
	struct gmail_history h;
	struct err e = ERR_INIT;
	static const char text[] =
		"{\"history\":[{\"id\":\"1\",\"messagesAdded\":[{\"message\":{\"id\":\"b\"}}]},"
		"{\"labelsAdded\":[{\"message\":{\"id\":\"a\"},\"labelIds\":[\"X\"]}],"
		"\"labelsRemoved\":[{\"message\":{\"id\":\"b\"}},{\"message\":7},3,null]},"
		"{\"messagesDeleted\":[{\"message\":{\"id\":\"b\"}}],\"messagesAdded\":{}},7],"
		"\"historyId\":\"179518974419212695764\",\"nextPageToken\":\"5\"}";
	assert_int_equal(json_parse(text, strlen(text), &j, &e), 0);
	assert_int_equal(gmail_read_history(&a, j, &h, &e), 0);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.v[0].id, "a");
	assert_false(h.v[0].is_gone);
	assert_string_equal(h.v[1].id, "b");
	assert_true(h.v[1].is_gone);
	assert_string_equal(h.history_id, "179518974419212695764");
	assert_string_equal(h.next, "5");
}

static void history__is_empty__whatever_comes(void **state)
{
	(void)state;
	static const char *const texts[] = {"{}", "{\"history\":[[],{},\"x\"]}",
		"{\"historyId\":9}", "{\"historyId\":\"a/b\"}", "{\"nextPageToken\":\"\"}"};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(json_free) cJSON *j = NULL;
		struct gmail_history h;
		struct err e = ERR_INIT;
		assert_int_equal(json_parse(texts[i], strlen(texts[i]), &j, &e), 0);
		assert_int_equal(gmail_read_history(&a, j, &h, &e), 0);
		assert_int_equal(h.n, 0);
		assert_null(h.history_id);
		assert_null(h.next);
	}
}

/* Believed, these would say that nothing has happened, or that there is no more. */
static void history__is_refused__when_it_is_none(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf long_token = BUF_INIT(10000);
	buf_addstr(&long_token, "{\"nextPageToken\":\"");
	for (size_t i = 0; i <= GMAIL_TOKEN_MOST; i++)
		buf_addch(&long_token, 'x');
	buf_addstr(&long_token, "\"}");
	const char *const texts[] = {"[]", "7", "{\"history\":7}", "{\"history\":{}}",
		"{\"nextPageToken\":7}", "{\"nextPageToken\":null}", long_token.p};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(json_free) cJSON *j = NULL;
		struct gmail_history h;
		struct err e = ERR_INIT;
		assert_int_equal(json_parse(texts[i], strlen(texts[i]), &j, &e), 0);
		assert_int_equal(gmail_read_history(&a, j, &h, &e), -1);
		assert_int_equal(e.code, ERR_PROTO);
	}
}

static void check_folders(const char *const *labels, size_t n, const char *want)
{
	static const char *own[] = {"Label_1", "Label_2"};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT(1000);
	const struct gmail_labels l = {.a = ARENA_INIT, .ids = own, .n = 2};
	const struct gmail_item m = {.labels = labels, .n_labels = n};
	const char *const *v = gmail_folders_of(&l, &a, &m);
	for (; v && *v; v++)
		buf_addf(&got, "%s ", *v);
	assert_string_equal(v ? got.p : "unknown", want);
}

static void labels__are_folders(void **state)
{
	(void)state;
	check_folders(NULL, 0, "ARCHIVE ");
	check_folders((const char *[]){"INBOX", "UNREAD", "IMPORTANT"}, 3, "INBOX ");
	check_folders((const char *[]){"Label_2"}, 1, "ARCHIVE Label_2 ");
	check_folders((const char *[]){"INBOX", "SENT", "Label_1"}, 3, "INBOX SENT Label_1 ");
	check_folders((const char *[]){"INBOX", "TRASH", "Label_1"}, 3, "TRASH ");
	check_folders((const char *[]){"SPAM", "Label_1"}, 2, "SPAM ");
	check_folders((const char *[]){"DRAFT"}, 1, "DRAFT ");
	check_folders((const char *[]){"INBOX", "Label_3"}, 2, "unknown");
	check_folders((const char *[]){"INBOX", "YELLOW_STAR", "CATEGORY_SOCIAL"}, 3, "INBOX ");
}

static void check_query(const char *text, const char *want)
{
	CLEANUP(buf_release) struct buf q = BUF_INIT(1000);
	assert_int_equal(gmail_query(&q, text, 1793610000), want != NULL);
	if (want)
		assert_string_equal(q.p, want);
}

static void query__says_what_gmail_knows(void **state)
{
	(void)state;
	check_query("offer  from:laura -is:unread", "offer from:laura -is:unread");
	check_query("\"in: the box\" OR subject:\"a b\"", "\"in: the box\" OR subject:\"a b\"");
	check_query("after:2026-11-21 -before:2026-11-01", "after:2026/11/21 -before:2026/11/01");
	check_query("x after:30d", "x after:1791018000");
	check_query("in:sent label:Work account:x offer", "offer");
	check_query("offer -contact:laura", "offer");
	check_query("offer contact:laura", NULL);
	check_query("in:sent", NULL);
	check_query("", NULL);
	check_query("  \"never closed", "\"never closed");
	check_query("after: http://x after:d", "after: http://x after:d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item__has_everything),
		cmocka_unit_test(item__takes_padding__plain_and_escaped),
		cmocka_unit_test(item__takes_raw__with_nul),
		cmocka_unit_test(item__takes_raw__of_the_outermost_alone),
		cmocka_unit_test(item__reads_headers__without_their_tricks),
		cmocka_unit_test(item__is_none__whatever_comes),
		cmocka_unit_test(item__survives_wrong_types),
		cmocka_unit_test(item__takes_a_giant__and_none_that_is_cut),
		cmocka_unit_test(base64__goes_both_ways),
		cmocka_unit_test(batch__tells_parts_apart__by_content_id),
		cmocka_unit_test(batch__goes_by_place__without_content_id),
		cmocka_unit_test(batch__leaves_out__what_is_cut_off),
		cmocka_unit_test(batch__takes_no_more_than_was_asked),
		cmocka_unit_test(batch__is_empty__whatever_comes),
		cmocka_unit_test(history__names_each_once__gone_wins),
		cmocka_unit_test(history__is_empty__whatever_comes),
		cmocka_unit_test(history__is_refused__when_it_is_none),
		cmocka_unit_test(labels__are_folders),
		cmocka_unit_test(query__says_what_gmail_knows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
