/* test_message.c - the structure of messages, their texts and attachments, whole and broken. */
#include "config.h"

#include <string.h>

#include "../unit.h"
#include "mimetest.h"

#include "crmail/base/hash.h"
#include "crmail/mail/render.h"

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"

static void parse(struct arena *a, const char *s, struct message *m)
{
	message_parse(a, s, strlen(s), m);
}

static void assert_tree(const char *message, const char *tree, const char *warnings)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT(4096);
	CLEANUP(buf_release) struct buf warned = BUF_INIT(4096);
	struct message m;
	parse(&a, message, &m);
	mimetest_tree(&m, &got);
	mimetest_warnings(m.warnings, &warned);
	assert_string_equal(got.p, tree);
	assert_string_equal(warned.p, warnings);
	arena_release(&a);
}

static void assert_text(const char *message, const char *type, const char *want)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT(4096);
	struct message m;
	unsigned warnings = 0;
	parse(&a, message, &m);
	message_text(&m, type, &got, &warnings);
	assert_string_equal(got.p, want);
	arena_release(&a);
}

static bool ends_in_text(const char *message)
{
	struct arena a = ARENA_INIT;
	struct message m;
	parse(&a, message, &m);
	bool ends = message_ends_in_text(&m);
	arena_release(&a);
	return ends;
}

static void message_ends_in_text__tells__what_was_cut(void **state)
{
	(void)state;
	assert_true(ends_in_text("Subject: x\n\nbody that goes on"));
	assert_true(ends_in_text("Content-Type: text/html\n\n<p>and"));
	assert_true(ends_in_text(MIXED "--b\n\none\n--b\n\ntwo"));
	assert_true(ends_in_text("Content-Type: multipart/alternative; boundary=c\n\n--c\n\nx\n"
				 "--c\nContent-Type: text/html\n\ny"));
	assert_false(ends_in_text(MIXED "--b\n\none\n--b\nContent-Type: image/png\n\nAAAA"));
	assert_false(ends_in_text(MIXED
		"--b\n\none\n--b\nContent-Type: text/csv; name=a.csv\n\n1,2,3"));
	assert_false(ends_in_text(MIXED
		"--b\n\none\n--b\nContent-Disposition: attachment\n\nnotes"));
	assert_false(ends_in_text(MIXED
		"--b\nContent-Type: message/rfc822\n\nSubject: in\n\nforwarded"));
}

static void message_parse__splits__good_structures(void **state)
{
	(void)state;
	assert_tree("Subject: x\n\nbody", "text/plain", "");
	assert_tree("Content-Type: TEXT/HTML; charset=utf-8\n\nbody", "text/html", "");
	assert_tree(MIXED "--b\n\none\n--b\nContent-Type: image/png\n\ntwo\n--b--\n",
		"multipart/mixed(text/plain image/png)", "");
	assert_tree(MIXED "preamble\n--b\n\none\n--b--  \nepilogue\n--b\n\nnot a part\n",
		"multipart/mixed(text/plain)", "");
	assert_tree(MIXED "--b\nContent-Type: multipart/alternative; boundary=\"c d\"\n\n"
			  "--c d\n\nx\n--c d\nContent-Type: text/html\n\ny\n--c d--\n--b--\n",
		"multipart/mixed(multipart/alternative(text/plain text/html))", "");
	assert_tree("Content-Type: message/rfc822\n\nSubject: in\n\nbody",
		"message/rfc822(text/plain)", "");
	assert_tree(MIXED "--b\nContent-Type: message/rfc822\n\n" MIXED "--b\n\nx\n--b--\n--b--\n",
		"multipart/mixed(message/rfc822(multipart/mixed(text/plain)))", "");
	assert_tree("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--\n",
		"multipart/digest(message/rfc822(text/plain))", "");
	assert_tree(MIXED "--b\nContent-Type: message/delivery-status\n\nA: b\n\nC: d\n--b--\n",
		"multipart/mixed(message/delivery-status)", "");
}

static void message_parse__reads_on__in_broken_structures(void **state)
{
	(void)state;
	assert_tree(MIXED "--b\n\none\n--b\n\ntwo\n", "multipart/mixed(text/plain text/plain)",
		"no-closing-boundary");
	assert_tree(MIXED "no boundary at all\n", "multipart/mixed", "no-closing-boundary");
	assert_tree("Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n", "multipart/mixed",
		"no-closing-boundary");
	assert_tree(MIXED
		"--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--b\n\ny\n--b--\n",
		"multipart/mixed(multipart/mixed(text/plain) text/plain)", "no-closing-boundary");
	assert_tree(MIXED "--b\n--b\n--b--\n", "multipart/mixed(text/plain text/plain)", "");
	assert_tree(MIXED "--b\nContent-Type: text/html\n--b--\n", "multipart/mixed(text/html)",
		"");
	assert_tree("Content-Type: multipart/mixed; boundary=b\n--b\n\none\n--b--\n",
		"multipart/mixed(text/plain)", "");
	assert_tree(MIXED
		"--b\nContent-Type: multipart/mixed; boundary=c\n--c\n\nx\n--c--\n--b--\n",
		"multipart/mixed(multipart/mixed(text/plain))", "");
	assert_tree(MIXED "--b\nContent-Type: message/rfc822\n--b--\n",
		"multipart/mixed(message/rfc822(text/plain))", "");
	assert_tree("Content-Type: nonsense\n\nx", "text/plain", "");
	assert_tree("Content-Type:\n\nx", "text/plain", "");
	assert_tree("Content-Type: /plain\n\nx", "text/plain", "");
	assert_tree("Content-Type: text/html charset=x\n\nx", "text/html", "");
	assert_tree("", "text/plain", "");
	assert_tree(MIXED "--bb\n\nx\n--b \t\n\ny\n--b--x\n", "multipart/mixed(text/plain)",
		"no-closing-boundary");
}

static void message_parse__enters__messages_sent_encoded(void **state)
{
	(void)state;
	assert_tree("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
		    "U3ViamVjdDogeApDb250ZW50LVR5cGU6IHRleHQvaHRtbAoKaGk=\n",
		"message/rfc822(text/html)", "");
}

static void message_parse__warns__about_the_header(void **state)
{
	(void)state;
	assert_tree("Date: never\n\n", "text/plain", "bad-date");
	assert_tree("Subject: a\nSubject: b\n\n", "text/plain", "duplicate-header");
	assert_tree("Received: a\nReceived: b\n\n", "text/plain", "");
	assert_tree("To: nobody at all\n\n", "text/plain", "bad-address");
	assert_tree("References: x <a@b>\n\n", "text/plain", "bad-references");
	assert_tree("Subject: =?klingon?Q?a?=\n\n", "text/plain", "bad-charset");
}

static void message_parse__reads__its_fields(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct message m;
	parse(&a,
		"Return-Path: <>\nReceived: by x; Sat, 21 Nov 2026 12:00:00 +0000\n"
		"Received: by y; Sat, 21 Nov 2026 11:00:00 +0000\n"
		"Message-ID:  <a@b> (comment)\nIn-Reply-To: <c@d>\nReferences: <e@f> <c@d>\n"
		"Subject:  =?utf-8?Q?=C3=A4?=  \nDate: Sat, 21 Nov 2026 10:00:00 -0100\n\n",
		&m);
	assert_string_equal(m.message_id, "a@b");
	assert_int_equal(m.n_in_reply_to, 1);
	assert_int_equal(m.n_references, 2);
	assert_string_equal(m.references[1], "c@d");
	assert_string_equal(m.subject, "ä");
	assert_true(m.has_date);
	assert_int_equal(m.date, 1795258800);
	assert_int_equal(m.date_offset_min, -60);
	assert_int_equal(m.received, 1795262400);
	assert_true(m.is_auto);
	assert_false(m.is_list);
	parse(&a, "Message-ID: no brackets\nAuto-Submitted: no\n\n", &m);
	assert_string_equal(m.message_id, "no brackets");
	assert_null(m.subject);
	assert_false(m.is_auto);
	parse(&a, "Precedence: list\n\n", &m);
	assert_true(m.is_auto && m.is_list);
	parse(&a, "Auto-Submitted: auto-replied (vacation)\n\n", &m);
	assert_true(m.is_auto && !m.is_list);
	parse(&a, "List-Id: <x.example>\nAuto-Submitted: auto-replied\n\n", &m);
	assert_true(m.is_auto && !m.is_list);
	parse(&a, "Precedence: bulk\nList-Id: <x.example>\n\n", &m);
	assert_true(m.is_auto && !m.is_list);
	arena_release(&a);
}

static void message_text__joins__displayed_parts(void **state)
{
	(void)state;
	assert_text("\na\r\nb\rc\n", "text/plain", "a\nb\nc\n");
	assert_text(MIXED
		"--b\n\none\n--b\nContent-Disposition: attachment\n\ntwo\n--b\n\nthree\n\n--b--\n",
		"text/plain", "one\nthree\n");
	assert_text(MIXED "just text\n", "text/plain", "just text\n");
	assert_text(
		"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\n"
		"Content-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n"
		"<p>\n--c\n\nstray\n--c--\n--b--\n",
		"text/plain", "plain");
	assert_text(
		"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\n"
		"Content-Type: multipart/related; boundary=c\n\n--c\nContent-Type: text/html\n\n"
		"<p>\n--c--\n--b--\n",
		"text/html", "<p>");
	assert_text(MIXED "--b\nContent-Type: message/rfc822\n\n\ninner\n--b--\n", "text/plain",
		"");
	assert_text("Content-Type: text/plain; charset=iso-8859-1\n"
		    "Content-Transfer-Encoding: quoted-printable\n\nGr=FC=\n=DFe =ZZ =\n",
		"text/plain", "Grüße =ZZ ");
	assert_text("Content-Type: text/html\n\n<meta charset=koi8-r>\xF0", "text/html",
		"<meta charset=koi8-r>П");
	assert_text("\n\xEF\xBB\xBFx", "text/plain", "x");
}

static void render_message__shows__a_multipart_without_parts(void **state)
{
	(void)state;
	static const char text[] = MIXED "--other\n\nhello\n";
	struct arena a = ARENA_INIT;
	struct message m;
	struct render_doc d;
	parse(&a, text, &m);
	render_message(&a, &m, RENDER_AUTO, &d);
	assert_non_null(strstr(d.text.p, "hello"));
	arena_release(&a);
}

static void message_text__unflows(void **state)
{
	(void)state;
	static const char flowed[] = "Content-Type: text/plain; format=flowed\n\n";
	static const char *const rows[][2] = {
		{"a \nb\nc\n", "a b\nc\n"},
		{"> a \n> b\n>> c\n", "> a b\n>> c\n"},
		{"a \n> b\n", "a \n> b\n"},
		{" > no quote\n  x\n", "> no quote\n x\n"},
		{"a \n-- \nsig\n", "a \n-- \nsig\n"},
		{"a \n", "a \n"},
		{">\n>x\n", ">\n> x\n"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf m = BUF_INIT(4096);
		buf_addf(&m, "%s%s", flowed, rows[i][0]);
		assert_text(m.p, "text/plain", rows[i][1]);
	}
	assert_text("Content-Type: text/plain; format=flowed; delsp=yes\n\nab \ncd\n", "text/plain",
		"abcd\n");
}

/* Attachments as `filename|save_as|type|inline size`, joined by "; ". */
static void assert_attachments(const char *message, const char *want)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT(1 << 16);
	struct message m;
	struct message_attachment *v;
	parse(&a, message, &m);
	size_t n = message_attachments(&a, &m, &v);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(1 << 16);
		unsigned warnings = 0;
		mime_part_decode(v[i].part, &bytes, &warnings);
		buf_addf(&got, "%s%s|%s|%s|%s%zu", i ? "; " : "",
			v[i].filename ? v[i].filename : "", v[i].save_as, v[i].part->type,
			v[i].is_inline ? "inline " : "", bytes.len);
	}
	assert_string_equal(got.p, want);
	arena_release(&a);
}

static void message_attachments__lists__what_is_one(void **state)
{
	(void)state;
	assert_attachments(MIXED
		"--b\n\ntext\n--b\nContent-Type: text/plain; name=x.txt\n\nabc\n--b--\n",
		"x.txt|x.txt|text/plain|3");
	assert_attachments(MIXED "--b\nContent-Type: message/rfc822\n\nA: b\n\nc\n--b--\n",
		"|message.eml|message/rfc822|7");
	assert_attachments(
		"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA\nBBBB==\n",
		"|image.png|image/png|6");
	assert_attachments(MIXED
		"--b\nContent-Type: a/b; name=a.txt\n\n--b\nContent-Type: a/b; name=A.txt\n\n"
		"--b\nContent-Type: a/b; name=a.txt\n\n--b--\n",
		"a.txt|a.txt|a/b|0; A.txt|A (2).txt|a/b|0; a.txt|a (3).txt|a/b|0");
	assert_attachments(MIXED
		"--b\nContent-Type: text/html\n\n<img src=\"CID:a%40b\">\n"
		"--b\nContent-Type: image/gif\nContent-ID: <a@b>\n\nx\n"
		"--b\nContent-Type: image/gif\nContent-ID: <c@d>\n\nx\n"
		"--b\nContent-Type: image/gif\nContent-Disposition: inline\n\nx\n--b--\n",
		"|image.gif|image/gif|inline 1; |image (2).gif|image/gif|1; "
		"|image (3).gif|image/gif|inline 1");
	assert_attachments(MIXED "no parts\n", "");
}

static void message_attachments__reads__file_names(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"Content-Disposition: attachment; filename=\"a b.pdf\"", "a b.pdf|a b.pdf"},
		{"Content-Disposition: attachment; filename=my file (1).pdf",
			"my file (1).pdf|my file (1).pdf"},
		{"Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf",
			"Grüße.pdf|Grüße.pdf"},
		{"Content-Disposition: attachment;\n filename*1*=%C3%9Fe.pdf;\n"
		 " filename*0*=iso-8859-1'de'Gr%FC",
			"GrüÃ\xC5\xB8"
			"e.pdf|GrüÃ\xC5\xB8"
			"e.pdf"},
		{"Content-Disposition: attachment; filename*0=\"long\"; filename*1=\" name.pdf\"",
			"long name.pdf|long name.pdf"},
		{"Content-Disposition: attachment; filename=plain.pdf; filename*=utf-8''%C3%A4.pdf",
			"ä.pdf|ä.pdf"},
		{"Content-Disposition: attachment; filename=\"=?utf-8?B?R3LDvMOfZS5wZGY=?=\"",
			"Grüße.pdf|Grüße.pdf"},
		{"Content-Disposition: attachment; filename=\"Gr\xFC\xDF.pdf\"",
			"Grüß.pdf|Grüß.pdf"},
		{"Content-Disposition: attachment; filename=\"../../etc/passwd\"",
			"../../etc/passwd|_.._etc_passwd"},
		{"Content-Disposition: attachment; filename=\"C:\\temp\\a.doc\"",
			"C:\\temp\\a.doc|C__temp_a.doc"},
		{"Content-Disposition: attachment; filename=\"a\\\"b.txt\"", "a\"b.txt|a_b.txt"},
		{"Content-Disposition: attachment; filename=\"unclosed.txt",
			"unclosed.txt|unclosed.txt"},
		{"Content-Disposition: attachment; filename=\"a.txt\" size=3; x", "a.txt|a.txt"},
		{"Content-Disposition: attachment; filename=\"\"", "|text.txt"},
		{"Content-Disposition: odd; filename*=noquotes%20x", "noquotes x|noquotes x"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf m = BUF_INIT(4096);
		CLEANUP(buf_release) struct buf want = BUF_INIT(4096);
		buf_addf(&m, "%s\n\nbody", rows[i][0]);
		buf_addf(&want, "%s|text/plain|4", rows[i][1]);
		assert_attachments(m.p, want.p);
	}
}

static void message_keys__tell__equal_messages(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"Message-ID: <a@b>\nFrom: x\nSubject: s\nDate: d\n\nbody",
		"X-Y: z\nmessage-id: <a@b>\r\nFrom:  x\nSubject: s\nDate: d\n\nother body",
		"Message-ID: <a@b>\nFrom: x\nSubject: t\nDate: d\n\nbody",
		"Received: 1\nFrom: x\nSubject: s\n\nbody\n",
		"Received: 2\nX-Z: 1\nFrom: x\r\nSubject: s\n\r\nbody\r\n",
		"Received: 2\nX-Z: 1\nFrom: x\nSubject: s\n\nother\n",
	};
	char keys[ARRAY_SIZE(rows)][65], id[72];
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena a = ARENA_INIT;
		struct message m;
		parse(&a, rows[i], &m);
		message_equal_key(&m, rows[i], strlen(rows[i]), keys[i]);
		message_fallback_id(&m, id);
		arena_release(&a);
	}
	assert_string_equal(keys[0], keys[1]);
	assert_string_not_equal(keys[0], keys[2]);
	assert_string_equal(keys[3], keys[4]);
	assert_string_not_equal(keys[3], keys[5]);
	char want[65];
	sha256_hex("x\n\ns", 4, want);
	assert_memory_equal(id, "sha256:", 7);
	assert_string_equal(id + 7, want);
}

static void message_one_click__needs__both_headers(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct message m;
	parse(&a,
		"List-Unsubscribe: <mailto:x@y>,\n <https://u.example/1>\n"
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\n",
		&m);
	assert_string_equal(message_one_click(&a, &m), "https://u.example/1");
	parse(&a, "List-Unsubscribe: <https://u.example/1>\n\n", &m);
	assert_null(message_one_click(&a, &m));
	parse(&a,
		"List-Unsubscribe: <http://u.example/1>\n"
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\n",
		&m);
	assert_null(message_one_click(&a, &m));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_ends_in_text__tells__what_was_cut),
		cmocka_unit_test(message_parse__splits__good_structures),
		cmocka_unit_test(message_parse__reads_on__in_broken_structures),
		cmocka_unit_test(message_parse__enters__messages_sent_encoded),
		cmocka_unit_test(message_parse__warns__about_the_header),
		cmocka_unit_test(message_parse__reads__its_fields),
		cmocka_unit_test(message_text__joins__displayed_parts),
		cmocka_unit_test(render_message__shows__a_multipart_without_parts),
		cmocka_unit_test(message_text__unflows),
		cmocka_unit_test(message_attachments__lists__what_is_one),
		cmocka_unit_test(message_attachments__reads__file_names),
		cmocka_unit_test(message_keys__tell__equal_messages),
		cmocka_unit_test(message_one_click__needs__both_headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
