/* test_addr.c - address lists, as they should be and as they come. */
#include "config.h"

#include <string.h>

#include "../unit.h"

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/mail/addr.h"

/* Entries as `name|addr`, joined by "; "; a trailing "!" = bad. */
static void assert_list(const char *in, const char *want)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf got = BUF_INIT(1 << 16);
	struct addr_list l;
	addr_parse(&a, in, strlen(in), &l);
	for (size_t i = 0; i < l.n; i++) {
		buf_addf(&got, "%s%s|%s", i ? "; " : "", l.v[i].name ? l.v[i].name : "",
			l.v[i].addr);
	}
	if (l.bad)
		buf_addch(&got, '!');
	assert_string_equal(got.p, want);
	arena_release(&a);
}

static void addr_parse__reads__good_lists(void **state)
{
	(void)state;
	assert_list("a@b.example", "|a@b.example");
	assert_list("John Doe <a@b>, c@d", "John Doe|a@b; |c@d");
	assert_list("\"Doe, John\" <a@b>", "Doe, John|a@b");
	assert_list("\"a \\\"b\\\" c\" <a@b>", "a \"b\" c|a@b");
	assert_list("a@b (John Doe)", "John Doe|a@b");
	assert_list("John (work (1) \\) x) <a@b>", "John|a@b");
	assert_list("Group: a@b, C <c@d>;, e@f", "|a@b; C|c@d; |e@f");
	assert_list("undisclosed-recipients:;", "");
	assert_list("\"john doe\"@b.example", "|\"john doe\"@b.example");
	assert_list("<@r1,@r2:a@b>", "|a@b");
	assert_list("Route <@r1:a@b>", "Route|a@b");
	assert_list("john @ b . example", "|john@b.example");
	assert_list("a@[192.0.2.1], b@[IPv6:2001:db8::1]", "|a@[192.0.2.1]; |b@[IPv6:2001:db8::1]");
	assert_list("=?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M?= <a@b>", "Jürgen M|a@b");
	assert_list("\"=?utf-8?B?R3LDvMOfZQ==?=\" <a@b>", "Grüße|a@b");
	assert_list("a@b (=?utf-8?Q?J=C3=BCrgen?=)", "Jürgen|a@b");
	assert_list("John\r\n Doe\r\n <a@b>,\r\n\tc@d", "John Doe|a@b; |c@d");
	assert_list("J\xFCrgen <a@m\xC3\xBCller.example>", "Jürgen|a@müller.example");
	assert_list("John Q. Public <a@b>", "John Q. Public|a@b");
	assert_list("a@b <a@b>", "a@b|a@b");
	assert_list("", "");
}

static void addr_parse__mends__bad_lists(void **state)
{
	(void)state;
	assert_list("Doe, John <a@b>", "Doe, John|a@b");
	assert_list("Doe, John <a@b>, Roe, Jane <c@d>", "Doe, John|a@b; Roe, Jane|c@d");
	assert_list(", a@b,, ,c@d,", "|a@b; |c@d");
	assert_list("a@b; c@d", "|a@b; |c@d");
	assert_list("a@b c@d", "|a@b; |c@d!");
	assert_list("John Doe a@b", "John Doe|a@b!");
	assert_list("\"Doe, John\" a@b", "Doe, John|a@b!");
	assert_list("<a@b> <c@d>", "|a@b; |c@d!");
	assert_list("John <a@b, c@d", "John|a@b; |c@d!");
	assert_list("\"John <a@b>, c@d", "John|a@b; |c@d!");
	assert_list("John (x <a@b>", "John x|a@b!");
	assert_list("=?utf-8?Q?Doe,_John?= <a@b>", "Doe, John|a@b");
	assert_list("a:b:c: d@e", "|d@e");
	assert_list("<MAILER-DAEMON>", "|MAILER-DAEMON");
	assert_list("<>", "!");
	assert_list("nobody", "!");
	assert_list("nobody, a@b", "|a@b!");
	assert_list("<<a@b>>", "|a@b!");
	assert_list("@", "!");
	assert_list("\\", "!");
	assert_list("<a@b> trailing name", "trailing name|a@b");
}

static void addr_normalise__compares(void **state)
{
	(void)state;
	assert_true(addr_same("A@B.Example", "a@b.example"));
	assert_true(addr_same("a@M\xC3\x9CLLER.example", "a@xn--mller-kva.example"));
	assert_true(addr_same("a@b.example.", "a@b.example"));
	assert_false(addr_same("a+x@b.example", "a@b.example"));
	CLEANUP(buf_release) struct buf out = BUF_INIT(100);
	addr_normalise(&out,
		"A+tag@b\xC3\xBC"
		"cher.example",
		true);
	assert_string_equal(out.p, "a@xn--bcher-kva.example");
	assert_string_equal(addr_domain("x@y@z"), "z");
	assert_string_equal(addr_domain("x"), "");
}

/* RFC 3492 §7.1 samples. */
static void addr_normalise__writes__punycode(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"a@他们为什么不说中文.example", "a@xn--ihqwcrb4cv8a8dqg056pqjye.example"},
		{"a@почемужеонинеговорятпорусски.example",
			"a@xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.example"},
		{"a@そのスピードで.example", "a@xn--d9juau41awczczp.example"},
		{"a@ليهمابتكلموشعربي؟.example", "a@xn--egbpdaj6bu4bxfgehfvwxn.example"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(400);
		addr_normalise(&out, rows[i][0], false);
		assert_string_equal(out.p, rows[i][1]);
	}
}

static void addr_write__reads_back(void **state)
{
	(void)state;
	static const struct addr rows[] = {
		{NULL, "a@b.example"},
		{"John Doe", "a@b.example"},
		{"Doe, John \"JD\" \\ x", "a@b.example"},
		{"Jürgen Müller", "a@b.example"},
		{"=?utf-8?Q?x?=", "a@b.example"},
		{"山田太郎", "\"john doe\"@b.example"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(1000);
		struct addr_list l;
		addr_write(&out, &rows[i]);
		addr_parse(&a, out.p, out.len, &l);
		assert_int_equal(l.n, 1);
		assert_false(l.bad);
		assert_string_equal(l.v[0].addr, rows[i].addr);
		if (rows[i].name)
			assert_string_equal(l.v[0].name, rows[i].name);
		else
			assert_null(l.v[0].name);
		arena_release(&a);
	}
}

static void addr_write__lets_nothing_out__of_its_field(void **state)
{
	(void)state;
	static const struct addr rows[] = {
		{"x\r\nBcc: c@d", "a@b\r\nBcc: c@d"},
		{"\x01", "a@b>, <c@d"},
		{NULL, "a@b, c@d"},
		{"ä\nBcc: e@f", "\"a\r\n\"@b"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(1000);
		struct addr_list l;
		addr_write(&out, &rows[i]);
		for (size_t k = 0; k < out.len; k++) {
			if (out.p[k] == '\n')
				assert_int_equal(out.p[k + 1], ' ');
		}
		addr_parse(&a, out.p, out.len, &l);
		assert_int_equal(l.n, 1);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addr_parse__reads__good_lists),
		cmocka_unit_test(addr_parse__mends__bad_lists),
		cmocka_unit_test(addr_normalise__compares),
		cmocka_unit_test(addr_normalise__writes__punycode),
		cmocka_unit_test(addr_write__reads_back),
		cmocka_unit_test(addr_write__lets_nothing_out__of_its_field),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
