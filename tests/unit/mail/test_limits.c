/*
 * test_limits.c - hostile sizes. Each kind of message is made at one size and at twice that size:
 * the memory taken may double with it and no more, and stays below a multiple of the input. For
 * time there is a brake instead of a clock: the sizes are such that anything quadratic would need
 * more than a hundred times the CPU seconds that the whole program is given. All of it together,
 * buffers outside of arenas too, has to live in HEAP_BYTES.
 */
#include "config.h"

#include <string.h>
#include <sys/resource.h>

#include "../unit.h"
#include "mimetest.h"

#include "crmail/mail/compose.h"

#define CPU_SECONDS 120 /* for everything here, also under sanitizers on a busy machine */
#define HEAP_BYTES ((rlim_t)128 << 20) /* the biggest message has 12 MB */
#define BYTES_PER_BYTE 40 /* of arena for each byte of input: short addresses cost most */
#define BYTES_AT_LEAST ((size_t)1 << 20)

static void repeat(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addstr(b, s);
}

static void make_recipients(struct buf *b, size_t n)
{
	buf_addstr(b, "Subject: s\nTo: first@x.example");
	for (size_t i = 1; i < n; i++)
		buf_addf(b, ",\n =?utf-8?Q?J=C3=BCrgen?= %zu <u%zu@h.example>", i, i);
	buf_addstr(b, "\n\nbody");
}

static void make_nested_multiparts(struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "Content-Type: multipart/mixed; boundary=b%zu\n\n--b%zu\n", i, i);
	buf_addstr(b, "\nbody");
}

static void make_nested_messages(struct buf *b, size_t n)
{
	repeat(b, "Content-Type: message/rfc822\n\n", n);
}

static void make_fields(struct buf *b, size_t n)
{
	repeat(b, "X-Junk: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n", n);
	buf_addstr(b, "Subject: s\n\nbody");
}

static void make_long_field(struct buf *b, size_t n)
{
	buf_addstr(b, "Subject: ");
	repeat(b, "word word word word word word word word word word\n ", n);
	buf_addstr(b, "\nTo: a@b.example\n\nbody");
}

static void make_parts(struct buf *b, size_t n)
{
	buf_addstr(b, "Content-Type: multipart/mixed; boundary=b\n\n");
	repeat(b, "--b\n\nx\n", n);
	buf_addstr(b, "--b--\n");
}

static void make_params(struct buf *b, size_t n)
{
	buf_addstr(b, "Content-Type: application/pdf");
	repeat(b, "; name*1=x; a=b", n);
	buf_addstr(b, "\n\nbody");
}

static void make_comments(struct buf *b, size_t n)
{
	buf_addstr(b, "Date: ");
	repeat(b, "(", n);
	buf_addstr(b, "\nReferences: ");
	repeat(b, "(", n);
	buf_addstr(b, "\nFrom: ");
	repeat(b, "(", n);
	buf_addstr(b, "\n\nbody");
}

static void make_groups(struct buf *b, size_t n)
{
	buf_addstr(b, "To: ");
	repeat(b, "a:", n);
	buf_addstr(b, "x@y.example;\n\nbody");
}

static void make_quotes(struct buf *b, size_t n)
{
	buf_addstr(b, "To: ");
	repeat(b, "<\"a\\", n);
	buf_addstr(b, "\nCc: ");
	repeat(b, "\"\\", n);
	buf_addstr(b, "\n\nbody");
}

static void make_words(struct buf *b, size_t n)
{
	buf_addstr(b, "From: ");
	repeat(b, "=?utf-8?Q?", n);
	buf_addstr(b, "\nSubject: ");
	repeat(b, "=?utf-8?Q?", n);
	buf_addstr(b, "\n\nbody");
}

static void make_lone_returns(struct buf *b, size_t n)
{
	buf_addstr(b, "Content-Type: multipart/mixed; boundary=b\r\r--b\r\r");
	repeat(b, "\r--\r", n);
}

static void make_near_boundaries(struct buf *b, size_t n)
{
	for (size_t i = 0; i < MESSAGE_MAX_DEPTH - 1; i++)
		buf_addf(b, "Content-Type: multipart/mixed; boundary=same%zu\n\n--same%zu\n", i, i);
	buf_addstr(b, "\n");
	repeat(b, "--same\n", n);
}

static void make_same_names(struct buf *b, size_t n)
{
	buf_addstr(b, "Content-Type: multipart/mixed; boundary=b\n\n");
	repeat(b, "--b\nContent-Type: a/b; name=x.txt\nContent-ID: <a>\n\nx\n", n);
	buf_addstr(b, "--b\nContent-Type: text/html\n\n");
	repeat(b, "cid:a ", n);
	buf_addstr(b, "\n--b--\n");
}

static void make_escapes(struct buf *b, size_t n)
{
	buf_addstr(b, "Content-Type: text/plain; charset=gb18030; format=flowed\n"
		      "Content-Transfer-Encoding: quoted-printable\n\n");
	repeat(b, "= =FF= \n>", n);
}

static const struct kind {
	const char *name;
	void (*make)(struct buf *, size_t);
	size_t n;          /* of the smaller one */
	unsigned warnings; /* that the bigger one must have */
} kinds[] = {
	{"recipients", make_recipients, 50000, 0},
	{"nested multiparts", make_nested_multiparts, 5000, WARN_TOO_DEEP},
	{"nested messages", make_nested_messages, 100000, WARN_TOO_DEEP},
	{"fields", make_fields, 100000, WARN_HEADER_TOO_LONG},
	{"long field", make_long_field, 100000, WARN_HEADER_TOO_LONG},
	{"parts", make_parts, 100000, WARN_TOO_MANY_PARTS},
	{"params", make_params, 50000, WARN_HEADER_TOO_LONG},
	{"comments", make_comments, 200000, WARN_BAD_DATE | WARN_BAD_ADDRESS},
	{"groups", make_groups, 200000, 0},
	{"quotes", make_quotes, 100000, WARN_BAD_ADDRESS},
	{"words", make_words, 100000, WARN_HEADER_TOO_LONG},
	{"lone returns", make_lone_returns, 500000, WARN_NO_CLOSING_BOUNDARY},
	{"near boundaries", make_near_boundaries, 100000, WARN_NO_CLOSING_BOUNDARY},
	{"same names", make_same_names, 1500, WARN_TOO_MANY_PARTS},
	{"escapes", make_escapes, 200000, 0},
};

/* Takes everything out of the message that a reader takes; returns the arena's bytes. */
static size_t read_all(const struct kind *k, size_t n, unsigned *warnings)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf raw = BUF_INIT(BUF_UNLIMITED);
	struct message m;
	struct message_attachment *v;
	k->make(&raw, n);
	message_parse(&a, raw.p, raw.len, &m);
	*warnings = m.warnings;
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * raw.len + 64);
	message_text(&m, "text/plain", &text, warnings);
	assert_false(text.failed);
	message_attachments(&a, &m, &v);
	size_t used = a.used;
	assert_true(used <= BYTES_PER_BYTE * raw.len + BYTES_AT_LEAST);
	arena_release(&a);
	return used;
}

static void message_parse__takes__memory_by_the_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		unsigned warnings;
		size_t once = read_all(&kinds[i], kinds[i].n, &warnings);
		size_t twice = read_all(&kinds[i], 2 * kinds[i].n, &warnings);
		print_message("# %s: %zu, then %zu bytes\n", kinds[i].name, once, twice);
		assert_true(twice <= 2 * once + once / 2 + BYTES_AT_LEAST);
		assert_int_equal(warnings & kinds[i].warnings, kinds[i].warnings);
	}
}

static void message_parse__keeps__all_recipients(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf raw = BUF_INIT(BUF_UNLIMITED);
	struct message m;
	struct compose c;
	make_recipients(&raw, 100000);
	message_parse(&a, raw.p, raw.len, &m);
	assert_int_equal(m.to.n, 100000);
	assert_string_equal(m.to.v[99999].name, "Jürgen 99999");
	assert_int_equal(m.warnings, 0);
	const struct addr me = {NULL, "me@x.example"};
	compose_reply(&a, &m, &me, NULL, 0, REPLY_ALL, &c);
	assert_int_equal(c.cc.n, 100000);
	arena_release(&a);
}

static void message_parse__stops__at_its_depth(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf raw = BUF_INIT(BUF_UNLIMITED);
	struct message m;
	size_t depth = 1;
	make_nested_multiparts(&raw, 10000);
	message_parse(&a, raw.p, raw.len, &m);
	for (const struct mime_part *p = m.root; p->child; p = p->child)
		depth++;
	assert_int_equal(depth, MESSAGE_MAX_DEPTH);
	arena_release(&a);
}

static void message_parse__finds__the_subject_behind_ten_megabytes(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf raw = BUF_INIT(BUF_UNLIMITED);
	struct message m;
	make_fields(&raw, 200000);
	assert_true(raw.len > 10000000);
	message_parse(&a, raw.p, raw.len, &m);
	assert_string_equal(m.subject, "s");
	arena_release(&a);
}

static void message_parse__lives__with_a_full_arena(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (size_t max = 16; max < 100000; max *= 5) {
			struct arena a = ARENA_INIT_MAX(max);
			CLEANUP(buf_release) struct buf raw = BUF_INIT(BUF_UNLIMITED);
			struct message m;
			struct message_attachment *v;
			kinds[i].make(&raw, 40);
			message_parse(&a, raw.p, raw.len, &m);
			message_attachments(&a, &m, &v);
			assert_true(a.used <= max);
			arena_release(&a);
		}
	}
}

/* Sanitizers map terabytes of their own. */
#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
	HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
static int limit_heap(void)
{
	return 0;
}
#else
static int limit_heap(void)
{
	const struct rlimit heap = {HEAP_BYTES, HEAP_BYTES};
	return setrlimit(RLIMIT_AS, &heap);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_parse__takes__memory_by_the_size),
		cmocka_unit_test(message_parse__keeps__all_recipients),
		cmocka_unit_test(message_parse__stops__at_its_depth),
		cmocka_unit_test(message_parse__finds__the_subject_behind_ten_megabytes),
		cmocka_unit_test(message_parse__lives__with_a_full_arena),
	};
	const struct rlimit brake = {CPU_SECONDS, CPU_SECONDS};
	if (setrlimit(RLIMIT_CPU, &brake) || limit_heap())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
