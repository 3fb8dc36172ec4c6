/* test_err.c - errors: defaults, context, and messages that end at a character. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "crmail/base/err.h"
#include "crmail/base/utf8.h"
#include "tests/unit/unit.h"

static void err__takes_the_defaults_of_its_code(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	e.after_ms = 77;
	assert_int_equal(err_set(&e, ERR_NET, "%s is away", "mx.test"), -1);
	assert_int_equal(e.code, ERR_NET);
	assert_int_equal(e.scope, ERR_ACCOUNT);
	assert_int_equal(e.retry, RETRY_LATER);
	assert_int_equal(e.after_ms, 0);
	assert_string_equal(e.msg, "mx.test is away");
	err_set(&e, ERR_AUTH, "no");
	assert_int_equal(e.retry, RETRY_NEVER);
	err_clear(&e);
	assert_int_equal(e.code, ERR_NONE);
	assert_string_equal(e.msg, "");
}

static void err__names_every_code_once(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_CODE_COUNT; i++) {
		const char *name = err_code_name((enum err_code)i);
		assert_true(name && *name);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, err_code_name((enum err_code)j));
	}
	assert_string_equal(err_code_name(ERR_TOOBIG), "toobig");
}

static void err__says_what_the_system_said(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	assert_int_equal(err_sys(&e, ERR_IO, ENOENT, "Cannot open %s", "x"), -1);
	assert_int_equal(e.sys, ENOENT);
	assert_string_equal(e.msg, "Cannot open x: No such file or directory");
}

static void err__puts_context_in_front(void **state)
{
	(void)state;
	struct err e = ERR_INIT;
	err_set(&e, ERR_PROTO, "nonsense");
	e.sys = 5;
	assert_int_equal(err_wrap(&e, "Folder %s", "Sales"), -1);
	assert_string_equal(e.msg, "Folder Sales: nonsense");
	assert_int_equal(e.code, ERR_PROTO);
	assert_int_equal(e.sys, 5);
}

static void err__never_ends_inside_a_character(void **state)
{
	(void)state;
	char text[2000];
	for (size_t shift = 0; shift < 4; shift++) {
		struct err e = ERR_INIT;
		memset(text, 'x', sizeof(text));
		for (size_t i = shift; i + 4 < sizeof(text); i += 4)
			memcpy(text + i, "\U0001F600", 4);
		text[sizeof(text) - 1] = '\0';
		memset(text + sizeof(text) - 8, '\0', 8);
		err_set(&e, ERR_IO, "%s", text);
		assert_true(strlen(e.msg) > 500);
		assert_true(utf8_is_valid(e.msg, strlen(e.msg)));
		err_wrap(&e, "%s", "ab");
		assert_true(utf8_is_valid(e.msg, strlen(e.msg)));
		err_sys(&e, ERR_IO, EIO, "%s", text);
		assert_true(utf8_is_valid(e.msg, strlen(e.msg)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(err__takes_the_defaults_of_its_code),
		cmocka_unit_test(err__names_every_code_once),
		cmocka_unit_test(err__says_what_the_system_said),
		cmocka_unit_test(err__puts_context_in_front),
		cmocka_unit_test(err__never_ends_inside_a_character),
	};
	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
