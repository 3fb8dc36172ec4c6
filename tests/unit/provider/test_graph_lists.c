/* test_graph_lists.c - lists of Microsoft Graph that cannot be believed: they go in a circle, do
 * not end, go on at somebody else's server, lack the inbox. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/json.h"
#include "crmail/base/mem.h"
#include "src/provider/graph/trail.h"
#include "tests/unit/provider/graph_script.h"
#include "tests/unit/unit.h"

/* ---- trails ---------------------------------------------------------------------------------- */

static int step(struct graph_trail *t, size_t link, size_t n)
{
	char text[40];
	struct err e = ERR_INIT;
	snprintf(text, sizeof text, "https://graph.example/%zu", link);
	int rc = graph_trail_step(t, text, n, &e);
	assert_int_equal(e.code, rc ? ERR_PROTO : ERR_NONE);
	assert_int_equal(e.scope, rc ? ERR_FOLDER : ERR_ITEM);
	return rc;
}

static void graph_trail__ends__a_circle_of_any_length(void **state)
{
	(void)state;
	for (size_t before = 0; before < 40; before += 13)
		for (size_t length = 1; length < 70; length++) {
			struct graph_trail t = {0};
			size_t i = 0;
			while (step(&t, i < before ? i : before + (i - before) % length, 50) == 0)
				i++;
			assert_true(i >= before + length);
			assert_true(i <= 3 * (before + length));
		}
}

static void graph_trail__follows__a_folder_of_a_million(void **state)
{
	(void)state;
	struct graph_trail t = {0};
	for (size_t i = 0; i < TRAIL_PAGES_MOST; i++)
		assert_int_equal(step(&t, i, i % 100 == 0), 0);
	struct graph_trail before = t;
	assert_int_equal(step(&t, TRAIL_PAGES_MOST, 1), -1);
	assert_memory_equal(&t, &before, sizeof t);
}

static void graph_trail__ends__empty_pages_in_a_row(void **state)
{
	(void)state;
	struct graph_trail t = {0};
	for (size_t i = 0; i < TRAIL_EMPTY_MOST; i++)
		assert_int_equal(step(&t, i, 0), 0);
	assert_int_equal(step(&t, TRAIL_EMPTY_MOST, 0), -1);
	assert_int_equal(step(&t, TRAIL_EMPTY_MOST, 1), 0);
}

/* ---- folders --------------------------------------------------------------------------------- */

#define NONE(id) "{\"id\":\"" id "\",\"status\":404},"
#define ROLES                                                                                      \
	"{\"responses\":[{\"id\":\"1\",\"status\":200,\"body\":{\"id\":\"I\"}}," NONE("2")         \
		NONE("3") NONE("4") NONE("5") NONE("6") "{\"id\":\"7\",\"status\":404}]}"
#define NO_ROLES                                                                                   \
	"{\"responses\":[" NONE("1") NONE("2") NONE("3") NONE("4") NONE("5") NONE("6") "{\"id\":"  \
										       "\"7\","    \
										       "\"status"  \
										       "\":404}]}"
#define FOLDER(id) "{\"id\":\"" id "\",\"displayName\":\"Folder " id "\",\"childFolderCount\":0}"

static int folders(struct graph_script *s, struct folder_list *out)
{
	graph_script_start(s);
	int rc = s->provider->ops->folders(s->provider, &s->a, out, &s->e);
	graph_script_stop(s);
	return rc;
}

static void graph_folders__takes__a_list_of_pages(void **state)
{
	(void)state;
	struct folder_list l = {0};
	struct graph_script s = {
		.rules = {{"POST /$batch", 200, NULL, ROLES, 0},
			{"GET /me/mailFolders", 200, NULL,
				"{\"value\":[" FOLDER("A") "],"
							   "\"@odata.nextLink\":\"^/more\"}",
				1},
			{"GET /more", 200, NULL, "{\"value\":[" FOLDER("I") "]}", 0}}};
	assert_int_equal(folders(&s, &l), 0);
	assert_int_equal(l.n, 2);
	assert_false(l.is_cut);
	assert_int_equal(l.v[1].role, FOLDER_INBOX);
	graph_script_release(&s);
}

static void graph_folders__refuses__what_does_not_end(void **state)
{
	(void)state;
	static const char *const pages[] = {
		"{\"value\":[" FOLDER("I") "],\"@odata.nextLink\":\"^/more\"}", /* a circle */
		"{\"value\":[],\"@odata.nextLink\":\"^/more?~\"}",
		"{\"value\":[" FOLDER("I~") "],\"@odata.nextLink\":\"^/more?~\"}",
	};
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		struct folder_list l = {0};
		struct graph_script s = {.rules = {{"POST /$batch", 200, NULL, ROLES, 0},
						 {"GET /me/mailFolders", 200, NULL, pages[0], 0},
						 {"GET /more", 200, NULL, pages[i], 0}}};
		assert_int_equal(folders(&s, &l), -1);
		assert_int_equal(s.e.code, ERR_PROTO);
		assert_non_null(strstr(s.e.msg, "does not end"));
		assert_true(s.n_asked < 410);
		graph_script_release(&s);
	}
}

static void graph_folders__refuses__a_list_without_the_inbox(void **state)
{
	(void)state;
	static const struct {
		const char *roles, *list;
	} cases[] = {
		{ROLES, "{\"value\":[" FOLDER("A") "]}"},
		{ROLES, "{\"value\":[]}"},
		{NO_ROLES, "{\"value\":[" FOLDER("A") "]}"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct folder_list l = {0};
		struct graph_script s = {
			.rules = {{"POST /$batch", 200, NULL, cases[i].roles, 0},
				{"GET /me/mailFolders", 200, NULL, cases[i].list, 0}}};
		assert_int_equal(folders(&s, &l), -1);
		assert_int_equal(s.e.code, ERR_PROTO);
		assert_non_null(strstr(s.e.msg, "lacks the inbox"));
		assert_null(l.v);
		graph_script_release(&s);
	}
}

/* What is left out is not gone. */
static void graph_folders__says__that_there_are_more_than_are_taken(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf list = BUF_INIT(JSON_MAX_BYTES);
	struct folder_list l = {0};
	buf_addstr(&list, "{\"value\":[" FOLDER("I"));
	for (int i = 0; i < 4000; i++)
		buf_addf(&list, ",{\"id\":\"F%d\",\"displayName\":\"f\"}", i);
	buf_addstr(&list, "]}");
	struct graph_script s = {.rules = {{"POST /$batch", 200, NULL, ROLES, 0},
					 {"GET /me/mailFolders", 200, NULL, list.p, 0}}};
	assert_int_equal(folders(&s, &l), 0);
	assert_int_equal(l.n, 4000);
	assert_true(l.is_cut);
	graph_script_release(&s);
}

/* ---- messages -------------------------------------------------------------------------------- */

static int pull(struct graph_script *s, const char *cursor, struct prov_page *out)
{
	s->e = ERR_INIT;
	return s->provider->ops->pull(s->provider, "F", cursor, &s->a, out, &s->e);
}

static void graph_pull__ends__a_listing_that_goes_round(void **state)
{
	(void)state;
	struct prov_page page = {.n = 0};
	const char *cursor = NULL;
	struct graph_script s = {
		.rules = {{"GET /me/mailFolders/F/messages?", 200, NULL, "{\"@odata.count\":5}", 0},
			{"GET /me/mailFolders/F/messages/delta", 200, NULL,
				"{\"value\":[{\"id\":\"A\"}],"
				"\"@odata.nextLink\":\"^/b\"}",
				0},
			{"GET /b", 200, NULL,
				"{\"value\":[{\"id\":\"A\"}],"
				"\"@odata.nextLink\":\"^/c\"}",
				0},
			{"GET /c", 200, NULL,
				"{\"value\":[{\"id\":\"A\"}],"
				"\"@odata.nextLink\":\"^/b\"}",
				3},
			{"GET /c", 200, NULL, "{\"value\":[],\"@odata.deltaLink\":\"^/d\"}", 0}}};
	graph_script_start(&s);
	for (int i = 0; pull(&s, cursor, &page) == 0; i++) {
		assert_true(i < 10);
		cursor = page.cursor;
	}
	assert_int_equal(s.e.code, ERR_PROTO);
	assert_int_equal(s.e.scope, ERR_FOLDER);
	assert_non_null(strstr(s.e.msg, "in a circle"));
	for (int i = 0; i < 6 && (pull(&s, cursor, &page) || page.more); i++)
		cursor = page.cursor && !s.e.code ? page.cursor : cursor;
	assert_false(page.more); /* a service that comes to itself is believed again */
	graph_script_stop(&s);
	graph_script_release(&s);
}

static void graph_pull__takes_no_page__that_goes_on_elsewhere(void **state)
{
	(void)state;
	static const char *const links[] = {"https://evil.example/d", "^.evil.example/d",
		"^:1@evil.example/d", "//evil.example/d", "/me/messages", "^"};
	for (size_t i = 0; i < 2 * ARRAY_SIZE(links); i++) {
		char body[200];
		struct prov_page page = {.n = 0};
		snprintf(body, sizeof body, "{\"value\":[{\"id\":\"A\"}],\"@odata.%s\":\"%s\"}",
			i % 2 ? "nextLink" : "deltaLink", links[i / 2]);
		struct graph_script s = {
			.rules = {{"GET /me/mailFolders/F/messages?", 200, NULL, "{}", 0},
				{"GET /me/mailFolders/F/messages/delta", 200, NULL, body, 0}}};
		graph_script_start(&s);
		assert_int_equal(pull(&s, NULL, &page), -1);
		assert_int_equal(s.e.code, ERR_PROTO);
		assert_int_equal(s.e.scope, ERR_FOLDER);
		assert_non_null(strstr(s.e.msg, "another server"));
		assert_null(page.cursor);
		graph_script_stop(&s);
		graph_script_release(&s);
	}
}

static void graph_pull__begins_anew__where_it_was_told_to_go_on_elsewhere(void **state)
{
	(void)state;
	struct prov_page page = {.n = 0};
	struct graph_script s = {.rules = {{NULL, 0, NULL, NULL, 0}}};
	graph_script_start(&s);
	assert_int_equal(pull(&s, "v1 0 -1 https://evil.example/d", &page), -1);
	assert_int_equal(s.e.code, ERR_CONFLICT);
	assert_int_equal(pull(&s, "v2 0 -1 1 0 5 https://evil.example/d", &page), -1);
	assert_int_equal(s.e.code, ERR_CONFLICT);
	graph_script_stop(&s);
	assert_int_equal(graph_script_count(&s, "GET /me?"), s.n_asked);
	graph_script_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(graph_trail__ends__a_circle_of_any_length),
		cmocka_unit_test(graph_trail__follows__a_folder_of_a_million),
		cmocka_unit_test(graph_trail__ends__empty_pages_in_a_row),
		cmocka_unit_test(graph_folders__takes__a_list_of_pages),
		cmocka_unit_test(graph_folders__refuses__what_does_not_end),
		cmocka_unit_test(graph_folders__refuses__a_list_without_the_inbox),
		cmocka_unit_test(graph_folders__says__that_there_are_more_than_are_taken),
		cmocka_unit_test(graph_pull__ends__a_listing_that_goes_round),
		cmocka_unit_test(graph_pull__takes_no_page__that_goes_on_elsewhere),
		cmocka_unit_test(graph_pull__begins_anew__where_it_was_told_to_go_on_elsewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
