/* test_compose.c - outgoing messages, read back by our own reader; drafts of replies. */
#include "config.h"

#include <string.h>

#include "../unit.h"
#include "mimetest.h"

#include "crmail/mail/compose.h"

#define DATE 1795262400 /* Sat, 21 Nov 2026 12:00:00 UTC */

static const struct addr jane = {"Jane Doe", "jane@b.example"};

static struct compose simple(const char *subject, const char *text)
{
	static const struct addr to[] = {
		{"Jürgen Müller, Dr.", "j@b.example"}, {NULL, "k@c.example"}};
	return (struct compose){.from = jane,
		.to = {.v = to, .n = 2},
		.subject = subject,
		.date = DATE,
		.message_id = "id@b.example",
		.text = text,
		.boundary_seed = "0123abcd"};
}

static void write_out(const struct compose *c, struct buf *out)
{
	struct err e = ERR_INIT;
	assert_int_equal(compose_write(c, out, &e), 0);
}

/* Every line ends in CRLF, is ASCII and short enough for any transport. */
static void assert_wire_form(const struct buf *b)
{
	size_t column = 0;
	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->p[i];
		assert_true(c < 127 && c != 0);
		if (c == '\n')
			assert_int_equal(b->p[i - 1], '\r');
		if (c == '\r')
			assert_int_equal(b->p[i + 1], '\n');
		column = c == '\n' ? 0 : column + 1;
		assert_true(column <= 999);
	}
	assert_int_equal(b->p[b->len - 1], '\n');
}

static void assert_text_reads_back(const char *text, const char *want)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	CLEANUP(buf_release) struct buf got = BUF_INIT(1 << 20);
	struct arena a = ARENA_INIT;
	struct message m;
	struct compose c = simple("s", text);
	unsigned warnings = 0;
	write_out(&c, &out);
	assert_wire_form(&out);
	message_parse(&a, out.p, out.len, &m);
	message_text(&m, "text/plain", &got, &warnings);
	assert_string_equal(got.p, want);
	assert_int_equal(m.warnings | warnings, 0);
	arena_release(&a);
}

static void compose_write__keeps__the_text(void **state)
{
	(void)state;
	static const char *const same[] = {"hello\n", "Grüße\n", "From here\n.\n--=_0123abcd_1\n",
		" indented\n  more\n", "> quoted\n>> twice\n", "text\n-- \nsig\n", "a\n\nb\n",
		("word word word word word word word word word word word word word word word word "
		 "word word word word word word, and Ümläuts too\n")};
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		assert_text_reads_back(same[i], same[i]);
	assert_text_reads_back("blanks at the end  \nnext", "blanks at the end\nnext\n");
	assert_text_reads_back("a\r\nb\rc\n", "a\nb\nc\n");
	assert_text_reads_back("", "");
}

static void compose_write__cuts__endless_lines(void **state)
{
	(void)state;
	char text[5000];
	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	text[sizeof(text) - 1] = 0;
	assert_text_reads_back(text, text);
	text[0] = '>';
	CLEANUP(buf_release) struct buf want = BUF_INIT(6000);
	buf_addf(&want, "> %s", text + 1);
	assert_text_reads_back(text, want.p);
}

static void compose_write__writes__its_header(void **state)
{
	(void)state;
	static const char *const ids[] = {"a@b", "c@d"};
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	struct compose c = simple("Grüße", "x\n");
	c.in_reply_to = ids + 1;
	c.n_in_reply_to = 1;
	c.references = ids;
	c.n_references = 2;
	write_out(&c, &out);
	assert_string_equal(out.p,
		"From: Jane Doe <jane@b.example>\r\n"
		"To: =?UTF-8?B?SsO8cmdlbiBNw7xsbGVyLCBEci4=?= <j@b.example>, k@c.example\r\n"
		"Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"
		"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
		"Message-ID: <id@b.example>\r\n"
		"In-Reply-To: <c@d>\r\n"
		"References: <a@b>\r\n <c@d>\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
		"Content-Transfer-Encoding: 7bit\r\n"
		"\r\nx\r\n");
}

static void compose_write__lets_no_field_in__from_outside(void **state)
{
	(void)state;
	static const char *const evil_ids[] = {"a@b>\r\nBcc: x@y.example\r\nX: <"};
	static const struct addr evil_to[] = {{"x\r\nBcc: x@y.example", "a@b\r\nBcc: x@y.example"}};
	static const struct compose_attachment evil_at[] = {
		{.filename = "a\r\nBcc: x@y.example.pdf",
			.type = "a/b\r\nBcc: x",
			.data = "x",
			.len = 1}};
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	struct message m;
	struct compose c = simple("s\r\nBcc: x@y.example\r\n\r\nbody", "x\n");
	c.from = evil_to[0];
	c.to = (struct addr_list){.v = evil_to, .n = 1};
	c.references = evil_ids;
	c.n_references = 1;
	c.attachments = evil_at;
	c.n_attachments = 1;
	c.boundary_seed = "x\"\r\nBcc: y";
	write_out(&c, &out);
	assert_wire_form(&out);
	message_parse(&a, out.p, out.len, &m);
	assert_null(header_find(&m.headers, "Bcc"));
	assert_null(strstr(out.p, "\nBcc"));
	assert_int_equal(m.to.n, 1);
	arena_release(&a);
}

static void compose_write__nests__what_it_must(void **state)
{
	(void)state;
	static const char png[] = "\x89PNG\0\r\n";
	static const struct compose_attachment at[] = {{.filename = "bild.png",
							       .type = "image/png",
							       .content_id = "img@1",
							       .data = png,
							       .len = 7},
		{.filename = "Grüße und noch ein sehr langer Name, der nicht in eine Zeile "
			     "paßt.pdf",
			.type = "application/pdf",
			.data = png,
			.len = 7},
		{.filename = "m.eml", .type = "message/rfc822", .data = "A: b\n\nc", .len = 7}};
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	CLEANUP(buf_release) struct buf tree = BUF_INIT(1000);
	struct message m;
	struct message_attachment *v;
	struct compose c = simple("s", "x\n");
	c.html = "<p>Grüße <img src=\"cid:img@1\">";
	c.attachments = at;
	c.n_attachments = ARRAY_SIZE(at);
	write_out(&c, &out);
	assert_wire_form(&out);
	message_parse(&a, out.p, out.len, &m);
	mimetest_tree(&m, &tree);
	assert_string_equal(tree.p, "multipart/mixed(multipart/alternative(text/plain "
				    "multipart/related(text/html image/png)) "
				    "application/pdf application/octet-stream)");
	assert_int_equal(m.warnings, 0);
	assert_int_equal(message_attachments(&a, &m, &v), 3);
	for (size_t i = 0; i < 3; i++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(100);
		unsigned warnings = 0;
		mime_part_decode(v[i].part, &bytes, &warnings);
		assert_string_equal(v[i].filename, at[i].filename);
		assert_int_equal(bytes.len, at[i].len);
		assert_memory_equal(bytes.p, at[i].data, at[i].len);
		assert_int_equal(v[i].is_inline, i == 0);
	}
	arena_release(&a);
}

/* ---- replies ---- */

static void list_addrs(const struct addr_list *l, struct buf *out)
{
	for (size_t i = 0; i < l->n; i++)
		buf_addf(out, "%s%s", i ? "," : "", l->v[i].addr);
}

static void assert_recipients(const char *header, const char *own, unsigned flags, const char *want)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT(1000);
	struct message m;
	struct compose c;
	const struct addr from = {NULL, own};
	message_parse(&a, header, strlen(header), &m);
	compose_reply(&a, &m, &from, NULL, 0, flags, &c);
	list_addrs(&c.to, &got);
	buf_addch(&got, '|');
	list_addrs(&c.cc, &got);
	assert_string_equal(got.p, want);
	arena_release(&a);
}

static void compose_reply__answers__the_right_people(void **state)
{
	(void)state;
	assert_recipients("From: a@x\nTo: me@y\n\n", "me@y", 0, "a@x|");
	assert_recipients("From: a@x\nReply-To: r@x\nTo: me@y\n\n", "me@y", 0, "r@x|");
	assert_recipients("From: me@y\nTo: a@x, b@x\n\n", "ME@Y", 0, "a@x,b@x|");
	assert_recipients("From: a@x\nTo: me@y, b@x\nCc: c@x, B@X, a@x\n\n", "me@y", REPLY_ALL,
		"a@x|b@x,c@x");
	assert_recipients("From: a@x\nTo: me@y, b@x\n\n", "me@y", 0, "a@x|");
	assert_recipients("From: a@x\nReply-To: l@x\nTo: me@y\nCc: a@x, l@x\n\n", "me@y", REPLY_ALL,
		"l@x|a@x");
	assert_recipients("From: me@y\nTo: a@x\nCc: me@y, c@x\n\n", "me@y", REPLY_ALL, "a@x|c@x");
	assert_recipients("Subject: nobody\n\n", "me@y", REPLY_ALL, "|");
}

static void assert_draft(const char *message, const char *subject, const char *references,
	const char *text)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf ids = BUF_INIT(1000);
	struct message m;
	struct compose c;
	message_parse(&a, message, strlen(message), &m);
	compose_reply(&a, &m, &jane, NULL, 0, 0, &c);
	for (size_t i = 0; i < c.n_references; i++)
		buf_addf(&ids, "%s%s", i ? " " : "", c.references[i]);
	assert_string_equal(c.subject, subject);
	assert_string_equal(ids.p, references);
	assert_string_equal(c.text, text);
	arena_release(&a);
}

static void compose_reply__quotes__the_text(void **state)
{
	(void)state;
	assert_draft(
		"From: John <a@x>\nDate: Sat, 21 Nov 2026 12:00:00 +0100\nSubject: RE: Fwd: s\n"
		"Message-ID: <m@x>\nReferences: <r@x>\n\nHello\n\n> old\n>> older\n-- \nJohn\n",
		"Re: Fwd: s", "r@x m@x",
		"On Sat, 21 Nov 2026 12:00:00 +0100, John wrote:\n> Hello\n>\n>> old\n>>> older\n");
	assert_draft("From: a@x\nSubject: s\nMessage-ID: <m@x>\nIn-Reply-To: <i@x>\n\nx\x1b[31m\n",
		"Re: s", "i@x m@x", "a@x wrote:\n> x\xEF\xBF\xBD[31m\n");
	assert_draft("From: a@x\nSubject: \xE2\x9A\xA0\xEF\xB8\x8F\n\nx\n",
		"Re: \xE2\x9A\xA0\xEF\xB8\x8F", "", "a@x wrote:\n> x\n");
	assert_draft("From: a@x\nContent-Type: text/html\n\n<p>one</p><p>two</p>\n", "Re: ", "",
		"a@x wrote:\n> one\n>\n> two\n");
}

static void compose_forward__brings__everything(void **state)
{
	(void)state;
	static const char original[] = "From: John <a@x>\nTo: me@y\nSubject: s\nMessage-ID: <m@x>\n"
				       "Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n"
				       "--b\nContent-Type: image/png; name=i.png\n\nbytes\n--b--\n";
	struct arena a = ARENA_INIT;
	struct message m;
	struct compose c;
	message_parse(&a, original, strlen(original), &m);
	compose_forward(&a, &m, &jane, &c);
	assert_string_equal(c.subject, "Fwd: s");
	assert_int_equal(c.to.n, 0);
	assert_int_equal(c.n_in_reply_to, 0);
	assert_string_equal(c.text, "---------- Forwarded message ----------\nFrom: John <a@x>\n"
				    "Subject: s\nTo: me@y\n\ntext");
	assert_int_equal(c.n_attachments, 1);
	assert_string_equal(c.attachments[0].filename, "i.png");
	assert_int_equal(c.attachments[0].len, 5);
	arena_release(&a);
}

/* A draft is no mail yet: it may be for nobody, and who gets a blind copy must not be forgotten. */
static void compose__draft__names_blind_copies_and_may_name_nobody(void **state)
{
	static const struct addr bcc[] = {{"Denis", "denis@x.example"}};
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	struct compose c = simple("s", "x\n");
	struct err e = ERR_INIT;
	(void)state;
	c.to = (struct addr_list){.n = 0};
	c.bcc = (struct addr_list){.v = (struct addr *)(uintptr_t)bcc, .n = 1};
	c.is_draft = true;
	assert_int_equal(compose_write(&c, &out, &e), 0);
	assert_non_null(strstr(out.p, "\nBcc: Denis <denis@x.example>\r\n"));
	assert_null(strstr(out.p, "undisclosed"));
	buf_reset(&out);
	c.is_draft = false;
	assert_int_equal(compose_write(&c, &out, &e), 0);
	assert_null(strstr(out.p, "denis"));
	assert_non_null(strstr(out.p, "\nTo: undisclosed-recipients:;\r\n"));
}

static void compose_promises_attachment__own_words_in_many_languages(void **state)
{
	static const char *const yes[] = {"Please see the attached offer.", "ANBEI das Angebot",
		"im Anhang", "en pièce jointe", "Vous trouverez ci-joint", "Adjunto la oferta",
		"in allegato", "zie bijlage", "w załączniku", "v příloze", "xem file đính kèm",
		"Во вложении договор", "資料を添付します", "见附件", "Hi\n\n> old\nattached"};
	static const char *const no[] = {"", "Hello", "> see attached", "Hi\n-- \nattached",
		"Hi\n---------- Forwarded message ----------\nattached", "unattached", "flattach"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (!compose_promises_attachment(yes[i]))
			fail_msg("not seen: %s", yes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (compose_promises_attachment(no[i]))
			fail_msg("seen: %s", no[i]);
}

static void compose_type_of__goes_by_the_name(void **state)
{
	(void)state;
	assert_string_equal(compose_type_of("a.PDF"), "application/pdf");
	assert_string_equal(compose_type_of("a.tar.gz"), "application/gzip");
	assert_string_equal(compose_type_of("README"), "application/octet-stream");
	assert_string_equal(compose_type_of("a.unknown"), "application/octet-stream");
	assert_string_equal(compose_type_of(".pdf"), "application/pdf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compose_promises_attachment__own_words_in_many_languages),
		cmocka_unit_test(compose_type_of__goes_by_the_name),
		cmocka_unit_test(compose__draft__names_blind_copies_and_may_name_nobody),
		cmocka_unit_test(compose_write__keeps__the_text),
		cmocka_unit_test(compose_write__cuts__endless_lines),
		cmocka_unit_test(compose_write__writes__its_header),
		cmocka_unit_test(compose_write__lets_no_field_in__from_outside),
		cmocka_unit_test(compose_write__nests__what_it_must),
		cmocka_unit_test(compose_reply__answers__the_right_people),
		cmocka_unit_test(compose_reply__quotes__the_text),
		cmocka_unit_test(compose_forward__brings__everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
