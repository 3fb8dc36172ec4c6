/* test_rfc2047.c - encoded words and charsets, read and written. */
#include "config.h"

#include <string.h>

#include "../unit.h"

#include "crmail/base/arena.h"
#include "crmail/base/buf.h"
#include "crmail/base/utf8.h"
#include "crmail/mail/header.h"

struct row {
	const char *in, *want;
};

static void assert_decodes(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
		rfc2047_decode(&out, rows[i].in, strlen(rows[i].in));
		assert_string_equal(out.p, rows[i].want);
	}
}

static void rfc2047_decode__reads__good_words(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"plain", "plain"},
		{"", ""},
		{"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"},
		{"=?ISO-8859-1?Q?Gr=FC=DFe_an_alle?= x", "Grüße an alle x"},
		{"=?utf-8?B?R3LDvA==?= =?utf-8?B?w59l?=", "Grüße"},
		{"=?utf-8?B?SGVsbG8=?=", "Hello"},
		{"=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"},
		{"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"},
		{"=?koi8-r?B?8NLJ18XU?=", "Привет"},
		{"=?gb2312?B?xOO6ww==?=", "你好"},
		{"=?big5?B?p0Gmbg==?=", "你好"},
		{"=?euc-kr?B?vsiz5w==?=", "안녕"},
		{"=?shift_jis?B?k/qWew==?=", "日本"},
		{"=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "Привет"},
		{"=?x-unknown?Q?abc?=", "abc"},
		{"a =?us-ascii?Q?b?= c", "a b c"},
		{"=?us-ascii?Q?"
		 "?=",
			""},
	};
	assert_decodes(rows, ARRAY_SIZE(rows));
}

/* A character cut in two by the writer comes together again; other charsets stay apart. */
static void rfc2047_decode__joins__adjacent_words(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "ü"},
		{"=?utf-8?Q?=C3?=\r\n =?UTF-8?B?vA==?=", "ü"},
		{"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},
		{"=?iso-8859-1?Q?=FC?= =?utf-8?Q?=C3=BC?=", "üü"},
		{"=?utf-8?Q?a?= x =?utf-8?Q?b?=", "a x b"},
		{"=?utf-8?Q?a?=  ", "a  "},
		{"=?iso-2022-jp?B?GyRCRnwbKEI=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=", "日本"},
	};
	assert_decodes(rows, ARRAY_SIZE(rows));
}

static void rfc2047_decode__keeps__what_is_no_word(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"=?utf-8?Q?unterminated", "=?utf-8?Q?unterminated"},
		{"=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"=?"
		 "?Q?abc?=",
			"=?"
			"?Q?abc?="},
		{"=?", "=?"},
		{"a =? b ?= c", "a =? b ?= c"},
		{"=?utf-8?Q?=ZZ=4?=", "=ZZ=4"},
		{"=?utf-8?Q?two words?=", "two words"},
		{"Gr\xFC\xDF", "Grüß"},
		{"Gr\xC3\xBC\xC3\x9F", "Grüß"},
		{"\x93quoted\x94", "“quoted”"},
	};
	assert_decodes(rows, ARRAY_SIZE(rows));
}

static void rfc2047_decode__reports__unknown_charsets(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	assert_true(rfc2047_decode(&out, "=?utf-8?Q?a?=", 13));
	assert_false(rfc2047_decode(&out, "=?utf-7?Q?a?=", 13));
	assert_false(rfc2047_decode(&out, "=?no/ch?Q?a?=", 13));
}

static void rfc2047_decode__never_emits__nul_or_invalid_bytes(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	static const char in[] = "a\0b =?utf-8?Q?=00=FF?= =?utf-16?B?AAA=?=";
	rfc2047_decode(&out, in, sizeof(in) - 1);
	assert_int_equal(strlen(out.p), out.len);
	assert_true(utf8_is_valid(out.p, out.len));
}

static void assert_reads_back(const char *subject)
{
	struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	buf_addstr(&out, "Subject: ");
	rfc2047_encode(&out, subject, out.len);
	buf_addstr(&out, "\r\n\r\n");
	struct header_block h;
	header_split(&a, out.p, out.len, &h);
	assert_int_equal(h.n, 1);
	assert_string_equal(header_text(&a, &h, "Subject"), subject);
	size_t column = 0;
	for (size_t k = 0; k < out.len; k++) {
		assert_true((unsigned char)out.p[k] < 128);
		column = out.p[k] == '\n' ? 0 : column + 1;
		assert_true(column <= 77);
	}
	arena_release(&a);
}

/* What is written reads back the same, in lines of at most 76 columns, in ASCII. */
static void rfc2047_encode__reads_back(void **state)
{
	(void)state;
	static const char *const rows[] = {"plain", "Grüße", "tricky =?utf-8?Q?a?= text",
		"日本語の件名 is quite long and must be folded somewhere, being longer than a line",
		("a very long plain subject that goes on and on until it is far longer than the "
		 "line may be, and only then ends"),
		"emoji 👩‍💻🎉 und äöü und ÄÖÜ", "100 % = 50 ? _x_",
		"ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ"};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_reads_back(rows[i]);
}

static void rfc2047_encode__lets_no_field_in__by_line_ends(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	rfc2047_encode(&out, "a\r\nBcc: x@y.example\n\nbody", 9);
	assert_null(strchr(out.p, '\n'));
	assert_null(strchr(out.p, '\r'));
	buf_reset(&out);
	rfc2047_encode(&out, "ä\r\nBcc: x@y.example", 9);
	assert_null(strstr(out.p, "\nB"));
}

static void charset_decode__knows__names_and_falls_back(void **state)
{
	(void)state;
	static const struct {
		const char *charset, *in, *want;
		bool good;
	} rows[] = {
		{NULL, "Gr\xFC\xDF \x80", "Grüß €", true},
		{NULL, "Gr\xC3\xBC", "Grü", true},
		{"us-ascii", "Gr\xFC", "Grü", false},
		{"utf-8", "Gr\xFC!", "Gr\xEF\xBF\xBD!", false},
		{"utf-7", "+AOQ-", "+AOQ-", false},
		{"UTF-8//IGNORE", "\xC3\xBC", "ü", false},
		{"\"iso-8859-15\"", "\xA4", "€", true},
		{"Windows-1252", "\x85", "…", true},
		{"cp1251", "\xCF", "П", true},
		{"X-SJIS", "\x93\xFA", "日", true},
		{"ks_c_5601-1987", "\xBE\xC8", "안", true},
		{"gb18030", "\x81\x30\x81\x30", "\xC2\x80", true},
		{"euc-jp", "\xC6", "\xEF\xBF\xBD", false},
		{"us-ascii", "plain", "plain", true},
		{"8bit", "Gr\xFC", "Grü", true},
		{"iso-2022-jp", "\033$BF|K\\\033(B", "日本", true},
		{"iso-2022-jp", "\033$B-!-j\033(B x", "①㈱ x", true},
		{"iso-2022-jp", "\033(I1\033(B \033$(D0!\033(B", "ｱ 丂", true},
		{"iso-2022-jp", "\033$BF|K\n\033$B-!", "日K\n①", true},
		{"koi8-r (Russian)", "\xF0", "П", true},
		{"utf-16be", "\x4E\x2D", "中", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
		bool good = charset_decode(&out, rows[i].charset, rows[i].in, strlen(rows[i].in));
		assert_string_equal(out.p, rows[i].want);
		assert_int_equal(good, rows[i].good);
	}
}

static void charset_decode__stops__at_the_ceiling(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf out = BUF_INIT(100);
	char in[5000];
	memset(in, 0xE4, sizeof(in));
	charset_decode(&out, "koi8-r", in, sizeof(in));
	assert_true(out.failed);
	assert_true(out.len <= 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc2047_decode__reads__good_words),
		cmocka_unit_test(rfc2047_decode__joins__adjacent_words),
		cmocka_unit_test(rfc2047_decode__keeps__what_is_no_word),
		cmocka_unit_test(rfc2047_decode__reports__unknown_charsets),
		cmocka_unit_test(rfc2047_decode__never_emits__nul_or_invalid_bytes),
		cmocka_unit_test(rfc2047_encode__reads_back),
		cmocka_unit_test(rfc2047_encode__lets_no_field_in__by_line_ends),
		cmocka_unit_test(charset_decode__knows__names_and_falls_back),
		cmocka_unit_test(charset_decode__stops__at_the_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
