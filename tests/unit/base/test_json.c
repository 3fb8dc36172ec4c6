/* test_json.c - bounded parsing, pointers, exact integers. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "crmail/base/buf.h"
#include "crmail/base/json.h"
#include "tests/unit/unit.h"

static cJSON *parse(const char *s)
{
	struct err e = ERR_INIT;
	cJSON *j = NULL;
	if (json_parse(s, strlen(s), &j, &e))
		fail_msg("%s", e.msg);
	return j;
}

static void refuse(const char *p, size_t n, enum err_code code)
{
	struct err e = ERR_INIT;
	cJSON *j = NULL;
	assert_int_equal(json_parse(p, n, &j, &e), -1);
	assert_int_equal(e.code, code);
	assert_null(j);
}

static void json__takes_exactly_one_document(void **state)
{
	(void)state;
	cJSON *j = parse(" {\"a\":[1,2]} \r\n\t");
	json_free(&j);
	assert_null(j);
	refuse("{} x", 4, ERR_PARSE);
	refuse("{}{}", 4, ERR_PARSE);
	refuse("{\"a\":}", 6, ERR_PARSE);
	refuse("", 0, ERR_PARSE);
	refuse("{}\0{}", 5, ERR_PARSE);
}

static void json__refuses_what_is_too_large_or_too_deep(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(BUF_UNLIMITED);
	for (int i = 0; i < 100000; i++)
		buf_addch(&b, '[');
	refuse(b.p, b.len, ERR_PARSE);
	buf_reset(&b);
	buf_addch(&b, '"');
	while (b.len < JSON_MAX_BYTES)
		buf_addstr(&b, "0123456789abcdef");
	buf_addch(&b, '"');
	refuse(b.p, b.len, ERR_TOOBIG);
	buf_release(&b);
}

static void json__mends_strings_that_cjson_would_cut(void **state)
{
	(void)state;
	cJSON *j = parse("{\"a\":\"x\\u0000y\",\"b\":\"\xFF\xC3\xA9\",\"c\":\"\\\\u0000\"}");
	assert_string_equal(json_str(j, "/a"), "x\ufffdy");
	assert_string_equal(json_str(j, "/b"), "\ufffd\u00e9");
	assert_string_equal(json_str(j, "/c"), "\\u0000");
	json_free(&j);
}

static void json__finds_by_pointer(void **state)
{
	(void)state;
	cJSON *j = parse("{\"a\":{\"b\":[10,{\"c\":\"d\"}]},\"x/y\":1,\"m~n\":2,\"\":3,\"A\":4}");
	int64_t v = 0;
	assert_ptr_equal(json_at(j, ""), j);
	assert_string_equal(json_str(j, "/a/b/1/c"), "d");
	assert_true(json_i64(j, "/a/b/0", &v));
	assert_int_equal(v, 10);
	assert_true(json_i64(j, "/x~1y", &v) && v == 1);
	assert_true(json_i64(j, "/m~0n", &v) && v == 2);
	assert_true(json_i64(j, "/", &v) && v == 3);
	assert_true(json_i64(j, "/A", &v) && v == 4); /* case counts */
	assert_null(json_at(j, "/a/b/2"));
	assert_null(json_at(j, "/a/b/-1"));
	assert_null(json_at(j, "/a/b/x"));
	assert_null(json_at(j, "/a/b/0/c"));
	assert_null(json_at(j, "/B"));
	assert_null(json_at(j, "a"));
	assert_null(json_str(j, "/a"));
	json_free(&j);
}

static void json__reads_integers_exactly_or_not_at_all(void **state)
{
	(void)state;
	cJSON *j = parse("[9007199254740991,-9007199254740991,9007199254740993,1.5,1e3,1e999,"
			 "\"1278455344230334865\",\"12x\",true,null]");
	int64_t v = 0;
	assert_true(json_i64(j, "/0", &v) && v == 9007199254740991);
	assert_true(json_i64(j, "/1", &v) && v == -9007199254740991);
	assert_false(json_i64(j, "/2", &v));
	assert_false(json_i64(j, "/3", &v));
	assert_true(json_i64(j, "/4", &v) && v == 1000);
	assert_false(json_i64(j, "/5", &v));
	assert_true(json_i64(j, "/6", &v) && v == 1278455344230334865);
	assert_false(json_i64(j, "/7", &v));
	assert_false(json_i64(j, "/8", &v));
	assert_false(json_i64(j, "/9", &v));
	assert_false(json_i64(j, "/10", &v));
	json_free(&j);
}

static void json__builds_without_absent_things(void **state)
{
	(void)state;
	cJSON *j = cJSON_CreateObject();
	json_add_str(j, "none", NULL);
	json_add_str(j, "s", "a\xFF\"\n");
	json_add_strn(j, "n", "ab\0cd", 5);
	json_add_i64(j, "big", INT64_MIN);
	json_add_id(j, "id", INT64_MAX);
	json_add_time(j, "never", 0);
	json_add_time(j, "at", 1700000000);
	char *s = json_print(j);
	assert_string_equal(s, "{\"s\":\"a\ufffd\\\"\\n\",\"n\":\"ab\ufffd"
			       "cd\",\"big\":-9223372036854775808,\"id\":\"9223372036854775807\","
			       "\"at\":\"2023-11-14T22:13:20Z\"}");
	free(s);
	json_free(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json__takes_exactly_one_document),
		cmocka_unit_test(json__refuses_what_is_too_large_or_too_deep),
		cmocka_unit_test(json__mends_strings_that_cjson_would_cut),
		cmocka_unit_test(json__finds_by_pointer),
		cmocka_unit_test(json__reads_integers_exactly_or_not_at_all),
		cmocka_unit_test(json__builds_without_absent_things),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
