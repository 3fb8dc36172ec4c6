/* test_graph_contacts.c - the contacts of a Microsoft mailbox, page by page, whatever is said. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/mem.h"
#include "crmail/provider/contacts.h"
#include "tests/unit/provider/graph_script.h"
#include "tests/unit/unit.h"

struct heard {
	struct buf text;
	bool is_full;
};

static int hear(void *ctx, const struct person *p, struct err *e)
{
	struct heard *h = ctx;
	if (h->is_full)
		return err_set(e, ERR_DB, "no room");
	buf_addf(&h->text, "%lld %s (%s, %s):", (long long)p->line, p->name ? p->name : "-",
		p->company ? p->company : "-", p->title ? p->title : "-");
	for (size_t i = 0; i < p->emails.n; i++)
		buf_addf(&h->text, " %s", p->emails.v[i]);
	for (size_t i = 0; i < p->phones.n; i++)
		buf_addf(&h->text, " %s", p->phones.v[i]);
	buf_addstr(&h->text, "\n");
	return 0;
}

static int read_page(struct graph_script *s, const char *cursor, struct heard *h,
	struct prov_contacts_page *out)
{
	const struct prov_contacts_sink to = {hear, h};
	s->e = ERR_INIT;
	return s->provider->ops->contacts(s->provider, cursor, &s->a, &to, out, &s->e);
}

#define ADA                                                                                        \
	"{\"id\":\"1\",\"displayName\":\"Ada Lovelace\",\"companyName\":\"Engines\",\"jobTitle\":" \
	"\"Analyst\",\"emailAddresses\":[{\"name\":\"x\",\"address\":\"ada@x.test\"},{},7,"        \
	"{\"address\":\"b@x.test\"}],\"mobilePhone\":\"+1 2\",\"businessPhones\":[\"+3 4\",5]}"

static void graph_contacts__come__page_by_page(void **state)
{
	(void)state;
	struct heard h = {.text = BUF_INIT(10000)};
	struct prov_contacts_page page;
	struct graph_script s = {
		.rules = {{"GET /me/contacts/delta?$select=displayName,", 200, NULL,
				  "{\"value\":[" ADA ",{\"id\":\"2\",\"@removed\":{}},7],"
				  "\"@odata.nextLink\":\"^/next\"}",
				  0},
			{"GET /next", 200, NULL,
				"{\"value\":[{\"id\":\"3\",\"displayName\":\"Bo\","
				"\"emailAddresses\":[]}],"
				"\"@odata.deltaLink\":\"^/delta\"}",
				0}}};
	graph_script_start(&s);
	assert_int_equal(read_page(&s, NULL, &h, &page), 0);
	assert_true(page.more);
	assert_int_equal(page.n_gone, 1);
	assert_int_equal(read_page(&s, page.cursor, &h, &page), 0);
	assert_false(page.more);
	assert_int_equal(page.n_gone, 0);
	assert_non_null(strstr(page.cursor, "/delta"));
	assert_string_equal(h.text.p,
		"1 Ada Lovelace (Engines, Analyst): ada@x.test b@x.test +1 2 +3 4\n1 Bo (-, -):\n");
	graph_script_stop(&s);
	graph_script_release(&s);
	buf_release(&h.text);
}

/* A page that tells what changed alone would make a contact without an address. */
static void graph_contacts__are_asked_for__where_a_part_is_told(void **state)
{
	(void)state;
	struct heard h = {.text = BUF_INIT(10000)};
	struct prov_contacts_page page;
	struct graph_script s = {.rules = {{"GET /me/contacts/delta", 200, NULL,
						   "{\"value\":[{\"id\":\"1\",\"jobTitle\":\"x\"},"
						   "{\"id\":\"9\",\"jobTitle\":\"y\"}],"
						   "\"@odata.deltaLink\":\"^/delta\"}",
						   0},
					 {"GET /me/contacts/1?$select=", 200, NULL, ADA, 0}}};
	graph_script_start(&s);
	assert_int_equal(read_page(&s, NULL, &h, &page), 0);
	assert_non_null(strstr(h.text.p, "ada@x.test"));
	assert_null(strchr(strchr(h.text.p, '\n') + 1, '\n')); /* the other one is gone by now */
	graph_script_stop(&s);
	assert_int_equal(graph_script_count(&s, "GET /me/contacts/9?"), 1);
	graph_script_release(&s);
	buf_release(&h.text);
}

static void graph_contacts__refuses__what_is_no_page(void **state)
{
	(void)state;
	static const char *const pages[] = {"{}", "{\"value\":[]}", "[]",
		"{\"value\":{},\"@odata.deltaLink\":\"^/delta\"}",
		"{\"value\":[" ADA "],\"@odata.deltaLink\":\"https://evil.example/delta\"}",
		"{\"value\":[" ADA "],\"@odata.nextLink\":\"https://evil.example/next\"}"};
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		struct heard h = {.text = BUF_INIT(10000)};
		struct prov_contacts_page page;
		struct graph_script s = {
			.rules = {{"GET /me/contacts/delta", 200, NULL, pages[i], 0}}};
		graph_script_start(&s);
		assert_int_equal(read_page(&s, NULL, &h, &page), -1);
		assert_int_equal(s.e.code, ERR_PROTO);
		assert_int_equal(h.text.len, 0);
		graph_script_stop(&s);
		graph_script_release(&s);
		buf_release(&h.text);
	}
}

static void graph_contacts__ends__a_list_that_goes_round(void **state)
{
	(void)state;
	struct heard h = {.text = BUF_INIT(100000)};
	struct prov_contacts_page page = {.cursor = NULL};
	struct graph_script s = {
		.rules = {{"GET /", 200, NULL,
			"{\"value\":[" ADA "],\"@odata.nextLink\":\"^/next\"}", 0}}};
	s.rules[1] = s.rules[0];
	s.rules[0] = (struct graph_rule){"GET /me?", 200, NULL, "{}", 0};
	graph_script_start(&s);
	for (int i = 0; read_page(&s, page.cursor, &h, &page) == 0; i++)
		assert_true(i < 5);
	assert_int_equal(s.e.code, ERR_PROTO);
	graph_script_stop(&s);
	graph_script_release(&s);
	buf_release(&h.text);
}

static void graph_contacts__tells__what_the_sign_in_lacks_and_a_lost_cursor(void **state)
{
	(void)state;
	struct heard h = {.text = BUF_INIT(10000), .is_full = true};
	struct prov_contacts_page page;
	struct graph_script s = {
		.rules = {{"GET /me/contacts/delta", 403, NULL,
				  "{\"error\":{\"code\":\"ErrorAccessDenied\"}}", 1},
			{"GET /me/contacts/delta", 200, NULL,
				"{\"value\":[" ADA "],\"@odata.deltaLink\":\"^/d\"}", 0},
			{"GET /old", 410, NULL, "{\"error\":{\"code\":\"syncStateNotFound\"}}",
				0}}};
	char old[200];
	graph_script_start(&s);
	assert_int_equal(read_page(&s, NULL, &h, &page), -1);
	assert_int_equal(s.e.code, ERR_AUTH);
	assert_int_equal(s.e.sys, 403);
	snprintf(old, sizeof old, "c1 0 0 0 %s/old", s.base);
	assert_int_equal(read_page(&s, old, &h, &page), -1);
	assert_int_equal(s.e.code, ERR_CONFLICT);
	assert_int_equal(read_page(&s, "c1 0 0 0 https://evil.example/d", &h, &page), -1);
	assert_int_equal(s.e.code, ERR_CONFLICT);
	assert_int_equal(read_page(&s, "c0", &h, &page), -1);
	assert_int_equal(s.e.code, ERR_CONFLICT);
	assert_int_equal(read_page(&s, NULL, &h, &page), -1);
	assert_string_equal(s.e.msg, "no room");
	graph_script_stop(&s);
	graph_script_release(&s);
	buf_release(&h.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(graph_contacts__come__page_by_page),
		cmocka_unit_test(graph_contacts__are_asked_for__where_a_part_is_told),
		cmocka_unit_test(graph_contacts__refuses__what_is_no_page),
		cmocka_unit_test(graph_contacts__ends__a_list_that_goes_round),
		cmocka_unit_test(graph_contacts__tells__what_the_sign_in_lacks_and_a_lost_cursor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
