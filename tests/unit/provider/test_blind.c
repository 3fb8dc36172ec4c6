/* test_blind.c - recipients that only the envelope knows, put into the mail for services that read
 * it there. */
#include "config.h"

#include <string.h>

#include "src/provider/blind.h"
#include "tests/unit/unit.h"

#define MAIL                                                                                       \
	"From: me@own.test\r\nTo: A <a@x.test>,\r\n b@x.test\r\nCc: \"C, c\" "                     \
	"<C@X.TEST>\r\n\r\nhi\r\n"

static int add(struct buf *out, const char *data, const char *const *to, struct err *e)
{
	struct transport_recipient rcpts[8];
	struct transport_mail m = {.rcpts = rcpts, .data = data, .len = strlen(data)};
	for (; to[m.n_rcpts]; m.n_rcpts++)
		rcpts[m.n_rcpts] = (struct transport_recipient){.addr = to[m.n_rcpts]};
	return blind_add(out, &m, e);
}

static void blind__adds_nothing__when_all_are_named(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	struct err e = ERR_INIT;
	const char *const to[] = {"a@x.test", "b@x.test", "c@x.test", NULL};
	assert_int_equal(add(&out, MAIL, to, &e), 0);
	assert_string_equal(out.p, MAIL);
}

static void blind__adds_the_others__before_everything(void **state)
{
	(void)state;
	CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
	struct err e = ERR_INIT;
	const char *const to[] = {
		"boss@own.test", "a@x.test", "b@x.test", "c@x.test", "log@own.test", NULL};
	assert_int_equal(add(&out, MAIL, to, &e), 0);
	assert_string_equal(out.p, "Bcc: <boss@own.test>,\r\n <log@own.test>\r\n" MAIL);
}

static void blind__refuses__what_would_reach_others(void **state)
{
	(void)state;
	static const char *const some[] = {"a@x.test", NULL};
	static const char *const evil[] = {
		"a@x.test", "b@x.test", "c@x.test", "d@x.test>\r\nX: y", NULL};
	const char *const *const cases[] = {some, evil};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(BUF_UNLIMITED);
		struct err e = ERR_INIT;
		assert_int_equal(add(&out, MAIL, cases[i], &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blind__adds_nothing__when_all_are_named),
		cmocka_unit_test(blind__adds_the_others__before_everything),
		cmocka_unit_test(blind__refuses__what_would_reach_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
