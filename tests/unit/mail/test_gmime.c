/*
 * test_gmime.c - our MIME reader beside GMime: structure and decoded bytes of generated messages.
 * What is read otherwise on purpose stands in a table with both answers.
 */
#include "config.h"

#include <string.h>

#include "../unit.h"
#include "mimetest.h"

#include "crmail/base/hash.h"

#undef signal /* a parameter's name in GLib's headers; crmail bans the function */
#include <gmime/gmime.h>

#define MESSAGES 300
#define DEPTH_MOST 5

/* ---- making messages ---- */

struct maker {
	uint64_t seed;
	unsigned boundaries;
};

static unsigned pick(struct maker *m, unsigned n)
{
	m->seed = m->seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(m->seed >> 33) % n;
}

static void add_random(struct maker *m, struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addch(b, (char)pick(m, 256));
}

static void add_leaf(struct maker *m, struct buf *b)
{
	static const char *const types[] = {"text/plain; charset=utf-8", "TEXT/html", "image/png",
		"application/pdf;\n name=\"a b.pdf\"", "text/x-odd; a=b; c"};
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(4096);
	buf_addf(b, "Content-Type: %s\n", types[pick(m, ARRAY_SIZE(types))]);
	switch (pick(m, 3)) {
	case 0:
		buf_addstr(b, "Content-Transfer-Encoding: base64\n\n");
		add_random(m, &bytes, pick(m, 200));
		base64_add(b, bytes.p, bytes.len);
		break;
	case 1:
		buf_addstr(b, "Content-Transfer-Encoding: Quoted-Printable\n\nGr=C3=BC=\n=C3=9Fe "
			      "=3D x\n");
		break;
	default:
		buf_addf(b, "\nplain text %u\n-- not a boundary\n--\n\n", pick(m, 1000));
	}
}

static void add_part(struct maker *m, struct buf *b, unsigned depth)
{
	unsigned kind = depth < DEPTH_MOST ? pick(m, 4) : 3;
	if (kind == 0) {
		buf_addf(b, "Content-Type: message/rfc822\n\nSubject: inner %u\n", pick(m, 100));
		add_part(m, b, depth + 1);
	} else if (kind < 3) {
		unsigned mark = ++m->boundaries, parts = 1 + pick(m, 3);
		buf_addf(b, "Content-Type: multipart/mixed; boundary=\"=_%u\"\n\npreamble\n", mark);
		for (unsigned i = 0; i < parts; i++) {
			buf_addf(b, "--=_%u\n", mark);
			add_part(m, b, depth + 1);
			buf_addch(b, '\n');
		}
		buf_addf(b, "--=_%u--\nepilogue\n", mark);
	} else {
		add_leaf(m, b);
	}
}

/* ---- GMime's answer, in the form of mimetest_tree() ---- */

static void gmime_tree(GMimeObject *o, struct buf *tree, struct buf *digests);

static void gmime_leaf(GMimePart *part, struct buf *digests)
{
	char hex[65];
	GMimeStream *s = g_mime_stream_mem_new();
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	if (content)
		g_mime_data_wrapper_write_to_stream(content, s);
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(s));
	sha256_hex(bytes->data, bytes->len, hex);
	buf_addf(digests, "%s\n", hex);
	g_object_unref(s);
}

static void gmime_multipart(GMimeMultipart *multipart, struct buf *tree, struct buf *digests)
{
	int n = g_mime_multipart_get_count(multipart);
	buf_addstr(tree, n > 0 ? "(" : "");
	for (int i = 0; i < n; i++) {
		buf_addstr(tree, i > 0 ? " " : "");
		gmime_tree(g_mime_multipart_get_part(multipart, i), tree, digests);
	}
	buf_addstr(tree, n > 0 ? ")" : "");
}

/* The messages here are a few parts deep; GMime itself limits what it builds. */
static void gmime_tree(GMimeObject *o, struct buf *tree, struct buf *digests)
{
	GMimeContentType *type = g_mime_object_get_content_type(o);
	char *name = g_mime_content_type_get_mime_type(type);
	char *lower = g_ascii_strdown(name, -1);
	buf_addstr(tree, lower);
	g_free(lower);
	g_free(name);
	if (GMIME_IS_MULTIPART(o)) {
		gmime_multipart(GMIME_MULTIPART(o), tree, digests);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		GMimeMessage *m = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
		buf_addch(tree, '(');
		if (m)
			gmime_tree(g_mime_message_get_mime_part(m), tree, digests);
		buf_addch(tree, ')');
	} else if (GMIME_IS_PART(o)) {
		gmime_leaf(GMIME_PART(o), digests);
	}
}

static void read_by_gmime(const struct buf *raw, struct buf *tree, struct buf *digests)
{
	GMimeStream *s = g_mime_stream_mem_new_with_buffer(raw->p, raw->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(s);
	GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
	if (m) {
		gmime_tree(g_mime_message_get_mime_part(m), tree, digests);
		g_object_unref(m);
	}
	g_object_unref(parser);
	g_object_unref(s);
}

static void read_by_us(const struct buf *raw, struct buf *tree, struct buf *digests)
{
	struct arena a = ARENA_INIT;
	struct message m;
	message_parse(&a, raw->p, raw->len, &m);
	mimetest_tree(&m, tree);
	for (const struct mime_part *p = m.root; p;) {
		if (!p->child) {
			CLEANUP(buf_release) struct buf bytes = BUF_INIT(p->body.len + 1);
			unsigned warnings = 0;
			char hex[65];
			mime_part_decode(p, &bytes, &warnings);
			sha256_hex(bytes.p, bytes.len, hex);
			buf_addf(digests, "%s\n", hex);
		}
		const struct mime_part *next = p->child;
		while (!next && p) {
			next = p->next;
			p = p->parent;
		}
		p = next;
	}
	arena_release(&a);
}

static void mime__equals_gmime__on_generated_messages(void **state)
{
	(void)state;
	struct maker maker = {.seed = 20261121};
	size_t bytes = 0;
	for (unsigned i = 0; i < MESSAGES; i++) {
		CLEANUP(buf_release) struct buf raw = BUF_INIT(1 << 20);
		CLEANUP(buf_release) struct buf tree = BUF_INIT(1 << 16);
		CLEANUP(buf_release) struct buf theirs = BUF_INIT(1 << 16);
		CLEANUP(buf_release) struct buf digests = BUF_INIT(1 << 16);
		CLEANUP(buf_release) struct buf their_digests = BUF_INIT(1 << 16);
		buf_addf(&raw, "From: a@b.example\nSubject: %u\nMIME-Version: 1.0\n", i);
		add_part(&maker, &raw, 0);
		read_by_us(&raw, &tree, &digests);
		read_by_gmime(&raw, &theirs, &their_digests);
		assert_string_equal(tree.p, theirs.p);
		assert_string_equal(digests.p, their_digests.p);
		bytes += raw.len;
	}
	assert_true(bytes > (size_t)MESSAGES * 300); /* they were no empty ones */
}

static void mime__differs_from_gmime__as_listed(void **state)
{
	(void)state;
	static const char *const rows[][3] = {
		/* RFC 2045 §5.2: what cannot be read is text/plain. */
		{"Content-Type: nonsense\n\nx", "text/plain", "application/octet-stream"},
		{"Content-Type: \n\nx", "text/plain", "application/octet-stream"},
		/* Nothing is left behind the header: an empty text is still a part. */
		{"Content-Type: message/rfc822\n\n", "message/rfc822(text/plain)",
			"message/rfc822()"},
		/* A message in base64 is opened, though RFC 2046 forbids to send it so. */
		{"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
		 "Q29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCmhp\n",
			"message/rfc822(text/html)", "message/rfc822"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf raw = BUF_INIT(1 << 20);
		CLEANUP(buf_release) struct buf tree = BUF_INIT(1 << 16);
		CLEANUP(buf_release) struct buf theirs = BUF_INIT(1 << 16);
		CLEANUP(buf_release) struct buf digests = BUF_INIT(1 << 16);
		buf_addstr(&raw, rows[i][0]);
		read_by_us(&raw, &tree, &digests);
		read_by_gmime(&raw, &theirs, &digests);
		assert_string_equal(tree.p, rows[i][1]);
		assert_string_equal(theirs.p, rows[i][2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mime__equals_gmime__on_generated_messages),
		cmocka_unit_test(mime__differs_from_gmime__as_listed),
	};
	g_mime_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_mime_shutdown();
	return failed;
}
