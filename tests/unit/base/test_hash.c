/* test_hash.c - known answers. */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/hash.h"
#include "tests/unit/unit.h"

static void sha256__gives_the_published_answers(void **state)
{
	(void)state;
	char hex[65];
	sha256_hex("abc", 3, hex);
	assert_string_equal(hex,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex("", 0, hex);
	assert_string_equal(hex,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void sha256__is_the_same_in_pieces(void **state)
{
	(void)state;
	char whole[65], pieces[65], text[1000];
	memset(text, 'a', sizeof(text));
	sha256_hex(text, sizeof(text), whole);
	struct sha256 *h = sha256_new();
	for (size_t at = 0, n = 1; at < sizeof(text); at += n, n = n * 2 % 97) {
		if (n > sizeof(text) - at)
			n = sizeof(text) - at;
		sha256_add(h, text + at, n);
	}
	sha256_hex_free(h, pieces);
	assert_string_equal(whole, pieces);
}

/* Reference: Python's uuid.uuid5(uuid.NAMESPACE_URL, name). */
static void uuid5__agrees_with_another_implementation(void **state)
{
	(void)state;
	char id[37];
	uuid5("python.org", 10, id);
	assert_string_equal(id, "7af94e2b-4dd9-50f0-9c9a-8a48519bdef0");
	uuid5("crmail:org|m1@example.test|contact:7", 36, id);
	assert_string_equal(id, "473c0efe-755d-5c87-8d49-287551b5dae8");
}

static void base64__pads_only_at_the_end(void **state)
{
	(void)state;
	static const char *const rows[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}};
	for (size_t i = 0; i < 7; i++) {
		struct buf b = BUF_INIT(100);
		base64_add(&b, rows[i][0], strlen(rows[i][0]));
		assert_string_equal(b.p, rows[i][1]);
		buf_release(&b);
	}
	struct buf in = BUF_INIT(10000), out = BUF_INIT(20000);
	while (in.len < 3001)
		buf_addch(&in, 'x');
	base64_add(&out, in.p, in.len);
	assert_int_equal(out.len, 4004);
	assert_ptr_equal(strchr(out.p, '='), out.p + 4002);
	buf_release(&in);
	buf_release(&out);
}

static void base64url__is_read__and_nothing_else(void **state)
{
	static const struct {
		const char *in, *out; /* NULL = refused */
	} rows[] = {{"", ""}, {"Zg", "f"}, {"Zg==", "f"}, {"Zm8", "fo"}, {"Zm8=", "fo"},
		{"Zm9v", "foo"}, {"Zm9vYg", "foob"}, {"-_-_", "\xfb\xff\xbf"},
		{"+/+/", "\xfb\xff\xbf"}, {"Z", NULL}, {"Zm9vY", NULL}, {"Zm 9v", NULL},
		{"Zm9\n", NULL}, {"Z===", NULL}, {"Zg=a", NULL}, {"Zm9v.", NULL},
		{"\xc3\xa4", NULL}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(100);
		bool is_read = base64url_decode(&b, rows[i].in, strlen(rows[i].in));

		if (is_read != (rows[i].out != NULL) || (is_read && strcmp(b.p, rows[i].out)))
			fail_msg("\"%s\"", rows[i].in);
	}
	CLEANUP(buf_release) struct buf small = BUF_INIT(2);
	assert_false(base64url_decode(&small, "Zm9vYg", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256__gives_the_published_answers),
		cmocka_unit_test(sha256__is_the_same_in_pieces),
		cmocka_unit_test(uuid5__agrees_with_another_implementation),
		cmocka_unit_test(base64__pads_only_at_the_end),
		cmocka_unit_test(base64url__is_read__and_nothing_else),
	};
	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
