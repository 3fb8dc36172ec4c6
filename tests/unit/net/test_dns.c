/* test_dns.c - DNS packets: what is asked, what is believed, and what hostile answers do. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "crmail/base/str.h"
#include "src/net/dns.h"
#include "tests/unit/unit.h"

#define ID 0x1234

static unsigned char query[DNS_QUERY_MAX];
static size_t query_len;

static void ask(const char *name, enum dns_type type)
{
	query_len = dns_make_query(ID, name, type, query);
	assert_true(query_len > 0);
}

/* An answer under construction: the query's header and question, then records. */
struct made {
	unsigned char p[2048];
	size_t n;
};

static void put(struct made *m, const void *p, size_t n)
{
	assert_true(m->n + n <= sizeof m->p);
	memcpy(m->p + m->n, p, n);
	m->n += n;
}

static struct made begin(unsigned rcode, unsigned count)
{
	struct made m = {.n = 0};
	put(&m, query, query_len);
	m.p[2] = 0x81;
	m.p[3] = (unsigned char)(0x80 | rcode);
	m.p[7] = (unsigned char)count;
	return m;
}

/* `owner` and `data` as they lie in the packet; sizes are of string literals. */
static void record(struct made *m, const char *owner, size_t owner_len, unsigned type,
	const char *data, size_t data_len)
{
	const unsigned char head[] = {(unsigned char)(type >> 8), (unsigned char)type, 0, 1, 0, 0,
		0, 60, (unsigned char)(data_len >> 8), (unsigned char)data_len};
	put(m, owner, owner_len);
	put(m, head, sizeof head);
	put(m, data, data_len);
}

#define RECORD(m, owner, type, data)                                                               \
	record(m, owner, sizeof(owner) - 1, type, data, sizeof(data) - 1)
#define ASKED "\xc0\x0c" /* points to the question's name */

/* From memory that ends with it, so that a sanitizer sees whoever reads on. */
static enum dns_verdict take(const struct made *m, struct dns_answer *out)
{
	unsigned char *copy = xmalloc(m->n ? m->n : 1);
	memcpy(copy, m->p, m->n);
	enum dns_verdict v = dns_read_answer(query, query_len, copy, m->n, out);
	free(copy);
	return v;
}

static void dns_query__is_one_question__labels_type_and_class(void **state)
{
	static const char want[] = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0"
				   "\6_imaps\4_tcp\4firm\4test\0\0\x21\0\1";
	(void)state;
	ask("_imaps._tcp.firm.test", DNS_SRV);
	assert_int_equal(query_len, sizeof want - 1);
	assert_memory_equal(query, want, query_len);
}

static void dns_query__refuses__what_is_no_name(void **state)
{
	unsigned char out[DNS_QUERY_MAX];
	char longest[300];
	(void)state;
	memset(longest, 'a', sizeof longest);
	longest[64] = '\0';
	static const char *const bad[] = {
		"", ".", "a..b", "a.b.", ".a", "a b.test", "a/b", "\xc3\xa4.test"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(dns_make_query(1, bad[i], DNS_MX, out), 0);
	assert_int_equal(dns_make_query(1, longest, DNS_MX, out), 0);
	longest[63] = '\0';
	assert_true(dns_make_query(1, longest, DNS_MX, out) > 0);
	for (size_t i = 0; i < 253; i++)
		longest[i] = i % 2 ? '.' : 'a';
	longest[253] = '\0';
	assert_true(dns_make_query(1, longest, DNS_MX, out) <= DNS_QUERY_MAX);
	memcpy(longest + 253, ".a", 3);
	assert_int_equal(dns_make_query(1, longest, DNS_MX, out), 0);
}

static void dns_host__is_letters_digits_and_inner_dashes(void **state)
{
	(void)state;
	assert_true(dns_is_host("mail.firm-1.test"));
	assert_true(dns_is_host("127.0.0.1"));
	static const char *const bad[] = {"", "-a.test", "a-.test", "a_b.test", "a.", ".a", "a..b",
		"a:1", "a@b", "a/b", "a\\046b", "[::1]"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(dns_is_host(bad[i]));
}

static void dns_answer__orders__mx_by_preference(void **state)
{
	struct dns_answer a;
	(void)state;
	ask("firm.test", DNS_MX);
	struct made m = begin(0, 2);
	RECORD(&m, ASKED, DNS_MX, "\0\x14\1b\xc0\x0c");
	RECORD(&m, ASKED, DNS_MX, "\0\x0a\1A\xc0\x0c");
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_int_equal(a.n, 2);
	assert_string_equal(a.v[0].target, "a.firm.test");
	assert_string_equal(a.v[1].target, "b.firm.test");
}

static void dns_answer__orders__srv_by_priority_then_weight(void **state)
{
	struct dns_answer a;
	(void)state;
	ask("_imaps._tcp.firm.test", DNS_SRV);
	struct made m = begin(0, 3);
	RECORD(&m, ASKED, DNS_SRV, "\0\2\0\x09\x03\xe1\1c\4test\0");
	RECORD(&m, ASKED, DNS_SRV, "\0\1\0\1\x03\xe1\1b\4test\0");
	RECORD(&m, ASKED, DNS_SRV, "\0\1\0\2\x03\xe1\1a\4test\0");
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.v[0].target, "a.test");
	assert_int_equal(a.v[0].port, 993);
	assert_string_equal(a.v[2].target, "c.test");
}

static void dns_answer__follows__an_alias_and_no_stranger(void **state)
{
	struct dns_answer a;
	(void)state;
	ask("firm.test", DNS_MX);
	struct made m = begin(0, 4);
	RECORD(&m, "\5other\4test\0", DNS_MX, "\0\1\3bad\4test\0");
	RECORD(&m, ASKED, 5, "\4real\4test\0");
	RECORD(&m, "\4REAL\4test\0", DNS_MX, "\0\5\4good\4test\0");
	RECORD(&m, ASKED, DNS_MX, "\0\1\3bad\4test\0");
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_int_equal(a.n, 1);
	assert_string_equal(a.v[0].target, "good.test");
}

static void dns_answer__says__that_there_is_none(void **state)
{
	struct dns_answer a;
	(void)state;
	ask("firm.test", DNS_MX);
	struct made m = begin(3, 0);
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_true(a.has_no_name);
	m = begin(0, 1);
	RECORD(&m, ASKED, DNS_MX, "\0\0\0");
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_false(a.has_no_name);
	assert_string_equal(a.v[0].target, "");
	m = begin(2, 0);
	assert_int_equal(take(&m, &a), DNS_REFUSED);
	m = begin(0, 0);
	m.p[2] |= 2;
	assert_int_equal(take(&m, &a), DNS_CUT);
}

static void dns_answer__is_not_ours__with_another_id_question_or_direction(void **state)
{
	struct dns_answer a;
	(void)state;
	ask("firm.test", DNS_MX);
	static const size_t at[] = {0, 1, 5, 13, 22};
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		struct made m = begin(0, 0);
		m.p[at[i]] ^= 1;
		assert_int_equal(take(&m, &a), DNS_NOT_OURS);
	}
	struct made m = begin(0, 0);
	m.p[2] &= 0x7f;
	assert_int_equal(take(&m, &a), DNS_NOT_OURS);
	for (m = begin(0, 0); m.n > 0;) {
		m.n--;
		assert_int_equal(take(&m, &a), DNS_NOT_OURS);
	}
}

static void dns_answer__leaves_out__names_that_are_no_hosts(void **state)
{
	struct dns_answer a;
	(void)state;
	ask("firm.test", DNS_MX);
	struct made m = begin(0, 5);
	RECORD(&m, ASKED, DNS_MX, "\0\1\3a:1\4test\0");
	RECORD(&m, ASKED, DNS_MX, "\0\1\3a\n1\4test\0");
	RECORD(&m, ASKED, DNS_MX, "\0\1\3a.b\4test\0"); /* a dot within a label */
	RECORD(&m, ASKED, DNS_MX, "\0");
	RECORD(&m, ASKED, DNS_MX, "\0\1\4good\4test\0");
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_int_equal(a.n, 1);
	assert_string_equal(a.v[0].target, "good.test");
}

static void dns_answer__ends__in_loops_lies_and_at_every_cut(void **state)
{
	struct dns_answer a;
	(void)state;
	ask("firm.test", DNS_MX);
	struct made m = begin(0, 200);
	for (size_t i = 0; i < 40; i++)
		RECORD(&m, ASKED, DNS_MX, "\0\1\1a\xc0\x0c");
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_int_equal(a.n, DNS_RECORDS);
	while (m.n > query_len) { /* cut anywhere, it says what came whole */
		m.n--;
		assert_int_equal(take(&m, &a), DNS_SAID);
	}
	m = begin(0, 1);
	const unsigned char self[] = {0xc0, (unsigned char)m.n};
	put(&m, self, sizeof self);
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_int_equal(a.n, 0);
	m = begin(0, 1);
	RECORD(&m, ASKED, DNS_MX, "\0\1\xff\xff"); /* points past the end */
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_int_equal(a.n, 0);
	m = begin(0, 1);
	RECORD(&m, ASKED, DNS_MX, "\0\1\4good"); /* its name runs on after the record */
	put(&m, "\4test\0", 6);
	assert_int_equal(take(&m, &a), DNS_SAID);
	assert_int_equal(a.n, 0);
}

static void resolv_conf__gives__its_name_servers(void **state)
{
	static const char text[] =
		"# x\nsearch a.test\nnameserver 192.0.2.1\n\tnameserver\t2001:db8::1 # y\n"
		"nameservers 192.0.2.9\nnameserver\nnameserver 192.0.2.3";
	struct span v[3];
	(void)state;
	assert_int_equal(dns_read_conf(text, sizeof text - 1, v, 3), 3);
	assert_true(span_eq(v[0], "192.0.2.1"));
	assert_true(span_eq(v[1], "2001:db8::1"));
	assert_true(span_eq(v[2], "192.0.2.3"));
	assert_int_equal(dns_read_conf(text, sizeof text - 1, v, 1), 1);
	assert_int_equal(dns_read_conf("", 0, v, 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dns_query__is_one_question__labels_type_and_class),
		cmocka_unit_test(dns_query__refuses__what_is_no_name),
		cmocka_unit_test(dns_host__is_letters_digits_and_inner_dashes),
		cmocka_unit_test(dns_answer__orders__mx_by_preference),
		cmocka_unit_test(dns_answer__orders__srv_by_priority_then_weight),
		cmocka_unit_test(dns_answer__follows__an_alias_and_no_stranger),
		cmocka_unit_test(dns_answer__says__that_there_is_none),
		cmocka_unit_test(dns_answer__is_not_ours__with_another_id_question_or_direction),
		cmocka_unit_test(dns_answer__leaves_out__names_that_are_no_hosts),
		cmocka_unit_test(dns_answer__ends__in_loops_lies_and_at_every_cut),
		cmocka_unit_test(resolv_conf__gives__its_name_servers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
