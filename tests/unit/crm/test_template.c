/* test_template.c - rendering per sink, types, filters, and refusing what is no template. */
#include "config.h"

#include <string.h>

#include "crmail/base/buf.h"
#include "src/crm/template.h"
#include "tests/unit/unit.h"

static const struct var vars[] = {
	{.name = "a", .type = VAR_TEXT, .text = "x y/\"ü\\"},
	{.name = "n", .type = VAR_INT, .number = 0},
	{.name = "none", .type = VAR_TEXT, .text = NULL},
	{.name = "evil", .type = VAR_TEXT, .text = "a\r\nX-Evil: 1"},
	{.name = "dir", .type = VAR_TEXT, .text = "out"},
};
static const struct var_scope scope = {.v = vars, .n = ARRAY_SIZE(vars)};
static const struct template_ctx ctx = {.scope = &scope};

static void expect(const char *text, enum template_sink sink, const char *want)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;
	bool is_absent = true;
	assert_int_equal(template_render(&ctx, text, sink, &out, &is_absent, &e), 0);
	assert_false(is_absent);
	assert_string_equal(out.p, want);
}

static void expect_json(const char *body, const char *want)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	CLEANUP(json_free) cJSON *j = NULL;
	struct err e = ERR_INIT;
	assert_int_equal(json_parse(body, strlen(body), &j, &e), 0);
	assert_int_equal(template_render_json(&ctx, j, &out, &e), 0);
	assert_string_equal(out.p, want);
}

static void template__escapes_by_sink(void **state)
{
	(void)state;
	expect("/t/{{a}}", SINK_PATH, "/t/x%20y%2F%22%C3%BC%5C");
	expect("(a.gt.{{a|quote}})", SINK_QUERY, "%28a.gt.%22x%20y%2F%5C%22%C3%BC%5C%5C%22%29");
	expect("Bearer {{dir}}", SINK_HEADER, "Bearer out");
}

static void template__refuses__line_ends_in_headers_and_urls(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;
	bool is_absent;
	assert_int_equal(template_render(&ctx, "{{evil}}", SINK_HEADER, &out, &is_absent, &e), -1);
	assert_int_equal(template_render(&ctx, "{{evil}}", SINK_URL, &out, &is_absent, &e), -1);
	expect("{{evil}}", SINK_QUERY, "a%0D%0AX-Evil%3A%201");
}

static void template__keeps_types__in_json(void **state)
{
	(void)state;
	expect_json("{\"s\":\"{{a}}\",\"n\":\"{{n}}\",\"x\":\"{{none}}\",\"m\":\"n={{n}}.\","
		    "\"l\":[1,true,null,\"{{evil}}\",{}],\"e\":{\"f\":[]}}",
		"{\"s\":\"x y/\\\"ü\\\\\",\"n\":0,\"x\":null,\"m\":\"n=0.\","
		"\"l\":[1,true,null,\"a\\u000d\\u000aX-Evil: 1\",{}],\"e\":{\"f\":[]}}");
	expect_json("\"{{dir}}\"", "\"out\"");
}

static void template__filters(void **state)
{
	(void)state;
	expect("{{n|iso}}", SINK_HEADER, "1970-01-01T00:00:00Z");
	expect("{{dir|map:in=Received email,out=Sent email}}", SINK_HEADER, "Sent email");
	expect("{{none|default:-}}{{a|trunc:5}}", SINK_HEADER, "-x y/\"");
	expect("{{none|trunc:3|default:}}", SINK_HEADER, "");
	expect_json("[\"{{dir|map:in=1}}\",\"{{a|trunc:6}}\"]", "[null,\"x y/\\\"ü\"]");
}

static void template__tells_absence(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;
	bool is_absent = false;
	assert_int_equal(template_render(&ctx, "x{{none}}", SINK_QUERY, &out, &is_absent, &e), 0);
	assert_true(is_absent);
}

static bool is_known(const void *c, const char *name)
{
	(void)c;
	return !strcmp(name, "a");
}

static void template__check_refuses(void **state)
{
	(void)state;
	static const char *const bad[] = {"{{", "x{{a", "{{}}", "{{b}}", "{{a|nope}}",
		"{{a|trunc}}", "{{a|quote:1}}", "{{a|iso|iso|iso|iso|iso}}", "{{a}}{{"};
	struct err e = ERR_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(template_check(bad[i], is_known, NULL, &e), -1);
	assert_int_equal(template_check("}} { {{ a | trunc:3 }} x", is_known, NULL, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(template__escapes_by_sink),
		cmocka_unit_test(template__refuses__line_ends_in_headers_and_urls),
		cmocka_unit_test(template__keeps_types__in_json),
		cmocka_unit_test(template__filters),
		cmocka_unit_test(template__tells_absence),
		cmocka_unit_test(template__check_refuses),
	};
	return cmocka_run_group_tests_name("crm/template", tests, NULL, NULL);
}
