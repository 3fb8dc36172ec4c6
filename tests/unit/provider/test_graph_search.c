/* test_graph_search.c - the search field's language as Microsoft Graph gets it, and what comes of
 * its answers. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/clock.h"
#include "crmail/base/mem.h"
#include "src/provider/graph/query.h"
#include "tests/unit/provider/graph_script.h"
#include "tests/unit/unit.h"

#define NOW 1795168800 /* 2026-11-20 10:00 UTC */

static void expect(const char *text, size_t group, const char *words, const char *filter)
{
	CLEANUP(buf_release) struct buf w = BUF_INIT(4000);
	CLEANUP(buf_release) struct buf f = BUF_INIT(4000);
	struct query_terms q;
	query_parse(text, &q);
	graph_query_words(&w, &q, group, NOW);
	graph_query_filter(&f, graph_query_flags(&q, group));
	assert_string_equal(w.p, words);
	assert_string_equal(f.p, filter);
}

static void graph_query__maps__operators(void **state)
{
	(void)state;
	expect("offer", 0, "\"\\\"offer\\\"\"", "");
	expect("from:laura TO:\"Max M\" cc:x -subject:a:b", 0,
		"\"from:\\\"laura\\\" AND to:\\\"Max M\\\" AND cc:\\\"x\\\" AND NOT "
		"subject:\\\"a:b\\\"\"",
		"");
	expect("filename:offer.pdf has:attachment", 0,
		"\"attachment:\\\"offer.pdf\\\" AND hasAttachments:true\"", "");
	expect("after:2026-01-31 before:7d x", 0,
		"\"received>=2026-01-31 AND received<2026-11-13 AND \\\"x\\\"\"", "");
	expect("after:yesterday x", 0, "\"\\\"x\\\"\"", "");
}

static void graph_query__keeps__prefixes(void **state)
{
	(void)state;
	expect("off* from:m\xC3\xBCl*", 0, "\"off* AND from:m\xC3\xBCl*\"", "");
	expect("\"two wor\"* a.b*", 0, "\"\\\"two wor\\\" AND \\\"a.b\\\"\"", "");
}

static void graph_query__lets_nothing_out__of_its_quotes(void **state)
{
	(void)state;
	expect("a\\\"b\\ OR", 0, "\"\\\"a  b  OR\\\"\"", "");
	expect("NOT AND x\x01y", 0, "\"\\\"NOT\\\" AND \\\"AND\\\" AND \\\"x y\\\"\"", "");
}

static void graph_query__tells_groups_and_flags__apart(void **state)
{
	(void)state;
	expect("a is:unread OR is:starred -is:unread", 0, "\"\\\"a\\\"\"", "isRead eq false");
	expect("a is:unread OR is:starred -is:unread", 1, "",
		"isRead eq true and flag/flagStatus eq 'flagged'");
	expect("-is:starred in:inbox", 0, "", "flag/flagStatus ne 'flagged'");
}

/* ---- answers --------------------------------------------------------------------------------- */

#define HIT(id, day, read)                                                                         \
	"{\"id\":\"" id "\",\"receivedDateTime\":\"2026-11-" day "T10:00:00Z\",\"isRead\":" read   \
	",\"internetMessageId\":\"<" id "@x.test>\",\"subject\":\"s\"}"

static int search(struct graph_script *s, const char *text, const char *cursor,
	struct prov_page *out)
{
	const struct query q = {.text = text, .folder = "F", .cursor = cursor};
	s->e = ERR_INIT;
	return s->provider->ops->search(s->provider, &q, &s->a, out, &s->e);
}

static void graph_search__finds__page_by_page(void **state)
{
	(void)state;
	struct prov_page page;
	struct graph_script s = {
		.rules = {{"GET /me/mailFolders/F/messages?$top=200&", 200, NULL,
				  "{\"value\":[" HIT("A", "02", "true") "," HIT("B", "01",
					  "false") "],"
						   "\"@odata.nextLink\":\"^/next\"}",
				  0},
			{"GET /next", 200, NULL, "{\"value\":[" HIT("C", "01", "true") "]}", 0}}};
	graph_script_start(&s);
	assert_true(s.provider->ops->caps(s.provider) & PROV_SEARCH);
	assert_int_equal(search(&s, "offer", NULL, &page), 0);
	assert_int_equal(page.n, 2);
	assert_string_equal(page.msgs[0].id, "A");
	assert_int_equal(page.msgs[0].flags, MSG_SEEN);
	assert_non_null(strstr(page.msgs[0].headers, "Subject: s\r\n"));
	assert_int_equal(page.told & MSG_ANSWERED, 0); /* of that nothing is said */
	assert_true(page.more);
	assert_int_equal(search(&s, "offer", page.cursor, &page), 0);
	assert_string_equal(page.msgs[0].id, "C");
	assert_false(page.more);
	graph_script_stop(&s);
	assert_non_null(strstr(s.asked[1], "&$search=%22%5C%22offer%5C%22%22"));
	assert_null(strstr(s.asked[1], "$filter"));
	graph_script_release(&s);
}

static void graph_search__joins__what_any_group_finds(void **state)
{
	(void)state;
	struct prov_page page;
	struct graph_script s = {
		.rules = {{"GET /me/mailFolders/F/messages", 200, NULL,
				  "{\"value\":[" HIT("A", "02", "true") "," HIT("B", "01",
					  "false") "],\"@odata.nextLink\":\"^/next\"}",
				  1},
			{"GET /me/mailFolders/F/messages", 200, NULL,
				"{\"value\":[" HIT("C", "03", "false") "," HIT("A", "02",
					"true") "," HIT("D", "01", "true") "]}",
				1}}};
	graph_script_start(&s);
	assert_int_equal(search(&s, "a is:unread OR deal:x OR b", NULL, &page), 0);
	graph_script_stop(&s);
	assert_int_equal(s.n_asked, 3); /* who it is, and the two that can be asked */
	assert_int_equal(page.n, 4);
	assert_string_equal(page.msgs[0].id, "C");
	assert_string_equal(page.msgs[1].id, "A");
	assert_false(page.more);
	graph_script_release(&s);
}

static void graph_search__asks_for_flags_alone__by_a_filter(void **state)
{
	(void)state;
	struct prov_page page;
	struct graph_script s = {
		.rules = {{"GET /me/mailFolders/F/messages", 200, NULL,
			"{\"value\":[" HIT("A", "02", "true") "," HIT("B", "01", "false") "]}",
			0}}};
	graph_script_start(&s);
	assert_int_equal(search(&s, "is:unread in:inbox", NULL, &page), 0);
	graph_script_stop(&s);
	assert_int_equal(page.n, 1);
	assert_string_equal(page.msgs[0].id, "B");
	assert_non_null(strstr(s.asked[1], "&$filter=isRead%20eq%20false"));
	assert_null(strstr(s.asked[1], "$search"));
	graph_script_release(&s);
}

static void graph_search__asks_nothing__that_only_the_store_knows(void **state)
{
	(void)state;
	struct prov_page page;
	struct graph_script s = {.rules = {{NULL, 0, NULL, NULL, 0}}};
	graph_script_start(&s);
	assert_int_equal(search(&s, "deal:x OR in:inbox", NULL, &page), 0);
	assert_int_equal(page.n, 0);
	assert_int_equal(search(&s, "x", "https://evil.example/next", &page), -1);
	assert_int_equal(s.e.code, ERR_CONFLICT);
	graph_script_stop(&s);
	assert_int_equal(s.n_asked, 1);
	graph_script_release(&s);
}

static void graph_search__tells__what_went_wrong(void **state)
{
	(void)state;
	struct prov_page page;
	struct graph_script s = {
		.rules = {{"GET /me/mailFolders/F/messages?$top=200&", 413, NULL, NULL, 0},
			{"GET /me/mailFolders/F/messages?$top=29&", 400, NULL,
				"{\"error\":{\"code\":\"BadRequest\"}}", 0}}};
	graph_script_start(&s);
	assert_int_equal(search(&s, "x", NULL, &page), -1);
	assert_int_equal(s.e.sys, 400);
	assert_int_equal(s.e.scope, ERR_ITEM);
	graph_script_stop(&s);
	assert_int_equal(s.n_asked, 3);
	graph_script_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(graph_query__maps__operators),
		cmocka_unit_test(graph_query__keeps__prefixes),
		cmocka_unit_test(graph_query__lets_nothing_out__of_its_quotes),
		cmocka_unit_test(graph_query__tells_groups_and_flags__apart),
		cmocka_unit_test(graph_search__finds__page_by_page),
		cmocka_unit_test(graph_search__joins__what_any_group_finds),
		cmocka_unit_test(graph_search__asks_for_flags_alone__by_a_filter),
		cmocka_unit_test(graph_search__asks_nothing__that_only_the_store_knows),
		cmocka_unit_test(graph_search__tells__what_went_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
